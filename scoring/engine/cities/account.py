"""A city's account by the sub-sectors and scopes of the GPC, its totals, and how complete they are.

Source: Global Protocol for Community-Scale Greenhouse Gas Inventories, version 1.1 (WRI, C40, ICLEI 2021): reporting
levels, notation keys (table 2.1). A notation key is never 0 and never blank; biogenic CO2 stands apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from scoring.engine.accounting.uncertainty import sum_by_factor
from scoring.engine.errors import CellRefused

NOT_OCCURRING, NOT_ESTIMATED, ELSEWHERE, CONFIDENTIAL = "NO", "NE", "IE", "C"
KEYS = (NOT_OCCURRING, NOT_ESTIMATED, ELSEWHERE, CONFIDENTIAL)
BASES = ("measured", "calculated", "estimated", "reported")
BASIC, BASIC_PLUS, TERRITORIAL, OTHER = "BASIC", "BASIC+", "TERRITORIAL", "OTHER"
ROW_LEVELS = (BASIC, BASIC_PLUS, TERRITORIAL, OTHER)
LAND = "V.2"  # the one sub-sector that may take up more than it emits


@dataclass(frozen=True)
class Row:
    """A cell that the GPC knows: a sub-sector in one scope, and the level from which on it is asked for."""

    ref: str  # I.1.1
    sector: str  # I
    subsector: str  # I.1
    scope: int
    level: str  # in ROW_LEVELS


@dataclass(frozen=True)
class Structure:
    """The rows of one version of the GPC, in its order."""

    version: str
    rows: tuple[Row, ...]

    @cached_property
    def by_ref(self) -> Mapping[str, Row]:
        return {row.ref: row for row in self.rows}

    def of_total(self, total: str) -> tuple[Row, ...]:
        """The rows that a total is over: BASIC, BASIC+ (which has BASIC in it) or TERRITORIAL (all of scope 1).

        Grid-supplied generation and waste from outside are in TERRITORIAL alone, so that cities add up to a nation.
        """
        if total == TERRITORIAL:
            return tuple(row for row in self.rows if row.scope == 1)
        levels = {BASIC: (BASIC,), BASIC_PLUS: (BASIC, BASIC_PLUS)}[total]
        return tuple(row for row in self.rows if row.level in levels)


@dataclass(frozen=True)
class Cell:
    """What a city says of one row: tonnes CO2e a year or a notation key, never both and never neither.

    `biogenic_t` is CO2 of biomass, a memo that is in no total. Half widths of 95 % intervals are of activity and
    factor: cells with one `factor_id` rest on the same factor, whose doubt does not cancel between them. Of a figure
    that was reported whole, all doubt is the activity's.
    """

    ref: str
    tonnes: float | None = None
    key: str = ""
    target: str = ""  # of IE: the ref that has the tonnes
    why: str = ""  # of NE and C it is asked for
    basis: str = ""
    source: str = ""
    activity_u95_percent: float | None = None
    factor_u95_percent: float = 0.0
    factor_id: str = ""
    biogenic_t: float | None = None

    @property
    def u95_percent(self) -> float | None:
        """Half width of the 95 % interval of its tonnes: the two together."""
        own = self.activity_u95_percent
        return None if own is None else math.hypot(own, self.factor_u95_percent)


@dataclass(frozen=True)
class Total:
    """Tonnes of the rows that have any; None where none has. Never read it without `completeness`."""

    name: str
    tonnes: float | None
    u95_percent: float | None  # None where a cell with tonnes has no interval
    biogenic_t: float | None  # memo, outside `tonnes`
    rows: int
    valued: int
    not_occurring: int
    elsewhere: int  # IE whose target is in this total
    open: tuple[str, ...]  # NE, C, blank, and IE whose target is outside this total

    @property
    def completeness(self) -> float:
        """The share of rows of which nothing is missing, 0 to 1."""
        return (self.rows - len(self.open)) / self.rows


@dataclass(frozen=True)
class Account:
    """The cells of one city and year, checked. A row without a cell is blank, which is neither zero nor NO."""

    structure: Structure
    cells: Mapping[str, Cell]

    @classmethod
    def build(cls, structure: Structure, cells: Iterable[Cell]) -> Account:
        """Raises CellRefused for what contradicts itself; its code is one of `words.REFUSED`."""
        found: dict[str, Cell] = {}
        for cell in cells:
            _check(structure, cell)
            if cell.ref in found:
                raise CellRefused("twice", value=cell.ref, ref=cell.ref)
            found[cell.ref] = cell
        for cell in found.values():
            if cell.key == ELSEWHERE and _tonnes(found.get(cell.target)) is None:
                raise CellRefused("target_is_empty", value=cell.target, ref=cell.ref)
        return cls(structure, found)

    @property
    def blank(self) -> tuple[str, ...]:
        return tuple(row.ref for row in self.structure.rows if row.ref not in self.cells)

    def total(self, name: str) -> Total:
        """Of BASIC, BASIC+ or TERRITORIAL."""
        return self._total(name, self.structure.of_total(name))

    def sector(self, sector: str, total: str = BASIC_PLUS) -> Total:
        return self._total(sector, tuple(row for row in self.structure.of_total(total) if row.sector == sector))

    def scope(self, scope: int, total: str = BASIC_PLUS) -> Total:
        return self._total(str(scope), tuple(row for row in self.structure.of_total(total) if row.scope == scope))

    def _total(self, name: str, rows: tuple[Row, ...]) -> Total:
        refs = {row.ref for row in rows}
        cells = [self.cells[row.ref] for row in rows if row.ref in self.cells]
        valued = [cell for cell in cells if cell.tonnes is not None]
        nothing = {cell.ref for cell in cells if cell.key == NOT_OCCURRING}
        inside = {cell.ref for cell in cells if cell.key == ELSEWHERE and cell.target in refs}
        told = {cell.ref for cell in valued} | nothing | inside
        memos = [cell.biogenic_t for cell in cells if cell.biogenic_t is not None]
        return Total(
            name=name,
            tonnes=math.fsum(cell.tonnes for cell in valued if cell.tonnes is not None) if valued else None,
            u95_percent=_u95_percent(valued),
            biogenic_t=math.fsum(memos) if memos else None,
            rows=len(rows),
            valued=len(valued),
            not_occurring=len(nothing),
            elsewhere=len(inside),
            open=tuple(row.ref for row in rows if row.ref not in told),
        )


def fuel_tonnes(
    amount: float, kg_per_unit: Mapping[str, float], gwp: Mapping[str, float], *, biogenic: bool = False
) -> tuple[float, float]:
    """Tonnes CO2e of a fuel, and its biogenic CO2 in tonnes: amount × Σ factor × GWP over the gases.

    Of biomass the CO2 is a memo, while its CH4 and N2O count (GPC 1.1, 4.3; IPCC 2006 vol. 1, 1.1).
    `kg_per_unit` is by gas, per unit of the amount. Raises CellRefused below zero and for a gas without potential.
    """
    counted_kg = memo_kg = 0.0
    for gas, factor in kg_per_unit.items():
        if amount < 0.0 or factor < 0.0:
            raise CellRefused("negative", value=min(amount, factor), ref="")
        if gas not in gwp:
            raise CellRefused("no_gwp", value=gas, ref="")
        if biogenic and gas == "CO2":
            memo_kg += amount * factor
        else:
            counted_kg += amount * factor * gwp[gas]
    return counted_kg / 1000.0, memo_kg / 1000.0


def grid_tonnes(consumption_mwh: float, loss_share: float, grid_t_per_mwh: float) -> tuple[float, float]:
    """Scope 2 of electricity from the grid, and scope 3 of what is lost on the way to it, in tonnes.

    Losses are a share of what arrives. Source: GPC 1.1, 6.5. Raises CellRefused below zero and for losses above all.
    """
    for value in (consumption_mwh, loss_share, grid_t_per_mwh):
        if not (math.isfinite(value) and value >= 0.0):
            raise CellRefused("negative", value=value, ref="")
    if loss_share > 1.0:
        raise CellRefused("loss_above_all", value=loss_share, ref="")
    scope_2_t = consumption_mwh * grid_t_per_mwh
    return scope_2_t, scope_2_t * loss_share


def _check(structure: Structure, cell: Cell) -> None:
    def refuse(code: str, value: object) -> CellRefused:
        return CellRefused(code, value=value, ref=cell.ref)

    row = structure.by_ref.get(cell.ref)
    if row is None:
        raise refuse("unknown_ref", cell.ref)
    if cell.key and cell.key not in KEYS:
        raise refuse("unknown_key", cell.key)
    if cell.key and cell.tonnes is not None:
        raise refuse("key_and_tonnes", cell.key)
    if not cell.key and cell.tonnes is None:
        raise refuse("blank", cell.ref)
    if cell.tonnes is not None:
        _check_tonnes(row, cell)
    elif cell.basis or cell.activity_u95_percent is not None or cell.factor_u95_percent:
        raise refuse("key_with_basis", cell.key)
    if (cell.key == ELSEWHERE) != bool(cell.target):
        raise refuse("target_of_ie_only", cell.target)
    if cell.key == ELSEWHERE and (cell.target not in structure.by_ref or cell.target == cell.ref):
        raise refuse("unknown_target", cell.target)
    if cell.key in (NOT_ESTIMATED, CONFIDENTIAL) and not cell.why.strip():
        raise refuse("no_reason", cell.key)
    if cell.biogenic_t is not None:
        if not (math.isfinite(cell.biogenic_t) and cell.biogenic_t >= 0.0):
            raise refuse("negative", cell.biogenic_t)
        if cell.key == NOT_OCCURRING and cell.biogenic_t > 0.0:
            raise refuse("not_occurring_but_biogenic", cell.biogenic_t)


def _check_tonnes(row: Row, cell: Cell) -> None:
    assert cell.tonnes is not None  # noqa: S101  the caller has looked
    if not math.isfinite(cell.tonnes):
        raise CellRefused("not_finite", value=cell.tonnes, ref=cell.ref)
    if cell.tonnes < 0.0 and row.subsector != LAND:
        raise CellRefused("negative", value=cell.tonnes, ref=cell.ref)
    if cell.basis not in BASES:
        raise CellRefused("unknown_basis", value=cell.basis, ref=cell.ref)
    if not cell.source.strip():
        raise CellRefused("no_source", value=cell.source, ref=cell.ref)
    for percent in (cell.activity_u95_percent, cell.factor_u95_percent):
        if percent is not None and not (math.isfinite(percent) and percent >= 0.0):
            raise CellRefused("negative", value=percent, ref=cell.ref)


def _tonnes(cell: Cell | None) -> float | None:
    return None if cell is None else cell.tonnes


def _u95_percent(valued: list[Cell]) -> float | None:
    """Approach 1 over the cells; None where one of them has no interval, or they come to 0."""
    known = [cell.activity_u95_percent for cell in valued if cell.activity_u95_percent is not None]
    tonnes = [cell.tonnes or 0.0 for cell in valued]
    if not valued or len(known) < len(valued) or not sum(tonnes):
        return None
    factors = [f"factor {cell.factor_id}" if cell.factor_id else f"cell {cell.ref}" for cell in valued]
    return sum_by_factor(tonnes, known, [cell.factor_u95_percent for cell in valued], factors)
