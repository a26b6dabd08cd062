"""Two companies that are alike, the fund that looks at both, and one person of each role."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Model
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fund.models import Candidate, ExclusionFlag, Holding, Note, Preview, ProjectFigures, RefusedRow, Scenario
from portfolio import audit, beijing, guards
from portfolio.models import (
    Activity,
    Appeal,
    Case,
    CheckedVersion,
    City,
    Company,
    CompanyTrack,
    ConflictOfInterest,
    Deadline,
    Declaration,
    Disclosure,
    Evidence,
    ExchangeRate,
    Financials,
    Finding,
    FormLink,
    GivenReason,
    Handling,
    Invitation,
    JoinDecision,
    JoinRequest,
    LocalFactor,
    Look,
    Mail,
    Membership,
    MonitoringPlan,
    Opinion,
    Person,
    Role,
    RoleChange,
    SheetUpload,
    Site,
    SiteYear,
    Substitution,
    Target,
    TrackDecision,
    Webhook,
)
from portfolio.typed.files import read_upload
from scoring.models import (
    BarSheet,
    FactorImport,
    FactorUse,
    ModelVersion,
    Restatement,
    RetiredMethod,
    Score,
    ScoreItem,
    ScoreRun,
)
from tests import make
from tests.conftest import ALL_GUARDS
from tests.portfolio.monitoring_plans.plans import approved, draft, source

ROLES = (
    "anonymous",
    "contributor",
    "submitter",
    "verifier",
    "independent_reviewer",
    "fund_manager",
    "committee_member",
    "admin",
    "superuser",
)
CAUTIOUS_YEAR = 2013  # which no request of the table opens
APPLICANTS = ("contributor", "submitter")
VERIFICATION_SIDE = ("verifier", "independent_reviewer")
FUND_SIDE = ("fund_manager", "committee_member", "admin", "superuser")
ADMINISTRATORS = ("admin", "superuser")
SIGNED_IN = ROLES[1:]


@dataclass
class Party:
    """A company and everything that hangs on it: disclosures and runs by state, one row of each other model.

    Each disclosure that was prepared here has a line with evidence of its own.
    """

    company: Company
    people: dict[str, User]
    disclosures: dict[str, Disclosure]
    evidence: dict[str, Evidence]
    factors: dict[str, LocalFactor]
    plans: dict[str, MonitoringPlan]
    sites: dict[str, Site]
    runs: dict[str, ScoreRun]
    rows: dict[str, Model]


@dataclass
class World:
    """`own` is the company of the contributor and the submitter; nobody among the nine belongs to `other`."""

    people: dict[str, User]
    shared: dict[str, Model]
    own: Party
    other: Party

    def party(self, whose: str) -> Party:
        return self.own if whose == "own" else self.other


class Cast:
    """The people of the house, the fund, and what belongs to no company."""

    def __init__(self) -> None:
        self.house: dict[str, User] = {
            "verifier": make.bob(),
            "independent_reviewer": make.user("henry", Role.INDEPENDENT_REVIEWER),
            "fund_manager": make.carol(),
            "committee_member": make.user("ivy", Role.COMMITTEE_MEMBER),
            "admin": make.erin(),
            "superuser": make.user("root", Role.ADMIN, is_superuser=True),
        }
        self.dan = make.dan()  # proposes
        self.gina = make.user("gina", Role.ADMIN)  # decided before
        self.fund = make.fund()
        mandate = make.mandate(fund=self.fund, valid_from="2025-01-01", min_cleared=2)
        city = City.objects.create(code="CN-50", name_zh="重庆", name_en="Chongqing", country="CHN", source="ISO")
        make.rate("CNY", 2024, 7.2)
        rows: tuple[Model, ...] = (
            self.fund,
            mandate,
            city,
            ExchangeRate.objects.all()[0],
            RetiredMethod.objects.create(version="demo-2", content="{}", digest="0" * 64),
            make.family(),
            _factor_import(),
            Scenario.keep("Dear carbon", "carbon_price=300", by=self.house["fund_manager"], is_shared=True),
            *_champion(),
            audit.AuditEvent.objects.order_by("seq")[0] if audit.AuditEvent.objects.exists() else _first_event(),
        )
        self.shared: dict[str, Model] = {row._meta.label_lower: row for row in rows}
        self.shared["candidate"] = _candidate()
        self.shared |= self._bar_sheets()
        self.city, self.mandate = city, mandate

    def wait_for_a_role(self) -> None:
        """Last, since the founding, by which all the others have their roles, is over with it."""
        change = RoleChange.propose(make.user("nora"), Role.VERIFIER, "joins us in May", by=self.dan)
        handled = Handling.objects.create(user=change.user, by=self.dan, what="created", until=timezone.now())
        signed_in = {"ip": "127.0.0.1", "session_key": "of-nobody", "user_agent": "Firefox"}
        session = UserSession.objects.create(user=change.user, **signed_in)
        self.shared |= {row._meta.label_lower: row for row in (change, handled, session)}

    def _bar_sheets(self) -> dict[str, Model]:
        """One of each state. Dan proposes, so that Erin may approve."""
        active = BarSheet.objects.get(version="1")
        made = {
            state: active.clone(by=self.dan, version=state, title=state) for state in ("draft", "proposed", "approved")
        }
        for sheet in made.values():  # what differs in nothing is not proposed
            sheet.theme_share = 0.6
            sheet.save(update_fields=["theme_share"])
        made["proposed"].propose(by=self.dan)
        made["approved"].propose(by=self.dan)
        made["approved"].approve(by=self.gina, digest=made["approved"].digest)
        sheets: dict[str, Model] = {f"{state}_sheet": one for state, one in {**made, "active": active}.items()}
        return sheets | {"scoring.barsheet": active, "scoring.sheetfamily": active.families.all()[0]}


def _factor_import() -> Model:
    facts = {"digest": "0" * 64, "imported_by": "dan", "added": 0, "superseded": 0, "changed": 0, "unchanged": 120}
    return FactorImport.objects.create(name="grid.csv", table="cn_electricity.csv", content="[]", **facts)


def _champion() -> tuple[Model, ...]:
    """The model that ships, its table and how it came into force."""
    champion = ModelVersion.objects.get(state=ModelVersion.State.CHAMPION)
    return champion, champion.training_set, champion.changes.get()


def _candidate() -> Model:
    """Another seed of it: as if it had been fitted."""
    made = ModelVersion.objects.get(state=ModelVersion.State.CHAMPION)
    made.pk, made.seed, made.state = None, 1, ModelVersion.State.CANDIDATE
    made.save(force_insert=True)
    return made


def _first_event() -> Model:
    return audit.append("system", "test.began", "test:1")


def company_of(cast: Cast, key: str, contributor: str, submitter: str, **facts: Any) -> Party:
    """A company with its two people, disclosures in each state, runs in each state, a decision and a proposal."""
    company = make.scoreable(key, **facts)
    people = {
        "contributor": make.user(contributor, company=company, kind="contributor"),
        "submitter": make.user(submitter, company=company, kind="submitter"),
    }
    company.tracks.create(track="power_decarbonisation", why="sells turbines", source="made for a test", licence="none")
    site = Site.objects.create(company=company, site_key="s", name="plant", city=cast.city, source="s", licence="l")
    sites = {"register": site, "kept": Site.add(company, by=people["submitter"], name="office", city=cast.city)}
    SiteYear.objects.create(site=site, year=2024, scope_1_t=5.0, source="s", licence="l")
    Candidate.of(cast.fund, company, by=cast.dan)  # else the score is a peer's
    score = make.score(company, timezone.localdate())
    decided = make.proposal(score, cast.dan, cast.fund)
    decision = decided.decide("approved", "I agree with it.", cast.gina, decided.content_sha256)
    waiting = make.proposal(score, cast.dan, cast.fund, conditions="a seat on the board")
    disclosures = _disclosures(company, people["submitter"], cast.house["verifier"])
    lines = Activity.objects.filter(disclosure__company=company).select_related("disclosure").with_citations()
    evidence = {line.disclosure.state: line.cited[0].evidence for line in lines if line.cited}
    factors = _factors(company, people["submitter"], cast.house["verifier"], evidence["verified"])
    plans = _plans(company, people["submitter"], cast.house["verifier"])
    rows: tuple[Model, ...] = (
        company,
        plans["verified"],
        score,
        score.run,
        waiting,
        waiting.candidate,
        decision,
        site,
        disclosures["recorded"],
        evidence["verified"],
        factors["verified"],
        people["contributor"],
        Person.objects.create(user=people["contributor"]),
        Membership.objects.get(user=people["contributor"]),
        Financials.objects.filter(company=company)[0],
        Target.objects.get(company=company),
        CompanyTrack.objects.get(company=company),
        make.gate_word(company),
        make.data_request(company, cast.house["fund_manager"]),
        Mail.objects.filter(company=company, kind=Mail.Kind.REQUEST)[0],
        *webhook(company, people["submitter"]),
        Finding.objects.get(disclosure=disclosures["verified"], kind="recommendation"),
        *_opinion(disclosures["verified"], people["submitter"]),
        Declaration.objects.get(step__disclosure=disclosures["verified"]),
        _sheet(disclosures["verified"], people["submitter"]),
        Deadline.objects.create(year=2024, company=company, due="2025-06-30"),
        Note.write(company, "met them in Chengdu", by=cast.house["fund_manager"]),
        *_knocking(company, disclosures, people["submitter"]),
    )
    rows += _shown(disclosures["verified"], score, people["submitter"])
    rows += _desk(disclosures["verified"])
    rows += (*_judged(company, disclosures["verified"], people["submitter"], cast.dan),)
    _left_open(company, cast)
    rows += (*_restated(disclosures["verified"]), *_token(people["contributor"]), *_held(company, cast))
    by_label = {row._meta.label_lower: row for row in rows}
    return Party(company, people, disclosures, evidence, factors, plans, sites, _runs(company, score.run), by_label)


def _desk(disclosure: Disclosure) -> tuple[Model, ...]:
    """A case with a look at a point, and somebody who keeps away."""
    away = make.user(f"away-{disclosure.company.company_key}")
    return (
        Case.objects.create(disclosure=disclosure),
        disclosure.looks.get(),
        ConflictOfInterest.objects.create(company=disclosure.company, by=away, reason="holds shares of it"),
    )


def _sheet(disclosure: Disclosure, submitter: User) -> SheetUpload:
    """A file that was handed in while it was a draft."""
    facts = {"name": "year.csv", "kind": "csv", "size_bytes": 5, "sha256": "0" * 64, "content": b"a,b,c"}
    return SheetUpload.objects.create(disclosure=disclosure, uploaded_by=submitter, state="imported", **facts)


def _shown(disclosure: Disclosure, score: Score, submitter: User) -> tuple[Model, ...]:
    """What it came to, as the company sees it, and what it disputes."""
    last = beijing.add_working_days(beijing.today(), 10)
    facts = {"due": last.day, "is_by_calendar": last.is_by_calendar}
    preview = Preview.objects.create(disclosure=disclosure, score=score, **facts)
    words = "the report says otherwise"
    return preview, preview.dispute("bar.o", words, by=submitter, digest=score.digest)


def _held(company: Company, cast: Cast) -> tuple[Model, ...]:
    """A project of the company's and shares in it that the fund holds, with all that is entered about them."""
    by = {"entered_by": cast.house["admin"], "source": "made for a test"}
    project = make.holding(cast.fund, company, key=f"{company.company_key}-p", asset_class="project_finance")
    shares = make.holding(cast.fund, company)
    make.position(project, 70_000.0)
    return (
        shares,
        make.position(shares, 50_000.0, **by),
        make.prices(company, evic=1e9, shares_total=1e6, **by),
        ProjectFigures.objects.create(holding=project, as_of="2025-06-30", total_equity=1e6, total_debt=1e6, **by),
        ExclusionFlag.objects.create(company=company, as_of="2025-06-30", exclusion="tobacco", applies=False, **by),
    )


