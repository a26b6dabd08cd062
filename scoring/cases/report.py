"""A case point by point: what there is to look at, what was looked at, and the one that is open beside its evidence."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portfolio.activities.kinds import kind_name
from portfolio.evidence.preview import page_of
from portfolio.models import Activity, Case, Citation, Disclosure, Figure, Finding, Look, Quantity
from portfolio.models.case.case import due_of
from portfolio.models.case.look import submission_before, unchanged_since_agreed
from portfolio.models.check import Declaration
from portfolio.models.desk import points
from portfolio.models.people import SomeUser
from portfolio.typed.numbers import change_percent, grouped
from portfolio.verification.report import Desk
from scoring.cases.automatic import Asked, Item, items_of
from scoring.cases.beside import OF_TOTAL, Beside, beside
from scoring.ledgers.ledger import Accounted, Row, account_disclosure, rows_of
from scoring.ledgers.report import Explained, ShownLine, explain, tonnes
from scoring.signing.open_items import computed_of
from scoring.signing.report import EVIDENCE

CHUNK = 100  # points that the list shows at once
MOST_OTHERS = 24  # lines of the same meter beside the one that is open
NAMED_LINES = 12
STATES = Disclosure.State


class Status:
    """Of a point; codes that the templates ask for."""

    UNCHECKED, AGREED, SAMPLED_OUT, FINDING = "unchecked", "agreed", "sampled_out", "finding"


@dataclass(frozen=True)
class Entry:
    """A line of the list of points."""

    point: str
    label: str
    text: str
    status: str
    status_words: str
    items: int  # questions of the automatic list that lead here
    href: str

    @property
    def is_checked(self) -> bool:
        return self.status != Status.UNCHECKED


@dataclass(frozen=True)
class Cited:
    """A citation with where its file is shown."""

    citation: Citation
    page: int


@dataclass(frozen=True)
class Other:
    """Another amount of the same meter: another month, or last year's."""

    label: str
    amount: str
    is_this: bool
    is_last_year: bool


