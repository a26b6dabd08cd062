"""What each field feeds: declared once, for the form's words, for what is still untold, and for what the fund asks.

Each of these is asked for in one place. What stands elsewhere leads there: the ledger offers its tonnes to the form,
a water bill leads to the figure, and a request of the fund to the field of its year.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portfolio.models import Quantity
from portfolio.models.quantity import SUBSIDIES

Q = Quantity
TONNES = (Q.SCOPE_1, Q.SCOPE_2_LOCATION)  # of which electricity stands in for the second
EARNED = {False: (Q.EBIT,), True: (Q.GROSS_PROFIT, Q.RUNWAY)}  # of a venture, the other two
BARS: dict[str, str | Promise] = {
    "c": _("C contribution"),
    "r": _("R resilience"),
    "o": _("O own footprint"),
}


def needed(*, is_venture: bool) -> dict[str, tuple[Quantity, ...]]:
    """By bar the figures of the form without which it stays unknown; C rests on what was sold or run alone."""
    return {"r": (Q.REVENUE, *EARNED[is_venture], *SUBSIDIES, *TONNES), "o": (*TONNES, Q.REVENUE)}


# In one short line each: the bar or gate that a figure is used for.
_RESILIENCE = BARS["r"]
FEEDS: dict[Quantity, str | Promise] = {
    Q.ELECTRICITY: _("Stands in for scope 2 in O and R where that is not reported"),
    Q.SCOPE_1: _("O own footprint; R resilience, as carbon cost"),
    Q.SCOPE_2_LOCATION: _("O own footprint; R resilience, as carbon cost"),
    Q.SCOPE_2_MARKET: _("Shown; it does not stand in for location-based scope 2"),
    Q.SCOPE_2_UNSPECIFIED: _("Shown; it does not stand in for location-based scope 2"),
    Q.REVENUE: _("R resilience; O own footprint of some families"),
    Q.EBIT: _RESILIENCE,
    Q.EBITDA: _("Shown beside R resilience"),
    Q.GROSS_PROFIT: _("R resilience of a venture"),
    Q.VALUE_ADDED: _("O own footprint of some families"),
    Q.GRANTS: _RESILIENCE,
    Q.PRICE_PREMIUM: _RESILIENCE,
    Q.THEME_CREDITS: _RESILIENCE,
    Q.PRICED: _("Shown beside R resilience"),
    Q.FREE_ALLOCATION: _("Shown beside R resilience"),
    Q.RUNWAY: _("R resilience of a venture: under 18 months misses it"),
    Q.THEME_REVENUE: _("Gate G4: at least half of revenue"),
    Q.THEME_CAPEX_RND: _("Gate G4, before there is revenue"),
}
