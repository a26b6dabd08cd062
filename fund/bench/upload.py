"""The bench of an uploaded table: a workbook of a company-year to rows, faults and changes, beside a bare read."""

from __future__ import annotations

import io
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import override
from openpyxl import Workbook, load_workbook

from fund.bench.run import peak_mib, scratch_database
from portfolio.models import Company, Disclosure, SheetUpload
from portfolio.sheets.columns import COLUMNS, LINES, TITLES
from portfolio.typed.files import EvidenceKind
from scoring.sheets import work

ROUNDS = 3
YEAR = 2024
ONE_IN = 50  # rows has a fault


@dataclass(frozen=True)
class UploadFigures:
    """Medians of CPU seconds. `ratio` is seconds / floor_seconds, both from this run on this machine."""

    bench: str
    n: int
    faults: int
    seconds: float
    floor_seconds: float
    ratio: float
    peak_mib: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def bench_upload(rows: int) -> UploadFigures:
    """What a worker does with the file, from the database to the database; then the floor."""
    with TemporaryDirectory(prefix="greenlight-bench-") as folder, scratch_database(Path(folder)), override("en"):
        content = synthetic(rows)
        draft, person = _draft()
        real, floor, faults = [], [], 0
        for _round in range(ROUNDS):
            waiting = SheetUpload.objects.create(
                disclosure=draft,
                name="2024.xlsx",
                kind=EvidenceKind.XLSX,
                size_bytes=len(content),
                content=content,
                language="en",
                uploaded_by=person,
            )
            began = time.process_time()
            work.read(waiting.pk)
            real.append(time.process_time() - began)
            waiting.refresh_from_db()
            faults = waiting.found["wrong_count"] if waiting.found else 0
            began = time.process_time()
            bare(content)
            floor.append(time.process_time() - began)
    seconds, floor_seconds = median(real), median(floor)
    ratio = round(seconds / floor_seconds, 2)
    return UploadFigures("upload", rows, faults, round(seconds, 3), round(floor_seconds, 3), ratio, peak_mib())


def _draft() -> tuple[Disclosure, User]:
    person = User.objects.create_user("bench")
    told = {"source": "synthetic", "licence": "none"}
    company = Company.objects.create(company_key="bench", name_en="Bench", country="CHN", sector="machinery", **told)
    return Disclosure.objects.create(company=company, year=YEAR, source="synthetic", created_by=person), person


def bare(content: bytes) -> int:
    """Every cell of the file by openpyxl in its mode for large files, and nothing done with it."""
    book = load_workbook(io.BytesIO(content), read_only=True)
    return sum(1 for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row if cell)


def synthetic(rows: int) -> bytes:
    """Twelve months of so many meters, in the columns of the template."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(str(TITLES[LINES]))
    columns = [column.key for column in COLUMNS[LINES]]
    sheet.append([str(column.label) for column in COLUMNS[LINES]])
    for at in range(rows):
        cells: dict[str, Any] = {"activity": "electricity", "amount": 1000 + at, "unit": "kWh", "month": at % 12 + 1}
        cells |= {"certificate": "", "note": f"meter {at // 12}", "place": "510100"}
        if at % ONE_IN == 0:
            cells["amount"] = "12,34o"
        sheet.append([cells.get(key) for key in columns])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
