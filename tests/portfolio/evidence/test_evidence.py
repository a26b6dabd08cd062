"""Evidence: looked at before it is kept, kept as it came, and given only to those who may have it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from portfolio import audit
from portfolio.errors import NotAllowed
from portfolio.models import Activity, Company, Disclosure, Evidence, EvidenceContent
from portfolio.typed import files as evidence
from portfolio.typed.fields import EvidenceField
from portfolio.typed.files import EvidenceKind, EvidenceRefused, read_upload, shown_name
from portfolio.typed.uploads import BoundedUpload
from tests import make

pytestmark = pytest.mark.postgres

PDF = b"%PDF-1.7\n1 0 obj\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 20
EXE = b"MZ\x90\x00\x03" + b"\0" * 60


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()


def workbook(parts: dict[str, bytes] | None = None) -> bytes:
    return packed({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>", **(parts or {})})


ENTITY = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
IS_MACRO = (
    b'<Relationships><Relationship Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject"'
    b' Target="harmless.bin"/></Relationships>'
)


def lying(content: bytes, is_bytes: int, says_bytes: int) -> bytes:
    """The same zip, whose directory and part say another size."""
    assert content.count(is_bytes.to_bytes(4, "little")) == 2
    return content.replace(is_bytes.to_bytes(4, "little"), says_bytes.to_bytes(4, "little"))


METERS = "日期,用电量（千瓦时）\n2025-01,12000\n"
TRADITIONAL = "日期,用電量\n2025-01,12000\n"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("电费单.pdf", PDF, EvidenceKind.PDF),
        ("scan.PNG", PNG, EvidenceKind.PNG),
        ("photo.jpeg", JPEG, EvidenceKind.JPEG),
        ("meters.xlsx", workbook(), EvidenceKind.XLSX),
        ("meters.csv", "月份,千瓦时\n1,5\n".encode(), EvidenceKind.CSV),
        ("excel.csv", "\ufeff月份,千瓦时\r\n".encode(), EvidenceKind.CSV),
        *(("meters.csv", METERS.encode(codec), EvidenceKind.CSV) for codec in ("gb18030", "utf-16", "utf-16-le")),
        *(("meters.csv", TRADITIONAL.encode(codec), EvidenceKind.CSV) for codec in ("big5", "utf-16-be", "utf-32")),
        ("compteur.csv", "mois;électricité (kWh)\n2025-01;12,5\n".encode("latin-1"), EvidenceKind.CSV),
        ("счётчик.csv", "месяц,кВт·ч\n2025-01,12000\n".encode("cp1251"), EvidenceKind.CSV),
        ("unicode text.txt", METERS.replace(",", "\t").encode("utf-16"), EvidenceKind.CSV),
        ("text.TXT", METERS.encode("gb18030"), EvidenceKind.CSV),
        ("meters.tsv", METERS.replace(",", "\t").encode(), EvidenceKind.CSV),
        ("one word.csv", "甲钢\n".encode("gbk"), EvidenceKind.CSV),  # reads in several ways, and is kept all the same
        ("scan.pdf", b"\r\n" + PDF, EvidenceKind.PDF),
        ("mail.pdf", "\ufeff".encode() + PDF, EvidenceKind.PDF),
        ("scan.pdf", b" " * 1019 + PDF, EvidenceKind.PDF),
        ("电子发票.ofd", packed({"OFD.xml": b"<x/>", "Doc_0/Document.xml": b"<x/>"}), EvidenceKind.OFD),
    ],
)
def test_a_file_is_kept_for_what_is_inside(name: str, content: bytes, kind: EvidenceKind) -> None:
    upload = read_upload(name, content)
    assert (upload.kind, upload.content, upload.name) == (kind, content, name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bill.pdf", EXE),
        ("bill.exe", EXE),
        ("bill", PDF),
        ("bill.pdf.exe", PDF),
        ("bill.html", b"<script>"),
        ("bill.svg", b"<svg onload=alert(1)>"),
        ("bill.csv", EXE),
        ("bill.txt", EXE),
        ("bill.txt", b"<html><script>alert(1)</script>"),
        ("bill.csv", b"<html><script>alert(1)</script>"),
        ("bill.csv", "<html>千瓦时".encode("gbk")),
        ("bill.csv", "#!/bin/sh\n".encode("utf-16")),
        ("bill.csv", "\x01千瓦时\n".encode("gbk")),
        ("bill.pdf", b"\0" * 1024 + PDF),
        ("bill.pdf", b"<html>no document"),
        ("bill.ofd", workbook()),
        ("bill.ofd", PDF),
        ("bill.ofd", packed({"OFD.xml": b"<x/>", **{f"part{n}": b"" for n in range(200)}})),
        ("bill.ofd", packed({"OFD.xml": b"0" * 5_000_000})),
        ("bill.ofd", packed({"Doc_0/OFD.xml": b"<x/>"})),
        ("bill.xlsx", b"PK\x03\x04 but no zip"),
        ("bill.xlsx", workbook({"xl/vbaProject.bin": b"macro"})),
        ("bill.xlsx", workbook({"XL/VBAPROJECT.BIN": b"macro"})),
        ("bill.xlsx", workbook({"xl/harmless.bin": b"macro", "xl/_rels/workbook.xml.rels": IS_MACRO})),
        ("bill.xlsx", workbook({"XL/Workbook.xml": b"<y/>"})),
        ("bill.xlsx", workbook({"xl/sharedStrings.xml": ENTITY})),
        ("bill.xlsx", workbook({"xl/sharedStrings.xml": ENTITY.decode().encode("utf-16")})),
        ("bill.xlsx", lying(workbook({"xl/big.bin": bytes(3_000_000)}), 3_000_000, 3_000)),
        ("bill.xlsx", lying(workbook({"xl/big.bin": bytes(range(250)) * 4}), 1_000, 2_000)),
        ("bill.xlsx", workbook({f"part{n}": b"" for n in range(200)})),
        ("bill.xlsx", workbook({"xl/bomb.xml": b"0" * 5_000_000})),
        ("bill.png", JPEG),
        ("bill.pdf", b""),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(EvidenceRefused):
        read_upload(name, content)


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    with pytest.raises(EvidenceRefused):
        read_upload("bill.xlsx", packed({"readme.txt": b"no workbook"}))


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (METERS.encode(), "text/csv; charset=utf-8"),
        (METERS.encode("gb18030"), "text/csv; charset=gb18030"),
        (TRADITIONAL.encode("big5"), "text/csv; charset=big5"),
        (METERS.encode("utf-16"), "text/csv; charset=utf-16"),
        ("甲钢\n".encode("gbk"), "application/octet-stream"),
        ("месяц,кВт·ч\n".encode("cp1251"), "application/octet-stream"),
    ],
)
def test_a_table_goes_out_with_its_encoding_or_as_mere_bytes(content: bytes, content_type: str) -> None:
    assert EvidenceKind.CSV.content_type_of(content) == content_type


def test_too_large_is_said_with_the_limit_before_a_byte_is_read() -> None:
    file = SimpleUploadedFile("bill.pdf", PDF)
    file.size = 30 * 1024 * 1024
    file.file.close()  # whoever reads it fails
    with translation.override("en"), pytest.raises(Exception, match=r"30\.0 MB; at most 10 MB"):
        EvidenceField().clean(file)
    with translation.override("en"), pytest.raises(EvidenceRefused, match="at most 10 MB"):
        read_upload("bill.pdf", PDF + b"\0" * evidence.LARGEST_BYTES)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\x\\bill.pdf", "bill.pdf"),
        ("bill\r\nSet-Cookie: x=1.pdf", "billSet-Cookie: x=1.pdf"),
        ("fdp.\u202ellib.pdf", "fdp.llib.pdf"),
        ("", "evidence"),
        ("...", "evidence"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_a_name_is_for_showing_only(sent: str, shown: str) -> None:
    assert shown_name(sent) == shown


@pytest.mark.django_db
@pytest.mark.parametrize(("megabytes", "said"), [(30, "30.0 MB; at most 10 MB"), (11, "11.0 MB; at most 10 MB")])
def test_a_file_that_is_too_large_is_refused_in_words_and_never_held(
    client: Client, megabytes: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = make.company()
    client.force_login(make.alice(company))
    client.cookies["django_language"] = "en"
    held: list[int] = []
    complete = BoundedUpload.file_complete

    def listen(handler: BoundedUpload, size: int) -> Any:
        held.append(handler.held_bytes)
        return complete(handler, size)

    monkeypatch.setattr(BoundedUpload, "file_complete", listen)
    file = SimpleUploadedFile("bill.pdf", PDF + b"\0" * (megabytes * 1024 * 1024 - len(PDF)))
    answer = client.post(reverse("portfolio:local_factor_new"), {"supplier": company.pk, "evidence": file})
    assert said in answer.content.decode()
    assert held and max(held) <= evidence.LARGEST_BYTES


@pytest.mark.django_db
def test_many_files_in_one_request_together_have_one_limit(client: Client) -> None:
    company = make.company()
    client.force_login(make.alice(company))
    files = {f"spare{n}": SimpleUploadedFile("bill.pdf", PDF + b"\0" * 4 * 1024 * 1024) for n in range(4)}
    answer = client.post(reverse("portfolio:local_factor_new"), {"supplier": company.pk, **files})
    sizes = [file.size for file in answer.wsgi_request.FILES.values()]
    assert [size > evidence.LARGEST_BYTES for size in sizes] == [False, False, True, True]


# --- kept ------------------------------------------------------------------------------------------------
def kept(company: Company, by: Any, name: str = "bill.pdf", content: bytes = PDF) -> Evidence:
    return Evidence.keep(read_upload(name, content), company=company, by=by)


@pytest.mark.django_db
def test_the_same_file_is_kept_once_a_company_and_by_its_people_only() -> None:
    company, other = make.company(), make.company("demo-beta")
    alice, mallory = make.alice(company), make.user("mallory", company=other)
    first = kept(company, alice)
    assert kept(company, alice, "again.pdf") == first
    assert kept(other, mallory) != first
    assert first.open(by=alice) == PDF
    with pytest.raises(NotAllowed):
        kept(company, mallory)
    assert (Evidence.objects.count(), EvidenceContent.objects.count()) == (2, 2)


@pytest.mark.django_db
def test_a_file_is_neither_changed_nor_deleted() -> None:
    company = make.company()
    found = kept(company, make.alice(company))
    for change in (
        lambda: Evidence.objects.filter(pk=found.pk).update(name="other.pdf"),
        lambda: EvidenceContent.objects.update(content=b"x"),
        lambda: EvidenceContent.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


@pytest.mark.django_db
def test_who_sees_evidence_is_who_sees_what_cites_it() -> None:
    company = make.company()
    alice, bob, carol = make.alice(company), make.bob(), make.carol()
    found = kept(company, alice)
    draft = make.disclosure(company, state=Disclosure.State.DRAFT)
    draft.add_activity(
        make.citing(Activity(kind="electricity", typed_amount="1", typed_unit="kWh", amount=1.0, unit="kWh"), found),
        by=alice,
        edition=1,
    )

    def sees(user: Any) -> bool:
        return Evidence.objects.visible_to(user).filter(pk=found.pk).exists()

    assert (sees(alice), sees(bob), sees(carol)) == (True, False, False)
    draft.submit(by=alice)
    assert (sees(alice), sees(bob), sees(carol)) == (True, True, False)
    make.verify(draft, bob)
    assert (sees(alice), sees(bob), sees(carol)) == (True, True, True)
    assert not sees(make.user("mallory", company=make.company("demo-beta")))


# --- handed out --------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_file_comes_as_it_was_and_every_reading_is_logged(client: Client) -> None:
    company = make.company()
    alice = make.alice(company)
    found = kept(company, alice, '电费单 "三月".pdf')
    client.force_login(alice)
    before = audit.AuditEvent.objects.count()
    page = client.get(found.get_absolute_url())
    assert (page.status_code, audit.AuditEvent.objects.count()) == (200, before)
    assert found.sha256 in page.content.decode()
    answer = client.post(found.get_absolute_url())
    assert answer.content == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    last = audit.AuditEvent.objects.order_by("-seq")[0]
    assert (last.verb, last.object, last.actor, last.digest) == (
        "evidence.read",
        f"evidence:{found.pk}",
        "alice",
        found.sha256,
    )


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_companys_file_is_not_there(client: Client, method: str) -> None:
    company = make.company()
    found = kept(company, make.alice(company))
    client.force_login(make.user("mallory", company=make.company("demo-beta")))
    assert getattr(client, method)(found.get_absolute_url()).status_code == 404


@pytest.mark.django_db
def test_the_fund_reads_that_there_is_evidence_but_not_the_file(client: Client) -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    found = kept(company, alice)
    draft = make.disclosure(company, state=Disclosure.State.DRAFT)
    line = Activity(kind="electricity", typed_amount="1", typed_unit="kWh", amount=1.0, unit="kWh")
    draft.add_activity(make.citing(line, found), by=alice, edition=1)
    draft.submit(by=alice)
    make.verify(draft, bob)
    client.force_login(make.carol())
    client.cookies["django_language"] = "en"
    page = client.get(found.get_absolute_url()).content.decode()
    assert found.sha256 in page
    assert "ask a submitter of the company" in page
    assert client.post(found.get_absolute_url()).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "kind", "words"), [("en", "Type", "line 1"), ("zh-hans", "文件类型", "第 1 条")])
def test_what_cites_a_file_is_said_in_words(client: Client, language: str, kind: str, words: str) -> None:
    company = make.company()
    alice = make.alice(company)
    found = kept(company, alice)
    draft = make.disclosure(company, state=Disclosure.State.DRAFT)
    line = Activity(
        kind="fuel.diesel@road",
        typed_amount="1",
        typed_unit="t",
        amount=1.0,
        unit="t",
    )
    draft.add_activity(make.citing(line, found, place="A7"), by=alice, edition=1)
    client.force_login(alice)
    client.cookies["django_language"] = language
    page = client.get(found.get_absolute_url()).content.decode()
    assert f"<dt>{kind}</dt>" in page and f"{words} · A7" in page
    assert "fuel.diesel@road" not in page


def test_nothing_of_a_file_name_reaches_the_disk() -> None:
    """The bytes are in the database: no module that keeps or serves evidence opens a path."""
    root = Path(evidence.__file__).parents[1]
    for module in ("typed/files.py", "evidence/views.py", "models/activity.py"):
        source = (root / module).read_text(encoding="utf-8")
        assert "Path(" not in source.replace("PurePosixPath(", "") and ".write_bytes" not in source, module


@pytest.mark.django_db
def test_the_address_is_the_same_for_everyone() -> None:
    company = make.company()
    found = kept(company, make.alice(company))
    assert found.get_absolute_url() == reverse("portfolio:evidence", args=[found.pk])


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_company_has_so_much_room_and_a_full_one_is_told(settings: Any, language: str) -> None:
    settings.EVIDENCE_MB = 1
    company, other = make.company(), make.company("demo-beta")
    alice = make.alice(company)
    first = read_upload("first.pdf", PDF + bytes(700_000))
    kept = Evidence.keep(first, company=company, by=alice)
    with translation.override(language), pytest.raises(EvidenceRefused) as refused:
        Evidence.keep(read_upload("second.pdf", PDF + bytes(600_000)), company=company, by=alice)
    assert "0.7" in str(refused.value)
    assert "0.6" in str(refused.value)
    assert Evidence.keep(first, company=company, by=alice) == kept  # what is there takes no room
    Evidence.keep(read_upload("small.pdf", PDF), company=company, by=alice)
    frank = make.frank(other)
    Evidence.keep(read_upload("second.pdf", PDF + bytes(600_000)), company=other, by=frank)
    assert company.evidence.count() == 2


@pytest.mark.django_db
def test_who_hands_in_too_much_reads_it_at_the_form_and_loses_nothing(client: Client, settings: Any) -> None:
    settings.EVIDENCE_MB = 0
    company = make.company()
    client.force_login(make.alice(company))
    sent = {"question": "exclusion", "answer": "no", "evidence": "our own words"}
    answer = client.post(
        reverse("portfolio:statements", args=[company.pk]),
        sent | {"document": SimpleUploadedFile("own.pdf", PDF)},
        headers={"accept-language": "en"},
    )
    assert answer.status_code in (200, 409, 422)
    page = answer.content.decode()
    assert "evidence has 0.0 MB of the 0 MB" in page
    assert "our own words" in page
    assert not Evidence.objects.exists()
