"""Plain makers of records and methodologies; every argument can be overridden."""

import copy
import json
from datetime import date
from pathlib import Path
from typing import Any

from scoring.engine import Inputs, Methodology, Result, ScoreRecord, score

AS_OF = date(2025, 6, 30)
PARAMETERS_FILE = Path(__file__).parents[2] / "scoring/data/methodology/demo-0.parameters.json"


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


def parameters() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(PARAMETERS_FILE.read_text(encoding="utf-8"))
    return data


def post(lo: float, hi: float) -> dict[str, Any]:
    return {"lo": lo, "hi": hi, "n": 40, "members_digest": "none", "mismatched_used": False}


def methodology_json(**overrides: Any) -> dict[str, Any]:
    """Round goalposts: intensity 10 to 10^-1.5 t/万元 in steel and 1 to 0.01 elsewhere; slope −0.05 to 0.15."""
    data = {
        "version": "demo-0",
        "as_of": AS_OF.isoformat(),
        "parameters": parameters(),
        "calibration": {
            "companies": 40,
            "members_digest": "none",
            "goalposts": {
                "carbon_intensity": {"economy": post(0.0, 2.0), "sectors": {"steel": post(-1.0, 1.5)}},
                "emissions_change": {"economy": post(-0.05, 0.15), "sectors": {}},
            },
        },
    }
    return copy.deepcopy(data | overrides)


METHODOLOGY = Methodology.from_json(methodology_json())


def inputs(*records: Any) -> Inputs:
    return Inputs.from_records(list(records))


def scored(*records: Any) -> Result:
    return score(inputs(*records), METHODOLOGY, AS_OF)


def record_of(record: Any) -> ScoreRecord:
    return scored(record).record(0)


def line(record: ScoreRecord, code: str) -> Any:
    return next((line for line in record["lines"] if line["code"] == code), None)


def missing_codes(record: ScoreRecord) -> list[str]:
    return [gap["code"] for gap in record["missing"]]
