"""The rows of the GPC that ship in data/gpc_structure.csv: read once, checked, and frozen for the engine."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from scoring import DATA
from scoring.engine.cities.account import ROW_LEVELS, Row, Structure
from scoring.tables.rows import Cells, read_cells

VERSION = "GPC 1.1"


@lru_cache(maxsize=1)
def shipped_structure() -> Structure:
    """The rows of this release. Raises BrokenTable."""
    return load_structure(DATA)


def load_structure(folder: Path) -> Structure:
    """Read and check the table. Raises BrokenTable naming file and row."""
    rows: dict[str, Row] = {}
    for cells in read_cells(folder / "gpc_structure.csv"):
        _sourced(cells)
        row = _row(cells)
        if row.ref in rows:
            raise cells.broken("the ref twice", row.ref)
        rows[row.ref] = row
    return Structure(VERSION, tuple(rows.values()))


def _row(cells: Cells) -> Row:
    ref, subsector = cells["ref"], cells["subsector_ref"]
    if not ref.startswith(subsector) or not subsector.startswith(f"{cells['sector_ref']}."):
        raise cells.broken("a ref is its sub-sector's and that its sector's", ref)
    return Row(
        ref=ref,
        sector=cells["sector_ref"],
        subsector=subsector,
        scope=int(cells.one_of("scope", ("1", "2", "3"))),
        level=cells.one_of("reporting_level", ROW_LEVELS),
    )


def _sourced(cells: Cells) -> None:
    for column in ("source", "licence", "verification"):
        if not cells[column]:
            raise cells.broken(f"{column} is missing", "")