class CaseReport:
    """One version as one verifier works on it; `asked` is the point that the address names."""

    def __init__(self, disclosure: Disclosure, user: SomeUser, asked: str = "") -> None:
        self.disclosure, self.user, self.asked = disclosure, user, asked
        self.desk = Desk(disclosure, user)
        self.case = Case.of(disclosure)
        self.due = due_of(disclosure) if disclosure.state == STATES.SUBMITTED else None

    # --- who may -------------------------------------------------------------------------------------------
    @cached_property
    def objection(self) -> str:
        return self.disclosure.objection_to(self.user)

    @cached_property
    def held(self) -> str:
        return self.case.held_by_another(self.user)

    @property
    def may_work(self) -> bool:
        return self.disclosure.state == STATES.SUBMITTED and not self.objection and not self.held

    @property
    def is_mine(self) -> bool:
        return self.case.assignee_id == self.user.pk

    @cached_property
    def may_take_over(self) -> bool:
        return self.case.can_be_taken_over_by(self.user)

    # --- what there is -------------------------------------------------------------------------------------
    @cached_property
    def figures(self) -> dict[str, Figure]:
        stored = {figure.quantity: figure for figure in self.disclosure.figures.select_related("changed_by")}
        return {quantity: stored[quantity] for quantity in Quantity.values if quantity in stored}

    @cached_property
    def accounted(self) -> Accounted:
        return account_disclosure(self.disclosure)

    @cached_property
    def rows_by_point(self) -> dict[str, Row]:
        return {points.of_line(row.activity.number): row for row in self.accounted.rows}

    @cached_property
    def asked_of_it(self) -> Asked:
        return Asked(self.accounted, list(self.figures.values()))

    @cached_property
    def items(self) -> list[Item]:
        return items_of(self.asked_of_it)

    @property
    def questions(self) -> list[Item]:
        return [item for item in self.items if not item.is_note]

    @property
    def notes(self) -> list[Item]:
        return [item for item in self.items if item.is_note]

    @cached_property
    def looks(self) -> dict[str, Look]:
        return Look.objects.standing(self.disclosure, self.disclosure.digest)

    @cached_property
    def has_sold(self) -> bool:
        return self.disclosure.solutions.exists()

    @cached_property
    def codes(self) -> list[str]:
        return [*self.figures, *([points.SOLUTIONS] if self.has_sold else []), *self.rows_by_point]

    @cached_property
    def entries(self) -> list[Entry]:
        about = Counter(point for item in self.questions for point in item.points)
        found = self._found_at
        return [self._entry(point, about[point], found) for point in self.codes]

    @cached_property
    def _found_at(self) -> set[str]:
        """Points with a finding or question that is not closed, or was raised on this very content."""
        since = self.disclosure.submitted_at
        return {
            one.point
            for one in self.desk.findings
            if not one.is_comment and (not one.is_closed or (since is not None and one.raised_at >= since))
        }

    def _entry(self, point: str, items: int, found: set[str]) -> Entry:
        look = self.looks.get(point)
        status, words = Status.UNCHECKED, pgettext("of a point", "not checked yet")
        if point in found:
            status, words = Status.FINDING, pgettext("of a point", "finding or question")
        elif look is not None:
            status, words = look.verdict, look.get_verdict_display()
        return Entry(point, self.label_of(point), self.text_of(point), status, words, items, self.href_of(point))

    def label_of(self, point: str) -> str:
        """Of a line its number, what it is and of when; site and meter stand with the open one."""
        row = self.rows_by_point.get(point)
        if row is None:
            return points.label(point)
        names = (str(row.activity.number), kind_name(row.activity.kind))
        return " · ".join(filter(None, (*names, ShownLine(row, self.accounted.tables).period)))

    def text_of(self, point: str) -> str:
        if point in self.figures:
            figure = self.figures[point]
            return f"{grouped(figure.value)} {Quantity(point).unit_label}"
        row = self.rows_by_point.get(point)
        return (row.activity.typed or row.activity.notation) if row else ""

    def href_of(self, point: str, **more: str) -> str:
        return f"{reverse('scoring:case', args=[self.disclosure.pk])}?{urlencode({'point': point} | more)}#work"

    # --- progress ------------------------------------------------------------------------------------------
    @property
    def checked(self) -> int:
        return sum(entry.is_checked for entry in self.entries)

    @property
    def count(self) -> int:
        return len(self.entries)

    @cached_property
    def position(self) -> int:
        """Of the open point: the one asked for, else the first unchecked one with a question, else unchecked."""
        asked = [n for n, entry in enumerate(self.entries) if entry.point == self.asked]
        unchecked = [n for n, entry in enumerate(self.entries) if not entry.is_checked]
        questioned = [n for n in unchecked if self.entries[n].items]
        return [*asked, *questioned, *unchecked, 0][0]

    @property
    def about_else(self) -> str:
        """What a finding is about that is none of the points of the list; empty where it is the open one."""
        is_else = points.is_point(self.asked) and self.asked not in self.codes
        return points.label(self.asked) if is_else else ""

    @property
    def current(self) -> Entry | None:
        return self.entries[self.position] if self.entries else None

    @property
    def next_unchecked(self) -> Entry | None:
        """The nearest behind the open one, round the end."""
        after = self.entries[self.position + 1 :] + self.entries[: self.position]
        return next((entry for entry in after if not entry.is_checked), None)

    @property
    def neighbours(self) -> tuple[Entry | None, Entry | None]:
        before = self.entries[self.position - 1] if self.position else None
        after = self.entries[self.position + 1] if self.position + 1 < self.count else None
        return before, after

    @property
    def shown(self) -> list[Entry]:
        """The part of the list with the open point."""
        start = self.position // CHUNK * CHUNK
        return self.entries[start : start + CHUNK]

    @property
    def chunks(self) -> list[tuple[str, str, bool]]:
        """1–100, 101–200, …: words, address, whether it is shown. Empty where one is all."""
        if self.count <= CHUNK:
            return []
        starts = range(0, self.count, CHUNK)
        return [
            (
                f"{start + 1}–{min(start + CHUNK, self.count)}",
                self.entries[start].href,
                start <= self.position < start + CHUNK,
            )
            for start in starts
        ]

    @property
    def sampled_out(self) -> list[tuple[str, Look]]:
        """What was left out, with why: part of the record."""
        return [(entry.label, self.looks[entry.point]) for entry in self.entries if entry.status == Status.SAMPLED_OUT]

    # --- the submission before -----------------------------------------------------------------------------
    @cached_property
    def before(self) -> Declaration | None:
        return submission_before(self.disclosure)

    @cached_property
    def _content(self) -> list[object]:
        return self.disclosure.content()

    @cached_property
    def changes(self) -> list[points.Change]:
        return points.changes(json.loads(self.before.content), self._content) if self.before else []

    @cached_property
    def again(self) -> set[str]:
        """Agreed in the submission before, unchanged, and not looked at since."""
        if self.disclosure.state != STATES.SUBMITTED:
            return set()
        return unchanged_since_agreed(self.disclosure, self._content)

    # --- findings ------------------------------------------------------------------------------------------
    @property
    def open_findings(self) -> list[Finding]:
        return self.desk.pending

    def findings_at(self, point: str) -> list[Finding]:
        return [one for one in self.desk.findings if one.point == point and not one.is_comment]

    @cached_property
    def raised_points(self) -> set[str]:
        return {one.point for one in self.desk.pending}

    @cached_property
    def open_point(self) -> Point | None:
        return Point(self, self.current) if self.current else None


