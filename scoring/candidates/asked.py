"""Which figures a company can be asked for: what is unknown of its bars and only the company can tell."""

from __future__ import annotations

from typing import NamedTuple

from portfolio.models import Asked, Quantity
from portfolio.models.data_request import SOLD
from scoring.candidacies import OF_FIGURE, OF_SOLUTION, SUBSIDY_QUANTITIES
from scoring.engine.score.record import BARS, CandidacyResult

FIELDS = {  # name of an input in the record → what is asked for
    **{name: quantity.value for name, quantity in OF_FIGURE.items()},
    **{f"subsidies.{name}": quantity.value for name, quantity in SUBSIDY_QUANTITIES.items()},
    **{name: SOLD + column for name, column in OF_SOLUTION.items()},
    "output": f"{SOLD}units_made",
}
THEME_GATE, OF_THEME = "G4", ("theme_share_untold", "theme_share_old")
BASICS = (  # of whom no bar sheet has judged yet
    *("scope1", "scope2_location", "revenue", "ebit"),
    *(f"subsidies.{name}" for name in SUBSIDY_QUANTITIES),
    "units",
)


class Askable(NamedTuple):
    """A figure that a bar or gate waits for. `is_next`: it is of the next question."""

    asked: Asked
    waits: str  # c, r, o, or a gate
    is_next: bool


def askable(record: CandidacyResult, data_year: int) -> list[Askable]:
    """Each figure once, those of the next question first; of the year that the bar would stand by."""
    question = record["question"]
    found: dict[Asked, Askable] = {}
    order = sorted(BARS, key=lambda bar: bar != question["bar"])
    for bar in order:
        about = record[bar]  # type: ignore[literal-required]
        for one in about["missing"] if about["state"] == "unknown" else ():
            if one["who"] == "company" and one["name"] in FIELDS:
                asked = Asked(about["year"] or data_year, FIELDS[one["name"]])
                found.setdefault(asked, Askable(asked, bar, question["code"] == "ask" and bar == question["bar"]))
    for gate in record["gates"]:
        if gate["gate"] == THEME_GATE and gate["because"] in OF_THEME:
            asked = Asked(data_year, Quantity.THEME_REVENUE.value)
            is_next = question["code"] == "gate" and question["bar"] == THEME_GATE
            found.setdefault(asked, Askable(asked, THEME_GATE, is_next))
    return sorted(found.values(), key=lambda one: not one.is_next)


def basics(data_year: int) -> list[Askable]:
    """What the bars rest on in any case, for a candidate that has no result yet."""
    return [Askable(Asked(data_year, FIELDS[name]), "", True) for name in BASICS]
