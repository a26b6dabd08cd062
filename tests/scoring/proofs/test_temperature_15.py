"""`manage.py temperature` by edition 1.5, its default: its own columns, and why a target is not used."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.scoring.proofs.test_temperature import append, company_scores, faults, folder, replace, run

__all__ = ["folder"]  # a fixture


def test_edition_1_5_of_ours_is_the_default_and_reads_its_own_columns(folder: Path) -> None:
    apart = (
        "company_id,isic,ghg_s1,ghg_s2,ghg_s3,ghg_s3_11\nalice,C24,80,20,50,30\nbob,C23,,,100,\ncarol,D35,30,10,10,\n"
    )
    (folder / "companies.csv").write_text(apart, encoding="utf-8")
    replace(
        folder,
        "targets",
        "base_year_ghg_s3,achieved_reduction",
        "base_year_ghg_s3,achieved_reduction,s3_category,statement_date,target_ids",
    )
    replace(folder, "targets", "80,20,50,0.1", "80,20,50,0.1,-1,2024-03-01,a-1")
    replace(folder, "targets", "2035,80,20,50,\n", "2035,80,20,50,,,,b-1\n")
    call_command(
        "temperature",
        *(f"--{name}={folder / name}.csv" for name in ("companies", "targets", "portfolio")),
        "--as-of=2026-06-30",
        f"--out={folder / 'out'}",
    )
    found = json.loads((folder / "out" / "portfolio.json").read_text(encoding="utf-8"))
    assert (found["method"], found["edition"], found["fallback_score"], found["floor"]) == ("current", "1.5", 3.4, 1.5)
    assert len(found["aggregations"]) == 105
    scores = company_scores(folder)
    # 0.8 x 1.53974 + 0.2 x 2.02579 = 1.63695; the sum of scope 1 and 2 is that of the file's two columns
    assert (scores["alice", "mid", "S1"], scores["alice", "mid", "S1+S2"]) == ("1.54", "1.64")
    assert scores["bob", "mid", "S1+S2"] == "1.54"  # not split: its scopes are not known apart
    rows = csv.DictReader((folder / "out" / "company_scores.csv").read_text(encoding="utf-8").splitlines())
    chosen = [row for row in rows if row["target_ids"]]
    assert {row["target_ids"] for row in chosen} == {"a-1", "b-1"} and chosen[0]["s3_category"] == ""


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("s3_category", "16"),
        ("s3_category", "1.5"),
        ("s3_category", "all"),
        ("statement_date", "2024"),
        ("statement_date", "1 March"),
    ],
)
def test_a_category_or_day_that_is_none_is_named(folder: Path, column: str, cell: str) -> None:
    replace(folder, "targets", "base_year_ghg_s3,achieved_reduction", f"base_year_ghg_s3,achieved_reduction,{column}")
    replace(folder, "targets", "80,20,50,0.1", f"80,20,50,0.1,{cell}")
    replace(folder, "targets", "2035,80,20,50,\n", "2035,80,20,50,,\n")
    run(folder, "--method=current")
    assert ("targets.csv", 2, column) in faults(folder)


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        (",Absolute,,S1,1,,,0.5,2020,,2035,,,,", "scope", "both scope 1 and 2"),
        (",Absolute,,S1+S2,0.9,0.9,,0.5,2020,,2035,80,20,,", "coverage_s1", "covers more"),
        (",Absolute,,S1+S2,1,1,,0.01,2020,,2035,80,20,,", "reduction_ambition", "reduces more"),
        (",Intensity,Widgets,S1+S2,1,1,,0.5,2020,,2035,80,20,,", "intensity_metric", "one of Revenue"),
        (",t_score,,S3,,,1,0.5,2020,,2035,,,,", "target_type", "in degrees"),
        (",Absolute,,S1+S2,1,1,,,2020,,2035,80,20,,", "reduction_ambition", "empty"),
    ],
)
def test_a_target_that_1_5_does_not_use_has_a_row_that_says_why(folder: Path, row: str, column: str, says: str) -> None:
    append(folder, "targets", f"alice{row}")
    run(folder, "--method=current")
    with (folder / "out" / "faults.csv").open(encoding="utf-8", newline="") as file:
        told = [(one["row"], one["column"], one["expected"]) for one in csv.DictReader(file)]
    assert any(line == "4" and at == column and says in expected for line, at, expected in told), told
