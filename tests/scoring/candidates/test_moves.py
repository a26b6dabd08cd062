"""Why a candidate stands otherwise: from two archived inputs."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from scoring.candidates.moves import changed


def archived(**year: Any) -> dict[str, Any]:
    subsidies = year.pop("subsidies", {"grants": {"standing": "unknown", "told": None}})
    years = [{"year": 2025, "ebit": None, "subsidies": subsidies, "sold": [], **year}]
    return {"candidacy": {"track": "power_decarbonisation", "gates": {}, "years": years}, "targets": [], "years": []}


def figure(value: float, given: str = "") -> dict[str, Any]:
    return {"value": value, "rung": "reported", "source": "s", "given": given}


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


def test_a_fact_that_changed_is_named() -> None:
    assert changed(archived(), archived(ebit=figure(5))) == ["data: EBIT"]
    told = {"grants": {"standing": "inside", "told": figure(1)}}
    assert changed(archived(), archived(subsidies=told)) == ["data: government grants"]


def test_the_same_figure_by_another_factor_or_rate_is_no_change_of_data() -> None:
    before = archived(scope2_by_activity=figure(500.0, "1,000,000 kWh × 0.5 kg/kWh"))
    after = archived(scope2_by_activity=figure(480.0, "1,000,000 kWh × 0.48 kg/kWh"))
    assert changed(before, after) == ["factor or exchange rate: scope 2 (kWh × location factor)"]
    typed = archived(scope2_by_activity=figure(960.0, "2,000,000 kWh × 0.48 kg/kWh"))
    assert changed(before, typed) == ["data: scope 2 (kWh × location factor)"]


def test_both_are_said_where_both_hold_and_a_long_list_is_cut() -> None:
    before = archived(revenue=figure(7, "1 EUR × 7 (2024)"))
    after = archived(
        revenue=figure(8, "1 EUR × 8 (2024)"),
        **{name: figure(1) for name in ("ebit", "ebitda", "gross_profit", "value_added", "output")},
    )
    data, rate = changed(before, after)
    assert data == "data: EBIT, EBITDA, gross profit, value added and 1 more"
    assert rate == "factor or exchange rate: revenue"
