"""The applicant's home and result: what stands where, what comes next, and what is never shown."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fund.applicants.result import FEWEST_PEERS
from fund.applicants.todo import todo
from portfolio import beijing
from portfolio.models import Activity, Deadline, Disclosure, Finding, Mail, Membership
from portfolio.models.data_request import DataRequest
from scoring.models import LatestScore
from tests import make, make_candidates
from tests.fund.applicants.made import Scene, score_all, signed_in, text, verified

pytestmark = pytest.mark.django_db
HOME = "disclosures"


@pytest.fixture
def scene() -> Scene:
    return Scene()


def home(person: Any, language: str = "en") -> Any:
    return signed_in(person, language).get(reverse(HOME))


def result(scene: Scene, person: Any = None, language: str = "en") -> str:
    return text(signed_in(person or scene.alice, language).get(scene.preview.get_absolute_url()))


# --- home ----------------------------------------------------------------------------------------------------
def test_each_step_says_what_is_next_and_who_does_it(scene: Scene) -> None:
    assert "a submitter of your company confirms the result or disputes it" in text(home(scene.alice))
    made = scene.preview.dispute("r.ebit", "page 12", by=scene.alice, digest=scene.digest)
    assert "the fund answers what you dispute" in text(home(scene.alice))
    made.reply("It is as in the report.", by=scene.carol)
    scene.preview.confirm(by=scene.alice, digest=scene.digest)
    assert "the fund decides whether to put it before its committee" in text(home(scene.alice))
    proposal = make.proposal(scene.preview.standing_score(), scene.dan, scene.fund)
    assert "investment committee decides" in text(home(scene.alice))
    proposal.decide("approved", "I agree with it.", make.erin(), proposal.content_sha256)
    shown = text(home(scene.alice))
    assert "nothing to do; the next year begins with its own form" in shown and "Nothing waits for you" in shown


def test_a_draft_leads_to_what_is_missing_then_to_the_check(scene: Scene) -> None:
    draft = Disclosure.open_year(scene.company, 2024, by=scene.alice)
    Deadline.objects.create(year=2024, due=beijing.today() + timedelta(days=18))
    scene.preview.confirm(by=scene.alice, digest=scene.digest)
    first = home(scene.alice).context["home"].first
    assert first.label == "Fill in: Scope 1 emissions" and first.href == f"{draft.get_absolute_url()}#id_scope1_t"
    assert "18 days left" in first.why
    full = make.disclosure(scene.company, 2023, state=Disclosure.State.DRAFT)
    Disclosure.objects.filter(pk=draft.pk).update(state=Disclosure.State.WITHDRAWN)
    assert home(scene.alice).context["home"].first.href == reverse("portfolio:submit", args=[full.pk])
    assert home(scene.frank).context["home"].first.label == "Ask a submitter to submit it"


def test_a_return_and_a_result_come_before_drafts(scene: Scene) -> None:
    first = home(scene.alice).context["home"].first
    assert first.href == scene.preview.get_absolute_url()
    back = make.disclosure(scene.company, 2024, state=Disclosure.State.DRAFT)
    back.submit(by=scene.alice)
    back.return_for_correction(by=scene.bob, reason="page 3 says otherwise", digest=back.digest, everything=True)
    scene.preview.confirm(by=scene.alice, digest=scene.digest)
    assert home(scene.alice).context["home"].first.label == "Read the verifier's words and correct"
    assert "Returned" in text(home(scene.alice))


def test_what_is_left_stands_in_its_order_with_its_places(scene: Scene) -> None:
    draft = make.disclosure(scene.company, 2024, scope_1=None, state=Disclosure.State.DRAFT)
    asked = make.data_request(scene.company, scene.carol, (2024, "ebit_cny"))
    line = {"typed_amount": "5", "typed_unit": "MWh", "amount": 5000.0, "unit": "kWh"}
    draft.add_activity(Activity(kind="electricity", place="CN-SC", **line), by=scene.alice, edition=draft.edition)
    lost = {"typed_amount": "5", "typed_unit": "t", "amount": 5.0, "unit": "t"}
    odd = Activity(kind="waste.landfill", place="CN-SC", **lost)
    draft.add_activity(odd, by=scene.alice, edition=draft.edition)
    draft.refresh_from_db()
    found = todo(draft, DataRequest.objects.filter(pk=asked.pk))
    codes = [group.code for group in found.groups]
    order = ["missing", "wrong", "asked", "questions", "evidence", "computed"]
    assert codes == [code for code in order if code in codes] and {"missing", "asked", "evidence"} <= set(codes)
    by_code = {group.code: group for group in found.groups}
    assert by_code["asked"].items[0].href == f"{draft.get_absolute_url()}#id_ebit_cny"
    assert by_code["evidence"].items[0].href == reverse("scoring:ledger_line", args=[draft.pk, 1])
    client = signed_in(scene.alice)
    whole = text(client.get(reverse("application_to_do", args=[draft.pk])))
    part = text(client.get(reverse("application_to_do", args=[draft.pk]), headers={"HX-Request": "true"}))
    assert "<html" in whole and "<html" not in part and f"{draft.get_absolute_url()}#id_scope1_t" in part


def test_what_the_ledger_has_is_taken_over_on_the_check_page(scene: Scene) -> None:
    draft = make.disclosure(scene.company, 2024, scope_2=None, state=Disclosure.State.DRAFT)
    draft.add_activity(electricity(1), by=scene.alice, edition=draft.edition)
    (missing,) = (group for group in todo(draft, []).groups if group.code == "missing")
    taken = reverse("portfolio:submit", args=[draft.pk]) + "#take-over"
    assert missing.items[0].href == taken
    scene.preview.confirm(by=scene.alice, digest=scene.digest)
    assert home(scene.alice).context["home"].first.href == taken


def test_after_a_return_only_what_is_open_is_left_to_do(scene: Scene) -> None:
    draft = make.disclosure(scene.company, 2024, state=Disclosure.State.DRAFT)
    for number in (1, 2, 3):
        draft.add_activity(electricity(number), by=scene.alice, edition=draft.edition)
    draft.submit(by=scene.alice)
    Finding.raise_on(draft, by=scene.bob, kind="question", point="line:2", words="Which meter is it?")
    draft.return_for_correction(by=scene.bob, reason="see the finding")
    (bare,) = (group for group in todo(draft, []).groups if group.code == "evidence")
    assert [item.href for item in bare.items] == [reverse("scoring:ledger_line", args=[draft.pk, 2])]


def electricity(number: int) -> Activity:
    typed = {"typed_amount": "5", "typed_unit": "MWh", "amount": 5000.0, "unit": "kWh"}
    return Activity(kind="electricity", place="CN-SC", meter=f"meter {number}", **typed)


def test_what_the_fund_asks_for_leads_to_its_year(scene: Scene) -> None:
    make.data_request(scene.company, scene.carol, (2025, "ebit_cny"), (2023, "ebit_cny"))
    shown = text(home(scene.alice))
    assert f'<a href="{scene.disclosure.get_absolute_url()}">2025</a>' in shown
    assert f'<a href="{reverse("portfolio:new")}?company={scene.company.pk}">2023</a>' in shown


def test_late_says_what_is_possible_and_whom_to_ask(scene: Scene) -> None:
    Deadline.objects.create(year=2024, due=beijing.today() - timedelta(days=3))
    assert "Ask whoever of the fund invited you" in text(home(scene.alice))
    candidacy = scene.company.candidacies.get()
    candidacy.assign(scene.carol, by=scene.carol)
    late = text(home(scene.alice))
    assert "You can still fill in, submit and be verified" in late and "carol@example.org" in late


def test_mails_and_receipts_are_there_and_a_reminder_of_later_is_not(scene: Scene) -> None:
    shown = text(home(scene.alice))
    assert "2025 年结果可查看" in shown and "尚未确认，也未提出异议" not in shown  # in the language of the account
    assert reverse("portfolio:receipt", args=[scene.disclosure.steps.get(verb="submitted").pk]) in shown
    assert "2025 年结果可查看" in text(home(scene.frank))


def test_as_many_queries_for_many_companies_and_years(scene: Scene) -> None:
    def queries() -> int:
        client = signed_in(scene.alice)
        client.get(reverse(HOME))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(HOME)).status_code == 200
        return len(captured)

    def add(name: str) -> None:
        company = make_candidates.candidate(scene.fund, name, scene.dan)
        Membership.objects.create(user=scene.alice, company=company, kind="submitter")
        verified(scene.fund, scene.alice, scene.bob, scene.dan, company)
        for year in (2022, 2023, 2024):
            make.disclosure(company, year, state=Disclosure.State.DRAFT)

    add("second")
    before = queries()
    for number in range(3):
        add(f"more-{number}")
    assert queries() == before


# --- the result ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_bars_stand_in_words_with_their_inputs_and_no_probability(scene: Scene, language: str) -> None:
    page = result(scene, language=language)
    score = scene.preview.standing_score()
    candidacy = score.record["candidacy"]
    assert candidacy is not None
    for name in ("Contribution", "Resilience") if language == "en" else ("减排贡献", "经济韧性"):
        assert name in page
    for bar in ("c", "r", "o"):
        p = candidacy[bar]["p"]  # type: ignore[literal-required]
        assert p is None or p > 0.994 or f"{p:.0%}" not in page
    told = re.sub(r'value="[^"]{64}"', "", page)  # a token of a form may hold any two letters
    for hidden in ("P of", "达标概率", "E1", "E2", "rank", "weight"):
        assert hidden not in told


def test_who_fills_what_is_unknown() -> None:
    scene = Scene(figures={"grants_cny": None})
    page = result(scene)
    assert "Unknown" in page and "government grants" in page and "filled in by: the company" in page
    assert "Telling this helps most" in page


def test_one_that_is_not_admitted_reads_which_gate_and_the_way_back() -> None:
    scene = Scene(figures={"theme_revenue_percent": 30.0})
    page = result(scene)
    assert "Not admitted" in page and "Share of theme revenue" in page and "Way back" in page


def test_who_is_not_nominated_reads_so(scene: Scene) -> None:
    company = make.scoreable("peer")
    ann = make.user("ann", company=company)
    own = Disclosure.objects.standing().filter(company=company).order_by("-year")[0].new_version(by=ann)
    own.submit(by=ann)
    make.verify(own, scene.bob)
    page = reverse("application", args=[own.pk])
    assert "The score is being computed" in text(signed_in(ann).get(page))
    score_all()
    shown = text(signed_in(ann).get(page))
    assert "No fund has nominated the company" in shown and "still be missing" in shown


def test_a_draft_and_an_older_version_have_no_result_of_their_own(scene: Scene) -> None:
    draft = make.disclosure(scene.company, 2024, state=Disclosure.State.DRAFT)
    assert "No result yet" in text(signed_in(scene.alice).get(reverse("application", args=[draft.pk])))
    old = scene.disclosure
    verified(scene.fund, scene.alice, scene.bob, scene.dan, scene.company)
    page = text(signed_in(scene.alice).get(reverse("application", args=[old.pk])))
    assert "Another version stands" in page and "Result of 2025 v3" in page


def test_the_decision_is_told_and_the_committees_words_are_not(scene: Scene) -> None:
    proposal = make.proposal(scene.preview.standing_score(), scene.dan, scene.fund, conditions="a seat on the board")
    proposal.decide("rejected", "Another firm is better.", make.erin(), proposal.content_sha256)
    page = result(scene)
    assert "The committee has turned down an investment." in page
    for kept in ("Another firm is better", "a seat on the board", "fits the fund", "3,000,000"):
        assert kept not in page


def test_words_for_the_company_stand_beside_the_decision_and_a_mail_leads_there(scene: Scene) -> None:
    proposal = make.proposal(scene.preview.standing_score(), scene.dan, scene.fund)
    words = "Come back <soon> with scope 3."
    proposal.decide(
        "rejected", "Another firm is better.", make.erin(), proposal.content_sha256, words_for_company=words
    )
    page = result(scene)
    assert "The fund writes to you:" in page and "Come back &lt;soon&gt; with scope 3." in page
    mails = Mail.objects.filter(kind="decided")
    assert {mail.user for mail in mails} == {scene.alice, scene.frank}
    for mail in mails:
        assert scene.preview.get_absolute_url() in mail.body
        assert not any(kept in mail.subject + mail.body for kept in ("scope 3", "Another firm", "turned down"))


def test_a_decision_without_words_leaves_no_trace_of_them(scene: Scene) -> None:
    proposal = make.proposal(scene.preview.standing_score(), scene.dan, scene.fund)
    proposal.decide("approved", "I agree with it.", make.erin(), proposal.content_sha256)
    assert "The fund writes to you" not in result(scene)
    assert not Mail.objects.get(kind="decided", user=scene.alice).parameters["has_words"]


def test_the_band_needs_ten_peers_and_names_none(scene: Scene) -> None:
    assert "Fewer than ten companies" in result(scene)
    companies = [make.company(f"p{n}", name_en=f"Rival {n}", name_zh="") for n in range(FEWEST_PEERS)]
    score = scene.preview.standing_score()
    for n, company in enumerate(companies):
        LatestScore.objects.create(
            company=company, score=score, as_of=score.run.as_of, asked_at=score.run.asked_at, kind="peer",
            intensity=1000.0 + n,
        )  # fmt: skip
    page = result(scene)
    assert "in the lowest quarter of 10 companies" in page and "Rival" not in page


def test_a_dispute_is_made_on_the_page_and_what_was_typed_stays(scene: Scene) -> None:
    client, page = signed_in(scene.alice), scene.preview.get_absolute_url()
    assert '<option value="r.ebit" selected>' in text(client.get(page + "?field=r.ebit"))
    sent = {"field": "r.ebit", "words": "page 12 says more"}
    stale = client.post(page, sent | {"digest": "0" * 64})
    assert stale.status_code == 409 and "page 12 says more" in text(stale)
    assert client.post(page, sent | {"digest": scene.digest, "field": "x"}).status_code == 400
    assert client.post(page, sent | {"digest": scene.digest}).status_code == 302
    [dispute] = scene.preview.disputes.all()
    assert "The fund has been told and will answer." in text(client.get(page))
    assert signed_in(scene.frank).post(page, sent | {"digest": scene.digest}).status_code == 403
    assert "Only a submitter can confirm or dispute: alice" in result(scene, scene.frank)
    assert client.post(reverse("dispute_withdraw", args=[dispute.pk])).status_code == 302
    confirmed = client.post(reverse("application_confirm", args=[scene.disclosure.pk]), {"digest": scene.digest})
    assert confirmed.status_code == 302 and scene.preview.confirmed_by == scene.alice


# --- the editor at a glance --------------------------------------------------------------------------------------
def test_the_editor_counts_its_parts_each_a_link(scene: Scene) -> None:
    draft = make.disclosure(scene.company, 2024, state=Disclosure.State.DRAFT)
    found = signed_in(scene.alice).get(draft.get_absolute_url())
    overview = found.context["overview"]
    done = {one.href for one in overview.modules if one.is_done}
    assert {"#scope-1", "#scope-2", "#facts"} <= done and "#resilience" not in done
    for one in overview.modules:
        assert f'href="{one.href}"' in text(found)
    assert f"{overview.done} of {len(overview.modules)} parts done" in text(found) and overview.unanswered > 20
