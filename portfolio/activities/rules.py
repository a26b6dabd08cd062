"""What makes a line of the ledger readable: one set of rules for the form and the API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.activities.kinds import ActivityType, activity_types
from portfolio.activities.search import search
from portfolio.models import Activity
from portfolio.places.names import is_place, lies_in
from portfolio.places.search import unknown
from portfolio.typed.bounds import SMALLEST, refused
from portfolio.typed.numbers import UnreadableNumber, grouped
from portfolio.typed.suggesting import may_suggest
from portfolio.typed.units import UnitError, is_energy, is_gross, read_amount
from portfolio.wording import listed

ENERGY = ("GJ", "kWh")
CANDIDATES = 5  # kinds that are offered for a word that is none


@dataclass(frozen=True)
class Parameter:
    """A number of its own that a line may bring instead of the default: its label, its unit and its bounds."""

    label: str | Promise
    unit: str
    low: float
    high: float


@dataclass(frozen=True)
class Fault:
    """Why a line cannot stand as it is: the field, the words, and a code for programs."""

    field: str
    words: str
    code: str


PARAMETERS: Mapping[str, Parameter] = {
    "ncv_gj_per_t": Parameter(gettext_lazy("Measured net calorific value"), "GJ/t", 0.1, 150),
    "ncv_gj_per_m3": Parameter(gettext_lazy("Measured net calorific value"), "GJ/m³", 0.001, 0.2),
    "density_kg_per_l": Parameter(gettext_lazy("Measured density"), "kg/L", 0.1, 3),
    "density_kg_per_m3": Parameter(gettext_lazy("Measured density"), "kg/m³", 0.05, 10),
    "economy_km_per_l": Parameter(gettext_lazy("Fuel economy"), "km/L", 0.1, 100),
    "cullet_share": Parameter(gettext_lazy("Share of cullet"), "0–1", 0, 1),
    "doc": Parameter(gettext_lazy("Degradable organic carbon (DOC)"), "0–1", 0, 1),
    "docf": Parameter(gettext_lazy("Share of DOC that decomposes"), "0–1", 0, 1),
    "mcf": Parameter(gettext_lazy("Methane correction factor"), "0–1", 0, 1),
    "f": Parameter(gettext_lazy("Share of methane in landfill gas"), "0–1", 0, 1),
    "recovered": Parameter(gettext_lazy("Share of methane burnt or used"), "0–1", 0, 1),
    "ox": Parameter(gettext_lazy("Oxidation factor"), "0–1", 0, 1),
}
_LANDFILL = ("doc", "docf", "mcf", "f", "recovered", "ox")
_OF_FUEL = {
    "t": ("ncv_gj_per_t",),
    "L": ("density_kg_per_l",),
    "m3@0C": ("ncv_gj_per_m3", "density_kg_per_m3"),
}


def parameters_of(kind: ActivityType) -> tuple[str, ...]:
    """The parameters that this type knows."""
    if kind.key == "waste.landfill":
        return _LANDFILL
    if kind.key.startswith("process.glass"):
        return ("cullet_share",)
    if kind.kind == "fuel":
        return tuple(name for unit, names in _OF_FUEL.items() if unit in kind.units for name in names)
    if kind.kind == "travel" and kind.fuel:
        return ("economy_km_per_l", "density_kg_per_l", "ncv_gj_per_t")
    return ()


def read_line(line: Activity, *, year: int) -> list[Fault]:
    """Fill the line's amount and unit from what was typed, and say everything that cannot be."""
    kind = activity_types().get(line.kind)
    if kind is None:
        return [Fault("kind", unknown_kind(line.kind), "unknown_activity")]
    return [
        *_amount(line, kind),
        *_period(line, year),
        *_contract(line, kind),
        *_parameters(line, kind),
        *_site(line, year),
        *_rest(line),
    ]


def unknown_kind(word: str) -> str:
    """That there is no such activity, with the nearest names (of the first faults of a request)."""
    near = listed(f"{each.key} ({each})" for each in search(word, CANDIDATES)) if may_suggest() else ""
    if not near:
        return _("There is no activity “%(word)s”.") % {"word": word}
    return _("There is no activity “%(word)s”. Is one of these meant: %(nearest)s?") % {"word": word, "nearest": near}


