"""What the engine is given: one JSON record per company, and the same as columns.

The record is the archive format. Its canonical JSON is what is hashed, stored and recomputed from.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict

import numpy as np

from scoring.engine.columns import LARGEST, SMALLEST, Floats, Ints
from scoring.engine.errors import (
    DuplicateCompany,
    DuplicateTarget,
    DuplicateYear,
    IncompleteFigure,
    NegativeAmount,
    NotFinite,
    OutOfRange,
    UnknownWord,
    UnsortedYears,
    WrongShape,
)

if TYPE_CHECKING:
    from scoring.engine.score.candidacy import CandidacyRecord

# A column of words holds the position in its list; -1 is "not given".
SCOPE2_KINDS = ("location", "market", "unspecified")
BOUNDARIES = ("matched", "mismatched", "unstated")
HORIZONS = ("end", "interim")
TARGET_KINDS = (
    "net_zero",
    "carbon_neutral",
    "absolute",
    "intensity",
    "unspecified_reduction",
    "other",
    "words_only",
    "none",
)
SCOPE3_COVERS = ("yes", "partial", "no", "unspecified")
Covers = Literal["yes", "partial", "no", "unspecified"]
STATUSES = ("strategy", "pledge", "achieved", "proposed", "unstated")
VALIDATIONS = ("1.5c", "well_below_2c", "committed", "unstated")
RUNGS = (1, 2)
DOUBTS = ("emissions", "revenue")  # what plausibility puts in question
TARGET_DOUBTS = ("reduction",)  # the same of a target: its figure is then left out of the record
# What the text of a target contradicts, or says of a part of the company: its figure is left out likewise; a scope
# alone is not used; and where the text
# promises more for a later year nothing is in doubt, and a person is asked for that one.
FIGURES_ASKED = ("reduction", "base_year", "target_year", "coverage")
SCOPES_ASKED = ("scope1", "scope2", "scope3")
LATER_ASKED = "later"
ASKED = (*FIGURES_ASKED, *SCOPES_ASKED, LATER_ASKED)


class YearRecord(TypedDict):
    year: int
    scope1_t: float | None
    scope2_t: float | None
    scope2_kind: Literal["location", "market", "unspecified"] | None
    rung: Literal[1, 2]
    boundary: Literal["matched", "mismatched", "unstated"]
    revenue: float | None
    currency: str | None
    cny_per_unit: float | None
    disclosure: str
    scope3_t: NotRequired[float | None]  # absent in archives from before temperature scores
    # Of a revenue without an exchange rate of its own year: the earlier year whose mean `cny_per_unit` is, or None
    # where there is none at all. Absent where the mean is the year's own, and in archives from before engine 0.3.0.
    mean_of: NotRequired[int | None]
    doubts: NotRequired[list[Literal["emissions", "revenue"]]]  # absent where nothing is in doubt


class AskedRecord(TypedDict):
    """A question to a person: the text of a target says one thing, the fields beside it another."""

    code: str  # in ASKED
    said: str | None  # by the text; None of a scope: the text does not give it the percentage
    given: str | None  # by the field


class TargetRecord(TypedDict):
    target_key: str
    horizon: Literal["end", "interim"]
    kind: Literal[
        "net_zero",
        "carbon_neutral",
        "absolute",
        "intensity",
        "unspecified_reduction",
        "other",
        "words_only",
        "none",
    ]
    reduction_share: float | None
    base_year: int | None
    target_year: int | None
    scope1: NotRequired[Covers]  # this and the next: absent in archives from before temperature scores
    scope2: NotRequired[Covers]
    scope3: Covers
    status: Literal["strategy", "pledge", "achieved", "proposed", "unstated"]
    validated: Literal["1.5c", "well_below_2c", "committed", "unstated"]
    doubts: NotRequired[list[Literal["reduction"]]]  # absent where nothing is in doubt
    asked: NotRequired[list[AskedRecord]]  # absent where the text contradicts nothing


class FeatureRecord(TypedDict):
    """What an estimate of missing emissions may look at."""

    year: int
    revenue_cny: float | None
    revenue_undated: bool  # its source gives no year: taken at the rate of `year`
    employees: int | None
    electricity_kwh: float | None
    energy_mj: float | None
    coal_t: float | None
    water_t: float | None
    waste_t: float | None
    text: str  # the business in words; may be empty
    mean_of: NotRequired[int]  # the earlier year whose mean turned the revenue into yuan
    no_rate_for: NotRequired[str]  # currency and year of a revenue that is there and cannot be turned into yuan
    doubts: NotRequired[list[Literal["emissions", "revenue"]]]  # absent where nothing is in doubt


class CompanyRecord(TypedDict):
    company_key: str
    sector: str | None
    # Divisions that the source's sector word can stand for, the one chosen first; absent in older archives.
    isic: NotRequired[list[str]]
    years: list[YearRecord]
    targets: list[TargetRecord]
    features: NotRequired[FeatureRecord]  # only where no year has emissions
    candidacy: NotRequired["CandidacyRecord"]  # of a candidate; without it the company is a peer


@dataclass(frozen=True, eq=False)
class YearColumns:
    """Company-years, shape (rows,), by company and ascending year. NaN in a float column means not reported."""

    owner: Ints  # position of the company in the batch
    year: Ints
    scope1_t: Floats
    scope2_t: Floats
    scope2_kind: Ints
    rung: Ints
    boundary: Ints
    revenue: Floats  # in `currency`
    currency: tuple[str | None, ...]
    cny_per_unit: Floats
    mean_of: tuple[int | None, ...]  # another year than the row's own
    disclosure: tuple[str, ...]
    start: Ints  # shape (companies + 1,): rows start[i]:start[i + 1] belong to company i


@dataclass(frozen=True, eq=False)
class TargetColumns:
    """Targets, shape (rows,), by company in the record's order. A year of 0 means not given, NaN likewise."""

    owner: Ints
    target_key: tuple[str, ...]
    horizon: Ints
    kind: Ints
    reduction_share: Floats
    base_year: Ints
    target_year: Ints
    scope3: Ints
    status: Ints
    validated: Ints
    start: Ints


