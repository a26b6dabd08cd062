"""An appeal: within seven working days, answered in ten by somebody who did not issue the opinion; what follows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.utils import translation

from portfolio import beijing
from portfolio.errors import NotAllowed, StaleVersion
from portfolio.models import Appeal, Company, Disclosure, Mail, Role
from portfolio.models.case.appeal import ANSWERED_WITHIN
from tests import make
from tests.portfolio.verification.scene import refused_year, submitted_year

State = Appeal.State
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def alice(company: Company) -> User:
    return make.alice(company)


@pytest.fixture
def bob() -> User:
    return make.bob()


@pytest.fixture
def refused(company: Company, alice: User, bob: User) -> Disclosure:
    return refused_year(company, alice, bob)


def opened(disclosure: Disclosure, alice: User) -> Appeal:
    return Appeal.make(disclosure.opinions.get(state="issued"), "the files are there", by=alice)


def test_it_is_due_in_ten_working_days_and_told_to_who_may_answer(refused: Disclosure, alice: User, bob: User) -> None:
    other = make.user("other", Role.INDEPENDENT_REVIEWER)
    made = opened(refused, alice)
    assert made.due == beijing.add_working_days(beijing.today(), ANSWERED_WITHIN).day
    told = set(Mail.objects.filter(kind=Mail.Kind.APPEAL).values_list("user__username", flat=True))
    assert told == {other.username, bob.username}


def test_seven_working_days_and_not_one_more(refused: Disclosure, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    last = refused.opinions.get().appeal_until
    assert last is not None
    _today(monkeypatch, last + timedelta(days=1))
    with pytest.raises(NotAllowed, match="due until"):
        opened(refused, alice)
    _today(monkeypatch, last)
    assert opened(refused, alice).is_open


def test_only_a_submitter_appeals_once(refused: Disclosure, alice: User, company: Company, bob: User) -> None:
    for person in (make.frank(company), bob, make.carol()):
        with pytest.raises(NotAllowed, match="Only a submitter"):
            opened(refused, person)
    opened(refused, alice).take_back(by=alice)
    opened(refused, alice)
    with pytest.raises(NotAllowed, match="already"):
        opened(refused, alice)


def test_upheld_what_was_refused_waits_again(refused: Disclosure, alice: User) -> None:
    made = opened(refused, alice)
    made.uphold("they were overlooked", by=make.user("other", Role.INDEPENDENT_REVIEWER))
    refused.refresh_from_db()
    assert (refused.state, made.opinion.state, made.is_by_issuer) == ("submitted", "reopened", False)
    assert Mail.objects.filter(kind=Mail.Kind.APPEAL_ANSWERED, user=alice).exists()


def test_upheld_what_was_verified_needs_a_new_version(company: Company, alice: User, bob: User) -> None:
    disclosure = submitted_year(company, alice)
    make.verify(disclosure, bob, kind="modified")
    opened(disclosure, alice).uphold("right", by=make.user("other", Role.INDEPENDENT_REVIEWER))
    disclosure.refresh_from_db()
    assert (disclosure.state, disclosure.badge) == ("verified", "correcting")
    assert disclosure.new_version(by=alice).version == 2


def test_rejected_the_opinion_stays(refused: Disclosure, alice: User) -> None:
    made = opened(refused, alice)
    with pytest.raises(NotAllowed, match="write something"):
        made.reject(" ", by=make.user("other", Role.INDEPENDENT_REVIEWER))
    made.reject("none is of that year", by=User.objects.get(username="other"))
    assert (made.state, made.opinion.state) == (State.REJECTED, "issued")
    with pytest.raises(StaleVersion, match="Rejected"):
        made.uphold("no, yes", by=User.objects.get(username="other"))


def test_who_issued_it_answers_only_where_there_is_no_other(refused: Disclosure, alice: User, bob: User) -> None:
    made, rita = opened(refused, alice), make.rita()
    other = make.user("other", Role.INDEPENDENT_REVIEWER)
    with pytest.raises(NotAllowed, match="another independent reviewer"):
        made.reject("no", by=rita)
    for person in (bob, alice):
        with pytest.raises(NotAllowed):
            made.reject("no", by=person)
    User.objects.filter(pk=other.pk).update(is_active=False)
    made.reject("no", by=User.objects.get(pk=rita.pk))
    assert made.is_by_issuer


def test_while_it_waits_no_new_version_is_opened_and_after_one_no_appeal(refused: Disclosure, alice: User) -> None:
    made = opened(refused, alice)
    with pytest.raises(NotAllowed, match="take it back"):
        refused.new_version(by=alice)
    made.take_back(by=alice)
    refused.new_version(by=alice)
    with pytest.raises(NotAllowed, match="newer version"):
        opened(refused, alice)


def test_a_newer_version_stops_reopening_what_was_refused(refused: Disclosure, alice: User) -> None:
    refused.new_version(by=alice)
    with pytest.raises(NotAllowed, match="newer version"):
        refused.opinions.get().reopen(by=make.rita(), reason="an error")
    assert refused.opinions.get().state == "issued"


def test_the_database_keeps_appeals(refused: Disclosure, alice: User, bob: User) -> None:
    opinion = refused.opinions.get()
    for person in (bob, make.rita()):
        with pytest.raises(DatabaseError), transaction.atomic():
            Appeal.objects.create(opinion=opinion, words="w", made_by=person, due=beijing.today())
    made = opened(refused, alice)
    rows = Appeal.objects.filter(pk=made.pk)
    answered = {"state": "rejected", "answer": "no", "answered_at": made.made_at}
    for wrong in ({"words": "x"}, {"due": date(2030, 1, 1)}, answered | {"answered_by": bob}, answered):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**wrong)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows._raw_delete("default")


def _today(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    monkeypatch.setattr(beijing, "today", lambda: day)
