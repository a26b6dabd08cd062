"""What a browser, a program or a stranger may try at the doors, one test a habit that must hold."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import User
from django.core import mail, signing
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string

from fund import settings as product
from fund.project import accounts
from fund.templatetags.security_keys import as_json
from portfolio.models import ApiToken
from tests import make
from tests.api.caller import Caller, is_problem, issue
from tests.project.test_access import NEW, SECRET, attempt, code_of, confirm_it_is_me, is_in, logged_in
from tests.project.test_logs import Lines, lines  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db


@pytest.fixture
def carol() -> User:
    return make.carol()


@pytest.fixture
def alice() -> User:
    return make.alice(make.company())


# --- text --------------------------------------------------------------------------------------------------------
STRANGE = "%(name)s {0} {{ 7*7 }} ${7*7} {% now %} %s <b>&amp;"
WRITTEN = "%(name)s {0} {{ 7*7 }} ${7*7} {% now %} %s &lt;b&gt;&amp;amp;"


@pytest.mark.parametrize("page", ["scoring:peers", "dossier"])
def test_words_that_look_like_formats_or_templates_stay_words(carol: User, page: str) -> None:
    company = make.company("odd", name_zh=STRANGE, name_en=STRANGE)
    address = reverse(page, args=[company.pk] if page == "dossier" else [])
    assert WRITTEN in logged_in(carol).get(address).content.decode()


def test_text_of_an_address_is_decoded_once(carol: User) -> None:
    page = logged_in(carol).get(reverse("scoring:peers") + "?q=%253Cb%253E%2526lt%253B").content.decode()
    assert "%3Cb%3E%26lt%3B" in page
    assert "<b>&lt;" not in page and "&lt;b&gt;" not in page


@pytest.mark.postgres
@pytest.mark.parametrize("text", ["' OR 1=1 --", '" OR ""="', "'; DROP TABLE auth_user; --", "%' ESCAPE '%", "\\"])
def test_quotes_of_sql_find_nothing_and_break_nothing(carol: User, text: str) -> None:
    make.company()
    assert json.loads(Caller(carol).get("/api/v1/companies/", {"q": text}, headers=_token(carol)).content)["count"] == 0
    assert logged_in(carol).get(reverse("scoring:peers"), {"q": text}).status_code == 200
    assert User.objects.filter(pk=carol.pk).exists()


def _token(person: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {issue(person)}"}


def test_an_attribute_for_a_script_cannot_be_left(carol: User) -> None:
    from django.template import Context, Template

    given = {"a": "\"'></p><script>"}
    page = Template('{% load security_keys %}<p data-a="{{ x|as_json }}">').render(Context({"x": given}))
    assert "<script" not in page and page.count('"') == 2
    assert json.loads(as_json(given)) == given


@pytest.mark.parametrize("address", ["alice@example.org\nBcc: evil@example.org", "alice@example.org\r\n\r\nHello"])
def test_a_line_break_makes_no_second_header_of_a_mail(alice: User, address: str) -> None:
    Client().post(reverse("account_reset_password"), {"email": address})
    client = logged_in(alice)
    client.post(reverse("account_email"), {"action_add": "", "email": address})
    assert not [message for message in mail.outbox if "evil" in str(message.message()) or "Hello" in message.body]


# --- answers -------------------------------------------------------------------------------------------------------
def test_no_answer_opens_the_door_to_other_origins(carol: User) -> None:
    foreign = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    client = logged_in(carol)
    for ask in (client.get, client.options):
        for path in ("/app/candidates/", "/api/v1/companies/", "/accounts/login/", "/static/greenlight/app.css"):
            answer = ask(path, headers=foreign)
            assert not [name for name in answer.headers if name.lower().startswith("access-control-")], path


def test_every_kind_of_answer_says_what_it_is_and_in_which_letters(carol: User) -> None:
    client = logged_in(carol)
    for path, kind in (
        ("/app/candidates/", "text/html; charset=utf-8"),
        ("/app/candidates/candidates.csv", "text/csv; charset=utf-8"),
        ("/api/v1/companies/", "application/json"),
        ("/api/v1/nowhere/", "application/problem+json"),
        ("/static/greenlight/app.css", 'text/css; charset="utf-8"'),
        ("/static/greenlight/drawer.js", 'text/javascript; charset="utf-8"'),
        ("/nowhere/", "text/html; charset=utf-8"),
    ):
        assert client.get(path)["Content-Type"].lower() == kind, path


def test_without_tls_a_program_is_told_and_a_page_led_on(carol: User, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    program = Caller(carol)
    is_problem(program.read("/companies/"), 403, "encryption_required")
    assert Client().get("/accounts/login/")["Location"] == "https://testserver/accounts/login/"
    assert program.get("/api/v1/companies/", secure=True, headers=_token(carol)).status_code == 200


@pytest.mark.parametrize("path", ["/", "/app/candidates/", "/api/v1/companies/", "/healthz", "/accounts/login/"])
def test_trace_is_refused(carol: User, path: str) -> None:
    assert logged_in(carol).trace(path).status_code == 405


@pytest.mark.parametrize("path", ["/static/", "/static/greenlight/", "/static/admin/css/", "/static/../manage.py"])
def test_folders_are_not_listed(path: str) -> None:
    assert Client().get(path).status_code in (400, 404)


@pytest.mark.parametrize("query", ["page_size=1&page_size=500", "fields=id&fields=name_zh"])
def test_a_parameter_that_stands_twice_counts_once(carol: User, query: str) -> None:
    """The last one, on page and API alike: what was checked is what is used."""
    make.company("a")
    make.company("b")
    said = json.loads(Caller(carol).read(f"/companies/?{query}").content)
    last = json.loads(Caller(carol).read("/companies/?" + query.split("&")[1]).content)
    assert said["results"] == last["results"]


def test_a_token_in_the_address_opens_nothing(alice: User) -> None:
    token = issue(alice)
    for name in ("token", "access_token", "api_key", "Authorization"):
        is_problem(Caller().read(f"/companies/?{name}={token}"), 401, "not_authenticated")


def test_logging_out_clears_what_the_browser_kept(carol: User) -> None:
    client = logged_in(carol)
    assert "Clear-Site-Data" not in client.get(reverse("candidates"))
    assert client.post(reverse("account_logout"))["Clear-Site-Data"] == '"cache", "storage"'


@pytest.mark.parametrize("page", ["candidates", "sessions", "mfa_index", "help", "admin:index", "account_email"])
def test_every_page_offers_to_log_out(page: str) -> None:
    text = logged_in(make.dan()).get(reverse(page)).content.decode()
    assert re.search(r'<form method="post" action="/accounts/logout/"[^>]*>.*?<button type="submit">', text, re.DOTALL)


def test_a_new_installation_has_no_accounts() -> None:
    assert not User.objects.exists()


# --- passwords -----------------------------------------------------------------------------------------------------
def change(client: Client, new: str, old: str = make.PASSWORD) -> bool:
    form = {"oldpassword": old, "password1": new, "password2": new}
    return client.post(reverse("account_change_password"), form).status_code == 302


def test_a_password_is_changed_by_who_knows_the_present_one(alice: User) -> None:
    client = logged_in(alice)
    assert not change(client, NEW, old="another one instead")
    assert change(client, NEW)


@pytest.mark.parametrize(
    "good", ["onlysmallletters", "八个汉字也可以作为一个密码", "with spaces in it", "x7" * 32 + "long", "~!@#$%^&*()_+"]
)
def test_a_password_may_be_of_anything_and_long(alice: User, good: str) -> None:
    client = logged_in(alice)
    assert change(client, good)
    client.post(reverse("account_logout"))
    assert attempt(Client(), good, login="alice") == 302


def test_a_password_is_taken_as_it_was_typed(alice: User) -> None:
    exact = " Exactly as typed, with 80 letters and more, so that nothing is cut off anywhere at all "
    assert change(logged_in(alice), exact)
    for other in (exact.strip(), exact.lower(), exact[:72], exact[:-1]):
        assert attempt(Client(), other, login="alice", address="203.0.113.1") == 200, other
    assert attempt(Client(), exact, login="alice", address="203.0.113.2") == 302


@pytest.mark.parametrize("short", ["elevenchars", "short", ""])
def test_a_short_password_is_refused(alice: User, short: str) -> None:
    assert not change(logged_in(alice), short)


@pytest.mark.parametrize(
    "guessed",
    [
        "password1234",
        "qwerty123456!",
        "Welcome12345",
        "iloveyou2024",
        "passwordpassword",
        "abc123abc123",
        "!!sunshine!!",
    ],
)
def test_a_common_password_made_longer_is_refused(alice: User, guessed: str) -> None:
    assert not change(logged_in(alice), guessed)


@pytest.mark.parametrize(
    "own", ["Greenlight2024", "greenlight!!", "Portfolio2026!", "绿色金融投资202620", "mycarbon2026"]
)
def test_a_password_of_our_own_words_is_refused(alice: User, own: str) -> None:
    assert not change(logged_in(alice), own)


def test_a_word_of_ours_in_a_long_password_is_none(alice: User) -> None:
    assert change(logged_in(alice), "seven greenlight ponies sing")


def test_a_password_does_not_grow_old(alice: User) -> None:
    User.objects.update(date_joined="2015-01-01T00:00:00Z", last_login="2015-01-01T00:00:00Z")
    assert is_in(logged_in(alice))


@pytest.mark.parametrize("page", ["account_login", "account_change_password", "account_reauthenticate"])
def test_a_box_for_a_password_is_masked_and_open_to_managers_of_passwords(alice: User, page: str) -> None:
    client = Client() if page == "account_login" else logged_in(alice)
    boxes = re.findall(r"<input[^>]*name=\"\w*password\d?\"[^>]*>", client.get(reverse(page)).content.decode())
    assert boxes
    for box in boxes:
        assert 'type="password"' in box
        assert "onpaste" not in box and 'autocomplete="off"' not in box and "maxlength" not in box


def test_a_password_is_kept_by_argon2id() -> None:
    hasher = import_string(product.PASSWORD_HASHERS[0])()  # the tests themselves use one that takes no time
    kept = hasher.encode(NEW, hasher.salt())
    assert kept.startswith("argon2$argon2id$")
    memory_kb, rounds = re.findall(r"\$m=(\d+),t=(\d+)", kept)[0]
    assert int(memory_kb) >= 19_456 and int(rounds) >= 2
    assert hasher.verify(NEW, kept) and not hasher.verify(NEW + " ", kept)


# --- factors -------------------------------------------------------------------------------------------------------
def test_a_code_of_the_app_works_once_and_for_its_half_minute(carol: User) -> None:
    TOTP.activate(carol, SECRET)
    code = code_of()
    assert is_in(logged_in(carol, code))
    second = logged_in(carol)
    assert second.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200
    before = format_hotp_value(hotp_value(SECRET, next(yield_hotp_counters_from_time()) - 1))
    assert second.post(reverse("mfa_authenticate"), {"code": before}).status_code == 200
    assert not is_in(second)


def test_a_recovery_code_is_drawn_and_works_once(carol: User) -> None:
    TOTP.activate(carol, SECRET)
    codes = RecoveryCodes.activate(carol).generate_codes()
    others = RecoveryCodes.activate(make.dan()).generate_codes()
    assert len(set(codes) | set(others)) == len(codes) + len(others) == 20
    assert {len(code) for code in codes} == {8}  # 26 bits
    assert is_in(logged_in(carol, codes[0]))
    second = logged_in(carol)
    assert second.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == 200
    assert second.post(reverse("mfa_authenticate"), {"code": codes[1]}).status_code == 302


def test_a_password_set_by_a_link_still_asks_for_the_factor(alice: User) -> None:
    TOTP.activate(alice, SECRET)
    Client().post(reverse("account_reset_password"), {"email": alice.email})
    link = re.search(r"http\S+/accounts/password/reset/key/\S+", mail.outbox[-1].body)
    assert link
    client = Client()
    page = client.get("/" + link[0].split("/", 3)[3], follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    assert not is_in(client)
    answer = client.post(reverse("account_login"), {"login": "alice", "password": NEW})
    assert answer["Location"] == reverse("mfa_authenticate")
    assert not is_in(client)
    assert Client().get("/" + link[0].split("/", 3)[3], follow=True).context.get("token_fail")


# --- sessions and what is signed -------------------------------------------------------------------------------------
def test_giving_the_password_again_makes_a_new_key_of_the_session(carol: User) -> None:
    client = logged_in(carol)
    before = client.session.session_key
    stolen = Client()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = before
    assert is_in(stolen)
    confirm_it_is_me(client)
    assert client.session.session_key != before
    assert is_in(client) and not is_in(stolen)
    assert UserSession.objects.get(user=carol).session_key == client.session.session_key


def test_a_session_is_ended_after_the_password_only(alice: User) -> None:
    here, elsewhere = logged_in(alice), logged_in(alice)
    row = UserSession.objects.get(user=alice, session_key=elsewhere.session.session_key)
    for address in (reverse("session_end", args=[row.pk]), reverse("sessions_end_others")):
        asked = here.post(address)["Location"]
        assert "reauthenticate" in asked
    assert is_in(elsewhere)
    here.post(asked, {"password": make.PASSWORD})  # what was asked for is done then
    assert is_in(here) and not is_in(elsewhere)


def test_keys_and_tokens_are_drawn_and_long(carol: User, alice: User) -> None:
    keys = [logged_in(carol).session.session_key for _n in range(2)]
    assert keys[0] != keys[1] and min(len(str(key)) for key in keys) >= 32  # of 36 letters: 165 bits
    secret = issue(alice).split("_", 2)[2]
    assert len(secret) >= 32
    assert secret not in str(ApiToken.objects.values())


@pytest.mark.parametrize("what", ["altered", "expired", "of another purpose"])
def test_a_mark_of_a_browser_that_we_did_not_sign_for_that_is_none(carol: User, what: str, settings: Any) -> None:
    settings.WRONG_PASSWORDS = settings.WRONG_PASSWORDS | {"account": "1/h/key"}
    attempt(Client(), "wrong", "203.0.113.1")
    client = Client()
    salt = "greenlight.other" if what == "of another purpose" else accounts.DEVICE_SALT
    signed = signing.dumps([carol.pk, "a" * 16], salt=salt)
    client.cookies[settings.DEVICE_COOKIE_NAME] = (
        signed[:-1] + ("A" if signed[-1] != "A" else "B") if what == "altered" else signed
    )
    with pytest.MonkeyPatch.context() as patch:
        if what == "expired":
            patch.setattr(accounts, "DEVICE_SECONDS", -1)
        assert attempt(client, make.PASSWORD, "203.0.113.2") == 200
    client.cookies[settings.DEVICE_COOKIE_NAME] = signing.dumps([carol.pk, "a" * 16], salt=accounts.DEVICE_SALT)
    assert attempt(client, make.PASSWORD, "203.0.113.2") == 302  # the control


# --- what is written down ---
def test_each_try_of_a_second_factor_is_logged_with_its_kind(carol: User, lines: Lines) -> None:  # noqa: F811
    TOTP.activate(carol, SECRET)
    logged_in(carol).post(reverse("mfa_authenticate"), {"code": "000000"})
    logged_in(carol, code_of())
    assert [(line["user"], line["factor"], line["level"]) for line in lines.of("factor_failed")] == [
        (carol.pk, "totp", "WARNING")
    ]
    assert [(line["user"], line["factor"]) for line in lines.of("factor_ok")] == [(carol.pk, "totp")]
    assert code_of() not in lines.text


def test_a_try_that_is_held_back_is_logged(carol: User, lines: Lines) -> None:  # noqa: F811
    for n in range(6):
        attempt(Client(), f"wrong {n}")
    held = lines.of("login_held_back")
    assert {(line["level"], line["address"]) for line in held} == {("WARNING", "203.0.113.7")}
    assert {line["login"] for line in held} == {line["login"] for line in lines.of("login_failed")}
    assert "carol" not in lines.text


def test_a_lost_factor_is_taken_away_by_another_administrator_and_never_by_oneself(carol: User) -> None:
    TOTP.activate(carol, SECRET)
    dan = make.dan()
    TOTP.activate(dan, SECRET)
    client = logged_in(dan, code_of())
    client.post(
        reverse("admin:auth_user_changelist"), {"action": "take_factor", "_selected_action": [dan.pk, carol.pk]}
    )
    assert [one.user for one in Authenticator.objects.filter(type="totp")] == [dan]


def test_cookies_go_nowhere_else_and_scripts_read_none(carol: User) -> None:
    client = Client()
    client.get(reverse("account_login"))
    client.post(reverse("account_login"), {"login": "carol", "password": make.PASSWORD})
    client.post(reverse("language"), {"language": "en", "next": "/"})
    found = {name: morsel for name, morsel in client.cookies.items() if morsel.value}
    assert set(found) == {
        settings.SESSION_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
        settings.DEVICE_COOKIE_NAME,
        settings.LANGUAGE_COOKIE_NAME,
    }
    for name, morsel in found.items():
        assert morsel["samesite"] == "Lax" and morsel["path"] == "/" and not morsel["domain"], name
        assert morsel["httponly"] or name == settings.LANGUAGE_COOKIE_NAME, name
