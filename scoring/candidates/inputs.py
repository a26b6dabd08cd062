"""An input of a bar as pages show it: its name, its amount in the unit that fits, and how it is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.models import Disclosure
from portfolio.templatetags.figures import percent
from portfolio.typed.unit_words import unit_word
from scoring.candidates import amounts
from scoring.candidates.names import input_name
from scoring.engine.score.bar_sheet import Family
from scoring.engine.score.record import InputUsed
from scoring.reading import country_name

RUNGS = {
    "audited": gettext_lazy("audited"),
    "verified": gettext_lazy("verified by a verifier"),
    "reported": gettext_lazy("reported, not verified"),
    "activity_verified": gettext_lazy("activity × factor, verified"),
    "activity": gettext_lazy("activity × factor"),
}
MONEY = ("ebit", "ebitda", "gross_profit", "revenue", "value_added")
TONNES = ("scope1", "scope2_location", "scope2_by_activity", "tonnes")
SHARES = ("use", "cost_share")


class ShownInput(NamedTuple):
    name: str
    value: str
    rung: str  # empty: of the family's row
    half_width: str
    elasticity: str
    source: str
    is_own: bool
    disclosure: Disclosure | None  # that the source names
    href: str  # of the page that explains the figure


def shown_input(
    used: InputUsed, family: Family | None, disclosures: Mapping[str, Disclosure], href: str = ""
) -> ShownInput:
    """`disclosures` are the company's by digest, which sources of inputs name; `href` explains the figure."""
    rung = used["rung"]
    return ShownInput(
        name_at(used["name"], used.get("place", "")),
        input_amount(used["name"], used["value"], family),
        str(RUNGS[rung]) if rung else "",
        f"±{percent(used['u95'])}" if used["u95"] else "",
        amounts.number(used["elasticity"]) if used["elasticity"] else "",
        _source(used["source"], family),
        used["is_own"],
        disclosures.get(used["source"]),
        href,
    )


def name_at(name: str, place: str) -> str:
    """The name of an input, with its place where a company sells to several."""
    if not place:
        return input_name(name)
    return _("%(name)s (%(place)s)") % {"name": input_name(name), "place": country_name(place)}


def _source(source: str, family: Family | None) -> str:
    """What the family's row gives stands in the bar sheet, with its sources."""
    if not family or source != family.code:
        return source
    return _("bar sheet, family %(code)s") % {"code": source}


def input_amount(name: str, value: float, family: Family | None) -> str:
    """With its unit."""
    if is_money(name):
        return amounts.money(value)
    if name in TONNES:
        return amounts.tonnes(value)
    if name in SHARES:
        return str(percent(value))
    return f"{amounts.short(value)} {input_unit(name, family)}".strip()


def is_money(name: str) -> bool:
    return name in MONEY or name.startswith("subsidies")


def input_unit(name: str, family: Family | None) -> str:
    """In which an amount of this input is told; empty of what has none."""
    if is_money(name):
        return unit_word("CNY")
    if name in TONNES:
        return "t"
    unit = unit_word(family.unit) if family else ""
    units = {
        "units": unit,
        "output": unit,
        "service": amounts.service_word(family),
        "life": _("years"),
        "lca": f"t/{unit}",
        "energy": "MWh",
        "grid": "t/MWh",
        "runway_months": _("months"),
    }
    return units.get(name, "")
