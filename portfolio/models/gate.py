"""What a person says of a gate: stated by a company or a source, confirmed by the fund with the evidence they saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portfolio import audit
from portfolio.errors import NotAllowed
from portfolio.models.activity import Evidence
from portfolio.models.company import Company, Membership
from portfolio.models.join import DECIDERS
from portfolio.models.people import FUND_SIDE, VERIFICATION_SIDE, SomeUser, has_role, role_of
from portfolio.signals import facts_confirmed, gate_to_be_confirmed

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LONGEST_EVIDENCE = 2000  # characters


class GateWordQuerySet(models.QuerySet["GateWord"]):
    def visible_to(self, user: SomeUser) -> GateWordQuerySet:
        """The house sees all of them, a member those of the own company."""
        if has_role(user, *FUND_SIDE) or has_role(user, *VERIFICATION_SIDE):
            return self
        if role_of(user) or not user.is_authenticated:
            return self.none()
        return self.filter(company__memberships__user_id=user.pk)

    def confirmed(self) -> dict[int, dict[str, GateWord]]:
        """Of each company the last confirmed word on each question."""
        found: dict[int, dict[str, GateWord]] = {}
        for word in self.filter(is_confirmed=True).select_related("by").order_by("pk"):
            found.setdefault(word.company_id, {})[word.question] = word
        return found


class GateWord(models.Model):
    """An answer to one question about a company. Appended, never edited (portfolio/guards.py): the last one holds."""

    class Question(models.TextChoices):
        EXCLUSION = "exclusion", _("Does an exclusion of the fund hold?")
        FOSSIL = "fossil_extraction", _("Does the solution serve the extraction of fossil fuels?")
        DIRECT = "direct_and_significant", _("Is its contribution direct and significant?")
        CLIMATE_ACTION = "climate_action", _("Does it act on its own emissions?")
        VENTURE = "venture", _("Was theme revenue under 50 million yuan in every year since it was founded?")

    class Answer(models.TextChoices):
        YES = "yes", _("Yes")
        NO = "no", _("No")

    company = models.ForeignKey(Company, models.PROTECT, related_name="gate_words", verbose_name=_("company"))
    question = models.CharField(pgettext_lazy("about a gate", "question"), max_length=24, choices=Question.choices)
    answer = models.CharField(pgettext_lazy("about a gate", "answer"), max_length=4, choices=Answer.choices)
    code = models.CharField(_("which one"), max_length=40, blank=True, help_text=_("Of an exclusion that holds"))
    evidence = models.TextField(_("evidence in words"), max_length=LONGEST_EVIDENCE)
    document = models.ForeignKey(
        Evidence, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("document")
    )
    is_confirmed = models.BooleanField(
        _("confirmed"), default=False, help_text=_("By the fund; else the company's or a source's own statement")
    )
    source = models.CharField(_("source"), max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who")
    )
    at = models.DateTimeField(_("when"), auto_now_add=True)

    objects = GateWordQuerySet.as_manager()

    class Meta:
        verbose_name = _("word on a gate")
        verbose_name_plural = _("words on gates")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(answer__in=["yes", "no"]), name="gate_answer_is_yes_or_no"),
            models.CheckConstraint(condition=~models.Q(evidence=""), name="gate_word_has_evidence"),
            models.CheckConstraint(
                condition=models.Q(is_confirmed=False) | models.Q(by__isnull=False),
                name="confirmed_gate_word_names_its_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.get_question_display()} {self.get_answer_display()}"

    @classmethod
    def state(
        cls, company: Company, question: str, answer: str, evidence: str, *, by: User, document: Evidence | None = None
    ) -> GateWord:
        """What the company says of itself, by one of its submitters. Raises NotAllowed."""
        mine = Membership.objects.filter(user_id=by.pk, company=company)
        if not mine.filter(kind=Membership.Kind.SUBMITTER).exists():
            raise NotAllowed(_("Only a submitter of the company states this."))
        if document is not None and document.company_id != company.pk:
            raise NotAllowed(_("The evidence belongs to another company."))
        return cls._say(company, question, answer, evidence, by, is_confirmed=False, document=document)

    @classmethod
    def confirm(
        cls, company: Company, question: str, answer: str, evidence: str, *, by: User, code: str = ""
    ) -> GateWord:
        """The fund's word, which decides a gate; who listens asks for the company's score. Raises NotAllowed."""
        if not has_role(by, *DECIDERS):
            raise NotAllowed(_("Only fund managers and administrators confirm gates."))
        gate_to_be_confirmed.send(sender=cls, company=company, by=by)
        with transaction.atomic():
            word = cls._say(company, question, answer, evidence, by, is_confirmed=True, code=code)
            facts_confirmed.send(sender=cls, company=company, by=by)
        return word

    @classmethod
    def _say(
        cls,
        company: Company,
        question: str,
        answer: str,
        evidence: str,
        by: User,
        *,
        is_confirmed: bool,
        code: str = "",
        document: Evidence | None = None,
    ) -> GateWord:
        if question not in cls.Question.values or answer not in cls.Answer.values:
            raise NotAllowed(_("Please choose a question and an answer."))
        if not evidence.strip():
            raise NotAllowed(_("Please write down the evidence."))
        if len(evidence) > LONGEST_EVIDENCE:
            raise NotAllowed(_("At most %(most)s characters, please.") % {"most": LONGEST_EVIDENCE})
        with transaction.atomic():
            rows = cls.objects.filter(company=company, question=question, is_confirmed=is_confirmed)
            before = rows.order_by("-pk").values_list("answer", flat=True).first()
            word = cls.objects.create(
                company=company,
                question=question,
                answer=answer,
                code=code,
                evidence=evidence.strip(),
                document=document,
                is_confirmed=is_confirmed,
                by=by,
            )
            verb = "gate.confirmed" if is_confirmed else "gate.stated"
            audit.append(by, verb, f"company:{company.pk}", detail=f"{question}: {before or '-'} > {answer}")
        return word
