from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from portfolio.models import Scope
from scoring.models import Calculation, Score
from tests import make
from tests.api.caller import Caller, is_problem

pytestmark = pytest.mark.django_db

# 1,000 MWh in 2022, in tonnes: the provinces' averages of MEE and NBS, announcement 33 of 2024.
PROVINCES = {"CN-SC": 140.4, "CN-HB": 436.4, "CN-CQ": 522.7, "CN-SH": 584.9}


def electricity(**changes: Any) -> dict[str, Any]:
    line = {"activity": "electricity", "amount": "1000", "unit": "MWh", "place": "CN-CQ", "year": 2022}
    return {name: value for name, value in (line | changes).items() if value is not None}


def run(*items: Any, **options: Any) -> dict[str, Any]:
    answer = Caller(make.user("nora")).send("/calculations/", {"activities": list(items)} | options)
    assert answer.status_code == 200, answer.content
    said: dict[str, Any] = answer.json()
    return said


def only(said: dict[str, Any]) -> dict[str, Any]:
    [item] = said["items"]
    found: dict[str, Any] = item
    return found


# --- good items ------------------------------------------------------------------------------------------
def test_the_same_electricity_in_four_places_is_four_results() -> None:
    said = run(*(electricity(id=place, place=place) for place in PROVINCES))
    tonnes = {item["id"]: float(item["result"]["co2e"]["value"]) for item in said["items"]}
    assert tonnes == pytest.approx(PROVINCES)
    assert (said["computed"], said["failed"]) == (4, 0)
    assert float(said["totals"]["scope_2_location"]["co2e"]["value"]) == pytest.approx(sum(PROVINCES.values()))


def test_a_result_says_what_it_rests_on() -> None:
    said = run(electricity(uncertainty_percent="3"))
    result = only(said)["result"]
    assert result["factor_ids"] == ["cn-grid/CN-CQ/2022/inventory_average/CO2/MEE-NBS"]
    assert result["amount"] == {"value": "1000000", "unit": "kWh"}
    assert float(result["gases"]["CO2"]["value"]) == pytest.approx(522_700)
    low, high = (float(result["interval"][end]["value"]) for end in ("lower", "upper"))
    assert low < 522.7 < high
    assert (low + high) / 2 == pytest.approx(522.7)
    assert float(result["market_based"]["co2e"]["value"]) == pytest.approx(585.6)  # 0.5856, the residual mix
    assert said["gwp_set"] == "AR6"
    assert len(said["tables_digest"]) == 64


def test_the_reason_is_in_the_callers_language() -> None:
    nora = Caller(make.user("nora"))
    body = {"activities": [electricity()]}
    zh = only(nora.send("/calculations/", body).json())["result"]["because"]
    en = only(nora.send("/calculations/", body, Accept_Language="en").json())["result"]["because"]
    assert "1,000 MWh × 0.5227 tCO₂/MWh" in zh
    assert "1,000 MWh × 0.5227 tCO₂/MWh" in en
    assert "重庆 2022 年" in zh
    assert "Chongqing 2022" in en


def test_units_and_names_are_read_as_people_write_them() -> None:
    said = run(electricity(amount="100", unit="万千瓦时"), electricity(activity="外购电力"))
    assert [float(item["result"]["co2e"]["value"]) for item in said["items"]] == pytest.approx([522.7, 522.7])


def test_the_set_of_warming_potentials_can_be_chosen() -> None:
    leak = {"activity": "refrigerant.HFC134a", "amount": 1, "unit": "t", "year": 2022}
    tonnes = {name: float(only(run_as(name, leak))["result"]["co2e"]["value"]) for name in ("SAR", "AR4", "AR5", "AR6")}
    assert tonnes == {"SAR": 1300, "AR4": 1430, "AR5": 1300, "AR6": 1530}  # GHG Protocol, GWP values, 2016 and 2024


def run_as(gwp_set: str, item: dict[str, Any]) -> dict[str, Any]:
    return run_by(f"n{gwp_set}", item, gwp_set=gwp_set)


def run_by(name: str, *items: Any, **options: Any) -> dict[str, Any]:
    said: dict[str, Any] = Caller(make.user(name)).send("/calculations/", {"activities": list(items)} | options).json()
    return said


def test_only_factors_that_were_out_by_the_day_are_used() -> None:
    """The numbers of 2022 came out on 2024-12-20; until then those of 2021 stood in."""
    before = only(run_by("n1", electricity(), as_of="2024-12-19"))["result"]
    after = only(run_by("n2", electricity(), as_of="2024-12-20"))["result"]
    assert before["factor_ids"] == ["cn-grid/CN-CQ/2021/inventory_average/CO2/MEE-NBS"]
    assert after["factor_ids"] == ["cn-grid/CN-CQ/2022/inventory_average/CO2/MEE-NBS"]


