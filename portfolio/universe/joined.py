"""Rows that say whose figures are whose: joins.csv, and the Chinese names of names.csv."""

from __future__ import annotations

from typing import Any

import pycountry
from django.utils.translation import gettext as _

from portfolio.models import Company, Join
from portfolio.typed.tables import Row
from portfolio.wording import listed

JOIN_COLUMNS = (
    ("company_key", "source", "entity_name", "method", "licence"),
    ("figures", "entity_id", "entity_country", "identifier", "document_host", "note"),
)
NAME_COLUMNS = ("company_key", "name_zh", "source", "licence")


def join(row: Row) -> dict[str, Any]:
    names = ("source", "entity_id", "entity_name", "identifier", "document_host", "note", "licence")
    facts: dict[str, Any] = {
        name: row.text(name, limit=_limit(Join, name), required=name in JOIN_COLUMNS[0]) for name in names
    }
    facts["entity_country"] = country = row.text("entity_country")
    if country and pycountry.countries.get(alpha_3=country) is None:
        row.fault("entity_country", _("a country code of ISO 3166-1 alpha-3, such as CHN"))
    facts["method"] = _word(row, "method", Join.Method.values, required=True)
    facts["figures"] = _word(row, "figures", Join.Figures.values)
    return facts


def chinese_name(row: Row) -> dict[str, str]:
    """With its source and the licence, for the company of the row."""
    row.text("licence", required=True)
    return {
        "name_zh": row.text("name_zh", limit=_limit(Company, "name_zh"), required=True),
        "name_zh_source": row.text("source", limit=_limit(Company, "name_zh_source"), required=True),
    }


def _word(row: Row, column: str, known: list[str], *, required: bool = False) -> str:
    word = row.text(column, required=required)
    if word and word not in known:
        row.fault(column, _("one of: %(words)s") % {"words": listed(filter(None, known))})
    return word


def _limit(model: type[Company | Join], name: str) -> int:
    limit: int = model._meta.get_field(name).max_length  # type: ignore[union-attr,assignment]
    return limit
