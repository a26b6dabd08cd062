"""Cities, and the sites that stand in them."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portfolio.typed.bounds import Within


class City(models.Model):
    """A place with its administrative code and the dates between which that code holds."""

    code = models.CharField(_("code"), max_length=16, unique=True, help_text=_("ISO 3166-2 or GB/T 2260"))
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80)
    country = models.CharField(_("country"), max_length=3)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("city")
        verbose_name_plural = _("cities")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh


class Site(models.Model):
    """A facility. It belongs to one company and one city, so that a tonne is counted once."""

    company = models.ForeignKey("portfolio.Company", models.CASCADE, related_name="sites", verbose_name=_("company"))
    site_key = models.CharField(_("site key"), max_length=80)
    name = models.CharField(_("name"), max_length=200)
    city = models.ForeignKey(City, models.PROTECT, null=True, blank=True, verbose_name=_("city"))
    industry = models.CharField(_("industry in the source's words"), max_length=120, blank=True)
    source = models.CharField(_("source"), max_length=300)
    licence = models.CharField(_("licence"), max_length=200)

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["site_key"]
        constraints = [models.UniqueConstraint(fields=["company", "site_key"], name="site_key_is_unique_in_company")]

    def __str__(self) -> str:
        return self.name


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
