"""Kinds of example about a candidate's bars: what is avoided, what a carbon price costs, the three bars together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from scoring.engine.columns import Floats
from scoring.engine.score.bar_sheet import Judgements
from scoring.engine.score.bars.contribution import fleet, unit
from scoring.engine.score.bars.probability import Z95, probability
from scoring.engine.score.bars.resilience import carbon_cost
from scoring.proofs.examples.given import ExampleError, Given, Results, field_of, is_number

GJ_PER_MWH = 3.6
TERMS = Judgements()


def _one(value: float) -> Floats:
    return np.array([value], dtype=np.float64)


def contribution(given: Given) -> Results:
    """Of units that displace electricity from the grid; `ef_first` is the factor of the year of sale."""
    used = {
        "service": _one(given.number("service_mwh_per_unit_year")),
        "life": _one(given.whole("life_years")),
        "use": _one(given.number("use_share")),
        "fixed": _one(0.0),
        "grid": _one(1.0),
        "lca": _one(given.number("lca_t_per_unit")),
    }
    path = {"first_t": _one(given.number("ef_first_t_per_mwh")), "fall_t": _one(given.number("ef_fall_per_year"))}
    u = float(unit(used, path).u_t[0])
    total = u * given.number("units_sold")
    return {"t_per_unit": u, "lifetime_t": total, "c_t_per_wan": total / given.number("theme_revenue_wan")}


def avoided_unit(given: Given) -> Results:
    """A year of heat from a heat pump in place of a gas boiler: one unit that serves 1 GJ a year for one year."""
    heat, gas = given.number("heat_gj"), given.number("gas_t_per_gj") / given.number("boiler_eff")
    grid = -1.0 / GJ_PER_MWH / given.number("cop")
    used = {
        "service": _one(heat),
        "life": _one(1),
        "use": _one(1.0),
        "fixed": _one(gas),
        "grid": _one(grid),
        "lca": _one(0.0),
    }
    found = unit(used, {"first_t": _one(given.number("electricity_t_per_mwh")), "fall_t": _one(0.0)})
    boiler, pump = heat * gas, float(found.energy_t[0])
    return {"boiler_t": boiler, "heat_pump_t": pump, "avoided_t": float(found.u_t[0])}


def avoided_choice(given: Given) -> Results:
    """The same electricity avoided, by factors of several purposes."""
    mwh, factors = given.number("mwh"), given.numbers("factors")
    tonnes = [mwh * factor for factor in factors]
    if min(tonnes) <= 0:
        raise ExampleError("factors and mwh must be above zero")
    return {"t": tonnes, "ratio_max_min": max(tonnes) / min(tonnes)}


def avoided_planned(given: Given) -> Results:
    """Planned sales as a fleet; `realisation` is the share of them that is counted."""
    sales, impacts = given.numbers("sales_units"), given.numbers("unit_impact_t_per_year")
    installed, avoided = fleet(sales, given.whole("life_years"), impacts, given.number("realisation", 1.0))
    alone = sum(units * impact for units, impact in zip(sales, impacts, strict=False))
    return {"installed": installed, "avoided_t": avoided, "total_t": sum(avoided), "wrong_without_fleet": alone}


def carbon_price(given: Given) -> Results:
    """What a price on scopes 1 and 2 takes of EBITDA, with grants in it and without."""
    tonnes, price = _one(given.number("scope1_2_t")), given.number("price_per_t")
    free = given.number("free_t", 0.0)
    cost = float(carbon_cost(tonnes, price, free, 0.0)[0])
    net = float(carbon_cost(tonnes, price, free, given.number("pass_through"))[0])
    ebitda, grants = given.number("ebitda"), given.number("grants")
    return {
        "cost": cost,
        "net_cost": net,
        "exposure": cost / ebitda,
        "net_exposure": net / ebitda,
        "ebitda_without_grants": ebitda - grants,
        "exposure_without_grants": cost / (ebitda - grants),
        "subsidy_dependence": grants / ebitda,
    }


def three_bars(given: Given) -> Results:
    """P of each bar and of all; a bar that is null is unknown."""
    gates = [given.value("gates")] if given.has("gates") else [{}]
    verdicts = set(gates[0].values())
    if verdicts - {"pass", "fail", "not_decidable"}:
        raise ExampleError(f"unknown verdict among {sorted(verdicts)}")
    c, r, o = (_bar(given, name) for name in ("c", "r", "o"))
    margin = None if r is None else _margin(r)
    p = {
        "c": None if c is None else _of_ratio(c, TERMS.sigma_min_contribution, 0.0),
        "r": None if r is None or margin is None else _of_margin(margin, r),
        "o": None if o is None else _of_footprint(o),
    }
    is_cleared = {
        "c": c is not None and c["value"] >= c["bar"] and c["value"] > 0,
        "r": margin is not None and margin >= 0,
        "o": o is not None and o["value"] <= o["bar"],
    }
    cleared = [found for name, found in p.items() if found is not None and is_cleared[name]]
    known = [found for found in p.values() if found is not None]
    most = 0.0 if "fail" in verdicts else math.prod(known)
    return {
        "p_c": p["c"],
        "margin": margin,
        "p_r": p["r"],
        "p_o": p["o"],
        "cleared": len(cleared),
        "known": len(known),
        "p_cleared": math.prod(cleared) if cleared else None,
        "p_low": most if len(known) == len(p) and not verdicts - {"pass"} else 0.0,
        "p_high": most,
    }


def _bar(given: Given, name: str) -> Mapping[str, Any] | None:
    found = given.value(name)
    if found is not None and not isinstance(found, dict):
        raise ExampleError(f"{name} must be an object or null: {found!r}")
    return found


def _number(bar: Mapping[str, Any], name: str, default: float | None = None) -> float:
    value = bar.get(name, default)
    if not is_number(value):
        raise ExampleError(f"{name} must be a number: {value!r}")
    return float(value)


def _variance(bar: Mapping[str, Any]) -> float:
    """Σ (ε · ln(1 + U) / 1.96)², ε 1 where none is given."""
    halves = field_of(bar, "u95", list)
    elasticities = bar.get("elasticity", [1.0] * len(halves))
    return math.fsum((e * math.log1p(u) / Z95) ** 2 for e, u in zip(elasticities, halves, strict=True))


def _of_ratio(bar: Mapping[str, Any], least: float, more: float) -> float:
    value, level = _number(bar, "value"), _number(bar, "bar")
    if value <= 0:
        return 0.0
    if level <= 0:  # nothing to be a share of: the sign decides
        return 1.0
    return float(probability(_one(math.log(value / level)), _one(math.sqrt(_variance(bar) + more)), least)[0])


def _of_footprint(bar: Mapping[str, Any]) -> float:
    """The bar over x: less is better."""
    turned = {**bar, "value": _number(bar, "bar"), "bar": _number(bar, "value")}
    aged = TERMS.footprint_age**2 * _number(bar, "age_years", 0.0)
    return _of_ratio(turned, TERMS.sigma_min_footprint, aged)


def _margin(bar: Mapping[str, Any]) -> float | None:
    """None without revenue: no margin follows from it."""
    if _number(bar, "revenue") <= 0:
        return None
    price, borne = _number(bar, "carbon_price"), _number(bar, "pass_through")
    cost = float(carbon_cost(_one(_number(bar, "e_t")), price, _number(bar, "free_t", 0.0), borne)[0])
    inside = _number(bar, "subsidies") if bar.get("subsidies_inside", True) else 0.0
    return (_number(bar, "profit") - inside - cost) / _number(bar, "revenue")


def _of_margin(margin: float, bar: Mapping[str, Any]) -> float:
    sigma = TERMS.resilience_sigma * math.sqrt(1.0 + _number(bar, "age_years", 0.0))
    return float(probability(_one(margin), _one(sigma), TERMS.sigma_min_resilience)[0])
