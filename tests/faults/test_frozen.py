"""Servers that are frozen, neither gone nor answering, and threads that are all at work: F5, by SIGSTOP."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from scoring.models import ScoreRun
from tests.conftest import wait_until
from tests.faults.world import Said, Web, World, answers, both
from tests.servers import Server, _children

PATIENCE_SECONDS = 3.0


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    """The server and its children get no time; the kernel goes on taking in what they are sent."""
    pids = [server.pid, *_children(server.pid)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(pids):
            os.kill(pid, signal.SIGCONT)


def timed(ask: Callable[[], Said]) -> tuple[float, Said]:
    began = time.monotonic()
    said = ask()
    return time.monotonic() - began, said


def warm(web: Web) -> None:
    """What the first pages of a process load is no part of the bound."""
    for path in ("/app/", "/app/runs/", "/readyz"):
        web.get(path)


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
@pytest.mark.faults("F5", "PostgreSQL frozen (SIGSTOP) for some seconds")
def test_a_frozen_database_is_a_clear_answer_and_the_pages_come_back(world: World) -> None:
    web = world.web()
    warm(web)
    assert world.postgres
    waited: list[float] = []
    with frozen(world.postgres):
        for path in ("/app/", "/app/runs/", "/app/runs/"):  # with the connection that was open, then with new ones
            seconds, said = timed(lambda path=path: web.get(path))  # type: ignore[misc]
            assert (path, said.status) == (path, 503)
            waited.append(round(seconds, 2))
        assert max(waited) <= PATIENCE_SECONDS, waited
        seconds, said = timed(lambda: web.get("/healthz"))
        assert (said.status, seconds < 1) == (200, True)
    wait_until(lambda: web.get("/app/").status == 200, seconds=20, what="the pages")


@both
@pytest.mark.faults("F5", "the broker frozen (SIGSTOP) when a run is asked for")
def test_a_frozen_broker_delays_no_answer_and_loses_no_run(world: World) -> None:
    web = world.web()
    warm(web)
    with frozen(world.broker):
        seconds, said = timed(web.start_run)
        assert said.status == 202
        assert seconds <= PATIENCE_SECONDS
        seconds, page = timed(lambda: web.get("/app/runs/"))
        assert page.status == 200
        assert seconds <= PATIENCE_SECONDS
    run = ScoreRun.objects.latest("pk")
    world.worker()
    world.beat()
    world.wait_for_end(run)
    world.check(run)


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
@pytest.mark.faults("F5", "all threads at work: /healthz")
def test_the_probe_is_answered_while_all_threads_are_at_work(world: World) -> None:
    """Requests whose bodies never come hold every thread; with gunicorn's own workers the probe would wait behind."""
    command = ["gunicorn", "fund.wsgi", "--bind", "127.0.0.1:0", "--threads", "2", "--no-control-socket"]
    process = world.run("web", *command, "--worker-class", "fund.project.bounds.web_worker.Worker")
    control = world.run("control", *command, "--worker-class", "gthread")
    ports = []
    for each in (process, control):
        each.wait_for("Listening at: http")
        found = re.search(r"Listening at: http://127\.0\.0\.1:(\d+)", each.log.read_text("utf-8"))
        assert found
        ports.append(int(found[1]))
        web = Web(ports[-1], "")
        wait_until(lambda web=web: answers(web), seconds=60, what="the web server")  # type: ignore[misc]
    for port in ports:
        held = [socket.create_connection(("127.0.0.1", port)) for _thread in range(4)]
        for each in held:
            each.sendall(
                b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
            )
        time.sleep(1.5)
        probe = socket.create_connection(("127.0.0.1", port))
        probe.settimeout(1)
        probe.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        if port == ports[0]:
            assert probe.recv(100).startswith(b"HTTP/1.1 200")
        else:
            with pytest.raises(TimeoutError):
                probe.recv(100)
        for each in (*held, probe):
            each.close()
