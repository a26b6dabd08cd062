"""The bar of own emissions from what others report: a multiple of the median of a class of industry.

The companies of a class are shipped with their figures, their division and the reason for it
(scoring/data/bar_sheet_1/footprint_reporters.csv); what came out is frozen in the sheet.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scoring.engine.score.bar_sheet import FootprintBar, Judgements

CNY_IN_WAN = 10_000


@dataclass(frozen=True)
class Reporter:
    """A company that reports both scopes, scope 2 location-based, and revenue, in one year and for one boundary."""

    name: str
    industry_class: str
    division: str  # ISIC revision 4, two digits
    reason: str
    year: int
    scope1_t: float
    scope2_location_t: float
    revenue: float
    currency: str


@dataclass(frozen=True)
class ClassBar:
    """What the reporters of a class come to; `bar` is None where they are too few."""

    industry_class: str
    reporters: tuple[Reporter, ...]
    footprints: tuple[float, ...]  # t per 10,000 yuan of revenue, of each reporter
    median: float
    sd_ln: float  # sample standard deviation of the logarithms; 0 of one reporter
    bar: FootprintBar | None


def class_bars(
    reporters: Iterable[Reporter], yuan_per: Callable[[str, int], float], judgements: Judgements, source: str
) -> list[ClassBar]:
    """One a class, by name. `yuan_per` gives the mean of a year for a currency."""
    by_class: dict[str, list[Reporter]] = {}
    for reporter in reporters:
        by_class.setdefault(reporter.industry_class, []).append(reporter)
    return [_class_bar(name, found, yuan_per, judgements, source) for name, found in sorted(by_class.items())]


def _class_bar(
    name: str, found: list[Reporter], yuan_per: Callable[[str, int], float], judgements: Judgements, source: str
) -> ClassBar:
    footprints = tuple(_footprint(one, yuan_per(one.currency, one.year)) for one in found)
    median = statistics.median(footprints)
    logarithms = [math.log(x) for x in footprints]
    sd_ln = statistics.stdev(logarithms) if len(logarithms) > 1 else 0.0
    bar = FootprintBar(
        value=round(judgements.footprint_multiple * median, 4),
        basis="median",
        source=source,
        n=len(found),
        median=round(median, 4),
        sd_ln=round(sd_ln, 2),
        classes=tuple(sorted({one.division for one in found})),
        years=tuple(sorted({one.year for one in found})),
    )
    return ClassBar(
        name, tuple(found), footprints, median, sd_ln, bar if len(found) >= judgements.least_reporters else None
    )


def _footprint(reporter: Reporter, yuan: float) -> float:
    return (reporter.scope1_t + reporter.scope2_location_t) / (reporter.revenue * yuan / CNY_IN_WAN)
