"""The names of a record's inputs, as a list writes them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy, pgettext_lazy

NAMES = {
    "units": gettext_lazy("units sold"),
    "service": gettext_lazy("service per unit"),
    "life": gettext_lazy("life"),
    "use": gettext_lazy("share of use"),
    "energy": gettext_lazy("electricity per unit of service"),
    "lca": gettext_lazy("life-cycle emissions per unit"),
    "cost_share": gettext_lazy("cost share in the system"),
    "grid": gettext_lazy("grid factor"),
    "fixed": gettext_lazy("tonnes displaced per unit of service"),
    "ebit": gettext_lazy("EBIT"),
    "ebitda": gettext_lazy("EBITDA"),
    "gross_profit": gettext_lazy("gross profit"),
    "revenue": gettext_lazy("revenue"),
    "value_added": gettext_lazy("value added"),
    "output": gettext_lazy("output"),
    "runway_months": gettext_lazy("runway"),
    "subsidies": pgettext_lazy("input of a bar", "subsidies"),
    "subsidies.grants": pgettext_lazy("input of a bar", "government grants"),
    "subsidies.price_premium": pgettext_lazy("input of a bar", "price premium"),
    "subsidies.theme_credits": pgettext_lazy("input of a bar", "theme credits and refunds"),
    "scope1": gettext_lazy("scope 1"),
    "scope2_location": gettext_lazy("scope 2 (location-based)"),
    "scope2_by_activity": gettext_lazy("scope 2 (kWh × location factor)"),
    "tonnes": gettext_lazy("scopes 1 + 2"),
    "margin": gettext_lazy("margin"),
    "no_family": gettext_lazy("technology family"),
    "no_bar": pgettext_lazy("input of a bar", "the bar"),
    "shown_only": gettext_lazy("a firm reference"),
    "sets_the_bar": gettext_lazy("a reference of somebody else"),
    "expired": gettext_lazy("a new bar"),
}


def input_name(name: str) -> str:
    return str(NAMES.get(name, name))
