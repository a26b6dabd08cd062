"""What the benches measure: the real thing, beside a floor that does only what nobody can leave out."""

from __future__ import annotations

import os
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.crypto import get_random_string

from fund.celery import app as celery
from fund.project import environment
from fund.project.supervisor import Supervisor, broker
from portfolio import bulk
from portfolio.models import (
    Company,
    Disclosure,
    ExchangeRate,
    Figure,
    Financials,
    Membership,
    Person,
    Quantity,
    Role,
    Sector,
    Target,
)
from scoring.models import Score, ScoreItem, ScoreRun
from scoring.runs import queue as runs

YEARS = (2022, 2023, 2024)
SOURCE = {"source": "synthetic, for the bench", "licence": "none"}
PAGE_ROUNDS, HELLOS, REQUESTS = 5, 100, 5
DAYS = [date(YEARS[-1] + 1, 1, day) for day in range(1, 6)]  # each asks another question of the same facts
CHUNK = 1000  # companies held in memory at once
DRAWS, BLOCK = 2000, 250  # of the score's range; companies drawn for at once


@dataclass(frozen=True)
class Figures:
    """What every bench prints. `ratio` is seconds / floor_seconds, both from this run on this machine."""

    bench: str
    n: int
    seconds: float
    floor_seconds: float
    ratio: float
    peak_mib: float
    queue_seconds: float
    work_seconds: float
    workers: int
    scaling: float | None = None  # of the work: one worker's seconds over those of `workers`

    def as_dict(self) -> dict[str, str | int | float | None]:
        return asdict(self)


def bench_run(companies: int, workers: int, seed: int, *, with_scaling: bool = False) -> Figures:
    """Time one scoring run, database to database, through real workers, and then its floor.

    With scaling, two more: the work of one worker, and again that of `workers`.
    """
    with TemporaryDirectory(prefix="greenlight-bench-") as folder, scratch_database(Path(folder)):
        synthesise(companies, seed)
        logs = Path(folder) / "logs"
        with Supervisor(logs) as supervisor, broker(supervisor) as url:
            celery.conf.update(broker_url=environment.celery_broker(url))
            with crew(logs, url, workers, DAYS[0]) as wait_for:
                began = time.perf_counter()
                run, _ = runs.start(Company.objects.all(), title="bench", by=None)
                queued = time.perf_counter()
                wait_for(run)
                ended = time.perf_counter()
            run.refresh_from_db()
            if run.state != ScoreRun.State.DONE or run.scores.count() != companies:
                raise RuntimeError(f"the run ended {run.state} with {run.scores.count()} of {companies} scores")
            floor_seconds = floor(run)
            scaling = None
            if with_scaling:
                alone = work_seconds(logs, url, 1, DAYS[1:3])
                scaling = round(alone / work_seconds(logs, url, workers, DAYS[3:5]), 2)
    return Figures(
        bench="run",
        n=companies,
        seconds=round(ended - began, 3),
        floor_seconds=round(floor_seconds, 3),
        ratio=round((ended - began) / floor_seconds, 2),
        peak_mib=round(peak_mib(), 1),
        queue_seconds=round(queued - began, 3),
        work_seconds=round(ended - queued, 3),
        workers=workers,
        scaling=scaling,
    )


def work_seconds(logs: Path, url: str, workers: int, days: Sequence[date]) -> float:
    """From the first claim to the close of a run over everyone, by the database's clock: queueing is not in it.

    On two days that no run was asked for yet: the first one only wakes the workers up.
    """
    with crew(logs, url, workers, days[0]) as wait_for:
        run, _ = runs.start(Company.objects.all(), title="bench", by=None, as_of=days[1])
        wait_for(run)
    run.refresh_from_db()
    if run.started_at is None or run.finished_at is None:
        raise RuntimeError(f"the run ended {run.state} without times")
    return (run.finished_at - run.started_at).total_seconds()


@dataclass(frozen=True)
class PageFigures:
    """One page: medians over the rounds; `ratio` is its CPU over the hello view's CPU of the same round."""

    page: str
    path: str
    queries: int
    cpu_ms: float
    wall_ms: float
    ratio: float


