"""The one reader of tables: CSV and workbooks say the same, every door takes both, and a hostile file is a fault."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from fund.models import Position
from portfolio.models import Company
from portfolio.typed import workbooks
from portfolio.typed.tables import Fault, NotWhole, Row, Table, read_table, whole_table
from portfolio.universe.read import NotLoadable
from scoring import DATA
from scoring.estimators import training_sets
from scoring.estimators.shipped_table import SHIPPED
from tests import make
from tests.make import load_directory

SHEET = "xl/worksheets/sheet1.xml"
TEXTS = "xl/sharedStrings.xml"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def as_csv(rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def as_workbook(rows: list[list[Any]], *, merge: str = "", title: str = "Data") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def converted(path: Path) -> bytes:
    """A CSV file as somebody saves it from Excel: what looks like a number is one."""
    with path.open(encoding="utf-8", newline="") as file:
        return as_workbook([[_excels(cell) for cell in row] for row in csv.reader(file)])


def _excels(cell: str) -> Any:
    return float(cell) if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell) else cell or None


def repacked(content: bytes, parts: dict[str, bytes]) -> bytes:
    """The workbook with other parts beside its own, or in their place."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *parts}:
            new.writestr(name, parts[name] if name in parts else old.read(name))
    return out.getvalue()


def sheet_of(cells: str) -> bytes:
    rows = f'<row r="1"><c r="A1"><v>1</v></c></row>{cells}'
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def read(content: bytes, *required: str, **how: Any) -> tuple[Table | None, list[Fault]]:
    faults: list[Fault] = []
    return read_table(content, required, None, faults, file="t", **how), faults


def rows_of(content: bytes) -> list[Row]:
    table, _faults = read(content)
    assert table is not None
    return table.rows


def values(row: Row) -> list[Any]:
    return [
        row.text("key", required=True, limit=8),
        row.year("year", first=2000, last=2030),
        row.number("tonnes", least=0),
        row.whole("people"),
        row.flag("listed"),
    ]


HEADER = ["key", "year", "tonnes", "people", "listed"]
SOUND = [HEADER, ["甲", 2024, 12.5, 3, True], [" b ", None, 1e-5, 0, "no"], ["c", 2025, -0.0, None, "1"]]
FAULTY = [
    HEADER,
    ["", 24, -1, 1.5, "maybe"],
    ["a longer key", "2024年", "1,200", "many", None],
    [9.11e17, 2024, 9.11e17, 1, None],
    ["#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?"],
]


# --- one reader ----------------------------------------------------------------------------------------
def test_csv_and_workbook_give_the_same_values() -> None:
    plain, book = ([values(row) for row in rows_of(form(SOUND))] for form in (as_csv, as_workbook))
    assert plain == book
    assert plain == [["甲", 2024, 12.5, 3, True], ["b", None, 1e-5, 0, False], ["c", 2025, 0.0, None, True]]


def test_csv_and_workbook_give_the_same_faults_all_at_once() -> None:
    told = []
    for form in (as_csv, as_workbook):
        table, faults = read(form(FAULTY))
        assert table is not None
        for row in table.rows:
            values(row)
        told.append([(fault.line, fault.column, fault.expected) for fault in faults])
    assert told[0] == told[1]
    assert [(line, column) for line, column, _ in told[0]] == [
        *((2, column) for column in HEADER),
        *((3, column) for column in HEADER[:4]),
        (4, "key"),
        *((5, column) for column in HEADER),
    ]


def test_a_fault_of_a_workbook_names_the_sheet() -> None:
    [row] = rows_of(as_workbook([["n"], ["x"]]))
    row.number("n")
    assert str(row.faults[0]).startswith("t[Data]:2  n  'x'  a number")


@pytest.mark.parametrize("name", ["table.csv", "table.xlsx", "table.pdf"])
@pytest.mark.parametrize("form", [as_csv, as_workbook, lambda rows: gzip.compress(as_csv(rows))])
def test_what_is_inside_decides_and_not_the_name(tmp_path: Path, name: str, form: Any) -> None:
    (tmp_path / name).write_bytes(form(SOUND))
    assert [row.typed("key") for row in whole_table(tmp_path / name, HEADER).rows] == ["甲", "b", "c"]


def test_the_line_is_where_a_row_begins_and_reading_goes_on_behind_a_broken_one() -> None:
    table, faults = read(b'a,b\n"x\ny",1\n"x"y,2\n\nshort\n z , 3 \n,\n"open,4\n')
    assert table is not None
    assert [(row.line, row.text("b")) for row in table.rows] == [(2, "1"), (7, "3")]
    assert sorted((fault.line, fault.found) for fault in faults) == [
        (4, "',' expected after '\"'"),
        (6, "1 cells"),
        (9, "unexpected end of data"),
    ]


