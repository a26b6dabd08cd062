"""Receipts of stored scores: written, checked without a database, shown, and silent about everybody else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from fund.models import Candidate
from portfolio import guards
from portfolio.models import Disclosure, LocalFactor
from scoring.engine import canonical_json, digest
from scoring.engine.score import receipt as engine
from scoring.models import FactorUse, Score, ScoreItem
from scoring.runs import queue as runs
from scoring.runs import receipts
from tests import make
from tests.api.caller import Caller, is_problem
from tests.conftest import ALL_GUARDS
from tests.engine.score.candidates import tailwind
from tests.engine.score.random_candidates import random_candidates
from tests.engine.score.test_receipt import receipt, with_digests_made_to_fit

ROOT = Path(__file__).resolve().parents[3]
OLD = ROOT / "tests/upgrades/receipt.json"  # of the first method, as 45771db wrote it
PLACE = ("record", "candidacy", "reported", "p_cleared")
GRID = "cn-grid/CN/2022/inventory_average/CO2/MEE-NBS"


def made(facts: Any = None) -> Any:
    """Alice's receipt, a turbine maker's, as plain JSON."""
    return json.loads(canonical_json(receipt(facts or tailwind("alice"))))


def changed(told: Any, place: tuple[str, ...], value: Any) -> Any:
    """A copy with another value there."""
    name, *rest = place
    return told | {name: changed(told[name], tuple(rest), value) if rest else value}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder for receipts, with one that no database made."""
    (tmp_path / "alice.json").write_text(canonical_json(made()), encoding="utf-8")
    return tmp_path


