"""The dossier of a company: what it says of a candidate, a peer and a retired score, what can be done, and to whom."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fund.models import Candidate
from fund.pipeline.dossier import TABS
from portfolio.models import Company, Financials, Quantity, Role
from scoring.engine.columns import canonical_json, digest
from scoring.models import RetiredMethod, Score, ScoreRun
from scoring.runs import queue as runs
from tests import make
from tests.api.caller import Caller, is_problem
from tests.make_candidates import candidate, score

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are drained by hand here."""
    monkeypatch.setattr(runs, "wake", lambda run_id: None)


def client(person: User | None = None, language: str = "en") -> Client:
    made = Client()
    made.force_login(person or User.objects.filter(username="carol").first() or make.carol())
    made.cookies["django_language"] = language
    return made


def text(response: HttpResponse) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def turbines(key: str = "demo-wind", **how: Any) -> Company:
    """A candidate that is scored."""
    fund = make.ThemeFund.objects.first() or make.fund()
    company = candidate(fund, key, User.objects.filter(username="dan").first() or make.dan(), **how)
    score(company)
    return company


def page(company: Company, tab: str = "", language: str = "en", person: User | None = None) -> str:
    address = reverse("dossier_tab", args=[company.pk, tab]) if tab else company.get_absolute_url()
    return text(client(person, language).get(address))


def retired(company: Company) -> Score:
    """What the first method once said, as the migration leaves it."""
    record = canonical_json({"company_key": company.company_key, "methodology": "demo-3", "emissions_score": 61.2})
    method = RetiredMethod.objects.create(version="demo-3", content="{}", digest=digest("{}"))
    run = ScoreRun.objects.create(
        key="old", title="old", retired_method=method, as_of=date(2025, 6, 30), engine_version="0.3.0", state="done"
    )
    return Score.objects.create(
        run=run, company=company, kind="retired", record_json=record, inputs_sha256="0" * 64, digest=digest(record)
    )


# --- a candidate ---------------------------------------------------------------------------------------------
def test_the_strip_says_how_it_stands_in_both_languages() -> None:
    company = turbines()
    english, chinese = page(company), page(company, language="zh-hans")
    for words in ("3 of 3 cleared", "Contribution", "Resilience", "Own footprint", "One legal entity", "Least sure"):
        assert words in english
    for words in ("达标 3/3 项", "减排贡献", "经济韧性", "自身排放", "同一法律主体", "最不确定"):
        assert words in chinese


def test_an_untold_subsidy_is_unknown_with_its_break_even_and_who_can_tell() -> None:
    english = page(turbines(figures={Quantity.GRANTS: None}))
    assert "Not told: government grants." in english
    assert "Ask first" in english
    assert re.search(r"clears unless government grants exceed [\d.]+ M CNY \([\d.]+% of revenue\)", english)
    assert 'fill="url(#unknown-hatch)"' in english


def test_a_bar_elsewhere_says_first_how_many_are_cleared_then_their_p() -> None:
    english = page(turbines())
    table = english.split('id="sensitivity-head"')[1].split("</section>")[0]
    assert "Then cleared (P of the cleared bars)" in table
    assert re.search(r"3 of 3 cleared \(P (&gt;)?\d+%\)", table)
    assert "P of all three bars" not in table
    assert "P of all three bars" in english.split('class="strip"')[1].split("</section>")[0]


def test_a_missed_bar_says_by_how_much() -> None:
    english = page(turbines(figures={Quantity.EBIT: -200e6}))
    assert "Misses by" in english or "misses by" in english
    assert 'class="mark__missed"' in english


def test_a_failed_gate_stands_first_with_its_reason() -> None:
    words = {"exclusion": "yes", "fossil_extraction": "no", "direct_and_significant": "yes"}
    english = page(turbines(words=words))
    assert "Not admitted" in english
    assert "An exclusion holds" in english


