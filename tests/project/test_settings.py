"""Production refuses to start half set up; each refusal names its variable."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import override_settings
from kombu import Connection

from fund.project.checks import sqlite_is_for_the_demo
from fund.project.environment import celery_broker, database, database_url, key_domain
from scoring.checks import a_lease_outlasts_its_renewals, run_times_are_in_order

ROOT = Path(__file__).resolve().parents[2]
SECRET = "-s3cret-a1b2c3-not-a-real-one-but-long-enough-to-start"
PRODUCTION = {
    "GREENLIGHT_MODE": "production",
    "SECRET_KEY": SECRET,
    "AUDIT_KEY": SECRET[::-1],
    "ALLOWED_HOSTS": "greenlight.example",
    "DATABASE_URL": "postgres://greenlight:password@database.example/greenlight",
    "REDIS_URL": "redis://:password@broker.example:6379/0",
}
DEMO = {"GREENLIGHT_MODE": "demo"}


# To import Django takes ten times as long as our settings. So one process does that, and a child of it, with the
# environment of the test, reads the settings.
LOADER = """
import json, os, sys, traceback
import fund, csp.constants, django_stubs_ext
for line in sys.stdin:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.environ.clear()
        os.environ.update(json.loads(line))
        os.dup2(writer, 2)
        try:
            from fund import settings
            os._exit(2 if settings.DEBUG else 0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    os.close(writer)
    with open(reader) as said:
        words = said.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(json.dumps([status, words]), flush=True)
"""


@dataclass(frozen=True)
class Loaded:
    returncode: int
    stderr: str


Load = Callable[[dict[str, str]], Loaded]


@pytest.fixture(scope="module")
def loader() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", LOADER]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        assert process.stdin
        process.stdin.close()


@pytest.fixture
def load_settings(loader: subprocess.Popen[str]) -> Load:
    def load(environment: dict[str, str]) -> Loaded:
        assert loader.stdin and loader.stdout
        print(json.dumps({"PATH": os.environ["PATH"]} | environment), file=loader.stdin, flush=True)
        return Loaded(*json.loads(loader.stdout.readline()))

    return load


def test_a_program_that_starts_is_refused_like_that() -> None:
    """A whole process, as a server would start it; the tests below fork."""
    tried = subprocess.run(
        [sys.executable, "-c", "import fund.settings"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert tried.returncode != 0
    assert "SECRET_KEY is not set" in tried.stderr


def test_production_starts_when_everything_is_set(load_settings: Load) -> None:
    assert load_settings(PRODUCTION).returncode == 0


def test_production_is_the_mode_when_none_is_named(load_settings: Load) -> None:
    assert "SECRET_KEY is not set" in load_settings({}).stderr


def test_an_unknown_mode_is_refused(load_settings: Load) -> None:
    assert "expected demo or production" in load_settings({"GREENLIGHT_MODE": "staging"}).stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "AUDIT_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"])
def test_production_refuses_to_start_without(load_settings: Load, name: str) -> None:
    tried = load_settings({key: value for key, value in PRODUCTION.items() if key != name})
    assert tried.returncode != 0
    assert f"{name} is not set" in tried.stderr


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SECRET_KEY", SECRET[:49], "SECRET_KEY has 49 characters; it needs at least 50"),
        ("AUDIT_KEY", SECRET[:49], "AUDIT_KEY has 49 characters; it needs at least 50"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS must name the hosts"),
        ("ALLOWED_HOSTS", "greenlight.example, *", "ALLOWED_HOSTS must name the hosts"),
        ("DATABASE_URL", "sqlite:////srv/greenlight.sqlite3", "DATABASE_URL is SQLite"),
        ("DATABASE_URL", "mysql://database.example/greenlight", "expected sqlite or postgres"),
        ("REDIS_URL", "redis://broker.example:6379/0", "REDIS_URL has no password"),
        ("SECRET_KEY", SECRET[::-1], "AUDIT_KEY is the SECRET_KEY"),
        ("SECRET_KEY", "s" * 60, "SECRET_KEY repeats itself"),
        ("AUDIT_KEY", "ab" * 40, "AUDIT_KEY repeats itself"),
        ("SECRET_KEY", "correct-horse-battery" * 3, "SECRET_KEY repeats itself"),
        ("DATABASE_URL", "SQLITE:////srv/greenlight.sqlite3", "DATABASE_URL is SQLite"),
        ("ALLOWED_HOSTS", ".com", "'.com' are the hosts of everybody"),
        ("ALLOWED_HOSTS", "greenlight.example,.CN", "'.CN' are the hosts of everybody"),
        ("STAFF_NEED_MFA", "0", "STAFF_NEED_MFA=0: production asks"),
        ("STAFF_NEED_MFA", "no", "STAFF_NEED_MFA=0: production asks"),
        ("EMAIL_SECURITY", "ssl3", "EMAIL_SECURITY='ssl3'; expected one of none, starttls, tls"),
        ("EMAIL_HOST_PASSWORD", "letmein", "EMAIL_HOST_PASSWORD would travel in the open"),
        ("EMAIL_PORT", "smtp", "EMAIL_PORT='smtp' is not a whole number"),
        ("DATABASE_STATEMENT_SECONDS", "-1", "DATABASE_STATEMENT_SECONDS='-1' must be above zero"),
        ("SECRET_KEY", "", "SECRET_KEY has 0 characters"),
        ("ALLOWED_HOSTS", " , ", "ALLOWED_HOSTS names no host"),
        ("DATABASE_URL", "", "expected sqlite or postgres"),
        ("REDIS_URL", "redis://user@broker.example:6379/0", "REDIS_URL has no password"),
        ("REDIS_URL", "", "expected redis, rediss, unix"),
        ("REDIS_URL", "amqp://me:secret@broker.example", "REDIS_URL begins with 'amqp'"),
        ("REDIS_URL", "unix://", "REDIS_URL names no socket"),
        ("REDIS_URL", "redis://:secret@broker.example:99999/0", "REDIS_URL: its port is not a number"),
        ("DATABASE_URL", "postgres://me:secret@database.example", "DATABASE_URL names no database"),
        ("DATABASE_URL", "postgres://me:secret@database.example:port/green", "DATABASE_URL: its port is not a number"),
        ("ALLOWED_HOSTS", "https://green.example", "'https://green.example' is not a host name"),
        ("ALLOWED_HOSTS", "green.example:443", "'green.example:443' is not a host name"),
        ("ALLOWED_HOSTS", "*.green.example", "'*.green.example' is not a host name"),
        ("ALLOWED_HOSTS", ".", "'.' is not a host name"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL='LOUD'; expected one of DEBUG, INFO"),
        ("SECRET_KEY_FILE", "/nowhere/secret", "SECRET_KEY_FILE='/nowhere/secret' cannot be read"),
        ("RUN_SWEEP_SECONDS", "inf", "RUN_SWEEP_SECONDS='inf' is not a number of seconds"),
        ("RUN_SHARD_SECONDS", "nan", "RUN_SHARD_SECONDS='nan' is not a number of seconds"),
        ("PROXY_COUNT", "-1", "PROXY_COUNT='-1' is not a whole number"),
        ("PROXY_COUNT", "", "PROXY_COUNT='' is not a whole number"),
        ("PROXY_SETS_REQUEST_ID", "maybe", "PROXY_SETS_REQUEST_ID='maybe' is neither 1 nor 0"),
        ("HOUSE_IDLE_MINUTES", "0", "A session cannot end after 0 minutes"),
        ("HOUSE_IDLE_MINUTES", "721", "A session cannot end after 721 minutes without use and 12 hours"),
        ("AUDIT_KEY_FALLBACKS", "short", "AUDIT_KEY_FALLBACKS holds one of 5 characters"),
        ("STAFF_NEED_MFA", "maybe", "STAFF_NEED_MFA='maybe' is neither 1 nor 0"),
        ("RUN_SWEEP_SECONDS", "0", "RUN_SWEEP_SECONDS='0' must be above zero"),
        ("RUN_LEASE_SECONDS", "soon", "RUN_LEASE_SECONDS='soon' is not a number of seconds"),
    ],
)
def test_production_refuses(load_settings: Load, name: str, value: str, words: str) -> None:
    tried = load_settings(PRODUCTION | {name: value})
    assert tried.returncode != 0
    assert words in tried.stderr


def test_nothing_in_the_environment_switches_debugging_on(load_settings: Load, tmp_path: Path) -> None:
    for mode in (PRODUCTION, DEMO | {"GREENLIGHT_VAR": str(tmp_path)}):
        loaded = load_settings({"DEBUG": "1", "DJANGO_DEBUG": "True", "GREENLIGHT_DEBUG": "1"} | mode)
        assert loaded.returncode == 0, loaded  # 2: debugging


@pytest.mark.parametrize(("vendor", "said"), [("sqlite", ["fund.W001"]), ("postgresql", [])])
def test_sqlite_is_warned_of_outside_the_demo(monkeypatch: pytest.MonkeyPatch, vendor: str, said: list[str]) -> None:
    monkeypatch.setattr("fund.project.checks.connection", SimpleNamespace(vendor=vendor))
    assert sqlite_is_for_the_demo(None) == []
    with override_settings(DEMO=False):
        assert [warning.id for warning in sqlite_is_for_the_demo(None)] == said


def test_the_demo_needs_nothing_and_keeps_its_secrets_private(load_settings: Load, tmp_path: Path) -> None:
    assert load_settings(DEMO | {"GREENLIGHT_VAR": str(tmp_path / "var")}).returncode == 0
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "var").iterdir()}
    assert modes == {"secret_key": 0o600, "audit_key": 0o600}


def test_a_secret_can_come_from_a_file(load_settings: Load, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET + "\n", encoding="ascii")
    environment = {key: value for key, value in PRODUCTION.items() if key != "SECRET_KEY"}
    assert load_settings(environment | {"SECRET_KEY_FILE": str(tmp_path / "secret")}).returncode == 0


@pytest.mark.parametrize("name", ["STAFF_NEED_MFA", "PROXY_COUNT", "RUN_SWEEP_SECONDS", "ALLOWED_HOSTS", "LOG_LEVEL"])
def test_whatever_is_read_can_come_from_a_file(load_settings: Load, tmp_path: Path, name: str) -> None:
    (tmp_path / "value").write_text("?\n", encoding="ascii")
    assert name in load_settings(PRODUCTION | {f"{name}_FILE": str(tmp_path / "value")}).stderr


@pytest.mark.parametrize("host", ["green.example", ".green.example", "10.0.0.7", "[::1]", "localhost", "A-b.example"])
def test_a_host_may_be_a_name_with_all_below_it_or_an_address(load_settings: Load, host: str) -> None:
    assert load_settings(PRODUCTION | {"ALLOWED_HOSTS": host}).returncode == 0


def test_run_times_in_order_pass_the_check() -> None:
    assert run_times_are_in_order(None) == []


def test_times_of_a_run_in_the_wrong_order_stop_the_start() -> None:
    assert run_times_are_in_order(None) == []
    with override_settings(RUN_HARD_SECONDS=60.0):
        assert [error.id for error in run_times_are_in_order(None)] == ["scoring.E001"]


def test_a_lease_that_a_busy_worker_would_lose_stops_the_start() -> None:
    assert a_lease_outlasts_its_renewals(None) == []
    with override_settings(RUN_LEASE_SECONDS=2.0):
        assert [error.id for error in a_lease_outlasts_its_renewals(None)] == ["scoring.E002"]


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


def test_the_way_to_each_server_can_be_encrypted_by_its_setting(load_settings: Load) -> None:
    """`verify-full` and the like are libpq's own words, and reach it; so do those of redis-py and kombu."""
    secure = {
        "DATABASE_URL": "postgres://me:word@db.example/green?sslmode=verify-full&sslrootcert=/etc/ssl/own.pem",
        "REDIS_URL": "rediss://:word@broker.example:6380/0?ssl_cert_reqs=required&ssl_ca_certs=/etc/ssl/own.pem",
        "EMAIL_SECURITY": "starttls",
        "EMAIL_HOST_USER": "greenlight",
        "EMAIL_HOST_PASSWORD": "word",
    }
    assert load_settings(PRODUCTION | secure).returncode == 0
    options = database(secure["DATABASE_URL"])["OPTIONS"]
    assert isinstance(options, dict)
    assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "/etc/ssl/own.pem")
    assert options["connect_timeout"] == 2
    assert Connection(celery_broker(secure["REDIS_URL"])).transport_cls == "rediss"


