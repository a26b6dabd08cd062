"""The sentences of pathways, in Chinese and English: how a figure came about, or why it is not available.

They carry the numbers and years, so that a company can redo the sum. Nothing is computed here that a figure depends on.
"""

from __future__ import annotations

from typing import Any

from scoring.engine.pathways.benchmarks import ECONOMY_WIDE
from scoring.engine.pathways.record import (
    ChinaRecord,
    ContractionRecord,
    ConvergenceReason,
    EfficiencyRecord,
    PathTestRecord,
    PathwayRecord,
    PathwayStory,
    TargetRowRecord,
)
from scoring.engine.words import Because, Text, number, percent, told

# Of benchmarks: those of scoring/data/benchmark_sectors.csv, and what stands in where a sector has none.
SECTORS: dict[str, Text] = {
    ECONOMY_WIDE: ("全经济", "economy-wide"),
    "Cement": ("水泥", "Cement"),
    "Chemicals": ("化工", "Chemicals"),
    "Electricity Utilities": ("电力", "Electricity Utilities"),
    "Oil & Gas": ("石油与天然气", "Oil & Gas"),
    "Pharmaceuticals": ("制药", "Pharmaceuticals"),
    "Steel": ("钢铁", "Steel"),
    "Textiles": ("纺织", "Textiles"),
}
REGIONS: dict[str, Text] = {
    "Global": ("全球", "Global"),
    "Europe": ("欧洲", "Europe"),
    "North America": ("北美", "North America"),
    "OECD": ("经合组织", "OECD"),
    "non-OECD": ("非经合组织", "non-OECD"),
}
SCOPES: dict[str, Text] = {
    "S1": ("范围一", "scope 1"),
    "S1S2": ("范围一+二", "scope 1 + 2"),
    "S1S2S3": ("范围一+二+三", "scope 1 to 3"),
    "CO2": ("CO₂", "CO₂"),
}
PATHS: dict[str, Text] = {"trajectory": ("趋势路径", "trajectory"), "target": ("目标路径", "target")}
MARKS: dict[str, Text] = {
    "sector_unmapped": ("该行业没有行业基准", "no benchmark has this sector"),
    "economy_wide": ("采用全经济路径", "held against the economy-wide pathway"),
    "region_fallback": ("该地区没有基准，采用更大范围的基准", "no benchmark of the region, a wider one is used"),
    "scope_fallback": ("基准只含范围一", "the benchmark holds scope 1 only"),
    "not_verified": ("基准数值未经核对", "the benchmark's numbers were not verified"),
}
_TRAJECTORY: dict[str, Text] = {
    "no_history": ("没有排放记录", "no emissions on record"),
    "one_year_only": ("只有一年排放", "one year of emissions only"),
    "too_few_years": ("可比排放年份不足三年", "fewer than three comparable years of emissions"),
}
_TARGET: dict[str, Text] = {
    "no_history": ("没有目标路径：没有排放记录", "target path not available: no emissions on record"),
    "no_target_record": (
        "没有目标路径：没有目标记录（不等于没有目标）",
        "target path not available: no target on record (which does not say that there is none)",
    ),
    "no_usable_target": (
        "没有目标路径：没有可换算为吨的目标",
        "target path not available: no target that can be put into tonnes",
    ),
}
_BUDGET: dict[str, Text] = {
    "no_history": ("碳预算无法计算：没有排放记录", "budget not available: no emissions on record"),
    "history_outside_benchmark": (
        "碳预算无法计算：排放年份不在基准年份之内",
        "budget not available: no reported year lies within the benchmark",
    ),
    "benchmark_is_zero": (
        "碳预算无法计算：基准在起始年为零",
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
    "no_reduction": ("没有可用的减排比例", "no percentage that can be used"),
    "no_base_year": ("未给基准年", "no base year"),
    "base_year_after_target_year": ("基准年不早于目标年", "its base year is not before its target year"),
    "base_year_not_reported": (
        "基准年附近没有排放记录，或前后相差一倍以上",
        "no emissions on record near its base year, or a step of more than twofold around it",
    ),
    "looser_than_another": ("比另一目标宽松", "looser than another target"),
}
_ANSWER: dict[str, Text] = {
    "not_available": ("无法判定：没有趋势路径，也没有目标路径", "not available: neither trajectory nor target path"),
    "no": ("不可达", "no"),
    "yes_by_target": ("按公布的目标可达", "yes, by its stated target"),
    "yes_on_trajectory": ("按现有趋势可达", "yes, on its trajectory"),
}
_MILESTONE: dict[str, Text] = {
    "no_path": ("无法判定：没有趋势路径，也没有目标路径", "not available: neither trajectory nor target path"),
    "no_base_year_intensity": ("无法计算：没有 2005 年的强度", "not available: no intensity of 2005"),
    "no_recent_intensity": ("无法计算：没有近年的强度", "not available: no recent intensity"),
    "too_few_years": (
        "2030 年无法计算：强度年份不足三年",
        "2030 not available: fewer than three years of intensity",
    ),
}
_EFFICIENCY: dict[str, Text] = {
    "needs_energy_emissions": ("无法计算：缺能源碳排放", "not available: needs CO2 from energy"),
    "needs_value_added": ("无法计算：缺增加值", "not available: needs value added"),
    "value_added_not_positive": ("无法计算：增加值不为正", "not available: value added is not above zero"),
    "net_emissions_negative": ("无法计算：扣减大于排放", "not available: more is deducted than emitted"),
    "needs_industry_mean": ("无法评定碳效等级：缺行业均值", "grade not available: needs the industry mean"),
}
_LEVEL: dict[str, Text] = {
    "low": ("低碳", "low"),
    "mid": ("中碳", "mid"),
    "high": ("高碳", "high"),
}


def mark(found: Because) -> Text:
    return MARKS[found["code"]]


def trajectory(record: PathwayRecord) -> Text:
    found, change, measured = record["trajectory"], record["change_per_year"], record["measured_change_per_year"]
    if found["code"] or change is None or measured is None:
        zh, en = why_no_trajectory(record)
        return f"无法推算趋势：{zh}", f"trajectory not available: {en}"
    series = record["series"]
    pairs = [(year, t) for year, t in zip(series["years"], series["history_t"], strict=True) if t is not None]
    zh = "、".join([f"{year} 年 {number(tonnes)} tCO2e" for year, tonnes in pairs])
    en = ", ".join([f"{number(tonnes)} tCO2e ({year})" for year, tonnes in pairs])
    last, percent = series["years"][-1], f"{change * 100:+.2f}%"
    if not found["winsorised"]:
        return (
            f"{zh}：按 {len(pairs)} 年数据作对数线性回归，年均 {percent}，外推至 {last} 年",
            f"{en}: {percent} a year, log-linear least squares over {len(pairs)} years, carried to {last}",
        )
    beyond = f"{measured * 100:+.2f}%"
    return (
        f"{zh}：按 {len(pairs)} 年数据作对数线性回归，年均 {beyond}，超出可信范围，按 {percent} 外推至 {last} 年",
        f"{en}: {beyond} a year, log-linear least squares over {len(pairs)} years; beyond the bounds of a trend, so "
        f"carried to {last} at {percent}",
    )


def why_no_trajectory(record: PathwayRecord) -> Text:
    return _TRAJECTORY[record["trajectory"]["code"]]


def target(record: PathwayRecord) -> Text:
    found = record["target"]
    if found["code"]:
        return _TARGET[found["code"]]
    zh = "、".join([f"{year} 年 {number(tonnes)} tCO2e" for year, tonnes in found["points"]])
    en = ", ".join([f"{number(tonnes)} tCO2e in {year}" for year, tonnes in found["points"]])
    zh_line = f"自 {record['latest_year']} 年线性降至 {zh}，其后不变"
    en_line = f"linear from {record['latest_year']} to {en}, constant afterwards"
    if not is_assumed(record):
        return zh_line, en_line
    return (
        f"{zh_line}；净零或碳中和未给减排比例，直线为我们的假设",
        f"{en_line}; net zero or neutrality comes without a percentage, so the straight line is our assumption",
    )


def is_assumed(record: PathwayRecord) -> bool:
    """Every point of the target path is net zero or neutrality without a percentage."""
    used = [row for row in record["targets"] if row["outcome"] == "used"]
    return bool(used) and all(row["line_assumed"] for row in used)


def target_row(row: TargetRowRecord) -> Text:
    if row["outcome"] != "used" or row["level_t"] is None:
        return _OUTCOME[row["outcome"]]
    tonnes, year = number(row["level_t"]), row["target_year"]
    parts = [(f"{year} 年 {tonnes} tCO2e", f"{tonnes} tCO2e in {year}")]
    base, stated = row["base_year_used"], row["base_year"]
    if base and base != stated:
        parts.append(
            (f"基准年 {stated} 无数据，以 {base} 年代替", f"no figure for the base year {stated}, {base} is used")
        )
    for is_so, text in (
        (row["type_assumed"], ("类型未说明，按绝对减排", "type not stated, read as absolute")),
        (row["neutral"], ("碳中和按净零计", "carbon neutrality read as net zero")),
        (row["line_assumed"], ("未给减排比例，直线为假设", "no percentage: the straight line is assumed")),
        (row["already_met"], ("已达到，路径不再上升", "met already, so the path stays there")),
    ):
        if is_so:
            parts.append(text)
    return "；".join([part for part, _ in parts]), "; ".join([part for _, part in parts])


def sector_name(code: str) -> Text:
    """Of a benchmark; as its source prints it where we have no word."""
    return SECTORS.get(code, (code, code))


def region_name(code: str) -> Text:
    return REGIONS.get(code, (code, code))


def scope_name(code: str) -> Text:
    return SCOPES.get(code, (code, code))


def budget(record: PathwayRecord) -> Text:
    found, benchmark, series = record["budget"], record["benchmark"], record["series"]
    base, end, total_t = record["base_year"], record["end_year"], record["cumulative_budget_t"]
    if found["code"] or base is None or total_t is None:
        return _BUDGET[found["code"]]
    total, fair_share = number(total_t), record["fair_share"]
    sector_zh, sector_en = sector_name(benchmark["sector"])
    held_zh, held = f"{benchmark['scenario']}，{sector_zh}", f"{benchmark['scenario']}, {sector_en}"
    if fair_share != "index":
        zh_how = "行业强度 × 产量" if fair_share == "sector_intensity" else "自有强度收敛至行业强度 × 产量"
        en_how = "sector intensity × output"
        if fair_share == "convergence":
            en_how = "own intensity converging with the sector's × output"
        return (
            f"{held_zh}：{zh_how}，{base}–{end} 年合计 {total} tCO2e",
            f"{held}: {en_how}, {total} tCO2e from {base} to {end}",
        )
    tonnes = _written(series["history_t"][base - series["years"][0]])
    first, last, flat = _written(found["benchmark_first"]), _written(found["benchmark_last"]), found["output_flat"]
    return (
        f"{base} 年 {tonnes} tCO2e × {held_zh}的下降（{base} 年 {first} 至 {end} 年 {last}）"
        f"{'，产量按不变计' if flat else ''}，{base}–{end} 年合计 {total} tCO2e",
        f"{tonnes} tCO2e of {base} × the decline of {held} ({first} in {base} to {last} in {end})"
        f"{', output taken as constant' if flat else ''}: {total} tCO2e from {base} to {end}",
    )


def _written(value: float | None) -> str:
    return "—" if value is None else number(value)


def temperature(record: PathwayRecord) -> Text:
    found, benchmark = record["temperature"], record["benchmark"]
    result, reason = found["result_type"], found["because"]["code"]
    score = f"{found['temperature_c'] or 0.0:.2f} °C"
    if result == "DEFAULT":
        why_zh = "缺碳预算" if reason.startswith("budget") else "没有趋势路径，也没有目标路径"
        why_en = "there is no budget" if reason.startswith("budget") else "neither trajectory nor target path is there"
        return f"{why_zh}，无法换算为温度", f"{why_en}: nothing can be put in degrees"
    tcre = f"{found['tcre_c']:g} ÷ {found['tcre_gtco2']:g}"
    parts = []
    for (name_zh, name_en), ratio, degrees in (
        (PATHS["trajectory"], found["trajectory_ratio"], found["trajectory_c"]),
        (PATHS["target"], found["target_ratio"], found["target_c"]),
    ):
        if ratio is not None:
            sum_text = (
                f"{benchmark['temperature_c']:g} + {benchmark['global_budget_gtco2']:g} × ({ratio:.4g} − 1) × {tcre}"
            )
            parts.append((f"{name_zh} {sum_text} = {degrees:.2f} °C", f"{name_en} {sum_text} = {degrees:.2f} °C"))
    zh, en = "；".join(zh for zh, _ in parts), "; ".join(en for _, en in parts)
    if result == "COMPLETE":
        p = f"{found['target_probability']:.0%}"
        return f"{zh}；目标实现的概率 {p}：{score}", f"{en}; the target is met with probability {p}: {score}"
    if reason == "trajectory_ran_away":
        return (
            f"{zh}；趋势路径超出碳预算十倍以上，只计目标：{score}",
            f"{en}; a trajectory of more than ten budgets does not count, only the target: {score}",
        )
    return zh, en


def peak(record: ChinaRecord) -> Text:
    zh, en = _ANSWER[record["peak"]["code"]]
    goal, found = record["peak_before"], _paths(record)
    if not found:
        return zh, en
    zh_years = "，".join([f"{name} {path['peak_year']} 年达峰" for (name, _), path in found])
    en_years = ", ".join([f"{name} {path['peak_year']}" for (_, name), path in found])
    return f"{goal} 年前达峰：{zh}（{zh_years}）", f"peak before {goal}: {en} ({en_years})"


def net_zero(record: ChinaRecord) -> Text:
    zh, en = _ANSWER[record["net_zero"]["code"]]
    goal, left = record["net_zero_by"], [(name, path["left_at_net_zero_year"]) for name, path in _paths(record)]
    if not left:
        return zh, en
    zh_left = "，".join([f"{name} {goal} 年为峰值的 {share:.1%}" for (name, _), share in left])
    en_left = ", ".join([f"{name}: {share:.1%} of the peak left in {goal}" for (_, name), share in left])
    return f"{goal} 年净零：{zh}（{zh_left}）", f"net zero by {goal}: {en} ({en_left})"


def _paths(record: ChinaRecord) -> list[tuple[Text, PathTestRecord]]:
    both = ((PATHS["trajectory"], record["trajectory"]), (PATHS["target"], record["target"]))
    return [(name, path) for name, path in both if path is not None]


def pledge(record: ChinaRecord) -> Text:
    gap = record["pledge_gap_points"][0]
    if record["pledge"]["code"] or gap is None:
        return _MILESTONE[record["pledge"]["code"]]
    least, most = record["pledge_goal_percent"]
    change, year = gap + least, record["pledge_year"]
    return (
        f"较好的一条路径上，{year} 年较峰值 {change:+.1f}%，国家目标 {least:g}% 至 {most:g}%（全国净排放，仅作对照）",
        f"{change:+.1f}% from the peak in {year} on the better path; the nation pledges {least:g}% to {most:g}% "
        "(of its net emissions: to compare with, not an obligation of the company)",
    )


def intensity(record: ChinaRecord) -> Text:
    base, so_far = record["intensity_base_year"], record["intensity_so_far_percent"]
    if reason := record["intensity"]["code"]:
        zh, en = _MILESTONE[reason]
        if so_far is None:
            return zh, en
        return f"{zh}；迄今较 {base} 年 {so_far:+.1f}%", f"{en}; so far {so_far:+.1f}% against {base}"
    year, goal = record["intensity_year"], record["intensity_goal_percent"]
    change, gap = record["intensity_percent"], record["intensity_gap_points"]
    return (
        f"按趋势，{year} 年强度较 {base} 年 {change:+.1f}%，距目标 {goal:g}% 差 {gap:+.1f} 个百分点",
        f"by trend, intensity in {year} is {change:+.1f}% against {base}, {gap:+.1f} points from the goal of {goal:g}%",
    )


def efficiency(record: EfficiencyRecord) -> Text:
    reason, per_10k = record["because"]["code"], record["tco2_per_10k_cny"]
    if record["level"] == "not_available" or per_10k is None:
        return _EFFICIENCY[reason]
    level_zh, level_en = _LEVEL[record["level"]]
    value = number(per_10k)
    zh = f"{value} tCO2/万元增加值：{level_zh}"
    en = f"{value} tCO2 per 10,000 CNY of value added: {level_en}"
    if reason or record["ratio"] is None:
        return f"{zh}；{_EFFICIENCY[reason][0]}", f"{en}; {_EFFICIENCY[reason][1]}"
    ratio, grade = number(record["ratio"]), record["grade"]
    return f"{zh}；为行业均值的 {ratio} 倍：{grade} 级", f"{en}; {ratio} of the industry mean: grade {grade}"


def convergence(found: ConvergenceReason) -> Text:
    output = found["output"]
    if output is None:
        return (
            "无法计算：全经济路径没有强度可供收敛",
            "not available: the economy-wide pathway has no intensity to converge with",
        )
    if output.endswith("USD"):  # revenue on record is in the prices of its year
        return (
            f"无法计算：缺以基准价格年计的产值（{output}）",
            f"not available: needs output in {output} of the benchmark's price year",
        )
    return f"无法计算：缺产量（{output}）", f"not available: needs output (in {output})"


def contraction(row: ContractionRecord) -> Text:
    rate, year, base_year = percent(row["rate_per_year"]), row["year"], row["base_year"]
    tonnes, allowed = number(row["base_t"]), number(row["allowed_t"])
    return (
        f"{base_year} 年 {tonnes} tCO2e × max(0, 1 − {rate} × {year - base_year}) = {allowed} tCO2e",
        f"{tonnes} tCO2e of {base_year} × max(0, 1 − {rate} × {year - base_year} years) = {allowed} tCO2e",
    )


def answer(story: PathwayStory) -> dict[str, Any]:
    """The story with its sentences, as the API gives it."""
    pathway, china, efficient = story["pathway"], story["china"], story["efficiency"]
    degrees, benchmark = pathway["temperature"], pathway["benchmark"]
    return {
        **story,
        "pathway": {
            **pathway,
            "benchmark": {**benchmark, "marks": [told(one, mark(one)) for one in benchmark["marks"]]},
            "trajectory": told(pathway["trajectory"], trajectory(pathway)),
            "target": told(pathway["target"], target(pathway)),
            "budget": told(pathway["budget"], budget(pathway)),
            "targets": [{**row, "because": told(row["because"], target_row(row))} for row in pathway["targets"]],
            "temperature": {**degrees, "because": told(degrees["because"], temperature(pathway))},
        },
        "contraction": [{**row, "because": told(row["because"], contraction(row))} for row in story["contraction"]],
        "convergence": told(story["convergence"], convergence(story["convergence"])),
        "china": {
            **china,
            "peak": told(china["peak"], peak(china)),
            "net_zero": told(china["net_zero"], net_zero(china)),
            "pledge": told(china["pledge"], pledge(china)),
            "intensity": told(china["intensity"], intensity(china)),
        },
        "efficiency": {**efficient, "because": told(efficient["because"], efficiency(efficient))},
    }