def verify(*paths: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit status and what was said. Without a database mark any query would fail the test."""
    capsys.readouterr()
    try:
        call_command("verify_score", *map(str, paths))
    except SystemExit as ended:
        return int(ended.code or 0), capsys.readouterr().out
    return 0, capsys.readouterr().out


def export(folder: Path, *arguments: str) -> list[Path]:
    call_command("export_receipts", f"--out={folder}", *arguments)
    return sorted(folder.iterdir())


def with_ledger(score_of: str = "demo-alpha", **facts: Any) -> Score:
    """A company whose ledger of 2024, three lines on the national grid, was kept when the year was verified."""
    company = make.scoreable(score_of, **facts)
    kept = make.calculation(Disclosure.objects.get(company=company, year=2024))
    FactorUse.objects.create(calculation=kept, factor_id=GRID, lines=3)
    return make.score(company)


# --- verify_score: no database ---------------------------------------------------------------------------
def test_a_receipt_is_verified_without_a_database(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = verify(files / "alice.json", capsys=capsys)
    assert status == 0
    assert f"{files / 'alice.json'}: identical\n" in said
    assert f"  receipt {made()['digests']['receipt']}, alice, run 7, as of 2026-11-30" in said


@pytest.mark.parametrize("disabled", ["", "X86_V4 AVX512_ICL AVX512_SPR"])
def test_another_processors_logarithms_leave_receipts_identical(tmp_path: Path, disabled: str) -> None:
    """numpy takes other code for them where a processor has AVX-512; some last bits differ, no stored digit does."""
    for i, facts in enumerate(random_candidates(60, seed=12)):
        (tmp_path / f"{i}.json").write_text(canonical_json(made(facts)), encoding="utf-8")
    command = [sys.executable, "manage.py", "verify_score", *sorted(map(str, tmp_path.glob("*.json")))]
    environment = os.environ | {"NPY_DISABLE_CPU_FEATURES": disabled}
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False).stdout
    assert "60 hold, 0 differ, 0 not checked" in said
    assert said.count(": identical\n") == 60


def test_one_bad_file_does_not_stop_the_others(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = made()
    value = told["record"]["candidacy"]["reported"]["p_cleared"]
    texts = {
        "changed": canonical_json(changed(told, PLACE, 99.0)),
        "different": canonical_json(with_digests_made_to_fit(changed(told, PLACE, 99.0))),
        "near": canonical_json(with_digests_made_to_fit(changed(told, PLACE, value * (1 + 1e-10)))),
        "newer": json.dumps(told | {"schema": "greenlight-receipt/3"}),
        "deep": "[" * 100_000,
        "nan": '{"schema": NaN}',
        "empty": "",
    }
    for name, text in texts.items():
        (files / name).write_text(text, encoding="utf-8")
    (files / "bytes").write_bytes(b"\xff\xfe{}")
    (files / "large").write_bytes(b" " * (receipts.LARGEST_BYTES + 1))
    paths = [files / name for name in (*texts, "bytes", "large", "nowhere", "alice.json")]
    status, said = verify(*paths, files, capsys=capsys)
    assert status == 2
    for words in (
        "changed: changed since it was made: the digest of record does not fit",
        f"different: different: record/candidacy/reported/p_cleared is 99.0 in the receipt, {value!r} computed",
        "near: equal within 1e-9",
        "newer: not checked: NotAReceipt: schema is not greenlight-receipt/2: 'greenlight-receipt/3'",
        "deep: not checked: NotAReceipt: nested too deeply",
        "nan: not checked: NotAReceipt: a number that is not finite: 'NaN'",
        "empty: not checked: NotAReceipt: not JSON",
        "bytes: not checked: NotAReceipt: not UTF-8",
        "large: not checked: NotAReceipt: more than 8,000,000 bytes",
        "nowhere: not checked: FileNotFoundError",
        f"{files}: not checked: NotAReceipt: not a file",
        "alice.json: identical",
        "2 hold, 2 differ, 8 not checked",
    ):
        assert words in said


@pytest.mark.parametrize(("name", "status"), [("changed", 1), ("different", 1), ("near", 0)])
def test_the_exit_status_says_whether_it_holds(
    files: Path, capsys: pytest.CaptureFixture[str], name: str, status: int
) -> None:
    told = made()
    value = told["record"]["candidacy"]["reported"]["p_cleared"]
    other = changed(told, PLACE, value * (1 + 1e-10) if name == "near" else 1.0)
    (files / "one").write_text(
        canonical_json(other if name == "changed" else with_digests_made_to_fit(other)), encoding="utf-8"
    )
    assert verify(files / "one", capsys=capsys)[0] == status


def test_another_engine_is_named(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    older = changed(changed(made(), ("versions", "engine"), "0.0.9"), ("record", "engine"), "0.0.9")
    (files / "older").write_text(canonical_json(with_digests_made_to_fit(older)), encoding="utf-8")
    status, said = verify(files / "older", capsys=capsys)
    assert status == 0
    assert "older: identical (made by engine 0.0.9, computed by " in said


def test_a_hostile_receipt_writes_no_second_line(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sly = changed(made(), ("question", "company_key"), "alice\n\x1b[31m/tmp/x: identical")
    (files / "sly").write_text(canonical_json(with_digests_made_to_fit(sly)), encoding="utf-8")
    status, said = verify(files / "sly", capsys=capsys)
    assert status == 1
    assert "\x1b" not in said and len(said.splitlines()) == 2


MOVED_CLOCK = """
import datetime, sys, time
class Day(datetime.date):
    today = classmethod(lambda cls: cls(2199, 12, 31))
class Moment(datetime.datetime):
    now = classmethod(lambda cls, tz=None: cls(2199, 12, 31, tzinfo=tz))
    utcnow = classmethod(lambda cls: cls(2199, 12, 31))
datetime.date, datetime.datetime = Day, Moment
moved = time.time() + 174 * 365.25 * 86400
time.time = lambda: moved
import runpy
from datetime import date
print("today is", date.today())
sys.argv = ["manage.py", "verify_score", *sys.argv[1:]]
runpy.run_path("manage.py", run_name="__main__")
"""


@pytest.mark.slow
def test_neither_clock_nor_locale_nor_time_zone_nor_hash_seed_moves_it(files: Path) -> None:
    """In processes of their own, whose database is nowhere; the digits of the first are those of all."""
    said = []
    for seed, locale, zone in (("0", "C", "UTC"), ("4711", "de_DE.UTF-8", "Pacific/Kiritimati")):
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
            "GREENLIGHT_MODE": "demo",
            "GREENLIGHT_VAR": str(files / "var"),
            "DATABASE_URL": "postgres://nobody@127.0.0.1:9/nowhere",
            "PYTHONHASHSEED": seed,
            "LC_ALL": locale,
            "LANGUAGE": "zh_CN",
            "TZ": zone,
        }
        ended = subprocess.run(
            [sys.executable, "-c", MOVED_CLOCK, str(files / "alice.json")],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ended.returncode == 0, ended.stderr
        said.append(ended.stdout.splitlines())
    assert said[0] == said[1]
    assert said[0][0] == "today is 2199-12-31"
    assert said[0][1].endswith("alice.json: identical")


# --- receipts of the first method ---------------------------------------------------------------------------
def test_a_receipt_of_the_first_method_is_said_to_be_intact(capsys: pytest.CaptureFixture[str]) -> None:
    status, said = verify(OLD, capsys=capsys)
    assert status == 0
    assert f"{OLD}: retired method demo-2: digests intact, not computed again\n" in said


@pytest.mark.parametrize("part", ["inputs", "record", "methodology", "digests"])
def test_one_that_was_changed_since_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str], part: str) -> None:
    told = json.loads(OLD.read_text(encoding="utf-8"))
    other = told[part] | {"receipt" if part == "digests" else "changed": "since"}
    (tmp_path / "old.json").write_text(canonical_json(told | {part: other}), encoding="utf-8")
    status, said = verify(tmp_path / "old.json", capsys=capsys)
    assert status == 1
    name = "receipt" if part == "digests" else part
    assert f"retired method demo-2: the digest of {name} does not fit, not computed again" in said


def test_one_without_its_parts_is_not_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "old.json").write_text('{"schema": "greenlight-receipt/1", "digests": []}', encoding="utf-8")
    status, said = verify(tmp_path / "old.json", capsys=capsys)
    assert (status, "not checked: NotAReceipt" in said) == (2, True)


# --- export_receipts ---------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_every_score_becomes_a_file_that_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scores = [with_ledger(), make.score(make.scoreable("demo-beta")), make.score(make.company("demo-empty"))]
    paths = export(tmp_path / "out")
    assert f"3 receipts in {tmp_path / 'out'}, 0 refused" in capsys.readouterr().out
    assert [path.name for path in paths] == sorted(
        f"receipt-{score.run_id}-{score.company.company_key}.json" for score in scores
    )
    with connection.execute_wrapper(_no_query):
        status, said = verify(*paths, capsys=capsys)
    assert (status, said.count(": identical")) == (0, 3)


def _no_query(*_question: Any) -> Any:
    raise AssertionError("verify_score asked the database")


@pytest.mark.django_db
def test_a_candidates_receipt_holds_and_has_its_bar_sheet() -> None:
    company = make.scoreable()
    Candidate.of(make.fund(), company, by=make.dan())
    score = make.score(company, date(2026, 11, 30))
    made_of_it = receipts.receipt_of(score)
    assert (score.kind, engine.verify(made_of_it).outcome) == ("candidate", "identical")
    assert made_of_it["sheet"] == score.run.bar_sheet.engine().to_json()
    assert made_of_it["digests"]["receipt"] == receipts.digest_of(score)


@pytest.mark.django_db
def test_a_run_a_company_or_the_newest_alone(tmp_path: Path) -> None:
    company = make.scoreable()
    first, second = make.score(company, date(2025, 1, 1)), make.score(company, date(2025, 6, 30))
    make.score(make.scoreable("demo-beta"))
    assert [path.name for path in export(tmp_path / "run", f"--run={first.run_id}")] == [
        f"receipt-{first.run_id}-demo-alpha.json"
    ]
    assert len(export(tmp_path / "company", "--company=demo-alpha")) == 2
    assert [path.name for path in export(tmp_path / "limit", "--company=demo-alpha", "--limit=1")] == [
        f"receipt-{second.run_id}-demo-alpha.json"
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--run=4711"], "There is no run 4711"),
        (["--company=nobody"], "There is no company with the key 'nobody'"),
        (["--limit=0"], "0 is not a whole number of at least 1"),
        ([], "There is no such score"),
    ],
)
def test_what_cannot_be_exported_is_said(tmp_path: Path, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        export(tmp_path, *arguments)


@pytest.mark.django_db
def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    make.score(make.scoreable())
    (tmp_path / "out").write_text("here already")
    with pytest.raises(CommandError, match="out cannot be written"):
        export(tmp_path / "out")
    assert (tmp_path / "out").read_text() == "here already"


@pytest.mark.django_db
def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make.score(make.scoreable())
    old = export(tmp_path)[0].read_bytes()
    monkeypatch.setattr(Path, "replace", _full)
    with pytest.raises(CommandError, match="cannot be written: disk full"):
        export(tmp_path)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [old]


def _full(path: Path, _target: Path) -> None:
    raise OSError(28, "disk full", str(path))


def test_file_names_are_safe_and_never_shared() -> None:
    keys = ["tw-22099131", "../../etc/passwd", "a b", "a-b", "A-b", "中文", "", ".", "x" * 80, "CON"]
    names = [receipts.file_name(12, key) for key in keys]
    assert names[0] == "receipt-12-tw-22099131.json"
    assert len({name.lower() for name in names}) == len(keys)
    for name in names:
        assert "/" not in name and ".." not in name and name.isascii() and len(name) < 120


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_scores(django_assert_num_queries: Any) -> None:
    for key in ("a", "b", "c"):
        with_ledger(key)
    with django_assert_num_queries(3):  # scores, calculations, uses of factors; no bar sheet held on that day
        assert len(list(receipts.receipts(Score.objects.all()))) == 3


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["inputs", "record"])
def test_what_was_changed_in_the_database_leaves_no_receipt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    broken, sound = make.score(make.scoreable("demo-alpha")), make.score(make.scoreable("demo-beta"))
    guards.remove(connection, ALL_GUARDS)
    if what == "inputs":
        item = ScoreItem.objects.get(run=broken.run_id)
        ScoreItem.objects.filter(pk=item.pk).update(inputs=item.inputs.replace("1200.0", "1100.0"))
    else:
        Score.objects.filter(pk=broken.pk).update(record_json=broken.record_json.replace('"peer"', '"pear"'))
    guards.install(connection, ALL_GUARDS)
    with pytest.raises(SystemExit) as ended:
        export(tmp_path)
    assert ended.value.code == 1
    said = capsys.readouterr()
    assert f"score {broken.pk}: its {what} were changed in the database" in said.err
    assert "1 receipts in" in said.out and "1 refused" in said.out
    assert [path.name for path in tmp_path.iterdir()] == [f"receipt-{sound.run_id}-demo-beta.json"]


@pytest.mark.django_db
def test_language_time_zone_and_clock_of_the_export_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    score = with_ledger()
    here = receipts.text_of(receipts.receipt_of(score))
    later = timezone.now().replace(year=2199)
    monkeypatch.setattr(time, "time", lambda: later.timestamp())
    monkeypatch.setattr(timezone, "now", lambda: later)
    with translation.override("en"), timezone.override("Pacific/Kiritimati"):
        assert receipts.text_of(receipts.receipt_of(score)) == here


# --- what it holds, and of whom -----------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_factors_of_the_ledger_behind_the_score_are_in_it() -> None:
    score = with_ledger()
    [ledger] = receipts.receipt_of(score)["ledgers"]
    assert (ledger["year"], ledger["gwp_set"], ledger["scope_2_location_t"]) == (2024, "AR6", 5.0)
    assert ledger["disclosure"] in {year["disclosure"] for year in receipts.receipt_of(score)["inputs"]["years"]}
    [factor] = ledger["factors"]
    # MEE and NBS, announcement of 2024-12: 0.5366 kg CO2/kWh, the national average of 2022
    assert (factor["id"], factor["value"], factor["unit"], factor["lines"]) == (GRID, 0.5366, "kg/kWh", 3)
    assert factor["source"]


@pytest.mark.django_db
def test_a_score_without_a_ledger_has_none() -> None:
    assert receipts.receipt_of(make.score(make.scoreable()))["ledgers"] == []


@pytest.mark.django_db
def test_a_factor_that_the_tables_do_not_hold_has_no_value() -> None:
    score = with_ledger()
    FactorUse.objects.create(calculation=make.Calculation.objects.get(), factor_id="gone/1", lines=1)
    gone = next(each for each in receipts.receipt_of(score)["ledgers"][0]["factors"] if each["id"] == "gone/1")
    assert gone["value"] is None


@pytest.mark.django_db
def test_a_receipt_holds_no_string_of_another_company_nor_of_a_person() -> None:
    """Beta is in the same run and sector, and supplied a factor for everyone on which alpha's ledger rests."""
    alpha = make.scoreable("demo-alpha")
    beta = make.scoreable("zqcanary-key", name_zh="zqcanary zh", name_en="zqcanary en", source="zqcanary source")
    make.target(beta, "zqcanary-target", text="zqcanary")
    alice, mallory = make.alice(alpha), make.user("zqcanary-mallory", company=beta)
    words = {"publisher": "zqcanary utility", "document": "zqcanary, p. 3", "note": "zqcanary"}
    shared = LocalFactor.objects.create(
        supplier=beta, kind="heat", region="CN-SC", data_year=2019, purpose="reporting_default", gas="CO2",
        value=88.5, unit="GJ", published=date(2020, 1, 31), created_by=mallory, **words,
    )  # fmt: skip
    kept = make.calculation(Disclosure.objects.get(company=alpha, year=2024))
    FactorUse.objects.create(calculation=kept, factor_id=shared.factor_id, lines=1)
    run, _new = runs.start([alpha, beta], title="zqcanary title", by=alice, as_of=date(2025, 6, 30))
    runs.drain(run.pk)

    text = receipts.text_of(receipts.receipt_of(Score.objects.get(run=run, company=alpha)))
    assert "zqcanary" not in text
    assert alice.username not in text and alice.email not in text
    [factor] = json.loads(text)["ledgers"][0]["factors"]
    assert (factor["value"], factor["id"]) == (88.5, f"local/another supplier/{shared.pk}")
    assert "zqcanary" in receipts.text_of(receipts.receipt_of(Score.objects.get(run=run, company=beta)))


@pytest.mark.django_db
def test_a_factor_of_ones_own_keeps_its_words() -> None:
    score = with_ledger()
    own = LocalFactor.objects.create(
        supplier=score.company, kind="heat", region="CN-SC", data_year=2019, purpose="reporting_default", gas="CO2",
        value=88.5, unit="GJ", published=date(2020, 1, 31), publisher="the utility", document="report, p. 3",
        created_by=make.alice(score.company),
    )  # fmt: skip
    FactorUse.objects.create(calculation=make.Calculation.objects.get(), factor_id=own.factor_id, lines=1)
    found = next(
        each
        for each in receipts.receipt_of(score)["ledgers"][0]["factors"]
        if each["gas"] == "CO2" and each["value"] == 88.5
    )
    assert (found["id"], found["publisher"], found["source"]) == (own.factor_id, "the utility", "report, p. 3")


# --- page and API --------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_page_shows_the_digest_of_the_file_it_offers(client: Client) -> None:
    score = with_ledger()
    client.force_login(make.carol())
    tab = reverse("dossier_tab_of_run", args=[score.company_id, score.run_id, "record"])
    page = client.get(tab).content.decode()
    url = reverse("receipt", args=[score.company_id, score.run_id])
    answer = client.get(url)
    told = engine.parse(answer.content.decode())
    assert told["digests"]["receipt"] in page
    assert f'href="{url}"' in page
    assert f"script/manage verify_score receipt-{score.run_id}-demo-alpha.json" in page
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"] == f'attachment; filename="receipt-{score.run_id}-demo-alpha.json"'
    assert engine.verify(told).outcome == "identical"


@pytest.mark.django_db
def test_a_file_that_one_has_is_not_sent_again(client: Client) -> None:
    score = make.score(make.scoreable())
    client.force_login(make.carol())
    url = reverse("receipt", args=[score.company_id, score.run_id])
    etag = client.get(url)["ETag"]
    again = client.get(url, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    assert client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.django_db
def test_a_score_of_another_run_or_company_is_not_there(client: Client) -> None:
    alpha, beta = make.score(make.scoreable()), make.score(make.scoreable("demo-beta"))
    client.force_login(make.carol())
    for pk, run in ((alpha.company_id, beta.run_id), (0, alpha.run_id), (alpha.company_id, 0)):
        assert client.get(reverse("receipt", args=[pk, run])).status_code == 404


@pytest.mark.django_db
def test_a_company_reads_no_receipt_not_even_its_own(client: Client) -> None:
    score = make.score(make.scoreable())
    client.force_login(make.alice(score.company))
    assert client.get(reverse("receipt", args=[score.company_id, score.run_id])).status_code == 404


@pytest.mark.django_db
def test_a_record_that_was_changed_is_said_on_the_page_and_by_the_api(client: Client) -> None:
    score = make.score(make.scoreable())
    guards.remove(connection, ALL_GUARDS)
    Score.objects.filter(pk=score.pk).update(digest=digest("another"))
    guards.install(connection, ALL_GUARDS)
    carol = make.carol()
    client.force_login(carol)
    answer = client.get(reverse("receipt", args=[score.company_id, score.run_id]), follow=True)
    assert answer.redirect_chain == [(score.get_absolute_url(), 302)]
    assert str(receipts.REFUSED) in answer.content.decode()
    is_problem(Caller(carol).read(f"/scores/{score.pk}/receipt/"), 409, "conflict")


@pytest.mark.django_db
def test_the_api_gives_the_same_receipt() -> None:
    score = with_ledger()
    carol = Caller(make.carol())
    answer = carol.read(f"/scores/{score.pk}/receipt/")
    assert engine.parse(answer.content.decode()) == receipts.receipt_of(score)
    again = carol.read(f"/scores/{score.pk}/receipt/", If_None_Match=answer["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    is_problem(Caller(make.alice(score.company)).read(f"/scores/{score.pk}/receipt/"), 404, "not_found")
    is_problem(
        Caller(make.dan(), scopes=["companies:read"]).read(f"/scores/{score.pk}/receipt/"), 403, "insufficient_scope"
    )
