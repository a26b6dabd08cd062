"""Accounts are made by an administrator; nobody signs up by themselves yet. A chosen language comes along at login."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.manage_email import sync_user_email_address
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portfolio.models import Person


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: Any, **how: Any) -> HttpResponse:
        """Enter the address that the administrator gave, so that reading the page of addresses need not write it."""
        sync_user_email_address(user)
        response: HttpResponse = super().post_login(request, user, **how)
        person = Person.objects.filter(user=user).first()
        if person and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            keep_language(response, person.language)
        return response


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
