"""Imports point one way: fund → scoring → portfolio, within each from room to room; the engine knows no Django, clock,
files or network."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
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
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


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
        for node in ast.walk(tree_of(path)):
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
        for name in ast.walk(tree_of(path))
        if isinstance(name, ast.Call) and getattr(name.func, "id", "") in {"CompanyRecord", "TargetRecord"}
    }
    assert users == {"scoring/snapshots.py"}


def test_there_is_no_room_for_everything_and_nothing() -> None:
    names = {"services.py", "selectors.py", "utils.py", "helpers.py", "common", "core"}
    assert not [path for package in FORBIDDEN for path in (ROOT / package).rglob("*") if path.name in names]


# --- rooms ---------------------------------------------------------------------------------------------
# Lowest first: a room imports rooms that stand before it. A room is a folder, or a file where there is none; `ground`
# is what all of a package stand on, `doors` are what the outside world knocks at.
ROOMS = {
    "scoring/engine": (
        ("errors", "words", "columns", "inputs", "means"),
        (
            "accounting",
            "finance",
            "temperature",
            "pathways",
            "estimator",
            "screening",
            "score",
            "stacking",
            "lmdi",
            "cities",
        ),
        ("__init__",),
    ),
    "portfolio": (
        (
            "__init__",
            "errors",
            "audit_words",
            "audit",
            "bulk",
            "guards",
            "identifiers",
            "signals",
            "wording",
            "lists",
            "exports",
            "folding",
            "beijing",
            "materiality",
        ),
        ("typed", "models", "rest", "documents", "places", "universe", "exchange_rates", "families", "templatetags"),
        (
            "mail",
            "webhooks",
            "verification",
            "saved_views",
            "solutions",
            "gates",
            "citations",
            "disclosures",
            "activities",
            "local_factors",
            "monitoring_plans",
            "evidence",
            "sheets",
            "quarters",
            "joins",
            "people",
            "admin",
        ),
        ("tasks", "management", "urls", "apps"),
    ),
    "scoring": (
        ("__init__", "errors", "guards", "wake", "checks", "access", "engine"),
        (
            "models",
            "reading",
            "tables",
            "quality",
            "candidacies",
            "snapshots",
            "estimators",
            "tracks",
            "ledgers",
            "sheets",
            "candidates",
            "runs",
            "bar_sheets",
        ),
        ("signing", "plausibility", "peers", "proofs"),
        ("cases",),
        ("dossier",),
        ("templatetags", "admin", "tasks", "management", "urls", "apps"),
    ),
    "fund": (
        ("errors", "guards", "templatetags", "formats"),
        ("models", "applicants", "committee", "holdings", "pipeline", "help", "project", "entrance", "api", "demo"),
        ("settings", "celery", "wsgi", "__init__", "bench"),
        ("admin", "management", "urls", "apps"),
    ),
}
SHARED_BY_VIEWS = "portfolio.rest."  # the one room that is made of what API views have in common
MOST_MODULES, MOST_LINES = 20, 600
# A verified year is one thing in several tables, whose rules name one another.
AGGREGATE = {f"portfolio.models.{name}" for name in ("activity", "check", "disclosure", "local_factor")}


def test_a_room_imports_only_rooms_below_it() -> None:
    wrong = []
    for package, floors in ROOMS.items():
        order = [room for floor in floors for room in floor]
        for path in modules(package):
            room = room_of(path, package)
            if room is None:
                continue
            for name in names_at_run_time(path):
                other = room_named(name, package)
                if other and other != room and order.index(other) > order.index(room):
                    wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not wrong


def test_every_module_stands_in_a_room() -> None:
    unknown = {
        path.relative_to(ROOT).as_posix()
        for package, floors in ROOMS.items()
        for path in modules(package)
        if (room := room_of(path, package)) and room not in {room for floor in floors for room in floor}
    }
    assert not unknown


def test_the_picture_shows_every_room() -> None:
    picture = (ROOT / "docs/images/rooms.svg").read_text(encoding="utf-8")
    shown = {word for label in re.findall(r'font-weight="600"[^>]*>([^<]*)<', picture) for word in label.split(" · ")}
    folders = {
        path.name
        for package in ROOMS
        for path in (ROOT / package).iterdir()
        if (path / "__init__.py").exists() and path.name not in {"engine", "migrations", "management", "templatetags"}
    }
    assert folders - {"formats"} <= shown


def test_no_view_imports_another_view() -> None:
    views = {name_of(path) for package in FORBIDDEN for path in modules(package) if is_view(path)}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for package in FORBIDDEN
        for path in modules(package)
        if is_view(path)
        for name in names_at_run_time(path)
        if name in views - {name_of(path)} and not name.startswith(SHARED_BY_VIEWS)
    ]
    assert not wrong


def test_a_folder_holds_few_modules_and_a_file_few_lines() -> None:
    found = [path for package in FORBIDDEN for path in modules(package) if "migrations" not in path.parts]
    crowded = {folder: n for folder, n in Counter(path.parent for path in found).items() if n > MOST_MODULES + 1}
    assert not crowded  # one more for __init__.py
    found += (ROOT / "tests").rglob("*.py")
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines()) for path in found}
    assert not {path: n for path, n in lengths.items() if n > MOST_LINES}


def test_no_imports_go_round_in_a_circle_but_those_of_the_one_aggregate() -> None:
    paths = {name_of(path): path for package in FORBIDDEN for path in modules(package)}
    left = {name: {other for other in names_at_run_time(path) if other in paths} for name, path in paths.items()}
    while free := {name for name, needed in left.items() if not needed & left.keys() - {name}}:
        for name in free:
            del left[name]
    # What is left is in a circle or stands on one: take away from above what nothing left imports.
    while tops := left.keys() - set().union(*(needed - {name} for name, needed in left.items())):
        for name in tops:
            del left[name]
    assert left.keys() <= AGGREGATE


def test_tasks_are_told_by_names_that_exist() -> None:
    """`tell("task", …)`, and `partial(tell, "task", …)` for what is told on commit."""
    told = set()
    for path in modules("scoring"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call):
                words = [*([node.func] if isinstance(node.func, ast.Name) else []), *node.args]
                told |= {
                    after.value
                    for one, after in pairwise(words)
                    if getattr(one, "id", "") == "tell" and isinstance(after, ast.Constant)
                }
    tasks = {node.name for node in tree_of(ROOT / "scoring/tasks.py").body if isinstance(node, ast.FunctionDef)}
    assert "drain" in told
    assert told <= tasks


def is_view(path: Path) -> bool:
    return path.stem in {"views", "api"} or path.stem.endswith("_views")


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def room_of(path: Path, package: str) -> str | None:
    """The room within a package; None where a file belongs to a package inside it, or to none."""
    inner = path.relative_to(ROOT / package).parts
    if package == "scoring" and inner[0] == "engine":
        return None
    return None if inner[0] == "migrations" else Path(inner[0]).stem


def room_named(name: str, package: str) -> str | None:
    head = package.replace("/", ".") + "."
    return name.removeprefix(head).split(".")[0] if name.startswith(head) else None


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def names_at_run_time(path: Path) -> set[str]:
    """The modules of ours that this one imports, also inside functions; not those that only types name."""
    tree = tree_of(path)
    typed = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    found = set()
    for node in ast.walk(tree):
        if node in typed:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = node.module.replace(".", "/") + "/" + alias.name
                is_module = (ROOT / f"{whole}.py").exists() or (ROOT / whole).is_dir()
                found.add(f"{node.module}.{alias.name}" if is_module else node.module)
    return found
