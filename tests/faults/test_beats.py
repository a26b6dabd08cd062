"""F12: two beats, and none."""

from __future__ import annotations

import json

import pytest

from tests.conftest import wait_until
from tests.faults.world import SLOW, Web, World, both

pytestmark = both


def sweep_of(web: Web) -> str:
    return str(json.loads(web.get("/readyz").body)["sweep"]["state"])


@pytest.mark.faults("F12", "two beats, then none, then one")
def test_two_beats_do_no_harm_and_without_one_there_is_an_alarm(world: World) -> None:
    beats = [world.beat(), world.beat()]
    world.worker(seconds=SLOW)
    web = world.web()
    run = world.start_run()
    attempts = world.wait_for_end(run)
    world.check(run)
    assert attempts == 1
    wait_until(lambda: sweep_of(web) == "on time", what="a sweep")
    for beat in beats:
        assert beat.has_said("Sending due task sweep")
        beat.kill()
    wait_until(lambda: sweep_of(web) == "late", what="the alarm")
    assert "The last sweep was" in web.get("/readyz").body
    world.beat()
    wait_until(lambda: sweep_of(web) == "on time", what="the end of the alarm")
