"""The tables in force, what people see of them, and new versions of a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import translation

from portfolio import audit
from portfolio.errors import NotAllowed
from portfolio.models import LocalFactor, Role
from scoring import DATA
from scoring.engine.accounting.choice import choose
from scoring.models import FactorImport
from scoring.tables import in_force as factors
from tests import make
from tests.api.caller import Caller
from tests.portfolio.local_factors.test_local_factors import verified as verified_factor

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

TABLE = "cn_electricity.csv"
CHONGQING = "cn-grid/CN-CQ/2022/inventory_average/CO2/MEE-NBS"
Change = Callable[[dict[str, str]], None]


def rows_of(table: str = TABLE) -> list[dict[str, str]]:
    with (DATA / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(folder: Path, rows: list[dict[str, str]], name: str = "grid-2026.csv", encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path = folder / name
    path.write_text(text.getvalue(), encoding=encoding)
    return path


def chongqing(folder: Path, **changes: str) -> Path:
    """A file with the one row of Chongqing 2022, changed."""
    [row] = [
        row
        for row in rows_of()
        if (row["region_code"], row["data_year"], row["purpose"]) == ("CN-CQ", "2022", "inventory_average")
    ]
    return written(folder, [row | changes])


def imported(path: Path, *arguments: str) -> str:
    out = io.StringIO()
    call_command("import_factors", path, *arguments, stdout=out)
    return out.getvalue()


def digest_in(said: str) -> str:
    [line] = [line for line in said.splitlines() if line.startswith("digest of the factors")]
    return line.split()[-1]


def confirmed(path: Path) -> str:
    return imported(path, "--confirm", digest_in(imported(path)), "--by", "dan")


def chosen(as_of: date, year: int = 2022) -> str:
    tables = factors.in_force()
    places = tables.places_of("CN-CQ")
    return choose(
        tables.factors,
        activity="electricity",
        gas="CO2",
        places=places,
        year=year,
        purpose="inventory_average",
        as_of=as_of,
    ).factor.id


@pytest.fixture(autouse=True)
def _nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody types y, and no worker is told."""
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    monkeypatch.setattr("scoring.tables.imports.tell", lambda task: None)


# --- imports ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("table", ["cn_electricity.csv", "ipcc_fuels.csv", "cn_fuels.csv", "us_electricity.csv"])
def test_what_ships_imported_again_changes_nothing(tmp_path: Path, table: str) -> None:
    said = imported(written(tmp_path, rows_of(table)))
    assert f"a version of {table}" in said
    assert "added: 0" in said
    assert said.endswith("Nothing to import.\n")
    assert digest_in(said) == factors.imported().digest


def test_nothing_is_stored_until_it_is_confirmed(tmp_path: Path) -> None:
    path = chongqing(tmp_path, data_year="2024", value="0.5100", published="2026-11-01")
    before = factors.in_force().digest
    said = imported(path)
    assert "added: 1" in said
    assert "cn-grid/CN-CQ/2024/inventory_average/CO2/MEE-NBS  0.51 kg/kWh, published 2026-11-01" in said
    with pytest.raises(CommandError, match="The digest is"):
        imported(path, "--confirm", "0" * 64)
    assert not FactorImport.objects.exists()
    assert factors.in_force().digest == before
    confirmed(path)
    [made] = FactorImport.objects.all()
    assert (made.table, made.added, made.imported_by) == (TABLE, 1, "dan")
    assert chosen(date(2026, 11, 1), 2024).startswith("cn-grid/CN-CQ/2024/")
    assert chosen(date(2026, 10, 31), 2024).startswith("cn-grid/CN-CQ/2023/")
    assert audit.AuditEvent.objects.filter(verb="factors.imported", digest=made.digest).count() == 1


def test_a_y_on_the_terminal_confirms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    imported(chongqing(tmp_path, data_year="2024", published="2026-11-01"))
    assert FactorImport.objects.count() == 1


