"""The 3060 test, China's milestones and Zhejiang's carbon-efficiency code, on cases small enough to redo by hand."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.pathways import words
from scoring.engine.pathways.china import (
    ANSWERS,
    EFFICIENCY_REASONS,
    LEVELS,
    MILESTONE_REASONS,
    CarbonEfficiency,
    ChinaMilestones,
    ChinaTest,
    carbon_efficiency,
    china_test,
)
from scoring.engine.pathways.record import ChinaRecord, china_record, efficiency_record
from tests.engine.make_pathways import history, paths_of

NAN = float("nan")
GOALS = ChinaMilestones()
FALLING = {2021: 100.0, 2022: 95.0, 2023: 90.25}  # minus 5 % a year
RISING = {2021: 100.0, 2022: 102.0, 2023: 104.04}
NET_ZERO: dict[str, Any] = {"kind": "net_zero", "target_year": 2055, "reduction_share": None, "base_year": None}


def answers(test: ChinaTest) -> tuple[str, str]:
    return ANSWERS[test.peak[0]], ANSWERS[test.net_zero[0]]


def record(test: ChinaTest) -> ChinaRecord:
    return china_record(test, 0)


def test_a_falling_company_has_peaked_but_never_reaches_zero_by_itself() -> None:
    test = china_test(paths_of(FALLING), GOALS)
    assert answers(test) == ("yes_on_trajectory", "no")
    assert test.trajectory.peak_year[0] == 2021
    assert test.trajectory.left_at_net_zero_year[0] == pytest.approx(0.95**39)
    assert words.net_zero(record(test))[1] == "net zero by 2060: no (trajectory: 13.5% of the peak left in 2060)"


def test_a_rising_company_with_a_net_zero_target_passes_by_its_target_alone() -> None:
    test = china_test(paths_of(RISING, NET_ZERO), GOALS)
    assert answers(test) == ("yes_by_target", "yes_by_target")
    assert test.trajectory.peak_year[0] == 2060 and test.target.peak_year[0] == 2023
    assert test.target.net_zero_year[0] == 2055
    assert words.peak(record(test))[1] == "peak before 2030: yes, by its stated target (trajectory 2060, target 2023)"


def test_a_rising_company_without_target_fails_both() -> None:
    test = china_test(paths_of(RISING), GOALS)
    assert answers(test) == ("no", "no")
    assert record(test)["target"] is None


def test_a_target_after_the_year_of_the_goal_does_not_reach_it() -> None:
    late = china_test(paths_of({2023: 100.0}, NET_ZERO | {"target_year": 2061}), GOALS)
    assert answers(late) == ("yes_by_target", "no")
    assert late.trajectory.available[0] == 0  # one year of history: the target path only


def test_a_peak_in_2030_is_not_before_2030() -> None:
    paths = paths_of({2021: 90.0, 2022: 95.0, 2023: 100.0}, NET_ZERO)
    paths.target_t[0, paths.years == 2030] = 101.0
    assert ANSWERS[china_test(paths, GOALS).peak[0]] == "no"
    paths.target_t[0, paths.years == 2029] = 101.0
    assert ANSWERS[china_test(paths, GOALS).peak[0]] == "yes_by_target"


def test_without_any_path_nothing_is_available_and_the_reason_is_named() -> None:
    test = china_test(paths_of({}), GOALS)
    assert answers(test) == ("not_available", "not_available")
    found = record(test)
    assert (found["pledge"]["code"], found["intensity"]["code"]) == ("no_path", "no_base_year_intensity")
    assert words.peak(found)[0].startswith("无法判定") and words.intensity(found)[0] == "无法计算：没有 2005 年的强度"


def test_the_pledge_of_2035_is_measured_from_the_peak() -> None:
    # 0.95^14 of the peak of 2021 is left in 2035: 1 - 0.4877 = 51.2 % less, 44.2 points beyond the least pledged
    test = china_test(paths_of(FALLING), GOALS)
    assert test.trajectory.pledge_percent[0] == pytest.approx((0.95**14 - 1) * 100)
    assert test.pledge_gap_points[0][0] == pytest.approx((0.95**14 - 1) * 100 + 7)
    assert test.pledge_gap_points[1][0] == pytest.approx((0.95**14 - 1) * 100 + 10)
    flat = china_test(paths_of({2021: 100.0, 2022: 100.0, 2023: 100.0}), GOALS)
    assert [gap[0] for gap in flat.pledge_gap_points] == pytest.approx([7.0, 10.0])


def test_the_intensity_of_2030_is_held_against_2005() -> None:
    # From 1.0 in 2005 to 0.4 in 2023, by then minus 5 % a year: 0.4 · 0.95^7 = 0.27934 in 2030, 72.1 % less
    years = {2005: 1.0, 2021: 0.4 / 0.95**2, 2022: 0.4 / 0.95, 2023: 0.4}
    test = china_test(paths_of(FALLING), GOALS, history(years))
    assert test.intensity_so_far_percent[0] == pytest.approx(-60.0)
    assert test.intensity_percent[0] == pytest.approx((0.4 * 0.95**7 - 1) * 100)
    assert test.intensity_gap_points[0] == pytest.approx((0.4 * 0.95**7 - 1) * 100 + 65)
    assert "-72.1%" in words.intensity(record(test))[1]


@pytest.mark.parametrize(
    ("years", "reason"),
    [
        ({2021: 1.0, 2022: 0.9, 2023: 0.8}, "no_base_year_intensity"),
        ({2005: 1.0}, "no_recent_intensity"),
        ({2005: 1.0, 2022: 0.5, 2023: 0.4}, "too_few_years"),
    ],
)
def test_an_intensity_that_is_missing_is_named(years: dict[int, float], reason: str) -> None:
    test = china_test(paths_of(FALLING), GOALS, history(years))
    assert MILESTONE_REASONS[test.intensity_reason[0]] == reason
    assert record(test)["intensity_gap_points"] is None
    if reason == "too_few_years":
        assert words.intensity(record(test))[1].endswith("so far -60.0% against 2005")


def test_goals_from_memory_are_named_in_the_record() -> None:
    doubtful = ChinaMilestones(not_verified=("intensity",))
    assert china_record(china_test(paths_of(FALLING), doubtful), 0)["not_verified"] == ["intensity"]


def code(energy: float, deducted: float, value_added: float, mean: float) -> CarbonEfficiency:
    return carbon_efficiency(*(np.array([value]) for value in (energy, deducted, value_added, mean)))


@pytest.mark.parametrize(
    ("tonnes", "level"),
    [(0.0, "low"), (600.0, "low"), (600.1, "mid"), (2_000.0, "mid"), (2_000.1, "high")],
)
def test_the_level_of_zhejiang_is_tonnes_by_value_added(tonnes: float, level: str) -> None:
    found = code(tonnes, NAN, 10e6, 1.0)  # 1,000 times 10,000 yuan of value added
    assert found.tco2_per_10k_cny[0] == pytest.approx(tonnes / 1_000)
    assert LEVELS[found.level[0]] == level


@pytest.mark.parametrize(
    ("ratio", "grade"),
    [(0.6, 1), (0.61, 2), (0.8, 2), (0.81, 3), (1.2, 3), (1.21, 4), (2.0, 4), (2.01, 5)],
)
def test_the_grade_of_zhejiang_is_the_ratio_to_the_industrys_mean(ratio: float, grade: int) -> None:
    found = code(ratio * 3_000.0, NAN, 10e6, 3.0)
    assert (int(found.grade[0]), found.ratio[0]) == (grade, pytest.approx(ratio))


def test_own_power_sinks_and_storage_are_deducted() -> None:
    found = code(2_500.0, 1_900.0, 10e6, 1.0)
    assert (found.tco2_per_10k_cny[0], LEVELS[found.level[0]], int(found.grade[0])) == (0.6, "low", 1)
    assert words.efficiency(efficiency_record(found, 0))[0] == "0.6 tCO2/万元增加值：低碳；为行业均值的 0.6 倍：1 级"


@pytest.mark.parametrize(
    ("inputs", "reason", "english"),
    [
        ((NAN, NAN, 10e6, 1.0), "needs_energy_emissions", "not available: needs CO2 from energy"),
        ((600.0, NAN, NAN, 1.0), "needs_value_added", "not available: needs value added"),
        ((600.0, NAN, 0.0, 1.0), "value_added_not_positive", "not available: value added is not above zero"),
        ((600.0, 700.0, 10e6, 1.0), "net_emissions_negative", "not available: more is deducted than emitted"),
    ],
)
def test_what_the_code_lacks_is_named(inputs: tuple[float, ...], reason: str, english: str) -> None:
    found = code(*inputs)
    assert EFFICIENCY_REASONS[found.reason[0]] == reason
    said = efficiency_record(found, 0)
    assert (said["level"], said["grade"], words.efficiency(said)[1]) == ("not_available", None, english)


def test_a_level_stands_without_the_industrys_mean() -> None:
    said = efficiency_record(code(600.0, NAN, 10e6, NAN), 0)
    assert (said["level"], said["grade"], said["because"]["code"]) == ("low", None, "needs_industry_mean")


@given(st.floats(0, 1e6), st.floats(1.0, 3.0), st.floats(1.0, 1e9), st.floats(0.01, 100))
def test_more_emissions_never_give_a_better_grade(tonnes: float, more: float, value_added: float, mean: float) -> None:
    before, after = (code(energy, NAN, value_added, mean) for energy in (tonnes, tonnes * more))
    assert after.grade[0] >= before.grade[0] and after.level[0] >= before.level[0]
