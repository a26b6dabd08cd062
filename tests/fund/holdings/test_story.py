"""The first screen of a portfolio: what is owned, financed, promised, what dominates and what nobody knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from fund.holdings.book import Book
from fund.holdings.charts import Bar, dates_line, drawn, top_of
from fund.holdings.report import PortfolioReport
from fund.holdings.story import Story
from fund.models import Holding, RefusedRow, ThemeFund
from tests import make

pytestmark = pytest.mark.django_db
DAY, BEFORE = date(2025, 6, 30), date(2025, 3, 31)


@pytest.fixture
def fund() -> ThemeFund:
    return make.fund()


@pytest.fixture
def carol() -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(make.carol())
    return client


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def held(
    fund: ThemeFund, key: str, amount: float, tonnes: float | None = 2_000.0, evic: float | None = 1_000.0
) -> Holding:
    company = make.company(key, name_en=key.title())
    if tonnes is not None:
        make.disclosure(company, scope_1=tonnes, scope_2=0.0)
        make.financials(company, revenue=5_000.0)
    holding = make.holding(fund, company)
    make.position(holding, amount)
    if evic is not None:
        make.prices(company, evic=evic)
    return holding


def story(fund: ThemeFund, day: date = DAY) -> Story:
    return Story(PortfolioReport(Book(fund), day))


def test_one_holding_that_carries_the_figure_is_named(fund: ThemeFund) -> None:
    """A tenth of 9,000 t and three tenths of 100 t: 900 of 930 t, on a quarter of the money."""
    held(fund, "heavy", 100.0, 9_000.0)
    held(fund, "light", 300.0, 100.0)
    first, second = story(fund).bars
    assert (first.bar.share, first.bar.money) == (pytest.approx(900 / 930), 0.25)
    assert (second.bar.share, second.bar.money) == (pytest.approx(30 / 930), 0.75)
    assert first.share_width == 100.0 and second.money_width == pytest.approx(100 * 0.75 / (900 / 930), abs=1e-3)
    assert "97% of the financed tonnes" in story(fund).dominance and "25% of the money" in story(fund).dominance


def test_many_holdings_are_one_bar_and_those_without_the_figure_another(fund: ThemeFund) -> None:
    for n in range(9):
        held(fund, f"c{n}", 10.0 + n)
    held(fund, "silent", 100.0, tonnes=None)
    bars = [one.bar for one in story(fund).bars]
    assert len(bars) == 9 and [bar.is_rest for bar in bars[-2:]] == [True, True]
    assert sum(bar.share or 0.0 for bar in bars) == pytest.approx(1.0)
    assert sum(bar.money or 0.0 for bar in bars) == pytest.approx(1.0)
    assert bars[-1].is_unknown and bars[-1].money == pytest.approx(100 / 226)


def test_without_enterprise_values_holdings_are_compared_by_intensity_and_without_anything_by_money(
    fund: ThemeFund,
) -> None:
    held(fund, "priced-by-nobody", 100.0, evic=None)
    assert story(fund).figure_words == "WACI, scopes 1 + 2"
    other = make.fund(name_zh="另一只基金")
    held(other, "silent", 100.0, tonnes=None, evic=None)
    assert story(other).measure is None and "100% of the money" in story(other).dominance
    assert story(other).over_dates == []


def test_what_is_unknown_says_how_much_why_and_who_can_fill_it(fund: ThemeFund) -> None:
    held(fund, "whole", 100.0)
    held(fund, "unpriced", 200.0, evic=None)
    held(fund, "silent", 50.0, tonnes=None)
    Holding.objects.create(
        fund=fund, holding_key="x", issuer_name="Zzyzx", asset_class="listed_equity", instrument="s", matched_by=""
    )
    make.position(Holding.objects.get(holding_key="x"), 120.0)
    RefusedRow.objects.create(fund=fund, file="f", line=1, digest="d", as_of=DAY, currency="CNY", amount=30.0, name="r")
    told = story(fund)
    assert [(gap.holdings, gap.money) for gap in told.gaps] == [
        (1, pytest.approx(0.40)),
        (1, pytest.approx(0.24)),
        (1, pytest.approx(0.10)),
        (1, pytest.approx(0.06)),
    ]
    assert told.unknown_share == pytest.approx(0.80)
    evic, issuer, silent, refused = told.gaps
    assert evic.is_entered and not evic.href and "administrator" in str(evic.who)
    assert "/app/portfolio/open/" in issuer.href and issuer.names == [("Zzyzx", "")]
    assert "company" in str(silent.who) and silent.names[0][1]
    assert refused.names == [("r", "")]


def test_a_line_begins_with_the_second_date_and_breaks_where_nothing_is_known(fund: ThemeFund) -> None:
    holding = held(fund, "steel", 100.0)
    assert story(fund).lines is None
    make.position(holding, 50.0, BEFORE)
    make.prices(holding.company, BEFORE, evic=1_000.0)  # type: ignore[arg-type]
    told = story(fund)
    assert [(row.day, row.total.value, row.largest) for row in told.over_dates] == [
        (BEFORE, 100.0, 100.0),
        (DAY, 200.0, 200.0),
    ]
    assert told.lines is not None and "+100%" in told.change_words
    gap = dates_line([(BEFORE, 1.0), (date(2025, 4, 30), None), (DAY, 2.0)], 2.4)
    assert gap.polylines == [] and [point.day for point in gap.dots] == [BEFORE, DAY]


def test_bars_stand_on_one_axis_and_lines_on_one_edge() -> None:
    bars = drawn([Bar("a", "", "", 0.5, 0.25), Bar("b", "", "", None, 1.0)])
    assert [(one.share_width, one.money_width) for one in bars] == [(50.0, 25.0), (0.0, 100.0)]
    assert drawn([]) == []
    assert top_of([(DAY, 10.0)], [(DAY, None)]) == pytest.approx(12.0)


def test_the_first_screen_has_words_for_every_picture(carol: Client, fund: ThemeFund) -> None:
    first = held(fund, "heavy", 100.0, 9_000.0)
    held(fund, "light", 300.0, 100.0)
    make.position(first, 100.0, BEFORE)
    make.prices(first.company, BEFORE, evic=1_000.0)  # type: ignore[arg-type]
    page = carol.get(reverse("portfolio")).content.decode()
    for words in ("What is owned", "Financed tonnes", "Promise", "What dominates", "What is unknown", "Over the dates"):
        assert words in page
    assert page.count("decides by it") == 5
    assert page.count("Show as table") == 2
    assert len(re.findall(r'<svg[^>]*role="img"', page)) == 3  # two bars and the line
    assert "style=" not in page
    assert "People&#x27;s Bank 2021" in page and "3rd edition (2025-12-02)" in page and "SFDR 1" in page


def test_the_weightings_stand_behind_a_disclosure_and_the_default_is_called_one(carol: Client, fund: ThemeFund) -> None:
    held(fund, "steel", 100.0)
    page = carol.get(reverse("portfolio") + "?view=temperature").content.decode()
    assert page.index("No target that can be used") < page.index("All seven weightings") < page.index("WATS")
    assert "its default for companies without a target" in carol.get(reverse("portfolio")).content.decode()


def test_below_the_promise_stands_the_money_with_a_usable_target_beside_the_coverage(
    carol: Client, fund: ThemeFund
) -> None:
    company = held(fund, "steel", 30.0).company
    held(fund, "bare", 70.0)
    covers = {"covers_scope_1": "Yes", "covers_scope_2": "Yes"}
    make.target(company, "t9", kind="absolute", reduction_share=0.42, base_year=2019, target_year=2033, **covers)
    page = " ".join(carol.get(reverse("portfolio")).content.decode().split())
    assert "Money in these degrees: <span>100%</span><br>Money with a usable target: <span>30%</span>" in page
    figure = carol.get(reverse("portfolio_figure", args=["temperature-WATS-mid-s1_s2"])).content.decode()
    assert "<dt>Money with a usable target</dt><dd><span>30%</span></dd>" in figure
    assert figure.count(">as used</a>") == 1 and figure.count(">none usable in this term</a>") == 1
    short = carol.get(reverse("portfolio_figure", args=["temperature-WATS-short-s1_s2"])).content.decode()
    assert "<dt>Money with a usable target</dt><dd><span>0%</span></dd>" in short  # its target is of the mid term


def test_the_peoples_bank_stands_in_a_tab_of_its_own(carol: Client, fund: ThemeFund) -> None:
    held(fund, "steel", 100.0)
    overview = carol.get(reverse("portfolio")).content.decode()
    own = carol.get(reverse("portfolio") + "?view=pboc").content.decode()
    assert "/figures/pboc_s1" not in overview and "pboc_s1" in own
    assert "not to be added or compared" in own


def test_impacts_say_why_their_parts_do_not_add_up_and_tests_why_they_are_not_decidable(
    carol: Client, fund: ThemeFund
) -> None:
    held(fund, "steel", 100.0)
    page = carol.get(reverse("portfolio") + "?view=rules").content.decode()
    assert "no holding has all three scopes" in page and "before the book" in page
    assert "Not decidable under 90% of the money; on 2025-06-30: 0 of 1 holdings" in page
