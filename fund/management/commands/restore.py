from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from fund.errors import BackupRefused
from fund.project import backup
from portfolio import audit


class Command(BaseCommand):
    help = (
        "Put the content of FILE, made by `backup`, into an empty database; then check its triggers and its audit"
        " chain. Stop web, worker and beat first. Exit status 1 when anything is amiss."
    )
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--replace", action="store_true", help="throw away what the database holds now")

    def handle(self, *, file: Path, replace: bool, **_: object) -> None:
        try:
            backup.restore(file, replace=replace)
        except BackupRefused as refused:
            raise CommandError(str(refused)) from refused
        if not backup.is_current():
            self.stdout.write("Restored. The backup is older than this code: run `migrate`, then `audit_verify`.")
            return
        if faults := backup.faults():
            raise CommandError("Restored, but:\n" + "\n".join(faults))
        audit.append(None, "database.restored", "database", digest=backup.sha256(file))
        self.stdout.write(
            f"Restored. The triggers are there; the audit log verifies: {audit.AuditEvent.objects.count()} events."
        )
