"""From activities to tonnes per gas and scope, with intervals and reasons. 2006 IPCC Guidelines; NDRC; GHG Protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from scoring.engine.inputs import Floats
from scoring.engine.reference import FactorTable, GwpTable, Text


class ActivityType(Protocol):
    """What the engine must know of a kind of activity (portfolio.activities holds the list)."""

    @property
    def key(self) -> str: ...
    @property
    def kind(self) -> str: ...  # fuel, electricity, heat, process, refrigerant, travel, waste, spend
    @property
    def scope(self) -> int: ...
    @property
    def category(self) -> str: ...
    @property
    def purpose(self) -> str: ...
    @property
    def units(self) -> tuple[str, ...]: ...
    @property
    def uncertainty_percent(self) -> float: ...
    @property
    def data_quality(self) -> int: ...
    @property
    def fuel(self) -> str: ...  # the activity whose factors give the CO2, "" if its own


@dataclass(frozen=True, slots=True)
class Contract:
    """A contractual instrument of the market-based method with its own factor (certificate, green tariff, PPA)."""

    name: str
    kg_per_kwh: float
    gas: str = "CO2e"
    uncertainty_percent: float = 0.0


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One activity as measured, in canonical units. `amount` None needs a notation key (NO, NE, IE, C)."""

    line_id: str
    activity: str
    amount: float | None
    unit: str
    places: tuple[str, ...]
    year: int
    inventory: str = ""  # whose totals it enters: a company-year, a city, a disclosure
    uncertainty_percent: float | None = None
    purpose: str = ""  # "": the default of the activity type
    guideline: str = ""  # "": the default of the call
    contract: Contract | None = None
    notation: str = ""
    included_in: str = ""  # IE names the target category
    heating_value_basis: str = ""  # NCV or GCV, for fuel given as energy
    parameters: tuple[tuple[str, float], ...] = ()  # sorted: ncv_gj_per_t, density_kg_per_l, doc, …
    later: bool = False  # a later data year may be used, marked


@dataclass(frozen=True, slots=True)
class LineError:
    line_id: str
    code: str
    zh: str
    en: str
    value: object = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Amount:
    """Tonnes with the 95 % half width in percent (Approach 1); None where the tonnes are zero."""

    tonnes: float
    half_width_percent: float | None


@dataclass(frozen=True, slots=True)
class LineResult:
    """One line, as a form or an API shows it."""

    line_id: str
    activity: str
    scope: int
    category: str
    kg: Mapping[str, float]  # per gas, location-based for scope 2
    co2e_t: float
    biogenic_co2_t: float
    half_width_percent: float
    market_co2e_t: float | None  # scope 2 only; None: no contract and no residual mix, see flags
    market_half_width_percent: float | None
    energy_gj: float | None
    factor_ids: tuple[str, ...]
    market_factor_ids: tuple[str, ...]
    data_quality: int
    flags: tuple[str, ...]
    because: Text
    market_because: Text | None


@dataclass(frozen=True, slots=True)
class Completeness:
    lines: int
    estimated: int
    notations: Mapping[str, int]
    errors: int
    complete: bool
    because: Text


@dataclass(frozen=True, slots=True)
class InventoryTotal:
    inventory: str
    scope_1: Amount
    scope_2_location: Amount
    scope_2_market: Amount | None  # None: a line has neither contract nor residual mix
    scope_3: Amount
    total_location: Amount
    total_market: Amount | None
    gases_kg: Mapping[str, Amount]  # kilograms, location-based
    biogenic_co2_t: float
    data_quality: float | None  # weighted by tonnes
    completeness: Completeness


@dataclass(frozen=True)
class Ledger:
    """All lines of one or many inventories as columns, in the order they came in; bad lines are in `errors`."""

    gwp_set: str
    as_of: date
    kg: Mapping[str, Floats]
    co2e_t: Floats
    half_width_percent: Floats
    market_co2e_t: Floats
    errors: tuple[LineError, ...]
    totals: tuple[InventoryTotal, ...]

    def line(self, row: int) -> LineResult:
        raise NotImplementedError


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
    """Tonnes per gas and scope of every line. `guidelines` by kind; default: 2006 IPCC Guidelines for processes."""
    raise NotImplementedError


def co2_factor_from_carbon(carbon_kgc_per_gj: float, oxidation: float = 1.0) -> float:
    """kg CO2/TJ = carbon content (kgC/GJ) × oxidation × 44/12 × 1000 (2006 IPCC vol. 2 table 1.4)."""
    raise NotImplementedError


def fuel_co2_kg_by_mass(mass_t: float, ncv_tj_per_gg: float, co2_kg_per_tj: float) -> float:
    raise NotImplementedError


def fuel_co2_kg_by_volume(
    volume_m3: float, density_kg_per_m3: float, ncv_tj_per_gg: float, co2_kg_per_tj: float
) -> float:
    raise NotImplementedError


def ndrc_fuel_co2_t(amount: float, ncv_gj: float, carbon_tc_per_gj: float, oxidation: float) -> float:
    raise NotImplementedError


def ammonia_co2_t_per_t(fuel_gj_per_t: float, carbon_kgc_per_gj: float, oxidation: float = 1.0) -> float:
    raise NotImplementedError


def clinker_co2_t_per_t(cao_fraction: float, co2_per_cao: float, ckd_factor: float) -> float:
    raise NotImplementedError


def mix_factor(shares: Sequence[float], factors: Sequence[float]) -> float:
    raise NotImplementedError


def carbonate_co2_t_per_t(carbonate_weight: float, co2_weight: float) -> float:
    raise NotImplementedError


def litres_from_distance(distance_km: float, economy_km_per_litre: float) -> float:
    raise NotImplementedError


def scope2_location_t(mwh: float, factor_t_per_mwh: float) -> float:
    raise NotImplementedError


def purchased_heat_t(gj: float, factor_t_per_gj: float) -> float:
    raise NotImplementedError


def co2e_kg(masses_by_gas: Mapping[str, float], gwps: GwpTable, gwp_set: str) -> float:
    raise NotImplementedError


def landfill_ch4_t(msw_t: float, doc: float, docf: float, mcf: float, f: float, recovered: float, ox: float) -> float:
    raise NotImplementedError


def change_percent(old: float, new: float) -> float:
    raise NotImplementedError


def splice_overlap(previous: Sequence[float], new: Sequence[float], x0: float) -> float:
    raise NotImplementedError
