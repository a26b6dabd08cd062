"""A scene, its energy by end use and carrier, and the measures that may act in it. METHOD section 4."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from scoring.engine.errors import MeasureRefused

USES = (
    "lighting",
    "equipment",
    "cooling",
    "heating",
    "hot_water",
    "ventilation",
    "cooking",
    "process",
    "transport",
    "other",
)
# `direct` is what is emitted without burning: process, refrigerants, waste. Its amounts are tonnes and its factor is 1.
DIRECT = "direct"
CARRIERS = (
    "electricity",
    "natural_gas",
    "coal",
    "oil_products",
    "heat",
    "biomass",
    "hydrogen",
    DIRECT,
)
Cell = tuple[str, str]  # end use, carrier


@dataclass(frozen=True)
class Cut:
    """Less of an end use: its energy, of one carrier or of all, times 1 − share."""

    use: str
    share: float
    carrier: str | None = None


@dataclass(frozen=True)
class Switch:
    """A share of what an end use takes of a carrier, from another: `ratio` MWh of `to` for each MWh replaced.

    Of a gas boiler by a heat pump the ratio is boiler efficiency / COP.
    """

    use: str
    carrier: str
    to: str
    share: float
    ratio: float


@dataclass(frozen=True)
class Generation:
    """MWh a year made on the site and used there; what exceeds the scene's load of the carrier counts for nothing."""

    mwh: float
    carrier: str = "electricity"


@dataclass(frozen=True)
class Supply:
    """The bought carrier at (1 − share) of its factor: a contract for clean power, capture behind a boiler."""

    share: float
    carrier: str = "electricity"


@dataclass(frozen=True)
class Removal:
    """Tonnes a year taken out of the air within the scene."""

    tonnes: float


Effect = Cut | Switch | Generation | Supply | Removal


@dataclass(frozen=True)
class Measure:
    """What one owner brings. Either effects, or a saving stated only in tonnes, which cannot interact.

    Measures without an owner stand for themselves. Several cuts of one cell multiply, several switches of one cell
    share it in proportion to what they claim once they claim more than all of it.
    """

    key: str
    effects: tuple[Effect, ...] = ()
    owner: str | None = None
    stated_t: float | None = None

    @property
    def interacts(self) -> bool:
        return self.stated_t is None


@dataclass(frozen=True)
class Interaction:
    """Saved heat of one end use changes another: `ratio` MWh of the target for each MWh saved at the source.

    Below zero for cooling that is no longer needed, above it for heating that is needed more; spread over the target's
    carriers as its baseline is. A source's saving is that of electricity and fuels alike.
    """

    source: str
    target: str
    ratio: float


@dataclass(frozen=True)
class Scene:
    """One boundary over one year.

    `baseline_mwh` has what is known, by end use and carrier: a cell that is not there is not known, and no zero.
    `factors_t_per_mwh` are of bought carriers, for the scene's place and year; `direct` needs none.
    """

    baseline_mwh: Mapping[Cell, float]
    factors_t_per_mwh: Mapping[str, float]
    interactions: tuple[Interaction, ...] = ()

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """In one fixed order, so that sums have one order."""
        return tuple(sorted(self.baseline_mwh))

    @cached_property
    def cells_of_use(self) -> Mapping[str, tuple[Cell, ...]]:
        return {use: tuple(cell for cell in self.cells if cell[0] == use) for use, _ in self.cells}

    def factor(self, carrier: str) -> float:
        return 1.0 if carrier == DIRECT else self.factors_t_per_mwh[carrier]


def check(scene: Scene, measures: Sequence[Measure]) -> None:
    """Raises MeasureRefused for the first thing that is wrong; its code is one of `words.REFUSED`."""
    _check_scene(scene)
    seen: set[str] = set()
    for measure in measures:
        if measure.key in seen:
            raise MeasureRefused("twice", value=measure.key, measure=measure.key)
        seen.add(measure.key)
        _check_measure(scene, measure)


