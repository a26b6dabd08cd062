"""The sentences of a ledger, in Chinese and English: how a line's tonnes came about, and what is wrong with a line."""

from collections.abc import Mapping

from scoring.engine.accounting.activities import NOTATIONS
from scoring.engine.accounting.rates import GasRate, Side, Step
from scoring.engine.accounting.reference import FIRST_YEAR, LAST_YEAR, value_text
from scoring.engine.words import Text, number

FLAGS: dict[str, Text] = {
    "activity_uncertainty_default": (
        "活动量的不确定度为缺省值",
        "the uncertainty of the amount is the default of its kind",
    ),
    "co2_only": ("因子只含 CO2", "the factor holds CO2 alone"),
    "default_uncertainty": ("因子的不确定度为同类缺省值", "the uncertainty of a factor is the default of its class"),
    "default_not_verified": (
        "所用缺省不确定度凭记忆写入，未经核对",
        "a default uncertainty in use was written from memory: not verified",
    ),
    "density_default": ("密度取标准限值的中值", "the density is the middle of what the standard permits"),
    "factor_uncertainty_unknown": (
        "有因子未给不确定度，区间偏窄",
        "a factor has no uncertainty: the interval is too narrow",
    ),
    "gcv_converted": ("高位热值已折为低位", "gross calorific value converted to net"),
    "lag": ("因子的数据年早于活动年", "the factor's data are of an earlier year"),
    "later_year": ("因子的数据年晚于活动年", "the factor's data are of a later year"),
    "montreal_memo": (
        "蒙特利尔议定书气体，单列，不计入总量",
        "a gas of the Montreal Protocol: a memo, outside the totals",
    ),
    "ncv_assumed": ("未注明热值类型，按低位热值", "net calorific value assumed, since the kind is not stated"),
    "no_market_factor": (
        "没有合同因子，也没有剩余因子：无基于市场的结果",
        "neither a contract nor a residual mix: no market-based result",
    ),
    "not_verified": ("有数值未经核对", "a number in use is not verified"),
    "parameter_supplied": ("采用填报的热值或密度", "a stated heating value or density is used"),
    "reference_state_converted": (
        "气体体积已按理想气体换算状态",
        "the gas volume is converted to another reference state",
    ),
    "sector_unstated": (
        "未注明使用部门，未计 CH4 和 N2O",
        "the sector of use is not stated: CH4 and N2O are not estimated",
    ),
}
ERRORS: dict[str, Text] = {
    "no_amount": (
        "没有数量；若无数据请填 NO、NE、IE 或 C",
        "no amount; without data a notation key is needed: NO, NE, IE or C",
    ),
    "not_finite": ("数量不是有限数", "the amount is not a finite number"),
    "negative": ("数量不能为负", "an amount cannot be negative"),
    "out_of_range": ("数量大得不可能", "the amount is larger than anything can be"),
    "wrong_uncertainty": ("不确定度须为不小于零的百分数", "an uncertainty is a percentage not below zero"),
    "year_out_of_range": (
        f"年份须在 {FIRST_YEAR} 至 {LAST_YEAR} 之间",
        f"a year from {FIRST_YEAR} to {LAST_YEAR} is needed",
    ),
    "unknown_notation": ("符号须为 NO、NE、IE 或 C", "a notation key is NO, NE, IE or C"),
    "amount_and_notation": ("有数量就不能再填符号", "an amount and a notation key exclude each other"),
    "no_target_of_ie": ("IE 须注明计入何处", "IE must name the category that includes it"),
}


_VOLUMES = {"m3@0C": "m³(0 °C)", "m3@15C": "m³(15 °C)", "m3@20C": "m³(20 °C)"}


def activity(amount: float, unit: str) -> str:
    """`1,000 MWh`, `12.5 t`: the amount as people write it."""
    if unit == "kWh" and abs(amount) >= 1000:
        return f"{number(amount / 1000)} MWh"
    return f"{number(amount)} {_readable(unit)}"


def _readable(unit: str) -> str:
    for key, text in _VOLUMES.items():
        unit = unit.replace(key, text)
    return unit


def line(amount: float, unit: str, side: Side, co2e_t: float, gwp_set: str) -> Text:
    """`1,000 MWh × 0.5227 tCO2/MWh = 522.7 tCO2 (Chongqing 2022, location-based average, …)`; gases, then sources."""
    rates = sorted(side.gases, key=lambda rate: (not rate.gas.startswith("CO2"), rate.gas))
    sums = [_gas(amount, unit, rate) for rate in rates]
    reasons = [reason for rate in rates for reason in map(_reason, rate.chain) if reason[0]]
    zh = f"{'；'.join(sums)}（{'；'.join(dict.fromkeys([zh for zh, _ in reasons]))}）"
    en = f"{'; '.join(sums)} ({'; '.join(dict.fromkeys([en for _, en in reasons]))})"
    if len(rates) == 1 and rates[0].gas in ("CO2", "CO2e"):
        return zh, en
    total = f"{number(co2e_t)} tCO2e"
    return f"{zh}；合计 {total}（{gwp_set}）", f"{en}; {total} in all ({gwp_set})"


def _gas(amount: float, unit: str, rate: GasRate) -> str:
    factors = [f"{step.value:.6g} {_readable(step.unit)}".rstrip() for step in rate.steps]
    gas = rate.gas.split("_")[0]
    kg = amount * rate.kg_per_unit
    mass = f"{number(kg / 1000)} t{gas}" if kg >= 100 or kg == 0 else f"{number(kg)} kg{gas}"
    return f"{activity(amount, unit)} × {' × '.join([*factors, _last(rate)])} = {mass}"


def _last(rate: GasRate) -> str:
    if rate.last.choice:
        return value_text(rate.last.choice.factor)
    above, _, below = rate.last.unit.partition("/")
    return f"{rate.last.value:.6g} {above}{rate.gas.split('_')[0]}/{below}"


def _reason(step: Step) -> Text:
    if step.text:
        return step.text
    return step.choice.because if step.choice else ("", "")


def completeness(lines: int, estimated: int, notations: Mapping[str, int], errors: int) -> Text:
    """What the totals hold and what they leave out, in one sentence."""
    zh, en = f"{lines} 项活动，{estimated} 项已核算", f"{estimated} of {lines} activities computed"
    for key, count in notations.items():
        zh += f"；{count} 项 {key}（{NOTATIONS[key][0]}）"
        en += f"; {count} {key} ({NOTATIONS[key][1]})"
    if errors:
        zh, en = f"{zh}；{errors} 项有误未计", f"{en}; {errors} left out for errors"
    return zh, en
