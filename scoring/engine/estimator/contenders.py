"""The models that compete to estimate log10 tonnes, from the dumbest to the heaviest. All are deterministic.

`sector_median`, `ols`; `linear`: kernel ridge on numbers, sector and text; `similar`: the same and a term for
companies of like numbers; `blend`: half `similar`, half gradient boosting. Every model has `fit` and `predict`.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, Self

import numpy as np

from scoring.engine.columns import Bools, Floats
from scoring.engine.estimator.features import (
    SIZE,
    FirmYears,
    Standard,
    Texts,
    company_weights,
    grouped_folds,
    log10_column,
)

# Prior variances of the additive parts in log10², found on company-grouped folds of Taiwan-listed firms; halving or
# doubling any of them moves the error by less than 0.01 (docs/reference/estimator.md).
INTERCEPT, SLOPE, MISSING, SECTOR, TEXT = 10.0, 0.1, 0.1, 0.1, 0.2
LIKE, LIKE_IN_SECTOR, LENGTH = 0.5, 0.2, 1.5
COMPANY, NOISE = 0.12, 0.08  # what a company's years share and we cannot know, and what a single report errs
HUBER, ROUNDS = 1.5, 4  # residuals beyond 1.5 robust standard deviations pull with bounded force: unit slips
CHUNK = 1000  # rows at a time, so that memory stays small
SMALLEST_SECTOR = 5  # companies


class Model(Protocol):
    def fit(self, batch: FirmYears, seed: int) -> Self: ...

    def predict(self, batch: FirmYears) -> Floats: ...


class SectorMedian:
    """Median over the rows of the sector where it has 5 companies, else over all rows."""

    def fit(self, batch: FirmYears, seed: int) -> Self:
        del seed
        y = target(batch)
        self.economy_ = float(np.median(y))
        self.sectors_: dict[str, float] = {}
        for name in sorted({name for name in batch.sector if name}):
            rows = np.array([other == name for other in batch.sector])
            if len({batch.company_key[i] for i in np.flatnonzero(rows)}) >= SMALLEST_SECTOR:
                self.sectors_[name] = float(np.median(y[rows]))
        return self

    def predict(self, batch: FirmYears) -> Floats:
        return np.array([self.sectors_.get(name or "", self.economy_) for name in batch.sector])


class GlobalMedian:
    def fit(self, batch: FirmYears, seed: int) -> Self:
        del seed
        self.median_ = float(np.median(target(batch)))
        return self

    def predict(self, batch: FirmYears) -> Floats:
        return np.full(len(batch), self.median_)


class SectorMean:
    """Mean of the sector, every company of weight 1, shrunk to the mean of all as by 5 more companies."""

    def fit(self, batch: FirmYears, seed: int) -> Self:
        del seed
        y, weights = target(batch), company_weights(batch.company_key)
        self.economy_ = float(np.average(y, weights=weights))
        self.sectors_: dict[str, float] = {}
        for name in sorted({name for name in batch.sector if name}):
            rows = np.array([other == name for other in batch.sector])
            total = float(np.sum(weights[rows]))
            known = float(np.sum(y[rows] * weights[rows]))
            self.sectors_[name] = (known + SMALLEST_SECTOR * self.economy_) / (total + SMALLEST_SECTOR)
        return self

    def predict(self, batch: FirmYears) -> Floats:
        return np.array([self.sectors_.get(name or "", self.economy_) for name in batch.sector])


class Ols:
    """Ordinary least squares on standard numbers, their missing flags, sector dummies; slopes on size not below 0."""

    def fit(self, batch: FirmYears, seed: int) -> Self:
        del seed
        self.standard_ = Standard.of(batch)
        medians = SectorMedian().fit(batch, 0).sectors_
        self.sectors_ = {name: j for j, name in enumerate(sorted(medians))}
        y = target(batch)
        self.barred_: frozenset[int] = frozenset()
        while True:
            self.coefficients_ = np.linalg.lstsq(self._design(batch), y, rcond=1e-8)[0]
            wrong = _falling(self.standard_, self.coefficients_[1:]) - self.barred_
            if not wrong:
                return self
            self.barred_ |= wrong

    def predict(self, batch: FirmYears) -> Floats:
        return np.asarray(np.sum(self._design(batch) * self.coefficients_, axis=1))

    def _design(self, batch: FirmYears) -> Floats:
        values, missing = self.standard_(batch)
        values[:, sorted(self.barred_)] = 0.0
        return np.ascontiguousarray(
            np.hstack([np.ones((len(batch), 1)), values, missing, _dummies(batch.sector, self.sectors_)])
        )


class Additive:
    """Kernel ridge whose kernel is a sum of parts, with a share for the company, fitted by Huber's weights.

    f(x) = m + a + Σ b z + Σ c missing + s[sector] + t · tfidf + Σ_i α_i k(x, x_i) (LIKE + LIKE_IN_SECTOR [same sector])
    with k = exp(−½ Σ (Δz / LENGTH)² − ½ number of differing missing flags) over all numbers but size, in which f is
    linear with slopes not below 0. The posterior mean of a Gaussian process (Rasmussen and Williams 2006, chapter 2).
    """

    def __init__(self, *, similar: bool) -> None:
        self.similar = similar

    def fit(self, batch: FirmYears, seed: int) -> Self:
        del seed
        self.standard_ = Standard.of(batch)
        self.texts_ = Texts(batch.text)
        self.sectors_ = {name: j for j, name in enumerate(sorted({name for name in batch.sector if name}))}
        y = target(batch)
        self.centre_ = float(np.median(y))
        values, missing = self.standard_(batch)
        dummies = _dummies(batch.sector, self.sectors_)
        grams = None if self.texts_.empty else self.texts_(batch.text)
        self.like_ = self._place(values, missing)
        self.like_sector_ = _positions(batch.sector, self.sectors_)
        fixed = INTERCEPT + MISSING * (missing @ missing.T.astype(np.float64)) + SECTOR * (dummies @ dummies.T)
        if grams is not None:
            fixed += TEXT * (grams @ grams.T).toarray()
        if self.similar:
            fixed += self._likeness(self.like_, self.like_sector_)
        company = np.unique(np.array(batch.company_key), return_inverse=True)[1]
        shared = COMPANY * (company[:, None] == company[None, :])
        barred: set[int] = set()
        while True:
            usable = values.copy()
            usable[:, sorted(barred)] = 0.0
            alpha = _robust(fixed + SLOPE * (usable @ usable.T), shared, y - self.centre_)
            self.slopes_ = SLOPE * (usable.T @ alpha)
            wrong = _falling(self.standard_, self.slopes_) - barred
            if not wrong:
                break
            barred |= wrong
        self.intercept_ = self.centre_ + INTERCEPT * float(np.sum(alpha))
        self.missing_ = MISSING * (missing.T @ alpha)
        self.sector_effects_ = np.append(SECTOR * (dummies.T @ alpha), 0.0)  # the last for an unseen sector
        self.gram_effects_ = None if grams is None else TEXT * (grams.T @ alpha)
        self.alpha_ = alpha
        return self

    def predict(self, batch: FirmYears) -> Floats:
        values, missing = self.standard_(batch)
        sector = _positions(batch.sector, self.sectors_)
        found = self.intercept_ + self.sector_effects_[sector]
        for j in range(values.shape[1]):
            found = found + self.slopes_[j] * values[:, j] + self.missing_[j] * missing[:, j]
        if self.gram_effects_ is not None:
            found = found + self.texts_(batch.text) @ self.gram_effects_
        if self.similar:
            places = self._place(values, missing)
            for start in range(0, len(batch), CHUNK):
                part = slice(start, start + CHUNK)
                # Row by row along contiguous memory: a batch of one adds in the same order as a batch of many.
                found[part] += np.sum(self._likeness(places[part], sector[part]) * self.alpha_, axis=1)
        return np.asarray(found)

    def _place(self, values: Floats, missing: Bools) -> Floats:
        free = [j for j, name in enumerate(self.standard_.names) if name not in SIZE]
        return np.ascontiguousarray(np.hstack([values[:, free] / LENGTH, missing[:, free]]))

    def _likeness(self, places: Floats, sectors: Any) -> Floats:
        distance = np.zeros((len(places), len(self.like_)))
        for j in range(places.shape[1]):
            distance += np.square(places[:, j, None] - self.like_[None, :, j])
        same = (sectors[:, None] == self.like_sector_[None, :]) & (sectors[:, None] >= 0)
        return np.asarray(np.exp(-0.5 * distance) * (LIKE + LIKE_IN_SECTOR * same))


class Boosting:
    """Gradient boosted trees on logarithms (NaN where missing) and the sector's shrunk mean. Monotone in size.

    The mean of a training row's sector comes from folds without its company, since the trees would otherwise trust it
    more than it deserves. Text is left to the other half of the blend: here it made the error larger.
    """

    def fit(self, batch: FirmYears, seed: int) -> Self:
        from sklearn.ensemble import (
            HistGradientBoostingRegressor,
        )  # here, not above: whoever only reads cards and tables need not load it

        self.names_ = Standard.of(batch).names
        sector = np.empty(len(batch))
        for train, held in grouped_folds(batch.company_key, 5, seed):
            sector[held] = SectorMean().fit(batch.rows(train), seed).predict(batch.rows(held))
        self.sector_ = SectorMean().fit(batch, seed)
        self.trees_: Any = HistGradientBoostingRegressor(
            max_iter=150,
            learning_rate=0.05,
            max_leaf_nodes=8,
            min_samples_leaf=15,
            l2_regularization=1.0,
            early_stopping=False,
            monotonic_cst=[int(name in SIZE) for name in self.names_] + [0],
            random_state=seed,
        )
        self.trees_.fit(self._design(batch, sector), target(batch))
        return self

    def predict(self, batch: FirmYears) -> Floats:
        return np.asarray(self.trees_.predict(self._design(batch, self.sector_.predict(batch))))

    def _design(self, batch: FirmYears, sector: Floats) -> Floats:
        return np.column_stack([*(log10_column(batch, name) for name in self.names_), sector])


class Blend:
    """Half `similar`, half boosting: their errors differ, so the mean of both beats either."""

    def fit(self, batch: FirmYears, seed: int) -> Self:
        self.similar_ = Additive(similar=True).fit(batch, seed)
        self.boosting_ = Boosting().fit(batch, seed)
        return self

    def predict(self, batch: FirmYears) -> Floats:
        return 0.5 * self.similar_.predict(batch) + 0.5 * self.boosting_.predict(batch)


SMALL_LADDER = ("sector_median", "ols")  # simplest first
LADDER = ("sector_median", "linear", "similar", "blend")


def make(name: str) -> Model:
    made: dict[str, Callable[[], Model]] = {
        "global_median": GlobalMedian,
        "sector_median": SectorMedian,
        "ols": Ols,
        "linear": lambda: Additive(similar=False),
        "similar": lambda: Additive(similar=True),
        "boosting": Boosting,
        "blend": Blend,
    }
    return made[name]()


def target(batch: FirmYears) -> Floats:
    if batch.log10_t is None:
        raise ValueError("a training batch needs log10_t")
    return batch.log10_t


def out_of_fold(name: str, batch: FirmYears, seed: int, folds: int = 5, by_company: bool = True) -> Floats:
    """Estimates of each row by a model that has not seen its company (or, for the leak, not seen its row)."""
    keys = batch.company_key if by_company else [str(i) for i in range(len(batch))]
    found = np.empty(len(batch))
    for train, held in grouped_folds(keys, folds, seed):
        found[held] = make(name).fit(batch.rows(train), seed).predict(batch.rows(held))
    return found


def squared_errors_by_company(found: Floats, batch: FirmYears) -> Floats:
    """Sum of squared errors of each company over the mean number of rows, so that their mean is the MSE of rows."""
    company = np.unique(np.array(batch.company_key), return_inverse=True)[1]
    sums = np.bincount(company, weights=np.square(found - target(batch)))
    return sums / (len(batch) / len(sums))


def _robust(kernel: Floats, shared: Floats, y: Floats) -> Floats:
    """(K + company + diag(NOISE / w))⁻¹ y, w = min(1, HUBER s / |e|), e the report's own residual, s by its MAD."""
    from scipy.linalg import solve  # here, not above: whoever only reads cards and tables need not load it

    weight = np.ones(len(y))
    base = kernel + shared
    for _ in range(ROUNDS):
        system = base.copy()
        system[np.diag_indices_from(system)] += NOISE / weight
        alpha = np.asarray(solve(system, y, assume_a="pos", overwrite_a=True, check_finite=False))
        own = alpha * NOISE / weight
        scale = max(1.4826 * float(np.median(np.abs(own))), 1e-9)
        weight = np.minimum(1.0, HUBER * scale / np.maximum(np.abs(own), 1e-12))
    return alpha


def _falling(standard: Standard, slopes: Any) -> set[int]:
    """Columns of size whose slope came out below 0: a bigger company is never estimated to emit less for it."""
    return {j for j, name in enumerate(standard.names) if name in SIZE and slopes[j] < 0}


def _positions(sector: Sequence[str | None], known: dict[str, int]) -> Any:
    return np.array([known.get(name or "", -1) for name in sector], dtype=np.int64)


def _dummies(sector: Sequence[str | None], known: dict[str, int]) -> Floats:
    found = np.zeros((len(sector), len(known)))
    position = _positions(sector, known)
    rows = np.flatnonzero(position >= 0)
    found[rows, position[rows]] = 1.0
    return found
