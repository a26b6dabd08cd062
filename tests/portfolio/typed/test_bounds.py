"""How much there can be of anything: each bound has its reason, and every quantity that a person may write has one."""

import math

import pytest
from django.utils import translation

from portfolio.activities.kinds import activity_types
from portfolio.models import Quantity
from portfolio.typed.bounds import LARGEST, SMALLEST, bounds, is_implausible, refusal, refused
from scoring.engine import columns

EXTREME = [1e308, 1e300, -1e308, math.nan, math.inf, -math.inf, 1e-320, 1e-12]


def test_every_bound_has_a_source_and_a_reason_in_both_languages() -> None:
    lacking = [b.quantity for b in bounds().values() if not (b.source and b.reason_zh and b.reason_en)]
    assert lacking == []
    assert [b.quantity for b in bounds().values() if not 0 < b.implausible < b.impossible <= LARGEST] == []


def test_every_quantity_of_a_disclosure_and_every_unit_of_a_line_has_a_bound() -> None:
    units = {f"amount_{unit}" for kind in activity_types().values() for unit in kind.units}
    assert set(Quantity.values) | units <= set(bounds())


def test_the_bounds_of_floats_are_those_of_the_engine() -> None:
    assert (SMALLEST, LARGEST) == (columns.SMALLEST, columns.LARGEST)


@pytest.mark.parametrize("value", EXTREME)
@pytest.mark.parametrize("quantity", sorted(bounds()))
def test_what_cannot_be_is_refused_of_every_quantity(quantity: str, value: float) -> None:
    assert refusal(quantity, value)
    assert refusal(quantity, value, per_usd=None)


@pytest.mark.parametrize(
    ("quantity", "value"),
    [("scope1_t", 70_457_000_000.0), ("electricity_kwh", 1e14), ("revenue_cny", 1e15), ("employees", 2e7)],
)
def test_more_than_the_world_has_is_refused_with_the_bound_in_words(quantity: str, value: float) -> None:
    with translation.override("en"):
        assert f"at most {bounds()[quantity].impossible:,.0f}" in refused(quantity, value)
        assert bounds()[quantity].reason_en in refused(quantity, value)
    with translation.override("zh-hans"):
        assert bounds()[quantity].reason_zh in refused(quantity, value)


def test_what_is_large_and_can_be_is_kept_and_flagged() -> None:
    assert refusal("scope1_t", 1.5e9) == ""
    assert is_implausible("scope1_t", 1.5e9)
    assert not is_implausible("scope1_t", 1e9)


def test_money_is_bounded_in_its_own_currency() -> None:
    assert refusal("revenue", 4e14)  # dollars: four times what the world produces
    assert refusal("revenue", 4e14, per_usd=150.0) == ""  # yen: a few trillion dollars
    assert is_implausible("revenue", 4e14, per_usd=150.0)
    assert refusal("revenue", 4e14, per_usd=None) == ""  # of a currency whose worth nobody knows
    assert not is_implausible("revenue", 4e14, per_usd=None)
