"""How sure a sum of tonnes is: error propagation (Approach 1) and Monte Carlo (Approach 2).

Source: 2006 IPCC Guidelines, volume 1, chapter 3. Formulas in words: docs/reference/method.md.

Every uncertainty in here is a half width of the 95 % interval in percent of its value, as in Table 3.2. Codes are
positions (0, 1, …) of inventories, factors or inputs. Sums run in the order of the rows, so an inventory alone and
in a batch gives the same bits.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.errors import OnlyApproach2, TwoUncertainties, UncertaintyError, WrongDraws, WrongPercent, ZeroTotal

Distribution = Literal["normal", "lognormal"]
InputKey = tuple[str, str, int | None]  # company key, name of the input, year
Chain = tuple[tuple[str, float], ...]  # factors multiplied with each other: id, U; U below zero for one divided by

Z95 = 1.96  # as the guidelines round it
NORMAL_BELOW = 0.3  # σ/μ; ch. 3, section 3.2.2.4: with more, a normal would reach below zero too often
CORRECTED_ABOVE, ONLY_DRAWN_ABOVE = 100.0, 230.0  # percent; ch. 3, equation 3.3
DRAWS, FEWEST_DRAWS, MOST_DRAWS = 20_000, 1_000, 10_000_000
TAIL = 0.025
PRECISE_BELOW = 1.0  # percent of the half width that the standard error of a bound should stay below


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
    squares = [_percents(each) ** 2 for each in percents]
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
    x, u = np.broadcast_arrays(_finite(values), _percents(percents))
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
    x = np.atleast_1d(_finite(values))
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
    x = _finite(values)
    own = bincount(inventory_codes, (x * _percents(activity_percents)) ** 2, inventories)
    shared = squares_by_group(x * _percents(factor_percents), factor_codes, factors, inventory_codes, inventories)
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
    u = _percents(percents)
    if np.any(only_approach_2(u)):
        raise OnlyApproach2("above 230 % only Approach 2 holds", value=float(np.max(u)))
    safe = np.maximum(u, CORRECTED_ABOVE)  # keeps the unused branch away from 0/0
    factor = ((-0.720 + 1.0921 * safe - 1.63e-3 * safe**2 + 1.11e-5 * safe**3) / safe) ** 2
    return np.where(u > CORRECTED_ABOVE, u * factor, u)


def only_approach_2(percents: npt.ArrayLike) -> Bools:
    """Where U is above 230 %, so that no interval comes from Approach 1."""
    return np.asarray(_percents(percents) > ONLY_DRAWN_ABOVE)


def distribution_of(percent: float) -> Distribution:
    """Normal where σ/μ < 0.3 (σ = U/1.96), else lognormal."""
    return "normal" if float(_percents(percent)) / 100 / Z95 < NORMAL_BELOW else "lognormal"


def lognormal_limits(mean: float, percent: float) -> Limits:
    """The lopsided 95 % interval of a lognormal (equations 3.5 and 3.6): s = √ln(1 + (U/200)²), e^(−s²/2 ∓ 1.96 s).

    A negative mean (a removal) mirrors it; low is always the bound nearer to zero.
    """
    low, high = (float(side) for side in _lognormal_factors(_percents(percent)))
    near, far = mean * low, mean * high
    return Limits(100 * (low - 1), 100 * (high - 1), min(near, far), max(near, far))


def limits(values: npt.ArrayLike, percents: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Lower and upper ends of 95 % intervals round values with a combined U, in the unit of the values.

    Symmetric where a normal fits, lognormal with the corrected U where not, NaN above 230 % (only Approach 2).
    """
    x, u = np.broadcast_arrays(_finite(values), _percents(percents))
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


# Table 3.2: the inventory of a year and its trend since a base year


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
    c, d = _finite(base), _finite(year)
    e, f = _percents(activity_percents), _percents(factor_percents)
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


# Approach 2


@dataclass(frozen=True, eq=False)
class Simulation:
    """What the draws say of each inventory, shape (inventories,), in the unit of the values."""

    mean: Floats
    sd: Floats
    lower: Floats  # 2.5 %
    upper: Floats  # 97.5 %
    lower_error_percent: Floats  # standard error of the bound, in percent of the half width
    upper_error_percent: Floats
    n: int
    seed: int

    @property
    def imprecise(self) -> Bools:
        """Where a bound's standard error is above 1 % of the half width: draw more."""
        return np.maximum(self.lower_error_percent, self.upper_error_percent) > PRECISE_BELOW

    @property
    def draws_needed(self) -> Ints:
        """Roughly how many draws bring both bounds to 1 %."""
        worst = np.maximum(self.lower_error_percent, self.upper_error_percent)
        return np.ceil(self.n * (worst / PRECISE_BELOW) ** 2).astype(np.int64)


