"""Whatever a verifier signs: a draft with editions, submitted, then returned or verified by somebody without ties.

A model of this kind adds its fields, `content_digest` and its sentences; its table of steps extends SignedStep by a
foreign key with the related name `steps`; triggers freeze what is verified (see portfolio/guards.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self, TypeVar, cast

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portfolio import audit
from portfolio.errors import AnswerNeeded, NotAllowed, StaleVersion
from portfolio.models.case.conflict import DECLARED, ConflictOfInterest
from portfolio.models.company import Membership
from portfolio.models.people import FUND_SIDE, VERIFICATION_SIDE, Role, SomeUser, has_role, role_of, same_hands
from portfolio.signals import signed_returned

if TYPE_CHECKING:
    from django.contrib.auth.models import User

M = TypeVar("M", bound="Signed")

VERBS: dict[str, str | Promise] = {
    "opened": _("Opened"),
    "saved": _("Saved"),
    "submitted": _("Submitted"),
    "returned": _("Returned for correction"),
    "verified": _("Verified"),
    "withdrawn": _("Withdrawn before submission"),
    "refused": pgettext_lazy("of a disclosure", "Verification failed"),
    "reopened": pgettext_lazy("of a disclosure", "Waits for verification again"),
}
LONGEST_ANSWER = 4000  # characters
ONE_STEP = timedelta(minutes=10)  # within which a person's saving as they type is one step of the history
PREPARING = ("opened", "saved", "submitted")  # the verbs of those who made a thing what it is


def text_of(content: list[Any]) -> str:
    """What a verifier signs, as JSON."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False)


def digest_of(content: list[Any]) -> str:
    """SHA-256 of what a verifier signs."""
    return hashlib.sha256(text_of(content).encode()).hexdigest()


STUCK_AFTER = timedelta(days=14)  # in one state: whoever can move it is told (SCREENS 3.0)


class Ties(NamedTuple):
    """What ties a person to what is signed: companies they belong to, the subjects of all they helped prepare, and
    companies with which they declared a conflict of interest."""

    companies: frozenset[int]
    prepared: frozenset[tuple[Any, ...]]
    conflicts: frozenset[int]


class SignedQuerySet(models.QuerySet[M]):
    CONFLICT_CLOSES: ClassVar[bool] = False  # to a verifier who declared one with its company

    def returned_before(self, moment: datetime) -> Self:
        """With `since` they have been back at the company, the longest first."""
        at = models.Max("steps__at", filter=models.Q(steps__verb="returned"))
        returned = self.filter(state=Signed.State.RETURNED).annotate(since=at)
        return returned.filter(since__lt=moment).order_by("since")

    def visible_to(self, user: SomeUser) -> Self:
        """What one may read: `known_to`, less what a verifier's own conflict of interest closes to them."""
        known = self.known_to(user)
        if not (self.CONFLICT_CLOSES and has_role(user, *VERIFICATION_SIDE)):
            return known
        return known.exclude(company__in=ConflictOfInterest.objects.filter(by_id=user.pk).values("company"))

    def known_to(self, user: SomeUser) -> Self:
        """Verifiers see what was submitted, the fund's side what stands, applicants what `for_applicant` leaves.

        For what says that a thing is there, and why it is closed.
        """
        if has_role(user, *VERIFICATION_SIDE):
            return self.exclude(state__in=["draft", "withdrawn"])
        if has_role(user, *FUND_SIDE):
            return self.filter(frozen_at__isnull=False)
        if role_of(user) or not user.is_authenticated:
            return self.none()
        return self.for_applicant(user)

    def for_applicant(self, user: SomeUser) -> Self:
        raise NotImplementedError


