"""Scenes and measures at random, the building of the examples, and the same arithmetic told slowly."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from math import factorial, prod

from hypothesis import strategies as st

from scoring.engine.stacking.scene import (
    Cut,
    Effect,
    Generation,
    Interaction,
    Measure,
    Removal,
    Scene,
    Supply,
    Switch,
)

POWER, GAS = "electricity", "natural_gas"


def building(**changes: object) -> Scene:
    """The demonstration building: 603.5 t."""
    fields = {
        "baseline_mwh": {
            ("lighting", POWER): 300.0,
            ("cooling", POWER): 500.0,
            ("other", POWER): 200.0,
            ("heating", GAS): 400.0,
        },
        "factors_t_per_mwh": {POWER: 0.5227, GAS: 0.202},
        "interactions": (Interaction("lighting", "cooling", -0.25), Interaction("lighting", "heating", 0.3)),
    }
    return Scene(**(fields | changes))  # type: ignore[arg-type]


LED = Measure("led", (Cut("lighting", 0.5),))
CHILLER = Measure("chiller", (Cut("cooling", 0.3),))
HEAT_PUMP = Measure("hp", (Switch("heating", GAS, POWER, 1.0, 0.3),))
PV = Measure("pv", (Generation(150.0),))
GREEN = Measure("green", (Supply(0.5),))
FIVE = (LED, CHILLER, PV, GREEN, HEAT_PUMP)

shares = st.floats(0.0, 1.0)
effects: st.SearchStrategy[Effect] = st.one_of(
    st.builds(Cut, st.sampled_from(["lighting", "cooling", "other", "heating"]), shares),
    st.builds(Cut, st.just("heating"), shares, st.sampled_from([GAS, POWER])),
    st.builds(Switch, st.just("heating"), st.just(GAS), st.just(POWER), shares, st.floats(0.1, 1.5)),
    st.builds(Switch, st.just("heating"), st.just(POWER), st.just("heat"), shares, st.floats(0.1, 1.5)),
    st.builds(Generation, st.floats(0.0, 1500.0)),
    st.builds(Supply, shares, st.sampled_from([POWER, GAS])),
    st.builds(Removal, st.floats(0.0, 100.0)),
)
mwh = st.floats(1.0, 1000.0)
scenes = st.builds(
    lambda light, cool, other, gas, power, ef, gas_ef, more, less: Scene(
        {
            ("lighting", POWER): light,
            ("cooling", POWER): cool,
            ("other", POWER): other,
            ("heating", GAS): gas,
            ("heating", POWER): power,
        },
        {POWER: ef, GAS: gas_ef, "heat": 0.11},
        # What the lights heat can be no more than is cooled.
        (Interaction("lighting", "cooling", -less * min(1.0, cool / light)), Interaction("lighting", "heating", more)),
    ),
    *[mwh] * 5,
    *[st.floats(0.01, 1.0)] * 4,
)


def measures(least: int = 1, most: int = 5) -> st.SearchStrategy[list[Measure]]:
    found = st.lists(st.lists(effects, min_size=1, max_size=2), min_size=least, max_size=most)
    return found.map(lambda all_of: [Measure(f"m{row}", tuple(each)) for row, each in enumerate(all_of)])


def slow_tonnes(scene: Scene, measures: Sequence[Measure]) -> float:
    """The six steps for one set, in words as plain as they go."""
    acting = [effect for measure in measures for effect in measure.effects]

    def kept(cell: tuple[str, str]) -> float:
        cuts = [each for each in acting if isinstance(each, Cut) and each.use == cell[0]]
        return prod(1.0 - each.share for each in cuts if each.carrier in (None, cell[1]))

    energy = {cell: amount * kept(cell) for cell, amount in scene.baseline_mwh.items()}
    for target in {each.target for each in scene.interactions}:
        cells = [cell for cell in energy if cell[0] == target]
        more = sum(
            each.ratio * (amount - energy[cell])
            for each in scene.interactions
            for cell, amount in scene.baseline_mwh.items()
            if each.target == target and cell[0] == each.source
        )
        whole = sum(scene.baseline_mwh[cell] for cell in cells)
        for cell in cells:
            energy[cell] = scene.baseline_mwh[cell] * (1.0 + more / whole) * kept(cell)
    demand = dict(energy)
    for cell, amount in demand.items():
        switches = [each for each in acting if isinstance(each, Switch) and (each.use, each.carrier) == cell]
        claims = sum(each.share for each in switches)
        for each in switches:
            moved = amount * each.share / max(1.0, claims)
            energy[cell] -= moved
            energy[each.use, each.to] = energy.get((each.use, each.to), 0.0) + moved * each.ratio
    tonnes = 0.0
    for carrier in {cell[1] for cell in energy}:
        load = sum(amount for cell, amount in energy.items() if cell[1] == carrier)
        made = sum(each.mwh for each in acting if isinstance(each, Generation) and each.carrier == carrier)
        clean = [each.share for each in acting if isinstance(each, Supply) and each.carrier == carrier]
        tonnes += max(0.0, load - made) * scene.factor(carrier) * prod(1.0 - share for share in clean)
    return tonnes - sum(each.tonnes for each in acting if isinstance(each, Removal))


def slow_table(scene: Scene, measures: Sequence[Measure]) -> list[float]:
    """v of every set, by the bits of its number."""
    chosen = [[one for row, one in enumerate(measures) if s >> row & 1] for s in range(1 << len(measures))]
    return [slow_tonnes(scene, []) - slow_tonnes(scene, each) for each in chosen]


def slow_owen(v: Sequence[float], unions: Sequence[Sequence[int]]) -> list[float]:
    """The mean over all orders of unions, and of players within them, of what a player adds. Shapley: unions of one."""
    n = sum(len(union) for union in unions)
    added = [0.0] * n
    orders = [order for blocks in permutations(unions) for order in _orders_within(blocks)]
    for order in orders:
        inside = 0
        for player in order:
            added[player] += v[inside | 1 << player] - v[inside]
            inside |= 1 << player
    assert len(orders) == factorial(len(unions)) * prod(factorial(len(union)) for union in unions)
    return [each / len(orders) for each in added]


def _orders_within(blocks: Sequence[Sequence[int]]) -> list[list[int]]:
    found: list[list[int]] = [[]]
    for block in blocks:
        found = [begun + list(inner) for begun in found for inner in permutations(block)]
    return found
