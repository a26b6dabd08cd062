"""The API of files: evidence, and a company-year that is handed in, read, looked at and imported."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import MULTIPART_CONTENT, encode_multipart

from portfolio.models import Disclosure, Evidence, Scope, SheetUpload, Webhook
from scoring.sheets import work
from tests import make
from tests.api.caller import V1, Caller, is_problem

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 a bill"
BOUNDARY = "BoUnDaRyStRiNg"


def bring(caller: Caller, path: str, name: str, content: bytes, **headers: str) -> Any:
    body = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile(name, content)})
    told = {"Authorization": f"Bearer {caller.token}"} | {
        key.replace("_", "-"): value for key, value in headers.items()
    }
    return caller.generic("POST", V1 + path, body, content_type=MULTIPART_CONTENT, headers=told)


def test_evidence_is_handed_in_once_and_listed() -> None:
    company = make.company()
    alice = Caller(make.alice(company))
    path = f"/companies/{company.company_key}/evidence/"
    made = bring(alice, path, "bill.pdf", PDF, Idempotency_Key="one")
    assert made.status_code == 201, made.content
    said = made.json()
    kept = Evidence.objects.get()
    assert (said["id"], said["name"], said["sha256"]) == (kept.pk, "bill.pdf", kept.sha256)
    assert bring(alice, path, "bill.pdf", PDF, Idempotency_Key="one").json() == said
    assert bring(alice, path, "again.pdf", PDF).json() == said
    assert [row["id"] for row in alice.read(path).json()["results"]] == [kept.pk]


def test_what_is_not_what_its_name_says_or_too_large_is_refused() -> None:
    company = make.company()
    alice = Caller(make.alice(company))
    path = f"/companies/{company.company_key}/evidence/"
    wrong = is_problem(bring(alice, path, "bill.pdf", b"MZ an exe"), 400, "validation_error")
    assert [(one["pointer"], one["code"]) for one in wrong["errors"]] == [("/file", "refused")]
    is_problem(bring(alice, path, "bill.pdf", b"%PDF-1.7 " + b"x" * (11 * 1024 * 1024)), 413, "too_large")
    assert not Evidence.objects.exists()


def test_evidence_is_handed_in_by_the_companys_own_people_with_the_scope() -> None:
    company = make.company()
    alice = make.alice(company)
    path = f"/companies/{company.company_key}/evidence/"
    is_problem(bring(Caller(make.carol()), path, "bill.pdf", PDF), 403, "permission_denied")
    mallory = Caller(make.user("mallory", company=make.company("demo-beta")))
    is_problem(bring(mallory, path, "bill.pdf", PDF), 404, "not_found")
    is_problem(bring(Caller(alice, [Scope.DISCLOSURES_READ]), path, "bill.pdf", PDF), 403, "insufficient_scope")


def test_a_file_is_handed_in_read_looked_at_and_imported() -> None:
    company = make.company()
    person = make.alice(company)
    alice, draft = Caller(person), make.disclosure(company, state=Disclosure.State.DRAFT, created_by=person)
    content = b"Activity,Amount,Unit,Month\nelectricity,100,kWh,1\nelectricity,12o,kWh,2\n"
    made = bring(alice, f"/disclosures/{draft.pk}/uploads/", "year.csv", content)
    assert (made.status_code, made.json()["state"]) == (202, "waiting"), made.content
    where = made["Location"].removeprefix(V1)
    work.read(SheetUpload.objects.get().pk)
    read = alice.read(where)
    found = read.json()["found"]
    assert (read.json()["state"], found["importable"], found["fault_count"], len(found["lines"])) == (
        "read",
        True,
        1,
        1,
    )
    assert found["faults"][0]["row"] == 3
    apply = where + "apply/"
    is_problem(alice.send(apply, {"partial": True}), 428, "precondition_required")
    assert alice.send(apply, {}, If_Match=read["ETag"]).status_code == 409  # it has a fault
    done = alice.send(apply, {"partial": True}, If_Match=read["ETag"])
    assert (done.status_code, done.json()["state"]) == (200, "imported"), done.content
    assert draft.activities.get().amount == 100.0
    assert alice.send(apply, {"partial": True}, If_Match=read["ETag"]).status_code in (409, 412)


def test_another_companys_upload_is_not_there() -> None:
    company = make.company()
    person = make.alice(company)
    draft = make.disclosure(company, state=Disclosure.State.DRAFT, created_by=person)
    made = bring(Caller(person), f"/disclosures/{draft.pk}/uploads/", "year.csv", b"Activity,Amount\n")
    mallory = Caller(make.user("mallory", company=make.company("demo-beta")))
    is_problem(mallory.read(made["Location"].removeprefix(V1)), 404, "not_found")
    is_problem(bring(mallory, f"/disclosures/{draft.pk}/uploads/", "year.csv", b"a"), 404, "not_found")


def test_the_companys_system_is_told_once_a_file_is_read() -> None:
    company = make.company()
    person = make.alice(company)
    hook, _secret = Webhook.register(company, "https://erp.example.com/", ["upload.read"], by=person)
    draft = make.disclosure(company, state=Disclosure.State.DRAFT, created_by=person)
    made = bring(Caller(person), f"/disclosures/{draft.pk}/uploads/", "year.csv", b"Activity,Amount\n")
    upload = SheetUpload.objects.get()
    work.read(upload.pk)
    work.read(upload.pk)  # a message that comes twice
    told = json.loads(hook.deliveries.get().body)
    assert told["data"]["url"].endswith(made["Location"])
    assert (told["type"], told["data"]["upload"]) == ("upload.read", upload.pk)
