"""The bench of the score: columns of candidates to three bars and P, beside the bare arithmetic on such arrays."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from statistics import median
from typing import Any

import numpy as np
from scipy.special import ndtr

from fund.bench.run import peak_mib
from scoring.engine.columns import Floats
from scoring.engine.score.bar_sheet import (
    RUNGS,
    U_INPUTS,
    BarSheet,
    Family,
    FootprintBar,
    GridPath,
    Judgements,
    Reference,
)
from scoring.engine.score.candidacy import AMOUNTS, OF_UNITS, SUBSIDIES, CandidateColumns
from scoring.engine.score.theme import Judged, judge

ROUNDS = 7
YEAR, AS_OF = 2025, date(2026, 11, 30)
SOURCE = "synthetic"
U95 = (0.02, 0.05, 0.30, 0.10, 0.30)  # of RUNGS


@dataclass(frozen=True)
class ScoreFigures:
    """Medians of several rounds, CPU seconds. `ratio` is seconds / floor_seconds, both from this run."""

    bench: str
    n: int
    seconds: float
    floor_seconds: float
    ratio: float
    peak_mib: float
    cleared: int  # bars, of all candidates

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def bench_score(candidates: int, seed: int) -> ScoreFigures:
    """Time the bars of synthetic candidates of two families, one year and one place each, without a database."""
    sheet, columns = synthetic_sheet(), synthetic_columns(candidates, seed)
    bare = Bare(columns, sheet)
    rounds = []
    for _ in range(ROUNDS):
        seconds, judged = _timed(lambda: _judged(columns, sheet))
        floor_seconds, _ = _timed(bare.p)
        rounds.append((seconds, floor_seconds))
    return ScoreFigures(
        bench="score",
        n=candidates,
        seconds=round(median(seconds for seconds, _ in rounds), 6),
        floor_seconds=round(median(floor for _, floor in rounds), 6),
        ratio=round(median(seconds / floor for seconds, floor in rounds), 2),
        peak_mib=round(peak_mib(), 1),
        cleared=int(judged.cleared.sum()),
    )


def _judged(columns: CandidateColumns, sheet: BarSheet) -> Judged:
    judged = judge(columns, sheet, AS_OF)
    judged.p_cleared, judged.p_high  # noqa: B018  the two products are part of it
    return judged


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.process_time()
    found = work()
    return time.process_time() - began, found


def synthetic_sheet() -> BarSheet:
    """A family that displaces electricity and one that consumes it, on two grids."""
    bar = FootprintBar(0.2, "benchmark", SOURCE)
    rows = {
        "wind": (Reference(2000.0, 20, 0.0, 1.0, 0.95, 600.0), ("service", "lca")),
        "pump": (Reference(2.0, 18, 0.3, -0.29, 1.0, 0.0), ("energy",)),
    }
    families = tuple(
        Family(code, "power", code, code, "MW", "MWh", "judged", "path", own, row, "revenue", bar)
        for code, (row, own) in rows.items()
    )
    paths = tuple(
        GridPath(place, "inventory_average", YEAR, t, fall, SOURCE)
        for place, t, fall in (("CHN", 0.53, 0.0143), ("IND", 0.71, 0.015))
    )
    u95: dict[str, dict[str, float]] = {name: {**dict(zip(RUNGS, U95, strict=True))} for name in U_INPUTS}
    sheet = BarSheet("bench", YEAR, "2027-06-30", "CHN", Judgements(), u95, paths, families)
    sheet.check()
    return sheet


def synthetic_columns(n: int, seed: int) -> CandidateColumns:
    """All figures told: every bar of every candidate is computed."""
    chance = np.random.default_rng(seed)
    rows, none = np.arange(n), np.zeros(n, dtype=np.bool_)
    family = chance.integers(0, 2, n)
    revenue = np.exp(chance.normal(20.0, 1.0, n))
    tonnes = revenue / 1e4 * np.exp(chance.normal(-1.8, 0.4, n))
    amount = {name: np.full(n, np.nan) for name in AMOUNTS}
    amount |= {"scope1": 0.4 * tonnes, "scope2": 0.6 * tonnes, "revenue": revenue}
    amount |= {"ebit": revenue * chance.normal(0.08, 0.05, n)}
    amount |= {name: revenue * 0.005 for name in SUBSIDIES}
    unit = {name: np.full(n, np.nan) for name in OF_UNITS}
    unit |= {"units": chance.uniform(10.0, 500.0, n), "service": np.exp(chance.normal(7.7, 0.1, n))}
    unit |= {"energy": np.exp(chance.normal(-1.25, 0.1, n)), "lca": np.exp(chance.normal(6.0, 0.3, n))}
    return CandidateColumns(
        company_key=tuple(f"bench-{i:07}" for i in range(n)),
        family=family,
        is_venture=none,
        sets_the_bar=none,
        theme_share=np.full(n, np.nan),
        theme_share_year=np.zeros(n, dtype=np.int64),
        owner=rows,
        year=np.full(n, YEAR),
        is_mismatched=none,
        amount=amount,
        rung={name: chance.integers(0, len(RUNGS), n) for name in AMOUNTS},
        stood_for=np.full(n, -1),
        is_inside={name: ~none for name in SUBSIDIES},
        start=np.arange(n + 1),
        row=rows,
        kind=np.zeros(n, dtype=np.int64),
        path=chance.integers(0, 2, n),
        place=("CHN",) * n,
        unit=unit,
        unit_rung={name: chance.integers(0, len(RUNGS), n) for name in OF_UNITS},
    )


class Bare:
    """The floor: Φ, logarithms and sums on arrays with every word looked up beforehand; nothing untold, no reasons."""

    def __init__(self, columns: CandidateColumns, sheet: BarSheet) -> None:
        rows = [family.reference for family in sheet.families]
        row = {
            name: np.array([getattr(one, name) for one in rows], dtype=np.float64)[columns.family]
            for name in Reference.__dataclass_fields__
        }
        pump = columns.family == 1
        self.terms = sheet.judgements
        self.first = np.array([path.t_per_mwh for path in sheet.paths])[columns.path]
        self.fall = np.array([path.fall_t_per_mwh_year for path in sheet.paths])[columns.path]
        self.life, self.fixed = row["life_years"], row["fixed_t_per_service"]
        self.service = np.where(pump, row["service_per_unit_year"], columns.unit["service"])
        self.reference_service, self.use = row["service_per_unit_year"], row["use_share"]
        self.grid = np.where(pump, -columns.unit["energy"], row["grid_mwh_per_service"])
        self.reference_grid, self.reference_lca = row["grid_mwh_per_service"], row["lca_t_per_unit"]
        self.lca = np.where(pump, row["lca_t_per_unit"], columns.unit["lca"])
        doubts = np.log1p(np.array(U95)) / 1.96
        self.doubt = {name: doubts[rung] for name, rung in columns.unit_rung.items()}
        self.doubt |= {name: doubts[rung] for name, rung in columns.rung.items()}
        self.doubt |= {name: np.where(pump, 0.0, self.doubt[name]) for name in ("service", "lca")}
        self.doubt["energy"] = np.where(pump, self.doubt["energy"], 0.0)
        self.amount = columns.amount

    def p(self) -> Floats:
        """The product over the cleared bars; 1 where none is."""
        terms, amount = self.terms, self.amount
        ends = np.minimum(self.life, np.floor(self.first / self.fall))
        ef_sum = ends * self.first - self.fall * ends * (ends + 1.0) / 2.0
        served, fixed = self.service * self.use, self.fixed * self.life
        gross = served * (fixed + self.grid * ef_sum)
        u = gross - self.lca
        bar = self.reference_service * self.use * (fixed + self.reference_grid * ef_sum) - self.reference_lca
        z_c = np.log(u / (terms.bar_share * bar))
        slips = (gross * self.doubt["service"]) ** 2 + (self.lca * self.doubt["lca"]) ** 2
        sigma_c = np.sqrt(slips + (served * self.grid * ef_sum * self.doubt["energy"]) ** 2) / u
        tonnes = amount["scope1"] + amount["scope2"]
        given = amount["grants"] + amount["price_premium"] + amount["theme_credits"]
        cost = terms.carbon_price_cny_per_t * (1.0 - terms.pass_through) * tonnes
        z_r = (amount["ebit"] - given - cost) / amount["revenue"]
        z_o = np.log(0.2 * amount["revenue"] / 1e4 / tonnes)
        sigma_o = np.sqrt(np.maximum(self.doubt["scope1"], self.doubt["scope2"]) ** 2 + self.doubt["revenue"] ** 2)
        found = np.ones(len(u))
        for z, sigma, least in (
            (z_c, sigma_c, terms.sigma_min_contribution),
            (z_r, terms.resilience_sigma, terms.sigma_min_resilience),
            (z_o, sigma_o, terms.sigma_min_footprint),
        ):
            p = ndtr(z / np.where(z >= 0, np.maximum(sigma, least), least))
            found *= np.where(z >= 0, p, 1.0)
        return found
