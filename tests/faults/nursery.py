"""Where the processes of the worlds come from: forked from one that has loaded the product already.

To load it takes two seconds of a core, and a world has three processes. What is forked is a process of its own all the
same, in a group of its own; only the addresses of database and broker are set after the loading instead of before.
`warm` is what the first process loads (multiprocessing's forkserver); `Forked` is asked like a subprocess.Popen.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing import forkserver
from pathlib import Path

from tests.servers import _end_with_parent

WARM = "tests.faults.warm"
OWN = {"DATABASE_URL", "REDIS_URL", "FAULT_PLAN"}  # what may differ from process to process, and is set when it begins


class Forked:
    """One process: python -m COMMAND, with its words in a file."""

    def __init__(self, command: Sequence[str], log: Path, environment: dict[str, str]) -> None:
        own = {name: environment[name] for name in OWN if name in environment}
        context = multiprocessing.get_context("forkserver")
        self._process = context.Process(target=_become, args=(list(command), str(log), own))
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid
        return self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def open_nursery(times: dict[str, str]) -> None:
    """Start the process that the others are forked from; its settings are those of this one and these times."""
    before = {name: os.environ.get(name) for name in times}
    os.environ |= times
    try:
        multiprocessing.get_context("forkserver").set_forkserver_preload([WARM])
        forkserver.ensure_running()
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _become(command: list[str], log: str, own: dict[str, str]) -> None:
    from tests.faults.poisoned import suffer_as_planned
    from tests.faults.world import serve_at

    os.setsid()
    _end_with_parent(signal.SIGTERM)()
    with open(log, "ab", buffering=0) as words:  # noqa: PTH123  of a file that outlives the block by its copies
        os.dup2(words.fileno(), 1)
        os.dup2(words.fileno(), 2)
    os.environ |= own
    serve_at(own["DATABASE_URL"], own["REDIS_URL"])
    suffer_as_planned()
    sys.argv = list(command)
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)
