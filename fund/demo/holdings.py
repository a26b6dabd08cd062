"""What the illustrative fund holds: real companies, invented amounts and prices, all labelled as illustrative 示例."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from fund.holdings.book import quarter_ends
from fund.models import AssetClass, Exclusion, ExclusionFlag, Holding, Position, PriceInputs, ProjectFigures, ThemeFund
from portfolio import audit
from portfolio.models import Company

ILLUSTRATIVE = "demo-shili-storage"
SOURCE = "示例数据（演示用） Made for the demo, illustrative"
GROWTH = (0.80, 1.00, 1.04, 1.06, 1.10)  # of positions, over the base date and the four quarter ends after it
INFLATION = (1.00, 1.06, 1.08, 1.09, 1.12)  # of what companies are worth, over the same dates
NOT_HELD_AT_FIRST = "siemens-2031"
CORRECTED = "abb-shares"
UNIVERSE_INTENSITY = 360.0
M, BN = 1e6, 1e9


@dataclass(frozen=True)
class Held:
    key: str
    company: str
    asset_class: AssetClass
    instrument: str
    currency: str
    amount: float  # outstanding on the second date; of unlisted equity the shares
    issuer_listed: bool | None = None
    is_engaged: bool = False


HELD = (
    Held("yuanjing-shares", "tw-28997300", AssetClass.LISTED_EQUITY, "普通股 Shares", "TWD", 420 * M, is_engaged=True),
    Held("nextera-shares", "gl-nextera-energy", AssetClass.LISTED_EQUITY, "普通股 Shares", "USD", 24 * M),
    Held("abb-shares", "gl-abb", AssetClass.LISTED_EQUITY, "普通股 Shares", "USD", 31 * M),
    Held("siemens-shares", "gl-siemens", AssetClass.LISTED_EQUITY, "普通股 Shares", "USD", 27 * M),
    Held("siemens-2031", "gl-siemens", AssetClass.CORPORATE_BOND, "绿色债券 Green bond 2031", "USD", 12 * M, True),
    Held("eon-shares", "gl-eon", AssetClass.LISTED_EQUITY, "普通股 Shares", "USD", 16 * M, is_engaged=True),
    Held("iberdrola-2030", "gl-iberdrola", AssetClass.CORPORATE_BOND, "绿色债券 Green bond 2030", "USD", 20 * M, True),
    Held("fortum-loan", "gl-fortum", AssetClass.BUSINESS_LOAN, "定期贷款 Term loan", "USD", 14 * M, True),
    Held(
        "catl-shares", "nz-contemporary-amperex-technology", AssetClass.LISTED_EQUITY, "普通股 Shares", "CNY", 180 * M
    ),
    Held("zhonglian-shares", "tw-86119908", AssetClass.LISTED_EQUITY, "普通股 Shares", "TWD", 260 * M),
    Held("nengyuan-shares", "tw-16441469", AssetClass.UNLISTED_EQUITY, "未上市股权 Unlisted shares", "TWD", 18 * M),
    Held("tangqian-loan", "tw-35878589", AssetClass.BUSINESS_LOAN, "设备贷款 Equipment loan", "TWD", 300 * M, False),
    Held("shili-shares", ILLUSTRATIVE, AssetClass.UNLISTED_EQUITY, "B 轮股权 Series B", "CNY", 15 * M, is_engaged=True),
    Held("enel-wind", "gl-enel", AssetClass.PROJECT_FINANCE, "风电项目 Wind farm", "CNY", 240 * M),
)
VALUES = {"nengyuan-shares": 260 * M, "shili-shares": 90 * M}  # of shares that are not listed, on the second date

# On the first date; `zhonglian` has none, so that not all is covered.
PRICES: Mapping[str, Mapping[str, Any]] = {
    "tw-28997300": {
        "currency": "TWD", "market_cap": 12 * BN, "total_debt": 6 * BN, "minority_interest": 0.1 * BN,
        "cash": 2 * BN, "total_equity": 8 * BN, "total_assets": 15 * BN,
    },
    "gl-nextera-energy": {
        "currency": "USD", "market_cap": 150 * BN, "total_debt": 80 * BN, "minority_interest": 10 * BN,
        "cash": 2 * BN, "total_equity": 50 * BN, "total_assets": 190 * BN,
    },
    "gl-abb": {
        "currency": "USD", "market_cap": 105 * BN, "total_debt": 8 * BN, "minority_interest": 0.6 * BN,
        "cash": 4 * BN, "total_equity": 14 * BN, "total_assets": 41 * BN,
    },
    "gl-siemens": {
        "currency": "USD", "market_cap": 160 * BN, "total_debt": 50 * BN, "minority_interest": 6 * BN,
        "cash": 10 * BN, "total_equity": 55 * BN, "total_assets": 160 * BN,
    },
    "gl-eon": {
        "currency": "USD", "market_cap": 38 * BN, "total_debt": 45 * BN, "minority_interest": 6 * BN,
        "cash": 4 * BN, "total_equity": 20 * BN, "total_assets": 115 * BN,
    },
    "gl-iberdrola": {
        "currency": "USD", "market_cap": 95 * BN, "total_debt": 60 * BN, "minority_interest": 17 * BN,
        "cash": 5 * BN, "total_equity": 48 * BN, "total_assets": 165 * BN,
    },
    "gl-fortum": {
        "currency": "USD", "market_cap": 13 * BN, "total_debt": 6 * BN, "minority_interest": 0.0,
        "cash": 4 * BN, "total_equity": 9 * BN, "total_assets": 19 * BN,
    },
    "nz-contemporary-amperex-technology": {
        "currency": "CNY", "market_cap": 1_200 * BN, "total_debt": 140 * BN, "minority_interest": 25 * BN,
        "cash": 290 * BN, "total_equity": 250 * BN, "total_assets": 780 * BN,
    },
    "tw-16441469": {
        "currency": "TWD", "total_equity": 3.2 * BN, "total_debt": 2.1 * BN, "total_assets": 5.9 * BN,
        "shares_total": 250 * M,
    },
    "tw-35878589": {
        "currency": "TWD", "total_equity": 1.5 * BN, "total_debt": 0.9 * BN, "total_assets": 2.7 * BN,
        "revenue": 2.2 * BN,
    },
    ILLUSTRATIVE: {
        "currency": "CNY", "total_equity": -120 * M, "total_debt": 640 * M, "total_assets": 900 * M,
        "shares_total": 100 * M, "avoided_t": 42_000.0,
    },
}  # fmt: skip
WORTH = ("market_cap", "total_assets")  # what inflation moves
PROJECT = {
    "currency": "CNY", "total_equity": 300 * M, "total_debt": 900 * M, "total_investment": 1_250 * M,
    "revenue": 155 * M, "s1_t": 120.0, "s2_t": 860.0, "s3_t": 5_400.0, "avoided_t": 310_000.0, "data_quality": 3,
}  # fmt: skip


def set_up(fund: ThemeFund, by: User) -> None:
    """Holdings over the last four quarter ends and one year end before them, unless the fund holds something."""
    if Holding.objects.filter(fund=fund).exists():
        return
    ends = quarter_ends(timezone.localdate())
    days = [date(ends[0].year - 1, 12, 31), *ends]
    companies = {
        company.company_key: company
        for company in Company.objects.filter(company_key__in={held.company for held in HELD})
    }
    made = [held for held in HELD if held.company in companies]
    if not made:
        return
    for held in made:
        _hold(fund, held, companies[held.company], days, by)
    for key, prices in PRICES.items():
        if key in companies:
            _price(companies[key], prices, days, by)
    if ILLUSTRATIVE in companies:
        ExclusionFlag.objects.bulk_create(
            ExclusionFlag(company=companies[ILLUSTRATIVE], as_of=days[0], exclusion=word, applies=False, **_entry(by))
            for word in Exclusion.values
        )
    fund.universe_intensity, fund.universe_source = UNIVERSE_INTENSITY, SOURCE
    fund.save(update_fields=["universe_intensity", "universe_source"])
    audit.append(None, "demo.holdings_made", f"fund:{fund.pk}", detail=str(len(made)))


def _hold(fund: ThemeFund, held: Held, company: Company, days: list[date], by: User) -> None:
    holding = Holding.objects.create(
        fund=fund,
        company=company,
        holding_key=held.key,
        asset_class=held.asset_class,
        instrument=f"{held.instrument}（示例）",
        currency=held.currency,
        issuer_listed=held.issuer_listed,
        is_engaged=held.is_engaged,
    )
    is_shares = held.asset_class == AssetClass.UNLISTED_EQUITY
    for at, (day, growth) in enumerate(zip(days, GROWTH, strict=True)):
        if at == 0 and held.key == NOT_HELD_AT_FIRST:
            continue
        amount = round(held.amount * (1.0 if is_shares else growth))
        if day == days[-1] and held.key == CORRECTED:  # a slip, and its correction
            Position.objects.create(holding=holding, as_of=day, outstanding=amount * 10, **_entry(by))
        of_amount: dict[str, float] = {"outstanding": amount}
        if is_shares:
            of_amount = {"shares_held": amount, "outstanding": round(VALUES[held.key] * growth)}
        Position.objects.create(holding=holding, as_of=day, **of_amount, **_entry(by))
        if held.asset_class == AssetClass.PROJECT_FINANCE:
            ProjectFigures.objects.create(holding=holding, as_of=day, **PROJECT, **_entry(by))


def _price(company: Company, prices: Mapping[str, Any], days: list[date], by: User) -> None:
    for day, inflation in zip(days, INFLATION, strict=True):
        moved = {name: round(prices[name] * inflation) for name in WORTH if name in prices}
        PriceInputs.objects.create(company=company, as_of=day, **{**prices, **moved}, **_entry(by))


def _entry(by: User) -> dict[str, Any]:
    return {"source": SOURCE, "entered_by": by}
