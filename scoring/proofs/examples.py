"""Worked examples of other people, run through the engine's public functions: `manage.py check_examples FILE`.

An example has an id, a kind, inputs, expected numbers and a tolerance. A kind is one function of this module in KINDS,
from the inputs to results by name; nothing in here knows an example's id.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from portfolio.errors import PortfolioError
from portfolio.typed.units import AmbiguousUnit, UnitError, convert, kind_of, names_of
from scoring.engine.accounting import ledger as accounting
from scoring.engine.accounting.choice import choose
from scoring.engine.accounting.uncertainty import (
    DRAWS,
    Row32,
    lognormal_limits,
    monte_carlo,
    product,
    sum_by_factor,
    sum_percent,
    table_3_2,
)
from scoring.engine.errors import EngineError
from scoring.engine.finance.financed import financed_listed_t
from scoring.engine.pathways.paths import aca_allowed_t, sda_intensity
from scoring.tables.factors import shipped

Results = Mapping[str, Any]
EVERYTHING_PUBLISHED = date.max  # an example may say `as_of`; without it every shipped factor counts


class ExampleError(Exception):
    """An example, or a file of them, that cannot be run; the message says why."""


@dataclass(frozen=True)
class Outcome:
    """What came of an example. `got` holds what was expected by name; `why` is empty for a pass."""

    id: str
    expected: Any
    got: Any
    why: str

    @property
    def passed(self) -> bool:
        return not self.why

    def __str__(self) -> str:
        verdict = "pass" if self.passed else f"FAIL: {self.why}"
        return f"{self.id}  {_compact(self.expected)}  {_compact(self.got)}  {verdict}"


def read(path: Path) -> list[Any]:
    """The examples of a file. Raises ExampleError where it cannot be read or is no list."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_constant)
    except OSError as error:
        raise ExampleError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:  # also text that is not UTF-8
        raise ExampleError(f"{path} is not JSON: {error}") from error
    if not isinstance(found, list):
        raise ExampleError(f"{path} must hold a list of examples")
    return found


def check(examples: Sequence[Any], kinds: Collection[str] = ()) -> list[Outcome]:
    """Outcomes in order, of the named kinds only if there are names. Raises ExampleError for an unknown name, or if
    no example is left.
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise ExampleError(f"no such kind: {', '.join(unknown)}; known: {', '.join(KINDS)}")
    outcomes, seen = [], set()
    for number, example in enumerate(examples, start=1):
        if not isinstance(example, dict):
            outcomes.append(Outcome(f"example {number}", None, None, "must be an object"))
            continue
        name = example.get("id")
        if kinds and isinstance(example.get("kind"), str) and example["kind"] not in kinds:
            continue
        if not isinstance(name, str) or not name:
            outcomes.append(Outcome(f"example {number}", None, None, "has no id"))
        elif name in seen:
            outcomes.append(Outcome(name, None, None, "the id is used twice"))
        else:
            seen.add(name)
            outcomes.append(_run(name, example))
    if not outcomes:
        raise ExampleError("no example to check")
    return outcomes


def _run(name: str, example: Mapping[str, Any]) -> Outcome:
    expected = example.get("expected")
    try:
        kind = _field(example, "kind", str)
        inputs, expected = _field(example, "inputs", dict), _field(example, "expected", dict)
        tolerance = _tolerance(_field(example, "tolerance", dict))
        if kind not in KINDS:
            raise ExampleError(f"unknown kind {kind!r}")
        if not any(True for _ in _numbers(expected)):
            raise ExampleError("expects no number")
        given = Given(inputs, tolerance.draws)
        results = KINDS[kind](given)
        given.refuse_what_was_not_used(kind)
        got = {key: _plain(results[key]) for key in expected if key in results}
        why = "; ".join(_misses(expected, got, tolerance))
    except (ExampleError, EngineError, PortfolioError, ArithmeticError, ValueError) as error:
        return Outcome(name, expected, None, f"{type(error).__name__}: {error}")
    return Outcome(name, expected, got, why)


# Comparison


@dataclass(frozen=True)
class Tolerance:
    """How far a number may be off, absolutely or relatively to what is expected; draws are for Monte Carlo."""

    absolute: float | None
    relative: float | None
    draws: int | None

    def allows(self, expected: float, got: float) -> bool:
        most = self.absolute if self.absolute is not None else (self.relative or 0.0) * abs(expected)
        return abs(got - expected) <= most  # false for NaN


def _tolerance(given: Mapping[str, Any]) -> Tolerance:
    draws = given.get("n")
    sizes = {name: size for name, size in given.items() if name != "n"}
    if len(sizes) != 1 or not sizes.keys() <= {"abs", "rel"}:
        raise ExampleError(f"the tolerance must be one of abs or rel, with n for draws: {_compact(given)}")
    (size,) = sizes.values()
    if not _is_number(size) or size < 0:
        raise ExampleError(f"the tolerance must be a number, not below zero: {size!r}")
    if draws is not None and (type(draws) is not int or draws < 1):
        raise ExampleError(f"n must be a whole number above zero: {draws!r}")
    return Tolerance(sizes.get("abs"), sizes.get("rel"), draws)


def _misses(expected: Any, got: Any, tolerance: Tolerance, where: str = "") -> Iterator[str]:
    """Every place where `got` lacks or misses what is expected; more than that may be there."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            if not isinstance(got, dict) or key not in got:
                yield f"no {where}{key}"
            else:
                yield from _misses(value, got[key], tolerance, f"{where}{key}.")
    elif isinstance(expected, list):
        if not isinstance(got, list) or len(got) != len(expected):
            yield f"{where.rstrip('.')} must be a list of {len(expected)}"
            return
        for position, (one, other) in enumerate(zip(expected, got, strict=True)):
            yield from _misses(one, other, tolerance, f"{where}{position}.")
    elif _is_number(expected):
        if not _is_number(got) or not tolerance.allows(expected, got):
            yield f"{where.rstrip('.')} is {got!r}, expected {expected!r}"
    elif type(expected) is not type(got) or expected != got:
        yield f"{where.rstrip('.')} is {got!r}, expected {expected!r}"


