"""From submission to decision through the pages, with a real broker and a real worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fund.models import Decision, Proposal
from portfolio import audit
from portfolio.models import Disclosure
from scoring.models import LatestScore
from tests import make
from tests.conftest import wait_until

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]


def signed_in(username: str, language: str) -> Client:
    """Through the log-in page, as a person does."""
    client = Client()
    client.post(reverse("language"), {"language": language, "next": "/"})
    answer = client.post(reverse("account_login"), {"login": username, "password": make.PASSWORD}, follow=True)
    assert answer.wsgi_request.user.username == username
    assert answer.status_code == 200
    return client


@pytest.mark.parametrize("language", ["zh-hans", pytest.param("en", marks=pytest.mark.slow)])
def test_from_a_submission_to_a_signed_decision(start_worker: Callable[..., object], language: str) -> None:
    company = make.company()
    make.target(company)
    make.alice(company), make.bob(), make.rita(), make.carol(), make.dan(), make.erin()
    fund = make.fund()
    start_worker()
    year = timezone.localdate().year - 1

    # Alice starts the year, types the figures as people do, and submits.
    alice = signed_in("alice", language)
    alice.post(reverse("portfolio:new"), {"company": company.pk, "year": year})
    disclosure = Disclosure.objects.get()
    typed: dict[str, Any] = {
        "edition": disclosure.edition,
        "scope1_t": "1,200",
        "scope2_location_t": "0.08万",
        "revenue_cny": "10亿",
        "boundary": "全部厂区",
        "revenue_boundary": "matched",
        "source_document": "2025 年度报告 p. 12",
    }
    assert alice.post(disclosure.get_absolute_url(), typed, follow=True).status_code == 200
    disclosure.refresh_from_db()
    submit = reverse("portfolio:submit", args=[disclosure.pk])
    alice.post(submit, {"edition": disclosure.edition, "declaration": "on"}, follow=True)
    disclosure.refresh_from_db()
    assert disclosure.state == Disclosure.State.SUBMITTED

    # Bob drafts an opinion on what he saw, Rita issues it; nobody asks for a score.
    bob = signed_in("bob", language)
    page = bob.get(reverse("portfolio:verify", args=[disclosure.pk]))
    assert page.status_code == 200
    said = {
        "action": "draft",
        "digest": disclosure.digest,
        "kind": "unmodified",
        "level": "limited",
        "scope": "all sites",
    }
    said |= {
        "criteria": "ghg_protocol",
        "sampling": "all figures",
        "statement": "nothing found",
        "has_no_conflict": "on",
    }
    bob.post(reverse("portfolio:opinion_write", args=[disclosure.pk]), {**said, "despite": "compared with page 12"})
    rita = signed_in("rita", language)
    rita.post(disclosure.opinions.get().get_absolute_url(), {"action": "issue", "words": ""}, follow=True)
    wait_until(lambda: LatestScore.objects.filter(company=company).exists(), what="the score")
    score = LatestScore.objects.get().score
    assert score.emissions_t == 2000
    assert score.intensity == pytest.approx(2000 / 1e5)

    # Carol confirms its track, makes it a candidate of the fund, which queues its run, and opens the dossier.
    carol = signed_in("carol", language)
    track = reverse("scoring:track_decide", args=[company.pk, "power_decarbonisation"])
    carol.post(track, {"outcome": "confirmed", "reason": "read its report"})
    carol.post(reverse("nominate", args=[company.pk]), {"fund": fund.pk})
    wait_until(lambda: LatestScore.objects.get().kind == "candidate", what="the score of a candidate")
    score = LatestScore.objects.get().score
    dossier = carol.get(company.get_absolute_url())
    assert dossier.status_code == 200
    assert ("自身排放" if language == "zh-hans" else "Own footprint") in dossier.content.decode()

    # Dan proposes, and cannot approve his own proposal.
    dan = signed_in("dan", language)
    address = reverse("propose", args=[company.pk]) + f"?score={score.pk}&fund={fund.pk}"
    form = dan.get(address).context["form"]
    dan.post(
        address,
        {
            "kind": "invest",
            "amount_cny": "3000000",
            "reason": "fits the fund",
            "seen_sha256": form["seen_sha256"].value(),
        },
    )
    proposal = Proposal.objects.get()
    decide = reverse("admin:fund_proposal_decide", args=[proposal.pk])
    agreed = {
        "outcome": "approved",
        "reason": "agreed, its figures are verified",
        "content_sha256": proposal.content_sha256,
    }
    dan.post(decide, agreed)
    assert not Decision.objects.exists()

    # Erin does, and the log of all that verifies.
    signed_in("erin", language).post(decide, agreed)
    decision = Decision.objects.get()
    assert (decision.outcome, decision.decided_by.username, decision.score) == ("approved", "erin", score)
    assert audit.verify().first_bad is None
    call_command("audit_verify")
