import math
import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from scoring.engine.temperature.methods import METHODS, MethodName
from scoring.proofs.temperature import score_files
from scoring.proofs.temperature_files import NotReadable, read_files
from scoring.tables.temperature import shipped_method


class Command(BaseCommand):
    help = (
        "Score tables (CSV, .csv.gz or .xlsx) of companies, targets and a portfolio by the CDP-WWF temperature score,"
        " without a database: writes company_scores.csv, portfolio.json and faults.csv (docs/reference/commands.md)."
    )
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--companies", type=Path, required=True, metavar="FILE")
        parser.add_argument("--targets", type=Path, required=True, metavar="FILE")
        parser.add_argument("--portfolio", type=Path, required=True, metavar="FILE")
        parser.add_argument("--as-of", type=_day, required=True, metavar="DATE", help="only its year counts")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="made if it is not there")
        parser.add_argument(
            "--method",
            choices=tuple(METHODS),
            default="current",
            help="current: edition 1.5, ours (default); parity15: 1.5 as WWF-ITR 1.7.3; parity: 1.0 as"
            " sbti-finance-tool 1.3.1",
        )
        parser.add_argument(
            "--fallback",
            type=_degrees,
            metavar="C",
            help="score where there is no usable target (default: what the method publishes)",
        )
        parser.add_argument("--floor", type=_degrees, metavar="C", help="no score below it (default: the method's)")
        parser.add_argument(
            "--group-by",
            nargs="+",
            default=[],
            metavar="COLUMN",
            help="columns of the companies or the portfolio (default: sector, where there is one)",
        )
        parser.add_argument(
            "--confirmed",
            nargs="+",
            default=[],
            metavar="COMPANY",
            help="ids of companies whose owned share above 1 is right: without it they are left out of what divides",
        )

    def handle(
        self,
        *,
        companies: Path,
        targets: Path,
        portfolio: Path,
        as_of: date,
        out: Path,
        method: MethodName,
        fallback: float | None,
        floor: float | None,
        group_by: list[str],
        confirmed: list[str],
        **_: Any,
    ) -> None:
        try:
            with translation.override("en"):
                files = read_files(companies, targets, portfolio, group_by)
                asked = {"fallback_score_c": fallback, "floor_c": floor}
                given = {name: value for name, value in asked.items() if value is not None}
                scored_by = shipped_method(method, **given)
                found = score_files(files, scored_by, as_of, out, confirmed)
        except (NotReadable, OSError) as error:
            raise CommandError(str(error)) from error
        for sentence in (*found["gone_wrong"], *found["notes"]):
            self.stdout.write(sentence)
        self.stdout.write(
            f"{found['n_companies']:,} companies, {found['n_targets']:,} targets, {len(files.holdings):,} holdings; "
            f"method {method} ({scored_by.edition.name}), reporting year {as_of.year}\n{found['headline']}"
        )
        if found["not_held"]:
            self.stdout.write(f"{len(found['not_held']):,} companies are not in the portfolio and were left out.")
        if found["fault_count"]:
            self.stdout.write(f"{found['fault_count']:,} faults, each by file, row and column in {out / 'faults.csv'}:")
            for fault in found["faults"][:10]:
                place = f"{fault['file']}:{fault['row']}"
                self.stdout.write(f"  {place}  {fault['column'] or '-'}  {fault['found']!r}  {fault['expected']}")
        lost = files.targets_given and not found["targets"].get("chosen")
        if found["gone_wrong"] or files.left_out.rows or lost:
            sys.exit(1)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is not a date such as 2026-06-30") from error


def _degrees(text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is not a temperature such as 3.4") from error
    if not math.isfinite(value) or value < 0:
        raise ArgumentTypeError(f"{text} is not a temperature of at least 0")
    return value
