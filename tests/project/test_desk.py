"""The administration: in the frame of every page, headed by what it shows, with what waits on its first page."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone

from fund.models import Candidate
from fund.templatetags.desk import GROUPS
from portfolio.models import Disclosure, Join, Role
from tests import make
from tests.project.test_chinese_pages import english_in
from tests.scoring.pages import signed_in, text

pytestmark = pytest.mark.django_db
MODELS = [model for model, page in admin.site._registry.items() if hasattr(page, "view_roles")]
STOCK = re.compile(r"Select [a-z ]+ to (change|view)|Site administration|Django|>Home<|View on site|选择 ")


def address(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def person() -> User:
    return User.objects.filter(username="dan").first() or make.dan()


def words_of(page: str) -> str:
    """What is ours on a page: without the frame, and without the rows, whose names may be English."""
    return re.sub(r"<tbody>.*?</tbody>", "", page[page.index("<main") :], flags=re.DOTALL)


def name(model: type[Model]) -> str:
    return model._meta.label_lower


def test_every_list_stands_in_a_group_of_the_first_page() -> None:
    named = [model for group in GROUPS for model in group.models]
    assert len(named) == len(set(named))
    assert {model.__name__ for model in MODELS} <= set(named)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("model", MODELS, ids=name)
def test_a_list_has_the_frame_and_the_name_of_what_it_lists(model: type[Model], language: str) -> None:
    page = text(signed_in(person(), language).get(address(model, "changelist")))
    assert '<nav class="rail"' in page and 'href="/admin/" aria-current="page"' in page
    assert page.count("<h1>") == 1 and "css/nav_sidebar" not in page
    assert not STOCK.search(words_of(page)), STOCK.search(words_of(page))
    assert re.search(r'<nav class="tabs".*aria-current="page"', page)
    if language == "zh-hans":
        assert english_in(words_of(page)) == []


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_a_form_asks_for_a_row_by_its_name_and_never_by_a_number(model: type[Model]) -> None:
    answer = signed_in(person(), "zh-hans").get(address(model, "add"), follow=True)
    if answer.status_code == 403:
        return  # its rows come from elsewhere
    page = text(answer)
    assert "vForeignKeyRawIdAdminField" not in page
    assert english_in(words_of(page)) == []


def test_a_row_is_headed_by_itself_and_its_history_says_none_of_nobody() -> None:
    company = make.company(name_zh="蜀光储能", name_en="Shuguang Storage")
    make.target(company, reduction_share=None)
    client = signed_in(person())
    page = text(client.get(address(type(company), "change", company.pk)))
    assert "<h1>Shuguang Storage</h1>" in page and STOCK.search(words_of(page)) is None
    company.lei = ""
    company.isin = "CNE100000296"
    company.save()
    for row in (company, company.targets.get()):
        for shown in ("change", "history"):
            told = unescape(re.sub(r"<[^>]*>", " ", text(client.get(address(type(row), shown, row.pk)))))
            assert "None" not in told, told[max(0, told.index("None") - 80) : told.index("None") + 20]


def test_the_first_page_counts_what_waits_and_leads_there() -> None:
    company = make.company()
    make.disclosure(company, 2023, state=Disclosure.State.DRAFT).submit(by=make.alice(company))  # a verifier's alone
    make.join(company)
    other, fund, erin = make.scoreable("demo-other"), make.fund(), make.erin()
    Candidate.of(fund, other, by=erin)
    make.proposal(make.score(other, timezone.localdate()), erin, fund, kind="watch")
    client = signed_in(person())
    page = text(client.get(reverse("admin:index")))
    waits = dict(re.findall(r'<li><a href="([^"]*)"><b>([\d,]+)</b>', page))
    proposals = address_of(waits, "/app/proposals/")
    joins = address_of(waits, "/app/joins/")
    assert waits[proposals] == "1"
    assert waits[joins] == str(Join.objects.not_confirmed().count()) == "1"
    for place in (proposals, joins):
        assert client.get(unescape(place)).status_code == 200


def address_of(waits: dict[str, str], beginning: str) -> str:
    found = [href for href in waits if href.startswith(beginning)]
    assert len(found) == 1, waits
    return found[0]


def test_where_nothing_waits_the_first_page_says_so() -> None:
    assert "Nothing waits for an administrator." in text(signed_in(person()).get(reverse("admin:index")))


def test_a_filter_that_is_on_says_what_it_keeps_and_can_be_dropped() -> None:
    make.company(sector="metals")
    client = signed_in(person())
    page = text(client.get("/admin/portfolio/company/?sector__exact=metals"))
    assert "chip--on" in page and "Scoring sector: " in unescape(page) and "Drop all" in page
    page = text(client.get("/admin/portfolio/company/?sector__exact=food"))
    assert "Nothing matches" in page


def test_the_lists_are_for_administrators_alone() -> None:
    client = signed_in(make.user("someone", Role.FUND_MANAGER))
    assert client.get(reverse("admin:index")).status_code == 403
    assert client.get(address(Disclosure, "changelist")).status_code == 403
