"""One fault's world: a database, a broker, and the processes that live on them. All of it ends with the test."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections
from django.test import Client
from django.utils.html import escape

from fund.celery import app
from fund.project.environment import celery_broker, database
from portfolio import audit
from portfolio.models import AuditEvent, Company
from scoring.models import Score, ScoreItem, ScoreRun
from scoring.runs import queue as runs
from tests import make, migrated
from tests.api.caller import Caller, issue
from tests.conftest import ROOT, wait_until
from tests.faults import nursery
from tests.faults.disks import Disk, small_disk
from tests.faults.nursery import Forked
from tests.faults.poisoned import Plan
from tests.faults.proxy import LOOPBACK, Proxy
from tests.servers import Missing, Postgres, Redis, _end_with_parent, require

COMPANIES = 24
AS_OF = date(2025, 6, 30)
PATIENT = {"RUN_SOFT_SECONDS": "60", "RUN_HARD_SECONDS": "90"}  # the product's, where a limit of 2 s would come first
SLOW = 0.1  # seconds a company takes where a fault must come in the middle of a run
SHARD, SOFT, HARD, LEASE, SWEEP = 1, 2, 3, 4, 1  # seconds: the product's 30, 60, 90, 15, 5, scaled
TIMES = {
    "RUN_SHARD_SECONDS": SHARD,
    "RUN_SOFT_SECONDS": SOFT,
    "RUN_HARD_SECONDS": HARD,
    "RUN_LEASE_SECONDS": LEASE,
    "RUN_SWEEP_SECONDS": SWEEP,
}
DISK_MB = 120
BOOT_SECONDS = RUN_SECONDS = 60  # bounds for shared machines, not expectations
CSRF = "a" * 32


class Process:
    """A process of ours in a group of its own, its words in a log."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        environment: dict[str, str],
        *,
        is_warm: bool = False,
        before: Sequence[str] = (),
        product: Path = ROOT,
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self.log.touch()
        if is_warm:
            self.popen: Forked | subprocess.Popen[bytes] = Forked(command, self.log, environment)
            return
        with self.log.open("wb") as log:
            self.popen = subprocess.Popen(
                [*before, sys.executable, "-m", *command],
                cwd=product,
                env=environment | {"PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent(signal.SIGTERM) if sys.platform == "linux" else None,
            )

    @property
    def pid(self) -> int:
        return self.popen.pid

    def has_said(self, words: str) -> bool:
        return words in self.log.read_text(encoding="utf-8", errors="replace")

    def last_words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-6000:]

    def wait_for(self, words: str) -> None:
        def said() -> bool:
            assert self.popen.poll() is None, f"{self.name} ended: {self.last_words()}"
            return self.has_said(words)

        wait_until(said, seconds=BOOT_SECONDS, what=f"{self.name} to say {words!r}")

    def signal_group(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, number)

    def kill(self) -> None:
        """kill -9 it and its children."""
        self.signal_group(signal.SIGKILL)
        self.popen.wait(10)

    def signal_child(self, pid: int, number: signal.Signals) -> None:
        assert os.getpgid(pid) == self.popen.pid, f"process {pid} is none of ours"
        os.kill(pid, number)


@dataclass(frozen=True)
class Said:
    status: int
    location: str
    body: str


@dataclass(frozen=True)
class Web:
    """The product over HTTP: its pages as a signed-in person, its API with a token."""

    port: int
    session: str
    tokens: tuple[str, ...] = ()  # of people who may start runs

    def get(self, path: str) -> Said:
        return self._ask("GET", path)

    def post(self, path: str) -> Said:
        return self._ask("POST", path)

    def start_run(self, number: int = 0) -> Said:
        """Ask the API for the scores of every company, each time as another of the people."""
        program = {"Authorization": f"Bearer {self.tokens[number % len(self.tokens)]}"}
        return self._ask("POST", "/api/v1/runs/", {"as_of": AS_OF.isoformat()}, program)

    def _ask(self, method: str, path: str, question: Any = None, headers: dict[str, str] | None = None) -> Said:
        """Within 10 s, or it fails: no request may wait for a broker or a database that is gone."""
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        person = {"Cookie": f"sessionid={self.session}; csrftoken={CSRF}", "X-CSRFToken": CSRF}
        body = None if question is None else json.dumps(question)
        try:
            asking.request(method, path, body, {"Content-Type": "application/json"} | (headers or person))
            answer = asking.getresponse()
            return Said(answer.status, answer.headers.get("Location", ""), answer.read().decode())
        finally:
            asking.close()


