"""China's goals on a company's paths: the 3060 test, the milestones of 2030 and 2035, Zhejiang's efficiency code.

Sources: China's NDCs (2021 update; 2035 pledge of 2025); the carbon-efficiency code for industry of Zhejiang province.
The goals are the nation's. A company is compared with them; none of them binds it by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scoring.engine.columns import Floats, Ints
from scoring.engine.pathways.paths import CompanyPaths, PathwayParameters, Points, trends

ANSWERS = ("not_available", "no", "yes_by_target", "yes_on_trajectory")
NOT_AVAILABLE, NO, BY_TARGET, ON_TRAJECTORY = range(len(ANSWERS))
MILESTONE_REASONS = (
    "",
    "no_path",
    "no_base_year_intensity",
    "no_recent_intensity",
    "too_few_years",
)
EFFICIENCY_REASONS = (
    "",
    "needs_value_added",
    "value_added_not_positive",
    "needs_energy_emissions",
    "net_emissions_negative",
    "needs_industry_mean",
)
LEVELS = ("not_available", "low", "mid", "high")
LEVEL_BOUNDS = (0.6, 2.0)  # tCO2 per 10,000 yuan of value added
GRADE_BOUNDS = (0.6, 0.8, 1.2, 2.0)  # of the industry's mean


@dataclass(frozen=True)
class ChinaMilestones:
    """The goals as printed; `not_verified` names those that were written from memory (peak, net_zero, …)."""

    peak_before: int = 2030
    net_zero_by: int = 2060
    intensity_base_year: int = 2005
    intensity_year: int = 2030
    intensity_percent: float = -65.0
    pledge_year: int = 2035
    pledge_percent: tuple[float, float] = (-7.0, -10.0)  # the least and the most, against the peak
    not_verified: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class PathTest:
    """One kind of path against the goals, shape (companies,). Years 0 and NaN: not available, or never reached."""

    available: Ints  # 1 or 0
    peak_year: Ints
    net_zero_year: Ints
    left_at_net_zero_year: Floats  # share of the peak that is still emitted in the year of the goal
    pledge_percent: Floats  # change from the peak to the pledge's year


@dataclass(frozen=True, eq=False)
class ChinaTest:
    """The 3060 test of a batch, shape (companies,)."""

    milestones: ChinaMilestones
    trajectory: PathTest
    target: PathTest
    peak: Ints  # in ANSWERS
    net_zero: Ints  # in ANSWERS
    pledge_gap_points: tuple[
        Floats, Floats
    ]  # of the better path: above (+) or below (−) the least and the most pledged
    pledge_reason: Ints  # in MILESTONE_REASONS
    intensity_so_far_percent: Floats  # latest intensity against 2005
    intensity_percent: Floats  # in 2030 against 2005, by trend
    intensity_gap_points: Floats  # above (+) or below (−) the goal
    intensity_reason: Ints  # in MILESTONE_REASONS


def china_test(
    paths: CompanyPaths,
    milestones: ChinaMilestones,
    intensity: Points | None = None,
    parameters: PathwayParameters | None = None,
) -> ChinaTest:
    """Does the path peak before 2030 and reach zero by 2060, and how far is it from the milestones.

    A trajectory that only shrinks never reaches zero, so its answer to the second is no and the share still emitted is
    given beside it. `intensity` (any unit, per output or value added) is needed for the 2005 milestone only.
    """
    trajectory = _test_path(paths.trajectory_t, paths.years, milestones)
    target = _test_path(paths.target_t, paths.years, milestones)
    pledge = np.fmin(trajectory.pledge_percent, target.pledge_percent)
    so_far, by_goal, reason = _intensity(intensity, len(paths.latest_year), milestones, parameters)
    return ChinaTest(
        milestones=milestones,
        trajectory=trajectory,
        target=target,
        peak=_answer(trajectory, target, "peak_year", milestones.peak_before - 1),
        net_zero=_answer(trajectory, target, "net_zero_year", milestones.net_zero_by),
        pledge_gap_points=(pledge - milestones.pledge_percent[0], pledge - milestones.pledge_percent[1]),
        pledge_reason=np.where(np.isnan(pledge), MILESTONE_REASONS.index("no_path"), 0),
        intensity_so_far_percent=so_far,
        intensity_percent=by_goal,
        intensity_gap_points=by_goal - milestones.intensity_percent,
        intensity_reason=reason,
    )


def _test_path(path_t: Floats, years: Ints, milestones: ChinaMilestones) -> PathTest:
    there = ~np.isnan(path_t)
    available = there.any(axis=1)
    tonnes = np.where(there, path_t, -np.inf)
    column = np.argmax(tonnes, axis=1)  # of equal years the first
    peak_t = np.where(available, tonnes[np.arange(len(tonnes)), column], np.nan)
    zero = there & (path_t == 0)

    def at(year: int) -> Floats:
        position = int(np.searchsorted(years, year))
        found = position < len(years) and years[position] == year
        return path_t[:, position] if found else np.full(len(path_t), np.nan)

    return PathTest(
        available=np.where(available, 1, 0),
        peak_year=np.where(available, years[column], 0),
        net_zero_year=np.where(zero.any(axis=1), years[np.argmax(zero, axis=1)], 0),
        left_at_net_zero_year=at(milestones.net_zero_by) / peak_t,
        pledge_percent=(at(milestones.pledge_year) / peak_t - 1.0) * 100.0,
    )


def _answer(trajectory: PathTest, target: PathTest, year: str, by: int) -> Ints:
    on_trajectory, by_target = getattr(trajectory, year), getattr(target, year)
    return np.select(
        [
            (on_trajectory > 0) & (on_trajectory <= by),
            (by_target > 0) & (by_target <= by),
            (trajectory.available > 0) | (target.available > 0),
        ],
        [ON_TRAJECTORY, BY_TARGET, NO],
        default=NOT_AVAILABLE,
    ).astype(np.int64)


def _intensity(
    intensity: Points | None, n: int, milestones: ChinaMilestones, parameters: PathwayParameters | None
) -> tuple[Floats, Floats, Ints]:
    """Change in % so far and in the goal's year, and why not. The trend is that of the years after the base year."""
    nothing = np.full(n, np.nan)
    if intensity is None:
        return nothing, nothing, np.full(n, MILESTONE_REASONS.index("no_base_year_intensity"))
    is_base = (intensity.year == milestones.intensity_base_year) & (intensity.tonnes > 0)
    base = np.full(n, np.nan)
    base[intensity.owner[is_base]] = intensity.tonnes[is_base]
    later = np.flatnonzero((intensity.year > milestones.intensity_base_year) & (intensity.tonnes > 0))
    recent = Points.build(intensity.owner[later], intensity.year[later], intensity.tonnes[later], n)
    latest_year, latest = recent.at_row(recent.last_row())
    slope = trends(recent, parameters or PathwayParameters()).slope
    goal = latest * np.exp(slope * (milestones.intensity_year - latest_year))
    reason = np.select(
        [np.isnan(base), latest_year == 0, np.isnan(slope)],
        [MILESTONE_REASONS.index(word) for word in MILESTONE_REASONS[2:]],
        default=0,
    )
    return (latest / base - 1.0) * 100.0, (goal / base - 1.0) * 100.0, reason.astype(np.int64)


