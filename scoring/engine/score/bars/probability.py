"""From a distance to a probability, in closed form: METHOD 8.4. Distances z are logarithms of ratios, or the margin."""

from __future__ import annotations

from datetime import date

import numpy as np
from scipy.special import ndtr

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.score.bar_sheet import RUNGS, BarSheet

MISSED, CLEARED, UNKNOWN = 0, 1, -1
STATES = ("missed", "cleared", "unknown")  # by the code, -1 being the last
Z95 = 1.96  # half of a 95 % interval in standard deviations


def probability(z: Floats, sigma: Floats, least: float) -> Floats:
    """Φ(z / max(σ, σmin)) where the bar is cleared, Φ(z / σmin) where it is missed; NaN stays NaN.

    So less doubt never lowers and more doubt never raises it.
    """
    found: Floats = ndtr(z / np.where(z >= 0, np.maximum(sigma, least), least))
    return found


def doubts(sheet: BarSheet, name: str) -> Floats:
    """ln(1 + U) / 1.96 of an input by the position of its rung in RUNGS; the last, at -1, is 0: not told."""
    table = np.log1p(np.array([*(sheet.u95[name][rung] for rung in RUNGS), 0.0]))
    found: Floats = table / Z95
    return found


def age_years(year: Ints, as_of: date) -> Floats:
    """Years that a figure is older than one year: max(0, days since 31 December − 365) / 365.25."""
    ends = np.array(
        [date(int(one), 12, 31).toordinal() for one in range(year.min(), year.max() + 1)] if len(year) else []
    )
    days = as_of.toordinal() - ends[year - year.min()] if len(year) else np.zeros(0)
    found: Floats = np.maximum(0.0, days - 365.0) / 365.25
    return found


def is_within(year: Ints, months: int, as_of: date) -> Bools:
    """Is the period's end, 31 December, at most so many months before `as_of`?"""
    whole_years, rest = divmod(months, 12)
    # 31 December and `rest` months is the last day of the month `rest` of the next year.
    limit_year, limit_month = year + whole_years + (rest > 0), rest or 12
    within: Bools = (limit_year > as_of.year) | ((limit_year == as_of.year) & (as_of.month <= limit_month))
    return within
