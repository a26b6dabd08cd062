"""Benchmark pathways of sectors: which one a company is held against, and what it says for a year.

A pathway holds a sector's emission intensity by year in the unit of its source, or, for the whole economy, an index
that is 1 in its first year. What was taken instead of what was asked for is said by the marks of `Match`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scoring.engine.columns import Floats, Ints
from scoring.engine.errors import DuplicateYear, NegativeAmount, NotFinite, UnknownWord, WrongShape

ECONOMY_WIDE = "economy-wide"
GLOBAL = "Global"
MARKS = ("sector_unmapped", "economy_wide", "region_fallback", "scope_fallback", "not_verified")
NOT_VERIFIED = "not_verified"
# A sector that has no scope 1 + 2 is measured on scope 1, and the match says so. Scope 3 is never taken instead.
INSTEAD_OF: Mapping[str, tuple[str, ...]] = {"S1S2": ("S1S2", "S1"), "S1": ("S1",), "S1S2S3": ("S1S2S3",)}

_TONNES = {"g": 1e-6, "kg": 1e-3, "t": 1.0, "Mt": 1e6}
_GJ = {"MJ": 1e-3, "GJ": 1.0, "TJ": 1e3, "MWh": 3.6}
_USD = {"USD": 1.0, "million USD": 1e6}


@dataclass(frozen=True)
class IntensityUnit:
    """`t CO2e/(t Steel)`: a mass of a gas by an amount of output."""

    text: str
    tonnes: float  # tonnes in the mass unit
    gas: str  # CO2 or CO2e
    output: str  # t Steel, MWh, million USD …

    @classmethod
    def parse(cls, text: str) -> IntensityUnit:
        """Raises UnknownWord for a text of another form, mass or gas."""
        mass, slash, output = text.partition("/")
        words = mass.split()
        output = output.strip().removeprefix("(").removesuffix(")")
        if not slash or len(words) != 2 or words[0] not in _TONNES or words[1] not in ("CO2", "CO2e") or not output:
            raise UnknownWord("not a unit of emission intensity", value=text)
        return cls(text, _TONNES[words[0]], words[1], output)


def in_output_unit(amount: float, unit: str, wanted: str) -> float:
    """An amount of output in another unit of its kind (energy, US dollars). Raises UnknownWord for two kinds."""
    if unit == wanted:
        return amount
    for family in (_GJ, _USD):
        if unit in family and wanted in family:
            return amount * family[unit] / family[wanted]
    raise UnknownWord(f"output in {unit} cannot be held against a benchmark per {wanted}", value=unit)


@dataclass(frozen=True)
class Pathway:
    """One series of a source. `unit` None: an index, 1 in the first year."""

    scenario: str
    temperature_c: float
    global_budget_gtco2: float
    scope: str
    sector: str
    region: str
    years: tuple[int, ...]  # ascending
    values: tuple[float, ...]  # in `unit`
    unit: IntensityUnit | None
    source: str
    licence: str
    verification: str
    benchmark: str = ""
    release: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if len(self.years) != len(self.values) or not self.years:
            raise WrongShape("one value for each year", value=(len(self.years), len(self.values)))
        if any(later <= earlier for earlier, later in zip(self.years, self.years[1:], strict=False)):
            raise DuplicateYear("years must ascend", value=self.years)
        if not np.isfinite(self.values).all():
            raise NotFinite("a pathway must be finite", value=self.values)
        if min(self.values) < 0:
            raise NegativeAmount("a pathway must not be negative", value=min(self.values))

    @property
    def first_year(self) -> int:
        return self.years[0]

    @property
    def last_year(self) -> int:
        return self.years[-1]

    def at(self, year: Ints) -> Floats:
        """Values in the source's unit, linear between its years; NaN outside them."""
        found = np.interp(year, self.years, self.values)
        return np.where((year < self.first_year) | (year > self.last_year), np.nan, found)

    def tonnes_per_output_at(self, year: Ints) -> Floats:
        """Tonnes by `unit.output`. Raises UnknownWord for an index, which is no intensity."""
        if self.unit is None:
            raise UnknownWord("an index has no unit of output", value=self.sector)
        return self.at(year) * self.unit.tonnes


@dataclass(frozen=True)
class Match:
    """The pathway found, and in MARKS what differs from what was asked for."""

    pathway: Pathway
    marks: tuple[str, ...]


class Benchmarks:
    """All pathways of a release. `economy` is what a company without sector benchmark is held against."""

    def __init__(self, pathways: Sequence[Pathway], economy: Pathway) -> None:
        self.pathways, self.economy = tuple(pathways), economy
        self._by_key: dict[tuple[str, str, str, str], Pathway] = {}
        for found in self.pathways:
            key = (found.scenario, found.sector, found.scope, found.region)
            if key in self._by_key:
                raise UnknownWord("two pathways under one key", value=key)
            self._by_key[key] = found
        self.scenarios = tuple(dict.fromkeys(found.scenario for found in self.pathways))

    def find(self, sector: str | None, scenario: str, scope: str = "S1S2", regions: Sequence[str] = (GLOBAL,)) -> Match:
        """The pathway of a benchmark sector in a scenario.

        First the scopes of INSTEAD_OF, then the regions, most specific first, and at last the world; never another
        scenario, whose temperature is another. Without a sector, or where the scenario lacks it, the economy-wide
        pathway. Raises UnknownWord for an unknown scenario or scope.
        """
        if scenario not in self.scenarios:
            raise UnknownWord("no such scenario", value=scenario)
        if scope not in INSTEAD_OF:
            raise UnknownWord("no such scope", value=scope)
        wanted = (*regions, GLOBAL) if GLOBAL not in regions else tuple(regions)
        for instead in INSTEAD_OF[scope] if sector is not None else ():
            for region in wanted:
                found = self._by_key.get((scenario, str(sector), instead, region))
                if found is not None:
                    differs = {"region_fallback": region != wanted[0], "scope_fallback": instead != scope}
                    return Match(found, tuple(mark for mark, holds in differs.items() if holds) + _doubt(found))
        mark = ("sector_unmapped",) if sector is None else ()
        return Match(self.economy, (*mark, "economy_wide", *_doubt(self.economy)))


def _doubt(pathway: Pathway) -> tuple[str, ...]:
    return (NOT_VERIFIED,) if pathway.verification == NOT_VERIFIED else ()
