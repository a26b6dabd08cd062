"""Several files show a line or a figure: signed, kept, copied, refused, attached on pages and in files."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from portfolio.errors import Locked, NotAllowed
from portfolio.models import Activity, Citation, Company, Disclosure, Evidence, Figure, Quantity
from portfolio.models.activity import MOST_CITATIONS
from portfolio.models.signed import digest_of
from portfolio.sheets.changes import changes
from portfolio.sheets.reading import read_sheets
from portfolio.sheets.template import workbook
from portfolio.typed.files import read_upload
from tests import make

pytestmark = pytest.mark.django_db
State = Disclosure.State


def bills(company: Company, by: Any, *names: str) -> list[Evidence]:
    return [Evidence.keep(read_upload(name, f"%PDF-1.7 {name}".encode()), company=company, by=by) for name in names]


def line(**facts: Any) -> Activity:
    return Activity(kind="electricity", typed_amount="5", typed_unit="kWh", amount=5.0, unit="kWh", **facts)


def desk() -> tuple[Disclosure, Any, list[Evidence]]:
    company = make.company()
    alice = make.alice(company)
    draft = make.disclosure(company, state=State.DRAFT, created_by=alice)
    return draft, alice, bills(company, alice, "a.pdf", "b.pdf; 3 · c.pdf")


def told(cited: list[Citation]) -> list[tuple[str, str]]:
    return [(one.evidence.name, one.place) for one in cited]


def test_without_or_with_one_file_a_line_is_signed_as_it_always_was() -> None:
    draft, alice, [first, second] = desk()
    rows = [line(), make.citing(line(), first, place="p. 3"), make.citing(line(), first, second)]
    draft.put_activities(by=alice, edition=1, activities=rows)
    bare, one, several = (row.signed()[9] for row in draft.activities.order_by("number"))
    assert bare == ["", ""]
    assert one == [first.sha256, "p. 3"]
    assert several == [[first.sha256, ""], [second.sha256, ""]]


def test_a_figure_adds_to_what_is_signed_only_what_it_cites() -> None:
    draft, alice, [first, second] = desk()
    before = draft.content()
    assert not any("cited" in part for part in before if isinstance(part, dict))
    cited = [Citation(evidence=first, place="p. 1"), Citation(evidence=second), Citation(evidence=first, place="p. 1")]
    draft.cite(Quantity.SCOPE_1, cited, by=alice, edition=1)
    assert draft.content()[-1] == {"cited": [["scope1_t", [[first.sha256, "p. 1"], [second.sha256, ""]]]]}
    draft.cite(Quantity.SCOPE_1, [], by=alice, edition=2)
    assert digest_of(draft.content()) == digest_of(before)


def test_a_new_version_cites_what_the_one_before_did() -> None:
    draft, alice, files = desk()
    draft.add_activity(make.citing(line(), *files, place="p. 2"), by=alice, edition=1)
    draft.cite(Quantity.SCOPE_1, [Citation(evidence=files[0], place="p. 9")], by=alice, edition=2)
    draft.submit(by=alice)
    make.verify(draft, make.bob())
    draft.refresh_from_db()
    copy = draft.new_version(by=alice)
    assert told(copy.activities.get().cited) == told(draft.activities.get().cited) != []
    assert told(copy.cited()["scope1_t"]) == [("a.pdf", "p. 9")]


def test_what_is_frozen_keeps_its_citations() -> None:
    draft, alice, [first, _second] = desk()
    draft.cite(Quantity.SCOPE_1, [Citation(evidence=first)], by=alice, edition=1)
    draft.submit(by=alice)
    make.verify(draft, make.bob())
    for change in (
        lambda: Citation.objects.update(place="p. 4"),
        lambda: Citation.objects.all().delete(),
        lambda: draft.citations.create(quantity="scope1_t", number=9, evidence=first),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_too_many_and_another_companys_are_refused() -> None:
    draft, alice, [first, _second] = desk()
    many = [Citation(evidence=first, place=f"p. {page}") for page in range(MOST_CITATIONS + 1)]
    with pytest.raises(NotAllowed):
        draft.cite(Quantity.SCOPE_1, many, by=alice, edition=1)
    other = make.company("demo-beta")
    [theirs] = bills(other, make.user("mallory", company=other), "x.pdf")
    with pytest.raises(NotAllowed, match="其他企业"):
        draft.cite(Quantity.SCOPE_1, [Citation(evidence=theirs)], by=alice, edition=1)
    assert not Citation.objects.exists()


def test_a_return_keeps_the_evidence_of_what_it_does_not_open() -> None:
    draft, alice, [first, _second] = desk()
    draft.submit(by=alice)
    draft.return_for_correction(by=make.bob(), reason="the grid", also=["scope2_location_t"])
    draft.refresh_from_db()
    with pytest.raises(Locked):
        draft.cite(Quantity.SCOPE_1, [Citation(evidence=first)], by=alice, edition=draft.edition)
    draft.cite(Quantity.SCOPE_2_LOCATION, [Citation(evidence=first)], by=alice, edition=draft.edition)
    assert list(draft.cited()) == ["scope2_location_t"]


def test_our_own_file_changes_nothing_of_what_is_cited() -> None:
    draft, alice, files = desk()
    draft.add_activity(make.citing(line(), *files, place="p. 2; left"), by=alice, edition=1)
    draft.cite(Quantity.SCOPE_1, [Citation(evidence=file) for file in files], by=alice, edition=2)
    found = changes(read_sheets(workbook(draft), draft), draft, lambda lines: {})
    assert (found["wrong"], found["records"], found["figures"], found["missing"]) == ([], [], [], [])
    assert (found["same"], found["figures_missing"]) == (1, [])


@pytest.mark.parametrize(("language", "words"), [("en", "2 files show it"), ("zh-hans", "2 份佐证材料")])
def test_files_are_attached_to_a_figure_on_its_page(client: Client, language: str, words: str) -> None:
    draft, alice, [first, _second] = desk()
    Figure.objects.get_or_create(disclosure=draft, quantity="scope1_t", defaults={"value": 3.0, "typed": "3"})
    client.force_login(alice)
    client.cookies["django_language"] = language
    where = reverse("portfolio:figure_evidence", args=[draft.pk, "scope1_t"])
    new = [SimpleUploadedFile(name, b"%PDF-1.7 " + name.encode()) for name in ("n.pdf", "m.pdf")]
    sent = {"seen": digest_of([])[:16], "cited-attached": new, "cited-attached-place": ["p. 1", "p. 2"]}
    assert client.post(where, sent).status_code == 302
    cited = draft.cited()["scope1_t"]
    assert told(cited) == [("n.pdf", "p. 1"), ("m.pdf", "p. 2")]
    assert words in client.get(draft.get_absolute_url()).content.decode()
    assert client.post(where, {"seen": sent["seen"], "cited-0-evidence": first.pk}).status_code == 409  # too late
    seen = digest_of([one.said_as() for one in cited])[:16]
    rows = {f"cited-{at}-evidence": one.evidence_id for at, one in enumerate(cited)}
    more = {"cited-0-remove": "on", "cited-1-place": "p. 7", "cited-2-evidence": first.pk, "cited-2-place": ""}
    assert client.post(where, {"seen": seen, **rows, **more}).status_code == 302
    assert told(draft.cited()["scope1_t"]) == [("m.pdf", "p. 7"), ("a.pdf", "")]


def test_a_page_without_a_file_is_said_at_its_field(client: Client) -> None:
    draft, alice, _files = desk()
    client.force_login(alice)
    client.cookies["django_language"] = "en"
    where = reverse("portfolio:figure_evidence", args=[draft.pk, "scope1_t"])
    answer = client.post(where, {"seen": digest_of([])[:16], "cited-attached-place": "p. 1"})
    assert "There is no evidence here that it could be in." in answer.content.decode()
    fake = SimpleUploadedFile("bill.pdf", b"MZ not a pdf")
    assert "bill.pdf" in client.post(where, {"seen": digest_of([])[:16], "cited-attached": fake}).content.decode()
    assert not draft.cited()


def test_the_editor_saves_what_is_typed_on_the_way_to_the_evidence(client: Client) -> None:
    draft, alice, _files = desk()
    client.force_login(alice)
    sent = {"edition": draft.edition, "scope1_t": "12", "boundary": "all", "revenue_boundary": "matched"}
    sent["evidence"] = "scope1_t"
    answer = client.post(draft.get_absolute_url(), sent)
    assert answer["Location"] == reverse("portfolio:figure_evidence", args=[draft.pk, "scope1_t"])
    assert draft.figures.get(quantity="scope1_t").value == 12.0
