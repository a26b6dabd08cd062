"""A second host: a network namespace of its own, joined to ours by one cable (`ip netns`, which needs root)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Host:
    name: str

    @property
    def network(self) -> str:
        """Two link-local addresses, chosen by our process: several sessions may run on one machine."""
        return f"169.254.{128 + os.getpid() % 64}.{os.getpid() // 64 % 64 * 4}"

    def address(self, number: int) -> str:
        """1: ours, 2: its own."""
        front, _dot, last = self.network.rpartition(".")
        return f"{front}.{int(last) + number}"

    @property
    def our_address(self) -> str:
        return self.address(1)

    @property
    def within(self) -> list[str]:
        """What to put before a command that is to run there."""
        return ["ip", "netns", "exec", self.name]

    def pull_the_plug(self) -> None:
        """Nobody hears of it: what was said on the cable is lost, and no end is told."""
        _ip("link", "set", self.name, "down")

    def plug_in(self) -> None:
        _ip("link", "set", self.name, "up")


@contextmanager
def second_host() -> Iterator[Host]:
    host = Host(f"gl{os.getpid()}")
    try:
        _ip("netns", "add", host.name)
    except (OSError, subprocess.CalledProcessError) as refused:
        said = getattr(refused, "stderr", "") or str(refused)
        pytest.skip(f"this machine does not let us make a network namespace: {said.strip()}")
    try:
        _ip("link", "add", host.name, "type", "veth", "peer", "name", "eth0", "netns", host.name)
        _ip("addr", "add", f"{host.our_address}/30", "dev", host.name)
        _ip("-n", host.name, "addr", "add", f"{host.address(2)}/30", "dev", "eth0")
        for link in (["link", "set", host.name], ["-n", host.name, "link", "set", "eth0"]):
            _ip(*link, "up")
        _ip("-n", host.name, "link", "set", "lo", "up")
        yield host
    finally:
        _ip("netns", "del", host.name)  # the cable goes with it


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True, timeout=20)
