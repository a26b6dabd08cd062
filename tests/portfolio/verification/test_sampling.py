"""What was looked at begins the record of an opinion; and a declared conflict of interest closes the opinion, too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import translation

from portfolio.models import Case, Company, Disclosure, Figure, Look, Quantity, Role
from portfolio.models.case.case import declare_conflict
from portfolio.verification.opinions import waiting_for_review
from portfolio.verification.sampling import sampling_record
from tests import make
from tests.portfolio.verification.scene import ask, submitted_year

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def bob() -> User:
    return make.bob()


@pytest.fixture
def submitted(company: Company) -> Disclosure:
    return submitted_year(company, make.alice(company))


def look(disclosure: Disclosure, point: str, verdict: str, by: User, words: str = "") -> None:
    Look.note(disclosure, point, verdict, by=by, digest=disclosure.digest, words=words)


def opinion_page(disclosure: Disclosure, user: User) -> tuple[int, str]:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    answer = client.get(reverse("portfolio:opinion_write", args=[disclosure.pk]))
    return answer.status_code, answer.content.decode()


# --- the record ------------------------------------------------------------------------------------------------
def test_nothing_planned_and_nothing_looked_at_is_no_record(submitted: Disclosure) -> None:
    assert sampling_record(submitted) == ""


def test_the_record_tells_plan_agreed_left_out_found_and_the_rest(submitted: Disclosure, bob: User) -> None:
    told = [figure.quantity for figure in submitted.figures.order_by("pk")]
    assert len(told) >= 2
    Case.plan(submitted, "all above 5 %", by=bob)
    look(submitted, told[0], "agreed", bob)
    look(submitted, told[1], "sampled_out", bob, "2 % of the tonnes")
    lines = sampling_record(submitted).split("\n")
    label = {one: str(Quantity(one).label) for one in told}
    assert lines[:2] == ["all above 5 %", f"Agreed: 1 of {len(told)} data points."]
    assert lines[2] == f"Left out of the sample (1): {label[told[1]]}: 2 % of the tonnes"
    if rest := told[2:]:
        assert lines[3].startswith(f"Neither agreed nor left out of the sample ({len(rest)}): ")
    look(submitted, told[1], "taken_back", bob)
    assert "Left out" not in sampling_record(submitted)


def test_a_point_with_a_finding_is_not_agreed(submitted: Disclosure, bob: User) -> None:
    ask(submitted, bob, effect_t=1.0, point=Quantity.SCOPE_1)
    look(submitted, Quantity.SCOPE_1, "agreed", bob)
    record = sampling_record(submitted)
    assert "Agreed: 0 of" in record
    assert "Finding or question (1): " in record


def test_a_finding_about_the_whole_is_told_too(submitted: Disclosure, bob: User) -> None:
    ask(submitted, bob, effect_t=-150.0)
    assert "Finding or question (1): The whole disclosure" in sampling_record(submitted)
    page = opinion_page(submitted, bob)[1]
    assert "−150 t" in page
    assert "+150 t" not in page


def test_the_opinion_begins_with_the_record_and_keeps_what_was_sent_back(submitted: Disclosure, bob: User) -> None:
    Case.plan(submitted, "all above <5 %>", by=bob)
    assert "all above &lt;5 %&gt;" in opinion_page(submitted, bob)[1]
    make.opinion(submitted, bob, sampling="three bills").send_back(by=make.rita(), words="read ten")
    page = opinion_page(submitted, bob)[1]
    assert "three bills" in page
    assert "all above" not in page


def test_of_another_content_the_record_begins_anew(submitted: Disclosure, company: Company, bob: User) -> None:
    make.opinion(submitted, bob, sampling="three bills").send_back(by=make.rita(), words="read ten")
    submitted.refresh_from_db()
    submitted.return_for_correction(by=bob, reason="scope 1?", everything=True)
    alice = company.memberships.get().user
    amounts = ((Quantity.SCOPE_1, 1100.0), (Quantity.SCOPE_2_LOCATION, 800.0))
    figures = [Figure(quantity=quantity, value=value, typed=f"{value:g}") for quantity, value in amounts]
    told = {"boundary": "all sites", "revenue_boundary": "matched", "source_document": "report"}
    submitted.revise(by=alice, edition=submitted.edition, figures=figures, **told)
    submitted.submit(by=alice, answer="it was 1,100")
    assert "three bills" not in opinion_page(submitted, bob)[1]


# --- a conflict of interest --------------------------------------------------------------------------------------
def test_a_conflict_closes_the_draft_and_what_the_api_says_of_it(
    submitted: Disclosure, company: Company, bob: User
) -> None:
    opinion = make.opinion(submitted, bob)
    tied = make.user("tied", Role.INDEPENDENT_REVIEWER)
    assert [row.opinion for row in waiting_for_review(tied)] == [opinion]
    declare_conflict(company, "my sister works there", by=tied)
    assert opinion_page(submitted, tied)[0] == 404
    client = Client()
    client.force_login(tied)
    assert client.get(opinion.get_absolute_url()).status_code == 404
    assert client.get(reverse("api:opinion", args=[opinion.pk])).status_code == 404
    assert client.get(reverse("api:disclosure_opinion", args=[submitted.pk])).status_code == 404
    assert waiting_for_review(tied) == []
