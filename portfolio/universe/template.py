"""The workbook to fill in: a sheet for each table, lists to choose from, and every column explained."""

from __future__ import annotations

import io

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from portfolio.models import EbitStanding, GateWord, Sector, Solution, Track
from portfolio.models.company import CatalogueEdition
from portfolio.universe import words
from portfolio.universe.columns import Column, columns_of
from portfolio.universe.sectors import standard_schemes
from portfolio.universe.tables import FORMS

HEAD = PatternFill("solid", fgColor="E6EDF5")
ROWS = 2000  # that the lists to choose from reach down
WIDEST = 40

CHOICES = {
    ("tracks.csv", "catalogue_edition"): list(CatalogueEdition.values),
    ("solutions.csv", "kind"): list(Solution.Kind.values),
    ("solutions.csv", "stated_avoided_kind"): list(Solution.Stated.values),
    ("gate_words.csv", "question"): list(GateWord.Question.values),
    ("gate_words.csv", "answer"): list(GateWord.Answer.values),
}


def workbook(*, with_examples: bool) -> bytes:
    """As .xlsx: empty, or with two example rows that load as they stand."""
    book = Workbook()
    book.remove(book.worksheets[0])
    fields = book.create_sheet("fields")
    _write(fields, 1, [_("Sheet"), _("Column"), _("Name"), _("Needed"), _("What it is")])
    for table in FORMS:
        columns = columns_of(table)
        _fill(book.create_sheet(table.removesuffix(".csv")), table, columns, with_examples=with_examples)
        for column in columns:
            needed = _("yes") if column.is_required else ""
            row = [table.removesuffix(".csv"), column.name, column.label, needed, column.about]
            _write(fields, fields.max_row + 1, row)
    for letter, width in zip("ABCDE", (18, 24, 30, 8, 70), strict=True):
        fields.column_dimensions[letter].width = width
    _freeze(fields)
    book.move_sheet(fields, len(FORMS))
    book.active = 0
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Worksheet, table: str, columns: list[Column], *, with_examples: bool) -> None:
    _write(sheet, 1, [column.name for column in columns])
    for at, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(at)].width = min(max(len(column.name) + 4, 12), WIDEST)
        if choices := _choices(table, column.name):
            rule = DataValidation("list", formula1=f'"{",".join(choices)}"', allow_blank=True, showErrorMessage=False)
            rule.add(f"{get_column_letter(at)}2:{get_column_letter(at)}{ROWS}")
            sheet.add_data_validation(rule)
    if with_examples:
        for which in (0, 1):
            cells = [column.examples[which] for column in columns]
            if any(cells):
                _write(sheet, sheet.max_row + 1, cells)
    _freeze(sheet)


def _choices(table: str, column: str) -> list[str]:
    """Those of a list that Excel takes: at most 255 characters together."""
    if column == "track":
        return list(Track.values)
    if (table, column) in CHOICES:
        return CHOICES[table, column]
    if column.endswith("_standing"):
        return list(EbitStanding.values)
    if column == "sector_scheme" and table == "companies.csv":
        return standard_schemes()
    if column == "scoring_sector":
        return list(Sector.values)
    if column == "horizon":
        return words.known_target_words("horizon")
    return []


def _write(sheet: Worksheet, row: int, cells: list[str]) -> None:
    """As text: a key of digits keeps its zeros, and nothing that begins with a sign is a formula."""
    for at, value in enumerate(cells, 1):
        if value:
            cell = sheet.cell(row, at)
            cell.value, cell.data_type = value, "s"
            cell.alignment = Alignment(vertical="top", wrap_text=True)


def _freeze(sheet: Worksheet) -> None:
    sheet.freeze_panes = "A2"
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), HEAD
