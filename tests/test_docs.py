"""Documentation is tested like code: an undocumented setting or command fails."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
READ = re.compile(r"""environment\.\w+\(\s*["'](\w+)["']""")


def test_every_variable_that_is_read_is_documented_and_the_other_way_round() -> None:
    read = set(READ.findall((ROOT / "fund/settings.py").read_text(encoding="utf-8")))
    assert read
    rows = [
        line.split("|")[1]
        for line in (ROOT / "docs/reference/settings.md").read_text("utf-8").splitlines()
        if "|" in line
    ]
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == read


def commands() -> list[str]:
    found = [
        p.stem
        for package in ("portfolio", "scoring", "fund")
        for p in (ROOT / package).glob("management/commands/*.py")
    ]
    return sorted(name for name in found if name != "__init__")


@pytest.mark.parametrize("name", commands())
def test_every_command_is_documented(name: str) -> None:
    assert f"`manage.py {name}" in (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")


def test_links_between_our_pages_lead_somewhere() -> None:
    wrong = []
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)\)", page.read_text(encoding="utf-8")):
            if not target.startswith("http") and not (page.parent / target).exists():
                wrong.append(f"{page.relative_to(ROOT)} → {target}")
    assert not wrong
