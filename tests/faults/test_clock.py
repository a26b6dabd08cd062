"""F15: workers whose clock is an hour wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from scoring.models import ScoreItem, ScoreRun
from scoring.tasks import drain
from tests.conftest import wait_until
from tests.faults.world import LEASE, World, both, within

pytestmark = both
HOUR = 3600.0


def held_by_one_wanted_by_another(world: World, holder: float, other: float, **plan: bool) -> ScoreRun:
    """A worker with a clock `holder` seconds off holds every company; one with `other` is woken meanwhile."""
    may_claim = world.folder / "may-claim"
    second = world.worker(concurrency=1, batch=24, clock_off=other, claims_after=str(may_claim), **plan)
    second.wait_for(" ready.")
    first = world.worker(concurrency=1, batch=24, seconds=0.06, clock_off=holder, **plan)
    first.wait_for(" ready.")
    run = world.start_run()

    def claimed() -> bool:
        drain.delay(run.pk)  # again and again: the other takes messages too, and may not claim yet
        return bool(world.journal("claim"))

    wait_until(claimed, what="the first claim")
    may_claim.touch()
    for _ in range(8):
        drain.delay(run.pk)
    assert first.popen.poll() is None
    return run


@pytest.mark.faults("F15", "holder an hour slow, another an hour fast")
def test_a_fast_clock_steals_nothing_early(world: World) -> None:
    run = held_by_one_wanted_by_another(world, -HOUR, +HOUR)
    attempts = world.wait_for_end(run)
    world.check(run)
    assert attempts == 1


@pytest.mark.faults("F15", "control: lease times by the worker's clock, early")
def test_by_the_workers_clock_the_lease_would_be_stolen(world: World) -> None:
    run = held_by_one_wanted_by_another(world, -HOUR, +HOUR, worker_clock=True)
    assert within(10, lambda: run.items.filter(attempts__gt=1).exists())


def lost_by_a_fast_worker(world: World, *, worker_clock: bool) -> ScoreRun:
    """A worker an hour fast takes everything and is killed."""
    worker = world.worker(concurrency=1, batch=24, seconds=1, clock_off=HOUR, worker_clock=worker_clock)
    run = world.start_run()
    world.wait_for_journal("claim")
    worker.kill()
    assert run.items.filter(state=ScoreItem.State.LEASED).count() == 24
    return run


def leases_end_in_time(run: ScoreRun) -> bool:
    """By the database's own clock."""
    return not run.items.filter(lease_until__gt=Now() + timedelta(seconds=LEASE)).exists()


@pytest.mark.faults("F15", "an hour fast and killed, another an hour slow")
def test_a_fast_worker_that_dies_holds_nothing_for_ever(world: World) -> None:
    run = lost_by_a_fast_worker(world, worker_clock=False)
    assert leases_end_in_time(run)
    world.beat()
    world.worker(clock_off=-HOUR)
    world.wait_for_end(run)
    world.check(run)
    assert not run.items.filter(attempts__gt=2).exists()


@pytest.mark.faults("F15", "control: lease times by the worker's clock, for ever")
def test_by_the_workers_clock_the_lease_would_last_an_hour(world: World) -> None:
    run = lost_by_a_fast_worker(world, worker_clock=True)
    assert not leases_end_in_time(run)
