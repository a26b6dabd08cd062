"""How sure a sum of tonnes is: error propagation (Approach 1), and the bounds of a value. By draws: simulation.py.

Source: 2006 IPCC Guidelines, volume 1, chapter 3. Formulas in words: docs/reference/method.md.

Every uncertainty in here is a half width of the 95 % interval in percent of its value, as in Table 3.2. Codes are
positions (0, 1, …) of inventories, factors or inputs. Sums run in the order of the rows, so an inventory alone and
in a batch gives the same bits.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.errors import OnlyApproach2, UncertaintyError, WrongPercent, ZeroTotal

Distribution = Literal["normal", "lognormal"]
InputKey = tuple[str, str, int | None]  # company key, name of the input, year

Z95 = 1.96  # as the guidelines round it
NORMAL_BELOW = 0.3  # σ/μ; ch. 3, section 3.2.2.4: with more, a normal would reach below zero too often
CORRECTED_ABOVE, ONLY_DRAWN_ABOVE = 100.0, 230.0  # percent; ch. 3, equation 3.3


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its 95 % interval, all in the unit of the value; `percent` is half the width that was put in."""

    value: float
    lower: float
    upper: float
    percent: float
    distribution: Distribution


class Limits(NamedTuple):
    """Bounds of a 95 % interval: relative to the mean in percent, and in the unit of the mean."""

    low_percent: float
    high_percent: float
    lower: float
    upper: float


# Approach 1


def product(*percents: npt.ArrayLike) -> Floats:
    """U of a product of independent quantities, √ΣU² (equation 3.1); element by element for columns."""
    squares = [percents_of(each) ** 2 for each in percents]
    if not squares:
        raise UncertaintyError("a product of nothing", value=percents)
    total = squares[0]
    for square in squares[1:]:  # one by one: the same bits for one and for many
        total = total + square
    return np.sqrt(total)


def sum_percent(values: npt.ArrayLike, percents: npt.ArrayLike) -> Floats:
    """U of a sum of independent quantities, √Σ(U x)² / |Σx| (equation 3.2), along the last axis.

    Values may be negative (removals). Raises ZeroTotal where a sum is zero.
    """
    x, u = np.broadcast_arrays(finite(values), percents_of(percents))
    totals = np.ascontiguousarray(x).sum(axis=-1)
    if not np.all(totals):
        raise ZeroTotal("a sum of zero has no uncertainty in percent", value=values)
    pushes: Floats = np.sqrt(np.ascontiguousarray((u * x) ** 2).sum(axis=-1)) / np.abs(totals)
    return pushes


def sum_by_factor(
    values: npt.ArrayLike, activity_percents: npt.ArrayLike, factor_percents: npt.ArrayLike, factor_ids: Sequence[str]
) -> float:
    """U of one inventory whose lines with one factor id are fully correlated in that factor.

    3 : 2 : 1, each 5 % sure, on one factor of 10 %: √((15² + 10² + 5²)/6² + 10²) = 10.47 %. Raises ZeroTotal.
    """
    x = np.atleast_1d(finite(values))
    known, codes = np.unique(np.asarray(factor_ids, dtype=np.str_), return_inverse=True)
    one = np.zeros(len(x), dtype=np.int64)
    sums = sums_by_factor(x, activity_percents, factor_percents, codes, len(known), one, 1)
    if sums.totals[0] == 0:
        raise ZeroTotal("a sum of zero has no uncertainty in percent", value=values)
    return float(sums.percents[0])


@dataclass(frozen=True, eq=False)
class Sums:
    """Totals of inventories and half widths of their 95 % intervals, in the values' unit; shape (inventories,)."""

    totals: Floats
    half_widths: Floats

    @property
    def percents(self) -> Floats:
        """Half widths in percent of the totals; NaN where a total is zero."""
        percents = np.full(len(self.totals), np.nan)
        np.divide(100 * self.half_widths, np.abs(self.totals), out=percents, where=self.totals != 0)
        return percents


def sums_by_factor(
    values: npt.ArrayLike,
    activity_percents: npt.ArrayLike,
    factor_percents: npt.ArrayLike,
    factor_codes: Ints,
    factors: int,
    inventory_codes: Ints,
    inventories: int,
) -> Sums:
    """`sum_by_factor` for many inventories at once; one row per line, codes of shape (rows,), counts of the codes.

    A row is one line's one gas or whole, with its own independent activity. Where rows share an activity (gases of
    one line), add `squares_by_group` of the pushes yourself, with the line's code.
    """
    x = finite(values)
    own = bincount(inventory_codes, (x * percents_of(activity_percents)) ** 2, inventories)
    shared = squares_by_group(x * percents_of(factor_percents), factor_codes, factors, inventory_codes, inventories)
    return Sums(bincount(inventory_codes, x, inventories), np.sqrt(own + shared) / 100)


