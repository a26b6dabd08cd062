"""The tabs Temperature and Pathway: what they show, from what, and to whom."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from portfolio.models import Company
from portfolio.universe import flags
from scoring import snapshots
from scoring.dossier.fan_chart import fan_chart
from scoring.dossier.measured import Measured
from scoring.engine.columns import canonical_json
from scoring.engine.pathways import words as of_pathways
from scoring.engine.temperature import words as of_temperature
from scoring.engine.temperature.methods import EDITION_15, Coefficients
from scoring.models import Score, ScoreItem
from scoring.reading import typeset
from scoring.runs import queue as runs
from scoring.snapshots import take
from tests import make
from tests.api.caller import Caller

pytestmark = pytest.mark.django_db
AS_OF = date(2025, 6, 30)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "wake", lambda run_id: None)


@pytest.fixture(params=["zh-hans", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    yield request.param


def client(language: str = "en", person: Any = None) -> Client:
    made = Client()
    made.force_login(person or User.objects.filter(username="carol").first() or make.carol())
    made.cookies["django_language"] = language
    return made


def text(response: HttpResponse) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def promising(key: str = "demo-alpha", **facts: Any) -> Company:
    """Three years of emissions and the target of the method page's worked example."""
    company = make.scoreable(key)
    company.targets.all().delete()
    covers = {"covers_scope_1": "Yes", "covers_scope_2": "Yes"}
    make.target(company, **({"reduction_share": 0.42, "kind": "unspecified_reduction"} | covers | facts))
    return company


def tab(company: Company, language: str = "en", **query: str) -> str:
    return text(client(language).get(reverse("dossier_tab", args=[company.pk, "temperature"]), query))


# --- temperature -------------------------------------------------------------------------------------------
def test_the_temperature_tab_shows_score_target_marks_and_coefficients(language: str) -> None:
    company = promising()
    make.score(company, AS_OF)
    page = tab(company, language)
    # 42 % from 2019 to 2035 by 2025: mid term; scope 1: 2.45771 − 0.236938 · 3.34724 = 1.6646; scope 2: 2.0258.
    assert "1.66 °C" in page and "Emissions|Kyoto Gases" in page and "1.6646" in page
    assert "2.03 °C" in page and "Emissions|CO2|Energy|Supply" in page and "WWF-ITR 1.7.3" in page
    assert ("type assumed" if language == "en" else "类型未说明") in page
    assert ("coverage as stated" if language == "en" else "覆盖按来源所述") in page
    assert company.scores.get().inputs_sha256 in page
    assert page.count("<details") >= 15


@pytest.mark.parametrize(("edition", "said"), [(None, "CDP-WWF 方法 1.0 版"), ("1.5", "CDP-WWF 方法 1.5 版")])
def test_a_record_says_by_which_edition_its_degrees_are_also_an_old_one(edition: str | None, said: str) -> None:
    record: Any = dict.fromkeys(("emissions_t", "data_year", "rung", "scope2_kind", "change_per_year", "intensity"))
    record |= dict.fromkeys(("boundary", "intensity_change_per_year", "revenue_change_per_year", "pathway_c"))
    record |= {
        "years": 0,
        "first_year": None,
        "temperature_c": 0.71,
        "time_frame": "mid",
        "flags": [],
        "estimate": None,
    }
    record |= {} if edition is None else {"temperature_edition": edition}
    fact = next(one for one in Measured(record).facts if "CDP-WWF" in one.beside)
    assert (fact.value, fact.beside) == ("< 1.0 °C", f"范围一+二、中期、{said}")


def test_a_step_stands_where_a_change_and_a_behaviour_would() -> None:
    record: Any = dict.fromkeys(("emissions_t", "data_year", "rung", "scope2_kind", "change_per_year", "intensity"))
    record |= dict.fromkeys(("boundary", "intensity_change_per_year", "revenue_change_per_year", "pathway_c"))
    record |= {"years": 3, "first_year": 2022, "temperature_c": None, "flags": [], "estimate": None}
    shown = Measured(record | {"step": {"year": 2024, "times": 2.5}})
    with override("en"):
        facts = {fact.label: (fact.value, fact.beside) for fact in shown.facts}
    asked = "step up 2.5× in 2024: another boundary or unit?"
    assert facts["Change of emissions a year"] == facts["How it behaves"] == ("—", asked)
    assert facts["Change of revenue a year"] == ("—", "not of the same years and boundary")


