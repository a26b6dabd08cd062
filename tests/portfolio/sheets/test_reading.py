"""A company-year leaves as a file and comes back: nothing changes that nobody changed, and every fault is told."""

import csv
import io
import zipfile
from datetime import date
from typing import Any

import pytest
from django.utils.translation import override

from portfolio.exports import Table, file_of
from portfolio.models import Disclosure
from portfolio.sheets.changes import changes
from portfolio.sheets.columns import FIGURES, LINES, MOST_ROWS
from portfolio.sheets.marking import marked_csv, marked_workbook
from portfolio.sheets.reading import Sheets, read_sheets
from portfolio.sheets.rows import slip_words
from portfolio.sheets.template import heads_of, rows_of, told_of, workbook
from portfolio.typed.files import EvidenceRefused, read_upload
from tests import make
from tests.portfolio.sheets import sheets as filled

pytestmark = pytest.mark.django_db
HEADS = ["Row number", "Activity", "Amount", "Unit", "Month"]


@pytest.fixture
def draft() -> Disclosure:
    return filled.draft(make.company())


def compared(read: Sheets, draft: Disclosure) -> dict[str, Any]:
    return changes(read, draft, lambda lines: {})


def csv_of(draft: Disclosure, table: str) -> bytes:
    answer: Any = file_of(Table("x", told_of(draft), heads_of(table), rows_of(draft, table)), "csv")
    return b"".join(part if isinstance(part, bytes) else part.encode() for part in answer)


def told(read: Sheets) -> str:
    return " ".join(f"{wrong.found} {wrong.expected} {wrong.suggestion}" for wrong in read.wrong)


# --- there and back ------------------------------------------------------------------------------------
@pytest.mark.parametrize("taken_in", ["zh-hans", "en"])
@pytest.mark.parametrize("read_in", ["zh-hans", "en"])
def test_what_is_taken_away_comes_back_without_changes_or_faults(
    draft: Disclosure, taken_in: str, read_in: str
) -> None:
    with override(taken_in):
        files = [workbook(draft), csv_of(draft, LINES), csv_of(draft, FIGURES)]
    with override(read_in):
        for content in files:
            found = compared(read_sheets(content, draft), draft)
            assert (found["wrong"], found["records"], found["figures"]) == ([], [], [])
            assert (found["missing"], found["figures_missing"], found["notes"]) == ([], [], [])
            assert found["same"] + found["figures_same"] > 4


def test_a_csv_file_keeps_numbers_as_numbers_and_runs_nothing(draft: Disclosure) -> None:
    content = csv_of(draft, LINES).decode()
    assert content.startswith("\ufeff#")
    assert "'=cmd()" in content and ",=cmd()" not in content
    assert ",500," in content and "''+1" in content
    assert "'-1,200" in csv_of(draft, FIGURES).decode()


def test_the_template_has_lists_locked_heads_examples_and_its_version(draft: Disclosure) -> None:
    for language, names in (
        ("zh-hans", ["填写说明", "活动", "数据", "填写示例"]),
        ("en", ["How to", "Activities", "Figures", "Examples"]),
    ):
        with override(language):
            book = filled.opened(workbook(draft))
        assert [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"] == names
        lines = book[names[1]]
        lists = [rule for rule in lines.data_validations.dataValidation if rule.type == "list"]
        assert len(lists) >= 6  # kinds, units, months, sites, notation keys, heating values, contracts
        assert lines.protection.sheet and lines["A1"].protection.locked and not lines["B2"].protection.locked
        assert [book[names[0]][f"B{row}"].value for row in (2, 3, 4)] == ["1", "demo-alpha", 2024]


# --- faults --------------------------------------------------------------------------------------------
FAULTY = [
    HEADS,
    ["", "electricity", "12,34o", "MWh", 1],
    ["", "electricity", 500, "千瓦", 13],
    ["", "electrisity", 500, "kWh", 2],
    [99, "electricity", "abc", "kWh", 3],
    ["", "fuel.diesel", "", "L", 4],
    ["", "electricity", "１２３", "kWh", "5月"],
]


def test_seven_faults_in_five_rows_are_told_in_one_pass_by_cell(draft: Disclosure) -> None:
    with override("en"):
        read = read_sheets(filled.sheet_of(FAULTY), draft)
    assert [wrong.cell for wrong in read.wrong] == ["C2", "D3", "E3", "B4", "A5", "C5", "C6"]
    assert (len(read.wrong), read.wrong_rows, len(read.lines)) == (7, 5, 1)
    by_cell = {wrong.cell: wrong for wrong in read.wrong}
    assert by_cell["C2"].suggestion == "letter for a digit? → 12,340"
    assert by_cell["D3"].suggestion == "千瓦时"
    assert by_cell["C2"].sheet == "Activities" and by_cell["C2"].found == "12,34o" and "MWh" in by_cell["C2"].expected
    assert read.lines[0].line.amount == 123 and read.lines[0].line.period_end == date(2024, 5, 31)


def test_the_file_comes_back_with_these_cells_marked_and_commented(draft: Disclosure) -> None:
    content = filled.sheet_of(FAULTY)
    with override("en"):
        found = compared(read_sheets(content, draft), draft)
        sheet = filled.opened(marked_workbook(content, found["wrong"]))["Activities"]
    marked = [cell.coordinate for row in sheet for cell in row if cell.comment and cell.fill.fgColor.rgb == "00FFD6D6"]
    assert sorted(marked) == ["A5", "B4", "C2", "C5", "C6", "D3", "E3"]
    assert "letter for a digit" in sheet["C2"].comment.text and sheet["C2"].value == "12,34o"


def test_a_csv_file_comes_back_with_a_column_of_faults(draft: Disclosure) -> None:
    rows = b"Activity,Amount,Unit\nelectricity,12o,kWh\nelectricity,5,kWh\n"
    with override("en"):
        found = compared(read_sheets(rows, draft), draft)
        back = list(csv.reader(io.StringIO(marked_csv(rows, found["wrong"]).decode("utf-8-sig"))))
    assert back[0][-1] == "What is wrong" and "B2" in back[1][-1] and back[2][-1] == ""


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"Month": 45352}, "month 3"),
        ({"From": 45352, "To": 45382}, "2024-03-01"),
        ({"Amount": "=1+1"}, "formula"),
        ({"Amount": "#REF!"}, "formula"),
        ({"Month": "2023-05"}, "1 to 12"),
        ({"Site": "nowhere"}, "=cmd()"),
        ({"Evidence": "7 · bill.pdf"}, "attach"),
        ({"Amount": "1,5"}, "1.5"),
        ({"Place": "Atlantis"}, "no place"),
    ],
)
def test_what_cannot_be_read_is_told_in_words(draft: Disclosure, cells: dict[str, Any], words: str) -> None:
    row = {"Activity": "electricity", "Amount": 5, "Unit": "kWh"} | cells
    with override("en"):
        read = read_sheets(filled.sheet_of([list(row), list(row.values())]), draft)
    assert read.wrong and words in told(read)


