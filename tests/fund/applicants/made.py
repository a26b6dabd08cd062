"""A candidate whose year went the whole way: submitted, verified, scored."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from fund.models import Preview, ThemeFund
from portfolio.models import Company, Disclosure
from scoring.models import ScoreRun
from scoring.runs import queue as runs
from tests import make, make_candidates


def verified(fund: ThemeFund, alice: User, bob: User, dan: User, company: Company) -> Disclosure:
    """Its recorded year as a version of Alice's own, which Bob verifies; scored here and now."""
    draft = Disclosure.objects.standing().get(company=company).new_version(by=alice)
    draft.submit(by=alice)
    make.verify(draft, bob)
    score_all()
    draft.refresh_from_db()
    return draft


def score_all() -> None:
    for run in ScoreRun.objects.open().order_by("pk"):
        runs.drain(run.pk)


class Scene:
    """Alice submits, Frank contributes, Bob verifies, Carol is the fund's."""

    def __init__(self, key: str = "shown", **given: Any) -> None:
        self.fund, self.bob, self.carol, self.dan = make.fund(), make.bob(), make.carol(), make.dan()
        self.company = make_candidates.candidate(self.fund, key, self.dan, **given)
        self.alice, self.frank = make.alice(self.company), make.frank(self.company)
        self.disclosure = verified(self.fund, self.alice, self.bob, self.dan, self.company)

    @property
    def preview(self) -> Preview:
        return Preview.objects.get(disclosure=self.disclosure)

    @property
    def digest(self) -> str:
        return self.preview.standing_score().digest


def signed_in(person: User, language: str = "en") -> Client:
    client = Client()
    client.force_login(person)
    client.cookies["django_language"] = language
    return client


def text(response: Any) -> str:
    found: str = response.content.decode()
    return found
