"""Who is signed in: the account together with its house role, in one query a request."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth import backends
from django.contrib.auth.models import User

from portfolio.models.people import READ_ROLE, Person

# Written out: every request asks this, and a queryset that builds it takes three times as long.
STATEMENT = (
    f"SELECT u.*, COALESCE(p.role, '') AS {READ_ROLE} FROM {User._meta.db_table} u"  # noqa: S608  our own words
    f" LEFT JOIN {Person._meta.db_table} p ON p.user_id = u.id WHERE u.id = %s"
)


class _WithPerson(backends.ModelBackend):
    def get_user(self, user_id: Any) -> User | None:
        user = next(iter(User.objects.raw(STATEMENT, [user_id])), None)
        return user if user is not None and self.user_can_authenticate(user) else None


class ModelBackend(_WithPerson):
    """Django's, by name and password."""


class AccountBackend(_WithPerson, AuthenticationBackend):  # type: ignore[misc]  # untyped
    """That of the login pages, which also know e-mail addresses."""
