"""The web server's workers: gunicorn's threads, and one kept free for the question whether the process lives.

A supervisor that hears nothing from /healthz restarts the server. While all threads are at work that would be the
worst answer, so the probe does not stand in their queue.
"""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

PROBE = b"GET /healthz"


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    def init_process(self) -> None:
        self.for_probes = ThreadPoolExecutor(max_workers=1, thread_name_prefix="probe")
        super().init_process()

    def accept(self, listener: socket.socket) -> None:
        """Wait for the first words in the loop, not in a thread: who only connects takes nobody's place."""
        try:
            client, address = listener.accept()
        except OSError:  # gone again, or another worker was first
            return
        self.nr_conns += 1
        connection = TConn(self.cfg, client, address, listener.getsockname())
        connection.sock.setblocking(False)
        connection.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(connection)
        self.poller.register(connection.sock, EVENT_READ, partial(self.on_pending_socket_readable, connection))

    def enqueue_req(self, conn: Any) -> None:
        if not _is_probe(conn):
            super().enqueue_req(conn)
            return
        answering = self.for_probes.submit(self.handle, conn)
        answering.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))


def _is_probe(connection: Any) -> bool:
    """By the first bytes of a request that are there already; they stay there."""
    try:
        return bool(connection.sock.recv(len(PROBE), socket.MSG_PEEK | socket.MSG_DONTWAIT) == PROBE)
    except OSError:
        return False
