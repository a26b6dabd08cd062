"""What a fund's book leaves open for a person: rows that were refused at the door, and figures to be confirmed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fund.errors import AlreadyDecided, ReasonMissing
from fund.models.fund import FundSideQuerySet, ThemeFund
from fund.models.holding import Holding, amount
from portfolio import audit, bulk

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class RefusedRowQuerySet(FundSideQuerySet):
    def open(self) -> RefusedRowQuerySet:
        found: RefusedRowQuerySet = self.filter(state=RefusedRow.State.OPEN)
        return found

    def settle(self, came_in: Collection[tuple[str, date]], *, by: User | None, but: Collection[int] = ()) -> None:
        """Close those whose holding came in right for their date; all `but` those that were just refused again."""
        keys = {key for key, _day in came_in}
        closed = [
            pk
            for pk, key, day in self.open().values_list("pk", "holding_key", "as_of")
            if key and pk not in but and ((key, day) in came_in or (day is None and key in keys))
        ]
        for at in range(0, len(closed), bulk.BATCH):
            some = self.open().filter(pk__in=closed[at : at + bulk.BATCH])
            some.update(state=RefusedRow.State.ENTERED, closed_by=by, closed_at=Now())


class RefusedRow(models.Model):
    """A row of a file that could not be entered. Its money stays in every coverage until it comes in right.

    What the row said is never edited, which the database enforces. The same row read again is the same refusal.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ENTERED = "entered", _("came in right since")
        SET_ASIDE = "set_aside", _("set aside")

    fund = models.ForeignKey(ThemeFund, models.PROTECT, related_name="refused_rows", verbose_name=_("fund"))
    file = models.CharField(_("file"), max_length=200)
    line = models.PositiveIntegerField(_("line"))
    holding_key = models.CharField(_("holding key"), max_length=80, blank=True, default="")
    name = models.CharField(_("issuer or instrument"), max_length=200, blank=True, default="")
    as_of = models.DateField(_("as of"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=8, blank=True, default="")
    amount = amount(_("amount"))
    faults = models.JSONField(_("faults"), default=list)  # of {column, found, expected}
    digest = models.CharField(_("digest"), max_length=64)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("entered by")
    )
    entered_at = models.DateTimeField(_("entered at"), auto_now_add=True)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.OPEN)
    reason = models.CharField(_("reason"), max_length=400, blank=True, default="")
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True)

    objects = RefusedRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("refused row")
        verbose_name_plural = _("refused rows")
        ordering = ["file", "line", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["fund", "digest"], name="refused_row_once_a_fund"),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | models.Q(amount__gte=0), name="refused_ge_0"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="set_aside") | ~models.Q(reason=""),
                name="refused_row_is_set_aside_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.holding_key or self.name}".strip()

    def set_aside(self, *, by: User, reason: str) -> None:
        """Its money leaves the coverage, for a reason such as a totals row. Raises ReasonMissing or AlreadyDecided."""
        reason = reason.strip()
        if not reason:
            raise ReasonMissing(gettext("Say why the row is set aside."))
        with transaction.atomic():
            waiting = RefusedRow.objects.filter(pk=self.pk, state=self.State.OPEN)
            closed = {"state": self.State.SET_ASIDE, "reason": reason[:400], "closed_by": by, "closed_at": Now()}
            if waiting.update(**closed) != 1:
                raise AlreadyDecided(gettext("Somebody has dealt with “%(row)s” already.") % {"row": self})
            audit.append(by, "refused_row.set_aside", f"refused_row:{self.pk}", detail=reason[:400])


class Question(models.TextChoices):
    """What looks wrong about a holding and may be right."""

    ABOVE_ONE = "above_one", _("a share of the company above 100 %")
    LARGE_SHARE = "large_share", _("more than 10 % of a listed company for a small amount")
    PRICE_SCALE = "price_scale", _("worth more than 1,000 times its revenue, or less than a thousandth")
    LAG = "lag", _("tonnes and enterprise value more than two years apart")
    REVENUE_STEP = "revenue_step", _("revenue more than doubled or halved between the tonnes and the enterprise value")


class Confirmation(models.Model):
    """Somebody looked at a question and stands by the figures. It holds for these figures: newer ones ask again."""

    holding = models.ForeignKey(Holding, models.PROTECT, related_name="confirmations", verbose_name=_("holding"))
    question = models.CharField(_("question"), max_length=16, choices=Question.choices)
    basis = models.CharField(_("figures"), max_length=200)  # the entries that it stands on, by number
    reason = models.CharField(_("reason"), max_length=400)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    entered_at = models.DateTimeField(_("entered at"), auto_now_add=True)

    objects = FundSideQuerySet.as_manager()

    class Meta:
        verbose_name = _("confirmation")
        verbose_name_plural = _("confirmations")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["holding", "question", "basis"], name="confirmed_once"),
            models.CheckConstraint(condition=models.Q(question__in=Question.values), name="question_is_known"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="confirmation_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.holding} · {self.get_question_display()}"

    @classmethod
    def give(cls, holding: Holding, question: str, basis: str, *, by: User, reason: str) -> Confirmation:
        """Somebody stands by the figures. Raises ReasonMissing; the same answer twice is one."""
        reason = reason.strip()[:400]
        if not reason:
            raise ReasonMissing(gettext("Say why the figures are right."))
        with transaction.atomic():
            given, is_new = cls.objects.get_or_create(
                holding=holding, question=question, basis=basis, defaults={"reason": reason, "entered_by": by}
            )
            if is_new:
                audit.append(by, "holding.confirmed", f"holding:{holding.pk}", detail=f"{question} {reason}"[:400])
        return given
