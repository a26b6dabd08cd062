"""`manage.py temperature`: files in, files out, no database; every bad cell named and the rest scored."""

from __future__ import annotations

import csv
import gzip
import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

COMPANIES = """\
company_id,company_name,isic,sector,ghg_s1s2,ghg_s3,company_revenue,company_market_cap,company_enterprise_value,\
company_total_assets,company_cash_equivalents
alice,Alice Steel,C24,metals,100,50,1000,2000,2500,3000,100
bob,Bob Cement,C23,minerals,300,100,1000,1000,1500,2000,50
carol,Carol Power,D35,,40,10,500,800,900,1000,20
"""
TARGETS = """\
company_id,target_type,intensity_metric,scope,coverage_s1,coverage_s2,coverage_s3,reduction_ambition,base_year,\
start_year,end_year,base_year_ghg_s1,base_year_ghg_s2,base_year_ghg_s3,achieved_reduction
alice,Absolute,,S1+S2,1,1,,0.42,2019,2019,2035,80,20,50,0.1
bob,Absolute,,S1+S2,1,1,,0.42,2019,,2035,80,20,50,
"""
PORTFOLIO = """\
company_name,company_id,company_isin,company_lei,investment_value,engagement_target
Alice Steel,alice,XX0000000001,nan,10,True
Bob Cement,bob,XX0000000002,nan,30,False
Carol Power,carol,,,60,
"""

# Alice by 1.0: 2.61728 - 0.311648 x 2.625; by 1.5: 2.33115 - 0.236435 x 3.34724, which is 1 - 0.58^(1/16).
ALICE_C, DEFAULT_C = {"parity": "1.8", "current": "1.54"}, {"parity": "3.2", "current": "3.4"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("companies", COMPANIES), ("targets", TARGETS), ("portfolio", PORTFOLIO)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str, suffix: str = ".csv", status: int = 0) -> dict[str, Any]:
    """What portfolio.json says. These tests have no database mark, so any query would fail them."""
    with nullcontext() if status == 0 else pytest.raises(SystemExit, match=f"^{status}$"):
        call_command(
            "temperature",
            *(f"--{name}={folder / name}{suffix}" for name in ("companies", "targets", "portfolio")),
            "--as-of=2026-06-30",
            f"--out={folder / 'out'}",
            "--method=parity",  # the last one counts
            *arguments,
        )
    found: dict[str, Any] = json.loads((folder / "out" / "portfolio.json").read_text(encoding="utf-8"))
    return found


