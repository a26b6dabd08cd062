"""Fixtures of the fault tests, and the table of what they found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from tests.conftest import ROOT
from tests.faults.world import TIMES, World, Worlds

TABLE = ROOT / "docs" / "reference" / "faults.md"
ROWS: list[dict[str, Any]] = []


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


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """The row is noted when the test is taken down; whether it passed was said before that."""
    rows = [row for name, row in report.user_properties if name == "fault"]
    if report.when == "call":
        OUTCOMES[report.nodeid] = report.outcome
    if report.when == "teardown":
        ROWS.extend(row | {"result": OUTCOMES.get(report.nodeid, "not run")} for row in rows)


OUTCOMES: dict[str, str] = {}


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not session.config.getoption("--write-fault-table"):
        return
    lines = [
        "# Faults",
        "",
        "What was broken on purpose, in real processes, and what became of the run. A control takes out one of the",
        "things that keep the promise, and passes when the damage shows. Seconds count from the start of the run or,",
        "where a process had to be there first, from the fault; lease times are scaled to 4 s. Attempts are the most",
        f"that a company needed. Written by `pytest -m faults --write-fault-table` on {date.today().isoformat()}.",
        "",
        "| fault | what | database | result | seconds | attempts |",
        "|---|---|---|---|---|---|",
    ]
    for row in sorted(ROWS, key=lambda row: (int(row["fault"][0][1:]), row["fault"][1], row["database"])):
        number, what = row["fault"][:2]
        seconds, attempts = row.get("seconds", "—"), row.get("attempts", "—")
        lines.append(f"| {number} | {what} | {row['database']} | {row['result']} | {seconds} | {attempts} |")
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
