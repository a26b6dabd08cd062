"""Nothing typed is lost: killed browsers, two windows, no network, sessions that end, panels that ask too late."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, Route, expect

from portfolio.models import Disclosure
from tests import make
from tests.browser.conftest import Visitor
from tests.conftest import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCOPE_1 = "#id_scope1_t"


@pytest.fixture
def alice() -> User:
    return make.alice(make.company())


@pytest.fixture
def draft(alice: User) -> Disclosure:
    return make.disclosure(alice.memberships.get().company, 2024, state=Disclosure.State.DRAFT, created_by=alice)


def editor(draft: Disclosure) -> str:
    return f"/app/disclosures/{draft.pk}/"


def scope_1(draft: Disclosure) -> float | None:
    return Disclosure.objects.get(pk=draft.pk).values().get("scope1_t")


def said(page: Page) -> str:
    return page.locator("[data-savestate] [data-words]").inner_text()


def test_what_was_typed_three_seconds_ago_outlives_the_browser(
    visit: Callable[..., Visitor], draft: Disclosure
) -> None:
    window = visit("alice", "en")
    window.open(editor(draft))
    window.page.locator(SCOPE_1).press_sequentially("9")  # behind what stands there: 12009 or the like
    typed = window.page.input_value(SCOPE_1)
    window.page.wait_for_timeout(3_000)
    expect(window.page.locator("[data-savestate]")).to_contain_text("✓")
    window.examine("autosave-1-saved")
    window.close()  # as if it were killed: nothing is left, not even its storage
    again = visit("alice", "en")
    again.open(editor(draft))
    assert again.page.input_value(SCOPE_1) == typed


def test_two_windows_in_one_field_see_both_values_and_other_fields_merge(
    visit: Callable[..., Visitor], draft: Disclosure
) -> None:
    first, second = visit("alice", "zh-hans"), visit("alice", "zh-hans", 390)
    for window in (first, second):
        window.open(editor(draft))
    first.page.fill(SCOPE_1, "1,300")
    first.page.fill("#id_boundary", "all plants")
    first.page.locator("#id_source_document").focus()
    wait_until(lambda: scope_1(draft) == 1300)
    wait_until(lambda: Disclosure.objects.get(pk=draft.pk).boundary == "all plants")
    second.page.fill(SCOPE_1, "1,250")
    second.page.locator("#id_source_document").focus()
    both = second.page.locator(".two-values")
    expect(both).to_contain_text("1,300")
    expect(both).to_contain_text("1,250")
    assert second.page.input_value("#id_boundary") == "all plants"
    assert scope_1(draft) == 1300
    second.examine("autosave-2-both")
    both.locator("[data-keep]").click()
    wait_until(lambda: scope_1(draft) == 1250)
    expect(both).to_have_count(0)


def test_what_cannot_be_read_is_said_at_the_field_and_kept_in_the_browser(
    visit: Callable[..., Visitor], draft: Disclosure
) -> None:
    window = visit("alice", "en")
    window.open(editor(draft))
    window.page.fill(SCOPE_1, "about twelve")
    window.page.locator("#id_boundary").focus()
    expect(window.page.locator('[data-fault="scope1_t"]')).to_contain_text("about twelve")
    assert scope_1(draft) == 1200
    window.open(editor(draft))
    offer = window.page.locator(".draft-offer")
    expect(offer).to_contain_text("about twelve")
    window.examine("autosave-3-offer")
    offer.locator("[data-discard]").click()
    window.open(editor(draft))
    expect(window.page.locator(".draft-offer")).to_have_count(0)


def test_offline_it_waits_and_goes_out_by_itself(visit: Callable[..., Visitor], draft: Disclosure) -> None:
    window = visit("alice", "en")
    window.open(editor(draft))
    window.context.set_offline(True)
    window.page.fill(SCOPE_1, "1,400")
    window.page.locator("#id_boundary").focus()
    expect(window.page.locator("[data-savestate]")).to_contain_text("not sent yet: 1")
    assert scope_1(draft) == 1200
    window.context.set_offline(False)
    wait_until(lambda: scope_1(draft) == 1400)


def test_a_server_that_is_down_or_asks_to_wait_gets_it_later(visit: Callable[..., Visitor], draft: Disclosure) -> None:
    window, refusals = visit("alice", "en"), [(503, {}), (429, {"Retry-After": "1"})]

    def answer(route: Route) -> None:
        if not refusals:
            return route.continue_()
        status, headers = refusals.pop(0)
        route.fulfill(status=status, headers=headers, body="")

    window.open(editor(draft))
    window.page.route("**/fields/", answer)
    window.page.fill(SCOPE_1, "1,400")
    window.page.locator("#id_boundary").focus()
    expect(window.page.locator("[data-savestate]")).to_contain_text("tried again in")
    assert scope_1(draft) == 1200
    expect(window.page.locator("[data-savestate]")).to_contain_text("saved", timeout=30_000)
    assert (scope_1(draft), refusals) == (1400, [])


def test_a_session_that_ended_keeps_what_is_typed_until_the_person_is_back(
    visit: Callable[..., Visitor], draft: Disclosure
) -> None:
    window = visit("alice", "en")
    window.open(editor(draft))
    Session.objects.all().delete()
    window.page.fill(SCOPE_1, "1,500")
    window.page.locator("#id_boundary").focus()
    notice = window.page.locator("#session-notice")
    expect(notice).to_contain_text("Your session has ended")
    expect(notice).to_contain_text("kept on this computer")
    window.examine("autosave-4-ended")
    notice.locator("[data-login]").click()
    expect(window.page.locator("[data-tells-drafts]")).to_be_visible()
    window.page.fill("input[name=login]", "alice")
    window.page.fill("input[name=password]", make.PASSWORD)
    window.page.click("main form button")
    window.page.wait_for_url(lambda url: url.endswith(editor(draft)))
    offer = window.page.locator(".draft-offer")
    expect(offer).to_contain_text("1,500")
    offer.locator("[data-take]").click()
    wait_until(lambda: scope_1(draft) == 1500)
    expect(offer).to_have_count(0)


def test_logged_in_again_in_another_window_the_first_one_goes_on(
    visit: Callable[..., Visitor], draft: Disclosure
) -> None:
    window = visit("alice", "en")
    window.open(editor(draft))
    Session.objects.all().delete()
    window.page.fill(SCOPE_1, "1,600")
    window.page.locator("#id_boundary").focus()
    expect(window.page.locator("#session-notice")).to_be_visible()
    other = window.context.new_page()
    other.goto(window.base + "/accounts/login/")
    other.fill("input[name=login]", "alice")
    other.fill("input[name=password]", make.PASSWORD)
    other.click("main form button")
    other.wait_for_url(lambda url: "/accounts/login" not in url)
    other.close()
    window.page.evaluate("window.dispatchEvent(new Event('focus'))")
    wait_until(lambda: scope_1(draft) == 1600)


def test_a_line_of_the_ledger_that_was_never_sent_is_offered_to_its_person_only(
    visit: Callable[..., Visitor], draft: Disclosure, chromium: Browser
) -> None:
    make.frank(draft.company)
    new_line = f"/app/disclosures/{draft.pk}/ledger/new/"
    window = visit("alice", "en")
    window.open(new_line)
    window.page.select_option("#id_kind", "electricity")
    window.page.fill("#id_amount", "1,234.5")
    window.page.wait_for_timeout(600)
    Session.objects.all().delete()
    window.page.fill("#id_unit", "MWh")  # the panel that counts is asked for, too late
    expect(window.page.locator("#session-notice")).to_contain_text("Your session has ended")
    assert window.page.locator("main input[name=password]").count() == 0
    window.page.wait_for_timeout(600)
    window.log_in("frank")
    window.open(new_line)
    expect(window.page.locator(".draft-offer")).to_have_count(0)
    Session.objects.all().delete()
    window.log_in("alice")
    window.open(new_line)
    offer = window.page.locator(".draft-offer")
    expect(offer).to_contain_text("1,234.5")
    offer.locator("[data-take]").click()
    expect(window.page.locator("#id_amount")).to_have_value("1,234.5")
    window.page.click(".form__actions .button--primary")
    window.page.wait_for_url(lambda url: url.endswith("/ledger/"))
    window.open(new_line)
    expect(window.page.locator(".draft-offer")).to_have_count(0)  # it was saved


def test_a_session_says_in_time_that_it_ends_and_is_kept_on_request(
    visit: Callable[..., Visitor], draft: Disclosure
) -> None:
    window = visit("alice", "zh-hans", 390)
    window.page.clock.install()
    window.open(editor(draft))
    notice, stay = window.page.locator("#session-notice"), window.page.locator("[data-stay]")
    expect(notice).to_be_hidden()
    window.page.clock.fast_forward("03:57:00")
    expect(stay).to_be_visible()
    window.examine("autosave-5-ends", axe=False)
    stay.click()
    expect(notice).to_be_hidden()
    window.page.clock.fast_forward("04:05:00")
    expect(notice.locator("[data-login]")).to_be_visible()


def test_logging_out_asks_before_a_draft_goes(visit: Callable[..., Visitor], draft: Disclosure) -> None:
    window = visit("alice", "en")
    page = f"/app/disclosures/companies/{draft.company_id}/"
    window.open(page)
    window.page.fill("#id_description", "makes turbines")
    asked: list[str] = []
    window.page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    window.page.click("details.menu summary")
    window.page.click("[data-logs-out] button")
    window.page.wait_for_url(lambda url: "/accounts/login" in url)
    assert len(asked) == 1
    window.log_in("alice")
    window.open(page)
    expect(window.page.locator(".draft-offer")).to_have_count(0)
