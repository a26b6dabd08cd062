"""A piece of evidence beside the figure that it shows: a picture, a page, the first rows of a table, or why not."""

from __future__ import annotations

import base64
import csv
import io
import re
from dataclasses import dataclass, field
from itertools import islice

from django.utils.translation import gettext as _

from portfolio.evidence.picture import NoPicture, picture_of
from portfolio.models import Evidence
from portfolio.typed import text, workbooks
from portfolio.typed.files import EvidenceKind

LARGEST_SHOWN = 3 * 1024 * 1024  # bytes of a picture that go into a page
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 60, 12, 80
MOST_PAGES = 9999
PAGE = re.compile(r"(?:\bp(?:\.|age|g\.?)?|第)\s*(\d{1,4})", re.IGNORECASE)  # "p. 3", "page 3", "第3页"
PICTURES = (EvidenceKind.PNG, EvidenceKind.JPEG)
TABLES = (EvidenceKind.CSV, EvidenceKind.XLSX)


@dataclass(frozen=True)
class Preview:
    """`picture` is an address with all its bytes in it; `why_not` is empty where there is something to see."""

    picture: str = ""
    page: int | None = None  # of a PDF
    rows: list[list[str]] = field(default_factory=list)
    is_cut: bool = False  # a table that goes on
    why_not: str = ""


def page_of(place: str) -> int:
    """The page that a citation names, else the first."""
    found = PAGE.search(place)
    return max(1, int(found[1])) if found else 1


def preview_of(evidence: Evidence, content: bytes, page: int) -> Preview:
    if evidence.kind in PICTURES:
        if len(content) > LARGEST_SHOWN:
            return Preview(why_not=_("The picture is too large to be shown here."))
        return Preview(picture=_address(EvidenceKind(evidence.kind).content_type, content))
    if evidence.kind == EvidenceKind.PDF:
        return _page(content, page)
    if evidence.kind in TABLES:
        return _table(evidence, content)
    return Preview(why_not=_("Files of this type are not shown here."))


def _page(content: bytes, page: int) -> Preview:
    try:
        drawn = picture_of(content, page)
    except NoPicture:
        if page > 1:
            return Preview(page=page, why_not=_("There is no page %(page)s, or it cannot be drawn.") % {"page": page})
        return Preview(why_not=_("The file cannot be drawn here."))
    return Preview(picture=_address("image/png", drawn), page=page)


def _table(evidence: Evidence, content: bytes) -> Preview:
    try:
        rows = _workbook(content) if evidence.kind == EvidenceKind.XLSX else _csv(content)
    except (workbooks.NoWorkbook, text.NoText, csv.Error):
        return Preview(why_not=_("The table cannot be read here."))
    cut = [[cell[:LONGEST_CELL] for cell in row[:MOST_COLUMNS]] for row in rows[:MOST_ROWS]]
    is_cut = len(rows) > MOST_ROWS or any(len(row) > MOST_COLUMNS for row in rows)
    return Preview(rows=cut, is_cut=is_cut, why_not="" if cut else _("The table is empty."))


def _workbook(content: bytes) -> list[list[str]]:
    sheet = workbooks.read_sheet(content, None)
    return [cells for _line, cells in islice(sheet.rows, MOST_ROWS + 1)]


def _csv(content: bytes) -> list[list[str]]:
    told = text.read_text(content).text.lstrip("\ufeff")
    first = told.split("\n", 1)[0]
    separator = max(",\t;|", key=first.count)
    return list(islice(csv.reader(io.StringIO(told, newline=""), delimiter=separator), MOST_ROWS + 1))


def _address(content_type: str, content: bytes) -> str:
    return f"data:{content_type};base64,{base64.b64encode(content).decode()}"
