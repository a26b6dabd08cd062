"""What one side must not know never reaches it: not as words, not as a count, an order, an error or a header.

Two proofs each. A canary planted in every text and number of what is hidden appears in no answer; and every answer is,
byte for byte, the one that would come if the hidden rows did not exist at all. Each has its control: somebody who may
know does see the canary, so that a pass is no accident of the planting.
"""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Iterable
from difflib import unified_diff
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import models
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from fund.models import (
    Candidate,
    Decision,
    Dispute,
    ExclusionFlag,
    Holding,
    Mandate,
    Position,
    Preview,
    PriceInputs,
    ProjectFigures,
    Proposal,
    ThemeFund,
)
from fund.project import sessions
from portfolio.models import (
    Activity,
    Appeal,
    Case,
    Check,
    CheckedVersion,
    Citation,
    Company,
    CompanyTrack,
    ConflictOfInterest,
    Deadline,
    Declaration,
    Disclosure,
    Evidence,
    Figure,
    Financials,
    Finding,
    FindingMessage,
    FormLink,
    GivenReason,
    Join,
    JoinDecision,
    JoinRequest,
    LocalFactor,
    LocalFactorStep,
    Look,
    Mail,
    MonitoringPlan,
    MonitoringPlanStep,
    OpenedPoint,
    Opinion,
    PlannedSource,
    SheetUpload,
    Site,
    SiteYear,
    Step,
    Substitution,
    Target,
    TrackDecision,
    Webhook,
    WebhookDelivery,
)
from scoring.models import Calculation, FactorUse, LatestScore, Restatement, Score, ScoreItem, ScoreRun
from tests.roles.answers import same_cookies, send
from tests.roles.routes import body_of, expected_cells, path_of
from tests.roles.table import Cell
from tests.roles.world import (
    ADMINISTRATORS,
    APPLICANTS,
    Cast,
    Party,
    World,
    company_of,
    guards_lifted,
    make_world,
    numbers_put_back,
    other_company,
    renumber,
    signed_in,
    undone,
)

pytestmark = pytest.mark.django_db

CANARY, NONSENSE = "zqcanary", "zqnonsns"
NUMBER = 76_543_217
TOKENS = (CANARY, str(NUMBER), f"{NUMBER:,}")
NO_TEXT = re.compile(
    r"sha256|digest|_json|inputs|^key$|^mac$|^prev$|password|^engine_version$|^language$|^isic$|^factor_id$|^code$"
    r"|^wording$|^effect_reason$|^closing$"  # of a finding: an open question has neither, and the database keeps it so
)
NO_ANSWER = Appeal._meta.get_field("answer")  # an appeal that was taken back has none, and the database keeps it so
State = Disclosure.State
OPEN = (State.DRAFT, State.SUBMITTED, State.RETURNED)
FIXED = ("admin:index", "admin:portfolio_company_changelist", "admin:portfolio_company_change", "admin:autocomplete")
PARAMETERS = ("q", "search", "company", "name", "ordering", "page", "run", "sector", "year", "id", "next")
OF_WORDS = ("q", "search", "name", "ordering", "sector", "next")

# Who reads the same pages as somebody who is asked in each run, or fewer of them. Half a minute each.
NARROWER = pytest.mark.long

Asked = tuple[str, str, dict[str, Any]]


# --- planting ------------------------------------------------------------------------------------------
def plant(*of: models.QuerySet[Any]) -> None:
    """The canary in every text of these rows that is not chosen from a list or computed, and in every figure."""
    with guards_lifted():
        for row in (row for rows in of for row in rows):
            changes: dict[str, Any] = {
                field.attname: _planted(field, row) for field in row._meta.concrete_fields if _is_text(field)
            }
            if isinstance(row, Figure):
                changes["value"] = float(NUMBER)
            if isinstance(row, Declaration):  # JSON, whose fourth part is the boundary in words
                changes["content"] = json.dumps([*(told := json.loads(row.content))[:3], CANARY, *told[4:]])
            if isinstance(row, Score):
                changes["record_json"] = json.dumps(_in_words(json.loads(row.record_json)))
            type(row)._base_manager.filter(pk=row.pk).update(**changes)


