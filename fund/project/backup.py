"""One file that holds the whole database, and the way back.

SQLite: its own online backup, so a writer may go on meanwhile. PostgreSQL: pg_dump and psql, which must be installed.
A restore happens in one transaction: either the file's content is there afterwards, or what was there before.
The keys (SECRET_KEY, AUDIT_KEY) are not in the file; without AUDIT_KEY the restored audit chain cannot be verified.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from fund.errors import BackupRefused
from fund.guards import GUARDS as FUND_GUARDS
from portfolio import audit
from portfolio.guards import GUARDS as PORTFOLIO_GUARDS
from portfolio.guards import missing
from scoring.guards import GUARDS as SCORING_GUARDS

BUSY_SECONDS = 60  # how long a restore waits for those who still work on the database
PG_OPTIONS = ("sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "application_name", "options")

# psql runs this before the dump, in the same transaction: everything of ours, so that nothing of a newer version stays.
EMPTY_THE_SCHEMA = rf"""
SET lock_timeout = '{BUSY_SECONDS}s';
DO $$ DECLARE it record; BEGIN
  FOR it IN SELECT oid::regclass AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') LOOP
    EXECUTE 'DROP TABLE IF EXISTS ' || it.name || ' CASCADE';
  END LOOP;
  FOR it IN SELECT oid::regprocedure AS name FROM pg_proc 
    WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'guard\_%' LOOP
    EXECUTE 'DROP FUNCTION IF EXISTS ' || it.name || ' CASCADE';
  END LOOP;
END $$;
"""  # noqa: S608  nothing from outside in it


def backup(path: Path) -> str:
    """Write the database to a new file that only its owner may read; return the file's SHA-256.

    Raises BackupRefused when the file is there already, or when it cannot be written.
    """
    if path.exists():
        raise BackupRefused(f"{path} is there already; a backup never overwrites one.")
    with _beside(path) as unfinished:
        if connection.vendor == "sqlite":
            _sqlite_backup(unfinished)
        else:
            _pg("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={unfinished}")
        _flush(unfinished)
        unfinished.rename(path)
    digest = sha256(path)
    audit.append(None, "database.backed_up", "database", digest=digest)
    return digest


def restore(path: Path, *, replace: bool = False) -> None:
    """Put the file's content into the database, which must be empty unless `replace` is given.

    Raises BackupRefused when it is not, when the file is no backup of this kind of database, or when others hold
    the database for longer than a minute. Then nothing has changed.
    """
    if not path.is_file():
        raise BackupRefused(f"{path} is not there.")
    if connection.introspection.table_names() and not replace:
        raise BackupRefused("The database is not empty. --replace throws away everything that is in it.")
    if connection.vendor == "sqlite":
        _sqlite_restore(path)
    else:
        _pg_restore(path)


def is_current() -> bool:
    """Whether the database has all migrations of this code; an older backup needs `migrate` after it."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def faults() -> list[str]:
    """What a restored database lacks: guards, or an audit chain that verifies."""
    absent = missing(connection, (*PORTFOLIO_GUARDS, *SCORING_GUARDS, *FUND_GUARDS))
    found = [f"The trigger {name} is missing." for name in absent]
    verdict = audit.verify()
    if verdict.first_bad is not None:
        found.append(
            f"The audit chain is broken at seq {verdict.first_bad}: {verdict.reason}. Is AUDIT_KEY the old one?"
        )
    return found


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- SQLite --------------------------------------------------------------------------------------------
def _sqlite_backup(path: Path) -> None:
    with closing(sqlite3.connect(path)) as copy:
        _copy(_ours(), copy, waits_for="the disk")
        copy.execute("PRAGMA journal_mode=DELETE")  # the file stands alone, without -wal beside it
        _check(copy, path)


