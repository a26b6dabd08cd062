"""The table of docs/reference/faults.md names tests that exist, each test of tests/faults, and every fault."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "reference" / "faults.md"
TEST_ID = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
Test = tuple[str, str]  # its file, its name


def rows() -> dict[str, list[Test]]:
    """Fault → the tests that its row names."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return {found[1]: TEST_ID.findall(line) for line in lines if (found := re.match(r"\| (F\d+) \|", line))}


def functions(path: Path) -> list[ast.FunctionDef]:
    found = ast.parse(path.read_text(encoding="utf-8")).body
    return [each for each in found if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")]


def fault_of(test: ast.FunctionDef) -> str:
    """What its mark says: pytest.mark.faults("F5", …)."""
    calls = [each for each in test.decorator_list if isinstance(each, ast.Call)]
    [mark] = [call for call in calls if ast.unparse(call.func) == "pytest.mark.faults"]
    return str(ast.literal_eval(mark.args[0]))


def test_every_fault_has_a_row_with_a_test() -> None:
    assert {f"F{n}" for n in range(23)} == {fault for fault, tests in rows().items() if tests}


def test_every_test_of_the_table_exists() -> None:
    named = {test for tests in rows().values() for test in tests}
    there = {(file, each.name) for file, _name in named if (ROOT / file).exists() for each in functions(ROOT / file)}
    assert named - there == set()


def test_every_test_of_a_fault_stands_in_the_row_of_its_fault() -> None:
    table = rows()
    for path in sorted((ROOT / "tests" / "faults").glob("test_*.py")):
        file = path.relative_to(ROOT).as_posix()
        for test in functions(path):
            assert (file, test.name) in table[fault_of(test)], f"{file}::{test.name}"