@dataclass(frozen=True, eq=False)
class Inputs:
    """A batch of companies as columns. A single company is a batch of one."""

    company_key: tuple[str, ...]
    sector: tuple[str | None, ...]
    years: YearColumns
    targets: TargetColumns
    features: tuple[FeatureRecord | None, ...]
    records: tuple[CompanyRecord, ...]  # as given: what few indicators read stays there

    def __len__(self) -> int:
        return len(self.company_key)

    @classmethod
    def from_records(cls, records: Sequence[CompanyRecord]) -> "Inputs":
        """Columns from records of the contract. Nothing is repaired: raises the InputError that names the fault."""
        company_key: list[str] = []
        sector: list[str | None] = []
        year_rows: list[tuple[Any, ...]] = []
        target_rows: list[tuple[Any, ...]] = []
        features: list[FeatureRecord | None] = []
        seen: set[str] = set()
        for owner, record in enumerate(records):
            key = _company_key(record)
            if key in seen:
                raise DuplicateCompany("company twice in the batch", value=key, company_key=key)
            seen.add(key)
            company_key.append(key)
            sector.append(_optional_text(record["sector"], "sector", key))
            year_rows += _year_rows(record["years"], owner, key)
            target_rows += _target_rows(record["targets"], owner, key)
            features.append(_features(record.get("features"), key))
        return cls(
            tuple(company_key),
            tuple(sector),
            _year_columns(year_rows, len(company_key)),
            _target_columns(target_rows, len(company_key)),
            tuple(features),
            tuple(records),
        )


def _year_columns(rows: list[tuple[Any, ...]], companies: int) -> YearColumns:
    columns = list(zip(*rows, strict=True)) if rows else [()] * 12
    owner = _ints(columns[0])
    return YearColumns(
        owner,
        _ints(columns[1]),
        _floats(columns[2]),
        _floats(columns[3]),
        _ints(columns[4]),
        _ints(columns[5]),
        _ints(columns[6]),
        _floats(columns[7]),
        columns[8],
        _floats(columns[9]),
        columns[10],
        columns[11],
        _starts(owner, companies),
    )


def _target_columns(rows: list[tuple[Any, ...]], companies: int) -> TargetColumns:
    columns = list(zip(*rows, strict=True)) if rows else [()] * 10
    owner = _ints(columns[0])
    return TargetColumns(
        owner,
        columns[1],
        _ints(columns[2]),
        _ints(columns[3]),
        _floats(columns[4]),
        _ints(columns[5]),
        _ints(columns[6]),
        _ints(columns[7]),
        _ints(columns[8]),
        _ints(columns[9]),
        _starts(owner, companies),
    )


def _ints(values: Sequence[int]) -> Ints:
    column = np.array(values, dtype=np.int64)
    column.setflags(write=False)
    return column


def _floats(values: Sequence[float]) -> Floats:
    column = np.array(values, dtype=np.float64)
    column.setflags(write=False)
    return column


def _starts(owner: Ints, companies: int) -> Ints:
    start: Ints = np.searchsorted(owner, np.arange(companies + 1)).astype(np.int64)
    start.setflags(write=False)
    return start


