"""Real funds for the demo: what 64 exchange-traded funds of Taiwan held on 30 June 2026, whole, as published.

Source and licence: fund/demo/data/README.md. A security whose company is not on record is held without data.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from django.contrib.auth.models import User
from django.db import transaction
from simple_history.utils import bulk_create_with_history

from fund.holdings.matching import Companies, Typed
from fund.models import AssetClass, Holding, Match, Position, RefusedRow, ThemeFund
from portfolio import audit, bulk
from portfolio.typed.tables import Row, whole_table

DATA = Path(__file__).parent / "data"
FILE, FUNDS = DATA / "tw_etf_holdings_2026q2.csv.gz", DATA / "tw_etf_list_2026q2.csv"
SOURCE = "GCAA 綠色公民行動聯盟, carbon-watch, ETF holdings 2026 Q2, MIT © 2025 GCAA"
AS_OF = {("115", "2"): date(2026, 6, 30)}  # year of the Republic and quarter → its last day
CURRENCY, TWD_PER_UNIT = "TWD", 10_000
ESG = "ESG"


def set_up(by: User) -> None:
    """The funds with all that they hold, unless they are there."""
    if ThemeFund.objects.filter(source=SOURCE).exists():
        return
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in whole_table(FILE).rows:
        rows[row.text("fund_code")].append(row)
    esg = {row.text("fund_code") for row in whole_table(FUNDS).rows if row.flag("is_esg_etf")}
    companies = Companies()
    with transaction.atomic():
        for code, held in rows.items():
            name = " ".join(dict.fromkeys((code, held[0].text("fund_name"))))
            fund = ThemeFund.objects.create(name_zh=name, name_en=name, source=SOURCE, note=ESG if code in esg else "")
            holdings = bulk_create_with_history(
                [_holding(fund, row, companies) for row in held], Holding, batch_size=bulk.BATCH, default_user=by
            )
            bulk.insert(Position, list(_positions(dict(zip(holdings, held, strict=True)), by)))
            bulk.insert(RefusedRow, list(_without_amount(fund, held, by)))
        audit.append(None, "demo.real_funds_made", "fund:*", detail=f"{len(rows)} funds")


def _holding(fund: ThemeFund, row: Row, companies: Companies) -> Holding:
    ticker, name = row.text("ticker"), row.text("security")
    found = companies.find(Typed(key=row.text("national_id"), ticker=ticker, currency=CURRENCY))
    return Holding(
        fund=fund,
        company_id=found.company if found else None,
        matched_by=found.by if found else Match.OPEN,
        issuer_name=name,
        issuer_key=row.text("national_id"),
        ticker=ticker,
        holding_key=ticker,
        asset_class=AssetClass.LISTED_EQUITY,
        instrument=f"普通股 Shares {ticker}",
        currency=CURRENCY,
    )


def _positions(held: dict[Holding, Row], by: User) -> Iterator[Position]:
    for holding, row in held.items():
        if not _is_without_amount(row):
            amount = (row.number("holding_value_10k_twd") or 0.0) * TWD_PER_UNIT
            yield Position(holding=holding, as_of=_as_of(row), outstanding=amount, source=SOURCE, entered_by=by)


def _without_amount(fund: ThemeFund, rows: list[Row], by: User) -> Iterator[RefusedRow]:
    """A weight in a fund whose size the source does not give: how much it is, nobody can say."""
    for row in filter(_is_without_amount, rows):
        yield RefusedRow(
            fund=fund,
            file=FILE.name,
            line=row.line,
            holding_key=row.text("ticker"),
            name=row.text("security"),
            as_of=_as_of(row),
            currency=CURRENCY,
            faults=[
                {
                    "column": "fund_size_10k_twd",
                    "found": "",
                    "expected": f"来源未提供基金规模 The source gives no size of the fund ({row.text('weight_pct')}%)",
                }
            ],
            digest=f"{FILE.name}:{row.line}",
            entered_by=by,
        )


def _is_without_amount(row: Row) -> bool:
    return not row.number("holding_value_10k_twd") and bool(row.number("weight_pct"))


def _as_of(row: Row) -> date:
    return AS_OF[row.text("roc_year"), row.text("quarter")]