class Signed(models.Model):
    """State, edition, digest, people. A state changes by conditional UPDATE of exactly one edition, or not at all."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        RETURNED = "returned", _("Returned for correction")
        VERIFIED = "verified", _("Verified")

    EDITABLE = (State.DRAFT, State.RETURNED)
    OWNER: ClassVar[str]  # the column of the company whose people prepare it
    SUBJECT: ClassVar[tuple[str, ...]] = ("pk",)  # who prepared one of a subject may verify none of it
    AUDITED_AS: ClassVar[str]  # in the names of audit events

    # Why something is refused, in whole sentences: no language lets a noun be glued into them.
    ONLY_VERIFIERS: ClassVar[str | Promise]
    PREPARED: ClassVar[str | Promise]
    NOT_WAITING: ClassVar[str | Promise]
    CHANGED_SINCE: ClassVar[str | Promise]  # a person opened its page
    CHANGED_MEANWHILE: ClassVar[str | Promise]  # between our look and our update

    # Conditions of its constraints, which each table names for itself.
    VERIFIER_IS_NOT_PREPARER = models.Q(verified_by__isnull=True) | (
        ~models.Q(verified_by=models.F("submitted_by")) & ~models.Q(verified_by=models.F("created_by"))
    )
    VERIFIED_NAMES_ITS_VERIFIER = models.Q(state="verified", verified_by__isnull=False, frozen_at__isnull=False) | (
        ~models.Q(state="verified") & models.Q(verified_by__isnull=True, frozen_at__isnull=True)
    )

    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.DRAFT)
    digest = models.CharField(_("digest"), max_length=64, blank=True)
    edition = models.PositiveIntegerField(_("edition"), default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("created by")
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("submitted by"),
    )
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("verified by")
    )
    frozen_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    steps: Any  # the rows of its SignedStep

    class Meta:
        abstract = True

    @property
    def owner_id(self) -> int:
        return getattr(self, self.OWNER)  # type: ignore[no-any-return]  # a column that Django made

    def content_digest(self) -> str:
        """SHA-256 of everything a verifier signs."""
        raise NotImplementedError

    def lack(self) -> str:
        """Why it cannot be submitted yet, in words; empty when it can."""
        return ""

    def rival(self) -> str:
        """Why it cannot stand beside what is verified already, in words; empty when it can."""
        return ""

    # --- who may ---------------------------------------------------------------------------------------
    def membership_of(self, user: SomeUser) -> Membership | None:
        if not user.is_authenticated:
            return None
        return Membership.objects.filter(user_id=user.pk, company=self.owner_id).first()

    def can_be_edited_by(self, user: SomeUser) -> bool:
        return self.state in self.EDITABLE and self.membership_of(user) is not None

    def can_be_submitted_by(self, user: SomeUser) -> bool:
        member = self.membership_of(user)
        return self.state in self.EDITABLE and member is not None and member.kind == Membership.Kind.SUBMITTER

    def can_be_verified_by(self, user: SomeUser) -> bool:
        return self.state == self.State.SUBMITTED and not self.objection_to(user)

    @classmethod
    def ties_of(cls, user: User) -> Ties:
        """Of somebody signed in, in three queries, for as many objections as one likes."""
        rows: models.Manager[Any] = cls._default_manager
        prepared = rows.filter(steps__by_id=user.pk, steps__verb__in=PREPARING).order_by().values_list(*cls.SUBJECT)
        companies = Membership.objects.filter(user_id=user.pk).values_list("company_id", flat=True)
        conflicts = ConflictOfInterest.objects.filter(by_id=user.pk).values_list("company_id", flat=True)
        return Ties(frozenset(companies), frozenset(prepared.distinct()), frozenset(conflicts))

    def objection_to(self, user: SomeUser, ties: Ties | None = None) -> str:
        """Why this person may not verify it, in words; empty when they may."""
        if not has_role(user, Role.VERIFIER):
            return str(self.ONLY_VERIFIERS)
        return self.tie_of(user, ties)

    def tie_of(self, user: SomeUser, ties: Ties | None = None) -> str:
        """The same of a person of any role: what ties them to it. `ties` are given where many are asked about."""
        is_listed, ties = ties is not None, ties or self.ties_of(cast("User", user))
        if self.owner_id in ties.companies:
            return str(_("You are a member of this company."))
        if self.owner_id in ties.conflicts:
            return str(DECLARED)
        subject = tuple(getattr(self, name) for name in self.SUBJECT)
        if user.pk in (self.submitted_by_id, self.created_by_id) or subject in ties.prepared:
            return str(self.PREPARED)
        return "" if is_listed else same_hands(user, self.submitted_by_id or self.created_by_id)

    def why_not_waiting(self) -> str:
        """For a verifier who comes late."""
        return str(self.NOT_WAITING)

    # --- what people do --------------------------------------------------------------------------------
    def submit(self, *, by: User, answer: str = "") -> None:
        """Hand the draft to verification, with an answer to a return.

        Raises NotAllowed, AnswerNeeded or StaleVersion.
        """
        self._require_submittable(by)
        digest = self.content_digest()
        self._require_answer(digest, answer)
        self._submit(by, digest, answer)

    def last_return(self) -> SignedStep | None:
        """The return that is not answered by a submission yet."""
        last: SignedStep | None = self.steps.filter(verb__in=["returned", "submitted"]).order_by("-pk").first()
        return last if last is not None and last.verb == "returned" else None

    def needs_answer(self, digest: str | None = None) -> bool:
        """Whether it says exactly what was returned: then what is new for the verifier can only be in words."""
        returned = self.last_return()
        return returned is not None and returned.digest == (digest or self.content_digest())

    def return_for_correction(self, *, by: User, reason: str, digest: str | None = None) -> None:
        """Send it back with the verifier's words; `digest` is of what they saw. Raises NotAllowed or StaleVersion."""
        self._require_returnable(by, reason, digest)
        with transaction.atomic():
            self._move([self.State.SUBMITTED], by, "returned", comment=reason.strip(), state=self.State.RETURNED)
            signed_returned.send(sender=type(self), signed=self, by=by)

    def _require_returnable(self, by: User, reason: str, digest: str | None) -> None:
        self._require_waiting(by)
        if not reason.strip():
            raise NotAllowed(_("A return needs a reason."))
        if digest is not None and digest != self.digest:
            raise StaleVersion(self.CHANGED_SINCE)

    def _verify(self, by: User, digest: str, comment: str) -> None:
        """Freeze it as verified; `digest` is of what the verifier saw. Raises NotAllowed or StaleVersion."""
        self._require_waiting(by)
        with transaction.atomic():
            self._require_as_signed(digest)
            if rival := self.rival():
                raise NotAllowed(rival)
            changes: dict[str, Any] = {"state": self.State.VERIFIED, "verified_by": by, "frozen_at": Now()}
            self._move([self.State.SUBMITTED], by, "verified", comment=comment, **changes)

    def _require_as_signed(self, digest: str) -> None:
        if not (digest == self.digest == self.content_digest()):
            raise StaleVersion(self.CHANGED_SINCE)

    def is_being_written_by(self, by: User, changed: str = "") -> bool:
        """Whether their last step was to save the same, a moment ago: what their page saves by itself belongs to it."""
        last: SignedStep | None = self.steps.order_by("-pk").first()
        is_theirs = last is not None and last.verb == "saved" and last.by_id == by.pk and last.comment == changed
        return is_theirs and last is not None and timezone.now() - last.at < ONE_STEP

    def log(self, by: User | None, verb: str, *, comment: str) -> None:
        self.steps.create(verb=verb, by=by, comment=comment, digest=self.digest)
        audit.append(by, f"{self.AUDITED_AS}.{verb}", f"{self.AUDITED_AS}:{self.pk}", digest=self.digest)

    def _require_submittable(self, by: User) -> None:
        if not self.can_be_submitted_by(by):
            raise NotAllowed(_("Only a submitter of the company can submit, and only a draft."))
        if lack := self.lack():
            raise NotAllowed(lack)

    def _require_answer(self, digest: str, answer: str) -> None:
        if not answer.strip() and self.needs_answer(digest):
            raise AnswerNeeded(
                _("Nothing has changed since it was returned: please answer the verifier's words before submitting it.")
            )
        if answer.strip() and self.last_return() is None:
            raise NotAllowed(_("It was not returned: there is nothing to answer."))
        if len(answer) > LONGEST_ANSWER:
            raise NotAllowed(_("At most %(most)s characters, please.") % {"most": LONGEST_ANSWER})

    def _submit(self, by: User, digest: str, answer: str) -> None:
        """The answer is the comment of the step, where the verifier reads it beside the return."""
        changes: dict[str, Any] = {"state": self.State.SUBMITTED, "submitted_by": by, "submitted_at": Now()}
        self._move(self.EDITABLE, by, "submitted", comment=answer.strip(), digest=digest, **changes)

    def _require_waiting(self, verifier: SomeUser) -> None:
        if objection := self.objection_to(verifier):
            raise NotAllowed(objection)
        if self.state != self.State.SUBMITTED:
            raise StaleVersion(self.why_not_waiting())

    def _move(self, old: Iterable[str], by: User, verb: str, *, comment: str = "", **changes: Any) -> None:
        """Advance from one of the `old` states, with its step. Raises StaleVersion."""
        with transaction.atomic():
            if not self._advance(old, self.edition, **changes):
                raise StaleVersion(self.CHANGED_MEANWHILE)
            self.refresh_from_db()
            self.log(by, verb, comment=comment)

    def _advance(self, old: Iterable[str], edition: int, **changes: Any) -> bool:
        """One more edition by UPDATE of exactly this one; False where somebody else was faster."""
        rows = type(self)._default_manager.filter(pk=self.pk, state__in=old, edition=edition)
        return rows.update(edition=edition + 1, **changes) == 1


class SignedStep(models.Model):
    """What happened to a signed thing: appended, never edited (see portfolio/guards.py)."""

    verb = models.CharField(_("what"), max_length=24)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"), auto_now_add=True)
    comment = models.TextField(_("comment"), blank=True)
    digest = models.CharField(_("digest"), max_length=64, blank=True)

    class Meta:
        abstract = True

    @property
    def label(self) -> str:
        """The verb in the reader's language."""
        return str(VERBS.get(self.verb, self.verb))
