"""Where a line is computed: the place it has, who said so, and what its factors leave to be said of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from portfolio.models import Activity, PlaceSource
from scoring.engine.accounting.ledger import LineResult
from scoring.engine.accounting.reference import PROPERTIES
from scoring.engine.accounting.regions import WORLD
from scoring.engine.errors import UnknownRegion
from scoring.tables.in_force import Tables, plain_place

FLAGS: dict[str, str | Promise] = {
    "no_place": gettext_lazy("national factor: no place given"),
    "wider_place": gettext_lazy("its province has no factor of its own: that of a wider area is used"),
}
_WIDER = ("regional_grid", "country", "area")  # than a province


@dataclass(frozen=True)
class Placing:
    """`code` is empty where not even the country is known; `flags` are keys of FLAGS."""

    code: str
    source: str  # of PlaceSource
    flags: tuple[str, ...]

    @classmethod
    def of(cls, activity: Activity, result: LineResult | None, tables: Tables) -> Placing:
        code, source = activity.located
        if result is None or not tables.depends_on_place(activity.kind, code):
            return cls(code, source, ())
        regions = {plain_place(tables.by_id[name].region) for name in result.factor_ids if _is_emission(name, tables)}
        if source == PlaceSource.COUNTRY:
            return cls(code, source, ("no_place",))
        is_wider = _has_province(code, tables) and not regions.isdisjoint(_wider(tables))
        return cls(code, source, ("wider_place",) if is_wider else ())


def place_of(activity: Activity, tables: Tables) -> tuple[str, ...]:
    """Where a line's factors may come from, most specific first, ending in WORLD."""
    code = activity.located.code or WORLD
    try:
        return tables.places_of(code)
    except UnknownRegion:  # a place that has no factors of its own: those of the world stay
        return (code, WORLD)


def _is_emission(factor_id: str, tables: Tables) -> bool:
    return factor_id in tables.by_id and tables.by_id[factor_id].gas not in PROPERTIES


def _has_province(code: str, tables: Tables) -> bool:
    try:
        chain = tables.places_of(code)
    except UnknownRegion:
        return False
    return any((region := tables.regions.get(plain_place(place))) and region.kind == "province" for place in chain)


def _wider(tables: Tables) -> set[str]:
    return {WORLD, *(region.code for region in tables.regions.regions if region.kind in _WIDER)}
