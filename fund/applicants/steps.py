"""Where a company-year stands from draft to decision: which step, since when, what is next and who does it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from fund.models import Decision, Preview, Proposal
from portfolio.models import Disclosure, Step
from scoring.models import LatestScore, Score

State = Disclosure.State
LABELS: dict[str, str | Promise] = {
    "draft": pgettext_lazy("step of a company-year", "Draft"),
    "submitted": pgettext_lazy("step of a company-year", "Submitted"),
    "verification": pgettext_lazy("step of a company-year", "In verification"),
    "returned": pgettext_lazy("step of a company-year", "Returned"),
    "verified": pgettext_lazy("step of a company-year", "Verified"),
    "committee": pgettext_lazy("step of a company-year", "Committee"),
    "result": pgettext_lazy("step of a company-year", "Result"),
}
WAY = tuple(LABELS)


@dataclass(frozen=True)
class Stepped:
    code: str
    label: str
    is_done: bool
    is_now: bool


@dataclass(frozen=True)
class Standing:
    """`disclosure` is the newest version of its year, `stands` the frozen one that counts, None before there is one.

    `latest`, `preview` and `proposal` are of that one; None where the company is judged by another year.
    """

    disclosure: Disclosure
    steps: Sequence[Step]
    stands: Disclosure | None
    latest: LatestScore | None = None
    preview: Preview | None = None
    proposal: Proposal | None = None

    # --- which step ---
    @property
    def code(self) -> str:
        state = self.disclosure.state
        if state in (State.DRAFT, State.RETURNED):
            return str(state)
        if state == State.SUBMITTED:
            return "verification"
        if state in (State.RECORDED, State.REFUSED):
            return str(state)  # beside the way
        if self.proposal is None:
            return "verified"
        return "committee" if self.decision is None else "result"

    @property
    def decision(self) -> Decision | None:
        found: Decision | None = getattr(self.proposal, "decision", None) if self.proposal else None
        return found

    @property
    def was_returned(self) -> bool:
        return any(step.verb == "returned" for step in self.steps)

    @property
    def since(self) -> datetime | None:
        if self.code == "result" and self.decision:
            return self.decision.decided_at
        if self.code == "committee" and self.proposal:
            return self.proposal.proposed_at
        if self.code in ("verified", "recorded"):
            return self.disclosure.frozen_at
        verb = {"refused": "refused", "draft": "opened", "returned": "returned", "verification": "submitted"}[self.code]
        return next((step.at for step in reversed(self.steps) if step.verb == verb), None)

    # --- the score ---
    @property
    def is_scored(self) -> bool:
        """Whether the score that stands knows the version that stands."""
        if self.latest is None or self.stands is None or self.stands.frozen_at is None:
            return False
        return self.latest.score.run.queued_at >= self.stands.frozen_at

    @property
    def is_judged(self) -> bool:
        return self.is_scored and self.latest is not None and self.latest.kind == Score.Kind.CANDIDATE

    # --- in words ---
    @property
    def next(self) -> str:
        """What happens next, and who does it."""
        if self.code == "draft":
            return _("Next: your company fills in the form, a submitter submits it.")
        if self.code == "returned":
            return _("Next: your company corrects or answers, a submitter submits it again.")
        if self.code == "verification":
            return _("Next: a verifier reads it, then gives an opinion or returns it. You will be told by mail.")
        if self.code == "refused":
            return _("Next: read the opinion; then appeal against it, or open a new version.")
        if self.code == "recorded":
            return _("It comes from a public source and nobody verified it. A new version of yours is verified.")
        if self.code == "committee":
            return _("Next: the fund's investment committee decides. You will find the decision here.")
        if self.code == "result":
            return _("Next: nothing to do; the next year begins with its own form.")
        return self._next_of_verified

    @property
    def _next_of_verified(self) -> str:
        preview = self.preview
        if not self.is_scored:
            return _("Next: the score is computed, by itself.")
        if not self.is_judged:
            return _("Next: a fund has to nominate the company; until then it is measured and not judged.")
        if preview and preview.open_disputes:
            return _("Next: the fund answers what you dispute.")
        if preview and preview.is_running:
            return _("Next: a submitter of your company confirms the result or disputes it, until %(day)s.") % {
                "day": preview.last_day
            }
        return _("Next: the fund decides whether to put it before its committee.")


def proposal_on(stands: Disclosure, newest_first: Iterable[Proposal]) -> Proposal | None:
    """What was proposed last since this version stands."""
    since = stands.frozen_at
    return next((one for one in newest_first if since and one.proposed_at >= since), None)


def stepper(standing: Standing) -> list[Stepped]:
    """All steps in their order; “returned” only where it was. None of what goes no such way."""
    if standing.code not in WAY:
        return []
    now = WAY.index(standing.code)
    return [
        Stepped(code, str(label), at < now, at == now)
        for at, (code, label) in enumerate(LABELS.items())
        if code != "returned" or standing.was_returned or standing.code == code
    ]


OUTCOMES: dict[tuple[str, str], str | Promise] = {  # of the proposal's kind and the committee's answer
    ("invest", "approved"): gettext_lazy("The committee has approved an investment."),
    ("invest", "rejected"): gettext_lazy("The committee has turned down an investment."),
    ("decline", "approved"): gettext_lazy("The committee has decided not to invest."),
    ("decline", "rejected"): gettext_lazy("The committee keeps the company on its list for another look."),
    ("watch", "approved"): gettext_lazy("The committee goes on watching the company before it decides."),
    ("watch", "rejected"): gettext_lazy("The committee keeps the company on its list for another look."),
}


def outcome_words(proposal: Proposal, decision: Decision) -> str:
    return str(OUTCOMES[proposal.kind, decision.outcome])
