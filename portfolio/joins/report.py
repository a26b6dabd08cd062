"""Joins as a list that can be narrowed, each beside what it brought: names, countries, tonnes and revenue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import django_filters as filters
import pycountry
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portfolio.lists import FilterSet, ListPage
from portfolio.models import Company, Disclosure, Figure, Financials, Join, JoinDecision, Quantity, Target
from portfolio.models.disclosure import SCOPE_2
from portfolio.places.names import place_name

MILLION = 1e6


class JoinList(FilterSet):
    words = {
        "q": _("Search"),
        "state": _("State"),
        "method": _("How it was joined"),
        "differs": _("Countries"),
    }
    default_order = "company"

    q = filters.CharFilter(method="search", max_length=80)
    state = filters.ChoiceFilter(choices=Join.State.choices)
    method = filters.ChoiceFilter(choices=Join.Method.choices)
    differs = filters.ChoiceFilter(choices=[("yes", _("differ")), ("no", _("agree"))], method="by_country")
    ordering = filters.OrderingFilter(
        fields=[("company__company_key", "company"), ("entity_name", "entity"), ("document_host", "document")]
    )

    @staticmethod
    def search(joins: Any, _name: str, words: str) -> Any:
        """In the company's names and identifiers, or as it stands in the name or the document of the source."""
        companies = Company.objects.search(words).values("pk")
        of_source = models.Q(entity_name__icontains=words) | models.Q(document_host__icontains=words)
        return joins.filter(models.Q(company__in=companies) | of_source)

    @staticmethod
    def by_country(joins: Any, _name: str, answer: str) -> Any:
        differ = ~models.Q(entity_country="") & ~models.Q(entity_country=models.F("company__country"))
        return joins.filter(differ if answer == "yes" else ~differ)

    def filter_queryset(self, joins: Any) -> Any:
        found = super().filter_queryset(joins)
        asked = self.form.cleaned_data["ordering"]
        return found if asked else found.order_by("company__company_key", "source", "figures")


class Tonnes(NamedTuple):
    source: str
    year: int
    total_t: float


class Revenue(NamedTuple):
    source: str
    year: int | None
    amount: float
    currency: str

    @property
    def millions(self) -> float:
        return self.amount / MILLION


@dataclass(frozen=True)
class JoinRow:
    """A join, beside the company's tonnes and revenue: of this source where it gives them, else of another."""

    join: Join
    decision: JoinDecision | None
    tonnes: Tonnes | None
    revenue: Revenue | None

    @property
    def country(self) -> str:
        return _country(self.join.company.country)

    @property
    def entity_country(self) -> str:
        return _country(self.join.entity_country)

    @property
    def countries_differ(self) -> bool:
        return self.join.entity_country not in ("", self.join.company.country)

    @property
    def hosts(self) -> list[str]:
        return self.join.document_host.split()

    @property
    def t_per_million(self) -> float | None:
        if self.tonnes is None or self.revenue is None or not self.revenue.millions:
            return None
        return self.tonnes.total_t / self.revenue.millions


class JoinPage(ListPage):
    """The answer to one URL. Five queries, whatever the number of rows."""

    selects = ("state", "method", "differs")

    def __init__(self, request: HttpRequest) -> None:
        joins = Join.objects.visible_to(request.user)
        self.waiting = joins.not_confirmed().count()
        super().__init__(JoinList, joins.select_related("company"), request)

    @property
    def rows(self) -> list[JoinRow]:
        return rows_of(list(self.on_page(self.rows_found)))


def rows_of(joins: list[Join]) -> list[JoinRow]:
    companies = {join.company_id for join in joins}
    tonnes, revenues, decisions = _tonnes(companies), _revenues(companies), _decisions(joins)
    return [
        JoinRow(
            join,
            decisions.get(join.pk),
            _of_source(tonnes.get(join.company_id, ()), join.source),
            _of_source(revenues.get(join.company_id, ()), join.source),
        )
        for join in joins
    ]


