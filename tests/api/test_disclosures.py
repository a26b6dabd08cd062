from typing import Any

import pytest

from portfolio.models import AuditEvent, Disclosure, Figure, Scope
from tests import make
from tests.api.caller import Caller, is_problem

pytestmark = pytest.mark.django_db

WHOLE: dict[str, Any] = {
    "boundary": "the group",
    "revenue_boundary": "matched",
    "source_document": "report 2024, p. 12",
    "figures": [
        {"quantity": "scope1_t", "value": "1200.5", "unit": "tCO₂e"},
        {"quantity": "scope2_location_t", "value": 800},
    ],
}


def opened(alice: Caller, **what: Any) -> tuple[int, str]:
    made = alice.send("/disclosures/", {"company": "demo-alpha", "year": 2024, **WHOLE, **what})
    assert made.status_code == 201, made.content
    return made.json()["id"], made["ETag"]


def test_a_draft_is_opened_with_its_figures() -> None:
    alice = Caller(make.alice(make.company()))
    made = alice.send("/disclosures/", {"company": "demo-alpha", "year": 2024, **WHOLE})
    assert made.status_code == 201
    said = made.json()
    assert made["Location"] == f"/api/v1/disclosures/{said['id']}/"
    assert (said["state"], said["missing"], said["total"]) == ("draft", [], {"value": "2000.5", "unit": "tCO₂e"})
    assert [(row["quantity"], row["value"], row["unit"]) for row in said["figures"]] == [
        ("scope1_t", "1200.5", "tCO₂e"),
        ("scope2_location_t", "800", "tCO₂e"),
    ]
    assert alice.read(f"/disclosures/{said['id']}/").json() == said


def test_a_year_alone_is_enough_to_begin() -> None:
    made = Caller(make.alice(make.company())).send("/disclosures/", {"company": "demo-alpha", "year": 2024})
    assert made.status_code == 201
    assert len(made.json()["missing"]) == 4
    untold = {one["bar"]: [each["code"] for each in one["untold"]] for one in made.json()["unknown_for_bars"]}
    assert untold["c"] == ["solutions"] and "ebit_cny" in untold["r"]
    assert untold["o"] == ["scope1_t", "scope2_location_t", "revenue_cny"]


@pytest.mark.postgres
def test_a_year_that_is_there_is_a_conflict() -> None:
    alice = Caller(make.alice(make.company()))
    opened(alice)
    is_problem(alice.send("/disclosures/", {"company": "demo-alpha", "year": 2024}), 409, "conflict")


def test_a_strangers_company_cannot_be_disclosed_for_nor_found_out() -> None:
    alice = Caller(make.alice(make.company()))
    make.company("other")
    there, not_there = (
        is_problem(alice.send("/disclosures/", {"company": key, "year": 2024}), 400, "validation_error")
        for key in ("other", "nobody")
    )
    assert there == not_there
    assert [(error["pointer"], error["code"]) for error in there["errors"]] == [("/company", "unknown")]


def test_house_roles_disclose_for_nobody() -> None:
    make.company()
    for person in (make.bob(), make.carol(), make.dan()):
        answer = Caller(person).send("/disclosures/", {"company": "demo-alpha", "year": 2024})
        is_problem(answer, 403, "permission_denied")


UNITS: list[tuple[str, str, str, float, str]] = [
    ("scope1_t", "3450", "tCO2e", 3450, "3,450 tCO2e = 3,450 tCO₂e"),
    ("scope1_t", "3450", "tCO₂e", 3450, "3,450 tCO₂e"),
    ("scope1_t", "3450", "t", 3450, "3,450 t = 3,450 tCO₂e"),
    ("scope1_t", "3450", "tonnes", 3450, "3,450 tonnes = 3,450 tCO₂e"),
    ("scope1_t", "3450", "吨", 3450, "3,450 吨 = 3,450 tCO₂e"),
    ("scope1_t", "3450", "kt", 3_450_000, "3,450 kt = 3,450,000 tCO₂e"),
    ("scope1_t", "3450", "ktCO2e", 3_450_000, "3,450 ktCO2e = 3,450,000 tCO₂e"),
    ("scope1_t", "3450", "kgCO2e", 3.45, "3,450 kgCO2e = 3.45 tCO₂e"),
    ("scope2_location_t", "3450", "万吨", 34_500_000, "3,450 万吨 = 34,500,000 tCO₂e"),
    ("scope3_total_t", "3.45", "Mt", 3_450_000, "3.45 Mt = 3,450,000 tCO₂e"),
    ("scope3_total_t", "3.45", "百万吨二氧化碳当量", 3_450_000, "3.45 百万吨二氧化碳当量 = 3,450,000 tCO₂e"),
    ("electricity_kwh", "12.5", "万千瓦时", 125_000, "12.5 万千瓦时 = 125,000 kWh"),
    ("electricity_kwh", "12.5", "GWh", 12_500_000, "12.5 GWh = 12,500,000 kWh"),
    ("energy_mj", "2", "tce", 58_615.2, "2 tce = 58,615.2 MJ"),
    ("energy_mj", "2", "GJ", 2000, "2 GJ = 2,000 MJ"),
    ("revenue_cny", "1.2", "亿元", 120_000_000, "1.2 亿元 = 120,000,000 元"),
    ("revenue_cny", "12", "万元", 120_000, "12 万元 = 120,000 元"),
    ("renewable_capacity_kw", "5", "MW", 5000, "5 MW = 5,000 kW"),
    ("water_t", "5", "万立方米", 50_000, "5 万立方米 = 50,000 t"),
    ("water_t", "1", "ML", 1000, "1 ML = 1,000 t"),
    ("waste_t", "500", "kg", 0.5, "500 kg = 0.5 t"),
]


