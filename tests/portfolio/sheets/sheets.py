"""A draft with a ledger worth taking away, and workbooks as a person would fill them in."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from portfolio.models import Activity, Company, Disclosure, Figure, Quantity, Site
from tests import make

LINES, FIGURES = "Activities", "Figures"


def draft(company: Company) -> Disclosure:
    """Alice's, with lines whose numbers have a gap, and texts that a spreadsheet would run."""
    found = make.disclosure(company, state=Disclosure.State.DRAFT)
    site = Site.objects.create(company=company, site_key="site-1", name="=cmd()", **make.SOURCE)
    line(found, 1, note="=cmd()", site=site, meter="0051012345678901234")
    line(
        found,
        2,
        typed_amount="1,234.50",
        typed_unit="万千瓦时",
        amount=12_345_000.0,
        certificate="'+1",
        contract="direct",
        contract_kg_per_kwh=0.1,
        note="@x\r\n第二行",
    )
    line(
        found,
        5,
        kind="fuel.natural_gas",
        typed_amount="1200",
        typed_unit="m3@20C",
        amount=1200.0,
        unit="m3@20C",
        period_start="2024-03-01",
        period_end="2024-03-31",
        place="510100",
        parameters={"ncv_gj_per_m3": 0.0389},
    )
    line(
        found,
        6,
        kind="fuel.diesel",
        typed_amount="",
        typed_unit="",
        amount=None,
        unit="",
        notation="IE",
        included_in="-line 5",
    )
    line(
        found,
        7,
        kind="fuel.diesel",
        typed_amount="85",
        typed_unit="L",
        amount=85.0,
        unit="L",
        period_start="2024-01-15",
        period_end="2024-02-10",
        uncertainty_percent=7.5,
    )
    Figure.objects.create(disclosure=found, quantity=Quantity.EBIT, value=-1200.0, typed="-1,200")
    Figure.objects.create(disclosure=found, quantity=Quantity.GRANTS, value=0.0, typed="无", ebit_standing="inside")
    Figure.objects.create(disclosure=found, quantity=Quantity.THEME_REVENUE, value=0.8, typed="0.8 %")
    Figure.objects.create(disclosure=found, quantity=Quantity.REVENUE, value=1.2e8, typed="1.2亿")
    return found


def line(disclosure: Disclosure, number: int, **facts: Any) -> Activity:
    given = {"kind": "electricity", "typed_amount": "500", "typed_unit": "MWh", "amount": 500_000.0, "unit": "kWh"}
    return Activity.objects.create(disclosure=disclosure, number=number, **(given | facts))


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet_of(rows: list[list[Any]], name: str = LINES) -> bytes:
    """A workbook of one sheet, as somebody types it."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = name
    for row in rows:
        sheet.append(row)
    return saved(book)


def column(sheet: Worksheet, head: str) -> str:
    return next(cell.column_letter for cell in sheet[1] if cell.value == head)
