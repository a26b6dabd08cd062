"""What a company declared when it submitted: appended with the step, never edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portfolio.models.content import parts_of
from portfolio.models.signed import text_of

if TYPE_CHECKING:
    from portfolio.models.disclosure import Step

WORDING = "figures_and_ledger"  # what is declared now
# Sentences are made when it is read; one that was declared is never worded otherwise, a new one gets a new code.
WORDINGS: dict[str, str | Promise] = {
    "figures_and_ledger": _(
        "I declare for the company that the figures and the activity ledger, each named by its digest, are complete"
        " and true to the best of our knowledge."
    ),
}


class Declaration(models.Model):
    """The content that was submitted, word for word: SHA-256 of `content` as UTF-8 is the digest of its step."""

    step = models.OneToOneField(
        "portfolio.Step", models.PROTECT, related_name="declaration", verbose_name=_("submission")
    )
    wording = models.CharField(_("what was declared"), max_length=32)
    content = models.TextField(_("what was signed"))
    figures_digest = models.CharField(_("digest of the figures"), max_length=64)
    ledger_digest = models.CharField(_("digest of the ledger"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("declaration")
        verbose_name_plural = _("declarations")

    def __str__(self) -> str:
        return f"{self.step} · {self.wording}"

    @classmethod
    def make(cls, step: Step, content: list[Any]) -> Declaration:
        parts = parts_of(content)
        return cls.objects.create(
            step=step,
            wording=WORDING,
            content=text_of(content),
            figures_digest=parts.figures_digest,
            ledger_digest=parts.ledger_digest,
        )

    @property
    def words(self) -> str:
        return str(WORDINGS[self.wording])
