"""Kinds of example about measures that act together, games, and changes taken apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from scoring.engine import lmdi as decomposition
from scoring.engine.columns import Floats
from scoring.engine.lmdi import Decomposition, decompose, decompose_sectors
from scoring.engine.stacking import games
from scoring.engine.stacking.evaluation import evaluate
from scoring.engine.stacking.scene import Cut, Effect, Generation, Interaction, Measure, Scene, Supply, Switch
from scoring.engine.stacking.stack import Stack, stack
from scoring.proofs.examples.given import ExampleError, Given, Results, is_number

MOST_PLAYERS = 16  # whose every set is evaluated, so that an example is exact
BTU_PER_MMBTU = 1e6
POWER, GAS = "electricity", "natural_gas"


def stacking_multiplicative(given: Given) -> Results:
    """One end use, cut by each measure in turn of what the others left; LMDI shares of the same product beside it."""
    baseline, reductions = given.number("baseline"), given.numbers("reductions")
    found = _of_cuts(baseline, reductions)
    factors = [1.0 - share for share in reductions]
    taken = decompose(
        [baseline], [found.after_t], _column([baseline] + [1.0] * len(factors)), _column([baseline, *factors])
    )
    return {**_stacked(found), "lmdi": -taken.additive[1:] + 0.0}


def stacking_owen(given: Given) -> Results:
    """Measures of several companies; `companies` lists their positions."""
    reductions, companies = given.numbers("reductions"), _lists_of_positions(given)
    owner = {row: f"company {position}" for position, rows in enumerate(companies) for row in rows}
    if sorted(row for rows in companies for row in rows) != list(range(len(reductions))):
        raise ExampleError(f"each measure belongs to one company: {companies!r}")
    found = _of_cuts(given.number("baseline_t"), reductions, owner)
    of_company = [sum(found.owen_t[row] for row in rows) for rows in companies]
    return {**_stacked(found), "company": of_company}


def stacking_building(given: Given) -> Results:
    """LED, chiller, heat pump, PV and green power in the building of the examples' README."""
    scene = Scene(
        baseline_mwh={
            ("lighting", POWER): given.number("light"),
            ("cooling", POWER): given.number("cool"),
            ("other", POWER): given.number("other"),
            ("heating", GAS): given.number("gas"),
        },
        factors_t_per_mwh={POWER: given.number("ef"), GAS: given.number("gas_ef")},
        interactions=(
            Interaction("lighting", "cooling", -given.number("heat_replacement_cool")),
            Interaction("lighting", "heating", given.number("heat_replacement_heat")),
        ),
    )
    ratio = given.number("boiler_eff") / given.number("cop")
    effects: dict[str, Effect] = {
        "led": Cut("lighting", given.number("led")),
        "chiller": Cut("cooling", given.number("chiller")),
        "pv": Generation(given.number("pv")),
        "green": Supply(given.number("green")),
        "hp": Switch("heating", GAS, POWER, 1.0, ratio),
    }
    found = stack(scene, [Measure(key, (effect,)) for key, effect in effects.items()])
    columns = ("alone", "standalone", "first_in", "last_in", "shapley", "owen")
    results = _stacked(found)
    named = {name: dict(zip(found.keys, results[name].tolist(), strict=True)) for name in columns}
    pairs = {
        f"{one}+{other}": float(found.overlap_t_by_pair[i, j])
        for i, one in enumerate(found.keys)
        for j, other in enumerate(found.keys)
        if i < j
    }
    return {**results, **named, "overlap_pairs": pairs}


def interactive_effects(given: Given) -> Results:
    """Lighting that saves more, or less, than its own electricity; heating fuel in therms."""
    given.labels("building", "heating")
    kwh, factor = given.number("lighting_kwh_saved"), given.number("electricity_kg_per_kwh")
    extra = -given.number("gas_therm_per_kwh_saved")
    net_kwh, fuel = _lighting(kwh, given.number("savings_yield"), extra)
    naive_t = kwh * factor / 1000.0
    joint_t = (net_kwh * factor - fuel * given.number("gas_kg_per_therm")) / 1000.0
    return {
        "net_kwh_saved": net_kwh,
        "extra_gas_therms": fuel,
        "naive_tco2": naive_t,
        "joint_tco2": joint_t,
        "overlap_tco2": naive_t - joint_t,
    }