def monte_carlo(
    values: npt.ArrayLike,
    activity_percents: npt.ArrayLike,
    factor_percents: npt.ArrayLike,
    factor_ids: Sequence[str],
    inputs: Sequence[InputKey],
    *,
    seed: int,
    n: int = DRAWS,
    inventory_codes: Ints | None = None,
    inventories: int = 1,
    distribution: Distribution | None = None,
) -> Simulation:
    """`monte_carlo_of_chains` with one factor a row."""
    x = np.atleast_1d(_finite(values))
    percents = np.broadcast_to(_percents(factor_percents), x.shape).tolist()
    if len(percents) != len(factor_ids):
        raise UncertaintyError("columns of different lengths", value=(len(percents), len(factor_ids)))
    return monte_carlo_of_chains(
        x,
        activity_percents,
        [((name, percent),) for name, percent in zip(factor_ids, percents, strict=True)],
        inputs,
        seed=seed,
        n=n,
        inventory_codes=inventory_codes,
        inventories=inventories,
        distribution=distribution,
    )


def monte_carlo_of_chains(
    values: npt.ArrayLike,
    activity_percents: npt.ArrayLike,
    chains: Sequence[Chain],
    inputs: Sequence[InputKey],
    *,
    seed: int,
    n: int = DRAWS,
    inventory_codes: Ints | None = None,
    inventories: int = 1,
    distribution: Distribution | None = None,
) -> Simulation:
    """Draws Σ value × activity × factors, n times; one row per line (or per line's gas), in CO2 equivalents.

    Activity and factors are drawn as multiples of their best estimate, mean 1: normal where σ/μ < 0.3, else lognormal,
    or all by `distribution`. A factor that is divided by errs the other way. A factor is drawn once for the whole
    batch, by (seed, "factor", id); an input by (seed, "input", company, name, year), so rows with equal input keys
    (gases of one line, a line under both its scope and the total) move together, and neither order nor neighbours
    change a bit of an inventory. Normal draws below zero are kept, as the guidelines do: cutting them would shift the
    mean (below σ/μ = 0.3 they are one in 2,000).

    Memory is inventories × n floats: split a large batch, the draws stay the same.
    Raises TwoUncertainties for a factor or input given with two percents, WrongDraws for n, seed or distribution.
    """
    _check_draws(seed, n, distribution)
    x = np.atleast_1d(_finite(values))
    activity = np.broadcast_to(_percents(activity_percents), x.shape).tolist()
    codes = [0] * len(x) if inventory_codes is None else inventory_codes.tolist()
    if not len(x) == len(chains) == len(inputs) == len(codes):
        raise UncertaintyError("columns of different lengths", value=(len(x), len(chains), len(inputs), len(codes)))
    if len(x) and not 0 <= min(codes) <= max(codes) < inventories:
        raise UncertaintyError(f"a code beyond the last of {inventories}", value=(min(codes), max(codes)))
    links = [link for chain in dict.fromkeys(chains) for link in chain]
    _check_one_percent_each([name for name, _u in links], _percents([abs(u) for _name, u in links]).tolist())
    _check_one_percent_each(inputs, activity)

    totals, part = np.zeros((inventories, n)), np.empty(n)
    of_factor: dict[tuple[str, float], Floats] = {}
    of_chain: dict[Chain, Floats] = {}
    factor_uses, chain_uses = Counter(links), Counter(chains)
    rows_of: dict[InputKey, list[int]] = {}
    for row, key in enumerate(inputs):
        rows_of.setdefault(key, []).append(row)
    for key, rows in rows_of.items():
        own = _draw((seed, "input", *key), activity[rows[0]], n, distribution)
        for row in rows:
            chain = chains[row]
            if chain not in of_chain:
                for name, percent in chain:
                    if (name, percent) not in of_factor:
                        of_factor[name, percent] = _draw((seed, "factor", name), percent, n, distribution)
                of_chain[chain] = _multiplied([of_factor[link] for link in chain], n)
                _let_go(of_factor, factor_uses, chain)
            np.multiply(own, of_chain[chain], out=part)
            part *= x[row]
            totals[codes[row]] += part
            _let_go(of_chain, chain_uses, (chain,))
    return _simulation(totals, seed)


def _multiplied(draws: Sequence[Floats], n: int) -> Floats:
    if not draws:
        return np.ones(n)
    whole = draws[0]
    for each in draws[1:]:
        whole = whole * each
    return whole


