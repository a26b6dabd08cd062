"""`manage.py up`: the demo on this machine, with a real broker and real workers, and the main job run on it."""

from __future__ import annotations

import json
import sys
import time
import unicodedata
from argparse import ArgumentParser
from io import TextIOWrapper
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import BaseCommand, CommandError, call_command
from django.core.management.base import OutputWrapper
from django.db.models import Count
from django.utils import translation

from fund.celery import app as celery
from fund.demo import committee, plans, results
from fund.demo import people as demo
from fund.demo.guard import refuse_what_is_not_ours
from fund.project import environment
from fund.project.supervisor import Supervisor, SupervisorError, answers_healthz, broker, only_one, require_free_port
from portfolio.models import Company, Track
from portfolio.universe.words import DEMO
from scoring.candidates.listing import BY_BARS, in_order
from scoring.candidates.rows import CandidateRow, read
from scoring.models import LatestScore, Score, ScoreRun
from scoring.runs import queue as runs

TITLE = "示例企业库 · Demo universe"
STALLED_SECONDS = 180  # a cold, busy machine may need over a minute to import what a worker needs
BAR = 30


class Command(BaseCommand):
    help = (
        "Start the demo: migrate, load the demo universe, start broker, worker, beat and web server, score every "
        "company, print the candidates by track, and serve on 127.0.0.1 until Ctrl-C. With --once: no web server, and "
        "the last line is JSON with the counts of the run and the seconds it took."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="score, print the result and end; no web server")
        parser.add_argument("--port", type=int, default=8000, help="of the web server on 127.0.0.1 (default 8000)")

    def handle(self, *args: Any, once: bool, port: int, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("`up` is the demo. Unset GREENLIGHT_MODE, or deploy as the README says.", returncode=2)
        if not once and not 1 <= port <= 65535:
            raise CommandError(f"--port {port}: a port is a number from 1 to 65535, such as 8000.", returncode=2)
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(errors="replace", line_buffering=True)  # not every terminal can print Chinese
        try:
            with translation.override("en"), only_one(settings.VAR_DIR / "up.lock"):
                run, summary = self.run_demo(None if once else port)
        except SupervisorError as wrong:
            self.stderr.write(f"\n{wrong}")
            sys.exit(wrong.exit_code)
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")
            if once:
                sys.exit(130)
            return
        self.stdout.write(json.dumps(summary))
        if run.state != ScoreRun.State.DONE:
            sys.exit(1)

    def run_demo(self, port: int | None) -> tuple[ScoreRun, dict[str, Any]]:
        """All of it, in order. Without a port it returns after the run; with one it serves until interrupted."""
        if port is not None:
            require_free_port(port)
        with Supervisor(settings.VAR_DIR / "logs") as supervisor, broker(supervisor) as url:
            celery.conf.update(broker_url=environment.celery_broker(url))  # our own wake-up goes to the workers' broker
            self.prepare()
            start_celery(supervisor, url)
            if port is not None:
                start_web(supervisor, url, port)
            began = time.monotonic()
            run, is_new = runs.start(Company.objects.all(), title=TITLE, by=None)
            if not is_new and run.is_open:
                runs.wake(run.pk)  # an earlier start was stopped in the middle; its message went with its broker
            Progress(self.stdout).follow(run, supervisor)
            plans.set_up()
            results.set_up()
            committee.set_up()
            summary = counts(run) | {"seconds": round(time.monotonic() - began, 1)}
            self.print_candidates(run, summary)
            if port is not None:
                supervisor.wait_until(
                    lambda: answers_healthz(port),
                    seconds=STALLED_SECONDS,
                    otherwise=f"The web server did not answer within {STALLED_SECONDS} s.",
                )
                self.print_address(port)
                supervisor.watch()
        return run, summary

    def prepare(self) -> None:
        self.stdout.write("Preparing the database …")
        try:
            refuse_what_is_not_ours()
            call_command("migrate", verbosity=0, interactive=False)
            refuse_what_is_not_ours()
        except ImproperlyConfigured as foreign:
            raise CommandError(str(foreign), returncode=2) from foreign
        self.stdout.write("Loading the demo universe, peers and candidates …")
        for folder in DEMO:
            self.stdout.write(f"{folder.name}:")
            call_command("load_universe", str(folder), stdout=self.stdout)
        demo.set_up()

    def print_candidates(self, run: ScoreRun, summary: dict[str, Any]) -> None:
        """By track and bars cleared, with what is asked first; no rank. Peers are counted, not listed."""
        self.stdout.write(
            f"\n{summary['companies']} companies as of {run.as_of}, {run.method or 'no bar sheet in force'}: "
            f"{summary['candidates']} candidates, {summary['companies'] - summary['candidates']} peers, "
            f"{summary['failed']} failed.\n"
        )
        families = {run.bar_sheet.version: run.bar_sheet.engine().family} if run.bar_sheet else {}
        scores = LatestScore.objects.filter(score__run=run, kind=Score.Kind.CANDIDATE)
        tracks = {code: place for place, code in enumerate([*Track.values, ""])}
        listed = sorted(read(in_order(scores, [BY_BARS]), families), key=lambda row: tracks[row.track])
        for track, rows in groupby(listed, lambda row: row.track):
            self.stdout.write(f"\n{Track(track).label if track else 'No track yet'}\n\n")
            for row in rows:
                self.stdout.write(f"  {fitted(row.name, 34)}  {fitted(row.family_name, 30)}  {told(row)}")

    def print_address(self, port: int) -> None:
        self.stdout.write(f"\nGreenlight is at http://127.0.0.1:{port}/ with these illustrative accounts:\n\n")
        for account, password in demo.accounts():
            self.stdout.write(f"    {account.username:10}  {password}  {account.is_for}")
        self.stdout.write("\nCtrl-C stops everything; the data stays.")


def start_celery(supervisor: Supervisor, url: str) -> None:
    celery_app = [sys.executable, "-m", "celery", "-A", "fund"]
    schedule = settings.VAR_DIR / "tmp" / "beat-schedule"
    schedule.parent.mkdir(mode=0o700, exist_ok=True)
    worker = [*celery_app, "worker", "-P", "prefork", "-c", "2", "--loglevel", "INFO", "--without-gossip"]
    beat = [*celery_app, "beat", "--schedule", str(schedule), "--loglevel", "INFO"]
    supervisor.start("worker", [*worker, "--without-mingle"], cwd=settings.BASE_DIR, **child_environment(url))
    supervisor.start("beat", beat, cwd=settings.BASE_DIR, **child_environment(url))


def start_web(supervisor: Supervisor, url: str, port: int) -> None:
    command = [sys.executable, "-m", "gunicorn", "fund.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += [
        "--worker-class",
        "fund.project.bounds.web_worker.Worker",
        "--threads",
        "8",
        "--graceful-timeout",
        "5",
        "--no-control-socket",
    ]
    supervisor.start("web server", command, cwd=settings.BASE_DIR, **child_environment(url))


def child_environment(url: str) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "fund.settings",
        "PYTHONUNBUFFERED": "1",  # the last words of a child that is killed must be in its log
        "GREENLIGHT_MODE": "demo",
        "GREENLIGHT_VAR": str(Path(settings.VAR_DIR).resolve()),
        "REDIS_URL": url,
    }


