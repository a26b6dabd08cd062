"""Security keys beside the app: who adds, names, uses and removes them, and what their sessions are worth."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse

from portfolio.models import AuditEvent
from tests import make
from tests.project.soft_key import SoftKey
from tests.project.test_access import SECRET, code_of, confirm_it_is_me, is_in
from tests.project.test_chinese_pages import english_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def carol() -> User:
    return make.carol()


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test never commits; what allauth does then is done at once."""
    monkeypatch.setattr("django.db.transaction.on_commit", lambda do, **_: do())


def begun(user: User, language: str = "en") -> Client:
    client = Client(HTTP_HOST="localhost")
    client.cookies["django_language"] = language
    answer = client.post(reverse("account_login"), {"login": user.username, "password": make.PASSWORD})
    assert answer.status_code == 302
    return client


def asked(client: Client, name: str) -> dict[str, Any]:
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    found: dict[str, Any] = next(iter(answer.context["js_data"].values()))
    assert json.loads(json.dumps(found)) == found
    return found


def added(client: Client, key: SoftKey, name: str = "Blue key") -> None:
    confirm_it_is_me(client)
    form = {"name": name, "credential": key.create(asked(client, "mfa_add_webauthn"))}
    assert client.post(reverse("mfa_add_webauthn"), form).status_code == 302


def with_key(user: User, key: SoftKey, language: str = "en") -> Client:
    client = begun(user, language)
    form = {"credential": key.get(asked(client, "mfa_authenticate"))}
    assert client.post(reverse("mfa_authenticate"), form).status_code == 302
    return client


# --- the session -------------------------------------------------------------------------------------------------
def test_adding_gives_this_session_no_factor_and_ends_the_others(carol: User, settings: Any) -> None:
    settings.STAFF_NEED_MFA = True
    here, elsewhere = begun(carol), begun(carol)
    added(here, SoftKey())
    assert Authenticator.objects.get(user=carol, type="webauthn").wrap().name == "Blue key"
    assert Authenticator.objects.filter(user=carol, type="recovery_codes").exists()
    assert not is_in(elsewhere)
    assert here.get(reverse("candidates"))["Location"] == reverse("log_in_again")
    for closed in ("mfa_add_webauthn", "mfa_list_webauthn"):
        assert here.get(reverse(closed))["Location"] == reverse("log_in_again")
    assert AuditEvent.objects.get(verb="account.factor_added").detail == "carol: webauthn, Blue key"
    assert [message.to for message in mail.outbox] == [[carol.email]]


@pytest.mark.postgres
def test_a_session_that_began_with_the_key_has_the_factor(carol: User, settings: Any) -> None:
    key = SoftKey()
    added(begun(carol), key)
    settings.STAFF_NEED_MFA = True
    client = with_key(carol, key)
    assert client.get(reverse("candidates")).status_code == 200
    assert client.get("/api/v1/companies/").status_code == 200
    assert UserSession.objects.filter(user=carol, data={"factor": True}).count() == 1


def test_confirming_with_the_key_later_does_not_make_it_a_session_with_the_factor(carol: User, settings: Any) -> None:
    settings.STAFF_NEED_MFA = True
    key, client = SoftKey(), begun(carol)
    added(client, key)
    form = {"credential": key.get(asked(client, "mfa_reauthenticate_webauthn"))}
    assert client.post(reverse("mfa_reauthenticate_webauthn"), form).status_code == 302
    assert client.get(reverse("candidates"))["Location"] == reverse("log_in_again")


def test_removing_the_only_key_takes_the_factor_from_the_session(carol: User, settings: Any) -> None:
    key = SoftKey()
    added(begun(carol), key)
    settings.STAFF_NEED_MFA = True
    here, elsewhere = with_key(carol, key), with_key(carol, key)
    mail.outbox.clear()
    row = Authenticator.objects.get(type="webauthn")
    confirm_it_is_me(here)
    assert "Blue key" in here.get(reverse("mfa_remove_webauthn", args=[row.pk])).content.decode()
    here.post(reverse("mfa_remove_webauthn", args=[row.pk]))
    assert not Authenticator.objects.filter(user=carol).exists()
    assert here.get(reverse("candidates"))["Location"] == reverse("mfa_activate_totp")
    assert not is_in(elsewhere)
    assert AuditEvent.objects.get(verb="account.factor_removed").detail == "carol: webauthn, Blue key"
    assert [message.to for message in mail.outbox] == [[carol.email]]


