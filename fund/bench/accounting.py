"""The bench of carbon accounting: activities to tonnes with intervals, beside a bare numpy multiply-add."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from statistics import median
from typing import Any

import numpy as np

from fund.bench.run import peak_mib
from portfolio.activities.kinds import ACTIVITY_TYPES
from scoring.engine.accounting.ledger import ActivityColumns, Ledger, Terms, account_columns
from scoring.engine.columns import Floats
from scoring.tables import factors as reference_data

ROUNDS = 5
GWP_SET, AS_OF = "AR6", date(2026, 1, 1)
YEARS = (2021, 2022, 2023)
FUELS = ("bituminous_coal", "diesel", "natural_gas", "lpg", "wood")
DRAW_LINES, DRAWS = 1_000, 10_000


@dataclass(frozen=True)
class AccountingFigures:
    """Medians of several rounds. `ratio` is seconds / floor_seconds, both from this run on this machine."""

    bench: str
    n: int
    seconds: float
    floor_seconds: float
    ratio: float
    peak_mib: float
    questions: int
    tonnes: float
    draw_lines: int
    draws: int
    draw_cpu_seconds: float
    draw_floor_cpu_seconds: float
    draw_ratio: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def bench_accounting(lines: int, seed: int) -> AccountingFigures:
    """Time the engine on synthetic lines of one inventory, then its floor; then Monte Carlo and its floor."""
    columns = synthetic_columns(lines, seed)
    ledger = computed(columns)
    factors, gwps = resolved(ledger)
    seconds, floor_seconds = alternately(
        lambda: computed(columns).totals, lambda: multiply_add(columns.amount, factors, gwps), time.perf_counter
    )
    few = computed(synthetic_columns(min(lines, DRAW_LINES), seed))
    draw_seconds, draw_floor = alternately(
        lambda: few.simulation(seed=seed, n=DRAWS), lambda: bare_draw(few, seed), time.process_time
    )
    return AccountingFigures(
        bench="accounting",
        n=lines,
        seconds=round(seconds, 4),
        floor_seconds=round(floor_seconds, 4),
        ratio=round(seconds / floor_seconds, 2),
        peak_mib=round(peak_mib(), 1),
        questions=len(ledger.rates),
        tonnes=round(ledger.totals[0].total_location.tonnes, 3),
        draw_lines=len(few),
        draws=DRAWS,
        draw_cpu_seconds=round(draw_seconds, 4),
        draw_floor_cpu_seconds=round(draw_floor, 4),
        draw_ratio=round(draw_seconds / draw_floor, 2),
    )


def alternately(
    real: Callable[[], object], floor: Callable[[], object], clock: Callable[[], float]
) -> tuple[float, float]:
    """Median seconds of both, taken in turn so that the machine's moods meet both."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _round in range(ROUNDS):
        for times, work in zip(taken, (real, floor), strict=True):
            began = clock()
            work()
            times.append(clock() - began)
    return median(taken[0]), median(taken[1])


def synthetic_columns(lines: int, seed: int) -> ActivityColumns:
    """Electricity in 30 provinces, heat, five fuels and cement in four, three years; a third states its uncertainty.

    Columns come as codes with lists of words, as a database hands over a column of few values.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    tables = reference_data.shipped()
    provinces = [
        region.code for region in tables.regions.regions if region.kind == "province" and region.code != "CN-XZ"
    ]
    chains = tuple(sorted(tables.places_of(code) for code in provinces))
    kinds = sorted(["electricity", "heat", "process.cement_clinker", *[f"fuel.{fuel}@manufacturing" for fuel in FUELS]])
    units = ("GJ", "kWh", "t")
    unit_of = {"electricity": "kWh", "heat": "GJ", "fuel.natural_gas@manufacturing": "GJ"}
    unit_codes = np.array([units.index(unit_of.get(kind, "t")) for kind in kinds])
    activity = random.integers(0, len(kinds), lines)
    is_power = activity == kinds.index("electricity")
    places = np.where(is_power, random.integers(0, len(chains), lines), random.integers(0, 4, lines))
    stated = np.where(random.random(lines) < 1 / 3, random.uniform(0.5, 10, lines), np.nan)
    nothing = np.zeros(lines, dtype=np.int64)
    return ActivityColumns(
        amount=random.lognormal(5, 2, lines),
        uncertainty_percent=stated,
        inventory=nothing,
        activity=activity,
        unit=unit_codes[activity],
        places=places,
        year=random.integers(YEARS[0], YEARS[-1] + 1, lines),
        terms=nothing,
        notation=nothing - 1,
        inventories=("",),
        activities=tuple(kinds),
        units=units,
        chains=chains,
        term_sets=(Terms(),),
    )


def computed(columns: ActivityColumns) -> Ledger:
    tables = reference_data.shipped()
    return account_columns(columns, tables.factors, tables.gwps, types=ACTIVITY_TYPES, gwp_set=GWP_SET, as_of=AS_OF)


def resolved(ledger: Ledger) -> tuple[dict[str, Floats], dict[str, float]]:
    """The floor's look-ups, done beforehand: for each gas a column with every line's own factor, and its GWP."""
    gwps = reference_data.shipped().gwps
    factors = {}
    for gas in ledger.kg:
        of_key = [sum([rate.kg_per_unit for rate in each.location.gases if rate.gas == gas]) for each in ledger.rates]
        factors[gas] = np.array(of_key)[ledger.keys]
    return factors, {gas: 0.0 if gas == "CO2_biogenic" else gwps.gwp(GWP_SET, gas) for gas in factors}


def multiply_add(
    amount: Floats, factors: dict[str, Floats], gwps: dict[str, float]
) -> tuple[list[Floats], Floats, float]:
    """What nobody can leave out: each gas's mass, the sum of their CO2 equivalents, and the total."""
    masses, co2e = [], np.zeros(len(amount))
    for gas, factor in factors.items():
        kg = amount * factor
        masses.append(kg)
        co2e += kg * gwps[gas]
    return masses, co2e, float(co2e.sum())


def bare_draw(ledger: Ledger, seed: int) -> tuple[float, float]:
    """The same number of normal draws, one per line and one per factor chain, multiplied and added; then two bounds."""
    random = np.random.Generator(np.random.PCG64(seed))
    draws = [(row, draw) for row in range(len(ledger)) for draw in ledger.rates[ledger.keys[row]].location.draws]
    shared = {draw.chain: random.standard_normal(DRAWS) for _row, draw in draws}
    total, own, part, last = np.zeros(DRAWS), np.empty(DRAWS), np.empty(DRAWS), -1
    for row, draw in draws:
        if row != last:
            random.standard_normal(out=own)
            last = row
        np.multiply(own, shared[draw.chain], out=part)
        part *= draw.co2e_kg_per_unit * float(ledger.columns.amount[row])
        total += part
    low, high = np.quantile(total, [0.025, 0.975])
    return float(low), float(high)
