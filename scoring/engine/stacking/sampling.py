"""Shares of many players, by random orders instead of all sets.

Each order is used with its reverse, whose errors lean the other way (antithetic: Lomeli et al. 2019; Mitchell et al.
2022, "Sampling permutations for Shapley value estimation"). With unions, orders in which each comes in as a block: the
mean is the Owen value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from scoring.engine.columns import Floats, Ints
from scoring.engine.errors import WrongDraws

PAIRS, FEWEST_PAIRS, MOST_PAIRS = 1_000, 2, 1_000_000
AT_A_TIME = 1 << 16  # sets that are evaluated together, for the sake of memory


@dataclass(frozen=True, eq=False)
class Sampled:
    """Shape (n,), in the unit of the worth; the shares add up to the worth of all."""

    shares: Floats
    standard_error: Floats


def sampled_shares(
    worth: Callable[[Floats], Floats], unions: Sequence[Sequence[int]], *, seed: int, pairs: int = PAIRS
) -> Sampled:
    """Mean and standard error of what each player adds when it comes in, over 2 · `pairs` orders.

    `worth` takes sets, shape (n, sets) of 0 and 1, to their worth, shape (sets,). Unions of one player each: Shapley.
    Each order hands out the worth of all, so shares add up to it; what rounding leaves is spread evenly.
    Raises WrongDraws for fewer than 2 pairs or more than a million.
    """
    if not FEWEST_PAIRS <= pairs <= MOST_PAIRS:
        raise WrongDraws(f"between {FEWEST_PAIRS} and {MOST_PAIRS:,} pairs of orders", value=pairs)
    ranks = _ranks(unions, np.random.Generator(np.random.PCG64(seed)), pairs)
    n = ranks.shape[1]
    at_a_time = max(1, AT_A_TIME // (n + 1))
    means = np.concatenate([_means(worth, ranks[i : i + at_a_time]) for i in range(0, pairs, at_a_time)])
    every = worth(np.ones((n, 1)))[0] - worth(np.zeros((n, 1)))[0]
    shares = means.mean(axis=0)
    shares += (every - shares.sum()) / n
    return Sampled(shares, means.std(axis=0, ddof=1) / np.sqrt(pairs))


def _ranks(unions: Sequence[Sequence[int]], random: np.random.Generator, pairs: int) -> Ints:
    """The place of each player in each order, shape (pairs, n): unions are shuffled, and players within each."""
    n = sum(len(union) for union in unions)
    keys = np.zeros((pairs, n))
    blocks = random.permuted(np.tile(np.arange(len(unions)), (pairs, 1)), axis=1)
    within = random.random((pairs, n))
    for position, union in enumerate(unions):
        keys[:, list(union)] = blocks[:, [position]] + within[:, list(union)]
    return keys.argsort(axis=1).argsort(axis=1)


def _means(worth: Callable[[Floats], Floats], ranks: Ints) -> Floats:
    """What each player adds, mean of an order and its reverse; shape (orders, n)."""
    last = ranks.shape[1] - 1
    return (_added(worth, ranks) + _added(worth, last - ranks)) / 2.0


def _added(worth: Callable[[Floats], Floats], ranks: Ints) -> Floats:
    orders, n = ranks.shape
    chosen = (ranks.T[:, :, np.newaxis] < np.arange(n + 1)).astype(np.float64)  # who is in after each step
    steps = np.diff(worth(chosen.reshape(n, -1)).reshape(orders, n + 1), axis=1)
    return np.take_along_axis(steps, ranks, axis=1)
