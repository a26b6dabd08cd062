"""An empty database comes out the same whether it is made at once or by one migration after another. A long form."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = [pytest.mark.slow, pytest.mark.long]
ONE_BY_ONE = """
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

executor = MigrationExecutor(connection)
executor.loader.replace_migrations = False
executor.loader.build_graph()
leaves = [key for key in executor.loader.graph.leaf_nodes() if "squashed" not in key[1]]
executor.migrate(leaves)
"""


def test_all_tables_at_once_are_those_of_one_migration_after_another(tmp_path: Path) -> None:
    at_once, one_by_one = tmp_path / "at_once", tmp_path / "one_by_one"
    manage(at_once, "migrate", "-v0")
    manage(one_by_one, "shell", "-v0", "-c", ONE_BY_ONE)
    assert schema(at_once) == schema(one_by_one)
    assert any(name.startswith("guard_") for name in schema(at_once))


def manage(folder: Path, *arguments: str) -> None:
    folder.mkdir()
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    kept |= {"DJANGO_SETTINGS_MODULE": "fund.settings", "GREENLIGHT_MODE": "demo", "GREENLIGHT_VAR": str(folder)}
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=kept, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def schema(folder: Path) -> dict[str, list[str]]:
    """Name → its statement; of a table, the parts of it in whatever order."""
    with sqlite3.connect(folder / "greenlight.sqlite3") as database:
        rows = database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: sorted(re.split(r", (?=\"|CONSTRAINT)|(?<=\w\") \(|\)$", sql)) for name, sql in rows}
