"""Bar R, resilience: the margin without subsidies and with carbon priced. METHOD 8.3; the bar is 0.

    m* = (EBIT − S − p · max(0, E − free) · (1 − θ)) / revenue

S is what was given and stands inside EBIT; E scopes 1 and 2 (location-based), priced today or not. A venture is judged
by its gross profit, and misses with a runway under the sheet's months. Money in yuan, E in tonnes, p in yuan a tonne.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.score.bar_sheet import BarSheet, Judgements
from scoring.engine.score.bars.footprint import Emissions
from scoring.engine.score.bars.probability import CLEARED, MISSED, UNKNOWN, probability
from scoring.engine.score.candidacy import SUBSIDIES, CandidateColumns

BECAUSE = ("", "untold", "other_boundary", "revenue_not_positive", "best_still_misses", "runway")
CODE = {word: code for code, word in enumerate(BECAUSE)}


def carbon_cost(tonnes: Floats, price: float, free_t: Floats | float, pass_through: float) -> Floats:
    """Yuan: the price of what is not free, as far as it is not passed on."""
    found: Floats = price * np.maximum(0.0, tonnes - free_t) * (1.0 - pass_through)
    return found


@dataclass(frozen=True, eq=False)
class Resilience:
    """Bar R of each candidate-year, shape (rows,). Money in yuan."""

    margin: Floats
    state: Ints
    because: Ints  # in BECAUSE
    z: Floats
    sigma: Floats
    p: Floats
    missing: Ints
    profit: Floats  # EBIT, of a venture gross profit
    subsidies: Floats  # inside, as far as told
    is_told: tuple[Bools, ...]  # of SUBSIDIES
    carbon_cost: Floats  # of what is told


def resilience(columns: CandidateColumns, sheet: BarSheet, told: Emissions, age: Floats) -> Resilience:
    """Bar R of every candidate-year of a batch; `age` in years beyond one."""
    judgements: Judgements = sheet.judgements
    venture = columns.is_venture[columns.owner]
    profit = np.where(venture, columns.amount["gross_profit"], columns.amount["ebit"])
    revenue, runway = columns.amount["revenue"], columns.amount["runway_months"]
    given, is_told = np.zeros(len(profit)), []
    for name in SUBSIDIES:
        amount = columns.amount[name]
        is_told.append(~np.isnan(amount))
        given += np.where(is_told[-1] & columns.is_inside[name], amount, 0.0)
    cost = carbon_cost(
        told.told_t, judgements.carbon_price_cny_per_t, judgements.free_allocation_t, judgements.pass_through
    )
    best = (profit - given - cost) / np.where(revenue > 0, revenue, np.nan)  # what is untold taken as none
    parts = (~np.isnan(profit), *is_told, *told.is_told, ~(venture & np.isnan(runway)))
    missing = np.isnan(revenue).astype(np.int64) + sum((~known).astype(np.int64) for known in parts)
    out_of_money = venture & (runway < judgements.least_runway_months)
    because = np.select(
        [
            out_of_money,
            revenue <= 0,
            (missing > 0) & (best < 0),
            (missing > 0)
            & columns.is_mismatched
            & (missing == sum((~known).astype(np.int64) for known in told.is_told)),
            missing > 0,
        ],
        [CODE[word] for word in ("runway", "revenue_not_positive", "best_still_misses", "other_boundary", "untold")],
        default=CODE[""],
    )
    is_known = (because == CODE[""]) | (because == CODE["best_still_misses"])
    z = np.where(is_known, best, np.nan)
    sigma = judgements.resilience_sigma * np.sqrt(1.0 + age)
    runs_out = because == CODE["runway"]
    return Resilience(
        margin=np.where(is_known | (runs_out & (missing == 0)), best, np.nan),
        state=np.where(is_known & (z >= 0), CLEARED, np.where(is_known | runs_out, MISSED, UNKNOWN)),
        because=because,
        z=z,
        sigma=np.where(is_known, np.maximum(sigma, judgements.sigma_min_resilience), np.nan),
        p=np.where(runs_out, 0.0, probability(z, sigma, judgements.sigma_min_resilience)),
        missing=missing,
        profit=profit,
        subsidies=given,
        is_told=tuple(is_told),
        carbon_cost=cost,
    )