def bench_pages(companies: int, seed: int) -> dict[str, Any]:
    """CPU of one request through the WSGI handler, page by page, beside the hello view's in the same rounds."""
    with TemporaryDirectory(prefix="greenlight-bench-") as folder, scratch_database(Path(folder)):
        celery.conf.update(broker_url="memory://")  # nobody listens: the runs below are worked on in this process
        synthesise(companies, seed)
        for day in DAYS[:2]:
            run = score_here(day)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        manager, applicant = _sign_in(Role.FUND_MANAGER), _sign_in("")
        company = Company.objects.order_by("pk")[companies // 2]
        Membership.objects.create(user=applicant.user, company=company, kind=Membership.Kind.SUBMITTER)
        from fund.wsgi import application as handler

        list_path = reverse("scoring:companies")
        asked = {
            "list": Request(handler, list_path, "", manager),
            "list, filtered": Request(handler, list_path, f"sector={company.sector}&band=C", manager),
            "list, sorted": Request(handler, list_path, "ordering=intensity", manager),
            "list, searched": Request(handler, list_path, f"q={company.search_text.split()[-1]}", manager),
            "list, last page": Request(handler, list_path, "page=1000000", manager),
            "dossier": Request(handler, company.get_absolute_url(), "", manager),
            "run": Request(handler, run.get_absolute_url(), "", manager),
            "disclosures": Request(handler, reverse("portfolio:disclosures"), "", applicant),
        }
        hello = Request(handler, reverse("healthz"), "", None)
        rounds = _rounds(hello, list(asked.values()))
        queries = [request.queries() for request in asked.values()]
    pages = [
        PageFigures(
            page=name,
            path=request.path + (f"?{request.query}" if request.query else ""),
            queries=count,
            cpu_ms=round(median(row[position].cpu for _hello, row in rounds) * 1000, 2),
            wall_ms=round(median(row[position].wall for _hello, row in rounds) * 1000, 2),
            ratio=round(median(row[position].cpu / hello.cpu for hello, row in rounds), 1),
        )
        for position, ((name, request), count) in enumerate(zip(asked.items(), queries, strict=True))
    ]
    return {
        "bench": "pages",
        "n": companies,
        "seconds": round(pages[0].cpu_ms / 1000, 6),
        "floor_seconds": round(median(hello.cpu for hello, _row in rounds), 6),
        "ratio": pages[0].ratio,
        "peak_mib": round(peak_mib(), 1),
        "pages": [asdict(page) for page in pages],
    }


def score_here(as_of: date) -> ScoreRun:
    """A run over everyone, in this process."""
    run, _ = runs.start(Company.objects.all(), title="bench", by=None, as_of=as_of)
    while shard := runs.claim(run.pk):
        runs.finish(shard, runs.compute(shard))
    runs.settle(run.pk)
    run.refresh_from_db()
    return run


@dataclass(frozen=True)
class SignedIn:
    user: User
    cookie: str


def _sign_in(role: str) -> SignedIn:
    user = User.objects.create_user(f"bench-{role or 'applicant'}")
    Person.objects.create(user=user, role=role)
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    cookies = {settings.SESSION_COOKIE_NAME: session.session_key, settings.CSRF_COOKIE_NAME: get_random_string(32)}
    return SignedIn(user, "; ".join(f"{name}={value}" for name, value in cookies.items()))


@dataclass(frozen=True)
class Cost:
    cpu: float
    wall: float


@dataclass(frozen=True)
class Request:
    """A GET as a WSGI server would hand it over."""

    handler: WSGIHandler
    path: str
    query: str
    person: SignedIn | None

    def send(self) -> bytes:
        said: list[str] = []
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": self.path,
            "QUERY_STRING": self.query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "https" if settings.SECURE_SSL_REDIRECT else "http",
            "wsgi.input": BytesIO(),
            "HTTP_COOKIE": self.person.cookie if self.person else "",
        }

        def start_response(status: str, *_: Any) -> Any:
            said.append(status)

        response = self.handler(environ, start_response)
        body = b"".join(response)
        response.close()
        if not said[0].startswith("200"):
            raise RuntimeError(f"{self.path} answered {said[0]}")
        return body

    def cost(self, times: int) -> Cost:
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(times):
            self.send()
        return Cost((time.process_time() - cpu) / times, (time.perf_counter() - wall) / times)

    def queries(self) -> int:
        """The cheap ones of sessions and people included."""
        count = 0

        def counted(execute: Any, *arguments: Any) -> Any:
            nonlocal count
            count += 1
            return execute(*arguments)

        with connection.execute_wrapper(counted):
            self.send()
        return count


def _rounds(hello: Request, pages: list[Request]) -> list[tuple[Cost, list[Cost]]]:
    """Each round asks hello and every page in turn, so that a busy moment falls on both."""
    for request in (hello, *pages):
        request.send()
    return [(hello.cost(times=HELLOS), [page.cost(times=REQUESTS) for page in pages]) for _round in range(PAGE_ROUNDS)]