@dataclass(frozen=True)
class SetAside:
    """What a rejected join keeps from counting."""

    join: Join
    decision: JoinDecision | None
    emissions: list[tuple[int, str, float | None, str]]  # year, quantity, value, unit
    revenues: list[Revenue]
    targets: list[str]


def set_aside(joins: Iterable[Join]) -> list[SetAside]:
    """For each of one company's joins that is rejected. No query where there is none."""
    rejected = [join for join in joins if join.state == Join.State.REJECTED]
    decisions = _decisions(rejected) if rejected else {}
    return [SetAside(join, decisions.get(join.pk), *_figures_of(join)) for join in rejected]


def _figures_of(join: Join) -> tuple[list[tuple[int, str, float | None, str]], list[Revenue], list[str]]:
    def rests(figures: str) -> bool:
        return join.is_about(join.source, figures)

    of_it = {"company": join.company_id, "source": join.source}
    emissions: list[tuple[int, str, float | None, str]] = []
    revenues, targets = [], []
    if rests(Join.Figures.EMISSIONS):
        standing = Disclosure.objects.standing(with_set_aside=True).filter(**of_it)
        figures = Figure.objects.filter(disclosure__in=standing).order_by("disclosure__year", "quantity")
        for year, quantity, value in figures.values_list("disclosure__year", "quantity", "value"):
            emissions.append((year, str(Quantity(quantity).label), value, Quantity(quantity).unit))
    if rests(Join.Figures.FINANCIALS):
        revenues = [row for row in _revenues([join.company_id]).get(join.company_id, []) if row.source == join.source]
    if rests(Join.Figures.TARGETS):
        stated = Target.objects.filter(**of_it).order_by("target_year")
        targets = [f"{target.get_kind_display()} {target.target_year or '—'}" for target in stated]
    return emissions, revenues, targets


def _of_source(told: Iterable[Any], source: str) -> Any:
    """The last of this source, else the last of any."""
    rows = list(told)
    return next((row for row in reversed(rows) if row.source == source), rows[-1] if rows else None)


def _tonnes(companies: Iterable[int]) -> Mapping[int, list[Tonnes]]:
    """Scopes 1 and 2 of each company, by year, also what is set aside: a person judges it here."""
    standing = Disclosure.objects.standing(with_set_aside=True).filter(company__in=companies).order_by("year")
    told = {row[0]: row[1:] for row in standing.values_list("pk", "company_id", "source", "year")}
    sums: dict[int, float] = {}
    figures = Figure.objects.filter(disclosure__in=list(told), quantity__in=[Quantity.SCOPE_1, *SCOPE_2])
    for pk, value in figures.order_by().values_list("disclosure_id", "value"):
        sums[pk] = sums.get(pk, 0.0) + (value or 0.0)
    found: dict[int, list[Tonnes]] = {}
    for pk, (company, source, year) in told.items():
        if pk in sums:
            found.setdefault(company, []).append(Tonnes(source, year, sums[pk]))
    return found


def _revenues(companies: Iterable[int]) -> Mapping[int, list[Revenue]]:
    """By year, those without a year first."""
    rows = Financials.objects.filter(company__in=companies, revenue__isnull=False)
    rows = rows.order_by(models.F("year").asc(nulls_first=True), "pk")
    found: dict[int, list[Revenue]] = {}
    for company, source, year, amount, currency in rows.values_list(
        "company_id", "source", "year", "revenue", "currency"
    ):
        found.setdefault(company, []).append(Revenue(source, year, amount or 0.0, currency))
    return found


def _decisions(joins: Iterable[Join]) -> Mapping[int, JoinDecision]:
    """The last word on each, where a person has spoken."""
    rows = JoinDecision.objects.filter(join__in=[join.pk for join in joins]).select_related("by").order_by("pk")
    return {row.join_id: row for row in rows}


def _country(code: str) -> str:
    found = pycountry.countries.get(alpha_3=code) if code else None
    return place_name(found.alpha_2) if found else code
