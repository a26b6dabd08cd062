"""The reference tables in force: what ships, what was imported since, and the local factors that were verified."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from django.db import models

from portfolio.activities.kinds import ActivityType
from portfolio.models import Company, LocalFactor
from scoring.engine import canonical_json, digest
from scoring.engine.accounting.gwp import GwpTable
from scoring.engine.accounting.reference import Factor, FactorTable
from scoring.engine.accounting.regions import RegionTable
from scoring.engine.errors import UnknownRegion
from scoring.models.ledger import FactorImport
from scoring.tables import factors as reference_data

GWP_SET = "AR6"  # where nobody asks for another
COMPANIES_KEPT = 32  # tables with a company's own factors that each process keeps


@dataclass(frozen=True)
class Tables:
    """Everything that a calculation looks up. `version` changes whenever any table does, for whichever company."""

    factors: FactorTable
    gwps: GwpTable
    regions: RegionTable
    version: str
    company_key: str = ""  # whose own factors are among them

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what these tables hold."""
        parts = (self.factors.digest, self.gwps.digest, self.regions.digest)
        return hashlib.sha256("".join(parts).encode()).hexdigest()

    @cached_property
    def by_id(self) -> Mapping[str, Factor]:
        return {factor.id: factor for factor in self.factors.factors}

    def has_factor(self, kind: ActivityType) -> bool:
        """Whether any place and year has a factor that can compute this kind; landfills are computed by parameters."""
        keys = (kind.key, kind.fuel, kind.road)
        return kind.key == "waste.landfill" or any(self.factors.has(key) for key in keys if key)

    def depends_on_place(self, activity: str, code: str) -> bool:
        """Whether the country of a place has more than one factor of it, so that it matters where it was."""
        return (activity, self._country_of(code)) in self._told_below_a_country

    @cached_property
    def _told_below_a_country(self) -> frozenset[tuple[str, str]]:
        """Activity and country of factors that stand at two places within it at least: one alone is an exception."""
        told = {(factor.activity, plain_place(factor.region)) for factor in self.factors.factors}
        below = Counter((name, self._country_of(code)) for name, code in told if code != self._country_of(code))
        return frozenset(each for each, places in below.items() if places > 1)

    def _country_of(self, code: str) -> str:
        """The place itself where it is the world, or nowhere that is known."""
        try:
            return self.regions.places_of(code)[-2:][0]
        except UnknownRegion:
            return code

    def places_of(self, code: str) -> tuple[str, ...]:
        """Most specific first, ending in WORLD; at each place the company's own factors before everyone's.

        Raises UnknownRegion.
        """
        places = self.regions.places_of(code)
        if not self.company_key:
            return places
        return tuple(place for known in places for place in (own_place(known, self.company_key), known))


def in_force(company: Company | None = None) -> Tables:
    """The tables of now, for everyone or with a company's own factors. Built once a version and process."""
    has_own = company is not None and LocalFactor.objects.in_force().filter(company=company).exists()
    return _tables(version(), company.company_key if company is not None and has_own else "")


def version() -> str:
    """What the tables rest on, as a digest of a few facts; two short queries."""
    last_import = FactorImport.objects.order_by("-pk").values_list("pk", "digest").first()
    verified = LocalFactor.objects.filter(frozen_at__isnull=False)
    local = verified.aggregate(count=models.Count("pk"), last=models.Max("frozen_at"), newest=models.Max("pk"))
    facts = [reference_data.shipped().digest, last_import, local["count"], local["newest"], str(local["last"])]
    return digest(facts)


def rivals(table: FactorTable, factor: Factor) -> list[str]:
    """The ids of other publishers' factors that fit as well as this one: to choose between them is a tie."""
    alike = table.at(factor.activity, factor.gas, factor.purpose, factor.region)
    return [other.id for other in alike if other.data_year == factor.data_year and other.key != factor.key]


def own_place(code: str, company_key: str) -> str:
    """Where a factor stands that is valid at a place for one company only: a step more specific than the place."""
    return f"{code}/{company_key}"


def plain_place(region: str) -> str:
    return region.partition("/")[0]


# --- building ------------------------------------------------------------------------------------------
@lru_cache(maxsize=COMPANIES_KEPT)
def _tables(version: str, company_key: str) -> Tables:
    shipped = reference_data.shipped()
    factors = _for_everyone(version)
    if company_key:
        own = LocalFactor.objects.in_force().filter(company__company_key=company_key)
        factors = with_local(factors, own)
    return Tables(factors, shipped.gwps, shipped.regions, version, company_key)


@lru_cache(maxsize=2)
def _for_everyone(version: str) -> FactorTable:
    return with_local(imported(), LocalFactor.objects.in_force().filter(company__isnull=True))


def with_local(table: FactorTable, local: models.QuerySet[LocalFactor]) -> FactorTable:
    """The table with these local factors. Raises BrokenTable."""
    rows = [of_local(each) for each in local.select_related("supplier", "company")]
    return table.with_rows(rows, table="local factors") if rows else table


def imported() -> FactorTable:
    """What ships with every confirmed import on top, in their order."""
    contents = FactorImport.objects.order_by("pk").values_list("content", flat=True)
    return overlaid(reference_data.shipped().factors, [row for text in contents for row in from_json(text)])


def overlaid(table: FactorTable, rows: Sequence[Factor]) -> FactorTable:
    """The table with these rows; a row takes the place of one of its key and day of publication. Raises BrokenTable."""
    if not rows:
        return table
    found = {(factor.key, factor.published): factor for factor in table.factors}
    found.update({(row.key, row.published): row for row in rows})
    return FactorTable.build(
        found.values(), ranges=table.ranges, defaults=table.defaults, table="factors after the import"
    )


def of_local(local: LocalFactor) -> Factor:
    """A local factor as the engine knows factors."""
    place = reference_data.shipped().regions.get(local.region)
    return Factor(
        id=local.factor_id,
        activity=local.kind,
        region=own_place(local.region, local.company.company_key) if local.company else local.region,
        data_year=local.data_year,
        purpose=local.purpose,
        gas=local.gas,
        publisher=local.publisher,
        published=local.published,
        guideline="",
        value=local.value,
        unit=f"kg/{local.unit}",
        lower95=local.lower95,
        upper95=local.upper95,
        name_zh=place.name_zh if place else local.region,
        name_en=place.name_en if place else local.region,
        source=local.document,
        licence=f"supplied by {local.supplier.company_key}",
        verification="verified_locally",
        note=local.note,
        row=f"local factor {local.pk}",
    )


# --- as text -------------------------------------------------------------------------------------------
def to_json(rows: Iterable[Factor]) -> str:
    """Canonical: in the order of their ids, keys sorted, no spaces."""
    content = [_as_json(row) for row in sorted(rows, key=lambda row: row.id)]
    return canonical_json(content)


def from_json(text: str) -> list[Factor]:
    return [_from_json(row) for row in json.loads(text)]


def _as_json(row: Factor) -> dict[str, Any]:
    return asdict(row) | {"published": row.published.isoformat() if row.published else None}


def _from_json(row: dict[str, Any]) -> Factor:
    published = date.fromisoformat(row["published"]) if row["published"] else None
    return Factor(**row | {"published": published, "parts": tuple(tuple(part) for part in row["parts"])})
