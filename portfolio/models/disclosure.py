"""One company-year as told to us: versioned, signed by digest, frozen once verified."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Coalesce, Now
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from portfolio import audit
from portfolio.errors import Blocked, NotAllowed, StaleVersion
from portfolio.models.company import Company, Membership
from portfolio.models.people import FUND_SIDE, VERIFICATION_SIDE, Role, has_role, role_of
from portfolio.signals import disclosure_submitted, disclosure_to_be_checked, disclosure_verified

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.activity import Activity
    from portfolio.models.check import Check
    from portfolio.models.people import SomeUser
from portfolio.models.quantity import Quantity

Values = Mapping[str, float | None]  # quantity → value

SCOPE_2 = (Quantity.SCOPE_2_LOCATION, Quantity.SCOPE_2_MARKET, Quantity.SCOPE_2_UNSPECIFIED)
SCOPE_3 = tuple(q for q in Quantity if q.value.startswith("scope3_") and q != Quantity.SCOPE_3_TOTAL)
FIRST_YEAR = 1990
MOST_ACTIVITIES = 2000  # lines of a disclosure: what one page and one request can still carry
PREPARING = ("opened", "saved", "submitted")  # the verbs of those who made a disclosure what it is


FigureRow = tuple[str, float, str, str, str, str, str]  # quantity, value, typed, basis, boundary, source, note


def content_digest(
    disclosure: Disclosure, company_key: str, figures: Iterable[FigureRow], activities: Iterable[list[Any]] = ()
) -> str:
    """SHA-256 of everything a verifier signs, for rows that may not be stored yet."""
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
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, allow_nan=False).encode()).hexdigest()


class DisclosureQuerySet(models.QuerySet["Disclosure"]):
    def visible_to(self, user: SomeUser) -> DisclosureQuerySet:
        """Verifiers see what was submitted, the fund's side what stands, members everything of their company."""
        if has_role(user, *VERIFICATION_SIDE):
            return self.exclude(state__in=[Disclosure.State.DRAFT, Disclosure.State.WITHDRAWN])
        if has_role(user, *FUND_SIDE):
            return self.filter(frozen_at__isnull=False)
        if role_of(user) or not user.is_authenticated:
            return self.none()
        return self.filter(company__memberships__user_id=user.pk)

    def with_questions(self) -> DisclosureQuerySet:
        """With `questions`, how many checks warn of the content that was submitted, and whether a `reason` is given."""
        from portfolio.models.check import Check, CheckedVersion, GivenReason

        of_content = {"disclosure": models.OuterRef("pk"), "digest": models.OuterRef("digest")}
        checked = CheckedVersion.objects.filter(**of_content).exclude(checks__severity=Check.Severity.BLOCK)
        warn = Check.objects.filter(checked=models.OuterRef("checked_pk"), severity=Check.Severity.WARN)
        counted = warn.order_by().values("checked").annotate(count=models.Count("pk")).values("count")
        return self.annotate(
            checked_pk=models.Subquery(checked.order_by("-pk").values("pk")[:1]),
            questions=Coalesce(models.Subquery(counted), 0),
            is_explained=models.Exists(GivenReason.objects.filter(**of_content)),
        )

    def standing(self) -> DisclosureQuerySet:
        """The latest frozen version of each company-year: what counts."""
        newer = Disclosure.objects.filter(
            company=models.OuterRef("company"),
            year=models.OuterRef("year"),
            frozen_at__isnull=False,
            version__gt=models.OuterRef("version"),
        )
        return self.filter(frozen_at__isnull=False).exclude(models.Exists(newer))