def test_the_inputs_of_a_bar_name_the_disclosure_they_are_from() -> None:
    company = turbines()
    disclosure = company.disclosures.get()
    assert f'href="{reverse("scoring:ledger", args=[disclosure.pk])}">disclosure 2025, version 1' in page(company)


def test_the_printed_parts_of_the_margin_add_up_to_it() -> None:
    found = re.search(r"([−\d.]+)%</a></p>\s*<p class=\"small\">= ([\d.]+) − ([\d.]+) − ([\d.]+)", page(turbines()))
    assert found is not None
    margin, profit, subsidies, carbon = (float(one.replace("−", "-")) for one in found.groups())
    assert round(profit - subsidies - carbon, 1) == margin


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("tab", TABS)
def test_every_tab_keeps_to_the_policy_and_asks_few_questions(tab: str, language: str) -> None:
    company = turbines()
    reader = client(language=language)
    reader.get("/")
    with CaptureQueriesContext(connection) as captured:
        body = text(reader.get(reverse("dossier_tab", args=[company.pk, tab])))
    assert len(captured) <= 45
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script>", body)
    assert body.count('aria-current="page"') >= 1


def test_the_questions_asked_do_not_grow_with_the_scores() -> None:
    company = turbines()
    reader, address = client(), reverse("dossier_tab", args=[company.pk, "record"])
    reader.get(address)
    with CaptureQueriesContext(connection) as one:
        reader.get(address)
    for day in (date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 3)):
        score(company, as_of=day)
    with CaptureQueriesContext(connection) as several:
        reader.get(address)
    assert len(several) == len(one)


def test_what_changed_since_is_said_and_gates_decided_by_the_score_itself_are_no_change() -> None:
    company = turbines()
    assert "The facts have changed" not in page(company)
    Financials.objects.create(company=company, year=2024, revenue=1e9, currency="CNY", **make.SOURCE)
    assert "The facts have changed" in page(company)


def test_an_open_run_is_said_and_the_score_stays() -> None:
    company = turbines()
    runs.start([company], title="again", by=None, as_of=date(2026, 12, 1))
    english = page(company)
    assert "A run with this company is queued." in english
    assert "3 of 3 cleared" in english


def test_an_earlier_score_says_so_and_its_tabs_stay_with_it() -> None:
    company = turbines()
    first = company.scores.get()
    score(company, as_of=date(2026, 12, 1))
    english = text(client().get(reverse("dossier_of_run", args=[company.pk, first.run_id])))
    assert "This is an earlier score." in english
    assert reverse("dossier_tab_of_run", args=[company.pk, first.run_id, "record"]) in english


# --- what the fund does --------------------------------------------------------------------------------------
def test_decisions_stand_with_who_and_why() -> None:
    company = turbines()
    dan, erin = User.objects.get(username="dan"), make.erin()
    proposal = make.proposal(company.scores.get(), dan, make.ThemeFund.objects.get(), reason="It clears all three.")
    proposal.decide("approved", "We agree after reading it.", erin, proposal.content_sha256)
    english = page(company, "decisions")
    for words in ("It clears all three.", "We agree after reading it.", "erin", "Approved"):
        assert words in english


def test_a_committee_member_reads_the_conditions_of_a_proposal() -> None:
    company = turbines()
    dan, score_ = User.objects.get(username="dan"), company.scores.get()
    company.candidacies.get().propose(
        score_, "invest", "It clears all three.", dan, amount_cny=1_000_000, conditions="Paid once the grants are told."
    )
    shown = page(company, "decisions")
    assert "Conditions" in shown and "Paid once the grants are told." in shown


def test_who_may_propose_finds_the_way_and_the_committee_does_not() -> None:
    company = turbines()
    way = reverse("propose", args=[company.pk])
    assert way not in page(company, "decisions", person=make.user("ivy", "committee_member"))
    assert way in page(company, "decisions", person=User.objects.get(username="dan"))