def test_a_missing_and_a_double_column_are_faults_of_the_header_line() -> None:
    for form in (as_csv, as_workbook):
        table, faults = read(form([["a", "b", "b"], [1, 2, 3]]), "a", "year")
        assert table is not None and not table.is_usable
        assert [(fault.line, fault.column) for fault in faults] == [(1, "b"), (1, "year")]


def test_a_table_without_faults_is_asked_for_and_all_of_them_are_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1\n2\n", encoding="utf-8")
    with pytest.raises(NotWhole) as refused:
        whole_table(path, ("c",))
    assert [fault.line for fault in refused.value.faults] == [1, 2, 3]


def test_gzip_that_is_broken_or_too_large_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portfolio.typed.tables.LARGEST_UNPACKED_BYTES", 1000)
    for content in (b"\x1f\x8bbroken", gzip.compress(b"a,b\n" * 1000), gzip.compress(as_csv(SOUND))[:-9]):
        table, faults = read(content)
        assert table is None and [fault.line for fault in faults] == [0]


# --- workbooks -----------------------------------------------------------------------------------------
def test_numbers_dates_and_truths_read_as_they_would_be_typed() -> None:
    cells = [2024.0, 0.1, 1e15, -3, True, date(2026, 9, 30), datetime(2026, 9, 30, 12), "2024", "911101081234567890"]
    [row] = rows_of(as_workbook([[f"c{n}" for n in range(len(cells))], cells]))
    assert list(row.cells.values()) == [
        "2024", "0.1", "1.0000000000000000e+15", "-3", "true", "2026-09-30", "2026-09-30 12:00:00", "2024",
        "911101081234567890",
    ]  # fmt: skip


@pytest.mark.parametrize("content", [as_workbook([["n"], [911101081234567890]]), b"n\n9.11101E+17\n"])
def test_a_long_number_is_an_amount_and_never_a_key(content: bytes) -> None:
    [row] = rows_of(content)
    assert row.number("n") == pytest.approx(9.11101e17, rel=1e-5) and not row.faults
    assert row.text("n") == ""
    assert "formatted as text" in row.faults[0].expected


def test_a_formula_that_failed_or_was_never_computed_is_a_fault_and_no_empty_cell() -> None:
    [row] = rows_of(as_workbook([["a", "b", "c"], ["#N/A", "=SUM(A1:A9)", "x"]]))
    assert (row.number("a"), row.number("b"), row.text("b"), row.text("c")) == (None, None, "", "x")
    assert [(fault.column, fault.found) for fault in row.faults] == [
        ("a", "#N/A"),
        ("b", "=SUM(A1:A9)"),
        ("b", "=SUM(A1:A9)"),
    ]


def test_a_formula_counts_by_its_value() -> None:
    cells = '<row r="2"><c r="A2" t="str"><f>B1</f><v></v></c><c r="B2"><f>1+1</f><v>2</v></c></row>'
    content = repacked(
        as_workbook([["x"]]), {SHEET: sheet_of(cells).replace(b"</c></row>", b'</c><c r="B1"><v>2</v></c></row>', 1)}
    )
    [row] = rows_of(content)
    assert (row.text("1"), row.number("2"), row.faults) == ("", 2.0, [])


def test_empty_rows_and_columns_around_the_table_are_no_part_of_it() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for place, value in {"C3": "a", "D3": "b", "C4": 1, "D4": 2, "C6": 3, "D9": "  ", "H4": " "}.items():
        sheet[place] = value
    table, faults = read(saved(book))
    assert table is not None and not faults
    assert (table.header, [(row.line, row.cells) for row in table.rows]) == (
        ["a", "b"],
        [(4, {"a": "1", "b": "2"}), (6, {"a": "3", "b": ""})],
    )


def test_a_value_behind_the_header_is_a_fault() -> None:
    _table, faults = read(as_workbook([["a", "b"], [1, 2, 3]]))
    assert [(fault.line, fault.found) for fault in faults] == [(2, "3 cells")]


@pytest.mark.parametrize(("merge", "line"), [("A1:B1", 1), ("A2:A3", 2)])
def test_merged_cells_are_a_fault_and_the_table_is_not_used(merge: str, line: int) -> None:
    table, faults = read(as_workbook([["a", "b"], [1, 2], [3, 4]], merge=merge))
    assert table is not None and not table.is_usable
    assert (faults[0].line, faults[0].found) == (line, "merged cells")


