"""Peers and what is measured of them: filters, orders and rows, for page, API and export."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from statistics import quantiles
from typing import Any, NamedTuple

import django_filters as filters
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from portfolio.lists import FilterSet
from portfolio.models import Company, Join, Sector
from portfolio.models.people import SomeUser
from scoring.engine.score.record import MeasuredRecord, Step
from scoring.models import LatestScore
from scoring.reading import country_name, reads_chinese, step_words
from scoring.runs import queue

BY_SECTOR = "sector"
JOIN_WORDS = {
    Join.State.NOT_CONFIRMED.value: gettext_lazy("Join not confirmed"),
    Join.State.REJECTED.value: gettext_lazy("Figures set aside"),
}
JOIN_MARKS = {Join.State.NOT_CONFIRMED.value: "?", Join.State.REJECTED.value: "≠"}
MEASURED = {  # code of an order → column; a fact, never a score
    "change": "change_per_year",
    "intensity": "intensity",
    "intensity_change": "intensity_change_per_year",
    "revenue_change": "revenue_change_per_year",
    "temperature": "temperature_c",
    "pathway": "pathway_c",
    "year": "data_year",
    "emissions_t": "emissions_t",
}
OBSERVED = "3"  # years from which a trend says something
# Behind the switches, for counts and filters alike. No fall where a step or another boundary leaves a change unknown.
OBSERVED_LONG = models.Q(latest__years_observed__gte=int(OBSERVED))
FALLS_FASTER = models.Q(latest__change_per_year__lt=0) & models.Q(
    latest__change_per_year__lt=models.F("latest__revenue_change_per_year")
)
BOTH_KNOWN = models.Q(latest__temperature_c__isnull=False, latest__pathway_c__isnull=False)
CHUNK = 1000  # rows of an export in memory at once
LEAST_OF_RANGE, MOST_OF_RANGE = 5, 0.6  # METHOD 8.9: so many contributors, nobody with more of the tonnes


def peers(user: SomeUser) -> models.QuerySet[Company]:
    """Everyone whom no fund of the house looks at."""
    return queue.without_candidates(Company.objects.visible_to(user))


class PeerList(FilterSet):
    words = {
        "q": gettext_lazy("Search"),
        "sector": gettext_lazy("Sector"),
        "country": gettext_lazy("Country"),
        "years_min": gettext_lazy("Years observed, at least"),
        "falls": gettext_lazy("Emissions fall"),
        "known": gettext_lazy("Promise and behaviour"),
        "joins": gettext_lazy("Joins"),
    }
    default_order = BY_SECTOR
    orders = {
        BY_SECTOR: gettext_lazy("Sector"),
        "name": gettext_lazy("Company"),
        "company_key": gettext_lazy("Company key"),
        "country": gettext_lazy("Country"),
        "change": gettext_lazy("Emissions, change a year"),
        "intensity": gettext_lazy("Intensity (tCO₂e/10k CNY)"),
        "intensity_change": gettext_lazy("Intensity, change a year"),
        "revenue_change": gettext_lazy("Revenue, change a year"),
        "temperature": gettext_lazy("Targets promise (°C)"),
        "pathway": gettext_lazy("Trajectory implies (°C)"),
        "year": gettext_lazy("Data year"),
        "emissions_t": gettext_lazy("Emissions (tCO₂e)"),
    }

    q = filters.CharFilter(method="search", max_length=80, label="Words in names, identifiers, pinyin or its initials")
    sector = filters.MultipleChoiceFilter(choices=Sector.choices, distinct=False)
    country = filters.CharFilter(max_length=3)
    years_min = filters.NumberFilter(
        field_name="latest__years_observed", lookup_expr="gte", min_value=1, max_value=100, decimal_places=0
    )
    falls = filters.ChoiceFilter(
        choices=[("faster", gettext_lazy("faster than revenue"))],
        method="falling",
        label="`faster`: emissions fall, and by more a year than revenue of the same years and the same boundary",
    )
    known = filters.ChoiceFilter(
        choices=[("both", gettext_lazy("both known"))],
        method="with_both",
        label="`both`: what its targets promise is known, and what its trajectory implies",
    )
    joins = filters.ChoiceFilter(choices=list(JOIN_WORDS.items()), method="with_joins")
    ordering = filters.OrderingFilter(fields=[BY_SECTOR, "name", "company_key", "country", *MEASURED])

    @staticmethod
    def search(companies: Any, _name: str, words: str) -> Any:
        return companies.search(words)

    @staticmethod
    def falling(companies: Any, _name: str, _faster: str) -> Any:
        return companies.filter(FALLS_FASTER)

    @staticmethod
    def with_both(companies: Any, _name: str, _both: str) -> Any:
        return companies.filter(BOTH_KNOWN)

    @staticmethod
    def with_joins(companies: Any, _name: str, state: str) -> Any:
        return companies.filter(pk__in=Join.objects.filter(state=state).values("company"))

    def filter_queryset(self, companies: Any) -> Any:
        for name, value in self.form.cleaned_data.items():
            if name != "ordering":
                companies = self.filters[name].filter(companies, value)
        asked = [code for code in self.form.cleaned_data["ordering"] or () if code]
        return companies.order_by(*(_by(code) for code in asked or [BY_SECTOR]), _by("name"), "company_key")


def _by(code: str) -> Any:
    """What is missing stands last either way."""
    name, down = code.removeprefix("-"), code.startswith("-")
    if name in MEASURED:
        column = models.F(f"latest__{MEASURED[name]}")
        return column.desc(nulls_last=True) if down else column.asc(nulls_last=True)
    value: Any = models.F(name)
    if name == "name":  # as Company.name
        shown, other = ("name_zh", "name_en") if reads_chinese() else ("name_en", "name_zh")
        value = models.Case(models.When(**{shown: ""}, then=models.F(other)), default=models.F(shown))
        value = models.ExpressionWrapper(value, models.CharField())
    return models.expressions.OrderBy(value, descending=down)


# --- rows ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class PeerRow:
    """A company with what is measured of it, in the reader's language. Numbers are None where nobody told them."""

    pk: int
    company_key: str
    name_zh: str
    name_en: str
    uscc: str
    country: str
    sector: str
    is_illustrative: bool
    data_year: int | None
    emissions_t: float | None
    intensity: float | None
    years: int | None
    change_per_year: float | None
    intensity_change_per_year: float | None
    revenue_change_per_year: float | None
    temperature_c: float | None
    pathway_c: float | None
    record_json: str | None
    join_waits: bool
    has_set_aside: bool

    @property
    def name(self) -> str:
        first, second = (self.name_zh, self.name_en) if reads_chinese() else (self.name_en, self.name_zh)
        return first or second

    @property
    def href(self) -> str:
        return reverse("dossier", args=[self.pk])

    @property
    def country_name(self) -> str:
        return country_name(self.country)

    @property
    def sector_label(self) -> str:
        return str(Sector(self.sector).label)

    @cached_property
    def measured(self) -> MeasuredRecord | None:
        """None of a company without a score, or with one of a retired method."""
        record = json.loads(self.record_json) if self.record_json else {}
        found: MeasuredRecord | None = record.get("measured")
        return found

    @property
    def step(self) -> Step | None:
        return self.measured.get("step") if self.measured else None

    @property
    def step_words(self) -> str:
        return step_words(self.step) if self.step else ""

    @property
    def first_year(self) -> int | None:
        return self.measured["first_year"] if self.measured else None

    @property
    def span(self) -> str:
        """The years of the trend: 2022–2024; with their number where some between them are missing."""
        first, last, years = self.first_year, self.data_year, self.years
        if not (first and last and years) or first == last:
            return ""
        if last - first + 1 == years:
            return f"{first}–{last}"
        words = ngettext("%(first)s–%(last)s, %(n)s year", "%(first)s–%(last)s, %(n)s years", years)
        return words % {"first": first, "last": last, "n": years}

    @property
    def boundary(self) -> str:
        boundary = self.measured["boundary"] if self.measured else None
        return str(BOUNDARIES.get(boundary or "", ""))

    @property
    def join_marks(self) -> list[tuple[str, str]]:
        """What is to be known of whose figures these are: a sign, and its words."""
        holds = self.join_waits, self.has_set_aside
        return [
            (JOIN_MARKS[state], str(word))
            for (state, word), is_so in zip(JOIN_WORDS.items(), holds, strict=True)
            if is_so
        ]


