"""Estimates of emissions on rungs 4 to 7 of the ladder, with how wide they are.

4 last report × growth · 5 with activity (water, waste, electricity …) · 6 size, sector and text · 7 outside what the
model has seen. Rungs 1 to 3 are reports and activity × factor: never overruled by a model.

`Estimator.fit(batch, Recipe(...))` then `.predict(batch)`. The recipe is the model: the same recipe on the same table
gives the same estimates, so nothing is stored but the recipe and a fingerprint of what it predicts.
"""

import hashlib
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypedDict

import numpy as np

from scoring.engine.columns import Bools, Floats, Ints, canonical_json, digest
from scoring.engine.errors import BarsDoNotAddUp
from scoring.engine.estimator.conformal import LEVELS, Spread
from scoring.engine.estimator.contenders import (
    CHUNK,
    LADDER,
    SMALL_LADDER,
    SMALLEST_SECTOR,
    Model,
    make,
    out_of_fold,
    squared_errors_by_company,
    target,
)
from scoring.engine.estimator.features import ACTIVITY, SIZE, FirmYears, Standard, Texts, log10_column

CODE = "estimator-1"  # a change of what is computed is a new name, so that old recipes are never refitted by new code
FEWEST_ROWS, FEWEST_COMPANIES = 31, 20  # below: the sector median, and it says so
# Companies; below, only the sector median and OLS compete. Measured: with 40 companies to learn from `linear` already
# beats OLS by 0.15 and the sector median by 0.20 (RMSE, unseen companies), with 120 by 0.07 and 0.23.
SMALL = 40
RUNG_LAST, RUNG_ACTIVITY, RUNG_SIZE, RUNG_SECTOR = 4, 5, 6, 7
# A last report more than forty-fold from what the company's own water, waste or energy say is taken for a slip of the
# unit (kg for t, kWh for MWh): found on grouped folds, where 1.5 to 1.85 are alike.
SLIP_LOG10 = 1.6
SLIP_ERRORS = 3.0  # or more than three of the model's own errors, where it errs more than that
KG_LOG10 = 3.0  # the commonest slip: kilograms for tonnes
PULL = 0.03  # of the way from a last report to what activity says: a report below it grows more often than one above
JUMP_LOG10 = 1.0  # a tenfold step from one year to the next is a slip or another boundary, not growth
SMALLEST_GROWTH_PAIRS = 10  # companies of a sector that report two years in a row

Features = Literal["size", "activity", "pay", "sector", "text"]
GROUPS: tuple[Features, ...] = ("sector", "size", "activity", "text", "pay")


class RecipeRecord(TypedDict):
    training_digest: str
    target: str
    activity: list[str]
    seed: int
    code: str
    chosen: dict[str, str]


@dataclass(frozen=True)
class Recipe:
    """What a refit needs besides the table: which activity columns may be used, and the seed."""

    activity: tuple[str, ...] = ()
    seed: int = 0
    target: str = "scope12_t"
    code: str = CODE


@dataclass(frozen=True)
class Choice:
    """Which model a rung uses and the evidence: RMSE (log10) on company-grouped folds, by model."""

    name: str
    because: str
    rmse: dict[str, float]


@dataclass(frozen=True, eq=False)
class Estimates:
    """Columns of n estimates. `log10_t` is at LEVELS (1, 5, 50, 95, 99 %), shape (5, n).

    Rank by the median; sum portfolios by the smeared mean; draw from p05 to p95.
    """

    rung: Ints
    log10_t: Floats
    mean_t: Floats
    guards: tuple[tuple[str, ...], ...]  # why a row is on rung 7; empty if it is not

    @property
    def median_t(self) -> Floats:
        return self._at(0.5)

    @property
    def p05_t(self) -> Floats:
        return self._at(0.05)

    @property
    def p95_t(self) -> Floats:
        return self._at(0.95)

    def _at(self, level: float) -> Floats:
        return np.asarray(np.power(10.0, self.log10_t[LEVELS.index(level)]))


