"""The fields of the quarterly form: four bills by three months, and who types them.

Only what has months stands here. Revenue, earnings and units sold are of the year, and asked for once, in its form.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.activities.bills import Bill, bills
from portfolio.activities.grid import period_of
from portfolio.activities.rules import read_line
from portfolio.models import Activity, FormLink
from portfolio.typed.unit_words import unit_word

BILLS = ("electricity", "gas", "heat", "diesel")
PRINTED = {"m3@20C": "m³"}  # as the bill has it


@dataclass(frozen=True)
class Cell:
    """A month of a bill: its field, or why it can no longer be typed here."""

    month: str
    field: BoundField
    locked: str


@dataclass(frozen=True)
class Row:
    bill: Bill
    unit: str
    cells: list[Cell]


class QuarterForm(forms.Form):
    """Reads what was typed by this link before, and nothing else of the draft."""

    typed_by = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=60,
        help_text=gettext_lazy("It stands beside what you type, for the company and its verifier."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def __init__(self, data: QueryDict | None, *, link: FormLink) -> None:
        self.link = link
        self.lines = list(link.disclosure.activities.select_related("site__city").with_citations())
        initial = {"typed_by": link.typed_by} | {key: line.typed_amount for key, line in self.mine.items()}
        super().__init__(data, initial=initial, label_suffix="", use_required_attribute=False)
        for bill in self.bills:
            for month in link.months:
                key = _key(bill, month)
                widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "num"})
                self.fields[key] = forms.CharField(
                    label=f"{bill} · {_month(month)}",
                    required=False,
                    max_length=60,
                    widget=widget,
                    disabled=bool(self.locked(bill, month)),
                )
        self.read: dict[str, Activity] = {}

    @property
    def bills(self) -> list[Bill]:
        return [bills()[key] for key in BILLS]

    @cached_property
    def mine(self) -> dict[str, Activity]:
        """By field: the lines that came by this link and are as it left them."""
        of_number = {line.number: line for line in self.lines}
        found = {}
        for key, (number, typed) in self.link.answers.items():
            line = of_number.get(number)
            if line is not None and line.typed_amount == typed and line.meter == self.link.meter:
                found[key] = line
        return found

    def locked(self, bill: Bill, month: int) -> str:
        """Why this month is not typed here; empty where it is. It never says how much."""
        key = _key(bill, month)
        if key in self.mine:
            return ""
        if key in self.link.answers:
            return str(_("The company has changed it since."))
        told = any(line.kind in bill.kinds and line.month in (month, None) for line in self.lines)
        return str(_("The company has entered this already.")) if told else ""

    def clean(self) -> None:
        """A line of each month that is filled; what cannot be read is said at its field."""
        for bill in self.bills:
            for month in self.link.months:
                key = _key(bill, month)
                typed = self.cleaned_data.get(key, "")
                if not typed or self.fields[key].disabled:
                    continue
                line = self._line(bill, month, typed)
                for fault in read_line(line, year=self.link.disclosure.year):
                    self.add_error(key, fault.words)
                self.read[key] = line

    def _line(self, bill: Bill, month: int, typed: str) -> Activity:
        there = self.mine.get(_key(bill, month))
        line = copy(there) if there else Activity()
        line.disclosure = self.link.disclosure
        line.kind, line.meter = bill.preset, self.link.meter
        line.typed_amount, line.typed_unit = typed, bill.unit
        line.period_start, line.period_end = period_of(month, self.link.disclosure.year)
        line.note = _("by link, typed by %(name)s") % {"name": self.cleaned_data.get("typed_by", "")}
        return line

    def save(self) -> bool:
        """False where nothing differs. Raises NotAllowed and StaleVersion."""
        added = {key: line for key, line in self.read.items() if key not in self.mine}
        changed = {
            key: line
            for key, line in self.read.items()
            if key in self.mine and line.typed_amount != self.mine[key].typed_amount
        }
        removed = {key: line for key, line in self.mine.items() if key not in self.read}
        if not (added or changed or removed):
            return False
        name, edition = self.cleaned_data["typed_by"], self.link.disclosure.edition
        self.link.save_answers(name=name, edition=edition, added=added, changed=changed, removed=removed)
        return True

    # --- what is shown ---
    def rows(self) -> Iterator[Row]:
        for bill in self.bills:
            cells = [
                Cell(_month(month), self[_key(bill, month)], self.locked(bill, month)) for month in self.link.months
            ]
            yield Row(bill, PRINTED.get(bill.unit) or unit_word(bill.unit), cells)

    def faults(self) -> list[tuple[BoundField, Any]]:
        return [(self[name], words) for name in self.fields for words in self[name].errors]


def _key(bill: Bill, month: int) -> str:
    return f"{bill.key}_{month}"


def _month(month: int) -> str:
    return date_format(date(2000, month, 1), "F")
