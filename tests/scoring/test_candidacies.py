"""Rows → what is archived of a candidate: how each figure is known, and what the gates rest on."""

from __future__ import annotations

import json
from datetime import date, time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.utils import timezone

from fund.models import Candidate
from fund.pipeline.candidacy import nominate
from portfolio import beijing
from portfolio.models import (
    Company,
    CompanyTrack,
    Disclosure,
    Figure,
    GateWord,
    Quantity,
    Role,
    Solution,
    TechnologyFamily,
)
from scoring import snapshots
from scoring.models import GateVerdict, LatestScore, Score, ScoreRun
from scoring.runs import queue as runs
from tests import make

AS_OF = date(2026, 11, 30)
USCC = "91110000600037341L"
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def _on_the_morning_of_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said later does not count in a score as of then."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: beijing.at(AS_OF, time(9)))


def dan() -> User:
    return User.objects.filter(username="dan").first() or make.dan()


def carol() -> User:
    return User.objects.filter(username="carol").first() or make.carol()


def bob() -> User:
    return User.objects.filter(username="bob").first() or make.bob()


def archived(company: Company, as_of: date = AS_OF) -> Any:
    [snapshot] = snapshots.take([company], as_of, candidates={company.pk})
    return json.loads(snapshot.inputs)["candidacy"]


def year_of(company: Company, year: int = 2025) -> Any:
    return next(one for one in archived(company)["years"] if one["year"] == year)


def tailwind(key: str = "demo-tailwind", **facts: Any) -> Company:
    """Turbines, with a confirmed track, family and catalogue code, every gate answered, and a measurable target."""
    company = make.company(key, **({"uscc": USCC, "name_en": "Tailwind"} | facts))
    track = CompanyTrack.objects.create(
        company=company, track="power_decarbonisation", why="makes wind turbines", **make.SOURCE
    )
    track.confirm(by=dan())
    family = TechnologyFamily.objects.get(code="F01")
    track.classify(by=dan(), family=family, edition="2025", code="3.2.1")
    for question, answer in (("exclusion", "no"), ("fossil_extraction", "no"), ("direct_and_significant", "yes")):
        GateWord.confirm(company, question, answer, "annual report 2025, page 12", by=carol())
    make.target(company)
    return company


def told(company: Company, year: int = 2025, *, state: str = Disclosure.State.RECORDED, **figures: float) -> Disclosure:
    """A frozen disclosure of these figures by their quantity, and 500 MW of turbines of 2,400 hours."""
    made = make.disclosure(company, year, scope_1=8000.0, scope_2=12000.0, state=Disclosure.State.DRAFT)
    for quantity, value in figures.items():
        Figure.objects.create(disclosure=made, quantity=quantity, value=value, typed=str(value))
    Solution.objects.create(
        disclosure=made,
        number=1,
        family=TechnologyFamily.objects.get(code="F01"),
        country="CHN",
        units_sold=500,
        service_per_unit_year=2400,
    )
    if state == Disclosure.State.VERIFIED:
        make.verified_before_opinions(made, bob(), digest=made.content_digest())
    else:
        Disclosure.objects.filter(pk=made.pk).update(state=state, digest=made.content_digest(), frozen_at=Now())
    made.refresh_from_db()
    return made


WHOLE = {
    "revenue_cny": 1e9,
    "ebit_cny": 90e6,
    "grants_cny": 40e6,
    "price_premium_cny": 0.0,
    "theme_credits_cny": 0.0,
    "theme_revenue_percent": 90.0,
}


def scored(company: Company, as_of: date = AS_OF) -> Score:
    run, _new = runs.start([company], title="test", by=None, as_of=as_of)
    runs.drain(run.pk)
    return Score.objects.get(run=run, company=company)


# --- figures ---------------------------------------------------------------------------------------------
def test_a_figure_is_known_as_its_disclosure_is() -> None:
    company = tailwind()
    told(company, 2024, **WHOLE)
    told(company, 2025, state=Disclosure.State.VERIFIED, **WHOLE)
    assert year_of(company, 2024)["ebit"]["rung"] == "reported"
    assert year_of(company, 2025)["ebit"]["rung"] == "verified"


