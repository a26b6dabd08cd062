"""What every page about one disclosure shows: its figures beside last year's, its history, who may do what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from portfolio.models import Company, Disclosure, Figure, Membership, Quantity, Step
from portfolio.models.disclosure import Values
from portfolio.solutions.report import sold_rows
from portfolio.typed.numbers import change_percent, grouped
from portfolio.verification.report import Desk

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class Row:
    """One figure as it is read: beside last year's."""

    figure: Figure
    label: str
    value: str
    unit: str
    last_year: str
    change_percent: float | None
    counted: str  # where a conservative value counts in its place


def reading(found: Disclosure, user: User) -> dict[str, Any]:
    """What every page about one disclosure shows."""
    last_year = last_year_of(found)
    versions = Disclosure.objects.visible_to(user).filter(company=found.company, year=found.year).order_by("-version")
    steps = list(found.steps.select_related("by").order_by("-pk"))
    member = found.membership_of(user)
    newest = versions.exclude(state=Disclosure.State.WITHDRAWN).first()
    return {
        "disclosure": found,
        "desk": Desk.of(found, user),
        "rows": _rows(found, last_year),
        "sold": sold_rows(found),
        "versions": versions,
        "steps": steps,
        "history": folded(steps),
        "returned": next((step for step in steps if step.verb == "returned"), None),
        "reasons": found.reasons.filter(digest=found.digest).select_related("by") if found.digest else [],
        "receipt": next((step for step in steps if step.verb == "submitted"), None),
        "answered": next((step for step in steps if step.verb == "submitted" and step.comment), None),
        "is_member": member is not None,
        "can_withdraw": found.can_be_withdrawn_by(user),
        "can_submit": found.can_be_submitted_by(user),
        "can_verify": found.can_be_verified_by(user),
        "can_correct": member is not None and found.may_be_corrected and found == newest,
        "submitters": submitters_of(found.company) if member else [],
    }


def _rows(found: Disclosure, last_year: Values) -> list[Row]:
    figures = {figure.quantity: figure for figure in found.figures.select_related("changed_by")}
    substituted = found.substituted()
    rows: list[Row] = []
    for quantity in Quantity:
        figure, before = figures.get(quantity), last_year.get(quantity)
        if figure is None:
            continue
        rows.append(
            Row(
                figure,
                str(quantity.label),
                grouped(figure.value),
                quantity.unit_label,
                "" if before is None else grouped(before),
                change_percent(figure.value, before),
                grouped(substituted[quantity]) if quantity in substituted else "",
            )
        )
    return rows


def last_year_of(found: Disclosure) -> Values:
    before = Disclosure.objects.standing().filter(company=found.company, year=found.year - 1).first()
    return before.values() if before else {}


def submitters_of(company: Company) -> list[str]:
    members = Membership.objects.filter(company=company, kind=Membership.Kind.SUBMITTER).select_related("user")
    return [member.user.get_full_name() or member.user.get_username() for member in members]


# --- history -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Past:
    """One line of the history: a step, or a row of savings by the same person with nothing between them."""

    steps: list[Step]  # the latest first

    @property
    def step(self) -> Step:
        return self.steps[0]

    @property
    def is_folded(self) -> bool:
        return len(self.steps) > 1


def folded(steps: Iterable[Step]) -> list[Past]:
    """`steps` the latest first."""
    found: list[Past] = []
    for (verb, _by), rows in groupby(steps, key=lambda step: (step.verb, step.by_id)):
        each = list(rows)
        found.extend([Past(each)] if verb == "saved" else [Past([step]) for step in each])
    return found
