"""Checks by API: read on the disclosure, refused by their codes at submission, lifted by a reason."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.models import CheckedVersion, Disclosure, Figure, GivenReason, Quantity
from tests import make
from tests.api.caller import Caller, is_problem

pytestmark = pytest.mark.django_db


def jumped() -> tuple[Caller, int, str]:
    """Alice, a draft whose scopes 1 and 2 are twenty times last year's, and its ETag."""
    company = make.company()
    alice = Caller(make.alice(company))
    make.disclosure(company, 2023, scope_1=60.0, scope_2=40.0)
    draft = make.disclosure(company, 2024, state="draft")
    return alice, draft.pk, alice.read(f"/disclosures/{draft.pk}/")["ETag"]


def test_checks_are_read_with_code_severity_and_numbers() -> None:
    alice, pk, _tag = jumped()
    said = alice.read(f"/disclosures/{pk}/checks/", Accept_Language="en").json()
    assert (said["rules"], said["blocked"], said["reasons"]) == ("2", True, [])
    check, *open_items = said["checks"]
    assert [each["code"] for each in open_items] == ["missing_revenue", *["figure_without_support"] * 2]
    assert {name: check[name] for name in ("code", "severity", "quantity", "parameters")} == {
        "code": "jump_tenfold",
        "severity": "block",
        "quantity": "scope1_t",
        "parameters": {"ratio": 20.0},
    }
    assert check["detail"].startswith("Scopes 1 and 2 are about 20 times")
    chinese = alice.read(f"/disclosures/{pk}/checks/", Accept_Language="zh-hans").json()
    assert chinese["checks"][0]["detail"] != check["detail"]
    assert not CheckedVersion.objects.exists()


def test_a_blocked_submission_is_answered_by_its_codes() -> None:
    alice, pk, tag = jumped()
    Figure.objects.create(disclosure_id=pk, quantity=Quantity.SCOPE_1_2_TOTAL, value=2500.0)
    said = is_problem(alice.send(f"/disclosures/{pk}/submit/", If_Match=tag), 409, "blocked_by_checks")
    assert [(error["pointer"], error["code"]) for error in said["errors"]] == [
        ("/scope1_2_total_t", "wrong_total"),
        ("/scope1_t", "jump_tenfold"),
    ]
    assert Disclosure.objects.get(pk=pk).state == "draft"


def test_a_reason_lifts_the_block() -> None:
    alice, pk, tag = jumped()
    body = {"reason": "acquisition", "words": "bought a smelter"}
    answer = alice.send(f"/disclosures/{pk}/submit/", body, If_Match=tag)
    assert (answer.status_code, answer.json()["state"]) == (200, "submitted")
    said = alice.read(f"/disclosures/{pk}/checks/").json()
    assert (said["blocked"], said["checks"][0]["code"]) == (False, "jump_with_reason")
    assert [(row["reason"], row["words"]) for row in said["reasons"]] == [("acquisition", "bought a smelter")]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"reason": "whim"}, "/reason"), ({"because": "x"}, "/because"), ({"reason": "boundary", "words": ""}, "/words")],
)
def test_a_reason_that_is_none_is_refused_by_its_pointer(body: dict[str, Any], pointer: str) -> None:
    alice, pk, tag = jumped()
    said = is_problem(alice.send(f"/disclosures/{pk}/submit/", body, If_Match=tag), 400, "validation_error")
    assert [error["pointer"] for error in said["errors"]] == [pointer]


def test_the_same_submission_twice_with_a_key_is_one_label() -> None:
    alice, pk, tag = jumped()
    body = {"reason": "acquisition", "words": "bought a smelter"}
    answers = [
        alice.send(f"/disclosures/{pk}/submit/", body, If_Match=tag, Idempotency_Key="once") for _time in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert GivenReason.objects.count() == 1


def test_strangers_find_no_checks() -> None:
    _alice, pk, _tag = jumped()
    for person in (make.user("mallory", company=make.company("other")), make.bob(), make.carol()):
        is_problem(Caller(person).read(f"/disclosures/{pk}/checks/"), 404, "not_found")
