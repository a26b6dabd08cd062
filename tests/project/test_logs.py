"""What the log says, and what it must never say."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from fund.project import logs
from fund.project.broken import server_error
from fund.urls import urlpatterns as product
from portfolio.models import Disclosure
from scoring.models import ScoreRun
from scoring.runs import queue as runs
from tests import make
from tests.conftest import wait_until

ROOT = Path(__file__).resolve().parents[2]
CANARY = "canary-8417935026"


# --- addresses that only these tests have ---------------------------------------------------------------
def broken(request: HttpRequest) -> HttpResponse:
    try:
        raise KeyError(CANARY)
    except KeyError as missing:
        raise ValueError(f"Key (name)=({CANARY}) exists") from missing


def exported(request: HttpRequest) -> HttpResponse:
    return HttpResponse(CANARY, headers={"Content-Disposition": 'attachment; filename="scores.csv"'})


urlpatterns = [*product, path("broken/", broken), path("exported/", exported)]
handler500 = server_error


class Lines(logging.Handler):
    """Every line that production would write."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logs.JsonFormatter())
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += self.format(record) + "\n"

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(json.loads, self.text.splitlines())

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self if line.get("event") == event]


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler = Lines()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def formatted(formatter: logging.Formatter, message: str, *args: object, **more: Any) -> str:
    record = logging.LogRecord("test", logging.INFO, "file.py", 1, message, args, more.pop("exc_info", None))
    vars(record).update(more)
    return formatter.format(record)


# --- the form of a line --------------------------------------------------------------------------------
def test_a_production_line_is_json_in_utc() -> None:
    line = json.loads(formatted(logs.JsonFormatter(), "%d companies", 3, event="run", unknown=CANARY))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("at"))
    assert line == {"level": "INFO", "logger": "test", "message": "3 companies", "event": "run"}


@pytest.mark.parametrize("formatter", [logs.JsonFormatter(), logs.LineFormatter()])
def test_nobody_writes_a_second_line(formatter: logging.Formatter) -> None:
    evil = "a\nb\rc\x85d\u2028e\x1b[31mf\ud800"
    line = formatted(formatter, "%s", evil, path=evil)
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line
    line.encode()


@pytest.mark.parametrize("formatter", [logs.JsonFormatter(), logs.LineFormatter()])
def test_an_exception_is_shown_by_type_and_place_without_its_text(formatter: logging.Formatter) -> None:
    try:
        broken(HttpRequest())
    except ValueError:
        line = formatted(formatter, "failed", exc_info=sys.exc_info())
    assert CANARY not in line
    assert "builtins.ValueError" in line
    assert "builtins.KeyError" in line
    assert "tests/project/test_logs.py" in line


# --- requests ------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_request_leaves_one_line_with_its_id(client: Client, lines: Lines) -> None:
    carol = make.carol()
    client.force_login(carol)
    answer = client.get("/app/candidates/", {"q": CANARY})
    [line] = lines.of("request")
    assert line.pop("duration_ms") > 0
    assert line.pop("at")
    assert line == {
        "level": "INFO",
        "logger": "greenlight.request",
        "message": "GET /app/candidates/ 200",
        "request_id": answer["X-Request-ID"],
        "user": carol.pk,
        "method": "GET",
        "path": "/app/candidates/",
        "status": 200,
        "event": "request",
    }
    assert re.fullmatch("[0-9a-f]{32}", answer["X-Request-ID"])
    assert client.get("/app/candidates/")["X-Request-ID"] != answer["X-Request-ID"]
    assert logs.request_id() == ""


@pytest.mark.parametrize("given", ["abcd1234", "0" * 32, "7f3b-90aa_Q" * 5])
def test_the_proxys_id_is_taken_where_it_is_said_to_set_one(client: Client, given: str) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"] != given
    with override_settings(PROXY_SETS_REQUEST_ID=True):
        assert client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "1234567 8", "1234567\n8", "12345678\n", "<script>8", "１２３４５６７８"]
)
def test_an_id_that_is_not_well_formed_is_replaced(client: Client, given: str) -> None:
    with override_settings(PROXY_SETS_REQUEST_ID=True):
        assert re.fullmatch("[0-9a-f]{32}", client.get("/healthz", HTTP_X_REQUEST_ID=given)["X-Request-ID"])


@pytest.mark.django_db
def test_a_refusal_is_logged_and_an_unknown_address_is_not_one(client: Client, lines: Lines) -> None:
    company = make.company()
    frank = make.frank(company)
    client.force_login(frank)
    client.get(f"/app/companies/{company.pk}/")
    client.get("/admin/")
    client.get("/app/nothing-here/")
    refused = lines.of("refused")
    assert [(line["status"], line["level"], line["user"]) for line in refused] == [
        (404, "WARNING", frank.pk),
        (403, "WARNING", frank.pk),
    ]
    assert [line["status"] for line in lines.of("request")] == [404]


@override_settings(ROOT_URLCONF="tests.project.test_logs")
def test_an_export_is_logged_without_what_was_in_it(client: Client, lines: Lines) -> None:
    client.get("/exported/")
    [line] = lines.of("export")
    assert line["path"] == "/exported/"
    assert CANARY not in lines.text