def replace(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def append(folder: Path, name: str, *lines: str) -> None:
    with (folder / f"{name}.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def entry(found: dict[str, Any], method: str = "WATS", time_frame: str = "mid", scope: str = "S1+S2") -> dict[str, Any]:
    names = (method, time_frame, scope)
    return next(one for one in found["aggregations"] if (one["method"], one["time_frame"], one["scope"]) == names)


def faults(folder: Path) -> list[tuple[str, int, str]]:
    with (folder / "out" / "faults.csv").open(encoding="utf-8", newline="") as file:
        return [(row["file"], int(row["row"]), row["column"]) for row in csv.DictReader(file)]


def company_scores(folder: Path) -> dict[tuple[str, str, str], str]:
    with (folder / "out" / "company_scores.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["company_id"], row["time_frame"], row["scope"]): row["temperature_score"]
            for row in csv.DictReader(file)
        }


def test_clean_files_are_scored_without_a_fault(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run(folder)
    # 2.61728 - 0.311648 x 2.625 = 1.7992 for the two of heavy industry, the fallback for Carol
    assert entry(found)["score"] == pytest.approx((1.8 * 40 + 3.2 * 60) / 100)
    assert (entry(found)["n"], entry(found)["coverage"], entry(found)["error"]) == (3, 100.0, None)
    assert (found["method"], found["reporting_date"], found["fallback_score"]) == ("parity", "2026-06-30", 3.2)
    assert (found["fault_count"], found["faults"], faults(folder)) == (0, [], [])
    assert len(company_scores(folder)) == 27
    assert company_scores(folder)["alice", "mid", "S1+S2"] == "1.8"
    assert "3 companies, 2 targets, 3 holdings" in capsys.readouterr().out


def test_a_headline_below_one_degree_is_printed_as_no_figure(folder: Path) -> None:
    for name in ("alice", "bob"):
        replace(folder, "targets", f"{name},Absolute,,S1+S2,1,1,,0.42", f"{name},Absolute,,S1+S2,1,1,,0.99")
    (folder / "portfolio.csv").write_text("company_id,investment_value\nalice,10\n", encoding="utf-8")
    replace(folder, "targets", "alice,Absolute,,S1+S2,1,1,,0.99,2019,2019", "alice,Absolute,,S1+S2,1,1,,0.99,2029,2029")
    found = run(folder)
    assert entry(found)["score"] == 0.0 and found["headline"].startswith("WATS, mid term, S1+S2: < 1.0 °C")


def test_compressed_files_give_the_same(folder: Path) -> None:
    plain = run(folder)
    for name in ("companies", "targets", "portfolio"):
        content = (folder / f"{name}.csv").read_bytes()
        (folder / f"{name}.csv.gz").write_bytes(gzip.compress(content))
    assert run(folder, suffix=".csv.gz") == plain


def test_groups_come_from_the_companies_or_from_the_portfolio(folder: Path) -> None:
    by_sector = run(folder)
    assert by_sector["grouped_by"] == ["sector"]
    mid = next(one for one in by_sector["grouped"] if (one["time_frame"], one["scope"]) == ("mid", "S1+S2"))
    assert {name: group["score"] for name, group in mid["grouped"].items()} == pytest.approx(
        {"metals": 1.8, "minerals": 1.8, "unknown": 3.2}
    )
    replace(folder, "portfolio", "engagement_target\n", "engagement_target,desk\n")
    for old, desk in (("True\n", "east"), ("False\n", "east"), ("60,\n", "west")):
        replace(folder, "portfolio", old, f"{old.strip()},{desk}\n")
    grouped = run(folder, "--group-by", "desk", "sector")["grouped"][3]["grouped"]
    assert set(grouped) == {"east-metals", "east-minerals", "west-unknown"}


def test_the_fallback_and_the_floor_are_options(folder: Path) -> None:
    found = run(folder, "--fallback=3.4", "--floor=2")
    assert entry(found)["score"] == pytest.approx((2.0 * 40 + 3.4 * 60) / 100)


# What stops the reference tool does not stop us.


def test_a_portfolio_without_an_isin_column_is_scored(folder: Path) -> None:
    before = run(folder)
    (folder / "portfolio.csv").write_text("company_id,investment_value\nalice,10\nbob,30\ncarol,60\n", encoding="utf-8")
    assert entry(run(folder)) == entry(before)


def test_a_company_without_isin_and_lei_is_scored(folder: Path) -> None:
    assert entry(run(folder))["n"] == 3  # Carol has neither
    assert company_scores(folder)["carol", "mid", "S3"] == "3.2"


@pytest.mark.parametrize("method", ["parity", "current"])
def test_a_company_held_twice_is_one_holding(folder: Path, method: str) -> None:
    once = run(folder, f"--method={method}")
    replace(folder, "portfolio", "nan,30,False", "nan,12,False")
    append(folder, "portfolio", "Bob Cement,bob,,,18,")
    twice = run(folder, f"--method={method}")
    assert twice["aggregations"] == once["aggregations"]
    assert twice["held_more_than_once"] == ["bob"]


@pytest.mark.parametrize("method", ["parity", "current"])
def test_zero_emissions_are_scored_with_their_coverage(folder: Path, method: str) -> None:
    replace(folder, "companies", "40,10,", "0,0,")
    found = run(folder, f"--method={method}")
    both = entry(found, scope="S1+S2+S3")
    assert both["score"] is not None
    assert both["coverage"] == pytest.approx(100.0 if method == "current" else 40.0)
    assert found["coverage"]["zero_emissions"] == ["carol"]
    assert company_scores(folder)["carol", "mid", "S1+S2+S3"] == ("3.4" if method == "current" else "")


def test_a_portfolio_without_any_emissions_says_that_there_is_nothing_to_weigh_by(folder: Path) -> None:
    for old in ("100,50,", "300,100,", "40,10,"):
        replace(folder, "companies", f",{old}", ",0,0,")
    found = entry(run(folder, "--method=current"), "TETS")
    assert (found["score"], found["coverage"]) == (None, 0.0)
    assert "zero" in found["error"]


def test_a_missing_weight_stops_one_company_in_current_and_is_a_refusal_in_parity(folder: Path) -> None:
    replace(folder, "companies", "1000,2000,2500", "1000,2000,")
    ours = entry(run(folder, "--method=current"), "EOTS")
    assert (ours["n"], ours["coverage"], ours["error"]) == (2, 90.0, None)
    tools = entry(run(folder), "EOTS")
    assert tools["score"] is tools["n"] is None and "alice" in tools["error"]
    assert tools["covered"]["n"] == ours["n"]
    assert run(folder)["coverage"]["missing"]["company_enterprise_value"] == ["alice"]


# Bad input: named by file, row and column; the rest is scored.

BOB = "bob,Absolute,,S1+S2,1,1,,0.42,2019,,2035,80,20,50,"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (BOB.replace("2019,,2035", "2040,,2035"), "base_year"),
        (BOB.replace("2019,,2035", "2019,,2024"), "end_year"),
        (BOB.replace("1,1,,0.42", "1.2,1,,0.42"), "coverage_s1"),
        (BOB.replace("0.42,2019,,2035", "0.93,2026,,2027"), "reduction_ambition"),
        (BOB.replace("0.42", "42"), "reduction_ambition"),
        (BOB.replace("0.42", "42 %"), "reduction_ambition"),
        (BOB.replace("0.42", "1_000"), "reduction_ambition"),
        (BOB.replace("0.42", "inf"), "reduction_ambition"),
        (BOB.replace("0.42", "1.2.3"), "reduction_ambition"),
        (BOB.replace("Absolute", "Intensity"), "intensity_metric"),
        (BOB.replace("Absolute", "pledge"), "target_type"),
        (BOB.replace("S1+S2", "S1+S2+S4"), "scope"),
        (BOB.replace("bob", "nobody"), "company_id"),
        (BOB.replace("2035", "2035.5"), "end_year"),
        (BOB.replace("2035", ""), "end_year"),
        (BOB.replace("S1+S2,1,1,", "S1,1,1,").replace("80,20", ",20"), "scope"),
        (BOB.replace(",1,1,", ",,,"), "coverage_s1"),
        (BOB.replace("80,20", "-80,20"), "base_year_ghg_s1"),
        (BOB + ",,", ""),
    ],
)
@pytest.mark.parametrize("method", ["parity", "current"])
def test_a_bad_target_is_named_and_stops_nobody(folder: Path, row: str, column: str, method: str) -> None:
    append(folder, "targets", row)
    found = run(folder, f"--method={method}")
    assert ("targets.csv", 4, column) in faults(folder)
    assert found["fault_count"] == len(found["faults"]) > 0
    assert company_scores(folder)["alice", "mid", "S1+S2"] == ALICE_C[method]
    assert entry(found)["score"] is not None


@pytest.mark.parametrize("method", ["parity", "current"])
def test_a_coverage_that_cannot_be_read_is_not_taken_for_a_complete_one(folder: Path, method: str) -> None:
    append(folder, "targets", BOB.replace("bob", "carol").replace("1,1,,0.42", "120%,1,,0.42"))
    found = run(folder, f"--method={method}")
    assert faults(folder) == [("targets.csv", 4, "coverage_s1")]
    assert company_scores(folder)["carol", "mid", "S1+S2"] == DEFAULT_C[method]
    assert found["n_targets"] == 2


@pytest.mark.parametrize(
    ("name", "row", "place"),
    [
        ("companies", "alice,Alice again,A01,,1,1,1,1,1,1,1", (5, "company_id")),
        ("companies", ",Nameless,A01,,1,1,1,1,1,1,1", (5, "company_id")),
        ("portfolio", "Alice Steel,alice,,,0,perhaps", (5, "engagement_target")),
    ],
)
def test_a_bad_row_of_nobody_who_is_held_is_named_and_changes_no_figure(
    folder: Path, name: str, row: str, place: tuple[int, str]
) -> None:
    before = run(folder)
    append(folder, name, row)
    after = run(folder)
    assert (f"{name}.csv", *place) in faults(folder)
    assert after["aggregations"] == before["aggregations"]


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("1000,2000,2500", "1000,2000,0", "company_enterprise_value"),
        ("1000,2000,2500", "1000,-1,2500", "company_market_cap"),
        ("metals,100,50", "metals,100,fifty", "ghg_s3"),
        ("metals,100,50", "metals,-100,50", "ghg_s1s2"),
    ],
)
def test_a_bad_figure_of_a_company_is_named_and_only_lowers_the_coverage(
    folder: Path, old: str, new: str, column: str
) -> None:
    replace(folder, "companies", old, new)
    found = run(folder, "--method=current")
    assert faults(folder) == [("companies.csv", 2, column)]
    assert found["coverage"]["missing"][column] == ["alice"]
    with_tonnes = [one["coverage"] for one in found["aggregations"] if "+" in one["scope"] or one["scope"] == "S3"]
    assert min(with_tonnes) == pytest.approx(90.0)
    assert entry(found)["coverage"] == 100.0


