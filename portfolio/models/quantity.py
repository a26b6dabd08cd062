"""What a disclosure may state, each with its unit."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from portfolio.typed.unit_words import unit_word


class Quantity(models.TextChoices):
    """What a figure is of. The unit is part of the name."""

    SCOPE_1 = "scope1_t", _("Scope 1")
    SCOPE_2_LOCATION = "scope2_location_t", _("Scope 2, location-based")
    SCOPE_2_MARKET = "scope2_market_t", _("Scope 2, market-based")
    SCOPE_2_UNSPECIFIED = "scope2_unspecified_t", _("Scope 2, method not stated")
    SCOPE_1_2_TOTAL = "scope1_2_total_t", _("Scopes 1 and 2 together")
    SCOPE_3_TOTAL = "scope3_total_t", _("Scope 3, total")
    SCOPE_3_01 = "scope3_01_t", _("Scope 3.1 Purchased goods and services")
    SCOPE_3_02 = "scope3_02_t", _("Scope 3.2 Capital goods")
    SCOPE_3_03 = "scope3_03_t", _("Scope 3.3 Fuel- and energy-related activities")
    SCOPE_3_04 = "scope3_04_t", _("Scope 3.4 Upstream transportation and distribution")
    SCOPE_3_05 = "scope3_05_t", _("Scope 3.5 Waste generated in operations")
    SCOPE_3_06 = "scope3_06_t", _("Scope 3.6 Business travel")
    SCOPE_3_07 = "scope3_07_t", _("Scope 3.7 Employee commuting")
    SCOPE_3_08 = "scope3_08_t", _("Scope 3.8 Upstream leased assets")
    SCOPE_3_09 = "scope3_09_t", _("Scope 3.9 Downstream transportation and distribution")
    SCOPE_3_10 = "scope3_10_t", _("Scope 3.10 Processing of sold products")
    SCOPE_3_11 = "scope3_11_t", _("Scope 3.11 Use of sold products")
    SCOPE_3_12 = "scope3_12_t", _("Scope 3.12 End-of-life treatment of sold products")
    SCOPE_3_13 = "scope3_13_t", _("Scope 3.13 Downstream leased assets")
    SCOPE_3_14 = "scope3_14_t", _("Scope 3.14 Franchises")
    SCOPE_3_15 = "scope3_15_t", _("Scope 3.15 Investments")
    ELECTRICITY = "electricity_kwh", _("Electricity")
    ENERGY = "energy_mj", _("Energy")
    COAL = "coal_t", _("Coal")
    RENEWABLE_CAPACITY = "renewable_capacity_kw", _("Renewable capacity")
    WATER = "water_t", _("Water")
    WASTE = "waste_t", _("Waste")
    REVENUE = "revenue_cny", _("Revenue of the year")
    VALUE_ADDED = "value_added_cny", _("Value added of the year")
    GROSS_PROFIT = "gross_profit_cny", _("Gross profit")
    EBIT = "ebit_cny", _("EBIT")
    EBITDA = "ebitda_cny", _("EBITDA")
    GRANTS = "grants_cny", _("Subsidies: grants in profit and loss")
    PRICE_PREMIUM = "price_premium_cny", _("Subsidies: price premium above the market")
    THEME_CREDITS = "theme_credits_cny", _("Subsidies: theme-tied credits and refunds")
    PRICED = "priced_t", _("Tonnes under a carbon price")
    FREE_ALLOCATION = "free_allocation_t", _("Free allocation")
    RUNWAY = "runway_months", _("Runway")
    THEME_REVENUE = "theme_revenue_percent", _("Theme share of revenue")
    THEME_CAPEX_RND = "theme_capex_rnd_percent", _("Theme share of capex and R&D")

    @property
    def unit(self) -> str:
        """The unit as printed: tonnes of scopes are tonnes of CO₂ equivalent."""
        suffix = self.value.rsplit("_", 1)[1]
        if suffix == "t" and (self.value.startswith("scope") or self in (self.PRICED, self.FREE_ALLOCATION)):
            return "tCO₂e"
        return {"t": "t", "kwh": "kWh", "mj": "MJ", "kw": "kW", "cny": "CNY", "months": "months", "percent": "%"}[
            suffix
        ]

    @property
    def unit_label(self) -> str:
        """The same as a person reads it: 元 in Chinese."""
        return unit_word(self.unit)


SUBSIDIES = (Quantity.GRANTS, Quantity.PRICE_PREMIUM, Quantity.THEME_CREDITS)
SIGNED_AMOUNTS = (Quantity.EBIT, Quantity.EBITDA, Quantity.GROSS_PROFIT, Quantity.VALUE_ADDED)  # may be below 0


class EbitStanding(models.TextChoices):
    """Whether a subsidy is counted in EBIT. Not known counts as inside."""

    INSIDE = "inside", _("Inside EBIT")
    OUTSIDE = "outside", _("Outside EBIT")
    UNKNOWN = "unknown", _("Not known")