def _knocking(company: Company, disclosures: dict[str, Disclosure], submitter: User) -> tuple[Model, ...]:
    """Somebody who asks to join, a colleague who is invited, and a form that is out by a link."""
    Company.objects.filter(pk=company.pk).update(uscc=USCC[company.company_key])
    key = company.company_key
    asked = JoinRequest.ask(make.user(f"asks-{key}"), uscc=USCC[key], company_name="a company")
    invitation, _token = Invitation.invite(company, f"guest@{key}.example", "contributor", by=submitter)
    link, _token = FormLink.make(disclosures["draft"], 1, f"gate@{key}.example", by=submitter)
    link.disclosure = disclosures["verified"]  # as of a year that was handed in since: the house may read it
    link.save(update_fields=["disclosure"])
    return asked, invitation, link


USCC = {"demo-alpha": "91110000100000000R", "demo-beta": "91310000MA1FL0000N"}


def _left_open(company: Company, cast: Cast) -> None:
    """A holding whose issuer nobody knows, and a row that was refused."""
    key = f"{company.company_key}-unknown"
    facts = {"matched_by": "", "issuer_name": "Zzyzx", "asset_class": "listed_equity", "instrument": "shares"}
    unknown = Holding.objects.create(fund=cast.fund, holding_key=key, **facts)
    make.position(unknown, 1_000.0)
    refused = {"line": 3, "holding_key": f"{key}-2", "as_of": "2025-06-30", "currency": "CNY", "amount": 5.0}
    RefusedRow.objects.create(fund=cast.fund, file="book.csv", digest=key, **refused)


