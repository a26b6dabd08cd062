"""Tables of companies, targets and a portfolio, read for the temperature score; every fault named by its cell.

The columns are those of sbti-finance-tool 1.3.1 and WWF-ITR 1.7.3, so their files can be scored as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from portfolio.typed.bounds import amount_of
from portfolio.typed.tables import Fault, Row, Table, read_table
from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.temperature.inputs import (
    CATEGORIES,
    HEADLINE,
    NONE,
    S1S2,
    S1S2S3,
    S3,
    SCOPE_CODE,
    TARGET_SCOPES,
    TemperatureCompanies,
    TemperatureTargets,
    Words,
    days,
    years,
)
from scoring.engine.temperature.method_10 import METRIC_VARIABLE
from scoring.engine.temperature.method_15 import METRICS, out_of_range
from scoring.engine.temperature.methods import EDITION_10
from scoring.engine.temperature.outcomes import outcomes
from scoring.engine.temperature.portfolio import VALUED_BY, Holdings
from scoring.engine.temperature.scores import OUTCOME, OUTCOMES, TemperatureScores

FIRST_YEAR, LAST_YEAR = 1900, 2200
BY_CATEGORY = tuple(f"ghg_s3_{category}" for category in range(1, CATEGORIES + 1))

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
        "ghg_s1",
        "ghg_s2",
        "ghg_s1s2",
        "ghg_s3",
        *BY_CATEGORY,
        "company_revenue",
        "company_market_cap",
        "company_enterprise_value",
        "company_total_assets",
        "company_cash_equivalents",
    ),
    "targets": (
        "intensity_metric",
        "s3_category",
        "start_year",
        "base_year_ghg_s1",
        "base_year_ghg_s2",
        "base_year_ghg_s3",
        "achieved_reduction",
        "statement_date",
        "target_ids",
    ),
    "portfolio": ("engagement_target",),
}
SHARES = ("coverage_s1", "coverage_s2", "coverage_s3", "reduction_ambition", "achieved_reduction")
TONNES = ("base_year_ghg_s1", "base_year_ghg_s2", "base_year_ghg_s3")
# What each column is of, in data/bounds.csv, and whether it is money.
QUANTITIES = {
    "ghg_s1": ("scope1_t", False),
    "ghg_s2": ("scope2_unspecified_t", False),
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
QUANTITIES |= dict.fromkeys((*BY_CATEGORY, "base_year_ghg_s3"), ("scope3_total_t", False))
QUANTITIES |= dict.fromkeys(SHARES, ("reduction_share", False))
# What a refused target is to say: column, and what was expected there.
REFUSED = {
    "no_year": ("end_year", "a base year and an end year"),
    "unknown_type": ("target_type", "a word with abs (absolute) or int (intensity)"),
    "metric_other": (
        "intensity_metric",
        "a metric that a regression is for; as the reference tool does, a target on another one is not used",
    ),
    "already_achieved": ("achieved_reduction", "less than 1: what is achieved already is not used as a target"),
    "temperature_target": ("target_type", "a reduction; a target in degrees is not read"),
    "unknown_metric": ("intensity_metric", f"one of {', '.join(METRICS)}; the target is not used"),
    "no_reduction": ("reduction_ambition", "a reduction; the cell is empty"),
    "no_coverage": ("coverage_s1", "a coverage of each scope that the target names; the target is not used"),
    "lacks_base_year": ("base_year_ghg_s1", "base-year emissions of the scopes that the target names"),
    "no_metric": ("intensity_metric", "a metric: an intensity target without one cannot be scored"),
    "share_out_of_range": (
        "reduction_ambition",
        "shares from 0 to 1, a reduction of at most 1; the target is not used",
    ),
    "ends_before_start": ("end_year", "an end year after the start year (the base year, where none is given)"),
    "in_the_past": ("end_year", "an end year not before the reporting year"),
    "cannot_be_combined": ("scope", "coverage and both base-year emissions for a target on scope 1 or 2 alone"),
}


# And one that fits no cell, or lost against another target of the company.
UNUSED = {
    "no_base_year_emissions": ("base_year_ghg_s1", "base-year emissions above zero; the target is not used"),
    "no_coverage": ("coverage_s1", "a coverage of each scope that the target names; this part is not used"),
    "lacks_base_year": ("base_year_ghg_s3", "base-year emissions of a category of scope 3; the target is not used"),
    "no_category": ("s3_category", "a category from 1 to 15, or 0 for all of scope 3; the target is not used"),
    "older_statement": ("statement_date", "not used: another target on the same scope was stated in a later year"),
    "earlier_statement": ("statement_date", "not used: the target in row %s was stated later"),
    "one_scope_alone": ("scope", "not used: another target is on both scope 1 and 2"),
    "equal_coverage": ("scope", "not used: it covers as much as another one, which goes before by type and scopes"),
    "category_beside_headline": ("s3_category", "not used: a headline target covers all of scope 3"),
    "earlier_row": ("", "not used: it covers as much as one further up, which the reference tool takes"),
    "shorter": ("base_year", "not used: the target in row %s spans more years"),
    "too_far_ahead": ("end_year", "an end year at most 30 years ahead; the target is not used"),
    "lower_coverage": ("coverage_s1", "not used: the target in row %s covers more"),
    "earlier_end_year": ("end_year", "not used: the target in row %s ends later"),
    "earlier_base_year": ("base_year", "not used: the target in row %s has a later base year"),
    "later_type": ("target_type", "not used: the target in row %s is absolute"),
    "incomplete": ("", "not used: the target in row %s is complete"),
    "less_ambitious": ("reduction_ambition", "not used: the target in row %s reduces more"),
    "tied": ("", "not used: the target in row %s says the same, and one is enough"),
}


class NotReadable(Exception):
    """A file from which nothing can be read; trying again never helps."""


@dataclass
class Sheet:
    """The whole rows of one file, by column."""

    file: str
    header: list[str]
    rows: list[Row]
    table: Table

    def __len__(self) -> int:
        return len(self.rows)

    def cells(self, column: str) -> list[str]:
        return [row.typed(column) for row in self.rows]

    def texts(self, column: str) -> list[str]:
        return [row.text(column) for row in self.rows]

    def fault(self, at: int, column: str, expected: str, found: str | None = None) -> None:
        self.rows[at].fault(column, expected, found)

    def only(self, keep: Sequence[int]) -> Sheet:
        return Sheet(self.file, self.header, [self.rows[at] for at in keep], self.table)

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

    def shares(self, column: str) -> Floats:
        """NaN where the cell is empty, no number, or a percentage, which is a fault."""
        return np.array([row.share(column) for row in self.rows], dtype=np.float64)

    def years(self, column: str) -> Ints:
        """0 where there is none."""
        return years(row.year(column, first=FIRST_YEAR, last=LAST_YEAR) for row in self.rows)

    def days(self, column: str) -> Ints:
        """As 20240912; 0 where the cell is empty or no day, which is a fault."""
        found: list[date | None] = []
        for at, cell in enumerate(self.texts(column)):
            try:
                found.append(date.fromisoformat(cell) if cell else None)
            except ValueError:
                self.fault(at, column, "a day such as 2024-09-12")
                found.append(None)
        return days(found)

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
    return Sheet(table.file, table.header, rows, table)


@dataclass(frozen=True)
class LeftOut:
    """Rows of the portfolio that are not scored: of no company in the companies file, or refused."""

    rows: int
    of_rows: int
    money: float  # where the amount can be read
    unread: int  # rows whose amount cannot

    @property
    def has_known_money(self) -> bool:
        return not self.unread


@dataclass(frozen=True, eq=False)
class Files:
    """What the three files say, ready for the engine. Companies are those of the portfolio, by company_id."""

    companies: TemperatureCompanies
    targets: TemperatureTargets
    holdings: Holdings
    company_sheet: Sheet
    target_sheet: Sheet
    group_by: tuple[str, ...]
    group: Words  # of each company: its words in the columns of group_by, joined by a hyphen
    faults: list[Fault]
    tables: tuple[Table, ...]
    left_out: LeftOut
    not_held: list[str] = field(default_factory=list)  # companies in the data and not in the portfolio
    held_twice: list[str] = field(default_factory=list)
    without_amount: list[str] = field(default_factory=list)  # held, but no row says how much in a way that can be read

    @property
    def targets_given(self) -> int:
        return len(self.target_sheet.table.rows)

    def gone_wrong(self) -> list[str]:
        """A sentence for each column most of whose cells are refused for one reason."""
        return [sentence for table in self.tables for sentence in table.gone_wrong()]

    def notes(self) -> list[str]:
        return [note for table in self.tables for note in table.notes]


def read_files(companies: Path, targets: Path, portfolio: Path, group_by: Sequence[str] = ()) -> Files:
    """Reads all three. Raises NotReadable where a file cannot be read at all, or nothing of it can be used.

    `group_by` names columns of the companies or the portfolio; none is `sector`, where there is one.
    """
    faults: list[Fault] = []
    grouping = tuple(group_by) or ("sector",)
    company_sheet = read_sheet(companies, REQUIRED["companies"], (*OPTIONAL["companies"], *grouping), faults)
    portfolio_sheet = read_sheet(portfolio, REQUIRED["portfolio"], (*OPTIONAL["portfolio"], *grouping), faults)
    target_sheet = read_sheet(targets, REQUIRED["targets"], OPTIONAL["targets"], faults)
    tables = (company_sheet.table, target_sheet.table, portfolio_sheet.table)
    company_sheet = _known(company_sheet)

    known = set(company_sheet.ids())
    portfolio_sheet = _of_known(portfolio_sheet, known)
    in_portfolio = set(portfolio_sheet.ids())
    ids = company_sheet.ids()
    company_sheet = company_sheet.only(
        sorted((at for at, key in enumerate(ids) if key in in_portfolio), key=ids.__getitem__)
    )
    if not len(company_sheet):
        raise NotReadable("\n".join([f"{portfolio.name}: none of its companies is in {companies.name}", *_why(tables)]))
    position = {key: at for at, key in enumerate(company_sheet.ids())}
    target_sheet = _of_known(target_sheet, known)
    target_sheet = _scoped(target_sheet.only([at for at, key in enumerate(target_sheet.ids()) if key in position]))
    columns, group = _group(company_sheet, portfolio_sheet, position, group_by)
    found = _targets(target_sheet, position)
    readable = _readable(target_sheet)
    if len(readable) < len(found):
        target_sheet, found = target_sheet.only(readable.tolist()), found.take(readable)
    holdings = _holdings(portfolio_sheet, position)
    if not len(holdings):
        no_amount = f"{portfolio_sheet.file}: no row has an investment_value that can be used"
        raise NotReadable("\n".join([no_amount, *_why(tables)]))
    weighed = set(holdings.company.tolist())
    return Files(
        companies=_companies(company_sheet),
        targets=found,
        holdings=holdings,
        company_sheet=company_sheet,
        target_sheet=target_sheet,
        group_by=columns,
        group=group,
        faults=faults,
        tables=tables,
        left_out=_left_out(portfolio_sheet, faults),
        not_held=sorted(known - in_portfolio),
        held_twice=sorted(key for key, times in Counter(portfolio_sheet.ids()).items() if times > 1),
        without_amount=[key for key, at in position.items() if at not in weighed],
    )


def _why(tables: Sequence[Table]) -> list[str]:
    """The columns that went wrong, and what is wrong with a file as a whole."""
    of_files = [str(fault) for fault in tables[0].faults if not fault.column]
    return [*(sentence for table in tables for sentence in table.gone_wrong()), *of_files]


def _left_out(scored: Sheet, faults: list[Fault]) -> LeftOut:
    """What the portfolio holds beside the rows that are scored, a row without all its cells among it."""
    table = scored.table
    broken = {fault.line for fault in faults if fault.file == table.file and fault.line and not fault.column}
    amounts = {row.line: table.convention.number(row.typed("investment_value")) for row in table.rows}
    readable = {line: amount for line, amount in amounts.items() if amount is not None and amount >= 0}
    left = {*amounts, *broken} - {row.line for row in scored.rows if row.line in readable}
    money = sum(readable.get(line, 0.0) for line in left)
    return LeftOut(len(left), len({*amounts, *broken}), money, len(left - readable.keys()))


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
    ghg_s1_t, ghg_s2_t, ghg_s1s2_t = (sheet.numbers(name, least=0) for name in ("ghg_s1", "ghg_s2", "ghg_s1s2"))
    return TemperatureCompanies(
        company_id=tuple(ids),
        company_name=tuple(name or key for name, key in zip(sheet.texts("company_name"), ids, strict=True)),
        isic=sheet.words("isic"),
        ghg_s1s2_t=np.where(np.isnan(ghg_s1s2_t), ghg_s1_t + ghg_s2_t, ghg_s1s2_t),
        ghg_s3_t=sheet.numbers("ghg_s3", least=0),
        revenue=_divisor(sheet, "company_revenue"),
        market_cap=_divisor(sheet, "company_market_cap"),
        enterprise_value=_divisor(sheet, "company_enterprise_value"),
        total_assets=_divisor(sheet, "company_total_assets"),
        cash_equivalents=sheet.numbers("company_cash_equivalents", least=0),
        ghg_s1_t=ghg_s1_t,
        ghg_s2_t=ghg_s2_t,
        ghg_s3_by_category_t=np.column_stack([sheet.numbers(column, least=0) for column in BY_CATEGORY]),
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
        coverage_s1=sheet.shares("coverage_s1"),
        coverage_s2=sheet.shares("coverage_s2"),
        coverage_s3=sheet.shares("coverage_s3"),
        reduction_ambition=sheet.shares("reduction_ambition"),
        base_year=sheet.years("base_year"),
        start_year=sheet.years("start_year"),
        end_year=sheet.years("end_year"),
        base_year_ghg_s1_t=sheet.numbers("base_year_ghg_s1", least=0),
        base_year_ghg_s2_t=sheet.numbers("base_year_ghg_s2", least=0),
        achieved_reduction=sheet.shares("achieved_reduction"),
        s3_category=_categories(sheet),
        base_year_ghg_s3_t=sheet.numbers("base_year_ghg_s3", least=0),
        statement_day=sheet.days("statement_date"),
    )


def _categories(sheet: Sheet) -> Ints:
    """NONE where the cell is empty or says so itself: -1 is "not of scope 3" in the tool's own files."""
    found = [row.number("s3_category", least=NONE, most=CATEGORIES) for row in sheet.rows]
    for at, value in enumerate(found):
        if value is not None and value != int(value):
            sheet.fault(at, "s3_category", f"a category from 1 to {CATEGORIES}, or {HEADLINE} for all of scope 3")
    return np.array([NONE if value is None else int(value) for value in found], dtype=np.int64)


