"""Global warming potentials by set and gas."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from scoring.engine.accounting.reference import to_number
from scoring.engine.columns import digest
from scoring.engine.errors import (
    BrokenTable,
    NoGwp,
    UnknownGwpSet,
)

# Which row of a set a gas is. AR6 alone is used with two methanes: under AR5 the Parties decided for 28 whatever the
# origin (decision 5/CMA.3: table 8.A.1 "excluding the value for fossil methane"). Methane of a fire has its carbon in
# the CO2 factor already, so the value without that CO2 belongs to it (GHG Protocol, GWP values 2.0, August 2024).
ORIGINS = {"CH4_fossil": "fossil", "CH4_biogenic": "non-fossil", "CH4_combustion": "non-fossil"}


SETS_WITH_ORIGINS = ("AR6",)


@dataclass(frozen=True)
class GwpTable:
    """Warming potentials by set (SAR, TAR, AR4, AR5, AR5-CCF, AR6), gas and horizon."""

    sets: tuple[str, ...]
    digest: str
    _values: Mapping[tuple[str, int, str, str], float] = field(repr=False, compare=False)

    @classmethod
    def build(cls, rows: Iterable[Mapping[str, str]], *, table: str = "gwp.csv") -> "GwpTable":
        """From rows with species, origin, assessment_report, horizon_years, value, source. Raises BrokenTable."""
        values: dict[tuple[str, int, str, str], float] = {}
        sets: list[str] = []
        for line, row in enumerate(rows, start=2):
            place = f"{line} {row.get('species', '')} {row.get('assessment_report', '')}"
            for name in ("species", "origin", "assessment_report", "source", "licence"):
                if not row.get(name):
                    raise BrokenTable(f"no {name}", table=table, row=place)
            value = to_number(row.get("value", ""))
            horizon = to_number(row.get("horizon_years", ""))
            if value is None or value <= 0 or horizon not in (20, 100, 500):
                raise BrokenTable(
                    "a potential above zero and a horizon of 20, 100 or 500 years", table=table, row=place
                )
            key = (row["assessment_report"], int(horizon), row["species"], row["origin"])
            if key in values:
                raise BrokenTable("the key twice", table=table, row=place, value=key)
            values[key] = value
            if row["assessment_report"] not in sets:
                sets.append(row["assessment_report"])
        text = "\n".join([f"{key!r} {value!r}" for key, value in sorted(values.items())])
        return cls(tuple(sets), digest(text), MappingProxyType(values))

    @property
    def species(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(species for _set, _horizon, species, _origin in self._values))

    def check_set(self, set_name: str) -> None:
        """Raises UnknownGwpSet."""
        if set_name not in self.sets:
            raise UnknownGwpSet(value=set_name, choices=self.sets)

    def gwp(self, set_name: str, gas: str, horizon_years: int = 100) -> float:
        """kg CO2e per kg. Raises UnknownGwpSet, NoGwp. Methane without origin is `CH4` (AR6: 27.9)."""
        self.check_set(set_name)
        if gas in ("CO2", "CO2e"):
            return 1.0
        species = "CH4" if gas in ORIGINS else gas
        wanted = ORIGINS.get(gas, "") if set_name in SETS_WITH_ORIGINS else ""
        for origin in (wanted, "any", "unspecified"):
            value = self._values.get((set_name, horizon_years, species, origin))
            if value is not None:
                return value
        have = tuple(name for name in self.sets if (name, horizon_years, species, "any") in self._values)
        raise NoGwp(value=gas, choices=have, gwp_set=set_name, horizon_years=horizon_years)
