"""What is written down while the product runs: who did what, where and how long it took, never what they typed.

One line an event: JSON in production, words in the demo. Every line of a request, and of the tasks that it caused,
carries the request's id. Line breaks are escaped, so that nobody writes a second line through a name or an address.
Texts of exceptions stay out, since a database quotes values in them: a line names the type and the places in the code.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import logging.config
import re
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from celery import signals as celery_signals
from django.conf import settings
from django.contrib.auth import signals as auth_signals
from django.dispatch import receiver
from django.http import HttpRequest

logger = logging.getLogger("greenlight.login")

HEADER = "X-Request-ID"
TASK_HEADER = "request_id"
WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{7,63}")
# What a line may say beside its message: `logger.info("…", extra={"event": …})`. Anything else is not printed.
DETAILS = (
    "event",
    "method",
    "path",
    "status",
    "duration_ms",
    "user",
    "address",
    "login",
    "factor",
    "task",
    "task_id",
    "seconds",
)
SECRET = re.compile(r"^(/[fi]/)[^/]+")
ROOT = Path(__file__).resolve().parents[2]
# Line breaks of every kind, other control characters, and what could not be written as UTF-8.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


# --- whose line it is ----------------------------------------------------------------------------------
@dataclass
class Cause:
    """The request or the task that is being worked on."""

    request_id: str
    request: HttpRequest | None = None
    task: str = ""
    task_id: str = ""

    @property
    def user_id(self) -> int | None:
        """Of the signed-in person, if someone asked already: a log line must not query the database."""
        return getattr(getattr(self.request, "_cached_user", None), "pk", None)


_cause: ContextVar[Cause | None] = ContextVar("greenlight_cause", default=None)


def told_path(path: str) -> str:
    """An address as a log may keep it: without the secret of a one-off link."""
    return SECRET.sub(r"\1…", path)


def request_id() -> str:
    """The id that people and log lines share; empty outside requests and tasks."""
    cause = _cause.get()
    return cause.request_id if cause else ""


def new_id() -> str:
    return uuid.uuid4().hex


def id_of(request: HttpRequest) -> str:
    """The proxy's id where the proxy is said to set one and it is well-formed, else a new one."""
    given = request.headers.get(HEADER, "")
    if settings.PROXY_SETS_REQUEST_ID and WELL_FORMED.fullmatch(given):
        return given
    return new_id()


@contextmanager
def caused_by(cause: Cause) -> Iterator[Cause]:
    token = _cause.set(cause)
    try:
        yield cause
    finally:
        _cause.reset(token)


# --- how a line looks ----------------------------------------------------------------------------------
class JsonFormatter(logging.Formatter):
    """One JSON object a line; times in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            **_details(record),
        }
        if record.exc_info and record.exc_info[1]:
            line["exception"] = _outline(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True)


class LineFormatter(logging.Formatter):
    """The same for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        details = " ".join(f"{key}={value}" for key, value in _details(record).items())
        line = escaped(f"{when} {record.levelname:7} {record.name}: {_message(record)} {details}".rstrip())
        if record.exc_info and record.exc_info[1]:
            line += "".join(f"\n    {escaped(place)}" for place in _outline(record.exc_info[1]))
        return line


def escaped(text: str) -> str:
    """On one line, whatever it holds."""
    return UNPRINTABLE.sub(lambda found: ascii(found.group())[1:-1], text)


def _message(record: logging.LogRecord) -> str:
    if record.name == "celery.app.trace" and isinstance(record.args, dict) and record.exc_info:
        # Celery's own sentence ends with the exception's text.
        return "Task {name}[{id}] {description}".format(**record.args)
    return record.getMessage()


def _details(record: logging.LogRecord) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if cause := _cause.get():
        details["request_id"] = cause.request_id
        if cause.user_id is not None:
            details["user"] = cause.user_id
        if cause.task:
            details |= {"task": cause.task, "task_id": cause.task_id}
        elif cause.request is not None:
            details["path"] = told_path(cause.request.path)
    return details | {name: vars(record)[name] for name in DETAILS if name in vars(record)}


