"""Training tables: a table of company-years becomes columns the estimator can learn from, or is refused by name.

A table is refused as a whole where learning from it would mislead (one sector, a company-year twice, the answer among
the features). A row that can't be read is left out and listed. Known columns: `COLUMNS`; others are named and not read.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
from django.utils.translation import gettext as _

from portfolio.typed.bounds import refusal
from portfolio.typed.files import is_workbook
from portfolio.typed.numbers import Slip, UnreadableNumber, read_number
from portfolio.typed.tables import Fault, Row, Table, read_table
from scoring.engine.columns import Floats
from scoring.engine.estimator.features import FirmYears

PLAIN = re.compile(r"[-0-9.,eE]*")  # a number in signs that mean one thing in one file and another in the next
LARGEST_AMOUNT = 1e30  # of a column that is not read; beyond it sums overflow
# What a column is of, in data/bounds.csv, and whether it is money, of which the table names no currency.
QUANTITIES: Mapping[str, tuple[str, bool]] = {
    "scope1_t": ("scope1_t", False),
    "scope2_t": ("scope2_location_t", False),
    "revenue_money": ("revenue", True),
    "assets_money": ("assets", True),
    "capital_money": ("equity", True),
}
LEAK_CORRELATION = 0.995
FEWEST_FOR_LEAK = 10
MOST_FAULTS = 200
SCHEMA = "training-1"  # the columns below and what is refused; a change of meaning is a new name
ARTIFACTS = (".pkl", ".pickle", ".joblib", ".npy", ".npz", ".onnx", ".h5", ".pt", ".bin", ".zip")

# A feature by the headers that mean it, the first one present is read.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "company_key": ("company_key", "code", "company_id"),
    "year": ("year",),
    "sector": ("sector", "industry"),
    "text": ("description", "business", "business_zh"),
    "scope1_t": ("scope1_t",),
    "scope2_t": ("scope2_t", "scope2_location_t"),
}
NUMBER_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "revenue_money": ("revenue", "revenue_twd", "revenue_usd", "revenue_cny"),
    "employees": ("employees",),
    "assets_money": ("assets", "assets_twd", "assets_usd", "assets_cny"),
    "capital_money": ("capital", "paid_in_capital_twd", "paid_in_capital_cny"),
    "salary_kmoney": ("avg_salary_ktwd", "avg_salary_kcny"),
    "benefit_kmoney": ("avg_benefit_ktwd", "avg_benefit_kcny"),
    "electricity_kwh": ("electricity_kwh", "elec_kwh"),
    "energy_mj": ("energy_mj",),
    "coal_t": ("coal_t",),
    "water_t": ("water_t",),
    "waste_t": ("waste_t",),
    "hazardous_waste_t": ("hazardous_waste_t", "haz_waste_t"),
}
ACTIVITY_WORDS: Mapping[str, tuple[str, ...]] = {
    "electricity": ("electricity_kwh",),
    "energy": ("energy_mj",),
    "coal": ("coal_t",),
    "water": ("water_t",),
    "waste": ("waste_t", "hazardous_waste_t"),
}
# Known answers in other dress. They are never read, so a table may hold them.
NEVER_READ = {
    "scope2_market_t",
    "scope3_t",
    "intensity",
    "intensity_unit",
    "register_total_t",
    "scope1_boundary",
    "scope1_verified",
    "scope2_verified",
    "scope3_verified",
    "renewable_share",
    "name",
    "licence",
    "source",
    "origin",
    "attribution",
}
# Looked for in names as `_plain_name` writes them: scope1Total, "Scope 1 + 2" and scope_1_2 are one kind of name.
_NAMED_AS_TARGET = re.compile(
    r"(^|_)(scope_?[12]|scope_?1_?(and_?|plus_?)?2|scopes?_total|s1|s2|s_?1_?(and_?|plus_?)?s?_?2|ghg|co2e?|t?co2e?"
    r"|carbon|emissions?|total_t|log10_t|target)(_|$)|^(y|label)$|排放|碳足迹|碳足跡|温室气体|溫室氣體"
)


class TrainingTableError(Exception):
    """A table refused as a whole, with the value that says why. The same file is refused every time."""

    retry_makes_sense: ClassVar[bool] = False

    def __init__(self, message: str, value: object = None) -> None:
        super().__init__(message)
        self.message = message
        self.value = value

    def __str__(self) -> str:
        return self.message if self.value is None else f"{self.message}: {self.value!r}"


class UnreadableTable(TrainingTableError):
    """Neither CSV in UTF-8 nor a workbook, too large, or without a column that must be there."""


class ArtifactRefused(TrainingTableError):
    """A pickle, an archive or another stored model. Nothing is unpickled here: a recipe is fitted again."""


class NoUsableRows(TrainingTableError):
    """No row has company, year and both scopes above zero."""


class OneSectorOnly(TrainingTableError):
    """A model of one sector would be silent on, or wrong about, every other."""


class ColumnWentWrong(TrainingTableError):
    """Most cells of a column are refused for one reason: what is left of the table would not be what was meant."""


class DuplicateCompanyYear(TrainingTableError):
    """Two rows for one company-year: which one counts is a decision for people."""


class TargetLeaked(TrainingTableError):
    """A column is the answer in another dress: the measured error would be a fiction."""


@dataclass(frozen=True, eq=False)
class TrainingTable:
    """Rows with both scopes above zero, sorted by company and year. `digest` is over what is read, not the bytes."""

    batch: FirmYears  # target log10(S1 + S2)
    scope1_t: Floats
    scope2_t: Floats
    faults: tuple[Fault, ...]
    without_emissions: int  # rows whose scope 1 or 2 is missing or zero
    unread_columns: tuple[str, ...]
    text: str  # as CSV, whatever the file was
    notes: tuple[str, ...]  # how the file was read, where that is not what a machine writes

    @property
    def digest(self) -> str:
        return self.batch.digest()

    def scope(self, scope: int) -> FirmYears:
        """The same rows with scope 1 or 2 alone as target."""

        return replace(self.batch, log10_t=np.log10(self.scope1_t if scope == 1 else self.scope2_t))


@dataclass(frozen=True)
class _FirmYear:
    line: int
    company_key: str
    year: int
    sector: str | None
    text: str
    scope1_t: float
    scope2_t: float
    numbers: dict[str, float]


def read_training_table(path: Path) -> TrainingTable:
    """A table to learn from. Raises a TrainingTableError: see the classes above."""
    return parse_training_table(_content(path), path.name)


def parse_training_table(raw: bytes, name: str) -> TrainingTable:
    """The same from the bytes of a file of that name."""
    given = _given(raw, name)
    _refuse_named_targets(given)
    table = _table(given)
    _refuse_one_sector(table.batch)
    _refuse_leaks(table, given)
    return table


def read_evaluation_table(path: Path) -> TrainingTable:
    """A table to be measured on: nothing is learned from it, so one sector is fine."""
    return _table(_given(_content(path), path.name))


def _refuse_artifacts(raw: bytes, name: str) -> None:
    """By its first bytes or its name: pickle protocols 2 to 5, zip (npz, joblib, Keras), HDF5, numpy."""
    magic = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"\x89HDF", b"\x93NUMPY")
    is_archive = raw.startswith(b"PK\x03\x04") and not is_workbook(raw)
    if is_archive or raw.startswith(magic) or name.lower().removesuffix(".gz").endswith(ARTIFACTS):
        raise ArtifactRefused("a stored model is not taken: upload the table, the recipe is fitted here", name)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableTable("no such file", f"{path.name}: {error}") from error


def _given(raw: bytes, name: str) -> Table:
    """The table as it is handed in. A short row is filled up, a long one left out."""
    _refuse_artifacts(raw, name)
    faults: list[Fault] = []
    given = read_table(raw, ("year", "scope1_t"), None, faults, file=name, pads=True)
    if given is None or not given.is_usable:
        raise UnreadableTable("\n".join(map(str, faults)))
    for column in ("company_key", "year", "scope1_t", "scope2_t"):
        if not _present(COLUMNS[column], given.header):
            missing = Fault(name, 1, "/".join(COLUMNS[column]), _("no such column"), _("a column of this name"))
            raise UnreadableTable(str(missing))
    return given


def _present(names: Sequence[str], header: Sequence[str]) -> str | None:
    return next((name for name in names if name in header), None)


def _table(given: Table) -> TrainingTable:
    where = {name: _present(names, given.header) for name, names in {**COLUMNS, **NUMBER_COLUMNS}.items()}
    found: list[_FirmYear] = []
    without = 0
    for each in given.rows:
        row = _firm_year(each, where)
        if row is None:
            continue
        if not (row.scope1_t > 0 and row.scope2_t > 0):
            without += 1
            continue
        found.append(row)
    wrong = given.gone_wrong() or [str(fault) for fault in given.faults if fault.slip == Slip.DOTS_GROUP]
    if wrong:
        raise ColumnWentWrong("\n".join(wrong[:MOST_FAULTS]))
    _refuse_duplicates(found)
    if not found:
        raise NoUsableRows("no row has a company, a year and both scopes above zero", len(given.rows))
    found.sort(key=lambda row: (row.company_key, row.year))
    read = {column for column in where.values() if column}
    scope1_t = np.array([row.scope1_t for row in found])
    scope2_t = np.array([row.scope2_t for row in found])
    batch = FirmYears(
        tuple(row.company_key for row in found),
        np.array([row.year for row in found], dtype=np.int64),
        tuple(row.sector for row in found),
        tuple(row.text for row in found),
        {name: np.array([row.numbers[name] for row in found]) for name in NUMBER_COLUMNS if where[name]},
        np.log10(scope1_t + scope2_t),
    )
    unread = tuple(sorted(set(given.header) - read))
    faults, notes = tuple(given.faults[:MOST_FAULTS]), tuple(given.notes)
    return TrainingTable(batch, scope1_t, scope2_t, faults, without, unread, given.text, notes)


def _firm_year(row: Row, where: Mapping[str, str | None]) -> _FirmYear | None:
    """The row, or None where its company, year or a scope can't be read; an unreadable feature is missing."""
    company_key = row.text(where["company_key"] or "", required=True)
    year = row.year(where["year"] or "", first=1900, last=2099, required=True) if company_key else None
    if year is None:
        return None
    scope1_t, scope2_t = _amount(row, where, "scope1_t"), _amount(row, where, "scope2_t")
    if scope1_t is None or scope2_t is None:
        return None
    numbers = {}
    for name in NUMBER_COLUMNS:
        value = _amount(row, where, name)
        numbers[name] = math.nan if value is None else value
    sector, text = (row.text(where[name] or "") for name in ("sector", "text"))
    return _FirmYear(row.line, company_key, year, sector or None, text, scope1_t, scope2_t, numbers)


