"""A new dated version of a reference table: read and checked like those that ship, compared, confirmed, stored."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction

from portfolio import audit
from portfolio.models import LocalFactor
from portfolio.typed.tables import NotWhole, whole_table
from scoring import DATA
from scoring.engine.accounting.reference import Factor, FactorTable
from scoring.models.ledger import FactorImport
from scoring.tables import factors as reference_data
from scoring.tables import in_force as factors
from scoring.wake import tell

# The tables of scoring/data that hold factors; a file is recognised by its columns, whatever its name.
TABLES = (
    "cn_electricity.csv",
    "cn_fuels.csv",
    "cn_other.csv",
    "fuel_densities.csv",
    "ipcc_fuels.csv",
    "ipcc_processes.csv",
    "other_factors.csv",
    "refrigerant_blends.csv",
    "us_electricity.csv",
    "world_electricity.csv",
)

# Tables that no import replaces: they are part of the method.
OF_THE_RELEASE = ("gwp.csv", "regions.csv", "fuels.csv", "default_uncertainties.csv", "plausible_ranges.csv")


class ImportRefused(Exception):
    """Why nothing was stored, in a sentence."""


@dataclass(frozen=True)
class Difference:
    """What an import would do to the table that stands. Pairs are before and after."""

    added: tuple[Factor, ...]
    superseded: tuple[tuple[Factor, Factor], ...]  # a newer publication of the same number: both are kept
    changed: tuple[tuple[Factor, Factor], ...]  # the same publication reads otherwise: the older row goes
    unchanged: int
    digest: str  # of the factors from then on

    @property
    def stored(self) -> tuple[Factor, ...]:
        return (*self.added, *(after for _before, after in (*self.superseded, *self.changed)))


def read(file: Path) -> tuple[str, list[Factor]]:
    """The table that a file is a version of, and its factors. Raises ImportRefused, or BrokenTable naming the row."""
    try:
        given = whole_table(file)
    except NotWhole as broken:
        raise ImportRefused(str(broken)) from broken
    if given.convention.shown:
        raise ImportRefused(f"{file.name} writes numbers as {given.convention.shown}; a factor is written as 1234.5.")
    table = _table_of(file.name, given.header)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "data"
        shutil.copytree(DATA, folder, ignore=shutil.ignore_patterns("methodology"))
        (folder / table).write_text(given.text, encoding="utf-8", newline="")
        rows = reference_data.load(folder).factors.factors
    found = [row for row in rows if row.row.startswith(f"{table}:")]
    if not found:
        raise ImportRefused(f"{file.name} holds no factor.")
    return table, found


def _table_of(name: str, columns: list[str]) -> str:
    for table in TABLES:
        if columns == _columns(table):
            return table
    for table in OF_THE_RELEASE:
        if columns == _columns(table):
            raise ImportRefused(
                f"{name} has the columns of {table}, which holds no factors and comes with a release: a set of warming"
                " potentials, a region or a default belongs to the method that every stored result names."
            )
    nearest = max(TABLES, key=lambda table: len(set(columns) & set(_columns(table))))
    raise ImportRefused(
        f"{name} has the columns of no table of factors. Nearest: {nearest}, which has {','.join(_columns(nearest))}"
    )


def _columns(table: str) -> list[str]:
    return whole_table(DATA / table).header


def difference(rows: Iterable[Factor]) -> Difference:
    """Compare rows with what ships and was imported. Raises BrokenTable, ImportRefused.

    An id never comes to mean another number: a row that differs is stored under its id with the next version, `…@2`.
    """
    table = factors.imported()
    versions: dict[tuple[Any, ...], list[Factor]] = {}
    for factor in table.factors:
        versions.setdefault(factor.key, []).append(factor)
    added: list[Factor] = []
    superseded: list[tuple[Factor, Factor]] = []
    changed: list[tuple[Factor, Factor]] = []
    unchanged = 0
    for row in rows:
        known = versions.get(row.key, [])
        same = next((factor for factor in known if factor.published == row.published), None)
        if not known:
            added.append(row)
        elif same is None:
            superseded.append((known[-1], _next_version(row, known)))
        elif same == replace(row, id=same.id):
            unchanged += 1
        else:
            changed.append((same, _next_version(row, known)))
    found = Difference(tuple(added), tuple(superseded), tuple(changed), unchanged, "")
    after = factors.overlaid(table, found.stored)
    _check_with_local(after)
    return replace(found, digest=after.digest)


def _check_with_local(table: FactorTable) -> None:
    """Refused here, not when the next page is opened or a line is computed. Raises BrokenTable, ImportRefused."""
    local = LocalFactor.objects.in_force()
    after = factors.with_local(table, local)
    by_id = {factor.id: factor for factor in after.factors}
    for each in local.select_related("supplier"):
        if rivals := factors.rivals(after, by_id[each.factor_id]):
            raise ImportRefused(
                f"{', '.join(rivals)} would stand beside the verified local factor {each.factor_id} for the same place"
                " and year: with two, no line there could be computed."
            )


def _next_version(row: Factor, known: Iterable[Factor]) -> Factor:
    """The row under its id with a version that none of the known rows of its key has."""
    versions = [int(number) if sign else 1 for _name, sign, number in (each.id.rpartition("@") for each in known)]
    return replace(row, id=f"{row.id}@{max(versions) + 1}")


def confirm(file: Path, *, digest: str, by: str) -> FactorImport:
    """Store what was shown under this digest. Raises ImportRefused, BrokenTable."""
    table, rows = read(file)
    with transaction.atomic():
        found = difference(rows)
        if found.digest != digest:
            raise ImportRefused(f"The digest is {found.digest} by now, not {digest}: read the difference again.")
        if not found.stored:
            raise ImportRefused(f"{file.name} changes nothing.")
        made = FactorImport.objects.create(
            name=file.name,
            table=table,
            content=factors.to_json(found.stored),
            digest=found.digest,
            added=len(found.added),
            changed=len(found.changed),
            superseded=len(found.superseded),
            unchanged=found.unchanged,
            imported_by=by,
        )
        transaction.on_commit(partial(tell, "recheck_ledgers"), robust=True)
        audit.append(by, "factors.imported", f"factor_import:{made.pk}", digest=found.digest, detail=file.name)
    return made
