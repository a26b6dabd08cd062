"""The cautious value that a verifier puts in the place of a figure that nobody could show or correct.

The figure itself is never edited. The substitution counts once an opinion is issued on exactly that content.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from portfolio import audit
from portfolio.errors import NotAllowed, StaleVersion
from portfolio.models.desk.finding import Finding
from portfolio.models.disclosure import Disclosure
from portfolio.models.quantity import Quantity
from portfolio.typed.bounds import Within

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser

LONGEST_BASIS = 2000  # characters
OF_EMISSIONS = tuple(quantity for quantity in Quantity if quantity.value.startswith("scope"))
EMISSIONS = [(one.value, one.label) for one in OF_EMISSIONS]


class SubstitutionQuerySet(models.QuerySet["Substitution"]):
    def visible_to(self, user: SomeUser) -> SubstitutionQuerySet:
        """Of what waits, for the verification side; of an opinion that was issued, for whoever sees the version."""
        from portfolio.models.people import VERIFICATION_SIDE, has_role

        of_seen = self.filter(disclosure__in=Disclosure.objects.visible_to(user))
        return of_seen if has_role(user, *VERIFICATION_SIDE) else of_seen.in_force()

    def standing(self, disclosure: Disclosure) -> list[Substitution]:
        """The last word on each figure of the content as it is, in order; not what was taken back."""
        return self.of_content(disclosure, disclosure.digest)

    def of_content(self, disclosure: Disclosure, digest: str) -> list[Substitution]:
        rows = self.filter(disclosure=disclosure, digest=digest).select_related("finding", "by")
        last = {row.quantity: row for row in rows.order_by("pk")}
        return [last[quantity] for quantity in OF_EMISSIONS if quantity in last and last[quantity].value is not None]

    def counting(self, disclosure: Disclosure) -> dict[str, float]:
        """Quantity → value, of its rows that are read already: one that is verified has no later ones."""
        last = {row.quantity: row for row in sorted(self, key=attrgetter("pk")) if row.digest == disclosure.digest}
        return {quantity: row.value for quantity, row in last.items() if row.value is not None}

    def in_force(self) -> SubstitutionQuerySet:
        """What is read in place of the figure: the last word on it, of a content that was verified."""
        later = Substitution.objects.filter(
            disclosure=models.OuterRef("disclosure"),
            quantity=models.OuterRef("quantity"),
            digest=models.OuterRef("digest"),
            pk__gt=models.OuterRef("pk"),
        )
        counting = self.filter(
            value__isnull=False, disclosure__frozen_at__isnull=False, digest=models.F("disclosure__digest")
        )
        return counting.exclude(models.Exists(later))


class Substitution(models.Model):
    """Appended, never edited (portfolio/guards.py). Without a value it takes back the one before."""

    disclosure = models.ForeignKey(
        Disclosure, models.PROTECT, related_name="substitutions", verbose_name=_("disclosure")
    )
    digest = models.CharField(_("digest"), max_length=64)
    quantity = models.CharField(_("figure"), max_length=32, choices=EMISSIONS)
    submitted = models.FloatField(_("submitted"), validators=[Within("effect_t")])
    value = models.FloatField(
        _("conservative value"),
        null=True,
        blank=True,
        validators=[Within("effect_t")],
        help_text=_("Empty: taken back"),
    )
    basis = models.TextField(_("basis"), max_length=LONGEST_BASIS)
    finding = models.ForeignKey(
        Finding, models.PROTECT, null=True, blank=True, related_name="substitutions", verbose_name=_("finding")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"), auto_now_add=True)

    objects = SubstitutionQuerySet.as_manager()

    class Meta:
        verbose_name = _("conservative substitution")
        verbose_name_plural = _("conservative substitutions")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["disclosure", "quantity"], name="substitution_of_figure")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity__in=[one.value for one in OF_EMISSIONS]), name="substituted_are_emissions"
            ),
            models.CheckConstraint(
                condition=models.Q(value=None) | models.Q(value__gt=models.F("submitted")),
                name="substitution_is_conservative",
            ),
            models.CheckConstraint(condition=~models.Q(basis=""), name="substitution_has_a_basis"),
        ]

    def __str__(self) -> str:
        return f"{self.disclosure} · {self.get_quantity_display()}"

    @classmethod
    def put(
        cls,
        disclosure: Disclosure,
        quantity: str,
        value: float | None,
        basis: str,
        *,
        by: User,
        finding: Finding | None = None,
    ) -> Substitution:
        """Write down a cautious value, or with None take the last one back. Raises NotAllowed or StaleVersion."""
        if objection := disclosure.objection_to(by):
            raise NotAllowed(objection)
        if quantity not in OF_EMISSIONS:
            raise NotAllowed(_("Only emissions are substituted."))
        if not basis.strip():
            raise NotAllowed(_("Please write down what the value rests on."))
        if len(basis) > LONGEST_BASIS:
            raise NotAllowed(_("At most %(most)s characters, please.") % {"most": LONGEST_BASIS})
        if finding is not None and finding.disclosure_id != disclosure.pk:
            raise NotAllowed(_("The finding is about another version."))
        with transaction.atomic():
            locked = Disclosure.objects.select_for_update(no_key=True, of=("self",)).get(pk=disclosure.pk)
            if locked.state != Disclosure.State.SUBMITTED:
                raise StaleVersion(locked.why_not_waiting())
            figure = locked.figures.filter(quantity=quantity).first()
            if figure is None:
                raise NotAllowed(_("The company has told no such figure: there is nothing to substitute."))
            if value is not None and not value > figure.value:
                raise NotAllowed(
                    _("A conservative value is above what was submitted: %(value)s t.")
                    % {"value": f"{figure.value:,.10g}"}
                )
            there = {row.quantity for row in cls.objects.standing(locked)}
            if value is None and quantity not in there:
                raise NotAllowed(_("There is no substitution to take back."))
            made = cls.objects.create(
                disclosure=locked,
                digest=locked.digest,
                quantity=quantity,
                submitted=figure.value,
                value=value,
                basis=basis.strip(),
                finding=finding,
                by=by,
            )
            verb = "substituted" if value is not None else "substitution_withdrawn"
            audit.append(by, f"disclosure.{verb}", f"disclosure:{locked.pk}", digest=locked.digest, detail=quantity)
        return made