def test_over_a_step_no_degrees_of_a_trajectory_are_told() -> None:
    company = make.company()
    for year, tonnes in ((2022, 2000.0), (2023, 1800.0), (2024, 90.0)):
        make.disclosure(company, year, scope_1=tonnes, scope_2=0.0)
    make.score(company, AS_OF)
    page = tab(company)
    assert "How it behaves is open: step down 20× in 2024: another boundary or unit?" in page
    assert "It behaves like" not in page


def test_a_run_of_today_records_the_edition_of_its_degrees() -> None:
    company = promising()
    make.score(company, AS_OF)
    measured = json.loads(company.scores.get().record_json)["measured"]
    assert (measured["temperature_edition"], measured["temperature_c"]) == ("1.5", company.scores.get().temperature_c)
    assert measured["temperature_c"] is not None and measured["time_frame"] == "mid"


def test_a_company_without_target_reads_that_its_score_is_an_assumption() -> None:
    company = make.scoreable()
    company.targets.all().delete()
    make.score(company, AS_OF)
    page = tab(company)
    assert "every score here is 3.4 °C by assumption" in page
    assert "No target of it can be put in degrees. It behaves like" in page and "3.20" not in page
    assert "No target on record, which does not say that there is none." in page


def test_both_methods_can_be_shown_and_an_unknown_one_is_named() -> None:
    company = promising()
    make.score(company, AS_OF)
    assert "caps only scores that stand on a target" in tab(company)
    assert "caps every score, default ones too" in tab(company, method="parity")
    assert "1.88 °C" in tab(company, method="parity")
    assert "caps every score, default ones too" in tab(company, method="parity15")
    assert "There is no method “sideways”" in tab(company, method="sideways")


def lead_of(page: str) -> str:
    return unescape(re.search(r'<p class="lead">(.*?)</p>', page, re.DOTALL)[1])  # type: ignore[index]


def test_the_promise_names_scope_term_default_share_and_an_assumed_type(language: str) -> None:
    company = promising()
    make.score(company, AS_OF)
    said = lead_of(tab(company, language))
    if language == "en":
        assert said.startswith("Its targets promise 1.81 °C: scope 1+2, mid term (target year 2030–2035), default")
        assert "default share 0%, type assumed: absolute. It behaves like" in said
    else:
        assert said.startswith("目标承诺对应 1.81 °C：范围一+二，中期（目标年 2030–2035），默认评分占比 0%，类型未说明")
    stated = promising("demo-beta", kind="absolute")
    make.score(stated, AS_OF)
    assert ("type assumed" if language == "en" else "类型未说明") not in lead_of(tab(stated, language))


def test_a_net_zero_without_percentage_is_one_message_and_a_line_that_is_assumed(language: str) -> None:
    company = promising(kind="net_zero", reduction_share=None, target_year=2050, base_year=None)
    make.score(company, AS_OF)
    page = tab(company, language)
    said = lead_of(page)
    target_c = re.search(r"([\d.]+) °C", said)
    assert target_c and f'<p class="figure-big muted">{target_c[1]} <small>°C <span class="chip chip--warn">' in page
    assert ("which we assume" if language == "en" else "假设直线降至净零") in said
    assert ("straight line, assumed" if language == "en" else "直线，系假设") in page


def test_a_percentage_whose_year_is_past_is_not_called_missing(language: str) -> None:
    company = promising(kind="net_zero", reduction_share=None, target_year=2050, base_year=None)
    covers = {"covers_scope_1": "Yes", "covers_scope_2": "Yes"}
    past = {"kind": "absolute", "reduction_share": 0.35, "base_year": 2015, "target_year": 2024}
    make.target(company, "interim", horizon="interim", **past, **covers)
    make.score(company, AS_OF)
    said = lead_of(tab(company, language))
    assert ("scored: the year of each percentage is past." if language == "en" else "均已过目标年。") in said


