"""F7, F8, F9: things that happen twice and must count once."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from functools import partial
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, models
from django.db.models.functions import Now

from portfolio import guards
from portfolio.models import AuditEvent
from scoring.models import Score, ScoreRun
from scoring.runs import queue as runs
from scoring.tasks import drain
from tests.conftest import ALL_GUARDS, wait_until
from tests.faults.poisoned import without_fence, without_lock
from tests.faults.world import AS_OF, BOOT_SECONDS, COMPANIES, World, both, violations

STARTS = 4
POSTS = 20


def allow_two_scores() -> None:
    """Take the unique key off this test's own copy of the database."""
    keys = Score._meta.constraints
    guards.remove(connection, ALL_GUARDS)  # SQLite makes the table anew, under the feet of its triggers
    try:
        Score._meta.constraints = []  # and as the model says
        with connection.schema_editor() as editor:
            editor.remove_constraint(Score, next(key for key in keys if key.name == "score_once_a_run_and_company"))
    finally:
        Score._meta.constraints = keys
    guards.install(connection, tuple(guard for guard in ALL_GUARDS if guard.table != Score._meta.db_table))


def allow_two_runs() -> None:
    old = ScoreRun._meta.get_field("key")
    new = models.CharField(max_length=64)
    new.set_attributes_from_name("key")
    new.model = ScoreRun
    with connection.schema_editor() as editor:
        editor.alter_field(ScoreRun, old, new)


def hold_one(run: ScoreRun) -> runs.Shard:
    """Keep the run open: a closed one takes nothing, and the fence would not be asked."""
    held = runs.claim(run.pk, 1)
    assert held
    run.items.filter(lease_token=held.token).update(lease_until=Now() + timedelta(hours=1))
    return held


def let_go(world: World, held: runs.Shard) -> int:
    assert runs.finish(held, runs.compute(held)) == 1
    return world.wait_for_end(held.run)


def wait_for_all_but_one(run: ScoreRun) -> None:
    wait_until(lambda: run.progress()["done"] == COMPANIES - 1, what="all companies but one")


# --- F7 ------------------------------------------------------------------------------------------------
def finished_by_another(world: World) -> tuple[runs.Shard, runs.Shard, dict[int, Any]]:
    """One company held; and a shard whose lease ran out on us, which workers finished under thirty more messages."""
    run = world.start_run()
    held, shard = hold_one(run), runs.claim(run.pk, 4)
    assert shard
    results = runs.compute(shard)
    for _again in range(30):
        drain.delay(run.pk)
    world.beat()
    world.worker()
    wait_for_all_but_one(run)
    return held, shard, results


@both
@pytest.mark.faults("F7", "30 more messages, and an old finish replayed")
def test_doubled_messages_and_a_replayed_finish_change_nothing(world: World) -> None:
    held, shard, results = finished_by_another(world)
    assert runs.finish(shard, results) == 0
    attempts = let_go(world, held)
    world.check(shard.run)
    assert attempts == 2


@both
@pytest.mark.faults("F7", "control: no fence, with and without the unique key")
def test_without_the_fence_the_unique_key_stands_and_without_both_there_are_two(world: World) -> None:
    _held, shard, results = finished_by_another(world)
    with pytest.raises(IntegrityError):
        without_fence()(shard, results)
    allow_two_scores()
    assert runs.finish(shard, results) == 0
    assert without_fence()(shard, results) == len(shard.items)
    assert len(doubled(shard.run)) == len(shard.items)


def doubled(run: ScoreRun) -> list[str]:
    return [problem for problem in violations(run) if problem.startswith("I1: 2 scores")]


# --- F8 ------------------------------------------------------------------------------------------------
def start_all_at_once(world: World) -> list[str]:
    """Four processes and twenty programs ask the same question at the same moment; what each of them was told."""
    gate = world.folder / "gate"
    starters = [world.run("starter", "tests.faults.starter", str(gate), AS_OF.isoformat()) for _ in range(STARTS)]
    web = world.web()
    for starter in starters:
        starter.wait_for("ready")
    together = Barrier(POSTS)

    def post(number: int) -> str:
        together.wait(BOOT_SECONDS)
        said = web.start_run(number)
        assert said.status == 202, said.body
        return said.location.strip("/").split("/")[-1]

    with ThreadPoolExecutor(POSTS) as clients:
        answers = clients.map(post, range(POSTS))
        gate.touch()
        told = list(answers)
    for starter in starters:
        assert starter.popen.wait(BOOT_SECONDS) == 0, starter.log.read_text("utf-8")
        told.append(starter.log.read_text("utf-8").split()[-1])
    return told


@both
@pytest.mark.faults("F8", "4 processes and 20 posts to the API start the same run at once")
def test_the_same_question_asked_at_once_is_one_run(world: World) -> None:
    told = start_all_at_once(world)
    run = ScoreRun.objects.get()
    assert told == [str(run.pk)] * (STARTS + POSTS)
    world.beat()
    world.worker()
    world.wait_for_end(run)
    world.check(run)


@both
@pytest.mark.faults("F8", "control: no unique key")
def test_without_the_unique_key_there_would_be_several(world: World) -> None:
    allow_two_runs()
    assert len(set(start_all_at_once(world))) > 1


