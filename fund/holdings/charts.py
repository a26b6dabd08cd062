"""Pictures of a portfolio as drawing data: sorted bars of its holdings, and lines over its dates.

Horizontal positions are percentages of the drawing's width, vertical ones pixels; colour is the stylesheet's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

LEAST = 0.4  # of a bar that stands for something: thinner cannot be seen
HEIGHT = 128  # of the plot; labels stand above and below
MARGIN = 8.0  # percent at both sides
HEAD_ROOM = 1.2
APART = 16.0  # percent between two labels, so that they stand side by side on a phone


@dataclass(frozen=True)
class Bar:
    """A holding, or several together, by its share of a figure and of the money."""

    name: str
    note: str
    href: str
    share: float | None  # of the figure; None: it is not known
    money: float | None  # of all money
    is_rest: bool = False

    @property
    def is_unknown(self) -> bool:
        return self.share is None


@dataclass(frozen=True)
class DrawnBar:
    bar: Bar
    share_width: float
    money_width: float


def drawn(bars: Sequence[Bar]) -> list[DrawnBar]:
    """On one axis, which ends at the longest of all bars."""
    longest = max((value for bar in bars for value in (bar.share, bar.money) if value is not None), default=0.0)

    def width(value: float | None) -> float:
        return round(max(LEAST, 100 * value / longest), 3) if value and longest > 0 else 0.0

    return [DrawnBar(bar, width(bar.share), width(bar.money)) for bar in bars]


@dataclass(frozen=True)
class DatePoint:
    day: date
    value: float | None
    x: float
    y: float | None
    is_labelled: bool  # the first, the last, and those between that have room


@dataclass(frozen=True)
class DatesLine:
    """A figure over the dates of a book. Where it is not known there is no point, and the line is broken."""

    points: tuple[DatePoint, ...]
    top: float  # value at the upper edge
    height: int = HEIGHT

    @property
    def polylines(self) -> list[str]:
        """In a drawing of 1,000 to the height, stretched; one for each stretch without a gap."""
        stretches: list[list[str]] = [[]]
        for point in self.points:
            if point.y is None:
                stretches.append([])
            else:
                stretches[-1].append(f"{10 * point.x:g},{point.y:g}")
        return [" ".join(stretch) for stretch in stretches if len(stretch) > 1]

    @property
    def dots(self) -> list[DatePoint]:
        return [point for point in self.points if point.y is not None]


def dates_line(values: Sequence[tuple[date, float | None]], top: float) -> DatesLine:
    """`values` by date, ascending, from 0 to `top`; days lie as far apart as they are."""
    first, last = values[0][0], values[-1][0]
    span = (last - first).days or 1
    points: list[DatePoint] = []
    labelled = -APART
    for day, value in values:
        x = round(MARGIN + (100 - 2 * MARGIN) * (day - first).days / span, 3)
        y = None if value is None else round(HEIGHT * (1 - value / top), 2) if top > 0 else float(HEIGHT)
        has_room = x - labelled >= APART and (day == last or 100 - MARGIN - x >= APART)
        if has_room or day == last:
            labelled = x
        points.append(DatePoint(day, value, x, y, has_room or day == last))
    return DatesLine(tuple(points), top)


def top_of(*series: Sequence[tuple[date, float | None]]) -> float:
    """One upper edge for several lines."""
    return HEAD_ROOM * max((value for one in series for _day, value in one if value is not None), default=0.0)
