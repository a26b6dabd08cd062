"""What script/test promises: times beside their budgets, an honest exit status, and nothing missing in silence."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import conftest, servers, suites
from tests.suites import Outcome, Suite

ROOT = Path(__file__).resolve().parent.parent
WITHOUT = """
from tests import servers
servers._can_run = lambda binary: False
def no_broker():
    raise servers.CannotStart("none")
servers.broker_binary = no_broker
"""
GOOD = Outcome("sqlite", 60, 4, passed=7, skipped=1)


@pytest.fixture(autouse=True)
def _checks_are_not_run_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suites, "check", lambda: Outcome("checks", 1, 1))


def test_the_budgets_are_those_of_the_page_and_fit_together() -> None:
    page = (ROOT / "docs/reference/testing.md").read_text(encoding="utf-8")
    written = {name: float(minutes) for name, minutes in re.findall(r"^\| `(\w+)` \|[^|]*\| ([\d.]+) \|", page, re.M)}
    assert written == {"checks": suites.CHECKS_MINUTES} | {s.name: s.minutes for s in (*suites.SUITES, suites.FAST)}
    assert suites.CHECKS_MINUTES + sum(suite.minutes for suite in suites.SUITES) <= suites.BUDGET_MINUTES
    assert suites.CHECKS_MINUTES + suites.FAST.minutes < 4


@pytest.mark.parametrize(
    ("outcome", "status", "last"),
    [
        (GOOD, 0, "7 passed, 0 failed, 1 skipped"),
        (Outcome("sqlite", 60, 4, passed=7, failed=1, is_good=False), 1, "7 passed, 1 failed, 0 skipped"),
        (Outcome("sqlite", 60, 4, passed=7, is_good=False), 1, "7 passed, 0 failed, 0 skipped"),  # died at its end
        (Outcome("sqlite", 60, 4), 1, "0 passed, 0 failed, 0 skipped"),
    ],
)
def test_the_status_and_the_last_line_tell_what_happened(
    outcome: Outcome, status: int, last: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(suites, "run", lambda suite, arguments: outcome)
    assert suites.main(["fast"]) == status
    assert capsys.readouterr().out.splitlines()[-1] == last


def test_one_bad_suite_does_not_keep_the_next_from_running(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def run(suite: Suite, arguments: object) -> Outcome:
        seen.append(suite.name)
        return Outcome(suite.name, 1, 1, passed=1, is_good=suite.name != "sqlite")

    monkeypatch.setattr(suites, "run", run)
    assert suites.main([]) == 1
    assert seen[:2] == ["sqlite", "postgres"]
    assert seen == [suite.name for suite in suites.SUITES if (ROOT / suite.folder).is_dir()]


def test_what_runs_beside_another_is_told_and_counted_as_any(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [[suite.name for suite in group] for group in suites.at_once(suites.SUITES)][-1] == ["faults", "pythons"]
    shown: list[str] = []
    monkeypatch.setattr(suites, "heading", shown.append)
    ended = subprocess.CompletedProcess([], 1, stdout=b"its words\n")
    monkeypatch.setattr(suites.subprocess, "run", lambda *_, **__: ended)
    outcome = suites.run(Suite("beside", "x", 1, beside=True), [])
    assert shown == ["tests: beside"]
    assert not outcome.is_good


def test_what_is_over_its_budget_says_so() -> None:
    assert GOOD.row().split() == ["sqlite", "8", "0", "1", "1.0", "4.0"]
    assert Outcome("sqlite", 241, 4).row().endswith("over its budget")
    assert "FAILED" in Outcome("sqlite", 1, 4, is_good=False).row()


def test_the_counts_are_those_of_the_report(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text('<testsuites><testsuite tests="9" failures="1" errors="2" skipped="3"/></testsuites>', "ascii")
    assert suites.counts(report) == {"passed": 3, "failed": 3, "skipped": 3}


# --- two processes, one list ---------------------------------------------------------------------------------
def test_each_test_is_run_by_one_of_the_processes(tmp_path: Path) -> None:
    write = "import os, pathlib\ndef test_{0}(): pathlib.Path(os.environ['RAN']).open('a').write('{0}\\n')\n"
    names = [f"{file}_{number}" for file in ("one", "two", "six") for number in range(2)]
    for name in names:
        with (tmp_path / f"test_{name[:3]}.py").open("a", encoding="ascii") as file:
            file.write(write.format(name))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "xdist.plugin", *suites.SHARED]
    ended = subprocess.run(
        [*command, "--rootdir", str(tmp_path), "-c", os.devnull, str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"RAN": str(tmp_path / "ran"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert sorted((tmp_path / "ran").read_text("ascii").split()) == sorted(names)


@pytest.mark.parametrize(
    ("path", "mark", "fixture", "suites_of_it"),
    [
        ("project/test_nul.py", {}, "client", ["db"]),
        ("project/test_nul.py", {"transaction": True}, "client", ["db", "postgres"]),
        ("project/test_nul.py", None, "transactional_db", ["db", "postgres"]),
        ("project/test_nul.py", None, "client", []),
        ("browser/test_ledger.py", None, "transactional_db", ["db", "browser"]),
    ],
)
def test_what_commits_runs_on_postgresql_too(
    path: str, mark: dict[str, bool] | None, fixture: str, suites_of_it: list[str]
) -> None:
    marked: list[str] = []
    item = SimpleNamespace(path=ROOT / "tests" / path, fixturenames=[fixture], add_marker=marked.append)
    item.get_closest_marker = lambda name: None if mark is None else SimpleNamespace(kwargs=mark)
    list(conftest.pytest_collection_modifyitems([item]))  # type: ignore[list-item]
    assert marked == suites_of_it


def test_what_takes_long_without_a_database_begins_each_half_of_the_list() -> None:
    def item(name: str, *marks: str) -> SimpleNamespace:
        return SimpleNamespace(
            path=ROOT / name[:1], name=name, get_closest_marker=lambda mark: mark if mark in marks else None
        )

    plain = [item(f"p{number}", "db") for number in range(5)] + [item("q", "db", "slow")]
    long_ones = [item("a1", "slow"), item("a2", "slow"), item("b1", "slow")]
    put = conftest._long_ones_first([*plain, *long_ones])  # type: ignore[arg-type]
    assert [one.name for one in put] == ["a1", "a2", "p0", "p1", "b1", "p2", "p3", "p4", "q"]


def test_what_a_process_missed_is_told_by_the_one_that_sums_up(monkeypatch: pytest.MonkeyPatch) -> None:
    said: dict[str, object] = {}
    monkeypatch.setattr(servers, "MISSING", {"Chromium": "apt-get install chromium"})
    conftest.pytest_sessionfinish(SimpleNamespace(config=SimpleNamespace(workeroutput=said)))  # type: ignore[arg-type]
    monkeypatch.setattr(servers, "MISSING", {})
    conftest.pytest_testnodedown(SimpleNamespace(workeroutput=said))
    assert servers.MISSING == {"Chromium": "apt-get install chromium"}


# --- a machine on which something is missing -----------------------------------------------------------------
def on_a_bare_machine(tmp_path: Path, test: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "without.py").write_text(WITHOUT, encoding="ascii")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEST_", "DJANGO_", "REDIS_"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "without", "-p", "no:cacheprovider", test],
        cwd=ROOT,
        env=kept | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": f"{tmp_path}:{ROOT}"} | environment,
        capture_output=True,
        text=True,
        timeout=240,
    )


DATABASE_TEST = "tests/portfolio/test_audit.py::test_a_chain_of_events_verifies"
WORKER_TEST = "tests/scoring/runs/test_workers.py::test_the_queue_refuses_pickle"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("test", "database", "what"), [(DATABASE_TEST, "postgres", "PostgreSQL"), (WORKER_TEST, "sqlite", "Redis")]
)
@pytest.mark.parametrize(("ci", "status", "closing"), [("true", 1, "1 error in"), ("", 0, "1 skipped in")])
def test_a_missing_server_fails_in_ci_and_is_shouted_elsewhere(
    tmp_path: Path, test: str, database: str, what: str, ci: str, status: int, closing: str
) -> None:
    ended = on_a_bare_machine(tmp_path, test, TEST_DATABASE=database, CI=ci)
    assert ended.returncode == status, ended.stdout + ended.stderr
    assert closing in ended.stdout.splitlines()[-1]
    assert f"NOT TESTED: {what} is missing" in ended.stdout
    assert "apt-get install" in ended.stdout


@pytest.mark.slow
def test_sqlite_needs_no_postgresql(tmp_path: Path) -> None:
    ended = on_a_bare_machine(tmp_path, DATABASE_TEST, CI="true")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "1 passed" in ended.stdout.splitlines()[-1]