def _judged(company: Company, disclosure: Disclosure, submitter: User, manager: User) -> tuple[Model, ...]:
    """What the rules said of a disclosure, why a figure jumped, and a decision about a track."""
    given = {"code": "jump", "quantity": "scope1_t", "parameters": {"ratio": 3.0}, "reason": "boundary"}
    reason = GivenReason.objects.create(
        disclosure=disclosure, digest=disclosure.digest, words="a plant was sold", by=submitter, **given
    )
    about = {"company": company, "track": "energy_efficiency", "why": "pumps", "source": "s", "licence": "l"}
    decision = TrackDecision.objects.create(outcome="rejected", reason="sells none", by=manager, **about)
    join = make.join(company, source="another register")
    said = JoinDecision.objects.create(join=join, outcome="confirmed", by=manager, entity_name="S", method="name")
    return CheckedVersion.objects.get(disclosure=disclosure), reason, decision, said


def webhook(company: Company, submitter: User) -> tuple[Model, ...]:
    hook, _secret = Webhook.register(company, "https://erp.example.com/", ["upload.read"], by=submitter)
    return hook, hook.tell("webhook.test", "{}")


def _token(user: User) -> tuple[Model, ...]:
    """A token for the API, where there is one."""
    if not apps.is_installed("rest_framework"):
        return ()
    until = timezone.now() + timedelta(days=30)
    token, _text = apps.get_model("portfolio.ApiToken").issue(user, name="import", scopes=[], expires_at=until)
    return (token,)


