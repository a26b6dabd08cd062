"""What is left to do of one draft, in the order in which it has to be done, each with the field or line it leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.urls import reverse
from django.utils.translation import gettext as _

from portfolio.models import Check, DataRequest, Disclosure, Finding, Quantity
from portfolio.models.data_request import SOLD, field_word
from portfolio.models.desk.points import Opening, of_line, opening_of
from portfolio.models.quantity import OF_LEDGER
from scoring.ledgers.ledger import account_disclosure
from scoring.plausibility.checks import checks_of
from scoring.signing.report import EVIDENCE

SHOWN = 5  # of each kind; the count tells the rest
NOT_COMPUTED = "line_not_computed"
OF_SALES = "solution_twice"
OF_PLAN = "plan_"  # how the codes of what differs from the monitoring plan begin


@dataclass(frozen=True)
class Item:
    label: str
    href: str


@dataclass(frozen=True)
class Group:
    """Of one kind the first few, how many there are, and the page that has them all."""

    code: str
    label: str
    items: Sequence[Item]
    count: int
    all_href: str

    @property
    def more(self) -> int:
        return self.count - len(self.items)


@dataclass(frozen=True)
class Todo:
    groups: Sequence[Group]

    @property
    def count(self) -> int:
        return sum(group.count for group in self.groups)


def todo(draft: Disclosure, requests: Iterable[DataRequest]) -> Todo:
    """`requests` are the open ones to its company. Computes its ledger."""
    checks = [check for check in checks_of(draft) if check.code != "missing_scope"]
    form, check_page = draft.get_absolute_url(), reverse("portfolio:submit", args=[draft.pk])
    ledger = reverse("scoring:ledger", args=[draft.pk])
    opening = opening_of(draft)
    warned = [check for check in checks if check.severity == Check.Severity.WARN]
    blocking = [check for check in checks if check.blocks]
    questions = [check for check in warned if check.code not in EVIDENCE and check.code != NOT_COMPUTED]
    asked_of = reverse("portfolio:findings_of", args=[draft.pk])
    kinds = (
        ("findings", _("Asked by the verifier"), list(_of_findings(draft)), asked_of),
        ("missing", _("Missing: the form requires it"), list(_missing(draft, form, check_page)), form),
        (
            "wrong",
            _("To be corrected before it can be submitted"),
            list(_of_checks(draft, blocking, opening)),
            check_page,
        ),
        ("asked", _("Asked for by the fund"), list(_asked(draft, requests, form)), form),
        ("questions", _("Questions"), list(_of_checks(draft, questions, opening)), check_page),
        ("evidence", _("Without evidence"), list(_of_checks(draft, warned, opening, EVIDENCE)), ledger),
        (
            "computed",
            _("Lines that are not computed"),
            list(_of_checks(draft, warned, opening, {NOT_COMPUTED})),
            ledger,
        ),
    )
    groups = [
        Group(code, label, list(islice(all_, SHOWN)), len(all_), href) for code, label, all_, href in kinds if all_
    ]
    return Todo(groups)


def _of_findings(draft: Disclosure) -> Iterator[Item]:
    for finding in Finding.objects.of_year(draft).unanswered():
        yield Item(f"{finding.about} · {finding.get_kind_display()}", finding.get_absolute_url())


def _missing(draft: Disclosure, form: str, check_page: str) -> Iterator[Item]:
    """What the ledger comes to is taken over on the check page; the rest is typed."""
    lacks = draft.missing_fields()
    of_ledger = OF_LEDGER.intersection(lacks)
    accounted = account_disclosure(draft) if of_ledger else None
    for name, words in lacks.items():
        if accounted and name in of_ledger and accounted.amount_of(Quantity(name)):
            yield Item(
                _("%(figure)s: computed by the ledger, take it over") % {"figure": words}, f"{check_page}#take-over"
            )
        else:
            yield Item(words, f"{form}#id_{name}")


def _asked(draft: Disclosure, requests: Iterable[DataRequest], form: str) -> Iterator[Item]:
    """What of this year is not filled in."""
    known = {name for name, value in draft.values().items() if value is not None}
    for request in requests:
        for one in request.listed:
            if one.year != draft.year or one.field in known:
                continue
            is_sale = one.field.startswith(SOLD)
            href = reverse("portfolio:solutions", args=[draft.pk]) if is_sale else f"{form}#id_{one.field}"
            yield Item(field_word(one.field), href)


def _of_checks(
    draft: Disclosure, checks: Iterable[Check], opening: Opening, codes: Iterable[str] | None = None
) -> Iterator[Item]:
    """A line each where lines are named, else the sentence with its field. After a return only what is open."""
    for check in checks:
        if codes is not None and check.code not in codes:
            continue
        named = check.parameters.get("lines", ())
        numbers = [number for number in named if opening.has(of_line(number))]
        if (named and not numbers) or (check.quantity and not named and not opening.has(check.quantity)):
            continue
        if codes is not None and numbers:
            for number in numbers:
                yield Item(_("line %(number)s") % {"number": number}, _line(draft, number))
        else:
            yield Item(check.said, _place(draft, check, numbers))


def _line(draft: Disclosure, number: int) -> str:
    return reverse("scoring:ledger_line", args=[draft.pk, number])


def _place(draft: Disclosure, check: Check, numbers: Sequence[int]) -> str:
    if numbers:
        return _line(draft, numbers[0])
    if check.code.startswith(OF_PLAN):
        return reverse("scoring:ledger", args=[draft.pk])
    if check.code == OF_SALES:
        return reverse("portfolio:solutions", args=[draft.pk])
    return draft.get_absolute_url() + (f"#id_{check.quantity}" if check.quantity else "")
