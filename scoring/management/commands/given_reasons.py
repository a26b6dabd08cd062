import csv
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from portfolio.models import GivenReason

COLUMNS = (
    "company_key",
    "year",
    "version",
    "code",
    "quantity",
    "ratio",
    "reason",
    "words",
    "state",
    "digest",
    "at",
)


class Command(BaseCommand):
    help = "Write the reasons that submitters gave for jumps as CSV: labels of which jumps were real, and why."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--without-words", action="store_true", help="leave out what people wrote")

    def handle(self, **options: object) -> None:
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(COLUMNS)
        for given in GivenReason.objects.select_related("disclosure__company").order_by("pk").iterator():
            disclosure = given.disclosure
            writer.writerow(
                (
                    disclosure.company.company_key,
                    disclosure.year,
                    disclosure.version,
                    given.code,
                    given.quantity,
                    given.parameters.get("ratio", ""),
                    given.reason,
                    "" if options["without_words"] else given.words,
                    disclosure.state,
                    given.digest,
                    given.at.isoformat(),
                )
            )