def _disclosures(company: Company, submitter: User, verifier: User) -> dict[str, Disclosure]:
    """One of each state, each of its own year; `recorded` is of scoreable()."""
    State = Disclosure.State
    made = {"recorded": Disclosure.objects.get(company=company, year=2024)}
    for year, state in ((2016, State.DRAFT), (2017, State.SUBMITTED), (2018, State.RETURNED), (2019, State.VERIFIED)):
        asks = "all sites, TBD"  # so that there is a check to be seen
        disclosure = make.disclosure(company, year, state=State.DRAFT, created_by=submitter, boundary=asks)
        disclosure.log(submitter, "opened", comment="")
        _line(disclosure, submitter)
        make.solution(disclosure)
        if state != State.DRAFT:
            disclosure.submit(by=submitter)
        if state in (State.RETURNED, State.VERIFIED):
            _advice(disclosure, submitter, verifier)
        if state == State.RETURNED:
            disclosure.return_for_correction(by=verifier, reason="page 3 says otherwise", everything=True)
        if state == State.VERIFIED:
            Look.objects.create(
                disclosure=disclosure, digest=disclosure.digest, point="scope1_t", verdict="agreed", by=verifier
            )
            make.verify(disclosure, verifier)
        disclosure.refresh_from_db()
        made[state] = disclosure
    _cautious(company, submitter, verifier)
    return made


