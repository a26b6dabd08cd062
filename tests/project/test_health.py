"""The probes, and what people read when the broker is away."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.test import Client, override_settings

from fund.project import health
from scoring.models import LastSweep
from scoring.runs import queue as runs
from tests import make

pytestmark = pytest.mark.postgres

NOBODY_THERE = "redis://:secret-canary@127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """What the process remembers of broker and migrations."""
    health._last = None
    health._seen.clear()
    yield
    health._last = None
    health._seen.clear()


def ready(client: Client) -> tuple[int, dict[str, object]]:
    answer = client.get("/readyz")
    return answer.status_code, json.loads(answer.content)


def test_the_process_answers_without_the_database_even_to_a_session(client: Client) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = (
        "x" * 32
    )  # pages would look this up; pytest forbids the database here
    answer = client.get("/healthz", headers={"Host": "10.0.0.1:8000"})
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_everything_there_is_ready(client: Client) -> None:
    runs.sweep()
    status, said = ready(client)
    assert status == 200
    assert said["status"] == "ready"
    assert [said[part] for part in ("database", "migrations", "broker")] == ["up", "applied", "up"]
    assert said["sweep"]["state"] == "on time"  # type: ignore[index]
    assert "no-store" in client.get("/readyz")["Cache-Control"]


@pytest.mark.django_db
def test_a_missing_database_is_unavailable_and_tells_no_secret(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> None:
        raise OperationalError("connection to canary-host failed for user canary-user")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/readyz")
    said = json.loads(answer.content)
    assert answer.status_code == 503
    assert (said["status"], said["database"], said["migrations"]) == ("unavailable", "down", "unknown")
    assert "canary" not in answer.content.decode() + caplog.text


@pytest.mark.django_db
def test_a_database_that_is_not_migrated_is_unavailable(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'scoring' AND name > '0003'")
    status, said = ready(client)
    assert (status, said["status"], said["migrations"]) == (503, "unavailable", "pending")


@pytest.mark.django_db
def test_a_broker_that_is_down_degrades_and_pages_still_read(client: Client) -> None:
    runs.sweep()
    with override_settings(REDIS_URL=NOBODY_THERE):
        status, said = ready(client)
        assert (status, said["status"], said["broker"]) == (200, "degraded", "down")
        assert "canary" not in json.dumps(said)


def test_a_broker_that_never_answers_costs_a_second_once() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with override_settings(REDIS_URL=f"redis://:x@127.0.0.1:{silent.getsockname()[1]}/0"):
            began = time.monotonic()
            assert health.broker_is_down()
            assert 0.9 < time.monotonic() - began < 2.5
            began = time.monotonic()
            assert health.broker_is_down()
            assert time.monotonic() - began < 0.1


@pytest.mark.django_db
def test_no_sweep_yet_is_an_alarm(client: Client) -> None:
    _status, said = ready(client)
    assert said["status"] == "degraded"
    assert said["sweep"] == {"state": "never", "alarm": "No sweep has run yet. Is beat running, and a worker?"}


@pytest.mark.django_db
@pytest.mark.parametrize(("missed", "state"), [(1.9, "on time"), (2.9, "late")])
def test_two_missed_sweeps_raise_the_alarm(
    client: Client, caplog: pytest.LogCaptureFixture, missed: float, state: str
) -> None:
    with override_settings(RUN_SWEEP_SECONDS=100):
        LastSweep.objects.create(pk=1, at=Now() - timedelta(seconds=100 * missed))
        _status, said = ready(client)
    assert said["sweep"]["state"] == state  # type: ignore[index]
    assert ("alarm" in said["sweep"]) == (state == "late")  # type: ignore[operator]
    assert ("due every 100 s" in caplog.text) == (state == "late")


@pytest.mark.django_db
def test_pages_about_runs_say_that_the_broker_is_down(client: Client) -> None:
    client.force_login(make.carol())
    run, _new = runs.start([make.scoreable()], title="waits", by=None)
    for address in ("/app/runs/", f"/app/runs/{run.pk}/", f"/app/runs/{run.pk}/progress/"):
        assert "The message broker does not answer" not in _english(client, address)
    with override_settings(REDIS_URL=NOBODY_THERE):
        for address in ("/app/runs/", f"/app/runs/{run.pk}/", f"/app/runs/{run.pk}/progress/"):
            assert "The message broker does not answer" in _english(client, address)
        runs.drain(run.pk)
        assert "The message broker does not answer" not in _english(client, f"/app/runs/{run.pk}/")


@pytest.mark.django_db
def test_pages_about_something_else_do_not_ask_the_broker(client: Client) -> None:
    client.force_login(make.carol())
    assert client.get("/app/candidates/").status_code == 200
    assert health._last is None


def _english(client: Client, address: str) -> str:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client.get(address).content.decode()
