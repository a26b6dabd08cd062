"""The tables that a universe is made of, and their columns; what each column is: data/universe_columns.csv."""

from __future__ import annotations

from dataclasses import dataclass, field

from portfolio.models import Quantity
from portfolio.typed.tables import Fault, Table
from portfolio.universe import candidacy, joined, long_form

# `scope2_t` says nothing of its method. A file that knows has one of the two columns that name it.
QUANTITY_COLUMNS = {quantity.value: quantity for quantity in Quantity} | {
    "scope2_t": Quantity.SCOPE_2_UNSPECIFIED,
    "scope3_t": Quantity.SCOPE_3_TOTAL,
}


@dataclass(frozen=True)
class Form:
    """The columns of one file: without the required ones nothing can be read, unknown ones are noted."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


FORMS = {
    "companies.csv": Form(
        ("name", "country", "sector", "sector_scheme", "source", "licence"),
        ("company_key", "region", "national_id", "ticker", "ticker_note", "isin", "lei", "uscc", "ownership")
        + ("nzt_id", "match_method", "note", "description", "business", "fills_only"),
    ),
    "sector_crosswalk.csv": Form(("sector_scheme", "sector"), ("isic", "scoring_sector", "judgement")),
    "tracks.csv": Form(
        ("company_key", "track", "why", "source", "licence"),
        (*candidacy.TRACK_COLUMNS, "company", "ticker", "country", "confidence", "status", "local_only"),
    ),
    "disclosures.csv": Form(
        ("company_key", "year", "scope1_t", "source", "licence"),
        (*(set(QUANTITY_COLUMNS) - {"scope1_t"}), "boundary", "source_document", "quality_flag"),
    ),
    "financials.csv": Form(
        ("company_key", "year", "revenue", "currency", "source", "licence"),
        ("profit", "equity", "debt", "evic", *candidacy.FINANCIAL_COLUMNS, "employees", "basis", "quality_flag"),
    ),
    "solutions.csv": Form(*candidacy.SOLUTION_COLUMNS),
    "gate_words.csv": Form(*candidacy.GATE_COLUMNS),
    "targets.csv": Form(
        ("company_key", "target_id", "horizon", "target_type", "target_year", "text", "source", "licence"),
        ("percent_reduction", "base_year", "target_year_basis", "scope1", "scope2", "scope3", "ghgs", "status")
        + ("sbti_status", "re100", "source_url", "note"),
    ),
    "facilities.csv": Form(
        ("company_key", "facility_id", "facility", "year", "source", "licence"),
        ("county", "industry", "scope1_t", "scope2_t", "total_t"),
    ),
    "joins.csv": Form(*joined.JOIN_COLUMNS),
    "names.csv": Form(joined.NAME_COLUMNS),
    "figures.csv": Form(*long_form.COLUMNS),
}


@dataclass
class Sources:
    """Tables by their names in FORMS and in that order, and what reading them has brought up so far."""

    tables: dict[str, Table] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)  # names of those that are there and cannot be read
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
