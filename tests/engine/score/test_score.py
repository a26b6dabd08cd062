"""Method demo-0 against arithmetic written out by hand."""

from decimal import Decimal
from math import exp, isclose, log, log10
from typing import Any

import numpy as np
import pytest

from scoring.engine import Methodology, errors, printed, score
from scoring.engine.columns import rounded
from scoring.engine.score.composite import letters, logarithmic_mean
from tests.engine.make import (
    AS_OF,
    METHODOLOGY,
    company,
    inputs,
    line,
    methodology_json,
    missing_codes,
    record_of,
    scored,
    target,
    year,
)


def utility(record: Any, code: str) -> Any:
    found = line(record_of(record), code)
    return found and found["utility"]


def test_the_worked_example_of_the_method_page() -> None:
    record = record_of(company())
    # P1: 100 t / 1,000 万元 = 0.1, x' = 1, (1 − −1) / (1.5 − −1) = 0.8
    # P2: 125 t → 100 t in one year, x' = −log10(0.8) = 0.09691, (0.09691 + 0.05) / 0.2 = 0.73455
    # P4: target with year, percentage, base year 75; unverified 60; plan missing: weights 0.5/0.8 and 0.3/0.8
    p1, p2 = 80.0, 100 * (log10(1.25) + 0.05) / 0.2
    p4 = exp(0.625 * log(75) + 0.375 * log(60))
    value = exp(0.45 * log(p1) + 0.30 * log(p2) + 0.25 * log(p4))
    headline = record["emissions_score"]
    assert headline is not None
    assert isclose(headline["value"], value, rel_tol=1e-11) and isclose(value, 75.14, abs_tol=0.005)
    assert (headline["band"], headline["baseline"]) == ("B", 50.0)
    assert isclose(headline["coverage"], 0.45 + 0.30 + 0.25 * 0.8)
    scale = (value - 50) / log(value / 50)
    by_hand = [scale * w * log(u / 50) for w, u in ((0.45, p1), (0.30, p2), (0.25, p4))]
    assert [p["contribution"] for p in headline["pillars"]] == pytest.approx(by_hand, rel=1e-11)
    assert [round(c, 2) for c in by_hand] == [13.05, 7.12, 4.97]
    assert line(record, "target")["contribution"] == pytest.approx(scale * 0.25 * 0.625 * log(75 / 50), rel=1e-11)


def test_intensity_takes_the_latest_year_with_revenue_in_cny() -> None:
    record = record_of(company(years=[year(2021), year(2022, cny_per_unit=None), year(2023, revenue=None)]))
    found = line(record, "carbon_intensity")
    assert found["sources"] == ["disclosure-2021"]
    assert found["value"] == pytest.approx(100 / 1000)
    assert "not_latest_year" in found["flags"]


def test_goalposts_clip_and_say_so() -> None:
    worst = line(record_of(company(years=[year(scope1_t=2e4, scope2_t=0.0)])), "carbon_intensity")  # 20 t/万元 > 10
    best = line(record_of(company(years=[year(scope1_t=10.0, scope2_t=10.0)])), "carbon_intensity")  # 0.02 < 10^-1.5
    assert (worst["utility"], best["utility"]) == (1.0, 100.0)
    assert "at_goalpost" in worst["flags"] and "at_goalpost" in best["flags"]
    assert "at_goalpost" not in line(record_of(company()), "carbon_intensity")["flags"]


@pytest.mark.parametrize("sector", ["retail", None])
def test_a_sector_without_goalposts_uses_the_economys_and_is_marked(sector: str | None) -> None:
    found = line(record_of(company(sector=sector)), "carbon_intensity")
    assert found["utility"] == pytest.approx(50.0)  # x' = 1 between 0 and 2
    assert found["goalpost"] == {"lo": 0.0, "hi": 2.0, "worst": 1.0, "best": 0.01, "scope": "economy"}
    assert line(record_of(company()), "carbon_intensity")["goalpost"]["scope"] == "sector"


def test_the_trend_is_a_least_squares_line_through_all_years() -> None:
    tonnes = {2020: 1000.0, 2021: 1000.0, 2023: 100.0}
    years = [year(y, scope1_t=t / 2, scope2_t=t / 2) for y, t in tonnes.items()]
    # t̄ = 6064/3, t − t̄ = −4/3, −1/3, 5/3; log10: 3, 3, 2 with mean 8/3
    # Σ(t−t̄)(y−ȳ) = (−4/3 − 1/3)(1/3) + (5/3)(−2/3) = −15/9; Σ(t−t̄)² = 42/9; slope −15/42
    assert line(record_of(company(years=years)), "emissions_change")["value"] == pytest.approx(10 ** (-15 / 42) - 1)