class Point:
    """The point that is open: its number beside everything that speaks for or against it."""

    def __init__(self, report: CaseReport, entry: Entry) -> None:
        self.report, self.entry, self.code = report, entry, entry.point
        self.figure = report.figures.get(entry.point)
        self.row = report.rows_by_point.get(entry.point)

    @property
    def look(self) -> Look | None:
        return self.report.looks.get(self.code)

    @property
    def was_agreed_before(self) -> bool:
        return self.code in self.report.again

    @property
    def change(self) -> points.Change | None:
        """Against the submission before."""
        return next((change for change in self.report.changes if change.point == self.code), None)

    @property
    def items(self) -> list[Item]:
        return [item for item in self.report.items if self.code in item.points]

    @property
    def findings(self) -> list[Finding]:
        return self.report.findings_at(self.code)

    @property
    def ask_href(self) -> str:
        """To a question about what is not attached."""
        asked = next((item for item in self.items if item.code in EVIDENCE), None)
        more = {"raise": Finding.Kind.QUESTION.value} | ({"item": asked.code} if asked else {})
        return self.report.href_of(self.code, **more)

    # --- its evidence --------------------------------------------------------------------------------------
    @cached_property
    def cited(self) -> list[Cited]:
        found: Sequence[Citation] = ()
        if self.row is not None:
            found = self.row.activity.cited
        elif self.figure is not None:
            found = self.report.disclosure.cited().get(self.code, [])
        return [Cited(one, page_of(one.place)) for one in found]

    # --- its number ----------------------------------------------------------------------------------------
    @property
    def label(self) -> str:
        return self.entry.label

    @property
    def unit(self) -> str:
        return Quantity(self.code).unit_label if self.figure else ""

    @property
    def last_year(self) -> str:
        """Of a figure."""
        value = self.report.asked_of_it.last_values.get(self.code)
        return "" if value is None else f"{grouped(value)} {self.unit}"

    @property
    def change_percent(self) -> float | None:
        value = self.report.asked_of_it.last_values.get(self.code)
        return change_percent(self.figure.value, value) if self.figure else None

    @cached_property
    def computed(self) -> float | None:
        """By the ledger, beside a figure."""
        if self.figure is None:
            return None
        return computed_of(self.report.accounted, Quantity(self.code), self.figure.value)

    @property
    def computed_text(self) -> str:
        if self.computed is None:
            return ""
        of_tonnes = self.unit in ("tCO₂e", "t")
        return tonnes(self.computed) if of_tonnes else grouped(round(self.computed))

    @property
    def off_percent(self) -> float | None:
        return change_percent(self.figure.value, self.computed) if self.figure else None

    @property
    def lines(self) -> list[Entry]:
        """Behind a figure; the first of them."""
        if self.figure is None or self.computed is None:
            return []
        if self.code == Quantity.ELECTRICITY:
            rows = [row for row in self.report.accounted.rows if row.line.activity == "electricity"]
        else:
            rows = rows_of(self.report.accounted, Quantity(self.code))
        codes = {points.of_line(row.activity.number) for row in rows}
        return [entry for entry in self.report.entries if entry.point in codes][:NAMED_LINES]

    @cached_property
    def beside(self) -> Beside | None:
        """Of a scope: its total beside peers and the model."""
        return beside(self.report.disclosure) if self.figure and self.code in OF_TOTAL else None

    # --- its line ------------------------------------------------------------------------------------------
    @cached_property
    def line(self) -> ShownLine | None:
        return ShownLine(self.row, self.report.accounted.tables) if self.row else None

    @cached_property
    def explained(self) -> list[Explained]:
        return explain(self.report.accounted, self.row) if self.row and self.row.result else []

    @property
    def lost(self) -> int:
        return sum(each.lost for each in self.explained)

    @property
    def others(self) -> list[Other]:
        """The other months of the same meter, then last year's lines of it."""
        if self.row is None:
            return []
        this = self.row.activity
        months = [row.activity for row in self.report.accounted.rows if _is_of(row.activity, this)]
        last = [line for line in self.report.asked_of_it.last_lines if _is_of(line, this)]
        shown = [_other(line, this) for line in (*months, *last)]
        return shown[:MOST_OTHERS] if len(shown) > 1 else []


def _is_of(line: Activity, this: Activity) -> bool:
    """Of the same kind, place and meter."""
    return (line.kind, line.unit, line.site_id, line.meter) == (this.kind, this.unit, this.site_id, this.meter)


def _other(line: Activity, this: Activity) -> Other:
    first, is_last_year = line.period_start, line.disclosure_id != this.disclosure_id
    if first is None:
        label = str(line.disclosure.year)
    else:
        label = f"{first:%Y-%m}" if line.month else f"{first} – {line.period_end}"
    name = label if is_last_year else _("%(period)s, line %(number)s") % {"period": label, "number": line.number}
    return Other(name, line.typed or line.notation, line.pk == this.pk, is_last_year)