def _outline(error: BaseException) -> list[str]:
    """Types and places of an exception and of what caused it, innermost last; no texts and no values."""
    lines: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        lines.append(f"{type(current).__module__}.{type(current).__qualname__}")
        for frame in traceback.extract_tb(current.__traceback__):
            lines.append(f"  {_short(frame.filename)}:{frame.lineno} {frame.name}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return lines


def _short(filename: str) -> str:
    path = Path(filename)
    for parent in path.parents:
        if parent.name == "site-packages" or parent == ROOT:
            return path.relative_to(parent).as_posix()
    return path.name


def configuration(*, as_json: bool, level: str) -> dict[str, Any]:
    """For LOGGING. Django's own warning about a 4xx would only double the line of the request."""
    formatter = "JsonFormatter" if as_json else "LineFormatter"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": f"fund.project.logs.{formatter}"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "level": "ERROR", "propagate": True},
        },
    }


# --- through Celery: the id travels in the message's headers ----------------------------------------------
@celery_signals.setup_logging.connect(dispatch_uid="fund.project.logs")
def _set_up_worker(loglevel: int | str | None = None, **_: Any) -> None:
    """Workers and beat write as the web does. `--loglevel` says how much Celery tells of itself."""
    logging.config.dictConfig(settings.LOGGING)
    if loglevel:
        for name in ("celery", "kombu"):
            logging.getLogger(name).setLevel(loglevel)


@celery_signals.before_task_publish.connect(dispatch_uid="fund.project.logs")
def _send_id(headers: dict[str, Any] | None = None, **_: Any) -> None:
    if headers is not None and request_id():
        headers[TASK_HEADER] = request_id()


@celery_signals.task_prerun.connect(dispatch_uid="fund.project.logs")
def _take_id(task_id: str, task: Any, **_: Any) -> None:
    given = str(task.request.get(TASK_HEADER) or "")
    _cause.set(Cause(given if WELL_FORMED.fullmatch(given) else new_id(), task=task.name, task_id=task_id))


@celery_signals.task_postrun.connect(dispatch_uid="fund.project.logs")
def _drop_id(**_: Any) -> None:
    _cause.set(None)


# --- who came in, and who did not ---------------------------------------------------------------------
@receiver(auth_signals.user_logged_in, dispatch_uid="fund.project.logs")
def _logged_in(request: HttpRequest | None, user: Any, **_: Any) -> None:
    logger.info("logged in", extra={"event": "login_ok", "user": user.pk, **_from(request)})


@receiver(auth_signals.user_logged_out, dispatch_uid="fund.project.logs")
def _logged_out(request: HttpRequest | None, user: Any, **_: Any) -> None:
    if user is not None:
        logger.info("logged out", extra={"event": "logout", "user": user.pk, **_from(request)})


@receiver(auth_signals.user_login_failed, dispatch_uid="fund.project.logs")
def _login_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """People type passwords into the field for names: only a keyed digest is kept, enough to see one name attacked."""
    name = str(credentials.get("username") or credentials.get("email") or "").strip().lower()
    logger.warning("log-in failed", extra={"event": "login_failed", "login": _digest(name), **_from(request)})


def held_back(request: HttpRequest | None, login: str) -> None:
    """Too many tries: the password was not looked at."""
    logger.warning("log-in held back", extra={"event": "login_held_back", "login": _digest(login), **_from(request)})


def factor(request: HttpRequest | None, user: Any, kind: str, *, is_right: bool) -> None:
    """Of the second factor, whichever it was."""
    said = {"event": "factor_ok" if is_right else "factor_failed", "user": user.pk, "factor": kind, **_from(request)}
    logger.log(logging.INFO if is_right else logging.WARNING, "second factor", extra=said)


def _digest(name: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), name.encode(errors="replace"), hashlib.sha256).hexdigest()[:12]


def _from(request: HttpRequest | None) -> dict[str, str]:
    """The client's network address, as the rate limits see it."""
    from allauth.core.internal.httpkit import get_client_ip

    address = get_client_ip(request) if request is not None else None
    return {"address": address} if address else {}
