"""The character NUL, which PostgreSQL cannot keep, is refused wherever it comes in, on both databases alike."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests import make
from tests.api.caller import Caller, is_problem

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
NUL = "a\x00b"


@pytest.fixture
def carol() -> User:
    return make.carol()


@pytest.mark.parametrize(
    "address",
    ["/app/candidates/?q=a%00b", "/app/factors/x%00y/", "/admin/portfolio/company/?q=%00", "/accounts/login/?next=%00"],
)
def test_an_address_with_nul_is_refused(carol: User, address: str) -> None:
    browser = Client()
    browser.force_login(carol)
    assert browser.get(address).status_code == 400


def test_a_reason_with_nul_changes_nothing_and_is_told(carol: User) -> None:
    company = make.company()
    browser = Client()
    browser.force_login(carol)
    answer = browser.post(
        f"/app/companies/{company.pk}/tracks/power_decarbonisation/", {"outcome": "confirmed", "reason": NUL}
    )
    assert answer.status_code == 400
    assert "NUL" in answer.content.decode()
    assert not company.tracks.exists()


@pytest.mark.parametrize("name", ["description", "note"])
def test_a_text_of_an_applicant_with_nul_is_refused(name: str) -> None:
    company = make.company()
    browser = Client()
    browser.force_login(make.alice(company))
    assert browser.post(f"/app/disclosures/companies/{company.pk}/", {name: NUL}).status_code == 400


def test_the_way_back_from_choosing_a_language_holds_no_nul() -> None:
    assert Client().post("/app/language/", {"language": "en", "next": "/app/\x00"}).status_code == 400


def test_the_api_has_no_company_of_such_a_key(carol: User) -> None:
    is_problem(Caller(carol).read("/companies/a%00b/"), 404, "not_found")
