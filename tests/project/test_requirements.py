"""The requirement files, their lock files and the page that explains them agree."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = ("requirements", "requirements-dev")
PINNED = re.compile(r"([a-z0-9-]+)==(\S+)[^\n]*\\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="ascii")


def lines(name: str) -> list[str]:
    return [line for line in text(f"{name}.txt").splitlines() if not line.startswith(("#", "-r "))]


def ranges(name: str) -> dict[str, Requirement]:
    parsed = [Requirement(line.split("  # ")[0]) for line in lines(name)]
    return {canonicalize_name(requirement.name): requirement for requirement in parsed}


def locked(name: str) -> dict[str, str]:
    return {package: version for package, version in PINNED.findall(text(f"{name}.lock"))}


@pytest.mark.parametrize("line", [line for name in NAMES for line in lines(name)])
def test_a_range_ends_somewhere_and_says_why(line: str) -> None:
    requirement, _, reason = line.partition("  # ")
    assert {part.operator for part in Requirement(requirement).specifier} & {"<", "=="}
    assert reason


@pytest.mark.parametrize("name", NAMES)
def test_what_is_locked_lies_in_the_ranges(name: str) -> None:
    versions = locked(name)
    assert {p: versions[p] for p, wanted in ranges(name).items() if not wanted.specifier.contains(versions[p])} == {}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_locked_was_made_of_these_ranges(name: str) -> None:
    blocks = re.split(r"^(?=[a-z0-9-]+==)", text(f"{name}.lock"), flags=re.MULTILINE)[1:]
    asked = {block.partition("==")[0] for block in blocks if f"-r {name}.txt" in block}
    assert asked == set(ranges(name))


@pytest.mark.parametrize("name", NAMES)
def test_each_locked_package_has_its_hashes_and_no_address(name: str) -> None:
    rest = PINNED.sub("", text(f"{name}.lock"))
    assert [line for line in rest.splitlines() if not line.lstrip().startswith("#")] == []
    assert "//" not in rest


def test_development_runs_on_the_same_packages_as_production() -> None:
    assert locked("requirements").items() <= locked("requirements-dev").items()


@pytest.mark.parametrize("name", NAMES)
def test_the_page_says_what_each_package_is_for(name: str) -> None:
    page = text("docs/reference/dependencies.md").lower()
    assert [package for package in ranges(name) if not re.search(rf"[\s,]{package}[\s,.|]", page)] == []


def test_the_bill_of_materials_names_what_is_locked_with_its_hashes() -> None:
    def printed() -> str:
        told = subprocess.run(
            [ROOT / "script/sbom"],
            env=os.environ | {"PYTHON": sys.executable},
            capture_output=True,
            check=True,
            timeout=60,
        )
        return told.stdout.decode()

    bill = json.loads(printed())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    named = {each["name"]: each for each in bill["components"]}
    assert {name: each["version"] for name, each in named.items()} == locked("requirements")
    files = {
        name: {each["content"] for each in found["externalReferences"][0]["hashes"]} for name, found in named.items()
    }
    assert set().union(*files.values()) == set(re.findall("sha256:([0-9a-f]{64})", text("requirements.lock")))
    assert all(files.values())
    assert set(bill["dependencies"][0]["dependsOn"]) == {each["purl"] for each in named.values()}
    assert printed() == printed()
