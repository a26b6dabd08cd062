"""What is archived of a candidate beside what every company has: its family, the facts of its gates, its years.

Part of a company's record (`CompanyRecord["candidacy"]`). A peer has none. `None` is not told; 0 is told.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NotRequired, TypedDict

import numpy as np

from scoring.engine.columns import Bools, Floats, Ints, canonical_json
from scoring.engine.errors import DuplicateYear, NegativeAmount, OutOfRange, UnknownWord, UnsortedYears, WrongShape
from scoring.engine.inputs import BOUNDARIES, check_fields, number_of, text_of, whole_of
from scoring.engine.score.bar_sheet import OWN_INPUTS, RUNGS, BarSheet, Rung

Stage = Literal["mature", "venture"]
Verdict = Literal["pass", "fail", "not_decidable"]
GATES = ("G1", "G2", "G3", "G4", "G5")
Kind = Literal["realised", "measured", "planned", "potential"]
KINDS: tuple[Kind, ...] = ("realised", "measured", "planned", "potential")
SUBSIDIES = ("grants", "price_premium", "theme_credits")
PLAN_STAIR = ("none", "pledge", "measurable", "costed", "on_track")


class Told(TypedDict):
    """A figure with how it is known and what says so. Money is in yuan, at the mean of the year."""

    value: float
    rung: Rung
    source: str  # digest of a disclosure, or the source's title
    given: NotRequired[str]  # as the source has it where converted: "5,219,400,000 USD × 7.1884 (2025)"
    doubts: NotRequired[list[str]]


class Subsidy(TypedDict):
    told: Told | None  # value 0: stated that there is none
    standing: Literal["inside", "outside", "unknown"]  # of EBIT; unknown counts as inside


class Sold(TypedDict):
    """Units of the family sold in the year at one place, or made by an operator."""

    family: str
    kind: Kind
    place: str  # ISO 3166-1 alpha-3
    units: Told | None
    service: Told | None  # per unit and year, in the family's unit of service
    life: Told | None  # whole years
    use: Told | None  # share
    energy: Told | None  # MWh of electricity consumed per unit of service; above 0
    lca: Told | None  # t per unit
    cost_share: Told | None  # of a component in the system; 1: the whole. Untold: no lifetime tonnes


class StatedAvoided(TypedDict):
    """The company's own statement: shown with its kind, never judged."""

    year: int
    t: float
    kind: str  # year_of_fleet, cumulative, life_of_units_sold, unstated
    source: str


class CandidateYear(TypedDict):
    year: int
    boundary: Literal["matched", "mismatched", "unstated"]  # of the tonnes against the denominators
    scope1: Told | None
    scope2_location: Told | None  # as reported
    scope2_by_activity: Told | None  # kWh × location-based factor; stands in where none is reported
    scope2_other_rung: Rung | None  # of a market-based or unstated report of the year: never fills O
    revenue: Told | None
    value_added: Told | None
    output: Told | None  # in the family's unit
    ebit: Told | None
    ebitda: Told | None
    gross_profit: Told | None
    subsidies: dict[str, Subsidy]  # of SUBSIDIES, each
    priced_t: Told | None
    free_allocation_t: Told | None
    runway_months: Told | None
    sold: list[Sold]


class ThemeShare(TypedDict):
    year: int
    share: float
    is_partial: bool  # a lower bound: it can pass, never fail
    basis: Literal["revenue", "capex_and_rnd"]
    source: str


class Catalogue(TypedDict):
    edition: str  # 2025, or 2024-guidance
    code: str
    valid_until: str | None  # ISO date


class Word(TypedDict):
    """What a person of the fund confirmed, with the evidence they saw. Who it was is not archived: a receipt leaves."""

    answer: Literal["yes", "no"]
    code: str  # which exclusion, where one holds
    evidence: str
    on: str  # ISO date


class GateFacts(TypedDict):
    identifiers: Literal["valid", "invalid", "none"]
    joins: Literal["confirmed", "waiting", "conflicting"]  # conflicting: figures of two entities count together
    exclusion: Word | None  # yes: one holds
    track_confirmed: bool
    catalogue: Catalogue | None
    theme_share: ThemeShare | None  # the latest told one that counts
    fossil_extraction: Word | None  # yes: it serves fossil extraction
    direct_and_significant: Word | None
    recorded: dict[str, Verdict]  # the last decided verdict of a gate: withdrawing its evidence does not reopen it


