"""What a session and a token know: their factor, their end, and what ends them before it."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fund.project import sessions
from portfolio.errors import NotAllowed
from portfolio.models import ApiToken, AuditEvent, Handling, RoleChange
from tests import make
from tests.api.caller import Caller, is_problem, issue

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
NEW = "another long password"
SECRET = "JBSWY3DPEHPK3PXP"


def logged_in(user: User, code: str = "", **how: Any) -> Client:
    """Through the page, and with the code where one is given."""
    client = Client(**how)
    client.cookies["django_language"] = "en"
    answer = client.post(reverse("account_login"), {"login": user.username, "password": make.PASSWORD})
    assert answer.status_code == 302
    if code:
        assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    return client


def code_of(secret: str = SECRET) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def is_in(client: Client) -> bool:
    return client.get(reverse("sessions")).status_code == 200


def confirm_it_is_me(client: Client) -> None:
    assert client.post(reverse("account_reauthenticate"), {"password": make.PASSWORD}).status_code == 302


@pytest.fixture
def carol() -> User:
    return make.carol()


@pytest.fixture
def alice() -> User:
    return make.alice(make.company())


# --- the factor --------------------------------------------------------------------------------------------------
def test_enrolling_gives_this_session_no_factor_and_ends_the_others(carol: User, settings: Any) -> None:
    settings.STAFF_NEED_MFA = True
    here, elsewhere = logged_in(carol), logged_in(carol)
    page = here.get(reverse("candidates"))
    assert page["Location"] == reverse("mfa_activate_totp")
    confirm_it_is_me(here)
    form = here.get(reverse("mfa_activate_totp")).context["form"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.db.transaction.on_commit", lambda do, **_: do())
        here.post(reverse("mfa_activate_totp"), {"code": code_of(form.secret)})
    assert Authenticator.objects.filter(user=carol, type="totp").exists()
    assert not is_in(elsewhere)
    assert here.get(reverse("candidates"))["Location"] == reverse("log_in_again")
    assert here.get(reverse("mfa_view_recovery_codes")).status_code == 200
    for closed in ("mfa_deactivate_totp", "account_email", "account_change_password"):
        assert here.post(reverse(closed))["Location"] == reverse("log_in_again")
    is_problem(here.get("/api/v1/companies/"), 403, "second_factor_required")
    assert "Log in again" in here.get(reverse("log_in_again")).content.decode()
    assert here.post(reverse("log_in_again"))["Location"] == reverse("account_login")
    assert not is_in(here)
    assert AuditEvent.objects.get(verb="account.factor_added").detail == "carol: totp"


def test_a_session_that_began_with_the_factor_has_it(carol: User, settings: Any) -> None:
    settings.STAFF_NEED_MFA = True
    TOTP.activate(carol, SECRET)
    client = logged_in(carol, code_of())
    assert client.get(reverse("candidates")).status_code == 200
    assert client.get("/api/v1/companies/").status_code == 200
    assert UserSession.objects.get().data == {"factor": True}


def test_confirming_with_a_code_later_does_not_make_it_a_session_with_the_factor(carol: User, settings: Any) -> None:
    settings.STAFF_NEED_MFA = True
    client = logged_in(carol)
    TOTP.activate(carol, SECRET)
    assert client.post(reverse("mfa_reauthenticate"), {"code": code_of()}).status_code == 302
    assert client.get(reverse("candidates"))["Location"] == reverse("log_in_again")


def test_taking_the_factor_away_takes_it_from_the_session(carol: User, settings: Any) -> None:
    settings.STAFF_NEED_MFA = True
    TOTP.activate(carol, SECRET)
    client = logged_in(carol, code_of())
    confirm_it_is_me(client)
    client.post(reverse("mfa_deactivate_totp"))
    assert client.get(reverse("candidates"))["Location"] == reverse("mfa_activate_totp")


# --- what ends sessions and tokens -----------------------------------------------------------------------------------
def test_a_new_password_ends_the_other_sessions_and_the_tokens(alice: User) -> None:
    here, elsewhere, program = logged_in(alice), logged_in(alice), Caller(alice)
    form = {"oldpassword": make.PASSWORD, "password1": NEW, "password2": NEW}
    assert here.post(reverse("account_change_password"), form).status_code == 302
    assert is_in(here)
    assert not is_in(elsewhere)
    is_problem(program.read("/companies/"), 401, "not_authenticated")
    assert UserSession.objects.count() == 1
    told = list(AuditEvent.objects.filter(object=f"user:{alice.pk}").order_by("seq").values_list("verb", "detail"))
    assert ("account.password", "alice: changed") in told
    assert ("session.ended", "alice: 1, password") in told
    assert any("alice@example.org" in message.to for message in mail.outbox)


def test_a_password_set_by_a_link_ends_everything(alice: User) -> None:
    elsewhere, program = logged_in(alice), Caller(alice)
    Client().post(reverse("account_reset_password"), {"email": alice.email})
    link = re.search(r"http\S+/accounts/password/reset/key/\S+", mail.outbox[-1].body)
    assert link
    client = Client()
    page = client.get("/" + link[0].split("/", 3)[3], follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    assert not is_in(elsewhere)
    is_problem(program.read("/companies/"), 401, "not_authenticated")


def test_another_role_ends_sessions_and_tokens(carol: User) -> None:
    dan, erin = make.dan(), make.erin()
    elsewhere, program = logged_in(carol), Caller(carol)
    RoleChange.propose(carol, "committee_member", "moves on", by=dan).confirm(by=erin)
    assert not is_in(elsewhere)
    is_problem(program.read("/companies/"), 401, "not_authenticated")


def test_an_administrator_ends_sessions_and_takes_a_lost_factor_away(carol: User) -> None:
    dan, people = logged_in(make.dan()), reverse("admin:auth_user_changelist")
    TOTP.activate(carol, SECRET)
    elsewhere = logged_in(carol, code_of())
    dan.post(people, {"action": "end_access", "_selected_action": [carol.pk]})
    assert not is_in(elsewhere)
    dan.post(people, {"action": "take_factor", "_selected_action": [carol.pk]})
    assert not Authenticator.objects.filter(user=carol).exists()
    assert Handling.objects.get(user=carol).what == "factor"
    own = User.objects.get(username="dan")
    dan.post(people, {"action": "take_factor", "_selected_action": [own.pk]})
    assert is_in(dan)
    session = UserSession.objects.get(user=own)
    row = reverse("admin:usersessions_usersession_changelist")
    assert "127.0.0.1" in dan.get(row).content.decode()
    dan.post(row, {"action": "end", "_selected_action": [session.pk]})
    assert not is_in(dan)


# --- time --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("role", "idle", "longest"), [("fund_manager", 30, 12 * 60), ("", 240, 24 * 60)])
def test_a_session_ends_without_use_and_in_any_case(role: str, idle: int, longest: int) -> None:
    client = logged_in(make.user("mona", role))
    left = Session.objects.get().expire_date - timezone.now()
    assert timedelta(minutes=idle - 1) < left <= timedelta(minutes=idle)
    session = client.session
    assert longest * 60 - 60 < session[sessions.UNTIL] - time.time() <= longest * 60
    session[sessions.UNTIL] = time.time() - 1
    session.save()
    assert not is_in(client)


def test_use_moves_the_end_of_idleness_on_but_not_at_every_page(carol: User) -> None:
    client = logged_in(carol)
    seen = UserSession.objects.get().last_seen_at
    assert is_in(client)
    assert UserSession.objects.get().last_seen_at == seen
    session = client.session
    session[sessions.SEEN] = time.time() - 120
    session.save()
    Session.objects.update(expire_date=timezone.now() + timedelta(seconds=30))
    assert is_in(client)
    assert UserSession.objects.get().last_seen_at > seen
    assert Session.objects.get().expire_date > timezone.now() + timedelta(minutes=29)


def test_a_session_of_before_these_rules_ends(carol: User) -> None:
    client = logged_in(carol)
    session = client.session
    del session[sessions.UNTIL]
    session.save()
    assert not is_in(client)


# --- one's own -----------------------------------------------------------------------------------------------------
def test_one_sees_and_ends_ones_own_sessions_only(alice: User, carol: User) -> None:
    here = logged_in(alice, headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko Firefox/140.0"})
    elsewhere, other = logged_in(alice), logged_in(carol)
    page = here.get(reverse("sessions")).content.decode()
    assert "Firefox · Linux" in page
    assert page.count("127.0.0.1") == 3  # two rows, one of them with a button
    mine, others = UserSession.objects.filter(user=alice).order_by("-pk")[0], UserSession.objects.get(user=carol)
    confirm_it_is_me(here)
    assert here.post(reverse("session_end", args=[others.pk])).status_code == 404
    assert here.post(reverse("session_end", args=[mine.pk])).status_code == 302
    assert not is_in(elsewhere)
    third = logged_in(alice)
    here.post(reverse("sessions_end_others"))
    assert (is_in(here), is_in(third), is_in(other)) == (True, False, True)
    own = UserSession.objects.get(user=alice)
    assert here.post(reverse("session_end", args=[own.pk]))["Location"] == reverse("account_login")
    assert not is_in(here)


def test_logging_out_ends_the_row_too(alice: User) -> None:
    logged_in(alice).post(reverse("account_logout"))
    assert not UserSession.objects.exists()


# --- tokens --------------------------------------------------------------------------------------------------------
def test_a_token_is_good_for_the_role_it_was_made_under(alice: User) -> None:
    text = issue(alice)
    dan, erin = make.dan(), make.erin()
    alice.memberships.all().delete()  # she leaves her company first
    change = RoleChange.propose(alice, "fund_manager", "changes sides", by=dan)
    change.confirm(by=erin)
    ApiToken.objects.update(revoked_at=None)  # as if nothing had ended it
    program = Caller()
    program.token = text
    is_problem(program.read("/companies/"), 401, "not_authenticated")


def test_a_house_role_makes_short_tokens_and_with_the_factor(carol: User, alice: User, settings: Any) -> None:
    with pytest.raises(NotAllowed):
        issue(carol, days=31)
    assert issue(alice, days=365)
    page = logged_in(carol).get(reverse("tokens")).content.decode()
    assert 'value="30"' in page and 'value="90"' not in page
    before = issue(carol, days=30)
    settings.STAFF_NEED_MFA = True
    with pytest.raises(NotAllowed):
        issue(carol)
    program = Caller()
    program.token = before  # made without it
    is_problem(program.read("/companies/"), 401, "not_authenticated")
    TOTP.activate(carol, SECRET)
    form = {"name": "n", "scopes": ["companies:read"], "days": "30"}
    asked = logged_in(carol, code_of())
    again = asked.post(reverse("tokens"), form)["Location"]
    assert "gl_" in asked.post(again, {"password": make.PASSWORD}).content.decode()  # what was asked is done at once
    token = ApiToken.objects.latest("pk")
    assert (token.role, token.has_factor) == ("fund_manager", True)


# --- the address ---------------------------------------------------------------------------------------------------
def test_another_address_asks_for_the_password_is_confirmed_and_the_old_one_is_told(alice: User) -> None:
    client, elsewhere = logged_in(alice), logged_in(alice)
    form = {"action_add": "", "email": "new@example.org"}
    answer = client.post(reverse("account_email"), form)
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert not mail.outbox
    client.post(answer["Location"], {"password": make.PASSWORD}, follow=True)
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"  # not before it is confirmed
    client.post(reverse("account_email"), {"action_primary": "", "email": "new@example.org"})
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"
    link = next(re.search(r"http\S+/accounts/confirm-email/\S+", m.body) for m in mail.outbox if "new@" in m.to[0])
    assert link
    client.post("/" + link[0].split("/", 3)[3])
    alice.refresh_from_db()
    assert alice.email == "new@example.org"
    assert any(message.to == ["alice@example.org"] for message in mail.outbox)
    assert not is_in(elsewhere)
    told = AuditEvent.objects.get(verb="account.email").detail
    assert told == "alice: alice@example.org > new@example.org"


def test_an_address_that_an_administrator_gives_is_told_to_the_old_one(alice: User) -> None:
    logged_in(alice)
    form = {"username": "alice", "email": "given@example.org", "is_active": "on", "person-TOTAL_FORMS": "0"}
    form["person-INITIAL_FORMS"] = "0"
    logged_in(make.dan()).post(reverse("admin:auth_user_change", args=[alice.pk]), form)
    assert [message.to for message in mail.outbox] == [["alice@example.org"]]
    mail.outbox.clear()
    Client().post(reverse("account_reset_password"), {"email": "alice@example.org"})
    assert "/reset/key/" not in "".join(message.body for message in mail.outbox)


# --- wrong passwords -------------------------------------------------------------------------------------------------
def attempt(client: Client, password: str, address: str = "203.0.113.7", login: str = "carol") -> int:
    form = {"login": login, "password": password}
    return client.post(reverse("account_login"), form, REMOTE_ADDR=address).status_code


def test_wrong_passwords_from_elsewhere_lock_nobody_out(carol: User) -> None:
    stranger = Client()
    assert {attempt(stranger, f"wrong {n}") for n in range(6)} == {200}
    assert attempt(stranger, make.PASSWORD) == 200  # refused from there
    assert attempt(Client(), make.PASSWORD, "198.51.100.9") == 302


def test_a_browser_that_is_known_passes_whatever_others_try(carol: User, settings: Any) -> None:
    settings.WRONG_PASSWORDS = settings.WRONG_PASSWORDS | {"account": "8/h/key"}
    mine = logged_in(carol)
    mine.post(reverse("account_logout"))
    for n in range(10):
        attempt(Client(), f"wrong {n}", f"203.0.113.{n}")
    assert attempt(Client(), make.PASSWORD, "198.51.100.9") == 200  # from a new one not now
    assert attempt(mine, make.PASSWORD, "203.0.113.1") == 302
    forged = Client()
    forged.cookies[settings.DEVICE_COOKIE_NAME] = "1:forged"
    assert attempt(forged, make.PASSWORD, "198.51.100.9") == 200


def test_a_known_browser_is_limited_too(carol: User) -> None:
    mine = logged_in(carol)
    mine.post(reverse("account_logout"))
    for n in range(5):
        attempt(mine, f"wrong {n}")
    assert attempt(mine, make.PASSWORD) == 200
