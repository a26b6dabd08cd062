"""Three submitted cases, so that the verifier's queue is alive on the first start: each with a ledger, small files of
evidence, and one slip to be found. A month ten times too large, a site without a line, a line that stands twice.

All of it is invented and says so (示例). The companies are illustrative candidates, whose verified year stays as it is:
these are their reports of the year before it.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from fund.demo.candidates import BOUNDARY, DOCUMENT, ORIGIN, YEAR, key_of
from fund.demo.candidates import INVENTED as CANDIDATES
from portfolio import audit
from portfolio.activities.rules import read_line
from portfolio.documents.pdf import Document, Facts, Words, pdf_of
from portfolio.models import Activity, Citation, Company, Disclosure, Evidence, Figure, Quantity, Site
from portfolio.places.names import city_of
from portfolio.typed.files import read_upload
from scoring.ledgers.ledger import account_disclosure, take_over

CASE_YEAR = YEAR - 1
CHENGDU, CHONGQING = "510100", "500100"
LABEL = "示例 illustrative"
METER = "DEMO-0417"
MONTHS_MWH = (396.2, 371.5, 402.8, 398.1, 405.6, 431.9, 452.3, 448.7, 412.4, 399.0, 403.5, 417.7)
TENFOLD_MONTH = 7
REVENUE_CNY = 620_000_000.0

Line = dict[str, Any]


@dataclass(frozen=True)
class Planted:
    """`plants` changes what an honest company would hand in; `site` is one that no line names."""

    key: str  # of the candidate
    shows: str
    plants: Callable[[list[Line]], list[Line]] = list
    site: str = ""


def _tenfold(lines: list[Line]) -> list[Line]:
    return [
        line | {"typed_amount": f"{MONTHS_MWH[TENFOLD_MONTH - 1] * 10:,.0f}"}
        if line["month"] == TENFOLD_MONTH
        else line
        for line in lines
    ]


def _twice(lines: list[Line]) -> list[Line]:
    return [*lines, dict(lines[-1])]


PLANTED = (
    Planted("blades", "a month ten times too large", _tenfold),
    Planted("gearboxes", "a site without a line", site="示例二号厂区 Plant 2 (illustrative)"),
    Planted("planned", "a line that stands twice", _twice),
)


def set_up() -> None:
    """Make those that are missing."""
    for planted in PLANTED:
        invented = next(one for one in CANDIDATES if one.key == planted.key)
        company = Company.objects.get(company_key=key_of(invented))
        if not Disclosure.objects.filter(company=company, year=CASE_YEAR).exists():
            _submitted(company, planted, User.objects.get(username=f"applicant-{planted.key}"))


def _submitted(company: Company, planted: Planted, submitter: User) -> None:
    with transaction.atomic():
        draft = Disclosure.open_year(company, CASE_YEAR, by=submitter)
        first = Site.add(company, by=submitter, name="示例一号厂区 Plant 1 (illustrative)", city=city_of(CHENGDU))
        if planted.site:
            Site.add(company, by=submitter, name=planted.site, city=city_of(CHONGQING))
        bills = _bills(company, submitter)
        lines = [_line(draft, first, bills, facts) for facts in planted.plants(_honest())]
        draft.write_activities(by=submitter, edition=draft.edition, added=lines)
        draft.revise(
            by=submitter,
            edition=draft.edition,
            boundary=BOUNDARY,
            revenue_boundary=Disclosure.RevenueBoundary.MATCHED,
            source_document=DOCUMENT.format(year=CASE_YEAR),
            figures=[_revenue()],
        )
        take_over(
            account_disclosure(draft),
            [Quantity.SCOPE_1, Quantity.SCOPE_2_LOCATION, Quantity.ELECTRICITY],
            by=submitter,
            edition=draft.edition,
        )
        draft.submit(by=submitter)
        audit.append(None, "demo.case_made", f"disclosure:{draft.pk}", detail=planted.key)


def _revenue() -> Figure:
    return Figure(
        quantity=Quantity.REVENUE,
        value=REVENUE_CNY,
        typed=f"{REVENUE_CNY:,.0f}",
        basis=Figure.Basis.AUDITED,
        source=ORIGIN["source"],
    )


def _honest() -> list[Line]:
    """Twelve months of one meter, gas and diesel of the year."""
    months = [
        {"kind": "electricity", "typed_amount": f"{mwh:,.1f}", "typed_unit": "MWh", "meter": METER, "month": month}
        for month, mwh in enumerate(MONTHS_MWH, 1)
    ]
    gas = {"kind": "fuel.natural_gas@manufacturing", "typed_amount": "18.6", "typed_unit": "万立方米@20C", "month": 0}
    diesel = {"kind": "fuel.diesel@road", "typed_amount": "23.4", "typed_unit": "t", "month": 0}
    return [*months, gas, diesel]


def _line(draft: Disclosure, site: Site, bills: dict[int, Evidence], facts: Line) -> Activity:
    month = facts["month"]
    told = {name: value for name, value in facts.items() if name != "month"}
    line = Activity(disclosure=draft, site=site, note=LABEL, **told)
    if month:
        line.period_start = date(CASE_YEAR, month, 1)
        line.period_end = date(CASE_YEAR, month, monthrange(CASE_YEAR, month)[1])
    if faults := read_line(line, year=draft.year):
        raise ValueError(f"{facts['kind']}: {faults[0].words}")
    file = bills.get(month, bills[0])
    line.cited = [Citation(evidence=file, place=f"{CASE_YEAR}-{month:02}" if month else "")]
    return line


# --- evidence ------------------------------------------------------------------------------------------------
def _bills(company: Company, submitter: User) -> dict[int, Evidence]:
    """By month; 0: of the year. The bill of the tenfold month is a PDF, the others are a table."""
    name = company.name_zh
    months = [f"{CASE_YEAR}-{month:02},{METER},{mwh},MWh" for month, mwh in enumerate(MONTHS_MWH, 1)]
    table = "\n".join(["月份 month,电表 meter,电量 amount,单位 unit", *months, f"{LABEL},,,"])
    fuels = "\n".join(
        [
            "品名 fuel,数量 amount,单位 unit,年份 year",
            f"天然气 natural gas,18.6,万立方米,{CASE_YEAR}",
            f"柴油 diesel,23.4,t,{CASE_YEAR}",
            f"{LABEL},,,",
        ]
    )
    kept = {
        "electricity.csv": ("示例电费汇总 electricity", table.encode()),
        "fuel.csv": ("示例燃料采购汇总 fuel", fuels.encode()),
        "bill.pdf": (f"示例电费单 bill {CASE_YEAR}-{TENFOLD_MONTH:02}", _bill(name)),
    }
    made = {
        key: Evidence.keep(read_upload(f"{title}.{key.split('.')[1]}", content), company=company, by=submitter)
        for key, (title, content) in kept.items()
    }
    return {month: made["electricity.csv"] for month in range(1, 13)} | {
        TENFOLD_MONTH: made["bill.pdf"],
        0: made["fuel.csv"],
    }


def _bill(name: str) -> bytes:
    mwh = MONTHS_MWH[TENFOLD_MONTH - 1]
    facts = [
        ("用户 customer", name, False),
        ("电表 meter", METER, True),
        ("月份 month", f"{CASE_YEAR}-{TENFOLD_MONTH:02}", False),
        ("电量 amount", f"{mwh:,.1f} MWh = {mwh * 1000:,.0f} kWh", False),
    ]
    words = Words("示例：为演示编写的电费单，并非真实凭据。Illustrative: a bill written for the demo.")
    at = timezone.make_aware(datetime(CASE_YEAR, TENFOLD_MONTH, 28))
    return pdf_of(Document("电费单（示例） Electricity bill", name, LABEL, at, [Facts(facts), words]))
