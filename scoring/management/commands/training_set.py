from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from scoring.estimators.shipped_table import SHIPPED, build
from scoring.estimators.training_tables import read_training_table


class Command(BaseCommand):
    help = "Build the training table that ships from the licence-clean universe, or check the shipped one. No database."
    requires_system_checks: list[str] = []  # none of them concerns a file

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 if it would differ")

    def handle(self, *, check: bool, **_: object) -> None:
        built = build()
        if check and (not SHIPPED.exists() or SHIPPED.read_text(encoding="utf-8") != built):
            raise CommandError(f"{SHIPPED.name} is not what the universe gives.")
        if not check:
            SHIPPED.write_text(built, encoding="utf-8")
        table = read_training_table(SHIPPED)
        companies = len(set(table.batch.company_key))
        self.stdout.write(f"{SHIPPED.name}: {len(table.batch)} rows of {companies} companies, digest {table.digest}")
