"""The web server under load: as many clients at once on gunicorn, first alone, then while workers score everyone."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from fund.bench import clients
from fund.bench.clients import Address, Asked, Order
from fund.bench.run import DAYS, crew, peak_mib, scratch_database, sign_in, synthesise
from fund.celery import app as celery
from fund.project import environment
from fund.project.supervisor import Supervisor, answers_healthz, broker
from portfolio.models import ApiToken, Company, Role, Scope
from scoring.models import ScoreRun
from scoring.runs import queue as runs

FLOOR = "healthz"
ROUNDS, WORKERS = 2, 2
WAIT_SECONDS = 120  # for gunicorn's workers, each of which loads the model of emissions


@dataclass(frozen=True)
class AddressFigures:
    """Of one address, asked by all clients at once; milliseconds as a client waits.

    `ratio`: so many answers of the floor in the time of one. `times_idle`: of p95, where there is a run beside.
    """

    address: str
    requests: int
    per_second: float
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    errors: int
    first_error: str
    ratio: float | None
    times_idle: float | None = None


def bench_load(companies: int, client_count: int, seconds: float, seed: int) -> dict[str, Any]:
    """All addresses within `seconds` on an idle machine, and within as many again while run follows run."""
    with TemporaryDirectory(prefix="greenlight-bench-") as name, scratch_database(folder := Path(name)):
        synthesise(companies, seed)
        logs = folder / "logs"
        with Supervisor(logs) as supervisor, broker(supervisor) as url:
            celery.conf.update(broker_url=environment.celery_broker(url))
            with crew(logs, url, WORKERS, DAYS[0]) as wait_for:
                first, _ = runs.start(Company.objects.all(), title="bench", by=None, as_of=DAYS[1])
                wait_for(first)
                with connection.cursor() as cursor:
                    cursor.execute("ANALYZE")
                with web_server(logs, url) as port:
                    order = _order(port, client_count, seconds)
                    _ask(folder, order | {"rounds": 1, "seconds": 0.1})  # the first of each is slower
                    idle = _figures(_ask(folder, order))
                    took: list[float] = []
                    during = _figures(_ask(folder, order, lambda: took.append(_one_run(len(took), wait_for))), idle)
    page, floor = idle[1], idle[0]
    return {
        "bench": "load",
        "n": companies,
        "clients": client_count,
        "seconds": round(1 / page.per_second, 6) if page.per_second else None,
        "floor_seconds": round(1 / floor.per_second, 6) if floor.per_second else None,
        "ratio": page.ratio,
        "peak_mib": round(peak_mib(), 1),
        "idle": [asdict(one) for one in idle],
        "during": [asdict(one) for one in during],
        "runs": len(took),
        "run_seconds": round(median(took), 2),
    }


@contextmanager
def web_server(logs: Path, url: str) -> Iterator[int]:
    """gunicorn as deployed, but for its port and for restarting after so many requests; the port."""
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "fund.wsgi"]
    with Supervisor(logs) as supervisor:
        supervisor.start(
            "web server",
            [*command, "--bind", f"127.0.0.1:{port}", "--max-requests", "0"],
            cwd=settings.BASE_DIR,
            DATABASE_URL=environment.database_url(connection.settings_dict),
            DATABASE_STATEMENT_SECONDS="30",  # as a web server has it, where the command line has none
            REDIS_URL=url,
        )
        silent = f"The web server did not answer within {WAIT_SECONDS} s."
        supervisor.wait_until(lambda: answers_healthz(port), seconds=WAIT_SECONDS, otherwise=silent)
        yield port


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _order(port: int, client_count: int, seconds: float) -> Order:
    """Pages with a manager's session, the API with a token of theirs."""
    manager = sign_in(Role.FUND_MANAGER)
    until = timezone.now() + timedelta(days=1)
    _token, text = ApiToken.issue(manager.user, name="bench", scopes=Scope.values, expires_at=until, has_factor=True)
    candidate = Company.objects.exclude(candidacies=None).order_by("pk")[0]
    peer = Company.objects.filter(candidacies=None).order_by("pk")[0]
    pages = {
        "candidates": reverse("candidates"),
        "candidates, 25 rows": reverse("candidates") + "?page_size=25",
        "dossier": candidate.get_absolute_url(),
        "peers": reverse("scoring:peers"),
        "dossier of a peer": peer.get_absolute_url(),
    }
    lists = ("candidates", "companies", "peers", "scores", "disclosures")
    # As the proxy in front sends it.
    proxied = {"Host": settings.ALLOWED_HOSTS[0].removeprefix("."), "X-Forwarded-Proto": "https"}
    asked = [
        Address(name=FLOOR, path=reverse("healthz"), headers=proxied),
        *(Address(name=name, path=path, headers=proxied | {"Cookie": manager.cookie}) for name, path in pages.items()),
        *(
            Address(
                name=f"API {name}", path=reverse(f"api:{name}"), headers=proxied | {"Authorization": f"Bearer {text}"}
            )
            for name in lists
        ),
    ]
    each = seconds / ROUNDS / len(asked)
    return Order(host="127.0.0.1", port=port, clients=client_count, rounds=ROUNDS, seconds=each, addresses=asked)


def _ask(folder: Path, order: Order, meanwhile: Callable[[], None] | None = None) -> list[Asked]:
    """What the clients' process found; until it ends, `meanwhile` is done over and over."""
    (folder / "order.json").write_text(json.dumps(order), encoding="utf-8")
    with (folder / "order.json").open("rb") as given, (folder / "asked.json").open("wb") as told:
        process = subprocess.Popen([sys.executable, clients.__file__], stdin=given, stdout=told)  # noqa: S603  our own
        try:
            while meanwhile and process.poll() is None:
                meanwhile()
            if process.wait():
                raise RuntimeError(f"the clients ended with {process.returncode}")
        finally:
            process.kill()
    asked: list[Asked] = json.loads((folder / "asked.json").read_text(encoding="utf-8"))
    return asked


def _one_run(number: int, wait_for: Callable[[ScoreRun], None]) -> float:
    """Everyone, as of one day more: the same question would be the same run. Seconds, asking included."""
    began = time.perf_counter()
    day = DAYS[1] + timedelta(days=1 + number)
    run, _ = runs.start(Company.objects.all(), title="bench", by=None, as_of=day)
    wait_for(run)
    return time.perf_counter() - began


def _figures(asked: Sequence[Asked], idle: Sequence[AddressFigures] = ()) -> list[AddressFigures]:
    floor = _per_second(asked[0])
    found = []
    for position, one in enumerate(asked):
        waits, rate = sorted(one["waits"]), _per_second(one)
        p50, p95, p99 = (percentile_ms(waits, share) for share in (0.5, 0.95, 0.99))
        before = idle[position].p95_ms if idle else None
        found.append(
            AddressFigures(
                address=one["name"],
                requests=len(waits),
                per_second=round(rate, 1),
                p50_ms=p50,
                p95_ms=p95,
                p99_ms=p99,
                errors=len(one["errors"]),
                first_error=one["errors"][0] if one["errors"] else "",
                ratio=round(floor / rate, 1) if rate else None,
                times_idle=round(p95 / before, 2) if p95 and before else None,
            )
        )
    return found


def _per_second(one: Asked) -> float:
    return len(one["waits"]) / one["seconds"]


def percentile_ms(waits: Sequence[float], share: float) -> float | None:
    """The least wait, of these in order, that so many of them do not exceed; None of none."""
    if not waits:
        return None
    rank = -int(-share * len(waits) // 1)  # rounded up
    return round(waits[max(rank, 1) - 1] * 1000, 1)
