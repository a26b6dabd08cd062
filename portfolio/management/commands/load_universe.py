import json
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from portfolio.typed.tables import Fault
from portfolio.universe.load import Report, load, tried
from portfolio.universe.read import NotLoadable
from portfolio.universe.sources import Given, read


class Command(BaseCommand):
    help = (
        "Load a directory of CSV files or workbooks, or one workbook (docs/howto/own-companies.md): all of it, or with"
        " any fault nothing, and exit status 1. Loading the same twice changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="DIR_OR_FILE")
        parser.add_argument("--check", action="store_true", help="say what would change, and store nothing")
        parser.add_argument("--source", default="", help="where the rows are from that do not say it themselves")
        parser.add_argument("--licence", default="", help="terms of use of the rows that do not say it themselves")
        parser.add_argument("--json", action="store_true", help="print one line of JSON instead of tables")

    def handle(self, *, path: Path, check: bool, source: str, licence: str, json: bool, **_: object) -> None:
        if not path.exists():
            raise CommandError(f"{path}: no such file or directory.")
        with translation.override("en"):  # headings and faults in one language
            try:
                universe = read(path, Given(source, licence))
                report = tried(universe) if check else load(universe)
            except NotLoadable as refused:
                for sentence in () if json else refused.gone_wrong:
                    self.stdout.write(sentence)
                self.stdout.write(_faults_json(refused.faults) if json else _faults_table(refused.faults))
                raise CommandError(str(refused)) from refused
            self.stdout.write(_report_json(report) if json else _report_table(report))


def _report_json(report: Report) -> str:
    return json.dumps(report.as_json(), ensure_ascii=False)


def _faults_json(faults: list[Fault]) -> str:
    return json.dumps({"faults": [vars(fault) for fault in faults]}, ensure_ascii=False)


def _faults_table(faults: list[Fault]) -> str:
    places = [f"{fault.file}:{fault.line}" if fault.line else fault.file for fault in faults]
    rows = [
        ("file:line", "column", "found", "expected"),
        *((place, fault.column, fault.found, fault.expected) for place, fault in zip(places, faults, strict=True)),
    ]
    return _columns(rows)


def _report_table(report: Report) -> str:
    rows: list[tuple[str, ...]] = [("", "created", "changed", "unchanged", "kept", "gone")]
    for kind, count in report.counts.items():
        rows.append((kind, *(str(value) for value in vars(count).values())))
    lines = [_columns(rows)]
    if report.changes:
        lines += ["", "Changed:"]
        changes = [(change.row, change.field, change.before, "→", change.now) for change in report.changes]
        lines += [_columns(changes)]
    if report.flags:
        lines += ["", "Flagged as implausible, and kept:"]
        lines += [f"{count:6d}  {flag}" for flag, count in report.flags.items()]
    return "\n".join([*lines, *(["", *report.notes] if report.notes else [])])


def _columns(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
