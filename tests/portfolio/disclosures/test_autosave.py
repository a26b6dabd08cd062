"""Fields that are saved while they are typed: each is kept, none is written over, the history stays honest."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone, translation

from portfolio import audit
from portfolio.disclosures.autosave import Typed, save_fields
from portfolio.models import AuditEvent, Company, Disclosure, Figure, Membership, Quantity, signed
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def _in_english(settings: Any) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def alice(company: Company) -> User:
    return make.alice(company)


@pytest.fixture
def draft(company: Company) -> Disclosure:
    return make.disclosure(company, state=Disclosure.State.DRAFT)


def save(draft: Disclosure, by: User, **fields: tuple[str, str]) -> Any:
    """save(draft, alice, scope1_t=("1,300", "1200.0")): what is typed, and what stood there."""
    return save_fields(draft, {name.replace("__", "-"): Typed(*given) for name, given in fields.items()}, by=by)


def values(draft: Disclosure) -> dict[str, float | None]:
    return Disclosure.objects.get(pk=draft.pk).values()


def test_one_field_is_written_and_the_others_stay_to_the_last_digit(draft: Disclosure, alice: User) -> None:
    exact = 1234.567890123
    draft.figures.filter(quantity=Quantity.SCOPE_2_LOCATION).update(value=exact, typed="as in the report", note="kept")
    answer = save(draft, alice, scope1_t=("1,300", "1200.0"))
    assert (answer["conflicts"], answer["faults"], answer["edition"]) == ({}, {}, draft.edition + 1)
    assert answer["readings"]["scope1_t"] == "read as 1,300 tCO₂e"
    assert values(draft) == {Quantity.SCOPE_1: 1300, Quantity.SCOPE_2_LOCATION: exact}
    kept = Figure.objects.get(disclosure=draft, quantity=Quantity.SCOPE_2_LOCATION)
    assert (kept.typed, kept.note) == ("as in the report", "kept")


def test_fields_of_two_people_are_both_kept(draft: Disclosure, alice: User) -> None:
    frank = make.frank(draft.company)
    save(draft, alice, scope1_t=("1,300", "1200.0"))
    answer = save(draft, frank, scope2_location_t=("900", "800.0"))  # on the page of before
    assert values(draft) == {Quantity.SCOPE_1: 1300, Quantity.SCOPE_2_LOCATION: 900}
    assert answer["stored"]["scope1_t"] == "1,300"  # so that Frank's page shows it


def test_in_one_field_both_values_come_back_and_nothing_is_written_over(draft: Disclosure, alice: User) -> None:
    frank = make.frank(draft.company)
    save(draft, alice, scope1_t=("1,300", "1200.0"))
    answer = save(draft, frank, scope1_t=("1,250", "1200.0"), boundary=("all plants", "all sites"))
    said = "Another value was saved meanwhile; the last to save was alice."
    assert answer["conflicts"] == {"scope1_t": {"said": said, "mine": "1,250", "theirs": "1,300"}}
    again = save(draft, frank, scope1_t=("1,260", "1200.0"))["conflicts"]
    assert again["scope1_t"]["said"].endswith("was yourself.")  # another window of his
    assert values(draft)[Quantity.SCOPE_1] == 1300
    assert Disclosure.objects.get(pk=draft.pk).boundary == "all plants"
    assert save(draft, frank, scope1_t=("1,250", "1,300"))["conflicts"] == {}  # having seen it, Frank keeps his
    assert values(draft)[Quantity.SCOPE_1] == 1250


def test_the_same_value_from_two_people_is_no_conflict(draft: Disclosure, alice: User) -> None:
    save(draft, alice, scope1_t=("1,300", "1200.0"))
    assert save(draft, alice, scope1_t=("1,300", "1200.0"))["conflicts"] == {}
    assert values(draft)[Quantity.SCOPE_1] == 1300


def test_what_cannot_be_read_is_said_and_the_rest_is_saved(draft: Disclosure, alice: User) -> None:
    answer = save(draft, alice, scope1_t=("about twelve", "1200.0"), source_document=("report, p. 3", "report"))
    assert "about twelve" in answer["faults"]["scope1_t"]
    assert values(draft)[Quantity.SCOPE_1] == 1200
    assert Disclosure.objects.get(pk=draft.pk).source_document == "report, p. 3"


def test_an_emptied_field_takes_the_figure_out_and_a_basis_without_one_waits(draft: Disclosure, alice: User) -> None:
    save(draft, alice, scope1_t=("", "1200.0"))
    assert Quantity.SCOPE_1 not in values(draft)
    assert save(draft, alice, scope1_t__basis=("measured", "reported"))["waiting"] == ["scope1_t-basis"]
    save(draft, alice, scope1_t=("7", ""), scope1_t__basis=("measured", "reported"))
    assert draft.figures.get(quantity=Quantity.SCOPE_1).basis == "measured"


def test_unknown_fields_and_nothing_new_change_nothing(draft: Disclosure, alice: User) -> None:
    save(draft, alice, state=("verified", "draft"), scope1_t=(" 1200.0 ", "1200.0"))
    found = Disclosure.objects.get(pk=draft.pk)
    assert (found.state, found.edition, found.steps.count()) == ("draft", draft.edition, 0)


# --- history -----------------------------------------------------------------------------------------------
def test_what_one_person_types_in_one_go_is_one_step_and_one_event(draft: Disclosure, alice: User) -> None:
    for before, after in (("1200.0", "1,300"), ("1,300", "1,400"), ("1,400", "1,500")):
        save(draft, alice, scope1_t=(after, before))
    assert [(step.verb, step.by) for step in draft.steps.all()] == [("saved", alice)]
    assert AuditEvent.objects.filter(verb="disclosure.saved").count() == 1
    found = Disclosure.objects.get(pk=draft.pk)
    assert found.edition == draft.edition + 3
    assert found.saved_at is not None
    assert audit.verify().first_bad is None


def test_another_person_or_ten_minutes_begin_a_new_step(
    draft: Disclosure, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    frank = make.frank(draft.company)
    save(draft, alice, scope1_t=("1,300", "1200.0"))
    save(draft, frank, scope1_t=("1,400", "1,300"))
    save(draft, alice, scope1_t=("1,500", "1,400"))
    assert [step.by for step in draft.steps.all()] == [alice, frank, alice]
    later = timezone.now() + signed.ONE_STEP + timedelta(seconds=1)
    monkeypatch.setattr(signed.timezone, "now", lambda: later)
    save(draft, alice, scope1_t=("1,600", "1,500"))
    assert draft.steps.count() == 4


def test_a_button_is_a_step_of_its_own(draft: Disclosure, alice: User) -> None:
    save(draft, alice, scope1_t=("1,300", "1200.0"))
    found = Disclosure.objects.get(pk=draft.pk)
    facts = {"boundary": "all", "revenue_boundary": "matched", "source_document": "report"}
    found.revise(by=alice, edition=found.edition, figures=list(found.figures.all()), **facts)
    assert draft.steps.count() == 2


# --- over the wire -----------------------------------------------------------------------------------------
def post(draft: Disclosure, person: User | None, **headers: str) -> Any:
    client = Client(headers={"accept-language": "en", **headers})
    if person:
        client.force_login(person)
    return client.post(f"/app/disclosures/{draft.pk}/fields/", {"scope1_t": "1,300", "was-scope1_t": "1200.0"})


def test_the_page_is_told_what_became_of_it_and_who_else_is_there(draft: Disclosure, alice: User) -> None:
    frank = make.frank(draft.company)
    assert post(draft, frank).json()["others"] == []
    answer = post(draft, alice).json()
    assert (answer["others"], answer["stored"]["scope1_t"]) == (["frank"], "1,300")


def test_a_draft_that_was_submitted_meanwhile_says_so(draft: Disclosure, alice: User) -> None:
    draft.submit(by=alice)
    answer = post(draft, alice)
    assert answer.status_code == 409
    assert "only a draft" in answer.json()["refusal"]


def test_strangers_find_nothing_and_scripts_get_no_log_in_page(draft: Disclosure, alice: User) -> None:
    assert post(draft, make.user("gina", company=make.company("other"))).status_code == 404
    assert post(draft, make.bob()).status_code == 404
    assert post(draft, None).status_code == 302
    late = post(draft, None, **{"hx-request": "true"})
    assert (late.status_code, late.content) == (401, b"")
    assert values(draft)[Quantity.SCOPE_1] == 1200


# --- at once -----------------------------------------------------------------------------------------------
def at_once(draft: Disclosure, people: list[User], quantities: list[Quantity], *, fieldwise: bool) -> list[str]:
    """Each writes a figure of their own at the same moment; the names of what was refused."""
    barrier, refused = threading.Barrier(len(quantities)), []

    def work(by: User, quantity: Quantity) -> None:
        try:
            mine = Disclosure.objects.get(pk=draft.pk)
            barrier.wait(20)
            if fieldwise:
                save_fields(mine, {quantity.value: Typed("7", "")}, by=by)
            else:
                facts = {"boundary": "all", "revenue_boundary": "matched", "source_document": "report"}
                figure = Figure(quantity=quantity, value=7, typed="7")
                mine.revise(by=by, edition=mine.edition, figures=[figure], **facts)
        except Exception as refusal:
            refused.append(type(refusal).__name__)
        finally:
            connection.close()

    pairs = zip(people, quantities, strict=True)
    threads = [threading.Thread(target=work, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return refused


TEN = [quantity for quantity in Quantity if quantity.value.startswith("scope3_")][:10]


@pytest.mark.django_db(transaction=True)
def test_of_ten_fields_saved_at_once_each_is_kept(draft: Disclosure) -> None:
    people = [make.user(f"person{number}", company=draft.company) for number in range(10)]
    assert at_once(draft, people, TEN, fieldwise=True) == []
    assert {quantity: value for quantity, value in values(draft).items() if quantity in TEN} == dict.fromkeys(TEN, 7)
    assert draft.steps.count() == 10  # ten people
    assert audit.verify().first_bad is None


@pytest.mark.django_db(transaction=True)
def test_whole_drafts_saved_at_once_would_lose_nine(draft: Disclosure) -> None:
    """The control: the same race without saving by field."""
    people = [make.user(f"person{number}", company=draft.company) for number in range(10)]
    assert at_once(draft, people, TEN, fieldwise=False) == ["StaleVersion"] * 9


def test_nobody_but_its_people_saves(draft: Disclosure) -> None:
    Membership.objects.all().delete()
    assert post(draft, make.user("gina")).status_code == 404
