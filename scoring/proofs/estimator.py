"""Train on one table, report on another: what `manage.py evaluate` prints. No database."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.estimator.conformal import LEVELS
from scoring.engine.estimator.contenders import make, out_of_fold, target
from scoring.engine.estimator.estimator import (
    RUNG_ACTIVITY,
    RUNG_LAST,
    RUNG_SIZE,
    SLIP_ERRORS,
    SLIP_LOG10,
    Carried,
    Estimates,
    Estimator,
    Recipe,
    last_reports,
)
from scoring.engine.estimator.evaluation import (
    Resampled,
    coverage,
    coverage_by_sector,
    differences,
    errors,
    r2,
    within_factor,
)
from scoring.engine.estimator.features import ACTIVITY, FirmYears
from scoring.estimators.training_tables import ACTIVITY_WORDS, TrainingTable

LOW, MEDIAN, HIGH = LEVELS.index(0.05), LEVELS.index(0.5), LEVELS.index(0.95)


class UnknownActivity(ValueError):
    """A word for an activity that is not in the list, or that the training table does not hold."""


class NoHistory(ValueError):
    """History is asked for and there is none."""


@dataclass(frozen=True, eq=False)
class _Figures:
    """Estimates of the test rows in log10 tonnes; `last` is NaN where there is no earlier report."""

    median: Floats
    low: Floats
    high: Floats
    mean_t: Floats
    rung: Any
    last: Floats
    slips: int


def activity_columns(words: Sequence[str], table: TrainingTable) -> tuple[str, ...]:
    """The table's columns for words such as water and waste. Raises UnknownActivity."""
    columns: list[str] = []
    for word in words:
        if word not in ACTIVITY_WORDS:
            raise UnknownActivity(f"{word!r} is not one of {', '.join(ACTIVITY_WORDS)}")
        held = [name for name in ACTIVITY_WORDS[word] if name in table.batch.numbers]
        if not held:
            raise UnknownActivity(f"the training table has no column for {word!r}")
        columns += held
    return tuple(columns)


def evaluate(
    train: TrainingTable, test: TrainingTable, activity: Sequence[str], *, history: bool, seed: int = 0
) -> dict[str, Any]:
    """Errors in log10 units on every row of the test table that has both scopes above zero.

    With `history` the headline is on the rows that have an earlier report, the others stand beside it, and so do all.
    """
    columns = activity_columns(activity, train)
    estimator = Estimator(Recipe(activity=columns, seed=seed)).fit(train.batch)
    estimates = estimator.predict(test.batch)
    if history:
        figures = _with_history(train, test, estimator, estimates, columns, seed)
    else:
        figures = _plain(train, test, estimates)
    everything = np.ones(len(test.batch), dtype=np.bool_)
    scored = ~np.isnan(figures.last) if history else everything
    if not scored.any():
        raise NoHistory("no company of the test file has an earlier year in either file: nothing to score")
    number = RUNG_ACTIVITY if RUNG_ACTIVITY in estimator.rungs_ else RUNG_SIZE
    report = _report(train, test, figures, scored, columns, seed)
    if history:
        rest = ~scored
        truth = target(test.batch)
        report["all_rows"] = errors(figures.median, truth)
        report["without_last_report"] = errors(figures.median[rest], truth[rest])
        report["last_reports_taken_for_slips"] = figures.slips
    report["leak_gap"], report["grouped_rmse"], report["random_rmse"] = _leak(train, estimator, number, seed)
    report["models"] = {
        str(n): {"chosen": rung.choice.name, "because": rung.choice.because, "rmse_by_model": rung.choice.rmse}
        for n, rung in sorted(estimator.rungs_.items())
    }
    report["training"] = {
        "rows": len(train.batch),
        "companies": len(set(train.batch.company_key)),
        "digest": train.digest,
        "unread_cells_or_rows": len(train.faults),
        "rows_without_emissions": train.without_emissions,
        "companies_also_in_test": len(set(train.batch.company_key) & set(test.batch.company_key)),
    }
    report["model_digest"] = estimator.digest
    report["fingerprint"] = estimator.fingerprint(test.batch)
    return report


def _plain(train: TrainingTable, test: TrainingTable, estimates: Estimates) -> _Figures:
    q = estimates.log10_t
    batch, asked = _with_earlier(train.batch, test.batch)
    last = _last_log10_t(batch)[asked]
    return _Figures(q[MEDIAN], q[LOW], q[HIGH], estimates.mean_t, estimates.rung, last, 0)


