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

from scoring.engine.errors import (
    BrokenTable,
    FactorTie,
    LifeCycleFactor,
    NoFactor,
    NoGwp,
    UnknownActivity,
    UnknownGwpSet,
    UnknownRegion,
)
from scoring.engine.inputs import canonical_json, digest
from scoring.engine.score.words import Text

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
PURPOSES: dict[str, Text] = {
    "inventory_average": ("基于位置的平均因子", "location-based average"),
    "residual_excl_market_traded_non_fossil": (
        "剔除市场化交易非化石电量的剩余因子",
        "residual mix without market-traded non-fossil power",
    ),
    "reporting_default": ("缺省值", "default"),
    "ets_report": ("全国碳市场报告规定值", "number prescribed for reports to the national ETS"),
    "municipal_rule": ("地方规定值", "number of a municipal rule"),
    "fossil_power_only": ("仅火电平均", "fossil power only"),
    "product_carbon_footprint": ("生命周期碳足迹因子", "life-cycle footprint factor"),
}
PROPERTIES: dict[str, Text] = {
    "NCV": ("低位热值", "net calorific value"),
    "NCV_m3": ("低位热值", "net calorific value"),
    "density": ("密度", "density"),
}
REASONS: dict[str, Text] = {
    "other_gas": ("另一种气体", "another gas"),
    "other_purpose": ("用途不同", "another purpose"),
    "other_guideline": ("另一版指南", "another guideline"),
    "other_place": ("不适用于该地", "another place"),
    "not_yet_published": ("当日尚未发布", "not yet published on that day"),
    "less_specific_place": ("地域较宽", "a less specific place"),
    "later_year": ("数据年晚于活动年", "data of a later year"),
    "older_year": ("数据年更早", "data of an older year"),
    "undated": ("不分年份，有分年份者优先", "without a year, where a dated one exists"),
    "superseded": ("已有更新发布的版本", "superseded by a newer publication"),
}
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
            raise unknown_activity(activity, self._by_activity)
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


def unknown_activity(activity: str, known: Iterable[str]) -> UnknownActivity:
    near = nearest(activity, known)
    return UnknownActivity(
        f"no such activity; nearest: {', '.join(near)}",
        zh=f"没有活动“{activity}”；相近的有：{'、'.join(near)}",
        value=activity,
        choices=near,
    )