@dataclass
class World:
    kind: str
    folder: Path
    database_url: str
    broker: Redis
    postgres: Postgres | None
    reference: dict[str, str] = field(default_factory=dict)  # digests of the scores where nothing goes wrong
    processes: list[Process] = field(default_factory=list)
    times: dict[str, int] = field(default_factory=TIMES.copy)
    broker_url: str = ""

    def __post_init__(self) -> None:
        self.broker_url = self.broker.url

    # --- networks: what stands between the processes that are started within, and their servers
    @contextmanager
    def line_to_broker(self, address: str = LOOPBACK) -> Iterator[Proxy]:
        before = self.broker_url
        with Proxy(self.broker.socket, address) as line:
            self.broker_url = f"redis://{address}:{line.port}/0"
            try:
                yield line
            finally:
                self.broker_url = before

    @contextmanager
    def line_to_database(self, address: str = LOOPBACK) -> Iterator[Proxy]:
        assert self.postgres
        before = self.database_url
        with Proxy(self.postgres.socket, address) as line:
            found = urlsplit(before)
            self.database_url = f"postgres://{found.username}@{address}:{line.port}{found.path}?sslmode=disable"
            try:
                yield line
            finally:
                self.database_url = before

    @contextmanager
    def reached_at(self, address: str) -> Iterator[None]:
        """By another host."""
        with self.line_to_broker(address), self.line_to_database(address):
            yield

    # --- processes
    @property
    def environment(self) -> dict[str, str]:
        own = {"DATABASE_URL": self.database_url, "REDIS_URL": self.broker_url}
        return os.environ | own | {name: str(seconds) for name, seconds in self.times.items()}

    def run(
        self, name: str, *command: str, before: Sequence[str] = (), product: Path = ROOT, **environment: str
    ) -> Process:
        """`before` is a command that is given the process's as its arguments; `product` is the folder of another."""
        process = Process(
            f"{len(self.processes)}-{name}",
            command,
            self.folder,
            self.environment | environment,
            # Other variables are read while it loads.
            is_warm=not before and product == ROOT and environment.keys() <= nursery.OWN and self.times == TIMES,
            before=before,
            product=product,
        )
        self.processes.append(process)
        return process

    def worker(
        self,
        *,
        concurrency: int = 2,
        environment: dict[str, str] | None = None,
        before: Sequence[str] = (),
        **plan: Any,
    ) -> Process:
        planned = Plan(journal=str(self.folder / "journal"), **plan).to_environment()
        command = ["celery", "-A", "tests.faults.poisoned", "worker", "-P", "prefork", "-c", str(concurrency)]
        command += ["-l", "INFO", "--without-gossip", "--without-mingle", "-n", f"w{len(self.processes)}@%h"]
        return self.run("worker", *command, before=before, **planned, **(environment or {}))

    def beat(self) -> Process:
        schedule = str(self.folder / f"schedule-{len(self.processes)}")
        return self.run("beat", "celery", "-A", "fund", "beat", "-l", "INFO", "-s", schedule)

    def web(self, **environment: str) -> Web:
        command = [
            "gunicorn",
            "fund.wsgi",
            "--bind",
            "127.0.0.1:0",
            "--worker-class",
            "fund.project.bounds.web_worker.Worker",
            "--threads",
            "8",
        ]
        process = self.run("web", *command, "--no-control-socket", **environment)
        process.wait_for("Listening at: http")
        found = re.search(r"Listening at: http://127\.0\.0\.1:(\d+)", process.log.read_text("utf-8"))
        assert found
        browser = Client()
        browser.force_login(User.objects.get(username="carol"))
        tokens = tuple(issue(User.objects.get(username=name)) for name in ("carol", "dan"))
        web = Web(int(found[1]), browser.cookies["sessionid"].value, tokens)
        wait_until(lambda: answers(web), seconds=BOOT_SECONDS, what="the web server")
        return web

    def journal(self, what: str) -> list[dict[str, Any]]:
        path = self.folder / "journal"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return [entry for entry in map(json.loads, lines) if entry["what"] == what]

    def wait_for_journal(self, what: str, count: int = 1) -> dict[str, Any]:
        """The last entry of that kind, once there are so many."""
        wait_until(lambda: len(self.journal(what)) >= count, seconds=BOOT_SECONDS, what=f"{count} × {what}")
        return self.journal(what)[-1]

    def end(self) -> None:
        for process in self.processes:
            process.kill()
        self.broker.close()

    # --- runs
    def start_run(self, as_of: date = AS_OF) -> ScoreRun:
        run, is_new = runs.start(Company.objects.all(), title="faults", by=None, as_of=as_of)
        assert is_new
        return run

    def wait_for_end(self, run: ScoreRun, *, seconds: float = RUN_SECONDS) -> int:
        """Wait for the run to close; the most attempts that one company needed."""
        wait_until(lambda: is_closed(run), seconds=seconds, what="the run's end")
        return max(ScoreItem.objects.filter(run=run).values_list("attempts", flat=True))

    # --- what must hold, whatever happened
    def check(self, run: ScoreRun, failed: Sequence[str] = ()) -> None:
        run = ScoreRun.objects.get(pk=run.pk)
        problems = violations(run)
        assert problems == []
        assert run.state == (ScoreRun.State.PARTIAL if failed else ScoreRun.State.DONE)
        lost = run.items.filter(state=ScoreItem.State.FAILED).select_related("company")
        assert sorted(item.company.company_key for item in lost) == sorted(failed)
        whole = {key: digest for key, digest in self.reference.items() if key not in failed}
        assert digests(run) == whole, "I6: the scores differ from the fault-free run's"
        self._errors_are_shown(run, list(lost))

    def _errors_are_shown(self, run: ScoreRun, lost: Sequence[ScoreItem]) -> None:
        """I5, on the run's page for the fund's side, in the administration and in the API."""
        browser = Client()
        for name, address in (("carol", run.get_absolute_url()), ("dan", f"/admin/scoring/scorerun/{run.pk}/change/")):
            browser.force_login(User.objects.get(username=name))
            page = browser.get(address)
            assert page.status_code == 200
            text = page.content.decode()
            for item in lost:
                assert item.error
                assert escape(item.error) in text, f"I5: {address} does not say {item.error!r}"
            assert str(run.get_state_display()) in text
        program = Caller(User.objects.get(username="carol"))
        listed = program.read(f"/runs/{run.pk}/errors/").json()["results"]
        assert {row["company"]: row["error"] for row in listed} == {i.company.company_key: i.error for i in lost}, "I5"
        assert program.read(f"/runs/{run.pk}/").json()["state"] == run.state


