"""What measures save in a scene: jointly, added up naively, alone, last in, and what each is due. METHOD section 4."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scoring.engine.columns import Bools, Floats
from scoring.engine.stacking import games
from scoring.engine.stacking.evaluation import all_sets, evaluate
from scoring.engine.stacking.sampling import PAIRS, sampled_shares
from scoring.engine.stacking.scene import Measure, Scene, check

EXACT = 12  # measures that interact, up to which every set is evaluated
DUST = 1e-12  # of the baseline


@dataclass(frozen=True, eq=False)
class Stack:
    """A bundle of measures in a scene, tonnes CO2e a year. Columns are of the measures in the order they were given.

    joint = baseline − after; overlap = naive − joint, below zero where synergy prevails. `shapley_t` and `owen_t` add
    up to the joint saving; Owen's lets owners come first, so that an owner gains nothing by splitting a measure.
    A saving stated only in tonnes (`interacts` is false) joins additively: it is the same in every column.
    """

    keys: tuple[str, ...]
    owners: tuple[str | None, ...]
    interacts: Bools
    baseline_t: float
    after_t: float
    alone_t: Floats  # also first in
    last_in_t: Floats
    shapley_t: Floats
    owen_t: Floats
    overlap_t_by_pair: Floats  # shape (measures, measures): above zero overlap, below it synergy, 0 on the diagonal
    shapley_error_t: Floats | None  # standard errors; None where every set was evaluated
    owen_error_t: Floats | None

    @property
    def joint_t(self) -> float:
        return self.baseline_t - self.after_t

    @property
    def naive_t(self) -> float:
        return math.fsum(self.alone_t.tolist())  # exact, so in whatever order

    @property
    def overlap_t(self) -> float:
        return self.naive_t - self.joint_t

    @property
    def overlap_share(self) -> float | None:
        """By how much the naive sum is too high, as a share of the joint saving; None where nothing is saved."""
        return self.overlap_t / self.joint_t if self.joint_t > 0.0 else None

    @property
    def owner_t(self) -> Mapping[str, float]:
        """What each owner's measures are due together, by Owen's value; measures without owner are in none."""
        found: dict[str, list[float]] = {}
        for owner, tonnes in zip(self.owners, self.owen_t.tolist(), strict=True):
            if owner is not None:
                found.setdefault(owner, []).append(tonnes)
        return {owner: math.fsum(each) for owner, each in sorted(found.items())}


def stack(scene: Scene, measures: Sequence[Measure], *, seed: int = 0, pairs: int = PAIRS, exact: int = EXACT) -> Stack:
    """All figures of a bundle; up to `exact` measures that interact from every set, beyond from 2 · `pairs` orders.

    Measures are put in the order of their keys first: the list's order changes no bit. Raises MeasureRefused for what
    is wrong with the scene or a measure, WrongDraws for the number of orders.
    """
    check(scene, measures)
    acting = sorted((one for one in measures if one.interacts), key=lambda one: one.key)
    unions = _unions(acting)
    if len(acting) <= exact:
        found = _from_every_set(scene, acting, unions)
    else:
        found = _from_orders(scene, acting, unions, seed, pairs)
    return _with_stated(found, measures)


def values(scene: Scene, measures: Sequence[Measure]) -> Floats:
    """v(S) = baseline − emissions with S, tonnes, of every set, shape (2^n,): the table of `games`."""
    return _saved(scene, measures, all_sets(len(measures)))[1]


def _saved(scene: Scene, measures: Sequence[Measure], chosen: Floats) -> tuple[float, Floats]:
    """The baseline and v(S) of each set, shape (sets,), tonnes; the first set is the empty one."""
    tonnes = evaluate(scene, measures, chosen).tonnes
    return float(tonnes[0]), tonnes[0] - tonnes


@dataclass(frozen=True, eq=False)
class _Acting:
    """The columns of a Stack, of the measures that interact, in the order of their keys."""

    keys: tuple[str, ...]
    baseline_t: float
    joint_t: float
    alone: Floats
    last_in: Floats
    shapley: Floats
    owen: Floats
    overlaps: Floats
    errors: tuple[Floats, Floats] | None = None  # standard errors of Shapley and Owen, where orders were drawn


def _unions(acting: Sequence[Measure]) -> list[list[int]]:
    """Rows of one owner together, in the order of first rows."""
    found: dict[tuple[str, str], list[int]] = {}
    for row, one in enumerate(acting):
        name = ("measure", one.key) if one.owner is None else ("owner", one.owner)
        found.setdefault(name, []).append(row)
    return list(found.values())


def _from_every_set(scene: Scene, acting: Sequence[Measure], unions: list[list[int]]) -> _Acting:
    baseline_t, v = _saved(scene, acting, all_sets(len(acting)))
    shares = games.shapley(v)
    return _Acting(
        keys=tuple(one.key for one in acting),
        baseline_t=baseline_t,
        joint_t=float(v[-1]),
        alone=games.alone(v),
        last_in=games.last_in(v),
        shapley=shares,
        owen=shares if _is_plain(unions) else games.owen(v, unions),
        overlaps=games.overlaps(v),
    )


def _from_orders(scene: Scene, acting: Sequence[Measure], unions: list[list[int]], seed: int, pairs: int) -> _Acting:
    n = len(acting)
    single, rows, columns = np.eye(n), *np.triu_indices(n, 1)
    sets = np.concatenate([np.zeros((n, 1)), np.ones((n, 1)), single, 1.0 - single], axis=1)
    sets = np.concatenate([sets, single[:, rows] + single[:, columns]], axis=1)
    baseline_t, v = _saved(scene, acting, sets)
    alone = v[2 : 2 + n]
    overlaps = np.zeros((n, n))
    overlaps[rows, columns] = overlaps[columns, rows] = alone[rows] + alone[columns] - v[2 + 2 * n :]

    def worth(chosen: Floats) -> Floats:
        saved: Floats = baseline_t - evaluate(scene, acting, chosen).tonnes
        return saved

    shapley = sampled_shares(worth, [[row] for row in range(n)], seed=seed, pairs=pairs)
    owen = shapley if _is_plain(unions) else sampled_shares(worth, unions, seed=seed, pairs=pairs)
    return _Acting(
        keys=tuple(one.key for one in acting),
        baseline_t=baseline_t,
        joint_t=float(v[1]),
        alone=alone,
        last_in=v[1] - v[2 + n : 2 + 2 * n],
        shapley=shapley.shares,
        owen=owen.shares,
        overlaps=overlaps,
        errors=(shapley.standard_error, owen.standard_error),
    )


def _is_plain(unions: list[list[int]]) -> bool:
    """With one union, or one measure a union, Owen's value is Shapley's."""
    return len(unions) == 1 or all(len(union) == 1 for union in unions)


def _with_stated(found: _Acting, measures: Sequence[Measure]) -> Stack:
    """The columns in the order the measures were given, with those stated in tonnes among them."""
    row_of = {key: row for row, key in enumerate(found.keys)}
    n = len(row_of)
    rows = np.array([row_of.get(one.key, n) for one in measures], dtype=np.int64)  # n: the zeros behind the others
    stated = np.array([0.0 if one.stated_t is None else one.stated_t for one in measures])
    columns, errors = np.zeros((4, n + 1)), np.zeros((2, n + 1))
    columns[:, :n] = found.alone, found.last_in, found.shapley, found.owen
    if found.errors is not None:
        errors[:, :n] = found.errors
    overlaps = np.zeros((n + 1, n + 1))
    # Dust of the subtraction is neither overlap nor synergy.
    overlaps[:n, :n] = found.overlaps * (abs(found.overlaps) > DUST * abs(found.baseline_t)) + 0.0
    alone_t, last_in_t, shapley_t, owen_t = columns[:, rows] + stated
    shapley_error_t, owen_error_t = errors[:, rows]
    return Stack(
        keys=tuple(one.key for one in measures),
        owners=tuple(one.owner for one in measures),
        interacts=np.array([one.interacts for one in measures], dtype=np.bool_),
        baseline_t=found.baseline_t,
        after_t=found.baseline_t - found.joint_t - math.fsum(stated.tolist()),
        alone_t=alone_t,
        last_in_t=last_in_t,
        shapley_t=shapley_t,
        owen_t=owen_t,
        overlap_t_by_pair=overlaps[rows[:, np.newaxis], rows],
        shapley_error_t=None if found.errors is None else shapley_error_t,
        owen_error_t=None if found.errors is None else owen_error_t,
    )
