"""What one unit of an activity emits: the factors that hold for one kind, unit, place, year and wish, and why.

A batch of a million lines has a few hundred of these; everything here happens once for each.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from scoring.engine.accounting.activities import HEATING_VALUES, ActivityType, Contract, Terms
from scoring.engine.accounting.choice import Choice, choose
from scoring.engine.accounting.formulas import landfill_ch4_t
from scoring.engine.accounting.gwp import GwpTable
from scoring.engine.accounting.reference import PROPERTIES, Factor, FactorTable, nearest
from scoring.engine.accounting.simulation import Chain
from scoring.engine.errors import FactorError, LineRefused, NoFactor

# Of processes IPCC has two editions, which must not be mixed. That of 2006 is the one in force for the Paris Agreement;
# the Refinement may be used on top (decision 5/CMA.3).
DEFAULT_GUIDELINES: Mapping[str, str] = {"process": "IPCC 2006"}

LEADS = ("CO2", "CO2e", "CO2_biogenic")
COMPANIONS = ("CH4_combustion", "N2O")
# Montreal gases are reported outside the scopes (GHG Protocol Corporate Standard, required gases), as is biogenic CO2.
MEMO_BEGINNINGS = ("CO2_biogenic", "CFC", "HCFC", "SO2F2")

GJ_PER_KWH = 0.0036
# 2006 IPCC vol. 2 section 1.4.1.2: net is about 5 % below gross for coal and oil, 10 % for natural and made gas. Usual
# distances, not checked against the document: every use is marked.
NET_PER_GROSS = {"gas": 0.90, "process_gas": 0.90, "biogas": 0.90}
NET_PER_GROSS_OTHERS = 0.95
KELVIN_AT_0C = 273.15
GAS_STATES_C = {"m3@0C": 0, "m3@15C": 15, "m3@20C": 20}
# 2006 IPCC vol. 5 table 3.5, managed sites: DOC, DOCf, MCF, F; half widths in percent. From memory, so marked as such
LANDFILL_PERCENTS = (20.0, 20.0, 10.0, 5.0)
LANDFILL = ("doc", "docf", "mcf", "f", "recovered", "ox")
SHARES = (*LANDFILL, "cullet_share")
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "fuel": ("ncv_gj_per_t", "ncv_gj_per_m3", "density_kg_per_l", "density_kg_per_m3"),
    "travel": ("economy_km_per_l", "density_kg_per_l", "ncv_gj_per_t"),
    "waste": LANDFILL,
    "process": ("cullet_share",),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One multiplication on the way from the activity's unit to the factor's."""

    value: float
    unit: str
    choice: Choice | None = None
    code: str = ""  # why a number that no table holds: words in STEPS
    about: tuple[tuple[str, str | float], ...] = ()
    inverse: bool = False  # divided by the chosen factor: its error works the other way


@dataclass(frozen=True, slots=True)
class GasRate:
    """Kilograms of one gas per unit of the activity, with the chain that leads there."""

    gas: str
    kg_per_unit: float
    steps: tuple[Step, ...]
    last: Step

    @property
    def chain(self) -> tuple[Step, ...]:
        return (*self.steps, self.last)


@dataclass(frozen=True, slots=True)
class Push:
    """Half width, in percent × kg per unit, that the error of one factor gives to one gas."""

    factor_id: str  # or the printed number that several factors stand for
    gas: str
    percent_kg: float


@dataclass(frozen=True, slots=True)
class Draw:
    """One gas with the factors that are drawn for it, for Monte Carlo."""

    co2e_kg_per_unit: float
    chain: Chain


