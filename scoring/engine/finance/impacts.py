"""Principal adverse impacts 1 to 3 of SFDR 1: means over the four quarter ends of a year.

Source: Regulation (EU) 2019/2088 as it applies (SFDR 1), Delegated Regulation (EU) 2022/1288, Article 6(3) and Annex I
table 1: 1 financed tonnes; 2 carbon footprint per million invested; 3 weighted tonnes per million of revenue, both of
scopes 1 + 2 + 3. Investments weigh by their current value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from scoring.engine.errors import WrongShape
from scoring.engine.finance.financed import S123, SCOPES, Holdings, Metric, Portfolio

QUARTERS = 4
IMPACTS: tuple[tuple[str, str, Callable[[Portfolio], Metric]], ...] = (
    ("pai_1_s1", "tCO2e", lambda book: book.financed("s1")),
    ("pai_1_s2", "tCO2e", lambda book: book.financed("s2")),
    ("pai_1_s3", "tCO2e", lambda book: book.financed("s3")),
    ("pai_1_total", "tCO2e", lambda book: book.financed(S123)),
    ("pai_2_footprint", "t/million", lambda book: book.economic_intensity(S123)),
    ("pai_3_intensity", "t/million revenue", lambda book: book.waci(S123)),
)
PARTS, TOTAL = ("pai_1_s1", "pai_1_s2", "pai_1_s3"), "pai_1_total"
MEANS = ("pai_2_footprint", "pai_3_intensity")  # the others are sums
SAME = 1e-9  # of a total, within which its parts add up


@dataclass(frozen=True)
class QuarterlyMetric:
    """A mean over the reference dates of a year that have the figure."""

    code: str
    value: float | None
    of_all: float | None  # of a mean: what is not known counted as nothing, a lower bound; None where not all is known
    unit: str
    coverage: float | None  # of the money of the quarters together; None where an amount in one of them is unknown
    quarters: tuple[Metric | None, ...]  # None: the book says nothing of that day

    @property
    def counted(self) -> int:
        """Quarters in the mean."""
        return len(_known(self.quarters))


def principal_adverse_impacts(quarters: Sequence[Holdings | None]) -> list[QuarterlyMetric]:
    """PAI 1 (by scope and together), 2 and 3 as the mean of 31 March, 30 June, 30 September and 31 December.

    None stands for a day before the book begins. Such a quarter, and one without the figure, is left out of the mean;
    one in which nothing was held counts in 1, as zero tonnes. Raises WrongShape unless there are four.
    """
    if len(quarters) != QUARTERS:
        raise WrongShape("four reference dates", value=len(quarters))
    books = [None if holdings is None else Portfolio(holdings) for holdings in quarters]
    money = math.fsum(book.total_outstanding for book in books if book)
    return [
        _over_quarters(code, unit, [None if book is None else metric_of(book) for book in books], money)
        for code, unit, metric_of in IMPACTS
    ]


def _over_quarters(code: str, unit: str, metrics: Sequence[Metric | None], money: float) -> QuarterlyMetric:
    there, known = [metric for metric in metrics if metric], _known(metrics)
    values = [metric.value or 0.0 for metric in known]
    covered = [metric.coverage for metric in known]
    whole = [value * share for value, share in zip(values, covered, strict=True) if share is not None]
    is_known = not any(metric.outstanding_unknown for metric in there)
    return QuarterlyMetric(
        code=code,
        value=math.fsum(values) / len(values) if values else None,
        of_all=math.fsum(whole) / len(whole) if code in MEANS and whole and None not in covered else None,
        unit=unit,
        coverage=math.fsum(metric.outstanding for metric in there) / money if money > 0 and is_known else None,
        quarters=tuple(metrics),
    )


def _known(metrics: Sequence[Metric | None]) -> list[Metric]:
    return [metric for metric in metrics if metric and metric.value is not None]


@dataclass(frozen=True)
class Parts:
    """Whether the scopes of PAI 1 add up to its total, and if not why."""

    sum_t: float | None  # of the scopes that are known
    total_t: float | None
    lacking: int  # holdings that have some scopes and not all: in the parts, and not in the total
    other_quarters: bool  # the parts are means over other quarters than the total

    @property
    def add_up(self) -> bool:
        if self.sum_t is None or self.total_t is None:
            return self.sum_t == self.total_t
        return abs(self.sum_t - self.total_t) <= SAME * max(self.sum_t, self.total_t)


def parts_of_impact_1(quarters: Sequence[Holdings | None], impacts: Sequence[QuarterlyMetric]) -> Parts:
    """Of the same quarters that `impacts` were computed from."""
    by_code = {metric.code: metric for metric in impacts}
    known = [value for code in PARTS if (value := by_code[code].value) is not None]
    total = by_code[TOTAL]
    return Parts(
        sum_t=math.fsum(known) if known else None,
        total_t=total.value,
        lacking=len({key for holdings in quarters if holdings for key in _lacking(holdings)}),
        other_quarters=any(by_code[code].counted != total.counted for code in PARTS),
    )


def _lacking(holdings: Holdings) -> list[str]:
    """Holdings with a factor and with some scopes, but not all of them."""
    there = np.isfinite(np.array([holdings.emissions_t(scope) for scope in SCOPES]))
    counts = np.isfinite(Portfolio(holdings).attribution.factor) & there.any(axis=0) & ~there.all(axis=0)
    return [key for key, is_one in zip(holdings.holding_key, counts, strict=True) if is_one]
