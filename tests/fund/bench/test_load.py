"""The clients of the bench of load count what they are told. No time is asserted: machines differ."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from fund.bench import clients
from fund.bench.load import percentile_ms


class Pages(BaseHTTPRequestHandler):
    """One page that only who is signed in may see, one that is broken, and one that hangs up."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/gone":
            self.close_connection = True
            return
        status = 500 if self.path == "/broken" else 200 if self.headers["Cookie"] else 403
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_words: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def order(port: int) -> clients.Order:
    addresses = [
        clients.Address(name=path, path=path, headers={"Cookie": "me"} if path != "/strange" else {})
        for path in ("/good", "/strange", "/broken", "/gone")
    ]
    return clients.Order(host="127.0.0.1", port=port, clients=3, rounds=2, seconds=0.05, addresses=addresses)


def test_every_client_asks_every_address_and_tells_answers_from_errors(port: int) -> None:
    """As a person would start them: in a process of their own, by JSON."""
    done = subprocess.run(
        [sys.executable, clients.__file__], input=json.dumps(order(port)), capture_output=True, text=True, timeout=60
    )
    good, strange, broken, gone = json.loads(done.stdout)
    assert len(good["waits"]) >= 3 * 2 and good["errors"] == []
    assert good["seconds"] >= 2 * 0.05
    for one, error in ((strange, "403"), (broken, "500"), (gone, "RemoteDisconnected")):
        assert one["waits"] == []
        assert len(one["errors"]) >= 3 * 2 and set(one["errors"]) == {error}


def test_a_percentile_is_one_of_the_waits() -> None:
    waits = [n / 1000 for n in range(1, 101)]
    assert [percentile_ms(waits, share) for share in (0.5, 0.95, 0.99)] == [50.0, 95.0, 99.0]
    assert percentile_ms([0.25], 0.99) == 250.0
    assert percentile_ms([], 0.5) is None


def test_sqlite_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "sqlite")
    with pytest.raises(CommandError, match="PostgreSQL"):
        call_command("bench", "load", "--companies", "50")


@pytest.mark.parametrize("wrong", ["companies", "clients", "seconds"])
def test_fewer_than_one_is_refused(wrong: str) -> None:
    with pytest.raises(CommandError, match=wrong):
        call_command("bench", "load", f"--{wrong}", "0")
