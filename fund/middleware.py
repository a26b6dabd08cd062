"""Small rules that hold for every request."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from portfolio.models.people import FUND_SIDE, VERIFICATION_SIDE, has_role

Next = Callable[[HttpRequest], HttpResponse]


class ChosenLanguageMiddleware:
    """Before LocaleMiddleware: Chinese until the person chooses, whatever the browser prefers."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
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
        if (
            settings.STAFF_NEED_MFA
            and not request.path.startswith(self.OPEN)
            and has_role(request.user, *FUND_SIDE, *VERIFICATION_SIDE)
            and not is_mfa_enabled(request.user)
        ):
            return redirect(reverse("mfa_activate_totp"))
        return self.get_response(request)