def test_a_contract_counts_in_the_market_based_result_alone() -> None:
    result = only(run(electricity(contract={"name": "PPA 7", "kg_per_kwh": "0.02"})))["result"]
    assert float(result["co2e"]["value"]) == pytest.approx(522.7)
    assert float(result["market_based"]["co2e"]["value"]) == pytest.approx(20)
    assert "PPA 7" in result["market_based"]["because"]


def test_figures_carry_no_noise_of_binary_arithmetic() -> None:
    result = only(run(electricity()))["result"]
    assert (result["gases"]["CO2"]["value"], result["co2e"]["value"]) == ("522700", "522.7")
    given = only(run_by("n2", electricity(amount="123456789.0123456", unit="kWh")))["result"]
    assert given["amount"]["value"] == "123456789.0123456"  # what was given keeps every digit
    assert len(given["co2e"]["value"].replace(".", "")) <= 12


def test_totals_say_how_complete_they_are() -> None:
    nora, body = Caller(make.user("nora")), {"activities": [electricity(), electricity(amount="-5")]}
    said = nora.send("/calculations/", body, Accept_Language="en").json()["totals"]["completeness"]
    assert said == {"complete": False, "because": "1 of 2 activities computed; 1 left out for errors"}
    assert run_by("n2", electricity())["totals"]["completeness"]["complete"]


def test_each_flag_stands_beside_its_words() -> None:
    nora, body = Caller(make.user("nora")), {"activities": [electricity(year=2025)]}
    zh, en = (
        only(nora.send("/calculations/", body, Accept_Language=each).json())["result"] for each in ("zh-hans", "en")
    )
    at = en["flags"].index("lag")
    assert en["flags_in_words"][at] == "the factor's data are of an earlier year"
    assert zh["flags_in_words"][at] == "因子的数据年早于活动年"
    assert "default_not_verified" in en["flags"]


def test_nothing_is_stored() -> None:
    run(electricity())
    assert not Calculation.objects.exists()
    assert not Score.objects.exists()


GAS: dict[str, Any] = {"activity": "fuel.natural_gas", "year": 2022}
# Natural gas of 56.1 kg CO2/GJ net (2006 IPCC vol. 2 table 2.2), 0.9 GJ net in a gross GJ (the same, box 1.1).
# EPA, 40 CFR 98 table C-1: 53.06 kg/MMBtu gross, which makes 0.531 t of 100 therms.


@pytest.mark.parametrize(
    ("line", "low", "high"),
    [
        ({"amount": "100", "unit": "therm"}, 0.531, 0.533),
        ({"amount": "10", "unit": "Dth"}, 0.531, 0.533),
        ({"amount": "10", "unit": "MMBtu", "place": "US"}, 0.531, 0.533),
        ({"amount": "10000", "unit": "kBtu", "place": "US-CA"}, 0.531, 0.533),
        ({"amount": "1000", "unit": "kWh", "place": "GB"}, 0.1813, 0.1823),  # 3.6 GJ gross · 0.9 · 56.1
        ({"amount": "1", "unit": "thousand therms"}, 5.31, 5.33),
    ],
)
def test_gas_that_is_billed_gross_is_computed_gross(line: dict[str, Any], low: float, high: float) -> None:
    result = only(run(GAS | line))["result"]
    assert low <= float(result["co2e"]["value"]) <= high
    assert "gcv_converted" in result["flags"] and "ncv_assumed" not in result["flags"]


@pytest.mark.parametrize(
    ("line", "flag"),
    [
        ({"amount": "1000", "unit": "kWh", "place": "CN"}, "ncv_assumed"),
        ({"amount": "10", "unit": "MMBtu"}, "ncv_assumed"),
        ({"amount": "10", "unit": "GJ", "place": "GB", "activity": "fuel.diesel"}, "ncv_assumed"),
        ({"amount": "100", "unit": "therm", "heating_value_basis": "NCV"}, None),
    ],
)
def test_where_nobody_can_tell_net_is_assumed_and_marked_and_a_stated_basis_stands(
    line: dict[str, Any], flag: str | None
) -> None:
    flags = only(run(GAS | line))["result"]["flags"]
    assert "gcv_converted" not in flags and ("ncv_assumed" in flags) is (flag is not None)


