"""Data requests by program: asked once, withdrawn by the fund, declined by the company."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from fund.models import Candidate
from portfolio.models import Company, DataRequest, Quantity, Scope
from tests import make
from tests.api.caller import Caller, is_problem

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ASKED = [{"year": 2024, "field": "ebit_cny"}, {"year": 2024, "field": "scope1_t"}]


@pytest.fixture
def carol() -> User:
    return make.carol()


@pytest.fixture
def company(carol: User) -> Company:
    made = make.company("a")
    make.disclosure(made)
    Candidate.of(make.fund(), made, by=carol)
    return made


def body(**other: Any) -> dict[str, Any]:
    due = (timezone.localdate() + timedelta(days=14)).isoformat()
    return {"company": "a", "asked": ASKED, "due": due, "note": "please"} | other


def test_a_request_leaves_out_what_is_told_and_is_found_at_its_location(company: Company, carol: User) -> None:
    caller = Caller(carol)
    answer = caller.send("/requests/", body())
    assert answer.status_code == 201, answer.content
    found = caller.ask("GET", answer["Location"]).json()
    assert found["asked"] == ASKED[:1] and found["state"] == "open" and found["asked_by"] == "carol"
    assert found["company"] == "a" and found["closed_by"] is None and found["is_overdue"] is False
    is_problem(caller.send("/requests/", body()), 409, "conflict")
    rows = caller.read("/requests/?state=open&company=a&fields=id,due").json()["results"]
    assert rows == [{"id": found["id"], "due": body()["due"]}]
    assert caller.read("/requests/?state=overdue").json()["count"] == 0
    assert caller.read(f"/requests/?due_by={body()['due']}&ordering=-asked_at").json()["count"] == 1


def test_the_same_key_asks_once(company: Company, carol: User) -> None:
    caller = Caller(carol)
    first, second = (caller.send("/requests/", body(), Idempotency_Key="k1") for _n in range(2))
    assert first.status_code == second.status_code == 201 and first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true" and DataRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"company": "nobody"}, "/company"),
        ({"asked": []}, "/asked"),
        ({"asked": [{"year": 2024, "field": "no_such"}]}, "/asked/0/field"),
        ({"asked": [{"year": 2024}]}, "/asked/0/field"),
        ({"due": "soon"}, "/due"),
        ({"more": 1}, "/more"),
        ({"note": "x" * 1001}, "/note"),
    ],
)
def test_what_is_wrong_is_named(company: Company, carol: User, wrong: dict[str, Any], pointer: str) -> None:
    said = is_problem(Caller(carol).send("/requests/", body(**wrong)), 400, "validation_error")
    assert pointer in [error["pointer"] for error in said["errors"]]


@pytest.mark.parametrize("wrong", [{"due": "2020-01-01"}, {"asked": [{"year": 2050, "field": "ebit_cny"}]}])
def test_what_the_rules_forbid_is_a_conflict(company: Company, carol: User, wrong: dict[str, Any]) -> None:
    is_problem(Caller(carol).send("/requests/", body(**wrong)), 409, "conflict")


def test_the_fund_withdraws_and_the_company_declines(company: Company, carol: User) -> None:
    alice, frank = make.alice(company), make.frank(company)
    first = make.data_request(company, carol, (2024, Quantity.EBIT))
    second = make.data_request(company, carol, (2024, Quantity.GRANTS))
    is_problem(Caller(alice).send(f"/requests/{first.pk}/withdraw/", {"reason": "no"}), 403, "permission_denied")
    is_problem(Caller(carol).send(f"/requests/{first.pk}/decline/", {"reason": "no"}), 403, "permission_denied")
    is_problem(Caller(frank).send(f"/requests/{first.pk}/decline/", {"reason": "no"}), 403, "permission_denied")
    is_problem(Caller(carol).send(f"/requests/{first.pk}/withdraw/", {}), 400, "validation_error")
    done = Caller(carol).send(f"/requests/{first.pk}/withdraw/", {"reason": "found it"}).json()
    assert (done["state"], done["reason"], done["closed_by"]) == ("withdrawn", "found it", "carol")
    done = Caller(alice).send(f"/requests/{second.pk}/decline/", {"reason": "not computed"}).json()
    assert (done["state"], done["closed_by"]) == ("declined", "alice")
    is_problem(Caller(alice).send(f"/requests/{second.pk}/decline/", {"reason": "again"}), 409, "conflict")
    assert {row["id"] for row in Caller(alice).read("/requests/").json()["results"]} == {first.pk, second.pk}


def test_others_see_none_and_a_token_needs_the_scope(company: Company, carol: User) -> None:
    request = make.data_request(company, carol)
    stranger = make.user("stranger", company=make.company("b"))
    for person in (stranger, make.bob()):
        assert Caller(person).read("/requests/").json()["count"] == 0
        is_problem(Caller(person).read(f"/requests/{request.pk}/"), 404, "not_found")
    reader = Caller(carol, [Scope.SCORES_READ])
    is_problem(reader.send("/requests/", body()), 403, "insufficient_scope")