def test_the_first_sheet_to_be_seen_is_read_or_the_one_that_is_named() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].sheet_state = "hidden"
    for name in ("first", "second"):
        book.create_sheet(name).append([name])
    for asked, found in ((None, "first"), ("second", "second")):
        table, faults = read(saved(book), sheet=asked)
        assert table is not None and (table.file, table.header, faults) == (f"t[{found}]", [found], [])
    table, faults = read(saved(book), sheet="third")
    assert table is None and [fault.found for fault in faults] == ["no sheet “third”, but “first”, “second”"]


# --- hostile files -------------------------------------------------------------------------------------
def lying(content: bytes) -> bytes:
    """A sheet of 20 MB whose directory promises its first 700 bytes, and their checksum."""
    honest = sheet_of("")
    long = honest.replace(b"</sheetData>", b"<row/>" * 3_000_000 + b"</sheetData>")
    packed = bytearray(repacked(content, {SHEET: long}))
    with zipfile.ZipFile(io.BytesIO(packed)) as file:
        part = file.getinfo(SHEET)
    seen = long[:700]
    for size in (part.file_size.to_bytes(4, "little"),):
        packed = bytearray(bytes(packed).replace(size, len(seen).to_bytes(4, "little")))
    crc = zipfile.crc32(seen).to_bytes(4, "little")  # type: ignore[attr-defined]
    return bytes(packed).replace(part.CRC.to_bytes(4, "little"), crc)


def many_of_one_text(content: bytes) -> bytes:
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(2, 20_000))
    texts = f"<sst><si><t>{'long' * 2000}</t></si></sst>"
    return repacked(content, {SHEET: sheet_of(cells), TEXTS: texts.encode()})


BOOK = as_workbook([["a"], [1]])
HOSTILE = {
    "unpacks without end": repacked(BOOK, {"xl/media/bomb.xml": b" " * 60_000_000}),
    "promises less than it unpacks to": lying(BOOK),
    "a cell at the end of the world": repacked(
        BOOK, {SHEET: sheet_of('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')}
    ),
    "the same without saying the row": repacked(
        BOOK, {SHEET: sheet_of('<row r="1048575"/><row><c r="XFD1048576"><v>1</v></c></row>')}
    ),
    "the same in a part of another name": repacked(
        BOOK,
        {
            SHEET: sheet_of(""),
            "xl/other.xml": sheet_of('<x:row xmlns:x="x" r="1048576"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>'),
        },
    ),
    "a cell nowhere": repacked(BOOK, {SHEET: sheet_of('<row r="2"><c r="A-2"><v>1</v></c></row>')}),
    "one long text in every cell": many_of_one_text(BOOK),
    "a short text counted for a long one": repacked(
        many_of_one_text(BOOK), {"xl/sharedStrings0.xml": b"<sst><si/></sst>"}
    ),
    "entities": repacked(BOOK, {SHEET: b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + sheet_of("")}),
    "no XML": repacked(BOOK, {SHEET: b"<worksheet>"}),
    "a macro": repacked(BOOK, {"xl/vbaProject.bin": b"macro"}),
    "no workbook": b"PK\x03\x04 but no zip",
    "cut off": BOOK[:-100],
    "an old or a locked one": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
    "a picture": b"\x89PNG\r\n\x1a\n\0\0",
    "nothing": b"",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_one_fault_of_the_file(content: bytes) -> None:
    table, faults = read(content)
    assert table is None and len(faults) == 1


# --- every door takes a workbook -----------------------------------------------------------------------
POSITIONS = [
    ["holding_key", "company_key", "asset_class", "instrument", "currency", "as_of", "source", "outstanding"],
    ["a", "demo-alpha", "listed_equity", "shares", "CNY", date(2025, 6, 30), "s", 100],
    ["b", "demo-alpha", "swap", "shares", "CNY", date(2025, 6, 30), "s", 1],
]


@pytest.mark.django_db
def test_load_universe_takes_a_workbook_for_a_table(tmp_path: Path) -> None:
    head = ["company_key", "name", "country", "sector", "sector_scheme", "national_id", "source", "licence"]
    row = ["tw-1", "蜀光", "TWN", "半導體業", "carbon-watch sector", 2330, "made for a test", "none"]
    (tmp_path / "companies.xlsx").write_bytes(as_workbook([head, row]))
    call_command("load_universe", str(tmp_path))
    assert Company.objects.get(company_key="tw-1").national_id == "2330"


@pytest.mark.django_db
def test_a_table_that_is_there_as_csv_and_as_a_workbook_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "companies.csv").write_bytes(as_csv([["company_key"]]))
    (tmp_path / "companies.xlsx").write_bytes(as_workbook([["company_key"]]))
    with pytest.raises(NotLoadable) as refused:
        load_directory(tmp_path)
    assert ("companies.csv", 0, "companies.xlsx beside it") in [
        (fault.file, fault.line, fault.found) for fault in refused.value.faults
    ]


