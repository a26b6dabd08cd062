"""The drawing data say what the record says, to the last printed digit."""

import copy
import random
from decimal import Decimal

import pytest
from scoring.companies.charts import (
    MARK_HEIGHT,
    ROW_HEIGHT,
    Waterfall,
    pillar_height,
    pillar_mark,
    score_bar,
    signed,
    waterfall,
)
from scoring.runs.glance import glance

from scoring.engine import ScoreRecord
from tests.engine import make


def number(text: str) -> Decimal:
    return Decimal(text.replace("−", "-"))


def drawn(record: ScoreRecord) -> Waterfall:
    chart = waterfall(record, chinese=False, start="Start", total="Score")
    assert chart is not None
    return chart


def many_records() -> list[ScoreRecord]:
    """Companies of every kind: one to four years, with and without targets, high and low."""
    dice = random.Random(7)
    companies = []
    for n in range(200):
        years = [
            make.year(2024 - back, scope1_t=dice.uniform(1, 5000), scope2_t=dice.uniform(1, 500))
            for back in reversed(range(dice.randint(1, 4)))
        ]
        targets = [make.target(status=dice.choice(["unstated", "pledge", "strategy"]))] if dice.random() < 0.7 else []
        companies.append(make.company(f"company-{n}", years=years, targets=targets))
    result = make.scored(*companies)
    records = [result.record(i) for i in range(len(companies))]
    scored = [record for record in records if record["emissions_score"]]
    assert len(scored) > 100
    return scored


def test_printed_bars_add_up_to_the_printed_score_for_every_company() -> None:
    for record in many_records():
        chart = drawn(record)
        bars = [number(bar.text) for bar in chart.pillars if bar.text]
        assert number(chart.baseline) + sum(bars) == number(chart.total)
        assert record["emissions_score"] is not None
        assert abs(float(chart.total) - record["emissions_score"]["value"]) <= 0.05 + 1e-9


def test_printed_lines_add_up_to_the_printed_bar_of_their_pillar() -> None:
    for record in many_records():
        chart = drawn(record)
        for bar in chart.pillars:
            lines = [chart.line_texts[line["code"]] for line in record["lines"] if line["pillar"] == bar.code]
            assert sum(number(text) for text in lines) == (number(bar.text) if bar.text else 0)


def test_each_bar_begins_where_the_one_before_ends_and_stays_inside_the_drawing() -> None:
    for record in many_records():
        chart = drawn(record)
        before = 50.0
        for bar in chart.pillars:
            assert min(abs(bar.x - before), abs(bar.x + bar.width - before)) < 1e-9
            before = bar.end
        for bar in chart.bars:
            assert bar.x >= 0
            assert bar.x + bar.width <= 100 + 1e-9
            assert bar.top + ROW_HEIGHT <= chart.height


def test_a_missing_pillar_keeps_its_row_and_moves_nothing() -> None:
    record = make.record_of(make.company(years=[make.year(2023)]))
    trajectory = next(bar for bar in drawn(record).pillars if bar.code == "P2")
    assert (trajectory.kind, trajectory.text, trajectory.width) == ("missing", "", 0.0)


@pytest.mark.parametrize("gone", range(3))
def test_it_draws_with_any_number_of_missing_pillars(gone: int) -> None:
    record = copy.deepcopy(make.record_of(make.company()))
    score = record["emissions_score"]
    assert score is not None
    for pillar in score["pillars"][:gone]:
        score["value"] -= pillar["contribution"] or 0.0
        pillar["contribution"] = pillar["utility"] = None
    record["lines"] = [
        line for line in record["lines"] if line["pillar"] not in {p["code"] for p in score["pillars"][:gone]}
    ]
    chart = drawn(record)
    assert len(chart.bars) == len(score["pillars"]) + 2
    assert sum(bar.kind == "missing" for bar in chart.bars) == gone


def test_a_company_without_score_has_no_waterfall_and_no_marks() -> None:
    record = make.record_of(make.company(years=[], targets=[]))
    assert waterfall(record, chinese=True, start="", total="") is None
    assert glance(record)["pillars"] == []


def test_labels_follow_the_language() -> None:
    record = make.record_of(make.company())
    chinese = waterfall(record, chinese=True, start="起点", total="总分")
    assert chinese is not None
    assert [bar.label for bar in chinese.bars] == ["起点", "碳效率", "减排轨迹", "可信度", "总分"]


def test_a_fall_is_printed_with_a_true_minus() -> None:
    assert [signed(Decimal(text)) for text in ("12.4", "-4.2", "0.0", "-0.0")] == ["+12.4", "−4.2", "0.0", "0.0"]


def test_the_score_bar_is_as_long_as_the_score() -> None:
    assert score_bar(72.34) == "72.3%"
    with pytest.raises(ValueError, match="101"):
        score_bar(101)


def test_pillar_marks_stay_inside_their_row() -> None:
    for position, (_zh, _en, utility) in enumerate(glance(make.record_of(make.company()))["pillars"]):
        mark = pillar_mark(position, pillar_height(utility))
        assert 0 <= mark.y <= MARK_HEIGHT
        assert mark.y + mark.height == pytest.approx(MARK_HEIGHT)


def test_a_pillar_that_is_not_observed_has_no_height_and_an_observed_one_is_seen() -> None:
    assert pillar_height(None) == 0
    assert pillar_height(0.0) == 1
