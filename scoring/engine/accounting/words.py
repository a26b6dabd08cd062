"""The sentences of a ledger, in Chinese and English: how a line's tonnes came about, and what is wrong with a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scoring.engine.accounting.record import FactorReason, GasRecord, LineReason, OwnReason, StepRecord
from scoring.engine.accounting.reference import FIRST_YEAR, LAST_YEAR
from scoring.engine.errors import FactorError
from scoring.engine.words import Text, number, printed

if TYPE_CHECKING:
    from scoring.engine.accounting.ledger import LineError

PURPOSES: dict[str, Text] = {
    "inventory_average": ("基于位置的平均因子", "location-based average"),
    "residual_excl_market_traded_non_fossil": (
        "剔除市场化交易非化石电量的剩余因子",
        "residual mix without market-traded non-fossil power",
    ),
    "reporting_default": ("缺省值", "default"),
    "ets_report": ("全国碳市场报告规定值", "number prescribed for reports to the national ETS"),
    "municipal_rule": ("地方规定值", "number of a municipal rule"),
    "fossil_power_only": ("仅火电平均", "fossil power only"),
    "product_carbon_footprint": ("生命周期碳足迹因子", "life-cycle footprint factor"),
}
PROPERTIES: dict[str, Text] = {
    "NCV": ("低位发热量", "net calorific value"),
    "NCV_m3": ("低位发热量", "net calorific value"),
    "density": ("密度", "density"),
}
NOTATIONS: dict[str, Text] = {
    "NO": ("不发生", "does not occur"),
    "NE": ("未估算", "not estimated"),
    "IE": ("已计入他处", "included elsewhere"),
    "C": ("保密", "confidential"),
}
# Why another factor was not chosen.
REASONS: dict[str, Text] = {
    "other_gas": ("另一种气体", "another gas"),
    "other_purpose": ("用途不同", "another purpose"),
    "other_guideline": ("另一版指南", "another guideline"),
    "other_place": ("不适用于该地", "another place"),
    "not_yet_published": ("当日尚未发布", "not yet published on that day"),
    "less_specific_place": ("地域较宽", "a less specific place"),
    "later_year": ("数据年晚于活动年", "data of a later year"),
    "older_year": ("数据年更早", "data of an older year"),
    "undated": ("不分年份，有分年份者优先", "without a year, where a dated one exists"),
    "superseded": ("已有更新发布的版本", "superseded by a newer publication"),
}
FLAGS: dict[str, Text] = {
    "activity_uncertainty_default": (
        "活动量的不确定度为缺省值",
        "the uncertainty of the amount is the default of its kind",
    ),
    "co2_only": ("因子只含 CO2", "the factor holds CO2 alone"),
    "default_uncertainty": ("因子的不确定度为同类缺省值", "the uncertainty of a factor is the default of its class"),
    "default_not_verified": (
        "所用缺省不确定度录入时未对照原文，尚待核对",
        "a default uncertainty in use was written from memory: not verified",
    ),
    "density_default": ("密度取标准限值的中值", "the density is the middle of what the standard permits"),
    "factor_uncertainty_unknown": (
        "有因子未给不确定度，区间偏窄",
        "a factor has no uncertainty: the interval is too narrow",
    ),
    "gcv_converted": ("高位发热量已折算为低位", "gross calorific value converted to net"),
    "lag": ("因子的数据年早于活动年", "the factor's data are of an earlier year"),
    "later_year": ("因子的数据年晚于活动年", "the factor's data are of a later year"),
    "montreal_memo": (
        "蒙特利尔议定书气体，单列，不计入总量",
        "a gas of the Montreal Protocol: a memo, outside the totals",
    ),
    "ncv_assumed": ("未注明发热量类型，按低位发热量计", "net calorific value assumed, since the kind is not stated"),
    "no_market_factor": (
        "没有合同因子，也没有剩余因子：无基于市场的结果",
        "neither a contract nor a residual mix: no market-based result",
    ),
    "not_verified": ("有数值未经核对", "a number in use is not verified"),
    "parameter_supplied": ("采用填报的发热量或密度", "a stated heating value or density is used"),
    "reference_state_converted": (
        "气体体积已按理想气体换算状态",
        "the gas volume is converted to another reference state",
    ),
    "sector_unstated": (
        "未注明使用部门，未计 CH4 和 N2O",
        "the sector of use is not stated: CH4 and N2O are not estimated",
    ),
}
REFUSALS: dict[str, Text] = {
    "no_amount": (
        "请填写数量；没有数量时请填标注代码 NO、NE、IE 或 C",
        "no amount; without data a notation key is needed: NO, NE, IE or C",
    ),
    "not_finite": ("数量须为有限数值", "the amount is not a finite number"),
    "negative": ("数量不能为负", "an amount cannot be negative"),
    "out_of_range": ("数量过大，请核对单位", "the amount is larger than anything can be"),
    "wrong_uncertainty": ("不确定度须为不小于零的百分数", "an uncertainty is a percentage not below zero"),
    "year_out_of_range": (
        f"年份须在 {FIRST_YEAR} 至 {LAST_YEAR} 之间",
        f"a year from {FIRST_YEAR} to {LAST_YEAR} is needed",
    ),
    "unknown_notation": ("标注代码须为 NO、NE、IE 或 C", "a notation key is NO, NE, IE or C"),
    "amount_and_notation": ("已填数量，请清空标注代码", "an amount and a notation key exclude each other"),
    "no_target_of_ie": ("IE 须注明已计入的条目或类别", "IE must name the category that includes it"),
    # of what is asked of the tables
    "contract_of_no_power": (
        "只有电力可以有自带因子的合同",
        "only electricity has contracts with a factor of their own",
    ),
    "contract_without_factor": (
        "合同因子须为每千瓦时 CO2 或 CO2e 千克数，且不小于零",
        "a contract needs a factor in kg of CO2 or CO2e per kWh, not below zero",
    ),
    "cullet_of_no_glass": ("只有玻璃有碎玻璃比例", "only glass has cullet"),
    "density_needed": (
        "{name_zh}按升计时须给出密度 density_kg_per_l",
        "litres of {name_en} need their density here (density_kg_per_l)",
    ),
    "density_of_gas_needed": (
        "{name_zh}按体积计时须给出 {state} 下的密度 density_kg_per_m3 或发热量 ncv_gj_per_m3",
        "a volume of {name_en} needs density_kg_per_m3 or ncv_gj_per_m3 at {state} here",
    ),
    "economy_needed": (
        "需要每升行驶公里数（economy_km_per_l）或每公里因子",
        "how far the car goes on a litre is needed (economy_km_per_l), or a factor per km",
    ),
    "factor_tie": (
        "有多个同样适用的因子：{choices}。请指定采用哪一版指南",
        "two factors fit equally well: {choices}; name the publisher's guideline",
    ),
    "no_conversion": (
        "因子以 {choices} 计，活动以 {value} 计，没有可用的换算",
        "the factor is per {choices}, the activity in {value}, and nothing known converts one into the other",
    ),
    "no_gwp": (
        "{gwp_set} 没有 {value} 的 {horizon_years} 年 GWP；有该值的取值版本：{choices}",
        "{gwp_set} has no {horizon_years}-year potential for {value}; sets that have one: {choices}",
    ),
    "none_shipped": (
        "未附带{name_zh}（{value}）的因子；可提供经核查的本地因子或导入因子",
        "no factor for {name_en} ({value}) is shipped; a local or imported factor may be supplied",
    ),
    "not_for_inventories": ("{purpose}，不得用于核算", "{purpose}: must not enter an inventory"),
    "parameter_no_share": ("{name} 须为 0 至 1 的比例", "{name} must be a share from 0 to 1"),
    "parameter_not_positive": ("{name} 须大于零", "{name} must be above zero"),
    "parameters_missing": ("填埋公式还需要参数：{choices}", "the landfill formula also needs {choices}"),
    "rate_out_of_range": ("单位排放量超出可表示的范围", "an emission per unit that no number holds"),
    "reference_state_missing": (
        "气体体积须注明状态：0、15 或 20 °C，101.325 kPa",
        "a gas volume needs its reference state: 0, 15 or 20 °C at 101.325 kPa",
    ),
    "unexpected_heating_value": (
        "仅以能量计的燃料需要注明高位或低位发热量",
        "net or gross is for fuel told as energy",
    ),
    "unknown_activity": ("找不到活动“{value}”，相近的有：{choices}", "no such activity; nearest: {choices}"),
    "unknown_gwp_set": (
        "没有 GWP 取值版本“{value}”；现有：{choices}",
        "no such set of warming potentials; known: {choices}",
    ),
    "unknown_heating_value": ("发热量请注明低位（NCV）或高位（GCV）", "a heating value is net (NCV) or gross (GCV)"),
    "unknown_parameter": (
        "{name_zh}没有参数 {value}；可用：{known}",
        "{name_en} knows no parameter {value}; it knows {known}",
    ),
    "unknown_region": ("找不到地区代码“{value}”，相近的有：{choices}", "no such place; nearest codes: {choices}"),
    "wrong_purpose": ("剩余因子只用于基于市场的结果", "the residual mix belongs to the market-based result alone"),
    "wrong_unit": (
        "{name_zh}的单位应为 {choices}，填报为 {value}",
        "{name_en} is measured in {choices}, not in {value}",
    ),
}
# What the tables have instead of the factor that was asked for.
INSTEAD: dict[str, Text] = {
    "years": ("现有年份：{there}", "years that exist: {there}"),
    "guidelines": ("现有指南：{there}", "guidelines that exist: {there}"),
    "no_guideline": ("该地区的因子不分指南，请清空“指南”", "the factors there are of no guideline: name none"),
    "published": ("{as_of} 尚未发布（最早 {there}）", "none published by {as_of} (the first on {there})"),
    "places": ("现有地域：{there}", "places that exist: {there}"),
    "purposes": ("现有用途：{there}", "purposes that exist: {there}"),
}
# Of numbers that come from no table.
STEPS: dict[str, Text] = {
    "contract": ("合同：{name}", "contract: {name}"),
    "density_stated": ("填报的密度", "density as stated"),
    "fuel_economy": ("油耗", "fuel economy"),
    "gross_to_net": ("高位发热量折算为低位", "gross to net calorific value"),
    "heating_value_stated": ("填报的低位发热量", "net calorific value as stated"),
    "landfill": (
        "2006 年 IPCC 指南第 5 卷式 3.2–3.4，DOC {doc:g} × DOCf {docf:g} × MCF {mcf:g} × F {f:g} × 16/12 × "
        "(1 − {recovered:g}) × (1 − {ox:g})",
        "2006 IPCC vol. 5 equations 3.2-3.4, DOC {doc:g} × DOCf {docf:g} × MCF {mcf:g} × F {f:g} × 16/12 × "
        "(1 − {recovered:g}) × (1 − {ox:g})",
    ),
    "less_cullet": ("减去碎玻璃", "less cullet"),
}


# --- a line that was computed ----------------------------------------------------------------------------
def line(reason: LineReason) -> Text:
    """`1,000 MWh × 0.5227 tCO2/MWh = 522.7 tCO2 (Chongqing 2022, location-based average, …)`; gases, then sources."""
    gases = sorted(reason["gases"], key=lambda one: (not one["gas"].startswith("CO2"), one["gas"]))
    sums = [_gas(reason, one) for one in gases]
    sources = [_step(one["because"]) for gas in gases for one in gas["steps"] if one["because"]]
    zh = f"{'；'.join(sums)}（{'；'.join(dict.fromkeys([zh for zh, _ in sources]))}）"
    en = f"{'; '.join(sums)} ({'; '.join(dict.fromkeys([en for _, en in sources]))})"
    if len(gases) == 1 and gases[0]["gas"] in ("CO2", "CO2e"):
        return zh, en
    total = f"{number(reason['co2e_t'])} tCO2e"
    return f"{zh}；合计 {total}（{reason['gwp_set']}）", f"{en}; {total} in all ({reason['gwp_set']})"


def _gas(reason: LineReason, found: GasRecord) -> str:
    gas = found["gas"].split("_")[0]
    *steps, last = found["steps"]
    factors = [f"{printed(step['value'])} {step['unit']}".rstrip() for step in steps]
    kg = reason["amount"] * found["kg_per_unit"]
    mass = f"{number(kg / 1000)} t{gas}" if kg >= 100 or kg == 0 else f"{number(kg)} kg{gas}"
    return f"{amount(reason['amount'], reason['unit'])} × {' × '.join([*factors, _last(last, gas)])} = {mass}"


def amount(value: float, unit: str) -> str:
    """`1,000 MWh`, `12.5 t`: the amount as people write it."""
    return f"{number(value / 1000)} MWh" if unit == "kWh" and abs(value) >= 1000 else f"{number(value)} {unit}"


def _last(step: StepRecord, gas: str) -> str:
    """`0.5227 tCO2/MWh`, `1.46 tCO2/t`, `72.5853 kgCO2/GJ`: value and unit of a factor as people know them."""
    value, unit, because = step["value"], step["unit"], step["because"]
    above, _, below = unit.partition("/")
    if because is None or because["code"] != "factor":
        return f"{printed(value)} {above}{gas}/{below}"
    if unit == "kg/kWh":
        return f"{printed(value * 1000)} kg{gas}/MWh" if value < 1e-3 else f"{printed(value)} t{gas}/MWh"
    if unit == "kg/t" and value >= 10:
        return f"{printed(value / 1000)} t{gas}/t"
    return f"{printed(value)} kg{gas}/{below}" if above == "kg" else f"{printed(value)} {unit}"


def _step(because: FactorReason | OwnReason) -> Text:
    if "about" in because:
        zh, en = STEPS[because["code"]]
        return zh.format(**because["about"]), en.format(**because["about"])
    return factor(because)


def factor(found: FactorReason) -> Text:
    """`Chongqing 2022, location-based average, MEE-NBS, published 2024-12-20` with every caution."""
    what_zh, what_en = PROPERTIES.get(found["gas"]) or _purpose(found["purpose"])
    year = "" if found["data_year"] is None else str(found["data_year"])
    is_named = found["guideline"].startswith(found["publisher"])
    source = found["guideline"] if is_named else f"{found['publisher']} {found['guideline']}".strip()
    cautions_zh, cautions_en = _cautions(found)
    name_zh, name_en = found["name_zh"] or found["activity"], found["name_en"] or found["activity"]
    year_zh = f" {year} 年" if year else ""
    return (
        f"{name_zh}{year_zh}，{what_zh}，{source}，{found['published']} 发布{cautions_zh}",
        f"{' '.join(word for word in (name_en, year) if word)}, {what_en}, "
        f"{source}, published {found['published']}{cautions_en}",
    )


def _purpose(code: str) -> Text:
    return PURPOSES.get(code, (code, code))


def _cautions(found: FactorReason) -> Text:
    zh, en, lag = "", "", found["lag_years"]
    if lag:
        size, is_later = abs(lag), lag < 0
        zh += f"；活动为 {found['year']} 年，数据{'晚' if is_later else '早'} {size} 年"
        years = "year" if size == 1 else "years"
        en += f"; the activity is of {found['year']}, the data {size} {years} {'later' if is_later else 'older'}"
    if found["verification"] == "not_verified":
        zh, en = f"{zh}；数值未经核对", f"{en}; the number is not verified"
    return zh, en


# --- a line that was not ---------------------------------------------------------------------------------
def refusal(error: FactorError | LineError) -> Text:
    """Why a line, or a question to the tables, is refused."""
    if error.sentence == "no_factor":
        return _no_factor(error.about)
    zh, en = REFUSALS[error.sentence]
    purpose_zh, purpose_en = _purpose(str(error.about["value"]))
    return (
        zh.format(**_listed(error.about, "、", "无"), purpose=purpose_zh),
        en.format(**_listed(error.about, ", ", "none"), purpose=purpose_en),
    )


def _listed(about: Mapping[str, object], comma: str, none: str) -> dict[str, object]:
    """Lists as text."""
    return {
        name: (comma.join(map(str, found)) or none) if isinstance(found, tuple) else found
        for name, found in about.items()
    }


def _no_factor(about: Mapping[str, Any]) -> Text:
    (activity, gas, place, year, purpose), (instead, there) = about["value"], about["instead"]
    if instead == "places":
        there = ", ".join(there[:12]) + (" …" if len(there) > 12 else "")
    zh, en = INSTEAD[instead]
    why = {"as_of": about["as_of"], "there": there}
    zh, en = zh.format(**_listed(why, "、", "")), en.format(**_listed(why, ", ", ""))
    named_zh, named = (f"，{about['guideline']}", f" of {about['guideline']}") if about["guideline"] else ("", "")
    purpose_zh, purpose_en = _purpose(purpose)
    return (
        f"{place} {year} 年没有 {activity}（{gas}，{purpose_zh}{named_zh}）的因子；{zh}",
        f"no factor{named} for {activity} ({gas}, {purpose_en}) at {place} in {year}; {en}",
    )


# --- an inventory ----------------------------------------------------------------------------------------
def completeness(lines: int, estimated: int, notations: Mapping[str, int], errors: int) -> Text:
    """What the totals hold and what they leave out, in one sentence."""
    zh, en = f"{lines} 项活动，{estimated} 项已核算", f"{estimated} of {lines} activities computed"
    for key, count in notations.items():
        zh += f"；{count} 项 {key}（{NOTATIONS[key][0]}）"
        en += f"; {count} {key} ({NOTATIONS[key][1]})"
    if errors:
        zh, en = f"{zh}；{errors} 项有误未计", f"{en}; {errors} left out for errors"
    return zh, en
