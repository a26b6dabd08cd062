"""Comparison and what-if in a real browser: ticked, typed, moved by − and +, in both languages and widths."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from portfolio.models import Company, Quantity
from scoring.runs import queue as runs
from tests import make
from tests.browser.conftest import LANGUAGES, WIDTHS, Visitor
from tests.make_candidates import candidate, score

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> dict[str, Company]:
    monkeypatch.setattr(runs, "wake", lambda run_id: None)
    fund, dan = make.fund(), make.dan()
    told = {
        "clear": {},
        "silent": {"figures": {Quantity.GRANTS: None}},
        "short": {"sold": {"service_per_unit_year": 1500.0}},
    }
    made = {
        key: candidate(fund, key, dan, name_en=f"Turbines {key}", name_zh=f"风机{key}", **how)  # type: ignore[arg-type]
        for key, how in told.items()
    }
    score(*made.values())
    make.carol()
    return made


def test_candidates_are_ticked_compared_and_moved(
    visit: Callable[..., Visitor], found: dict[str, Company], language: str, width: int
) -> None:
    carol = visit("carol", language, width)
    carol.open("/app/candidates/")
    for name in ("clear", "silent"):
        carol.page.check(f"input[name=c][value='{found[name].pk}']")
    carol.examine("pipeline-1-ticked")
    carol.page.click("form[action='/app/compare/'] button")
    carol.page.wait_for_url(re.compile(r"/app/compare/\?c=\d+&c=\d+$"))
    assert carol.page.locator("a.compare__name").count() == 2
    carol.examine("pipeline-2-compared")
    carol.open(f"/app/compare/?c={found['clear'].pk}")
    carol.page.select_option("#id_c_1", str(found["short"].pk))
    carol.examine("pipeline-3-chooser")
    carol.page.click("form[action='/app/compare/'] button")
    carol.page.wait_for_url(re.compile(r"/app/compare/\?c=\d+&c=\d+$"))

    carol.open("/app/what-if/")
    carol.examine("pipeline-4-as-it-stands")
    share = carol.page.locator(".slide", has=carol.page.locator("#id_bar_share"))
    for _press in range(6):
        share.locator("button[data-step='-1']").click()
    assert carol.page.input_value("#id_bar_share") == "0.5"
    carol.page.locator(".change--up").first.wait_for()  # the one that missed
    carol.page.wait_for_url(re.compile(r"\?bar_share=0\.5&"))
    carol.page.fill("#id_carbon_price", "-1")
    carol.page.locator("#id_carbon_price[aria-invalid=true]").wait_for()
    answered(carol)
    carol.examine("pipeline-5-wrong")
    carol.page.fill("#id_carbon_price", "300")
    carol.page.locator("#id_carbon_price:not([aria-invalid])").wait_for()
    pk = found["silent"].pk
    carol.page.select_option("#id_company", str(pk))
    grants = f"#id_told-{pk}-2025-subsidies_grants"
    carol.page.locator(grants).fill("4000万")
    carol.page.locator(".what-if__chosen").wait_for()
    assert carol.page.input_value(grants) == "4000万"
    answered(carol)
    carol.examine("pipeline-6-told")
    answered(carol)
    carol.page.fill("#id_name", "情景 one")
    carol.page.click("form[action$='/scenarios/'] button")
    carol.page.locator(".scenarios li").wait_for()
    assert carol.page.input_value("#id_carbon_price") == "300"
    assert carol.page.input_value(grants) == "4000万"
    carol.examine("pipeline-7-saved")


def answered(visitor: Visitor) -> None:
    """No live answer is on its way: a picture taken in the middle of one leaves its own styles in it."""
    visitor.page.wait_for_timeout(400)  # longer than the page waits for the next key
    visitor.page.locator(".htmx-request").first.wait_for(state="detached")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_figure_is_explained_beside_the_page_and_closing_gives_the_focus_back(
    visit: Callable[..., Visitor], found: dict[str, Company], language: str
) -> None:
    carol = visit("carol", language, WIDTHS[0])
    company = found["clear"].pk
    carol.open(f"/app/companies/{company}/emissions/")
    link = carol.page.locator("a[data-drawer]").first
    href = link.get_attribute("href") or ""
    link.focus()
    carol.page.keyboard.press("Enter")
    carol.page.locator("#drawer .figure-origin").wait_for()
    carol.page.wait_for_function("(href) => location.hash === '#drawer=' + href", arg=href)
    carol.examine("pipeline-7-figure")
    carol.page.keyboard.press("Escape")
    carol.page.locator("#drawer[open]").wait_for(state="detached")
    assert carol.page.evaluate("document.activeElement.getAttribute('href')") == href
    carol.page.wait_for_function("!location.href.includes('#')")  # the dialog tells that it closed a moment later
    carol.open(f"/app/companies/{company}/emissions/#drawer={href}")  # the address carries it
    carol.page.reload()
    carol.page.locator("#drawer .figure-origin").wait_for()
    carol.page.locator("#drawer a[href*='#bar-']").first.click()  # and back
    carol.page.wait_for_url(re.compile(rf"/app/companies/{company}/#bar-[cro]$"))
