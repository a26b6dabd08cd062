"""Money that was refused, or whose issuer nobody knows, is in every coverage, and each door says the same one."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from fund.demo import real_funds
from fund.holdings.book import Book
from fund.holdings.imports import Imported, import_positions
from fund.holdings.money import money_unit
from fund.holdings.temperature import TemperatureOfPortfolio
from fund.holdings.words import left_open_words
from fund.models import ExclusionFlag, Holding, Match, RefusedRow, ThemeFund
from portfolio.models import Company, Scope
from portfolio.typed.tables import whole_table
from tests import make
from tests.api.caller import Caller

pytestmark = pytest.mark.django_db
DAY = date(2025, 6, 30)
HEAD = "holding_key,company_key,issuer,asset_class,instrument,currency,as_of,source,outstanding"


@pytest.fixture
def fund() -> ThemeFund:
    return make.fund()


@pytest.fixture
def company() -> Company:
    made = make.company()
    make.disclosure(made)
    make.financials(made, revenue=5_000.0)
    make.prices(made, evic=1_000.0)
    make.target(made)
    return made


def read_in(fund: ThemeFund, folder: Path, *rows: str, head: str = HEAD) -> Imported:
    path = folder / "holdings.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return import_positions(path, fund, by=None)


def row(key: str = "a", company: str = "demo-alpha", amount: str = "100", **cells: str) -> str:
    told = {
        "issuer": "",
        "asset_class": "listed_equity",
        "instrument": "shares",
        "currency": "CNY",
        "as_of": "2025-06-30",
    }
    told |= cells
    return ",".join([key, company, *told.values(), "s", amount])


def coverage(fund: ThemeFund, day: date = DAY) -> tuple[float | None, float | None]:
    """Of scope 1, and what it cannot exceed."""
    found = Book(fund).statement(day).pcaf.financed("s1")
    return found.coverage, found.coverage_at_most


# --- a real fund of which half is not on record --------------------------------------------------------
def test_a_real_fund_comes_in_whole_and_its_coverage_is_of_the_fund(fund: ThemeFund, tmp_path: Path) -> None:
    """Fund 00850 by carbon-watch (MIT, fund/demo/data): 31 of 113 companies on record are 46 % of its money."""
    make.rate("CNY", 2024, 7.2)
    make.rate("TWD", 2024, 32.0)
    rows = []
    for cells in (one.cells for one in whole_table(real_funds.FILE).rows if one.cells["fund_code"] == "00850"):
        key = f"tw-{cells['national_id']}" if cells["national_id"] else f"twse-{cells['ticker']}"
        if cells["national_id"]:
            make.company(key)
        amount = str(float(cells["holding_value_10k_twd"]) * 10_000)
        about = {"instrument": cells["security"], "currency": "TWD"}
        rows.append(row(f"00850-{cells['ticker']}", key, amount, **about))
    done = read_in(fund, tmp_path, *rows)
    assert (done.rows, done.entered, done.refused, done.without_company) == (113, 113, 0, 82)
    with translation.override("en"):
        assert list(left_open_words(done))[1] == "18.3 of 33.9 bn TWD without data."
    with translation.override("zh-hans"):
        assert list(left_open_words(done))[1] == "339亿 TWD 中有 183亿 TWD 暂无数据。"
    known = Book(fund).statement(DAY).on_record
    assert (known.coverage, known.covered, known.holdings) == (pytest.approx(1550499.3423 / 3385459.0111), 31, 113)


@pytest.mark.parametrize(("unknown", "expected"), [("", 1.0), ("300", 0.25), ("1e12", pytest.approx(1e-10, rel=1e-6))])
def test_an_issuer_that_is_not_on_record_lowers_the_coverage_by_its_money(
    fund: ThemeFund, company: Company, tmp_path: Path, unknown: str, expected: float
) -> None:
    rows = [row(), *([row("b", "", unknown, issuer="Zzyzx 有限公司")] if unknown else [])]
    done = read_in(fund, tmp_path, *rows)
    assert (done.faults, coverage(fund)[0], done.is_whole) == ([], expected, not unknown)
    assert Book(fund).statement(DAY).pcaf.financed("s1").value == 120.0


@pytest.mark.parametrize(
    ("total", "currency", "zh", "en"),
    [
        (3.4e8, "CNY", "亿元", "million CNY"),
        (34e9, "USD", "亿 USD", "bn USD"),
        (250_000.0, "CNY", "万元", "CNY"),
        (400.0, "EUR", " EUR", "EUR"),
        (400.0, "CNY", "元", "CNY"),
    ],
)
def test_money_is_told_in_the_size_a_reader_thinks_in(total: float, currency: str, zh: str, en: str) -> None:
    with translation.override("zh-hans"):
        assert money_unit([total, 1.0], currency).word == zh
    with translation.override("en"):
        assert money_unit([total, None], currency).word == en


# --- refused at the door -------------------------------------------------------------------------------
REFUSED = {
    "no exchange rate": (row("b", amount="300", currency="XXX"), None),
    "a currency that may be several": (row("b", amount="300", currency="$"), None),
    "pounds or pence": (row("b", amount="300", currency="GbP"), None),
    "more than there can be": (row("b", amount="1e25"), None),
    "another asset class": (row("b", amount="300", asset_class="crypto"), 0.25),
    "a number in words": (row("b", amount="1.234.567"), None),
    "no date": (row("b", amount="300", as_of="soon"), None),
    "one cell too many": (row("b", amount="300,7"), None),
    "the same holding twice": (row("a", amount="300"), 0.25),
    "nobody named": (row("b", "", amount="300"), 0.25),
    "a totals row": (row("", "", amount="100", instrument="Total", asset_class=""), 0.5),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_money_refused_at_the_door_stays_in_the_coverage_and_is_not_doubled(
    fund: ThemeFund, company: Company, tmp_path: Path, kind: str
) -> None:
    wrong, expected = REFUSED[kind]
    for _again in range(2):
        done = read_in(fund, tmp_path, row(), wrong)
        assert (done.refused, done.is_whole, done.rows >= 1) == (1, False, True)
        assert coverage(fund)[0] == expected
    refused = RefusedRow.objects.get()
    assert refused.line == 3 and refused.faults and refused.entered_at
    refused.set_aside(by=make.carol(), reason="the sum of the others")
    assert coverage(fund)[0] == 1.0


@pytest.mark.parametrize("kind", ["a totals row", "a number in words", "one cell too many"])
def test_what_was_settled_is_not_told_as_missing_when_the_file_is_read_again(
    fund: ThemeFund, company: Company, tmp_path: Path, kind: str
) -> None:
    first = read_in(fund, tmp_path, row(), REFUSED[kind][0])
    assert first.settled == 0 and first.refused_amounts_unknown + bool(first.money["CNY"].refused) == 1
    RefusedRow.objects.get().set_aside(by=make.carol(), reason="no holding")

    again = read_in(fund, tmp_path, row(), REFUSED[kind][0])

    assert (again.refused, again.settled, again.refused_amounts_unknown) == (1, 1, 0)
    assert again.money["CNY"].refused == 0
    with translation.override("en"):
        assert list(left_open_words(again)) == ["1 refused row was settled before, and changes no coverage."]


@pytest.mark.parametrize(
    ("typed", "amount", "currency", "kept"),
    [
        ("GBp", "30000", "GBP", 300.0),
        ("ZAc", "30000", "ZAR", 300.0),
        ("£", "300", "GBP", 300.0),
        ("$", "300", "", 300.0),
    ],
)
def test_a_refused_row_keeps_its_money_in_pounds_and_not_in_pence(
    fund: ThemeFund, company: Company, tmp_path: Path, typed: str, amount: str, currency: str, kept: float
) -> None:
    for code in ("CNY", "GBP", "ZAR"):
        make.rate(code, 2024, 1.0)
    done = read_in(fund, tmp_path, row(), row("b", amount=amount, currency=typed, asset_class="crypto"))
    refused = RefusedRow.objects.get()
    assert (refused.currency, refused.amount, done.divided) == (currency, kept, [])
    assert coverage(fund)[0] == (0.25 if currency else None)
    assert done.refused_amounts_unknown == (not currency)


@pytest.mark.parametrize("amount", [1e308, 1e300, 1e73])
def test_an_amount_that_no_door_lets_in_breaks_no_sum(fund: ThemeFund, company: Company, amount: float) -> None:
    for key, outstanding in (("a", 100.0), ("b", amount), ("c", amount)):
        make.position(make.holding(fund, company, key=key), outstanding, DAY)
    assert Book(fund).statement(DAY).on_record.outstanding == 100.0


def test_what_cannot_be_read_makes_the_coverage_unknown_and_says_how_many(
    fund: ThemeFund, company: Company, tmp_path: Path
) -> None:
    done = read_in(fund, tmp_path, row(), row("b", amount="lots"))
    assert coverage(fund) == (None, 1.0)
    found = Book(fund).statement(DAY).pcaf.financed("s1")
    assert (found.covered, found.holdings, found.refused, found.outstanding_unknown) == (1, 2, 1, 1)
    with translation.override("en"):
        assert "no coverage is known" in " ".join(left_open_words(done))


@pytest.mark.postgres
def test_a_refusal_ends_when_the_same_holding_comes_in_right(fund: ThemeFund, company: Company, tmp_path: Path) -> None:
    read_in(fund, tmp_path, row(), row("b", amount="300", asset_class="crypto"))
    assert coverage(fund)[0] == 0.25
    read_in(fund, tmp_path, row(), row("b", amount="300", asset_class="corporate_bond"))
    assert RefusedRow.objects.get().state == RefusedRow.State.ENTERED
    assert Book(fund).statement(DAY).pcaf.total_outstanding == 400.0


def test_a_refusal_belongs_to_its_date_and_those_after_it_until_the_holding_is_right_again(
    fund: ThemeFund, company: Company, tmp_path: Path
) -> None:
    spring, summer, autumn = "2025-03-31", "2025-06-30", "2025-09-30"
    rows = [row(as_of=day) for day in (spring, summer, autumn)]
    lost = row("b", amount="300", as_of=summer, currency="CNY", asset_class="crypto")
    read_in(fund, tmp_path, *rows, row("b", amount="300", as_of=spring), lost)
    totals = [Book(fund).statement(date.fromisoformat(day)).pcaf.total_outstanding for day in (spring, summer, autumn)]
    assert totals == [400.0, 400.0, 400.0]
    read_in(fund, tmp_path, row("b", amount="50", as_of=autumn))
    assert Book(fund).statement(date(2025, 9, 30)).pcaf.total_outstanding == 150.0
    assert Book(fund).statement(date(2025, 6, 30)).pcaf.total_outstanding == 400.0


def test_a_book_of_refused_rows_alone_is_a_book(fund: ThemeFund, tmp_path: Path) -> None:
    read_in(fund, tmp_path, row(amount="lots"))
    book = Book(fund)
    assert book.days == [DAY] and book.statement(DAY).on_record.coverage is None
    client = Client()
    client.force_login(make.carol())
    for view in ("overview", "holdings", "temperature", "rules"):
        assert client.get(f"{reverse('portfolio')}?view={view}").status_code == 200


# --- every door says the same --------------------------------------------------------------------------
def test_page_file_program_and_temperature_say_the_same_coverage(
    fund: ThemeFund, company: Company, tmp_path: Path
) -> None:
    read_in(fund, tmp_path, row(), row("b", "", "200", issuer="Zzyzx"), row("c", amount="100", asset_class="crypto"))
    carol = make.carol()
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(carol)
    said = "1 of 3 holdings, 25.0% of the outstanding money; 1 of them refused at import"
    page = client.get(reverse("portfolio")).content.decode()
    assert said in page and page.count("25%") >= 3
    assert "Zzyzx" in client.get(reverse("portfolio") + "?view=holdings").content.decode()
    text = b"".join(client.get(reverse("portfolio_csv")).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    about = [line for line in text.splitlines() if line.startswith("#")]
    assert sum(said in line for line in about) == 2
    rows = list(csv.DictReader(io.StringIO("\n".join(text.splitlines()[len(about) :]))))
    assert [(one["Holding key"], one["Outstanding, CNY"]) for one in rows] == [
        ("a", "100.0"),
        ("b", "200.0"),
        ("c", "100.0"),
    ]
    assert rows[2]["Notes"] == "refused" and "crypto" in rows[2]["Because"]
    told = Caller(carol, [Scope.SCORES_READ]).read("/portfolio/").json()
    assert told["outstanding"]["value"] == "400" and told["on_record"]["covered"] == 1
    shares = {one["coverage"]["value"] for one in [told["on_record"], *told["metrics"]] if one["covered"]}
    assert shares == {"0.25"}
    assert [(one["company"], one["issuer"]) for one in told["holdings"]] == [
        ("demo-alpha", company.name),
        (None, "Zzyzx"),
    ]
    book = Book(fund)
    found = TemperatureOfPortfolio(book, book.statement(DAY))
    assert {found.coverage(one) for one in found.aggregates.values() if one.method == "WATS"} == {0.25}


def test_tests_of_the_portfolio_are_not_decidable_on_a_part_of_it(
    fund: ThemeFund, company: Company, tmp_path: Path
) -> None:
    fund.universe_intensity = 5e9
    fund.save()
    draft = make.disclosure(company, 2023, state="draft")
    assert draft.pk
    for word, _label in ExclusionFlag._meta.get_field("exclusion").choices or ():
        ExclusionFlag.objects.create(company=company, as_of=DAY, exclusion=word, applies=False, source="s")
    read_in(fund, tmp_path, row())
    book = Book(fund)
    assert book.exclusions(book.statement(DAY)).verdict == "pass"
    read_in(fund, tmp_path, row("b", "", "1", issuer="Zzyzx"))
    book = Book(fund)
    assert book.exclusions(book.statement(DAY)).verdict == "not_decidable"
    read_in(fund, tmp_path, row("b", "", "100", issuer="Zzyzx"))
    book = Book(fund)
    report = book.benchmark(book.statement(DAY))
    assert report is not None and report.test is None


# --- the database --------------------------------------------------------------------------------------
@pytest.mark.postgres
def test_the_database_refuses_a_holding_of_nobody_and_an_edited_refusal(fund: ThemeFund, company: Company) -> None:
    facts: dict[str, Any] = {"fund": fund, "asset_class": "listed_equity", "instrument": "shares"}
    for wrong in (
        {"holding_key": "x", "matched_by": ""},
        {"holding_key": "x", "issuer_name": "Zzyzx", "matched_by": "key"},
        {"holding_key": "x", "company": company, "matched_by": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Holding.objects.create(**facts, **wrong)
    by_key = make.holding(fund, company)
    with pytest.raises(DatabaseError, match="only what a person matched"), transaction.atomic():
        Holding.objects.filter(pk=by_key.pk).update(company=None, matched_by=Match.OPEN, issuer_name="x")
    refused = RefusedRow.objects.create(fund=fund, file="f", line=1, digest="d", amount=5.0)
    for change in ({"name": "other"}, {"line": 2}):
        with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
            RefusedRow.objects.filter(pk=refused.pk).update(**change)
    with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
        refused.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        RefusedRow.objects.filter(pk=refused.pk).update(state="set_aside")
    with pytest.raises(IntegrityError), transaction.atomic():
        RefusedRow.objects.create(fund=fund, file="f", line=9, digest="d")


# --- the real book -------------------------------------------------------------------------------------
@pytest.mark.slow
def test_the_real_book_loads_whole_behind_our_own_fund_and_once(fund: ThemeFund) -> None:
    tsmc = make.company("tw-22099131", national_id="22099131", ticker="2330", country="TWN")
    for _again in range(2):
        real_funds.set_up(make.dan() if not _again else make.erin())
    assert ThemeFund.objects.count() == 65 and ThemeFund.objects.first() == fund
    assert Holding.objects.count() == 3_506
    assert RefusedRow.objects.count() == 30  # of the fund whose size the source does not give
    assert set(Holding.objects.filter(company=tsmc).values_list("matched_by", flat=True)) == {Match.NATIONAL_ID}
    first = Book(ThemeFund.objects.get(name_en__startswith="0050 "))
    assert first.days == [date(2026, 6, 30)]
    [held] = [one.position.outstanding for one in first.statement(first.days[0]).rows if one.company]
    assert held == 121_149_376.4 * 10_000  # as printed: 台積電 in fund 0050, in 10,000 TWD
