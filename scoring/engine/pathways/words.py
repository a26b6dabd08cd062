"""The sentences of pathways, in Chinese and English: how a figure came about, or why it is not available.

They carry the numbers and years, so that a company can redo the sum. Nothing is computed here that a figure depends on.
"""

from __future__ import annotations

import math

from scoring.engine.inputs import TargetColumns
from scoring.engine.pathways.alignment import BUDGET_REASONS, FAIR_SHARES, Alignment
from scoring.engine.pathways.china import (
    ANSWERS,
    EFFICIENCY_REASONS,
    LEVELS,
    MILESTONE_REASONS,
    CarbonEfficiency,
    ChinaTest,
)
from scoring.engine.pathways.implied_temperature import RESULT_TYPES, SCORE_REASONS
from scoring.engine.pathways.paths import (
    TARGET_OUTCOMES,
    TARGET_REASONS,
    TRAJECTORY_REASONS,
    CompanyPaths,
    TargetPoints,
)
from scoring.engine.words import Text, number

MARKS: dict[str, Text] = {
    "sector_unmapped": ("该行业没有行业基准", "no benchmark has this sector"),
    "economy_wide": ("采用全经济路径", "held against the economy-wide pathway"),
    "region_fallback": ("该地区没有基准，采用更大范围的基准", "no benchmark of the region, a wider one is used"),
    "scope_fallback": ("基准只含范围一", "the benchmark holds scope 1 only"),
    "not_verified": ("基准数值未经核对", "the benchmark's numbers were not verified"),
}
_TRAJECTORY: dict[str, Text] = {
    "no_history": ("轨迹不可得：没有排放记录", "trajectory not available: no emissions on record"),
    "one_year_only": ("轨迹不可得：只有一年排放", "trajectory not available: one year of emissions only"),
    "too_few_years": (
        "轨迹不可得：可比排放年份不足三年",
        "trajectory not available: fewer than three comparable years of emissions",
    ),
}
_TARGET: dict[str, Text] = {
    "no_history": ("目标路径不可得：没有排放记录", "target path not available: no emissions on record"),
    "no_target_record": (
        "目标路径不可得：没有目标记录（不等于没有目标）",
        "target path not available: no target on record (which does not say that there is none)",
    ),
    "no_usable_target": (
        "目标路径不可得：没有可换算为吨的目标",
        "target path not available: no target that can be put into tonnes",
    ),
}
_BUDGET: dict[str, Text] = {
    "no_history": ("预算不可得：没有排放记录", "budget not available: no emissions on record"),
    "history_outside_benchmark": (
        "预算不可得：排放年份不在基准年份之内",
        "budget not available: no reported year lies within the benchmark",
    ),
    "benchmark_is_zero": (
        "预算不可得：基准在起始年为零",
        "budget not available: the benchmark is zero in the base year",
    ),
}
_OUTCOME: dict[str, Text] = {
    "used": ("已计入路径", "a point of the path"),
    "no_history": ("没有排放记录，无法换算为吨", "no emissions on record to put it into tonnes"),
    "past": ("目标年已过", "its year is past"),
    "words_only": ("没有可计算的内容", "nothing in it can be computed"),
    "intensity_needs_output": ("强度目标需要产量", "an intensity target needs output"),
    "no_year": ("未给目标年", "no target year"),
    "no_reduction": ("未给减排比例", "no percentage"),
    "no_base_year": ("未给基准年", "no base year"),
    "base_year_after_target_year": ("基准年不早于目标年", "its base year is not before its target year"),
    "base_year_not_reported": ("基准年附近没有排放记录", "no emissions on record near its base year"),
    "looser_than_another": ("比另一目标宽松", "looser than another target"),
}
_ANSWER: dict[str, Text] = {
    "not_available": ("不可得：没有轨迹，也没有目标路径", "not available: neither trajectory nor target path"),
    "no": ("否", "no"),
    "yes_by_target": ("按公布的目标：是", "yes, by its stated target"),
    "yes_on_trajectory": ("按轨迹：是", "yes, on its trajectory"),
}
_MILESTONE: dict[str, Text] = {
    "no_path": ("不可得：没有轨迹，也没有目标路径", "not available: neither trajectory nor target path"),
    "no_base_year_intensity": ("不可得：没有 2005 年的强度", "not available: no intensity of 2005"),
    "no_recent_intensity": ("不可得：没有近年的强度", "not available: no recent intensity"),
    "too_few_years": (
        "2030 年不可得：强度年份不足三年",
        "2030 not available: fewer than three years of intensity",
    ),
}
_EFFICIENCY: dict[str, Text] = {
    "needs_energy_emissions": ("不可得：缺能源碳排放", "not available: needs CO2 from energy"),
    "needs_value_added": ("不可得：缺增加值", "not available: needs value added"),
    "value_added_not_positive": ("不可得：增加值不为正", "not available: value added is not above zero"),
    "net_emissions_negative": ("不可得：扣减大于排放", "not available: more is deducted than emitted"),
    "needs_industry_mean": ("碳效等级不可得：缺行业均值", "grade not available: needs the industry mean"),
}
_LEVEL: dict[str, Text] = {
    "low": ("低碳", "low"),
    "mid": ("中碳", "mid"),
    "high": ("高碳", "high"),
}


