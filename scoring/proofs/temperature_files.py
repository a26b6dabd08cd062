"""Tables of companies, targets and a portfolio, read for the temperature score; every fault named by its cell.

The columns are those of sbti-finance-tool 1.3.1, so its files can be scored as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from portfolio.typed.bounds import amount_of
from portfolio.typed.tables import Fault, Row, read_table, utf_8
from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.temperature.inputs import (
    METRIC_VARIABLE,
    NONE,
    S1S2,
    S1S2S3,
    S3,
    SCOPE_CODE,
    TARGET_SCOPES,
    TemperatureCompanies,
    TemperatureTargets,
    Words,
    years,
)
from scoring.engine.temperature.portfolio import Holdings
from scoring.engine.temperature.score import OUTCOMES, TemperatureScores, out_of_range

FIRST_YEAR, LAST_YEAR = 1900, 2200

REQUIRED = {
    "companies": ("company_id",),
    "targets": (
        "company_id",
        "target_type",
        "scope",
        "coverage_s1",
        "coverage_s2",
        "coverage_s3",
        "reduction_ambition",
        "base_year",
        "end_year",
    ),
    "portfolio": ("company_id", "investment_value"),
}
OPTIONAL = {
    "companies": (
        "company_name",
        "isic",
        "ghg_s1s2",
        "ghg_s3",
        "company_revenue",
        "company_market_cap",
        "company_enterprise_value",
        "company_total_assets",
        "company_cash_equivalents",
    ),
    "targets": ("intensity_metric", "start_year", "base_year_ghg_s1", "base_year_ghg_s2", "achieved_reduction"),
    "portfolio": ("engagement_target",),
}
SHARES = ("coverage_s1", "coverage_s2", "coverage_s3", "reduction_ambition", "achieved_reduction")
SHARES_AND_TONNES = [*SHARES, "base_year_ghg_s1", "base_year_ghg_s2"]
# What each column is of, in data/bounds.csv, and whether it is money.
QUANTITIES = {
    "ghg_s1s2": ("scope1_2_total_t", False),
    "ghg_s3": ("scope3_total_t", False),
    "company_revenue": ("revenue", True),
    "company_market_cap": ("market_cap", True),
    "company_enterprise_value": ("evic", True),
    "company_total_assets": ("total_assets", True),
    "company_cash_equivalents": ("cash", True),
    "investment_value": ("outstanding", True),
    "base_year_ghg_s1": ("scope1_t", False),
    "base_year_ghg_s2": ("scope2_unspecified_t", False),
}
QUANTITIES |= dict.fromkeys(SHARES, ("reduction_share", False))
# What a refused target is to say: column, and what was expected there.
REFUSED = {
    "no_year": ("end_year", "a base year and an end year"),
    "unknown_type": ("target_type", "a word with abs (absolute) or int (intensity)"),
    "no_metric": ("intensity_metric", "a metric: an intensity target without one cannot be scored"),
    "share_out_of_range": (
        "reduction_ambition",
        "shares from 0 to 1, a reduction of at most 1; the target is not used",
    ),
    "ends_before_start": ("end_year", "an end year after the start year (the base year, where none is given)"),
    "in_the_past": ("end_year", "an end year not before the reporting year"),
    "cannot_be_combined": ("scope", "coverage and both base-year emissions for a target on scope 1 or 2 alone"),
}


class NotReadable(Exception):
    """A file from which nothing can be read; trying again never helps."""


@dataclass
class Sheet:
    """The whole rows of one file, by column."""

    file: str
    header: list[str]
    rows: list[Row]

    def __len__(self) -> int:
        return len(self.rows)

    def cells(self, column: str) -> list[str]:
        return [row.typed(column) for row in self.rows]

    def texts(self, column: str) -> list[str]:
        return [row.text(column) for row in self.rows]

    def fault(self, at: int, column: str, expected: str, found: str | None = None) -> None:
        self.rows[at].fault(column, expected, found)

    def only(self, keep: Sequence[int]) -> Sheet:
        return Sheet(self.file, self.header, [self.rows[at] for at in keep])

    def ids(self) -> list[str]:
        return self.cells("company_id")

    def words(self, column: str) -> Words:
        return Words.of([row.cells.get(column) if row.text(column) else None for row in self.rows])

    def numbers(self, column: str, *, least: float | None = None) -> Floats:
        """NaN where the cell is empty, and where it is no number of at least `least` that can be, which is a fault."""
        quantity, is_money = QUANTITIES[column]
        per_usd = None if is_money else 1.0  # the files name no currency
        values = [amount_of(row, column, quantity, least=least, per_usd=per_usd) for row in self.rows]
        return np.array(values, dtype=np.float64)

    def years(self, column: str) -> Ints:
        """0 where there is none."""
        return years(row.year(column, first=FIRST_YEAR, last=LAST_YEAR) for row in self.rows)

    def flags(self, column: str) -> Bools:
        return np.array([row.flag(column) or False for row in self.rows], dtype=np.bool_)


def read_sheet(path: Path, required: Collection[str], optional: Collection[str], faults: list[Fault]) -> Sheet:
    """A table that a person hands in. Raises NotReadable; a broken row is a fault and left out."""
    try:
        table = read_table(path, required, (*required, *optional), faults, mends=True)
    except OSError as error:
        raise NotReadable(f"{path.name}: {error}") from error
    if table is None or not table.is_usable:
        raise NotReadable("\n".join(str(fault) for fault in faults if fault.file.startswith(path.name)))
    # An id that is not whole, which reading it names, is nobody's.
    rows = [row for row in table.rows if not row.typed("company_id") or row.text("company_id")]
    return Sheet(table.file, table.header, rows)


@dataclass(frozen=True, eq=False)
class Files:
    """What the three files say, ready for the engine. Companies are those of the portfolio, by company_id."""

    companies: TemperatureCompanies
    targets: TemperatureTargets
    holdings: Holdings
    target_sheet: Sheet
    group_by: tuple[str, ...]
    group: Words  # of each company: its words in the columns of group_by, joined by a hyphen
    faults: list[Fault]
    not_held: list[str] = field(default_factory=list)  # companies in the data and not in the portfolio
    held_twice: list[str] = field(default_factory=list)
    without_amount: list[str] = field(default_factory=list)  # held, but no row says how much in a way that can be read


def read_files(companies: Path, targets: Path, portfolio: Path, group_by: Sequence[str] = ()) -> Files:
    """Reads all three. Raises NotReadable where a file cannot be read at all, or nothing of it can be used.

    `group_by` names columns of the companies or the portfolio; none is `sector`, where there is one.
    """
    faults: list[Fault] = []
    grouping = tuple(group_by) or ("sector",)
    company_sheet = read_sheet(companies, REQUIRED["companies"], (*OPTIONAL["companies"], *grouping), faults)
    portfolio_sheet = read_sheet(portfolio, REQUIRED["portfolio"], (*OPTIONAL["portfolio"], *grouping), faults)
    target_sheet = read_sheet(targets, REQUIRED["targets"], OPTIONAL["targets"], faults)
    company_sheet = _known(company_sheet)

    known = set(company_sheet.ids())
    portfolio_sheet = _of_known(portfolio_sheet, known)
    in_portfolio = set(portfolio_sheet.ids())
    ids = company_sheet.ids()
    company_sheet = company_sheet.only(
        sorted((at for at, key in enumerate(ids) if key in in_portfolio), key=ids.__getitem__)
    )
    if not len(company_sheet):
        raise NotReadable(_no_company_in_common(companies, portfolio, faults))
    position = {key: at for at, key in enumerate(company_sheet.ids())}
    target_sheet = _of_known(target_sheet, known)
    target_sheet = _scoped(target_sheet.only([at for at, key in enumerate(target_sheet.ids()) if key in position]))
    columns, group = _group(company_sheet, portfolio_sheet, position, group_by)
    found = _targets(target_sheet, position)
    readable = _readable(target_sheet)
    if len(readable) < len(found):
        target_sheet, found = target_sheet.only(readable.tolist()), found.take(readable)
    holdings = _holdings(portfolio_sheet, position)
    weighed = set(holdings.company.tolist())
    return Files(
        companies=_companies(company_sheet),
        targets=found,
        holdings=holdings,
        target_sheet=target_sheet,
        group_by=columns,
        group=group,
        faults=faults,
        not_held=sorted(known - in_portfolio),
        held_twice=sorted(key for key, times in Counter(portfolio_sheet.ids()).items() if times > 1),
        without_amount=[key for key, at in position.items() if at not in weighed],
    )


def _no_company_in_common(companies: Path, portfolio: Path, faults: list[Fault]) -> str:
    garbled = sorted({fault.file for fault in faults if fault.expected == utf_8()})
    hint = f"; not in UTF-8: {', '.join(garbled)}" if garbled else ""
    return f"{portfolio.name}: none of its companies is in {companies.name}{hint}"


def _known(sheet: Sheet) -> Sheet:
    """Companies with an id, each once: the first row counts."""
    first: dict[str, int] = {}
    for at, key in enumerate(sheet.ids()):
        if not key:
            sheet.fault(at, "company_id", "an id; the cell is empty")
        elif key in first:
            sheet.fault(at, "company_id", f"each company once; row {sheet.rows[first[key]].line} is used")
        else:
            first[key] = at
    return sheet.only(list(first.values()))


def _of_known(sheet: Sheet, known: Collection[str]) -> Sheet:
    keep = []
    for at, key in enumerate(sheet.ids()):
        if key in known:
            keep.append(at)
        else:
            sheet.fault(at, "company_id", "the id of a company in the companies file")
    return sheet.only(keep)


def _scoped(sheet: Sheet) -> Sheet:
    keep = []
    for at, cell in enumerate(sheet.cells("scope")):
        if cell.strip() in SCOPE_CODE:
            keep.append(at)
        else:
            sheet.fault(at, "scope", f"one of {', '.join(TARGET_SCOPES)}")
    return sheet.only(keep)


def _companies(sheet: Sheet) -> TemperatureCompanies:
    ids = sheet.ids()
    return TemperatureCompanies(
        company_id=tuple(ids),
        company_name=tuple(name or key for name, key in zip(sheet.texts("company_name"), ids, strict=True)),
        isic=sheet.words("isic"),
        ghg_s1s2_t=sheet.numbers("ghg_s1s2", least=0),
        ghg_s3_t=sheet.numbers("ghg_s3", least=0),
        revenue=_divisor(sheet, "company_revenue"),
        market_cap=_divisor(sheet, "company_market_cap"),
        enterprise_value=_divisor(sheet, "company_enterprise_value"),
        total_assets=_divisor(sheet, "company_total_assets"),
        cash_equivalents=sheet.numbers("company_cash_equivalents", least=0),
    )


def _divisor(sheet: Sheet, column: str) -> Floats:
    values = sheet.numbers(column, least=0)
    for at in np.flatnonzero(values == 0).tolist():
        sheet.fault(at, column, "an amount above zero: no weight can be made of it")
    return values


def _targets(sheet: Sheet, position: dict[str, int]) -> TemperatureTargets:
    return TemperatureTargets(
        company=np.array([position[key] for key in sheet.ids()], dtype=np.int64),
        target_type=sheet.words("target_type"),
        intensity_metric=sheet.words("intensity_metric"),
        scope=np.array([SCOPE_CODE[cell.strip()] for cell in sheet.cells("scope")], dtype=np.int64),
        coverage_s1=sheet.numbers("coverage_s1"),
        coverage_s2=sheet.numbers("coverage_s2"),
        coverage_s3=sheet.numbers("coverage_s3"),
        reduction_ambition=sheet.numbers("reduction_ambition"),
        base_year=sheet.years("base_year"),
        start_year=sheet.years("start_year"),
        end_year=sheet.years("end_year"),
        base_year_ghg_s1_t=sheet.numbers("base_year_ghg_s1", least=0),
        base_year_ghg_s2_t=sheet.numbers("base_year_ghg_s2", least=0),
        achieved_reduction=sheet.numbers("achieved_reduction"),
    )


def _readable(sheet: Sheet) -> Ints:
    """Rows whose shares and tonnes can all be read: a coverage of "120%" must not count as one that is not given."""
    faults = sheet.rows[0].faults if sheet.rows else []
    unread = {fault.line for fault in faults if fault.file == sheet.file and fault.column in SHARES_AND_TONNES}
    return np.array([at for at, row in enumerate(sheet.rows) if row.line not in unread], dtype=np.int64)


def _holdings(sheet: Sheet, position: dict[str, int]) -> Holdings:
    invested, engaged = sheet.numbers("investment_value", least=0), sheet.flags("engagement_target")
    for at, cell in enumerate(sheet.cells("investment_value")):
        if not cell.strip():
            sheet.fault(at, "investment_value", "an amount; the cell is empty")
    company = np.array([position[key] for key in sheet.ids()], dtype=np.int64)
    usable = ~np.isnan(invested)
    if not usable.any():
        raise NotReadable(f"{sheet.file}: no row has an investment_value that can be used")
    return Holdings.merged(company[usable], invested[usable], engaged[usable])


def _group(
    companies: Sheet, portfolio: Sheet, position: dict[str, int], group_by: Sequence[str]
) -> tuple[tuple[str, ...], Words]:
    there = {*companies.header, *portfolio.header}
    columns = tuple(group_by) or tuple({"sector"} & there)
    absent = [column for column in columns if column not in there]
    if absent:
        raise NotReadable(f"no column {', '.join(absent)} to group by, neither of the companies nor of the portfolio")
    texts = [
        companies.texts(column) if column in companies.header else _of_holdings(portfolio, column, position)
        for column in columns
    ]
    joined = ["-".join(cell.strip() or "unknown" for cell in cells) for cells in zip(*texts, strict=True)]
    return columns, Words.of(joined or [None] * len(position))


def _of_holdings(portfolio: Sheet, column: str, position: dict[str, int]) -> list[str]:
    """A column of the portfolio by company; the first row that says something counts."""
    found = [""] * len(position)
    for at, (key, cell) in enumerate(zip(portfolio.ids(), portfolio.texts(column), strict=True)):
        before = found[position[key]]
        if not before:
            found[position[key]] = cell.strip()
        elif cell.strip() != before:
            portfolio.fault(at, column, f"{before}, as in an earlier row of the company")
    return found


def find_faults(files: Files, scores: TemperatureScores) -> list[Fault]:
    """All faults of the files: those of the cells, and targets that the protocol refuses or that look implausible."""
    sheet, targets = files.target_sheet, files.targets
    for at in np.flatnonzero(scores.rejected).tolist():
        column, expected = REFUSED.get(OUTCOMES[scores.rejected[at]], ("", ""))
        if column == "reduction_ambition":
            column = _wrong_share(targets, at)
        if column:
            sheet.fault(at, column, expected)
    used = scores.rejected == 0
    for at in np.flatnonzero(used & out_of_range(targets)).tolist():
        sheet.fault(at, _wrong_share(targets, at), "shares from 0 to 1; used as it is, as the reference tool does")
    has_years = (targets.base_year > 0) & (targets.end_year > 0)
    backwards = (targets.base_year >= targets.end_year) & has_years
    for at in np.flatnonzero(backwards).tolist():
        sheet.fault(at, "base_year", f"a base year before the end year {targets.end_year[at]}")
    for at in np.flatnonzero(used & _lacks_coverage(targets)).tolist():
        sheet.fault(at, "coverage_s3" if targets.scope[at] == S3 else "coverage_s1", "a coverage; taken as complete")
    for at in np.flatnonzero(used & (targets.reduction_ambition < 0)).tolist():
        sheet.fault(
            at, "reduction_ambition", "a reduction of at least 0: this target lets emissions grow; used as it is"
        )
    for at in _without_variable(scores):
        sheet.fault(at, "intensity_metric", f"one of {', '.join(METRIC_VARIABLE)}; with another the fallback stands")
    yearly = targets.reduction_ambition / np.maximum(targets.end_year - targets.base_year, 1)
    limit = scores.method.implausible_yearly_reduction
    for at in np.flatnonzero((yearly > limit) & has_years & ~backwards).tolist():
        found = f"{targets.reduction_ambition[at]:g} by {targets.end_year[at]}: {yearly[at]:.0%} a year"
        sheet.fault(
            at, "reduction_ambition", f"at most {limit:.0%} of the base year a year; flagged, not changed", found
        )
    return sorted(files.faults)


def _wrong_share(targets: TemperatureTargets, at: int) -> str:
    for column in ("coverage_s1", "coverage_s2", "coverage_s3"):
        if not 0 <= np.nan_to_num(getattr(targets, column)[at]) <= 1:
            return column
    return "reduction_ambition"


def _without_variable(scores: TemperatureScores) -> list[int]:
    """Intensity targets whose metric no regression is for: they can be chosen, and then give the fallback."""
    candidates = scores.candidates
    unknown = candidates.intensity & (candidates.metric_variable == NONE)
    rows: list[int] = np.unique(candidates.source[unknown]).tolist()
    return rows


def _lacks_coverage(targets: TemperatureTargets) -> Bools:
    of_s1s2 = ((targets.scope == S1S2) | (targets.scope == S1S2S3)) & np.isnan(targets.coverage_s1)
    lacks: Bools = of_s1s2 | ((targets.scope == S3) & np.isnan(targets.coverage_s3))
    return lacks
