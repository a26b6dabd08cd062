"""The list of candidates: who is in it, in which order and groups, what it says of what is unknown, and to whom."""

from __future__ import annotations

import csv
import re
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from fund.pipeline.candidacy import nominate
from portfolio.models import Company, Figure, Quantity, Track
from scoring.engine.score.order import ordered
from scoring.models import LatestScore, Score, ScoreRun
from scoring.runs import queue as runs
from tests import make
from tests.api.caller import Caller, is_problem
from tests.make_candidates import candidate, score
from tests.scoring.bar_sheets import make as sheets
from tests.scoring.pages import mei, signed_in, text

pytestmark = pytest.mark.django_db
POWER = "power_decarbonisation"


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are drained by hand here."""
    monkeypatch.setattr(runs, "wake", lambda run_id: None)


def some() -> dict[str, Company]:
    """Candidates that stand differently, and a peer, all scored."""
    fund, dan = make.fund(), make.dan()
    told: dict[str, dict[str, Any]] = {
        "a-three": {},
        "b-line": {"figures": {Quantity.EBIT: 140e6}},
        "c-open": {"words": {}},
        "d-silent-on-grants": {"figures": {Quantity.GRANTS: None}},
        "e-misses-c": {"sold": {"service_per_unit_year": 1500.0}},
        "f-excluded": {"words": {"exclusion": "yes", "fossil_extraction": "no", "direct_and_significant": "yes"}},
        "g-no-figures": {"figures": dict.fromkeys(_all(), None), "sold": {}},
    }
    made = {key: candidate(fund, key, dan, name_en=key, name_zh=f"企业 {key}", **how) for key, how in told.items()}
    made["peer"] = make.scoreable("peer", name_en="A peer")
    score(*made.values())
    return made


def _all() -> list[str]:
    return list(Quantity.values)


def names(page: str) -> list[str]:
    """Of the groups, in the order of the rows."""
    return re.findall(r'<th scope="row"><a href="[^"]*">([^<]*)</a>', page)


def shown(query: str = "", **who: Any) -> str:
    person = who.get("person") or make.carol()
    return text(signed_in(person).get(f"{reverse('candidates')}?{query}"))


# --- order and groups ---------------------------------------------------------------------------------------
@pytest.mark.postgres
def test_the_list_is_by_bars_cleared_then_gates_then_p_with_counts_and_what_is_unknown() -> None:
    some()
    page = shown()
    assert names(page) == ["a-three", "b-line", "c-open", "e-misses-c", "d-silent-on-grants"]
    groups = re.findall(r'scope="rowgroup">([^<]*) <span>(\d+)<', page)
    assert groups == [("Clears all three bars", "3"), ("Clears two bars", "2")]
    assert "government grants" in page and "the company" in page


def test_a_group_says_what_is_unknown_where_it_is_the_same_of_all() -> None:
    fund, dan = make.fund(), make.dan()
    score(candidate(fund, "a", dan, figures={Quantity.GRANTS: None}))
    assert "Clears two bars, one unknown" in shown()


@pytest.mark.postgres
def test_the_database_orders_as_the_engine_does() -> None:
    some()
    records = [one.record for one in Score.objects.filter(kind=Score.Kind.CANDIDATE)]
    engine = [record["company_key"] for record in ordered(records)[POWER]]
    rows = Caller(make.carol()).read(f"/candidates/?track={POWER}").json()["results"]
    assert [row["company"] for row in rows if row["group"] != "not_admitted"] == engine


def test_the_api_says_how_each_stands_with_the_fund_by_one_query_for_all() -> None:
    found, carol = some(), make.carol()
    mine = found["a-three"].candidacies.get()
    mine.shortlist(by=carol)
    mine.assign(carol, by=carol)
    caller = Caller(carol)
    rows = {row["company"]: row for row in caller.read(f"/candidates/?track={POWER}").json()["results"]}
    assert rows["a-three"]["standing"] == [
        {"fund": mine.fund_id, "stage": "shortlisted", "kind": None, "outcome": None, "follower": "carol"}
    ]
    assert [rows["a-three"][name] for name in ("notes", "requests_open", "requests_overdue")] == [0, 0, 0]
    assert [one["follower"] for one in rows["b-line"]["standing"]] == [None]
    assert rows["b-line"]["resilience"]["on_the_line"] and not rows["a-three"]["resilience"]["on_the_line"]
    with CaptureQueriesContext(connection) as one:
        caller.read(f"/candidates/?track={POWER}&page_size=1")
    with CaptureQueriesContext(connection) as all_of_them:
        caller.read(f"/candidates/?track={POWER}")
    assert len(all_of_them) == len(one)


@pytest.mark.postgres
@pytest.mark.parametrize("ordering", ["margin_c", "-margin_r", "margin_o", "-name", "year"])
def test_page_file_and_api_give_the_same_rows_in_the_same_order(ordering: str) -> None:
    some()
    carol = make.carol()
    page = text(signed_in(carol).get(f"{reverse('candidates')}?ordering={ordering}"))
    api = Caller(carol).read(f"/candidates/?track={POWER}&ordering={ordering}").json()["results"]
    listed = [row["company"] for row in api if row["group"] in "3210"]
    assert names(page) == listed
    assert 'scope="rowgroup"' not in page
    file = b"".join(signed_in(carol).get(f"{reverse('candidates_csv')}?ordering={ordering}&meta=0")).decode()  # type: ignore[arg-type]
    assert [line.split(",")[0] for line in file.splitlines()[1:]] == [row["company"] for row in api]


def test_neither_p_nor_the_estimate_is_an_order() -> None:
    caller = Caller(make.carol())
    for ordering in ("p", "p_cleared", "assisted_p", "assisted_cleared", "cleared"):
        is_problem(caller.read(f"/candidates/?ordering={ordering}"), 400, "validation_error")


# --- face validity ------------------------------------------------------------------------------------------
@pytest.mark.postgres
@pytest.mark.parametrize(
    "query", ["", "ordering=margin_c", "q=peer", "cleared=0", "gates=passed&gates=open&gates=failed", "year_min=1900"]
)
def test_a_company_without_candidacy_is_in_no_list_filter_order_export_or_answer_with_p(query: str) -> None:
    made = some()
    carol = make.carol()
    assert "A peer" not in text(signed_in(carol).get(f"{reverse('candidates')}?{query}"))
    assert b"A peer" not in b"".join(signed_in(carol).get(f"{reverse('candidates_csv')}?{query}"))  # type: ignore[arg-type]
    assert "peer" not in [row["company"] for row in Caller(carol).read(f"/candidates/?{query}").json()["results"]]
    latest = Caller(carol).read(f"/companies/{made['peer'].company_key}/").json()["latest_score"]
    assert (latest["kind"], latest["p_cleared"], latest["p_high"]) == ("peer", None, None)


def test_a_candidate_of_somebody_elses_fund_is_not_listed() -> None:
    fund = make.fund(source="published list")
    company = candidate(fund, "theirs", make.dan(), name_en="Theirs")
    score(company)
    assert "Theirs" not in shown()


@pytest.mark.postgres
def test_whoever_is_not_admitted_stands_below_with_gate_and_reason_and_without_p() -> None:
    some()
    page = shown()
    fold = page[page.index("Not admitted</b>") :]
    assert "f-excluded" in fold and "No exclusion holds" in fold
    row = next(r for r in Caller(mei()).read("/candidates/").json()["results"] if r["company"] == "f-excluded")
    assert (row["group"], row["p_cleared"], row["p_low"], row["p_high"]) == ("not_admitted", None, None, None)


@pytest.mark.postgres
def test_hiding_a_figure_gains_no_place_and_another_candidate_moves_no_other() -> None:
    fund, dan, carol = make.fund(), make.dan(), make.carol()
    made = [
        candidate(fund, "a", dan, name_en="a", figures={Quantity.EBIT: 500e6}),
        candidate(fund, "b", dan, name_en="b", figures={Quantity.EBIT: 300e6}),
        candidate(fund, "c", dan, name_en="c", figures={Quantity.EBIT: -10e6}),
    ]
    score(*made)
    before = shown(person=carol)
    headlines = dict(LatestScore.objects.values_list("company", "p_cleared"))
    places = {name: at for at, name in enumerate(names(before))}
    for quantity in (Quantity.EBIT, Quantity.GRANTS, Quantity.SCOPE_1, Quantity.REVENUE):
        key = f"z-{quantity}"[:40]
        hidden = candidate(fund, key, dan, name_en=key, figures={Quantity.EBIT: -10e6, quantity: None})
        score(hidden)
        assert names(shown(person=carol)).index(key) > places["b"]
        twin = LatestScore.objects.get(company=hidden)
        told = LatestScore.objects.get(company=made[2])
        assert (twin.cleared, twin.p_cleared or 0) <= (told.cleared, told.p_cleared or 0)
    assert {pk: p for pk, p in LatestScore.objects.values_list("company", "p_cleared") if pk in headlines} == headlines


# --- filters and states ------------------------------------------------------------------------------------------
@pytest.mark.postgres
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("cleared=3", ["a-three", "b-line", "c-open"]),
        ("cleared_min=3&gates=passed", ["a-three", "b-line"]),
        ("gates=open", ["c-open"]),
        ("family=F03", []),
        ("stage=venture", []),
        ("year_min=2026", []),
        ("q=misses", ["e-misses-c"]),
        ("track=energy_efficiency", []),
    ],
)
def test_candidates_are_narrowed(query: str, expected: list[str]) -> None:
    some()
    page = shown(query)
    assert names(page) == expected
    if not expected:
        assert "No candidate" in page


@pytest.mark.postgres
def test_those_that_pass_a_mandate_are_found_by_page_and_api() -> None:
    made = some()
    fund = made["a-three"].candidacies.get().fund
    mandate = make.mandate(fund=fund, valid_from=date(2026, 1, 1), min_cleared=3, gates_passed_required=True)
    carol = make.carol()
    page = shown(f"mandate={mandate.pk}", person=carol)
    assert names(page) == ["a-three", "b-line"]
    assert "Passes mandate: Chongqing demo fund v1" in page
    api = Caller(carol).read(f"/candidates/?mandate={mandate.pk}").json()["results"]
    assert [row["company"] for row in api] == ["a-three", "b-line"]
    assert names(shown("mandate=99", person=carol)) == []


def test_one_switch_hides_illustrative_companies() -> None:
    fund, dan = make.fund(), make.dan()
    score(
        candidate(fund, "real", dan, name_en="real"), candidate(fund, "made", dan, name_en="made", is_illustrative=True)
    )
    carol = make.carol()
    page = shown(person=carol)
    assert names(page) == ["made", "real"]
    assert "illustrative=hide" in page
    assert names(shown("illustrative=hide", person=carol)) == ["real"]


def test_tabs_have_the_four_tracks_with_counts_and_open_where_somebody_is() -> None:
    fund, dan = make.fund(), make.dan()
    score(candidate(fund, "motor", dan, family="F16", name_en="Motors"))
    page = shown()
    counts = re.findall(r'track-tab--(\w+)"[^>]*>[^<]*<span>(\d+)<', page)
    assert counts == list(zip(Track.values, "0010", strict=True))
    assert "Motors" in page


def test_what_only_the_fund_can_set_is_told_by_family() -> None:
    fund, dan = make.fund(), make.dan()
    score(candidate(fund, "storage", dan, family="F05", name_en="Storage"))
    page = shown()
    fold = page[page.index("No bar yet</b>") :]
    assert "Stationary battery storage: Contribution, Own footprint" in fold


def file_of(query: str, language: str = "en") -> list[list[str]]:
    client = signed_in(User.objects.filter(username="carol").first() or make.carol())
    client.cookies["django_language"] = language
    answer = client.get(f"{reverse('candidates_csv')}?meta=0&{query}")
    text_of = b"".join(answer).decode("utf-8-sig")  # type: ignore[arg-type]
    return list(csv.reader(text_of.splitlines()))


def nominated_peer(key: str, **facts: Any) -> Company:
    """A company that was scored as a peer, then nominated."""
    peer = make.scoreable(key, **facts)
    make.score(peer)
    fund = make.ThemeFund.objects.first() or make.fund()
    nominate(fund, peer, by=User.objects.filter(username="dan").first() or make.dan())
    return peer


@pytest.mark.parametrize(
    ("language", "state", "group"),
    [
        ("en", "nominated, waiting for its run (queued ", "Nominated, no track yet"),
        ("zh-hans", "已提名，等待评分（", "已提名，未认定赛道"),
    ],
)
def test_a_nominated_company_without_a_confirmed_track_stands_by_itself(language: str, state: str, group: str) -> None:
    made = some()
    peer = nominated_peer("new", name_en="New Cells", name_zh="新电池")
    make.track(peer)  # an opinion that nobody has confirmed
    carol = make.carol()
    power = text(signed_in(carol, language).get(f"{reverse('candidates')}?track={POWER}"))
    none = text(signed_in(carol, language).get(f"{reverse('candidates')}?track=none"))
    assert peer.get_absolute_url() not in power and peer.get_absolute_url() in none
    assert group in none and state in none
    assert re.search(r'track-tab--none"[^>]*>[^<]*<span>1<', power)
    assert made["a-three"].get_absolute_url() not in none
    heads, row = file_of("track=none", language)
    assert (row[0], row[1]) == ("new", "New Cells" if language == "en" else "新电池")
    assert row[6].startswith(state) and not any(row[7:]) and len(row) == len(heads)
    assert "new" not in [line[0] for line in file_of(f"track={POWER}", language)]


def test_a_nominated_company_waits_under_its_confirmed_track() -> None:
    company = candidate(make.fund(), "waits", make.dan(), name_en="Waiting Turbines")
    page = shown(f"track={POWER}")
    assert company.get_absolute_url() in page
    assert "Nominated, not judged yet" in page and "nominated; no run is queued" in page
    [_heads, row] = file_of(f"track={POWER}")
    assert row[:7] == [
        *("waits", "Waiting Turbines", "no", "Power decarbonisation", "", "", "nominated; no run is queued")
    ]


def test_a_nominated_company_is_judged_when_its_run_is_done() -> None:
    peer = nominated_peer("new", name_en="New Cells")
    score(peer)
    page = shown("track=none")
    assert "Nominated" not in page and "No figures yet" in page or "New Cells" in page
    assert "waiting for its run" not in page


def test_without_candidates_the_page_says_what_makes_one() -> None:
    page = shown()
    assert "There is no candidate yet" in page
    assert reverse("scoring:peers") in page


@pytest.mark.parametrize("person", ["alice", "bob"])
def test_applicants_and_verifiers_find_nothing(person: str) -> None:
    made = make.alice(make.company()) if person == "alice" else make.bob()
    client = signed_in(made)
    for name in ("candidates", "candidates_csv"):
        assert client.get(reverse(name)).status_code == 404
    is_problem(Caller(made).read("/candidates/"), 404, "not_found")


def test_committee_members_read_without_the_button() -> None:
    score(candidate(make.fund(), "a", make.dan()))
    assert "Add a candidate" not in shown(person=mei())


def test_what_is_asked_wrongly_is_dropped_in_words_and_a_file_is_not_made_of_it() -> None:
    page = shown("cleared=7&colour=red")
    assert "“7” is not possible for “Bars cleared”" in page
    assert "There is no filter named “colour”" in page
    carol = signed_in(make.user("second", "fund_manager"))
    assert carol.get(f"{reverse('candidates_csv')}?cleared=7").status_code == 404


@pytest.mark.postgres
def test_the_file_says_what_it_is_of_and_a_name_cannot_be_a_formula() -> None:
    fund, dan = make.fund(), make.dan()
    run = score(candidate(fund, "a", dan, name_en="=HYPERLINK(1)"))
    answer = signed_in(make.carol()).get(f"{reverse('candidates_csv')}?cleared_min=1")
    lines = b"".join(answer).decode().splitlines()  # type: ignore[arg-type]
    told = dict(line.lstrip("\ufeff# ").split(": ", 1) for line in lines if "# " in line[:3])
    assert told["Filters"] == "Bars cleared, at least: 1"
    assert told["Run"] == str(run.pk) and told["Made by"] == "carol" and told["As of"] == "2026-11-30"
    assert told["Bar sheet"].split()[0] == run.bar_sheet.version  # type: ignore[union-attr]
    assert any(line.startswith("a,'=HYPERLINK(1),") for line in lines)
    assert f"_{POWER}_{run.pk}_" in answer["Content-Disposition"]


@pytest.mark.postgres
def test_until_the_run_by_a_new_sheet_is_done_the_last_results_stand_and_say_whose_they_are() -> None:
    fund, dan, carol = make.fund(), sheets.dan(), make.carol()
    score(candidate(fund, "a", dan, name_en="Older"), candidate(fund, "b", dan, name_en="Other"))
    sheets.approved(dan, sheets.erin()).activate(by=dan, day=timezone.localdate())
    page = shown(person=carol)
    assert names(page) == ["Older", "Other"]
    assert page.count(">Bar sheet 1<") == 2
    assert "2 candidates are still scored by an earlier bar sheet</p>" in page
    runs.ask_by_new_sheet()
    assert "still scored by an earlier bar sheet; the run is queued" in shown(person=carol)
    file = b"".join(signed_in(carol).get(f"{reverse('candidates_csv')}?meta=0")).decode()  # type: ignore[arg-type]
    assert [row["Bar sheet"] for row in csv.DictReader(file.removeprefix("\ufeff").splitlines())] == ["1", "1"]
    assert [row["bar_sheet"] for row in Caller(carol).read("/candidates/").json()["results"]] == ["1", "1"]
    runs.drain(ScoreRun.objects.latest("pk").pk)
    page = shown(person=carol)
    assert names(page) == ["Older", "Other"]
    assert ">Bar sheet 1<" not in page and "earlier bar sheet" not in page


def test_a_track_without_a_group_says_truly_why() -> None:
    fund, dan, carol = make.fund(), make.dan(), make.carol()
    candidate(fund, "waits", dan, name_en="Waiting")
    assert "No candidate of this track has a result yet." in shown(person=carol)
    score(candidate(fund, "silent", dan, figures=dict.fromkeys(_all(), None), sold={}))
    assert "No candidate of this track has told a figure yet." in shown(person=carol)
    score(candidate(fund, "out", dan, words={"exclusion": "yes"}))
    assert "No candidate of this track stands in a group; why, is below." in shown(person=carol)


@pytest.mark.postgres
def test_a_page_costs_the_same_queries_whatever_the_rows() -> None:
    fund, dan = make.fund(), make.dan()
    score(candidate(fund, "a", dan))
    client = signed_in(make.carol())

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("candidates")).status_code == 200
        return len(seen)

    few = queries()
    score(*(candidate(fund, f"b{n}", dan) for n in range(5)))
    assert queries() == few <= 10


def test_a_figure_of_the_row_is_that_of_its_record() -> None:
    fund, dan = make.fund(), make.dan()
    score(candidate(fund, "a", dan, figures={Quantity.EBIT: 140e6}))
    row = Caller(make.carol()).read("/candidates/?fields=company,resilience,p_cleared").json()["results"][0]
    # 140 M EBIT − 40 M grants − 200 CNY × 2,000 t × 0.5, of 5,000 M revenue
    assert float(row["resilience"]["value"]["value"]) == pytest.approx((140 - 40 - 0.2) / 5000)
    assert row.keys() == {"company", "resilience", "p_cleared"}
    assert Figure.objects.filter(quantity=Quantity.EBIT).get().value == 140e6


def test_a_missed_bar_and_three_unknown_ones_are_two_groups() -> None:
    fund, dan = make.fund(), make.dan()
    silent: dict[str, Any] = {"sold": {}, "words": {}}
    untold = dict.fromkeys(_all(), None)
    rows = {
        "a-unknown": silent | {"figures": untold | {Quantity.REVENUE: 1e9}},
        "b-misses": silent | {"figures": untold | {Quantity.REVENUE: 1e9, Quantity.EBIT: -30e6}},
        "c-silent": silent | {"figures": untold},
    }
    score(*[candidate(fund, key, dan, name_en=key, **how) for key, how in rows.items()])
    carol = make.carol()
    page = shown("", person=carol)
    assert names(page)[:2] == ["b-misses", "a-unknown"]
    assert "Clears none, two unknown" in page and "All three unknown" in page
    assert "1 with all three unknown" in text(signed_in(carol).get(reverse("home")))
    file = b"".join(signed_in(carol).get(reverse("candidates_csv") + "?track=power_decarbonisation")).decode()
    groups = {line.split(",")[0]: line.split(",")[6] for line in file.splitlines() if line[1:2] == "-"}
    assert groups == {"b-misses": "Clears none", "a-unknown": "All three unknown", "c-silent": "No figures yet"}
    answer = signed_in(carol).get("/api/v1/candidates/").json()["results"]
    assert [(one["company"], one["group"]) for one in answer] == [
        ("b-misses", "0"),
        ("a-unknown", "unknown"),
        ("c-silent", "no_figures"),
    ]
    for group, company in (("0", "b-misses"), ("unknown", "a-unknown")):
        found = signed_in(carol).get(f"/api/v1/scores/?group={group}").json()["results"]
        assert [(one["company"], one["group"]) for one in found] == [(company, group)]
