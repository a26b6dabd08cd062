"""A list as a file to take away: CSV, or a workbook with the same rows, which says what was asked, by whom and when."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from portfolio.wording import labelled

if TYPE_CHECKING:
    from portfolio.models.people import SomeUser

BOM = "\ufeff"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
RUN = re.compile("'*[=+\\-@\t\r]")  # also behind apostrophes, so that one taken off is always one put there
NEUTRAL = re.compile("'+[=+\\-@\t\r]")
CSV, XLSX = "csv", "xlsx"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NARROW, WIDE = 12, 40  # characters of a column of a workbook
LONGEST_CELL = 32_767  # characters that a workbook takes; what is longer is cut there with a mark


@dataclass(frozen=True)
class Table:
    """`what` is in the file's name; `told` is what the file says of itself; rows are read once, as they are written."""

    what: str
    told: Mapping[str, object]
    heads: Sequence[str]
    rows: Iterable[Iterable[object]]


def made_by(user: SomeUser) -> dict[str, object]:
    """The last of what a file says of itself."""
    return {
        _("Made by"): user.get_username(),
        _("Made at"): timezone.localtime().isoformat(timespec="seconds"),
    }


def addresses(of: str, query: str = "", *args: object) -> dict[str, str]:
    """Where a list is downloaded, by kind: the pages `‹of›_csv` and `‹of›_xlsx`, asked the same question."""
    return {kind: reverse(f"{of}_{kind}", args=args) + query for kind in (CSV, XLSX)}


def file_of(table: Table, kind: str, *, with_meta: bool = True) -> HttpResponseBase:
    """To be kept as greenlight_‹what›_‹when›_‹language›.‹kind›."""
    language = "en" if (get_language() or "").startswith("en") else "zh"
    name = f"greenlight_{table.what}_{timezone.localtime():%Y%m%d-%H%M}_{language}.{kind}"
    told = {**table.told, _("Version"): f"Greenlight {settings.VERSION}"} if with_meta else {}
    if kind == XLSX:
        return FileResponse(_workbook(table, told), as_attachment=True, filename=name, content_type=XLSX_TYPE)
    return StreamingHttpResponse(
        chain([BOM], commented(told), csv_lines(table.heads, table.rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


# --- CSV -----------------------------------------------------------------------------------------------------
def csv_lines(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Lines of CSV, ready to be streamed. A file of them begins with BOM, or Excel misreads Chinese."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield writer.writerow([neutral(head) for head in heads])
    for row in rows:
        yield writer.writerow([neutral(value) for value in row])


def commented(told: Mapping[str, object]) -> Iterator[str]:
    """What a file says of itself, a line each, before its heads. Nothing typed by a person can begin another line."""
    for name, value in told.items():
        yield f"# {labelled(name, ' '.join(str(value).split()))}\r\n"


def neutral(value: object) -> object:
    """A text that a spreadsheet would run as a formula gets a leading apostrophe; a number stays a number."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, Promise):
        value = str(value)
    if isinstance(value, str) and RUN.match(value):
        return f"'{value}"
    return value


def plain(text: str) -> str:
    """What `neutral` was given: the apostrophe before what a spreadsheet would run is taken off again."""
    return text[1:] if NEUTRAL.match(text) else text


class _Echo:
    """A file that gives each line back."""

    def write(self, line: str) -> str:
        return line


# --- workbook ------------------------------------------------------------------------------------------------
def _workbook(table: Table, told: Mapping[str, object]) -> Any:
    """What is told of the rows on the first sheet, the rows on the next. Written row by row: its size is no matter."""
    book = Workbook(write_only=True)
    if told:
        about = book.create_sheet(_("About this file"))
        about.column_dimensions["A"].width, about.column_dimensions["B"].width = WIDE / 2, WIDE * 2
        for name, value in told.items():
            about.append([_cell(about, name, is_head=True), _cell(about, value)])
    sheet = book.create_sheet(_("List"))
    sheet.freeze_panes = "A2"
    for at, head in enumerate(table.heads, 1):
        sheet.column_dimensions[get_column_letter(at)].width = min(WIDE, max(NARROW, _width(head)))
    sheet.append([_cell(sheet, head, is_head=True) for head in table.heads])
    for row in table.rows:
        sheet.append([_cell(sheet, value) for value in row])
    file = TemporaryFile()  # noqa: SIM115  the answer closes it
    book.save(file)
    file.seek(0)
    return file


def _width(head: str) -> int:
    """In characters, of which a Chinese one is as wide as two."""
    return 2 + sum(2 if ord(letter) > 0x2E80 else 1 for letter in str(head))


def _cell(sheet: Any, value: object, *, is_head: bool = False) -> Any:
    """Numbers and dates stay what they are; a text is a text, even where it begins like a formula."""
    if isinstance(value, datetime):  # a workbook knows no zones: the house's time
        value = timezone.localtime(value).replace(tzinfo=None, microsecond=0)
    if value is None or isinstance(value, int | float | Decimal | date):
        cell = WriteOnlyCell(sheet, float(value) if isinstance(value, Decimal) else value)
    else:
        cell = WriteOnlyCell(sheet, _storable(str(value)))
        cell.data_type, cell.quotePrefix = "s", cell.value.startswith(FORMULA_STARTS)
    if is_head:
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    return cell


def _storable(text: str) -> str:
    """Without what XML cannot hold."""
    clean: str = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)
    return clean if len(clean) <= LONGEST_CELL else clean[: LONGEST_CELL - 1] + "…"
