"""Bar O, own footprint: scopes 1 and 2 (location-based) per unit of the family's one denominator. METHOD 8.3.

    x = (S1 + S2) / denominator      z = ln(bar / x)

The denominator is output in the family's unit, else value added or revenue in 10,000 yuan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.score.bar_sheet import DENOMINATORS, BarSheet
from scoring.engine.score.bars.probability import CLEARED, MISSED, UNKNOWN, doubts, probability
from scoring.engine.score.candidacy import CandidateColumns

CNY_PER_WAN = 10_000.0
BECAUSE = (
    "",
    "untold",
    "no_family",
    "no_bar",
    "other_boundary",
    "zero",
    "denominator_not_positive",
    "best_still_misses",
)
CODE = {word: code for code, word in enumerate(BECAUSE)}


@dataclass(frozen=True, eq=False)
class Emissions:
    """Scopes 1 and 2 of each candidate-year, tonnes, as they count: those of another boundary do not."""

    total_t: Floats  # NaN unless both are told
    told_t: Floats  # what is told of it, else 0
    is_told: tuple[Bools, Bools]  # scope 1, scope 2
    doubt: Floats  # σ of ln: the worse of the two


def emissions(columns: CandidateColumns, sheet: BarSheet) -> Emissions:
    scopes = [np.where(columns.is_mismatched, np.nan, columns.amount[name]) for name in ("scope1", "scope2")]
    by_rung = doubts(sheet, "tonnes")
    rungs = (columns.rung["scope1"], columns.rung["scope2"], columns.stood_for)
    told = [~np.isnan(scope) for scope in scopes]
    return Emissions(
        scopes[0] + scopes[1],
        np.where(told[0], scopes[0], 0.0) + np.where(told[1], scopes[1], 0.0),
        (told[0], told[1]),
        np.maximum(np.maximum(by_rung[rungs[0]], by_rung[rungs[1]]), by_rung[rungs[2]]),
    )


@dataclass(frozen=True, eq=False)
class Footprint:
    """Bar O of each candidate-year, shape (rows,)."""

    x: Floats
    bar: Floats
    state: Ints
    because: Ints  # in BECAUSE
    z: Floats
    sigma: Floats
    p: Floats
    missing: Ints
    denominator: Floats  # as x has it
    which: Ints  # in DENOMINATORS; -1 without a family


def footprint(columns: CandidateColumns, sheet: BarSheet, told: Emissions, age: Floats) -> Footprint:
    """Bar O of every candidate-year of a batch; `age` in years beyond one."""
    judgements = sheet.judgements
    family = columns.family[columns.owner]
    bars = np.array([one.footprint_bar.value if one.footprint_bar else np.nan for one in sheet.families] + [np.nan])
    kinds = np.array([DENOMINATORS.index(one.denominator) for one in sheet.families] + [-1])
    bar, which = bars[family], kinds[family]
    denominator, doubt = np.full(len(family), np.nan), np.zeros(len(family))
    for code, name in enumerate(DENOMINATORS):
        rows = which == code
        scale = 1.0 if name == "output" else CNY_PER_WAN
        denominator = np.where(rows, columns.amount[name] / scale, denominator)
        doubt = np.where(rows, doubts(sheet, name)[columns.rung[name]], doubt)
    per = np.where(denominator > 0, denominator, np.nan)
    x, least_x = told.total_t / per, told.told_t / per
    with np.errstate(divide="ignore"):
        z, best_z = np.log(bar / x), np.log(bar / least_x)
    sigma = np.sqrt(told.doubt**2 + doubt**2 + judgements.footprint_age**2 * age)
    missing = sum((~known).astype(np.int64) for known in told.is_told) + np.isnan(denominator)
    because = np.select(
        [
            family < 0,
            np.isnan(bar),
            denominator <= 0,
            (missing > 0) & (best_z < 0),
            (missing > 0) & columns.is_mismatched,
            missing > 0,
            x == 0,
        ],
        [
            CODE[word]
            for word in (
                "no_family",
                "no_bar",
                "denominator_not_positive",
                "best_still_misses",
                "other_boundary",
                "untold",
                "zero",
            )
        ],
        default=CODE[""],
    )
    at_best = because == CODE["best_still_misses"]
    is_known = (because == CODE[""]) | at_best
    z = np.where(at_best, best_z, np.where(is_known, z, np.nan))
    return Footprint(
        x=np.where(at_best, least_x, x),
        bar=bar,
        state=np.where(is_known, np.where(z >= 0, CLEARED, MISSED), UNKNOWN),
        because=because,
        z=z,
        sigma=np.where(is_known, sigma, np.nan),
        p=probability(z, sigma, judgements.sigma_min_footprint),
        missing=missing,
        denominator=denominator,
        which=which,
    )
