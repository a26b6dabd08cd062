"""`manage.py import_rates FILE`: exchange rates from a CSV file or a workbook."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path

from django.contrib.auth.models import User
from django.core.management import BaseCommand, CommandError
from django.utils import translation

from portfolio.exchange_rates import import_rates

REFUSED, UNREADABLE = 1, 2


class Command(BaseCommand):
    help = (
        "Enter exchange rates from a CSV file or workbook: currency, year (of a mean) or day (of a closing), per_usd "
        "or per_eur, source. Every fault is printed with its line; the other rows are entered, and stay through every "
        "load. Ends with 1 if a row was refused, with 2 if the file cannot be read at all."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--by", required=True, help="user name of whoever enters them")

    def handle(self, *, file: Path, by: str, **_: object) -> None:
        if not file.is_file():
            raise CommandError(f"{file}: no such file.", returncode=UNREADABLE)
        person = User.objects.filter(username=by).first()
        if person is None:
            raise CommandError(f"--by {by}: no such user.", returncode=UNREADABLE)
        with translation.override("en"):
            done = import_rates(file, by=person)
        for sentence in done.sentences:
            self.stderr.write(sentence)
        for fault in done.faults:
            self.stderr.write(str(fault))
        self.stdout.write(
            f"{done.file}: {done.rows} rows, {done.entered} entered ({done.changed} of them in place of another), "
            f"{done.unchanged} unchanged, {len(done.faults)} faults."
        )
        if done.without_yuan:
            self.stdout.write(f"Not used before there is CNY of the same period: {', '.join(done.without_yuan)}")
        if not done.is_readable:
            sys.exit(UNREADABLE)
        if done.faults:
            sys.exit(REFUSED)
