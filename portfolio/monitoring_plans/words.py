"""A monitoring plan in the words of its pages."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from django.utils.translation import gettext as _

from portfolio.activities.kinds import kind_name, unit_label
from portfolio.models import MonitoringPlan, PlannedSource


class InWords:
    """A row with its codes said in the reader's language."""

    def __init__(self, source: PlannedSource) -> None:
        self.source = source
        self.kind = kind_name(source.kind)
        self.site = source.site.name if source.site else _("any site")
        self.meter = source.meter or _("any meter")
        self.unit = unit_label(source.unit)
        self.measured = source.get_measured_display()
        self.often = source.get_often_display()

    @property
    def about(self) -> str:
        return " · ".join([self.kind, self.site, *([self.source.meter] if self.source.meter else [])])


def in_words(plan: MonitoringPlan) -> list[InWords]:
    return [InWords(row) for row in plan.rows()]


@dataclass(frozen=True)
class Difference:
    """One thing that two versions say differently; empty on the side that does not have it."""

    what: str
    before: str
    now: str


def differences(before: MonitoringPlan, plan: MonitoringPlan) -> list[Difference]:
    """What a version changes of the one before it: facts, then rows that came, went or say something else."""
    facts = [
        Difference(_("Valid from the year"), str(before.valid_from), str(plan.valid_from)),
        Difference(_("Organisational boundary"), before.boundary, plan.boundary),
    ]
    old, new = ({row.source.subject: row for row in in_words(one)} for one in (before, plan))
    rows = [
        Difference((new.get(subject) or old[subject]).about, _said(old.get(subject)), _said(new.get(subject)))
        for subject in dict.fromkeys(chain(old, new))
    ]
    return [one for one in [*facts, *rows] if one.before != one.now]


def _said(row: InWords | None) -> str:
    if row is None:
        return ""
    told = [row.measured, row.unit, row.often, row.source.evidence or _("no evidence"), row.source.responsible]
    return " · ".join(told)
