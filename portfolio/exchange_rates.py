"""Exchange rates from a file: every fault is named by its row, and none of them stops the other rows.

What a person enters is never overwritten by the rates that ship (portfolio/universe/load.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portfolio import audit
from portfolio.models import ExchangeRate
from portfolio.typed.currencies import currency_of
from portfolio.typed.days import read_day
from portfolio.typed.tables import Fault, Row, read_table

COLUMNS = ("currency", "year", "day", "per_usd", "per_eur", "source")
Period = int | date
Known = dict[tuple[str, Period | None], ExchangeRate]


@dataclass
class Imported:
    """What became of a file."""

    file: str
    rows: int = 0
    entered: int = 0
    changed: int = 0  # of those, how many stand in for another value
    unchanged: int = 0
    without_yuan: list[str] = field(default_factory=list)  # of no use before the yuan of the period is there, too
    faults: list[Fault] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)  # columns that went wrong as a whole, and how the file was read
    is_readable: bool = True


@dataclass(frozen=True)
class _Given:
    """A row without a fault so far. `per_eur` where it is not per US dollar."""

    row: Row
    currency: str
    period: Period
    per_usd: float | None
    per_eur: float | None
    source: str


def import_rates(path: Path, *, by: User) -> Imported:
    """Enter the rows that are right: a new period, or another value for a known one."""
    done = Imported(path.name)
    table = read_table(path, ("currency", "source"), COLUMNS, done.faults)
    if table is None or not table.is_usable:
        done.is_readable = False
        return done
    for column in table.unknown_columns:
        done.faults.append(Fault(table.file, 1, column, column, _("no such column: it is not read")))
    done.rows = len(table.rows)
    given = [found for row in table.rows if (found := _given(row))]
    with transaction.atomic():
        known: Known = {(rate.currency, rate.year or rate.day): rate for rate in ExchangeRate.objects.all()}
        seen: dict[tuple[str, Period], int] = {}
        for one, currency, per_usd in _per_usd(given, known):
            line = seen.setdefault((currency, one.period), one.row.line)
            if line == one.row.line:
                _enter(one, currency, per_usd, known, by, done)
            else:
                one.row.fault("currency", _("one row a currency and period; this is on line %(line)s") % {"line": line})
        done.without_yuan = [f"{code} {period}" for code, period in seen if ("CNY", period) not in known]
        audit.append(by, "exchange_rates.imported", "exchange_rates", detail=f"{done.entered} of {done.rows} rows")
    done.faults.sort()
    done.sentences = [*table.gone_wrong(), *table.notes]
    return done


def _given(row: Row) -> _Given | None:
    before = len(row.faults)
    currency = currency_of(row)
    if currency.per_unit != 1:
        row.fault("currency", _("a currency, not its hundredth, such as %(code)s") % {"code": currency.code})
    year, day = row.text("year"), _day(row)
    per_usd, per_eur = row.number("per_usd"), row.number("per_eur")
    source = row.text("source", limit=300, required=True)
    period = row.year("year", first=1900, last=9999) if year else day
    if bool(year) == bool(row.typed("day")):
        row.fault("year", _("the year of a mean, or the day of a closing: one of the two"))
    if bool(row.typed("per_usd")) == bool(row.typed("per_eur")):
        row.fault("per_usd", _("units per US dollar, or in per_eur units per euro: one of the two"))
    if len(row.faults) > before or period is None:
        return None
    return _Given(row, currency.code, period, per_usd, per_eur, source)


def _day(row: Row) -> date | None:
    text = row.text("day")
    day = read_day(text)
    if text and day is None:
        row.fault("day", _("a date such as 2026-09-30"))
    return day


def _per_usd(given: list[_Given], known: Known) -> Iterator[tuple[_Given, str, float]]:
    """Each row with its currency and units per US dollar.

    Dollars per euro are euros per dollar the other way round. Any other rate per euro is crossed over those of its own
    period, of this file or on record.
    """
    euros = {one.period: 1 / one.per_eur for one in given if one.currency == "USD" and one.per_eur and one.per_eur > 0}
    for one in given:
        if one.per_usd is not None:
            yield one, one.currency, one.per_usd
        elif one.currency == "USD" and one.period in euros:
            yield one, "EUR", euros[one.period]
        elif one.per_eur is not None:
            stored = known.get(("EUR", one.period))
            per_dollar = euros.get(one.period) or (stored.per_usd if stored else None)
            if per_dollar is None:
                expected = _("the US dollar per euro of %(period)s too, in this file or on record")
                one.row.fault("per_eur", expected % {"period": one.period})
            else:
                yield one, one.currency, float(f"{one.per_eur * per_dollar:.8g}")


def _enter(one: _Given, currency: str, per_usd: float, known: Known, by: User, done: Imported) -> None:
    key = (currency, one.period)
    stored = known.get(key)
    if stored is not None and (stored.per_usd, stored.source) == (per_usd, one.source):
        done.unchanged += 1
        return
    year, day = (one.period, None) if isinstance(one.period, int) else (None, one.period)
    rate = stored or ExchangeRate(currency=currency, year=year, day=day)
    rate.per_usd, rate.source, rate.entered_by = per_usd, one.source, by
    try:
        rate.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as refusal:
        for column, words in refusal.message_dict.items():
            if column == "per_usd" and one.per_eur is not None:
                column = "per_eur"  # what was typed, where the rate was crossed
            one.row.fault(column if column in COLUMNS else "", " ".join(words))
        return
    rate.save()
    known[key] = rate
    done.entered += 1
    done.changed += stored is not None