def share_per_year(log_slope: float) -> float:
    return math.expm1(log_slope)


def trajectory(paths: CompanyPaths, i: int) -> Text:
    reason = TRAJECTORY_REASONS[paths.trajectory_reason[i]]
    if reason:
        return _TRAJECTORY[reason]
    rows = paths.history.owner == i
    pairs = list(zip(paths.history.year[rows].tolist(), paths.history.tonnes[rows].tolist(), strict=True))
    zh = "、".join([f"{year} 年 {number(tonnes)} tCO2e" for year, tonnes in pairs])
    en = ", ".join([f"{number(tonnes)} tCO2e ({year})" for year, tonnes in pairs])
    percent = f"{share_per_year(float(paths.trend.slope[i])) * 100:+.2f}%"
    if not paths.trend.winsorised[i]:
        return (
            f"{zh}：{len(pairs)} 年对数线性最小二乘，年均 {percent}，延至 {paths.years[-1]} 年",
            f"{en}: {percent} a year, log-linear least squares over {len(pairs)} years, carried to {paths.years[-1]}",
        )
    measured = f"{share_per_year(float(paths.trend.measured[i])) * 100:+.2f}%"
    return (
        f"{zh}：{len(pairs)} 年对数线性最小二乘，年均 {measured}，超出可信范围，按 {percent} 延至 {paths.years[-1]} 年",
        f"{en}: {measured} a year, log-linear least squares over {len(pairs)} years; beyond the bounds of a trend, so "
        f"carried to {paths.years[-1]} at {percent}",
    )


def target(paths: CompanyPaths, i: int) -> Text:
    reason = TARGET_REASONS[paths.target_reason[i]]
    if reason:
        return _TARGET[reason]
    points = paths.targets.points
    rows = points.owner == i
    pairs = list(zip(points.year[rows].tolist(), points.tonnes[rows].tolist(), strict=True))
    zh = "、".join([f"{year} 年 {number(tonnes)} tCO2e" for year, tonnes in pairs])
    en = ", ".join([f"{number(tonnes)} tCO2e in {year}" for year, tonnes in pairs])
    return (
        f"自 {paths.latest_year[i]} 年线性降至 {zh}，其后不变",
        f"linear from {paths.latest_year[i]} to {en}, constant afterwards",
    )


def target_row(found: TargetPoints, targets: TargetColumns, row: int) -> Text:
    outcome = TARGET_OUTCOMES[found.outcome[row]]
    zh, en = _OUTCOME[outcome]
    if outcome != "used":
        return zh, en
    tonnes, year = number(float(found.level_t[row])), int(targets.target_year[row])
    parts = [(f"{year} 年 {tonnes} tCO2e", f"{tonnes} tCO2e in {year}")]
    base, stated = int(found.base_year_used[row]), int(targets.base_year[row])
    if base and base != stated:
        parts.append(
            (f"基准年 {stated} 无数据，以 {base} 年代替", f"no figure for the base year {stated}, {base} is used")
        )
    for column, text in (
        (found.type_assumed, ("类型未说明，按绝对减排", "type not stated, read as absolute")),
        (found.neutral, ("碳中和按净零计", "carbon neutrality read as net zero")),
        (found.already_met, ("已达到，路径不再上升", "met already, so the path stays there")),
    ):
        if column[row]:
            parts.append(text)
    return "；".join([part for part, _ in parts]), "; ".join([part for _, part in parts])