def test_a_newer_publication_supersedes_from_its_day_on_and_the_older_stays(tmp_path: Path) -> None:
    said = confirmed(chongqing(tmp_path, value="0.6000", published="2026-03-01"))
    assert "superseded by a newer publication: 1" in said
    assert "0.5227 → 0.6 kg/kWh, +14.79 %, published 2024-12-20 → 2026-03-01" in said
    assert chosen(date(2026, 2, 28)) == CHONGQING
    assert chosen(date(2026, 3, 1)) == f"{CHONGQING}@2"
    confirmed(chongqing(tmp_path, value="0.6100", published="2026-04-01"))
    assert chosen(date(2026, 4, 1)) == f"{CHONGQING}@3"


def test_a_corrected_transcription_takes_the_place_of_the_old_row_under_another_id(tmp_path: Path) -> None:
    said = confirmed(chongqing(tmp_path, value="0.5228"))
    assert "changed: 1" in said
    tables = factors.in_force()
    assert CHONGQING not in tables.by_id
    assert tables.by_id[f"{CHONGQING}@2"].value == 0.5228
    assert "unchanged: 1" in imported(chongqing(tmp_path, value="0.5228"))


def test_every_process_sees_an_import_at_once_and_a_rolled_back_one_never() -> None:
    before = factors.in_force()
    with transaction.atomic():
        FactorImport.objects.create(
            name="f",
            table=TABLE,
            content="[]",
            digest="1" * 64,
            added=0,
            changed=0,
            superseded=0,
            unchanged=0,
            imported_by="dan",
        )
        assert factors.in_force().version != before.version
        transaction.set_rollback(True)
    assert factors.in_force() is before


