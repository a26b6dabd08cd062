"""Who works on the verification of a version, until when, and by what plan they sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from portfolio import audit, beijing
from portfolio.errors import NotAllowed, StaleVersion
from portfolio.models.case.conflict import LONGEST_REASON, ConflictOfInterest
from portfolio.models.company import Company
from portfolio.models.disclosure import Disclosure
from portfolio.models.people import FUND_SIDE, VERIFICATION_SIDE, Role, has_role

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser

DECIDED_WITHIN = 20  # working days from the submission
IDLE_AFTER = 5  # working days without an act of whoever has it: then another verifier may take it over
LONGEST_PLAN = 2000  # characters


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: SomeUser) -> CaseQuerySet:
        """For the fund's side those of what stands: who works on an open case is not its matter."""
        if not has_role(user, *VERIFICATION_SIDE, *FUND_SIDE):
            return self.none()
        return self.filter(disclosure__in=Disclosure.objects.visible_to(user))


class Case(models.Model):
    """Of one version. There is a row once somebody claims it, looks at a point or writes down how they sample."""

    disclosure = models.OneToOneField(
        Disclosure, models.PROTECT, related_name="case", verbose_name=_("disclosure"), editable=False
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("assignee")
    )
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    sampling = models.TextField(_("how it is sampled"), max_length=LONGEST_PLAN, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("verification case")
        verbose_name_plural = _("verification cases")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(assignee=None, claimed_at=None)
                | models.Q(assignee__isnull=False, claimed_at__isnull=False),
                name="case_is_claimed_by_somebody_some_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.disclosure}"

    @classmethod
    def of(cls, disclosure: Disclosure) -> Case:
        """The row, or one that is not stored yet."""
        found = cls.objects.filter(disclosure=disclosure).select_related("assignee").first()
        return found or cls(disclosure=disclosure)

    # --- who has it ----------------------------------------------------------------------------------------
    def held_by_another(self, user: SomeUser) -> str:
        """Who has it, in words; empty where nobody has it, or this person."""
        if self.assignee is None or self.assignee_id == user.pk or self.claimed_at is None:
            return ""
        who = self.assignee.get_full_name() or self.assignee.get_username()
        when = date_format(timezone.localtime(self.claimed_at), "DATETIME_FORMAT")
        return str(_("%(who)s has had this case since %(when)s.") % {"who": who, "when": when})

    def objection_to(self, user: SomeUser) -> str:
        """Why this person may not work on it, in words; empty when they may."""
        return self.disclosure.objection_to(user) or self.held_by_another(user)

    def can_be_taken_over_by(self, user: SomeUser) -> bool:
        """A case that lies idle, by another verifier; an independent reviewer hands back any."""
        if not self.held_by_another(user):
            return False
        if has_role(user, Role.INDEPENDENT_REVIEWER):
            return True
        return not self.disclosure.objection_to(user) and self.is_idle

    @property
    def is_idle(self) -> bool:
        if self.disclosure.state != Disclosure.State.SUBMITTED:
            return False
        since = timezone.localdate(self._last_act(), timezone=beijing.ZONE)
        return beijing.add_working_days(since, IDLE_AFTER).day < beijing.today()

    def _last_act(self) -> datetime:
        """Of whoever has it; at the earliest that it was submitted."""
        mine = models.Q(by=self.assignee_id)
        looked = self.disclosure.looks.filter(mine).aggregate(at=models.Max("at"))["at"]
        raised = self.disclosure.findings.filter(raised_by=self.assignee_id).aggregate(at=models.Max("raised_at"))["at"]
        moments = (self.claimed_at, self.disclosure.submitted_at, looked, raised)
        return max(moment for moment in moments if moment is not None)

    # --- what people do ------------------------------------------------------------------------------------
    @classmethod
    def claim(cls, disclosure: Disclosure, *, by: User) -> Case:
        """One person gets it, once. Raises NotAllowed, or StaleVersion telling who was faster."""
        if objection := disclosure.objection_to(by):
            raise NotAllowed(objection)
        if disclosure.state != Disclosure.State.SUBMITTED:
            raise StaleVersion(disclosure.why_not_waiting())
        with transaction.atomic():
            case, _new = cls.objects.get_or_create(disclosure=disclosure)
            free = cls.objects.filter(pk=case.pk, assignee=None)
            if free.update(assignee=by, claimed_at=Now()) == 1:
                audit.append(by, "case.claimed", f"disclosure:{disclosure.pk}")
            claimed = cls.of(disclosure)
            if words := claimed.held_by_another(by):
                raise StaleVersion(words)
        return claimed

    def release(self, *, by: User) -> None:
        """Back to those that nobody has. Raises NotAllowed or StaleVersion."""
        if self.assignee_id != by.pk:
            raise NotAllowed(_("Only whoever has the case gives it back."))
        self._hand(None, by, "case.released")

    def take_over(self, *, by: User) -> None:
        """To this verifier, or by an independent reviewer back to those that nobody has.

        Raises NotAllowed or StaleVersion.
        """
        if not self.can_be_taken_over_by(by):
            words = _(
                "A case is taken over after %(days)s working days in which nothing happened to it, or handed back by an"
                " independent reviewer."
            )
            raise NotAllowed(words % {"days": IDLE_AFTER})
        self._hand(None if has_role(by, Role.INDEPENDENT_REVIEWER) else by, by, "case.taken_over")

    def _hand(self, to: User | None, by: User, verb: str) -> None:
        with transaction.atomic():
            rows = Case.objects.filter(pk=self.pk, assignee=self.assignee_id)
            if rows.update(assignee=to, claimed_at=Now() if to else None) != 1:
                raise StaleVersion(_("Somebody else moved this case meanwhile. Look again, please."))
            audit.append(by, verb, f"disclosure:{self.disclosure_id}")
            self.refresh_from_db()

    @classmethod
    def plan(cls, disclosure: Disclosure, words: str, *, by: User) -> Case:
        """Write down how this case is sampled, and why so. Raises NotAllowed or StaleVersion."""
        if len(words) > LONGEST_PLAN:
            raise NotAllowed(_("At most %(most)s characters, please.") % {"most": LONGEST_PLAN})
        with transaction.atomic():
            case = cls.claim(disclosure, by=by)
            cls.objects.filter(pk=case.pk).update(sampling=words.replace("\r\n", "\n").strip())
            audit.append(by, "case.planned", f"disclosure:{disclosure.pk}")
        return cls.of(disclosure)


def due_of(disclosure: Disclosure) -> beijing.WorkingDay | None:
    """Until when a version that was submitted is decided."""
    if disclosure.submitted_at is None:
        return None
    return beijing.add_working_days(timezone.localdate(disclosure.submitted_at, timezone=beijing.ZONE), DECIDED_WITHIN)


def declare_conflict(company: Company, reason: str, *, by: User) -> ConflictOfInterest:
    """By somebody who verifies or reviews; what they have of the company goes back to the queue. Raises NotAllowed."""
    if not has_role(by, *VERIFICATION_SIDE):
        raise NotAllowed(_("Only verifiers and independent reviewers declare a conflict of interest."))
    if not reason.strip():
        raise NotAllowed(_("Please say in words what ties you to the company."))
    if len(reason) > LONGEST_REASON:
        raise NotAllowed(_("At most %(most)s characters, please.") % {"most": LONGEST_REASON})
    with transaction.atomic():
        told = {"reason": reason.strip()}
        made, is_new = ConflictOfInterest.objects.get_or_create(company=company, by=by, defaults=told)
        if is_new:
            audit.append(by, "case.conflict", f"company:{company.company_key}")
            Case.objects.filter(assignee=by, disclosure__company=company).update(assignee=None, claimed_at=None)
    return made
