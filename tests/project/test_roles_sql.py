"""deploy/roles.sql: as the application's role everything works, except what would rewrite history."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from fund.project import backup
from fund.project.environment import database_url
from tests import servers
from tests.conftest import ALL_GUARDS

ROOT = Path(__file__).resolve().parents[2]
ROLES = ROOT / "deploy/roles.sql"
APPEND_ONLY = sorted({guard.table for guard in ALL_GUARDS if not guard.condition and "UPDATE" in guard.events})
# A day at the desk: companies, a run, a proposal and its decision, a sweep, the cache, a page, a backup.
A_DAY = """
import pathlib, tempfile
import django; django.setup()
from django.core.management import call_command
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from fund.models import Candidate
from portfolio import audit
from portfolio.typed.files import read_upload
from portfolio.models import Activity, Disclosure, Evidence, LocalFactor
from scoring.runs import queue as runs
from tests import make

company = make.scoreable()
alice, bob, dan, erin = make.alice(company), make.bob(), make.dan(), make.erin()
draft = make.disclosure(company, 2025, state=Disclosure.State.DRAFT, created_by=alice)
bill = Evidence.keep(read_upload("bill.pdf", b"%PDF-1.7"), company=company, by=alice)
line = Activity(kind="electricity", typed_amount="5", typed_unit="kWh", amount=5.0, unit="kWh")
make.citing(line, bill)
draft.add_activity(line, by=alice, edition=draft.edition)
assert bill.open(by=alice) == b"%PDF-1.7"
about = dict(kind="heat", region="CN-SC", data_year=2024, purpose="reporting_default", gas="CO2", value=88.0, unit="GJ")
source = dict(publisher="the utility", published="2025-03-01", document="report", evidence=bill, company=company)
factor = LocalFactor.start(company, by=alice, **about, **source)
factor.refresh_from_db()
factor.submit(by=alice)
factor.verify(by=bob, digest=factor.digest)
draft.submit(by=alice)
make.verify(draft, bob)
fund = make.fund()
Candidate.of(fund, company, by=dan)
score = make.score(company, timezone.localdate())
proposal = make.proposal(score, dan, fund, kind="watch")
proposal.decide("approved", "It fits the fund well.", erin, proposal.content_sha256)
runs.sweep()
cache.set("a", 1); cache.delete("a")
client = Client()
client.force_login(erin)
assert client.get("/app/runs/").status_code == 200
with tempfile.TemporaryDirectory() as folder:
    call_command("backup", pathlib.Path(folder) / "backup")
assert audit.verify().first_bad is None
"""


def test_every_append_only_table_is_named_and_no_other() -> None:
    [listed] = re.findall(r"REVOKE UPDATE, DELETE ON\n(.*?)FROM", ROLES.read_text(encoding="utf-8"), re.DOTALL)
    assert sorted(re.findall(r"\w+", listed)) == APPEND_ONLY


@dataclass(frozen=True)
class Database:
    owner: str
    app: str

    def run(self, url: str, *command: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "fund.settings"}
        return subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180
        )


@pytest.fixture(scope="module")
def database(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Database]:
    """Two roles and a database, migrated by the one and prepared for the other as deploy.md says."""
    if connection.vendor != "postgresql":
        pytest.skip("rights are PostgreSQL's: TEST_DATABASE=postgres")
    mark = uuid.uuid4().hex[:10]
    owner, app, name = f"owner_{mark}", f"app_{mark}", f"roles_{mark}"
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE ROLE {owner} LOGIN PASSWORD 'o'")
            cursor.execute(f"CREATE ROLE {app} LOGIN PASSWORD 'a'")
            cursor.execute(f"CREATE DATABASE {name} OWNER {owner}")
        try:
            psql = backup._client("psql")
        except backup.BackupRefused:
            servers.require("PostgreSQL's client", servers.prefers_root("apt-get install postgresql-client"))
        found = connection.settings_dict | {"NAME": name}
        as_owner = database_url(found | {"USER": owner, "PASSWORD": "o"})
        as_app = database_url(found | {"USER": app, "PASSWORD": "a"})
        made = Database(as_owner, as_app)
        try:
            migrated = made.run(as_owner, "manage.py", "migrate", "-v", "0")
            assert migrated.returncode == 0, migrated.stderr
            for _twice in range(2):
                subprocess.run(
                    [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", f"app={app}", "-f", str(ROLES), as_owner],
                    check=True,
                    timeout=60,
                )
            yield made
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
                cursor.execute(f"DROP ROLE {owner}, {app}")


@pytest.mark.django_db
def test_the_application_does_a_days_work(database: Database) -> None:
    done = database.run(database.app, "-c", A_DAY)
    assert done.returncode == 0, done.stderr


REWRITES = [
    *(f"UPDATE {table} SET id = id" for table in APPEND_ONLY if table != "portfolio_auditevent"),
    *(f"SELECT 1 FROM {table} FOR UPDATE" for table in APPEND_ONLY),
    *(f"DELETE FROM {table}" for table in APPEND_ONLY),
    *(f"TRUNCATE {table} CASCADE" for table in APPEND_ONLY),
    "UPDATE portfolio_auditevent SET verb = 'x'",
    "TRUNCATE portfolio_audithead",
    "DROP TRIGGER guard_portfolio_auditevent_update ON portfolio_auditevent",
    "ALTER TABLE portfolio_auditevent DISABLE TRIGGER ALL",
    "ALTER TABLE portfolio_auditevent OWNER TO CURRENT_USER",
    "DROP TABLE portfolio_auditevent CASCADE",
    "DROP FUNCTION guard_portfolio_auditevent_update() CASCADE",
    "CREATE OR REPLACE FUNCTION guard_portfolio_auditevent_update() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN RETURN NEW; END $$",
    "CREATE TABLE of_my_own (id int)",
    "SET session_replication_role = replica",
    "DELETE FROM django_migrations",
]


@pytest.mark.django_db
@pytest.mark.parametrize("statement", REWRITES)
def test_the_application_cannot_rewrite_history(database: Database, statement: str) -> None:
    with (
        psycopg.connect(database.app, connect_timeout=3) as app,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        app.execute(statement)


@pytest.mark.django_db
def test_the_owner_meets_the_trigger_still(database: Database) -> None:
    """The control: without the taken rights these statements get as far as the trigger, so they are well-formed."""
    for statement in ("UPDATE portfolio_auditevent SET verb = 'x'", "TRUNCATE portfolio_auditevent CASCADE"):
        with (
            psycopg.connect(database.owner, connect_timeout=3) as owner,
            pytest.raises(psycopg.errors.CheckViolation, match="append-only"),
        ):
            owner.execute("INSERT INTO portfolio_auditevent VALUES (999, now(), 'a', 'b', 'c', '', '', '', '', '')")
            owner.execute(statement)
