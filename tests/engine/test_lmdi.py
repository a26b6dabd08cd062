"""Changes taken apart: printed examples, exactness, and zeros by their limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.errors import LmdiError, WrongShape
from scoring.engine.lmdi import Decomposition, decompose, decompose_sectors, log_mean, names

positive = st.floats(1e-3, 1e3)


def column(*numbers: float) -> list[list[float]]:
    return [[number] for number in numbers]


def of_factors(x0: list[list[float]], xt: list[list[float]]) -> Decomposition:
    return decompose(np.prod(x0, axis=0), np.prod(xt, axis=0), x0, xt)


def test_the_grid_got_cleaner_apart_from_we_saved() -> None:
    """100 → 120 units of 10 → 7.5 kWh on 0.5568 → 0.5306 kg: by hand L = (v0 − vt)/ln(v0/vt) = 516.15 kg."""
    found = of_factors(column(100.0, 10.0, 0.5568), column(120.0, 7.5, 0.5306))
    mean = (556.8 - 477.54) / np.log(556.8 / 477.54)
    assert found.additive == pytest.approx([mean * np.log(1.2), mean * np.log(0.75), mean * np.log(0.5306 / 0.5568)])
    assert found.multiplicative == pytest.approx([1.2, 0.75, 0.5306 / 0.5568])
    assert float(found.total) == pytest.approx(-79.26)


def test_two_sectors_of_ang() -> None:
    """E 30, 20 → 80, 16 and Q 10, 40 → 40, 40: 32.38 + 38.28 − 24.67 = 46."""
    found = decompose_sectors([[10, 40], [30, 20]], [[40, 40], [80, 16]])
    assert found.additive == pytest.approx([32.384637910916766, 38.28486735022565, -24.669505261142387])
    assert names(3) == ("activity", "structure", "intensity")


def test_emissions_bring_a_factor_of_their_own() -> None:
    """Output and energy as they were, a factor of 0.5 → 0.4: all of the change is the factor's."""
    found = decompose_sectors([[10, 40], [30, 20], [15, 10]], [[10, 40], [30, 20], [12, 8]])
    assert found.additive == pytest.approx([0.0, 0.0, 0.0, -5.0], abs=1e-12)
    assert names(4)[-1] == "factor"


factors = st.integers(1, 4).flatmap(
    lambda sectors: st.lists(st.lists(positive, min_size=sectors, max_size=sectors), min_size=6, max_size=6)
)


@given(factors)
def test_effects_add_up_and_multiply_to_the_change(rows: list[list[float]]) -> None:
    found = of_factors(rows[:3], rows[3:])
    whole = float(np.prod(rows[:3], axis=0).sum() + np.prod(rows[3:], axis=0).sum())
    assert float(found.residual) == pytest.approx(0.0, abs=1e-9 * whole)
    assert float(np.prod(found.multiplicative)) == pytest.approx(float(found.ratio), rel=1e-6)
    assert found.by_sector.sum(axis=-1) == pytest.approx(found.additive)


@given(factors)
def test_there_and_back_again_is_nothing(rows: list[list[float]]) -> None:
    there, back = of_factors(rows[:3], rows[3:]), of_factors(rows[3:], rows[:3])
    assert there.additive == pytest.approx(-back.additive)


@given(factors, st.sets(st.integers(0, 2), min_size=1, max_size=2))
def test_a_zero_is_the_limit_of_a_small_number(rows: list[list[float]], gone: set[int]) -> None:
    """Ang and Liu 2007. The logarithm goes there slowly: 1e-140 still leaves 1/ln of it."""
    begins, small = [list(row) for row in rows[:3]], [list(row) for row in rows[:3]]
    for row in gone:
        begins[row][0], small[row][0] = 0.0, 1e-140
    zero, near = of_factors(begins, rows[3:]), of_factors(small, rows[3:])
    scale = float(np.prod(rows[3:], axis=0).sum() + np.prod(begins, axis=0).sum())
    assert zero.additive == pytest.approx(near.additive, abs=0.2 * scale)
    assert float(zero.residual) == pytest.approx(0.0, abs=1e-9 * (scale + 1.0))
    back = of_factors(rows[3:], begins)
    assert back.additive == pytest.approx(-zero.additive)


