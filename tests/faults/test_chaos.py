"""F22: workers and the broker are killed at random for a while, and runs are asked for meanwhile.

Ten seconds here, a minute with --long. CHAOS_SEED repeats one; the seed stands in each failure.
"""

from __future__ import annotations

import os
import random
import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from scoring.models import ScoreItem, ScoreRun
from scoring.runs import queue as runs
from tests.conftest import wait_until
from tests.faults.world import AS_OF, SLOW, World, both, digests, is_closed, violations


@both
@pytest.mark.faults("F22", "workers and the broker killed at random")
def test_whatever_is_killed_in_whatever_order_every_run_comes_to_its_end(
    world: World, request: pytest.FixtureRequest
) -> None:
    seed = int(os.environ.get("CHAOS_SEED", random.randrange(10**6)))
    print(f"CHAOS_SEED={seed}")  # noqa: T201  pytest shows it with a failure
    chance = random.Random(seed)
    seconds = 60 if request.config.getoption("--long") else 10
    world.beat()
    workers = [world.worker(seconds=SLOW) for _host in range(2)]
    asked = [world.start_run()]
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        time.sleep(chance.uniform(1, 3))
        if is_closed(asked[-1]):
            asked.append(world.start_run(AS_OF + timedelta(days=len(asked))))
        victim = chance.randrange(3)
        if victim == 2:
            world.broker.kill()
            time.sleep(chance.uniform(0, 1))
            world.broker.start()
        else:
            workers[victim].kill()
            workers[victim] = world.worker(seconds=SLOW)
    closings = {run.pk: closed_in_the_end(run) for run in asked}
    for run in ScoreRun.objects.all():
        assert violations(run, closings[run.pk]) == []
        assert run.state == ScoreRun.State.DONE
    assert digests(asked[0]) == world.reference


def closed_in_the_end(run: ScoreRun) -> int:
    """Wait for it. A company that was lost three times may fail, and then a retry, in peace, must complete the run."""
    wait_until(lambda: is_closed(run), seconds=90, what=f"the end of run {run.pk}")
    lost = run.items.filter(state=ScoreItem.State.FAILED)
    if not lost.exists():
        return 1
    assert set(lost.values_list("error", flat=True)) == {runs.GAVE_UP}
    runs.retry(run, by=User.objects.get(username="dan"))
    wait_until(lambda: is_closed(run), seconds=90, what=f"the end of run {run.pk}, tried again")
    return 2
