"""The one reader of tables that people hand in: CSV, plain or gzip, or a workbook, by what is inside and not by name.

Every fault is named at once: file, line, column, found, expected. For a workbook the file names the sheet.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from portfolio.errors import PortfolioError
from portfolio.typed import workbooks
from portfolio.typed.files import LARGEST_UNPACKED_BYTES, LARGEST_UNPACKED_MB

BOM = b"\xef\xbb\xbf"
GZIP = b"\x1f\x8b"
NUMBER = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")
YEAR = re.compile(r"([0-9]{4})(\.0*)?")  # 2023.0: a table that went through pandas
YES, NO = ("yes", "true", "1", "1.0"), ("no", "false", "0", "0.0")
SHOWN = 80  # characters of a wrong value that are worth printing
# What Excel leaves where a formula fails or was never computed, and of a long number that nobody stored as text.
FORMULA = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)|=.*", re.DOTALL)
UNDECODED = re.compile("[\udc80-\udcff]")  # what decoding makes of a byte that it lets pass
SHORTENED = re.compile(r"-?[0-9](\.[0-9]+)?[eE]\+[0-9]{2,3}")

Record = tuple[int, list[str]]  # the line it begins on, its cells


@dataclass(frozen=True, order=True)
class Fault:
    """What is wrong with one cell, row or file. Line 0: the file as a whole; column "": the row as a whole."""

    file: str
    line: int
    column: str
    found: str
    expected: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}  {self.column or '-'}  {self.found!r}  {self.expected}"


class NotWhole(PortfolioError):
    """A table with a fault, where none is borne; the message names all of them."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


@dataclass
class Row:
    """One row and the line it begins on. Every reader below answers None (or "") and notes a fault if it must."""

    file: str
    line: int
    cells: dict[str, str]
    faults: list[Fault]

    def fault(self, column: str, expected: str, found: str | None = None) -> None:
        found = self.cells.get(column, "") if found is None else found
        found = found.encode(errors="surrogateescape").decode(errors="replace")
        self.faults.append(Fault(self.file, self.line, column, found[:SHOWN], expected))

    def has(self, column: str) -> bool:
        return column in self.cells

    def typed(self, column: str, *, limit: int | None = None) -> str:
        """The cell as it stands, a number or a text."""
        value = self.cells.get(column, "").strip()
        if limit is not None and len(value) > limit:
            self.fault(column, _("at most %(limit)s characters, not %(length)s") % dict(limit=limit, length=len(value)))
        return value

    def text(self, column: str, *, limit: int | None = None, required: bool = False) -> str:
        value = self.typed(column)
        # A column that is missing was named once, in the header: not again in each row.
        if required and not value and self.has(column):
            self.fault(column, _("a value; the cell is empty"))
        if expected := _spoiled(value):
            self.fault(column, expected)
            return ""
        return self.typed(column, limit=limit)

    def number(self, column: str, *, least: float | None = None, most: float | None = None) -> float | None:
        """A finite number, as a machine writes it: no grouping, no unit."""
        text = self.typed(column)
        if not text:
            return None
        value = float(text) if NUMBER.fullmatch(text) else float("inf")
        if abs(value) == float("inf"):
            self.fault(column, _("a number such as 1234.5, without grouping or unit"))
            return None
        if least is not None and value < least:
            self.fault(column, _("a number of at least %(least)s") % {"least": f"{least:g}"})
            return None
        if most is not None and value > most:
            self.fault(column, _("a number of at most %(most)s") % {"most": f"{most:g}"})
            return None
        return value + 0.0  # a minus zero becomes zero

    def whole(self, column: str, *, least: int = 0, most: int | None = None) -> int | None:
        value = self.number(column, least=least, most=most)
        if value is not None and value != int(value):
            self.fault(column, _("a whole number"))
            return None
        return None if value is None else int(value)

    def year(self, column: str, *, first: int, last: int, required: bool = False) -> int | None:
        text = self.text(column, required=required)
        if not text:
            return None
        year = YEAR.fullmatch(text)
        if year is None or not first <= int(year[1]) <= last:
            self.fault(column, _("a year from %(first)s to %(last)s") % {"first": first, "last": last})
            return None
        return int(year[1])

    def flag(self, column: str) -> bool | None:
        text = self.text(column).lower()
        if text and text not in (*YES, *NO):
            self.fault(column, _("yes, no or blank"))
        return None if text not in (*YES, *NO) else text in YES


def _spoiled(value: str) -> str:
    """What should stand instead of a text that a program has lost on the way; "" for any other."""
    if UNDECODED.search(value):
        return utf_8()
    if FORMULA.fullmatch(value):
        return _("a value; the formula gives none")
    if SHORTENED.fullmatch(value):
        return _("all digits, in a cell that is formatted as text")
    return ""


def utf_8() -> str:
    return _("a file in UTF-8")


@dataclass
class Table:
    """The rows of a file that have all their cells. `keys` holds the company_key of every row, whole or not."""

    file: str
    content: bytes
    faults: list[Fault]  # of the file and of its rows; those of the rows are added as they are read
    text: str = ""  # as CSV: the file itself, or the rows of a workbook
    header: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    unknown_columns: list[str] = field(default_factory=list)
    is_usable: bool = True  # each required column is there, and none that is read is there twice

    def fault(self, line: int, column: str, found: str, expected: str) -> None:
        self.faults.append(Fault(self.file, line, column, found[:SHOWN], expected))