def test_the_server_is_told_how_long_a_statement_and_a_lock_may_take() -> None:
    address = "postgres://me@db.example/green"
    told = database(address)["OPTIONS"]
    assert isinstance(told, dict)
    assert "statement_timeout=30000 " in told["options"]
    assert "lock_timeout=10000 " in told["options"]
    told = database(address, statement_seconds=0)["OPTIONS"]  # as manage.py asks
    assert isinstance(told, dict)
    assert "statement_timeout=0 " in told["options"]


@pytest.mark.django_db
@pytest.mark.postgres
@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_postgresql_has_been_told() -> None:
    with connection.cursor() as cursor:
        shown = {}
        for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            cursor.execute(f"SHOW {name}")
            shown[name] = cursor.fetchone()[0]
    assert shown == {
        "statement_timeout": "30s",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "30s",
    }


@pytest.mark.parametrize(
    ("hosts", "domain", "refusal"),
    [
        ("a.example,b.example", None, "KEY_DOMAIN='a.example' is not 'b.example'"),
        ("green.example", "evil.example", "is not 'green.example' of ALLOWED_HOSTS"),
        ("green.example", "example.", "KEY_DOMAIN='example.' is not a domain"),
        ("green.example", "example", "is not 'green.example' of ALLOWED_HOSTS"),
        ("green.example", "een.example", "is not 'green.example' of ALLOWED_HOSTS"),
        ("green.example", "https://green.example", "is not a domain"),
        ("10.0.0.7", "10.0.0.7", "is not a domain"),
    ],
)
def test_keys_are_good_for_a_domain_of_ours_only(
    load_settings: Load, hosts: str, domain: str | None, refusal: str
) -> None:
    tried = load_settings(PRODUCTION | {"ALLOWED_HOSTS": hosts} | ({"KEY_DOMAIN": domain} if domain else {}))
    assert tried.returncode == 1 and refusal in tried.stderr


@pytest.mark.parametrize(
    ("hosts", "given", "domain"),
    [
        ("green.example", None, "green.example"),
        (".Green.example,10.0.0.7", None, "green.example"),
        ("a.green.example,b.green.example", "green.example", "green.example"),
        ("a.example,b.example", "", ""),
        ("10.0.0.7,[::1]", None, ""),
        ("greenlight", None, "greenlight"),
    ],
)
def test_the_domain_of_keys_is_the_host_unless_another_is_named(
    monkeypatch: pytest.MonkeyPatch, hosts: str, given: str | None, domain: str
) -> None:
    if given is not None:
        monkeypatch.setenv("KEY_DOMAIN", given)
    assert key_domain("KEY_DOMAIN", hosts.split(",")) == domain
