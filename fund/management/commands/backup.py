from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from fund.errors import BackupRefused
from fund.project import backup


class Command(BaseCommand):
    help = "Write the whole database to FILE, while everything runs. Never overwrites a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)

    def handle(self, *, file: Path, **_: object) -> None:
        try:
            digest = backup.backup(file)
        except BackupRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{digest}  {file}")