def _readable(sheet: Sheet) -> Ints:
    """Rows whose shares and tonnes can all be read: a coverage of "120%" must not count as one that is not given."""
    faults = sheet.rows[0].faults if sheet.rows else []
    unread = {fault.line for fault in faults if fault.file == sheet.file and fault.column in (*SHARES, *TONNES)}
    return np.array([at for at, row in enumerate(sheet.rows) if row.line not in unread], dtype=np.int64)


def _holdings(sheet: Sheet, position: dict[str, int]) -> Holdings:
    invested, engaged = sheet.numbers("investment_value", least=0), sheet.flags("engagement_target")
    for at, cell in enumerate(sheet.cells("investment_value")):
        if not cell.strip():
            sheet.fault(at, "investment_value", "an amount; the cell is empty")
    company = np.array([position[key] for key in sheet.ids()], dtype=np.int64)
    usable = ~np.isnan(invested)
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


def asked_about(files: Files, confirmed: Collection[str], *, are_used: bool) -> Files:
    """Owned shares above 1 are faults, and not used before a person has confirmed them or `are_used` as they are."""
    columns = {
        "company_market_cap": "market_cap",
        "company_enterprise_value": "enterprise_value",
        "company_total_assets": "total_assets",
        "company_revenue": "revenue",
    }
    companies, sheet = files.companies, files.company_sheet
    invested = np.zeros(len(companies))
    invested[files.holdings.company] = files.holdings.investment_value
    is_open = np.array([key not in confirmed for key in companies.company_id], dtype=np.bool_)
    kept: dict[str, Any] = {}
    for column, name in columns.items():
        worth: Floats = getattr(companies, name)
        exceeds = (worth > 0) & (invested > worth) & is_open
        methods = ", ".join(method for method, divisors in VALUED_BY.items() if column in divisors)
        what = (
            "used as it is, as the reference tool does" if are_used else f"{methods} without it until it is confirmed"
        )
        for at in np.flatnonzero(exceeds).tolist():
            found = f"{invested[at]:,.0f} / {worth[at]:,.2f} = {invested[at] / worth[at]:.3g}"
            sheet.fault(at, column, f"an investment of at most this amount, in one unit of money; {what}", found)
        kept[name] = worth if are_used else np.where(exceeds, np.nan, worth)
    return replace(files, companies=replace(companies, **kept))


