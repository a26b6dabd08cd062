"""A draft of the shipped sheet, and the two administrators."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from portfolio.models import Role
from scoring.models import BarSheet
from tests import make


def dan() -> User:
    return make.user("dan", Role.ADMIN)


def erin() -> User:
    return make.user("erin", Role.ADMIN)


def shipped() -> BarSheet:
    return BarSheet.objects.get(version="1")


def draft(by: User, version: str = "2", **columns: Any) -> BarSheet:
    made = shipped().clone(by=by, version=version, title="Next year's")
    if columns:
        BarSheet.objects.filter(pk=made.pk).update(**columns)
        made.refresh_from_db()
    return made


def changed(by: User, version: str = "2", **columns: Any) -> BarSheet:
    """A draft that can be proposed: it differs from the sheet in force."""
    return draft(by, version, **({"distinguishable": 0.25} | columns))


def approved(dan: User, erin: User, **columns: Any) -> BarSheet:
    made = changed(dan, **columns)
    made.propose(by=dan)
    made.approve(by=erin, digest=made.digest)
    return made