def _is_text(field: Any) -> bool:
    is_words = isinstance(field, models.CharField | models.TextField) and not field.choices
    return (
        is_words and field != NO_ANSWER and not NO_TEXT.search(field.name) and (field.max_length or 999) >= len(CANARY)
    )


def _planted(field: Any, row: Any) -> str:
    """Different in each row, where rows must differ."""
    unique = f"{CANARY} {row.pk} {field.name}"
    return (unique if len(unique) <= (field.max_length or 999) else CANARY).replace(" ", "-")


def _in_words(record: Any) -> Any:
    """A score's record with the canary in all that is not a code: its sources."""
    if isinstance(record, list):
        return [_in_words(part) for part in record]
    if isinstance(record, dict):
        return {key: CANARY if key == "source" else _in_words(part) for key, part in record.items()}
    return record


def of_company(company: Company) -> tuple[models.QuerySet[Any], ...]:
    """Every row that hangs on a company, and its people."""
    return (
        Company.objects.filter(pk=company.pk),
        Company.history.filter(id=company.pk),
        User.objects.filter(memberships__company=company),
        CompanyTrack.objects.filter(company=company),
        TrackDecision.objects.filter(company=company),
        Join.objects.filter(company=company),
        JoinDecision.objects.filter(join__company=company),
        JoinRequest.objects.filter(user__username=f"asks-{company.company_key}"),
        Target.objects.filter(company=company),
        Financials.objects.filter(company=company),
        Site.objects.filter(company=company),
        SiteYear.objects.filter(site__company=company),
        *of_disclosures(Disclosure.objects.filter(company=company)),
        Evidence.objects.filter(company=company),
        Mail.objects.filter(company=company),
        Deadline.objects.filter(company=company),
        LocalFactor.objects.filter(supplier=company),
        LocalFactorStep.objects.filter(factor__supplier=company),
        MonitoringPlan.objects.filter(company=company),
        MonitoringPlanStep.objects.filter(plan__company=company),
        PlannedSource.objects.filter(plan__company=company),
        ConflictOfInterest.objects.filter(company=company),
        Webhook.objects.filter(company=company),
        WebhookDelivery.objects.filter(webhook__company=company),
        *of_scores(company),
        *of_holdings(company),
    )


def of_holdings(company: Company) -> tuple[models.QuerySet[Any], ...]:
    """What the fund owns of it, and what was entered about that."""
    return (
        Holding.objects.filter(company=company),
        Holding.history.filter(company=company),
        Position.objects.filter(holding__company=company),
        PriceInputs.objects.filter(company=company),
        ProjectFigures.objects.filter(holding__company=company),
        ExclusionFlag.objects.filter(company=company),
    )


def of_disclosures(found: models.QuerySet[Disclosure]) -> tuple[models.QuerySet[Any], ...]:
    parts = (Figure, Step, Citation, Activity, Calculation, CheckedVersion, GivenReason, FormLink, SheetUpload)
    declared = Declaration.objects.filter(step__disclosure__in=found)
    uses = FactorUse.objects.filter(calculation__disclosure__in=found)
    restated = Restatement.objects.filter(disclosure__in=found)
    checks = Check.objects.filter(checked__disclosure__in=found)
    asked = Finding.objects.filter(disclosure__in=found)
    said = FindingMessage.objects.filter(finding__disclosure__in=found)
    opened = OpenedPoint.objects.filter(step__disclosure__in=found)
    opinions = Opinion.objects.filter(disclosure__in=found)
    appeals = Appeal.objects.filter(opinion__disclosure__in=found)
    of_case = (Case.objects.filter(disclosure__in=found), Look.objects.filter(disclosure__in=found))
    cautious = Substitution.objects.filter(disclosure__in=found)
    rows = (part._default_manager.filter(disclosure__in=found) for part in parts)
    return found, *rows, declared, uses, restated, checks, asked, said, opened, opinions, appeals, *of_case, cautious


