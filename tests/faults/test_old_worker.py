"""F20: a worker of an earlier version is still there when the database is of this one, and a new worker beside it."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.conftest import ROOT, wait_until
from tests.faults.test_chaos import closed_in_the_end
from tests.faults.world import World, digests, violations

OLD = "c8b9e8682cd3b26bdf75e574c4e6c2d9d6f5a38f"  # before events of the log named their key


def product_of(commit: str, folder: Path) -> Path:
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, timeout=60)
    if packed.returncode != 0:
        pytest.skip(f"this clone has no commit {commit[:7]}: {packed.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as files:
        files.extractall(folder, filter="data")
    return folder


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)  # who upgrades one host stops it
@pytest.mark.faults("F20", "an old worker beside a new one, on the new database")
def test_an_old_worker_writes_nothing_wrong_and_the_run_ends_without_it(world: World, tmp_path: Path) -> None:
    command = ["celery", "-A", "fund", "worker", "-P", "prefork", "-c", "1", "-l", "INFO", "-n", "old@%h"]
    old = world.run("old", *command, product=product_of(OLD, tmp_path))
    old.wait_for(" ready.")
    run = world.start_run()
    world.beat()
    wait_until(lambda: run.items.filter(attempts__gt=0).exists(), what="a claim by the old worker")
    world.worker().wait_for(" ready.")
    wait_until(lambda: bool(world.journal("finish")), what="a shard of the new worker")
    assert old.popen.poll() is None
    old.kill()
    closings = closed_in_the_end(run)
    run.refresh_from_db()
    assert (run.state, violations(run, closings)) == (run.State.DONE, [])
    assert digests(run) == world.reference