@dataclass(frozen=True)
class Explanation:
    """`baseline` plus the parts is `log10_t` exactly (checked to 1e-6); in log10 tonnes."""

    baseline: float
    parts: dict[Features, float]
    log10_t: float


@dataclass(frozen=True, eq=False)
class Rung:
    """One fitted model of the ladder with its choice, its out-of-fold estimates and their spread."""

    number: int
    model: Model
    choice: Choice
    guard: "Guard"
    spread: Spread
    out_of_fold: Floats


class Guard:
    """Where a model has not been: size, sector, likeness, vocabulary."""

    def fit(self, batch: FirmYears) -> "Guard":
        self.sizes_: dict[str, tuple[float, float]] = {}
        for name in SIZE:
            logs = log10_column(batch, name)
            if np.count_nonzero(~np.isnan(logs)) >= FEWEST_ROWS:
                low, high = np.nanpercentile(logs, [1.0, 99.0])
                self.sizes_[name] = (float(low), float(high))
        companies: dict[str, set[str]] = {}
        for key, sector in zip(batch.company_key, batch.sector, strict=True):
            companies.setdefault(sector or "", set()).add(key)
        self.sectors_ = {name for name, keys in companies.items() if name and len(keys) >= SMALLEST_SECTOR}
        self.standard_ = Standard.of(batch)
        self.texts_ = Texts(batch.text)
        first = np.unique(np.array(batch.company_key), return_index=True)[
            1
        ]  # one row a company, else it is near itself
        self.places_ = self._places(batch.rows(first))
        own = self._nearest(self.places_, skip_self=True)
        self.reach_ = float(np.percentile(own, 99.0)) if len(own) else math.inf
        return self

    def __call__(self, batch: FirmYears) -> tuple[tuple[str, ...], ...]:
        """The names of the guards that stop each row: size, sector, far, vocabulary."""
        small = np.zeros(len(batch), dtype=np.bool_)
        for name, (low, high) in self.sizes_.items():
            logs = log10_column(batch, name)
            small |= ~np.isnan(logs) & ((logs < low) | (logs > high))
        far = self._nearest(self._places(batch), skip_self=False) > self.reach_
        strange = self.texts_.known_share(batch.text) < 0.5
        return tuple(
            tuple(
                word
                for word, stops in (
                    ("size", small[i]),
                    ("sector", (batch.sector[i] or "") not in self.sectors_),
                    ("far", far[i]),
                    ("vocabulary", strange[i]),
                )
                if stops
            )
            for i in range(len(batch))
        )

    def _places(self, batch: FirmYears) -> Floats:
        values, missing = self.standard_(batch)
        return np.ascontiguousarray(np.hstack([values, missing]))

    def _nearest(self, places: Floats, *, skip_self: bool) -> Floats:
        """Distance to the fifth nearest training company."""
        k = min(5, len(self.places_) - 1 - int(skip_self))
        if k < 0:
            return np.zeros(len(places))
        found = np.empty(len(places))
        for start in range(0, len(places), CHUNK):
            part = places[start : start + CHUNK]
            square = np.zeros((len(part), len(self.places_)))
            for j in range(places.shape[1]):
                square += np.square(part[:, j, None] - self.places_[None, :, j])
            found[start : start + CHUNK] = np.sqrt(
                np.partition(square, k + int(skip_self), axis=1)[:, k + int(skip_self)]
            )
        return found


