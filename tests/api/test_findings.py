"""Findings in the API: raised and closed by verifiers, answered by companies; what a return left closed is named."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from portfolio.models import Company, Disclosure
from tests import make
from tests.api.caller import Caller, is_problem
from tests.portfolio.verification.test_findings import handed_in, returned

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def alice(company: Company) -> User:
    return make.alice(company)


@pytest.fixture
def submitted(company: Company, alice: User) -> Disclosure:
    return handed_in(company, alice)


def test_a_finding_is_raised_answered_and_closed(submitted: Disclosure, alice: User) -> None:
    verifier, company = Caller(make.bob()), Caller(alice)
    asked = {"kind": "misstatement", "point": "line:2", "words": "Which meter?", "effect_t": -41.0}
    made = verifier.send(f"/disclosures/{submitted.pk}/findings/", asked)
    assert made.status_code == 201
    found = made.json()
    assert (found["about"], found["state"], found["effect_t"]) == ("第 2 条 · meter 2", "open", -41.0)
    assert made["Location"].endswith(f"/findings/{found['id']}/")
    assert [row["id"] for row in company.read("/findings/?state=open").json()["results"]] == [found["id"]]
    answered = company.send(f"/findings/{found['id']}/messages/", {"words": "the one at the gate"})
    assert (answered.json()["state"], answered.json()["messages"][0]["by"]) == ("answered", "alice")
    is_problem(company.send(f"/findings/{found['id']}/close/", {"words": "we agree"}), 403, "permission_denied")
    is_problem(verifier.send(f"/findings/{found['id']}/close/", {"words": "seen"}), 409, "conflict")
    closed = verifier.send(f"/findings/{found['id']}/close/", {"words": "seen", "outcome": "corrected"})
    assert (closed.json()["state"], closed.json()["closed_by"]) == ("closed", "bob")
    late = verifier.send(f"/findings/{found['id']}/close/", {"words": "again", "outcome": "corrected"})
    assert "bob" in is_problem(late, 412, "precondition_failed")["detail"]


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"kind": "misstatement", "words": "w"}, 409, "conflict"),  # neither tonnes nor a reason
        ({"kind": "question", "words": "w", "point": "scope9_t"}, 400, "validation_error"),
        ({"kind": "question", "words": " "}, 400, "validation_error"),
        ({"kind": "question", "words": "w", "colour": "red"}, 400, "validation_error"),
        ({"kind": "comment", "words": "w"}, 403, "permission_denied"),
    ],
)
def test_what_is_wrong_is_a_problem(submitted: Disclosure, given: dict[str, str], status: int, code: str) -> None:
    is_problem(Caller(make.bob()).send(f"/disclosures/{submitted.pk}/findings/", given), status, code)


def test_what_a_return_left_closed_is_named(submitted: Disclosure, alice: User) -> None:
    returned(submitted, make.bob(), "scope1_t", "line:2")
    caller, address = Caller(alice), f"/disclosures/{submitted.pk}/"
    tag = caller.read(address)["ETag"]
    refused = caller.change(address, {"boundary": "another"}, If_Match=tag)
    assert [error["pointer"] for error in is_problem(refused, 409, "locked")["errors"]] == ["/boundary"]
    unanswered = caller.send(f"{address}submit/", {}, If_Match=tag)
    named = [error["pointer"] for error in is_problem(unanswered, 409, "unanswered")["errors"]]
    assert named == ["/line:2", "/scope1_t"]
    lines = caller.read(f"{address}activities/").json()
    assert len(lines["activities"]) == 3
