"""The pages on which the committee proposes and decides: what they show, ask for, keep and refuse."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fund.models import Candidate, Decision, Proposal, ThemeFund
from portfolio.models import Role
from portfolio.models.check import Check, CheckedVersion
from scoring.models import Score
from tests import make, make_candidates
from tests.fund.committee import made
from tests.fund.committee.test_decisions import AGREED, LATER, NOT_ADMITTED, failing_mandate
from tests.scoring.bar_sheets.make import approved

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def dan() -> User:
    return make.dan()


@pytest.fixture
def erin() -> User:
    return make.erin()


@pytest.fixture
def score() -> Score:
    return made.score(make.company(), made.result())


@pytest.fixture
def fund() -> ThemeFund:
    return make.fund()


@pytest.fixture
def proposal(score: Score, fund: ThemeFund, dan: User) -> Proposal:
    return make.proposal(score, dan, fund)


def signed_in(user: User) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client


def decision_page(proposal: Proposal) -> str:
    return reverse("admin:fund_proposal_change", args=[proposal.pk])


def propose(client: Client, score: Score, **changes: str) -> Any:
    url = reverse("propose", args=[score.company_id]) + f"?score={score.pk}"
    page = client.get(url)
    form = {"kind": "invest", "amount_cny": "3000000", "conditions": "", "reason": AGREED, "newer_score_note": ""}
    form["seen_sha256"] = page.context["form"]["seen_sha256"].value()
    return client.post(url, form | changes)


def decide(client: Client, proposal: Proposal, **changes: str) -> Any:
    form = {"outcome": "approved", "reason": AGREED, "content_sha256": proposal.content_sha256}
    return client.post(reverse("admin:fund_proposal_decide", args=[proposal.pk]), form | changes)


def test_the_page_asks_for_the_note_and_keeps_it(score: Score, fund: ThemeFund, dan: User, erin: User) -> None:
    failing_mandate(fund)
    client = signed_in(dan)
    page = propose(client, score).content.decode()
    assert not Proposal.objects.exists()
    assert "Say why you propose to invest all the same" in page
    assert "1 fail, 0 not decidable, 1 pass" in page
    propose(client, score, failed_rules_note="the report is in print")
    assert "the report is in print" in signed_in(erin).get(decision_page(Proposal.objects.get())).content.decode()


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("1.2万", "12000.00"), ("50,000,000", "50000000.00"), ("3亿", "300000000.00"), ("12.5", "12.50")],
)
def test_an_amount_is_read_as_people_type_it(score: Score, fund: ThemeFund, dan: User, typed: str, amount: str) -> None:
    assert propose(signed_in(dan), score, amount_cny=typed).status_code == 302
    assert str(Proposal.objects.get().amount_cny) == amount


@pytest.mark.parametrize(
    ("language", "verbs", "states", "button"),
    [
        ("en", ["Approve", "Reject"], "Approved", "Decide"),
        ("zh-hans", ["批准", "否决"], "已批准", "作出决定"),
    ],
)
def test_what_one_does_is_a_verb_and_what_is_done_a_state(
    proposal: Proposal, erin: User, language: str, verbs: list[str], states: str, button: str
) -> None:
    client = signed_in(erin)
    client.cookies["django_language"] = language
    before = client.get(decision_page(proposal))
    page = before.content.decode()
    assert [str(label) for _code, label in before.context["form"].fields["outcome"].choices] == verbs
    assert f'type="submit">{button}</button>' in page and states not in page.split('id="decide"')[1]
    decide(client, proposal)
    assert f"<strong>{states}</strong>" in client.get(decision_page(proposal)).content.decode()


def test_the_form_follows_the_evidence_and_a_link_leads_to_it(
    proposal: Proposal, score: Score, dan: User, erin: User
) -> None:
    for page in (
        signed_in(erin).get(decision_page(proposal)).content.decode(),
        signed_in(dan).get(reverse("propose", args=[score.company_id]) + f"?score={score.pk}").content.decode(),
    ):
        places = [page.index(part) for part in ('id="brief-title"', 'href="#decide"', 'id="decide"')]
        assert places == sorted(places)


def test_dossier_and_proposal_count_the_rules_alike(fund: ThemeFund, dan: User) -> None:
    make.mandate(fund=fund, valid_from=date(2025, 1, 1), max_ticket_share=0.1, oldest_data_year=2100)
    ThemeFund.objects.filter(pk=fund.pk).update(size_cny=Decimal("1e9"))
    company = make_candidates.candidate(fund, "demo-wind", dan)
    score = make_candidates.score(company).scores.get()
    client = signed_in(dan)
    dossier = client.get(score.company.get_absolute_url()).content.decode()
    page = propose(client, score, amount_cny="", reason="").content.decode()
    assert "1 rule needs an amount: not counted" in dossier and "1 rule needs an amount: not counted" in page
    of_dossier = re.search(r"(\d+) pass · (\d+) fail · (\d+) not decidable", dossier)
    of_page = re.search(r"Mandate: (\d+) fail, (\d+) not decidable, (\d+) pass", page)
    assert of_dossier and of_page
    passed, failed, undecided = of_dossier.groups()
    assert of_page.groups() == (failed, undecided, passed)
    with_amount = re.search(
        r"Mandate: \d+ fail, \d+ not decidable, (\d+) pass", propose(client, score, reason="").content.decode()
    )
    assert with_amount and int(with_amount[1]) == int(passed) + 1


def test_only_an_investment_needs_an_amount(score: Score, fund: ThemeFund, dan: User) -> None:
    page = propose(signed_in(dan), score, amount_cny="")
    assert page.context["form"].errors["amount_cny"] == ["An investment needs an amount."]
    assert not Proposal.objects.exists()
    assert propose(signed_in(dan), score, kind="watch", amount_cny="").status_code == 302
    assert Proposal.objects.get().amount_cny is None


@pytest.mark.parametrize("typed", ["many", "0", "-3", "1e17", "1e300"])
def test_an_amount_that_cannot_be_is_refused_and_kept_as_typed(
    score: Score, fund: ThemeFund, dan: User, typed: str
) -> None:
    page = propose(signed_in(dan), score, amount_cny=typed)
    assert page.context["form"].errors["amount_cny"]
    assert f'value="{typed}"' in page.content.decode()
    assert not Proposal.objects.exists()


def test_the_amount_is_read_back(score: Score, fund: ThemeFund, dan: User) -> None:
    page = propose(signed_in(dan), score, amount_cny="1.2万", reason=" ").content.decode()
    assert "12,000 CNY" in page
    chinese = signed_in(dan)
    chinese.cookies["django_language"] = "zh-hans"
    page = propose(chinese, score, amount_cny="1.2万", reason=" ").content.decode()
    assert "12,000 元" in page and "CNY" not in page


def test_the_page_of_one_that_is_not_admitted_does_not_offer_to_invest(fund: ThemeFund, dan: User) -> None:
    score = made.score(make.company(), NOT_ADMITTED)
    client = signed_in(dan)
    page = client.get(reverse("propose", args=[score.company_id]) + f"?score={score.pk}")
    assert [kind for kind, _label in page.context["form"].fields["kind"].choices] == ["", "decline", "watch"]
    assert "Not admitted" in page.content.decode()
    assert propose(client, score).context["form"].errors["kind"]


def test_the_page_of_a_peer_has_no_form(fund: ThemeFund, dan: User) -> None:
    score = made.score(make.company(), None)
    page = signed_in(dan).get(reverse("propose", args=[score.company_id]) + f"?score={score.pk}").content.decode()
    assert "peer" in page
    assert 'name="kind"' not in page


def test_a_ticket_too_large_for_the_fund_needs_words(score: Score, fund: ThemeFund, dan: User) -> None:
    ThemeFund.objects.filter(pk=fund.pk).update(size_cny=Decimal(20_000_000))
    fund.refresh_from_db()
    make.mandate(fund=fund, valid_from="2025-01-01", max_ticket_share=0.1)
    client = signed_in(dan)
    page = propose(client, score)
    assert "this is 15%" in page.content.decode()
    assert 'name="failed_rules_note"' in page.content.decode()
    propose(client, score, failed_rules_note="the second closing doubles the fund")
    ticket = Proposal.objects.get().checks_seen()[-1]
    assert (ticket.rule, ticket.verdict.value, ticket.found) == ("ticket", "fail", "0.15")


def test_from_dossier_to_decision_through_the_pages(score: Score, fund: ThemeFund, dan: User, erin: User) -> None:
    make.mandate(fund=fund, valid_from="2025-01-01", confirmed_track_required=True)
    answer = propose(signed_in(dan), score, failed_rules_note="its track is being confirmed")
    proposal = Proposal.objects.get()
    assert answer.headers["Location"] == proposal.get_absolute_url()
    page = signed_in(erin).get(decision_page(proposal))
    assert proposal.content_sha256 in page.content.decode()
    assert score.digest in page.content.decode()
    assert decide(signed_in(erin), proposal).status_code == 302
    assert Decision.objects.get().decided_by == erin


def test_the_proposer_is_told_why_and_refused_by_direct_post(proposal: Proposal, dan: User) -> None:
    client = signed_in(dan)
    page = client.get(decision_page(proposal))
    assert "another administrator" in page.content.decode()
    assert 'name="outcome"' not in page.content.decode()
    answer = decide(client, proposal)
    assert answer.status_code == 403
    assert "another administrator" in answer.content.decode()
    assert not Decision.objects.exists()


def test_posting_to_the_proposal_page_changes_nothing(proposal: Proposal, erin: User) -> None:
    assert signed_in(erin).post(decision_page(proposal), {"reason": "other"}).status_code == 403


def test_a_decision_without_a_reason_is_asked_for_one(proposal: Proposal, erin: User) -> None:
    answer = decide(signed_in(erin), proposal, reason=" ")
    assert answer.status_code == 200
    assert answer.context["form"].errors["reason"]
    assert not Decision.objects.exists()


def test_a_late_decision_gets_a_clear_message(proposal: Proposal, erin: User) -> None:
    decide(signed_in(erin), proposal)
    answer = decide(signed_in(make.user("gina", "admin")), proposal, outcome="rejected")
    assert answer.status_code == 409
    assert "decided already" in answer.content.decode()


def test_a_changed_digest_is_refused_on_the_page(proposal: Proposal, erin: User) -> None:
    assert decide(signed_in(erin), proposal, content_sha256="0" * 64).status_code == 409


def test_a_proposal_needs_a_reason_on_the_page_too(score: Score, fund: ThemeFund, dan: User) -> None:
    answer = propose(signed_in(dan), score, reason="")
    assert answer.status_code == 200
    assert not Proposal.objects.exists()
    assert not Candidate.objects.exists()


def test_a_refused_proposal_leaves_no_candidate(score: Score, fund: ThemeFund, dan: User) -> None:
    made.score(score.company, made.result(), as_of=LATER)
    answer = propose(signed_in(dan), score)
    assert "newer score" in answer.content.decode()
    assert not Candidate.objects.exists()


def test_with_several_funds_one_is_chosen_first(score: Score, fund: ThemeFund, dan: User) -> None:
    make.fund(name_zh="第二基金", name_en="Second fund")
    page = signed_in(dan).get(reverse("propose", args=[score.company_id]) + f"?score={score.pk}").content.decode()
    assert "Second fund" in page
    assert f"score={score.pk}&amp;fund={fund.pk}" in page


def test_without_a_score_there_is_nothing_to_propose(dan: User) -> None:
    address, client = reverse("propose", args=[make.company().pk]), signed_in(dan)
    assert "there is nothing to propose" in client.get(address, follow=True).content.decode()
    assert client.get(address + "?score=999").status_code == 404
    assert client.get(address + "?score=x").status_code == 404


def test_the_page_says_what_is_known_what_is_not_and_what_it_would_take(fund: ThemeFund, dan: User, erin: User) -> None:
    at_most = {"code": "at_most", "name": "subsidies", "value": 88e6, "share": 0.088, "unit": "CNY"}
    untold = made.bar("unknown", missing=[made.GRANTS], break_even=at_most)
    waiting = made.gate("G2", "not_decidable", "exclusions_unchecked", who="fund")
    score = made.score(make.company(), made.result(r=untold, gates=[made.gate("G1"), waiting]))
    proposal = make.proposal(score, dan, fund)
    page = signed_in(erin).get(decision_page(proposal)).content.decode()
    for told in ("81% · 2 of 3 cleared", "government grants", "the company", "clears unless subsidies exceed 88 M CNY"):
        assert told in page
    assert "Nobody has checked the exclusions yet" in page


def test_other_proposals_of_the_candidate_are_named_with_a_link(
    proposal: Proposal, score: Score, fund: ThemeFund, dan: User, erin: User
) -> None:
    address = reverse("propose", args=[score.company_id]) + f"?score={score.pk}"
    assert "Also proposed" not in signed_in(erin).get(decision_page(proposal)).content.decode()
    waiting = signed_in(dan).get(address).content.decode()
    assert f'href="{proposal.get_absolute_url()}">#1 Invest 3,000,000 CNY</a>, Waits for a decision' in waiting
    proposal.decide("approved", AGREED, erin, proposal.content_sha256)
    second = make.proposal(score, dan, fund, kind="decline")
    page = signed_in(erin).get(decision_page(second)).content.decode()
    assert f'href="{proposal.get_absolute_url()}">#1 Invest 3,000,000 CNY</a>, Approved' in page
    assert f'href="{second.get_absolute_url()}"' not in page


def test_open_doubts_about_the_figures_that_the_score_used_stand_on_the_page(fund: ThemeFund, dan: User) -> None:
    company = make.company()
    used, other = (make.disclosure(company, year, verified_despite=f"saw the meter of {year}") for year in (2025, 2023))
    for one in (used, other):
        jump = Check(code="jump", severity=Check.Severity.WARN, quantity="revenue_cny", parameters={"ratio": 3.0})
        checks = [jump, Check(code="negative", severity=Check.Severity.INFO, quantity="revenue")]
        CheckedVersion(disclosure=one, digest=one.digest, basis_digest="0" * 64, rules="1").keep(checks)
    told = {"name": "scope1", "value": 1.0, "rung": "verified", "u95": 0.0, "elasticity": 1.0, "is_own": True}
    footprint = made.bar(value=0.2, bar=0.225, unit="t/万元", inputs=[told | {"source": used.digest}])
    score = made.score(company, made.result(o=footprint))
    page = signed_in(dan).get(reverse("propose", args=[score.company_id]) + f"?score={score.pk}").content.decode()
    assert "Verified with open items, because: saw the meter of 2025" in page
    assert "2025 · Question · Revenue of the year: " in page and "2025 · Note" not in page
    assert "saw the meter of 2023" not in page
    assert reverse("dossier_tab", args=[company.pk, "findings"]) in page
    assert "Nothing: all gates" not in page


def test_a_score_under_a_bar_sheet_of_before_is_marked_on_both_pages(
    proposal: Proposal, score: Score, dan: User, erin: User
) -> None:
    addresses = [reverse("propose", args=[score.company_id]) + f"?score={score.pk}", decision_page(proposal)]
    for address in addresses:
        assert "Scored under bar sheet" not in signed_in(erin).get(address).content.decode()
    approved(dan, erin, bar_share=0.9).activate(by=dan, day=timezone.localdate())
    for address in addresses:
        assert "Scored under bar sheet 1; 2 is in force." in signed_in(erin).get(address).content.decode()


def test_each_open_row_says_who_decides_it_and_by_what(fund: ThemeFund, dan: User) -> None:
    provisional = made.bar("unknown", because="shown_only", missing=[{"name": "shown_only", "who": "fund"}])
    back = {"code": "at_most", "name": "tonnes", "value": 20_000.0, "share": None, "unit": "t"}
    missed = made.bar("missed", value=0.25, bar=0.225, unit="t/万元", margin=-0.1, break_even=back)
    share = made.gate("G4", "not_decidable", "theme_share_untold", who="company")
    gates = [made.gate("G2", "not_decidable", "exclusions_unchecked", who="fund"), share]
    score = made.score(make.company(), made.result(c=provisional, o=missed, gates=gates))
    page = signed_in(dan).get(reverse("propose", args=[score.company_id]) + f"?score={score.pk}").content.decode()
    rows = page.split('class="brief__open"')[1].split("</table>")[0]
    for told in (
        "the fund fixes the family&#x27;s reference",
        "misses; clears once scopes 1 + 2 are at most 20,000 t",
        "the fund confirms it",
        "the company states it; at least 50% is asked",
    ):
        assert told in rows


def test_a_missed_bar_is_not_nothing(fund: ThemeFund, dan: User) -> None:
    score = made.score(make.company(), made.result(o=made.bar("missed", unit="t/万元", margin=-0.1)))
    page = signed_in(dan).get(reverse("propose", args=[score.company_id]) + f"?score={score.pk}").content.decode()
    assert "no single figure brings it back" in page
    assert "Nothing: all gates" not in page


def test_the_panel_says_what_not_decidable_means_for_the_vote(
    score: Score, fund: ThemeFund, dan: User, erin: User
) -> None:
    make.mandate(fund=fund, valid_from="2025-01-01", max_ticket_share=0.1)  # of a fund without a size
    proposal = make.proposal(score, dan, fund)
    page = signed_in(erin).get(decision_page(proposal)).content.decode()
    assert "Not decidable does not forbid approving" in page
    assert decide(signed_in(erin), proposal).status_code == 302


def test_the_verdict_of_each_gate_is_a_word(fund: ThemeFund, dan: User) -> None:
    gates = [made.gate("G1"), made.gate("G2", "not_decidable", "exclusions_unchecked", who="fund")]
    gates.append(made.gate("G4", "fail", "theme_share_below"))
    score = made.score(make.company(), made.result(gates=gates))
    page = signed_in(dan).get(reverse("propose", args=[score.company_id]) + f"?score={score.pk}").content.decode()
    for told in ("One legal entity: pass", "No exclusion holds: not decidable", "Share of theme revenue: fail"):
        assert told in page


def test_a_mandate_that_changed_since_stands_beside_the_one_of_then_with_who_entered_it(
    score: Score, fund: ThemeFund, dan: User, erin: User
) -> None:
    make.mandate(fund=fund, valid_from="2025-01-01", min_cleared=2)
    proposal = make.proposal(score, dan, fund)
    client = signed_in(erin)
    assert "reads otherwise" not in client.get(decision_page(proposal)).content.decode()
    make.mandate(fund=fund, valid_from="2026-01-01", min_p_cleared=0.9)
    page = client.get(decision_page(proposal)).content.decode()
    assert "reads otherwise" in page
    assert "v1 · 2025-01-01" in page and "v2 · 2026-01-01" in page
    assert "written by petra, confirmed by quinn" in page


def test_the_size_of_a_fund_is_typed_as_people_type_it(fund: ThemeFund, dan: User) -> None:
    form = {"name_zh": fund.name_zh, "name_en": fund.name_en, "size_cny": "5亿", "source": ""}
    form |= {"tracks-TOTAL_FORMS": "0", "tracks-INITIAL_FORMS": "0"}
    assert signed_in(dan).post(reverse("admin:fund_themefund_change", args=[fund.pk]), form).status_code == 302
    fund.refresh_from_db()
    assert fund.size_cny == Decimal(500_000_000)


def test_the_filters_of_the_proposals_have_chinese_titles(proposal: Proposal, dan: User) -> None:
    client = signed_in(dan)
    client.cookies["django_language"] = "zh-hans"
    page = client.get(reverse("admin:fund_proposal_changelist")).content.decode()
    titles = [title.strip() for title in re.findall(r'<summary class="chip">.*?</svg>([^<]*)</summary>', page)]
    assert "投资决定" in titles
    assert not any(re.search("[a-z]", title) for title in titles)


# --- in the app: who proposes, who reads -----------------------------------------------------------------------
def test_a_fund_manager_proposes_and_the_committee_reads_it(score: Score, fund: ThemeFund, dan: User) -> None:
    carol, ivy = make.carol(), make.user("ivy", Role.COMMITTEE_MEMBER)
    Candidate.of(fund, score.company, by=carol)
    dossier = signed_in(carol).get(score.company.get_absolute_url()).content.decode()
    assert reverse("propose", args=[score.company_id]) in dossier
    assert propose(signed_in(carol), score, conditions="a seat on the board").status_code == 302
    found = Proposal.objects.get()
    client = signed_in(ivy)
    assert found.get_absolute_url() in client.get(reverse("proposals")).content.decode()
    page = client.get(found.get_absolute_url()).content.decode()
    for told in (
        "Invest 3,000,000 CNY",
        "a seat on the board",
        AGREED,
        "carol",
        "Can decide it: dan",
        found.content_sha256,
    ):
        assert told in page
    assert "/admin/" not in page and 'name="outcome"' not in page
    assert client.get(reverse("propose", args=[score.company_id])).status_code == 403
    home = client.get(reverse("home")).content.decode()
    assert "proposal is before the committee" in home and reverse("proposals") + "?state=waiting" in home
    read_by_dan = signed_in(dan).get(found.get_absolute_url()).content.decode()
    assert f'href="{decision_page(found)}">Decide</a>' in read_by_dan
    decide(signed_in(dan), found)
    after = client.get(found.get_absolute_url()).content.decode()
    assert "Approved" in after and "Can decide it" not in after


def test_a_proposal_that_nobody_may_decide_says_so(score: Score, fund: ThemeFund, dan: User) -> None:
    page = signed_in(dan).get(reverse("propose", args=[score.company_id])).content.decode()
    assert "Nobody can decide this today" in page
    make.erin()
    page = signed_in(dan).get(reverse("propose", args=[score.company_id])).content.decode()
    assert "Can decide it: erin" in page


def test_the_list_of_proposals_is_narrowed_and_taken_away(score: Score, fund: ThemeFund, dan: User, erin: User) -> None:
    client = signed_in(erin)
    assert "Nothing has been proposed yet" in client.get(reverse("proposals")).content.decode()
    found = make.proposal(score, dan, fund)
    address = found.get_absolute_url()
    for query, is_there in (
        ("?state=waiting", True),
        ("?state=approved", False),
        ("?whose=for_me", True),
        ("?whose=mine", False),
        ("?kind=watch", False),
    ):
        page = client.get(reverse("proposals") + query).content.decode()
        assert (address in page) is is_there, query
        assert ("No proposal matches" in page) is not is_there
    decide(client, found)
    file = b"".join(client.get(reverse("proposals_csv") + "?state=approved")).decode()
    assert "Reason of the decision" in file and AGREED in file
    assert client.get(reverse("proposals_csv") + "?state=lost").status_code == 404


def test_beyond_the_fund_there_are_no_proposals(proposal: Proposal) -> None:
    for person in (make.bob(), make.alice(proposal.candidate.company)):
        for address in (reverse("proposals"), reverse("proposals_csv"), proposal.get_absolute_url()):
            assert signed_in(person).get(address).status_code == 404


def test_the_shortlist_leads_to_the_proposal(score: Score, fund: ThemeFund) -> None:
    carol = make.carol()
    Candidate.of(fund, score.company, by=carol).shortlist(by=carol)
    shown = signed_in(carol).get(reverse("candidates") + "?standing=shortlisted").content.decode()
    assert reverse("propose", args=[score.company_id]) in shown
