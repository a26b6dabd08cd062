"""The one reader of tables that people hand in: CSV, plain or gzip, or a workbook, by what is inside and not by name.

Every fault is named at once: file, line, column, found, expected. For a workbook the file names the sheet. A column
that went wrong as a whole is one sentence besides (`Table.gone_wrong`), and how the file was read is another (`notes`).
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.errors import PortfolioError
from portfolio.typed import text, workbooks
from portfolio.typed.files import LARGEST_UNPACKED_BYTES, LARGEST_UNPACKED_MB
from portfolio.typed.numbers import Convention, Slip, commas_group, slip_of
from portfolio.wording import listed

GZIP = b"\x1f\x8b"
SEPARATORS = {
    ",": "",
    ";": gettext_lazy("read with semicolons between cells"),
    "\t": gettext_lazy("read with tabs between cells"),
}
SEPARATORS |= {"|": gettext_lazy("read with vertical lines between cells")}
HEADER_WITHIN = 30  # rows: titles and units may stand above the header
LONGEST_HEAD = 200_000  # characters in which they stand
MOST_OF_IT = 0.9  # of the filled cells of a column refused for one reason, at least two: the column went wrong
# Nothing to be seen, and yet another text: they come along when a cell is copied from a page.
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")
# Without one of these in a whole file no cell can tell how it writes its numbers.
GROUPED = re.compile(r"[0-9]\.[0-9]{3}[.,]")
COMMAS_OR_GROUPED = re.compile(r",[0-9]|[0-9]\.[0-9]{3}[.,]")
YEAR = re.compile(r"([0-9]{4})(\.0*)?")  # 2023.0: a table that went through pandas
YES, NO = ("yes", "true", "1", "1.0", "是"), ("no", "false", "0", "0.0", "否")
SHOWN = 80  # characters of a wrong value that are worth printing
# What Excel leaves where a formula fails or was never computed, and of a long number that nobody stored as text.
FORMULA = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)|=.*", re.DOTALL)
UNDECODED = re.compile("[\udc80-\udcff]")  # what decoding makes of a byte that it lets pass
SHORTENED = re.compile(r"-?[0-9](\.[0-9]+)?[eE]\+[0-9]{2,3}")

Record = tuple[int, list[str]]  # the line it begins on, its cells


@dataclass(frozen=True, order=True)
class Fault:
    """What is wrong with one cell, row or file. Line 0: the file as a whole; column "": the row as a whole.

    `slip` is what cells of one column may have in common though each is told what it may have meant.
    """

    file: str
    line: int
    column: str
    found: str
    expected: str
    slip: str = field(default="", compare=False)

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
    table: Table

    def fault(self, column: str, expected: str, found: str | None = None, *, slip: str = "") -> None:
        found = self.cells.get(column, "") if found is None else found
        found = found.encode(errors="surrogateescape").decode(errors="replace")
        self.faults.append(Fault(self.file, self.line, column, found[:SHOWN], expected, slip))

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

    def number(
        self, column: str, *, least: float | None = None, most: float | None = None, may_group: bool = False
    ) -> float | None:
        """A finite number as a machine writes it, or as the one convention of its file has it: no unit.

        `may_group`: 1,234.5 is read where the column shows that its commas stand between thousands.
        """
        cell = self.typed(column)
        if not cell:
            return None
        value = self.table.convention.number(cell)
        if value is None and may_group and self.table.commas_group(column):
            value = self.table.convention.number(cell.replace(",", ""))
        if value is None:
            self._no_number(column, cell)
            return None
        if least is not None and value < least:
            self.fault(column, _("a number of at least %(least)s") % {"least": f"{least:g}"})
            return None
        if most is not None and value > most:
            self.fault(column, _("a number of at most %(most)s") % {"most": f"{most:g}"})
            return None
        return value

    def share(self, column: str) -> float | None:
        """A number of which 1 is all; what can only be a percentage is asked about, a little beyond 1 is not."""
        cell = self.typed(column)
        slip, meant = slip_of(cell)
        value = None if slip == Slip.PERCENT else self.number(column)
        if value is not None and 2 <= value <= 100:
            slip, meant = Slip.PERCENT, f"{value / 100:.6g}"
        if slip == Slip.PERCENT:
            question = _("a share from 0 to 1; is %(meant)s meant?") if meant else _("a share from 0 to 1")
            self.fault(column, question % {"meant": meant} if meant else question, slip=slip)
            return None
        return value

    def _no_number(self, column: str, cell: str) -> None:
        convention = self.table.convention
        slip, meant = slip_of(cell)
        if slip == Slip.EITHER and (convention.dots or self.table.commas_group(column)):
            slip = Slip.COMMAS_GROUP  # what the rest of the file or of the column says
        if slip == Slip.OTHER and "." in cell and convention.shown:
            slip, meant = Slip.DOTS_GROUP, cell.replace(".", ",")
            expected = _("one way of writing numbers; this file writes %(shown)s: is %(meant)s meant?")
            self.fault(column, expected % {"shown": convention.shown, "meant": meant}, slip=slip)
        else:
            self.fault(column, _expected_number(slip) % {"meant": meant}, slip="" if slip == Slip.OTHER else slip)

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


def _expected_number(slip: Slip) -> str:
    return {
        Slip.DECIMAL_COMMA: _("a decimal point; is %(meant)s meant?"),
        Slip.COMMAS_GROUP: _("a number without grouping; is %(meant)s meant?"),
        Slip.DOTS_GROUP: _("a number without grouping; is %(meant)s meant?"),
        Slip.EITHER: _("a number without a comma: this one may stand for a decimal point or between thousands"),
        Slip.NOTHING: _("an empty cell where nothing is known"),
        Slip.PERCENT: _("a number without a percent sign"),
    }.get(slip) or _("a number such as 1234.5, without grouping or unit")


def _went_wrong(slip: str) -> str:
    """The sentence for a column most of whose cells are refused for one reason."""
    return {
        Slip.DECIMAL_COMMA: _("%(column)s: %(count)s of %(filled)s cells are decimal commas (%(found)s)"),
        Slip.COMMAS_GROUP: _("%(column)s: %(count)s of %(filled)s cells have commas between thousands (%(found)s)"),
        Slip.DOTS_GROUP: _("%(column)s: %(count)s of %(filled)s cells have dots between thousands (%(found)s)"),
        Slip.EITHER: _(
            "%(column)s: %(count)s of %(filled)s cells have a comma that may be a decimal comma or stand between"
            " thousands (%(found)s)"
        ),
        Slip.NOTHING: _(
            "%(column)s: %(count)s of %(filled)s cells are words for nothing (%(found)s); leave them empty"
        ),
        Slip.PERCENT: _("%(column)s: %(count)s of %(filled)s cells are percents (%(found)s)"),
    }.get(Slip(slip) if slip else Slip.OTHER) or _(
        "%(column)s: %(count)s of %(filled)s cells are refused (%(found)s); expected: %(expected)s"
    )


def _spoiled(value: str) -> str:
    """What should stand instead of a text that a program has lost on the way; "" for any other."""
    if UNDECODED.search(value):
        return text.remedy()
    # In a sentence it does no harm; a key or a word with one is another key or word.
    if INVISIBLE.search(value[:1] + value[-1:]) and " " not in value:
        code = f"U+{ord(INVISIBLE.findall(value)[0]):04X}"
        meant = INVISIBLE.sub("", value).strip()
        return _("no invisible character (%(code)s) around it; is “%(meant)s” meant?") % {"code": code, "meant": meant}
    if FORMULA.fullmatch(value):
        return _("a value; the formula gives none")
    if SHORTENED.fullmatch(value):
        return _("all digits, in a cell that is formatted as text")
    return ""


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
    notes: list[str] = field(default_factory=list)  # how it was read, where that is not what a machine writes
    separator: str = ","
    other_sheets: list[str] = field(default_factory=list)  # of a workbook
    convention: Convention = Convention()
    grouped: dict[str, bool] = field(default_factory=dict)

    def fault(self, line: int, column: str, found: str, expected: str) -> None:
        self.faults.append(Fault(self.file, line, column, found[:SHOWN], expected))

    def note(self, sentence: str) -> None:
        self.notes.append(f"{self.file}: {sentence}")

    def commas_group(self, column: str) -> bool:
        """Asked of the whole column before any of its cells is read."""
        if column not in self.grouped:
            self.grouped[column] = commas_group([row.typed(column) for row in self.rows])
        return self.grouped[column]

    def gone_wrong(self) -> list[str]:
        """A sentence for each column most of whose cells are refused for one reason. Ask when all rows are read."""
        return gone_wrong(self.file, self.rows, self.faults)


def gone_wrong(file: str, rows: Iterable[Row], faults: Iterable[Fault]) -> list[str]:
    """The same of rows that are a part of a table."""
    first: dict[tuple[int, str], Fault] = {}  # a cell counts once: what else is wrong follows from it
    for fault in faults:
        if fault.file == file and fault.line and fault.column:
            first.setdefault((fault.line, fault.column), fault)
    alike: dict[tuple[str, str], dict[int, Fault]] = defaultdict(dict)
    for (line, column), fault in first.items():
        alike[column, fault.slip or fault.expected][line] = fault
    told = []
    for (column, _reason), found in sorted(alike.items()):
        filled = sum(1 for row in rows if row.typed(column) or row.line in found) if len(found) > 1 else 0
        if filled and len(found) >= MOST_OF_IT * filled:
            one = next(iter(found.values()))
            words = listed(islice(dict.fromkeys(fault.found for fault in found.values()), 3))
            values = {"column": column, "count": len(found), "filled": filled, "found": words}
            told.append(f"{file}: " + _went_wrong(one.slip) % {**values, "expected": one.expected})
    return told


def whole_table(source: Path | bytes, required: Collection[str] = ()) -> Table:
    """A table without any fault, such as those that ship. Raises NotWhole."""
    faults: list[Fault] = []
    table = read_table(source, required, None, faults)
    if table is None or faults:
        raise NotWhole(faults)
    return table


def read_table(
    source: Path | bytes | workbooks.Book,
    required: Collection[str],
    known: Collection[str] | None,
    faults: list[Fault],
    *,
    file: str = "",
    sheet: str | None = None,
    also: Mapping[str, str] | None = None,
    pads: bool = False,
    mends: bool = False,
    most_rows: int | None = None,
) -> Table | None:
    """The file's rows, or None where it cannot be read as a table; `faults` grows by what is wrong.

    The header is the first row with the required columns, or with most of them. `known` None: every column is. `sheet`
    of a workbook; without it the first one. `also`: other names that a column may stand under, with its own. `pads`: a
    row may have fewer cells than the header, or empty ones behind it. `mends`: bytes that are no text for sure spoil
    their cell and not the file. `most_rows`: with more of them the file is too long, and none of them is read.
    """
    if isinstance(source, Path):
        file = file or source.name
        source = source.read_bytes()
    book = source if isinstance(source, workbooks.Book) else None
    content = source if isinstance(source, bytes) else b""
    table = Table(file, content, faults)
    is_workbook = book is not None or content.startswith(workbooks.MAGIC)
    also = also or {}
    heads = [*required, *(name for name, column in also.items() if column in required)]
    found = _of_workbook(table, book or content, sheet) if is_workbook else _of_csv(table, heads, mends=mends)
    if found is None:
        return None
    records = ((line, cells) for line, cells in found if any(map(str.strip, cells)))
    (line, header), below = _header(table, records, heads)
    if not header:
        table.fault(0, "", _("an empty file"), _("a header and rows"))
        return None
    table.header = [also.get(name, name) for name in map(_head, header)]
    while is_workbook and not table.header[-1]:  # a sheet is as wide as its widest row
        table.header.pop()
    _check_header(table, line, required, known)
    _take_rows(table, below, pads=pads or is_workbook, most=most_rows)
    table.convention = _convention(table)
    if is_workbook or table.notes:
        table.text = _as_machines_write(table)
    return table


def _convention(table: Table) -> Convention:
    telling = GROUPED if table.separator == "," else COMMAS_OR_GROUPED
    cells = chain.from_iterable(row.cells.values() for row in table.rows) if telling.search(table.text) else ()
    found = Convention.of(map(str.strip, cells), separator=table.separator)
    if found.has_decimal_commas:
        table.note(_("read with decimal commas, such as %(shown)s") % {"shown": found.shown})
    return found


def _as_machines_write(table: Table) -> str:
    """The whole rows as CSV that reads the same without asking anything."""
    write = table.convention.as_machines_write
    written = io.StringIO()
    rows = (map(write, row.cells.values()) for row in table.rows)
    csv.writer(written, lineterminator="\n").writerows([table.header, *rows])
    return written.getvalue()


def _head(cell: str) -> str:
    return INVISIBLE.sub("", cell).strip()


def _header(table: Table, records: Iterator[Record], required: Collection[str]) -> tuple[Record, Iterator[Record]]:
    """The header, and the records below it."""
    first = list(islice(records, HEADER_WITHIN))
    if not first:
        return (0, []), records
    at = _likest([cells for _line, cells in first], required)[1]
    line, header = first[at]
    if not all(_is_about_the_file(cells) for _line, cells in first[:at]):
        table.note(_("the header was found on line %(line)s; what stands above it is not read") % {"line": line})
    if any(map(INVISIBLE.search, header)):
        table.note(_("invisible characters in the header are left out"))
    return (line, header), chain(first[at + 1 :], records)


def _likest(rows: list[list[str]], required: Collection[str]) -> tuple[int, int]:
    """How many of the columns the row has that has the most, and which row that is, the first of several."""
    told = [at for at, cells in enumerate(rows) if not _is_about_the_file(cells)] or [0]
    columns = set(required)
    return max(((len(columns.intersection(map(_head, rows[at]))), at) for at in told), key=lambda each: each[0])


def _is_about_the_file(cells: list[str]) -> bool:
    """A line as our own exports begin with, or one that tells Excel the separator."""
    start = cells[0].strip()
    return (start.startswith("#") and start != "#") or start.lower().startswith("sep=")


def _check_header(table: Table, line: int, required: Collection[str], known: Collection[str] | None) -> None:
    before = len(table.faults)
    twice = {column for column, times in Counter(table.header).items() if times > 1}
    for column in sorted(twice if known is None else twice.intersection(known)):
        table.fault(line, column, _("the column twice"), _("each column once"))
    for column in required:
        if column not in table.header:
            table.fault(line, column, _("no such column"), _("a column of this name"))
    if table.other_sheets and not set(required) <= set(table.header):
        there = listed(f"“{each}”" for each in table.other_sheets)
        table.fault(0, "", _("further sheets: %(there)s") % {"there": there}, _("the table on the first sheet"))
    table.is_usable &= len(table.faults) == before
    table.unknown_columns = [column for column in table.header if known is not None and column not in known]


def _take_rows(table: Table, records: Iterator[Record], *, pads: bool, most: int | None) -> None:
    width = len(table.header)
    key = table.header.index("company_key") if "company_key" in table.header else 0
    for count, (line, cells) in enumerate(records, 1):
        if most is not None and count > most:
            rows = {"most": f"{most:,}"}
            table.fault(0, "", _("more than %(most)s rows") % rows, _("at most %(most)s rows in a file") % rows)
            table.rows.clear()
            table.is_usable = False
            return
        table.keys.update(cell.strip() for cell in cells[key : key + 1])
        if pads and not any(map(str.strip, cells[width:])):
            cells = [*cells[:width], *[""] * (width - len(cells))]
        if len(cells) == width:
            table.rows.append(Row(table.file, line, dict(zip(table.header, cells, strict=True)), table.faults, table))
        else:
            found = _("%(count)s cells") % {"count": len(cells)}
            table.fault(line, "", found, _("%(count)s cells, as in the header") % {"count": width})


# --- from bytes to records -----------------------------------------------------------------------------
def _of_workbook(table: Table, source: bytes | workbooks.Book, sheet: str | None) -> Iterator[Record] | None:
    try:
        found = workbooks.read_sheet(source, sheet)
    except workbooks.NoWorkbook as none:
        bounds = {"most": LARGEST_UNPACKED_MB, "cells": f"{workbooks.MOST_CELLS:,}"}
        expected = _(
            "an .xlsx workbook without macros or password, of at most %(most)s MB unpacked and %(cells)s cells"
        )
        table.fault(0, "", str(none), expected % bounds)
        return None
    table.file = f"{table.file}[{found.name}]"
    table.other_sheets = found.others
    table.is_usable = not found.merged  # which of the cells a value is meant for is anyone's guess
    for line in found.merged[:SHOWN]:
        table.fault(line, "", _("merged cells"), _("each value in a cell of its own"))
    return found.rows


def _of_csv(table: Table, required: Collection[str], *, mends: bool) -> Iterator[Record] | None:
    content = _unpacked(table) if table.content.startswith(GZIP) else table.content
    found = None if content is None else _decoded(table, content, mends=mends)
    if found is None:
        return None
    table.text = found
    table.separator = _separator(found, required)
    if table.separator != ",":
        table.note(str(SEPARATORS[table.separator]))
    return _records(table)


def _separator(found: str, required: Collection[str]) -> str:
    """The one that shows most of the columns; where no column must be there, the one that parts the first row."""

    def shows(separator: str) -> tuple[int, int]:
        try:
            records = csv.reader(io.StringIO(found[:LONGEST_HEAD], newline=""), delimiter=separator)
            rows = [cells for cells in islice(records, HEADER_WITHIN) if any(map(str.strip, cells))]
        except csv.Error:
            return 0, 0
        count, at = _likest(rows, required) if rows else (0, 0)
        return count, 0 if required or not rows else len(rows[at])

    first, *others = SEPARATORS
    if not required and shows(first)[1] > 1:  # a comma parts it, and other signs may stand in a name
        return first
    return max((first, *others), key=shows)


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


def _decoded(table: Table, content: bytes, *, mends: bool) -> str | None:
    """The text of a CSV file; None, and a fault, where it is none."""
    try:
        found = text.read_text(content)
    except text.NoText as none:
        line = _first_line_not_utf_8(content)
        table.fault(line, "", str(none), text.remedy())
        return content.decode("utf-8", errors="surrogateescape") if mends and b"\0" not in content else None
    if "\0" in found.text:
        line = found.text[: found.text.index("\0")].count("\n") + 1
        table.fault(line, "", _("a NUL character"), _("text without NUL characters"))
        return None
    if found.encoding != text.UTF_8:
        table.note(_("not in UTF-8; read as %(encoding)s") % {"encoding": found.encoding})
    return found.text


def _first_line_not_utf_8(content: bytes) -> int:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return content[: error.start].count(b"\n") + 1
    return 0


def _records(table: Table) -> Iterator[Record]:
    """Each record with the line it begins on: a quoted cell may run over many lines. Behind a fault reading goes on."""
    reader = csv.reader(io.StringIO(table.text, newline=""), delimiter=table.separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            expected = _("quotes that open and close; this row goes on to line %(line)s")
            table.fault(line, "", str(error), expected % {"line": reader.line_num})
