"""The sentences of financed emissions, in Chinese and English: how a holding's tonnes came about, or why not."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scoring.engine.finance.financed import ASSET_CLASSES, REASONS, Metric, Portfolio
from scoring.engine.words import Text, number

REASON_TEXT: dict[str, Text] = {
    "outstanding_missing": ("缺投融资余额", "the outstanding amount is missing"),
    "listing_unstated": ("未说明发行人是否上市", "it is not stated whether the issuer is listed"),
    "evic_missing": ("缺含现金企业价值", "the enterprise value including cash is missing"),
    "evic_not_positive": ("含现金企业价值不为正", "the enterprise value including cash is not above zero"),
    "equity_missing": ("缺股东权益", "total equity is missing"),
    "debt_missing": ("缺债务总额", "total debt is missing"),
    "nothing_to_divide_by": ("权益与债务之和不为正", "equity and debt together are not above zero"),
    "shares_missing": ("缺持股数或总股数", "shares held or shares in all are missing"),
    "shares_total_not_positive": ("总股数不为正", "the number of all shares is not above zero"),
    "current_value_missing": ("缺投资的当前价值", "the current value of the investment is missing"),
    "revenue_missing": ("缺主营业务收入", "main revenue is missing"),
    "revenue_not_positive": ("主营业务收入不为正", "main revenue is not above zero"),
    "total_investment_missing": ("缺项目总投资", "the project's total investment is missing"),
    "total_investment_not_positive": ("项目总投资不为正", "the project's total investment is not above zero"),
    "emissions_missing": ("缺排放数据", "the emissions are missing"),
    "data_quality_missing": ("缺数据质量评分", "the score of data quality is missing"),
    "issuer_unknown": ("发行人未收录，无数据", "the issuer is not on record: no data"),
    "share_unconfirmed": (
        "同一企业的持仓合计超过 100%，确认前不计入合计",
        "with all holdings of the company above 100 % of it: in no sum until somebody confirms it",
    ),
}
FLAG_TEXT: dict[str, Text] = {
    "negative_equity": (
        "账面权益为负，归因系数按 0 计；加权平均仍按当前价值计权",
        "book equity is negative: the factor is 0, and means weigh it by its current value",
    ),
    "above_one": ("持有比例超过 100%", "a share of the company above 100 %"),
}


def attribution(portfolio: Portfolio, row: int) -> Text:
    """`5,000,000 ÷ EVIC 200,000,000 = 0.025`, or why there is no factor."""
    found, holdings = portfolio.attribution, portfolio.holdings
    reason = REASONS[found.reason[row]]
    no_factor = not found.denominator[row] > 0 or math.isnan(found.outstanding[row])
    if reason and (reason != "share_unconfirmed" or no_factor):
        return REASON_TEXT[reason]
    money, denominator = number(float(found.outstanding[row])), number(float(found.denominator[row]))
    factor = number(float(found.outstanding[row] / found.denominator[row]))
    zh_name, en_name = _denominator(portfolio, row)
    zh, en = f"{money} ÷ {zh_name} {denominator} = {factor}", f"{money} ÷ {en_name} {denominator} = {factor}"
    if portfolio.rule == "pcaf" and ASSET_CLASSES[holdings.asset_class[row]] == "unlisted_equity":
        held, all_shares = (number(float(holdings[name][row])) for name in ("shares_held", "shares_total"))
        equity = number(max(float(holdings["total_equity"][row]), 0.0))
        zh = f"{held} ÷ {all_shares} 股 × 权益 {equity} = {money}；{zh}"
        en = f"{held} ÷ {all_shares} shares × equity {equity} = {money}; {en}"
    if reason:
        return f"{zh}；{REASON_TEXT[reason][0]}", f"{en}; {REASON_TEXT[reason][1]}"
    for code, column in (("negative_equity", found.negative_equity), ("above_one", found.above_one)):
        if column[row]:
            zh, en = f"{zh}；{FLAG_TEXT[code][0]}", f"{en}; {FLAG_TEXT[code][1]}"
    return zh, en


def _denominator(portfolio: Portfolio, row: int) -> Text:
    kind = ASSET_CLASSES[portfolio.holdings.asset_class[row]]
    if portfolio.rule == "pboc":
        return ("项目总投资", "total investment") if kind == "project_finance" else ("主营业务收入", "main revenue")
    if kind == "listed_equity" or (
        kind in ("corporate_bond", "business_loan") and portfolio.holdings.issuer_listed[row] == 1
    ):
        return "EVIC", "EVIC"
    return "权益与债务", "equity and debt"


def part(portfolio: Portfolio, figure: str, scopes: Sequence[str], row: int) -> Text:
    """What a holding that counts adds to one of FIGURES: `50 ÷ EVIC 2,000 = 0.025; 0.025 × 12,000 tCO2e`."""
    money, factor = number(float(portfolio.outstanding[row])), number(float(portfolio.attribution.factor[row]))
    tonnes = f"{number(float(portfolio.company_t(scopes)[row]))} tCO2e"

    def given(name: str) -> str:
        return number(float(portfolio.holdings[name][row]))

    match figure:
        case "financed" | "economic_intensity":
            zh, en = attribution(portfolio, row)
            return f"{zh}；{factor} × {tonnes}", f"{en}; {factor} × {tonnes}"
        case "data_quality":
            zh, en = lag(portfolio, row)
            text = f"{money} × {number(float(portfolio.quality(scopes)[row]))}"
            return f"{text}{zh and f'；{zh}'}", f"{text}{en and f'; {en}'}"
        case "waci":
            text = f"{money} × {tonnes} ÷ {given('revenue')}"
        case "carbon_footprint":
            text = f"{money} ÷ EVIC {given('evic')} × {tonnes}"
        case _:
            text = f"{factor} × {tonnes} ÷ ({factor} × {given('revenue')})"
    return text, text


def lag(portfolio: Portfolio, row: int) -> Text:
    """Of which years the tonnes and the value are where they differ; empty where they do not, or nobody knows."""
    if not portfolio.lag_years()[row] > 0:
        return "", ""
    tonnes, worth = (int(portfolio.holdings[name][row]) for name in ("tonnes_year", "worth_year"))
    return f"{tonnes} 年的排放，{worth} 年的企业价值", f"tonnes of {tonnes}, enterprise value of {worth}"


def coverage(metric: Metric) -> Text:
    """What a portfolio's figure stands on."""
    if metric.coverage_at_most is None and not metric.outstanding_unknown:
        return "没有余额", "nothing is outstanding"
    counted = f"{metric.covered}/{metric.holdings}"
    refused = metric.refused
    if metric.coverage is None:
        zh = f"覆盖率未知：{metric.holdings} 项持仓中 {metric.outstanding_unknown} 项余额不明"
        en = f"coverage unknown: the amounts of {metric.outstanding_unknown} of {metric.holdings} holdings are missing"
        if metric.coverage_at_most is not None:
            zh = f"{zh}；已计入 {counted} 项，至多占 {metric.coverage_at_most:.1%}"
            en = f"{en}; {metric.covered} count, at most {metric.coverage_at_most:.1%} of the money"
    else:
        zh = f"{metric.holdings} 项持仓中的 {metric.covered} 项，占余额 {metric.coverage:.1%}"
        en = f"{metric.covered} of {metric.holdings} holdings, {metric.coverage:.1%} of the outstanding money"
    if refused:
        zh = f"{zh}；其中 {refused} 项导入时未能录入"
        en = f"{en}; {refused} of them refused at import"
    return zh, en
