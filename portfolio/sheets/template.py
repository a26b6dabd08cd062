"""A company-year to take away and to bring back: a workbook with lists to choose from, or a CSV file of each table.

It is filled with what is there, so that the empty template and the export are one thing.
"""

from __future__ import annotations

import calendar
import io
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from portfolio.activities.kinds import activity_types, find, kind_of
from portfolio.disclosures.figures import echo
from portfolio.exports import FORMULA_STARTS
from portfolio.models import Activity, Citation, Disclosure, Figure, Quantity, Site
from portfolio.models.disclosure import MOST_ACTIVITIES
from portfolio.sheets.citing import cells_of
from portfolio.sheets.columns import (
    CHOICES,
    COLUMNS,
    FIGURES,
    LINES,
    MOST_ROWS,
    TITLES,
    TOLD,
    VERSION,
    label_of,
)
from portfolio.typed.files import LARGEST_MB
from portfolio.typed.numbers import MACHINE, grouped
from portfolio.typed.units import USUAL

HEAD = PatternFill("solid", fgColor="E6EDF5")
REACH = MOST_ACTIVITIES + 200  # rows that the lists to choose from reach down to
LISTS = "lists"  # the hidden sheet

Cell = str | float | int | Decimal | date | None


# --- what is there, as cells ---------------------------------------------------------------------------
def line_cells(line: Activity, doubled: Collection[str] = ()) -> dict[str, Cell]:
    """A line by column, as it would be typed; `doubled` are names that several sites have."""
    cells: dict[str, Cell] = {
        "row": line.number,
        "activity": _activity(line.kind),
        "amount": _number(line.typed_amount),
        "unit": line.typed_unit,
        "meter": line.meter,
        "site": _site(line.site, doubled),
        "place": line.place,
        "notation": label_of("notation", line.notation) if line.notation else "",
        "included_in": line.included_in,
        "heating_value_basis": label_of("heating_value_basis", line.heating_value_basis)
        if line.heating_value_basis
        else "",
        "uncertainty_percent": line.uncertainty_percent,
        "contract": label_of("contract", line.contract) if line.contract else "",
        "contract_kg_per_kwh": line.contract_kg_per_kwh,
        "certificate": line.certificate,
        **cells_of(line.cited),
        "note": line.note,
    }
    month = month_of(line.period_start, line.period_end)
    cells |= {"month": month} if month else {"period_start": line.period_start, "period_end": line.period_end}
    return cells | dict(line.parameters)


def figure_cells(quantity: Quantity, figure: Figure | None, cited: Iterable[Citation] = ()) -> dict[str, Cell]:
    cells: dict[str, Cell] = {"quantity": str(quantity.label), "unit": quantity.unit_label, **cells_of(cited)}
    if figure is None:
        return cells
    sign = " %" if quantity.unit == "%" else ""  # 0.8 alone may be a share of one
    return cells | {
        "value": _number(figure.typed if echo(figure) else f"{grouped(figure.value)}{sign}"),
        "basis": label_of("basis", figure.basis),
        "ebit_standing": label_of("ebit_standing", figure.ebit_standing) if figure.ebit_standing else "",
    }


def month_of(first: date | None, last: date | None) -> int | None:
    """The month that the days are the whole of."""
    if first is None or last is None or (first.year, first.month, first.day) != (last.year, last.month, 1):
        return None
    return first.month if last.day == calendar.monthrange(last.year, last.month)[1] else None


def _number(typed: str) -> Cell:
    """A number as a machine writes it stays a number, so that a spreadsheet can add it up; else the typed text."""
    return Decimal(typed) if MACHINE.fullmatch(typed) and "e" not in typed.lower() else typed


def _activity(key: str) -> str:
    """The name, where it leads back to the kind; else its key."""
    kind = kind_of(key)
    return str(kind) if kind and find(str(kind)) == kind else key


def _site(site: Site | None, doubled: Collection[str]) -> str:
    """The name, where no other site of the company is called so; else its key."""
    if site is None:
        return ""
    return site.site_key if site.name in doubled else site.name


def doubled_names(sites: Iterable[Site]) -> frozenset[str]:
    return frozenset(name for name, times in Counter(site.name for site in sites).items() if times > 1)


