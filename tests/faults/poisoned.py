"""The product's Celery application with faults put in from outside: `celery -A tests.faults.poisoned worker`.

The product knows nothing of this. What goes wrong is said by FAULT_PLAN (a Plan as JSON); every claim and every
finish is written to the plan's journal, so that a test knows which process holds what.
"""

from __future__ import annotations

import inspect
import json
import math
import os
import resource
import signal
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

from fund.celery import app

__all__ = ["Plan", "app", "without_fence", "without_lapse", "without_lock", "without_transaction"]

ALONE = "_few(list(items.filter(_LOST)[: min(LOST_BATCH, batch)]))"
LAPSE = f" or {ALONE}"
FENCE = ", lease_token=shard.token, state=ScoreItem.State.LEASED"
LOCK = ".select_for_update()"
TRANSACTION = "with transaction.atomic():"
GIBIBYTE = 1 << 30


@dataclass(frozen=True)
class Plan:
    """What this worker does wrong."""

    journal: str
    batch: int = 4  # companies a shard
    seconds: float = 0.0  # that each company takes
    poison: dict[str, str] = field(default_factory=dict)  # company_key → what happens when it is scored
    claims_after: str = ""  # a file: no claim before it exists
    writes_after: str = ""  # a file: no result is written before it exists
    clock_off: float = 0.0  # seconds by which this worker's clock is wrong
    memory: int = 0  # bytes of address space; 0 is no limit
    # The negative controls: each takes out one of the things that keep the promises.
    worker_clock: bool = False  # lease times by the worker's clock
    fence: bool = True
    alone: bool = True  # a company that was lost before is claimed alone

    def to_environment(self) -> dict[str, str]:
        return {"FAULT_PLAN": json.dumps(asdict(self))}


def without_fence() -> Any:
    """`runs.finish` that asks for no lease, nor moves the latest score: PostgreSQL's upsert would refuse two."""
    return _mutant("finish", {FENCE: ""}, _point_latest=lambda *_: 0)


def without_lock() -> Any:
    """`runs.finish` that reads what it holds and locks nothing."""
    return _mutant("finish", {LOCK: ""}, _point_latest=lambda *_: 0)


def without_transaction() -> Any:
    """`runs.finish` whose writes are each for themselves. (A lock would need a transaction.)"""
    return _mutant("finish", {TRANSACTION: "if True:", LOCK: ""})


def without_lapse() -> Any:
    """`runs.claim` that takes nothing from another, however long ago its lease ran out."""
    return _mutant("claim", {LAPSE: ""})


def _mutant(name: str, changes: dict[str, str], **others: Any) -> Any:
    """A function of scoring/runs/queue.py as it stands in the source, but for these parts."""
    from scoring.runs import queue as runs

    source = inspect.getsource(getattr(runs, name))
    for part, instead in changes.items():
        assert source.count(part) == 1, f"runs.{name} reads differently now; mend {part!r}"
        source = source.replace(part, instead)
    names = vars(runs) | others
    exec(source, names)  # noqa: S102  our own source
    return names[name]


def infect(plan: Plan) -> None:
    from django.db.models import Value
    from django.utils import timezone

    from scoring.runs import queue as runs

    claim = runs.claim if plan.alone else _mutant("claim", {ALONE: "list(items.filter(_LOST)[:batch])"})
    finish = runs.finish if plan.fence else without_fence()
    score = runs._score
    now, clock = timezone.now, time.time

    def note(what: str, shard: runs.Shard, **more: Any) -> None:
        line = {"what": what, "pid": os.getpid(), "token": str(shard.token), "items": [i.pk for i in shard.items]}
        with Path(plan.journal).open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(line | more) + "\n")

    def claim_and_say(run_id: int) -> runs.Shard | None:
        if plan.claims_after and not Path(plan.claims_after).exists():
            return None
        shard = claim(run_id, plan.batch)
        if shard:
            note("claim", shard)
        return shard

    def finish_and_say(shard: runs.Shard, results: Any) -> int:
        while plan.writes_after and not Path(plan.writes_after).exists():
            time.sleep(0.02)
        try:
            written = finish(shard, results)
        except Exception as refused:
            note("refused", shard, why=type(refused).__name__)
            raise
        note("finish", shard, written=written)
        return written

    def score_or_suffer(items: Sequence[Any], *rest: Any) -> Any:
        faults = {item.pk: plan.poison.get(json.loads(item.inputs)["company_key"], "") for item in items}
        for fault in faults.values():
            time.sleep(plan.seconds)
            suffer(fault)
        records = score(items, *rest)
        for pk, fault in faults.items():
            if fault == "not finite":
                records[pk]["measured"]["emissions_t"] = math.nan
        return records

    runs.claim, runs.finish, runs._score = claim_and_say, finish_and_say, score_or_suffer
    if plan.clock_off:
        timezone.now = lambda: now() + timedelta(seconds=plan.clock_off)
        time.time = lambda: clock() + plan.clock_off
    if plan.worker_clock:
        runs.Now = lambda: Value(timezone.now())
    if plan.memory:
        resource.setrlimit(resource.RLIMIT_AS, (plan.memory, plan.memory))


def suffer(fault: str) -> None:
    if fault == "raise":
        raise ValueError("poisoned on purpose")
    if fault == "out of memory":
        raise MemoryError("poisoned on purpose")
    if fault == "4 GB":
        bytearray(4 * GIBIBYTE)
    if fault == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if fault == "hang":  # until the soft limit
        time.sleep(600)
    if fault == "hang deaf":  # until the hard limit
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        time.sleep(600)


def suffer_as_planned() -> None:
    if "FAULT_PLAN" in os.environ:
        django.setup()
        infect(Plan(**json.loads(os.environ["FAULT_PLAN"])))


suffer_as_planned()
