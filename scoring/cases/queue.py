"""The queue: what waits for verification, the riskiest first, each with its reasons in words.

Risk orders the queue and decides nothing: a case at its top is read first, not more strictly.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portfolio import beijing
from portfolio.models import Activity, Case, Check, Citation, Disclosure, Finding, Opinion, Step
from portfolio.models.case.case import due_of
from portfolio.models.check_words import REASONS as GIVEN
from portfolio.models.people import SomeUser
from portfolio.models.signed import STUCK_AFTER, Ties
from scoring.cases.words import LARGE_KT, REASONS
from scoring.signing.open_items import CODES as OPEN_ITEMS

ROWS = 50
MOST = 1000  # cases that are weighed at once; behind them the oldest come first
STATES = Disclosure.State
# Weights: a step of a thousand outweighs all that is ordinary of a case together.
A_DECADE, FIRST, LARGE, ALL_BARE, NO_LEDGER, QUESTION, MOST_QUESTIONS = 3.0, 1.0, 2.0, 2.0, 1.0, 0.5, 2.0
FAR_LINE, TWICE, LEFT_OUT = 3.0, 1.0, 1.5
WHOLE_BAR = 12.0  # from this risk on the bar is whole
JUMPS = ("jump", "jump_tenfold", "jump_with_reason", "scope_jump", "figure_jump")
BARE_FROM = 0.2  # share of lines without evidence that is worth a word

TABS: dict[str, str | Promise] = {
    "unassigned": _("Nobody has it"),
    "mine": _("Mine"),
    "others": _("Others have it"),
    "review": _("Waiting for review"),
    "returned": _("Waiting for the company"),
}


class Reason(NamedTuple):
    """Why a case is where it is: a code, its weight, and what its sentence says."""

    code: str
    weight: float
    told: tuple[Any, ...]

    @property
    def words(self) -> str:
        return REASONS[self.code](*self.told)


@dataclass(frozen=True)
class Row:
    """A case as the queue shows it. `objection`: why this person may not verify it."""

    disclosure: Any  # with what `_waiting` annotates
    reasons: list[Reason]
    objection: str
    is_conflict: bool
    due: beijing.WorkingDay | None

    @property
    def risk(self) -> float:
        return math.fsum(reason.weight for reason in self.reasons)

    @property
    def days_left(self) -> int | None:
        """Working days; below 0 once it is over."""
        if self.due is None:
            return None
        if self.due.day >= beijing.today():
            return beijing.working_days_left(self.due.day)
        return -beijing.working_days_since(self.due.day)

    @property
    def days_over(self) -> int:
        return -(self.days_left or 0)

    @property
    def bar(self) -> int:
        """How long its bar is, of 60."""
        return round(60 * min(1.0, self.risk / WHOLE_BAR))

    @property
    def case(self) -> Case | None:
        return getattr(self.disclosure, "case", None)


@dataclass(frozen=True)
class Tab:
    code: str
    label: str
    count: int


@dataclass
class Queue:
    """What one person sees of it under one tab."""

    user: SomeUser
    tab: str
    ties: Ties
    page_number: str | None = None
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        waiting = Disclosure.objects.known_to(self.user)
        told = {code: models.Count("pk", filter=condition) for code, condition in conditions(self.user).items()}
        self.counts = waiting.aggregate(**told)
        if self.tab not in TABS:
            self.tab = next((code for code in ("mine", "review", "unassigned") if self.counts[code]), "unassigned")

    @property
    def tabs(self) -> list[Tab]:
        return [Tab(code, str(label), self.counts[code]) for code, label in TABS.items()]

    def page(self) -> Page[Row]:
        rows = rows_of(_waiting(self.user).filter(conditions(self.user)[self.tab]), self.user, self.ties)
        return Paginator(rows, ROWS).get_page(self.page_number)

    @property
    def stuck(self) -> int:
        """Submitted over two weeks ago."""
        waiting = Disclosure.objects.known_to(self.user).filter(state=STATES.SUBMITTED)
        return waiting.filter(submitted_at__lt=timezone.now() - STUCK_AFTER).count()

    @property
    def next_due(self) -> beijing.WorkingDay | None:
        """Of all that is submitted, whoever has it."""
        oldest = Disclosure.objects.known_to(self.user).filter(state=STATES.SUBMITTED).order_by("submitted_at")
        found = oldest.first()
        return due_of(found) if found else None


def conditions(user: SomeUser) -> dict[str, models.Q]:
    """Of each tab. A case with a drafted opinion is the reviewer's."""
    is_drafted = models.Q(models.Exists(Opinion.objects.waiting().filter(disclosure=models.OuterRef("pk"))))
    submitted = models.Q(state=STATES.SUBMITTED) & ~is_drafted
    return {
        "unassigned": submitted & models.Q(case__assignee=None),
        "mine": submitted & models.Q(case__assignee=user.pk),
        "others": submitted & models.Q(case__assignee__isnull=False) & ~models.Q(case__assignee=user.pk),
        "review": models.Q(state=STATES.SUBMITTED) & is_drafted,
        "returned": models.Q(state=STATES.RETURNED),
    }


