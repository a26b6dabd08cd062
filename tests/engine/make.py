"""Plain makers of records; every argument can be overridden."""

from datetime import date
from typing import Any

from scoring.engine import Inputs

AS_OF = date(2025, 6, 30)


def year(year: int = 2023, **overrides: Any) -> dict[str, Any]:
    """90 + 10 t on 40 million TWD at 0.25 = 10 million CNY = 1,000 万元, so 0.1 t/万元."""
    row = {
        "year": year,
        "scope1_t": 90.0,
        "scope2_t": 10.0,
        "scope2_kind": "location",
        "rung": 2,
        "boundary": "matched",
        "revenue": 40e6,
        "currency": "TWD",
        "cny_per_unit": 0.25,
        "disclosure": f"disclosure-{year}",
    }
    return row | overrides


def target(target_key: str = "end", **overrides: Any) -> dict[str, Any]:
    row = {
        "target_key": target_key,
        "horizon": "end",
        "kind": "absolute",
        "reduction_share": 0.5,
        "base_year": 2019,
        "target_year": 2030,
        "scope3": "no",
        "status": "unstated",
        "validated": "unstated",
    }
    return row | overrides


def company(company_key: str = "alice", **overrides: Any) -> dict[str, Any]:
    """Alice Steel, the worked example of docs/reference/method.md."""
    record = {
        "company_key": company_key,
        "sector": "steel",
        "years": [year(2022, scope1_t=100.0, scope2_t=25.0), year(2023)],
        "targets": [target()],
    }
    return record | overrides


def inputs(*records: Any) -> Inputs:
    return Inputs.from_records(list(records))
