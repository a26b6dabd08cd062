"""Technology families: what a candidate sells, in which unit. What each is held against stands in a bar sheet."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portfolio.models.company import Track


class TechnologyFamily(models.Model):
    """A row of data/technology_families.csv, or one that the fund added."""

    code = models.CharField(_("code"), max_length=16, unique=True)
    track = models.CharField(_("track"), max_length=32, choices=Track.choices)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80)
    unit = models.CharField(_("unit sold"), max_length=24, help_text=_("Such as MW, kWh, car, t"))
    service_unit = models.CharField(
        _("unit of service"), max_length=24, blank=True, help_text=_("What one unit gives in a year, such as MWh or km")
    )
    words = models.CharField(
        _("words for it"), max_length=400, blank=True, help_text=_("In Chinese and English, separated by |")
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("technology family")
        verbose_name_plural = _("technology families")
        ordering = ["code"]
        constraints = [models.CheckConstraint(condition=models.Q(track__in=Track.values), name="family_track_is_known")]

    def __str__(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh
