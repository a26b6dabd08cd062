"""What is asked about a row that can be, and yet is seldom so: a question to whoever reads it, never a refusal."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from portfolio.models import Solution
from portfolio.models.open_item_words import solution_twice
from portfolio.typed.bounds import is_implausible
from portfolio.typed.numbers import grouped
from portfolio.typed.unit_words import unit_word

HOURS = 8784  # of a leap year: no MW gives more MWh
FULL_HOURS = {("MW", "MWh"): HOURS, ("kW", "kWh"): HOURS, ("kW", "MWh"): HOURS / 1000, ("MVA", "MWh"): HOURS}
# Fields of which there may be more than of any company, with their quantity of data/bounds.csv.
LARGE = {
    "units_sold": "units_sold",
    "units_made": "units_made",
    "service_per_unit_year": "service_per_unit_year",
    "life_years": "life_years",
    "energy_mwh_per_service": "energy_mwh_per_service",
    "lca_t_per_unit": "lca_t_per_unit",
    "stated_avoided_t": "avoided_t",
}


def questions(row: Solution, among: Iterable[Solution] = ()) -> list[str]:
    """In the reader's language; empty where nothing is asked. `among`: all rows of its disclosure."""
    asked = []
    if len(alike := [other.number for other in among if other.subject == row.subject]) > 1:
        asked.append(solution_twice(alike))
    units = row.family.unit, row.family.service_unit
    most = FULL_HOURS.get(units)
    if most is not None and row.service_per_unit_year is not None and row.service_per_unit_year > most:
        words = _(
            "%(value)s %(service)s per %(unit)s and year is more than all hours of a year give: is the unit right?"
        )
        unit, service = map(unit_word, units)
        numbers = {"value": grouped(row.service_per_unit_year), "service": service, "unit": unit}
        asked.append(words % numbers)
    if row.cost_share is not None and not row.is_component:
        asked.append(_("A share of cost is told, and it is no component: which of the two holds?"))
    if row.is_component and row.cost_share is None:
        asked.append(_("A component without its share of cost: its lifetime tonnes stay unknown."))
    if row.stated_avoided_t is not None and row.stated_avoided_kind in ("", Solution.Stated.UNSTATED):
        asked.append(_("What do the avoided emissions count that are stated: a year, all years, or a life?"))
    if row.use_share is not None and 0 < row.use_share < 0.05:
        asked.append(_("Less than 5 % in use: is a share of 1 meant, or a percentage?"))
    if row.kind == Solution.Kind.MEASURED and row.basis != "measured":
        asked.append(_("Measured units on the basis of a report: what measured them?"))
    if row.units_sold is None and row.units_made is None:
        asked.append(_("Neither units sold nor output is told: this row counts nothing."))
    for name, quantity in LARGE.items():
        value = getattr(row, name)
        if value is not None and is_implausible(quantity, value):
            words = _("%(what)s is %(value)s, more than of any company: is the unit right?")
            asked.append(words % {"what": label_of(name), "value": grouped(float(value))})
    return asked


def label_of(name: str) -> str:
    return str(Solution._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
