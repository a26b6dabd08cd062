"""Table 3.2 of two ledgers, against the columns as the guidelines write them (2006 IPCC vol. 1 ch. 3, table 3.2)."""

from __future__ import annotations

import math

import pytest

from scoring.engine.accounting.ledger import Ledger, Sum
from scoring.engine.accounting.trends import Category, Trend, trend
from scoring.engine.errors import ZeroTotal
from tests.engine.accounting.test_accounting import ledger, line


def year_of(year: int, mwh: float, gj: float) -> Ledger:
    return ledger(
        line("electricity", mwh * 1000, "kWh", "CN-CQ", year, uncertainty_percent=3.0),
        line("heat", gj, "GJ", "CN-CQ", year, uncertainty_percent=5.0),
    )


def between(base: Ledger, year: Ledger, of: Sum | None = None) -> Trend:
    return trend(base, year, of or Sum(), of or Sum())


def test_a_table_is_that_of_the_guidelines() -> None:
    """Chongqing's grid has another number in each year (0.5227 in 2022, note C: independent), heat the same one."""
    found = between(year_of(2021, 1000, 2000), year_of(2022, 800, 2500))
    power = 0
    assert found.categories == (Category("electricity", "CN-CQ", "CO2"), Category("heat", "CN", "CO2"))
    base_power, base_heat = found.table.rows[power].base, 2000 * 0.11
    now_power, now_heat = 800 * 0.5227, 2500 * 0.11
    assert [row.year for row in found.table.rows] == pytest.approx([now_power, now_heat])
    base, now = base_power + base_heat, now_power + now_heat
    assert [row.ef_corr for row in found.table.rows] == [False, True]

    change = (now - base) / base * 100
    assert found.table.trend_percent == pytest.approx(change)
    j = now_power / base
    m_power = (j * 7 * math.sqrt(2)) ** 2 + (j * 3 * math.sqrt(2)) ** 2  # K, L
    i = abs((0.01 * now_heat + now - (0.01 * base_heat + base)) / (0.01 * base_heat + base) * 100 - change)
    m_heat = (i * 7) ** 2 + (now_heat / base * 5 * math.sqrt(2)) ** 2
    assert found.table.columns["M"] == pytest.approx((m_power, m_heat))
    assert found.table.trend_points == pytest.approx(math.sqrt(m_power + m_heat))
    h = ((3**2 + 7**2) * now_power**2 + (5**2 + 7**2) * now_heat**2) / now**2
    assert found.table.total_percent == pytest.approx(math.sqrt(h))


def test_lines_on_one_factor_are_one_row() -> None:
    halves = ledger(*(line("electricity", 4e5, "kWh", line_id=name, uncertainty_percent=3.0) for name in "ab"))
    whole = ledger(line("electricity", 8e5, "kWh", uncertainty_percent=3.0))
    found = between(whole, halves)
    [row] = found.table.rows
    assert (row.base, row.year) == pytest.approx((418.16, 418.16))
    assert row.activity_percent == pytest.approx(3 / math.sqrt(2))
    assert row.factor_percent == pytest.approx(7)  # not 7 / √2: they err together in it


def test_rows_add_up_to_the_totals_whatever_the_fuels() -> None:
    kinds = (("fuel.diesel@road", "t"), ("fuel.briquettes@manufacturing", "t"), ("fuel.wood@residential", "t"))
    base, year = (ledger(*(line(kind, tonnes, unit, "CN") for kind, unit in kinds)) for tonnes in (10, 12))
    found = between(base, year)
    assert found.table.base_total == pytest.approx(base.total().total_location.tonnes)
    assert found.table.year_total == pytest.approx(year.total().total_location.tonnes)
    assert found.table.trend_percent == pytest.approx(20)
    assert "CO2_biogenic" not in {category.gas for category in found.categories}  # a memo


def test_a_category_of_one_year_alone_stands_in_the_table() -> None:
    base, year = (
        ledger(line("heat", 100, "GJ", "CN")),
        ledger(line("heat", 100, "GJ", "CN"), line("electricity", 1e4, "kWh")),
    )
    rows = dict(zip(between(base, year).categories, between(base, year).table.rows, strict=True))
    assert rows[Category("electricity", "CN-CQ", "CO2")].base == 0


def test_a_year_that_comes_to_nothing_has_no_trend() -> None:
    with pytest.raises(ZeroTotal):
        between(ledger(line("heat", 0, "GJ", "CN")), ledger(line("heat", 1, "GJ", "CN")))


def test_scope_2_can_be_that_of_the_contracts() -> None:
    """2021 and 2022 have residual mixes of their own; heat counts the same both ways."""
    by_market = Sum(market=True)
    found = between(year_of(2021, 1000, 2000), year_of(2022, 800, 2500), by_market)
    assert found.table.year_total == pytest.approx(800 * 0.5856 + 2500 * 0.11)
