"""The monitoring plan (数据质量控制计划): how a company measures each source, approved before it reports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portfolio.errors import NotAllowed
from portfolio.models.company import Company, Membership
from portfolio.models.disclosure import FIRST_YEAR
from portfolio.models.signed import Signed, SignedQuerySet, SignedStep, digest_of
from portfolio.models.site import Site
from portfolio.signals import monitoring_plan_verified

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser

LONGEST_BOUNDARY = LONGEST_REASON = 2000  # characters
MOST_SOURCES = 300
FACTS = ("valid_from", "boundary", "reason")


class MonitoringPlanQuerySet(SignedQuerySet["MonitoringPlan"]):
    def for_applicant(self, user: SomeUser) -> Self:
        return self.filter(company__in=Company.objects.visible_to(user))

    def in_force(self, company_id: int, year: int) -> MonitoringPlan | None:
        """What a report of that year is held against: the latest approved one that begins by then."""
        approved = self.filter(company=company_id, frozen_at__isnull=False, valid_from__lte=year)
        return approved.order_by("-version").first()


class MonitoringPlan(Signed):
    """One version of what a company measures, where and how, from a year on.

    Its people draft and submit it, a verifier without ties approves or returns it. Approved it is frozen (see
    portfolio/guards.py); a change is a new version with its own reason.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        RETURNED = "returned", _("Returned for correction")
        VERIFIED = "verified", pgettext_lazy("of a monitoring plan", "Approved")
        WITHDRAWN = "withdrawn", _("Withdrawn before submission")

    OPEN = (State.DRAFT, State.SUBMITTED, State.RETURNED)
    OWNER = "company_id"
    SUBJECT = ("company_id",)  # whichever version they prepared
    AUDITED_AS = "monitoring_plan"
    ONLY_VERIFIERS = _("Only a verifier can approve or return a monitoring plan.")
    PREPARED = _("You prepared a monitoring plan of this company.")
    NOT_WAITING = _("This plan is not waiting for approval.")
    CHANGED_SINCE = _("The plan changed since you opened it. Read it again, please.")
    CHANGED_MEANWHILE = _("Somebody else changed this plan meanwhile. Read it again, please.")

    company = models.ForeignKey(Company, models.PROTECT, related_name="monitoring_plans", verbose_name=_("company"))
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.DRAFT)
    valid_from = models.PositiveSmallIntegerField(_("valid from the year"))
    boundary = models.TextField(_("organisational boundary"), blank=True, max_length=LONGEST_BOUNDARY)
    reason = models.TextField(
        _("why it changes"), blank=True, max_length=LONGEST_REASON, help_text=_("Empty for the first one")
    )
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="successors", verbose_name=_("changes")
    )

    objects = MonitoringPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("monitoring plan")
        verbose_name_plural = _("monitoring plans")
        ordering = ["company", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["company", "version"], name="plan_version_once_a_company"),
            models.UniqueConstraint(
                fields=["company"],
                condition=models.Q(state__in=["draft", "submitted", "returned"]),
                name="one_open_plan_a_company",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "submitted", "returned", "verified", "withdrawn"]),
                name="plan_state_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_from__gte=FIRST_YEAR, valid_from__lte=2200), name="plan_begins_in_a_year"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["submitted", "verified"])
                | (~models.Q(boundary="") & (models.Q(supersedes=None) | ~models.Q(reason=""))),
                name="submitted_plan_says_boundary_and_why",
            ),
            models.CheckConstraint(condition=Signed.VERIFIER_IS_NOT_PREPARER, name="plan_verifier_is_not_preparer"),
            models.CheckConstraint(
                condition=Signed.VERIFIED_NAMES_ITS_VERIFIER, name="approved_plan_names_its_verifier"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · v{self.version}"

    def get_absolute_url(self) -> str:
        return reverse("portfolio:monitoring_plan", args=[self.pk])

    def rows(self) -> list[PlannedSource]:
        return list(self.sources.select_related("site").order_by("number"))

    def content_digest(self) -> str:
        """Company, version, the version it changes, FACTS, and the rows in their order."""
        facts = [getattr(self, name) for name in FACTS]
        before = self.supersedes.digest if self.supersedes else ""
        rows = [row.signed() for row in self.rows()]
        return digest_of([self.company.company_key, self.version, before, *facts, rows])

    def lack(self) -> str:
        if not self.boundary.strip():
            return str(_("Say in words which sites and companies the plan covers: the organisational boundary."))
        rows = self.rows()
        if not rows:
            return str(_("A plan names at least one source."))
        before = self.supersedes
        if before is None:
            return ""
        if not self.reason.strip():
            return str(_("A changed plan says why it changes."))
        same = (self.valid_from, self.boundary) == (before.valid_from, before.boundary)
        if same and {row.subject: row.told for row in rows} == {row.subject: row.told for row in before.rows()}:
            return str(_("Nothing differs from the approved version before it."))
        return ""

    # --- what people do ------------------------------------------------------------------------------
    @classmethod
    def start(cls, company: Company, *, by: User) -> MonitoringPlan:
        """The draft of the next version, with all of the latest approved one copied. Raises NotAllowed."""
        if not Membership.objects.filter(user_id=by.pk, company=company).exists():
            raise NotAllowed(_("Only people of the company can write its monitoring plan."))
        of_company = cls.objects.filter(company=company).order_by("-version")
        last, newest = of_company.filter(frozen_at__isnull=False).first(), of_company.first()
        this_year = timezone.localdate().year
        made = cls(
            company=company,
            version=newest.version + 1 if newest else 1,
            valid_from=max(last.valid_from, this_year) if last else this_year,
            boundary=last.boundary if last else "",
            supersedes=last,
            created_by=by,
        )
        try:
            with transaction.atomic():
                made.save(force_insert=True)
                made._write(last.rows() if last else [])
                made.log(by, "opened", comment="")
        except IntegrityError:
            raise NotAllowed(_("A version of the plan is being prepared already.")) from None
        return made

    def revise(self, *, by: User, edition: int, sources: Iterable[PlannedSource] | None = None, **facts: Any) -> None:
        """Write the FACTS that are given, and with `sources` all rows, on top of the edition that was read.

        Raises NotAllowed or StaleVersion.
        """
        if not self.can_be_edited_by(by):
            raise NotAllowed(_("Only people of the company can change its plan, and only a draft."))
        rows = None if sources is None else list(sources)
        self._require_sense(rows, **facts)
        self.edition = edition
        with transaction.atomic():
            self._move(self.EDITABLE, by, "saved", digest="", **facts)
            if rows is not None:
                self._write(rows)

    def withdraw(self, *, by: User) -> None:
        """Take back a draft that was opened by mistake; it stays on record. Raises NotAllowed or StaleVersion."""
        if self.state != self.State.DRAFT or self.submitted_at is not None or self.membership_of(by) is None:
            raise NotAllowed(_("Only a draft that was never submitted can be withdrawn, by people of the company."))
        self._move([self.State.DRAFT], by, "withdrawn", digest="", state=self.State.WITHDRAWN)

    def verify(self, *, by: User, digest: str, comment: str = "") -> None:
        """Approve it; `digest` is of what the verifier saw. In force from the commit on.

        Raises NotAllowed or StaleVersion.
        """
        with transaction.atomic():
            self._verify(by, digest, comment)
            monitoring_plan_verified.send(sender=MonitoringPlan, plan=self, by=by)

    def _require_sense(self, rows: list[PlannedSource] | None, **facts: Any) -> None:
        year, this_year = facts.get("valid_from"), timezone.localdate().year
        if year is not None and not FIRST_YEAR <= year <= this_year + 1:
            words = _("From %(first)s to %(last)s, please.")
            raise NotAllowed(words % {"first": FIRST_YEAR, "last": this_year + 1})
        if rows is None:
            return
        if len(rows) > MOST_SOURCES:
            raise NotAllowed(_("A plan names at most %(most)s sources.") % {"most": MOST_SOURCES})
        if len({row.subject for row in rows}) < len(rows):
            raise NotAllowed(_("This activity stands in the plan already for the same site and meter."))
        if any(row.site is not None and row.site.company_id != self.company_id for row in rows):
            raise NotAllowed(_("The site belongs to another company."))

    def _write(self, rows: Iterable[PlannedSource]) -> None:
        written = [row.copy_into(self, number) for number, row in enumerate(rows, 1)]
        self.sources.all().delete()
        PlannedSource.objects.bulk_create(written)


class PlannedSource(models.Model):
    """One row of a plan: an activity at a site, by which meter or papers, how often, and who sees to it."""

    class Measured(models.TextChoices):
        METER = "meter", _("Own meter, read")
        INVOICE = "invoice", _("Supplier's bill")
        CALCULATION = "calculation", _("Calculation or balance")
        ESTIMATE = "estimate", _("Estimate")

    class Often(models.TextChoices):
        MONTH = "month", _("Every month")
        QUARTER = "quarter", _("Every quarter")
        YEAR = "year", _("Once a year")

    SUBJECT = ("kind", "site_id", "meter")  # what it is a row of: once a plan
    TOLD = ("measured", "unit", "often", "evidence", "responsible")

    plan = models.ForeignKey(MonitoringPlan, models.CASCADE, related_name="sources", verbose_name=_("monitoring plan"))
    number = models.PositiveSmallIntegerField(_("row"))
    kind = models.CharField(_("activity"), max_length=80)
    site = models.ForeignKey(
        Site,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="planned",
        verbose_name=_("site"),
        help_text=_("Empty: any"),
    )
    meter = models.CharField(_("meter or account"), max_length=60, blank=True, help_text=_("Empty: any"))
    measured = models.CharField(_("how it is measured"), max_length=16, choices=Measured.choices)
    unit = models.CharField(_("unit"), max_length=24)
    often = models.CharField(_("how often"), max_length=8, choices=Often.choices)
    evidence = models.CharField(
        _("evidence expected"), max_length=200, blank=True, help_text=_("Such as monthly bills; empty: none")
    )
    responsible = models.CharField(_("responsible"), max_length=120)

    class Meta:
        verbose_name = _("planned source")
        verbose_name_plural = _("planned sources")
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="planned_source_once_a_number"),
            models.UniqueConstraint(
                fields=["plan", "kind", "site", "meter"],
                condition=models.Q(site__isnull=False),
                name="planned_source_once_a_site",
            ),
            models.UniqueConstraint(
                fields=["plan", "kind", "meter"],
                condition=models.Q(site__isnull=True),
                name="planned_source_once_without_site",
            ),
            models.CheckConstraint(
                condition=models.Q(measured__in=["meter", "invoice", "calculation", "estimate"])
                & models.Q(often__in=["month", "quarter", "year"]),
                name="planned_source_words_are_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(unit="") & ~models.Q(responsible=""), name="planned_source_has_unit_and_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.kind}"

    @property
    def subject(self) -> tuple[Any, ...]:
        return (self.kind, self.site_id, self.meter.strip().casefold())

    @property
    def told(self) -> tuple[str, ...]:
        return tuple(getattr(self, name) for name in self.TOLD)

    def covers(self, kind: str, site_id: int | None, meter: str) -> bool:
        """Whether a line of this kind, site and meter is of this row; a row without site or meter takes any."""
        is_there = self.site_id is None or self.site_id == site_id
        is_its = not self.meter or self.meter.strip().casefold() == meter.strip().casefold()
        return self.kind == kind and is_there and is_its

    def signed(self) -> list[Any]:
        """What a verifier signs of it."""
        return [self.number, self.kind, self.site.site_key if self.site else "", self.meter, *self.told]

    def copy_into(self, plan: MonitoringPlan, number: int) -> PlannedSource:
        kept = {name: getattr(self, name) for name in ("kind", "site", "meter", *self.TOLD)}
        return PlannedSource(plan=plan, number=number, **kept)


class MonitoringPlanStep(SignedStep):
    """What happened to a monitoring plan: appended, never edited (see portfolio/guards.py)."""

    plan = models.ForeignKey(MonitoringPlan, models.PROTECT, related_name="steps", verbose_name=_("monitoring plan"))

    class Meta:
        verbose_name = _("step of a monitoring plan")
        verbose_name_plural = _("steps of monitoring plans")
        ordering = ["plan", "pk"]

    def __str__(self) -> str:
        return f"{self.plan} · {self.label}"

    @property
    def label(self) -> str:
        return str(MonitoringPlan.State.VERIFIED.label) if self.verb == "verified" else super().label