class Estimator:
    """Rungs 5 to 7. `fit` is deterministic for one recipe and table; `predict` gives one company what it gives many."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe

    def fit(self, batch: FirmYears) -> "Estimator":
        self.training_digest_ = batch.digest()
        unused = tuple(name for name in ACTIVITY if name not in self.recipe.activity)
        self.rungs_ = {RUNG_SIZE: _fit_rung(RUNG_SIZE, batch.without(ACTIVITY), self.recipe.seed)}
        if self.recipe.activity and batch.known(self.recipe.activity).any():
            self.rungs_[RUNG_ACTIVITY] = _fit_rung(RUNG_ACTIVITY, batch.without(unused), self.recipe.seed)
        return self

    @property
    def record(self) -> RecipeRecord:
        return {
            "training_digest": self.training_digest_,
            "target": self.recipe.target,
            "activity": list(self.recipe.activity),
            "seed": self.recipe.seed,
            "code": self.recipe.code,
            "chosen": {str(number): rung.choice.name for number, rung in sorted(self.rungs_.items())},
        }

    @property
    def digest(self) -> str:
        """The name of the model."""
        return digest(canonical_json(self.record))

    def fingerprint(self, probe: FirmYears) -> str:
        """SHA-256 of the estimates of a probe, log10 rounded to 1e-9: a refit elsewhere must give the same."""
        estimates = self.predict(probe)
        lines = [
            f"{key} {rung} " + " ".join(f"{value:.9f}" for value in column)
            for key, rung, column in zip(
                probe.company_key, estimates.rung.tolist(), estimates.log10_t.T.tolist(), strict=True
            )
        ]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def predict(self, batch: FirmYears) -> Estimates:
        """Rung 5 where at least one of the recipe's activity columns is reported, else 6; 7 where a guard stops it."""
        rung = self._rung_of(batch)
        log10_t = np.empty((len(LEVELS), len(batch)))
        mean_t = np.empty(len(batch))
        guards: list[tuple[str, ...]] = [()] * len(batch)
        for number, fitted in self.rungs_.items():
            rows = np.flatnonzero(rung == number)
            if not len(rows):
                continue
            mine = batch.rows(rows)
            found = fitted.model.predict(mine)
            stopped = fitted.guard(mine)
            outside = np.array([bool(words) for words in stopped])
            log10_t[:, rows] = fitted.spread.around(found, mine.sector, outside)
            mean_t[rows] = np.power(10.0, found) * fitted.spread.smearing
            for row, words in zip(rows.tolist(), stopped, strict=True):
                guards[row] = words
        rung = np.where([bool(words) for words in guards], RUNG_SECTOR, rung)
        return Estimates(rung, log10_t, mean_t, tuple(guards))

    def explain(self, batch: FirmYears) -> tuple[Explanation, ...]:
        """Shapley shares of five groups of features against the reference company, by all 32 combinations.

        The reference reports the median of every number, belongs to no known sector and has no text. For an additive
        model the shares are its terms; for trees the average over all orders. Raises BarsDoNotAddUp beyond 1e-6.
        """
        rung = self._rung_of(batch)
        found: list[Explanation | None] = [None] * len(batch)
        for number, fitted in self.rungs_.items():
            rows = np.flatnonzero(rung == number)
            if len(rows):
                for row, one in zip(rows.tolist(), _shapley(fitted, batch.rows(rows)), strict=True):
                    found[row] = one
        return tuple(one for one in found if one is not None)

    def _rung_of(self, batch: FirmYears) -> Ints:
        with_activity = batch.known(self.recipe.activity) & (RUNG_ACTIVITY in self.rungs_)
        return np.where(with_activity, RUNG_ACTIVITY, RUNG_SIZE)


