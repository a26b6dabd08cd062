"""From activities to tonnes per gas and scope, with intervals and reasons.

E = Σ_gas activity × NCV × EF_gas × oxidation × GWP_gas (2006 IPCC Guidelines vol. 2; NDRC guidelines for enterprises).
Columns first: what a line looks up is found once for all lines that ask the same (scoring.engine.accounting.rates),
the rest is arithmetic on arrays. A line alone and in a batch of a million gives the same bits; totals add the lines of
an inventory in their order, whatever other inventories the batch holds.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial

import numpy as np

from scoring.engine.accounting.activities import NOTATIONS, ActivityColumns, ActivityLine, ActivityType, Contract, Terms
from scoring.engine.accounting.choice import Choice
from scoring.engine.accounting.formulas import (
    ammonia_co2_t_per_t,
    carbonate_co2_t_per_t,
    change_percent,
    clinker_co2_t_per_t,
    co2_factor_from_carbon,
    co2e_kg,
    fuel_co2_kg_by_mass,
    fuel_co2_kg_by_volume,
    landfill_ch4_t,
    litres_from_distance,
    mix_factor,
    ndrc_fuel_co2_t,
    purchased_heat_t,
    scope2_location_t,
    splice_overlap,
)
from scoring.engine.accounting.gwp import GwpTable
from scoring.engine.accounting.rates import DEFAULT_GUIDELINES, Draw, Question, Rates, Side, rates_of
from scoring.engine.accounting.record import GasRecord, LineReason, gases_of, line_reason
from scoring.engine.accounting.reference import FIRST_YEAR, LAST_YEAR, FactorTable, nearest
from scoring.engine.accounting.simulation import DRAWS, Chain, Simulation, monte_carlo_of_chains
from scoring.engine.accounting.totals import BIOGENIC, DENSE_KEYS, Amount, Completeness, InventoryTotal, Totals
from scoring.engine.columns import LARGEST, Bools, Floats, Ints
from scoring.engine.errors import FactorError, UnknownActivity, WrongShape

__all__ = [
    "ActivityColumns",
    "ActivityLine",
    "ActivityType",
    "Amount",
    "Completeness",
    "Contract",
    "InventoryTotal",
    "Ledger",
    "LineError",
    "LineResult",
    "Sum",
    "Terms",
    "account",
    "account_columns",
    "ammonia_co2_t_per_t",
    "carbonate_co2_t_per_t",
    "change_percent",
    "clinker_co2_t_per_t",
    "co2_factor_from_carbon",
    "co2e_kg",
    "fuel_co2_kg_by_mass",
    "fuel_co2_kg_by_volume",
    "landfill_ch4_t",
    "litres_from_distance",
    "mix_factor",
    "ndrc_fuel_co2_t",
    "purchased_heat_t",
    "restatement_is_due",
    "scope2_location_t",
    "splice_overlap",
    "sums_that_do_not_close",
]

RESTATE_ABOVE_PERCENT = 5.0  # METHOD: a restatement is proposed when the change passes this
BLOCK = 1 << 14  # lines at a time


@dataclass(frozen=True, slots=True)
class LineError:
    """Why a line was left out. `row` is its position in the batch; `words.refusal` says it."""

    line_id: str
    code: str
    sentence: str
    about: Mapping[str, object]
    choices: tuple[str, ...] = ()
    row: int = 0

    @property
    def value(self) -> object:
        return self.about["value"]


@dataclass(frozen=True, slots=True)
class LineResult:
    """One line, as a form or an API shows it."""

    line_id: str
    activity: str
    scope: int
    category: str
    kg: Mapping[str, float]  # per gas, location-based for scope 2; with the gases that are memos
    co2e_t: float
    biogenic_co2_t: float
    half_width_percent: float
    market_co2e_t: float | None  # scope 2; None: no contract and no residual mix, see flags
    market_half_width_percent: float | None
    energy_gj: float | None  # net calorific value
    factor_ids: tuple[str, ...]
    market_factor_ids: tuple[str, ...]
    data_quality: int
    flags: tuple[str, ...]
    because: LineReason
    market_because: LineReason | None


@dataclass(frozen=True, slots=True)
class Sum:
    """Which lines of an inventory are added up: those of these scopes, scope 2 by one of its two methods."""

    inventory: str = ""
    scopes: tuple[int, ...] = (1, 2, 3)
    market: bool = False

    def side_of(self, rates: Rates) -> Side | None:
        """What a line of these rates counts with; None for not at all."""
        if rates.type.scope not in self.scopes:
            return None
        return rates.market if self.market and rates.type.scope == 2 else rates.location

    def draws_of(self, rates: Rates) -> tuple[Draw, ...]:
        side = self.side_of(rates)
        return side.draws if side else ()


Key = tuple[str, str, tuple[str, ...], int, Terms]


@dataclass(frozen=True, eq=False)
class Ledger:
    """All lines of one or many inventories as columns, in the order they came in.

    NaN stands in a line that has an error or a notation key; in `market_co2e_t` also outside scope 2 and where no
    market-based result exists. `keys` is the position of a line's rates, −1 without.
    """

    gwp_set: str
    as_of: date
    columns: ActivityColumns
    keys: Ints
    rates: tuple[Rates, ...]
    kg: Mapping[str, Floats]
    co2e_t: Floats
    half_width_percent: Floats
    errors: tuple[LineError, ...]
    _totals: Totals = field(repr=False)

    def __len__(self) -> int:
        return len(self.columns)

    @cached_property
    def market_co2e_t(self) -> Floats:
        """Of each line by the market-based method, in tonnes; put together when it is looked at."""
        rates = _picked([each.market.co2e_kg_per_unit / 1000 if each.market else np.nan for each in self.rates])
        return self.columns.amount * rates[self.keys]

    @cached_property
    def market_half_width_percent(self) -> Floats:
        factors = _picked([each.market.factor_percent**2 if each.market else np.nan for each in self.rates])
        defaults = _picked([each.type.uncertainty_percent for each in self.rates])
        given = self.columns.uncertainty_percent
        percent = np.where(np.isnan(given), defaults[self.keys], given)
        return np.sqrt(percent * percent + factors[self.keys])

    @property
    def biogenic_co2_t(self) -> Floats:
        return self.kg[BIOGENIC] / 1000 if BIOGENIC in self.kg else np.zeros(len(self))

    def line(self, row: int) -> LineResult | None:
        """A line with its reasons; None where it has an error or a notation key."""
        if self.keys[row] < 0:
            return None
        rates, columns = self.rates[self.keys[row]], self.columns
        amount, tonnes = float(columns.amount[row]), float(self.co2e_t[row])
        market = rates.market
        market_t = None if market is None else float(self.market_co2e_t[row])
        kg = {rate.gas: float(self.kg[rate.gas][row]) for rate in rates.location.gases}
        flags = rates.flags
        if np.isnan(columns.uncertainty_percent[row]):
            flags = (*flags, "activity_uncertainty_default")
            if rates.type.uncertainty_verification == "not_verified" and "default_not_verified" not in flags:
                flags = (*flags, "default_not_verified")

        def because(side: Side, co2e_t: float) -> LineReason:
            key = (int(self.keys[row]), side is market)
            gases = self._gases[key] = self._gases.get(key) or gases_of(side)
            return line_reason(amount, rates.unit, gases, co2e_t, self.gwp_set)

        return LineResult(
            line_id=columns.line_id(row),
            activity=rates.type.key,
            scope=rates.type.scope,
            category=rates.type.category,
            kg=kg,
            co2e_t=tonnes,
            biogenic_co2_t=kg.get(BIOGENIC, 0.0) / 1000,
            half_width_percent=float(self.half_width_percent[row]),
            market_co2e_t=market_t,
            market_half_width_percent=None if market is None else float(self.market_half_width_percent[row]),
            energy_gj=None if rates.energy_gj_per_unit is None else amount * rates.energy_gj_per_unit,
            factor_ids=rates.location.factor_ids,
            market_factor_ids=market.factor_ids if market else (),
            data_quality=rates.type.data_quality,
            flags=flags,
            because=because(rates.location, tonnes),
            market_because=because(market, market_t) if market and market_t is not None else None,
        )

    @cached_property
    def _gases(self) -> dict[tuple[int, bool], list[GasRecord]]:
        """Lines that ask the same have it in common."""
        return {}

    def choices(self, row: int) -> tuple[Choice, ...]:
        """Every factor that a line used, each with its losers: the answer to "why this factor?"."""
        if self.keys[row] < 0:
            return ()
        rates = self.rates[self.keys[row]]
        found = [*rates.location.choices, *(rates.market.choices if rates.market else ())]
        return tuple({choice.factor.id: choice for choice in found}.values())

    def simulation(
        self,
        inventory: str = "",
        *,
        seed: int,
        n: int = DRAWS,
        market: bool = False,
        scopes: tuple[int, ...] = (1, 2, 3),
    ) -> Simulation:
        """`simulations` of one sum."""
        return self.simulations([Sum(inventory, scopes, market)], seed=seed, n=n)

    def simulations(self, sums: Sequence[Sum], *, seed: int, n: int = DRAWS) -> Simulation:
        """Approach 2: n draws of amounts and factors, in tonnes of CO2e, shape (sums,). Memory is sums × n floats.

        Each factor is drawn once for all that rest on it, also as part of a chain (heating value × factor), and each
        amount once for its gases and for all sums that hold it. An inventory alone and among others gets the same bits.
        Lines without a market-based result are left out of a sum that asks for it, as they are from no total.
        """
        columns = self.columns
        asked: dict[int, list[tuple[int, Sum]]] = {}
        for code, each in enumerate(sums):
            asked.setdefault(columns.inventories.index(each.inventory), []).append((code, each))
        wanted = np.isin(columns.inventory, list(asked)) & (self.keys >= 0)
        values: list[float] = []
        activity: list[float] = []
        chains: list[Chain] = []
        inputs: list[tuple[str, str, int]] = []
        codes: list[int] = []
        for row in np.flatnonzero(wanted).tolist():
            rates, at = self.rates[self.keys[row]], int(columns.inventory[row])
            given, amount = float(columns.uncertainty_percent[row]), float(columns.amount[row])
            percent = rates.type.uncertainty_percent if np.isnan(given) else given
            key = (columns.inventories[at], columns.line_id(row), int(columns.year[row]))
            for code, each in asked[at]:
                for draw in each.draws_of(rates):
                    values.append(amount * draw.co2e_kg_per_unit / 1000)
                    activity.append(percent)
                    chains.append(draw.chain)
                    inputs.append(key)
                    codes.append(code)
        numbers = np.array(codes, dtype=np.int64)
        return monte_carlo_of_chains(
            values, activity, chains, inputs, seed=seed, n=n, inventory_codes=numbers, inventories=len(sums)
        )

    def cells(self, inventory: str) -> Iterator[tuple[Rates, float, float]]:
        """For each question that lines of an inventory ask: its rates, Σ amount, and Σ (U amount)² in percent²."""
        at, sums = self.columns.inventories.index(inventory), self._totals
        for cell in np.flatnonzero(sums.cell_inventory == at).tolist():
            yield self.rates[sums.cell_key[cell]], float(sums.amount[cell]), float(sums.spread[cell])

    @property
    def gwps(self) -> GwpTable:
        return self._totals.gwps

    @cached_property
    def totals(self) -> tuple[InventoryTotal, ...]:
        """One per inventory, in the order of their names."""
        return self._totals.as_tuple()

    def total(self, inventory: str = "") -> InventoryTotal:
        return self.totals[self.columns.inventories.index(inventory)]


def account(
    lines: Sequence[ActivityLine],
    factors: FactorTable,
    gwps: GwpTable,
    *,
    types: Mapping[str, ActivityType],
    gwp_set: str,
    as_of: date,
    guidelines: Mapping[str, str] | None = None,
) -> Ledger:
    """Tonnes per gas and scope of every line, with totals per inventory. Bad lines become errors, the rest is computed.

    `guidelines` names the edition by kind of activity where a line names none; default: 2006 IPCC Guidelines for
    processes, no preference elsewhere. Raises UnknownGwpSet.
    """
    columns = ActivityColumns.of(lines)
    return account_columns(columns, factors, gwps, types=types, gwp_set=gwp_set, as_of=as_of, guidelines=guidelines)


def account_columns(
    columns: ActivityColumns,
    factors: FactorTable,
    gwps: GwpTable,
    *,
    types: Mapping[str, ActivityType],
    gwp_set: str,
    as_of: date,
    guidelines: Mapping[str, str] | None = None,
) -> Ledger:
    """`account` for lines that already are columns."""
    gwps.check_set(gwp_set)
    guidelines = DEFAULT_GUIDELINES if guidelines is None else guidelines
    errors, usable = _checked(columns, types)
    keys, words = _distinct(columns, usable)
    ask = partial(Question, factors=factors, gwps=gwps, gwp_set=gwp_set, as_of=as_of)
    rates = [_answer(key, types, guidelines, ask) for key in words]
    good = _without_refused(columns, rates, keys, errors)
    if good is not None:
        keys, rates = good
    known = [each for each in rates if isinstance(each, Rates)]
    figures = _figures(columns, keys, known)
    return Ledger(
        gwp_set=gwp_set,
        as_of=as_of,
        columns=columns,
        keys=keys,
        rates=tuple(known),
        kg=figures.kg,
        co2e_t=figures.co2e_t,
        half_width_percent=figures.half_width_percent,
        errors=tuple(sorted(errors, key=lambda error: error.row)),
        _totals=Totals.of(columns, keys, known, figures.squares, {error.row for error in errors}, gwps, gwp_set),
    )


# --- lines ---------------------------------------------------------------------------------------------
def _checked(columns: ActivityColumns, types: Mapping[str, ActivityType]) -> tuple[list[LineError], Bools]:
    """Errors of single lines, and where there is an amount to compute with."""
    amount, given = columns.amount, columns.uncertainty_percent
    noted = columns.notation >= 0
    usable = ~noted & (amount >= 0) & (amount <= LARGEST) & ~(given < 0)
    usable &= (columns.year >= FIRST_YEAR) & (columns.year <= LAST_YEAR)
    if usable.all() and not columns.unreadable:
        return [], usable
    errors: list[LineError] = []
    for row in np.flatnonzero(~usable | _at(columns.unreadable, len(columns))).tolist():
        code, value = columns.unreadable.get(row, ("", None))
        if not code:
            code, value = _fault(columns, row, types)
        if code:
            usable[row] = False
            errors.append(_error(columns, row, code, value, types))
    return errors, usable


def _at(rows: Mapping[int, object], length: int) -> Bools:
    found = np.zeros(length, dtype=np.bool_)
    found[list(rows)] = True
    return found


def _fault(columns: ActivityColumns, row: int, types: Mapping[str, ActivityType]) -> tuple[str, object]:
    amount, given = float(columns.amount[row]), float(columns.uncertainty_percent[row])
    if columns.notation[row] >= 0:
        word = columns.activities[columns.activity[row]]
        if word not in types:
            return "unknown_activity", word
        is_elsewhere = NOTATIONS[columns.notation[row]] == "IE"
        if is_elsewhere and not columns.included_in.get(row, "").strip():
            return "no_target_of_ie", None
        return ("amount_and_notation", amount) if not np.isnan(amount) else ("", None)
    if not np.isfinite(amount):
        return "not_finite", amount
    if amount < 0:
        return "negative", amount
    if amount > LARGEST:
        return "out_of_range", amount
    if given < 0:
        return "wrong_uncertainty", given
    return "year_out_of_range", int(columns.year[row])


def _error(
    columns: ActivityColumns, row: int, code: str, value: object, types: Mapping[str, ActivityType]
) -> LineError:
    line_id = columns.line_id(row)
    if code == "unknown_activity":
        refused = unknown_type(str(value), types)
        return LineError(line_id, code, refused.sentence, refused.about, refused.choices, row)
    choices = NOTATIONS if code in ("unknown_notation", "no_amount") else ()
    return LineError(line_id, code, code, {"value": value}, choices, row)


def unknown_type(word: str, types: Mapping[str, ActivityType]) -> UnknownActivity:
    """The nearest by key or by name in either language."""
    by_word = {spelling: key for key, each in types.items() for spelling in (each.name_zh, each.name_en, key)}
    near = tuple(dict.fromkeys(by_word[each] for each in nearest(word, by_word, 6)))[:3]
    return UnknownActivity(value=word, choices=near)


def _distinct(columns: ActivityColumns, usable: Bools) -> tuple[Ints, list[Key]]:
    """The position of each line's question among the distinct ones, −1 for lines that ask none; and the questions.

    Questions ascend by activity, unit, places, year and terms, since the lists of words do.
    """
    if not usable.any():
        return np.full(len(columns), -1, dtype=np.int64), []
    all_usable = bool(usable.all())
    years = columns.year if all_usable else columns.year[usable]
    first_year = int(years.min())
    sizes = (
        len(columns.activities),
        len(columns.units),
        len(columns.chains),
        int(years.max()) - first_year + 1,
        len(columns.term_sets),
    )
    space = 1
    for size in sizes:
        space *= size
    codes = np.empty(len(columns), dtype=np.int64)
    for rows in _blocks(len(columns)):
        code = codes[rows]
        code[:] = columns.activity[rows]
        for size, column in zip(sizes[1:], (columns.unit, columns.places, columns.year, columns.terms), strict=True):
            if size > 1:
                code *= size
                code += column[rows]
                if column is columns.year:
                    code -= first_year
    asked = codes if all_usable else codes[usable]
    if space > max(DENSE_KEYS, 4 * len(columns)):
        present, positions = np.unique(asked, return_inverse=True)
    else:
        found = np.zeros(space, dtype=np.bool_)
        found[asked] = True
        present = np.flatnonzero(found)
        place_of = np.zeros(space, dtype=np.int64)
        place_of[present] = np.arange(len(present))
        positions = place_of[asked]
    keys = positions if all_usable else np.full(len(columns), -1, dtype=np.int64)
    if not all_usable:
        keys[usable] = positions
    return keys, [_key(columns, int(code), sizes, first_year) for code in present]


def _blocks(length: int) -> Iterator[slice]:
    """Pieces of a column that stay in the processor's cache; the bits do not depend on them."""
    for start in range(0, length, BLOCK):
        yield slice(start, min(start + BLOCK, length))


