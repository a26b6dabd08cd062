from __future__ import annotations

import math

import pytest

from scoring.candidates import marks
from scoring.candidates.marks import Step
from tests.engine.score.candidates import candidacy, candidate, sold, tailwind, told, year


def test_a_cleared_bar_grows_to_the_right_of_the_middle_and_a_missed_one_to_the_left() -> None:
    cleared = candidate(tailwind())["o"]
    missed = candidate(tailwind(candidacy=candidacy(years=[year(scope1=told(30_000.0))])))["o"]
    right, left = marks.bar_mark("o", cleared), marks.bar_mark("o", missed)
    assert (right.kind, right.x) == ("cleared", 50.0)
    # ln(0.225 / 0.2) of ln 4, over half the axis
    assert right.width == pytest.approx(50 * math.log(1.125) / math.log(4))
    assert left.kind == "missed"
    assert left.x + left.width == pytest.approx(50.0)


def test_a_mark_that_reaches_beyond_its_axis_ends_there_and_says_so() -> None:
    far = candidate(tailwind(candidacy=candidacy(years=[year(scope1=told(1.0), scope2_location=told(1.0))])))["o"]
    mark = marks.bar_mark("o", far)
    assert (mark.x + mark.width, mark.is_beyond) == (100.0, True)


def test_an_unknown_bar_is_a_field_over_the_whole_axis() -> None:
    unknown = candidate(tailwind(candidacy=candidacy(years=[year(sold=[sold(service=None)])])))
    assert marks.bar_mark("c", unknown["c"]) == marks.BarMark("unknown", 0.0, 100.0, False)
    assert [one.kind for one in marks.segments(unknown)] == ["unknown", "cleared", "cleared"]


def test_p_stands_on_one_axis_with_all_that_is_open() -> None:
    unknown = candidate(tailwind(candidacy=candidacy(years=[year(sold=[sold(service=None)])])))
    axis = marks.p_axis(unknown)
    assert axis.low == 0.0
    assert axis.high == pytest.approx(100 * unknown["reported"]["p_high"])
    assert axis.assisted_high is None


def test_a_waterfall_ends_where_its_sum_does() -> None:
    drawn = marks.waterfall(
        [Step("EBIT", "90", 90.0), Step("S", "−40", -40.0), Step("CO₂", "−2", -2.0), Step("m*", "48", 48.0, True)]
    )
    start, subsidies, carbon, total = drawn.rows
    assert [row.kind for row in drawn.rows] == ["start", "fall", "fall", "total"]
    assert (start.x, start.width) == (0.0, 100.0)
    assert subsidies.x + subsidies.width == pytest.approx(100.0)
    assert carbon.x == pytest.approx(total.width, abs=0.01)


def test_a_loss_goes_below_zero() -> None:
    drawn = marks.waterfall([Step("EBIT", "10", 10.0), Step("S", "−30", -30.0), Step("m*", "−20", -20.0, True)])
    assert drawn.zero == pytest.approx(100 * 20 / 30, abs=0.01)
    assert drawn.rows[2].x == 0.0
    assert drawn.rows[2].x + drawn.rows[2].width == pytest.approx(drawn.zero)


def test_what_is_not_told_is_an_empty_row() -> None:
    drawn = marks.waterfall([Step("EBIT", "10", 10.0), Step("S", "", None)])
    assert drawn.rows[1].kind == "unknown"


def test_years_stand_against_their_bar() -> None:
    line = marks.years_line([(2023, 0.25, "0.250"), (2025, 0.2, "0.200")], 0.225)
    assert line is not None
    first, last = line.points
    assert first.y < line.bar_y < last.y  # type: ignore[operator]
    assert first.x < last.x
    assert marks.years_line([], 0.225) is None
