"""The paths of one archived company, told: alignment, contraction and convergence, the 3060 test, Zhejiang's code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from scoring.engine.inputs import CompanyRecord, Inputs
from scoring.engine.pathways.alignment import Alignment, align
from scoring.engine.pathways.benchmarks import Benchmarks
from scoring.engine.pathways.china import ChinaMilestones, carbon_efficiency, china_test
from scoring.engine.pathways.paths import ContractionRates, PathwayParameters, Points, aca_allowed_t, company_paths
from scoring.engine.pathways.record import (
    ContractionRecord,
    ConvergenceReason,
    PathwayStory,
    china_record,
    efficiency_record,
    pathway_record,
)
from scoring.engine.score.measured import CNY_PER_WAN, Measured, measure_all

CONTRACTION_YEARS = (2030, 2035, 2050)


@dataclass(frozen=True)
class PathwayReference:
    """The tables that a company is held against, with their digest."""

    benchmarks: Benchmarks
    benchmark_sector: Mapping[str, str | None]  # of a scoring sector; None: held against the whole economy
    scenario: str
    rates: ContractionRates
    milestones: ChinaMilestones
    digest: str


def tell(
    record: CompanyRecord,
    as_of: date,
    reference: PathwayReference,
    parameters: PathwayParameters | None = None,
) -> PathwayStory:
    """All of one company, over the years of its measured trend.

    Raises the EngineError that names a fault of the record, UnknownWord for a scenario the tables lack.
    """
    parameters = parameters or PathwayParameters()
    batch = Inputs.from_records([record])
    measured = measure_all(batch, as_of)
    paths = company_paths(measured.history(), batch.targets, as_of, parameters)
    sector = reference.benchmark_sector.get(record["sector"] or "")
    alignment = align(paths, [reference.benchmarks.find(sector, reference.scenario)])
    goals = china_test(paths, reference.milestones, _intensity(measured), parameters)
    latest_t = paths.history.at_row(paths.history.last_row())[1]
    unknown = np.full(1, np.nan)
    # Scope 1 + 2 is the most that CO2 from energy can be; without value added no level follows from it anyway.
    efficiency = carbon_efficiency(latest_t, unknown, unknown, unknown)
    return {
        "company_key": record["company_key"],
        "as_of": as_of.isoformat(),
        "reference_digest": reference.digest,
        "pathway": pathway_record(alignment, 0, batch.targets),
        "contraction": _contraction(alignment, reference.rates),
        "convergence": _convergence(alignment),
        "china": china_record(goals, 0),
        "efficiency": efficiency_record(efficiency, 0),
        "energy_co2_at_most_t": None if np.isnan(latest_t[0]) else float(latest_t[0]),
        "trend_years": int(paths.trend.years[0]),
        "winsorised": bool(paths.trend.winsorised[0]),
    }


def _intensity(measured: Measured) -> Points:
    """tCO2e per 10,000 yuan of revenue of the trend's years; the goal is about GDP, and the words say so."""
    years = measured.batch.years
    revenue = years.revenue * years.cny_per_unit / CNY_PER_WAN
    rows = measured.trend_rows & (revenue > 0)
    values = (measured.emissions_t / np.where(revenue > 0, revenue, np.nan))[rows]
    return Points.build(years.owner[rows], years.year[rows], values, len(measured.batch))


def _contraction(alignment: Alignment, rates: ContractionRates) -> list[ContractionRecord]:
    """From the base year of the budget, or where the benchmark has none, from the first year of the history."""
    paths = alignment.paths
    base_year = int(alignment.budgets.base_year[0]) or (int(paths.history.year[0]) if len(paths.history.year) else 0)
    if not base_year:
        return []
    base_t = float(paths.history_t[0, base_year - int(paths.years[0])])
    found: list[ContractionRecord] = []
    for goal, rate in (("1.5c", rates.share_per_year_1_5c), ("well_below_2c", rates.share_per_year_well_below_2c)):
        for year in CONTRACTION_YEARS:
            column = year - int(paths.years[0])
            allowed_t = aca_allowed_t(base_t, year - base_year, rate)
            found.append(
                {
                    "goal": goal,
                    "rate_per_year": rate,
                    "base_year": base_year,
                    "base_t": base_t,
                    "year": year,
                    "allowed_t": allowed_t,
                    "trajectory_t": _given(paths.trajectory_t[0, column]),
                    "target_t": _given(paths.target_t[0, column]),
                    "because": {"code": ""},
                }
            )
    return found


def _convergence(alignment: Alignment) -> ConvergenceReason:
    unit = alignment.matches[0].pathway.unit
    return {"code": "needs_output" if unit else "economy_wide_index", "output": unit.output if unit else None}


def _given(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)
