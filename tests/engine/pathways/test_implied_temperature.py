"""Degrees from cumulative tonnes: every figure of the ITR golden cases, then what holds for any company."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.columns import Floats
from scoring.engine.errors import NegativeAmount, NotFinite, OutOfRange, UnknownWord, WrongShape
from scoring.engine.pathways.implied_temperature import (
    METHODS,
    RESULT_TYPES,
    SCORE_REASONS,
    CompanyValues,
    ImpliedTemperatures,
    WarmingParameters,
    implied_temperatures,
    portfolio_temperature,
    portfolio_temperatures,
)
from tests.engine.golden import SHIPPED, case, column, rows, shared

NAN = float("nan")
PARTS = {
    "temperature_score": "temperature_c",
    "trajectory_score": "trajectory_c",
    "trajectory_overshoot_ratio": "trajectory_ratio",
    "target_score": "target_c",
    "target_overshoot_ratio": "target_ratio",
}
tonnes = st.floats(1e-3, 1e12)


def scored(budget: float, trajectory: float, target: float, probability: float = NAN) -> ImpliedTemperatures:
    columns = [np.array([value]) for value in (budget, trajectory, target, probability, 1.5, 396.0)]
    return implied_temperatures(*columns)


def of_one(scores: ImpliedTemperatures) -> tuple[float, str, str]:
    return float(scores.temperature_c[0]), RESULT_TYPES[scores.result_type[0]], SCORE_REASONS[scores.reason[0]]


def values_of(table: list[dict[str, str]]) -> CompanyValues:
    return CompanyValues(
        emissions_t=column(table, "ghg_s1s2"),
        market_cap=column(table, "company_market_cap"),
        enterprise_value=column(table, "company_enterprise_value"),
        cash=column(table, "company_cash_equivalents"),
        total_assets=column(table, "company_total_assets"),
        revenue=column(table, "company_revenue"),
    )


@pytest.mark.parametrize("name", ["itr_scores_300", "itr_scores_300_edges"])
def test_every_figure_of_itr_is_reproduced(name: str) -> None:
    given_rows = rows(SHIPPED / name / "input.csv.gz")
    expected = rows(SHIPPED / name / "expected_company_scores.csv.gz")
    portfolio = case(SHIPPED / name / "expected_portfolio.json")
    inputs = ["cumulative_budget", "cumulative_trajectory", "cumulative_target", "target_probability"]
    inputs += ["benchmark_temperature", "benchmark_global_budget_gt"]
    parameters = WarmingParameters(
        tcre_c=portfolio["tcre_degC"],
        tcre_gtco2=portfolio["carbon_conversion_GtCO2"],
        fallback_c=portfolio["fallback"],
    )
    scores = implied_temperatures(*(column(given_rows, part) for part in inputs), parameters)
    for theirs, ours in PARTS.items():
        np.testing.assert_allclose(
            getattr(scores, ours), column(expected, theirs), rtol=0, atol=1e-9, equal_nan=True, err_msg=theirs
        )
    assert [RESULT_TYPES[k] for k in scores.result_type] == [row["score_result_type"] for row in expected]

    found = portfolio_temperatures(
        np.arange(len(given_rows)),
        column(given_rows, "investment_value"),
        values_of(given_rows),
        scores.temperature_c,
        scores.is_default,
    )
    for mine, theirs in zip(found, portfolio["aggregations"], strict=True):
        assert mine.method == theirs["method"]
        assert mine.temperature_c == pytest.approx(theirs["score"], rel=0, abs=1e-9)
        assert mine.coverage == pytest.approx(1.0) and mine.companies == 300


def test_the_scoring_stage_agrees_with_the_whole_pipeline_of_itr() -> None:
    expected = rows(shared("golden", "itr_full_oecm", "expected_company_scores.csv"))
    portfolio = case(shared("golden", "itr_full_oecm", "expected_portfolio.json"))
    n = len(expected)
    scores = implied_temperatures(
        *(column(expected, f"cumulative_{part}") for part in ("budget", "trajectory", "target")),
        np.full(n, NAN),  # the probabilities are not among the outputs, so the combined score is checked by its bounds
        np.full(n, portfolio["benchmark_temperature"]),
        np.full(n, float(portfolio["benchmark_global_budget_gt"])),
        # Companies report CO2e; from CO2 to it the pipeline takes 0.76: found in its outputs, all rows agree.
        WarmingParameters(tcre_gtco2=3664.0 * 0.76, fallback_c=3.2),
    )
    for theirs, ours in PARTS.items():
        if theirs != "temperature_score":
            np.testing.assert_allclose(
                getattr(scores, ours), column(expected, theirs), rtol=0, atol=1e-6, equal_nan=True, err_msg=theirs
            )
    assert [RESULT_TYPES[k] for k in scores.result_type] == [row["score_result_type"] for row in expected]
    combined = column(expected, "temperature_score")
    both = scores.result_type == RESULT_TYPES.index("COMPLETE")
    assert (combined >= np.minimum(scores.target_c, scores.trajectory_c) - 1e-6)[both].all()
    assert (combined <= np.maximum(scores.target_c, scores.trajectory_c) + 1e-6)[both].all()
    np.testing.assert_allclose(scores.temperature_c[~both], combined[~both], rtol=0, atol=1e-6)

    nothing = np.full(n, NAN)
    values = CompanyValues(column(expected, "ghg_s1s2"), nothing, nothing, nothing, nothing, nothing)
    tets = portfolio_temperature("TETS", np.arange(n), np.ones(n), values, combined, scores.is_default)
    wanted = next(found["score"] for found in portfolio["aggregations"] if found["method"] == "TETS")
    assert tets.temperature_c == pytest.approx(wanted, rel=0, abs=1e-6)


def test_a_worked_company_gives_1_5_and_its_share_of_warming() -> None:
    # Twice the budget: 1.5 + 396 x (2 - 1) x 2.2 / 3664 = 1.5 + 871.2 / 3664 = 1.737772...
    scores = scored(budget=100.0, trajectory=200.0, target=100.0, probability=0.25)
    assert scores.trajectory_c[0] == pytest.approx(1.5 + 871.2 / 3664)
    assert scores.target_c[0] == pytest.approx(1.5)
    assert of_one(scores)[0] == pytest.approx(0.25 * 1.5 + 0.75 * (1.5 + 871.2 / 3664))


@pytest.mark.parametrize(
    ("budget", "trajectory", "target", "kind", "reason"),
    [
        (NAN, 1.0, 1.0, "DEFAULT", "budget_missing"),
        (0.0, 1.0, 1.0, "DEFAULT", "budget_not_positive"),
        (-5.0, 1.0, 1.0, "DEFAULT", "budget_not_positive"),
        (1.0, NAN, NAN, "DEFAULT", "both_missing"),
        (1.0, NAN, 0.0, "DEFAULT", "both_missing"),
        (1.0, 1.0, NAN, "TRAJECTORY_ONLY", "target_missing"),
        (1.0, NAN, 1.0, "TARGET_ONLY", "trajectory_missing"),
        (1.0, 10.1, 1.0, "TARGET_ONLY", "trajectory_ran_away"),
        (1.0, 10.0, 1.0, "COMPLETE", ""),
    ],
)
def test_what_is_missing_is_named(budget: float, trajectory: float, target: float, kind: str, reason: str) -> None:
    score, found_kind, found_reason = of_one(scored(budget, trajectory, target))
    assert (found_kind, found_reason) == (kind, reason)
    assert np.isnan(score) == (kind == "DEFAULT")  # no default figure beside that of the temperature score


def test_figures_that_no_company_can_have_are_refused() -> None:
    with pytest.raises(OutOfRange, match=r"1\.5"):
        scored(1.0, 1.0, 1.0, probability=1.5)
    with pytest.raises(NegativeAmount, match="-1"):
        scored(1.0, -1.0, 1.0)
    with pytest.raises(NotFinite, match="inf"):
        scored(1.0, 1.0, float("inf"))


@given(tonnes, tonnes, tonnes, st.floats(0, 1), st.floats(1, 5))
def test_more_emissions_are_never_cooler(
    budget: float, trajectory: float, target: float, probability: float, more: float
) -> None:
    before = scored(budget, trajectory, target, probability)
    worse = scored(budget, trajectory * more, target * more, probability)
    assert worse.target_c[0] >= before.target_c[0] and worse.trajectory_c[0] >= before.trajectory_c[0]
    if before.result_type[0] == worse.result_type[0]:  # the tenfold switch is the one place where it can cool
        assert worse.temperature_c[0] >= before.temperature_c[0] - 1e-12


@given(tonnes, tonnes, tonnes, st.floats(0, 1), st.integers(-20, 20))
def test_the_size_of_a_company_does_not_matter(
    budget: float, trajectory: float, target: float, probability: float, power: int
) -> None:
    scale = 2.0**power  # exact in binary, so that no rounding stands between the two
    small = scored(budget, trajectory, target, probability)
    large = scored(budget * scale, trajectory * scale, target * scale, probability)
    assert of_one(small) == of_one(large)


@given(st.lists(st.tuples(tonnes, tonnes, tonnes, st.floats(0, 1)), min_size=2, max_size=6))
def test_a_company_alone_and_in_a_batch_gets_the_same_bits(companies: list[tuple[float, ...]]) -> None:
    columns = [np.array(part) for part in zip(*companies, strict=True)]
    n = len(companies)
    together = implied_temperatures(*columns, np.full(n, 1.5), np.full(n, 396.0))
    for i, company in enumerate(companies):
        assert scored(*company).temperature_c[0] == together.temperature_c[i]


def world(n: int, **gaps: Floats) -> CompanyValues:
    plain = {
        name: np.linspace(50.0, 90.0, n)
        for name in ("emissions_t", "market_cap", "enterprise_value", "cash", "total_assets", "revenue")
    }
    return CompanyValues(**(plain | gaps))


@pytest.mark.parametrize("method", METHODS)
def test_splitting_a_holding_or_adding_one_of_zero_changes_no_portfolio_score(method: str) -> None:
    scores, default = np.array([1.6, 2.4, 3.2]), np.array([False, False, True])
    whole = portfolio_temperature(method, np.array([0, 1]), np.array([6.0, 2.0]), world(3), scores, default)
    split = portfolio_temperature(
        method, np.array([0, 1, 0, 2]), np.array([4.0, 2.0, 2.0, 0.0]), world(3), scores, default
    )
    assert split.temperature_c == whole.temperature_c
    assert split.default_share == whole.default_share == 0


def test_a_company_without_a_weight_lowers_the_coverage_and_loses_nothing_silently() -> None:
    gap = world(2, enterprise_value=np.array([100.0, NAN]), revenue=np.array([0.0, 80.0]))
    scores, default = np.array([1.5, 3.2]), np.array([False, True])
    holdings = (np.array([0, 1]), np.array([30.0, 10.0]))
    eots = portfolio_temperature("EOTS", *holdings, gap, scores, default)
    assert (eots.temperature_c, eots.coverage, eots.companies) == (1.5, 0.75, 1)
    rots = portfolio_temperature("ROTS", *holdings, gap, scores, default)
    assert (rots.temperature_c, rots.coverage, rots.default_share) == (3.2, 0.25, 1.0)


def test_nothing_to_weigh_by_is_no_score_and_bad_holdings_are_refused() -> None:
    gap = world(1, enterprise_value=np.array([NAN]))
    scores, default = np.array([1.5]), np.array([False])
    empty = portfolio_temperature("EOTS", np.array([0]), np.array([5.0]), gap, scores, default)
    assert (empty.temperature_c, empty.coverage, empty.default_share) == (None, 0.0, None)
    with pytest.raises(UnknownWord, match="BEST"):
        portfolio_temperature("BEST", np.array([0]), np.array([5.0]), gap, scores, default)
    with pytest.raises(NegativeAmount, match="-5"):
        portfolio_temperature("WATS", np.array([0]), np.array([-5.0]), gap, scores, default)
    with pytest.raises(WrongShape):
        portfolio_temperature("WATS", np.array([0, 0]), np.array([5.0]), gap, scores, default)
