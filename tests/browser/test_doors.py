"""Pages by which data come in, as a person with a keyboard, a screen reader or a telephone meets them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import make
from tests.browser.conftest import LANGUAGES, WIDTHS, Visitor

pytestmark = pytest.mark.django_db(transaction=True)

FORMS = (
    "/admin/portfolio/financials/add/",
    "/admin/portfolio/target/add/",
    "/admin/portfolio/companytrack/add/",
    "/admin/portfolio/exchangerate/add/",
    "/admin/fund/holding/import/",
)
PASTED = (
    "company_key,name,country,sector,sector_scheme,source,licence\nx-1,风机,CHN,111,ISIC,,\nx-1,B,Nowhere,1,GICS,,\n"
)


def name(path: str) -> str:
    return path.strip("/").replace("/", "-")


@pytest.mark.parametrize("language", LANGUAGES)
def test_forms_of_the_administration_name_their_boxes(visit: Callable[..., Visitor], language: str) -> None:
    make.dan()
    dan = visit("dan", language)
    for path in FORMS * 2:  # the second time from the browser's cache, when scripts run in another order
        dan.open(path)
        dan.examine(f"doors-{name(path)}")


def test_own_companies_with_faults_fit_and_are_named(visit: Callable[..., Visitor], language: str, width: int) -> None:
    make.dan()
    dan = visit("dan", language, width)
    dan.open("/app/companies/load/")
    dan.examine("doors-load")
    dan.page.fill("#id_text_companies", PASTED)
    dan.page.locator("main form button").last.click()
    dan.page.wait_for_selector("[role=alert]")
    dan.complaints.clear()  # the answer is a 400
    dan.examine("doors-load-faults")
    assert dan.page.locator("main .button--primary").count() == 1
    # a column is never so narrow that its words stand one or two characters to a line
    narrow = "cells => cells.filter(c => c.innerText.length > 8 && c.clientWidth < 60).map(c => c.innerText)"
    assert dan.page.eval_on_selector_all("main td", narrow) == []


def test_a_chip_that_leads_somewhere_looks_like_a_chip(visit: Callable[..., Visitor]) -> None:
    company = make.scoreable()
    make.join(company)
    make.carol()
    carol = visit("carol")
    for width in WIDTHS:
        carol.page.set_viewport_size({"width": width, "height": 900})
        carol.open(company.get_absolute_url() + "emissions/")
        carol.examine(f"doors-dossier-{width}")
        chips = carol.page.locator("th a.chip")
        assert chips.count() > 0
        for chip in chips.all():
            assert chip.evaluate("c => getComputedStyle(c).paddingLeft") == "8px"
