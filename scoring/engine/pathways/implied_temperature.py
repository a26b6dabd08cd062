"""From cumulative tonnes to degrees: trajectory and target apart, then together, then a whole portfolio.

Source: the scoring stage of ITR 1.1.10 (Implied Temperature Rise, os-climate, Apache-2.0), whose rows and portfolio
scores are reproduced. A company that emits `ratio` times its budget is taken as if the world did:

    T = T_b + B · (ratio − 1) · TCRE        ratio = cumulative tonnes / budget

T_b (°C) is the warming of the benchmark scenario and B (GtCO2) its global budget.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.errors import NegativeAmount, NotFinite, OutOfRange, WrongShape
from scoring.engine.temperature.portfolio import AGGREGATIONS, weights_before_scaling

RESULT_TYPES = ("COMPLETE", "TARGET_ONLY", "TRAJECTORY_ONLY", "DEFAULT")
# Why a score is not COMPLETE; at most one a company.
SCORE_REASONS = (
    "",
    "budget_missing",
    "budget_not_positive",
    "both_missing",
    "target_missing",
    "trajectory_missing",
    "trajectory_ran_away",
)
METHODS = AGGREGATIONS


@dataclass(frozen=True)
class WarmingParameters:
    """The defaults of ITR 1.1.10. Warming per tonne: 2.2 °C per 1,000 GtC, which are 3,664 GtCO2."""

    tcre_c: float = 2.2
    tcre_gtco2: float = 3664.0
    runaway_ratio: float = 10.0  # above it a trajectory is taken for a faulty projection, and only the target counts
    target_probability: float = 0.5  # that the target is met, where a company has none of its own
    fallback_c: float | None = None  # where nothing can be computed; the tool prints 3.2, which is no figure of anybody

    @property
    def c_per_gtco2(self) -> float:
        return self.tcre_c / self.tcre_gtco2


@dataclass(frozen=True, eq=False)
class ImpliedTemperatures:
    """Scores of a batch, shape (n,). NaN where a part is missing; `temperature_c` then stands on the other part."""

    temperature_c: Floats  # where `result_type` is DEFAULT the fallback, or NaN where there is none
    trajectory_c: Floats
    trajectory_ratio: Floats
    target_c: Floats
    target_ratio: Floats
    result_type: Ints  # in RESULT_TYPES
    reason: Ints  # in SCORE_REASONS
    target_probability: Floats  # as used

    @property
    def is_default(self) -> Bools:
        return np.equal(self.result_type, RESULT_TYPES.index("DEFAULT"))


def overshoot_ratio(cumulative_t: Floats, budget_t: Floats) -> Floats:
    """Cumulative tonnes by budget; NaN where one is missing or the budget is not above zero."""
    ratio: Floats = cumulative_t / np.where(budget_t > 0, budget_t, np.nan)
    return ratio


def warming(ratio: Floats, benchmark_c: Floats, global_budget_gtco2: Floats, parameters: WarmingParameters) -> Floats:
    """T = T_b + B · (ratio − 1) · TCRE, in °C; NaN where the ratio is missing."""
    return benchmark_c + global_budget_gtco2 * (ratio - 1.0) * parameters.c_per_gtco2


def implied_temperatures(
    budget_t: Floats,
    trajectory_t: Floats,
    target_t: Floats,
    target_probability: Floats,
    benchmark_c: Floats,
    global_budget_gtco2: Floats,
    parameters: WarmingParameters | None = None,
) -> ImpliedTemperatures:
    """Scores from cumulative tonnes, all columns of shape (n,); NaN is missing.

    A cumulative target of exactly zero counts as no target, as in the tool. Unlike the tool, a missing budget, or a
    missing target beside a missing trajectory, is told apart as DEFAULT: without a figure, unless a fallback is given.
    Raises NotFinite, NegativeAmount (tonnes; removals are reported apart) or OutOfRange (a probability outside 0–1).
    """
    parameters = parameters or WarmingParameters()
    for name, column in (("budget", budget_t), ("trajectory", trajectory_t), ("target", target_t)):
        _refuse(f"cumulative {name}", column, may_be_negative=name == "budget")
    given = ~np.isnan(target_probability)
    if np.any(given & ((target_probability < 0) | (target_probability > 1))):
        wrong = target_probability[given & ((target_probability < 0) | (target_probability > 1))]
        raise OutOfRange("a target probability lies between 0 and 1", value=float(wrong[0]))
    probability = np.where(given, target_probability, parameters.target_probability)

    target_ratio = overshoot_ratio(np.where(target_t == 0, np.nan, target_t), budget_t)
    trajectory_ratio = overshoot_ratio(trajectory_t, budget_t)
    target_c = warming(target_ratio, benchmark_c, global_budget_gtco2, parameters)
    trajectory_c = warming(trajectory_ratio, benchmark_c, global_budget_gtco2, parameters)

    has_target, has_trajectory = ~np.isnan(target_c), ~np.isnan(trajectory_c)
    ran_away = has_target & (trajectory_ratio > parameters.runaway_ratio)
    together = target_c * probability + trajectory_c * (1.0 - probability)
    cases = [
        (np.isnan(budget_t), "DEFAULT", "budget_missing"),
        (budget_t <= 0, "DEFAULT", "budget_not_positive"),
        (~has_target & ~has_trajectory, "DEFAULT", "both_missing"),
        (~has_target, "TRAJECTORY_ONLY", "target_missing"),
        (~has_trajectory, "TARGET_ONLY", "trajectory_missing"),
        (ran_away, "TARGET_ONLY", "trajectory_ran_away"),
    ]
    conditions = [condition for condition, _, _ in cases]
    result_type = np.select(
        conditions, [RESULT_TYPES.index(word) for _, word, _ in cases], RESULT_TYPES.index("COMPLETE")
    )
    reason = np.select(conditions, [SCORE_REASONS.index(word) for _, _, word in cases], 0)
    fallback_c = np.nan if parameters.fallback_c is None else parameters.fallback_c
    by_type = [together, target_c, trajectory_c, np.full(len(budget_t), fallback_c)]
    return ImpliedTemperatures(
        temperature_c=np.select([result_type == k for k in range(len(RESULT_TYPES))], by_type),
        trajectory_c=trajectory_c,
        trajectory_ratio=trajectory_ratio,
        target_c=target_c,
        target_ratio=target_ratio,
        result_type=result_type.astype(np.int64),
        reason=reason.astype(np.int64),
        target_probability=probability,
    )


def _refuse(what: str, column: Floats, may_be_negative: bool) -> None:
    if np.isinf(column).any():
        raise NotFinite(f"{what} must be finite", value=float(column[np.isinf(column)][0]))
    if not may_be_negative and (column < 0).any():
        raise NegativeAmount(f"{what} must not be negative", value=float(column[column < 0][0]))


@dataclass(frozen=True, eq=False)
class CompanyValues:
    """What companies are weighed by, shape (companies,): tonnes of the score's scope, and one currency. NaN missing."""

    emissions_t: Floats
    market_cap: Floats
    enterprise_value: Floats
    cash: Floats
    total_assets: Floats
    revenue: Floats


