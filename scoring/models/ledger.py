"""Imported factors, calculations of ledgers, and the restatements that newer factors suggest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portfolio import audit
from portfolio.errors import NotAllowed, StaleVersion
from portfolio.models import Disclosure, Membership

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser


class FactorImport(models.Model):
    """One dated version of a table of factors, as it was confirmed. Appended, never edited (scoring/guards.py)."""

    name = models.CharField(_("file"), max_length=200)
    table = models.CharField(_("table"), max_length=60)
    content = models.TextField(_("content"), help_text=_("The factors as canonical JSON"))
    digest = models.CharField(_("digest of the tables from then on"), max_length=64)
    added = models.PositiveIntegerField(_("added"))
    changed = models.PositiveIntegerField(_("changed"))
    superseded = models.PositiveIntegerField(_("superseded"))
    unchanged = models.PositiveIntegerField(_("unchanged"))
    imported_by = models.CharField(_("imported by"), max_length=150)
    imported_at = models.DateTimeField(_("imported at"), auto_now_add=True)

    class Meta:
        verbose_name = _("import of factors")
        verbose_name_plural = _("imports of factors")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class CalculationQuerySet(models.QuerySet["Calculation"]):
    def visible_to(self, user: SomeUser) -> CalculationQuerySet:
        return self.filter(disclosure__in=Disclosure.objects.visible_to(user))

    def latest(self) -> CalculationQuerySet:  # type: ignore[override]  # the latest of each disclosure, not of all
        newer = Calculation.objects.filter(disclosure=models.OuterRef("disclosure"), pk__gt=models.OuterRef("pk"))
        return self.filter(~models.Exists(newer))


class Calculation(models.Model):
    """What a ledger came to on a day with the tables of that day. Appended, never edited (scoring/guards.py)."""

    class Occasion(models.TextChoices):
        SUBMITTED = "submitted", _("Submitted")
        VERIFIED = "verified", _("Verified")
        RECALCULATED = "recalculated", _("Recalculated with newer factors")

    # The totals that may be restated, with their names in the record.
    TOTALS = ("scope_1", "scope_2_location", "scope_2_market", "scope_3")

    disclosure = models.ForeignKey(
        Disclosure, models.PROTECT, related_name="calculations", verbose_name=_("disclosure")
    )
    occasion = models.CharField(_("occasion"), max_length=16, choices=Occasion.choices)
    content_digest = models.CharField(_("digest of the disclosure"), max_length=64)
    tables_digest = models.CharField(_("digest of the tables"), max_length=64)
    gwp_set = models.CharField(_("warming potentials"), max_length=16)
    as_of = models.DateField(_("as of"))
    scope_1_t = models.FloatField(_("scope 1, tCO₂e"))
    scope_2_location_t = models.FloatField(_("scope 2, location-based, tCO₂e"))
    scope_2_market_t = models.FloatField(_("scope 2, market-based, tCO₂e"), null=True, blank=True)
    scope_3_t = models.FloatField(_("scope 3, tCO₂e"))
    record_json = models.TextField(_("record"), help_text=_("Canonical JSON: totals with intervals, and every line"))
    digest = models.CharField(_("digest"), max_length=64)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = CalculationQuerySet.as_manager()

    class Meta:
        verbose_name = _("calculation")
        verbose_name_plural = _("calculations")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["disclosure", "occasion", "digest"], name="calculation_once_an_occasion"),
            models.CheckConstraint(
                condition=models.Q(occasion__in=["submitted", "verified", "recalculated"]),
                name="calculation_occasion_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.disclosure} · {self.get_occasion_display()} {self.as_of}"

    @cached_property
    def record(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.record_json)
        return found

    def total_t(self, name: str) -> float | None:
        """One of TOTALS, in tCO₂e."""
        found: float | None = getattr(self, f"{name}_t")
        return found


class FactorUse(models.Model):
    """How many lines of a calculation rest on a factor."""

    calculation = models.ForeignKey(
        Calculation, models.PROTECT, related_name="factor_uses", verbose_name=_("calculation")
    )
    factor_id = models.CharField(_("factor"), max_length=200)
    lines = models.PositiveIntegerField(_("lines"))

    class Meta:
        verbose_name = _("use of a factor")
        verbose_name_plural = _("uses of factors")
        constraints = [models.UniqueConstraint(fields=["calculation", "factor_id"], name="factor_once_a_calculation")]
        indexes = [models.Index(fields=["factor_id"], name="use_by_factor")]

    def __str__(self) -> str:
        return f"{self.factor_id} × {self.lines}"


class CheckedLedger(models.Model):
    """With which version of the tables a standing ledger was last recalculated; the others are due."""

    disclosure = models.OneToOneField(
        Disclosure, models.CASCADE, primary_key=True, related_name="+", verbose_name=_("disclosure")
    )
    tables_version = models.CharField(_("version of the tables"), max_length=64)

    class Meta:
        verbose_name = _("recalculated ledger")
        verbose_name_plural = _("recalculated ledgers")

    def __str__(self) -> str:
        return f"{self.disclosure_id} {self.tables_version}"


class RestatementQuerySet(models.QuerySet["Restatement"]):
    def visible_to(self, user: SomeUser) -> RestatementQuerySet:
        return self.filter(disclosure__in=Disclosure.objects.visible_to(user))

    def open(self) -> RestatementQuerySet:
        return self.filter(state=Restatement.State.OPEN)


class Restatement(models.Model):
    """Newer factors move a standing total by more than the threshold: a proposal, for the company to decide.

    Nothing is rewritten. Accepting it opens a new version of the disclosure; dismissing it needs a reason.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("of a restatement", "Open")
        ACCEPTED = "accepted", _("Accepted")
        DISMISSED = "dismissed", _("Dismissed")
        OVERTAKEN = "overtaken", _("Overtaken by newer factors")

    disclosure = models.ForeignKey(
        Disclosure, models.PROTECT, related_name="restatements", verbose_name=_("disclosure")
    )
    before = models.ForeignKey(Calculation, models.PROTECT, related_name="+", verbose_name=_("before"))
    after = models.ForeignKey(Calculation, models.PROTECT, related_name="+", verbose_name=_("after"))
    changes = models.JSONField(_("changes"), help_text=_("Scope, tonnes before, tonnes after, percent"))
    factors = models.JSONField(_("factors"), help_text=_("Line, factors before, factors after"))
    percent = models.FloatField(_("largest change, %"), null=True, blank=True, help_text=_("Empty: from zero"))
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.OPEN)
    proposed_at = models.DateTimeField(_("proposed at"), auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    new_version = models.ForeignKey(
        Disclosure, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("new version")
    )

    objects = RestatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("restatement")
        verbose_name_plural = _("restatements")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["before", "after"], name="restatement_once_a_change"),
            models.UniqueConstraint(
                fields=["disclosure"], condition=models.Q(state="open"), name="one_open_restatement_a_disclosure"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "overtaken"], decided_by__isnull=True)
                | models.Q(state="accepted", decided_by__isnull=False, new_version__isnull=False)
                | (models.Q(state="dismissed", decided_by__isnull=False) & ~models.Q(reason="")),
                name="restatement_says_who_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.disclosure} · {self.get_state_display()}"

    def get_absolute_url(self) -> str:
        return reverse("scoring:restatement", args=[self.pk])

    def objection_to(self, user: SomeUser) -> str:
        """Why this person may not decide it, in words; empty when they may."""
        member = self.disclosure.membership_of(user)
        if member is None or member.kind != Membership.Kind.SUBMITTER:
            return str(_("Only a submitter of the company decides about a restatement."))
        return ""

    def accept(self, *, by: User) -> Disclosure:
        """Open a new version of the disclosure. Raises NotAllowed or StaleVersion."""
        self._require_submitter(by)
        with transaction.atomic():
            draft = self.disclosure.new_version(by=by)
            self._decide(by, self.State.ACCEPTED, new_version=draft)
        return draft

    def dismiss(self, *, by: User, reason: str) -> None:
        """Leave the disclosure as it stands. Raises NotAllowed or StaleVersion."""
        self._require_submitter(by)
        if not reason.strip():
            raise NotAllowed(_("A dismissal needs a reason."))
        self._decide(by, self.State.DISMISSED, reason=reason.strip())

    def _require_submitter(self, by: User) -> None:
        if objection := self.objection_to(by):
            raise NotAllowed(objection)

    def _decide(self, by: User, state: str, **changes: Any) -> None:
        with transaction.atomic():
            decided = Restatement.objects.filter(pk=self.pk, state=self.State.OPEN).update(
                state=state, decided_by=by, decided_at=Now(), **changes
            )
            if decided != 1:
                raise StaleVersion(_("This restatement is no longer open. Read it again, please."))
            audit.append(by, f"restatement.{state}", f"restatement:{self.pk}", digest=self.after.digest)
        self.refresh_from_db()