@dataclass(frozen=True, slots=True)
class Side:
    """All gases of one method: location-based (which is also that of scopes 1 and 3) or market-based."""

    gases: tuple[GasRate, ...]
    co2e_kg_per_unit: float
    pushes: tuple[Push, ...]
    factor_percent: float  # half width of the CO2e that comes from factors
    draws: tuple[Draw, ...]

    @property
    def factor_ids(self) -> tuple[str, ...]:
        ids = [step.choice.factor.id for gas in self.gases for step in gas.chain if step.choice]
        return tuple(dict.fromkeys(ids))

    @property
    def choices(self) -> tuple[Choice, ...]:
        found = {step.choice.factor.id: step.choice for gas in self.gases for step in gas.chain if step.choice}
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Rates:
    type: ActivityType
    unit: str
    location: Side
    market: Side | None  # None: scope 2 power without contract and residual mix; scopes 1 and 3 have no second side
    energy_gj_per_unit: float | None
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """One kind, unit, place, year and wish, with the tables to ask."""

    type: ActivityType
    unit: str
    places: tuple[str, ...]
    year: int
    terms: Terms
    factors: FactorTable
    gwps: GwpTable
    gwp_set: str
    as_of: date
    guideline: str
    or_unnamed: bool = False  # nobody asked for the guideline: a number of the place that names none counts as well
    flags: dict[str, None] = field(default_factory=dict)  # an ordered set

    def parameter(self, name: str) -> float | None:
        return next((value for known, value in self.terms.parameters if known == name), None)

    def choose(self, activity: str, gas: str, *, purpose: str = "", guideline: str | None = None) -> Choice:
        return choose(
            self.factors,
            activity=activity,
            gas=gas,
            places=self.places,
            year=self.year,
            purpose=purpose or self.terms.purpose or self.type.purpose,
            as_of=self.as_of,
            later=self.terms.later,
            guideline=self.guideline if guideline is None else guideline,
            or_unnamed=self.or_unnamed,
        )


def rates_of(question: Question) -> Rates:
    """Raises FactorError: LineRefused, NoFactor, FactorTie, UnknownGwpSet, NoGwp, LifeCycleFactor."""
    _check(question)
    location = _side(question, _gases(question))
    market = _market(question, location) if question.type.scope == 2 else None
    for side in (location, market):
        if side:
            _flag(question, side)
    return Rates(question.type, question.unit, location, market, _energy_per_unit(question), tuple(question.flags))


def _check(question: Question) -> None:
    type_, unit, terms = question.type, question.unit, question.terms
    if type_.kind == "fuel" and unit == "m3" and any(each in GAS_STATES_C for each in type_.units):
        states = tuple(each for each in type_.units if each in GAS_STATES_C)
        raise LineRefused("reference_state_missing", value=unit, choices=states)
    if unit not in type_.units:
        raise LineRefused("wrong_unit", value=unit, choices=type_.units, **_names(type_))
    if terms.heating_value_basis and terms.heating_value_basis not in HEATING_VALUES:
        raise LineRefused("unknown_heating_value", value=terms.heating_value_basis, choices=HEATING_VALUES)
    if terms.heating_value_basis and not (type_.kind == "fuel" and unit in ("GJ", "kWh")):
        raise LineRefused("unexpected_heating_value", value=terms.heating_value_basis)
    for name, value in terms.parameters:
        _check_parameter(type_, name, value)
    for contract in terms.contracts:
        _check_contract(type_, contract)


def _check_parameter(type_: ActivityType, name: str, value: float) -> None:
    known = PARAMETERS.get(type_.kind, ())
    if name not in known:
        near = nearest(name, known) if known else ()
        raise LineRefused("unknown_parameter", value=name, choices=near, known=known, **_names(type_))
    good = 0 <= value <= 1 if name in SHARES else value > 0
    if not (math.isfinite(value) and good):
        raise LineRefused(
            "wrong_parameter",
            "parameter_no_share" if name in SHARES else "parameter_not_positive",
            value=value,
            name=name,
        )


def _names(type_: ActivityType) -> dict[str, str]:
    return {"name_zh": type_.name_zh, "name_en": type_.name_en}


def _check_contract(type_: ActivityType, contract: Contract) -> None:
    if type_.kind != "electricity":
        raise LineRefused("wrong_contract", "contract_of_no_power", value=contract.name)
    numbers = (contract.kg_per_kwh, contract.uncertainty_percent)
    if contract.gas not in ("CO2", "CO2e") or not all(math.isfinite(each) and each >= 0 for each in numbers):
        raise LineRefused("wrong_contract", "contract_without_factor", value=(contract.gas, *numbers))