def _amount(line: Activity, kind: ActivityType) -> Iterator[Fault]:
    line.amount, line.unit = None, ""
    if line.notation:
        if line.typed_amount:
            yield Fault("notation", _("Either an amount or a notation key, not both."), "both")
        line.typed_unit = ""
        if line.notation == Activity.Notation.ELSEWHERE and not line.included_in:
            yield Fault("included_in", _("IE needs the line or category that includes it."), "required")
        return
    if line.included_in:
        yield Fault("included_in", _("Only with the notation key IE."), "unexpected")
    if not line.typed_amount:
        yield Fault(
            "amount", _("Please type an amount, or choose a notation key that says why there is none."), "required"
        )
        return
    try:
        read = read_amount(line.typed_amount, line.typed_unit, kind.units)
    except UnreadableNumber as refusal:
        yield Fault("amount", str(refusal), "unreadable")
        return
    except UnitError as refusal:
        yield Fault("unit", str(refusal), refusal.code)
        return
    if why := refused(f"amount_{read.unit}", read.value):
        yield Fault("amount", why, "too_large" if read.value > SMALLEST else "too_small")
    line.amount, line.unit = read.value, read.unit
    yield from _heating_value(line, kind)


# Gas is billed by its gross calorific value there: SI 1996/439 in Great Britain, state tariffs (therm, Dth, MMBtu) and
# 40 CFR 98 table C-1 (high heat values) in the United States.
GAS_IS_BILLED_GROSS = ("GB", "US")
GAS = "fuel.natural_gas"


def heating_value_basis(kind: ActivityType, typed_unit: str, places: Iterable[str]) -> str:
    """GCV where the unit, or how gas is billed at the place, is gross by definition; empty where nobody can tell."""
    if kind.kind != "fuel" or not is_energy(typed_unit):
        return ""
    billed_gross = kind.fuel == GAS and any(place in GAS_IS_BILLED_GROSS for place in places)
    return Activity.HeatingValue.GROSS if is_gross(typed_unit) or billed_gross else ""


def _heating_value(line: Activity, kind: ActivityType) -> Iterator[Fault]:
    is_fuel_energy = kind.kind == "fuel" and line.unit in ENERGY
    if line.heating_value_basis and not is_fuel_energy:
        yield Fault("heating_value_basis", _("Only for fuel told as energy."), "unexpected")


def _period(line: Activity, year: int) -> Iterator[Fault]:
    first, last = line.period_start, line.period_end
    if (first is None) != (last is None):
        yield Fault(
            "period_end" if last is None else "period_start", _("Both days, or none for the whole year."), "half"
        )
        return
    if first is None or last is None:
        return
    if first > last:
        yield Fault("period_end", _("It ends before it begins."), "order")
    for field, day in (("period_start", first), ("period_end", last)):
        if day.year != year:
            words = _("This disclosure is about %(year)s; the day is not in it.") % {"year": year}
            yield Fault(field, words, "outside_year")


def _contract(line: Activity, kind: ActivityType) -> Iterator[Fault]:
    if kind.kind != "electricity":
        given = {"contract": line.contract, "certificate": line.certificate}
        given["contract_kg_per_kwh"] = "" if line.contract_kg_per_kwh is None else "given"
        for field in (name for name, value in given.items() if value):
            yield Fault(field, _("Contracts are for electricity only."), "unexpected")
        return
    if line.contract and line.contract_kg_per_kwh is None:
        words = _("Please give the contract's factor in kg CO₂ per kWh; 0 where it delivers none.")
        yield Fault("contract_kg_per_kwh", words, "required")
    if not line.contract:
        for field, is_given in (
            ("contract_kg_per_kwh", line.contract_kg_per_kwh is not None),
            ("certificate", bool(line.certificate)),
        ):
            if is_given:
                yield Fault(field, _("Please say which kind of contract it is of."), "unexpected")


def _parameters(line: Activity, kind: ActivityType) -> Iterator[Fault]:
    known = parameters_of(kind)
    for name, value in line.parameters.items():
        if name not in known:
            yield Fault(name, _("This activity takes no such parameter."), "unknown_parameter")
            continue
        low, high = PARAMETERS[name].low, PARAMETERS[name].high
        if not low <= value <= high or 0 < value < SMALLEST:
            words = _("%(low)s to %(high)s, please.") % {"low": grouped(low), "high": grouped(high)}
            yield Fault(name, words, "out_of_range")


def _site(line: Activity, year: int) -> Iterator[Fault]:
    if line.site is not None and not line.site.stood_in(year):
        names = {"site": line.site, "from": line.site.opened_on or "…", "to": line.site.closed_on or "…", "year": year}
        words = _("%(site)s was in use from %(from)s to %(to)s; this disclosure is about %(year)s.") % names
        yield Fault("site", words, "not_in_use")


def _rest(line: Activity) -> Iterator[Fault]:
    if line.place and not is_place(line.place):
        yield Fault("place", str(unknown(line.place)), "unknown_place")
    elif line.place and line.site is not None and line.site.city and not lies_in(line.place, line.site.city.code):
        words = _("The site stands in %(city)s: name a place within it, or none.") % {"city": line.site.city}
        yield Fault("place", words, "both")
    for name in ("uncertainty_percent", "contract_kg_per_kwh"):
        value = getattr(line, name)
        if value is not None and (why := refused(name, value)):
            yield Fault(name, why, "too_large" if value > SMALLEST else "too_small")
