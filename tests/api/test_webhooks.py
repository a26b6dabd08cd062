"""Webhooks by program: the same rules as on the pages; a secret is told once and stored nowhere."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from portfolio.models import Company, RepeatableRequest, Scope, Webhook, WebhookDelivery
from tests import make
from tests.api.caller import Caller, is_problem
from tests.portfolio.monitoring_plans import plans

pytestmark = pytest.mark.django_db
URL = "https://erp.example.com/greenlight"


@pytest.fixture
def company() -> Company:
    return make.company("a")


@pytest.fixture
def alice(company: Company) -> User:
    return make.alice(company)


def told(**more: object) -> dict[str, object]:
    return {"company": "a", "url": URL, "events": ["plan.returned", "disclosure.verified"]} | more


def test_one_is_registered_read_and_switched(alice: User) -> None:
    caller = Caller(alice)
    made = caller.send("/webhooks/", told())
    assert made.status_code == 201 and made.json()["secret"].startswith("whsec_")
    assert made.json()["events"] == ["disclosure.verified", "plan.returned"]
    address = made["Location"].removeprefix("/api/v1")
    assert [row["url"] for row in caller.read("/webhooks/").json()["results"]] == [URL]
    assert "secret" not in caller.read(address).json()
    off = caller.change(address, {"is_on": False}).json()
    assert (off["is_on"], off["off_why"]) == (False, "by_hand")
    is_problem(caller.send(f"{address}test/"), 409, "conflict")
    assert caller.change(address, {"is_on": True}).json()["is_on"] is True


def test_no_secret_is_stored_with_an_answer_that_can_be_repeated(alice: User) -> None:
    caller = Caller(alice)
    made = caller.send("/webhooks/", told(), Idempotency_Key="one")
    again = caller.send("/webhooks/", told(), Idempotency_Key="one")
    assert made.json()["secret"] and again.json() == made.json() | {"secret": ""}
    assert Webhook.objects.count() == 1
    new = caller.send(f"/webhooks/{made.json()['id']}/rotate/", Idempotency_Key="two").json()["secret"]
    assert new and new != made.json()["secret"]
    assert "whsec_" not in "".join(row.answer for row in RepeatableRequest.objects.all())


def test_a_delivery_is_listed_and_sent_again_under_its_number(alice: User) -> None:
    caller = Caller(alice)
    address = caller.send("/webhooks/", told())["Location"].removeprefix("/api/v1")
    assert caller.send(f"{address}test/").status_code == 202
    WebhookDelivery.objects.update(state="failed")
    [row] = caller.read(f"{address}deliveries/?state=failed").json()["results"]
    again = caller.send(f"{address}deliveries/{row['id']}/resend/").json()
    assert (again["state"], again["message_id"]) == ("queued", row["message_id"])
    other = Webhook.objects.create(url=URL, events=[], made_by=alice, company=make.company("b"))
    is_problem(caller.send(f"/webhooks/{other.pk}/deliveries/{row['id']}/resend/"), 404, "not_found")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": "http://erp.example.com/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["webhook.test"]}, "events"),
        ({"company": "strange"}, "company"),
        ({"secret": "mine"}, "secret"),
    ],
)
def test_what_is_wrong_is_named(alice: User, wrong: dict[str, object], field: str) -> None:
    answer = Caller(alice).send("/webhooks/", told(**wrong))
    is_problem(answer, 400, "validation_error")
    assert field in answer.content.decode() and not Webhook.objects.exists()


def test_only_submitters_and_of_the_house_administrators_and_with_the_scope(company: Company, alice: User) -> None:
    is_problem(Caller(make.frank(company)).send("/webhooks/", told()), 403, "permission_denied")
    is_problem(Caller(alice).send("/webhooks/", told(company=None)), 403, "permission_denied")
    is_problem(Caller(alice, [Scope.DISCLOSURES_READ]).read("/webhooks/"), 403, "insufficient_scope")


def test_a_monitoring_plan_that_is_returned_and_approved_is_announced(company: Company, alice: User) -> None:
    events = ["plan.returned", "plan.approved"]
    hook, _secret = Webhook.register(company, URL, events, by=alice)
    plan = plans.approved(company, alice, make.bob())
    [delivery] = hook.deliveries.all()
    assert delivery.event == "plan.approved" and f"/api/v1/monitoring-plans/{plan.pk}/" in delivery.body
