"""The people of a company by program: the same rules as on the pages; links travel by mail alone."""

from __future__ import annotations

import pytest
from django.core import mail

from portfolio.models import DataRequest, JoinRequest, Membership, Scope
from tests import make
from tests.api.caller import Caller, is_problem

pytestmark = pytest.mark.django_db
USCC = "91110000100000000R"


def test_a_team_is_read_changed_and_left() -> None:
    company = make.company("a")
    alice, frank = make.alice(company), make.frank(company)
    caller = Caller(alice)
    rows = caller.read("/companies/a/people/").json()
    assert [(row["user"], row["kind"], row["seen_on"]) for row in rows] == [
        ("alice", "submitter", None),
        ("frank", "contributor", None),
    ]
    assert caller.change(f"/people/{rows[1]['id']}/", {"kind": "submitter"}).json()["kind"] == "submitter"
    is_problem(caller.change(f"/people/{rows[1]['id']}/", {"kind": "owner"}), 400, "validation_error")
    assert Caller(frank).ask("DELETE", f"/api/v1/people/{rows[1]['id']}/").status_code == 204
    is_problem(caller.ask("DELETE", f"/api/v1/people/{rows[0]['id']}/"), 409, "conflict")  # the only submitter
    is_problem(Caller(make.user("mallory", company=make.company("b"))).read("/companies/a/people/"), 404, "not_found")


def test_an_invitation_is_made_sent_again_and_taken_back_and_no_answer_holds_its_link() -> None:
    company = make.company("a")
    caller = Caller(make.alice(company))
    made = caller.send("/companies/a/invitations/", {"address": "W@example.org", "kind": "contributor"})
    assert made.status_code == 201 and made.json()["address"] == "w@example.org" and made.json()["sent_at"]
    token = str(mail.outbox[0].body).split("/i/")[1].split("/")[0]
    assert token not in made.content.decode()
    address = made["Location"]
    assert caller.send(address.removeprefix("/api/v1") + "send/").status_code == 200
    assert len(mail.outbox) == 2
    assert caller.ask("DELETE", address).status_code == 204
    assert caller.read("/companies/a/invitations/").json() == []
    is_problem(
        Caller(make.frank(company)).send(
            "/companies/a/invitations/", {"address": "x@example.org", "kind": "submitter"}
        ),
        403,
        "permission_denied",
    )


def test_who_asks_to_join_is_answered_and_a_token_needs_the_scope() -> None:
    company = make.company("a", uscc=USCC)
    alice = make.alice(company)
    one, two = (JoinRequest.ask(make.user(name), uscc=USCC, company_name="A") for name in ("gail", "judy"))
    is_problem(
        Caller(alice, [Scope.COMPANIES_READ]).send(f"/join-requests/{one.pk}/accept/", {}), 403, "insufficient_scope"
    )
    caller = Caller(alice)
    assert {row["name"] for row in caller.read("/join-requests/").json()} == {"gail", "judy"}
    assert caller.send(f"/join-requests/{one.pk}/accept/", {}).json()["state"] == "accepted"
    assert Membership.objects.get(user__username="gail").kind == "contributor"
    declined = caller.send(f"/join-requests/{two.pk}/decline/", {"reason": "nobody of us"}).json()
    assert (declined["state"], declined["reason"]) == ("declined", "nobody of us")
    is_problem(caller.send(f"/join-requests/{two.pk}/accept/", {}), 403, "permission_denied")


def test_a_request_is_declined_with_a_reason_of_the_list() -> None:
    company = make.company("a")
    alice = make.alice(company)
    request = make.data_request(company, make.carol())
    caller = Caller(alice)
    is_problem(caller.send(f"/requests/{request.pk}/decline/", {"because": "tired"}), 400, "validation_error")
    is_problem(caller.send(f"/requests/{request.pk}/decline/", {}), 409, "conflict")  # another reason is told in words
    said = caller.send(f"/requests/{request.pk}/decline/", {"because": "not_measured"}).json()
    assert (said["state"], said["because"], said["reason"]) == ("declined", "not_measured", "")
    assert DataRequest.objects.open().count() == 0
