"""One row of a sheet as a line of the ledger or a figure, by the rules of the forms; or all that is wrong with it."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from portfolio.activities.kinds import activity_types, find
from portfolio.activities.rules import PARAMETERS, read_line
from portfolio.activities.search import search
from portfolio.disclosures.figures import read_figure
from portfolio.disclosures.forms import bases_of
from portfolio.models import Activity, Citation, Disclosure, EbitStanding, Evidence, Figure, Quantity, Site
from portfolio.models.quantity import SUBSIDIES
from portfolio.places.search import UnknownPlace, read_place
from portfolio.sheets.citing import EVIDENCE, PLACE, read_cited
from portfolio.sheets.columns import FIGURES, LINES, column_of, words_of
from portfolio.sheets.template import doubled_names, month_of
from portfolio.typed.bounds import refused
from portfolio.typed.days import read_day
from portfolio.typed.numbers import UnreadableNumber, grouped, is_number, meant_by, read_number
from portfolio.typed.suggesting import may_suggest
from portfolio.typed.units import USUAL, UnitError, read_amount
from portfolio.wording import listed

UNCOMPUTED = ("=", "\0")  # a formula without a value; the second is how the reader marks one of a CSV file
BROKEN = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)")
SHORTENED = re.compile(r"-?[0-9](\.[0-9]+)?[eE]\+[0-9]{2,3}")  # what Excel leaves of a long number
SERIAL = re.compile(r"[34][0-9]{4}(\.0+)?")  # a day as Excel counts it, 1982 to 2036
EPOCH = date(1899, 12, 30)
MONTH = re.compile(r"(?:(?P<year>[0-9]{4})[-/.年] ?)?(?P<month>1[0-2]|0?[1-9])(?:\.0)?月?")
# Texts and their limits.
FREE = {"meter": 60, "included_in": 120, "certificate": 120, "note": 400}
NUMBERS = ("uncertainty_percent", "contract_kg_per_kwh")
LIMITS = {"amount": 60, "unit": 40, "value": 60}


class Refused(Exception):
    """Each fault as column, what was expected, and what may be meant."""

    def __init__(self, faults: list[tuple[str, str, str]]) -> None:
        self.faults = faults


@dataclass(frozen=True)
class LineRow:
    """`number` of the stored line it changes; None for a new one."""

    at: int
    number: int | None
    line: Activity


@dataclass(frozen=True)
class FigureRow:
    """`value` None: the cell is empty."""

    at: int
    quantity: Quantity
    value: float | None
    typed: str
    basis: str
    standing: str
    cited: list[Citation]


@dataclass
class Known:
    """What rows may point to, read once for all of them."""

    disclosure: Disclosure
    lines: Mapping[int, Activity]
    sites: Mapping[str, Site]
    evidence: Mapping[int, Evidence]
    figures: Mapping[str, Figure]
    cited: Mapping[str, list[Citation]]
    months: Mapping[str, int]
    seen: dict[int, int] = field(default_factory=dict)  # row numbers of lines and where they stand
    told: dict[str, int] = field(default_factory=dict)  # quantities likewise
    places: dict[str, str | UnknownPlace] = field(default_factory=dict)

    @classmethod
    def of(cls, disclosure: Disclosure) -> Known:
        sites = list(disclosure.company.sites.select_related("city"))
        doubled = doubled_names(sites)
        lines = disclosure.activities.select_related("site__city").with_citations().order_by("number")
        named = {site.name.casefold(): site for site in sites if site.name not in doubled}
        return cls(
            disclosure,
            {line.number: line for line in lines},
            named | {site.site_key.casefold(): site for site in sites},
            {kept.pk: kept for kept in Evidence.objects.filter(company=disclosure.company_id)},
            {figure.quantity: figure for figure in disclosure.figures.all()},
            disclosure.cited(),
            {
                name: at
                for at in range(1, 13)
                for name in (calendar.month_name[at].lower(), calendar.month_abbr[at].lower())
            },
        )


class _Cells:
    """The cells of a row on their way to values, with all that was wrong with them."""

    def __init__(self, table: str, cells: Mapping[str, str]) -> None:
        self.table, self.cells = table, cells
        self.faults: list[tuple[str, str, str]] = []

    def refuse(self, key: str, suggestion: str = "", expected: str = "") -> None:
        if any(known == key for known, _expected, _suggestion in self.faults):
            return  # a cell counts once: what else is wrong with it follows
        column = column_of(self.table, key)
        self.faults.append((key, expected or (str(column.expected) if column else ""), suggestion))

    def text(self, key: str) -> str:
        value = self.cells.get(key, "")
        if BROKEN.fullmatch(value) or (value.startswith(UNCOMPUTED) and key not in (*FREE, "site")):
            self.refuse(key, _("a formula that gives no value: type the value itself"))
            return ""
        value = value.removeprefix("\0")
        if key in ("certificate", "meter") and SHORTENED.fullmatch(value):
            self.refuse(key, _("Excel shortened a long number: format the cell as text and type it again"))
        most = FREE.get(key) or LIMITS.get(key)
        if most and len(value) > most:
            words = _("at most %(limit)s characters, not %(length)s")
            self.refuse(key, words % {"limit": most, "length": len(value)})
            return ""
        return value

    def word(self, key: str, column: str = "") -> str:
        """A word of a list in any language → its value."""
        typed = self.text(key)
        if not typed:
            return ""
        value = words_of(column or key).get(typed.casefold())
        if value is None:
            self.refuse(key, _("choose from the list of the template"))
        return value or ""

    def number(self, key: str) -> float | None:
        typed = self.text(key)
        if not typed:
            return None
        try:
            return read_number(typed).value
        except UnreadableNumber as unreadable:
            self.refuse(key, slip_words(typed) or str(unreadable))
            return None


def slip_words(typed: str) -> str:
    """What a number that cannot be read may have meant: a letter for a digit, a decimal comma."""
    meant = meant_by(typed)
    if meant is None or is_number(typed):  # one that is refused for what it says, such as a negative amount
        return ""
    words = _("letter for a digit? → %(meant)s") if re.search("[oOlI]", typed) else _("decimal comma? → %(meant)s")
    return words % {"meant": grouped(meant)}


# --- a line ----------------------------------------------------------------------------------------------
def read_line_row(at: int, given: Mapping[str, str], known: Known) -> LineRow:
    """Raises Refused. A column that the file lacks stays as the stored line has it."""
    cells = _Cells(LINES, given)
    number = _number_of(cells, at, known)
    before = known.lines.get(number) if number is not None else None
    line = Activity(disclosure=known.disclosure)
    _fill_kind(cells, line)
    for name, column in (("typed_amount", "amount"), ("typed_unit", "unit")):
        setattr(line, name, cells.text(column))
    for name in ("notation", "heating_value_basis", "contract"):
        setattr(line, name, cells.word(name))
    for name in FREE:
        setattr(line, name, cells.text(name))
    for name in NUMBERS:
        setattr(line, name, cells.number(name))
    found = {name: value for name in PARAMETERS if (value := cells.number(name)) is not None}
    line.parameters = found
    line.period_start, line.period_end = _period(cells, known)
    line.site = _site(cells, known)
    line.place = _place(cells, known)
    line.cited = _cited(cells, known, before.cited if before else [])
    if before is not None:
        _keep_what_is_lacking(line, before, given)
    refused_already = {key for key, _expected, _suggestion in cells.faults}
    if "activity" not in refused_already:
        for fault in read_line(line, year=known.disclosure.year):
            _tell(cells, line, fault.field, fault.code, fault.words)
    if cells.faults:
        raise Refused(cells.faults)
    return LineRow(at, number, line)


def _number_of(cells: _Cells, at: int, known: Known) -> int | None:
    typed = cells.text("row").removesuffix(".0")
    if not typed:
        return None
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else None
    if number is None or number not in known.lines:
        cells.refuse("row", _("this draft has no such row; leave it empty for a new one"))
    elif number in known.seen:
        cells.refuse("row", _("the same number stands in row %(row)s of the sheet") % {"row": known.seen[number]})
    else:
        known.seen[number] = at
    return number


def _fill_kind(cells: _Cells, line: Activity) -> None:
    typed = cells.text("activity")
    kind = find(typed) if typed else None
    if kind is None:
        if not typed:
            cells.refuse("activity", _("the cell is empty"))
        else:
            near = listed(str(each) for each in search(typed, 3)) if may_suggest() else ""
            cells.refuse("activity", _("%(nearest)s?") % {"nearest": near} if near else "")
    line.kind = kind.key if kind else typed


def _period(cells: _Cells, known: Known) -> tuple[date | None, date | None]:
    year = known.disclosure.year
    first, last = _day(cells, "period_start"), _day(cells, "period_end")
    typed = cells.text("month")
    if not typed:
        return first, last
    month = _month(typed, year, known)
    if month is None:
        serial = _serial_day(typed)
        cells.refuse(
            "month", _("a day as a number; is month %(month)s meant?") % {"month": serial.month} if serial else ""
        )
        return first, last
    whole = date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    if (first or last) and (first, last) != whole:
        cells.refuse("month", _("From and To say something else: leave one of both empty"))
    return whole


def _month(typed: str, year: int, known: Known) -> int | None:
    if typed.lower() in known.months:
        return known.months[typed.lower()]
    if match := MONTH.fullmatch(typed):
        return int(match["month"]) if match["year"] in (None, str(year)) else None
    day = read_day(typed)  # what Excel makes of 2024-03
    return day.month if day and (day.year, day.day) == (year, 1) else None


def _day(cells: _Cells, key: str) -> date | None:
    typed = cells.text(key)
    if not typed:
        return None
    day = read_day(typed)
    if day is None:
        serial = _serial_day(typed)
        meant = _("a day as a number; is %(day)s meant? Format the cell as a date.")
        cells.refuse(key, meant % {"day": serial.isoformat()} if serial else "")
    return day


def _serial_day(typed: str) -> date | None:
    return EPOCH + timedelta(days=int(typed.partition(".")[0])) if SERIAL.fullmatch(typed) else None


def _site(cells: _Cells, known: Known) -> Site | None:
    typed = cells.text("site")
    site = known.sites.get(typed.casefold()) if typed else None
    if typed and site is None:
        names = listed(dict.fromkeys(str(one.name) for one in list(known.sites.values())[:5]))
        cells.refuse("site", _("sites: %(names)s") % {"names": names} if names else _("add the site first"))
    return site


def _place(cells: _Cells, known: Known) -> str:
    typed = cells.text("place")
    if not typed:
        return ""
    if typed not in known.places:
        try:
            known.places[typed] = read_place(typed)
        except UnknownPlace as unknown:
            known.places[typed] = unknown
    found = known.places[typed]
    if isinstance(found, UnknownPlace):
        cells.refuse("place", str(found))
        return ""
    return found


def _cited(cells: _Cells, known: Known, before: Sequence[Citation]) -> list[Citation]:
    given = {column: cells.text(column) for column in (EVIDENCE, PLACE) if column in cells.cells}
    return read_cited(given, before, known.evidence, cells.refuse)


OF_COLUMN = {"typed_amount": "amount", "typed_unit": "unit", "kind": "activity"}
KEPT: tuple[str, ...] = ("notation", "included_in", "heating_value_basis", "place", "uncertainty_percent", "contract")
KEPT += ("meter", "contract_kg_per_kwh", "certificate", "note", "site", "typed_unit")


def _keep_what_is_lacking(line: Activity, before: Activity, given: Mapping[str, str]) -> None:
    for name in KEPT:
        if OF_COLUMN.get(name, name) not in given:
            setattr(line, name, getattr(before, name))
    if not {"month", "period_start", "period_end"} & set(given):
        line.period_start, line.period_end = before.period_start, before.period_end
    elif "month" not in given and not line.period_start and month_of(before.period_start, before.period_end):
        # It stood in the column that is lacking.
        line.period_start, line.period_end = before.period_start, before.period_end
    lacking = {name: value for name, value in before.parameters.items() if name not in given}
    line.parameters = lacking | line.parameters


def _tell(cells: _Cells, line: Activity, name: str, code: str, words: str) -> None:
    """A fault of the rules, at its column, with what may be meant."""
    kind = activity_types()[line.kind]
    if name == "amount" and code == "unreadable":
        units = line.typed_unit or listed(USUAL[kind.units[0]])
        cells.refuse("amount", slip_words(line.typed_amount) or words, _("a number in %(unit)s") % {"unit": units})
    elif name == "unit":
        names = dict.fromkeys(word for unit in kind.units for word in USUAL.get(unit, (unit,)))
        cells.refuse("unit", _unit_meant(line.typed_unit, kind.units) or words, listed(names))
    elif name == "period_start" and "month" in cells.cells and cells.cells["month"]:
        cells.refuse("month", words)
    else:
        cells.refuse(name, words)


def _unit_meant(typed: str, units: tuple[str, ...]) -> str:
    """千瓦 is power: 千瓦时 is the energy that is billed; else the nearest names."""
    if not typed:
        return ""
    for tail in ("时", "h"):
        try:
            read_amount("1", typed + tail, units)
        except UnitError:
            continue
        return typed + tail
    try:
        read_amount("1", typed, units)
    except UnitError as refusal:
        return listed(refusal.nearest[:3])
    return ""


# --- a figure --------------------------------------------------------------------------------------------
def read_figure_row(at: int, given: Mapping[str, str], known: Known) -> FigureRow:
    """Raises Refused."""
    cells = _Cells(FIGURES, given)
    key = cells.word("quantity")
    if not key:
        if not cells.faults:
            cells.refuse("quantity", _("the cell is empty"))
        raise Refused(cells.faults)
    quantity = Quantity(key)
    if key in known.told:
        cells.refuse("quantity", _("the same figure stands in row %(row)s of the sheet") % {"row": known.told[key]})
    known.told.setdefault(key, at)
    before = known.figures.get(key)
    basis, standing = cells.word("basis"), cells.word("ebit_standing")
    if basis and basis not in dict(bases_of(quantity)):
        cells.refuse("basis", _("from audited accounts comes money alone"))
    if standing and quantity not in SUBSIDIES:
        cells.refuse("ebit_standing", _("of a subsidy alone"))
    if before is not None:  # an empty cell changes nothing of what is not in every file
        basis, standing = basis or before.basis, standing or before.ebit_standing
    elif quantity in SUBSIDIES:
        standing = standing or EbitStanding.UNKNOWN
    typed, value = _typed_value(cells, quantity)
    cited = _cited(cells, known, known.cited.get(quantity, []))
    if cells.faults:
        raise Refused(cells.faults)
    return FigureRow(at, quantity, value, typed, basis or Figure.Basis.REPORTED, standing, cited)


def _typed_value(cells: _Cells, quantity: Quantity) -> tuple[str, float | None]:
    typed, unit = cells.text("value"), cells.text("unit")
    if not typed:
        return "", None
    own = _own_units(quantity)
    whole = typed if not unit or unit.casefold() in own else f"{typed} {unit}"
    try:
        read = read_figure(whole, quantity)
    except UnreadableNumber as unreadable:
        expected = _("a number in %(unit)s") % {"unit": quantity.unit_label}
        cells.refuse("value", slip_words(typed) or str(unreadable), expected)
        return whole, None
    except UnitError as refusal:
        near = listed(refusal.nearest[:3])
        cells.refuse(
            "unit" if unit and unit.casefold() not in own else "value", near or str(refusal), quantity.unit_label
        )
        return whole, None
    if why := refused(quantity.value, read.value):
        cells.refuse("value", why)
    return whole, read.value


@cache
def _own_units(quantity: Quantity) -> frozenset[str]:
    """What its own unit is called in any language, in small letters."""
    found = {quantity.unit.casefold()}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found.add(quantity.unit_label.casefold())
    return frozenset(found)


def stored(row: LineRow) -> dict[str, Any]:
    """As JSON, for the time between preview and import."""
    line = row.line
    return {
        "at": row.at,
        "number": row.number,
        "site": line.site_id,
        "cited": [[one.evidence_id, one.place] for one in line.cited],
        "period_start": line.period_start.isoformat() if line.period_start else None,
        "period_end": line.period_end.isoformat() if line.period_end else None,
        **{name: getattr(line, name) for name in PLAIN},
    }


PLAIN: tuple[str, ...] = (
    "kind",
    "typed_amount",
    "typed_unit",
    "amount",
    "unit",
    "heating_value_basis",
    "place",
    "notation",
)
PLAIN += ("included_in", "uncertainty_percent", "contract", "contract_kg_per_kwh", "certificate", "parameters")
PLAIN += ("note", "meter")


def restored(told: Mapping[str, Any], disclosure: Disclosure) -> Activity:
    days = {name: date.fromisoformat(told[name]) if told[name] else None for name in ("period_start", "period_end")}
    cited = [Citation(evidence_id=evidence, place=place) for evidence, place in told["cited"]]
    plain = {name: told[name] for name in PLAIN}
    line = Activity(disclosure=disclosure, site_id=told["site"], **plain, **days)
    line.cited = cited
    return line