@pytest.mark.parametrize(("quantity", "value", "unit", "stored", "read_as"), UNITS)
def test_a_figure_is_told_in_any_unit_of_its_kind_and_echoed(
    quantity: str, value: str, unit: str, stored: float, read_as: str
) -> None:
    alice = Caller(make.alice(make.company()))
    pk, _tag = opened(alice, figures=[{"quantity": quantity, "value": value, "unit": unit}])
    [figure] = alice.read(f"/disclosures/{pk}/").json()["figures"]
    assert (float(figure["value"]), figure["read_as"], figure["typed"]) == (stored, read_as, f"{value} {unit}")


@pytest.mark.parametrize(
    ("quantity", "unit", "code", "words"),
    [
        ("scope1_t", "kWh", "wrong_unit", "energy"),
        ("scope1_t", "tCO2", "wrong_unit", "carbon dioxide alone"),
        ("scope1_t", "MTCO2e", "ambiguous_unit", "MtCO2e"),
        ("scope1_t", "tons", "ambiguous_unit", "short ton"),
        ("scope1_t", "tCO2f", "unknown_unit", "not a unit we know"),
        ("revenue_cny", "USD", "unknown_unit", "万元"),
        ("waste_t", "m3", "wrong_unit", "volume"),
        ("water_t", "Nm3", "wrong_unit", "volume"),
    ],
)
def test_a_unit_that_a_figure_cannot_have_is_refused_by_name(quantity: str, unit: str, code: str, words: str) -> None:
    alice = Caller(make.alice(make.company()))
    figures = [{"quantity": quantity, "value": "3", "unit": unit}]
    body = {"company": "demo-alpha", "year": 2024, **WHOLE, "figures": figures}
    [error] = alice.send("/disclosures/", body, Accept_Language="en").json()["errors"]
    assert (error["pointer"], error["code"]) == ("/figures/0/unit", code)
    assert words in error["detail"]


def test_a_figure_that_only_its_unit_makes_too_large_is_refused() -> None:
    alice = Caller(make.alice(make.company()))
    figures = [{"quantity": "scope1_t", "value": "9" * 17, "unit": "Gt"}]
    said = alice.send("/disclosures/", {"company": "demo-alpha", "year": 2024, "figures": figures})
    is_problem(said, 400, "validation_error")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"figures": [{"quantity": "scope1_t", "value": "1,200"}]}, "/figures/0/value"),
        ({"figures": [{"quantity": "scope1_t", "value": -1}]}, "/figures/0/value"),
        ({"figures": [{"quantity": "scope1_t", "value": "9" * 19}]}, "/figures/0/value"),
        ({"figures": [{"quantity": "scope1_t", "value": True}]}, "/figures/0/value"),
        ({"figures": [{"quantity": "scope1_t", "value": 10**400}]}, "/figures/0/value"),
        ({"figures": [{"quantity": "scope1_t", "value": 1, "unit": "kWh"}]}, "/figures/0/unit"),
        ({"figures": [{"quantity": "scope9_t", "value": 1}]}, "/figures/0/quantity"),
        ({"figures": [{"quantity": "scope1_t", "value": 1}] * 2}, "/figures"),
        ({"year": 1066}, "/year"),
        ({"boundary": "x" * 301}, "/boundary"),
        ({"boundary": "nul \0"}, "/boundary"),
        ({"state": "verified"}, "/state"),
        ({"a/b~c": 1}, "/a~1b~0c"),
        ({"half \ud800": 1}, "/half ?"),
    ],
)
def test_what_is_wrong_is_named_by_its_pointer(wrong: dict[str, Any], pointer: str) -> None:
    alice = Caller(make.alice(make.company()))
    answer = alice.send("/disclosures/", {"company": "demo-alpha", "year": 2024, **wrong})
    said = is_problem(answer, 400, "validation_error")
    assert [error["pointer"] for error in said["errors"]] == [pointer]
    assert not Disclosure.objects.exists()


