"""How good estimates are on companies the model has not seen: errors, coverage, sums, and against dumb rules."""

import math
from collections.abc import Mapping, Sequence
from typing import TypedDict

import numpy as np

from scoring.engine.columns import Bools, Floats
from scoring.engine.estimator.conformal import wilson
from scoring.engine.estimator.features import company_weights

DRAWS = 2000  # bootstrap samples of companies


class Interval(TypedDict):
    lo: float
    hi: float


class Difference(TypedDict):
    mean: float
    lo: float
    hi: float


class Errors(TypedDict):
    rmse: float
    mae: float
    n: int


def errors(found: Floats, truth: Floats) -> Errors:
    """RMSE and MAE in log10 units; NaN without rows."""
    if not len(truth):
        return {"rmse": math.nan, "mae": math.nan, "n": 0}
    gap = found - truth
    return {"rmse": float(np.sqrt(np.mean(np.square(gap)))), "mae": float(np.mean(np.abs(gap))), "n": len(truth)}


def r2(found: Floats, truth: Floats) -> float:
    """1 − residual over total sum of squares, log10; NaN where the truth does not vary."""
    total = float(np.sum(np.square(truth - np.mean(truth))))
    return 1.0 - float(np.sum(np.square(truth - found))) / total if total > 0 else math.nan


def within_factor(found: Floats, truth: Floats, factor: float) -> float:
    """Share of rows estimated within the factor, either way."""
    return float(np.mean(np.abs(found - truth) <= math.log10(factor)))


def coverage(inside: Bools, company_key: Sequence[str]) -> tuple[float, Interval]:
    """Share inside their interval, every company of weight 1, and its Wilson 95 % interval with n companies."""
    share = float(np.average(inside, weights=company_weights(company_key)))
    lo, hi = wilson(share, len(set(company_key)))
    return share, {"lo": lo, "hi": hi}


def coverage_by_sector(
    inside: Bools, company_key: Sequence[str], sector: Sequence[str | None]
) -> tuple[dict[str, float], dict[str, int]]:
    """Coverage and number of companies of each sector; companies without one stand under the empty name."""
    shares, companies = {}, {}
    for name in sorted({name or "" for name in sector}):
        rows = [i for i, other in enumerate(sector) if (other or "") == name]
        keys = [company_key[i] for i in rows]
        shares[name] = float(np.average(inside[rows], weights=company_weights(keys)))
        companies[name] = len(set(keys))
    return shares, companies


class Resampled:
    """Companies drawn with replacement, the same draws for everything that is compared."""

    def __init__(self, company_key: Sequence[str], seed: int) -> None:
        names, self._company = np.unique(np.array(company_key), return_inverse=True)
        n = len(names)
        drawn = np.random.Generator(np.random.PCG64(seed)).integers(0, n, size=(DRAWS, n))
        self._times = np.array([np.bincount(row, minlength=n) for row in drawn], dtype=np.float64)

    def sums(self, per_row: Floats) -> Floats:
        """The sum over rows in each draw, shape (DRAWS,)."""
        by_company = np.bincount(self._company, weights=per_row, minlength=self._times.shape[1])
        return np.asarray(np.sum(self._times * by_company, axis=1))

    def rmse_difference(self, dumb: Floats, found: Floats, truth: Floats) -> Difference:
        """RMSE of `dumb` less RMSE of `found` (above 0: `found` is better) with its 95 % interval."""
        rows = self.sums(np.ones(len(truth)))
        drawn = np.sqrt(self.sums(np.square(dumb - truth)) / rows) - np.sqrt(self.sums(np.square(found - truth)) / rows)
        lo, hi = np.percentile(drawn, [2.5, 97.5]).tolist()
        return {"mean": errors(dumb, truth)["rmse"] - errors(found, truth)["rmse"], "lo": lo, "hi": hi}

    def ratio(self, estimated: Floats, reported: Floats) -> Interval:
        """95 % interval of the sum of the estimates over the sum of the reports, in tonnes."""
        lo, hi = np.percentile(self.sums(estimated) / self.sums(reported), [2.5, 97.5]).tolist()
        return {"lo": lo, "hi": hi}


def differences(
    dumb: Mapping[str, Floats], found: Floats, truth: Floats, company_key: Sequence[str], seed: int
) -> dict[str, Difference]:
    draws = Resampled(company_key, seed)
    return {name: draws.rmse_difference(other, found, truth) for name, other in dumb.items()}
