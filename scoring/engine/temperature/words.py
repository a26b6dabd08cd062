"""The sentences of the temperature score, in Chinese and English: how a figure came about, and what became of a target.

They carry the numbers, so that a company can redo the sum. Nothing is computed here that a figure depends on.
"""

from __future__ import annotations

from typing import Any

from scoring.engine.inputs import LATER_ASKED, TargetRecord
from scoring.engine.temperature.record import CellRecord, MarkRecord, OutcomeRecord, TemperatureScoreRecord
from scoring.engine.temperature.scores import degrees
from scoring.engine.words import Text, number, percent, told

OUTCOME: dict[str, Text] = {
    "no_target": ("来源写明没有目标", "the source states that there is no target"),
    "words_only": ("只有文字，没有可计算的减排目标", "words only: no reduction of emissions that can be computed"),
    "not_own_tonnes": (
        "来源归为其他，或属投融资排放、避免排放：不作自身排放的目标计",
        "of another kind by its source, or on financed or avoided emissions: not counted as a target on its own tonnes",
    ),
    "reduction_doubtful": (
        "减排比例疑将小数写作百分数，待人确认",
        "its percentage looks like a share (0.42 for 42 %): not used until a person says which it is",
    ),
    "text_contradicts": ("原文与字段不符", "its text contradicts the fields beside it"),
    "text_of_other_scopes": (
        "原文的比例不属于所列范围，待人确认",
        "its text gives the percentage for none of the scopes that it lists: not used until a person says which",
    ),
    "no_reduction": ("未给减排比例", "no percentage is given"),
    "coverage_not_archived": (
        "本评分的存档早于温度评分，未含覆盖范围",
        "this score's archive is older than temperature scores and holds no coverage: score again",
    ),
    "coverage_partial": ("只覆盖部分，覆盖多少未知", "covers a part only, and nobody says how much"),
    "coverage_not_stated": ("未说明覆盖哪些范围", "which scopes it covers is not stated"),
    "covers_nothing": ("不覆盖任何范围", "covers none of the scopes"),
    "chosen": ("计入评分", "stands in the score"),
    "no_year": ("缺基准年或目标年", "no base year or no target year"),
    "unknown_type": ("类型未知", "unknown type"),
    "no_metric": ("强度目标未给指标，无法评分", "an intensity target without its metric cannot be scored"),
    "metric_other": ("强度指标为其他", "its metric is “other”"),
    "unknown_metric": ("强度指标不在方法所列之内", "its metric is none that the method knows"),
    "temperature_target": ("目标以温度表示，本方法不读", "a target in degrees, which is not read"),
    "no_coverage": ("未给覆盖比例", "which share it covers is not given"),
    "lacks_base_year": ("缺基准年排放", "emissions of its base year are not given"),
    "no_category": ("未给范围三类别", "its category of scope 3 is not given"),
    "share_out_of_range": ("减排比例大于 100%", "a reduction of more than everything"),
    "already_achieved": ("已达成", "achieved already"),
    "ends_before_start": ("目标年不晚于基准年", "its target year is not after its base year"),
    "in_the_past": ("目标年已过", "its target year is past"),
    "cannot_be_combined": (
        "只覆盖范围一或范围二，基准年前后三年内没有排放可供拆分",
        "covers scope 1 or 2 alone, and no emissions within three years of its base year to weigh it by",
    ),
    "no_base_year_emissions": ("基准年排放为零", "emissions of the base year are zero"),
    "too_far_ahead": ("目标年超过 30 年，不属于任何期限", "more than 30 years ahead: in no time frame"),
    "older_statement": ("声明年份早于同类目标", "stated in an earlier year than another one of its kind"),
    "earlier_statement": ("声明日期早于所选目标", "stated before the chosen target"),
    "one_scope_alone": (
        "只覆盖范围一或范围二，另有同时覆盖两者的目标",
        "covers scope 1 or 2 alone, and another target covers both",
    ),
    "equal_coverage": (
        "与所选目标覆盖相同，按类型与范围次序落选",
        "covers as much as the chosen target, which goes before it by its type and scopes",
    ),
    "category_beside_headline": ("范围三另有总目标", "a headline target covers scope 3"),
    "earlier_row": (
        "与所选目标覆盖相同，参考工具取先列出者",
        "covers as much: the tool takes the row that comes first",
    ),
    "shorter": ("期间短于所选目标", "spans fewer years than the chosen target"),
    "lower_coverage": ("覆盖低于所选目标", "covers less than the chosen target"),
    "earlier_end_year": ("目标年早于所选目标", "ends before the chosen target"),
    "earlier_base_year": ("基准年早于所选目标", "has an earlier base year than the chosen target"),
    "later_type": ("绝对目标优先于强度目标", "an absolute target goes before an intensity target"),
    "incomplete": ("数据不全，所选目标完整", "incomplete, and the chosen target is complete"),
    "less_ambitious": ("减排低于所选目标", "less ambitious than the chosen target"),
    "tied": ("与所选目标相同", "the same as the chosen target in everything"),
}
TIME_FRAME: dict[str, Text] = {
    "short": ("短期", "short term"),
    "mid": ("中期", "mid term"),
    "long": ("长期", "long term"),
}
COVER_WORD: dict[str, Text] = {
    "partial": ("部分覆盖", "covered in part"),
    "unspecified": ("未说明", "not stated"),
}
LATER = (
    "；原文另承诺 {given} 年减 {said}，请确认是否已录入",
    "; its text also promises {said} by {given}: is that on record?",
)
SAID_ALONE = ("原文写 {said}，字段为空", "the text says {said}, the field nothing")
ASKED: dict[str, Text] = {
    "reduction": ("原文写 {said}，字段为 {given}", "the text says {said}, the field {given}"),
    "base_year": ("原文以 {said} 年为基准，字段为 {given} 年", "the text counts from {said}, the field from {given}"),
    "target_year": ("原文的目标年为 {said}，字段为 {given}", "the text has it by {said}, the field by {given}"),
    "coverage": ("原文只说其中一部分（{said}）", "the text says it of a part alone ({said})"),
}
MARK: dict[str, Text] = {
    "type_assumed": ("类型未说明，按绝对目标计", "type assumed: absolute, since it does not say intensity"),
    "coverage_as_stated": ("覆盖按来源所述计 100%，非实测", "coverage as stated (100%), not measured"),
    "base_year_tonnes": ("拆分用 {year} 年排放", "split by the tonnes of {year}"),
    "base_year_tonnes_of_another_year": (
        "基准年 {base_year} 无数据，拆分用 {year} 年排放",
        "base-year tonnes from {year}, for splitting only: none are on record for {base_year}",
    ),
}
SCOPE: dict[str, Text] = {
    "S1": ("范围一", "scope 1"),
    "S2": ("范围二", "scope 2"),
    "S1+S2": ("范围一+二", "scope 1+2"),
    "S3": ("范围三", "scope 3"),
    "S1+S2+S3": ("范围一+二+三", "scope 1+2+3"),
}


