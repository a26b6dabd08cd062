"""Exchange rates: which one is used, what ships, what people enter."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from portfolio import DATA
from portfolio.exchange_rates import Imported, import_rates
from portfolio.models import AuditEvent, ExchangeRate, ExchangeRates
from portfolio.universe import words
from tests import make
from tests.make import load_directory

NEEDED = ["EUR", "GBP", "HKD", "JPY", "KRW", "CHF", "SEK", "NOK", "DKK", "AUD", "CAD", "SGD", "INR", "TWD", "CNY"]
HELD = ExchangeRates(
    [
        *[("CNY", 2022, None, 7.0), ("CNY", 2024, None, 7.2), ("CNY", 2025, None, 7.5)],
        *[("EUR", 2022, None, 0.7), ("EUR", 2024, None, 0.9), ("TWD", 2024, None, 32.0), ("SEK", 2023, None, 10.0)],
        *[("CNY", None, date(2024, 12, 31), 7.3), ("CNY", None, date(2025, 6, 30), 7.4)],
        *[("EUR", None, date(2024, 12, 31), 0.95), ("EUR", None, date(2025, 6, 30), 0.85)],
    ]
)


# --- which one is used ---------------------------------------------------------------------------------
def test_what_flows_takes_the_mean_of_its_year_else_of_the_nearest_year_before() -> None:
    of_its_own, earlier = HELD.of_year("EUR", 2024), HELD.of_year("EUR", 2025)
    assert of_its_own and earlier
    assert (of_its_own.cny_per_unit, of_its_own.of, of_its_own.lag_years) == (pytest.approx(8.0), 2024, 0)
    assert (earlier.of, earlier.lag_years, earlier.lag_days) == (2024, 1, 0)
    between = HELD.of_year("EUR", 2023)
    assert between and between.of == 2022 and between.cny_per_unit == pytest.approx(10.0)


def test_no_later_one_is_ever_taken_and_none_without_the_yuan_of_its_period() -> None:
    assert HELD.of_year("EUR", 2021) is None
    assert HELD.of_year("SEK", 2025) is None
    assert HELD.on_day("EUR", date(2020, 12, 31)) is None
    assert HELD.of_year("XXX", 2025) is None and HELD.of_year(None, 2025) is None


@pytest.mark.parametrize(
    ("day", "of", "lag_days"),
    [
        (date(2025, 6, 30), date(2025, 6, 30), 0),
        (date(2025, 6, 29), date(2024, 12, 31), 180),
        (date(2026, 6, 30), date(2025, 6, 30), 365),
    ],
)
def test_what_is_there_on_a_day_takes_its_closing_else_the_nearest_before(day: date, of: date, lag_days: int) -> None:
    found = HELD.on_day("EUR", day)
    assert found and (found.of, found.lag_days, found.lag_years) == (of, lag_days, 0)


@pytest.mark.parametrize(
    ("day", "lag"), [(date(2024, 12, 31), 0), (date(2025, 6, 30), 0), (date(2025, 12, 31), 1), (date(2026, 9, 30), 1)]
)
def test_a_currency_without_closings_takes_the_mean_of_a_year_that_had_ended(day: date, lag: int) -> None:
    found = HELD.on_day("TWD", day)
    assert found and (found.of, found.lag_years, found.cny_per_unit) == (2024, lag, pytest.approx(0.225))


def test_a_mean_of_a_year_that_goes_on_says_nothing_of_a_day_in_it() -> None:
    assert HELD.on_day("TWD", date(2024, 12, 30)) is None


def test_yuan_and_dollars_need_no_row_of_their_own() -> None:
    yuan, dollars = HELD.of_year("CNY", 1999), HELD.on_day("USD", date(2025, 7, 1))
    assert yuan and dollars
    assert (yuan.cny_per_unit, yuan.of, yuan.lag_years) == (1.0, None, 0)
    assert (dollars.cny_per_unit, dollars.of) == (7.4, date(2025, 6, 30))


# --- what ships ----------------------------------------------------------------------------------------
def test_what_ships_covers_the_currencies_of_real_holdings_up_to_last_year() -> None:
    rows = words.exchange_rates()
    assert all(row.source and row.per_usd > 0 and (row.year is None) != (row.day is None) for row in rows)
    assert len({row[:3] for row in rows}) == len(rows)
    for currency in NEEDED:
        years = {row.year for row in rows if row.currency == currency and row.year}
        assert years == set(range(2020, 2025)) if currency == "TWD" else years >= set(range(2010, 2026)), currency
        closings = {row.day for row in rows if row.currency == currency and row.day}
        assert not closings if currency == "TWD" else {date(2025, 12, 31), date(2026, 9, 30)} <= closings, currency


def test_a_mean_of_part_of_a_year_is_no_mean_of_a_year_and_a_fixing_stands_on_its_own_day() -> None:
    rows = words.exchange_rates()
    assert max(row.year for row in rows if row.year) == 2025  # the table ends in October 2026
    days = {row.day for row in rows if row.day}
    assert date(2026, 10, 30) in days
    assert date(2019, 3, 29) in days and date(2019, 3, 31) not in days  # a Sunday


def test_rates_per_euro_are_crossed_over_the_dollar() -> None:
    with (DATA / "exchange_rates_ecb.csv").open(encoding="utf-8", newline="") as file:
        per_eur = {row["currency"]: float(row["mean_per_eur"]) for row in csv.DictReader(file) if row["year"] == "2025"}
    found = {row.currency: row.per_usd for row in words.exchange_rates() if row.year == 2025}
    assert found["EUR"] == pytest.approx(1 / per_eur["USD"], rel=1e-7)
    assert found["JPY"] == pytest.approx(per_eur["JPY"] / per_eur["USD"], rel=1e-7)
    applied = ExchangeRates(row[:4] for row in words.exchange_rates()).of_year("EUR", 2025)
    assert applied and applied.cny_per_unit == pytest.approx(per_eur["CNY"], rel=1e-6)


# --- what people enter ---------------------------------------------------------------------------------
def written(folder: Path, text: str) -> Path:
    path = folder / "rates.csv"
    path.write_text(text, encoding="utf-8")
    return path


def entered(folder: Path, text: str) -> Imported:
    return import_rates(written(folder, text), by=make.dan())


@pytest.mark.django_db
def test_a_file_enters_means_and_closings_and_crosses_what_is_per_euro(tmp_path: Path) -> None:
    make.rate("EUR", 2024, 0.8)
    done = entered(
        tmp_path,
        "currency,year,day,per_usd,per_eur,source\n"
        "TWD,2025,,31.2,,central bank\n"
        "NT$,,2025-12-31,32.0,,central bank\n"
        "VND,2024,,,25000,bank\n"
        "USD,,2025-06-30,,1.25,ecb\n"
        "PEN,,2025-06-30,,5,bank\n",
    )
    assert (done.entered, done.changed, done.faults) == (5, 0, [])
    stored = {(r.currency, r.year or r.day): r.per_usd for r in ExchangeRate.objects.filter(entered_by__isnull=False)}
    assert stored == {
        ("TWD", 2025): 31.2,
        ("TWD", date(2025, 12, 31)): 32.0,
        ("VND", 2024): 20000.0,
        ("EUR", date(2025, 6, 30)): 0.8,
        ("PEN", date(2025, 6, 30)): 4.0,
    }
    assert done.without_yuan == ["TWD 2025", "TWD 2025-12-31", "VND 2024", "EUR 2025-06-30", "PEN 2025-06-30"]
    assert AuditEvent.objects.get(verb="exchange_rates.imported").detail == "5 of 5 rows"


@pytest.mark.django_db
def test_every_fault_of_a_file_is_named_and_stops_no_other_row(tmp_path: Path) -> None:
    make.rate("TWD", 2024, 32.0)
    done = entered(
        tmp_path,
        "currency,year,day,per_usd,per_eur,source\n"
        "TWD,2025,,31.2,,right\n"
        "GBp,2025,,80,,pence\n"
        "$,2025,,1,,which\n"
        "USD,2025,,1,,itself\n"
        "SEK,2025,2025-12-31,9,,both periods\n"
        "SEK,,,9,,no period\n"
        "SEK,2025,,9,10,both values\n"
        "SEK,2025,,,10,no dollar of the period\n"
        "SEK,2999,,9,,to come\n"
        "SEK,,2025-13-01,9,,no day\n"
        "SEK,2025,,-9,,below zero\n"
        "SEK,2025,,9,,\n"
        "TWD,2025,,31.3,,twice\n"
        "TWD,2023,,0.0321,,upside down\n",
    )
    assert [(fault.line, fault.column) for fault in done.faults] == [
        *[(3, "currency"), (4, "currency"), (5, "currency"), (6, "year"), (7, "year"), (8, "per_usd"), (9, "per_eur")],
        *[(10, "year"), (11, "day"), (12, "per_usd"), (13, "source"), (14, "currency"), (15, "per_usd")],
    ]
    assert "31.15" in done.faults[-1].expected  # the reciprocal, which is meant
    assert (done.rows, done.entered) == (14, 1)


@pytest.mark.django_db
def test_the_command_says_how_the_file_was_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make.dan()
    german = written(tmp_path, "currency;year;per_usd;source\nTWD;2025;31,2;bank\nVND;2025;25000,5;bank\n")
    call_command("import_rates", str(german), by="dan")
    assert f"{german.name}: read with decimal commas, such as 31,2" in capsys.readouterr().err
    wrong = written(tmp_path, "currency,year,per_usd,source\nTWD,2025,N/A,bank\nVND,2025,N/A,bank\n")
    with pytest.raises(SystemExit):
        call_command("import_rates", str(wrong), by="dan")
    assert "per_usd: 2 of 2 cells are words for nothing" in capsys.readouterr().err


@pytest.mark.django_db
def test_a_rate_the_other_way_round_is_named_in_the_column_it_was_typed_in(tmp_path: Path) -> None:
    make.rate("EUR", 2024, 0.9)
    make.rate("THB", 2023, 35.0)
    done = entered(tmp_path, "currency,year,per_eur,source\nTHB,2024,0.0263,bank\n")
    assert [(fault.column, fault.found) for fault in done.faults] == [("per_eur", "0.0263")]


@pytest.mark.django_db
def test_the_command_ends_by_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make.dan()
    good = "currency,year,per_usd,source\nTWD,2025,31.2,bank\n"
    call_command("import_rates", str(written(tmp_path, good)), by="dan")
    assert "1 entered" in capsys.readouterr().out
    for text, code in ((good + "XX,2025,1,bank\n", 1), ("a,b\n1,2\n", 2)):
        with pytest.raises(SystemExit) as ended:
            call_command("import_rates", str(written(tmp_path, text)), by="dan")
        assert ended.value.code == code
    with pytest.raises(CommandError, match="no such user"):
        call_command("import_rates", str(written(tmp_path, good)), by="nobody")


@pytest.mark.django_db
def test_what_a_person_entered_stays_through_every_load(tmp_path: Path) -> None:
    companies = "company_key,name,country,sector,sector_scheme,source,licence\nw-1,Wind,USA,C28,ISIC,list,own\n"
    (tmp_path / "companies.csv").write_text(companies, encoding="utf-8")
    first = load_directory(tmp_path)
    shipped = ExchangeRate.objects.get(currency="EUR", year=2025)
    done = entered(tmp_path, "currency,year,per_usd,source\nEUR,2025,0.5,ours\nTWD,2025,31.2,ours\n")
    assert (done.entered, done.changed) == (2, 1)
    again = load_directory(tmp_path)
    assert (first.counts["exchange_rates"].created > 1000, again.counts["exchange_rates"].kept) == (True, 1)
    shipped.refresh_from_db()
    assert (shipped.per_usd, shipped.source) == (0.5, "ours")
    assert ExchangeRate.objects.get(currency="TWD", year=2025).per_usd == 31.2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "column"),
    [
        ({"currency": "GBX", "year": 2025}, "currency"),
        ({"currency": "EUR"}, "__all__"),
        ({"currency": "EUR", "year": 2025, "day": date(2025, 1, 1)}, "__all__"),
        ({"currency": "EUR", "year": 2999}, "year"),
        ({"currency": "EUR", "day": date(2999, 1, 1)}, "day"),
        ({"currency": "EUR", "year": 2025, "per_usd": 0.0}, "per_usd"),
        ({"currency": "EUR", "year": 2025, "per_usd": 1e308}, "per_usd"),
        ({"currency": "TWD", "year": 2025, "per_usd": 1 / 32}, "per_usd"),
    ],
)
def test_a_rate_that_cannot_be_is_refused(facts: dict[str, object], column: str) -> None:
    make.rate("TWD", 2024, 32.0)
    with pytest.raises(ValidationError) as refused:
        ExchangeRate(**({"per_usd": 0.9, "source": "s"} | facts)).full_clean()
    assert column in refused.value.message_dict


@pytest.mark.django_db
def test_an_administrator_adds_one_on_its_page_and_is_told_when_the_yuan_is_missing() -> None:
    client = Client()
    client.force_login(make.dan())
    facts = {"currency": "nt$", "day": "2025-12-31", "year": "", "per_usd": "32", "source": "central bank"}
    page = client.post(reverse("admin:portfolio_exchangerate_add"), facts, follow=True).content.decode()
    made = ExchangeRate.objects.get()
    assert (made.currency, made.day, made.entered_by and made.entered_by.username) == ("TWD", date(2025, 12, 31), "dan")
    assert "CNY" in page and "central bank" in page
    refused = client.post(reverse("admin:portfolio_exchangerate_add"), facts | {"currency": "$"}).content.decode()
    assert "USD, TWD" in refused and ExchangeRate.objects.count() == 1


@pytest.mark.django_db
def test_what_a_rate_was_before_stays_on_record() -> None:
    rate = ExchangeRate.objects.create(currency="THB", year=2024, per_usd=35.3, source="a bank")
    rate.per_usd = 36.1
    rate.save()
    assert [row.per_usd for row in rate.history.order_by("history_id")] == [35.3, 36.1]
    client = Client()
    client.force_login(make.dan())
    page = client.get(f"/admin/portfolio/exchangerate/{rate.pk}/history/").content.decode()
    assert "35.3" in page and "36.1" in page
