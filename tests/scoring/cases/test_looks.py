"""What a verifier looked at: of exactly one content, appended, carried over by a press alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.utils import translation

from portfolio.errors import NotAllowed, StaleVersion
from portfolio.models import Case, Company, ConflictOfInterest, Disclosure, Look, Role
from portfolio.models.case.case import declare_conflict
from portfolio.models.case.look import unchanged_since_agreed
from tests import make
from tests.scoring.cases.made import diesel, month, submitted

pytestmark = pytest.mark.django_db
AGREED, OUT, BACK = Look.Verdict.AGREED, Look.Verdict.SAMPLED_OUT, Look.Verdict.TAKEN_BACK


@pytest.fixture(autouse=True)
def _in_english() -> Any:
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
def waiting(company: Company, alice: User) -> Disclosure:
    return submitted(company, alice, month(1), diesel())


def note(waiting: Disclosure, bob: User, point: str = "line:1", verdict: str = AGREED, **given: Any) -> Look:
    return Look.note(waiting, point, verdict, by=bob, **({"digest": waiting.digest} | given))


def standing(waiting: Disclosure) -> dict[str, str]:
    return {point: look.verdict for point, look in Look.objects.standing(waiting, waiting.digest).items()}


def test_the_last_word_stands_and_what_is_taken_back_is_a_row_more(waiting: Disclosure, bob: User) -> None:
    note(waiting, bob)
    note(waiting, bob, "scope1_t", OUT, words="small")
    assert standing(waiting) == {"line:1": AGREED, "scope1_t": OUT}
    note(waiting, bob, verdict=BACK)
    assert standing(waiting) == {"scope1_t": OUT}
    assert Look.objects.count() == 3


def test_the_first_look_claims_the_case(waiting: Disclosure, bob: User) -> None:
    note(waiting, bob)
    assert Case.of(waiting).assignee == bob


@pytest.mark.parametrize(
    ("point", "verdict", "words", "says"),
    [
        ("line:1", OUT, " ", "Please say why"),
        ("line:9", AGREED, "", "no part of what was submitted"),
        ("", AGREED, "", "no part of what was submitted"),
        ("line:1", "perhaps", "", "Please choose"),
        ("line:1", BACK, "", "nothing to take back"),
        ("line:1", OUT, "x" * 401, "At most 400"),
    ],
)
def test_a_look_that_makes_no_sense_is_refused_in_words(
    waiting: Disclosure, bob: User, point: str, verdict: str, words: str, says: str
) -> None:
    with pytest.raises(NotAllowed, match=says):
        note(waiting, bob, point, verdict, words=words)
    assert not Look.objects.exists()


def test_a_look_is_at_exactly_what_was_seen(waiting: Disclosure, bob: User) -> None:
    with pytest.raises(StaleVersion):
        note(waiting, bob, digest="0" * 64)


def test_whoever_prepared_it_or_belongs_to_it_looks_at_nothing(waiting: Disclosure, alice: User) -> None:
    with pytest.raises(NotAllowed):
        note(waiting, alice)


def test_the_database_edits_no_look_and_takes_none_of_what_does_not_wait(waiting: Disclosure, bob: User) -> None:
    look = note(waiting, bob)
    for act in (lambda: Look.objects.filter(pk=look.pk).update(words="x"), look.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    told = {"disclosure": waiting, "point": "line:1", "verdict": AGREED, "by": bob}
    with pytest.raises(DatabaseError), transaction.atomic():
        Look.objects.create(digest="0" * 64, **told)


# --- a new submission --------------------------------------------------------------------------------------
def resubmitted(waiting: Disclosure, alice: User, bob: User) -> Disclosure:
    """Returned, the diesel corrected, and submitted again."""
    waiting.return_for_correction(by=bob, reason="the diesel?", everything=True)
    line = waiting.activities.get(number=2)
    line.typed_amount, line.amount = "21", 21.0
    waiting.refresh_from_db()
    waiting.write_activities(by=alice, edition=waiting.edition, changed=[line])
    waiting.submit(by=alice)
    return waiting


def test_a_new_content_starts_anew_but_for_what_is_agreed_again(waiting: Disclosure, alice: User, bob: User) -> None:
    for point in ("line:1", "line:2", "scope1_t"):
        note(waiting, bob, point)
    again = resubmitted(waiting, alice, bob)
    assert standing(again) == {}
    assert unchanged_since_agreed(again, again.content()) == {"line:1", "scope1_t"}
    Look.agree_again(again, by=bob, digest=again.digest)
    assert standing(again) == {"line:1": AGREED, "scope1_t": AGREED}
    assert all(look.is_again for look in Look.objects.filter(digest=again.digest))
    with pytest.raises(NotAllowed, match="Nothing that was agreed"):
        Look.agree_again(again, by=bob, digest=again.digest)


def test_what_was_looked_at_since_is_not_agreed_again(waiting: Disclosure, alice: User, bob: User) -> None:
    note(waiting, bob)
    again = resubmitted(waiting, alice, bob)
    note(again, bob, verdict=OUT, words="seen last time")
    assert unchanged_since_agreed(again, again.content()) == set()


# --- who has it ------------------------------------------------------------------------------------------------
def test_the_second_claimer_is_told_who_has_it(waiting: Disclosure, bob: User) -> None:
    Case.claim(waiting, by=bob)
    vera = make.user("vera", Role.VERIFIER)
    with pytest.raises(StaleVersion, match="bob has had this case since"):
        Case.claim(waiting, by=vera)
    with pytest.raises(StaleVersion, match="bob has had this case since"):
        note(waiting, vera)


def test_a_case_is_given_back_by_whoever_has_it(waiting: Disclosure, bob: User) -> None:
    vera = make.user("vera", Role.VERIFIER)
    case = Case.claim(waiting, by=bob)
    with pytest.raises(NotAllowed):
        Case.of(waiting).release(by=vera)
    case.release(by=bob)
    assert Case.claim(waiting, by=vera).assignee == vera


def test_a_case_is_taken_over_once_it_lies_idle_or_handed_back_by_a_reviewer(
    waiting: Disclosure, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    vera, rita = make.user("vera", Role.VERIFIER), make.user("rita", Role.INDEPENDENT_REVIEWER)
    Case.claim(waiting, by=bob)
    with pytest.raises(NotAllowed, match="5 working days"):
        Case.of(waiting).take_over(by=vera)
    Case.of(waiting).take_over(by=rita)
    assert Case.of(waiting).assignee is None
    Case.claim(waiting, by=bob)
    monkeypatch.setattr(Case, "is_idle", True)
    Case.of(waiting).take_over(by=vera)
    assert Case.of(waiting).assignee == vera


def test_an_act_of_whoever_has_it_keeps_a_case_from_lying_idle(waiting: Disclosure, bob: User) -> None:
    case = Case.claim(waiting, by=bob)
    Case.objects.update(claimed_at="2024-01-02T00:00:00Z")
    Disclosure.objects.filter(pk=waiting.pk).update(submitted_at="2024-01-02T00:00:00Z")
    case.refresh_from_db()
    assert Case.of(waiting).is_idle
    note(waiting, bob)
    assert not Case.of(waiting).is_idle


# --- conflict of interest ----------------------------------------------------------------------------------------
def test_a_conflict_of_interest_closes_all_of_the_company(waiting: Disclosure, bob: User) -> None:
    Case.claim(waiting, by=bob)
    declare_conflict(waiting.company, "my brother works there", by=bob)
    assert Case.of(waiting).assignee is None
    assert "conflict of interest" in waiting.objection_to(bob)
    with pytest.raises(NotAllowed, match="conflict of interest"):
        note(waiting, bob)
    with pytest.raises(NotAllowed, match="conflict of interest"):
        make.verify(waiting, bob)


def test_the_database_lets_nobody_verify_with_a_conflict(waiting: Disclosure, bob: User) -> None:
    declare_conflict(waiting.company, "my brother works there", by=bob)
    rows = Disclosure.objects.filter(pk=waiting.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(state="verified", verified_by=bob, verified_at="2026-01-01T00:00Z", frozen_at="2026-01-01T00:00Z")
    with pytest.raises(DatabaseError), transaction.atomic():
        ConflictOfInterest.objects.all().delete()


@pytest.mark.parametrize("reason", ["", "  ", "x" * 401])
def test_a_conflict_needs_a_reason_of_readable_length(waiting: Disclosure, bob: User, reason: str) -> None:
    with pytest.raises(NotAllowed):
        declare_conflict(waiting.company, reason, by=bob)


def test_only_the_verification_side_declares_a_conflict(waiting: Disclosure, alice: User) -> None:
    with pytest.raises(NotAllowed):
        declare_conflict(waiting.company, "mine", by=alice)
