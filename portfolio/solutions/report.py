"""The rows of a disclosure's solutions as a page shows them, the same for who writes, submits and verifies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pycountry
from django.utils.translation import gettext as _

from portfolio.models import Disclosure, Solution
from portfolio.places.names import place_name
from portfolio.solutions.words import questions
from portfolio.typed.numbers import grouped
from portfolio.typed.unit_words import unit_word


@dataclass(frozen=True)
class SoldRow:
    """One row in the reader's language; a number that is not told is empty."""

    solution: Solution
    place: str
    questions: list[str]

    @property
    def unit(self) -> str:
        return unit_word(self.solution.family.unit)

    @property
    def units_sold(self) -> str:
        return told(self.solution.units_sold)

    @property
    def units_made(self) -> str:
        return told(self.solution.units_made)

    @property
    def details(self) -> list[tuple[str, str, str]]:
        """What discriminates between members of the family: label, value, unit; told ones alone."""
        row, family = self.solution, self.solution.family
        unit, service = unit_word(family.unit), unit_word(family.service_unit or family.unit)
        found = [
            ("service_per_unit_year", told(row.service_per_unit_year), f"{service}/{unit}"),
            ("life_years", told(row.life_years), _("years")),
            ("use_share", percent(row.use_share), ""),
            ("energy_mwh_per_service", told(row.energy_mwh_per_service), f"MWh/{service}"),
            ("lca_t_per_unit", told(row.lca_t_per_unit), f"tCO₂e/{unit}"),
            ("cost_share", percent(row.cost_share), ""),
            ("stated_avoided_t", told(row.stated_avoided_t), "tCO₂e"),
        ]
        return [(_short(name), value, unit) for name, value, unit in found if value]


def sold_rows(disclosure: Disclosure) -> list[SoldRow]:
    return rows_of(disclosure.solutions.select_related("family").order_by("number"))


def rows_of(solutions: Iterable[Solution]) -> list[SoldRow]:
    rows = list(solutions)
    return [SoldRow(row, country_name(row.country), questions(row, among=rows)) for row in rows]


def country_name(alpha_3: str) -> str:
    """In the reader's language; the code itself where it is none."""
    found = pycountry.countries.get(alpha_3=alpha_3)
    return place_name(found.alpha_2) if found else alpha_3


def told(value: float | None) -> str:
    return "" if value is None else grouped(float(value))


def percent(share: float | None) -> str:
    return "" if share is None else f"{grouped(round(share * 100, 9))} %"


def _short(name: str) -> str:
    field: Any = Solution._meta.get_field(name)
    return re.split("[,，（]", str(field.verbose_name))[0]  # without the unit, which stands behind the value
