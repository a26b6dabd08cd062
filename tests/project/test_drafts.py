"""What the server tells scripts of sessions, and browsers of the drafts they keep."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from fund.project.sessions import SEEN
from portfolio.models import Company
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def client(company: Company) -> Client:
    client = Client()
    client.login(username=make.alice(company).username, password=make.PASSWORD)
    return client


def describe(client: Client, company: Company, draft: str, **typed: str) -> Any:
    body = {"description": "makes turbines", "draft": draft} | typed
    return client.post(f"/app/disclosures/companies/{company.pk}/", body)


def test_a_form_that_is_accepted_names_its_draft(client: Client, company: Company) -> None:
    answer = describe(client, company, "abc123")
    assert (answer.status_code, answer.cookies["draft_saved"].value) == (302, "abc123")
    assert answer.cookies["draft_saved"]["samesite"] == "Lax"


def test_a_form_that_is_refused_or_comes_too_late_keeps_its_draft(client: Client, company: Company) -> None:
    refused = describe(client, company, "abc123", city="nowhere at all")
    assert refused.status_code == 409
    assert "draft_saved" not in refused.cookies
    late = describe(Client(), company, "abc123")
    assert late["Location"].startswith("/accounts/login/")
    assert "draft_saved" not in late.cookies


def test_a_page_that_goes_on_to_say_what_went_wrong_keeps_the_draft(client: Client, company: Company) -> None:
    draft = make.disclosure(company, state="draft")
    body = {"edition": "99", "reason": "by mistake", "draft": "abc123"}
    answer = client.post(f"/app/disclosures/{draft.pk}/withdraw/", body)
    assert answer.status_code == 302
    assert "draft_saved" not in answer.cookies


@pytest.mark.parametrize("name", ["", "none; Path=/", "a" * 41, "A-B"])
def test_a_draft_of_an_odd_name_is_not_repeated(client: Client, company: Company, name: str) -> None:
    assert "draft_saved" not in describe(client, company, name).cookies


def test_a_session_says_when_it_ends_and_is_kept_on_request(client: Client, settings: Any) -> None:
    answer = client.get("/app/sessions/present/").json()
    assert 0 < answer["idle"] <= settings.APPLICANT_SESSIONS.idle.total_seconds()
    assert answer["idle"] < answer["left"] <= settings.APPLICANT_SESSIONS.longest.total_seconds()
    session = client.session
    session[SEEN] -= 30  # of which nobody has taken note yet
    session.save()
    before = client.get("/app/sessions/present/").json()
    after = client.post("/app/sessions/present/").json()
    assert after["idle"] > before["idle"]
    assert set(after) == {"user", "csrf", "idle", "left"}


def test_the_token_it_hands_out_opens_forms_of_before(company: Company) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make.alice(company))
    page = f"/app/disclosures/companies/{company.pk}/"
    body = {"description": "makes turbines"}
    assert client.post(page, body).status_code == 403
    token = client.get("/app/sessions/present/").json()["csrf"]
    assert client.post(page, body, headers={"x-csrftoken": token}).status_code == 302


def test_a_part_of_a_page_is_never_the_log_in_page() -> None:
    late = Client().get("/app/disclosures/", headers={"hx-request": "true"})
    assert (late.status_code, late.content) == (401, b"")
    assert Client().get("/app/disclosures/").status_code == 302


def test_on_the_way_to_a_second_factor_the_whole_page_goes(settings: Any) -> None:
    settings.STAFF_NEED_MFA = True
    client = Client()
    client.force_login(make.carol())
    answer = client.get("/app/candidates/", headers={"hx-request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/accounts/2fa/totp/activate/")
