"""Emission factors that a city, a utility or a laboratory supplies, in force once a verifier has verified them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portfolio.errors import NotAllowed
from portfolio.models.activity import Evidence
from portfolio.models.company import Company, Membership
from portfolio.models.signed import Signed, SignedQuerySet, SignedStep, digest_of
from portfolio.signals import local_factor_to_be_compared, local_factor_verified

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser

LONGEST_REASON = 2000  # characters
KEY = ("kind", "region", "data_year", "purpose", "gas", "publisher")


class BuiltIn(NamedTuple):
    """The factor that would hold without a local one, in the local one's unit."""

    factor_id: str
    value: float
    unit: str
    lower95: float | None
    upper95: float | None
    ratio: float | None  # local to built-in; None where the built-in one is zero
    is_far: bool  # so far apart that somebody has to say why


class LocalFactorQuerySet(SignedQuerySet["LocalFactor"]):
    def for_applicant(self, user: SomeUser) -> Self:
        """Their own, and what is verified for everyone."""
        own = models.Q(supplier__in=Company.objects.visible_to(user))
        return self.filter(own | models.Q(frozen_at__isnull=False, company__isnull=True))

    def in_force(self) -> LocalFactorQuerySet:
        """Verified, and not corrected by a verified one."""
        newer = LocalFactor.objects.filter(supersedes=models.OuterRef("pk"), frozen_at__isnull=False)
        return self.filter(frozen_at__isnull=False).exclude(models.Exists(newer))