def test_years_with_another_kind_of_scope_2_than_the_latest_are_left_out() -> None:
    years = [year(2020, scope1_t=9e5, scope2_kind="market"), year(2021, scope1_t=190.0), year(2023, scope1_t=40.0)]
    found = line(record_of(company(years=years)), "emissions_change")
    assert found["value"] == pytest.approx((50 / 200) ** 0.5 - 1)  # 2021 and 2023 alone: a quarter in two years
    assert found["flags"] == ["at_goalpost", "scope2_kind_changed"]
    assert "2020 (market-based)" in found["because_en"] and "2020 年（基于市场）" in found["because_zh"]


def test_a_tenfold_jump_is_flagged_and_not_changed() -> None:
    def flags(tonnes: float) -> list[str]:
        years = [year(2022, scope1_t=tonnes - 10.0), year(2023)]
        flags: list[str] = line(record_of(company(years=years)), "emissions_change")["flags"]
        return flags

    assert "jump" in flags(1001.0) and "jump" not in flags(999.0)


def test_one_year_alone_gives_no_trend() -> None:
    record = record_of(company(years=[year(2023)]))
    assert line(record, "emissions_change") is None
    assert missing_codes(record) == ["one_year_only", "plan_unstated"]


def test_zero_and_zero_is_missing_and_one_zero_is_flagged() -> None:
    zeros = record_of(company(years=[year(2022), year(2023, scope1_t=0.0, scope2_t=0.0)]))
    assert line(zeros, "carbon_intensity")["sources"] == ["disclosure-2022"]
    assert "zero_emissions" in zeros["flags"] and "zero_emissions" in missing_codes(zeros)
    one = line(record_of(company(years=[year(scope2_t=0.0)])), "carbon_intensity")
    assert (one["value"], one["flags"]) == (pytest.approx(0.09), ["zero_scope_2"])


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"kind": "none"}, 10),
        ({"kind": "words_only", "target_year": None, "reduction_share": None, "base_year": None}, 25),
        ({"reduction_share": None}, 50),
        ({"base_year": None}, 50),
        ({"reduction_share": 0.0}, 50),
        ({"base_year": 2031}, 50),  # a base year after the target
        ({}, 75),
        ({"scope3": "partial"}, 75),
        ({"validated": "committed"}, 75),
        ({"validated": "1.5c", "target_year": None, "reduction_share": None, "base_year": None}, 75),
        ({"scope3": "yes"}, 100),
        ({"validated": "well_below_2c"}, 100),
        ({"target_year": 2025}, 75),  # as_of is in 2025: not past
    ],
)
def test_staircase_of_the_target(overrides: dict[str, Any], expected: float) -> None:
    assert utility(company(targets=[target(**overrides)]), "target") == expected


def test_the_best_target_counts() -> None:
    both = [target("a", kind="none"), target("b", scope3="yes"), target("c")]
    assert line(record_of(company(targets=both)), "target")["sources"] == ["b"]


def test_a_target_whose_year_is_past_does_not_count() -> None:
    only = record_of(company(targets=[target(target_year=2024, status="strategy")]))
    assert line(only, "target") is None and line(only, "plan") is None
    assert next(gap for gap in only["missing"] if gap["code"] == "target_past")["en"].startswith(
        "the target year is past (2024)"
    )
    beside = record_of(company(targets=[target("old", target_year=2024), target("new", reduction_share=None)]))
    assert line(beside, "target")["utility"] == 50
    assert "2024" in line(beside, "target")["because_en"]


def test_no_target_row_is_missing_while_a_stated_none_is_the_bottom() -> None:
    silent, stated = company(targets=[]), company(targets=[target(kind="none")])
    assert utility(silent, "target") is None
    assert "no_target_record" in missing_codes(record_of(silent))
    assert utility(stated, "target") == 10


@pytest.mark.parametrize(
    ("status", "expected"),
    [("unstated", None), ("proposed", 25), ("pledge", 50), ("strategy", 80), ("achieved", 80)],
)
def test_staircase_of_the_plan(status: str, expected: float | None) -> None:
    assert utility(company(targets=[target(status=status)]), "plan") == expected


def test_a_status_beside_no_target_is_no_plan() -> None:
    assert utility(company(targets=[target(kind="none", status="strategy")]), "plan") is None


def test_verified_figures_stand_higher_than_unverified() -> None:
    assert utility(company(years=[year(rung=1)]), "data_rung") == 100
    assert utility(company(years=[year(2022, rung=1), year(2023, rung=2)]), "data_rung") == 60


