"""F3, F4, F6: the broker or the database goes, and comes back."""

from __future__ import annotations

import time

import pytest
from django.db import OperationalError, connection
from django.urls import reverse

from portfolio.models import Company
from scoring.models import Score, ScoreItem, ScoreRun
from scoring.runs import queue as runs
from tests.conftest import wait_until
from tests.faults.poisoned import without_transaction
from tests.faults.world import PATIENT, SLOW, Web, World, both, is_closed, stays_open

TELLTALE = ("Traceback", "OperationalError", "psycopg", "socket", "File &quot;")


def company_page(number: int) -> str:
    return f"/app/companies/{Company.objects.get(company_key=f'demo-{number:02}').pk}/"


@both
@pytest.mark.faults("F3", "kill -9 of the broker, back empty after 2 s")
def test_a_lost_broker_costs_waiting_and_no_request_waits_for_it(world: World) -> None:
    web = world.web()
    beat, worker = world.beat(), world.worker(seconds=SLOW)
    worker.wait_for(" ready.")
    run = world.start_run()
    world.wait_for_journal("claim", 2)
    world.broker.kill()
    gone = time.monotonic()
    assert web.get("/app/runs/").status == 200
    asked = web.post(company_page(0) + "score/")
    assert (asked.status, asked.location.startswith("/app/runs/")) == (302, True)
    unheard = ScoreRun.objects.get(pk=int(asked.location.strip("/").split("/")[-1]))
    assert unheard.state == ScoreRun.State.QUEUED
    time.sleep(max(0.0, gone + 2 - time.monotonic()))
    world.broker.start()
    world.wait_for_end(run)
    wait_until(lambda: is_closed(unheard), what="the end of the run whose message was lost")
    world.check(run)
    assert (beat.popen.poll(), worker.popen.poll()) == (None, None)


@both
@pytest.mark.faults("F3", "control: no sweep")
def test_without_the_sweep_a_run_whose_message_went_with_the_broker_waits(world: World) -> None:
    """The broker goes in the middle of a drain, and comes back when that has tried in vain to hand over."""
    may_write = world.folder / "may-write"
    worker = world.worker(seconds=SLOW, writes_after=str(may_write), environment=PATIENT)
    worker.wait_for(" ready.")
    run = world.start_run()
    world.wait_for_journal("claim")
    world.broker.kill()
    may_write.touch()
    worker.wait_for("no wake-up sent")
    world.broker.start()
    assert stays_open(run)
    assert run.items.filter(state=ScoreItem.State.TODO).exists()


@both
@pytest.mark.faults("F4", "no broker when the run is asked for")
def test_a_run_asked_for_without_a_broker_is_done_when_it_is_there(world: World) -> None:
    world.broker.kill()
    world.beat()
    world.worker()
    web = world.web()
    asked = web.start_run()
    assert asked.status == 202
    run = ScoreRun.objects.get()
    assert asked.location == f"/api/v1/runs/{run.pk}/"
    assert web.get(asked.location).status == 200
    assert web.get(run.get_absolute_url()).status == 200
    assert run.state == ScoreRun.State.QUEUED
    world.broker.start()
    world.wait_for_end(run)
    world.check(run)


@both
@pytest.mark.faults("F4", "control: no sweep")
def test_without_the_sweep_the_run_would_wait_for_ever(world: World) -> None:
    """No beat: the lost message stays lost, and any message at all ends the waiting."""
    world.broker.kill()
    run = world.start_run()
    world.broker.start()
    world.worker().wait_for(" ready.")
    time.sleep(3)
    assert ScoreRun.objects.get(pk=run.pk).state == ScoreRun.State.QUEUED
    world.beat()
    world.wait_for_end(run)
    world.check(run)


@both
@pytest.mark.faults("F6", "control: no transaction round a shard")
def test_without_its_transaction_a_lost_connection_leaves_half_a_shard(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shard = runs.claim(world.start_run().pk, 4)
    assert shard
    results = runs.compute(shard)
    monkeypatch.setattr(runs.audit, "append", lose_the_connection)
    left = []
    for finish in (runs.finish, without_transaction()):
        with pytest.raises(OperationalError):
            finish(shard, results)
        left.append((Score.objects.filter(run=shard.run).count(), shard.run.progress()["done"]))
    assert left == [(0, 0), (4, 4)]  # scored, and no word of it in the log


def lose_the_connection(*_given: object, **_named: object) -> None:
    raise OperationalError("server closed the connection unexpectedly")


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
@pytest.mark.faults("F6", "control: no sweep")
def test_without_the_sweep_what_the_lost_database_had_leased_stays_leased(world: World) -> None:
    assert world.postgres
    world.worker(seconds=SLOW).wait_for(" ready.")
    run = world.start_run()
    world.wait_for_journal("claim", 2)
    connection.close()
    world.postgres.stop_at_once()
    time.sleep(1)  # more than a shard takes
    world.postgres.start()
    assert run.items.exclude(state=ScoreItem.State.DONE).exists(), "the fault came too late"
    assert stays_open(run)


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
@pytest.mark.faults("F6", "PostgreSQL stopped at once, back after 2 s")
def test_a_lost_database_costs_waiting_and_pages_say_so(world: World) -> None:
    assert world.postgres
    web = world.web()
    beat, worker = world.beat(), world.worker(seconds=SLOW)
    worker.wait_for(" ready.")
    assert web.get(reverse("scoring:runs")).status == 200  # what both load for a first address takes as long as the run
    run = world.start_run()
    address = run.get_absolute_url()
    world.wait_for_journal("claim", 2)
    assert run.items.exclude(state=ScoreItem.State.DONE).exists(), "the fault comes too late"
    connection.close()
    world.postgres.stop_at_once()
    try:
        gone = time.monotonic()
        for path in (address, "/admin/", "/accounts/login/", "/app/"):
            said = web.get(path)
            assert (path, said.status) == (path, 503)
            assert not [word for word in TELLTALE if word in said.body]
            assert "<h1>" in said.body
        assert Web(web.port, session="").get("/healthz").status == 200
        time.sleep(max(0.0, gone + 2 - time.monotonic()))
    finally:
        world.postgres.start()
    assert web.get(address).status == 200
    world.wait_for_end(run)
    world.check(run)
    assert (beat.popen.poll(), worker.popen.poll()) == (None, None)
