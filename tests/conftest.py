"""What every test shares: a database that workers can open too, real workers on it, and a word on what is missing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponseForbidden
from django.template import Template
from django.test import TransactionTestCase
from django.test.utils import _TestState
from django.utils import translation
from xdist import is_xdist_controller

from fund.guards import GUARDS as FUND_GUARDS
from fund.project.environment import database_url
from portfolio import guards
from scoring.guards import GUARDS as SCORING_GUARDS
from tests import migrated, servers

ROOT = Path(__file__).resolve().parent.parent
# Without deadlines for single examples: they would fail on a busy machine.
hypothesis.settings.register_profile("suite", hypothesis.settings(), deadline=None, print_blob=True)
hypothesis.settings.register_profile("fast", hypothesis.settings(), deadline=None, print_blob=True, max_examples=15)
hypothesis.settings.load_profile("suite")

TESTS = ROOT / "tests"
OWN_SUITES = {"browser", "faults", "pythons"}
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup"}
ALL_GUARDS = (*guards.GUARDS, *SCORING_GUARDS, *FUND_GUARDS)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start our servers: each process of xdist its own, and none where tests are listed or dealt out."""
    if not session.config.option.collectonly and not is_xdist_controller(session):
        for server in settings.SERVERS:
            if isinstance(server, servers.Postgres):
                server.like = migrated.cluster()
            server.start()


@pytest.hookimpl(wrapper=True, tryfirst=True)  # before -m chooses, and when all others have put them in order
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark what the suites of script/test choose by: the folder's suite, `db` for all that use the database, and
    `postgres` for what commits, since what happens at once and what other processes see is each database's own."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0] if item.path.is_relative_to(TESTS) else ""
        mark, fixtures = item.get_closest_marker("django_db"), getattr(item, "fixturenames", ())
        if mark or DATABASE_FIXTURES.intersection(fixtures):
            item.add_marker("db")
        if folder in OWN_SUITES:
            item.add_marker(folder)
        elif "transactional_db" in fixtures or (mark and mark.kwargs.get("transaction")):
            item.add_marker("postgres")
    yield
    items[:] = _long_ones_first(items)


def _long_ones_first(items: list[pytest.Item]) -> list[pytest.Item]:
    """Each of two processes begins with half of what takes long and needs no database. Pytest-django puts that last,
    where one process would still work on it for minutes while the other has nothing left."""
    halves: tuple[list[pytest.Item], list[pytest.Item]] = ([], [])
    files: dict[Path, int] = {}  # a file stays together: what it sets up serves all its tests
    others: list[pytest.Item] = []
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("db"):
            halves[files.setdefault(item.path, len(files) % 2)].append(item)
        else:
            others.append(item)
    cut = max(0, len(items) // 2 - len(halves[0]))
    return [*halves[0], *others[:cut], *halves[1], *others[cut:]]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Stop before the database or the broker is asked for when there is none; long forms only when asked for."""
    if item.get_closest_marker("long") and not item.config.getoption("--long"):
        pytest.skip("a long form; --long runs it")
    needed = {
        servers.Postgres.what: settings.TEST_DATABASE == "postgres" and item.get_closest_marker("db"),
        servers.Redis.what: item.get_closest_marker("worker"),
    }
    for what, mend in servers.MISSING.items():
        if needed.get(what):
            servers.require(what, mend)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What a process of xdist has looked for in vain is told by the one that sums up."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["missing"] = servers.MISSING


def pytest_testnodedown(node: Any) -> None:
    servers.MISSING.update(getattr(node, "workeroutput", {}).get("missing", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for what, mend in servers.MISSING.items():
        terminalreporter.section(f"NOT TESTED: {what} is missing", red=True, bold=True)
        terminalreporter.line(f"This mends it: {mend}", red=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true", help="run the long forms of tests, too, and the others at full size"
    )


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Copies of what is migrated already; on SQLite a file, not memory: worker processes must see the same rows."""
    test = settings.DATABASES["default"].setdefault("TEST", {})
    if connection.vendor == "sqlite":
        test["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
        shutil.copy(migrated.sqlite(), test["NAME"])
    elif any(isinstance(server, servers.Postgres) for server in settings.SERVERS):
        test["TEMPLATE"] = migrated.TEMPLATE
    connection.settings_dict["TEST"].update(test)


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest) -> bool:
    """The copy is there already."""
    return connection.vendor == "sqlite" or bool(request.config.getvalue("reuse_db"))


@pytest.fixture(autouse=True, scope="session")
def _emptying_tables_lifts_the_guards() -> Iterator[None]:
    """Tests that commit are followed by a flush, which append-only tables would refuse."""
    original = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
        guards.remove(connection, ALL_GUARDS)
        try:
            original(self)
        finally:
            guards.install(connection, ALL_GUARDS)

    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _start_in_chinese() -> Iterator[None]:
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def templates_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Django copies them and their contexts for each part of a page, down to the options of a list, so that tests may
    look at them: who asks thousands of pages does not.
    """
    monkeypatch.setattr(Template, "_render", _TestState.saved_data.template_render)


@pytest.fixture
def bare_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of all answers are 403 where each role asks for each page; the words of its page are looked at elsewhere."""
    monkeypatch.setattr("fund.urls.handler403", lambda *_, **__: HttpResponseForbidden(), raising=False)


@pytest.fixture
def worker_environment(transactional_db: None) -> dict[str, str]:
    """The environment of a process that works on the test database."""
    return os.environ | {"DATABASE_URL": database_url(connection.settings_dict), "RUN_SWEEP_SECONDS": "1"}


@pytest.fixture
def start_worker(worker_environment: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start real prefork workers (and beat with them); each is ended with its children after the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*, concurrency: int = 2, beat: bool = True, **environment: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "-A", "fund", "worker", "-P", "prefork", "-c", str(concurrency)]
        command += ["-l", "WARNING", "--without-gossip", "--without-mingle"]
        if beat:
            # A file of its own: one that ends is slow to let go of its schedule, which is a SQLite database since 3.13.
            command += ["-B", "-s", str(Path(tempfile.mkdtemp(dir=settings.VAR_DIR)) / "beat")]
        process = subprocess.Popen(command, cwd=ROOT, env=worker_environment | environment, start_new_session=True)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()  # a warm shutdown; its children follow
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)


def wait_until(true: Callable[[], bool], *, seconds: float = 60, what: str = "it") -> None:
    """Poll a fact; fail with its name when it does not come true in time."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if true():
            return
        time.sleep(0.1)
    pytest.fail(f"{what} did not happen within {seconds} s")
