"""Emission factors that a city, a utility or a laboratory supplies, in force once a verifier has verified them."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portfolio import audit
from portfolio.errors import NotAllowed, StaleVersion
from portfolio.models.activity import Evidence
from portfolio.models.company import Company, Membership
from portfolio.models.people import FUND_SIDE, VERIFICATION_SIDE, Role, has_role, role_of
from portfolio.signals import local_factor_verified

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser


KEY = ("kind", "region", "data_year", "purpose", "gas", "publisher")


class LocalFactorQuerySet(models.QuerySet["LocalFactor"]):
    def visible_to(self, user: SomeUser) -> LocalFactorQuerySet:
        """Suppliers see their own, verifiers what was submitted, and everyone what is verified for everyone."""
        if not user.is_authenticated:
            return self.none()
        if has_role(user, *VERIFICATION_SIDE):
            return self.exclude(state=LocalFactor.State.DRAFT)
        if has_role(user, *FUND_SIDE):
            return self.filter(frozen_at__isnull=False)
        if role_of(user):
            return self.none()
        own = models.Q(supplier__in=Company.objects.visible_to(user))
        return self.filter(own | models.Q(frozen_at__isnull=False, company__isnull=True))

    def in_force(self) -> LocalFactorQuerySet:
        """Verified, and not corrected by a verified one."""
        newer = LocalFactor.objects.filter(supersedes=models.OuterRef("pk"), frozen_at__isnull=False)
        return self.filter(frozen_at__isnull=False).exclude(models.Exists(newer))


class LocalFactor(models.Model):
    """So many kilograms of a gas per canonical unit of an activity, at a place, in a year, for a purpose.

    Its supplier is a company that applies, a utility or a laboratory's client; `company` says whose ledgers it is for,
    None for everyone's. Verified it is frozen (see portfolio/guards.py); a correction is a new row that supersedes it.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        RETURNED = "returned", _("Returned for correction")
        VERIFIED = "verified", _("Verified")

    EDITABLE = (State.DRAFT, State.RETURNED)
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
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.DRAFT)
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
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections", verbose_name=_("corrects")
    )
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
            models.CheckConstraint(
                condition=models.Q(verified_by__isnull=True)
                | (~models.Q(verified_by=models.F("submitted_by")) & ~models.Q(verified_by=models.F("created_by"))),
                name="factor_verifier_is_not_preparer",
            ),
            models.CheckConstraint(
                condition=models.Q(state="verified", verified_by__isnull=False, frozen_at__isnull=False)
                | (~models.Q(state="verified") & models.Q(verified_by__isnull=True, frozen_at__isnull=True)),
                name="verified_factor_names_its_verifier",
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
        """SHA-256 of everything a verifier signs."""
        content: list[Any] = [self.supplier.company_key, self.company_id is None]
        content += [self.evidence.sha256 if self.evidence else "", self.supersedes_id]
        for name in self.CONTENT:
            value = getattr(self, name)
            content.append(value.isoformat() if name == "published" else value)
        return hashlib.sha256(json.dumps(content, ensure_ascii=False, allow_nan=False).encode()).hexdigest()

    def twin(self) -> LocalFactor | None:
        """Another factor in force under the same key and for the same ledgers: no choice could tell them apart."""
        key = {name: getattr(self, name) for name in KEY}
        others = LocalFactor.objects.in_force().filter(company=self.company, **key)
        return others.exclude(pk__in=[self.pk, self.supersedes_id]).first()

    # --- who may ------------------------------------------------------------------------------------
    def membership_of(self, user: SomeUser) -> Membership | None:
        if not user.is_authenticated:
            return None
        return Membership.objects.filter(user_id=user.pk, company=self.supplier_id).first()

    def can_be_edited_by(self, user: SomeUser) -> bool:
        return self.state in self.EDITABLE and self.membership_of(user) is not None

    def can_be_submitted_by(self, user: SomeUser) -> bool:
        member = self.membership_of(user)
        return self.state in self.EDITABLE and member is not None and member.kind == Membership.Kind.SUBMITTER

    def objection_to(self, user: SomeUser) -> str:
        """Why this person may not verify it, in words; empty when they may."""
        if not has_role(user, Role.VERIFIER):
            return str(_("Only a verifier can verify or return a local factor."))
        if self.membership_of(user) is not None:
            return str(_("You are a member of this company."))
        if (
            user.pk in (self.created_by_id, self.submitted_by_id)
            or self.steps.filter(by_id=user.pk, verb="saved").exists()
        ):
            return str(_("You prepared this factor."))
        return ""

    # --- what people do ------------------------------------------------------------------------------
    @classmethod
    def start(cls, supplier: Company, *, by: User, **content: Any) -> LocalFactor:
        """A draft of these CONTENT fields (and company, evidence, supersedes). Raises NotAllowed."""
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
        self._move(self.EDITABLE, by, "saved", "", edition=edition, **content)

    def submit(self, *, by: User) -> None:
        """Hand the draft to verification. Raises NotAllowed or StaleVersion."""
        if not self.can_be_submitted_by(by):
            raise NotAllowed(_("Only a submitter of the company can submit, and only a draft."))
        if self.evidence_id is None:
            raise NotAllowed(_("A factor needs its evidence: the measurement, the report or the publication."))
        changes: dict[str, Any] = {"state": self.State.SUBMITTED, "submitted_by": by, "submitted_at": Now()}
        self._move(self.EDITABLE, by, "submitted", self.content_digest(), edition=self.edition, **changes)

    def return_for_correction(self, *, by: User, reason: str, digest: str) -> None:
        """Send it back with the verifier's words. Raises NotAllowed or StaleVersion."""
        self._require_verifier(by, digest)
        if not reason.strip():
            raise NotAllowed(_("A return needs a reason."))
        self._move(
            [self.State.SUBMITTED],
            by,
            "returned",
            digest,
            comment=reason.strip(),
            edition=self.edition,
            state=self.State.RETURNED,
        )

    def verify(self, *, by: User, digest: str, comment: str = "") -> None:
        """Freeze it as verified and let the layers above know in the same transaction.

        `digest` is of what the verifier saw. Raises NotAllowed or StaleVersion.
        """
        self._require_verifier(by, digest)
        with transaction.atomic():
            if digest != self.content_digest():
                raise StaleVersion(_("The factor changed since you opened it. Read it again, please."))
            if twin := self.twin():
                raise NotAllowed(
                    _("The same factor stands already: %(id)s. Correct that one.") % {"id": twin.factor_id}
                )
            changes: dict[str, Any] = {"state": self.State.VERIFIED, "verified_by": by, "frozen_at": Now()}
            self._move([self.State.SUBMITTED], by, "verified", digest, comment=comment, edition=self.edition, **changes)
            local_factor_verified.send(sender=LocalFactor, factor=self, by=by)

    def correct(self, *, by: User) -> LocalFactor:
        """A draft that is to supersede this verified factor, with its content copied. Raises NotAllowed."""
        if self.frozen_at is None:
            raise NotAllowed(_("Only a verified factor is corrected by a new one; a draft is simply changed."))
        content = {name: getattr(self, name) for name in (*self.CONTENT, "company", "evidence")}
        return LocalFactor.start(self.supplier, by=by, supersedes=self, **content)

    def log(self, by: User, verb: str, *, comment: str) -> None:
        LocalFactorStep.objects.create(factor=self, verb=verb, by=by, comment=comment, digest=self.digest)
        audit.append(by, f"local_factor.{verb}", f"local_factor:{self.pk}", digest=self.digest)

    def _require_own(self) -> None:
        """What it points to is its supplier's. Raises NotAllowed."""
        if self.company_id not in (None, self.supplier_id):
            raise NotAllowed(_("A factor is for its supplier or for everyone."))
        if self.evidence is not None and self.evidence.company_id != self.supplier_id:
            raise NotAllowed(_("The evidence belongs to another company."))
        if self.supersedes is not None and self.supersedes.supplier_id != self.supplier_id:
            raise NotAllowed(_("The factor to correct belongs to another company."))

    def _require_verifier(self, user: SomeUser, digest: str) -> None:
        if objection := self.objection_to(user):
            raise NotAllowed(objection)
        if self.state != self.State.SUBMITTED:
            raise StaleVersion(_("This factor is not waiting for verification."))
        if digest != self.digest:
            raise StaleVersion(_("The factor changed since you opened it. Read it again, please."))

    def _move(
        self, old: Any, by: User, verb: str, digest: str, *, edition: int, comment: str = "", **changes: Any
    ) -> None:
        """A row changes by conditional UPDATE of exactly this edition, or not at all."""
        with transaction.atomic():
            moved = LocalFactor.objects.filter(pk=self.pk, state__in=old, edition=edition).update(
                digest=digest, edition=edition + 1, **changes
            )
            if moved != 1:
                raise StaleVersion(_("Somebody else changed this factor meanwhile. Read it again, please."))
            self.refresh_from_db()
            self.log(by, verb, comment=comment)


class LocalFactorStep(models.Model):
    """What happened to a local factor: appended, never edited (see portfolio/guards.py)."""

    factor = models.ForeignKey(LocalFactor, models.PROTECT, related_name="steps", verbose_name=_("local factor"))
    verb = models.CharField(_("what"), max_length=24)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"), auto_now_add=True)
    comment = models.TextField(_("comment"), blank=True)
    digest = models.CharField(_("digest"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("step of a local factor")
        verbose_name_plural = _("steps of local factors")
        ordering = ["factor", "pk"]

    def __str__(self) -> str:
        return f"{self.factor} · {self.verb}"
