"""Thousands of requests are asked here: what no test of them looks at is left out."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.roles.world import World, make_world, undone


@pytest.fixture(scope="module")
def standing_world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Made once for a file, whose tests are each undone to this point. They take copies of it."""
    with django_db_blocker.unblock(), undone():
        yield make_world()


@pytest.fixture(autouse=True)
def _refusals_are_not_logged() -> Iterator[None]:
    """Writing their traces would be most of the time."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True)
def _no_template_is_kept(templates_are_not_kept: None) -> None:
    pass