def told(row: CandidateRow) -> str:
    """One candidate on a line: P of the cleared bars with their count, and what comes first."""
    if row.group_code == Score.Group.NOT_ADMITTED:
        return f"not admitted: {row.failed_gates[0][0]}"
    if row.group_code == Score.Group.NO_FIGURES:
        return "no figures yet"
    return f"{row.p:>4} {row.cleared}/3  {row.question_label}: {row.question}"


def counts(run: ScoreRun) -> dict[str, Any]:
    """Companies of the run, its candidates, records written, and how many candidates have so many bars known."""
    items = run.progress()
    known = dict(run.scores.filter(kind=Score.Kind.CANDIDATE).order_by().values_list("known").annotate(n=Count("pk")))
    return {
        "companies": items["total"],
        "candidates": sum(known.values()),
        "scored": run.scores.count(),
        "bars_known": {str(bars): known.get(bars, 0) for bars in (3, 2, 1, 0)},
        "failed": items["failed"],
    }


class Progress:
    """The run's rows as a bar that redraws itself on a terminal, as a line for each tenth elsewhere."""

    def __init__(self, output: OutputWrapper) -> None:
        self.output = output
        self.redraws = output.isatty()
        self.shown = -1

    def follow(self, run: ScoreRun, supervisor: Supervisor) -> None:
        """Return when the run is closed. Raises SupervisorError when nothing moves, ChildDied when a child does."""
        seen, since = run.progress(), time.monotonic()
        while True:
            self.show(seen)
            run.refresh_from_db(fields=["state"])
            if not run.is_open:
                break
            supervisor.check()
            time.sleep(0.2)
            now = run.progress()
            if now != seen:
                seen, since = now, time.monotonic()
            elif time.monotonic() - since > patience(seen):
                raise SupervisorError(
                    f"The run does not move: {seen['done']} of {seen['total']} companies are done, and nothing "
                    f"happened for {patience(seen):.0f} s. The logs are in {supervisor.logs}."
                )
        self.show(run.progress())
        if self.redraws:
            self.output.write("")

    def show(self, items: dict[str, int]) -> None:
        share = (items["done"] + items["failed"]) / max(1, items["total"])
        failed = f", {items['failed']} failed" if items["failed"] else ""
        words = f"{items['done']} of {items['total']} companies scored{failed}"
        if self.redraws:
            filled = round(share * BAR)
            self.output.write(f"\r[{'#' * filled}{'.' * (BAR - filled)}] {words}", ending="")
            self.output.flush()
        elif int(share * 10) != self.shown:
            self.shown = int(share * 10)
            self.output.write(words)


def patience(items: dict[str, int]) -> float:
    """Seconds without news that are normal. What a killed worker held comes back only when its lease is over."""
    if items["leased"]:
        return max(STALLED_SECONDS, settings.RUN_LEASE_SECONDS + 2 * settings.RUN_SWEEP_SECONDS)
    return STALLED_SECONDS


def fitted(text: str, columns: int) -> str:
    """Cut or filled up to this many columns of a terminal, where a Chinese character takes two."""
    out, used = "", 0
    for character in text:
        width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used + width > columns:
            break
        out, used = out + character, used + width
    return out + " " * (columns - used)
