"""The marks of a candidate as drawing data: where each begins and ends. Colour is the stylesheet's.

Horizontal positions are percentages of the drawing's width, so that a mark grows with its column while letters and
lines keep their size; vertical ones are pixels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scoring.engine.score.record import BARS, AssistedResult, BarRecord, CandidacyResult

# How far an axis reaches to either side of the bar, one a column so that rows can be held against each other:
# C and O in logarithms of the ratio to the bar (a factor of two, of four), R in shares of revenue.
REACH = {"c": math.log(2), "r": 0.20, "o": math.log(4)}
MIDDLE = 50.0
LEAST = 1.0  # of a mark that stands at its bar: thinner cannot be seen

BarKind = Literal["cleared", "missed", "unknown", "shown"]


@dataclass(frozen=True)
class BarMark:
    """Grows from the bar in the middle, to the right where it is cleared, to the left where missed."""

    kind: BarKind
    x: float
    width: float
    is_beyond: bool  # it ends where the axis does, and goes on


def bar_mark(bar: str, record: BarRecord) -> BarMark:
    state = record["state"]
    if state == "unknown":
        return BarMark("unknown", 0.0, 100.0, False)
    z = record["z"]
    if z is None:  # decided without a distance: an operator, harm, or a runway that is too short
        z = REACH[bar] if state == "cleared" else -REACH[bar]
    part = max(-1.0, min(1.0, z / REACH[bar]))
    width = max(LEAST, abs(part) * MIDDLE)
    return BarMark(state, MIDDLE if state == "cleared" else MIDDLE - width, width, abs(z) > REACH[bar])


@dataclass(frozen=True)
class Segment:
    """A third of the mark of P: one bar."""

    bar: str
    kind: BarKind
    x: float
    width: float
    is_on_the_line: bool
    assisted: str  # state by the estimate, where nothing is reported


GAP = 2.0


def segments(record: CandidacyResult) -> list[Segment]:
    width = (100.0 - GAP * (len(BARS) - 1)) / len(BARS)
    found = []
    for place, bar in enumerate(BARS):
        about: BarRecord = record[bar]  # type: ignore[literal-required]
        assisted: AssistedResult | None = record["assisted"] if bar == "o" and about["state"] == "unknown" else None
        found.append(
            Segment(
                bar,
                about["state"],
                round(place * (width + GAP), 3),
                round(width, 3),
                about["on_the_line"],
                assisted["state"] if assisted else "",
            )
        )
    return found


@dataclass(frozen=True)
class PAxis:
    """P reported and assisted on one axis from 0 to 1; the high end is where all that is open turns out well."""

    low: float
    high: float
    assisted_low: float | None
    assisted_high: float | None

    @property
    def width(self) -> float:
        return self.high - self.low

    @property
    def assisted_width(self) -> float:
        return (self.assisted_high or 0.0) - (self.assisted_low or 0.0)


def p_axis(record: CandidacyResult) -> PAxis:
    reported, assisted = record["reported"], record["assisted"]
    return PAxis(
        100 * reported["p_low"],
        100 * reported["p_high"],
        100 * assisted["p_low"] if assisted else None,
        100 * assisted["p_high"] if assisted else None,
    )


# --- waterfalls ---------------------------------------------------------------------------------------------
ROW_HEIGHT = 28
StepKind = Literal["start", "fall", "rise", "total", "unknown"]


@dataclass(frozen=True)
class Step:
    """A row: an amount that is added to what was before, or a sum."""

    label: str
    text: str
    amount: float | None  # None: not told
    is_sum: bool = False


@dataclass(frozen=True)
class WaterfallRow:
    label: str
    text: str
    kind: StepKind
    x: float
    width: float


@dataclass(frozen=True)
class Waterfall:
    rows: tuple[WaterfallRow, ...]
    zero: float  # where 0 stands
    bar: float | None  # where the bar stands


def waterfall(steps: Sequence[Step], bar: float | None = None) -> Waterfall:
    """Steps of one unit, the first a start; a sum begins at 0 again. What is not told is an empty row."""
    ends: list[tuple[float, float]] = []
    running = 0.0
    for step in steps:
        before = 0.0 if step.is_sum else running
        running = step.amount if step.is_sum and step.amount is not None else running + (step.amount or 0.0)
        ends.append((before, running))
    marks = [0.0, *(end for both in ends for end in both), *([] if bar is None else [bar])]
    low, high = min(marks), max(marks)
    span = (high - low) or 1.0

    def at(value: float) -> float:
        return round(100 * (value - low) / span, 3)

    rows = [
        WaterfallRow(
            step.label,
            step.text,
            _kind(place, step),
            at(min(both)) if step.amount is not None else 0.0,
            round(at(max(both)) - at(min(both)), 3) if step.amount is not None else 100.0,
        )
        for place, (step, both) in enumerate(zip(steps, ends, strict=True))
    ]
    return Waterfall(tuple(rows), at(0.0), None if bar is None else at(bar))


def _kind(place: int, step: Step) -> StepKind:
    if step.amount is None:
        return "unknown"
    if step.is_sum:
        return "total"
    if place == 0:
        return "start"
    return "fall" if step.amount < 0 else "rise"


# --- the years of own emissions -----------------------------------------------------------------------------
CHART_HEIGHT = 120  # of the plot; labels stand above and below
MARGIN = 6.0  # percent at both sides
HEAD_ROOM = 1.15


@dataclass(frozen=True)
class YearPoint:
    year: int
    text: str
    x: float  # percent
    y: float  # pixels from the top of the plot


@dataclass(frozen=True)
class YearsLine:
    """A figure by years against its bar, from 0 up."""

    points: tuple[YearPoint, ...]
    bar_y: float | None
    height: int = CHART_HEIGHT

    @property
    def polyline(self) -> str:
        """In a drawing of 1,000 to the height, stretched."""
        return " ".join(f"{10 * point.x:g},{point.y:g}" for point in self.points)


def years_line(values: Sequence[tuple[int, float, str]], bar: float | None) -> YearsLine | None:
    """`values` are (year, value, as printed), ascending; None without any."""
    if not values:
        return None
    top = HEAD_ROOM * max([value for _, value, _ in values] + ([] if bar is None else [bar]))
    first, last = values[0][0], values[-1][0]
    span = max(1, last - first)

    def y(value: float) -> float:
        return round(CHART_HEIGHT * (1 - value / top), 2) if top > 0 else float(CHART_HEIGHT)

    points = tuple(
        YearPoint(
            year,
            text,
            round(MARGIN + (100 - 2 * MARGIN) * (year - first) / span, 3) if last > first else 50.0,
            y(value),
        )
        for year, value, text in values
    )
    return YearsLine(points, None if bar is None else y(bar))
