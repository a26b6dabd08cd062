"""A local factor beside the one that the tables would give without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from portfolio.activities.kinds import activity_types
from portfolio.models import LocalFactor
from portfolio.models.local_factor import BuiltIn
from scoring.engine.accounting.choice import choose
from scoring.engine.accounting.reference import Factor, FactorTable
from scoring.engine.errors import FactorError, FactorTie
from scoring.tables import factors as reference_data
from scoring.tables.in_force import imported, in_force

Places = tuple[str, ...]
LOCALLY = "verified_locally"  # how the tables mark a local factor
FAR_FOLD = 2.0  # grids, boilers and processes of one kind rarely lie further apart; a slip between units always does
# Built-in unit, unit of the local factor → so many of the first in one of the second.
PLAIN = {("GJ", "kWh"): 0.0036, ("kWh", "GJ"): 1 / 0.0036, ("t", "kg"): 0.001, ("kg", "t"): 1000.0}


def on_local_factor_to_be_compared(factor: LocalFactor, **_signal: Any) -> BuiltIn | None:
    return built_in_of(factor)


def built_in_of(factor: LocalFactor) -> BuiltIn | None:
    """What ships or was imported for the same activity, gas and purpose at the place, most specific first, as a line
    of that year would take it today; None where there is nothing to compare with.

    Where the built-in factor has a range of its own, the range says what is ordinary; else two-fold does. A factor of
    all gases together is held against that of CO₂ where no other is built in: evading the question takes more than a
    word. A fuel that is told per tonne or volume is compared by the built-in heating value.
    """
    return _beside(factor, imported(), reference_data.shipped().regions.places_of)


def in_force_of(factor: LocalFactor) -> BuiltIn | None:
    """The same of all that is in force for its supplier today, local factors among it: what it would take the place of.

    None where that is the built-in one, or nothing.
    """
    tables = in_force(factor.supplier)
    found = _beside(factor, tables.factors, tables.places_of)
    return found if found and tables.by_id[found.factor_id].verification == LOCALLY else None


def _beside(factor: LocalFactor, table: FactorTable, places_of: Callable[[str], tuple[str, ...]]) -> BuiltIn | None:
    try:
        places = places_of(factor.region)
    except FactorError:
        return None
    found = next((found for gas in _gases(factor) if (found := _chosen(table, factor, gas, places))), None)
    per_unit = None if found is None else _per_unit(table, factor, found, places)
    if found is None or per_unit is None:
        return None
    low, high = (None if bound is None else bound * per_unit for bound in (found.lower95, found.upper95))
    value = found.value * per_unit
    if low is not None and high is not None:
        is_far = not low <= factor.value <= high
    else:
        is_far = not value / FAR_FOLD <= factor.value <= value * FAR_FOLD
    ratio = factor.value / value if value else None
    return BuiltIn(found.id, value, f"kg/{factor.unit}", low, high, ratio, is_far)


def _gases(factor: LocalFactor) -> tuple[str, ...]:
    """How the tables may name the gas."""
    return {"CO2e": ("CO2e", "CO2"), "CH4": ("CH4", "CH4_combustion")}.get(factor.gas, (factor.gas,))


def _chosen(table: FactorTable, factor: LocalFactor, gas: str, places: Places) -> Factor | None:
    """Of the kind itself, else of the fuel that it burns, as a line would look it up."""
    kind = activity_types().get(factor.kind)
    activities = (factor.kind, *([kind.fuel] if kind and kind.fuel else []))
    return next((found for activity in activities if (found := _chosen_of(table, factor, activity, gas, places))), None)


def _chosen_of(table: FactorTable, factor: LocalFactor, activity: str, gas: str, places: Places) -> Factor | None:
    try:
        return choose(
            table,
            activity=activity,
            gas=gas,
            places=places,
            year=factor.data_year,
            purpose=factor.purpose,
            as_of=timezone.localdate(),
        ).factor
    except FactorTie as tie:  # several fit equally well: the nearest of them
        tied = [each for each in table.factors if each.id in tie.choices]
        return min(tied, key=lambda each: abs(each.value - factor.value), default=None)
    except FactorError:
        return None


def _per_unit(table: FactorTable, factor: LocalFactor, found: Factor, places: Places) -> float | None:
    """How many of the built-in factor's units one unit of the local one is; None where nothing converts them."""
    unit = found.unit.removeprefix("kg/")
    if unit == factor.unit:
        return 1.0
    if (unit, factor.unit) in PLAIN:
        return PLAIN[unit, factor.unit]
    heating_value = _chosen(table, factor, "NCV_m3" if factor.unit.startswith("m3") else "NCV", places)
    if heating_value is None or unit != "GJ":
        return None
    mass = heating_value.unit.removeprefix("GJ/")
    step = 1.0 if mass == factor.unit else PLAIN.get((mass, factor.unit))
    return None if step is None else heating_value.value * step
