"""The sentences of a score record, in Chinese and English: how a figure came about, and what is missing.

They carry the numbers, units, years and factors, so that a company can redo the sum. Plain Python values come in,
a pair (zh, en) goes out; nothing is computed here that a score depends on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from scoring.engine.words import Text, number

FLAGS: dict[str, Text] = {
    "at_goalpost": ("达到或超出标杆端点", "at or beyond a goalpost"),
    "boundary_mismatched": ("排放与营收的边界不一致", "emissions and revenue have different boundaries"),
    "boundary_unstated": ("未说明边界是否一致", "it is not stated whether the boundaries agree"),
    "coverage_as_stated": ("覆盖按来源所述，非实测", "coverage as stated, not measured"),
    "emissions_doubtful": ("排放数据不合常理，请核对", "the emissions look implausible: please check"),
    "figures_inconsistent": ("目标基准年不早于目标年", "the target's base year is not before its target year"),
    "jump": ("相邻年份排放相差悬殊，请核对", "emissions of neighbouring years differ by a large factor: please check"),
    "not_latest_year": (
        "较新年份缺营收或汇率，采用较早年份",
        "a newer year lacks revenue or exchange rate, so an older one is used",
    ),
    "revenue_doubtful": ("营收不合常理，请核对", "the revenue looks implausible: please check"),
    "scope2_kind_changed": ("部分年份范围二口径不同，未计入", "years with another kind of scope 2 are left out"),
    "sector_unmapped": ("行业未映射，采用全经济标杆", "sector not mapped, economy-wide goalposts used"),
    "target_past": ("已过目标年的目标不计入", "a target whose year is past does not count"),
    "type_assumed": ("类型未说明，按绝对目标计", "type assumed: absolute"),
    "weight_redistributed": (
        "缺失指标的权重由其余指标分担",
        "the weight of missing indicators is carried by the others",
    ),
    "zero_emissions": ("范围一与范围二均为零，视为缺失", "scope 1 and 2 both zero, treated as missing"),
    "zero_scope_1": ("范围一为零", "scope 1 is zero"),
    "zero_scope_2": ("范围二为零", "scope 2 is zero"),
}
UNITS: dict[str, Text] = {
    "tCO2e/10k CNY": ("tCO2e/万元", "tCO2e per 10,000 CNY"),
    "share/year": ("每年（比例）", "share per year"),
    "°C": ("°C", "°C"),
    "step": ("级", "step"),
    "rung": ("级（数据阶梯）", "rung of the data ladder"),
}

_SCOPE2_KIND: tuple[Text, ...] = (
    ("基于位置", "location-based"),
    ("基于市场", "market-based"),
    ("口径未说明", "of unstated kind"),
)
_BOUNDARY: tuple[Text, ...] = (
    ("", ""),
    ("；排放边界与营收不同", "; boundary differs from revenue's"),
    ("；边界是否一致未说明", "; not stated whether the boundaries agree"),
)
_HORIZON: tuple[Text, ...] = (("长期目标", "end target"), ("中期目标", "interim target"))
_KIND: tuple[Text, ...] = (
    ("净零", "net zero"),
    ("碳中和", "carbon neutrality"),
    ("绝对减排", "absolute reduction"),
    ("强度下降", "intensity reduction"),
    ("减排（类型未说明）", "reduction of unstated kind"),
    ("其他", "other"),
    ("仅有文字", "words only"),
    ("无目标", "no target"),
)
_STATUS: tuple[Text, ...] = (
    ("已纳入企业战略", "in corporate strategy"),
    ("声明或承诺", "declaration or pledge"),
    ("自称已达成", "achieved, self-declared"),
    ("提议或讨论中", "proposed, in discussion"),
    ("未说明", "unstated"),
)
_VALIDATED: tuple[Text, ...] = (
    ("，经 SBTi 验证（1.5 °C）", ", validated by the SBTi (1.5 °C)"),
    ("，经 SBTi 验证（远低于 2 °C）", ", validated by the SBTi (well below 2 °C)"),
    ("，已向 SBTi 承诺", ", committed to the SBTi"),
    ("", ""),
)
_SCOPE3: tuple[Text, ...] = (
    ("，覆盖范围三", ", covers scope 3"),
    ("，部分覆盖范围三", ", covers part of scope 3"),
    ("，不含范围三", ", without scope 3"),
    ("", ""),
)
_RUNG: tuple[Text, ...] = (("", ""), ("经核验的报告", "verified report"), ("未经核验的报告", "unverified report"))


@dataclass(frozen=True)
class YearLists:
    """The year columns of a batch as Python lists; NaN means not reported."""

    year: list[int]
    scope1_t: list[float]
    scope2_t: list[float]
    scope2_kind: list[int]
    rung: list[int]
    boundary: list[int]
    revenue: list[float]
    currency: Sequence[str | None]
    cny_per_unit: list[float]
    mean_of: Sequence[int | None]
    emissions_t: list[float]
    in_trend: list[bool]
    other_scope2: list[bool]
    jump: list[bool]


@dataclass(frozen=True)
class TargetLists:
    """The target columns of a batch as Python lists; a year of 0 and a share of NaN mean not given."""

    horizon: list[int]
    kind: list[int]
    reduction_share: list[float]
    base_year: list[int]
    target_year: list[int]
    scope3: list[int]
    status: list[int]
    validated: list[int]
    past: list[bool]


def intensity(years: YearLists, row: int, tco2e_per_wan: float) -> Text:
    revenue, rate, currency = years.revenue[row], years.cny_per_unit[row], years.currency[row]
    year, cny = years.year[row], revenue * rate
    tonnes = f"({number(years.scope1_t[row])} + {number(years.scope2_t[row])}) tCO2e"
    boundary_zh, boundary_en = _BOUNDARY[years.boundary[row]]
    money_zh, money_en = _yuan(cny)
    if currency != "CNY":
        foreign = f"{revenue:,.0f} {currency} × {rate:.6g} CNY/{currency}"
        mean_zh, mean_en = _mean(years.mean_of[row])
        money_zh, money_en = f"{money_zh}（{foreign}{mean_zh}）", f"{money_en} ({foreign}{mean_en})"
    result = number(tco2e_per_wan)
    return (
        f"{tonnes} ÷ {money_zh} = {result} tCO2e/万元（{year} 年{boundary_zh}）",
        f"{tonnes} ÷ {money_en} = {result} tCO2e per 10,000 CNY ({year}{boundary_en})",
    )


def _mean(of: int | None) -> Text:
    """Where an exchange rate is not of the revenue's own year."""
    return ("", "") if of is None else (f"，采用 {of} 年年均汇率", f", exchange rate: mean of {of}")


