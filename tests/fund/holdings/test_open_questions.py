"""Whose a holding is, and what looks wrong about it: found by identifiers, suggested by names, confirmed by people."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fund.errors import AlreadyDecided, ReasonMissing
from fund.holdings.book import Book
from fund.holdings.figures import questions_of
from fund.holdings.imports import Imported, import_positions, import_prices
from fund.holdings.matching import Companies, Suggestion
from fund.holdings.questions import is_large_share, is_out_of_scale
from fund.models import Confirmation, Holding, Match, Question, RefusedRow, ThemeFund
from portfolio.folding import bare_name
from portfolio.models import AuditEvent, Company, Role
from tests import make

pytestmark = pytest.mark.django_db
DAY = date(2026, 9, 30)
APPLE_ISIN, APPLE_LEI = "US0378331005", "HWUPKR0MPOU8FGXBT394"


@pytest.fixture
def fund() -> ThemeFund:
    return make.fund()


@pytest.fixture
def apple() -> Company:
    made = make.company(
        "gl-apple", name_zh="苹果", name_en="Apple Inc.", country="USA", isin=APPLE_ISIN, lei=APPLE_LEI, ticker="AAPL"
    )
    make.rate("CNY", 2024, 7.2)
    make.financials(made, 2020, 274.5e9, currency="USD")
    make.disclosure(made)
    return made


@pytest.fixture
def carol() -> User:
    return make.carol()


@pytest.fixture
def client(carol: User) -> Client:
    made = Client()
    made.cookies["django_language"] = "en"
    made.force_login(carol)
    return made


def read_in(fund: ThemeFund, folder: Path, *cells: dict[str, str]) -> Imported:
    told = {
        "asset_class": "listed_equity",
        "instrument": "shares",
        "currency": "USD",
        "as_of": "2026-09-30",
        "source": "s",
    }
    rows = [{"holding_key": f"h{at}", "outstanding": "100"} | told | given for at, given in enumerate(cells)]
    head = list(dict.fromkeys(name for one in rows for name in one))
    lines = [",".join(head), *(",".join(one.get(name, "") for name in head) for one in rows)]
    path = folder / "h.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return import_positions(path, fund, by=None)


# --- by identifiers ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cells", "matched_by"),
    [
        ({"company_key": "gl-apple"}, Match.KEY),
        ({"isin": APPLE_ISIN}, Match.ISIN),
        ({"isin": "us0378331005", "issuer": "Banana plc"}, Match.ISIN),
        ({"company_key": APPLE_ISIN}, Match.ISIN),
        ({"company_key": APPLE_LEI}, Match.LEI),
        ({"lei": APPLE_LEI}, Match.LEI),
        ({"ticker": "AAPL"}, Match.TICKER),
        ({"ticker": "AAPL", "currency": "CNY"}, Match.OPEN),
        ({"issuer": "Apple Inc."}, Match.OPEN),
        ({"company_key": "gl-banana", "issuer": "Banana plc"}, Match.OPEN),
    ],
)
def test_a_key_or_an_identifier_finds_its_company_and_a_name_never_does(
    fund: ThemeFund, apple: Company, tmp_path: Path, cells: dict[str, str], matched_by: Match
) -> None:
    done = read_in(fund, tmp_path, cells)
    assert (done.faults, done.entered) == ([], 1)
    holding = Holding.objects.get()
    assert holding.matched_by == matched_by
    assert holding.company == (None if matched_by == Match.OPEN else apple)


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"isin": "US0378331006"}, "isin"),
        ({"lei": "HWUPKR0MPOU8FGXBT395"}, "lei"),
        ({"company_key": "demo-alpha", "isin": APPLE_ISIN}, "company_key"),
        ({"issuer": ""}, "company_key"),
    ],
)
def test_an_identifier_that_is_none_or_contradicts_is_refused(
    fund: ThemeFund, apple: Company, tmp_path: Path, cells: dict[str, str], column: str
) -> None:
    make.company()
    done = read_in(fund, tmp_path, cells)
    assert [fault.column for fault in done.faults] == [column]
    assert RefusedRow.objects.get().amount == 100.0


def test_a_ticker_that_two_companies_carry_only_suggests_both(fund: ThemeFund, tmp_path: Path) -> None:
    make.rate("TWD", 2024, 32.0)
    make.company("tw-a", ticker="2330", country="TWN", name_en="Taiwan A", name_zh="")
    make.company("jp-b", ticker="2330", country="JPN", name_en="Forside", name_zh="")
    read_in(fund, tmp_path, {"ticker": "2330", "currency": "TWD", "issuer": "台積電"})
    holding = Holding.objects.get()
    assert holding.company is None
    assert {one.name for one in Companies().suggest(holding)} == {"Taiwan A", "Forside"}


def test_what_is_on_record_later_is_found_when_the_holding_is_read_again(fund: ThemeFund, tmp_path: Path) -> None:
    make.rate("CNY", 2024, 7.2)
    read_in(fund, tmp_path, {"company_key": "gl-new", "issuer": "New"})
    made = make.company("gl-new")
    done = read_in(fund, tmp_path, {"company_key": "gl-new", "issuer": "New"})
    assert (done.faults, done.unchanged, Holding.objects.get().company) == ([], 1, made)
    other = read_in(fund, tmp_path, {"company_key": "gl-other", "issuer": "Other"})
    assert [fault.column for fault in other.faults] == ["company_key"]


def test_a_file_that_names_no_issuer_at_all_is_not_read(fund: ThemeFund, tmp_path: Path) -> None:
    done = read_in(fund, tmp_path, {})
    assert not done.is_readable and "isin" in done.faults[0].expected


# --- by names ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Siemens AG", "SIEMENS"),
        ("聯發科技股份有限公司", "联发科技"),
        ("Apple Inc. (ordinary shares)", "apple"),
        ("中國銀行（香港）", "中国银行"),
        ("Nestlé S.A.", "NESTLE S.A."),
        ("Ørsted A/S", "orsted a/s"),
    ],
)
def test_a_name_is_read_without_what_does_not_tell_it_apart(one: str, other: str) -> None:
    assert bare_name(one) == bare_name(other)


def test_a_ticker_that_an_isin_of_taiwan_spells_out_finds_its_company(fund: ThemeFund, tmp_path: Path) -> None:
    made = make.company("nz-delta", name_zh="台达电", country="TWN", isin="TW0002308004")
    make.rate("TWD", 2024, 32.1)
    make.rate("CNY", 2024, 7.2)
    read_in(fund, tmp_path, {"ticker": "2308", "issuer": "台達電", "currency": "TWD"})
    assert (Holding.objects.get().company, Holding.objects.get().matched_by) == (made, Match.TICKER)


@pytest.mark.parametrize(
    ("issuer", "ticker", "company", "likeness"),
    [
        ("台達電", "", {"name_zh": "台达电", "country": "TWN"}, 100.0),
        ("日月光投控", "3711", {"name_zh": "日月光", "country": "TWN"}, 75.0),
        ("元大金", "2885", {"name_zh": "大金", "country": "TWN"}, None),
        ("三星", "5007", {"name_zh": "三星", "country": "KOR"}, None),
        ("統一超", "2912", {"name_zh": "統一", "country": "TWN", "ticker": "1216"}, None),
        ("中鋼構", "2013", {"name_zh": "中鋼", "country": "TWN", "isin": "TW0002002003"}, None),
        ("長榮", "2603", {"name_zh": "李長榮", "country": "TWN"}, None),
        ("Abbott Laboratories", "", {"name_zh": "", "name_en": "ABB", "country": "CHE"}, None),
    ],
)
def test_of_a_short_name_a_part_is_no_likeness_and_ticker_and_country_come_first(
    issuer: str, ticker: str, company: dict[str, str], likeness: float | None
) -> None:
    made = make.company("c", **company)
    asked = Holding(issuer_name=issuer, ticker=ticker, currency="TWD")
    expected = [] if likeness is None else [Suggestion(made.pk, company["name_zh"], likeness)]
    assert Companies().suggest(asked) == expected


def test_the_likest_names_are_suggested_each_company_once(fund: ThemeFund, apple: Company) -> None:
    make.company("gl-siemens", name_en="Siemens", name_zh="西门子")
    make.company("gl-siemens-energy", name_en="Siemens Energy", name_zh="西门子能源")
    asked = Holding(issuer_name="SIEMENS AG")
    assert [one.name for one in Companies().suggest(asked)][:2] == ["Siemens", "Siemens Energy"]
    assert Companies().suggest(Holding(issuer_name="Zzyzx")) == []


# --- by people -----------------------------------------------------------------------------------------
def unknown(fund: ThemeFund, key: str, name: str, amount: float = 50.0) -> Holding:
    facts = {"matched_by": Match.OPEN, "issuer_name": name, "asset_class": "listed_equity", "instrument": "shares"}
    holding: Holding = Holding.objects.create(fund=fund, holding_key=key, **facts)
    make.position(holding, amount, DAY)
    return holding


def test_a_manager_matches_many_at_once_and_undoes_one(fund: ThemeFund, apple: Company, client: Client) -> None:
    alike, none, other, left = (
        unknown(fund, key, name) for key, name in zip("abcd", ("Appel", "X", "Y", "Z"), strict=True)
    )
    key = make.company().company_key
    page = client.get(reverse("portfolio_open")).content.decode()
    assert "Appel" in page and "Apple Inc." in page and f'name="company-{alike.pk}"' in page
    given = {f"company-{alike.pk}": apple.pk, f"company-{none.pk}": "nobody", f"key-{other.pk}": key}
    answer = client.post(reverse("portfolio_open"), {"action": "match"} | given, follow=True)
    assert "3 settled." in answer.content.decode()
    found = {holding.issuer_name: holding for holding in Holding.objects.all()}
    assert [found[name].matched_by for name in ("Appel", "X", "Y", "Z")] == ["person", "nobody", "person", ""]
    assert (found["Appel"].company, found["Y"].company) == (apple, Company.objects.get(company_key=key))
    assert found["Appel"].history.first().history_user == User.objects.get(username="carol")
    assert AuditEvent.objects.filter(verb__in=("holding.matched", "holding.not_on_record")).count() == 3
    client.post(reverse("portfolio_open"), {"action": "undo", "holding": [alike.pk, none.pk]})
    assert Holding.objects.filter(matched_by=Match.OPEN).count() == 3
    assert left.matched_by == Match.OPEN


def test_what_a_key_found_is_not_undone_and_nobody_is_second(fund: ThemeFund, apple: Company, carol: User) -> None:
    by_key = make.holding(fund, apple)
    with pytest.raises(AlreadyDecided):
        by_key.unmatch(by=carol)
    holding = unknown(fund, "a", "Appel")
    stale = Holding.objects.get(pk=holding.pk)
    holding.match_to(apple, by=carol)
    with pytest.raises(AlreadyDecided):
        stale.match_to_nobody(by=carol)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"action": "match"}, "Nothing was chosen."),
        ({"action": "burn"}, "Nothing was chosen."),
        ({}, "Nothing was chosen."),
    ],
)
def test_a_form_that_asks_for_nothing_says_so(
    fund: ThemeFund, client: Client, given: dict[str, str], said: str
) -> None:
    unknown(fund, "a", "Appel")
    assert said in client.post(reverse("portfolio_open"), given, follow=True).content.decode()


def test_a_key_that_is_not_on_record_is_named(fund: ThemeFund, client: Client) -> None:
    holding = unknown(fund, "a", "Appel")
    answer = client.post(reverse("portfolio_open"), {"action": "match", f"key-{holding.pk}": "gl-pear"}, follow=True)
    assert "“gl-pear” is no company on record." in answer.content.decode()


def test_a_committee_member_reads_and_settles_nothing(fund: ThemeFund, client: Client) -> None:
    unknown(fund, "a", "Appel")
    client.force_login(make.user("ivy", Role.COMMITTEE_MEMBER))
    page = client.get(reverse("portfolio_open"))
    assert page.status_code == 200 and b'type="radio"' not in page.content and b"Appel" in page.content
    assert client.post(reverse("portfolio_open"), {"action": "match"}).status_code == 403


def test_without_a_fund_or_a_question_the_page_says_so(client: Client, fund: ThemeFund) -> None:
    assert "Nothing is open" in client.get(reverse("portfolio_open")).content.decode()
    fund.delete()
    assert "Nothing is open" in client.get(reverse("portfolio_open")).content.decode()


def test_more_open_questions_ask_no_more_of_the_database(fund: ThemeFund, apple: Company, client: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as questions:
            assert client.get(reverse("portfolio_open")).status_code == 200
        return len(questions)

    for at in range(2):
        unknown(fund, f"a{at}", f"Appel {at}")
        RefusedRow.objects.create(fund=fund, file="f", line=at, digest=f"{at}", as_of=DAY, currency="CNY", amount=1.0)
    asked()
    few = asked()
    for at in range(2, 9):
        unknown(fund, f"a{at}", f"Appel {at}")
        RefusedRow.objects.create(fund=fund, file="f", line=at, digest=f"{at}", as_of=DAY, currency="CNY", amount=1.0)
    assert asked() == few


def test_refused_rows_are_set_aside_for_a_reason(fund: ThemeFund, client: Client, carol: User) -> None:
    refused = RefusedRow.objects.create(fund=fund, file="book.csv", line=7, digest="d", name="Total", as_of=DAY)
    assert "book.csv:7" in client.get(reverse("portfolio_open")).content.decode()
    answer = client.post(
        reverse("portfolio_open"), {"action": "set_aside", "row": refused.pk, "reason": " "}, follow=True
    )
    assert "Say why the row is set aside." in answer.content.decode()
    given = {"action": "set_aside", "row": refused.pk, "reason": "the totals row"}
    assert "the totals row" in client.post(reverse("portfolio_open"), given, follow=True).content.decode()
    refused.refresh_from_db()
    assert (refused.state, refused.closed_by, refused.reason) == ("set_aside", carol, "the totals row")
    with pytest.raises(AlreadyDecided):
        refused.set_aside(by=carol, reason="again")
    assert AuditEvent.objects.get(verb="refused_row.set_aside").detail == "the totals row"


# --- what looks wrong ----------------------------------------------------------------------------------
PRICES = "company_key,as_of,currency,source,market_cap,total_debt,minority_interest,total_assets,revenue"


def price(folder: Path, cells: str) -> Imported:
    path = folder / "p.csv"
    path.write_text(f"{PRICES}\ngl-apple,2026-09-30,USD,s,{cells}\n", encoding="utf-8")
    return import_prices(path, by=None)


@pytest.mark.parametrize(
    ("cells", "asks"),
    [
        ("3400000,95000,0,365000,391000", True),  # Apple in millions of dollars
        ("3400000000000,95000000000,0,365000000000,391000", True),  # its revenue alone in millions
        ("3400000000000,95000000000,0,365000,", True),  # its assets alone
        ("3400000000000000000,0,0,,", False),  # refused: more than there is money
        ("3400000000000,95000000000,0,365000000000,391000000000", False),
        (",95000,0,,", False),  # debt may be of any size
    ],
)
def test_prices_of_another_size_than_the_revenue_are_a_question_at_import(
    apple: Company, tmp_path: Path, cells: str, asks: bool
) -> None:
    done = price(tmp_path, cells)
    assert done.questions == ([("gl-apple", Question.PRICE_SCALE)] if asks else [])
    assert done.is_whole is not (asks or bool(done.faults))


def test_a_million_dollars_is_no_quarter_of_apple(fund: ThemeFund, apple: Company, tmp_path: Path) -> None:
    price(tmp_path, "3400000,95000,0,365000,391000")
    done = read_in(fund, tmp_path, {"company_key": "gl-apple", "outstanding": "1000000"})
    assert [question for _key, question in done.questions] == [Question.LARGE_SHARE, Question.PRICE_SCALE]
    assert not done.is_whole
    statement = Book(fund).statement(DAY)
    assert statement.pcaf.attribution.factor[0] == pytest.approx(1 / 3.495)  # a question, and counted
    done = read_in(fund, tmp_path, {"company_key": "gl-apple", "outstanding": "5000000", "holding_key": "more"})
    assert Question.ABOVE_ONE in [question for _key, question in done.questions]
    statement = Book(fund).statement(DAY)
    for metric in statement.pcaf.metrics():
        assert (metric.covered, metric.coverage) == (0, 0.0)
    assert statement.pcaf.total_outstanding == pytest.approx(6e6 * 7.2)


@pytest.mark.parametrize(
    ("share", "amount", "asks"),
    [(0.286, 7.2e6, True), (0.101, 19e6, True), (0.10, 7.2e6, False), (0.286, 20e6, False), (float("nan"), 1.0, False)],
)
def test_a_large_share_is_asked_about_where_the_amount_buys_none(share: float, amount: float, asks: bool) -> None:
    assert is_large_share(share, amount) is asks


@pytest.mark.parametrize(
    ("values", "revenue", "asks"),
    [
        ([1.001e6], 1e3, True),
        ([1e6, None], 1e3, False),
        ([0.9], 1e3, True),
        ([1.0, 0.0], 1e3, False),
        ([1e9], None, False),
        ([1e9], 0.0, False),
    ],
)
def test_a_thousandfold_is_the_line(values: list[float | None], revenue: float | None, asks: bool) -> None:
    assert is_out_of_scale(values, revenue) is asks


def test_what_is_confirmed_counts_until_the_figures_are_others(
    fund: ThemeFund, apple: Company, client: Client, carol: User, tmp_path: Path
) -> None:
    make.prices(apple, DAY, evic=1_000.0)
    holding = make.holding(fund, apple)
    make.position(holding, 2_000.0, DAY)
    page = client.get(reverse("portfolio_open"))
    marks = [one.mark for one in page.context["open"].to_confirm]
    assert len(marks) == 2 and "2,000 ÷ EVIC 1,000" in page.content.decode()
    refused = client.post(reverse("portfolio_open"), {"action": "confirm", "mark": marks, "reason": ""}, follow=True)
    assert "Say why the figures are right." in refused.content.decode()
    client.post(reverse("portfolio_open"), {"action": "confirm", "mark": marks, "reason": "delisted since"})
    statement = Book(fund).statement(DAY)
    assert statement.pcaf.financed("s1").value == pytest.approx(2 * 1_200)
    assert questions_of(statement, 0) == []
    make.position(holding, 3_000.0, DAY)
    assert Book(fund).statement(DAY).pcaf.financed("s1").value is None
    stale = client.post(reverse("portfolio_open"), {"action": "confirm", "mark": marks[0], "reason": "x"}, follow=True)
    assert "The figures changed meanwhile" in stale.content.decode()
    assert Confirmation.objects.count() == 2
    with pytest.raises(ReasonMissing):
        Confirmation.give(holding, Question.ABOVE_ONE, "b", by=carol, reason="")
