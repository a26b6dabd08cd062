"""Every figure of the reference tool's golden cases: each cell of the company scores, each key of the portfolio.

The cases were made by sbti-finance-tool 1.3.1. Those in tests/golden are ours to ship; those that start from another
project's files are compared where the shared folder is at hand.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring.engine.temperature.inputs import (
    NONE,
    SCOPES,
    TIME_FRAMES,
    CompanyFacts,
    TemperatureCompanies,
    floats,
    years,
)
from scoring.engine.temperature.method_10 import METRIC_VARIABLE, score_chosen
from scoring.engine.temperature.portfolio import Holdings, Portfolio
from scoring.engine.temperature.scores import Candidates
from scoring.proofs.temperature import SCORE_COLUMNS, score_files
from scoring.proofs.temperature_files import read_files
from scoring.tables.temperature import shipped_method
from tests.engine.golden import SHIPPED, case, rows, shared

CASES = (
    "edges",
    "edges_complete",
    "synthetic_200_full",
    "synthetic_200_gaps",
    "synthetic_2000",
    "synthetic_20000",
)
NUMBERS = SCORE_COLUMNS[6:11] + ("annual_reduction_rate", "param", "intercept", "temperature_score", SCORE_COLUMNS[-1])


def table(folder: Path, name: str) -> Path:
    plain = folder / f"{name}.csv"
    return plain if plain.exists() else folder / f"{name}.csv.gz"


def assert_near(found: float | None, expected: float | None, where: object) -> None:
    if expected is None or found is None:
        assert found is expected, where
    else:
        assert math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9), (where, found, expected)


def compare(folder: Path, tmp_path: Path) -> None:
    expected = case(folder / "expected_portfolio.json")
    files = read_files(*(table(folder, name) for name in ("companies", "targets", "portfolio")))
    method = shipped_method("parity", fallback_score_c=expected["fallback_score"])
    score_files(files, method, date.fromisoformat(expected["reporting_date"]), tmp_path)
    compare_companies(rows(tmp_path / "company_scores.csv"), rows(table(folder, "expected_company_scores")))
    compare_portfolio(case(tmp_path / "portfolio.json"), expected)


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
    """Contributions of one size may stand in any order: the tool's sort leaves equals as the processor has them."""
    for one, other in zip(mine, theirs, strict=True):
        for value, wanted in zip(one[2:], other[2:], strict=True):
            assert_near(value, wanted, where)
        alone = sum(math.isclose(another[3], other[3], rel_tol=1e-12) for another in theirs) == 1
        if alone and other is not theirs[-1]:
            assert one[0] == other[0], where
            assert_near(one[1], other[1], where)


