"""The estimator: checked against closed forms and other people's arithmetic, then its promises as properties."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from scoring.engine.estimator.conformal import LEVELS, Spread, conformal_quantile, weighted_quantile, wilson
from scoring.engine.estimator.contenders import LADDER, Ols, SectorMedian, make, target
from scoring.engine.estimator.estimator import (
    RUNG_ACTIVITY,
    RUNG_LAST,
    RUNG_SECTOR,
    RUNG_SIZE,
    Carried,
    Estimator,
    Recipe,
    choose,
    last_reports,
)
from scoring.engine.estimator.features import SIMPLIFIED, TRADITIONAL, FirmYears, folded, grouped_folds

SECTORS = ("steel", "chips", "banks", "food")
WORDS = {"steel": "鋼鐵製造及買賣", "chips": "半導體晶圓代工", "banks": "銀行存放款", "food": "食品加工"}


def firms(n: int = 80, years: int = 2, seed: int = 1) -> FirmYears:
    """Companies whose log emissions are sector + 0.8 log capital + 0.5 log water + noise."""
    random = np.random.Generator(np.random.PCG64(seed))
    sector = [SECTORS[i % len(SECTORS)] for i in range(n) for _ in range(years)]
    key = [f"firm-{i:03}" for i in range(n) for _ in range(years)]
    capital = np.repeat(random.normal(9.5, 0.5, n), years)
    water = np.repeat(random.normal(5.0, 0.8, n), years)
    level = np.array([SECTORS.index(name) * 0.4 for name in sector])
    log10_t = level + 0.8 * (capital - 9.5) + 0.5 * (water - 5.0) + 4.0
    log10_t = log10_t + np.repeat(random.normal(0, 0.15, n), years) + random.normal(0, 0.05, n * years)
    return FirmYears(
        tuple(key),
        np.tile(np.arange(2021, 2021 + years), n),
        tuple(sector),
        tuple(WORDS[name] for name in sector),
        {"capital_money": 10**capital, "water_t": 10**water},
        log10_t,
    )


@pytest.fixture(scope="module")
def estimator() -> Estimator:
    return Estimator(Recipe(activity=("water_t",))).fit(firms())


def test_wilson_agrees_with_newcombe() -> None:
    """Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81 of 263 and 0 of 20."""
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0.0, 20)[1] == pytest.approx(0.1611, abs=5e-5)


def test_a_weighted_quantile_counts_weight_and_not_rows() -> None:
    values, weights = np.array([3.0, 1.0, 2.0]), np.array([8.0, 1.0, 1.0])
    assert weighted_quantile(values, weights, 0.1) == 1.0
    assert weighted_quantile(values, weights, 0.2) == 2.0
    assert weighted_quantile(values, weights, 0.21) == 3.0


def test_the_conformal_quantile_is_the_textbook_order_statistic() -> None:
    """Lei et al. (2018): the ⌈(n + 1)(1 − α)⌉-th smallest; with n = 19 and 95 % the 19th, from below the first."""
    values = np.arange(1.0, 20.0)
    assert conformal_quantile(values, np.ones(19), 0.95) == 19.0
    assert conformal_quantile(values, np.ones(19), 0.90) == 18.0
    assert conformal_quantile(values, np.ones(19), 0.05) == 1.0


def test_smearing_is_duans_mean_of_retransformed_residuals() -> None:
    """Duan (1983): the mean of exp(e) over residuals; here base 10, and too few rows for the winsor to bite at p99."""
    residual = np.array([-0.3, 0.1, 0.2, 0.0])
    spread = Spread.of(residual, ["a", "b", "c", "d"], ["x"] * 4, np.zeros(4, dtype=np.bool_))
    assert spread.smearing == pytest.approx(np.mean(10.0**residual))


def test_a_unit_slip_widens_the_interval_and_not_the_sum() -> None:
    residual = np.array([-0.3, 0.1, 0.2, 0.0, 3.0])
    spread = Spread.of(residual, list("abcde"), ["x"] * 5, np.zeros(5, dtype=np.bool_), slip_log10=1.0)
    assert spread.smearing == pytest.approx(np.mean(10.0 ** residual[:4]))
    assert spread.around(np.array([4.0]), ["x"], np.array([False]))[-1, 0] > 6.0


def test_few_companies_get_at_least_students_prediction_interval() -> None:
    """Five residuals of mean 0 and standard deviation 1: t(4) at 95 % is 2.1318, at 99 % 3.7469 (any table of t)."""
    residual = np.array([-1.0, 1.0, -1.0, 1.0, 0.0])
    spread = Spread.of(residual, list("abcde"), [None] * 5, np.zeros(5, dtype=np.bool_))
    widths = spread.around(np.zeros(1), [None], np.array([False]))[:, 0]
    half = np.array([3.7469, 2.1318]) * np.sqrt(1 + 1 / 5)
    assert widths[[0, 1, 3, 4]] == pytest.approx([-half[0], -half[1], half[1], half[0]], abs=1e-3)
    assert widths[2] == 0.0


def test_ols_agrees_with_scikit_learn() -> None:
    batch = firms()
    model = Ols().fit(batch, 0)
    logs = np.column_stack([np.log10(batch.numbers["capital_money"]), np.log10(batch.numbers["water_t"])])
    dummies = np.array([[name == other for other in SECTORS[1:]] for name in batch.sector], dtype=np.float64)
    theirs = LinearRegression().fit(np.hstack([logs, dummies]), target(batch))
    assert model.predict(batch) == pytest.approx(theirs.predict(np.hstack([logs, dummies])), abs=1e-9)


def test_the_sector_median_falls_back_where_a_sector_has_fewer_than_five_companies() -> None:
    batch = firms(16, years=1)
    batch = replace(batch, sector=("rare",) * 4 + batch.sector[4:])
    model = SectorMedian().fit(batch, 0)
    assert model.predict(replace(batch, sector=("rare",) * 16))[0] == np.median(target(batch))


def test_no_company_stands_on_both_sides_of_a_fold() -> None:
    batch = firms(23, years=3)
    held_at_all: list[int] = []
    for train, held in grouped_folds(batch.company_key, 5, seed=7):
        assert not {batch.company_key[i] for i in train} & {batch.company_key[i] for i in held}
        held_at_all += held.tolist()
    assert sorted(held_at_all) == list(range(len(batch)))


@pytest.mark.parametrize("name", [*LADDER, "ols"])
def test_a_batch_of_one_gets_what_a_batch_of_many_gets(name: str) -> None:
    batch = firms(40)
    model = make(name).fit(batch, 0)
    together = model.predict(batch)
    alone = np.concatenate([model.predict(batch.rows(np.array([i]))) for i in range(len(batch))])
    assert np.max(np.abs(together - alone)) <= 1e-12


@pytest.mark.parametrize("name", [*LADDER, "ols"])
def test_a_bigger_company_is_never_estimated_to_emit_less(name: str) -> None:
    shrinking = replace(firms(60), log10_t=10.0 - firms(60).numbers["capital_money"] / 1e10)
    model = make(name).fit(shrinking, 0)
    one = shrinking.rows(np.array([0] * 50))
    rising = replace(one, numbers={**one.numbers, "capital_money": np.logspace(8.0, 11.0, 50)})
    assert np.all(np.diff(model.predict(rising)) >= -1e-12)


@pytest.mark.slow
def test_a_refit_is_the_same_and_its_fingerprint_says_so(estimator: Estimator) -> None:
    again = Estimator(Recipe(activity=("water_t",))).fit(firms())
    assert again.digest == estimator.digest
    assert again.fingerprint(firms()) == estimator.fingerprint(firms())
    assert Estimator(Recipe(activity=())).fit(firms()).digest != estimator.digest


def test_one_changed_figure_changes_the_tables_digest() -> None:
    batch = firms()
    water = batch.numbers["water_t"].copy()
    water[3] *= 1.0001
    assert replace(batch, numbers={**batch.numbers, "water_t": water}).digest() != batch.digest()


def test_contributions_add_up_for_a_linear_and_for_a_tree_model(estimator: Estimator) -> None:
    batch = firms().rows(np.arange(6))
    for rung in estimator.rungs_.values():
        for name in ("linear", "blend"):
            swapped = Estimator(estimator.recipe)
            swapped.rungs_ = {rung.number: replace(rung, model=make(name).fit(firms(), 0))}
            if rung.number == RUNG_ACTIVITY:
                swapped.rungs_[RUNG_SIZE] = rung
            for one in swapped.explain(batch):
                assert one.baseline + sum(one.parts.values()) == pytest.approx(one.log10_t, abs=1e-6)


def test_the_contribution_of_a_linear_model_is_slope_times_distance(estimator: Estimator) -> None:
    rung = estimator.rungs_[RUNG_SIZE]
    model = make("linear").fit(firms().without(("water_t",)), 0)
    swapped = Estimator(Recipe())
    swapped.rungs_ = {RUNG_SIZE: replace(rung, model=model)}
    one = firms().rows(np.array([0]))
    standard = model.standard_  # type: ignore[attr-defined]
    slope = model.slopes_[0] / standard.spread[0]  # type: ignore[attr-defined]
    distance = np.log10(one.numbers["capital_money"][0]) - standard.centre[0]
    assert swapped.explain(one)[0].parts["size"] == pytest.approx(slope * distance, abs=1e-9)


def test_the_rung_follows_what_is_reported(estimator: Estimator) -> None:
    batch = firms().rows(np.array([0, 0, 0]))
    water = np.array([batch.numbers["water_t"][0], np.nan, batch.numbers["water_t"][0]])
    asked = replace(batch, numbers={**batch.numbers, "water_t": water}, sector=("steel", "steel", "shipping"))
    found = estimator.predict(asked)
    assert found.rung.tolist() == [RUNG_ACTIVITY, RUNG_SIZE, RUNG_SECTOR]
    assert found.guards[2] == ("sector",)


def test_outside_what_was_seen_the_estimate_is_wider(estimator: Estimator) -> None:
    known = firms().rows(np.array([0]))
    strange = replace(known, numbers={**known.numbers, "capital_money": np.array([1e14])})
    inside, outside = estimator.predict(known), estimator.predict(strange)
    assert "size" in outside.guards[0]
    assert outside.p95_t[0] / outside.p05_t[0] > inside.p95_t[0] / inside.p05_t[0]


def test_unknown_words_are_guarded(estimator: Estimator) -> None:
    strange = replace(firms().rows(np.array([0])), text=("quidditch brooms",))
    assert "vocabulary" in estimator.predict(strange).guards[0]


def test_quantiles_ascend_and_the_mean_is_not_the_median(estimator: Estimator) -> None:
    found = estimator.predict(firms())
    assert np.all(np.diff(found.log10_t, axis=0) >= 0)
    assert len(found.log10_t) == len(LEVELS)
    assert not np.allclose(found.mean_t, found.median_t)


def test_nine_in_ten_unseen_companies_lie_inside_their_interval(estimator: Estimator) -> None:
    unseen = firms(400, seed=2)
    found = estimator.predict(unseen)
    truth = 10 ** target(unseen)
    inside = (found.p05_t <= truth) & (truth <= found.p95_t)
    lo, hi = wilson(float(np.mean(inside)), 80)  # 80 companies made the interval: its own luck counts too
    assert lo <= 0.9 <= hi


def test_thirty_rows_give_the_sector_median_and_say_so() -> None:
    choice, _ = choose(firms(30, years=1), seed=0)
    assert choice.name == "sector_median"
    assert "30 rows" in choice.because


def test_the_choice_is_by_evidence() -> None:
    choice, _ = choose(firms(), seed=0)
    assert choice.rmse[choice.name] < 0.5 * choice.rmse["sector_median"]


def test_traditional_and_simplified_read_alike() -> None:
    assert folded("鋼鐵製造、電動車") == folded("钢铁制造、电动车")
    assert len(TRADITIONAL) == len(SIMPLIFIED) == len(set(TRADITIONAL))
    assert not set(TRADITIONAL) & set(SIMPLIFIED)


def reports(*years: tuple[int, float]) -> FirmYears:
    """One company's reports: (year, log10 tonnes)."""
    n = len(years)
    year = np.array([year for year, _ in years])
    return FirmYears(("a",) * n, year, ("steel",) * n, ("",) * n, {}, np.array([y for _, y in years]))