def _amount(row: Row, where: Mapping[str, str | None], name: str) -> float | None:
    """NaN for an empty cell, None for one that is no amount that can be."""
    column = where[name]
    if column is None or not row.typed(column):
        return math.nan
    value = None if PLAIN.fullmatch(row.typed(column)) else _spoken(row.typed(column))
    value = row.number(column, least=0, may_group=True) if value is None else value
    if value is not None and (expected := _cannot_be(name, value)):
        row.fault(column, expected)
        return None
    return value


def _cannot_be(name: str, value: float) -> str:
    quantity, is_money = QUANTITIES.get(name, (name, False))
    return refusal(quantity, value, per_usd=None if is_money else 1.0)


def _refuse_duplicates(rows: Sequence[_FirmYear]) -> None:
    seen: dict[tuple[str, int], int] = {}
    for row in rows:
        key = (row.company_key, row.year)
        if key in seen:
            raise DuplicateCompanyYear(
                "a company-year twice", f"{row.company_key} {row.year}, lines {seen[key]} and {row.line}"
            )
        seen[key] = row.line


def _refuse_one_sector(batch: FirmYears) -> None:
    sectors = {name for name in batch.sector if name}
    if len(sectors) < 2:
        raise OneSectorOnly("a training table needs companies of at least two sectors", next(iter(sectors), None))


