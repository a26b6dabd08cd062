"""Paths of companies: convergence against published values; history, trend, targets, budget, and their sentences."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.errors import DuplicateYear, FutureYear, NegativeAmount, OutOfRange, UnknownWord
from scoring.engine.inputs import Inputs
from scoring.engine.pathways import words
from scoring.engine.pathways.alignment import BUDGET_REASONS, AlignmentParameters, Outputs, cumulative_t
from scoring.engine.pathways.benchmarks import Benchmarks, IntensityUnit, in_output_unit
from scoring.engine.pathways.paths import (
    TARGET_OUTCOMES,
    TARGET_REASONS,
    TRAJECTORY_REASONS,
    PathwayParameters,
    aca_allowed_t,
    adjusted_scenario,
    company_paths,
    sda_intensity,
    sda_path,
)
from scoring.engine.pathways.record import pathway_record
from scoring.engine.score.measured import measure_all
from tests.engine.golden import assert_same, case, shared
from tests.engine.make import company, year
from tests.engine.make_pathways import AS_OF, aligned, by_year, history, paths_of, pathway, targets

FALLING = {2021: 100.0, 2022: 90.0, 2023: 81.0}  # minus a tenth a year
LINEAR = pathway({2019: 1.0, 2050: 0.0})
PARAMETERS_WIDE = PathwayParameters(steepest_change=-0.99, highest_change=9.0)
tonnes = st.floats(1.0, 1e9)


def test_the_worked_example_of_absolute_contraction_passes() -> None:
    found = [one for one in case(shared("examples", "worked_examples.json")) if one["kind"] == "target"]
    assert found
    for example in found:
        given_inputs = example["inputs"]
        years = given_inputs["year"] - given_inputs["base_year"]
        allowed = aca_allowed_t(given_inputs["base"], years, given_inputs["rate"])
        assert_same({"allowed": allowed}, example["expected"], example["tolerance"])
    assert aca_allowed_t(1_000.0, 30, 0.042) == 0.0  # 126 % less: at zero it stays
    with pytest.raises(OutOfRange, match="93"):
        aca_allowed_t(1_000.0, 10, 93)


def test_the_worked_examples_of_convergence_pass() -> None:
    for example in case(shared("examples", "local_only.json")):
        given_inputs = example["inputs"]
        found = sda_intensity(
            given_inputs["CI_base"],
            given_inputs["SI_base_2018"],
            given_inputs["SI_2030"],
            given_inputs["SI_2050"],
            given_inputs["market_share_parameter"],
        )
        results = {"CI_2030": found, "reduction_pct": (1 - found / given_inputs["CI_base"]) * 100}
        assert_same(results, example["expected"], example["tolerance"], example["id"])


def test_the_target_sda_of_r2dii_is_reproduced() -> None:
    known = case(shared("golden", "pacta_sda", "cases.json"))
    given_inputs = known["input"]
    for name, points in given_inputs["scenarios"].items():
        scenario = pathway({int(year): value for year, value in points.items()})
        values = scenario.at(np.arange(2020, 2026)).tolist()
        adjusted = adjusted_scenario(given_inputs["market_average_2020"], values)
        target = sda_path(given_inputs["projected"]["2020"], adjusted)
        assert_same(adjusted, known["expected_rounded_2dp"][name]["adjusted"], {"abs": 0.005}, name)
        assert_same(target, known["expected_rounded_2dp"][name]["target"], {"abs": 0.005}, name)
        full = known["derived_full_precision"][name]
        assert_same(adjusted, list(full["adjusted"].values()), {"rel": 1e-9}, name)
        assert_same(target, list(full["target"].values()), {"rel": 1e-9}, name)


def test_a_sector_that_stands_still_gives_nothing_to_converge_with() -> None:
    with pytest.raises(OutOfRange, match=r"0\.5"):
        sda_intensity(0.9, 0.5, 0.5, 0.5)


@given(st.floats(0.1, 10), st.floats(0.1, 10), st.floats(0.0, 0.09))
def test_convergence_starts_at_the_own_intensity_and_ends_at_the_sectors(own: float, base: float, end: float) -> None:
    found = sda_path(own, [base, (base + end) / 2, end])
    assert found[0] == pytest.approx(own) and found[-1] == pytest.approx(end)
    assert found[1] == pytest.approx((own + end) / 2)


def test_the_trend_is_that_of_the_logarithms() -> None:
    paths = paths_of(FALLING)
    assert math.expm1(paths.trend.slope[0]) == pytest.approx(-0.1)
    found = by_year(paths, paths.trajectory_t)
    assert found[2021] == 100.0 and found[2024] == pytest.approx(72.9) and found[2060] == pytest.approx(81 * 0.9**37)
    assert TRAJECTORY_REASONS[paths.trajectory_reason[0]] == ""


def test_a_gap_in_the_history_is_filled_in_a_straight_line_and_is_no_reported_year() -> None:
    paths = paths_of({2019: 100.0, 2021: 80.0, 2022: 76.0})
    assert by_year(paths, paths.trajectory_t)[2020] == 90.0
    assert sorted(by_year(paths, paths.history_t)) == [2019, 2021, 2022]


@pytest.mark.parametrize(("factor", "bound"), [(0.5, -0.10), (2.0, 0.03)])
def test_a_trend_beyond_the_bounds_is_winsorised_and_says_so(factor: float, bound: float) -> None:
    paths = paths_of({2021: 100.0, 2022: 100.0 * factor, 2023: 100.0 * factor**2})
    assert bool(paths.trend.winsorised[0]) and math.expm1(paths.trend.slope[0]) == pytest.approx(bound)
    assert math.expm1(paths.trend.measured[0]) == pytest.approx(factor - 1)
    zh, en = words.trajectory(pathway_record(aligned(paths, LINEAR), 0, targets([])))
    assert "beyond the bounds" in en and "超出可信范围" in zh


def test_the_interval_of_a_trend_is_students_and_holds_it() -> None:
    # ln of 100, 80, 90: slope -0.052680; residuals 0.056821, -0.113642, 0.056821, so s2 = 0.019372 / 1 and the standard
    # error sqrt(s2 / 2) = 0.098417; times t(0.95, 1) = 6.313752: +- 0.621381, winsorised to ln 0.9 and ln 1.03
    paths = paths_of({2021: 100.0, 2022: 80.0, 2023: 90.0}, parameters=PARAMETERS_WIDE)
    assert paths.trend.slope[0] == pytest.approx(math.log(0.9) / 2)
    assert paths.trend.high[0] - paths.trend.slope[0] == pytest.approx(0.621381, abs=1e-5)
    narrow = paths_of({2021: 100.0, 2022: 80.0, 2023: 90.0})
    assert narrow.trend.low[0] == pytest.approx(math.log(0.9)) and narrow.trend.high[0] == pytest.approx(math.log(1.03))
    assert (narrow.low_t <= narrow.trajectory_t + 1e-9)[:, -30:].all()


@pytest.mark.parametrize(
    ("years", "reason"),
    [({}, "no_history"), ({2023: 5.0}, "one_year_only"), ({2022: 5.0, 2023: 4.0}, "too_few_years")],
)
def test_with_less_than_three_years_the_trajectory_is_not_available(years: dict[int, float], reason: str) -> None:
    paths = paths_of(years, {"kind": "net_zero", "target_year": 2050})
    assert TRAJECTORY_REASONS[paths.trajectory_reason[0]] == reason
    assert np.isnan(paths.trajectory_t).all()
    assert np.isnan(paths.target_t).all() == (not years)
    record = pathway_record(aligned(paths, LINEAR), 0, targets([{"kind": "net_zero", "target_year": 2050}]))
    assert record["trajectory"]["code"] == reason and "not available" in words.trajectory(record)[1]
    assert record["temperature"]["result_type"] == ("TARGET_ONLY" if years else "DEFAULT")


def test_a_target_path_is_linear_between_the_stated_points() -> None:
    rows: list[dict[str, Any]] = [
        {"kind": "absolute", "reduction_share": 0.5, "base_year": 2021, "target_year": 2033},
        {"kind": "net_zero", "target_year": 2043, "reduction_share": None, "base_year": None},
    ]
    paths = paths_of(FALLING, *rows)
    found = by_year(paths, paths.target_t)
    assert found[2023] == 81.0 and found[2033] == 50.0 and found[2028] == pytest.approx(65.5)
    assert found[2038] == pytest.approx(25.0) and found[2043] == 0.0 and found[2060] == 0.0


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({}, "used"),
        ({"target_year": 2024}, "past"),
        ({"kind": "words_only"}, "words_only"),
        ({"kind": "none"}, "words_only"),
        ({"kind": "intensity"}, "intensity_needs_output"),
        ({"target_year": None}, "no_year"),
        ({"reduction_share": None}, "no_reduction"),
        ({"base_year": None}, "no_base_year"),
        ({"base_year": 2035}, "base_year_after_target_year"),
        ({"base_year": 2017}, "base_year_not_reported"),
        ({"base_year": 2018}, "used"),
        ({"kind": "unspecified_reduction"}, "used"),
    ],
)
def test_what_became_of_a_target_is_said(facts: dict[str, Any], outcome: str) -> None:
    row = {"kind": "absolute", "reduction_share": 0.5, "base_year": 2021, "target_year": 2035} | facts
    paths = paths_of(FALLING, row)
    assert TARGET_OUTCOMES[paths.targets.outcome[0]] == outcome
    assert TARGET_REASONS[paths.target_reason[0]] == ("" if outcome == "used" else "no_usable_target")
    said = pathway_record(aligned(paths, LINEAR), 0, targets([row]))["targets"][0]
    assert said["outcome"] == said["because"]["code"] == outcome
    if facts.get("base_year") == 2018:
        assert words.target_row(said)[1] == "50 tCO2e in 2035; no figure for the base year 2018, 2021 is used"


@pytest.mark.parametrize(
    ("before", "after", "outcome"), [(100.0, 190.0, "used"), (100.0, 210.0, "base_year_not_reported")]
)
def test_no_base_year_is_carried_over_a_step_of_more_than_twofold(before: float, after: float, outcome: str) -> None:
    """A sale or a purchase: nobody knows on which side of it the base year lies."""
    row = {"kind": "absolute", "reduction_share": 0.5, "target_year": 2035}
    for tonnes in ({2019: before, 2022: after}, {2019: after, 2022: before}):
        for base_year in (2020, 2021):
            paths = paths_of(tonnes, row | {"base_year": base_year})
            assert TARGET_OUTCOMES[paths.targets.outcome[0]] == outcome
        for base_year in (2018, 2019, 2022):  # outside the step, or reported
            paths = paths_of(tonnes, row | {"base_year": base_year})
            assert TARGET_OUTCOMES[paths.targets.outcome[0]] == "used"


def test_an_expired_target_hides_no_better_one_of_the_path() -> None:
    better = {"kind": "absolute", "reduction_share": 0.3, "base_year": 2021, "target_year": 2035}
    expired = better | {"reduction_share": 0.9, "target_year": 2024}
    alone, both = paths_of(FALLING, better), paths_of(FALLING, expired, better)
    assert [TARGET_OUTCOMES[one] for one in both.targets.outcome] == ["past", "used"]
    assert np.array_equal(alone.target_t, both.target_t, equal_nan=True)


def test_of_two_targets_the_stricter_one_counts_and_a_later_one_never_undoes_it() -> None:
    plain = {"kind": "absolute", "base_year": 2021}
    rows: list[dict[str, Any]] = [
        plain | {"target_year": 2030, "reduction_share": 0.3},
        plain | {"target_year": 2030, "reduction_share": 0.4},
        plain | {"target_year": 2040, "reduction_share": 0.2},
    ]
    paths = paths_of(FALLING, *rows)
    assert [TARGET_OUTCOMES[k] for k in paths.targets.outcome] == ["looser_than_another", "used", "looser_than_another"]
    assert by_year(paths, paths.target_t)[2040] == 60.0


def test_a_target_that_is_met_already_lets_the_path_stay_and_not_rise() -> None:
    row = {"kind": "absolute", "reduction_share": 0.1, "base_year": 2021, "target_year": 2035}
    paths = paths_of(FALLING, row)
    assert by_year(paths, paths.target_t)[2035] == 81.0 and bool(paths.targets.already_met[0])


def test_faulty_histories_are_refused() -> None:
    with pytest.raises(NegativeAmount, match="-1"):
        history({2021: -1.0})
    with pytest.raises(FutureYear, match="2026"):
        company_paths(history({2026: 5.0}), targets([]), AS_OF)
    twice = history({2021: 5.0, 2022: 5.0})
    with pytest.raises(DuplicateYear, match="2021"):
        type(twice).build(twice.owner, np.array([2021, 2021]), twice.tonnes, 1)
    zero = paths_of({2021: 0.0, 2022: 5.0})
    assert by_year(zero, zero.history_t) == {2022: 5.0}  # zero is below a threshold or no report: missing


def test_the_budget_by_index_follows_the_benchmark_from_the_first_year_it_shares() -> None:
    # The benchmark falls by 1/31 a year from 2019: in 2021 29/31, so 100 t become 100 · (31 - n)/29 in 2019 + n.
    found = aligned(paths_of({2015: 500.0, **FALLING}), LINEAR)
    budget = by_year(found.paths, found.budgets.budget_t)
    assert min(budget) == 2021 and budget[2021] == 100.0 and budget[2050] == 0.0
    assert budget[2030] == pytest.approx(100 * 20 / 29)
    assert found.cumulative_budget_t[0] == pytest.approx(100 * sum(range(30)) / 29)
    assert found.cumulative_trajectory_t[0] == pytest.approx(100 * (1 - 0.9**30) / 0.1)
    ratio = (1 - 0.9**30) / 0.1 / (sum(range(30)) / 29)
    assert found.temperatures.trajectory_c[0] == pytest.approx(1.5 + 396 * (ratio - 1) * 2.2 / 3664)


def test_the_budget_by_intensity_rewards_who_is_better_than_the_sector() -> None:
    steel = pathway({2021: 2.0, 2050: 1.0}, unit="t CO2e/(t Steel)")
    outputs = Outputs(np.array([100.0]), np.array([0.0]))
    sector = AlignmentParameters(fair_share="sector_intensity")
    found = aligned(paths_of(FALLING), steel, outputs, sector)  # emits 1 t/t where the sector emits 2
    assert by_year(found.paths, found.budgets.budget_t)[2021] == 200.0
    assert by_year(found.paths, found.budgets.budget_t)[2050] == 100.0
    converging = aligned(paths_of(FALLING), steel, outputs, AlignmentParameters(fair_share="convergence"))
    assert by_year(converging.paths, converging.budgets.budget_t)[2021] == pytest.approx(100.0)
    assert by_year(converging.paths, converging.budgets.budget_t)[2050] == pytest.approx(100.0)
    growing = Outputs(np.array([100.0]), np.array([0.02]))
    grown = aligned(paths_of(FALLING), steel, growing, sector)
    assert by_year(grown.paths, grown.budgets.budget_t)[2023] == pytest.approx((2 - 2 / 29) * 100 * 1.02**2)
    unknown = aligned(paths_of(FALLING), steel, None, sector)
    record = pathway_record(unknown, 0, targets([]))
    assert record["fair_share"] == "index" and "output taken as constant" in words.budget(record)[1]


def test_units_of_a_benchmark_are_read() -> None:
    for text, tonnes_per_unit, output in (
        ("t CO2e/(t Steel)", 1.0, "t Steel"),
        ("kg CO2e/USD", 1e-3, "USD"),
        ("g CO2/tkm", 1e-6, "tkm"),
        ("Mt CO2e/(bcm CH4)", 1e6, "bcm CH4"),
        ("t CO2e/(million m**2)", 1.0, "million m**2"),
    ):
        unit = IntensityUnit.parse(text)
        assert (unit.tonnes, unit.output, unit.text) == (tonnes_per_unit, output, text)
    for text in ("t CO2e", "lb CO2e/MWh", "t CH4/MWh", "t CO2e/"):
        with pytest.raises(UnknownWord):
            IntensityUnit.parse(text)
    assert in_output_unit(1.0, "MWh", "GJ") == pytest.approx(3.6)
    assert in_output_unit(5e6, "USD", "million USD") == pytest.approx(5.0)
    with pytest.raises(UnknownWord, match="t Steel"):
        in_output_unit(1.0, "t Steel", "MWh")


def test_a_benchmark_is_found_by_region_and_scope_and_at_last_for_the_whole_economy() -> None:
    world = pathway({2019: 1.0, 2050: 0.0}, sector="Power", scope="S1")
    china = pathway({2019: 2.0, 2050: 0.0}, sector="Power", scope="S1", region="non-OECD")
    economy = pathway({2019: 1.0, 2050: 0.1}, sector="economy-wide", verification="not_verified")
    known = Benchmarks([LINEAR, world, china], economy)
    assert known.find("Power", "Even 1.5", "S1", ("non-OECD",)).pathway is china
    assert known.find("Power", "Even 1.5", "S1S2", ("Asia",)).marks == ("region_fallback", "scope_fallback")
    assert known.find("Steel", "Even 1.5").marks == ()
    assert known.find("Power", "Even 1.5", "S1S2S3").marks == ("economy_wide", "not_verified")
    assert known.find(None, "Even 1.5").marks == ("sector_unmapped", "economy_wide", "not_verified")
    with pytest.raises(UnknownWord, match="Odd"):
        known.find("Steel", "Odd 3")
    assert np.isnan(LINEAR.at(np.array([2018, 2051]))).all()
    assert LINEAR.at(np.array([2019, 2050])).tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("years", "benchmark", "reason"),
    [
        ({2015: 5.0}, LINEAR, "history_outside_benchmark"),
        ({2023: 5.0}, pathway({2019: 0.0, 2050: 0.0}), "benchmark_is_zero"),
        ({}, LINEAR, "no_history"),
    ],
)
def test_without_a_budget_there_are_no_degrees_and_it_says_why(
    years: dict[int, float], benchmark: Any, reason: str
) -> None:
    found = aligned(paths_of(years), benchmark)
    assert BUDGET_REASONS[found.budgets.reason[0]] == reason
    record = pathway_record(found, 0, targets([]))
    assert (record["temperature"]["temperature_c"], record["temperature"]["result_type"]) == (None, "DEFAULT")
    assert words.temperature(record)[1] == "there is no budget: nothing can be put in degrees"
    assert record["budget"]["code"] == reason and words.budget(record)[0].startswith("碳预算无法计算")


def test_sums_are_yearly_or_trapezoids() -> None:
    path = np.array([[1.0, 2.0, 3.0, 4.0]])
    years, first = np.arange(2020, 2024), np.array([2021])
    assert cumulative_t(path, years, first, 2023).tolist() == [9.0]
    assert cumulative_t(path, years, first, 2023, "trapezoid").tolist() == [6.0]
    assert np.isnan(cumulative_t(path, years, np.array([0]), 2023)[0])
    with pytest.raises(UnknownWord, match="simpson"):
        cumulative_t(path, years, first, 2023, "simpson")
    with pytest.raises(OutOfRange, match="2050"):
        aligned(paths_of(FALLING), pathway({2019: 1.0, 2040: 0.5}))


@given(st.lists(tonnes, min_size=3, max_size=5), st.floats(1.0, 1.5))
def test_more_emissions_in_the_latest_year_are_never_cooler(years: list[float], more: float) -> None:
    plain = {2019 + k: value for k, value in enumerate(years)}
    worse = plain | {max(plain): plain[max(plain)] * more}
    before, after = (aligned(paths_of(one), LINEAR).cumulative_trajectory_t[0] for one in (plain, worse))
    assert after >= before * (1 - 1e-12)


@given(st.lists(tonnes, min_size=3, max_size=5), st.integers(-10, 10))
def test_a_company_twice_the_size_has_twice_the_budget_and_the_same_temperature(years: list[float], power: int) -> None:
    small = {2019 + k: value for k, value in enumerate(years)}
    large = {year: value * 2.0**power for year, value in small.items()}
    one, other = aligned(paths_of(small), LINEAR), aligned(paths_of(large), LINEAR)
    assert other.cumulative_budget_t[0] == pytest.approx(one.cumulative_budget_t[0] * 2.0**power)
    assert other.temperatures.temperature_c[0] == pytest.approx(one.temperatures.temperature_c[0], abs=1e-9)


@given(st.lists(st.dictionaries(st.integers(2017, 2024), tonnes, max_size=5), min_size=2, max_size=4))
def test_a_company_alone_and_in_a_batch_gets_the_same_bits(companies: list[dict[int, float]]) -> None:
    row = {"kind": "absolute", "reduction_share": 0.5, "base_year": 2021, "target_year": 2035}
    rows = [row, {"kind": "net_zero", "target_year": 2050}]
    together = aligned(company_paths(history(*companies), targets(*([rows] * len(companies))), AS_OF), LINEAR)
    for i, years in enumerate(companies):
        alone = aligned(paths_of(years, *rows), LINEAR)
        for mine, theirs in (
            (alone.temperatures.temperature_c[0], together.temperatures.temperature_c[i]),
            (alone.cumulative_target_t[0], together.cumulative_target_t[i]),
            (alone.cumulative_trajectory_t[0], together.cumulative_trajectory_t[i]),
        ):
            assert mine == theirs or (math.isnan(mine) and math.isnan(theirs))


def test_a_record_holds_what_a_page_draws() -> None:
    rows = [{"kind": "net_zero", "target_year": 2050, "reduction_share": None, "base_year": None}]
    found = aligned(paths_of(FALLING, *rows), LINEAR)
    record = pathway_record(found, 0, targets(rows))
    assert len(record["series"]["years"]) == len(record["series"]["budget_t"]) == 40
    assert (record["base_year"], record["latest_year"]) == (2021, 2023)
    assert words.target(record)[1] == (
        "linear from 2023 to 0 tCO2e in 2050, constant afterwards; net zero or neutrality comes without a percentage, "
        "so the straight line is our assumption"
    )
    assert words.is_assumed(record) and "the straight line is assumed" in words.target_row(record["targets"][0])[1]
    assert words.trajectory(record)[0].startswith("2021 年 100 tCO2e、2022 年 90 tCO2e")
    assert record["temperature"]["result_type"] == "COMPLETE"
    assert record["change_per_year"] == pytest.approx(-0.1)


def test_the_history_is_that_of_the_measured_trend() -> None:
    rows = [
        year(2021, scope2_kind="market"),  # another kind of scope 2 than the latest year's: left out
        year(2022, scope1_t=100.0, scope2_t=25.0),
        year(2023, scope1_t=0.0, scope2_t=0.0),  # zero and zero is no report
        year(2024),
    ]
    batch = Inputs.from_records([company(years=rows), company("bob", years=[])])  # type: ignore[list-item]
    found = measure_all(batch, AS_OF).history()
    assert (found.owner.tolist(), found.year.tolist(), found.tonnes.tolist()) == ([0, 0], [2022, 2024], [125.0, 100.0])
