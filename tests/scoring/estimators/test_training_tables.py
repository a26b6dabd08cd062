"""Training tables: what is read, what is left out with its line, and what is refused by name."""

import csv
import gzip
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.utils import translation

from scoring.estimators.shipped_table import SHIPPED, build
from scoring.estimators.training_tables import (
    DuplicateCompanyYear,
    NoUsableRows,
    OneSectorOnly,
    TargetLeaked,
    TrainingTable,
    UnreadableTable,
    read_evaluation_table,
    read_training_table,
)

Rows = list[dict[str, object]]


def rows(n: int = 40) -> Rows:
    """Sound rows of two sectors; emissions of company i are a scattered 100 to 100,000 t."""
    random = np.random.Generator(np.random.PCG64(5))
    return [
        {
            "code": f"c{i:02}",
            "industry": ("鋼鐵工業", "半導體業")[i % 2],
            "year": 2023,
            "scope1_t": round(float(10 ** random.uniform(1, 4)), 3),
            "scope2_t": round(float(10 ** random.uniform(2, 5)), 3),
            "paid_in_capital_twd": round(float(10 ** random.uniform(8, 11))),
            "water_t": round(float(10 ** random.uniform(3, 6))),
            "business_zh": "鋼鐵製造",
        }
        for i in range(n)
    ]


def written(folder: Path, lines: Rows, name: str = "table.csv") -> Path:
    out = io.StringIO()
    writer = csv.DictWriter(out, lines[0].keys())
    writer.writeheader()
    writer.writerows(lines)
    path = folder / name
    path.write_bytes(gzip.compress(out.getvalue().encode()) if name.endswith(".gz") else out.getvalue().encode())
    return path


def table(folder: Path, lines: Rows) -> TrainingTable:
    return read_training_table(written(folder, lines))


def test_a_sound_table_is_read_plain_and_packed_alike(tmp_path: Path) -> None:
    plain = table(tmp_path, rows())
    packed = read_training_table(written(tmp_path, rows(), "table.csv.gz"))
    assert len(plain.batch) == 40
    assert plain.digest == packed.digest
    assert plain.batch.log10_t is not None
    first = rows()[0]
    assert plain.batch.log10_t[0] == pytest.approx(
        np.log10(float(str(first["scope1_t"])) + float(str(first["scope2_t"])))
    )


def test_the_order_of_the_rows_does_not_change_the_digest(tmp_path: Path) -> None:
    assert table(tmp_path, rows()).digest == table(tmp_path, rows()[::-1]).digest


def test_each_scope_can_be_a_target_of_its_own(tmp_path: Path) -> None:
    found = table(tmp_path, rows())
    assert found.scope(1).log10_t == pytest.approx(np.log10(found.scope1_t))
    assert found.scope(2).log10_t == pytest.approx(np.log10(found.scope2_t))


def test_a_row_with_more_cells_than_the_header_is_left_out_and_named(tmp_path: Path) -> None:
    """scope1_t = 1,234.5 without quotes: every cell behind it would be read as its neighbour."""
    path = written(tmp_path, rows())
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = lines[1].split(",")
    cells[3] = "1,234.5"
    path.write_text("\n".join([lines[0], ",".join(cells), *(line + ",," for line in lines[2:])]), encoding="utf-8")
    with translation.override("en"):
        found = read_training_table(path)
    assert len(found.batch) == 39
    assert [str(fault) for fault in found.faults] == ["table.csv:2  -  '9 cells'  8 cells, as in the header"]


def test_a_missing_or_zero_scope_is_no_row_to_learn_from(tmp_path: Path) -> None:
    lines = rows()
    lines[0]["scope1_t"], lines[1]["scope2_t"] = "", 0
    found = table(tmp_path, lines)
    assert (len(found.batch), found.without_emissions) == (38, 2)


def test_one_sector_is_refused_for_learning_and_fine_for_measuring(tmp_path: Path) -> None:
    path = written(tmp_path, [row | {"industry": "鋼鐵工業"} for row in rows()])
    with pytest.raises(OneSectorOnly, match="鋼鐵工業"):
        read_training_table(path)
    assert len(read_evaluation_table(path).batch) == 40


def test_a_company_year_twice_is_refused_with_both_lines(tmp_path: Path) -> None:
    with pytest.raises(DuplicateCompanyYear, match="c03 2023, lines 5 and 42"):
        table(tmp_path, [*rows(), rows()[3]])


@pytest.mark.parametrize(
    "column", ["water_t", "mystery"], ids=["a known feature", "a column nobody knows and nobody reads"]
)
def test_the_target_in_a_feature_is_refused(tmp_path: Path, column: str) -> None:
    leaked = [row | {column: float(str(row["scope1_t"])) * 2.5 + float(str(row["scope2_t"])) * 2.5} for row in rows()]
    with pytest.raises(TargetLeaked, match=column):
        table(tmp_path, leaked)


