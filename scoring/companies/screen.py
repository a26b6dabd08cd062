"""Screen and rank: the list of companies as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _

from portfolio.lists import Head, ListPage
from portfolio.models import Company
from scoring.companies.listing import COLUMNS, Column, CompanyList, CompanyRow, counts, read, values
from scoring.models import ListStatus
from scoring.reading import QUALITY_MARKS, country_name


@dataclass(frozen=True)
class Section:
    """Rows of one status: companies without a score are never ranked among the scored."""

    status: ListStatus
    count: int
    rows: list[CompanyRow]


class Screen(ListPage):
    """The answer to one URL, of a reader who sees all companies. Four queries, whatever the number of rows."""

    selects = ("sector", "track", "country", "status", "band", "quality", "year")

    def __init__(self, request: HttpRequest) -> None:
        companies = Company.objects.visible_to(request.user)
        facts = companies.order_by().values_list("country", "latest__data_year", "is_illustrative")
        groups = list(facts.annotate(n=models.Count("pk")))  # few, whatever the number of companies
        self.countries = {country for country, *_rest in groups}
        self.years = sorted({year for _country, year, *_rest in groups if year}, reverse=True)
        self.illustrative = sum(n for *_facts, is_illustrative, n in groups if is_illustrative)
        self.real = sum(n for *_facts, is_illustrative, n in groups if not is_illustrative)
        self.universe = self.real + self.illustrative
        super().__init__(CompanyList, companies, request)

    def offers(self, name: str) -> Mapping[str, str]:
        match name:
            case "country":
                places = ((code, country_name(code)) for code in self.countries)
                return dict(sorted(places, key=lambda place: place[1]))
            case "year":
                return {str(year): str(year) for year in self.years}
            case "quality":
                return {str(n): _("%(mark)s or better") % {"mark": mark} for n, mark in enumerate(QUALITY_MARKS, 1)}
        return super().offers(name)

    def count(self) -> int:
        self.counts = counts(self.rows_found)
        return sum(self.counts.values())

    @cached_property
    def sections(self) -> list[Section]:
        """The page's part of each status, one after the other."""
        page = self.on_page(self.rows_found.values("pk"))  # sorted alone: whole rows would fill the sort's memory
        rows = read(values(self.rows_found.filter(pk__in=page)))
        return [Section(status, self.counts[status], list(part)) for status, part in groupby(rows, lambda r: r.status)]

    @property
    def heads(self) -> list[tuple[Column, Head | None]]:
        """The ranked table's columns, with what sorts by them where something does."""
        return [
            (column, self.head(column.code, up_first=column.up_first) if column.sorts else None)
            for column in COLUMNS
            if column.is_ranked
        ]
