"""What demo-0 measures about each company, before any goalpost, staircase or weight.

Sums run per company in the order of its own rows (`np.bincount`), never across companies, so that a company's
bits do not depend on who else is in the batch.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.errors import FutureYear
from scoring.engine.inputs import SCOPE3_COVERS, STATUSES, TARGET_KINDS, VALIDATIONS, Inputs, TargetColumns, YearColumns
from scoring.engine.score.methodology import STAIRCASES, Parameters

CNY_PER_WAN = 10_000.0  # 1 万元
NO_ROW = -1
LN_10 = float(np.log(10.0))

_STEP = {word: step for step, word in enumerate(STAIRCASES["target"])}
_PLAN_STEP_OF_STATUS = np.array(
    [STAIRCASES["plan"].index(word) if word in STAIRCASES["plan"] else NO_ROW for word in STATUSES], dtype=np.int64
)
_CLIMATE_VALIDATED = [VALIDATIONS.index("1.5c"), VALIDATIONS.index("well_below_2c")]


@dataclass(frozen=True, eq=False)
class Measures:
    """Indicators in natural units. Columns of companies have shape (n,); row columns those of their table."""

    emissions_t: Floats  # (year rows,) scope 1 + 2; NaN unless both are reported and one is above zero
    latest_row: Ints  # latest year row with emissions, or NO_ROW
    intensity_row: Ints  # latest year row with emissions and revenue in CNY, or NO_ROW
    intensity: Floats  # tCO2e per 万元 of that row; NaN missing
    trend_rows: Bools  # (year rows,) used for the trend
    other_scope2_rows: Bools  # (year rows,) left out of it: another kind of scope 2 than the latest year's
    jump_rows: Bools  # (year rows,) more than `jump_log10` away from the row used before
    trend_years: Ints  # rows used
    slope_log10: Floats  # least-squares change of log10 tonnes per year; NaN missing
    past_rows: Bools  # (target rows,) target year already past
    target_row: Ints  # best target that counts, or NO_ROW
    target_step: Ints  # its step, or NO_ROW
    plan_row: Ints
    plan_step: Ints
    rung_step: Ints  # from the latest row with emissions, or NO_ROW


def measure(batch: Inputs, parameters: Parameters, as_of: date) -> Measures:
    """All indicators of a batch. Raises FutureYear for a company-year after `as_of`."""
    years, targets, n = batch.years, batch.targets, len(batch)
    _refuse_future_years(batch, as_of)
    emissions_t = _emissions_t(years)
    reported = ~np.isnan(emissions_t)
    latest_row = _last_row(reported, years.owner, n)

    revenue_wan = years.revenue * years.cny_per_unit / CNY_PER_WAN
    intensity_row = _last_row(reported & (revenue_wan > 0), years.owner, n)
    intensity = _at(emissions_t / np.where(revenue_wan > 0, revenue_wan, np.nan), intensity_row)

    same_kind = years.scope2_kind == _at_codes(years.scope2_kind, latest_row)[years.owner]
    trend_rows = reported & same_kind
    log_t = np.log10(emissions_t)
    trend_years = np.bincount(years.owner[trend_rows], minlength=n)
    slope = _slopes(years.owner[trend_rows], years.year[trend_rows], log_t[trend_rows], n)

    past_rows = (targets.target_year > 0) & (targets.target_year < as_of.year)
    steps = np.where(past_rows, NO_ROW, _target_steps(targets))
    target_row = _best_row(steps, targets, n)
    plans = np.where(past_rows | (steps == _STEP["none"]), NO_ROW, _PLAN_STEP_OF_STATUS[targets.status])
    plan_row = _best_row(plans, targets, n)

    return Measures(
        emissions_t=emissions_t,
        latest_row=latest_row,
        intensity_row=intensity_row,
        intensity=intensity,
        trend_rows=trend_rows,
        other_scope2_rows=reported & ~same_kind,
        jump_rows=_jumps(trend_rows, years.owner, log_t, parameters.jump_log10),
        trend_years=trend_years,
        slope_log10=np.where(trend_years >= parameters.min_years, slope, np.nan),
        past_rows=past_rows,
        target_row=target_row,
        target_step=_at_codes(steps, target_row),
        plan_row=plan_row,
        plan_step=_at_codes(plans, plan_row),
        rung_step=_rung_steps(years, latest_row),
    )


def _refuse_future_years(batch: Inputs, as_of: date) -> None:
    rows = np.flatnonzero(batch.years.year > as_of.year)
    if len(rows):
        raise FutureYear(
            f"year after as_of {as_of.isoformat()}",
            value=int(batch.years.year[rows[0]]),
            company_key=batch.company_key[batch.years.owner[rows[0]]],
        )


def _emissions_t(years: YearColumns) -> Floats:
    """Scope 1 + 2. Zero and zero is below a register's threshold or no report, so it is missing."""
    total_t: Floats = years.scope1_t + years.scope2_t
    return np.where(total_t > 0, total_t, np.nan)


