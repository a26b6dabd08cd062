"""Claim, lease, fence, finish, settle, sweep: the rows are the queue."""

from __future__ import annotations

import json
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from portfolio import audit
from portfolio.models import AuditEvent, Company
from scoring.errors import RunRefused
from scoring.models import LatestScore, RetiredMethod, Score, ScoreItem, ScoreRun
from scoring.runs import queue as runs
from tests import make

AS_OF = date(2025, 6, 30)
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def start(*companies: Company, as_of: date = AS_OF) -> ScoreRun:
    run, created = runs.start(companies, title="test", by=None, as_of=as_of)
    assert created
    return run


def three() -> list[Company]:
    return [make.scoreable(f"demo-{name}", scale=scale) for name, scale in (("a", 1.0), ("b", 2.0), ("c", 4.0))]


def poison(company: Company, item_of: ScoreRun) -> None:
    """Inputs that the engine refuses, as a bug in an importer might leave them."""
    ScoreItem.objects.filter(run=item_of, company=company).update(inputs='{"company_key":"demo-b"}')


def test_a_run_scores_every_company_once() -> None:
    run = start(*three())
    runs.drain(run.pk)
    run.refresh_from_db()
    assert run.state == ScoreRun.State.DONE
    assert run.progress() == {"todo": 0, "leased": 0, "done": 3, "failed": 0, "total": 3}
    assert sorted(Score.objects.values_list("company__company_key", "kind")) == [
        ("demo-a", "peer"),
        ("demo-b", "peer"),
        ("demo-c", "peer"),
    ]


def test_a_score_records_its_inputs_digest_and_what_they_gave() -> None:
    run = start(make.scoreable())
    runs.drain(run.pk)
    score = Score.objects.get()
    assert score.inputs_sha256 == run.items.get().inputs_sha256
    assert score.emissions_t == pytest.approx(1600)  # (1200 + 800) x 0.8 in 2024
    assert score.intensity == pytest.approx(1600 / 1e5)  # 1e9 yuan are 100,000 x 10,000 yuan
    assert score.data_year == 2024
    assert score.record["measured"]["intensity"] == score.intensity


def test_the_same_question_is_the_same_run() -> None:
    companies = three()
    first = start(*companies)
    again, created = runs.start(reversed(companies), title="asked again", by=None, as_of=AS_OF)
    assert (again.pk, created) == (first.pk, False)


def test_another_day_or_another_fact_is_another_run() -> None:
    company = make.scoreable()
    first = start(company)
    assert start(company, as_of=date(2025, 7, 1)).pk != first.pk
    make.disclosure(company, 2023, scope_1=1.0, version=2)
    assert start(company).pk != first.pk


def test_a_run_over_nothing_is_refused() -> None:
    with pytest.raises(RunRefused):
        runs.start([], title="nothing", by=None)


def test_later_edits_do_not_reach_a_queued_run() -> None:
    company = make.scoreable()
    run = start(company)
    make.disclosure(company, 2024, scope_1=9e6, version=2)
    runs.drain(run.pk)
    assert Score.objects.get().emissions_t == pytest.approx(1600)


def test_two_claims_never_hold_the_same_item() -> None:
    run = start(*three())
    first, second = runs.claim(run.pk, batch=2), runs.claim(run.pk, batch=2)
    assert first and second
    assert len(first.items) == 2 and len(second.items) == 1
    assert not {item.pk for item in first.items} & {item.pk for item in second.items}
    assert runs.claim(run.pk) is None


def test_a_lapsed_lease_is_claimed_again_and_the_late_worker_writes_nothing() -> None:
    run = start(make.scoreable())
    late = runs.claim(run.pk)
    assert late
    lapse(run)
    other = runs.claim(run.pk)
    assert other
    assert runs.finish(other, runs.compute(other)) == 1
    assert runs.finish(late, runs.compute(late)) == 0
    assert Score.objects.count() == 1


def test_without_the_fence_the_late_worker_would_write_a_second_score() -> None:
    """The negative control: with the other's token the same call does write, so the token is what holds it off."""
    run = start(make.scoreable())
    late = runs.claim(run.pk)
    assert late
    lapse(run)
    other = runs.claim(run.pk)
    assert other
    assert runs.finish(runs.Shard(late.run, other.token, late.items), runs.compute(late)) == 1


def lapse(run: ScoreRun) -> None:
    run.items.filter(state=ScoreItem.State.LEASED).update(lease_until=Now() - timedelta(seconds=1))