def whole_table(source: Path | bytes, required: Collection[str] = ()) -> Table:
    """A table without any fault, such as those that ship. Raises NotWhole."""
    faults: list[Fault] = []
    table = read_table(source, required, None, faults)
    if table is None or faults:
        raise NotWhole(faults)
    return table


def read_table(
    source: Path | bytes,
    required: Collection[str],
    known: Collection[str] | None,
    faults: list[Fault],
    *,
    file: str = "",
    sheet: str | None = None,
    pads: bool = False,
    mends: bool = False,
) -> Table | None:
    """The file's rows, or None where it cannot be read as a table; `faults` grows by what is wrong.

    `known` None: every column is. `sheet` of a workbook; without it the first one. `pads`: a row may have fewer cells
    than the header, or empty ones behind it. `mends`: bytes that are no UTF-8 spoil their cell and not the file.
    """
    if isinstance(source, Path):
        file = file or source.name
        source = source.read_bytes()
    table = Table(file, source, faults)
    is_workbook = source.startswith(workbooks.MAGIC)
    found = _of_workbook(table, sheet) if is_workbook else _of_csv(table, mends=mends)
    if found is None:
        return None
    records = ((line, cells) for line, cells in found if any(map(str.strip, cells)))
    line, header = next(records, (0, []))
    if not header:
        table.fault(0, "", _("an empty file"), _("a header and rows"))
        return None
    table.header = [column.strip() for column in header]
    while is_workbook and not table.header[-1]:  # a sheet is as wide as its widest row
        table.header.pop()
    _check_header(table, line, required, known)
    _take_rows(table, records, pads=pads or is_workbook)
    if is_workbook:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([table.header, *(row.cells.values() for row in table.rows)])
        table.text = text.getvalue()
    return table


def _check_header(table: Table, line: int, required: Collection[str], known: Collection[str] | None) -> None:
    before = len(table.faults)
    twice = {column for column, times in Counter(table.header).items() if times > 1}
    for column in sorted(twice if known is None else twice.intersection(known)):
        table.fault(line, column, _("the column twice"), _("each column once"))
    for column in required:
        if column not in table.header:
            table.fault(line, column, _("no such column"), _("a column of this name"))
    table.is_usable &= len(table.faults) == before
    table.unknown_columns = [column for column in table.header if known is not None and column not in known]


def _take_rows(table: Table, records: Iterator[Record], *, pads: bool) -> None:
    width = len(table.header)
    key = table.header.index("company_key") if "company_key" in table.header else 0
    for line, cells in records:
        table.keys.update(cell.strip() for cell in cells[key : key + 1])
        if pads and not any(map(str.strip, cells[width:])):
            cells = [*cells[:width], *[""] * (width - len(cells))]
        if len(cells) == width:
            table.rows.append(Row(table.file, line, dict(zip(table.header, cells, strict=True)), table.faults))
        else:
            found = _("%(count)s cells") % {"count": len(cells)}
            table.fault(line, "", found, _("%(count)s cells, as in the header") % {"count": width})


# --- from bytes to records -----------------------------------------------------------------------------
def _of_workbook(table: Table, sheet: str | None) -> Iterator[Record] | None:
    try:
        name, found, merged = workbooks.read_sheet(table.content, sheet)
    except workbooks.NoWorkbook as none:
        bounds = {"most": LARGEST_UNPACKED_MB, "cells": f"{workbooks.MOST_CELLS:,}"}
        expected = _(
            "an .xlsx workbook without macros or password, of at most %(most)s MB unpacked and %(cells)s cells"
        )
        table.fault(0, "", str(none), expected % bounds)
        return None
    table.file = f"{table.file}[{name}]"
    table.is_usable = not merged  # which of the cells a value is meant for is anyone's guess
    for line in merged[:SHOWN]:
        table.fault(line, "", _("merged cells"), _("each value in a cell of its own"))
    return found


def _of_csv(table: Table, *, mends: bool) -> Iterator[Record] | None:
    content = _unpacked(table) if table.content.startswith(GZIP) else table.content
    text = None if content is None else decode(table, content, mends=mends)
    if text is None:
        return None
    table.text = text
    return _records(table)


def _unpacked(table: Table) -> bytes | None:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(table.content)) as packed:
            content = packed.read(LARGEST_UNPACKED_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        table.fault(0, "", str(error), _("a gzip file that is whole"))
        return None
    if len(content) > LARGEST_UNPACKED_BYTES:
        table.fault(
            0, "", _("a file that is larger"), _("at most %(most)s MB unpacked") % {"most": LARGEST_UNPACKED_MB}
        )
        return None
    return content


def decode(table: Table, content: bytes, *, mends: bool) -> str | None:
    """The text of a CSV file; None, and a fault, where it is none."""
    content = content.removeprefix(BOM)
    try:
        text = content.decode("utf-8", errors="surrogateescape" if mends else "strict")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        table.fault(line, "", _("byte 0x%(byte)s") % {"byte": content[error.start : error.start + 1].hex()}, utf_8())
        return None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        table.fault(line, "", _("a NUL character"), _("text without NUL characters"))
        return None
    return text


def _records(table: Table) -> Iterator[Record]:
    """Each record with the line it begins on: a quoted cell may run over many lines. Behind a fault reading goes on."""
    reader = csv.reader(io.StringIO(table.text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            expected = _("quotes that open and close; this row goes on to line %(line)s")
            table.fault(line, "", str(error), expected % {"line": reader.line_num})