def _key(columns: ActivityColumns, code: int, sizes: tuple[int, ...], first_year: int) -> Key:
    parts = []
    for size in reversed(sizes[1:]):
        code, part = divmod(code, size)
        parts.append(part)
    terms, year, places, unit = parts
    return (
        columns.activities[code],
        columns.units[unit],
        columns.chains[places],
        first_year + year,
        columns.term_sets[terms],
    )


def _answer(
    key: Key, types: Mapping[str, ActivityType], guidelines: Mapping[str, str], ask: Callable[..., Question]
) -> Rates | FactorError:
    activity, unit, places, year, terms = key
    type_ = types.get(activity)
    if type_ is None:
        return unknown_type(activity, types)
    guideline = terms.guideline or guidelines.get(type_.kind, "")
    try:
        return rates_of(ask(type_, unit, places, year, terms, guideline=guideline, or_unnamed=not terms.guideline))
    except FactorError as error:
        return error


def _without_refused(
    columns: ActivityColumns, rates: list[Rates | FactorError], keys: Ints, errors: list[LineError]
) -> tuple[Ints, list[Rates | FactorError]] | None:
    """Lines whose question has no answer become errors; None where all have one."""
    refused = [position for position, each in enumerate(rates) if isinstance(each, FactorError)]
    if not refused:
        return None
    good = [position for position in range(len(rates)) if position not in set(refused)]
    new_position = np.full(len(rates) + 1, -1, dtype=np.int64)  # the last is for −1
    new_position[good] = np.arange(len(good))
    moved = new_position[keys]
    for row in np.flatnonzero((keys >= 0) & (moved < 0)).tolist():
        refusal = rates[keys[row]]
        assert isinstance(refusal, FactorError)  # noqa: S101  by the lines above
        line_id, choices = columns.line_id(row), refusal.choices
        errors.append(LineError(line_id, refusal.code, refusal.sentence, refusal.about, choices, row))
    return moved, [rates[position] for position in good]


