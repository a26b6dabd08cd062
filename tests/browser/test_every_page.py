"""Every page that somebody may open, in a real browser: nothing wide, nothing from outside, nothing serious for axe."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.browser.conftest import Visitor
from tests.roles.routes import expected_cells, path_of
from tests.roles.table import Cell
from tests.roles.world import World, make_world

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# The administration has a walk of its own.
NO_PAGE = (
    "admin",
    "api:",
    "portfolio:places",
    "check_uscc",  # a part of a page, as are these
    "progress",
    "healthz",
    "readyz",
    "receipt",
    "download",
    "template",
    "export",
    "opinion_pdf",
    "schema",
    "csv",
    "xlsx",
)
READERS = ("superuser", "submitter", "verifier", "anonymous")  # between them they may open everything


@pytest.fixture
def world() -> World:
    return make_world()


def pages_of(role: str) -> Iterator[Cell]:
    """What this role may read, each address once and by the first reader who may."""
    seen: set[tuple[str, str]] = set()
    for cell in expected_cells():
        if cell.method != "GET" or cell.expected != "200" or cell.role not in READERS:
            continue
        if any(word in cell.route for word in NO_PAGE):
            continue
        what = (cell.route, cell.case)
        if READERS.index(cell.role) < READERS.index(role):
            seen.add(what)
        elif cell.role == role and what not in seen:
            seen.add(what)
            yield cell


# On a desk with axe; in the other language at 320 px, which is 1,280 at 400 % (WCAG 1.4.10).
WINDOWS = (("zh-hans", 1360), ("en", 320))


@pytest.mark.parametrize("role", READERS)
def test_every_page_is_whole(visit: Callable[..., Visitor], world: World, role: str) -> None:
    person = world.people.get(role)
    faults: list[str] = []
    for language, width in WINDOWS:
        visitor = visit(person.get_username() if person else "", language, width)
        looked_at = look_at_each(visitor, pages_of(role), world, faults, axe=width > 320)
        assert looked_at >= {"superuser": 50, "submitter": 15, "verifier": 3, "anonymous": 3}[role]
    assert not faults, f"{len(faults)}:\n" + "\n".join(faults)


def look_at_each(visitor: Visitor, pages: Iterator[Cell], world: World, faults: list[str], *, axe: bool) -> int:
    """How many were pages; what is wrong with them is added to `faults`."""
    looked_at = 0
    for cell in pages:
        visitor.complaints.clear()
        path = path_of(cell.route, cell.case, world.party(cell.whose), world)
        answer = visitor.page.goto(visitor.base + path)
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        looked_at += 1
        name = f"every-{cell.route}-{cell.case}".replace(":", "-").replace("/", "-")[:80]
        try:
            visitor.examine(name, axe=axe)
        except AssertionError as wrong:
            faults.append(str(wrong).split("\nassert")[0][:600])
    return looked_at
