"""Shares of a game against a mean over all orders, and against what others printed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.columns import Floats
from scoring.engine.errors import WrongShape
from scoring.engine.stacking import games
from scoring.engine.stacking.sampling import sampled_shares
from tests.engine.stacking.scenes import slow_owen


def tables(most: int = 5) -> st.SearchStrategy[Floats]:
    sizes = st.integers(1, most).map(lambda n: (1 << n) - 1)
    worths = sizes.flatmap(lambda size: st.lists(st.floats(-100.0, 100.0), min_size=size, max_size=size))
    return worths.map(lambda found: np.array([0.0, *found]))


@given(tables())
def test_shapley_is_the_mean_over_all_orders(v: Floats) -> None:
    n = games.players(v)
    assert np.allclose(games.shapley(v), slow_owen(v.tolist(), [[row] for row in range(n)]), atol=1e-10)


@given(tables(), st.data())
def test_owen_is_the_mean_over_the_orders_in_which_unions_stay_together(v: Floats, data: st.DataObject) -> None:
    n = games.players(v)
    home = data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    unions = [rows for place in range(3) if (rows := [row for row in range(n) if home[row] == place])]
    assert np.allclose(games.owen(v, unions), slow_owen(v.tolist(), unions), atol=1e-10)


@given(st.lists(st.floats(-100.0, 100.0), min_size=62, max_size=62))
def test_shares_of_a_sum_of_games_are_the_sum_of_shares(worths: list[float]) -> None:
    one, other = np.array([0.0, *worths[:31]]), np.array([0.0, *worths[31:]])
    assert np.allclose(games.shapley(one + other), games.shapley(one) + games.shapley(other), atol=1e-10)
    unions = [[0, 3], [1], [2, 4]]
    assert np.allclose(games.owen(one + other, unions), games.owen(one, unions) + games.owen(other, unions), atol=1e-10)


def test_the_glove_game() -> None:
    """One left glove and two right ones: 2/3, 1/6, 1/6."""
    v = np.zeros(8)
    v[[0b011, 0b101, 0b111]] = 1.0
    assert games.shapley(v) == pytest.approx([2 / 3, 1 / 6, 1 / 6])
    # with the two right gloves as a union there are two players who need each other: half each
    assert games.owen(v, [[0], [1, 2]]) == pytest.approx([1 / 2, 1 / 4, 1 / 4])


def test_a_game_alone_and_in_a_batch_come_to_the_same_bits() -> None:
    batch = np.random.default_rng(1).normal(size=(7, 64))
    unions = [[0, 5], [1, 2, 3], [4]]
    for found in (
        games.shapley,
        games.alone,
        games.last_in,
        games.overlaps,
        lambda v: games.owen(v, unions),
    ):
        whole = found(batch)
        assert all(np.array_equal(found(batch[row]), whole[row]) for row in range(7))


@pytest.mark.parametrize("v", [np.zeros(0), np.zeros(3), np.zeros((2, 6)), np.array(1.0)])
def test_a_table_that_is_no_game_is_refused(v: Floats) -> None:
    with pytest.raises(WrongShape):
        games.shapley(v)


@pytest.mark.parametrize("unions", [[[0]], [[0], [0, 1]], [[0], [2]]])
def test_unions_without_each_player_once_are_refused(unions: list[list[int]]) -> None:
    with pytest.raises(WrongShape):
        games.owen(np.zeros(4), unions)


def test_the_standard_error_is_as_large_as_the_errors_are() -> None:
    """Over 200 seeds the errors in units of the standard error scatter by about 1."""
    v = np.concatenate([[0.0], np.random.default_rng(2).normal(size=31)])
    for unions, exact in (
        ([[row] for row in range(5)], games.shapley(v)),
        ([[0, 2], [1], [3, 4]], games.owen(v, [[0, 2], [1], [3, 4]])),
    ):
        drawn = [
            sampled_shares(lambda c: v[(c.T @ (1 << np.arange(5))).astype(int)], unions, seed=seed, pairs=150)
            for seed in range(200)
        ]
        off = np.array([(one.shares - exact) / one.standard_error for one in drawn])
        assert (abs(off.std(axis=0) - 1.0) < 0.25).all()
        assert (abs(off.mean(axis=0)) < 0.35).all()