# --- which gases ---------------------------------------------------------------------------------------
def _gases(question: Question) -> list[GasRate]:
    type_ = question.type
    if type_.kind == "fuel":
        return _burnt(question, question.unit, ())
    if type_.kind == "electricity" and question.terms.purpose == type_.market_purpose:
        raise LineRefused("wrong_purpose", value=question.terms.purpose)
    economy = question.parameter("economy_km_per_l")
    if type_.road and type_.kind == "travel" and (economy is not None or not _has_any_gas(question)):
        if economy is None:
            raise LineRefused("economy_needed", choices=("economy_km_per_l",))
        return _burnt(question, "L", (Step(1 / economy, "L/km", code="fuel_economy"),))
    if type_.key == "waste.landfill" and any(name in LANDFILL for name, _ in question.terms.parameters):
        return [_landfill(question)]
    lead = _lead(question, (type_.key,))
    rates = [_rate(question, choice, question.unit, ()) for choice in _published_together(question, lead)]
    if type_.kind == "electricity" and lead.factor.gas == "CO2" and len(rates) == 1:
        question.flags["co2_only"] = None
    return rates


def _lead(question: Question, activities: Sequence[str], purpose: str = "") -> Choice:
    """The factor that decides over place and document: CO2 or, where a more specific place has only that, CO2e."""
    best: Choice | None = None
    refusal: FactorError | None = None
    for activity in dict.fromkeys(activities):
        gases = question.factors.gases(activity)
        leads = [gas for gas in LEADS if gas in gases]
        if not leads and not question.type.fuel:  # a leaked gas, a perfluorocarbon: whatever the document is about
            leads = list(gases[:1])
        for gas in leads:
            if gas != leads[0] and not _has_any(question, activity, gas, purpose):
                continue
            try:
                choice = question.choose(activity, gas, purpose=purpose)
            except NoFactor as error:
                refusal = refusal or error
                continue
            if best is None or _rank(question, choice) < _rank(question, best):
                best = choice
    if best is not None:
        return best
    if refusal is not None:
        raise refusal
    type_ = question.type
    raise NoFactor("none_shipped", value=type_.key, name_zh=type_.name_zh, name_en=type_.name_en)


def _has_any(question: Question, activity: str, gas: str, purpose: str) -> bool:
    purpose = purpose or question.terms.purpose or question.type.purpose
    return any(question.factors.at(activity, gas, purpose, place) for place in question.places)


def _has_any_gas(question: Question) -> bool:
    """Whether the activity has a factor of its own at the place or above."""
    key = question.type.key
    return any(_has_any(question, key, gas, "") for gas in question.factors.gases(key))


def _rank(question: Question, choice: Choice) -> int:
    return question.places.index(choice.factor.region)


def _published_together(question: Question, lead: Choice) -> list[Choice]:
    """The lead with the other gases of its document; where it is CO2e they are in it already."""
    if lead.factor.gas == "CO2e":
        return [lead]
    others = [factor for factor in question.factors.publication(lead.factor) if factor.gas not in ("CO2e", *PROPERTIES)]
    return [lead, *[_like(lead, factor) for factor in others]]


def _like(lead: Choice, factor: Factor) -> Choice:
    return replace(lead, factor=factor)


def _burnt(question: Question, unit: str, before: tuple[Step, ...]) -> list[GasRate]:
    """CO2 by the most specific place, methane and nitrous oxide by the sector of use."""
    type_ = question.type
    by_sector = type_.road or (type_.key if type_.sector else "")
    lead = _lead(question, (type_.fuel,) if type_.road else (type_.key, type_.fuel))
    rates = [_rate(question, lead, unit, before)]
    if lead.factor.gas == "CO2e":
        return rates
    own = [choice for choice in _published_together(question, lead) if choice.factor.gas in COMPANIONS]
    if own:
        return rates + [_rate(question, choice, unit, before) for choice in own]
    if not by_sector:
        question.flags["sector_unstated"] = None
        return rates
    for gas in COMPANIONS:
        try:
            choice = question.choose(by_sector, gas, guideline="")
        except FactorError as error:
            if error.code not in ("no_factor", "unknown_activity"):
                raise
            question.flags["co2_only"] = None
            continue
        rates.append(_rate(question, choice, unit, before))
    return rates


