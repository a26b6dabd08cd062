"""Mails as rows, written in the transaction of what they tell and sent later by a worker: the rows are the queue.

A claim is one conditional UPDATE that counts an attempt and takes a lease, so that one worker at a time talks to the
mail server about it. The count is the fence: who comes back with an older one changes nothing. Between the server's
word and our commit a worker may die; then the mail goes a second time, under the same Message-ID.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portfolio import audit
from portfolio.errors import NotAllowed
from portfolio.models.company import Company
from portfolio.models.people import Role, has_role

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LEASE = timedelta(minutes=3)  # longer than the hard limit of the task that holds it
# What is waited after each attempt that failed; there is one attempt more, so a server may be away for two days.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
PAUSE = timedelta(minutes=1)  # of all that waits, where the server itself does not answer
LONGEST_ERROR = 300


class MailQuerySet(models.QuerySet["Mail"]):
    def queued(self) -> MailQuerySet:
        return self.filter(state=Mail.State.QUEUED)

    def failed(self) -> MailQuerySet:
        return self.filter(state=Mail.State.FAILED)

    def waiting(self) -> MailQuerySet:
        """Those that the mail server has not taken yet though it was asked."""
        return self.queued().filter(attempts__gt=0)

    def in_hand(self) -> MailQuerySet:
        return self.queued().filter(leased_until__gt=Now())

    def free(self) -> MailQuerySet:
        return self.queued().filter(models.Q(leased_until__isnull=True) | models.Q(leased_until__lte=Now()))

    def due(self) -> MailQuerySet:
        return self.free().filter(not_before__lte=Now()).order_by("not_before", "pk")

    def claim(self) -> Mail | None:
        """The oldest that is due, for whoever asks first; one more attempt is counted."""
        for pk in self.due().values_list("pk", flat=True)[:10]:
            mine = Mail.objects.due().filter(pk=pk)
            if mine.order_by().update(leased_until=Now() + LEASE, attempts=models.F("attempts") + 1) == 1:
                return Mail.objects.select_related("user").get(pk=pk)
        return None

    def cancel(self, why: str) -> int:
        """Those of them that nobody is sending now: what they say no longer holds."""
        return self.free().update(state=Mail.State.CANCELLED, last_error=why[:LONGEST_ERROR])


class Mail(models.Model):
    """What one person is told. It holds no secret and nothing that anybody typed: it says what happened and where."""

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", pgettext_lazy("of a mail", "Disclosure submitted")
        RETURNED = "returned", pgettext_lazy("of a mail", "Disclosure returned")
        VERIFIED = "verified", pgettext_lazy("of a mail", "Disclosure verified")
        REFUSED = "refused", pgettext_lazy("of a mail", "Verification failed")
        OPINION = "opinion", pgettext_lazy("of a mail", "Opinion waits for review")
        OPINION_BACK = "opinion_back", pgettext_lazy("of a mail", "Opinion sent back")
        REOPENED = "reopened", pgettext_lazy("of a mail", "Opinion reopened")
        APPEAL = "appeal", pgettext_lazy("of a mail", "Appeal against an opinion")
        APPEAL_ANSWERED = "appeal_answered", pgettext_lazy("of a mail", "Appeal answered")
        PLAN_RETURNED = "plan_returned", pgettext_lazy("of a mail", "Monitoring plan returned")
        PLAN_APPROVED = "plan_approved", pgettext_lazy("of a mail", "Monitoring plan approved")
        RESTATEMENT = "restatement", pgettext_lazy("of a mail", "Restatement proposed")
        REMINDER = "reminder", pgettext_lazy("of a mail", "Reminder of a deadline")
        REQUEST = "request", pgettext_lazy("of a mail", "Data requested")
        REQUEST_OVERDUE = "request_overdue", pgettext_lazy("of a mail", "Data request overdue")
        REQUEST_WITHDRAWN = "request_withdrawn", pgettext_lazy("of a mail", "Data request withdrawn")
        PREVIEW = "preview", pgettext_lazy("of a mail", "Result can be seen")
        PREVIEW_ENDS = "preview_ends", pgettext_lazy("of a mail", "Term for a result ends")
        DECIDED = "decided", pgettext_lazy("of a mail", "Fund has decided")
        DISPUTE = "dispute", pgettext_lazy("of a mail", "Result disputed")
        DISPUTE_WITHDRAWN = "dispute_withdrawn", pgettext_lazy("of a mail", "Dispute withdrawn")
        DISPUTE_ANSWERED = "dispute_answered", pgettext_lazy("of a mail", "Dispute answered")
        REQUEST_DECLINED = "request_declined", pgettext_lazy("of a mail", "Data request declined")
        JOIN_REQUEST = "join_request", pgettext_lazy("of a mail", "Somebody asks to join a company")
        JOIN_DECLINED = "join_declined", pgettext_lazy("of a mail", "Request to join declined")
        TEAM = "team", pgettext_lazy("of a mail", "Role in a company")
        FORM_SAVED = "form_saved", pgettext_lazy("of a mail", "Quarterly form filled in")
        FORM_LINK = "form_link", pgettext_lazy("of a mail", "New link to the quarterly form wanted")
        FINDING = "finding", pgettext_lazy("of a mail", "Verifier asks")
        FINDING_ANSWERED = "finding_answered", pgettext_lazy("of a mail", "Finding answered")
        FINDING_CLOSED = "finding_closed", pgettext_lazy("of a mail", "Finding closed")
        MENTION = "mention", pgettext_lazy("of a mail", "Mentioned")
        ROLE = "role", pgettext_lazy("of a mail", "Role waits for confirmation")
        WEBHOOK_OFF = "webhook_off", pgettext_lazy("of a mail", "Webhook switched off")
        TEST = "test", pgettext_lazy("of a mail", "Test")

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("of a mail", "Waits")
        SENT = "sent", pgettext_lazy("of a mail", "Sent")
        FAILED = "failed", pgettext_lazy("of a mail", "Failed")
        CANCELLED = "cancelled", pgettext_lazy("of a mail", "Cancelled")

    key = models.CharField(_("key"), max_length=160, unique=True, help_text=_("No mail is written twice"))
    kind = models.CharField(_("kind"), max_length=24, choices=Kind.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recipient")
    )
    address = models.EmailField(_("address"), blank=True, help_text=_("That of the account at the last attempt"))
    language = models.CharField(_("language"), max_length=16)
    company = models.ForeignKey(Company, models.PROTECT, null=True, related_name="mails", verbose_name=_("company"))
    about = models.CharField(_("of what"), max_length=120)  # as the audit log names things: disclosure:17
    parameters = models.JSONField(_("parameters"), default=dict)
    subject = models.CharField(_("subject"), max_length=300)
    body = models.TextField(_("text of the mail"))
    written_at = models.DateTimeField(_("written at"), auto_now_add=True)

    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    not_before = models.DateTimeField(_("not before"))
    leased_until = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=LONGEST_ERROR, blank=True)
    queued_at = models.DateTimeField(_("queued at"), auto_now_add=True)  # again when it is sent again
    sent_at = models.DateTimeField(_("sent at"), null=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["state", "not_before"], name="mail_by_state"),
            models.Index(fields=["about"], name="mail_by_subject"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["queued", "failed", "cancelled"])
                | models.Q(state="sent", sent_at__isnull=False),
                name="mail_sent_at_some_time",
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    # --- what the worker says ---
    def is_sent(self) -> bool:
        return self._settle(state=self.State.SENT, sent_at=Now(), last_error="")

    def is_refused(self, why: str) -> bool:
        """For good: another attempt would be refused likewise."""
        return self._settle(state=self.State.FAILED, last_error=why[:LONGEST_ERROR])

    def is_put_off(self, why: str) -> bool:
        """Another attempt later, unless it was the last."""
        if self.attempts > len(WAITS):
            return self.is_refused(why)
        return self._settle(not_before=Now() + WAITS[self.attempts - 1], last_error=why[:LONGEST_ERROR])

    def _settle(self, **changes: object) -> bool:
        """False where the attempt is no longer ours, or somebody ended it meanwhile."""
        mine = Mail.objects.queued().filter(pk=self.pk, attempts=self.attempts)
        return mine.update(leased_until=None, **changes) == 1

    # --- what administrators do ---
    def send_again(self, *, by: User) -> None:
        """One more attempt now, whatever became of it before. Raises NotAllowed."""
        changes = {"state": self.State.QUEUED, "not_before": Now(), "queued_at": Now(), "leased_until": None}
        self._by_hand(by, Mail.objects.exclude(pk__in=Mail.objects.in_hand()), "mail.sent_again", changes)

    def cancel(self, *, by: User) -> None:
        """Raises NotAllowed."""
        self._by_hand(by, Mail.objects.free(), "mail.cancelled", {"state": self.State.CANCELLED})

    def _by_hand(self, by: User, possible: MailQuerySet, verb: str, changes: dict[str, object]) -> None:
        if not has_role(by, Role.ADMIN):
            raise NotAllowed(_("Only an administrator can do this."))
        with transaction.atomic():
            if possible.filter(pk=self.pk).update(**changes) != 1:
                if Mail.objects.in_hand().filter(pk=self.pk).exists():
                    raise NotAllowed(_("It is being sent at this moment."))
                raise NotAllowed(_("It no longer waits."))
            audit.append(by, verb, f"mail:{self.pk}", detail=f"{self.kind} {self.about}")
        self.refresh_from_db()
