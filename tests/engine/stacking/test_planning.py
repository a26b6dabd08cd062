"""What a candidate would add, savings year by year, and what a tonne costs."""

import numpy as np
import pytest

from scoring.engine.errors import MeasureRefused
from scoring.engine.stacking.planning import (
    AbatementBar,
    Planned,
    abatement_bars,
    annual_cost_cny,
    opportunities,
    wedges,
)
from scoring.engine.stacking.scene import Measure, Supply
from scoring.engine.stacking.stack import stack
from scoring.engine.stacking.words import refused
from tests.engine.stacking.scenes import CHILLER, FIVE, GAS, GREEN, HEAT_PUMP, LED, POWER, PV, building


def test_candidates_stand_by_what_they_add_to_what_is_there() -> None:
    """Green power alone saves most; beside a contract for the other half already there, a chiller adds half."""
    there = [GREEN]
    told = opportunities(building(), there, {"Acme": [CHILLER], "Bolt": [HEAT_PUMP, PV]}, {"Acme": 3920.25})
    found = {each.candidate: each for each in told}
    assert found["Acme"].alone_t == pytest.approx(78.405)
    assert found["Acme"].added_t == pytest.approx(78.405 / 2)
    assert found["Acme"].cny_per_t == pytest.approx(100.0)
    both = stack(building(), [GREEN, HEAT_PUMP, PV])
    assert found["Bolt"].added_t == pytest.approx(both.joint_t - stack(building(), there).joint_t)
    assert found["Bolt"].cny_per_t is None
    assert [each.candidate for each in told] == ["Bolt", "Acme"]


def test_one_candidate_on_all_the_others_adds_its_last_in_saving() -> None:
    for measure in FIVE:
        others = [one for one in FIVE if one is not measure]
        (found,) = opportunities(building(), others, {"c": [measure]})
        whole = stack(building(), FIVE)
        assert found.added_t == pytest.approx(whole.last_in_t[whole.keys.index(measure.key)])


def test_tonnes_that_are_only_stated_add_as_they_are_and_a_loss_has_no_price() -> None:
    stated = Measure("said", stated_t=7.0)
    dirty = Measure("dirty", (HEAT_PUMP.effects[0],))
    scene = building(factors_t_per_mwh={POWER: 2.0, GAS: 0.1})
    found = {e.candidate: e for e in opportunities(scene, [LED], {"a": [stated], "b": [dirty]}, {"a": 70.0, "b": 1.0})}
    assert (found["a"].added_t, found["a"].cny_per_t) == (7.0, 10.0)
    assert found["b"].added_t < 0 and found["b"].cny_per_t is None


def test_wedges_lie_between_the_baseline_and_what_is_left() -> None:
    """The grid gets cleaner, the roof comes in 2026 and the chiller leaves after 2027."""
    scenes = {
        year: building(factors_t_per_mwh={POWER: 0.6 - 0.02 * (year - 2025), GAS: 0.202}) for year in range(2025, 2030)
    }
    found = wedges(scenes, [Planned(CHILLER, 2020, 2027), Planned(PV, 2026), Planned(LED, 2028)])
    assert found.years.tolist() == [2025, 2026, 2027, 2028, 2029]
    assert (found.shares_t > 0).tolist() == [[1, 0, 0], [1, 1, 0], [1, 1, 0], [0, 1, 1], [0, 1, 1]]
    assert found.after_t == pytest.approx(found.baseline_t - found.shares_t.sum(axis=1))
    assert found.baseline_t == pytest.approx(1000 * (0.6 - 0.02 * np.arange(5)) + 400 * 0.202)
    with pytest.raises(MeasureRefused) as caught:
        wedges(scenes, [Planned(PV, 2026, 2025)])
    assert refused(caught.value) == ("pv：结束年份 2025 早于开始年份", "pv: it ends in 2025, before it begins")


def test_bars_of_abatement_are_as_wide_as_the_joint_saving() -> None:
    whole = stack(building(), FIVE)
    bars = abatement_bars(whole, {"led": -1000.0, "pv": 5880.375, "green": 21548.3075})
    assert [bar.key for bar in bars] == ["led", "green", "pv", "chiller", "hp"]
    assert [bar.cny_per_t for bar in bars[1:]] == [pytest.approx(100.0), pytest.approx(100.0), None, None]
    assert sum(bar.tonnes for bar in bars) == pytest.approx(whole.joint_t)
    nothing = stack(building(), [Measure("none", (Supply(0.0),))])
    assert abatement_bars(nothing, {"none": 5.0}) == [AbatementBar("none", 0.0, None)]
    with pytest.raises(MeasureRefused, match="not_finite"):
        abatement_bars(whole, {"led": float("inf")})


def test_an_investment_is_spread_over_its_life() -> None:
    """1,000 over 2 years at 10 %: x/1.1 + x/1.21 = 1,000, so x = 576.19."""
    assert annual_cost_cny(1000.0, 0.0, 0.1, 2) == pytest.approx(576.190476)
    assert annual_cost_cny(1000.0, -50.0, 0.0, 4) == pytest.approx(200.0)
    for wrong in [(-1.0, 0.0, 0.1, 2), (1.0, 0.0, -0.1, 2), (1.0, 0.0, 0.1, 0), (1.0, float("nan"), 0.1, 2)]:
        with pytest.raises(MeasureRefused):
            annual_cost_cny(*wrong)