def test_a_change_needs_the_version_that_was_read() -> None:
    alice = Caller(make.alice(make.company()))
    pk, tag = opened(alice)
    is_problem(alice.change(f"/disclosures/{pk}/", {"boundary": "x"}), 428, "precondition_required")
    for other in ('"other"', "*", f"W/{tag}"):
        answer = alice.change(f"/disclosures/{pk}/", {"boundary": "x"}, If_Match=other)
        is_problem(answer, 412, "precondition_failed")
    changed = alice.change(f"/disclosures/{pk}/", {"boundary": "x"}, If_Match=tag)
    assert (changed.status_code, changed.json()["boundary"]) == (200, "x")
    assert len(changed.json()["figures"]) == 2
    is_problem(alice.change(f"/disclosures/{pk}/", {"boundary": "y"}, If_Match=tag), 412, "precondition_failed")
    assert alice.change(f"/disclosures/{pk}/", {"figures": []}, If_Match=changed["ETag"]).json()["figures"] == []


@pytest.mark.postgres
def test_a_change_between_the_look_and_the_write_is_not_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = Caller(make.alice(make.company()))
    pk, tag = opened(alice)
    look = Disclosure.can_be_edited_by

    def someone_else_saves(found: Disclosure, user: Any) -> bool:
        Disclosure.objects.filter(pk=pk).update(edition=7, boundary="theirs")
        return look(found, user)

    monkeypatch.setattr(Disclosure, "can_be_edited_by", someone_else_saves)
    answer = alice.change(f"/disclosures/{pk}/", {"boundary": "mine"}, If_Match=tag)
    is_problem(answer, 412, "precondition_failed")
    assert Disclosure.objects.get().boundary == "theirs"


def test_what_has_not_changed_is_not_sent_again() -> None:
    alice = Caller(make.alice(make.company()))
    pk, tag = opened(alice)
    unchanged = alice.read(f"/disclosures/{pk}/", If_None_Match=f'"other", W/{tag}')
    assert (unchanged.status_code, unchanged.content, unchanged["ETag"]) == (304, b"", tag)
    alice.change(f"/disclosures/{pk}/", {"boundary": "x"}, If_Match=tag)
    assert alice.read(f"/disclosures/{pk}/", If_None_Match=tag).status_code == 200


def test_a_stranger_can_neither_read_nor_change_nor_submit() -> None:
    alice = Caller(make.alice(make.company()))
    pk, tag = opened(alice)
    mallory = Caller(make.user("mallory", company=make.company("other")))
    is_problem(mallory.read(f"/disclosures/{pk}/"), 404, "not_found")
    is_problem(mallory.change(f"/disclosures/{pk}/", {"boundary": "x"}, If_Match=tag), 404, "not_found")
    is_problem(mallory.send(f"/disclosures/{pk}/submit/", If_Match=tag), 404, "not_found")
    assert mallory.read("/disclosures/").json()["count"] == 0


def test_a_draft_is_submitted_as_it_was_read() -> None:
    alice = Caller(make.alice(make.company()))
    pk, tag = opened(alice)
    is_problem(alice.send(f"/disclosures/{pk}/submit/"), 428, "precondition_required")
    is_problem(alice.send(f"/disclosures/{pk}/submit/", If_Match='"old"'), 412, "precondition_failed")
    done = alice.send(f"/disclosures/{pk}/submit/", If_Match=tag)
    assert (done.status_code, done.json()["state"]) == (200, "submitted")
    assert AuditEvent.objects.filter(verb="disclosure.submitted").count() == 1
    is_problem(alice.send(f"/disclosures/{pk}/submit/", If_Match=done["ETag"]), 409, "conflict")
    is_problem(alice.change(f"/disclosures/{pk}/", {"boundary": "x"}, If_Match=done["ETag"]), 409, "conflict")


