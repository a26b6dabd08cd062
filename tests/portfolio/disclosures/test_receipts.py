"""Receipts of submissions, and what was declared with them."""

from __future__ import annotations

import hashlib
import io
import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from portfolio.disclosures.receipts import Receipt, receipts_of
from portfolio.errors import StaleVersion
from portfolio.models import Activity, Company, Declaration, Disclosure, Role
from tests import make

State = Disclosure.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return make.company(name_zh="四川龘鑫新材料股份有限公司")


@pytest.fixture
def alice(company: Company) -> User:
    return make.alice(company)


@pytest.fixture
def draft(company: Company, alice: User) -> Disclosure:
    found = make.disclosure(company, state=State.DRAFT, created_by=alice)
    line = Activity(kind="electricity", place="CN-SC", typed_amount="5", typed_unit="MWh", amount=5000.0, unit="kWh")
    found.add_activity(line, by=alice, edition=found.edition)
    found.refresh_from_db()
    return found


@pytest.fixture
def submitted(draft: Disclosure, alice: User) -> Disclosure:
    draft.submit(by=alice)
    return draft


def browser(person: User, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(person)
    return client


def url(name: str, receipt: Receipt) -> str:
    return reverse(f"portfolio:{name}", args=[receipt.number])


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def pdf_text(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


# --- the declaration ---------------------------------------------------------------------------------
def test_the_page_names_both_digests_and_submitting_keeps_them(draft: Disclosure, alice: User) -> None:
    client = browser(alice)
    page = client.get(reverse("portfolio:submit", args=[draft.pk])).content.decode()
    declared = re.search(r'name="declared" value="([0-9a-f]{64})"', page)
    assert declared
    form = {"edition": str(draft.edition), "declared": declared[1], "declaration": "on"}
    response = client.post(reverse("portfolio:submit", args=[draft.pk]), form)
    kept = Declaration.objects.get(step__disclosure=draft)
    assert response.headers["Location"] == reverse("portfolio:receipt", args=[kept.step_id])
    assert sha256(kept.content.encode()) == declared[1] == kept.step.digest
    for digest in (kept.figures_digest, kept.ledger_digest):
        assert len(digest) == 64
        assert digest in page


def test_what_is_declared_is_what_was_on_the_page(draft: Disclosure, alice: User) -> None:
    seen = draft.content_digest()
    draft.boundary = "other words"
    draft.save(update_fields=["boundary"])
    with pytest.raises(StaleVersion):
        draft.submit(by=alice, declared=seen)
    assert not Declaration.objects.exists()


def test_a_ledger_without_lines_has_no_digest(company: Company, alice: User) -> None:
    bare = make.disclosure(company, 2023, state=State.DRAFT, created_by=alice)
    bare.submit(by=alice)
    kept = Declaration.objects.get(step__disclosure=bare)
    assert (kept.figures_digest, kept.ledger_digest) == (kept.step.digest, "")
    receipt = receipts_of(bare)[0]
    assert browser(alice).get(url("receipt_ledger", receipt)).status_code == 404


@pytest.mark.postgres
def test_a_declaration_is_never_edited(submitted: Disclosure) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Declaration.objects.update(content="[]")
    with pytest.raises(DatabaseError), transaction.atomic():
        Declaration.objects.all().delete()


# --- page, files and PDF -----------------------------------------------------------------------------
def test_each_digest_is_of_a_file_that_can_be_downloaded(submitted: Disclosure, alice: User) -> None:
    receipt, client = receipts_of(submitted)[0], browser(alice)
    named = {
        "receipt_signed": submitted.digest,
        "receipt_figures": receipt.figures_digest,
        "receipt_ledger": receipt.ledger_digest,
    }
    page = client.get(url("receipt", receipt)).content.decode()
    for name, digest in named.items():
        assert sha256(client.get(url(name, receipt)).content) == digest
        assert digest in page
    whole = json.loads(client.get(url("receipt_signed", receipt)).content)
    assert json.loads(client.get(url("receipt_ledger", receipt)).content) in whole


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pdf_says_what_the_page_says(submitted: Disclosure, alice: User, language: str) -> None:
    receipt = receipts_of(submitted)[0]
    response = browser(alice, language).get(url("receipt_pdf", receipt))
    short = "zh" if language == "zh-hans" else "en"
    name = rf'attachment; filename="greenlight_receipt_{receipt.number}_\d{{8}}-\d{{4}}_{short}\.pdf"'
    assert re.fullmatch(name, response.headers["Content-Disposition"])
    told = pdf_text(response.content)
    with translation.override(language):
        facts, figures, declared = receipt.facts(), receipt.figures, receipt.declared
    for label, value, _is_code in facts:
        assert label in told
        assert value in told
    assert figures
    for row in figures:
        assert row.label in told
        assert row.value in told
    assert "".join(declared.split()) in "".join(told.split())
    assert "+08:00 (Asia/Shanghai)" in told
    if short == "zh":
        assert "四川龘鑫新材料股份有限公司" in told
        assert "提交回执" in told


def test_a_receipt_stays_what_it_was_when_the_draft_changes(submitted: Disclosure, alice: User) -> None:
    receipt = receipts_of(submitted)[0]
    before = [row.value for row in receipt.figures]
    submitted.return_for_correction(by=make.bob(), reason="page 3", everything=True)
    submitted.figures.update(value=77.0)
    submitted.refresh_from_db()
    submitted.submit(by=alice, answer="corrected")
    newer, older = receipts_of(submitted)
    assert [row.value for row in older.figures] == before
    assert {row.value for row in newer.figures} == {"77"}
    page = browser(alice).get(url("receipt", older)).content.decode()
    assert "has changed since" in page
    assert "has changed since" not in browser(alice).get(url("receipt", newer)).content.decode()


@pytest.fixture
def of_old(draft: Disclosure, alice: User) -> Disclosure:
    """Submitted before declarations were kept."""
    digest = draft.content_digest()
    Disclosure.objects.filter(pk=draft.pk).update(digest=digest)
    draft.refresh_from_db()
    draft.log(alice, "submitted", comment="")
    return draft


def test_an_old_submission_tells_what_its_rows_tell(of_old: Disclosure, alice: User) -> None:
    receipt = receipts_of(of_old)[0]
    assert receipt.figures
    assert receipt.figures_digest
    page = browser(alice).get(url("receipt", receipt)).content.decode()
    assert "before declarations were kept" in page
    of_old.figures.update(value=77.0)
    receipt = receipts_of(of_old)[0]
    assert (receipt.figures, receipt.figures_digest, receipt.text) == ([], "", "")
    client = browser(alice)
    page = client.get(url("receipt", receipt)).content.decode()
    assert of_old.digest in page
    assert "only its digest is" in page
    assert client.get(url("receipt_signed", receipt)).status_code == 404
    assert of_old.digest in pdf_text(client.get(url("receipt_pdf", receipt)).content)


# --- who may -----------------------------------------------------------------------------------------
def test_a_receipt_is_for_the_company_and_those_who_verify(submitted: Disclosure, alice: User) -> None:
    receipt = receipts_of(submitted)[0]
    other = make.user("mallory", company=make.company("demo-beta"))
    manager = make.user("gina", role=Role.FUND_MANAGER)
    answers = {person: browser(person).get(url("receipt", receipt)).status_code for person in (other, manager)}
    assert set(answers.values()) == {404}
    for person in (alice, make.bob()):
        assert browser(person).get(url("receipt", receipt)).status_code == 200


def test_the_api_tells_the_submissions(submitted: Disclosure, alice: User) -> None:
    address = reverse("api:submissions", args=[submitted.pk])
    answer: Any = browser(alice).get(address).json()
    [told] = answer["submissions"]
    assert sha256(told["content"].encode()) == told["digest"] == submitted.digest
    assert told["number"] == receipts_of(submitted)[0].number
    assert told["wording"] == "figures_and_ledger"
