"""Thousands of requests are asked here: what no test of them looks at is left out."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from django.template import Template
from django.test.utils import _TestState
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
def _templates_and_their_contexts_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Django copies them for each part of a page, down to the options of a list, so that tests may look at them."""
    monkeypatch.setattr(Template, "_render", _TestState.saved_data.template_render)
