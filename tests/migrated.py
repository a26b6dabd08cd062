"""Databases that are empty and migrated, made once for as long as nothing changes that they are made from.

Migrating takes ten seconds and more. `sqlite()` is a file to copy, `cluster()` the data of a stopped PostgreSQL, in
which `TEMPLATE` is a database to copy: Postgres(like=cluster()).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.servers import Postgres, postgres_binaries

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".pytest_cache/database"
TEMPLATE = "migrated"
# Rows of what ships are made after each migrate: of a bar sheet or model that is edited, the old one would stay.
MADE_FROM = (
    *("*/migrations/*.py", "*/guards.py", "requirements.lock"),
    *("fund/settings.py", "portfolio/families.py", "portfolio/data/technology_families.csv"),
    *("scoring/bar_sheets/shipped.py", "scoring/engine/score/bar_sheet.py", "scoring/data/**/*"),
)


def sqlite() -> Path:
    return _made_once("sqlite3", "", _make_sqlite)


def cluster() -> Path:
    """Raises Missing when there is no PostgreSQL."""
    return _made_once("cluster", _said_by(postgres_binaries() / "postgres", "--version"), _make_cluster)


def _made_once(kind: str, version: str, make: Callable[[Path], Path]) -> Path:
    digest = hashlib.sha256(version.encode())
    for path in sorted(path for pattern in MADE_FROM for path in ROOT.glob(pattern) if path.is_file()):
        digest.update(path.read_bytes())
    found = FOLDER / f"{digest.hexdigest()[:16]}.{kind}"
    FOLDER.mkdir(parents=True, exist_ok=True)
    # The other processes of the suite wait for the first.
    with (FOLDER / "lock").open("w") as lock, tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.exists():
            for old in FOLDER.glob(f"*.{kind}"):
                shutil.rmtree(old) if old.is_dir() else old.unlink()
            make(Path(folder)).rename(found)
    return found


def _make_sqlite(folder: Path) -> Path:
    _migrate(GREENLIGHT_VAR=str(folder))
    return folder / "greenlight.sqlite3"


def _make_cluster(folder: Path) -> Path:
    with Postgres() as server:
        _migrate(GREENLIGHT_VAR=str(folder), DATABASE_URL=server.create_database(TEMPLATE))
        server.stop()
        return Path(shutil.copytree(server.data, folder / "data"))


def _said_by(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout


def _migrate(**environment: str) -> None:
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    kept |= {"DJANGO_SETTINGS_MODULE": "fund.settings"}
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(command, cwd=ROOT, env=kept | environment, check=True)
