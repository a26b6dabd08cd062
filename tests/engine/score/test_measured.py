"""Changes a year: what is a change, what is a question, and what is compared with revenue."""

from __future__ import annotations

from typing import Any

import pytest

from scoring.engine.score.measured import measure_all
from tests.engine.make import AS_OF, company, inputs, year


def measured(*rows: Any) -> Any:
    return measure_all(inputs(company(years=list(rows))), AS_OF).record(0)


def falling(first: int, **overrides: Any) -> list[Any]:
    """100, 90, 81 t: −10 % a year, on revenue that stays."""
    return [year(first + n, scope1_t=tonnes, scope2_t=0.0, **overrides) for n, tonnes in enumerate((100.0, 90.0, 81.0))]


def test_a_change_is_the_slope_of_the_logarithms() -> None:
    found = measured(*falling(2021))
    assert found["change_per_year"] == found["intensity_change_per_year"] == pytest.approx(-0.1)
    assert found["revenue_change_per_year"] == pytest.approx(0)
    assert "step" not in found


@pytest.mark.parametrize(("tonnes", "times"), [(45.0, 0.5), (180.0, 2.0)])
def test_twice_as_much_is_still_a_change(tonnes: float, times: float) -> None:
    found = measured(year(2022, scope1_t=90.0, scope2_t=0.0), year(2023, scope1_t=tonnes, scope2_t=0.0))
    assert found["change_per_year"] == pytest.approx(times - 1)
    assert "step" not in found


@pytest.mark.parametrize("tonnes", [1.0, 44.0, 181.0])
def test_more_than_twofold_is_a_question_and_no_change(tonnes: float) -> None:
    found = measured(*falling(2021)[:2], year(2023, scope1_t=tonnes, scope2_t=0.0))
    assert found["step"] == {"year": 2023, "times": pytest.approx(tonnes / 90)}
    assert found["change_per_year"] is found["intensity_change_per_year"] is found["pathway_c"] is None


def test_of_several_steps_the_largest_is_told() -> None:
    rows = [year(2021 + n, scope1_t=tonnes, scope2_t=0.0) for n, tonnes in enumerate((100.0, 300.0, 30.0))]
    assert measured(*rows)["step"] == {"year": 2023, "times": pytest.approx(0.1)}


@pytest.mark.parametrize(
    "other", [{"boundary": "mismatched"}, {"boundary": "unstated"}, {"revenue": None}], ids=lambda one: str(one)
)
def test_revenue_of_another_boundary_or_year_is_not_compared(other: dict[str, Any]) -> None:
    rows = falling(2021)
    found = measured(rows[0] | other, *rows[1:])
    assert found["change_per_year"] == pytest.approx(-0.1)
    assert found["revenue_change_per_year"] is found["intensity_change_per_year"] is None


def test_revenue_of_years_without_emissions_is_left_out() -> None:
    early = year(2020, scope1_t=None, scope2_t=None, revenue=1.0)
    assert measured(early, *falling(2021))["revenue_change_per_year"] == pytest.approx(0)


def test_a_neighbour_in_the_batch_is_no_neighbouring_year() -> None:
    large = company("bob", years=falling(2021)[:2])
    small = company("carol", years=[year(2021, scope1_t=1.0, scope2_t=0.0), year(2022, scope1_t=1.0, scope2_t=0.0)])
    found = measure_all(inputs(large, small), AS_OF)
    assert "step" not in found.record(0) and "step" not in found.record(1)
