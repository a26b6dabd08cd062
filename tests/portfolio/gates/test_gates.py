"""Gates: the company states, the fund confirms, each with evidence; the last confirmed word holds."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portfolio.models import Company, Evidence, GateWord, Role, TrackDecision
from portfolio.signals import facts_confirmed
from tests import make
from tests.api.caller import Caller, is_problem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english(settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"


SAID = {"question": "exclusion", "answer": "no", "evidence": "Statutes, article 2"}


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def alice(company: Company) -> User:
    return make.alice(company)


@pytest.fixture
def carol() -> User:
    return make.carol()


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def fund_page(company: Company) -> str:
    return reverse("portfolio:gates", args=[company.pk])


def own_page(company: Company) -> str:
    return reverse("portfolio:statements", args=[company.pk])


# --- the company states ----------------------------------------------------------------------------------------
def test_a_submitter_states_with_a_document_that_the_fund_may_open(company: Company, alice: User, carol: User) -> None:
    paper = SimpleUploadedFile("statutes.txt", b"We make turbines.", "text/plain")
    assert browser(alice).post(own_page(company), SAID | {"document": paper}).status_code == 302
    word = GateWord.objects.get()
    assert (word.answer, word.is_confirmed, word.by) == ("no", False, alice)
    document = word.document
    assert document is not None
    page = browser(carol).get(fund_page(company)).content.decode()
    assert "statutes.txt" in page and "Statutes, article 2" in page
    assert b"turbines" in browser(carol).post(document.get_absolute_url()).content
    assert "Does an exclusion of the fund hold?" in browser(alice).get(document.get_absolute_url()).content.decode()


def test_a_document_that_no_gate_cites_stays_confidential(company: Company, alice: User, carol: User) -> None:
    paper = SimpleUploadedFile("statutes.txt", b"We make turbines.", "text/plain")
    browser(alice).post(own_page(company), SAID | {"document": paper})
    other = Evidence.objects.create(
        company=company, name="bill.txt", kind="csv", size_bytes=1, sha256="0" * 64, uploaded_by=alice
    )
    assert browser(carol).get(other.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("wrong", [{"answer": "maybe"}, {"evidence": "  "}, {"evidence": "x" * 2001}])
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    company: Company, alice: User, wrong: dict[str, str]
) -> None:
    response = browser(alice).post(own_page(company), SAID | {"evidence": "kept words"} | wrong)
    assert response.status_code == 422
    assert "Not saved" in response.content.decode()
    assert not GateWord.objects.exists()


def test_a_contributor_reads_and_a_stranger_finds_nothing(company: Company) -> None:
    frank = make.frank(company)
    assert browser(frank).get(own_page(company)).status_code == 200
    assert browser(frank).post(own_page(company), SAID).status_code == 403
    mallory = make.user("mallory", company=make.company("demo-beta"))
    for page in (own_page(company), fund_page(company)):
        assert browser(mallory).get(page).status_code == 404
    assert browser(frank).get(fund_page(company)).status_code == 404


# --- the fund confirms -----------------------------------------------------------------------------------------
def test_a_confirmed_word_is_kept_with_its_person_and_tells_who_listens(company: Company, carol: User) -> None:
    told: list[Any] = []

    def listen(sender: Any, company: Company, by: User, **_signal: Any) -> None:
        told.append((sender, company, by))

    facts_confirmed.connect(listen)
    try:
        assert browser(carol).post(fund_page(company), SAID).status_code == 302
    finally:
        facts_confirmed.disconnect(listen)
    assert told == [(GateWord, company, carol)]
    word = GateWord.objects.confirmed()[company.pk]["exclusion"]
    assert (word.answer, word.by) == ("no", carol)
    assert "Statutes, article 2" in browser(carol).get(fund_page(company)).content.decode()


def test_a_statement_alone_confirms_nothing(company: Company) -> None:
    make.gate_word(company)
    assert GateWord.objects.confirmed() == {}


def test_who_confirmed_an_exclusion_names_it(company: Company, carol: User) -> None:
    browser(carol).post(fund_page(company), SAID | {"answer": "yes", "code": "coal_power"})
    assert GateWord.objects.get().code == "coal_power"


def test_the_page_says_where_statement_and_confirmation_differ(company: Company, carol: User) -> None:
    make.gate_word(company, answer="no")
    make.gate_word(company, answer="yes", is_confirmed=True, by=carol)
    page = browser(carol).get(fund_page(company)).content.decode()
    assert "What is stated and what is confirmed differ." in page


def test_verifiers_and_the_committee_read_and_cannot_confirm(company: Company) -> None:
    for person in (make.bob(), make.user("ivy", Role.COMMITTEE_MEMBER)):
        page = browser(person).get(fund_page(company))
        assert page.status_code == 200
        assert "<form class" not in page.content.decode().partition("<main")[2]
        assert browser(person).post(fund_page(company), SAID).status_code == 403
    assert not GateWord.objects.exists()


def test_confirming_without_evidence_is_refused(company: Company, carol: User) -> None:
    response = browser(carol).post(fund_page(company), SAID | {"evidence": ""})
    assert response.status_code == 422
    assert not GateWord.objects.exists()


# --- track, family, catalogue ----------------------------------------------------------------------------------
TRACK = {"track": "power_decarbonisation", "catalogue_edition": "2025", "catalogue_code": "3.2.1", "reason": "turbines"}


def test_one_step_gives_the_family_and_confirms_the_track(company: Company, carol: User) -> None:
    make.track(company)
    assert browser(carol).post(fund_page(company), TRACK | {"family": make.family().pk}).status_code == 302
    row = company.tracks.get()
    assert (row.family, row.is_confirmed, row.catalogue) == (make.family(), True, "2025:3.2.1")
    outcomes = set(TrackDecision.objects.values_list("outcome", flat=True))
    assert outcomes == {"classified", "confirmed"}


@pytest.mark.parametrize(
    ("wrong", "status"), [({"family": "F10"}, 422), ({"catalogue_code": ""}, 409), ({"reason": ""}, 422)]
)
def test_a_family_of_another_track_and_half_a_code_are_refused(
    company: Company, carol: User, wrong: dict[str, str], status: int
) -> None:
    make.track(company)
    if "family" in wrong:
        wrong = {"family": str(make.family(wrong["family"]).pk)}
    response = browser(carol).post(fund_page(company), TRACK | wrong)
    assert response.status_code == status
    row = company.tracks.get()
    assert (row.family, row.is_confirmed, row.catalogue) == (None, False, "")


# --- the API ---------------------------------------------------------------------------------------------------
def test_the_api_states_for_the_company_and_confirms_for_the_fund(company: Company, alice: User, carol: User) -> None:
    path = f"/companies/{company.company_key}/gates/"
    assert Caller(alice).send(path, SAID).status_code == 201
    assert Caller(carol).send(path, SAID | {"code": ""}).status_code == 201
    words = Caller(alice).read(path).json()
    assert [(word["confirmed"], word["by"]) for word in words] == [(True, "carol"), (False, "alice")]


def test_the_api_refuses_who_may_not_and_what_is_not_theirs(company: Company, alice: User, carol: User) -> None:
    path = f"/companies/{company.company_key}/gates/"
    is_problem(Caller(make.frank(company)).send(path, SAID), 403, "permission_denied")
    is_problem(Caller(make.bob()).send(path, SAID), 403, "permission_denied")
    is_problem(Caller(alice).send(path, SAID | {"code": "coal"}), 400, "validation_error")
    is_problem(Caller(alice).send(path, SAID | {"document": 7}), 400, "validation_error")
    is_problem(Caller(carol).send(path, SAID | {"document": 7}), 400, "validation_error")
    is_problem(Caller(carol).send(path, SAID | {"evidence": " "}), 400, "validation_error")
    assert not GateWord.objects.exists()


def test_the_api_classifies_and_confirms_a_track(company: Company, alice: User, carol: User) -> None:
    make.track(company)
    path = f"/companies/{company.company_key}/tracks/power_decarbonisation/"
    is_problem(Caller(alice).change(path, {"reason": "r"}), 403, "permission_denied")
    is_problem(Caller(carol).change(path, {"family": "F10", "reason": "r"}), 409, "conflict")
    is_problem(Caller(carol).change(path, {"family": "F99", "reason": "r"}), 400, "validation_error")
    answer = Caller(carol).change(path, {"family": "F01", "reason": "it makes turbines"})
    assert answer.status_code == 200
    assert (answer.json()["family"], answer.json()["confirmed"]) == ("F01", True)
    is_problem(Caller(carol).change(path.replace("power_de", "de"), {"reason": "r"}), 404, "not_found")
