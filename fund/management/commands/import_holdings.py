"""`manage.py import_holdings FILE`: positions of a fund, and prices of companies, from CSV files or workbooks."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management import BaseCommand, CommandError
from django.utils import translation

from fund.holdings.imports import Imported, import_positions, import_prices
from fund.holdings.words import left_open_words
from fund.models import ThemeFund

FUNDS_NAMED = 10
LEFT_OPEN, UNREADABLE = 1, 2


class Command(BaseCommand):
    help = (
        "Append the positions of a CSV file or workbook to a fund, and with --prices the price inputs of companies. "
        "Every fault is printed with its line; the other rows are entered. Ends with 1 if something is left to a "
        "person (a refused row, an issuer that is not on record, a figure to be confirmed), 2 if a file cannot be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="positions, one row a holding and date")
        parser.add_argument("--prices", type=Path, help="price inputs, one row a company and date")
        parser.add_argument("--fund", help="number or name of the fund; may be left out where there is one")
        parser.add_argument("--by", help="user name of whoever enters them")

    def handle(
        self, *args: Any, file: Path | None, prices: Path | None, fund: str | None, by: str | None, **options: Any
    ) -> None:
        if file is None and prices is None:
            raise CommandError("Name a FILE of positions, or --prices FILE.", returncode=UNREADABLE)
        for path in (file, prices):
            if path is not None and not path.is_file():
                raise CommandError(f"{path}: no such file.", returncode=UNREADABLE)
        person = self._person(by)
        with translation.override("en"):
            done = [import_prices(prices, by=person)] if prices else []
            done += [import_positions(file, self._fund(fund), by=person)] if file else []
            for each in done:
                self._print(each)
        if not all(each.is_readable for each in done):
            sys.exit(UNREADABLE)
        if not all(each.is_whole for each in done):
            sys.exit(LEFT_OPEN)

    def _print(self, done: Imported) -> None:
        for sentence in done.sentences:
            self.stderr.write(sentence)
        for fault in done.faults:
            self.stderr.write(str(fault))
        self.stdout.write(
            f"{done.file}: {done.rows} rows, {done.entered} entered ({done.corrected} of them corrections, "
            f"{done.new_holdings} new holdings), {done.unchanged} unchanged, {len(done.faults)} faults."
        )
        for line in done.divided:
            self.stdout.write(line)
        if not done.is_whole:
            self.stdout.write(f"{done.entered + done.unchanged:,} of {done.rows:,} rows in the book.")
        for words in left_open_words(done):
            self.stdout.write(words)
        if done.held_twice:
            self.stdout.write(f"Held more than once, and added up by company: {', '.join(done.held_twice)}")

    def _fund(self, wanted: str | None) -> ThemeFund:
        funds: list[ThemeFund] = list(ThemeFund.objects.all())
        names = {name: one for one in funds for name in (str(one.pk), one.name_zh, one.name_en)}
        if wanted is None and len(funds) == 1:
            return funds[0]
        if wanted is None or wanted not in names:
            known = "; ".join(f"{one.pk} {one.name_en}" for one in funds[:FUNDS_NAMED]) or "none"
            known += "; …" if len(funds) > FUNDS_NAMED else ""
            raise CommandError(f"--fund {wanted or ''}: name one of the funds: {known}.", returncode=UNREADABLE)
        return names[wanted]

    def _person(self, name: str | None) -> User | None:
        if name is None:
            return None
        found = User.objects.filter(username=name).first()
        if found is None:
            raise CommandError(f"--by {name}: no such user.", returncode=UNREADABLE)
        return found