def test_the_last_report_is_the_latest_earlier_one() -> None:
    assert last_reports(reports((2023, 4.0), (2021, 3.0), (2022, 3.5))).tolist() == [2, -1, 1]


def test_a_last_report_grows_as_its_sector_does() -> None:
    carried = Carried().fit(firms(30), None)
    grown = replace(firms(30), log10_t=target(firms(30)) + 0.1 * (firms(30).year - 2021))
    faster = Carried().fit(grown, None)
    assert faster.growth_ - carried.growth_ == pytest.approx(0.1)
    asked = reports((2024, 0.0))
    found, _, slipped = faster.predict(asked, np.array([4.0]), np.array([2022]), np.array([np.nan]))
    middle = found[LEVELS.index(0.5), 0]
    assert middle == pytest.approx(4.0 + 2 * faster.sectors_.get("steel", faster.growth_), abs=0.1)
    assert not slipped[0]


def test_only_activity_may_overrule_a_last_report_and_only_beyond_forty_fold() -> None:
    carried = Carried().fit(firms(30), None)
    asked = reports((2024, 0.0), (2024, 0.0), (2024, 0.0))
    last = np.array([7.0, 7.0, 7.0])
    opinion = np.array([np.nan, 5.5, 4.0])
    found, _, slipped = carried.predict(asked, last, np.array([2023] * 3), opinion)
    assert slipped.tolist() == [False, False, True]
    assert found[LEVELS.index(0.5)] == pytest.approx([7.0, 7.0, 4.0], abs=0.3)


