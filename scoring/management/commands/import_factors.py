import getpass
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from scoring.engine.accounting.reference import Factor
from scoring.engine.errors import BrokenTable
from scoring.tables import imports as factor_import
from scoring.tables.imports import Difference, ImportRefused

SHOWN = 40  # rows of each kind that are printed; the counts are of all


class Command(BaseCommand):
    help = (
        "Bring a new dated version of a reference table: a CSV file or workbook with the columns of one in"
        " scoring/data. Prints what it adds, supersedes and changes; stores it once confirmed. What was computed stays."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--confirm", metavar="DIGEST", help="store it if this is the digest that was printed")
        parser.add_argument("--by", metavar="NAME", default="", help="who imports; the account of the machine without")

    def handle(self, *, file: Path, confirm: str | None, by: str, **_: object) -> None:
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        try:
            with translation.override("en"):
                table, rows = factor_import.read(file)
            found = factor_import.difference(rows)
            self.stdout.write("\n".join(_printed(file.name, table, found)))
            if not found.stored:
                self.stdout.write("Nothing to import.")
                return
            if confirm is None and not self._says_yes():
                self.stdout.write(f"Nothing is stored. To store it: --confirm {found.digest}")
                return
            made = factor_import.confirm(file, digest=confirm or found.digest, by=by or getpass.getuser())
        except (BrokenTable, ImportRefused) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"Stored as import {made.pk}. Standing ledgers are recalculated by the workers.")

    def _says_yes(self) -> bool:
        self.stdout.write("Store this? [y/N] ", ending="")
        self.stdout.flush()
        return sys.stdin.readline().strip().lower() in ("y", "yes")


def _printed(name: str, table: str, found: Difference) -> Iterable[str]:
    yield f"{name}: a version of {table}"
    yield from _rows("added", ((None, row) for row in found.added), len(found.added))
    yield from _rows("superseded by a newer publication", found.superseded, len(found.superseded))
    yield from _rows("changed", found.changed, len(found.changed))
    yield f"unchanged: {found.unchanged}"
    yield f"digest of the factors from then on: {found.digest}"


def _rows(what: str, pairs: Iterable[tuple[Factor | None, Factor]], count: int) -> Iterable[str]:
    yield f"{what}: {count}"
    for shown, (before, after) in enumerate(pairs):
        if shown == SHOWN:
            yield f"  … and {count - SHOWN} more"
            return
        yield f"  {after.id}  {_change(before, after)}"


def _change(before: Factor | None, after: Factor) -> str:
    """The value, and where it stands in for another, what it was and what else differs."""
    if before is None:
        return f"{after.value:.10g} {after.unit}, published {after.published}"
    words = [f"{before.value:.10g} → {after.value:.10g} {after.unit}"]
    if before.value:
        words.append(f"{100 * (after.value / before.value - 1):+.2f} %")
    words.append(f"published {before.published} → {after.published}" if before.published != after.published else "")
    others = [
        field
        for field in ("lower95", "upper95", "parts", "source", "licence", "verification", "note", "name_zh", "name_en")
        if getattr(before, field) != getattr(after, field)
    ]
    words.append(f"also {', '.join(others)}" if others else "")
    return ", ".join(filter(None, words))