def test_audited_counts_for_the_figure_that_says_so_alone() -> None:
    company = tailwind()
    made = make.disclosure(company, 2025, state=Disclosure.State.DRAFT)
    Figure.objects.create(disclosure=made, quantity=Quantity.REVENUE, value=1e9, typed="1e9", basis="audited")
    Figure.objects.create(disclosure=made, quantity=Quantity.EBIT, value=9e7, typed="9e7")
    make.verified_before_opinions(made, bob(), digest="d")
    year = year_of(company)
    assert (year["revenue"]["rung"], year["ebit"]["rung"]) == ("audited", "verified")


def test_none_is_a_zero_and_blank_is_nothing() -> None:
    company = tailwind()
    told(company, grants_cny=0.0)
    subsidies = year_of(company)["subsidies"]
    assert subsidies["grants"]["told"]["value"] == 0.0
    assert subsidies["price_premium"] == {"told": None, "standing": "unknown"}


def test_accounts_come_in_yuan_at_the_mean_of_their_year_and_say_what_was_given() -> None:
    make.rate("CNY", 2025, 7.0)
    make.rate("EUR", 2025, 0.875)
    company = tailwind()
    make.financials(company, 2025, 1e8, currency="EUR", ebit=-2e6, is_audited=True)
    year = year_of(company)
    assert year["revenue"]["value"] == pytest.approx(8e8)  # 7 ÷ 0.875 = 8 yuan a euro
    assert (year["ebit"]["value"], year["ebit"]["rung"]) == (pytest.approx(-1.6e7), "audited")
    assert year["ebit"]["given"].startswith("-2,000,000 EUR × 8")


def test_of_two_sources_of_one_figure_the_audited_accounts_come_first() -> None:
    company = tailwind()
    make.financials(company, 2025, 9e8, source="a newspaper")
    make.financials(company, 2025, 1e9, source="annual report", is_audited=True)
    assert year_of(company)["revenue"]["source"] == "annual report"


def test_what_the_company_disclosed_comes_before_other_sources() -> None:
    company = tailwind()
    disclosure = told(company, revenue_cny=1e9)
    make.financials(company, 2025, 9e8, is_audited=True)
    assert year_of(company)["revenue"]["source"] == disclosure.digest


def test_electricity_stands_beside_scope_2_at_the_place_s_published_factor() -> None:
    company = tailwind()
    told(company, electricity_kwh=1e6)
    by_activity = year_of(company)["scope2_by_activity"]
    assert by_activity["value"] == pytest.approx(1e6 * 0.5306 / 1000)  # the national mean of 2023, the latest
    assert by_activity["rung"] == "activity"


def test_a_market_based_figure_never_is_the_location_based_one() -> None:
    company = tailwind()
    made = make.disclosure(company, 2025, scope_2=None, state=Disclosure.State.DRAFT)
    Figure.objects.create(disclosure=made, quantity=Quantity.SCOPE_2_MARKET, value=5.0, typed="5")
    Disclosure.objects.filter(pk=made.pk).update(state="recorded", digest="d", frozen_at=Now())
    year = year_of(company)
    assert (year["scope2_location"], year["scope2_other_rung"]) == (None, "reported")


def test_a_whole_system_is_all_of_itself_and_a_component_only_what_it_says() -> None:
    company = tailwind()
    made = make.disclosure(company, 2025, state=Disclosure.State.DRAFT)
    family = TechnologyFamily.objects.get(code="F01")
    for number, facts in enumerate(({}, {"is_component": True}, {"is_component": True, "cost_share": 0.2}), 1):
        Solution.objects.create(disclosure=made, number=number, family=family, country="CHN", units_sold=1, **facts)
    Disclosure.objects.filter(pk=made.pk).update(state="recorded", digest="d", frozen_at=Now())
    shares = [row["cost_share"] and row["cost_share"]["value"] for row in year_of(company)["sold"]]
    assert shares == [1.0, None, 0.2]


def test_a_system_of_which_nothing_is_told_is_no_figure() -> None:
    company = tailwind()
    made = make.disclosure(company, 2025, state=Disclosure.State.DRAFT)
    Solution.objects.create(disclosure=made, number=1, family=TechnologyFamily.objects.get(code="F01"), country="CHN")
    Disclosure.objects.filter(pk=made.pk).update(state="recorded", digest="d", frozen_at=Now())
    (row,) = year_of(company)["sold"]
    assert row["cost_share"] is None


