import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fund.bench import bench_pages, bench_run
from fund.bench_temperature import PeerFailed, bench_temperature


class Command(BaseCommand):
    help = "Measure speed and memory as ratios to a floor in the same run: bench run, pages or temperature."

    def add_arguments(self, parser: ArgumentParser) -> None:
        benches = parser.add_subparsers(dest="bench", required=True, metavar="NAME")
        run = benches.add_parser(
            "run",
            help="a scoring run through real workers",
            description=(
                "Synthesise N companies in a scratch database and time one scoring run from the database to the "
                "database: snapshot and queue, then claim, compute and write by real prefork workers. The floor, "
                "in this process: read the same rows, do the method's bare arithmetic in numpy, write the same "
                "items and scores by the same bulk insert (ready-made rows; no records, leases, fences or audit). "
                "Start-up of the workers is in neither. peak_mib is the largest single process."
            ),
        )
        run.add_argument("--companies", type=int, default=1000, metavar="N")
        run.add_argument("--workers", type=int, default=2, metavar="N", help="processes of the worker (default 2)")
        pages = benches.add_parser(
            "pages",
            help="the pages people read most, request by request",
            description=(
                "Synthesise and score N companies in a scratch database, twice, and ask for each page through the "
                "WSGI handler, signed in. The floor is the hello view (/healthz) with the same middlewares; hello "
                "and pages alternate in five rounds and medians are given. cpu_ms is this process's; with "
                "PostgreSQL the database's own work shows in wall_ms only, with SQLite in both. seconds, "
                "floor_seconds and ratio are the list page's CPU, hello's CPU and their ratio."
            ),
        )
        pages.add_argument("--companies", type=int, default=5000, metavar="N")
        temperature = benches.add_parser(
            "temperature",
            help="the temperature score of a synthetic portfolio",
            description=(
                "Score N synthetic companies with two targets each and a portfolio that holds them all: columns in "
                "memory to nine scores a company and 63 aggregates with their top contributors, without a database. "
                "The floor: the same arithmetic in bare numpy on the same integer-coded columns, without reasons, "
                "rare rules, missing weights, coverage and names. Medians of five rounds in which the two alternate. "
                "--peer PYTHON runs sbti-finance-tool, installed in that interpreter, on the same input, from its own "
                "objects in memory, and counts the scores that differ."
            ),
        )
        temperature.add_argument("--companies", type=int, default=10000, metavar="N")
        temperature.add_argument("--peer", type=Path, metavar="PYTHON", help="an interpreter with sbti-finance-tool")
        for bench in (run, pages, temperature):
            bench.add_argument("--seed", type=int, default=1, metavar="N")
            bench.add_argument("--json", action="store_true", help="print one last line of JSON")

    def handle(self, *, bench: str, companies: int, seed: int, **options: Any) -> None:
        if companies < 1 or options.get("workers", 1) < 1:
            raise CommandError("--companies and --workers must be at least 1.")
        if bench == "temperature":
            found = self._temperature(companies, seed, options["peer"])
        else:
            found = self._run(companies, options["workers"], seed) if bench == "run" else self._pages(companies, seed)
        if options["json"]:
            self.stdout.write(json.dumps(found))

    def _run(self, companies: int, workers: int, seed: int) -> dict[str, Any]:
        figures = bench_run(companies, workers, seed)
        self.stdout.write(
            f"{companies:,} companies, {workers} workers: {figures.seconds:.2f} s "
            f"(queue {figures.queue_seconds:.2f} s, work {figures.work_seconds:.2f} s), "
            f"{figures.seconds / companies * 1e6:,.0f} µs a company\n"
            f"floor: {figures.floor_seconds:.2f} s; ratio {figures.ratio}; peak {figures.peak_mib:.0f} MiB"
        )
        return figures.as_dict()

    def _pages(self, companies: int, seed: int) -> dict[str, Any]:
        found = bench_pages(companies, seed)
        self.stdout.write(
            f"{companies:,} companies; hello {found['floor_seconds'] * 1000:.2f} ms CPU; "
            f"peak {found['peak_mib']:.0f} MiB"
        )
        self.stdout.write(f"{'page':<16} {'× hello':>8} {'CPU ms':>8} {'wall ms':>8} {'queries':>8}")
        for page in found["pages"]:
            self.stdout.write(
                f"{page['page']:<16} {page['ratio']:>8} {page['cpu_ms']:>8} {page['wall_ms']:>8} {page['queries']:>8}"
            )
        return found

    def _temperature(self, companies: int, seed: int, peer: Path | None) -> dict[str, Any]:
        try:
            found = bench_temperature(companies, seed, peer)
        except PeerFailed as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{companies:,} companies, {found['targets']:,} targets, {found['aggregates']} aggregates: "
            f"{found['seconds']:.3f} s; floor {found['floor_seconds']:.3f} s; ratio {found['ratio']}; "
            f"peak {found['peak_mib']:.0f} MiB"
        )
        if peer is not None:
            self.stdout.write(
                f"{found['peer']}: {found['peer_seconds']:.1f} s, {found['peer_ratio']:,.0f} times as long; "
                f"{found['differing_scores']} of {found['compared_scores']:,} scores and "
                f"{found['differing_aggregates']} of {found['compared_aggregates']} aggregates differ"
            )
        return found
