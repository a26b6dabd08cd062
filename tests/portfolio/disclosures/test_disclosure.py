"""A disclosure's life: who may move it, what the database refuses, what its digest covers."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, transaction

from portfolio import audit
from portfolio.errors import NotAllowed, StaleVersion
from portfolio.models import AuditEvent, Company, Disclosure, Figure, Membership, Quantity, Role, Step
from portfolio.signals import disclosure_verified
from tests import make

State = Disclosure.State
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


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
def draft(company: Company) -> Disclosure:
    return make.disclosure(company, state=State.DRAFT)


@pytest.fixture
def submitted(draft: Disclosure, alice: User) -> Disclosure:
    draft.submit(by=alice)
    return draft


@pytest.fixture
def verified(submitted: Disclosure, bob: User) -> Disclosure:
    make.verify(submitted, bob)
    return submitted


def revise(disclosure: Disclosure, by: User, *, scope_1: float = 5.0, edition: int | None = None) -> None:
    disclosure.revise(
        by=by,
        edition=disclosure.edition if edition is None else edition,
        boundary="all sites",
        revenue_boundary="matched",
        source_document="report",
        figures=[Figure(quantity=Quantity.SCOPE_1, value=scope_1, typed=str(scope_1))],
    )


# --- starting and writing ----------------------------------------------------------------------------
def test_a_year_is_opened_by_people_of_the_company_only(company: Company, alice: User, bob: User) -> None:
    opened = Disclosure.open_year(company, 2025, by=alice)
    assert (opened.state, opened.version, opened.created_by) == (State.DRAFT, 1, alice)
    with pytest.raises(NotAllowed):
        Disclosure.open_year(company, 2024, by=bob)


@pytest.mark.parametrize("year", [1889, 2999, -1])
def test_a_year_that_cannot_be_disclosed_is_refused(company: Company, alice: User, year: int) -> None:
    with pytest.raises(NotAllowed, match=str(year)):
        Disclosure.open_year(company, year, by=alice)


def test_a_year_that_exists_is_refused_and_named(company: Company, alice: User) -> None:
    make.disclosure(company, 2023)
    with pytest.raises(NotAllowed, match="2023"):
        Disclosure.open_year(company, 2023, by=alice)


def test_a_save_keeps_what_the_figures_carry_and_drops_the_absent(draft: Disclosure, alice: User) -> None:
    revise(draft, alice, scope_1=7.5)
    assert draft.values() == {Quantity.SCOPE_1: 7.5}
    assert draft.edition == 2


def test_a_save_on_an_older_edition_is_refused_and_changes_nothing(draft: Disclosure, alice: User) -> None:
    revise(draft, alice, scope_1=7.5)
    with pytest.raises(StaleVersion):
        revise(Disclosure.objects.get(pk=draft.pk), alice, scope_1=9.0, edition=1)
    assert Disclosure.objects.get(pk=draft.pk).values() == {Quantity.SCOPE_1: 7.5}


def test_a_stranger_cannot_save(draft: Disclosure, bob: User) -> None:
    with pytest.raises(NotAllowed):
        revise(draft, bob)


# --- submitting --------------------------------------------------------------------------------------
def test_submitting_signs_the_content(submitted: Disclosure, alice: User) -> None:
    assert (submitted.state, submitted.submitted_by) == (State.SUBMITTED, alice)
    assert submitted.digest == submitted.content_digest()
    assert submitted.submitted_at is not None


def test_a_contributor_cannot_submit(draft: Disclosure, company: Company) -> None:
    with pytest.raises(NotAllowed):
        draft.submit(by=make.frank(company))
    assert Disclosure.objects.get(pk=draft.pk).state == State.DRAFT


def test_an_incomplete_draft_cannot_be_submitted_and_says_what_lacks(company: Company, alice: User) -> None:
    draft = make.disclosure(company, scope_2=None, boundary=" ", source_document="", state=State.DRAFT)
    assert set(draft.missing_fields()) == {Quantity.SCOPE_2_LOCATION, "boundary", "source_document"}
    with pytest.raises(NotAllowed):
        draft.submit(by=alice)


def test_zero_is_a_figure_and_not_missing(company: Company, alice: User) -> None:
    draft = make.disclosure(company, scope_1=0.0, state=State.DRAFT)
    draft.submit(by=alice)
    assert draft.total_t() == 800.0


def test_of_two_submissions_one_wins(draft: Disclosure, alice: User) -> None:
    other = Disclosure.objects.get(pk=draft.pk)
    draft.submit(by=alice)
    with pytest.raises(StaleVersion):
        other.submit(by=alice)
    assert draft.steps.filter(verb="submitted").count() == 1


def test_a_save_between_reading_and_submitting_refuses_the_submission(draft: Disclosure, alice: User) -> None:
    read = Disclosure.objects.get(pk=draft.pk)
    revise(draft, alice)
    with pytest.raises((StaleVersion, NotAllowed)):
        read.submit(by=alice)


# --- the digest --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "change",
    [
        {"boundary": "one site"},
        {"revenue_boundary": "unstated"},
        {"source": "elsewhere"},
        {"licence": "another"},
        {"source_document": "another report"},
        {"year": 2020},
        {"version": 9},
    ],
)
def test_the_digest_changes_with_every_fact(draft: Disclosure, change: dict[str, Any]) -> None:
    before = draft.content_digest()
    Disclosure.objects.filter(pk=draft.pk).update(**change)
    assert Disclosure.objects.get(pk=draft.pk).content_digest() != before


@pytest.mark.parametrize(
    "change",
    [
        {"value": 1200.0000001},
        {"typed": "1,200"},
        {"basis": "estimated"},
        {"boundary": "one site"},
        {"source": "p. 4"},
        {"note": "restated"},
        {"quantity": "coal_t"},
    ],
)
def test_the_digest_changes_with_every_part_of_a_figure(draft: Disclosure, change: dict[str, Any]) -> None:
    before = draft.content_digest()
    draft.figures.filter(quantity=Quantity.SCOPE_1).update(**change)
    assert Disclosure.objects.get(pk=draft.pk).content_digest() != before


# --- verifying and returning -------------------------------------------------------------------------
def test_verifying_freezes(verified: Disclosure, bob: User) -> None:
    assert (verified.state, verified.verified_by) == (State.VERIFIED, bob)
    assert verified.frozen_at is not None


def test_verifying_twice_is_refused_and_says_who_was_faster(verified: Disclosure) -> None:
    with pytest.raises(StaleVersion, match="rita"):
        make.verify(verified, make.user("second", Role.VERIFIER))


def test_of_two_verifiers_who_both_read_it_one_wins(submitted: Disclosure, bob: User) -> None:
    late = Disclosure.objects.get(pk=submitted.pk)
    make.verify(submitted, bob)
    with pytest.raises(StaleVersion):
        make.verify(late, make.user("second", Role.VERIFIER))
    assert Step.objects.filter(verb="verified").count() == 1


def test_a_digest_that_is_not_what_stands_is_refused(submitted: Disclosure, bob: User) -> None:
    with pytest.raises(StaleVersion):
        make.verify(submitted, bob, digest="0" * 64)
    with pytest.raises(StaleVersion):
        submitted.return_for_correction(by=bob, reason="unit", everything=True, digest="0" * 64)
    assert Disclosure.objects.get(pk=submitted.pk).state == State.SUBMITTED


def test_figures_changed_behind_the_signature_cannot_be_verified(submitted: Disclosure, bob: User) -> None:
    submitted.figures.filter(quantity=Quantity.SCOPE_1).update(value=1.0)
    with pytest.raises(StaleVersion):
        make.verify(submitted, bob)


@pytest.mark.parametrize("role", [r for r in Role.values if r != Role.VERIFIER] + [""])
def test_only_the_verifier_role_verifies(submitted: Disclosure, role: str) -> None:
    person = make.user("somebody", role)
    with pytest.raises(NotAllowed):
        make.verify(submitted, person)
    with pytest.raises(NotAllowed):
        submitted.return_for_correction(by=person, reason="no", everything=True)


def test_a_verifier_who_belongs_to_the_company_is_refused(submitted: Disclosure, company: Company, bob: User) -> None:
    Membership.objects.create(user=bob, company=company, kind="contributor")
    with pytest.raises(NotAllowed):
        make.verify(submitted, bob)


def test_whoever_saved_a_figure_never_verifies_that_year(draft: Disclosure, company: Company, alice: User) -> None:
    """Not even after leaving the company and joining the verifiers."""
    frank = make.frank(company)
    Figure.objects.filter(disclosure=draft).delete()
    draft.revise(
        by=frank,
        edition=draft.edition,
        boundary="all sites",
        revenue_boundary="matched",
        source_document="report",
        figures=[Figure(quantity=q, value=1.0) for q in (Quantity.SCOPE_1, Quantity.SCOPE_2_MARKET)],
    )
    draft.submit(by=alice)
    Membership.objects.filter(user=frank).delete()
    make.RoleChange.found({frank: Role.VERIFIER})
    with pytest.raises(NotAllowed):
        make.opinion(draft, User.objects.get(pk=frank.pk))


def test_the_database_itself_refuses_a_verifier_who_prepared(submitted: Disclosure, alice: User, bob: User) -> None:
    for preparer in ("submitted_by", "created_by"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Disclosure.objects.filter(pk=submitted.pk).update(**{preparer: bob, "verified_by": bob})


def test_the_database_refuses_a_verified_version_without_its_verifier(submitted: Disclosure) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Disclosure.objects.filter(pk=submitted.pk).update(state=State.VERIFIED)


def test_a_return_needs_a_reason_and_opens_the_version_again(submitted: Disclosure, alice: User, bob: User) -> None:
    with pytest.raises(NotAllowed):
        submitted.return_for_correction(by=bob, reason="  ", everything=True)
    submitted.return_for_correction(by=bob, reason="kWh or MWh?", everything=True, digest=submitted.digest)
    assert submitted.state == State.RETURNED
    revise(submitted, alice)
    assert submitted.digest == ""  # the old signature does not cover the new figures


def test_the_signal_is_sent_inside_the_transaction(submitted: Disclosure, bob: User) -> None:
    seen: list[tuple[str, bool]] = []

    def receiver(disclosure: Disclosure, **_signal: Any) -> None:
        stored = Disclosure.objects.get(pk=disclosure.pk)
        seen.append((stored.state, transaction.get_connection().in_atomic_block))

    disclosure_verified.connect(receiver)
    try:
        make.verify(submitted, bob)
    finally:
        disclosure_verified.disconnect(receiver)
    assert seen == [(State.VERIFIED, True)]


def test_a_receiver_that_fails_undoes_the_verification(submitted: Disclosure, bob: User) -> None:
    def receiver(**_signal: Any) -> None:
        raise RuntimeError("no queue")

    disclosure_verified.connect(receiver)
    try:
        with pytest.raises(RuntimeError):
            make.verify(submitted, bob)
    finally:
        disclosure_verified.disconnect(receiver)
    stored = Disclosure.objects.get(pk=submitted.pk)
    assert (stored.state, stored.frozen_at) == (State.SUBMITTED, None)
    assert not Step.objects.filter(verb="verified").exists()
    assert audit.verify().first_bad is None


# --- frozen ------------------------------------------------------------------------------------------
def test_the_database_refuses_to_change_a_frozen_version(verified: Disclosure) -> None:
    for change in (
        lambda: Disclosure.objects.filter(pk=verified.pk).update(boundary="smaller"),
        lambda: Disclosure.objects.filter(pk=verified.pk).update(frozen_at=None),
        lambda: Disclosure.objects.filter(pk=verified.pk)._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_database_refuses_to_change_a_frozen_figure(verified: Disclosure) -> None:
    for change in (
        lambda: Figure.objects.create(disclosure=verified, quantity=Quantity.COAL, value=1.0),
        lambda: Figure.objects.filter(disclosure=verified).update(value=1.0),
        lambda: Figure.objects.filter(disclosure=verified).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_figure_cannot_be_moved_into_or_out_of_a_frozen_version(verified: Disclosure, company: Company) -> None:
    other = make.disclosure(company, 2023, state=State.DRAFT)
    with pytest.raises(DatabaseError), transaction.atomic():
        verified.figures.update(disclosure=other)
    with pytest.raises(DatabaseError), transaction.atomic():
        other.figures.filter(quantity=Quantity.SCOPE_1).update(disclosure=verified, quantity=Quantity.COAL)


def test_steps_are_append_only(submitted: Disclosure) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        submitted.steps.update(comment="other")
    with pytest.raises(DatabaseError), transaction.atomic():
        submitted.steps.all()._raw_delete("default")


# --- versions ----------------------------------------------------------------------------------------
def test_a_correction_is_a_new_version_and_keeps_the_old(verified: Disclosure, alice: User) -> None:
    before = verified.content_digest()
    draft = verified.new_version(by=alice)
    assert (draft.version, draft.state, draft.values()) == (2, State.DRAFT, verified.values())
    assert Disclosure.objects.get(pk=verified.pk).content_digest() == before
    assert list(Disclosure.objects.standing()) == [verified]


def test_one_open_version_at_a_time(verified: Disclosure, alice: User) -> None:
    verified.new_version(by=alice)
    with pytest.raises(NotAllowed):
        verified.new_version(by=alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Disclosure.objects.create(company=verified.company, year=verified.year, version=3, source="x")


def test_an_older_version_is_not_corrected_again(verified: Disclosure, alice: User, bob: User) -> None:
    second = verified.new_version(by=alice)
    second.submit(by=alice)
    make.verify(second, bob)
    with pytest.raises(NotAllowed):
        verified.new_version(by=alice)
    assert list(Disclosure.objects.standing()) == [second]


def test_opening_a_year_twice_at_once_gives_one(company: Company, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    Disclosure.open_year(company, 2025, by=alice)
    monkeypatch.setattr(Disclosure.objects, "filter", lambda **_where: Disclosure.objects.none())
    with pytest.raises(NotAllowed):
        Disclosure.open_year(company, 2025, by=alice)


def test_every_step_is_in_the_audit_log_without_values(verified: Disclosure) -> None:
    events = AuditEvent.objects.filter(object=f"disclosure:{verified.pk}").order_by("seq")
    assert [(event.verb, event.actor, event.detail) for event in events] == [
        ("disclosure.submitted", "alice", ""),
        ("disclosure.verified", "rita", ""),
        ("disclosure.verified_despite", "rita", "3 open"),
    ]
    assert all(event.digest == verified.digest for event in events)
    assert audit.verify().first_bad is None


# --- who sees what -----------------------------------------------------------------------------------
def test_who_sees_a_draft_and_a_verified_version(verified: Disclosure, alice: User, bob: User) -> None:
    draft = verified.new_version(by=alice)
    seen = {
        person.username: set(Disclosure.objects.visible_to(person))
        for person in (alice, bob, make.carol(), make.user("stranger"))
    }
    assert seen == {"alice": {verified, draft}, "bob": {verified}, "carol": {verified}, "stranger": set()}


def test_a_withdrawn_correction_leaves_the_standing_version_and_can_be_opened_again(
    verified: Disclosure, alice: User
) -> None:
    verified.new_version(by=alice).withdraw(by=alice, reason="nothing to correct")
    assert list(Disclosure.objects.standing()) == [verified]
    assert verified.new_version(by=alice).version == verified.version + 2
    assert audit.verify().first_bad is None