def _yuan(cny: float) -> Text:
    zh = f"{cny / 1e8:,.1f} 亿元" if cny >= 1e8 else f"{number(cny / 1e4)} 万元"
    if cny >= 1e9:
        return zh, f"CNY {cny / 1e9:,.2f} billion"
    return zh, f"CNY {cny / 1e6:,.2f} million" if cny >= 1e6 else f"CNY {number(cny)}"


def change(years: YearLists, rows: range, share_per_year: float) -> Text:
    used = [row for row in rows if years.in_trend[row]]
    zh = "、".join([f"{years.year[row]} 年 {number(years.emissions_t[row])} tCO2e" for row in used])
    en = ", ".join([f"{number(years.emissions_t[row])} tCO2e ({years.year[row]})" for row in used])
    left_zh, left_en = _left_out(years, rows)
    percent = f"{share_per_year * 100:+,.1f}%"
    return (
        f"{zh}：{len(used)} 年对数线性最小二乘，年均 {percent}{left_zh}",
        f"{en}: {percent} a year, log-linear least squares over {len(used)} years{left_en}",
    )


def _left_out(years: YearLists, rows: range) -> Text:
    out = [row for row in rows if years.other_scope2[row]]
    if not out:
        return "", ""
    zh = "、".join([f"{years.year[row]} 年（{_SCOPE2_KIND[years.scope2_kind[row]][0]}）" for row in out])
    en = ", ".join([f"{years.year[row]} ({_SCOPE2_KIND[years.scope2_kind[row]][1]})" for row in out])
    return f"；范围二口径不同而未计入：{zh}", f"; left out for another kind of scope 2: {en}"


