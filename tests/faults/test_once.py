"""F7, F8, F9: things that happen twice and must count once."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, models

from portfolio.models import Company
from scoring import runs
from scoring.models import Score, ScoreRun
from scoring.tasks import drain
from tests.conftest import wait_until
from tests.faults.poisoned import without_fence
from tests.faults.world import BOOT_SECONDS, LEASE, SLOW, World, both, violations

pytestmark = both
STARTS = 4
POSTS = 20


def allow_two_scores() -> None:
    """Take the unique key off this test's own copy of the database."""
    key = next(c for c in Score._meta.constraints if c.name == "score_once_a_run_and_company")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Score, key)


def allow_two_runs() -> None:
    old = ScoreRun._meta.get_field("key")
    new = models.CharField(max_length=64)
    new.set_attributes_from_name("key")
    new.model = ScoreRun
    with connection.schema_editor() as editor:
        editor.alter_field(ScoreRun, old, new)


# --- F7 ------------------------------------------------------------------------------------------------
def finished_by_another(world: World) -> tuple[ScoreRun, runs.Shard, dict[int, Any]]:
    """A run that workers finished under thirty more messages, and a shard of it whose lease ran out on us."""
    run = world.start_run()
    shard = runs.claim(run.pk, 4)
    assert shard
    results = runs.compute(shard)
    for _again in range(30):
        drain.delay(run.pk)
    world.beat()
    world.worker()
    world.wait_for_end(run)
    assert world.noted["attempts"] == 2
    return run, shard, results


@pytest.mark.faults("F7", "30 more messages, and an old finish replayed")
def test_doubled_messages_and_a_replayed_finish_change_nothing(world: World) -> None:
    run, shard, results = finished_by_another(world)
    assert runs.finish(shard, results) == 0
    ScoreRun.objects.filter(pk=run.pk).update(state=ScoreRun.State.RUNNING)  # as if the run were still open
    assert runs.finish(shard, results) == 0
    assert runs.settle(run.pk) is True
    ScoreRun.objects.filter(pk=run.pk).update(state=ScoreRun.State.DONE)
    assert Score.objects.filter(run=run).count() == Company.objects.count()


@pytest.mark.faults("F7", "control: no fence, with and without the unique key")
def test_without_the_fence_the_unique_key_stands_and_without_both_there_are_two(world: World) -> None:
    run, shard, results = finished_by_another(world)
    ScoreRun.objects.filter(pk=run.pk).update(state=ScoreRun.State.RUNNING)
    with pytest.raises(IntegrityError):
        without_fence()(shard, results)
    allow_two_scores()
    assert runs.finish(shard, results) == 0
    assert without_fence()(shard, results) == len(shard.items)
    assert len([problem for problem in violations(run) if problem.startswith("I1: 2 scores")]) == len(shard.items)


# --- F8 ------------------------------------------------------------------------------------------------
def start_all_at_once(world: World) -> list[str]:
    """Four processes and twenty requests ask the same question at the same moment; what each of them was told."""
    gate = world.folder / "gate"
    starters = [world.run("starter", "tests.faults.starter", str(gate)) for _ in range(STARTS)]
    web = world.web()
    for starter in starters:
        starter.wait_for("ready")
    together = Barrier(POSTS)

    def post(_number: int) -> str:
        together.wait(BOOT_SECONDS)
        said = web.post("/app/runs/new/")
        assert said.status == 302, said.body
        return said.location.strip("/").split("/")[-1]

    with ThreadPoolExecutor(POSTS) as clients:
        answers = clients.map(post, range(POSTS))
        gate.touch()
        told = list(answers)
    for starter in starters:
        assert starter.popen.wait(BOOT_SECONDS) == 0, starter.log.read_text("utf-8")
        told.append(starter.log.read_text("utf-8").split()[-1])
    return told


@pytest.mark.faults("F8", "4 processes and 20 requests start the same run at once")
def test_the_same_question_asked_at_once_is_one_run(world: World) -> None:
    told = start_all_at_once(world)
    run = ScoreRun.objects.get()
    assert told == [str(run.pk)] * (STARTS + POSTS)
    world.beat()
    world.worker()
    world.wait_for_end(run)
    run.refresh_from_db()
    assert violations(run) == []


@pytest.mark.faults("F8", "control: no unique key")
def test_without_the_unique_key_there_would_be_several(world: World) -> None:
    allow_two_runs()
    assert len(set(start_all_at_once(world))) > 1


# --- F9 ------------------------------------------------------------------------------------------------
def outlived_by_another(world: World, *, fence: bool = True) -> tuple[ScoreRun, dict[str, Any]]:
    """Stop a worker past its lease, let another finish, and let the first go on: what its finish came to."""
    world.beat()
    written = world.folder / "may-write"
    zombie = world.worker(concurrency=1, seconds=0, writes_after=str(written), fence=fence)
    zombie.wait_for(" ready.")
    began = time.monotonic()
    run = world.start_run()
    held = world.wait_for_journal("claim")
    zombie.signal_group(signal.SIGSTOP)
    assert runs.ScoreItem.objects.filter(pk__in=held["items"], lease_token=held["token"]).count() == 4
    world.worker(seconds=SLOW)
    # Not the run's end but its last company: the zombie must meet an open run, where only the fence holds it off.
    wait_until(lambda: ScoreRun.objects.get(pk=run.pk).progress()["done"] == 24, what="the other's work")
    world.wait_for_end(run, since=began)
    assert time.monotonic() - began > LEASE
    ScoreRun.objects.filter(pk=run.pk).update(state=ScoreRun.State.RUNNING)
    written.touch()
    zombie.signal_child(held["pid"], signal.SIGCONT)  # the child first: its master would end it for its age
    wait_until(lambda: bool(late(world, held)), what="the zombie's finish")
    ScoreRun.objects.filter(pk=run.pk).update(state=ScoreRun.State.DONE)
    return run, late(world, held)[0]


def late(world: World, held: dict[str, Any]) -> list[dict[str, Any]]:
    return [e for e in [*world.journal("finish"), *world.journal("refused")] if e["token"] == held["token"]]


@pytest.mark.faults("F9", "a worker stopped past its lease goes on")
def test_a_zombie_writes_nothing(world: World) -> None:
    allow_two_scores()  # so that the fence alone holds it off
    run, finish = outlived_by_another(world)
    assert finish["written"] == 0
    world.check(run)
    assert world.noted["attempts"] == 2


@pytest.mark.faults("F9", "control: no fence and no unique key")
def test_without_the_fence_the_zombie_writes_a_second_score(world: World) -> None:
    allow_two_scores()
    run, finish = outlived_by_another(world, fence=False)
    assert finish["written"] == 4
    run.refresh_from_db()
    assert [problem for problem in violations(run) if problem.startswith("I1: 2 scores")]
