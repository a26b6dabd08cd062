"""How far to trust an estimate: weighted conformal quantiles, and the Wilson interval of an observed coverage.

Sources: Vovk, Gammerman, Shafer, Algorithmic Learning in a Random World (2005); Lei et al., Distribution-Free
Predictive Inference for Regression, JASA 113 (2018), section 5.2 (normalised residuals); Wilson, JASA 22 (1927).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scoring.engine.columns import Bools, Floats
from scoring.engine.estimator.features import company_weights

LEVELS = (0.01, 0.05, 0.5, 0.95, 0.99)
PRIOR_COMPANIES = 15.0  # a sector's spread is shrunk to the economy's as if it had this many more companies
FEWEST = 19  # companies: with fewer no value observed is a 95 % quantile
GUARD_WIDENS = 1.25  # at least this much wider outside what the model has seen


def wilson(covered: float, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of a proportion `covered` (0 to 1) observed on n; Wilson (1927), without continuity correction."""
    from scipy.special import ndtri  # here, not above: whoever only reads cards and tables need not load it

    z = float(ndtri(0.5 + confidence / 2))
    centre = covered + z * z / (2 * n)
    half = z * math.sqrt(covered * (1 - covered) / n + z * z / (4 * n * n))
    return (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)


def weighted_quantile(values: Floats, weights: Floats, level: float) -> float:
    """The smallest value with at least `level` of the weight at or below it."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    position = int(np.searchsorted(reached, level * reached[-1] * (1 - 1e-12)))
    return float(values[order][min(position, len(values) - 1)])


def conformal_quantile(values: Floats, weights: Floats, level: float) -> float:
    """The quantile that holds for one more company, of weight 1: upper levels from above, lower ones from below.

    With few companies the outer levels end at the extreme residual: no finite number holds there.
    """
    if level < 0.5:
        return -conformal_quantile(-values, weights, 1.0 - level)
    total = float(np.sum(weights))
    return weighted_quantile(values, weights, min(1.0, level * (total + 1.0) / total))


def _quantile(ratio: Floats, weights: Floats, level: float) -> float:
    """Conformal; with fewer than FEWEST companies at least as far out as Student's prediction interval.

    A 95 % quantile of fewer than 19 values is none of them, and the extreme one says too little.
    """
    from scipy.special import stdtrit  # here, not above: whoever only reads cards and tables need not load it

    conformal, companies = conformal_quantile(ratio, weights, level), float(np.sum(weights))
    if level == 0.5 or not 1.5 < companies < FEWEST - 0.5:
        return conformal
    mean = float(np.average(ratio, weights=weights))
    square = float(np.average(np.square(ratio - mean), weights=weights)) * companies / (companies - 1)
    student = mean + float(stdtrit(companies - 1, level)) * math.sqrt(square * (1 + 1 / companies))
    return max(conformal, student) if level > 0.5 else min(conformal, student)


@dataclass(frozen=True, eq=False)
class Spread:
    """Quantiles of residuals over a scale: the scale is the sector's mean absolute residual, shrunk."""

    economy: float  # log10 units
    sectors: dict[str, float]
    quantiles: tuple[float, ...]  # of residual over scale, at LEVELS
    guard: float  # factor on the scale outside what the model has seen
    smearing: float  # mean of 10^residual, residual factors winsorised at their p99 (Duan 1983)

    @classmethod
    def of(
        cls,
        residual: Floats,
        company_key: Sequence[str],
        sector: Sequence[str | None],
        guarded: Bools,
        slip_log10: float = math.inf,
    ) -> "Spread":
        """From out-of-fold residuals (observed less estimated, log10), folds by company, every company of weight 1.

        A row's own company is left out of the scale it is divided by, so the quantiles hold for an unseen company.
        Residuals beyond `slip_log10` stay in the interval but out of the smearing: a unit slip is not a tonne emitted.
        """
        weights = company_weights(company_key)
        absolute = np.abs(residual)
        economy = float(np.average(absolute, weights=weights))
        held: dict[str, list[int]] = {}
        for i, name in enumerate(sector):
            held.setdefault(name or "", []).append(i)
        sectors = {name: _shrunk(absolute[rows], weights[rows], economy) for name, rows in held.items() if name}
        scale = np.full(len(residual), economy)
        for name, rows in held.items():
            if name:
                mine = np.array([company_key[i] for i in rows])
                for company in set(mine.tolist()):
                    others = np.array(rows)[mine != company]
                    scale[np.array(rows)[mine == company]] = _shrunk(absolute[others], weights[others], economy)
        guard = GUARD_WIDENS
        if guarded.any() and not guarded.all():
            ratio = np.abs(residual) / scale
            outer = np.average(ratio[guarded], weights=weights[guarded])
            guard = max(guard, float(outer / np.average(ratio[~guarded], weights=weights[~guarded])))
        ratio = residual / np.where(guarded, scale * guard, scale)
        real = np.abs(residual) <= slip_log10
        factor = np.power(10.0, residual[real])
        ceiling = weighted_quantile(factor, weights[real], 0.99)
        return cls(
            economy,
            sectors,
            tuple(_quantile(ratio, weights, level) for level in LEVELS),
            guard,
            float(np.average(np.minimum(factor, ceiling), weights=weights[real])),
        )

    def centred(self) -> "Spread":
        """As wide, about the estimate itself: the bias of one model is no bias of another figure."""
        middle = self.quantiles[LEVELS.index(0.5)]
        return replace(self, quantiles=tuple(q - middle for q in self.quantiles))

    def around(self, estimate: Floats, sector: Sequence[str | None], guarded: Bools) -> Floats:
        """Quantiles of log10 tonnes at LEVELS, shape (levels, n)."""
        scale = np.array([self.sectors.get(name or "", self.economy) for name in sector])
        scale = np.where(guarded, scale * self.guard, scale)
        return np.array([estimate + q * scale for q in self.quantiles])


def _shrunk(absolute: Floats, weights: Floats, economy: float) -> float:
    total = float(np.sum(weights))
    return (float(np.sum(absolute * weights)) + PRIOR_COMPANIES * economy) / (total + PRIOR_COMPANIES)
