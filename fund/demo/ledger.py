"""Invented ledgers for the demo: electricity at three places, gas, diesel, a refill, travel and spend, in two years."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portfolio.activities.rules import read_line
from portfolio.models import Activity, Disclosure

NOTE = "示例 illustrative"
# As people type it; places by GB/T 2260 and ISO 3166-2.
LINES: tuple[dict[str, Any], ...] = (
    {"kind": "electricity", "typed_amount": "1,234.05", "typed_unit": "万千瓦时", "place": "510100"},
    {"kind": "electricity", "typed_amount": "966", "typed_unit": "万千瓦时", "place": "CN-CQ"},
    {
        "kind": "electricity",
        "typed_amount": "6,999.5",
        "typed_unit": "MWh",
        "place": "CN-SH",
        "contract": Activity.Contract.GREEN_POWER,
        "contract_kg_per_kwh": 0.0,
        "certificate": "GEC-2025-0001",
    },
    {"kind": "fuel.natural_gas@manufacturing", "typed_amount": "148", "typed_unit": "万立方米@20C", "place": "510100"},
    {"kind": "fuel.diesel@road", "typed_amount": "61.5", "typed_unit": "t", "place": "510100"},
    {"kind": "refrigerant.R410A", "typed_amount": "12", "typed_unit": "kg", "place": "510100"},
    {
        "kind": "travel.car_gasoline",
        "typed_amount": "42万",
        "typed_unit": "km",
        "place": "510100",
        "parameters": {"economy_km_per_l": 13.5},
    },
    {"kind": "spend.purchased_goods", "notation": Activity.Notation.NOT_ESTIMATED},
)
# The amounts of the same lines a year earlier.
YEAR_BEFORE = ("1,260.4", "985", "7,176", "151.5", "64", "10", "44万", "")


def activities(disclosure: Disclosure, amounts: Sequence[str] = ()) -> list[Activity]:
    """The lines, or the same with other amounts, read and numbered, not yet stored.

    Raises ValueError for one that cannot be read.
    """
    found = []
    for number, facts in enumerate(LINES, 1):
        typed = {"typed_amount": amounts[number - 1]} if amounts else {}
        line = Activity(disclosure=disclosure, number=number, **{"note": NOTE} | facts | typed)
        if faults := read_line(line, year=disclosure.year):
            raise ValueError(f"line {number}: {faults[0].words}")
        found.append(line)
    return found