def _numbers(expected: Any) -> Iterator[float]:
    if isinstance(expected, dict):
        expected = list(expected.values())
    if isinstance(expected, list):
        for each in expected:
            yield from _numbers(each)
    elif _is_number(expected):
        yield expected


def _is_number(value: Any) -> bool:
    """Finite only: 1e999 in a file is infinity, and would be within any tolerance."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -math.inf < value < math.inf


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _field(example: Mapping[str, Any], name: str, wanted: type) -> Any:
    if name not in example:
        raise ExampleError(f"has no {name}")
    if not isinstance(example[name], wanted):
        words: dict[type, str] = {str: "text", dict: "an object"}
        raise ExampleError(f"{name} must be {words[wanted]}: {example[name]!r}")
    return example[name]


# Inputs


class Given:
    """The inputs of an example, which notices what a kind has used. Every getter raises ExampleError."""

    def __init__(self, inputs: Mapping[str, Any], draws: int | None) -> None:
        self._inputs = inputs
        self._used: set[str] = set()
        self._draws = draws

    @property
    def names(self) -> tuple[str, ...]:
        """What is left to be used."""
        return tuple(name for name in self._inputs if name not in self._used)

    @property
    def draws(self) -> int:
        draws, self._draws = self._draws, None
        return draws or DRAWS

    def has(self, name: str) -> bool:
        return name in self._inputs

    def value(self, name: str) -> Any:
        if name not in self._inputs:
            raise ExampleError(f"no input {name}")
        self._used.add(name)
        return self._inputs[name]

    def labels(self, *names: str) -> None:
        """Words for the reader, which change no number."""
        for name in names:
            if self.has(name):
                self.text(name)

    def text(self, name: str, default: str | None = None) -> str:
        if default is not None and not self.has(name):
            return default
        value = self.value(name)
        if not isinstance(value, str):
            raise ExampleError(f"{name} must be text: {value!r}")
        return value

    def number(self, name: str, default: float | None = None) -> float:
        if default is not None and not self.has(name):
            return default
        return _number(name, self.value(name))

    def whole(self, name: str, default: int | None = None) -> int:
        value = default if default is not None and not self.has(name) else self.value(name)
        if type(value) is not int:
            raise ExampleError(f"{name} must be a whole number: {value!r}")
        return value

    def numbers(self, name: str) -> list[float]:
        """A list of numbers; a single number is a list of one."""
        value = self.value(name)
        return [_number(name, each) for each in (value if isinstance(value, list) else [value])]

    def texts(self, name: str) -> list[str]:
        value = self.value(name)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise ExampleError(f"{name} must be a list of texts: {value!r}")
        return value

    def is_list(self, name: str) -> bool:
        return isinstance(self._inputs.get(name), list)

    def refuse_what_was_not_used(self, kind: str) -> None:
        if self.names:
            raise ExampleError(f"inputs that {kind} does not know: {', '.join(self.names)}")
        if self._draws is not None:
            raise ExampleError(f"{kind} draws nothing, so its tolerance has no n")


def _number(name: str, value: Any) -> float:
    if not _is_number(value):
        raise ExampleError(f"{name} must be a number: {value!r}")
    return float(value)


# Kinds: fuels and units


def fuel_ef_from_carbon(given: Given) -> Results:
    given.labels("fuel")
    carbon, oxidation = given.number("carbon_content_kgC_per_GJ"), given.number("oxidation_factor", 1.0)
    return {"co2_kg_per_TJ": accounting.co2_factor_from_carbon(carbon, oxidation)}


def fuel_mass(given: Given) -> Results:
    given.labels("fuel")
    mass, ncv = given.number("mass_t"), given.number("ncv_TJ_per_Gg")
    return {"co2_kg": accounting.fuel_co2_kg_by_mass(mass, ncv, given.number("co2_kg_per_TJ"))}


def fuel_volume(given: Given) -> Results:
    given.labels("fuel")
    volume, density = given.number("volume_m3"), given.number("density_kg_per_m3")
    ncv, factor = given.number("ncv_TJ_per_Gg"), given.number("co2_kg_per_TJ")
    return {"co2_kg": accounting.fuel_co2_kg_by_volume(volume, density, ncv, factor)}


def ndrc_fuel(given: Given) -> Results:
    given.labels("fuel")
    amount, ncv = given.number("amount"), given.number("ncv")
    carbon, oxidation = given.number("cc_tC_per_GJ"), given.number("of")
    return {"co2_t": accounting.ndrc_fuel_co2_t(amount, ncv, carbon, oxidation)}


def unit(given: Given) -> Results:
    """`value`, `from`, `to`; or names that end in their unit: one amount, or an amount and a rate `…_X_per_Y`."""
    if given.has("value"):
        to_unit = given.text("to")
        value = convert(given.number("value"), given.text("from"), to_unit)
        return {"value": value, to_unit: value}
    rates = [name for name in given.names if "_per_" in name]
    amounts = [name for name in given.names if "_per_" not in name]
    if len(amounts) != 1 or len(rates) > 1:
        raise ExampleError(f"one amount, or an amount and a rate, are needed: {', '.join(given.names)}")
    amount, amount_unit = given.number(amounts[0]), _unit_at_the_end(amounts[0])
    if not rates:
        return _in_all_units(amount, amount_unit)
    above, below = (_unit_at_the_end(side) for side in rates[0].split("_per_", 1))
    rate = given.number(rates[0])
    if kind_of(amount_unit) == kind_of(below):
        return _in_all_units(rate * convert(amount, amount_unit, below), above)
    if (kind_of(amount_unit), kind_of(above), kind_of(below)) != ("distance", "distance", "volume"):
        raise ExampleError(f"{amounts[0]} and {rates[0]} do not go together")
    economy_km_per_litre = rate * convert(1, above, "km") / convert(1, below, "L")
    distance_km = convert(amount, amount_unit, "km")
    return _in_all_units(float(accounting.litres_from_distance(distance_km, economy_km_per_litre)), "L")


def _unit_at_the_end(name: str) -> str:
    """Names are written small: `lb_per_mwh` means MWh where nothing else can be meant."""
    word = name.rsplit("_", 1)[-1]
    try:
        kind_of(word)
    except AmbiguousUnit as error:
        if len(error.nearest) != 1:
            raise
        return error.nearest[0]
    return word


def _in_all_units(value: float, unit: str) -> Results:
    """By the name of each unit of its kind, also in small letters and after the kind's word."""
    kind = kind_of(unit)
    found: dict[str, float] = {}
    for name in names_of(kind):
        try:
            found[name] = convert(value, unit, name)
        except UnitError:
            continue  # a gas volume of another state
    small = [name.casefold() for name in found]
    found |= {name.casefold(): size for name, size in found.items() if small.count(name.casefold()) == 1}
    return found | {f"{kind}_{name}": size for name, size in found.items()}


