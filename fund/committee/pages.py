"""What the pages of a proposal show: the committee's in the app, and the administrator's decision."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from fund.applicants.standing import preview_note
from fund.committee import report, words
from fund.errors import AlreadyDecided, ContentChanged, NotEntitled, SamePerson
from fund.models import Proposal, ThemeFund
from fund.models.decision import deciders, newer_score
from portfolio.models.people import SomeUser
from scoring.models import Score

STATUS: dict[type[object], int] = {NotEntitled: 403, SamePerson: 403, AlreadyDecided: 409, ContentChanged: 409}
RELATED = (
    *("candidate__company", "candidate__fund", "candidate__nominated_by", "score__company", "proposed_by"),
    *("score__run__bar_sheet", "score__run__retired_method", "mandate__bar_sheet", "decision__decided_by"),
)


def title_of(proposal: Proposal) -> str:
    return f"{proposal.score.company} · {proposal.get_kind_display()}"


def of_score(user: SomeUser, score: Score) -> dict[str, Any]:
    """What is known of a candidate, before anything is proposed."""
    newer = newer_score(score)
    return {
        "score": score,
        "preview": preview_note(score.company_id),
        "brief": report.brief(score),
        "doubts": report.doubts(user, score),
        "first_method": report.first_method(score) if score.is_retired else (),
        "newer_score": newer,
        "newer_sheet": score.newer_sheet(timezone.localdate()),
        "newer_headline": report.headline(newer) if newer else "",
    }


def of_proposal(user: Any, proposal: Proposal) -> dict[str, Any]:
    """`proposal` comes with RELATED."""
    fund, score, is_decided = proposal.candidate.fund, proposal.score, proposal.is_decided
    hands = (proposal.proposed_by_id, proposal.candidate.nominated_by_id)
    return {
        "proposal": proposal,
        "fund": fund,
        **of_score(user, score),
        "others": others(user, fund, score).exclude(pk=proposal.pk),
        "asked": words.asked(proposal),
        "rules": report.rules_then(proposal),
        "rules_now": None if score.is_retired or is_decided else report.rules_now(proposal),
        "unmentioned": proposal.unmentioned_newer_score(),
        "is_intact": proposal.content_digest() == proposal.content_sha256,
        "refusal": proposal.refusal(user),
        "deciders": [] if is_decided else deciders(*hands),
    }


def others(user: SomeUser, fund: ThemeFund, score: Score) -> QuerySet[Proposal]:
    """What was proposed to this fund of the same company, the newest first."""
    rows = Proposal.objects.visible_to(user).filter(candidate__fund=fund, candidate__company=score.company_id)
    return rows.select_related("decision").order_by("-pk")
