"""What the rules of plausibility say of a disclosure's content, the reasons that people give for it, and what a company
declares when it submits it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db import models, transaction
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from portfolio import audit
from portfolio.errors import Blocked, NotAllowed
from portfolio.models import check_words
from portfolio.models.disclosure import Disclosure, Step
from portfolio.models.signed import digest_of, text_of
from portfolio.signals import disclosure_to_be_checked
from portfolio.wording import labelled

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser


class JumpReason(models.TextChoices):
    """Why a figure may rightly be far from last year's."""

    BOUNDARY = "boundary", _("The boundary changed")
    ACQUISITION = "acquisition", _("Acquisition or divestment")
    RESTATEMENT = "restatement", _("Restatement: last year's figure was wrong")


# The checks that a reason explains. That of the second lifts its block.
EXPLAINED = ("jump", "jump_tenfold", "jump_with_reason")
LIFTED = "jump_tenfold"
LONGEST_REASON = 2000  # characters


class CheckedVersionQuerySet(models.QuerySet["CheckedVersion"]):
    def visible_to(self, user: SomeUser) -> CheckedVersionQuerySet:
        return self.filter(disclosure__in=Disclosure.objects.visible_to(user))


class CheckedVersion(models.Model):
    """That one content was checked, against what. The same question again is the row that is there.

    Appended, never edited. A content without one that does not block cannot be submitted (see portfolio/guards.py).
    """

    disclosure = models.ForeignKey(Disclosure, models.PROTECT, related_name="checkings", verbose_name=_("disclosure"))
    digest = models.CharField(_("digest"), max_length=64)
    basis_digest = models.CharField(
        _("digest of the basis"), max_length=64, help_text=_("Rules, the year before, tables, model and reason")
    )
    rules = models.CharField(_("version of the rules"), max_length=16)
    model_digest = models.CharField(_("model"), max_length=120, blank=True, help_text=_("Empty: none was asked"))
    reason = models.CharField(_("reason"), max_length=16, choices=JumpReason.choices, blank=True)
    checked_at = models.DateTimeField(_("checked at"), auto_now_add=True)

    objects = CheckedVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("checked version")
        verbose_name_plural = _("checked versions")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["disclosure", "digest", "basis_digest"], name="checked_once_a_basis")
        ]

    def __str__(self) -> str:
        return f"{self.disclosure} · {self.rules}"

    def keep(self, checks: Iterable[Check]) -> CheckedVersion:
        """Store this with its checks, unless it is there already; gives the stored one."""
        facts = {name: getattr(self, name) for name in ("rules", "model_digest", "reason")}
        with transaction.atomic():
            kept, is_new = CheckedVersion.objects.get_or_create(
                disclosure=self.disclosure, digest=self.digest, basis_digest=self.basis_digest, defaults=facts
            )
            if is_new:
                rows = list(checks)
                for number, row in enumerate(rows, 1):
                    row.checked, row.number = kept, number
                Check.objects.bulk_create(rows)
        return kept


