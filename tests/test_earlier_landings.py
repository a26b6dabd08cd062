"""Databases of earlier landings, with data in them, become one of today: nothing is lost, changed or scored again."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
BEFORE = Path(__file__).parent / "upgrades"
pytestmark = pytest.mark.slow

OLDER = ["3a88e79", "8120663", "12d6d08"]  # test_upgrade.py asks in each run of one that is older still
KEPT = {  # what must say the same afterwards, in order
    "scores": "SELECT id, record_json, digest, inputs_sha256 FROM scoring_score ORDER BY id",
    "runs": 'SELECT id, "key", state, engine_version FROM scoring_scorerun ORDER BY id',
    "items": "SELECT id, inputs, inputs_sha256, state FROM scoring_scoreitem ORDER BY id",
    "figures": "SELECT disclosure_id, quantity, value, typed FROM portfolio_figure ORDER BY id",
    "disclosures": "SELECT id, state, digest, edition FROM portfolio_disclosure ORDER BY id",
    "decisions": "SELECT id, outcome, reason, content_sha256 FROM fund_decision ORDER BY id",
    "events": "SELECT seq, verb, object, digest, mac FROM portfolio_auditevent ORDER BY seq",
}
TODAY = """
import json
from django.contrib.auth.models import User
from django.test import Client
from fund.models import Proposal
from portfolio import audit
from scoring.models import ScoreRun
from scoring.runs import queue

chain = audit.verify().first_bad
waiting = ScoreRun.objects.get(state="queued")
queue.drain(waiting.pk)
waiting.refresh_from_db()
dan = Client()
dan.force_login(User.objects.get(username="dan"))
proposal = Proposal.objects.get()
companies = [item.company.get_absolute_url() for item in waiting.items.all()]
pages = [*companies, proposal.get_absolute_url(), "/app/"]
print(json.dumps({
    "chain": chain,
    "run": [waiting.state, waiting.progress()["done"]],
    "digest": proposal.content_digest() == proposal.content_sha256,
    "pages": [dan.get(page).status_code for page in pages],
    "afterwards": audit.verify().first_bad,
}))
"""


@pytest.mark.parametrize("commit", [pytest.param(old, marks=pytest.mark.long) for old in OLDER] + ["c8c1a96"])
def test_a_database_of_an_earlier_landing_keeps_all_and_goes_on(commit: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "greenlight.sqlite3")) as database:
        database.executescript(gzip.decompress((BEFORE / f"{commit}.sql.gz").read_bytes()).decode())
        shutil.copy(BEFORE / "audit_key", tmp_path / "audit_key")
        (tmp_path / "audit_key").chmod(0o600)
        before = read(database)
        assert all(before.values())
        manage(tmp_path, "migrate", "-v0")
        now = read(database)
    for what, rows in before.items():
        assert now[what][: len(rows)] == rows, what  # the upgrade may log more events, and nothing else
    said = json.loads(manage(tmp_path, "shell", "-v0", "-c", TODAY).splitlines()[-1])
    assert said["run"] == ["done", 2]
    assert set(said["pages"]) == {200}
    assert (said["digest"], said["chain"], said["afterwards"]) == (True, None, None)


def read(database: sqlite3.Connection) -> dict[str, list[Any]]:
    return {what: database.execute(query).fetchall() for what, query in KEPT.items()}


def manage(folder: Path, *arguments: str) -> str:
    """A command of today's product on it."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    kept |= {"DJANGO_SETTINGS_MODULE": "fund.settings", "GREENLIGHT_MODE": "demo", "GREENLIGHT_VAR": str(folder)}
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=kept, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