def _sqlite_restore(path: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as source:
            _check(source, path)
            _copy(source, _ours(), waits_for="the processes that use the database: stop web, worker and beat first")
    except sqlite3.DatabaseError as unreadable:
        raise BackupRefused(f"{path} cannot be restored: {unreadable}.") from unreadable
    finally:
        connection.close()  # the next one sets up its journal again


def _ours() -> sqlite3.Connection:
    connection.ensure_connection()
    return cast(sqlite3.Connection, connection.connection)


def _copy(source: sqlite3.Connection, target: sqlite3.Connection, *, waits_for: str) -> None:
    source.backup(target, progress=_patience(waits_for))


def _patience(waits_for: str) -> Callable[[int, int, int], None]:
    """sqlite3 tries a locked database again for ever; this ends it."""
    ends = time.monotonic() + BUSY_SECONDS

    def check(status: int, remaining: int, total: int) -> None:
        if status not in {sqlite3.SQLITE_OK, sqlite3.SQLITE_DONE} and time.monotonic() > ends:
            raise BackupRefused(f"Gave up after {BUSY_SECONDS} s of waiting for {waits_for}.")

    return check


def _check(file: sqlite3.Connection, path: Path) -> None:
    said = file.execute("PRAGMA integrity_check").fetchone()[0]
    tables = {name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if said != "ok" or "portfolio_auditevent" not in tables:
        raise BackupRefused(f"{path} is not a sound backup of Greenlight ({said}).")


# --- PostgreSQL ----------------------------------------------------------------------------------------
def _pg_restore(path: Path) -> None:
    """Through a script, since only psql can empty the schema and fill it in one transaction."""
    if "portfolio_auditevent" not in _pg("pg_restore", "--list", str(path)):
        raise BackupRefused(f"{path} is not a backup of Greenlight.")
    with tempfile.TemporaryDirectory(prefix="greenlight-restore-") as folder:
        script = Path(folder) / "restore.sql"
        _pg("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(path))
        connection.close()  # its locks would be in the way
        once = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
        _pg("psql", *once, f"--command={EMPTY_THE_SCHEMA}", f"--file={script}")


def _pg(program: str, *arguments: str) -> str:
    """Run a client of PostgreSQL on our database. The password goes through the environment, where `ps` shows none."""
    ran = subprocess.run(  # noqa: S603  the programs and their arguments are ours
        [_client(program), *arguments], env=os.environ | _pg_environment(), capture_output=True, text=True
    )
    if ran.returncode != 0:
        raise BackupRefused(f"{program} ended with {ran.returncode}:\n{ran.stderr[-2000:].strip()}")
    return ran.stdout


def _client(program: str) -> str:
    """The one of the server's version, else the next newer (an older one cannot read it), else the one on PATH."""
    connection.ensure_connection()
    server = connection.pg_version // 10_000  # type: ignore[attr-defined]  # on PostgreSQL only
    installed = {
        int(path.parts[-3]): path
        for path in Path("/usr/lib/postgresql").glob(f"*/bin/{program}")
        if path.parts[-3].isdigit() and int(path.parts[-3]) >= server
    }
    if found := str(installed[min(installed)]) if installed else shutil.which(program):
        return found
    raise BackupRefused(
        f"{program} is not installed. It comes with PostgreSQL's client: apt-get install postgresql-client"
    )


def _pg_environment() -> dict[str, str]:
    found = connection.settings_dict
    named = {
        "PGHOST": found["HOST"],
        "PGPORT": found["PORT"],
        "PGUSER": found["USER"],
        "PGPASSWORD": found["PASSWORD"],
        "PGDATABASE": found["NAME"],
    }
    named |= {f"PG{name.upper()}": found["OPTIONS"].get(name, "") for name in PG_OPTIONS}
    named["PGAPPNAME"] = named.pop("PGAPPLICATION_NAME")
    return {name: str(value) for name, value in named.items() if value}


# --- files ---------------------------------------------------------------------------------------------
@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A file beside the one to be, ours alone; gone afterwards unless it was renamed."""
    if not path.parent.is_dir():
        raise BackupRefused(f"{path.parent} is not a directory.")
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """On the disk, before it gets its name."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
