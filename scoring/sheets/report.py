"""What the page of an upload shows: faults, changes, repeated rows, totals before and after."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

from portfolio.activities.kinds import kind_name, unit_label
from portfolio.models import SheetUpload
from portfolio.sheets.changes import KEEP, REPEATS, SUM, outcome_name
from portfolio.typed.numbers import grouped
from scoring.ledgers.report import tonnes

SHOWN = 100  # faults or changes on one page
DIGITS = 6


@dataclass(frozen=True)
class Change:
    """A row that is new or changes; `cells` are column, from, to."""

    row: int
    name: str
    is_new: bool
    cells: list[list[str]]


@dataclass(frozen=True)
class Outcome:
    """What one choice comes to."""

    key: str
    words: str
    lines_after: int
    fits: bool
    amounts: list[tuple[str, str, str, str, bool]]  # what, unit, before, after, whether it moves
    tonnes: list[tuple[str, str, str, bool]]


class Preview:
    def __init__(self, upload: SheetUpload, request: HttpRequest) -> None:
        self.upload, self.request = upload, request
        self.found: dict[str, Any] = upload.found or {}

    @property
    def seen(self) -> str:
        return f"{self.upload.pk}-{self.upload.edition}"

    @property
    def is_whole(self) -> bool:
        return bool(self.found.get("is_whole"))

    @cached_property
    def wrong(self) -> Page[Any]:
        return Paginator(self.found["wrong"], SHOWN).get_page(self.request.GET.get("faults"))

    @property
    def wrong_count(self) -> int:
        return int(self.found["wrong_count"])

    @property
    def wrong_rows(self) -> int:
        return int(self.found["wrong_rows"])

    @property
    def good_rows(self) -> int:
        """Rows that could be imported: those of lines that change something, and figures likewise."""
        return len(self.found["records"]) + len(self.found["figures"])

    @property
    def same(self) -> int:
        return int(self.found["same"]) + int(self.found["figures_same"])

    @cached_property
    def _changes(self) -> list[Change]:
        lines = [
            Change(
                told["at"],
                " · ".join(filter(None, (kind_name(told["kind"]), _typed(told), _period(told)))),
                told["number"] is None,
                told["changes"],
            )
            for told in self.found["records"]
        ]
        figures = [
            Change(
                told["at"], f"{told['name']} · {grouped(told['value'])} {told['unit']}", told["is_new"], told["changes"]
            )
            for told in self.found["figures"]
        ]
        return [*figures, *lines]

    @cached_property
    def changes(self) -> Page[Any]:
        return Paginator(self._changes, SHOWN).get_page(self.request.GET.get("page"))

    @property
    def new_count(self) -> int:
        return sum(change.is_new for change in self._changes)

    @property
    def changed_count(self) -> int:
        return len(self._changes) - self.new_count

    @property
    def missing(self) -> list[dict[str, Any]]:
        return [*self.found["missing"], *self.found["figures_missing"]]

    @property
    def groups(self) -> list[dict[str, Any]]:
        return [
            group
            | {
                "rows_said": group["rows"],
                "unit": unit_label(group["unit"]),
                "was": _figure(group["before"]),
                "summed": _figure(group["after"][SUM]),
                "replaced": _figure(group["after"]["replace"]),
            }
            for group in self.found["groups"]
        ]

    @property
    def is_nothing(self) -> bool:
        return not self._changes and not self.missing

    @cached_property
    def outcomes(self) -> list[Outcome]:
        """For each choice, with what is missing kept."""
        outcomes = self.found["outcomes"]
        return [
            _outcome(key, str(words), told)
            for key, words in REPEATS.items()
            if (told := outcomes.get(outcome_name(key, without=False)))
        ]

    @property
    def first_outcome(self) -> Outcome | None:
        return next((each for each in self.outcomes if each.key == KEEP), None)

    @property
    def can_import(self) -> bool:
        return self.is_whole and not self.is_nothing and any(each.fits for each in self.outcomes)


def _outcome(key: str, words: str, told: dict[str, Any]) -> Outcome:
    amounts = [
        (what, unit_label(unit), _figure(before), _figure(after), before != after)
        for what, unit, before, after in told["amounts"]
    ]
    of_scopes = [(what, _tonnes(before), _tonnes(after), before != after) for what, before, after in told["tonnes"]]
    return Outcome(key, words, told["lines"][1], told["fits"], amounts, of_scopes)


def _tonnes(value: float | None) -> str:
    return "—" if value is None else str(tonnes(value))


def _figure(value: float | None) -> str:
    return (
        "—"
        if value is None
        else grouped(float(f"{value:.{DIGITS + 6}g}"))
        if value < 1000
        else grouped(round(value, 1))
    )


def _typed(told: dict[str, Any]) -> str:
    return f"{told['typed_amount']} {told['typed_unit']}".strip() or str(told["notation"])


def _period(told: dict[str, Any]) -> str:
    return f"{told['period_start']} – {told['period_end']}" if told["period_start"] else ""
