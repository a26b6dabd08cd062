"""Batches for the tests of pathways: companies as {year: tonnes}, targets as in the archive format."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from scoring.engine.inputs import Inputs, TargetColumns
from scoring.engine.pathways.alignment import Alignment, AlignmentParameters, Outputs, align
from scoring.engine.pathways.benchmarks import GLOBAL, IntensityUnit, Match, Pathway
from scoring.engine.pathways.paths import CompanyPaths, PathwayParameters, Points, company_paths
from tests.engine.make import company, target

AS_OF = date(2025, 6, 30)


def history(*companies: Mapping[int, float]) -> Points:
    rows = [(k, year, tonnes) for k, years in enumerate(companies) for year, tonnes in years.items()]
    owner, year, tonnes = zip(*rows, strict=True) if rows else ((), (), ())
    return Points.build(
        np.array(owner, dtype=np.int64),
        np.array(year, dtype=np.int64),
        np.array(tonnes, dtype=np.float64),
        len(companies),
    )


def targets(*companies: Sequence[Mapping[str, Any]]) -> TargetColumns:
    records = [
        company(f"company-{k}", targets=[target(str(j), **facts) for j, facts in enumerate(rows)])
        for k, rows in enumerate(companies)
    ]
    return Inputs.from_records(records).targets


def paths_of(
    years: Mapping[int, float], *rows: Mapping[str, Any], parameters: PathwayParameters | None = None
) -> CompanyPaths:
    return company_paths(history(years), targets(rows), AS_OF, parameters)


def pathway(values: Mapping[int, float], unit: str | None = None, **facts: Any) -> Pathway:
    plain: dict[str, Any] = {
        "scenario": "Even 1.5",
        "temperature_c": 1.5,
        "global_budget_gtco2": 396.0,
        "scope": "S1S2",
        "sector": "Steel",
        "region": GLOBAL,
        "source": "made for the test",
        "licence": "none",
        "verification": "recomputed",
    }
    return Pathway(
        years=tuple(values),
        values=tuple(values.values()),
        unit=IntensityUnit.parse(unit) if unit else None,
        **(plain | facts),
    )


def aligned(
    paths: CompanyPaths,
    benchmark: Pathway,
    outputs: Outputs | None = None,
    parameters: AlignmentParameters | None = None,
) -> Alignment:
    return align(paths, [Match(benchmark, ())] * len(paths.latest_year), outputs, parameters=parameters)


def by_year(paths: CompanyPaths, matrix: np.ndarray[Any, Any], company: int = 0) -> dict[int, float]:
    pairs = zip(paths.years.tolist(), matrix[company].tolist(), strict=True)
    return {year: value for year, value in pairs if value == value}
