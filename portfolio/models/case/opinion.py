"""What a verifier says of one version in the end, and the second person who lets it out.

A verifier drafts it on exactly one content; an independent reviewer, who had no part in the case, issues it or sends it
back. An unmodified or modified opinion makes the version verified, an adverse one or a disclaimer refuses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from portfolio import audit, beijing
from portfolio.errors import NotAllowed, ReasonNeeded, StaleVersion
from portfolio.materiality import Materiality, materiality
from portfolio.models.case.case import Case
from portfolio.models.case.substitution import Substitution
from portfolio.models.check import Check
from portfolio.models.desk.finding import Finding
from portfolio.models.disclosure import LONGEST_REASON, Disclosure
from portfolio.models.people import FUND_SIDE, VERIFICATION_SIDE, Role, has_role, role_of, same_hands
from portfolio.signals import badge_moved, opinion_moved
from portfolio.typed.bounds import Within
from portfolio.typed.numbers import grouped

if TYPE_CHECKING:
    from portfolio.models.people import SomeUser

LONGEST_WORDS = 4000  # characters
APPEALED_WITHIN = 7  # working days from the issue


class Level(models.TextChoices):
    LIMITED = "limited", pgettext_lazy("level of assurance", "Limited assurance")
    REASONABLE = "reasonable", pgettext_lazy("level of assurance", "Reasonable assurance")


class Kind(models.TextChoices):
    UNMODIFIED = "unmodified", pgettext_lazy("of an opinion", "Unmodified")
    MODIFIED = "modified", pgettext_lazy("of an opinion", "Modified")
    ADVERSE = "adverse", pgettext_lazy("of an opinion", "Adverse")
    DISCLAIMER = "disclaimer", pgettext_lazy("of an opinion", "Disclaimer of opinion")


STANDS = (Kind.UNMODIFIED, Kind.MODIFIED)  # the version is verified by it


class Criteria(models.TextChoices):
    GHG_PROTOCOL = "ghg_protocol", _("GHG Protocol Corporate Standard")
    ISO_14064_1 = "iso_14064_1", _("ISO 14064-1")
    CN_ETS = "cn_ets", _("Accounting guide of China's emissions trading")
    OTHER = "other", _("Other, in words")


# --- which opinions the case allows: one place for form, model and API; the database has its part (guards.py) ------
@dataclass(frozen=True)
class Grounds:
    """All that decides it: what is not closed, what stays uncorrected, what was substituted."""

    unclosed: int  # findings and questions
    materiality: Materiality | None  # None where no tonnes are told
    unquantified: int  # misstatements that stay, without tonnes
    understated: int  # misstatements that stay, by which the company says too little, without a substitution
    substitutions: list[Substitution]

    @classmethod
    def of(cls, disclosure: Disclosure) -> Grounds:
        found = list(Finding.objects.of_year(disclosure).exclude(kind=Finding.Kind.COMMENT))
        wrong = [one for one in found if one.is_uncorrected]
        substitutions = Substitution.objects.standing(disclosure)
        covered = {row.finding_id for row in substitutions}
        return cls(
            sum(not one.is_closed and one.kind in Finding.ASKING for one in found),
            materiality(disclosure.total_t(), [one.effect_t for one in wrong if one.effect_t is not None]),
            sum(one.effect_t is None and one.kind == Finding.Kind.MISSTATEMENT for one in wrong),
            sum(one.effect_t is not None and one.effect_t < 0 and one.pk not in covered for one in wrong),
            substitutions,
        )

    def objections(self, kind: str) -> list[str]:
        """Why the opinion cannot be of this kind, in whole sentences; empty where it can."""
        said = {
            Kind.UNMODIFIED: self._against_standing() + self._against_unmodified(),
            Kind.MODIFIED: self._against_standing() + self._against_modified(),
            Kind.ADVERSE: self._against_adverse(),
            Kind.DISCLAIMER: [],
        }
        return said[Kind(kind)]

    def _against_standing(self) -> list[str]:
        words = []
        if self.unclosed:
            text = ngettext("%(n)s finding is not closed.", "%(n)s findings are not closed.", self.unclosed)
            words.append(text % {"n": self.unclosed})
        if self.materiality is None:
            words.append(str(_("No tonnes are reported: there is nothing to measure misstatements against.")))
        return words

    def _against_unmodified(self) -> list[str]:
        words: list[str] = []
        if self.materiality and self.materiality.is_material:
            above = _("The sum of the effects, %(sum)s t, is above the threshold of %(threshold)s t.")
            told = {"sum": _t(self.materiality.absolute_t), "threshold": _t(self.materiality.threshold_t)}
            words.append(str(above % told))
        if self.unquantified:
            text = ngettext(
                "%(n)s misstatement stays without its tonnes: nobody can say that it is small.",
                "%(n)s misstatements stay without their tonnes: nobody can say that they are small.",
                self.unquantified,
            )
            words.append(text % {"n": self.unquantified})
        if count := len(self.substitutions):
            text = ngettext("%(n)s figure is substituted.", "%(n)s figures are substituted.", count)
            words.append(text % {"n": count})
        return words

    def _against_modified(self) -> list[str]:
        is_material = self.materiality is not None and self.materiality.is_material
        if not (is_material and self.understated):
            return []
        text = ngettext(
            "%(n)s misstatement by which too little is reported stays: put a conservative value in its place.",
            "%(n)s misstatements by which too little is reported stay: put conservative values in their place.",
            self.understated,
        )
        return [text % {"n": self.understated}]

    def _against_adverse(self) -> list[str]:
        is_material = self.materiality is not None and self.materiality.is_material
        if is_material or self.unquantified or self.materiality is None:
            return []
        return [str(_("Nothing material is found that stays uncorrected."))]


def _t(tonnes: float) -> str:
    return grouped(round(tonnes, 1))


# --- the opinion -----------------------------------------------------------------------------------------------
class OpinionQuerySet(models.QuerySet["Opinion"]):
    def visible_to(self, user: SomeUser) -> OpinionQuerySet:
        """Of all cases that are not closed to them for the verification side; for the company and the fund's side what
        was issued."""
        if has_role(user, *VERIFICATION_SIDE):
            return self.filter(disclosure__in=Disclosure.objects.visible_to(user))
        issued = self.exclude(issued_at=None)
        if has_role(user, *FUND_SIDE):
            return issued.filter(kind__in=STANDS)
        if role_of(user) or not user.is_authenticated:
            return self.none()
        return issued.filter(disclosure__company__memberships__user_id=user.pk)

    def issued(self) -> OpinionQuerySet:
        return self.filter(state=Opinion.State.ISSUED)

    def waiting(self) -> OpinionQuerySet:
        return self.filter(state=Opinion.State.WAITING)

    def lapse(self, *, by: User) -> None:
        """Called by a disclosure that goes back to its company: what was drafted on it is taken back."""
        for opinion in self.waiting().select_related("disclosure"):
            opinion._end([Opinion.State.WAITING], Opinion.State.WITHDRAWN, by)
            opinion._tell(by, "withdrawn")

    def require_no_appeal(self) -> None:
        """Called by a disclosure that is to be corrected. Raises NotAllowed while an appeal waits for its answer."""
        if self.issued().filter(appeals__state="open").exists():
            raise NotAllowed(_("Your appeal waits for its answer: take it back before you open a new version."))


class Opinion(models.Model):
    """What it says is never edited; its state moves on (portfolio/guards.py)."""

    Level, Kind, Criteria = Level, Kind, Criteria

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("of an opinion", "Waits for the independent reviewer")
        SENT_BACK = "sent_back", pgettext_lazy("of an opinion", "Sent back to the verifier")
        WITHDRAWN = "withdrawn", pgettext_lazy("of an opinion", "Taken back before issue")
        ISSUED = "issued", pgettext_lazy("of an opinion", "Issued")
        REOPENED = "reopened", pgettext_lazy("of an opinion", "Reopened: it no longer counts")
        SUPERSEDED = "superseded", pgettext_lazy("of an opinion", "Superseded by a newer version")

    CONTENT = (  # what is never edited
        *("disclosure_id", "digest", "level", "kind", "criteria", "criteria_words", "scope", "sampling", "statement"),
        *("despite", "has_no_conflict", "drafted_by_id", "drafted_at"),
        *("reported_t", "threshold_t", "net_t", "absolute_t", "largest_t", "unclosed", "substituted"),
    )

    disclosure = models.ForeignKey(Disclosure, models.PROTECT, related_name="opinions", verbose_name=_("disclosure"))
    digest = models.CharField(_("digest"), max_length=64, help_text=_("SHA-256 of the content that it is about"))
    level = models.CharField(_("level of assurance"), max_length=16, choices=Level.choices)
    kind = models.CharField(_("opinion"), max_length=16, choices=Kind.choices)
    criteria = models.CharField(_("criteria"), max_length=16, choices=Criteria.choices)
    criteria_words = models.CharField(_("criteria in words"), max_length=400, blank=True)
    scope = models.TextField(_("scope and boundary"), max_length=LONGEST_WORDS)
    sampling = models.TextField(_("what was looked at, and what was left out"), max_length=LONGEST_WORDS)
    statement = models.TextField(_("statement"), max_length=LONGEST_WORDS)
    despite = models.TextField(_("why it stands with open items"), max_length=LONGEST_REASON, blank=True)
    has_no_conflict = models.BooleanField(_("no conflict of interest"))
    reported_t = models.FloatField(_("reported, tCO₂e"), null=True, validators=[Within("effect_t")])
    threshold_t = models.FloatField(_("threshold, tCO₂e"), null=True, validators=[Within("effect_t")])
    net_t = models.FloatField(_("net effect, tCO₂e"), null=True, validators=[Within("effect_t")])
    absolute_t = models.FloatField(_("sum of effects, tCO₂e"), null=True, validators=[Within("effect_t")])
    largest_t = models.FloatField(_("largest effect, tCO₂e"), null=True, validators=[Within("effect_t")])
    unclosed = models.PositiveIntegerField(_("findings not closed"), default=0)
    substituted = models.PositiveIntegerField(_("figures substituted"), default=0)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("drafted by")
    )
    drafted_at = models.DateTimeField(_("drafted at"), auto_now_add=True)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.WAITING)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reviewed by")
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    review_words = models.TextField(_("the reviewer's words"), max_length=LONGEST_WORDS, blank=True)
    issued_at = models.DateTimeField(_("issued at"), null=True, blank=True)
    appeal_until = models.DateField(_("appeal until"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ended by")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_words = models.TextField(_("why it ended"), max_length=LONGEST_WORDS, blank=True)

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = _("opinion")
        verbose_name_plural = _("opinions")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["disclosure"], condition=models.Q(state="waiting"), name="one_opinion_waits_a_version"
            ),
            models.UniqueConstraint(
                fields=["disclosure"], condition=models.Q(state="issued"), name="one_opinion_issued_a_version"
            ),
            models.CheckConstraint(
                condition=models.Q(level__in=["limited", "reasonable"])
                & models.Q(kind__in=["unmodified", "modified", "adverse", "disclaimer"])
                & models.Q(criteria__in=["ghg_protocol", "iso_14064_1", "cn_ets", "other"])
                & models.Q(state__in=["waiting", "sent_back", "withdrawn", "issued", "reopened", "superseded"]),
                name="opinion_words_are_known",
            ),
            models.CheckConstraint(
                condition=models.Q(has_no_conflict=True) & ~models.Q(statement="") & ~models.Q(sampling=""),
                name="opinion_states_what_it_must",
            ),
            models.CheckConstraint(
                condition=~models.Q(criteria="other") | ~models.Q(criteria_words=""), name="opinion_names_its_criteria"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["adverse", "disclaimer"])
                | models.Q(unclosed=0, reported_t__isnull=False, threshold_t__isnull=False, absolute_t__isnull=False),
                name="opinion_that_stands_leaves_nothing_open",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="unmodified")
                | models.Q(substituted=0, absolute_t__lte=models.F("threshold_t")),
                name="unmodified_is_below_the_threshold",
            ),
            models.CheckConstraint(
                condition=models.Q(reviewed_by=None) | ~models.Q(reviewed_by=models.F("drafted_by")),
                name="reviewer_is_not_the_verifier",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "withdrawn"], issued_at=None)
                | models.Q(state="sent_back", reviewed_by__isnull=False, issued_at=None)
                | models.Q(
                    state__in=["issued", "reopened", "superseded"],
                    reviewed_by__isnull=False,
                    reviewed_at__isnull=False,
                    issued_at__isnull=False,
                    appeal_until__isnull=False,
                ),
                name="opinion_issued_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.disclosure} · {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return reverse("portfolio:opinion", args=[self.pk])

    # --- what it says ------------------------------------------------------------------------------------
    @property
    def stands(self) -> bool:
        return self.kind in STANDS

    @property
    def is_issued(self) -> bool:
        return self.state == self.State.ISSUED

    @property
    def criteria_said(self) -> str:
        return " · ".join(filter(None, (str(self.get_criteria_display()), self.criteria_words)))

    @property
    def materiality(self) -> Materiality | None:
        """As it was when it was drafted; its effects are kept as their sums."""
        return materiality(self.reported_t, ())

    # --- who may -----------------------------------------------------------------------------------------
    def review_objection_to(self, user: SomeUser) -> str:
        """Why this person may not issue it or send it back, in words; empty when they may."""
        if objection := outsider_objection(self.disclosure, user):
            return objection
        if user.pk == self.drafted_by_id:
            return str(_("You drafted this opinion."))
        took_part = Finding.objects.of_year(self.disclosure).exclude(kind=Finding.Kind.COMMENT)
        if took_part.filter(
            models.Q(raised_by=user.pk) | models.Q(closed_by=user.pk) | models.Q(messages__by=user.pk)
        ).exists():
            return str(_("You took part in this verification: the reviewer comes from outside the team."))
        return same_hands(user, self.drafted_by_id) or same_hands(user, self.disclosure.submitted_by_id)

    # --- what people do ------------------------------------------------------------------------------------
    @classmethod
    def draft(
        cls,
        disclosure: Disclosure,
        *,
        by: User,
        digest: str,
        has_no_conflict: bool = False,
        despite: str = "",
        **said: str,
    ) -> Opinion:
        """By a verifier on what waits, for the independent reviewer. `said` are level, kind, criteria (and its words),
        scope, sampling and statement. Raises NotAllowed, ReasonNeeded or StaleVersion.
        """
        if objection := Case.of(disclosure).objection_to(by):
            raise NotAllowed(objection)
        made = cls(disclosure=disclosure, digest=digest, drafted_by=by, has_no_conflict=has_no_conflict)
        for name, words in said.items():
            setattr(made, name, words.strip())
        made.despite = despite.strip()
        made._require_sense()
        try:
            with transaction.atomic():
                locked = Disclosure.objects.select_for_update(no_key=True, of=("self",)).get(pk=disclosure.pk)
                if locked.state != Disclosure.State.SUBMITTED:
                    raise StaleVersion(locked.why_not_waiting())
                if not (digest == locked.digest == locked.content_digest()):
                    raise StaleVersion(Disclosure.CHANGED_SINCE)
                made._require_reason(locked.open_items())
                made._measure(Grounds.of(locked))
                made.save(force_insert=True)
                made._tell(by, "drafted")
        except IntegrityError:
            raise StaleVersion(_("An opinion on this version waits for review already.")) from None
        return made

    def issue(self, *, by: User, words: str = "") -> None:
        """The reviewer lets it out: the version is verified or refused by it. Raises NotAllowed or StaleVersion."""
        self._require_reviewer(by)
        with transaction.atomic():
            locked = Disclosure.objects.select_for_update(no_key=True, of=("self",)).get(pk=self.disclosure_id)
            self._require_as_drafted(Grounds.of(locked))
            until = beijing.add_working_days(beijing.today(), APPEALED_WITHIN).day
            reviewed = {"reviewed_by": by, "reviewed_at": Now(), "review_words": words.strip()}
            self._move([self.State.WAITING], state=self.State.ISSUED, issued_at=Now(), appeal_until=until, **reviewed)
            locked.conclude(self, by=by)
            self.disclosure.refresh_from_db()
            if self.stands:
                self._supersede_older(by)
            self._tell(by, "issued")

    def send_back(self, *, by: User, words: str) -> None:
        """To the verifier, with the reviewer's words. Raises NotAllowed or StaleVersion."""
        self._require_reviewer(by)
        if not words.strip():
            raise NotAllowed(_("Please write down what the verifier is to look at again."))
        with transaction.atomic():
            reviewed = {"reviewed_by": by, "reviewed_at": Now(), "review_words": words.strip()}
            self._move([self.State.WAITING], state=self.State.SENT_BACK, **reviewed)
            self._tell(by, "sent_back")

    def take_back(self, *, by: User) -> None:
        """Before it is issued, by who drafted it. Raises NotAllowed or StaleVersion."""
        if by.pk != self.drafted_by_id:
            raise NotAllowed(_("Only who drafted it takes it back."))
        with transaction.atomic():
            self._end([self.State.WAITING], self.State.WITHDRAWN, by)
            self._tell(by, "withdrawn")

    def reopening_objection_to(self, user: SomeUser) -> str:
        """Why this person may not reopen it, in words; empty when they may."""
        return outsider_objection(self.disclosure, user)

    def reopen(self, *, by: User, reason: str) -> None:
        """An error was found later. What was refused waits again; what was verified keeps standing, without badge,
        until a new version is verified. Raises NotAllowed or StaleVersion.
        """
        if objection := self.reopening_objection_to(by):
            raise NotAllowed(objection)
        if not reason.strip():
            raise NotAllowed(_("Please write down why it is opened again."))
        if self.appeals.filter(state="open").exists():
            raise NotAllowed(_("An appeal against it waits: answer that."))
        with transaction.atomic():
            self.reopen_for(reason.strip(), by=by)

    def reopen_for(self, reason: str, *, by: User) -> None:
        """As `reopen`, for who has looked at rights already: an appeal that is upheld."""
        locked = Disclosure.objects.select_for_update(no_key=True, of=("self",)).get(pk=self.disclosure_id)
        self._end([self.State.ISSUED], self.State.REOPENED, by, reason)
        if self.stands:
            badge_moved.send(sender=Disclosure, disclosure=locked, by=by)
        else:
            locked.wait_again(by=by, reason=reason)
        self.disclosure.refresh_from_db()
        self._tell(by, "reopened")

    # --- how -----------------------------------------------------------------------------------------------
    def _require_sense(self) -> None:
        if self.level not in Level.values or self.kind not in Kind.values or self.criteria not in Criteria.values:
            raise NotAllowed(_("Please choose level, opinion and criteria."))
        if self.criteria == Criteria.OTHER and not self.criteria_words:
            raise NotAllowed(_("Please name the criteria in words."))
        for words in (self.scope, self.sampling, self.statement):
            if not words:
                raise NotAllowed(_("Scope, what was looked at and the statement are needed in words."))
            if len(words) > LONGEST_WORDS:
                raise NotAllowed(_("At most %(most)s characters, please.") % {"most": LONGEST_WORDS})
        if not self.has_no_conflict:
            raise NotAllowed(
                _("Please declare that you have no conflict of interest; with one, another verifier signs.")
            )
        if len(self.despite) > LONGEST_REASON:
            raise NotAllowed(_("At most %(most)s characters, please.") % {"most": LONGEST_REASON})

    def _require_reason(self, open_items: list[Check]) -> None:
        if not self.stands:
            return
        if open_items and not self.despite:
            raise ReasonNeeded(_("Items are open: please write down why it is verified all the same."), open_items)
        if self.despite and not open_items:
            raise NotAllowed(_("Nothing is open: there is nothing to give a reason for."))

    def _measure(self, grounds: Grounds) -> None:
        if objections := grounds.objections(self.kind):
            raise NotAllowed(" ".join(objections))
        for name, value in _measured(grounds).items():
            setattr(self, name, value)

    def _require_as_drafted(self, grounds: Grounds) -> None:
        if objections := grounds.objections(self.kind):
            raise NotAllowed(" ".join(objections))
        if any(getattr(self, name) != value for name, value in _measured(grounds).items()):
            raise StaleVersion(_("Findings or substitutions changed since it was drafted: send it back, please."))

    def _require_reviewer(self, by: User) -> None:
        if objection := self.review_objection_to(by):
            raise NotAllowed(objection)

    def _supersede_older(self, by: User) -> None:
        of_year = Opinion.objects.issued().filter(
            disclosure__company=self.disclosure.company_id,
            disclosure__year=self.disclosure.year,
            disclosure__version__lt=self.disclosure.version,
        )
        for older in of_year.select_related("disclosure"):
            older._end([self.State.ISSUED], self.State.SUPERSEDED, by)
            older._tell(by, "superseded")

    def _end(self, old: list[str], state: str, by: User, words: str = "") -> None:
        self._move(old, state=state, ended_by=by, ended_at=Now(), ended_words=words)

    def _move(self, old: list[str], **changes: Any) -> None:
        """By UPDATE of exactly this row, if it is still as it must be. Raises StaleVersion."""
        if Opinion.objects.filter(pk=self.pk, state__in=old).update(**changes) != 1:
            self.refresh_from_db()
            raise StaleVersion(
                _("Somebody was faster: the opinion is “%(state)s”.") % {"state": self.get_state_display()}
            )
        self.refresh_from_db()

    def _tell(self, by: User, verb: str) -> None:
        audit.append(by, f"opinion.{verb}", f"opinion:{self.pk}", digest=self.digest, detail=self.kind)
        opinion_moved.send(sender=Opinion, opinion=self, by=by, verb=verb)


def _measured(grounds: Grounds) -> dict[str, Any]:
    found = grounds.materiality
    return {
        "reported_t": found and found.reported_t,
        "threshold_t": found and found.threshold_t,
        "net_t": found and found.net_t,
        "absolute_t": found and found.absolute_t,
        "largest_t": found and found.largest_t,
        "unclosed": grounds.unclosed,
        "substituted": len(grounds.substitutions),
    }


def outsider_objection(disclosure: Disclosure, user: SomeUser) -> str:
    """Why this person is no independent reviewer of the version's company, in words; empty where they are."""
    if not has_role(user, Role.INDEPENDENT_REVIEWER):
        return str(_("Only an independent reviewer does this."))
    return disclosure.tie_of(user)


def reviewers(disclosure: Disclosure) -> list[User]:
    """Who could look at it from outside today."""
    people = User.objects.filter(is_active=True, person__role=Role.INDEPENDENT_REVIEWER).select_related("person")
    return [one for one in people.order_by("pk") if not outsider_objection(disclosure, one)]