def _plain_name(column: str) -> str:
    """Lower case, a line between words: totalEmissions (t) as total_emissions_t."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column)
    apart = re.sub(r"(?i)co₂", "co2", apart)
    return re.sub(r"[^0-9a-z\u4e00-\u9fff]+", "_", apart.lower()).strip("_")


def _refuse_named_targets(given: Table) -> None:
    """An unknown column of numbers that is named as the answer."""
    known = NEVER_READ.union(*COLUMNS.values(), *NUMBER_COLUMNS.values())
    for column in given.header:
        if column not in known and _NAMED_AS_TARGET.search(_plain_name(column)) and _numeric(given, column) is not None:
            raise TargetLeaked("a column is named as the target", column)


def _refuse_leaks(table: TrainingTable, given: Table) -> None:
    """A feature or an unknown column that is the target or one of its scopes: the same to LEAK_CORRELATION.

    Logarithms are compared with logarithms, since a fixed share of the answer is the answer; then ranks, which neither
    a logarithm nor a root nor a reciprocal hides.
    """
    targets = {"scope 1 + 2": table.scope1_t + table.scope2_t, "scope 1": table.scope1_t, "scope 2": table.scope2_t}
    for name, values in table.batch.numbers.items():
        for word, tonnes in targets.items():
            if (name, word) == ("electricity_kwh", "scope 2"):
                continue  # where everybody uses one grid factor scope 2 is electricity: a measurement, not a leak
            _refuse_correlation(_present(NUMBER_COLUMNS[name], given.header) or name, values, word, tonnes)
    scope1_t, scope2_t = (
        np.array([_positive(row, _present(COLUMNS[name], given.header) or "") for row in given.rows])
        for name in ("scope1_t", "scope2_t")
    )
    targets = {"scope 1 + 2": scope1_t + scope2_t, "scope 1": scope1_t, "scope 2": scope2_t}
    for column in sorted(set(table.unread_columns) - NEVER_READ):
        unread = _numeric(given, column)
        if unread is not None:
            for word, tonnes in targets.items():
                _refuse_correlation(column, unread, word, tonnes)


def _refuse_correlation(column: str, values: Floats, word: str, tonnes: Floats) -> None:
    both = np.isfinite(values) & np.isfinite(tonnes)
    positive = both & (values > 0)
    for how, mine, theirs in (
        ("in logarithms", np.log10(values[positive]), np.log10(tonnes[positive])),
        ("by rank", _ranks(values[both]), _ranks(tonnes[both])),
    ):
        if len(mine) < FEWEST_FOR_LEAK or np.ptp(mine) < 1e-9 or np.ptp(theirs) < 1e-9:
            continue
        correlation = float(np.corrcoef(mine, theirs)[0, 1])
        if abs(correlation) > LEAK_CORRELATION:
            raise TargetLeaked(f"a column correlates with {word} by {correlation:.4f} {how}", column)


def _ranks(values: Floats) -> Floats:
    """From 1, equal values share the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[place])


def _numeric(given: Table, column: str) -> Floats | None:
    """A column as numbers, NaN where it holds none; None where fewer than half of its filled cells are numbers."""
    values = np.array([_positive(row, column, signed=True) for row in given.rows])
    filled = sum(1 for row in given.rows if row.typed(column))
    return values if filled and np.count_nonzero(~np.isnan(values)) * 2 >= filled else None


def _positive(row: Row, column: str, *, signed: bool = False) -> float:
    """Quietly, since columns are looked at that no one reads: NaN where it is no number."""
    cell, convention = row.typed(column), row.table.convention
    value = convention.number(cell.replace(",", "") if row.table.commas_group(column) else cell)
    value = _spoken(cell) if value is None else value
    return value if value is not None and (signed or value > 0) else math.nan


def _spoken(cell: str) -> float | None:
    """A number of at least 0 as people type it, full-width １２３ or 1.2万; None for any other cell."""
    try:
        value = read_number(cell).value
    except UnreadableNumber:
        return None
    return value if value <= LARGEST_AMOUNT else None
