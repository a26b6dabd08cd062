"""No request lasts for ever: not in our own arithmetic, and not at a database that has stopped to answer.

One thread looks at the requests that are at work. One that is over its time (REQUEST_SECONDS) is ended where it
stands: the exception is raised in its thread, what it had begun in the database is rolled back with its connection.
While one waits longer than a moment the database is asked for a sign of life; where none comes, the connections are
cut and each waiting request ends as it does with a database that is gone. No timeout of PostgreSQL's does that:
its own clocks stand still with it, and the kernel goes on acknowledging packets for a process that is frozen.
"""

from __future__ import annotations

import ctypes
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import LazyObject

from fund.project import logs
from portfolio.rest import cost
from portfolio.rest.problems import problem
from portfolio.typed import suggesting

Next = Callable[[HttpRequest], HttpResponse]
API = "/api/"
SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}

LOOK_SECONDS = 0.2
MOMENT_SECONDS = 1.0  # after this long the database is asked for a sign of life
SIGN_SECONDS = 0.75  # and has this long to give it
SSL_REQUEST = bytes.fromhex("0000000804d2162f")  # the shortest question that a server answers, before any log-in

logger = logging.getLogger("greenlight.request")


class OutOfTime(BaseException):
    """Raised in the thread of a request that is over its time. No `except Exception` may swallow it."""


class DatabaseSilent(OutOfTime):
    """The database gives no sign of life: to connect anew, as Django would, is to wait once more."""


@dataclass(frozen=True, eq=False)
class _Request:
    thread: int
    began: float
    ends: float
    database: Any  # the thread's own connection
    is_told: threading.Event  # that its time is over


_at_work: set[_Request] = set()  # whoever takes a request out of it decides how it ends
_watcher: tuple[int, threading.Thread] | None = None  # the process it belongs to: threads do not survive a fork


@contextmanager
def watched(seconds: float) -> Iterator[None]:
    """The block is ended by OutOfTime when it takes longer."""
    _be_there()
    thread, began = threading.get_ident(), time.monotonic()
    request = _Request(thread, began, began + seconds, connections[DEFAULT_DB_ALIAS], threading.Event())
    _at_work.add(request)
    has_arrived = False
    try:
        yield
    except OutOfTime:
        has_arrived = True
        raise
    finally:
        if not _taken(request) and not has_arrived:
            request.is_told.wait(10)  # it is on its way, and must not reach the request that comes next
            time.sleep(0)


def _taken(request: _Request) -> bool:
    """True for exactly one of the two who ask."""
    try:
        _at_work.remove(request)
    except KeyError:
        return False
    return True


def _be_there() -> None:
    global _watcher
    if _watcher is None or _watcher[0] != os.getpid():
        _at_work.clear()
        _watcher = (os.getpid(), threading.Thread(target=_watch, name="request-watch", daemon=True))
        _watcher[1].start()


def _watch() -> None:
    while True:
        time.sleep(LOOK_SECONDS)
        now = time.monotonic()
        for request in list(_at_work):
            if now > request.ends and _taken(request):
                _end(request, OutOfTime)
        waiting = [request for request in list(_at_work) if now > request.began + MOMENT_SECONDS]
        if waiting and not database_lives():
            logger.error("the database gives no sign of life", extra={"event": "database_down"})
            for request in filter(_taken, waiting):
                _end(request, DatabaseSilent)


def _end(request: _Request, why: type[OutOfTime]) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(request.thread), ctypes.py_object(why))
    request.is_told.set()
    _cut(request.database)  # were it waiting there, the exception would wait too


def database_lives() -> bool:
    """Whether the server answers a stranger at once. What is no server at an address always lives."""
    found: dict[str, Any] = settings.DATABASES[DEFAULT_DB_ALIAS]
    host, port = str(found.get("HOST") or ""), int(found.get("PORT") or 5432)
    if not found["ENGINE"].endswith("postgresql") or not host:
        return True
    try:
        if host.startswith("/"):
            asking = socket.socket(socket.AF_UNIX)
            asking.settimeout(SIGN_SECONDS)
            asking.connect(f"{host}/.s.PGSQL.{port}")
        else:
            asking = socket.create_connection((host, port), SIGN_SECONDS)
        with asking:
            asking.sendall(SSL_REQUEST)
            return bool(asking.recv(1))
    except (TimeoutError, BlockingIOError):  # the second where so many wait already that no more are let in
        return False
    except OSError:  # refused or reset: whoever waits there is told so by the kernel
        return True


def _cut(database: Any) -> None:
    """End its conversation from outside: who waits for an answer is told that the other side is gone."""
    with suppress(Exception), socket.socket(fileno=os.dup(database.connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)  # the connection may be closed, or closing, in its own thread: then no matter


# --- round every request ----------------------------------------------------------------------------------
class TimeMiddleware:
    """Ends a request that is over its time with a 503 that says so, and charges a person for what a write cost."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.thread_time()
        try:
            with suggesting.bounded(), watched(settings.REQUEST_SECONDS):
                response = self.get_response(request)
            is_chargeable = response.status_code != HTTPStatus.SERVICE_UNAVAILABLE
        except OutOfTime as ended:
            connections[DEFAULT_DB_ALIAS].close()
            del connections[DEFAULT_DB_ALIAS]  # nobody knows in which statement it was stopped: the next makes its own
            is_chargeable = not isinstance(ended, DatabaseSilent)
            response = _answer(request, "out_of_time" if is_chargeable else "unavailable")
        if is_chargeable and request.method not in SAFE and (person := _who(request)):
            with suppress(DatabaseError, OutOfTime), watched(MOMENT_SECONDS):
                cost.charge(person, time.thread_time() - began)
        return response


PAGES = {"out_of_time": "out_of_time.html", "unavailable": "503.html"}


def _answer(request: HttpRequest, code: str) -> HttpResponse:
    """One of `problems.KINDS`, as a page or as a document: 503 both."""
    logger.error("%s %s was ended: %s", request.method, request.path, code, extra={"event": code})
    if request.path.startswith(API):
        response: HttpResponse = problem(code, request_id=logs.request_id())
    else:
        response = HttpResponse(render_to_string(PAGES[code], {"request_id": logs.request_id()}), status=503)
    response["Cache-Control"] = "no-store"
    if code == "unavailable":
        response["Retry-After"] = "5"
    return response


def _who(request: HttpRequest) -> int | None:
    """The person of the session or of the token, if somebody has asked already: this asks no database."""
    user = getattr(request, "user", None)
    if issubclass(type(user), LazyObject):
        user = getattr(request, "_cached_user", None)
    return getattr(user, "pk", None)


class CostMiddleware:
    """Lets whose writes have cost too much wait. The API does that by itself, once it has read the token."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_write = request.method not in SAFE and not request.path.startswith(API)
        if is_write and request.user.is_authenticated and (wait := cost.wait_seconds(request.user.pk)):
            answer = render(request, "fund/wait.html", {"seconds": wait}, status=429)
            answer["Retry-After"] = str(wait)
            return answer
        return self.get_response(request)
