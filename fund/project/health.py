"""Is it alive, is it ready, does the broker answer: for supervisors, load balancers and the pages about runs.

Ready means that pages can be read: the database answers and has the tables this code needs. A broker that is down or
a sweep that is late makes new runs wait and loses nothing, so the probe then says "degraded" and still 200: taking the
web server away would only make it worse.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

from scoring.models import LastSweep

logger = logging.getLogger("greenlight.health")

BROKER_SECONDS = 1.0  # a page waits for the broker's answer at most this long, whatever the network does
BROKER_CACHE_SECONDS = 5.0
SWEEP_SLACK_SECONDS = 10.0


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Each part by name. 503 when pages cannot be read: no database, or one that is not migrated."""
    broker = "up" if broker_answers() else "down"
    try:
        migrations = "applied" if migrations_are_applied() else "pending"
        database = "up"
        sweep = sweep_state() if migrations == "applied" else {"state": "unknown"}
    except Error as unreachable:
        logger.error("the database does not answer (%s)", type(unreachable).__name__, extra={"event": "database_down"})
        database, migrations, sweep = "down", "unknown", {"state": "unknown"}
    if database != "up" or migrations != "applied":
        status = "unavailable"
    elif broker != "up" or sweep["state"] != "on time":
        status = "degraded"
    else:
        status = "ready"
    parts = {"status": status, "database": database, "migrations": migrations, "broker": broker, "sweep": sweep}
    return JsonResponse(parts, status=503 if status == "unavailable" else 200)


# --- the database ----------------------------------------------------------------------------------------
_seen: dict[str, bool] = {}  # database name → its migrations were found applied: they stay so while this process lives


def migrations_are_applied() -> bool:
    """Also the proof that the database answers: the first query is asked each time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    name = str(connection.settings_dict["NAME"])
    if not _seen.get(name):
        executor = MigrationExecutor(connection)
        _seen[name] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _seen[name]


# --- the sweep -------------------------------------------------------------------------------------------
def sweep_state() -> dict[str, Any]:
    """How long ago the last whole sweep was. After two missed ones there is an alarm, here and in the log."""
    ago = LastSweep.seconds_ago()
    late_after = 2 * settings.RUN_SWEEP_SECONDS + SWEEP_SLACK_SECONDS
    if ago is not None and ago <= late_after:
        return {"state": "on time", "seconds_ago": round(ago, 1)}
    if ago is None:
        alarm = "No sweep has run yet. Is beat running, and a worker?"
    else:
        alarm = (
            f"The last sweep was {ago:.0f} s ago; one is due every {settings.RUN_SWEEP_SECONDS:.0f} s. Lost work waits"
            " until it runs again. Are beat, a worker and the broker running?"
        )
    logger.error(alarm, extra={"event": "sweep_late"} | ({} if ago is None else {"seconds": round(ago)}))
    if ago is None:
        return {"state": "never", "alarm": alarm}
    return {"state": "late", "seconds_ago": round(ago, 1), "alarm": alarm}


# --- the broker ------------------------------------------------------------------------------------------
_lock = threading.Lock()
_last: tuple[float, str, bool] | None = None  # asked when, of which broker, and did it answer


def broker_is_down() -> bool:
    return not broker_answers()


def broker_answers() -> bool:
    """Whether the broker answered within a second, now or in the last few seconds."""
    global _last
    url = settings.REDIS_URL
    with _lock:  # one question at a time; who waits here gets its answer
        if _last is None or _last[1] != url or time.monotonic() - _last[0] > BROKER_CACHE_SECONDS:
            _last = (time.monotonic(), url, _asked(url))
        return _last[2]


def _asked(url: str) -> bool:
    """A thread bounds the whole exchange: timeouts of a socket bound each step, and a name's look-up not at all."""
    answered = threading.Event()

    def ask() -> None:
        seconds = BROKER_SECONDS
        try:
            with redis.from_url(
                url, socket_connect_timeout=seconds, socket_timeout=seconds, retry=Retry(NoBackoff(), 0)
            ) as client:
                if client.ping():
                    answered.set()
        except (redis.RedisError, OSError, ValueError):
            pass  # no answer is the answer

    threading.Thread(target=ask, name="broker-probe", daemon=True).start()
    return answered.wait(BROKER_SECONDS)