def _cautious(company: Company, submitter: User, verifier: User) -> None:
    """A year of which a figure is substituted; nothing is learned from it."""
    disclosure = make.disclosure(company, CAUTIOUS_YEAR, state=Disclosure.State.DRAFT, created_by=submitter)
    disclosure.log(submitter, "opened", comment="")
    disclosure.submit(by=submitter)
    make.substitution(disclosure, verifier)
    make.verify(disclosure, verifier, kind="modified")


def _opinion(disclosure: Disclosure, submitter: User) -> tuple[Model, ...]:
    """What was issued on it, with an appeal that was taken back, so that another can be made."""
    opinion = Opinion.objects.get(disclosure=disclosure)
    appeal = Appeal.make(opinion, "page 3 was not read", by=submitter)
    appeal.take_back(by=submitter)
    return opinion, appeal, Substitution.objects.get(disclosure__company=disclosure.company)


def _advice(disclosure: Disclosure, submitter: User, verifier: User) -> None:
    """What a verifier recommends, with an answer; and what colleagues say to each other."""
    about = {"point": "scope1_t", "words": "who knows the page?"}
    Finding.raise_on(disclosure, by=verifier, kind="recommendation", **about).say("we will", by=submitter)
    Finding.raise_on(disclosure, by=submitter, kind="comment", **about)


def _line(disclosure: Disclosure, submitter: User) -> None:
    """A bill, and what was bought by it."""
    content = f"%PDF-1.7 {disclosure}".encode()
    bill = Evidence.keep(read_upload(f"bill-{disclosure.year}.pdf", content), company=disclosure.company, by=submitter)
    bought = {"typed_amount": "5", "typed_unit": "MWh", "amount": 5000.0, "unit": "kWh"}
    line = Activity(kind="electricity", place="CN-SC", note="from the bill", **bought)
    disclosure.add_activity(make.citing(line, bill), by=submitter, edition=disclosure.edition)


def _plans(company: Company, submitter: User, verifier: User) -> dict[str, MonitoringPlan]:
    """One that is in force, and its change that waits."""
    first = approved(company, submitter, verifier, valid_from=2016)
    second = draft(company, submitter, source(meter="12"))
    second.submit(by=submitter)
    return {"verified": first, "submitted": second}


def _factors(company: Company, submitter: User, verifier: User, evidence: Evidence) -> dict[str, LocalFactor]:
    """A factor of each state for the company's own ledger."""
    content = {"kind": "heat", "region": "CN-SC", "purpose": "reporting_default", "gas": "CO2", "unit": "GJ"}
    content |= {"publisher": "the utility", "published": "2020-01-31", "document": "report, p. 3"}
    made: dict[str, LocalFactor] = {}
    State = LocalFactor.State
    for year, state in ((2016, State.DRAFT), (2017, State.SUBMITTED), (2018, State.RETURNED), (2019, State.VERIFIED)):
        facts: dict[str, Any] = {**content, "data_year": year, "value": 88.0, "company": company}
        factor = LocalFactor.start(company, by=submitter, evidence=evidence, **facts)
        factor.refresh_from_db()
        if state != State.DRAFT:
            factor.submit(by=submitter)
        if state == State.RETURNED:
            factor.return_for_correction(by=verifier, reason="page 3 says otherwise", digest=factor.digest)
        if state == State.VERIFIED:
            factor.verify(by=verifier, digest=factor.digest)
        made[state] = factor
    return made