@dataclass(frozen=True)
class Choice:
    """The factor that was chosen, and why not the others."""

    factor: Factor
    lag_years: int | None  # activity year − data year; negative where a later year was asked for; None if undated
    places: tuple[str, ...]
    year: int
    as_of: date
    guideline: str
    table: FactorTable = field(repr=False, compare=False)
    or_unnamed: bool = False

    @property
    def is_later(self) -> bool:
        return self.lag_years is not None and self.lag_years < 0

    @property
    def losers(self) -> tuple[tuple[Factor, str], ...]:
        """Every other factor of the activity with the code of its reason (REASONS has the words)."""
        return tuple((each, self._reason(each)) for each in self.table.of(self.factor.activity) if each != self.factor)

    def _reason(self, other: Factor) -> str:
        chosen = self.factor
        if other.purpose != chosen.purpose:
            return "other_purpose"
        if other.gas != chosen.gas:
            return "other_gas"
        if not _is_of(other, self.guideline, self.or_unnamed):
            return "other_guideline"
        if other.region not in self.places:
            return "other_place"
        if other.published is None or other.published > self.as_of:
            return "not_yet_published"
        if self.places.index(other.region) > self.places.index(chosen.region):
            return "less_specific_place"
        if other.key == chosen.key:
            return "superseded"
        if other.data_year is None:
            return "undated"
        return "later_year" if other.data_year > self.year else "older_year"

    @property
    def because(self) -> Text:
        """`Chongqing 2022, location-based average, MEE-NBS, published 2024-12-20` with every caution; zh, en."""
        factor = self.factor
        what_zh, what_en = PROPERTIES.get(factor.gas) or PURPOSES.get(factor.purpose, (factor.purpose, factor.purpose))
        year = "" if factor.data_year is None else str(factor.data_year)
        is_named = factor.guideline.startswith(factor.publisher)
        source = factor.guideline if is_named else f"{factor.publisher} {factor.guideline}".strip()
        zh, en = self._cautions()
        name_zh, name_en = factor.name_zh or factor.activity, factor.name_en or factor.activity
        year_zh = f" {year} 年" if year else ""
        return (
            f"{name_zh}{year_zh}，{what_zh}，{source}，{factor.published} 发布{zh}",
            f"{' '.join(word for word in (name_en, year) if word)}, {what_en}, "
            f"{source}, published {factor.published}{en}",
        )

    def _cautions(self) -> Text:
        zh, en = "", ""
        if self.lag_years:
            size = abs(self.lag_years)
            zh += f"；活动为 {self.year} 年，数据{'晚' if self.is_later else '早'} {size} 年"
            years = "year" if size == 1 else "years"
            en += f"; the activity is of {self.year}, the data {size} {years} {'later' if self.is_later else 'older'}"
        if self.factor.verification == "not_verified":
            zh, en = f"{zh}；数值未经核对", f"{en}; the number is not verified"
        return zh, en


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
    or_unnamed: bool = False,
) -> Choice:
    """The factor for an activity at a place in a year, as far as it was published by `as_of`.

    The most specific of `places` with a usable factor wins, before the year is looked at; there the activity's year,
    else the latest earlier one, else an undated one; a later year only if `later`. Of two versions of one number the
    newest. `guideline` leaves the factors of that one, with `or_unnamed` also those that name none, as local ones do.
    Raises UnknownActivity, NoFactor (with what the table has), FactorTie, LifeCycleFactor.
    """
    if purpose in NEVER_IN_AN_INVENTORY:
        zh, en = PURPOSES[purpose]
        raise LifeCycleFactor(f"{en}: must not enter an inventory", zh=f"{zh}，不得用于核算", value=purpose)
    table.of(activity)
    for place in places:
        usable = [
            factor
            for factor in table.at(activity, gas, purpose, place)
            if factor.published is not None
            and factor.published <= as_of
            and _is_of(factor, guideline, or_unnamed)
            and (later or factor.data_year is None or factor.data_year <= year)
        ]
        if usable:
            break
    else:
        raise _no_factor(table, activity, gas, places, year, purpose, as_of, guideline)
    distances = [_distance(factor, year) for factor in usable]
    best = min(distances)
    rivals = [factor for factor, distance in zip(usable, distances, strict=True) if distance == best]
    if len(rivals) > 1 and len({factor.key for factor in rivals}) > 1:
        raise _tie(rivals)
    winner = rivals[0] if len(rivals) == 1 else max(rivals, key=lambda factor: factor.published or date.min)
    lag = None if winner.data_year is None else year - winner.data_year
    return Choice(winner, lag, tuple(places), year, as_of, guideline, table, or_unnamed)


def _is_of(factor: Factor, guideline: str, or_unnamed: bool) -> bool:
    return not guideline or factor.guideline == guideline or (or_unnamed and not factor.guideline)


def _distance(factor: Factor, year: int) -> tuple[int, int]:
    if factor.data_year is None:
        return (1, 0)
    return (0, year - factor.data_year) if factor.data_year <= year else (2, factor.data_year - year)


def _tie(rivals: Sequence[Factor]) -> FactorTie:
    ids = tuple(sorted(factor.id for factor in rivals))
    return FactorTie(
        f"two factors fit equally well: {', '.join(ids)}; name the publisher's guideline",
        zh=f"有同等适用的因子：{'、'.join(ids)}；请指明指南",
        value=rivals[0].activity,
        choices=ids,
    )


