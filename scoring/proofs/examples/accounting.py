"""Kinds of example about activities and tonnes."""

from __future__ import annotations

import re
from datetime import date

from portfolio.typed.units import AmbiguousUnit, UnitError, convert, kind_of, names_of
from scoring.engine.accounting import ledger as accounting
from scoring.engine.accounting.choice import choose
from scoring.proofs.examples.given import ExampleError, Given, Results
from scoring.tables.factors import shipped

EVERYTHING_PUBLISHED = date.max  # an example may say `as_of`; without it every shipped factor counts


def fuel_ef_from_carbon(given: Given) -> Results:
    given.labels("fuel")
    carbon, oxidation = given.number("carbon_content_kgC_per_GJ"), given.number("oxidation_factor", 1.0)
    return {"co2_kg_per_TJ": accounting.co2_factor_from_carbon(carbon, oxidation)}


def fuel_mass(given: Given) -> Results:
    given.labels("fuel")
    mass, ncv = given.number("mass_t"), given.number("ncv_TJ_per_Gg")
    return {"co2_kg": accounting.fuel_co2_kg_by_mass(mass, ncv, given.number("co2_kg_per_TJ"))}


def fuel_volume(given: Given) -> Results:
    given.labels("fuel")
    volume, density = given.number("volume_m3"), given.number("density_kg_per_m3")
    ncv, factor = given.number("ncv_TJ_per_Gg"), given.number("co2_kg_per_TJ")
    return {"co2_kg": accounting.fuel_co2_kg_by_volume(volume, density, ncv, factor)}


def ndrc_fuel(given: Given) -> Results:
    given.labels("fuel")
    amount, ncv = given.number("amount"), given.number("ncv")
    carbon, oxidation = given.number("cc_tC_per_GJ"), given.number("of")
    return {"co2_t": accounting.ndrc_fuel_co2_t(amount, ncv, carbon, oxidation)}


def unit(given: Given) -> Results:
    """`value`, `from`, `to`; or names that end in their unit: one amount, or an amount and a rate `…_X_per_Y`."""
    if given.has("value"):
        to_unit = given.text("to")
        value = convert(given.number("value"), given.text("from"), to_unit)
        return {"value": value, to_unit: value}
    rates = [name for name in given.names if "_per_" in name]
    amounts = [name for name in given.names if "_per_" not in name]
    if len(amounts) != 1 or len(rates) > 1:
        raise ExampleError(f"one amount, or an amount and a rate, are needed: {', '.join(given.names)}")
    amount, amount_unit = given.number(amounts[0]), _unit_at_the_end(amounts[0])
    if not rates:
        return _in_all_units(amount, amount_unit)
    above, below = (_unit_at_the_end(side) for side in rates[0].split("_per_", 1))
    rate = given.number(rates[0])
    if kind_of(amount_unit) == kind_of(below):
        return _in_all_units(rate * convert(amount, amount_unit, below), above)
    if (kind_of(amount_unit), kind_of(above), kind_of(below)) != ("distance", "distance", "volume"):
        raise ExampleError(f"{amounts[0]} and {rates[0]} do not go together")
    economy_km_per_litre = rate * convert(1, above, "km") / convert(1, below, "L")
    distance_km = convert(amount, amount_unit, "km")
    return _in_all_units(float(accounting.litres_from_distance(distance_km, economy_km_per_litre)), "L")


def _unit_at_the_end(name: str) -> str:
    """Names are written small: `lb_per_mwh` means MWh where nothing else can be meant."""
    word = name.rsplit("_", 1)[-1]
    try:
        kind_of(word)
    except AmbiguousUnit as error:
        if len(error.nearest) != 1:
            raise
        return error.nearest[0]
    return word


def _in_all_units(value: float, unit: str) -> Results:
    """By the name of each unit of its kind, also in small letters and after the kind's word."""
    kind = kind_of(unit)
    found: dict[str, float] = {}
    for name in names_of(kind):
        try:
            found[name] = convert(value, unit, name)
        except UnitError:
            continue  # a gas volume of another state
    small = [name.casefold() for name in found]
    found |= {name.casefold(): size for name, size in found.items() if small.count(name.casefold()) == 1}
    return found | {f"{kind}_{name}": size for name, size in found.items()}


def process(given: Given) -> Results:
    """Ammonia, clinker, a mix of routes or a carbonate, by the inputs that are there."""
    given.labels("process", "product", "carbonate", "formula")
    if given.has("shares"):
        return {"ef_t_per_t": accounting.mix_factor(given.numbers("shares"), given.numbers("efs"))}
    if given.has("formula_weight"):
        factor = accounting.carbonate_co2_t_per_t(given.number("formula_weight"), given.number("co2_weight"))
        return {"ef": factor, "ef_t_per_t": factor}
    if given.has("cao_fraction"):
        cao, per_cao = given.number("cao_fraction"), given.number("co2_per_cao", 0.785)
        return {"ef_t_per_t": accounting.clinker_co2_t_per_t(cao, per_cao, given.number("ckd_factor", 1.0))}
    fuel, carbon = given.number("fuel_GJ_per_t"), given.number("carbon_kgC_per_GJ")
    return {"co2_t_per_t": accounting.ammonia_co2_t_per_t(fuel, carbon, given.number("oxidation", 1.0))}


