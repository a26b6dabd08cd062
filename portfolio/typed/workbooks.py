"""An Excel workbook (.xlsx) as rows of text: what the same table would be as CSV.

The parser lays out the whole rectangle up to the last cell and copies a shared text into every cell that names it, so
a few bytes can ask for all memory there is, and no exception comes of it: the process ends. So every part is unpacked
here up to its bound and walked through first, and the parser gets those same bytes, not the file.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any, NamedTuple
from xml.parsers import expat

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter
from python_calamine import CalamineError, SheetTypeEnum, SheetVisibleEnum, load_workbook

from portfolio.typed.files import is_workbook
from portfolio.wording import listed

MAGIC = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # a zip; and what Excel wrote before it, or locks with a password
MOST_CELLS = 5_000_000  # of the rectangle from A1 to the last row and column with a value
MOST_CHARACTERS = 100_000_000  # of all cells together, a shared text counted wherever it stands
MOST_FORMULAS = 3  # that are named
EXACT = 1e15  # Excel keeps 15 digits: a whole number from here on may have lost its last ones
SHOWN = (SheetTypeEnum.WorkSheet, SheetVisibleEnum.Visible)
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, expat.ExpatError)
READ = re.compile(r".*\.(xml|rels)", re.IGNORECASE)
REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")

# Calamine takes both for an empty cell, and a missing figure is not an error in one. As text they keep their words.
ERROR_CELL = re.compile(rb'(<c\b[^<>]{0,200}\bt=")e(")')
# Each piece ends where the next begins: a made-up cell of many attributes is walked through once only.
UNCOUNTED = re.compile(rb"<c\b([^<>]{0,400})><f\b(?:[^<>]{0,200}/>|[^<>]{0,200}>([^<]*)</f>)(?:<v ?/>|<v></v>)?</c>")
TYPE = re.compile(rb'\bt="(\w*)"')


class NoWorkbook(Exception):
    """Nothing can be read from it; the message says what was found."""


class Sheet(NamedTuple):
    name: str
    others: list[str]  # the other sheets to be seen
    rows: Iterator[tuple[int, list[str]]]
    merged: list[int]  # rows with merged cells


@dataclass(frozen=True)
class Book:
    """A workbook that was walked through once, for whoever reads several of its sheets."""

    names: list[str]  # of the sheets to be seen, in their order
    formulas: list[str]  # the first cells, on whichever sheet, that hold a formula; what they last gave is read
    parsed: Any = field(repr=False)


def open_book(content: bytes) -> Book:
    """Raises NoWorkbook."""
    try:
        checked, formulas = _checked(content)
        parsed = load_workbook(io.BytesIO(checked))
    except (*BROKEN, CalamineError, ValueError, LookupError, RuntimeError) as error:
        raise NoWorkbook(str(error)) from error
    names = [each.name for each in parsed.sheets_metadata if (each.typ, each.visible) == SHOWN]
    return Book(names, formulas, parsed)


def read_sheet(source: bytes | Book, name: str | None) -> Sheet:
    """The sheet named, or the first one to be seen. Raises NoWorkbook."""
    book = open_book(source) if isinstance(source, bytes) else source
    found = name or next(iter(book.names), "")
    if found not in book.names:
        there = listed(f"“{each}”" for each in book.names)
        raise NoWorkbook(_("no sheet “%(name)s”, but %(there)s") % {"name": found, "there": there})
    try:
        sheet = book.parsed.get_sheet_by_name(found)
    except (*BROKEN, CalamineError, ValueError, LookupError, RuntimeError) as error:
        raise NoWorkbook(str(error)) from error
    merged = [first[0] + 1 for first, last in sheet.merged_cell_ranges or () if first != last]
    rows = ((line, [_text(cell) for cell in cells]) for line, cells in enumerate(sheet.iter_rows(), 1))
    return Sheet(found, [each for each in book.names if each != found], rows, merged)


def sheet_names(content: bytes) -> list[str]:
    """Of the sheets to be seen, in their order. Raises NoWorkbook."""
    return open_book(content).names


def _text(cell: float | str | date | time | timedelta) -> str:
    """2024.0 is 2024; a number that may have lost digits keeps its exponent, so that nobody takes it for a key."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and abs(cell) >= EXACT:
        return f"{cell:.16e}"
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _checked(content: bytes) -> tuple[bytes, list[str]]:
    """The parts that are read, unpacked and walked through, in a zip of our own; and some cells with formulas."""
    if not is_workbook(content):
        raise NoWorkbook(_("a file that is none"))
    out, walk = io.BytesIO(), _Walk()
    with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(out, "w") as checked:
        parts = [part for part in packed.infolist() if READ.fullmatch(part.filename)]
        for part in sorted(parts, key=lambda part: "sharedStrings" not in part.filename):  # cells count by these texts
            data = ERROR_CELL.sub(rb"\1str\2", packed.read(part))
            data = UNCOUNTED.sub(_as_text, data)
            walk.through(data)
            checked.writestr(part.filename, data)
    return out.getvalue(), walk.formulas


def _as_text(cell: re.Match[bytes]) -> bytes:
    """A formula without what it gave, as the text of the formula; one that gave an empty text stays."""
    attributes, formula = cell[1], cell[2] or b""
    kind = TYPE.search(attributes)
    if kind and kind[1] == b"str":
        return cell[0]
    return b'<c%b t="str"><v>=%b</v></c>' % (TYPE.sub(b"", attributes), formula)


class _Walk:
    """What the parser will make of the parts, counted. Raises NoWorkbook beyond a bound, ValueError for an odd cell."""

    def __init__(self) -> None:
        self.texts: list[int] = []  # characters of each shared text, all of them of one part
        self.said: list[str] = []
        self.characters = 0
        self.formulas: list[str] = []

    def through(self, data: bytes) -> None:
        self.row = self.column = self.last_row = self.last_column = 0
        self.kind, known = "", len(self.texts)
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self.said.append
        parser.StartDoctypeDeclHandler = self._refuse
        parser.Parse(data, True)
        if 0 < known < len(self.texts):
            raise ValueError("shared texts in two parts")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), 0
        elif name == "c":
            self.column, self.kind = self.column + 1, attributes.get("t", "")
            if "r" in attributes:
                self.column, self.row = _place(attributes["r"])
        elif name in ("v", "is"):
            self.last_row, self.last_column = max(self.last_row, self.row), max(self.last_column, self.column)
            if self.last_row * self.last_column > MOST_CELLS:
                where = {"row": self.row, "column": self.column}
                raise NoWorkbook(_("a cell in row %(row)s, column %(column)s") % where)
        elif name == "f" and len(self.formulas) < MOST_FORMULAS:
            self.formulas.append(f"{get_column_letter(self.column)}{self.row}" if self.column else "")
        if name in ("c", "v", "si"):
            self.said.clear()

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name == "si":
            self.texts.append(sum(map(len, self.said)))
        elif name == "v" and self.kind == "s":
            self.characters += self.texts[int("".join(self.said))]
            if self.characters > MOST_CHARACTERS:
                raise NoWorkbook(_("texts beyond all measure"))

    def _refuse(self, *declared: object) -> None:
        raise ValueError("a document type")


def _place(reference: str) -> tuple[int, int]:
    """Column and row of C7. Raises ValueError."""
    match = REFERENCE.fullmatch(reference)
    if match is None:
        raise ValueError(reference)
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    return column, int(match[2])
