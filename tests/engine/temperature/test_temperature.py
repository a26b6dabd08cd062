"""Edition 1.0 of the temperature score, by hand, and what holds for every method: refusals, parameters, tables."""

import csv
from collections.abc import Sequence
from typing import Any

import pytest

from scoring.engine.errors import DuplicateCompany, UnknownWord, WrongMethodology, WrongShape
from scoring.engine.temperature.inputs import TemperatureCompanies, TemperatureTargets, Words, floats
from scoring.engine.temperature.methods import METHODS, Coefficients, MethodName, TemperatureMethod
from scoring.engine.temperature.outcomes import cells, stories
from scoring.engine.temperature.scores import TemperatureScores
from scoring.tables.temperature import COEFFICIENTS, shipped_method
from tests.engine.make_temperature import CURRENT, PARITY, cell, company, target
from tests.engine.make_temperature import scored as scored_by


def scored(
    companies: Sequence[Any], targets: Sequence[Any], method: TemperatureMethod = PARITY
) -> tuple[TemperatureScores, TemperatureTargets]:
    return scored_by(companies, targets, method)


def outcomes(*targets: dict[str, Any], method: TemperatureMethod = PARITY) -> list[str]:
    scores, columns = scored([company()], targets, method)
    return [story["outcome"] for story in stories(scores, columns, 0)]


def test_the_worked_example_of_the_method_gives_1_88() -> None:
    # 42 % over 16 years is 2.625 % a year; 2026 to 2035 is mid term; 2.69726 - 0.312329 x 2.625 = 1.8774
    scores, _ = scored([company()], [target()])
    assert cell(scores, "mid", "S1+S2") == 1.88
    assert cell(scores, "short", "S1+S2") == cell(scores, "mid", "S3") == 3.2
    found = next(one for one in cells(scores, 0) if (one["time_frame"], one["scope"]) == ("mid", "S1+S2"))
    assert found["annual_reduction_rate"] == pytest.approx(0.02625)
    assert (found["variable"], found["slope"], found["target"]) == ("Emissions|Kyoto Gases", "slope15", 0)
    assert found["default_share"] == 0


def test_scope_3_below_two_fifths_of_all_emissions_does_not_count() -> None:
    for ghg_s3, expected in ((66.0, 1.88), (100.0, 2.54)):  # 66 of 166 is 0.398; 100 of 200: (1.8774 + 3.2) / 2
        scores, _ = scored([company(ghg_s3=ghg_s3)], [target()])
        assert cell(scores, "mid", "S1+S2+S3") == expected


def test_an_unknown_emission_leaves_all_scopes_together_on_the_fallback() -> None:
    scores, _ = scored([company(ghg_s3=None)], [target()])
    assert cell(scores, "mid", "S1+S2+S3") == 3.2


def test_zero_emissions_on_both_sides_take_the_warmer_score_and_are_marked_where_the_tool_drops_it() -> None:
    nothing = company(ghg_s1s2=0.0, ghg_s3=0.0)
    ours, _ = scored([nothing], [target()], CURRENT)
    as_the_tool, _ = scored([nothing], [target()])
    assert cell(ours, "mid", "S1+S2+S3") == 3.4
    assert ours.zero_emissions.tolist() == as_the_tool.zero_emissions.tolist() == [True]
    assert cell(as_the_tool, "mid", "S1+S2+S3") != cell(as_the_tool, "mid", "S1+S2+S3")  # NaN: the tool drops it


def test_words_are_read_without_regard_to_case_and_spaces_but_literally_in_parity() -> None:
    power = target(target_type=" intensity", intensity_metric=" power ", scope="S1")
    assert (
        cell(scored([company()], [power], CURRENT)[0], "mid", "S1") == 1.98
    )  # 2.21560 - 0.0704092 x 3.34724 = 1.97993
    assert cell(scored([company()], [power | {"scope": "S1+S2"}])[0], "mid", "S1+S2") == 3.2
    metals = company(isic="c24.1")
    assert cell(scored([metals], [target()], CURRENT)[0], "mid", "S1") == 1.54  # 2.33115 - 0.236435 x 3.34724 = 1.53974
    assert cell(scored([metals], [target()])[0], "mid", "S1+S2") == 1.88


def test_scope_1_and_scope_2_of_the_same_years_become_one_target() -> None:
    one = target(scope="S1", coverage_s2=None)
    two = target(scope="S2", coverage_s1=None, coverage_s2=0.8, reduction_ambition=0.9)
    scores, columns = scored([company()], [one, two])
    # (0.42 x 80 + 0.9 x 0.8 x 20) / (80 + 16) = 0.5 on 96 % of the tonnes; 2.69726 - 0.312329 x 3.125 = 1.7212
    assert cell(scores, "mid", "S1+S2") == 1.72
    told = stories(scores, columns, 0)
    assert (told[0]["outcome"], told[0]["combined_with"], told[0]["coverage_s1"]) == ("chosen", 1, 0.96)
    assert told[0]["reduction_ambition"] == pytest.approx(0.5)
    assert (told[1]["outcome"], told[1]["coverage_s1"]) == ("lower_coverage", pytest.approx(0.16))


