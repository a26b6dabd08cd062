"""Two hosts: workers on another one that vanishes and joins in the middle of a run."""

from __future__ import annotations

import pytest

from scoring.models import ScoreItem
from tests.conftest import wait_until
from tests.faults.hosts import second_host
from tests.faults.world import SLOW, World, stays_open
from tests.servers import _children

pytestmark = pytest.mark.parametrize("world", ["postgresql"], indirect=True)  # SQLite is of one host


def claims_of(world: World, *pids: int) -> int:
    return sum(entry["pid"] in pids for entry in world.journal("claim"))


@pytest.mark.faults("F1", "the host of a worker vanishes, then the other worker, and the host joins again")
def test_a_host_that_vanishes_and_joins_again_costs_a_lease_and_no_score(world: World) -> None:
    with second_host() as host, world.reached_at(host.our_address):
        far = world.worker(concurrency=1, batch=2, seconds=4 * SLOW, before=host.within)
        far.wait_for(" ready.")
        near = world.worker(concurrency=1, batch=2, seconds=4 * SLOW)
        near.wait_for(" ready.")
        world.beat()
        run = world.start_run()
        there = _children(far.pid)
        wait_until(lambda: claims_of(world, *there) > 0, what="a claim by the other host")
        wait_until(lambda: len(world.journal("claim")) > claims_of(world, *there), what="a claim by this host")
        host.pull_the_plug()
        far.kill()
        near.kill()
        assert run.items.filter(state=ScoreItem.State.LEASED).exists(), "they held nothing; the fault came too late"
        assert stays_open(run)  # nobody is left to work on it: who joins ends it
        host.plug_in()
        world.worker(seconds=SLOW, before=host.within)
        attempts = world.wait_for_end(run)
    world.check(run)
    assert attempts == 2
