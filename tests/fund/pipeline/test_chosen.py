"""What is done with candidates that were selected: said before it is written, each by itself, and nothing lost."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from fund.models import Candidate, Note
from fund.pipeline.chosen import MOST
from portfolio.audit import AuditEvent
from portfolio.models import Company, DataRequest, Quantity
from scoring.runs import queue as runs
from tests import make
from tests.make_candidates import candidate, score
from tests.scoring.pages import mei, signed_in, text

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are drained by hand here."""
    monkeypatch.setattr(runs, "wake", lambda run_id: None)


@pytest.fixture
def carol() -> User:
    return make.carol()


@pytest.fixture
def two() -> list[Company]:
    """One whose grants are untold, and one that tells no sales and no EBIT; of 2025."""
    fund, dan = make.fund(), make.dan()
    made = [
        candidate(fund, "grants", dan, name_en="Grants untold", figures={Quantity.GRANTS: None}),
        candidate(fund, "ebit", dan, name_en="Much untold", figures={Quantity.EBIT: None}, sold={}),
    ]
    score(*made)
    return made


def due(days: int = 14) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def posted(client: Client, name: str, companies: list[Company], **given: Any) -> Any:
    return client.post(reverse(name), {"c": [one.pk for one in companies], **given}, follow=True)


def asked(company: Company) -> list[tuple[int, str]]:
    return [tuple(one) for request in DataRequest.objects.filter(company=company) for one in request.listed]


# --- shortlist ---
def test_who_is_shortlisted_is_said_first_and_who_is_further_on_stays(two: list[Company], carol: User) -> None:
    Candidate.objects.get(company=two[1]).shortlist(by=carol)
    client = signed_in(carol)
    query = "&".join(f"c={one.pk}" for one in two)
    page = text(client.get(f"{reverse('chosen_shortlist')}?{query}"))
    assert "Shortlist 1 candidate<" in page and "stays as it is (further on: Shortlisted)" in page
    assert Candidate.objects.filter(stage="shortlisted").count() == 1
    said = text(posted(client, "chosen_shortlist", two, next=f"{reverse('candidates')}?cleared=2"))
    assert "On the shortlist: Grants untold." in said
    assert Candidate.objects.filter(stage="shortlisted").count() == 2
    assert AuditEvent.objects.filter(verb="candidate.shortlisted").count() == 2


def test_what_is_no_candidate_and_what_is_one_too_many_is_left_out_in_words(two: list[Company], carol: User) -> None:
    peer = make.company("peer")
    ticked = [two[0].pk, peer.pk, 999_999, "x", *range(10_000, 10_000 + MOST)]
    page = text(signed_in(carol).get(f"{reverse('chosen_shortlist')}?" + "&".join(f"c={one}" for one in ticked)))
    assert f"the first {MOST} of {len(ticked)} stand here" in page
    assert "are no candidates of yours and are left out" in page and "Grants untold" in page


def test_nothing_selected_leads_back_in_words(carol: User) -> None:
    for name in ("chosen_shortlist", "chosen_assign", "chosen_ask"):
        answer = signed_in(carol).get(f"{reverse(name)}?next=//elsewhere.org/", follow=True)
        assert answer.redirect_chain == [(reverse("candidates"), 302)]
        assert "Nothing is selected" in text(answer)


# --- assign ---
def test_a_candidate_is_assigned_to_a_manager_and_taken_back(two: list[Company], carol: User) -> None:
    client = signed_in(carol)
    said = text(posted(client, "chosen_assign", two, to=carol.pk))
    assert "carol follows Grants untold, Much untold." in said
    page = text(client.get(reverse("candidates")))
    assert page.count('class="candidates__sub candidates__beside"><span>carol</span>') == 2
    assert "Not changed: Grants untold: so already." in text(posted(client, "chosen_assign", two[:1], to=carol.pk))
    assert "Followed by nobody now: Much untold." in text(posted(client, "chosen_assign", two[1:], to=""))
    assert [event.detail for event in AuditEvent.objects.filter(verb="candidate.assigned").order_by("seq")] == [
        *("carol", "carol", "")
    ]
    assert "Grants untold" in text(client.get(f"{reverse('candidates')}?follower=carol"))
    assert "Grants untold" not in text(client.get(f"{reverse('candidates')}?follower=nobody"))