def open_cases(user: SomeUser) -> models.QuerySet[Any]:
    """All that is submitted or back at its company, for whoever verifies or reviews."""
    return _waiting(user).filter(state__in=(STATES.SUBMITTED, STATES.RETURNED))


def _waiting(user: SomeUser) -> models.QuerySet[Any]:
    """With what a row says, in one question."""
    of_it = {"disclosure": models.OuterRef("pk")}
    lines = Activity.objects.filter(**of_it, notation="")
    cited = Citation.objects.filter(activity=models.OuterRef("pk"))
    findings = Finding.objects.filter(**of_it).pending().exclude(kind=Finding.Kind.COMMENT)
    other = Disclosure.objects.filter(company=models.OuterRef("company"), frozen_at__isnull=False)
    rows = Disclosure.objects.known_to(user).with_questions()
    returned = Step.objects.filter(**of_it, verb="returned").order_by("-pk")
    rows = rows.annotate(
        returned_at=models.Subquery(returned.values("at")[:1]),
        lines=_count(lines),
        bare_lines=_count(lines.exclude(models.Exists(cited))),
        open_findings=_count(findings),
        is_first=~models.Exists(other),
    )
    rows = rows.select_related("company", "case__assignee").prefetch_related("figures")
    return rows.order_by("submitted_at", "pk")


def _count(rows: models.QuerySet[Any]) -> Any:
    counted = rows.order_by().values("disclosure").annotate(count=models.Count("pk")).values("count")
    return models.functions.Coalesce(models.Subquery(counted), 0)


def rows_of(waiting: models.QuerySet[Any], user: SomeUser, ties: Ties) -> list[Row]:
    """The riskiest first, then the oldest: a bounded pass with a constant number of questions."""
    found = list(waiting[:MOST])
    checks = defaultdict(list)
    for check in Check.objects.filter(checked__in={row.checked_pk for row in found} - {None}):
        checks[check.checked_id].append(check)
    rows = [
        Row(
            row,
            reasons_of(row, checks[row.checked_pk]),
            row.objection_to(user, ties),
            row.company_id in ties.conflicts,
            due_of(row) if row.state == STATES.SUBMITTED else None,
        )
        for row in found
    ]
    return sorted(rows, key=lambda row: -round(row.risk, 6))


def reasons_of(disclosure: Any, checks: Iterable[Check]) -> list[Reason]:
    """The heaviest first. Takes a row of `_waiting` and the checks that were kept with it."""
    kept = list(checks)
    found = [*_ratios(kept), *_ordinary(disclosure)]
    count = sum(check.severity == Check.Severity.WARN and check.code not in OPEN_ITEMS for check in kept)
    if count:
        found.append(Reason("questions", min(MOST_QUESTIONS, QUESTION * count), (count,)))
    return sorted(found, key=lambda reason: -reason.weight)


def _ratios(checks: list[Check]) -> list[Reason]:
    """How far a figure is from last year's, its energy, companies like it: of each the farthest."""
    farthest: dict[str, tuple[float, tuple[Any, ...]]] = {}
    for check in checks:
        code, times, more = _how_far(check)
        if code and times > farthest.get(code, (1.0, ()))[0]:
            farthest[code] = times, more
    found = [Reason(code, A_DECADE * math.log10(times), (times, *more)) for code, (times, more) in farthest.items()]
    counts = Counter[str]()
    for check in checks:
        counts[check.code] += max(1, len(check.parameters.get("lines", ())))
    weights = {"line_unlike_others": FAR_LINE, "line_twice": TWICE, "site_without_line": LEFT_OUT}
    counts["line_twice"] -= sum(check.code == "line_twice" for check in checks)  # the first of each may stand
    return found + [Reason(code, weight, (counts[code],)) for code, weight in weights.items() if counts[code]]


def _how_far(check: Check) -> tuple[str, float, tuple[Any, ...]]:
    numbers = check.parameters
    if check.code in JUMPS:
        return "jump", _either_way(numbers["ratio"]), (str(GIVEN.get(numbers.get("reason", ""), "")),)
    if check.code == "line_tenfold":
        return "line_tenfold", _either_way(numbers["times"]), ()
    if check.code == "energy_mismatch":
        return "ledger_apart", _either_way(numbers["ratio"]), ()
    if check.code == "outside_model":
        value, low, high = (numbers[name] for name in ("value_t", "low_t", "high_t"))
        return "outside_range", value / high if value > high else low / value, ()
    return "", 1.0, ()


def _either_way(ratio: float) -> float:
    return max(ratio, 1 / ratio) if ratio > 0 else 1.0


def _ordinary(disclosure: Any) -> Iterable[Reason]:
    total_t = disclosure.total_t()
    if total_t is not None and total_t > LARGE_KT * 1000:
        yield Reason("large", LARGE, (total_t,))
    if disclosure.is_first:
        yield Reason("first", FIRST, ())
    if not disclosure.lines:
        yield Reason("no_ledger", NO_LEDGER, ())
    elif (share := disclosure.bare_lines / disclosure.lines) > BARE_FROM:
        yield Reason("without_evidence", ALL_BARE * share, (disclosure.bare_lines, disclosure.lines))