def test_the_units_of_the_years_are_words_in_chinese() -> None:
    company = turbines()
    shown = page(company, "emissions", "zh-hans")
    assert '<span class="muted small">元</span>' in shown and '<span class="muted small">CNY</span>' not in shown


def test_a_fund_manager_or_administrator_puts_it_on_the_shortlist_once() -> None:
    company = turbines()
    fund, dan = make.ThemeFund.objects.get(), User.objects.get(username="dan")
    address = reverse("shortlist", args=[company.pk])
    assert f'action="{address}"' in page(company, person=dan)
    answer = client(dan).post(address, {"fund": fund.pk}, follow=True)
    assert "It is on the shortlist." in text(answer)
    assert Candidate.objects.get().stage == "shortlisted"
    assert "any more" in text(client(dan).post(address, {"fund": fund.pk}, follow=True))


def test_a_peer_becomes_a_candidate_and_its_score_is_asked_for() -> None:
    peer, fund, dan = make.scoreable(), make.fund(), make.dan()
    make.score(peer)
    address = reverse("nominate", args=[peer.pk])
    assert f'action="{address}"' in page(peer, person=dan)
    answer = client(dan).post(address, {"fund": fund.pk}, follow=True)
    assert "It is a candidate now" in text(answer)
    assert Candidate.objects.get().company == peer
    assert ScoreRun.objects.filter(state="queued", items__company=peer, items__is_candidate=True).exists()


@pytest.mark.parametrize(
    ("language", "waits", "peer_words"),
    [
        ("en", "nominated, waiting for its run (queued ", "A peer: facts to hold candidates against"),
        ("zh-hans", "已提名，等待评分（", "同业参照企业：用于"),
    ],
)
def test_a_nominated_company_says_that_it_waits_for_its_run(language: str, waits: str, peer_words: str) -> None:
    peer, fund, dan = make.scoreable(), make.fund(), make.dan()
    make.score(peer)
    assert waits not in page(peer, language=language, person=dan)
    client(dan).post(reverse("nominate", args=[peer.pk]), {"fund": fund.pk})
    shown = page(peer, language=language, person=dan)
    assert waits in shown and peer_words not in shown
    assert "The facts have changed since" not in shown
    runs.drain(ScoreRun.objects.latest("pk").pk)
    assert waits not in page(peer, language=language, person=dan)


@pytest.mark.parametrize("name", ["nominate", "shortlist"])
def test_a_committee_member_may_not(name: str) -> None:
    peer, fund = make.scoreable(), make.fund()
    if name == "shortlist":
        Candidate.objects.create(fund=fund, company=peer)
    mei = make.user("mei", Role.COMMITTEE_MEMBER)
    assert client(mei).post(reverse(name, args=[peer.pk]), {"fund": fund.pk}).status_code == 403
    assert client(make.bob()).post(reverse(name, args=[peer.pk]), {"fund": fund.pk}).status_code == 404


@pytest.mark.parametrize("fund", ["", "0", "x", "9" * 30])
def test_a_fund_that_is_not_there_is_404(fund: str) -> None:
    peer, dan = make.scoreable(), make.dan()
    assert client(dan).post(reverse("nominate", args=[peer.pk]), {"fund": fund}).status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_target_stands_in_its_own_words_with_their_language(language: str) -> None:
    company = turbines()
    make.target(company, "own-words", text="Net zero <by> 2040")
    assert '<blockquote><q lang="en">Net zero &lt;by&gt; 2040</q></blockquote>' in page(company, "emissions", language)


# --- everyone else -------------------------------------------------------------------------------------------
def test_a_peer_has_measured_facts_and_no_p() -> None:
    peer = make.scoreable()
    make.score(peer)
    english = page(peer)
    assert "It is not judged and stands in no order." in english
    assert "Scopes 1 + 2" in english
    assert "cleared" not in english
    assert not re.search(r"\bP \d", english)


def test_a_company_without_a_score_says_so_on_every_tab() -> None:
    company = make.company()
    for tab in TABS:
        assert "No run has covered this company so far." in page(company, tab)