def of_scores(*companies: Company) -> tuple[models.QuerySet[Any], ...]:
    return (
        ScoreRun.objects.filter(items__company__in=companies),
        ScoreItem.objects.filter(company__in=companies),
        Score.objects.filter(company__in=companies),
        Proposal.objects.filter(candidate__company__in=companies),
        Decision.objects.filter(proposal__candidate__company__in=companies),
        Preview.objects.filter(disclosure__company__in=companies),
        Dispute.objects.filter(preview__disclosure__company__in=companies),
    )


def test_the_canary_is_planted_in_every_text(world: World) -> None:
    """A field that is new is planted too; only what is listed here as no text is left out."""
    plant(*of_company(world.other.company))
    for rows in of_company(world.other.company):
        assert rows.exists(), rows.model
        for row in rows:
            for field in row._meta.concrete_fields:
                if isinstance(field, models.CharField | models.TextField) and not field.choices:
                    short = (field.max_length or 999) < len(CANARY)
                    is_planted = CANARY in str(getattr(row, field.attname))
                    assert is_planted or NO_TEXT.search(field.name) or field == NO_ANSWER or short, field


# --- asking --------------------------------------------------------------------------------------------
@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture(autouse=True)
def _a_slow_machine_marks_no_session_as_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that is marked again after a minute sets its cookie again, in whichever pass that minute ends."""
    monkeypatch.setattr(sessions, "SEEN_EVERY_SECONDS", math.inf)


def requests_of(role: str, world: World) -> list[Asked]:
    """What this role can think of asking: every line of the table, and every list with every parameter."""
    asked: list[Asked] = []
    for cell in expected_cells():
        if cell.role != role or not _is_worth_asking(cell):
            continue
        party = world.party(cell.whose)
        path = path_of(cell.route, cell.case, party, world)
        asked.append((cell.method, path, body_of(cell.route, cell.case, party)))
        if cell.method == "GET" and cell.case == "-" and _is_list(cell.route):
            asked += [("GET", f"{path}?{question}", {}) for question in questions(path, world.other)]
    return asked + knocking(world.other)


def _is_worth_asking(cell: Cell) -> bool:
    """A method that an address does not have is refused before anything is read, and others than administrators are
    at the door of the administration: test_matrix.py sees to both, so that here a few of its pages are enough."""
    if cell.expected == "405":
        return False
    return not cell.route.startswith("admin") or cell.role in ADMINISTRATORS or cell.route in FIXED


def _is_list(route: str) -> bool:
    """It may be asked for some of its rows. The API's description has none."""
    return route.startswith(("portfolio", "scoring:", "api:", "tokens")) and route not in ("api:schema", "api:docs")


def questions(path: str, other: Party) -> list[str]:
    """Every parameter with the canary or a stranger's id; one at a time where an unknown one is an error."""
    stranger = str(other.company.pk)
    if path.startswith("/api/"):  # the canary where words are asked for, the id where something is named by its id
        return [f"{name}={CANARY if name in OF_WORDS else stranger}" for name in PARAMETERS]
    return ["&".join(f"{name}={value}" for name in PARAMETERS) for value in (CANARY, stranger)]


def knocking(other: Party) -> list[Asked]:
    """The names and addresses of strangers, at every form that takes one."""
    asked: list[Asked] = []
    for person in other.people.values():
        person.refresh_from_db()
        for name in (person.username, person.email):
            asked.append(("POST", reverse("account_login"), {"login": name, "password": "wrong wrong wrong"}))
            asked.append(("POST", reverse("account_reset_password"), {"email": name}))
            asked.append(("POST", reverse("account_signup"), {"username": name, "email": name}))
    return asked


def seen(client: Client, asked: Iterable[Asked]) -> dict[str, str]:
    """Each request → everything that came back, on the way and in the end, but for what is random."""
    answers: dict[str, str] = {}
    with numbers_put_back():
        for method, path, body in asked:
            question = f"{method} {path} {body}"
            if question not in answers:  # two lines of the table may ask the same
                answers[question] = _seen(client, method, path, body)
    return answers