def test_an_item_that_was_lost_is_claimed_alone() -> None:
    companies = three()
    run = start(*companies)
    shard = runs.claim(run.pk, batch=1)
    assert shard
    lapse(run)
    fresh = runs.claim(run.pk)
    assert fresh and len(fresh.items) == 2
    lost = runs.claim(run.pk)
    assert lost and [item.pk for item in lost.items] == [shard.items[0].pk]


def test_an_item_lost_three_times_fails_and_the_run_ends_partial() -> None:
    run = start(make.scoreable())
    for _ in range(runs.ATTEMPTS):
        assert runs.claim(run.pk)
        lapse(run)
    runs.drain(run.pk)
    run.refresh_from_db()
    item = run.items.get()
    assert (run.state, item.state, item.error) == (ScoreRun.State.PARTIAL, ScoreItem.State.FAILED, runs.GAVE_UP)


def test_one_bad_company_fails_alone_with_its_text() -> None:
    companies = three()
    run = start(*companies)
    poison(companies[1], run)
    runs.drain(run.pk)
    run.refresh_from_db()
    assert run.state == ScoreRun.State.PARTIAL
    assert run.progress()["done"] == 2
    failed = run.items.get(state=ScoreItem.State.FAILED)
    assert failed.company == companies[1]
    assert failed.error


def test_a_crash_in_one_company_is_not_its_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    companies = three()
    run = start(*companies)
    real = runs._score

    def explodes(items: Any, *rest: Any) -> Any:
        if any(item.company_id == companies[2].pk for item in items):
            raise MemoryError("out of memory")
        return real(items, *rest)

    monkeypatch.setattr(runs, "_score", explodes)
    runs.drain(run.pk)
    assert run.items.get(state=ScoreItem.State.FAILED).error == "MemoryError: out of memory"
    assert run.progress()["done"] == 2


def test_a_number_that_is_not_finite_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    run = start(make.scoreable())
    shard = runs.claim(run.pk)
    assert shard
    results = runs.compute(shard)
    record = results[shard.items[0].pk]
    assert not isinstance(record, str)
    record["measured"]["emissions_t"] = float("nan")
    runs.finish(shard, results)
    assert run.items.get().state == ScoreItem.State.FAILED
    assert not Score.objects.exists()


def test_only_one_caller_settles() -> None:
    run = start(make.scoreable())
    shard = runs.claim(run.pk)
    assert shard
    assert runs.settle(run.pk) is False
    runs.finish(shard, runs.compute(shard))
    assert [runs.settle(run.pk), runs.settle(run.pk)] == [True, False]
    assert AuditEvent.objects.filter(verb="run.done").count() == 1


def test_a_cancelled_run_gives_out_nothing_and_takes_nothing() -> None:
    dan = make.dan()
    run = start(*three())
    shard = runs.claim(run.pk, batch=1)
    assert shard
    runs.cancel(run, by=dan)
    assert runs.claim(run.pk) is None
    assert runs.finish(shard, runs.compute(shard)) == 0
    with pytest.raises(RunRefused):
        runs.cancel(run, by=dan)


def test_asking_a_cancelled_question_again_revives_the_run() -> None:
    companies = three()
    run = start(*companies)
    runs.claim(run.pk, batch=1)
    runs.cancel(run, by=make.dan())
    again, created = runs.start(companies, title="again", by=None, as_of=AS_OF)
    assert (again.pk, created, again.state) == (run.pk, False, ScoreRun.State.QUEUED)
    runs.drain(run.pk)
    assert run.progress()["done"] == 3
    assert AuditEvent.objects.filter(verb="run.revived").exists()


def test_a_partial_run_can_be_retried_whole_or_by_company() -> None:
    companies = three()
    run = start(*companies)
    good = run.items.get(company=companies[1]).inputs
    poison(companies[1], run)
    runs.drain(run.pk)
    run.refresh_from_db()
    run.items.filter(company=companies[1]).update(inputs=good)
    runs.retry(run, by=make.dan(), item=run.items.get(company=companies[1]))
    runs.drain(run.pk)
    run.refresh_from_db()
    assert run.state == ScoreRun.State.DONE
    with pytest.raises(RunRefused):
        runs.retry(run, by=make.user("someone"))


def test_the_sweep_settles_what_is_finished_and_wakes_what_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[int] = []
    monkeypatch.setattr(runs, "wake", woken.append)
    finished, waiting = start(make.scoreable("demo-a")), start(make.scoreable("demo-b"))
    shard = runs.claim(finished.pk)
    assert shard
    runs.finish(shard, runs.compute(shard))
    runs.sweep()
    finished.refresh_from_db()
    assert finished.state == ScoreRun.State.DONE
    assert woken == [waiting.pk]


