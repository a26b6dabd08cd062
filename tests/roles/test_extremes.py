"""Numbers that no door lets in any more may stand in a database of before: no page answers 500 because of them."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.apps import apps
from django.db import DatabaseError, models, transaction

from tests.roles.answers import ask
from tests.roles.routes import body_of, expected_cells, path_of
from tests.roles.world import World, guards_lifted, signed_in

pytestmark = pytest.mark.django_db
ROLES = ("fund_manager", "submitter", "verifier", "admin")
EXTREME = (1e308, 1e-320, -1e308)
# Each side's pages with the largest; the manager's, who sees most figures, with every one.
CASES = [
    pytest.param(role, value, marks=[] if (role, value) == ("fund_manager", 1e308) else pytest.mark.slow)
    for role in ROLES
    for value in EXTREME
    if role == "fund_manager" or value == EXTREME[0]
]


def numbers() -> Iterator[tuple[type[models.Model], str]]:
    """Every column of a measured or stated number that people fill."""
    for app in ("portfolio", "fund"):
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.fields:
                if isinstance(field, models.FloatField):
                    yield model, field.name


def spoil(value: float) -> int:
    """Write the value wherever a constraint lets it; how many columns that were."""
    written = 0
    with guards_lifted():  # what is frozen would refuse it
        for model, name in numbers():
            try:
                with transaction.atomic():
                    written += bool(model._default_manager.update(**{name: value}))
            except DatabaseError:
                continue
    return written


@pytest.mark.parametrize(("role", "value"), CASES)
@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
def test_no_page_breaks_on_an_extreme_number_in_the_database(standing_world: World, role: str, value: float) -> None:
    world = deepcopy(standing_world)
    assert spoil(value) > 5
    client = signed_in(world.people.get(role))
    client.raise_request_exception = True
    broken = {}
    for cell in expected_cells():
        if cell.role == role and cell.method == "GET":
            party = world.party(cell.whose)
            path = path_of(cell.route, cell.case, party, world)
            try:
                ask(client, "GET", path, body_of(cell.route, cell.case, party))
            except Exception:
                broken[path] = traceback.format_exc().splitlines()[-5:]
    assert not broken, "\n".join(f"{path} {trace}" for path, trace in broken.items())
