"""Every list of the administration, and a row of each, on a desk and on a telephone: nothing is cut, nothing broken."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from fund.models import Candidate
from portfolio.models import CompanyTrack, Disclosure
from scoring.models import LatestScore
from tests import make
from tests.browser.conftest import LANGUAGES, WIDTHS, Visitor

pytestmark = pytest.mark.django_db(transaction=True)
# Words that stand in more than two lines of fewer than four characters each are broken by a column that is too narrow.
FAULTS = """() => {
  const found = [], walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode()); ) {
    const words = node.textContent.trim(), range = document.createRange();
    if (words.length < 4 || node.parentElement.closest(".visually-hidden, thead, select, script")) continue;
    range.selectNodeContents(node);
    const lines = new Set([...range.getClientRects()].filter(one => one.width > 1).map(one => Math.round(one.top)));
    if (lines.size > 2 && words.length / lines.size < 4) found.push(words);
  }
  return [document.documentElement.scrollWidth, document.documentElement.clientWidth, found];
}"""


def some_rows() -> None:
    company = make.scoreable(
        name_zh="内蒙古鄂尔多斯绿色氢能装备制造股份有限公司", name_en="Inner Mongolia Ordos Green Hydrogen Equipment"
    )
    dan, fund = make.dan(), make.fund()
    make.join(company)
    CompanyTrack.objects.create(company=company, track="power_decarbonisation", why="储能 storage", **make.SOURCE)
    Candidate.of(fund, company, by=dan)
    make.proposal(make.score(company, timezone.localdate()), dan, fund, kind="watch")
    make.disclosure(company, 2021, state=Disclosure.State.DRAFT).submit(by=make.alice(company))
    assert LatestScore.objects.exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_list_and_no_row_is_wider_than_its_window(visit: Callable[..., Visitor], language: str) -> None:
    some_rows()
    dan = visit("dan", language)
    dan.open("/admin/")
    dan.examine("desk")
    lists = dan.page.eval_on_selector_all(".desk li > a:first-child", "all => all.map(a => a.getAttribute('href'))")
    assert len(lists) > 35
    for path in lists:
        dan.open(path)
        row = dan.page.locator("#result_list tbody th a").first
        fits(dan, path)
        if row.count():
            dan.open(str(row.get_attribute("href")))
            fits(dan, f"a row of {path}")
    assert not dan.complaints


def fits(visitor: Visitor, place: str) -> None:
    for width in WIDTHS:
        visitor.page.set_viewport_size({"width": width, "height": 900})
        wide, window, broken = visitor.page.evaluate(FAULTS)
        assert wide <= window, f"{place} {visitor.label}: {wide} px of content in {window} px"
        assert broken == [], f"{place} {visitor.label} at {width} px"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_peers_fit(visit: Callable[..., Visitor], language: str) -> None:
    make.carol()
    make.score(make.scoreable(name_en="International Semiconductor Materials and Equipment", sector="minerals"))
    carol = visit("carol", language)
    columns = "emissions_t,change,revenue_change,intensity,intensity_change,temperature,pathway,year"
    for width in (1024, 1280, 1360, 390):
        carol.page.set_viewport_size({"width": width, "height": 900})
        for query in ("", "?ordering=change&years_min=3", *([f"?cols={columns}"] if width > 1024 else [])):
            carol.open(f"/app/peers/{query}")
            carol.examine(f"desk-peers-{width}", axe=False)