class CandidacyRecord(TypedDict):
    track: str  # "": the fund has no track for it, which fails G3
    family: str | None
    stage: Stage
    gates: GateFacts
    years: list[CandidateYear]  # ascending
    stated_avoided: list[StatedAvoided]


# --- columns ------------------------------------------------------------------------------------------------------
AMOUNTS = (
    "scope1",
    "scope2",
    "revenue",
    "value_added",
    "output",
    "ebit",
    "ebitda",
    "gross_profit",
    *SUBSIDIES,
    "priced_t",
    "free_allocation_t",
    "runway_months",
)
OF_UNITS = ("units", *OWN_INPUTS, "cost_share")
NOT_TOLD = -1  # the rung of a figure that nobody told
MATCHED, MISMATCHED = BOUNDARIES.index("matched"), BOUNDARIES.index("mismatched")


@dataclass(frozen=True, eq=False)
class CandidateColumns:
    """Candidates, their years up to the sheet's data year, and what they sold in them, as flat arrays.

    Each candidate has a row of the data year: an empty one where it told nothing. NaN is not told.
    """

    company_key: tuple[str, ...]
    family: Ints  # (n,): position in the sheet; -1: none, or none that the sheet knows
    is_venture: Bools
    sets_the_bar: Bools
    theme_share: Floats  # (n,): of revenue, not partial; NaN
    theme_share_year: Ints
    owner: Ints  # (rows,): position of the candidate, ascending
    year: Ints  # ascending within a candidate
    is_mismatched: Bools
    amount: Mapping[str, Floats]  # of AMOUNTS
    rung: Mapping[str, Ints]
    stood_for: Ints  # rung of the report for which electricity × factor stands in; -1
    is_inside: Mapping[str, Bools]  # of SUBSIDIES: to be taken off
    start: Ints  # (n + 1,): rows start[i]:start[i + 1] belong to candidate i
    row: Ints  # (sold,): of whose year; rows of the candidate's own family only, ascending
    kind: Ints
    path: Ints  # of the place, in the sheet; -1: the sheet's stand-in
    place: tuple[str, ...]
    unit: Mapping[str, Floats]  # of OF_UNITS
    unit_rung: Mapping[str, Ints]

    def __len__(self) -> int:
        return len(self.company_key)

    @classmethod
    def from_records(
        cls, company_keys: Sequence[str], records: Sequence[CandidacyRecord], sheet: BarSheet
    ) -> CandidateColumns:
        """Of records that were checked."""
        families = {family.code: position for position, family in enumerate(sheet.families)}
        places = {path.place: position for position, path in enumerate(sheet.paths)}
        rows: list[tuple[int, CandidateYear]] = []
        sold: list[tuple[int, Sold]] = []
        for i, record in enumerate(records):
            for year in _years(record, sheet.data_year):
                sold += [(len(rows), row) for row in order_of_sold(year, record["family"])]
                rows.append((i, year))
        shares = [_theme_share(record) for record in records]
        told = {name: [_amount(year, name) for _, year in rows] for name in AMOUNTS}
        of_units = {name: [row[name] for _, row in sold] for name in OF_UNITS}  # type: ignore[literal-required]
        family = [families.get(record["family"] or "", -1) for record in records]
        return cls(
            tuple(company_keys),
            _ints(family),
            _bools([record["stage"] == "venture" for record in records]),
            _bools(f >= 0 and k in sheet.families[f].sets_the_bar for f, k in zip(family, company_keys, strict=True)),
            np.array([share for _, share in shares], dtype=np.float64),
            _ints([year for year, _ in shares]),
            _ints([i for i, _ in rows]),
            _ints([year["year"] for _, year in rows]),
            _bools([year["boundary"] == "mismatched" for _, year in rows]),
            {name: _values(column) for name, column in told.items()},
            {name: _rungs(column) for name, column in told.items()},
            _ints([_stood_for(year) for _, year in rows]),
            {
                name: _bools([year["subsidies"][name]["standing"] != "outside" for _, year in rows])
                for name in SUBSIDIES
            },
            np.searchsorted(_ints([i for i, _ in rows]), np.arange(len(records) + 1)).astype(np.int64),
            _ints([position for position, _ in sold]),
            _ints([KINDS.index(row["kind"]) for _, row in sold]),
            _ints([places.get(row["place"], -1) for _, row in sold]),
            tuple(row["place"] for _, row in sold),
            {name: _values(column) for name, column in of_units.items()},
            {name: _rungs(column) for name, column in of_units.items()},
        )


def _years(record: CandidacyRecord, data_year: int) -> list[CandidateYear]:
    years = [year for year in record["years"] if year["year"] <= data_year]
    if not years or years[-1]["year"] != data_year:
        years.append(empty_year(data_year))
    return years