@dataclass(frozen=True, eq=False)
class _Figures:
    kg: Mapping[str, Floats]
    co2e_t: Floats
    half_width_percent: Floats
    squares: Floats  # (amount × its half width in percent)²


def _figures(columns: ActivityColumns, keys: Ints, rates: Sequence[Rates]) -> _Figures:
    """Amounts times rates. A line without a question picks the last entry of each list of rates, which is NaN."""
    masses = _mass_rates(rates)
    of_location = _picked([each.location.co2e_kg_per_unit / 1000 for each in rates])
    factor_squares = _picked([each.location.factor_percent**2 for each in rates])
    default = _picked([each.type.uncertainty_percent for each in rates])
    count = len(columns)
    kg = {gas: np.empty(count) for gas in masses}
    co2e_t, half_width, squares = (np.empty(count) for _ in range(3))
    for rows in _blocks(count):
        picks = keys[rows] if keys[rows].min() >= 0 else np.where(keys[rows] < 0, len(rates), keys[rows])
        amount, given = columns.amount[rows], columns.uncertainty_percent[rows]
        products = [*((kg[gas], rate) for gas, rate in masses.items()), (co2e_t, of_location)]
        for column, rate in products:
            _take(rate, picks, column[rows])
            column[rows] *= amount
        percent = _take(default, picks, squares[rows])  # room that is filled in a moment
        np.copyto(percent, given, where=~np.isnan(given))
        width = _take(factor_squares, picks, half_width[rows])
        width += percent * percent
        np.sqrt(width, out=width)
        percent *= amount
        percent *= percent
    return _Figures(kg, co2e_t, half_width, squares)