BOUNDARIES = {
    "matched": gettext_lazy("same as revenue"),
    "mismatched": gettext_lazy("other than revenue"),
    "unstated": pgettext_lazy("boundary", "not stated"),
}
OF_COMPANY = ("pk", "company_key", "name_zh", "name_en", "uscc", "country", "sector", "is_illustrative")
OF_SCORE = (
    *("data_year", "emissions_t", "intensity", "years_observed", "change_per_year", "intensity_change_per_year"),
    *("revenue_change_per_year", "temperature_c", "pathway_c", "score__record_json"),
)


def read(companies: models.QuerySet[Company]) -> Iterator[PeerRow]:
    """Rows in the order of the query: one query."""
    joins = Join.objects.filter(company=models.OuterRef("pk"))
    found = companies.values_list(
        *OF_COMPANY,
        *(f"latest__{name}" for name in OF_SCORE),
        models.Exists(joins.not_confirmed()),
        models.Exists(joins.rejected()),
    )
    for row in found.iterator(CHUNK):
        yield PeerRow(*row)


# --- the range of a sector -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Range:
    """Quartiles of the intensity of a sector, t per 10,000 yuan, of all its companies that have one."""

    lower: float
    median: float
    upper: float
    n: int


def ranges(sectors: Iterable[str]) -> dict[str, Range]:
    """By sector; a sector of few, or one that somebody dominates, has none (METHOD 8.9). One query."""
    told: dict[str, list[tuple[float, float]]] = {}
    rows = LatestScore.objects.filter(company__sector__in=set(sectors), intensity__isnull=False, emissions_t__gt=0)
    for sector, intensity, tonnes in rows.values_list("company__sector", "intensity", "emissions_t"):
        told.setdefault(sector, []).append((intensity or 0.0, tonnes or 0.0))
    return {sector: found for sector, values in told.items() if (found := _range(values))}


