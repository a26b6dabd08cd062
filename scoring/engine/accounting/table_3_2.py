"""Table 3.2 of the 2006 IPCC Guidelines, vol. 1 ch. 3: uncertainty of a year, and of the trend since a base year."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scoring.engine.accounting.uncertainty import bincount, finite, percents_of, product, sum_percent
from scoring.engine.columns import Floats, Ints
from scoring.engine.errors import TwoUncertainties, UncertaintyError, ZeroTotal


@dataclass(frozen=True, slots=True)
class Row32:
    """A category and gas: columns A to F of Table 3.2. Emissions in one unit throughout, CO2 equivalents."""

    category: str
    base: float  # C
    year: float  # D
    activity_percent: float  # E
    factor_percent: float  # F
    ef_corr: bool = True  # the factor errs alike in both years (note C)
    ad_corr: bool = False  # the activity errs alike in both years (note D)
    factor_id: str | None = None  # rows of one factor go through `aggregated` first


@dataclass(frozen=True, eq=False)
class Tables32:
    """Columns G to M, shape (rows,), and what stands below them, shape (inventories,)."""

    combined_percent: Floats  # G
    contribution: Floats  # H, percent squared
    sensitivity_a: Floats  # I, percent: one percent more in both years
    sensitivity_b: Floats  # J, share: one percent more in the year only
    trend_by_factor: Floats  # K, percentage points
    trend_by_activity: Floats  # L, percentage points
    trend_square: Floats  # M
    base_total: Floats
    year_total: Floats
    total_percent: Floats  # √ΣH; NaN where the year's total is zero
    trend_percent: Floats  # change since the base year; NaN where the base year's total is zero
    trend_points: Floats  # √ΣM, its half width in percentage points; NaN likewise


@dataclass(frozen=True)
class Table32:
    """Table 3.2 of one inventory."""

    rows: tuple[Row32, ...]
    columns: dict[str, tuple[float, ...]]  # "G" to "M"
    base_total: float
    year_total: float
    total_percent: float
    trend_percent: float
    trend_points: float


def table_3_2(rows: Sequence[Row32]) -> Table32:
    """Columns G to M, total and trend. Raises ZeroTotal for a base year or a year that sums to zero."""
    if not rows:
        raise UncertaintyError("a table without rows", value=rows)
    batch = tables_3_2(
        [row.base for row in rows],
        [row.year for row in rows],
        [row.activity_percent for row in rows],
        [row.factor_percent for row in rows],
        np.zeros(len(rows), dtype=np.int64),
        1,
        ef_corr=[row.ef_corr for row in rows],
        ad_corr=[row.ad_corr for row in rows],
    )
    base, year = float(batch.base_total[0]), float(batch.year_total[0])
    if base == 0:
        raise ZeroTotal("emissions of the base year sum to zero, so there is no trend since", value=base)
    if year == 0:
        raise ZeroTotal("emissions of the year sum to zero, so there is no uncertainty in percent", value=year)
    columns = {
        "G": batch.combined_percent,
        "H": batch.contribution,
        "I": batch.sensitivity_a,
        "J": batch.sensitivity_b,
        "K": batch.trend_by_factor,
        "L": batch.trend_by_activity,
        "M": batch.trend_square,
    }
    return Table32(
        tuple(rows),
        {letter: tuple(column.tolist()) for letter, column in columns.items()},
        base,
        year,
        float(batch.total_percent[0]),
        float(batch.trend_percent[0]),
        float(batch.trend_points[0]),
    )


def tables_3_2(
    base: npt.ArrayLike,
    year: npt.ArrayLike,
    activity_percents: npt.ArrayLike,
    factor_percents: npt.ArrayLike,
    inventory_codes: Ints,
    inventories: int,
    *,
    ef_corr: npt.ArrayLike = True,
    ad_corr: npt.ArrayLike = False,
) -> Tables32:
    """Table 3.2 of many inventories at once, shape (rows,); see `Row32` for the columns.

    An inventory whose total is zero gets NaN where that total divides; the others are computed.
    """
    c, d = finite(base), finite(year)
    e, f = percents_of(activity_percents), percents_of(factor_percents)
    base_total, year_total = bincount(inventory_codes, c, inventories), bincount(inventory_codes, d, inventories)
    with np.errstate(divide="ignore", invalid="ignore"):
        trend_percent = (year_total - base_total) / base_total * 100
        trend_percent[base_total == 0] = np.nan
        sc, sd = base_total[inventory_codes], year_total[inventory_codes]
        g = product(e, f)
        h = (g * d) ** 2 / sd**2
        both = 0.01 * c + sc
        i = np.abs((0.01 * d + sd - both) / both * 100 - trend_percent[inventory_codes])
        j = np.abs(d / sc)
        k = np.where(ef_corr, i * f, j * f * math.sqrt(2))
        l_ = np.where(ad_corr, i * e, j * e * math.sqrt(2))
        m = k**2 + l_**2
    h[sd == 0] = np.nan  # not the infinity of x/0
    m[sc == 0] = np.nan
    return Tables32(
        combined_percent=g,
        contribution=h,
        sensitivity_a=i,
        sensitivity_b=j,
        trend_by_factor=k,
        trend_by_activity=l_,
        trend_square=m,
        base_total=base_total,
        year_total=year_total,
        total_percent=np.sqrt(bincount(inventory_codes, h, inventories)),
        trend_percent=trend_percent,
        trend_points=np.sqrt(bincount(inventory_codes, m, inventories)),
    )


def aggregated(rows: Iterable[Row32]) -> tuple[Row32, ...]:
    """Rows that share a factor made one, as the guidelines advise before Table 3.2: its rows must be independent.

    Activities inside are independent, so E follows the sum rule over the year. Raises TwoUncertainties where rows
    disagree on the factor, ZeroTotal where they sum to zero.
    """
    groups: dict[str | int, list[Row32]] = {}
    for position, row in enumerate(rows):
        groups.setdefault(position if row.factor_id is None else row.factor_id, []).append(row)
    return tuple(_one_row(group) for group in groups.values())


def _one_row(group: list[Row32]) -> Row32:
    first = group[0]
    if len(group) == 1:
        return first
    if len({(row.factor_percent, row.ef_corr, row.ad_corr) for row in group}) > 1:
        raise TwoUncertainties("rows of one factor disagree on its uncertainty or correlation", value=first.factor_id)
    return replace(
        first,
        category=" + ".join(dict.fromkeys(row.category for row in group)),
        base=math.fsum(row.base for row in group),
        year=math.fsum(row.year for row in group),
        activity_percent=float(sum_percent([r.year for r in group], [r.activity_percent for r in group])),
    )
