"""Who of the verification side must keep away from a company, by their own word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portfolio.models.company import Company
from portfolio.models.people import VERIFICATION_SIDE, Role, has_role

if TYPE_CHECKING:
    from portfolio.models.people import SomeUser

LONGEST_REASON = 400  # characters
DECLARED = _("You declared a conflict of interest with this company.")


class ConflictOfInterestQuerySet(models.QuerySet["ConflictOfInterest"]):
    def visible_to(self, user: SomeUser) -> ConflictOfInterestQuerySet:
        """Of all for the verification side, which hands out the cases, and for administrators, who give the roles."""
        return self if has_role(user, *VERIFICATION_SIDE, Role.ADMIN) else self.none()


class ConflictOfInterest(models.Model):
    """Of a person with a company, all its years. Appended, never edited: nobody lifts their own.

    It is declared by `declare_conflict` (portfolio/models/case/case.py).
    """

    company = models.ForeignKey(Company, models.PROTECT, related_name="conflicts", verbose_name=_("company"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"), auto_now_add=True)
    reason = models.CharField(_("reason"), max_length=LONGEST_REASON)

    objects = ConflictOfInterestQuerySet.as_manager()

    class Meta:
        verbose_name = _("conflict of interest")
        verbose_name_plural = _("conflicts of interest")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["company", "by"], name="conflict_once_a_company_and_person"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="conflict_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.by} · {self.company}"


def closed_to(user: SomeUser, company_id: int) -> str:
    """Why the cases of a company and all below them are closed to this person, in words; empty where they are not."""
    if not has_role(user, *VERIFICATION_SIDE):
        return ""
    return str(DECLARED) if ConflictOfInterest.objects.filter(company=company_id, by_id=user.pk).exists() else ""