def _rate(question: Question, choice: Choice, unit: str, before: tuple[Step, ...]) -> GasRate:
    factor = choice.factor
    steps = (*before, *_steps(question, unit, factor.unit.removeprefix("kg/")))
    cullet = question.parameter("cullet_share")
    if cullet is not None:
        if factor.activity != "process.glass_default":
            raise LineRefused("unknown_parameter", "cullet_of_no_glass", value="cullet_share")
        steps = (*steps, Step(1 - cullet, "", code="less_cullet"))
    kg = 1.0
    for step in steps:
        kg *= step.value
    return GasRate(factor.gas, kg * factor.value, steps, Step(factor.value, factor.unit, choice))


def _landfill(question: Question) -> GasRate:
    missing = tuple(name for name in LANDFILL if question.parameter(name) is None)
    if missing:
        raise LineRefused("parameters_missing", choices=missing)
    stated = {name: question.parameter(name) or 0.0 for name in LANDFILL}
    t_per_t = float(landfill_ch4_t(1.0, *stated.values()))
    steps = _steps(question, question.unit, "t")
    kg = 1000 * t_per_t
    for step in steps:
        kg *= step.value
    last = Step(t_per_t * 1000, "kg/t", code="landfill", about=tuple(stated.items()))
    return GasRate("CH4_biogenic", kg, steps, last)


# --- from unit to unit ---------------------------------------------------------------------------------
def _steps(question: Question, unit: str, target: str) -> tuple[Step, ...]:
    """From the activity's unit to the factor's. Raises LineRefused where no known property leads there."""
    if unit == target:
        return _energy_basis(question) if unit == "GJ" and question.type.kind == "fuel" else ()
    simple = {("kg", "t"): Step(1e-3, "t/kg"), ("t", "kg"): Step(1e3, "kg/t")}.get((unit, target))
    if simple:
        return (simple,)
    if question.type.kind not in ("fuel", "travel"):
        energy = {("kWh", "GJ"): Step(GJ_PER_KWH, "GJ/kWh"), ("GJ", "kWh"): Step(1 / GJ_PER_KWH, "kWh/GJ")}
        if (unit, target) in energy:
            return (energy[unit, target],)
        raise _no_way(unit, target)
    if unit in GAS_STATES_C and target in GAS_STATES_C:
        return _to_state(question, unit, target)
    if target == "GJ":
        return _to_energy(question, unit)
    if target == "t" and unit == "L":
        return (_density(question),)
    if target == "t":
        return (*_to_energy(question, unit), _heating_value(question, "NCV", inverse=True))
    if target in GAS_STATES_C:
        back = _heating_value(question, "NCV_m3", inverse=True)
        return (*_to_energy(question, unit), back, *_to_state(question, "m3@0C", target))
    if target == "kWh":
        return (*_to_energy(question, unit), Step(1 / GJ_PER_KWH, "kWh/GJ"))
    raise _no_way(unit, target)


def _no_way(unit: str, target: str) -> LineRefused:
    return LineRefused("no_conversion", value=unit, choices=(target,))


def _to_energy(question: Question, unit: str) -> tuple[Step, ...]:
    """To GJ, net calorific value."""
    if unit == "GJ":
        return _energy_basis(question)
    if unit == "kWh":
        return (Step(GJ_PER_KWH, "GJ/kWh"), *_energy_basis(question))
    if unit == "kg":
        return (Step(1e-3, "t/kg"), *_to_energy(question, "t"))
    if unit == "t":
        return (_heating_value(question, "NCV"),)
    if unit == "L":
        return (_density(question), *_to_energy(question, "t"))
    return _volume_to_energy(question, unit)


