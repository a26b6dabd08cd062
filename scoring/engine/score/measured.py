"""What is measured of every company, candidate or peer: emissions, their trend, targets in degrees, 3060. No score.

Sums run per company in the order of its own rows (`np.bincount`), never across companies, so that a company's bits do
not depend on who else is in the batch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.errors import FutureYear
from scoring.engine.inputs import (
    BOUNDARIES,
    SCOPE2_KINDS,
    SCOPE3_COVERS,
    TARGET_KINDS,
    VALIDATIONS,
    Inputs,
    TargetColumns,
    YearColumns,
)
from scoring.engine.pathways.alignment import Alignment, align
from scoring.engine.pathways.china import ANSWERS, ChinaMilestones, ChinaTest, china_test
from scoring.engine.pathways.paths import STEP, Points, company_paths
from scoring.engine.score.record import MeasuredRecord, Step
from scoring.engine.temperature.inputs import (
    NONE,
    S1S2,
    TIME_FRAMES,
    TemperatureCompanies,
    TemperatureTargets,
)
from scoring.engine.temperature.methods import TemperatureMethod
from scoring.engine.temperature.score import score as temperature_score
from scoring.engine.temperature.scores import TemperatureScores
from scoring.engine.temperature.thin_targets import ThinCompany, thin_company

if TYPE_CHECKING:
    from scoring.engine.score.bars.assisted import EstimateRecord
    from scoring.engine.score.company_paths import PathwayReference

CNY_PER_WAN = 10_000.0  # 1 万元
NO_ROW = -1
TARGET_STEPS = ("none", "words", "year", "measurable", "complete")
_STEP = {word: step for step, word in enumerate(TARGET_STEPS)}
_CLIMATE_VALIDATED = [VALIDATIONS.index("1.5c"), VALIDATIONS.index("well_below_2c")]
# Targets that are of tonnes, so that a path of tonnes can be held against them.
_OF_TONNES = [TARGET_KINDS.index(word) for word in ("absolute", "net_zero", "carbon_neutral", "unspecified_reduction")]
PREFERRED = tuple(TIME_FRAMES.index(word) for word in ("mid", "short", "long"))  # the first that stands on a target


@dataclass(frozen=True)
class MeasuredRules:
    """What the measured part stands on besides the records: nothing of it decides who clears a bar."""

    temperature: TemperatureMethod | None = None  # None: no degrees of targets
    milestones: ChinaMilestones = field(default_factory=ChinaMilestones)
    pathways: PathwayReference | None = None  # None: no degrees of the trajectory
    jump_log10: float = 1.0  # a tenfold step between neighbouring years is for a person to look at


@dataclass(frozen=True, eq=False)
class Measured:
    """Shape (n,), or of the year rows where it says so. NaN is missing; changes are shares a year."""

    batch: Inputs
    emissions_t: Floats  # (year rows,)
    latest_row: Ints
    intensity_row: Ints
    intensity: Floats  # t per 10,000 yuan
    trend_rows: Bools  # (year rows,): one kind of scope 2, that of the latest year
    other_scope2_rows: Bools  # (year rows,)
    steps: Floats  # (year rows,): the tonnes over those of the year of the trend before; 1 of the first
    jump_rows: Bools  # (year rows,)
    emissions_slope: Floats  # of ln tonnes a year; NaN below two years
    intensity_slope: Floats  # NaN too where tonnes and revenue are not of the same years and the same boundary
    revenue_slope: Floats  # likewise
    degrees: TargetDegrees | None
    goals: ChinaTest
    alignment: Alignment | None
    past_targets: Bools  # (target rows,)

    def record(self, i: int, estimate: EstimateRecord | None = None) -> MeasuredRecord:
        """Of company `i`, with all digits: the whole record is rounded at once."""
        years, row = self.batch.years, int(self.latest_row[i])
        rows = range(int(years.start[i]), int(years.start[i + 1]))
        used = [one for one in rows if self.trend_rows[one]]
        step = self._step(used)
        found: MeasuredRecord = {
            "data_year": None if row == NO_ROW else int(years.year[row]),
            "emissions_t": None if row == NO_ROW else float(self.emissions_t[row]),
            "scope2_kind": None if row == NO_ROW else SCOPE2_KINDS[years.scope2_kind[row]],
            "boundary": None if row == NO_ROW else BOUNDARIES[years.boundary[row]],
            "rung": None if row == NO_ROW else int(years.rung[row]),
            "intensity": _told(self.intensity[i]),
            "years": len(used),
            "first_year": int(years.year[used[0]]) if used else None,
            "change_per_year": None if step else _told(np.expm1(self.emissions_slope[i])),
            "intensity_change_per_year": None if step else _told(np.expm1(self.intensity_slope[i])),
            "revenue_change_per_year": _told(np.expm1(self.revenue_slope[i])),
            "temperature_c": self.degrees.temperature_c(i) if self.degrees else None,
            "time_frame": self.degrees.frame(i) if self.degrees else None,
            "pathway_c": None if step else self._pathway_c(i),
            "goals": {"peak": ANSWERS[self.goals.peak[i]], "net_zero": ANSWERS[self.goals.net_zero[i]]},
            "flags": self._flags(i, rows, used),
            "estimate": None if estimate is None else dict(estimate),
            "sources": sorted({years.disclosure[one] for one in {*used, *([] if row == NO_ROW else [row])}}),
        }
        if self.degrees:
            found["temperature_edition"] = self.degrees.scores.method.edition.name
        if step:
            found["step"] = step
        return found

    def _step(self, used: list[int]) -> Step | None:
        """The largest above STEP between neighbouring years of the trend: another boundary or unit before a change."""
        sizes = [max(self.steps[one], 1 / self.steps[one]) for one in used]
        if max(sizes, default=1.0) <= STEP:
            return None
        row = used[sizes.index(max(sizes))]
        return {"year": int(self.batch.years.year[row]), "times": float(self.steps[row])}

    def history(self) -> Points:
        """Scope 1 + 2 of the years of the trend."""
        return _history(self.batch.years, self.trend_rows, self.emissions_t, len(self.batch))

    def _pathway_c(self, i: int) -> float | None:
        if self.alignment is None or np.isnan(self.alignment.temperatures.trajectory_c[i]):
            return None
        return float(self.alignment.temperatures.trajectory_c[i])

    def _flags(self, i: int, rows: range, used: list[int]) -> list[str]:
        years, targets, row = self.batch.years, self.batch.targets, int(self.latest_row[i])
        flags = {"sector_unmapped"} if self.batch.sector[i] is None else set()
        flags |= {"zero_emissions" for one in rows if years.scope1_t[one] == 0 == years.scope2_t[one]}
        flags |= {"jump" for one in used if self.jump_rows[one]}
        flags |= {"scope2_kind_changed" for one in rows if self.other_scope2_rows[one]}
        flags |= {"target_past" for one in range(targets.start[i], targets.start[i + 1]) if self.past_targets[one]}
        if row != NO_ROW:
            if (boundary := BOUNDARIES[years.boundary[row]]) != "matched":
                flags.add(f"boundary_{boundary}")
            if NO_ROW != self.intensity_row[i] != row:
                flags.add("not_latest_year")
            flags |= {f"zero_scope_{n}" for n, column in ((1, years.scope1_t), (2, years.scope2_t)) if column[row] == 0}
            doubts = self.batch.records[i]["years"][row - rows.start].get("doubts", [])
        else:
            features = self.batch.features[i]
            doubts = features.get("doubts", []) if features else []
        return sorted(flags | {f"{subject}_doubtful" for subject in doubts})


def measure_all(batch: Inputs, as_of: date, rules: MeasuredRules | None = None) -> Measured:
    """What is measured of each company of a batch. Raises FutureYear for a company-year after `as_of`."""
    rules = rules or MeasuredRules()
    refuse_future_years(batch, as_of)
    years, n = batch.years, len(batch)
    emissions_t = emissions_of(years)
    reported = ~np.isnan(emissions_t)
    latest_row = last_row(reported, years.owner, n)
    revenue_wan = years.revenue * years.cny_per_unit / CNY_PER_WAN
    has_revenue = revenue_wan > 0
    intensity = emissions_t / np.where(has_revenue, revenue_wan, np.nan)
    intensity_row = last_row(reported & has_revenue, years.owner, n)
    same_kind = years.scope2_kind == codes_at(years.scope2_kind, latest_row)[years.owner]
    trend_rows = reported & same_kind

    def slope(rows: Bools, values: Floats) -> Floats:
        logs = np.log(values[rows])
        return slopes_of(years.owner[rows], years.year[rows], logs, n)

    boundary_agrees = years.boundary == BOUNDARIES.index("matched")
    beside_revenue = trend_rows & has_revenue & boundary_agrees
    left_out = np.bincount(years.owner[trend_rows & ~beside_revenue], minlength=n)
    compared_rows = beside_revenue & (left_out == 0)[years.owner]
    steps = steps_of(trend_rows, years.owner, emissions_t)
    history = _history(years, trend_rows, emissions_t, n)
    paths = company_paths(history, batch.targets, as_of)
    alignment = None
    if rules.pathways:
        reference = rules.pathways
        sectors = [reference.benchmark_sector.get(sector or "") for sector in batch.sector]
        alignment = align(paths, [reference.benchmarks.find(sector, reference.scenario) for sector in sectors])
    return Measured(
        batch=batch,
        emissions_t=emissions_t,
        latest_row=latest_row,
        intensity_row=intensity_row,
        intensity=values_at(intensity, intensity_row),
        trend_rows=trend_rows,
        other_scope2_rows=reported & ~same_kind,
        steps=steps,
        jump_rows=np.abs(np.log10(steps)) > rules.jump_log10,
        emissions_slope=slope(trend_rows, emissions_t),
        intensity_slope=slope(compared_rows, intensity),
        revenue_slope=slope(compared_rows, revenue_wan),
        degrees=target_degrees(batch, rules.temperature, as_of) if rules.temperature else None,
        goals=china_test(paths, rules.milestones),
        alignment=alignment,
        past_targets=(batch.targets.target_year > 0) & (batch.targets.target_year < as_of.year),
    )


def plan_stairs(measured: Measured) -> list[str | None]:
    """The step of each company's plan, in PLAN_STAIR; None where nothing is told of any target.

    *measurable*: a share above zero and an earlier base year, or validated by the SBTi. *on_track*: measurable, in
    tonnes, with its base year among the years of the trend, and the trend in the latest year at or below the straight
    line from the base year to the target. No archived fact says that a plan is costed.
    """
    batch, targets = measured.batch, measured.batch.targets
    steps = target_steps(targets)
    counts = ~measured.past_targets
    on_track = _on_track(measured) & counts & (steps >= _STEP["measurable"])
    found: list[str | None] = []
    for i in range(len(batch)):
        rows = slice(int(targets.start[i]), int(targets.start[i + 1]))
        mine = steps[rows][counts[rows]]
        if not len(mine):
            found.append(None)
        elif on_track[rows].any():
            found.append("on_track")
        elif mine.max() >= _STEP["measurable"]:
            found.append("measurable")
        else:
            found.append("pledge" if mine.max() > _STEP["none"] else "none")
    return found


def _on_track(measured: Measured) -> Bools:
    """(target rows,): is the trend at or below the straight line?"""
    years, targets = measured.batch.years, measured.batch.targets
    found = np.zeros(len(targets.owner), dtype=np.bool_)
    of_tonnes = np.isin(targets.kind, _OF_TONNES) & (targets.reduction_share > 0) & (targets.base_year > 0)
    for one in np.flatnonzero(of_tonnes & (targets.base_year < targets.target_year)):
        i, base_year = int(targets.owner[one]), int(targets.base_year[one])
        rows = [row for row in range(years.start[i], years.start[i + 1]) if measured.trend_rows[row]]
        base = [row for row in rows if years.year[row] == base_year]
        latest = int(measured.latest_row[i])
        if not base or len(rows) < 2 or years.year[latest] <= base_year:
            continue
        logs = np.log(measured.emissions_t[rows])
        middle = float(np.mean(years.year[rows]))
        trend_t = np.exp(logs.mean() + measured.emissions_slope[i] * (years.year[latest] - middle))
        passed = (years.year[latest] - base_year) / (targets.target_year[one] - base_year)
        found[one] = trend_t <= measured.emissions_t[base[0]] * (1.0 - targets.reduction_share[one] * passed)
    return found


# --- targets in degrees -------------------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class TargetDegrees:
    """What targets promise, shape (n,): scopes 1 and 2 of the first of PREFERRED that stands on a target."""

    time_frame: Ints  # or NONE
    scores: TemperatureScores
    thin: tuple[ThinCompany, ...]

    @cached_property
    def degrees_c(self) -> Floats:
        """Of NONE the fallback, which is no promise."""
        found: Floats = self.scores.score_c[np.arange(len(self.thin)), np.maximum(self.time_frame, 0), S1S2]
        return found

    def temperature_c(self, i: int) -> float | None:
        return None if self.time_frame[i] == NONE else float(self.degrees_c[i])

    def frame(self, i: int) -> str | None:
        return None if self.time_frame[i] == NONE else TIME_FRAMES[self.time_frame[i]]


def target_degrees(batch: Inputs, method: TemperatureMethod, as_of: date) -> TargetDegrees:
    thin = tuple(thin_company(record) for record in batch.records)
    companies = TemperatureCompanies.from_records([one.facts for one in thin])
    rows = [row for one in thin for target in one.targets for row in target.facts]
    scores = temperature_score(companies, TemperatureTargets.from_records(rows, companies), method, as_of)
    stands = scores.default_share[:, :, S1S2] < 1
    time_frame = np.full(len(batch), NONE, dtype=np.int64)
    for frame in reversed(PREFERRED):
        time_frame[stands[:, frame]] = frame
    return TargetDegrees(time_frame, scores, thin)


# --- rows ---------------------------------------------------------------------------------------------------------
def refuse_future_years(batch: Inputs, as_of: date) -> None:
    rows = np.flatnonzero(batch.years.year > as_of.year)
    if len(rows):
        raise FutureYear(
            f"year after as_of {as_of.isoformat()}",
            value=int(batch.years.year[rows[0]]),
            company_key=batch.company_key[batch.years.owner[rows[0]]],
        )


def emissions_of(years: YearColumns) -> Floats:
    """Scope 1 + 2. Zero and zero is below a register's threshold or no report, so it is missing."""
    total_t: Floats = years.scope1_t + years.scope2_t
    return np.where(total_t > 0, total_t, np.nan)


