"""Principal adverse impacts: the worked quarters, then what a book says that begins late or lacks a scope."""

from typing import Any

import pytest

from scoring.engine.errors import WrongShape
from scoring.engine.finance.financed import Holdings
from scoring.engine.finance.impacts import QuarterlyMetric, parts_of_impact_1, principal_adverse_impacts
from tests.engine.finance.test_financed import GOLDEN, holding


def book(*rows: Any) -> Holdings:
    holdings, refused = Holdings.from_records(list(rows))
    assert not refused
    return holdings


def impacts(*quarters: Holdings | None) -> dict[str, QuarterlyMetric]:
    return {metric.code: metric for metric in principal_adverse_impacts(quarters)}


def test_the_quarterly_average_of_the_worked_case_is_reproduced() -> None:
    quarters = []
    for quarter in GOLDEN["sfdr_quarterly"]["quarters"]:
        record = holding(
            outstanding=float(quarter["investment"]),
            evic=float(quarter["enterprise_value"]),
            s1_t=float(quarter["ghg"]),
            s2_t=0.0,
            s3_t=0.0,
        )
        quarters.append(Holdings.from_records([record])[0])
    found = {metric.code: metric for metric in principal_adverse_impacts(quarters)}
    assert found["pai_1_total"].value == pytest.approx(GOLDEN["sfdr_quarterly"]["expected_tco2e"], rel=1e-9)
    # 1,000 t over 20 of currency in two quarters, and none to speak of in the others: 500 / 10 x 1e6
    assert found["pai_2_footprint"].value == pytest.approx(50e6)
    assert [metric.value for metric in found["pai_2_footprint"].quarters] == [pytest.approx(50e6)] * 2 + [None] * 2
    with pytest.raises(WrongShape, match="3"):
        principal_adverse_impacts(quarters[:3])


def test_a_quarter_before_the_book_begins_is_no_quarter_of_zero_tonnes() -> None:
    """50 + 150 t at a tenth are 20 t, in the one quarter that is on record; sold out is another matter."""
    late = impacts(None, None, None, book(holding()))
    assert (late["pai_1_total"].value, late["pai_1_total"].counted) == (pytest.approx(20.0), 1)
    sold = impacts(book(), book(), book(), book(holding()))
    assert (sold["pai_1_total"].value, sold["pai_1_total"].counted) == (pytest.approx(5.0), 4)
    assert impacts(None, None, None, None)["pai_1_total"].value is None


def test_parts_add_up_or_say_what_lacks() -> None:
    whole, gap = holding("a"), holding("b", company_key="bob-cement", s3_t=None)
    quarters = [book(whole)] * 4
    assert parts_of_impact_1(quarters, principal_adverse_impacts(quarters)).add_up
    quarters = [book(whole, gap)] * 4
    found = parts_of_impact_1(quarters, principal_adverse_impacts(quarters))
    # the 50 t of scopes 1 + 2 of b, at a tenth, are in the parts and not in the total
    assert (found.sum_t, found.total_t, found.lacking) == (pytest.approx(25.0), pytest.approx(20.0), 1)
    assert not found.add_up and not found.other_quarters
    quarters = [book(gap), book(whole), book(whole), book(whole)]
    assert parts_of_impact_1(quarters, principal_adverse_impacts(quarters)).other_quarters


def test_of_all_investments_the_unknown_counts_as_nothing_and_is_a_lower_bound() -> None:
    """20 t over 100 is 200,000 a million; 300 more without tonnes leave a quarter of it."""
    row = impacts(*[book(holding("a"), holding("b", outstanding=300.0, evic=9e9, s1_t=None))] * 4)["pai_2_footprint"]
    assert (row.value, row.coverage) == (pytest.approx(200_000.0), 0.25)
    assert row.of_all == pytest.approx(50_000.0)
    unknown = impacts(*[book(holding("a"), holding("b", outstanding=None))] * 4)
    assert unknown["pai_2_footprint"].of_all is None and unknown["pai_1_total"].of_all is None
