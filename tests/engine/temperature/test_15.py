"""Edition 1.5: the reference tool's golden case in full, its traps by hand, and where `current` differs on purpose.

The case was made by WWF-ITR 1.7.3 (MIT) on invented companies. By hand: 42 % over 16 years is 1 - 0.58^(1/16), 3.34724
% a year, compounded; mid term, scope 1: 2.45771 - 0.236938 x 3.34724 = 1.66462, scope 2: 2.40452 - 0.113146 x 3.34724 =
2.02579.
"""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring.engine.temperature.inputs import SCOPE_CODE, TIME_FRAMES
from scoring.engine.temperature.methods import METHODS, TemperatureMethod
from scoring.engine.temperature.outcomes import cells, stories
from scoring.engine.temperature.scores import TemperatureScores, degrees
from scoring.proofs.temperature import score_files
from scoring.proofs.temperature_files import read_files
from scoring.tables.temperature import shipped_method
from tests.engine.golden import SHIPPED, case, rows
from tests.engine.make_temperature import CURRENT, PARITY15, cell, company, scored, target

GOLDEN = SHIPPED / "temperature_v15"
BOTH = pytest.mark.parametrize("method", [PARITY15, CURRENT], ids=lambda method: method.name)


# --- the golden case -------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """What the command writes for the files of the case."""
    out = tmp_path_factory.mktemp("temperature_v15")
    files = read_files(*(GOLDEN / f"{name}.csv" for name in ("companies", "targets", "portfolio")))
    found = score_files(files, PARITY15, date(2026, 6, 30), out)
    return found, rows(out / "company_scores.csv")


def test_every_company_score_of_the_reference_tool_comes_out(golden: Any) -> None:
    found = {(row["company_id"], row["time_frame"], row["scope"]): row for row in golden[1]}
    expected = rows(GOLDEN / "expected_company_scores.csv")
    assert len(expected) == len(found) == 1800
    for theirs in expected:
        mine = found[theirs["company_id"], theirs["time_frame"], theirs["scope"]]
        for column in ("temperature_score", "temperature_results"):
            assert math.isclose(float(mine[column]), float(theirs[column]), abs_tol=1e-9), (theirs, column)
        assert mine["slope"] == theirs["slope"]


def test_what_a_score_of_one_target_follows_from_is_the_reference_tools(golden: Any) -> None:
    """Of a cell put together from parts the tool shows those of any one of them."""
    found = {(row["company_id"], row["time_frame"], row["scope"]): row for row in golden[1]}
    compared = 0
    for theirs in rows(GOLDEN / "expected_company_scores.csv"):
        mine = found[theirs["company_id"], theirs["time_frame"], theirs["scope"]]
        if theirs["scope"] not in ("S1", "S2") or not theirs["target_ids"]:
            continue
        compared += 1
        assert (mine["ar6"], mine["target_type"].lower()) == (theirs["ar6"], theirs["target_type"])
        assert mine["target_ids"] == theirs["target_ids"].removesuffix("_1").removesuffix("_2")
        for column in ("reduction_ambition", "base_year", "end_year", "annual_reduction_rate", "param", "intercept"):
            assert math.isclose(float(mine[column]), float(theirs[column]), abs_tol=1e-9), (theirs, column)
    assert compared == 168


def test_every_aggregate_of_the_reference_tool_comes_out(golden: Any) -> None:
    expected = case(GOLDEN / "expected_portfolio.json")["aggregations"]
    assert len(golden[0]["aggregations"]) == 105
    for mine in golden[0]["aggregations"]:
        theirs = expected[mine["method"]][f"{mine['time_frame']}|{mine['scope'].replace('+', '')}"]
        assert math.isclose(mine["score"], theirs["score"], abs_tol=1e-9)
        assert math.isclose(mine["influence_percentage"], theirs["influence_percentage"], abs_tol=1e-9)


def test_the_reference_tools_five_refused_targets_are_refused(golden: Any) -> None:
    refused = {one["target_ids"] for one in case(GOLDEN / "invalid_targets.json")}
    ids = [row["target_ids"] for row in rows(GOLDEN / "targets.csv")]
    said = {ids[fault["row"] - 2] for fault in golden[0]["faults"] if "an end year not before" in fault["expected"]}
    assert said == refused and golden[0]["targets"]["in_the_past"] == 5


