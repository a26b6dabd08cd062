"""What a company really measured, line by line, and the papers that show it."""

from __future__ import annotations

import hashlib
from calendar import monthrange
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portfolio import audit
from portfolio.errors import NotAllowed
from portfolio.models.company import Company, Membership
from portfolio.models.disclosure import Disclosure
from portfolio.models.people import FUND_SIDE, VERIFICATION_SIDE, has_role, role_of
from portfolio.models.quantity import Quantity
from portfolio.models.site import Site
from portfolio.typed.files import LONGEST_NAME, EvidenceKind, EvidenceRefused, Upload

MB = 1024 * 1024
LONGEST_PLACE = 80  # characters
LONGEST_EXTERNAL_ID = 64
MOST_CITATIONS = 20  # of one line or figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def visible_to(self, user: SomeUser) -> EvidenceQuerySet:
        """Members see all of their company; the house sees what a line or a factor cites that it may see."""
        from portfolio.models.local_factor import LocalFactor

        if not user.is_authenticated:
            return self.none()
        if not role_of(user):
            return self.filter(company__memberships__user_id=user.pk)
        cited = Citation.objects.visible_to(user).filter(evidence=models.OuterRef("pk"))
        factors = LocalFactor.objects.visible_to(user).filter(evidence=models.OuterRef("pk"))
        gates = Company.objects.filter(gate_words__document=models.OuterRef("pk"))
        return self.filter(models.Exists(cited) | models.Exists(factors) | models.Exists(gates))