def _history(years: YearColumns, rows: Bools, emissions_t: Floats, n: int) -> Points:
    return Points.build(years.owner[rows], years.year[rows], emissions_t[rows], n)


def last_row(wanted: Bools, owner: Ints, n: int) -> Ints:
    last = np.full(n, NO_ROW, dtype=np.int64)
    rows = np.flatnonzero(wanted)
    np.maximum.at(last, owner[rows], rows)
    return last


def values_at(column: Floats, rows: Ints) -> Floats:
    out = np.full(len(rows), np.nan)
    found = rows != NO_ROW
    out[found] = column[rows[found]]
    return out


def codes_at(column: Ints, rows: Ints) -> Ints:
    out = np.full(len(rows), NO_ROW, dtype=np.int64)
    found = rows != NO_ROW
    out[found] = column[rows[found]]
    return out


def slopes_of(owner: Ints, year: Ints, log_t: Floats, n: int) -> Floats:
    """Ordinary least squares per company: Σ(t − t̄)(y − ȳ) / Σ(t − t̄)²; NaN where all rows are one year."""
    count = np.maximum(np.bincount(owner, minlength=n), 1)
    t = year - (np.bincount(owner, year, minlength=n) / count)[owner]
    y = log_t - (np.bincount(owner, log_t, minlength=n) / count)[owner]
    spread = np.bincount(owner, t * t, minlength=n)
    slope: Floats = np.bincount(owner, t * y, minlength=n) / np.where(spread > 0, spread, np.nan)
    return slope


def steps_of(trend_rows: Bools, owner: Ints, tonnes: Floats) -> Floats:
    """(year rows,): what each year of the trend is of the one before it; 1 where there is none."""
    steps = np.ones(len(owner))
    rows = np.flatnonzero(trend_rows)
    before, after = rows[:-1], rows[1:]
    steps[after] = np.where(owner[before] == owner[after], tonnes[after] / tonnes[before], 1.0)
    return steps


def target_steps(targets: TargetColumns) -> Ints:
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


def _told(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)
