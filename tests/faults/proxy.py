"""A network between two of our own that can be slow, silent or torn: a TCP proxy, one thread a direction.

with Proxy(server.socket) as line:   # the unix socket it leads to
    line.latency = 0.5     # seconds that each piece takes, in each direction
    line.blackhole()       # nothing arrives any more, and nobody is told; new calls are taken and not answered
    line.heal()            # what was held back arrives after all, in order
    line.half_open()       # the conversations of now are lost for good without a word; new ones work
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

PIECE_BYTES = 65536
LOOPBACK = "127.0.0.1"


class Proxy:
    def __init__(self, target: Path, address: str = LOOPBACK) -> None:
        self.target = target
        self.latency = 0.0
        self.calls = 0
        self._may_pass = threading.Event()
        self._may_pass.set()
        self._lost: set[int] = set()  # calls that lead nowhere
        self._open: list[socket.socket] = []
        self._door = socket.create_server((address, 0))

    @property
    def port(self) -> int:
        return int(self._door.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._answer, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._may_pass.set()
        self._lost = set(range(self.calls + 1))
        for line in (self._door, *self._open):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def blackhole(self) -> None:
        self._may_pass.clear()

    def half_open(self) -> None:
        self._lost.update(range(self.calls + 1))

    def heal(self) -> None:
        self._may_pass.set()

    def _answer(self) -> None:
        with suppress(OSError):  # the door was closed
            while True:
                caller, _address = self._door.accept()
                self.calls += 1
                threading.Thread(target=self._connect, args=(caller, self.calls), daemon=True).start()

    def _connect(self, caller: socket.socket, number: int) -> None:
        self._open.append(caller)
        self._may_pass.wait()
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(str(self.target))
        except OSError:
            caller.close()  # as a host does that has no such server
            return
        self._open.append(server)
        for source, sink in ((caller, server), (server, caller)):
            threading.Thread(target=self._carry, args=(source, sink, number), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, number: int) -> None:
        with suppress(OSError):
            while piece := source.recv(PIECE_BYTES):
                if self.latency:
                    time.sleep(self.latency)
                self._may_pass.wait()
                if number not in self._lost:
                    sink.sendall(piece)
        self._may_pass.wait()  # nor is anybody told of an end
        if number not in self._lost:
            with suppress(OSError):
                sink.shutdown(socket.SHUT_WR)
