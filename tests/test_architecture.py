"""Imports point one way: fund → scoring → portfolio; the engine knows no Django, clock, files or network."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FORBIDDEN = {"portfolio": {"scoring", "fund", "tests"}, "scoring": {"fund", "tests"}, "fund": {"tests"}}
ENGINE_MAY = {
    "__future__",
    "bisect",
    "collections",
    "dataclasses",
    "decimal",
    "datetime",
    "functools",
    "hashlib",
    "itertools",
    "json",
    "math",
    "numpy",
    "operator",
    "re",
    "scipy",
    "scoring",
    "sklearn",
    "types",
    "typing",
}
CLOCKS = {"today", "now", "utcnow", "time", "open", "default_rng"}


def modules(package: str) -> list[Path]:
    found = sorted((ROOT / package).rglob("*.py"))
    assert found, package
    return found


def imports(path: Path) -> Iterator[str]:
    """Full dotted names of all imports, also those inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def is_door(name: str) -> bool:
    """A module of views, of pages or of the API; the shared classes that API views extend are none."""
    return name.endswith(("views", "api")) and name != "portfolio.rest.views"


@pytest.mark.parametrize("package", ["portfolio", "scoring"])
def test_no_view_imports_another_view(package: str) -> None:
    doors = [path for path in modules(package) if is_door(path.stem)]
    assert doors
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in doors
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] in FORBIDDEN
        for name in (str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names))
        if is_door(name)
    ]
    assert not wrong


@pytest.mark.parametrize("package", FORBIDDEN)
def test_no_package_imports_one_above_it(package: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(package)
        for name in imports(path)
        if name.split(".")[0] in FORBIDDEN[package]
    ]
    assert not wrong


def test_the_engine_imports_only_mathematics_and_itself() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules("scoring/engine")
        for name in imports(path)
        if name.split(".")[0] not in ENGINE_MAY
        or (name.startswith("scoring") and not name.startswith("scoring.engine"))
    ]
    assert not wrong


def test_the_engine_reads_no_clock_no_file_and_no_unseeded_randomness() -> None:
    wrong = []
    for path in modules("scoring/engine"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in CLOCKS:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} calls {name}")
    assert not wrong


def test_nothing_is_unpickled() -> None:
    names = {"pickle", "joblib", "shelve", "marshal", "dill", "cloudpickle"}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for package in FORBIDDEN
        for path in modules(package)
        for name in imports(path)
        if name.split(".")[0] in names
    ]
    assert not wrong


def test_the_snapshots_are_the_only_place_where_rows_become_records() -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for path in modules("scoring")
        if "scoring/engine" not in path.as_posix()
        for name in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(name, ast.Call) and getattr(name.func, "id", "") in {"CompanyRecord", "TargetRecord"}
    }
    assert users == {"scoring/snapshots.py"}


def test_there_is_no_room_for_everything_and_nothing() -> None:
    names = {"services.py", "selectors.py", "utils.py", "helpers.py", "common", "core"}
    assert not [path for package in FORBIDDEN for path in (ROOT / package).rglob("*") if path.name in names]
