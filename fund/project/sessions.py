"""Sessions that know their factor and their end: when they began, from where, and what ends them.

The second factor is a fact of the session: it was given when the session began, or the session never has it. A session
ends after a while without use, after a while in any case, and with every change of who its account is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.internal.httpkit import get_client_ip
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portfolio import audit
from portfolio.models import ApiToken
from portfolio.models.people import role_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

FACTOR, UNTIL, IDLE, SEEN = "greenlight_factor", "greenlight_until", "greenlight_idle", "greenlight_seen"  # in it
SEEN_EVERY_SECONDS = 60  # a session that is used all the time is not written all the time
NOWHERE = "0.0.0.0"  # noqa: S104  an address that no request has
BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    *(("Android", "Android"), ("iPhone", "iOS"), ("iPad", "iPadOS"), ("Windows", "Windows")),
    *(("Mac OS X", "macOS"), ("Linux", "Linux")),
)


def has_factor(request: HttpRequest) -> bool:
    return bool(request.session.get(FACTOR))


def on_logged_in(request: HttpRequest | None, user: User, **_signal: Any) -> None:
    """Note when it began, from where, and whether a second factor was given."""
    if request is None:
        return
    limits = settings.HOUSE_SESSIONS if role_of(user) else settings.APPLICANT_SESSIONS
    session = request.session
    session[FACTOR] = any(one["method"] == "mfa" for one in get_authentication_records(request, user))
    session[UNTIL], session[SEEN] = time.time() + limits.longest.total_seconds(), time.time()
    session[IDLE] = int(limits.idle.total_seconds())
    if not session.session_key:
        session.save()
    keep_row(request, user)


def keep_row(request: HttpRequest, user: User) -> None:
    """What people see of this session, under the key that it has now."""
    UserSession.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "user": user,
            "ip": get_client_ip(request) or NOWHERE,
            "user_agent": request.META.get("HTTP_USER_AGENT", "")[:200],
            "data": {"factor": has_factor(request)},
        },
    )


def on_logged_out(request: HttpRequest | None, **_signal: Any) -> None:
    if request is not None and request.session.session_key:
        UserSession.objects.filter(session_key=request.session.session_key).delete()


class SessionLimitMiddleware:
    """Ends what is too old, and what began before sessions knew their end; moves the end of idleness on.

    Behind AuthenticationMiddleware. The idle time is the session's own expiry, which every save moves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = time.time()
            if now >= request.session.get(UNTIL, 0):
                logout(request)
            elif now - request.session.get(SEEN, 0) > SEEN_EVERY_SECONDS:
                request.session[SEEN] = now
                UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=timezone.now())
        response = self.get_response(request)
        idle = request.session.get(IDLE)
        if idle and idle != request.session.get("_session_expiry"):
            request.session.set_expiry(idle)  # after the log-in page, which has an idea of its own
        return response


def stay(request: HttpRequest) -> None:
    """It was just used: the time without use begins anew."""
    request.session[SEEN] = time.time()


def seconds_left(request: HttpRequest) -> dict[str, int]:
    """Until it ends: `idle` without use, counted from the last use that was written down, and `left` in any case."""
    session, now = request.session, time.time()
    unwritten = now - session.get(SEEN, now)
    return {
        "idle": max(0, int(session.get(IDLE, 0) - unwritten)),
        "left": max(0, int(session.get(UNTIL, 0) - now)),
    }


def end_access(user: User, *, by: User | None, why: str, tokens: bool = True) -> int:
    """End all sessions of a person but the one that asks, and the tokens; how many sessions that were."""
    request = context.request
    asks = request is not None and request.user.is_authenticated and request.user.pk == user.pk
    rows = UserSession.objects.filter(user=user)
    others = list(rows.exclude(session_key=request.session.session_key) if asks else rows)
    ended = [session for session in others if session.exists()]
    for session in others:
        session.end()
    if ended:
        audit.append(by, "session.ended", f"user:{user.pk}", detail=f"{user}: {len(ended)}, {why}")
    for token in ApiToken.objects.filter(user=user, revoked_at__isnull=True) if tokens else ():
        token.revoke(by=by or user)
    return len(ended)


def on_access_changed(user: User, why: str, by: User | None, **_signal: Any) -> None:
    end_access(user, by=by, why=why)


def browser_of(user_agent: str) -> str:
    """Such as "Firefox · Linux"; empty where it says neither."""
    found = [next((name for mark, name in names if mark in user_agent), "") for names in (BROWSERS, SYSTEMS)]
    return " · ".join(name for name in found if name)
