"""What a verified year came to, before it is proposed on: the company confirms it, or disputes it field by field.

The term begins with the first score that knows the verified version, and no later score of the same version moves it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fund.errors import ContentChanged, FundError, NotEntitled
from fund.models import preview_mails as mails
from portfolio import audit, beijing
from portfolio.models import Disclosure, Membership
from portfolio.models.join import DECIDERS
from portfolio.models.people import FUND_SIDE, has_role, role_of
from scoring.engine.score.record import BARS
from scoring.models import LatestScore, Score

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser
    from scoring.engine.score.record import BarRecord, InputUsed, Missing

TERM = 10  # working days
LONGEST = 2000  # characters
MOST_OPEN = 40  # disputes of one preview
Rows = TypeVar("Rows", bound="models.QuerySet[Any]")


class DisputeRefused(FundError):
    """It cannot be disputed, confirmed or answered; the message says why."""


def _visible(rows: Rows, user: SomeUser, of_company: str) -> Rows:
    """The fund's side sees all of them, a member those of the own company."""
    if has_role(user, *FUND_SIDE):
        return rows
    if role_of(user) or not user.is_authenticated:
        return rows.none()
    return rows.filter(**{f"{of_company}__memberships__user_id": user.pk})


class PreviewQuerySet(models.QuerySet["Preview"]):
    def visible_to(self, user: SomeUser) -> Self:
        return _visible(self, user, "disclosure__company")

    def of_companies(self, companies: Iterable[int]) -> dict[int, Preview]:
        """By company its newest, with what is needed to tell how it stands. Two queries."""
        rows = self.filter(disclosure__company__in=companies).select_related("disclosure__company", "confirmed_by")
        ordered = rows.prefetch_related("disputes").order_by("disclosure__year", "disclosure__version")
        return {row.disclosure.company_id: row for row in ordered}


