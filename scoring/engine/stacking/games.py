"""Shares of what players reach together, from the worth of every set of them.

A game is a table v of shape (…, 2^n): set s holds player i by bit i of s, v[…, 0] is of nobody. Any unit; the shares
are in the same. Sources: Shapley 1953, "A value for n-person games"; Owen 1977, "Values of games with a priori unions".
Sums run over contiguous rows, so that a game alone and in a batch comes to the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from scoring.engine.columns import Floats, Ints
from scoring.engine.errors import WrongShape


def players(v: Floats) -> int:
    """How many a table is of. Raises WrongShape where its last axis is no power of two."""
    n = v.shape[-1].bit_length() - 1 if v.ndim else -1
    if n < 0 or v.shape[-1] != 1 << n:
        raise WrongShape("a game has a worth for each of 2^n sets", value=v.shape)
    return n


def shapley(v: Floats) -> Floats:
    """φi = Σ_S |S|!(n−|S|−1)!/n! · [v(S∪i) − v(S)] over the sets S without i, shape (…, n). Raises WrongShape."""
    n = players(v)
    joined, without = _joined_and_without(n)
    added = np.take(v, joined, axis=-1) - np.take(v, without, axis=-1)
    added *= _weights(n)
    shares: Floats = added.sum(axis=-1)
    return shares


def owen(v: Floats, unions: Sequence[Sequence[int]]) -> Floats:
    """The Owen value, shape (…, n): unions come in one after another, and within each its players do.

    `unions` has each player once. Inside a union it is the Shapley value of what its sets add to the other unions,
    averaged over these. So a union is worth the same however many players it calls its part. Raises WrongShape.
    """
    n = players(v)
    if sorted(player for union in unions for player in union) != list(range(n)):
        raise WrongShape("unions must have each player once", value=unions)
    shares = np.zeros((*v.shape[:-1], n))
    sets = [sum(1 << player for player in union) for union in unions]
    weights = _weights(len(unions))
    for position, union in enumerate(unions):
        others = _sums_of_subsets([one for place, one in enumerate(sets) if place != position])
        own = _sums_of_subsets([1 << player for player in union])
        added = v[..., own[:, np.newaxis] + others] - v[..., others][..., np.newaxis, :]
        shares[..., list(union)] = shapley((np.ascontiguousarray(added) * weights).sum(axis=-1))
    return shares


def alone(v: Floats) -> Floats:
    """v(i) of each player, which is also its worth when it comes first; shape (…, n)."""
    return v[..., _singles(players(v))] - v[..., :1]


def last_in(v: Floats) -> Floats:
    """v(all) − v(all without i): what would be lost without the player; shape (…, n)."""
    every = v.shape[-1] - 1
    return v[..., every:] - v[..., every - _singles(players(v))]


def overlaps(v: Floats) -> Floats:
    """v(i) + v(j) − v(ij), shape (…, n, n), 0 on the diagonal: above zero overlap, below it synergy."""
    n = players(v)
    single, rows = alone(v), _singles(n)
    pairs = v[..., rows[:, np.newaxis] | rows] - v[..., :1, np.newaxis]
    found: Floats = single[..., :, np.newaxis] + single[..., np.newaxis, :] - pairs
    found.reshape(*v.shape[:-1], n * n)[..., :: n + 1] = 0.0  # the diagonal
    return found


@lru_cache(maxsize=32)
def _singles(n: int) -> Ints:
    """The sets of one player each, shape (n,)."""
    return 1 << np.arange(n)


@lru_cache(maxsize=16)
def _joined_and_without(n: int) -> tuple[Ints, Ints]:
    """The sets with each player and the same without it, ascending, shape (n, 2^(n−1)); sizes have one order in all."""
    sets = np.arange(1 << n)
    without = np.array([sets[sets >> i & 1 == 0] for i in range(n)], dtype=np.int64).reshape(n, (1 << n) // 2)
    joined = without + _singles(n)[:, np.newaxis]
    without.flags.writeable = joined.flags.writeable = False
    return joined, without


@lru_cache(maxsize=32)
def _weights(n: int) -> Floats:
    """|S|!(n−|S|−1)!/n! of the sets S of all players but one, shape (2^(n−1),)."""
    sizes = np.bitwise_count(np.arange(1 << (n - 1))) if n else np.zeros(0, dtype=np.int64)
    weights: Floats = np.array([1.0 / (n * math.comb(n - 1, size)) for size in range(n)])[sizes]
    weights.flags.writeable = False
    return weights


def _sums_of_subsets(parts: Sequence[int]) -> Ints:
    """The set that each subset of disjoint sets comes to, shape (2^len(parts),), in the order of a game's table."""
    found = np.zeros(1, dtype=np.int64)
    for part in parts:
        found = np.concatenate([found, found + part])
    return found
