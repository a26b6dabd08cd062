"""How far today's companies are from those a model has learned from.

Population stability index over the training deciles: Σ (a − e) ln(a / e), a and e the shares of today and of training
(Siddiqi, Credit Risk Scorecards, 2006, chapter 8; his reading: below 0.1 stable, 0.1 to 0.25 watch, above 0.25 other).
"""

from collections.abc import Sequence
from typing import Literal, TypedDict

import numpy as np

from scoring.engine.columns import Bools, Floats
from scoring.engine.estimator.evaluation import Interval, coverage
from scoring.engine.estimator.features import NUMBERS, FirmYears, Texts, log10_column

BINS = 10
SMALLEST_SHARE = 1e-4  # an empty bin would make the index infinite
FEWEST = 20  # companies on each side, else the index says nothing
FEWEST_JUDGED = 5  # companies behind a coverage
WATCH, OTHER = 0.1, 0.25

Reading = Literal["stable", "watch", "other", "too few"]


class FeatureDrift(TypedDict):
    name: str
    psi: float | None
    reading: Reading
    training: int  # companies that report it
    now: int
    missing_training: float  # share
    missing_now: float


class Drift(TypedDict):
    companies_training: int
    companies_now: int
    features: list[FeatureDrift]
    unseen_sectors: dict[str, int]  # sector → companies of now
    unknown_vocabulary: int  # companies whose text is mostly of unknown characters
    covered: float | None  # of reported companies the model has not seen, share inside its 90 % interval
    covered_wilson: Interval | None
    covered_companies: int


def drift(training: FirmYears, now: FirmYears, inside: Bools, judged: Bools) -> Drift:
    """`now` has one row a company; `inside` says whether a report lies in the model's interval, where `judged`."""
    first = np.unique(np.array(training.company_key), return_index=True)[1]
    seen = training.rows(first)
    known = {name for name in training.sector if name}
    unseen: dict[str, int] = {}
    for name in now.sector:
        if (name or "-") not in known:
            unseen[name or "-"] = unseen.get(name or "-", 0) + 1
    keys = [key for key, counts in zip(now.company_key, judged.tolist(), strict=True) if counts]
    share, wilson = coverage(inside[judged], keys) if len(keys) >= FEWEST_JUDGED else (None, None)
    names = [name for name in NUMBERS if name in training.numbers or name in now.numbers]
    return {
        "companies_training": len(seen),
        "companies_now": len(now),
        "features": [_sector_drift(seen.sector, now.sector), *(_number_drift(name, seen, now) for name in names)],
        "unseen_sectors": dict(sorted(unseen.items())),
        "unknown_vocabulary": int(np.count_nonzero(Texts(training.text).known_share(now.text) < 0.5)),
        "covered": share,
        "covered_wilson": wilson,
        "covered_companies": len(keys),
    }


def psi(expected: Floats, actual: Floats) -> float:
    """Of two lists of shares, bin by bin."""
    e, a = np.maximum(expected, SMALLEST_SHARE), np.maximum(actual, SMALLEST_SHARE)
    return float(np.sum((a - e) * np.log(a / e)))


def _number_drift(name: str, seen: FirmYears, now: FirmYears) -> FeatureDrift:
    then, today = log10_column(seen, name), log10_column(now, name)
    a, b = then[~np.isnan(then)], today[~np.isnan(today)]
    value = None
    if min(len(a), len(b)) >= FEWEST:
        edges = np.unique(np.quantile(a, np.linspace(0, 1, BINS + 1)[1:-1]))
        value = psi(_shares(a, edges), _shares(b, edges))
    return _feature(name, value, then, today)


def _shares(values: Floats, edges: Floats) -> Floats:
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    return np.asarray(counts / len(values))


def _sector_drift(then: Sequence[str | None], today: Sequence[str | None]) -> FeatureDrift:
    names = sorted({name or "-" for name in (*then, *today)})
    a, b = (
        np.array([sum((n or "-") == name for n in side) / max(len(side), 1) for name in names])
        for side in (then, today)
    )
    enough = min(len(then), len(today)) >= FEWEST
    missing = [np.array([np.nan if name is None else 0.0 for name in side]) for side in (then, today)]
    return _feature("sector", psi(a, b) if enough else None, *missing)


def _feature(name: str, value: float | None, then: Floats, today: Floats) -> FeatureDrift:
    return {
        "name": name,
        "psi": value,
        "reading": "too few" if value is None else "stable" if value < WATCH else "watch" if value < OTHER else "other",
        "training": int(np.count_nonzero(~np.isnan(then))),
        "now": int(np.count_nonzero(~np.isnan(today))),
        "missing_training": float(np.mean(np.isnan(then))) if len(then) else 1.0,
        "missing_now": float(np.mean(np.isnan(today))) if len(today) else 1.0,
    }
