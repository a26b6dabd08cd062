import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from scoring.estimators.training_tables import TrainingTableError, read_training_table
from scoring.proofs.plausibility import as_text, measure


class Command(BaseCommand):
    help = (
        "Put known faults into the real consecutive years of a table and count what the plausibility rules catch,"
        " beside their false alarms. Uses no database."
    )
    requires_system_checks: list[str] = []  # none of them concerns a file

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="the last line is the whole report as JSON")

    def handle(self, *, file: Path, **options: object) -> None:
        try:
            report = measure(read_training_table(file))
        except TrainingTableError as error:
            raise CommandError(f"{type(error).__name__}: {error}") from error
        self.stdout.write(as_text(report))
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