def test_merged_cells_another_year_and_too_many_rows_refuse_the_file(draft: Disclosure) -> None:
    with override("en"):
        book = filled.opened(filled.sheet_of([HEADS, ["", "electricity", 5, "kWh", 1]]))
        book["Activities"].merge_cells("C2:C3")
        merged = read_sheets(filled.saved(book), draft)
        other_year = workbook(make.disclosure(draft.company, 2023, state=Disclosure.State.DRAFT))
        other = read_sheets(other_year, draft)
        long = read_sheets(("Activity,Amount,Unit\n" + "electricity,5,kWh\n" * 300_000).encode(), draft)
    assert not merged.is_whole and "merged cells" in told(merged)
    assert not other.is_whole and "2023" in told(other)
    assert not long.is_whole and f"{MOST_ROWS:,} rows" in told(long)


def test_a_program_and_a_zip_without_end_are_no_tables() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("[Content_Types].xml", "<a/>")
        bomb.writestr("xl/workbook.xml", "<a>" + " " * 60_000_000 + "</a>")
    for content in (b"MZ\x90\x00 a program", packed.getvalue()):
        with pytest.raises(EvidenceRefused):
            read_upload("2024.xlsx", content)


def test_gb18030_and_an_old_template_are_read_and_said(draft: Disclosure) -> None:
    with override("zh-hans"):
        head = ",".join(heads_of(LINES)[1:4])
        read = read_sheets(f"# 模板：0\n{head}\n外购电力,5,千瓦时\n外购电力,6,万千瓦时\n".encode("gb18030"), draft)
        assert len(read.lines) == 2 and not read.wrong
        assert any("GB18030" in note for note in read.notes) and any("模板" in note for note in read.notes)


def test_the_value_of_a_formula_is_read_and_said_and_strange_columns_and_sheets_too(draft: Disclosure) -> None:
    packed = io.BytesIO(filled.sheet_of([[*HEADS, "Colour"], ["", "electricity", 5, "kWh", 1, "red"]]))
    with zipfile.ZipFile(packed) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace(b"<v>5</v>", b"<f>2+3</f><v>5</v>")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        for part, data in parts.items():
            book.writestr(part, data)
    with override("en"):
        read = read_sheets(out.getvalue(), draft)
    assert read.lines[0].line.amount == 5
    assert any("C2" in note for note in read.notes) and any("Colour" in note for note in read.notes)


def test_columns_that_the_file_lacks_stay_as_they_are(draft: Disclosure) -> None:
    with override("en"):
        read = read_sheets(
            filled.sheet_of([["Row number", "Activity", "Amount", "Unit"], [7, "fuel.diesel", 90, "L"]]), draft
        )
        found = compared(read, draft)
    assert [record["changes"] for record in found["records"]] == [[["Amount", "85", "90"]]]
    assert found["records"][0]["period_start"] == "2024-01-15" and found["records"][0]["uncertainty_percent"] == 7.5
    assert [row["number"] for row in found["missing"]] == [1, 2, 5, 6]


def test_a_negative_amount_is_no_slip_of_the_finger() -> None:
    assert slip_words("-47500") == ""
    assert "12,340" in slip_words("12,34o")
