"""Positions and prices from files: every fault is named by its row, and none of them stops the other rows.

A row that says what the last entry of its date says already is not entered again; another one supersedes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from fund.models import AssetClass, Holding, Position, PriceInputs, ThemeFund
from fund.models.holding import (
    DIVISORS,
    WITHOUT_EXCHANGE_RATE,
    date_fault,
    divisor_fault,
    impossible,
    no_exchange_rate,
    position_faults,
    shares_fault,
)
from portfolio import audit, bulk
from portfolio.models import Company, ExchangeRate
from portfolio.typed.currencies import Currency, currency_of
from portfolio.typed.tables import Fault, Row, Table, read_table

POSITION_COLUMNS = ("holding_key", "company_key", "asset_class", "instrument", "currency", "as_of", "source")
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
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass
class Imported:
    """What became of a file."""

    file: str
    rows: int = 0
    entered: int = 0
    corrected: int = 0  # of those, how many supersede an earlier entry
    unchanged: int = 0
    new_holdings: int = 0
    divided: list[str] = field(default_factory=list)  # amounts in pence or cents, and as what they were entered
    held_twice: list[str] = field(default_factory=list)  # keys of companies with more than one holding now
    faults: list[Fault] = field(default_factory=list)
    is_readable: bool = True
    table: Table | None = None

    @property
    def sentences(self) -> list[str]:
        """Columns that went wrong as a whole, and how the file was read where that is worth saying."""
        return [*self.table.gone_wrong(), *self.table.notes] if self.table else []


class Register:
    """What the database knows and rows are checked against; read once."""

    def __init__(self, fund: ThemeFund | None) -> None:
        self.companies = dict(Company.objects.values_list("company_key", "pk"))
        self.currencies = {*WITHOUT_EXCHANGE_RATE, *ExchangeRate.objects.values_list("currency", flat=True).distinct()}
        self.per_usd = ExchangeRate.objects.most_per_usd()
        self.holdings: dict[str, Holding] = {}
        self.shares_total: dict[int, list[tuple[date, float]]] = {}
        if fund is not None:
            self.holdings = {held.holding_key: held for held in Holding.objects.filter(fund=fund)}
            known = PriceInputs.objects.filter(shares_total__isnull=False).order_by("as_of", "pk")
            for company, day, total in known.values_list("company_id", "as_of", "shares_total"):
                self.shares_total.setdefault(company, []).append((day, total or 0.0))

    def shares_on(self, company: int, day: date) -> float | None:
        found = [total for when, total in self.shares_total.get(company, ()) if when <= day]
        return found[-1] if found else None


# --- positions -----------------------------------------------------------------------------------------
def import_positions(path: Path, fund: ThemeFund, *, by: User | None) -> Imported:
    """Enter the rows of a file that are right. Holdings that are new are made of their first row."""
    done = Imported(path.name)
    known = (*POSITION_COLUMNS, *POSITION_AMOUNTS, *POSITION_FLAGS)
    rows = _rows(path, POSITION_COLUMNS, known, done)
    with transaction.atomic():
        ThemeFund.objects.select_for_update().get(pk=fund.pk)  # two files at once would both make the same holding
        register = Register(fund)
        last = _last_entries(Position.objects.filter(holding__fund=fund), "holding_id", POSITION_AMOUNTS)
        positions = list(_good(rows, done, lambda row: _position(row, register, fund, done.divided)))
        new = [one.holding for one in positions if one.holding.pk is None]
        new = list({held.holding_key: held for held in new}.values())
        made = bulk_create_with_history(new, Holding, batch_size=bulk.BATCH, default_user=by)
        register.holdings |= {held.holding_key: held for held in made}
        done.new_holdings = len(made)
        for position in positions:
            position.holding = register.holdings[position.holding.holding_key]
        _enter(Position, positions, last, "holding_id", POSITION_AMOUNTS, by, done)
        audit.append(by, "holdings.imported", f"fund:{fund.pk}", detail=f"{done.entered} of {done.rows} rows")
    done.held_twice = _held_twice(register)
    return done


def _position(row: Row, register: Register, fund: ThemeFund, divided: list[str]) -> Position | None:
    key = row.text("holding_key", limit=80, required=True)
    company = _company(row, register)
    day = _day(row)
    asset_class = _one_of(row, "asset_class", AssetClass.values)
    instrument = row.text("instrument", limit=200, required=True)
    currency = _currency(row, register)
    source = row.text("source", limit=300, required=True)
    amounts = _amounts(row, POSITION_AMOUNTS, currency, register, divided)
    flags = {name: row.flag(name) for name in POSITION_FLAGS}
    if company is None or day is None or not (key and asset_class and currency.code):
        return None
    for name, fault in position_faults(asset_class, amounts["outstanding"], amounts["shares_held"]).items():
        if not row.typed(name):  # else it is there and was refused above
            row.fault(name, fault)
    total = register.shares_on(company, day)
    if total is not None and (fault := shares_fault(amounts["shares_held"], total)):
        row.fault("shares_held", fault)
    holding = register.holdings.get(key)
    if holding is None:
        holding = Holding(
            fund=fund,
            company_id=company,
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
        given = {"company_key": company, "asset_class": asset_class, "currency": currency.code}
        kept = {
            "company_key": holding.company_id,
            "asset_class": holding.asset_class,
            "currency": holding.currency,
        }
        for name, value in given.items():
            if value != kept[name]:
                row.fault(name, _("what the holding “%(key)s” has had since it was made") % {"key": key})
    return Position(holding=holding, as_of=day, source=source, **amounts)


def _held_twice(register: Register) -> list[str]:
    names = {pk: key for key, pk in register.companies.items()}
    seen: set[int] = set()
    twice: dict[str, None] = {}
    for holding in register.holdings.values():
        if holding.company_id in seen:
            twice[names[holding.company_id]] = None
        seen.add(holding.company_id)
    return list(twice)


# --- prices --------------------------------------------------------------------------------------------
def import_prices(path: Path, *, by: User | None) -> Imported:
    """Enter the rows of a file of price inputs that are right."""
    done = Imported(path.name)
    rows = _rows(path, PRICE_COLUMNS, (*PRICE_COLUMNS, *PRICE_AMOUNTS), done)
    with transaction.atomic():
        register = Register(None)
        compared = ("currency", *PRICE_AMOUNTS)
        last = _last_entries(PriceInputs.objects.all(), "company_id", compared)
        found = list(_good(rows, done, lambda row: _prices(row, register, done.divided)))
        _enter(PriceInputs, found, last, "company_id", compared, by, done)
        audit.append(by, "prices.imported", "company:*", detail=f"{done.entered} of {done.rows} rows")
    return done


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


def _good(rows: list[Row], done: Imported, read: Callable[[Row], Any]) -> Iterator[Any]:
    """The rows without a fault, each holding or company once a date."""
    seen: dict[tuple[str, date], int] = {}
    for row in rows:
        before = len(done.divided)
        found = read(row)
        if found is None or _has_faults(row):
            del done.divided[before:]
            continue
        key = (row.text("holding_key") or row.text("company_key"), found.as_of)
        if key in seen:
            row.fault("as_of", _("one row a date; this is on line %(line)s already") % {"line": seen[key]})
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
    if key and key not in register.companies:
        row.fault("company_key", _("the key of a company that is on record"))
    return register.companies.get(key)


def _day(row: Row) -> date | None:
    text = row.text("as_of", required=True)
    if not text:
        return None
    try:
        day = date.fromisoformat(text) if ISO_DATE.fullmatch(text) else None
    except ValueError:
        day = None
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
    text = row.text(column, required=True)
    if text and text not in words:
        row.fault(column, _("one of %(words)s") % {"words": ", ".join(words)})
        return ""
    return text