def squares_by_group(pushes: Floats, group_codes: Ints, groups: int, inventory_codes: Ints, inventories: int) -> Floats:
    """Σ over groups of (Σ pushes of the group)², per inventory: what is correlated is added before it is squared.

    A push is value × percent. Groups are factors, or inputs that several rows share.
    """
    cells = inventory_codes * groups + group_codes
    if inventories * groups <= max(len(pushes), 1024):
        by_cell = bincount(cells, pushes, inventories * groups)
        return bincount(np.repeat(np.arange(inventories), groups), by_cell * by_cell, inventories)
    # The same additions in the same order without the empty cells: adding a zero changes no bit.
    filled, rows = np.unique(cells, return_inverse=True)
    by_cell = bincount(rows, pushes, len(filled))
    return bincount(filled // groups, by_cell * by_cell, inventories)


def bincount(codes: Ints, weights: Floats, length: int) -> Floats:
    """Sums of `weights` by code, added in the order of the rows; codes are 0 to length − 1."""
    sums = np.bincount(codes, weights, length).astype(np.float64, copy=False)  # integers where there are no rows
    if len(sums) > length:
        raise UncertaintyError(f"a code beyond the last of {length}", value=int(np.max(codes)))
    return sums


def percent_from_bounds(value: float, lower: float, upper: float) -> float:
    """U from the printed bounds of a 95 % interval round `value` > 0: the larger distance, where they are lopsided."""
    if not (0 < value < math.inf and -math.inf < lower <= value <= upper < math.inf):
        raise UncertaintyError("bounds must enclose a value above zero", value=(lower, value, upper))
    return 100 * max(upper - value, value - lower) / value


def corrected_percent(percents: npt.ArrayLike) -> Floats:
    """U × Fc for a combined U above 100 and up to 230 %, which propagation understates (equation 3.3); else U.

    Raises OnlyApproach2 above 230 %: pick those out with `only_approach_2` first.
    """
    u = percents_of(percents)
    if np.any(only_approach_2(u)):
        raise OnlyApproach2("above 230 % only Approach 2 holds", value=float(np.max(u)))
    safe = np.maximum(u, CORRECTED_ABOVE)  # keeps the unused branch away from 0/0
    factor = ((-0.720 + 1.0921 * safe - 1.63e-3 * safe**2 + 1.11e-5 * safe**3) / safe) ** 2
    return np.where(u > CORRECTED_ABOVE, u * factor, u)


def only_approach_2(percents: npt.ArrayLike) -> Bools:
    """Where U is above 230 %, so that no interval comes from Approach 1."""
    return np.asarray(percents_of(percents) > ONLY_DRAWN_ABOVE)


def distribution_of(percent: float) -> Distribution:
    """Normal where σ/μ < 0.3 (σ = U/1.96), else lognormal."""
    return "normal" if float(percents_of(percent)) / 100 / Z95 < NORMAL_BELOW else "lognormal"


def lognormal_limits(mean: float, percent: float) -> Limits:
    """The lopsided 95 % interval of a lognormal (equations 3.5 and 3.6): s = √ln(1 + (U/200)²), e^(−s²/2 ∓ 1.96 s).

    A negative mean (a removal) mirrors it; low is always the bound nearer to zero.
    """
    low, high = (float(side) for side in _lognormal_factors(percents_of(percent)))
    near, far = mean * low, mean * high
    return Limits(100 * (low - 1), 100 * (high - 1), min(near, far), max(near, far))


def limits(values: npt.ArrayLike, percents: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Lower and upper ends of 95 % intervals round values with a combined U, in the unit of the values.

    Symmetric where a normal fits, lognormal with the corrected U where not, NaN above 230 % (only Approach 2).
    """
    x, u = np.broadcast_arrays(finite(values), percents_of(percents))
    drawn = only_approach_2(u)
    low, high = _lognormal_factors(corrected_percent(np.where(drawn, 0, u)))
    normal = u / 100 / Z95 < NORMAL_BELOW
    low, high = np.where(normal, 1 - u / 100, low), np.where(normal, 1 + u / 100, high)
    ends = np.where(drawn, np.nan, x * low), np.where(drawn, np.nan, x * high)
    return np.minimum(*ends), np.maximum(*ends)


def interval(value: float, percent: float) -> Interval:
    """`limits` of one value. Raises OnlyApproach2 above 230 %."""
    corrected_percent(percent)
    lower, upper = limits(value, percent)
    return Interval(value, float(lower), float(upper), percent, distribution_of(percent))


def _lognormal_factors(percents: Floats) -> tuple[Floats, Floats]:
    s = np.sqrt(np.log1p((percents / 200) ** 2))
    return np.exp(-(s**2) / 2 - Z95 * s), np.exp(-(s**2) / 2 + Z95 * s)


# What is refused


def percents_of(percents: npt.ArrayLike) -> Floats:
    u = np.asarray(percents, dtype=np.float64)
    if u.size and not (u.min() >= 0 and u.max() < math.inf):  # also false for NaN
        raise WrongPercent("an uncertainty in percent must be finite and not below zero", value=_first(u))
    return u


def _first(u: Floats) -> float:
    flat = u.ravel()
    return float(flat[~((flat >= 0) & (flat < math.inf))][0])


def finite(values: npt.ArrayLike) -> Floats:
    x = np.asarray(values, dtype=np.float64)
    if x.size and not math.isfinite(float(x.min()) + float(x.max())):
        raise UncertaintyError("values must be finite; missing is left out, not NaN", value=values)
    return x
