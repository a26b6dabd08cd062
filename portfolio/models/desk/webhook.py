"""Addresses of companies and of the house that are told what happens, and the outbox of what they are told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portfolio import audit
from portfolio.errors import NotAllowed
from portfolio.models.company import Company, Membership
from portfolio.models.people import Role, has_role, role_of
from portfolio.signals import webhook_ended

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser

LONGEST_URL, LONGEST_ERROR = 500, 300
MOST_WEBHOOKS = 5  # that are on, of one company or of the house
MOST_AT_ONCE = 10  # looked at to find one that can be claimed
BOTH_SECRETS = timedelta(hours=24)  # after a rotation each message is signed by the old secret as well
GIVES_UP = timedelta(days=10)  # of nothing but failures
KEPT = timedelta(days=90)  # deliveries that ended
# The schedule that Standard Webhooks 1.0.0 recommends, after an attempt at once.
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    *(timedelta(hours=hours) for hours in (0.5, 2, 5, 10, 14, 20, 24)),
)
LEASE = timedelta(minutes=3)  # longer than a worker's hard time limit
PAUSE = timedelta(minutes=1)  # of all that waits for an address that does not answer


class Event(models.TextChoices):
    SUBMITTED = "disclosure.submitted", pgettext_lazy("of a webhook", "Disclosure submitted")
    RETURNED = "disclosure.returned", pgettext_lazy("of a webhook", "Disclosure returned for correction")
    VERIFIED = "disclosure.verified", pgettext_lazy("of a webhook", "Disclosure verified")
    FINDING_RAISED = "finding.raised", pgettext_lazy("of a webhook", "Verifier found or asked something")
    FINDING_CLOSED = "finding.closed", pgettext_lazy("of a webhook", "Finding closed")
    OPINION_ISSUED = "opinion.issued", pgettext_lazy("of a webhook", "Opinion issued")
    OPINION_REOPENED = "opinion.reopened", pgettext_lazy("of a webhook", "Opinion reopened")
    APPEAL_ANSWERED = "appeal.answered", pgettext_lazy("of a webhook", "Appeal answered")
    PLAN_RETURNED = "plan.returned", pgettext_lazy("of a webhook", "Monitoring plan returned for correction")
    PLAN_APPROVED = "plan.approved", pgettext_lazy("of a webhook", "Monitoring plan approved")
    REQUEST_ASKED = "request.asked", pgettext_lazy("of a webhook", "Fund asks for data")
    UPLOAD_READ = "upload.read", pgettext_lazy("of a webhook", "Uploaded file was read")
    TEST = "webhook.test", pgettext_lazy("of a webhook", "Test")


CHOOSABLE = [event for event in Event if event != Event.TEST]


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def visible_to(self, user: SomeUser) -> WebhookQuerySet:
        """Submitters those of their companies, administrators all."""
        if has_role(user, Role.ADMIN):
            return self.all()
        if role_of(user) or not user.is_authenticated:
            return self.none()
        mine = Membership.objects.filter(user_id=user.pk, kind=Membership.Kind.SUBMITTER)
        return self.filter(company__in=mine.values("company"))

    def on(self) -> WebhookQuerySet:
        return self.filter(off_at=None)


class Webhook(models.Model):
    """An address that is told of events of one company, or, without one, of all.

    Its secret is not stored: it is made of `salt` by the server's SECRET_KEY, and `mark` tells by which key.
    """

    class Off(models.TextChoices):
        BY_HAND = "by_hand", _("by a person")
        GONE = "gone", _("the address answered 410: it wants no more")
        FAILING = "failing", _("ten days of nothing but failures")
        KEY = "key", _("the server has another key: the secret has to be made anew")

    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="webhooks", verbose_name=_("company")
    )
    url = models.CharField(_("address"), max_length=LONGEST_URL)
    events = models.JSONField(_("events"))
    salt = models.CharField(max_length=32, editable=False)
    mark = models.CharField(max_length=12, editable=False)
    salt_before = models.CharField(max_length=32, blank=True, default="", editable=False)
    mark_before = models.CharField(max_length=12, blank=True, default="", editable=False)
    before_until = models.DateTimeField(null=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("registered by")
    )
    made_at = models.DateTimeField(_("registered at"), auto_now_add=True)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    off_at = models.DateTimeField(_("switched off at"), null=True, blank=True)
    off_why = models.CharField(_("why it is off"), max_length=8, choices=Off.choices, blank=True, default="")

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(off_at__isnull=True, off_why="")
                | (models.Q(off_at__isnull=False) & ~models.Q(off_why="")),
                name="webhook_is_off_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.url

    def get_absolute_url(self) -> str:
        return reverse("portfolio:webhook", args=[self.pk])

    @property
    def is_on(self) -> bool:
        return self.off_at is None

    @property
    def event_labels(self) -> list[str]:
        return [str(event.label) for event in Event if event.value in self.events]

    # --- secrets ---------------------------------------------------------------------------------------
    def secrets(self) -> list[bytes]:
        """What a message is signed with now: the secret, and for a day after a rotation the one before.

        Empty where the server's key is another one than it was made by.
        """
        found = [_made_of(self.salt, self.mark)]
        if self.before_until and self.before_until > timezone.now():
            found.append(_made_of(self.salt_before, self.mark_before))
        return [secret for secret in found if secret] if found[0] else []

    # --- what people do ----------------------------------------------------------------------------------
    @classmethod
    def may_be_kept_by(cls, user: SomeUser, company: Company | None) -> bool:
        if company is None:
            return has_role(user, Role.ADMIN)
        if not user.is_authenticated or role_of(user):
            return False
        submitters = Membership.objects.filter(company=company, kind=Membership.Kind.SUBMITTER)
        return submitters.filter(user_id=user.pk).exists()

    @classmethod
    def register(cls, company: Company | None, url: str, events: list[str], *, by: User) -> tuple[Webhook, str]:
        """A new one, and its secret, which is told this once. `url` was looked at. Raises NotAllowed."""
        made = cls(company=company, url=url, events=events, made_by=by)
        made._require_keeper(by)
        with transaction.atomic():
            if cls.objects.on().filter(company=company).count() >= MOST_WEBHOOKS:
                raise NotAllowed(_("At most %(most)s webhooks are on at a time.") % {"most": MOST_WEBHOOKS})
            made.salt, made.mark, secret = _new_secret()
            made.save()
            made._log(by, "added", " ".join(events))
        return made, secret

    def rotate(self, *, by: User) -> str:
        """A new secret, told this once; messages are signed by the old one as well for a day. Raises NotAllowed."""
        self._require_keeper(by)
        with transaction.atomic():
            self.salt_before, self.mark_before, self.before_until = self.salt, self.mark, timezone.now() + BOTH_SECRETS
            self.salt, self.mark, secret = _new_secret()
            self.save(update_fields=["salt", "mark", "salt_before", "mark_before", "before_until"])
            self._log(by, "rotated")
        return secret

    def switch(self, *, on: bool, by: User) -> None:
        """Raises NotAllowed."""
        self._require_keeper(by)
        if on and self.is_on or not (on or self.is_on):
            return
        with transaction.atomic():
            if on:
                if Webhook.objects.on().filter(company=self.company).count() >= MOST_WEBHOOKS:
                    raise NotAllowed(_("At most %(most)s webhooks are on at a time.") % {"most": MOST_WEBHOOKS})
                self.off_at, self.off_why, self.failing_since = None, "", None
                self.save(update_fields=["off_at", "off_why", "failing_since"])
            else:
                self._end(self.Off.BY_HAND)
            self._log(by, "switched_on" if on else "switched_off")

    def _require_keeper(self, by: User) -> None:
        if not self.may_be_kept_by(by, self.company):
            words = _("Only submitters of the company keep its webhooks, and administrators those of the house.")
            raise NotAllowed(words)

    def _log(self, by: User | None, verb: str, detail: str = "") -> None:
        audit.append(by, f"webhook.{verb}", f"webhook:{self.pk}", detail=detail)

    # --- what happens to it ------------------------------------------------------------------------------
    def tell(self, event: str, body: str) -> WebhookDelivery:
        return WebhookDelivery.objects.create(
            webhook=self, message_id=f"msg_{uuid.uuid4().hex}", event=event, body=body, not_before=Now()
        )

    def has_answered(self) -> None:
        Webhook.objects.filter(pk=self.pk, failing_since__isnull=False).update(failing_since=None)

    def has_failed(self, at: datetime) -> None:
        """Switched off after ten days of nothing but failures; until then all that waits for it waits a minute."""
        Webhook.objects.filter(pk=self.pk, failing_since=None).update(failing_since=at)
        self.refresh_from_db(fields=["failing_since"])
        if self.failing_since and at - self.failing_since >= GIVES_UP:
            self.end(self.Off.FAILING)
        else:
            waiting = WebhookDelivery.objects.due().filter(webhook=self)
            waiting.order_by().update(not_before=at + PAUSE)

    def end(self, why: Webhook.Off) -> None:
        """Nobody asked for it: whoever keeps it is told by mail."""
        with transaction.atomic():
            if self._end(why):
                self._log(None, "ended", str(why))
                webhook_ended.send(sender=Webhook, webhook=self)

    def _end(self, why: Webhook.Off) -> bool:
        is_ours = Webhook.objects.on().filter(pk=self.pk).update(off_at=Now(), off_why=why) == 1
        self.refresh_from_db(fields=["off_at", "off_why"])
        self.deliveries.queued().update(state=WebhookDelivery.State.CANCELLED, leased_until=None)
        return is_ours


def _new_secret() -> tuple[str, str, str]:
    """Salt, mark, and the text that the receiver keeps."""
    salt = secrets.token_hex(16)
    secret = _derived(settings.SECRET_KEY, salt)
    return salt, _mark_of(secret), "whsec_" + base64.b64encode(secret).decode()


def _made_of(salt: str, mark: str) -> bytes | None:
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        secret = _derived(key, salt)
        if hmac.compare_digest(_mark_of(secret), mark):
            return secret
    return None


def _derived(key: str, salt: str) -> bytes:
    return hmac.new(key.encode(), f"webhook:{salt}".encode(), hashlib.sha256).digest()


def _mark_of(secret: bytes) -> str:
    return hashlib.sha256(secret).hexdigest()[:12]


# --- deliveries ------------------------------------------------------------------------------------------
class DeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def visible_to(self, user: SomeUser) -> DeliveryQuerySet:
        return self.filter(webhook__in=Webhook.objects.visible_to(user))

    def queued(self) -> DeliveryQuerySet:
        return self.filter(state=WebhookDelivery.State.QUEUED)

    def due(self) -> DeliveryQuerySet:
        free = models.Q(leased_until__isnull=True) | models.Q(leased_until__lte=Now())
        return self.queued().filter(free, not_before__lte=Now()).order_by("not_before", "pk")

    def claim(self) -> WebhookDelivery | None:
        """The oldest that is due, for whoever asks first; one more attempt is counted."""
        for pk in self.due().values_list("pk", flat=True)[:MOST_AT_ONCE]:
            mine = WebhookDelivery.objects.due().filter(pk=pk)
            if mine.order_by().update(leased_until=Now() + LEASE, attempts=models.F("attempts") + 1) == 1:
                return WebhookDelivery.objects.select_related("webhook__company").get(pk=pk)
        return None

    def prune(self) -> int:
        ended = self.exclude(state=WebhookDelivery.State.QUEUED)
        return ended.filter(written_at__lt=timezone.now() - KEPT).delete()[0]


class WebhookDelivery(models.Model):
    """One message to one address. What the address answers is not kept, but for its status code."""

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("of a delivery", "Waits")
        DELIVERED = "delivered", pgettext_lazy("of a delivery", "Delivered")
        FAILED = "failed", pgettext_lazy("of a delivery", "Failed")
        CANCELLED = "cancelled", pgettext_lazy("of a delivery", "Cancelled")

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", verbose_name=_("webhook"))
    message_id = models.CharField(_("number of the message"), max_length=40, unique=True)
    event = models.CharField(_("event"), max_length=32, choices=Event.choices)
    body = models.TextField(_("message"))
    written_at = models.DateTimeField(_("written at"), auto_now_add=True)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    retries = models.PositiveIntegerField(default=0, editable=False)  # since it was sent by hand
    not_before = models.DateTimeField(_("not before"))
    leased_until = models.DateTimeField(null=True, editable=False)
    status_code = models.PositiveSmallIntegerField(
        _("answer"), null=True, help_text=_("Status code of the last answer")
    )
    last_error = models.CharField(_("last error"), max_length=LONGEST_ERROR, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "not_before"], name="delivery_by_state")]

    def __str__(self) -> str:
        return f"{self.event} {self.message_id}"

    # --- what the worker says ---
    def is_delivered(self, status: int) -> bool:
        return self._settle(state=self.State.DELIVERED, delivered_at=Now(), status_code=status, last_error="")

    def is_put_off(self, why: str, status: int | None = None) -> bool:
        """Another attempt later, unless it was the last."""
        changes: dict[str, Any] = {"status_code": status, "last_error": why[:LONGEST_ERROR]}
        if self.retries >= len(WAITS):
            return self._settle(state=self.State.FAILED, **changes)
        later = timezone.now() + WAITS[self.retries]
        return self._settle(not_before=later, retries=self.retries + 1, **changes)

    def _settle(self, **changes: Any) -> bool:
        """False where the attempt is no longer ours, or somebody ended it meanwhile."""
        mine = WebhookDelivery.objects.queued().filter(pk=self.pk, attempts=self.attempts)
        return mine.update(leased_until=None, **changes) == 1

    # --- what people do ---
    def send_again(self, *, by: User) -> None:
        """The same message under the same number: a receiver that has it knows it. Raises NotAllowed."""
        if not has_role(by, Role.ADMIN):
            self.webhook._require_keeper(by)
        if not self.webhook.is_on:
            raise NotAllowed(_("The webhook is off: switch it on first."))
        with transaction.atomic():
            changes = {"state": self.State.QUEUED, "retries": 0, "not_before": Now(), "leased_until": None}
            free = WebhookDelivery.objects.filter(pk=self.pk).exclude(leased_until__gt=Now())
            if free.update(**changes) != 1:
                raise NotAllowed(_("It is being sent at this moment."))
            self.webhook._log(by, "sent_again", self.message_id)
        self.refresh_from_db()