def test_a_sector_that_begins_gives_its_change_to_what_was_zero() -> None:
    found = of_factors(column(100.0, 0.0, 2.0), column(100.0, 0.06, 2.0))
    assert found.additive.tolist() == [0.0, 12.0, 0.0]
    assert np.isnan(found.multiplicative).all() and np.isnan(found.ratio)
    both = of_factors(column(0.0, 0.0, 2.0), column(3.0, 0.5, 2.0))
    assert both.additive.tolist() == [1.5, 1.5, 0.0]
    never = of_factors(column(0.0, 1.0), column(0.0, 2.0))
    assert never.additive.tolist() == [0.0, 0.0]


def test_a_sector_without_output_in_one_year_is_structure() -> None:
    found = decompose_sectors([[100, 0], [50, 0]], [[100, 100], [50, 20]])
    assert found.by_sector[:, 1].tolist() == [0.0, 20.0, 0.0]
    gone = decompose_sectors([[100, 0], [50, 0]], [[100, 0], [40, 0]])
    assert gone.by_sector[:, 1].tolist() == [0.0, 0.0, 0.0]


def test_years_in_a_row_are_taken_apart_at_once() -> None:
    x = np.random.default_rng(1).uniform(0.5, 2.0, (5, 3, 2))  # years, factors, sectors
    v = x.prod(axis=1)
    found = decompose(v[:-1], v[1:], x[:-1], x[1:])
    assert found.additive.shape == (4, 3)
    assert np.array_equal(found.additive[2], decompose(v[2], v[3], x[2], x[3]).additive)
    assert found.additive.sum() == pytest.approx(v[-1].sum() - v[0].sum())


def test_printed_figures_leave_a_residual_that_is_told() -> None:
    found = decompose([10.0], [20.1], column(2.0, 5.0), column(4.0, 5.0))
    assert float(found.residual) == pytest.approx(10.1 - found.additive[0])
    assert float(found.residual) != 0.0


def test_the_logarithmic_mean() -> None:
    assert log_mean([1.0, 5.0, 0.0, 3.0], [np.e, 5.0, 2.0, 0.0]) == pytest.approx([np.e - 1, 5.0, 0.0, 0.0])
    near = float(log_mean(1.0, 1.0 + 1e-12))
    assert near == pytest.approx(1.0, rel=1e-11)
    far = float(log_mean(1.0, 1e12))
    assert far == pytest.approx((1e12 - 1) / (12 * np.log(10.0)), rel=1e-14)


@pytest.mark.parametrize(
    ("v0", "vt", "x0", "xt"),
    [
        ([-1.0], [1.0], column(-1.0), column(1.0)),
        ([0.0], [1.0], column(1.0), column(1.0)),  # zero, and no factor is
        ([1.0], [1.0], column(0.0), column(1.0)),  # a factor is zero, and the value is not
        ([np.inf], [1.0], column(1.0), column(1.0)),
    ],
)
def test_amounts_that_have_no_logarithmic_mean_are_refused(v0, vt, x0, xt) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(LmdiError):
        decompose(v0, vt, x0, xt)


def test_other_shapes_and_energy_without_output_are_refused() -> None:
    with pytest.raises(WrongShape):
        decompose([1.0, 2.0], [1.0, 2.0], column(1.0), column(1.0))
    with pytest.raises(WrongShape):
        decompose([1.0], [1.0], [1.0], [1.0])
    with pytest.raises(LmdiError, match="energy without output"):
        decompose_sectors([[1, 0], [1, 1]], [[1, 1], [1, 1]])
    with pytest.raises(LmdiError, match="no sector has output"):
        decompose_sectors([[0], [0]], [[1], [1]])
