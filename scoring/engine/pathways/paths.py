"""Where a company's emissions come from and go to: history, trend, stated targets, and what a benchmark leaves it.

Sources: Sectoral Decarbonization Approach and absolute contraction (Science Based Targets initiative); yearly sums and
the bounds of a trend as in ITR 1.1.10 (os-climate). Formulas with worked examples: docs/reference/method.md.
Columns are companies; matrices are (companies, years), NaN where a path has no value. Nothing is added up across
companies, so a company alone and in a batch gets the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.special import stdtrit

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.errors import DuplicateYear, FutureYear, NegativeAmount, NotFinite, OutOfRange, WrongShape
from scoring.engine.inputs import TARGET_KINDS, TargetColumns

NONE = -1
STEP = 2.0  # between two reported years: more is another company than before

# Why a part is not available; position 0 says that it is.
TRAJECTORY_REASONS = ("", "no_history", "one_year_only", "too_few_years")
TARGET_REASONS = ("", "no_history", "no_target_record", "no_usable_target")
# What became of a target; position 0 says that it is a point of the path.
TARGET_OUTCOMES = (
    "used",
    "no_history",
    "past",
    "words_only",
    "intensity_needs_output",
    "no_year",
    "no_reduction",
    "no_base_year",
    "base_year_after_target_year",
    "base_year_not_reported",
    "looser_than_another",
)
_ZERO = tuple(TARGET_KINDS.index(kind) for kind in ("net_zero", "carbon_neutral"))
_WORDS = tuple(TARGET_KINDS.index(kind) for kind in ("other", "words_only", "none"))
_INTENSITY = TARGET_KINDS.index("intensity")
_UNSPECIFIED = TARGET_KINDS.index("unspecified_reduction")
_NEUTRAL = TARGET_KINDS.index("carbon_neutral")


@dataclass(frozen=True)
class ContractionRates:
    """Absolute contraction, share of base-year emissions a year, linear (Science Based Targets initiative)."""

    share_per_year_1_5c: float = 0.042
    share_per_year_well_below_2c: float = 0.025


@dataclass(frozen=True)
class PathwayParameters:
    """Bounds of a trend are those of ITR 1.1.10, a projection of decades must not live on one odd year."""

    min_years: int = 3  # of history for a trajectory
    steepest_change: float = -0.10  # share a year
    highest_change: float = 0.03
    interval: float = 0.90  # of the trend, for the fan
    base_year_window: int = 3  # years that a base year may lie from the nearest reported one
    last_year: int = 2060  # of the paths


def aca_allowed_t(base_t: float, years: float, rate_per_year: float) -> float:
    """Absolute contraction: base · (1 − rate · years), never below zero. Raises OutOfRange or NegativeAmount."""
    if not 0 <= rate_per_year <= 1:
        raise OutOfRange("a rate a year is a share from 0 to 1", value=rate_per_year)
    if base_t < 0 or years < 0:
        raise NegativeAmount("base emissions and years must not be negative", value=(base_t, years))
    return base_t * max(0.0, 1.0 - rate_per_year * years)


def sda_intensity(
    own_base: float, sector_base: float, sector_year: float, sector_end: float, market_share_parameter: float = 1.0
) -> float:
    """Convergence of one year: I = d · p · m + SI_end.

    d = own_base − SI_end and p = (SI_year − SI_end) / (SI_base − SI_end), as in the Sectoral Decarbonization Approach;
    m is the company's share of the sector's output in the base year over that in the year. All intensities in one unit.
    Raises OutOfRange where the sector does not change, so that p does not exist.
    """
    if sector_base == sector_end:
        raise OutOfRange("a sector that stands still gives nothing to converge with", value=sector_base)
    p = (sector_year - sector_end) / (sector_base - sector_end)
    return (own_base - sector_end) * p * market_share_parameter + sector_end


def sda_path(own_base: float, sector: Sequence[float], market_share_parameters: Sequence[float] = ()) -> list[float]:
    """Convergence for every year of a sector's path, from its first (the base) to its last (the end)."""
    shares = market_share_parameters or [1.0] * len(sector)
    return [
        sda_intensity(own_base, sector[0], value, sector[-1], share)
        for value, share in zip(sector, shares, strict=True)
    ]