@dataclass(frozen=True, eq=False)
class CarbonEfficiency:
    """Zhejiang's code of a batch, shape (companies,)."""

    tco2_per_10k_cny: Floats  # L; NaN not available
    level: Ints  # in LEVELS
    ratio: Floats  # K = L / industry mean
    grade: Ints  # 1 (best) to 5; 0 not available
    reason: Ints  # in EFFICIENCY_REASONS, of the first part that is missing


def carbon_efficiency(
    energy_co2_t: Floats,
    deducted_t: Floats,
    value_added_cny: Floats,
    industry_mean: Floats,
) -> CarbonEfficiency:
    """L = (energy CO2 − own zero-carbon power, sinks and storage) / value added in 10,000 yuan; K = L / industry mean.

    L ≤ 0.6 low, ≤ 2.0 mid, above high; K ≤ 0.6, ≤ 0.8, ≤ 1.2, ≤ 2.0, above: grades 1 to 5. Bounds are read from values
    rounded to 1e-9. `deducted_t` NaN: nothing is deducted. `industry_mean` in the unit of L.
    """
    net_t = energy_co2_t - np.where(np.isnan(deducted_t), 0.0, deducted_t)
    level_value = net_t / (np.where(value_added_cny > 0, value_added_cny, np.nan) / 10_000.0)
    level_value = np.where(net_t < 0, np.nan, level_value)
    ratio = level_value / np.where(industry_mean > 0, industry_mean, np.nan)
    # Value added first: it is what every company lacks, and no other part helps without it.
    reason = np.select(
        [
            np.isnan(value_added_cny),
            value_added_cny <= 0,
            np.isnan(energy_co2_t),
            net_t < 0,
            np.isnan(ratio),
        ],
        range(1, len(EFFICIENCY_REASONS)),
        default=0,
    )
    return CarbonEfficiency(
        tco2_per_10k_cny=level_value,
        level=_step(level_value, LEVEL_BOUNDS),
        ratio=ratio,
        grade=_step(ratio, GRADE_BOUNDS),
        reason=reason.astype(np.int64),
    )


def _step(value: Floats, bounds: tuple[float, ...]) -> Ints:
    """1 up to and including the first bound, 2 up to the second …; 0 for NaN."""
    step = np.searchsorted(np.array(bounds), np.round(value, 9), side="left") + 1
    return np.where(np.isnan(value), 0, step).astype(np.int64)
