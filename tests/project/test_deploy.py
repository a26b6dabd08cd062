"""What deploy/ ships fits the product: variables, commands, files; and production really starts."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import servers
from tests.conftest import wait_until
from tests.project.test_settings import PRODUCTION

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SECRETS = {"SECRET_KEY": "s3cret-" + "0123456789abcdef" * 4, "AUDIT_KEY": "aud1t-" + "fedcba9876543210" * 4}
NOBODY_THERE = {
    "DATABASE_URL": "postgres://greenlight:canary-password@127.0.0.1:1/greenlight",
    "REDIS_URL": "redis://:canary-password@127.0.0.1:1/0",
}


def environment(**more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"]} | PRODUCTION | SECRETS | more


def manage(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=120,
    )


# --- production starts ---------------------------------------------------------------------------------
@pytest.mark.slow
def test_the_deployment_check_finds_nothing_with_no_server_in_reach() -> None:
    checked = manage("check", "--deploy", "--fail-level", "WARNING", **NOBODY_THERE)
    assert checked.returncode == 0, checked.stderr
    assert "no issues (0 silenced)" in checked.stdout


@pytest.mark.slow
def test_the_deployment_check_can_fail() -> None:
    assert (
        "security.W009"
        in manage(
            "check", "--deploy", "--fail-level", "WARNING", SECRET_KEY="django-insecure-" + SECRETS["SECRET_KEY"]
        ).stderr
    )


@pytest.mark.slow
def test_every_static_file_is_found_and_hashed(tmp_path: Path) -> None:
    collected = manage("collectstatic", "--noinput", "-v", "0", STATIC_ROOT=str(tmp_path))
    assert collected.returncode == 0, collected.stderr
    names = json.loads((tmp_path / "staticfiles.json").read_text(encoding="utf-8"))["paths"]
    assert re.fullmatch(r"greenlight/app\.[0-9a-f]+\.css", names["greenlight/app.css"])


@pytest.mark.slow
def test_gunicorn_answers_the_probes_without_servers_and_writes_json(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address, log = f"http://127.0.0.1:{port}", tmp_path / "log"
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "-b", f"127.0.0.1:{port}", "-w", "1"]
    with log.open("wb") as output:
        web = subprocess.Popen(
            [*command, "fund.wsgi"],
            cwd=ROOT,
            env=environment(**NOBODY_THERE, STATIC_ROOT=str(tmp_path)),
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_until(lambda: answer(f"{address}/healthz")[0] == 200, seconds=60, what="the web server's start")
        began = time.monotonic()
        status, said = answer(f"{address}/readyz")
        assert time.monotonic() - began < 10
        assert (status, said["status"], said["database"], said["broker"]) == (503, "unavailable", "down", "down")
        assert answer(f"{address}/app/")[0] == 400  # 127.0.0.1 is not an allowed host, only the probes answer it
    finally:
        web.terminate()
        try:
            web.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(web.pid, signal.SIGKILL)
            web.wait(10)
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert {"gunicorn.error", "greenlight.health", "greenlight.request"} <= {line["logger"] for line in lines}
    assert "canary" not in log.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_request_whose_end_is_told_in_two_ways_is_no_two_requests(tmp_path: Path) -> None:
    """Smuggling: what one server takes for the body, another takes for the next person's request."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "-b", f"127.0.0.1:{port}", "-w", "1"]
    told = environment(**NOBODY_THERE, STATIC_ROOT=str(tmp_path))
    web = subprocess.Popen(
        [*command, "fund.wsgi"], cwd=ROOT, env=told, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        wait_until(
            lambda: answer(f"http://127.0.0.1:{port}/healthz")[0] == 200, seconds=60, what="the web server's start"
        )
        hidden = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        both = f"Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: {5 + len(hidden)}\r\n\r\n0\r\n\r\n{hidden}"
        for rest in (
            both,
            "Host: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            "Host: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            "Host: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
                line.sendall(f"POST /accounts/login/ HTTP/1.1\r\n{rest}".encode())
                said = b""
                while got := line.recv(65536):
                    said += got
            assert said.count(b"HTTP/1.1 ") == 1, (rest, said)
            assert said[9:12] in (b"400", b"501"), (rest, said)
    finally:
        web.terminate()
        try:
            web.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(web.pid, signal.SIGKILL)
            web.wait(10)


@pytest.mark.slow
def test_cookies_of_production_are_bound_to_the_host_and_to_tls() -> None:
    code = (
        "import json; from fund import settings as s; print(json.dumps({n: getattr(s, n, None) for n in "
        "dir(s) if 'COOKIE' in n or n.startswith(('SECURE_', 'MESSAGE_'))}))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = json.loads(ran.stdout)
    names = [found[f"{kind}_COOKIE_NAME"] for kind in ("SESSION", "CSRF", "DEVICE", "LANGUAGE")]
    assert all(name.startswith("__Host-") for name in names) and len(set(names)) == 4
    assert all(found[f"{kind}_COOKIE_SECURE"] for kind in ("SESSION", "CSRF", "LANGUAGE"))
    assert found["CSRF_COOKIE_HTTPONLY"]
    assert found["MESSAGE_STORAGE"].endswith("SessionStorage")  # else a cookie of its own
    assert found["SECURE_HSTS_SECONDS"] >= 31_536_000 and found["SECURE_HSTS_INCLUDE_SUBDOMAINS"]
    assert found["SECURE_SSL_REDIRECT"]


def answer(address: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(address, timeout=10) as got:  # noqa: S310  our own server
            status, body = got.status, got.read()
    except urllib.error.HTTPError as refused:
        status, body = refused.code, refused.read()
    except OSError:
        return 0, {}
    return status, json.loads(body) if body.startswith(b"{") else {}


# --- the files -----------------------------------------------------------------------------------------
def example() -> set[str]:
    return set(re.findall(r"^#?([A-Z_]+)=", (DEPLOY / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def test_every_variable_of_compose_stands_in_the_example() -> None:
    referenced = set(re.findall(r"(?<!\$)\$\{(\w+)", (DEPLOY / "compose.yaml").read_text(encoding="utf-8")))
    assert referenced
    assert referenced <= example()


def test_every_variable_of_the_example_is_documented() -> None:
    pages = "".join((ROOT / "docs" / page).read_text("utf-8") for page in ("reference/settings.md", "howto/deploy.md"))
    assert {name for name in example() if f"`{name}`" not in pages} == set()


def test_compose_gives_the_settings_all_they_need() -> None:
    services = compose()["services"]
    assert set(services) == {"postgres", "valkey", "migrate", "web", "worker", "beat"}
    for name in ("migrate", "web", "worker", "beat"):
        assert set(services[name]["environment"]) >= set(PRODUCTION), name
    assert services["worker"]["environment"]["REMAP_SIGTERM"] == "SIGQUIT"
    assert "greenlight_owner" in services["migrate"]["environment"]["DATABASE_URL"]
    assert "greenlight_app" in services["web"]["environment"]["DATABASE_URL"]
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert not services["postgres"].get("ports") and not services["valkey"].get("ports")
    for service in services.values():
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            assert source in compose()["volumes"] or (DEPLOY / source).is_file(), mount


def test_the_image_has_what_the_commands_name() -> None:
    recipe = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    for copied in re.findall(r"^COPY (\S+)", recipe, re.MULTILINE):
        assert (ROOT / copied).exists(), copied
    assert re.search(r"^USER greenlight$", recipe, re.MULTILINE)


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_is_hardened_and_starts_what_we_have(path: Path) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(path.read_text(encoding="utf-8"))
    service = dict(unit["Service"])
    assert service["EnvironmentFile"] == "/etc/greenlight/greenlight.env"
    assert service["User"] != "root"
    wanted = {"NoNewPrivileges": "yes", "ProtectSystem": "strict", "PrivateTmp": "yes", "CapabilityBoundingSet": ""}
    assert {name: service[name] for name in wanted} == wanted
    assert ("REMAP_SIGTERM=SIGQUIT" in service["Environment"]) == (path.stem == "greenlight-worker")
    assert service["KillMode"] == "mixed"
    program = Path(service["ExecStart"].split()[0]).name
    assert (Path(sys.executable).parent / program).exists()


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        servers.require("systemd-analyze", servers.prefers_root("apt-get install systemd"))
    for path in UNITS:  # it wants the programs to be there, so let them be something that is
        text = re.sub(r"/opt/greenlight/.venv/bin/\w+", sys.executable, path.read_text(encoding="utf-8"))
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.glob("*.service")))],
        capture_output=True,
        text=True,
        timeout=60,
    )
    ours = [line for line in verified.stderr.splitlines() if "greenlight" in line]
    assert not ours


def test_the_proxy_replaces_every_header_that_we_believe() -> None:
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for header in (
        "X-Forwarded-Proto $scheme",
        "X-Forwarded-For $remote_addr",
        "X-Request-ID $request_id",
        "Host $host",
    ):
        assert f"proxy_set_header {header};" in text
    assert "client_max_body_size" in text
    assert text.count("{") == text.count("}")


def test_the_proxy_speaks_strong_tls_only_and_leads_nowhere_else() -> None:
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert re.findall(r"ssl_protocols (.*);", text) == ["TLSv1.2 TLSv1.3"]
    [ciphers] = re.findall(r"ssl_ciphers (.*);", text)
    for cipher in ciphers.split(":"):
        assert re.fullmatch(r"ECDHE-(ECDSA|RSA)-(AES\d+-GCM-SHA\d+|CHACHA20-POLY1305)", cipher), cipher
    assert "256" in ciphers.split(":")[0] and "ssl_prefer_server_ciphers on;" in text
    assert set(re.findall(r"proxy_pass (\S+);", text)) == {"http://greenlight"}
    assert re.findall(r"^    server (\S+);", text, re.MULTILINE) == ["127.0.0.1:8000"]  # of the same host
    open_door = text[text.index("listen 80;") : text.index("listen 443")]
    assert "proxy_pass" not in open_door
    assert "location /api/v1/ { return 403; }" in open_door
    assert "autoindex" not in text and "server_tokens off;" in text
