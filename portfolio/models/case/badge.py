"""What a version may show of its verification. It covers one version: a newer one that is under way drops it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import pgettext_lazy

from portfolio.signals import badge_moved

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.disclosure import Disclosure

UNDER_WAY = ("draft", "submitted", "returned")


class Badge(models.TextChoices):
    VERIFIED = "verified", pgettext_lazy("of a version", "Verified")
    CORRECTING = "correcting", pgettext_lazy("of a version", "Correction awaiting verification")


def badge(disclosures: type[Disclosure]) -> Any:
    """Expression: the badge of a row, empty where there is none.

    Drops while a newer version of the year is under way, and once its opinion was reopened.
    """
    newer = disclosures.objects.filter(
        company=models.OuterRef("company"),
        year=models.OuterRef("year"),
        version__gt=models.OuterRef("version"),
        state__in=UNDER_WAY,
    )
    mine = disclosures.objects.filter(pk=models.OuterRef("pk"))
    reopened = models.Exists(mine.filter(opinions__state="reopened"))
    return models.Case(
        models.When(~models.Q(state="verified"), then=models.Value("")),
        models.When(models.Exists(newer) | reopened, then=models.Value(Badge.CORRECTING.value)),
        default=models.Value(Badge.VERIFIED.value),
        output_field=models.CharField(),
    )


class Badged:
    """What of it a disclosure has."""

    objects: Any
    pk: int
    state: str
    company_id: int
    year: int
    version: int
    frozen_at: Any

    @property
    def badge(self) -> str:
        """Of rows `with_badge` without another query."""
        if "badged" not in self.__dict__:
            return str(type(self).objects.filter(pk=self.pk).with_badge().values_list("badged", flat=True).get())
        return str(self.__dict__["badged"])

    @property
    def shown_state(self) -> str:
        """Verified only as long as that counts."""
        return self.badge if self.state == Badge.VERIFIED else self.state

    @property
    def shown_label(self) -> str:
        state: Any = self
        return str(Badge.CORRECTING.label if self.shown_state == Badge.CORRECTING else state.get_state_display())

    @property
    def may_be_corrected(self) -> bool:
        """By a new version: it stands, or was refused."""
        return self.frozen_at is not None or self.state == "refused"

    def move_badge(self, by: User) -> None:
        """It came under way, or is no longer: that of the verified version before it goes, or comes back."""
        older = type(self).objects.filter(company=self.company_id, year=self.year, version__lt=self.version)
        for disclosure in older.standing().filter(state=Badge.VERIFIED):
            badge_moved.send(sender=type(self), disclosure=disclosure, by=by)
