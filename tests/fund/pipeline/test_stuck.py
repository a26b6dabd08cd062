"""What has not moved for two weeks: who sees it, for whom it waits, who can move it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from fund import guards as of_fund
from fund.models import Proposal
from fund.pipeline.stuck import Standstill
from portfolio import guards
from portfolio.models import Disclosure, Role, RoleChange
from tests import make
from tests.fund.committee import made
from tests.scoring.pages import mei, signed_in, text

pytestmark = pytest.mark.django_db
STUCK = reverse("stuck")


def long_ago() -> datetime:
    return timezone.now() - timedelta(days=20)


def kinds(person: object) -> list[tuple[str, bool]]:
    return [(one.kind, one.is_mine) for one in Standstill(person).rows]  # type: ignore[arg-type]


def test_where_everything_moves_the_page_says_so() -> None:
    company = make.company()
    make.data_request(company, make.carol())
    for person in (mei(), make.bob(), make.alice(company)):
        assert "Everything has moved" in text(signed_in(person).get(STUCK))


def test_a_proposal_waits_for_whoever_may_decide_it() -> None:
    dan, erin = make.dan(), make.erin()
    proposal = make.proposal(made.score(make.company(), made.result()), dan, make.fund())
    of_fund_guards = tuple(one for one in of_fund.GUARDS if one.table == "fund_proposal")
    guards.remove(connection, of_fund_guards)
    Proposal.objects.update(proposed_at=long_ago())
    guards.install(connection, of_fund_guards)
    assert kinds(erin) == [("proposal", True)] and kinds(dan) == [("proposal", False)] == kinds(mei())
    page = text(signed_in(erin).get(STUCK))
    assert proposal.get_absolute_url() in page and "you can move it" in page and "20" in page
    told = "thing that you can move stands still for over 14 days"
    assert told in text(signed_in(erin).get(reverse("home")))
    assert told not in text(signed_in(dan).get(reverse("home")))
    assert kinds(make.bob()) == []


def test_a_request_waits_for_the_company_and_its_fund_can_move_it() -> None:
    company, carol = make.company(), make.carol()
    alice = make.alice(company)
    make.data_request(company, carol, asked_at=long_ago())
    assert kinds(carol) == [("request", True)] == kinds(alice) and kinds(mei()) == [("request", False)]
    assert reverse("dossier_tab", args=[company.pk, "notes"]) in text(signed_in(carol).get(STUCK))
    theirs = text(signed_in(alice).get(reverse("disclosures")))
    assert "1 has waited for over two weeks" in theirs and STUCK in theirs
    assert kinds(make.user("amy", company=make.company("demo-other"), kind="submitter")) == []


def test_a_disclosure_waits_for_a_verifier_then_for_the_company() -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    found = make.disclosure(company, 2023, state=Disclosure.State.DRAFT)
    found.submit(by=alice)
    Disclosure.objects.filter(pk=found.pk).update(submitted_at=long_ago())
    assert kinds(bob) == [("submitted", True)] and kinds(alice) == [("submitted", False)] and kinds(make.dan()) == []
    assert "1 has waited for over two weeks" in text(signed_in(bob).get(reverse("scoring:cases")))
    found.refresh_from_db()
    found.return_for_correction(by=bob, reason="please check the meter", everything=True)
    assert kinds(bob) == kinds(alice) == []
    append_only = tuple(one for one in guards.GUARDS if one.table == "portfolio_step")
    guards.remove(connection, append_only)
    found.steps.filter(verb="returned").update(at=long_ago())
    guards.install(connection, append_only)
    assert kinds(alice) == [("returned", True)] and kinds(bob) == [("returned", False)]
    assert reverse("portfolio:disclosure", args=[found.pk]) in text(signed_in(alice).get(STUCK))


def test_a_role_waits_for_another_administrator() -> None:
    dan, erin, carol = make.dan(), make.erin(), make.carol()
    change = RoleChange.propose(make.user("nora"), Role.VERIFIER, "joins us in May", by=dan)
    guards.remove(connection, guards.OF_ROLES)
    RoleChange.objects.filter(pk=change.pk).update(proposed_at=long_ago())
    guards.install(connection, guards.OF_ROLES)
    assert kinds(erin) == [("role", True)] and kinds(dan) == [("role", False)] and kinds(carol) == []
