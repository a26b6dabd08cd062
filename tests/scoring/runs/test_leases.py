"""A lease lives as long as its worker; what was lost comes back in few, then alone."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from portfolio.models import Company
from scoring.models import ScoreItem, ScoreRun
from scoring.runs import queue as runs
from tests import make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def asked(count: int) -> ScoreRun:
    for number in range(count):
        make.scoreable(f"demo-{number:02}")
    return runs.start(Company.objects.all(), title="leases", by=None)[0]


def lose(run: ScoreRun) -> None:
    run.items.filter(state=ScoreItem.State.LEASED).update(lease_until=Now() - timedelta(seconds=1))


def test_a_lease_does_not_run_out_while_its_worker_computes(settings: Any) -> None:
    settings.RUN_LEASE_SECONDS = 1
    run = asked(2)
    shard = runs.claim(run.pk)
    assert shard
    with runs.renewed(shard):
        time.sleep(2.5)
        assert runs.claim(run.pk) is None
    assert runs.finish(shard, runs.compute(shard)) == 2


def test_without_renewal_it_would(settings: Any) -> None:
    """The control."""
    settings.RUN_LEASE_SECONDS = 1
    run = asked(2)
    shard = runs.claim(run.pk)
    assert shard
    time.sleep(1.5)
    assert runs.claim(run.pk)


def test_nobody_renews_what_another_holds_by_now() -> None:
    run = asked(2)
    first = runs.claim(run.pk)
    lose(run)
    second = runs.claim(run.pk)
    assert first and second
    assert runs.renew(first.token) == 0
    assert runs.renew(second.token) == 2
    assert run.items.filter(lease_until__gt=Now() + timedelta(seconds=5)).count() == 2


def test_what_was_lost_comes_back_in_few_and_then_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "LOST_BATCH", 4)
    run = asked(10)
    sizes = []
    for _loss in range(20):
        shard = runs.claim(run.pk)
        if shard is None:
            break
        sizes.append(len(shard.items))
        lose(run)
    # All; then all in fours, of which each is lost once more; then one by one.
    assert sizes[:4] == [10, 4, 4, 2]
    assert sizes[4:14] == [1] * 10
    assert len(sizes) == 14
    assert set(run.items.values_list("attempts", flat=True)) == {runs.ATTEMPTS}


def test_an_end_by_hand_ends_the_renewals() -> None:
    run = asked(1)
    shard = runs.claim(run.pk)
    assert shard
    runs.cancel(ScoreRun.objects.get(pk=run.pk), by=make.carol())
    assert runs.renew(shard.token) == 0
