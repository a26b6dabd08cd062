"""The sentences of refused measures and scenes, in Chinese and English."""

from __future__ import annotations

from scoring.engine.errors import MeasureRefused
from scoring.engine.words import Text

USES_TEXT: dict[str, Text] = {
    "lighting": ("照明", "lighting"),
    "equipment": ("设备", "equipment"),
    "cooling": ("制冷", "cooling"),
    "heating": ("供暖", "heating"),
    "hot_water": ("生活热水", "hot water"),
    "ventilation": ("通风", "ventilation"),
    "cooking": ("炊事", "cooking"),
    "process": ("生产过程", "process"),
    "transport": ("交通", "transport"),
    "other": ("其他", "other uses"),
}
CARRIERS_TEXT: dict[str, Text] = {
    "electricity": ("电力", "electricity"),
    "natural_gas": ("天然气", "natural gas"),
    "coal": ("煤炭", "coal"),
    "oil_products": ("油品", "oil products"),
    "heat": ("热力", "purchased heat"),
    "biomass": ("生物质", "biomass"),
    "hydrogen": ("氢", "hydrogen"),
    "direct": ("直接排放", "direct emissions"),
}
REFUSED: dict[str, Text] = {
    "unknown_use": ("没有这一终端用能：{value}", "there is no such end use: {value}"),
    "unknown_carrier": ("没有这一能源品种：{value}", "there is no such carrier: {value}"),
    "no_baseline": ("缺基准数据的终端用能：{use}{of_carrier}", "the baseline lacks an end use: {use}{of_carrier}"),
    "no_factor": ("缺排放因子的能源品种：{carrier}", "no emission factor for {carrier}"),
    "above_100_percent": ("比例不能超过 100%：{percent}", "a share cannot be above 100 %: {percent}"),
    "negative": ("不能为负：{value}", "it cannot be below zero: {value}"),
    "not_finite": ("须为有限的数：{value}", "a finite number is needed: {value}"),
    "to_itself": ("替换前后是同一能源品种：{carrier}", "a switch from a carrier to itself: {carrier}"),
    "effects_or_tonnes": (
        "措施须说明作用，或只给吨数，二者取其一",
        "a measure has either effects or a saving in tonnes, and one of them",
    ),
    "twice": ("措施出现两次：{value}", "the measure is there twice: {value}"),
    "ends_before_it_begins": ("结束年份 {value} 早于开始年份", "it ends in {value}, before it begins"),
    "interaction_chain": (
        "交互作用不能首尾相接：{use} 既受影响又影响别项",
        "interactions do not chain: {use} is changed and changes others",
    ),
    "interaction_takes_all": (
        "交互作用使 {use} 低于零：相差 {short}",
        "interactions would take more of {use} than there is: {short} short",
    ),
}


def refused(error: MeasureRefused) -> Text:
    """What is wrong and with which measure: `冷机：比例不能超过 100%：150%`."""
    zh, en = (_sentence(error, language) for language in (0, 1))
    measure = error.about.get("measure")
    return (f"{measure}：{zh}", f"{measure}: {en}") if measure else (zh, en)


def _sentence(error: MeasureRefused, language: int) -> str:
    about = dict(error.about)
    for name, words in (("use", USES_TEXT), ("carrier", CARRIERS_TEXT)):
        word = about.get(name)
        about[name] = words[str(word)][language] if word in words else word
    if error.code == "no_baseline":
        carrier = about["carrier"]
        about["of_carrier"] = f"（{carrier}）" if carrier and language == 0 else f" ({carrier})" if carrier else ""
    if error.code == "above_100_percent":
        about["percent"] = f"{float(str(error.value)) * 100:.4g}" + ("%" if language == 0 else " %")
    if error.code == "interaction_takes_all":
        about["short"] = f"{-float(str(error.value)):.4g} MWh"
    return REFUSED[error.code][language].format(**about)
