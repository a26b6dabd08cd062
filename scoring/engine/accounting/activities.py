"""Activities as the engine takes them: one by one, or as columns of codes with the words they stand for."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np

from scoring.engine.columns import Floats, Ints
from scoring.engine.errors import WrongShape

Word = TypeVar("Word", str, tuple[str, ...], "Terms")

NOTATIONS = ("NO", "NE", "IE", "C")
HEATING_VALUES = ("NCV", "GCV")


class ActivityType(Protocol):
    """What the engine must know of a kind of activity; portfolio.activities.kinds holds the list."""

    @property
    def key(self) -> str: ...
    @property
    def kind(self) -> str: ...  # fuel, electricity, heat, process, refrigerant, travel, waste, spend
    @property
    def name_zh(self) -> str: ...
    @property
    def name_en(self) -> str: ...
    @property
    def scope(self) -> int: ...
    @property
    def category(self) -> str: ...
    @property
    def purpose(self) -> str: ...
    @property
    def market_purpose(self) -> str: ...  # of the residual mix; "" where there is no market-based result of its own
    @property
    def units(self) -> tuple[str, ...]: ...
    @property
    def uncertainty_percent(self) -> float: ...
    @property
    def uncertainty_verification(self) -> str: ...  # how far that percentage was checked
    @property
    def data_quality(self) -> int: ...
    @property
    def fuel(self) -> str: ...  # the activity whose CO2 factor and heating value count, for fuels and cars
    @property
    def sector(self) -> str: ...  # of use, which decides over CH4 and N2O of fuels; "" if not stated
    @property
    def road(self) -> str: ...  # for cars: the activity whose CH4 and N2O count


@dataclass(frozen=True, slots=True, order=True)
class Contract:
    """A contractual instrument of the market-based method with its own factor: certificate, green tariff, PPA."""

    name: str
    kg_per_kwh: float
    gas: str = "CO2"  # or CO2e
    uncertainty_percent: float = 0.0


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One activity as measured, in canonical units. `amount` None needs a notation key (NO, NE, IE, C)."""

    line_id: str
    activity: str
    amount: float | None
    unit: str
    places: tuple[str, ...]  # most specific first, ending in WORLD
    year: int
    inventory: str = ""  # whose totals it enters: a company-year, a city, a disclosure
    uncertainty_percent: float | None = None  # of the amount; None: the default of the type, marked
    purpose: str = ""  # "": the default of the activity type
    guideline: str = ""  # "": the default of the call
    contract: Contract | None = None
    notation: str = ""
    included_in: str = ""  # IE names the target category
    heating_value_basis: str = ""  # NCV or GCV, for fuel given as energy; "" is taken as NCV and marked
    parameters: tuple[tuple[str, float], ...] = ()  # PARAMETERS in scoring.engine.accounting.rates
    later: bool = False  # a later data year may be used, marked


@dataclass(frozen=True, slots=True, order=True)
class Terms:
    """What a line asks for beyond what it measured; most lines share one."""

    purpose: str = ""
    guideline: str = ""
    heating_value_basis: str = ""
    parameters: tuple[tuple[str, float], ...] = ()
    later: bool = False
    contracts: tuple[Contract, ...] = ()  # none or one


@dataclass(frozen=True, eq=False)
class ActivityColumns:
    """Lines as columns, shape (lines,); a code is a position in its list of words.

    The lists ascend without doubles, so that the keys of an inventory have one order whatever else is in the batch. NaN
    in `amount` means none, in `uncertainty_percent` the default of the type. `notation` is −1 where there is none.
    """

    amount: Floats
    uncertainty_percent: Floats
    inventory: Ints
    activity: Ints
    unit: Ints
    places: Ints
    year: Ints
    terms: Ints
    notation: Ints
    inventories: tuple[str, ...]
    activities: tuple[str, ...]
    units: tuple[str, ...]
    chains: tuple[tuple[str, ...], ...]
    term_sets: tuple[Terms, ...]
    included_in: Mapping[int, str] = field(default_factory=dict)  # line → target category, for IE
    line_ids: Sequence[str] | None = None  # None: the position, from 1
    unreadable: Mapping[int, tuple[str, object]] = field(default_factory=dict)  # line → code, value

    def __post_init__(self) -> None:
        for name in ("uncertainty_percent", "inventory", "activity", "unit", "places", "year", "terms", "notation"):
            if getattr(self, name).shape != self.amount.shape:
                raise WrongShape("columns must have one length", value=name)
        for words in (self.inventories, self.activities, self.units, self.chains, self.term_sets):
            if any(left >= right for left, right in zip(words, words[1:], strict=False)):  # type: ignore[operator]
                raise WrongShape("a list of words must ascend without doubles", value=words[:3])

    def __len__(self) -> int:
        return len(self.amount)

    def line_id(self, row: int) -> str:
        return str(row + 1) if self.line_ids is None else self.line_ids[row]

    @classmethod
    def of(cls, lines: Iterable[ActivityLine]) -> "ActivityColumns":
        lines = list(lines)
        inventory, inventories = _coded([line.inventory for line in lines])
        activity, activities = _coded([line.activity for line in lines])
        unit, units = _coded([line.unit for line in lines])
        places, chains = _coded([tuple(line.places) for line in lines])
        terms, term_sets = _coded([_terms(line) for line in lines])
        return cls(
            amount=np.array([_float(line.amount) for line in lines], dtype=np.float64),
            uncertainty_percent=np.array([_float(line.uncertainty_percent) for line in lines], dtype=np.float64),
            inventory=inventory,
            activity=activity,
            unit=unit,
            places=places,
            year=np.array([line.year for line in lines], dtype=np.int64),
            terms=terms,
            notation=np.array(
                [NOTATIONS.index(line.notation) if line.notation in NOTATIONS else -1 for line in lines], dtype=np.int64
            ),
            inventories=inventories,
            activities=activities,
            units=units,
            chains=chains,
            term_sets=term_sets,
            included_in={row: line.included_in for row, line in enumerate(lines) if line.included_in},
            line_ids=[line.line_id for line in lines],
            unreadable=_unreadable(lines),
        )


def _float(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _terms(line: ActivityLine) -> Terms:
    return Terms(
        purpose=line.purpose,
        guideline=line.guideline,
        heating_value_basis=line.heating_value_basis,
        parameters=tuple(sorted(line.parameters)),
        later=line.later,
        contracts=(line.contract,) if line.contract else (),
    )


def _coded(values: list[Word]) -> tuple[Ints, tuple[Word, ...]]:
    words = tuple(sorted(set(values)))
    codes = {word: code for code, word in enumerate(words)}
    return np.array([codes[value] for value in values], dtype=np.int64), words


def _unreadable(lines: Sequence[ActivityLine]) -> dict[int, tuple[str, object]]:
    """What columns of numbers cannot say: the difference between no amount and one that is not a number."""
    found: dict[int, tuple[str, object]] = {}
    for row, line in enumerate(lines):
        if line.notation and line.notation not in NOTATIONS:
            found[row] = ("unknown_notation", line.notation)
        elif line.notation and line.amount is not None:
            found[row] = ("amount_and_notation", line.amount)
        elif not line.notation and line.amount is None:
            found[row] = ("no_amount", None)
        elif line.uncertainty_percent is not None and not math.isfinite(line.uncertainty_percent):
            found[row] = ("wrong_uncertainty", line.uncertainty_percent)
    return found
