"""Every figure of the reference tool's golden cases: each cell of the company scores, each key of the portfolio.

The cases were made by sbti-finance-tool 1.3.1. Those in tests/golden are ours to ship; those that start from another
project's files are compared where the shared folder is at hand.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring.engine.temperature import Candidates, score_chosen
from scoring.engine.temperature_inputs import (
    METRIC_VARIABLE,
    NONE,
    SCOPES,
    TIME_FRAMES,
    CompanyFacts,
    TemperatureCompanies,
    floats,
    years,
)
from scoring.engine.temperature_portfolio import Holdings, Portfolio
from scoring.temperature_files import read_files, shipped_method
from scoring.temperature_report import SCORE_COLUMNS, score_files

SHIPPED = Path(__file__).parents[1] / "golden" / "temperature"
CASES = ("edges", "edges_complete", "synthetic_200_full", "synthetic_200_gaps", "synthetic_2000", "synthetic_20000")
NUMBERS = SCORE_COLUMNS[6:11] + ("annual_reduction_rate", "param", "intercept", "temperature_score", SCORE_COLUMNS[-1])


def shared(case: str) -> Path:
    """The folder of a case that may not be shipped; skips loudly where it is not at hand."""
    for parent in Path(__file__).resolve().parents:
        if (parent / "shared" / "golden" / case).is_dir():
            return parent / "shared" / "golden" / case
    pytest.skip(f"NOT COMPARED: golden case {case} is not at hand (../shared/golden is absent)")


def table(folder: Path, name: str) -> Path:
    plain = folder / f"{name}.csv"
    return plain if plain.exists() else folder / f"{name}.csv.gz"


def rows(path: Path) -> list[dict[str, str]]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    return list(csv.DictReader(text.splitlines()))


def assert_near(found: float | None, expected: float | None, where: object) -> None:
    if expected is None or found is None:
        assert found is expected, where
    else:
        assert math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9), (where, found, expected)


def compare(folder: Path, tmp_path: Path) -> None:
    expected = json.loads((folder / "expected_portfolio.json").read_text(encoding="utf-8"))
    files = read_files(*(table(folder, name) for name in ("companies", "targets", "portfolio")), group_by=None)
    method = shipped_method("parity", fallback_score_c=expected["fallback_score"])
    score_files(files, method, date.fromisoformat(expected["reporting_date"]), tmp_path)
    compare_companies(rows(tmp_path / "company_scores.csv"), rows(table(folder, "expected_company_scores")))
    compare_portfolio(json.loads((tmp_path / "portfolio.json").read_text(encoding="utf-8")), expected)


def compare_companies(found: list[dict[str, str]], expected: list[dict[str, str]]) -> None:
    assert list(found[0]) == list(expected[0])
    for mine, theirs in zip(found, expected, strict=True):
        for column, value in theirs.items():
            where = (theirs["company_id"], theirs["time_frame"], theirs["scope"], column)
            if column in NUMBERS and value and mine[column]:
                assert_near(float(mine[column]), float(value), where)
            else:
                assert mine[column] == value, where


def compare_portfolio(found: dict[str, Any], expected: dict[str, Any]) -> None:
    for key in ("reporting_date", "fallback_score", "model", "n_companies", "n_targets"):
        assert found[key] == expected[key], key
    compare_entries(found["aggregations"], expected["aggregations"])
    assert found["scenarios"].keys() >= expected.get("scenarios", {}).keys()
    for code, entries in expected.get("scenarios", {}).items():
        compare_entries(found["scenarios"][code], entries)
    if "grouped" in expected:
        assert found["grouped_by"] == expected["grouped_by"]
        compare_entries(found["grouped"], expected["grouped"])


def compare_entries(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    for mine, theirs in zip(found, expected, strict=True):
        where = tuple(theirs[key] for key in ("method", "time_frame", "scope"))
        assert where == tuple(mine[key] for key in ("method", "time_frame", "scope"))
        assert (mine.get("error") is None) == (theirs.get("error") is None), where
        for key in ("score", "influence_percentage", "proportion", "n"):
            if key in theirs:
                assert_near(mine[key], theirs[key], (*where, key))
        if theirs.get("top"):
            compare_top(mine["top"], theirs["top"], where)
        if theirs.get("grouped"):
            assert mine["grouped"].keys() == theirs["grouped"].keys()
            for name, group in theirs["grouped"].items():
                for key in ("score", "proportion"):
                    assert_near(mine["grouped"][name][key], group[key], (*where, name, key))


def compare_top(mine: list[list[Any]], theirs: list[list[Any]], where: object) -> None:
    for one, other in zip(mine, theirs, strict=True):
        assert one[0] == other[0], where
        for value, wanted in zip(one[1:], other[1:], strict=True):
            assert_near(value, wanted, where)


@pytest.mark.parametrize("case", CASES)
def test_a_shipped_case_of_the_reference_tool_is_reproduced_in_full(case: str, tmp_path: Path) -> None:
    compare(SHIPPED / case, tmp_path)


def test_the_reference_tools_own_example_is_reproduced_in_full(tmp_path: Path) -> None:
    compare(shared("sbti_example_2024"), tmp_path)


def test_the_reference_tools_own_prepared_grid_is_scored_and_aggregated_as_it_does() -> None:
    folder = shared("sbti_testdata_prepared")
    grid, expected = rows(folder / "input.csv"), rows(folder / "expected_company_scores.csv")
    first = {row["company_id"]: row for row in reversed(grid)}
    companies = TemperatureCompanies.from_records([_company(first[key]) for key in sorted(first)])
    position = {key: at for at, key in enumerate(companies.company_id)}
    cell = [
        (position[row["company_id"]], TIME_FRAMES.index(row["time_frame"]), SCOPES.index(row["scope"])) for row in grid
    ]
    chosen = np.full((len(companies), len(TIME_FRAMES), len(SCOPES)), NONE)
    for at, where in enumerate(cell):
        chosen[where] = at
    method = shipped_method("parity")
    none = np.zeros(0, dtype=np.int64)
    scores = score_chosen(companies, _as_candidates(grid, cell), chosen, none, method, 2026)
    for row in expected:
        where = (
            position[row["company_id"]],
            TIME_FRAMES.index(row["time_frame"]),
            SCOPES.index(row["scope"]),
        )
        assert_near(scores.score_c[where], float(row["temperature_score"]), row)
        assert_near(scores.default_share[where], float(row["temperature_results"]), row)
    invested = floats(_number(first[key]["investment_value"]) for key in companies.company_id)
    nobody = np.zeros(len(companies), dtype=np.bool_)
    portfolio = Portfolio(scores, Holdings.merged(np.arange(len(companies)), invested, nobody))
    wanted = json.loads((folder / "expected_portfolio.json").read_text(encoding="utf-8"))["aggregations"]
    for found, theirs in zip(portfolio.aggregates(), wanted, strict=True):
        assert (found.method, found.time_frame, found.scope) == (
            theirs["method"],
            theirs["time_frame"],
            theirs["scope"],
        )
        assert_near(found.score_c, theirs["score"], found)  # ROTS: the file has no revenue, so neither has a score
        if theirs["score"] is not None:
            assert_near(found.influence_percentage, theirs["influence_percentage"], found)


def _company(row: dict[str, str]) -> CompanyFacts:
    return {
        "company_id": row["company_id"],
        "company_name": row["company_name"],
        "isic": row["isic"] or None,
        "ghg_s1s2": _number(row["ghg_s1s2"]),
        "ghg_s3": _number(row["ghg_s3"]),
        "company_revenue": None,
        "company_market_cap": _number(row["company_market_cap"]),
        "company_enterprise_value": _number(row["company_enterprise_value"]),
        "company_total_assets": _number(row["company_total_assets"]),
        "company_cash_equivalents": _number(row["company_cash_equivalents"]),
    }


def _as_candidates(grid: list[dict[str, str]], cell: list[tuple[int, int, int]]) -> Candidates:
    """The file is past the target protocol: each row stands in its cell."""
    none, nan = np.zeros(len(grid), dtype=np.int64), np.full(len(grid), np.nan)
    company, time_frame, scope = np.array(cell).T
    year = {name: [int(float(row[name])) if row[name] else None for row in grid] for name in ("base_year", "end_year")}
    return Candidates(
        source=np.arange(len(grid)),
        partner=none - 1,
        company=company,
        scope=scope,
        time_frame=time_frame,
        intensity=np.array([row["target_type"].lower().startswith("int") for row in grid]),
        metric_variable=np.array([METRIC_VARIABLE.get(row["intensity_metric"], NONE) for row in grid]),
        type_rank=none,
        metric_rank=none,
        coverage_s1=nan,
        coverage_s3=nan,
        ambition=floats(_number(row["reduction_ambition"]) for row in grid),
        base_year=years(year["base_year"]),
        end_year=years(year["end_year"]),
    )


def _number(text: str) -> float | None:
    return float(text) if text else None
