"""What the temperature score is given: companies, targets and method as frozen columns. Missing is NaN, 0 for a year.

Source of the method: CDP-WWF Temperature Rating Methodology 1.0; its exact protocol is that of sbti-finance-tool 1.3.1.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, TypedDict, TypeVar

import numpy as np

from scoring.engine.columns import Floats, Ints, digest
from scoring.engine.errors import DuplicateCompany, UnknownWord, WrongMethodology, WrongShape

TIME_FRAMES = ("short", "mid", "long")
SLOPES = ("slope5", "slope15", "slope30")  # of the regression, by time frame
SCOPES = ("S1+S2", "S3", "S1+S2+S3")  # what is scored
TARGET_SCOPES = (*SCOPES, "S1", "S2")  # what a target may cover; the scored ones have the same codes
S1S2, S3, S1S2S3, S1, S2 = range(5)
SCOPE_CODE: Mapping[str, int] = {word: code for code, word in enumerate(TARGET_SCOPES)}
NONE = -1

VARIABLES = (
    "Emissions|Kyoto Gases",
    "Emissions|CO2|Energy and Industrial Processes",
    "INT.emKyoto_gdp",
    "INT.emCO2EI_PE",
    "INT.emCO2EI_elecGen",
)
KYOTO, INDUSTRY = 0, 1
# The annex of the method names INT.emCO2Elec_elecGen for power; the reference tool uses the one below, so we do.
METRIC_VARIABLE: Mapping[str, int] = {
    "Revenue": 2,
    "Product": 2,
    "Cement": 2,
    "Steel": 2,
    "Aluminum": 2,
    "Oil": 3,
    "Power": 4,
}
INDUSTRY_ISIC = ("C23", "C24", "D35")  # minerals, metals, power: absolute targets on scope 1+2 use INDUSTRY

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


@dataclass(frozen=True, eq=False)
class TemperatureCompanies:
    """Companies, shape (companies,)."""

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

    def __post_init__(self) -> None:
        _check_lengths(self)
        wrong = (self.company < 0) | (self.scope < 0) | (self.scope >= len(TARGET_SCOPES))
        if wrong.any():
            raise UnknownWord("no such company or scope in row", value=int(np.flatnonzero(wrong)[0]))

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
        )


@dataclass(frozen=True, eq=False)
class Coefficients:
    """The regression: score in degrees C = param x yearly reduction in percent + intercept."""

    param: Floats  # shape (variables + 1, time frames); the last row is NaN, so that NONE finds no coefficient
    intercept: Floats
    digest: str

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, str]]) -> Coefficients:
        """From rows with variable, slope, param and intercept, as sbti_regression_model4.csv has them.

        Raises WrongMethodology where one of VARIABLES x SLOPES is absent, twice, not finite, or rises with ambition.
        """
        found: dict[tuple[str, str], tuple[float, float]] = {}
        for row in rows:
            key = row["variable"], row["slope"]
            if key in found:
                raise WrongMethodology("coefficient twice", value=key)
            found[key] = _number(row["param"]), _number(row["intercept"])
        wanted = [[(variable, slope) for slope in SLOPES] for variable in VARIABLES]
        for key in (key for line in wanted for key in line):
            if key not in found or found[key][0] >= 0:
                raise WrongMethodology("coefficient absent, or a warmer score for more ambition", value=key)
        table = np.array([[found[key] for key in line] for line in wanted] + [[(math.nan, math.nan)] * len(SLOPES)])
        lines = [[*key, *found[key]] for line in wanted for key in line]
        return cls(
            frozen(np.ascontiguousarray(table[:, :, 0])),
            frozen(np.ascontiguousarray(table[:, :, 1])),
            digest({"coefficients": lines}),
        )


@dataclass(frozen=True, eq=False)
class TemperatureMethod:
    """All that people decided. `parity` is sbti-finance-tool 1.3.1 to the last tie-break; `current` mends it:

    type, metric and ISIC words are read without regard to case and spaces; shares outside 0 to 1 are refused; what-if 2
    caps only rows that stand on a target; zero emissions on both sides take the S1+S2 score; a holding whose weight
    cannot be told is left out and lowers the coverage instead of stopping the portfolio; the last ties are broken by
    the figures and never by the order of rows.
    """

    name: Literal["parity", "current"]
    coefficients: Coefficients
    fallback_score_c: float = 3.2  # where there is no usable target
    floor_c: float = 0.0  # the tool's own comment announces 1.3
    s1s2_boundary: float = 0.95  # below it the ambition shrinks to the share covered
    s3_boundary: float = 0.67
    last_year_ahead: tuple[int, int, int] = (4, 15, 30)  # of the short, mid and long time frame
    s3_share: float = 0.4  # of all emissions, from which scope 3 counts
    implausible_yearly_reduction: float = 0.25  # of the base year; flagged, never changed

    def __post_init__(self) -> None:
        if self.name not in ("parity", "current"):
            raise WrongMethodology("unknown temperature method", value=self.name)
        for name, value in self.parameters().items():
            numbers = [] if name == "name" else value if isinstance(value, list) else [value]
            if not all(math.isfinite(number) and number >= 0 for number in numbers):
                raise WrongMethodology(f"{name} must be finite and not negative", value=value)

    @property
    def is_parity(self) -> bool:
        return self.name == "parity"

    def parameters(self) -> dict[str, Any]:
        """Everything but the coefficients, for a receipt."""
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "coefficients"}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    @property
    def digest(self) -> str:
        return digest({"parameters": self.parameters(), "coefficients": self.coefficients.digest})


def frozen(column: Column) -> Column:
    column.setflags(write=False)
    return column


def floats(values: Iterable[float | None]) -> Floats:
    """A column of figures; None becomes NaN."""
    return frozen(np.array([math.nan if value is None else value for value in values], dtype=np.float64))


def years(values: Iterable[int | None]) -> Ints:
    """A column of years; None becomes 0."""
    return frozen(np.array([value or 0 for value in values], dtype=np.int64))


def _codes(values: Sequence[str], words: Mapping[str, int], field: str) -> Ints:
    try:
        return frozen(np.array([words[value] for value in values], dtype=np.int64))
    except KeyError as error:
        raise UnknownWord(f"unknown {field}", value=error.args[0]) from None


def _check_lengths(columns: TemperatureCompanies | TemperatureTargets) -> None:
    lengths = {field.name: len(getattr(columns, field.name)) for field in fields(columns)}
    if len(set(lengths.values())) > 1:
        raise WrongShape("columns of unequal length", value=lengths)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise WrongMethodology("a coefficient must be a finite number", value=text)
    return value