def _with_history(
    train: TrainingTable,
    test: TrainingTable,
    estimator: Estimator,
    estimates: Estimates,
    columns: tuple[str, ...],
    seed: int,
) -> _Figures:
    """Rung 4 where the company has an earlier report in either file, the estimator's rung where not.

    What was reported with the last emissions is known, so its water and waste may question it even where this year's
    activity is not asked for.
    """
    held = tuple(name for name in ACTIVITY if name in train.batch.numbers)
    questioning = estimator if columns or not held else Estimator(Recipe(activity=held, seed=seed)).fit(train.batch)
    own = questioning.rungs_.get(RUNG_ACTIVITY)
    if own is not None and own.choice.name == "sector_median":
        own = None  # then activity says nothing
    learned = _earlier(train.batch, test.batch)
    batch, asked = _with_earlier(train.batch, test.batch)
    opinion, questioned = np.full(len(batch), np.nan), None
    carried = Carried()
    if own is not None:
        found = questioning.predict(test.batch).log10_t[MEDIAN]
        opinion = _known(np.concatenate([own.out_of_fold[learned], found]), batch, held, columns)
        questioned = _known(own.out_of_fold, train.batch, held, columns)
        error = errors(own.out_of_fold, target(train.batch))["rmse"]
        carried = Carried(max(SLIP_LOG10, SLIP_ERRORS * error))
    carried.fit(train.batch, questioned, questioning.rungs_[RUNG_SIZE].spread)
    previous, last = last_reports(batch), _last_log10_t(batch)
    rows = asked[previous[asked] >= 0]
    quantiles, mean, slipped = carried.predict(batch.rows(rows), last[rows], batch.year[previous[rows]], opinion[rows])
    q, mean_t, rung = estimates.log10_t.copy(), estimates.mean_t.copy(), estimates.rung.copy()
    tested = rows - len(learned)
    q[:, tested], mean_t[tested] = quantiles, mean
    rung[tested] = np.where(slipped, RUNG_ACTIVITY, RUNG_LAST)
    return _Figures(q[MEDIAN], q[LOW], q[HIGH], mean_t, rung, last[asked], int(np.count_nonzero(slipped)))


def _with_earlier(train: FirmYears, test: FirmYears) -> tuple[FirmYears, Ints]:
    """The test rows behind the earlier years of their companies that stand in the training file, and where they are.

    Such years are reports like any other, so a table split by year has last reports too.
    """
    learned = _earlier(train, test)
    batch = train.rows(learned).followed_by(test)
    return batch, np.arange(len(learned), len(batch))


def _last_log10_t(batch: FirmYears) -> Floats:
    """The target of the same company's latest earlier year, NaN where there is none."""
    previous = last_reports(batch)
    return np.where(previous >= 0, target(batch)[previous], np.nan)


def _earlier(train: FirmYears, test: FirmYears) -> Ints:
    """Rows of the training table that are of a test company and of a year that the test table does not ask about."""
    asked = set(zip(test.company_key, test.year.tolist(), strict=True))
    companies = set(test.company_key)
    return np.array(
        [
            i
            for i, (key, year) in enumerate(zip(train.company_key, train.year.tolist(), strict=True))
            if key in companies and (key, year) not in asked
        ],
        dtype=np.int64,
    )


def _known(estimate: Floats, batch: FirmYears, held: tuple[str, ...], columns: tuple[str, ...]) -> Floats:
    """What activity says about each row's last report: the rung-5 estimate of its own year, NaN without activity.

    Where this year's activity is given too, the mean of both, so that one slip in the water can't condemn a report.
    """
    previous = last_reports(batch)
    then = np.where((previous >= 0) & batch.known(held)[previous], estimate[previous], np.nan)
    if not columns:
        return then
    now = np.where(batch.known(columns), estimate, np.nan)
    return np.where(np.isnan(then), now, np.where(np.isnan(now), then, 0.5 * (then + now)))


