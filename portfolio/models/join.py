"""What ties a company of ours to an entity of a source: whose figures are these?"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from portfolio import audit
from portfolio.errors import NotAllowed
from portfolio.models.company import Company
from portfolio.models.people import FUND_SIDE, Role, SomeUser, has_role

if TYPE_CHECKING:
    from django.contrib.auth.models import User

DECIDERS = (Role.FUND_MANAGER, Role.ADMIN)
LONGEST_NOTE = 400


class JoinQuerySet(models.QuerySet["Join"]):
    def visible_to(self, user: SomeUser) -> JoinQuerySet:
        """The fund's side sees all of them; nobody else decides by whose figures they are."""
        return self if has_role(user, *FUND_SIDE) else self.none()

    def not_confirmed(self) -> JoinQuerySet:
        return self.filter(state=Join.State.NOT_CONFIRMED)

    def on_site(self, name: str) -> JoinQuerySet:
        """Whose documents lie on a site of that name: tsmc finds esg.tsmc.com. Letters and digits alone."""
        found: JoinQuerySet = self.filter(document_host__iregex=rf"(^|[ .]){name}[.][a-z]+([.][a-z][a-z])?( |$)")
        return found.exclude(state=Join.State.REJECTED)

    def rejected(self) -> JoinQuerySet:
        return self.filter(state=Join.State.REJECTED)

    def all_confirmed(self) -> bool:
        """Whether no join among them waits for a person: `company.joins.all_confirmed()`.

        A rejected one does not wait: its figures are set aside. No join at all: the figures are the company's own.
        """
        return not self.not_confirmed().exists()


class Join(models.Model):
    """Figures of one source, taken for those of one of our companies because of an identifier, a look or a name."""

    class Figures(models.TextChoices):
        ALL = "", _("all of them")
        EMISSIONS = "emissions", _("emissions")
        FINANCIALS = "financials", _("financials")
        TARGETS = "targets", _("targets")

    class Method(models.TextChoices):
        """How whoever compiled the data joined them."""

        IDENTIFIER = "identifier", _("By an identifier")
        BY_HAND = "by_hand", _("By hand, in the data")
        NAME = "name", _("By the name alone")
        OTHER_ENTITY = "other_entity", _("Another entity, seen in the data")

    class State(models.TextChoices):
        NOT_CONFIRMED = "not_confirmed", _("Not confirmed")
        BY_IDENTIFIER = "by_identifier", _("By an identifier")
        BY_HAND = "by_hand", _("By hand, in the data")
        CONFIRMED = "confirmed", _("Confirmed")
        REJECTED = "rejected", _("Of another entity")

    BEGINS_AS = {  # what a join is before a person has said anything
        Method.IDENTIFIER: State.BY_IDENTIFIER,
        Method.BY_HAND: State.BY_HAND,
        Method.NAME: State.NOT_CONFIRMED,
        Method.OTHER_ENTITY: State.REJECTED,
    }
    # What a person confirms or rejects. Where a source changes one of these, their word was about something else.
    ENTITY = ("entity_id", "entity_name", "entity_country", "identifier", "document_host", "method")

    company = models.ForeignKey(Company, models.CASCADE, related_name="joins", verbose_name=_("company"))
    source = models.CharField(_("source"), max_length=300, help_text=_("As in the rows of its figures"))
    figures = models.CharField(
        _("of these figures"), max_length=16, choices=Figures.choices, blank=True, default=Figures.ALL
    )
    entity_id = models.CharField(_("id in the source"), max_length=80, blank=True)
    entity_name = models.CharField(_("name in the source"), max_length=200)
    entity_country = models.CharField(_("country in the source"), max_length=3, blank=True)
    identifier = models.CharField(_("joined by"), max_length=40, blank=True)
    document_host = models.CharField(_("host of the document"), max_length=200, blank=True)
    method = models.CharField(_("how it was joined"), max_length=16, choices=Method.choices)
    state = models.CharField(_("state"), max_length=16, choices=State.choices)
    note = models.CharField(_("note"), max_length=LONGEST_NOTE, blank=True)
    licence = models.CharField(_("licence"), max_length=200)

    objects = JoinQuerySet.as_manager()

    class Meta:
        verbose_name = _("join")
        verbose_name_plural = _("joins")
        ordering = ["company", "source", "figures"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "source", "figures"], name="one_join_per_company_source_and_figures"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["not_confirmed", "by_identifier", "by_hand", "confirmed", "rejected"]),
                name="join_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.entity_name}"

    def is_about(self, source: str, figures: str) -> bool:
        """Whether these figures of this source rest on it."""
        return self.source == source and self.figures in (self.Figures.ALL, figures)

    @property
    def mark(self) -> str:
        """Of what a person sees before they decide."""
        seen = [self.company_id, self.source, self.figures, *(getattr(self, name) for name in self.ENTITY)]
        return hashlib.sha256(json.dumps(seen, ensure_ascii=False).encode()).hexdigest()[:16]

    def confirm(self, *, by: User, note: str = "") -> bool:
        """The entity is this company. False where that is said already, or the source says another one now."""
        return self._decide(JoinDecision.Outcome.CONFIRMED, by, note)

    def reject(self, *, by: User, note: str) -> bool:
        """The entity is another: its figures are set aside. False as above. Both raise NotAllowed."""
        if not note.strip():
            raise NotAllowed(_("A rejection needs a reason."))
        return self._decide(JoinDecision.Outcome.REJECTED, by, note)

    def _decide(self, outcome: str, by: User, note: str) -> bool:
        if not has_role(by, *DECIDERS):
            raise NotAllowed(_("Only fund managers and administrators confirm joins."))
        entity = {name: getattr(self, name) for name in self.ENTITY}
        with transaction.atomic():
            if Join.objects.filter(pk=self.pk, **entity).exclude(state=outcome).update(state=outcome) != 1:
                return False
            JoinDecision.objects.create(join=self, outcome=outcome, note=note.strip(), by=by, **entity)
            audit.append(by, f"join.{outcome}", f"company:{self.company_id}", detail=f"join:{self.pk}")
        self.state = outcome
        return True


class JoinDecision(models.Model):
    """A person's word on a join, with the entity that it was about. Appended, never edited (portfolio/guards.py)."""

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        REJECTED = "rejected", _("Of another entity")

    join = models.ForeignKey(Join, models.PROTECT, related_name="decisions", verbose_name=_("join"))
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome.choices)
    note = models.CharField(_("reason"), max_length=LONGEST_NOTE, blank=True)
    entity_id = models.CharField(_("id in the source"), max_length=80, blank=True)
    entity_name = models.CharField(_("name in the source"), max_length=200)
    entity_country = models.CharField(_("country in the source"), max_length=3, blank=True)
    identifier = models.CharField(_("joined by"), max_length=40, blank=True)
    document_host = models.CharField(_("host of the document"), max_length=200, blank=True)
    method = models.CharField(_("how it was joined"), max_length=16, choices=Join.Method.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("decision about a join")
        verbose_name_plural = _("decisions about joins")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome="confirmed") | (models.Q(outcome="rejected") & ~models.Q(note="")),
                name="join_rejection_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.join} · {self.get_outcome_display()}"


def set_aside(figures: str) -> models.Exists:
    """Whether a row with a company and a source is of another entity, by a rejected join."""
    rejected = Join.objects.rejected().filter(
        company=models.OuterRef("company"), source=models.OuterRef("source"), figures__in=[Join.Figures.ALL, figures]
    )
    return models.Exists(rejected)