def find_faults(files: Files, scores: TemperatureScores) -> list[Fault]:
    """All faults of the files: those of the cells, and targets that the protocol refuses or that look implausible."""
    sheet, targets = files.target_sheet, files.targets
    for at in np.flatnonzero(scores.rejected).tolist():
        column, expected = REFUSED.get(OUTCOMES[scores.rejected[at]], ("", ""))
        if OUTCOMES[scores.rejected[at]] == "share_out_of_range":
            column = _wrong_share(targets, at)
        if column:
            sheet.fault(at, column, expected)
    for at, column, expected in _unused(scores, sheet):
        sheet.fault(at, column, expected)
    used = scores.rejected == 0
    for at in np.flatnonzero(used & out_of_range(targets)).tolist():
        sheet.fault(at, _wrong_share(targets, at), "shares from 0 to 1; used as it is, as the reference tool does")
    has_years = (targets.base_year > 0) & (targets.end_year > 0)
    backwards = (targets.base_year >= targets.end_year) & has_years
    for at in np.flatnonzero(backwards).tolist():
        sheet.fault(at, "base_year", f"a base year before the end year {targets.end_year[at]}")
    lacking = used & _lacks_coverage(targets) & (scores.method.edition is EDITION_10)
    for at in np.flatnonzero(lacking).tolist():
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


