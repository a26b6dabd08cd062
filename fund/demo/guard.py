"""The demo works on a database of its own. One that others made is refused before a row or a table is touched."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from fund.project.health import migrations_are_applied
from portfolio import audit

USERS, EVENTS = "auth_user", "portfolio_auditevent"


def refuse_what_is_not_ours() -> None:
    """Asked before migrations, which change tables, and after them. Raises ImproperlyConfigured with the reason."""
    tables = set(connection.introspection.table_names())
    if not tables:
        return
    if USERS in tables and _count(USERS) and not (EVENTS in tables and _count(EVENTS, "verb LIKE 'demo.%%'")):
        raise ImproperlyConfigured(_words("there are people in it, and the demo made none of them"))
    strangers = sorted(
        tables - set(connection.introspection.django_table_names()) - {"django_migrations", "cache_entry"}
    )
    if EVENTS not in tables and strangers:
        raise ImproperlyConfigured(_words(f"it holds the tables of something else, such as {strangers[0]}"))
    if EVENTS in tables and migrations_are_applied() and (verdict := audit.verify()).first_bad is not None:
        found = f"event {verdict.first_bad} of its audit log was not written with the demo's key, or was changed since"
        raise ImproperlyConfigured(_words(found))


def _count(table: str, where: str = "1 = 1") -> int:
    """By hand: the columns of an earlier version may be others than those of the models."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {table} WHERE {where}", [])  # noqa: S608
        return int(cursor.fetchone()[0])


def _words(why: str) -> str:
    name = connection.settings_dict["NAME"]
    return (
        f"The database {name} is not the demo's: {why}. Nothing was changed. Unset DATABASE_URL for a demo with a"
        " database of its own, or set GREENLIGHT_MODE=production with its secrets."
    )