def waste(given: Given) -> Results:
    """Without recovery, oxidation, DOCf or F the defaults of the guidelines (vol. 5, section 3.2.3) are taken."""
    ch4_t = accounting.landfill_ch4_t(
        msw_t=given.number("msw_t"),
        doc=given.number("doc"),
        docf=given.number("docf", 0.5),
        mcf=given.number("mcf"),
        f=given.number("f", 0.5),
        recovered=given.number("recovered", 0.0),
        ox=given.number("ox", 0.0),
    )
    return {"ch4_t": ch4_t}


def scope2_location(given: Given) -> Results:
    """The average factor that the place itself has for the year; an older one is no answer here."""
    year, as_of = given.whole("year"), _as_of(given)
    several = given.has("provinces")
    places = given.texts("provinces") if several else [given.text("province")]
    tonnes = {place: 0.0 for place in places}
    mwh = _energy(given, "MWh")
    for place in places:
        choice = choose(
            shipped().factors,
            activity="electricity",
            gas="CO2",
            places=(place,),
            year=year,
            purpose="inventory_average",
            as_of=as_of,
        )
        if choice.lag_years != 0:
            raise ExampleError(f"{place} has no factor for {year}, the latest is for {choice.factor.data_year}")
        tonnes[place] = float(accounting.scope2_location_t(mwh, choice.factor.value))  # kg/kWh is t/MWh
    return {"tco2": tonnes if several else tonnes[places[0]]}


def heat(given: Given) -> Results:
    year, as_of = given.whole("year", EVERYTHING_PUBLISHED.year), _as_of(given)
    places = shipped().places_of(given.text("place", "CN"))
    choice = choose(
        shipped().factors,
        activity="heat",
        gas="CO2",
        places=places,
        year=year,
        purpose="reporting_default",
        as_of=as_of,
    )
    return {"tco2": accounting.purchased_heat_t(_energy(given, "GJ"), choice.factor.value / 1000)}


def gwp(given: Given) -> Results:
    """Masses named `<gas>_<unit>`; methane may be ch4_fossil or ch4_biogenic."""
    name = given.text("gwp")
    known = {_letters(gas): gas for gas in _gases()}
    masses: dict[str, float] = {}
    for each in given.names:
        gas, _, mass_unit = each.rpartition("_")
        if _letters(gas) not in known:
            raise ExampleError(f"no gas is called {gas!r}")
        masses[known[_letters(gas)]] = convert(given.number(each), mass_unit, "kg")
    co2e = accounting.co2e_kg(masses, shipped().gwps, name)
    return {"co2e_kg": co2e, "co2e_t": co2e / 1000}


def _gases() -> tuple[str, ...]:
    leaked = (
        key.removeprefix("refrigerant.") for key in shipped().factors.activities if key.startswith("refrigerant.")
    )
    return ("CO2", "CH4", "CH4_fossil", "CH4_biogenic", "N2O", *leaked)


def _letters(gas: str) -> str:
    letters = re.sub(r"[\s_-]", "", gas).casefold()
    return {"ch4nonfossil": "ch4biogenic"}.get(letters, letters)


def _energy(given: Given, unit: str) -> float:
    """The one input that is left, whose name ends in its unit."""
    if len(given.names) != 1:
        raise ExampleError(f"one amount of energy is needed: {', '.join(given.names) or 'none'}")
    (name,) = given.names
    return convert(given.number(name), _unit_at_the_end(name), unit)


def _as_of(given: Given) -> date:
    return date.fromisoformat(given.text("as_of", EVERYTHING_PUBLISHED.isoformat()))


def trend(given: Given) -> Results:
    """Change between `old` and `new`, or two years v2022 and v2023: numbers, or lists element by element."""
    names = ("old", "new") if given.has("old") else tuple(sorted(given.names))
    if len(names) != 2 or (names != ("old", "new") and not all(re.fullmatch(r"v[0-9]{4}", each) for each in names)):
        raise ExampleError(f"old and new, or two years such as v2022, are needed: {', '.join(names)}")
    is_list = given.is_list(names[0])
    old, new = (given.numbers(name) for name in names)
    if len(old) != len(new):
        raise ExampleError(f"{names[0]} and {names[1]} have different lengths")
    percents = [accounting.change_percent(before, after) for before, after in zip(old, new, strict=True)]
    return {"pct": percents if is_list else percents[0]}


def splicing(given: Given) -> Results:
    previous, new, is_list = given.numbers("previous"), given.numbers("new"), given.is_list("x0")
    spliced = [accounting.splice_overlap(previous, new, x0) for x0 in given.numbers("x0")]
    return {"y0": spliced if is_list else spliced[0]}