class LocalFactor(Signed):
    """So many kilograms of a gas per canonical unit of an activity, at a place, in a year, for a purpose.

    Its supplier is a company that applies, a utility or a laboratory's client; `company` says whose ledgers it is for,
    None for everyone's. Verified it is frozen (see portfolio/guards.py); a correction is a new row that supersedes it.
    """

    OWNER = "supplier_id"
    AUDITED_AS = "local_factor"
    ONLY_VERIFIERS = _("Only a verifier can verify or return a local factor.")
    PREPARED = _("You prepared this factor.")
    NOT_WAITING = _("This factor is not waiting for verification.")
    CHANGED_SINCE = _("The factor changed since you opened it. Read it again, please.")
    CHANGED_MEANWHILE = _("Somebody else changed this factor meanwhile. Read it again, please.")
    CONTENT = (
        "kind",
        "region",
        "data_year",
        "purpose",
        "gas",
        "value",
        "unit",
        "lower95",
        "upper95",
        "publisher",
        "published",
        "document",
        "note",
    )

    supplier = models.ForeignKey(Company, models.PROTECT, related_name="local_factors", verbose_name=_("supplied by"))
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("only for")
    )
    kind = models.CharField(_("activity"), max_length=80)
    region = models.CharField(_("region"), max_length=16)
    data_year = models.PositiveSmallIntegerField(_("data year"))
    purpose = models.CharField(_("purpose"), max_length=40)
    gas = models.CharField(_("gas"), max_length=40)
    value = models.FloatField(_("kg per unit"))
    unit = models.CharField(_("unit"), max_length=24)
    lower95 = models.FloatField(_("lower bound, 95 %"), null=True, blank=True)
    upper95 = models.FloatField(_("upper bound, 95 %"), null=True, blank=True)
    publisher = models.CharField(_("publisher"), max_length=120)
    published = models.DateField(_("published on"))
    document = models.CharField(_("document"), max_length=300)
    evidence = models.ForeignKey(
        Evidence, models.PROTECT, null=True, blank=True, related_name="local_factors", verbose_name=_("evidence")
    )
    note = models.CharField(_("note"), max_length=400, blank=True)
    far_reason = models.TextField(
        _("why far from the built-in one"), blank=True, max_length=LONGEST_REASON, help_text=_("Empty where it is not")
    )
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections", verbose_name=_("corrects")
    )

    objects = LocalFactorQuerySet.as_manager()

    class Meta:
        verbose_name = _("local factor")
        verbose_name_plural = _("local factors")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(value__gte=0), name="local_factor_is_not_negative"),
            models.CheckConstraint(
                condition=models.Q(lower95__isnull=True, upper95__isnull=True)
                | models.Q(
                    lower95__isnull=False,
                    upper95__isnull=False,
                    lower95__lte=models.F("value"),
                    upper95__gte=models.F("value"),
                ),
                name="local_factor_bounds_are_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(company__isnull=True) | models.Q(company=models.F("supplier")),
                name="local_factor_is_for_its_supplier_or_all",
            ),
            models.CheckConstraint(condition=Signed.VERIFIER_IS_NOT_PREPARER, name="factor_verifier_is_not_preparer"),
            models.CheckConstraint(
                condition=Signed.VERIFIED_NAMES_ITS_VERIFIER, name="verified_factor_names_its_verifier"
            ),
            models.UniqueConstraint(
                fields=["supersedes"],
                condition=models.Q(supersedes__isnull=False),
                name="a_local_factor_has_one_correction",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.region} · {self.data_year} · {self.gas}"

    def get_absolute_url(self) -> str:
        return reverse("portfolio:local_factor", args=[self.pk])

    @property
    def factor_id(self) -> str:
        """Its stable name among all factors."""
        return f"local/{self.supplier.company_key}/{self.pk}"

    def content_digest(self) -> str:
        content: list[Any] = [self.supplier.company_key, self.company_id is None]
        content += [self.evidence.sha256 if self.evidence else "", self.supersedes_id]
        for name in self.CONTENT:
            value = getattr(self, name)
            content.append(value.isoformat() if name == "published" else value)
        if self.far_reason:  # without one, the digest is what it was before there were reasons
            content.append(self.far_reason)
        return digest_of(content)

    def twin(self) -> LocalFactor | None:
        """Another factor in force under the same key and for the same ledgers: no choice could tell them apart."""
        key = {name: getattr(self, name) for name in KEY}
        others = LocalFactor.objects.in_force().filter(company=self.company, **key)
        return others.exclude(pk__in=[self.pk, self.supersedes_id]).first()

    def built_in(self) -> BuiltIn | None:
        """What the tables would give without it; None where they have nothing to compare with."""
        answers: list[tuple[Any, Any]] = local_factor_to_be_compared.send(sender=LocalFactor, factor=self)
        return next((built_in for _receiver, built_in in answers), None)

    def lack(self) -> str:
        if self.evidence_id is None:
            return str(_("A factor needs its evidence: the measurement, the report or the publication."))
        built_in = self.built_in()
        if built_in is not None and built_in.is_far and not self.far_reason.strip():
            return str(_("It is far from the built-in factor: please write down why."))
        return ""

    def rival(self) -> str:
        twin = self.twin()
        words = _("The same factor stands already: %(id)s. Correct that one.")
        return words % {"id": twin.factor_id} if twin else ""

    # --- what people do ------------------------------------------------------------------------------
    @classmethod
    def start(cls, supplier: Company, *, by: User, **content: Any) -> LocalFactor:
        """A draft of these CONTENT fields (and company, evidence, supersedes, far_reason). Raises NotAllowed."""
        if not Membership.objects.filter(user_id=by.pk, company=supplier).exists():
            raise NotAllowed(_("Only people of the company can supply a factor for it."))
        made = cls(supplier=supplier, created_by=by, **content)
        made._require_own()
        try:
            with transaction.atomic():
                made.save(force_insert=True)
                made.log(by, "opened", comment="")
        except IntegrityError:
            raise NotAllowed(_("This factor has a correction already.")) from None
        return made

    def revise(self, *, by: User, edition: int, **content: Any) -> None:
        """Write the draft anew on top of the edition that was read. Raises NotAllowed or StaleVersion."""
        if not self.can_be_edited_by(by):
            raise NotAllowed(_("Only people of the company can change its factor, and only a draft."))
        for name, value in content.items():
            setattr(self, name, value)
        self._require_own()
        self.edition = edition
        self._move(self.EDITABLE, by, "saved", digest="", **content)

    def verify(self, *, by: User, digest: str, comment: str = "") -> None:
        """Put it in force; `digest` is of what the verifier saw. The layers above know in the same transaction.

        Raises NotAllowed or StaleVersion.
        """
        with transaction.atomic():
            self._verify(by, digest, comment)
            local_factor_verified.send(sender=LocalFactor, factor=self, by=by)

    def correct(self, *, by: User) -> LocalFactor:
        """A draft that is to supersede this verified factor, with its content copied. Raises NotAllowed."""
        if self.frozen_at is None:
            raise NotAllowed(_("Only a verified factor is corrected by a new one; a draft is simply changed."))
        content = {name: getattr(self, name) for name in (*self.CONTENT, "company", "evidence", "far_reason")}
        return LocalFactor.start(self.supplier, by=by, supersedes=self, **content)

    def _require_own(self) -> None:
        """What it points to is its supplier's. Raises NotAllowed."""
        if self.company_id not in (None, self.supplier_id):
            raise NotAllowed(_("A factor is for its supplier or for everyone."))
        if self.evidence is not None and self.evidence.company_id != self.supplier_id:
            raise NotAllowed(_("The evidence belongs to another company."))
        if self.supersedes is not None and self.supersedes.supplier_id != self.supplier_id:
            raise NotAllowed(_("The factor to correct belongs to another company."))


class LocalFactorStep(SignedStep):
    """What happened to a local factor: appended, never edited (see portfolio/guards.py)."""

    factor = models.ForeignKey(LocalFactor, models.PROTECT, related_name="steps", verbose_name=_("local factor"))

    class Meta:
        verbose_name = _("step of a local factor")
        verbose_name_plural = _("steps of local factors")
        ordering = ["factor", "pk"]

    def __str__(self) -> str:
        return f"{self.factor} · {self.label}"
