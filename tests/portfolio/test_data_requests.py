"""What the fund asks a company to tell: what is left out, and how it ends: once, for a reason, or by being told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.db.models.functions import Now
from django.utils import timezone, translation

from portfolio.audit import AuditEvent
from portfolio.errors import NotAllowed
from portfolio.models import Asked, Company, DataRequest, Disclosure, Figure, Quantity
from portfolio.models.data_request import FIELDS, field_word, still_to_ask, told
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
EBIT, GRANTS = (2024, Quantity.EBIT.value), (2024, Quantity.GRANTS.value)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def carol() -> User:
    return make.carol()


def handed_in(company: Company, by: User, **figures: float) -> Disclosure:
    """A draft of 2024 with these figures, submitted."""
    draft = make.disclosure(company, 2024, state=Disclosure.State.DRAFT, created_by=by)
    for quantity, value in figures.items():
        Figure.objects.create(disclosure=draft, quantity=quantity, value=value, typed=str(value))
    draft.refresh_from_db()
    draft.submit(by=by)
    return draft


def test_what_is_told_or_asked_already_is_left_out(company: Company, carol: User) -> None:
    make.disclosure(company)
    scope_1 = (2024, Quantity.SCOPE_1.value)
    first = make.data_request(company, carol, scope_1, EBIT)
    assert first.listed == [EBIT]
    assert make.data_request(company, carol, EBIT, GRANTS).listed == [GRANTS]
    with pytest.raises(NotAllowed, match="told or asked for"):
        make.data_request(company, carol, scope_1, EBIT)
    assert still_to_ask(company.pk, [Asked(2023, "ebit_cny"), Asked(*EBIT)]) == [Asked(2023, "ebit_cny")]


def test_electricity_accounts_and_sales_tell_too(company: Company) -> None:
    disclosure = make.disclosure(company, scope_2=None, state=Disclosure.State.DRAFT)
    Figure.objects.create(disclosure=disclosure, quantity=Quantity.ELECTRICITY, value=5.0, typed="5")
    make.solution(disclosure, number=1)
    make.solution(disclosure, number=2, service_per_unit_year=None)
    make.solution(disclosure, number=3, kind="planned", life_years=None)
    assert told([company.pk])[company.pk] == set()  # a draft tells nothing
    on_record = {"state": Disclosure.State.RECORDED, "digest": disclosure.content_digest(), "frozen_at": Now()}
    Disclosure.objects.filter(pk=disclosure.pk).update(**on_record)
    make.financials(company, 2023, 1e9, ebit=5.0, theme_share=0.4, theme_share_is_partial=True)
    known = told([company.pk])[company.pk]
    assert {(2024, "scope2_location_t"), (2024, "solutions.units_sold"), (2024, "solutions.life_years")} <= known
    assert (2024, "solutions.service_per_unit_year") not in known  # one of the two rows does not have it
    assert {one for one in known if one.year == 2023} == {(2023, "revenue_cny"), (2023, "ebit_cny")}


def test_it_is_answered_by_itself_when_all_of_it_is_handed_in(company: Company, carol: User) -> None:
    alice = make.alice(company)
    both, grants = make.data_request(company, carol, EBIT), make.data_request(company, carol, GRANTS)
    other = make.data_request(make.company("other"), carol, EBIT)
    handed_in(company, alice, ebit_cny=7.0)
    for request in (both, grants, other):
        request.refresh_from_db()
    assert (both.state, grants.state, other.state) == ("answered", "open", "open")
    assert both.closed_at is not None and both.closed_by is None
    assert AuditEvent.objects.filter(verb="data_request.answered", object=f"data_request:{both.pk}").count() == 1


def test_accounts_that_are_entered_answer_it(company: Company, carol: User) -> None:
    request = make.data_request(company, carol, EBIT)
    make.financials(company, 2024, ebit=None)
    request.refresh_from_db()
    assert request.is_open
    make.financials(company, 2024, ebit=3.0, source="accounts")
    request.refresh_from_db()
    assert request.state == "answered"


def test_it_ends_once_and_for_a_reason(company: Company, carol: User) -> None:
    alice, frank = make.alice(company), make.frank(company)
    request = make.data_request(company, carol)
    with pytest.raises(NotAllowed, match="reason"):
        request.withdraw(by=carol, reason=" ")
    with pytest.raises(NotAllowed, match="submitter"):
        request.decline(by=frank, reason="secret")
    with pytest.raises(NotAllowed, match="fund manager"):
        request.withdraw(by=alice, reason="no")
    request.decline(by=alice, reason="It is not computed for this year.")
    stale = DataRequest.objects.get(pk=request.pk)
    stale.state = DataRequest.State.OPEN
    with pytest.raises(NotAllowed, match="closed already"):
        stale.withdraw(by=carol, reason="not needed")
    request.refresh_from_db()
    assert (request.state, request.closed_by) == ("declined", alice)
    verbs = AuditEvent.objects.filter(object=f"data_request:{request.pk}").order_by("seq")
    assert [event.verb for event in verbs] == ["data_request.asked", "data_request.declined"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"asked": [(2024, "no_such")]},
        {"asked": [(1066, "ebit_cny")]},
        {"asked": []},
        {"due": timezone.localdate() - timedelta(days=1)},
        {"due": timezone.localdate() + timedelta(days=400)},
        {"note": "x" * 1001},
        {"asked": [(year, field) for year in (2023, 2024) for field in FIELDS]},
    ],
)
def test_a_wrong_question_is_refused_and_nothing_is_written(
    company: Company, carol: User, wrong: dict[str, Any]
) -> None:
    given = {"asked": [EBIT], "due": timezone.localdate()} | wrong
    with pytest.raises(NotAllowed):
        DataRequest.ask(company, [Asked(*one) for one in given.pop("asked")], by=carol, **given)
    assert not DataRequest.objects.exists()


@pytest.mark.parametrize("role", ["committee_member", "verifier", ""])
def test_only_managers_and_administrators_ask(company: Company, role: str) -> None:
    with pytest.raises(NotAllowed):
        make.data_request(company, make.user("someone", role))


def test_what_was_asked_is_never_edited_nor_deleted(company: Company, carol: User) -> None:
    request = make.data_request(company, carol)
    row = DataRequest.objects.filter(pk=request.pk)
    for change in ({"note": "other"}, {"due": timezone.localdate()}, {"asked": []}):
        with pytest.raises(DatabaseError), transaction.atomic():
            row.update(**change)
    request.withdraw(by=carol, reason="asked twice")
    with pytest.raises(DatabaseError), transaction.atomic():
        row.update(state="open")
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()


def test_who_sees_which(company: Company, carol: User) -> None:
    request = make.data_request(company, carol)
    make.data_request(make.company("other"), carol)
    assert [one.pk for one in DataRequest.objects.visible_to(make.alice(company))] == [request.pk]
    assert DataRequest.objects.visible_to(carol).count() == 2
    assert not DataRequest.objects.visible_to(make.bob()).exists()


def test_overdue_is_a_day_that_has_passed(company: Company, carol: User) -> None:
    request = make.data_request(company, carol, due=timezone.localdate())
    assert not request.is_overdue and request.days_left == 0
    make.overdue(request)
    assert request.is_overdue and list(DataRequest.objects.overdue()) == [request]
    request.withdraw(by=carol, reason="too late")
    assert not request.is_overdue


def test_every_field_has_a_word() -> None:
    assert all(field_word(field) for field in FIELDS)