def interactive_effects_btu(given: Given) -> Results:
    """The same with heating fuel in British thermal units."""
    kwh = given.number("lighting_kwh_saved")
    extra = given.number("heating_fuel_btu_per_kwh") / BTU_PER_MMBTU
    net_kwh, fuel = _lighting(kwh, given.number("electric_ie_factor"), extra)
    kg = fuel * given.number("gas_kg_per_mmbtu")
    results: dict[str, Any] = {"net_kwh_saved": net_kwh, "extra_heating_mmbtu": fuel, "extra_heating_kgco2": kg}
    if given.has("electricity_kg_per_kwh"):
        factor = given.number("electricity_kg_per_kwh")
        naive, joint = kwh * factor, net_kwh * factor - kg
        results |= {"naive_kgco2": naive, "joint_kgco2": joint, "overlap_kgco2": naive - joint}
    return results


def _lighting(saved: float, savings_yield: float, extra_fuel: float) -> tuple[float, float]:
    """Net electricity saved and fuel burnt more, by the scene's own interactions: any unit for each carrier."""
    cooling, heating = max(0.0, savings_yield - 1.0), max(0.0, 1.0 - savings_yield)
    scene = Scene(
        baseline_mwh={
            ("lighting", POWER): saved,
            ("cooling", POWER): saved * cooling,
            ("heating", POWER): saved,
            ("hot_water", GAS): saved * abs(extra_fuel),  # stands for whatever burns the fuel
        },
        factors_t_per_mwh={POWER: 1.0, GAS: 1.0},
        interactions=(
            Interaction("lighting", "cooling", -cooling),
            Interaction("lighting", "heating", heating),
            Interaction("lighting", "hot_water", extra_fuel),
        ),
    )
    found = evaluate(scene, [Measure("led", (Cut("lighting", 1.0),))], np.array([[0.0, 1.0]]))
    power, gas = found.bought_mwh[POWER], found.bought_mwh[GAS]
    return float(power[0] - power[1]), float(gas[1] - gas[0])


def shapley(given: Given) -> Results:
    """A game by its coalitions, `L+R1`; those that are not listed are worth 0."""
    players = given.texts("players")
    if len(set(players)) != len(players) or not 0 < len(players) <= MOST_PLAYERS:
        raise ExampleError(f"between 1 and {MOST_PLAYERS} players, each once: {players!r}")
    worth = given.value("v")
    if not isinstance(worth, Mapping):
        raise ExampleError(f"v must be an object: {worth!r}")
    table = np.zeros(1 << len(players))
    seen = set()
    for coalition, value in worth.items():
        names = [name.strip() for name in coalition.split("+")] if coalition.strip() else []
        if not set(names) <= set(players) or len(set(names)) != len(names) or not is_number(value):
            raise ExampleError(f"no coalition of these players with a worth: {coalition!r}: {value!r}")
        row = sum(1 << players.index(name) for name in names)
        if row in seen:
            raise ExampleError(f"the coalition is there twice: {coalition!r}")
        seen.add(row)
        table[row] = value
    return _of_game(table)


def shapley_airport(given: Given) -> Results:
    """What a runway costs that serves all: the largest of the costs of who is there."""
    costs = given.numbers("costs")
    if not 0 < len(costs) <= MOST_PLAYERS or min(costs) < 0:
        raise ExampleError(f"between 1 and {MOST_PLAYERS} costs, not below zero: {costs!r}")
    table = np.zeros(1)
    for cost in costs:
        table = np.concatenate([table, np.maximum(table, cost)])
    return _of_game(table)


def lmdi(given: Given) -> Results:
    """Two years by sector, each sector as [energy, output] or [emissions, energy, output]."""
    rows0, rows_t = (np.array(_table(given, name)) for name in ("t0", "t1"))
    chain0, chain_t = ([rows[:, column] for column in reversed(range(rows.shape[1]))] for rows in (rows0, rows_t))
    if rows0.shape != rows_t.shape or rows0.shape[1] not in (2, 3):
        raise ExampleError("t0 and t1 need the same sectors, each as [energy, output]")
    return _decomposed(decompose_sectors(chain0, chain_t), decomposition.names(len(chain0) + 1))


