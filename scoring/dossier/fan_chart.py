"""The fan of a company's paths → drawing data: history, target path, benchmark pathway, trajectory with its interval.

The lines live in a box of 1000 × 1000 units that the page stretches; what must keep its size (letters, dots) is placed
in percent of the width and pixels of the height. Nothing is decided about colour here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portfolio.typed.numbers import grouped
from scoring.engine.pathways.record import PathTestRecord, SeriesRecord

BOX = 1000.0
PLOT_TOP, PLOT_HEIGHT = 34, 260  # pixels
HEIGHT = PLOT_TOP + PLOT_HEIGHT + 26
GOAL_YEARS = (2030, 2060)
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
UNITS = ((1e6, "MtCO₂e"), (1e3, "ktCO₂e"), (1.0, "tCO₂e"))
FEWEST_OF_UNIT = 5  # a scale that ends below so many of a unit is written in the next smaller one
GRID_LINES = 4


@dataclass(frozen=True)
class Tick:
    """A line across the plot: `at` in units of the box, the place of its label beside it."""

    at: float
    label: str
    percent: str = ""
    top: float = 0.0
    anchor: str = "middle"


@dataclass(frozen=True)
class Mark:
    """A dot on a path: which path, and what happens there."""

    path: str  # trajectory or target
    what: str
    year: int
    percent: str
    top: float


@dataclass(frozen=True)
class FanChart:
    """Lines as points of a polyline; empty where a path is not available."""

    history: str
    trajectory: str
    interval: str  # a polygon
    target: str
    pathway: str
    history_dots: tuple[tuple[str, float], ...]
    levels: tuple[Tick, ...]
    years: tuple[Tick, ...]
    goals: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    unit: str  # of the levels
    height: int = HEIGHT
    top: int = PLOT_TOP
    plot_height: int = PLOT_HEIGHT

    @property
    def axis_y(self) -> int:
        return PLOT_TOP + PLOT_HEIGHT

    @property
    def year_y(self) -> int:
        return PLOT_TOP + PLOT_HEIGHT + 18


def fan_chart(
    series: SeriesRecord, trajectory: PathTestRecord | None, target: PathTestRecord | None
) -> FanChart | None:
    """None where nothing is reported: there is no path to draw."""
    years = series["years"]
    drawn = ("history_t", "trajectory_t", "high_t", "target_t", "budget_t")
    tonnes = [value for name in drawn for value in series[name] if value is not None]  # type: ignore[literal-required]
    if not tonnes or max(tonnes) <= 0:
        return None
    top_t, step_t = _nice_top(max(tonnes))
    first, last = years[0], years[-1]
    plot = _Plot(first, last, top_t)
    unit_t, unit = next(((size, word) for size, word in UNITS if top_t >= FEWEST_OF_UNIT * size), UNITS[-1])
    reported = [(y, t) for y, t in zip(years, series["history_t"], strict=True) if t is not None]
    ahead = [(y, t) for y, t in zip(years, series["trajectory_t"], strict=True) if y >= reported[-1][0]]
    low = [(y, t) for y, t in zip(years, series["low_t"], strict=True) if t is not None]
    high = [(y, t) for y, t in zip(years, series["high_t"], strict=True) if t is not None]
    to_target = [(y, t) for y, t in zip(years, series["target_t"], strict=True) if y >= reported[-1][0]]
    return FanChart(
        history=plot.line(reported),
        trajectory=plot.line(ahead),
        interval=plot.line([*high, *reversed(low)]),
        target=plot.line(to_target),
        pathway=plot.line(list(zip(years, series["budget_t"], strict=True))),
        history_dots=tuple((plot.percent(year), plot.pixels(value)) for year, value in reported),
        levels=tuple(_level(plot, step_t * k, unit_t) for k in range(0, math.floor(top_t / step_t + 1e-9) + 1)),
        years=tuple(_year(plot, year) for year in _ticked(first, last)),
        goals=tuple(_year(plot, year) for year in GOAL_YEARS if first <= year <= last),
        marks=tuple(
            mark
            for path, found, line in (
                ("trajectory", trajectory, series["trajectory_t"]),
                ("target", target, series["target_t"]),
            )
            if found
            for mark in _marks(plot, path, found, line)
        ),
        unit=unit,
    )


@dataclass(frozen=True)
class _Plot:
    first: int
    last: int
    top_t: float

    def x(self, year: int) -> float:
        return (year - self.first) / max(self.last - self.first, 1) * BOX

    def y(self, tonnes: float) -> float:
        return BOX - tonnes / self.top_t * BOX

    def percent(self, year: int) -> str:
        return f"{self.x(year) / BOX * 100:.2f}%"

    def pixels(self, tonnes: float) -> float:
        return round(PLOT_TOP + self.y(tonnes) / BOX * PLOT_HEIGHT, 1)

    def line(self, points: Sequence[tuple[int, float | None]]) -> str:
        return " ".join(f"{self.x(year):.1f},{self.y(value):.1f}" for year, value in points if value is not None)


def _nice_top(largest: float) -> tuple[float, float]:
    """A round top of the scale and the step of its lines."""
    rough = largest / GRID_LINES
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * size for factor in STEPS if factor * size >= rough * (1 - 1e-9))
    return math.ceil(largest / step - 1e-9) * step, step


def _level(plot: _Plot, tonnes: float, unit_t: float) -> Tick:
    return Tick(round(plot.y(tonnes), 1), grouped(tonnes / unit_t, 10), top=plot.pixels(tonnes) + 4)


def _year(plot: _Plot, year: int) -> Tick:
    anchor = "start" if year == plot.first else "end" if year == plot.last else "middle"
    return Tick(round(plot.x(year), 1), str(year), plot.percent(year), anchor=anchor)


def _ticked(first: int, last: int) -> list[int]:
    """The first and the last year, and decades between that leave room for both."""
    room = (last - first) / 9
    return [first, *(year for year in range(first + 1, last) if year % 10 == 0 and year - first > room), last]


def _marks(plot: _Plot, path: str, found: PathTestRecord, line: Sequence[float | None]) -> list[Mark]:
    marks = []
    for what, year in ((_("peak"), found["peak_year"]), (_("net zero"), found["net_zero_year"])):
        tonnes = line[year - plot.first] if year else None
        if year and tonnes is not None:
            marks.append(Mark(path, what, year, plot.percent(year), plot.pixels(tonnes)))
    return marks