def target(targets: TargetLists, rows: range, row: int) -> Text:
    past_zh, past_en = _past(targets, rows)
    kind_zh, kind_en = _KIND[targets.kind[row]]
    if kind_en == "no target":
        return f"来源写明没有目标{past_zh}", f"the source states that there is no target{past_en}"
    horizon_zh, horizon_en = _HORIZON[targets.horizon[row]]
    figures_zh, figures_en = _figures(targets, row)
    scope3_zh, scope3_en = _SCOPE3[targets.scope3[row]]
    validated_zh, validated_en = _VALIDATED[targets.validated[row]]
    return (
        f"{horizon_zh}：{kind_zh}，{figures_zh}{scope3_zh}{validated_zh}{past_zh}",
        f"{horizon_en}: {kind_en}, {figures_en}{scope3_en}{validated_en}{past_en}",
    )


def _figures(targets: TargetLists, row: int) -> Text:
    year, base, share = targets.target_year[row], targets.base_year[row], targets.reduction_share[row]
    percent = f"{share * 100:.4g}%"
    stated = (
        (f"{year} 年", f"by {year}") if year else ("未给目标年", "no target year"),
        (f"减 {percent}", f"{percent} less") if share == share else ("未给比例", "no percentage"),
        (f"基准年 {base}", f"against {base}") if base else ("未给基准年", "no base year"),
    )
    return "，".join([zh for zh, _ in stated]), ", ".join([en for _, en in stated])


def _past(targets: TargetLists, rows: range) -> Text:
    past = sorted({targets.target_year[row] for row in rows if targets.past[row]})
    if not past:
        return "", ""
    years = ", ".join(map(str, past))
    return f"；目标年已过而不计入：{years}", f"; not counted, since the year is past: {years}"


def plan(targets: TargetLists, row: int) -> Text:
    zh, en = _STATUS[targets.status[row]]
    horizon_zh, horizon_en = _HORIZON[targets.horizon[row]]
    return f"来源所述{horizon_zh}状态：{zh}", f"status of the {horizon_en} in the source: {en}"


def rung(years: YearLists, row: int) -> Text:
    zh, en = _RUNG[years.rung[row]]
    return (
        f"{years.year[row]} 年排放数据：{zh}（数据阶梯第 {years.rung[row]} 级）",
        f"emissions of {years.year[row]}: {en} (rung {years.rung[row]} of the data ladder)",
    )


def missing_emissions(years: YearLists, rows: range) -> list[tuple[str, str, str]]:
    """Why years of a company give no emissions, as (code, zh, en)."""
    gaps = []
    for row in rows:
        year, scope1_t, scope2_t = years.year[row], years.scope1_t[row], years.scope2_t[row]
        no_scope1, no_scope2 = scope1_t != scope1_t, scope2_t != scope2_t
        if no_scope1 and not no_scope2:
            gaps.append(("scope1_missing", f"{year} 年缺范围一", f"scope 1 missing in {year}"))
        elif no_scope2 and not no_scope1:
            gaps.append(("scope2_missing", f"{year} 年缺范围二", f"scope 2 missing in {year}"))
        elif scope1_t == 0 and scope2_t == 0:
            gaps.append(
                (
                    "zero_emissions",
                    f"{year} 年范围一与范围二均为零，视为缺失",
                    f"scope 1 and 2 both zero in {year}, treated as missing",
                )
            )
    if not gaps and not any(years.emissions_t[row] == years.emissions_t[row] for row in rows):
        gaps.append(("no_emissions", "未报告排放", "no emissions reported"))
    return gaps


def missing_revenue(years: YearLists, rows: range) -> list[tuple[str, str, str]]:
    """Why no year with emissions has an intensity, as (code, zh, en)."""
    gaps = []
    reported = [row for row in rows if years.emissions_t[row] == years.emissions_t[row]]
    for row in reported:
        year, revenue, currency = years.year[row], years.revenue[row], years.currency[row]
        if revenue <= 0:
            gaps.append(
                (
                    "revenue_not_positive",
                    f"{year} 年营收不为正，无法计算强度",
                    f"revenue of {year} is not above zero, so no intensity follows",
                )
            )
        elif revenue > 0:
            gaps.append(("no_exchange_rate", f"缺 {year} 年 {currency} 汇率", f"no exchange rate {currency} {year}"))
    if reported and not gaps:
        gaps.append(("no_revenue", "有排放的年份均无营收", "no revenue for any year with emissions"))
    return gaps


