"""What stands beside a row of a bill: its sum with last year's, the tonnes, the months that are missing, questions."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import ngettext

from portfolio.activities.grid import Grid, RowForm, cell_name
from portfolio.activities.kinds import unit_label
from portfolio.activities.questions import questions_of
from portfolio.models import Activity
from portfolio.places.names import place_name
from portfolio.typed.numbers import change_percent, grouped
from portfolio.wording import listed
from scoring.engine.accounting import words
from scoring.ledgers.ledger import account_lines
from scoring.ledgers.report import tonnes
from scoring.reading import said
from scoring.tables.in_force import Tables

DIGITS = 12  # of a sum: what follows is the noise of binary arithmetic


@dataclass(frozen=True)
class Said:
    """A sentence about a cell or field; `anchor` is empty for one about the whole row."""

    anchor: str
    where: str
    words: str


@dataclass
class ShownRow:
    """A row with what follows from it."""

    form: RowForm
    tonnes: str = ""
    place: str = ""  # what it is computed with
    questions: list[Said] = field(default_factory=list)
    uncomputed: str = ""

    @property
    def sum(self) -> str:
        return _sum(self.form.lines.values())

    @property
    def last_year(self) -> str:
        return _sum(self.form.stored.before.values())

    @property
    def change_percent(self) -> float | None:
        """Against last year, where both are told for the same months in the same unit."""
        now, before = self.form.lines, self.form.stored.before
        if set(now) != set(before) or len({line.unit for line in (*now.values(), *before.values())}) != 1:
            return None
        return change_percent(_amount(now.values()), _amount(before.values()))

    @property
    def missing(self) -> str:
        months = self.form.missing
        text = ngettext("%(n)d month is missing: %(months)s", "%(n)d months are missing: %(months)s", len(months))
        return text % {"n": len(months), "months": listed(cell_name(month) for month in months)} if months else ""

    @property
    def faults(self) -> list[Said]:
        """What cannot be read, field by field."""
        form = self.form
        if not form.is_bound:
            return []
        whole = [Said("", "", str(message)) for message in form.non_field_errors()]
        fields = [form[name] for name in form.fields if name in form.errors]
        return whole + [
            Said(each.id_for_label, str(each.label), str(words)) for each in fields for words in each.errors
        ]


def _amount(lines: Iterable[Activity]) -> float:
    return math.fsum(line.amount for line in lines if line.amount is not None)


def _sum(lines: Iterable[Activity]) -> str:
    """148,200 kWh; empty where there is nothing to add up, or what does not add up."""
    lines = list(lines)
    units = {line.unit for line in lines}
    return f"{grouped(_amount(lines), DIGITS)} {unit_label(units.pop())}" if len(units) == 1 else ""


def shown_rows(grid: Grid, *, tables: Tables, as_of: date) -> list[ShownRow]:
    """All rows, computed and questioned together with the rest of the ledger and last year's lines."""
    rows = [ShownRow(form) for form in grid.rows]
    held = [(row, cell, line) for row in rows for cell, line in row.form.lines.items()]
    lines = [line for _row, _cell, line in held]
    asked = questions_of([*lines, *grid.outside], grid.before)
    computed = account_lines(lines, tables=tables, as_of=as_of) if lines else []
    of_row: dict[int, list[float]] = {id(row): [] for row in rows}
    for (row, cell, _line), questions, result in zip(held, asked[: len(held)], computed, strict=True):
        row.questions += [Said(row.form[f"m{cell}"].id_for_label, cell_name(cell), each) for each in questions]
        row.place = place_name(code) if (code := result.placing.code) else ""
        if result.error is not None:
            row.uncomputed = said(words.refusal(result.error))
        elif result.result is not None:
            of_row[id(row)].append(result.result.co2e_t)
    for row in rows:
        if found := of_row[id(row)]:
            row.tonnes = f"{tonnes(math.fsum(found))} tCO₂e"
    return rows