def _range(values: list[tuple[float, float]]) -> Range | None:
    tonnes = [t for _intensity, t in values]
    if len(values) < LEAST_OF_RANGE or max(tonnes) > MOST_OF_RANGE * sum(tonnes):
        return None
    lower, median, upper = quantiles([intensity for intensity, _t in values], n=4, method="inclusive")
    return Range(lower, median, upper, len(values))


# --- columns of the export ---------------------------------------------------------------------------------
class Column(NamedTuple):
    label: str
    value: Callable[[PeerRow], object]


def columns() -> list[Column]:
    """In the reader's language; changes are shares of 1 a year."""
    return [
        Column(_("Company key"), lambda row: row.company_key),
        Column(_("Company"), lambda row: row.name),
        Column(_("Unified social credit code"), lambda row: row.uscc),
        Column(_("Country"), lambda row: row.country_name),
        Column(_("Sector"), lambda row: row.sector_label),
        Column(_("Illustrative"), lambda row: _("yes") if row.is_illustrative else _("no")),
        Column(_("Emissions (tCO₂e)"), lambda row: row.emissions_t),
        Column(_("Data year"), lambda row: row.data_year),
        Column(_("Boundary"), lambda row: row.boundary),
        Column(_("Years observed"), lambda row: row.years),
        Column(_("First of these years"), lambda row: row.first_year),
        Column(_("Emissions, change a year"), lambda row: row.change_per_year),
        Column(_("Step of emissions, asked about"), lambda row: row.step_words),
        Column(_("Intensity (tCO₂e/10k CNY)"), lambda row: row.intensity),
        Column(_("Intensity, change a year"), lambda row: row.intensity_change_per_year),
        Column(_("Revenue, change a year"), lambda row: row.revenue_change_per_year),
        Column(_("Targets promise (°C)"), lambda row: row.temperature_c),
        Column(_("Trajectory implies (°C)"), lambda row: row.pathway_c),
        Column(
            _("Joins"),
            lambda row: pgettext("between items of a list", ", ").join(word for _mark, word in row.join_marks),
        ),
    ]
