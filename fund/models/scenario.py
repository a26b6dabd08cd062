"""A what-if that somebody kept: a name for an address. No figure of it is stored, so nothing of it can be a score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fund.errors import NameTaken, NotEntitled
from fund.models.fund import FundSideQuerySet
from portfolio.models.join import DECIDERS
from portfolio.models.people import has_role

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser

LONGEST = 4000  # of the address


class ScenarioQuerySet(FundSideQuerySet):
    def visible_to(self, user: SomeUser) -> ScenarioQuerySet:
        """One's own, and what others of the fund's side share."""
        seen: ScenarioQuerySet = super().visible_to(user)
        return seen.filter(models.Q(owner=user.pk) | models.Q(is_shared=True))


class Scenario(models.Model):
    """What was asked, as the page's own address writes it; opened again it is computed again."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("owner"))
    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(_("address"), max_length=LONGEST, blank=True)
    is_shared = models.BooleanField(_("shared inside the house"), default=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="scenario_name_once_an_owner"),
            models.CheckConstraint(condition=~models.Q(name=""), name="scenario_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("what_if") + (f"?{self.query}" if self.query else "")

    @classmethod
    def keep(cls, name: str, query: str, *, by: User, is_shared: bool) -> Scenario:
        """Raises NotEntitled, or NameTaken where this person has one of that name."""
        if not has_role(by, *DECIDERS):
            raise NotEntitled(gettext("Only a fund manager or an administrator can do this."))
        try:
            with transaction.atomic():
                return cls.objects.create(owner=by, name=name, query=query, is_shared=is_shared)
        except IntegrityError as twice:
            text = gettext("You have a scenario named “%(name)s” already: choose another name, or delete that one.")
            raise NameTaken(text % {"name": name}) from twice