def _restated(disclosure: Disclosure) -> tuple[Model, ...]:
    """What was verified, what newer factors would make of it, and the proposal that waits."""
    before = make.calculation(disclosure)
    after = make.calculation(disclosure, occasion="recalculated", digest="2" * 64, scope_2_location_t=6.0)
    FactorUse.objects.create(calculation=after, factor_id="cn-grid/CN/2022/inventory_average/CO2/MEE-NBS", lines=3)
    change = {"total": "scope_2_location", "before_t": 5.0, "after_t": 6.0, "percent": 20.0}
    found = {"disclosure": disclosure, "before": before, "after": after, "percent": 20.0}
    return after, Restatement.objects.create(changes=[change], factors=[], **found)


def _runs(company: Company, done: ScoreRun) -> dict[str, ScoreRun]:
    item = done.items.get()
    made = {"done": done}
    states = (("running", ScoreItem.State.TODO, ""), ("partial", ScoreItem.State.FAILED, "ValueError: not a number"))
    for state, item_state, error in states:
        run = ScoreRun.objects.create(
            key=f"{company.company_key}-{state}",
            title=f"{company.company_key} {state}",
            bar_sheet=done.bar_sheet,
            as_of=done.as_of,
            engine_version=done.engine_version,
            state=state,
            started_at=Now(),
            finished_at=None if state == "running" else Now(),
        )
        ScoreItem.objects.create(
            run=run,
            company=company,
            inputs=item.inputs,
            inputs_sha256=item.inputs_sha256,
            state=item_state,
            error=error,
        )
        made[state] = run
    return made


def make_world() -> World:
    cast = Cast()
    own = company_of(cast, "demo-alpha", "frank", "alice")
    other = other_company(cast)
    cast.wait_for_a_role()
    return World(cast.house | own.people, cast.shared, own, other)


def other_company(cast: Cast) -> Party:
    """The company of strangers."""
    return company_of(cast, "demo-beta", "judy", "mallory", name_zh="渝光电机", name_en="Yuguang Motors")


def signed_in(user: User | None, *, language: str = "en", enforce_csrf_checks: bool = False) -> Client:
    """Through the log-in page, so that the session is as fresh as a person's."""
    client = Client(raise_request_exception=False)
    client.cookies["django_language"] = language
    if user:
        answer = client.post(reverse("account_login"), {"login": user.get_username(), "password": make.PASSWORD})
        assert answer.status_code == 302, f"{user} could not log in"
        client.session.save()
    client.handler.enforce_csrf_checks = enforce_csrf_checks
    return client


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def guards_lifted() -> Iterator[None]:
    """Inside, rows are changed as nobody may.

    On SQLite triggers are switched off for the connection: if they were dropped, whatever is rolled back from there
    on, each request of thousands, would make it read its whole schema again.
    """
    switch = getattr(connection.connection, "setconfig", None)  # of sqlite3, from Python 3.12 on
    if switch is None:
        guards.remove(connection, ALL_GUARDS)
        yield
        guards.install(connection, ALL_GUARDS)
        return
    switch(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, False)
    try:
        yield
    finally:
        switch(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, True)


NEXT_NUMBER = 900_000


@contextmanager
def numbers_put_back() -> Iterator[None]:
    """Give sequences back what renumber() took. SQLite's are rows, and are rolled back with the others."""
    if connection.vendor == "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
        before = cursor.fetchall()
        yield
        cursor.executemany(
            "SELECT setval(quote_ident(%s), coalesce(%s, 1), %s)", [(n, v, v is not None) for n, v in before]
        )


def renumber() -> None:
    """From here on new rows are numbered alike, whatever was made before.

    Numbers are dealt in one row to all: without this, the address of what a request makes would depend on how much
    others have made. Call inside undone().
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("UPDATE sqlite_sequence SET seq = %s", [NEXT_NUMBER])
            cursor.execute(
                "INSERT INTO sqlite_sequence (name, seq) SELECT name, %s FROM sqlite_master WHERE type = 'table'"
                " AND sql LIKE '%%AUTOINCREMENT%%' AND name NOT IN (SELECT name FROM sqlite_sequence)",
                [NEXT_NUMBER],
            )
        else:
            cursor.execute(
                "SELECT setval(quote_ident(sequencename), %s) FROM pg_sequences WHERE schemaname = 'public'",
                [NEXT_NUMBER],
            )