def test_only_managers_and_administrators_can_follow(two: list[Company], carol: User) -> None:
    stranger = mei()
    page = text(posted(signed_in(carol), "chosen_assign", two, to=stranger.pk))
    assert "valid choice" in page
    assert not Candidate.objects.exclude(followed_by=None).exists()


# --- ask ---
def test_the_next_question_is_ticked_and_what_is_asked_is_gone(two: list[Company], carol: User) -> None:
    client = signed_in(carol)
    address = f"{reverse('chosen_ask')}?c={two[1].pk}"
    page = text(client.get(address))
    assert 'value="2025:solutions.units_sold"' in page and "Nobody of these companies has an account" in page
    given = {"figures": ["2025:ebit_cny"], "due": due(), "note": "By the annual report, please."}
    said = text(posted(client, "chosen_ask", two[1:], **given))
    assert "Asked for data: Much untold." in said
    assert asked(two[1]) == [(2025, "ebit_cny")]
    assert 'value="2025:ebit_cny"' not in text(client.get(address))
    assert '<span class="chip chip--muted">1 request open</span>' in text(client.get(reverse("candidates")))


def test_several_are_asked_for_their_next_question_or_for_all(two: list[Company], carol: User) -> None:
    client = signed_in(carol)
    query = "&".join(f"c={one.pk}" for one in two)
    page = text(client.get(f"{reverse('chosen_ask')}?{query}"))
    assert "The figures of the next question (2 of 2 candidates)" in page
    said = text(posted(client, "chosen_ask", two, scope="next", due=due(), note=""))
    assert "Asked for data: Grants untold, Much untold." in said
    assert asked(two[0]) == [(2025, "grants_cny")]
    assert (2025, "ebit_cny") in asked(two[1]) or (2025, "solutions.units_sold") in asked(two[1])
    posted(client, "chosen_ask", two, scope="all", due=due(), note="")
    assert {(2025, "ebit_cny"), (2025, "solutions.units_sold")} <= set(asked(two[1]))
    page = text(client.get(f"{reverse('chosen_ask')}?{query}"))
    assert "all of it has been asked for already" in page and 'type="date"' not in page
    assert "There is nothing to ask for" in page and "Ask 0 candidates" not in page
    assert "before you confirm" not in page and f'href="{reverse("requests")}">Data requests' in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"due": due(-1)}, "The due day is from today on"),
        ({"due": "soon"}, "Enter a valid date"),
        ({"figures": []}, "Please choose what to ask for."),
        ({"figures": ["2025:no_such"]}, "valid choice"),
        ({"note": "x" * 1001}, "at most 1,?000 characters"),
    ],
)
def test_a_wrong_question_keeps_what_was_typed(
    two: list[Company], carol: User, wrong: dict[str, Any], said: str
) -> None:
    given = {"figures": ["2025:grants_cny"], "due": due(), "note": "kept words"} | wrong
    page = text(posted(signed_in(carol), "chosen_ask", two[:1], **given))
    assert re.search(said, page), page
    assert "kept words" in page or "note" in wrong
    assert not DataRequest.objects.exists()


def test_a_candidate_without_a_result_is_asked_for_what_the_bars_rest_on(carol: User) -> None:
    waiting = candidate(make.fund(), "new", make.dan(), name_en="Newcomer", figures={Quantity.EBIT: None})
    page = text(signed_in(carol).get(f"{reverse('chosen_ask')}?c={waiting.pk}"))
    assert 'value="2025:ebit_cny"' in page and 'value="2025:revenue_cny"' not in page


