"""Candidates drawn at random, seeded: of every family of the test sheet, more or less told, in every state of a bar."""

from __future__ import annotations

import copy
import random
from typing import Any

from tests.engine.score.candidates import gate_facts, sold, subsidy, tailwind, told, word

RUNGS = ("audited", "verified", "reported", "activity_verified", "activity")
FAMILIES = ("wind", "heat_pump", "electrolyser", "hydro", "chiller", "led", None)
SERVICE = {"wind": 2200.0, "heat_pump": 2.0, "electrolyser": 1.0, "hydro": 1.0, "led": 2200.0}
ENERGY = {"heat_pump": 0.27, "electrolyser": 52.0}
PER_UNIT = {"heat_pump": 0.225, "hydro": 0.225}  # footprints are near the bar in every family


def maybe(chance: random.Random, figure: Any, share: float = 0.12) -> Any:
    return None if chance.random() < share else figure


def figure(chance: random.Random, middle: float, spread: float = 0.4) -> dict[str, Any]:
    return told(middle * chance.lognormvariate(0.0, spread), chance.choice(RUNGS))


def random_sold(chance: random.Random, family: str | None) -> dict[str, Any]:
    name = family or "wind"
    return sold(
        family=name if chance.random() < 0.95 else "other",
        kind=chance.choice(("realised", "realised", "realised", "measured", "planned", "potential")),
        place=chance.choice(("CHN", "CHN", "IND", "SWE", "BRA")),
        units=maybe(chance, figure(chance, 300.0)),
        service=maybe(chance, figure(chance, SERVICE.get(name, 100.0), 0.15)),
        energy=maybe(chance, figure(chance, ENERGY.get(name, 1.0), 0.1)),
        lca=maybe(chance, figure(chance, 400.0)),
        cost_share=maybe(chance, told(chance.choice((0.2, 1.0))), 0.3),
    )


def random_year(chance: random.Random, year: int, family: str | None) -> dict[str, Any]:
    revenue = chance.lognormvariate(20.0, 1.0)
    tonnes = revenue / 1e4 * 0.225 * chance.lognormvariate(-0.2, 0.5)
    scope2 = figure(chance, tonnes * 0.6, 0.1)
    stands_in = chance.random() < 0.15
    subsidies = {
        name: subsidy(
            maybe(chance, revenue * max(0.0, chance.gauss(0.005, 0.02)), 0.04),
            chance.choice(("inside", "inside", "outside", "unknown")),
            chance.choice(RUNGS),
        )
        for name in ("grants", "price_premium", "theme_credits")
    }
    return {
        "year": year,
        "boundary": chance.choice(("matched",) * 8 + ("unstated", "mismatched")),
        "scope1": maybe(chance, figure(chance, tonnes * 0.4, 0.1), 0.06),
        "scope2_location": None if stands_in else maybe(chance, scope2, 0.06),
        "scope2_by_activity": scope2 if stands_in else None,
        "scope2_other_rung": chance.choice((None, "reported", "verified")),
        "revenue": maybe(
            chance, told(revenue * chance.choice((1, 1, 1, 1, 1, 1, 1, 1, 1, -1)), chance.choice(RUNGS)), 0.05
        ),
        "value_added": maybe(chance, figure(chance, revenue * 0.9, 0.1)),
        "output": maybe(chance, figure(chance, revenue / 1e4, 0.1)),
        "ebit": maybe(chance, told(revenue * chance.gauss(0.08, 0.06), chance.choice(RUNGS)), 0.05),
        "ebitda": maybe(chance, told(revenue * 0.12)),
        "gross_profit": maybe(chance, told(revenue * chance.gauss(0.2, 0.15), chance.choice(RUNGS)), 0.05),
        "subsidies": subsidies,
        "priced_t": maybe(chance, told(tonnes * 0.5)),
        "free_allocation_t": maybe(chance, told(tonnes * 0.3)),
        "runway_months": maybe(chance, told(chance.uniform(6.0, 60.0))),
        "sold": [random_sold(chance, family) for _ in range(chance.choice((0, 1, 1, 1, 1, 2, 3)))],
    }


def random_gates(chance: random.Random) -> dict[str, Any]:
    share = {
        "year": chance.choice((2021, 2024, 2025, 2025, 2025)),
        "share": chance.uniform(0.3, 1.0),
        "is_partial": chance.random() < 0.3,
        "basis": chance.choice(("revenue", "revenue", "revenue", "capex_and_rnd")),
        "source": "annual report",
    }
    until = chance.choice((None, None, None, "2026-12-31", "2030-12-31"))
    return gate_facts(
        identifiers=chance.choice(("valid",) * 12 + ("invalid", "none")),
        joins=chance.choice(("confirmed",) * 12 + ("waiting", "conflicting")),
        exclusion=maybe(chance, word(chance.choice(("no",) * 12 + ("yes",)))),
        track_confirmed=chance.random() < 0.9,
        catalogue=maybe(chance, {"edition": "2025", "code": "1.2.1", "valid_until": until}),
        theme_share=maybe(chance, share),
        fossil_extraction=maybe(chance, word(chance.choice(("no",) * 12 + ("yes",)))),
        direct_and_significant=maybe(chance, word(chance.choice(("yes",) * 12 + ("no",)))),
        recorded={"G4": chance.choice(("pass", "fail"))} if chance.random() < 0.2 else {},
    )


def random_candidate(chance: random.Random, number: int) -> dict[str, Any]:
    family = chance.choice(FAMILIES)
    record = tailwind(f"company-{number:05}")
    years = sorted(
        chance.sample((2020, 2022, 2023, 2024, 2026), chance.choice((0, 1, 2))) + [2025] * (chance.random() < 0.9)
    )
    record["candidacy"] |= {
        "family": family,
        "stage": chance.choice(("mature", "mature", "venture")),
        "track": chance.choice(("power", "power", "heat", "")) if chance.random() < 0.3 else "power",
        "gates": random_gates(chance),
        "years": [random_year(chance, year, family) for year in years],
    }
    if chance.random() < 0.15:
        record["targets"] = []
    return copy.deepcopy(record)


def random_candidates(count: int, seed: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    return [random_candidate(chance, number) for number in range(count)]