def order_of_sold(year: CandidateYear, family: str | None) -> list[Sold]:
    """The rows of the candidate's own family, in one order: how they were told changes no last bit."""
    return sorted((row for row in year["sold"] if row["family"] == family), key=canonical_json)


def empty_year(year: int) -> CandidateYear:
    """Of which nothing is told."""
    told: dict[str, Any] = dict.fromkeys(_FIGURES)
    subsidies = {name: {"told": None, "standing": "unknown"} for name in SUBSIDIES}
    rest = {"year": year, "boundary": "unstated", "scope2_other_rung": None, "subsidies": subsidies, "sold": []}
    found: Any = told | rest
    return found  # type: ignore[no-any-return]


def _amount(year: CandidateYear, name: str) -> Told | None:
    if name in SUBSIDIES:
        return year["subsidies"][name]["told"]
    if name == "scope2":
        return year["scope2_location"] or year["scope2_by_activity"]
    return year[name]  # type: ignore[literal-required,no-any-return]


def _stood_for(year: CandidateYear) -> int:
    """Electricity × factor is never better known than the report for which it stands in."""
    other = year["scope2_other_rung"]
    stands_in = year["scope2_location"] is None and year["scope2_by_activity"] is not None
    return RUNGS.index(other) if stands_in and other is not None else NOT_TOLD


def _theme_share(record: CandidacyRecord) -> tuple[int, float]:
    share = record["gates"]["theme_share"]
    if share is None or share["is_partial"] or share["basis"] != "revenue":
        return 0, math.nan
    return share["year"], share["share"]


def _values(told: Sequence[Told | None]) -> Floats:
    return np.array([math.nan if one is None else one["value"] for one in told], dtype=np.float64)


def _rungs(told: Sequence[Told | None]) -> Ints:
    return _ints([NOT_TOLD if one is None else RUNGS.index(one["rung"]) for one in told])


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _bools(values: Any) -> Bools:
    return np.array(list(values), dtype=np.bool_)


# --- checks -------------------------------------------------------------------------------------------------------
_FIGURES = (
    "scope1",
    "scope2_location",
    "scope2_by_activity",
    "revenue",
    "value_added",
    "output",
    "ebit",
    "ebitda",
    "gross_profit",
    "priced_t",
    "free_allocation_t",
    "runway_months",
)
_MAY_BE_NEGATIVE = {"revenue", "value_added", "ebit", "ebitda", "gross_profit", "lca"}
_MOST = {"use": 1.0, "cost_share": 1.0, "life": 200.0}
_OPTIONAL = {Told: frozenset({"given", "doubts"})}
EDITIONS = ("2025", "2024-guidance")


def check(record: object, key: str) -> None:
    """Raises the InputError that names what is wrong with what is archived of a candidate."""
    found = _object(record, CandidacyRecord, "candidacy", key)
    _word(found["stage"], ("mature", "venture"), "stage", key)
    if found["family"] is not None:
        text_of(found["family"], "family", key)
    if not isinstance(found["track"], str):
        raise WrongShape("track must be a text", value=found["track"], company_key=key)
    _check_gates(found["gates"], key)
    before = 0
    for year in _list(found["years"], "years", key):
        _check_year(year, key)
        if year["year"] <= before:
            error = DuplicateYear if year["year"] == before else UnsortedYears
            raise error("years must ascend, one row a year", value=year["year"], company_key=key)
        before = year["year"]
    for stated in _list(found["stated_avoided"], "stated_avoided", key):
        _object(stated, StatedAvoided, "stated avoided tonnes", key)
        whole_of(stated["year"], "year", key)
        number_of(stated["t"], "t", key)


