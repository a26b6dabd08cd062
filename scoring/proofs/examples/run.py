"""Worked examples of other people, run through the engine's public functions: `manage.py check_examples FILE`.

An example has an id, a kind, inputs, expected numbers and a tolerance. A kind is one function in KINDS,
from the inputs to results by name; nothing in here knows an example's id.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from portfolio.errors import PortfolioError
from scoring.engine.errors import EngineError
from scoring.proofs.examples.accounting import (
    fuel_ef_from_carbon,
    fuel_mass,
    fuel_volume,
    gwp,
    heat,
    ndrc_fuel,
    process,
    scope2_location,
    splicing,
    trend,
    unit,
    waste,
)
from scoring.proofs.examples.bars import (
    avoided_choice,
    avoided_planned,
    avoided_unit,
    carbon_price,
    contribution,
    three_bars,
)
from scoring.proofs.examples.cities import gpc_biogenic, gpc_cell, gpc_loss, reconciliation
from scoring.proofs.examples.finance import (
    evic_inflated,
    pcaf,
    pcaf_pboc,
    pcaf_private,
    scope2_dual,
    target,
    target_sda,
)
from scoring.proofs.examples.given import ExampleError, Given, Results, field_of, is_number
from scoring.proofs.examples.stacking import (
    interactive_effects,
    interactive_effects_btu,
    lmdi,
    lmdi_factors,
    lmdi_sectors,
    lmdi_zero,
    shapley,
    shapley_airport,
    stacking_building,
    stacking_multiplicative,
    stacking_owen,
)
from scoring.proofs.examples.temperature import temperature_v15
from scoring.proofs.examples.uncertainty import unc_approach1, unc_lognormal, unc_montecarlo, unc_product, unc_sum
from scoring.proofs.examples.verification import conservative, materiality


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
        kind = field_of(example, "kind", str)
        inputs, expected = field_of(example, "inputs", dict), field_of(example, "expected", dict)
        tolerance = _tolerance(field_of(example, "tolerance", dict))
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
    if not is_number(size) or size < 0:
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
    elif is_number(expected):
        if not is_number(got) or not tolerance.allows(expected, got):
            yield f"{where.rstrip('.')} is {got!r}, expected {expected!r}"
    elif type(expected) is not type(got) or expected != got:
        yield f"{where.rstrip('.')} is {got!r}, expected {expected!r}"


def _numbers(expected: Any) -> Iterator[float]:
    if isinstance(expected, dict):
        expected = list(expected.values())
    if isinstance(expected, list):
        for each in expected:
            yield from _numbers(each)
    elif is_number(expected):
        yield expected


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
    "materiality": materiality,
    "conservative": conservative,
    "waste": waste,
    "target": target,
    "target_sda": target_sda,
    "pcaf": pcaf,
    "pcaf_pboc": pcaf_pboc,
    "pcaf_private": pcaf_private,
    "evic_inflation": evic_inflated,
    "scope2_dual": scope2_dual,
    "temperature_v15": temperature_v15,
    "contribution": contribution,
    "three_bars": three_bars,
    "carbon_price": carbon_price,
    "avoided_unit": avoided_unit,
    "avoided_choice": avoided_choice,
    "avoided_planned": avoided_planned,
    "stacking_multiplicative": stacking_multiplicative,
    "stacking_building": stacking_building,
    "stacking_owen": stacking_owen,
    "interactive_effects": interactive_effects,
    "interactive_effects_btu": interactive_effects_btu,
    "shapley": shapley,
    "shapley_airport": shapley_airport,
    "lmdi": lmdi,
    "lmdi_factors": lmdi_factors,
    "lmdi_sectors": lmdi_sectors,
    "lmdi_zero": lmdi_zero,
    "gpc_cell": gpc_cell,
    "gpc_biogenic": gpc_biogenic,
    "gpc_loss": gpc_loss,
    "reconciliation": reconciliation,
}