class Check(models.Model):
    """One verdict: a code with its numbers. The sentence is made where it is read, in the reader's language."""

    class Severity(models.TextChoices):
        BLOCK = "block", _("Blocks")
        WARN = "warn", _("Question")
        INFO = "info", _("Note")

    checked = models.ForeignKey(
        CheckedVersion, models.PROTECT, related_name="checks", verbose_name=_("checked version")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    code = models.CharField(_("code"), max_length=32)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity.choices)
    quantity = models.CharField(_("about"), max_length=32, blank=True, help_text=_("A quantity or field"))
    parameters = models.JSONField(_("parameters"), default=dict)

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        ordering = ["checked", "number"]
        constraints = [
            models.UniqueConstraint(fields=["checked", "number"], name="check_once_a_number"),
            models.CheckConstraint(
                condition=models.Q(severity__in=["block", "warn", "info"]), name="check_severity_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.said

    @cached_property
    def words(self) -> str:
        return check_words.sentence(self.code, self.quantity, self.parameters)

    @property
    def label(self) -> str:
        """What it is about, as the pages name it."""
        return check_words.named(self.quantity)

    @property
    def said(self) -> str:
        """The sentence behind what it is about, for lists that stand apart from the figures."""
        return labelled(self.label, self.words) if self.quantity else self.words

    @property
    def blocks(self) -> bool:
        return self.severity == self.Severity.BLOCK

    @property
    def is_explainable(self) -> bool:
        return self.code in EXPLAINED

    @property
    def is_liftable(self) -> bool:
        return self.code == LIFTED


class GivenReasonQuerySet(models.QuerySet["GivenReason"]):
    def visible_to(self, user: SomeUser) -> GivenReasonQuerySet:
        return self.filter(disclosure__in=Disclosure.objects.visible_to(user))


class GivenReason(models.Model):
    """What a submitter said of a jump: a label for whoever learns which jumps are real. Appended, never edited."""

    disclosure = models.ForeignKey(Disclosure, models.PROTECT, related_name="reasons", verbose_name=_("disclosure"))
    digest = models.CharField(_("digest"), max_length=64)
    code = models.CharField(_("code"), max_length=32)
    quantity = models.CharField(_("about"), max_length=32)
    parameters = models.JSONField(_("parameters"), default=dict)
    reason = models.CharField(_("reason"), max_length=16, choices=JumpReason.choices)
    words = models.TextField(_("in words"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"), auto_now_add=True)

    objects = GivenReasonQuerySet.as_manager()

    class Meta:
        verbose_name = _("reason given for a jump")
        verbose_name_plural = _("reasons given for jumps")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(reason__in=JumpReason.values), name="given_reason_is_known"),
            models.CheckConstraint(condition=~models.Q(words=""), name="given_reason_has_words"),
        ]

    def __str__(self) -> str:
        return f"{self.disclosure} · {self.get_reason_display()}"

    @classmethod
    def give(cls, check: Check, disclosure: Disclosure, *, by: User, reason: str, words: str) -> GivenReason:
        facts: dict[str, Any] = {"code": check.code, "quantity": check.quantity, "parameters": check.parameters}
        given = cls.objects.create(
            disclosure=disclosure, digest=disclosure.digest, by=by, reason=reason, words=words, **facts
        )
        audit.append(by, "disclosure.explained", f"disclosure:{disclosure.pk}", digest=disclosure.digest, detail=reason)
        return given


# --- what is signed and declared -----------------------------------------------------------------------------
FigureRow = tuple[str, float, str, str, str, str, str]  # quantity, value, typed, basis, boundary, source, note
FIGURES = 8  # where they stand in the content, behind the facts of the year


def content_of(
    disclosure: Disclosure,
    company_key: str,
    figures: Iterable[FigureRow],
    activities: Iterable[list[Any]] = (),
    by_hand: Iterable[list[Any]] = (),
    standings: Iterable[list[Any]] = (),
    solutions: Iterable[list[Any]] = (),
    cited: Iterable[list[Any]] = (),
) -> list[Any]:
    """Everything a verifier signs, for rows that may not be stored yet."""
    content: list[Any] = [
        company_key,
        disclosure.year,
        disclosure.version,
        disclosure.boundary,
        disclosure.revenue_boundary,
        disclosure.source,
        disclosure.licence,
        disclosure.source_document,
        sorted(figures),
    ]
    if lines := list(activities):  # without any, the digest is what it was before there were lines
        content.append(lines)
    if changed := sorted(by_hand):  # likewise
        content.append({"by_hand": changed})
    if stated := sorted(standings):  # likewise
        content.append({"standings": stated})
    if sold := list(solutions):  # likewise
        content.append({"solutions": sold})
    if shown := sorted(cited):  # likewise
        content.append({"cited": shown})
    return content


class Parts(NamedTuple):
    """The content in two: `figures` with the facts of the year and what was sold or run; `ledger`, the lines."""

    figures: list[Any]
    ledger: list[Any]

    @property
    def figures_digest(self) -> str:
        return digest_of(self.figures)

    @property
    def ledger_digest(self) -> str:
        """Empty where there are no lines."""
        return digest_of(self.ledger) if self.ledger else ""


def parts_of(content: list[Any]) -> Parts:
    facts, others = content[: FIGURES + 1], content[FIGURES + 1 :]
    lines = next((item for item in others if isinstance(item, list)), [])
    return Parts(facts + [item for item in others if isinstance(item, dict)], lines)


WORDING = "figures_and_ledger"  # what is declared now
# Sentences are made when it is read; one that was declared is never worded otherwise, a new one gets a new code.
WORDINGS: dict[str, str | Promise] = {
    "figures_and_ledger": _(
        "I declare for the company that the figures and the activity ledger, each named by its digest, are complete"
        " and true to the best of our knowledge."
    ),
}


class DeclarationQuerySet(models.QuerySet["Declaration"]):
    def visible_to(self, user: SomeUser) -> DeclarationQuerySet:
        return self.filter(step__disclosure__in=Disclosure.objects.visible_to(user))


class Declaration(models.Model):
    """The content that was submitted, word for word: SHA-256 of `content` as UTF-8 is the digest of its step."""

    step = models.OneToOneField(Step, models.PROTECT, related_name="declaration", verbose_name=_("submission"))
    wording = models.CharField(_("what was declared"), max_length=32)
    content = models.TextField(_("what was signed"))
    figures_digest = models.CharField(_("digest of the figures"), max_length=64)
    ledger_digest = models.CharField(_("digest of the ledger"), max_length=64, blank=True)

    objects = DeclarationQuerySet.as_manager()

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


# --- called by the disclosure, as one of it ---------------------------------------------------------------------
def warnings_of(disclosure: Disclosure) -> list[Check]:
    of_content = CheckedVersion.objects.filter(disclosure=disclosure, digest=disclosure.digest)
    kept = of_content.exclude(checks__severity=Check.Severity.BLOCK).order_by("-pk").first()
    return list(kept.checks.filter(severity=Check.Severity.WARN)) if kept else []


def require_checks(disclosure: Disclosure, digest: str, reason: str, words: str) -> Check | None:
    """The check that the reason explains, if one is given. Raises NotAllowed or Blocked."""
    if (reason or words.strip()) and reason not in JumpReason.values:
        raise NotAllowed(_("Please choose which reason it is."))
    if reason and not words.strip():
        raise NotAllowed(_("Please tell the reason in words, too: the verifier reads them."))
    if len(words) > LONGEST_REASON:
        raise NotAllowed(_("At most %(most)s characters, please.") % {"most": LONGEST_REASON})
    answers: list[tuple[Any, Any]] = disclosure_to_be_checked.send(
        sender=Disclosure, disclosure=disclosure, digest=digest, reason=reason
    )
    [(_receiver, checked)] = answers  # without one nothing may be submitted
    checks: list[Check] = list(checked.checks.all())
    if blocking := [check for check in checks if check.blocks]:
        raise Blocked(_("Not submitted: something has to be corrected or explained first."), blocking)
    if not reason:
        return None
    found = next((check for check in checks if check.is_explainable), None)
    if found is None:
        raise NotAllowed(_("No figure is far from last year's: there is nothing to give a reason for."))
    return found
