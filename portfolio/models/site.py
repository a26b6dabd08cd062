"""The sites of companies: a register's, and those that a company keeps itself."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portfolio import audit
from portfolio.errors import NotAllowed
from portfolio.models.company import Company, Membership
from portfolio.models.place import City
from portfolio.typed.bounds import Within

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser


class SiteQuerySet(models.QuerySet["Site"]):
    def visible_to(self, user: SomeUser) -> SiteQuerySet:
        """As the company: the house sees every one, members the own ones."""
        return self.filter(company__in=Company.objects.visible_to(user))


class Site(models.Model):
    """A facility. It belongs to one company and one city, so that a tonne is counted once.

    A register's sites come with the universe and are never changed here. People of the company keep their own; what
    lines refer to is closed with a day, not deleted, and stays where it stood once such a line was handed in.
    """

    OWN = ("name", "city", "address", "what", "opened_on", "closed_on")

    company = models.ForeignKey(Company, models.CASCADE, related_name="sites", verbose_name=_("company"))
    site_key = models.CharField(_("site key"), max_length=80)
    name = models.CharField(_("name"), max_length=200)
    city = models.ForeignKey(City, models.PROTECT, null=True, blank=True, verbose_name=_("city"))
    address = models.CharField(_("address"), max_length=200, blank=True, default="")
    what = models.CharField(_("what it is"), max_length=120, blank=True, default="")
    opened_on = models.DateField(_("in use from"), null=True, blank=True)
    closed_on = models.DateField(_("in use until"), null=True, blank=True)
    industry = models.CharField(_("industry in the source's words"), max_length=120, blank=True)
    source = models.CharField(_("source"), max_length=300)
    licence = models.CharField(_("licence"), max_length=200)
    added_by = models.ForeignKey(  # nobody where a register says that there is one
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("added by")
    )

    _history_user: User  # whom the history names, also where no page asked

    history = HistoricalRecords()
    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["site_key"]
        constraints = [
            models.UniqueConstraint(fields=["company", "site_key"], name="site_key_is_unique_in_company"),
            models.CheckConstraint(
                condition=models.Q(opened_on=None)
                | models.Q(closed_on=None)
                | models.Q(opened_on__lte=models.F("closed_on")),
                name="site_opens_before_it_closes",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("portfolio:site", args=[self.pk])

    @property
    def is_own(self) -> bool:
        """Kept by people of the company; else it is a register's."""
        return self.added_by_id is not None

    def stood_in(self, year: int) -> bool:
        """Whether it was in use on a day of the year, as far as is known."""
        is_later = self.opened_on is not None and self.opened_on.year > year
        return not is_later and (self.closed_on is None or self.closed_on.year >= year)

    # --- what people of the company do --------------------------------------------------------------------
    @classmethod
    def add(cls, company: Company, *, by: User, **facts: Any) -> Site:
        """Keep a new site of the company; `facts` are those of OWN. Raises NotAllowed."""
        _members_only(company.pk, by)
        with transaction.atomic():
            # The company's row stays locked, so that two people do not take the same key.
            Company.objects.select_for_update(no_key=True).get(pk=company.pk)
            taken = set(company.sites.values_list("site_key", flat=True))
            key = next(key for number in count(1) if (key := f"site-{number}") not in taken)
            named = {"source": (company.name_zh or company.name_en)[:300], "added_by": by}
            made = cls(company=company, site_key=key, **named, **facts)
            made._require_its_own_name()
            made._history_user = by
            made.save()
            audit.append(by, "site.added", f"site:{made.pk}")
        return made

    def change(self, *, by: User, **facts: Any) -> bool:
        """Write what is known now; False where nothing changes. Raises NotAllowed."""
        self._require_own(by)
        changed = [name for name, value in facts.items() if getattr(self, name) != value]
        if "city" in changed and self.lines.exclude(disclosure__state__in=("draft", "returned")).exists():
            words = _(
                "Lines that were handed in rest on where it stands: close this site, and add one in the new place."
            )
            raise NotAllowed(words)
        for name in changed:
            setattr(self, name, facts[name])
        self._require_its_own_name()
        if changed:
            with transaction.atomic():
                self._history_user = by
                self.save()
                verb = "site.closed" if changed == ["closed_on"] and self.closed_on else "site.changed"
                audit.append(by, verb, f"site:{self.pk}", detail=", ".join(changed))
        return bool(changed)

    def remove(self, *, by: User) -> None:
        """Take away a site that was added by mistake. Raises NotAllowed for one that lines refer to."""
        self._require_own(by)
        if self.lines.exists():
            raise NotAllowed(_("Lines of a ledger refer to this site: it can be closed, not deleted."))
        if self.planned.exists():
            raise NotAllowed(_("A monitoring plan names this site: it can be closed, not deleted."))
        with transaction.atomic():
            audit.append(by, "site.removed", f"site:{self.pk}")
            self._history_user = by
            self.delete()

    def _require_own(self, by: User) -> None:
        _members_only(self.company_id, by)
        if not self.is_own:
            raise NotAllowed(_("This site comes from a register and is read-only here."))

    def _require_its_own_name(self) -> None:
        """A line may name its site, so a name is one site's."""
        others = Site.objects.filter(company=self.company_id).exclude(pk=self.pk)
        if others.filter(models.Q(name=self.name) | models.Q(site_key=self.name)).exists():
            raise NotAllowed(_("The company has a site of this name already."))


def _members_only(company: int, by: User) -> None:
    if not Membership.objects.filter(user_id=by.pk, company=company).exists():
        raise NotAllowed(_("Only people of the company keep its sites."))


class SiteYear(models.Model):
    """What a register says a site emitted in a year. None is "not given", zero is a printed zero."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="years", verbose_name=_("site"))
    year = models.PositiveSmallIntegerField(_("year"))
    scope_1_t = models.FloatField(_("scope 1, tCO₂e"), null=True, blank=True, validators=[Within("scope1_t")])
    scope_2_t = models.FloatField(
        _("scope 2, tCO₂e"), null=True, blank=True, validators=[Within("scope2_unspecified_t")]
    )
    total_t = models.FloatField(_("total, tCO₂e"), null=True, blank=True, validators=[Within("scope1_2_total_t")])
    source = models.CharField(_("source"), max_length=300)
    licence = models.CharField(_("licence"), max_length=200)

    class Meta:
        verbose_name = _("emissions of a site")
        verbose_name_plural = _("emissions of sites")
        constraints = [models.UniqueConstraint(fields=["site", "year"], name="one_row_per_site_and_year")]

    def __str__(self) -> str:
        return f"{self.site} · {self.year}"
