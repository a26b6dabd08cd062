"""What a fund's book leaves to a person, as the rows of a page: issuers to match, refused rows, figures to confirm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.translation import gettext as _

from fund.errors import FundError
from fund.holdings.book import Book, Held
from fund.holdings.figures import because_of
from fund.holdings.matching import Suggestion, suggestions
from fund.holdings.report import PortfolioReport
from fund.models import Confirmation, Holding, Match, Question, RefusedRow
from portfolio.models import Company

ROWS_A_PAGE = 50
NOBODY = "nobody"  # what a person chooses where the issuer is none of those on record


class Unmatched(NamedTuple):
    """A holding whose issuer is not on record, with the companies that it may be."""

    holding: Holding
    outstanding: float | None  # in yuan, on the page's day
    suggestions: list[Suggestion]


class ToConfirm(NamedTuple):
    """A question about a holding, and the figures that raise it. `mark` names both: newer figures have another."""

    held: Held
    question: Question
    because: str

    @property
    def mark(self) -> str:
        return f"{self.held.holding.pk}|{self.question.value}|{self.held.basis(self.question)}"


class Told(NamedTuple):
    """What became of something that was asked for."""

    words: str
    is_done: bool


class OpenQuestions:
    """Of one fund, on its last day with positions."""

    def __init__(self, book: Book, day: date | None) -> None:
        self.fund = book.fund
        self.report = PortfolioReport(book, day) if day else None

    # --- issuers ---------------------------------------------------------------------------------------
    @cached_property
    def unmatched(self) -> list[tuple[Holding, float | None]]:
        """The largest first; where the amount is not known, last."""
        if self.report is None:
            return []
        statement = self.report.statement
        money = {row.held.holding.pk: row.outstanding for row in self.report.rows}
        waiting = [row.holding for row in statement.without_company if row.holding.matched_by == Match.OPEN]
        found = [(holding, money[holding.pk]) for holding in waiting]
        return sorted(found, key=lambda one: (one[1] is None, -(one[1] or 0.0), one[0].holding_key))

    def unmatched_page(self, number: str | None) -> tuple[Page[Any], list[Unmatched]]:
        """A page of them, and its rows with suggestions: names are compared for those alone that are shown."""
        page = Paginator(self.unmatched, ROWS_A_PAGE).get_page(number)
        shown = list(page.object_list)
        alike = suggestions([holding for holding, _money in shown]) if shown else {}
        return page, [Unmatched(holding, money, alike[holding.pk]) for holding, money in shown]

    @cached_property
    def by_hand(self) -> list[Holding]:
        """What a person said of issuers, which can be undone."""
        said = Holding.objects.filter(fund=self.fund, matched_by__in=(Match.PERSON, Match.NOBODY))
        return list(said.select_related("company").order_by("issuer_name", "holding_key"))

    @cached_property
    def companies(self) -> list[Company]:
        return list(Company.objects.only("company_key", "name_zh", "name_en").order_by("company_key"))

    # --- rows ------------------------------------------------------------------------------------------
    @cached_property
    def refused(self) -> list[RefusedRow]:
        return list(RefusedRow.objects.filter(fund=self.fund).open().select_related("entered_by"))

    @cached_property
    def set_aside(self) -> list[RefusedRow]:
        closed = RefusedRow.objects.filter(fund=self.fund, state=RefusedRow.State.SET_ASIDE)
        return list(closed.select_related("closed_by"))

    # --- figures ---------------------------------------------------------------------------------------
    @cached_property
    def to_confirm(self) -> list[ToConfirm]:
        if self.report is None:
            return []
        statement = self.report.statement
        return [
            ToConfirm(statement.rows[at], question, because_of(statement, at, question))
            for at, question in self.report.to_confirm
        ]

    @cached_property
    def confirmed(self) -> list[Confirmation]:
        found = Confirmation.objects.filter(holding__fund=self.fund)
        return list(found.select_related("holding__company", "entered_by"))

    @property
    def is_empty(self) -> bool:
        return not (self.unmatched or self.refused or self.to_confirm)


def faults_words(row: RefusedRow) -> str:
    """Why it was refused, in the language of whoever read the file in."""
    return "; ".join(
        f"{fault['column']} “{fault['found']}”: {fault['expected']}" if fault["column"] else fault["expected"]
        for fault in row.faults
    )


# --- what a person asks for ----------------------------------------------------------------------------
def settle(page: OpenQuestions, given: QueryDict, by: User) -> Iterator[Told]:
    """Do what the form of one section asks for, row by row; a row that cannot be done stops no other."""
    does = {"match": _match, "undo": _undo, "set_aside": _set_aside, "confirm": _confirm}
    action = does.get(given.get("action", ""))
    done = list(action(page, given, by)) if action else []
    yield from (told for told in done if not told.is_done)
    if n := sum(told.is_done for told in done):
        yield Told(_("%(n)d settled.") % {"n": n}, is_done=True)
    elif not done:
        yield Told(_("Nothing was chosen."), is_done=False)


def _match(page: OpenQuestions, given: QueryDict, by: User) -> Iterator[Told]:
    companies = {company.company_key: company for company in page.companies}
    by_number = {str(company.pk): company for company in page.companies}
    for holding, _money in page.unmatched:
        chosen, typed = given.get(f"company-{holding.pk}", ""), given.get(f"key-{holding.pk}", "").strip()
        company = companies.get(typed) if typed else by_number.get(chosen)
        if typed and company is None:
            yield Told(_("“%(key)s” is no company on record.") % {"key": typed}, is_done=False)
        elif company is not None:
            yield _tried(holding.match_to, company, by=by)
        elif chosen == NOBODY:
            yield _tried(holding.match_to_nobody, by=by)


def _undo(page: OpenQuestions, given: QueryDict, by: User) -> Iterator[Told]:
    wanted = set(given.getlist("holding"))
    for holding in page.by_hand:
        if str(holding.pk) in wanted:
            yield _tried(holding.unmatch, by=by)


def _set_aside(page: OpenQuestions, given: QueryDict, by: User) -> Iterator[Told]:
    wanted, reason = set(given.getlist("row")), given.get("reason", "")
    for row in page.refused:
        if str(row.pk) in wanted:
            yield _tried(row.set_aside, by=by, reason=reason)


def _confirm(page: OpenQuestions, given: QueryDict, by: User) -> Iterator[Told]:
    wanted, reason = set(given.getlist("mark")), given.get("reason", "")
    there = {asked.mark: asked for asked in page.to_confirm}
    if wanted - there.keys():
        yield Told(_("The figures changed meanwhile: please read them again."), is_done=False)
    for mark in sorted(wanted & there.keys()):
        held = there[mark].held
        yield _tried(
            Confirmation.give,
            held.holding,
            there[mark].question,
            held.basis(there[mark].question),
            by=by,
            reason=reason,
        )


def _tried(verb: Callable[..., object], *about: object, **how: object) -> Told:
    try:
        verb(*about, **how)
    except FundError as refused:
        return Told(str(refused), is_done=False)
    return Told("", is_done=True)