def isic(record: TemperatureScoreRecord) -> Text:
    divisions = ", ".join(record["isic"])
    if record["isic_because"]["code"] == "isic_spans":
        return (
            f"行业词可指 {divisions}，变量不一：绝对目标用全部温室气体变量",
            f"the sector's word can mean {divisions}, of several variables: absolute targets use that of all gases",
        )
    if not record["isic"]:
        return (
            "无 ISIC 分类：绝对目标用全部温室气体变量",
            "no ISIC division: absolute targets use the variable of all gases",
        )
    return f"ISIC {record['isic'][0]}", f"ISIC {record['isic'][0]}"


def target(stated: TargetRecord) -> Text:
    """What was stated, short."""
    share, base, year = stated["reduction_share"], stated["base_year"], stated["target_year"]
    in_question = "doubts" in stated or any(one["code"] in ASKED for one in stated.get("asked", []))
    no_share = ("比例待确认", "percentage in question") if in_question else ("未给比例", "no percentage")
    zh = [f"{year} 年" if year else "未给目标年", f"减 {percent(share)}" if share is not None else no_share[0]]
    en = [f"by {year}" if year else "no year", f"{percent(share)} less" if share is not None else no_share[1]]
    zh.append(f"基准年 {base}" if base else "未给基准年")
    en.append(f"against {base}" if base else "no base year")
    return "，".join(zh), ", ".join(en)


