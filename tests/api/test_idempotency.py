"""A request that is repeated has its effect once. The races use real transactions on their own connections."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from portfolio.models import Company, Disclosure, RepeatableRequest
from portfolio.rest import views as rest
from portfolio.tasks import prune
from scoring.models import ScoreRun
from scoring.runs import queue as runs
from tests import make
from tests.api.caller import Caller, is_problem

pytestmark = pytest.mark.postgres

YEAR = {"company": "demo-alpha", "year": 2024}


@pytest.mark.django_db
def test_the_same_key_and_body_get_the_same_answer_and_one_effect() -> None:
    alice = Caller(make.alice(make.company()))
    first, again = (alice.send("/disclosures/", YEAR, Idempotency_Key="k1") for _n in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (first["Location"], first["ETag"]) == (again["Location"], again["ETag"])
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert Disclosure.objects.count() == 1
    assert alice.send("/disclosures/", YEAR).status_code == 409  # negative control: without a key it runs again


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_refused() -> None:
    alice = Caller(make.alice(make.company()))
    alice.send("/disclosures/", YEAR, Idempotency_Key="k1")
    answer = alice.send("/disclosures/", YEAR | {"year": 2023}, Idempotency_Key="k1")
    is_problem(answer, 422, "key_reused")
    assert Disclosure.objects.count() == 1


@pytest.mark.django_db
def test_a_key_belongs_to_its_person_and_route() -> None:
    company = make.company()
    alice, frank = Caller(make.alice(company)), Caller(make.frank(company))
    made = alice.send("/disclosures/", YEAR, Idempotency_Key="k1")
    assert frank.send("/disclosures/", YEAR, Idempotency_Key="k1").status_code == 409
    submitted = alice.send(made["Location"][7:] + "submit/", Idempotency_Key="k1", If_Match=made["ETag"])
    assert "Idempotency-Replayed" not in submitted


@pytest.mark.django_db
def test_a_request_that_still_runs_is_not_run_twice() -> None:
    person = make.alice(make.company())
    alice = Caller(person)
    running(person, timezone.now() + timedelta(seconds=60))
    answer = alice.send("/disclosures/", YEAR, Idempotency_Key="k1")
    is_problem(answer, 409, "request_running")
    assert int(answer["Retry-After"]) >= 1
    assert not Disclosure.objects.exists()


@pytest.mark.django_db
def test_after_a_crash_the_lock_ends_and_the_next_caller_runs() -> None:
    person = make.alice(make.company())
    running(person, timezone.now() - timedelta(seconds=1))
    answer = Caller(person).send("/disclosures/", YEAR, Idempotency_Key="k1")
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer


@pytest.mark.django_db
def test_who_lost_the_lock_leaves_no_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = Caller(make.alice(make.company()))
    store = rest._store

    def too_late(lock: Any, response: Any) -> None:
        RepeatableRequest.objects.update(lock_token="11111111-1111-1111-1111-111111111111")
        store(lock, response)

    monkeypatch.setattr(rest, "_store", too_late)
    is_problem(alice.send("/disclosures/", YEAR, Idempotency_Key="k1"), 409, "request_running")
    assert not Disclosure.objects.exists()


@pytest.mark.django_db
def test_refusals_and_bugs_are_not_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    company = make.company()
    person = make.alice(company)
    alice = Caller(person, raise_request_exception=False)
    other = make.company("other")
    path = f"/disclosures/{make.disclosure(company, 2020, state='draft').pk}/submit/"
    answers = [
        (alice.send("/disclosures/", {"year": 1}, Idempotency_Key="k"), 400),
        (alice.send("/runs/", {}, Idempotency_Key="k"), 403),
        (alice.send(f"/disclosures/{make.disclosure(other).pk}/submit/", Idempotency_Key="k"), 404),
        (alice.send(path, Idempotency_Key="k"), 428),
        (alice.send(path, Idempotency_Key="k", If_Match="x"), 412),
    ]
    monkeypatch.setattr(Disclosure, "open_year", boom)
    answers.append((alice.send("/disclosures/", YEAR, Idempotency_Key="k2"), 500))
    assert [answer.status_code for answer, _status in answers] == [status for _answer, status in answers]
    assert not RepeatableRequest.objects.exists()
    monkeypatch.undo()
    assert alice.send("/disclosures/", YEAR, Idempotency_Key="k2").status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "a\x7f", "é"])
def test_a_key_is_1_to_255_printable_characters_without_spaces(key: str) -> None:
    alice = Caller(make.alice(make.company()))
    is_problem(alice.send("/disclosures/", YEAR, Idempotency_Key=key), 400, "validation_error")
    assert alice.send("/disclosures/", YEAR, Idempotency_Key="x" * 255).status_code == 201


@pytest.mark.django_db
def test_answers_are_forgotten_after_a_day_not_before() -> None:
    alice = Caller(make.alice(make.company()))
    for n, hours in enumerate((23, 25)):
        alice.send("/disclosures/", YEAR | {"year": 2020 + n}, Idempotency_Key=f"k{n}")
        RepeatableRequest.objects.filter(key=f"k{n}").update(created_at=timezone.now() - timedelta(hours=hours))
    prune()
    assert [row.key for row in RepeatableRequest.objects.all()] == ["k0"]


@pytest.mark.django_db(transaction=True)
def test_many_at_once_have_one_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = Caller(make.alice(make.company()))
    entered = slowed(monkeypatch)
    answers = at_once(10, lambda: alice_again(alice).send("/disclosures/", YEAR, Idempotency_Key="k"))
    statuses = sorted(answer.status_code for answer in answers)
    fresh = [a for a in answers if a.status_code == 201 and "Idempotency-Replayed" not in a]
    assert len(fresh) == 1, statuses
    assert set(statuses) <= {201, 409}
    assert Disclosure.objects.count() == 1
    assert len(entered) == 1
    assert all(a.json()["type"] == "/problems/request_running" for a in answers if a.status_code == 409)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_negative_control_without_the_lock_several_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same race with the lock off: the work is entered more than once, so the test above can fail."""
    alice = Caller(make.alice(make.company()))
    entered = slowed(monkeypatch)
    monkeypatch.setattr(rest, "_lock", lambda *_args: "11111111-1111-1111-1111-111111111111")
    monkeypatch.setattr(rest, "_store", lambda *_args: None)
    answers = at_once(6, lambda: alice_again(alice).send("/disclosures/", YEAR, Idempotency_Key="k"))
    assert len(entered) > 1
    assert Disclosure.objects.count() == 1  # the unique constraint protects even so
    assert 500 not in [answer.status_code for answer in answers]