def adjusted_scenario(market_average: float, scenario: Sequence[float]) -> list[float]:
    """A scenario scaled to start at the market's own average: average · scenario(t) / scenario(first)."""
    if scenario[0] <= 0:
        raise OutOfRange("a scenario to scale must start above zero", value=scenario[0])
    return [market_average * value / scenario[0] for value in scenario]


@dataclass(frozen=True, eq=False)
class Points:
    """Yearly tonnes of companies, shape (rows,), by company and ascending year; each company-year once."""

    owner: Ints
    year: Ints
    tonnes: Floats
    companies: int

    @classmethod
    def build(cls, owner: Ints, year: Ints, tonnes: Floats, companies: int) -> Points:
        """Sorts and leaves out what is missing (NaN). Raises WrongShape, NotFinite, NegativeAmount or DuplicateYear."""
        if not len(owner) == len(year) == len(tonnes):
            raise WrongShape("columns of unequal length", value=(len(owner), len(year), len(tonnes)))
        if np.isinf(tonnes).any():
            raise NotFinite("tonnes must be finite", value=float(tonnes[np.isinf(tonnes)][0]))
        if (tonnes < 0).any():
            raise NegativeAmount("tonnes must not be negative", value=float(tonnes[tonnes < 0][0]))
        keep = np.flatnonzero(~np.isnan(tonnes))
        order = keep[np.lexsort((year[keep], owner[keep]))]
        found = cls(owner[order], year[order], tonnes[order], companies)
        twice = np.flatnonzero((np.diff(found.owner) == 0) & (np.diff(found.year) == 0))
        if len(twice):
            raise DuplicateYear("a year twice for one company", value=int(found.year[twice[0]]))
        return found

    def count(self) -> Ints:
        return np.bincount(self.owner, minlength=self.companies)

    def last_row(self) -> Ints:
        """Row of each company's latest year, or NONE."""
        rows = np.full(self.companies, NONE, dtype=np.int64)
        rows[self.owner] = np.arange(len(self.owner))
        return rows

    def at_row(self, rows: Ints) -> tuple[Ints, Floats]:
        """Year and tonnes at rows; 0 and NaN for NONE."""
        there = rows != NONE
        year = np.where(there, np.append(self.year, 0)[rows], 0)
        return year, np.where(there, np.append(self.tonnes, np.nan)[rows], np.nan)

    def interpolated(self, years: Ints, hold_last: bool = False) -> Floats:
        """(companies, years), linear between points; NaN outside, or the last point's value after it."""
        before, after = self._neighbours(np.arange(self.companies)[:, None], years[None, :])
        year_before, tonnes_before = self.at_row(before)
        year_after, tonnes_after = self.at_row(after)
        gap = np.where(year_after > year_before, year_after - year_before, 1)
        path = tonnes_before + (tonnes_after - tonnes_before) * ((years[None, :] - year_before) / gap)
        if hold_last:
            path = np.where(after == NONE, tonnes_before, path)
        return path

    def nearest(self, owner: Ints, year: Ints, window: int) -> tuple[Ints, Floats]:
        """Year and tonnes of the point nearest to a year, at most `window` away, of two the earlier; else 0, NaN.

        The latter also where the year lies in a step of more than STEP between two points of the window: nobody knows
        on which side.
        """
        before, after = self._neighbours(owner, year)
        far = window + 1
        year_before, tonnes_before = self.at_row(before)
        year_after, tonnes_after = self.at_row(after)
        to_before = np.where(before == NONE, far, year - year_before)
        to_after = np.where(after == NONE, far, year_after - year)
        row = np.where(to_before <= to_after, before, after)
        nearest = np.minimum(to_before, to_after)
        steps = np.maximum(tonnes_before, tonnes_after) > STEP * np.minimum(tonnes_before, tonnes_after)
        in_a_step = steps & (nearest > 0) & (np.maximum(to_before, to_after) <= window)
        return self.at_row(np.where((nearest <= window) & ~in_a_step, row, NONE))

    def _neighbours(self, owner: Ints, year: Ints) -> tuple[Ints, Ints]:
        """Rows of the latest point not after, and of the earliest not before, a company's year; or NONE."""
        keys, wanted = self.owner * 10_000 + self.year, owner * 10_000 + year
        after = np.searchsorted(keys, wanted, "left")
        before = np.searchsorted(keys, wanted, "right") - 1
        owners = np.append(self.owner, NONE)  # the row past the end, and the one before the start, belong to nobody
        return np.where(owners[before] == owner, before, NONE), np.where(owners[after] == owner, after, NONE)


