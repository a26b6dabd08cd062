"""Places and what they lie in, up to the world."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from scoring.engine.accounting.reference import nearest
from scoring.engine.columns import digest
from scoring.engine.errors import (
    BrokenTable,
    UnknownRegion,
)

WORLD = "WORLD"


@dataclass(frozen=True, slots=True)
class Region:
    code: str
    kind: str  # world, country, area, regional_grid, province, grid_subregion, alias
    name_zh: str
    name_en: str
    parents: tuple[str, ...]
    gbt2260: str = ""
    note: str = ""


@dataclass(frozen=True)
class RegionTable:
    """Which place lies in which. A place in two grids belongs to neither: its chain goes on to what they share."""

    regions: tuple[Region, ...]
    digest: str
    _by_code: Mapping[str, Region] = field(repr=False, compare=False)
    _by_prefix: Mapping[str, str] = field(repr=False, compare=False)

    @classmethod
    def build(cls, rows: Iterable[Mapping[str, str]], *, table: str = "regions.csv") -> "RegionTable":
        """From rows with code, kind, name_zh, name_en, parents (by |), gbt2260, source. Raises BrokenTable."""
        regions: list[Region] = []
        for line, row in enumerate(rows, start=2):
            place = f"{line} {row.get('code', '')}"
            for name in ("code", "kind", "name_zh", "name_en", "source"):
                if not row.get(name):
                    raise BrokenTable(f"no {name}", table=table, row=place)
            parents = tuple(each for each in row.get("parents", "").split("|") if each)
            regions.append(
                Region(
                    row["code"],
                    row["kind"],
                    row["name_zh"],
                    row["name_en"],
                    parents,
                    row.get("gbt2260", ""),
                    row.get("note", ""),
                )
            )
        by_code: dict[str, Region] = {}
        for region in regions:  # a parent stands above its children, so no chain is endless
            for parent in region.parents:
                if parent not in by_code:
                    raise BrokenTable("a parent that is not above it in the table", table=table, row=region.code)
            if not region.parents and region.code != WORLD:
                raise BrokenTable("a region without a parent", table=table, row=region.code)
            if region.code in by_code:
                raise BrokenTable("the code twice", table=table, row=region.code)
            by_code[region.code] = region
        prefixes = {region.gbt2260: region.code for region in regions if region.gbt2260}
        text = "\n".join([repr((r.code, r.kind, r.parents, r.gbt2260)) for r in sorted(regions, key=lambda r: r.code)])
        return cls(tuple(regions), digest(text), MappingProxyType(by_code), MappingProxyType(prefixes))

    def get(self, code: str) -> Region | None:
        return self._by_code.get(code)

    def places_of(self, code: str) -> tuple[str, ...]:
        """Most specific first, ending in WORLD: 510100 → (510100, 510000, CN-SC, CN-GRID-SOUTHWEST, CN, WORLD).

        Knows the codes of the table, six-digit codes of GB/T 2260, and ISO 3166 codes of places and countries
        elsewhere, which then have the factors of the world alone. Raises UnknownRegion with the nearest codes.
        """
        if code in self._by_code:
            return self._chain(code)
        if len(code) == 6 and code.isascii() and code.isdigit() and code[:2] in self._by_prefix:
            wider = dict.fromkeys((code, code[:4] + "00", code[:2] + "0000"))
            return (*wider, *self._chain(self._by_prefix[code[:2]]))
        country, _, rest = code.partition("-")
        if len(country) == 2 and country.isascii() and country.isalpha() and country.isupper():
            if not rest:
                return (code, WORLD)
            if not self._lists_provinces_of(country) and rest.isalnum():
                return (code, *(self._chain(country) if country in self._by_code else (country, WORLD)))
        near = nearest(code, self._by_code)
        raise UnknownRegion(value=code, choices=near)

    def _lists_provinces_of(self, country: str) -> bool:
        return any(each.kind == "province" and each.code.startswith(f"{country}-") for each in self.regions)

    def _chain(self, code: str) -> tuple[str, ...]:
        region = self._by_code[code]
        own = () if region.kind == "alias" else (code,)
        if not region.parents:
            return own
        chains = [self._chain(parent) for parent in region.parents]
        shared = [place for place in chains[0] if all(place in chain for chain in chains)]
        return (*own, *shared)
