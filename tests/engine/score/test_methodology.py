"""Methodology versions: what makes one, what is refused, how goalposts are measured."""

import hashlib
import json
from collections.abc import Callable
from statistics import quantiles
from typing import Any

import pytest

from scoring.engine import Methodology, calibrate, errors
from tests.engine.make import AS_OF, company, inputs, methodology_json, parameters, year

Change = Callable[[dict[str, Any]], Any]


def refused(error: type[errors.EngineError], change: Change) -> errors.EngineError:
    data = methodology_json()
    change(data)
    with pytest.raises(error) as caught:
        Methodology.from_json(data)
    return caught.value


def pillars(data: dict[str, Any]) -> Any:
    return data["parameters"]["pillars"]


def test_doubling_all_weights_is_refused() -> None:
    def double(data: dict[str, Any]) -> None:
        for pillar in pillars(data):
            pillar["weight"] *= 2

    assert refused(errors.WrongWeights, double).value == [0.9, 0.6, 0.5]


def test_weights_inside_a_pillar_must_sum_to_one_and_be_positive() -> None:
    refused(errors.WrongWeights, lambda data: pillars(data)[2]["indicators"][0].update(weight=0.6))
    refused(errors.WrongWeights, lambda data: (pillars(data)[0].update(weight=0.7), pillars(data)[2].update(weight=0)))


def test_goalposts_must_rise() -> None:
    posts: Change = lambda data: data["calibration"]["goalposts"]["carbon_intensity"]  # noqa: E731
    refused(errors.WrongGoalposts, lambda data: posts(data)["economy"].update(lo=2.0, hi=2.0))
    refused(errors.WrongGoalposts, lambda data: posts(data)["sectors"]["steel"].update(lo=3.0))
    refused(errors.WrongGoalposts, lambda data: data["parameters"]["goalposts"].update(low_percentile=95))


def test_bands_must_descend_to_zero_with_one_letter_each() -> None:
    bands: Change = lambda data: data["parameters"]["bands"]  # noqa: E731
    refused(errors.WrongBands, lambda data: bands(data)[1].update(at_least=80))
    refused(errors.WrongBands, lambda data: bands(data).pop())
    refused(errors.WrongBands, lambda data: bands(data)[1].update(letter="A"))


def test_a_staircase_must_have_its_steps_and_not_fall() -> None:
    steps: Change = lambda data: pillars(data)[2]["indicators"][0]["steps"]  # noqa: E731
    refused(errors.WrongStaircase, lambda data: steps(data).pop("words"))
    refused(errors.WrongStaircase, lambda data: steps(data).update(ambitious=99))
    refused(errors.WrongStaircase, lambda data: steps(data).update(year=20))
    refused(errors.WrongStaircase, lambda data: steps(data).update(none=0))
    refused(errors.WrongStaircase, lambda data: pillars(data)[0]["indicators"][0].update(steps={"a": 1}))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.pop("parameters"),
        lambda data: data.update(version="demo-9"),
        lambda data: data["calibration"]["goalposts"].pop("emissions_change"),
        lambda data: data["calibration"].update(companies=True),
        lambda data: data["parameters"]["min_coverage"].update(value=1.5),
        lambda data: data["parameters"]["min_coverage"].update(value="0.6"),
        lambda data: data["parameters"]["trajectory"].update(min_years=1),
        lambda data: data["parameters"].update(bands=[]),
        lambda data: pillars(data)[0].update(required="yes"),
        lambda data: pillars(data)[1].update(code="P1"),
        lambda data: pillars(data)[0]["indicators"][0].update(code="virtue"),
        lambda data: pillars(data)[2]["indicators"][1].update(pillars(data)[2]["indicators"][0] | {"weight": 0.2}),
    ],
)
def test_a_methodology_of_another_shape_is_refused(change: Change) -> None:
    error = refused(errors.WrongMethodology, change)
    assert not error.retry_makes_sense


