"""What a person of the fund wrote down about a company. Appended, never edited: a newer one corrects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from fund.errors import FundError, NotEntitled
from fund.models.fund import FundSideQuerySet
from portfolio import audit
from portfolio.models import Company
from portfolio.models.join import DECIDERS
from portfolio.models.people import has_role

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LONGEST = 2000  # characters


class NoteRefused(FundError):
    """It is empty or too long."""


class Note(models.Model):
    company = models.ForeignKey(Company, models.PROTECT, related_name="notes", verbose_name=_("company"))
    text = models.TextField(_("note"), max_length=LONGEST)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"), auto_now_add=True)

    objects = FundSideQuerySet.as_manager()

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=~models.Q(text=""), name="note_is_not_empty")]

    def __str__(self) -> str:
        return f"{self.company} · {self.by}"

    @classmethod
    def write(cls, company: Company, text: str, *, by: User) -> Note:
        """Raises NotEntitled or NoteRefused."""
        if not has_role(by, *DECIDERS):
            raise NotEntitled(_("Only a fund manager or an administrator can do this."))
        text = text.strip()
        if not text:
            raise NoteRefused(_("Please write something."))
        if len(text) > LONGEST:
            raise NoteRefused(_("At most %(most)s characters, please.") % {"most": LONGEST})
        with transaction.atomic():
            note = cls.objects.create(company=company, text=text, by=by)
            audit.append(by, "note.written", f"note:{note.pk}", detail=f"company:{company.pk}")
        return note
