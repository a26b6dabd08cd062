"""The threshold, what is compared with it: derived by hand from METHOD, section 5."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.materiality import materiality

EFFECTS = st.lists(st.floats(-1e6, 1e6), max_size=8)


@pytest.mark.parametrize(
    ("reported_t", "threshold_t"),
    [(400_000.0, 20_000.0), (500_000.0, 25_000.0), (500_001.0, 10_000.02), (612_000.0, 12_240.0)],
)
def test_five_percent_up_to_500_kt_and_two_above(reported_t: float, threshold_t: float) -> None:
    found = materiality(reported_t, [])
    assert found is not None
    assert found.threshold_t == pytest.approx(threshold_t)
    assert not found.is_material


def test_errors_that_cancel_are_material_in_their_sum() -> None:
    found = materiality(100_000.0, [4_800.0, -4_700.0])
    assert found is not None
    assert (found.net_t, found.absolute_t, found.largest_t) == (100.0, 9_500.0, 4_800.0)
    assert (found.is_net, found.is_absolute, found.is_single) == (False, True, False)


def test_exactly_the_threshold_is_not_above_it() -> None:
    found = materiality(100_000.0, [-5_000.0])
    assert found is not None
    assert not found.is_material


@pytest.mark.parametrize("reported_t", [None, 0.0, -1.0])
def test_without_tonnes_there_is_nothing_to_measure_against(reported_t: float | None) -> None:
    assert materiality(reported_t, [1.0]) is None


@given(effects=EFFECTS, more=st.floats(-1e6, 1e6))
def test_one_more_effect_never_lowers_the_sum(effects: list[float], more: float) -> None:
    before, after = materiality(1e5, effects), materiality(1e5, [*effects, more])
    assert before is not None
    assert after is not None
    assert after.absolute_t >= before.absolute_t
    assert after.absolute_t >= abs(after.net_t) - 1e-6
    assert after.absolute_t >= after.largest_t
