"""A company disagrees with an opinion: within seven working days of its issue, answered within ten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portfolio import audit, beijing
from portfolio.errors import NotAllowed, StaleVersion
from portfolio.models.case.opinion import LONGEST_WORDS, Opinion, outsider_objection, reviewers
from portfolio.models.company import Membership
from portfolio.models.disclosure import Disclosure
from portfolio.models.people import VERIFICATION_SIDE, Role, has_role, role_of, same_hands
from portfolio.signals import appeal_moved

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser

ANSWERED_WITHIN = 10  # working days from the day it was made


class AppealQuerySet(models.QuerySet["Appeal"]):
    def visible_to(self, user: SomeUser) -> AppealQuerySet:
        if has_role(user, *VERIFICATION_SIDE):
            return self
        if has_role(user, Role.ADMIN):  # who administers reads them in the administration
            return self.filter(opinion__in=Opinion.objects.visible_to(user))
        if role_of(user) or not user.is_authenticated:
            return self.none()
        return self.filter(opinion__disclosure__company__memberships__user_id=user.pk)

    def open(self) -> AppealQuerySet:
        return self.filter(state=Appeal.State.OPEN)


class Appeal(models.Model):
    """What it says is never edited, nor how it ended (portfolio/guards.py)."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("of an appeal", "Waits for an answer")
        UPHELD = "upheld", pgettext_lazy("of an appeal", "Upheld")
        REJECTED = "rejected", pgettext_lazy("of an appeal", "Rejected")
        WITHDRAWN = "withdrawn", pgettext_lazy("of an appeal", "Taken back")

    opinion = models.ForeignKey(Opinion, models.PROTECT, related_name="appeals", verbose_name=_("opinion"))
    words = models.TextField(_("why the company disagrees"), max_length=LONGEST_WORDS)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)
    due = models.DateField(_("answer due"))
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.OPEN)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answer = models.TextField(_("answer"), max_length=LONGEST_WORDS, blank=True)
    is_by_issuer = models.BooleanField(
        _("answered by who issued it"), default=False, help_text=_("There was no other independent reviewer")
    )

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["opinion"], condition=~models.Q(state="withdrawn"), name="one_appeal_an_opinion"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "withdrawn"], answered_by=None, answered_at=None, answer="")
                | (
                    models.Q(state__in=["upheld", "rejected"], answered_by__isnull=False, answered_at__isnull=False)
                    & ~models.Q(answer="")
                ),
                name="appeal_answered_by_somebody_with_words",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_by=None) | ~models.Q(answered_by=models.F("made_by")),
                name="appeal_is_answered_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opinion} · {self.get_state_display()}"

    def get_absolute_url(self) -> str:
        return self.opinion.get_absolute_url()

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due < beijing.today()

    # --- who may -----------------------------------------------------------------------------------------
    @staticmethod
    def objection_to_making(opinion: Opinion, user: SomeUser) -> str:
        """Why this person may not appeal against it now, in words; empty when they may."""
        disclosure = opinion.disclosure
        member = disclosure.membership_of(user)
        if member is None or member.kind != Membership.Kind.SUBMITTER:
            return str(_("Only a submitter of the company appeals."))
        if not opinion.is_issued:
            return str(_("This opinion no longer counts: there is nothing to appeal against."))
        if opinion.appeal_until is None or beijing.today() > opinion.appeal_until:
            return str(_("An appeal was due until %(day)s.") % {"day": opinion.appeal_until or "—"})
        if Appeal.objects.filter(opinion=opinion).exclude(state=Appeal.State.WITHDRAWN).exists():
            return str(_("Your company has appealed against it already."))
        newer = Disclosure.objects.filter(company=disclosure.company_id, year=disclosure.year)
        if newer.filter(version__gt=disclosure.version).exclude(state=Disclosure.State.WITHDRAWN).exists():
            return str(_("A newer version of the year is open: it gets an opinion of its own."))
        return ""

    def objection_to_answering(self, user: SomeUser) -> str:
        """Why this person may not answer it, in words; empty when they may."""
        disclosure = self.opinion.disclosure
        if objection := outsider_objection(disclosure, user):
            return objection
        if user.pk == self.opinion.drafted_by_id:
            return str(_("You drafted this opinion."))
        others = [one for one in reviewers(disclosure) if one.pk not in self._not_afresh]
        if user.pk == self.opinion.reviewed_by_id and others:
            return str(_("You issued this opinion: another independent reviewer answers the appeal."))
        return same_hands(user, self.made_by_id)

    @property
    def _not_afresh(self) -> tuple[int | None, ...]:
        return self.opinion.reviewed_by_id, self.opinion.drafted_by_id

    # --- what people do ------------------------------------------------------------------------------------
    @classmethod
    def make(cls, opinion: Opinion, words: str, *, by: User) -> Appeal:
        """Raises NotAllowed."""
        if objection := cls.objection_to_making(opinion, by):
            raise NotAllowed(objection)
        due = beijing.add_working_days(beijing.today(), ANSWERED_WITHIN).day
        try:
            with transaction.atomic():
                # Whoever opens a new version holds the row until it is there.
                list(Disclosure.objects.select_for_update(no_key=True, of=("self",)).filter(pk=opinion.disclosure_id))
                opinion.refresh_from_db()
                if objection := cls.objection_to_making(opinion, by):
                    raise NotAllowed(objection)
                made = cls.objects.create(opinion=opinion, words=_written(words), made_by=by, due=due)
                made._tell(by, "made")
        except IntegrityError:
            raise NotAllowed(_("Your company has appealed against it already.")) from None
        return made

    def take_back(self, *, by: User) -> None:
        """By the company. Raises NotAllowed or StaleVersion."""
        member = self.opinion.disclosure.membership_of(by)
        if member is None or member.kind != Membership.Kind.SUBMITTER:
            raise NotAllowed(_("Only a submitter of the company takes its appeal back."))
        with transaction.atomic():
            self._move(state=self.State.WITHDRAWN)
            self._tell(by, "withdrawn")

    def uphold(self, words: str, *, by: User) -> None:
        """The company is right: the opinion no longer counts (Opinion.reopen). Raises NotAllowed or StaleVersion."""
        self._answer(self.State.UPHELD, words, by)

    def reject(self, words: str, *, by: User) -> None:
        """The opinion stays. Raises NotAllowed or StaleVersion."""
        self._answer(self.State.REJECTED, words, by)

    def _answer(self, state: str, words: str, by: User) -> None:
        if objection := self.objection_to_answering(by):
            raise NotAllowed(objection)
        told = _written(words)
        answered = {"answered_by": by, "answered_at": Now(), "answer": told}
        with transaction.atomic():
            self._move(state=state, is_by_issuer=by.pk == self.opinion.reviewed_by_id, **answered)
            if state == self.State.UPHELD:
                self.opinion.reopen_for(told, by=by)
            self._tell(by, str(state))

    def _move(self, **changes: Any) -> None:
        """By UPDATE of exactly this row, if it is still open. Raises StaleVersion."""
        if Appeal.objects.open().filter(pk=self.pk).update(**changes) != 1:
            self.refresh_from_db()
            raise StaleVersion(
                _("Somebody was faster: the appeal is “%(state)s”.") % {"state": self.get_state_display()}
            )
        self.refresh_from_db()

    def _tell(self, by: User, verb: str) -> None:
        audit.append(by, f"appeal.{verb}", f"appeal:{self.pk}", digest=self.opinion.digest)
        appeal_moved.send(sender=Appeal, appeal=self, by=by, verb=verb)


def _written(words: str) -> str:
    told = words.strip()
    if not told:
        raise NotAllowed(_("Please write something."))
    if len(told) > LONGEST_WORDS:
        raise NotAllowed(_("At most %(most)s characters, please.") % {"most": LONGEST_WORDS})
    return told