# --- by hand ---------------------------------------------------------------------------------------------
@BOTH
def test_scope_1_and_2_are_scored_apart_and_weighed_by_emissions(method: TemperatureMethod) -> None:
    scores, _ = scored([company()], [target()], method)
    assert (cell(scores, "mid", "S1"), cell(scores, "mid", "S2")) == (1.66, 2.03)
    assert cell(scores, "mid", "S1+S2") == 1.74  # 0.8 x 1.66462 + 0.2 x 2.02579 = 1.73686
    assert cell(scores, "mid", "S1+S2+S3") == 2.29  # (100 x 1.73686 + 50 x 3.4) / 150 = 2.29124
    assert cell(scores, "short", "S1+S2") == cell(scores, "mid", "S3") == 3.4
    assert default_share(scores, "mid", "S1+S2+S3") == pytest.approx(1 / 3)


def test_parts_are_not_rounded_before_they_are_put_together() -> None:
    # Rounded first: (1.66 x 5 + 2.03 x 5) / 10 = 1.845, printed 1.84 or 1.85; unrounded 1.845208 is 1.85.
    even = company(ghg_s1=50.0, ghg_s2=50.0)
    assert cell(scored([even], [target()])[0], "mid", "S1+S2") == 1.85


def default_share(scores: TemperatureScores, time_frame: str, scope: str) -> float:
    return float(scores.default_share[0, TIME_FRAMES.index(time_frame), SCOPE_CODE[scope]])


@BOTH
@pytest.mark.parametrize(
    ("end_year", "time_frame"),
    [(2026, "short"), (2030, "short"), (2031, "mid"), (2036, "mid"), (2037, "long"), (2090, "long")],
)
def test_time_frames_end_with_4_and_10_years_ahead_and_the_last_one_never(
    method: TemperatureMethod, end_year: int, time_frame: str
) -> None:
    scores, _ = scored([company()], [target(end_year=end_year)], method)
    assert [frame for frame in TIME_FRAMES if default_share(scores, frame, "S1") < 1] == [time_frame]


@BOTH
def test_coverage_always_scales_also_at_95_percent(method: TemperatureMethod) -> None:
    scores, columns = scored([company()], [target(scope="S1", coverage_s1=0.95)], method)
    assert stories(scores, columns, 0)[0]["reduction_ambition"] == pytest.approx(0.42 * 0.95)
    rate = next(one for one in cells(scores, 0) if one["scope"] == "S1" and one["target"] == 0)
    assert rate["annual_reduction_rate"] == pytest.approx((1 - 0.42 * 0.95) ** (1 / 16) - 1)


@BOTH
@pytest.mark.parametrize(
    ("isic", "scope", "kind", "variable"),
    [
        ("D35", "S1", {}, "Emissions|CO2|Energy|Supply"),
        ("C24", "S1", {}, "Emissions|CO2|Energy and Industrial Processes"),
        ("B06", "S1", {}, "Emissions|Kyoto Gases"),
        ("H49", "S1", {}, "Emissions|Kyoto Gases"),
        ("C24", "S2", {}, "Emissions|CO2|Energy|Supply"),
        ("C24", "S3", {}, "Emissions|Kyoto Gases"),
        ("C24", "S1", {"target_type": "Intensity", "intensity_metric": "Revenue"}, "INT.emKyoto_gdp"),
        ("C24", "S1", {"target_type": "Intensity", "intensity_metric": "Power"}, "INT.emCO2energysupply_SE"),
        ("C24", "S2", {"target_type": "Intensity", "intensity_metric": "Oil"}, "INT.emCO2energysupply_SE"),
        ("C24", "S3", {"target_type": "Intensity", "intensity_metric": "Other"}, "INT.emKyoto_gdp"),
    ],
)
def test_the_variable_follows_scope_type_metric_and_division(
    method: TemperatureMethod, isic: str, scope: str, kind: dict[str, Any], variable: str
) -> None:
    goal = target(scope=scope, coverage_s3=1.0, s3_category=0, **kind)
    scores, _ = scored([company(isic=isic)], [goal], method)
    found = next(one for one in cells(scores, 0) if (one["scope"], one["time_frame"]) == (scope, "mid"))
    assert (found["variable"], found["target"]) == (variable, 0)


@BOTH
def test_the_later_statement_goes_before_the_higher_coverage(method: TemperatureMethod) -> None:
    old = target(coverage_s1=1.0, coverage_s2=1.0, statement_date=date(2019, 5, 1))
    new = target(coverage_s1=0.5, coverage_s2=0.5, statement_date=date(2023, 5, 1))
    scores, columns = scored([company()], [old, new], method)
    told = stories(scores, columns, 0)
    assert [one["outcome"] for one in told if one["target"] == 0] == ["older_statement"]
    assert {one["outcome"] for one in told if one["target"] == 1} == {"chosen"}


