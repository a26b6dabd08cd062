"""The frame of a company's dossier: which score is shown, how it stands with our funds, what can be done next.

The parts are of scoring/dossier; a tab is built when it is asked for.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from fund.applicants.standing import PreviewNote, preview_note
from fund.models import Candidate, Note, Proposal, ThemeFund
from fund.models.mandate_rules import Verdict
from fund.pipeline.nominated import queued_at, state_words
from fund.pipeline.requests.report import RequestRow, rows_of
from portfolio.audit import AuditEvent
from portfolio.models import Company, DataRequest
from portfolio.models.join import DECIDERS
from portfolio.models.people import Role, SomeUser, has_role
from scoring import snapshots
from scoring.access import may_run
from scoring.candidates.origins import Origins
from scoring.dossier.bars import BarsTab
from scoring.dossier.facts import Facts
from scoring.dossier.history import PastScore, history
from scoring.dossier.measured import Measured
from scoring.dossier.tabs import archived
from scoring.engine.inputs import CompanyRecord
from scoring.models import BarSheet, LatestScore, Score, ScoreRun
from scoring.runs import receipts

FIRST = "bars"
TABS = {
    "bars": gettext_lazy("Bars"),
    "emissions": gettext_lazy("Emissions"),
    "temperature": gettext_lazy("Temperature and pathway"),
    "documents": gettext_lazy("Documents"),
    "findings": gettext_lazy("Findings"),
    "notes": gettext_lazy("Notes and requests"),
    "decisions": gettext_lazy("Decisions"),
    "record": gettext_lazy("Record"),
}
OF_A_PEER = gettext_lazy("What is measured")


class Tab(NamedTuple):
    code: str
    label: str


class MandateCount(NamedTuple):
    fund: ThemeFund
    passed: int
    failed: int
    undecided: int
    need_amount: int  # of a ticket that nobody has named: counted nowhere else


@dataclass(frozen=True)
class Standing:
    """How the company stands with one of our funds."""

    candidate: Candidate
    shortlisted_at: datetime | None


class Dossier:
    """One company, and one score of it: that of the named run, else the one that stands."""

    def __init__(self, user: SomeUser, company: Company, run_id: int | None) -> None:
        """`company` comes with its latest score: see `with_latest`. Raises Score.DoesNotExist."""
        self.user, self.company = user, company
        self.latest: LatestScore | None = getattr(company, "latest", None)
        self.score = self.latest.score if self.latest else None
        if run_id is not None and (self.score is None or self.score.run_id != run_id):
            scores = Score.objects.visible_to(user).select_related("run__bar_sheet", "run__retired_method", "model")
            self.score = scores.get(company=company, run_id=run_id)
        self.facts = Facts(user, company)

    # --- which score ----------------------------------------------------------------------------------
    @property
    def is_latest(self) -> bool:
        return self.score is None or (self.latest is not None and self.latest.score_id == self.score.pk)

    @property
    def is_retired(self) -> bool:
        return self.score is not None and self.score.is_retired

    @property
    def is_candidate(self) -> bool:
        """As the shown score says; without one, as the funds do."""
        if self.score is None or self.is_retired:
            return bool(self.standings)
        return bool(self.score.kind == Score.Kind.CANDIDATE)

    @cached_property
    def open_runs(self) -> list[ScoreRun]:
        """Runs that will give this company a score."""
        return list(ScoreRun.objects.visible_to(self.user).open().filter(items__company=self.company).only("state"))

    @cached_property
    def inputs(self) -> CompanyRecord:
        """What the shown score was computed from. There is one, and no method is retired."""
        if self.score is None:
            raise Score.DoesNotExist
        return archived(self.score)

    @cached_property
    def nomination(self) -> str:
        """Of a candidate of ours that its latest score still knows as a peer, or that has none: what it waits for."""
        is_judged = self.score is not None and self.score.kind == Score.Kind.CANDIDATE
        if is_judged or not self.is_latest or not self.standings:
            return ""
        return state_words(self.company, queued_at([self.company.pk]).get(self.company.pk))

    @cached_property
    def facts_changed(self) -> bool:
        """The database holds other facts now than those this score was computed from."""
        if self.score is None or not self.is_latest or self.is_retired:
            return False
        if self.nomination and self.open_runs:  # the notice of its run says more
            return False
        today = timezone.localdate()
        candidates = [self.company.pk] if self.standings else []
        [now] = snapshots.take([self.company], today, candidates=candidates)
        return _facts(json.loads(now.inputs)) != _facts(self.inputs)

    @cached_property
    def newer_sheet(self) -> BarSheet | None:
        """The bar sheet in force, where the shown score was judged by another."""
        if self.score is None or not self.is_latest:
            return None
        newer: BarSheet | None = self.score.newer_sheet(timezone.localdate())
        return newer

    # --- the parts ---------------------------------------------------------------------------------------
    @property
    def tabs(self) -> list[Tab]:
        first = str(TABS[FIRST] if self.is_candidate else OF_A_PEER)
        return [Tab(code, first if code == FIRST else str(label)) for code, label in TABS.items()]

    @cached_property
    def bars(self) -> BarsTab | None:
        """None of a peer, of a retired score, and before the first score."""
        score = self.score
        if score is None or score.is_retired or score.run.bar_sheet is None:
            return None
        candidacy = score.record["candidacy"]
        told = self.inputs.get("candidacy") if candidacy else None
        if candidacy is None or told is None:
            return None
        origins = Origins(self.user, self.company, self.facts.by_digest)
        return BarsTab(candidacy, score.run.bar_sheet.engine(), told, origins)

    @cached_property
    def measured(self) -> Measured | None:
        if self.score is None or self.is_retired:
            return None
        return Measured(self.score.record["measured"])

    @cached_property
    def history(self) -> list[PastScore]:
        return history(self.user, self.company, self.score)

    @property
    def retired_scores(self) -> list[PastScore]:
        return [past for past in self.history if past.is_retired]

    @property
    def scores(self) -> list[PastScore]:
        return [past for past in self.history if not past.is_retired]

    @cached_property
    def receipt_digest(self) -> str:
        return receipts.digest_of(self.score) if self.score and not self.is_retired else ""

    @cached_property
    def receipt_name(self) -> str:
        return receipts.file_name(self.score.run_id, self.company.company_key) if self.score else ""

    @property
    def retired_headline(self) -> str:
        """Of a retired score the record as it was archived, indented."""
        if self.score is None:
            return ""
        return json.dumps(self.score.record, ensure_ascii=False, indent=2)

    # --- our funds ----------------------------------------------------------------------------------------
    @cached_property
    def standings(self) -> list[Standing]:
        found = Candidate.objects.visible_to(self.user).filter(company=self.company, fund__source="")
        candidates = list(found.select_related("fund", "followed_by").order_by("pk"))
        names = [f"candidate:{one.pk}" for one in candidates if one.stage != Candidate.Stage.SCREENING]
        events = AuditEvent.objects.filter(verb="candidate.shortlisted", object__in=names).order_by("seq")
        since = dict(events.values_list("object", "at"))
        return [Standing(one, since.get(f"candidate:{one.pk}")) for one in candidates]

    @property
    def to_shortlist(self) -> list[Candidate]:
        screening = Candidate.Stage.SCREENING
        return [one.candidate for one in self.standings if self.may_decide and one.candidate.stage == screening]

    @property
    def followers(self) -> list[User]:
        """Who of the fund follows it, each once."""
        return list(dict.fromkeys(one.candidate.followed_by for one in self.standings if one.candidate.followed_by))

    @cached_property
    def notes(self) -> Sequence[Note]:
        """The newest first."""
        return list(Note.objects.visible_to(self.user).filter(company=self.company).select_related("by"))

    @cached_property
    def requests(self) -> list[RequestRow]:
        """What it was asked for, the newest first."""
        found = DataRequest.objects.visible_to(self.user).filter(company=self.company)
        return rows_of(found.select_related("company", "asked_by", "closed_by"))

    @cached_property
    def preview(self) -> PreviewNote | None:
        """What a candidate has said of its result; before a proposal somebody reads it."""
        return preview_note(self.company.pk) if self.standings else None

    @cached_property
    def open_requests(self) -> int:
        return DataRequest.objects.open().filter(company=self.company).count()

    @cached_property
    def may_be_nominated_for(self) -> list[ThemeFund]:
        """Our funds that do not look at it yet."""
        if not self.may_decide:
            return []
        return list(ThemeFund.objects.filter(source="").exclude(candidates__company=self.company))

    @cached_property
    def mandates(self) -> list[MandateCount]:
        """Rules of each fund's mandate of today that this score passes, fails, and that nothing decides."""
        score = self.score
        if score is None or score.kind != Score.Kind.CANDIDATE:
            return []
        found = []
        for standing in self.standings:
            seen = standing.candidate.preview(score)
            if seen.mandate is not None:
                counted = Counter(check.verdict for check in seen.checks if not check.needs_amount)
                found.append(
                    MandateCount(
                        fund=standing.candidate.fund,
                        passed=counted[Verdict.PASS],
                        failed=counted[Verdict.FAIL],
                        undecided=counted[Verdict.NOT_DECIDABLE],
                        need_amount=len(seen.checks) - counted.total(),
                    )
                )
        return found

    @cached_property
    def proposals(self) -> Sequence[Proposal]:
        """What was proposed and decided of it, the newest first."""
        rows = Proposal.objects.visible_to(self.user).filter(candidate__company=self.company)
        return list(rows.select_related("candidate__fund", "proposed_by", "decision__decided_by").order_by("-pk"))

    # --- what can be done ----------------------------------------------------------------------------------
    @property
    def may_decide(self) -> bool:
        """Who makes candidates and the shortlist."""
        return has_role(self.user, *DECIDERS)

    @property
    def is_admin(self) -> bool:
        return has_role(self.user, Role.ADMIN)

    @property
    def may_run(self) -> bool:
        return may_run(self.user)

    @property
    def may_propose(self) -> bool:
        """Of the score that stands, of a candidate."""
        return self.may_decide and self.is_latest and self.score is not None and self.is_candidate


def _facts(inputs: CompanyRecord) -> CompanyRecord:
    """Without the gates that scores have decided since: those are no new facts."""
    candidacy = inputs.get("candidacy")
    if candidacy is None:
        return inputs
    gates = candidacy["gates"] | {"recorded": {}}
    return inputs | {"candidacy": candidacy | {"gates": gates}}


def with_latest(companies: models.QuerySet[Company]) -> models.QuerySet[Company]:
    """With what every dossier needs, in one query."""
    return companies.select_related("city", "latest__score__run__bar_sheet", "latest__score__model")
