"""Who of a company is told that the committee has decided. Called inside the transaction in which it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from portfolio.mail.outbox import people_of, tell
from portfolio.models import Disclosure, Mail

if TYPE_CHECKING:
    from fund.models.decision import Decision


def on_decided(decision: Decision) -> None:
    """To everyone of the company, of a fund of ours. The page of the result has the decision and the words for them."""
    proposal, company = decision.proposal, decision.proposal.candidate.company
    told = Disclosure.objects.filter(company=company, frozen_at__lte=proposal.proposed_at).standing()
    stands = told.order_by("-year").first()
    if proposal.candidate.fund.source or stands is None:
        return
    tell(
        people_of(company.pk),
        Mail.Kind.DECIDED,
        f"proposal:{proposal.pk}",
        reverse("application", args=[stands.pk]),
        company=company,
        year=stands.year,
        has_words=bool(decision.words_for_company),
    )
