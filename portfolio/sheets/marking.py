"""The same file back, with what is wrong in it marked where it stands: cells of a workbook, a column of a CSV file."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from portfolio.exports import BOM, neutral
from portfolio.typed.text import NoText, read_text
from portfolio.wording import labelled

FAULT = PatternFill("solid", fgColor="FFD6D6")
AUTHOR = "Greenlight"

Told = Iterable[Mapping[str, Any]]


def marked_workbook(content: bytes, wrong: Told) -> bytes:
    """Each faulty cell filled and commented; a row without a cell of its own is marked in its first one."""
    book = load_workbook(io.BytesIO(content))
    of_cell: dict[tuple[str, str], list[str]] = defaultdict(list)
    for fault in wrong:
        if fault["line"] and fault["sheet"] in book.sheetnames:
            cell = fault["cell"] if not fault["cell"].isdigit() else f"A{fault['line']}"
            of_cell[fault["sheet"], cell].append(sentence(fault))
    for (sheet, place), sentences in of_cell.items():
        cell = book[sheet][place]
        cell.fill = FAULT
        cell.comment = Comment("\n".join(sentences), AUTHOR, width=320, height=120)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def marked_csv(content: bytes, wrong: Told) -> bytes:
    """The lines as they came, in UTF-8, with a column behind them that says what is wrong with each."""
    of_line: dict[int, list[str]] = defaultdict(list)
    for fault in wrong:
        of_line[fault["line"]].append(f"{fault['cell']} {sentence(fault)}".strip())
    try:
        text = read_text(content).text
    except NoText:
        text = content.decode("utf-8", errors="replace")
    separator = max(",;\t|", key=text[:5000].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    first, is_headed = min((line for line in of_line if line), default=0), False
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except (StopIteration, csv.Error):
            break
        is_about = bool(cells) and cells[0].startswith("#")
        head = not is_about and not is_headed and any(cells)
        is_headed = is_headed or head
        told = _("What is wrong") if head else "; ".join(of_line.get(line, [])) if line >= first else ""
        writer.writerow(cells if is_about else [*cells, neutral(told)])
    return (BOM + out.getvalue()).encode()


def sentence(fault: Mapping[str, Any]) -> str:
    told = labelled(_("expected"), fault["expected"])
    return f"{told}; {fault['suggestion']}" if fault["suggestion"] else told