def test_a_company_without_emissions_is_not_said_to_have_too_few_years(language: str) -> None:
    company = make.company()
    make.target(company, kind="absolute", reduction_share=0.504, covers_scope_1="Yes", covers_scope_2="Yes")
    make.score(company, AS_OF)
    page = tab(company, language)
    assert ("no emissions on record." if language == "en" else "没有排放记录。") in lead_of(page)
    assert ("— not split" if language == "en" else "— 未拆分") in page  # scope 1 and 2 beside their one target
    assert ("not split: no tonnes by scope" if language == "en" else "未拆分：没有分范围的排放") in page


def test_a_text_that_contradicts_its_figure_is_asked_on_the_tab_and_archived(language: str) -> None:
    note = flags.TEXT_REDUCTION % {"said": "90% / 25%", "given": "56.6%"}
    company = promising(reduction_share=0.566, note=note)
    make.score(company, AS_OF)
    record = json.loads(ScoreItem.objects.get().inputs)["targets"][0]
    assert (record["reduction_share"], record["asked"]) == (
        None,
        [{"code": "reduction", "said": "90% / 25%", "given": "56.6%"}],
    )
    page = tab(company, language)
    asked = "the text says 90% / 25%, the field 56.6%" if language == "en" else "原文写 90% / 25%，字段为 56.6%"
    assert ("1 target is in question" if language == "en" else "有 1 项目标待确认") in lead_of(page)
    assert asked in page and ("percentage in question" if language == "en" else "比例待确认") in page
    assert ("no percentage that can be used" if language == "en" else "没有可用的减排比例") in page  # on its path
    emissions = text(client(language).get(reverse("dossier_tab", args=[company.pk, "emissions"])))
    assert ("which is right?" if language == "en" else "以哪个为准？") in emissions


def test_a_scope_that_the_text_leaves_out_is_asked_and_the_others_keep_the_figure(language: str) -> None:
    company = promising(scope3="yes", note=flags.TEXT_SCOPE["3"])
    make.score(company, AS_OF)
    record = json.loads(ScoreItem.objects.get().inputs)["targets"][0]
    assert record["reduction_share"] == 0.42 and [one["code"] for one in record["asked"]] == ["scope3"]
    page = tab(company, language)
    assert "1.66 °C" in page and ("scope 3 is not used" if language == "en" else "范围三不计入") in page


def test_a_target_that_lost_stands_with_its_reason() -> None:
    company = promising()
    make.target(company, "t2", reduction_share=None, kind="net_zero", covers_scope_1="Yes", covers_scope_2="Yes")
    make.score(company, AS_OF)
    page = tab(company)
    assert "no percentage is given" in page and "not in the score" in page


# --- pathway -----------------------------------------------------------------------------------------------
def test_the_pathway_tab_draws_the_fan_and_says_the_same_in_a_table(language: str) -> None:
    company = promising()
    make.score(company, AS_OF)
    page = tab(company, language)
    assert 'role="img"' in page and "<polyline" in page and "<polygon" in page
    assert ">2030</text>" in page and ">2060</text>" in page
    assert ("trajectory, 90% interval" if language == "en" else "趋势路径及其 90% 区间") in page
    assert ("not available: needs value added" if language == "en" else "无法计算：缺增加值") in page
    assert re.search(r"<th scope=\"row\"><div>2022", page) and re.search(r"<th scope=\"row\"><div>2060", page)
    assert ("economy-wide pathway" if language == "en" else "全经济路径") in page  # machinery has no benchmark


def test_fewer_than_three_years_draw_no_trajectory() -> None:
    company = make.company()
    make.disclosure(company, 2024)
    make.target(company)
    make.score(company, AS_OF)
    page = tab(company)
    assert "one year of emissions only" in page.lower() and "<polygon" not in page


def test_a_company_without_emissions_has_no_path_to_draw() -> None:
    company = make.company()
    make.score(company, AS_OF)
    page = tab(company)
    assert "No path to draw" in page and "<polyline" not in page


def test_milestones_pass_fail_or_are_not_available() -> None:
    company = promising()
    make.score(company, AS_OF)
    page = tab(company)
    states = re.findall(r"chip--(done|error|muted)\">(?:<svg.*?</svg>\s*)?(pass|fail|not available)</span>", page)
    assert [word for _colour, word in states] == ["pass", "fail", "pass", "not available"]