class Evidence(models.Model):
    """A file of a company, kept as it came: never changed, never deleted (see portfolio/guards.py).

    Versions of a disclosure share it. Its bytes are in a table of their own, so that no list ever loads them; they are
    in the database and not in a folder, so that row and file come and go together, in uploads, backups and restores.
    """

    company = models.ForeignKey(Company, models.PROTECT, related_name="evidence", verbose_name=_("company"))
    name = models.CharField(_("file name"), max_length=LONGEST_NAME)
    kind = models.CharField(_("file type"), max_length=8, choices=EvidenceKind.choices)
    size_bytes = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField("SHA-256", max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["company", "sha256"], name="a_file_once_a_company"),
            models.CheckConstraint(condition=models.Q(kind__in=EvidenceKind.values), name="evidence_kind_is_known"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("portfolio:evidence", args=[self.pk])

    @classmethod
    def keep(cls, upload: Upload, *, company: Company, by: User) -> Evidence:
        """Store a file for the company; the same bytes a second time are the file that is there.

        Raises NotAllowed, and EvidenceRefused where the company's space is full.
        """
        if not Membership.objects.filter(user_id=by.pk, company=company).exists():
            raise NotAllowed(_("Only people of the company can hand in evidence for it."))
        sha256 = hashlib.sha256(upload.content).hexdigest()
        try:
            with transaction.atomic():
                list(Company.objects.select_for_update(no_key=True).filter(pk=company.pk))  # one file after the other
                cls._require_space(company, sha256, len(upload.content))
                made = cls.objects.create(
                    company=company,
                    name=upload.name,
                    kind=upload.kind,
                    size_bytes=len(upload.content),
                    sha256=sha256,
                    uploaded_by=by,
                )
                EvidenceContent.objects.create(evidence=made, content=upload.content)
                audit.append(by, "evidence.uploaded", f"evidence:{made.pk}", digest=sha256)
        except IntegrityError:
            return cls.objects.get(company=company, sha256=sha256)
        return made

    @classmethod
    def _require_space(cls, company: Company, sha256: str, size_bytes: int) -> None:
        kept = cls.objects.filter(company=company)
        held_bytes = kept.aggregate(total=models.Sum("size_bytes"))["total"] or 0
        if held_bytes + size_bytes <= settings.EVIDENCE_MB * MB or kept.filter(sha256=sha256).exists():
            return
        words = _(
            "The company's evidence has %(held).1f MB of the %(most)s MB that are kept for each; this file has"
            " %(size).1f MB. A smaller scan may do; else ask an administrator for more space."
        )
        held, size = held_bytes / MB, size_bytes / MB
        raise EvidenceRefused(words % {"held": held, "most": settings.EVIDENCE_MB, "size": size})

    def objection_to(self, user: SomeUser) -> str:
        """Why this person may not open the file, in words; empty when they may."""
        if has_role(user, *VERIFICATION_SIDE):
            return ""
        if has_role(user, *FUND_SIDE) and Company.objects.filter(gate_words__document=self.pk).exists():
            return ""  # it was handed in with a statement on a gate, which the fund decides
        if user.is_authenticated and Membership.objects.filter(user_id=user.pk, company=self.company_id).exists():
            return ""
        return str(_("This evidence is confidential: ask a submitter of the company for it."))

    def open(self, *, by: User) -> bytes:
        """The file's bytes; that they were read is written into the audit log. Raises NotAllowed."""
        if objection := self.objection_to(by):
            raise NotAllowed(objection)
        with transaction.atomic():
            audit.append(by, "evidence.read", f"evidence:{self.pk}", digest=self.sha256)
            return bytes(EvidenceContent.objects.get(evidence=self).content)


class EvidenceContent(models.Model):
    """The bytes of a piece of evidence."""

    evidence = models.OneToOneField(Evidence, models.PROTECT, related_name="stored", verbose_name=_("evidence"))
    content = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("content of evidence")
        verbose_name_plural = _("contents of evidence")

    def __str__(self) -> str:
        return f"{self.evidence}"


class PlaceSource(models.TextChoices):
    """Who said where a line's activity took place, the nearest first."""

    LINE = "line", _("named on the line")
    SITE = "site", _("place of the site")
    COMPANY = "company", _("place of the company")
    COUNTRY = "country", _("no place given: the whole country")


class Located(NamedTuple):
    """A place and who said it. `code` is empty for a company whose country is not in ISO 3166."""

    code: str
    source: str


class ActivityQuerySet(models.QuerySet["Activity"]):
    def visible_to(self, user: SomeUser) -> ActivityQuerySet:
        return self.filter(disclosure__in=Disclosure.objects.visible_to(user))

    def with_citations(self) -> ActivityQuerySet:
        """With what shows each, in one more query."""
        return self.prefetch_related(models.Prefetch("citations", Citation.objects.select_related("evidence")))


class Activity(models.Model):
    """One line of the ledger: how much of what, where and when, as typed and in the canonical unit.

    `kind` is a key of the activity types (portfolio/data/activity_types.csv). A line has an amount, or else a notation
    key that says why it has none. Lines belong to what a verifier signs.
    """

    class Notation(models.TextChoices):
        NOT_OCCURRING = "NO", _("NO: does not occur")
        NOT_ESTIMATED = "NE", _("NE: not estimated")
        ELSEWHERE = "IE", _("IE: included elsewhere")
        CONFIDENTIAL = "C", _("C: confidential")

    class HeatingValue(models.TextChoices):
        NET = "NCV", _("Net (lower) heating value")
        GROSS = "GCV", _("Gross (higher) heating value")

    class Contract(models.TextChoices):
        NONE = "", _("No contract: the grid's mix")
        CERTIFICATE = "certificate", _("Green electricity certificate")
        GREEN_POWER = "green_power", _("Green power traded with certificate")
        DIRECT = "direct", _("Direct supply or power purchase agreement")
        SUPPLIER = "supplier", _("The supplier's own rate")

    disclosure = models.ForeignKey(Disclosure, models.CASCADE, related_name="activities", verbose_name=_("disclosure"))
    number = models.PositiveSmallIntegerField(_("line"))
    external_id = models.CharField(  # an address and no content: it is not signed
        _("number in the company's system"), max_length=LONGEST_EXTERNAL_ID, blank=True, default=""
    )
    kind = models.CharField(_("activity"), max_length=80)
    typed_amount = models.CharField(_("amount as typed"), max_length=60, blank=True)
    typed_unit = models.CharField(_("unit as typed"), max_length=40, blank=True)
    amount = models.FloatField(_("amount"), null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=24, blank=True)
    heating_value_basis = models.CharField(
        _("heating value"),
        max_length=3,
        choices=HeatingValue.choices,
        blank=True,
        help_text=_("For fuel told as energy"),
    )
    meter = models.CharField(
        _("meter or account"), max_length=60, blank=True, default="", help_text=_("What tells its bills from others")
    )
    period_start = models.DateField(_("from"), null=True, blank=True)
    period_end = models.DateField(_("to"), null=True, blank=True)
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="lines", verbose_name=_("site"))
    place = models.CharField(_("place"), max_length=16, blank=True, help_text=_("Code of the line's own place"))
    used_place = models.CharField(_("place it is computed with"), max_length=16, blank=True)
    place_source = models.CharField(_("who said the place"), max_length=8, choices=PlaceSource.choices, blank=True)
    notation = models.CharField(_("notation key"), max_length=2, choices=Notation.choices, blank=True)
    included_in = models.CharField(_("included in"), max_length=120, blank=True, help_text=_("For IE: where it is"))
    uncertainty_percent = models.FloatField(
        _("uncertainty, ± %"), null=True, blank=True, help_text=_("Half of the 95 % interval; empty: of its type")
    )
    contract = models.CharField(_("contract"), max_length=16, choices=Contract.choices, blank=True)
    contract_kg_per_kwh = models.FloatField(_("factor of the contract, kg CO₂/kWh"), null=True, blank=True)
    certificate = models.CharField(_("number of the certificate or contract"), max_length=120, blank=True)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)

    cites: list[Citation] | None = None  # to be written with it; None: what is stored stays

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ["disclosure", "number"]
        constraints = [
            models.UniqueConstraint(fields=["disclosure", "number"], name="line_once_a_disclosure"),
            models.UniqueConstraint(
                fields=["disclosure", "external_id"],
                condition=~models.Q(external_id=""),
                name="external_id_once_a_disclosure",
            ),
            models.CheckConstraint(
                condition=models.Q(notation="", amount__isnull=False)
                | (~models.Q(notation="") & models.Q(amount=None)),
                name="activity_has_amount_or_notation",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | models.Q(amount__gte=0), name="activity_is_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | ~models.Q(unit=""), name="activity_amount_has_a_unit"
            ),
            models.CheckConstraint(
                condition=models.Q(period_start__isnull=True, period_end__isnull=True)
                | models.Q(
                    period_start__isnull=False, period_end__isnull=False, period_start__lte=models.F("period_end")
                ),
                name="activity_period_is_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(notation__in=["", "NO", "NE", "IE", "C"]), name="activity_notation_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(notation="IE") | ~models.Q(included_in=""), name="included_elsewhere_says_where"
            ),
            models.CheckConstraint(
                condition=models.Q(heating_value_basis__in=["", "NCV", "GCV"]), name="heating_value_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(place_source__in=["", "line", "site", "company", "country"]),
                name="place_source_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(uncertainty_percent=None) | models.Q(uncertainty_percent__gte=0),
                name="activity_uncertainty_is_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(contract_kg_per_kwh=None)
                | (models.Q(contract_kg_per_kwh__gte=0) & ~models.Q(contract="")),
                name="contract_factor_has_a_contract",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.kind}"

    @property
    def cited(self) -> list[Citation]:
        """What shows it, in order: what is to be written with the line, else what is stored."""
        if self.cites is not None:
            return self.cites
        return list(self.citations.all()) if self.pk else []

    @cited.setter
    def cited(self, citations: Iterable[Citation]) -> None:
        self.cites = list(citations)

    @property
    def typed(self) -> str:
        """As it was written: 1,234.05 万千瓦时."""
        return f"{self.typed_amount} {self.typed_unit}".strip()

    @property
    def month(self) -> int | None:
        """1 to 12 for a line of exactly one calendar month; None for any other period."""
        first, last = self.period_start, self.period_end
        if first is None or last is None or first.day != 1 or (first.year, first.month) != (last.year, last.month):
            return None
        return first.month if last.day == monthrange(last.year, last.month)[1] else None

    @property
    def located(self) -> Located:
        """The place it is computed with: as it was when the line was handed in, and of a draft as things are now."""
        if self.disclosure.state in Disclosure.EDITABLE:
            return self._found_now()
        return Located(self.used_place, self.place_source) if self.place_source else self._found_of_old()

    def _found_now(self) -> Located:
        """The line's own place, else the city of its site, else that of the company; the country is the last resort."""
        company = self.disclosure.company
        if self.place:
            return Located(self.place, PlaceSource.LINE)
        if self.site is not None and self.site.city is not None:
            return Located(self.site.city.code, PlaceSource.SITE)
        if company.city is not None:
            return Located(company.city.code, PlaceSource.COMPANY)
        return Located(company.country_code, PlaceSource.COUNTRY)

    def _found_of_old(self) -> Located:
        """As lines were read that were handed in before the place was kept with them."""
        if self.site is not None and self.site.city is not None:
            return Located(self.site.city.code, PlaceSource.SITE)
        if self.place:
            return Located(self.place, PlaceSource.LINE)
        return Located(self.disclosure.company.country_code, PlaceSource.COUNTRY)

    def settle_place(self) -> None:
        """Keep with the line what place it is handed in with: companies move, and sites are corrected."""
        self.used_place, self.place_source = self._found_now()

    def _signed_place(self) -> list[str]:
        """Who said the place is signed where it was not the line or its site; of old lines it was not."""
        key, (code, source) = self.site.site_key if self.site else "", self.located
        if source in (PlaceSource.LINE, PlaceSource.SITE):
            return [key, code]
        is_of_old = self.disclosure.state not in Disclosure.EDITABLE and not self.place_source
        return [key, ""] if is_of_old else [key, code, source]

    def _signed_evidence(self) -> list[Any]:
        """Of several a list; without any, or of one, as lines were signed that could cite no more."""
        cited = [citation.signed() for citation in self.cited]
        return cited if len(cited) > 1 else cited[0] if cited else ["", ""]

    def signed(self) -> list[Any]:
        """Everything of the line that a verifier signs, by stable names instead of ids."""
        return [
            self.number,
            self.kind,
            [self.typed_amount, self.typed_unit, self.amount, self.unit, self.heating_value_basis],
            [day.isoformat() if day else None for day in (self.period_start, self.period_end)],
            self._signed_place(),
            [self.notation, self.included_in],
            self.uncertainty_percent,
            [self.contract, self.contract_kg_per_kwh, self.certificate],
            sorted([name, float(value)] for name, value in self.parameters.items()),
            self._signed_evidence(),
            self.note,
            *([self.meter] if self.meter else []),  # without one, a line is signed as before there were meters
        ]


class CitationQuerySet(models.QuerySet["Citation"]):
    def of_figures(self) -> dict[str, list[Citation]]:
        """Quantity → what shows it."""
        found: dict[str, list[Citation]] = {}
        for citation in self.filter(activity=None).select_related("evidence"):
            found.setdefault(citation.quantity, []).append(citation)
        return found

    def visible_to(self, user: SomeUser) -> CitationQuerySet:
        return self.filter(disclosure__in=Disclosure.objects.visible_to(user))


class Citation(models.Model):
    """That a file shows a line or a figure of a disclosure, and where in the file. It belongs to what is signed.

    Of a figure by its quantity: what shows it stays while its number is typed anew.
    """

    disclosure = models.ForeignKey(Disclosure, models.CASCADE, related_name="citations", verbose_name=_("disclosure"))
    activity = models.ForeignKey(
        Activity, models.CASCADE, null=True, blank=True, related_name="citations", verbose_name=_("activity")
    )
    quantity = models.CharField(_("quantity"), max_length=32, choices=Quantity.choices, blank=True)
    number = models.PositiveSmallIntegerField(_("order"))
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="citations", verbose_name=_("evidence"))
    place = models.CharField(_("where in the evidence"), max_length=LONGEST_PLACE, blank=True)

    objects = CitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        ordering = ["number", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(activity__isnull=False, quantity="")
                | (models.Q(activity=None) & ~models.Q(quantity="")),
                name="citation_is_of_a_line_or_a_figure",
            ),
            models.UniqueConstraint(fields=["activity", "number"], name="citation_once_a_line_and_number"),
            models.UniqueConstraint(
                fields=["disclosure", "quantity", "number"],
                condition=~models.Q(quantity=""),
                name="citation_once_a_figure_and_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evidence} {self.place}".strip()

    def signed(self) -> list[str]:
        return [self.evidence.sha256, self.place]

    def said_as(self) -> tuple[int, str]:
        """What it says: two that say the same are one."""
        return self.evidence_id, self.place


def write_citations(
    disclosure: Disclosure, lines: Iterable[Activity] = (), figures: Mapping[str, list[Citation]] | None = None
) -> None:
    """Of the lines that say what shows them, and of these figures; of others what is stored stays.

    What is said twice is kept once. Raises NotAllowed where there are too many, or one is another company's file.
    """
    told = [("", line, line.cites) for line in lines if line.cites is not None]
    of_figures = [(quantity, None, cited) for quantity, cited in (figures or {}).items()]
    stored = disclosure.citations.filter(
        models.Q(activity__in=[line.pk for _quantity, line, _cites in told])
        | models.Q(activity=None, quantity__in=[quantity for quantity, _line, _cites in of_figures])
    )
    stored.delete()
    rows: list[Citation] = []
    for quantity, line, cited in (*told, *of_figures):
        once = dict.fromkeys(one.said_as() for one in cited)
        if len(once) > MOST_CITATIONS:
            raise NotAllowed(_("At most %(most)s files show one line or figure.") % {"most": MOST_CITATIONS})
        for number, (evidence_id, place) in enumerate(once, 1):
            row = Citation(disclosure=disclosure, activity=line, quantity=quantity, number=number)
            row.evidence_id, row.place = evidence_id, place
            rows.append(row)
    files = {row.evidence_id for row in rows}
    if Evidence.objects.filter(pk__in=files, company=disclosure.company_id).count() != len(files):
        raise NotAllowed(_("The evidence belongs to another company."))
    Citation.objects.bulk_create(rows, batch_size=500)
