"""Help on every page, and single keys that a person can switch off."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests import make
from tests.scoring.pages import signed_in, text

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", [make.alice, make.bob, make.carol, make.dan])
def test_everyone_finds_help_from_where_they_begin(who: object) -> None:
    make.company()
    client = signed_in(who() if who is not make.alice else make.alice(make.company("alices")))  # type: ignore[operator]
    page = text(client.get(reverse("home"), follow=True))
    assert f'href="{reverse("help")}"' in page
    shown = text(client.get(reverse("help")))
    assert "核查" in shown and "verification" in shown and "Greenlight 0." in shown


def test_keys_are_on_until_they_are_switched_off() -> None:
    client = signed_in(make.carol())
    assert "keys.js" in text(client.get(reverse("home")))
    page = text(client.post(reverse("keys"), {"keys": "off"}, follow=True))
    assert "keys.js" not in page and "Single keys are off for you" in page
    assert 'id="keys"' not in text(client.get(reverse("home")))
    assert "keys.js" in text(client.post(reverse("keys"), {"keys": "on"}, follow=True))


def test_a_stranger_has_neither() -> None:
    from django.test import Client

    assert "keys.js" not in text(Client().get(reverse("account_login")))


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "从演示到第一个投资决定"), ("en", "From the demo to a first decision")]
)
def test_the_tutorial_stands_in_the_product_with_its_pictures(language: str, words: str) -> None:
    client = signed_in(make.carol(), language)
    page = text(client.get(reverse("tutorial")))
    assert words in page and page.count("/static/fund/tutorial/") == 7
    assert 'href="?language=' in page
    other = text(client.get(reverse("tutorial"), {"language": "en" if language != "en" else "zh"}))
    assert words not in other
    assert words in text(client.get(reverse("tutorial"), {"language": "xx"}))
