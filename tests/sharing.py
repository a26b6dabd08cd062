"""Two processes of pytest work on one list of tests: each takes the next file that nobody has taken.

pytest -p tests.sharing --share=FOLDER, in every process with the same folder and the same choice of tests. A file's
tests stay together, so what its fixtures build is built once; the order of the list stays too, since pytest-django
puts tests that empty the tables last.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--share", type=Path, help="a folder that the processes of one suite have in common")


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Like pytest's own loop, over what this process takes."""
    folder: Path | None = session.config.getoption("--share")
    if folder is None or session.config.option.collectonly or session.testsfailed:  # tests that cannot be collected
        return None
    if not _same_list(folder, session.items):
        raise session.Failed("the processes of this suite have collected different tests")
    mine = taken(folder, session.items)
    item = next(mine, None)
    while item:
        following = next(mine, None)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail or session.shouldstop:
            (folder / "stop").touch()
            raise (session.Failed if session.shouldfail else session.Interrupted)(
                session.shouldfail or session.shouldstop
            )
        item = following
    return True


def taken(folder: Path, items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """The tests of each file that this process is the first to ask for; none after -x has stopped another."""
    for number, (_path, tests) in enumerate(groupby(items, key=lambda item: item.path)):
        if _is_first(folder / str(number)):
            for test in tests:
                if not (folder / "stop").exists():
                    yield test


def _is_first(path: Path) -> bool:
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _same_list(folder: Path, items: list[pytest.Item]) -> bool:
    """Else a test could be run by nobody. The first says what the list is."""
    digest = hashlib.sha256("\n".join(item.nodeid for item in items).encode()).hexdigest()
    said = folder / "list"
    own = folder / f"list-{digest}"
    own.touch()
    try:
        said.hardlink_to(own)
    except FileExistsError:
        return said.samefile(own)
    return True