def test_the_digest_changes_with_any_figure() -> None:
    one, other = methodology_json(), methodology_json()
    other["calibration"]["goalposts"]["emissions_change"]["economy"]["hi"] = 0.1500000001
    assert Methodology.from_json(one).digest == Methodology.from_json(methodology_json()).digest
    assert Methodology.from_json(one).digest != Methodology.from_json(other).digest


def population(n: int, sector: str, boundary: str = "matched", first: int = 1) -> list[Any]:
    """Companies whose intensity is 0.1 × 10^k t/万元, so x' = 1 − k/100, for k = first, first + 1, …"""
    out = []
    for k in range(first, first + n):
        tonnes = 100 * 10 ** (k / 100)
        years = [year(2022), year(2023, scope1_t=tonnes / 2, scope2_t=tonnes / 2, boundary=boundary)]
        out.append(company(f"{sector}-{boundary}-{k}", sector=sector, years=years))
    return out


def test_goalposts_are_the_5th_and_95th_percentile() -> None:
    data = calibrate(inputs(*population(41, "steel")), parameters(), AS_OF)
    steel = data["calibration"]["goalposts"]["carbon_intensity"]["sectors"]["steel"]
    # 41 values 0.59 … 0.99 a hundredth apart: p5 is the 3rd (0.61) and p95 the 39th (0.97)
    assert (steel["lo"], steel["hi"], steel["n"]) == (pytest.approx(0.61), pytest.approx(0.97), 41)
    cuts = quantiles([1 - k / 100 for k in range(1, 42)], n=20, method="inclusive")
    assert (steel["lo"], steel["hi"]) == (pytest.approx(cuts[0]), pytest.approx(cuts[-1]))


def test_a_sector_below_15_companies_gets_no_goalposts_of_its_own() -> None:
    data = calibrate(
        inputs(*population(15, "steel"), *population(20, "power"), *population(14, "retail")), parameters(), AS_OF
    )
    assert sorted(data["calibration"]["goalposts"]["carbon_intensity"]["sectors"]) == ["power", "steel"]


@pytest.mark.parametrize(("matched", "used", "n"), [(15, False, 15), (14, True, 44)])
def test_mismatched_boundaries_stay_out_where_15_matched_exist(matched: int, used: bool, n: int) -> None:
    members = [*population(matched, "steel"), *population(30, "steel", "mismatched", first=100)]
    data = calibrate(inputs(*members, *population(40, "power", first=200)), parameters(), AS_OF)
    steel = data["calibration"]["goalposts"]["carbon_intensity"]["sectors"]["steel"]
    assert (steel["mismatched_used"], steel["n"]) == (used, n)


def test_calibration_names_its_members_by_digest() -> None:
    members = population(40, "steel")
    data = calibrate(inputs(*members, company("silent", years=[])), parameters(), AS_OF)
    reporters = "\n".join(sorted(member["company_key"] for member in members))
    economy = data["calibration"]["goalposts"]["carbon_intensity"]["economy"]
    assert economy["members_digest"] == hashlib.sha256(reporters.encode()).hexdigest()
    assert data["calibration"]["companies"] == 41


def test_calibration_does_not_depend_on_the_order_and_makes_a_methodology() -> None:
    members = population(40, "steel")
    one = calibrate(inputs(*members), parameters(), AS_OF)
    other = calibrate(inputs(*members[::-1]), parameters(), AS_OF)
    assert json.dumps(one) == json.dumps(other)
    assert Methodology.from_json(json.loads(json.dumps(one))).companies == 40


def test_too_few_companies_cannot_calibrate() -> None:
    with pytest.raises(errors.TooFewToCalibrate) as caught:
        calibrate(inputs(*population(29, "steel")), parameters(), AS_OF)
    assert caught.value.value == 29


def test_companies_that_all_report_the_same_cannot_calibrate() -> None:
    same = [company(f"bob-{k}") for k in range(40)]
    with pytest.raises(errors.TooFewToCalibrate):
        calibrate(inputs(*same), parameters(), AS_OF)
