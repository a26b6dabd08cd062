"""Many rows at once, as fast as the database takes them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

BATCH = 500
SomeModel = TypeVar("SomeModel", bound=models.Model)


def insert(model: type[SomeModel], rows: Iterable[SomeModel]) -> None:
    """Like bulk_create, but it holds no more rows than a batch and gives no ids back.

    On PostgreSQL by COPY: bulk_create sends arrays, in which psycopg escapes every quote of a JSON text in Python,
    and that would cost more than the whole scoring.
    """
    connection = connections[DEFAULT_DB_ALIAS]  # itself: the usual proxy costs a look-up for every value of every row
    if connection.vendor == "postgresql":
        _copy(connection, model, rows)
        return
    rest = iter(rows)
    while batch := list(islice(rest, BATCH)):
        model._default_manager.bulk_create(batch)


def _copy(connection: BaseDatabaseWrapper, model: type[SomeModel], rows: Iterable[SomeModel]) -> None:
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    names = (connection.ops.quote_name(str(field.column)) for field in fields)
    statement = f"COPY {connection.ops.quote_name(model._meta.db_table)} ({', '.join(names)}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields])
