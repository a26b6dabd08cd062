"""Which factor a line takes, and why the others lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from scoring.engine.accounting.reference import NEVER_IN_AN_INVENTORY, Factor, FactorTable
from scoring.engine.errors import (
    FactorTie,
    LifeCycleFactor,
    NoFactor,
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
        """Every other factor of the activity with the code of its reason."""
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
        raise LifeCycleFactor(value=purpose)
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
    return FactorTie(value=rivals[0].activity, choices=ids)


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
    instead: tuple[str, object]  # the sentence that says what there is, with its words
    if years:
        instead = "years", years
    elif guidelines:
        instead = "guidelines", guidelines
    elif guideline and known:
        instead = "no_guideline", guideline
    elif here:
        instead = "published", min(str(factor.published) for factor in here)
    elif there:
        instead = "places", there
    else:
        instead = "purposes", purposes
    return NoFactor(
        value=(activity, gas, places[0] if places else "", year, purpose),
        choices=tuple(map(str, years)) or guidelines or there or purposes,
        guideline=guideline,
        as_of=as_of,
        instead=instead,
    )