class Disclosure(models.Model):
    """One version of one company-year.

    A version that is verified, or recorded from a public source, is frozen: the database refuses to change it
    (see portfolio/guards.py). A correction is a new version.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        RETURNED = "returned", _("Returned for correction")
        VERIFIED = "verified", _("Verified")
        RECORDED = "recorded", _("Recorded from a public source, not verified")
        WITHDRAWN = "withdrawn", _("Withdrawn before submission")

    class RevenueBoundary(models.TextChoices):
        MATCHED = "matched", _("Same boundary as the revenue")
        MISMATCHED = "mismatched", _("Another boundary than the revenue")
        UNSTATED = "unstated", _("Not stated")

    EDITABLE = (State.DRAFT, State.RETURNED)

    company = models.ForeignKey(Company, models.PROTECT, related_name="disclosures", verbose_name=_("company"))
    year = models.PositiveSmallIntegerField(_("year"))
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.DRAFT)
    boundary = models.CharField(_("boundary in words"), max_length=300, blank=True)
    revenue_boundary = models.CharField(
        _("emissions against revenue"),
        max_length=16,
        choices=RevenueBoundary.choices,
        default=RevenueBoundary.UNSTATED,
    )
    source = models.CharField(_("source"), max_length=300)
    licence = models.CharField(_("licence"), max_length=200, blank=True)
    source_document = models.TextField(_("document"), blank=True)
    quality_flag = models.CharField(_("flag"), max_length=400, blank=True)
    digest = models.CharField(_("digest"), max_length=64, blank=True)
    edition = models.PositiveIntegerField(_("edition"), default=1, help_text=_("Counts every save of a draft"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("created by")
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
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    frozen_at = models.DateTimeField(_("frozen at"), null=True, blank=True)

    objects = DisclosureQuerySet.as_manager()

    class Meta:
        verbose_name = _("disclosure")
        verbose_name_plural = _("disclosures")
        ordering = ["company", "-year", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["company", "year", "version"], name="version_once_a_company_and_year"),
            models.UniqueConstraint(
                fields=["company", "year"],
                condition=models.Q(state__in=["draft", "submitted", "returned"]),
                name="one_open_version_a_company_and_year",
            ),
            models.CheckConstraint(
                condition=models.Q(verified_by__isnull=True)
                | (~models.Q(verified_by=models.F("submitted_by")) & ~models.Q(verified_by=models.F("created_by"))),
                name="verifier_is_not_preparer",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="verified")
                | models.Q(verified_by__isnull=False, verified_at__isnull=False, frozen_at__isnull=False),
                name="verified_names_its_verifier",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.year} v{self.version}"

    def get_absolute_url(self) -> str:
        return reverse("portfolio:disclosure", args=[self.pk])

    # --- what it says -------------------------------------------------------------------------------
    def values(self) -> dict[str, float | None]:
        """Quantity → value, with every quantity that has a row."""
        return {figure.quantity: figure.value for figure in self.figures.all()}

    def content_digest(self) -> str:
        """SHA-256 of everything a verifier signs."""
        rows = [(f.quantity, f.value, f.typed, f.basis, f.boundary, f.source, f.note) for f in self.figures.all()]
        lines = self.activities.select_related("site__city", "evidence").order_by("number")
        return content_digest(self, self.company.company_key, rows, [line.signed() for line in lines])

    def total_t(self) -> float | None:
        """Scope 1 plus scope 2, location-based before market-based; None where either is missing."""
        values = self.values()
        scope_1 = values.get(Quantity.SCOPE_1)
        scope_2 = next((value for q in SCOPE_2 if (value := values.get(q)) is not None), None)
        return None if scope_1 is None or scope_2 is None else scope_1 + scope_2

    def missing(self) -> list[str]:
        """What a submission must have and this one lacks, in words."""
        return list(self.missing_fields().values())

    def missing_fields(self) -> dict[str, str]:
        """The same by the field that would fill it."""
        values = self.values()
        lacks: dict[str, str] = {}
        if values.get(Quantity.SCOPE_1) is None:
            lacks[Quantity.SCOPE_1] = str(_("Scope 1 emissions"))
        if all(values.get(quantity) is None for quantity in SCOPE_2):
            lacks[Quantity.SCOPE_2_LOCATION] = str(_("Scope 2 emissions (location- or market-based)"))
        if not self.boundary.strip():
            lacks["boundary"] = str(_("The boundary in words"))
        if not self.source_document.strip():
            lacks["source_document"] = str(_("The document the figures come from"))
        return lacks

    # --- who may ------------------------------------------------------------------------------------
    def membership_of(self, user: SomeUser) -> Membership | None:
        if not user.is_authenticated:
            return None
        return Membership.objects.filter(user_id=user.pk, company=self.company).first()

    def can_be_edited_by(self, user: SomeUser) -> bool:
        return self.state in self.EDITABLE and self.membership_of(user) is not None

    def can_be_submitted_by(self, user: SomeUser) -> bool:
        member = self.membership_of(user)
        return self.state in self.EDITABLE and member is not None and member.kind == Membership.Kind.SUBMITTER

    def can_be_withdrawn_by(self, user: SomeUser) -> bool:
        """Only what nobody has ever submitted: what a verifier has read stays in sight."""
        is_untouched = self.state == self.State.DRAFT and self.submitted_at is None
        return is_untouched and self.membership_of(user) is not None

    def can_be_verified_by(self, user: SomeUser) -> bool:
        return self.state == self.State.SUBMITTED and not self.objection_to(user)

    def objection_to(self, user: SomeUser, ties: Ties | None = None) -> str:
        """Why this person may not verify this company-year, in words; empty when they may."""
        ties = ties or Ties.of(user)
        if not has_role(user, Role.VERIFIER):
            return str(_("Only a verifier can verify or return a disclosure."))
        if self.company_id in ties.companies:
            return str(_("You are a member of this company."))
        if user.pk in (self.submitted_by_id, self.created_by_id) or (self.company_id, self.year) in ties.prepared:
            return str(_("You prepared this disclosure."))
        return ""

    # --- what people do ------------------------------------------------------------------------------
    @classmethod
    def open_year(cls, company: Company, year: int, *, by: User) -> Disclosure:
        """Start the first version of a company-year. Raises NotAllowed."""
        if not Membership.objects.filter(user_id=by.pk, company=company).exists():
            raise NotAllowed(_("Only people of the company can disclose for it."))
        this_year = timezone.localdate().year
        if not FIRST_YEAR <= year <= this_year:
            raise NotAllowed(
                _("%(year)s is not a year to disclose: %(first)s to %(last)s are.")
                % {"year": year, "first": FIRST_YEAR, "last": this_year}
            )
        of_year = cls.objects.filter(company=company, year=year)
        if known := of_year.exclude(state=cls.State.WITHDRAWN).order_by("-version").first():
            raise NotAllowed(
                _("%(year)s exists already: version %(version)s, %(state)s.")
                % {"year": year, "version": known.version, "state": known.get_state_display()}
            )
        return cls._open(by, company=company, year=year)

    def revise(
        self,
        *,
        by: User,
        edition: int,
        boundary: str,
        revenue_boundary: str,
        source_document: str,
        figures: Iterable[Figure],
    ) -> None:
        """Write the draft anew on top of the edition that was read; `figures` are all it has.

        Raises NotAllowed, or StaleVersion when somebody saved another edition meanwhile.
        """
        facts = {"boundary": boundary, "revenue_boundary": revenue_boundary, "source_document": source_document}
        with self._editing(by, edition, **facts):
            rows = list(figures)
            for row in rows:
                row.disclosure = self
            self.figures.exclude(quantity__in=[row.quantity for row in rows]).delete()
            Figure.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["disclosure", "quantity"],
                update_fields=["value", "typed", "basis", "boundary", "source", "note"],
            )

    def put_activities(self, *, by: User, edition: int, activities: Iterable[Activity]) -> None:
        """Make these lines all that the draft has, numbered from 1 in their order.

        This and the three below raise NotAllowed, or StaleVersion when somebody saved another edition meanwhile.
        """
        rows = list(activities)
        if len(rows) > MOST_ACTIVITIES:
            raise NotAllowed(_("A disclosure holds at most %(most)s lines.") % {"most": MOST_ACTIVITIES})
        with self._editing(by, edition):
            for number, row in enumerate(rows, 1):
                row.pk, row.number = None, number
                self._adopt(row)
            self.activities.all().delete()
            self.activities.bulk_create(rows)

    def add_activity(self, activity: Activity, *, by: User, edition: int) -> None:
        """Append a line; it gets the next number."""
        with self._editing(by, edition):
            last = self.activities.aggregate(last=models.Max("number"))["last"] or 0
            if self.activities.count() >= MOST_ACTIVITIES:
                raise NotAllowed(_("A disclosure holds at most %(most)s lines.") % {"most": MOST_ACTIVITIES})
            activity.number = last + 1
            self._adopt(activity)
            activity.save(force_insert=True)

    def change_activity(self, activity: Activity, *, by: User, edition: int) -> None:
        """Write a changed line of this draft in its place."""
        with self._editing(by, edition):
            if not self.activities.filter(pk=activity.pk, number=activity.number).exists():
                raise StaleVersion(_("This line is no longer there."))
            self._adopt(activity)
            activity.save(force_update=True)

    def remove_activity(self, activity: Activity, *, by: User, edition: int) -> None:
        """Take a line out. The others keep their numbers."""
        with self._editing(by, edition):
            removed, _kinds = self.activities.filter(pk=activity.pk).delete()
            if not removed:
                raise StaleVersion(_("This line is no longer there."))

    def _adopt(self, activity: Activity) -> None:
        """A line points to nothing of another company. Raises NotAllowed."""
        activity.disclosure = self
        if activity.site is not None and activity.site.company_id != self.company_id:
            raise NotAllowed(_("The site belongs to another company."))
        if activity.evidence is not None and activity.evidence.company_id != self.company_id:
            raise NotAllowed(_("The evidence belongs to another company."))

    @contextmanager
    def _editing(self, by: User, edition: int, **facts: str) -> Iterator[None]:
        """One more edition of the draft, on top of the one that was read, with all that the block writes or none."""
        if not self.can_be_edited_by(by):
            raise NotAllowed(_("Only people of the company can change its disclosure, and only a draft."))
        with transaction.atomic():
            saved = Disclosure.objects.filter(pk=self.pk, state__in=self.EDITABLE, edition=edition).update(
                edition=edition + 1,
                digest="",  # what was signed before is no longer what stands here
                **facts,
            )
            if saved != 1:
                raise StaleVersion(_("Somebody else saved this disclosure meanwhile."))
            yield
            self.refresh_from_db()
            self.log(by, "saved", comment="")

    def submit(self, *, by: User, reason: str = "", words: str = "") -> None:
        """Hand the draft to verification, with a reason (JumpReason) in words where a figure is far from last year's.

        Raises NotAllowed, Blocked with the checks that stand against it, or StaleVersion.
        """
        from portfolio.models.check import GivenReason

        if not self.can_be_submitted_by(by):
            raise NotAllowed(_("Only a submitter of the company can submit, and only a draft."))
        if lacks := self.missing():
            raise NotAllowed(_("Still missing: %(what)s") % {"what": "; ".join(lacks)})
        digest = self.content_digest()
        explained = self._check(digest, reason, words)
        with transaction.atomic():
            self._move(
                self.EDITABLE, by, "submitted", digest, state=self.State.SUBMITTED, submitted_by=by, submitted_at=Now()
            )
            if explained:
                GivenReason.give(explained, self, by=by, reason=reason, words=words.strip())
            disclosure_submitted.send(sender=Disclosure, disclosure=self, by=by)

    def _check(self, digest: str, reason: str, words: str) -> Check | None:
        """The check that the reason explains, if one is given. Raises NotAllowed or Blocked."""
        from portfolio.models.check import LONGEST_REASON, JumpReason

        if (reason or words.strip()) and reason not in JumpReason.values:
            raise NotAllowed(_("Please choose which reason it is."))
        if reason and not words.strip():
            raise NotAllowed(_("Please tell the reason in words, too: the verifier reads them."))
        if len(words) > LONGEST_REASON:
            raise NotAllowed(_("At most %(most)s characters, please.") % {"most": LONGEST_REASON})
        answers: list[tuple[Any, Any]] = disclosure_to_be_checked.send(
            sender=Disclosure, disclosure=self, digest=digest, reason=reason
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

    def withdraw(self, *, by: User, reason: str) -> None:
        """Take back a draft that was opened by mistake; it stays on record. Raises NotAllowed or StaleVersion."""
        if not self.can_be_withdrawn_by(by):
            raise NotAllowed(_("Only a draft that was never submitted can be withdrawn, by people of the company."))
        if not reason.strip():
            raise NotAllowed(_("A withdrawal needs a reason."))
        self._move([self.State.DRAFT], by, "withdrawn", "", comment=reason.strip(), state=self.State.WITHDRAWN)

    def return_for_correction(self, *, by: User, reason: str, digest: str | None = None) -> None:
        """Send it back with the verifier's words; `digest` is of what they saw. Raises NotAllowed or StaleVersion."""
        self._require_verifier(by)
        if not reason.strip():
            raise NotAllowed(_("A return needs a reason."))
        if digest is not None and digest != self.digest:
            raise StaleVersion(_("The disclosure changed since you opened it. Read it again, please."))
        self._move([self.State.SUBMITTED], by, "returned", self.digest, comment=reason, state=self.State.RETURNED)

    def verify(self, *, by: User, digest: str, comment: str = "") -> None:
        """Freeze this version as verified, and let the layers above know in the same transaction.

        `digest` is of what the verifier saw. Raises NotAllowed or StaleVersion.
        """
        self._require_verifier(by)
        with transaction.atomic():
            if not (digest == self.digest == self.content_digest()):
                raise StaleVersion(_("The disclosure changed since you opened it. Read it again, please."))
            self._move(
                [self.State.SUBMITTED],
                by,
                "verified",
                digest,
                comment=comment,
                state=self.State.VERIFIED,
                verified_by=by,
                verified_at=Now(),
                frozen_at=Now(),
            )
            disclosure_verified.send(sender=Disclosure, disclosure=self, by=by)

    def new_version(self, *, by: User) -> Disclosure:
        """A draft that corrects this frozen version, with its figures and activities copied."""
        if not Membership.objects.filter(user_id=by.pk, company=self.company).exists():
            raise NotAllowed(_("Only people of the company can correct its disclosure."))
        of_year = Disclosure.objects.filter(company=self.company, year=self.year)
        latest = of_year.exclude(state=self.State.WITHDRAWN).order_by("-version")[0]
        if latest.frozen_at is None:
            raise NotAllowed(_("There is an open version of this year already."))
        if latest != self:
            raise NotAllowed(_("A newer version stands; correct that one."))
        return self._open(
            by,
            company=self.company,
            year=self.year,
            boundary=self.boundary,
            revenue_boundary=self.revenue_boundary,
            source_document=self.source_document,
            figures=list(self.figures.all()),
            activities=list(self.activities.all()),
        )

    @classmethod
    def _open(
        cls,
        by: User,
        *,
        company: Company,
        year: int,
        figures: Iterable[Figure] = (),
        activities: Iterable[Activity] = (),
        **facts: Any,
    ) -> Disclosure:
        try:
            with transaction.atomic():
                of_year = cls.objects.filter(company=company, year=year)
                last = of_year.aggregate(last=models.Max("version"))["last"] or 0
                named = {"source": company.name_zh or company.name_en, "created_by": by}
                draft = cls.objects.create(company=company, year=year, version=last + 1, **named, **facts)
                copied_figures, copied_lines = list(figures), list(activities)
                for figure in copied_figures:
                    figure.pk, figure.disclosure = None, draft
                for line in copied_lines:
                    line.pk, line.disclosure = None, draft
                draft.figures.bulk_create(copied_figures)
                draft.activities.bulk_create(copied_lines)
                draft.log(by, "opened", comment="")
        except IntegrityError:  # somebody opened it between our look and our insert
            raise NotAllowed(_("There is an open version of this year already.")) from None
        return draft

    def _require_verifier(self, user: SomeUser) -> None:
        if objection := self.objection_to(user):
            raise NotAllowed(objection)
        if self.state != self.State.SUBMITTED:
            raise StaleVersion(self.why_not_waiting())

    def why_not_waiting(self) -> str:
        """Who was faster, for a verifier who comes late."""
        last = self.steps.select_related("by").last()
        words = {
            "verified": _("%(who)s verified this version at %(when)s."),
            "returned": _("%(who)s returned this version to the company at %(when)s."),
        }
        if last is None or last.verb not in words:
            return str(_("This version is not waiting for verification."))
        who = (last.by.get_full_name() or last.by.get_username()) if last.by else "—"
        when = date_format(timezone.localtime(last.at), "DATETIME_FORMAT")
        return words[last.verb] % {"who": who, "when": when}

    def log(self, by: User | None, verb: str, *, comment: str) -> None:
        Step.objects.create(disclosure=self, verb=verb, by=by, comment=comment, digest=self.digest)
        audit.append(by, f"disclosure.{verb}", f"disclosure:{self.pk}", digest=self.digest)

    def _move(self, old: Any, by: User, verb: str, digest: str, *, comment: str = "", **changes: Any) -> None:
        """A state changes by conditional UPDATE of exactly this edition, or not at all."""
        with transaction.atomic():
            moved = Disclosure.objects.filter(pk=self.pk, state__in=old, edition=self.edition).update(
                digest=digest, edition=self.edition + 1, **changes
            )
            if moved != 1:
                raise StaleVersion(_("Somebody else changed this disclosure meanwhile. Read it again, please."))
            self.refresh_from_db()
            self.log(by, verb, comment=comment)