@BOTH
def test_a_target_on_one_scope_does_not_stand_beside_one_on_both(method: TemperatureMethod) -> None:
    scores, columns = scored([company()], [target(), target(scope="S1", reduction_ambition=0.9)], method)
    assert stories(scores, columns, 0)[-1]["outcome"] == "one_scope_alone"
    assert cell(scores, "mid", "S1") == 1.66


@BOTH
def test_the_pair_that_covers_more_goes_before_the_target_on_both(method: TemperatureMethod) -> None:
    pair = [target(scope="S1", reduction_ambition=0.9), target(scope="S2", reduction_ambition=0.9)]
    scores, columns = scored([company()], [target(coverage_s1=0.9), *pair], method)
    assert [one["outcome"] for one in stories(scores, columns, 0)] == ["lower_coverage", "chosen", "chosen"]


# --- the traps, and what ours does instead ---------------------------------------------------------------
WEAK = target(
    target_type="Intensity", intensity_metric="Revenue", reduction_ambition=0.02, base_year=2022, end_year=2045
)


def test_a_weak_intensity_target_is_worse_than_none_in_the_tool_and_not_with_us() -> None:
    weak = WEAK | {"start_year": 2022, "scope": "S1"}
    tool, ours = (scored([company()], [weak], method)[0] for method in (PARITY15, CURRENT))
    assert cell(tool, "long", "S1") == 3.54 and default_share(tool, "long", "S1") == 0
    assert cell(ours, "long", "S1") == 3.4 and default_share(ours, "long", "S1") == 1
    assert ours.chosen[0, 2, SCOPE_CODE["S1"]] == 0  # it is still the target that was looked at


def test_a_target_that_lets_emissions_grow_is_no_worse_than_none_either() -> None:
    growing = target(scope="S1", reduction_ambition=-2.0)  # threefold in 16 years: 7.11 % a year
    assert cell(scored([company()], [growing])[0], "mid", "S1") == 3.4
    assert cell(scored([company()], [growing], PARITY15)[0], "mid", "S1") == 4.14


def test_a_headline_target_counts_for_category_15_in_the_tool_and_for_all_of_scope_3_with_us() -> None:
    headline = target(scope="S3", coverage_s3=1.0, s3_category=0)
    tool, ours = (scored([company()], [headline], method)[0] for method in (PARITY15, CURRENT))
    assert cell(tool, "mid", "S3") == 3.28  # (14 x 3.4 + 1.66462) / 15 = 3.28431
    assert default_share(tool, "mid", "S3") == 0
    assert cell(ours, "mid", "S3") == 1.66


def test_a_category_is_weighed_by_its_tonnes_and_the_rest_is_the_default() -> None:
    tonnes = [10.0] * 14 + [60.0]
    of_fifteen = company(ghg_s3=200.0, ghg_s3_by_category=tonnes)
    goal = target(scope="S3", coverage_s3=1.0, s3_category=15)
    scores, _ = scored([of_fifteen], [goal])
    assert cell(scores, "mid", "S3") == 2.88  # (140 x 3.4 + 60 x 1.66462) / 200 = 2.87939
    assert default_share(scores, "mid", "S3") == pytest.approx(0.7)
    assert (
        default_share(scored([of_fifteen], [goal], PARITY15)[0], "mid", "S3") == 0
    )  # the tool: any target, no default
    unknown, _ = scored([company(ghg_s3_by_category=[None, *tonnes[1:]])], [goal])
    assert cell(unknown, "mid", "S3") == 3.28  # the plain mean of fifteen


def test_the_default_of_scope_3_is_hard_coded_in_the_tool_and_the_methods_with_us() -> None:
    for name, expected in (("parity15", 3.4), ("current", 2.9)):
        scores, _ = scored([company()], [], shipped_method(name, fallback_score_c=2.9))  # type: ignore[arg-type]
        assert (cell(scores, "mid", "S1"), cell(scores, "mid", "S3")) == (2.9, expected)


def test_more_than_everything_is_twenty_degrees_in_the_tool_and_refused_by_us() -> None:
    beyond = target(scope="S1", reduction_ambition=1.1)
    assert cell(scored([company()], [beyond], PARITY15)[0], "mid", "S1") > 20
    scores, columns = scored([company()], [beyond])
    assert stories(scores, columns, 0)[0]["outcome"] == "share_out_of_range"
    assert cell(scores, "mid", "S1") == 3.4


