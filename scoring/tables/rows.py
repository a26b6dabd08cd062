"""Cells of shipped tables, read strictly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from portfolio.typed.tables import NotWhole, whole_table
from scoring.engine.accounting.reference import to_number
from scoring.engine.errors import BrokenTable


@dataclass(frozen=True)
class Cells:
    """One row of a file, which faults can name."""

    file: str
    line: int
    cells: Mapping[str, str]

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"

    def __getitem__(self, column: str) -> str:
        if column not in self.cells:
            raise self.broken("no such column", column)
        return self.cells[column].strip()

    def broken(self, message: str, value: object) -> BrokenTable:
        return BrokenTable(message, table=self.file, row=str(self.line), value=value)

    def number(self, column: str = "value") -> float:
        value = to_number(self[column])
        if value is None:
            raise self.broken(f"{column} must be a number", self[column])
        return value

    def optional(self, column: str = "value") -> float | None:
        return self.number(column) if self[column] else None

    def year(self, column: str = "year") -> int:
        text = self[column]
        if not (len(text) == 4 and text.isdigit()):
            raise self.broken("a year of four digits is needed", text)
        return int(text)

    def optional_year(self, column: str) -> int | None:
        return self.year(column) if self[column] else None

    def day(self, column: str = "published") -> date | None:
        try:
            return date.fromisoformat(self[column]) if self[column] else None
        except ValueError as error:
            raise self.broken(str(error), self[column]) from error

    def one_of(self, column: str, words: Iterable[str]) -> str:
        known = tuple(words)
        if self[column] not in known:
            raise self.broken(f"{column} must be one of {', '.join(known)}", self[column])
        return self[column]


def read_cells(path: Path) -> list[Cells]:
    """The rows of a table. Raises BrokenTable for the first that is not whole."""
    try:
        rows = whole_table(path).rows
    except NotWhole as broken:
        fault = broken.faults[0]
        raise BrokenTable(fault.expected, table=fault.file, row=str(fault.line), value=fault.found) from broken
    return [Cells(row.file, row.line, row.cells) for row in rows]