def test_what_lacks_something_is_not_submitted() -> None:
    alice = Caller(make.alice(make.company()))
    pk, tag = opened(alice, figures=[])
    answer = alice.send(f"/disclosures/{pk}/submit/", If_Match=tag, Accept_Language="en")
    assert "Scope 1 emissions" in is_problem(answer, 409, "conflict")["detail"]


def test_a_contributor_writes_but_does_not_submit() -> None:
    frank = Caller(make.frank(make.company()))
    pk, tag = opened(frank)
    is_problem(frank.send(f"/disclosures/{pk}/submit/", If_Match=tag), 403, "permission_denied")


def test_a_verifier_reads_what_was_submitted_and_changes_nothing() -> None:
    company = make.company()
    make.disclosure(company, 2023, state="draft")
    waiting = make.disclosure(company, 2024, state="submitted")
    bob = Caller(make.bob())
    assert [row["id"] for row in bob.read("/disclosures/").json()["results"]] == [waiting.pk]
    is_problem(bob.change(f"/disclosures/{waiting.pk}/", {"boundary": "x"}, If_Match="x"), 403, "permission_denied")


@pytest.mark.postgres
def test_disclosures_are_narrowed() -> None:
    company = make.company()
    for year in (2022, 2023, 2024):
        make.disclosure(company, year)
    carol = Caller(make.carol())
    found = carol.read("/disclosures/?year=2023&company=demo-alpha&state=recorded").json()["results"]
    assert [row["year"] for row in found] == [2023]
    years = [row["year"] for row in carol.read("/disclosures/?ordering=year&fields=year").json()["results"]]
    assert years == [2022, 2023, 2024]


FIELDS = sorted({field.name for model in (Disclosure, Figure) for field in model._meta.get_fields()} | {"is_staff"})
ALLOWED = {"boundary", "revenue_boundary", "source_document", "figures"}


@pytest.mark.parametrize("field", FIELDS)
def test_only_the_allowed_fields_of_the_model_can_be_changed(field: str) -> None:
    alice = Caller(make.alice(make.company()))
    pk, tag = opened(alice)
    before, figures = Disclosure.objects.filter(pk=pk).values()[0], list(Figure.objects.values())
    answer = alice.change(f"/disclosures/{pk}/", {field: [] if field == "figures" else "mismatched"}, If_Match=tag)
    after = Disclosure.objects.filter(pk=pk).values()[0]
    changed = {name for name in before if before[name] != after[name]}
    if field in ALLOWED:
        assert answer.status_code == 200
        assert changed == {field, "edition", "saved_at"} - {"figures"}
        assert Figure.objects.count() == (0 if field == "figures" else 2)
    else:
        is_problem(answer, 400, "validation_error")
        assert not changed
        assert list(Figure.objects.values()) == figures


def test_scopes_of_the_token_are_kept() -> None:
    person = make.alice(make.company())
    reader, writer = Caller(person, [Scope.DISCLOSURES_READ]), Caller(person, [Scope.DISCLOSURES_WRITE])
    pk, tag = opened(writer)
    assert reader.read(f"/disclosures/{pk}/").status_code == 200
    for answer in (
        reader.send("/disclosures/", {"company": "demo-alpha", "year": 2023}),
        reader.change(f"/disclosures/{pk}/", {"boundary": "x"}, If_Match=tag),
        reader.send(f"/disclosures/{pk}/submit/", If_Match=tag),
        writer.read("/disclosures/"),
        reader.read("/companies/"),
    ):
        is_problem(answer, 403, "insufficient_scope")


def test_submitting_is_throttled(settings: Any) -> None:
    settings.API_RATES = {"submit": "2/min"}
    alice = Caller(make.alice(make.company()))
    pk, _tag = opened(alice)
    answers = [alice.send(f"/disclosures/{pk}/submit/", If_Match='"old"') for _n in range(3)]
    assert [answer.status_code for answer in answers] == [412, 412, 429]
    is_problem(answers[2], 429, "throttled")
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    other = Caller(make.user("grace", company=make.company("other")))
    assert other.send(f"/disclosures/{pk}/submit/").status_code == 404  # each person has a measure of their own


@pytest.mark.parametrize("typed", ["0", "0.1", "123456789.123", "59999999999.5", "0.00000001"])
@pytest.mark.postgres
def test_numbers_keep_their_digits(typed: str) -> None:
    alice = Caller(make.alice(make.company()))
    pk, _tag = opened(alice, figures=[{"quantity": "scope1_t", "value": typed}])
    figure = alice.read(f"/disclosures/{pk}/").json()["figures"][0]
    assert (figure["value"], figure["typed"]) == (typed, typed)
