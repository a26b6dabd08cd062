import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portfolio.models import Company
from scoring.engine import Inputs, calibrate
from scoring.engine.errors import EngineError
from scoring.engine.score.receipt import differences
from scoring.snapshots import take
from scoring.tables.methodologies import FOLDER


class Command(BaseCommand):
    help = (
        "Measure the goalposts of a methodology version on the companies that are loaded (illustrative ones stay out)"
        " and write VERSION.json beside VERSION.parameters.json."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version", metavar="VERSION")
        parser.add_argument("--as-of", type=date.fromisoformat, metavar="DATE", help="default: today")
        parser.add_argument(
            "--check", action="store_true", help="write nothing; exit status 1 if the file would differ"
        )
        parser.add_argument(
            "--with-set-aside",
            action="store_true",
            help="count the figures of other entities too, as was done up to demo-2",
        )

    def handle(self, *, version: str, as_of: date | None, check: bool, with_set_aside: bool, **_: object) -> None:
        path = FOLDER / f"{version}.json"
        if check:
            shipped = _read(path)
            measured = _measure(version, as_of or date.fromisoformat(shipped["as_of"]), with_set_aside)
            # Another processor's logarithm may end on another bit, so this compares as receipts do.
            if first := next(differences(shipped, measured), None):
                raise CommandError(
                    f"{path.name} is not what the loaded companies give:"
                    f" {first.path} is {first.said!r}, measured {first.found!r}"
                )
            self.stdout.write(f"{path.name} is what the loaded companies give.")
            return
        measured = _measure(version, as_of or timezone.localdate(), with_set_aside)
        path.write_text(json.dumps(measured, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        self.stdout.write(f"{path.name}: measured on {measured['calibration']['companies']} companies.")


def _measure(version: str, as_of: date, with_set_aside: bool) -> dict[str, Any]:
    parameters = _read(FOLDER / f"{version}.parameters.json")
    snapshots = take(Company.objects.filter(is_illustrative=False), as_of, with_set_aside=with_set_aside)
    try:
        return calibrate(Inputs.from_records([json.loads(one.inputs) for one in snapshots]), parameters, as_of)
    except EngineError as error:
        raise CommandError(str(error)) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CommandError(f"There is no {path.name}.") from error
    return found
