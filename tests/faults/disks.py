"""A small disk of its own for a database, that can be filled: tmpfs, which only root may mount."""

from __future__ import annotations

import errno
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PIECE_BYTES = 4096


@dataclass(frozen=True)
class Disk:
    path: Path

    @property
    def ballast(self) -> Path:
        return self.path / "ballast"

    def fill(self) -> None:
        """To the last block."""
        with self.ballast.open("ab", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(bytes(PIECE_BYTES))
            except OSError as full:
                assert full.errno == errno.ENOSPC

    def make_room(self) -> None:
        self.ballast.unlink()


@contextmanager
def small_disk(path: Path, megabytes: int, owner: str | None) -> Iterator[Disk]:
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(path)]
    mounted = subprocess.run(mount, capture_output=True, text=True, timeout=20)
    if mounted.returncode != 0:
        pytest.skip(f"this machine does not let us mount a small disk: {mounted.stderr.strip()}")
    try:
        if owner:
            shutil.chown(path, owner)
        yield Disk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True, timeout=20)
