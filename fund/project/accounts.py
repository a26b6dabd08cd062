"""Accounts are made by an administrator; nobody signs up by themselves yet. A chosen language comes along at login.

Wrong passwords are counted by account *and* address, and by the browser where the account came in from it before: so
whoever guesses at a name from elsewhere does not lock its person out.
"""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account_signals
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.manage_email import sync_user_email_address
from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string

from fund.project import logs, sessions
from portfolio import audit
from portfolio.models import Person
from portfolio.signals import access_changed

DEVICE_SALT = "greenlight.device"
DEVICE_SECONDS = 365 * 24 * 3600


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth ships no types
    """Reads the person with the account, since every page asks for both."""

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.select_related("person").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: Any, **how: Any) -> HttpResponse:
        """Enter the address that the administrator gave, so that reading the page of addresses need not write it."""
        sync_user_email_address(user)
        _vouch_for_address(user)
        response: HttpResponse = super().post_login(request, user, **how)
        sessions.keep_row(request, user)  # allauth began its row anew
        person = Person.objects.filter(user=user).first()
        if person and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            keep_language(response, person.language)
        _know_device(response, user)
        return response

    # --- wrong passwords ---------------------------------------------------------------------------------
    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try before it is looked at; a right one is taken off again."""
        self._tries: list[ratelimit.RateLimitUsage] = []
        login = _login(credentials)
        device = _device_of(request, login)
        counted = (
            [("device", f"{login}:{device}")]
            if device
            else [("address", f"{login}:{get_client_ip(request)}"), ("account", login)]
        )
        for action, key in counted:
            used = ratelimit.consume(request, app="greenlight", action=action, config=settings.WRONG_PASSWORDS, key=key)
            if not used:
                self._rollback_login_failed_rl_usage()
                logs.held_back(request, login)
                raise self.validation_error("too_many_login_attempts")
            self._tries.append(used)

    def _rollback_login_failed_rl_usage(self) -> None:
        for used in getattr(self, "_tries", ()):
            used.rollback()

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """A password that was reset by mail begins anew from here."""
        login = _login(credentials)
        for action, key in (("address", f"{login}:{get_client_ip(request)}"), ("account", login)):
            ratelimit.clear(request, app="greenlight", action=action, config=settings.WRONG_PASSWORDS, key=key)


def _login(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email") or credentials.get("username") or "").strip().lower()


def _device_of(request: HttpRequest, login: str) -> str:
    """The mark of a browser from which this very account came in before; empty for any other."""
    kept = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    try:
        pk, mark = signing.loads(kept, salt=DEVICE_SALT, max_age=DEVICE_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    user = User.objects.filter(pk=pk).first()
    return str(mark) if user and login in (user.username.lower(), user.email.lower()) else ""


def _know_device(response: HttpResponse, user: User) -> None:
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps([user.pk, get_random_string(16)], salt=DEVICE_SALT),
        max_age=DEVICE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


# --- the address ---------------------------------------------------------------------------------------------
def _vouch_for_address(user: User) -> None:
    """The address that an administrator gave stands until its person confirms another: so another is not taken
    unconfirmed. One that somebody else has confirmed is left as it is."""
    if not user.email or EmailAddress.objects.filter(user=user, verified=True).exists():
        return
    if not EmailAddress.objects.filter(email__iexact=user.email, verified=True).exists():
        EmailAddress.objects.filter(user=user, email__iexact=user.email).update(verified=True, primary=True)


@receiver(account_signals.email_changed, dispatch_uid="fund.project.accounts")
def _email_changed(user: User, from_email_address: Any, to_email_address: Any, **_signal: Any) -> None:
    before = from_email_address.email if from_email_address else "-"
    audit.append(user, "account.email", f"user:{user.pk}", detail=f"{user}: {before} > {to_email_address.email}")
    access_changed.send(sender=User, user=user, why="email", by=user)


@receiver(access_changed, dispatch_uid="fund.project.accounts")
def _readdressed(user: User, why: str, by: User | None, before: str = "", **_signal: Any) -> None:
    """An administrator gave another address: the old one is told, and opens nothing any more."""
    if why != "email" or by is None or by.pk == user.pk:
        return
    EmailAddress.objects.filter(user=user).delete()
    if before:
        told = {"from_email": before, "to_email": user.email or "-"}
        ClosedAdapter().send_notification_mail("account/email/email_changed", user, told, email=before)


# --- password and factor ---------------------------------------------------------------------------------------
@receiver([account_signals.password_changed, account_signals.password_set], dispatch_uid="fund.project.accounts")
def _password_changed(user: User, request: HttpRequest, **_signal: Any) -> None:
    sessions.keep_row(request, user)  # the session has another key since
    audit.append(user, "account.password", f"user:{user.pk}", detail=f"{user}: changed")
    access_changed.send(sender=User, user=user, why="password", by=user)


@receiver(account_signals.password_reset, dispatch_uid="fund.project.accounts")
def _password_reset(user: User, **_signal: Any) -> None:
    audit.append(user, "account.password", f"user:{user.pk}", detail=f"{user}: set by a link")
    access_changed.send(sender=User, user=user, why="password", by=user)


@receiver(mfa_signals.authenticator_added, dispatch_uid="fund.project.accounts")
def _factor_added(user: User, authenticator: Authenticator, **_signal: Any) -> None:
    """This session stays what it was: without the factor. Recovery codes come with the first one."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return
    audit.append(user, "account.factor_added", f"user:{user.pk}", detail=f"{user}: {_factor(authenticator)}")
    access_changed.send(sender=User, user=user, why="factor", by=user)


@receiver(mfa_signals.authenticator_removed, dispatch_uid="fund.project.accounts")
def _factor_removed(user: User, request: HttpRequest, authenticator: Authenticator, **_signal: Any) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return  # they go with the last factor
    if not Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
        request.session[sessions.FACTOR] = False
    audit.append(user, "account.factor_removed", f"user:{user.pk}", detail=f"{user}: {_factor(authenticator)}")
    access_changed.send(sender=User, user=user, why="factor", by=user)


def _factor(authenticator: Authenticator) -> str:
    """Its kind, and of several keys which one."""
    is_key = authenticator.type == Authenticator.Type.WEBAUTHN
    return f"webauthn, {authenticator.wrap().name}" if is_key else str(authenticator.type)


@receiver(mfa_signals.authenticator_reset, dispatch_uid="fund.project.accounts")
def _codes_made_anew(user: User, **_signal: Any) -> None:
    audit.append(user, "account.recovery_codes", f"user:{user.pk}", detail=f"{user}: made anew")


@receiver(mfa_signals.authenticator_used, dispatch_uid="fund.project.accounts")
def _factor_given(request: HttpRequest, user: User, authenticator: Authenticator, **_signal: Any) -> None:
    logs.factor(request, user, authenticator.type, is_right=True)


@receiver(mfa_signals.authentication_failed, dispatch_uid="fund.project.accounts")
def _factor_wrong(request: HttpRequest, user: User, authenticator: Authenticator, **_signal: Any) -> None:
    logs.factor(request, user, authenticator.type, is_right=False)


@receiver(account_signals.authentication_step_completed, dispatch_uid="fund.project.accounts")
def _confirmed_again(request: HttpRequest, reauthenticated: bool = False, **_signal: Any) -> None:
    """Whoever read the session's key before the password was given once more has it no longer."""
    if not reauthenticated:
        return
    before = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


def keep_language(response: HttpResponse, chosen: str) -> None:
    """The browser asks for it from now on, whatever it prefers itself; a language that we do not speak is left out."""
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            samesite="Lax",
        )
