"""A file is handed in, read by a worker, looked at and imported."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from portfolio.models import Activity, AuditEvent, Disclosure, Quantity, SheetUpload
from portfolio.models.desk.sheet import LEASE, MOST_ATTEMPTS
from scoring.sheets import work
from tests import make
from tests.portfolio.sheets import sheets as filled

pytestmark = pytest.mark.django_db
HEADS = ["Row number", "Activity", "Amount", "Unit", "Month"]


@pytest.fixture
def draft() -> Disclosure:
    company = make.company()
    make.alice(company)
    found = make.disclosure(company, state=Disclosure.State.DRAFT)
    filled.line(found, 1, period_start="2024-01-01", period_end="2024-01-31")
    filled.line(found, 4, period_start="2024-02-01", period_end="2024-02-29")
    return found


@pytest.fixture
def alice(draft: Disclosure, client: Client) -> Client:
    client.login(username="alice", password=make.PASSWORD)
    client.post("/app/language/", {"language": "en", "next": "/"})
    return client


def page(draft: Disclosure, part: str = "") -> str:
    return f"/app/disclosures/{draft.pk}/upload/{part}"


def hand_in(client: Client, draft: Disclosure, rows: list[list[Any]], sheet: str = "Activities") -> SheetUpload:
    file = SimpleUploadedFile("2024.xlsx", filled.sheet_of(rows, sheet))
    assert client.post(page(draft), {"file": file}).status_code == 302
    return draft.sheets.latest("pk")


def read(client: Client, draft: Disclosure, rows: list[list[Any]]) -> SheetUpload:
    found = hand_in(client, draft, rows)
    work.read(found.pk)
    found.refresh_from_db()
    return found


def import_it(client: Client, found: SheetUpload, **more: str) -> Any:
    return client.post(page(found.disclosure, "import/"), {"seen": f"{found.pk}-{found.edition}"} | more)


def amounts(draft: Disclosure) -> dict[int, float | None]:
    return dict(draft.activities.values_list("number", "amount"))


MORE = [HEADS, [4, "electricity", 600, "MWh", 2], ["", "electricity", 7, "MWh", 3]]


def test_a_file_waits_is_read_and_is_imported_when_a_person_says_so(alice: Client, draft: Disclosure) -> None:
    found = hand_in(alice, draft, MORE)
    waiting = alice.get(page(draft))
    assert "every 2s" in waiting.content.decode() and alice.get(page(draft, "progress/")).status_code == 200
    work.read(found.pk)
    assert alice.get(page(draft, "progress/")).status_code == 286
    text = alice.get(page(draft)).content.decode()
    assert "1 new" in text and "1 changed" in text and "500" in text and "600" in text and "tCO₂e" in text
    assert amounts(draft) == {1: 500_000.0, 4: 500_000.0}  # nothing yet
    found.refresh_from_db()
    assert import_it(alice, found).status_code == 302
    assert amounts(draft) == {1: 500_000.0, 4: 600_000.0, 5: 7_000.0}
    draft.refresh_from_db()
    assert draft.edition == 2 and draft.steps.filter(verb="saved").count() == 1
    assert AuditEvent.objects.filter(verb="sheet.imported", digest=found.sha256).exists()
    assert import_it(alice, found).status_code == 409  # twice is once
    assert len(amounts(draft)) == 3


def test_totals_before_and_after_are_told_in_tonnes_and_in_typed_units(alice: Client, draft: Disclosure) -> None:
    outcome = read(alice, draft, MORE).found["outcomes"]["keep"]
    [[_scope, before, after]] = [each for each in outcome["tonnes"] if each[1]]
    assert after / before == pytest.approx(1_107 / 1_000)
    assert outcome["amounts"][0][1:] == ["kWh", 1_000_000.0, 1_107_000.0]


def test_rows_that_are_not_in_the_file_stay_unless_it_is_ticked(alice: Client, draft: Disclosure) -> None:
    found = read(alice, draft, [HEADS, [4, "electricity", 600, "MWh", 2]])
    assert "Take these rows out" in alice.get(page(draft)).content.decode()
    import_it(alice, found)
    assert set(amounts(draft)) == {1, 4}
    found = read(alice, draft, [HEADS, [4, "electricity", 700, "MWh", 2]])
    import_it(alice, found, without_missing="on")
    assert amounts(draft) == {4: 700_000.0}


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("sum", {1: 510_000.0, 4: 500_000.0, 5: 30_000.0}),
        ("replace", {1: 10_000.0, 4: 500_000.0, 5: 20_000.0}),
        ("keep", {1: 500_000.0, 4: 500_000.0, 5: 10_000.0, 6: 10_000.0, 7: 20_000.0}),
    ],
)
def test_what_is_there_twice_is_asked(
    alice: Client, draft: Disclosure, choice: str, expected: dict[int, float]
) -> None:
    rows = [["", "electricity", 10, "MWh", 1], ["", "electricity", 10, "MWh", 5], ["", "electricity", 20, "MWh", 5]]
    found = read(alice, draft, [HEADS, *rows])
    groups = found.found["groups"]
    assert [(group["before"], group["after"]["sum"], group["rows"]) for group in groups] == [
        (500_000.0, 510_000.0, [2]),
        (None, 30_000.0, [3, 4]),
    ]
    assert import_it(alice, found).status_code == 409 and amounts(draft)[1] == 500_000.0
    assert import_it(alice, found, repeats=choice).status_code == 302
    assert amounts(draft) == expected


def test_two_meters_of_one_month_are_two_rows_and_a_file_without_meters_keeps_them(
    alice: Client, draft: Disclosure
) -> None:
    rows = [["", "electricity", 10, "MWh", 1, "003"], ["", "electricity", 10, "MWh", 1, "004"]]
    found = read(alice, draft, [[*HEADS, "Meter or account"], *rows])
    assert found.found["groups"] == []
    import_it(alice, found)
    assert list(draft.activities.values_list("meter", flat=True)) == ["", "", "003", "004"]
    found = read(alice, draft, [HEADS, [5, "electricity", 11, "MWh", 1]])
    import_it(alice, found)
    assert list(draft.activities.filter(number=5).values_list("meter", "amount")) == [("003", 11_000.0)]


def test_faults_keep_everything_out_until_the_other_rows_are_asked_for(alice: Client, draft: Disclosure) -> None:
    found = read(alice, draft, [*MORE, ["", "electricity", "12o", "MWh", 6]])
    text = alice.get(page(draft)).content.decode()
    assert "1 fault" in text and "C4" in text and "letter for a digit" in text
    assert import_it(alice, found).status_code == 409 and len(amounts(draft)) == 2
    assert alice.get(page(draft, "marked/"))["Content-Disposition"].startswith("attachment")
    assert import_it(alice, found, partial="on").status_code == 302 and len(amounts(draft)) == 3


def test_a_draft_that_moved_meanwhile_is_compared_again(alice: Client, draft: Disclosure) -> None:
    found = read(alice, draft, MORE)
    filled.line(draft, 9)
    Disclosure.objects.filter(pk=draft.pk).update(edition=2)
    assert import_it(alice, found).status_code == 409
    assert amounts(draft)[4] == 500_000.0
    found.refresh_from_db()
    assert found.state == SheetUpload.State.WAITING
    work.read(found.pk)
    found.refresh_from_db()
    assert found.edition == 2 and import_it(alice, found).status_code == 302


def test_figures_are_imported_with_their_unit(alice: Client, draft: Disclosure) -> None:
    book = [
        ["Figure", "Value", "Unit"],
        ["Scope 1", "1.3", "kt"],
        ["Revenue of the year", "2亿", ""],
        ["Scope 2, location-based", "", ""],
    ]
    found = hand_in(alice, draft, book, filled.FIGURES)
    work.read(found.pk)
    found.refresh_from_db()
    assert [change["name"] for change in found.found["figures"]] and len(found.found["figures_missing"]) == 1
    import_it(alice, found)
    values = draft.values()
    assert values[Quantity.SCOPE_1] == 1300 and values[Quantity.REVENUE] == 2e8
    assert values[Quantity.SCOPE_2_LOCATION] == 800  # an empty cell takes nothing out


def test_our_own_file_changes_nothing(alice: Client, draft: Disclosure) -> None:
    for address in ("sheets.xlsx", "lines.csv", "figures.csv"):
        answer: Any = alice.get(f"/app/disclosures/{draft.pk}/{address}")
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        alice.post(page(draft), {"file": SimpleUploadedFile(f"own.{address[-4:].strip('.')}", content)})
        work.read(draft.sheets.latest("pk").pk)
        assert "Nothing would change" in alice.get(page(draft)).content.decode()


def test_what_is_no_table_is_refused_with_words_and_limits(alice: Client, draft: Disclosure) -> None:
    for name, content, words in (
        ("x.xlsx", b"MZ\x90\x00", "not what its name says"),
        ("x.pdf", b"%PDF-1.4 hello", ".xlsx or .csv"),
        ("x.csv", b"a" * (11 * 1024 * 1024), "MB"),
    ):
        answer = alice.post(page(draft), {"file": SimpleUploadedFile(name, content)})
        assert answer.status_code == 200 and words in answer.content.decode()
    assert "10 MB and 20,000 rows" in alice.get(page(draft)).content.decode()
    assert not draft.sheets.exists()


def test_a_lost_worker_is_replaced_and_a_file_that_kills_three_is_given_up(alice: Client, draft: Disclosure) -> None:
    found = hand_in(alice, draft, MORE)
    assert found.claim() and not SheetUpload.objects.due().exists()
    for _attempt in range(MOST_ATTEMPTS - 1):
        SheetUpload.objects.filter(pk=found.pk).update(told_at=timezone.now() - 2 * LEASE)
        assert found.claim()
    SheetUpload.objects.filter(pk=found.pk).update(told_at=timezone.now() - 2 * LEASE)
    work.read(found.pk)
    found.refresh_from_db()
    assert found.state == SheetUpload.State.FAILED
    assert "could not be read in time" in alice.get(page(draft)).content.decode()


def test_a_later_file_takes_the_place_of_the_earlier(alice: Client, draft: Disclosure) -> None:
    first = read(alice, draft, MORE)
    hand_in(alice, draft, MORE)
    first.refresh_from_db()
    assert (first.state, bytes(first.content), first.found) == (SheetUpload.State.DROPPED, b"", None)
    assert len(first.sha256) == 64
    alice.post(page(draft, "drop/"))
    assert draft.sheets.latest("pk").state == SheetUpload.State.DROPPED and len(amounts(draft)) == 2


def test_another_company_s_upload_is_not_there(draft: Disclosure, client: Client) -> None:
    make.user("zoe", company=make.company("demo-beta"))
    client.login(username="zoe", password=make.PASSWORD)
    for part in ("", "progress/", "marked/"):
        assert client.get(page(draft, part)).status_code == 404
    assert client.get(f"/app/disclosures/{draft.pk}/sheets.xlsx").status_code == 404


def test_a_submitted_year_can_be_taken_away_and_not_changed(alice: Client, draft: Disclosure) -> None:
    Disclosure.objects.filter(pk=draft.pk).update(state=Disclosure.State.WITHDRAWN)
    assert "not a draft any more" in alice.get(page(draft)).content.decode()
    answer = alice.post(page(draft), {"file": SimpleUploadedFile("a.xlsx", filled.sheet_of(MORE))})
    assert answer.status_code == 200 and not draft.sheets.exists()
    assert alice.get(f"/app/disclosures/{draft.pk}/sheets.xlsx").status_code == 200


def test_faults_are_told_in_the_language_of_the_person(alice: Client, draft: Disclosure) -> None:
    alice.post("/app/language/", {"language": "zh-hans", "next": "/"})
    found = read(alice, draft, [HEADS, ["", "electricity", "12o", "MWh", 6]])
    assert "字母" in found.found["wrong"][0]["suggestion"]
    assert Activity.objects.filter(disclosure=draft).count() == 2