@pytest.mark.django_db
def test_import_holdings_takes_a_workbook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make.fund()
    make.company()
    (tmp_path / "h.xlsx").write_bytes(as_workbook(POSITIONS))
    with pytest.raises(SystemExit):
        call_command("import_holdings", str(tmp_path / "h.xlsx"))
    assert "h.xlsx[Data]:3  asset_class  'swap'" in capsys.readouterr().err
    assert Position.objects.get().as_of == date(2025, 6, 30)


@pytest.mark.django_db
def test_the_import_page_takes_a_workbook() -> None:
    fund, client = make.fund(), Client()
    make.company()
    client.force_login(make.dan())
    file = SimpleUploadedFile("持仓.xlsx", as_workbook(POSITIONS[:2]))
    given = {"kind": "positions", "fund": fund.pk, "file": file}
    assert client.post(reverse("admin:fund_holding_import"), given).status_code == 302
    assert Position.objects.get().outstanding == 100.0


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["cn_electricity.csv", "ipcc_fuels.csv"])
def test_import_factors_takes_a_workbook(tmp_path: Path, table: str) -> None:
    (tmp_path / "f.xlsx").write_bytes(converted(DATA / table))
    out = io.StringIO()
    call_command("import_factors", tmp_path / "f.xlsx", stdout=out)
    assert f"a version of {table}" in out.getvalue() and out.getvalue().endswith("Nothing to import.\n")


@pytest.mark.django_db
def test_a_training_table_may_be_a_workbook_and_is_kept_as_csv() -> None:
    plain, book = (training_sets.read_table(each, "t") for each in (SHIPPED.read_bytes(), converted(SHIPPED)))
    assert book.table.digest == plain.table.digest
    assert training_sets.read_table(book.text.encode(), "t").table.digest == plain.table.digest


def test_the_temperature_command_takes_workbooks(tmp_path: Path) -> None:
    companies = [["company_id", "ghg_s1s2", "ghg_s3", "company_revenue"], ["a", 100, 50, 1000]]
    targets = [
        ["company_id", "target_type", "scope", "coverage_s1", "coverage_s2", "coverage_s3", "reduction_ambition"],
        ["a", "Absolute", "S1+S2", 1, 1, None, 0.42],
    ]
    targets = [[*targets[0], "base_year", "end_year"], [*targets[1], 2019, 2035]]
    portfolio = [["company_id", "investment_value", "engagement_target"], ["a", 10, True]]
    for form, ending in ((as_csv, "csv"), (as_workbook, "xlsx")):
        for name, rows in {"companies": companies, "targets": targets, "portfolio": portfolio}.items():
            (tmp_path / f"{name}.{ending}").write_bytes(form(rows))
        files = [f"--{name}={tmp_path / name}.{ending}" for name in ("companies", "targets", "portfolio")]
        call_command("temperature", *files, "--as-of=2026-06-30", f"--out={tmp_path / ending}")
    told = [json.loads((tmp_path / ending / "portfolio.json").read_text("utf-8")) for ending in ("csv", "xlsx")]
    assert told[0] == told[1] and told[0]["fault_count"] == 0 and told[0]["n_targets"] == 1


def test_the_track_report_takes_workbooks(tmp_path: Path) -> None:
    (tmp_path / "tracks.xlsx").write_bytes(
        as_workbook([["company_key", "track", "why"], ["a", "power_decarbonisation", "wind turbines"]])
    )
    out = io.StringIO()
    call_command("track_report", "--tracks", str(tmp_path / "tracks.xlsx"), "--json", stdout=out)
    assert json.loads(out.getvalue().splitlines()[-1])["reasons"]["n"] == 1


@pytest.mark.parametrize(("before", "after"), [("", ""), (' t="n"', ""), ("", ' t="n"'), (' s="2" t="b"', ' s="3"')])
def test_a_formula_without_what_it_gave_is_text_wherever_its_type_stands(before: str, after: str) -> None:
    cell = f"<c{before} r='A1'{after}><f>1+1</f></c>".encode()
    found = workbooks.UNCOUNTED.sub(workbooks._as_text, cell)
    assert found.count(b"t=") == 1 and b't="str"><v>=1+1</v></c>' in found
    empty = b'<c r="A1" t="str"><f>1+1</f><v></v></c>'
    assert workbooks.UNCOUNTED.sub(workbooks._as_text, empty) == empty