@pytest.mark.parametrize("case", CASES)
def test_a_shipped_case_of_the_reference_tool_is_reproduced_in_full(
    case: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if case == "synthetic_20000" and not request.config.getoption("--long"):
        pytest.skip("a long form of synthetic_2000; --long runs it")
    compare(SHIPPED / case, tmp_path)


def test_words_in_another_case_are_read_by_current_and_literal_in_parity15(tmp_path: Path) -> None:
    """Of the golden README's list of differences: a metric and an ISIC code in lower case."""
    found: dict[str, dict[tuple[str, ...], str]] = {}
    files = read_files(*(SHIPPED / "edges" / f"{name}.csv" for name in ("companies", "targets", "portfolio")))
    for name in ("parity15", "current"):
        score_files(files, shipped_method(name), date(2026, 6, 30), tmp_path)  # type: ignore[arg-type]
        found[name] = {
            (row["company_id"], row["time_frame"], row["scope"]): row["temperature_score"]
            for row in rows(tmp_path / "company_scores.csv")
        }
    for key in (("E0INT_power", "mid", "S1+S2"), ("E0ISIC_c23", "mid", "S1+S2")):
        assert found["parity15"][key] != found["current"][key], key
    assert found["current"]["E0ISIC_c23", "mid", "S1+S2"] == found["current"]["E0ISIC_C23", "mid", "S1+S2"]


def test_current_has_a_score_with_its_coverage_wherever_the_tool_refuses(tmp_path: Path) -> None:
    folder = SHIPPED / "synthetic_200_gaps"
    expected = case(folder / "expected_portfolio.json")["aggregations"]
    files = read_files(*(table(folder, name) for name in ("companies", "targets", "portfolio")))
    found = score_files(files, shipped_method("current"), date(2026, 6, 30), tmp_path)["aggregations"]
    names = [tuple(one[name] for name in ("method", "time_frame", "scope")) for one in expected if one["error"]]
    refused = [one for one in found if (one["method"], one["time_frame"], one["scope"]) in names]
    assert len(refused) == 54
    assert all(one["score"] is not None and one["error"] is None and 0 < one["coverage"] < 100 for one in refused)
    assert all(one["n"] < 200 and one["proportion"] == one["n"] / 2 for one in refused)


def test_the_reference_tools_own_example_is_reproduced_in_full(tmp_path: Path) -> None:
    compare(shared("golden", "sbti_example_2024"), tmp_path)


def test_the_reference_tools_own_prepared_grid_is_scored_and_aggregated_as_it_does() -> None:
    """Two of its companies have other figures in other cells, so each cell is aggregated with its own."""
    folder = shared("golden", "sbti_testdata_prepared")
    grid = {
        (row["company_id"], TIME_FRAMES.index(row["time_frame"]), SCOPES.index(row["scope"])): row
        for row in rows(folder / "input.csv")
    }
    ids = sorted({key for key, _, _ in grid})
    at = np.arange(len(grid)).reshape(len(ids), len(TIME_FRAMES), len(SCOPES))
    cells = [(company, frame, scope) for company in range(len(ids)) for frame, scope in np.ndindex(3, 3)]
    candidates = _as_candidates([grid[ids[company], frame, scope] for company, frame, scope in cells], cells)
    expected = {
        (row["company_id"], row["time_frame"], row["scope"]): row
        for row in rows(folder / "expected_company_scores.csv")
    }
    totals = {
        (entry["method"], entry["time_frame"], entry["scope"]): entry
        for entry in case(folder / "expected_portfolio.json")["aggregations"]
    }
    assert (len(expected), len(totals)) == (99, 63)
    for frame, scope in np.ndindex(3, 3):
        facts = [_company(grid[key, frame, scope]) for key in ids]
        mixed = [
            fact
            | {"ghg_s1s2": _number(grid[key, frame, 0]["ghg_s1s2"]), "ghg_s3": _number(grid[key, frame, 1]["ghg_s3"])}
            for key, fact in zip(ids, facts, strict=True)
        ]
        none = np.zeros(0, dtype=np.int64)
        companies = TemperatureCompanies.from_records(mixed)  # type: ignore[arg-type]
        scores = score_chosen(companies, candidates, at, none, shipped_method("parity"), 2026)
        for company, key in enumerate(ids):
            theirs = expected[key, TIME_FRAMES[frame], SCOPES[scope]]
            assert_near(scores.score_c[company, frame, scope], float(theirs["temperature_score"]), theirs)
            assert_near(scores.default_share[company, frame, scope], float(theirs["temperature_results"]), theirs)
        invested = floats(_number(grid[key, frame, scope]["investment_value"]) for key in ids)
        holdings = Holdings.merged(np.arange(len(ids)), invested, np.zeros(len(ids), dtype=np.bool_))
        weighed = replace(scores, companies=TemperatureCompanies.from_records(facts))
        for found in Portfolio(weighed, holdings).aggregates():
            if (found.time_frame, found.scope) != (TIME_FRAMES[frame], SCOPES[scope]):
                continue
            wanted = totals[found.method, found.time_frame, found.scope]
            assert_near(found.score_c, wanted["score"], found)  # ROTS: the file has no revenue, so none has a score
            assert_near(found.influence_percentage, wanted.get("influence_percentage"), found)


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
        category=none,
        statement_day=none,
        lost=none,
    )


def _number(text: str) -> float | None:
    return float(text) if text else None
