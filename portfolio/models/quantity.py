"""What a disclosure may state, each with its unit; and the rows that state it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portfolio.models import provenance
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


OF_LEDGER = frozenset({Quantity.SCOPE_1, Quantity.SCOPE_2_LOCATION})  # what a form requires and a ledger comes to


class Figure(models.Model):
    """One number of a disclosure, as typed and as read, with its basis, boundary and source."""

    class Basis(models.TextChoices):
        REPORTED = "reported", _("Reported")
        MEASURED = "measured", _("Measured")
        CALCULATED = "calculated", _("Calculated")
        ESTIMATED = "estimated", _("Estimated")
        AUDITED = "audited", _("From audited accounts")

    disclosure = models.ForeignKey(
        "portfolio.Disclosure", models.CASCADE, related_name="figures", verbose_name=_("disclosure")
    )
    quantity = models.CharField(_("quantity"), max_length=32, choices=Quantity.choices)
    value = models.FloatField(_("value"))
    typed = models.CharField(_("as typed"), max_length=60, blank=True)
    basis = models.CharField(_("basis"), max_length=16, choices=Basis.choices, default=Basis.REPORTED)
    boundary = models.CharField(_("boundary in words"), max_length=300, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    ebit_standing = models.CharField(
        _("in EBIT"),
        max_length=8,
        choices=EbitStanding.choices,
        blank=True,
        default="",
        help_text=_("Of a subsidy: whether EBIT counts it"),
    )
    ledger_value = models.FloatField(
        _("by the ledger"), null=True, blank=True, help_text=_("What was taken over, before it was changed by hand")
    )
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("changed by")
    )
    changed_at = models.DateTimeField(_("changed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        ordering = ["disclosure", "quantity"]
        constraints = [
            models.UniqueConstraint(fields=["disclosure", "quantity"], name="quantity_once_a_disclosure"),
            models.CheckConstraint(
                condition=models.Q(value__gte=0) | models.Q(quantity__in=[q.value for q in SIGNED_AMOUNTS]),
                name="figure_is_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(ledger_value=None, changed_by=None, changed_at=None)
                | models.Q(ledger_value__isnull=False, changed_by__isnull=False, changed_at__isnull=False),
                name="changed_by_hand_names_its_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_quantity_display()} {self.value} {self.unit}"

    @property
    def unit(self) -> str:
        return Quantity(self.quantity).unit

    @property
    def is_of_ledger(self) -> bool:
        """Whether it is what the ledger came to when it was taken over."""
        return provenance.is_of_ledger(self)

    @property
    def provenance(self) -> str:
        """Whether it is the ledger's, or was before somebody typed another; empty for one that never was."""
        return provenance.in_words(self)