def budget(alignment: Alignment, i: int) -> Text:
    reason = BUDGET_REASONS[alignment.budgets.reason[i]]
    if reason:
        return _BUDGET[reason]
    pathway = alignment.matches[i].pathway
    base, end = int(alignment.budgets.base_year[i]), alignment.parameters.end_year
    total = number(float(alignment.cumulative_budget_t[i]))
    at = pathway.at(alignment.paths.years)
    column = base - int(alignment.paths.years[0])
    fair_share = FAIR_SHARES[alignment.budgets.fair_share[i]]
    if fair_share != "index":
        zh_how = "行业强度 × 产量" if fair_share == "sector_intensity" else "自有强度收敛至行业强度 × 产量"
        en_how = "sector intensity × output"
        if fair_share == "convergence":
            en_how = "own intensity converging with the sector's × output"
        return (
            f"{pathway.scenario}，{pathway.sector}：{zh_how}，{base}–{end} 年合计 {total} tCO2e",
            f"{pathway.scenario}, {pathway.sector}: {en_how}, {total} tCO2e from {base} to {end}",
        )
    tonnes = number(float(alignment.paths.history_t[i, column]))
    first, last = float(at[column]), float(at[end - int(alignment.paths.years[0])])
    flat = alignment.budgets.output_flat[i]
    return (
        f"{base} 年 {tonnes} tCO2e × {pathway.scenario}，{pathway.sector} 的下降（{base} 年 {number(first)} 至 {end} "
        f"年 {number(last)}）{'，产量按不变计' if flat else ''}，{base}–{end} 年合计 {total} tCO2e",
        f"{tonnes} tCO2e of {base} × the decline of {pathway.scenario}, {pathway.sector} ({number(first)} in {base} to "
        f"{number(last)} in {end}){', output taken as constant' if flat else ''}: {total} tCO2e from {base} to {end}",
    )


def temperature(alignment: Alignment, i: int) -> Text:
    found, pathway = alignment.temperatures, alignment.matches[i].pathway
    result, reason = RESULT_TYPES[found.result_type[i]], SCORE_REASONS[found.reason[i]]
    score = f"{found.temperature_c[i]:.2f} °C"
    if result == "DEFAULT":
        why_zh = "缺预算" if reason.startswith("budget") else "轨迹与目标路径都不可得"
        why_en = "there is no budget" if reason.startswith("budget") else "neither trajectory nor target path is there"
        return f"{why_zh}，采用默认值 {score}", f"{why_en}, so the fallback of {score} stands"
    warming = alignment.parameters.warming
    tcre = f"{warming.tcre_c:g} ÷ {warming.tcre_gtco2:g}"
    parts = []
    for name_zh, name_en, ratio, degrees in (
        ("轨迹", "trajectory", found.trajectory_ratio[i], found.trajectory_c[i]),
        ("目标", "target", found.target_ratio[i], found.target_c[i]),
    ):
        if ratio == ratio:
            sum_text = f"{pathway.temperature_c:g} + {pathway.global_budget_gtco2:g} × ({ratio:.4g} − 1) × {tcre}"
            parts.append((f"{name_zh} {sum_text} = {degrees:.2f} °C", f"{name_en} {sum_text} = {degrees:.2f} °C"))
    zh, en = "；".join(zh for zh, _ in parts), "; ".join(en for _, en in parts)
    if result == "COMPLETE":
        p = f"{found.target_probability[i]:.0%}"
        return f"{zh}；目标实现的概率 {p}：{score}", f"{en}; the target is met with probability {p}: {score}"
    if reason == "trajectory_ran_away":
        return (
            f"{zh}；轨迹超出预算十倍以上，只计目标：{score}",
            f"{en}; a trajectory of more than ten budgets does not count, only the target: {score}",
        )
    return zh, en


def peak(test: ChinaTest, i: int) -> Text:
    zh, en = _ANSWER[ANSWERS[test.peak[i]]]
    years = _years(test, i, "peak_year")
    goal = test.milestones.peak_before
    if not years:
        return zh, en
    return f"{goal} 年前达峰：{zh}（{years[0]}）", f"peak before {goal}: {en} ({years[1]})"


def net_zero(test: ChinaTest, i: int) -> Text:
    zh, en = _ANSWER[ANSWERS[test.net_zero[i]]]
    goal = test.milestones.net_zero_by
    left = [
        (name_zh, name_en, float(path.left_at_net_zero_year[i]))
        for name_zh, name_en, path in (("轨迹", "trajectory", test.trajectory), ("目标", "target", test.target))
        if path.available[i]
    ]
    if not left:
        return zh, en
    zh_left = "，".join([f"{name} {goal} 年余峰值的 {share:.1%}" for name, _, share in left])
    en_left = ", ".join([f"{name}: {share:.1%} of the peak left in {goal}" for _, name, share in left])
    return f"{goal} 年净零：{zh}（{zh_left}）", f"net zero by {goal}: {en} ({en_left})"


