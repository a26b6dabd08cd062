"""Who may do what: one house role a person at most, and memberships of companies."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

SomeUser = AbstractBaseUser | AnonymousUser


class Role(models.TextChoices):
    VERIFIER = "verifier", _("Verifier")
    INDEPENDENT_REVIEWER = "independent_reviewer", _("Independent reviewer")
    FUND_MANAGER = "fund_manager", _("Fund manager")
    COMMITTEE_MEMBER = "committee_member", _("Committee member")
    ADMIN = "admin", _("Administrator")


VERIFICATION_SIDE = (Role.VERIFIER, Role.INDEPENDENT_REVIEWER)
READ_ROLE = "_read_role"  # what an account carries once it was asked
FUND_SIDE = (Role.FUND_MANAGER, Role.COMMITTEE_MEMBER, Role.ADMIN)


class Person(models.Model):
    """What we know of a user beyond the account. One role only, so that nobody verifies and invests."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="person", verbose_name=_("user"))
    role = models.CharField(_("house role"), max_length=32, choices=Role.choices, blank=True, default="")
    language = models.CharField(_("language"), max_length=16, blank=True, default="")
    seen_at = models.DateTimeField(_("here last"), null=True, editable=False)
    seen_before_at = models.DateTimeField(_("here before this visit"), null=True, editable=False)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=["", *Role.values]), name="person_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display() or '—'}"


def role_of(user: SomeUser) -> str:
    """The person's house role; a superuser without one counts as an administrator; anyone else has none."""
    if not user.is_authenticated or not user.is_active:
        return ""
    if not hasattr(user, READ_ROLE):  # one query a request, also of those who are no Person
        person: Person | None = getattr(user, "person", None)
        setattr(user, READ_ROLE, person.role if person else "")
    role: str = getattr(user, READ_ROLE)
    return role or (Role.ADMIN if getattr(user, "is_superuser", False) else "")


def has_role(user: SomeUser, *roles: str) -> bool:
    return role_of(user) in roles
