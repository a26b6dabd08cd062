"""What a model says of a footprint that nobody reported: bar O of the assisted result, which never sorts. METHOD 8.4.

P_O = Φ(z / σ)      z = ln(bar · denominator / median)      σ = half-width towards the bar / 1.645, at least σmin
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import numpy as np
from scipy.special import ndtr

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.errors import WrongShape
from scoring.engine.inputs import FeatureRecord
from scoring.engine.score.bars.footprint import CODE
from scoring.engine.score.bars.probability import UNKNOWN

if TYPE_CHECKING:
    from scoring.engine.score.theme import Judged

Z90 = 1.6448536269514722  # p95 of the standard normal
NO_MODEL_RUNG = 7  # outside of what the model has seen: a sector's median
SIZES = ("revenue_cny", "employees", "electricity_kwh", "energy_mj", "coal_t", "water_t", "waste_t")


class EstimateRecord(TypedDict):
    """A predictive distribution as it is archived; with it a score is recomputed without the model."""

    input: Literal["emissions_t"]
    year: int
    rung: int
    model: str  # digest of the recipe
    log10_t: list[float]  # p05, median, p95
    mean_t: float  # smeared, for sums
    guards: list[str]  # why it is outside what the model has seen


def checked(told: Any) -> EstimateRecord:
    """An archived estimate. Raises WrongShape for what is no distribution."""
    if not isinstance(told, dict) or told.keys() != EstimateRecord.__annotations__.keys():
        raise WrongShape("an estimate has absent or unexpected names", value=told)
    quantiles = told["log10_t"]
    if not isinstance(quantiles, list) or len(quantiles) != 3 or not all(type(q) is float for q in quantiles):
        raise WrongShape("an estimate needs p05, median and p95 of log10 tonnes", value=quantiles)
    if quantiles != sorted(quantiles) or any(type(told[name]) is not int for name in ("year", "rung")):
        raise WrongShape("an estimate needs a year, a rung and rising quantiles", value=told)
    if not isinstance(told["guards"], list) or not all(isinstance(guard, str) for guard in told["guards"]):
        raise WrongShape("an estimate needs its guards", value=told["guards"])
    found: EstimateRecord = told  # type: ignore[assignment]
    return found


@dataclass(frozen=True, eq=False)
class Assisted:
    """Shape (candidates,); NaN and NO where nothing is assisted."""

    is_filled: Bools
    row: Ints  # the candidate-year whose denominator it uses
    x: Floats  # (3, candidates): p05, median, p95
    z: Floats
    p: Floats


def may_assist(estimate: EstimateRecord | None, features: FeatureRecord | None) -> bool:
    """Not from rung 7, nor with a guard that stops it, nor for a company of which only its name is known.

    A company without revenue, head count or any activity has no size: what a model says of it is its sector's middle.
    """
    if estimate is None or estimate["rung"] >= NO_MODEL_RUNG or estimate["guards"]:
        return False
    return features is None or any(features[name] is not None for name in SIZES)  # type: ignore[literal-required]


def assist(
    judged: Judged, estimates: Sequence[EstimateRecord | None], features: Sequence[FeatureRecord | None]
) -> Assisted:
    """Only where O is unknown for want of tonnes, in the year of the estimate, and its denominator is told."""
    o, n = judged.o, len(judged.columns)
    filled, rows = np.zeros(n, dtype=np.bool_), judged.row["o"].copy()
    log10_t = np.full((3, n), np.nan)
    for i, (estimate, told) in enumerate(zip(estimates, features, strict=True)):
        if not may_assist(estimate, told) or estimate is None:
            continue
        row = _row_of(judged, i, estimate["year"])
        wants_tonnes = row >= 0 and o.because[row] == CODE["untold"] and o.denominator[row] > 0
        if wants_tonnes and judged.state["o"][i] == UNKNOWN:
            filled[i], rows[i], log10_t[:, i] = True, row, estimate["log10_t"]
    x = 10.0**log10_t / o.denominator[rows]
    middle = x[1]
    z = np.log(o.bar[rows] / middle)
    low, high = (log10_t[1] - log10_t[0]), (log10_t[2] - log10_t[1])
    sigma = np.maximum(np.where(z >= 0, high, low) * math.log(10.0) / Z90, judged.sheet.judgements.sigma_min_footprint)
    return Assisted(filled, rows, x, z, np.where(filled, ndtr(z / sigma), np.nan))


def _row_of(judged: Judged, i: int, year: int) -> int:
    """The candidate-year of the estimate if it may be judged today, else -1."""
    columns = judged.columns
    rows = [row for row in range(columns.start[i], columns.start[i + 1]) if columns.year[row] == year]
    late = judged.as_of > judged.sheet.closes and year != judged.sheet.data_year
    return -1 if late or not rows or judged.set_aside["o"][1][i] else rows[0]
