"""Reference tables: factors, warming potentials and regions; and the choice of a factor, with its losers.

Tables are loaded elsewhere and come in as rows; here they are checked, frozen and given a digest. METHOD: the key of a
factor is (activity, region, data year, purpose, gas, publisher, guideline), never (region, year).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

Text = tuple[str, str]  # zh, en


@dataclass(frozen=True, slots=True)
class Factor:
    """One published number, as printed and as kilograms of gas per canonical unit of the activity.

    `lower95` and `upper95` bound `value` in the same unit; where a source gives none, `default_percent` is the half
    width of its class with `default_source`, and the figure is marked as a default wherever it is used.
    `parts` are the printed numbers that the value rests on: (name, value, unit).
    """

    id: str
    activity: str
    region: str
    data_year: int | None
    purpose: str
    gas: str
    publisher: str
    published: date | None
    guideline: str
    value: float
    unit: str
    lower95: float | None = None
    upper95: float | None = None
    heating_value_basis: str = ""
    parts: tuple[tuple[str, float, str], ...] = ()
    name_zh: str = ""
    name_en: str = ""
    source: str = ""
    licence: str = ""
    verification: str = ""
    note: str = ""
    default_percent: float | None = None
    default_source: str = ""
    fuel_class: str = ""

    @property
    def key(self) -> tuple[str, str, int | None, str, str, str, str]:
        return (self.activity, self.region, self.data_year, self.purpose, self.gas, self.publisher, self.guideline)


@dataclass(frozen=True)
class FactorTable:
    """Factors that passed every check, in the order of their keys, with the digest of all of them."""

    factors: tuple[Factor, ...]
    digest: str

    @classmethod
    def build(cls, rows: Iterable[Factor], *, table: str = "factors") -> "FactorTable":
        """Check and freeze. Raises BrokenTable naming table and row."""
        raise NotImplementedError

    def with_rows(self, rows: Iterable[Factor], *, table: str = "added") -> "FactorTable":
        """A new table with further (imported, local) factors; the same checks over all."""
        raise NotImplementedError


@dataclass(frozen=True)
class GwpTable:
    """Warming potentials by set (SAR, TAR, AR4, AR5, AR5-CCF, AR6), gas and horizon."""

    sets: tuple[str, ...]
    digest: str

    @classmethod
    def build(cls, rows: Iterable[Mapping[str, str]]) -> "GwpTable":
        raise NotImplementedError

    def gwp(self, set_name: str, gas: str, horizon_years: int = 100) -> float:
        """kg CO2e per kg. Raises UnknownGwpSet, NoGwp. `CH4_fossil` and `CH4_biogenic` differ in AR6 alone."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Region:
    code: str
    kind: str
    name_zh: str
    name_en: str
    parents: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class RegionTable:
    regions: tuple[Region, ...]
    digest: str

    @classmethod
    def build(cls, rows: Iterable[Mapping[str, str]]) -> "RegionTable":
        raise NotImplementedError

    def places_of(self, code: str) -> tuple[str, ...]:
        """Most specific first, ending in WORLD: 510100 → (510100, CN-SC, CN-GRID-SOUTHWEST, CN, WORLD)."""
        raise NotImplementedError


@dataclass(frozen=True)
class Choice:
    """The factor that was chosen, and why not the others."""

    factor: Factor
    lag_years: int | None  # activity year − data year; negative where a later year was asked for; None if timeless

    @property
    def losers(self) -> tuple[tuple[Factor, str], ...]:
        """Every other factor of the activity with the code of its reason (REASONS has the words)."""
        raise NotImplementedError

    @property
    def because(self) -> Text:
        raise NotImplementedError


REASONS: dict[str, Text] = {}


def choose(
    table: FactorTable,
    *,
    activity: str,
    gas: str,
    places: Sequence[str],
    year: int,
    purpose: str,
    as_of: date,
    later: bool = False,
    guideline: str = "",
) -> Choice:
    """The factor for an activity at a place in a year, as far as it was published by `as_of`."""
    raise NotImplementedError
