"""What lines make one ask, and what they do not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date

import pytest
from django.utils import translation

from portfolio.activities.grid import period_of
from portfolio.activities.questions import line_sizes, questions_of
from portfolio.activities.rules import read_line
from portfolio.models import Activity, Disclosure
from portfolio.typed.units import USUAL


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def line(typed: str = "12,340", unit: str = "kWh", *, cell: int = 1, meter: str = "A", **facts: str) -> Activity:
    """A month of a meter in 2025, in no database."""
    disclosure = Disclosure(year=2025)
    made = Activity(disclosure=disclosure, kind=facts.pop("kind", "electricity"), meter=meter, **facts)
    made.typed_amount, made.typed_unit = typed, unit
    made.period_start, made.period_end = period_of(cell, 2025)
    assert not read_line(made, year=2025)
    return made


def year_of(*amounts: str, meter: str = "A") -> list[Activity]:
    return [line(typed, cell=month, meter=meter) for month, typed in enumerate(amounts, 1)]


def test_a_year_of_ordinary_bills_asks_nothing() -> None:
    assert not any(questions_of(year_of("12,340", "11,870", "9,100", "8,050", "7,760", "10,110", "13,020")))


@pytest.mark.parametrize("place", ["", "CN-SC"])
def test_a_meter_with_two_bills_for_a_month_is_asked_whatever_the_place(place: str) -> None:
    asked = questions_of([line(place=place), line("5,000", place=place)])
    assert all("second time" in words[0] for words in asked)


def test_a_year_beside_its_months_is_asked() -> None:
    first, second, apart = questions_of([line(cell=0), line("900", cell=3), line("900", cell=3, meter="B")])
    assert "overlaps" in first[0]
    assert "overlaps" in second[0]
    assert not apart


def test_two_receipts_of_a_month_without_a_meter_are_asked_only_where_they_are_alike() -> None:
    same = [line("61.5", "L", kind="fuel.diesel@road", meter="") for _twice in range(2)]
    other = line("40", "L", kind="fuel.diesel@road", meter="")
    asked = questions_of([*same, other])
    assert asked[0]
    assert asked[1]
    assert not asked[2]


def test_the_same_amount_in_another_month_or_at_another_meter_is_asked() -> None:
    in_time = questions_of([line(cell=1), line(cell=2)])
    beside = questions_of([line(meter="A"), line(meter="B")])
    assert all("Exactly the same amount" in words[0] for words in (*in_time, *beside))


def test_a_round_amount_may_come_again() -> None:
    assert not any(questions_of([line("1,000", cell=1), line("1,000", cell=2)]))


def test_too_much_for_one_line_is_asked_by_the_length_of_its_period() -> None:
    assert "Is the unit right?" in questions_of([line("1,000,000", "MWh", cell=0)])[0][0]
    assert "31 days" in questions_of([line("12,340", "MWh")])[0][0]
    assert not questions_of([line("12,340", "MWh", cell=0)])[0]


def test_every_unit_of_the_ledger_has_a_size() -> None:
    units = set(USUAL) - {"MJ", "kW", "tCO₂e"}  # of figures, not of lines
    assert units == set(line_sizes())


def test_a_month_out_of_line_with_the_others_is_asked() -> None:
    asked = questions_of(year_of("12,340", "11,870", "1,400,000", "8,050", "7,760"))
    assert "times the other months'" in asked[2][0]
    assert not any(asked[:2] + asked[3:])


def test_a_month_is_compared_with_the_same_month_of_the_same_meter() -> None:
    before = year_of("12,340", "11,870")
    asked = questions_of([line("12.34"), line("11,900", cell=2)], before)
    assert "a step between units: MWh for kWh?" in asked[0][0]
    assert not asked[1]


def test_a_jump_of_all_is_said_once() -> None:
    before = [line("1,000", cell=0, meter="")]
    lines = [line(f"{4_000_000 + month * 1_123}", cell=month, meter="") for month in range(1, 13)]
    told = [words for words in questions_of(lines, before) if any("last year" in each for each in words)]
    assert len(told) == 1


def test_the_largest_ledger_is_questioned_in_no_time() -> None:
    """Nothing compares each line with each; four million pairs would take minutes."""
    lines = [line("12,340", "kWh", cell=1 + number % 12, meter="") for number in range(2000)]
    began = time.process_time()
    questions_of(lines, lines)
    assert time.process_time() - began < 5


def test_periods_that_touch_do_not_overlap() -> None:
    first, second = line("500"), line("700", cell=2)
    first.period_end = date(2025, 1, 31)
    assert not any(questions_of([first, second]))
