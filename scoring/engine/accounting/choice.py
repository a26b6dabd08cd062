"""Which factor a line takes, and why the others lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from scoring.engine.accounting.reference import NEVER_IN_AN_INVENTORY, PROPERTIES, PURPOSES, Factor, FactorTable
from scoring.engine.errors import (
    FactorTie,
    LifeCycleFactor,
    NoFactor,
)
from scoring.engine.words import Text

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
