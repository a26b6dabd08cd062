"""A list as a file: the same rows as CSV and as a workbook, numbers as numbers, and no text as a formula."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
from django.utils.translation import gettext_lazy

from portfolio.exports import LONGEST_CELL, Table, file_of, neutral

HEADS = ["Company", "Tonnes", "Money", "Day", "At", "Word"]
AT = datetime(2026, 11, 30, 4, 5, tzinfo=UTC)
ROWS: list[list[Any]] = [
    ["=HYPERLINK(1)", 12.5, Decimal("3.25"), date(2026, 11, 30), AT, gettext_lazy("Company")],
    ["-1+2", -3, None, None, None, "@x"],
    ["示例", 0, Decimal(0), None, None, "a\x07b" + "x" * LONGEST_CELL],
]


def written(kind: str, *, with_meta: bool = True) -> bytes:
    table = Table("made", {"Filters": "=cmd()", "Made by": "carol"}, HEADS, ROWS)
    return b"".join(file_of(table, kind, with_meta=with_meta))  # type: ignore[arg-type]


def book(**how: Any) -> Any:
    return openpyxl.load_workbook(io.BytesIO(written("xlsx", **how)))


def test_a_workbook_has_numbers_as_numbers_and_dates_as_dates() -> None:
    first = [[cell.value for cell in row] for row in book().worksheets[1].iter_rows()]
    assert first[0] == HEADS
    assert first[1] == ["=HYPERLINK(1)", 12.5, 3.25, datetime(2026, 11, 30), datetime(2026, 11, 30, 12, 5), "企业"]
    assert first[2][:4] == ["-1+2", -3, None, None]
    assert first[3][:3] == ["示例", 0, 0]


def test_no_text_of_a_workbook_is_a_formula() -> None:
    found = book()
    cells = [cell for sheet in found.worksheets for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    risky = [cell for cell in cells if isinstance(cell.value, str) and cell.value[:1] in "=-@"]
    assert len(risky) == 4 and all(cell.quotePrefix for cell in risky)


def test_what_a_workbook_cannot_hold_is_marked_not_refused() -> None:
    text = book().worksheets[1]["F4"].value
    assert text.startswith("a\ufffdb") and text.endswith("…") and len(text) == LONGEST_CELL


def test_the_first_sheet_says_what_was_asked_and_can_be_left_out() -> None:
    about = {row[0].value: row[1].value for row in book().worksheets[0].iter_rows()}
    assert about["Filters"] == "=cmd()" and about["Made by"] == "carol"
    assert any(str(value).startswith("Greenlight ") for value in about.values())
    assert len(book(with_meta=False).worksheets) == 1


def test_csv_has_the_same_rows_with_formulas_neutralised() -> None:
    lines = written("csv", with_meta=False).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(lines)))
    assert rows == [HEADS, *([str(neutral(value)) for value in row] for row in ROWS)]
    assert rows[1][0] == "'=HYPERLINK(1)" and rows[2][1] == "-3"
    assert written("csv").decode("utf-8-sig").startswith("# Filters：=cmd()\r\n# Made by：carol\r\n")