def test_a_lease_that_still_holds_is_left_alone_by_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[int] = []
    monkeypatch.setattr(runs, "wake", woken.append)
    run = start(make.scoreable())
    assert runs.claim(run.pk)
    runs.sweep()
    assert woken == []


def test_a_broker_that_is_down_costs_nothing_but_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr("celery.current_app.send_task", refuse)
    run = start(make.scoreable())
    runs.wake(run.pk)
    assert ScoreRun.objects.get(pk=run.pk).state == ScoreRun.State.QUEUED


def test_the_latest_score_moves_only_forward() -> None:
    company = make.scoreable()
    older = start(company, as_of=date(2025, 1, 1))
    newer = start(company, as_of=date(2025, 6, 1))
    runs.drain(newer.pk)
    runs.drain(older.pk)
    assert LatestScore.objects.get().score.run_id == newer.pk


def test_a_question_asked_again_stands_again() -> None:
    """Facts A, then B, then A again: the score of A must not stay behind that of B."""
    company = make.scoreable()
    first = start(company)
    runs.drain(first.pk)
    Company.objects.filter(pk=company.pk).update(sector="power")
    second = start(Company.objects.get(pk=company.pk))
    runs.drain(second.pk)
    assert LatestScore.objects.get().score.run_id == second.pk
    Company.objects.filter(pk=company.pk).update(sector=company.sector)
    again, created = runs.start([Company.objects.get(pk=company.pk)], title="again", by=None, as_of=AS_OF)
    assert (again.pk, created) == (first.pk, False)
    assert LatestScore.objects.get().score.run_id == first.pk
    assert AuditEvent.objects.filter(verb="run.stands_again").count() == 1


def test_a_question_asked_again_is_not_overtaken_by_the_run_in_between_that_ends_later() -> None:
    company = make.scoreable()
    first = start(company)
    runs.drain(first.pk)
    Company.objects.filter(pk=company.pk).update(sector="power")
    second = start(Company.objects.get(pk=company.pk))
    Company.objects.filter(pk=company.pk).update(sector=company.sector)
    again, created = runs.start([Company.objects.get(pk=company.pk)], title="again", by=None, as_of=AS_OF)
    assert (again.pk, created) == (first.pk, False)
    runs.drain(second.pk)
    assert LatestScore.objects.get().score.run_id == first.pk
    assert not AuditEvent.objects.filter(verb="run.stands_again").exists()


def test_asking_again_what_stands_already_changes_nothing() -> None:
    company = make.scoreable()
    run = start(company)
    runs.drain(run.pk)
    events = AuditEvent.objects.count()
    runs.start([company], title="again", by=None, as_of=AS_OF)
    assert AuditEvent.objects.count() == events


def test_a_score_is_never_edited() -> None:
    run = start(make.scoreable())
    runs.drain(run.pk)
    for statement in ("UPDATE scoring_score SET p_cleared = 0.99", "DELETE FROM scoring_score"):
        with pytest.raises(Exception, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE scoring_scoreitem SET inputs = '{}'",
        "UPDATE scoring_retiredmethod SET content = '{}'",
        "DELETE FROM scoring_retiredmethod",
    ],
)
def test_inputs_of_a_score_and_retired_methods_are_never_edited(statement: str) -> None:
    RetiredMethod.objects.create(version="demo-3", content="{}", digest="0" * 64)
    run = start(make.scoreable())
    runs.drain(run.pk)
    with (
        pytest.raises(Exception, match="never edited|append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.skipif("postgres" in settings.DATABASES["default"]["ENGINE"], reason="INSERT OR REPLACE is SQLite's")
@pytest.mark.parametrize("table", ["scoring_score", "portfolio_auditevent", "portfolio_disclosure"])
def test_a_kept_row_is_not_replaced_either(table: str) -> None:
    run = start(make.scoreable())
    runs.drain(run.pk)
    refused = pytest.raises(Exception, match="append-only|never edited")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")


def test_a_run_leaves_a_chain_that_verifies() -> None:
    run = start(*three())
    runs.drain(run.pk)
    assert audit.verify().first_bad is None
    assert set(AuditEvent.objects.values_list("verb", flat=True)) >= {"run.queued", "run.shard", "run.done"}


def test_a_token_of_nobody_writes_nothing() -> None:
    run = start(make.scoreable())
    shard = runs.claim(run.pk)
    assert shard
    assert runs.finish(runs.Shard(run, uuid.uuid4(), shard.items), runs.compute(shard)) == 0


def test_the_stored_inputs_are_canonical() -> None:
    item = start(make.scoreable()).items.get()
    assert item.inputs == json.dumps(json.loads(item.inputs), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
