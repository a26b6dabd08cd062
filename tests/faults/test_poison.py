"""F10: companies that break what computes them."""

from __future__ import annotations

import pytest

from scoring.models import ScoreItem
from scoring.runs import queue as runs
from tests.faults.poisoned import GIBIBYTE
from tests.faults.world import World, both

pytestmark = both

POISON = {
    "demo-01": ("raise", "ValueError: poisoned on purpose"),
    "demo-04": ("out of memory", "MemoryError: poisoned on purpose"),
    "demo-07": ("kill", runs.GAVE_UP),
    "demo-10": ("hang", runs.GAVE_UP),
    "demo-13": ("hang deaf", runs.GAVE_UP),
    "demo-16": ("4 GB", "MemoryError: "),
    "demo-19": ("not finite", "NotFinite"),
}


@pytest.mark.faults("F10", "companies that raise, run out of memory, kill, hang, take 4 GB, give NaN")
def test_only_the_poisoned_companies_fail_each_with_its_text(world: World) -> None:
    """All of them in one run, three to a shard with companies that are well."""
    world.beat()
    worker = world.worker(poison={key: fault for key, (fault, _) in POISON.items()}, memory=4 * GIBIBYTE)
    run = world.start_run()
    attempts = world.wait_for_end(run, seconds=120)
    world.check(run, failed=list(POISON))
    errors = dict(run.items.filter(state=ScoreItem.State.FAILED).values_list("company__company_key", "error"))
    for key, (fault, text) in POISON.items():
        assert errors[key].startswith(text), f"{fault}: {errors[key]}"
    assert attempts == runs.ATTEMPTS
    assert worker.popen.poll() is None


@pytest.mark.faults("F10", "control: a lost company is claimed together with others")
def test_without_isolation_the_poison_takes_its_neighbours_with_it(world: World) -> None:
    world.beat()
    world.worker(poison={"demo-01": "kill"}, alone=False)
    run = world.start_run()
    world.wait_for_end(run, seconds=120)
    assert run.items.filter(state=ScoreItem.State.FAILED).count() > 1