# What a record must have, and what it may have besides.
_COMPANY_FIELDS = CompanyRecord.__required_keys__, CompanyRecord.__optional_keys__
_FEATURE_FIELDS = FeatureRecord.__required_keys__, FeatureRecord.__optional_keys__
_AMOUNTS = ("revenue_cny", "employees", "electricity_kwh", "energy_mj", "coal_t", "water_t", "waste_t")
_YEAR_FIELDS = YearRecord.__required_keys__, YearRecord.__optional_keys__
_ASKED_FIELDS = AskedRecord.__required_keys__, AskedRecord.__optional_keys__
_TARGET_FIELDS = TargetRecord.__required_keys__, TargetRecord.__optional_keys__

_SCOPE2_KIND = {None: -1} | {word: i for i, word in enumerate(SCOPE2_KINDS)}
_BOUNDARY = {word: i for i, word in enumerate(BOUNDARIES)}
_HORIZON = {word: i for i, word in enumerate(HORIZONS)}
_KIND = {word: i for i, word in enumerate(TARGET_KINDS)}
_SCOPE3 = {word: i for i, word in enumerate(SCOPE3_COVERS)}
_STATUS = {word: i for i, word in enumerate(STATUSES)}
_VALIDATED = {word: i for i, word in enumerate(VALIDATIONS)}


def _company_key(record: CompanyRecord) -> str:
    key = record.get("company_key") if isinstance(record, dict) else None
    if not isinstance(key, str) or not key:
        raise WrongShape("a record needs a company_key", value=key)
    check_fields(record, _COMPANY_FIELDS, "record", key)
    isic = record.get("isic", [])
    if not isinstance(isic, list) or not all(isinstance(word, str) and word for word in isic):
        raise WrongShape("isic must be a list of divisions", value=isic, company_key=key)
    return key


def _features(given: object, key: str) -> FeatureRecord | None:
    if given is None:
        return None
    check_fields(given, _FEATURE_FIELDS, "features", key)
    found: Any = given
    whole_of(found["year"], "year", key)
    for name in _AMOUNTS:
        _amount(found[name], name, key)
    if not isinstance(found["text"], str) or type(found["revenue_undated"]) is not bool:
        raise WrongShape("features need a text and whether revenue is undated", value=found["text"], company_key=key)
    if "mean_of" in found:
        _mean_of(found, key)
    if "no_rate_for" in found:
        text_of(found["no_rate_for"], "no_rate_for", key)
    _doubts(found.get("doubts", []), key)
    record: FeatureRecord = found
    return record


def _year_rows(rows: object, owner: int, key: str) -> list[tuple[Any, ...]]:
    out: list[tuple[Any, ...]] = []
    before: int | None = None
    for row in _rows(rows, "years", key):
        check_fields(row, _YEAR_FIELDS, "year", key)
        year = whole_of(row["year"], "year", key)
        if before is not None and year <= before:
            error = DuplicateYear if year == before else UnsortedYears
            raise error("years must ascend, one row a year", value=year, company_key=key)
        before = year
        scope2_t = _amount(row["scope2_t"], "scope2_t", key)
        scope2_kind = _code(row["scope2_kind"], _SCOPE2_KIND, "scope2_kind", key)
        if scope2_kind < 0 and scope2_t == scope2_t:
            raise IncompleteFigure(f"scope 2 of {year} needs its scope2_kind", value=scope2_t, company_key=key)
        # Revenue may be negative (a bank's, in a bad year): the indicator says that no intensity follows from it.
        revenue = number_of(row["revenue"], "revenue", key)
        currency = _optional_text(row["currency"], "currency", key)
        if currency is None and revenue == revenue:
            raise IncompleteFigure(f"revenue of {year} needs its currency", value=revenue, company_key=key)
        if row["rung"] not in RUNGS or type(row["rung"]) is not int:
            raise UnknownWord("rung must be 1 or 2", value=row["rung"], company_key=key)
        _doubts(row.get("doubts", []), key)  # these and the next are read from the record
        _amount(row.get("scope3_t"), "scope3_t", key)  # read from the record by the temperature score alone
        out.append(
            (
                owner,
                year,
                _amount(row["scope1_t"], "scope1_t", key),
                scope2_t,
                scope2_kind,
                row["rung"],
                _code(row["boundary"], _BOUNDARY, "boundary", key),
                revenue,
                currency,
                _rate(row["cny_per_unit"], key),
                _mean_of(row, key),
                text_of(row["disclosure"], "disclosure", key),
            )
        )
    return out