def test_a_retired_score_is_read_only_under_record_and_its_json_is_downloaded() -> None:
    company = turbines()
    old = retired(company)
    english = page(company, "record")
    assert "Retired method" in english
    assert old.digest in english
    shown = text(client().get(reverse("dossier_tab_of_run", args=[company.pk, old.run_id, "record"])))
    assert "kept as it was archived" in shown
    assert "61.2" in shown
    answer = client().get(reverse("receipt", args=[company.pk, old.run_id]))
    assert json.loads(answer.content) == old.record
    assert digest(answer.content.decode()) == old.digest
    for tab in TABS:
        text(client().get(reverse("dossier_tab_of_run", args=[company.pk, old.run_id, tab])))


def test_a_tab_that_is_none_and_a_run_without_it_are_404() -> None:
    company = turbines()
    assert client().get(reverse("dossier_tab", args=[company.pk, "letters"])).status_code == 404
    assert client().get(reverse("dossier_of_run", args=[company.pk, 0])).status_code == 404


def test_applicants_and_verifiers_find_nothing() -> None:
    company = turbines()
    for person in (make.alice(company), make.bob()):
        for tab in TABS:
            assert client(person).get(reverse("dossier_tab", args=[company.pk, tab])).status_code == 404


def test_a_committee_member_reads_and_starts_nothing() -> None:
    company = turbines()
    english = page(company, person=make.user("mei", Role.COMMITTEE_MEMBER))
    assert "3 of 3 cleared" in english
    assert "Score again" not in english
    assert reverse("shortlist", args=[company.pk]) not in english


def test_an_illustrative_company_says_so() -> None:
    assert "illustrative: not a real company" in page(turbines(is_illustrative=True))


def test_words_of_an_applicant_are_escaped() -> None:
    company = turbines(name_en="<script>alert(1)</script>")
    assert "<script>alert" not in page(company)


# --- API -----------------------------------------------------------------------------------------------------
def test_the_api_tells_a_score_with_its_bars_and_its_record() -> None:
    company = turbines()
    stored = company.scores.get()
    told = Caller(make.carol()).read(f"/scores/{stored.pk}/").json()
    assert (told["kind"], told["group"], told["reported"]["cleared"]) == ("candidate", "3", 3)
    assert told["assisted"] is None
    assert set(told["margins"]) == {"c", "r", "o"}
    assert digest(canonical_json(told["record"])) == stored.digest


def test_the_api_lists_what_stands_and_filters_by_bars() -> None:
    wind, loss = turbines(), turbines("demo-loss", figures={Quantity.EBIT: -200e6})
    peer = make.scoreable("demo-peer")
    make.score(peer)
    caller = Caller(make.carol())
    found = caller.read("/scores/?cleared_min=3").json()["results"]
    assert [one["company"] for one in found] == [wind.company_key]
    margins = caller.read("/scores/?kind=candidate&ordering=margin_r").json()["results"]
    assert [one["company"] for one in margins] == [loss.company_key, wind.company_key]
    [of_peer] = caller.read("/scores/?kind=peer").json()["results"]
    assert (of_peer["reported"], of_peer["margins"]) == (None, None)


def test_the_api_of_a_retired_score_says_its_kind_and_computes_nothing() -> None:
    old = retired(make.scoreable())
    caller = Caller(make.carol())
    told = caller.read(f"/scores/{old.pk}/").json()
    assert (told["kind"], told["retired_method"], told["reported"]) == ("retired", "demo-3", None)
    assert told["record"] == old.record
    for part in ("receipt", "temperature", "pathway"):
        is_problem(caller.read(f"/scores/{old.pk}/{part}/"), 409, "conflict")


def test_the_api_shows_scores_to_the_funds_side_alone() -> None:
    company = turbines()
    stored = company.scores.get()
    is_problem(Caller(make.alice(company)).read(f"/scores/{stored.pk}/"), 404, "not_found")
