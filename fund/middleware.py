"""Small rules that hold for every request."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from portfolio.models.people import FUND_SIDE, VERIFICATION_SIDE, SomeUser, has_role
from portfolio.problems import problem

Next = Callable[[HttpRequest], HttpResponse]
API = "/api/"


def lacks_second_factor(user: SomeUser) -> bool:
    """A house role without the second factor that STAFF_NEED_MFA asks for."""
    return bool(settings.STAFF_NEED_MFA and has_role(user, *FUND_SIDE, *VERIFICATION_SIDE) and not is_mfa_enabled(user))


class ChosenLanguageMiddleware:
    """Before LocaleMiddleware: Chinese until the person chooses, whatever the browser prefers.

    A program has no way to choose but Accept-Language, so the API listens to it.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and not request.path.startswith(API):
            request.META.pop("HTTP_ACCEPT_LANGUAGE", None)
        return self.get_response(request)


class NoStoreMiddleware:
    """What a signed-in person sees is not kept by caches."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response


class StaffMfaMiddleware:
    """House roles reach nothing but enrolment until they have a second factor (STAFF_NEED_MFA)."""

    OPEN = ("/accounts/", "/static/", "/i18n/")

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(self.OPEN) or not lacks_second_factor(request.user):
            return self.get_response(request)
        if not request.path.startswith(API):
            return redirect(reverse("mfa_activate_totp"))
        if _is_for_a_token(request):
            return self.get_response(request)
        return problem("second_factor_required")


def _is_for_a_token(request: HttpRequest) -> bool:
    """A program's request that a browser's cookie came along with: the token decides (fund/api_access.py).

    It is a view of the API proper, which reads the token first and refuses a wrong one; the session counts for
    nothing there. The pages under /api/ know sessions only, so a header opens none of them.
    """
    bears = request.headers.get("Authorization", "").lower().startswith("bearer ")
    return bears and request.path.startswith(("/api/v1/", "/api/schema/"))
