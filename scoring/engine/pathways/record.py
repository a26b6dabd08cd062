"""One company's alignment as a record: everything a page draws, with codes of reasons; `words` has the sentences."""

from __future__ import annotations

import math
from typing import TypedDict

import numpy as np

from scoring.engine.columns import Floats
from scoring.engine.inputs import TargetColumns
from scoring.engine.pathways.alignment import BUDGET_REASONS, FAIR_SHARES, Alignment
from scoring.engine.pathways.china import (
    ANSWERS,
    EFFICIENCY_REASONS,
    LEVELS,
    MILESTONE_REASONS,
    CarbonEfficiency,
    ChinaTest,
    PathTest,
)
from scoring.engine.pathways.implied_temperature import RESULT_TYPES, SCORE_REASONS
from scoring.engine.pathways.paths import TARGET_OUTCOMES, TARGET_REASONS, TRAJECTORY_REASONS
from scoring.engine.words import Because


class BenchmarkRecord(TypedDict):
    scenario: str
    sector: str
    region: str
    scope: str
    release: str
    unit: str | None  # None: an index
    temperature_c: float
    global_budget_gtco2: float
    marks: list[Because]
    source: str
    licence: str
    verification: str


class SeriesRecord(TypedDict):
    """Tonnes by year; None where a path has no value."""

    years: list[int]
    history_t: list[float | None]
    trajectory_t: list[float | None]
    low_t: list[float | None]
    high_t: list[float | None]
    target_t: list[float | None]
    budget_t: list[float | None]


class TemperatureRecord(TypedDict):
    temperature_c: float | None  # None where neither path, or no budget, is there
    result_type: str
    trajectory_c: float | None
    trajectory_ratio: float | None
    target_c: float | None
    target_ratio: float | None
    target_probability: float
    tcre_c: float  # warming, °C, by tcre_gtco2 Gt of CO2
    tcre_gtco2: float
    because: Because


class TargetRowRecord(TypedDict):
    target_key: str
    outcome: str
    level_t: float | None
    target_year: int | None
    base_year: int | None
    base_year_used: int | None
    type_assumed: bool
    neutral: bool
    line_assumed: bool  # net zero or neutrality without a percentage: nobody says that the way there is straight
    already_met: bool
    because: Because


class TrajectoryReason(Because):
    winsorised: bool  # the measured change is beyond the bounds of a trend


class TargetReason(Because):
    points: list[tuple[int, float]]  # year and tonnes of the path


class BudgetReason(Because):
    benchmark_first: float | None  # in the base year and in the last
    benchmark_last: float | None
    output_flat: bool


class PathwayRecord(TypedDict):
    base_year: int | None
    latest_year: int | None
    end_year: int
    fair_share: str
    benchmark: BenchmarkRecord
    series: SeriesRecord
    change_per_year: float | None  # share, as projected
    measured_change_per_year: float | None  # before winsorising
    cumulative_budget_t: float | None
    cumulative_trajectory_t: float | None
    cumulative_target_t: float | None
    trajectory: TrajectoryReason
    target: TargetReason
    budget: BudgetReason
    targets: list[TargetRowRecord]
    temperature: TemperatureRecord


class PathTestRecord(TypedDict):
    peak_year: int | None
    net_zero_year: int | None
    left_at_net_zero_year: float | None
    pledge_percent: float | None


class ChinaRecord(TypedDict):
    peak: Because
    net_zero: Because
    pledge: Because
    intensity: Because
    peak_before: int
    net_zero_by: int
    pledge_year: int
    pledge_goal_percent: list[float]  # the least and the most
    intensity_base_year: int
    intensity_year: int
    intensity_goal_percent: float
    pledge_gap_points: list[float | None]
    intensity_so_far_percent: float | None
    intensity_percent: float | None
    intensity_gap_points: float | None
    trajectory: PathTestRecord | None
    target: PathTestRecord | None
    not_verified: list[str]


class EfficiencyRecord(TypedDict):
    tco2_per_10k_cny: float | None
    level: str
    ratio: float | None
    grade: int | None
    because: Because


class ContractionRecord(TypedDict):
    """What absolute contraction allows in a year, beside the paths."""

    goal: str
    rate_per_year: float
    base_year: int
    base_t: float
    year: int
    allowed_t: float
    trajectory_t: float | None
    target_t: float | None
    because: Because


class ConvergenceReason(Because):
    output: str | None  # the unit that is needed; None: the pathway is an index


class PathwayStory(TypedDict):
    company_key: str
    as_of: str
    reference_digest: str
    pathway: PathwayRecord
    contraction: list[ContractionRecord]
    convergence: ConvergenceReason
    china: ChinaRecord
    efficiency: EfficiencyRecord
    energy_co2_at_most_t: float | None
    trend_years: int
    winsorised: bool


