"""`script/setup` on machines that lack something: it says what, and leaves nothing half made."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ["sh", "dirname", "cat", "cksum", "mkdir", "rm", "tail", "id", "cp"]

# A Python that says yes to every question, makes environments of itself, and installs nothing.
PYTHON = '[ "$2" != venv ] || { mkdir -p .venv/bin; cp "$0" .venv/bin/python; }\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a space in its path and only the most ordinary tools beside it."""
    folder = tmp_path / "a check out"
    (folder / "script").mkdir(parents=True)
    shutil.copy(ROOT / "script" / "setup", folder / "script" / "setup")
    shutil.copy(ROOT / "script" / "up", folder / "script" / "up")
    (folder / "requirements.txt").write_text("Django==5.2.19\n", encoding="ascii")
    (folder / "requirements-dev.txt").write_text("-r requirements.txt\n", encoding="ascii")
    (folder / "bin").mkdir()
    for tool in TOOLS:
        (folder / "bin" / tool).symlink_to(str(shutil.which(tool)))
    return folder


def script(checkout: Path, name: str = "setup", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / "script" / name],
        cwd="/",
        env={"PATH": str(checkout / "bin")} | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def program(checkout: Path, name: str, text: str) -> None:
    path = checkout / "bin" / name
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
    path.chmod(0o755)


def test_a_machine_without_python_3_11_is_told_so(checkout: Path) -> None:
    program(checkout, "python3", "exit 1")  # another version: the question for 3.11 fails
    tried = script(checkout)
    assert tried.returncode == 2
    assert "needs Python 3.11" in tried.stderr


def test_a_python_without_venv_gets_the_one_command_that_mends_it(checkout: Path) -> None:
    program(checkout, "python3", 'case "$2" in *ensurepip*) exit 1 ;; esac')
    program(checkout, "apt-get", "exit 1")
    tried = script(checkout)
    assert tried.returncode == 2
    assert "apt-get install python3.11-venv" in tried.stderr
    assert not (checkout / ".venv").exists()


def test_a_half_made_environment_is_removed(checkout: Path) -> None:
    program(checkout, "python3", '[ "$2" != venv ] || { mkdir .venv; echo no space left; exit 1; }')
    tried = script(checkout)
    assert tried.returncode == 1
    assert "no space left" in tried.stderr
    assert not (checkout / ".venv").exists()


def test_a_failed_installation_names_its_log_and_is_started_again(checkout: Path) -> None:
    program(checkout, "python3.11", PYTHON + '[ "$2" != pip ] || { echo no network; exit 1; }')
    first = script(checkout)
    assert first.returncode == 1
    assert "Installing the packages failed" in first.stderr
    assert f"{checkout / 'var' / 'setup.log'}; its last lines:\nno network" in first.stderr
    program(checkout, "python3.11", PYTHON)
    second = script(checkout)
    assert second.returncode == 0
    assert "did not finish: starting it again" in second.stdout


def test_packages_are_installed_again_only_when_the_requirements_change(checkout: Path) -> None:
    program(checkout, "python3.11", PYTHON)
    assert "Installing" in script(checkout).stdout
    assert script(checkout).stdout == ""
    (checkout / "requirements.txt").write_text("Django==5.2.18\n", encoding="ascii")
    assert "Installing" in script(checkout).stdout


def test_damaged_packages_are_noticed(checkout: Path) -> None:
    program(checkout, "python3.11", PYTHON)
    script(checkout)
    (checkout / ".venv" / "bin" / "python").unlink()
    assert "damaged: making it again" in script(checkout).stdout


def test_up_refuses_production(checkout: Path) -> None:
    tried = script(checkout, "up", GREENLIGHT_MODE="production")
    assert tried.returncode == 2
    assert "GREENLIGHT_MODE is 'production'" in tried.stderr
    assert not (checkout / ".venv").exists()
