"""What a verifier finds or asks about a point of a disclosure, what the company answers, and how it ends.

A finding is open until the company answers, in words or by a change, and closed by the verification side alone. What
the company's own people say to each other about a point is a comment: nobody else reads it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portfolio import audit, beijing
from portfolio.errors import NotAllowed, StaleVersion, Unanswered
from portfolio.models.activity import Evidence
from portfolio.models.check import Declaration
from portfolio.models.desk import points
from portfolio.models.disclosure import Disclosure, Step
from portfolio.models.people import FUND_SIDE, VERIFICATION_SIDE, has_role, role_of
from portfolio.signals import finding_moved
from portfolio.typed.bounds import Within

if TYPE_CHECKING:
    from portfolio.models.people import SomeUser

LONGEST_WORDS, LONGEST_REASON = 2000, 400  # characters
ANSWERED_WITHIN = 10  # working days, unless the verifier sets another day
FARTHEST = timedelta(days=366)
LARGEST_T = 1e12  # beyond any company
AT_NAME = re.compile(r"(?<![A-Za-z0-9._%+-])@(?=\S)")  # not that of an e-mail address


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, user: SomeUser) -> FindingQuerySet:
        """All of their own company for applicants; for the house what was found, not what a company says inside: of all
        that was submitted for verifiers, of what stands for the fund's side."""
        if has_role(user, *VERIFICATION_SIDE, *FUND_SIDE):
            return self.filter(disclosure__in=Disclosure.objects.visible_to(user)).exclude(kind=Finding.Kind.COMMENT)
        if role_of(user) or not user.is_authenticated:
            return self.none()
        return self.filter(disclosure__company__memberships__user_id=user.pk)

    def pending(self) -> FindingQuerySet:
        return self.exclude(state=Finding.State.CLOSED)

    def found(self) -> FindingQuerySet:
        """By verifiers, and not closed: what these name is open after a return."""
        return self.pending().exclude(kind=Finding.Kind.COMMENT)

    def asking(self) -> FindingQuerySet:
        """Not closed, and such that the company must answer."""
        return self.pending().filter(kind__in=Finding.ASKING)

    def unanswered(self) -> FindingQuerySet:
        return self.asking().filter(state=Finding.State.OPEN)

    def overdue(self) -> FindingQuerySet:
        return self.unanswered().filter(due__lt=beijing.today())

    def of_year(self, disclosure: Disclosure) -> FindingQuerySet:
        """Those of this version, and those of versions before it that are not closed: they go on."""
        older = models.Q(disclosure__version__lt=disclosure.version) & ~models.Q(state=Finding.State.CLOSED)
        of_year = self.filter(disclosure__company=disclosure.company_id, disclosure__year=disclosure.year)
        return of_year.filter(models.Q(disclosure=disclosure.pk) | older)

    # --- called by the disclosure, as one of it ------------------------------------------------------------
    def require_answers(self, disclosure: Disclosure, content: Sequence[Any]) -> None:
        """Raises Unanswered, naming each finding that has neither words nor a change."""
        left = [finding for finding, change in _with_changes(self.unanswered(), disclosure, content) if change is None]
        if left:
            words = _("Not submitted: findings have no answer yet, neither in words nor by a change: %(points)s.")
            names = sorted({finding.point for finding in left})
            raise Unanswered(words % {"points": points.labels(names)}, names)

    def answer_by_changes(self, disclosure: Disclosure, content: Sequence[Any], *, by: User) -> None:
        """Whoever submits answers by what was changed at the point."""
        for finding, change in _with_changes(self.unanswered(), disclosure, content):
            if change is not None:
                finding._move([Finding.State.OPEN], state=Finding.State.ANSWERED)
                finding._add(by, "answered", was=change.was, now=change.now)