def test_kilograms_taken_for_tonnes_are_put_right() -> None:
    """A thousandth of the report where that is within tenfold of what activity says; else what activity says."""
    asked = reports((2024, 0.0), (2024, 0.0), (2024, 0.0))
    last, opinion = np.array([7.0, 7.0, 2.0]), np.array([4.6, 5.3, 4.6])
    found, _, slipped = Carried().fit(firms(30), None).predict(asked, last, np.array([2023] * 3), opinion)
    assert slipped.tolist() == [True, True, True]
    assert found[LEVELS.index(0.5)] == pytest.approx([4.0, 5.3, 4.6], abs=0.05)


def test_a_model_that_errs_more_overrules_less() -> None:
    asked = reports((2024, 0.0))
    carried = Carried(slip_log10=3.5).fit(firms(30), None)
    assert not carried.predict(asked, np.array([7.0]), np.array([2023]), np.array([4.0]))[2][0]


def test_where_nobody_reports_two_years_a_last_report_is_as_wide_as_the_model_and_never_exact(
    estimator: Estimator,
) -> None:
    asked, last, year, opinion = reports((2024, 0.0)), np.array([4.0]), np.array([2023]), np.array([np.nan])
    single = firms(30, years=1)
    unknown, mean, _ = Carried().fit(single, None).predict(asked, last, year, opinion)
    assert unknown[LEVELS.index(0.5), 0] == 4.0
    assert np.isnan(unknown[[0, 1, 3, 4], 0]).all()
    assert np.isnan(mean[0])
    spread = estimator.rungs_[RUNG_SIZE].spread
    found, _, _ = Carried().fit(single, None, spread).predict(asked, last, year, opinion)
    width = spread.around(last, asked.sector, np.array([False]))
    assert found[LEVELS.index(0.5), 0] == 4.0
    assert np.diff(found[:, 0]) == pytest.approx(np.diff(width[:, 0]))


def test_the_ladder_keeps_its_numbers() -> None:
    assert (RUNG_LAST, RUNG_ACTIVITY, RUNG_SIZE, RUNG_SECTOR) == (4, 5, 6, 7)
