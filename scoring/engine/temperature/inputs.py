"""What the temperature score is given: companies and targets as frozen columns. Missing is NaN, 0 for a year or day."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, NotRequired, TypedDict, TypeVar

import numpy as np

from scoring.engine.columns import Floats, Ints
from scoring.engine.errors import DuplicateCompany, UnknownWord, WrongShape

TIME_FRAMES = ("short", "mid", "long")
SCOPES = ("S1+S2", "S3", "S1+S2+S3")  # the results, scored by every edition
TARGET_SCOPES = (*SCOPES, "S1", "S2")  # what a target may cover; the scored ones have the same codes
S1S2, S3, S1S2S3, S1, S2 = range(5)
SCOPE_CODE: Mapping[str, int] = {word: code for code, word in enumerate(TARGET_SCOPES)}
NONE = -1
# Of a target on scope 3: NONE is not given, 0 the headline of all, else one of the categories of the GHG Protocol.
HEADLINE, CATEGORIES = 0, 15

Column = TypeVar("Column", Floats, Ints)


@dataclass(frozen=True, eq=False)
class Words:
    """A column of words as positions in a short sorted list; -1 is "not given"."""

    code: Ints
    words: tuple[str, ...]

    @classmethod
    def of(cls, values: Sequence[str | None]) -> Words:
        """Codes for `values`; None is not given, an empty text is a word like any other."""
        words = sorted({value for value in values if value is not None})
        position: dict[str | None, int] = {word: i for i, word in enumerate(words)} | {None: NONE}
        return cls(frozen(np.array([position[value] for value in values], dtype=np.int64)), tuple(words))

    def __len__(self) -> int:
        return len(self.code)

    def texts(self) -> list[str]:
        """The words again, "" where none is given."""
        words = (*self.words, "")
        return [words[code] for code in self.code.tolist()]


class CompanyFacts(TypedDict):
    """One company as a record: the archive format. Tonnes of CO2e and money in any one currency; None is missing."""

    company_id: str
    company_name: str
    isic: str | None
    ghg_s1s2: float | None
    ghg_s3: float | None
    company_revenue: float | None
    company_market_cap: float | None
    company_enterprise_value: float | None
    company_total_assets: float | None
    company_cash_equivalents: float | None
    ghg_s1: NotRequired[float | None]  # this and the next two: read by 1.5 alone
    ghg_s2: NotRequired[float | None]
    ghg_s3_by_category: NotRequired[Sequence[float | None]]  # the fifteen


class TargetFacts(TypedDict):
    """One target as a record. Shares run from 0 to 1; None is missing."""

    company_id: str
    target_type: str
    intensity_metric: str | None
    scope: str
    coverage_s1: float | None
    coverage_s2: float | None
    coverage_s3: float | None
    reduction_ambition: float | None
    base_year: int
    start_year: int | None
    end_year: int
    base_year_ghg_s1: float | None
    base_year_ghg_s2: float | None
    achieved_reduction: float | None
    s3_category: NotRequired[int | None]  # this and the next two: read by 1.5 alone
    base_year_ghg_s3: NotRequired[float | None]
    statement_date: NotRequired[date | None]


@dataclass(frozen=True, eq=False)
class TemperatureCompanies:
    """Companies, shape (companies,) where nothing else is said."""

    company_id: tuple[str, ...]
    company_name: tuple[str, ...]
    isic: Words
    ghg_s1s2_t: Floats
    ghg_s3_t: Floats
    revenue: Floats
    market_cap: Floats
    enterprise_value: Floats
    total_assets: Floats
    cash_equivalents: Floats
    ghg_s1_t: Floats
    ghg_s2_t: Floats
    ghg_s3_by_category_t: Floats  # shape (companies, 15)

    def __post_init__(self) -> None:
        _check_lengths(self)
        if len(set(self.company_id)) != len(self.company_id):
            twice = Counter(self.company_id).most_common(1)[0][0]
            raise DuplicateCompany("company twice in the batch", value=twice, company_key=twice)

    def __len__(self) -> int:
        return len(self.company_id)

    @classmethod
    def from_records(cls, records: Sequence[CompanyFacts]) -> TemperatureCompanies:
        """Columns from records. Raises DuplicateCompany."""
        return cls(
            company_id=tuple(record["company_id"] for record in records),
            company_name=tuple(record["company_name"] for record in records),
            isic=Words.of([record["isic"] for record in records]),
            ghg_s1s2_t=floats(record["ghg_s1s2"] for record in records),
            ghg_s3_t=floats(record["ghg_s3"] for record in records),
            revenue=floats(record["company_revenue"] for record in records),
            market_cap=floats(record["company_market_cap"] for record in records),
            enterprise_value=floats(record["company_enterprise_value"] for record in records),
            total_assets=floats(record["company_total_assets"] for record in records),
            cash_equivalents=floats(record["company_cash_equivalents"] for record in records),
            ghg_s1_t=floats(record.get("ghg_s1") for record in records),
            ghg_s2_t=floats(record.get("ghg_s2") for record in records),
            ghg_s3_by_category_t=floats(
                tonnes for record in records for tonnes in record.get("ghg_s3_by_category", (None,) * CATEGORIES)
            ).reshape(len(records), CATEGORIES),
        )


@dataclass(frozen=True, eq=False)
class TemperatureTargets:
    """Targets, shape (targets,). A year of 0 is not given."""

    company: Ints  # position among the companies
    target_type: Words
    intensity_metric: Words
    scope: Ints  # position in TARGET_SCOPES
    coverage_s1: Floats
    coverage_s2: Floats
    coverage_s3: Floats
    reduction_ambition: Floats
    base_year: Ints
    start_year: Ints
    end_year: Ints
    base_year_ghg_s1_t: Floats
    base_year_ghg_s2_t: Floats
    achieved_reduction: Floats
    s3_category: Ints  # or NONE
    base_year_ghg_s3_t: Floats
    statement_day: Ints  # as 20240912

    def __post_init__(self) -> None:
        _check_lengths(self)
        wrong = (self.company < 0) | (self.scope < 0) | (self.scope >= len(TARGET_SCOPES))
        wrong = wrong | (self.s3_category < NONE) | (self.s3_category > CATEGORIES)
        if wrong.any():
            raise UnknownWord("no such company, scope or category in row", value=int(np.flatnonzero(wrong)[0]))

    def __len__(self) -> int:
        return len(self.company)

    def take(self, rows: Ints) -> TemperatureTargets:
        """These rows alone, in this order."""
        columns: dict[str, Any] = {}
        for field in fields(self):
            column = getattr(self, field.name)
            is_words = isinstance(column, Words)
            columns[field.name] = Words(frozen(column.code[rows]), column.words) if is_words else frozen(column[rows])
        return TemperatureTargets(**columns)

    @classmethod
    def from_records(cls, records: Sequence[TargetFacts], companies: TemperatureCompanies) -> TemperatureTargets:
        """Columns from records. Raises UnknownWord on a scope or company that is not there."""
        owner = {key: position for position, key in enumerate(companies.company_id)}
        return cls(
            company=_codes([record["company_id"] for record in records], owner, "company_id"),
            target_type=Words.of([record["target_type"] for record in records]),
            intensity_metric=Words.of([record["intensity_metric"] for record in records]),
            scope=_codes([record["scope"] for record in records], SCOPE_CODE, "scope"),
            coverage_s1=floats(record["coverage_s1"] for record in records),
            coverage_s2=floats(record["coverage_s2"] for record in records),
            coverage_s3=floats(record["coverage_s3"] for record in records),
            reduction_ambition=floats(record["reduction_ambition"] for record in records),
            base_year=years(record["base_year"] for record in records),
            start_year=years(record["start_year"] for record in records),
            end_year=years(record["end_year"] for record in records),
            base_year_ghg_s1_t=floats(record["base_year_ghg_s1"] for record in records),
            base_year_ghg_s2_t=floats(record["base_year_ghg_s2"] for record in records),
            achieved_reduction=floats(record["achieved_reduction"] for record in records),
            s3_category=frozen(np.array([_category(record.get("s3_category")) for record in records], dtype=np.int64)),
            base_year_ghg_s3_t=floats(record.get("base_year_ghg_s3") for record in records),
            statement_day=days(record.get("statement_date") for record in records),
        )


def frozen(column: Column) -> Column:
    column.setflags(write=False)
    return column


def floats(values: Iterable[float | None]) -> Floats:
    """A column of figures; None becomes NaN."""
    return frozen(np.array([math.nan if value is None else value for value in values], dtype=np.float64))


def years(values: Iterable[int | None]) -> Ints:
    """A column of years; None becomes 0."""
    return frozen(np.array([value or 0 for value in values], dtype=np.int64))


def days(values: Iterable[date | None]) -> Ints:
    """A column of days as 20240912; None becomes 0."""
    return frozen(
        np.array([0 if day is None else day.year * 10000 + day.month * 100 + day.day for day in values], dtype=np.int64)
    )


def _category(value: int | None) -> int:
    return NONE if value is None else value


def _codes(values: Sequence[str], words: Mapping[str, int], field: str) -> Ints:
    try:
        return frozen(np.array([words[value] for value in values], dtype=np.int64))
    except KeyError as error:
        raise UnknownWord(f"unknown {field}", value=error.args[0]) from None


def _check_lengths(columns: TemperatureCompanies | TemperatureTargets) -> None:
    lengths = {field.name: len(getattr(columns, field.name)) for field in fields(columns)}
    if len(set(lengths.values())) > 1:
        raise WrongShape("columns of unequal length", value=lengths)
