"""The bar sheet that ships with the product: tables in scoring/data/bar_sheet_1, made a row after each migrate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction

from portfolio.models import Track
from scoring import DATA
from scoring.bar_sheets.footprint import ClassBar, Reporter, class_bars
from scoring.engine.columns import canonical_json
from scoring.engine.errors import BrokenTable
from scoring.engine.score.bar_sheet import (
    DENOMINATORS,
    GRID_USES,
    JUDGEMENTS,
    RUNGS,
    U_INPUTS,
    BarSheet,
    Family,
    FootprintBar,
    GridPath,
    Judgements,
    Reference,
)
from scoring.models.bar_sheet import Sources
from scoring.tables.rows import Cells, read_cells

FOLDER = DATA / "bar_sheet_1"
LICENCED = "Klimatkollen (Klimatbyrån), companies’ own reports, MIT licence"


@dataclass(frozen=True)
class Shipped:
    title: str
    active_from: date
    sheet: BarSheet
    sources: Sources


def install_shipped(**_: Any) -> None:
    """After each migrate: the shipped sheet exists as rows, in force from its day. An edited one is refused."""
    from scoring.models import BarSheet as Stored

    shipped = read(FOLDER)
    content = canonical_json(shipped.sheet.to_json())
    with transaction.atomic():
        stored = Stored.objects.filter(version=shipped.sheet.version).first()
        if stored is None:
            made = Stored.make(shipped.sheet, shipped.sources, title=shipped.title, is_shipped=True)
            # Nobody of the house approved it: the product did, and its page says so.
            Stored.objects.filter(pk=made.pk).update(
                state=Stored.State.ACTIVE, content=content, digest=shipped.sheet.digest, active_from=shipped.active_from
            )
        elif stored.is_shipped and stored.digest != shipped.sheet.digest:
            raise ValueError(
                f"{FOLDER.name} differs from the stored bar sheet {stored.version}: a change needs a new version."
            )


@cache
def read(folder: Path) -> Shipped:
    """Raises BrokenTable, named by file and row, and what the engine refuses of a sheet."""
    told = {row["name"]: row for row in read_cells(folder / "judgements.csv")}
    uncertainties = read_cells(folder / "u95.csv")
    u95: dict[str, dict[str, float]] = {}
    for row in uncertainties:
        u95.setdefault(row.one_of("input", U_INPUTS), {})[row.one_of("rung", RUNGS)] = row.number("half_width")
    bars = {row["class"]: _footprint_bar(row) for row in read_cells(folder / "footprint_bars.csv")}
    sheet = BarSheet(
        version=told["version"]["value"],
        data_year=told["data_year"].year("value"),
        closing_day=told["closing_day"]["value"],
        stand_in_place=told["stand_in_place"]["value"],
        judgements=_judgements(told),
        u95=u95,
        paths=tuple(_path(row) for row in read_cells(folder / "paths.csv")),
        families=tuple(_family(row, bars) for row in read_cells(folder / "families.csv")),
    )
    return Shipped(
        title=told["title"]["value"],
        active_from=date.fromisoformat(told["active_from"]["value"]),
        sheet=BarSheet.from_json(sheet.to_json()),
        sources={(row["input"], row["rung"]): row["source"] for row in uncertainties},
    )


def measured_bars(folder: Path, yuan_per: Callable[[str, int], float], judgements: Judgements) -> list[ClassBar]:
    """What the shipped reporters come to, to compare with what is frozen in the sheet."""
    return class_bars(
        [_reporter(row) for row in read_cells(folder / "footprint_reporters.csv")], yuan_per, judgements, LICENCED
    )


def frozen_bars(folder: Path) -> dict[str, FootprintBar]:
    return {row["class"]: _footprint_bar(row) for row in read_cells(folder / "footprint_bars.csv")}


def _judgements(told: dict[str, Cells]) -> Judgements:
    """Every judgement is told, none is left to a default."""
    found: dict[str, Any] = {}
    for field in fields(Judgements):
        if field.name not in told:
            raise BrokenTable("no such judgement", table="judgements.csv", row="-", value=field.name)
        row, default = told[field.name], field.default
        if isinstance(default, tuple):
            found[field.name] = tuple(float(word) for word in row["value"].split())
        elif isinstance(default, str):
            found[field.name] = row["value"]
        else:
            found[field.name] = int(row.number()) if isinstance(default, int) else row.number()
    return Judgements(**found)


def _path(row: Cells) -> GridPath:
    return GridPath(
        place=row["place"],
        purpose=row["purpose"],
        base_year=row.year("base_year"),
        t_per_mwh=row.number("t_per_mwh"),
        fall_t_per_mwh_year=row.number("fall_t_per_mwh_year"),
        source=row["source"],
    )


def _family(row: Cells, bars: dict[str, FootprintBar]) -> Family:
    return Family(
        code=row["code"],
        track=row.one_of("track", Track.values),
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        unit=row["unit"],
        service_unit=row["service_unit"],
        judgement=row.one_of("judgement", JUDGEMENTS),  # type: ignore[arg-type]
        grid_use=row.one_of("grid_use", GRID_USES),  # type: ignore[arg-type]
        own_inputs=tuple(row["own_inputs"].split()),
        reference=_reference(row) if row["life_years"] else None,
        denominator=row.one_of("denominator", DENOMINATORS),  # type: ignore[arg-type]
        footprint_bar=bars[row.one_of("footprint_class", bars)] if row["footprint_class"] else None,
        expires_on=row["expires_on"] or None,
        attribution_zh=row["attribution_zh"],
        attribution_en=row["attribution_en"],
        doubts_zh=row["doubts_zh"],
        doubts_en=row["doubts_en"],
        sources=tuple(source.strip() for source in row["sources"].split(" | ") if source.strip()),
    )


def _reference(row: Cells) -> Reference:
    told = {field.name: row.number(field.name) for field in fields(Reference)}
    return Reference(**told | {"life_years": int(told["life_years"])})  # type: ignore[arg-type]


def _footprint_bar(row: Cells) -> FootprintBar:
    return FootprintBar(
        value=row.number("value"),
        basis=row.one_of("basis", ("benchmark", "median")),  # type: ignore[arg-type]
        source=row["source"],
        n=int(row.number("n")),
        median=row.number("median"),
        sd_ln=row.number("sd_ln"),
        classes=tuple(row["divisions"].split()),
        years=tuple(int(year) for year in row["years"].split()),
    )


def _reporter(row: Cells) -> Reporter:
    return Reporter(
        name=row["name"],
        industry_class=row["class"],
        division=row["division"],
        reason=row["reason"],
        year=row.year(),
        scope1_t=row.number("scope1_t"),
        scope2_location_t=row.number("scope2_location_t"),
        revenue=row.number("revenue"),
        currency=row["currency"],
    )
