"""The ledger in a real browser: read, asked why, searched and written, in both languages, on a desk and a telephone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from fund.demo import ledger as ledger_example
from portfolio.models import Activity, Disclosure
from tests import make
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_ledger_is_read_questioned_and_written(visit: Callable[..., Visitor], language: str, width: int) -> None:
    company = make.company()
    alice = make.alice(company)
    last, draft = (
        make.disclosure(company, year, state=Disclosure.State.DRAFT, created_by=alice) for year in (2024, 2025)
    )
    Activity.objects.bulk_create(ledger_example.activities(last, ledger_example.YEAR_BEFORE))
    Disclosure.objects.filter(pk=last.pk).update(state=Disclosure.State.RECORDED, frozen_at=timezone.now())
    Activity.objects.bulk_create(ledger_example.activities(draft))
    visitor, ledger = visit("alice", language, width), f"/app/disclosures/{draft.pk}/ledger/"

    visitor.open(ledger)
    assert visitor.page.locator("table.ledger tbody tr[id^=line-]").count() == len(ledger_example.LINES)
    visitor.examine("ledger-1-lines")
    visitor.page.locator("tr#line-1 a[data-drawer]").click()  # beside the ledger where there is room, else a page
    visitor.page.locator(".why__factor").first.wait_for()
    visitor.examine("ledger-2-why")
    visitor.open(f"{ledger}uncertainty/")
    visitor.page.locator(".table-3-2 summary").click()
    assert visitor.page.locator(".table-3-2 tbody tr").count() > 5
    visitor.examine("ledger-3-uncertainty")

    visitor.open(f"{ledger}new/")
    visitor.page.fill("#find", "铁路")
    visitor.page.locator("#found .find__none").first.wait_for()
    visitor.examine("ledger-4-search")
    visitor.open(f"{ledger}new/")
    visitor.page.fill("#find", "R410A")
    hit = visitor.page.locator("#found a[data-kind='refrigerant.R410A']")
    hit.wait_for()
    assert visitor.page.input_value("#id_kind") == ""  # nothing is chosen without a click
    hit.click()
    assert visitor.page.input_value("#id_kind") == "refrigerant.R410A"
    visitor.page.fill("#id_amount", "12")
    visitor.page.fill("#id_unit", "kg")
    visitor.page.locator(".ledger-form__live .figure-big").wait_for()
    visitor.examine("ledger-4-line")
    visitor.page.locator(".form__actions .button--primary").first.click()
    visitor.page.wait_for_url(lambda url: url.endswith(ledger))
    stored = draft.activities.get(number=len(ledger_example.LINES) + 1)
    assert (stored.kind, stored.amount, stored.unit) == ("refrigerant.R410A", 12, "kg")

    visitor.open("/app/factors/?q=Chongqing")
    visitor.examine("ledger-5-factors")
    visitor.page.locator("main a[href*='/app/factors/cn-grid']").first.click()
    visitor.examine("ledger-6-factor")


def test_a_block_of_two_meters_is_pasted_and_kept(visit: Callable[..., Visitor], language: str, width: int) -> None:
    company = make.company()
    alice = make.alice(company)
    draft = make.disclosure(company, 2025, state=Disclosure.State.DRAFT, created_by=alice)
    visitor, ledger = visit("alice", language, width), f"/app/disclosures/{draft.pk}/ledger/"
    visitor.open(f"{ledger}bills/")
    visitor.examine("bills-1-which")
    visitor.page.locator("a.bill").first.click()
    visitor.page.fill("#id_r0-meter", "A")
    visitor.page.fill("#id_r1-meter", "B")
    block = "\r\n".join("\t".join(f"{meter}{month + 10}4" for month in range(13)) for meter in (1, 2))
    visitor.page.locator("#id_r0-m1").evaluate(PASTE, block)
    visitor.page.locator("#r1-said strong").wait_for()
    assert visitor.page.input_value("#id_r1-m12") == "2214"
    assert visitor.page.input_value("#id_r1-m0") == ""  # the thirteenth column is a sum
    visitor.examine("bills-2-sheet")
    visitor.page.locator(".sheet__actions .button--primary").click()
    visitor.page.wait_for_url(lambda url: "bill=electricity" in url)
    assert draft.activities.count() == 24
    assert draft.activities.filter(meter="B", period_start="2025-12-01", amount=2214).exists()


PASTE = """(field, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""