def _answer(client: Client, address: str) -> str:
    [text] = seen(client, [("GET", address, {})]).values()
    return text


def _seen(client: Client, method: str, path: str, body: dict[str, Any]) -> str:
    with undone(), same_cookies(client):
        if method != "GET":  # reading makes nothing (test_matrix.py)
            renumber()
        answer = send(client, method, path, body)
        parts = [_text(answer)]
        if answer.status_code in (301, 302) and answer.headers["Location"].startswith("/"):
            parts.append(_text(client.get(answer.headers["Location"])))
    return "\n".join(parts)


RANDOM = re.compile(
    r"""(csrfmiddlewaretoken"\ value=|"X-CSRFToken":\ |"csrf":\ |data-csrf="|ETag:\ |csrftoken=
    |sessionid=|messages=)"?[\w:.\-]+
    |(?<=field-last_login\ nowrap">)[^<]*
    |whsec_[A-Za-z0-9+/=]+|msg_[0-9a-f]+
    |(?<=data-idle=")\d+|(?<=data-left=")\d+|(?<="idle":\ )\d+|(?<="left":\ )\d+  # seconds until the session ends
    |(?<="at":\ ")\d\d:\d\d  # when a field was saved
    |(?<=figure-big">)\d+\ (?:second|minute)s?
    |(?<=_)\d{8}-\d{4}(?=_)  # in the name of a download
    |\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.+]*""",
    re.VERBOSE,
)
OF_THE_CLOCK = ("Expires", "Content-Length", "X-Request-ID", "Server-Timing")


def _text(answer: Any) -> str:
    headers = [f"{name}: {value}" for name, value in sorted(answer.headers.items()) if name not in OF_THE_CLOCK]
    cookies = answer.cookies.output(attrs=["path"])
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if "spreadsheetml" in answer.headers.get("Content-Type", ""):
        body = b""  # the empty workbook to fill in: nobody's rows, and the second in which it was made
    if body.startswith(b"%PDF-") and b"%%EOF" in body:  # not the made-up bill of the world
        pages = PdfReader(io.BytesIO(body)).pages
        body = "\n".join(page.extract_text() for page in pages).encode()
    return RANDOM.sub(r"\1", "\n".join([str(answer.status_code), *headers, cookies, body.decode()]))


def telling(answers: dict[str, str]) -> list[str]:
    """The requests whose answer holds a canary; a word that was itself asked for may come back."""
    return [
        question
        for question, answer in answers.items()
        if any(token in answer and token not in question for token in TOKENS)
    ]


def different(one: dict[str, str], two: dict[str, str]) -> dict[str, list[str]]:
    """The requests that are answered differently, with the lines that differ."""
    assert one.keys() == two.keys()
    return {
        question: [line for line in unified_diff(one[question].splitlines(), two[question].splitlines(), n=0)][2:8]
        for question in one
        if one[question] != two[question]
    }


# --- another company -------------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize("role", ["anonymous", pytest.param("contributor", marks=NARROWER), "submitter"])
def test_nothing_an_applicant_reads_depends_on_another_company(role: str) -> None:
    cast = Cast()
    own = company_of(cast, "demo-alpha", "frank", "alice")
    client = signed_in((cast.house | own.people).get(role))
    manager = signed_in(cast.house["fund_manager"])
    with undone():
        other = other_company(cast)
        plant(*of_company(other.company))
        world = World(cast.house | own.people, cast.shared, own, other)
        asked = requests_of(role, world)
        with_other = seen(client, asked)
        may_know = seen(manager, [("GET", other.company.get_absolute_url(), {}), ("GET", reverse("scoring:runs"), {})])
    without_other = seen(client, asked)
    assert len(telling(may_know)) == 2, "the control does not see the canary"
    assert not telling(with_other)
    assert not different(with_other, without_other)