def _last_row(wanted: Bools, owner: Ints, n: int) -> Ints:
    last = np.full(n, NO_ROW, dtype=np.int64)
    rows = np.flatnonzero(wanted)
    np.maximum.at(last, owner[rows], rows)
    return last


def _at(column: Floats, rows: Ints) -> Floats:
    out = np.full(len(rows), np.nan)
    found = rows != NO_ROW
    out[found] = column[rows[found]]
    return out


def _at_codes(column: Ints, rows: Ints) -> Ints:
    out = np.full(len(rows), NO_ROW, dtype=np.int64)
    found = rows != NO_ROW
    out[found] = column[rows[found]]
    return out


def _slopes(owner: Ints, year: Ints, log_t: Floats, n: int) -> Floats:
    """Ordinary least squares per company: Σ(t − t̄)(y − ȳ) / Σ(t − t̄)²; NaN where all rows are one year."""
    count = np.maximum(np.bincount(owner, minlength=n), 1)
    t = year - (np.bincount(owner, year, minlength=n) / count)[owner]
    y = log_t - (np.bincount(owner, log_t, minlength=n) / count)[owner]
    spread = np.bincount(owner, t * t, minlength=n)
    slope: Floats = np.bincount(owner, t * y, minlength=n) / np.where(spread > 0, spread, np.nan)
    return slope


def _jumps(trend_rows: Bools, owner: Ints, log_t: Floats, limit: float) -> Bools:
    jumps = np.zeros(len(owner), dtype=np.bool_)
    rows = np.flatnonzero(trend_rows)
    before, after = rows[:-1], rows[1:]
    jumps[after] = (owner[before] == owner[after]) & (np.abs(log_t[after] - log_t[before]) > limit)
    return jumps


def _target_steps(targets: TargetColumns) -> Ints:
    """The step each target stands on, as if its year were not past."""
    validated = np.isin(targets.validated, _CLIMATE_VALIDATED)
    dated = targets.target_year > 0
    figures = (
        dated
        & (targets.reduction_share > 0)
        & (targets.base_year > 0)
        & (targets.base_year < targets.target_year)  # a base year after the target is a slip: figures do not count
    )
    complete = figures & (validated | (targets.scope3 == SCOPE3_COVERS.index("yes")))
    none = targets.kind == TARGET_KINDS.index("none")
    # A year in mere words may be anybody's: a text that cites its government's 2050 is no target of the company's.
    words = (targets.kind == TARGET_KINDS.index("words_only")) & ~validated
    return np.select(
        [none, words, complete, figures | validated, dated],
        [_STEP["none"], _STEP["words"], _STEP["complete"], _STEP["measurable"], _STEP["year"]],
        default=_STEP["words"],
    ).astype(np.int64)


def _best_row(steps: Ints, targets: TargetColumns, n: int) -> Ints:
    """Highest step; among equals the earliest target year, then the record's order."""
    year = np.where(targets.target_year > 0, targets.target_year, 9999)
    best_first = np.lexsort((year, -steps, targets.owner))
    best_first = best_first[steps[best_first] != NO_ROW]
    owners, first = np.unique(targets.owner[best_first], return_index=True)
    rows = np.full(n, NO_ROW, dtype=np.int64)
    rows[owners] = best_first[first]
    return rows


def _rung_steps(years: YearColumns, latest_row: Ints) -> Ints:
    """Step 1 (verified) for rung 1, step 0 for rung 2."""
    rung = _at_codes(years.rung, latest_row)
    return np.where(rung == NO_ROW, NO_ROW, 2 - rung)
