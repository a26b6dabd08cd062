import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from portfolio import audit


class Command(BaseCommand):
    help = "Recompute the audit chain and name the first event that does not fit. Exit status 1 if there is one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--export-head", metavar="FILE", type=Path, help="write the signed head, to be kept elsewhere"
        )
        parser.add_argument(
            "--against", metavar="FILE", type=Path, help="check the log against a head exported earlier"
        )

    def handle(self, *, export_head: Path | None, against: Path | None, **_: object) -> None:
        verdict = audit.verify()
        if verdict.first_bad is None and against:
            verdict = audit.verify_against(json.loads(against.read_text(encoding="utf-8")))
        if verdict.first_bad is not None:
            raise CommandError(f"BROKEN at seq {verdict.first_bad}: {verdict.reason}.")
        if export_head:
            export_head.write_text(json.dumps(audit.export_head()) + "\n", encoding="utf-8")
        self.stdout.write(f"The audit log verifies: {audit.AuditEvent.objects.count()} events.")
