"""Every sentence of a candidate's record, in both languages, of records that the engine wrote."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from scoring.candidates import amounts, break_even, names, words
from scoring.engine.score.bars import contribution, footprint, resilience
from tests.engine.score.candidates import (
    SHEET,
    candidacy,
    candidate,
    gate_facts,
    sold,
    subsidy,
    tailwind,
    told,
    word,
    year,
)

WIND = SHEET.family["wind"]


def of(**facts: Any) -> Any:
    """The record of a candidate with one year of these facts."""
    return candidate(tailwind(candidacy=candidacy(years=[year(**facts)])))


def subsidies(grants: float | None, premium: float | None = 0.0) -> dict[str, Any]:
    return {"grants": subsidy(grants), "price_premium": subsidy(premium), "theme_credits": subsidy(0.0)}


def both(read: Any) -> tuple[str, str]:
    found = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            found.append(str(read()))
    return found[0], found[1]


def test_p_of_the_cleared_bars_stands_with_their_count() -> None:
    record = of()
    assert both(lambda: words.p_words(record["reported"])) == ("87% · 达标 3/3 项", "87% · 3 of 3 cleared")


def test_what_is_nearly_certain_is_not_printed_as_certain() -> None:
    assert [amounts.probability(p) for p in (0.0, 0.001, 0.5, 0.9951, 1.0)] == ["0%", "<1%", "50%", ">99%", ">99%"]


@pytest.mark.parametrize(
    ("bar", "zh", "en"),
    [
        ("c", "12,400 t/MW ≥ 8,760", "12,400 t/MW ≥ 8,760"),
        ("r", "4.8% = 9.0 − 4.0 − 0.2", "4.8% = 9.0 − 4.0 − 0.2"),
        ("o", "0.200 t/万元 ≤ 0.225", "0.200 t/10k CNY ≤ 0.225"),
    ],
)
def test_a_figure_stands_beside_its_bar(bar: str, zh: str, en: str) -> None:
    record = of()
    assert both(lambda: words.value_words(bar, record[bar])) == (zh, en)


def test_a_miss_is_written_as_what_it_is() -> None:
    record = of(ebit=told(1e6, "audited"), scope1=told(60_000.0), sold=[sold(service=told(1200.0))])
    said = [both(lambda bar=bar: words.value_words(bar, record[bar]))[1] for bar in "cro"]
    assert said == ["6,630 t/MW < 8,760", "−4.6% = 0.1 − 4.0 − 0.7", "0.720 t/10k CNY > 0.225"]
    assert both(lambda: words.distance_sentence("r", record["r"])) == (
        "未达标，低 4.6 个百分点",
        "misses by 4.6 points",
    )


def test_a_footprint_is_below_its_bar_by_a_share_of_the_bar() -> None:
    record = of()  # 0.200 of 0.225
    assert both(lambda: words.distance_sentence("o", record["o"])) == (
        "达标，低于达标线 11.1%",
        "11.1% below its bar: clears",
    )
    assert both(lambda: words.distance_sentence("c", record["c"]))[1] == "41.7% above its bar: clears"


@pytest.mark.parametrize("ebit", [90e6, 89.96e6, 12.345e6, -31.7e6])
def test_the_printed_parts_of_the_margin_add_up(ebit: float) -> None:
    record = of(ebit=told(ebit, "audited"), subsidies=subsidies(33.33e6))
    profit, given, carbon = words.margin_shares(record["r"]) or (0.0, 0.0, 0.0)
    with translation.override("en"):
        margin = words.value_words("r", record["r"]).figure
    assert f"{round(profit - given - carbon, 1):.1f}%".replace("-", "−") == margin


def test_one_untold_subsidy_has_its_break_even() -> None:
    record = of(subsidies=subsidies(None))
    assert both(lambda: words.break_even_sentence("r", record["r"], WIND)) == (
        "计入损益的政府补助不超过 8,800万元（营收的 8.8%）即达标",
        "clears unless government grants exceed 88 M CNY (8.8% of revenue)",
    )
    assert both(lambda: words.question_sentence(record, WIND))[1].startswith("Resilience: clears unless")


def test_several_untold_subsidies_are_named_together_in_both_languages() -> None:
    record = of(subsidies=subsidies(None, None))
    assert both(lambda: words.break_even_sentence("r", record["r"], WIND)) == (
        "各项政府补助合计不超过 8,800万元（营收的 8.8%）即达标",
        "clears unless subsidies exceed 88 M CNY (8.8% of revenue)",
    )


def test_untold_subsidies_and_tonnes_have_a_line() -> None:
    record = of(subsidies=subsidies(None, None), scope2_location=None)
    assert both(lambda: words.break_even_sentence("r", record["r"], WIND)) == (
        "其余各项政府补助合计 + 100 元 × 吨数低于 8,920万元即达标",
        "clears while further subsidies + 100 CNY × t stay below 89.2 M CNY",
    )


def test_a_told_figure_withstands_a_share() -> None:
    record = of()
    assert both(lambda: words.break_even_sentence("o", record["o"], WIND)) == (
        "排放再高 12.5% 仍达标",
        "withstands 12.5% more tonnes",
    )


def test_a_thin_unverified_figure_is_to_be_verified_with_both_outcomes() -> None:
    record = of(scope1=told(8000.0))
    assert both(lambda: words.break_even_sentence("o", record["o"], WIND)) == (
        "决策前先核查范围一+二，属实则 81% → 99%，有 19% 可能未达标",
        "verify scopes 1 + 2 before deciding: 81% → 99% if confirmed; 19% chance that it ends below the bar",
    )


def test_service_has_the_unit_of_its_family() -> None:
    record = of(sold=[sold(service=None)])
    assert both(lambda: words.break_even_sentence("c", record["c"], WIND))[1] == "clears from 1,570 MWh/MW-yr on"
    assert both(lambda: words.because_sentence("c", record["c"])) == (
        "未填报：单位产品服务量（中国）。",
        "Not told: service per unit (China).",
    )


def test_a_question_without_a_single_answer_lists_what_is_missing() -> None:
    record = of(scope1=None, scope2_location=None, revenue=None, ebit=None, sold=[])
    assert both(lambda: words.question_sentence(record, WIND)) == (
        "缺 3 项：销量、单位产品服务量、单位产品全寿命期排放",
        "3 figures are missing: units sold, service per unit, life-cycle emissions per unit",
    )
    assert both(lambda: words.question_label(record)) == ("先请企业补充", "Ask first")


def test_a_failed_gate_is_what_stands_first() -> None:
    record = candidate(tailwind(candidacy=candidacy(gates=gate_facts(exclusion=word("yes", code="tobacco")))))
    assert both(lambda: words.question_sentence(record, WIND)) == (
        "存在排除情形：tobacco、minutes。",
        "An exclusion holds: tobacco, minutes.",
    )
    assert both(lambda: words.question_label(record)) == ("未符合准入条件", "Not admitted")


def test_a_verdict_of_before_says_so() -> None:
    facts = gate_facts(theme_share=None, recorded={"G4": "pass"})
    record = candidate(tailwind(candidacy=candidacy(gates=facts)))
    assert both(lambda: words.gate_sentence(record["gates"][3]))[1].endswith("Decided before: the verdict stands.")


@pytest.mark.parametrize(
    ("amount", "zh", "en"),
    [(88e6, "8,800万元", "88 M CNY"), (4.6e9, "46亿元", "4.6 bn CNY"), (5200.0, "5,200 元", "5,200 CNY")],
)
def test_money_takes_the_unit_that_fits(amount: float, zh: str, en: str) -> None:
    assert both(lambda: amounts.money(amount)) == (zh, en)


@pytest.mark.parametrize(
    ("amount", "zh", "en"),
    [(210_000.0, "21万吨", "210,000 t"), (6_204_825.0, "620万吨", "6.2 Mt"), (950.0, "950 吨", "950 t")],
)
def test_tonnes_take_the_unit_that_fits(amount: float, zh: str, en: str) -> None:
    assert both(lambda: amounts.tonnes(amount)) == (zh, en)


@pytest.mark.parametrize("bar", ["c", "r", "o"])
def test_every_reason_of_a_bar_has_its_sentence(bar: str) -> None:
    codes = {"c": contribution.BECAUSE, "r": resilience.BECAUSE, "o": footprint.BECAUSE}[bar]
    record = of()[bar]
    for code in (*codes, "awaiting", "too_old"):
        zh, en = both(lambda code=code: words.because_sentence(bar, record | {"because": code}))
        assert zh, code
        assert en, code
        assert zh != en


TABLES = (
    *(words.BAR_NAMES, words.GATE_NAMES, words.VERDICTS, words.STATES, words.GROUPS, words.EVIDENCE, words.WHO),
    *(words.STAGES, words.PLANS, words.KINDS, words.STATED, words.QUESTIONS, words._GATES, words._BECAUSE),
    *(break_even.AT_MOST, break_even.DOWN_TO, break_even.AT_LEAST, break_even.UP_TO, break_even.LINES),
    *(break_even.WITHSTANDS, break_even.SHORT_OF, names.NAMES),
)


def test_every_word_is_in_both_languages() -> None:
    same = {"EBITDA"}
    for table in TABLES:
        for text in table.values():
            zh, en = both(lambda text=text: text)
            assert zh != en or en in same
