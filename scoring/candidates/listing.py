"""Candidates judged by one bar sheet: their filters and their order (METHOD 8.5), for page, API and export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import django_filters as filters
from django.db import models
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from portfolio.lists import FilterSet
from portfolio.models import Company, Track
from scoring.candidates.names import NAMES
from scoring.engine.score.bar_sheet import Family
from scoring.models import BarSheet, Headline, LatestScore
from scoring.reading import reads_chinese

FamiliesBySheet = Mapping[str, Mapping[str, Family]]  # version of a bar sheet → code → family
BY_BARS = "bars"  # the order of METHOD 8.5, which alone has groups
DIGITS = 9  # of P in the order: another machine's last bit moves nobody (scoring/engine/score/order.py)
STAGES = [("mature", _("Mature")), ("venture", _("Venture"))]
CLEARED = [(str(n), str(n)) for n in (3, 2, 1, 0)]
NO_TRACK = "none"
TRACKS = [*Track.choices, (NO_TRACK, _("No track yet"))]
MISSING = {  # inputs that can be asked for as `missing=`
    name: NAMES[name]
    for name in (
        *("scope1", "scope2_location", "revenue", "value_added", "output", "ebit", "gross_profit", "runway_months"),
        *("subsidies.grants", "subsidies.price_premium", "subsidies.theme_credits"),
        *("units", "service", "life", "use", "energy", "lca"),
    )
}
SORTED = {  # code → column; what is missing stands last either way
    "margin_c": "margin_c",
    "margin_r": "margin_r",
    "margin_o": "margin_o",
    "year": "data_year",
    "family": "family",
    "company_key": "company__company_key",
}


def listed(companies: Any, sheet: BarSheet | None) -> models.QuerySet[LatestScore]:
    """The scores that stand for these companies, where they were judged as candidates; none without a sheet in force.

    Whoever this sheet has not judged yet stands with the last result, which is an earlier sheet's.
    """
    judged = LatestScore.objects.filter(kind=Headline.Kind.CANDIDATE, score__run__bar_sheet__isnull=False)
    return judged.filter(company__in=companies) if sheet else judged.none()


def families_by_sheet(latest: models.QuerySet[LatestScore]) -> FamiliesBySheet:
    """Of the bar sheets that these were judged by."""
    used = BarSheet.objects.filter(pk__in=latest.order_by().values("score__run__bar_sheet"))
    return {sheet.version: sheet.engine().family for sheet in used}


class CandidateList(FilterSet):
    """Candidates that match, in their list's order. The assisted result neither narrows nor sorts."""

    words = {
        "q": _("Search"),
        "track": _("Track"),
        "family": _("Technology family"),
        "stage": _("Stage"),
        "cleared": _("Bars cleared"),
        "cleared_min": _("Bars cleared, at least"),
        "gates": _("Gates"),
        "year_min": _("Data year ≥"),
        "year_max": _("Data year ≤"),
        "missing": _("Missing"),
        "estimated": _("Own footprint"),
        "illustrative": _("Illustrative companies"),
        "company": _("Companies"),
    }
    default_order = BY_BARS
    orders = {
        BY_BARS: _("bars cleared, gates passed before open, P of the cleared bars, company key"),
        "name": _("Company"),
        "margin_c": _("Margin of the contribution"),
        "margin_r": _("Margin of the resilience"),
        "margin_o": _("Margin of the own footprint"),
        "year": _("Data year"),
        "family": _("Technology family"),
        "company_key": _("Company key"),
    }

    q = filters.CharFilter(method="search", max_length=80, label="Words in names, identifiers, pinyin or its initials")
    track = filters.MultipleChoiceFilter(choices=TRACKS, method="on_tracks")
    family = filters.CharFilter(max_length=16, label="Code of a technology family of the bar sheet")
    stage = filters.ChoiceFilter(choices=STAGES)
    cleared = filters.MultipleChoiceFilter(choices=CLEARED, distinct=False)
    cleared_min = filters.NumberFilter(
        field_name="cleared", lookup_expr="gte", min_value=0, max_value=3, decimal_places=0
    )
    gates = filters.MultipleChoiceFilter(choices=Headline.Gates.choices, distinct=False)
    year_min = filters.NumberFilter(
        field_name="data_year", lookup_expr="gte", min_value=1900, max_value=9999, decimal_places=0
    )
    year_max = filters.NumberFilter(
        field_name="data_year", lookup_expr="lte", min_value=1900, max_value=9999, decimal_places=0
    )
    missing = filters.ChoiceFilter(
        choices=list(MISSING.items()), method="with_missing", label="An input that a bar waits for"
    )
    estimated = filters.ChoiceFilter(
        choices=[("yes", _("only estimated"))], method="only_estimated", label="`yes`: O is known by a model alone"
    )
    illustrative = filters.ChoiceFilter(choices=[("hide", _("hidden"))], method="without_illustrative")
    company = filters.CharFilter(method="of_companies", max_length=500, label="Company keys, separated by commas")
    ordering = filters.OrderingFilter(
        fields=[BY_BARS, "name", *SORTED],
        label="`bars`: bars cleared (of none: known before unknown), gates, P, key",
    )

    @staticmethod
    def search(latest: Any, _name: str, words: str) -> Any:
        return latest.filter(company__in=Company.objects.search(words))

    @staticmethod
    def on_tracks(latest: Any, _name: str, tracks: list[str]) -> Any:
        return latest.filter(track__in=["" if track == NO_TRACK else track for track in tracks]) if tracks else latest

    @staticmethod
    def of_companies(latest: Any, _name: str, keys: str) -> Any:
        return latest.filter(company__company_key__in=[key.strip() for key in keys.split(",")])

    @staticmethod
    def without_illustrative(latest: Any, _name: str, _hide: str) -> Any:
        return latest.filter(company__is_illustrative=False)

    @staticmethod
    def with_missing(latest: Any, _name: str, name: str) -> Any:
        """By the text of the record, which is canonical: an entry of `missing` names its input and who can fill it."""
        entries = (f'{{"name":"{name}","who":', f'{{"name":"{name}","place":')
        found = models.Q()
        for entry in entries:
            found |= models.Q(score__record_json__contains=entry)
        return latest.filter(found)

    @staticmethod
    def only_estimated(latest: Any, _name: str, _yes: str) -> Any:
        return latest.filter(assisted_cleared__isnull=False)

    def filter_queryset(self, latest: Any) -> Any:
        for name, value in self.form.cleaned_data.items():
            if name != "ordering":
                latest = self.filters[name].filter(latest, value)
        asked = [code for code in self.form.cleaned_data["ordering"] or () if code]
        return in_order(latest, asked or [BY_BARS])