def test_bytes_that_are_not_utf_8_are_named_and_the_figures_still_count(folder: Path) -> None:
    before = run(folder)
    path = folder / "companies.csv"
    path.write_bytes(path.read_bytes().replace(b"Bob Cement", b"Bob \xff Cement"))
    assert entry(run(folder)) == entry(before)
    assert faults(folder) == [("companies.csv", 3, ""), ("companies.csv", 3, "company_name")]


def test_a_company_that_is_not_held_is_left_out_and_reported(folder: Path) -> None:
    append(folder, "companies", "dave,Dave Oil,B06,energy,1,1,1,1,1,1,1")
    found = run(folder)
    assert found["not_held"] == ["dave"]
    assert {company for company, _, _ in company_scores(folder)} == {"alice", "bob", "carol"}


@pytest.mark.parametrize("column", ["company_id", "end_year", "scope"])
def test_a_missing_column_stops_everything_and_is_named(folder: Path, column: str) -> None:
    replace(folder, "targets", f"{column},", "")
    with pytest.raises(CommandError, match=rf"targets\.csv:1  {column}  'no such column'"):
        run(folder)
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    "content", [b"", "company_id\n".encode("utf-16"), b"\x1f\x8bbroken", b'company_id,x\n"' + b"a" * 200_000]
)
def test_a_file_that_cannot_be_read_at_all_is_named(folder: Path, content: bytes) -> None:
    (folder / "companies.csv").write_bytes(content)
    with pytest.raises(CommandError, match=r"companies\.csv"):
        run(folder)


