"""The inputs of an example, read strictly: a name that is missing, unread or of another kind is an error."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from scoring.engine.accounting.simulation import DRAWS

Results = Mapping[str, Any]


class ExampleError(Exception):
    """An example, or a file of them, that cannot be run; the message says why."""


def is_number(value: Any) -> bool:
    """Finite only: 1e999 in a file is infinity, and would be within any tolerance."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -math.inf < value < math.inf


def field_of(example: Mapping[str, Any], name: str, wanted: type) -> Any:
    if name not in example:
        raise ExampleError(f"has no {name}")
    if not isinstance(example[name], wanted):
        words: dict[type, str] = {str: "text", dict: "an object"}
        raise ExampleError(f"{name} must be {words[wanted]}: {example[name]!r}")
    return example[name]


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
    if not is_number(value):
        raise ExampleError(f"{name} must be a number: {value!r}")
    return float(value)


def as_many(given: Given, name: str, count: int) -> list[float]:
    """A list of that length; one number stands for all."""
    numbers = given.numbers(name)
    if len(numbers) not in (1, count):
        raise ExampleError(f"{name} must have {count} numbers")
    return numbers if len(numbers) == count else numbers * count


def ids_of_factors(given: Given, count: int) -> list[str]:
    ids = given.texts("factor_ids") if given.has("factor_ids") else [f"own {position}" for position in range(count)]
    if len(ids) != count:
        raise ExampleError(f"factor_ids must have {count} names")
    return ids


def flag(given: Given, name: str, default: bool) -> bool:
    value = given.value(name) if given.has(name) else default
    if not isinstance(value, bool):
        raise ExampleError(f"{name} must be true or false: {value!r}")
    return value
