"""`manage.py up` for real: broker, workers and web server as children, on a demo of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper
from django.test import override_settings
from django.utils import timezone, translation

from fund.demo import people as demo
from fund.management.commands import up
from fund.models import ThemeFund
from fund.project.supervisor import CannotStart, ChildDied, Supervisor, SupervisorError, broker, only_one
from portfolio.audit import AuditEvent
from portfolio.models import Company, Disclosure, Membership, Quantity, Track
from scoring.models import ScoreRun
from scoring.runs import queue as runs
from tests import make, make_candidates
from tests.conftest import wait_until

ROOT = Path(__file__).resolve().parents[2]
LONG_SECONDS = 240  # a bound for shared machines, not an expectation


@dataclass
class Machine:
    """A place where one demo runs: every process of it names `root` in its command or its environment."""

    root: Path

    @property
    def var(self) -> Path:
        return self.root / "var"

    def start(self, *arguments: str, **environment: str) -> Up:
        kept = {key: value for key, value in os.environ.items() if key not in {"REDIS_URL", "DATABASE_URL"}}
        own = {"GREENLIGHT_MODE": "demo", "GREENLIGHT_VAR": str(self.var), "TMPDIR": str(self.root)}
        output = self.root / "output"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "up", *arguments],
                cwd=ROOT,
                env=kept | own | environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        return Up(process, output)

    def processes(self) -> list[str]:
        listed = subprocess.run(
            ["ps", "axeww", "-o", "pid=,ppid=,command="], capture_output=True, text=True, errors="replace", check=True
        )
        return [line for line in listed.stdout.splitlines() if str(self.root) in line]

    def rows(self) -> dict[str, int]:
        """How much there is of what a start may make."""
        tables = ["portfolio_company", "portfolio_figure", "scoring_scorerun", "scoring_score", "portfolio_auditevent"]
        with sqlite3.connect(self.var / "greenlight.sqlite3") as database:
            return {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


@dataclass
class Up:
    process: subprocess.Popen[bytes]
    output: Path

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def ended(self) -> int:
        return self.process.wait(LONG_SECONDS)

    def wait_until_it_serves(self) -> None:
        def serves() -> bool:
            if self.process.poll() is not None:
                pytest.fail(f"up ended with {self.process.returncode}:\n{self.said()}")
            return "Ctrl-C stops everything" in self.said()

        wait_until(serves, seconds=LONG_SECONDS, what="serving")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machine, int, str]]:
    """The first start on an empty machine, with its exit code and words; the tests go on from its data."""
    machine = Machine(Path(tempfile.mkdtemp(prefix="gl-up-", dir="/tmp")))  # short: a socket's path is limited
    try:
        once = machine.start("--once")
        yield machine, once.ended(), once.said()
    finally:
        for line in machine.processes():
            os.kill(int(line.split()[0]), signal.SIGKILL)
        shutil.rmtree(machine.root, ignore_errors=True)


@pytest.fixture
def machine(first: tuple[Machine, int, str]) -> Machine:
    return first[0]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- the whole command -----------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.worker
def test_once_scores_every_company_and_leaves_no_process(first: tuple[Machine, int, str]) -> None:
    machine, code, said = first
    assert code == 0, said
    summary = json.loads(said.splitlines()[-1])
    assert summary["companies"] == summary["scored"] > 400
    assert summary["failed"] == 0
    assert sum(summary["bars_known"].values()) == summary["candidates"]
    assert summary["bars_known"].keys() == {"3", "2", "1", "0"}
    assert summary["seconds"] > 0
    assert "no wake-up sent" not in said
    assert machine.processes() == []
    assert list(machine.root.glob("greenlight-*")) == []  # the broker's directory


@pytest.mark.parametrize("number", ["80000", "-5", "0", "65536"])
def test_a_port_that_cannot_be_is_refused_at_once(number: str) -> None:
    with pytest.raises(CommandError, match="from 1 to 65535") as refused, override_settings(DEMO=True):
        call_command("up", port=int(number))
    assert refused.value.returncode == 2


@pytest.mark.slow
@pytest.mark.worker
def test_a_second_start_finds_its_work_done_and_serves_until_interrupted(machine: Machine, port: int) -> None:
    before = machine.rows()
    serving = machine.start("--port", str(port))
    serving.wait_until_it_serves()
    assert machine.rows() == before
    companies = before["portfolio_company"]
    assert f"{companies} of {companies} companies scored\n" in serving.said()
    assert serving.said().count("companies scored") == 1  # there was nothing to wait for
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
        assert answer.status == 200
    passwords = json.loads((machine.var / "passwords.json").read_text(encoding="ascii"))
    assert all(password in serving.said() for password in passwords.values())
    (broker_socket,) = machine.root.glob("greenlight-*/broker.sock")
    assert broker_socket.stat().st_mode & 0o777 == 0o600

    second = machine.start("--once")
    assert second.ended() == 2
    assert "runs already" in second.said()

    serving.process.send_signal(signal.SIGINT)
    assert serving.ended() == 0
    assert machine.processes() == []


@pytest.mark.slow
@pytest.mark.worker
def test_a_child_that_dies_stops_everything_with_its_last_words(machine: Machine, port: int) -> None:
    serving = machine.start("--port", str(port))
    serving.wait_until_it_serves()
    log = machine.var / "logs" / "worker.log"
    wait_until(lambda: " ready." in log.read_text(encoding="utf-8"), seconds=LONG_SECONDS, what="the worker's start")
    lines = (line.split(None, 2) for line in machine.processes())
    (worker,) = (int(pid) for pid, ppid, command in lines if " worker " in command and int(ppid) == serving.process.pid)
    os.kill(worker, signal.SIGKILL)
    assert serving.ended() == 1
    assert "The worker was killed by SIGKILL. The last lines of" in serving.said()
    assert " ready." in serving.said().rsplit("The last lines of", 1)[1]
    assert machine.processes() == []


@pytest.mark.slow
@pytest.mark.worker
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent is gone")
def test_children_end_when_the_supervisor_is_killed(machine: Machine, port: int) -> None:
    serving = machine.start("--port", str(port))
    serving.wait_until_it_serves()
    serving.process.kill()
    serving.ended()
    wait_until(lambda: machine.processes() == [], what="the end of every child")


@pytest.mark.slow
@pytest.mark.worker
def test_a_taken_port_is_noticed_before_anything_starts(tmp_path: Path, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        tried = Machine(tmp_path).start("--port", str(port))
        assert tried.ended() == 2
    assert f"Port {port}" in tried.said()
    assert "--port" in tried.said()
    assert not (tmp_path / "var" / "logs").exists()


@pytest.mark.slow
@pytest.mark.worker
def test_a_broker_that_does_not_answer_is_named(tmp_path: Path, port: int) -> None:
    tried = Machine(tmp_path).start("--once", REDIS_URL=f"redis://127.0.0.1:{port}/0")
    assert tried.ended() == 2
    assert "REDIS_URL is set, but no Redis answers there" in tried.said()


# --- its parts --------------------------------------------------------------------------------------------
def test_a_dead_child_is_reported_with_its_last_fifteen_lines(tmp_path: Path) -> None:
    with pytest.raises(ChildDied) as died, Supervisor(tmp_path) as supervisor:
        supervisor.start("counter", ["sh", "-c", "seq 100 140; exit 3"], cwd=tmp_path)
        supervisor.wait_until(lambda: False, seconds=60, otherwise="it did not end")
    message = str(died.value)
    assert "The counter ended with exit code 3" in message
    assert message.split()[-15:] == [str(number) for number in range(126, 141)]


def test_children_that_ignore_the_signal_are_killed_with_their_own_children(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start("stubborn", ["sh", "-c", "trap '' TERM; sleep 600 & echo $!; wait"], cwd=tmp_path)
        log = tmp_path / "stubborn.log"
        supervisor.wait_until(lambda: log.read_text().endswith("\n"), seconds=60, otherwise="it said nothing")
        supervisor.stop(seconds=0.1)
    grandchild = int(log.read_text())
    wait_until(lambda: not is_alive(grandchild), what="the end of the grandchild")


def is_alive(pid: int) -> bool:
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return listed.stdout.strip() not in {"", "Z"}


def test_a_broker_of_the_machine_wins_over_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "redis-server"
    own.write_text("#!/bin/sh\necho this is the one; exit 1\n", encoding="ascii")
    own.chmod(0o755)
    monkeypatch.delenv("REDIS_URL")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(ChildDied, match="this is the one"), Supervisor(tmp_path) as supervisor, broker(supervisor):
        pytest.fail("that was no broker")


def test_a_lock_that_is_held_is_refused_and_freed_at_the_end(tmp_path: Path) -> None:
    lock, held = tmp_path / "up.lock", f"process {os.getpid()}"
    with only_one(lock), pytest.raises(CannotStart, match=held), only_one(lock):
        pytest.fail("two at once")
    with only_one(lock):
        pass


@pytest.mark.django_db
def test_a_run_that_does_not_move_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "STALLED_SECONDS", 0.3)
    run, _ = runs.start([make.scoreable()], title="nobody works on this", by=None)
    with (tmp_path / "output").open("w") as output, pytest.raises(SupervisorError, match="0 of 1 companies are done"):
        up.Progress(OutputWrapper(output)).follow(run, Supervisor(tmp_path))
    run.refresh_from_db()
    assert run.state == ScoreRun.State.QUEUED


def test_waiting_allows_for_a_lease_of_a_worker_that_was_killed() -> None:
    assert up.patience({"leased": 0}) == up.STALLED_SECONDS
    assert up.patience({"leased": 1}) > settings.RUN_LEASE_SECONDS + settings.RUN_SWEEP_SECONDS


@pytest.mark.parametrize(("text", "shown"), [("AB", "AB  "), ("示例储能", "示例"), ("A示例", "A示 ")])
def test_names_are_fitted_to_columns(text: str, shown: str) -> None:
    assert up.fitted(text, 4) == shown


# --- the illustrative part of the demo ---------------------------------------------------------------------
@pytest.fixture
def demo_files(tmp_path: Path) -> Iterator[Path]:
    with override_settings(VAR_DIR=tmp_path):
        yield tmp_path


@pytest.mark.django_db
@pytest.mark.postgres
def test_setting_up_the_demo_twice_changes_nothing(demo_files: Path) -> None:
    demo.set_up()
    passwords, events = demo.passwords(), AuditEvent.objects.count()
    demo.set_up()
    assert demo.passwords() == passwords
    assert AuditEvent.objects.count() == events
    assert (demo_files / "passwords.json").stat().st_mode & 0o777 == 0o600
    assert all(User.objects.get(username=name).check_password(word) for name, word in passwords.items())


@pytest.mark.django_db
def test_the_draft_of_the_demo_can_be_submitted_and_verified_at_once(demo_files: Path) -> None:
    demo.set_up()
    applicant, verifier = User.objects.get(username="applicant"), User.objects.get(username="verifier")
    draft = Disclosure.objects.visible_to(applicant).get(state=Disclosure.State.DRAFT)
    runs_before = ScoreRun.objects.filter(items__company=draft.company).count()
    draft.submit(by=applicant)
    make.verify(draft, verifier)
    assert ScoreRun.objects.filter(items__company=draft.company).count() == runs_before + 1


@pytest.mark.django_db
def test_what_is_invented_says_so(demo_files: Path) -> None:
    demo.set_up()
    company = Company.objects.get(company_key=demo.COMPANY_KEY)
    assert company.is_illustrative
    assert "示例" in company.name_zh
    assert "illustrative" in company.name_en
    assert all("illustrative" in user.last_name for user in User.objects.all())
    assert Membership.objects.filter(company=company).count() == 2
    fund, *real = ThemeFund.objects.all()
    assert {one.is_illustrative or one.is_ours for one in real} == {False}
    assert fund.is_illustrative
    assert set(fund.track_codes()) == set(Track.values)
    assert fund.mandate_on(timezone.localdate())


def test_the_demo_is_refused_outside_demo_mode() -> None:
    with override_settings(DEMO=False), pytest.raises(ImproperlyConfigured):
        demo.set_up()


@pytest.mark.django_db
def test_candidates_are_printed_by_track_with_what_is_asked_and_peers_only_counted() -> None:
    fund, dan = make.fund(), make.dan()
    run = make_candidates.score(
        make_candidates.candidate(fund, "turbines", dan, name_en="Turbines", figures={Quantity.GRANTS: None}),
        make_candidates.candidate(fund, "motors", dan, name_en="Motors", family="F16"),
        make_candidates.candidate(fund, "barred", dan, name_en="Barred", words={"exclusion": "yes"}),
        make.scoreable("peer", name_en="Some Peer"),
    )
    said = StringIO()
    with translation.override("en"):
        summary = up.counts(run)
        up.Command(stdout=said).print_candidates(run, summary)
    told = said.getvalue()
    assert summary == {
        "companies": 4,
        "candidates": 3,
        "scored": 4,
        "bars_known": {"3": 1, "2": 2, "1": 0, "0": 0},
        "failed": 0,
    }
    assert "3 candidates, 1 peers" in told and "Some Peer" not in told
    assert told.index("Power decarbonisation") < told.index("Turbines") < told.index("Barred") < told.index("Motors")
    assert "2/3" in told and "government grants" in told and "not admitted: G2" in told
