"""Kinds of example about the temperature score."""

from __future__ import annotations

from datetime import date
from typing import Any

from scoring.engine.temperature.inputs import SCOPE_CODE, TIME_FRAMES, TemperatureCompanies, TemperatureTargets
from scoring.engine.temperature.outcomes import cells
from scoring.engine.temperature.score import score
from scoring.proofs.examples.given import ExampleError, Given, Results
from scoring.tables.temperature import shipped_method

EMITTED_T = 1.0  # of each scope: one target alone is weighed against nothing
ONE_SCOPE = {"S1": "coverage_s1", "S2": "coverage_s2", "S3": "coverage_s3"}


def temperature_v15(given: Given) -> Results:
    """One target on one scope by edition 1.5, as its reference tool scores it."""
    scope, as_of, metric = given.text("scope"), given.whole("as_of"), given.value("metric")
    if scope not in ONE_SCOPE:
        raise ExampleError(f"scope must be one of {', '.join(ONE_SCOPE)}: {scope!r}")
    if metric is not None and not isinstance(metric, str):
        raise ExampleError(f"metric must be text or null: {metric!r}")
    company: Any = {
        "company_id": "example",
        "company_name": "example",
        "isic": given.text("isic"),
        "ghg_s1": EMITTED_T,
        "ghg_s2": EMITTED_T,
        "ghg_s1s2": 2 * EMITTED_T,
        "ghg_s3": EMITTED_T,
        **dict.fromkeys(("company_revenue", "company_market_cap", "company_enterprise_value")),
        **dict.fromkeys(("company_total_assets", "company_cash_equivalents")),
    }
    target: Any = {
        "company_id": "example",
        "target_type": given.text("type"),
        "intensity_metric": metric,
        "scope": scope,
        **dict.fromkeys(ONE_SCOPE.values()),
        ONE_SCOPE[scope]: given.number("coverage"),
        "reduction_ambition": given.number("ambition"),
        "base_year": given.whole("base_year"),
        "start_year": None,
        "end_year": given.whole("end_year"),
        "base_year_ghg_s1": EMITTED_T,
        "base_year_ghg_s2": EMITTED_T,
        "base_year_ghg_s3": EMITTED_T,
        "achieved_reduction": None,
        "s3_category": 0,
    }
    companies = TemperatureCompanies.from_records([company])
    targets = TemperatureTargets.from_records([target], companies)
    scores = score(companies, targets, shipped_method("parity15"), date(as_of, 1, 1))
    chosen = [one for one in cells(scores, 0) if one["scope"] == scope and one["target"] is not None]
    if len(chosen) != 1 or chosen[0]["annual_reduction_rate"] is None:
        raise ExampleError("the target is not valid in that year")
    found = chosen[0]
    own_c = scores.own_score_c[0, TIME_FRAMES.index(found["time_frame"]), SCOPE_CODE[scope]]
    return {
        "variable": found["variable"],
        "slope": found["slope"],
        "annual_rate_pct": (found["annual_reduction_rate"] or 0.0) * 100,
        "score": found["temperature_score"],
        "score_unrounded": float(own_c),
    }
