"""What a verifier is shown before they look themselves: the checks that were kept with the submission, and what only
shows beside last year, the other months and the sites. All are questions; none of them decides anything.

A new code of the kept checks appears here by itself. One that is asked of the case alone is a function in `ASKED`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from portfolio.models import Activity, Check, Disclosure, Figure, Finding, Quantity
from portfolio.models.desk import points
from scoring.cases.words import SENTENCES
from scoring.ledgers.ledger import Accounted, Row, activities_of
from scoring.plausibility import checks as plausibility
from scoring.signing.report import COMPLETENESS, EVIDENCE

MOST_ITEMS = 20  # of one code: who finds more of it has read enough of it
MOST_LINKS = 12  # points that an item leads to
TONNES = frozenset(quantity for quantity in Quantity if quantity.unit == "tCO₂e")


@dataclass(frozen=True)
class Item:
    """One question with the points that it is about, the first of them where a finding would stand.

    `effect_t`: by how much the disclosure says too much if it is as asked, where that can be told.
    """

    code: str
    words: str
    points: list[str] = field(default_factory=list)
    effect_t: float | None = None
    is_note: bool = False

    @property
    def point(self) -> str:
        return self.points[0] if self.points else points.WHOLE

    @property
    def links(self) -> list[tuple[str, str]]:
        """Code and words of the points that it leads to."""
        return [(code, points.label(code)) for code in self.points[:MOST_LINKS]]

    @property
    def more(self) -> int:
        return max(0, len(self.points) - MOST_LINKS)

    @property
    def kind(self) -> str:
        """What a finding of it would be, unless the verifier thinks otherwise."""
        if self.effect_t is not None:
            return Finding.Kind.MISSTATEMENT.value
        is_formal = self.code in EVIDENCE or self.code == "site_without_line"
        return (Finding.Kind.NON_CONFORMITY if is_formal else Finding.Kind.QUESTION).value


@dataclass(frozen=True)
class Asked:
    """A version beside what stands for the year before."""

    accounted: Accounted
    figures: Sequence[Figure]

    @property
    def disclosure(self) -> Disclosure:
        return self.accounted.disclosure

    @cached_property
    def before(self) -> Disclosure | None:
        """What stands of the year before."""
        of_company = Disclosure.objects.standing().filter(company=self.disclosure.company_id)
        return of_company.filter(year=self.disclosure.year - 1).prefetch_related("figures").first()

    @cached_property
    def last_values(self) -> dict[str, float | None]:
        return self.before.values() if self.before else {}

    @cached_property
    def last_lines(self) -> list[Activity]:
        return activities_of(self.before) if self.before else []

    @cached_property
    def measured(self) -> list[Row]:
        return [row for row in self.accounted.rows if row.activity.amount]


def items_of(asked: Asked) -> list[Item]:
    """All of them: what is missing first, then what can hardly be true, then what has no evidence; notes last."""
    kept = [check for check in plausibility.checks_of(asked.disclosure) if check.code != "missing_scope"]
    found = [_of_check(check, asked.accounted) for check in kept]
    for ask in ASKED:
        found += list(ask(asked))[:MOST_ITEMS]
    return sorted(found, key=_place)


def _place(item: Item) -> tuple[bool, int]:
    if item.code in URGENT:
        return item.is_note, 0
    return item.is_note, 3 if item.code in EVIDENCE else 1 if item.code in COMPLETENESS else 2


# --- kept with the submission -----------------------------------------------------------------------------
def _of_check(check: Check, accounted: Accounted) -> Item:
    lines: list[int] = list(check.parameters.get("lines", ()))
    about = [points.of_line(number) for number in lines]
    if check.code == "solution_twice":
        about = [points.SOLUTIONS]
    elif check.code == "site_without_line":
        about = [points.LINES]
    elif not about and check.quantity and points.is_point(check.quantity):
        about = [check.quantity]
    effect = _effect_t(check, lines, accounted)
    is_note = check.severity == Check.Severity.INFO
    # A copy is found at the second of the lines: the first of them may well stand.
    about = about[1:] + about[:1] if check.code == "line_twice" else about
    return Item(check.code, check.said, about, effect, is_note)


def _effect_t(check: Check, lines: Sequence[int], accounted: Accounted) -> float | None:
    """By how much the disclosure says too much if it is as asked; None where that cannot be told."""
    told = check.parameters
    if check.code == "line_twice":  # all but the first are copies
        return _tonnes_of(lines[1:], accounted)
    if check.code == "line_tenfold":
        tonnes = _tonnes_of(lines, accounted)
        return None if tonnes is None else tonnes * (1 - 1 / told["times"])
    if check.code == "differs_from_ledger" and check.quantity in TONNES:
        return float(told["value"]) - float(told["computed"])
    return None


def _tonnes_of(lines: Sequence[int], accounted: Accounted) -> float | None:
    results = [row.result for row in accounted.rows if row.activity.number in lines]
    found = [result.co2e_t for result in results if result is not None]
    return sum(found) if found else None


# --- asked of the case ------------------------------------------------------------------------------------
def figures_as_last_year(asked: Asked) -> Iterator[Item]:
    """Of energy, money and the rest; the rules ask it of the scopes."""
    others = [figure for figure in asked.figures if figure.value and figure.quantity not in plausibility.OF_RULES]
    same = [figure.quantity for figure in others if asked.last_values.get(figure.quantity) == figure.value]
    if same:
        yield Item("figure_as_last_year", _said("figure_as_last_year", points.labels(same)), points.in_order(same))


def figures_by_hand(asked: Asked) -> Iterator[Item]:
    """What was taken over from the ledger and changed by a person since."""
    for figure in asked.figures:
        if figure.ledger_value is not None and figure.ledger_value != figure.value:
            effect = figure.value - figure.ledger_value if figure.quantity in TONNES else None
            words = _said("figure_by_hand", points.label(figure.quantity), figure.provenance)
            yield Item("figure_by_hand", words, [figure.quantity], effect)


def _said(code: str, *told: Any) -> str:
    return SENTENCES[code](*told)


ASKED: tuple[Callable[[Asked], Iterator[Item]], ...] = (figures_by_hand, figures_as_last_year)
URGENT = frozenset({"line_tenfold", "line_twice", "site_without_line", "jump", "jump_tenfold", "jump_with_reason"})