# --- gates -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("identifier", "expected"), [({"uscc": USCC}, "valid"), ({"uscc": ""}, "none"), ({"uscc": "9111"}, "invalid")]
)
def test_identifiers_are_valid_or_not_or_not_there(identifier: dict[str, str], expected: str) -> None:
    assert archived(tailwind(**identifier))["gates"]["identifiers"] == expected


def test_a_join_by_name_waits_and_another_entity_s_figures_that_count_conflict() -> None:
    company = tailwind()
    assert archived(company)["gates"]["joins"] == "confirmed"
    make.join(company, "not_confirmed")
    assert archived(company)["gates"]["joins"] == "waiting"
    make.join(company, "confirmed", method="other_entity", figures="emissions")
    assert archived(company)["gates"]["joins"] == "conflicting"


def test_the_last_confirmed_word_holds_and_a_statement_decides_nothing() -> None:
    company, alice = tailwind(), make.alice(Company.objects.get(company_key="demo-tailwind"))
    GateWord.state(company, "exclusion", "yes", "we also make coal boilers", by=alice)
    assert archived(company)["gates"]["exclusion"]["answer"] == "no"
    GateWord.confirm(company, "exclusion", "yes", "coal boilers, page 3", by=carol(), code="coal")
    assert archived(company)["gates"]["exclusion"] == {
        "answer": "yes",
        "code": "coal",
        "evidence": "coal boilers, page 3",
        "on": GateWord.objects.latest("pk").at.date().isoformat(),
    }


def test_nobody_who_confirmed_a_gate_or_the_track_is_archived_by_name() -> None:
    company, person = tailwind(), make.user("quentin", Role.FUND_MANAGER, first_name="Quentin", last_name="Zheng")
    for question in GateWord.Question.values:
        GateWord.confirm(company, question, "yes", "minutes", by=person)
    company.tracks.update(confirmed_by=person, confirmed_at=Now())
    found = json.dumps(archived(company)).lower()
    assert "quentin" not in found and "zheng" not in found


def test_the_theme_s_share_of_revenue_comes_before_that_of_capital_spending() -> None:
    company = tailwind()
    told(company, theme_revenue_percent=62.5, theme_capex_rnd_percent=90.0)
    share = archived(company)["gates"]["theme_share"]
    assert (share["share"], share["basis"], share["is_partial"]) == (0.625, "revenue", False)


def test_a_share_of_accounts_may_be_a_lower_bound() -> None:
    company = tailwind()
    make.financials(company, 2025, 1e9, theme_share=0.4, theme_share_is_partial=True)
    assert archived(company)["gates"]["theme_share"]["is_partial"] is True


# --- runs ------------------------------------------------------------------------------------------------
def test_a_candidate_is_judged_and_everyone_else_is_a_peer() -> None:
    candidate, other = tailwind(), make.company("demo-other")
    told(candidate, **WHOLE)
    Candidate.of(make.fund(), candidate, by=dan())
    assert (scored(candidate).kind, scored(other).kind) == ("candidate", "peer")


def test_nominating_asks_for_the_score_and_so_does_a_confirmed_gate() -> None:
    company = tailwind()
    nominate(make.fund(), company, by=dan())
    assert ScoreRun.objects.count() == 1
    nominate(Candidate.objects.get().fund, company, by=dan())
    assert ScoreRun.objects.count() == 1
    GateWord.confirm(company, "exclusion", "yes", "page 3", by=carol(), code="coal")
    assert ScoreRun.objects.count() == 2


def test_a_gate_of_a_company_that_nobody_looks_at_asks_for_nothing() -> None:
    tailwind()
    assert not ScoreRun.objects.exists()


