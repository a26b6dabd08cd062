"""Local factors: supplied by companies, verified by somebody without ties, and then frozen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from portfolio.errors import NotAllowed, StaleVersion
from portfolio.models import Activity, Company, Evidence, LocalFactor
from portfolio.signals import local_factor_verified
from portfolio.typed.files import read_upload
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


PDF = b"%PDF-1.7\n"
FACTS: dict[str, Any] = {
    "kind": "heat",
    "region": "510100",
    "data_year": 2024,
    "purpose": "reporting_default",
    "gas": "CO2",
    "value": 85.5,
    "unit": "GJ",
    "publisher": "Chengdu heat utility",
    "published": date(2025, 3, 1),
    "document": "Annual report 2024, p. 12",
}


def draft(supplier: Company, by: Any, **facts: Any) -> LocalFactor:
    evidence = Evidence.keep(read_upload("report.pdf", PDF), company=supplier, by=by)
    return LocalFactor.start(supplier, by=by, **(FACTS | {"evidence": evidence, "company": supplier} | facts))


def verified(supplier: Company, alice: Any, bob: Any, **facts: Any) -> LocalFactor:
    made = draft(supplier, alice, **facts)
    made.submit(by=alice)
    made.verify(by=bob, digest=made.digest)
    return made


def test_a_factor_is_in_force_once_a_verifier_has_signed_exactly_it() -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    made = draft(company, alice)
    assert not LocalFactor.objects.in_force().exists()
    made.submit(by=alice)
    with pytest.raises(StaleVersion):
        made.verify(by=bob, digest="0" * 64)
    seen: list[LocalFactor] = []

    def listen(factor: LocalFactor, **_given: Any) -> None:
        seen.append(factor)

    local_factor_verified.connect(listen)
    try:
        made.verify(by=bob, digest=made.digest, comment="fits the report")
    finally:
        local_factor_verified.disconnect(listen)
    assert seen == [made] == list(LocalFactor.objects.in_force())
    assert [step.verb for step in made.steps.all()] == ["opened", "submitted", "verified"]


def test_a_verified_factor_is_frozen() -> None:
    company = make.company()
    made = verified(company, make.alice(company), make.bob())
    for change in (
        lambda: LocalFactor.objects.filter(pk=made.pk).update(value=1.0),
        lambda: LocalFactor.objects.filter(pk=made.pk).update(state="draft", verified_by=None, frozen_at=None),
        lambda: made.steps.all().delete(),
    ):
        with pytest.raises(DatabaseError, match=r"never edited|append-only"), transaction.atomic():
            change()
    with pytest.raises(NotAllowed):
        made.revise(by=made.created_by, edition=made.edition, value=1.0)


def test_a_correction_supersedes_when_it_is_verified_and_not_before() -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    first = verified(company, alice, bob)
    second = first.correct(by=alice)
    with pytest.raises(NotAllowed, match="correction already"):
        first.correct(by=alice)
    second.revise(by=alice, edition=second.edition, value=84.0)
    second.submit(by=alice)
    assert list(LocalFactor.objects.in_force()) == [first]
    second.verify(by=bob, digest=second.digest)
    assert list(LocalFactor.objects.in_force()) == [second]
    first.refresh_from_db()
    assert first.value == 85.5


def test_two_factors_under_one_key_cannot_both_stand() -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    verified(company, alice, bob)
    twin = draft(company, alice, value=80.0)
    twin.submit(by=alice)
    with pytest.raises(NotAllowed, match="stands already"):
        twin.verify(by=bob, digest=twin.digest)
    verified(company, alice, bob, company=None)  # for everyone: another ledger, another key


def test_nobody_verifies_what_they_prepared_or_are_tied_to() -> None:
    company = make.company()
    alice = make.alice(company)
    tied = make.user("tied", "verifier", company=company)
    helper = make.user("helper", company=company)
    made = draft(company, alice)
    made.revise(by=helper, edition=1, value=86.0)
    made.submit(by=alice)
    for user in (alice, tied, make.carol(), make.user("henry", "independent_reviewer")):
        with pytest.raises(NotAllowed):
            made.verify(by=user, digest=made.digest)
    helper.memberships.all().delete()
    make.RoleChange.found({helper: "verifier"})
    helper = type(helper).objects.get(pk=helper.pk)
    with pytest.raises(NotAllowed, match="prepared"):
        made.verify(by=helper, digest=made.digest)
    with pytest.raises(IntegrityError, match="factor_verifier_is_not_preparer"), transaction.atomic():
        LocalFactor.objects.filter(pk=made.pk).update(
            state="verified", verified_by=alice, frozen_at="2025-01-01T00:00Z"
        )


def test_whoever_submitted_it_before_a_return_may_not_verify_it() -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    first = make.user("first", company=company, kind="submitter")
    made = draft(company, alice)
    made.submit(by=first)
    made.return_for_correction(by=bob, reason="page 3 says otherwise", digest=made.digest)
    made.submit(by=alice, answer="page 3 is of another year")
    first.memberships.all().delete()
    make.RoleChange.found({first: "verifier"})
    with pytest.raises(NotAllowed, match="prepared"):
        made.verify(by=type(first).objects.get(pk=first.pk), digest=made.digest)


def test_a_submission_needs_a_submitter_and_evidence() -> None:
    company = make.company()
    alice, frank = make.alice(company), make.frank(company)
    made = draft(company, frank)
    with pytest.raises(NotAllowed):
        made.submit(by=frank)
    bare = draft(company, frank, evidence=None, data_year=2023)
    with pytest.raises(NotAllowed, match="evidence"):
        bare.submit(by=alice)


@pytest.mark.parametrize("wrong", [{"value": -1.0}, {"lower95": 80.0}, {"lower95": 90.0, "upper95": 95.0}], ids=str)
def test_the_database_refuses_a_factor_that_cannot_be(wrong: dict[str, Any]) -> None:
    company = make.company()
    made = draft(company, make.alice(company))
    with pytest.raises(IntegrityError), transaction.atomic():
        LocalFactor.objects.filter(pk=made.pk).update(**wrong)


def test_nothing_of_another_company_is_taken() -> None:
    company, other = make.company(), make.company("demo-beta")
    alice, mallory = make.alice(company), make.user("mallory", company=other)
    theirs = Evidence.keep(read_upload("report.pdf", PDF), company=other, by=mallory)
    for wrong in ({"evidence": theirs}, {"company": other}):
        with pytest.raises(NotAllowed):
            draft(company, alice, **wrong)
    with pytest.raises(NotAllowed):
        LocalFactor.start(other, by=alice, **FACTS)


def test_who_sees_a_factor() -> None:
    company = make.company()
    alice, bob, carol = make.alice(company), make.bob(), make.carol()
    mallory = make.user("mallory", company=make.company("demo-beta"))
    own, general = draft(company, alice), draft(company, alice, company=None)

    def sees(user: Any) -> list[LocalFactor]:
        return sorted(LocalFactor.objects.visible_to(user), key=lambda row: row.pk)

    assert [sees(user) for user in (alice, bob, carol, mallory)] == [[own, general], [], [], []]
    for row in (own, general):
        row.submit(by=alice)
    assert [sees(user) for user in (bob, carol, mallory)] == [[own, general], [], []]
    for row in (own, general):
        row.verify(by=bob, digest=row.digest)
    assert [sees(user) for user in (alice, bob, carol, mallory)] == [[own, general]] * 3 + [[general]]


# --- pages ---------------------------------------------------------------------------------------------
TYPED = {name: str(value) for name, value in FACTS.items()} | {"region": "CN-SC"}


def page_of(client: Client, user: Any) -> Client:
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def test_a_factor_goes_its_way_through_the_pages(client: Client) -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    page_of(client, alice)
    file = SimpleUploadedFile("report.pdf", PDF, "application/pdf")
    client.post(reverse("portfolio:local_factor_new"), TYPED | {"supplier": company.pk, "evidence": file})
    made = LocalFactor.objects.get()
    assert (made.value, made.company, made.evidence and made.evidence.name) == (85.5, company, "report.pdf")
    saved = client.post(
        made.get_absolute_url(), TYPED | {"edition": 1, "value": "86", "lower95": "80", "upper95": "90"}
    )
    assert saved.status_code == 302
    made.refresh_from_db()
    assert (made.value, made.lower95, made.evidence is not None) == (86.0, 80.0, True)
    stale = client.post(made.get_absolute_url(), TYPED | {"edition": 1})
    assert stale.status_code == 409
    client.post(reverse("portfolio:local_factor_submit", args=[made.pk]))
    page_of(client, bob)
    listed = client.get(reverse("portfolio:local_factors")).content.decode()
    assert "purchased heat and steam" in listed and "86" in listed
    made.refresh_from_db()
    answer = client.post(
        reverse("portfolio:local_factor_verify", args=[made.pk]),
        {"action": "return", "comment": "which page?", "digest": made.digest},
    )
    assert answer.status_code == 302
    page_of(client, alice)
    assert "which page?" in client.get(made.get_absolute_url()).content.decode()
    client.post(reverse("portfolio:local_factor_submit", args=[made.pk]), {"answer": "page 12"})
    made.refresh_from_db()
    page_of(client, bob)
    client.post(reverse("portfolio:local_factor_verify", args=[made.pk]), {"action": "verify", "digest": made.digest})
    made.refresh_from_db()
    assert made.state == LocalFactor.State.VERIFIED
    page_of(client, alice)
    client.post(reverse("portfolio:local_factor_correct", args=[made.pk]))
    assert LocalFactor.objects.get(supersedes=made).state == LocalFactor.State.DRAFT


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("value", "", "Please type a number"),
        ("value", "-5", "below zero"),
        ("value", "abc", "not a number"),
        ("kind", "fuel.unobtainium", "no activity"),
        ("region", "Atlantis", "no place we know"),
        ("unit", "t", "This activity is counted in: GJ, kWh"),
        ("data_year", "2031", "From 1990 to"),
        ("published", "2023-12-31", "before the year its data are of"),
        ("published", "2031-01-01", "still to come"),
        ("lower95", "80", "Both bounds"),
        ("publisher", "", "required"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(
    client: Client, name: str, typed: str, words: str
) -> None:
    company = make.company()
    page_of(client, make.alice(company))
    file = SimpleUploadedFile("report.pdf", PDF, "application/pdf")
    body = TYPED | {"supplier": company.pk, "evidence": file, name: typed}
    shown = client.post(reverse("portfolio:local_factor_new"), body)
    assert shown.status_code == 200
    assert words in shown.content.decode()
    assert not LocalFactor.objects.exists() and not Evidence.objects.exists()


def test_an_exe_named_pdf_is_refused_at_its_field(client: Client) -> None:
    company = make.company()
    page_of(client, make.alice(company))
    body = TYPED | {"supplier": company.pk, "evidence": SimpleUploadedFile("report.pdf", b"MZ\x90", "application/pdf")}
    shown = client.post(reverse("portfolio:local_factor_new"), body).content.decode()
    assert "not what its name says" in shown
    assert not LocalFactor.objects.exists()


# --- beside the built-in one -----------------------------------------------------------------------------------
# Built in: heat 0.11 tCO2/GJ (NDRC batch 3); Chongqing's grid 0.5227 kg/kWh (MEE-NBS 2022); natural gas in
# the world 56.1 (54.3 to 58.3) kg/GJ and 48 GJ/t (IPCC 2006).
GRID = {"kind": "electricity", "region": "CN-CQ", "data_year": 2022, "purpose": "inventory_average", "unit": "kWh"}
GAS = {"kind": "fuel.natural_gas@manufacturing", "region": "US", "unit": "GJ"}


@pytest.mark.parametrize(
    ("facts", "built_in", "is_far"),
    [
        ({"value": 85.5}, 110.0, False),
        ({"value": 221.0}, 110.0, True),
        ({"value": 54.9}, 110.0, True),
        ({"value": 0.2, "unit": "kWh"}, 110 * 0.0036, False),
        ({"value": 0.11, "unit": "kWh"}, 110 * 0.0036, True),
        (GRID | {"value": 0.5}, 0.5227, False),
        (GRID | {"value": 522.7}, 0.5227, True),
        (GRID | {"value": 5.0, "gas": "CO2e"}, 0.5227, True),
        (GAS | {"value": 58.0}, 56.1, False),
        (GAS | {"value": 59.0}, 56.1, True),  # outside the range of its own, if nearer than two-fold
        (GAS | {"value": 2700.0, "unit": "t"}, 56.1 * 48, False),
        (GAS | {"value": 1.5, "unit": "kg"}, 56.1 * 0.048, True),
        (GAS | {"region": "CN-CQ", "value": 2.16, "unit": "m3@0C"}, 55.539 * 0.038931, False),
    ],
)
def test_a_factor_far_from_the_built_in_one_is_far_either_way(
    facts: dict[str, Any], built_in: float, is_far: bool
) -> None:
    found = LocalFactor(**(FACTS | facts)).built_in()
    assert found is not None
    assert (found.value, found.is_far) == (pytest.approx(built_in), is_far)
    assert found.ratio == pytest.approx(facts["value"] / built_in)


def test_where_nothing_is_built_in_there_is_nothing_to_be_far_from() -> None:
    spend = {"kind": "spend.purchased_goods", "unit": "CNY", "value": 5.0}
    assert LocalFactor(**(FACTS | spend)).built_in() is None


def test_a_far_factor_is_submitted_with_a_reason_that_the_verifier_and_the_ledger_show() -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    made = draft(company, alice, value=500.0)
    with pytest.raises(NotAllowed, match="far from the built-in factor"):
        made.submit(by=alice)
    made.revise(by=alice, edition=made.edition, far_reason="An old <oil> boiler.")
    made.submit(by=alice)
    page = Client(headers={"accept-language": "en"})
    page_of(page, bob)
    shown = page.get(made.get_absolute_url()).content.decode()
    assert "An old &lt;oil&gt; boiler." in shown and "4.55" in shown  # 500 / 110
    made.verify(by=bob, digest=made.digest)
    row = Activity(kind="heat", amount=10.0, unit="GJ", typed_amount="10", typed_unit="GJ", place="510100")
    disclosure = make.disclosure(company, 2025, state="draft", created_by=alice)
    disclosure.add_activity(row, by=alice, edition=disclosure.edition)
    page_of(page, alice)
    why = page.get(reverse("scoring:ledger_why", args=[disclosure.pk, 1])).content.decode()
    assert made.factor_id in why and "An old &lt;oil&gt; boiler." in why


def test_the_form_shows_both_and_asks_why(client: Client) -> None:
    company = make.company()
    page_of(client, make.alice(company))
    typed = TYPED | {"supplier": company.pk, "value": "500"}
    refused = client.post(reverse("portfolio:local_factor_new"), typed)
    assert refused.context["form"].errors["far_reason"][0].startswith("500 here, 110 built in (")
    assert not LocalFactor.objects.exists()
    client.post(reverse("portfolio:local_factor_new"), typed | {"far_reason": "an old oil boiler"})
    assert LocalFactor.objects.get().far_reason == "an old oil boiler"


def test_the_admin_shows_both() -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    made = draft(company, alice, value=500.0, far_reason="an old oil boiler")
    made.submit(by=alice)
    made.verify(by=bob, digest=made.digest)
    admin = Client(headers={"accept-language": "en"})
    page_of(admin, make.erin())
    text = admin.get(reverse("admin:portfolio_localfactor_change", args=[made.pk])).content.decode()
    assert "500 here, 110 built in" in text and "an old oil boiler" in text
