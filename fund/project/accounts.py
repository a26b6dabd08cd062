"""Accounts are made by an administrator; nobody signs up by themselves yet."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.manage_email import sync_user_email_address
from django.http import HttpRequest, HttpResponse


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: Any, **how: Any) -> HttpResponse:
        """Enter the address that the administrator gave, so that reading the page of addresses need not write it."""
        sync_user_email_address(user)
        response: HttpResponse = super().post_login(request, user, **how)
        return response
