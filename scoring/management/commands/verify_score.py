import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from scoring.engine.columns import VERSION
from scoring.engine.errors import EngineError
from scoring.engine.score.receipt import Verdict, verify
from scoring.runs.receipts import read_file
from scoring.runs.retired import RetiredReceipt

DIFFERENT, NOT_CHECKED = 1, 2
LONGEST_LINE, LONGEST_FIGURE = 600, 120  # a file may hold anything


class Command(BaseCommand):
    help = (
        "Compute the score of each receipt again, from the file alone: identical, equal within 1e-9, or the first"
        " figure that differs. Of a receipt of a retired method: whether its digests fit. No database. Exit status 0:"
        " all hold; 1: one differs or was changed; 2: one could not be checked."
    )
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="as export_receipts wrote it")

    def handle(self, *, files: list[Path], **_: Any) -> None:
        statuses = [self._verify(file) for file in files]
        if len(files) > 1:
            hold, differ, unread = (statuses.count(status) for status in (0, DIFFERENT, NOT_CHECKED))
            self._say(f"{hold:,} hold, {differ:,} differ, {unread:,} not checked")
        if worst := max(statuses):
            sys.exit(worst)

    def _verify(self, file: Path) -> int:
        try:
            receipt = read_file(file)
            if isinstance(receipt, RetiredReceipt):
                return self._say_of_retired(file, receipt)
            verdict = verify(receipt)
        except (EngineError, OSError) as error:
            self._say(f"{file}: not checked: {type(error).__name__}: {error}")
            return NOT_CHECKED
        self._say(f"{file}: {_said(verdict)}")
        question = receipt["question"]
        about = f"{question['company_key']}, run {question['run']}, as of {question['as_of']}"
        self._say(f"  receipt {verdict.digest}, {about}")
        return 0 if verdict.holds else DIFFERENT

    def _say_of_retired(self, file: Path, receipt: RetiredReceipt) -> int:
        said = "digests intact" if receipt.is_intact else f"the digest of {', '.join(receipt.changed)} does not fit"
        self._say(f"{file}: retired method {receipt.method}: {said}, not computed again")
        self._say(f"  receipt {receipt.digest}, {receipt.about}")
        return 0 if receipt.is_intact else DIFFERENT

    def _say(self, words: str) -> None:
        """One line, whatever the file holds and the terminal can show."""
        if len(words) > LONGEST_LINE:
            words = words[:LONGEST_LINE] + "…"
        encoding = getattr(self.stdout, "encoding", None) or "utf-8"
        printable = "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in words)
        self.stdout.write(printable.encode(encoding, "backslashreplace").decode(encoding))


def _said(verdict: Verdict) -> str:
    engine = f" (made by engine {verdict.engine}, computed by {VERSION})" if verdict.is_other_engine else ""
    if verdict.outcome == "tampered":
        return f"changed since it was made: the digest of {', '.join(verdict.tampered)} does not fit"
    if verdict.differences:
        first = verdict.differences[0]
        said, found = (repr(each)[:LONGEST_FIGURE] for each in (first.said, first.found))
        return f"different: {first.path} is {said} in the receipt, {found} computed{engine}"
    return f"{verdict.outcome}{engine}"