def _volume_to_energy(question: Question, unit: str) -> tuple[Step, ...]:
    """Given properties of the gas hold at the line's own reference state."""
    per_m3, density = question.parameter("ncv_gj_per_m3"), question.parameter("density_kg_per_m3")
    if per_m3 is not None:
        question.flags["parameter_supplied"] = None
        return (Step(per_m3, f"GJ/{unit}", code="heating_value_stated"),)
    if density is not None:
        question.flags["parameter_supplied"] = None
        step = Step(density / 1000, f"t/{unit}", code="density_stated")
        return (step, *_to_energy(question, "t"))
    try:
        heating = _heating_value(question, "NCV_m3")
    except NoFactor as error:
        choices, names = ("density_kg_per_m3", "ncv_gj_per_m3"), _names(question.type)
        raise LineRefused(
            "density_needed", "density_of_gas_needed", value=unit, choices=choices, state=unit[3:], **names
        ) from error
    return (*_to_state(question, unit, "m3@0C"), heating)


def _to_state(question: Question, unit: str, target: str) -> tuple[Step, ...]:
    """Ideal gas at one pressure: volumes are as absolute temperatures."""
    if unit == target:
        return ()
    question.flags["reference_state_converted"] = None
    ratio = (KELVIN_AT_0C + GAS_STATES_C[target]) / (KELVIN_AT_0C + GAS_STATES_C[unit])
    return (Step(ratio, f"{target}/{unit}"),)


def _energy_basis(question: Question) -> tuple[Step, ...]:
    basis = question.terms.heating_value_basis
    if not basis:
        question.flags["ncv_assumed"] = None
    if basis != "GCV":
        return ()
    question.flags["gcv_converted"] = None
    question.flags["not_verified"] = None
    of_tables = [factor.fuel_class for factor in question.factors.of(question.type.fuel) if factor.fuel_class]
    ratio = NET_PER_GROSS.get(of_tables[0] if of_tables else "", NET_PER_GROSS_OTHERS)
    return (Step(ratio, "NCV/GCV", code="gross_to_net"),)


def _heating_value(question: Question, gas: str, *, inverse: bool = False) -> Step:
    stated = question.parameter("ncv_gj_per_t" if gas == "NCV" else "ncv_gj_per_m3")
    unit = "GJ/t" if gas == "NCV" else "GJ/m3@0C"
    if stated is not None:
        question.flags["parameter_supplied"] = None
        value, unit = (1 / stated, _flipped(unit)) if inverse else (stated, unit)
        return Step(value, unit, code="heating_value_stated")
    choice = _property(question, gas)
    value = choice.factor.value
    return Step(1 / value if inverse else value, _flipped(unit) if inverse else unit, choice, inverse=inverse)


def _flipped(unit: str) -> str:
    above, _, below = unit.partition("/")
    return f"{below}/{above}"


def _density(question: Question) -> Step:
    stated = question.parameter("density_kg_per_l")
    if stated is not None:
        question.flags["parameter_supplied"] = None
        return Step(stated / 1000, "t/L", code="density_stated")
    try:
        choice = _property(question, "density")
    except NoFactor as error:
        choices = ("density_kg_per_l",)
        raise LineRefused("density_needed", value="L", choices=choices, **_names(question.type)) from error
    question.flags["density_default"] = None
    return Step(choice.factor.value / 1000, "t/L", choice)


def _property(question: Question, gas: str) -> Choice:
    """Heating value or density: of the guideline that was asked for, where it has one."""
    purpose = "reporting_default"
    if question.guideline:
        try:
            return question.choose(question.type.fuel, gas, purpose=purpose)
        except NoFactor:
            pass
    return question.choose(question.type.fuel, gas, purpose=purpose, guideline="")


def _energy_per_unit(question: Question) -> float | None:
    """GJ (net) per unit, where the activity is energy and its heating value is known."""
    kind = question.type.kind
    if kind in ("electricity", "heat"):
        return GJ_PER_KWH if question.unit == "kWh" else 1.0
    if kind != "fuel":
        return None
    try:
        steps = _to_energy(question, question.unit)
    except FactorError:
        return None  # a local factor per tonne of a fuel whose heating value nobody knows
    energy = 1.0
    for step in steps:
        energy *= step.value
    return energy


