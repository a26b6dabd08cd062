"""A bill's lines as a sheet of paper has them: one row a meter, one cell a month, and one for the year as a whole.

A cell is a line of the ledger. What a line has besides (evidence, contract, note) stays with it.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import transaction
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from portfolio.activities.bills import Bill, bill_of_kinds
from portfolio.activities.kinds import activity_types
from portfolio.activities.questions import series_of
from portfolio.activities.rules import read_line
from portfolio.models import Activity, City, Disclosure, Site
from portfolio.models.signed import digest_of
from portfolio.places.fields import PlaceField
from portfolio.places.names import city_of
from portfolio.typed.units import GAS_VOLUMES, ReferenceStateNeeded, UnitError, read_amount

if TYPE_CHECKING:
    from django.contrib.auth.models import User

YEAR = 0  # the cell of the whole year; 1 to 12 are months
CELLS = range(13)
MONTHS = range(1, 13)
BLANK_ROWS = 2
ROWS_A_PAGE = 40
MOST_ROWS = 50  # of one request: Django reads a thousand fields
NEW_SITE = "new"
LAST_YEAR = "last-year"  # the bill that is all of last year's
# What a new month of a row takes over from its other lines, and what from last year's: a contract ends with its year.
OF_THE_ROW = ("contract", "contract_kg_per_kwh", "certificate")
OF_LAST_YEAR = ("place", "heating_value_basis", "parameters", "uncertainty_percent")
WRITTEN = ("kind", "meter", "site", "typed_amount", "typed_unit", "amount", "unit", "period_start", "period_end")

Cells = dict[int, Activity]


def cell_of(line: Activity) -> int | None:
    """Where a line stands in its row; None for a notation key, or a period that is neither the year nor a month."""
    if line.notation:
        return None
    return YEAR if line.period_start is None else line.month


def arranged(lines: Iterable[Activity]) -> list[Cells]:
    """Lines as rows, in the order of their first ones. A second line for the same cell makes a row of its own."""
    rows: dict[tuple[Any, ...], list[Cells]] = defaultdict(list)
    for line in lines:
        cell = cell_of(line)
        if cell is None:
            continue
        of_series = rows[(*series_of(line), line.typed_unit, line.contract, line.certificate)]
        row = next((each for each in of_series if cell not in each), None)
        if row is None:
            row = {}
            of_series.append(row)
        row[cell] = line
    found = [row for of_series in rows.values() for row in of_series]
    return sorted(found, key=lambda row: min(line.number for line in row.values()))


def year_before(disclosure: Disclosure) -> list[Activity]:
    """The lines of the company's last version of the year before, for its own people: also what is still a draft."""
    of_year = Disclosure.objects.filter(company=disclosure.company, year=disclosure.year - 1)
    before = of_year.exclude(state=Disclosure.State.WITHDRAWN).order_by("-version").first()
    return lines_of(before) if before else []


def lines_of(disclosure: Disclosure) -> list[Activity]:
    rows = list(disclosure.activities.select_related("site__city").with_citations().order_by("number"))
    for row in rows:
        row.disclosure = disclosure
    return rows


def bill_of_last_year(before: Sequence[Activity]) -> Bill | None:
    """Everything that last year's ledger had an amount of, as one bill; None where that is nothing."""
    kinds = tuple(dict.fromkeys(line.kind for line in before if cell_of(line) is not None))
    known = tuple(kind for kind in kinds if kind in activity_types())
    return bill_of_kinds(LAST_YEAR, ("按去年填写", "As last year"), known) if known else None


@dataclass
class Stored:
    """What is known of a row before anything is typed: its lines of this year and of the year before."""

    lines: Cells = field(default_factory=dict)
    before: Cells = field(default_factory=dict)

    @property
    def first(self) -> Activity | None:
        """The line that says what the row is of."""
        cells = self.lines or self.before
        return min_of(cells) if cells else None

    @property
    def seen(self) -> str:
        """Which content of its lines somebody has in front of them."""
        return digest_of([line.signed() for _cell, line in sorted(self.lines.items())])[:16] if self.lines else ""

    @property
    def numbers(self) -> str:
        """cell:number of each line, as the page sends it back."""
        return " ".join(f"{cell}:{line.number}" for cell, line in sorted(self.lines.items()))

    @property
    def like(self) -> str:
        """The number of a line of last year's row."""
        return str(min_of(self.before).number) if self.before else ""


def min_of(cells: Cells) -> Activity:
    return min(cells.values(), key=lambda line: line.number)