def violations(run: ScoreRun, closings: int = 1) -> list[str]:
    """What is wrong with a run that claims to be closed, so many times (I1-I4), in words."""
    found = []
    items = run.progress()
    if run.is_open:
        found.append(f"I2: the run is {run.state}")
    if items["done"] + items["failed"] != items["total"]:
        found.append(f"I3: {items}")
    written = Counter(Score.objects.filter(run=run).values_list("company__company_key", flat=True))
    found += [f"I1: {n} scores of {key}" for key, n in written.items() if n != 1]
    if len(written) != items["done"]:
        found.append(f"I1: {len(written)} companies have a score, {items['done']} are done")
    events = AuditEvent.objects.filter(object=f"run:{run.pk}")
    effects = sum(int(event.detail.split()[0]) for event in events.filter(verb="run.shard"))
    if effects != items["done"]:
        found.append(f"I1: {effects} effects for {items['done']} scores")
    if (closed := events.filter(verb__in=["run.done", "run.partial"]).count()) != closings:
        found.append(f"I2: the run was closed {closed} times")
    verdict = audit.verify()
    if verdict.first_bad is not None:
        found.append(f"I4: event {verdict.first_bad}: {verdict.reason}")
    return found


def digests(run: ScoreRun) -> dict[str, str]:
    return dict(Score.objects.filter(run=run).values_list("company__company_key", "digest"))


def is_closed(run: ScoreRun) -> bool:
    return not ScoreRun.objects.get(pk=run.pk).is_open


def stays_open(run: ScoreRun) -> bool:
    """Longer than a lease and a sweep would take: for controls without the sweep."""
    return not within(LEASE + 2 * SWEEP + 2, lambda: is_closed(run))


def answers(web: Web) -> bool:
    with suppress(OSError):
        return web.get("/healthz").status == 200
    return False


