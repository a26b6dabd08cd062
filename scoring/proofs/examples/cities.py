"""Kinds of example about a city's account: cells of the GPC, and its total from several sources."""

from __future__ import annotations

from collections.abc import Mapping

from scoring.engine.cities.account import fuel_tonnes, grid_tonnes
from scoring.engine.cities.reconciliation import Source, reconcile
from scoring.proofs.examples.given import ExampleError, Given, Results, is_number
from scoring.tables.factors import shipped

GASES = ("CO2", "CH4", "N2O")
TONNES = {"values_t": 1.0, "values_kt": 1e3, "values_Mt": 1e6}


def gpc_cell(given: Given) -> Results:
    """Kilograms a unit of three gases; `gwp` are their potentials, or the name of a set."""
    given.labels("fuel", "unit")
    tonnes, _ = fuel_tonnes(given.number("amount"), _factors(given), _potentials(given))
    return {"tco2e": tonnes}


def gpc_biogenic(given: Given) -> Results:
    """The same of biomass, whose CO2 is a memo; `wrong_total` is what comes of counting it."""
    given.labels("fuel", "unit")
    amount, factors, gwp = given.number("amount"), _factors(given), _potentials(given)
    tonnes, memo = fuel_tonnes(amount, factors, gwp, biogenic=True)
    wrong, _ = fuel_tonnes(amount, factors, gwp)
    return {"inventory_tco2e": tonnes, "biogenic_memo_tco2": memo, "wrong_total": wrong}


def gpc_loss(given: Given) -> Results:
    scope_2_t, scope_3_t = grid_tonnes(
        given.number("consumption_mwh"), given.number("loss_rate"), given.number("grid_t_per_mwh")
    )
    return {"scope2_t": scope_2_t, "scope3_loss_t": scope_3_t}


def reconciliation(given: Given) -> Results:
    """Totals of one city by source, beside the first one or the one that is `selected`."""
    given.labels("city")
    if given.has("year"):
        given.whole("year")
    name = next((name for name in TONNES if given.has(name)), "values_Mt")
    values = given.value(name)
    if not isinstance(values, Mapping) or not values or not all(is_number(value) for value in values.values()):
        raise ExampleError(f"{name} must be numbers by source: {values!r}")
    sources = [Source(source, value * TONNES[name]) for source, value in values.items()]
    found = reconcile(sources, given.text("selected", sources[0].name))
    return {
        "max_ratio": found.spread,
        "agree_within_1pct": found.agreeing,
        "ratio_to_selected": {each.source.name: each.ratio for each in found.compared},
    }


def _factors(given: Given) -> dict[str, float]:
    return {gas: given.number(gas.lower()) for gas in GASES}


def _potentials(given: Given) -> dict[str, float]:
    if not given.is_list("gwp"):
        name = given.text("gwp")
        return {gas: shipped().gwps.gwp(name, gas) for gas in GASES}
    values = given.numbers("gwp")
    if len(values) != len(GASES):
        raise ExampleError(f"gwp must have {len(GASES)} numbers, of {', '.join(GASES)}")
    return dict(zip(GASES, values, strict=True))