def test_a_file_that_is_not_there_and_a_portfolio_of_strangers_are_refused(folder: Path) -> None:
    (folder / "portfolio.csv").write_text("company_id,investment_value\ndave,1\n", encoding="utf-8")
    with pytest.raises(CommandError, match="none of its companies"):
        run(folder)
    (folder / "targets.csv").unlink()
    with pytest.raises(CommandError, match=r"targets\.csv"):
        run(folder)


def test_no_target_at_all_is_the_fallback_for_everyone(folder: Path) -> None:
    (folder / "targets.csv").write_text(TARGETS.splitlines()[0] + "\n", encoding="utf-8")
    found = run(folder)
    assert [one["score"] for one in found["aggregations"]] == pytest.approx([3.2] * 63)
    assert entry(found)["influence_percentage"] == pytest.approx(100)


@pytest.mark.parametrize(
    ("name", "column"), [("companies", "ghg_s3"), ("companies", "sector"), ("targets", "end_year")]
)
def test_a_column_that_is_there_twice_is_refused_and_neither_is_picked(folder: Path, name: str, column: str) -> None:
    path = folder / f"{name}.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([f"{header},{column}", *(f"{row},999" for row in rows)]), encoding="utf-8")
    with pytest.raises(CommandError, match=rf"{name}\.csv:1  {column}  'the column twice'"):
        run(folder)


def test_other_columns_may_be_there_twice(folder: Path) -> None:
    before = run(folder)
    path = folder / "companies.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([f"{header},note,note,,", *(f"{row},a,b,," for row in rows)]), encoding="utf-8")
    assert run(folder) == before


@pytest.mark.parametrize("in_other_row", ["1", " 1", "1e0"])
def test_a_number_without_a_leading_zero_is_read_whatever_stands_in_other_rows(folder: Path, in_other_row: str) -> None:
    replace(folder, "targets", "alice,Absolute,,S1+S2,1,1,,0.42", "alice,Absolute,,S1+S2,1,1,,.42")
    replace(folder, "targets", "bob,Absolute,,S1+S2,1,1,,0.42", f"bob,Absolute,,S1+S2,1,1,,{in_other_row}")
    run(folder)
    assert faults(folder) == []
    assert company_scores(folder)["alice", "mid", "S1+S2"] == "1.8"


