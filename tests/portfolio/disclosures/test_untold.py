"""The applicant's list tells what the form requires from what the bars rest on, and where each is filled in."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from portfolio.models import Company, Disclosure, Figure, Quantity
from portfolio.models.quantity import SUBSIDIES
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def alice(company: Company) -> User:
    return make.alice(company)


@pytest.fixture
def draft(company: Company) -> Disclosure:
    return make.disclosure(company, state=Disclosure.State.DRAFT)


def answer(person: User, language: str = "en") -> Any:
    client = Client()
    client.force_login(person)
    client.cookies["django_language"] = language
    return client.get(reverse("disclosures"))


def page(person: User, language: str = "en") -> str:
    text: str = answer(person, language).content.decode()
    return text


FIELDS_OF_R = ("revenue_cny", "ebit_cny", *SUBSIDIES)


@pytest.mark.parametrize(
    ("language", "complete", "unknown"),
    [
        ("en", "Nothing that the form requires", "Still unknown for the bars"),
        ("zh-hans", "必填项已填齐", "达标线仍未知"),
    ],
)
def test_the_list_tells_what_the_form_requires_from_what_the_bars_rest_on(
    draft: Disclosure, alice: User, language: str, complete: str, unknown: str
) -> None:
    text = page(alice, language)
    assert complete in text and unknown in text
    for field in FIELDS_OF_R:
        assert f'href="{draft.get_absolute_url()}#id_{field}"' in text
    assert f'href="{reverse("portfolio:solutions", args=[draft.pk])}"' in text
    assert f'href="{draft.get_absolute_url()}#id_scope1_t"' not in text


def test_what_can_no_longer_change_is_named_and_told_by_a_new_version(company: Company, alice: User) -> None:
    frozen = make.disclosure(company)
    text = page(alice)
    assert "Still unknown for the bars" in text and "Nothing that the form requires" not in text
    assert f'<a href="{frozen.get_absolute_url()}">Tell the rest by a new version</a>' in text
    assert "#id_" not in text


def test_a_bar_of_which_all_is_told_is_not_named(draft: Disclosure, alice: User) -> None:
    make.solution(draft)
    for quantity in (Quantity.ELECTRICITY, *FIELDS_OF_R):
        Figure.objects.create(disclosure=draft, quantity=quantity, value=0.0, typed="0")
    text = page(alice)
    assert "Still unknown for the bars" not in text
    assert "All that the bars rest on is told" in text


def test_what_the_accounts_tell_is_not_asked_and_a_venture_is_asked_otherwise(draft: Disclosure, alice: User) -> None:
    make.financials(draft.company, draft.year, revenue=1e8, ebit=None)
    make.gate_word(draft.company, "venture", "yes", is_confirmed=True, by=make.carol())
    [card] = answer(alice).context["home"].firms[0].cards
    assert card.disclosure == draft
    codes = {bar.bar: [lack.code for lack in bar.lacks] for bar in card.bars}
    assert codes["r"][:2] == ["gross_profit_cny", "runway_months"] and "o" not in codes
