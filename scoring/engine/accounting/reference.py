"""Reference tables: factors, warming potentials and regions; and the choice of a factor, with its losers.

Tables are read elsewhere and come in as rows; here they are checked, frozen and given a digest. The key of a factor is
(activity, region, data year, purpose, gas, publisher, guideline), never (region, year): for 2022 China has four
official electricity numbers, none interchangeable.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

from scoring.engine.columns import canonical_json, digest
from scoring.engine.errors import (
    BrokenTable,
    UnknownActivity,
)

VERIFICATIONS = (
    "two_transcriptions",
    "document_text",
    "package_value",
    "definition",
    "recomputed",
    "central_and_bounds_two_readings",
    "central_printed_bounds_derived",
    "newspaper_of_record",
    "one_transcription",
    "secondary_source",
    "verified_locally",
    "imported",
    "not_verified",
)
# Life-cycle numbers hold the making of power stations and fuel; fossil-only ones no hydro, wind, sun or nuclear power.
NEVER_IN_AN_INVENTORY = ("product_carbon_footprint", "fossil_power_only")
PROPERTIES = ("NCV", "NCV_m3", "density")  # of fuels, kept like factors
CARBON_TO_CO2 = 44 / 12
CARBON_TOLERANCE = 0.01  # METHOD: the printed factor may differ from its carbon content by 1 %, for rounding
FIRST_YEAR, LAST_YEAR = 1990, 2100


@dataclass(frozen=True, slots=True)
class Factor:
    """One published number as kilograms of gas per canonical unit of the activity (`kg/kWh`, `kg/GJ`, `kg/t`).

    Two properties of fuels are kept the same way, with `gas` NCV (GJ/t) and density (kg/L). `lower95` and `upper95`
    bound `value`; where a source gives none, `default_percent` is the half width of its class, from `default_source`,
    and marked as a default wherever it is used. `parts` are the printed numbers the value comes from: (name, value,
    unit). `printed_as` names the printed number where several factors stand for one: they err together. Two rows of one
    key that differ in `published` are versions of one number. `row` is where it was read.
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
    default_verification: str = ""
    printed_as: str = ""
    fuel_class: str = ""
    row: str = field(default="", compare=False)

    @property
    def key(self) -> tuple[str, str, int | None, str, str, str, str]:
        return (self.activity, self.region, self.data_year, self.purpose, self.gas, self.publisher, self.guideline)

    @property
    def half_width_percent(self) -> float | None:
        """95 % half width; the larger side where the printed bounds are lopsided; None where nothing is known."""
        if self.lower95 is None or self.upper95 is None:
            return self.default_percent
        if self.value == 0:
            return 0.0 if self.lower95 == self.upper95 == 0 else None
        return 100 * max(self.upper95 - self.value, self.value - self.lower95) / self.value

    @property
    def half_width_is_default(self) -> bool:
        return self.lower95 is None or self.upper95 is None

    def part(self, name: str) -> float | None:
        return next((value for part, value, _ in self.parts if part == name), None)


@dataclass(frozen=True, slots=True)
class Range:
    """What a value of a class and gas may be, in its unit: outside it a digit or a unit slipped."""

    fuel_class: str
    gas: str
    unit: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class DefaultPercent:
    """The half width of an activity's factors where a source gives no bounds; `gas` "" is any gas."""

    activity: str  # a key, or the beginning of keys up to a dot or an @
    gas: str
    percent: float
    source: str
    verification: str = ""

    def fits(self, factor: Factor) -> bool:
        begins = factor.activity == self.activity or factor.activity.startswith(
            (f"{self.activity}.", f"{self.activity}@")
        )
        return begins and self.gas in ("", factor.gas)


