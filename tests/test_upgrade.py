"""A database of the first method, with data in it, becomes one of the bars: nothing is lost or scored again."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
BEFORE = Path(__file__).parent / "upgrades"
pytestmark = pytest.mark.slow

Manage = Callable[..., str]


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a product of commit 45771db."""
    folder = tmp_path_factory.mktemp("upgrade")
    with sqlite3.connect(folder / "greenlight.sqlite3") as database:
        database.executescript(gzip.decompress((BEFORE / "45771db.sql.gz").read_bytes()).decode())
    shutil.copy(BEFORE / "audit_key", folder / "audit_key")
    (folder / "audit_key").chmod(0o600)
    return folder


@pytest.fixture(scope="module")
def records(old: Path) -> dict[int, tuple[str, str]]:
    with sqlite3.connect(old / "greenlight.sqlite3") as database:
        return {
            pk: (text, digest)
            for pk, text, digest in database.execute("SELECT id, record_json, digest FROM scoring_score")
        }


@pytest.fixture(scope="module")
def manage(old: Path, records: dict[int, tuple[str, str]]) -> Manage:
    """A command of today's product on it, once it is migrated."""

    def run(*arguments: str) -> str:
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        kept |= {"DJANGO_SETTINGS_MODULE": "fund.settings", "GREENLIGHT_MODE": "demo", "GREENLIGHT_VAR": str(old)}
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=kept, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("migrate", "-v0")
    return run


@pytest.fixture(scope="module")
def database(old: Path, manage: Manage) -> sqlite3.Connection:
    return sqlite3.connect(old / "greenlight.sqlite3", isolation_level=None)


def one(database: sqlite3.Connection, query: str) -> Any:
    [(found,)] = database.execute(query).fetchall()
    return found


def test_what_was_scored_stays_with_its_record_and_digest(
    database: sqlite3.Connection, records: dict[int, tuple[str, str]]
) -> None:
    rows = database.execute("SELECT id, kind, record_json, digest FROM scoring_score ORDER BY id").fetchall()
    assert [(pk, kind) for pk, kind, _text, _digest in rows] == [(1, "retired"), (2, "retired")]
    for pk, _kind, text, digest in rows:
        assert (text, digest) == records[pk]
        assert sha256(text.encode()).hexdigest() == digest
        assert json.loads(text)["emissions_score"]["value"] > 0


def test_its_runs_name_the_method_that_is_retired_and_none_of_them_is_open(database: sqlite3.Connection) -> None:
    joined = "scoring_scorerun r JOIN scoring_retiredmethod m ON m.id = r.retired_method_id"
    rows = database.execute(f"SELECT r.state, m.version, r.bar_sheet_id FROM {joined} ORDER BY r.id").fetchall()
    assert [state for state, _version, _sheet in rows] == ["done", "done", "cancelled"]
    assert all(version.startswith("demo-") and sheet is None for _state, version, sheet in rows)


def test_no_list_shows_a_score_of_a_retired_method(database: sqlite3.Connection) -> None:
    assert one(database, "SELECT COUNT(*) FROM scoring_latestscore") == 0


def test_what_was_proposed_and_decided_still_has_its_digest_and_the_log_its_chain(manage: Manage) -> None:
    script = (
        "from fund.models import Proposal; "
        "print([(p.content_digest() == p.content_sha256, p.is_decided) for p in Proposal.objects.order_by('pk')])"
    )
    assert "[(True, True), (True, False)]" in manage("shell", "-v0", "-c", script)
    assert "verifies" in manage("audit_verify")


ASKED = {"min_band": "C", "min_coverage_share": 0.5, "worst_data_quality": 3}


def test_what_a_mandate_asked_by_the_first_method_is_kept_and_not_asked_any_more(database: sqlite3.Connection) -> None:
    assert json.loads(one(database, "SELECT retired_rules FROM fund_mandate")) == ASKED
    assert json.loads(one(database, "SELECT retired_rules FROM fund_historicalmandate")) == ASKED
    rules = "bar_sheet_id, min_cleared, min_p_cleared, worst_evidence, max_ticket_share, gates_passed_required"
    [asks] = database.execute(f"SELECT {rules} FROM fund_mandate").fetchall()
    assert asks == (None, None, None, "", None, 0)


PAGES = """
from django.contrib.auth.models import User
from django.test import Client
from fund.models import Proposal
from portfolio.models import RoleChange
reader = User.objects.create_user("reader", password="reads")
RoleChange.found({reader: "admin"})
client = Client()
client.force_login(reader)
said = {"en": ("Retired method", "Band at least C", "has B"), "zh-hans": ("已停用的评分方法", "等级不低于 C")}
for language, words in said.items():
    client.cookies["django_language"] = language
    pages = [client.get(proposal.get_absolute_url()).content.decode() for proposal in Proposal.objects.order_by("pk")]
    mandate = client.get("/admin/fund/mandate/1/change/").content.decode()
    print(language, [word in pages[0] for word in words], "approved" in pages[1], "50%" in mandate)
"""


def test_an_old_proposal_and_its_mandate_are_still_read_in_both_languages(manage: Manage) -> None:
    told = manage("shell", "-v0", "-c", PAGES)
    assert "en [True, True, True] False True" in told
    assert "zh-hans [True, True] False True" in told


DECIDE = """
from django.contrib.auth.models import User
from fund.errors import WrongScore
from fund.models import Proposal
from portfolio.models import RoleChange
other = User.objects.create_user("other")
RoleChange.found({other: "admin"})
waiting = Proposal.objects.get(decision__isnull=True)
try:
    waiting.decide("approved", "It fits the fund well.", other, waiting.content_sha256)
except WrongScore as refused:
    print("refused:", "turned down" in str(refused) or "retired" in str(refused))
print(waiting.decide("rejected", "Score it by the bars first.", other, waiting.content_sha256).outcome)
"""


def test_a_proposal_that_waited_can_only_be_turned_down(manage: Manage) -> None:
    told = manage("shell", "-v0", "-c", "from django.utils import translation; translation.activate('en')\n" + DECIDE)
    assert "refused: True" in told
    assert "rejected" in told


def test_retired_rows_are_as_frozen_as_before(database: sqlite3.Connection) -> None:
    for statement in (
        "UPDATE scoring_score SET record_json = '{}'",
        "DELETE FROM scoring_score",
        "UPDATE scoring_retiredmethod SET content = '{}'",
        "UPDATE fund_proposal SET reason = 'another'",
        "DELETE FROM fund_decision",
        "UPDATE fund_mandate SET note = 'another'",
    ):
        with pytest.raises(sqlite3.DatabaseError):
            database.execute(statement)


def test_the_companies_are_scored_by_the_bars_from_now_on(manage: Manage, database: sqlite3.Connection) -> None:
    script = (
        "from scoring.runs import queue; from portfolio.models import Company; "
        "run, new = queue.start(Company.objects.all(), title='after', by=None); queue.drain(run.pk); "
        "print(run.bar_sheet, run.progress())"
    )
    assert "'done': 2" in manage("shell", "-v0", "-c", script)
    kinds = database.execute("SELECT kind, COUNT(*) FROM scoring_latestscore GROUP BY kind").fetchall()
    assert kinds == [("candidate", 2)]  # both stand before the fund's committee since then
