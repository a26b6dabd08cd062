"""What a unit is called where Chinese, or print, has another word for it: CNY is 元, m2 is m²."""

from __future__ import annotations

from django.utils.translation import get_language

ZH = {
    "CNY": "元",
    "10k CNY": "万元",
    "years": "年",
    "months": "个月",
    "car": "辆",
    "bus": "辆",
    "truck": "辆",
    "ha": "公顷",
    "m2": "m²",
    "1000 m2": "千 m²",
    "1,000 m2": "千 m²",
    "1,000 klm": "千 klm",
    "MWh/yr": "MWh/年",
    "Mpkm": "百万人公里",
    "Mpkm/yr": "百万人公里/年",
    "MWh heat a year": "MWh 年供热",
    "MWh net a year": "MWh 年净节电",
    "MWh cooling a year": "MWh 年供冷",
    "MWh motor input a year": "MWh 年电机用电",
    "1,000 MWh shaft a year": "千 MWh 年轴功",
    "million passenger-km a year": "百万人公里/年",
    "t wet waste": "吨湿垃圾",
    "t CH4": "吨 CH₄",
    "t CH4 destroyed": "吨已销毁 CH₄",
    "t zinc": "吨锌",
    "t nickel": "吨镍",
    "t aluminium": "吨铝",
    "t steel": "吨钢",
    "t slag powder": "吨矿渣粉",
    "t CO2": "吨 CO₂",
    "t CO2 captured and stored": "吨捕集封存 CO₂",
    "t H2": "吨 H₂",
}
EN = {
    "m2": "m²",
    "1000 m2": "1,000 m²",
    "1,000 m2": "1,000 m²",
    "t CH4": "t CH₄",
    "t CH4 destroyed": "t CH₄ destroyed",
    "t CO2": "t CO₂",
    "t H2": "t H₂",
}


def unit_word(unit: str) -> str:
    """In the reader's language; a unit that is written alike everywhere stays."""
    return (EN if (get_language() or "").startswith("en") else ZH).get(unit, unit)
