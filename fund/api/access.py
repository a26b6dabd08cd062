"""Who calls: a program with a token, or a person's browser session."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from fund.project.middleware import lacks_second_factor
from portfolio.models import ApiToken
from portfolio.rest.problems import Problem

LONGEST = 200


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer gl_<prefix>_<secret>`. A wrong token is refused, even beside a good session."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        text = words[1].decode("ascii", "replace") if len(words) == 2 and len(words[1]) <= LONGEST else ""
        token = ApiToken.of_text(text)
        if token is None:
            raise AuthenticationFailed(_("This token is wrong, expired or revoked."))
        token.note_use()
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Greenlight"'


class SessionWithSecondFactor(SessionAuthentication):
    """The browser's session, with its CSRF token; house roles need their second factor here as on every page."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        found = super().authenticate(request)
        if found and lacks_second_factor(request._request):
            raise Problem("second_factor_required")
        return found