# Kinds: processes, waste, electricity, heat, gases


def process(given: Given) -> Results:
    """Ammonia, clinker, a mix of routes or a carbonate, by the inputs that are there."""
    given.labels("process", "product", "carbonate", "formula")
    if given.has("shares"):
        return {"ef_t_per_t": accounting.mix_factor(given.numbers("shares"), given.numbers("efs"))}
    if given.has("formula_weight"):
        factor = accounting.carbonate_co2_t_per_t(given.number("formula_weight"), given.number("co2_weight"))
        return {"ef": factor, "ef_t_per_t": factor}
    if given.has("cao_fraction"):
        cao, per_cao = given.number("cao_fraction"), given.number("co2_per_cao", 0.785)
        return {"ef_t_per_t": accounting.clinker_co2_t_per_t(cao, per_cao, given.number("ckd_factor", 1.0))}
    fuel, carbon = given.number("fuel_GJ_per_t"), given.number("carbon_kgC_per_GJ")
    return {"co2_t_per_t": accounting.ammonia_co2_t_per_t(fuel, carbon, given.number("oxidation", 1.0))}


def waste(given: Given) -> Results:
    """Without recovery, oxidation, DOCf or F the defaults of the guidelines (vol. 5, section 3.2.3) are taken."""
    ch4_t = accounting.landfill_ch4_t(
        msw_t=given.number("msw_t"),
        doc=given.number("doc"),
        docf=given.number("docf", 0.5),
        mcf=given.number("mcf"),
        f=given.number("f", 0.5),
        recovered=given.number("recovered", 0.0),
        ox=given.number("ox", 0.0),
    )
    return {"ch4_t": ch4_t}


