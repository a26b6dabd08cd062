"""The sentences about what is not observed, in Chinese and English."""

from collections.abc import Sequence

from scoring.engine.score.words import Text, number

RUNG: dict[int, Text] = {
    5: ("有活动数据的模型估算", "model with activity data"),
    6: ("规模、行业与文本模型估算", "model of size, sector and text"),
    7: ("超出模型所见范围的估算", "estimate outside what the model has seen"),
}
GUARD: dict[str, Text] = {
    "size": ("规模", "size"),
    "sector": ("行业", "sector"),
    "far": ("与已知企业差异大", "unlike the companies it has seen"),
    "vocabulary": ("用词陌生", "unknown words"),
}


def estimated(
    rung: int,
    year: int,
    median_t: float,
    p05_t: float,
    p95_t: float,
    revenue_cny: float | None,
    undated: bool,
    guards: Sequence[str],
) -> Text:
    zh, en = RUNG[rung]
    tonnes_zh = f"{zh}：中位 {number(median_t)} tCO2e（5–95%：{number(p05_t)}–{number(p95_t)}，{year} 年）"
    tonnes_en = f"{en}: median {number(median_t)} tCO2e (5–95 %: {number(p05_t)} to {number(p95_t)}, {year})"
    if revenue_cny:
        intensity, money = number(median_t / (revenue_cny / 1e4)), number(revenue_cny / 1e4)
        dated_zh, dated_en = ("，营收年份未注明", ", year of the revenue not stated") if undated else ("", "")
        tonnes_zh += f" ÷ {money} 万元{dated_zh} = {intensity} tCO2e/万元"
        tonnes_en += f" ÷ {money} × 10,000 CNY{dated_en} = {intensity} tCO2e per 10,000 CNY"
    if guards:
        tonnes_zh += f"；不可估算（{'、'.join(GUARD[g][0] for g in guards)}）：请索取活动数据"
        tonnes_en += f"; not estimable ({', '.join(GUARD[g][1] for g in guards)}): ask for activity data"
    return tonnes_zh, tonnes_en


def imputed(n: int, of_sector: bool) -> Text:
    whose_zh, whose_en = ("同行业", "of its sector") if of_sector else ("全体", "of all sectors")
    return (
        f"未报告：按{whose_zh} {n} 家报告企业最差十分位计，区间至其中位数",
        f"not reported: counts as the worst tenth of {n} reporters {whose_en}; the interval reaches to their median",
    )
