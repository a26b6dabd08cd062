"""The bench of stacking: scenes to exact Shapley shares, beside the bare evaluation of all sets of measures."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np

from fund.bench.run import peak_mib
from scoring.engine.columns import Floats
from scoring.engine.stacking.evaluation import all_sets
from scoring.engine.stacking.games import shapley
from scoring.engine.stacking.sampling import PAIRS
from scoring.engine.stacking.scene import Cut, Effect, Generation, Interaction, Measure, Scene, Supply, Switch, check
from scoring.engine.stacking.stack import EXACT, Stack, stack, values

ROUNDS = 5
FEWEST, MOST = 4, EXACT  # measures of the scenes whose every set is evaluated
DRAWN = 16  # measures of the scene whose shares are sampled
POWER, GAS = "electricity", "natural_gas"
CUT_USES = ("lighting", "cooling", "other", "heating")


@dataclass(frozen=True)
class StackingFigures:
    """Medians of several rounds, CPU seconds. `ratio` is seconds / floor_seconds, both from this run.

    `seconds` are of checks, v of every set and Shapley's shares; `panel_*` of all figures of a stack. `drawn_*` are of
    one scene of 16 measures: seconds, and the largest standard error in percent of the joint saving.
    """

    bench: str
    n: int
    measures: int
    seconds: float
    floor_seconds: float
    ratio: float
    panel_seconds: float
    panel_ratio: float
    peak_mib: float
    drawn_measures: int
    drawn_orders: int
    drawn_seconds: float
    drawn_error_percent: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def bench_stacking(scenes: int, measures: int, seed: int) -> StackingFigures:
    """Time `scenes` synthetic buildings of `measures` measures each, FEWEST to MOST."""
    made = synthetic_scenes(scenes, measures, seed)
    bare = [Bare(scene, bundle) for scene, bundle in made]
    rounds = []
    for _ in range(ROUNDS + 1):  # the first one warms up
        seconds, _ = _timed(lambda: [_shares(scene, bundle) for scene, bundle in made])
        floor_seconds, _ = _timed(lambda: [each.v() for each in bare])
        panel_seconds, _ = _timed(lambda: [stack(scene, bundle) for scene, bundle in made])
        rounds.append((seconds, floor_seconds, panel_seconds))
    (scene, bundle), *_ = synthetic_scenes(1, DRAWN, seed)
    drawn_seconds, drawn = _timed(lambda: stack(scene, bundle, seed=seed))
    return StackingFigures(
        bench="stacking",
        n=scenes,
        measures=measures,
        seconds=round(median(seconds for seconds, _, _ in rounds[1:]), 6),
        floor_seconds=round(median(floor for _, floor, _ in rounds[1:]), 6),
        ratio=round(median(seconds / floor for seconds, floor, _ in rounds[1:]), 2),
        panel_seconds=round(median(panel for _, _, panel in rounds[1:]), 6),
        panel_ratio=round(median(panel / floor for _, floor, panel in rounds[1:]), 2),
        peak_mib=round(peak_mib(), 1),
        drawn_measures=DRAWN,
        drawn_orders=2 * PAIRS,
        drawn_seconds=round(drawn_seconds, 4),
        drawn_error_percent=round(_error_percent(drawn), 4),
    )


def _shares(scene: Scene, bundle: list[Measure]) -> Floats:
    check(scene, bundle)
    return shapley(values(scene, bundle))


def _error_percent(drawn: Stack) -> float:
    assert drawn.shapley_error_t is not None  # noqa: S101  there are more than 12
    return 100.0 * float(drawn.shapley_error_t.max()) / drawn.joint_t


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.process_time()
    found = work()
    return time.process_time() - began, found


def synthetic_scenes(count: int, measures: int, seed: int) -> list[tuple[Scene, list[Measure]]]:
    """Buildings like the one of the examples: a heat pump, a roof, clean power, and cuts in four end uses."""
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        light, cool, other, gas = chance.uniform(100.0, 1000.0, 4).tolist()
        scene = Scene(
            {("lighting", POWER): light, ("cooling", POWER): cool + light, ("other", POWER): other}
            | {("heating", GAS): gas},
            {POWER: float(chance.uniform(0.1, 0.9)), GAS: 0.202},
            (Interaction("lighting", "cooling", -0.25), Interaction("lighting", "heating", 0.3)),
        )
        effects: list[Effect] = [
            Switch("heating", GAS, POWER, float(chance.uniform(0.2, 1.0)), 0.3),
            Generation(float(chance.uniform(10.0, 300.0))),
            Supply(float(chance.uniform(0.1, 0.9))),
        ]
        cuts = chance.uniform(0.05, 0.4, measures - len(effects)).tolist()
        effects += [Cut(CUT_USES[row % len(CUT_USES)], share) for row, share in enumerate(cuts)]
        found.append((scene, [Measure(f"{row:02}", (effect,)) for row, effect in enumerate(effects)]))
    return found


class Bare:
    """The floor: v of all sets of this one model in numpy, every number looked up beforehand; nothing is made of it."""

    def __init__(self, scene: Scene, bundle: list[Measure]) -> None:
        self.chosen = all_sets(len(bundle))
        self.cuts: dict[str, list[tuple[int, float]]] = {use: [] for use in CUT_USES}
        for row, measure in enumerate(bundle):
            match measure.effects[0]:
                case Cut(use, share):
                    self.cuts[use].append((row, share))
                case Switch(share=share, ratio=ratio):
                    self.switch = (row, share, ratio)
                case Generation(mwh):
                    self.roof = (row, mwh)
                case Supply(share):
                    self.clean = (row, share)
        self.light, self.cool, self.other, self.gas = (
            scene.baseline_mwh[cell]
            for cell in (("lighting", POWER), ("cooling", POWER), ("other", POWER), ("heating", GAS))
        )
        self.power_t, self.gas_t = scene.factors_t_per_mwh[POWER], scene.factors_t_per_mwh[GAS]
        self.cool_per_saved, self.heat_per_saved = (each.ratio for each in scene.interactions)

    def v(self) -> Floats:
        chosen, kept = self.chosen, {}
        for use, cuts in self.cuts.items():
            product = np.ones(chosen.shape[1])
            for row, share in cuts:
                product *= 1.0 - share * chosen[row]
            kept[use] = product
        light = self.light * kept["lighting"]
        saved = self.light - light
        cool = (self.cool + self.cool_per_saved * saved) * kept["cooling"]
        gas = (self.gas + self.heat_per_saved * saved) * kept["heating"]
        row, share, ratio = self.switch
        moved = gas * (share * chosen[row])
        power = light + cool + self.other * kept["other"] + moved * ratio
        bought = np.maximum(power - self.roof[1] * chosen[self.roof[0]], 0.0)
        tonnes = bought * (self.power_t * (1.0 - self.clean[1] * chosen[self.clean[0]])) + (gas - moved) * self.gas_t
        saved_t: Floats = tonnes[0] - tonnes
        return saved_t
