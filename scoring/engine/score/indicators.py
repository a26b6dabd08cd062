"""What demo-0 measures about each company, before any goalpost, staircase or weight.

Sums run per company in the order of its own rows (`np.bincount`), never across companies, so that a company's
bits do not depend on who else is in the batch.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.inputs import STATUSES, Inputs, TargetColumns, YearColumns
from scoring.engine.score.measured import CNY_PER_WAN as CNY_PER_WAN
from scoring.engine.score.measured import NO_ROW as NO_ROW
from scoring.engine.score.measured import (
    codes_at,
    emissions_of,
    jumps_of,
    last_row,
    refuse_future_years,
    slopes_of,
    target_steps,
    values_at,
)
from scoring.engine.score.methodology import STAIRCASES, Parameters

LN_10 = float(np.log(10.0))

_STEP = {word: step for step, word in enumerate(STAIRCASES["target"])}
_PLAN_STEP_OF_STATUS = np.array(
    [STAIRCASES["plan"].index(word) if word in STAIRCASES["plan"] else NO_ROW for word in STATUSES], dtype=np.int64
)


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
    refuse_future_years(batch, as_of)
    emissions_t = emissions_of(years)
    reported = ~np.isnan(emissions_t)
    latest_row = last_row(reported, years.owner, n)

    revenue_wan = years.revenue * years.cny_per_unit / CNY_PER_WAN
    intensity_row = last_row(reported & (revenue_wan > 0), years.owner, n)
    intensity = values_at(emissions_t / np.where(revenue_wan > 0, revenue_wan, np.nan), intensity_row)

    same_kind = years.scope2_kind == codes_at(years.scope2_kind, latest_row)[years.owner]
    trend_rows = reported & same_kind
    log_t = np.log10(emissions_t)
    trend_years = np.bincount(years.owner[trend_rows], minlength=n)
    slope = slopes_of(years.owner[trend_rows], years.year[trend_rows], log_t[trend_rows], n)

    past_rows = (targets.target_year > 0) & (targets.target_year < as_of.year)
    steps = np.where(past_rows, NO_ROW, target_steps(targets))
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
        jump_rows=jumps_of(trend_rows, years.owner, log_t, parameters.jump_log10),
        trend_years=trend_years,
        slope_log10=np.where(trend_years >= parameters.min_years, slope, np.nan),
        past_rows=past_rows,
        target_row=target_row,
        target_step=codes_at(steps, target_row),
        plan_row=plan_row,
        plan_step=codes_at(plans, plan_row),
        rung_step=_rung_steps(years, latest_row),
    )


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
    rung = codes_at(years.rung, latest_row)
    return np.where(rung == NO_ROW, NO_ROW, 2 - rung)
