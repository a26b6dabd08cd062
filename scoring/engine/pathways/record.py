"""One company's alignment as a record: everything a page draws, with reasons and sentences in Chinese and English."""

from __future__ import annotations

from typing import TypedDict

from scoring.engine.columns import Floats
from scoring.engine.inputs import TargetColumns
from scoring.engine.pathways import words as wording
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
from scoring.engine.words import Said, said


class BenchmarkRecord(TypedDict):
    scenario: str
    sector: str
    region: str
    scope: str
    release: str
    unit: str | None  # None: an index
    temperature_c: float
    global_budget_gtco2: float
    marks: list[Said]
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
    temperature_c: float
    result_type: str
    trajectory_c: float | None
    trajectory_ratio: float | None
    target_c: float | None
    target_ratio: float | None
    target_probability: float
    because: Said


class TargetRowRecord(TypedDict):
    target_key: str
    outcome: str
    level_t: float | None
    because: Said


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
    trajectory: Said
    target: Said
    budget: Said
    targets: list[TargetRowRecord]
    temperature: TemperatureRecord


class PathTestRecord(TypedDict):
    peak_year: int | None
    net_zero_year: int | None
    left_at_net_zero_year: float | None
    pledge_percent: float | None


class ChinaRecord(TypedDict):
    peak: Said
    net_zero: Said
    pledge: Said
    intensity: Said
    peak_before: int
    net_zero_by: int
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
    because: Said


def pathway_record(alignment: Alignment, company: int, targets: TargetColumns) -> PathwayRecord:
    """The alignment of one company of a batch; `targets` are the columns that the paths were made from."""
    paths, left, i = alignment.paths, alignment.budgets, company
    slope, measured = float(paths.trend.slope[i]), float(paths.trend.measured[i])
    pathway = alignment.matches[i].pathway
    return {
        "base_year": int(left.base_year[i]) or None,
        "latest_year": int(paths.latest_year[i]) or None,
        "end_year": alignment.parameters.end_year,
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
            "marks": [said(mark, wording.MARKS[mark]) for mark in alignment.matches[i].marks],
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
        "change_per_year": None if slope != slope else wording.share_per_year(slope),
        "measured_change_per_year": None if measured != measured else wording.share_per_year(measured),
        "cumulative_budget_t": _value(alignment.cumulative_budget_t, i),
        "cumulative_trajectory_t": _value(alignment.cumulative_trajectory_t, i),
        "cumulative_target_t": _value(alignment.cumulative_target_t, i),
        "trajectory": said(TRAJECTORY_REASONS[paths.trajectory_reason[i]], wording.trajectory(paths, i)),
        "target": said(TARGET_REASONS[paths.target_reason[i]], wording.target(paths, i)),
        "budget": said(BUDGET_REASONS[left.reason[i]], wording.budget(alignment, i)),
        "targets": _targets(alignment, i, targets),
        "temperature": _temperature(alignment, i),
    }


def _temperature(alignment: Alignment, i: int) -> TemperatureRecord:
    found = alignment.temperatures
    return {
        "temperature_c": float(found.temperature_c[i]),
        "result_type": RESULT_TYPES[found.result_type[i]],
        "trajectory_c": _value(found.trajectory_c, i),
        "trajectory_ratio": _value(found.trajectory_ratio, i),
        "target_c": _value(found.target_c, i),
        "target_ratio": _value(found.target_ratio, i),
        "target_probability": float(found.target_probability[i]),
        "because": said(SCORE_REASONS[found.reason[i]], wording.temperature(alignment, i)),
    }


def _targets(alignment: Alignment, company: int, targets: TargetColumns) -> list[TargetRowRecord]:
    found = alignment.paths.targets
    rows = range(int(targets.start[company]), int(targets.start[company + 1]))
    return [
        {
            "target_key": targets.target_key[row],
            "outcome": TARGET_OUTCOMES[found.outcome[row]],
            "level_t": _value(found.level_t, row),
            "because": said(TARGET_OUTCOMES[found.outcome[row]], wording.target_row(found, targets, row)),
        }
        for row in rows
    ]


def china_record(test: ChinaTest, company: int) -> ChinaRecord:
    i, goals = company, test.milestones
    return {
        "peak": said(ANSWERS[test.peak[i]], wording.peak(test, i)),
        "net_zero": said(ANSWERS[test.net_zero[i]], wording.net_zero(test, i)),
        "pledge": said(MILESTONE_REASONS[test.pledge_reason[i]], wording.pledge(test, i)),
        "intensity": said(MILESTONE_REASONS[test.intensity_reason[i]], wording.intensity(test, i)),
        "peak_before": goals.peak_before,
        "net_zero_by": goals.net_zero_by,
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
    reason = EFFICIENCY_REASONS[code.reason[company]]
    return {
        "tco2_per_10k_cny": _value(code.tco2_per_10k_cny, company),
        "level": LEVELS[code.level[company]],
        "ratio": _value(code.ratio, company),
        "grade": int(code.grade[company]) or None,
        "because": said(reason, wording.efficiency(code, company)),
    }


def _value(column: Floats, i: int) -> float | None:
    value = float(column[i])
    return None if value != value else value


def _row(matrix: Floats, i: int) -> list[float | None]:
    return [None if value != value else value for value in matrix[i].tolist()]