def _check_gates(given: object, key: str) -> None:
    gates = _object(given, GateFacts, "gates", key)
    _word(gates["identifiers"], ("valid", "invalid", "none"), "identifiers", key)
    _word(gates["joins"], ("confirmed", "waiting", "conflicting"), "joins", key)
    if type(gates["track_confirmed"]) is not bool:
        raise WrongShape("track_confirmed must be true or false", value=gates["track_confirmed"], company_key=key)
    for name in ("exclusion", "fossil_extraction", "direct_and_significant"):
        if gates[name] is not None:
            word = _object(gates[name], Word, name, key)
            _word(word["answer"], ("yes", "no"), name, key)
            _day(word["on"], f"{name}/on", key)
    if gates["catalogue"] is not None:
        catalogue = _object(gates["catalogue"], Catalogue, "catalogue", key)
        _word(catalogue["edition"], EDITIONS, "edition of the catalogue", key)
        text_of(catalogue["code"], "code of the catalogue", key)
        if catalogue["valid_until"] is not None:
            _day(catalogue["valid_until"], "valid_until", key)
    if gates["theme_share"] is not None:
        share = _object(gates["theme_share"], ThemeShare, "theme_share", key)
        whole_of(share["year"], "year", key)
        _word(share["basis"], ("revenue", "capex_and_rnd"), "basis of the theme share", key)
        _at_most(_amount_of(share["share"], "theme share", key), 1.0, "theme share", key)
        if type(share["is_partial"]) is not bool:
            raise WrongShape("is_partial must be true or false", value=share["is_partial"], company_key=key)
    if not isinstance(gates["recorded"], dict):
        raise WrongShape("recorded must be an object", value=gates["recorded"], company_key=key)
    for gate, verdict in gates["recorded"].items():
        _word(gate, GATES, "gate", key)
        _word(verdict, ("pass", "fail", "not_decidable"), "verdict", key)


def _check_year(given: object, key: str) -> None:
    year = _object(given, CandidateYear, "year of a candidate", key)
    whole_of(year["year"], "year", key)
    _word(year["boundary"], BOUNDARIES, "boundary", key)
    for name in _FIGURES:
        _check_told(year[name], name, key)
    if year["scope2_other_rung"] is not None:
        _word(year["scope2_other_rung"], RUNGS, "rung", key)
    subsidies = year["subsidies"]
    if not isinstance(subsidies, dict) or subsidies.keys() != set(SUBSIDIES):
        raise WrongShape("each kind of subsidy must be there", value=subsidies, company_key=key)
    for name in SUBSIDIES:
        subsidy = _object(subsidies[name], Subsidy, f"subsidies/{name}", key)
        _word(subsidy["standing"], ("inside", "outside", "unknown"), "standing", key)
        _check_told(subsidy["told"], name, key)
    for row in _list(year["sold"], "sold", key):
        _object(row, Sold, "sold", key)
        text_of(row["family"], "family", key)
        _word(row["kind"], KINDS, "kind", key)
        if not (isinstance(row["place"], str) and len(row["place"]) == 3 and row["place"].isupper()):
            raise UnknownWord("a place is three capital letters", value=row["place"], company_key=key)
        for name in OF_UNITS:
            _check_told(row[name], name, key)


def _check_told(told: object, name: str, key: str) -> None:
    if told is None:
        return
    found = _object(told, Told, name, key)
    value = number_of(found["value"], name, key)
    if value != value:
        raise WrongShape(f"{name} must be a number", value=None, company_key=key)
    _word(found["rung"], RUNGS, "rung", key)
    text_of(found["source"], "source", key)
    if value < 0 and name not in _MAY_BE_NEGATIVE:
        raise NegativeAmount(f"{name} must not be negative", value=value, company_key=key)
    _at_most(value, _MOST.get(name, math.inf), name, key)
    if name == "energy" and value == 0:
        raise OutOfRange("energy must be above 0", value=value, company_key=key)
    if name == "life" and (value != int(value) or value < 1):
        raise OutOfRange("life must be whole years, at least one", value=value, company_key=key)


def _object(given: object, kind: Any, name: str, key: str) -> Any:
    names = frozenset(kind.__annotations__)
    optional = _OPTIONAL.get(kind, frozenset())
    check_fields(given, (names - optional, optional), name, key)
    return given


def _list(given: object, name: str, key: str) -> list[Any]:
    if not isinstance(given, list):
        raise WrongShape(f"{name} must be a list", value=given, company_key=key)
    return given


def _word(given: object, words: Sequence[str], name: str, key: str) -> None:
    if not isinstance(given, str) or given not in words:
        raise UnknownWord(f"unknown {name}", value=given, company_key=key)


def _amount_of(given: object, name: str, key: str) -> float:
    number = number_of(given, name, key)
    if number != number:
        raise WrongShape(f"{name} must be a number", value=given, company_key=key)
    if number < 0:
        raise NegativeAmount(f"{name} must not be negative", value=given, company_key=key)
    return number


def _at_most(number: float, most: float, name: str, key: str) -> None:
    if number > most:
        raise OutOfRange(f"{name} is above {most:g}", value=number, company_key=key)


def _day(given: object, name: str, key: str) -> None:
    try:
        date.fromisoformat(given)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise WrongShape(f"{name} is not a day", value=given, company_key=key) from None