def mark(found: MarkRecord, stated: TargetRecord) -> Text:
    """What was taken for granted."""
    if found["scope"] and found["covered"]:
        scope_zh, scope_en = SCOPE[found["scope"]]
        if found["covered"] == "asked":
            return (
                f"{scope_zh}不计入：原文的比例不属于它，或只属于其一部分，待人确认",
                f"{scope_en} is not used: the text does not give it this percentage, or only a part of it,"
                " so a person is asked",
            )
        word_zh, word_en = COVER_WORD[found["covered"]]
        return f"{scope_zh}{word_zh}，不计入", f"{scope_en} is {word_en}, so not used"
    zh, en = MARK[found["code"]]
    names = {"year": found["year"], "base_year": stated["base_year"]}
    return zh.format(**names), en.format(**names)


def outcome(found: OutcomeRecord, stated: TargetRecord) -> Text:
    code = found["because"]["code"]
    if code == "text_contradicts":
        return _contradiction(stated)
    zh, en = OUTCOME[code]
    later = next((one for one in stated.get("asked", []) if one["code"] == LATER_ASKED), None)
    if later is None or code == "chosen":
        return zh, en
    return zh + LATER[0].format(**later), en + LATER[1].format(**later)


def _contradiction(stated: TargetRecord) -> Text:
    asked = [
        (SAID_ALONE if one["code"] == "reduction" and one["given"] is None else ASKED[one["code"]], one)
        for one in stated.get("asked", [])
        if one["code"] in ASKED
    ]
    zh = "，".join(words[0].format(**one) for words, one in asked)
    en = ", ".join(words[1].format(**one) for words, one in asked)
    return f"{zh}：不计入，待人确认", f"{en}: not used until a person says which is right"


def cell(record: TemperatureScoreRecord, found: CellRecord) -> Text:
    """The sum of one cell, or why it is the fallback."""
    fallback_c = record["method"]["fallback_score_c"]
    fallback = f"{fallback_c:g} °C"
    match found["because"]["code"]:
        case "mixed" | "nothing_to_weigh_by":
            return _mixed(record, found)
        case "weighed":
            return _weighed(record, found)
        case "warmer":
            return _warmer(record, found)
        case "no_target":
            return f"没有可用目标，取默认评分 {fallback}", f"no usable target: {fallback} by assumption"
        case "not_split":
            return (
                "未拆分：没有分范围的排放，见范围一+二",
                "not split: no tonnes by scope; the target stands under scope 1+2",
            )
        case "headline_as_category_15":
            return (
                "参考工具把范围三总目标只计入类别十五，其余十四类各取 3.4 °C",
                "the tool counts a headline target on scope 3 for category 15 alone, and 3.4 °C for the other fourteen",
            )
    rate, param, intercept = found["annual_reduction_rate"], found["param"], found["intercept"]
    ambition, coverage, method = found["reduction_ambition"], found["coverage"], record["method"]
    base, end = found["base_year"], found["end_year"]
    assert rate is not None and param is not None and intercept is not None  # noqa: S101  the code is "target"
    assert ambition is not None and base is not None and end is not None  # noqa: S101
    compounds = method["edition"] != "1.0"
    zh, en = regression(-rate if compounds else rate, param, intercept, ambition, (base, end), method["floor_c"])
    if compounds:
        zh, en = zh.replace("年均", "年均（复合）"), en.replace(" a year;", " a year, compounded;")
    if coverage and coverage < method["s3_boundary" if found["scope"] == "S3" else "s1s2_boundary"]:
        shrunk = f"{percent(ambition / coverage)} × {percent(coverage)} = {percent(ambition)}"
        zh = f"覆盖不足，减排按覆盖折减：{shrunk}；{zh}"
        en = f"it covers too little, so the reduction shrinks to {shrunk}; {en}"
    if found["because"]["code"] == "worse_than_none":
        zh = f"{zh}；高于无目标企业的 {fallback}，故取 {fallback}，计为默认评分"
        en = f"{en}; that is above the {fallback} of a company without a target, so {fallback} stands, as a default"
    return zh, en


