"""Estimates of many companies by the shipped model, beside a bare linear prediction in numpy."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np

from scoring.engine.estimator.estimator import Estimator, Recipe
from scoring.engine.estimator.features import FirmYears
from scoring.engine.estimator.recipe import refit
from scoring.estimators.registry import SHIPPED_MODEL
from scoring.estimators.shipped_table import SHIPPED
from scoring.estimators.training_tables import read_training_table

ROUNDS = 5


@dataclass(frozen=True)
class EstimateFigures:
    """CPU seconds: of one refit, and medians over the rounds. `ratio` is to a bare matrix times vector."""

    n: int
    refit_seconds: float
    seconds: float
    floor_seconds: float
    ratio: float

    def as_dict(self) -> dict[str, Any]:
        return {"bench": "estimate", **asdict(self)}


def bench_estimate(companies: int, seed: int) -> EstimateFigures:
    """No database. Half of the companies report electricity, so both rungs are asked."""
    shipped = json.loads(SHIPPED_MODEL.read_text(encoding="utf-8"))
    recipe = Recipe(activity=tuple(shipped["activity"].split(",")), seed=shipped["seed"], code=shipped["code"])
    table = read_training_table(SHIPPED).batch
    began = time.process_time()
    estimator: Estimator = refit(recipe, table, shipped["learned"])
    refitted = time.process_time() - began
    asked = synthetic(table, companies, seed)
    design = np.column_stack([np.log10(asked.numbers["revenue_money"]), np.ones(companies)])
    slopes = np.array([0.8, -4.0])
    real, bare = [], []
    for _round in range(ROUNDS):
        began = time.process_time()
        estimator.predict(asked)
        real.append(time.process_time() - began)
        began = time.process_time()
        for _ in range(100):  # one is over before the clock moves
            design @ slopes
        bare.append((time.process_time() - began) / 100)
    seconds, floor_seconds = median(real), median(bare)
    return EstimateFigures(
        companies, round(refitted, 2), round(seconds, 3), round(floor_seconds, 6), round(seconds / floor_seconds, 1)
    )


def synthetic(table: FirmYears, companies: int, seed: int) -> FirmYears:
    """Companies like those of the table, none the same."""
    chance = np.random.Generator(np.random.PCG64(seed))
    rows = chance.integers(0, len(table), companies)
    like = table.rows(rows)
    kwh = np.where(chance.random(companies) < 0.5, 10 ** chance.uniform(5, 10, companies), np.nan)
    return FirmYears(
        tuple(f"bench-{i:07}" for i in range(companies)),
        like.year,
        like.sector,
        like.text,
        {"revenue_money": 10 ** chance.uniform(7, 12, companies), "electricity_kwh": kwh},
    )
