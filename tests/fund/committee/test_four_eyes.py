"""Mandates, gates, decisions: two people each, on the pages and in the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fund.errors import ContentChanged, SamePerson
from fund.models import Candidate, Decision, Mandate, ThemeFund
from portfolio.errors import NotAllowed
from portfolio.models import AuditEvent, Company, GateWord, Handling
from scoring.models import BarSheet
from tests import make
from tests.fund.committee import made

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
EVIDENCE = "Read its list of customers, page 3."


@pytest.fixture
def dan() -> User:
    return make.dan()


@pytest.fixture
def erin() -> User:
    return make.erin()


@pytest.fixture
def fund() -> ThemeFund:
    return make.fund()


@pytest.fixture
def company() -> Company:
    return make.company()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


# --- mandates ----------------------------------------------------------------------------------------------------
def written(fund: ThemeFund, by: User, **asks: Any) -> Mandate:
    asks = {"valid_from": timezone.localdate(), "proposed_by": by} | asks
    return Mandate.objects.create(fund=fund, **asks)


def test_a_mandate_holds_when_another_administrator_has_confirmed_it(fund: ThemeFund, dan: User, erin: User) -> None:
    mandate = written(fund, dan, min_cleared=2)
    assert fund.mandate_on(timezone.localdate()) is None
    with pytest.raises(SamePerson):
        mandate.confirm(by=dan, seen=mandate.content_digest())
    with pytest.raises(SamePerson):
        mandate.confirm(by=make.carol(), seen=mandate.content_digest())
    with pytest.raises(ContentChanged):
        mandate.confirm(by=erin, seen="another")
    mandate.confirm(by=erin, seen=mandate.content_digest())
    assert fund.mandate_on(timezone.localdate()) == mandate
    assert AuditEvent.objects.get(verb="mandate.confirmed").digest == mandate.content_digest()
    mandate.refresh_from_db()
    with pytest.raises(SamePerson):
        mandate.confirm(by=erin, seen=mandate.content_digest())


def test_a_mandate_never_begins_in_the_past(fund: ThemeFund, dan: User, erin: User) -> None:
    mandate = written(fund, dan, valid_from=timezone.localdate() - timedelta(days=1))
    with pytest.raises(SamePerson):
        mandate.confirm(by=erin, seen=mandate.content_digest())


def test_the_database_refuses_a_mandate_of_one_person(fund: ThemeFund, dan: User, erin: User) -> None:
    mandate, now = written(fund, dan), timezone.now()
    Handling.note(erin, Handling.What.PASSWORD, by=dan)
    for alone in ({"confirmed_by": dan}, {"confirmed_by": None}, {"proposed_by": None, "confirmed_by": erin}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Mandate.objects.filter(pk=mandate.pk).update(confirmed_at=now, **alone)
    with pytest.raises(IntegrityError), transaction.atomic():  # in dan's hands
        Mandate.objects.filter(pk=mandate.pk).update(confirmed_at=now, confirmed_by=erin)
    with pytest.raises(IntegrityError), transaction.atomic():
        written(fund, dan, confirmed_at=now)
    confirmed = make.mandate(fund)
    with pytest.raises(IntegrityError), transaction.atomic():
        Mandate.objects.filter(pk=confirmed.pk).update(min_cleared=1)


def test_the_page_leads_from_one_to_the_other(fund: ThemeFund, dan: User, erin: User) -> None:
    mandate = written(fund, erin, min_cleared=2)
    change = reverse("admin:fund_mandate_change", args=[mandate.pk])
    form = {"valid_from": timezone.localdate().isoformat(), "min_cleared": "3", "note": "", "worst_evidence": ""}
    writer = signed_in(dan)
    assert writer.post(change, form).status_code == 302
    mandate.refresh_from_db()
    assert (mandate.min_cleared, mandate.proposed_by) == (3, dan)
    assert "You proposed this" in writer.get(change).content.decode()
    reader = signed_in(erin)
    page = reader.get(change)
    assert "Confirm this mandate" in page.content.decode()
    confirm = reverse("admin:fund_mandate_confirm", args=[mandate.pk])
    assert "Read it again" in reader.post(confirm, {"seen": "x"}, follow=True).content.decode()
    done = reader.post(confirm, {"seen": page.context["seen"]}, follow=True).content.decode()
    assert "Confirmed by erin" in done
    assert "Confirm this mandate" not in done
    assert writer.post(change, form).status_code == 403


# --- gates ---------------------------------------------------------------------------------------------------------
def test_who_nominates_does_not_confirm_the_gates(fund: ThemeFund, company: Company, dan: User, erin: User) -> None:
    Candidate.of(fund, company, by=dan)
    with pytest.raises(NotAllowed):
        GateWord.confirm(company, "exclusion", "no", EVIDENCE, by=dan)
    with pytest.raises(IntegrityError), transaction.atomic():
        make.gate_word(company, is_confirmed=True, by=dan)
    assert not GateWord.objects.exists()
    GateWord.confirm(company, "exclusion", "no", EVIDENCE, by=erin)
    Handling.note(erin, Handling.What.FACTOR, by=dan)
    with pytest.raises(NotAllowed):
        GateWord.confirm(company, "exclusion", "yes", EVIDENCE, by=erin)


def test_who_confirmed_gates_does_not_nominate(fund: ThemeFund, company: Company, dan: User) -> None:
    GateWord.confirm(company, "exclusion", "no", EVIDENCE, by=dan)
    with pytest.raises(SamePerson):
        Candidate.of(fund, company, by=dan)
    assert not Candidate.objects.exists()
    client = signed_in(dan)
    said = client.post(reverse("nominate", args=[company.pk]), {"fund": fund.pk}, follow=True).content.decode()
    assert "You confirmed gates" in said
    form = {"fund": fund.pk, "company": company.pk}
    assert "You confirmed gates" in client.post(reverse("admin:fund_candidate_add"), form).content.decode()


def test_the_page_of_the_gates_says_why_and_keeps_the_words(fund: ThemeFund, company: Company, dan: User) -> None:
    Candidate.of(fund, company, by=dan)
    form = {"question": "exclusion", "answer": "no", "evidence": EVIDENCE}
    answer = signed_in(dan).post(reverse("portfolio:gates", args=[company.pk]), form)
    assert answer.status_code == 409
    assert "You nominated this company" in answer.content.decode()
    assert EVIDENCE in answer.content.decode()


# --- decisions, bar sheets -------------------------------------------------------------------------------------------
def test_an_account_in_the_proposers_hands_decides_nothing(fund: ThemeFund, dan: User, erin: User) -> None:
    company = make.scoreable()
    score = made.score(company, made.result())
    proposal = make.proposal(score, dan, fund)
    Handling.note(erin, Handling.What.FACTOR, by=dan)
    with pytest.raises(SamePerson):
        proposal.decide("approved", made.REASON, erin, proposal.content_sha256)
    row = {
        "proposal": proposal,
        "outcome": "approved",
        "reason": made.REASON,
        "decided_by": erin,
        "decided_at": timezone.now(),
        "proposed_by": dan,
        "content_sha256": proposal.content_sha256,
        "score": score,
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(**row)
    # After its days it is over.
    Decision.objects.create(**row | {"decided_at": timezone.now() + timedelta(days=31)})


def test_nor_does_it_approve_their_bar_sheet(dan: User, erin: User) -> None:
    sheet = BarSheet.objects.get(version="1").clone(by=dan, version="2", title="second")
    sheet.theme_share = 0.6
    sheet.save(update_fields=["theme_share"])
    sheet.propose(by=dan)
    Handling.note(erin, Handling.What.OPENED, by=dan)
    with pytest.raises(Exception, match="erin"):
        sheet.approve(by=erin, digest=sheet.digest)
    with pytest.raises(IntegrityError), transaction.atomic():
        BarSheet.objects.filter(pk=sheet.pk).update(state="approved", approved_by=erin, approved_at=timezone.now())


def test_nor_does_a_verifier_verify_what_somebody_in_their_hands_submitted(company: Company) -> None:
    alice, bob = make.alice(company), make.bob()
    draft = make.disclosure(company, 2024, state="draft")
    draft.submit(by=alice)
    Handling.note(alice, Handling.What.PASSWORD, by=bob)  # when bob was an administrator
    with pytest.raises(NotAllowed):
        make.verify(draft, bob)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(draft).objects.filter(pk=draft.pk).update(
            state="verified", verified_by=bob, verified_at=timezone.now(), frozen_at=timezone.now()
        )
