"""F5: networks that are slow, silent or torn between processes and their broker or database (tests/faults/proxy.py)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from scoring.models import ScoreItem, ScoreRun
from tests.conftest import wait_until
from tests.faults.proxy import Proxy
from tests.faults.test_frozen import PATIENCE_SECONDS, timed, warm
from tests.faults.world import AS_OF, LEASE, PATIENT, SLOW, SWEEP, Said, Web, World, both, is_closed, within

on_postgresql = pytest.mark.parametrize("world", ["postgresql"], indirect=True)  # SQLite is no network away
NOTICED_SECONDS = 60  # RELIABILITY: so long a conversation that is lost without a word may keep a worker waiting


def answered_in_time(ask: Callable[[], Said], *statuses: int) -> None:
    seconds, said = timed(ask)
    assert said.status in statuses
    assert seconds <= PATIENCE_SECONDS, f"{seconds:.1f} s"


def run_asked_for(web: Web) -> ScoreRun:
    answered_in_time(web.start_run, 202)
    return ScoreRun.objects.latest("pk")


def in_the_middle(world: World) -> ScoreRun:
    """A run of which something is done and something is with a worker."""
    run = world.start_run()
    world.wait_for_journal("finish")
    assert run.items.exclude(state=ScoreItem.State.DONE).exists(), "the fault comes too late"
    return run


# --- the broker -----------------------------------------------------------------------------------------
@both
@pytest.mark.faults("F5", "a broker half a second away")
def test_a_slow_broker_delays_no_answer_and_no_run_is_lost(world: World) -> None:
    with world.line_to_broker() as line:
        line.latency = 0.25  # there, and back
        web = world.web()
        warm(web)
        world.beat()
        world.worker(environment=PATIENT)
        run = run_asked_for(web)
        answered_in_time(lambda: web.get("/app/runs/"), 200)
        world.wait_for_end(run)
    world.check(run)


@both
@pytest.mark.faults("F5", "nothing reaches the broker any more, nor comes from it, for some seconds")
def test_a_silent_broker_delays_no_answer_and_the_run_ends_when_it_speaks(world: World) -> None:
    with world.line_to_broker() as line:
        web = world.web()
        warm(web)
        world.beat()
        world.worker(seconds=SLOW).wait_for(" ready.")
        line.blackhole()
        run = run_asked_for(web)
        answered_in_time(lambda: web.get("/app/runs/"), 200)
        time.sleep(LEASE)
        assert run.progress()["done"] == 0, "something got through"
        line.heal()
        world.wait_for_end(run)
    world.check(run)


@both
@pytest.mark.faults("F5", "the broker's conversations are lost without a word, new ones work")
def test_a_worker_whose_conversation_is_lost_notices_and_begins_another(world: World) -> None:
    with world.line_to_broker() as line:
        world.beat()
        world.worker(seconds=SLOW).wait_for(" ready.")
        run = in_the_middle(world)
        line.half_open()
        before = line.calls
        world.wait_for_end(run, seconds=NOTICED_SECONDS + 30)  # and what a busy machine takes
        asked = world.start_run(AS_OF + timedelta(days=1))
        wait_until(lambda: is_closed(asked), seconds=NOTICED_SECONDS + 30, what="the next run's end")
    assert line.calls > before
    world.check(run)


@both
@pytest.mark.faults("F5", "control: the broker stays silent")
def test_while_the_broker_is_silent_no_run_ends(world: World) -> None:
    """What the proxy holds back is what the product waits for: else the tests above would show nothing."""
    with world.line_to_broker() as line:
        world.beat()
        world.worker().wait_for(" ready.")
        line.blackhole()
        run = world.start_run()
        assert not within(LEASE + 2 * SWEEP + 2, lambda: is_closed(run))


# --- the database ---------------------------------------------------------------------------------------
@on_postgresql
@pytest.mark.faults("F5", "a database 40 ms away")
def test_a_slow_database_makes_pages_slow_and_nothing_wrong(world: World) -> None:
    with world.line_to_database() as line:
        line.latency = 0.02  # there, and back
        web = world.web()
        world.beat()
        world.worker(seconds=SLOW)
        wait_until(lambda: web.start_run().status == 202, what="an answer")  # a busy machine makes it slower still
        run = ScoreRun.objects.latest("pk")
        world.wait_for_end(run, seconds=2 * NOTICED_SECONDS)
        assert web.get(run.get_absolute_url()).status == 200
    world.check(run)


@on_postgresql
@pytest.mark.parametrize(
    ("fault", "statuses"),
    [(Proxy.blackhole, [503]), (Proxy.half_open, [200, 503])],  # a new conversation works
    ids=["silent", "half-open"],
)
@pytest.mark.faults(
    "F5", "the network to the database is silent, or its conversations are lost, in the middle of a run"
)
def test_a_torn_line_to_the_database_is_a_clear_answer_and_costs_a_lease(
    world: World, fault: Callable[[Proxy], None], statuses: list[int]
) -> None:
    """What is silent altogether is noticed by itself, a single conversation by the end of the request's own time.

    A worker that is cut off in the middle of a transaction keeps its locks until PostgreSQL ends that, after 30 s.
    """
    with world.line_to_database() as line:
        web = world.web(REQUEST_SECONDS="2")
        warm(web)
        world.beat()
        world.worker(seconds=SLOW).wait_for(" ready.")
        run = in_the_middle(world)
        fault(line)
        for _page in range(2):  # with the connection that was open, then with a new one
            answered_in_time(lambda: web.get("/app/runs/"), *statuses)
        answered_in_time(lambda: web.get("/healthz"), 200)
        line.heal()
        wait_until(lambda: web.get("/app/runs/").status == 200, seconds=20, what="the pages")
        world.wait_for_end(run, seconds=NOTICED_SECONDS + 30)
    world.check(run)


@on_postgresql
@pytest.mark.faults("F5", "control: the line to the database stays silent")
def test_while_the_line_to_the_database_is_silent_no_run_ends(world: World) -> None:
    with world.line_to_database() as line:
        world.beat()
        world.worker(seconds=SLOW).wait_for(" ready.")
        run = in_the_middle(world)
        line.blackhole()
        assert not within(LEASE + 2 * SWEEP + 2, lambda: is_closed(run))
