"""Tables to train on: read, judged, kept with their licence."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from portfolio import audit
from portfolio.models import Disclosure, ExchangeRate, Figure, Financials, Quantity, Substitution
from portfolio.typed import tables
from scoring.engine import digest
from scoring.errors import ModelRefused
from scoring.estimators.training_tables import (
    SCHEMA,
    TrainingTable,
    UnreadableTable,
    parse_training_table,
)
from scoring.models.estimator import TrainingSet
from scoring.snapshots import SCOPE_2

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SHIPPED_LICENCE = (
    "MIT © 2025 綠色公民行動聯盟 (GCAA); CC BY 4.0 Robert Höglund; LICENSE and attribution in the table's README"
)
SHIPPED_ORIGIN = (
    "Taiwan Ministry of Environment emissions register and company filings, compiled by GCAA carbon-watch; Robert"
    " Höglund, Profit and Emissions database (Carbon Gap 2020), by way of OpenClimate"
)
BUILT_LICENCE = "disclosures of the companies themselves: for estimates here, not to be passed on"
LONGEST_LICENCE, LONGEST_ORIGIN = 300, 600  # characters, as the columns
MOST_BYTES = 5_000_000  # of an uploaded table


@dataclass(frozen=True)
class Taken:
    """A table that was read and may be taken, with what a person should know before."""

    table: TrainingTable
    text: str
    name: str
    is_small: bool  # a model of it is the sector median
    same: TrainingSet | None  # it is there already


def read_table(raw: bytes, name: str) -> Taken:
    """Raises the TrainingTableError that names the fault."""
    if len(raw) > MOST_BYTES:
        raise UnreadableTable("larger than 5 MB", name)
    table = parse_training_table(raw, name)
    companies = len(set(table.batch.company_key))
    same = TrainingSet.objects.filter(digest=table.digest).first()
    return Taken(table, table.text, name[:120], is_too_small(len(table.batch), companies), same)


def is_too_small(rows: int, companies: int) -> bool:
    from scoring.engine.estimator.estimator import FEWEST_COMPANIES, FEWEST_ROWS

    return rows < FEWEST_ROWS or companies < FEWEST_COMPANIES


def take_table(taken: Taken, *, licence: str, origin: str, kind: str, by: User | None) -> tuple[TrainingSet, bool]:
    """(the row, is new): the same content is the same training set. Raises ModelRefused without licence or origin."""
    if not licence.strip() or not origin.strip():
        raise ModelRefused(_("A training set needs its licence and its origin."))
    if len(licence.strip()) > LONGEST_LICENCE or len(origin.strip()) > LONGEST_ORIGIN or "\x00" in licence + origin:
        raise ModelRefused(
            _("The licence may have %(licence)d characters and the origin %(origin)d, all of them printable.")
            % {"licence": LONGEST_LICENCE, "origin": LONGEST_ORIGIN}
        )
    if taken.same:
        return taken.same, False
    table = taken.table
    try:
        with transaction.atomic():
            made = TrainingSet.objects.create(
                name=taken.name,
                kind=kind,
                schema=SCHEMA,
                digest=table.digest,
                content=taken.text,
                content_sha256=digest(taken.text),
                licence=licence.strip(),
                origin=origin.strip(),
                rows=len(table.batch),
                companies=len(set(table.batch.company_key)),
                left_out=len(table.faults),
                taken_by=by,
            )
            audit.append(by, "training_set.taken", f"training_set:{made.pk}", digest=made.digest, detail=made.name)
    except IntegrityError:
        return TrainingSet.objects.get(digest=table.digest), False
    return made, True


def table_of(training_set: TrainingSet) -> TrainingTable:
    """The stored table, read again. Raises ModelRefused where its content is not what was taken."""
    if digest(training_set.content) != training_set.content_sha256:
        raise ModelRefused(_("The content of this training set is not what was taken."))
    table = parse_training_table(training_set.content.encode(), training_set.name)
    if table.digest != training_set.digest:
        raise ModelRefused(_("The content of this training set is not what was taken."))
    return table


VERIFIED_COLUMNS = (
    *("company_key", "year", "sector", "description", "scope1_t", "scope2_t", "revenue_cny"),
    *("electricity_kwh", "energy_mj", "coal_t", "water_t", "waste_t", "licence"),
)


def verified_rows() -> list[dict[str, str]]:
    """A row for each verified disclosure that stands and has both scopes, in the columns of a training table."""
    standing = Disclosure.objects.standing().filter(state=Disclosure.State.VERIFIED).order_by("company__company_key")
    standing = standing.badged()  # a substituted figure is cautious, not measured
    standing = standing.exclude(models.Exists(Substitution.objects.in_force().filter(disclosure=models.OuterRef("pk"))))
    told = list(
        standing.values_list(
            "pk", "company_id", "company__company_key", "company__sector", "year", "company__sector_source", "licence"
        )
    )
    figures: dict[int, dict[str, float | None]] = {}
    for pk, quantity, value in Figure.objects.filter(disclosure_id__in=[row[0] for row in told]).values_list(
        "disclosure_id", "quantity", "value"
    ):
        figures.setdefault(pk, {})[quantity] = value
    companies = {row[1] for row in told}
    revenues = _revenues_cny(companies)
    rows = []
    for pk, company_id, key, sector, year, words, licence in told:
        mine = figures.get(pk, {})
        scope_2 = next((mine[kind] for kind in SCOPE_2.values() if mine.get(kind)), None)
        if not mine.get(Quantity.SCOPE_1) or not scope_2:
            continue
        values: dict[str, Any] = {"scope1_t": mine[Quantity.SCOPE_1], "scope2_t": scope_2}
        values["revenue_cny"] = mine.get(Quantity.REVENUE) or revenues.get((company_id, year))
        values |= {name: mine.get(name) for name in ("electricity_kwh", "energy_mj", "coal_t", "water_t", "waste_t")}
        written = {name: "" if value is None else repr(value) for name, value in values.items()}
        facts = {"company_key": key, "year": str(year), "sector": sector, "description": words, "licence": licence}
        rows.append(facts | written)
    return rows


def _revenues_cny(companies: Collection[int]) -> dict[tuple[int, int], float]:
    """By company and year, at the year's mean; where the accounts of a year differ, the last entered."""
    rates = ExchangeRate.objects.means()
    earned = Financials.objects.counting().filter(company_id__in=companies, year__isnull=False, revenue__isnull=False)
    found: dict[tuple[int, int], float] = {}
    for company, year, value, currency in earned.order_by("pk").values_list(
        "company_id", "year", "revenue", "currency"
    ):
        if year and value is not None and (applied := rates.of_year(currency, year)):
            found[company, year] = value * applied.cny_per_unit
    return found


