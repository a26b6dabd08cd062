"""Who is signed in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from fund.project.accounts import Backend
from portfolio.models.people import role_of
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
BACKEND = settings.AUTHENTICATION_BACKENDS[0]


@pytest.fixture
def browser() -> Client:
    client = Client()
    client.force_login(make.user("mona", "fund_manager"), BACKEND)
    return client


def is_signed_in(client: Client) -> bool:
    return client.get(reverse("scoring:peers")).status_code == 200


def test_a_session_lasts_until_its_end(browser: Client) -> None:
    assert is_signed_in(browser)
    Session.objects.update(expire_date=timezone.now() + timedelta(seconds=30))
    assert is_signed_in(browser)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not is_signed_in(browser)


def test_data_that_we_did_not_sign_is_nobody(browser: Client) -> None:
    Session.objects.update(session_data="eyJfYXV0aF91c2VyX2lkIjoiMSJ9:forged")
    assert not is_signed_in(browser)


def test_a_key_that_somebody_made_up_is_not_taken_over() -> None:
    client, made_up = Client(), "a" * 32
    client.cookies[settings.SESSION_COOKIE_NAME] = made_up
    make.user("mona", "fund_manager")
    client.post(reverse("account_login"), {"login": "mona", "password": make.PASSWORD})
    assert client.cookies[settings.SESSION_COOKIE_NAME].value not in {"", made_up}
    assert not Session.objects.filter(session_key=made_up).exists()
    assert is_signed_in(client)


@pytest.mark.parametrize(
    "key", ["", "short", r'"aaaaaaaa\000aaaa"', "' OR 1=1 --", "%s%s%s%s%s", "\xe6\x96\x87" * 9, "a" * 5000]
)
def test_a_cookie_that_no_session_ever_had_is_nobody(key: str) -> None:
    client = Client()
    said = client.get(reverse("scoring:peers"), headers={"cookie": f"{settings.SESSION_COOKIE_NAME}={key}"})
    assert (said.status_code, said.headers["location"].split("?")[0]) == (302, reverse("account_login"))


def test_an_account_that_is_switched_off_is_out_at_once(browser: Client) -> None:
    type(make.user("other")).objects.filter(username="mona").update(is_active=False)
    assert not is_signed_in(browser)


@pytest.mark.parametrize(
    ("role", "is_superuser", "known"),
    [("fund_manager", False, "fund_manager"), ("verifier", True, "verifier"), (None, True, ""), (None, False, "")],
)
def test_the_role_is_asked_for_once_a_request(
    role: str | None, is_superuser: bool, known: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = make.user("mona", *([role] if role else []))
    type(user).objects.update(is_superuser=is_superuser)
    read = type(user).objects.get()
    with django_assert_num_queries(1):
        assert [role_of(read), role_of(read)] == [known, known]


def test_the_account_is_read_together_with_its_person(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    keys = [make.user("mona", "fund_manager").pk, make.user("nora").pk, make.user("otto", is_active=False).pk]
    with django_assert_num_queries(3):
        mona, nora, otto = (Backend().get_user(key) for key in keys)
        assert mona and nora and otto is None
        assert (role_of(mona), role_of(nora)) == ("fund_manager", "")