def scope2_location(given: Given) -> Results:
    """The average factor that the place itself has for the year; an older one is no answer here."""
    year, as_of = given.whole("year"), _as_of(given)
    several = given.has("provinces")
    places = given.texts("provinces") if several else [given.text("province")]
    tonnes = {place: 0.0 for place in places}
    mwh = _energy(given, "MWh")
    for place in places:
        choice = choose(
            shipped().factors,
            activity="electricity",
            gas="CO2",
            places=(place,),
            year=year,
            purpose="inventory_average",
            as_of=as_of,
        )
        if choice.lag_years != 0:
            raise ExampleError(f"{place} has no factor for {year}, the latest is for {choice.factor.data_year}")
        tonnes[place] = float(accounting.scope2_location_t(mwh, choice.factor.value))  # kg/kWh is t/MWh
    return {"tco2": tonnes if several else tonnes[places[0]]}


def heat(given: Given) -> Results:
    year, as_of = given.whole("year", EVERYTHING_PUBLISHED.year), _as_of(given)
    places = shipped().places_of(given.text("place", "CN"))
    choice = choose(
        shipped().factors,
        activity="heat",
        gas="CO2",
        places=places,
        year=year,
        purpose="reporting_default",
        as_of=as_of,
    )
    return {"tco2": accounting.purchased_heat_t(_energy(given, "GJ"), choice.factor.value / 1000)}


def gwp(given: Given) -> Results:
    """Masses named `<gas>_<unit>`; methane may be ch4_fossil or ch4_biogenic."""
    name = given.text("gwp")
    known = {_letters(gas): gas for gas in _gases()}
    masses: dict[str, float] = {}
    for each in given.names:
        gas, _, mass_unit = each.rpartition("_")
        if _letters(gas) not in known:
            raise ExampleError(f"no gas is called {gas!r}")
        masses[known[_letters(gas)]] = convert(given.number(each), mass_unit, "kg")
    co2e = accounting.co2e_kg(masses, shipped().gwps, name)
    return {"co2e_kg": co2e, "co2e_t": co2e / 1000}


def _gases() -> tuple[str, ...]:
    leaked = (
        key.removeprefix("refrigerant.") for key in shipped().factors.activities if key.startswith("refrigerant.")
    )
    return ("CO2", "CH4", "CH4_fossil", "CH4_biogenic", "N2O", *leaked)


