"""From shares to choices: what a candidate would add to what is there, savings year by year, and what a tonne costs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scoring.engine.columns import Floats, Ints
from scoring.engine.errors import MeasureRefused
from scoring.engine.stacking.evaluation import evaluate
from scoring.engine.stacking.scene import Measure, Scene, check
from scoring.engine.stacking.stack import Stack, stack

DIGITS = 9  # to which orders are taken: what differs by less is a tie


@dataclass(frozen=True)
class Opportunity:
    """What a candidate's measures would save together, tonnes a year."""

    candidate: str
    added_t: float  # stacked on what is there
    alone_t: float  # in the scene as it was before any measure
    cny_per_t: float | None  # of what is added; None without a cost, and where nothing is saved


@dataclass(frozen=True)
class Planned:
    """A measure and the years in which it acts, both included; open at the end without `last_year`."""

    measure: Measure
    first_year: int
    last_year: int | None = None

    def acts_in(self, year: int) -> bool:
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)


@dataclass(frozen=True, eq=False)
class Wedges:
    """Tonnes a year: each measure's share between baseline and what is left; baseline − Σ shares = after."""

    years: Ints  # shape (years,), ascending
    keys: tuple[str, ...]
    baseline_t: Floats  # shape (years,)
    after_t: Floats  # shape (years,)
    shares_t: Floats  # shape (years, measures), Shapley's; 0 in years in which a measure does not act


@dataclass(frozen=True)
class AbatementBar:
    """A bar of a marginal abatement curve: as wide as the measure's share, as high as a tonne costs."""

    key: str
    tonnes: float
    cny_per_t: float | None  # None without a cost, and where nothing is saved


def opportunities(
    scene: Scene,
    present: Sequence[Measure],
    candidates: Mapping[str, Sequence[Measure]],
    cny_per_year: Mapping[str, float] | None = None,
) -> list[Opportunity]:
    """Candidates by what they would add to the measures that are there, v(present ∪ c) − v(present), most first.

    Costs are of a candidate, CNY a year. Raises MeasureRefused for what is wrong with the scene, a measure or a cost.
    """
    everyone = [*present, *(one for bundle in candidates.values() for one in bundle)]
    check(scene, everyone)
    acting = sorted((one for one in everyone if one.interacts), key=lambda one: one.key)
    row = {one.key: position for position, one in enumerate(acting)}
    is_there = [row[one.key] for one in present if one.interacts]
    chosen = np.zeros((len(acting), 2 + 2 * len(candidates)))  # nothing, present, present with each, each alone
    chosen[is_there, 1 : 2 + len(candidates)] = 1.0
    for position, bundle in enumerate(candidates.values()):
        rows = [row[one.key] for one in bundle if one.interacts]
        chosen[rows, 2 + position] = chosen[rows, 2 + len(candidates) + position] = 1.0
    tonnes = evaluate(scene, acting, chosen).tonnes.tolist()
    found = []
    for position, (candidate, bundle) in enumerate(candidates.items()):
        stated = math.fsum(one.stated_t for one in bundle if one.stated_t is not None)
        added = tonnes[1] - tonnes[2 + position] + stated
        alone = tonnes[0] - tonnes[2 + len(candidates) + position] + stated
        found.append(Opportunity(candidate, added, alone, _cny_per_t(candidate, added, cny_per_year or {})))
    return sorted(found, key=lambda each: (-round(each.added_t, DIGITS), each.candidate))


def wedges(scenes: Mapping[int, Scene], plan: Sequence[Planned], *, seed: int = 0) -> Wedges:
    """Shares year by year: each year's own scene (its load, its factors) with the measures that act in it.

    Raises MeasureRefused for what is wrong with a scene or a measure, and for one that ends before it begins.
    """
    for each in plan:
        if each.last_year is not None and each.last_year < each.first_year:
            raise MeasureRefused("ends_before_it_begins", value=each.last_year, measure=each.measure.key)
    years = sorted(scenes)
    shares = np.zeros((len(years), len(plan)))
    baseline, after = np.zeros(len(years)), np.zeros(len(years))
    for position, year in enumerate(years):
        columns = [column for column, each in enumerate(plan) if each.acts_in(year)]
        found = stack(scenes[year], [plan[column].measure for column in columns], seed=seed)
        shares[position, columns] = found.shapley_t
        baseline[position], after[position] = found.baseline_t, found.after_t
    keys = tuple(each.measure.key for each in plan)
    return Wedges(np.array(years, dtype=np.int64), keys, baseline, after, shares)


def abatement_bars(found: Stack, cny_per_year: Mapping[str, float]) -> list[AbatementBar]:
    """Measures by what a tonne of their Shapley share costs, cheapest first; those without a price come last.

    Costs are of a measure, CNY a year, below zero where it earns more than it costs. By the share, not by the saving
    alone, the bars together are as wide as the joint saving. Raises MeasureRefused for a cost that is not finite.
    """
    bars = [
        AbatementBar(key, tonnes, _cny_per_t(key, tonnes, cny_per_year))
        for key, tonnes in zip(found.keys, found.shapley_t.tolist(), strict=True)
    ]
    return sorted(bars, key=lambda bar: (bar.cny_per_t is None, round(bar.cny_per_t or 0.0, DIGITS), bar.key))


def annual_cost_cny(invested_cny: float, running_cny: float, rate: float, life_years: float) -> float:
    """An investment as equal payments over its life, r/(1 − (1 + r)^−L), with what it costs to run, CNY a year.

    `running_cny` is below zero where energy saved is worth more. Raises MeasureRefused for an investment or a rate
    below zero, and for a life that is not above it.
    """
    for value in (invested_cny, rate, life_years):
        if not math.isfinite(value) or not math.isfinite(running_cny):
            raise MeasureRefused("not_finite", value=value)
        if value < 0.0 or life_years == 0.0:
            raise MeasureRefused("negative", value=value)
    annuity = rate / -math.expm1(-life_years * math.log1p(rate)) if rate else 1.0 / life_years
    return invested_cny * annuity + running_cny


def _cny_per_t(key: str, tonnes: float, cny_per_year: Mapping[str, float]) -> float | None:
    cost = cny_per_year.get(key)
    if cost is not None and not math.isfinite(cost):
        raise MeasureRefused("not_finite", value=cost, measure=key)
    return None if cost is None or tonnes <= 0.0 else cost / tonnes