@pytest.mark.django_db(transaction=True)
def test_runs_started_at_once_are_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    make.scoreable("a")
    monkeypatch.setattr(runs, "wake", lambda _run: None)
    carol = Caller(make.carol())
    carol.read("/runs/")
    answers = at_once(8, lambda: alice_again(carol).send("/runs/", {"companies": ["a"]}))
    assert [answer.status_code for answer in answers] == [202] * 8
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert ScoreRun.objects.count() == 1


def running(person: Any, until: Any) -> None:
    import hashlib
    import json

    RepeatableRequest.objects.create(
        user=person,
        route="POST /api/v1/disclosures/",
        key="k1",
        body_sha256=hashlib.sha256(json.dumps(YEAR).encode()).hexdigest(),
        locked_until=until,
    )


def boom(*_args: Any, **_kwargs: Any) -> None:
    Company.objects.update(note="half done")
    raise RuntimeError("secret detail")


def alice_again(caller: Caller) -> Caller:
    """Another client with the same token: a thread's own cookies and connection."""
    fresh = Caller(raise_request_exception=False)
    fresh.token = caller.token
    return fresh


def slowed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Opening a year takes a while before it writes, so that the others come meanwhile."""
    entered: list[int] = []
    original = Disclosure.open_year.__func__  # type: ignore[attr-defined]

    def slow(cls: Any, *args: Any, **kwargs: Any) -> Any:
        entered.append(1)
        time.sleep(0.3)
        return original(cls, *args, **kwargs)

    monkeypatch.setattr(Disclosure, "open_year", classmethod(slow))
    return entered


def at_once(count: int, ask: Any) -> list[Any]:
    assert not transaction.get_connection().in_atomic_block
    barrier, answers = threading.Barrier(count, timeout=30), []

    def one() -> None:
        try:
            barrier.wait()
            answers.append(ask())
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == count
    return answers