def _letters(gas: str) -> str:
    letters = re.sub(r"[\s_-]", "", gas).casefold()
    return {"ch4nonfossil": "ch4biogenic"}.get(letters, letters)


def _energy(given: Given, unit: str) -> float:
    """The one input that is left, whose name ends in its unit."""
    if len(given.names) != 1:
        raise ExampleError(f"one amount of energy is needed: {', '.join(given.names) or 'none'}")
    (name,) = given.names
    return convert(given.number(name), _unit_at_the_end(name), unit)


def _as_of(given: Given) -> date:
    return date.fromisoformat(given.text("as_of", EVERYTHING_PUBLISHED.isoformat()))


# Kinds: series


def trend(given: Given) -> Results:
    """Change between `old` and `new`, or two years v2022 and v2023: numbers, or lists element by element."""
    names = ("old", "new") if given.has("old") else tuple(sorted(given.names))
    if len(names) != 2 or (names != ("old", "new") and not all(re.fullmatch(r"v[0-9]{4}", each) for each in names)):
        raise ExampleError(f"old and new, or two years such as v2022, are needed: {', '.join(names)}")
    is_list = given.is_list(names[0])
    old, new = (given.numbers(name) for name in names)
    if len(old) != len(new):
        raise ExampleError(f"{names[0]} and {names[1]} have different lengths")
    percents = [accounting.change_percent(before, after) for before, after in zip(old, new, strict=True)]
    return {"pct": percents if is_list else percents[0]}


def splicing(given: Given) -> Results:
    previous, new, is_list = given.numbers("previous"), given.numbers("new"), given.is_list("x0")
    spliced = [accounting.splice_overlap(previous, new, x0) for x0 in given.numbers("x0")]
    return {"y0": spliced if is_list else spliced[0]}


# Kinds: uncertainty


def unc_product(given: Given) -> Results:
    """Half widths named `u_…pct`: numbers, or one list."""
    percents = [each for name in given.names if re.fullmatch(r"u_(\w+_)?pct", name) for each in given.numbers(name)]
    return {"u_total_pct": product(*percents)}


def unc_sum(given: Given) -> Results:
    """Independent summands, or activities with factors that some share (`factor_ids`)."""
    values = given.numbers("x")
    if given.has("u_pct"):
        return {"u_total_pct": sum_percent(values, _as_many(given, "u_pct", len(values)))}
    activity, factor = (_as_many(given, name, len(values)) for name in ("u_ad_pct", "u_ef_pct"))
    return {"u_total_pct": sum_by_factor(values, activity, factor, _factor_ids(given, len(values)))}


def unc_approach1(given: Given) -> Results:
    rows = given.value("rows")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ExampleError("rows must be a list of objects")
    table = table_3_2([_row_32(Given(row, None)) for row in rows])
    columns = [dict(zip(table.columns, cells, strict=True)) for cells in zip(*table.columns.values(), strict=True)]
    return {
        "total_pct": table.total_percent,
        "trend_pct_points": table.trend_points,
        "trend_pct": table.trend_percent,
        "rows": columns,
    }


def _row_32(row: Given) -> Row32:
    row.labels("gas")
    known = Row32(
        category=row.text("cat", ""),
        base=row.number("C"),
        year=row.number("D"),
        activity_percent=row.number("E"),
        factor_percent=row.number("F"),
        ef_corr=_flag(row, "ef_corr", True),
        ad_corr=_flag(row, "ad_corr", False),
    )
    row.refuse_what_was_not_used("a row")
    return known