# --- where worlds come from ----------------------------------------------------------------------------
class Worlds:
    """Makes each test its own copy of a database that was migrated and filled once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made = 0
        self.postgres: Postgres | None = None
        self.templates: dict[str, str] = {}
        self.references: dict[str, dict[str, str]] = {}
        nursery.open_nursery({name: str(seconds) for name, seconds in TIMES.items()})

    @contextmanager
    def new(self, kind: str, disk: Disk | None = None) -> Iterator[World]:
        try:
            template = self._template(kind)
            broker = Redis().start()
        except Missing as missing:
            require(missing.what, missing.mend)
        if kind not in self.references:
            with self._world(kind, template, Redis().start()) as world:
                self.references[kind] = _fault_free(world)
        with self._world(kind, template, broker, disk) as world:
            world.reference = self.references[kind]
            yield world

    @contextmanager
    def on_a_small_disk(self, kind: str) -> Iterator[tuple[World, Disk]]:
        """A world whose database lies on a disk that can be filled."""
        self._template(kind)
        folder, owner = self.folder, None
        if kind == "postgresql":
            assert self.postgres
            folder, owner = self.postgres.folder, self.postgres.user
        with small_disk(folder / f"disk{self.made}", DISK_MB, owner) as disk, self.new(kind, disk) as world:
            yield world, disk

    @contextmanager
    def _world(self, kind: str, template: str, broker: Redis, disk: Disk | None = None) -> Iterator[World]:
        self.made += 1
        folder = self.folder / f"{self.made}-{kind}"
        folder.mkdir()
        world = World(kind, folder, self._copy(kind, folder, disk), broker, self.postgres)
        try:
            with _database_is(world.database_url), _broker_is(broker.url):
                try:
                    yield world
                finally:
                    connection.close()
        finally:
            world.end()
            if disk and kind == "postgresql":
                assert self.postgres
                self.postgres.drop_database(world.database_url.rpartition("/")[2])

    def _template(self, kind: str) -> str:
        if kind not in self.templates:
            if kind == "postgresql":
                self.postgres = Postgres(like=migrated.cluster()).start()
                url = self.postgres.create_database("template", migrated.TEMPLATE)
            else:
                shutil.copyfile(migrated.sqlite(), self.folder / "template.sqlite3")
                url = f"sqlite:///{self.folder / 'template.sqlite3'}"
            with _database_is(url):
                for n in range(COMPANIES):
                    make.scoreable(f"demo-{n:02}", scale=1 + n)
                make.carol()
                make.dan()
                connection.close()
            self.templates[kind] = url
        return self.templates[kind]

    def _copy(self, kind: str, folder: Path, disk: Disk | None) -> str:
        if kind == "sqlite":
            copy = (disk.path if disk else folder) / "greenlight.sqlite3"
            shutil.copyfile(self.folder / "template.sqlite3", copy)
            return f"sqlite:///{copy}"
        assert self.postgres
        return self.postgres.create_database(f"world{self.made}", "template", disk.path if disk else None)

    def close(self) -> None:
        if self.postgres:
            self.postgres.close()


def _fault_free(world: World) -> dict[str, str]:
    """Nothing goes wrong, not even a process: F0 shows that workers come to the same."""
    run = world.start_run()
    while not is_closed(run):
        runs.drain(run.pk)
    assert violations(ScoreRun.objects.get(pk=run.pk)) == []
    return digests(run)


def serve_at(database_url: str, broker_url: str) -> None:
    """Of a process that has loaded the product already: its database and broker, for good."""
    settings.DATABASES["default"] = database(database_url)
    connections.settings["default"] = connections.configure_settings(settings.DATABASES)["default"]
    del connections["default"]
    settings.REDIS_URL = broker_url
    app.conf.broker_url = celery_broker(broker_url)


@contextmanager
def _database_is(url: str) -> Iterator[None]:
    """Let the product's code in this process work on another database."""
    before, wrapper = connections.settings["default"], connections["default"]
    connections.settings["default"] = connections.configure_settings({"default": database(url)})["default"]
    del connections["default"]
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"], connections["default"] = before, wrapper
        ContentType.objects.clear_cache()


@contextmanager
def _broker_is(url: str) -> Iterator[None]:
    before = app.conf.broker_url
    _publish_to(celery_broker(url))
    try:
        yield
    finally:
        _publish_to(before)


def _publish_to(url: str) -> None:
    """Celery keeps its connections for the life of the process."""
    app.pool.force_close_all()
    app._pool = app.amqp._producer_pool = None
    app.conf.broker_url = url


def within(seconds: float, fact: Callable[[], bool]) -> bool:
    """Whether the fact comes true in time; for negative controls, where it may not."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if fact():
            return True
        time.sleep(0.1)
    return False


both = pytest.mark.parametrize("world", ["sqlite", "postgresql"], indirect=True)
