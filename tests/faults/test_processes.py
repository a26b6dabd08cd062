"""F1, F2, F11: workers that are killed, and workers that are asked to go."""

from __future__ import annotations

import signal
import time
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from scoring.models import ScoreItem, ScoreRun
from scoring.runs import queue as runs
from tests.conftest import wait_until
from tests.faults.poisoned import without_lapse
from tests.faults.world import BOOT_SECONDS, COMPANIES, SLOW, Process, World, both, stays_open, violations

pytestmark = both


@pytest.mark.faults("F0", "nothing: the yardstick of the others")
def test_without_a_fault_every_company_is_scored_at_the_first_attempt(world: World) -> None:
    world.beat()
    world.worker(seconds=SLOW)
    run = world.start_run()
    attempts = world.wait_for_end(run)
    world.check(run)
    assert attempts == 1


@pytest.mark.faults("F1", "kill -9 of a worker and its children")
def test_a_worker_killed_with_its_children_costs_a_lease_and_no_score(world: World) -> None:
    world.beat()
    first = world.worker(seconds=SLOW)
    run = world.start_run()
    world.wait_for_journal("finish")
    world.wait_for_journal("claim", 3)
    first.kill()
    assert run.items.filter(state=ScoreItem.State.LEASED).exists(), "it held nothing; the fault came too late"
    world.worker(seconds=SLOW)
    attempts = world.wait_for_end(run)
    world.check(run)
    assert attempts == 2


@pytest.mark.faults("F1", "control: a company set back by hand")
def test_the_checks_notice_a_score_whose_company_is_not_done(world: World) -> None:
    run = world.start_run()
    runs.drain(run.pk)
    run.refresh_from_db()
    assert violations(run) == []
    ScoreItem.objects.filter(pk=run.items.order_by("pk")[0].pk).update(state=ScoreItem.State.LEASED)
    assert [problem[:2] for problem in violations(run)] == ["I3", "I1", "I1"]


@pytest.mark.faults("F2", "kill -9 of one pool process")
def test_a_killed_pool_process_costs_a_lease_and_no_score(world: World) -> None:
    world.beat()
    worker, run = one_process_killed(world)
    attempts = world.wait_for_end(run)
    world.check(run)
    assert attempts == 2
    assert worker.popen.poll() is None


@pytest.mark.faults("F2", "control: no sweep")
def test_without_the_sweep_nobody_takes_what_a_killed_process_held(world: World) -> None:
    _worker, run = one_process_killed(world)
    assert stays_open(run)


@pytest.mark.faults("F2", "control: leases that never run out")
def test_if_no_lease_ever_ran_out_what_is_lost_would_stay_lost(world: World) -> None:
    run = world.start_run()
    held = runs.claim(run.pk, COMPANIES)
    assert held
    run.items.update(lease_until=Now() - timedelta(seconds=1))  # whoever held them is dead
    assert without_lapse()(run.pk) is None
    taken = runs.claim(run.pk)
    assert taken and {item.pk for item in taken.items} == {item.pk for item in held.items}


def one_process_killed(world: World) -> tuple[Process, ScoreRun]:
    """A worker one of whose two processes was killed with companies in its hands, and their run."""
    worker = world.worker(seconds=SLOW)
    run = world.start_run()
    holder = world.wait_for_journal("claim", 3)
    worker.signal_child(holder["pid"], signal.SIGKILL)
    held = ScoreItem.objects.filter(pk__in=holder["items"])
    assert not held.filter(state=ScoreItem.State.DONE).exists(), "it had finished; the fault came too late"
    return worker, run


@pytest.mark.faults("F11", "TERM, and a new worker")
def test_a_worker_that_is_asked_to_go_hands_over_without_a_loss(world: World) -> None:
    world.beat()
    old = world.worker(seconds=SLOW)
    run = world.start_run()
    world.wait_for_journal("claim")
    old.popen.send_signal(signal.SIGTERM)
    world.worker(seconds=SLOW)
    wait_until(lambda: old.popen.poll() is not None, seconds=BOOT_SECONDS, what="the old worker's end")
    attempts = world.wait_for_end(run)
    world.check(run)
    assert attempts == 1, "a warm shutdown loses no lease"


@pytest.mark.faults("F11", "TERM, then KILL, and a new worker")
def test_a_worker_killed_while_it_shuts_down_loses_no_score(world: World) -> None:
    """As a deploy does it: TERM starts the soft shutdown (REMAP_SIGTERM), KILL ends it."""
    world.beat()
    run = deployed_over(world)
    attempts = world.wait_for_end(run)
    world.check(run)
    assert attempts == 2


@pytest.mark.faults("F11", "control: no sweep")
def test_without_the_sweep_a_deploy_would_leave_the_run_open(world: World) -> None:
    assert stays_open(deployed_over(world))


def deployed_over(world: World) -> ScoreRun:
    """A run whose worker was asked to go, then killed, and replaced."""
    old = world.worker(seconds=0.4, environment={"REMAP_SIGTERM": "SIGQUIT"})
    run = world.start_run()
    world.wait_for_journal("claim")
    old.popen.send_signal(signal.SIGTERM)
    time.sleep(0.5)  # the shards take 1.6 s
    old.kill()
    assert run.items.filter(state=ScoreItem.State.LEASED).exists(), "it held nothing; the fault came too late"
    world.worker(seconds=SLOW).wait_for(" ready.")
    return run