@pytest.mark.parametrize("unit", ["CCF", "Mcf", "kcf", "MMcf", "hcf", "ft3"])
def test_cubic_feet_are_known_and_asked_for_their_temperature(unit: str) -> None:
    asked, answered = run(*(GAS | {"amount": "100", "unit": each, "place": "CN"} for each in (unit, f"{unit}@15C")))[
        "items"
    ]
    [error] = asked["errors"]
    choices = [f"{unit}@0C", f"{unit}@15C", f"{unit}@20C"]
    assert (error["code"], error["choices"]) == ("reference_state_needed", choices)
    assert answered["result"]["amount"]["unit"] == "m3@15C"


def test_standard_cubic_feet_need_no_temperature() -> None:
    result = only(run(GAS | {"amount": "1", "unit": "MMscf", "place": "CN"}))["result"]
    # 28,316.846592 m³ at 60 °F (519.67 °R) told at 0 °C (491.67 °R), 389.31 GJ/10⁴ m³, 0.0153 tC/GJ, 99 % (NDRC)
    tonnes = 28_316.846592 * 491.67 / 519.67 * 0.038931 * 0.0153 * 0.99 * 44 / 12
    assert float(result["co2e"]["value"]) == pytest.approx(tonnes, rel=1e-9)


@pytest.mark.parametrize(
    ("unit", "code", "choices"),
    [
        ("km3", "ambiguous_unit", ["千立方米", "十亿立方米"]),
        ("Mbtu", "ambiguous_unit", ["kBtu", "MMBtu"]),
        ("Xtherm", "unknown_unit", []),
    ],
)
def test_a_unit_is_never_answered_with_another_size(unit: str, code: str, choices: list[str]) -> None:
    [error] = only(run(GAS | {"amount": "100", "unit": unit}))["errors"]
    assert (error["code"], error["choices"]) == (code, choices)


def test_imperial_gallons_and_barrels_of_oil_equivalent_are_computed() -> None:
    diesel = {"activity": "fuel.diesel", "amount": "100", "year": 2022, "place": "CN"}
    gallons, oil, two = run(*(diesel | {"unit": unit} for unit in ("gallon (UK)", "boe", "Mbbl")))["items"]
    assert float(gallons["result"]["amount"]["value"]) == pytest.approx(454.609)
    assert oil["result"]["amount"]["unit"] == "GJ"
    assert two["errors"][0]["choices"] == ["kbbl", "MMbbl"]


