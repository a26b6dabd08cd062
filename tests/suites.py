"""What script/test runs after its set-up: the checks, then each suite with its time and budget.

python -m tests.suites [fast] [arguments for pytest]

A suite is worked on by as many processes as there are cores, at most two (pytest-xdist).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
NOTHING_COLLECTED = 5  # pytest's exit code
PROCESSES = min(2, os.cpu_count() or 1)
# Each takes half of the list, and who is done takes over from the end of the other's: so the order stays in each, in
# which pytest-django puts the tests that empty the tables last.
SHARED = ("-n", str(PROCESSES), "--dist", "worksteal")
BUDGET_MINUTES = 12


@dataclass(frozen=True)
class Suite:
    """One call of pytest: the tests that `choose` selects, with these variables; at most so many minutes."""

    name: str
    choose: str
    minutes: float
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "tests"
    options: Sequence[str] = ()
    beside: bool = False  # it runs while the one before it waits, and is told when it ends


CHECKS_MINUTES = 1.0
FAST = Suite(
    "fast",
    "not slow and not browser and not faults and not pythons",
    2,
    {"TEST_DATABASE": "sqlite"},
    # The benches run for half a minute each.
    options=["--hypothesis-profile=fast", "--ignore=tests/fund/bench/test_bench.py"],
)
SUITES = (
    Suite("sqlite", "not browser and not faults and not pythons", 4, {"TEST_DATABASE": "sqlite"}),
    Suite("postgres", "postgres and db", 2, {"TEST_DATABASE": "postgres"}),
    Suite("browser", "browser", 1.5, {"TEST_DATABASE": "sqlite"}, "tests/browser"),
    # It waits more than it computes.
    Suite("faults", "faults", 2.5, {"TEST_DATABASE": "sqlite"}, "tests/faults", ["-n", str(2 * PROCESSES)]),
    # One process, in which each of the other Pythons has a thread.
    Suite("pythons", "pythons", 1, {"TEST_DATABASE": "sqlite"}, "tests/pythons", ["-n", "0"], beside=True),
)
CHECKS = {
    "format": ["-m", "ruff", "format", "--check", "."],
    "lint": ["-m", "ruff", "check", "."],
    "types": ["-m", "mypy"],
    "migrations": ["manage.py", "makemigrations", "--check", "--dry-run"],
    "system check": ["manage.py", "check", "--fail-level", "WARNING"],
    "message catalogues": ["manage.py", "messages", "--check"],
}


@dataclass(frozen=True)
class Outcome:
    name: str
    seconds: float
    budget: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    is_good: bool = True

    @property
    def is_over(self) -> bool:
        return self.seconds > 60 * self.budget

    def row(self) -> str:
        verdict = "" if self.is_good else "FAILED"
        verdict += " over its budget" if self.is_over else ""
        tests = self.passed + self.failed + self.skipped
        numbers = f"{tests:>7}{self.failed:>8}{self.skipped:>9}{self.seconds / 60:>9.1f}{self.budget:>8.1f}"
        return f"{self.name:<10}{numbers}  {verdict}".rstrip()


def check() -> Outcome:
    """Ends the whole at the first check that fails."""
    begun = time.monotonic()
    with ThreadPoolExecutor(PROCESSES) as several:
        for name, ended in zip(CHECKS, several.map(_checked, CHECKS.values()), strict=True):
            heading(name)
            print(ended.stdout, end="", flush=True)  # noqa: T201
            if ended.returncode:
                several.shutdown(cancel_futures=True)
                sys.exit(f"FAILED: {name}")
    return Outcome("checks", time.monotonic() - begun, CHECKS_MINUTES)


def _checked(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def at_once(suites: Sequence[Suite]) -> list[list[Suite]]:
    """The suites in their order, each with what runs beside it."""
    groups: list[list[Suite]] = []
    for suite in suites:
        if suite.beside and groups:
            groups[-1].append(suite)
        else:
            groups.append([suite])
    return groups


def run(suite: Suite, arguments: Sequence[str]) -> Outcome:
    if not suite.beside:
        heading(f"tests: {suite.name}")
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", *SHARED, *suite.options, "-m", suite.choose]
        command += arguments or [suite.folder]
        command += [f"--junitxml={report}", "--durations=12", "--durations-min=5"]
        # Bytecode is kept: pytest compiles the tests anew otherwise, ten seconds in each process.
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": ""} | suite.environment
        kept = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT} if suite.beside else {}
        ended = subprocess.run(command, cwd=ROOT, env=environment, **kept)
        counted = counts(report) if report.exists() else {}
    seconds = time.monotonic() - begun
    if suite.beside:
        heading(f"tests: {suite.name}")
        print(ended.stdout.decode(), end="", flush=True)  # noqa: T201
    # Who asks for one test has it in one suite.
    fine = {0, NOTHING_COLLECTED} if arguments else {0}
    return Outcome(suite.name, seconds, suite.minutes, is_good=ended.returncode in fine, **counted)


def counts(report: Path) -> dict[str, int]:
    tests, failed, skipped = 0, 0, 0
    for part in ElementTree.parse(report).getroot().iter("testsuite"):  # noqa: S314  pytest wrote it a moment ago
        tests += int(part.get("tests", 0))
        failed += int(part.get("failures", 0)) + int(part.get("errors", 0))
        skipped += int(part.get("skipped", 0))
    return {"passed": tests - failed - skipped, "failed": failed, "skipped": skipped}


def heading(words: str) -> None:
    print(f"\n== {words}", flush=True)  # noqa: T201


def main(arguments: list[str]) -> int:
    is_fast = arguments[:1] == ["fast"]
    asked = arguments[1:] if is_fast else arguments
    begun = time.monotonic()
    outcomes = [check()]
    suites = [FAST] if is_fast else [suite for suite in SUITES if (ROOT / suite.folder).is_dir()]
    for group in at_once(suites):
        with ThreadPoolExecutor(len(group)) as several:
            outcomes += several.map(run, group, [asked] * len(group))
    passed, failed, skipped = (sum(getattr(o, name) for o in outcomes) for name in ("passed", "failed", "skipped"))
    heading("minutes of each suite, and its budget (docs/reference/testing.md)")
    print(f"{'suite':<10}{'tests':>7}{'failed':>8}{'skipped':>9}{'minutes':>9}{'budget':>8}")  # noqa: T201
    for outcome in outcomes:
        print(outcome.row())  # noqa: T201
    whole = (time.monotonic() - begun) / 60
    print(f"{'together':<10}{passed + failed + skipped:>7}{failed:>8}{skipped:>9}{whole:>9.1f}{BUDGET_MINUTES:>8.1f}\n")  # noqa: T201
    print(f"{passed} passed, {failed} failed, {skipped} skipped")  # noqa: T201
    return 0 if all(outcome.is_good for outcome in outcomes) and passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
