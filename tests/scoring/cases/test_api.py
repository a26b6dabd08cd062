"""API: the queue, who has a case, and what was looked at."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from portfolio.models import Case, Company, Disclosure, Look, Role
from tests import make
from tests.api.caller import Caller, is_problem
from tests.scoring.cases.made import diesel, month, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def waiting(company: Company) -> Disclosure:
    return submitted(company, make.alice(company), month(1), diesel(), diesel())


@pytest.fixture
def bob() -> User:
    return make.bob()


def test_the_queue_tells_risk_and_reasons(waiting: Disclosure, bob: User) -> None:
    [case] = Caller(bob).read("/cases/").json()["results"]
    assert (case["disclosure"], case["company"], case["assignee"]) == (waiting.pk, "demo-alpha", None)
    assert "line_twice" in [reason["code"] for reason in case["reasons"]]
    assert Caller(bob).read("/cases/?tab=mine").json()["count"] == 0
    assert Caller(bob).read(f"/cases/{waiting.pk}/").json() == case
    is_problem(Caller(bob).read("/cases/?tab=yours"), 400, "validation_error")


def test_a_case_is_claimed_looked_at_and_given_back(waiting: Disclosure, bob: User) -> None:
    caller, address = Caller(bob), f"/cases/{waiting.pk}/"
    assert caller.send(f"{address}claim/").json()["assignee"] == "bob"
    vera = Caller(make.user("vera", Role.VERIFIER))
    assert "bob 自" in is_problem(vera.send(f"{address}claim/"), 412, "precondition_failed")["detail"]
    look = {"point": "line:1", "verdict": "agreed", "digest": waiting.digest}
    [made] = caller.send(f"{address}looks/", look).json()
    assert (made["point"], made["verdict"], made["by"]) == ("line:1", "agreed", "bob")
    assert caller.read(f"{address}looks/").json() == [made]
    assert caller.send(f"{address}sampling/", {"sampling": "all"}).json()["sampling"] == "all"
    assert caller.send(f"{address}release/").json()["assignee"] is None


def test_a_conflict_closes_the_case_by_the_api_too(waiting: Disclosure, bob: User) -> None:
    caller, address = Caller(bob), f"/cases/{waiting.pk}/"
    assert caller.send(f"{address}conflict/", {"reason": "my sister"}).status_code == 204
    look = {"point": "line:1", "verdict": "agreed", "digest": waiting.digest}
    for answer in (caller.read(address), caller.send(f"{address}looks/", look), caller.send(f"{address}claim/")):
        assert "利益冲突" in is_problem(answer, 403, "permission_denied")["detail"]
    assert not Look.objects.exists() and Case.of(waiting).assignee is None


@pytest.mark.parametrize(
    "look",
    [{}, {"verdict": "agreed"}, {"verdict": "x", "digest": "1", "point": "line:1"}, {"verdict": "agreed", "z": 1}],
)
def test_a_look_that_is_not_whole_is_refused(waiting: Disclosure, bob: User, look: dict[str, str]) -> None:
    is_problem(Caller(bob).send(f"/cases/{waiting.pk}/looks/", look), 400, "validation_error")