@dataclass(frozen=True, eq=False)
class Trends:
    """ln(tonnes) against the year, least squares, shape (companies,); NaN below `min_years` of history."""

    measured: Floats  # per year, natural logarithm
    slope: Floats  # the same, winsorised to the bounds
    low: Floats  # of the interval, winsorised likewise
    high: Floats
    years: Ints  # of history
    winsorised: Bools


def trends(history: Points, parameters: PathwayParameters) -> Trends:
    """Slopes and their t-intervals. The interval is that of the slope alone, not of single years around it."""
    n, owner = history.companies, history.owner
    count = history.count()
    y = np.log(np.where(history.tonnes > 0, history.tonnes, np.nan))
    divisor = np.maximum(count, 1)
    t = history.year - (np.bincount(owner, history.year, minlength=n) / divisor)[owner]
    y = y - (np.bincount(owner, y, minlength=n) / divisor)[owner]
    enough = count >= max(parameters.min_years, 3)
    spread = np.where(enough, np.bincount(owner, t * t, minlength=n), np.nan)
    measured = np.bincount(owner, t * y, minlength=n) / spread
    rest = np.bincount(owner, (y - measured[owner] * t) ** 2, minlength=n)
    error = np.sqrt(rest / np.maximum(count - 2, 1) / spread)
    half = stdtrit(np.maximum(count - 2, 1), (1 + parameters.interval) / 2) * error
    bounds = np.log1p(parameters.steepest_change), np.log1p(parameters.highest_change)
    return Trends(
        measured=measured,
        slope=np.clip(measured, *bounds),
        low=np.clip(measured - half, *bounds),
        high=np.clip(measured + half, *bounds),
        years=count,
        winsorised=(measured < bounds[0]) | (measured > bounds[1]),
    )


@dataclass(frozen=True, eq=False)
class TargetPoints:
    """The points that stated targets put on a path; outcome columns have shape (target rows,)."""

    points: Points
    outcome: Ints  # in TARGET_OUTCOMES
    level_t: Floats  # what the target says; NaN where it says no tonnes
    base_year_used: Ints  # 0 where none is needed or found
    type_assumed: Bools  # a reduction of unstated kind, read as absolute
    neutral: Bools  # carbon neutrality, read as net zero
    line_assumed: Bools  # net zero or neutrality without a percentage
    already_met: Bools  # the latest emissions are lower still: the path stays there


def target_points(targets: TargetColumns, history: Points, as_of: date, window: int) -> TargetPoints:
    """Net zero and carbon neutrality are zero tonnes; a reduction counts from the reported year nearest to its base.

    Two targets of one year count as the stricter one, and a later target never undoes an earlier one. A target is
    taken to cover all of scope 1 + 2.
    """
    latest_year, latest_t = history.at_row(history.last_row())
    owner, year = targets.owner, targets.target_year
    zero = np.isin(targets.kind, _ZERO)
    base_year, base_t = history.nearest(owner, targets.base_year, window)
    base_year = np.where(zero | (targets.base_year == 0), 0, base_year)
    stated = np.where(zero, 0.0, np.where(base_year > 0, base_t, np.nan) * (1.0 - targets.reduction_share))
    outcome = np.select(
        [
            latest_year[owner] == 0,
            (year > 0) & ((year < as_of.year) | (year <= latest_year[owner])),
            np.isin(targets.kind, _WORDS),
            targets.kind == _INTENSITY,
            year == 0,
            zero,
            np.isnan(targets.reduction_share),
            targets.base_year == 0,
            targets.base_year >= year,
            base_year == 0,
        ],
        [TARGET_OUTCOMES.index(word) for word in (*TARGET_OUTCOMES[1:6], "used", *TARGET_OUTCOMES[6:10])],
        default=0,
    ).astype(np.int64)
    level = np.minimum(stated, latest_t[owner])
    rows = np.flatnonzero(outcome == 0)
    rows = rows[np.lexsort((level[rows], year[rows], owner[rows]))]
    strictest: dict[int, float] = {}
    last_used: dict[int, int] = {}
    for row, company, when, tonnes in zip(
        rows.tolist(), owner[rows].tolist(), year[rows].tolist(), level[rows].tolist(), strict=True
    ):
        if last_used.get(company) == when or tonnes > strictest.get(company, np.inf):
            outcome[row] = TARGET_OUTCOMES.index("looser_than_another")
            continue
        strictest[company], last_used[company] = tonnes, when
    rows = np.flatnonzero(outcome == 0)
    used = outcome == 0
    return TargetPoints(
        points=Points.build(owner[rows], year[rows], level[rows], history.companies),
        outcome=outcome,
        level_t=np.where(used, level, np.nan),
        base_year_used=np.where(used, base_year, 0),
        type_assumed=used & (targets.kind == _UNSPECIFIED),
        neutral=used & (targets.kind == _NEUTRAL),
        line_assumed=used & zero & np.isnan(targets.reduction_share),
        already_met=used & (stated > latest_t[owner]),
    )


