"""The columns of both sheets, and every name that a column, a sheet or a word of a list may stand under.

A file says what it says in the language it was taken away in; it is read in any.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

from portfolio.activities.rules import PARAMETERS
from portfolio.models import Activity, EbitStanding, Figure, Quantity
from portfolio.typed.fields import Formatted

VERSION = "1"  # of the template: another number wherever a column gets another meaning
LINES, FIGURES = "lines", "figures"
MOST_ROWS = 20_000

Words = str | Promise | Formatted


@dataclass(frozen=True)
class Column:
    """`expected` is what a cell may say, in a word or two; `width` in characters."""

    key: str
    label: Words
    expected: Words
    width: int = 14


TEXT = _("a text")
EVIDENCE_COLUMNS = (
    Column("evidence", _("Evidence"), _("evidence that is here already, by its number; several with “; ” between"), 22),
    Column("evidence_place", _("Where in the evidence"), _("a page of each, with “; ” between")),
)
LINE_COLUMNS = (
    Column("row", _("Row number"), _("a row number of this draft; empty for a new row"), 9),
    Column("activity", _("Activity"), _("an activity of the list"), 26),
    Column("amount", _("Amount"), _("a number"), 14),
    Column("unit", _("Unit"), _("a unit of this activity"), 12),
    Column("meter", _("Meter or account"), TEXT, 16),
    Column("month", pgettext_lazy("of the year", "Month"), _("1 to 12; empty for the whole year"), 8),
    Column("period_start", _("From"), _("a day such as 2024-03-01"), 12),
    Column("period_end", _("To"), _("a day such as 2024-03-31"), 12),
    Column("site", _("Site"), _("a site of the company"), 18),
    Column("place", _("Place"), _("a place by name or code"), 12),
    Column("notation", _("Instead of an amount"), _("NO, NE, IE or C, or an amount"), 16),
    Column("included_in", _("Included in"), TEXT),
    Column("heating_value_basis", _("Heating value"), _("net or gross, of fuel told as energy"), 16),
    Column("uncertainty_percent", _("Uncertainty of the amount, ± %"), _("a number of percent")),
    Column("contract", _("Contract for electricity"), _("a kind of contract of the list"), 18),
    Column("contract_kg_per_kwh", _("Factor of the contract, kg CO₂ per kWh"), _("a number of kg CO₂ per kWh")),
    Column("certificate", _("Number of the certificate or contract"), TEXT),
    *EVIDENCE_COLUMNS,
    Column("note", _("Note"), TEXT, 24),
    *(
        Column(
            name,
            Formatted("%(label)s, %(unit)s", {"label": one.label, "unit": one.unit}),
            Formatted(_("a number from %(low)s to %(high)s"), {"low": one.low, "high": one.high}),
        )
        for name, one in PARAMETERS.items()
    ),
)
FIGURE_COLUMNS = (
    Column("quantity", pgettext_lazy("of a sheet", "Figure"), _("a figure of the list"), 44),
    Column("value", _("Value"), _("a number, with its unit where it is another"), 18),
    Column("unit", _("Unit"), _("a unit of this figure"), 12),
    Column("basis", _("Basis"), _("a basis of the list"), 20),
    Column("ebit_standing", _("In EBIT"), _("inside or outside EBIT, of a subsidy"), 16),
    *EVIDENCE_COLUMNS,
)
COLUMNS: Mapping[str, tuple[Column, ...]] = {LINES: LINE_COLUMNS, FIGURES: FIGURE_COLUMNS}
REQUIRED = {LINES: ("activity", "amount"), FIGURES: ("quantity", "value")}
TITLES: Mapping[str, str | Promise] = {
    LINES: pgettext_lazy("a sheet", "Activities"),
    FIGURES: pgettext_lazy("a sheet", "Figures"),
    "about": pgettext_lazy("a sheet", "How to"),
    "examples": pgettext_lazy("a sheet", "Examples"),
}
# What the about sheet says of the file, each in a row: the word in column A, the value in column B.
TOLD: Mapping[str, str | Promise] = {
    "template": _("Template"),
    "company": _("Company key"),
    "year": _("Year"),
}


def column_of(table: str, key: str) -> Column | None:
    return next((column for column in COLUMNS[table] if column.key == key), None)


def in_every_language(words: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """What each thing is called in any language, in small letters → its key; the key itself, too."""
    given = list(words)
    found: dict[str, str] = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found |= {str(label).strip().casefold(): key for key, label in given}
    return found | {key.casefold(): key for key, _label in given if key}


@cache
def heads(table: str) -> Mapping[str, str]:
    """Every head a column may stand under, as it is written → its key."""
    found: dict[str, str] = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found |= {str(column.label): column.key for column in COLUMNS[table]}
    return found


@cache
def sheet_of() -> Mapping[str, str]:
    return in_every_language(TITLES.items())


@cache
def told_words() -> Mapping[str, str]:
    return in_every_language(TOLD.items())


CHOICES: Mapping[str, list[tuple[str, Any]]] = {
    "notation": list(Activity.Notation.choices),
    "heating_value_basis": list(Activity.HeatingValue.choices),
    "contract": [choice for choice in Activity.Contract.choices if choice[0]],
    "basis": list(Figure.Basis.choices),
    "ebit_standing": list(EbitStanding.choices),
    "quantity": list(Quantity.choices),
}


@cache
def words_of(column: str) -> Mapping[str, str]:
    """The words of a list in any language → its value."""
    return in_every_language(CHOICES[column])


def label_of(column: str, value: str) -> str:
    """A value of a list in the reader's language; one that is no longer in it stays."""
    return str(dict(CHOICES[column]).get(value, value))
