"""Intervals against the 2006 IPCC Guidelines, volume 1, chapter 3, and against closed forms."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from scoring.engine import errors
from scoring.engine.accounting.simulation import Simulation, monte_carlo
from scoring.engine.accounting.table_3_2 import Row32, aggregated, table_3_2, tables_3_2
from scoring.engine.accounting.uncertainty import (
    InputKey,
    corrected_percent,
    distribution_of,
    interval,
    limits,
    lognormal_limits,
    only_approach_2,
    percent_from_bounds,
    product,
    sum_by_factor,
    sum_percent,
    sums_by_factor,
)

percents = st.floats(0, 200)
tonnes = st.floats(1e-3, 1e9)


# Approach 1


def test_a_product_adds_squares() -> None:
    assert product(3, 4) == 5
    assert_allclose(product([3, 5], [4, 12], 0), [5, 13])


def test_a_sum_weighs_by_size() -> None:
    # √((10·100)² + (5·200)² + (40·50)²) / 350
    assert math.isclose(float(sum_percent([100, 200, 50], [10, 5, 40])), math.sqrt(6e6) / 350, rel_tol=1e-15)


def test_sums_of_many_inventories_are_each_ones_own_sum() -> None:
    values, given_percents = [[100, 200], [30, -10]], [[10, 5], [7, 70]]
    assert_array_equal(
        sum_percent(values, given_percents), [sum_percent(values[0], [10, 5]), sum_percent(values[1], [7, 70])]
    )


def test_lines_on_one_factor_are_fully_correlated_in_it() -> None:
    # METHOD section 2: 3 : 2 : 1, each 5 %, on one factor of 10 %. √(25·14/36 + 100)
    shared = sum_by_factor([3, 2, 1], 5, 10, ["grid"] * 3)
    assert math.isclose(shared, math.sqrt(25 * 14 / 36 + 100), rel_tol=1e-15) and round(shared, 2) == 10.47
    # Three factors of 10 % that know nothing of each other: √(125·14/36)
    assert round(sum_by_factor([3, 2, 1], 5, 10, ["a", "b", "c"]), 2) == 6.97


def test_a_removal_on_the_same_factor_cancels_its_uncertainty() -> None:
    assert math.isclose(sum_by_factor([3, -1], 0, 10, ["f", "f"]), 10)
    assert math.isclose(sum_by_factor([3, -1], 0, 10, ["f", "g"]), 10 * math.sqrt(10) / 2)


@given(st.lists(st.tuples(tonnes, percents, st.sampled_from([5.0, 30.0]), st.integers(0, 2)), min_size=1, max_size=30))
def test_one_factor_for_all_is_never_surer_than_independent_ones(rows: list[tuple[float, float, float, int]]) -> None:
    values, activity, factor, groups = (list(column) for column in zip(*rows, strict=True))
    ids = [str(group) for group in groups]
    shared = sum_by_factor(values, activity, factor, ids)
    assert shared >= sum_by_factor(values, activity, factor, [str(i) for i in range(len(rows))]) * (1 - 1e-12)
    doubled = sum_by_factor([2 * value for value in values], activity, factor, ids)
    assert math.isclose(shared, doubled, rel_tol=1e-12)


@pytest.mark.parametrize("factors", [3, 5000])  # dense cells, and only the filled ones
def test_an_inventory_alone_and_in_a_batch_has_the_same_bits(factors: int) -> None:
    draws = np.random.Generator(np.random.PCG64(4))
    inventories = 40
    inventory = draws.integers(0, inventories, 2000)
    values, activity, factor = draws.lognormal(3, 3, 2000), draws.uniform(0, 30, 2000), draws.uniform(0, 60, 2000)
    codes = draws.integers(0, factors, 2000)
    batch = sums_by_factor(values, activity, factor, codes, factors, inventory, inventories)
    for one in range(inventories):
        mine = inventory == one
        zeros = np.zeros(int(mine.sum()), dtype=np.int64)
        alone = sums_by_factor(values[mine], activity[mine], factor[mine], codes[mine], factors, zeros, 1)
        assert (alone.totals[0], alone.half_widths[0]) == (batch.totals[one], batch.half_widths[one])


def test_an_inventory_without_lines_is_zero_and_has_no_percent() -> None:
    codes = np.array([0, 0])
    sums = sums_by_factor([1, 2], 5, 10, np.array([0, 1]), 2, codes, 2)
    assert (sums.totals[1], sums.half_widths[1]) == (0, 0)
    assert math.isnan(sums.percents[1])


def test_lopsided_bounds_count_by_the_larger_distance() -> None:
    # 2006 IPCC Guidelines vol. 2 table 2.2: CH4 of coal, 10 kg/TJ (3 to 30)
    assert math.isclose(percent_from_bounds(10, 3, 30), 200)
    with pytest.raises(errors.UncertaintyError):
        percent_from_bounds(10, 11, 30)


# Large uncertainties


def test_the_correction_starts_above_100_percent() -> None:
    assert_array_equal(corrected_percent([0, 50, 100]), [0, 50, 100])
    # Fc by hand at 200: (−0.720 + 218.42 − 65.2 + 88.8) / 200 = 1.2065
    assert math.isclose(float(corrected_percent(200)), 200 * 1.2065**2, rel_tol=1e-12)


def test_above_230_percent_only_draws_hold() -> None:
    assert_array_equal(only_approach_2([230, 230.1]), [False, True])
    with pytest.raises(errors.OnlyApproach2, match="231"):
        corrected_percent([5, 231])
    with pytest.raises(errors.OnlyApproach2):
        interval(10, 231)
    lower, upper = limits([10, 10], [10, 231])
    assert_array_equal(np.isnan(lower), [False, True])
    assert_array_equal(np.isnan(upper), [False, True])


def test_a_lognormal_reaches_further_up_than_down() -> None:
    # s = √ln 1.25 at U = 100
    s = math.sqrt(math.log(1.25))
    found = lognormal_limits(100, 100)
    assert math.isclose(found.low_percent, (math.exp(-s * s / 2 - 1.96 * s) - 1) * 100, rel_tol=1e-12)
    assert (round(found.low_percent, 2), round(found.high_percent, 2)) == (-64.56, 125.76)
    assert math.isclose(found.upper, 225.758, rel_tol=1e-5)
    assert lognormal_limits(-100, 100).lower == -found.upper


def test_a_normal_is_used_below_three_tenths() -> None:
    assert distribution_of(0.299 * 196) == "normal"
    assert distribution_of(0.301 * 196) == "lognormal"
    small, large = interval(200, 10), interval(200, 80)
    assert_allclose([small.lower, small.upper], [180, 220])
    assert small.distribution == "normal"
    assert large.distribution == "lognormal" and large.lower > 200 * 0.2 and large.upper > 200 * 1.8


# Table 3.2

ROWS = (
    Row32("coal", 50_000, 40_000, 2, 5),
    Row32("gas", 10_000, 18_000, 2, 3),
    Row32("waste", 3_000, 2_500, 30, 40),
)


def test_the_trend_follows_notes_b_to_d_of_table_3_2() -> None:
    table = table_3_2([Row32("a", 80, 60, 5, 10), Row32("b", 20, 30, 3, 4, ef_corr=False, ad_corr=True)])
    # ΣC = 100, ΣD = 90, trend −10 %. Row a: (0.6 + 90 − 100.8)/100.8·100 = −10.11905 → I = 0.11905; J = 0.6
    i_a, i_b = abs((90.6 - 100.8) / 100.8 * 100 + 10), abs((90.3 - 100.2) / 100.2 * 100 + 10)
    assert_allclose(table.columns["I"], [i_a, i_b], rtol=1e-10)
    assert_allclose(table.columns["J"], [0.6, 0.3])
    assert_allclose(table.columns["K"], [i_a * 10, 0.3 * 4 * math.sqrt(2)], rtol=1e-10)
    assert_allclose(table.columns["L"], [0.6 * 5 * math.sqrt(2), i_b * 3], rtol=1e-10)
    assert_allclose(table.total_percent, math.sqrt((math.sqrt(125) * 60 / 90) ** 2 + (5 * 30 / 90) ** 2))
    assert (table.trend_percent, table.base_total, table.year_total) == (-10, 100, 90)
    assert_allclose(table.trend_points, math.sqrt(sum(table.columns["M"])))


def test_the_total_of_table_3_2_is_the_sum_rule() -> None:
    assert math.isclose(
        table_3_2(ROWS).total_percent,
        float(sum_percent([40_000, 18_000, 2_500], product([2, 2, 30], [5, 3, 40]))),
        rel_tol=1e-12,
    )


def test_a_table_alone_and_in_a_batch_has_the_same_bits() -> None:
    columns = [[getattr(row, name) for row in ROWS * 2] for name in ("base", "year", "activity_percent")]
    batch = tables_3_2(*columns, [row.factor_percent for row in ROWS * 2], np.array([0, 0, 0, 1, 1, 1]), 2)
    alone = table_3_2(ROWS)
    assert batch.total_percent.tolist() == [alone.total_percent] * 2
    assert batch.trend_points.tolist() == [alone.trend_points] * 2
    assert batch.trend_square.tolist() == list(alone.columns["M"]) * 2


@pytest.mark.parametrize(("base", "year", "word"), [(0, 5, "base year"), (5, 0, "of the year")])
def test_a_zero_total_has_no_percent_and_says_so(base: float, year: float, word: str) -> None:
    with pytest.raises(errors.ZeroTotal, match=word):
        table_3_2([Row32("a", base, year, 5, 5)])
    with pytest.raises(errors.ZeroTotal):
        sum_percent([1, -1], [5, 5])
    with pytest.raises(errors.ZeroTotal):
        sum_by_factor([1, -1], 5, 5, ["a", "a"])


def test_a_zero_total_in_a_batch_leaves_the_others_alone() -> None:
    batch = tables_3_2([0, 10, 10], [5, 12, 0], [5, 5, 5], [5, 5, 5], np.array([0, 1, 2]), 3)
    assert_array_equal(np.isnan(batch.trend_points), [True, False, False])
    assert_array_equal(np.isnan(batch.trend_percent), [True, False, False])
    assert_array_equal(np.isnan(batch.total_percent), [False, False, True])
    assert batch.trend_points[1] == table_3_2([Row32("b", 10, 12, 5, 5)]).trend_points


def test_rows_of_one_factor_become_one_row_of_table_3_2() -> None:
    rows = [Row32(name, 9, size, 5, 10, factor_id="grid") for name, size in (("a", 3.0), ("b", 2.0), ("c", 1.0))]
    (one,) = aggregated(rows)
    assert (one.category, one.base, one.year) == ("a + b + c", 27, 6)
    assert round(table_3_2([one]).total_percent, 2) == 10.47
    assert aggregated([*rows, ROWS[0], ROWS[0]])[1:] == (ROWS[0], ROWS[0])
    with pytest.raises(errors.TwoUncertainties, match="grid"):
        aggregated([*rows, Row32("d", 1, 1, 5, 11, factor_id="grid")])


# Approach 2


def inputs(count: int, company: str = "alice-steel") -> list[InputKey]:
    return [(company, f"meter {i}", 2023) for i in range(count)]


def test_draws_meet_the_exact_variance_of_a_product() -> None:
    # Goodman 1960: μx²σy² + μy²σx² + σx²σy², with σ = U/1.96
    found = monte_carlo([536.6], [5], [10], ["grid"], inputs(1), seed=7, n=200_000)
    x, y = 0.05 / 1.96, 0.10 / 1.96
    assert math.isclose(found.mean[0], 536.6, rel_tol=1e-3)
    assert math.isclose(found.sd[0], 536.6 * math.sqrt(x * x + y * y + x * x * y * y), rel_tol=0.01)


@pytest.mark.parametrize(
    ("values", "activity", "factor", "ids"),
    [
        ([3.0, 2.0, 1.0], [5.0] * 3, [10.0] * 3, ["grid"] * 3),
        ([3.0, 2.0, 1.0], [5.0] * 3, [10.0] * 3, ["a", "b", "c"]),
        ([100.0, 50.0, -20.0], [10.0, 0.0, 7.0], [3.0, 10.0, 3.0], ["a", "b", "a"]),
    ],
)
def test_both_approaches_agree_within_half_a_percent_where_things_are_linear(
    values: list[float], activity: list[float], factor: list[float], ids: list[str]
) -> None:
    found = monte_carlo(values, activity, factor, ids, inputs(3), seed=2024, n=400_000)
    half_width = float(found.upper[0] - found.lower[0]) / 2
    assert math.isclose(half_width, sum(values) * sum_by_factor(values, activity, factor, ids) / 100, rel_tol=0.005)
    assert math.isclose(found.mean[0], sum(values), rel_tol=0.005)


def test_large_uncertainties_are_drawn_lopsided() -> None:
    found = monte_carlo([100], [0], [100], ["f"], inputs(1), seed=1, n=400_000)
    expected = lognormal_limits(100, 100)
    assert math.isclose(found.lower[0], expected.lower, rel_tol=0.01)
    assert math.isclose(found.upper[0], expected.upper, rel_tol=0.01)
    assert math.isclose(found.mean[0], 100, rel_tol=0.005)
    forced = monte_carlo([100], [0], [100], ["f"], inputs(1), seed=1, distribution="normal")
    assert forced.lower[0] < 5  # a normal draw below zero is kept


def test_the_standard_error_is_what_repeating_shows() -> None:
    for percent in (5.0, 100.0):
        runs = [monte_carlo([1], [0], [percent], ["f"], inputs(1), seed=seed, n=2_000) for seed in range(200)]
        half = np.mean([(run.upper[0] - run.lower[0]) / 2 for run in runs])
        for bound in ("lower", "upper"):
            spread = np.std([getattr(run, bound)[0] for run in runs]) / half * 100
            claimed = np.mean([getattr(run, f"{bound}_error_percent")[0] for run in runs])
            assert math.isclose(spread, claimed, rel_tol=0.2)  # 200 runs know a spread to 5 %; four times that


def test_too_few_draws_for_a_bound_are_flagged_with_how_many_it_takes() -> None:
    found = monte_carlo([1], [0], [5], ["f"], inputs(1), seed=1, n=2_000)
    assert found.imprecise.tolist() == [True]
    assert 10_000 < found.draws_needed[0] < 40_000
    assert not monte_carlo([1], [0], [5], ["f"], inputs(1), seed=1, n=40_000).imprecise[0]


def same(one: Simulation, i: int, other: Simulation, j: int) -> bool:
    return all(
        getattr(one, name)[i] == getattr(other, name)[j]
        for name in ("mean", "sd", "lower", "upper", "lower_error_percent", "upper_error_percent")
    )


def test_an_inventory_draws_the_same_alone_in_a_batch_and_after_others() -> None:
    alice, bob = inputs(3, "alice-steel"), inputs(2, "bob-cement")
    values, activity, factor, ids = [3, 2, 1], [5, 80, 0], [10, 10, 70], ["grid", "grid", "coal"]
    alone = monte_carlo(values, activity, factor, ids, alice, seed=5, n=4_000)
    batch = monte_carlo(
        [9, *values, 8],
        [6, *activity, 5],
        [10, *factor, 70],
        ["grid", *ids, "coal"],
        [bob[0], *alice, bob[1]],
        seed=5,
        n=4_000,
        inventory_codes=np.array([0, 1, 1, 1, 0]),
        inventories=2,
    )
    assert same(alone, 0, batch, 1)
    assert not same(alone, 0, monte_carlo(values, activity, factor, ids, alice, seed=6, n=4_000), 0)


def test_companies_share_a_factors_draws_but_not_each_others_inputs() -> None:
    def total(second: InputKey, activity: float, factor: float) -> float:
        rows = [("alice-steel", "meter", 2023), second]
        return float(monte_carlo([1, 1], activity, factor, ["grid"] * 2, rows, seed=1, n=40_000).sd[0])

    one_sd = 10 / 196
    assert math.isclose(total(("bob-cement", "meter", 2023), 0, 10), 2 * one_sd, rel_tol=0.02)
    assert math.isclose(total(("bob-cement", "meter", 2023), 10, 0), math.sqrt(2) * one_sd, rel_tol=0.02)
    assert math.isclose(total(("alice-steel", "meter", 2023), 10, 0), 2 * one_sd, rel_tol=0.02)  # gases of one line


def test_what_is_certain_is_not_drawn() -> None:
    found = monte_carlo([3, 4], 0, 0, ["a", "b"], inputs(2), seed=1, n=1_000)
    assert (found.mean[0], found.lower[0], found.upper[0], found.sd[0], found.imprecise[0]) == (7, 7, 7, 0, False)


@pytest.mark.parametrize("percent", [-1, math.nan, math.inf])
def test_an_uncertainty_that_is_no_half_width_is_refused(percent: float) -> None:
    for refused in (
        lambda: product(5, percent),
        lambda: sum_percent([1], [percent]),
        lambda: sum_by_factor([1], percent, 5, ["f"]),
        lambda: table_3_2([Row32("a", 1, 1, 5, percent)]),
        lambda: lognormal_limits(1, percent),
        lambda: monte_carlo([1], [5], [percent], ["f"], inputs(1), seed=1),
    ):
        with pytest.raises(errors.WrongPercent):
            refused()


def test_draws_are_refused_where_they_would_mislead() -> None:
    with pytest.raises(errors.WrongDraws, match="999"):
        monte_carlo([1], [5], [5], ["f"], inputs(1), seed=1, n=999)
    with pytest.raises(errors.WrongDraws):
        monte_carlo([1], [5], [5], ["f"], inputs(1), seed=1, distribution="flat")  # type: ignore[arg-type]
    with pytest.raises(errors.TwoUncertainties, match="f"):
        monte_carlo([1, 1], [5, 5], [5, 6], ["f", "f"], inputs(2), seed=1)
    with pytest.raises(errors.TwoUncertainties, match="meter 0"):
        monte_carlo([1, 1], [5, 6], [5, 5], ["f", "f"], inputs(1) * 2, seed=1)
    with pytest.raises(errors.UncertaintyError, match="lengths"):
        monte_carlo([1, 1], [5, 6], [5, 5], ["f", "f"], inputs(1), seed=1)
    with pytest.raises(errors.UncertaintyError, match="finite"):
        monte_carlo([math.nan], [5], [5], ["f"], inputs(1), seed=1)
