"""What is refused of a candidacy, by name; and a company that is none."""

from __future__ import annotations

import math
from typing import Any

import pytest

from scoring.engine.errors import (
    DuplicateYear,
    FutureYear,
    InputError,
    NegativeAmount,
    NotFinite,
    OutOfRange,
    UnknownWord,
    UnsortedYears,
    WrongShape,
)
from scoring.engine.score.bar_sheet import BarSheet
from tests.engine.score.candidates import FAMILIES, SHEET, candidacy, scored, tailwind, told, year


def test_a_company_without_candidacy_is_a_peer() -> None:
    peer = tailwind("peer")
    del peer["candidacy"]
    record = scored(peer).record(0)
    assert (record["kind"], record["sheet"], record["candidacy"]) == ("peer", None, None)


def broken(path: str, value: Any) -> Any:
    """Tailwind with one thing in its candidacy replaced, by its path."""
    record = tailwind()
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    at: Any = record["candidacy"]
    for step in steps:
        at = at[step]
    at[last] = value
    return record


@pytest.mark.parametrize(
    ("path", "value", "error"),
    [
        ("stage", "young", UnknownWord),
        ("years/0/scope1/value", -1.0, NegativeAmount),
        ("years/0/revenue/value", math.nan, NotFinite),
        ("years/0/revenue/value", 1e30, OutOfRange),
        ("years/0/revenue/value", "much", WrongShape),
        ("years/0/revenue/rung", "sworn", UnknownWord),
        ("years/0/revenue", {"value": 1.0}, WrongShape),
        ("years/0/boundary", "wide", UnknownWord),
        ("years/0/subsidies", {}, WrongShape),
        ("years/0/subsidies/grants/standing", "beside", UnknownWord),
        ("years/0/subsidies/grants/told/value", -5.0, NegativeAmount),
        ("years/0/sold/0/kind", "hoped", UnknownWord),
        ("years/0/sold/0/place", "China", UnknownWord),
        ("years/0/sold/0/cost_share", told(1.2), OutOfRange),
        ("years/0/sold/0/life", told(2.5), OutOfRange),
        ("years/0/sold/0/energy", told(0.0), OutOfRange),
        ("gates/joins", "perhaps", UnknownWord),
        ("gates/recorded", {"G9": "pass"}, UnknownWord),
        ("gates/catalogue/edition", "2019", UnknownWord),
        ("gates/theme_share/share", 1.5, OutOfRange),
        ("gates/exclusion/on", "yesterday", WrongShape),
        ("years", [year(2025), year(2025)], DuplicateYear),
        ("years", [year(2025), year(2024)], UnsortedYears),
        ("extra", 1, WrongShape),
    ],
)
def test_a_candidacy_that_cannot_be_is_refused_by_name(path: str, value: Any, error: type[InputError]) -> None:
    with pytest.raises(error) as refused:
        scored(broken(path, value))
    assert refused.value.company_key == "tailwind"


def test_a_year_after_the_day_is_refused() -> None:
    record = tailwind(candidacy=candidacy(years=[year(2027)]))
    with pytest.raises(FutureYear):
        scored(record)


def test_a_sheet_is_what_was_written_of_it() -> None:
    again = BarSheet.from_json(SHEET.to_json())
    assert again == SHEET
    assert again.digest == SHEET.digest
    assert len(FAMILIES) == len(again.families)
