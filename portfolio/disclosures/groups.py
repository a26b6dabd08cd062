"""The groups of the form of a disclosure."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portfolio.models import Quantity
from portfolio.models.disclosure import SCOPE_2, SCOPE_3

Q = Quantity


@dataclass(frozen=True)
class Group:
    """`note`: what a reader must know before the first field; `summary`: of a group that stands closed while empty."""

    key: str
    title: str | Promise
    hint: str | Promise
    quantities: tuple[Quantity, ...]
    summary: str | Promise = ""
    note: str | Promise = ""


GROUPS = (
    Group(
        "activity",
        _("Activity data"),
        _("Electricity, energy, water and waste sharpen an estimate more than any model does."),
        (Q.ELECTRICITY, Q.ENERGY, Q.COAL, Q.WATER, Q.WASTE, Q.RENEWABLE_CAPACITY),
    ),
    Group("scope-1", _("Scope 1"), _("Direct emissions from what the company owns or controls."), (Q.SCOPE_1,)),
    Group(
        "scope-2",
        _("Scope 2"),
        _("Emissions from purchased electricity, heat and steam. One of the three is enough."),
        SCOPE_2,
    ),
    Group(
        "scope-1-2",
        _("Scopes 1 and 2 together"),
        _("Only if the document prints the total itself."),
        (Q.SCOPE_1_2_TOTAL,),
    ),
    Group(
        "scope-3",
        _("Scope 3"),
        _("Emissions along the value chain: the total, and the 15 categories as far as they are known."),
        (Q.SCOPE_3_TOTAL, *SCOPE_3),
        summary=_("Total and 15 categories"),
    ),
    Group(
        "revenue",
        _("Revenue"),
        _("In yuan, of the same year and companies. Without it no carbon intensity can be computed."),
        (Q.REVENUE,),
    ),
    Group(
        "resilience",
        _("Resilience"),
        _("Whether the business stands without subsidies and with a carbon price: earnings, subsidies, carbon cost."),
        (
            *(Q.EBIT, Q.EBITDA, Q.GROSS_PROFIT, Q.VALUE_ADDED),
            *(Q.GRANTS, Q.PRICE_PREMIUM, Q.THEME_CREDITS),
            *(Q.PRICED, Q.FREE_ALLOCATION, Q.RUNWAY),
        ),
        note=_(
            "A loss is typed as −1,200 or (1,200). Of a subsidy, “none” is a statement that there was none; an empty"
            " field is unknown, and then so is whether the bar is met."
        ),
    ),
    Group(
        "theme",
        _("Theme business"),
        _("How much of the company is business in its low-carbon track, in percent."),
        (Q.THEME_REVENUE, Q.THEME_CAPEX_RND),
    ),
)
