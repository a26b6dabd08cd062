import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fund.bench import bench_run


class Command(BaseCommand):
    help = "Measure speed and memory as ratios to a floor in the same run: bench run --companies N [--json]."

    def add_arguments(self, parser: ArgumentParser) -> None:
        benches = parser.add_subparsers(dest="bench", required=True, metavar="NAME")
        run = benches.add_parser(
            "run",
            help="a scoring run through real workers",
            description=(
                "Synthesise N companies in a scratch database and time one scoring run from the database to the "
                "database: snapshot and queue, then claim, compute and write by real prefork workers. The floor, "
                "in this process: read the same rows, do the method's bare arithmetic in numpy, bulk-write the same "
                "items and scores (ready-made texts; no records, leases, fences or audit). Start-up of the workers "
                "is in neither. peak_mib is the largest single process."
            ),
        )
        run.add_argument("--companies", type=int, default=1000, metavar="N")
        run.add_argument("--workers", type=int, default=2, metavar="N", help="processes of the worker (default 2)")
        run.add_argument("--seed", type=int, default=1, metavar="N")
        run.add_argument("--json", action="store_true", help="print one last line of JSON")

    def handle(self, *, bench: str, companies: int, workers: int, seed: int, **options: Any) -> None:
        if companies < 1 or workers < 1:
            raise CommandError("--companies and --workers must be at least 1.")
        figures = bench_run(companies, workers, seed)
        self.stdout.write(
            f"{companies:,} companies, {workers} workers: {figures.seconds:.2f} s "
            f"(queue {figures.queue_seconds:.2f} s, work {figures.work_seconds:.2f} s), "
            f"{figures.seconds / companies * 1e6:,.0f} µs a company\n"
            f"floor: {figures.floor_seconds:.2f} s; ratio {figures.ratio}; peak {figures.peak_mib:.0f} MiB"
        )
        if options["json"]:
            self.stdout.write(json.dumps(figures.as_dict()))
