"""Small rules that hold for every request."""

import logging
import re
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from fund.project import health, logs
from fund.project.sessions import has_factor
from portfolio.models.people import FUND_SIDE, VERIFICATION_SIDE, has_role
from portfolio.rest.problems import problem

Next = Callable[[HttpRequest], HttpResponse]
API, LOG_OUT = "/api/", "/accounts/logout/"
FOR_PROGRAMS = ("/api/v1/", "/api/schema/")  # of the API; the others are pages


def lacks_second_factor(request: HttpRequest) -> bool:
    """A house role in a session that began without the second factor that STAFF_NEED_MFA asks for."""
    if not settings.STAFF_NEED_MFA or not has_role(request.user, *FUND_SIDE, *VERIFICATION_SIDE):
        return False
    return not has_factor(request)


logger = logging.getLogger("greenlight.request")


class RequestLogMiddleware:
    """Outermost: gives the request its id, and writes one line when it is answered."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.monotonic()
        with logs.caused_by(logs.Cause(logs.id_of(request), request)) as cause:
            request.request_id = cause.request_id  # type: ignore[attr-defined]  # problem documents name it
            response = self.get_response(request)
            response[logs.HEADER] = cause.request_id
            event = _event(request, response)
            logger.log(
                _level(request, response, event),
                "%s %s %s",
                request.method,
                logs.told_path(request.path),
                response.status_code,
                extra={
                    "event": event,
                    "method": request.method,
                    "status": response.status_code,
                    "duration_ms": round((time.monotonic() - began) * 1000, 1),
                },
            )
        return response


def _event(request: HttpRequest, response: HttpResponse) -> str:
    """A 404 of an address that exists is a refusal: others' objects are "not found"."""
    if response.status_code in {401, 403} or (response.status_code == 404 and request.resolver_match):
        return "refused"
    if response.get("Content-Disposition", "").startswith("attachment"):
        return "export"
    return "request"


def _level(request: HttpRequest, response: HttpResponse, event: str) -> int:
    if event == "refused":
        return logging.WARNING
    if response.status_code < 400 and request.path.startswith(("/static/", *PROBES)):
        return logging.DEBUG
    return logging.INFO


class WayMiddleware:
    """How requests may come. A page is led on to TLS; a program that came without it is told, and not helped over: it
    has sent its token in the open, and would go on doing so."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "TRACE":
            return HttpResponse(status=405)
        if settings.SECURE_SSL_REDIRECT and not request.is_secure() and request.path.startswith(FOR_PROGRAMS):
            return problem("encryption_required")
        return self.get_response(request)


class ProbeMiddleware:
    """Answers the probes before anything that reads a session, a host name or the database."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path)
        return probe(request) if probe else self.get_response(request)


PROBES = {"/healthz": health.healthz, "/readyz": health.readyz}


class CookieMiddleware:
    """Drops cookies that hold a NUL, as a quoted one may: looked for in PostgreSQL, it would be a fault of ours."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for name in [name for name, value in request.COOKIES.items() if NUL in value]:
            del request.COOKIES[name]
        return self.get_response(request)


class NoStoreMiddleware:
    """What a signed-in person sees is not kept by caches."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # In this order: with a database that does not answer, to ask for the person again is to wait once more.
        is_open = response.status_code != 503
        if is_open and "Cache-Control" not in response and request.user.is_authenticated:
            response["Cache-Control"] = "private, no-store"
        if is_open and request.method == "POST" and request.path == LOG_OUT and not request.user.is_authenticated:
            response["Clear-Site-Data"] = '"cache", "storage"'  # not the cookies: language, and a browser that is known
        return response


class PanelMiddleware:
    """A script asks for a part of a page: it never gets the log-in page in its place, but is told (session.js)."""

    DOORS = ("/accounts/", "/admin/login/")

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        where = response.get("Location", "")
        if "HX-Request" not in request.headers or not urlsplit(where).path.startswith(self.DOORS):
            return response
        if request.user.is_authenticated:  # such as on the way to a second factor
            return HttpResponse(status=204, headers={"HX-Redirect": where})
        return HttpResponse(status=401)


class DraftMiddleware:
    """Tells the browser that what a form had kept there (drafts.js) is saved: the form was accepted.

    Which is: the answer leads on to another page, and that page will not say that something went wrong.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "POST" or response.status_code != 302 or request.path.startswith(API):
            return response
        draft = request.POST.get("draft", "")
        is_accepted = request.user.is_authenticated and not _has_bad_news(request)
        if is_accepted and DRAFT.fullmatch(draft):
            response.set_cookie(
                "draft_saved", draft, max_age=600, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
            )  # for the script of the next page, so not httponly; it says nothing but a random name
        return response


DRAFT = re.compile(r"[a-z0-9]{1,40}")


def _has_bad_news(request: HttpRequest) -> bool:
    said = getattr(messages.get_messages(request), "_queued_messages", [])
    return any(message.level >= messages.WARNING for message in said)


class StaffMfaMiddleware:
    """House roles reach nothing but enrolment until their session has a second factor (STAFF_NEED_MFA)."""

    OPEN = ("/accounts/", "/static/", "/i18n/")
    # Once there is a factor, a session without it does not touch the account either.
    OPEN_WITHOUT_IT = (
        *("/accounts/again/", "/accounts/logout/", "/accounts/reauthenticate/", "/accounts/2fa/reauthenticate/"),
        *("/accounts/2fa/webauthn/reauthenticate/", "/accounts/2fa/recovery-codes/", "/static/"),
    )

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(self.OPEN_WITHOUT_IT) or not lacks_second_factor(request):
            return self.get_response(request)
        if not request.path.startswith(API):
            if is_mfa_enabled(request.user):
                return redirect("log_in_again")
            is_open = request.path.startswith(self.OPEN)
            return self.get_response(request) if is_open else redirect("mfa_activate_totp")
        if _is_for_a_token(request):
            return self.get_response(request)
        return problem("second_factor_required")


class NulMiddleware:
    """Refuses the character NUL before anything looks for it or stores it: PostgreSQL keeps none, no text needs one.

    What the API is sent is refused by its serializers and filters, which name the field.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_api = request.path.startswith(API)
        if is_api and NUL in request.path:
            return problem("not_found")
        if not is_api and _holds_nul(request):
            return render(request, "fund/nul.html", status=400)
        return self.get_response(request)


NUL = "\x00"


def _holds_nul(request: HttpRequest) -> bool:
    given = (text for typed in (request.GET, request.POST) for _name, texts in typed.lists() for text in texts)
    return NUL in request.path or any(NUL in str(text) for text in given)


def _is_for_a_token(request: HttpRequest) -> bool:
    """A program's request that a browser's cookie came along with: the token decides (fund/api/access.py).

    It is a view of the API proper, which reads the token first and refuses a wrong one; the session counts for
    nothing there. The pages under /api/ know sessions only, so a header opens none of them.
    """
    bears = request.headers.get("Authorization", "").lower().startswith("bearer ")
    return bears and request.path.startswith(FOR_PROGRAMS)