def _unused(scores: TemperatureScores, sheet: Sheet) -> Iterator[tuple[int, str, str]]:
    """Targets that were fit for use and that no figure rests on, each with the first thing in which it lost."""
    candidates, outcome = scores.candidates, outcomes(scores)
    chosen = np.flatnonzero(outcome == OUTCOME["chosen"])
    used = {*candidates.source[chosen].tolist(), *candidates.partner[chosen].tolist()}
    told: set[int] = set()
    for at in np.flatnonzero(outcome != OUTCOME["chosen"]).tolist():
        row = int(candidates.source[at])
        if row in used or row in told:
            continue
        told.add(row)
        column, expected = UNUSED[OUTCOMES[outcome[at]]]
        if "%s" in expected:
            expected %= sheet.rows[int(candidates.source[scores.winner[at]])].line
        yield row, column, expected


def _wrong_share(targets: TemperatureTargets, at: int) -> str:
    for column in ("coverage_s1", "coverage_s2", "coverage_s3"):
        if not 0 <= np.nan_to_num(getattr(targets, column)[at]) <= 1:
            return column
    return "reduction_ambition"


def _without_variable(scores: TemperatureScores) -> list[int]:
    """Intensity targets whose metric no regression is for: they can be chosen, and then give the fallback."""
    if scores.method.edition is not EDITION_10:
        return []  # refused before
    candidates = scores.candidates
    unknown = candidates.intensity & (candidates.metric_variable == NONE)
    rows: list[int] = np.unique(candidates.source[unknown]).tolist()
    return rows


def _lacks_coverage(targets: TemperatureTargets) -> Bools:
    of_s1s2 = ((targets.scope == S1S2) | (targets.scope == S1S2S3)) & np.isnan(targets.coverage_s1)
    lacks: Bools = of_s1s2 | ((targets.scope == S3) & np.isnan(targets.coverage_s3))
    return lacks