class Finding(models.Model):
    class Kind(models.TextChoices):
        MISSTATEMENT = "misstatement", pgettext_lazy("of a finding", "Misstatement")
        NON_CONFORMITY = "non_conformity", pgettext_lazy("of a finding", "Non-conformity")
        RECOMMENDATION = "recommendation", pgettext_lazy("of a finding", "Recommendation")
        QUESTION = "question", pgettext_lazy("of a finding", "Question")
        COMMENT = "comment", pgettext_lazy("of a finding", "Comment among colleagues")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("of a finding", "Open")
        ANSWERED = "answered", pgettext_lazy("of a finding", "Answered")
        CLOSED = "closed", pgettext_lazy("of a finding", "Closed")

    class Outcome(models.TextChoices):
        CORRECTED = "corrected", pgettext_lazy("of a finding", "Corrected, or answered")
        UNCORRECTED = "uncorrected", pgettext_lazy("of a finding", "Stays uncorrected")
        NO_ERROR = "no_error", pgettext_lazy("of a finding", "It was no error")

    WRONG = (Kind.MISSTATEMENT, Kind.NON_CONFORMITY)  # what has an effect, and an outcome
    ASKING = (Kind.MISSTATEMENT, Kind.NON_CONFORMITY, Kind.QUESTION)  # the company answers before it submits again
    OF_VERIFIERS = (*ASKING, Kind.RECOMMENDATION)

    disclosure = models.ForeignKey(Disclosure, models.PROTECT, related_name="findings", verbose_name=_("disclosure"))
    point = models.CharField(_("about"), max_length=32, blank=True, help_text=_("Empty: the whole disclosure"))
    line_kind = models.CharField(_("activity"), max_length=80, blank=True, help_text=_("Of the line, when raised"))
    line_meter = models.CharField(_("meter or account"), max_length=60, blank=True)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    words = models.TextField(_("in words"), max_length=LONGEST_WORDS)
    due = models.DateField(_("due"), null=True, blank=True)
    effect_t = models.FloatField(
        _("effect, tCO₂e"),
        null=True,
        blank=True,
        validators=[Within("effect_t")],
        help_text=_("Above 0: the disclosure says too much"),
    )
    effect_reason = models.CharField(_("not quantified, because"), max_length=LONGEST_REASON, blank=True)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("raised by")
    )
    raised_at = models.DateTimeField(_("raised at"), auto_now_add=True)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.OPEN)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closing = models.TextField(_("closing words"), max_length=LONGEST_WORDS, blank=True)
    outcome = models.CharField(
        _("how it ended"),
        max_length=16,
        choices=Outcome.choices,
        blank=True,
        default="",
        help_text=_("Empty: not closed, or of a kind without effect"),
    )

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["disclosure", "state"], name="finding_by_state")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["misstatement", "non_conformity", "recommendation", "question", "comment"]
                ),
                name="finding_kind_is_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="misstatement")
                | models.Q(effect_t__isnull=False)
                | ~models.Q(effect_reason=""),
                name="misstatement_has_tonnes_or_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(effect_t__isnull=True) | models.Q(effect_reason=""),
                name="finding_is_quantified_or_says_why_not",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["misstatement", "non_conformity"])
                | models.Q(effect_t__isnull=True, effect_reason=""),
                name="only_what_is_wrong_has_an_effect",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="comment", due__isnull=True)
                | (~models.Q(kind="comment") & ~models.Q(due=None)),
                name="finding_is_due_some_day",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "answered"], closed_by=None, closed_at=None, closing="")
                | (
                    models.Q(state="closed", closed_by__isnull=False, closed_at__isnull=False)
                    & (models.Q(kind="comment") | ~models.Q(closing=""))
                ),
                name="finding_closed_by_somebody_with_words",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="")
                | models.Q(
                    outcome__in=["corrected", "uncorrected", "no_error"],
                    state="closed",
                    kind__in=["misstatement", "non_conformity"],
                ),
                name="only_what_was_wrong_ends_somehow",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.disclosure} · {self.about}"

    def get_absolute_url(self) -> str:
        return reverse("portfolio:finding", args=[self.pk])

    # --- what it says --------------------------------------------------------------------------------------
    @property
    def about(self) -> str:
        """The point in the reader's language, a line with its meter."""
        return " · ".join(filter(None, (points.label(self.point), self.line_meter)))

    @property
    def is_comment(self) -> bool:
        return self.kind == self.Kind.COMMENT

    @property
    def is_closed(self) -> bool:
        return self.state == self.State.CLOSED

    @property
    def is_wrong(self) -> bool:
        return self.kind in self.WRONG

    @property
    def is_uncorrected(self) -> bool:
        """What is wrong in the content as it is: not closed, or closed as it was."""
        return self.is_wrong and (not self.is_closed or self.outcome == self.Outcome.UNCORRECTED)

    @property
    def is_overdue(self) -> bool:
        is_waiting = self.state == self.State.OPEN and self.kind in self.ASKING
        return is_waiting and self.due is not None and self.due < beijing.today()

    # --- who may -------------------------------------------------------------------------------------------
    def is_of(self, user: SomeUser) -> bool:
        return self.disclosure.membership_of(user) is not None

    def objection_to(self, user: SomeUser) -> str:
        """Why this person may not say something here, in words; empty when they may."""
        if self.is_of(user):
            return ""
        if self.is_comment:
            return str(_("Only people of the company read and write its comments."))
        return self.disclosure.objection_to(user)

    def closing_objection_to(self, user: SomeUser) -> str:
        """The same of closing it."""
        if self.is_comment:
            return self.objection_to(user)
        if self.is_of(user):
            return str(_("Only the verifier closes a finding."))
        return self.disclosure.objection_to(user)

    def extending_objection_to(self, user: SomeUser) -> str:
        """The same of giving more time for the answer."""
        if self.is_comment or self.is_of(user):
            return str(_("Only the verifier gives more time."))
        return self.disclosure.objection_to(user)

    def readers(self, by: SomeUser) -> list[User]:
        """Who reads this thread and can be mentioned in it, but for oneself.

        A company sees of the house who took part; verifiers see each other.
        """
        people = User.objects.filter(is_active=True).exclude(pk=by.pk or 0).select_related("person").order_by("pk")
        those = models.Q(memberships__company=self.disclosure.company_id)
        if not self.is_comment:
            wrote = self.messages.values("by") if self.pk else []
            took_part = models.Q(pk=self.raised_by_id) | models.Q(pk__in=wrote)
            house = models.Q(person__role__in=VERIFICATION_SIDE)
            those |= house if has_role(by, *VERIFICATION_SIDE) else house & took_part
        return list(people.filter(those).distinct())

    # --- what people do --------------------------------------------------------------------------------------
    @classmethod
    def raise_on(
        cls,
        disclosure: Disclosure,
        *,
        by: User,
        kind: str,
        point: str = points.WHOLE,
        words: str,
        due: date | None = None,
        effect_t: float | None = None,
        effect_reason: str = "",
    ) -> Finding:
        """By a verifier, on what waits for verification; a comment by the company's people, at any time.

        `effect_t`: by how much the disclosure says too much. Raises NotAllowed or StaleVersion.
        """
        is_comment = kind == cls.Kind.COMMENT
        if is_comment and disclosure.membership_of(by) is None:
            raise NotAllowed(_("Only people of the company read and write its comments."))
        if not is_comment and (objection := disclosure.objection_to(by)):
            raise NotAllowed(objection)
        made = cls(disclosure=disclosure, kind=kind, point=point, raised_by=by, effect_t=effect_t)
        made.words, made.effect_reason = _written(words), effect_reason.strip()
        made.due = None if is_comment else due or beijing.add_working_days(beijing.today(), ANSWERED_WITHIN).day
        made._require_sense(due)
        with transaction.atomic():
            # Whoever verifies or returns it holds the row until it is done.
            locked = Disclosure.objects.select_for_update(no_key=True, of=("self",)).get(pk=disclosure.pk)
            if not is_comment and locked.state != Disclosure.State.SUBMITTED:
                raise StaleVersion(locked.why_not_waiting())
            made._name_line()
            mentioned = mentions(made.words, made.readers(by))
            made.save(force_insert=True)
            made._tell(by, "commented" if is_comment else "raised", mentioned)
        return made

    def say(self, words: str, *, by: User, evidence: Evidence | None = None) -> FindingMessage:
        """The company answers; a verifier who writes again asks again. Raises NotAllowed or StaleVersion."""
        if objection := self.objection_to(by):
            raise NotAllowed(objection)
        text, is_answer = _written(words), self.is_of(by)
        if evidence is not None and (not is_answer or evidence.company_id != self.disclosure.company_id):
            raise NotAllowed(_("The evidence belongs to another company."))
        with transaction.atomic():
            changes = {} if self.is_comment else {"state": self.State.ANSWERED if is_answer else self.State.OPEN}
            self._move([self.State.OPEN, self.State.ANSWERED], **changes)
            verb = "commented" if self.is_comment else "answered" if is_answer else "asked"
            return self._add(by, verb, words=text, evidence=evidence)

    def close(self, words: str = "", *, by: User, outcome: str = "") -> None:
        """One person closes it, once; what is wrong with its outcome. Raises NotAllowed or StaleVersion."""
        if objection := self.closing_objection_to(by):
            raise NotAllowed(objection)
        if self.is_wrong and outcome not in self.Outcome.values:
            raise NotAllowed(_("Please say how it ended: corrected, uncorrected, or no error."))
        if not self.is_wrong and outcome:
            raise NotAllowed(_("Only a misstatement or a non-conformity is corrected or not."))
        text = words.strip() if self.is_comment and not words.strip() else _written(words)
        with transaction.atomic():
            mentioned = mentions(text, self.readers(by))
            closed = {"state": self.State.CLOSED, "closed_by": by, "closed_at": Now(), "closing": text}
            closed["outcome"] = outcome
            self._move([self.State.OPEN, self.State.ANSWERED], **closed)
            self._tell(by, "closed", mentioned)

    def extend(self, due: date, words: str, *, by: User) -> FindingMessage:
        """A verifier gives more time, with the reason; never less. Raises NotAllowed or StaleVersion."""
        if objection := self.extending_objection_to(by):
            raise NotAllowed(objection)
        text = _written(words)
        _require_day(due)
        with transaction.atomic():
            self._move([self.State.OPEN, self.State.ANSWERED])  # holds the row: a second verifier sees this day
            if self.due is None or due <= self.due:
                raise NotAllowed(_("The answer is due on %(day)s already: choose a later day.") % {"day": self.due})
            self._move([self.State.OPEN, self.State.ANSWERED], due=due)
            return self._add(by, "extended", words=text, due=due)

    @classmethod
    def ask_to_open(cls, disclosure: Disclosure, point: str, words: str, *, by: User) -> FindingMessage:
        """A company that is to correct some points asks for another one. Raises NotAllowed."""
        opening = points.opening_of(disclosure)
        if disclosure.membership_of(by) is None or disclosure.state != Disclosure.State.RETURNED:
            raise NotAllowed(_("Only people of the company ask for this, of what was returned to them."))
        if not points.is_point(point) or opening.has(point):
            raise NotAllowed(_("This is open already."))
        findings = disclosure.findings.exclude(kind=cls.Kind.COMMENT).order_by("pk")
        finding = findings.pending().first() or findings.first()
        if finding is None:
            raise NotAllowed(_("Nothing was asked about this version: there is nobody to ask."))
        with transaction.atomic():
            return finding._add(by, "asked_to_open", words=_written(words), asks_for=point)

    def open_too(self, point: str, *, by: User) -> None:
        """A verifier opens one more point of what was returned. Raises NotAllowed."""
        returned = self.disclosure.steps.filter(verb="returned").order_by("-pk").first()
        is_back = self.disclosure.state == Disclosure.State.RETURNED
        if objection := self.disclosure.objection_to(by):
            raise NotAllowed(objection)
        if (
            returned is None
            or not is_back
            or not points.is_point(point)
            or points.opening_of(self.disclosure).has(point)
        ):
            raise NotAllowed(_("This is open already."))
        with transaction.atomic():
            OpenedPoint.objects.get_or_create(step=returned, point=point, defaults={"by": by})
            self._add(by, "opened", opens=point)

    # --- how -----------------------------------------------------------------------------------------------
    def _require_sense(self, due: date | None) -> None:
        if self.kind not in self.Kind.values:
            raise NotAllowed(_("Please choose what kind of finding it is."))
        if due is not None:
            _require_day(due)
        is_wrong = self.kind in (self.Kind.MISSTATEMENT, self.Kind.NON_CONFORMITY)
        if not is_wrong and (self.effect_t is not None or self.effect_reason):
            raise NotAllowed(_("Only a misstatement or a non-conformity has an effect in tonnes."))
        if self.effect_t is not None and (self.effect_reason or not abs(self.effect_t) <= LARGEST_T):
            raise NotAllowed(_("Either the tonnes, or why they are not quantified."))
        if self.kind == self.Kind.MISSTATEMENT and self.effect_t is None and not self.effect_reason:
            raise NotAllowed(_("A misstatement needs its effect in tonnes, or the reason why it is not quantified."))
        if len(self.effect_reason) > LONGEST_REASON:
            raise NotAllowed(_("At most %(most)s characters, please.") % {"most": LONGEST_REASON})

    def _name_line(self) -> None:
        """What the line was when it was raised: numbers stay, lines may be taken out."""
        if not points.is_point(self.point):
            raise NotAllowed(_("This is no part of a disclosure."))
        if (number := points.number_of(self.point)) is None:
            return
        line = self.disclosure.activities.filter(number=number).first()
        if line is None:
            raise NotAllowed(_("This line is no longer there."))
        self.line_kind, self.line_meter = line.kind, line.meter

    def _move(self, old: Collection[str], **changes: Any) -> None:
        """By UPDATE of exactly this row, if it is still as it must be. Raises StaleVersion."""
        rows = Finding.objects.filter(pk=self.pk, state__in=old)
        if rows.update(**(changes or {"state": models.F("state")})) != 1:
            self.refresh_from_db()
            raise StaleVersion(self._why_closed())
        self.refresh_from_db()

    def _why_closed(self) -> str:
        if self.closed_by is None or self.closed_at is None:
            return str(_("Somebody else changed this finding meanwhile. Read it again, please."))
        who = self.closed_by.get_full_name() or self.closed_by.get_username()
        when = date_format(localtime(self.closed_at), "DATETIME_FORMAT")
        return str(_("%(who)s closed it at %(when)s.") % {"who": who, "when": when})

    def _add(self, by: User, verb: str, *, words: str = "", **more: Any) -> FindingMessage:
        mentioned = mentions(words, self.readers(by))
        message = self.messages.create(by=by, words=words, **more)
        self._tell(by, verb, mentioned)
        return message

    def _tell(self, by: User, verb: str, mentioned: list[User]) -> None:
        audit.append(by, f"finding.{verb}", f"finding:{self.pk}", detail=f"{self.kind} {self.point}".strip())
        finding_moved.send(sender=Finding, finding=self, by=by, verb=verb, mentioned=mentioned)


