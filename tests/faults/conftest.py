"""Fixtures of the fault tests, and the table of what they found."""

from __future__ import annotations

import fcntl
from collections.abc import Generator, Iterator
from datetime import date
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from tests.conftest import ROOT
from tests.faults.world import TIMES, World, Worlds

TABLE = ROOT / "docs" / "reference" / "faults.md"
HEAD = """# Faults

What was broken on purpose, in real processes, and what became of the run. A *control* takes out one of the things
that keep the promise, and passes when the damage shows. Seconds are those of the whole run, with the start of the
processes where that belongs to it; the lease lasts 4 s here instead of 15. Attempts are the most that one company
needed. Written by `pytest -m faults --write-fault-table` (tests/faults/).

What keeps the promise, and which control takes it out:

| keeper | against | control |
|---|---|---|
| the sweep | work that nobody has a message for | F2, F3, F4, F6, F11: no sweep |
| leases that run out | work whose worker is gone | F2: leases that never run out |
| the transaction round a shard | half a shard, when process or connection ends in the middle | F6: no transaction |
| the fence (lease tokens) | a worker that comes back, a message that comes twice | F7, F9: no fence |
| the unique keys | what a fence that fails would let through; the same question twice | F7, F9, F8: no unique key |
| the lock of a finish | a cancel in the middle of it | F9: no lock |
| the database's clock | workers whose clock is wrong | F15: lease times by the worker's clock |

F2, F3, F6 and F11 have no control of fence or lock: what is killed there never comes back with an old token, so the
fence is not asked (F7 and F9 ask it). Nor has any the lock of a claim: without it two workers may lease the same
companies and work twice, but the later token stands and the fence refuses the other, so time is lost and nothing else.

| fault | what | database | result | seconds | attempts | date |
|---|---|---|---|---|---|---|
"""
ROWS: list[dict[str, Any]] = []
OUTCOMES: dict[str, str] = {}  # of the tests themselves; their rows come when they are taken down


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    made = Worlds(tmp_path_factory.mktemp("worlds"))
    yield made
    made.close()


@pytest.fixture
def world(
    request: pytest.FixtureRequest, worlds: Worlds, settings: Any, django_db_blocker: DjangoDbBlocker
) -> Iterator[World]:
    """A world on the database that the test is run for."""
    for name, seconds in TIMES.items():
        setattr(settings, name, float(seconds))
    fault = request.node.get_closest_marker("faults")
    with django_db_blocker.unblock(), worlds.new(request.param) as made:
        yield made
        row = {"fault": fault.args, "database": made.kind} | made.noted
        request.node.user_properties.append(("fault", row))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With a failure, what each process said last."""
    report = yield
    world = getattr(item, "funcargs", {}).get("world")
    if report.failed and world is not None:
        report.sections += [(f"log of {process.name}", process.last_words()) for process in world.processes]
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    rows = [row for name, row in report.user_properties if name == "fault"]
    if report.when == "call":
        OUTCOMES[report.nodeid] = report.outcome
    if report.when == "teardown":
        ROWS.extend(row | {"result": OUTCOMES.get(report.nodeid, "not run")} for row in rows)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Put what was run into the table; the rest of it stays as it was."""
    if not session.config.getoption("--write-fault-table"):
        return
    with TABLE.open("a+", encoding="utf-8") as table:
        fcntl.flock(table, fcntl.LOCK_EX)  # the other process of the suite ends at about the same time
        _write_table()


def _write_table() -> None:
    lines = TABLE.read_text(encoding="utf-8").splitlines() if TABLE.exists() else []
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| F")]
    table = {tuple(row[:3]): row[3:] for row in cells}
    for row in ROWS:
        number, what = row["fault"]
        seen = [row["result"], row.get("seconds", "—"), row.get("attempts", "—"), date.today().isoformat()]
        table[number, what, row["database"]] = [str(cell) for cell in seen]
    ordered = sorted(table.items(), key=lambda pair: (int(pair[0][0][1:]), pair[0][1:]))
    text = HEAD + "".join(f"| {' | '.join([*key, *seen])} |\n" for key, seen in ordered)
    TABLE.write_text(text, encoding="utf-8")
