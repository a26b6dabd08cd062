"""The fund's list of disputes: what is open first, with what was shown, said and answered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import django_filters as filters
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from fund.applicants.words import disputed_words
from fund.models import Dispute
from portfolio.lists import FilterSet, ListPage
from portfolio.models import Company


class DisputeList(FilterSet):
    """Disputes that match, open ones first, the oldest of them before."""

    words = {"state": gettext_lazy("State"), "company": gettext_lazy("Company")}
    default_order = "state"
    orders = {"state": gettext_lazy("open before closed, then by when it was disputed")}

    state = filters.ChoiceFilter(choices=Dispute.State.choices, label="`open`: waits for the fund's answer")
    company = filters.CharFilter(
        field_name="preview__disclosure__company__company_key", max_length=80, label="Key of a company"
    )

    def filter_queryset(self, disputes: Any) -> Any:
        is_closed = models.Case(models.When(state=Dispute.State.OPEN, then=models.Value(0)), default=models.Value(1))
        return super().filter_queryset(disputes).order_by(is_closed, "at", "pk")


RELATED = ("preview__disclosure__company", "score__run", "by", "closed_by")


@dataclass(frozen=True)
class DisputeRow:
    dispute: Dispute

    @property
    def about(self) -> str:
        return disputed_words(self.dispute.field)

    @property
    def company(self) -> Company:
        return self.dispute.preview.disclosure.company


class Disputes(ListPage):
    """A page of the list, whatever the rows in four queries."""

    selects = ("state",)

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(DisputeList, Dispute.objects.visible_to(request.user).select_related(*RELATED), request)

    @cached_property
    def rows(self) -> list[DisputeRow]:
        return [DisputeRow(one) for one in self.on_page(self.rows_found)]
