"""How a run stands, and what came of it: everything from its rows, nothing from Celery."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import django_filters as filters
from django.core.paginator import Page, Paginator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from portfolio.lists import FilterSet
from portfolio.models import Company
from scoring.candidates.moves import Pair, explained, moved
from scoring.engine.score.order import part
from scoring.models import Score, ScoreItem, ScoreRun
from scoring.runs.queue import GAVE_UP

MOVES_A_PAGE = 50


@dataclass(frozen=True)
class Failures:
    """Failed companies that share a reason."""

    reason: str
    items: list[ScoreItem]


class RunReport:
    """One run, read from its rows."""

    def __init__(self, run: ScoreRun) -> None:
        self.run = run
        counts = run.progress()
        self.total = counts["total"]
        self.done = counts[ScoreItem.State.DONE]
        self.failed = counts[ScoreItem.State.FAILED]
        self.finished = self.done + self.failed
        self.with_workers = counts[ScoreItem.State.LEASED]

    # --- while it runs ----------------------------------------------------------------------------------
    @property
    def percent(self) -> int:
        return self.finished * 100 // self.total if self.total else 0

    @property
    def stage(self) -> str:
        match self.run.state:
            case ScoreRun.State.QUEUED:
                return _("waiting for a worker")
            case ScoreRun.State.RUNNING if self.finished == self.total:
                return _("closing")
            case ScoreRun.State.RUNNING if not self.with_workers:
                return _("waiting for a worker to go on")
            case ScoreRun.State.RUNNING:
                return _("computing and writing scores")
            case _closed:
                return str(self.run.get_state_display())

    @cached_property
    def time_left(self) -> timedelta | None:
        """How long it may still take, by what was written since it started; None when that cannot be said."""
        started = self.run.started_at
        if not self.run.is_open or started is None:
            return None
        written = self.run.scores.filter(created_at__gte=started).count()
        left = self.total - self.finished
        if not written or not left:
            return None
        return (timezone.now() - started) / written * left

    @property
    def remaining(self) -> str:
        """The same in words; empty when that cannot be said."""
        return "" if self.time_left is None else duration_words(self.time_left)

    @property
    def sentence(self) -> str:
        """Where it stands, for those who hear the page."""
        words = {"done": self.finished, "total": self.total, "stage": self.stage, "failed": self.failed}
        if self.failed:
            return _("%(done)s of %(total)s companies, %(failed)s of them failed: %(stage)s") % words
        return _("%(done)s of %(total)s companies: %(stage)s") % words

    # --- what failed ------------------------------------------------------------------------------------
    @cached_property
    def failures(self) -> list[Failures]:
        if not self.failed:
            return []
        groups: dict[str, list[ScoreItem]] = defaultdict(list)
        failed = self.run.items.filter(state=ScoreItem.State.FAILED).select_related("company").defer("inputs")
        for item in failed.order_by("company__company_key"):
            groups[failure_reason(item.error)].append(item)
        return [Failures(reason, items) for reason, items in sorted(groups.items(), key=lambda pair: -len(pair[1]))]

    # --- what came of it ---------------------------------------------------------------------------------
    @cached_property
    def outcome(self) -> list[tuple[str, int]]:
        """How many candidates stand how, in the order of their list, and how many companies are peers."""
        rows = self.run.scores.order_by().values_list("kind", "group_code", "known").annotate(n=models.Count("pk"))
        found: dict[str, int] = {}
        for kind, group, known, count in rows:
            name = part(group, known) or kind
            found[name] = found.get(name, 0) + count
        words = [*Score.PARTS, *Score.Kind.choices]
        return [(str(label), found[code]) for code, label in words if code in found]

    @property
    def took(self) -> str:
        return duration(self.run.started_at, self.run.finished_at)

    @cached_property
    def moved(self) -> list[Pair]:
        """Candidates of this run that stand otherwise than before it."""
        return [] if self.run.is_open else moved(self.run.scores.all())

    def moves(self, page: str | None) -> Page[Any]:
        """One page of them, with reasons."""
        found: Page[Any] = Paginator(self.moved, MOVES_A_PAGE).get_page(page)
        found.object_list = explained(list(found.object_list))
        return found


class RunList(FilterSet):
    """Runs, what was asked last first."""

    words = {"state": _lazy("State")}
    default_order = "-id"

    state = filters.MultipleChoiceFilter(choices=ScoreRun.State.choices)
    ordering = filters.OrderingFilter(fields=[("pk", "id"), ("as_of", "as_of"), ("queued_at", "queued_at")])


@dataclass(frozen=True)
class RunRow:
    """A run as the list shows it: with its company where it has one only."""

    run: ScoreRun
    company_count: int
    company: Company | None
    took: str


def run_rows(runs: Sequence[ScoreRun]) -> list[RunRow]:
    counted = (
        ScoreItem.objects.filter(run__in=runs).values("run").annotate(n=models.Count("pk"), one=models.Min("company"))
    )
    sizes = {row["run"]: (row["n"], row["one"]) for row in counted.order_by()}
    alone = Company.objects.in_bulk([one for n, one in sizes.values() if n == 1])
    return [
        RunRow(run, n, alone.get(one) if n == 1 else None, duration(run.started_at, run.finished_at))
        for run in runs
        for n, one in [sizes.get(run.pk, (0, 0))]
    ]


def failure_reason(error: str) -> str:
    """What failures are grouped by: the name of the error, or that the worker was lost."""
    if error == GAVE_UP:
        return _("The worker was lost or ran out of time three times")
    return error.split(":", 1)[0]


def duration(start: datetime | None, end: datetime | None) -> str:
    return duration_words(end - start) if start and end else ""


def duration_words(time: timedelta) -> str:
    seconds = max(1, round(time.total_seconds()))
    if seconds < 90:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    minutes = round(seconds / 60)
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
