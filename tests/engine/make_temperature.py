"""Plain makers for the temperature score; every argument can be overridden."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from scoring.engine.temperature.inputs import (
    TARGET_SCOPES,
    TIME_FRAMES,
    TemperatureCompanies,
    TemperatureTargets,
)
from scoring.engine.temperature.methods import TemperatureMethod
from scoring.engine.temperature.portfolio import Aggregate, Holdings, Portfolio
from scoring.engine.temperature.score import score
from scoring.engine.temperature.scores import TemperatureScores
from scoring.tables.temperature import shipped_method

AS_OF = date(2026, 6, 30)
PARITY, PARITY15, CURRENT = (shipped_method(name) for name in ("parity", "parity15", "current"))


def company(company_id: str = "Alice Steel", **overrides: Any) -> dict[str, Any]:
    row = {
        "company_id": company_id,
        "company_name": company_id,
        "isic": "A12",
        "ghg_s1": 80.0,
        "ghg_s2": 20.0,
        "ghg_s1s2": 100.0,
        "ghg_s3": 50.0,
        "company_revenue": 1000.0,
        "company_market_cap": 2000.0,
        "company_enterprise_value": 2500.0,
        "company_total_assets": 3000.0,
        "company_cash_equivalents": 100.0,
    }
    return row | overrides


def target(company_id: str = "Alice Steel", **overrides: Any) -> dict[str, Any]:
    """Absolute, 42 % from 2019 to 2035 on scope 1+2: the worked example of the method page."""
    row = {
        "company_id": company_id,
        "target_type": "Absolute",
        "intensity_metric": None,
        "scope": "S1+S2",
        "coverage_s1": 1.0,
        "coverage_s2": 1.0,
        "coverage_s3": None,
        "reduction_ambition": 0.42,
        "base_year": 2019,
        "start_year": 2019,
        "end_year": 2035,
        "base_year_ghg_s1": 80.0,
        "base_year_ghg_s2": 20.0,
        "base_year_ghg_s3": 50.0,
        "achieved_reduction": 0.1,
    }
    return row | overrides


def scored(
    companies: Sequence[Any], targets: Sequence[Any], method: TemperatureMethod = CURRENT
) -> tuple[TemperatureScores, TemperatureTargets]:
    columns = TemperatureCompanies.from_records(companies)
    target_columns = TemperatureTargets.from_records(targets, columns)
    return score(columns, target_columns, method, AS_OF), target_columns


def cell(scores: TemperatureScores, time_frame: str, scope: str, company_id: str = "Alice Steel") -> float:
    at = scores.companies.company_id.index(company_id)
    return float(scores.score_c[at, TIME_FRAMES.index(time_frame), TARGET_SCOPES.index(scope)])


def portfolio(scores: TemperatureScores, invested: Sequence[float], engaged: Sequence[bool] = ()) -> Portfolio:
    flags = np.array(engaged or [False] * len(invested), dtype=np.bool_)
    return Portfolio(scores, Holdings.merged(np.arange(len(invested)), np.array(invested, dtype=np.float64), flags))


def aggregate(of: Portfolio, method: str, time_frame: str = "mid", scope: str = "S1+S2") -> Aggregate:
    return next(one for one in of.aggregates([method]) if (one.time_frame, one.scope) == (time_frame, scope))
