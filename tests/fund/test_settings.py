"""Production refuses to start half set up; each refusal names its variable."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from fund.environment import database, database_url
from scoring.checks import run_times_are_in_order

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCTION = {
    "GREENLIGHT_MODE": "production",
    "SECRET_KEY": "s" * 50,
    "AUDIT_KEY": "a" * 50,
    "ALLOWED_HOSTS": "greenlight.example",
    "DATABASE_URL": "postgres://greenlight:password@database.example/greenlight",
    "REDIS_URL": "redis://:password@broker.example:6379/0",
}
DEMO = {"GREENLIGHT_MODE": "demo"}


def load_settings(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import fund.settings"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_production_starts_when_everything_is_set() -> None:
    assert load_settings(PRODUCTION).returncode == 0


def test_production_is_the_mode_when_none_is_named() -> None:
    assert "SECRET_KEY is not set" in load_settings({}).stderr


def test_an_unknown_mode_is_refused() -> None:
    assert "expected demo or production" in load_settings({"GREENLIGHT_MODE": "staging"}).stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "AUDIT_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"])
def test_production_refuses_to_start_without(name: str) -> None:
    tried = load_settings({key: value for key, value in PRODUCTION.items() if key != name})
    assert tried.returncode != 0
    assert f"{name} is not set" in tried.stderr


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SECRET_KEY", "s" * 49, "SECRET_KEY has 49 characters; it needs at least 50"),
        ("AUDIT_KEY", "a" * 49, "AUDIT_KEY has 49 characters; it needs at least 50"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS must name the hosts"),
        ("ALLOWED_HOSTS", "greenlight.example, *", "ALLOWED_HOSTS must name the hosts"),
        ("DATABASE_URL", "sqlite:////srv/greenlight.sqlite3", "DATABASE_URL is SQLite"),
        ("DATABASE_URL", "mysql://database.example/greenlight", "expected sqlite or postgres"),
        ("REDIS_URL", "redis://broker.example:6379/0", "REDIS_URL has no password"),
        ("RUN_LEASE_SECONDS", "soon", "RUN_LEASE_SECONDS='soon' is not a number of seconds"),
    ],
)
def test_production_refuses(name: str, value: str, words: str) -> None:
    tried = load_settings(PRODUCTION | {name: value})
    assert tried.returncode != 0
    assert words in tried.stderr


def test_the_demo_needs_nothing_and_keeps_its_secrets_private(tmp_path: Path) -> None:
    assert load_settings(DEMO | {"GREENLIGHT_VAR": str(tmp_path / "var")}).returncode == 0
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "var").iterdir()}
    assert modes == {"secret_key": 0o600, "audit_key": 0o600}


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s" * 50 + "\n", encoding="ascii")
    environment = {key: value for key, value in PRODUCTION.items() if key != "SECRET_KEY"}
    assert load_settings(environment | {"SECRET_KEY_FILE": str(tmp_path / "secret")}).returncode == 0


def test_run_times_in_order_pass_the_check() -> None:
    assert run_times_are_in_order(None) == []


def test_a_lease_shorter_than_the_hard_limit_stops_the_start() -> None:
    with override_settings(RUN_LEASE_SECONDS=settings.RUN_HARD_SECONDS - 1):
        assert [error.id for error in run_times_are_in_order(None)] == ["scoring.E001"]


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgres://me:p%40ss@Database.example:6543/green", "Database.example", "6543"),
        ("postgres://me:p%40ss@[::1]:6543/green", "::1", "6543"),
        ("postgres://me:p%40ss@%2Fvar%2FRun/green", "/var/Run", ""),
        ("postgres:///green", "", ""),
    ],
)
def test_an_address_of_postgresql_keeps_its_host(url: str, host: str, port: str) -> None:
    found = database(url)
    assert (found["HOST"], found["PORT"], found["NAME"]) == (host, port, "green")
    assert database(database_url(found))["HOST"] == host
    assert database(database_url(found))["PASSWORD"] == found["PASSWORD"]
