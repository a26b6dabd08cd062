"""Cells of shipped tables, read strictly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

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
            raise BrokenTable("no such column", table=self.file, row=str(self.line), value=column)
        return self.cells[column].strip()

    def number(self, column: str = "value") -> float:
        value = to_number(self[column])
        if value is None:
            raise BrokenTable(f"{column} must be a number", table=self.file, row=str(self.line), value=self[column])
        return value

    def optional(self, column: str) -> float | None:
        return self.number(column) if self[column] else None

    def year(self, column: str = "data_year") -> int | None:
        text = self[column]
        if not text:
            return None
        if not (len(text) == 4 and text.isdigit()):
            raise BrokenTable("a year of four digits is needed", table=self.file, row=str(self.line), value=text)
        return int(text)

    def day(self, column: str = "published") -> date | None:
        try:
            return date.fromisoformat(self[column]) if self[column] else None
        except ValueError as error:
            raise BrokenTable(str(error), table=self.file, row=str(self.line), value=self[column]) from error

    def one_of(self, column: str, words: Iterable[str]) -> str:
        known = tuple(words)
        if self[column] not in known:
            message = f"{column} must be one of {', '.join(known)}"
            raise BrokenTable(message, table=self.file, row=str(self.line), value=self[column])
        return self[column]
