"""A mail server of our own in a thread: says what a test wants it to, and keeps what it took."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Postbox:
    """`rcpt` and `data` are answers to that step; `wait_seconds` before the word that it was taken."""

    port: int = 0
    taken: list[str] = field(default_factory=list)
    talks: int = 0
    at_once: int = 0
    most_at_once: int = 0
    rcpt: str = "250 ok"
    data: str = "250 taken"
    wait_seconds: float = 0.0


@contextmanager
def postbox() -> Iterator[Postbox]:
    box, lock = Postbox(), threading.Lock()

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with lock:
                box.talks += 1
                box.at_once += 1
                box.most_at_once = max(box.most_at_once, box.at_once)
            try:
                self.talk()
            finally:
                with lock:
                    box.at_once -= 1

        def talk(self) -> None:
            self.say("220 here")
            while line := self.rfile.readline().decode().strip():
                verb = line.split(" ")[0].split(":")[0].upper()
                if verb == "RCPT":
                    self.say(box.rcpt)
                elif verb == "DATA":
                    self.say("354 go on")
                    self.take()
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

        def take(self) -> None:
            lines = []
            while (line := self.rfile.readline().decode()) != ".\r\n":
                if not line:
                    return
                lines.append(line)
            time.sleep(box.wait_seconds)
            if box.data.startswith("250"):
                with lock:
                    box.taken.append("".join(lines))
            self.say(box.data)

        def say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hung up in the middle is what some tests are about."""

    with Server(("127.0.0.1", 0), Talk) as server:
        box.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield box
        server.shutdown()


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