def _report(
    train: TrainingTable,
    test: TrainingTable,
    figures: _Figures,
    scored: Bools,
    columns: tuple[str, ...],
    seed: int,
) -> dict[str, Any]:
    batch = test.batch.rows(scored)
    truth, found = target(batch), figures.median[scored]
    keys = batch.company_key
    inside = (figures.low[scored] <= truth) & (truth <= figures.high[scored])
    share, wilson_interval = coverage(inside, keys)
    by_sector, companies = coverage_by_sector(inside, keys, batch.sector)
    learned = train.batch.without([name for name in ACTIVITY if name not in columns])  # OLS sees what the model sees
    dumb = {name: make(name).fit(learned, seed).predict(batch) for name in ("global_median", "sector_median", "ols")}
    last = np.where(np.isnan(figures.last[scored]), dumb["sector_median"], figures.last[scored])
    baselines: dict[str, Any] = {name: errors(other, truth) for name, other in dumb.items()}
    # The last report as it is; where there is none the sector median stands in.
    baselines["last_value"] = {
        **errors(last, truth),
        "n_with_last_report": int(np.sum(~np.isnan(figures.last[scored]))),
    }
    draws = Resampled(keys, seed)
    gains = differences({**dumb, "last_value": last}, found, truth, keys, seed)
    estimated, reported = figures.mean_t[scored], np.power(10.0, truth)
    numbers, counts = np.unique(figures.rung[scored], return_counts=True)
    return {
        "n": len(batch),
        "companies": len(set(keys)),
        **{name: value for name, value in errors(found, truth).items() if name != "n"},
        "bias": float(np.mean(found - truth)),
        "r2": r2(found, truth),
        "within2x": within_factor(found, truth, 2.0),
        "coverage90": share,
        "coverage90_wilson": wilson_interval,
        "coverage90_rows": float(np.mean(inside)),
        "coverage90_by_sector": by_sector,
        "companies_by_sector": companies,
        "sum_ratio": float(np.sum(estimated) / np.sum(reported)),
        "sum_ratio_interval": draws.ratio(estimated, reported),
        "interval_factor": float(np.median(np.power(10.0, figures.high[scored] - figures.low[scored]))),
        "rungs": {str(n): int(count) for n, count in zip(numbers.tolist(), counts.tolist(), strict=True)},
        "baselines": baselines,
        "gain": gains,
        "gain_over_sector_median": gains["sector_median"],
    }


def _leak(train: TrainingTable, estimator: Estimator, number: int, seed: int) -> tuple[float, float, float]:
    """How much better the same model looks when a company stands on both sides of the split."""
    unused = tuple(name for name in ACTIVITY if number != RUNG_ACTIVITY or name not in estimator.recipe.activity)
    batch, rung = train.batch.without(unused), estimator.rungs_[number]
    grouped = errors(rung.out_of_fold, target(batch))["rmse"]
    random = errors(out_of_fold(rung.choice.name, batch, seed, by_company=False), target(batch))["rmse"]
    return grouped - random, grouped, random


def as_text(report: dict[str, Any]) -> str:
    """The report for people."""
    r = report
    w, s, g = r["coverage90_wilson"], r["sum_ratio_interval"], r["gain_over_sector_median"]
    lines = [
        f"{r['n']} rows of {r['companies']} companies; trained on {r['training']['companies']} companies.",
        *(f"Rung {n}: {m['chosen']}, {m['because']}." for n, m in r["models"].items()),
        f"RMSE {r['rmse']:.3f}  MAE {r['mae']:.3f}  bias {r['bias']:+.3f}  (log10)  R² {r['r2']:.2f}"
        f"  within 2×: {r['within2x']:.0%}",
        f"Coverage at 90 %: {r['coverage90']:.1%} (Wilson 95 %: {w['lo']:.1%} to {w['hi']:.1%});"
        f" the median interval spans a factor of {r['interval_factor']:.1f}",
        f"Sum of estimates over sum of reports: {r['sum_ratio']:.2f} (95 %: {s['lo']:.2f} to {s['hi']:.2f})",
        *(f"{name:>14}: RMSE {e['rmse']:.3f}  MAE {e['mae']:.3f}" for name, e in r["baselines"].items()),
        f"Gain over the sector median: {g['mean']:.3f} (95 %: {g['lo']:.3f} to {g['hi']:.3f})",
        f"Leak: random folds {r['random_rmse']:.3f}, folds by company {r['grouped_rmse']:.3f}",
    ]
    if r["training"]["companies_also_in_test"]:
        lines.append(f"WARNING: {r['training']['companies_also_in_test']} companies stand in both files.")
    if "all_rows" in r:
        rest, every = r["without_last_report"], r["all_rows"]
        lines.append(
            f"Rows without a last report: {rest['n']}, RMSE {rest['rmse']:.3f}, MAE {rest['mae']:.3f};"
            f" all {every['n']}: RMSE {every['rmse']:.3f}, MAE {every['mae']:.3f}"
        )
        lines.append(f"Last reports taken for a slip of the unit: {r['last_reports_taken_for_slips']}")
    return "\n".join(lines)


def finite(value: Any) -> Any:
    """JSON knows no NaN: what can't be computed is null."""
    if isinstance(value, dict):
        return {name: finite(inner) for name, inner in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
