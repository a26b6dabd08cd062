"""The lines of a ledger over the API: all or nothing, on the version that was read, by the rules of the form."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest

from portfolio.models import Company, Disclosure, Evidence, Scope, Site
from portfolio.places.names import city_of
from portfolio.rest import cost
from portfolio.typed.files import read_upload
from tests import make
from tests.api.caller import Caller, is_problem

pytestmark = pytest.mark.django_db

BOUGHT: dict[str, Any] = {"activity": "electricity", "amount": "1234.05", "unit": "万千瓦时", "place": "CN-SC"}


def draft(company: Company) -> tuple[Disclosure, str]:
    made = make.disclosure(company, state=Disclosure.State.DRAFT)
    return made, f"/disclosures/{made.pk}/activities/"


def put(caller: Caller, path: str, *lines: dict[str, Any], **headers: str) -> Any:
    headers.setdefault("If_Match", caller.read(path)["ETag"])
    return caller.ask("PUT", f"/api/v1{path}", {"activities": list(lines)}, **headers)


def test_lines_are_written_and_read_back() -> None:
    company = make.company()
    person = make.alice(company)
    alice = Caller(person)
    made, path = draft(company)
    Site.objects.create(company=company, site_key="plant", name="plant", **make.SOURCE)
    evidence = Evidence.keep(read_upload("bill.pdf", b"%PDF-"), company=company, by=person)
    anthracite = {"activity": "fuel.anthracite@manufacturing", "amount": 3, "unit": "万吨", "site": "plant"}
    landfill = {"activity": "waste.landfill", "amount": "10", "unit": "t", "parameters": {"doc": "0.15", "f": 0.5}}
    written = put(
        alice,
        path,
        BOUGHT
        | {
            "evidence": [{"id": evidence.pk, "place": "p. 3"}, {"id": evidence.pk, "place": "p. 9"}],
            "period_start": "2024-01-01",
            "period_end": "2024-06-30",
        },
        anthracite,
        landfill,
        {"activity": "heat", "notation": "IE", "included_in": "electricity"},
    )
    assert written.status_code == 200, written.content
    said = written.json()
    assert said["edition"] == 2
    assert [(line["number"], line["activity"], line["read_as"]) for line in said["activities"]] == [
        (1, "electricity", {"value": "12340500", "unit": "kWh"}),
        (2, "fuel.anthracite@manufacturing", {"value": "30000", "unit": "t"}),
        (3, "waste.landfill", {"value": "10", "unit": "t"}),
        (4, "heat", None),
    ]
    bill = {"id": evidence.pk, "name": "bill.pdf", "sha256": evidence.sha256}
    assert said["activities"][0]["evidence"] == [bill | {"place": "p. 3"}, bill | {"place": "p. 9"}]
    assert (said["activities"][0]["amount"], said["activities"][0]["unit"]) == ("1234.05", "万千瓦时")
    assert said["activities"][2]["parameters"] == {"doc": "0.15", "f": "0.5"}
    read = alice.read(path)
    assert (read.json(), read["ETag"]) == (said, written["ETag"])
    assert made.activities.count() == 4


def test_what_was_there_before_goes() -> None:
    company = make.company()
    alice = Caller(make.alice(company))
    made, path = draft(company)
    put(alice, path, BOUGHT, BOUGHT)
    assert [line["number"] for line in put(alice, path, BOUGHT).json()["activities"]] == [1]
    assert put(alice, path).json()["activities"] == []
    assert Disclosure.objects.get(pk=made.pk).edition == 4


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"activity": "fuel.antracite"}, "activity", "unknown_activity"),
        ({"unit": "kW"}, "unit", "wrong_unit"),
        ({"unit": "kWatthours"}, "unit", "unknown_unit"),
        ({"unit": "t"}, "unit", "wrong_unit"),
        ({"amount": "-5"}, "amount", "invalid"),
        ({"amount": "1,234"}, "amount", "invalid"),
        ({"amount": 1e300}, "amount", "too_large"),
        ({"amount": True}, "amount", "invalid"),
        ({"place": "Atlantis"}, "place", "unknown_place"),
        ({"notation": "NE"}, "notation", "both"),
        ({"notation": "XX"}, "notation", "invalid_choice"),
        ({"included_in": "heat"}, "included_in", "unexpected"),
        ({"heating_value_basis": "NCV"}, "heating_value_basis", "unexpected"),
        ({"period_start": "2024-01-01"}, "period_end", "half"),
        ({"period_start": "2023-12-31", "period_end": "2024-01-31"}, "period_start", "outside_year"),
        ({"period_start": "2024-03-01", "period_end": "2024-02-01"}, "period_end", "order"),
        ({"site": "nowhere"}, "site", "unknown"),
        ({"evidence": [{"id": 999}]}, "evidence/0/id", "unknown"),
        ({"evidence": 999}, "evidence", "not_a_list"),
        ({"evidence_place": "p. 3"}, "evidence_place", "unknown"),
        ({"contract_kg_per_kwh": 0}, "contract_kg_per_kwh", "unexpected"),
        ({"contract": "certificate"}, "contract_kg_per_kwh", "required"),
        ({"parameters": {"doc": 0.1}}, "parameters/doc", "unknown_parameter"),
        ({"uncertainty_percent": 5000}, "uncertainty_percent", "too_large"),
        ({"kind": "electricity"}, "kind", "unknown"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_written(wrong: dict[str, Any], pointer: str, code: str) -> None:
    company = make.company()
    alice = Caller(make.alice(company))
    made, path = draft(company)
    said = is_problem(put(alice, path, BOUGHT, BOUGHT | wrong), 400, "validation_error")
    assert [(error["pointer"], error["code"]) for error in said["errors"]] == [(f"/activities/1/{pointer}", code)]
    assert not made.activities.exists()


def test_a_line_names_its_site_by_key_or_name_and_the_answer_says_what_place_is_used() -> None:
    company = make.company(city=city_of("510100"))
    alice = make.alice(company)
    site = Site.add(company, by=alice, name="宁德工厂", city=city_of("350900"))
    _made, path = draft(company)
    lines = [BOUGHT | {"place": "", "site": name} for name in (site.site_key, site.name, None)] + [BOUGHT]
    said = put(Caller(alice), path, *lines).json()["activities"]
    assert [(line["site"], line["place"], line["used_place"], line["place_source"]) for line in said] == [
        ("site-1", "", "350900", "site"),
        ("site-1", "", "350900", "site"),
        (None, "", "510100", "company"),
        (None, "CN-SC", "CN-SC", "line"),
    ]


@pytest.mark.parametrize(("code", "near"), [("510199", "510100"), ("319999", ""), ("CN-XX", "CN-")])
def test_a_code_that_does_not_exist_is_refused_with_the_nearest(code: str, near: str) -> None:
    company = make.company()
    _made, path = draft(company)
    said = is_problem(put(Caller(make.alice(company)), path, BOUGHT | {"place": code}), 400, "validation_error")
    assert said["errors"][0]["code"] == "unknown_place" and near in said["errors"][0]["detail"]


def test_a_site_that_was_not_in_use_in_the_year_is_refused() -> None:
    company = make.company()
    alice = make.alice(company)
    closed = Site.add(company, by=alice, name="old", city=city_of("350900"), closed_on=date(2019, 5, 1))
    later = Site.add(company, by=alice, name="new", city=city_of("350900"), opened_on=date(2030, 5, 1))
    made, path = draft(company)
    for site in (closed, later):
        said = is_problem(put(Caller(alice), path, BOUGHT | {"place": "", "site": site.name}), 400, "validation_error")
        assert said["errors"][0]["code"] == "not_in_use" and str(made.year) in said["errors"][0]["detail"]


def test_a_slip_in_an_activity_offers_the_nearest_in_both_languages() -> None:
    company = make.company()
    alice = Caller(make.alice(company))
    _made, path = draft(company)
    for language, words in (("en", "Is one of these meant: fuel.anthracite"), ("zh-hans", "fuel.anthracite")):
        said = put(alice, path, BOUGHT | {"activity": "fuel.antracite"}, Accept_Language=language).json()
        assert words in said["errors"][0]["detail"]


def test_a_wrong_parameter_is_named_with_its_bounds() -> None:
    company = make.company()
    alice = Caller(make.alice(company))
    _made, path = draft(company)
    line = {"activity": "waste.landfill", "amount": 1, "unit": "t", "parameters": {"doc": 15}}
    said = is_problem(put(alice, path, line), 400, "validation_error")
    assert [(error["pointer"], error["code"]) for error in said["errors"]] == [
        ("/activities/0/parameters/doc", "out_of_range")
    ]


def test_a_gas_volume_needs_its_reference_state() -> None:
    company = make.company()
    alice = Caller(make.alice(company))
    _made, path = draft(company)
    gas = {"activity": "fuel.natural_gas", "amount": 2, "unit": "万立方米"}
    said = is_problem(put(alice, path, gas), 400, "validation_error")
    assert said["errors"][0]["code"] == "reference_state_needed"
    assert put(alice, path, gas | {"unit": "万立方米@20C"}).json()["activities"][0]["read_as"] == {
        "value": "20000",
        "unit": "m3@20C",
    }


def test_the_version_that_was_read_is_asked_for() -> None:
    company = make.company()
    alice = Caller(make.alice(company))
    _made, path = draft(company)
    old = alice.read(path)["ETag"]
    put(alice, path, BOUGHT)
    is_problem(put(alice, path, If_Match=old), 412, "precondition_failed")
    is_problem(put(alice, path, If_Match=""), 428, "precondition_required")
    assert len(alice.read(path).json()["activities"]) == 1


def test_only_people_of_the_company_write_and_only_a_draft() -> None:
    company = make.company()
    person = make.alice(company)
    alice, bob = Caller(person), Caller(make.bob())
    made, path = draft(company)
    put(alice, path, BOUGHT)
    is_problem(bob.read(path), 404, "not_found")
    is_problem(Caller(make.user("mallory", company=make.company("demo-beta"))).read(path), 404, "not_found")
    made.refresh_from_db()
    made.submit(by=person)
    assert len(bob.read(path).json()["activities"]) == 1
    is_problem(put(bob, path, BOUGHT), 403, "permission_denied")
    is_problem(put(alice, path), 409, "conflict")
    reader = Caller(person, [Scope.DISCLOSURES_READ])
    is_problem(put(reader, path, BOUGHT), 403, "insufficient_scope")


def test_evidence_and_sites_of_others_look_like_nothing() -> None:
    company, other = make.company(), make.company("demo-beta")
    alice = Caller(make.alice(company))
    mallory = make.user("mallory", company=other)
    theirs = Evidence.keep(read_upload("bill.pdf", b"%PDF-"), company=other, by=mallory)
    Site.objects.create(company=other, site_key="theirs", name="theirs", **make.SOURCE)
    _made, path = draft(company)
    there = put(alice, path, BOUGHT | {"evidence": theirs.pk}).json()
    assert there == put(alice, path, BOUGHT | {"evidence": 10**6}).json()
    there = put(alice, path, BOUGHT | {"site": "theirs"}).json()
    assert there == put(alice, path, BOUGHT | {"site": "nobodys"}).json()


def test_the_number_of_lines_has_a_limit_and_the_queries_none_a_line() -> None:
    company = make.company()
    alice = Caller(make.alice(company))
    _made, path = draft(company)
    said = is_problem(put(alice, path, *[{"activity": "heat", "notation": "NO"}] * 2001), 400, "validation_error")
    assert [error["pointer"] for error in said["errors"]] == ["/activities"]


def test_queries_do_not_grow_with_the_lines(django_assert_max_num_queries: Any) -> None:
    company = make.company()
    alice = Caller(make.alice(company))
    _made, path = draft(company)
    tag = alice.read(path)["ETag"]
    with django_assert_max_num_queries(49):
        put(alice, path, *[BOUGHT] * 100, If_Match=tag)  # a batch of the insert holds about 40


def test_a_thousand_unknown_names_are_refused_at_once_and_the_first_say_what_was_meant() -> None:
    """Each looked up would be 17 seconds of the processor; the words differ, so remembering alone is no help."""
    company = make.company()
    alice = Caller(make.alice(company))
    made, path = draft(company)
    alice.read(path)
    began = time.thread_time()
    refused = put(alice, path, *({"activity": f"fuel.antracite{n}", "amount": "1", "unit": "t"} for n in range(1000)))
    assert time.thread_time() - began < 5
    said = is_problem(refused, 400, "validation_error")["errors"]
    assert len(said) == 1000
    assert ["fuel.anthracite" in each["detail"] for each in said] == [True] * 20 + [False] * 980
    assert not made.activities.exists()


@pytest.mark.parametrize(("field", "word"), [("place", "Chengdou{}"), ("unit", "MWhx{}")])
def test_places_and_units_are_looked_up_for_the_first_faults_too(field: str, word: str) -> None:
    company = make.company()
    alice = Caller(make.alice(company))
    _made, path = draft(company)
    began = time.thread_time()
    refused = put(alice, path, *(BOUGHT | {field: word.format(n)} for n in range(300)))
    assert time.thread_time() - began < 5
    assert len(is_problem(refused, 400, "validation_error")["errors"]) == 300


@pytest.mark.parametrize("method", ["PUT", "PATCH", "POST"])
def test_every_write_counts_by_its_cost(settings: Any, method: str) -> None:
    company = make.company()
    person = make.alice(company)
    alice = Caller(person)
    _made, path = draft(company)
    settings.WRITE_SECONDS = 1
    cost.charge(person.pk, 3)
    refused = alice.ask(method, f"/api/v1{path}", {})
    is_problem(refused, 429, "throttled")
    assert int(refused["Retry-After"]) >= 2
    assert alice.read(path).status_code == 200


def test_what_a_write_costs_is_charged_to_whose_token_it_was(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "FREE_SECONDS", 0)  # however fast the machine is
    settings.WRITE_SECONDS, settings.WRITE_SECONDS_REGAINED = 0, 0.001
    company = make.company()
    person = make.alice(company)
    alice = Caller(person)
    _made, path = draft(company)
    assert cost.wait_seconds(person.pk) == 0
    put(alice, path, *({"activity": f"fuel.antracite{n}", "amount": "1", "unit": "t"} for n in range(100)))
    assert cost.wait_seconds(person.pk) > 0


def test_a_bill_of_a_meter_is_written_and_read_back() -> None:
    company = make.company()
    alice = Caller(make.alice(company))
    made, path = draft(company)
    month = {"meter": "5101234567", "period_start": f"{made.year}-02-01", "period_end": f"{made.year}-02-28"}
    if made.year % 4 == 0:
        month["period_end"] = f"{made.year}-02-29"
    assert put(alice, path, BOUGHT | month).status_code == 200
    [line] = alice.read(path).json()["activities"]
    assert month.items() <= line.items()
    assert made.activities.get().month == 2
