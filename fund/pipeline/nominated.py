"""Candidates whom no bar sheet has judged: somebody nominated them, and their run is still to come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portfolio.models import Company, CompanyTrack
from scoring.models import Headline, ScoreItem, ScoreRun

MANY = 200  # that a page names


@dataclass(frozen=True)
class Nominated:
    """`track` is the confirmed one, empty where there is none; `state` says what it waits for."""

    company: Company
    track: str
    state: str

    @property
    def href(self) -> str:
        return reverse("dossier", args=[self.company.pk])


def nominated(companies: models.QuerySet[Company]) -> list[Nominated]:
    """Of these, all without a score as a candidate, in the order of the query. Three queries."""
    found = list(companies.select_related("latest").only(*_NAMES)[:MANY])
    if not found:
        return []
    tracks = dict(
        CompanyTrack.objects.filter(company__in=found, confirmed_at__isnull=False)
        .order_by("-pk")
        .values_list("company", "track")
    )
    queued = queued_at(company.pk for company in found)
    return [Nominated(one, tracks.get(one.pk, ""), state_words(one, queued.get(one.pk))) for one in found]


_NAMES = ("company_key", "name_zh", "name_en", "is_illustrative", "latest__kind")


def queued_at(companies: Iterable[int]) -> dict[int, datetime]:
    """Since when an open run is to judge them, by company."""
    items = ScoreItem.objects.filter(company__in=list(companies), is_candidate=True, run__state__in=ScoreRun.OPEN)
    return dict(items.order_by("-run").values_list("company", "run__queued_at"))


def state_words(company: Company, since: datetime | None) -> str:
    """Nominated, waiting for its run (queued 10:42)."""
    if since:
        local = timezone.localtime(since)
        is_today = local.date() == timezone.localdate()
        when = date_format(local, "H:i") if is_today else date_format(local, "SHORT_DATETIME_FORMAT")
        return _("nominated, waiting for its run (queued %(when)s)") % {"when": when}
    latest = getattr(company, "latest", None)
    if latest and latest.kind == Headline.Kind.RETIRED:
        return _("nominated; scored by a retired method alone")
    return _("nominated; no run is queued")
