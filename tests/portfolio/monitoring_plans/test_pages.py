"""The pages and the API of monitoring plans: a plan goes its way, and what cannot be is refused with what was typed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import translation

from portfolio.models import Activity, Company, Disclosure, MonitoringPlan
from tests import make
from tests.api.caller import Caller, is_problem
from tests.portfolio.monitoring_plans.plans import approved, draft, source

pytestmark = pytest.mark.django_db
LIST = "portfolio:monitoring_plans"
ROW = {"kind": "electricity", "meter": "12", "measured": "meter", "unit": "kWh", "often": "month"}
ROW |= {"evidence": "bills", "responsible": "Frank"}


@pytest.fixture(autouse=True)
def _in_english(settings: Any) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


def browser(person: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


def start(client: Client, company: Company, how: str = "nothing") -> MonitoringPlan:
    client.post(reverse("portfolio:monitoring_plan_new", args=[company.pk]), {"from": how})
    return MonitoringPlan.objects.get(company=company, state="draft")


def test_a_plan_goes_its_way_through_the_pages() -> None:
    company = make.company()
    alice, bob = browser(make.alice(company)), browser(make.bob())
    assert "Start an empty plan" in alice.get(reverse(LIST)).content.decode()
    plan = start(alice, company)
    page = plan.get_absolute_url()
    assert "organisational boundary" in alice.get(page).content.decode()  # what it lacks
    facts = {"action": "facts", "edition": plan.edition, "valid_from": "2024", "boundary": "all sites"}
    assert alice.post(page, facts).status_code == 302
    plan.refresh_from_db()
    assert alice.post(page, ROW | {"action": "row", "edition": plan.edition}).status_code == 302
    alice.post(reverse("portfolio:monitoring_plan_submit", args=[plan.pk]))
    plan.refresh_from_db()
    assert plan.state == "submitted"
    listed = bob.get(reverse(LIST)).content.decode()
    assert page in listed and "Submitted" in listed
    decide = reverse("portfolio:monitoring_plan_decide", args=[plan.pk])
    nothing = bob.post(decide, {"action": "return", "comment": " ", "digest": plan.digest})
    assert nothing.status_code == 409 and "needs a reason" in nothing.content.decode()
    bob.post(decide, {"action": "return", "comment": "which meter?", "digest": plan.digest})
    assert "which meter?" in alice.get(page).content.decode()
    alice.post(reverse("portfolio:monitoring_plan_submit", args=[plan.pk]), {"answer": "the only one"})
    assert "the only one" in bob.get(page).content.decode()
    plan.refresh_from_db()
    bob.post(decide, {"action": "approve", "digest": plan.digest})
    plan.refresh_from_db()
    assert plan.state == "verified"
    assert "Approved" in alice.get(page).content.decode() and "Change the plan" in alice.get(page).content.decode()


def test_a_change_stands_beside_the_version_before() -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    approved(company, alice, bob, source(meter="12"), source("fuel.diesel@road", unit="t"))
    plan = start(browser(alice), company)
    plan.revise(by=alice, edition=plan.edition, reason="a new meter", sources=[source(meter="12", often="quarter")])
    page = browser(alice).get(plan.get_absolute_url()).content.decode()
    assert "What it changes of version 1" in page
    assert "Every quarter" in page and "diesel" in page


def test_rows_are_changed_removed_and_named_once() -> None:
    company = make.company()
    alice = make.alice(company)
    client, plan = browser(alice), draft(company, alice, source(meter="12"), source(meter="13"))
    page = plan.get_absolute_url()
    twice = client.post(page, ROW | {"action": "row", "edition": plan.edition})
    assert twice.status_code == 200 and "stands in the plan already" in twice.content.decode()
    wrong = client.post(page, ROW | {"action": "row", "edition": plan.edition, "meter": "9", "unit": "t"})
    assert "This activity is counted in" in wrong.content.decode()
    assert 'value="9"' in wrong.content.decode()  # what was typed
    change = ROW | {"action": "row", "edition": plan.edition, "number": "2", "meter": "14"}
    assert client.post(page, change).status_code == 302
    assert [row.meter for row in plan.rows()] == ["12", "14"]
    stale = client.post(page, change | {"meter": "15"})
    assert stale.status_code == 409 and "What you typed stands here" in stale.content.decode()
    plan.refresh_from_db()
    client.post(page, {"action": "remove", "number": "1", "edition": plan.edition})
    assert [row.meter for row in plan.rows()] == ["14"]
    assert client.get(page + "?number=7").status_code == 404


def test_a_draft_is_withdrawn_and_a_submitted_one_is_not_changed() -> None:
    company = make.company()
    alice = make.alice(company)
    client, plan = browser(alice), draft(company, alice)
    plan.submit(by=alice)
    client.post(plan.get_absolute_url(), {"action": "withdraw", "edition": plan.edition})
    plan.refresh_from_db()
    assert plan.state == "submitted"
    other = make.company("demo-beta")
    first = draft(other, make.user("mallory", company=other))
    browser(first.created_by).post(first.get_absolute_url(), {"action": "withdraw", "edition": first.edition})
    first.refresh_from_db()
    assert first.state == "withdrawn"


# --- from the ledger ---------------------------------------------------------------------------------------
def ledger(company: Company, alice: User, state: str = "draft") -> Disclosure:
    told = make.disclosure(company, 2023, state="draft", created_by=alice)
    months = [
        Activity(kind="electricity", amount=5.0, unit="kWh", meter="12", period_start=f"2023-0{n}-01", period_end=end)
        for n, end in ((1, "2023-01-31"), (2, "2023-02-28"))
    ]
    cement = Activity(kind="process.cement_clinker", amount=5.0, unit="t")
    link = Activity(kind="heat", amount=5.0, unit="GJ", meter="Q1-7")
    told.put_activities(by=alice, edition=told.edition, activities=[*months, cement, link])
    Disclosure.objects.filter(pk=told.pk).update(state=state)
    return told


def test_one_press_makes_a_row_of_each_source_of_the_ledger() -> None:
    company = make.company()
    alice = make.alice(company)
    ledger(company, alice)
    plan = start(browser(alice), company, "ledger")
    rows = [(row.kind, row.meter, row.measured, row.often, row.unit) for row in plan.rows()]
    assert rows == [
        ("electricity", "12", "meter", "month", "kWh"),
        ("process.cement_clinker", "", "calculation", "year", "t"),
        ("heat", "", "invoice", "year", "GJ"),
    ]
    browser(alice).post(plan.get_absolute_url(), {"action": "ledger", "edition": plan.edition})
    assert len(plan.rows()) == 3  # nothing that is there already


@pytest.mark.parametrize(("state", "is_shown"), [("draft", False), ("returned", True)])
def test_a_verifier_sees_what_the_plan_leaves_out_of_what_was_handed_in(state: str, is_shown: bool) -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    ledger(company, alice, state)
    plan = draft(company, alice, source())
    plan.submit(by=alice)
    page = browser(bob).get(plan.get_absolute_url()).content.decode()
    assert ("In the ledger of 2023, and not in this plan" in page) is is_shown


def test_the_home_says_what_is_to_be_done_of_a_plan() -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    plan = draft(company, alice)
    assert "Finish the monitoring plan and submit it" in browser(alice).get(reverse("disclosures")).content.decode()
    plan.submit(by=alice)
    plan.return_for_correction(by=bob, reason="which meter?", digest=plan.digest)
    page = browser(alice).get(reverse("disclosures")).content.decode()
    assert "words on the plan and correct it" in page


# --- by program ----------------------------------------------------------------------------------------------
def test_a_plan_goes_its_way_by_the_api() -> None:
    company = make.company()
    alice, bob = Caller(make.alice(company)), Caller(make.bob())
    made = alice.send(f"/companies/{company.company_key}/monitoring-plans/", {"from_ledger": True})
    assert made.status_code == 201 and made.json()["sources"] == []
    path = f"/monitoring-plans/{made.json()['id']}/"
    row = {"kind": "electricity", "measured": "invoice", "unit": "kWh", "often": "month", "responsible": "Frank"}
    is_problem(alice.change(path, {"boundary": "all"}), 428, "precondition_required")
    body = {"boundary": "all sites", "valid_from": 2024, "sources": [row]}
    wrong = alice.change(path, body | {"sources": [row | {"unit": "t"}]}, If_Match=made.headers["ETag"])
    assert wrong.status_code == 400 and "counted in" in wrong.content.decode()
    changed = alice.change(path, body, If_Match=made.headers["ETag"])
    assert changed.status_code == 200 and changed.json()["sources"][0]["site"] == ""
    sent = alice.send(path + "submit/", {}, If_Match=changed.headers["ETag"])
    assert sent.json()["state"] == "submitted"
    back = bob.send(path + "return/", {"reason": "which meter?"}, If_Match=sent.headers["ETag"])
    assert back.json()["returned_with"] == "which meter?"
    again = alice.send(path + "submit/", {"answer": "the only one"}, If_Match=back.headers["ETag"])
    stands = bob.send(path + "approve/", {}, If_Match=again.headers["ETag"])
    assert stands.json()["state"] == "verified"
    assert [one["version"] for one in alice.read(f"/companies/{company.company_key}/monitoring-plans/").json()] == [1]
    is_problem(alice.change(path, body, If_Match=stands.headers["ETag"]), 409, "conflict")
