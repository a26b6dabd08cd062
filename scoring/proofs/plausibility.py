"""What the plausibility rules catch and what they cry wolf about: known faults put into real consecutive years."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypedDict

import numpy as np

from scoring.engine.columns import Floats, Ints
from scoring.engine.estimator.conformal import LEVELS
from scoring.engine.estimator.estimator import RUNG_ACTIVITY, RUNG_SIZE, Estimator, Recipe, last_reports
from scoring.engine.estimator.features import ACTIVITY
from scoring.engine.screening.plausibility import RULES, Submissions, alarmed, blocked, check
from scoring.estimators.training_tables import TrainingTable
from scoring.plausibility.checks import limits

P01, P50, P99 = LEVELS.index(0.01), LEVELS.index(0.5), LEVELS.index(0.99)


class Rate(TypedDict):
    n: int
    alarmed: float  # a warning or a block
    blocked: float
    by_rule: dict[str, float]


def _scaled(factor: float) -> Callable[[Submissions], Submissions]:
    def scale(batch: Submissions) -> Submissions:
        return replace(batch, scope1_t=batch.scope1_t * factor, scope2_t=batch.scope2_t * factor)

    return scale


def _without_scope_2(batch: Submissions) -> Submissions:
    return replace(batch, scope2_t=np.full(len(batch), np.nan))


INJECTED: dict[str, Callable[[Submissions], Submissions]] = {
    "nothing (false alarms)": lambda batch: batch,
    "×1000": _scaled(1000.0),
    "×10": _scaled(10.0),
    "scope 2 dropped": _without_scope_2,
    "boundary halved": _scaled(0.5),
    "−30 %": _scaled(0.7),
}


def measure(table: TrainingTable, *, seed: int = 0) -> dict[str, dict[str, Rate]]:
    """Rates by set and injected fault. `later` are reports with a year before, `first` those without.

    The model's range comes from out-of-fold estimates by company, so no company judges itself.
    """
    batch = table.batch
    held = tuple(name for name in ACTIVITY if name in batch.numbers)
    estimator = Estimator(Recipe(activity=held, seed=seed)).fit(batch)
    rung = estimator.rungs_[RUNG_ACTIVITY if RUNG_ACTIVITY in estimator.rungs_ else RUNG_SIZE]
    stopped = np.array([bool(words) for words in rung.guard(batch)])
    model = np.power(10.0, rung.spread.around(rung.out_of_fold, batch.sector, stopped))
    previous = last_reports(batch)
    rows = np.flatnonzero((previous >= 0) & (batch.year - batch.year[previous] == 1))
    first = np.flatnonzero(previous < 0)
    later = _submissions(table, model, rows)
    later = replace(later, last_scope1_t=table.scope1_t[previous[rows]], last_scope2_t=table.scope2_t[previous[rows]])
    return {
        "later": {name: _rate(inject(later)) for name, inject in INJECTED.items()},
        "first": {name: _rate(inject(_submissions(table, model, first))) for name, inject in INJECTED.items()},
    }


def _submissions(table: TrainingTable, model: Floats, rows: Ints) -> Submissions:
    return Submissions(
        scope1_t=table.scope1_t[rows],
        scope2_t=table.scope2_t[rows],
        p01_t=model[P01][rows],
        median_t=model[P50][rows],
        p99_t=model[P99][rows],
    )


def _rate(batch: Submissions) -> Rate:
    findings = check(batch, limits())
    n = max(len(findings), 1)
    return {
        "n": len(findings),
        "alarmed": sum(map(alarmed, findings)) / n,
        "blocked": sum(map(blocked, findings)) / n,
        "by_rule": {
            code: share
            for code in RULES
            if (share := sum(any(one.code == code for one in row) for row in findings) / n) > 0
        },
    }


def as_text(report: dict[str, dict[str, Rate]]) -> str:
    """A Markdown table."""
    lines = ["| reports | put in | n | warned or blocked | blocked | by rule |", "|---|---|---|---|---|---|"]
    for name, rates in report.items():
        for fault, rate in rates.items():
            rules = ", ".join(f"{code} {share:.0%}" for code, share in rate["by_rule"].items())
            lines.append(
                f"| {name} | {fault} | {rate['n']} | {rate['alarmed']:.0%} | {rate['blocked']:.0%} | {rules} |"
            )
    return "\n".join(lines)