def _no_factor(
    table: FactorTable,
    activity: str,
    gas: str,
    places: Sequence[str],
    year: int,
    purpose: str,
    as_of: date,
    guideline: str,
) -> NoFactor:
    """What the table has instead. Years first: a year without a factor is the commonest reason."""
    of_gas = [factor for factor in table.of(activity) if factor.gas == gas]
    fitting = [factor for factor in of_gas if factor.purpose == purpose]
    here = [factor for factor in fitting if factor.region in places]
    known = [factor for factor in here if factor.published is not None and factor.published <= as_of]
    dated = [factor for factor in known if not guideline or factor.guideline == guideline]
    years = tuple(sorted({factor.data_year for factor in dated if factor.data_year is not None}))
    there = tuple(sorted({factor.region for factor in fitting}))
    purposes = tuple(sorted({factor.purpose for factor in of_gas} - set(NEVER_IN_AN_INVENTORY)))
    guidelines = tuple(sorted({factor.guideline for factor in here if factor.guideline})) if guideline else ()
    if years:
        why_zh, why_en = f"现有年份：{'、'.join(map(str, years))}", f"years that exist: {', '.join(map(str, years))}"
    elif guidelines:
        why_zh, why_en = f"现有指南：{'、'.join(guidelines)}", f"guidelines that exist: {', '.join(guidelines)}"
    elif guideline and known:
        why_zh, why_en = "该处的因子不属于任何指南，请勿指明", "the factors there are of no guideline: name none"
    elif here:
        first = min(str(factor.published) for factor in here)
        why_zh, why_en = f"{as_of} 尚未发布（最早 {first}）", f"none published by {as_of} (the first on {first})"
    elif there:
        shown = ", ".join(there[:12]) + (" …" if len(there) > 12 else "")
        why_zh, why_en = f"现有地域：{shown}", f"places that exist: {shown}"
    else:
        why_zh, why_en = f"现有用途：{'、'.join(purposes)}", f"purposes that exist: {', '.join(purposes)}"
    place = places[0] if places else ""
    named = f" of {guideline}" if guideline else ""
    named_zh = f"，{guideline}" if guideline else ""
    purpose_zh, purpose_en = PURPOSES.get(purpose, (purpose, purpose))
    return NoFactor(
        f"no factor{named} for {activity} ({gas}, {purpose_en}) at {place} in {year}; {why_en}",
        zh=f"{place} {year} 年没有 {activity}（{gas}，{purpose_zh}{named_zh}）的因子；{why_zh}",
        value=(activity, gas, place, year, purpose),
        years=years,
        places=there,
        purposes=purposes,
        guidelines=guidelines,
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
            raise UnknownGwpSet(
                f"no such set of warming potentials; known: {', '.join(self.sets)}",
                zh=f"没有 GWP 数值集“{set_name}”；现有：{'、'.join(self.sets)}",
                value=set_name,
                choices=self.sets,
            )

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
        raise NoGwp(
            f"{set_name} has no {horizon_years}-year potential for {gas}; sets that have one: {', '.join(have) or '-'}",
            zh=f"{set_name} 没有 {gas} 的 {horizon_years} 年 GWP；有该值的数值集：{'、'.join(have) or '无'}",
            value=gas,
            choices=have,
        )


def to_number(text: str) -> float | None:
    """A finite number as a machine writes it; None for anything else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


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
        raise UnknownRegion(
            f"no such place; nearest codes: {', '.join(near)}",
            zh=f"没有地点代码“{code}”；相近的有：{'、'.join(near)}",
            value=code,
            choices=near,
        )

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


def value_text(factor: Factor) -> str:
    """`0.5227 tCO2/MWh`, `1.46 tCO2/t`, `72.5853 kgCO2/GJ`: value and unit as people know them."""
    gas, per = factor.gas.split("_")[0], factor.unit.removeprefix("kg/")
    if factor.unit == "kg/kWh":
        is_small = factor.value < 1e-3
        return f"{factor.value * 1000:.6g} kg{gas}/MWh" if is_small else f"{factor.value:.6g} t{gas}/MWh"
    if factor.unit == "kg/t" and factor.value >= 10:
        return f"{factor.value / 1000:.6g} t{gas}/t"
    return f"{factor.value:.6g} kg{gas}/{per}" if factor.unit.startswith("kg/") else f"{factor.value:.6g} {factor.unit}"