# --- F9 ------------------------------------------------------------------------------------------------
def outlived_by_another(world: World, *, fence: bool = True) -> tuple[runs.Shard, dict[str, Any]]:
    """Stop a worker past its lease, let another finish its companies, and let it go on: what its finish came to."""
    allow_two_scores()  # so that the fence alone holds it off
    world.beat()
    may_write = world.folder / "may-write"
    zombie = world.worker(concurrency=1, writes_after=str(may_write), fence=fence)
    zombie.wait_for(" ready.")
    run = world.start_run()
    lost = world.wait_for_journal("claim")
    zombie.signal_group(signal.SIGSTOP)
    held = hold_one(run)
    assert run.items.filter(pk__in=lost["items"], lease_token=lost["token"]).count() == 4
    world.worker()
    wait_for_all_but_one(run)
    may_write.touch()
    zombie.signal_child(lost["pid"], signal.SIGCONT)  # the child first: its master would end it for its age
    wait_until(lambda: bool(late(world, lost)), what="the zombie's finish")
    return held, late(world, lost)[0]


def late(world: World, lost: dict[str, Any]) -> list[dict[str, Any]]:
    return [e for e in [*world.journal("finish"), *world.journal("refused")] if e["token"] == lost["token"]]


@both
@pytest.mark.faults("F9", "a worker stopped past its lease goes on")
def test_a_zombie_writes_nothing(world: World) -> None:
    held, finish = outlived_by_another(world)
    assert finish["written"] == 0
    attempts = let_go(world, held)
    world.check(held.run)
    assert attempts == 2


@both
@pytest.mark.faults("F9", "control: no fence and no unique key")
def test_without_the_fence_the_zombie_writes_a_second_score(world: World) -> None:
    held, finish = outlived_by_another(world, fence=False)
    assert finish["written"] == 4
    assert len(doubled(held.run)) == 4


# --- F9: a cancel in the middle of a finish --------------------------------------------------------------
def in_a_thread(work: Callable[[], Any]) -> Future[Any]:
    """On a connection of its own, as another process would."""
    done: Future[Any] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as failure:
            done.set_exception(failure)
        finally:
            connection.close()

    Thread(target=run, daemon=True).start()
    return done


class Pause:
    """Stops the first call of a function in the middle of a transaction until it may go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
        self.reached, self.go = Event(), Event()
        original = getattr(module, name)

        def paused(*given: Any, **named: Any) -> Any:
            if not self.reached.is_set():
                self.reached.set()
                assert self.go.wait(BOOT_SECONDS)
            return original(*given, **named)

        monkeypatch.setattr(module, name, paused)


def one_in_the_middle_of_the_other(pause: Pause, first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """Begin the second while the first is paused; what both came to."""
    one = in_a_thread(first)
    assert pause.reached.wait(BOOT_SECONDS)
    two = in_a_thread(second)
    wait([two], timeout=1)  # time enough to be done, if nothing holds it
    pause.go.set()
    return [one.result(BOOT_SECONDS), two.result(BOOT_SECONDS)]


def one_shard(world: World) -> tuple[runs.Shard, dict[int, Any], User]:
    shard = runs.claim(world.start_run().pk, 4)
    assert shard
    return shard, runs.compute(shard), User.objects.get(username="dan")


def order_of_events(run: ScoreRun) -> list[str]:
    verbs = AuditEvent.objects.filter(object=f"run:{run.pk}").order_by("seq").values_list("verb", flat=True)
    return [verb for verb in verbs if verb in ("run.shard", "run.cancelled")]


def has_as_many_scores_as_done(run: ScoreRun) -> bool:
    return Score.objects.filter(run=run).count() == run.progress()["done"]


@both
@pytest.mark.faults("F9", "a cancel while a shard is written")
def test_a_cancel_waits_for_the_shard_that_is_being_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shard, results, dan = one_shard(world)
    pause = Pause(monkeypatch, runs.bulk, "insert")
    finish, cancel = partial(runs.finish, shard, results), partial(runs.cancel, shard.run, by=dan)
    assert one_in_the_middle_of_the_other(pause, finish, cancel) == [4, None]
    assert order_of_events(shard.run) == ["run.shard", "run.cancelled"]
    assert shard.run.progress()["done"] == 4 and has_as_many_scores_as_done(shard.run)


@both
@pytest.mark.faults("F9", "a shard is written while the run is cancelled")
def test_a_shard_that_comes_during_a_cancel_writes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shard, results, dan = one_shard(world)
    pause = Pause(monkeypatch, runs.audit, "append")
    finish, cancel = partial(runs.finish, shard, results), partial(runs.cancel, shard.run, by=dan)
    assert one_in_the_middle_of_the_other(pause, cancel, finish) == [None, 0]
    assert order_of_events(shard.run) == ["run.cancelled"]
    assert shard.run.progress()["done"] == 0 and has_as_many_scores_as_done(shard.run)


@both
@pytest.mark.faults("F9", "control: no fence, and a shard is written while the run is cancelled")
def test_without_the_fence_a_cancelled_run_is_written_to(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shard, results, dan = one_shard(world)
    pause = Pause(monkeypatch, runs.audit, "append")
    finish, cancel = partial(without_fence(), shard, results), partial(runs.cancel, shard.run, by=dan)
    assert one_in_the_middle_of_the_other(pause, cancel, finish) == [None, 4]
    assert order_of_events(shard.run) == ["run.cancelled", "run.shard"]


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)  # SQLite has one writer, whatever is locked
@pytest.mark.faults("F9", "control: no lock, and a cancel while a shard is written")
def test_without_its_lock_a_shard_is_written_after_the_cancel(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shard, results, dan = one_shard(world)
    pause = Pause(monkeypatch, runs.bulk, "insert")
    finish, cancel = partial(without_lock(), shard, results), partial(runs.cancel, shard.run, by=dan)
    assert one_in_the_middle_of_the_other(pause, finish, cancel) == [4, None]
    assert order_of_events(shard.run) == ["run.cancelled", "run.shard"]