class Preview(models.Model):
    """Of one verified version. `due` is the last of its days, until 23:59 in Beijing."""

    disclosure = models.OneToOneField(
        Disclosure, models.PROTECT, related_name="preview", verbose_name=_("verified version")
    )
    score = models.ForeignKey(Score, models.PROTECT, related_name="+", verbose_name=_("first score"))
    opened_at = models.DateTimeField(_("can be seen since"), auto_now_add=True)
    due = models.DateField(_("until"), help_text=_("23:59 Beijing time of this day"))
    is_by_calendar = models.BooleanField(_("holidays known"), help_text=_("Otherwise Monday to Friday were counted"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    confirmed_digest = models.CharField(_("score that was confirmed"), max_length=64, blank=True)

    objects = PreviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("preview of a result")
        verbose_name_plural = _("previews of results")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confirmed_at=None, confirmed_by=None, confirmed_digest="")
                | (models.Q(confirmed_at__isnull=False, confirmed_by__isnull=False) & ~models.Q(confirmed_digest="")),
                name="preview_confirmed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return str(self.disclosure)

    def get_absolute_url(self) -> str:
        return reverse("application", args=[self.disclosure_id])

    # --- how it stands ---
    @property
    def last_day(self) -> beijing.WorkingDay:
        return beijing.WorkingDay(self.due, self.is_by_calendar)

    @property
    def ends_at(self) -> datetime:
        return beijing.at(self.due, beijing.LAST_MINUTE)

    @property
    def is_running(self) -> bool:
        """Whether the company may still confirm or dispute."""
        return self.confirmed_at is None and beijing.today() <= self.due

    @property
    def open_disputes(self) -> list[Dispute]:
        return [one for one in self.disputes.all() if one.is_open]

    # --- how it begins ---
    @classmethod
    def open_for(cls, companies: Iterable[int], asked_at: datetime) -> None:
        """Of candidates that stand by a score asked for after their newest year was verified; once a version."""
        judged = LatestScore.objects.filter(company__in=companies, kind=Score.Kind.CANDIDATE)
        scores = dict(judged.values_list("company_id", "score_id"))
        verified = Disclosure.objects.filter(company__in=scores, state=Disclosure.State.VERIFIED)
        waiting = set(verified.filter(preview=None, verified_at__lte=asked_at).values_list("company_id", flat=True))
        if not waiting:
            return
        standing = Disclosure.objects.standing().filter(company__in=waiting).select_related("company", "preview")
        newest = {row.company_id: row for row in standing.order_by("year")}
        for row in newest.values():
            is_fresh = row.state == Disclosure.State.VERIFIED and row.verified_at and row.verified_at <= asked_at
            if is_fresh and not hasattr(row, "preview"):
                cls._open(row, scores[row.company_id])

    @classmethod
    def _open(cls, disclosure: Disclosure, score: int) -> None:
        last = beijing.add_working_days(beijing.today(), TERM)
        facts = {"score_id": score, "due": last.day, "is_by_calendar": last.is_by_calendar}
        preview, is_new = cls.objects.get_or_create(disclosure=disclosure, defaults=facts)
        if is_new:
            audit.append(None, "preview.opened", f"preview:{preview.pk}", detail=f"until {last.day}")
            mails.on_opened(preview)

    # --- what people do ---
    def confirm(self, *, by: User, digest: str) -> None:
        """Say for the company that the score of this digest is by its figures. Raises FundError."""
        _must_be_submitter(by, self)
        with transaction.atomic():
            preview = Preview.objects.select_for_update().get(pk=self.pk)  # nobody disputes meanwhile
            preview.must_run()
            score = preview.standing_score()
            if digest != score.digest:
                raise ContentChanged(_("The result changed since you opened the page. Read it again, please."))
            if preview.disputes.open().exists():
                raise DisputeRefused(_("A dispute is open. Wait for its answer, or withdraw it, then confirm."))
            changes = {"confirmed_by": by, "confirmed_at": Now(), "confirmed_digest": digest}
            Preview.objects.filter(pk=self.pk, confirmed_at=None).update(**changes)
            audit.append(by, "preview.confirmed", f"preview:{self.pk}", digest=digest)
            self.refresh_from_db()
            mails.on_spoken(self, "the result was confirmed")

    def dispute(self, field: str, words: str, *, by: User, digest: str) -> Dispute:
        """Say of one input or bar of the score of this digest what is not right. Raises FundError."""
        _must_be_submitter(by, self)
        words = words.strip()
        if not words:
            raise DisputeRefused(_("Please write what is not right, and what it should be."))
        if len(words) > LONGEST:
            raise DisputeRefused(_("At most %(most)s characters, please.") % {"most": LONGEST})
        with transaction.atomic():
            preview = Preview.objects.select_for_update().get(pk=self.pk)
            preview.must_run()
            score = preview.standing_score()
            if digest != score.digest:
                raise ContentChanged(_("The result changed since you opened the page. Read it again, please."))
            if field not in disputable(score):
                raise DisputeRefused(_("Please choose what is not right."))
            open_ones = preview.disputes.open()
            if open_ones.filter(field=field).exists():
                raise DisputeRefused(_("This field is disputed already; its answer is awaited."))
            if open_ones.count() >= MOST_OPEN:
                raise DisputeRefused(_("Too many disputes are open. Wait for answers, please."))
            made = Dispute.objects.create(preview=preview, score=score, digest=digest, field=field, words=words, by=by)
            audit.append(by, "dispute.made", f"dispute:{made.pk}", digest=digest, detail=field)
            mails.on_spoken(preview, "the result was disputed")
            mails.on_disputed(made)
        return made

    def must_run(self) -> None:
        if self.confirmed_at is not None:
            raise DisputeRefused(_("The result was confirmed already."))
        if not self.is_running:
            raise DisputeRefused(_("The term for this ended on %(day)s.") % {"day": self.last_day})

    def standing_score(self) -> Score:
        """The score that the company is shown: that which stands now, or the first of this version."""
        latest = LatestScore.objects.filter(company=self.disclosure.company_id).select_related("score").first()
        return latest.score if latest and latest.kind == Score.Kind.CANDIDATE else self.score


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def visible_to(self, user: SomeUser) -> Self:
        return _visible(self, user, "preview__disclosure__company")

    def open(self) -> Self:
        return self.filter(state=Dispute.State.OPEN)


class Dispute(models.Model):
    """One field that the company holds to be wrong. It ends once: answered by the fund, or withdrawn."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("of a dispute", "Open")
        ANSWERED = "answered", pgettext_lazy("of a dispute", "Answered")
        WITHDRAWN = "withdrawn", pgettext_lazy("of a dispute", "Withdrawn")

    preview = models.ForeignKey(Preview, models.PROTECT, related_name="disputes", verbose_name=_("preview"))
    score = models.ForeignKey(Score, models.PROTECT, related_name="+", verbose_name=_("score that was shown"))
    digest = models.CharField(_("digest of what was shown"), max_length=64)
    field = models.CharField(_("what is disputed"), max_length=80)
    words = models.TextField(_("in the company's words"), max_length=LONGEST)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.OPEN)
    answer = models.TextField(_("the fund's answer"), max_length=LONGEST, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute of a result")
        verbose_name_plural = _("disputes of results")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open", closed_at=None, closed_by=None)
                | models.Q(state="withdrawn", closed_at__isnull=False, closed_by__isnull=False)
                | (models.Q(state="answered", closed_at__isnull=False, closed_by__isnull=False) & ~models.Q(answer="")),
                name="dispute_ends_once",
            ),
            models.CheckConstraint(condition=~models.Q(words=""), name="dispute_has_words"),
            models.UniqueConstraint(
                fields=["preview", "field"], condition=models.Q(state="open"), name="one_open_dispute_a_field"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.preview} · {self.field}"

    def get_absolute_url(self) -> str:
        return f"{self.preview.get_absolute_url()}#dispute-{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def company_id(self) -> int:
        return self.preview.disclosure.company_id

    def reply(self, words: str, *, by: User) -> None:
        """The fund's answer, which ends it. Raises FundError."""
        if not has_role(by, *DECIDERS):
            raise NotEntitled(_("Only a fund manager or an administrator can do this."))
        words = words.strip()
        if not words:
            raise DisputeRefused(_("Please write the answer: the company reads it."))
        if len(words) > LONGEST:
            raise DisputeRefused(_("At most %(most)s characters, please.") % {"most": LONGEST})
        self._end(self.State.ANSWERED, by, words)

    def withdraw(self, *, by: User) -> None:
        """The company takes it back. Raises FundError."""
        _must_be_submitter(by, self.preview)
        self._end(self.State.WITHDRAWN, by)

    def _end(self, state: State, by: User, answer: str = "") -> None:
        with transaction.atomic():
            open_one = Dispute.objects.open().filter(pk=self.pk)
            if open_one.update(state=state, closed_by=by, closed_at=Now(), answer=answer) != 1:
                raise DisputeRefused(_("This dispute is closed already."))
            self.refresh_from_db()
            audit.append(by, f"dispute.{state.value}", f"dispute:{self.pk}", digest=self.digest, detail=self.field)
            mails.on_closed(self)


def may_speak_for(user: SomeUser, preview: Preview) -> bool:
    """Whether this person confirms and disputes for the company."""
    mine = Membership.objects.filter(user_id=user.pk or 0, kind=Membership.Kind.SUBMITTER)
    return mine.filter(company=preview.disclosure.company_id).exists()


def _must_be_submitter(by: User, preview: Preview) -> None:
    if not may_speak_for(by, preview):
        raise NotEntitled(_("Only a submitter of the company confirms or disputes its result."))


def disputable(score: Score) -> list[str]:
    """What of this score can be disputed: `gate.G3`, `bar.r`, and inputs of bars such as `r.ebit`, `c.grid@DEU`."""
    candidacy = None if score.is_retired else score.record["candidacy"]
    if candidacy is None:
        return []
    found = [f"gate.{gate['gate']}" for gate in candidacy["gates"]]
    for bar in BARS:
        record: BarRecord = candidacy[bar]  # type: ignore[literal-required]
        found.append(f"bar.{bar}")
        found += [field_of(bar, one) for one in record["inputs"]]
        found += [field_of(bar, one) for one in record["missing"]]
    return list(dict.fromkeys(found))


def field_of(bar: str, one: InputUsed | Missing) -> str:
    """The code of an input under which it is disputed."""
    return f"{bar}.{one['name']}" + (f"@{one['place']}" if one.get("place") else "")