def test_the_control_sees_what_was_planted_in_the_other_company(world: World) -> None:
    """Administrators read these pages, so what is on them would be found elsewhere too."""
    plant(*of_company(world.other.company))
    client = signed_in(world.people["admin"])
    pages: list[Asked] = [
        ("GET", path_of(f"admin:{label.replace('.', '_')}_change", "row", world.other, world), {})
        for label in world.other.rows
        if label != "portfolio.person"
    ]
    assert len(pages) >= 13
    silent = {f"{method} {path} {body}" for method, path, body in pages} - set(telling(seen(client, pages)))
    assert not silent


@pytest.mark.slow
def test_a_search_for_the_canary_finds_as_much_as_one_for_nonsense(world: World) -> None:
    plant(*of_company(world.other.company))
    reading = [cell for cell in expected_cells() if cell.method == "GET" and cell.case == "-"]
    lists = {path_of(cell.route, cell.case, world.other, world) for cell in reading}
    for role in APPLICANTS:  # verifiers may know every company, by name
        client = signed_in(world.people[role])
        for path in sorted(path for path in lists if path.startswith(("/app/", "/api/", "/admin/autocomplete/"))):
            for name in ("q", "search", "term"):
                one, two = (_answer(client, f"{path}?{name}={word}") for word in (CANARY, NONSENSE))
                assert one.replace(CANARY, NONSENSE) == two, (role, path, name)
    manager, url = signed_in(world.people["fund_manager"]), reverse("candidates")
    found, nothing = (_answer(manager, f"{url}?q={word}") for word in (CANARY, NONSENSE))
    assert world.other.company.get_absolute_url() in found
    assert world.other.company.get_absolute_url() not in nothing


# --- scores, and those who verify ------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize("role", ["verifier", pytest.param("independent_reviewer", marks=NARROWER)])
def test_nothing_the_verification_side_reads_depends_on_scores(world: World, role: str) -> None:
    companies = [world.own.company, world.other.company]
    client, manager = signed_in(world.people[role]), signed_in(world.people["fund_manager"])
    plant(*of_scores(*companies), ThemeFund.objects.all(), Mandate.objects.all())
    asked = requests_of(role, world)
    with_scores = seen(client, asked)
    with undone():
        with guards_lifted():
            for model in (Dispute, Preview, Decision, Proposal, Candidate, LatestScore, Score, ScoreItem, ScoreRun):
                model._base_manager.all().delete()
        without_scores = seen(client, asked)
    assert telling(seen(manager, [("GET", companies[1].get_absolute_url(), {})])), "the control sees nothing"
    assert not telling(with_scores)
    assert not different(with_scores, without_scores)


# --- open cases, and those who invest ---------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize(
    ("role", "states", "control"),
    [
        ("fund_manager", OPEN, "verifier"),
        pytest.param("committee_member", OPEN, "verifier", marks=NARROWER),
        ("admin", OPEN, "verifier"),
        ("verifier", (State.DRAFT,), "submitter"),
        pytest.param("independent_reviewer", (State.DRAFT,), "submitter", marks=NARROWER),
    ],
)
def test_nothing_the_house_reads_depends_on_cases_that_are_not_its_own_yet(
    world: World, role: str, states: tuple[str, ...], control: str
) -> None:
    client = signed_in(world.people[role])
    hidden = Disclosure.objects.filter(state__in=states)
    plant(*of_disclosures(hidden))
    asked = requests_of(role, world)
    shown = world.own.disclosures[states[-1]].get_absolute_url()
    assert telling(seen(signed_in(world.people[control]), [("GET", shown, {})])), "the control sees nothing"
    with_cases = seen(client, asked)  # last: a session more stands in the list of sessions
    with undone():
        with guards_lifted():
            for rows in reversed(of_disclosures(hidden)):
                rows._raw_delete(rows.db) if rows.model is not Disclosure else rows.delete()
        without_cases = seen(client, asked)
    assert not telling(with_cases)
    assert not different(with_cases, without_cases)
