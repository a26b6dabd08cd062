"""Lines of the ledger: they belong to what is signed, are copied by a correction and frozen with their version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import translation

from portfolio.errors import NotAllowed, StaleVersion
from portfolio.models import Activity, Disclosure, Evidence, Site
from portfolio.typed.files import read_upload
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def line(**facts: Any) -> Activity:
    bought = {"typed_amount": "1,234.05", "typed_unit": "万千瓦时", "amount": 12_340_500.0, "unit": "kWh"}
    return Activity(**({"kind": "electricity", "place": "510100", **bought} | facts))


def site(company: Any, key: str = "plant") -> Site:
    return Site.objects.create(company=company, site_key=key, name="Chengdu plant", **make.SOURCE)


def test_lines_are_numbered_in_their_order_and_an_edition_each_is_counted() -> None:
    company = make.company()
    alice, draft = make.alice(company), make.disclosure(company, state=Disclosure.State.DRAFT)
    draft.put_activities(by=alice, edition=1, activities=[line(), line(kind="heat", unit="GJ", amount=5.0)])
    draft.add_activity(line(note="third"), by=alice, edition=2)
    draft.write_activities(removed=[draft.activities.get(number=2)], by=alice, edition=3)
    draft.add_activity(line(note="fourth"), by=alice, edition=4)
    assert draft.edition == 5
    assert [(row.number, row.note) for row in draft.activities.all()] == [(1, ""), (3, "third"), (4, "fourth")]


def test_a_line_written_on_an_older_edition_is_refused_and_nothing_of_it_stays() -> None:
    company = make.company()
    alice, draft = make.alice(company), make.disclosure(company, state=Disclosure.State.DRAFT)
    draft.add_activity(line(), by=alice, edition=1)
    with pytest.raises(StaleVersion):
        draft.put_activities(by=alice, edition=1, activities=[])
    with pytest.raises(StaleVersion):
        draft.add_activity(line(), by=alice, edition=1)
    assert draft.activities.count() == 1


def test_a_changed_line_keeps_its_number_and_a_line_of_another_disclosure_is_not_there() -> None:
    company = make.company()
    alice, draft = make.alice(company), make.disclosure(company, state=Disclosure.State.DRAFT)
    other = make.disclosure(company, 2023, state=Disclosure.State.DRAFT)
    draft.add_activity(line(), by=alice, edition=1)
    row = draft.activities.get()
    row.amount, row.typed_amount = 2.0, "2"
    draft.write_activities(changed=[row], by=alice, edition=2)
    assert [(found.number, found.amount) for found in draft.activities.all()] == [(1, 2.0)]
    with pytest.raises(StaleVersion):
        other.write_activities(changed=[row], by=alice, edition=1)
    with pytest.raises(StaleVersion):
        other.write_activities(removed=[row], by=alice, edition=1)
    assert Disclosure.objects.get(pk=other.pk).edition == 1


def test_strangers_and_submitted_versions_are_refused() -> None:
    company = make.company()
    alice, draft = make.alice(company), make.disclosure(company, state=Disclosure.State.DRAFT)
    with pytest.raises(NotAllowed):
        draft.add_activity(line(), by=make.bob(), edition=1)
    draft.submit(by=alice)
    with pytest.raises(NotAllowed):
        draft.add_activity(line(), by=alice, edition=draft.edition)


def test_sites_and_evidence_of_another_company_are_refused() -> None:
    company, other = make.company(), make.company("demo-beta")
    alice, draft = make.alice(company), make.disclosure(company, state=Disclosure.State.DRAFT)
    theirs = Evidence.keep(
        read_upload("bill.pdf", b"%PDF-1.7 x"), company=other, by=make.user("mallory", company=other)
    )
    for wrong in (line(site=site(other)), make.citing(line(), theirs)):
        with pytest.raises(NotAllowed, match="another company"):
            draft.add_activity(wrong, by=alice, edition=draft.edition)
    assert not draft.activities.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": None},
        {"amount": -1.0},
        {"unit": ""},
        {"notation": "NE"},
        {"notation": "IE", "amount": None},
        {"notation": "XX", "amount": None},
        {"period_start": "2025-03-01"},
        {"period_start": "2025-03-01", "period_end": "2025-02-01"},
        {"uncertainty_percent": -1.0},
        {"contract_kg_per_kwh": 0.1},
    ],
    ids=str,
)
def test_the_database_refuses_a_line_that_cannot_be(wrong: dict[str, Any]) -> None:
    draft = make.disclosure(make.company(), state=Disclosure.State.DRAFT)
    row = line(disclosure=draft, number=1, **wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("kind", "heat"),
        ("typed_amount", "1234.05"),
        ("amount", 12_340_501.0),
        ("place", "500000"),
        ("note", "from the bill"),
        ("parameters", {"km_per_l": 12.0}),
        ("uncertainty_percent", 5.0),
        ("contract", "certificate"),
    ],
)
def test_everything_of_a_line_is_signed(name: str, other: Any) -> None:
    draft = make.disclosure(make.company(), state=Disclosure.State.DRAFT)
    bare = draft.content_digest()
    row = line(disclosure=draft, number=1)
    row.save()
    before = draft.content_digest()
    assert before != bare
    setattr(row, name, other)
    row.save()
    assert draft.content_digest() != before


def test_a_verifier_signs_the_lines_they_saw() -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    draft = make.disclosure(company, state=Disclosure.State.DRAFT)
    draft.add_activity(line(parameters={"b": 1.0, "a": 2.0}), by=alice, edition=1)
    draft.submit(by=alice)
    Activity.objects.update(amount=1.0)  # as only somebody with the database in hand could
    with pytest.raises(StaleVersion):
        make.verify(draft, bob)
    Activity.objects.update(amount=12_340_500.0)
    make.verify(draft, bob)
    assert draft.state == Disclosure.State.VERIFIED


def test_lines_of_a_frozen_version_are_frozen_and_copied_by_a_correction() -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    draft = make.disclosure(company, state=Disclosure.State.DRAFT)
    draft.add_activity(line(), by=alice, edition=1)
    draft.submit(by=alice)
    make.verify(draft, bob)
    row = draft.activities.get()
    for change in (
        lambda: Activity.objects.filter(pk=row.pk).update(amount=1.0),
        lambda: Activity.objects.filter(pk=row.pk).delete(),
        lambda: line(disclosure=draft, number=2).save(),
    ):
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            change()
    correction = draft.new_version(by=alice)
    [copied] = correction.activities.all()
    assert copied.pk != row.pk
    assert copied.signed() == row.signed()
    assert draft.activities.get() == row