# --- the other method of scope 2 -----------------------------------------------------------------------
def _market(question: Question, location: Side) -> Side | None:
    """The contract, else the residual mix; never the average. Heat has no market of its own: one result for both."""
    type_ = question.type
    if not type_.market_purpose:
        return location
    for contract in question.terms.contracts:
        last = Step(contract.kg_per_kwh, "kg/kWh", code="contract", about=(("name", contract.name),))
        return _side(question, [GasRate(contract.gas, contract.kg_per_kwh, (), last)], contract)
    try:
        lead = _lead(question, (type_.key,), purpose=type_.market_purpose)
    except NoFactor:
        question.flags["no_market_factor"] = None
        return None
    return _side(
        question, [_rate(question, choice, question.unit, ()) for choice in _published_together(question, lead)]
    )


# --- masses to CO2e, errors of factors -----------------------------------------------------------------
def is_memo(gas: str) -> bool:
    """Kept as a mass, outside the totals: biogenic CO2 and the gases of the Montreal Protocol."""
    return gas.startswith(MEMO_BEGINNINGS)


def _side(question: Question, gases: list[GasRate], contract: Contract | None = None) -> Side:
    gases = sorted(gases, key=lambda rate: rate.gas)
    co2e_kg = 0.0
    pushes: dict[tuple[str, str], float] = {}
    of_factor: dict[str, float] = {}
    draws: list[Draw] = []
    for rate in gases:
        gwp = 0.0 if is_memo(rate.gas) else question.gwps.gwp(question.gwp_set, rate.gas)
        co2e_kg += rate.kg_per_unit * gwp
        errors = _errors(question, rate, contract)
        if rate.kg_per_unit * gwp:
            chain = tuple((factor_id, percent) for factor_id, percent in errors.items() if percent)
            draws.append(Draw(rate.kg_per_unit * gwp, chain))
        for factor_id, percent in errors.items():
            push = percent * rate.kg_per_unit
            pushes[factor_id, rate.gas] = pushes.get((factor_id, rate.gas), 0.0) + push
            of_factor[factor_id] = of_factor.get(factor_id, 0.0) + push * gwp
    if not math.isfinite(co2e_kg):
        raise LineRefused("out_of_range", "rate_out_of_range", value=question.type.key)
    squares = 0.0
    for factor_id in sorted(of_factor):
        squares += of_factor[factor_id] ** 2
    percent = math.sqrt(squares) / co2e_kg if co2e_kg else 0.0
    made = [Push(factor_id, gas, pushes[factor_id, gas]) for factor_id, gas in sorted(pushes)]
    return Side(tuple(gases), co2e_kg, tuple(made), percent, tuple(draws))


def _errors(question: Question, rate: GasRate, contract: Contract | None) -> dict[str, float]:
    """Signed half width in percent by factor: what is multiplied and divided by again cancels.

    Factors that are one printed number err together, so they are one here.
    """
    if contract is not None:
        return {f"contract:{contract.name}": contract.uncertainty_percent}
    found: dict[str, float] = {}
    for step in rate.chain:
        if step.choice is None:
            continue
        factor, percent = step.choice.factor, step.choice.factor.half_width_percent
        factor_id = factor.printed_as or factor.id
        if percent is None:
            question.flags["factor_uncertainty_unknown"] = None
            continue
        found[factor_id] = found.get(factor_id, 0.0) + (-percent if step.inverse else percent)
    if rate.last.choice is None and question.type.key == "waste.landfill":
        found["formula:waste.landfill"] = math.sqrt(sum([each**2 for each in LANDFILL_PERCENTS]))
        question.flags["default_uncertainty"] = None
        question.flags["default_not_verified"] = None
    return found


def _flag(question: Question, side: Side) -> None:
    for choice in side.choices:
        factor = choice.factor
        if choice.is_later:
            question.flags["later_year"] = None
        elif choice.lag_years:
            question.flags["lag"] = None
        if factor.verification == "not_verified":
            question.flags["not_verified"] = None
        if factor.half_width_is_default and factor.default_percent:
            question.flags["default_uncertainty"] = None
            if factor.default_verification == "not_verified":
                question.flags["default_not_verified"] = None
    if any(is_memo(rate.gas) and rate.gas != "CO2_biogenic" for rate in side.gases):
        question.flags["montreal_memo"] = None
