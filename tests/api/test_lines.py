"""The lines of a ledger for an ERP: with tonnes, by the numbers of its own system, one or many, and taken over."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.models import Activity, Company, Disclosure, Evidence, Finding, Scope, Site
from portfolio.places.names import city_of
from portfolio.typed.files import read_upload
from tests import make
from tests.api.caller import V1, Caller, is_problem

pytestmark = pytest.mark.django_db

BOUGHT: dict[str, Any] = {"activity": "electricity", "amount": "1234.05", "unit": "万千瓦时", "place": "CN-SC"}
BURNT: dict[str, Any] = {"activity": "fuel.diesel", "amount": "10", "unit": "t", "place": "CN-SC"}


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def alice(company: Company) -> Caller:
    return Caller(make.alice(company))


@pytest.fixture
def draft(company: Company) -> Disclosure:
    return make.disclosure(company, state=Disclosure.State.DRAFT)


def path_of(draft: Disclosure) -> str:
    return f"/disclosures/{draft.pk}/activities/"


def bulk(caller: Caller, draft: Disclosure, *items: Any, **more: Any) -> Any:
    return caller.send(f"/disclosures/{draft.pk}/activities:bulk/", {"items": list(items), **more})


def statuses(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [item["status"] for item in answer.json()["items"]]


# --- read ------------------------------------------------------------------------------------------------
def test_each_line_has_its_tonnes_or_why_it_has_none_and_the_ledger_its_totals(
    alice: Caller, draft: Disclosure
) -> None:
    unknown = Activity(kind="electricity", typed_amount="5", typed_unit="MWh", amount=5.0, unit="nothing")
    bulk(alice, draft, {"external_id": "1", **BOUGHT}, {"external_id": "2", "activity": "heat", "notation": "NE"})
    draft.refresh_from_db()
    draft.add_activity(unknown, by=draft.company.memberships.get().user, edition=draft.edition)
    said = alice.read(path_of(draft)).json()
    first, second, third = said["activities"]
    assert (first["state"], second["state"], third["state"]) == ("computed", "notation", "not_computed")
    assert first["result"]["co2e"]["unit"] == "tCO₂e" and float(first["result"]["co2e"]["value"]) > 1000
    assert first["result"]["factor_ids"] and first["not_computed"] is None
    assert third["result"] is None and third["not_computed"]["code"] and third["not_computed"]["detail"]
    assert said["totals"]["scope_2_location"]["co2e"] == first["result"]["co2e"]
    assert said["totals"]["completeness"]["complete"] is False
    (taken,) = [one for one in said["take_over"] if one["quantity"] == "scope2_location_t"]
    assert taken["reported"] == {"value": "800", "unit": "tCO₂e"}
    assert float(taken["taken"]["value"]) == pytest.approx(float(taken["computed"]["value"]), abs=0.001)


def test_a_ledger_without_lines_has_no_totals(alice: Caller, draft: Disclosure) -> None:
    said = alice.read(path_of(draft)).json()
    assert (said["activities"], said["totals"]) == ([], None)


# --- back as it was --------------------------------------------------------------------------------------
def test_what_was_read_goes_back_and_changes_nothing(alice: Caller, company: Company, draft: Disclosure) -> None:
    person = company.memberships.get().user
    bill = Evidence.keep(read_upload("bill.pdf", b"%PDF-"), company=company, by=person)
    Site.add(company, by=person, name="plant", city=city_of("510100"))
    rows = [
        {"external_id": "a", **BOUGHT, "evidence": [{"id": bill.pk, "place": "p. 3"}], "meter": "5101"},
        {"external_id": "b", "activity": "waste.landfill", "amount": 3, "unit": "t", "parameters": {"doc": "0.15"}},
        {"external_id": "c", "activity": "heat", "notation": "IE", "included_in": "electricity"},
        {"external_id": "d", **BURNT, "place": "", "site": "plant", "note": "two\nlines"},
        {"external_id": "e", **BOUGHT, "contract": "certificate", "contract_kg_per_kwh": 0, "certificate": "x"},
    ]
    assert statuses(bulk(alice, draft, *rows)) == ["created"] * 5
    draft.refresh_from_db()
    by_hand = Activity(kind="fuel.diesel", typed_amount="1,234.5", typed_unit="吨", amount=1234.5, unit="t")
    draft.add_activity(by_hand, by=person, edition=draft.edition)
    make.solution(draft)
    ledger = alice.read(path_of(draft))
    taking = {"quantities": ["scope1_t"], "tables_digest": ledger.json()["tables_digest"]}
    taken = alice.send(f"/disclosures/{draft.pk}/take-over/", taking, If_Match=ledger["ETag"])
    assert taken.status_code == 200, taken.content
    digest = Disclosure.objects.get(pk=draft.pk).content_digest()
    for part in ("activities/", "solutions/"):
        read = alice.read(f"/disclosures/{draft.pk}/{part}")
        back = alice.ask("PUT", f"{V1}/disclosures/{draft.pk}/{part}", read.json(), If_Match=read["ETag"])
        assert back.status_code == 200, back.content
        assert back.json() | {"edition": 0} == read.json() | {"edition": 0}
        assert Disclosure.objects.get(pk=draft.pk).content_digest() == digest
    read = alice.read(f"/disclosures/{draft.pk}/")
    back = alice.change(f"/disclosures/{draft.pk}/", read.json(), If_Match=read["ETag"])
    assert back.status_code == 200, back.content
    assert Disclosure.objects.get(pk=draft.pk).content_digest() == digest
    assert back.json()["figures"] == read.json()["figures"]
    line = alice.read(path_of(draft) + "a/")
    assert alice.ask("PUT", V1 + path_of(draft) + "a/", line.json()).json() == line.json()
    assert alice.change(path_of(draft) + "line:6/", {"note": ""}).status_code == 200
    assert Disclosure.objects.get(pk=draft.pk).content_digest() == digest


# --- one line --------------------------------------------------------------------------------------------
def test_a_line_is_put_changed_and_taken_out_by_its_own_number(alice: Caller, draft: Disclosure) -> None:
    path = path_of(draft) + "SAP-4900012345.10/"
    made = alice.ask("PUT", V1 + path, BOUGHT)
    assert (made.status_code, made["Location"]) == (201, V1 + path)
    assert (made.json()["external_id"], made.json()["number"]) == ("SAP-4900012345.10", 1)
    again = alice.ask("PUT", V1 + path, BOUGHT)
    assert (again.status_code, again["ETag"]) == (200, made["ETag"])
    changed = alice.change(path, {"amount": "2000", "unit": "MWh"})
    assert changed.json()["read_as"] == {"value": "2000000", "unit": "kWh"} and changed.json()["place"] == "CN-SC"
    noted = alice.change(path, {"amount": None, "unit": "", "notation": "NE"})
    assert (noted.status_code, noted.json()["state"]) == (200, "notation")
    assert alice.read(path_of(draft) + "line:1/").json() == noted.json()
    assert alice.ask("DELETE", V1 + path).status_code == 204
    is_problem(alice.read(path), 404, "not_found")
    assert not draft.activities.exists()


def test_a_line_that_somebody_changed_is_not_overwritten_where_its_version_is_named(
    alice: Caller, draft: Disclosure
) -> None:
    path = path_of(draft) + "a/"
    old = alice.ask("PUT", V1 + path, BOUGHT)["ETag"]
    alice.ask("PUT", V1 + path_of(draft) + "b/", BURNT)  # another line is in nobody's way
    assert alice.change(path, {"note": "x"}, If_Match=old).status_code == 200
    is_problem(alice.change(path, {"note": "y"}, If_Match=old), 412, "precondition_failed")
    is_problem(alice.ask("DELETE", V1 + path, If_Match=old), 412, "precondition_failed")
    assert draft.activities.get(external_id="a").note == "x"


@pytest.mark.parametrize(
    ("address", "body", "status", "code"),
    [
        ("line:7", BOUGHT, 404, "not_found"),
        ("b", BOUGHT | {"external_id": "c"}, 400, "not_the_address"),
        ("b", BOUGHT | {"amount": "-1"}, 400, "invalid"),
        ("b", BOUGHT | {"nonsense": 1}, 400, "unknown"),
        ("b", [], 400, "invalid"),
        ("a%20b", BOUGHT, 404, "not_found"),
        ("line:1", BOUGHT | {"external_id": "taken"}, 400, "twice"),
        ("line:1", BOUGHT | {"external_id": "line:9"}, 400, "invalid"),
    ],
)
def test_a_wrong_line_is_refused(
    alice: Caller, draft: Disclosure, address: str, body: Any, status: int, code: str
) -> None:
    bulk(alice, draft, {"external_id": "a", **BOUGHT}, {"external_id": "taken", **BOUGHT})
    before = list(draft.activities.values())
    answer = alice.ask("PUT", f"{V1}{path_of(draft)}{address}/", body)
    said = is_problem(answer, status, "not_found" if status == 404 else "validation_error")
    assert status == 404 or [error["code"] for error in said["errors"]] == [code]
    assert list(draft.activities.values()) == before


def test_what_the_pages_change_keeps_the_number_of_the_company(alice: Caller, draft: Disclosure) -> None:
    bulk(alice, draft, {"external_id": "a", **BOUGHT})
    draft.refresh_from_db()
    stored = draft.activities.get()
    person = draft.company.memberships.get().user
    typed = Activity(kind="electricity", typed_amount="7", typed_unit="MWh", amount=7000.0, unit="kWh")
    typed.pk, typed.number = stored.pk, stored.number
    draft.write_activities(by=person, edition=draft.edition, changed=[typed])
    assert draft.activities.values_list("external_id", "amount").get() == ("a", 7000.0)


# --- many lines ------------------------------------------------------------------------------------------
def test_many_lines_are_answered_one_by_one_and_the_same_again_changes_nothing(
    alice: Caller, draft: Disclosure
) -> None:
    good, wrong = {"external_id": "a", **BOUGHT}, {"external_id": "b", **BOUGHT, "unit": "kW"}
    answer = bulk(alice, draft, good, wrong, {**BURNT}, good, "nonsense", {"external_id": "z", "delete": True})
    assert statuses(answer) == ["created", "refused", "refused", "refused", "refused", "absent"]
    items = answer.json()["items"]
    assert (items[0]["number"], answer.json()["refused"]) == (1, 4)
    assert [[(e["pointer"], e["code"]) for e in item["errors"]] for item in items[1:5]] == [
        [("/items/1/unit", "wrong_unit")],
        [("/items/2/external_id", "required")],
        [("/items/3/external_id", "twice")],
        [("/items/4", "invalid")],
    ]
    edition = Disclosure.objects.get(pk=draft.pk).edition
    assert statuses(bulk(alice, draft, good)) == ["unchanged"]
    assert Disclosure.objects.get(pk=draft.pk).edition == edition
    changed = bulk(alice, draft, good | {"amount": 5}, {"external_id": "c", **BURNT})
    assert statuses(changed) == ["updated", "created"]
    assert statuses(bulk(alice, draft, {"external_id": "a", "delete": True})) == ["deleted"]
    assert list(draft.activities.values_list("external_id", "number")) == [("c", 2)]


def test_all_or_nothing_where_it_is_asked_for(alice: Caller, draft: Disclosure) -> None:
    good, wrong = {"external_id": "a", **BOUGHT}, {"external_id": "b", **BOUGHT, "unit": "kW"}
    said = is_problem(bulk(alice, draft, good, wrong, atomic=True), 400, "validation_error")
    assert [(error["pointer"], error["code"]) for error in said["errors"]] == [("/items/1/unit", "wrong_unit")]
    assert not draft.activities.exists()
    assert statuses(bulk(alice, draft, good, atomic=True)) == ["created"]


def test_the_number_of_items_and_of_lines_has_a_limit(
    alice: Caller, draft: Disclosure, monkeypatch: pytest.MonkeyPatch
) -> None:
    too_many = bulk(alice, draft, *[{"external_id": "a"}] * 1001)
    assert [error["pointer"] for error in is_problem(too_many, 400, "validation_error")["errors"]] == ["/items"]
    is_problem(bulk(alice, draft), 400, "validation_error")
    monkeypatch.setattr("scoring.ledgers.lines_bulk_api.MOST_ACTIVITIES", 1)
    answer = bulk(alice, draft, {"external_id": "a", **BOUGHT}, {"external_id": "b", **BOUGHT})
    assert statuses(answer) == ["created", "refused"]
    assert answer.json()["items"][1]["errors"][0]["code"] == "too_many"


def test_after_a_return_only_the_lines_that_it_opened_change(company: Company, draft: Disclosure) -> None:
    person, bob = make.alice(company), make.bob()
    alice = Caller(person)
    bulk(alice, draft, {"external_id": "a", **BOUGHT}, {"external_id": "b", **BURNT})
    draft.refresh_from_db()
    draft.submit(by=person)
    Finding.raise_on(draft, by=bob, kind="question", point="line:1", words="which meter?")
    draft.return_for_correction(by=bob, reason="see the finding")
    rows = [{"external_id": "a", **BOUGHT, "amount": 9}, {"external_id": "b", **BURNT, "amount": 9}]
    answer = bulk(alice, draft, *rows, {"external_id": "c", **BURNT}, {"external_id": "b", "delete": True})
    assert statuses(answer) == ["updated", "refused", "refused", "refused"]
    assert {error["code"] for item in answer.json()["items"] for error in item["errors"]} == {"locked"}
    said = is_problem(alice.change(path_of(draft) + "b/", {"amount": 9}), 409, "locked")
    assert [error["pointer"] for error in said["errors"]] == ["/line:2"]


def test_only_people_of_the_company_write_lines_and_only_of_a_draft(company: Company, draft: Disclosure) -> None:
    person = make.alice(company)
    alice, bob = Caller(person), Caller(make.bob())
    bulk(alice, draft, {"external_id": "a", **BOUGHT})
    is_problem(bulk(Caller(person, [Scope.DISCLOSURES_READ]), draft, BOUGHT), 403, "insufficient_scope")
    stranger = Caller(make.user("mallory", company=make.company("demo-beta")))
    is_problem(bulk(stranger, draft, {"external_id": "a", **BOUGHT}), 404, "not_found")
    draft.refresh_from_db()
    draft.submit(by=person)
    is_problem(bulk(bob, draft, {"external_id": "a", **BOUGHT}), 403, "permission_denied")
    is_problem(bulk(alice, draft, {"external_id": "b", **BOUGHT}), 409, "conflict")
    is_problem(alice.ask("DELETE", V1 + path_of(draft) + "a/"), 409, "conflict")
    assert bob.read(path_of(draft) + "a/").json()["external_id"] == "a"


# --- taking over -----------------------------------------------------------------------------------------
def test_totals_become_figures_of_the_ledger_that_was_read(alice: Caller, draft: Disclosure) -> None:
    bulk(alice, draft, {"external_id": "a", **BOUGHT})
    read = alice.read(path_of(draft))
    path, body = f"/disclosures/{draft.pk}/take-over/", {"quantities": ["scope2_location_t"]}
    asked = body | {"tables_digest": read.json()["tables_digest"]}
    is_problem(alice.send(path, body | {"tables_digest": "0" * 64}, If_Match=read["ETag"]), 412, "precondition_failed")
    is_problem(alice.send(path, asked), 428, "precondition_required")
    nothing = {"quantities": ["scope1_t"], "tables_digest": read.json()["tables_digest"]}
    is_problem(alice.send(path, nothing, If_Match=read["ETag"]), 409, "conflict")
    taken = alice.send(path, asked, If_Match=read["ETag"])
    assert taken.status_code == 200, taken.content
    (figure,) = [row for row in taken.json()["figures"] if row["quantity"] == "scope2_location_t"]
    assert figure["basis"] == "calculated" and figure["provenance"]
    is_problem(alice.send(path, asked, If_Match=read["ETag"]), 412, "precondition_failed")
    left = alice.read(path_of(draft)).json()["take_over"]
    assert [one["taken"] for one in left if one["quantity"] == "scope2_location_t"] == [None]
