"""The list of data requests: by it a manager sees what is late, and what came in. For page, file and API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import django_filters as filters
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from fund.pipeline.requests.ask import by_year
from portfolio.exports import Table, made_by
from portfolio.lists import FilterSet, ListPage
from portfolio.models import Company, DataRequest
from portfolio.models.data_request import told

OPEN, OVERDUE = DataRequest.State.OPEN.value, "overdue"
STATES = [
    *[(OPEN, DataRequest.State.OPEN.label), (OVERDUE, gettext_lazy("Overdue"))],
    *[choice for choice in DataRequest.State.choices if choice[0] != OPEN],
]


class RequestList(FilterSet):
    """Requests that match: what is open first, the most urgent of it before."""

    words = {
        "q": gettext_lazy("Search"),
        "state": gettext_lazy("State"),
        "due_by": gettext_lazy("Due by"),
        "company": gettext_lazy("Company"),
    }
    default_order = "due"
    orders = {
        "due": gettext_lazy("open before closed, then by the day they are due"),
        "asked_at": gettext_lazy("Asked at"),
        "closed_at": gettext_lazy("Closed at"),
    }

    q = filters.CharFilter(method="search", max_length=80, label="Words in the company's names, identifiers or pinyin")
    state = filters.ChoiceFilter(choices=STATES, method="in_state", label="`overdue`: open, and its day has passed")
    due_by = filters.DateFilter(field_name="due", lookup_expr="lte", label="Due on this day or before")
    company = filters.CharFilter(field_name="company__company_key", max_length=80, label="Key of a company")
    ordering = filters.OrderingFilter(
        fields=[("due", "due"), ("asked_at", "asked_at"), ("closed_at", "closed_at")],
        label="`due`: open ones before closed ones, then by day",
    )

    @staticmethod
    def search(requests: Any, _name: str, words: str) -> Any:
        return requests.filter(company__in=Company.objects.search(words))

    @staticmethod
    def in_state(requests: Any, _name: str, state: str) -> Any:
        return requests.overdue() if state == OVERDUE else requests.filter(state=state)

    def filter_queryset(self, requests: Any) -> Any:
        for name, value in self.form.cleaned_data.items():
            if name != "ordering":
                requests = self.filters[name].filter(requests, value)
        asked = [code for code in self.form.cleaned_data["ordering"] or () if code] or [self.default_order]
        return requests.order_by(*_order(asked[0]), "-pk")


def _order(code: str) -> list[Any]:
    if code.removeprefix("-") == "closed_at":
        at = models.F("closed_at")
        return [at.desc(nulls_last=True) if code.startswith("-") else at.asc(nulls_last=True)]
    if code != "due":
        return [code]
    is_closed = models.Case(models.When(state=OPEN, then=models.Value(0)), default=models.Value(1))
    return [is_closed, "due"]


@dataclass(frozen=True)
class RequestRow:
    request: DataRequest
    known: int

    @property
    def told(self) -> int | None:
        """Of the figures asked for, so many have come in; of one that was ended nobody counts."""
        if self.request.state == DataRequest.State.ANSWERED:
            return self.asked
        return self.known if self.request.is_open else None

    @property
    def asked(self) -> int:
        return len(self.request.asked)

    @property
    def figures(self) -> str:
        return by_year(self.request.listed)

    @property
    def state(self) -> str:
        return OVERDUE if self.request.is_overdue else self.request.state

    @property
    def state_word(self) -> str:
        return str(dict(STATES)[self.state])

    @property
    def due_words(self) -> str:
        """How long is left of an open one, or for how long it is late."""
        days = self.request.days_left
        if not self.request.is_open:
            return ""
        if days < 0:
            return ngettext("%(n)s day late", "%(n)s days late", -days) % {"n": -days}
        return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days} if days else _("due today")


def rows_of(requests: Iterable[DataRequest]) -> list[RequestRow]:
    """Three queries more than the requests, where one of them is open."""
    listed = list(requests)
    waiting = {request.company_id for request in listed if request.is_open}
    known = told(waiting) if waiting else {}
    return [RequestRow(one, len(one.items & known.get(one.company_id, set()))) for one in listed]


class Requests(ListPage):
    """A page of the list. Six queries, whatever the rows."""

    selects = ("state",)

    def __init__(self, request: HttpRequest) -> None:
        self.user = request.user
        self.all = DataRequest.objects.visible_to(request.user).select_related("company", "asked_by", "closed_by")
        super().__init__(RequestList, self.all, request)

    @cached_property
    def rows(self) -> list[RequestRow]:
        return rows_of(self.on_page(self.rows_found))

    @cached_property
    def overdue(self) -> int:
        return self.all.overdue().count()


def table(page: Requests) -> Table:
    """All that match, in the list's order."""
    heads = [
        *(_("Company key"), _("Company"), _("Figures asked for"), _("Asked"), _("Told so far"), _("State"), _("Due")),
        *(_("Asked by"), _("Asked at"), _("Closed at"), _("Closed by"), _("Not available because"), _("Reason")),
        _("Note"),
    ]
    told_of_file: dict[str, object] = {
        _("List"): _("Data requests"),
        _("Filters"): page.filter_words,
        _("Order"): page.order_words,
        **made_by(page.user),
    }
    return Table("requests", told_of_file, heads, _cells(rows_of(page.rows_found)))


def _cells(rows: Iterable[RequestRow]) -> Iterator[list[object]]:
    for row in rows:
        one = row.request
        yield [
            *(one.company.company_key, one.company.name, row.figures, row.asked, row.told, row.state_word, one.due),
            *(str(one.asked_by), one.asked_at, one.closed_at, str(one.closed_by or ""), one.why, one.reason),
            one.note,
        ]
