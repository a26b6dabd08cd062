"""Approach 2 of the 2006 IPCC Guidelines, vol. 1 ch. 3: Monte Carlo, each shared factor drawn once."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from scoring.engine.accounting.uncertainty import Z95, Distribution, InputKey, distribution_of, finite, percents_of
from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.errors import TwoUncertainties, UncertaintyError, WrongDraws

Chain = tuple[tuple[str, float], ...]  # factors multiplied with each other: id, U; U below zero for one divided by

DRAWS, FEWEST_DRAWS, MOST_DRAWS = 20_000, 1_000, 10_000_000
TAIL = 0.025
PRECISE_BELOW = 1.0  # percent of the half width that the standard error of a bound should stay below


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
    x = np.atleast_1d(finite(values))
    percents = np.broadcast_to(percents_of(factor_percents), x.shape).tolist()
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
    x = np.atleast_1d(finite(values))
    activity = np.broadcast_to(percents_of(activity_percents), x.shape).tolist()
    codes = [0] * len(x) if inventory_codes is None else inventory_codes.tolist()
    if not len(x) == len(chains) == len(inputs) == len(codes):
        raise UncertaintyError("columns of different lengths", value=(len(x), len(chains), len(inputs), len(codes)))
    if len(x) and not 0 <= min(codes) <= max(codes) < inventories:
        raise UncertaintyError(f"a code beyond the last of {inventories}", value=(min(codes), max(codes)))
    links = [link for chain in dict.fromkeys(chains) for link in chain]
    _check_one_percent_each([name for name, _u in links], percents_of([abs(u) for _name, u in links]).tolist())
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
