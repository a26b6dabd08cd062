"""Reading a CSV file so that every fault in it is named at once: file, line, column, found, expected."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

BOM = b"\xef\xbb\xbf"
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]{1,3})?")
SHOWN = 80  # characters of a wrong value that are worth printing


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


@dataclass
class Row:
    """One row and the line it begins on. Every reader below answers None (or "") and notes a fault if it must."""

    file: str
    line: int
    cells: dict[str, str]
    faults: list[Fault]

    def fault(self, column: str, expected: str, found: str | None = None) -> None:
        found = self.cells.get(column, "") if found is None else found
        self.faults.append(Fault(self.file, self.line, column, found[:SHOWN], expected))

    def has(self, column: str) -> bool:
        return column in self.cells

    def text(self, column: str, *, limit: int | None = None, required: bool = False) -> str:
        value = self.cells.get(column, "").strip()
        # A column that is missing was named once, in the header: not again in each row.
        if required and not value and self.has(column):
            self.fault(column, _("a value; the cell is empty"))
        if limit is not None and len(value) > limit:
            self.fault(column, _("at most %(limit)s characters, not %(length)s") % dict(limit=limit, length=len(value)))
        return value

    def number(self, column: str, *, least: float | None = None, most: float | None = None) -> float | None:
        """A finite number, as a machine writes it: no grouping, no unit."""
        text = self.text(column)
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
        if not re.fullmatch(r"[0-9]{4}", text) or not first <= int(text) <= last:
            self.fault(column, _("a year from %(first)s to %(last)s") % {"first": first, "last": last})
            return None
        return int(text)


@dataclass
class Table:
    """The rows of a file that have all their cells. `keys` holds the company_key of every row, whole or not."""

    file: str
    rows: list[Row] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    unknown_columns: list[str] = field(default_factory=list)
    content: bytes = b""


def read_table(path: Path, required: Collection[str], known: Collection[str], faults: list[Fault]) -> Table | None:
    """The file's rows, or None where it cannot be read as a table; `faults` grows by what is wrong."""
    table = Table(path.name, content=path.read_bytes())
    text = _decoded(table, faults)
    if text is None:
        return None
    records = _records(table, text, faults)
    header_line, header = next(records, (0, []))
    if not header:
        faults.append(Fault(table.file, 0, "", _("an empty file"), _("a header and rows")))
        return None
    header = [column.strip() for column in header]
    for column in sorted({column for column in header if header.count(column) > 1}):
        faults.append(Fault(table.file, header_line, column, _("the column twice"), _("each column once")))
    for column in required:
        if column not in header:
            faults.append(Fault(table.file, header_line, column, _("no such column"), _("a column of this name")))
    table.unknown_columns = [column for column in header if column not in known]
    key_position = header.index("company_key") if "company_key" in header else 0
    for line, cells in records:
        table.keys.update(cell.strip() for cell in cells[key_position : key_position + 1])
        if len(cells) != len(header):
            found = _("%(count)s cells") % {"count": len(cells)}
            expected = _("%(count)s cells, as in the header") % {"count": len(header)}
            faults.append(Fault(table.file, line, "", found, expected))
            continue
        table.rows.append(Row(table.file, line, dict(zip(header, cells, strict=True)), faults))
    return table


def _decoded(table: Table, faults: list[Fault]) -> str | None:
    content = table.content.removeprefix(BOM)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = _("byte 0x%(byte)s") % {"byte": content[error.start : error.start + 1].hex()}
        faults.append(Fault(table.file, line, "", found, _("a file in UTF-8")))
        return None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        faults.append(Fault(table.file, line, "", _("a NUL character"), _("text without NUL characters")))
        return None
    return text


def _records(table: Table, text: str, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins on: a quoted cell may run over many lines. Blank lines are skipped."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            faults.append(Fault(table.file, line, "", str(error), _("quotes that open and close")))
            return
        if cells:
            yield line, cells
