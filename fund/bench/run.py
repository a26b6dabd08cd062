"""What the benches measure: the real thing, beside a floor that does only what nobody can leave out."""

from __future__ import annotations

import json
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
from django.db import connection, models, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.crypto import get_random_string
from scipy.special import ndtr

from fund.celery import app as celery
from fund.guards import GUARDS as FUND_GUARDS
from fund.models import Candidate, ThemeFund
from fund.project import environment
from fund.project.sessions import FACTOR, SEEN, UNTIL
from fund.project.supervisor import Supervisor, broker
from portfolio import bulk, guards
from portfolio.models import (
    Company,
    CompanyTrack,
    Disclosure,
    ExchangeRate,
    Figure,
    Financials,
    Membership,
    Quantity,
    Role,
    RoleChange,
    Sector,
    Solution,
    Target,
    TechnologyFamily,
)
from scoring.engine import canonical_json, digest
from scoring.guards import GUARDS as SCORING_GUARDS
from scoring.models import Score, ScoreItem, ScoreRun
from scoring.runs import queue as runs

YEARS = (2022, 2023, 2024)
SOURCE = {"source": "synthetic, for the bench", "licence": "none"}
HELLOS, REQUESTS = 100, 5
DAYS = [
    date(2026, 12, day) for day in range(1, 6)
]  # under the shipped sheet; each asks another question of the same facts
CHUNK = 1000  # companies held in memory at once
CANDIDATES = 10  # one company in so many is a candidate, and told all that its three bars ask


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


