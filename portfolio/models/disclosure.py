"""One company-year as told to us: versioned, signed by digest, frozen once verified."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Coalesce, Now
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portfolio import audit
from portfolio.errors import NotAllowed, StaleVersion
from portfolio.models import provenance
from portfolio.models.case.badge import Badge, Badged, badge
from portfolio.models.company import Company, Membership
from portfolio.models.desk import points
from portfolio.models.join import set_aside
from portfolio.models.quantity import Figure, Quantity
from portfolio.models.signed import Signed, SignedQuerySet, SignedStep, digest_of
from portfolio.signals import disclosure_submitted, disclosure_verified

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.activity import Activity, Citation
    from portfolio.models.case.opinion import Opinion
    from portfolio.models.check import Check
    from portfolio.models.people import SomeUser
    from portfolio.models.solution import Solution

    Lines = Collection[Activity]

Values = Mapping[str, float | None]  # quantity → value

SCOPE_2 = (Quantity.SCOPE_2_LOCATION, Quantity.SCOPE_2_MARKET, Quantity.SCOPE_2_UNSPECIFIED)
SCOPE_3 = tuple(q for q in Quantity if q.value.startswith("scope3_") and q != Quantity.SCOPE_3_TOTAL)
FIRST_YEAR = 1990
MOST_ACTIVITIES = 2000  # lines of a disclosure: what one page and one request can still carry
LONGEST_REASON = 2000  # characters
TYPED_BY = "\n"  # in the words of a saving, before who typed it
IDENTITY = ("id", "disclosure", "quantity")  # of a figure; all else of it can change


class DisclosureQuerySet(SignedQuerySet["Disclosure"]):
    CONFLICT_CLOSES = True

    def for_applicant(self, user: SomeUser) -> Self:
        """Everything of their company."""
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

    def with_badge(self) -> DisclosureQuerySet:
        """With `badged`: what each may show of its verification."""
        return self.annotate(badged=badge(Disclosure))

    def badged(self) -> DisclosureQuerySet:
        return self.with_badge().filter(models.Q(("badged", Badge.VERIFIED)))

    def standing(self, *, with_set_aside: bool = False) -> DisclosureQuerySet:
        """The latest frozen version of each company-year: what counts. Not what a rejected join sets aside."""
        newer = Disclosure.objects.filter(
            company=models.OuterRef("company"),
            year=models.OuterRef("year"),
            frozen_at__isnull=False,
            version__gt=models.OuterRef("version"),
        )
        latest = self.filter(frozen_at__isnull=False).exclude(models.Exists(newer))
        return latest if with_set_aside else latest.exclude(set_aside("emissions"))


class Disclosure(Badged, Signed):
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
        REFUSED = "refused", pgettext_lazy("of a disclosure", "Verification failed")

    class RevenueBoundary(models.TextChoices):
        MATCHED = "matched", _("Same boundary as the revenue")
        MISMATCHED = "mismatched", _("Another boundary than the revenue")
        UNSTATED = "unstated", _("Not stated")

    SUBJECT = ("company_id", "year")  # whichever version they prepared
    OWNER = "company_id"
    AUDITED_AS = "disclosure"
    ONLY_VERIFIERS = _("Only a verifier can verify or return a disclosure.")
    PREPARED = _("You prepared this disclosure.")
    NOT_WAITING = _("This version is not waiting for verification.")
    CHANGED_SINCE = _("The disclosure changed since you opened it. Read it again, please.")
    CHANGED_MEANWHILE = _("Somebody else changed this disclosure meanwhile. Read it again, please.")

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
    edition = models.PositiveIntegerField(_("edition"), default=1, help_text=_("Counts every save of a draft"))
    created_by = models.ForeignKey(  # type: ignore[assignment]  # nobody where it was read from a public source
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("created by")
    )
    saved_at = models.DateTimeField(_("saved at"), null=True, blank=True, help_text=_("The last save of the draft"))
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    verified_despite = models.TextField(
        _("why verified with open items"), blank=True, help_text=_("The verifier's reason; empty where none was open")
    )
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
            models.CheckConstraint(condition=Signed.VERIFIER_IS_NOT_PREPARER, name="verifier_is_not_preparer"),
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
        """Quantity → value, with every quantity that has a row; a substitution counts in its place."""
        return {**{figure.quantity: figure.value for figure in self.figures.all()}, **self.substituted()}

    def substituted(self) -> dict[str, float]:
        """Quantity → conservative value: what the opinion on it put in the place of figures."""
        return self.substitutions.all().counting(self) if self.frozen_at else {}

    def content_digest(self) -> str:
        return digest_of(self.content())

    def content(self) -> list[Any]:
        """Everything a verifier signs."""
        from portfolio.models.check import content_of

        rows = [(f.quantity, f.value, f.typed, f.basis, f.boundary, f.source, f.note) for f in self.figures.all()]
        lines = self.activities.select_related("site__city").with_citations().order_by("number")
        by_hand = [[f.quantity, f.ledger_value] for f in self.figures.all() if f.ledger_value is not None]
        standings = [[f.quantity, f.ebit_standing] for f in self.figures.all() if f.ebit_standing]
        sold = [row.signed() for row in self.solutions.select_related("family").order_by("number")]
        signed = [line.signed() for line in lines]
        cited = [[quantity, [one.signed() for one in citations]] for quantity, citations in self.cited().items()]
        return content_of(self, self.company.company_key, rows, signed, by_hand, standings, sold, cited)

    def cited(self) -> dict[str, list[Citation]]:
        """Quantity → what shows the figure, in order; of lines see Activity.cited."""
        return self.citations.all().of_figures()

    def total_t(self) -> float | None:
        """Scope 1 plus scope 2, location-based before market-based; None where either is missing."""
        values = self.values()
        scope_1 = values.get(Quantity.SCOPE_1)
        scope_2 = next((value for q in SCOPE_2 if (value := values.get(q)) is not None), None)
        return None if scope_1 is None or scope_2 is None else scope_1 + scope_2

    def lack(self) -> str:
        lacks = self.missing()
        return _("Still missing: %(what)s") % {"what": "; ".join(lacks)} if lacks else ""

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

    def open_items(self) -> list[Check]:
        """What was asked and not settled when this content was submitted: the warnings of its checks."""
        from portfolio.models.check import warnings_of

        return warnings_of(self)

    # --- who may ------------------------------------------------------------------------------------
    def can_be_withdrawn_by(self, user: SomeUser) -> bool:
        """Only what nobody has ever submitted: what a verifier has read stays in sight."""
        is_untouched = self.state == self.State.DRAFT and self.submitted_at is None
        return is_untouched and self.membership_of(user) is not None

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
        from_ledger: Collection[str] = (),
        as_typed: bool = False,
        cited: Mapping[str, list[Citation]] | None = None,
    ) -> None:
        """Write the draft anew on top of the edition that was read; `figures` are all it has.

        Those of the quantities `from_ledger` are taken over from its ledger now; `provenance.settle` tells what becomes
        of the others. `cited`: by quantity what shows it, where that is to change. `as_typed`: the page saves by itself
        while somebody types (see `editing`).
        Raises NotAllowed, or StaleVersion when somebody saved another edition meanwhile.
        """
        facts = {"boundary": boundary, "revenue_boundary": revenue_boundary, "source_document": source_document}
        rows = list(figures)
        for row in rows:
            row.disclosure = self
        with self.editing(by, edition, as_typed=as_typed, **facts) as edits:
            stored = {figure.quantity: figure for figure in self.figures.all()}
            edits.figures(rows, stored, from_ledger)
            edits.cited(cited or {})
            provenance.settle(rows, stored, by=by, at=timezone.now(), from_ledger=from_ledger)
            self.figures.exclude(quantity__in=[row.quantity for row in rows]).delete()
            Figure.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["disclosure", "quantity"],
                update_fields=[field.name for field in Figure._meta.fields if field.name not in IDENTITY],
            )
            self._cite(figures=cited)

    def put_activities(self, *, by: User, edition: int, activities: Iterable[Activity]) -> None:
        """Make these lines all that the draft has, in their order (numbers: points.Edits.all_lines).

        This and those below raise NotAllowed, or StaleVersion when somebody saved another edition meanwhile.
        """
        rows = list(activities)
        if len(rows) > MOST_ACTIVITIES:
            raise NotAllowed(_("A disclosure holds at most %(most)s lines.") % {"most": MOST_ACTIVITIES})
        with self.editing(by, edition) as edits:
            for row in rows:
                row.cited, row.pk = row.cited, None
                self._adopt(row)
            edits.all_lines(rows)
            self.activities.all().delete()
            self.activities.bulk_create(rows)
            self._cite(rows)

    def add_activity(self, activity: Activity, *, by: User, edition: int) -> None:
        """Append a line; it gets the next number."""
        self.write_activities(by=by, edition=edition, added=[activity])

    def write_activities(
        self, *, by: User, edition: int, added: Lines = (), changed: Lines = (), removed: Lines = (), typed_by: str = ""
    ) -> None:
        """All of this in one edition, or nothing: lines appended, written in their place, and taken out.

        `typed_by`: who typed it by a link that `by` had sent (FormLink); the step says so.
        """
        with self.editing(by, edition, typed_by=typed_by) as edits:
            rows = self.activities.values_list("pk", "number", "external_id")
            addresses = {(pk, number): external_id for pk, number, external_id in rows}
            if not {(line.pk, line.number) for line in (*changed, *removed)} <= addresses.keys():
                raise StaleVersion(_("This line is no longer there."))
            for line in changed:  # forms and files know nothing of it
                line.external_id = line.external_id or addresses[line.pk, line.number]
            if added and len(addresses) - len(removed) + len(added) > MOST_ACTIVITIES:
                raise NotAllowed(_("A disclosure holds at most %(most)s lines.") % {"most": MOST_ACTIVITIES})
            for number, line in enumerate(added, 1 + max((number for _pk, number in addresses), default=0)):
                line.number = number
            for line in (*added, *changed):
                self._adopt(line)
            edits.lines(added, changed, removed)
            self.activities.filter(pk__in=[line.pk for line in removed]).delete()
            fields = [field.name for field in self.activities.model._meta.fields]
            written = [name for name in fields if name not in ("id", "disclosure", "number")]
            self.activities.bulk_update(changed, written, batch_size=200)
            self.activities.bulk_create(added, batch_size=500)
            self._cite([*changed, *added])

    def cite(self, quantity: Quantity, cited: Iterable[Citation], *, by: User, edition: int) -> None:
        """Make these all that shows a figure. It may be there before its number is."""
        figures = {str(quantity): list(cited)}
        with self.editing(by, edition) as edits:
            edits.cited(figures)
            self._cite(figures=figures)

    def _adopt(self, activity: Activity) -> None:
        """A line points to nothing of another company. Raises NotAllowed."""
        activity.disclosure = self
        if activity.site is not None and activity.site.company_id != self.company_id:
            raise NotAllowed(_("The site belongs to another company."))

    def _cite(self, lines: Iterable[Activity] = (), figures: Mapping[str, list[Citation]] | None = None) -> None:
        from portfolio.models.activity import write_citations

        write_citations(self, lines, figures)

    @contextmanager
    def editing(
        self, by: User, edition: int, *, as_typed: bool = False, typed_by: str = "", **facts: str
    ) -> Iterator[points.Edits]:
        """One more edition of the draft, on top of the one that was read, with all that the block writes or none.

        `as_typed` is no step of its own while the last one is this person's saving (signed.ONE_STEP). The block tells
        what it changes, for after a return only what was opened may be: raises Locked."""
        if not self.can_be_edited_by(by):
            raise NotAllowed(_("Only people of the company can change its disclosure, and only a draft."))
        edits = points.Edits(self)
        edits.facts(facts)
        with transaction.atomic():
            # An empty digest: what was signed before is no longer what stands here.
            if not self._advance(self.EDITABLE, edition, digest="", saved_at=Now(), **facts):
                raise StaleVersion(_("Somebody else saved this disclosure meanwhile."))
            yield edits
            edits.require()
            self.refresh_from_db()
            # Codes, whose words are the history's; and in a second line who typed it, where that was not `by`.
            changed = " ".join(sorted(edits.points)) + (TYPED_BY + typed_by if typed_by else "")
            if not (as_typed and self.is_being_written_by(by, changed)):
                self.log(by, "saved", comment=changed)

    def submit(self, *, by: User, reason: str = "", words: str = "", answer: str = "", declared: str = "") -> None:
        """Hand the draft to verification, with a reason (JumpReason) in words where a figure is far from last year's,
        and with an `answer` to a return, which must be there where nothing else changed since. `declared` is the
        digest of what the submitter saw, if they saw one.

        Raises NotAllowed, Unanswered, AnswerNeeded, Blocked with the checks that stand against it, or StaleVersion.
        """
        from portfolio.models.check import Declaration, GivenReason, require_checks

        self._require_submittable(by)
        before = self.content()
        digest = digest_of(before)
        if declared and declared != digest:
            raise StaleVersion(self.CHANGED_SINCE)
        self.findings.require_answers(self, before)
        self._require_answer(digest, answer)
        explained = require_checks(self, digest, reason, words)
        with transaction.atomic():
            self._settle_places()
            self.findings.answer_by_changes(self, before, by=by)
            self._submit(by, digest, answer)
            content = self.content()
            if digest_of(content) != digest:  # the company or a site moved while it was checked
                raise StaleVersion(self.CHANGED_MEANWHILE)
            Declaration.make(self.steps.filter(verb="submitted").latest("pk"), content)
            if explained:
                GivenReason.give(explained, self, by=by, reason=reason, words=words.strip())
            disclosure_submitted.send(sender=Disclosure, disclosure=self, by=by)

    def _settle_places(self) -> None:
        lines = list(self.activities.select_related("site__city"))
        for line in lines:
            line.settle_place()
        self.activities.bulk_update(lines, ["used_place", "place_source"], batch_size=500)

    def withdraw(self, *, by: User, reason: str) -> None:
        """Take back a draft that was opened by mistake; it stays on record. Raises NotAllowed or StaleVersion."""
        if not self.can_be_withdrawn_by(by):
            raise NotAllowed(_("Only a draft that was never submitted can be withdrawn, by people of the company."))
        if not reason.strip():
            raise NotAllowed(_("A withdrawal needs a reason."))
        with transaction.atomic():
            changes = {"digest": "", "comment": reason.strip(), "state": self.State.WITHDRAWN}
            self._move([self.State.DRAFT], by, "withdrawn", **changes)
            self.move_badge(by)

    def conclude(self, opinion: Opinion, *, by: User) -> None:
        """Called by an opinion that is issued: verified by who drafted it, or refused. The layers above know in the
        same transaction. Raises NotAllowed or StaleVersion.
        """
        self._require_as_signed(opinion.digest)
        if not opinion.stands:
            self._move([self.State.SUBMITTED], by, "refused", comment=opinion.statement, state=self.State.REFUSED)
            self.move_badge(by)
            return
        changes = {"verified_by": opinion.drafted_by, "verified_at": Now(), "frozen_at": Now()}
        changes |= {"state": self.State.VERIFIED, "verified_despite": opinion.despite}
        self._move([self.State.SUBMITTED], by, "verified", comment=opinion.statement, **changes)
        if opinion.despite:  # the words stay with the version: the log holds no figures
            detail = f"{len(self.open_items())} open"
            audit.append(by, "disclosure.verified_despite", f"disclosure:{self.pk}", digest=self.digest, detail=detail)
        disclosure_verified.send(sender=Disclosure, disclosure=self, by=by)

    def wait_again(self, *, by: User, reason: str) -> None:
        """Called by an opinion that is reopened: what was refused waits for another one. Raises NotAllowed."""
        try:
            with transaction.atomic():
                self._move([self.State.REFUSED], by, "reopened", comment=reason, state=self.State.SUBMITTED)
        except IntegrityError:
            raise NotAllowed(_("A newer version of the year is open: it gets an opinion of its own.")) from None

    def return_for_correction(
        self, *, by: User, reason: str, digest: str | None = None, also: Iterable[str] = (), everything: bool = False
    ) -> None:
        """As Signed.return_for_correction: what findings name is open then, and `also`; or, if so said, everything.

        Raises NotAllowed also where nothing is named.
        """
        named = {points.WHOLE} if everything else {*self.findings.found().values_list("point", flat=True), *also}
        self._require_returnable(by, reason, digest)
        if not named:
            raise NotAllowed(_("Name what is to be corrected by a finding, or say that everything is open."))
        if not all(map(points.is_point, named)):
            raise NotAllowed(_("This is no part of a disclosure."))
        with transaction.atomic():
            super().return_for_correction(by=by, reason=reason, digest=digest)
            self.opinions.lapse(by=by)
            step = self.steps.latest("pk")
            for point in sorted(named):
                step.opened.create(point=point, by=by)

    def needs_answer(self, digest: str | None = None) -> bool:
        """Not in one more place where findings ask for answers of their own."""
        return super().needs_answer(digest) and not self.findings.asking().exists()

    def new_version(self, *, by: User) -> Disclosure:
        """A draft that corrects this frozen version, with its figures and activities copied."""
        if not Membership.objects.filter(user_id=by.pk, company=self.company).exists():
            raise NotAllowed(_("Only people of the company can correct its disclosure."))
        of_year = Disclosure.objects.filter(company=self.company, year=self.year)
        latest = of_year.exclude(state=self.State.WITHDRAWN).order_by("-version")[0]
        if not latest.may_be_corrected:
            raise NotAllowed(_("There is an open version of this year already."))
        if latest != self:
            raise NotAllowed(_("A newer version stands; correct that one."))
        with transaction.atomic():
            list(Disclosure.objects.select_for_update(no_key=True, of=("self",)).filter(pk=self.pk))
            self.opinions.require_no_appeal()
            draft = self._copy(by)
            draft.move_badge(by)
        return draft

    def _copy(self, by: User) -> Disclosure:
        return self._open(
            by,
            company=self.company,
            year=self.year,
            boundary=self.boundary,
            revenue_boundary=self.revenue_boundary,
            source_document=self.source_document,
            figures=list(self.figures.all()),
            activities=list(self.activities.with_citations()),
            solutions=list(self.solutions.all()),
            cited=self.cited(),
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
        solutions: Iterable[Solution] = (),
        cited: Mapping[str, list[Citation]] | None = None,
        **facts: Any,
    ) -> Disclosure:
        try:
            with transaction.atomic():
                of_year = cls.objects.filter(company=company, year=year)
                last = of_year.aggregate(last=models.Max("version"))["last"] or 0
                named = {"source": company.name_zh or company.name_en, "created_by": by}
                draft = cls.objects.create(company=company, year=year, version=last + 1, **named, **facts)
                copied_figures, copied_lines, copied_solutions = list(figures), list(activities), list(solutions)
                for line in copied_lines:
                    line.cited = line.cited  # read before its key goes
                copies: list[Any] = [*copied_figures, *copied_lines, *copied_solutions]
                for row in copies:
                    row.pk, row.disclosure = None, draft
                draft.figures.bulk_create(copied_figures)
                draft.activities.bulk_create(copied_lines)
                draft.solutions.bulk_create(copied_solutions)
                draft._cite(copied_lines, cited)
                draft.log(by, "opened", comment="")
        except IntegrityError:  # somebody opened it between our look and our insert
            raise NotAllowed(_("There is an open version of this year already.")) from None
        return draft

    def why_not_waiting(self) -> str:
        """Who was faster, for a verifier who comes late."""
        last = self.steps.select_related("by").last()
        words = {
            "verified": _("%(who)s issued an opinion at %(when)s by which this version is verified."),
            "returned": _("%(who)s returned this version to the company at %(when)s."),
            "refused": _("%(who)s issued an opinion at %(when)s by which this version is not verified."),
        }
        if last is None or last.verb not in words:
            return super().why_not_waiting()
        who = (last.by.get_full_name() or last.by.get_username()) if last.by else "—"
        when = date_format(timezone.localtime(last.at), "DATETIME_FORMAT")
        return words[last.verb] % {"who": who, "when": when}


class Step(SignedStep):
    """What happened to a disclosure: appended, never edited (see portfolio/guards.py)."""

    disclosure = models.ForeignKey(Disclosure, models.PROTECT, related_name="steps", verbose_name=_("disclosure"))
    by = models.ForeignKey(  # type: ignore[assignment]  # nobody where a program recorded it
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who")
    )

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["disclosure", "pk"]

    def __str__(self) -> str:
        return f"{self.disclosure} · {self.label}"

    @property
    def points(self) -> list[str]:
        """What was saved after a return, as codes."""
        codes, _mark, _name = self.comment.partition(TYPED_BY)
        return codes.split() if self.verb == "saved" else []

    @property
    def changed(self) -> str:
        """The same in words."""
        return points.labels(self.points)

    @property
    def typed_by(self) -> str:
        """Who typed it through a link, as they wrote their name."""
        return self.comment.partition(TYPED_BY)[2] if self.verb == "saved" else ""