def test_a_gate_once_decided_is_not_reopened_by_withdrawing_its_evidence() -> None:
    """The share that failed G4 is left out of a later version: the gate stays failed."""
    company = tailwind()
    Candidate.of(make.fund(), company, by=dan())
    made = told(company, **(WHOLE | {"theme_revenue_percent": 20.0}))
    assert scored(company).gates == "failed"
    assert GateVerdict.objects.get(gate="G4").verdict == "fail"
    told_again = make.disclosure(company, 2025, version=2, scope_1=8000.0, scope_2=12000.0)
    assert told_again.version > made.version
    again = scored(company)
    fourth = again.record["candidacy"]["gates"][3]  # type: ignore[index]
    assert (again.gates, fourth["verdict"], fourth["is_recorded"]) == ("failed", "fail", True)


def test_what_an_answer_left_on_record_makes_no_new_question() -> None:
    company = tailwind()
    Candidate.of(make.fund(), company, by=dan())
    told(company, **(WHOLE | {"theme_revenue_percent": 20.0}))
    assert scored(company).run_id == scored(company).run_id
    assert GateVerdict.objects.filter(gate="G4").count() == 1


def test_a_new_bar_sheet_is_asked_by_once_its_day_has_come() -> None:
    company = tailwind()
    Candidate.of(make.fund(), company, by=dan())
    runs.ask_by_new_sheet()
    runs.ask_by_new_sheet()
    assert ScoreRun.objects.get().bar_sheet is not None


def test_a_new_bar_sheet_is_asked_of_those_it_was_not_asked_of() -> None:
    first, second = tailwind(), tailwind("second", uscc="", national_id="2")
    fund = make.fund()
    for company in (first, second):
        Candidate.of(fund, company, by=dan())
    scored(first, timezone.localdate())
    runs.ask_by_new_sheet()
    [item] = ScoreRun.objects.latest("pk").items.all()
    assert item.company == second


# --- face validity -----------------------------------------------------------------------------------------
def test_two_companies_glued_together_are_refused_at_the_first_gate() -> None:
    """Mitsubishi Motors' tonnes over Mitsubishi Corporation's revenue, before anybody set them aside."""
    company = tailwind("copy-of-mitsubishi", uscc="", isin="JP3898400001", country="JPN", name_en="Mitsubishi")
    make.disclosure(company, 2025, scope_1=79000.0, scope_2=289000.0)
    make.financials(company, 2025, 8e11, currency="CNY", theme_share=0.9)
    make.join(company, "confirmed", method="other_entity", entity_name="Mitsubishi Motors", figures="emissions")
    Candidate.of(make.fund(), company, by=dan())
    score = scored(company)
    assert (score.group_code, score.gates) == ("not_admitted", "failed")
    assert score.record["candidacy"]["gates"][0]["verdict"] == "fail"  # type: ignore[index]
    assert LatestScore.objects.get().p_high == 0.0


def test_a_bank_is_refused_at_the_third_gate() -> None:
    company = make.company("copy-of-a-bank", sector="finance", isic="K64", uscc=USCC)
    make.disclosure(company, 2025)
    make.financials(company, 2025, 1e11, ebit=4e10)
    Candidate.of(make.fund(), company, by=dan())
    score = scored(company)
    assert score.group_code == "not_admitted"
    assert score.record["candidacy"]["gates"][2] | {"who": None} == {  # type: ignore[index]
        "gate": "G3",
        "verdict": "fail",
        "because": "no_track",
        "numbers": {},
        "evidence": [],
        "is_recorded": False,
        "who": None,
    }


def test_a_turbine_maker_and_a_battery_maker_differ_by_their_bars_and_not_by_a_sector() -> None:
    wind, cells = tailwind(), tailwind("demo-cells", uscc="91350100M000100Y43")
    track = cells.tracks.get()
    track.track = "end_use_electrification"
    track.save()
    track.classify(by=dan(), family=TechnologyFamily.objects.get(code="F09"), edition="2025", code="1.1.1")
    for company in (wind, cells):
        told(company, **WHOLE)
        Candidate.of(make.fund(name_zh=company.company_key), company, by=dan())
    assert wind.sector == cells.sector
    first, second = (scored(company).record["candidacy"] for company in (wind, cells))
    assert first and first["c"]["state"] == "cleared"
    assert second and (second["c"]["state"], second["c"]["because"]) == ("unknown", "no_bar")
    assert first["r"]["p"] == second["r"]["p"]
