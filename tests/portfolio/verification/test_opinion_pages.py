"""V3 and the page of an opinion: what each person sees and does there, page and API; the statement as PDF."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import translation

from portfolio.models import Appeal, Company, Disclosure, Opinion, Quantity, Role
from tests import make
from tests.portfolio.verification.scene import ask, refused_year, submitted_year

pytestmark = pytest.mark.django_db
DRAFT: dict[str, Any] = {"level": "limited", "kind": "unmodified", "criteria": "cn_ets", "scope": "all sites"}
DRAFT |= {"sampling": "all figures", "statement": "Nothing came to our attention.", "has_no_conflict": "on"}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def alice(company: Company) -> User:
    return make.alice(company)


@pytest.fixture
def bob() -> User:
    return make.bob()


@pytest.fixture
def submitted(company: Company, alice: User) -> Disclosure:
    return submitted_year(company, alice)


def browser(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def drafted(disclosure: Disclosure, **other: Any) -> dict[str, Any]:
    despite = "Compared with the report." if disclosure.open_items() else ""
    return {**DRAFT, "action": "draft", "digest": disclosure.digest, "despite": despite, **other}


def test_two_clicks_from_draft_to_verified(submitted: Disclosure, bob: User, alice: User) -> None:
    write = reverse("portfolio:opinion_write", args=[submitted.pk])
    answer = browser(bob).post(write, drafted(submitted))
    opinion = Opinion.objects.get()
    assert answer["Location"] == opinion.get_absolute_url()
    rita = browser(make.rita())
    assert "shuguang" in rita.get(reverse("scoring:cases")).content.decode().casefold()
    rita.post(opinion.get_absolute_url(), {"action": "issue", "words": "read"})
    submitted.refresh_from_db()
    assert submitted.state == "verified"
    page = browser(alice).get(opinion.get_absolute_url()).content.decode()
    assert "Nothing has come to our attention" in page
    assert "Appeal against it, until" in page


def test_what_is_impossible_is_greyed_with_the_reason(submitted: Disclosure, bob: User) -> None:
    ask(submitted, bob, effect_t=-900.0)
    page = browser(bob).get(reverse("portfolio:opinion_write", args=[submitted.pk])).content.decode()
    assert page.count("disabled") == 2
    assert "The sum of the effects, 900 t, is above the threshold of 100 t." in page
    assert "1 finding is not closed." in page


def test_a_refused_draft_loses_nothing(submitted: Disclosure, bob: User) -> None:
    write = reverse("portfolio:opinion_write", args=[submitted.pk])
    page = browser(bob).post(write, drafted(submitted, digest="0" * 64, sampling="the ten largest bills"))
    assert page.status_code == 409
    assert "the ten largest bills" in page.content.decode()
    page = browser(bob).post(write, drafted(submitted, statement="", sampling="the ten largest bills"))
    assert page.status_code == 200
    assert "the ten largest bills" in page.content.decode()
    assert not Opinion.objects.exists()


def test_a_conservative_value_on_the_page_and_away_again(submitted: Disclosure, bob: User) -> None:
    write = reverse("portfolio:opinion_write", args=[submitted.pk])
    told = {"action": "substitute", "quantity": Quantity.SCOPE_1, "value": "1.5 kt", "basis": "default of the guide"}
    assert browser(bob).post(write, told | {"value": "abc"}).status_code == 200
    assert browser(bob).post(write, told | {"value": "900"}).status_code == 409
    assert browser(bob).post(write, told | {"value": "1500"}).status_code == 302
    assert "1,500" in browser(bob).get(write).content.decode()
    browser(bob).post(write, {"action": "unsubstitute", "quantity": Quantity.SCOPE_1})
    assert "Take back" not in browser(bob).get(write).content.decode()


def test_sent_back_words_are_read_and_nothing_is_typed_twice(submitted: Disclosure, bob: User) -> None:
    opinion = make.opinion(submitted, bob, sampling="three bills")
    browser(make.rita()).post(opinion.get_absolute_url(), {"action": "send_back", "words": "read ten"})
    page = browser(bob).get(reverse("portfolio:opinion_write", args=[submitted.pk])).content.decode()
    assert "read ten" in page
    assert "three bills" in page


def test_the_company_appeals_and_is_answered(company: Company, alice: User, bob: User) -> None:
    opinion = refused_year(company, alice, bob).opinions.get()
    page = opinion.get_absolute_url()
    assert browser(make.frank(company)).post(page, {"action": "appeal", "words": "no"}).status_code == 409
    browser(alice).post(page, {"action": "appeal", "words": "the files are there"})
    other = browser(make.user("other", Role.INDEPENDENT_REVIEWER))
    assert "the files are there" in other.get(page).content.decode()
    assert other.post(page, {"action": "reject", "words": " "}).status_code == 409
    other.post(page, {"action": "uphold", "words": "they were overlooked"})
    assert Appeal.objects.get().state == "upheld"
    assert "they were overlooked" in browser(alice).get(page).content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_statement_is_a_pdf_with_the_digest(submitted: Disclosure, bob: User, alice: User, language: str) -> None:
    make.substitution(submitted, bob)
    opinion = make.verify(submitted, bob, kind="modified")
    client = Client(headers={"accept-language": language})
    for person in (alice, bob, make.carol()):
        client.force_login(person)
        answer = client.get(reverse("portfolio:opinion_pdf", args=[opinion.pk]))
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
    stranger = make.user("zoe", company=make.company("demo-beta"))
    client.force_login(stranger)
    assert client.get(reverse("portfolio:opinion_pdf", args=[opinion.pk])).status_code == 404


def test_open_cases_are_not_the_funds_nor_the_companys(submitted: Disclosure, bob: User, alice: User) -> None:
    opinion = make.opinion(submitted, bob)
    for person in (alice, make.carol()):
        assert browser(person).get(opinion.get_absolute_url()).status_code == 404
        assert browser(person).get(reverse("portfolio:opinion_pdf", args=[opinion.pk])).status_code == 404


# --- API ------------------------------------------------------------------------------------------------------
def test_the_api_drafts_issues_and_tells(submitted: Disclosure, bob: User, alice: User) -> None:
    where = reverse("api:disclosure_opinion", args=[submitted.pk])
    body = {name: value for name, value in drafted(submitted, has_no_conflict=True).items() if name != "action"}
    told = browser(bob).get(where).json()
    assert {one["kind"]: bool(one["why_not"]) for one in told["possible"]}["adverse"] is True
    made = browser(bob).post(where, body, content_type="application/json")
    assert made.status_code == 201, made.content
    again = browser(bob).post(where, body, content_type="application/json")
    assert again.status_code == 412
    issue = reverse("api:opinion_issue", args=[made.json()["id"]])
    assert browser(bob).post(issue, {}, content_type="application/json").status_code == 409
    done = browser(make.rita()).post(issue, {"words": "read"}, content_type="application/json").json()
    assert (done["state"], done["reviewed_by"]) == ("issued", "rita")
    read = browser(alice).get(reverse("api:disclosure", args=[submitted.pk])).json()
    assert (read["state"], read["badge"]) == ("verified", "verified")


def test_the_api_tells_a_substituted_figure_beside_what_was_submitted(
    submitted: Disclosure, bob: User, alice: User
) -> None:
    where = reverse("api:disclosure_substitutions", args=[submitted.pk])
    body = {"quantity": "scope1_t", "value": "1500", "basis": "default of the guide"}
    assert browser(bob).post(where, body, content_type="application/json").status_code == 201
    make.verify(submitted, bob, kind="modified")
    read = browser(alice).get(reverse("api:disclosure", args=[submitted.pk])).json()
    scope_1 = next(one for one in read["figures"] if one["quantity"] == "scope1_t")
    assert (scope_1["value"], scope_1["submitted_value"]) == ("1500", "1200")
    assert read["total"]["value"] == "2300"