# --- bad items -------------------------------------------------------------------------------------------
BAD: dict[str, tuple[Any, str, str, str, str]] = {
    # what: the item, where, code, a word in Chinese, a word in English
    "unknown fuel": ({"activity": "fuel.diesl", "unit": "t"}, "/activity", "unknown_activity", "找不到", "fuel.diesel"),
    "wrong dimension": ({"unit": "t"}, "/unit", "wrong_dimension", "质量", "mass"),
    "power for energy": ({"unit": "MW"}, "/unit", "wrong_dimension", "功率", "power"),
    "unknown unit": ({"unit": "MWhh"}, "/unit", "unknown_unit", "MWh", "MWh"),
    "gas without state": (
        {"activity": "fuel.natural_gas", "unit": "万立方米"},
        "/unit",
        "reference_state_needed",
        "温度",
        "temperature",
    ),
    "negative": ({"amount": "-5"}, "/amount", "negative", "负数", "zero"),
    "not a number": ({"amount": "1,000"}, "/amount", "invalid", "数", "number"),
    "no factor for the year": ({"year": 2015}, "", "no_factor", "2021", "years that exist: 2021"),
    "unknown place": ({"place": "CN-XX"}, "/place", "unknown_region", "找不到", "no such place"),
    "a city's number with a slip": ({"place": "510199"}, "/place", "unknown_region", "510100", "510100"),
    "a part of Germany that is none": ({"place": "DE-XX"}, "/place", "unknown_region", "找不到", "no such place"),
    "no amount": ({"amount": None}, "/amount", "required", "", ""),
    "wild uncertainty": ({"uncertainty_percent": "1001"}, "/uncertainty_percent", "too_large", "1,000", "1,000"),
    "gross heating value of power": (
        {"heating_value_basis": "GCV"},
        "",
        "unexpected_heating_value",
        "燃料",
        "fuel told as energy",
    ),
    "a guideline that nothing has": ({"guideline": "ours"}, "", "no_factor", "不分指南", "of no guideline"),
    "unknown field": ({"amuont": 5}, "/amuont", "unknown", "没有", "nothing"),
    "life-cycle factor": (
        {"purpose": "product_carbon_footprint", "place": "CN"},
        "",
        "not_for_inventories",
        "不得",
        "must not",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_wrong_is_said_at_its_place_and_hinders_no_other(what: str) -> None:
    changes, place, code, zh, en = BAD[what]
    nora = Caller(make.user("nora"))
    body = {"activities": [electricity(**changes), electricity()]}
    for language, word in (("zh-hans", zh), ("en", en)):
        answer = nora.send("/calculations/", body, Accept_Language=language)
        assert answer.status_code == 200
        bad, good = answer.json()["items"]
        [error] = bad["errors"]
        assert (error["pointer"], error["code"]) == (f"/activities/0{place}", code)
        assert word in error["detail"]
        assert bad["result"] is None
        assert float(good["result"]["co2e"]["value"]) == pytest.approx(522.7)


@pytest.mark.parametrize("item", [7, None, "electricity", [], {}, {"activity": {"a": 1}}])
def test_anything_may_stand_in_an_items_place(item: Any) -> None:
    found = only(run(item))
    assert found["result"] is None
    assert all(error["pointer"].startswith("/activities/0") for error in found["errors"])
    assert found["errors"]


def test_nearest_names_are_given_as_choices() -> None:
    [error] = only(run(electricity(activity="fuel.diesl", unit="t")))["errors"]
    assert error["choices"][0] == "fuel.diesel"
    [error] = only(run_by("n2", electricity(year=2015)))["errors"]
    assert error["choices"] == ["2021", "2022", "2023"]


# --- bad questions -----------------------------------------------------------------------------------------
def test_what_is_wrong_with_the_question_refuses_it() -> None:
    nora = Caller(make.user("nora"))
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    for body, pointer in (
        ({}, "/activities"),
        ({"activities": []}, "/activities"),
        ({"activities": [electricity()] * 1001}, "/activities"),
        ({"activities": [electricity()], "gwp_set": "AR7"}, "/gwp_set"),
        ({"activities": [electricity()], "as_of": tomorrow}, "/as_of"),
        ({"activities": [electricity()], "company": "nobody"}, "/company"),
        ({"activities": [electricity()], "gwpset": "AR6"}, "/gwpset"),
    ):
        said = is_problem(nora.send("/calculations/", body), 400, "validation_error")
        assert [error["pointer"] for error in said["errors"]] == [pointer]


def test_who_may_compute() -> None:
    assert Caller(make.user("nobody")).send("/calculations/", {"activities": [electricity()]}).status_code == 200
    is_problem(Caller().send("/calculations/", {"activities": [electricity()]}), 401, "not_authenticated")
    reader = Caller(make.carol(), [Scope.COMPANIES_READ])
    is_problem(reader.send("/calculations/", {"activities": [electricity()]}), 403, "insufficient_scope")
    is_problem(reader.read("/factors/"), 403, "insufficient_scope")


def test_a_stranger_cannot_ask_with_a_companys_own_factors() -> None:
    make.company("own")
    body = {"activities": [electricity()], "company": "own"}
    is_problem(Caller(make.user("nobody")).send("/calculations/", body), 400, "validation_error")


def test_computing_is_throttled(settings: Any) -> None:
    settings.API_RATES = {"calculate": "1/min"}
    nora = Caller(make.user("nora"))
    assert nora.send("/calculations/", {"activities": [electricity()]}).status_code == 200
    is_problem(nora.send("/calculations/", {"activities": [electricity()]}), 429, "throttled")


@pytest.mark.slow
def test_a_thousand_activities_are_one_question() -> None:
    said = run(*[electricity()] * 1000)
    assert said["computed"] == 1000
    assert float(said["totals"]["scope_2_location"]["co2e"]["value"]) == pytest.approx(522_700)


# --- factors -----------------------------------------------------------------------------------------------
def test_factors_are_listed_with_their_story() -> None:
    nora = Caller(make.user("nora"))
    said = nora.read("/factors/?activity=electricity&place=CN&year=2022", Accept_Language="en").json()
    values = {row["purpose"]: row["value"] for row in said["results"]}
    assert values["inventory_average"] == {"value": "0.5366", "unit": "kg/kWh"}
    assert values["ets_report"]["value"] == "0.5703"
    assert len(values) == said["count"] == 4
    [row] = nora.read("/factors/?id=cn-grid/CN-SC/2022/inventory_average/CO2/MEE-NBS").json()["results"]
    assert (row["published"], row["verification"]) == ("2024-12-20", "two_transcriptions")


def test_a_wrong_parameter_is_refused_and_a_value_that_no_factor_has_finds_none() -> None:
    nora = Caller(make.user("nora"))
    is_problem(nora.read("/factors/?colour=green"), 400, "validation_error")
    is_problem(nora.read(f"/factors/?q={'x' * 201}"), 400, "validation_error")
    assert nora.read("/factors/?gas=XYZ").json()["count"] == 0
    assert nora.read("/factors/?q=sichuan 2022&page_size=1").json()["count"] > 0
