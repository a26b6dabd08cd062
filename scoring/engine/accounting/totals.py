"""Lines add up: by inventory, scope and category, with what is missing said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scoring.engine.accounting.activities import NOTATIONS, ActivityColumns
from scoring.engine.accounting.gwp import GwpTable
from scoring.engine.accounting.rates import Push, Rates, Side, is_memo
from scoring.engine.accounting.uncertainty import (
    bincount,
    squares_by_group,
)
from scoring.engine.columns import Floats, Ints

DENSE_KEYS = 1 << 22  # up to here a table of all possible keys is quicker than sorting


BIOGENIC = "CO2_biogenic"


@dataclass(frozen=True, slots=True)
class Amount:
    """Tonnes with the 95 % half width in percent (Approach 1); None where there are no tonnes to be unsure of."""

    tonnes: float
    half_width_percent: float | None


@dataclass(frozen=True, slots=True)
class Completeness:
    """What the totals hold. Complete means: nothing unestimated (NE), withheld (C) or wrong."""

    lines: int
    estimated: int
    notations: Mapping[str, int]
    errors: int
    complete: bool


@dataclass(frozen=True, slots=True)
class InventoryTotal:
    inventory: str
    scope_1: Amount
    scope_2_location: Amount
    scope_2_market: Amount | None  # None: a line has neither contract nor residual mix
    scope_3: Amount
    total_location: Amount
    total_market: Amount | None
    gases_kg: Mapping[str, Amount]  # `tonnes` are kilograms here; location-based, memos included
    biogenic_co2_t: float
    data_quality: float | None  # 1 best to 5, weighted by location-based tonnes
    completeness: Completeness


@dataclass(frozen=True, eq=False)
class Totals:
    """Sums per inventory. A cell is one question within one inventory: its lines differ in their amounts alone.

    The errors of the amounts are independent from line to line (`spread`, Σ (U x)²); those of the factors are shared,
    so what a factor does everywhere in an inventory is added up before it is squared.
    """

    columns: ActivityColumns
    keys: Ints
    rates: Sequence[Rates]
    errors: set[int]
    cell_inventory: Ints
    cell_key: Ints
    amount: Floats  # Σ x per cell
    spread: Floats  # Σ (U x)² per cell, percent² × unit²
    lines: Ints
    gwps: GwpTable
    gwp_set: str

    @classmethod
    def of(
        cls,
        columns: ActivityColumns,
        keys: Ints,
        rates: Sequence[Rates],
        squares: Floats,
        errors: set[int],
        gwps: GwpTable,
        gwp_set: str,
    ) -> "Totals":
        computed = keys >= 0
        rows = slice(None) if computed.all() else np.flatnonzero(computed)
        key, count = keys[rows], max(len(rates), 1)
        cells = key if len(columns.inventories) == 1 else columns.inventory[rows] * count + key
        space = len(columns.inventories) * count
        if space > max(DENSE_KEYS, 4 * len(columns)):
            cell_codes, cells = np.unique(cells, return_inverse=True)
            space = len(cell_codes)
        else:
            cell_codes = np.arange(space)
        lines = np.bincount(cells, minlength=space)
        filled = np.flatnonzero(lines)
        return cls(
            columns=columns,
            keys=keys,
            rates=rates,
            errors=errors,
            cell_inventory=cell_codes[filled] // count,
            cell_key=cell_codes[filled] % count,
            amount=bincount(cells, columns.amount[rows], space)[filled],
            spread=bincount(cells, squares[rows], space)[filled],
            lines=lines[filled],
            gwps=gwps,
            gwp_set=gwp_set,
        )

    def as_tuple(self) -> tuple[InventoryTotal, ...]:
        inventories = self.columns.inventories
        scope = [each.type.scope for each in self.rates]
        is_1, is_2, is_3 = ([each == wanted for each in scope] for wanted in (1, 2, 3))
        every, none = [True] * len(scope), [False] * len(scope)
        sums = {
            "scope_1": self._sum(is_1),
            "scope_2": self._sum(is_2),
            "market": self._sum(none, market=is_2),
            "scope_3": self._sum(is_3),
            "location": self._sum(every),
            "total_market": self._sum([each != 2 for each in scope], market=is_2),
        }
        names = sorted({rate.gas for each in self.rates for rate in each.location.gases})
        gases = {gas: self._sum(every, gas=gas) for gas in names}
        missing, quality = self._missing_market(), self._quality()
        completeness = self._completeness()
        return tuple(
            InventoryTotal(
                inventory=name,
                scope_1=Amount(*sums["scope_1"][at]),
                scope_2_location=Amount(*sums["scope_2"][at]),
                scope_2_market=None if missing[at] else Amount(*sums["market"][at]),
                scope_3=Amount(*sums["scope_3"][at]),
                total_location=Amount(*sums["location"][at]),
                total_market=None if missing[at] else Amount(*sums["total_market"][at]),
                gases_kg={gas: Amount(*found[at]) for gas, found in gases.items() if found[at][0] > 0},
                biogenic_co2_t=gases[BIOGENIC][at][0] / 1000 if BIOGENIC in gases else 0.0,
                data_quality=float(quality[at]) if quality[at] > 0 else None,
                completeness=completeness[at],
            )
            for at, name in enumerate(inventories)
        )

    def _sum(
        self, wanted: Sequence[bool], *, market: Sequence[bool] | None = None, gas: str = ""
    ) -> list[tuple[float, float | None]]:
        """(tonnes, half width in percent) per inventory, of CO2e or in kilograms of one gas.

        `wanted` and `market` say of each question whether its location-based and its market-based side counts.
        """
        sides: list[Side | None] = []
        for position, each in enumerate(self.rates):
            use_market = market is not None and market[position]
            sides.append(each.market if use_market else each.location if wanted[position] else None)
        inventories = len(self.columns.inventories)
        rate = self._of_cells([_rate_of(side, gas) for side in sides])
        totals = bincount(self.cell_inventory, self.amount * rate, inventories)
        of_amounts = bincount(self.cell_inventory, self.spread * rate * rate, inventories)
        pushes = [self._push_of(push, gas) if sides[position] is side else 0.0 for position, side, push in self._pushes]
        half_widths = np.sqrt(of_amounts + self._factor_variance(pushes, inventories))
        return [
            (total, half / total if total > 0 else None)
            for total, half in zip(totals.tolist(), half_widths.tolist(), strict=True)
        ]

    def _push_of(self, push: Push, gas: str) -> float:
        if gas:
            return push.percent_kg if push.gas == gas else 0.0
        return 0.0 if is_memo(push.gas) else push.percent_kg * self.gwps.gwp(self.gwp_set, push.gas) / 1000

    def _of_cells(self, values: Sequence[float]) -> Floats:
        """The value of each cell's question; where there is no question at all, the cells are empty ones."""
        return np.array(values or [0.0], dtype=np.float64)[self.cell_key]

    @cached_property
    def _pushes(self) -> list[tuple[int, Side, Push]]:
        """Of each question, what its factors' errors do on either side, in one order."""
        return [
            (position, side, push)
            for position, each in enumerate(self.rates)
            for side in (each.location, *([each.market] if each.market and each.market is not each.location else []))
            for push in side.pushes
        ]

    @cached_property
    def _spread_of_factors(self) -> tuple[Ints, Ints, Ints, int]:
        """For each cell and push of its question: the cell, the push and the factor's code; and how many factors."""
        ids = sorted({push.factor_id for _, _, push in self._pushes})
        code_of = {factor_id: code for code, factor_id in enumerate(ids)}
        codes = np.array([code_of[push.factor_id] for _, _, push in self._pushes], dtype=np.int64)
        counts = np.bincount([position for position, _, _ in self._pushes] or [0], minlength=max(len(self.rates), 1))
        counts = counts if self._pushes else np.zeros_like(counts)
        of_cell = counts[self.cell_key]
        cells = np.repeat(np.arange(len(of_cell)), of_cell)
        within = np.arange(len(cells)) - np.repeat(np.cumsum(of_cell) - of_cell, of_cell)
        pushes = (np.cumsum(counts) - counts)[self.cell_key[cells]] + within
        return cells, pushes, codes[pushes], len(ids)

    def _factor_variance(self, percents: Sequence[float], inventories: int) -> Floats:
        """Σ over factors of (Σ of what its error does in all cells)², per inventory."""
        cells, pushes, codes, factors = self._spread_of_factors
        if not factors:
            return np.zeros(inventories)
        pushed = self.amount[cells] * np.array(percents)[pushes]
        return squares_by_group(pushed, codes, factors, self.cell_inventory[cells], inventories)

    def _missing_market(self) -> Ints:
        """Lines of scope 2 that have no market-based result, per inventory."""
        missing = self._of_cells([float(each.type.scope == 2 and each.market is None) for each in self.rates])
        weights = self.lines * missing
        return np.bincount(self.cell_inventory, weights, len(self.columns.inventories)).astype(np.int64)

    def _quality(self) -> Floats:
        """Data quality weighted by tonnes; 0 where there are none."""
        inventories = len(self.columns.inventories)
        rate = self._of_cells([each.location.co2e_kg_per_unit for each in self.rates])
        score = self._of_cells([float(each.type.data_quality) for each in self.rates])
        tonnes = bincount(self.cell_inventory, self.amount * rate, inventories)
        weighted = bincount(self.cell_inventory, self.amount * rate * score, inventories)
        return np.divide(weighted, tonnes, out=np.zeros(inventories), where=tonnes > 0)

    def _completeness(self) -> list[Completeness]:
        inventories, columns = len(self.columns.inventories), self.columns
        lines = np.bincount(columns.inventory, minlength=inventories)
        estimated = np.bincount(self.cell_inventory, self.lines, inventories).astype(np.int64)
        wrong = np.bincount(columns.inventory[sorted(self.errors)], minlength=inventories)
        counts = np.zeros((inventories, len(NOTATIONS)), dtype=np.int64)
        noted = np.flatnonzero(columns.notation >= 0)
        for row in noted.tolist():
            if row not in self.errors:
                counts[columns.inventory[row], columns.notation[row]] += 1
        return [
            self._one_completeness(int(lines[at]), int(estimated[at]), counts[at].tolist(), int(wrong[at]))
            for at in range(inventories)
        ]

    @staticmethod
    def _one_completeness(lines: int, estimated: int, counts: list[int], wrong: int) -> Completeness:
        notations = {key: count for key, count in zip(NOTATIONS, counts, strict=True) if count}
        complete = not wrong and "NE" not in notations and "C" not in notations and lines > 0
        return Completeness(lines, estimated, notations, wrong, complete)


def _rate_of(side: Side | None, gas: str) -> float:
    """Tonnes of CO2e per unit, or kilograms of one gas."""
    if side is None:
        return 0.0
    if not gas:
        return side.co2e_kg_per_unit / 1000
    return sum([rate.kg_per_unit for rate in side.gases if rate.gas == gas])
