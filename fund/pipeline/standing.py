"""How a candidate stands with the fund: how far it is, what was decided, who follows it, what is noted and asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fund.models import Candidate, Decision, Note, Proposal
from fund.pipeline.candidacy import ours
from portfolio.models import DataRequest
from portfolio.models.people import SomeUser
from portfolio.wording import labelled, listed


@dataclass(frozen=True)
class Standing:
    """Of one company with one of our funds."""

    company: int
    fund: int
    stage: str
    kind: str | None  # of the last proposal that was decided
    outcome: str | None
    follower: str | None
    notes: int
    requests: int  # that are open
    overdue: int

    @property
    def stage_words(self) -> str:
        """What the committee decided, where it did and nothing has moved since; else how far it is. Empty at first."""
        if self.kind and self.outcome and self.stage != Candidate.Stage.PROPOSED:
            return labelled(Proposal.Kind(self.kind).label, Decision.Outcome(self.outcome).label)
        return "" if self.stage == Candidate.Stage.SCREENING else str(Candidate.Stage(self.stage).label)

    @property
    def note_words(self) -> str:
        return ngettext("%(n)s note", "%(n)s notes", self.notes) % {"n": self.notes} if self.notes else ""

    @property
    def request_words(self) -> str:
        if not self.requests:
            return ""
        if self.overdue:
            return ngettext("%(n)s request overdue", "%(n)s requests overdue", self.overdue) % {"n": self.overdue}
        return ngettext("%(n)s request open", "%(n)s requests open", self.requests) % {"n": self.requests}


class Mark(NamedTuple):
    """A few words beside a name. `kind`: done, warn, muted, empty for a plain fact. `href`: where it leads."""

    kind: str
    words: str
    href: str = ""


def standings(user: SomeUser, companies: Iterable[int] | None = None) -> dict[int, list[Standing]]:
    """By company, one of each fund of ours; of all candidates without `companies`. One query."""
    rows = ours(user) if companies is None else ours(user).filter(company__in=list(companies))
    last = Decision.objects.filter(proposal__candidate=models.OuterRef("pk")).order_by("-pk")
    requests = DataRequest.objects.filter(company=models.OuterRef("company"))
    found: dict[int, list[Standing]] = {}
    for row in rows.order_by("pk").values_list(
        "company",
        "fund",
        "stage",
        models.Subquery(last.values("proposal__kind")[:1]),
        models.Subquery(last.values("outcome")[:1]),
        "followed_by__username",
        _counted(Note.objects.filter(company=models.OuterRef("company"))),
        _counted(requests.filter(state=DataRequest.State.OPEN)),
        _counted(requests.filter(state=DataRequest.State.OPEN, due__lt=timezone.localdate())),
    ):
        found.setdefault(row[0], []).append(Standing(*row))
    return found


def _counted(rows: models.QuerySet[DataRequest] | models.QuerySet[Note]) -> models.Func:
    counted = rows.order_by().values("company").annotate(n=models.Count("pk")).values("n")
    return models.functions.Coalesce(models.Subquery(counted), 0)


def stage_words(found: Iterable[Standing]) -> str:
    return listed(dict.fromkeys(word for one in found if (word := one.stage_words)))


def follower_words(found: Iterable[Standing]) -> str:
    return listed(dict.fromkeys(one.follower for one in found if one.follower))


def marks(found: Sequence[Standing], *, may_propose: bool = False) -> list[Mark]:
    """What the fund has done with it so far, and what comes next for who may propose; else nothing."""
    if not found:
        return []
    first = found[0]  # notes and requests are of the company, whichever fund it is
    is_approved = any(one.stage == Candidate.Stage.APPROVED for one in found)
    is_short = any(one.stage == Candidate.Stage.SHORTLISTED for one in found)
    told = [
        Mark("done" if is_approved else "muted", stage_words(found)),
        Mark("", _("Propose") if may_propose and is_short else "", reverse("propose", args=[first.company])),
        Mark("", follower_words(found)),
        Mark("", first.note_words),
        Mark("warn" if first.overdue else "muted", first.request_words),
    ]
    return [mark for mark in told if mark.words]