@contextmanager
def scratch_database(folder: Path) -> Iterator[None]:
    """An empty, migrated database beside the real one (SQLite: a file in `folder`), dropped afterwards."""
    real = str(connection.settings_dict["NAME"])
    name = str(folder / "bench.sqlite3") if connection.vendor == "sqlite" else f"greenlight_bench_{os.getpid()}"
    connection.settings_dict["TEST"]["NAME"] = name
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(real, verbosity=0)


def synthesise(count: int, seed: int) -> None:
    """Companies with three years of emissions and revenue and one target each; a tenth lacks revenue."""
    chance = random.Random(seed)  # noqa: S311  not for secrets
    for currency, per_usd in (("CNY", 7.0), ("TWD", 31.0)):
        ExchangeRate.objects.bulk_create(
            [ExchangeRate(currency=currency, year=year, per_usd=per_usd, source="synthetic") for year in YEARS]
        )
    with transaction.atomic():
        for start in range(0, count, CHUNK):
            _synthesise(range(start, min(start + CHUNK, count)), chance)
        Disclosure.objects.update(frozen_at=Now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum would have done by the time of a real run


def _synthesise(numbers: range, chance: random.Random) -> None:
    companies = [
        Company(
            company_key=f"bench-{number:07}",
            name_en=f"Bench company {number}",
            country="TWN",
            sector=chance.choice(Sector.values),
            isic="C26",
            search_text=f"bench {number}",
            **SOURCE,
        )
        for number in numbers
    ]
    Company.objects.bulk_create(companies)
    disclosures = [
        Disclosure(
            company=company,
            year=year,
            state=Disclosure.State.RECORDED,
            digest=f"{company.company_key}-{year}",
            **SOURCE,
        )
        for company in companies
        for year in YEARS
    ]
    Disclosure.objects.bulk_create(disclosures)
    figures, financials, targets = [], [], []
    for position, (number, company) in enumerate(zip(numbers, companies, strict=True)):
        size = 10 ** chance.uniform(2, 6)
        for disclosure in disclosures[position * len(YEARS) : (position + 1) * len(YEARS)]:
            year_size = size * chance.uniform(0.8, 1.2)
            for quantity, share in ((Quantity.SCOPE_1, 0.6), (Quantity.SCOPE_2_LOCATION, 0.4)):
                figures.append(Figure(disclosure=disclosure, quantity=quantity, value=year_size * share))
            if number % 10:
                revenue = 10 ** chance.uniform(8, 11)
                financials.append(
                    Financials(company=company, year=disclosure.year, revenue=revenue, currency="TWD", **SOURCE)
                )
        targets.append(
            Target(company=company, target_key="t", horizon="end", kind="net_zero", target_year=2050, **SOURCE)
        )
    bulk.insert(Figure, figures)
    bulk.insert(Financials, financials)
    bulk.insert(Target, targets)


@contextmanager
def crew(logs: Path, url: str, count: int, day: date) -> Iterator[Callable[[ScoreRun], None]]:
    """A worker of so many processes, awake: it has done a run of its own over one company, asked for on `day`."""
    command = [sys.executable, "-m", "celery", "-A", "fund", "worker", "-P", "prefork", "-c", str(count)]
    with Supervisor(logs) as supervisor:
        supervisor.start(
            "worker",
            [*command, "--without-gossip", "--without-mingle"],
            cwd=settings.BASE_DIR,
            DATABASE_URL=environment.database_url(connection.settings_dict),
            REDIS_URL=url,
        )
        first, _ = runs.start(Company.objects.all()[:1], title="warm-up", by=None, as_of=day)
        asleep = "The worker did not start in two minutes."
        supervisor.wait_until(lambda: is_closed(first), seconds=120, otherwise=asleep)
        late = "The run did not end in an hour."
        yield lambda run: supervisor.wait_until(lambda: is_closed(run), seconds=3600, otherwise=late)


def is_closed(run: ScoreRun) -> bool:
    time.sleep(0.02)
    return not ScoreRun.objects.filter(pk=run.pk, state__in=ScoreRun.OPEN).exists()


def floor(run: ScoreRun) -> float:
    """Read the same rows, do the method's bare arithmetic in numpy, write the same rows in bulk; seconds.

    The rows are written by the same COPY as the run's, ready-made. Left out, since a floor may: records, sentences,
    digests, leases, fences, the audit log, other processes.
    """
    twin = ScoreRun.objects.create(key="floor", title="floor", methodology=run.methodology, as_of=run.as_of)
    watch = Stopwatch()
    with watch:
        arithmetic(*read())
    with transaction.atomic():
        facts = ("company_id", "inputs", "inputs_sha256")
        for items in _chunks(run.items.order_by("pk").values(*facts)):
            ready_items = [ScoreItem(run_id=twin.pk, **row) for row in items]
            with watch:
                bulk.insert(ScoreItem, ready_items)
        for scores in _chunks(run.scores.order_by("pk").values()):
            ready_scores = [Score(**{**row, "id": None, "run_id": twin.pk}) for row in scores]
            with watch:
                bulk.insert(Score, ready_scores)
        watch.start()
    watch.stop()  # the commit counts
    return watch.seconds


class Stopwatch:
    """Adds up what passes inside its blocks."""

    def __init__(self) -> None:
        self.seconds = self._began = 0.0

    def start(self) -> None:
        self._began = time.perf_counter()

    def stop(self) -> None:
        self.seconds += time.perf_counter() - self._began

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()


def _chunks(rows: QuerySet[Any, Any]) -> Iterator[list[dict[str, Any]]]:
    count = rows.count()
    for start in range(0, count, CHUNK):
        yield list(rows[start : start + CHUNK])


def read() -> tuple[
    list[tuple[int, int, int]], dict[tuple[int, str], float], dict[tuple[int, int | None], float | None], int
]:
    standing = list(Disclosure.objects.values_list("pk", "company_id", "year").order_by("company_id", "year"))
    figures = {
        (pk, quantity): value
        for pk, quantity, value in Figure.objects.values_list("disclosure_id", "quantity", "value")
    }
    revenues = {
        (pk, year): value for pk, year, value in Financials.objects.values_list("company_id", "year", "revenue")
    }
    targets = list(Target.objects.values_list("company_id", "kind", "target_year", "status", "scope3"))
    return standing, figures, revenues, len(targets)


def arithmetic(
    standing: list[tuple[int, int, int]],
    figures: dict[tuple[int, str], float],
    revenues: dict[tuple[int, int | None], float | None],
    targets: int,
) -> float:
    """Intensity, log-linear slope, goalposts and the weighted geometric mean, by columns."""
    tonnes = np.array([figures[pk, "scope1_t"] + figures[pk, "scope2_location_t"] for pk, _, _ in standing])
    revenue = np.array([revenues.get((company, year)) or np.nan for _, company, year in standing]) * 7.0 / 31.0 / 1e4
    by_company = np.log10(tonnes).reshape(-1, len(YEARS))
    intensity = by_company[:, -1] - np.log10(revenue.reshape(-1, len(YEARS))[:, -1])
    slope = (by_company[:, 2] - by_company[:, 0]) / 2
    efficiency = np.clip((intensity + 4) / 8, 0.01, 1) * 100
    trajectory = np.clip((slope + 0.1) / 0.2, 0.01, 1) * 100
    credibility = np.full(len(by_company), 50.0)
    score = np.exp(0.45 * np.log(efficiency) + 0.3 * np.log(trajectory) + 0.25 * np.log(credibility))
    return float(np.nansum(score)) + targets + bare_draws(len(by_company))


def bare_draws(companies: int) -> float:
    """The same for the score's range: an error for each reported year, two uncertain indicators, weights, quantiles.

    Half of the draws geometric, half arithmetic. Left out, since a floor may: a stream of its own for every company.
    """
    generator, total = np.random.Generator(np.random.PCG64(0)), 0.0
    weights = generator.dirichlet([45.0, 30.0, 25.0], DRAWS).T
    for start in range(0, companies, BLOCK):
        n = min(BLOCK, companies - start)
        errors = generator.standard_normal((n, len(YEARS), DRAWS)) * 0.02
        efficiency = np.clip((4.0 + errors[:, -1]) / 8.0, 0.01, 1.0) * 100.0
        trajectory = np.clip((errors[:, 0] - errors[:, -1] + 0.1) / 0.2, 0.01, 1.0) * 100.0
        half = DRAWS // 2
        logs = weights[0, :half] * np.log(efficiency[:, :half]) + weights[1, :half] * np.log(trajectory[:, :half])
        geometric = np.exp(logs + weights[2, :half] * np.log(50.0))
        sums = weights[0, half:] * efficiency[:, half:] + weights[1, half:] * trajectory[:, half:]
        drawn = np.hstack([geometric, sums + weights[2, half:] * 50.0])
        total += float(np.sum(np.percentile(drawn, [5.0, 50.0, 95.0], axis=1)))
        total += sum(np.count_nonzero(drawn >= limit) for limit in (80.0, 65.0, 50.0, 35.0))
    return total


def peak_mib() -> float:
    """The largest single process of this bench: this one, or a worker that has ended."""
    unit = 1024 if sys.platform == "darwin" else 1
    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return max(peaks) / 1024 / unit
