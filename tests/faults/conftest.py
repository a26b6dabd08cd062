"""Fixtures of the fault tests."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from tests.faults.world import TIMES, World, Worlds


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    made = Worlds(tmp_path_factory.mktemp("worlds"))
    yield made
    made.close()


@pytest.fixture
def run_times(settings: Any) -> None:
    for name, seconds in TIMES.items():
        setattr(settings, name, float(seconds))


@pytest.fixture
def world(
    request: pytest.FixtureRequest, worlds: Worlds, run_times: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[World]:
    """A world on the database that the test is run for."""
    with django_db_blocker.unblock(), worlds.new(request.param) as made:
        yield made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With a failure, what each process said last."""
    report = yield
    world = getattr(item, "funcargs", {}).get("world")
    if report.failed and world is not None:
        report.sections += [(f"log of {process.name}", process.last_words()) for process in world.processes]
    return report
