"""Real broker, real prefork workers, a database file they share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portfolio.models import Disclosure
from scoring.models import LatestScore, Score, ScoreRun
from scoring.runs import queue as runs
from scoring.tasks import drain
from tests import make
from tests.conftest import wait_until

# script/test fast starts a worker in tests/test_journey.py.
pytestmark = [pytest.mark.slow, pytest.mark.worker, pytest.mark.django_db(transaction=True)]

StartWorker = Callable[..., object]


def is_closed(run: ScoreRun) -> bool:
    return not ScoreRun.objects.get(pk=run.pk).is_open


def test_workers_finish_a_run_and_doubled_messages_do_no_harm(start_worker: StartWorker) -> None:
    companies = [make.scoreable(f"demo-{n:03}", scale=1 + n) for n in range(40)]
    run, _ = runs.start(companies, title="forty", by=None)
    for _again in range(10):
        drain.delay(run.pk)
    start_worker()
    wait_until(lambda: is_closed(run), what="the run's end")
    assert ScoreRun.objects.get(pk=run.pk).state == ScoreRun.State.DONE
    assert Score.objects.filter(run=run).count() == 40


def test_verifying_a_disclosure_brings_the_score_without_anyone_asking(start_worker: StartWorker) -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    make.financials(company, 2025, 1e9)
    make.target(company)
    draft = make.disclosure(company, 2025, state=Disclosure.State.DRAFT, created_by=alice)
    make.shown(draft, alice)
    start_worker()
    draft.submit(by=alice)
    make.verify(draft, bob)
    wait_until(lambda: LatestScore.objects.filter(company=company).exists(), what="the score")
    score = LatestScore.objects.get(company=company).score
    assert (score.data_year, score.emissions_rung) == (2025, 1)


def test_a_run_whose_message_was_lost_is_found_by_the_sweep(
    start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as lost:
        lost.setattr(runs, "wake", lambda run_id: None)
        run, _ = runs.start([make.scoreable()], title="lost message", by=None)
    start_worker()
    wait_until(lambda: is_closed(run), what="the sweep")


def test_the_queue_refuses_pickle(start_worker: StartWorker) -> None:
    """A pickled message is dropped unread; the worker lives on and does the next JSON task."""
    from fund.celery import app

    with app.connection_for_write() as broker, broker.Producer() as producer:
        producer.publish({"any": "thing"}, serializer="pickle", routing_key="celery", exchange="celery", retry=False)
    start_worker(beat=False)
    run, _ = runs.start([make.scoreable()], title="after the pickle", by=None)
    wait_until(lambda: is_closed(run), what="the run after a pickled message")
