"""The engine's tests on every other Python of this machine, each in an environment of its own made from the lock."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENTS = ROOT / "var" / "pythons"
BOUND_SECONDS = 900  # for shared machines, not an expectation
OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
VERSIONS = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
# What the engine's tests need beside the runtime; pip refuses a list in which something is missing.
NEEDED = (
    *("execnet", "hypothesis", "iniconfig", "pluggy", "pygments"),
    *("pytest", "pytest-django", "pytest-xdist", "sortedcontainers"),
)


def others() -> dict[str, str]:
    """The paths of the Pythons of this machine that would do, by their versions; not the one that runs this."""
    listed = run([str(ROOT / "script" / "setup"), "pythons"]).stdout
    found = dict(line.split(" ", 1) for line in listed.splitlines())
    return {version: path for version, path in found.items() if version != OWN}


def run(command: Sequence[str | Path], **environment: str) -> subprocess.CompletedProcess[str]:
    # Not ours: our settings, and that we started servers.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "TEST_"))}
    return subprocess.run(
        command,
        cwd=ROOT,
        env=kept | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=BOUND_SECONDS,
    )


def requirements() -> str:
    """The lines of the lock files, with their hashes, for the runtime and these tests."""
    tools = re.split(r"^(?=[a-z0-9-]+==)", (ROOT / "requirements-dev.lock").read_text("ascii"), flags=re.MULTILINE)
    chosen = [block for block in tools if block.partition("==")[0] in NEEDED]
    return (ROOT / "requirements.lock").read_text(encoding="ascii") + "".join(chosen)


def environment(version: str, python: str) -> Path:
    """The Python of an environment with the packages; kept for as long as they and `python` stay the same."""
    folder = ENVIRONMENTS / version
    wanted, stamp = f"# {python}\n{requirements()}", folder / "installed.txt"
    inside = folder / "bin" / "python"
    if not stamp.exists() or stamp.read_text(encoding="ascii") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        made = run([python, "-m", "venv", folder])
        assert made.returncode == 0, made.stdout
        asked = folder / "asked.txt"
        asked.write_text(wanted, encoding="ascii")
        installed = run([inside, "-m", "pip", "install", "--no-input", "--no-compile", "--require-hashes", "-r", asked])
        assert installed.returncode == 0, installed.stdout[-3000:]
        asked.rename(stamp)
    return inside


def engine(version: str, python: str) -> subprocess.CompletedProcess[str]:
    tests = ["-m", "pytest", "-q", "--hypothesis-profile=fast", "-m", "not slow", "-p", "no:cacheprovider"]
    return run([environment(version, python), *tests, "tests/engine"])


@pytest.fixture(scope="module")
def engines() -> Iterator[dict[str, Future[subprocess.CompletedProcess[str]]]]:
    with ThreadPoolExecutor(2) as pool:
        yield {version: pool.submit(engine, version, python) for version, python in others().items()}


@pytest.mark.parametrize("version", [version for version in VERSIONS if version != OWN])
def test_the_engine_passes_its_tests(
    engines: dict[str, Future[subprocess.CompletedProcess[str]]], version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if version not in engines:
        pytest.skip(f"Python {version} is not on this machine")
    ended = engines[version].result()
    assert ended.returncode == 0, ended.stdout[-6000:]
    with capsys.disabled():
        sys.stdout.write(f"\nPython {version}: {ended.stdout.splitlines()[-1]}\n")
