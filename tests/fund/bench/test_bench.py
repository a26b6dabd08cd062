"""The benches run, small, and say what they promise to say. No time is asserted: machines differ."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from fund.project.environment import database_url
from tests.conftest import ROOT

pytestmark = [pytest.mark.worker, pytest.mark.django_db]

KEYS = {"bench", "n", "seconds", "floor_seconds", "ratio", "peak_mib"}


def bench(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    """The last line of `manage.py bench … --json`, run as a person would: it makes a database of its own."""
    done = subprocess.run(
        [sys.executable, "manage.py", "bench", *arguments, "--json"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database_url(connection.settings_dict), "GREENLIGHT_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert found.keys() >= KEYS
    return found


@pytest.mark.postgres
def test_the_bench_of_a_run_gives_its_figures_beside_a_floor(tmp_path: Path) -> None:
    """On SQLite with one worker beside several, too."""
    scaling = ["--workers", "2", "--scaling"] if connection.vendor == "sqlite" else []
    found = bench(tmp_path, "run", "--companies", "50", *scaling)
    assert (found["bench"], found["n"], found["workers"]) == ("run", 50, 2)
    assert found["floor_seconds"] > 0
    assert found["ratio"] == pytest.approx(found["seconds"] / found["floor_seconds"], rel=0.05)
    assert found["scaling"] > 0 if scaling else found["scaling"] is None


@pytest.mark.postgres
def test_the_bench_of_load_gives_a_row_for_each_address_idle_and_during_runs(tmp_path: Path) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("the load is measured on PostgreSQL")
    found = bench(tmp_path, "load", "--companies", "50", "--clients", "2", "--seconds", "2")
    assert (found["bench"], found["n"], found["clients"]) == ("load", 50, 2)
    assert found["runs"] >= 1
    for state in ("idle", "during"):
        rows = {row["address"]: row for row in found[state]}
        assert rows.keys() >= {"healthz", "candidates", "dossier", "API candidates", "API companies"}
        assert all(row["requests"] and not row["errors"] for row in rows.values()), rows


def test_the_bench_of_the_pages_gives_a_row_for_each(tmp_path: Path) -> None:
    found = bench(tmp_path, "pages", "--companies", "250", "--rounds", "1")
    assert (found["bench"], found["n"]) == ("pages", 250)
    assert found["floor_seconds"] > 0
    pages = {page["page"]: page for page in found["pages"]}
    assert pages.keys() >= {"list", "list, filtered", "list, sorted", "list, searched", "dossier", "run", "disclosures"}
    assert pages.keys() >= {"compare five", "what if"}
    assert max(page["queries"] for name, page in pages.items() if name.startswith("list")) <= 10
    assert pages["dossier"]["queries"] <= 38
    assert pages["dossier of a peer"]["queries"] <= 19
    assert found["ratio"] == pages["list"]["ratio"]