def build_table(base: TrainingSet | None) -> Taken:
    """The verified disclosures of the database, in addition to a table where one is given.

    A verified company-year takes the place of the same one in the table. Raises a TrainingTableError.
    """
    rows = {(row["company_key"], row["year"]): row for row in verified_rows()}
    if base is not None:
        stored = tables.read_table(base.content.encode(), (), None, [], pads=True)
        before = [row.cells for row in stored.rows] if stored else []
        rows = {(row["company_key"], row["year"]): row for row in before} | rows
    columns = list(dict.fromkeys([*VERIFIED_COLUMNS, *(name for row in rows.values() for name in row)]))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows[key] for key in sorted(rows))
    return read_table(out.getvalue().encode(), "verified disclosures" + (f" and {base.name}" if base else ""))


def take_verified(base: TrainingSet | None, by: User | None) -> tuple[TrainingSet, bool]:
    """Build the set and keep it. Raises a TrainingTableError where it would mislead."""
    taken = build_table(base)
    licence = BUILT_LICENCE if base is None else f"{base.licence}; {BUILT_LICENCE}"
    origin = "verified disclosures of this database"
    origin += "" if base is None else f"; {base.name}: {base.origin}"
    return take_table(taken, licence=licence[:300], origin=origin[:600], kind=TrainingSet.Kind.BUILT, by=by)