# --- one row ----------------------------------------------------------------------------------------------
class RowForm(forms.Form):
    """A meter with its cells, as typed."""

    kind = forms.ChoiceField(label=gettext_lazy("Activity"), required=False)
    meter = forms.CharField(required=False, max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    site = forms.ChoiceField(label=gettext_lazy("Site"), required=False)
    unit = forms.CharField(
        label=gettext_lazy("Unit"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "units"}),
    )

    def __init__(self, data: QueryDict | None, *, stored: Stored, grid: Grid, index: int | str) -> None:
        self.stored, self.grid, self.index = stored, grid, index
        super().__init__(
            data, prefix=f"r{index}", initial=self._initial(), label_suffix="", use_required_attribute=False
        )
        self.fields["meter"].label = grid.bill.meter_word
        for name, choices in (("kind", grid.kind_choices), ("site", grid.site_choices)):
            choice = self.fields[name]
            assert isinstance(choice, forms.ChoiceField)  # noqa: S101  tells the type checker
            choice.choices = choices
        if len(grid.bill.kinds) == 1:
            self.fields["kind"].widget = forms.HiddenInput()
        for cell in CELLS:
            number = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "num"})
            self.fields[f"m{cell}"] = forms.CharField(
                label=cell_name(cell), required=False, max_length=60, widget=number
            )
        self.read: Cells = {}

    def _initial(self) -> dict[str, Any]:
        first, bill = self.stored.first, self.grid.bill
        if first is None:
            return {"kind": bill.preset, "unit": bill.unit, "site": self.grid.only_site}
        known = {"kind": first.kind, "meter": first.meter, "site": str(first.site_id or ""), "unit": first.typed_unit}
        return known | {f"m{cell}": line.typed_amount for cell, line in self.stored.lines.items()}

    def clean(self) -> None:
        """A line of each cell that is filled; what cannot be read is said at its field."""
        given = self.cleaned_data
        filled = {cell: typed for cell in CELLS if (typed := given.get(f"m{cell}", ""))}
        if not filled:
            told = [name for name in ("meter", "site") if given.get(name) and name in self.changed_data]
            if told and not self.stored.lines:
                self.add_error(None, _("Nothing of this row can be kept before a month is filled."))
            return
        if not given.get("kind") and "kind" not in self.errors:
            self.add_error("kind", _("Please choose what it is."))
        if "kind" in self.errors:
            return
        if YEAR in filled and len(filled) > 1 and not {YEAR} < set(self.stored.lines):
            words = _("Months and the whole year would be counted twice: clear one of them, or use a row of its own.")
            self.add_error(f"m{YEAR}", words)
            del filled[YEAR]  # so that the sum and the questions are those of the months
        for cell, typed in filled.items():
            line = self._line(cell, typed)
            for fault in read_line(line, year=self.grid.disclosure.year):
                name = f"m{cell}" if fault.field == "amount" else fault.field if fault.field in self.fields else None
                if name == "unit" and "unit" in self.errors:
                    continue  # what follows from a unit that cannot be read
                if fault.words not in self.errors.get(name or "__all__", []):
                    self.add_error(name, fault.words)
            self.read[cell] = line

    def _line(self, cell: int, typed: str) -> Activity:
        given, disclosure = self.cleaned_data, self.grid.disclosure
        there, first = self.stored.lines.get(cell), self.stored.first
        line = copy(there) if there else Activity(disclosure=disclosure)
        line.disclosure = disclosure
        if there is None and first is not None and first.kind == given["kind"]:
            for name in (*OF_LAST_YEAR, *(OF_THE_ROW if self.stored.lines else ())):
                setattr(line, name, getattr(first, name))
        line.kind, line.meter = given["kind"], given.get("meter", "")
        line.site = self.grid.site(given.get("site", ""))
        line.typed_amount, line.typed_unit = typed, as_billed(given.get("unit", ""), line.kind, self.grid.bill)
        line.period_start, line.period_end = period_of(cell, disclosure.year)
        return line

    # --- what is shown ------------------------------------------------------------------------------------
    @property
    def lines(self) -> Cells:
        """As far as they can be read: what is typed, else what is stored."""
        if not self.is_bound:
            return self.stored.lines
        return {cell: line for cell, line in self.read.items() if line.amount is not None}

    @property
    def head(self) -> list[BoundField]:
        return [self[name] for name in ("site", "meter", "kind", "unit") if not self[name].is_hidden]

    @property
    def cells(self) -> Iterator[tuple[BoundField, Activity | None]]:
        """Each month and the year, with last year's line."""
        for cell in (*MONTHS, YEAR):
            yield self[f"m{cell}"], self.stored.before.get(cell)

    @property
    def missing(self) -> list[int]:
        """Months without an amount, of a row that is told by months."""
        told = set(self.lines)
        return [] if YEAR in told or not told else [month for month in MONTHS if month not in told]

    # --- what is written ----------------------------------------------------------------------------------
    @property
    def is_stale(self) -> bool:
        """Somebody changed its lines since the page was opened."""
        return self.is_bound and self.grid.posted(f"{self.prefix}-seen") != self.stored.seen

    @property
    def saved_meanwhile(self) -> list[tuple[str, str, str]]:
        """Cell, what is typed here, what is stored now."""
        pairs = [(cell, self[f"m{cell}"].value() or "", self.stored.lines.get(cell)) for cell in CELLS]
        return [
            (cell_name(cell), typed, there.typed_amount if there else "")
            for cell, typed, there in pairs
            if typed != (there.typed_amount if there else "")
        ]

    @property
    def added(self) -> list[Activity]:
        return [line for cell, line in self.read.items() if cell not in self.stored.lines]

    @property
    def changed(self) -> list[Activity]:
        pairs = [(line, self.stored.lines[cell]) for cell, line in self.read.items() if cell in self.stored.lines]
        return [line for line, was in pairs if any(getattr(line, name) != getattr(was, name) for name in WRITTEN)]

    @property
    def removed(self) -> list[Activity]:
        return [line for cell, line in self.stored.lines.items() if cell not in self.read]