@override_settings(ROOT_URLCONF="tests.project.test_logs")
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_crash_names_its_request_to_the_person_and_in_the_log(lines: Lines, language: str) -> None:
    client = Client(raise_request_exception=False)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    answer = client.post("/broken/", {"scope_1": CANARY}, headers={"Authorization": f"Bearer {CANARY}"})
    assert answer.status_code == 500
    assert answer["X-Request-ID"] in answer.content.decode()
    assert CANARY not in answer.content.decode()
    crash, request = lines
    assert crash["level"] == "ERROR"
    assert crash["exception"][0] == "builtins.ValueError"
    assert crash["request_id"] == request["request_id"] == answer["X-Request-ID"]
    assert CANARY not in lines.text


def test_a_line_break_in_an_address_is_escaped(client: Client, lines: Lines) -> None:
    client.get("/no%0Asuch%0D%0Aplace")
    [line] = lines.of("request")
    assert line["path"] == "/no\nsuch\r\nplace"
    assert len(lines.text.splitlines()) == 1


def test_probes_leave_no_line(client: Client, lines: Lines) -> None:
    client.get("/healthz")
    assert not lines.text


# --- who came in ---------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_logging_in_and_failing_to_is_logged_without_names_and_passwords(client: Client, lines: Lines) -> None:
    carol = make.carol()
    client.post("/accounts/login/", {"login": f"{CANARY}-name", "password": f"{CANARY}-password"})
    client.post("/accounts/login/", {"login": "carol", "password": f"{CANARY}-password"})
    client.post("/accounts/login/", {"login": "carol", "password": make.PASSWORD})
    session = client.session.session_key
    client.post("/accounts/logout/")
    failed = lines.of("login_failed")
    assert [line["level"] for line in failed] == ["WARNING"] * len(failed)
    assert len({line["login"] for line in failed}) == 2  # two names were tried, and the log can tell them apart
    assert [line["user"] for line in lines.of("login_ok")] == [carol.pk]
    assert [line["user"] for line in lines.of("logout")] == [carol.pk]
    assert {line["address"] for line in failed} == {"127.0.0.1"}
    for secret in (CANARY, "carol", make.PASSWORD, str(session)):
        assert secret not in lines.text


@pytest.mark.django_db
def test_behind_a_proxy_the_clients_address_is_counted(client: Client, lines: Lines) -> None:
    chain = "198.51.100.9, 203.0.113.7"  # the first part is whatever the client claims
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
        client.post("/accounts/login/", {"login": "x", "password": "y"}, headers={"X-Forwarded-For": chain})
    assert {line["address"] for line in lines.of("login_failed")} == {"203.0.113.7"}


# --- values stay out -----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_what_a_company_submits_never_enters_the_log(client: Client, lines: Lines) -> None:
    company = make.company()
    client.force_login(make.alice(company))
    client.post(f"/app/disclosures/new/?secret={CANARY}", {"company": company.pk, "year": CANARY, "scope_1": CANARY})
    draft = make.disclosure(company, 2025, state=Disclosure.State.DRAFT)
    client.post(f"/app/disclosures/{draft.pk}/", {"scope_1": "8417935026.5", "note": CANARY})
    assert len(lines.of("request") + lines.of("refused")) == 2
    assert CANARY not in lines.text
    assert "8417935026" not in lines.text


# --- through Celery ------------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_the_workers_lines_carry_the_id_of_the_request_that_caused_them(
    client: Client, worker_environment: dict[str, str], tmp_path: Path
) -> None:
    client.force_login(make.carol())
    company = make.scoreable()
    answer = client.post(f"/app/companies/{company.pk}/score/")
    run = ScoreRun.objects.get()
    said = tmp_path / "worker"
    environment = worker_environment | {"PYTHONWARNINGS": "ignore"}  # Celery says that tests run as root
    # The worker writes as production does; everything else is the demo's.
    production = (
        "from fund import settings; from fund.project import logs;"
        "settings.LOGGING = logs.configuration(as_json=True, level='INFO');"
        "import django; django.setup(); from scoring.runs import queue as runs;"
        f"runs.compute = lambda shard: (_ for _ in ()).throw(ValueError('{CANARY}'));"
        "from celery.__main__ import main; import sys;"
        "sys.argv = ['celery', '-A', 'fund', '-q', 'worker', '-c', '1', '-l', 'INFO', '--without-gossip'];"
        "main()"
    )
    with said.open("wb") as output:
        worker = subprocess.Popen(
            [sys.executable, "-c", production], cwd=ROOT, env=environment, stderr=output, start_new_session=True
        )
    try:
        wait_until(lambda: b"raised unexpected" in said.read_bytes(), seconds=60, what="the task's failure")
    finally:
        worker.terminate()
        try:
            worker.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait(10)
    found = [json.loads(line) for line in said.read_text(encoding="utf-8").splitlines()]
    [failure] = [line for line in found if "raised unexpected" in line["message"]]
    assert (failure["task"], failure["request_id"]) == ("scoring.tasks.drain", answer["X-Request-ID"])
    assert failure["exception"][0] == "builtins.ValueError"
    assert CANARY not in said.read_text(encoding="utf-8")
    assert runs.claim(run.pk) is None  # leased by the one that failed: the sweep will find it


def test_a_message_with_a_forged_id_gets_a_new_one() -> None:
    class Task:
        name = "scoring.tasks.drain"
        request = {logs.TASK_HEADER: "forged\nid"}

    logs._take_id(task_id="1", task=Task())
    try:
        assert re.fullmatch("[0-9a-f]{32}", logs.request_id())
    finally:
        logs._drop_id()
    assert logs.request_id() == ""
