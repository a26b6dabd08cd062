"""The technology families that ship with the product: rows that the fund may add to and reword."""

from __future__ import annotations

from typing import Any

from portfolio import DATA
from portfolio.typed.tables import whole_table

COLUMNS = ("track", "name_zh", "name_en", "unit", "service_unit", "words")


def install_shipped(**_signal: Any) -> None:
    """After each migrate: shipped families exist. What people changed since stays as it is."""
    from portfolio.models import TechnologyFamily

    known = set(TechnologyFamily.objects.values_list("code", flat=True))
    for row in whole_table(DATA / "technology_families.csv").rows:
        if row.cells["code"] not in known:
            facts = {name: row.cells[name] for name in COLUMNS}
            TechnologyFamily.objects.create(code=row.cells["code"], **facts)