@dataclass(frozen=True, eq=False)
class CompanyPaths:
    """Paths of a batch over `years`; matrices have shape (companies, years)."""

    years: Ints
    history: Points
    trend: Trends
    targets: TargetPoints
    latest_year: Ints  # 0 without history
    history_t: Floats  # reported years alone
    trajectory_t: Floats  # history, gaps filled linearly, then the trend
    low_t: Floats  # from the latest year on: the trend's interval
    high_t: Floats
    target_t: Floats  # history, then linear between the stated points, the last one held
    trajectory_reason: Ints  # in TRAJECTORY_REASONS
    target_reason: Ints  # in TARGET_REASONS


def company_paths(
    history: Points, targets: TargetColumns, as_of: date, parameters: PathwayParameters | None = None
) -> CompanyPaths:
    """All paths of a batch. Zero tonnes in a history count as missing. Raises FutureYear for a year after `as_of`."""
    parameters = parameters or PathwayParameters()
    history = Points.build(
        history.owner, history.year, np.where(history.tonnes > 0, history.tonnes, np.nan), history.companies
    )
    if len(history.year) and history.year.max() > as_of.year:
        raise FutureYear(f"year after as_of {as_of.isoformat()}", value=int(history.year.max()))
    first = int(history.year.min()) if len(history.year) else as_of.year
    years = np.arange(first, parameters.last_year + 1)
    latest_year, latest_t = history.at_row(history.last_row())
    past = history.interpolated(years)
    ahead = years[None, :] - latest_year[:, None]

    def projected(slope: Floats) -> Floats:
        return latest_t[:, None] * np.exp(slope[:, None] * ahead)

    trend = trends(history, parameters)
    has_trend = ~np.isnan(trend.slope)[:, None]
    points = target_points(targets, history, as_of, parameters.base_year_window)
    both = Points.build(
        np.concatenate([history.owner, points.points.owner]),
        np.concatenate([history.year, points.points.year]),
        np.concatenate([history.tonnes, points.points.tonnes]),
        history.companies,
    )
    has_target = points.points.count() > 0
    reported = np.full(past.shape, np.nan)
    reported[history.owner, history.year - first] = history.tonnes
    return CompanyPaths(
        years=years,
        history=history,
        trend=trend,
        targets=points,
        latest_year=latest_year,
        history_t=reported,
        trajectory_t=np.where(has_trend, np.where(ahead > 0, projected(trend.slope), past), np.nan),
        low_t=np.where(ahead >= 0, projected(trend.low), np.nan),
        high_t=np.where(ahead >= 0, projected(trend.high), np.nan),
        target_t=np.where(has_target[:, None], both.interpolated(years, hold_last=True), np.nan),
        trajectory_reason=np.select(
            [trend.years == 0, has_trend[:, 0], trend.years == 1],
            [1, 0, 2],
            default=3,
        ).astype(np.int64),
        target_reason=np.select(
            [has_target, latest_year == 0, np.bincount(targets.owner, minlength=history.companies) == 0],
            [0, 1, 2],
            default=3,
        ).astype(np.int64),
    )
