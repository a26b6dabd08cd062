import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from fund.bench.accounting import bench_accounting
from fund.bench.estimate import bench_estimate
from fund.bench.load import bench_load
from fund.bench.run import bench_pages, bench_run
from fund.bench.score import bench_score
from fund.bench.stacking import DRAWN, FEWEST, MOST, bench_stacking
from fund.bench.temperature import PeerFailed, bench_temperature
from fund.bench.upload import bench_upload
from scoring.engine.temperature.methods import METHODS, MethodName


class Command(BaseCommand):
    help = "Measure speed and memory beside a floor in the same run; NAME --help says what each does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        benches = parser.add_subparsers(dest="bench", required=True, metavar="NAME")
        run = benches.add_parser(
            "run",
            help="a scoring run through real workers",
            description=(
                "Synthesise N companies in a scratch database and time one scoring run from the database to the "
                "database: snapshot and queue, then claim, compute and write by real prefork workers. The floor, "
                "in this process: read the same rows, do the method's bare arithmetic in numpy, spell and digest "
                "ready-made records, write them as items and scores by the same bulk insert, read the inputs back "
                "(no leases, fences, checks or audit). Start-up of the workers, in which each loads the model of "
                "emissions, is in neither. peak_mib is the largest single process."
            ),
        )
        run.add_argument("--companies", type=int, default=1000, metavar="N")
        run.add_argument("--workers", type=int, default=2, metavar="N", help="processes of the worker (default 2)")
        run.add_argument(
            "--scaling",
            action="store_true",
            help="then do the work again with one process and with N, on other days, and give their ratio",
        )
        pages = benches.add_parser(
            "pages",
            help="the pages people read most, request by request",
            description=(
                "Synthesise and score N companies in a scratch database, twice, and ask for each page through the "
                "WSGI handler, signed in. The floor is the hello view (/healthz) with the same middlewares; hello "
                "and pages alternate in rounds and medians are given. cpu_ms is this process's; with "
                "PostgreSQL the database's own work shows in wall_ms only, with SQLite in both. seconds, "
                "floor_seconds and ratio are the list page's CPU, hello's CPU and their ratio."
            ),
        )
        pages.add_argument("--companies", type=int, default=5000, metavar="N")
        pages.add_argument("--rounds", type=int, default=5, metavar="N", help="of which medians are given (default 5)")
        load = benches.add_parser(
            "load",
            help="pages and API lists, many clients at once",
            description=(
                "Synthesise and score N companies in a scratch database on PostgreSQL, start gunicorn as deployed "
                "(deploy/gunicorn.conf.py, without its restart after so many requests) and a worker of two processes, "
                "and ask each address by itself with all clients at once, over connections that are kept: pages with a "
                "manager's session, API lists with a token. All addresses take turns in two rounds within --seconds; "
                "then as long again while one run over all companies follows another. The floor is the hello view "
                "(/healthz) of the same server, asked likewise; it has a thread of its own. Printed are answers, "
                "errors, answers a second, milliseconds as a client waits, how many answers of the floor come in the "
                "time of one, and during runs p95 beside that of the idle machine. The clients are a process of this "
                "machine. seconds, floor_seconds and ratio are of the list page on the idle machine: one over its "
                "answers a second."
            ),
        )
        load.add_argument("--companies", type=int, default=10_000, metavar="N")
        load.add_argument("--clients", type=int, default=16, metavar="N")
        load.add_argument("--seconds", type=int, default=20, metavar="N", help="on the idle machine, then during runs")
        score = benches.add_parser(
            "score",
            help="candidates to three bars and a probability",
            description=(
                "Judge N synthetic candidates, every figure told: columns in memory to the three bars, the year of "
                "each and P, in CPU seconds, without a database, records or gates, which are words. The floor: the "
                "same sums of a falling grid, logarithms and normal distributions in bare numpy on arrays with every "
                "word looked up beforehand, nothing untold and no reasons. Medians of seven rounds in which the two "
                "alternate."
            ),
        )
        score.add_argument("--candidates", type=int, default=100_000, metavar="N")
        accounting = benches.add_parser(
            "accounting",
            help="activities to tonnes with intervals, and Monte Carlo",
            description=(
                "Account for N synthetic activities of one inventory: columns of codes to kilograms of each gas, "
                "tonnes by both methods of scope 2, half widths of every line, and totals with their intervals, "
                "without a database. The floor: bare numpy, masses = amount times factor and CO2e added up, with "
                "every line's factors looked up beforehand. Then Approach 2, 10,000 draws of 1,000 lines, in CPU "
                "seconds, beside bare numpy drawing the same number of normals. Medians of five rounds in which real "
                "thing and floor alternate."
            ),
        )
        accounting.add_argument("--lines", type=int, default=1_000_000, metavar="N")
        estimate = benches.add_parser(
            "estimate",
            help="estimates of emissions by the shipped model",
            description=(
                "Fit the shipped model again, then estimate N synthetic companies, half of them with electricity, "
                "in CPU seconds, without a database. The floor: a bare numpy matrix times vector of two columns, "
                "which knows no sector, text, interval or guard. Medians of five rounds."
            ),
        )
        estimate.add_argument("--companies", type=int, default=10000, metavar="N")
        temperature = benches.add_parser(
            "temperature",
            help="the temperature score of a synthetic portfolio",
            description=(
                "Score N synthetic companies with two targets each and a portfolio that holds them all: columns in "
                "memory to all scores and aggregates with their top contributors, without a database. "
                "The floor: the same arithmetic in bare numpy on the same integer-coded columns, without reasons, "
                "rare rules, missing weights, coverage and names. Medians of five rounds in which the two alternate. "
                "--peer PYTHON runs the reference tool of the edition (sbti-finance-tool for parity, WWF-ITR for "
                "parity15), installed in that interpreter, on the same input, from its own objects in memory, and "
                "counts the scores that differ."
            ),
        )
        temperature.add_argument("--companies", type=int, default=10000, metavar="N")
        temperature.add_argument("--peer", type=Path, metavar="PYTHON", help="an interpreter with the reference tool")
        temperature.add_argument("--method", choices=tuple(METHODS), default="current")
        upload = benches.add_parser(
            "upload",
            help="an uploaded table of a company-year",
            description=(
                "Read a workbook of N rows in the columns of the template, one row in fifty with a fault: every cell "
                "to a line by the rules of the ledger, every fault by its cell, and the comparison with an empty "
                "draft, in CPU seconds, in a scratch database. The floor: openpyxl in its mode for large files walks "
                "over the same cells and does nothing with them. Medians of three rounds in which the two alternate."
            ),
        )
        upload.add_argument("--rows", type=int, default=20_000, metavar="N")
        stacking = benches.add_parser(
            "stacking",
            help="measures that act together in scenes",
            description=(
                "Stack N synthetic buildings of M measures each: from scene and measures to exact Shapley shares, in "
                "CPU seconds; then to all that the panel shows (joint, naive, last in, Owen, matrix of overlaps). The "
                "floor: the bare numpy evaluation of all sets of measures of the same building, every number looked "
                "up beforehand, nothing checked and no shares. Medians of five rounds in which they alternate. Then "
                "one building of 16 measures, whose shares are sampled, with its largest standard error."
            ),
        )
        stacking.add_argument("--scenes", type=int, default=1000, metavar="N")
        stacking.add_argument("--measures", type=int, default=10, metavar="M", help="of each scene, 4 to 12")
        for bench in (run, pages, load, score, accounting, estimate, temperature, upload, stacking):
            bench.add_argument("--seed", type=int, default=1, metavar="N")
            bench.add_argument("--json", action="store_true", help="print one last line of JSON")

    def handle(self, *, bench: str, seed: int, **options: Any) -> None:
        size = {"accounting": "lines", "score": "candidates", "upload": "rows", "stacking": "scenes"}.get(
            bench, "companies"
        )
        for name in (size, "workers", "clients", "seconds", "rounds"):
            if options.get(name, 1) < 1:
                raise CommandError(f"--{name} must be at least 1.")
        if bench == "run":
            found = self._run(options["companies"], options["workers"], seed, with_scaling=options["scaling"])
        elif bench == "pages":
            found = self._pages(options["companies"], seed, options["rounds"])
        elif bench == "load":
            found = self._load(options["companies"], options["clients"], options["seconds"], seed)
        elif bench == "score":
            found = self._score(options["candidates"], seed)
        elif bench == "accounting":
            found = self._accounting(options["lines"], seed)
        elif bench == "stacking":
            found = self._stacking(options["scenes"], options["measures"], seed)
        elif bench == "upload":
            found = self._upload(options["rows"])
        elif bench == "estimate":
            found = self._estimate(options["companies"], seed)
        else:
            found = self._temperature(options["companies"], seed, options["peer"], options["method"])
        if options["json"]:
            self.stdout.write(json.dumps(found))

    def _score(self, candidates: int, seed: int) -> dict[str, Any]:
        found = bench_score(candidates, seed)
        self.stdout.write(
            f"{candidates:,} candidates, {found.cleared:,} bars cleared: {found.seconds:.4f} s CPU; "
            f"floor {found.floor_seconds:.4f} s; ratio {found.ratio}; peak {found.peak_mib:.0f} MiB"
        )
        return found.as_dict()

    def _stacking(self, scenes: int, measures: int, seed: int) -> dict[str, Any]:
        if not FEWEST <= measures <= MOST:
            raise CommandError(f"--measures must be {FEWEST} to {MOST}.")
        found = bench_stacking(scenes, measures, seed)
        self.stdout.write(
            f"{scenes:,} scenes of {measures} measures: {found.seconds:.3f} s CPU; "
            f"floor {found.floor_seconds:.3f} s; ratio {found.ratio}; peak {found.peak_mib:.0f} MiB\n"
            f"all figures of the panel: {found.panel_seconds:.3f} s CPU; ratio {found.panel_ratio}\n"
            f"{DRAWN} measures in {found.drawn_orders:,} orders: {found.drawn_seconds:.3f} s CPU; largest standard "
            f"error {found.drawn_error_percent:.2f}% of the joint saving"
        )
        return found.as_dict()

    def _upload(self, rows: int) -> dict[str, Any]:
        found = bench_upload(rows)
        self.stdout.write(
            f"{rows:,} rows, {found.faults:,} faults: {found.seconds:.2f} s CPU; floor {found.floor_seconds:.2f} s; "
            f"ratio {found.ratio}; peak {found.peak_mib:.0f} MiB"
        )
        return found.as_dict()

    def _accounting(self, lines: int, seed: int) -> dict[str, Any]:
        found = bench_accounting(lines, seed)
        self.stdout.write(
            f"{found.n:,} lines, {found.questions} questions: {found.seconds:.3f} s; "
            f"floor {found.floor_seconds:.3f} s; ratio {found.ratio}; peak {found.peak_mib:.0f} MiB\n"
            f"{found.draws:,} draws of {found.draw_lines:,} lines: {found.draw_cpu_seconds:.3f} s CPU; "
            f"floor {found.draw_floor_cpu_seconds:.3f} s; ratio {found.draw_ratio}"
        )
        return found.as_dict()

    def _run(self, companies: int, workers: int, seed: int, *, with_scaling: bool) -> dict[str, Any]:
        figures = bench_run(companies, workers, seed, with_scaling=with_scaling)
        self.stdout.write(
            f"{companies:,} companies, {workers} workers: {figures.seconds:.2f} s "
            f"(queue {figures.queue_seconds:.2f} s, work {figures.work_seconds:.2f} s), "
            f"{figures.seconds / companies * 1e6:,.0f} µs a company\n"
            f"floor: {figures.floor_seconds:.2f} s; ratio {figures.ratio}; peak {figures.peak_mib:.0f} MiB"
        )
        if figures.scaling is not None:
            self.stdout.write(f"work of one worker over that of {workers}: {figures.scaling} times the time")
        return figures.as_dict()

    def _pages(self, companies: int, seed: int, rounds: int) -> dict[str, Any]:
        found = bench_pages(companies, seed, rounds)
        self.stdout.write(
            f"{companies:,} companies; hello {found['floor_seconds'] * 1000:.2f} ms CPU; "
            f"peak {found['peak_mib']:.0f} MiB"
        )
        self.stdout.write(f"{'page':<16} {'CPU ms':>8} {'wall ms':>8} {'queries':>8} {'× hello':>8}")
        for page in found["pages"]:
            self.stdout.write(
                f"{page['page']:<16} {page['cpu_ms']:>8} {page['wall_ms']:>8} {page['queries']:>8} {page['ratio']:>8}"
            )
        return found

    def _load(self, companies: int, clients: int, seconds: int, seed: int) -> dict[str, Any]:
        if connection.vendor == "sqlite":  # it lets one write at a time, which is what would be measured
            raise CommandError("The load is measured on PostgreSQL: name one in DATABASE_URL.")
        found = bench_load(companies, clients, seconds, seed)
        self.stdout.write(f"{companies:,} companies, {clients} clients; peak {found['peak_mib']:.0f} MiB")
        for state in ("idle", "during"):
            told = f"during {found['runs']} runs of {found['run_seconds']} s" if state == "during" else state
            self.stdout.write(
                f"{told:<22} {'answers':>8} {'errors':>7} {'a second':>9} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} "
                f"{'× hello':>8}" + f" {'× idle':>7}" * (state == "during")
            )
            for one in found[state]:
                waits = " ".join(
                    f"{'—' if one[name] is None else one[name]:>8}" for name in ("p50_ms", "p95_ms", "p99_ms")
                )
                self.stdout.write(
                    f"{one['address']:<22} {one['requests']:>8} {one['errors']:>7} {one['per_second']:>9} {waits} "
                    f"{one['ratio'] or '—':>8}"
                    + f" {one['times_idle'] or '—':>7}" * (state == "during")
                    + (f"  {one['first_error']}" if one["errors"] else "")
                )
        return found

    def _estimate(self, companies: int, seed: int) -> dict[str, Any]:
        found = bench_estimate(companies, seed)
        self.stdout.write(
            f"{companies:,} companies: {found.seconds:.3f} s CPU; floor {found.floor_seconds * 1e3:.3f} ms; "
            f"ratio {found.ratio}; fitting the model again took {found.refit_seconds:.2f} s CPU"
        )
        return found.as_dict()

    def _temperature(self, companies: int, seed: int, peer: Path | None, method: MethodName) -> dict[str, Any]:
        try:
            found = bench_temperature(companies, seed, peer, method)
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
