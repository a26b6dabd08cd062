"""A worker is killed in a run of 10,000 companies, at the product's own times. A long form: pytest --long -s."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import connection

from fund.bench.run import synthesise
from portfolio import guards
from scoring.models import ScoreRun
from tests.conftest import ALL_GUARDS, wait_until
from tests.faults.world import AS_OF, Process, World, both, violations
from tests.servers import _children

COMPANIES, SEED, BATCH = 10_000, 1, 500
PRODUCTS = {"SHARD": 30, "SOFT": 60, "HARD": 90, "LEASE": 15, "SWEEP": 5}
LONGER_SECONDS = 20  # RELIABILITY (p)


@pytest.mark.long
@both
@pytest.mark.faults("F1", "kill -9 of a worker and its children among 10,000 companies, leases of 15 s")
def test_a_killed_worker_costs_a_large_run_at_most_a_lease_and_a_sweep(world: World) -> None:
    world.times = {f"RUN_{name}_SECONDS": seconds for name, seconds in PRODUCTS.items()}
    guards.remove(connection, ALL_GUARDS)  # it freezes what it makes, and with it what is frozen here already
    synthesise(COMPANIES, SEED)
    guards.install(connection, ALL_GUARDS)
    world.beat()
    first, _second = workers = [world.worker(concurrency=1, batch=BATCH) for _host in range(2)]
    for worker in workers:
        worker.wait_for(" ready.")
    world.wait_for_end(world.start_run(AS_OF - timedelta(days=1)), seconds=600)  # what a process loads once is loaded
    normal = seconds_of(world, world.start_run(AS_OF))
    killed = seconds_of(world, world.start_run(AS_OF + timedelta(days=1)), first)
    print(f"\n{world.kind}: {COMPANIES:,} companies {normal:.1f} s; with a killed worker {killed:.1f} s")  # noqa: T201
    assert killed <= normal + LONGER_SECONDS


def seconds_of(world: World, run: ScoreRun, victim: Process | None = None) -> float:
    """From the message to the end; the victim is killed in the middle, and another begins, as a supervisor does it."""
    began = time.monotonic()
    if victim:
        mine = set(_children(victim.pid))
        wait_until(lambda: holds_something(world, run, mine), what="a claim by the victim")
        victim.kill()
        world.worker(concurrency=1, batch=BATCH)
    attempts = world.wait_for_end(run, seconds=600)
    assert attempts == (2 if victim else 1)
    run.refresh_from_db()
    assert (run.state, violations(run)) == (ScoreRun.State.DONE, [])
    return time.monotonic() - began


def holds_something(world: World, run: ScoreRun, pids: set[int]) -> bool:
    held = {str(token) for token in run.items.filter(lease_until__isnull=False).values_list("lease_token", flat=True)}
    return any(entry["pid"] in pids and entry["token"] in held for entry in world.journal("claim"))