def rows_of(disclosure: Disclosure, table: str) -> list[list[Cell]]:
    """The rows of one table in the order of its columns."""
    if table == LINES:
        doubled = doubled_names(disclosure.company.sites.all())
        lines = disclosure.activities.select_related("site").with_citations().order_by("number")
        found = [line_cells(line, doubled) for line in lines]
    else:
        figures = {figure.quantity: figure for figure in disclosure.figures.all()}
        cited = disclosure.cited()
        found = [figure_cells(quantity, figures.get(quantity), cited.get(quantity, ())) for quantity in Quantity]
    keys = [column.key for column in COLUMNS[table]]
    return [[cells.get(key) for key in keys] for cells in found]


def heads_of(table: str) -> list[str]:
    return [str(column.label) for column in COLUMNS[table]]


def told_of(disclosure: Disclosure) -> dict[str, object]:
    """What a file says of itself, so that it is known again when it comes back."""
    values = {"template": VERSION, "company": disclosure.company.company_key, "year": disclosure.year}
    return {str(TOLD[key]): value for key, value in values.items()}


def file_name(disclosure: Disclosure, ending: str) -> str:
    language = "en" if (get_language() or "").startswith("en") else "zh"
    when = f"{timezone.localtime():%Y%m%d-%H%M}"
    return f"greenlight_sheets_{disclosure.company.company_key}_{disclosure.year}_{when}_{language}.{ending}"


# --- the workbook --------------------------------------------------------------------------------------
def workbook(disclosure: Disclosure) -> bytes:
    """As .xlsx, in the reader's language, with the rows that the disclosure has."""
    book = Workbook()
    about = book.worksheets[0]
    about.title = str(TITLES["about"])
    _tell(about, disclosure)
    lists = book.create_sheet(LISTS)
    ranges = _fill_lists(lists, disclosure)
    for table in (LINES, FIGURES):
        sheet = book.create_sheet(str(TITLES[table]))
        _fill(sheet, table, rows_of(disclosure, table), ranges)
    examples = book.create_sheet(str(TITLES["examples"]))
    _show_examples(examples, disclosure)
    book.move_sheet(lists, len(book.worksheets))
    lists.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _tell(sheet: Worksheet, disclosure: Disclosure) -> None:
    """The first sheet: whose file it is and how it is filled in."""
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 18, 90
    title = _("Activities and figures of %(company)s, %(year)s") % {
        "company": disclosure.company.name,
        "year": disclosure.year,
    }
    rows: list[tuple[object, object]] = [
        (title, None),
        *told_of(disclosure).items(),
        (_("Made at"), timezone.localtime().isoformat(timespec="seconds")),
        (_("Version"), f"Greenlight {settings.VERSION}"),
        (None, None),
        *((f"{at}.", words) for at, words in enumerate(_how_to(), 1)),
    ]
    for at, (name, value) in enumerate(rows, 1):
        _write(sheet, at, [name, value])
    sheet["A1"].font = Font(bold=True, size=14)
    sheet["A1"].alignment = Alignment(wrap_text=False)
    sheet.protection.sheet = True


def _how_to() -> list[str]:
    return [
        _("Fill in the sheet “%(sheet)s”: one row for each meter or bill and month.") % {"sheet": TITLES[LINES]},
        _("Type amounts as on the bill, with the bill's unit. Lists offer what fits; you may type other units, too."),
        _("Rows that are here already have a row number: keep it, and the row is changed. A new row has none."),
        _("A row that you delete here stays in Greenlight until you say on the page that it is to go."),
        _("The sheet “%(sheet)s” holds the figures of the year, one each. Empty: not reported; 0: the document says 0.")
        % {"sheet": TITLES[FIGURES]},
        _("Save as .xlsx, or one sheet as .csv (CSV UTF-8), and upload the file on the page it came from."),
        _("At most %(mb)s MB and %(rows)s rows a file, and %(lines)s rows a year.")
        % {"mb": LARGEST_MB, "rows": f"{MOST_ROWS:,}", "lines": f"{MOST_ACTIVITIES:,}"},
        _("Nothing is imported before you have seen what would change, and said so."),
    ]


