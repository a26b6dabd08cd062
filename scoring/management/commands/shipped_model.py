import json
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from scoring.engine.estimator.recipe import compare
from scoring.estimators.registry import SHIPPED_MODEL, shipped_content

# Differs from day to day; the last bit of an estimate may differ elsewhere, and with it the digest of all of them.
MEASURED = ("fit_seconds", "fingerprint")


class Command(BaseCommand):
    help = "Fit the model that ships on the table that ships, and write it down, or check what is written. No database."
    requires_system_checks: list[str] = []  # none of them concerns a file

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 if it would differ")

    def handle(self, *, check: bool, **_: object) -> None:
        found = shipped_content()
        if not check:
            SHIPPED_MODEL.parent.mkdir(exist_ok=True)
            SHIPPED_MODEL.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            self.stdout.write(f"{SHIPPED_MODEL.name}: fitted in {found['fit_seconds']} s, {found['fingerprint']}")
            return
        stored = json.loads(SHIPPED_MODEL.read_text(encoding="utf-8"))
        for name in MEASURED:
            stored.pop(name)
            found.pop(name)
        verdict, difference = compare(stored, found)
        if verdict is None:
            raise CommandError(f"{SHIPPED_MODEL.name} differs at {difference}")
        self.stdout.write(f"{SHIPPED_MODEL.name}: {verdict}")