def pathway_record(alignment: Alignment, company: int, targets: TargetColumns) -> PathwayRecord:
    """The alignment of one company of a batch; `targets` are the columns that the paths were made from."""
    paths, left, i = alignment.paths, alignment.budgets, company
    slope, measured = float(paths.trend.slope[i]), float(paths.trend.measured[i])
    pathway = alignment.matches[i].pathway
    points = paths.targets.points
    of_company = points.owner == i
    base_year, end_year = int(left.base_year[i]), alignment.parameters.end_year
    ends = pathway.at(np.array([base_year, end_year]))
    return {
        "base_year": base_year or None,
        "latest_year": int(paths.latest_year[i]) or None,
        "end_year": end_year,
        "fair_share": FAIR_SHARES[left.fair_share[i]],
        "benchmark": {
            "scenario": pathway.scenario,
            "sector": pathway.sector,
            "region": pathway.region,
            "scope": pathway.scope,
            "release": pathway.release,
            "unit": pathway.unit.text if pathway.unit else None,
            "temperature_c": pathway.temperature_c,
            "global_budget_gtco2": pathway.global_budget_gtco2,
            "marks": [{"code": mark} for mark in alignment.matches[i].marks],
            "source": pathway.source,
            "licence": pathway.licence,
            "verification": pathway.verification,
        },
        "series": {
            "years": paths.years.tolist(),
            "history_t": _row(paths.history_t, i),
            "trajectory_t": _row(paths.trajectory_t, i),
            "low_t": _row(paths.low_t, i),
            "high_t": _row(paths.high_t, i),
            "target_t": _row(paths.target_t, i),
            "budget_t": _row(left.budget_t, i),
        },
        "change_per_year": None if slope != slope else math.expm1(slope),
        "measured_change_per_year": None if measured != measured else math.expm1(measured),
        "cumulative_budget_t": _value(alignment.cumulative_budget_t, i),
        "cumulative_trajectory_t": _value(alignment.cumulative_trajectory_t, i),
        "cumulative_target_t": _value(alignment.cumulative_target_t, i),
        "trajectory": {
            "code": TRAJECTORY_REASONS[paths.trajectory_reason[i]],
            "winsorised": bool(paths.trend.winsorised[i]),
        },
        "target": {
            "code": TARGET_REASONS[paths.target_reason[i]],
            "points": list(zip(points.year[of_company].tolist(), points.tonnes[of_company].tolist(), strict=True)),
        },
        "budget": {
            "code": BUDGET_REASONS[left.reason[i]],
            "benchmark_first": _value(ends, 0),
            "benchmark_last": _value(ends, 1),
            "output_flat": bool(left.output_flat[i]),
        },
        "targets": _targets(alignment, i, targets),
        "temperature": _temperature(alignment, i),
    }


def _temperature(alignment: Alignment, i: int) -> TemperatureRecord:
    found = alignment.temperatures
    return {
        "temperature_c": _value(found.temperature_c, i),
        "result_type": RESULT_TYPES[found.result_type[i]],
        "trajectory_c": _value(found.trajectory_c, i),
        "trajectory_ratio": _value(found.trajectory_ratio, i),
        "target_c": _value(found.target_c, i),
        "target_ratio": _value(found.target_ratio, i),
        "target_probability": float(found.target_probability[i]),
        "tcre_c": alignment.parameters.warming.tcre_c,
        "tcre_gtco2": alignment.parameters.warming.tcre_gtco2,
        "because": {"code": SCORE_REASONS[found.reason[i]]},
    }


def _targets(alignment: Alignment, company: int, targets: TargetColumns) -> list[TargetRowRecord]:
    found = alignment.paths.targets
    rows = range(int(targets.start[company]), int(targets.start[company + 1]))
    return [
        {
            "target_key": targets.target_key[row],
            "outcome": TARGET_OUTCOMES[found.outcome[row]],
            "level_t": _value(found.level_t, row),
            "target_year": int(targets.target_year[row]) or None,
            "base_year": int(targets.base_year[row]) or None,
            "base_year_used": int(found.base_year_used[row]) or None,
            "type_assumed": bool(found.type_assumed[row]),
            "neutral": bool(found.neutral[row]),
            "line_assumed": bool(found.line_assumed[row]),
            "already_met": bool(found.already_met[row]),
            "because": {"code": TARGET_OUTCOMES[found.outcome[row]]},
        }
        for row in rows
    ]


def china_record(test: ChinaTest, company: int) -> ChinaRecord:
    i, goals = company, test.milestones
    return {
        "peak": {"code": ANSWERS[test.peak[i]]},
        "net_zero": {"code": ANSWERS[test.net_zero[i]]},
        "pledge": {"code": MILESTONE_REASONS[test.pledge_reason[i]]},
        "intensity": {"code": MILESTONE_REASONS[test.intensity_reason[i]]},
        "peak_before": goals.peak_before,
        "net_zero_by": goals.net_zero_by,
        "pledge_year": goals.pledge_year,
        "pledge_goal_percent": list(goals.pledge_percent),
        "intensity_base_year": goals.intensity_base_year,
        "intensity_year": goals.intensity_year,
        "intensity_goal_percent": goals.intensity_percent,
        "pledge_gap_points": [_value(gap, i) for gap in test.pledge_gap_points],
        "intensity_so_far_percent": _value(test.intensity_so_far_percent, i),
        "intensity_percent": _value(test.intensity_percent, i),
        "intensity_gap_points": _value(test.intensity_gap_points, i),
        "trajectory": _path_test(test.trajectory, i),
        "target": _path_test(test.target, i),
        "not_verified": list(goals.not_verified),
    }


def _path_test(found: PathTest, i: int) -> PathTestRecord | None:
    if not found.available[i]:
        return None
    return {
        "peak_year": int(found.peak_year[i]) or None,
        "net_zero_year": int(found.net_zero_year[i]) or None,
        "left_at_net_zero_year": _value(found.left_at_net_zero_year, i),
        "pledge_percent": _value(found.pledge_percent, i),
    }


def efficiency_record(code: CarbonEfficiency, company: int) -> EfficiencyRecord:
    return {
        "tco2_per_10k_cny": _value(code.tco2_per_10k_cny, company),
        "level": LEVELS[code.level[company]],
        "ratio": _value(code.ratio, company),
        "grade": int(code.grade[company]) or None,
        "because": {"code": EFFICIENCY_REASONS[code.reason[company]]},
    }


def _value(column: Floats, i: int) -> float | None:
    value = float(column[i])
    return None if value != value else value


def _row(matrix: Floats, i: int) -> list[float | None]:
    return [None if value != value else value for value in matrix[i].tolist()]