@dataclass(frozen=True)
class FactorTable:
    """Factors that passed every check, in the order of their keys, with the digest of all of them."""

    factors: tuple[Factor, ...]
    digest: str
    ranges: tuple[Range, ...] = field(repr=False, compare=False)
    defaults: tuple[DefaultPercent, ...] = field(repr=False, compare=False)
    _by_activity: Mapping[str, tuple[Factor, ...]] = field(repr=False, compare=False)
    _by_place: Mapping[tuple[str, str, str, str], tuple[Factor, ...]] = field(repr=False, compare=False)
    _by_document: Mapping[tuple[object, ...], tuple[Factor, ...]] = field(repr=False, compare=False)
    _gases: Mapping[str, tuple[str, ...]] = field(repr=False, compare=False)

    @classmethod
    def build(
        cls,
        rows: Iterable[Factor],
        *,
        ranges: Iterable[Range] = (),
        defaults: Iterable[DefaultPercent] = (),
        table: str = "factors",
    ) -> "FactorTable":
        """Check and freeze. Raises BrokenTable naming table and row; the order of the rows changes nothing.

        Rows without bounds get the half width of their class from `defaults`.
        """
        ranges, defaults = tuple(ranges), tuple(defaults)
        bounds = {(each.fuel_class, each.gas, each.unit): each for each in ranges}
        factors = sorted([_with_default(row, defaults) for row in rows], key=_order)
        ids: set[str] = set()
        versions: set[tuple[object, ...]] = set()
        by_activity: dict[str, list[Factor]] = {}
        by_place: dict[tuple[str, str, str, str], list[Factor]] = {}
        by_document: dict[tuple[object, ...], list[Factor]] = {}
        for factor in factors:
            _check(factor, bounds, table)
            version = (*factor.key, factor.published)
            if version in versions:
                raise _broken(factor, table, "the key twice", factor.key)
            if factor.id in ids:
                raise _broken(factor, table, "the id twice", factor.id)
            ids.add(factor.id)
            versions.add(version)
            by_activity.setdefault(factor.activity, []).append(factor)
            by_place.setdefault((factor.activity, factor.gas, factor.purpose, factor.region), []).append(factor)
            by_document.setdefault(_document(factor), []).append(factor)
        return cls(
            factors=tuple(factors),
            digest=digest("\n".join([_canonical(factor) for factor in factors])),
            ranges=ranges,
            defaults=defaults,
            _by_activity=MappingProxyType({key: tuple(found) for key, found in by_activity.items()}),
            _by_place=MappingProxyType({key: tuple(found) for key, found in by_place.items()}),
            _by_document=MappingProxyType({key: tuple(found) for key, found in by_document.items()}),
            _gases=MappingProxyType({key: tuple(sorted({f.gas for f in found})) for key, found in by_activity.items()}),
        )

    def with_rows(self, rows: Iterable[Factor], *, table: str = "added") -> "FactorTable":
        """A new table with further (imported, local) factors; the same checks over all."""
        return FactorTable.build((*self.factors, *rows), ranges=self.ranges, defaults=self.defaults, table=table)

    @property
    def activities(self) -> tuple[str, ...]:
        return tuple(self._by_activity)

    def has(self, activity: str) -> bool:
        return activity in self._by_activity

    def of(self, activity: str) -> tuple[Factor, ...]:
        """All factors of an activity. Raises UnknownActivity with the nearest names."""
        found = self._by_activity.get(activity)
        if found is None:
            raise UnknownActivity(value=activity, choices=nearest(activity, self._by_activity))
        return found

    def gases(self, activity: str) -> tuple[str, ...]:
        return self._gases.get(activity, ())

    def at(self, activity: str, gas: str, purpose: str, region: str) -> tuple[Factor, ...]:
        return self._by_place.get((activity, gas, purpose, region), ())

    def publication(self, lead: Factor) -> tuple[Factor, ...]:
        """The other gases that were published together with a factor: same activity, place, year, document."""
        return tuple(each for each in self._by_document[_document(lead)] if each.gas != lead.gas)


def _document(factor: Factor) -> tuple[object, ...]:
    """All that the gases of one publication share."""
    year, day = factor.data_year, factor.published
    return (factor.activity, factor.region, year, factor.purpose, factor.publisher, factor.guideline, day)


def _with_default(factor: Factor, defaults: Sequence[DefaultPercent]) -> Factor:
    """The longest beginning wins, then the gas by name."""
    if not factor.half_width_is_default or factor.default_percent is not None:
        return factor
    fitting = [each for each in defaults if each.fits(factor)]
    if not fitting:
        return factor
    best = max(fitting, key=lambda each: (len(each.activity), bool(each.gas)))
    return replace(
        factor, default_percent=best.percent, default_source=best.source, default_verification=best.verification
    )


def _order(factor: Factor) -> tuple[object, ...]:
    year = -1 if factor.data_year is None else factor.data_year
    published = factor.published.isoformat() if factor.published else ""
    return (
        factor.activity,
        factor.region,
        year,
        factor.purpose,
        factor.gas,
        factor.publisher,
        factor.guideline,
        published,
        factor.id,
    )