BROKEN: dict[str, tuple[dict[str, str], str]] = {
    "a word for a number": ({"value": "0,5"}, r"cn_electricity\.csv, row 2: value must be a number"),
    "negative": ({"value": "-0.5"}, r"row cn_electricity\.csv:2 .*not below zero"),
    "another unit": ({"unit": "lb/MWh"}, r"row 2: unit must be one of"),
    "a slipped digit": ({"value": "5.227"}, r"outside .* plausible here: 5.227"),
    "no source": ({"source": ""}, r"row cn_electricity\.csv:2 .*no source"),
    "no date": ({"published": ""}, r"no date of publication"),
    "a day that is none": ({"published": "2024-13-01"}, r"row 2: "),
    "published before its year": ({"data_year": "2025"}, r"published before the year it is about"),
    "an unknown region": ({"region_code": "CN-XX"}, r"a region that regions.csv lacks: 'CN-XX'"),
    "an unknown check": ({"verification": "trust me"}, r"an unknown word for the verification: 'trust me'"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_row_is_named_and_nothing_is_stored(tmp_path: Path, what: str) -> None:
    changes, message = BROKEN[what]
    with pytest.raises(CommandError, match=message):
        imported(chongqing(tmp_path, **changes))
    assert not FactorImport.objects.exists()


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"Nearest: cn_electricity\.csv, which has activity,region_code"):
        imported(written(tmp_path, [{"region_code": "CN", "value": "1"}]))
    path = written(tmp_path, rows_of())
    path.write_bytes(path.read_bytes() + b"\xff\xff")
    with pytest.raises(CommandError, match="a file in UTF-8"):
        imported(path)
    path.write_bytes(path.read_bytes()[:-2].replace(b",", b";") + b"1,5" + b";x" * 3)
    with pytest.raises(CommandError):
        imported(path)
    with pytest.raises(CommandError, match="There is no file"):
        imported(tmp_path / "none.csv")
    twice = rows_of()[:1] * 2
    with pytest.raises(CommandError, match="twice"):
        imported(written(tmp_path, twice))


def test_warming_potentials_are_not_imported(tmp_path: Path) -> None:
    path = tmp_path / "gwp-ar7.csv"
    path.write_bytes((DATA / "gwp.csv").read_bytes())
    with pytest.raises(CommandError, match="comes with a release"):
        imported(path)


def test_a_factor_for_flights_can_be_imported(tmp_path: Path) -> None:
    row = {
        "activity": "travel.air", "region_code": "WORLD", "data_year": "2024", "purpose": "reporting_default",
        "gas": "CO2e", "value": "0.15", "lower95": "", "upper95": "", "unit": "kg/pkm", "publisher": "Carol",
        "published": "2025-06-01", "guideline": "", "source": "made up", "licence": "none",
        "verification": "imported", "note": "",
    }  # fmt: skip
    path = tmp_path / "flights.csv"
    for wrong, message in (
        ({"unit": "kg/kWh"}, "unit must be one of"),
        ({"activity": "travel.rocket"}, "activity must be"),
    ):
        path.write_text(",".join(row) + "\n" + ",".join((row | wrong).values()) + "\n", encoding="utf-8")
        with pytest.raises(CommandError, match=message):
            imported(path)
    path.write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n", encoding="utf-8")
    confirmed(path)
    found = factors.in_force().factors.at("travel.air", "CO2e", "reporting_default", "WORLD")
    assert [(each.value, each.unit, each.default_percent) for each in found] == [(0.15, "kg/pkm", 30)]


def test_an_import_that_would_tie_with_a_local_factor_is_refused(tmp_path: Path) -> None:
    own = make.company("own")
    facts = {"kind": "electricity", "region": "CN-XZ", "data_year": 2022, "purpose": "inventory_average"}
    facts |= {"unit": "kWh", "value": 0.1, "published": date(2025, 3, 1), "far_reason": "measured"}
    local = verified_factor(own, make.alice(own), make.bob(), company=None, **facts)
    row = rows_of()[0] | {"region_code": "CN-XZ", "data_year": "2022", "published": "2025-01-01"}
    with pytest.raises(CommandError, match=f"stand beside the verified local factor {local.factor_id}"):
        imported(written(tmp_path, [row]))
    assert not FactorImport.objects.exists()


def test_excels_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert "unchanged: 120" in imported(written(tmp_path, rows_of(), encoding="utf-8-sig"))


def test_an_import_is_never_edited(tmp_path: Path) -> None:
    confirmed(chongqing(tmp_path, value="0.6000", published="2026-03-01"))
    for change in (lambda: FactorImport.objects.update(content="[]"), lambda: FactorImport.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


# --- local factors -----------------------------------------------------------------------------------------
def test_a_verified_local_factor_is_in_force_for_those_it_is_for() -> None:
    own, other = make.company("own"), make.company("other")
    alice, bob = make.alice(own), make.bob()
    assert factors.in_force(own) is factors.in_force()
    made = verified_factor(own, alice, bob)  # heat of Chengdu, for its supplier alone
    assert made.factor_id in factors.in_force(own).by_id
    assert made.factor_id not in factors.in_force(other).by_id
    assert made.factor_id not in factors.in_force().by_id
    assert heat_at("510100", own) == made.factor_id
    assert heat_at("510100", other) == "cn-heat/CN/CO2/NDRC-batch-3"
    assert heat_at("510700", own) == "cn-heat/CN/CO2/NDRC-batch-3"  # Mianyang: another place


def test_a_local_factor_for_everyone_is_in_force_for_everyone() -> None:
    own, other = make.company("own"), make.company("other")
    made = verified_factor(own, make.alice(own), make.bob(), company=None)
    assert heat_at("510100", other) == made.factor_id
    assert factors.in_force().by_id[made.factor_id].verification == "verified_locally"


def test_a_local_factor_that_would_tie_with_a_published_one_cannot_come_into_force() -> None:
    own = make.company("own")
    alice, bob = make.alice(own), make.bob()
    facts = {"kind": "electricity", "region": "CN-CQ", "data_year": 2022, "purpose": "inventory_average"}
    facts |= {"unit": "kWh", "value": 0.4, "published": date(2025, 3, 1)}
    with pytest.raises(NotAllowed, match=CHONGQING):
        verified_factor(own, alice, bob, company=None, **facts)
    assert not LocalFactor.objects.in_force().exists()
    made = verified_factor(own, alice, bob, **facts)  # for its own ledger it comes first, so nothing ties
    tables = factors.in_force(own)
    assert factors.rivals(tables.factors, tables.by_id[made.factor_id]) == []


def heat_at(code: str, company: Any) -> str:
    tables = factors.in_force(company)
    return choose(
        tables.factors,
        activity="heat",
        gas="CO2",
        places=tables.places_of(code),
        year=2024,
        purpose="reporting_default",
        as_of=date(2026, 1, 1),
    ).factor.id


# --- pages -------------------------------------------------------------------------------------------------
def reader(person: Any, language: str = "en") -> Client:
    client = Client()
    client.cookies["django_language"] = language
    client.force_login(person)
    return client


@pytest.mark.parametrize("role", ["", *Role.values])
def test_everyone_who_is_signed_in_reads_the_factors(role: str) -> None:
    client = reader(make.user("reader", role))
    assert client.get("/app/factors/").status_code == 200
    page = client.get(f"/app/factors/{CHONGQING}/").content.decode()
    for words in ("0.5227", "Chongqing", "2024-12-20", "MEE &amp; NBS Announcement No.33 of 2024", "location-based"):
        assert words in page
    assert Client().get("/app/factors/").status_code == 302
    assert client.get("/app/factors/no/such/factor/").status_code == 404


def test_the_list_is_narrowed_by_words_and_filters() -> None:
    client = reader(make.user("reader"))
    browser = client.get("/app/factors/?q=chongqing&year=2022&purpose=inventory_average").context["browser"]
    assert [row.factor.id for row in browser.rows] == [CHONGQING]
    browser = client.get("/app/factors/?verification=not_verified").context["browser"]
    assert browser.total == browser.unverified > 0
    assert all(row.is_unverified for row in browser.rows)
    page = client.get("/app/factors/?q=zzz").content.decode()
    assert "No factor matches" in page


def test_a_bad_filter_is_named_and_dropped() -> None:
    client = reader(make.user("reader"))
    page = client.get(f"/app/factors/?gas={'x' * 201}&colour=green&page=999").content.decode()
    for words in ("xxx” is not possible for “Gas”", "no filter named “colour”", "There is no page 999"):
        assert words in page
    page = client.get("/app/factors/?gas=air").content.decode()
    assert "No factor matches" in page
    assert "Gas: air" in page


@pytest.mark.parametrize(
    "query", ["", "page=2", "q=grid&year=2022", "gas=CH4&page_size=7&page=3", "verification=not_verified", "gas=air"]
)
def test_the_api_gives_the_rows_of_the_page(query: str) -> None:
    nora = make.user("nora")
    shown = reader(nora).get(f"/app/factors/?{query}").context["browser"].rows
    said = Caller(nora).read(f"/factors/?{query}").json()["results"]
    assert [row.factor.id for row in shown] == [row["id"] for row in said]


def test_an_unverified_number_is_shown_as_such() -> None:
    client = reader(make.user("reader"))
    row = client.get("/app/factors/?verification=not_verified").context["browser"].rows[0]
    page = client.get(row.href).content.decode()
    assert "Not verified." in page
    assert "check the document before you rely on it" in page


def test_a_companys_own_factor_is_seen_by_its_people_alone() -> None:
    own = make.company("own")
    alice, bob = make.alice(own), make.bob()
    made = verified_factor(own, alice, bob)
    where = f"/app/factors/{made.factor_id}/"
    assert "your company only" in reader(alice).get("/app/factors/?publisher=Chengdu heat utility").content.decode()
    assert reader(alice).get(where).status_code == 200
    assert reader(make.user("stranger")).get(where).status_code == 404
    assert reader(make.user("neighbour", company=make.company("other"))).get(where).status_code == 404


def test_all_factors_have_words_in_both_languages() -> None:
    from scoring.tables.shown import FactorRow

    tables = factors.in_force()
    for language in ("zh-hans", "en"):
        with translation.override(language):
            for factor in tables.factors.factors:
                row = FactorRow(factor, tables)
                for text in (row.name, row.place, row.gas, row.purpose, row.verification, row.value, row.unit):
                    assert text
                    assert "_" not in text, (factor.id, text)
