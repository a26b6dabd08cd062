"""The sites that a company keeps: who may, what changes, and what lines hold in place."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from portfolio.audit import AuditEvent
from portfolio.errors import NotAllowed
from portfolio.models import Activity, Company, Disclosure, Site
from portfolio.places.names import city_of
from tests import make
from tests.api.caller import Caller, is_problem

State = Disclosure.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def alice(company: Company) -> User:
    return make.alice(company)


def added(company: Company, by: User, name: str = "plant", code: str = "510100", **facts: Any) -> Site:
    return Site.add(company, by=by, name=name, city=city_of(code), **facts)


def line(company: Company, site: Site) -> Disclosure:
    """A draft whose one line was measured there."""
    disclosure = make.disclosure(company, 2022, state=State.DRAFT)
    Activity.objects.create(disclosure=disclosure, number=1, kind="electricity", amount=1e6, unit="kWh", site=site)
    return disclosure


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    client.cookies["django_language"] = "en"
    return client


# --- people of the company --------------------------------------------------------------------------------
def test_people_of_the_company_add_sites_with_keys_of_their_own(company: Company, alice: User) -> None:
    first, second = added(company, alice), added(company, make.frank(company), "office", "310115")
    assert [first.site_key, second.site_key] == ["site-1", "site-2"]
    assert first.is_own and first.source == "蜀光储能" and second.city == city_of("310115")
    assert AuditEvent.objects.filter(verb="site.added", actor="alice").count() == 1


def test_nobody_else_does(company: Company, alice: User) -> None:
    site = added(company, alice)
    for stranger in (make.bob(), make.erin(), make.user("mallory", company=make.company("demo-beta"))):
        with pytest.raises(NotAllowed):
            added(company, stranger, "x")
        with pytest.raises(NotAllowed):
            site.change(by=stranger, what="x")
        with pytest.raises(NotAllowed):
            site.remove(by=stranger)


def test_two_sites_of_a_company_share_no_name(company: Company, alice: User) -> None:
    added(company, alice)
    other = added(company, alice, "office")
    with pytest.raises(NotAllowed):
        added(company, alice)
    with pytest.raises(NotAllowed):
        other.change(by=alice, name="plant")


def test_a_change_is_kept_with_who_made_it(company: Company, alice: User) -> None:
    site = added(company, alice)
    assert not site.change(by=alice, name="plant")
    assert site.change(by=make.frank(company), closed_on=date(2024, 6, 30))
    newest = site.history.first()
    assert (newest.history_user.username, newest.closed_on) == ("frank", date(2024, 6, 30))
    assert AuditEvent.objects.first().verb == "site.closed"  # type: ignore[union-attr]


def test_a_site_of_a_register_is_read_only(company: Company, alice: User) -> None:
    site = Site.objects.create(company=company, site_key="E1", name="register", **make.SOURCE)
    for act in (lambda: site.change(by=alice, name="mine"), lambda: site.remove(by=alice)):
        with pytest.raises(NotAllowed):
            act()


def test_a_site_that_lines_refer_to_is_closed_and_not_deleted(company: Company, alice: User) -> None:
    used, unused = added(company, alice), added(company, alice, "office")
    line(company, used)
    with pytest.raises(NotAllowed):
        used.remove(by=alice)
    assert used.change(by=alice, closed_on=date(2023, 1, 1))
    unused.remove(by=alice)
    assert list(Site.objects.all()) == [used]


def test_a_site_stays_where_it_is_once_a_line_of_it_was_handed_in(company: Company, alice: User) -> None:
    site = added(company, alice)
    draft = line(company, site)
    assert site.change(by=alice, city=city_of("310115"))
    draft.submit(by=alice)
    with pytest.raises(NotAllowed):
        site.change(by=alice, city=city_of("510100"))
    assert site.change(by=alice, what="cell plant", city=city_of("310115"))
    draft.return_for_correction(by=make.bob(), reason="page 3", everything=True)
    assert site.change(by=alice, city=city_of("510100"))


# --- pages ------------------------------------------------------------------------------------------------
def test_the_page_adds_a_site_by_the_name_of_its_city_and_says_what_is_wrong(company: Company, alice: User) -> None:
    client, address = browser(alice), reverse("portfolio:sites", args=[company.pk])
    assert "No site yet" in client.get(address).content.decode()
    wrong = client.post(address, {"name": "plant", "city": "鼓楼区"}).content.decode()
    assert "Gulou District, Nanjing" in wrong and 'value="鼓楼区"' in wrong and not Site.objects.exists()
    ends = {"name": "plant", "city": "宁德", "opened_on": "2024-02-01", "closed_on": "2024-01-01"}
    assert "ends before it begins" in client.post(address, ends).content.decode()
    assert client.post(address, {"name": "plant", "city": "宁德"}).status_code == 302
    assert Site.objects.get().city.code == "350900"  # type: ignore[union-attr]
    assert "Ningde" in client.get(address).content.decode()


def test_the_house_reads_and_others_find_nothing(company: Company, alice: User) -> None:
    site = added(company, alice)
    addresses = [reverse("portfolio:sites", args=[company.pk]), site.get_absolute_url()]
    for reader in (make.bob(), make.carol()):
        for address in addresses:
            page = browser(reader).get(address)
            assert page.status_code == 200 and "Add the site" not in page.content.decode()
    stranger = browser(make.user("mallory", company=make.company("demo-beta")))
    assert {stranger.get(address).status_code for address in addresses} == {404}


def test_a_submitter_says_where_the_company_is_and_a_contributor_does_not(company: Company, alice: User) -> None:
    address = reverse("portfolio:company", args=[company.pk])
    assert browser(alice).post(address, {"description": "", "city": "成都"}).status_code == 302
    company.refresh_from_db()
    assert company.city is not None and company.city.code == "510100"
    assert browser(alice).post(address, {"description": "", "city": "Berlin"}).status_code == 409
    assert browser(alice).post(address, {"description": "", "city": "DE"}).status_code == 409
    assert browser(make.frank(company)).post(address, {"city": "310115"}).status_code == 403
    company.refresh_from_db()
    assert company.city.code == "510100"


# --- the API ----------------------------------------------------------------------------------------------
def test_the_api_keeps_sites_too(company: Company, alice: User) -> None:
    client, address = Caller(alice), f"/companies/{company.company_key}/sites/"
    made = client.send(address, {"name": "plant", "city": "350900"})
    assert made.status_code == 201 and made.json()["site_key"] == "site-1" and made.json()["own"]
    one = made.headers["Location"].removeprefix("/api/v1")
    assert client.change(one, {"closed_on": "2025-01-31"}).json()["closed_on"] == "2025-01-31"
    wrong = is_problem(client.change(one, {"city": "510199"}), 400, "validation_error")
    assert wrong["errors"][0]["code"] == "unknown_place" and "510100" in wrong["errors"][0]["detail"]
    assert [site["city"] for site in client.read(address).json()] == ["350900"]
    assert client.ask("DELETE", f"/api/v1{one}").status_code == 204 and not Site.objects.exists()