def _years(test: ChinaTest, i: int, attribute: str) -> Text | None:
    found = [
        (name_zh, name_en, int(getattr(path, attribute)[i]))
        for name_zh, name_en, path in (("轨迹", "trajectory", test.trajectory), ("目标", "target", test.target))
        if path.available[i]
    ]
    if not found:
        return None
    return (
        "，".join([f"{name} {year} 年" for name, _, year in found]),
        ", ".join([f"{name} {year}" for _, name, year in found]),
    )


def pledge(test: ChinaTest, i: int) -> Text:
    reason = MILESTONE_REASONS[test.pledge_reason[i]]
    if reason:
        return _MILESTONE[reason]
    least, most = test.milestones.pledge_percent
    change = float(test.pledge_gap_points[0][i]) + least
    year = test.milestones.pledge_year
    return (
        f"较好的一条路径上，{year} 年较峰值 {change:+.1f}%，国家目标 {least:g}% 至 {most:g}%（全国净排放，仅作对照）",
        f"{change:+.1f}% from the peak in {year} on the better path; the nation pledges {least:g}% to {most:g}% "
        "(of its net emissions: to compare with, not an obligation of the company)",
    )


def intensity(test: ChinaTest, i: int) -> Text:
    reason = MILESTONE_REASONS[test.intensity_reason[i]]
    goals = test.milestones
    so_far = float(test.intensity_so_far_percent[i])
    if reason:
        zh, en = _MILESTONE[reason]
        if so_far != so_far:
            return zh, en
        base = goals.intensity_base_year
        return f"{zh}；迄今较 {base} 年 {so_far:+.1f}%", f"{en}; so far {so_far:+.1f}% against {base}"
    change, gap = float(test.intensity_percent[i]), float(test.intensity_gap_points[i])
    return (
        f"按趋势，{goals.intensity_year} 年强度较 {goals.intensity_base_year} 年 {change:+.1f}%，距目标 "
        f"{goals.intensity_percent:g}% 差 {gap:+.1f} 个百分点",
        f"by trend, intensity in {goals.intensity_year} is {change:+.1f}% against {goals.intensity_base_year}, "
        f"{gap:+.1f} points from the goal of {goals.intensity_percent:g}%",
    )


def efficiency(code: CarbonEfficiency, i: int) -> Text:
    reason = EFFICIENCY_REASONS[code.reason[i]]
    level = LEVELS[code.level[i]]
    if level == "not_available":
        return _EFFICIENCY[reason]
    value = number(float(code.tco2_per_10k_cny[i]))
    zh = f"{value} tCO2/万元增加值：{_LEVEL[level][0]}"
    en = f"{value} tCO2 per 10,000 CNY of value added: {_LEVEL[level][1]}"
    if reason:
        return f"{zh}；{_EFFICIENCY[reason][0]}", f"{en}; {_EFFICIENCY[reason][1]}"
    ratio = number(float(code.ratio[i]))
    return (
        f"{zh}；为行业均值的 {ratio} 倍：{code.grade[i]} 级",
        f"{en}; {ratio} of the industry mean: grade {code.grade[i]}",
    )


CONVERGENCE: dict[str, Text] = {
    "economy_wide_index": (
        "不可得：全经济路径没有强度可供收敛",
        "not available: the economy-wide pathway has no intensity to converge with",
    ),
}


def convergence_needs(output: str) -> Text:
    if output.endswith("USD"):  # revenue on record is in the prices of its year
        return (
            f"不可得：缺以基准价格年计的产值（{output}）",
            f"not available: needs output in {output} of the benchmark's price year",
        )
    return f"不可得：缺产量（{output}）", f"not available: needs output (in {output})"


def contraction(base_t: float, base_year: int, rate_per_year: float, year: int, allowed_t: float) -> Text:
    percent = f"{rate_per_year * 100:.4g}%"
    tonnes = number(base_t)
    zh = f"{base_year} 年 {tonnes} tCO2e × max(0, 1 − {percent} × {year - base_year} 年) = {number(allowed_t)} tCO2e"
    en = f"{tonnes} tCO2e of {base_year} × max(0, 1 − {percent} × {year - base_year} years) = {number(allowed_t)} tCO2e"
    return zh, en
