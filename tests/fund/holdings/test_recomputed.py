"""Two funds of the demo, worked out again from the shipped files and the rules of the method page alone.

Nothing of the engine is imported: the arithmetic stands here, in plain Python, as with a calculator.
"""

from __future__ import annotations

import csv
import gzip
import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.utils import timezone

from fund.demo import holdings as illustrative
from fund.demo import real_funds
from fund.holdings.book import Book
from fund.holdings.report import PortfolioReport
from fund.models import ThemeFund
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DATA = Path(settings.BASE_DIR) / "portfolio" / "data"
UNIVERSE = DATA / "demo_universe"
TODAY, DAY, LAST_YEAR = date(2026, 11, 30), date(2026, 9, 30), 2025
RELATIVE = 1e-7  # rates are stored with seven decimals
SHILI = illustrative.ILLUSTRATIVE


def rows(path: Path) -> Iterator[dict[str, str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)


def by_company(name: str) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for row in rows(UNIVERSE / name):
        found.setdefault(row["company_key"], []).append(row)
    return found


# --- exchange rates ------------------------------------------------------------------------------------
MEAN_PER_EUR = {
    (row["currency"], int(row["year"])): float(row["mean_per_eur"]) for row in rows(DATA / "exchange_rates_ecb.csv")
}
PER_USD = {(row["currency"], int(row["year"])): float(row["per_usd"]) for row in rows(DATA / "exchange_rates.csv")}
CLOSING = {
    (row["currency"], row["quarter_end"]): float(row["per_eur"])
    for row in rows(DATA / "exchange_rates_ecb_quarter_ends.csv")
}


def mean_cny(currency: str, year: int) -> float:
    """Yuan for one unit, mean of the year or of the last one before it: for what flowed in it."""
    if currency == "CNY":
        return 1.0
    known = [at for at in range(2000, year + 1) if currency == "USD" or (currency, at) in PER_USD]
    cny_per_usd = MEAN_PER_EUR["CNY", known[-1]] / MEAN_PER_EUR["USD", known[-1]]
    return cny_per_usd if currency == "USD" else cny_per_usd / PER_USD[currency, known[-1]]


def closing_cny(currency: str, day: date) -> float:
    """Yuan for one unit at the day's close. No closing of the Taiwan dollar is shipped: its last mean stands in."""
    if currency == "USD":
        return CLOSING["CNY", day.isoformat()] / CLOSING["USD", day.isoformat()]
    return mean_cny(currency, LAST_YEAR)


# --- companies -----------------------------------------------------------------------------------------
class Told(NamedTuple):
    year: int
    s1: float | None
    s2: float | None
    s3: float | None
    quality: int


DISCLOSED, EARNED = by_company("disclosures.csv"), by_company("financials.csv")


def number(text: str) -> float | None:
    return float(text) if text else None


def told(key: str) -> Told | None:
    """The last year that has ended and says a scope. Reported: 2; of another boundary than the revenue: 3."""
    if key == SHILI:
        return Told(2024, 1_200.0, 800.0, None, 2)
    for row in sorted(DISCLOSED.get(key, ()), key=lambda row: -int(row["year"])):
        scopes = [number(row[f"scope{n}_t"]) for n in (1, 2, 3)]
        if int(row["year"]) <= LAST_YEAR and any(scope is not None for scope in scopes):
            register = row["boundary"] == "facilities in Taiwan that must report to the register"
            return Told(int(row["year"]), *scopes, 3 if register else 2)
    return None


def revenue_cny(key: str, tonnes_year: int | None) -> float | None:
    """Of the year of the tonnes, else the last on record, at the mean of its year."""
    given = {int(row["year"]): row for row in EARNED.get(key, ()) if row["year"] and row["revenue"]}
    given = {year: row for year, row in given.items() if year <= LAST_YEAR}
    year = tonnes_year if tonnes_year in given else max(given, default=None)
    return None if year is None else float(given[year]["revenue"]) * mean_cny(given[year]["currency"], year)


# --- the illustrative fund ------------------------------------------------------------------------------
class Line(NamedTuple):
    """A holding worked out: in yuan and tonnes."""

    value: float
    owed: float  # what its factor divides
    factor: float | None
    s1: float | None
    s2: float | None
    s3: float | None
    revenue: float | None
    quality: int | None


def line(held: illustrative.Held) -> Line:
    close = closing_cny(held.currency, DAY)
    shares = held.asset_class == "unlisted_equity"
    amount = round(held.amount * (1 if shares else illustrative.GROWTH[-1]))
    given = illustrative.PRICES.get(held.company, {})
    if held.asset_class == "project_finance":
        own: dict[str, Any] = illustrative.PROJECT
        factor = amount / (own["total_equity"] + own["total_debt"])
        return Line(amount, amount, factor, own["s1_t"], own["s2_t"], own["s3_t"], own["revenue"], own["data_quality"])
    rate = closing_cny(given["currency"], DAY) if given else math.nan
    worth = {name: value for name, value in given.items() if name != "currency"}
    if "market_cap" in worth:
        worth["market_cap"] = round(worth["market_cap"] * illustrative.INFLATION[-1])
    reported = told(held.company)
    revenue = revenue_cny(held.company, reported.year if reported else None)
    if "revenue" in worth:
        revenue = worth["revenue"] * mean_cny(given["currency"], LAST_YEAR)
    by_evic = held.asset_class == "listed_equity" or held.issuer_listed
    value = owed = amount * close
    factor = None
    if shares:
        equity, debt = max(worth["total_equity"], 0.0) * rate, worth["total_debt"] * rate
        value = round(illustrative.VALUES[held.key] * illustrative.GROWTH[-1]) * close
        owed = amount / worth["shares_total"] * equity
        factor = owed / (equity + debt)
    elif by_evic and worth:
        factor = owed / ((worth["market_cap"] + worth["total_debt"] + worth["minority_interest"]) * rate)
    elif not by_evic:
        factor = owed / ((worth["total_equity"] + worth["total_debt"]) * rate)
    if reported is None:
        return Line(value, owed, factor, None, None, None, revenue, None)
    lag = DAY.year - reported.year  # the prices are of the day
    quality = min(5, reported.quality + (lag + 1) // 2)
    return Line(value, owed, factor, reported.s1, reported.s2, reported.s3, revenue, quality)


def both(found: Line) -> float | None:
    return None if found.s1 is None or found.s2 is None else found.s1 + found.s2


@pytest.fixture
def universe() -> None:
    make.load_directory(UNIVERSE)


@pytest.mark.usefixtures("universe")
def test_the_illustrative_fund_comes_out_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    make.disclosure(make.company(SHILI))
    fund = make.fund()
    monkeypatch.setattr(timezone, "localdate", lambda *_given: TODAY)
    illustrative.set_up(fund, make.dan())
    lines = [line(held) for held in illustrative.HELD]
    money = math.fsum(one.value for one in lines)
    report = PortfolioReport(Book(fund), DAY)
    assert report.outstanding == pytest.approx(money, rel=RELATIVE)

    for code, tonnes_of in (
        ("financed_s1", lambda one: one.s1),
        ("financed_s2", lambda one: one.s2),
        ("financed_s3", lambda one: one.s3),
        ("financed_s1_s2", both),
    ):
        counted = [one for one in lines if one.factor is not None and tonnes_of(one) is not None]
        metric = report.shown(code).metric
        assert metric.value == pytest.approx(
            math.fsum((one.factor or 0.0) * tonnes_of(one) for one in counted), rel=RELATIVE
        )
        assert metric.coverage == pytest.approx(math.fsum(one.value for one in counted) / money, rel=RELATIVE)
        assert (metric.covered, metric.holdings) == (len(counted), len(lines))

    weighed = [one for one in lines if one.revenue and both(one) is not None]
    waci = math.fsum(one.value * (both(one) or 0.0) / (one.revenue or 0.0) * 1e6 for one in weighed)
    metric = report.shown("waci").metric
    assert metric.value == pytest.approx(waci / math.fsum(one.value for one in weighed), rel=RELATIVE)
    assert metric.coverage == pytest.approx(math.fsum(one.value for one in weighed) / money, rel=RELATIVE)

    scored = [one for one in lines if one.factor is not None and one.quality is not None]
    quality = math.fsum(one.value * (one.quality or 0) for one in scored) / math.fsum(one.value for one in scored)
    assert report.shown("data_quality").metric.value == pytest.approx(quality, rel=RELATIVE)

    [shili] = [one for one, held in zip(lines, illustrative.HELD, strict=True) if held.company == SHILI]
    assert (shili.factor, shili.owed, shili.value) == (0.0, 0.0, 99e6)  # 90 million, grown by a tenth


@pytest.mark.usefixtures("universe")
def test_a_real_fund_comes_out_by_hand() -> None:
    """00850: no enterprise value is on record, so its tonnes are unknown, and the means by value are not."""
    real_funds.set_up(make.dan())
    fund = ThemeFund.objects.get(name_zh__startswith="00850")
    companies = {
        row["national_id"]: row["company_key"] for row in rows(UNIVERSE / "companies.csv") if row["national_id"]
    }
    # An ISIN of Taiwan spells its ticker out: TW0002308004.
    by_ticker = {
        row["isin"][5:9]: row["company_key"]
        for row in rows(UNIVERSE / "companies.csv")
        if row["isin"].startswith("TW000")
    }
    held = [row for row in rows(real_funds.FILE) if row["fund_code"] == "00850"]
    worth = [float(row["holding_value_10k_twd"]) * 10_000 * mean_cny("TWD", LAST_YEAR) for row in held]
    money = math.fsum(worth)
    report = PortfolioReport(Book(fund), date(2026, 6, 30))
    assert report.outstanding == pytest.approx(money, rel=RELATIVE)

    on_record, terms, weights, pboc = 0.0, [], [], []
    for row, value in zip(held, worth, strict=True):
        key = companies.get(row["national_id"]) if row["national_id"] else by_ticker.get(row["ticker"])
        if key is None:
            continue
        on_record += value
        reported = told(key)
        revenue = revenue_cny(key, reported.year if reported else None)
        if reported is None or reported.s1 is None or reported.s2 is None or not revenue:
            continue
        terms.append(value * (reported.s1 + reported.s2) / (revenue / 1e6))
        weights.append(value)
        pboc.append(value / revenue * (reported.s1 + reported.s2))
    assert len(weights) > 20
    assert report.statement.on_record.coverage == pytest.approx(on_record / money, rel=RELATIVE)
    waci = report.shown("waci").metric
    assert waci.value == pytest.approx(math.fsum(terms) / math.fsum(weights), rel=RELATIVE)
    assert waci.coverage == pytest.approx(math.fsum(weights) / money, rel=RELATIVE)
    assert report.shown("pboc_s1_s2").metric.value == pytest.approx(math.fsum(pboc), rel=RELATIVE)
    assert (report.both.metric.value, report.both.metric.coverage) == (None, 0.0)
    largest = max(report.rows, key=lambda row: row.waci or 0.0)
    assert (largest.waci or 0.0) / (waci.value or 1.0) == pytest.approx(max(terms) / math.fsum(terms), rel=RELATIVE)
