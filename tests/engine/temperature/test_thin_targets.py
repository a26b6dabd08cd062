"""What trackers say → what the temperature score is given, and the record that tells it.

Figures are those of the method page (42 % from 2019 to 2035, seen in 2026: by 1.0 1.88 °C; by 1.5 1.66 on scope 1, 2.03
on scope 2) or worked out beside the assertion.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from scoring.engine import digest
from scoring.engine.errors import UnknownWord, WrongShape
from scoring.engine.inputs import Inputs
from scoring.engine.temperature import words
from scoring.engine.temperature.record import TemperatureScoreRecord, temperature_record
from scoring.engine.temperature.scores import OUTCOMES
from scoring.engine.temperature.thin_targets import UNUSABLE, nearest_tonnes, thin_company
from scoring.engine.temperature.words import answer
from scoring.tables.temperature import shipped_method
from tests.engine.make import company, target, year

AS_OF = date(2026, 6, 30)
YEARS = [year(2022, scope1_t=100.0, scope2_t=25.0)]


def stated(key: str = "end", **facts: Any) -> dict[str, Any]:
    """The worked example of the method page, as a tracker would have it."""
    plain = {"scope1": "yes", "scope2": "yes", "reduction_share": 0.42, "base_year": 2019, "target_year": 2035}
    return target(key, **(plain | facts))


def told(*targets: dict[str, Any], method: Any = "current", **facts: Any) -> TemperatureScoreRecord:
    record = company(targets=list(targets), **({"isic": ["A12"]} | facts))
    return temperature_record(record, shipped_method(method), AS_OF)  # type: ignore[arg-type]


def cell(record: TemperatureScoreRecord, time_frame: str = "mid", scope: str = "S1+S2") -> Any:
    return next(one for one in record["cells"] if (one["time_frame"], one["scope"]) == (time_frame, scope))


def sentence(record: TemperatureScoreRecord) -> str:
    return words.cell(record, cell(record))[1]


def outcome(record: TemperatureScoreRecord, at: int = 0) -> list[str]:
    return [one["because"]["code"] for one in record["targets"][at]["outcomes"]]


def marks(record: TemperatureScoreRecord, at: int = 0) -> list[str]:
    return [mark["code"] for mark in record["targets"][at]["marks"]]


def test_a_tracker_s_target_scores_as_the_worked_example_of_the_method_page() -> None:
    found = cell(told(stated(), method="parity"))
    assert (found["temperature_c"], found["default_share"], found["target_key"]) == (1.88, 0.0, "end")
    assert found["annual_reduction_rate"] == pytest.approx(0.02625)
    assert "42% from 2019 to 2035 is 2.625% a year" in sentence(told(stated(), method="parity"))
    assert sentence(told(stated(), method="parity")).endswith("= 1.8774 °C")


@pytest.mark.parametrize("method", ["current", "parity15"])
def test_by_1_5_each_scope_is_scored_and_both_are_weighed(method: str) -> None:
    record = told(stated(base_year=2022, reduction_share=0.42), method=method)
    found = cell(told(stated(), years=YEARS, method=method))
    assert (found["temperature_c"], found["default_share"], found["target_key"]) == (1.74, 0.0, None)
    part = cell(told(stated(), years=YEARS, method=method), scope="S1")
    assert (part["temperature_c"], part["target_key"], part["slope"]) == (1.66, "end", "slopeCA10")
    said = words.cell(told(stated(), years=YEARS, method=method), part)[1]
    assert "42% from 2019 to 2035 is 3.347% a year, compounded" in said and said.endswith("= 1.6646 °C")
    both = sentence(told(stated(), years=YEARS, method=method))
    assert both.endswith("(1.6646 × 100 + 2.0258 × 25) ÷ (100 + 25)") and "2022" in both
    assert record["method"]["edition"] == "1.5"


def asked(*codes: str) -> list[dict[str, Any]]:
    return [{"code": code, "said": "2021", "given": "2014"} for code in codes]


@pytest.mark.parametrize("code", ["reduction", "base_year", "target_year"])
def test_a_target_whose_text_contradicts_its_figures_is_a_question_and_not_scored(code: str) -> None:
    record = told(stated(asked=asked(code, "scope3"), scope3="yes"))
    assert outcome(record) == ["text_contradicts"] and not record["has_target"]
    zh, en = words.outcome(record["targets"][0]["outcomes"][0], record["targets"][0]["stated"])
    assert "2021" in zh and "2014" in zh and "待人确认" in zh and en.endswith("until a person says which is right")
    assert words.target(stated(reduction_share=None, asked=asked(code)))[1].startswith(
        "by 2035, percentage in question"
    )


def test_a_percentage_that_only_the_text_has_is_told_and_not_called_missing() -> None:
    alone = [{"code": "reduction", "said": "50%", "given": None}]
    record = told(stated(reduction_share=None, asked=alone))
    assert outcome(record) == ["text_contradicts"]
    zh, en = words.outcome(record["targets"][0]["outcomes"][0], record["targets"][0]["stated"])
    assert "原文写 50%，字段为空" in zh and en.startswith("the text says 50%, the field nothing: not used")


def test_an_expired_target_names_the_better_one_of_its_text() -> None:
    later = [{"code": "later", "said": "65%", "given": "2030"}]
    record = told(stated(target_year=2025, asked=later))
    assert outcome(record) == ["in_the_past"]
    zh, en = words.outcome(record["targets"][0]["outcomes"][0], record["targets"][0]["stated"])
    assert en == "its target year is past; its text also promises 65% by 2030: is that on record?"
    assert zh == "目标年已过；原文另承诺 2030 年减 65%，请确认是否已录入"
    assert told(stated(asked=later))["has_target"]  # nothing of the row itself is in doubt


def test_a_scope_to_which_the_text_does_not_give_the_percentage_is_not_scored_by_it() -> None:
    record = told(stated(scope3="yes", asked=asked("scope3")), years=YEARS)
    assert cell(record)["temperature_c"] == 1.74 and cell(record, scope="S3")["is_default"]
    assert "s3_left_out" in marks(record)
    mark = next(one for one in record["targets"][0]["marks"] if one["code"] == "s3_left_out")
    assert "a person is asked" in words.mark(mark, stated())[1] and "待人确认" in words.mark(mark, stated())[0]
    record = told(stated(asked=asked("scope2")), years=YEARS)
    assert not cell(record, scope="S1")["is_default"] and cell(record, scope="S2")["is_default"]
    assert outcome(told(stated(asked=asked("scope1", "scope2")))) == ["text_of_other_scopes"]


def test_a_question_that_nobody_knows_is_refused() -> None:
    with pytest.raises(UnknownWord):
        Inputs.from_records([company(targets=[stated(asked=asked("colour"))])])  # type: ignore[list-item]
    with pytest.raises(WrongShape):
        Inputs.from_records([company(targets=[stated(asked=[{"code": "scope3"}])])])  # type: ignore[list-item]


def test_a_target_on_both_scopes_that_no_tonnes_divide_is_not_split_into_defaults() -> None:
    record = told(stated(), years=[])
    part = cell(record, scope="S1")
    assert (part["temperature_c"], part["default_share"], part["is_default"]) == (None, None, False)
    assert words.cell(record, part)[1].startswith("not split: no tonnes by scope")
    assert cell(record)["temperature_c"] is not None and cell(record, "long", "S1")["is_default"]
    assert (
        cell(told(stated(), years=[], method="parity15"), scope="S1")["temperature_c"] == 3.4
    )  # as the tool prints it


def test_a_weak_target_is_no_worse_than_none_and_says_so() -> None:
    weak = stated(reduction_share=0.01, base_year=2020, target_year=2050)
    assert cell(told(weak), "long")["temperature_c"] < 3.4  # an absolute one is milder than none
    growing = told(stated(reduction_share=-2.0))
    part = cell(growing, scope="S1")
    assert (part["temperature_c"], part["is_default"], part["because"]["code"]) == (3.4, True, "worse_than_none")
    assert "above the 3.4 °C of a company without a target" in words.cell(growing, part)[1]


def test_a_headline_of_scope_3_is_told_as_the_tool_takes_it() -> None:
    goal = stated(scope1="no", scope2="no", scope3="yes", base_year=2022)
    years = [year(2022, scope1_t=100.0, scope2_t=25.0, scope3_t=375.0)]
    ours, tools = (told(goal, years=years, method=method) for method in ("current", "parity15"))
    assert cell(ours, scope="S3")["because"]["code"] == "target"
    assert cell(tools, scope="S3")["because"]["code"] == "headline_as_category_15"
    assert "category 15 alone" in words.cell(tools, cell(tools, scope="S3"))[1]


def test_coverage_is_as_stated_and_says_that_nobody_measured_it() -> None:
    record = told(stated())
    assert marks(record) == ["coverage_as_stated"]
    assert "not measured" in answer(record)["targets"][0]["marks"][0]["en"]


@pytest.mark.parametrize("kind", ["unspecified_reduction", "net_zero", "carbon_neutral"])
def test_what_does_not_say_intensity_is_absolute_and_marked(kind: str) -> None:
    record = told(stated(kind=kind))
    assert record["targets"][0]["used_as"] == "absolute"
    assert "type_assumed" in marks(record) and cell(record, scope="S1")["temperature_c"] == 1.66


def test_an_intensity_target_of_a_tracker_lacks_its_metric_and_says_so() -> None:
    record = told(stated(kind="intensity"))
    assert outcome(record) == ["no_metric"] and record["has_target"] is False


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"kind": "none"}, "no_target"),
        ({"kind": "words_only"}, "words_only"),
        ({"reduction_share": None}, "no_reduction"),
        ({"base_year": None}, "no_year"),
        ({"scope1": "partial", "scope2": "partial"}, "coverage_partial"),
        ({"scope1": "unspecified", "scope2": "unspecified"}, "coverage_not_stated"),
        ({"scope1": "no", "scope2": "no"}, "covers_nothing"),
        ({"target_year": 2025}, "in_the_past"),
        ({"base_year": 2036}, "ends_before_start"),
    ],
)
def test_a_target_that_cannot_be_used_says_why_and_the_score_is_the_fallback(facts: Any, code: str) -> None:
    record = told(stated(**facts))
    assert outcome(record) == [code]
    assert not record["has_target"]
    assert {(one["temperature_c"], one["default_share"]) for one in record["cells"]} == {(3.4, 1.0)}
    assert "by assumption" in sentence(record)


def test_one_scope_alone_is_weighed_by_the_nearest_reported_year_and_says_which() -> None:
    # Base year 2020 is not reported, 2022 is: 100 t and 25 t. Coverage 100/125 = 0.8, below 0.95: ambition 0.42 · 0.8.
    record = told(stated(base_year=2020, scope2="no"), method="parity")
    found = cell(record)
    assert found["reduction_ambition"] == pytest.approx(0.336)
    assert found["annual_reduction_rate"] == pytest.approx(0.336 / 15)
    assert "base_year_tonnes_of_another_year" in marks(record)
    assert any("from 2022, for splitting only" in mark["en"] for mark in answer(record)["targets"][0]["marks"])
    assert "42% × 80% = 33.6%" in sentence(record)


def test_a_base_year_four_years_from_any_report_splits_nothing() -> None:
    assert outcome(told(stated(base_year=2018, scope2="no"), method="parity")) == ["cannot_be_combined"]
    assert outcome(told(stated(base_year=2018, scope2="no"))) == ["chosen"]  # 1.5 has nothing to split


@pytest.mark.parametrize(
    ("before", "after", "base_year", "found"),
    [
        (100.0, 210.0, 2019, None),  # a purchase, somewhere between
        (210.0, 100.0, 2019, None),  # a sale
        (100.0, 190.0, 2019, 2018),
        (100.0, 210.0, 2018, 2018),  # reported itself
        (100.0, 210.0, 2017, 2018),  # before both: no step between
        (100.0, 210.0, 2022, 2021),
        (100.0, 210.0, 2025, None),
    ],
)
def test_no_base_year_is_carried_over_a_step_of_more_than_twofold(
    before: float, after: float, base_year: int, found: int | None
) -> None:
    years: Any = [year(2018, scope1_t=before, scope2_t=0.0), year(2021, scope1_t=after, scope2_t=0.0)]
    tonnes = nearest_tonnes(years, base_year)
    assert (tonnes.year if tonnes else None) == found
    record = told(stated(base_year=base_year, scope2="no"), years=years, method="parity")
    assert ("cannot_be_combined" in outcome(record)) == (found is None)


@pytest.mark.parametrize("method", ["current", "parity15", "parity"])
@pytest.mark.parametrize("first", ["a", "z"])
def test_an_expired_interim_row_hides_no_better_one(method: str, first: str) -> None:
    better = stated("m")
    expired = stated(first, horizon="interim", reduction_share=0.9, target_year=2025)
    alone, both = (
        told(better, method=method),
        told(*sorted((better, expired), key=lambda one: one["target_key"]), method=method),
    )
    assert [one["temperature_c"] for one in both["cells"]] == [one["temperature_c"] for one in alone["cells"]]
    at = [use["stated"]["target_key"] for use in both["targets"]].index(first)
    assert outcome(both, at) == ["in_the_past"]


def test_a_percentage_in_doubt_is_not_used_and_asked_about() -> None:
    record = told(stated(reduction_share=None, doubts=["reduction"]))
    assert outcome(record) == ["reduction_doubtful"] and not record["has_target"]
    assert "0.42 for 42 %" in answer(record)["targets"][0]["outcomes"][0]["because"]["en"]


def test_a_target_of_another_kind_is_on_nobodys_own_tonnes() -> None:
    assert outcome(told(stated(kind="other"))) == ["not_own_tonnes"]


def test_a_scope_3_said_to_be_covered_in_part_is_left_out_and_the_rest_counts() -> None:
    record = told(stated(scope3="partial"))
    assert "s3_left_out" in marks(record)
    assert cell(record, scope="S1")["temperature_c"] == 1.66 and cell(record, scope="S3")["is_default"]


def test_scope_3_weighs_only_within_one_year() -> None:
    # 2022: 100, 25 and 375 t: (1.66462 · 100 + 2.02579 · 25 + 3.4 · 375) / 500 = 2.98421.
    years = [year(2022, scope1_t=100.0, scope2_t=25.0, scope3_t=375.0), year(2023)]
    record = told(stated(), years=years)
    assert (record["s1s2_t"], record["s3_t"], record["tonnes_year"]) == (125.0, 375.0, 2022)
    found = cell(record, scope="S1+S2+S3")
    assert found["temperature_c"] == 2.98 and found["default_share"] == pytest.approx(0.75)
    apart = told(stated(), years=[year(2022, scope3_t=None), year(2023)])
    assert cell(apart, scope="S1+S2+S3")["because"]["code"] == "warmer"
    assert cell(told(stated(), years=[year(2022)], method="parity"), scope="S1+S2+S3")["because"]["code"] == (
        "nothing_to_weigh_by"
    )


def test_a_sector_s_word_that_spans_industry_and_others_takes_the_variable_of_all_gases() -> None:
    clear, spans = told(stated(), isic=["C24"]), told(stated(), isic=["C24", "C28"])
    assert cell(clear, scope="S1")["variable"] == "Emissions|CO2|Energy and Industrial Processes"
    assert cell(spans, scope="S1")["variable"] == "Emissions|Kyoto Gases"
    assert cell(told(stated(), isic=["C24", "D35"]), scope="S1")["variable"] == "Emissions|Kyoto Gases"
    assert (spans["isic_used"], spans["isic_because"]["code"]) == (None, "isic_spans")


def test_the_target_that_lost_says_in_what() -> None:
    goals = stated("late"), stated("early", target_year=2033, reduction_share=0.9)
    record = told(*goals, method="parity")
    assert (outcome(record, 0), outcome(record, 1)) == (["chosen"], ["earlier_end_year"])
    record = told(*goals)
    assert (outcome(record, 0), outcome(record, 1)) == (["less_ambitious"] * 2, ["chosen"] * 2)


def test_what_ifs_of_one_company_are_those_of_the_method() -> None:
    record = told(stated(), years=YEARS)
    at = record["cells"].index(cell(record, scope="S1"))
    scores = {one["codes"][0][:2]: one["scores"] for one in record["what_ifs"]}
    assert [scores[code][at] for code in ("1_", "2_", "3a", "3b")] == [1.66, 1.5, 1.66, 1.5]
    assert [scores[code][0] for code in ("1_", "2_", "3a", "3b")] == [1.75, 3.4, 1.75, 1.5]  # short: no target
    assert [one["cap_c"] for one in record["what_ifs"]] == [1.75, 1.5, 1.75, 1.5]
    parity = {one["codes"][0][:2]: one["scores"] for one in told(stated(), method="parity")["what_ifs"]}
    assert parity["2_"][0] == 1.75  # the tool caps every row


def test_an_archive_from_before_still_reads_and_says_what_it_lacks() -> None:
    old = company(targets=[target(target_year=2035)])
    assert Inputs.from_records([old]).company_key == ("alice",)
    record = temperature_record(old, shipped_method("current"), AS_OF)  # type: ignore[arg-type]
    assert outcome(record) == ["coverage_not_archived"] and record["isic_because"]["code"] == "no_isic"


def test_the_year_of_the_as_of_day_decides_and_the_clock_does_not() -> None:
    record = company(targets=[stated()], isic=["A12"])
    later = temperature_record(record, shipped_method("current"), date(2031, 1, 1))  # type: ignore[arg-type]
    assert cell(later, "short", "S1")["target_key"] == "end" and cell(later, "mid", "S1")["is_default"]


@pytest.mark.parametrize("code", [*OUTCOMES, *UNUSABLE])
def test_what_became_of_a_target_has_its_words_in_both_languages(code: str) -> None:
    zh, en = words.OUTCOME[code]
    assert zh and en and zh != en


def test_the_record_holds_no_sentence_and_a_word_that_is_mended_leaves_its_digest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, sentences = digest(told(stated(base_year=2020, scope2="no"))), answer(told(stated(kind="none")))
    for name in ("OUTCOME", "MARK", "SCOPE", "TIME_FRAME"):
        monkeypatch.setattr(words, name, {code: ("改", "mended {year}") for code in getattr(words, name)})
    assert digest(told(stated(base_year=2020, scope2="no"))) == before
    mended = answer(told(stated(kind="none")))["targets"][0]["outcomes"][0]["because"]
    was = sentences["targets"][0]["outcomes"][0]["because"]
    assert (mended["code"], mended["zh"]) == ("no_target", "改") and was["zh"] == "来源写明没有目标"


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"isic": "C24"}, WrongShape),
        ({"isic": [""]}, WrongShape),
        ({"years": [year(scope3_t="many")]}, WrongShape),
        ({"targets": [target(scope1="perhaps")]}, UnknownWord),
        ({"targets": [target(doubts=["emissions"])]}, UnknownWord),
        ({"colour": "green"}, WrongShape),
    ],
)
def test_a_wrong_optional_fact_is_refused(facts: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        Inputs.from_records([company(**facts)])  # type: ignore[list-item]


def test_nothing_of_a_target_is_changed_on_the_way() -> None:
    target_as_stated = stated(scope2="no", scope3="partial")
    before = dict(target_as_stated)
    thin = thin_company(company(targets=[target_as_stated]))  # type: ignore[arg-type]
    assert target_as_stated == before and thin.targets[0].facts[0]["reduction_ambition"] == 0.42
