"""A verifier asks twice and returns; the company answers once in words and once by a correction; both are closed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portfolio.models import Disclosure, Finding
from tests import make
from tests.browser.conftest import LANGUAGES, WIDTHS, Visitor
from tests.conftest import wait_until
from tests.portfolio.verification.test_findings import handed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("language", "width"), list(zip(LANGUAGES, WIDTHS, strict=False)))
def test_two_findings_from_the_question_to_their_close(
    visit: Callable[..., Visitor], language: str, width: int
) -> None:
    company = make.company()
    submitted = handed_in(company, make.alice(company))
    make.bob()

    bob = visit("bob", language, width)
    for point, words in (("scope1_t", "与账单不符 not as billed"), ("scope2_location_t", "哪个电表 which meter")):
        bob.open(f"/app/disclosures/{submitted.pk}/findings/?point={point}&kind=question")
        bob.page.fill("[name=words]", words)
        click(bob, "#raise .button--primary")
    bob.examine("findings-1-thread")
    bob.open(f"/app/verify/{submitted.pk}/")
    bob.examine("findings-2-verify")
    bob.page.fill("[name=comment]", "见核查发现 see the findings")
    click(bob, "button[value=return]")
    wait_until(lambda: state_of(submitted) == "returned", what="the return")

    alice = visit("alice", language, width)
    alice.open(submitted.get_absolute_url())
    alice.examine("findings-3-editor")
    enabled = alice.page.locator("form[data-autosave] input.num:enabled")
    assert {field.get_attribute("name") for field in enabled.all()} == {"scope1_t", "scope2_location_t"}
    alice.page.fill("[name=scope1_t]", "1,100")
    click(alice, "form[data-autosave] .button--primary")
    wait_until(lambda: Disclosure.objects.get(pk=submitted.pk).values()["scope1_t"] == 1100.0, what="the correction")
    asked = Finding.objects.get(point="scope2_location_t")
    alice.open(asked.get_absolute_url())
    alice.page.fill("#say [name=words]", "大门旁的总表 the one at the gate")
    click(alice, "#say .button--primary")
    wait_until(lambda: Finding.objects.get(pk=asked.pk).state == "answered", what="the answer")
    alice.open(f"/app/disclosures/{submitted.pk}/submit/")
    alice.page.check("input[name=declaration]")
    alice.examine("findings-4-submit")
    click(alice, "main form .button--primary")
    wait_until(lambda: state_of(submitted) == "submitted", what="the submission")

    for finding in Finding.objects.order_by("pk"):
        assert finding.state == "answered"
        bob.open(finding.get_absolute_url())
        bob.page.fill("#id_closing_words", "已核对 seen")
        click(bob, "form:has(#id_closing_words) .form__actions button")
        finding.refresh_from_db()
        assert finding.state == "closed"
    bob.open("/app/findings/?state=closed")
    bob.examine("findings-5-closed")


def click(visitor: Visitor, button: str) -> None:
    """And wait for the page that follows."""
    with visitor.page.expect_navigation():
        visitor.page.click(button)


def state_of(disclosure: Disclosure) -> str:
    return str(Disclosure.objects.values_list("state", flat=True).get(pk=disclosure.pk))