def bench_pages(companies: int, seed: int, rounds: int) -> dict[str, Any]:
    """CPU of one request through the WSGI handler, page by page, beside the hello view's in the same rounds."""
    with TemporaryDirectory(prefix="greenlight-bench-") as folder, scratch_database(Path(folder)):
        celery.conf.update(broker_url="memory://")  # nobody listens: the runs below are worked on in this process
        synthesise(companies, seed)
        for day in DAYS[:2]:
            run = score_here(day)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        manager, applicant = sign_in(Role.FUND_MANAGER), sign_in("")
        company = Company.objects.filter(candidacies=None).order_by("pk")[companies // 2]
        candidate = Company.objects.exclude(candidacies=None).order_by("pk")[0]
        Membership.objects.create(user=applicant.user, company=company, kind=Membership.Kind.SUBMITTER)
        from fund.wsgi import application as handler

        looked_at = list(Candidate.objects.order_by("pk").values_list("company", flat=True))
        list_path, peers_path = reverse("candidates"), reverse("scoring:peers")
        asked = {
            "list": Request(handler, list_path, "", manager),
            "list, filtered": Request(handler, list_path, "family=F01&cleared_min=1&gates=open", manager),
            "list, sorted": Request(handler, list_path, "ordering=-margin_c", manager),
            "list, searched": Request(handler, list_path, "q=bench", manager),
            "list, last page": Request(handler, list_path, "page=1000000", manager),
            "compare five": Request(handler, reverse("compare"), "&".join(f"c={pk}" for pk in looked_at[:5]), manager),
            "what if": Request(handler, reverse("what_if"), _moved(looked_at[0]), manager),
            "peers": Request(handler, peers_path, "", manager),
            "peers, sorted": Request(handler, peers_path, "ordering=intensity", manager),
            "dossier of a peer": Request(handler, company.get_absolute_url(), "", manager),
            "dossier": Request(handler, candidate.get_absolute_url(), "", manager),
            "run": Request(handler, run.get_absolute_url(), "", manager),
            "disclosures": Request(handler, reverse("disclosures"), "", applicant),
        }
        hello = Request(handler, reverse("healthz"), "", None)
        measured = _measured(hello, list(asked.values()), rounds)
        queries = [request.queries() for request in asked.values()]
    pages = [
        PageFigures(
            page=name,
            path=request.path + (f"?{request.query}" if request.query else ""),
            queries=count,
            cpu_ms=round(median(row[position].cpu for _hello, row in measured) * 1000, 2),
            wall_ms=round(median(row[position].wall for _hello, row in measured) * 1000, 2),
            ratio=round(median(row[position].cpu / hello.cpu for hello, row in measured), 1),
        )
        for position, ((name, request), count) in enumerate(zip(asked.items(), queries, strict=True))
    ]
    return {
        "bench": "pages",
        "n": companies,
        "seconds": round(pages[0].cpu_ms / 1000, 6),
        "floor_seconds": round(median(hello.cpu for hello, _row in measured), 6),
        "ratio": pages[0].ratio,
        "peak_mib": round(peak_mib(), 1),
        "pages": [asdict(page) for page in pages],
    }


def _moved(company: int) -> str:
    """Of a what-if with all of the fund's numbers moved, and one candidate's figure verified."""
    terms = "bar_share=0.9&footprint_multiple=1.2&carbon_price=300&pass_through=0.4"
    return f"{terms}&company={company}&verified-{company}-{YEARS[-1]}-scope1=on"


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


def sign_in(role: str) -> SignedIn:
    user = User.objects.create_user(f"bench-{role or 'applicant'}")
    if role:
        RoleChange.found({user: role})
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[UNTIL] = session[SEEN] = time.time() + 86_400  # what a log-in would have noted
    session[FACTOR] = True
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


def _measured(hello: Request, pages: list[Request], rounds: int) -> list[tuple[Cost, list[Cost]]]:
    """Each round asks hello and every page in turn, so that a busy moment falls on both."""
    for request in (hello, *pages):
        request.send()
    return [(hello.cost(times=HELLOS), [page.cost(times=REQUESTS) for page in pages]) for _ in range(rounds)]


@contextmanager
def scratch_database(folder: Path) -> Iterator[None]:
    """An empty database beside the real one (SQLite: a file in `folder`), dropped afterwards.

    Its tables are made from today's models, and guarded, at once: the history of migrations takes half a minute.
    """
    real = str(connection.settings_dict["NAME"])
    name = str(folder / "bench.sqlite3") if connection.vendor == "sqlite" else f"greenlight_bench_{os.getpid()}"
    connection.settings_dict["TEST"] |= {"NAME": name, "MIGRATE": False}
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        guards.install(connection, (*guards.GUARDS, *SCORING_GUARDS, *FUND_GUARDS))
        yield
    finally:
        connection.creation.destroy_test_db(real, verbosity=0)


def synthesise(count: int, seed: int) -> None:
    """Companies with three years of emissions and revenue and one target each; a tenth lacks revenue.

    One in ten is a candidate of one fund, of the first family, and told what its bars ask in the last year.
    """
    chance = random.Random(seed)  # noqa: S311  not for secrets
    fund = ThemeFund.objects.create(name_zh="测试基金", name_en="Bench fund")
    family = TechnologyFamily.objects.get(code="F01")
    for currency, per_usd in (("CNY", 7.0), ("TWD", 31.0)):
        ExchangeRate.objects.bulk_create(
            [ExchangeRate(currency=currency, year=year, per_usd=per_usd, source="synthetic") for year in YEARS]
        )
    with transaction.atomic():
        for start in range(0, count, CHUNK):
            _synthesise(range(start, min(start + CHUNK, count)), chance, fund, family)
        Disclosure.objects.update(frozen_at=Now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum would have done by the time of a real run


def _synthesise(numbers: range, chance: random.Random, fund: ThemeFund, family: TechnologyFamily) -> None:
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
    tracks, solutions, candidates = [], [], []
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
        if number % CANDIDATES == 1:
            candidates.append(Candidate(fund=fund, company=company))
            tracks.append(CompanyTrack(company=company, track=family.track, family=family, why="bench", **SOURCE))
            last = disclosures[(position + 1) * len(YEARS) - 1]
            for quantity, value in ((Quantity.EBIT, size * 1e5), (Quantity.GRANTS, 0.0)):
                figures.append(Figure(disclosure=last, quantity=quantity, value=value))
            service = chance.uniform(1500.0, 3000.0)
            sold = {"kind": "realised", "country": "CHN", "units_sold": size, "service_per_unit_year": service}
            solutions.append(Solution(disclosure=last, number=1, family=family, lca_t_per_unit=400.0, **sold))
        targets.append(
            Target(company=company, target_key="t", horizon="end", kind="net_zero", target_year=2050, **SOURCE)
        )
    bulk.insert(Figure, figures)
    bulk.insert(Financials, financials)
    bulk.insert(Target, targets)
    CompanyTrack.objects.bulk_create(tracks)
    Solution.objects.bulk_create(solutions)
    Candidate.objects.bulk_create(candidates)


@contextmanager
def crew(logs: Path, url: str, count: int, day: date) -> Iterator[Callable[[ScoreRun], None]]:
    """A worker of so many processes, all awake: each has done a run over one company, asked for on `day`.

    Candidates where there are any, so that each process has loaded the model of emissions too.
    """
    command = [sys.executable, "-m", "celery", "-A", "fund", "worker", "-P", "prefork", "-c", str(count)]
    with Supervisor(logs) as supervisor:
        supervisor.start(
            "worker",
            [*command, "--without-gossip", "--without-mingle"],
            cwd=settings.BASE_DIR,
            DATABASE_URL=environment.database_url(connection.settings_dict),
            REDIS_URL=url,
        )
        chosen = Company.objects.order_by(models.F("candidacies").asc(nulls_last=True), "pk")[:count]
        first = [runs.start([company], title="warm-up", by=None, as_of=day)[0] for company in chosen]
        asleep = "The worker did not start in two minutes."
        supervisor.wait_until(lambda: all(map(is_closed, first)), seconds=120, otherwise=asleep)
        late = "The run did not end in an hour."
        yield lambda run: supervisor.wait_until(lambda: is_closed(run), seconds=3600, otherwise=late)


def is_closed(run: ScoreRun) -> bool:
    time.sleep(0.02)
    return not ScoreRun.objects.filter(pk=run.pk, state__in=ScoreRun.OPEN).exists()


def floor(run: ScoreRun) -> float:
    """Read the same rows, do the method's bare arithmetic in numpy, archive what was asked and answered; seconds.

    Archived as in the run: each record spelt, digested and written by the same COPY, and the inputs read back and
    parsed. Left out, since a floor may: putting the records together, checks, leases, fences, the audit log, the
    copies for lists, other processes.
    """
    twin = ScoreRun.objects.create(key="floor", title="floor", bar_sheet=run.bar_sheet, as_of=run.as_of)
    watch = Stopwatch()
    with watch:
        arithmetic(*read())
    with transaction.atomic():
        for items in _chunks(run.items.order_by("pk").values("company_id", "is_candidate", "inputs")):
            ready_items = [ScoreItem(run_id=twin.pk, **row) for row in items]
            asked = [item.facts for item in ready_items]
            with watch:
                for item, inputs in zip(ready_items, asked, strict=True):
                    item.inputs = canonical_json(inputs)
                    item.inputs_sha256 = digest(item.inputs)
                bulk.insert(ScoreItem, ready_items)
        with watch:
            for text in twin.items.values_list("inputs", flat=True).iterator(CHUNK):
                json.loads(text)
        for scores in _chunks(run.scores.order_by("pk").values()):
            ready_scores = [Score(**{**row, "id": None, "run_id": twin.pk}) for row in scores]
            answered = [score.record for score in ready_scores]
            with watch:
                for score, record in zip(ready_scores, answered, strict=True):
                    score.record_json = canonical_json(record)
                    score.digest = digest(score.record_json)
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
    """Intensity and the log-linear slopes of tonnes, intensity and revenue, by columns; the bars of the candidates."""
    tonnes = np.array([figures[pk, "scope1_t"] + figures[pk, "scope2_location_t"] for pk, _, _ in standing])
    revenue = np.array([revenues.get((company, year)) or np.nan for _, company, year in standing]) * 7.0 / 31.0 / 1e4
    by_company = np.log(tonnes).reshape(-1, len(YEARS))
    intensity = by_company - np.log(revenue).reshape(-1, len(YEARS))
    slopes = [(column[:, -1] - column[:, 0]) / 2 for column in (by_company, intensity, intensity - by_company)]
    return float(sum(np.nansum(slope) for slope in slopes) + np.nansum(np.exp(intensity[:, -1]))) + targets + bars()


def bars() -> float:
    """The three distances of the candidates and their P, bare: twenty-five years of a grid, one margin, one ratio."""
    sold = Solution.objects.values_list("units_sold", "service_per_unit_year", "lca_t_per_unit")
    told = np.array(list(sold), dtype=np.float64).reshape(-1, 3)
    grid = np.maximum(0.53 - 0.0215 * np.arange(1, 26), 0.0).sum()
    u = told[:, 1] * grid - told[:, 2]
    z = np.array([np.log(np.maximum(u, 1e-9) / 8760.0) / 0.3, u * 1e-5, u * 1e-6])
    return float(np.nansum(np.prod(np.where(z >= 0, ndtr(z), 1.0), axis=0)))


def peak_mib() -> float:
    """The largest single process of this bench: this one, or a worker that has ended."""
    unit = 1024 if sys.platform == "darwin" else 1
    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return max(peaks) / 1024 / unit