def test_asking_costs_the_same_queries_however_many(two: list[Company], carol: User) -> None:
    client = signed_in(carol)

    def queries(companies: list[Company]) -> int:
        with CaptureQueriesContext(connection) as seen:
            text(client.get(f"{reverse('chosen_ask')}?" + "&".join(f"c={one.pk}" for one in companies)))
        return len(seen)

    assert queries(two[:1]) == queries(two) <= 14


@pytest.mark.parametrize("name", ["chosen_shortlist", "chosen_assign", "chosen_ask"])
def test_who_only_reads_is_refused_and_others_find_nothing(two: list[Company], name: str) -> None:
    address = f"{reverse(name)}?c={two[0].pk}"
    assert signed_in(mei()).get(address).status_code == 403
    assert signed_in(make.alice(two[0])).get(address).status_code == 404
    assert signed_in(make.bob()).get(address).status_code == 404


def test_the_bar_of_the_list_offers_only_what_one_may(two: list[Company], carol: User) -> None:
    mine, read_only = (text(signed_in(who).get(reverse("candidates"))) for who in (carol, mei()))
    for name in ("chosen_shortlist", "chosen_assign", "chosen_ask"):
        assert f'formaction="{reverse(name)}"' in mine and f'formaction="{reverse(name)}"' not in read_only
    assert "Compare" in read_only


# --- notes, and what the dossier says ---
def test_a_note_is_kept_dated_and_counted(two: list[Company], carol: User) -> None:
    client = signed_in(carol)
    answer = client.post(reverse("note", args=[two[0].pk]), {"text": " <b>Call</b> on Thursday "}, follow=True)
    page = text(answer)
    assert "&lt;b&gt;Call&lt;/b&gt; on Thursday" in page and "carol" in page
    assert "<span>1 note</span>" in text(client.get(reverse("candidates")))
    assert AuditEvent.objects.filter(verb="note.written").count() == 1
    with pytest.raises(Exception, match="append-only"):
        Note.objects.update(text="other")


@pytest.mark.parametrize(("typed", "said"), [("  ", "Please write something."), ("x" * 2001, "At most 2000")])
def test_a_note_that_cannot_be_kept_stays_in_its_field(two: list[Company], carol: User, typed: str, said: str) -> None:
    answer = signed_in(carol).post(reverse("note", args=[two[0].pk]), {"text": typed})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert said in page.replace("2,000", "2000") and typed in page
    assert not Note.objects.exists()


def test_the_dossier_shows_who_follows_what_is_asked_and_noted(two: list[Company], carol: User) -> None:
    make.data_request(two[0], carol, (2025, Quantity.GRANTS))
    Candidate.objects.get(company=two[0]).assign(carol, by=carol)
    page = text(signed_in(carol).get(reverse("dossier_tab", args=[two[0].pk, "notes"])))
    assert "followed by carol" in page and "1 request open" in page and "0 of 1 told" in page
    assert reverse("chosen_ask") in page
    read_only = text(signed_in(mei()).get(reverse("dossier_tab", args=[two[0].pk, "notes"])))
    assert reverse("chosen_ask") not in read_only and "<textarea" not in read_only


def test_a_decision_shows_on_the_row(carol: User) -> None:
    fund, dan, erin = make.fund(), make.dan(), make.erin()
    company = candidate(fund, "a", dan, name_en="Decided")
    run = score(company)
    proposal = make.proposal(run.scores.get(), dan, fund)
    client = signed_in(carol)
    assert '<span class="chip chip--muted">Proposed</span>' in text(client.get(reverse("candidates")))
    proposal.decide("approved", "I agree with it.", erin, proposal.content_sha256)
    assert '<span class="chip chip--done">Invest: Approved</span>' in text(client.get(reverse("candidates")))
    assert "Decided" in text(client.get(f"{reverse('candidates')}?standing=approved"))
    assert "No candidate matches" in text(client.get(f"{reverse('candidates')}?standing=screening"))
