"""Reading golden cases: those that ship with the tests, and those that are compared only where they are at hand."""

import csv
import gzip
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring.engine.columns import Floats

SHIPPED = Path(__file__).parents[1] / "golden"


def shared(*parts: str) -> Path:
    """A path below ../shared, looked for in all parents; skips loudly where it is absent."""
    for parent in Path(__file__).resolve().parents:
        path = parent.joinpath("shared", *parts)
        if path.exists():
            return path
    pytest.skip(f"NOT COMPARED: {'/'.join(parts)} is not at hand (../shared is absent)")


def rows(path: Path) -> list[dict[str, str]]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    return list(csv.DictReader(text.splitlines()))


def case(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def column(table: list[dict[str, str]], name: str) -> Floats:
    """An empty cell is missing."""
    return np.array([float(row[name]) if row[name] else np.nan for row in table])


def assert_same(found: Any, expected: Any, tolerance: Mapping[str, float], where: str = "") -> None:
    """Every number of `expected`, also inside lists and objects; None only equals None."""
    if isinstance(expected, Mapping):
        for key, value in expected.items():
            assert_same(found[key], value, tolerance, f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for k, value in enumerate(expected):
            assert_same(found[k], value, tolerance, f"{where}[{k}]")
    elif isinstance(expected, float) and found is not None:
        rel, absolute = tolerance.get("rel", 0.0), tolerance.get("abs", 0.0)
        assert math.isclose(found, expected, rel_tol=rel, abs_tol=absolute), (where, found, expected)
    else:
        assert found == expected, (where, found, expected)
