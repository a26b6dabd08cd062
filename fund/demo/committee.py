"""What the demo's committee has before it: a proposal that waits and one that is decided, on illustrative candidates.

Bound to scores, so it is made after the first run, where missing.
"""

from __future__ import annotations

from decimal import Decimal

from django.contrib.auth.models import User

from fund.models import Candidate, Decision, Proposal
from scoring.models import LatestScore, Score

PROPOSER, DECIDER = "admin", "admin2"  # accounts of fund/demo/people.py
DECIDED, WAITS = "demo-clearwind", "demo-untold"


def set_up() -> None:
    """Nothing where the candidate is not scored, or was proposed before."""
    proposer, decider = (User.objects.get(username=name) for name in (PROPOSER, DECIDER))
    if made := _proposed(
        DECIDED,
        proposer,
        Decimal(30_000_000),
        "示例：三项均达标，准入条件全部符合。Illustrative: clears all three bars, all gates passed.",
    ):
        reason = "示例：同意，数据经核查。Illustrative: agreed, the figures are verified."
        words = "示例：期待与贵公司合作。Illustrative: we look forward to working with you."
        made.decide(Decision.Outcome.APPROVED, reason, decider, made.content_sha256, words_for_company=words)
    _proposed(
        WAITS,
        proposer,
        Decimal(20_000_000),
        "示例：补助未填报，补充后再出资。Illustrative: subsidies are not told; paid in once they are.",
        conditions="示例：出资前补充政府补助数据。Illustrative: government grants are told before the money is paid.",
    )


def _proposed(company_key: str, by: User, amount_cny: Decimal, reason: str, conditions: str = "") -> Proposal | None:
    candidates = Candidate.objects.filter(company__company_key=company_key, fund__source="", proposals=None)
    candidate = candidates.select_related("fund", "company").first()
    latest = LatestScore.objects.filter(company__company_key=company_key, kind=Score.Kind.CANDIDATE).first()
    if candidate is None or latest is None:
        return None
    made: Proposal = candidate.propose(
        latest.score,
        Proposal.Kind.INVEST,
        reason,
        by,
        amount_cny=amount_cny,
        conditions=conditions,
        failed_rules_note="示例 illustrative" if candidate.preview(latest.score, amount_cny).failed else "",
    )
    return made
