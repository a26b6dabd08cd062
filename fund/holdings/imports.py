"""Positions and prices from files: every fault is named by its row, and none of them stops the other rows.

A row that says what the last entry of its date says already is not entered again; another one supersedes it. A row of
positions that is refused is kept as what it says (fund/models/open_question.py), so that its money is not forgotten.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from fund.holdings.book import SIZES, Book
from fund.holdings.figures import typed_questions_of
from fund.holdings.matching import Companies, Contradiction, Found, Typed, recognised
from fund.holdings.questions import is_out_of_scale
from fund.models import (
    AssetClass,
    Holding,
    Match,
    Position,
    PriceInputs,
    Question,
    RefusedRow,
    ThemeFund,
)
from fund.models.holding import (
    DIVISORS,
    WITHOUT_EXCHANGE_RATE,
    date_fault,
    divisor_fault,
    impossible,
    no_exchange_rate,
    position_faults,
)
from portfolio import audit, bulk
from portfolio.identifiers import validate_isin, validate_lei
from portfolio.models import AppliedExchangeRate, ExchangeRate, Financials
from portfolio.typed.currencies import Currency, currency_of
from portfolio.typed.days import read_day
from portfolio.typed.tables import Fault, Row, Table, read_table
from portfolio.wording import listed

POSITION_COLUMNS = ("holding_key", "asset_class", "instrument", "currency", "as_of", "source")
ISSUER_COLUMNS = ("company_key", "isin", "lei", "ticker", "issuer")  # one of them says whose it is
POSITION_AMOUNTS = ("outstanding", "shares_held", "average_financing")
POSITION_FLAGS = ("issuer_listed", "is_engaged")
PRICE_COLUMNS = ("company_key", "as_of", "currency", "source")
PRICE_AMOUNTS = (
    "market_cap",
    "total_debt",
    "minority_interest",
    "cash",
    "evic",
    "total_equity",
    "total_assets",
    "shares_total",
    "revenue",
    "avoided_t",
    "removed_t",
)
NO_MONEY = ("shares_held", "shares_total", "avoided_t", "removed_t")
MAY_BE_NEGATIVE = ("minority_interest", "total_equity")


@dataclass
class Money:
    """What the rows of a file say in one currency, as far as it can be read."""

    entered: float = 0.0
    without_company: float = 0.0  # of that: of issuers that are not on record
    refused: float = 0.0

    @property
    def total(self) -> float:
        return self.entered + self.refused


@dataclass
class Imported:
    """What became of a file."""

    file: str
    rows: int = 0
    entered: int = 0
    corrected: int = 0  # of those, how many supersede an earlier entry
    unchanged: int = 0
    new_holdings: int = 0
    without_company: int = 0  # rows entered of issuers that are not on record
    refused: int = 0
    refused_amounts_unknown: int = 0
    settled: int = 0  # refused again, and settled before: set aside, or right in another file since
    money: dict[str, Money] = field(default_factory=lambda: defaultdict(Money))  # by currency
    divided: list[str] = field(default_factory=list)  # amounts in pence or cents, and as what they were entered
    held_twice: list[str] = field(default_factory=list)  # keys of companies with more than one holding now
    questions: list[tuple[str, Question]] = field(default_factory=list)  # of whom, on the last day of the file
    faults: list[Fault] = field(default_factory=list)
    is_readable: bool = True
    table: Table | None = None

    @property
    def sentences(self) -> list[str]:
        """Columns that went wrong as a whole, and how the file was read where that is worth saying."""
        return [*self.table.gone_wrong(), *self.table.notes] if self.table else []

    @property
    def is_whole(self) -> bool:
        """Nothing of it is left for a person."""
        return self.is_readable and not (self.faults or self.without_company or self.questions)


class Register:
    """What the database knows and rows are checked against; read once."""

    def __init__(self, fund: ThemeFund | None) -> None:
        self.companies = Companies()
        self.currencies = {*WITHOUT_EXCHANGE_RATE, *ExchangeRate.objects.values_list("currency", flat=True).distinct()}
        self.per_usd = ExchangeRate.objects.most_per_usd()
        self.holdings: dict[str, Holding] = {}
        self.found_since: dict[Holding, Found] = {}  # holdings without a company, of which a row names one now
        if fund is not None:
            self.holdings = {held.holding_key: held for held in Holding.objects.filter(fund=fund)}

    def company_of(self, key: str) -> int | None:
        return self.companies.by_key.get(key)


# --- positions -----------------------------------------------------------------------------------------
def import_positions(path: Path, fund: ThemeFund, *, by: User | None) -> Imported:
    """Enter the rows of a file that are right. Holdings that are new are made of their first row."""
    done = Imported(path.name)
    known = (*POSITION_COLUMNS, *ISSUER_COLUMNS, *POSITION_AMOUNTS, *POSITION_FLAGS)
    rows = _rows(path, POSITION_COLUMNS, known, done)
    if rows and not any(rows[0].has(column) for column in ISSUER_COLUMNS):
        expected = _("one of these columns: %(columns)s") % {"columns": listed(ISSUER_COLUMNS)}
        done.faults.append(Fault(rows[0].file, 1, "company_key", _("no such column"), expected))
        done.is_readable, rows = False, []
    torn = _torn(done)
    refused: list[Row] = []
    with transaction.atomic():
        ThemeFund.objects.select_for_update().get(pk=fund.pk)  # two files at once would both make the same holding
        register = Register(fund)
        last = _last_entries(Position.objects.filter(holding__fund=fund), "holding_id", POSITION_AMOUNTS)
        read = partial(_position, register=register, fund=fund, divided=done.divided)
        positions = list(_good(rows, done, read, refused))
        _match(register.found_since, by)
        new = [one.holding for one in positions if one.holding.pk is None]
        new = list({held.holding_key: held for held in new}.values())
        made = bulk_create_with_history(new, Holding, batch_size=bulk.BATCH, default_user=by)
        register.holdings |= {held.holding_key: held for held in made}
        done.new_holdings = len(made)
        for position in positions:
            position.holding = register.holdings[position.holding.holding_key]
        _enter(Position, positions, last, "holding_id", POSITION_AMOUNTS, by, done)
        refusals = _refusals(refused, torn, fund, register, by, done)
        settled = _keep(refusals, positions, fund, by)
        detail = f"{done.entered} of {done.rows} rows, {len(refusals)} refused"
        audit.append(by, "holdings.imported", f"fund:{fund.pk}", detail=detail)
    done.refused = len(refusals)
    done.settled = sum(one.digest in settled for one in refusals)
    _count(positions, [one for one in refusals if one.digest not in settled], done)
    done.held_twice = _held_twice(register)
    done.questions = _questions(fund, positions)
    return done


def _position(row: Row, register: Register, fund: ThemeFund, divided: list[str]) -> Position | None:
    key = row.text("holding_key", limit=80, required=True)
    typed, found = _issuer(row, register)
    day = _day(row)
    asset_class = _one_of(row, "asset_class", AssetClass.values)
    instrument = row.text("instrument", limit=200, required=True)
    currency = _currency(row, register)
    source = row.text("source", limit=300, required=True)
    amounts = _amounts(row, POSITION_AMOUNTS, currency, register, divided)
    flags = {name: row.flag(name) for name in POSITION_FLAGS}
    if day is None or not (key and asset_class and currency.code):
        return None
    for name, fault in position_faults(asset_class, amounts["outstanding"], amounts["shares_held"]).items():
        if not row.typed(name):  # else it is there and was refused above
            row.fault(name, fault)
    holding = register.holdings.get(key)
    if holding is None:
        holding = Holding(
            fund=fund,
            company_id=found.company if found else None,
            matched_by=found.by if found else Match.OPEN,
            issuer_name=typed.issuer or instrument,
            issuer_key=typed.key,
            isin=typed.isin,
            lei=typed.lei,
            ticker=typed.ticker,
            holding_key=key,
            asset_class=asset_class,
            instrument=instrument,
            currency=currency.code,
            issuer_listed=flags["issuer_listed"],
            is_engaged=flags["is_engaged"] or False,
        )
        if not _has_faults(row):
            register.holdings[key] = holding
    else:
        kept = _("what the holding “%(key)s” has had since it was made") % {"key": key}
        if not _is_of(holding, typed, found):
            row.fault(next(column for column in ISSUER_COLUMNS if row.typed(column)), kept)
        for name, value in (("asset_class", asset_class), ("currency", currency.code)):
            if value != getattr(holding, name):
                row.fault(name, kept)
        if holding.company_id is None and found and not _has_faults(row):
            register.found_since[holding] = found
    return Position(holding=holding, as_of=day, source=source, **amounts)


def _is_of(holding: Holding, typed: Issuer, found: Found | None) -> bool:
    """Whether a row may be of a holding that there is: what a person matched is not asked for again."""
    if found:
        return holding.company_id in (None, found.company)
    as_before = (holding.issuer_key, holding.isin, holding.lei, holding.ticker) == typed[:4]
    return holding.company_id is None or (holding.matched_by == Match.PERSON and as_before)


def _match(found_since: dict[Holding, Found], by: User | None) -> None:
    """Issuers that were not on record when their holding was made, and are now."""
    for holding, found in found_since.items():
        holding.company_id, holding.matched_by = found.company, found.by
    if found_since:
        bulk_update_with_history(list(found_since), Holding, ["company", "matched_by"], default_user=by)


def _held_twice(register: Register) -> list[str]:
    names = {pk: key for key, pk in register.companies.by_key.items()}
    seen: set[int] = set()
    twice: dict[str, None] = {}
    for holding in register.holdings.values():
        if holding.company_id is None:
            continue
        if holding.company_id in seen:
            twice[names[holding.company_id]] = None
        seen.add(holding.company_id)
    return list(twice)


def _questions(fund: ThemeFund, positions: Sequence[Position]) -> list[tuple[str, Question]]:
    """What a person is asked about the holdings of the file, on its last day."""
    if not positions:
        return []
    statement = Book(fund).statement(max(position.as_of for position in positions))
    keys = {position.holding.holding_key for position in positions}
    return [
        (held.holding.holding_key, question)
        for at, held in enumerate(statement.rows)
        if held.holding.holding_key in keys
        for question in typed_questions_of(statement, at)
    ]


# --- what was refused ----------------------------------------------------------------------------------
def _torn(done: Imported) -> list[Fault]:
    """Rows that have too many or too few cells, or open quotes: nothing of them can be read but that they are there."""
    return [fault for fault in done.faults if done.is_readable and fault.line > 1 and not fault.column]


def _refusals(
    rows: list[Row], torn: list[Fault], fund: ThemeFund, register: Register, by: User | None, done: Imported
) -> list[RefusedRow]:
    faults: dict[int, list[Fault]] = defaultdict(list)
    for fault in done.faults:
        faults[fault.line].append(fault)
    made = [_refusal(row, faults[row.line], fund, register) for row in rows]
    for fault in torn:
        digest = _digest([fault.line, fault.found, fault.expected, done.file])
        made.append(RefusedRow(fund=fund, file=fault.file, line=fault.line, faults=_told([fault]), digest=digest))
    for one in made:
        one.entered_by, one.file = by, one.file[-200:]
    return made


def _refusal(row: Row, faults: list[Fault], fund: ThemeFund, register: Register) -> RefusedRow:
    """What can be read of a row that was refused: its money in whole units, where the currency says which they are."""
    silent = replace(row, faults=[])  # its faults were named already
    currency = currency_of(silent)
    name = silent.text("issuer") or silent.text("instrument") or silent.text("company_key")
    return RefusedRow(
        fund=fund,
        file=row.file,
        line=row.line,
        holding_key=silent.text("holding_key")[:80],
        name=name[:200],
        as_of=_day(silent),
        currency=currency.code,
        amount=_amounts(silent, ("outstanding",), currency, register, [])["outstanding"],
        faults=_told(faults),
        digest=_digest(row.cells),
    )


def _told(faults: list[Fault]) -> list[dict[str, str]]:
    return [{"column": fault.column, "found": fault.found, "expected": fault.expected} for fault in faults]


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode(errors="surrogateescape")).hexdigest()


def _keep(refusals: list[RefusedRow], positions: list[Position], fund: ThemeFund, by: User | None) -> set[str]:
    """A refusal once however often its file is read; what came in right since is closed.

    Returns the digests of those that were settled before: their money is in no coverage anymore.
    """
    digests = {one.digest for one in refusals}
    of_fund = RefusedRow.objects.filter(fund=fund)
    again = of_fund.filter(digest__in=digests) if len(digests) <= bulk.BATCH else of_fund
    stored = [one for one in again.values_list("pk", "digest", "state") if one[1] in digests]
    known = {pk: digest for pk, digest, _state in stored}
    came_in = {(position.holding.holding_key, position.as_of) for position in positions}
    of_fund.settle(came_in, but=known, by=by)
    there = set(known.values())
    bulk.insert(RefusedRow, list({one.digest: one for one in refusals if one.digest not in there}.values()))
    return {digest for _pk, digest, state in stored if state != RefusedRow.State.OPEN}


def _count(positions: list[Position], refusals: list[RefusedRow], done: Imported) -> None:
    for position in positions:
        money, value = done.money[position.holding.currency], position.outstanding or 0.0
        money.entered += value
        if position.holding.company_id is None:
            done.without_company += 1
            money.without_company += value
    for row in refusals:
        if row.amount is None or not row.currency:
            done.refused_amounts_unknown += 1
        else:
            done.money[row.currency].refused += row.amount


# --- prices --------------------------------------------------------------------------------------------
def import_prices(path: Path, *, by: User | None) -> Imported:
    """Enter the rows of a file of price inputs that are right."""
    done = Imported(path.name)
    rows = _rows(path, PRICE_COLUMNS, (*PRICE_COLUMNS, *PRICE_AMOUNTS), done)
    with transaction.atomic():
        register = Register(None)
        compared = ("currency", *PRICE_AMOUNTS)
        last = _last_entries(PriceInputs.objects.all(), "company_id", compared)
        found = list(_good(rows, done, partial(_prices, register=register, divided=done.divided), []))
        _enter(PriceInputs, found, last, "company_id", compared, by, done)
        audit.append(by, "prices.imported", "company:*", detail=f"{done.entered} of {done.rows} rows")
    done.questions = _price_questions(found)
    return done


def _price_questions(found: list[PriceInputs]) -> list[tuple[str, Question]]:
    """Companies whose prices are of another size than their last revenue on record."""
    rates, revenues = ExchangeRate.objects.at_hand(), defaultdict(list)
    told = Financials.objects.counting().filter(year__isnull=False, revenue__isnull=False)
    for row in told.order_by("year", "pk"):
        revenues[row.company_id].append(row)
    asked = []
    for one in found:
        known = [row for row in revenues[one.company_id] if (row.year or 0) < one.as_of.year]
        if not known:
            continue
        on_the_day = rates.on_day(one.currency, one.as_of)
        values = [_in_yuan(getattr(one, name), on_the_day) for name in SIZES]
        # Only its size is asked: it is converted as the prices beside it, since its year may have no exchange rate.
        revenue = _in_yuan(known[-1].revenue, rates.on_day(known[-1].currency, one.as_of))
        if is_out_of_scale(values, revenue):
            asked.append((one.company.company_key, Question.PRICE_SCALE))
    return asked


def _in_yuan(value: float | None, rate: AppliedExchangeRate | None) -> float | None:
    return None if value is None or rate is None else value * rate.cny_per_unit


def _prices(row: Row, register: Register, divided: list[str]) -> PriceInputs | None:
    company, day, currency = _company(row, register), _day(row), _currency(row, register)
    source = row.text("source", limit=300, required=True)
    amounts = _amounts(row, PRICE_AMOUNTS, currency, register, divided)
    for name in DIVISORS:
        if fault := divisor_fault(amounts[name]):
            row.fault(name, fault)
    if not _has_faults(row) and all(value is None for value in amounts.values()):
        row.fault("", _("at least one amount"), _("no amount"))
    if company is None or day is None or not currency.code:
        return None
    return PriceInputs(company_id=company, as_of=day, currency=currency.code, source=source, **amounts)


# --- rows ----------------------------------------------------------------------------------------------
def _rows(path: Path, required: tuple[str, ...], known: tuple[str, ...], done: Imported) -> list[Row]:
    table = read_table(path, required, known, done.faults)
    if table is None or not table.is_usable:
        done.is_readable = False
        return []
    for column in table.unknown_columns:
        done.faults.append(Fault(table.file, 1, column, column, _("no such column: it is not read")))
    done.table = table
    done.rows = len(table.rows)
    return table.rows


def _good(rows: list[Row], done: Imported, read: Callable[[Row], Any], refused: list[Row]) -> Iterator[Any]:
    """The rows without a fault, each holding or company once a date; `refused` gets the others."""
    seen: dict[tuple[str, date], int] = {}
    for row in rows:
        before = len(done.divided)
        found = read(row)
        if found is None or _has_faults(row):
            del done.divided[before:]
            refused.append(row)
            continue
        key = (row.text("holding_key") or row.text("company_key"), found.as_of)
        if key in seen:
            row.fault("as_of", _("one row a date; this is on line %(line)s already") % {"line": seen[key]})
            del done.divided[before:]
            refused.append(row)
            continue
        seen[key] = row.line
        yield found


def _has_faults(row: Row) -> bool:
    """Faults are noted in the order of the rows, so a fault of this row is the last one."""
    return bool(row.faults) and row.faults[-1].line == row.line


def _enter(
    model: Any,
    found: list[Any],
    last: dict[tuple[int, date], tuple[Any, ...]],
    owner: str,
    compared: tuple[str, ...],
    by: User | None,
    done: Imported,
) -> None:
    """Append what differs from the last entry of its date."""
    fresh = []
    for one in found:
        before = last.get((getattr(one, owner), one.as_of))
        if before == tuple(getattr(one, name) for name in compared):
            done.unchanged += 1
            continue
        done.corrected += before is not None
        one.entered_by = by
        fresh.append(one)
    bulk.insert(model, fresh)
    done.entered = len(fresh)


def _last_entries(rows: Any, owner: str, names: tuple[str, ...]) -> dict[tuple[int, date], tuple[Any, ...]]:
    entries = rows.order_by("pk").values_list(owner, "as_of", *names)
    return {(entry[0], entry[1]): tuple(entry[2:]) for entry in entries}


# --- cells ---------------------------------------------------------------------------------------------
class Issuer(NamedTuple):
    """What a row says of whose the holding is."""

    key: str
    isin: str
    lei: str
    ticker: str
    issuer: str


def _issuer(row: Row, register: Register) -> tuple[Issuer, Found | None]:
    """As typed, an identifier that stands among the keys in its own place; and the company that it finds, if any."""
    key = row.text("company_key", limit=80)
    given = {
        "isin": _identifier(row, "isin", validate_isin),
        "lei": _identifier(row, "lei", validate_lei),
        "ticker": row.text("ticker", limit=24),
        "issuer": row.text("issuer", limit=200),
    }
    stands_for = recognised(key)
    if stands_for and not given[stands_for]:
        key, given[stands_for] = "", key.upper()
    issuer = Issuer(key, **given)
    if not any(row.typed(column) for column in ISSUER_COLUMNS):
        row.fault("company_key", _("a company key, ISIN, LEI, ticker or issuer"))
        return issuer, None
    currency = currency_of(replace(row, faults=[])).code
    try:
        return issuer, register.companies.find(Typed(*issuer[:4], currency=currency))
    except Contradiction as two:
        words = _("one company; %(one)s and %(other)s name two") % {"one": two.one.label, "other": two.other.label}
        row.fault("company_key", words)
        return issuer, None


def _identifier(row: Row, column: str, validate: Callable[[str], Any]) -> str:
    text = row.text(column)
    if not text:
        return ""
    try:
        return str(validate(text))
    except ValidationError as wrong:
        row.fault(column, " ".join(wrong.messages))
        return ""


def _amounts(
    row: Row, names: tuple[str, ...], currency: Currency, register: Register, divided: list[str]
) -> dict[str, float | None]:
    """Each in the main unit of the currency; one that cannot be is a fault, and missing."""
    amounts = {name: row.number(name, least=None if name in MAY_BE_NEGATIVE else 0) for name in names}
    _divide(row, currency, amounts, divided)
    for name, expected in impossible(amounts, currency.code, register.per_usd).items():
        row.fault(name, expected)
        amounts[name] = None
    return amounts


def _company(row: Row, register: Register) -> int | None:
    key = row.text("company_key", required=True)
    company = register.company_of(key)
    if key and company is None:
        row.fault("company_key", _("the key of a company that is on record"))
    return company


def _day(row: Row) -> date | None:
    text = row.text("as_of", required=True)
    if not text:
        return None
    day = read_day(text)
    if day is None:
        row.fault("as_of", _("a date such as 2026-09-30"))
        return None
    if fault := date_fault(day):
        row.fault("as_of", fault)
        return None
    return day


def _currency(row: Row, register: Register) -> Currency:
    """With a fault and without a code where it cannot be read, or turned into yuan."""
    currency = currency_of(row)
    if currency.code and currency.code not in register.currencies:
        row.fault("currency", no_exchange_rate(currency.code))
        return Currency("")
    return currency


def _divide(row: Row, currency: Currency, amounts: dict[str, float | None], divided: list[str]) -> None:
    """Money given in pence or cents becomes pounds or dollars, and is noted; shares and tonnes stay."""
    for name, given in amounts.items():
        if currency.per_unit != 1 and given and name not in NO_MONEY:
            amounts[name] = given / currency.per_unit
            divided.append(f"{row.file}:{row.line}  {name}  {currency.divided(given)}")


def _one_of(row: Row, column: str, words: list[str]) -> str:
    text = "_".join(row.text(column, required=True).lower().split())
    if text and text not in words:
        row.fault(column, _("one of %(words)s") % {"words": listed(words)})
        return ""
    return text