def test_the_scale_ends_on_a_round_number_and_keeps_all_paths_inside() -> None:
    line: list[float | None] = [83_000.0, 40_000.0, 20_000.0]
    nothing: list[float | None] = [None] * 3
    chart = fan_chart(
        {
            "years": [2024, 2025, 2026],
            "history_t": [83_000.0, None, None],
            "trajectory_t": line,
            "low_t": nothing,
            "high_t": nothing,
            "target_t": nothing,
            "budget_t": nothing,
        },
        None,
        None,
    )
    assert chart is not None
    assert (chart.unit, [tick.label for tick in chart.levels]) == ("ktCO₂e", ["0", "25", "50", "75", "100"])
    assert chart.trajectory == "0.0,170.0 500.0,600.0 1000.0,800.0"


# --- from what, and to whom --------------------------------------------------------------------------------
def test_a_tab_reads_the_archive_and_not_today_s_facts() -> None:
    company = promising()
    score = make.score(company, AS_OF)
    address = reverse("dossier_tab_of_run", args=[company.pk, score.run_id, "temperature"])
    before = text(client().get(address))
    body = before[before.index('<div class="stack stack--wide dossier">') :]
    company.targets.all().delete()
    make.disclosure(company, 2025, scope_1=9e6)
    after = text(client().get(address))
    assert without_notice(after[after.index('<div class="stack stack--wide dossier">') :]) == without_notice(body)


def without_notice(page: str) -> str:
    """Without the notice that the facts have changed, which is the one thing that may differ."""
    return re.sub(r'<div class="notice notice--warn stale">.*?</div></div>', "", page, flags=re.DOTALL).replace(
        "\n", ""
    )


def test_the_tables_that_a_tab_rests_on_are_named_by_digest() -> None:
    company = promising()
    make.score(company, AS_OF)
    assert re.search(r"[0-9a-f]{64}", tab(company))


def test_a_tab_of_an_earlier_score_says_so_and_links_within_it() -> None:
    company = promising()
    first = make.score(company, AS_OF)
    make.score(company, date(2025, 9, 30))
    page = text(client().get(reverse("dossier_tab_of_run", args=[company.pk, first.run_id, "temperature"])))
    assert "This is an earlier score." in page
    assert reverse("dossier_tab_of_run", args=[company.pk, first.run_id, "emissions"]) in page
    assert (
        client(person=make.erin()).get(reverse("dossier_tab_of_run", args=[company.pk, 999, "temperature"])).status_code
        == 404
    )


def test_a_company_that_is_not_scored_says_so_on_every_tab() -> None:
    assert "No run has covered this company so far." in tab(promising())


def test_applicants_and_verifiers_find_no_tab() -> None:
    company = promising()
    make.score(company, AS_OF)
    for person in (make.alice(company), make.bob()):
        assert client(person=person).get(reverse("dossier_tab", args=[company.pk, "temperature"])).status_code == 404


def test_a_tab_keeps_to_the_policy_and_asks_few_questions() -> None:
    company = promising()
    make.score(company, AS_OF)
    made = client()
    made.get("/")
    with CaptureQueriesContext(
        connection,
    ) as captured:
        page = text(made.get(reverse("dossier_tab", args=[company.pk, "temperature"])))
    assert len(captured) <= 35
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script>", page)
    assert 'aria-current="page">Temperature and pathway' in page


# --- archive -----------------------------------------------------------------------------------------------
def test_the_archive_holds_what_the_temperature_score_needs() -> None:
    company = promising(scope3="partial")
    record = json.loads(take([company], AS_OF)[0].inputs)
    assert record["isic"] == ["C27"]
    assert record["years"][0]["scope3_t"] is None
    assert [record["targets"][0][scope] for scope in ("scope1", "scope2", "scope3")] == ["yes", "yes", "partial"]