def missing_trend(years: YearLists, rows: range, min_years: int) -> tuple[str, str, str]:
    used = [str(years.year[row]) for row in rows if years.in_trend[row]]
    left_zh, left_en = _left_out(years, rows)
    if len(used) == 1:
        return (
            "one_year_only",
            f"仅一年可比排放（{used[0]}），轨迹需 {min_years} 年{left_zh}",
            f"one year only ({used[0]}), a trajectory needs {min_years}{left_en}",
        )
    return (
        "too_few_years",
        f"可比排放 {len(used)} 年，轨迹需 {min_years} 年{left_zh}",
        f"{len(used)} years with comparable emissions, a trajectory needs {min_years}{left_en}",
    )


def missing_target(targets: TargetLists, rows: range) -> tuple[str, str, str]:
    past = sorted({targets.target_year[row] for row in rows if targets.past[row]})
    if past:
        years = ", ".join(map(str, past))
        return (
            "target_past",
            f"目标年已过（{years}），不再计入",
            f"the target year is past ({years}), so the target no longer counts",
        )
    return (
        "no_target_record",
        "无目标记录（不等于没有目标）",
        "no target on record (which does not say that there is none)",
    )


def missing_plan() -> tuple[str, str, str]:
    return "plan_unstated", "未说明目标落实状态", "status of the plan not stated"


def missing_temperature() -> tuple[str, str, str]:
    return (
        "no_temperature",
        "没有可计算温度的目标（需减排比例、基准年、目标年与覆盖范围）",
        "no target with percentage, base year, target year and coverage, so no temperature",
    )


def missing_goals() -> tuple[str, str, str]:
    return "no_path", "没有轨迹，也没有目标路径，无法作双碳检验", "neither trajectory nor target path, so no 3060 test"


def missing_coverage(coverage: float, needed: float) -> tuple[str, str, str]:
    return (
        "coverage_too_low",
        f"仅 {coverage * 100:.4g}% 的权重有数据，需 {needed * 100:.4g}%",
        f"{coverage * 100:.4g}% of the weight is observed, {needed * 100:.4g}% needed",
    )


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
    mean_of: int | None,
    guards: Sequence[str],
) -> Text:
    zh, en = RUNG[rung]
    tonnes_zh = f"{zh}：中位 {number(median_t)} tCO2e（5–95%：{number(p05_t)}–{number(p95_t)}，{year} 年）"
    tonnes_en = f"{en}: median {number(median_t)} tCO2e (5–95 %: {number(p05_t)} to {number(p95_t)}, {year})"
    if revenue_cny:
        intensity, money = number(median_t / (revenue_cny / 1e4)), number(revenue_cny / 1e4)
        dated_zh, dated_en = ("，营收年份未注明", ", year of the revenue not stated") if undated else ("", "")
        mean_zh, mean_en = _mean(mean_of)
        tonnes_zh += f" ÷ {money} 万元{dated_zh}{mean_zh} = {intensity} tCO2e/万元"
        tonnes_en += f" ÷ {money} × 10,000 CNY{dated_en}{mean_en} = {intensity} tCO2e per 10,000 CNY"
    if guards:
        tonnes_zh += f"；不可估算（{'、'.join(GUARD[g][0] for g in guards)}）：请索取活动数据"
        tonnes_en += f"; not estimable ({', '.join(GUARD[g][1] for g in guards)}): ask for activity data"
    return tonnes_zh, tonnes_en


def unconverted(what: str, n: int, of_sector: bool) -> Text:
    """`what` is reported and cannot be turned into yuan, which is no silence: it counts as the median."""
    whose_zh, whose_en = ("同行业", "of its sector") if of_sector else ("全体", "of all sectors")
    return (
        f"营收已报告，但缺 {what} 汇率，无法折算：补录汇率前按{whose_zh} {n} 家报告企业中位数计，区间至其最差十分位",
        f"revenue is reported, but there is no exchange rate {what}: until there is one it counts as the median of {n}"
        f" reporters {whose_en}; the interval reaches to their worst tenth",
    )


def imputed(n: int, of_sector: bool) -> Text:
    whose_zh, whose_en = ("同行业", "of its sector") if of_sector else ("全体", "of all sectors")
    return (
        f"未报告：按{whose_zh} {n} 家报告企业最差十分位计，区间至其中位数",
        f"not reported: counts as the worst tenth of {n} reporters {whose_en}; the interval reaches to their median",
    )
