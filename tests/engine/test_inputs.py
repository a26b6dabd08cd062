"""What the engine takes and what it refuses."""

import hashlib
import math
from typing import Any

import numpy as np
import pytest

from scoring.engine import Inputs, canonical_json, digest, errors
from scoring.engine.score.theme import score
from tests.engine.make import AS_OF, company, inputs, target, year


def refused(error: type[errors.EngineError], *records: Any) -> errors.EngineError:
    with pytest.raises(error) as caught:
        inputs(*records)
    return caught.value


def test_columns_keep_every_row_with_its_owner() -> None:
    batch = inputs(company("alice"), company("bob", years=[], targets=[]), company("charlie", years=[year(2021)]))
    assert batch.company_key == ("alice", "bob", "charlie")
    assert batch.years.owner.tolist() == [0, 0, 2]
    assert batch.years.start.tolist() == [0, 2, 2, 3]
    assert batch.targets.owner.tolist() == [0, 2]


def test_missing_becomes_nan_and_not_zero() -> None:
    batch = inputs(company(years=[year(scope1_t=None, revenue=None, currency=None, cny_per_unit=None)]))
    assert np.isnan([batch.years.scope1_t[0], batch.years.revenue[0], batch.years.cny_per_unit[0]]).all()


def test_columns_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        inputs(company()).years.scope1_t[0] = 0.0


def test_an_empty_batch_is_a_batch() -> None:
    assert len(Inputs.from_records([])) == 0


def test_unknown_words_are_refused() -> None:
    for row in (year(scope2_kind="grid"), year(boundary="same"), year(rung=3), year(rung=True), year(boundary=None)):
        refused(errors.UnknownWord, company(years=[row]))
    for field in ("horizon", "kind", "scope3", "status", "validated"):
        error = refused(errors.UnknownWord, company(targets=[target(**{field: "soon"})]))
        assert (error.value, error.company_key) == ("soon", "alice")


def test_negative_amounts_are_refused() -> None:
    assert refused(errors.NegativeAmount, company(years=[year(scope1_t=-1.0)])).value == -1.0
    refused(errors.NegativeAmount, company(years=[year(scope2_t=-1.0)]))
    refused(errors.NegativeAmount, company(years=[year(cny_per_unit=0.0)]))
    refused(errors.NegativeAmount, company(targets=[target(reduction_share=-0.1)]))


@pytest.mark.parametrize("value", [math.nan, math.inf, 10**400])
def test_numbers_that_are_not_finite_are_refused(value: float) -> None:
    refused(errors.NotFinite, company(years=[year(revenue=value)]))


@pytest.mark.parametrize("value", [1e-300, -1e-10, 1.1e18, 1e300])
def test_impossible_sizes_are_refused(value: float) -> None:
    refused(errors.OutOfRange, company(years=[year(revenue=value)]))


def test_canonical_json_refuses_nan() -> None:
    with pytest.raises(errors.NotFinite):
        canonical_json(company(sector=math.nan))


def test_one_year_twice_is_refused() -> None:
    assert refused(errors.DuplicateYear, company(years=[year(2022), year(2022)])).value == 2022


def test_years_that_do_not_ascend_are_refused() -> None:
    assert refused(errors.UnsortedYears, company(years=[year(2023), year(2022)])).value == 2022


def test_one_target_twice_is_refused() -> None:
    assert refused(errors.DuplicateTarget, company(targets=[target("end"), target("end")])).value == "end"


def test_one_company_twice_is_refused() -> None:
    assert refused(errors.DuplicateCompany, company("alice"), company("alice")).company_key == "alice"


def test_a_figure_without_its_word_is_refused() -> None:
    refused(errors.IncompleteFigure, company(years=[year(scope2_kind=None)]))
    refused(errors.IncompleteFigure, company(years=[year(currency=None)]))


def test_a_year_after_as_of_is_refused() -> None:
    with pytest.raises(errors.FutureYear) as caught:
        score(inputs(company("alice"), company("bob", years=[year(2026)])), None, AS_OF)
    assert (caught.value.value, caught.value.company_key) == (2026, "bob")


@pytest.mark.parametrize(
    "record",
    [
        None,
        {"sector": "steel"},
        company(company_key=""),
        company(colour="green"),
        company(years=None),
        company(years=[None]),
        company(sector=7),
        company(years=[year() | {"scope4_t": 1.0}]),
        company(years=[year(2023.0)]),  # type: ignore[arg-type]
        company(years=[year(20230)]),
        company(years=[year(scope1_t="12")]),
        company(years=[year(scope1_t=True)]),
        company(years=[year(disclosure=None)]),
        company(targets=[target(base_year="2019")]),
    ],
)
def test_a_record_of_another_shape_is_refused(record: Any) -> None:
    refused(errors.WrongShape, record)


def test_no_refusal_asks_for_a_retry_and_each_names_value_and_company() -> None:
    error = refused(errors.NegativeAmount, company("bob", years=[year(scope1_t=-5.0)]))
    assert not error.retry_makes_sense
    assert str(error) == "scope1_t must not be negative: -5.0 (company bob)"


def test_canonical_json_is_sorted_compact_and_keeps_chinese() -> None:
    assert canonical_json({"b": 1.0, "a": ["钢铁", None]}) == '{"a":["钢铁",null],"b":1.0}'


def test_digest_is_the_sha256_of_the_canonical_text() -> None:
    text = '{"a":"钢"}'
    assert digest({"a": "钢"}) == digest(text) == hashlib.sha256(text.encode("utf-8")).hexdigest()
