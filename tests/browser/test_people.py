"""A company comes in: sign up, confirm, be accepted, invite a colleague, who fills in one field."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from portfolio.models import Company, Disclosure, Membership
from tests import make
from tests.browser.conftest import LANGUAGES, WIDTHS, Visitor
from tests.conftest import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

USCC = "91110000100000000R"
SECRET = "harbour kettle mosaic"


def follow(window: Visitor) -> None:
    """The link of the newest mail."""
    found = re.search(r"/i/[^/\s]+/", str(mail.outbox[-1].body))
    assert found
    window.open(found[0])


def press(window: Visitor) -> None:
    window.page.click("main button.button--primary")


@pytest.mark.parametrize(("language", "width"), list(zip(LANGUAGES, reversed(WIDTHS), strict=True)))
def test_a_company_comes_in(visit: Callable[..., Visitor], language: str, width: int) -> None:
    make.erin()
    officer = visit("", language, width)
    officer.open("/accounts/login/")
    officer.page.click("main a[href='/app/sign-up/']")
    page = officer.page
    page.fill("[name=email]", "lin@example.org")
    page.fill("[name=name]", "林芳")
    page.fill("[name=uscc]", USCC[:-1] + "A")
    page.press("[name=uscc]", "Tab")
    expect(page.locator("#uscc-check .field__error")).to_be_visible()
    page.fill("[name=uscc]", USCC)
    page.fill("[name=company_name]", "蜀光储能")
    expect(page.locator("#uscc-check .field__error")).to_have_count(0)
    page.check("[name=consent]")
    officer.examine("people-1-sign-up")
    press(officer)
    expect(page.locator("main strong")).to_have_text("lin@example.org")
    follow(officer)
    officer.examine("people-2-confirm")
    page.fill("[name=password]", SECRET)
    press(officer)
    expect(page.locator("main .chip--warn")).to_be_visible()
    officer.examine("people-3-waits")

    desk = visit("erin", language, width)
    desk.open("/app/disclosures/join-requests/")
    desk.page.select_option("[name=isic]", "C27")
    desk.examine("people-4-asks")
    press(desk)
    expect(desk.page.locator("main .empty")).to_be_visible()
    company = Company.objects.get(uscc=USCC)

    officer.open(f"/app/disclosures/companies/{company.pk}/people/")
    page.fill("[name=address]", "wang@example.org")
    press(officer)
    expect(page.locator("main table").last).to_contain_text("wang@example.org")
    officer.examine("people-5-team")

    colleague = visit("", language, width)
    follow(colleague)
    colleague.page.fill("[name=name]", "王五")
    colleague.page.fill("[name=password]", SECRET)
    colleague.page.check("[name=consent]")
    colleague.examine("people-6-invited")
    press(colleague)
    colleague.page.wait_for_url("**/app/disclosures/")
    assert Membership.objects.get(user__email="wang@example.org").kind == "contributor"
    submitter = Membership.objects.get(company=company, kind="submitter").user
    draft = Disclosure.open_year(company, timezone.localdate().year - 1, by=submitter)
    colleague.open(draft.get_absolute_url())
    colleague.page.fill("#id_electricity_kwh", "12,340.5")
    colleague.page.click(".savebar .button--primary")
    wait_until(lambda: draft.figures.exists(), seconds=10)
    assert draft.figures.get().value == 12_340.5