@dataclass(frozen=True)
class Ties:
    """What ties a person to companies: those they belong to, and the company-years they helped to prepare."""

    companies: frozenset[int]
    prepared: frozenset[tuple[int, int]]

    @classmethod
    def of(cls, user: SomeUser) -> Ties:
        if not user.is_authenticated:
            return cls(frozenset(), frozenset())
        prepared = Step.objects.filter(by_id=user.pk, verb__in=PREPARING)
        return cls(
            frozenset(Membership.objects.filter(user_id=user.pk).values_list("company_id", flat=True)),
            frozenset(prepared.values_list("disclosure__company_id", "disclosure__year")),
        )


class Figure(models.Model):
    """One number of a disclosure, as typed and as read, with its basis, boundary and source."""

    class Basis(models.TextChoices):
        REPORTED = "reported", _("Reported")
        MEASURED = "measured", _("Measured")
        CALCULATED = "calculated", _("Calculated")
        ESTIMATED = "estimated", _("Estimated")

    disclosure = models.ForeignKey(Disclosure, models.CASCADE, related_name="figures", verbose_name=_("disclosure"))
    quantity = models.CharField(_("quantity"), max_length=32, choices=Quantity.choices)
    value = models.FloatField(_("value"))
    typed = models.CharField(_("as typed"), max_length=60, blank=True)
    basis = models.CharField(_("basis"), max_length=16, choices=Basis.choices, default=Basis.REPORTED)
    boundary = models.CharField(_("boundary in words"), max_length=300, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        ordering = ["disclosure", "quantity"]
        constraints = [
            models.UniqueConstraint(fields=["disclosure", "quantity"], name="quantity_once_a_disclosure"),
            models.CheckConstraint(condition=models.Q(value__gte=0), name="figure_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.get_quantity_display()} {self.value} {self.unit}"

    @property
    def unit(self) -> str:
        return Quantity(self.quantity).unit


class Step(models.Model):
    """What happened to a disclosure: appended, never edited (see portfolio/guards.py)."""

    disclosure = models.ForeignKey(Disclosure, models.PROTECT, related_name="steps", verbose_name=_("disclosure"))
    verb = models.CharField(_("what"), max_length=24)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who")
    )
    at = models.DateTimeField(_("when"), auto_now_add=True)
    comment = models.TextField(_("comment"), blank=True)
    digest = models.CharField(_("digest"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["disclosure", "pk"]

    def __str__(self) -> str:
        return f"{self.disclosure} · {self.verb}"
