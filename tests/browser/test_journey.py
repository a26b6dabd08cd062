"""The journey in a real browser: by typing and clicking, in both languages, on a desk and on a telephone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone

from fund.models import Decision, Proposal
from portfolio import audit
from portfolio.models import CompanyTrack, Disclosure, Opinion
from scoring.models import LatestScore
from tests import make
from tests.browser.conftest import LANGUAGES, WIDTHS, Visitor
from tests.conftest import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.worker, pytest.mark.django_db(transaction=True)]


def test_from_a_submission_to_a_signed_decision(
    visit: Callable[..., Visitor], start_worker: Callable[..., object], language: str, width: int
) -> None:
    company = make.company()
    make.target(company)
    make.alice(company), make.bob(), make.rita(), make.dan(), make.erin()
    track = CompanyTrack.objects.create(company=company, track="power_decarbonisation", why="storage", **make.SOURCE)
    track.confirm(by=make.carol(), reason="read its report")
    make.fund()
    start_worker()
    year = timezone.localdate().year - 1
    axe = (width == WIDTHS[0]) == (language == LANGUAGES[0])  # each language and each width once

    alice = visit("alice", language, width)
    alice.examine("journey-1-disclosures", axe=axe)
    alice.open("/app/disclosures/new/")
    form = alice.page.locator("main form")
    if form.locator("select[name=company]").count():
        form.locator("select[name=company]").select_option(str(company.pk))
    year_field = form.locator("[name=year]")
    if year_field.evaluate("field => field.tagName") == "SELECT":
        year_field.select_option(str(year))
    else:
        year_field.fill(str(year))
    form.locator("button.button--primary").click()
    alice.page.wait_for_url(re.compile(r"/app/disclosures/\d+/"))
    disclosure = Disclosure.objects.get()
    for name, text in {
        "scope1_t": "1,200",
        "scope2_location_t": "0.08万",
        "revenue_cny": "10亿",
        "boundary": "全部厂区",
        "source_document": "2025 年度报告 p. 12",
    }.items():
        alice.page.fill(f"[name={name}]", text)
    alice.page.select_option("[name=revenue_boundary]", "matched")
    alice.examine("journey-2-form", axe=axe)
    alice.page.click("button[name=submit]")
    alice.page.wait_for_url(re.compile(r"/submit/"))
    alice.page.check("input[name=declaration]")
    alice.examine("journey-3-submit", axe=axe)
    alice.page.click("main form .button--primary")
    wait_until(lambda: state_of(disclosure) == Disclosure.State.SUBMITTED, what="the submission")

    bob = visit("bob", language, width)
    bob.examine("journey-4-queue", axe=axe)
    bob.open(f"/app/verify/{disclosure.pk}/")
    bob.examine("journey-5-verify", axe=axe)
    bob.open(f"/app/verify/{disclosure.pk}/opinion/")
    bob.examine("journey-5a-opinion", axe=axe)
    bob.page.check("input[name=kind][value=unmodified]")
    for name, text in {"sampling": "全部数据 all figures", "statement": "未发现 nothing found"}.items():
        bob.page.fill(f"[name={name}]", text)
    if bob.page.locator("[name=despite]").count():
        bob.page.fill("[name=despite]", "已与报告第12页核对 compared with page 12")
    bob.page.check("input[name=has_no_conflict]")
    bob.page.locator("main form", has=bob.page.locator("input[value=draft]")).locator(".button--primary").click()
    wait_until(lambda: Opinion.objects.exists(), what="the draft")

    rita = visit("rita", language, width)
    rita.open(Opinion.objects.get().get_absolute_url())
    rita.examine("journey-5b-review", axe=axe)
    rita.page.click("button[value=issue]")
    wait_until(lambda: LatestScore.objects.filter(company=company).exists(), what="the score")
    bob.examine("journey-6-verified", axe=axe)

    carol = visit("carol", language, width)
    carol.examine("journey-7-no-candidates", axe=axe)
    carol.open("/app/peers/")
    carol.page.fill("input[name=q]", "sgcn")  # 蜀光储能 by its initials
    carol.page.press("input[name=q]", "Enter")
    carol.examine("journey-7a-peers", axe=axe)
    carol.page.click("text=蜀光储能" if language == "zh-hans" else "text=Shuguang Storage")
    carol.page.wait_for_url(re.compile(r"/app/companies/\d+/"))
    carol.page.click("form[action$='/nominate/'] button")
    wait_until(lambda: LatestScore.objects.get().kind == "candidate", what="the score of a candidate")
    carol.open(company.get_absolute_url())
    assert carol.page.locator("svg[role=img]").count() >= 1
    carol.examine("journey-8-dossier", axe=axe)
    carol.page.click("nav.tabs a[href$='/temperature/']")
    carol.page.wait_for_url(re.compile(r"/temperature/$"))
    carol.page.focus("table.cells summary")
    carol.page.keyboard.press("Enter")
    assert carol.page.locator("table.cells details[open]").count() == 1
    carol.examine("journey-8a-temperature", axe=axe)
    carol.page.focus("nav.tabs a[href$='/record/']")
    carol.page.keyboard.press("Enter")
    carol.page.wait_for_url(re.compile(r"/record/$"))
    carol.examine("journey-8b-record", axe=axe)

    dan = visit("dan", language, width)
    dan.open(reverse("propose", args=[LatestScore.objects.get().company_id]))
    dan.page.select_option("select[name=kind]", "invest")
    dan.page.fill("[name=amount_cny]", "3000000")
    dan.page.fill("[name=reason]", "符合基金方向 fits the fund")
    dan.examine("journey-9-propose", axe=axe)
    dan.page.click(".decide__actions button")
    wait_until(lambda: Proposal.objects.exists(), what="the proposal")
    dan.open(Proposal.objects.get().get_absolute_url())
    assert dan.page.locator("form[action$='/decide/']").count() == 0
    dan.examine("journey-10-own-proposal", axe=axe)

    erin = visit("erin", language, width)
    erin.open(Proposal.objects.get().get_absolute_url())
    erin.examine("journey-10a-read", axe=axe)
    erin.page.click(".decide__actions a")
    decide = erin.page.locator("form[action$='/decide/']")
    choose(erin, "outcome", "approved")
    decide.locator("[name=reason]").fill("同意，数据已经核查 agreed, the figures are verified")
    erin.examine("journey-11-decide", axe=axe)
    decide.locator("button.default").click()
    wait_until(lambda: Decision.objects.exists(), what="the decision")
    assert Decision.objects.get().decided_by.username == "erin"
    assert audit.verify().first_bad is None


def choose(visitor: Visitor, name: str, value: str) -> None:
    """A choice is a list or a row of radio buttons, as the page likes it."""
    field = visitor.page.locator(f"[name={name}]")
    if field.first.evaluate("field => field.tagName") == "SELECT":
        field.select_option(value)
    else:
        visitor.page.check(f"[name={name}][value={value}]")


def state_of(disclosure: Disclosure) -> str:
    return Disclosure.objects.values_list("state", flat=True).get(pk=disclosure.pk)
