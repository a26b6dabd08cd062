"""What targets promise and the 3060 goals as indicators of demo-2, against arithmetic written out by hand."""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import pytest

from scoring.engine import FLAGS, UNITS, Inputs, Methodology, ScoreRecord, score
from scoring.engine.errors import WrongMethodology
from scoring.engine.score.methodology import Parameters
from scoring.tables.temperature import shipped_coefficients
from tests.engine.make import AS_OF, METHODOLOGY, company, line, methodology_json, missing_codes, target, year

FILE = Path(__file__).parents[3] / "scoring/data/methodology/demo-2.parameters.json"


def parameters(**overrides: Any) -> dict[str, Any]:
    """Of demo-2, without what only the assisted score needs."""
    data: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    data.pop("assisted", None)
    return copy.deepcopy(data | overrides)


DEMO_2 = Methodology.from_json(methodology_json(version="demo-2", parameters=parameters()))


def alice(**facts: Any) -> dict[str, Any]:
    """Alice Steel of the method page, whose target says that it covers scope 1 and 2."""
    stated = target(**({"scope1": "yes", "scope2": "yes"} | facts))
    return company(isic=["A12"], targets=[stated])


def record(*of: dict[str, Any], at: int = 0) -> ScoreRecord:
    return score(Inputs.from_records(list(of)), DEMO_2, AS_OF).record(at)  # type: ignore[arg-type]


def test_the_worked_example() -> None:
    # 50 % from 2019 to 2030 is 4.5454 % a year; by 2025 mid term: 2.697261 − 0.312329 · 4.5454 = 1.2776: 1.5 or below.
    # No trajectory (two years); the target path peaks in 2022 and keeps half of it: one of the two goals.
    found = record(alice())
    degrees, goals = line(found, "temperature"), line(found, "goals_3060")
    assert (degrees["value"], degrees["unit"], degrees["utility"]) == (1.28, "°C", 100.0)
    assert (goals["value"], goals["utility"]) == (2, 60.0)
    p2 = 0.6 * math.log(73.4550) + 0.2 * math.log(100) + 0.2 * math.log(60)
    p4 = 0.625 * math.log(75) + 0.375 * math.log(60)
    value = math.exp(0.45 * math.log(80) + 0.3 * p2 + 0.25 * p4)
    assert found["emissions_score"] is not None
    assert found["emissions_score"]["value"] == pytest.approx(value, rel=1e-6)
    bars = [pillar["contribution"] or 0.0 for pillar in found["emissions_score"]["pillars"]]
    assert 50 + sum(bars) == pytest.approx(value, rel=1e-6)
    assert "mid term, scope 1+2: 50% from 2019 to 2030 is 4.545% a year" in degrees["because_en"]
    assert degrees["sources"] == ["end"] and set(degrees["flags"]) == {"coverage_as_stated"}


@pytest.mark.parametrize(
    ("share", "utility"),
    # 1.75 °C and 2 °C are 3.0329 % and 2.2325 % a year: over 11 years 33.36 % and 24.56 %; 1.5 °C is 3.8333 %: 42.17 %.
    [(0.43, 100.0), (0.41, 80.0), (0.34, 80.0), (0.32, 60.0), (0.25, 60.0), (0.24, 25.0)],
)
def test_the_edges_are_1_5_1_75_and_2_degrees(share: float, utility: float) -> None:
    assert line(record(alice(reduction_share=share)), "temperature")["utility"] == utility


def test_a_fallback_is_missing_and_never_a_warm_score() -> None:
    found = record(alice(reduction_share=None))
    assert line(found, "temperature") is None and "no_temperature" in missing_codes(found)


def test_without_any_path_the_3060_answer_is_missing() -> None:
    found = record(company(targets=[]))
    assert line(found, "goals_3060") is None and "no_path" in missing_codes(found)


def test_net_zero_by_2060_and_an_early_peak_are_both() -> None:
    found = record(alice(kind="net_zero", reduction_share=None, target_year=2050))
    assert line(found, "goals_3060")["utility"] == 100.0


def test_emissions_that_rise_and_no_target_reach_neither() -> None:
    years = [year(y, scope1_t=t) for y, t in ((2021, 80.0), (2022, 90.0), (2023, 100.0))]
    found = record(company(years=years, targets=[]))
    goals = line(found, "goals_3060")
    assert (goals["utility"], goals["sources"]) == (20.0, ["disclosure-2021", "disclosure-2022", "disclosure-2023"])


def test_a_company_alone_and_in_a_batch_gets_the_same_bits() -> None:
    others = [
        company("bob", years=[year(1995, scope1_t=500.0), year(2023)], targets=[]),
        company("charlie", years=[], targets=[target(kind="none")]),
    ]
    assert record(others[0], alice(), others[1], at=1) == record(alice())


def test_a_more_ambitious_target_never_lowers_the_utility() -> None:
    utilities = [line(record(alice(reduction_share=share / 50)), "temperature")["utility"] for share in range(1, 51)]
    assert utilities == sorted(utilities) and len(set(utilities)) == 4


def test_a_version_without_the_two_neither_scores_nor_misses_them() -> None:
    found = score(Inputs.from_records([alice()]), METHODOLOGY, AS_OF).record(0)  # type: ignore[list-item]
    assert line(found, "temperature") is None
    assert not {"no_temperature", "no_path"} & set(missing_codes(found))


def test_flags_and_units_of_the_two_have_their_words() -> None:
    found = line(record(alice(kind="unspecified_reduction")), "temperature")
    assert found["flags"] == ["coverage_as_stated", "type_assumed"]
    assert set(found["flags"]) <= set(FLAGS) and found["unit"] in UNITS


def test_the_shipped_version_is_its_parameters_and_differs_from_the_one_before_in_p2_alone() -> None:
    shipped = json.loads((FILE.parent / "demo-2.json").read_text(encoding="utf-8"))
    before = json.loads((FILE.parent / "demo-1.json").read_text(encoding="utf-8"))
    assert shipped["parameters"] == json.loads(FILE.read_text(encoding="utf-8"))
    assert shipped["calibration"]["goalposts"] == before["calibration"]["goalposts"]
    same = ("bands", "min_coverage", "goalposts", "trajectory", "assisted")
    assert all(shipped["parameters"][name] == before["parameters"][name] for name in same)
    pillars = zip(shipped["parameters"]["pillars"], before["parameters"]["pillars"], strict=True)
    assert [new["code"] for new, old in pillars if new != old] == ["P2"]


def test_the_version_freezes_the_shipped_coefficients() -> None:
    rules = Parameters.from_json(parameters()).trajectory_rules
    assert rules is not None
    assert rules.temperature.coefficients.digest == shipped_coefficients().digest


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": {"fallback_c": 3.2, "coefficients": []}},
        {"temperature": {"fallback_c": -1, "coefficients": parameters()["temperature"]["coefficients"]}},
        {"temperature": {"fallback_c": 3.2, "coefficients": parameters()["temperature"]["coefficients"][1:]}},
        {"goals_3060": {"peak_before": 2030}},
        {"goals_3060": None},
    ],
)
def test_wrong_rules_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(WrongMethodology):
        Parameters.from_json(parameters(**wrong))


def test_one_of_the_two_without_the_other_is_refused() -> None:
    data = parameters()
    p2 = next(pillar for pillar in data["pillars"] if pillar["code"] == "P2")
    p2["indicators"] = [one for one in p2["indicators"] if one["code"] != "goals_3060"]
    p2["indicators"][0]["weight"] = 0.8
    with pytest.raises(WrongMethodology, match="exactly"):
        Parameters.from_json(data)