def _target_rows(rows: object, owner: int, key: str) -> list[tuple[Any, ...]]:
    out: list[tuple[Any, ...]] = []
    seen: set[str] = set()
    for row in _rows(rows, "targets", key):
        check_fields(row, _TARGET_FIELDS, "target", key)
        target_key = text_of(row["target_key"], "target_key", key)
        if target_key in seen:
            raise DuplicateTarget("target twice", value=target_key, company_key=key)
        seen.add(target_key)
        _doubts(row.get("doubts", []), key, TARGET_DOUBTS)
        for one in _rows(row.get("asked", []), "asked", key):
            check_fields(one, _ASKED_FIELDS, "asked", key)
            if one["code"] not in ASKED:
                raise UnknownWord("unknown question", value=one["code"], company_key=key)
        for scope in ("scope1", "scope2"):  # read from the record by the temperature score alone
            _code(row.get(scope, "unspecified"), _SCOPE3, scope, key)
        out.append(
            (
                owner,
                target_key,
                _code(row["horizon"], _HORIZON, "horizon", key),
                _code(row["kind"], _KIND, "kind", key),
                _amount(row["reduction_share"], "reduction_share", key),
                _optional_year(row["base_year"], "base_year", key),
                _optional_year(row["target_year"], "target_year", key),
                _code(row["scope3"], _SCOPE3, "scope3", key),
                _code(row["status"], _STATUS, "status", key),
                _code(row["validated"], _VALIDATED, "validated", key),
            )
        )
    return out


def _doubts(words: object, key: str, known: Sequence[str] = DOUBTS) -> None:
    if not isinstance(words, list) or words != sorted(set(words)):
        raise WrongShape("doubts must be a sorted list", value=words, company_key=key)
    for word in words:
        if word not in known:
            raise UnknownWord("unknown doubt", value=word, company_key=key)


def _rows(rows: object, name: str, key: str) -> list[Any]:
    if not isinstance(rows, list):
        raise WrongShape(f"{name} must be a list", value=rows, company_key=key)
    return rows


def check_fields(row: object, fields: tuple[frozenset[str], frozenset[str]], name: str, key: str) -> None:
    if not isinstance(row, dict):
        raise WrongShape(f"{name} must be an object", value=row, company_key=key)
    required, optional = fields
    wrong = (required - row.keys()) | (row.keys() - required - optional)
    if wrong:
        raise WrongShape(f"{name} has absent or unexpected fields", value=sorted(wrong), company_key=key)


def whole_of(value: object, field: str, key: str) -> int:
    if type(value) is not int:
        raise WrongShape(f"{field} must be a whole number", value=value, company_key=key)
    if not 1 <= value <= 9999:
        raise WrongShape(f"{field} must be a calendar year", value=value, company_key=key)
    return value


def _optional_year(value: object, field: str, key: str) -> int:
    return 0 if value is None else whole_of(value, field, key)


def number_of(value: object, field: str, key: str) -> float:
    if value is None:
        return math.nan
    if type(value) is not float and type(value) is not int:
        raise WrongShape(f"{field} must be a number", value=value, company_key=key)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise NotFinite(f"{field} must be finite", value=value, company_key=key)
    if number != 0 and not SMALLEST <= abs(number) <= LARGEST:
        raise OutOfRange(f"{field} has an impossible size", value=value, company_key=key)
    return number


def _amount(value: object, field: str, key: str) -> float:
    number = number_of(value, field, key)
    if number < 0:
        raise NegativeAmount(f"{field} must not be negative", value=value, company_key=key)
    return number


def _mean_of(row: Mapping[str, Any], key: str) -> int | None:
    """A mean is never of a later year than what it converts."""
    given = row.get("mean_of")
    if given is not None and whole_of(given, "mean_of", key) >= row["year"]:
        raise OutOfRange("mean_of must be before the year", value=given, company_key=key)
    return given


def _rate(value: object, key: str) -> float:
    rate = number_of(value, "cny_per_unit", key)
    if rate <= 0:
        raise NegativeAmount("cny_per_unit must be above zero", value=value, company_key=key)
    return rate


def text_of(value: object, field: str, key: str) -> str:
    if not isinstance(value, str) or not value:
        raise WrongShape(f"{field} must be a text", value=value, company_key=key)
    return value


def _optional_text(value: object, field: str, key: str) -> str | None:
    return None if value is None else text_of(value, field, key)


def _code(value: object, words: Mapping[Any, int], field: str, key: str) -> int:
    try:
        return words[value]
    except (KeyError, TypeError):
        raise UnknownWord(f"unknown {field}", value=value, company_key=key) from None