@dataclass(frozen=True, eq=False)
class PortfolioTemperature:
    """One portfolio score. It stands on those companies alone whose weight is known; `coverage` says how much that is.

    Columns have shape (companies,) and are 0 for a company that is not held or not covered.
    """

    method: str
    temperature_c: float | None  # None: nothing to weigh by
    coverage: float | None  # share of the invested money in the companies that count; None if nothing is invested
    default_share: float | None  # weight share of the companies whose score is the fallback
    companies: int  # that count
    weight: Floats  # shares, sum 1
    contribution_c: Floats  # sum is temperature_c


def weights_of(method: str, investment_value: Floats, values: CompanyValues) -> Floats:
    """Weights of companies before scaling, shape (companies,), by the formulas of temperature_portfolio.

    0 for a company that is not held; NaN where a part is missing or a value not above zero. Raises UnknownWord.
    """
    worth = {
        "company_market_cap": values.market_cap,
        "company_enterprise_value": values.enterprise_value,
        "company_cash_equivalents": values.cash,
        "company_total_assets": values.total_assets,
        "company_revenue": values.revenue,
    }
    found = weights_before_scaling(method, investment_value, worth, values.emissions_t)
    return np.where(investment_value > 0, found, 0.0)


def portfolio_temperature(
    method: str,
    company: Ints,
    investment_value: Floats,
    values: CompanyValues,
    temperature_c: Floats,
    is_default: Bools,
) -> PortfolioTemperature:
    """The score of holdings (company positions and amounts) over company scores; two holdings of one company add up.

    Raises WrongShape, NotFinite, NegativeAmount or UnknownWord.
    """
    invested = _invested(company, investment_value, len(temperature_c))
    weight = weights_of(method, invested, values)
    if (weight < 0).any():
        raise NegativeAmount("a weight must not be negative", value=float(np.nanmin(weight)))
    counts = (invested > 0) & ~np.isnan(weight) & ~np.isnan(temperature_c)
    weight = np.where(counts, weight, 0.0)
    total, money = float(weight.sum()), float(invested.sum())
    coverage = float(invested[counts].sum()) / money if money > 0 else None
    if total <= 0:
        return PortfolioTemperature(method, None, coverage, None, 0, weight, np.zeros(len(weight)))
    share = weight / total
    contribution = share * np.where(counts, temperature_c, 0.0)
    return PortfolioTemperature(
        method=method,
        temperature_c=float(contribution.sum()),
        coverage=coverage,
        default_share=float(share[is_default].sum()),
        companies=int(np.count_nonzero(counts)),
        weight=share,
        contribution_c=contribution,
    )


def portfolio_temperatures(
    company: Ints,
    investment_value: Floats,
    values: CompanyValues,
    temperature_c: Floats,
    is_default: Bools,
    methods: Sequence[str] = METHODS,
) -> list[PortfolioTemperature]:
    """The score by each method, in their order."""
    return [
        portfolio_temperature(method, company, investment_value, values, temperature_c, is_default)
        for method in methods
    ]


def _invested(company: Ints, investment_value: Floats, companies: int) -> Floats:
    if len(company) != len(investment_value):
        raise WrongShape("one amount for each holding", value=(len(company), len(investment_value)))
    if not np.isfinite(investment_value).all():
        raise NotFinite("an investment must be finite", value=float(investment_value.sum()))
    if (investment_value < 0).any():
        raise NegativeAmount("an investment must not be negative", value=float(investment_value.min()))
    return np.bincount(company, weights=investment_value, minlength=companies).astype(np.float64)