def test_everything_is_the_floor() -> None:
    for method in (PARITY15, CURRENT):
        assert cell(scored([company()], [target(scope="S1", reduction_ambition=1.0)], method)[0], "mid", "S1") == 1.5


def test_zero_emissions_weigh_nothing_with_us_and_are_missing_in_the_tool() -> None:
    no_scope_2 = company(ghg_s1=100.0, ghg_s2=0.0)
    goals = [target(scope="S1")]
    tool, ours = (scored([no_scope_2], goals, method)[0] for method in (PARITY15, CURRENT))
    assert (cell(tool, "mid", "S1+S2"), default_share(tool, "mid", "S1+S2")) == (3.4, 0.5)
    assert (cell(ours, "mid", "S1+S2"), default_share(ours, "mid", "S1+S2")) == (1.66, 0.0)


@BOTH
def test_without_emissions_to_weigh_by_the_warmer_part_stands(method: TemperatureMethod) -> None:
    scores, _ = scored([company(ghg_s3=None)], [target()], method)
    assert cell(scores, "mid", "S1+S2+S3") == 3.4
    assert default_share(scores, "mid", "S1+S2+S3") == 1


def test_absolute_goes_before_intensity_where_pair_and_joint_target_cover_the_same_and_the_tool_has_it_reversed() -> (
    None
):
    pair = [target(scope="S1"), target(scope="S2")]
    joint = target(target_type="Intensity", intensity_metric="Revenue", reduction_ambition=0.9)
    tool, ours = (scored([company()], [*pair, joint], method)[0] for method in (PARITY15, CURRENT))
    assert tool.candidates.source[tool.chosen[0, 1, SCOPE_CODE["S1"]]] == 2
    assert ours.candidates.source[ours.chosen[0, 1, SCOPE_CODE["S1"]]] == 0


def test_base_year_tonnes_are_asked_for_by_us_only_where_they_decide() -> None:
    bare = target(base_year_ghg_s1=None, base_year_ghg_s2=None)
    assert cell(scored([company()], [bare])[0], "mid", "S1+S2") == 1.74
    for method, goal in ((PARITY15, bare), (CURRENT, bare | {"coverage_s1": 0.5})):
        scores, columns = scored([company()], [goal], method)
        assert stories(scores, columns, 0)[0]["outcome"] == "lacks_base_year"


def test_the_year_is_an_argument_and_no_clock() -> None:
    from scoring.engine.temperature.inputs import TemperatureCompanies, TemperatureTargets
    from scoring.engine.temperature.score import score

    companies = TemperatureCompanies.from_records([company()])  # type: ignore[list-item]
    columns = TemperatureTargets.from_records([target()], companies)  # type: ignore[list-item]
    later = score(companies, columns, CURRENT, date(2036, 1, 1))
    assert later.year == 2036 and (later.default_share == 1).all()


def test_default_and_floor_belong_to_the_method_alone() -> None:
    assert [
        (name, *(shipped_method(name).parameters()[key] for key in ("fallback_score_c", "floor_c"))) for name in METHODS
    ] == [
        ("current", 3.4, 1.5),
        ("parity15", 3.4, 1.5),
        ("parity", 3.2, 0.0),
    ]


@pytest.mark.parametrize(
    ("value", "printed"), [(None, "—"), (0.0, "< 1.0 °C"), (0.994, "< 1.0 °C"), (1.0, "1.00 °C"), (1.745, "1.75 °C")]
)
def test_a_score_below_one_degree_is_printed_as_no_figure(value: float | None, printed: str) -> None:
    assert degrees(value) in (printed, printed.replace("1.75", "1.74"))  # binary 1.745


def test_nobody_and_nothing_are_scored_too() -> None:
    scores, _ = scored([], [])
    assert scores.score_c.shape == (0, 3, 5)
    assert np.isfinite(scored([company()], [])[0].score_c).all()


def test_the_golden_case_lies_whole_beside_its_licence() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {
        *("companies.csv", "targets.csv", "portfolio.csv", "expected_company_scores.csv"),
        *("expected_portfolio.json", "invalid_targets.json"),
    }
    assert "WWF Sweden" in Path(SHIPPED / "LICENSE-WWF-ITR.txt").read_text(encoding="utf-8")
