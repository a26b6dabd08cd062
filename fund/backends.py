"""Who is signed in: the account together with its house role, in one query a request."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth import backends
from django.contrib.auth.models import User


class _WithPerson(backends.ModelBackend):
    def get_user(self, user_id: Any) -> User | None:
        # Not first(): an order and a limit would be a tenth of the work.
        user = next(iter(User.objects.select_related("person").filter(pk=user_id)), None)
        return user if user is not None and self.user_can_authenticate(user) else None


class ModelBackend(_WithPerson):
    """Django's, by name and password."""


class AccountBackend(_WithPerson, AuthenticationBackend):  # type: ignore[misc]  # untyped
    """That of the login pages, which also know e-mail addresses."""