def as_billed(unit: str, kind: str, bill: Bill) -> str:
    """A gas bill says cubic metres and means its own temperature: 立方米 → 立方米@20C, which the row says back."""
    if bill.unit in GAS_VOLUMES and kind in activity_types():
        try:
            read_amount("1", unit, activity_types()[kind].units)
        except ReferenceStateNeeded as needed:
            state = bill.unit.removeprefix("m3")
            return next((name for name in needed.nearest if name.endswith(state)), unit)
        except UnitError:
            return unit
    return unit


def cell_name(cell: int) -> str:
    if cell == YEAR:
        return _("Whole year")
    names = (
        *(pgettext("month", "Jan"), pgettext("month", "Feb"), pgettext("month", "Mar"), pgettext("month", "Apr")),
        *(pgettext("month", "May"), pgettext("month", "Jun"), pgettext("month", "Jul"), pgettext("month", "Aug")),
        *(pgettext("month", "Sep"), pgettext("month", "Oct"), pgettext("month", "Nov"), pgettext("month", "Dec")),
    )
    return names[cell - 1]


def period_of(cell: int, year: int) -> tuple[date | None, date | None]:
    if cell == YEAR:
        return None, None
    return date(year, cell, 1), date(year, cell, monthrange(year, cell)[1])


# --- the sheet --------------------------------------------------------------------------------------------
class NewSiteForm(forms.Form):
    """A site that is not there yet: enough to compute with; the rest is told on its own page."""

    name = forms.CharField(label=gettext_lazy("Name of the new site"), max_length=200, required=False)
    city = PlaceField(label=gettext_lazy("Place of the new site"), required=False)