class FindingMessage(models.Model):
    """A word in a thread: appended, never edited (see portfolio/guards.py)."""

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="messages", verbose_name=_("finding"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"), auto_now_add=True)
    words = models.TextField(_("in words"), max_length=LONGEST_WORDS, blank=True)
    evidence = models.ForeignKey(
        Evidence, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("evidence")
    )
    was = models.TextField(_("submitted"), blank=True, help_text=_("Of an answer by a change"))
    now = models.TextField(_("value now"), blank=True)
    asks_for = models.CharField(_("asks to open"), max_length=32, blank=True)
    opens = models.CharField(_("opens"), max_length=32, blank=True)
    due = models.DateField(_("due"), null=True, blank=True, help_text=_("The later day, where more time was given"))

    class Meta:
        verbose_name = _("message of a finding")
        verbose_name_plural = _("messages of findings")
        ordering = ["finding", "pk"]

    def __str__(self) -> str:
        return f"{self.finding} · {self.by}"

    @property
    def is_change(self) -> bool:
        """An answer by what was changed, not in words."""
        return not (self.words or self.asks_for or self.opens)

    @property
    def asks_label(self) -> str:
        return points.label(self.asks_for) if self.asks_for else ""

    @property
    def opens_label(self) -> str:
        return points.label(self.opens) if self.opens else ""


class OpenedPoint(models.Model):
    """What may be corrected after a return. A return without any, as before there were findings, opens all."""

    step = models.ForeignKey(Step, models.PROTECT, related_name="opened", verbose_name=_("return"))
    point = models.CharField(_("what"), max_length=32, blank=True, help_text=_("Empty: the whole disclosure"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("point open for correction")
        verbose_name_plural = _("points open for correction")
        ordering = ["step", "pk"]
        constraints = [models.UniqueConstraint(fields=["step", "point"], name="point_opened_once_a_return")]

    def __str__(self) -> str:
        return f"{self.step} · {points.label(self.point)}"


# --- what changed since it was submitted ------------------------------------------------------------------
def submitted_content(disclosure: Disclosure) -> list[Any] | None:
    """What its last submission signed; None where that was not kept, or nothing was submitted."""
    of_it = Declaration.objects.filter(step__disclosure=disclosure, step__verb="submitted").order_by("-step")
    text = of_it.values_list("content", flat=True).first()
    return None if text is None else json.loads(text)


def changed_since(disclosure: Disclosure, content: Sequence[Any] | None = None) -> dict[str, points.Change]:
    """By point, what a returned draft says otherwise than was submitted."""
    before = submitted_content(disclosure) if disclosure.state == Disclosure.State.RETURNED else None
    if before is None:
        return {}
    now = disclosure.content() if content is None else content
    return {change.point: change for change in points.changes(before, now)}


def _with_changes(
    findings: FindingQuerySet, disclosure: Disclosure, content: Sequence[Any]
) -> Iterable[tuple[Finding, points.Change | None]]:
    """The whole is answered in words alone: any small change would pass for an answer to it."""
    rows = list(findings.select_related("disclosure__company"))
    changed = changed_since(disclosure, content) if rows else {}
    lines = [change for change in changed.values() if points.number_of(change.point) is not None]
    for finding in rows:
        of_ledger = lines[0] if finding.point == points.LINES and lines else None
        yield finding, changed.get(finding.point, of_ledger)


# --- mentions ---------------------------------------------------------------------------------------------
def names_of(user: User) -> list[str]:
    """By what names somebody is called after an @, the longest first."""
    last, first = user.last_name.strip(), user.first_name.strip()
    names = {user.get_username(), user.get_full_name(), last + first, "".join(user.get_full_name().split())}
    return sorted((name for name in names if name), key=len, reverse=True)


def called(user: User) -> str:
    """How a page offers somebody to be mentioned: without a space, so that the name ends where it ends."""
    full = user.get_full_name()
    return full if full and not any(letter.isspace() for letter in full) else user.get_username()


def mentions(words: str, people: Collection[User]) -> list[User]:
    """Whom the words name after an @. Raises NotAllowed for a name of nobody who reads them."""
    known = sorted(((name, user) for user in people for name in names_of(user)), key=lambda pair: -len(pair[0]))
    found: dict[int, User] = {}
    for at in AT_NAME.finditer(words):
        rest = words[at.end() :]
        user = next((user for name, user in known if rest.casefold().startswith(name.casefold())), None)
        if user is None:
            word = re.split(r"[\s,，.。:：;；!！?？、)）]", rest, maxsplit=1)[0][:40]
            raise NotAllowed(
                _("Nobody of the name “%(name)s” reads this: see below who can be named.") % {"name": word}
            )
        found[user.pk] = user
    return list(found.values())


def _require_day(due: date) -> None:
    today = beijing.today()
    if not today <= due <= today + FARTHEST:
        raise NotAllowed(_("An answer is due between today and a year from now."))


def _written(words: str) -> str:
    text = words.replace("\r\n", "\n").strip()
    if not text:
        raise NotAllowed(_("Please write it down in words."))
    if len(text) > LONGEST_WORDS:
        raise NotAllowed(_("At most %(most)s characters, please.") % {"most": LONGEST_WORDS})
    return text