def test_a_company_without_a_readable_amount_is_listed_beside_the_coverage(folder: Path) -> None:
    replace(folder, "portfolio", "nan,30,False", "nan,30万,False")
    found = run(folder, status=1)
    assert found["coverage"]["missing"]["investment_value"] == ["bob"]
    assert (found["coverage"]["holdings"], entry(found)["n"]) == (2, 2)


@pytest.mark.parametrize(
    ("method", "metric", "named"),
    [("parity", "Widgets", True), ("parity", "power", True), ("current", "Widgets", True), ("current", "power", False)],
)
def test_an_intensity_target_whose_metric_has_no_regression_is_named(
    folder: Path, method: str, metric: str, *, named: bool
) -> None:
    append(folder, "targets", f"carol,Intensity,{metric},S1+S2,1,1,,0.42,2019,2019,2035,80,20,,")
    run(folder, f"--method={method}")
    assert faults(folder) == [("targets.csv", 4, "intensity_metric")] * named
    assert (company_scores(folder)["carol", "mid", "S1+S2"] == DEFAULT_C[method]) == named


def test_a_target_that_lets_emissions_grow_is_used_and_named(folder: Path) -> None:
    replace(folder, "targets", "alice,Absolute,,S1+S2,1,1,,0.42", "alice,Absolute,,S1+S2,1,1,,-0.16")
    run(folder)
    assert faults(folder) == [("targets.csv", 2, "reduction_ambition")]
    assert company_scores(folder)["alice", "mid", "S1+S2"] == "2.93"  # 2.61728 + 0.311648 x 1


def test_a_target_without_an_end_year_is_named_once(folder: Path) -> None:
    replace(folder, "targets", "0.42,2019,2019,2035", "0.42,2019,2019,")
    run(folder)
    assert faults(folder) == [("targets.csv", 2, "end_year")]


def test_a_quote_that_is_not_closed_says_which_rows_it_swallows(folder: Path) -> None:
    replace(folder, "companies", "bob,Bob Cement", 'bob,"Bob Cement')
    found = run(folder, status=1)
    swallowed = next(fault for fault in found["faults"] if fault["file"] == "companies.csv")
    assert (swallowed["row"], swallowed["found"]) == (3, "unexpected end of data")
    assert "this row goes on to line 4" in swallowed["expected"]
    assert company_scores(folder)["alice", "mid", "S1+S2"] == "1.8"


@pytest.mark.parametrize(
    ("row", "column", "of_money"),
    [
        ("Dave Oil,dave,,,50,", "company_id", 100 * 100 / 150),
        ("Cash,,,,4900,", "company_id", 100 * 100 / 5000),
        ("Alice Steel,\u200balice,,,50,", "company_id", 100 * 100 / 150),
        ("Dave Oil,dave,,,1e2,", "company_id", 50.0),
        ('Alice Steel,alice,,,"35,000,000",', "investment_value", None),
        ("Dave Oil,dave,,,many,", "company_id", None),
        ("Alice Steel,alice,,,,", "investment_value", None),
        ("Alice Steel,alice,,,-5,", "investment_value", None),
        ("Alice Steel,alice", "", None),
    ],
)
@pytest.mark.parametrize("method", ["parity", "current"])
def test_money_that_is_not_scored_stays_in_the_denominator(
    folder: Path, capsys: pytest.CaptureFixture[str], row: str, column: str, of_money: float | None, method: str
) -> None:
    before = run(folder, f"--method={method}")
    append(folder, "portfolio", row)
    after = run(folder, f"--method={method}", status=1)
    assert ("portfolio.csv", 5, column) in faults(folder)
    for found in (*after["aggregations"], *(one for future in after["scenarios"].values() for one in future)):
        if found["scope"] in ("S1", "S2") and found["method"] != "WATS":
            continue  # the file has no tonnes of scope 1 and 2 apart
        assert found["coverage"] == (None if of_money is None else pytest.approx(of_money))
    assert [one["score"] for one in after["aggregations"]] == [one["score"] for one in before["aggregations"]]
    assert (after["coverage"]["left_out"]["rows"], after["coverage"]["left_out"]["of_rows"]) == (1, 4)
    told = capsys.readouterr().out.splitlines()[-4:]
    said = "coverage of the money unknown" if of_money is None else f"coverage {of_money:.1f} % of the money"
    assert any(f"1 of 4 holdings left out, {said}" in line for line in told)