def choose(batch: FirmYears, seed: int) -> tuple[Choice, Floats]:
    """The simplest model whose error on grouped folds is within one standard error of the best; and its estimates.

    The standard error is that of the paired difference of squared errors between two models, over companies: unpaired,
    a few extreme companies that every model misses would hide any difference.
    """
    companies = len(set(batch.company_key))
    if len(batch) < FEWEST_ROWS or companies < FEWEST_COMPANIES:
        found = out_of_fold("sector_median", batch, seed, folds=min(5, companies))
        because = f"only {len(batch)} rows of {companies} companies: the sector median, nothing more can be learned"
        return Choice("sector_median", because, {"sector_median": _rmse(found, batch)}), found
    names = LADDER if companies >= SMALL else SMALL_LADDER
    found_by = {name: out_of_fold(name, batch, seed) for name in names}
    errors = {name: squared_errors_by_company(found_by[name], batch) for name in names}
    best = min(names, key=lambda name: float(np.mean(errors[name])))
    for name in names:
        worse = errors[name] - errors[best]
        if np.mean(worse) <= np.std(worse) / math.sqrt(companies):
            break
    because = f"the simplest within one standard error of {best} on folds by company, {companies} companies"
    return Choice(name, because, {name: _rmse(found_by[name], batch) for name in names}), found_by[name]


def _fit_rung(number: int, batch: FirmYears, seed: int) -> Rung:
    choice, found = choose(batch, seed)
    guard = Guard().fit(batch)
    outside = np.array([bool(words) for words in guard(batch)])
    spread = Spread.of(target(batch) - found, batch.company_key, batch.sector, outside)
    return Rung(number, make(choice.name).fit(batch, seed), choice, guard, spread, found)


def _rmse(found: Floats, batch: FirmYears) -> float:
    return float(np.sqrt(np.mean(np.square(found - target(batch)))))


def _shapley(fitted: Rung, batch: FirmYears) -> tuple[Explanation, ...]:
    n = len(batch)
    value: dict[frozenset[Features], Floats] = {}
    for size in range(len(GROUPS) + 1):
        for given in itertools.combinations(GROUPS, size):
            value[frozenset(given)] = fitted.model.predict(_with_only(batch, given, fitted.guard.standard_))
    parts = {group: np.zeros(n) for group in GROUPS}
    for group in GROUPS:
        for others, before in value.items():
            if group in others:
                continue
            share = math.factorial(len(others)) * math.factorial(len(GROUPS) - len(others) - 1)
            parts[group] = parts[group] + share / math.factorial(len(GROUPS)) * (value[others | {group}] - before)
    baseline, full = value[frozenset()], value[frozenset(GROUPS)]
    total = baseline + sum(parts.values())
    if not np.all(np.abs(total - full) <= 1e-6):
        raise BarsDoNotAddUp("contributions do not sum to the estimate", value=float(np.max(np.abs(total - full))))
    return tuple(
        Explanation(float(baseline[i]), {group: float(parts[group][i]) for group in GROUPS}, float(full[i]))
        for i in range(n)
    )


def _with_only(batch: FirmYears, given: Sequence[Features], standard: Standard) -> FirmYears:
    """The batch with all but the given groups as the reference company has them."""
    kept: dict[str, Floats] = {}
    for name, centre in zip(standard.names, standard.centre.tolist(), strict=True):
        group = "size" if name in SIZE else "activity" if name in ACTIVITY else "pay"
        own = batch.numbers.get(name, np.full(len(batch), np.nan))
        kept[name] = own if group in given else np.full(len(batch), 10.0**centre)
    return replace(
        batch,
        numbers=kept,
        sector=batch.sector if "sector" in given else (None,) * len(batch),
        text=batch.text if "text" in given else ("",) * len(batch),
        log10_t=None,
    )


