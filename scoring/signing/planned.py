"""The ledger held against the monitoring plan that is in force for its year: questions, none of which blocks."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from portfolio.activities.kinds import kind_of, unit_label
from portfolio.models import Activity, Check, Disclosure, MonitoringPlan, PlannedSource
from portfolio.models.desk.form_link import own_meter
from scoring.ledgers.ledger import Accounted, day_of

LONGEST_DAYS = {PlannedSource.Often.MONTH: 31, PlannedSource.Often.QUARTER: 92}  # of one period, by how often


def plan_of(disclosure: Disclosure) -> MonitoringPlan | None:
    """The plan that a disclosure of that year is held against today."""
    return MonitoringPlan.objects.in_force(disclosure.company_id, disclosure.year)


def find(accounted: Accounted, plan: MonitoringPlan | None) -> list[Check]:
    """Where lines and plan say different things; without a plan one note. Nothing of a year without lines."""
    lines = [row.activity for row in accounted.rows]
    if not lines:
        return []
    if plan is None:
        return [Check(code="plan_none", severity=Check.Severity.INFO, parameters={})]
    return list(_Held(accounted.disclosure, lines, plan.rows()).checks())


class _Held:
    """Lines by the row of the plan that they are of. A line with a notation key tells of every row of its kind."""

    def __init__(self, disclosure: Disclosure, lines: list[Activity], sources: list[PlannedSource]) -> None:
        self.disclosure, self.sources = disclosure, [row for row in sources if _is_open(row, disclosure.year)]
        self.planned = sources
        self.noted = {line.kind for line in lines if line.notation}
        self.of_source: dict[int, list[Activity]] = defaultdict(list)
        self.unplanned: list[Activity] = []
        self.other_meter: list[Activity] = []
        self.no_meter: list[Activity] = []
        for line in lines:
            if not line.notation:
                self._sort(line)

    def _sort(self, line: Activity) -> None:
        meter = own_meter(line.meter)
        fitting = [row for row in self.planned if row.covers(line.kind, line.site_id, meter)]
        if not fitting:
            fitting = [row for row in self.planned if row.covers(line.kind, line.site_id, row.meter)]
            misfits = self.unplanned if not fitting else self.other_meter if meter else self.no_meter
            misfits.append(line)
            if len(fitting) != 1:
                return
        best = max(fitting, key=lambda row: (row.site_id is not None, bool(row.meter)))
        self.of_source[best.number].append(line)

    def checks(self) -> Iterator[Check]:
        for source in self.sources:
            lines = self.of_source[source.number]
            if lines:
                yield from self._of(source, lines)
            elif source.kind not in self.noted:
                yield _item("plan_source_silent", source)
        misfits = {
            "plan_line_unplanned": self.unplanned,
            "plan_meter_unplanned": self.other_meter,
            "plan_meter_unnamed": self.no_meter,
        }
        for code, lines in misfits.items():
            if lines:
                yield _item(code, lines=lines)

    def _of(self, source: PlannedSource, lines: list[Activity]) -> Iterator[Check]:
        longest = LONGEST_DAYS.get(PlannedSource.Often(source.often))
        long = [line for line in lines if longest and _days(line) > longest]
        if long:
            yield _item("plan_period_too_long", source, lines=long, often=source.often)
        elif longest and (months := self._uncovered(source, lines)):
            yield _item("plan_months_missing", source, months=months)
        if counted := [line for line in lines if line.unit != source.unit]:
            yield _item("plan_unit_differs", source, lines=counted, unit=unit_label(source.unit))
        if source.evidence and (bare := [line for line in lines if not line.cited]):
            yield _item("plan_evidence_missing", source, lines=bare, evidence=source.evidence)

    def _uncovered(self, source: PlannedSource, lines: Iterable[Activity]) -> list[int]:
        """Months of the year that are over, in which the site was in use, and of which no line tells a day."""
        told = {month for line in lines for month in _months(line, self.disclosure.year)}
        return [month for month in range(1, 13) if month not in told and self._is_due(source, month)]

    def _is_due(self, source: PlannedSource, month: int) -> bool:
        year, site = self.disclosure.year, source.site
        first, last = date(year, month, 1), date(year, month, monthrange(year, month)[1])
        is_later = site is not None and site.opened_on is not None and site.opened_on > last
        is_closed = site is not None and site.closed_on is not None and site.closed_on < first
        return last < day_of(self.disclosure) and not is_later and not is_closed


def _is_open(source: PlannedSource, year: int) -> bool:
    return source.site is None or source.site.stood_in(year)


def _days(line: Activity) -> int:
    """Of its period; a line without one is of the whole year."""
    if line.period_start is None or line.period_end is None:
        return 366
    return (line.period_end - line.period_start).days + 1


def _months(line: Activity, year: int) -> Iterator[int]:
    """The months of the year that a dated line touches."""
    if line.period_start is None or line.period_end is None:
        return
    day = max(line.period_start, date(year, 1, 1)).replace(day=1)
    while day <= min(line.period_end, date(year, 12, 31)):
        yield day.month
        day = (day + timedelta(days=31)).replace(day=1)


def _item(code: str, source: PlannedSource | None = None, *, lines: Iterable[Activity] = (), **more: Any) -> Check:
    """With the names of the row in both languages: whoever reads the sentence has one of them."""
    told: dict[str, Any] = dict(more)
    if source is not None:
        kind = kind_of(source.kind)
        names = (kind.name_zh, kind.name_en) if kind else (source.kind, source.kind)
        told |= {"source": source.number, "kind_zh": names[0], "kind_en": names[1]}
        told |= {"site": source.site.name if source.site else "", "meter": source.meter}
    if numbers := [line.number for line in lines]:
        told["lines"] = numbers
    return Check(code=code, severity=Check.Severity.WARN, parameters=told)