def unc_montecarlo(given: Given) -> Results:
    """Σ activity × factor, all independent but for factors with one of `factor_ids`; or Σ x of half widths u_pct."""
    if given.has("x"):
        values = given.numbers("x")
        activity, factor = _as_many(given, "u_pct", len(values)), [0.0] * len(values)
    else:
        ads, efs = given.numbers("ad"), given.numbers("ef")
        if len(ads) != len(efs):
            raise ExampleError("ad and ef have different lengths")
        values = [ad * ef for ad, ef in zip(ads, efs, strict=True)]
        activity, factor = (_as_many(given, name, len(values)) for name in ("ad_u95_pct", "ef_u95_pct"))
    dist = given.text("dist", "auto")
    if dist not in ("auto", "normal", "lognormal"):
        raise ExampleError(f"dist must be auto, normal or lognormal: {dist!r}")
    ids = _factor_ids(given, len(values))
    drawn = monte_carlo(
        values,
        activity,
        factor,
        ids,
        [("example", str(position), None) for position in range(len(values))],
        seed=given.whole("seed", 1),
        n=given.draws,
        distribution=None if dist == "auto" else dist,  # type: ignore[arg-type]
    )
    mean, sd, lower, upper = (float(each[0]) for each in (drawn.mean, drawn.sd, drawn.lower, drawn.upper))
    return {
        "mean": mean,
        "sd": sd,
        "lower": lower,
        "upper": upper,
        "p2_5": lower,
        "p97_5": upper,
        "u95_pct": (upper - lower) / 2 / abs(mean) * 100 if mean else math.nan,
        "approach1_u95_pct": sum_by_factor(values, activity, factor, ids),
    }


def unc_lognormal(given: Given) -> Results:
    found = lognormal_limits(given.number("mean", 100.0), given.number("u95_pct"))
    return {
        "u_low_pct": found.low_percent,
        "u_high_pct": found.high_percent,
        "lower": found.lower,
        "upper": found.upper,
    }


# Targets and financed emissions


def target(given: Given) -> Results:
    """Absolute contraction."""
    years = given.number("year") - given.number("base_year")
    return {"allowed": aca_allowed_t(given.number("base"), years, given.number("rate"))}


def target_sda(given: Given) -> Results:
    """Sectoral convergence; years stand in the names of the intensities: SI_base_2018, SI_2030, SI_2050."""
    given.labels("sector")
    years = sorted(name.removeprefix("SI_") for name in given.names if re.fullmatch(r"SI_[0-9]{4}", name))
    bases = [name for name in given.names if name.startswith("SI_base")]
    if len(years) != 2 or len(bases) != 1:
        raise ExampleError("one SI_base, the year's SI_ and the end's SI_ are needed")
    year, end = years
    own = given.number("CI_base")
    sector = (given.number(bases[0]), given.number(f"SI_{year}"), given.number(f"SI_{end}"))
    reached = sda_intensity(own, *sector, given.number("market_share_parameter", 1.0))
    return {f"CI_{year}": reached, "reduction_pct": -accounting.change_percent(own, reached)}


def pcaf(given: Given) -> Results:
    """A listed company."""
    amounts = (given.number("outstanding"), given.number("evic"), given.number("emissions_t"))
    return {"financed_t": financed_listed_t(*amounts)}


def _as_many(given: Given, name: str, count: int) -> list[float]:
    """A list of that length; one number stands for all."""
    numbers = given.numbers(name)
    if len(numbers) not in (1, count):
        raise ExampleError(f"{name} must have {count} numbers")
    return numbers if len(numbers) == count else numbers * count


def _factor_ids(given: Given, count: int) -> list[str]:
    ids = given.texts("factor_ids") if given.has("factor_ids") else [f"own {position}" for position in range(count)]
    if len(ids) != count:
        raise ExampleError(f"factor_ids must have {count} names")
    return ids


def _flag(given: Given, name: str, default: bool) -> bool:
    value = given.value(name) if given.has(name) else default
    if not isinstance(value, bool):
        raise ExampleError(f"{name} must be true or false: {value!r}")
    return value


KINDS: Mapping[str, Callable[[Given], Results]] = {
    "fuel_ef_from_carbon": fuel_ef_from_carbon,
    "fuel_mass": fuel_mass,
    "fuel_volume": fuel_volume,
    "unit": unit,
    "process": process,
    "ndrc_fuel": ndrc_fuel,
    "scope2_location": scope2_location,
    "trend": trend,
    "heat": heat,
    "gwp": gwp,
    "unc_product": unc_product,
    "unc_sum": unc_sum,
    "unc_approach1": unc_approach1,
    "unc_montecarlo": unc_montecarlo,
    "unc_lognormal": unc_lognormal,
    "splicing": splicing,
    "waste": waste,
    "target": target,
    "target_sda": target_sda,
    "pcaf": pcaf,
}
