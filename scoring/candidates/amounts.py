"""Money, tonnes, shares and probabilities as sentences write them: three significant digits, the unit that fits."""

from __future__ import annotations

from portfolio.templatetags.figures import percent, significant
from portfolio.typed.unit_words import unit_word
from scoring.engine.score.bar_sheet import Family
from scoring.reading import reads_chinese

DIGITS = 3
WAN, YI = 1e4, 1e8
SERVICES_ZH = {
    "MWh per MW and year": "MWh/(MW·年)",
    "MWh saved per MVA and year": "MWh/(MVA·年)",
    "MWh heat per kW and year": "MWh 热/(kW·年)",
    "MWh heat per year": "MWh 热/年",
    "MWh saved per year": "MWh/年",
    "MWh net per year": "MWh/年",
    "MWh per MWh": "MWh/MWh",
    "km per year": "km/年",
    "t per t": "t/t",
    "ha and year": "公顷·年",
}


def service_word(family: Family | None) -> str:
    unit = family.service_unit if family else ""
    return SERVICES_ZH.get(unit, unit) if reads_chinese() else unit


def per_unit(unit: str, denominator: str) -> str:
    """The unit of u and x: t/MW, t/10k CNY."""
    if unit.startswith("t/"):
        unit, denominator = "t", unit[2:]
    return f"{unit}/{unit_word(denominator)}" if denominator else unit


def number(value: float) -> str:
    return str(significant(value, DIGITS))


def short(value: float) -> str:
    """Without zeros at the end: 88, 4.6."""
    text = number(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(cny: float) -> str:
    """Yuan: 8,800万元, 46亿元; 88 M CNY, 4.6 bn CNY."""
    size = abs(cny)
    if reads_chinese():
        if size >= YI:
            return f"{short(cny / YI)}亿元"
        return f"{short(cny / WAN)}万元" if size >= WAN else f"{short(cny)} 元"
    if size >= 1e9:
        return f"{short(cny / 1e9)} bn CNY"
    return f"{short(cny / 1e6)} M CNY" if size >= 1e5 else f"{short(cny)} CNY"


def tonnes(t: float) -> str:
    """21万吨; 210,000 t, 6.2 Mt."""
    size = abs(t)
    if reads_chinese():
        if size >= YI:
            return f"{short(t / YI)}亿吨"
        return f"{short(t / WAN)}万吨" if size >= WAN else f"{short(t)} 吨"
    return f"{short(t / 1e6)} Mt" if size >= 1e6 else f"{short(t)} t"


def share(of_one: float) -> str:
    """8.8%, 140%."""
    return str(percent(of_one, 1 if abs(of_one) < 1 else 0))


def points(of_one: float) -> str:
    """A difference of margins: 3.9."""
    return str(percent(abs(of_one), 1)).removesuffix("%")


def probability(p: float) -> str:
    """87%, and never 100% of what can only be estimated, nor 0% of what is just unlikely."""
    if 0 < p < 0.005:
        return "<1%"
    if p >= 0.995:
        return ">99%"
    return str(percent(p))
