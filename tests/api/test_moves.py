"""What becomes of a disclosure, over the API: what is missing, return, history, correction, withdrawal."""

from __future__ import annotations

import pytest

from portfolio.models import Disclosure, Finding, Role
from tests import make
from tests.api.caller import Caller, is_problem

pytestmark = pytest.mark.django_db


def test_what_is_missing_has_a_code_and_the_point_that_would_fill_it() -> None:
    alice = Caller(make.alice(make.company()))
    made = alice.send("/disclosures/", {"company": "demo-alpha", "year": 2024}).json()
    assert [(lack["code"], lack["point"]) for lack in made["missing"]] == [
        ("no_scope_1", "scope1_t"),
        ("no_scope_2", "scope2_location_t"),
        ("no_boundary", "boundary"),
        ("no_source_document", "source_document"),
    ]
    assert all(lack["words"] for lack in made["missing"])


def test_a_verifier_returns_it_and_the_company_reads_the_words_and_what_is_open() -> None:
    company = make.company()
    alice, bob = Caller(make.alice(company)), Caller(make.bob())
    draft = make.disclosure(company, state="draft")
    path = f"/disclosures/{draft.pk}"
    assert alice.send(f"{path}/submit/", {}, If_Match=alice.read(f"{path}/")["ETag"]).status_code == 200
    tag = bob.read(f"{path}/")["ETag"]
    body = {"reason": "page 3 says otherwise", "also": ["scope1_t"]}
    is_problem(alice.send(f"{path}/return/", body, If_Match=tag), 403, "permission_denied")
    is_problem(bob.send(f"{path}/return/", body), 428, "precondition_required")
    is_problem(bob.send(f"{path}/return/", {"reason": "x"}, If_Match=tag), 409, "conflict")  # names nothing
    is_problem(bob.send(f"{path}/return/", {"also": []}, If_Match=tag), 400, "validation_error")
    returned = bob.send(f"{path}/return/", body, If_Match=tag)
    assert (returned.status_code, returned.json()["state"]) == (200, "returned")
    told = alice.read(f"{path}/history/").json()
    assert told["state"] == "returned" and told["returned"] == told["steps"][0]
    assert (told["returned"]["words"], told["returned"]["by"]) == ("page 3 says otherwise", "bob")
    assert [one["point"] for one in told["returned"]["opened"]] == ["scope1_t"]
    figures = {"figures": [{"quantity": "scope1_t", "value": 1}, {"quantity": "scope2_location_t", "value": "800"}]}
    assert alice.change(f"{path}/", figures, If_Match=alice.read(f"{path}/")["ETag"]).status_code == 200
    steps = alice.read(f"{path}/history/").json()["steps"]
    assert [step["verb"] for step in steps] == ["saved", "returned", "submitted"]
    assert [one["point"] for one in steps[0]["changed"]] == ["scope1_t"]
    assert steps[2]["receipt"] == alice.read(f"{path}/submissions/").json()["submissions"][0]["number"]
    shown = alice.read(f"{path}/", Accept_Language="en").json()
    Finding.objects.all().delete()
    assert alice.send(f"{path}/submit/", {}, If_Match=alice.read(f"{path}/")["ETag"]).status_code == 200, shown
    assert alice.read(f"{path}/history/").json()["returned"] is None


def test_a_verified_year_is_corrected_by_a_version_that_keeps_the_numbers_of_its_lines() -> None:
    company = make.company()
    alice = Caller(make.alice(company))
    draft = make.disclosure(company, state="draft")
    line = {"external_id": "a", "activity": "electricity", "amount": 5, "unit": "MWh", "place": "CN-SC"}
    alice.send(f"/disclosures/{draft.pk}/activities:bulk/", {"items": [line]})
    is_problem(alice.send(f"/disclosures/{draft.pk}/new-version/"), 409, "conflict")
    found = Disclosure.objects.get(pk=draft.pk)
    found.submit(by=company.memberships.get().user)
    make.verify(found, make.bob())
    made = alice.send(f"/disclosures/{draft.pk}/new-version/")
    assert (made.status_code, made.json()["version"], made.json()["state"]) == (201, 2, "draft")
    assert made["Location"] == f"/api/v1/disclosures/{made.json()['id']}/"
    lines = alice.read(f"/disclosures/{made.json()['id']}/activities/").json()["activities"]
    assert [row["external_id"] for row in lines] == ["a"]
    carol = Caller(make.carol())
    is_problem(carol.send(f"/disclosures/{draft.pk}/new-version/"), 403, "permission_denied")
    assert carol.read(f"/disclosures/{draft.pk}/history/").json()["steps"][1]["receipt"] is None
    is_problem(carol.read(f"/disclosures/{made.json()['id']}/history/"), 404, "not_found")


def test_a_draft_that_nobody_submitted_is_withdrawn_with_a_reason() -> None:
    company = make.company()
    alice = Caller(make.alice(company))
    draft = make.disclosure(company, state="draft")
    path, tag = f"/disclosures/{draft.pk}/withdraw/", alice.read(f"/disclosures/{draft.pk}/")["ETag"]
    is_problem(alice.send(path, {}, If_Match=tag), 400, "validation_error")
    is_problem(alice.send(path, {"reason": "wrong year"}), 428, "precondition_required")
    gone = alice.send(path, {"reason": "wrong year"}, If_Match=tag)
    assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")
    is_problem(alice.send(path, {"reason": "wrong year"}, If_Match=gone["ETag"]), 409, "conflict")


@pytest.mark.parametrize(("asked", "code"), [("成都", "510100"), ("chengdu", "510100"), ("510100", "510100")])
def test_places_are_found_by_name_pinyin_and_code(asked: str, code: str) -> None:
    caller = Caller(make.user("ivy", Role.INDEPENDENT_REVIEWER))
    first = caller.read(f"/places/?q={asked}").json()[0]
    assert (first["code"], first["within"], first["country"]) == (code, "CN-SC", "CHN")
    assert caller.read("/places/?q=Zzyzx").json() == []
    is_problem(caller.read(f"/places/?q={'x' * 101}"), 400, "validation_error")
    assert {"country", "province", "city"} == {one["kind"] for one in caller.read("/places/").json()}


def test_kinds_of_activity_have_names_units_that_are_read_and_what_a_line_may_bring() -> None:
    caller = Caller(make.alice(make.company()))
    kinds = {kind["key"]: kind for kind in caller.read("/activity-kinds/").json()}
    power = kinds["electricity"]
    assert (power["scope"], power["name_zh"], power["takes_contract"]) == (2, "外购电力", True)
    assert {"MWh", "度"} <= {alias for unit in power["units"] for alias in unit["aliases"]}
    assert "doc" in kinds["waste.landfill"]["parameters"]
    assert "fuel.diesel" in [kind["key"] for kind in caller.read("/activity-kinds/?q=柴油").json()][:3]
    assert all(unit["aliases"] for kind in kinds.values() for unit in kind["units"])
