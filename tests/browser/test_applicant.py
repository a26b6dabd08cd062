"""An officer of a company in a real browser: from home to a field that is missing, from a result to a dispute."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from portfolio.models import Disclosure
from scoring.runs import queue as runs
from tests import make
from tests.browser.conftest import Visitor
from tests.fund.applicants.made import Scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("language", "width"), [("zh-hans", 390), ("en", 1360)])
def test_from_home_to_a_field_and_from_a_result_to_a_dispute(
    visit: Callable[..., Visitor], monkeypatch: pytest.MonkeyPatch, language: str, width: int
) -> None:
    monkeypatch.setattr(runs, "wake", lambda run_id: None)
    scene = Scene()
    draft = make.disclosure(scene.company, 2024, scope_1=None, state=Disclosure.State.DRAFT)
    alice = visit("alice", language, width)
    alice.open("/app/disclosures/")
    alice.page.locator(".todo__groups").wait_for()  # what is left comes by itself
    alice.examine("applicant-1-home")
    alice.page.click(f".todo__groups a[href='{draft.get_absolute_url()}#id_scope1_t']")
    alice.page.wait_for_url(re.compile(r"#id_scope1_t$"))
    assert alice.page.locator("#id_scope1_t").is_visible()
    alice.examine("applicant-2-editor")

    alice.open("/app/disclosures/")
    alice.page.click(".first a.button--primary")
    alice.page.wait_for_url(re.compile(r"/app/applications/\d+/$"))
    alice.examine("applicant-3-result")
    alice.page.click("a[href='?field=r.ebit#dispute']")
    assert alice.page.input_value("#id_field") == "r.ebit"
    alice.page.fill("#id_words", "年报第 12 页不同 page 12 says otherwise")
    alice.page.click("#dispute .form__actions button")
    alice.page.locator("[id^=dispute-]").wait_for()
    alice.examine("applicant-4-disputed")
    assert scene.preview.disputes.get().field == "r.ebit"
