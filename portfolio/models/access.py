"""How programs get in: scoped tokens, and the answers that a repeated request gets again."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portfolio import audit
from portfolio.errors import NotAllowed
from portfolio.models.people import Role, role_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LAST_USED_EVERY = timedelta(minutes=1)  # a token that is used all the time is not written all the time


class Scope(models.TextChoices):
    """What a token may do, within what its person may do."""

    COMPANIES_READ = "companies:read", _("Read companies")
    DISCLOSURES_READ = "disclosures:read", _("Read disclosures")
    DISCLOSURES_WRITE = "disclosures:write", _("Write and submit disclosures")
    GATES_WRITE = "gates:write", _("State and confirm gates, classify tracks")
    SCORES_READ = "scores:read", _("Read scores and runs")
    CALCULATIONS_RUN = "calculations:run", _("Compute emissions and read factors")
    REQUESTS_WRITE = "requests:write", _("Ask for data, withdraw and decline requests")
    PEOPLE_WRITE = "people:write", _("Invite people, change a team and answer who asks to join")
    WEBHOOKS_WRITE = "webhooks:write", _("Read and keep webhooks")
    RUNS_EXECUTE = "runs:execute", _("Start, cancel and retry runs")


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def usable(self) -> ApiTokenQuerySet:
        return self.filter(revoked_at__isnull=True, expires_at__gt=Now(), user__is_active=True)


class ApiToken(models.Model):
    """A key for a program that acts as a person. Only its hash is stored: what was lost is revoked, never shown again.

    SHA-256 without salt or stretching is enough here: the secret is 256 random bits, not a password.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens", verbose_name=_("user")
    )
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("prefix"), max_length=12, unique=True)
    secret_sha256 = models.CharField(max_length=64)
    scopes = models.JSONField(_("scopes"))
    role = models.CharField(
        _("made under the role"), max_length=32, choices=Role.choices, blank=True, default="", editable=False
    )
    has_factor = models.BooleanField(_("made with a second factor"), default=False, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"gl_{self.prefix} · {self.name}"

    @classmethod
    def issue(
        cls, user: User, *, name: str, scopes: Sequence[str], expires_at: datetime, has_factor: bool = False
    ) -> tuple[ApiToken, str]:
        """A new token and its text, which exists nowhere else from here on. It is good for the role of today only.

        `has_factor`: of the session that asks. Raises NotAllowed where a house role asks for more than it may.
        """
        role = role_of(user)
        if role and expires_at > timezone.now() + timedelta(days=settings.HOUSE_TOKEN_DAYS, minutes=1):
            raise NotAllowed(_("A token of a house role lasts %(n)s days at most.") % {"n": settings.HOUSE_TOKEN_DAYS})
        if role and settings.STAFF_NEED_MFA and not has_factor:
            raise NotAllowed(_("A token of a house role is made in a session with the second factor."))
        prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        with transaction.atomic():
            token = cls.objects.create(
                user=user,
                name=name,
                prefix=prefix,
                secret_sha256=_sha256(secret),
                scopes=sorted(scopes),
                role=role,
                has_factor=has_factor,
                expires_at=expires_at,
            )
            detail = " ".join((f"gl_{prefix}", *([role] if role else []), *token.scopes))
            audit.append(user, "api_token.created", f"api_token:{token.pk}", detail=detail)
        return token, f"gl_{prefix}_{secret}"

    @classmethod
    def of_text(cls, text: str) -> ApiToken | None:
        """The usable token that this is the text of."""
        mark, _sign, rest = text.partition("_")
        prefix, _sign, secret = rest.partition("_")
        rows = cls.objects.usable().select_related("user__person").filter(prefix=prefix)
        token = rows.first() if mark == "gl" else None
        if token is None or not hmac.compare_digest(token.secret_sha256, _sha256(secret)):
            return None
        return token if token.is_of_today else None

    @property
    def is_of_today(self) -> bool:
        """Its person still has the role that it was made under, and it was made with all that is asked for today."""
        return self.role == role_of(self.user) and (not self.role or self.has_factor or not settings.STAFF_NEED_MFA)

    @property
    def is_usable(self) -> bool:
        lasts = self.revoked_at is None and self.expires_at > timezone.now()
        return lasts and self.user.is_active and self.is_of_today

    @property
    def scope_labels(self) -> list[str]:
        return [str(Scope(scope).label) for scope in self.scopes if scope in Scope.values]

    def revoke(self, *, by: User) -> bool:
        """For good. False when it was revoked before."""
        with transaction.atomic():
            revoked = ApiToken.objects.filter(pk=self.pk, revoked_at__isnull=True).update(revoked_at=Now())
            if revoked == 1:
                audit.append(by, "api_token.revoked", f"api_token:{self.pk}", detail=f"gl_{self.prefix}")
        return revoked == 1

    def note_use(self) -> None:
        now = timezone.now()
        if self.last_used_at is None or now - self.last_used_at > LAST_USED_EVERY:
            ApiToken.objects.filter(pk=self.pk).update(last_used_at=now)


class RepeatableRequest(models.Model):
    """A POST that came with an Idempotency-Key: running under a lock, or finished with its answer.

    The answer is written in the transaction of the effect (portfolio/rest/views.py, `once`), so a row without an answer
    means that nothing happened.
    """

    LOCK = timedelta(seconds=60)
    KEPT = timedelta(hours=24)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("user"))
    route = models.CharField(_("route"), max_length=200)
    key = models.CharField(_("key"), max_length=255)
    body_sha256 = models.CharField(_("digest of the body"), max_length=64)
    lock_token = models.UUIDField(default=uuid.uuid4)
    locked_until = models.DateTimeField(_("locked until"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    status = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    location = models.CharField(max_length=300, blank=True)
    etag = models.CharField(max_length=80, blank=True)
    answer = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("repeatable request")
        verbose_name_plural = _("repeatable requests")
        constraints = [models.UniqueConstraint(fields=["user", "route", "key"], name="request_key_once_a_route")]
        indexes = [models.Index(fields=["created_at"], name="repeatable_by_age")]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"

    @property
    def is_finished(self) -> bool:
        return self.status is not None

    @classmethod
    def prune(cls) -> int:
        """Forget answers that nobody may ask for any more."""
        return cls.objects.filter(created_at__lt=timezone.now() - cls.KEPT).delete()[0]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
