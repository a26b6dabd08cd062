"""A backup taken in the middle of a run comes back whole: triggers, audit chain, and the run goes on to its end.

On the suite's own database: TEST_DATABASE=sqlite or postgres.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import override_settings

from fund.project import backup
from fund.project.environment import database_url
from portfolio import audit, guards
from portfolio.models import Evidence
from portfolio.typed.files import read_upload
from scoring.models import ScoreRun
from scoring.runs import queue as runs
from tests import make, servers
from tests.conftest import ALL_GUARDS, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
COMPANIES = 12
StartWorker = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture(autouse=True)
def _client_programs() -> None:
    if connection.vendor == "postgresql":
        try:
            for program in ("pg_dump", "pg_restore", "psql"):
                backup._client(program)
        except backup.BackupRefused:
            servers.require("PostgreSQL's client", servers.prefers_root("apt-get install postgresql-client"))


class Place:
    """A database beside the suite's own, of the same kind, empty at first; asked without Django."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "restored.sqlite3"
        self.name = f"restored_{uuid.uuid4().hex[:12]}"
        self.is_sqlite = connection.vendor == "sqlite"
        if self.is_sqlite:
            self.url = f"sqlite:///{self.file}"
        else:
            self.url = database_url(connection.settings_dict | {"NAME": self.name})
            self._on_the_server(f"CREATE DATABASE {self.name}")

    def drop(self) -> None:
        if not self.is_sqlite:
            self._on_the_server(f"DROP DATABASE {self.name} WITH (FORCE)")

    def _on_the_server(self, statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        if self.is_sqlite:
            with closing(sqlite3.connect(self.file, timeout=20)) as database, database:
                return database.execute(statement).fetchall()
        with psycopg.connect(self.url, connect_timeout=3) as database:
            cursor = database.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def manage(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": self.url} | environment,
            capture_output=True,
            text=True,
            timeout=120,
        )


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.drop()


def interrupted_run() -> ScoreRun:
    """Some companies are scored, some leased by a worker that is gone, the others wait."""
    companies = [make.scoreable(f"demo-{n:03}", scale=1 + n) for n in range(COMPANIES)]
    run, _new = runs.start(companies, title="interrupted", by=None)
    first = runs.claim(run.pk, batch=4)
    assert first is not None
    runs.finish(first, runs.compute(first))
    with override_settings(RUN_LEASE_SECONDS=1):
        assert runs.claim(run.pk, batch=4) is not None
    states = [run.items.filter(state=state).count() for state in ("done", "leased", "todo")]
    assert states == [4, 4, 4]
    return run


@pytest.mark.slow
@pytest.mark.worker
def test_a_backup_in_the_middle_of_a_run_comes_back_and_the_run_ends(
    place: Place, tmp_path: Path, start_worker: StartWorker
) -> None:
    run = interrupted_run()
    file = tmp_path / "greenlight.backup"
    call_command("backup", file)
    assert file.stat().st_mode & 0o777 == 0o600
    runs.cancel(run, by=make.carol())  # what happens after the backup is not in it

    restored = place.manage("restore", str(file))
    assert restored.returncode == 0, restored.stderr
    assert "the audit log verifies" in restored.stdout
    for statement in ("UPDATE portfolio_auditevent SET verb = 'x'", "DELETE FROM scoring_score"):
        with pytest.raises((sqlite3.IntegrityError, psycopg.errors.CheckViolation), match="append-only"):
            place.execute(statement)
    assert place.execute("SELECT state, count(*) FROM scoring_scoreitem GROUP BY state ORDER BY state") == [
        ("done", 4),
        ("leased", 4),
        ("todo", 4),
    ]

    start_worker(DATABASE_URL=place.url)
    ended = "SELECT count(*) FROM scoring_scorerun WHERE state = 'done'"
    wait_until(lambda: place.execute(ended) == [(1,)], seconds=90, what="the restored run's end")
    assert place.execute("SELECT count(*), count(DISTINCT company_id) FROM scoring_score") == [(COMPANIES, COMPANIES)]
    verified = place.manage("audit_verify")
    assert verified.returncode == 0, verified.stderr


@pytest.mark.slow
def test_the_log_says_that_a_backup_was_made_and_restored(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "greenlight.backup"
    call_command("backup", file)
    last = audit.AuditEvent.objects.latest("seq")
    assert (last.verb, last.digest) == ("database.backed_up", backup.sha256(file))
    assert place.manage("restore", str(file)).returncode == 0
    [row] = place.execute("SELECT verb, digest FROM portfolio_auditevent ORDER BY seq DESC LIMIT 1")
    assert row == ("database.restored", backup.sha256(file))


@pytest.mark.slow
def test_backed_up_as_documented_the_restored_log_holds_the_exported_head(place: Place, tmp_path: Path) -> None:
    audit.append(None, "test.happened", "thing:1")
    commands = (ROOT / "docs/howto/backup.md").read_text(encoding="utf-8").split("```")[1].strip().splitlines()
    assert len(commands) == 2
    for line in commands:
        words = line.split("#")[0].split()[1:]
        call_command(*(str(tmp_path / Path(word).name) if word.startswith("/") else word for word in words))
    (file,), (head,) = tmp_path.glob("*.backup"), tmp_path.glob("*.json")

    assert place.manage("restore", str(file)).returncode == 0
    verified = place.manage("audit_verify", "--against", str(head))
    assert verified.returncode == 0, verified.stderr


@pytest.mark.slow
def test_evidence_is_in_the_backup_byte_for_byte(place: Place, tmp_path: Path) -> None:
    company = make.company()
    content = b"%PDF-1.7\n" + bytes(range(256)) * 1000
    kept = Evidence.keep(read_upload("bill.pdf", content), company=company, by=make.alice(company))
    file = tmp_path / "greenlight.backup"
    call_command("backup", file)
    assert place.manage("restore", str(file)).returncode == 0
    [(stored, sha256)] = place.execute(
        "SELECT c.content, e.sha256 FROM portfolio_evidencecontent c JOIN portfolio_evidence e ON e.id = c.evidence_id"
    )
    assert (stored, sha256) == (content, kept.sha256)


def test_a_backup_never_overwrites_a_file(tmp_path: Path) -> None:
    file = tmp_path / "greenlight.backup"
    file.write_text("kept")
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", file)
    assert file.read_text() == "kept"
    assert [path.name for path in tmp_path.iterdir()] == ["greenlight.backup"]


@pytest.mark.slow
def test_a_database_that_holds_something_is_not_overwritten_by_mistake(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "greenlight.backup"
    make.company("demo-alpha")
    call_command("backup", file)
    assert place.manage("restore", str(file)).returncode == 0
    place.execute("CREATE TABLE of_a_newer_version (company_id bigint REFERENCES portfolio_company(id))")
    place.execute("UPDATE portfolio_company SET name_en = 'Changed since'")

    refused = place.manage("restore", str(file))
    assert refused.returncode == 1
    assert "The database is not empty" in refused.stderr
    assert place.execute("SELECT name_en FROM portfolio_company") == [("Changed since",)]

    replaced = place.manage("restore", str(file), "--replace")
    assert replaced.returncode == 0, replaced.stderr
    assert place.execute("SELECT name_en FROM portfolio_company") != [("Changed since",)]
    with pytest.raises((sqlite3.OperationalError, psycopg.errors.UndefinedTable)):
        place.execute("SELECT * FROM of_a_newer_version")


@pytest.mark.slow
def test_a_file_that_is_no_backup_changes_nothing(place: Place, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.backup", tmp_path / "bad.backup"
    make.company("demo-alpha")
    call_command("backup", good)
    assert place.manage("restore", str(good)).returncode == 0
    for content in (b"", b"not a backup", good.read_bytes()[: good.stat().st_size * 2 // 3]):
        bad.write_bytes(content)
        refused = place.manage("restore", str(bad), "--replace")
        assert refused.returncode == 1, refused.stdout
        assert "CommandError" in refused.stderr
        assert place.execute("SELECT company_key FROM portfolio_company") == [("demo-alpha",)]


@pytest.mark.slow
def test_a_missing_trigger_and_a_foreign_key_are_named(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "greenlight.backup"
    audit.append(None, "test.happened", "test:1")
    lost = guards.append_only("portfolio_auditevent")
    guards.remove(connection, (lost,))
    try:
        call_command("backup", file)
    finally:
        guards.install(connection, (lost,))
    damaged = place.manage("restore", str(file))
    assert damaged.returncode == 1
    assert "The trigger guard_portfolio_auditevent_update is missing" in damaged.stderr
    other_key = {"GREENLIGHT_VAR": str(tmp_path / "another demo with another audit_key")}
    foreign = place.manage("restore", str(file), "--replace", **other_key)
    assert "The audit chain is broken at seq 1" in foreign.stderr
    assert guards.missing(connection, ALL_GUARDS) == []


def test_a_restore_does_not_wait_for_ever_for_a_writer(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL bounds this by its own lock_timeout")
    file = tmp_path / "greenlight.backup"
    call_command("backup", file)
    monkeypatch.setattr(backup, "BUSY_SECONDS", 1)
    with closing(sqlite3.connect(place.file)) as writer, closing(sqlite3.connect(place.file, timeout=0)) as target:
        writer.execute("CREATE TABLE something (id int)")
        writer.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with closing(sqlite3.connect(file)) as source, pytest.raises(backup.BackupRefused, match="Gave up"):
            backup._copy(source, target, waits_for="the writer")
        assert time.monotonic() - began < 10


def test_the_password_is_not_an_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("about PostgreSQL's programs")
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "canary")
    ran: list[list[str]] = []

    def run(command: list[str], **how: object) -> subprocess.CompletedProcess[str]:
        ran.append(command)
        assert how["env"]["PGPASSWORD"] == "canary"  # type: ignore[index]
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(backup.subprocess, "run", run)
    backup._pg("pg_dump")
    assert "canary" not in " ".join(ran[0])
