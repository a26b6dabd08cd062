"""Table 3.2 of two inventories of one company: what each category adds to the uncertainty of a year and of the trend.

Source: 2006 IPCC Guidelines, volume 1, chapter 3, section 3.2.3. A row is one gas of all lines that rest on one
emission factor, for rows must be independent of each other. The heating value that two gases of one fuel share is not
told apart in the table, as the guidelines have it.
"""

import math
from dataclasses import dataclass, field

from scoring.engine.accounting.ledger import Ledger, Sum
from scoring.engine.accounting.rates import GasRate, Side, is_memo
from scoring.engine.accounting.table_3_2 import Row32, Table32, table_3_2


@dataclass(frozen=True, slots=True)
class Category:
    """What a row is about: activity and place of its factor, and the gas. A contract has its name for a place."""

    activity: str
    place: str
    gas: str


@dataclass(frozen=True)
class Trend:
    """Table 3.2 with its categories, row by row; tonnes of CO2e."""

    categories: tuple[Category, ...]
    table: Table32


@dataclass(slots=True)
class _Cell:
    """One category in one year: Σ tonnes, Σ (U_activity tonnes)², and what each factor does."""

    tonnes: float = 0.0
    square: float = 0.0
    pushes: dict[str, float] = field(default_factory=dict)

    @property
    def activity_percent(self) -> float:
        return math.sqrt(self.square) / self.tonnes

    @property
    def factor_percent(self) -> float:
        return math.sqrt(sum([push**2 for push in self.pushes.values()])) / self.tonnes


def trend(base: Ledger, year: Ledger, base_of: Sum, of: Sum) -> Trend:
    """Table 3.2 of a sum of `year` since a sum of `base`, in the order of the categories.

    A factor that is another number in both years, as that of a grid is, errs independently in them (note C); one that
    is the same errs alike. Where a category is in one year alone, its factor is taken as the same. Amounts err
    independently. Raises ZeroTotal where either year sums to zero.
    """
    before, after = _cells(base, base_of), _cells(year, of)
    names = {key: name for key, (name, _) in (before | after).items()}
    keys = sorted(names)
    rows = [_row(names[key], _cell(before, key), _cell(after, key)) for key in keys]
    return Trend(tuple(names[key] for key in keys), table_3_2(rows))


_Key = tuple[str, str]
_Cells = dict[_Key, tuple[Category, _Cell]]


def _cell(cells: _Cells, key: _Key) -> _Cell | None:
    return cells[key][1] if key in cells else None


def _row(name: Category, before: _Cell | None, after: _Cell | None) -> Row32:
    known = after or before
    assert known is not None  # noqa: S101  a key comes from one of them
    return Row32(
        category=f"{name.activity} {name.place} {name.gas}",
        base=before.tonnes if before else 0.0,
        year=after.tonnes if after else 0.0,
        activity_percent=known.activity_percent,
        factor_percent=known.factor_percent,
        ef_corr=not (before and after) or before.pushes.keys() == after.pushes.keys(),
    )


def _cells(ledger: Ledger, of: Sum) -> _Cells:
    found: _Cells = {}
    for rates, amount, square in ledger.cells(of.inventory):
        side = of.side_of(rates)
        for rate in side.gases if side else ():
            t_per_unit = (
                0.0 if is_memo(rate.gas) else rate.kg_per_unit * ledger.gwps.gwp(ledger.gwp_set, rate.gas) / 1000
            )
            if not amount * t_per_unit:
                continue
            key, name = _named(rate, rates.type.key)
            cell = found.setdefault(key, (name, _Cell()))[1]
            cell.tonnes += amount * t_per_unit
            cell.square += square * t_per_unit**2
            for factor_id, percent_kg in _pushes(side, rate.gas):
                push = amount * percent_kg * t_per_unit / rate.kg_per_unit
                cell.pushes[factor_id] = cell.pushes.get(factor_id, 0.0) + push
    return found


def _pushes(side: Side | None, gas: str) -> list[tuple[str, float]]:
    return [(push.factor_id, push.percent_kg) for push in side.pushes if push.gas == gas] if side else []


def _named(rate: GasRate, activity: str) -> tuple[_Key, Category]:
    if rate.last.choice is None:  # a contract, or a formula with the line's own parameters
        name = str(dict(rate.last.about)["name"]) if rate.last.code == "contract" else ""
        return (f"{activity} {name}", rate.gas), Category(activity, name, rate.gas)
    factor = rate.last.choice.factor
    own = factor.printed_as or f"{factor.activity} {factor.region}"
    return (own, rate.gas), Category(factor.activity, factor.region, rate.gas)
