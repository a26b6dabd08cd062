"""The list of proposals: by it one sees what waits for whom, and what was decided. For page and file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import django_filters as filters
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fund.committee import words
from fund.models import Decision, Proposal
from portfolio.exports import Table, made_by
from portfolio.lists import FilterSet, ListPage
from portfolio.models import Company

WAITS, MINE, FOR_ME = "waiting", "mine", "for_me"
STATES = [(WAITS, gettext_lazy("Waits for a decision")), *Decision.Outcome.choices]


class ProposalList(FilterSet):
    """Proposals that match, the newest first."""

    words = {
        "q": gettext_lazy("Search"),
        "state": gettext_lazy("State"),
        "kind": gettext_lazy("Proposal"),
        "whose": gettext_lazy("Whose"),
    }
    default_order = "-proposed_at"
    orders = {"proposed_at": gettext_lazy("time of the proposal")}

    q = filters.CharFilter(method="search", max_length=80, label="Words in the company's names, identifiers or pinyin")
    state = filters.ChoiceFilter(choices=STATES, method="in_state")
    kind = filters.ChoiceFilter(choices=Proposal.Kind.choices)
    whose = filters.ChoiceFilter(
        choices=[(FOR_ME, gettext_lazy("waits for my decision")), (MINE, gettext_lazy("proposed by me"))],
        method="of_whom",
    )
    ordering = filters.OrderingFilter(fields=[("proposed_at", "proposed_at")])

    @staticmethod
    def search(proposals: Any, _name: str, words: str) -> Any:
        return proposals.filter(candidate__company__in=Company.objects.search(words))

    @staticmethod
    def in_state(proposals: Any, _name: str, state: str) -> Any:
        return proposals.waiting() if state == WAITS else proposals.filter(decision__outcome=state)

    def of_whom(self, proposals: Any, _name: str, whose: str) -> Any:
        user = self.request.user
        return proposals.for_the_decision_of(user) if whose == FOR_ME else proposals.filter(proposed_by=user.pk)

    def filter_queryset(self, proposals: Any) -> Any:
        for name, value in self.form.cleaned_data.items():
            if name != "ordering":
                proposals = self.filters[name].filter(proposals, value)
        asked = [code for code in self.form.cleaned_data["ordering"] or () if code] or [self.default_order]
        return proposals.order_by(*asked, "-pk")


class Proposals(ListPage):
    """A page of the list. Four queries, whatever the rows."""

    selects = ("state", "kind", "whose")

    def __init__(self, request: HttpRequest) -> None:
        self.user = request.user
        self.all = Proposal.objects.visible_to(request.user).select_related(
            *("candidate__company", "candidate__fund", "score", "proposed_by", "decision__decided_by")
        )
        super().__init__(ProposalList, self.all, request)

    @cached_property
    def rows(self) -> list[Row]:
        return [Row(one) for one in self.on_page(self.rows_found)]

    @cached_property
    def for_me(self) -> int:
        return self.all.for_the_decision_of(self.user).count()


class Row:
    """One proposal, as list and file say it."""

    def __init__(self, proposal: Proposal) -> None:
        self.proposal, self.company, self.fund = proposal, proposal.candidate.company, proposal.candidate.fund
        self.decision: Decision | None = getattr(proposal, "decision", None)

    @property
    def asked(self) -> str:
        return words.asked(self.proposal)

    @property
    def state(self) -> str:
        return self.decision.outcome if self.decision else WAITS

    @property
    def state_word(self) -> str:
        return str(dict(STATES)[self.state])


def table(page: Proposals) -> Table:
    """All that match, in the list's order."""
    heads = [
        *(_("Company key"), _("Company"), _("Fund"), _("Proposal"), _("Amount in yuan"), _("State")),
        *(_("Proposed by"), _("Proposed at"), _("Reason"), _("Conditions")),
        *(_("Decided by"), _("Decided at"), _("Reason of the decision"), _("Words for the company")),
    ]
    told: dict[str, object] = {
        _("List"): _("Proposals"),
        _("Filters"): page.filter_words,
        _("Order"): page.order_words,
        **made_by(page.user),
    }
    return Table("proposals", told, heads, _cells(Row(one) for one in page.rows_found))


def _cells(rows: Iterable[Row]) -> Iterator[list[object]]:
    for row in rows:
        one, decision = row.proposal, row.decision
        yield [
            *(row.company.company_key, row.company.name, str(row.fund), one.get_kind_display(), one.amount_cny),
            *(row.state_word, str(one.proposed_by), one.proposed_at, one.reason, one.conditions),
            *(str(decision.decided_by) if decision else "", decision.decided_at if decision else None),
            decision.reason if decision else "",
            decision.words_for_company if decision else "",
        ]
