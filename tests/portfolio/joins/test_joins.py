"""Whose figures are these? What a join does to them, and who may say so."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from portfolio.errors import NotAllowed
from portfolio.models import AuditEvent, Company, Disclosure, Financials, Join, JoinDecision, Target
from tests import make

pytestmark = pytest.mark.django_db

AS_OF = date(2025, 6, 30)


@pytest.fixture
def company() -> Company:
    return make.scoreable()


def test_confirmed_not_confirmed_and_identified_figures_count(company: Company) -> None:
    for state in (Join.State.NOT_CONFIRMED, Join.State.CONFIRMED, Join.State.BY_IDENTIFIER, Join.State.BY_HAND):
        Join.objects.all().delete()
        make.join(company, state)
        assert Disclosure.objects.standing().count() == 3
        assert Financials.objects.counting().count() == 3
        assert Target.objects.counting().count() == 1


@pytest.mark.parametrize(
    ("figures", "left"), [("", (0, 0, 0)), ("emissions", (0, 3, 1)), ("financials", (3, 0, 1)), ("targets", (3, 3, 0))]
)
def test_a_rejected_join_sets_its_figures_aside(company: Company, figures: str, left: tuple[int, int, int]) -> None:
    make.join(company, "rejected", figures=figures)
    counts = (
        Disclosure.objects.standing().count(),
        Financials.objects.counting().count(),
        Target.objects.counting().count(),
    )
    assert counts == left


def test_of_another_source_or_company_nothing_is_set_aside(company: Company) -> None:
    make.join(company, "rejected", source="another register")
    other = make.company("other")
    make.join(other, "rejected")
    make.disclosure(other)
    assert set(Disclosure.objects.standing().values_list("company", flat=True)) == {company.pk}


def test_what_is_set_aside_enters_no_score(company: Company) -> None:
    before = make.score(company)
    assert before.emissions_t is not None
    make.join(company, "rejected", figures="emissions")
    after = make.score(company, date(2025, 7, 31))
    assert after.emissions_t is None


def test_a_word_is_kept_with_its_person_and_the_entity(company: Company) -> None:
    join, carol = make.join(company), make.carol()
    assert join.confirm(by=carol, note="same ISIN on page 2")
    said = JoinDecision.objects.get()
    assert (said.by, said.outcome, said.note, said.entity_name) == (
        carol,
        "confirmed",
        "same ISIN on page 2",
        "Shu Guang",
    )
    event = AuditEvent.objects.order_by("seq").last()
    assert event is not None
    assert (event.verb, event.object) == ("join.confirmed", f"company:{company.pk}")
    assert Join.objects.get().state == "confirmed"


def test_the_same_word_twice_is_said_once(company: Company) -> None:
    join, carol = make.join(company), make.carol()
    assert join.confirm(by=carol)
    assert not join.confirm(by=carol)
    assert JoinDecision.objects.count() == 1


def test_a_rejection_can_be_taken_back_and_both_words_stay(company: Company) -> None:
    join, carol = make.join(company), make.carol()
    join.reject(by=carol, note="the document is a subsidiary's")
    assert not Disclosure.objects.standing().exists()
    join.confirm(by=carol)
    assert Disclosure.objects.standing().count() == 3
    assert list(JoinDecision.objects.values_list("outcome", flat=True)) == ["confirmed", "rejected"]


def test_a_rejection_needs_a_reason(company: Company) -> None:
    with pytest.raises(NotAllowed):
        make.join(company).reject(by=make.carol(), note="  ")
    assert Join.objects.get().state == "not_confirmed"


@pytest.mark.parametrize("role", ["", "verifier", "independent_reviewer", "committee_member"])
def test_others_decide_nothing(company: Company, role: str) -> None:
    with pytest.raises(NotAllowed):
        make.join(company).confirm(by=make.user("someone", role))
    assert not JoinDecision.objects.exists()


def test_what_the_source_has_changed_meanwhile_is_not_decided(company: Company) -> None:
    seen = make.join(company)
    Join.objects.update(document_host="another.example.com")
    assert not seen.confirm(by=make.carol())
    assert Join.objects.get().state == "not_confirmed"


def test_decisions_are_never_edited(company: Company) -> None:
    make.join(company).confirm(by=make.carol())
    with pytest.raises(DatabaseError), transaction.atomic():
        JoinDecision.objects.update(note="I never said so")
    with pytest.raises(DatabaseError), transaction.atomic():
        JoinDecision.objects.all().delete()


def test_all_confirmed_asks_whether_a_person_is_waited_for(company: Company) -> None:
    assert company.joins.all_confirmed()  # its own figures: nothing is joined
    make.join(company, "by_identifier")
    make.join(company, "rejected", source="b")
    assert company.joins.all_confirmed()
    waiting = make.join(company, "not_confirmed", source="c")
    assert not company.joins.all_confirmed()
    waiting.confirm(by=make.carol())
    assert company.joins.all_confirmed()
