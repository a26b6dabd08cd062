"""What a fund holds: entries are appended and never edited, bad input is named, and files are read row by row."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fund.holdings.book import Book
from fund.holdings.figures import asked_of
from fund.holdings.imports import import_positions, import_prices
from fund.models import ExclusionFlag, Holding, Position, PriceInputs, ProjectFigures, Question, ThemeFund
from portfolio.models import AuditEvent, Company
from tests import make

pytestmark = pytest.mark.django_db
DAY = date(2025, 6, 30)
SOURCE = {"source": "custodian's statement"}


@pytest.fixture
def fund() -> ThemeFund:
    return make.fund()


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def holding(fund: ThemeFund, company: Company) -> Holding:
    return make.holding(fund, company)


# --- appended only -------------------------------------------------------------------------------------
def every_entry(holding: Holding) -> list[Any]:
    project = make.holding(holding.fund, holding.company, key="project", asset_class="project_finance")
    return [
        make.position(holding, 100.0),
        make.prices(holding.company, evic=1_000.0),
        ProjectFigures.objects.create(holding=project, as_of=DAY, total_debt=5.0, **SOURCE),
        ExclusionFlag.objects.create(company=holding.company, as_of=DAY, exclusion="tobacco", applies=False, **SOURCE),
    ]


@pytest.mark.parametrize("at", range(4))
@pytest.mark.postgres
def test_the_database_refuses_to_edit_or_delete_an_entry(holding: Holding, at: int) -> None:
    entry = every_entry(holding)[at]
    rows = type(entry).objects.filter(pk=entry.pk)
    for refused in (lambda: rows.update(as_of=date(2025, 3, 31)), rows.delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            refused()
    if connection.vendor == "sqlite":
        columns = [field.column for field in entry._meta.concrete_fields]
        table, names = entry._meta.db_table, ", ".join(columns)
        statement = f"INSERT OR REPLACE INTO {table} ({names}) SELECT {names} FROM {table} WHERE id = %s"  # noqa: S608
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [entry.pk])
    assert rows.get().as_of == DAY


@pytest.mark.parametrize("change", [{"currency": "USD"}, {"asset_class": "corporate_bond"}, {"holding_key": "other"}])
@pytest.mark.postgres
def test_what_a_holding_is_never_changes_and_the_rest_may(holding: Holding, change: dict[str, str]) -> None:
    with pytest.raises(DatabaseError, match="never change"), transaction.atomic():
        Holding.objects.filter(pk=holding.pk).update(**change)
    holding.is_engaged = True
    holding.save()
    assert Holding.objects.get(pk=holding.pk).is_engaged


@pytest.mark.postgres
def test_a_correction_is_a_new_entry_and_the_last_one_counts(holding: Holding) -> None:
    make.position(holding, 1_000.0)
    make.position(holding, 100.0)
    [held] = Book(holding.fund).statement(DAY).rows
    assert (held.position.outstanding, held.earlier_entries, held.is_stale) == (100.0, 1, False)
    assert Position.objects.count() == 2


@pytest.mark.parametrize(
    ("model", "facts"),
    [
        (PriceInputs, {"evic": 0.0}),
        (PriceInputs, {"market_cap": -1.0}),
        (PriceInputs, {"cash": -1.0}),
        (PriceInputs, {"shares_total": 0.0}),
        (Position, {"outstanding": -5.0}),
        (Position, {}),
        (ProjectFigures, {"data_quality": 6}),
        (ProjectFigures, {"s1_t": -1.0}),
        (ExclusionFlag, {"exclusion": "gambling", "applies": True}),
    ],
)
@pytest.mark.postgres
def test_the_database_refuses_what_cannot_be(holding: Holding, model: Any, facts: dict[str, Any]) -> None:
    of_company = model in (PriceInputs, ExclusionFlag)
    owner = {"company": holding.company} if of_company else {"holding": holding}
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(as_of=DAY, **owner, **facts, **SOURCE)


# --- refused in words ----------------------------------------------------------------------------------
def fault_of(entry: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refused:
        entry.full_clean()
    return refused.value.message_dict


@pytest.mark.parametrize(
    ("facts", "field", "value"),
    [
        ({"evic": 0.0}, "evic", "0"),
        ({"market_cap": -3.0}, "market_cap", "-3"),
        ({"currency": "XXX", "evic": 1.0}, "currency", "XXX"),
        ({"evic": 1.0, "as_of": date(1999, 12, 31)}, "as_of", "1999-12-31"),
    ],
)
def test_prices_that_cannot_be_are_refused_with_the_value(
    company: Company, facts: dict[str, Any], field: str, value: str
) -> None:
    entry = PriceInputs(**{"company": company, "as_of": DAY, **SOURCE, **facts})
    assert value in " ".join(fault_of(entry)[field])


def test_negative_equity_is_entered_and_flagged_and_not_refused(company: Company) -> None:
    PriceInputs(company=company, as_of=DAY, total_equity=-5.0, **SOURCE).full_clean()


def test_a_position_of_tomorrow_is_refused(holding: Holding) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    said = fault_of(Position(holding=holding, as_of=tomorrow, outstanding=1.0, **SOURCE))
    assert tomorrow.isoformat() in said["as_of"][0]


def test_shares_that_are_not_said_are_refused_and_more_than_there_are_is_a_question(
    fund: ThemeFund, company: Company
) -> None:
    shares = make.holding(fund, company, asset_class="unlisted_equity")
    make.prices(company, shares_total=1_000.0, total_equity=100.0, total_debt=900.0)
    Position(holding=shares, as_of=DAY, shares_held=1_001.0, **SOURCE).full_clean()
    assert asked_of(make.position(shares, None, DAY, shares_held=1_001.0)) == [Question.ABOVE_ONE]
    assert Book(fund).statement(DAY).pcaf.attribution.aside[0] > 0
    assert asked_of(make.position(shares, None, DAY, shares_held=1_000.0)) == []
    assert "shares_held" in fault_of(Position(holding=shares, as_of=DAY, outstanding=5.0, **SOURCE))


def test_a_currency_without_a_rate_is_refused_until_there_is_one(fund: ThemeFund, company: Company) -> None:
    bond = Holding(
        fund=fund, company=company, holding_key="b", asset_class="corporate_bond", instrument="bond", currency="twd"
    )
    assert "TWD" in fault_of(bond)["currency"][0]
    make.rate("TWD", 2024, 32.0)
    bond.full_clean()
    assert bond.currency == "TWD"


# --- files ---------------------------------------------------------------------------------------------
HEAD = "holding_key,company_key,asset_class,instrument,currency,as_of,source,outstanding,shares_held,is_engaged"


def written(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "holdings.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def test_every_fault_is_named_by_its_row_and_stops_no_other(fund: ThemeFund, company: Company, tmp_path: Path) -> None:
    make.prices(company, shares_total=10.0)
    rows = [
        "a,demo-alpha,listed_equity,shares,CNY,2025-06-30,s,100,,yes",
        "b,,listed_equity,shares,CNY,2025-06-30,s,100,,",
        "c,demo-alpha,crypto,coins,CNY,2025-06-30,s,100,,",
        "d,demo-alpha,listed_equity,shares,XXX,2025-06-30,s,100,,",
        "e,demo-alpha,listed_equity,shares,CNY,2125-06-30,s,100,,",
        "f,demo-alpha,listed_equity,shares,CNY,30/06/2025,s,100,,",
        "g,demo-alpha,listed_equity,shares,CNY,2025-06-30,s,-1,,",
        "h,demo-alpha,listed_equity,shares,CNY,2025-06-30,s,,,",
        "i,demo-alpha,unlisted_equity,shares,CNY,2025-06-30,s,11,,",
        "a,demo-alpha,listed_equity,shares,CNY,2025-06-30,s,200,,",
        "a,demo-alpha,corporate_bond,bond,CNY,2025-03-31,s,200,,",
        "j,demo-alpha,listed_equity,shares,CNY,2025-06-30,s,1,,maybe",
        "k,demo-alpha,listed_equity",
        "z,demo-alpha,corporate_bond,bond,CNY,2025-06-30,s,7,,",
    ]
    done = import_positions(written(tmp_path, *rows), fund, by=None)
    assert [(fault.line, fault.column) for fault in sorted(done.faults)] == [
        (3, "company_key"),
        (4, "asset_class"),
        (5, "currency"),
        (6, "as_of"),
        (7, "as_of"),
        (8, "outstanding"),
        (9, "outstanding"),
        (10, "shares_held"),
        (11, "as_of"),
        (12, "asset_class"),
        (13, "is_engaged"),
        (14, ""),
    ]
    by_line = {fault.line: fault for fault in done.faults}
    assert (by_line[3].found, by_line[5].found, by_line[8].found) == ("", "XXX", "-1")
    assert sorted(Holding.objects.values_list("holding_key", flat=True)) == ["a", "z"]
    assert (done.entered, done.new_holdings, done.held_twice) == (2, 2, ["demo-alpha"])
    assert Holding.objects.get(holding_key="a").is_engaged
    assert AuditEvent.objects.filter(verb="holdings.imported").count() == 1


@pytest.mark.postgres
def test_a_file_read_twice_enters_nothing_twice_and_another_amount_corrects(
    fund: ThemeFund, company: Company, tmp_path: Path
) -> None:
    row = "a,demo-alpha,listed_equity,shares,CNY,2025-06-30,s,{},,"
    first = import_positions(written(tmp_path, row.format(100)), fund, by=None)
    again = import_positions(written(tmp_path, row.format(100)), fund, by=None)
    corrected = import_positions(written(tmp_path, row.format(90)), fund, by=None)
    assert [(done.entered, done.unchanged, done.corrected) for done in (first, again, corrected)] == [
        (1, 0, 0),
        (0, 1, 0),
        (1, 0, 1),
    ]
    assert Book(fund).statement(DAY).pcaf.total_outstanding == 90.0


def test_prices_are_read_row_by_row_too(company: Company, tmp_path: Path) -> None:
    head = "company_key,as_of,currency,source,evic,total_equity,shares_total"
    rows = [
        "demo-alpha,2025-06-30,CNY,s,1000,-20,",
        "demo-alpha,2025-03-31,CNY,s,0,,",
        "demo-alpha,2024-12-31,CNY,s,,,",
        "nobody,2025-06-30,CNY,s,5,,",
    ]
    done = import_prices(written(tmp_path, *rows, head=head), by=None)
    assert [(fault.line, fault.column) for fault in done.faults] == [(3, "evic"), (4, ""), (5, "company_key")]
    assert (PriceInputs.objects.get().evic, PriceInputs.objects.get().total_equity) == (1000.0, -20.0)


REAL = [  # as terminals and custodians write currencies
    *[("b1", "gl-bmw", "EUR", 1e6, "EUR", 1e6), ("b2", "gl-unilever", "GBp", 450e6, "GBP", 4.5e6)],
    *[("b3", "gl-unilever", "GBX", 450e6, "GBP", 4.5e6), ("b4", "gl-china-mobile", "HKD", 1e6, "HKD", 1e6)],
    *[("b5", "gl-apple", "JPY", 1e6, "JPY", 1e6), ("b6", "gl-apple", "CNH", 1e6, "CNY", 1e6)],
    *[("b7", "gl-apple", "RMB", 1e6, "CNY", 1e6), ("b8", "gl-apple", "NTD", 1e6, "TWD", 1e6)],
    *[("b9", "gl-apple", "US$", 1e6, "USD", 1e6), ("c1", "gl-naspers", "ZAc", 250.0, "ZAR", 2.5)],
    *[("c2", "gl-teva", "ILA", 1e3, "ILS", 10.0), ("c3", "gl-unilever", "gbp", 1e6, "GBP", 1e6)],
]


def test_a_book_in_real_currencies_is_entered_whole_and_pence_are_divided_and_said(
    fund: ThemeFund, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for code in ("EUR", "GBP", "HKD", "JPY", "TWD", "ZAR", "ILS"):
        make.rate(code, 2025, 1.0)
    for key in {row[1] for row in REAL}:
        make.company(key)
    rows = [f"{key},{who},listed_equity,i,{typed},2026-09-30,c,{given:.0f},," for key, who, typed, given, *_ in REAL]
    call_command("import_holdings", str(written(tmp_path, *rows)))
    said = capsys.readouterr().out
    assert f"{len(REAL)} entered" in said
    assert "outstanding  GBp: 450,000,000 pence entered as 4,500,000 GBP" in said
    assert "outstanding  ILA: 1,000 agorot entered as 10 ILS" in said
    assert said.count("entered as") == 4
    stored = Position.objects.values_list("holding__holding_key", "holding__currency", "outstanding")
    assert set(stored) == {(key, code, amount) for key, *_, code, amount in REAL}


def test_prices_in_pence_are_divided_but_for_shares_and_tonnes(company: Company, tmp_path: Path) -> None:
    make.rate("GBP", 2025, 0.8)
    head = "company_key,as_of,currency,source,market_cap,total_equity,shares_total,avoided_t"
    done = import_prices(written(tmp_path, "demo-alpha,2025-06-30,GBp,s,500,-20,7,9", head=head), by=None)
    found = PriceInputs.objects.get()
    assert (found.currency, found.market_cap, found.total_equity, found.shares_total, found.avoided_t) == (
        *("GBP", 5.0, -0.2, 7.0, 9.0),
    )
    assert len(done.divided) == 2


@pytest.mark.parametrize(("typed", "asked"), [("$", "USD, TWD"), ("¥", "CNY, JPY"), ("Gbp", "GBP, GBp")])
def test_a_currency_that_may_be_several_is_asked_about(
    fund: ThemeFund, company: Company, tmp_path: Path, typed: str, asked: str
) -> None:
    done = import_positions(
        written(tmp_path, f"a,demo-alpha,listed_equity,shares,{typed},2025-06-30,s,100,,"), fund, by=None
    )
    assert [(fault.column, fault.found) for fault in done.faults] == [("currency", typed)]
    assert asked in done.faults[0].expected


@pytest.mark.parametrize("typed", ["GBp", "GBX", "ZAc"])
def test_a_form_whose_amounts_stand_elsewhere_asks_for_the_main_currency(
    fund: ThemeFund, company: Company, typed: str
) -> None:
    for code in ("GBP", "ZAR"):
        make.rate(code, 2025, 0.8)
    facts = {"holding_key": "b", "asset_class": "corporate_bond", "instrument": "bond", "currency": typed}
    said = fault_of(Holding(fund=fund, company=company, **facts))["currency"][0]
    assert typed in said and ("GBP" in said or "ZAR" in said)


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", HEAD.encode() + b"\n\xff\xfe"])
def test_a_file_that_cannot_be_read_enters_nothing(fund: ThemeFund, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes(content)
    done = import_positions(path, fund, by=None)
    assert (done.is_readable, done.entered, bool(done.faults)) == (False, 0, True)


def test_the_command_prints_the_faults_and_ends_by_them(
    fund: ThemeFund, company: Company, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = "a,demo-alpha,listed_equity,shares,CNY,2025-06-30,s,100,,"
    call_command("import_holdings", str(written(tmp_path, good)))
    assert "1 entered" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        call_command("import_holdings", str(written(tmp_path, good, good.replace("CNY", "XXX"))))
    assert ended.value.code == 1
    said = capsys.readouterr()
    assert "holdings.csv:3" in said.err
    assert "100 of 100 XXX not in the book: its rows were refused." in said.out
    with pytest.raises(SystemExit) as ended:
        call_command("import_holdings", str(written(tmp_path, good.replace("a,demo-alpha", "n,nobody"))))
    assert ended.value.code == 1
    assert "100 of 100 CNY without data." in capsys.readouterr().out
    with pytest.raises(CommandError, match="--fund 7"):
        call_command("import_holdings", str(written(tmp_path, good)), fund="7")


@pytest.mark.slow
def test_a_large_file_is_read(fund: ThemeFund, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """20,000 rows; with --long the 200,000 of a large fund over ten years."""
    lines = 200_000 if request.config.getoption("--long") else 20_000
    companies = [make.company(f"c{n}") for n in range(20)]
    days = [(date(2024, 1, 1) + timedelta(days=n)).isoformat() for n in range(400)]
    rows = [
        f"h{n % 500},{companies[n % 20].company_key},listed_equity,shares,CNY,{days[n // 500]},s,{n + 1},,"
        for n in range(lines)
    ]
    rows[12_345] = rows[12_345].replace("CNY", "XXX")
    done = import_positions(written(tmp_path, *rows), fund, by=None)
    assert (done.rows, done.entered, done.new_holdings) == (lines, lines - 1, 500)
    assert [fault.line for fault in done.faults] == [12_347]


# --- the administration --------------------------------------------------------------------------------
@pytest.fixture
def admin_client() -> Client:
    client = Client()
    client.force_login(make.dan())
    return client


def test_an_administrator_enters_a_position_as_people_type_it(admin_client: Client, holding: Holding) -> None:
    typed = {"holding": holding.pk, "as_of": "2025-06-30", "outstanding": "1.2亿", "source": "statement"}
    answer = admin_client.post(reverse("admin:fund_position_add"), typed)
    assert answer.status_code == 302, answer.context["errors"]
    position = Position.objects.get()
    assert (position.outstanding, position.entered_by) == (120_000_000.0, User.objects.get(username="dan"))
    page = admin_client.get(reverse("admin:fund_position_change", args=[position.pk]))
    assert page.status_code == 200 and b'name="_save"' not in page.content


def test_the_form_enters_more_shares_than_there_are_and_asks(
    admin_client: Client, fund: ThemeFund, company: Company
) -> None:
    shares = make.holding(fund, company, asset_class="unlisted_equity")
    make.prices(company, DAY, shares_total=1_000.0, total_equity=100.0, total_debt=900.0)
    facts = {"holding": shares.pk, "as_of": DAY.isoformat(), "shares_held": "1,001", "source": "statement"}
    done = admin_client.post(reverse("admin:fund_position_add"), facts, follow=True)
    assert str(Question.ABOVE_ONE.label) in done.content.decode()
    assert Position.objects.get(holding=shares).shares_held == 1_001.0


@pytest.mark.parametrize(("typed", "word"), [("abc", "abc"), ("-5", "0")])
def test_the_form_refuses_what_is_no_amount(admin_client: Client, holding: Holding, typed: str, word: str) -> None:
    given = {"holding": holding.pk, "as_of": "2025-06-30", "outstanding": typed, "source": "statement"}
    answer = admin_client.post(reverse("admin:fund_position_add"), given)
    assert answer.status_code == 200
    assert word in str(answer.context["adminform"].form.errors["outstanding"])
    assert not Position.objects.exists()


def test_an_uploaded_file_shows_its_faults_and_enters_the_rest(
    admin_client: Client, fund: ThemeFund, company: Company
) -> None:
    rows = [
        HEAD,
        "a,demo-alpha,listed_equity,shares,CNY,2025-06-30,s,100,,",
        "b,nobody,listed_equity,shares,XXX,2025-06-30,s,1,,",
    ]
    file = SimpleUploadedFile("h.csv", "\n".join(rows).encode())
    answer = admin_client.post(
        reverse("admin:fund_holding_import"), {"kind": "positions", "fund": fund.pk, "file": file}
    )
    assert answer.status_code == 200 and "XXX" in answer.content.decode()
    assert Position.objects.get().outstanding == 100.0


@pytest.mark.postgres
def test_a_file_may_have_a_name_that_no_disk_would_take(
    admin_client: Client, fund: ThemeFund, company: Company
) -> None:
    rows = "\n".join([HEAD, "a,demo-alpha,listed_equity,shares,CNY,2025-06-30,s,100,,"])
    file = SimpleUploadedFile("持仓" * 100 + ".csv", rows.encode())
    given = {"kind": "positions", "fund": fund.pk, "file": file}
    assert admin_client.post(reverse("admin:fund_holding_import"), given).status_code == 302
    assert Position.objects.get().outstanding == 100.0