def in_order(latest: models.QuerySet[LatestScore], asked: list[str]) -> models.QuerySet[LatestScore]:
    """By those orders. Whoever has told nothing follows all others, whoever is not admitted follows them."""
    last = {Headline.Group.NO_FIGURES: 1, Headline.Group.NOT_ADMITTED: 2}
    place = models.Case(
        *(models.When(group_code=group, then=models.Value(at)) for group, at in last.items()), default=models.Value(0)
    )
    return latest.order_by(place, *(one for code in asked for one in _by(code)), "company__company_key")


def _by(code: str) -> Iterator[Any]:
    name, down = code.removeprefix("-"), code.startswith("-")
    if name == BY_BARS:
        yield models.F("cleared").asc() if down else models.F("cleared").desc()
        is_unknown = models.Case(models.When(cleared=0, known=0, then=models.Value(1)), default=models.Value(0))
        yield is_unknown.desc() if down else is_unknown.asc()
        is_open = models.Case(models.When(gates=Headline.Gates.PASSED, then=models.Value(0)), default=models.Value(1))
        yield is_open.desc() if down else is_open.asc()
        p = Round(models.F("p_cleared"), DIGITS)
        yield p.asc(nulls_last=True) if down else p.desc(nulls_last=True)
        return
    value: Any = models.F(SORTED.get(name, name))
    if name == "name":  # as Company.name
        shown, other = ("name_zh", "name_en") if reads_chinese() else ("name_en", "name_zh")
        shown_word, other_word = models.F(f"company__{shown}"), models.F(f"company__{other}")
        value = models.Case(models.When(**{f"company__{shown}": ""}, then=other_word), default=shown_word)
        value = models.ExpressionWrapper(value, models.CharField())
    yield models.expressions.OrderBy(value, descending=down, nulls_last=None if name == "name" else True)
