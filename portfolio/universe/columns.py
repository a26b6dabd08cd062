"""What each column of each table is, for the page, the template and the docs: data/universe_columns.csv."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from portfolio import DATA
from portfolio.typed.tables import whole_table
from portfolio.universe.tables import FORMS, QUANTITY_COLUMNS

# Figures of the two example rows; what each quantity is says its own label.
EXAMPLE_FIGURES = {"scope1_t": "18500", "scope2_location_t": "42000", "electricity_kwh": "76000000"}


@dataclass(frozen=True)
class Column:
    """In the reader's language; `examples` has one cell for each of the two example rows, `example` the nearer one."""

    name: str
    label: str
    about: str
    is_required: bool
    examples: tuple[str, str]

    @property
    def example(self) -> str:
        chinese, european = self.examples
        return (european or chinese) if _is_english() else (chinese or european)


def table_label(table: str) -> str:
    """`table` as in FORMS."""
    return {
        "companies.csv": _("Companies"),
        "sector_crosswalk.csv": _("Sector crosswalk"),
        "tracks.csv": _("Tracks"),
        "disclosures.csv": _("Emissions and activity"),
        "financials.csv": _("Financials"),
        "solutions.csv": _("Sold or run"),
        "gate_words.csv": _("Words on gates"),
        "targets.csv": _("Targets"),
        "facilities.csv": _("Facilities"),
        "joins.csv": _("Joins: whose figures"),
        "names.csv": _("Chinese names"),
        "figures.csv": _("Single figures"),
    }[table]


def columns_of(table: str) -> list[Column]:
    """Whom a row is about first, then what must be there, then the others."""
    form = FORMS[table]
    found = []
    for name in (*form.required, *form.optional):
        required = name in form.required
        if table == "disclosures.csv" and name in QUANTITY_COLUMNS:
            quantity = QUANTITY_COLUMNS[name]
            example = EXAMPLE_FIGURES.get(name, "")
            found.append(Column(name, str(quantity.label), quantity.unit, required, (example, "")))
            continue
        cells = _cells()[table, name]
        side = "en" if _is_english() else "zh"
        examples = (cells["example_1"], cells["example_2"])
        found.append(Column(name, cells[f"name_{side}"], cells[f"about_{side}"], required, examples))
    return sorted(found, key=lambda column: column.name != "company_key")


def other_names(table: str) -> dict[str, str]:
    """What a column may be called besides its own name: as the page and the template explain it, in both languages."""
    found: dict[str, str] = {}
    for language in ("zh-hans", "en"):
        with override(language):
            found |= {column.label: column.name for column in columns_of(table)}
    return {
        label: name for label, name in found.items() if label not in (*FORMS[table].required, *FORMS[table].optional)
    }


def _is_english() -> bool:
    return (get_language() or "").startswith("en")


@lru_cache(maxsize=1)
def _cells() -> dict[tuple[str, str], dict[str, str]]:
    rows = (row.cells for row in whole_table(DATA / "universe_columns.csv").rows)
    return {(f"{cells['table']}.csv", cells["column"]): cells for cells in rows}