def lmdi_factors(given: Given) -> Results:
    """One aggregate whose named factors multiply to it."""
    factors = given.texts("factors")
    found = decompose(
        [given.number("v0")], [given.number("vt")], _column(given.numbers("x0")), _column(given.numbers("xt"))
    )
    if len(factors) != found.additive.shape[-1]:
        raise ExampleError(f"as many factors as numbers: {factors!r}")
    return {
        **_decomposed(found, ()),
        "additive": dict(zip(factors, found.additive.tolist(), strict=True)),
        "multiplicative": dict(zip(factors, found.multiplicative.tolist(), strict=True)),
    }


def lmdi_sectors(given: Given) -> Results:
    """Several sectors; x0 and xt are lists of factors, each a list by sector."""
    return _decomposed(
        decompose(given.numbers("v0"), given.numbers("vt"), _table(given, "x0"), _table(given, "xt")), ()
    )


def lmdi_zero(given: Given) -> Results:
    """Sectors by name, each with v0, vt, x0, xt: activity, structure, intensity and, if there are four, factor."""
    sectors = [given.value(name) for name in given.names]
    try:
        v0, vt, x0, xt = ([sector[name] for sector in sectors] for name in ("v0", "vt", "x0", "xt"))
    except (KeyError, TypeError) as error:
        raise ExampleError(f"each sector needs v0, vt, x0 and xt: {error}") from error
    found = decompose(v0, vt, np.transpose(x0), np.transpose(xt))
    return _decomposed(found, decomposition.names(len(x0[0])))


def _of_cuts(baseline_t: float, reductions: Sequence[float], owner: Mapping[int, str] | None = None) -> Stack:
    scene = Scene({("process", "direct"): baseline_t}, {})
    measures = [
        Measure(f"{row:04}", (Cut("process", share),), (owner or {}).get(row)) for row, share in enumerate(reductions)
    ]
    return stack(scene, measures, exact=MOST_PLAYERS)


def _stacked(found: Stack) -> dict[str, Any]:
    return {
        "baseline_t": found.baseline_t,
        "after_t": found.after_t,
        "total": found.joint_t,
        "joint": found.joint_t,
        "naive_sum": found.naive_t,
        "overlap": found.overlap_t,
        "alone": found.alone_t,
        "standalone": found.alone_t,
        "first_in": found.alone_t,
        "last_in": found.last_in_t,
        "shapley": found.shapley_t,
        "owen": found.owen_t,
        "overlap_matrix": found.overlap_t_by_pair,
    }


def _of_game(table: Floats) -> Results:
    shares = games.shapley(table)
    return {
        "shapley": shares,
        "sum": float(shares.sum()),
        "first_in": games.alone(table),
        "last_in": games.last_in(table),
    }


def _decomposed(found: Decomposition, names: Sequence[str]) -> dict[str, Any]:
    return {
        "total": float(found.total),
        "additive": found.additive,
        "multiplicative": found.multiplicative,
        "ratio": float(found.ratio),
        "residual": float(found.residual),
        **dict(zip(names, found.additive.tolist(), strict=False)),
    }


def _column(numbers: Sequence[float]) -> Floats:
    return np.array(numbers, dtype=np.float64)[:, np.newaxis]


def _table(given: Given, name: str) -> list[list[float]]:
    rows = given.value(name)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) and row for row in rows):
        raise ExampleError(f"{name} must be a list of lists: {rows!r}")
    if len({len(row) for row in rows}) > 1 or not all(is_number(each) for row in rows for each in row):
        raise ExampleError(f"{name} must have rows of numbers, all as long: {rows!r}")
    return rows


def _lists_of_positions(given: Given) -> list[list[int]]:
    rows = given.value("companies")
    if not isinstance(rows, list) or not all(isinstance(row, list) and row for row in rows):
        raise ExampleError(f"companies must be lists of positions: {rows!r}")
    if not all(type(each) is int for row in rows for each in row):
        raise ExampleError(f"companies must be lists of positions: {rows!r}")
    return rows
