"""Previews and disputes by program: submitters confirm, dispute and withdraw, the fund answers."""

from __future__ import annotations

import pytest

from fund.models import Dispute
from portfolio.models import Scope
from tests import make
from tests.api.caller import Caller, is_problem
from tests.fund.applicants.made import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_preview_tells_bars_inputs_and_what_can_be_disputed(scene: Scene) -> None:
    caller = Caller(scene.alice)
    [row] = caller.read("/previews/?company=shown").json()["results"]
    assert (row["year"], row["is_running"], row["open_disputes"], row["confirmed_by"]) == (2025, True, 0, None)
    found = caller.read(f"/previews/{row['id']}/").json()
    assert found["digest"] == scene.digest and [bar["bar"] for bar in found["bars"]] == ["c", "r", "o"]
    names = {one["field"] for bar in found["bars"] for one in bar["inputs"]}
    assert {"r.ebit", "o.scope1"} <= names <= set(found["fields_to_dispute"])
    assert not {"p", "p_cleared", "evidence", "sensitivity", "elasticity"} & set(found["bars"][1])
    stranger = Caller(make.user("eve", company=make.company("other", name_zh="别家")))
    is_problem(stranger.read(f"/previews/{row['id']}/"), 404, "not_found")
    assert stranger.read("/previews/").json()["count"] == 0


def test_a_dispute_goes_there_and_back_once(scene: Scene) -> None:
    alice, carol, preview = Caller(scene.alice), Caller(scene.carol), f"/previews/{scene.preview.pk}"
    body = {"field": "r.ebit", "words": "page 12 says more", "digest": scene.digest}
    is_problem(alice.send(f"{preview}/dispute/", body | {"digest": "0" * 64}), 409, "conflict")
    is_problem(alice.send(f"{preview}/dispute/", {"field": "r.ebit"}), 400, "validation_error")
    is_problem(Caller(scene.frank).send(f"{preview}/dispute/", body), 403, "permission_denied")
    first, second = (alice.send(f"{preview}/dispute/", body, Idempotency_Key="k1") for _n in range(2))
    assert first.status_code == second.status_code == 201 and Dispute.objects.count() == 1
    made = alice.ask("GET", first["Location"]).json()
    assert (made["state"], made["field"], made["digest"]) == ("open", "r.ebit", scene.digest)
    is_problem(alice.send(f"{preview}/confirm/", {"digest": scene.digest}), 409, "conflict")
    is_problem(alice.send(f"/disputes/{made['id']}/answer/", {"words": "yes"}), 403, "permission_denied")
    answered = carol.send(f"/disputes/{made['id']}/answer/", {"words": "It is as in the report."})
    assert answered.status_code == 200 and answered.json()["state"] == "answered"
    assert alice.read(f"/disputes/{made['id']}/").json()["closed_by"] is None  # the fund answers as one
    is_problem(alice.send(f"/disputes/{made['id']}/withdraw/", {}), 409, "conflict")
    confirmed = alice.send(f"{preview}/confirm/", {"digest": scene.digest})
    assert confirmed.status_code == 200 and confirmed.json()["confirmed_by"] == "alice"
    assert carol.read("/disputes/?state=answered").json()["count"] == 1


def test_a_token_needs_the_scope(scene: Scene) -> None:
    reading = Caller(scene.alice, scopes=[Scope.SCORES_READ])
    assert reading.read("/previews/").status_code == 200
    is_problem(reading.send(f"/previews/{scene.preview.pk}/confirm/", {"digest": "x"}), 403, "insufficient_scope")
