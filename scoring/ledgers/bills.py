"""The tiles of "Which bill do you have?": each bill with what the ledger holds of it, this year and last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portfolio.activities.bills import Bill
from portfolio.activities.grid import arranged
from portfolio.models import Activity
from scoring.tables.in_force import Tables


@dataclass(frozen=True)
class Tile:
    """`lines`: of this year; `meters_before`: rows of last year; `has_factor`: at least one of its kinds has one."""

    bill: Bill
    lines: int
    meters_before: int
    has_factor: bool


def tiles_of(
    bills: Iterable[Bill], lines: Sequence[Activity], before: Sequence[Activity], tables: Tables
) -> list[Tile]:
    return [
        Tile(
            bill,
            lines=sum(line.kind in bill.kinds for line in lines),
            meters_before=len(arranged(line for line in before if line.kind in bill.kinds)),
            has_factor=not bill.kinds or any(tables.has_factor(kind) for kind in bill.types),
        )
        for bill in bills
    ]
