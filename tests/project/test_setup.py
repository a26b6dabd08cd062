"""`script/setup` and the scripts that begin with it, on machines that lack something: they say what in a sentence."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
TOOLS = ["sh", "dirname", "cat", "cksum", "mkdir", "rm", "tail", "head", "id", "cp", "ls", "sed", "sleep"]
SCRIPTS = ["setup", "up", "manage", "test"]

# A Python of one version that makes environments of itself and installs nothing. Only locking is left to a real one.
PYTHON = r"""#!/bin/sh
case "$*" in
    *flock*) exec '{real}' "$@" ;;
    *"cpython-3{minor}'"*) ;;
    *cpython-*) exit 1 ;;
    *ensurepip*) {ensurepip} ;;
    '-m venv '*) mkdir -p .venv/bin; cp "$0" .venv/bin/python; {venv} ;;
    '-m pip '*) {pip} ;;
    *version_info*) case " $3 " in *' 3.{minor} '*) ;; *) exit 1 ;; esac ;;
    *manage.py*) echo "in $PWD: $2 $3" ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a space in its path and only the most ordinary tools beside it."""
    folder = tmp_path / "a check out"
    (folder / "script").mkdir(parents=True)
    for name in SCRIPTS:
        shutil.copy(ROOT / "script" / name, folder / "script" / name)
    (folder / "requirements.lock").write_text("django==5.2.19\n", encoding="ascii")
    (folder / "requirements-dev.lock").write_text("django==5.2.19\npytest==9.2.0\n", encoding="ascii")
    (folder / "bin").mkdir()
    for tool in TOOLS:
        (folder / "bin" / tool).symlink_to(str(shutil.which(tool)))
    return folder


def command(checkout: Path, name: str, *arguments: str) -> list[str]:
    return [str(checkout / "script" / name), *arguments]


def script(
    checkout: Path, name: str = "setup", *arguments: str, cwd: str = "/", **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(checkout, name, *arguments),
        cwd=cwd,
        env={"PATH": str(checkout / "bin")} | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if text.startswith("#!") else f"#!/bin/sh\n{text}\n", encoding="ascii")
    path.chmod(0o755)


def python(
    checkout: Path, minor: int, *, path: str = "", venv: str = "true", pip: str = "true", ensurepip: str = "true"
) -> None:
    text = PYTHON.format(real=sys.executable, minor=minor, venv=venv, pip=pip, ensurepip=ensurepip)
    program(checkout / (path or f"bin/python3.{minor}"), text)


def pythons(checkout: Path, **environment: str) -> list[str]:
    found = script(checkout, "setup", "pythons", **environment).stdout.splitlines()
    return [Path(line.split(" ", 1)[1]).relative_to(checkout).as_posix() for line in found]


def made_with(checkout: Path) -> str:
    """The version of the stand-in that .venv was made with."""
    return re.findall(r"\*' (3\.\d+) '\*", (checkout / ".venv" / "bin" / "python").read_text(encoding="ascii"))[0]


# --- which Python ----------------------------------------------------------------------------------------------
def test_the_newest_tested_python_is_taken_and_an_untested_one_only_alone(checkout: Path) -> None:
    for minor in (10, 11, 12, 14):
        python(checkout, minor)
    assert pythons(checkout) == ["bin/python3.12", "bin/python3.11", "bin/python3.14"]


def test_a_python_is_looked_for_under_its_plain_name_and_in_pyenv(checkout: Path) -> None:
    python(checkout, 11, path="bin/python3")
    python(checkout, 13, path="pyenv/versions/3.13.0/bin/python3.13")
    found = ["pyenv/versions/3.13.0/bin/python3.13", "bin/python3"]
    assert pythons(checkout, PYENV_ROOT=str(checkout / "pyenv")) == found
    (checkout / "pyenv").rename(checkout / ".pyenv")
    assert pythons(checkout, HOME=str(checkout)) == [f".{found[0]}", found[1]]


def test_a_name_that_refuses_to_run_is_passed_over(checkout: Path) -> None:
    program(checkout / "bin/python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    python(checkout, 11)
    assert pythons(checkout) == ["bin/python3.11"]


def test_a_machine_without_a_python_that_will_do_is_told_so(checkout: Path) -> None:
    python(checkout, 10, path="bin/python3")
    tried = script(checkout)
    assert tried.returncode == 2
    assert "needs Python 3.13, 3.12, 3.11, 3.14: one of these, and none" in tried.stderr


def test_a_python_without_venv_gets_the_one_command_that_mends_it(checkout: Path) -> None:
    python(checkout, 12, ensurepip="exit 1")
    program(checkout / "bin/apt-get", "exit 1")
    tried = script(checkout)
    assert tried.returncode == 2
    assert "apt-get install python3.12-venv" in tried.stderr
    assert not (checkout / ".venv").exists()


def test_an_older_python_that_can_make_environments_wins_over_one_that_cannot(checkout: Path) -> None:
    python(checkout, 13, ensurepip="exit 1")
    python(checkout, 11)
    assert script(checkout).returncode == 0
    assert made_with(checkout) == "3.11"


def test_a_sound_environment_is_kept_when_a_newer_python_comes(checkout: Path) -> None:
    python(checkout, 11)
    script(checkout)
    python(checkout, 13)
    (checkout / "requirements.lock").write_text("django==5.2.20\n", encoding="ascii")
    assert "Installing" in script(checkout).stdout
    assert made_with(checkout) == "3.11"


def test_an_environment_of_a_python_that_will_not_do_is_made_anew(checkout: Path) -> None:
    python(checkout, 10, path=".venv/bin/python")
    python(checkout, 12)
    assert script(checkout).returncode == 0
    assert made_with(checkout) == "3.12"


def test_what_setup_takes_is_what_the_project_and_its_pages_say() -> None:
    words = dict(re.findall(r"^(tested|untested)='([\d. ]+)'", (ROOT / "script/setup").read_text("utf-8"), re.M))
    taken = sorted(f"{words['tested']} {words['untested']}".split(), key=lambda version: int(version[2:]))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f">={taken[0]},<3.{int(taken[-1][2:]) + 1}"
    assert [kind.split()[-1] for kind in project["classifiers"] if "Python ::" in kind] == taken
    assert f"Python {taken[0]} to {taken[-1]}" in (ROOT / "README.md").read_text(encoding="utf-8")
    image = re.findall(r"^FROM python:(3\.\d+)", (ROOT / "deploy/Dockerfile").read_text("utf-8"), re.M)
    assert image == [words["tested"].split()[0]]


# --- installing ------------------------------------------------------------------------------------------------
def test_only_what_is_locked_is_installed(checkout: Path) -> None:
    python(checkout, 13, pip='echo "$@" >>asked')
    script(checkout)
    script(checkout, "setup", "dev")
    asked = (checkout / "asked").read_text(encoding="ascii").splitlines()
    assert [line.split("--no-input ")[1] for line in asked] == [
        "--require-hashes -r requirements.lock",
        "--require-hashes -r requirements-dev.lock",
    ]


@pytest.mark.parametrize("stage", ["venv", "pip"])
def test_what_failed_half_way_is_said_and_begun_anew(checkout: Path, stage: str) -> None:
    python(checkout, 11, **{stage: "echo no network; exit 1"})
    first = script(checkout)
    assert first.returncode == 1
    assert "failed. What was said is in" in first.stderr
    assert f"{checkout / 'var' / 'setup.log'}; its last lines:\nno network" in first.stderr
    python(checkout, 11)
    second = script(checkout)
    assert second.returncode == 0
    assert "did not finish: starting it again" in second.stdout


def test_packages_are_installed_again_only_when_the_lock_changes(checkout: Path) -> None:
    python(checkout, 11)
    assert "Installing" in script(checkout).stdout
    assert script(checkout).stdout == ""
    (checkout / "requirements.lock").write_text("django==5.2.18\n", encoding="ascii")
    assert "Installing" in script(checkout).stdout


def test_damaged_packages_are_noticed(checkout: Path) -> None:
    python(checkout, 11)
    script(checkout)
    (checkout / ".venv" / "bin" / "python").unlink()
    assert "damaged: making it again" in script(checkout).stdout


def test_two_starts_at_once_install_once(checkout: Path) -> None:
    python(checkout, 11, pip="echo begun >>installed; until [ -e go ]; do sleep 0.1; done")
    started: list[subprocess.Popen[bytes]] = []
    try:
        for name, sign in {"first": "Installing", "second": "waiting for its end"}.items():
            output = checkout / name
            with output.open("wb") as file:
                environment = {"PATH": str(checkout / "bin")}
                started.append(subprocess.Popen(command(checkout, "setup"), env=environment, stdout=file))
            wait_until(lambda o=output, s=sign: s in o.read_text(encoding="utf-8"), what=sign)
    finally:
        (checkout / "go").touch()
        ended = [process.wait(60) for process in started]
    assert ended == [0, 0]
    assert (checkout / "installed").read_text(encoding="ascii") == "begun\n"


# --- a disk that is full, a folder that is another's --------------------------------------------------------------
@pytest.mark.parametrize("stage", ["venv", "pip"])
def test_a_full_disk_is_said_in_a_sentence(checkout: Path, stage: str) -> None:
    python(checkout, 11, **{stage: "echo 'ERROR: [Errno 28] No space left on device'; exit 1"})
    tried = script(checkout)
    assert tried.returncode == 1
    assert "failed: the disk is full. Make room for 1 GB" in tried.stderr
    assert len(tried.stderr.splitlines()) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that even root may not write to")
@pytest.mark.parametrize("name", ["up", "manage"])
def test_a_var_of_another_user_is_said_in_a_sentence(checkout: Path, name: str) -> None:
    python(checkout, 11)
    (checkout / "var").symlink_to("/sys")
    tried = script(checkout, name, "check")
    assert tried.returncode == 1
    assert f"may not write to {checkout}/var, which belongs to root." in tried.stderr
    assert len(tried.stderr.splitlines()) == 1


# --- the scripts that begin with it -------------------------------------------------------------------------------
@pytest.mark.parametrize("name", SCRIPTS)
def test_help_is_printed_without_installing_anything(checkout: Path, name: str) -> None:
    python(checkout, 11)
    before = sorted(checkout.rglob("*"))
    asked = script(checkout, name, "--help")
    assert asked.returncode == 0
    assert f"script/{name}" in asked.stdout
    assert sorted(checkout.rglob("*")) == before


def test_up_refuses_production(checkout: Path) -> None:
    tried = script(checkout, "up", GREENLIGHT_MODE="production")
    assert tried.returncode == 2
    assert "GREENLIGHT_MODE is 'production'" in tried.stderr
    assert not (checkout / ".venv").exists()


def test_manage_sets_up_and_runs_the_command_where_it_was_called(checkout: Path, tmp_path: Path) -> None:
    python(checkout, 11)
    ran = script(checkout, "manage", "verify_score", "receipt.json", cwd=str(tmp_path))
    assert ran.returncode == 0
    assert ran.stdout == f"in {tmp_path}: verify_score receipt.json\n"  # and nothing of the set-up, which may be a file
    assert "Installing" in ran.stderr
