"""The tonnes of a scene with any sets of measures applied, in the one physical order of METHOD section 4.

Demand of what gives off heat → interactions, and demand of what they change → fuel switch → generation on the site, up
to the load → supply factor → removals. The steps are of effects, not of measures: what is emitted follows from the
set, whatever the order of the list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scoring.engine.columns import Floats
from scoring.engine.errors import MeasureRefused
from scoring.engine.stacking.scene import Cell, Cut, Generation, Measure, Removal, Scene, Supply, Switch

ROUNDING = 1e-9  # relative: what sums of shares may be off


@dataclass(frozen=True, eq=False)
class Evaluated:
    """Of each set of measures, all of shape (sets,): what is used, bought and emitted in a year."""

    tonnes: Floats
    energy_mwh: Mapping[Cell, Floats]
    bought_mwh: Mapping[str, Floats]
    unused_mwh: Mapping[str, Floats]  # generation beyond the load


@lru_cache(maxsize=32)
def all_sets(n: int) -> Floats:
    """Every set of n measures, shape (n, 2^n), 1 where the measure is in: set s holds measure i by bit i of s."""
    chosen = (np.arange(1 << n) >> np.arange(n)[:, np.newaxis] & 1).astype(np.float64)
    chosen.flags.writeable = False
    return chosen


def evaluate(scene: Scene, measures: Sequence[Measure], chosen: Floats) -> Evaluated:
    """The scene with each set of `chosen`, shape (measures, sets), 0 or 1. Measures are checked before.

    Raises MeasureRefused where interactions would take more of an end use than it has.
    """
    steps = _steps(measures)
    energy = _demand(scene, steps, chosen)
    _switch(energy, steps, chosen)
    loads: dict[str, Floats | float] = {}
    for cell in sorted(energy):
        loads[cell[1]] = loads.get(cell[1], 0.0) + energy[cell]
    tonnes: Floats | float = 0.0
    bought, unused = {}, {}
    for carrier in steps.generation:
        loads.setdefault(carrier, 0.0)
    for carrier, load in loads.items():
        left = load
        if made := steps.generation.get(carrier):
            net = load - _sum(made, chosen)
            left = np.maximum(net, 0.0)
            unused[carrier] = left - net
        bought[carrier] = left
        tonnes = tonnes + left * (_kept(steps.supply.get(carrier, []), chosen) * scene.factor(carrier))
    if steps.removal:
        tonnes = tonnes - _sum(steps.removal, chosen)
    shape = chosen.shape[1]
    return Evaluated(
        _spread(tonnes, shape),
        {cell: _spread(mwh, shape) for cell, mwh in energy.items()},
        {carrier: _spread(mwh, shape) for carrier, mwh in bought.items()},
        {carrier: _spread(mwh, shape) for carrier, mwh in unused.items()},
    )


Acting = list[tuple[int, float]]  # measure's row, share or amount


@dataclass(frozen=True, eq=False)
class _Steps:
    """The effects of all measures, by the step in which they act."""

    cuts: dict[tuple[str, str | None], Acting]
    switches: dict[Cell, list[tuple[int, Switch]]]
    generation: dict[str, Acting]
    supply: dict[str, Acting]
    removal: Acting


def _steps(measures: Sequence[Measure]) -> _Steps:
    steps = _Steps(defaultdict(list), defaultdict(list), defaultdict(list), defaultdict(list), [])
    for i, measure in enumerate(measures):
        for effect in measure.effects:
            match effect:
                case Cut(use, share, carrier):
                    steps.cuts[use, carrier].append((i, share))
                case Switch(use, carrier):
                    steps.switches[use, carrier].append((i, effect))
                case Generation(mwh, carrier):
                    steps.generation[carrier].append((i, mwh))
                case Supply(share, carrier):
                    steps.supply[carrier].append((i, share))
                case Removal(tonnes):
                    steps.removal.append((i, tonnes))
    return steps


def _demand(scene: Scene, steps: _Steps, chosen: Floats) -> dict[Cell, Floats | float]:
    """Cuts, and what saved heat does to cooling and heating before these are cut themselves.

    So a better chiller saves less where the lights already do, and each MWh of cooling saved is one of its own.
    """
    kept = {cell: _kept(steps.cuts.get((cell[0], None), []) + steps.cuts.get(cell, []), chosen) for cell in scene.cells}
    energy = {cell: scene.baseline_mwh[cell] * kept[cell] for cell in scene.cells}
    needed: dict[Cell, Floats | float] = {}
    for each in scene.interactions:
        saved: Floats | float = 0.0
        for cell in scene.cells_of_use[each.source]:
            saved = saved + (scene.baseline_mwh[cell] - energy[cell])
        targets = scene.cells_of_use[each.target]
        whole = sum(scene.baseline_mwh[cell] for cell in targets)
        for cell in targets:
            share = scene.baseline_mwh[cell] / whole if whole else 1.0 / len(targets)
            needed[cell] = needed.get(cell, scene.baseline_mwh[cell]) + each.ratio * share * saved
    shrinking = {each.target for each in scene.interactions if each.ratio < 0.0}
    for cell, mwh in needed.items():
        energy[cell] = (_not_below_zero(mwh, scene, cell) if cell[0] in shrinking else mwh) * kept[cell]
    return energy


def _not_below_zero(mwh: Floats | float, scene: Scene, cell: Cell) -> Floats:
    """Raises MeasureRefused below what rounding explains."""
    least = float(np.min(mwh))
    if least < -ROUNDING * scene.baseline_mwh[cell]:
        raise MeasureRefused("interaction_takes_all", value=least, use=cell[0], carrier=cell[1])
    return np.maximum(mwh, 0.0)


def _switch(energy: dict[Cell, Floats | float], steps: _Steps, chosen: Floats) -> None:
    """All switches at once, from what the demand left: a carrier that only just came is not switched again."""
    before = dict(energy)
    for cell, switches in steps.switches.items():
        claimed = _sum([(i, switch.share) for i, switch in switches], chosen)
        taken = before[cell]
        if sum(switch.share for _, switch in switches) > 1.0:  # two claims on the same boilers replace them once
            taken = taken / np.maximum(claimed, 1.0)
            claimed = np.minimum(claimed, 1.0)
        energy[cell] = energy[cell] - before[cell] * claimed
        for i, switch in switches:
            new = (cell[0], switch.to)
            energy[new] = energy.get(new, 0.0) + taken * ((switch.share * switch.ratio) * chosen[i])


def _kept(shares: Acting, chosen: Floats) -> Floats | float:
    """Π (1 − share) over the measures that are in the set."""
    if not shares:
        return 1.0
    kept: Floats = 1.0 - shares[0][1] * chosen[shares[0][0]]
    for i, share in shares[1:]:
        kept = kept * (1.0 - share * chosen[i])
    return kept


def _sum(amounts: Acting, chosen: Floats) -> Floats:
    total: Floats = amounts[0][1] * chosen[amounts[0][0]]
    for i, amount in amounts[1:]:
        total = total + amount * chosen[i]
    return total


def _spread(value: Floats | float, sets: int) -> Floats:
    return value if isinstance(value, np.ndarray) else np.full(sets, value)
