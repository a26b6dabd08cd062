"""A file that came back, read as a whole: its rows, and every fault of every row by sheet and cell, in one pass."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from portfolio.exports import plain
from portfolio.models import Disclosure
from portfolio.sheets import columns as layout
from portfolio.sheets.columns import FIGURES, LINES, MOST_ROWS, REQUIRED, VERSION
from portfolio.sheets.rows import FigureRow, Known, LineRow, Refused, read_figure_row, read_line_row
from portfolio.typed import workbooks
from portfolio.typed.tables import Fault, Row, Table, read_table
from portfolio.typed.text import NoText, read_text
from portfolio.wording import listed

MOST_SHOWN = 80  # characters of what was found
TELL_EVERY = 500  # rows
TOLD_IN = 40  # rows in which a file may say what it is
COMMENT = re.compile(r"# *([^:：]+?) *[:：] *(.*)")

Tick = Callable[[int, int], None]


@dataclass(frozen=True)
class Wrong:
    """One fault. `cell` as Excel names it, "" for a row or a file as a whole; line 0: the file."""

    sheet: str
    line: int
    column: str
    cell: str
    found: str
    expected: str
    suggestion: str = ""


@dataclass
class Sheets:
    """What a file says. `given`: by table the columns it has; a table that it lacks is not in it."""

    lines: list[LineRow] = field(default_factory=list)
    figures: list[FigureRow] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    given: dict[str, frozenset[str]] = field(default_factory=dict)
    numbers_seen: frozenset[int] = frozenset()  # row numbers in it, of rows with a fault, too

    @property
    def is_whole(self) -> bool:
        """Whether the file could be read, whatever is wrong with rows of it."""
        return not any(wrong.line == 0 for wrong in self.wrong) and bool(self.given)

    @property
    def wrong_rows(self) -> int:
        return len({(wrong.sheet, wrong.line) for wrong in self.wrong if wrong.line})


def read_sheets(content: bytes, disclosure: Disclosure, tick: Tick = lambda done, total: None) -> Sheets:
    """Read a workbook or a CSV file against what the company has. Nothing is written."""
    found = Sheets()
    is_workbook = content.startswith(workbooks.MAGIC)
    book = _book(content, found) if is_workbook else None
    if is_workbook and book is None:
        return found
    tables = list(_of_workbook(book, found) if book else _of_csv(content, found))
    _compare(_told_of_workbook(book) if book else _told_of_csv(content), disclosure, found)
    known = Known.of(disclosure)
    total = sum(len(table.rows) for _name, table in tables)
    done = 0
    for name, table in tables:
        found.given[name] = frozenset(table.header) & {column.key for column in layout.COLUMNS[name]}
        if table.unknown_columns:
            words = _("Columns that are not read: %(columns)s.")
            found.notes.append(words % {"columns": listed(dict.fromkeys(filter(None, table.unknown_columns)))})
        found.notes += table.notes
        for row in table.rows if table.is_usable else ():
            _take(name, row, known, found, is_workbook=is_workbook)
            done += 1
            if done % TELL_EVERY == 0:
                tick(done, total)
    tick(total, total)
    found.numbers_seen = frozenset(known.seen)
    if not found.given and not found.wrong:
        found.wrong.append(Wrong("", 0, "", "", _("no table"), _expected_tables()))
    return found


def _expected_tables() -> str:
    heads = {
        LINES: [layout.column_of(LINES, key) for key in REQUIRED[LINES]],
        FIGURES: [layout.column_of(FIGURES, key) for key in REQUIRED[FIGURES]],
    }
    told = {table: listed(str(column.label) for column in found if column) for table, found in heads.items()}
    words = _("a table with the columns %(lines)s, or one with the columns %(figures)s, as in the template")
    return words % told


def _take(name: str, row: Row, known: Known, found: Sheets, *, is_workbook: bool) -> None:
    cells = {key: value.strip() for key, value in row.cells.items() if key}
    if not is_workbook:
        cells = {key: plain(value) if value[:1] == "'" else _unless_formula(value) for key, value in cells.items()}
        if row.table.convention.has_decimal_commas:
            cells = {key: row.table.convention.as_machines_write(value) for key, value in cells.items()}
    try:
        if name == LINES:
            if any(value for key, value in cells.items() if key != "row"):
                found.lines.append(read_line_row(row.line, cells, known))
        else:
            found.figures.append(read_figure_row(row.line, cells, known))
    except Refused as refused:
        in_order = {key: at for at, key in enumerate(row.table.header)}
        for key, expected, suggestion in sorted(refused.faults, key=lambda fault: in_order.get(fault[0], -1)):
            shown = (cells.get(key) or "").replace(NOT_COMPUTED, "", 1)[:MOST_SHOWN]
            found.wrong.append(
                Wrong(
                    _sheet(row.file, name), row.line, key, _cell(row.table, row.line, key), shown, expected, suggestion
                )
            )


NOT_COMPUTED = "\0"  # before what a CSV file has as a formula: a text from here on, but never a value


def _unless_formula(value: str) -> str:
    return f"{NOT_COMPUTED}{value}" if value[:1] in ("=", "@") else value


def _cell(table: Table, line: int, key: str) -> str:
    return f"{get_column_letter(table.header.index(key) + 1)}{line}" if key in table.header else f"{line}"


def _sheet(file: str, name: str) -> str:
    """The sheet as the person sees it; of a CSV file which table it is."""
    match = re.fullmatch(r".*\[(.*)\]", file, re.DOTALL)
    return match[1] if match else str(layout.TITLES[name])


# --- which tables are in it ----------------------------------------------------------------------------
def _book(content: bytes, found: Sheets) -> workbooks.Book | None:
    try:
        return workbooks.open_book(content)
    except workbooks.NoWorkbook as none:
        expected = _("an .xlsx workbook without macros or password, of at most %(rows)s rows")
        found.wrong.append(Wrong("", 0, "", "", str(none), expected % {"rows": f"{MOST_ROWS:,}"}))
        return None


def _of_workbook(book: workbooks.Book, found: Sheets) -> Iterator[tuple[str, Table]]:
    by_name = {name: layout.sheet_of().get(name.strip().casefold(), "") for name in book.names}
    tables = {table: [name for name, which in by_name.items() if which == table] for table in (LINES, FIGURES)}
    others = [name for name, which in by_name.items() if not which]
    if not any(tables.values()):  # somebody's own workbook: the heads tell
        for name in others:
            if which := _table_on(book, name):
                tables[which].append(name)
        others = [name for name in others if name not in [*tables[LINES], *tables[FIGURES]]]
    if others:
        found.notes.append(
            _("Sheets that are not read: %(sheets)s.") % {"sheets": listed(f"“{one}”" for one in others)}
        )
    if book.formulas:
        words = _("Cells hold formulas, such as %(cells)s: the value that Excel last computed is read.")
        found.notes.append(words % {"cells": listed(filter(None, book.formulas))})
    for which, names in tables.items():
        for name in names[:1]:
            if table := _read(book, which, found, sheet=name):
                yield which, table


def _table_on(book: workbooks.Book, name: str) -> str:
    for which in (LINES, FIGURES):
        faults: list[Fault] = []
        table = read_table(
            book, REQUIRED[which], None, faults, sheet=name, also=layout.heads(which), most_rows=MOST_ROWS
        )
        if table is not None and set(REQUIRED[which]) <= set(table.header):
            return which
    return ""


def _of_csv(content: bytes, found: Sheets) -> Iterator[tuple[str, Table]]:
    for which in (FIGURES, LINES):  # the last one names the faults where it is neither
        faults: list[Fault] = []
        table = read_table(content, REQUIRED[which], None, faults, also=layout.heads(which), pads=True, most_rows=1)
        if table is None or set(REQUIRED[which]) <= set(table.header) or which == LINES:
            if table := _read(content, which, found):
                yield which, table
            return


def _read(source: bytes | workbooks.Book, which: str, found: Sheets, *, sheet: str | None = None) -> Table | None:
    faults: list[Fault] = []
    known = {column.key for column in layout.COLUMNS[which]}
    heads = layout.heads(which)
    table = read_table(source, REQUIRED[which], known, faults, sheet=sheet, also=heads, pads=True, most_rows=MOST_ROWS)
    for fault in faults:
        is_head = table is not None and not table.rows or (table is not None and fault.line < _first_line(table))
        line = 0 if is_head or table is None else fault.line
        column = layout.column_of(which, fault.column)
        found_words = f"{column.label}: {fault.found}" if column else fault.found
        cell = _cell(table, fault.line, fault.column) if table is not None and fault.line else ""
        name = sheet or str(layout.TITLES[which])
        found.wrong.append(Wrong(name, line, fault.column, cell, found_words[:MOST_SHOWN], fault.expected))
    if table is not None and not table.is_usable and not any(wrong.line == 0 for wrong in found.wrong):
        found.wrong.append(  # merged cells: which of them a value is meant for is anyone's guess
            Wrong(
                sheet or str(layout.TITLES[which]), 0, "", "", _("merged cells"), _("each value in a cell of its own")
            )
        )
    return table


def _first_line(table: Table) -> int:
    return table.rows[0].line if table.rows else 0


# --- what it says of itself ----------------------------------------------------------------------------
def _told_of_workbook(book: workbooks.Book) -> dict[str, str]:
    try:
        name = next((each for each in book.names if layout.sheet_of().get(each.strip().casefold()) == "about"), None)
        if name is None:
            return {}
        rows = [cells for line, cells in workbooks.read_sheet(book, name).rows if line <= TOLD_IN]
    except workbooks.NoWorkbook:
        return {}
    pairs = [(cells[0], cells[1]) for cells in rows if len(cells) > 1]
    return _known_words(pairs)


def _told_of_csv(content: bytes) -> dict[str, str]:
    try:
        lines = read_text(content).text.splitlines()[:TOLD_IN]
    except NoText:
        return {}
    return _known_words(match.groups() for line in lines if (match := COMMENT.match(line.strip('"'))))


def _known_words(pairs: Any) -> dict[str, str]:
    words = layout.told_words()
    return {
        words[name.strip().casefold()]: value.strip(' "') for name, value in pairs if name.strip().casefold() in words
    }


def _compare(told: Mapping[str, str], disclosure: Disclosure, found: Sheets) -> None:
    """Refuse the file of another company or year; say of another template how it is read."""
    company, year = disclosure.company, str(disclosure.year)
    if told.get("company", company.company_key) != company.company_key:
        found.wrong.append(
            Wrong(
                "",
                0,
                "",
                "",
                _("the file of another company: %(key)s") % {"key": told["company"][:MOST_SHOWN]},
                _("a file of %(company)s") % {"company": company.name},
            )
        )
    if told.get("year", year) != year:
        words = _("copy its rows into the template of this year, without their row numbers")
        found.wrong.append(
            Wrong(
                "",
                0,
                "",
                "",
                _("the file of %(year)s") % {"year": told["year"][:MOST_SHOWN]},
                _("a file of %(year)s") % {"year": year},
                words,
            )
        )
    if (version := told.get("template", VERSION)) != VERSION:
        words = _(
            "The file is of template %(theirs)s, this page knows %(ours)s: its columns were found by their names,"
            " and what it lacks stays as it is."
        )
        found.notes.append(words % {"theirs": version[:20], "ours": VERSION})
