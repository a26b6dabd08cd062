"""What was sold or ran: written by the company's people in a draft, read by everyone who sees the disclosure."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import translation

from portfolio.models import Company, Disclosure, Solution
from portfolio.solutions.words import questions
from tests import make
from tests.api.caller import Caller, is_problem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english(settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def alice(company: Company) -> User:
    return make.alice(company)


@pytest.fixture
def draft(company: Company) -> Disclosure:
    return make.disclosure(company, state=Disclosure.State.DRAFT)


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def address(disclosure: Disclosure) -> str:
    return reverse("portfolio:solutions", args=[disclosure.pk])


def typed(disclosure: Disclosure, **changes: Any) -> dict[str, Any]:
    row = {"edition": disclosure.edition, "family": make.family().pk, "kind": "realised", "country": "CN"}
    return row | {"basis": "reported", "action": "save"} | changes


def fresh(disclosure: Disclosure) -> Disclosure:
    return Disclosure.objects.get(pk=disclosure.pk)


# --- writing -------------------------------------------------------------------------------------------------
def test_a_row_is_added_as_people_type_it(draft: Disclosure, alice: User) -> None:
    row = typed(
        draft, units_sold="1.2万", service_per_unit_year="2,200", life_years="20", use_share="95 %", country="德国"
    )
    assert browser(alice).post(address(draft), row).status_code == 302
    stored = draft.solutions.get()
    assert (stored.units_sold, stored.service_per_unit_year, stored.life_years) == (12000, 2200, 20)
    assert (stored.use_share, stored.country, stored.family.code) == (0.95, "DEU", "F01")
    assert fresh(draft).edition == draft.edition + 1


def test_a_blank_number_is_not_told_and_zero_is(draft: Disclosure, alice: User) -> None:
    browser(alice).post(address(draft), typed(draft, units_sold="0", lca_t_per_unit=""))
    stored = draft.solutions.get()
    assert (stored.units_sold, stored.lca_t_per_unit) == (0, None)


def test_all_faults_are_named_at_once_and_nothing_is_kept(draft: Disclosure, alice: User) -> None:
    row = typed(draft, units_sold="-1", life_years="2.5", use_share="80", country="Atlantis", service_per_unit_year="x")
    response = browser(alice).post(address(draft), row)
    form = response.context["form"]
    assert {field.name for field, _words in form.faults()} == {
        *("units_sold", "life_years", "use_share", "country", "service_per_unit_year")
    }
    assert "is 80 % meant" in response.content.decode()
    assert not draft.solutions.exists()


def test_a_row_is_changed_in_its_place_and_removed(draft: Disclosure, alice: User) -> None:
    make.solution(draft)
    make.solution(draft, code="F02", number=2)
    client = browser(alice)
    client.post(address(draft), typed(draft, number=1, units_sold="7"))
    assert [row.units_sold for row in draft.solutions.order_by("number")] == [7, 500]
    client.post(address(draft), {"action": "remove", "number": 1, "edition": fresh(draft).edition})
    assert [row.family.code for row in draft.solutions.all()] == ["F02"]


def test_the_family_of_the_companys_track_is_preset_with_its_units(draft: Disclosure, alice: User) -> None:
    make.track(draft.company, "end_use_electrification", by=make.carol(), family=make.family("F10"))
    form = browser(alice).get(address(draft)).context["form"]
    assert form.chosen_family.code == "F10"
    assert form["units_sold"].label == "Units sold, car"
    assert form["energy_mwh_per_service"].label == "Electricity, MWh per km"


def test_another_family_is_chosen_and_its_units_shown_before_anything_is_saved(draft: Disclosure, alice: User) -> None:
    row = typed(draft, family=make.family("F09").pk, units_sold="wrong", action="units")
    response = browser(alice).post(address(draft), row)
    assert response.context["form"]["units_sold"].label == "Units sold, kWh"
    assert not response.context["form"].faults()
    assert not draft.solutions.exists()


@pytest.mark.parametrize(
    ("field", "typed_as", "stored"),
    [
        ("units_sold", "500 MW", 500),
        ("units_sold", "0.5 GW", 500),
        ("units_made", "20万千瓦", 200),
        ("service_per_unit_year", "2,200 MWh", 2200),
        ("service_per_unit_year", "2200 MWh/MW", 2200),
        ("life_years", "15 years", 15),
        ("life_years", "15 年", 15),
        ("lca_t_per_unit", "-0.3 kt", -300),
        ("lca_t_per_unit", "308 tCO2e/MW", 308),
        ("stated_avoided_t", "1.2万吨", 12000),
    ],
)
def test_a_number_may_bring_the_unit_of_its_field(
    draft: Disclosure, alice: User, field: str, typed_as: str, stored: float
) -> None:
    assert browser(alice).post(address(draft), typed(draft, **{field: typed_as})).status_code == 302
    assert getattr(draft.solutions.get(), field) == stored


@pytest.mark.parametrize(
    ("field", "typed_as", "said_en", "said_zh"),
    [
        ("units_sold", "15 years", "Units that fit here are kW, MW", "此处可用的单位有：kW、MW"),
        ("units_sold", "500 MWh", "is a unit of energy; please give one such as kW, MW", "是能量的单位"),
        ("life_years", "500 MW", "“MW” is not the unit of this field: its number is in years.", "本栏单位为年"),
        ("use_share", "0.9 MW", "“MW” is not the unit of this field: its number is in %.", "本栏单位为%"),
    ],
)
def test_a_wrong_unit_is_named_with_that_of_the_field(
    draft: Disclosure, alice: User, field: str, typed_as: str, said_en: str, said_zh: str
) -> None:
    for language, said in (("en", said_en), ("zh-hans", said_zh)):
        client = browser(alice)
        client.cookies["django_language"] = language
        response = client.post(address(draft), typed(draft, **{field: typed_as}))
        assert [said in words for _field, words in response.context["form"].faults()] == [True], response.context[
            "form"
        ].errors


def test_units_are_words_of_the_readers_language(draft: Disclosure, alice: User) -> None:
    make.solution(draft, code="F10")
    client = browser(alice)
    client.cookies["django_language"] = "zh-hans"
    response = client.get(f"{address(draft)}?number=1")
    form, page = response.context["form"], response.content.decode()
    assert "辆" in form["units_sold"].label and "car" not in form["units_sold"].label
    assert "<strong>500</strong> 辆" in page and "纯电动乘用车" in page


def test_rows_of_last_year_are_copied_behind_those_that_are_there(draft: Disclosure, alice: User) -> None:
    last = make.disclosure(draft.company, 2023, state=Disclosure.State.DRAFT)
    make.solution(last, units_sold=400.0)
    Disclosure.objects.filter(pk=last.pk).update(state="recorded", frozen_at="2024-05-01T00:00:00Z")
    make.solution(draft, units_sold=500.0)
    client = browser(alice)
    assert "Copy the rows of 2023" in client.get(address(draft)).content.decode()
    client.post(address(draft), {"action": "copy", "edition": draft.edition})
    assert [row.units_sold for row in draft.solutions.order_by("number")] == [500, 400]


def test_a_stale_save_shows_both_and_loses_nothing(draft: Disclosure, alice: User) -> None:
    make.solution(draft)
    row = typed(draft, number=1, units_sold="7")
    Solution.put(
        draft, [Solution(family=make.family(), country="CHN", units_sold=9.0)], by=alice, edition=draft.edition
    )
    response = browser(alice).post(address(draft), row)
    assert response.status_code == 409
    mine = {each.field.name: (each.mine, each.theirs) for each in response.context["form"].differences()}
    assert mine["units_sold"] == ("7", "9")
    assert draft.solutions.get().units_sold == 9
    again = row | {"edition": response.context["form"]["edition"].value()}
    assert browser(alice).post(address(draft), again).status_code == 302
    assert draft.solutions.get().units_sold == 7


def test_what_was_submitted_is_read_only_and_nothing_typed_is_lost(draft: Disclosure, alice: User) -> None:
    row = typed(draft, units_sold="7")
    draft.submit(by=alice)
    response = browser(alice).post(address(draft), row)
    assert response.status_code == 409
    assert "can no longer be changed" in response.content.decode()
    assert not draft.solutions.exists()


# --- reading -------------------------------------------------------------------------------------------------
def test_the_verifier_reads_the_rows_and_they_are_signed(draft: Disclosure, alice: User) -> None:
    before = draft.content_digest()
    make.solution(draft, name="Model 7")
    assert draft.content_digest() != before
    draft.submit(by=alice)
    page = browser(make.bob()).get(reverse("scoring:case", args=[draft.pk])).content.decode()
    assert "Model 7" in page and "2,200 MWh/MW" in page
    assert browser(make.user("henry", "independent_reviewer")).post(address(draft), {}).status_code == 403


def test_a_stranger_finds_nothing(draft: Disclosure) -> None:
    stranger = make.user("mallory", company=make.company("demo-beta"))
    assert browser(stranger).get(address(draft)).status_code == 404
    assert browser(stranger).post(address(draft), typed(draft)).status_code == 404


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"service_per_unit_year": 9000.0}, "all hours of a year"),
        ({"cost_share": 0.2}, "it is no component"),
        ({"is_component": True}, "lifetime tonnes stay unknown"),
        ({"use_share": 0.01}, "Less than 5 %"),
        ({"stated_avoided_t": 5.0}, "What do the avoided emissions count"),
        ({"kind": "measured"}, "what measured them"),
        ({"units_sold": None}, "this row counts nothing"),
        ({"units_sold": 1e12}, "more than of any company"),
    ],
)
def test_what_is_seldom_so_is_asked_and_not_refused(draft: Disclosure, facts: dict[str, Any], said: str) -> None:
    with translation.override("en"):
        assert said in " ".join(questions(make.solution(draft, **facts)))


@pytest.mark.parametrize(
    ("other", "is_asked"),
    [({}, True), ({"name": "Model 8"}, False), ({"country": "DEU"}, False), ({"code": "F02"}, False)],
)
def test_a_row_like_another_is_asked_about(
    draft: Disclosure, alice: User, other: dict[str, Any], is_asked: bool
) -> None:
    make.solution(draft, units_sold=500.0)
    make.solution(draft, number=2, **({"units_sold": 7.0} | other))
    page = browser(alice).get(address(draft)).content.decode()
    told = Caller(alice).read(f"/disclosures/{draft.pk}/solutions/").json()["solutions"]
    asked = [[words for words in row["questions"] if words.startswith("Rows 1, 2 ")] for row in told]
    assert ("Rows 1, 2 of what was sold or ran" in page) is is_asked
    assert [bool(words) for words in asked] == [is_asked, is_asked]


def test_nothing_is_asked_of_a_plain_row(draft: Disclosure) -> None:
    assert questions(make.solution(draft)) == []


# --- the API -------------------------------------------------------------------------------------------------
def put(caller: Caller, disclosure: Disclosure, rows: list[dict[str, Any]], **headers: str) -> Any:
    path = f"/disclosures/{disclosure.pk}/solutions/"
    headers = headers or {"If_Match": caller.read(path)["ETag"]}
    return caller.ask("PUT", f"/api/v1{path}", {"solutions": rows}, **headers)


def test_the_api_replaces_all_rows(draft: Disclosure, alice: User) -> None:
    make.solution(draft)
    rows = [{"family": "F09", "country": "CHN", "units_sold": "12.5", "lca_t_per_unit": "-0.5", "use_share": 0.9}]
    answer = put(Caller(alice), draft, rows)
    assert answer.status_code == 200, answer.json()
    [row] = answer.json()["solutions"]
    assert (row["number"], row["family"], row["unit"], row["units_sold"]) == (1, "F09", "kWh", "12.5")
    assert (row["lca_t_per_unit"], row["units_made"]) == ("-0.5", None)


def test_the_api_names_each_fault_with_its_pointer_and_writes_nothing(draft: Disclosure, alice: User) -> None:
    bad = {"family": "F99", "country": "XXX", "units_sold": "-1", "use_share": 2, "life_years": 0, "colour": "red"}
    [good] = [{"family": "F01", "country": "CHN"}]
    answer = put(Caller(alice), draft, [good, {name: value for name, value in bad.items() if name != "colour"}])
    pointers = {error["pointer"] for error in is_problem(answer, 400, "validation_error")["errors"]}
    names = ("family", "country", "units_sold", "use_share", "life_years")
    assert pointers == {f"/solutions/1/{name}" for name in names}
    is_problem(put(Caller(alice), draft, [good | {"colour": "red"}]), 400, "validation_error")
    assert not draft.solutions.exists()


def test_the_api_asks_for_the_version_that_was_read(draft: Disclosure, alice: User) -> None:
    is_problem(put(Caller(alice), draft, [], If_Match='"old"'), 412, "precondition_failed")
    is_problem(put(Caller(alice), draft, [], Accept="application/json"), 428, "precondition_required")


def test_the_api_writes_no_frozen_version(company: Company, alice: User) -> None:
    frozen = make.disclosure(company)
    is_problem(put(Caller(alice), frozen, []), 409, "conflict")
