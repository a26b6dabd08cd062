"""What a company can read in its record."""

import json
from typing import Any

import pytest

from scoring.engine import FLAGS, UNITS
from tests.engine.make import METHODOLOGY, company, line, record_of, target, year


def missing(record: Any) -> dict[str, tuple[str, str]]:
    return {gap["code"]: (gap["zh"], gap["en"]) for gap in record_of(record)["missing"]}


def test_intensity_sentence_lets_a_reader_redo_the_sum() -> None:
    row = year(
        2022,
        scope1_t=24000501,
        scope2_t=466546,
        revenue=191.54e9,
        currency="CNY",
        cny_per_unit=1.0,
        boundary="mismatched",
    )
    found = line(record_of(company(years=[row])), "carbon_intensity")
    # 24,467,047 t / 19,154,000 万元 = 1.27738…
    assert (
        found["because_zh"]
        == "(24,000,501 + 466,546) tCO2e ÷ 1,915.4 亿元 = 1.277 tCO2e/万元（2022 年；排放边界与营收不同）"
    )
    assert found["because_en"] == (
        "(24,000,501 + 466,546) tCO2e ÷ CNY 191.54 billion = 1.277 tCO2e per 10,000 CNY "
        "(2022; boundary differs from revenue's)"
    )


def test_foreign_revenue_is_shown_with_its_rate() -> None:
    found = line(record_of(company()), "carbon_intensity")
    assert "CNY 10.00 million (40,000,000 TWD × 0.25 CNY/TWD) = 0.1 tCO2e per 10,000 CNY (2023)" in found["because_en"]
    assert "1000 万元" in found["because_zh"] or "1,000 万元" in found["because_zh"]


def test_trend_sentence_names_every_year() -> None:
    found = line(record_of(company()), "emissions_change")
    assert found["because_en"] == (
        "125 tCO2e (2022), 100 tCO2e (2023): -20.0% a year, log-linear least squares over 2 years"
    )
    assert found["because_zh"] == "2022 年 125 tCO2e、2023 年 100 tCO2e：2 年对数线性最小二乘，年均 -20.0%"


def test_target_sentence_says_what_is_stated_and_what_is_not() -> None:
    full = line(record_of(company(targets=[target(scope3="yes", validated="1.5c")])), "target")
    bare = line(record_of(company(targets=[target(kind="net_zero", reduction_share=None, base_year=None)])), "target")
    assert full["because_en"] == (
        "end target: absolute reduction, by 2030, 50% less, against 2019, covers scope 3, "
        "validated by the SBTi (1.5 °C)"
    )
    assert bare["because_zh"] == "长期目标：净零，2030 年，未给比例，未给基准年，不含范围三"


@pytest.mark.parametrize(
    ("record", "code", "en"),
    [
        (company(years=[]), "no_emissions", "no emissions reported"),
        (company(years=[year(scope1_t=None, scope2_t=None)]), "no_emissions", "no emissions reported"),
        (company(years=[year(2022, scope2_t=None)]), "scope2_missing", "scope 2 missing in 2022"),
        (company(years=[year(2022, scope1_t=None)]), "scope1_missing", "scope 1 missing in 2022"),
        (company(years=[year(revenue=None)]), "no_revenue", "no revenue for any year with emissions"),
        (company(years=[year(2019, cny_per_unit=None)]), "no_exchange_rate", "no exchange rate TWD 2019"),
        (
            company(years=[year(revenue=-5.0)]),
            "revenue_not_positive",
            "revenue of 2023 is not above zero, so no intensity follows",
        ),
    ],
)
def test_insufficient_data_names_what_is_missing(record: Any, code: str, en: str) -> None:
    assert record_of(record)["status"] == "insufficient"
    zh, found = missing(record)[code]
    assert found == en
    assert zh != en and any("一" <= letter <= "鿿" for letter in zh)


def test_an_insufficient_record_still_shows_its_lines_without_weights() -> None:
    record = record_of(company(years=[year(2022, revenue=None), year(2023, revenue=None)]))
    trend = line(record, "emissions_change")
    assert (trend["weight"], trend["contribution"]) == (None, None)
    assert trend["utility"] is not None


def test_a_missing_pillar_is_none_with_no_weight() -> None:
    score = record_of(company(years=[year(2023)]))["emissions_score"]
    assert score is not None
    pillar = score["pillars"][1]
    assert (pillar["utility"], pillar["contribution"], pillar["weight"]) == (None, None, 0.0)
    assert pillar["nominal_weight"] == 0.3


def test_the_record_names_engine_methodology_and_date() -> None:
    record = record_of(company())
    assert (record["engine"], record["methodology"], record["as_of"]) == ("0.3.0", "demo-0", "2025-06-30")
    assert record["methodology_digest"] == METHODOLOGY.digest
    assert record["assisted_score"] is None


def test_a_record_is_json_and_comes_back_the_same() -> None:
    for record in (record_of(company()), record_of(company(years=[], targets=[], sector=None))):
        assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_every_flag_and_unit_has_its_words() -> None:
    strange = [
        year(2020, scope2_kind="market", scope1_t=1e6),
        year(2021, scope1_t=0.0, scope2_t=0.0),
        year(2022, scope1_t=0.0, scope2_t=1e6, boundary="unstated"),
        year(2023, scope2_t=0.0, revenue=None),
    ]
    strange[2]["doubts"] = ["emissions", "revenue"]
    old_and_wrong = [target("old", target_year=2020), target("odd", base_year=2035)]
    record = record_of(company(sector=None, years=strange, targets=old_and_wrong))
    more = record_of(company(years=[year(boundary="mismatched", scope1_t=1e9)], targets=[target()]))
    of_demo_2 = {"coverage_as_stated", "type_assumed"}  # test_trajectory_indicators.py
    assert set(record["flags"]) | set(more["flags"]) | of_demo_2 == set(FLAGS)
    assert {found["unit"] for found in record["lines"]} | {"step", "°C"} == set(UNITS)