def _check_scene(scene: Scene) -> None:
    for (use, carrier), mwh in scene.baseline_mwh.items():
        _word("unknown_use", use, USES)
        _word("unknown_carrier", carrier, CARRIERS)
        _amount(mwh, use=use, carrier=carrier)
        _factor(scene, carrier)
    for carrier, factor in scene.factors_t_per_mwh.items():
        _word("unknown_carrier", carrier, CARRIERS)
        _amount(factor, carrier=carrier)
    sources = {each.source for each in scene.interactions}
    for each in scene.interactions:
        _word("unknown_use", each.source, USES)
        _word("unknown_use", each.target, USES)
        if not math.isfinite(each.ratio):
            raise MeasureRefused("not_finite", value=each.ratio, use=each.target)
        if each.target in sources:  # a chain would need an order, and there is none
            raise MeasureRefused("interaction_chain", value=each.target, use=each.target)
        _with_baseline(scene, each.source)
        _with_baseline(scene, each.target)


def _check_measure(scene: Scene, measure: Measure) -> None:
    if (measure.stated_t is None) == (not measure.effects):
        raise MeasureRefused("effects_or_tonnes", value=measure.key, measure=measure.key)
    if measure.stated_t is not None:
        _amount(measure.stated_t, measure=measure.key)
    for effect in measure.effects:
        _check_effect(scene, measure.key, effect)


def _check_effect(scene: Scene, key: str, effect: Effect) -> None:
    match effect:
        case Cut(use, share, carrier):
            _share(share, key)
            _word("unknown_use", use, USES, key)
            if carrier is not None:
                _word("unknown_carrier", carrier, CARRIERS, key)
            _with_baseline(scene, use, carrier, key)
        case Switch(use, carrier, to, share, ratio):
            _share(share, key)
            _amount(ratio, measure=key)
            _word("unknown_use", use, USES, key)
            _word("unknown_carrier", carrier, CARRIERS, key)
            _word("unknown_carrier", to, CARRIERS, key)
            if carrier == to:
                raise MeasureRefused("to_itself", value=to, measure=key, use=use, carrier=carrier)
            _with_baseline(scene, use, carrier, key)
            _factor(scene, to, key)
        case Generation(mwh, carrier):
            _amount(mwh, measure=key)
            _bought(scene, carrier, key)
        case Supply(share, carrier):
            _share(share, key)
            _bought(scene, carrier, key)
        case Removal(tonnes):
            _amount(tonnes, measure=key)


def _with_baseline(scene: Scene, use: str, carrier: str | None = None, key: str = "") -> tuple[Cell, ...]:
    """The cells that are meant. Raises MeasureRefused where the scene knows none: which end use lacks data."""
    found = tuple(cell for cell in scene.cells_of_use.get(use, ()) if carrier is None or cell[1] == carrier)
    if not found:
        raise MeasureRefused("no_baseline", value=use, measure=key, use=use, carrier=carrier)
    return found


def _bought(scene: Scene, carrier: str, key: str) -> None:
    _word("unknown_carrier", carrier, CARRIERS, key)
    _factor(scene, carrier, key)


def _factor(scene: Scene, carrier: str, key: str = "") -> None:
    if carrier != DIRECT and carrier not in scene.factors_t_per_mwh:
        raise MeasureRefused("no_factor", value=carrier, measure=key, carrier=carrier)


def _word(code: str, word: str, words: tuple[str, ...], key: str = "") -> None:
    if word not in words:
        raise MeasureRefused(code, value=word, measure=key)


def _share(share: float, key: str) -> None:
    _amount(share, measure=key)
    if share > 1.0:
        raise MeasureRefused("above_100_percent", value=share, measure=key)


def _amount(value: float, **about: Any) -> None:
    if not math.isfinite(value):
        raise MeasureRefused("not_finite", value=value, **about)
    if value < 0.0:
        raise MeasureRefused("negative", value=value, **about)