def test_beside_the_app_a_removed_key_opens_nothing_and_the_session_keeps_its_factor(
    carol: User, settings: Any
) -> None:
    key = SoftKey()
    added(begun(carol), key)
    TOTP.activate(carol, SECRET)
    settings.STAFF_NEED_MFA = True
    here = with_key(carol, key)
    confirm_it_is_me(here)
    here.post(reverse("mfa_remove_webauthn", args=[Authenticator.objects.get(type="webauthn").pk]))
    assert here.get(reverse("candidates")).status_code == 200
    client = begun(carol)
    form = {"credential": key.get(asked(client, "mfa_authenticate"))}
    assert client.post(reverse("mfa_authenticate"), form).status_code == 200
    assert not is_in(client)
    assert client.post(reverse("mfa_authenticate"), {"code": code_of()}).status_code == 302


# --- what is refused ---------------------------------------------------------------------------------------------
def test_an_answer_is_good_once_and_for_its_own_question(carol: User) -> None:
    key = SoftKey()
    added(begun(carol), key)
    client = begun(carol)
    before = key.get(asked(client, "mfa_authenticate"))
    asked(client, "mfa_authenticate")  # another question since
    assert client.post(reverse("mfa_authenticate"), {"credential": before}).status_code == 200
    assert not is_in(client)


@pytest.mark.parametrize("forged", [{"origin": "https://greenlight.evil.example"}, {"domain": "evil.example"}])
def test_an_answer_from_a_forged_page_adds_nothing(carol: User, forged: dict[str, str]) -> None:
    client = begun(carol)
    confirm_it_is_me(client)
    form = {"name": "Mine", "credential": SoftKey(**forged).create(asked(client, "mfa_add_webauthn"))}
    answer = client.post(reverse("mfa_add_webauthn"), form)
    assert answer.status_code == 200
    assert "was not accepted" in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_a_key_of_a_curve_that_is_not_approved_is_refused(carol: User) -> None:
    client = begun(carol)
    confirm_it_is_me(client)
    form = {"name": "Odd", "credential": SoftKey(is_odd=True).create(asked(client, "mfa_add_webauthn"))}
    assert "not approved" in client.post(reverse("mfa_add_webauthn"), form).content.decode()
    assert not Authenticator.objects.exists()


def test_anothers_key_opens_nothing(carol: User) -> None:
    key, others = SoftKey(), SoftKey()
    added(begun(carol), key)
    added(begun(make.dan()), others)
    client = begun(carol)
    form = {"credential": others.get(asked(client, "mfa_authenticate"))}
    assert client.post(reverse("mfa_authenticate"), form).status_code == 200
    assert not is_in(client)


NO_ANSWERS = (
    *("", "null", "[]", "{}", "7", '"text"', "not json", '{"id": "a"}', '{"id": 1, "rawId": "a", "response": {}}'),
    '{"id":"YQ","rawId":"YQ","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"AA"}}',
    '{"id":"YQ","rawId":"YQ","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AA",'
    '"signature":"AA"}}',
)


@pytest.mark.parametrize("answer", NO_ANSWERS)
def test_what_no_key_ever_said_is_refused_in_words(carol: User, answer: str) -> None:
    key, client = SoftKey(), begun(carol)
    added(client, key)
    for name in ("mfa_add_webauthn", "mfa_reauthenticate_webauthn"):
        assert client.post(reverse(name), {"name": "x", "credential": answer}).status_code in (200, 302), name
    entering = begun(carol)
    asked(entering, "mfa_authenticate")
    page = entering.post(reverse("mfa_authenticate"), {"credential": answer})
    assert page.status_code == 200
    assert 'class="field__error" role="status"' in page.content.decode()
    assert not is_in(entering)
    assert Authenticator.objects.filter(type="webauthn").count() == 1