def regression(
    rate: float, param: float, intercept: float, ambition: float, years: tuple[int, int], floor_c: float
) -> Text:
    """The sum of a score that stands on a target; `rate` is above zero for a reduction."""
    base, end = years
    value = max(param * rate * 100 + intercept, floor_c)
    yearly = f"{rate * 100:.4g}"
    total = f"max({param:.6f} × {yearly} + {intercept:.6f}, {floor_c:g}) = {value:.4f} °C"
    return (
        f"{base} 至 {end} 年减 {percent(ambition)}，年均 {yearly}%；{total}",
        f"{percent(ambition)} from {base} to {end} is {yearly}% a year; {total}",
    )


def _mixed(record: TemperatureScoreRecord, found: CellRecord) -> Text:
    """How scope 1+2 and scope 3 make the score of all three, by 1.0."""
    s1s2_t, s3_t, year = record["s1s2_t"], record["s3_t"], record["tonnes_year"]
    if s1s2_t is None or s3_t is None:
        own = f"{found['own_c']:.4g} °C"
        return (
            f"没有同年的范围一+二与范围三排放，无法加权，取默认评分 {own}",
            f"no year has both scope 1+2 and scope 3 emissions to weigh by: {own} by assumption",
        )
    share, limit = s3_t / (s1s2_t + s3_t), record["method"]["s3_share"]
    if share < limit:
        return (
            f"{year} 年范围三占 {share:.1%}，低于 {limit:.0%}：取范围一+二的评分",
            f"scope 3 is {share:.1%} of the emissions of {year}, below {limit:.0%}: the score of scope 1+2",
        )
    return _sum_of(record, found, ("S1+S2", "S3"))


def _weighed(record: TemperatureScoreRecord, found: CellRecord) -> Text:
    """How the parts make the score of several scopes, by 1.5."""
    return _sum_of(record, found, ("S1", "S2") if found["scope"] == "S1+S2" else ("S1", "S2", "S3"))


def _sum_of(record: TemperatureScoreRecord, found: CellRecord, parts: tuple[str, ...]) -> Text:
    own_c = {one["scope"]: one["own_c"] for one in record["cells"] if one["time_frame"] == found["time_frame"]}
    tonnes = {"S1": record["s1_t"], "S2": record["s2_t"], "S1+S2": record["s1s2_t"], "S3": record["s3_t"]}
    weights = [number(tonnes[part] or 0.0) for part in parts]
    products = " + ".join(f"{own_c[part]:.4f} × {weight}" for part, weight in zip(parts, weights, strict=True))
    total, year = f"({products}) ÷ ({' + '.join(weights)})", record["tonnes_year"]
    return f"按 {year} 年排放加权：{total}", f"weighted by the emissions of {year}: {total}"


def _warmer(record: TemperatureScoreRecord, found: CellRecord) -> Text:
    """No emissions to weigh by: 1.5 takes the part that is warmer."""
    one, two = ("S1", "S2") if found["scope"] == "S1+S2" else ("S1+S2", "S3")
    shown = {
        cell["scope"]: cell["temperature_c"] for cell in record["cells"] if cell["time_frame"] == found["time_frame"]
    }
    (one_zh, one_en), (two_zh, two_en) = SCOPE[one], SCOPE[two]
    pair = f"{degrees(shown[one])}, {degrees(shown[two])}"
    return (
        f"缺排放，无法按{one_zh}与{two_zh}加权：取较高者（{pair}）",
        f"no emissions to weigh {one_en} and {two_en} by: the warmer of the two stands ({pair})",
    )


def answer(record: TemperatureScoreRecord) -> dict[str, Any]:
    """The record with its sentences, as the API gives it."""
    return {
        **record,
        "isic_because": told(record["isic_because"], isic(record)),
        "targets": [
            {
                **use,
                "said": told({"code": use["stated"]["kind"]}, target(use["stated"])),
                "marks": [told({"code": one["code"]}, mark(one, use["stated"])) for one in use["marks"]],
                "outcomes": [
                    {**one, "because": told(one["because"], outcome(one, use["stated"]))} for one in use["outcomes"]
                ],
            }
            for use in record["targets"]
        ],
        "cells": [{**one, "because": told(one["because"], cell(record, one))} for one in record["cells"]],
    }