Held = TypeVar("Held")


def _let_go(held: dict[Held, Floats], uses: Counter[Held], used: Iterable[Held]) -> None:
    """Forget what no later row needs: many factors of large n would not fit into memory."""
    for each in used:
        uses[each] -= 1
        if not uses[each]:
            del held[each]


def _draw(key: tuple[object, ...], percent: float, n: int, distribution: Distribution | None) -> Floats:
    """n multiples of a best estimate, with mean 1, from the stream of `key`; mirrored for a percent below zero."""
    if percent == 0:
        return np.ones(n)
    stream = np.random.PCG64(int.from_bytes(sha256(json.dumps(key, separators=(",", ":")).encode()).digest()))
    draws = np.random.Generator(stream).standard_normal(n)
    if (distribution or distribution_of(abs(percent))) == "normal":
        draws *= percent / 100 / Z95
        draws += 1
        return draws
    s = math.sqrt(math.log1p((percent / 200) ** 2))
    draws *= math.copysign(s, percent)
    draws -= s * s / 2
    return np.exp(draws, out=draws)


def _simulation(totals: Floats, seed: int) -> Simulation:
    n = totals.shape[1]
    rows = [_summary(row) for row in totals]
    mean, sd, lower, upper, low_error, high_error = np.array(rows).reshape(-1, 6).T
    half = (upper - lower) / 2
    low_error, high_error = (
        np.divide(100 * error, half, out=np.zeros(len(half)), where=half != 0) for error in (low_error, high_error)
    )
    return Simulation(mean, sd, lower, upper, low_error, high_error, n, seed)


def _summary(draws: Floats) -> tuple[float, ...]:
    mean, sd = draws.mean(), draws.std(ddof=1)
    draws.sort()
    return (
        float(mean),
        float(sd),
        _quantile(draws, TAIL),
        _quantile(draws, 1 - TAIL),
        _error_of_quantile(draws, TAIL),
        _error_of_quantile(draws, 1 - TAIL),
    )


def _quantile(ordered: Floats, share: float) -> float:
    position = share * (len(ordered) - 1)
    below = int(position)
    step = ordered[min(below + 1, len(ordered) - 1)] - ordered[below]
    return float(ordered[below] + (position - below) * step)


def _error_of_quantile(ordered: Floats, share: float) -> float:
    """Standard error √(p(1 − p)/n) / density at the quantile.

    The density comes from the slope of the draws over normal scores between a quarter and four times the tail: exact
    for a normal, steadier than neighbouring ranks and within a few percent for a lognormal.
    """
    outer, inner = (TAIL / 4, TAIL * 4) if share < 0.5 else (1 - TAIL / 4, 1 - TAIL * 4)
    slope = (_quantile(ordered, inner) - _quantile(ordered, outer)) / (ndtri(inner) - ndtri(outer))
    normal_density = math.exp(-(float(ndtri(share)) ** 2) / 2) / math.sqrt(2 * math.pi)
    return float(slope) / normal_density * math.sqrt(share * (1 - share) / len(ordered))


# What is refused


def _check_draws(seed: int, n: int, distribution: str | None) -> None:
    if type(seed) is not int:
        raise WrongDraws("the seed must be a whole number", value=seed)
    if type(n) is not int or not FEWEST_DRAWS <= n <= MOST_DRAWS:
        raise WrongDraws(f"draws must be {FEWEST_DRAWS:,} to {MOST_DRAWS:,}", value=n)
    if distribution not in (None, "normal", "lognormal"):
        raise WrongDraws("a distribution is normal or lognormal", value=distribution)


def _check_one_percent_each(keys: Sequence[object], percents: Sequence[float]) -> None:
    seen: dict[object, float] = {}
    for key, percent in zip(keys, percents, strict=True):
        if seen.setdefault(key, percent) != percent:
            raise TwoUncertainties(f"given with {seen[key]} % and {percent} %", value=key)


def _percents(percents: npt.ArrayLike) -> Floats:
    u = np.asarray(percents, dtype=np.float64)
    if u.size and not (u.min() >= 0 and u.max() < math.inf):  # also false for NaN
        raise WrongPercent("an uncertainty in percent must be finite and not below zero", value=_first(u))
    return u


def _first(u: Floats) -> float:
    flat = u.ravel()
    return float(flat[~((flat >= 0) & (flat < math.inf))][0])


def _finite(values: npt.ArrayLike) -> Floats:
    x = np.asarray(values, dtype=np.float64)
    if x.size and not math.isfinite(float(x.min()) + float(x.max())):
        raise UncertaintyError("values must be finite; missing is left out, not NaN", value=values)
    return x
