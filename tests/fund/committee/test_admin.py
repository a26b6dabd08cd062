"""The admin: default deny for every page and role, no deletion, constant queries, strict pages."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from fund.models import Candidate, Decision, Mandate, Note, Preview, Proposal, ThemeFund
from fund.models.holding import ExclusionFlag, ProjectFigures
from portfolio import audit, guards
from portfolio.models import (
    ApiToken,
    Appeal,
    AuditEvent,
    CheckedVersion,
    City,
    Company,
    CompanyTrack,
    ConflictOfInterest,
    Deadline,
    Declaration,
    Financials,
    Finding,
    FormLink,
    GateWord,
    GivenReason,
    Handling,
    Invitation,
    JoinDecision,
    JoinRequest,
    Look,
    Mail,
    Person,
    Role,
    RoleChange,
    SheetUpload,
    Site,
    Target,
    TechnologyFamily,
    TrackDecision,
)
from portfolio.models.disclosure import Disclosure
from scoring.engine import canonical_json
from scoring.models import (
    BarSheet,
    FactorImport,
    ModelChange,
    ModelVersion,
    Restatement,
    RetiredMethod,
    Score,
    ScoreRun,
    SheetFamily,
)
from tests import make
from tests.fund.committee import made
from tests.portfolio.local_factors.test_local_factors import verified as verified_factor
from tests.portfolio.monitoring_plans.plans import approved
from tests.roles.world import webhook

pytestmark = pytest.mark.django_db

PAGES = {model._meta.label: page for model, page in admin.site._registry.items()}
# What an administrator may do beyond looking. Everyone else may do nothing; nobody may delete.
MAY_ADD = {
    "auth.User",
    "fund.Candidate",
    "fund.ExclusionFlag",
    "fund.Holding",
    "fund.Mandate",
    "fund.Position",
    "fund.PriceInputs",
    "fund.ProjectFigures",
    "fund.ThemeFund",
    "portfolio.City",
    "portfolio.Company",
    "portfolio.CompanyTrack",
    "portfolio.Deadline",
    "portfolio.ExchangeRate",
    "portfolio.Financials",
    "portfolio.Membership",
    "portfolio.Person",
    "portfolio.RoleChange",
    "portfolio.Target",
    "portfolio.TechnologyFamily",
    "scoring.SheetFamily",
}
USCC = "91110000100000000R"
NO_ROWS = {"added": 0, "superseded": 0, "changed": 0, "unchanged": 0}
# An entry is corrected by a new one.
ENTRIES = {"fund.ExclusionFlag", "fund.Position", "fund.PriceInputs", "fund.ProjectFigures"}
# Those of this world are from files; what is entered by hand may be changed (tests/portfolio/test_facts_by_hand.py).
FROM_FILES = {"portfolio.CompanyTrack", "portfolio.Financials", "portfolio.Target"}
MAY_CHANGE = (MAY_ADD | {"scoring.BarSheet"}) - {"fund.Candidate", "portfolio.RoleChange"} - ENTRIES - FROM_FILES
PEOPLE: dict[str, Callable[[], User | None]] = {
    "anonymous": lambda: None,
    "applicant": lambda: make.user("frank", company=Company.objects.first(), kind="contributor"),
    "verifier": make.bob,
    "independent_reviewer": lambda: make.user("henry", Role.INDEPENDENT_REVIEWER),
    "fund_manager": make.carol,
    "committee_member": lambda: make.user("ivy", Role.COMMITTEE_MEMBER),
    "admin": make.erin,
    "superuser": lambda: make.user("root", Role.ADMIN, is_superuser=True),
    "staff_without_role": lambda: make.user("jack", is_staff=True),
}
ADMINISTRATORS = ("admin", "superuser")


def signed_in(user: User | None) -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    if user:
        client.force_login(user)
    return client


def address(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def world() -> dict[str, Model]:
    """One row of every model that the admin shows."""
    company = make.scoreable()
    score, fund, dan = made.score(company, made.result()), make.fund(), make.dan()
    mandate = make.mandate(fund=fund, valid_from="2025-01-01", min_cleared=2)
    proposal = make.proposal(score, dan, fund)
    decision = proposal.decide("approved", made.REASON, make.user("gina", Role.ADMIN), proposal.content_sha256)
    city = City.objects.create(code="CN-50", name_zh="重庆", name_en="Chongqing", country="CHN", source="ISO 3166-2")
    factor = verified_factor(company, make.user("wendy", company=company), make.user("victor", Role.VERIFIER))
    assert factor.evidence
    hugo = make.user("hugo", Role.ADMIN)
    shares = make.holding(fund, company)
    checked = CheckedVersion.objects.create(
        disclosure=Disclosure.objects.all()[0], digest="0" * 64, basis_digest="0" * 64, rules="1"
    )
    opinion = {"track": "power_decarbonisation", "why": "w", "source": "s", "licence": "l"}
    entry: dict[str, Any] = {"as_of": "2025-06-30", "source": "s"}
    champion = ModelVersion.champion()
    assert champion
    now = timezone.now()
    tonnes = make.calculation(make.disclosure(company, 2019))
    rows: list[Model] = [
        company,
        factor,
        factor.evidence,
        tonnes,
        Restatement.objects.create(disclosure=tonnes.disclosure, before=tonnes, after=tonnes, changes=[], factors=[]),
        FactorImport.objects.create(
            name="grid.csv", table="cn_electricity.csv", content="[]", digest="0" * 64, imported_by="dan", **NO_ROWS
        ),
        score,
        score.run,
        RetiredMethod.objects.create(version="demo-2", content="{}", digest="0" * 64),
        _draft_sheet(),
        TechnologyFamily.objects.all()[0],
        GateWord.confirm(company, "exclusion", "no", "Read its list of customers, page 3.", by=hugo),
        SheetFamily.objects.filter(sheet__state="draft")[0],
        fund,
        mandate,
        proposal,
        proposal.candidate,
        Note.objects.create(company=company, text="met them", by=hugo),
        make.data_request(company, hugo, (2025, "ebit_cny")),
        decision,
        city,
        dan,
        Person.objects.get(user=dan),
        RoleChange.objects.get(user=dan),
        UserSession.objects.create(user=dan, ip="127.0.0.1", session_key="of-nobody", user_agent="Firefox"),
        Handling.objects.create(user=dan, by=hugo, what="created", until=timezone.now()),
        Disclosure.objects.all()[0],
        Financials.objects.all()[0],
        Target.objects.all()[0],
        AuditEvent.objects.all()[0],
        ApiToken.issue(dan, name="test", scopes=["scores:read"], expires_at=timezone.now())[0],
        make.rate("CNY", 2024, 7.2),
        *_of_applicants(company, score),
        *_of_verification(company),
        CompanyTrack.objects.create(company=company, **opinion),
        TrackDecision.objects.create(company=company, outcome="confirmed", by=dan, **opinion),
        JoinDecision.objects.create(
            join=make.join(company, source="s"), outcome="confirmed", by=dan, entity_name="Shu Guang", method="name"
        ),
        checked,
        GivenReason.objects.create(
            disclosure=checked.disclosure,
            digest="0" * 64,
            code="jump",
            quantity="scope1_t",
            reason="boundary",
            words="w",
            by=dan,
        ),
        champion.training_set,
        champion,
        ModelChange.objects.create(kind="promotion", model=champion, statistics_json="{}", reason="r", proposed_by=dan),
        shares,
        make.position(shares, 1e6),
        make.prices(company),
        ProjectFigures.objects.create(holding=shares, **entry),
        Deadline.objects.create(year=2025, due="2026-12-18"),
        Mail.objects.create(key="k", kind="test", user=dan, language="en", subject="s", body="b", not_before=now),
        ExclusionFlag.objects.create(company=company, exclusion="tobacco", applies=False, **entry),
        Site.objects.create(company=company, site_key="s", name="plant", city=city, source="s", licence="l"),
    ]
    return {row._meta.label: row for row in rows}


def _of_applicants(company: Company, score: Score) -> tuple[Model, ...]:
    """Who works for the company, who asks to, what verifiers found, what it disputes, and a form that is out."""
    alice, found = make.alice(company), Disclosure.objects.all()[0]
    Company.objects.filter(pk=company.pk).update(uscc=USCC)
    draft = make.disclosure(company, 2018, state=Disclosure.State.DRAFT)
    signed = make.disclosure(company, 2017, state=Disclosure.State.DRAFT)
    signed.submit(by=alice)
    Disclosure.objects.filter(pk=signed.pk).update(state=Disclosure.State.RECORDED, frozen_at=Now())
    file = {
        "name": "ledger.xlsx",
        "kind": "xlsx",
        "size_bytes": 1,
        "sha256": "0" * 64,
        "content": b"",
        "language": "en",
    }
    link, _token = FormLink.make(draft, 1, "gate@example.org", by=alice)
    FormLink.objects.filter(pk=link.pk).update(disclosure=found)  # a draft's is the company's own
    preview = Preview.objects.create(disclosure=found, score=score, due="2026-12-18", is_by_calendar=True)
    asked = {"point": "scope1_t", "kind": "question", "words": "which meter?", "due": "2026-12-18"}
    return (
        alice.memberships.get(),
        JoinRequest.ask(make.user("asks"), uscc=USCC, company_name="a company"),
        Invitation.invite(company, "guest@example.org", "contributor", by=alice)[0],
        link,
        SheetUpload.objects.create(disclosure=found, uploaded_by=alice, state="imported", **file),
        Declaration.objects.get(step__disclosure=signed),
        Finding.objects.create(disclosure=found, raised_by=User.objects.get(username="victor"), **asked),
        preview,
        preview.dispute("bar.o", "the report says otherwise", by=alice, digest=score.digest),
    )


def _of_verification(company: Company) -> tuple[Model, ...]:
    """A year from its look to the appeal against its opinion, what is told of it to a program, and a plan."""
    alice, victor = User.objects.get(username="alice"), User.objects.get(username="victor")
    year = make.disclosure(company, 2016, state=Disclosure.State.DRAFT, created_by=alice)
    year.submit(by=alice)
    Look.note(year, "scope1_t", Look.Verdict.AGREED, by=victor, digest=year.digest)
    cautious = make.substitution(year, victor)
    opinion = make.verify(year, victor, kind="modified")
    return (
        year.case,
        year.looks.get(),
        ConflictOfInterest.objects.create(company=company, by=make.user("away"), reason="holds shares of it"),
        cautious,
        opinion,
        Appeal.make(opinion, "page 3 was not read", by=alice),
        *webhook(company, alice),
        approved(company, alice, victor),
    )


def _draft_sheet() -> BarSheet:
    sheet = made.in_force()
    return BarSheet.make(replace(sheet.engine(), version="2"), {}, title="second")


# --- who may what ----------------------------------------------------------------------------------------
def test_the_world_of_these_tests_has_every_page(world: dict[str, Model]) -> None:
    assert set(world) == set(PAGES)


@pytest.mark.slow
@pytest.mark.usefixtures("templates_are_not_kept", "bare_refusals")
@pytest.mark.parametrize("person", PEOPLE)
def test_every_page_answers_each_role_as_it_should(world: dict[str, Model], person: str) -> None:
    client = signed_in(PEOPLE[person]())
    wrong = []
    for label, page in PAGES.items():
        model, row = page.model, world[label]
        answers = {
            "list": client.get(address(model, "changelist")).status_code,
            "change": client.get(address(model, "change", row.pk)).status_code,
            "add": client.get(address(model, "add")).status_code,
            "save": client.post(address(model, "change", row.pk), {}).status_code,
            "delete": client.get(address(model, "delete", row.pk)).status_code,
            "delete by post": client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code,
        }
        if answers != expected(label, person):
            wrong.append((label, answers, expected(label, person)))
    assert not wrong


def expected(label: str, person: str) -> dict[str, int]:
    names = ("list", "change", "add", "save", "delete", "delete by post")
    if person == "anonymous":
        return dict.fromkeys(names, 302)
    if person not in ADMINISTRATORS:
        return dict.fromkeys(names, 403)
    is_open = label in MAY_CHANGE and label != "fund.Mandate"  # the mandate of this world is used
    add = 200 if label in MAY_ADD else 403
    save = 403 if not is_open else 302 if label == "portfolio.Person" else 200  # a person may have no role
    return {"list": 200, "change": 200, "add": add, "save": save, "delete": 403, "delete by post": 403}


@pytest.mark.parametrize("person", PEOPLE)
def test_the_other_pages_of_the_site_answer_each_role(world: dict[str, Model], person: str) -> None:
    client = signed_in(PEOPLE[person]())
    refused = 302 if person == "anonymous" else 403
    is_admin = person in ADMINISTRATORS
    assert client.get(reverse("admin:index")).status_code == (200 if is_admin else refused)
    for app in ("portfolio", "scoring", "fund", "auth"):
        assert client.get(reverse("admin:app_list", args=[app])).status_code == (200 if is_admin else refused)
    assert client.post(reverse("admin:portfolio_auditevent_verify")).status_code == (302 if is_admin else refused)
    decide = client.post(reverse("admin:fund_proposal_decide", args=[world["fund.Proposal"].pk]), {})
    assert decide.status_code == (409 if is_admin else refused)
    for label in ("portfolio.Company", "fund.Mandate", "fund.ThemeFund"):
        history = client.get(address(PAGES[label].model, "history", world[label].pk))
        assert history.status_code == (200 if is_admin else refused)


def test_nobody_deletes_and_every_action_names_its_permission(world: dict[str, Model]) -> None:
    root = PEOPLE["superuser"]()
    request: Any = type("Request", (), {"user": root, "GET": {}})()
    for label, page in PAGES.items():
        assert not page.has_delete_permission(request), label
        assert not page.has_delete_permission(request, world[label]), label
        for inline in page.inlines:
            assert not inline(page.model, admin.site).has_delete_permission(request), (label, inline)
        for action, name, _description in page._get_base_actions():
            if name == "delete_selected":
                assert name not in page.get_actions(request), label
            else:
                assert getattr(action, "allowed_permissions", None), (label, name)


def test_an_action_posted_by_somebody_without_the_permission_does_nothing(world: dict[str, Model]) -> None:
    track = world["portfolio.CompanyTrack"]
    form = {"action": "confirm", "_selected_action": [track.pk]}
    signed_in(make.carol()).post(address(CompanyTrack, "changelist"), form)
    track.refresh_from_db()
    assert not track.is_confirmed  # type: ignore[attr-defined]


def test_deleting_by_action_is_not_offered(world: dict[str, Model]) -> None:
    form = {"action": "delete_selected", "_selected_action": [world["portfolio.Company"].pk], "post": "yes"}
    signed_in(make.erin()).post(address(Company, "changelist"), form)
    assert Company.objects.count() == 1


def test_pages_of_other_packages_are_not_registered() -> None:
    assert {model._meta.app_label for model in admin.site._registry} == {
        *("auth", "portfolio", "scoring", "fund"),
        "usersessions",  # whose list ends sessions
    }
    assert "auth.Group" not in PAGES


# --- the door --------------------------------------------------------------------------------------------
def test_a_stranger_is_sent_to_the_one_login_and_back() -> None:
    dan, client = make.dan(), Client()
    answer = client.get(reverse("admin:fund_proposal_changelist"), follow=True)
    where = answer.redirect_chain[-1][0]
    assert where.startswith(reverse("account_login"))
    signed = client.post(where, {"login": dan.username, "password": make.PASSWORD})
    assert signed.headers["Location"] == reverse("admin:fund_proposal_changelist")
    assert client.get(signed.headers["Location"]).status_code == 200


def test_the_admin_has_no_login_form_of_its_own() -> None:
    dan, client = make.dan(), Client()
    answer = client.post(reverse("admin:login"), {"username": dan.username, "password": make.PASSWORD})
    assert answer.status_code == 302
    assert "_auth_user_id" not in client.session


def test_login_does_not_send_people_to_other_sites() -> None:
    answer = signed_in(make.dan()).get(reverse("admin:login") + "?next=https://elsewhere.example/")
    assert answer.headers["Location"] == reverse("admin:index")


def test_somebody_else_is_refused_in_words_without_a_loop() -> None:
    client = signed_in(make.carol())
    for url in (reverse("admin:index"), reverse("admin:login")):
        answer = client.get(url)
        assert answer.status_code == 403
        assert "administrators" in answer.content.decode()


# --- what happens on the pages ---------------------------------------------------------------------------
def test_confirming_tracks_writes_who_and_when_row_by_row(world: dict[str, Model]) -> None:
    second = CompanyTrack.objects.create(
        company=Company.objects.get(), track="energy_efficiency", why="w", source="s", licence="l"
    )
    first, erin = world["portfolio.CompanyTrack"], make.erin()
    form = {"action": "confirm", "_selected_action": [first.pk, second.pk]}
    before = AuditEvent.objects.filter(verb="track.confirmed").count()
    client = signed_in(erin)
    client.post(address(CompanyTrack, "changelist"), form)
    client.post(address(CompanyTrack, "changelist"), form)  # a second time changes nothing
    assert set(CompanyTrack.objects.values_list("confirmed_by__username", flat=True)) == {"erin"}
    assert AuditEvent.objects.filter(verb="track.confirmed").count() == before + 2


def test_what_an_administrator_changes_is_in_the_log_without_values(world: dict[str, Model]) -> None:
    city = world["portfolio.City"]
    form = {"code": "CN-50", "name_zh": "重庆市", "name_en": "Canary", "country": "CHN", "source": "ISO 3166-2"}
    assert signed_in(make.erin()).post(address(City, "change", city.pk), form).status_code == 302
    event = AuditEvent.objects.order_by("-seq")[0]
    assert (event.actor, event.verb, event.object) == ("erin", "admin.city.changed", f"city:{city.pk}")
    assert "Canary" not in event.detail


def test_a_companys_history_names_who_changed_it(world: dict[str, Model]) -> None:
    company: Any = world["portfolio.Company"]
    client = signed_in(make.erin())
    page = client.get(address(Company, "change", company.pk))
    form = {k: v for k, v in page.context["adminform"].form.initial.items() if v is not None}
    form |= {"name_en": "Renamed", "tracks-TOTAL_FORMS": "0", "tracks-INITIAL_FORMS": "0"}
    assert client.post(address(Company, "change", company.pk), form).status_code == 302
    history = client.get(address(Company, "history", company.pk)).content.decode()
    assert "Renamed" in history
    assert "erin" in history
    assert Company.objects.get().company_key == company.company_key


def test_a_candidate_added_here_is_opened_by_the_same_verb(world: dict[str, Model]) -> None:
    other = make.company("demo-beta")
    form = {"fund": world["fund.ThemeFund"].pk, "company": other.pk}
    assert signed_in(make.erin()).post(address(Candidate, "add"), form).status_code == 302
    assert Candidate.objects.get(company=other).stage == "screening"
    assert AuditEvent.objects.filter(verb="candidate.opened").count() == 2


def test_runs_are_cancelled_and_refusals_are_told(world: dict[str, Model]) -> None:
    run = world["scoring.ScoreRun"]
    form = {"action": "cancel", "_selected_action": [run.pk]}
    answer = signed_in(make.erin()).post(address(ScoreRun, "changelist"), form, follow=True)
    assert "nothing to cancel" in answer.content.decode()


def test_the_chain_is_verified_by_a_button(world: dict[str, Model]) -> None:
    client = signed_in(make.erin())
    url = reverse("admin:portfolio_auditevent_verify")
    assert "verifies" in client.post(url, follow=True).content.decode()
    assert client.get(url).status_code == 405
    guards.remove(connection)
    AuditEvent.objects.filter(seq=2).update(actor="mallory")
    guards.install(connection)
    assert "broken at event 2" in client.post(url, follow=True).content.decode()


@pytest.mark.slow
def test_no_get_writes_anything(world: dict[str, Model]) -> None:
    client = signed_in(make.erin())
    before = AuditEvent.objects.count()
    for label, page in PAGES.items():
        client.get(address(page.model, "changelist"))
        client.get(address(page.model, "change", world[label].pk))
    assert AuditEvent.objects.count() == before


# --- how pages look --------------------------------------------------------------------------------------
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:")


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_page_has_inline_script_or_style(world: dict[str, Model], language: str) -> None:
    client = signed_in(make.erin())
    client.cookies["django_language"] = language
    urls = [address(page.model, "changelist") for page in PAGES.values()]
    urls += [address(page.model, "change", world[label].pk) for label, page in PAGES.items()]
    urls += [address(PAGES[label].model, "add") for label in sorted(MAY_ADD)]
    urls += [address(PAGES[label].model, "history", row.pk) for label, row in world.items()]
    wrong = [(url, found.group()) for url in urls if (found := INLINE.search(text(client, url)))]
    assert not wrong


def text(client: Client, url: str) -> str:
    """The page without JSON blocks, which no browser runs."""
    return re.sub(r'<script id="[^"]*" type="application/json">.*?</script>', "", client.get(url).content.decode())


def test_years_are_not_grouped_like_quantities(world: dict[str, Model]) -> None:
    client = signed_in(make.erin())
    for model in (Disclosure, Financials, Target, Score, Mandate):
        assert not re.search(r"\b[12],\d{3}\b(?!,)", text(client, address(model, "changelist"))), model


def test_an_empty_list_says_what_makes_rows() -> None:
    client = signed_in(make.erin())
    for label, page in PAGES.items():
        if not page.model._default_manager.exists():
            shown = html.unescape(client.get(address(page.model, "changelist")).content.decode())
            assert page.empty_text, label  # type: ignore[attr-defined]
            assert str(page.empty_text) in shown, label  # type: ignore[attr-defined]


# --- constant in rows ------------------------------------------------------------------------------------
def companies(n: int, start: int) -> Iterator[Company]:
    for number in range(start, start + n):
        yield make.company(f"demo-{number:03}")


def more_rows(n: int, start: int, dan: User, erin: User, fund: ThemeFund) -> None:
    """n more rows of the main lists; those with rules of their own are made the way people make them."""
    run = ScoreRun.objects.get_or_create(
        key="k", defaults={"title": "t", "bar_sheet": made.in_force(), "as_of": "2025-06-30"}
    )[0]
    for company in companies(n, start):
        make.disclosure(company)
        make.financials(company)
        make.target(company)
        CompanyTrack.objects.create(
            company=company, track="power_decarbonisation", why="w", source="s", licence="l",
            confirmed_by=dan, confirmed_at=Now(),
        )  # fmt: skip
        said = made.record(company, made.result(), run.bar_sheet, date(2025, 6, 30))
        score = Score.objects.create(
            run=run, company=company, kind="candidate", record_json=canonical_json(said), digest="d"
        )
        proposal = make.proposal(score, dan, fund)
        proposal.decide("approved", made.REASON, erin, proposal.content_sha256)


MAIN_LISTS = [
    Company,
    CompanyTrack,
    Disclosure,
    Financials,
    Target,
    Score,
    ScoreRun,
    Candidate,
    Proposal,
    Decision,
    AuditEvent,
]


@pytest.mark.slow
def test_lists_need_as_many_queries_for_fifty_rows_as_for_ten() -> None:
    dan, erin, fund = make.dan(), make.erin(), make.fund()
    client = signed_in(erin)

    def queries() -> dict[str, int]:
        found = {}
        for model in MAIN_LISTS:
            url = address(model, "changelist")
            client.get(url)
            with CaptureQueriesContext(
                connection,
            ) as captured:
                assert client.get(url).status_code == 200
            found[model.__name__] = len(captured)
        return found

    more_rows(10, 0, dan, erin, fund)
    few = queries()
    more_rows(40, 10, dan, erin, fund)
    assert queries() == few
    assert max(few.values()) <= 16


def test_the_log_of_all_this_verifies(world: dict[str, Model]) -> None:
    assert audit.verify().first_bad is None


def test_a_company_without_a_name_or_country_is_told_each_once() -> None:
    page = signed_in(make.dan()).post(address(Company, "add"), {"sector": "metals", "company_key": "a"})
    said = re.findall(r'id="id_(name_zh|country)_error"><li>(.*?)</ul>', page.content.decode(), re.S)
    assert [(field, re.sub("<[^>]+>", "", words).strip()) for field, words in said] == [
        ("name_zh", "Give a name, in Chinese or in English."),
        ("country", "This field is required."),
    ]
    assert "company_has_a_name" not in page.content.decode()


def test_a_country_is_stored_in_capitals_however_it_was_typed() -> None:
    company = make.company(country="chn")
    company.full_clean()
    assert company.country == "CHN"
