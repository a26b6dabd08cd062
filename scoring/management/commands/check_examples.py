import sys
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from scoring.proofs.examples.given import ExampleError
from scoring.proofs.examples.run import KINDS, check, read


class Command(BaseCommand):
    help = (
        "Run a file of worked examples through the engine's public functions: one line per example with id, what was"
        " expected, what came out and pass or FAIL; exit status 1 if any failed. An unknown kind is a failure."
    )
    requires_system_checks: list[str] = []  # the engine alone: neither pages nor database

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--kinds", metavar="A,B", help=f"only these kinds, of: {', '.join(KINDS)}")

    def handle(self, *, file: Path, kinds: str | None, **_: object) -> None:
        names = [] if kinds is None else [name.strip() for name in kinds.split(",")]
        try:
            outcomes = check(read(file), names)
        except ExampleError as error:
            raise CommandError(str(error)) from error
        for outcome in outcomes:
            self.stdout.write(str(outcome))
        passed = sum(outcome.passed for outcome in outcomes)
        self.stdout.write(f"{passed} passed, {len(outcomes) - passed} failed")
        if passed < len(outcomes):
            sys.exit(1)
