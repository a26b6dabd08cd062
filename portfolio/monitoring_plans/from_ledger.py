"""Rows of a plan as the ledger of the year before suggests them: what was told is what there is to plan."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from portfolio.activities.kinds import kind_of
from portfolio.models import Activity, Company, Disclosure, MonitoringPlan, PlannedSource
from portfolio.models.desk.form_link import own_meter

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser

QUARTER_DAYS = 93  # the longest period that still is a quarter


@dataclass(frozen=True)
class Suggestion:
    """Rows that a plan lacks, and the year whose ledger has them."""

    year: int
    rows: list[PlannedSource]


def last_ledger(company: Company, reader: SomeUser) -> Disclosure | None:
    """Of what the reader may see the newest version of the newest year that has lines, verified or not."""
    told = Disclosure.objects.visible_to(reader).filter(company=company, activities__isnull=False)
    told = told.exclude(state=Disclosure.State.WITHDRAWN)
    return told.order_by("-year", "-version").first()


def suggested(plan: MonitoringPlan, reader: User) -> Suggestion | None:
    """What that ledger tells and the plan does not, in the reader's hands for now; None where there is no ledger."""
    responsible = reader.get_full_name() or reader.get_username()
    ledger = last_ledger(plan.company, reader)
    if ledger is None:
        return None
    planned = plan.rows()
    alike: dict[tuple[Any, ...], list[Activity]] = defaultdict(list)
    for line in ledger.activities.select_related("site").with_citations().order_by("number"):
        if line.amount is not None and kind_of(line.kind):
            alike[line.kind, line.site_id, own_meter(line.meter)].append(line)
    rows = [
        _row(lines, meter, responsible, ledger.year)
        for (kind, site_id, meter), lines in alike.items()
        if not any(source.covers(kind, site_id, meter) for source in planned)
    ]
    return Suggestion(ledger.year, rows)


def _row(lines: list[Activity], meter: str, responsible: str, year: int) -> PlannedSource:
    first = lines[0]
    cites = any(line.cited for line in lines)
    return PlannedSource(
        kind=first.kind,
        site=first.site,
        meter=meter,
        measured=_measured(first.kind, meter),
        unit=Counter(line.unit for line in lines).most_common(1)[0][0],
        often=_often(lines),
        evidence=_("Papers as those of %(year)s") % {"year": year} if cites else "",
        responsible=responsible[:120],
    )


def _measured(kind: str, meter: str) -> str:
    found = kind_of(kind)
    if found and found.kind == "process":
        return PlannedSource.Measured.CALCULATION
    return PlannedSource.Measured.METER if meter else PlannedSource.Measured.INVOICE


def _often(lines: list[Activity]) -> str:
    """By the longest period of its lines; once a year where one says none."""
    days = [
        (line.period_end - line.period_start).days + 1 if line.period_start and line.period_end else 366
        for line in lines
    ]
    if all(line.month for line in lines):
        return PlannedSource.Often.MONTH
    return PlannedSource.Often.QUARTER if max(days) <= QUARTER_DAYS else PlannedSource.Often.YEAR
