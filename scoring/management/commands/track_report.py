import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from portfolio.typed.tables import NotWhole
from portfolio.universe.words import DEMO_CANDIDATES, DEMO_UNIVERSE
from scoring.proofs.tracks import as_text, measure


class Command(BaseCommand):
    help = (
        "Compare the track classifier with our own editorial list: on the list's reasons, and on the descriptions of"
        " companies where a file has them. Uses no database."
    )
    requires_system_checks: list[str] = []  # none of them concerns a file

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tracks", type=Path, default=DEMO_CANDIDATES / "tracks.csv", metavar="FILE")
        parser.add_argument("--companies", type=Path, action="append", metavar="FILE")
        parser.add_argument("--json", action="store_true", help="the last line is the whole report as JSON")

    def handle(self, *, tracks: Path, companies: list[Path] | None, **options: object) -> None:
        try:
            report = measure(tracks, companies or [DEMO_UNIVERSE / "companies.csv"])
        except (OSError, NotWhole) as error:
            raise CommandError(f"{type(error).__name__}: {error}") from error
        self.stdout.write(as_text(report))
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