def test_tries_are_counted(carol: User) -> None:
    key = SoftKey()
    added(begun(carol), key)
    client = begun(carol)
    for _n in range(5):
        asked(client, "mfa_authenticate")
        client.post(reverse("mfa_authenticate"), {"credential": SoftKey().get(asked(client, "mfa_authenticate"))})
    form = {"credential": key.get(asked(client, "mfa_authenticate"))}
    assert client.post(reverse("mfa_authenticate"), form).status_code == 200
    assert not is_in(client)


def test_a_key_is_added_renamed_and_removed_after_the_password_only(carol: User) -> None:
    client = begun(carol)
    added(client, SoftKey())
    row = Authenticator.objects.get(type="webauthn")
    later = client.session
    later["account_authentication_methods"] = []  # as if it were long ago
    later.save()
    for address in (
        reverse("mfa_add_webauthn"),
        reverse("mfa_edit_webauthn", args=[row.pk]),
        reverse("mfa_remove_webauthn", args=[row.pk]),
    ):
        assert "reauthenticate" in client.get(address)["Location"]
        assert "reauthenticate" in client.post(address, {"name": "Taken"})["Location"]
    assert Authenticator.objects.get(type="webauthn").wrap().name == "Blue key"


# --- the pages -----------------------------------------------------------------------------------------------------
def test_a_key_is_renamed_by_its_owner_only(carol: User) -> None:
    mine, others = begun(carol), begun(make.dan())
    added(mine, SoftKey())
    row = Authenticator.objects.get(type="webauthn")
    confirm_it_is_me(others)
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert others.get(reverse(name, args=[row.pk])).status_code == 404
        assert others.post(reverse(name, args=[row.pk]), {"name": "Theirs"}).status_code == 404
    address = reverse("mfa_edit_webauthn", args=[row.pk])
    assert mine.post(address, {"name": ""}).status_code == 200
    assert mine.post(address, {"name": "x" * 61}).status_code == 200
    assert mine.post(address, {"name": "At <home>"}).status_code == 302
    page = mine.get(reverse("mfa_list_webauthn")).content.decode()
    assert "At &lt;home&gt;" in page and "At <home>" not in page
    assert AuditEvent.objects.get(verb="account.factor_renamed").detail == "carol: Blue key > At <home>"


def test_a_name_that_is_too_long_costs_no_key(carol: User) -> None:
    client, key = begun(carol), SoftKey()
    confirm_it_is_me(client)
    answer = key.create(asked(client, "mfa_add_webauthn"))
    page = client.post(reverse("mfa_add_webauthn"), {"name": "x" * 61, "credential": answer})
    assert page.status_code == 200 and not Authenticator.objects.exists()
    assert "x" * 61 in page.content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_of_keys_are_in_both_languages_and_without_inline_parts(carol: User, language: str) -> None:
    key, client = SoftKey(), begun(carol, language)
    assert client.get(reverse("mfa_list_webauthn")).status_code == 200  # none yet
    added(client, key, "主钥")
    row = Authenticator.objects.get(type="webauthn")
    addresses = [reverse(f"mfa_{name}_webauthn", args=[row.pk]) for name in ("edit", "remove")]
    addresses += [reverse(name) for name in ("mfa_index", "mfa_list_webauthn", "mfa_add_webauthn")]
    pages = [client.get(address).content.decode() for address in (*addresses, reverse("mfa_reauthenticate_webauthn"))]
    pages.append(begun(carol, language).get(reverse("mfa_authenticate")).content.decode())
    for page in pages:
        assert not re.findall(r"<script(?![^>]*src=)|\son\w+=|style=", page)
        assert f'lang="{"en" if language == "en" else "zh-Hans"}"' in page
    if language != "en":
        assert [english_in(page) for page in pages] == [[]] * len(pages)


def test_a_page_of_entry_says_nothing_of_keys_to_who_has_none(carol: User) -> None:
    TOTP.activate(carol, SECRET)
    page = begun(carol).get(reverse("mfa_authenticate")).content.decode()
    assert "data-key" not in page
    assert settings.KEY_DOMAIN == "localhost"
