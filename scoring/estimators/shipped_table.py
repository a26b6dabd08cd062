"""The training table that ships: company-years of the licence-clean universe, in the columns of a training table."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from portfolio.models import ExchangeRates
from portfolio.typed.tables import whole_table
from portfolio.universe.words import DEMO_UNIVERSE, exchange_rates, sector_of
from scoring import DATA

SHIPPED = DATA / "training" / "open_2020_2024.csv"
COLUMNS = (
    "company_key",
    "year",
    "sector",
    "description",
    "scope1_t",
    "scope2_t",
    "revenue_cny",
    "electricity_kwh",
    "energy_mj",
    "coal_t",
    "source",
    "licence",
)


def build(universe: Path = DEMO_UNIVERSE) -> str:
    """The CSV: emissions and activity as the source has them, both scopes above zero.

    Our changes: `sector` is the scoring sector of our crosswalk and `description` the source's own word for the
    sector; revenue is in yuan at the year's mean rate; a figure that the universe flags as doubtful is left empty.
    """
    out = io.StringIO()
    rows = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    rows.writeheader()
    rows.writerows(_rows(universe))
    return out.getvalue()


def _rows(universe: Path) -> Iterator[dict[str, str]]:
    companies = {row["company_key"]: row for row in _read(universe / "companies.csv")}
    revenue = _revenue_cny(universe)
    disclosures = _read(universe / "disclosures.csv")
    for row in sorted(disclosures, key=lambda row: (row["company_key"], row["year"])):
        scope2_t = row.get("scope2_t") or row.get("scope2_location_t") or ""
        if not (float(row["scope1_t"] or 0) > 0 and float(scope2_t or 0) > 0):
            continue
        company = companies[row["company_key"]]
        sector = sector_of(company["sector_scheme"], company["sector"], company["company_key"])
        doubtful = "electricity" in row["quality_flag"]
        yield {
            "company_key": row["company_key"],
            "year": row["year"],
            "sector": sector.sector if sector else "",
            "description": company["sector"],
            "scope1_t": row["scope1_t"],
            "scope2_t": scope2_t,
            "revenue_cny": revenue.get((row["company_key"], row["year"]), ""),
            "electricity_kwh": "" if doubtful else row["electricity_kwh"],
            "energy_mj": row["energy_mj"],
            "coal_t": row["coal_t"],
            "source": row["source"],
            "licence": row["licence"],
        }


def _revenue_cny(universe: Path) -> dict[tuple[str, str], str]:
    """Revenue of a company-year in yuan, rounded to one; left out where it is doubtful or has no exchange rate."""
    rates = ExchangeRates(row[:4] for row in exchange_rates())
    found: dict[tuple[str, str], str] = {}
    for row in _read(universe / "financials.csv"):
        if not (row["year"] and row["revenue"]) or "revenue" in row["quality_flag"]:
            continue
        if applied := rates.of_year(row["currency"], int(row["year"])):
            found[row["company_key"], row["year"]] = str(round(float(row["revenue"]) * applied.cny_per_unit))
    return found


def _read(path: Path) -> list[dict[str, str]]:
    return [row.cells for row in whole_table(path).rows]