def _take(values: Floats, picks: Ints, out: Floats) -> Floats:
    """`values[picks]` without a detour: all picks are good ones, so nothing is ever clipped."""
    return np.take(values, picks, out=out, mode="clip")


def _picked(values: Sequence[float]) -> Floats:
    return np.array([*values, np.nan], dtype=np.float64)


def _mass_rates(rates: Sequence[Rates]) -> dict[str, Floats]:
    """Kilograms per unit of each gas that any line gives, location-based."""
    by_gas: dict[str, list[float]] = {}
    for position, each in enumerate(rates):
        for rate in each.location.gases:
            by_gas.setdefault(rate.gas, [0.0] * len(rates))[position] += rate.kg_per_unit
    return {gas: _picked(by_gas[gas]) for gas in sorted(by_gas)}


# --- comparing -----------------------------------------------------------------------------------------
def restatement_is_due(old_t: float, new_t: float, above_percent: float = RESTATE_ABOVE_PERCENT) -> bool:
    """Whether a new factor version changes a result by more than the threshold. A change from zero is one."""
    if old_t == 0:
        return new_t != 0
    return abs(new_t - old_t) / abs(old_t) * 100 > above_percent


def sums_that_do_not_close(
    table: Mapping[tuple[str, str], float], *, total: str, tolerance: float = 1e-6
) -> tuple[tuple[str, str, float, float], ...]:
    """Rows and columns of a sector × fuel table whose parts do not add up to their printed total.

    `total` is the name of the total row and column. Gives (axis, name, sum of parts, printed), nothing where all close;
    differences up to `tolerance` of the largest entry are rounding. A total that is not printed is not checked.
    """
    if not table:
        raise WrongShape("a table without entries", value=total)
    largest = max(abs(value) for value in table.values())
    open_sums = []
    for axis, name in ((0, "row"), (1, "column")):
        for label in sorted({key[axis] for key in table}):
            printed = table.get((label, total) if axis == 0 else (total, label))
            parts = [value for key, value in table.items() if key[axis] == label and key[1 - axis] != total]
            if printed is not None and parts and abs(sum(parts) - printed) > tolerance * largest:
                open_sums.append((name, label, sum(parts), printed))
    return tuple(open_sums)
