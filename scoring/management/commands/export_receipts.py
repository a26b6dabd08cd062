import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portfolio.models import Company
from scoring.models import Score, ScoreRun
from scoring.runs.receipts import ReceiptRefused, receipts, write_file


class Command(BaseCommand):
    help = (
        "Write one receipt (JSON) a score, newest first: inputs, factors, bar sheet, versions, result, their digests."
        " Scores of retired methods have none."
        " `verify_score` computes one again, without a database (docs/reference/receipts.md). Exit status 1 where a"
        " stored score no longer fits its digests."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="made if it is not there")
        parser.add_argument("--limit", type=_at_least_one, metavar="N", help="only the newest N")
        parser.add_argument("--run", type=int, metavar="ID", help="only the scores of this run")
        parser.add_argument("--company", metavar="KEY", help="only the scores of this company")

    def handle(self, *, out: Path, limit: int | None, run: int | None, company: str | None, **_: Any) -> None:
        scores = Score.objects.exclude(kind=Score.Kind.RETIRED)
        if run is not None:
            if not ScoreRun.objects.filter(pk=run).exists():
                raise CommandError(f"There is no run {run}.")
            scores = scores.filter(run=run)
        if company is not None:
            if not Company.objects.filter(company_key=company).exists():
                raise CommandError(f"There is no company with the key {company!r}.")
            scores = scores.filter(company__company_key=company)
        if not scores.exists():
            raise CommandError("There is no such score: nothing was written.")
        try:
            out.mkdir(parents=True, exist_ok=True)
            written, refused = self._write(scores, limit, out)
        except OSError as error:
            raise CommandError(f"{error.filename or out} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{written:,} receipts in {out}, {refused:,} refused")
        if refused:
            sys.exit(1)

    def _write(self, scores: Any, limit: int | None, out: Path) -> tuple[int, int]:
        written = refused = 0
        for receipt in receipts(scores, limit):
            if isinstance(receipt, ReceiptRefused):
                self.stderr.write(str(receipt))
                refused += 1
            else:
                write_file(receipt, out)
                written += 1
        return written, refused


def _at_least_one(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is not a whole number of at least 1")
    return int(text)
