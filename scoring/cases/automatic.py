"""What a verifier is shown before they look themselves: the checks that were kept with the submission, and what only
shows beside last year, the other months and the sites. All are questions; none of them decides anything.

A new code of the kept checks appears here by itself. One that is asked of the case alone is a function in `ASKED`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median
from typing import Any

from portfolio.models import Activity, Check, Disclosure, Figure, Finding, Quantity, Site
from portfolio.models.desk import points
from scoring.cases.words import SENTENCES
from scoring.ledgers.ledger import Accounted, Row, activities_of
from scoring.plausibility import checks as plausibility
from scoring.signing.report import COMPLETENESS, EVIDENCE

TENFOLD = 5.0  # times the other months or last year's line: more than seasons do, less than a slip of a digit
FEWEST_MONTHS = 3  # others of the same meter, so that one of them says little
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
    elif not about and check.quantity and points.is_point(check.quantity):
        about = [check.quantity]
    effect = _copies_t(lines, accounted) if check.code == "line_twice" else _over_the_ledger_t(check)
    is_note = check.severity == Check.Severity.INFO
    # A copy is found at the second of the lines: the first of them may well stand.
    about = about[1:] + about[:1] if check.code == "line_twice" else about
    return Item(check.code, check.said, about, effect, is_note)


def _copies_t(lines: Sequence[int], accounted: Accounted) -> float | None:
    """Of all but the first."""
    by_number = {row.activity.number: row for row in accounted.rows}
    results = [by_number[number].result for number in lines[1:] if number in by_number]
    found = [result.co2e_t for result in results if result is not None]
    return sum(found) if found else None


def _over_the_ledger_t(check: Check) -> float | None:
    if check.code != "differs_from_ledger" or check.quantity not in TONNES:
        return None
    return float(check.parameters["value"]) - float(check.parameters["computed"])


# --- asked of the case ------------------------------------------------------------------------------------
def tenfold_lines(asked: Asked) -> Iterator[Item]:
    """A line far from its own other months, or else from last year's line of the same meter and month."""
    months: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in asked.measured:
        months[_meter(row.activity)].append(row)
    last_year = {(_meter(line), _period(line)): line.amount for line in asked.last_lines if line.amount}
    for rows in months.values():
        for row in rows:
            others = [other.activity.amount or 0.0 for other in rows if other is not row]
            before = last_year.get((_meter(row.activity), _period(row.activity)))
            usual = before or (median(others) if len(others) >= FEWEST_MONTHS else None)
            times = (row.activity.amount or 0.0) / usual if usual else 1.0
            if not 1 / TENFOLD < times < TENFOLD:
                yield _tenfold(row, times, against_last_year=before is not None)


def _tenfold(row: Row, times: float, *, against_last_year: bool) -> Item:
    number, result = row.activity.number, row.result
    effect = result.co2e_t * (1 - 1 / times) if result else None
    return Item(
        "line_tenfold", _said("line_tenfold", number, times, against_last_year), [points.of_line(number)], effect
    )


def _meter(line: Activity) -> tuple[Any, ...]:
    return (line.kind, line.unit, line.site_id, line.located.code, line.meter)


def _period(line: Activity) -> tuple[Any, ...]:
    """Within its year."""
    return tuple((day.month, day.day) if day else None for day in (line.period_start, line.period_end))


def sites_without_line(asked: Asked) -> Iterator[Item]:
    """Sites that the company keeps, or that had a line last year, in use this year and in no line."""
    rows = asked.accounted.rows
    if not rows:
        return
    told = {row.activity.site_id for row in rows}
    last_year = {line.site_id for line in asked.last_lines}
    for site in Site.objects.filter(company=asked.disclosure.company_id).order_by("name"):
        is_expected = site.is_own or site.pk in last_year
        if is_expected and site.pk not in told and site.stood_in(asked.disclosure.year):
            words = _said("site_without_line", site.name, site.pk in last_year)
            yield Item("site_without_line", words, [points.LINES])


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


ASKED: tuple[Callable[[Asked], Iterator[Item]], ...] = (
    tenfold_lines,
    sites_without_line,
    figures_by_hand,
    figures_as_last_year,
)
URGENT = frozenset({"line_tenfold", "line_twice", "site_without_line", "jump", "jump_tenfold", "jump_with_reason"})