def test_the_logarithm_of_the_target_is_found_out_too(tmp_path: Path) -> None:
    leaked = [row | {"mystery": -np.log10(float(str(row["scope1_t"])) + float(str(row["scope2_t"])))} for row in rows()]
    with pytest.raises(TargetLeaked, match="mystery"):
        table(tmp_path, leaked)


@pytest.mark.parametrize("hidden", [np.log10, np.reciprocal, np.sqrt], ids=["logarithm", "reciprocal", "root"])
@pytest.mark.parametrize("column", ["water_t", "mystery"])
def test_the_target_is_found_out_by_its_ranks_however_it_is_dressed(tmp_path: Path, column: str, hidden: Any) -> None:
    leaked = [row | {column: hidden(float(str(row["scope1_t"])) + float(str(row["scope2_t"])))} for row in rows()]
    with pytest.raises(TargetLeaked, match=column):
        table(tmp_path, leaked)


def test_a_single_scope_in_an_unknown_column_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(TargetLeaked, match="correlates with scope 1 by"):
        table(tmp_path, [row | {"mystery": row["scope1_t"]} for row in rows()])


def test_electricity_behind_one_grid_factor_is_a_measurement(tmp_path: Path) -> None:
    found = table(tmp_path, [row | {"electricity_kwh": float(str(row["scope2_t"])) / 0.0005366} for row in rows()])
    assert "electricity_kwh" in found.batch.numbers


@pytest.mark.parametrize(
    "column",
    ["ghg_total", "co2e", "total_t", "target", "scope12_t", "Emissions_kt"]
    + ["totalEmissions", "Scope 1 + 2 (t)", "scope1", "s1_plus_s2", "tCO₂e", "排放量", "碳足迹", "label"],
)
def test_a_column_named_as_the_target_is_refused(tmp_path: Path, column: str) -> None:
    with pytest.raises(TargetLeaked, match=re.escape(column)):
        table(tmp_path, [row | {column: i * 7 % 11 + 1} for i, row in enumerate(rows())])


def test_known_answers_in_other_dress_may_stand_there_since_they_are_never_read(tmp_path: Path) -> None:
    lines = [row | {"register_total_t": row["scope2_t"], "intensity": row["scope1_t"]} for row in rows()]
    found = table(tmp_path, lines)
    assert set(found.unread_columns) == {"register_total_t", "intensity"}
    assert set(found.batch.numbers) == {"capital_money", "water_t"}


def test_what_cannot_be_read_is_listed_with_its_line_and_the_rest_is_kept(tmp_path: Path) -> None:
    lines = rows()
    lines[0]["water_t"] = "n/a"
    lines[1]["scope1_t"] = -5
    lines[2]["year"] = "112"
    lines[3]["paid_in_capital_twd"] = "inf"
    found = table(tmp_path, lines)
    assert [(fault.line, fault.column, fault.found) for fault in found.faults] == [
        (2, "water_t", "n/a"),
        (3, "scope1_t", "-5"),
        (4, "year", "112"),
        (5, "paid_in_capital_twd", "inf"),
    ]
    assert len(found.batch) == 38
    assert np.isnan(found.batch.numbers["water_t"][0])


def test_numbers_and_years_are_read_as_people_and_spreadsheets_write_them(tmp_path: Path) -> None:
    lines = rows()
    lines[0] |= {"scope1_t": "1,234.5", "scope2_t": "１２３", "water_t": "1.2万", "year": "2023.0"}
    lines[1] |= {"scope1_t": "1e308"}  # no such amount: sums of it would overflow
    found = table(tmp_path, lines)
    assert (found.scope1_t[0], found.scope2_t[0], found.batch.numbers["water_t"][0]) == (1234.5, 123.0, 12_000.0)
    assert found.batch.year[0] == 2023
    assert [(fault.line, fault.found) for fault in found.faults] == [(3, "1e308")]


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    for name, content in {"a": b"\xff\xfe", "b": b"a,b\n1,2\n", "c": b"", "d": b"\x1f\x8bnot gzip"}.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(UnreadableTable):
            read_training_table(path)
    with pytest.raises(NoUsableRows):
        table(tmp_path, [row | {"scope1_t": ""} for row in rows()])


def test_the_shipped_table_is_what_the_universe_gives() -> None:
    assert SHIPPED.read_text(encoding="utf-8") == build()


def test_the_shipped_table_can_be_learned_from_and_names_its_licences() -> None:
    found = read_training_table(SHIPPED)
    assert not found.faults
    assert found.digest in (SHIPPED.parent / "README.md").read_text(encoding="utf-8")
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        licences = {row["licence"] for row in csv.DictReader(file)}
    assert all(licence.startswith(("CC BY 4.0", "MIT")) for licence in licences)