def _canonical(factor: Factor) -> str:
    return canonical_json(
        {
            "id": factor.id,
            "key": list(factor.key),
            "published": factor.published.isoformat() if factor.published else None,
            "value": factor.value,
            "unit": factor.unit,
            "lower95": factor.lower95,
            "upper95": factor.upper95,
            "heating_value_basis": factor.heating_value_basis,
            "parts": [list(part) for part in factor.parts],
            "source": factor.source,
            "licence": factor.licence,
            "verification": factor.verification,
            "default_percent": factor.default_percent,
            "printed_as": factor.printed_as,
            "fuel_class": factor.fuel_class,
        }
    )


def _broken(factor: Factor, table: str, message: str, value: object) -> BrokenTable:
    return BrokenTable(message, table=table, row=f"{factor.row} {factor.id}".strip(), value=value)


def _check(factor: Factor, ranges: Mapping[tuple[str, str, str], Range], table: str) -> None:
    for name in ("id", "activity", "region", "purpose", "gas", "publisher", "unit", "source", "licence"):
        if not getattr(factor, name):
            raise _broken(factor, table, f"no {name}", "")
    if factor.verification not in VERIFICATIONS:
        raise _broken(factor, table, "an unknown word for the verification", factor.verification)
    if factor.published is None:
        raise _broken(factor, table, "no date of publication", None)
    if factor.data_year is None and not factor.guideline:
        raise _broken(factor, table, "neither a data year nor a guideline", None)
    if factor.data_year is not None and not FIRST_YEAR <= factor.data_year <= LAST_YEAR:
        raise _broken(factor, table, f"a data year from {FIRST_YEAR} to {LAST_YEAR} is needed", factor.data_year)
    if factor.data_year is not None and factor.published.year < factor.data_year:
        raise _broken(factor, table, "published before the year it is about", factor.published.isoformat())
    _check_value(factor, table)
    _check_carbon(factor, table)
    allowed = ranges.get((factor.fuel_class, factor.gas, factor.unit))
    if allowed and not allowed.low <= factor.value <= allowed.high:
        raise _broken(
            factor, table, f"outside {allowed.low:g} to {allowed.high:g} {factor.unit}, plausible here", factor.value
        )


def _check_value(factor: Factor, table: str) -> None:
    if not math.isfinite(factor.value) or factor.value < 0:
        raise _broken(factor, table, "a finite value, not below zero, is needed", factor.value)
    percent = factor.default_percent
    if percent is not None and not (math.isfinite(percent) and percent >= 0):
        raise _broken(factor, table, "a half width in percent, not below zero, is needed", percent)
    low, high = factor.lower95, factor.upper95
    if (low is None) != (high is None):
        raise _broken(factor, table, "one bound without the other", (low, high))
    if low is not None and high is not None and not 0 <= low <= factor.value <= high < math.inf:
        raise _broken(factor, table, "bounds out of order", (low, factor.value, high))


def _check_carbon(factor: Factor, table: str) -> None:
    """CO2 = carbon content × oxidation × 44/12, per GJ or, with the heating value, per t or m³."""
    carbon_kg_per_gj = factor.part("carbon_content_kgc_per_gj")
    if carbon_kg_per_gj is None or factor.gas not in ("CO2", "CO2_biogenic"):
        return
    oxidation = factor.part("oxidation")
    expected = carbon_kg_per_gj * CARBON_TO_CO2 * (1.0 if oxidation is None else oxidation)
    if factor.unit != "kg/GJ":
        ncv_gj = factor.part("ncv_gj")
        if ncv_gj is None:
            raise _broken(factor, table, "a carbon content per GJ without the heating value", factor.unit)
        expected *= ncv_gj
    if abs(factor.value - expected) > CARBON_TOLERANCE * expected:
        raise _broken(factor, table, f"differs from its carbon content ({expected:.6g}) by over 1 %", factor.value)


def nearest(word: str, words: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """The words that take the fewest changed letters; those that contain the word come first."""
    wanted = word.strip().lower()
    ranked = sorted(
        {each for each in words if each},
        key=lambda each: (wanted not in each.lower() if wanted else True, _edits(wanted, each.lower()), each),
    )
    return tuple(ranked[:count])


def _edits(left: str, right: str) -> int:
    """Levenshtein distance; words longer than 60 letters are compared by their beginning."""
    left, right = left[:60], right[:60]
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        before, row[0] = row[0], i
        for j, b in enumerate(right, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def to_number(text: str) -> float | None:
    """A finite number as a machine writes it; None for anything else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
