"""The servers of the tests do what fault tests ask of them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from tests import servers
from tests.servers import Missing, Postgres, Redis


@pytest.fixture
def broker() -> Iterator[Redis]:
    try:
        server = Redis()
    except Missing as none:
        servers.require(none.what, none.mend)
    with server:
        yield server


@pytest.fixture
def database() -> Iterator[Postgres]:
    try:
        server = Postgres()
    except Missing as none:
        servers.require(none.what, none.mend)
    with server:
        yield server


def test_a_killed_broker_comes_back_empty_at_its_address(broker: Redis) -> None:
    with redis.from_url(broker.url) as client:
        client.set("key", "value")
    first, url = broker.pid, broker.url
    broker.kill()
    assert not broker.is_running
    with pytest.raises(redis.ConnectionError), redis.from_url(url) as client:
        client.ping()
    broker.start()
    assert (broker.url, broker.pid != first) == (url, True)
    with redis.from_url(url) as client:
        assert client.get("key") is None


@pytest.mark.slow
@pytest.mark.parametrize("how", ["kill", "stop_at_once", "stop"])
def test_a_database_that_went_away_keeps_what_was_committed(database: Postgres, how: str) -> None:
    with psycopg.connect(database.url) as client:
        client.execute("CREATE TABLE kept AS SELECT 1 AS number")
    url = database.url
    with psycopg.connect(url) as busy:
        busy.execute("INSERT INTO kept VALUES (2)")
        getattr(database, how)()
        assert not database.is_running
        with pytest.raises(psycopg.OperationalError):
            busy.execute("SELECT 1")
    database.start()
    assert database.url == url
    with psycopg.connect(url) as client:
        assert client.execute("SELECT number FROM kept").fetchall() == [(1,)]


def test_nothing_is_left_of_a_closed_server() -> None:
    with Redis() as server:
        pid, folder = server.pid, server.folder
        assert folder.exists()
    assert not folder.exists()
    assert subprocess.run(["ps", "-p", str(pid)], capture_output=True).returncode == 1


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    server = Redis()
    server.binary = str(tmp_path / "server")
    Path(server.binary).write_text("#!/bin/sh\necho out of order; exit 1\n", encoding="ascii")
    Path(server.binary).chmod(0o755)
    with pytest.raises(RuntimeError, match="out of order"):
        server.start()
    server.close()


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_what_is_missing_fails_in_ci_and_is_skipped_elsewhere(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(servers, "MISSING", {})
    with pytest.raises(outcome, match="A teapot is missing; this mends it: make tea"):
        servers.require("A teapot", "make tea")
    assert servers.MISSING == {"A teapot": "make tea"}


def test_a_machine_without_binaries_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "_can_run", lambda binary: False)
    with pytest.raises(Missing) as missing:
        Postgres()
    assert missing.value.mend == servers.prefers_root("apt-get install postgresql")


def test_postgres_is_never_run_by_root() -> None:
    try:
        server = Postgres()
    except Missing as none:
        servers.require(none.what, none.mend)
    assert (server.user is None) == (os.geteuid() != 0)
    assert server.folder.owner() != "root"
    server.close()
