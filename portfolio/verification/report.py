"""What a page about a disclosure shows of its findings: what stands at each point, what is open for correction there,
and what was submitted beside what it says now."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.urls import reverse
from django.utils.http import urlencode

from portfolio.models import Disclosure, Finding, FindingMessage, Quantity, Step
from portfolio.models.desk import points
from portfolio.models.desk.finding import changed_since
from portfolio.models.people import VERIFICATION_SIDE, SomeUser, has_role

MOST_LINES = 300  # that a list offers to choose from; each line has its own links in the ledger


@dataclass(frozen=True)
class At:
    """A point of one disclosure, with what is to be seen there."""

    point: str
    label: str
    open: int
    answered: int
    closed: int
    comments: int
    is_locked: bool  # it was returned, and this was not opened
    is_named: bool  # it was returned for this
    change: points.Change | None
    href: str
    ask_href: str

    @property
    def threads(self) -> int:
        return self.open + self.answered + self.closed + self.comments


class Changed(NamedTuple):
    """A point that says something else since the return; `step` is of its last saving, where that is known."""

    change: points.Change
    step: Step | None


class Desk:
    """The findings of a disclosure as one person sees them."""

    def __init__(self, disclosure: Disclosure, user: SomeUser) -> None:
        self.disclosure, self.user = disclosure, user
        self.is_member = disclosure.membership_of(user) is not None
        self.is_returned = disclosure.state == Disclosure.State.RETURNED

    @classmethod
    def of(cls, disclosure: Disclosure, user: SomeUser) -> Desk | None:
        """None for whoever reads what stands and no findings."""
        desk = cls(disclosure, user)
        return desk if desk.is_member or has_role(user, *VERIFICATION_SIDE) else None

    @cached_property
    def findings(self) -> list[Finding]:
        rows = Finding.objects.visible_to(self.user).of_year(self.disclosure)
        return list(rows.select_related("disclosure__company", "raised_by").order_by("-pk"))

    @cached_property
    def pending(self) -> list[Finding]:
        """What is not closed, without what colleagues say to each other."""
        return [finding for finding in self.findings if not finding.is_closed and not finding.is_comment]

    @property
    def unanswered(self) -> list[Finding]:
        return [one for one in self.pending if one.state == Finding.State.OPEN and one.kind in Finding.ASKING]

    @cached_property
    def opening(self) -> points.Opening:
        return points.opening_of(self.disclosure) if self.is_returned else points.Opening(None)

    @property
    def is_limited(self) -> bool:
        return self.opening.is_limited

    @property
    def open_places(self) -> list[tuple[str, str]]:
        """Name and address of each point that is open for correction, in the order of the pages."""
        return [(points.label(point), self.place_of(point)) for point in points.in_order(self.opening.points or ())]

    @cached_property
    def asks(self) -> list[tuple[str, Finding]]:
        """What the company asks to be opened and is not: name and thread."""
        if not self.is_limited:
            return []
        of_it = FindingMessage.objects.filter(finding__disclosure=self.disclosure).exclude(asks_for="")
        said = of_it.select_related("finding").order_by("pk")
        return [(one.asks_label, one.finding) for one in said if not self.opening.has(one.asks_for)]

    def place_of(self, point: str) -> str:
        """Where it is told."""
        if (number := points.number_of(point)) is not None:
            return reverse("scoring:ledger_line", args=[self.disclosure.pk, number])
        if point in (points.LINES, points.SOLUTIONS):
            name = "scoring:ledger" if point == points.LINES else "portfolio:solutions"
            return reverse(name, args=[self.disclosure.pk])
        return f"{self.disclosure.get_absolute_url()}#id_{point}"

    @cached_property
    def may_raise(self) -> bool:
        return self.disclosure.can_be_verified_by(self.user)

    @cached_property
    def changes(self) -> dict[str, points.Change]:
        return changed_since(self.disclosure) if self.is_returned else {}

    @cached_property
    def changed(self) -> list[Changed]:
        """What is other since the return, with who saved it last."""
        saved: dict[str, Step] = {}
        returned = self.disclosure.last_return() if self.changes else None
        if returned is not None:
            steps = self.disclosure.steps.filter(verb="saved", pk__gt=returned.pk).select_related("by").order_by("pk")
            for step in steps:
                saved |= dict.fromkeys(step.points, step)
        return [Changed(change, saved.get(point)) for point, change in self.changes.items()]

    @cached_property
    def _by_point(self) -> dict[str, list[Finding]]:
        found: dict[str, list[Finding]] = defaultdict(list)
        for finding in self.findings:
            found[finding.point].append(finding)
        return found

    def at(self, point: str) -> At:
        here = self._by_point.get(point, [])
        states = [finding.state for finding in here if not finding.is_comment]
        return At(
            point,
            points.label(point),
            states.count(Finding.State.OPEN),
            states.count(Finding.State.ANSWERED),
            states.count(Finding.State.CLOSED),
            len(here) - len(states),
            self.is_limited and not self.opening.has(point),
            self.is_limited and self.opening.has(point),
            self.changes.get(point),
            f"{reverse('portfolio:findings_of', args=[self.disclosure.pk])}?{urlencode({'point': point})}",
            f"{reverse('portfolio:finding_ask', args=[self.disclosure.pk])}?{urlencode({'point': point})}",
        )

    @property
    def whole(self) -> At:
        return self.at(points.WHOLE)

    @property
    def sold(self) -> At:
        return self.at(points.SOLUTIONS)

    @property
    def ledger(self) -> At:
        return self.at(points.LINES)


def choices_of(disclosure: Disclosure) -> list[tuple[str, str]]:
    """Code and words of each point that a finding may name: the whole, what is told, the facts, the lines."""
    told = set(disclosure.figures.values_list("quantity", flat=True))
    codes = [*points.OTHERS, *sorted(Quantity.values, key=lambda quantity: quantity not in told)]
    fixed = [(code, points.label(code)) for code in codes]
    lines = disclosure.activities.order_by("number").values_list("number", "meter", "typed_amount", "typed_unit")
    return fixed + [
        (points.of_line(number), " · ".join(filter(None, (points.label(points.of_line(number)), meter, f"{n} {unit}"))))
        for number, meter, n, unit in lines[:MOST_LINES]
    ]
