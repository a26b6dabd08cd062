"""A request that takes too long is ended, whatever it is doing, and leaves nothing behind."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from fund import urls
from fund.project.bounds import watch
from portfolio.models import Person
from portfolio.rest import cost
from portfolio.typed import suggesting
from tests import make


def endless(request: HttpRequest) -> HttpResponse:
    """Writes a row, then computes for ever, and swallows every error on the way."""
    with transaction.atomic():
        User.objects.create(username="half-written")
        while True:
            try:
                sum(range(1000))
            except Exception:  # noqa: BLE001, S112
                continue


def waits_for_the_database(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(60)")
    return HttpResponse("slept")


def busy_until(ends: float) -> None:
    """In a frame of its own: what is raised at the end of a `while` passes the handlers of the same frame by (CPython
    3.11 to 3.13 leave the jump out of the exception table), as it would not in the middleware."""
    while time.monotonic() < ends:
        pass


def dear(request: HttpRequest) -> HttpResponse:
    ends = time.thread_time() + 0.4
    while time.thread_time() < ends:
        pass
    return HttpResponse("done")


handler500 = urls.handler500
urlpatterns = [
    path("endless", endless),
    path("api/endless", endless),
    path("waits", waits_for_the_database),
    path("dear", dear),
    *urls.urlpatterns,
]
in_time = pytest.mark.urls(__name__)


@pytest.fixture(autouse=True)
def short(settings: pytest.FixtureRequest) -> None:
    settings.REQUEST_SECONDS = 1  # type: ignore[attr-defined]


@in_time
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["/endless", "/api/endless"])
def test_what_computes_without_end_is_ended_and_writes_nothing(address: str) -> None:
    began = time.monotonic()
    answer = Client(raise_request_exception=False).get(address)
    assert time.monotonic() - began < 5
    assert answer.status_code == 503
    if address.startswith("/api/"):
        assert answer.json()["type"] == "/problems/out_of_time"
    else:
        assert "用时过长" in answer.content.decode()
    assert not User.objects.filter(username="half-written").exists()
    assert Client().get("/healthz").status_code == 200  # the thread serves on


@in_time
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no server that could be slow")
def test_what_waits_for_the_database_is_ended_too() -> None:
    began = time.monotonic()
    assert Client(raise_request_exception=False).get("/waits").status_code == 503
    assert time.monotonic() - began < 5
    assert Person.objects.count() == 0  # and the next question has a connection


def test_an_exception_on_its_way_does_not_reach_the_next_request() -> None:
    """The watcher takes a request just as it ends: close to the edge again and again, never too late."""

    def one() -> bool:
        try:
            with watch.watched(0.3):
                busy_until(time.monotonic() + 0.3 + watch.LOOK_SECONDS / 2)
        except watch.OutOfTime:
            return True
        return False

    ended: list[bool] = []
    strays: list[BaseException] = []

    def many() -> None:
        try:
            ended.extend(one() for _time in range(5))
            time.sleep(2 * watch.LOOK_SECONDS)
        except BaseException as stray:  # noqa: BLE001
            strays.append(stray)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=many) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not strays, "".join(traceback.format_exception(strays[0]))
    assert len(ended) == 40


# --- what writes cost ------------------------------------------------------------------------------------
@pytest.fixture
def spent(settings: pytest.FixtureRequest) -> Iterator[None]:
    settings.WRITE_SECONDS = 0.3  # type: ignore[attr-defined]
    settings.REQUEST_SECONDS = 30  # type: ignore[attr-defined]
    yield


@in_time
@pytest.mark.django_db
@pytest.mark.usefixtures("spent")
def test_who_has_spent_the_seconds_waits_and_is_told_how_long() -> None:
    alice = make.alice(make.company())
    browser = Client()
    browser.force_login(alice)
    assert browser.post("/dear").status_code == 200
    refused = browser.post("/dear")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) >= 1
    assert f"{refused['Retry-After']} " in refused.content.decode()
    assert browser.get("/dear").status_code == 200  # reading goes on
    other = Client()
    other.force_login(make.carol())
    assert other.post("/dear").status_code == 200  # and so do others


@pytest.mark.django_db
def test_what_was_spent_comes_back(settings: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WRITE_SECONDS, settings.WRITE_SECONDS_REGAINED = 10, 0.5  # type: ignore[attr-defined]
    now = time.time()
    monkeypatch.setattr("portfolio.rest.cost.time.time", lambda: now)
    cost.charge(7, 12)
    assert cost.wait_seconds(7) == 4
    assert cost.wait_seconds(8) == 0
    now += 4
    assert cost.wait_seconds(7) == 0


def test_only_the_first_faults_of_a_request_say_what_was_meant() -> None:
    with suggesting.bounded():
        assert [suggesting.may_suggest() for _fault in range(25)] == [True] * 20 + [False] * 5
    assert suggesting.may_suggest()