def test_data_quality_follows_the_ladder_and_a_mismatch_lowers_it_by_one() -> None:
    def quality(**overrides: Any) -> tuple[str, int]:
        found = line(record_of(company(years=[year(**overrides)])), "carbon_intensity")
        return found["basis"], found["data_quality"]

    assert quality(rung=1) == ("verified_report", 1)
    assert quality(rung=2) == ("unverified_report", 2)
    assert quality(rung=1, boundary="mismatched") == ("verified_report", 2)


def test_missing_weight_goes_to_the_observed_indicators_in_proportion() -> None:
    record = record_of(company(years=[year(2023)]))  # no trend, no plan
    weights = {found["code"]: found["weight"] for found in record["lines"]}
    # P1 0.45/0.70, P4 0.25/0.70, inside P4 0.5/0.8 and 0.3/0.8
    assert weights == pytest.approx(
        {"carbon_intensity": 0.45 / 0.7, "target": 0.25 / 0.7 * 0.625, "data_rung": 0.25 / 0.7 * 0.375}
    )
    assert record["emissions_score"] and record["emissions_score"]["coverage"] == pytest.approx(0.45 + 0.25 * 0.8)


def test_coverage_below_the_limit_is_insufficient() -> None:
    record = record_of(company(years=[year(2023)], targets=[]))  # 0.45 + 0.25 × 0.3 = 0.525
    assert (record["status"], record["emissions_score"]) == ("insufficient", None)
    assert record["missing"][-1] == {
        "code": "coverage_too_low",
        "zh": "仅 52.5% 的权重有数据，需 60%",
        "en": "52.5% of the weight is observed, 60% needed",
    }


def test_without_the_required_pillar_no_coverage_is_enough() -> None:
    data = methodology_json()
    data["parameters"]["min_coverage"]["value"] = 0.5
    years = [year(2022, revenue=None), year(2023, revenue=None)]
    full = company(years=years, targets=[target(status="pledge")])  # P2 and P4 in full: 0.55
    result = score(inputs(full), Methodology.from_json(data), AS_OF)
    assert result.emissions.coverage[0] == pytest.approx(0.55)
    assert result.status(0) == "insufficient" and missing_codes(result.record(0)) == ["no_revenue"]


def test_bands_begin_at_their_limit() -> None:
    values = np.array([80.0, 80 - 1e-11, 80 - 1e-8, 65.0, 50.0, 35.0, 34.9, 1.0, np.nan])
    assert letters(values, METHODOLOGY.parameters.bands) == ("A", "A", "B", "B", "C", "D", "E", "E", None)


def test_logarithmic_mean_is_exact_far_and_near() -> None:
    def mean(a: float, b: float) -> float:
        return float(logarithmic_mean(np.array([a]), np.array([b]))[0])

    assert mean(100.0, 50.0) == pytest.approx(50 / log(2), rel=1e-14)
    assert mean(50.0, 50.0) == 50.0
    assert mean(1.0, 50.0) == pytest.approx(49 / log(50), rel=1e-14)
    # Near equality L(x, y) = x + (y − x)/2 − …, so the midpoint is right to 1e-13 where the quotient is not.
    assert mean(50.0000001, 50.0) == pytest.approx(50.00000005, rel=1e-14)
    either_side = [mean(50 * exp(z), 50.0) for z in (0.999e-5, 1.001e-5)]
    assert either_side[1] - either_side[0] == pytest.approx(50 * 0.5 * 2e-8, rel=1e-3)


def test_printed_bars_use_the_largest_remainder() -> None:
    # 3.4 + 3.4 + 3.2 = 10.0: rounding each to whole numbers would give 9
    assert printed([3.4, 3.4, 3.2], 10.0, 0) == [Decimal(4), Decimal(3), Decimal(3)]
    assert printed([-3.4, -3.4, -3.2], -10.0, 0) == [Decimal(-3), Decimal(-4), Decimal(-3)]
    assert printed([13.054, 7.122, 4.965], 25.141, 1) == [Decimal("13.0"), Decimal("7.1"), Decimal("5.0")]


def test_bars_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(errors.BarsDoNotAddUp):
        printed([1.0, 2.0], 4.0, 1)
    with pytest.raises(errors.BarsDoNotAddUp):
        printed([1.0], float("nan"), 1)


def test_columns_say_the_same_as_records() -> None:
    result = scored(company("alice"), company("bob", years=[]))
    assert [result.status(0), result.status(1)] == ["scored", "insufficient"]
    stored = result.record(0)["emissions_score"]["value"]  # type: ignore[index]
    assert stored == rounded(result.emissions.value.tolist()[0])
    assert np.isnan(result.emissions.value[1]) and result.emissions.band == ("B", None)
    assert result.emissions.pillar_utility.shape == (3, 2) and result.assisted is None