def _fill_lists(sheet: Worksheet, disclosure: Disclosure) -> dict[tuple[str, str], str]:
    """The hidden sheet of words to choose from → the range of each column that has a list."""
    sites = list(disclosure.company.sites.all())
    units = list(dict.fromkeys(name for names in USUAL.values() for name in names))
    lists: dict[tuple[str, str], Iterable[object]] = {
        (LINES, "activity"): [_activity(key) for key in activity_types()],
        (LINES, "unit"): units,
        (LINES, "month"): range(1, 13),
        (LINES, "site"): [_site(site, doubled_names(sites)) for site in sites],
        (FIGURES, "unit"): list(dict.fromkeys([*(quantity.unit_label for quantity in Quantity), *units])),
    }
    for column in ("notation", "heating_value_basis", "contract"):
        lists[LINES, column] = [label for _value, label in CHOICES[column]]
    for column in ("quantity", "basis", "ebit_standing"):
        lists[FIGURES, column] = [label for _value, label in CHOICES[column]]
    ranges = {}
    for at, (key, words) in enumerate(lists.items(), 1):
        count = 0
        for count, word in enumerate(words, 1):
            cell = sheet.cell(count, at)
            cell.value = word if isinstance(word, int) else str(word)
        if count:
            letter = get_column_letter(at)
            ranges[key] = f"{LISTS}!${letter}$1:${letter}${count}"
    return ranges


def _fill(sheet: Worksheet, table: str, rows: Sequence[Sequence[Cell]], ranges: Mapping[tuple[str, str], str]) -> None:
    _write(sheet, 1, heads_of(table))
    for at, column in enumerate(COLUMNS[table], 1):
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = column.width
        sheet.column_dimensions[letter].protection = Protection(locked=False)
        rule = DataValidation(allow_blank=True, showErrorMessage=False, showInputMessage=True)
        rule.prompt = str(column.expected)[:250]
        if (table, column.key) in ranges:  # offered and not forced: what else is typed is read too
            rule.type, rule.formula1 = "list", f"={ranges[table, column.key]}"
        rule.add(f"{letter}2:{letter}{REACH}")
        sheet.add_data_validation(rule)
    for number, cells in enumerate(rows, 2):
        _write(sheet, number, cells)
        for cell in sheet[number]:
            cell.protection = Protection(locked=False)
    _freeze(sheet)
    protection = sheet.protection  # no password: it keeps the heads from a slip, not from a person
    protection.sheet = True
    protection.formatCells = protection.formatColumns = protection.formatRows = False
    protection.insertRows = protection.deleteRows = protection.sort = protection.autoFilter = False


def _show_examples(sheet: Worksheet, disclosure: Disclosure) -> None:
    """Rows as they may look, and what each column takes. Nothing of it is read."""
    keys = [column.key for column in COLUMNS[LINES]]
    _write(sheet, 1, heads_of(LINES))
    examples: list[dict[str, Cell]] = [
        {"activity": _activity("electricity"), "amount": Decimal("12340.5"), "unit": "kWh", "month": 1},
        {"activity": _activity("electricity"), "amount": "1.2", "unit": "万千瓦时", "month": 2, "note": _("meter 2")},
        {
            "activity": _activity("fuel.diesel"),
            "amount": Decimal(850),
            "unit": "L",
            "period_start": date(disclosure.year, 1, 1),
            "period_end": date(disclosure.year, 3, 31),
        },
    ]
    for at, cells in enumerate(examples, 2):
        _write(sheet, at, [cells.get(key) for key in keys])
    at = len(examples) + 4
    _write(sheet, at, [_("Column"), _("What it takes")])
    for column in (*COLUMNS[LINES], *COLUMNS[FIGURES]):
        at += 1
        sheet.cell(at, 1).value, sheet.cell(at, 2).value = str(column.label), str(column.expected)
    for number, column in enumerate(COLUMNS[LINES], 1):
        sheet.column_dimensions[get_column_letter(number)].width = max(column.width, 26 if number < 3 else 0)
    _freeze(sheet)
    sheet.protection.sheet = True


def _write(sheet: Worksheet, row: int, cells: Iterable[object]) -> None:
    """Numbers and days as such; a text as a text, even where it begins like a formula."""
    for at, value in enumerate(cells, 1):
        if value is None or value == "":
            continue
        cell = sheet.cell(row, at)
        if isinstance(value, int | float | date):
            cell.value = value
            if isinstance(value, date):
                cell.number_format = "yyyy-mm-dd"
        elif isinstance(value, Decimal):
            cell.value = float(value)
        else:
            cell.value = str(value)
            cell.data_type, cell.quotePrefix = "s", str(value).startswith(FORMULA_STARTS)
            cell.alignment = Alignment(vertical="top", wrap_text=True)


def _freeze(sheet: Worksheet) -> None:
    sheet.freeze_panes = "A2"
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), HEAD
