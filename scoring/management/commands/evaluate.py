import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from scoring.estimators.training_tables import (
    TrainingTable,
    TrainingTableError,
    read_evaluation_table,
    read_training_table,
)
from scoring.proofs.estimator import as_text, evaluate, finite

SHOWN = 5  # faults


class Command(BaseCommand):
    help = (
        "Train the estimator on one table and report on another: errors in log10 tonnes, coverage, sums, and the"
        " same for dumb rules. Both are CSV, plain or gzip, or .xlsx, split by company. Uses no database."
    )
    requires_system_checks: list[str] = []  # none of them concerns a file

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--train", type=Path, metavar="FILE", required=True)
        parser.add_argument("--test", type=Path, metavar="FILE", required=True)
        parser.add_argument(
            "--activity", default="", metavar="WORDS", help="of water, waste, electricity, energy, coal; comma between"
        )
        parser.add_argument(
            "--history", action="store_true", help="earlier years of the test file are known as last reports"
        )
        parser.add_argument("--json", action="store_true", help="the last line is the whole report as JSON")

    def handle(self, *, train: Path, test: Path, activity: str, history: bool, json: bool, **_: object) -> None:
        words = [word.strip().lower() for word in activity.split(",") if word.strip()]
        try:
            with translation.override("en"):
                known, unseen = read_training_table(train), read_evaluation_table(test)
            report = evaluate(known, unseen, words, history=history)
        except (TrainingTableError, ValueError) as error:
            raise CommandError(f"{type(error).__name__}: {error}") from error
        for path, table in ((train, known), (test, unseen)):
            self._faults(path, table)
        self.stdout.write(as_text(report))
        if json:
            self.stdout.write(_one_line(report))

    def _faults(self, path: Path, table: TrainingTable) -> None:
        for note in table.notes:
            self.stderr.write(note)
        for fault in table.faults[:SHOWN]:
            self.stderr.write(str(fault))
        if len(table.faults) > SHOWN:
            self.stderr.write(f"{path.name}: {len(table.faults) - SHOWN} more such cells")


def _one_line(report: dict[str, Any]) -> str:
    return json.dumps(finite(report), ensure_ascii=False, allow_nan=False)