def test_a_reduction_that_looks_like_a_share_is_archived_as_a_doubt_and_no_figure() -> None:
    doubtful, plain = promising(note=f"{flags.SHARE} · beside"), promising("demo-beta")
    record, other = (json.loads(one.inputs)["targets"][0] for one in take([doubtful, plain], AS_OF))
    assert (record["reduction_share"], record["doubts"]) == (None, ["reduction"])
    assert other["reduction_share"] == 0.42 and "doubts" not in other


def test_a_sector_s_word_that_means_several_divisions_is_archived_with_all_of_them() -> None:
    company = make.company("nz-somebody", sector="metals", isic="C24", sector_source="Materials")
    judged = make.company("nz-stora-enso", sector="textile_paper", isic="C17", sector_source="Materials")
    divisions = {
        json.loads(one.inputs)["company_key"]: json.loads(one.inputs)["isic"] for one in take([company, judged], AS_OF)
    }
    assert divisions["nz-somebody"][0] == "C24" and len(divisions["nz-somebody"]) > 1
    assert divisions["nz-stora-enso"] == ["C17"]  # the crosswalk names the company itself


def test_a_score_from_before_still_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    company = promising()
    monkeypatch.setattr(snapshots, "canonical_json", lambda record: canonical_json(as_before(record)))
    make.score(company, AS_OF)
    assert "isic" not in json.loads(ScoreItem.objects.get().inputs)
    assert "holds no coverage" in tab(company)


def as_before(record: Any) -> Any:
    """The record without what is archived for the temperature score."""
    new = {"isic", "scope3_t", "scope1", "scope2"}
    rows = {
        name: [{k: v for k, v in row.items() if k not in new} for row in record[name]] for name in ("years", "targets")
    }
    return {name: value for name, value in record.items() if name not in new} | rows


# --- API ---------------------------------------------------------------------------------------------------
def test_the_api_says_the_same_as_the_tabs() -> None:
    company = promising()
    score = make.score(company, AS_OF)
    caller = Caller(make.carol())
    for part, method in (("temperature", "?method=parity"), ("pathway", "")):
        answer = caller.read(f"/scores/{score.pk}/{part}/{method}")
        assert answer.status_code == 200, answer.content
        body = answer.json()
        assert (body["score"], body["inputs_sha256"]) == (score.pk, score.inputs_sha256)
        assert body["record"]["company_key"] == company.company_key
    assert caller.read(f"/scores/{score.pk}/temperature/?method=sideways").status_code == 400


def test_page_and_api_show_the_same_sentence_and_a_mended_word_reaches_both(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(of_temperature.MARK, "coverage_as_stated", ("照其所述", "taken at its word"))
    monkeypatch.setattr(of_pathways, "peak", lambda record: (f"峰值 {record['peak']['code']}", "mended peak"))
    score, short = make.score(promising(), AS_OF), "en" if language == "en" else "zh"
    caller, pages = Caller(make.carol()), client(language)
    said = {}
    page = unescape(text(pages.get(reverse("dossier_tab", args=[score.company_id, "temperature"]))))
    for part in ("temperature", "pathway"):
        record = caller.read(f"/scores/{score.pk}/{part}/").json()["record"]
        said[part] = sorted(sentences(record, short))
        assert said[part] and not [each for each in said[part] if typeset(each) not in page]
    mended = ("照其所述", "峰值") if language != "en" else ("taken at its word", "mended peak")
    assert mended[0] in said["temperature"] and any(each.startswith(mended[1]) for each in said["pathway"])


def sentences(record: Any, language: str) -> Iterator[str]:
    """Of every code in a record."""
    if isinstance(record, dict):
        if {"code", "zh", "en"} <= set(record):
            yield record[language]
        record = list(record.values())
    if isinstance(record, list):
        for each in record:
            yield from sentences(each, language)


def test_the_api_refuses_another_method_and_another_score() -> None:
    score, caller = make.score(promising(), AS_OF), Caller(make.carol())
    assert caller.read(f"/scores/{score.pk}/temperature/?method=sideways").status_code == 400
    assert caller.read(f"/scores/{Score.objects.count() + 999}/pathway/").status_code == 404


def test_a_broken_table_of_coefficients_stops_the_start() -> None:
    with pytest.raises(Exception, match="coefficient absent"):
        Coefficients.from_rows([], EDITION_15)