class Grid:
    """A page of the rows of one bill. `data` is what the page sent; then each row says which lines it holds."""

    def __init__(
        self,
        bill: Bill,
        disclosure: Disclosure,
        *,
        before: Sequence[Activity],
        data: QueryDict | None = None,
        page: int = 1,
    ) -> None:
        self.bill, self.disclosure, self.data = bill, disclosure, data
        self.ledger = lines_of(disclosure)
        self.of_bill = [line for line in self.ledger if line.kind in bill.kinds]
        self.before = [line for line in before if line.kind in bill.kinds]
        self.sites = {str(site.pk): site for site in disclosure.company.sites.select_related("city")}
        self.kind_choices = [("", _("— please choose")), *((kind.key, str(kind)) for kind in bill.types)]
        held = {line.site_id for line in self.of_bill}
        year = disclosure.year
        names = [(key, site.name) for key, site in self.sites.items() if site.stood_in(year) or site.pk in held]
        self.site_choices = [("", _("— no single site")), *names, (NEW_SITE, _("+ the new site below"))]
        self.only_site = names[0][0] if len(names) == 1 else ""  # its place decides the factor: not left to a click
        self.new_site = NewSiteForm(data, prefix="site", label_suffix="", use_required_attribute=False)
        self._placeholder: Site | None = None
        self.new_site.is_valid()
        known = self._posted_rows() if data is not None else self._known_rows()
        self.pages = 1 if data is not None else max(1, -(-len(known) // ROWS_A_PAGE))
        self.page = min(max(page, 1), self.pages)
        if data is None:
            known = known[(self.page - 1) * ROWS_A_PAGE : self.page * ROWS_A_PAGE]
            known += [Stored() for _blank in range(BLANK_ROWS)]
        self.rows = [RowForm(data, stored=stored, grid=self, index=index) for index, stored in enumerate(known)]
        self.blank = RowForm(None, stored=Stored(), grid=self, index="N")  # what a script copies

    @property
    def others(self) -> list[Activity]:
        """Lines of the bill that no cell can hold."""
        return [line for line in self.of_bill if cell_of(line) is None]

    @property
    def page_numbers(self) -> range:
        return range(1, self.pages + 1)

    @property
    def outside(self) -> list[Activity]:
        """The lines of the ledger that no row here holds."""
        held = {line.number for row in self.rows for line in row.stored.lines.values()}
        return [line for line in self.ledger if line.number not in held]

    def posted(self, name: str) -> str:
        return self.data.get(name, "") if self.data is not None else ""

    def site(self, key: str) -> Site | None:
        """A site of the company; the one that is new is not stored before the rows are."""
        if key != NEW_SITE:
            return self.sites.get(key)
        if self._placeholder is None:
            given = getattr(self.new_site, "cleaned_data", {})
            city = City(code=given["city"]) if given.get("city") else None
            self._placeholder = Site(company=self.disclosure.company, name=given.get("name", ""), city=city)
        return self._placeholder

    def _known_rows(self) -> list[Stored]:
        """The rows of this year, each beside last year's of its series; then last year's that are not there yet."""
        last: dict[Any, list[Cells]] = defaultdict(list)
        for cells in arranged(self.before):
            last[series_of(min_of(cells))].append(cells)
        rows = []
        for cells in arranged(self.of_bill):
            beside = last[series_of(min_of(cells))]
            rows.append(Stored(cells, beside.pop(0) if beside else {}))
        told = {series_of(line) for line in self.others}
        gone = [cells for of_series in last.values() for cells in of_series if series_of(min_of(cells)) not in told]
        return rows + [Stored(before=cells) for cells in gone]

    def _posted_rows(self) -> list[Stored]:
        of_number = {line.number: line for line in self.of_bill}
        last = {min_of(cells).number: cells for cells in arranged(self.before)}
        count = self.posted("rows")
        rows = []
        for index in range(min(int(count), MOST_ROWS) if count.isascii() and count.isdigit() else 0):
            lines, like = self.posted(f"r{index}-lines"), self.posted(f"r{index}-like")
            pairs = [pair.partition(":") for pair in lines.split()]
            held = {int(cell): int(number) for cell, _colon, number in pairs if cell.isdecimal() and number.isdecimal()}
            cells = {cell: of_number[number] for cell, number in held.items() if cell in CELLS and number in of_number}
            rows.append(Stored(cells, last.get(int(like), {}) if like.isdecimal() else {}))
        return rows

    # --- reading and writing ------------------------------------------------------------------------------
    def is_valid(self) -> bool:
        faultless = all([row.is_valid() for row in self.rows])  # every row says its faults
        return self._site_is_told() and self.new_site.is_valid() and faultless

    def _site_is_told(self) -> bool:
        is_wanted = any(row.cleaned_data.get("site") == NEW_SITE for row in self.rows if hasattr(row, "cleaned_data"))
        given = getattr(self.new_site, "cleaned_data", {})
        for name, words in (("name", _("Please name the site.")), ("city", _("Please give its place."))):
            if is_wanted and name not in self.new_site.errors and not given.get(name):
                self.new_site.add_error(name, words)
        if given.get("name") and not is_wanted:
            self.new_site.add_error("name", _("Choose the new site in a row, or leave this empty."))
        return not self.new_site.errors

    @property
    def is_stale(self) -> bool:
        return any(row.is_stale for row in self.rows)

    def save(self, *, by: User) -> Mapping[str, int]:
        """How many lines were added, changed and removed. Raises what Site.add and .write_activities raise."""
        added, changed, removed = ([line for row in self.rows for line in getattr(row, name)] for name in OUTCOMES)
        with transaction.atomic():
            if self._placeholder is not None and any(line.site is self._placeholder for line in (*added, *changed)):
                given = self.new_site.cleaned_data
                made = Site.add(self.disclosure.company, by=by, name=given["name"], city=city_of(given["city"]))
                for line in (*added, *changed):
                    line.site = made if line.site is self._placeholder else line.site
            if added or changed or removed:
                self.disclosure.write_activities(
                    by=by, edition=self.disclosure.edition, added=added, changed=changed, removed=removed
                )
        return dict(zip(OUTCOMES, map(len, (added, changed, removed)), strict=True))


OUTCOMES = ("added", "changed", "removed")