def test_a_missing_cent_is_never_rounded_to_all_of_the_money(folder: Path) -> None:
    append(folder, "portfolio", "Dave Oil,dave,,,0.01,")
    assert "coverage 99.9 % of the money" in run(folder, status=1)["headline"]


IN_OTHER_FORMS = {
    "decimal commas": ("0.42", '"0,42"', "reduction_ambition: 2 of 2 cells are decimal commas (0,42)"),
    "words for nothing": ("0.42", "N/A", "reduction_ambition: 2 of 2 cells are words for nothing (N/A); leave"),
    "nothing in Chinese": ("0.42", "无", "reduction_ambition: 2 of 2 cells are words for nothing (无); leave"),
    "percents": ("0.42", "42", "reduction_ambition: 2 of 2 cells are percents (42)"),
    "percent signs": ("0.42", "42%", "reduction_ambition: 2 of 2 cells are percents (42%)"),
    "full-width percents": ("0.42", "４２％", "reduction_ambition: 2 of 2 cells are percents (４２％)"),
    "other scopes": ("S1+S2", "Scope 1+2 (location-based)", "scope: 2 of 2 cells are refused (Scope 1+2 (location-b"),
    "scopes of the Protocol": ("S1+S2", "1, 2".join('""'), "scope: 2 of 2 cells are refused (1, 2); expected: one of"),
    "years of a fiscal kind": ("2035", "FY35", "end_year: 2 of 2 cells are refused (FY35); expected: a year from"),
}


@pytest.mark.parametrize(("old", "new", "said"), IN_OTHER_FORMS.values(), ids=IN_OTHER_FORMS)
@pytest.mark.parametrize("method", ["parity", "current"])
def test_a_column_that_went_wrong_is_one_sentence_and_no_result(
    folder: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str, method: str
) -> None:
    replace(folder, "targets", old, new)
    found = run(folder, f"--method={method}", status=1)
    assert len(found["gone_wrong"]) == 1 and said in found["gone_wrong"][0]
    assert capsys.readouterr().out.startswith(f"targets.csv: {said}")
    degrees = f"{float(DEFAULT_C[method]):.2f} °C"
    all_of_it = f"WATS, mid term, S1+S2: {degrees}, all of it the fallback: none of 2 targets could be used"
    assert found["headline"] == all_of_it


def test_one_cell_of_another_form_is_a_fault_and_no_sentence(folder: Path) -> None:
    replace(folder, "targets", "alice,Absolute,,S1+S2,1,1,,0.42", "alice,Absolute,,S1+S2,1,1,,N/A")
    assert run(folder)["gone_wrong"] == []


def test_the_headline_says_how_much_of_it_is_the_fallback(folder: Path) -> None:
    assert run(folder)["headline"].endswith("2.64 °C, 60.0 % of it the fallback, coverage 100.0 % of the money")
    (folder / "targets.csv").write_text(TARGETS.splitlines()[0] + "\n", encoding="utf-8")
    assert run(folder)["headline"].endswith("3.20 °C, all of it the fallback: there is no target")


WON = "alice,Absolute,,S1+S2,1,1,,0.42,2019,2019,2035,80,20,50,0.1"  # what Alice's row says


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ("carol,Intensity,Other,S1+S2,1,1,,0.5,2020,,2035,,,,", "intensity_metric", "is not used"),
        ("carol,Absolute,,S1+S2,1,1,,0.5,2020,,2035,,,,1", "achieved_reduction", "achieved already"),
        ("carol,Absolute,,S1+S2,1,1,,0.5,2020,,2080,,,,", "end_year", "30 years ahead"),
        ("carol,Absolute,,S1,1,,,0.5,2020,,2035,0,0,,", "base_year_ghg_s1", "emissions above zero"),
        (WON.replace("1,1,,0.42", "0.98,0.98,,0.42"), "coverage_s1", "row 2 covers more"),
        (WON.replace("0.42,2019", "0.40,2019"), "reduction_ambition", "row 2 reduces more"),
        (WON.replace(",2035,", ",2034,"), "end_year", "row 2 ends later"),
        (WON.replace("0.42,2019,2019", "0.42,2018,2018"), "base_year", "row 2 has a later base year"),
    ],
)
def test_a_target_that_is_not_used_has_a_row_that_says_why(folder: Path, row: str, column: str, said: str) -> None:
    append(folder, "targets", row)
    told = [fault for fault in run(folder)["faults"] if (fault["file"], fault["row"]) == ("targets.csv", 4)]
    assert [fault["column"] for fault in told] == [column]
    assert said in told[0]["expected"]
    assert company_scores(folder)["alice", "mid", "S1+S2"] == "1.8"


