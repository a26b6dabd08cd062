"""Which language a page is in: the chosen one, else the browser's, else Chinese."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from portfolio.models import Person, Role
from tests import make

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def language_of(client: Client, **headers: str) -> str:
    """What the page says of itself."""
    text = client.get(LOGIN, headers=headers).content.decode()
    return "en" if '<html lang="en">' in text else "zh" if '<html lang="zh-Hans">' in text else ""


@pytest.mark.parametrize(
    ("preferred", "language"),
    [
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("en-US,en;q=0.9,zh-CN;q=0.8", "en"),
        ("fr,en;q=0.8", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh"),
        ("zh", "zh"),
        ("fr", "zh"),
        ("*", "zh"),
        ("", "zh"),
    ],
)
def test_a_first_visit_is_in_the_language_of_the_browser(preferred: str, language: str) -> None:
    assert language_of(Client(), Accept_Language=preferred) == language


def test_a_browser_that_says_nothing_sees_chinese() -> None:
    assert language_of(Client()) == "zh"


@pytest.mark.parametrize(("chosen", "preferred", "language"), [("zh-hans", "en", "zh"), ("en", "zh-CN", "en")])
def test_the_chosen_language_wins(chosen: str, preferred: str, language: str) -> None:
    client = Client()
    client.post(reverse("language"), {"language": chosen, "next": LOGIN})
    assert language_of(client, Accept_Language=preferred) == language


def test_a_language_that_we_do_not_speak_is_not_kept() -> None:
    client = Client()
    client.post(reverse("language"), {"language": "fr", "next": LOGIN})
    assert not client.cookies
    assert language_of(client, Accept_Language="en") == "en"


def logged_in(language: str) -> Client:
    """In another browser than the one where this language was chosen."""
    user = make.user("mona", Role.FUND_MANAGER)
    user.set_password("a long one, for once")
    user.save()
    Person.objects.filter(user=user).update(language=language)
    client = Client()
    client.post(LOGIN, {"login": "mona", "password": "a long one, for once"}, headers={"Accept-Language": "en"})
    return client


@pytest.mark.parametrize(("chosen", "cookie"), [("zh-hans", "zh-hans"), ("", None)])
def test_the_chosen_language_comes_along_at_login(chosen: str, cookie: str | None) -> None:
    kept = logged_in(chosen).cookies.get("django_language")
    assert (kept and kept.value) == cookie