class Carried:
    """Rung 4: the last report times the usual growth of its sector, unless it looks like a slip of the unit.

    The rule: a last report further than `slip_log10` from the estimate that the company's activity gives is not carried
    forward. A thousandth of it stands instead where that is within tenfold of the estimate (kilograms for tonnes), else
    the estimate. An estimate without activity never overrules a report.
    """

    def __init__(self, slip_log10: float = SLIP_LOG10) -> None:
        self.slip_log10 = slip_log10

    def fit(self, batch: FirmYears, estimate: Floats | None, otherwise: Spread | None = None) -> "Carried":
        """Yearly growth (median of log10 ratios) and spread from the companies that report several years.

        `estimate` is what activity says of each row's last report, out of fold, log10; NaN where nothing, or None.
        `otherwise` is how wide it is where fewer than FEWEST_COMPANIES report several years.
        """
        pairs = last_reports(batch)
        y = target(batch)
        rows = np.flatnonzero(pairs >= 0)
        last, years = y[pairs[rows]], batch.year[rows] - batch.year[pairs[rows]]
        own = np.full(len(rows), np.nan) if estimate is None else estimate[rows]
        yearly = (y[rows] - last - self._pull(last, own)) / years
        self.growth_ = float(np.median(yearly)) if len(rows) else 0.0
        self.sectors_: dict[str, float] = {}
        sector = np.array([batch.sector[i] or "" for i in rows.tolist()])
        company = np.array([batch.company_key[i] for i in rows.tolist()])
        for name in sorted(set(sector.tolist()) - {""}):
            mine = sector == name
            companies = len(set(company[mine].tolist()))
            if companies >= SMALLEST_GROWTH_PAIRS:
                # Shrunk: half of a sector's distance from all at 10 companies, two thirds at 20.
                share = companies / (companies + SMALLEST_GROWTH_PAIRS)
                self.sectors_[name] = self.growth_ + share * (float(np.median(yearly[mine])) - self.growth_)
        self.spread_ = None if otherwise is None else otherwise.centred()
        if len(set(company.tolist())) >= FEWEST_COMPANIES:
            found, slipped = self._carry(batch.rows(rows), last, batch.year[pairs[rows]], own)
            sectors = [name or None for name in sector.tolist()]
            self.spread_ = Spread.of(y[rows] - found, company.tolist(), sectors, slipped, JUMP_LOG10)
        return self

    def predict(
        self, batch: FirmYears, last_log10_t: Floats, last_year: Ints, estimate: Floats
    ) -> tuple[Floats, Floats, Bools]:
        """(log10 tonnes at LEVELS, smeared mean in t, whether the last report was taken for a slip).

        `estimate` is what activity says of the last report (rung 5, log10), NaN where nothing. Where nothing says how
        wide it is, all but the median are NaN.
        """
        found, slipped = self._carry(batch, last_log10_t, last_year, estimate)
        if self.spread_ is None:
            unknown = np.full((len(LEVELS), len(found)), np.nan)
            unknown[LEVELS.index(0.5)] = found
            return unknown, np.full(len(found), np.nan), slipped
        return (
            self.spread_.around(found, batch.sector, slipped),
            np.power(10.0, found) * self.spread_.smearing,
            slipped,
        )

    def _carry(self, batch: FirmYears, last: Floats, last_year: Ints, estimate: Floats) -> tuple[Floats, Bools]:
        growth = np.array([self.sectors_.get(name or "", self.growth_) for name in batch.sector])
        carried = last + growth * (batch.year - last_year) + self._pull(last, estimate)
        slipped = np.abs(last - estimate) > self.slip_log10  # False where the estimate is NaN
        in_kg = (last > estimate) & (np.abs(last - KG_LOG10 - estimate) < 1.0)
        return np.where(slipped, np.where(in_kg, last - KG_LOG10, estimate), carried), slipped

    def _pull(self, last: Floats, estimate: Floats) -> Floats:
        gap = estimate - last
        return np.where(np.abs(gap) <= self.slip_log10, PULL * gap, 0.0)  # 0 where the estimate is NaN


def last_reports(batch: FirmYears) -> Ints:
    """For each row the row of the same company's latest earlier year, -1 where there is none."""
    rows: dict[str, list[int]] = {}
    for i, key in enumerate(batch.company_key):
        rows.setdefault(key, []).append(i)
    found = np.full(len(batch), -1, dtype=np.int64)
    for mine in rows.values():
        mine.sort(key=lambda i: int(batch.year[i]))
        for before, after in itertools.pairwise(mine):
            found[after] = before
    return found
