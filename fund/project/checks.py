"""What must hold before anything starts, on the side of the whole project."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register
from django.db import connection


@register()
def sqlite_is_for_the_demo(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    if settings.DEMO or connection.vendor != "sqlite":
        return []
    words = "The database is SQLite: one host, one writer at a time, and no rights taken from the application."
    return [Warning(words, hint="Use PostgreSQL 15 or newer outside the demo.", id="fund.W001")]