def test_a_target_on_all_scopes_becomes_two() -> None:
    scores, columns = scored([company()], [target(scope="S1+S2+S3", coverage_s1=0.9, coverage_s3=0.5)])
    told = stories(scores, columns, 0)
    assert [(one["scope"], one["outcome"]) for one in told] == [("S1+S2", "chosen"), ("S3", "chosen")]
    assert told[0]["coverage_s1"] == pytest.approx(0.92)  # (0.9 x 80 + 1 x 20) / 100
    assert told[0]["reduction_ambition"] == pytest.approx(0.42 * 0.92)  # below 95 %
    assert told[1]["reduction_ambition"] == pytest.approx(0.21)  # below 67 %


@pytest.mark.parametrize(
    ("overrides", "outcome"),
    [
        ({}, "chosen"),
        ({"base_year": 0}, "no_year"),
        ({"target_type": "pledge"}, "unknown_type"),
        ({"target_type": "Intensity"}, "no_metric"),
        ({"target_type": "Intensity", "intensity_metric": "OTHER"}, "metric_other"),
        ({"achieved_reduction": 1.0}, "already_achieved"),
        ({"start_year": 2035}, "ends_before_start"),
        ({"base_year": 2036, "start_year": None}, "ends_before_start"),
        ({"end_year": 2025}, "in_the_past"),
        ({"scope": "S1", "base_year_ghg_s2": None}, "cannot_be_combined"),
        ({"scope": "S2", "coverage_s2": None}, "cannot_be_combined"),
        ({"scope": "S1", "base_year_ghg_s1": 0.0, "base_year_ghg_s2": 0.0}, "no_base_year_emissions"),
        ({"end_year": 2057}, "too_far_ahead"),
    ],
)
def test_every_refused_target_says_why(overrides: dict[str, Any], outcome: str) -> None:
    assert outcomes(target(**overrides)) == [outcome]


@pytest.mark.parametrize(
    ("better", "outcome"),
    [
        ({"coverage_s1": 0.97}, "lower_coverage"),
        ({"end_year": 2036}, "earlier_end_year"),
        ({"base_year": 2020, "start_year": 2020}, "earlier_base_year"),
        ({"target_type": "Absolute"}, "later_type"),
        ({}, "incomplete"),
        ({"reduction_ambition": 0.5}, "less_ambitious"),
    ],
)
def test_every_loser_says_in_what_it_lost(better: dict[str, Any], outcome: str) -> None:
    worse: dict[str, Any] = {"coverage_s1": 0.96}
    if outcome == "later_type":
        worse |= {"target_type": "Intensity", "intensity_metric": "Revenue"}
    if outcome == "incomplete":
        worse |= {"reduction_ambition": None}
    assert outcomes(target(**worse), target(**{"coverage_s1": 0.96} | better)) == [outcome, "chosen"]


def test_a_share_out_of_range_is_used_in_parity_as_the_tool_does() -> None:
    assert outcomes(target(reduction_ambition=1.2)) == ["chosen"]
    for wrong in ({"coverage_s1": 1.2}, {"reduction_ambition": 42.0}):
        assert outcomes(target(**wrong), method=CURRENT) == ["share_out_of_range"]


def test_the_floor_and_the_fallback_are_parameters_and_part_of_the_digest() -> None:
    steep = target(reduction_ambition=1.0, base_year=2026, start_year=2026, end_year=2027)
    floored = shipped_method("parity", floor_c=1.3, fallback_score_c=3.4)
    scores, _ = scored([company()], [steep], floored)
    assert cell(scores, "short", "S1+S2") == 1.3  # 2.5743 - 0.212692 x 100 is far below
    assert cell(scored([company()], [steep])[0], "short", "S1+S2") == 0.0
    assert cell(scores, "long", "S3") == 3.4
    assert len({floored.digest, CURRENT.digest, PARITY.digest}) == 3


@pytest.mark.parametrize("parameters", [{"floor_c": -1.0}, {"fallback_score_c": float("nan")}])
def test_an_impossible_parameter_is_refused(parameters: dict[str, float]) -> None:
    with pytest.raises(WrongMethodology):
        shipped_method("current", **parameters)
    with pytest.raises(WrongMethodology):
        TemperatureMethod.of("newest", CURRENT.coefficients)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["parity", "current"])
def test_a_broken_table_of_coefficients_is_refused(name: MethodName) -> None:
    edition, _parameters = METHODS[name]
    with COEFFICIENTS[edition.name].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    used = next(at for at, row in enumerate(rows) if row["variable"] == "INT.emKyoto_gdp")
    for broken in (
        rows[:used] + rows[used + 1 :],
        [*rows, rows[used]],
        [*rows[:used], rows[used] | {"param": "0.3"}, *rows[used + 1 :]],  # warmer for more ambition
        [*rows[:used], rows[used] | {"intercept": "nan"}, *rows[used + 1 :]],
    ):
        with pytest.raises(WrongMethodology):
            Coefficients.from_rows(broken, edition)


def test_records_that_do_not_fit_are_refused() -> None:
    with pytest.raises(DuplicateCompany):
        TemperatureCompanies.from_records([company(), company()])  # type: ignore[list-item]
    companies = TemperatureCompanies.from_records([company()])  # type: ignore[list-item]
    for wrong in (target("Bob Cement"), target(scope="S4")):
        with pytest.raises(UnknownWord):
            TemperatureTargets.from_records([wrong], companies)  # type: ignore[list-item]
    with pytest.raises(WrongShape):
        TemperatureCompanies(
            ("a",), ("a", "b"), Words.of([None]), *[floats([1.0])] * 9, floats([1.0] * 15).reshape(1, 15)
        )