@pytest.mark.parametrize(
    ("old", "new", "column", "share"),
    [
        ("metals,100,50,1000,2000", "metals,100,50,1000,0.002", "company_market_cap", "10 / 0.00 = 5e+03"),
        ("2500,3000,100", "2.5,3000,100", "company_enterprise_value", "10 / 2.50 = 4"),
        ("2500,3000,100", "2500,8,100", "company_total_assets", "10 / 8.00 = 1.25"),
        ("50,1000,2000", "50,9.5,2000", "company_revenue", "10 / 9.50 = 1.05"),
    ],
)
def test_an_owned_share_above_one_is_a_fault_and_ours_waits_until_it_is_confirmed(
    folder: Path, old: str, new: str, column: str, share: str
) -> None:
    replace(folder, "companies", old, new)
    method = {"company_market_cap": "MOTS", "company_enterprise_value": "EOTS", "company_total_assets": "AOTS"}
    name = method.get(column, "ROTS")
    found = run(folder, "--method=current")
    assert [(fault["column"], fault["found"]) for fault in found["faults"]] == [(column, share)]
    assert (entry(found, name)["n"], entry(found, name)["coverage"]) == (2, pytest.approx(90.0))
    assert entry(run(folder, "--method=current", "--confirmed", "alice"), name)["n"] == 3
    assert faults(folder) == []
    assert entry(run(folder), name)["n"] == 3  # as the reference tool has it, and the fault says so
    assert faults(folder) == [("companies.csv", 2, column)]


def test_files_in_another_encoding_are_read_and_it_is_said(folder: Path) -> None:
    before = run(folder)
    for name in ("companies", "portfolio"):
        path = folder / f"{name}.csv"
        text = path.read_text(encoding="utf-8")
        for english, chinese in (("Alice Steel", "阿里斯钢铁股份"), ("Bob Cement", "水泥有限责任公司")):
            text = text.replace(english, chinese)
        path.write_bytes(text.encode("gb18030"))
    found = run(folder)
    assert found["notes"] == [f"{name}.csv: not in UTF-8; read as GB18030" for name in ("companies", "portfolio")]
    assert [one["score"] for one in found["aggregations"]] == [one["score"] for one in before["aggregations"]]


@pytest.mark.parametrize("key", ["甲钢", "乙电", "丁泥"])
def test_ids_that_read_in_several_ways_are_nobodys_and_their_money_is_not_covered(folder: Path, key: str) -> None:
    for name in ("companies", "targets", "portfolio"):
        path = folder / f"{name}.csv"
        path.write_bytes(path.read_text(encoding="utf-8").replace("carol", key).encode("gb18030"))
    found = run(folder, status=1)
    assert entry(found)["coverage"] == pytest.approx(40.0)
    assert f"GB18030: “{key}”" in found["faults"][0]["found"]
    assert "CSV UTF-8" in found["faults"][0]["expected"]


def test_files_whose_ids_cannot_be_read_say_why_no_company_is_found(folder: Path) -> None:
    for name in ("companies", "portfolio"):
        path = folder / f"{name}.csv"
        lines = path.read_text(encoding="utf-8").replace("alice", "甲钢").splitlines(keepends=True)
        path.write_bytes("".join(lines[:2]).encode("gb18030"))
    with pytest.raises(CommandError, match=r"GB18030: “甲钢”.*CSV UTF-8"):
        run(folder)


@pytest.mark.parametrize(
    ("option", "expected"),
    [("--as-of=2026-13-01", "not a date such as 2026-06-30"), ("--fallback=hot", "not a temperature such as 3.4")],
)
def test_an_option_that_cannot_be_read_says_what_was_expected(folder: Path, option: str, expected: str) -> None:
    with pytest.raises(CommandError, match=expected):
        run(folder, option)
