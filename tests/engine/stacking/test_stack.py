"""Measures in a scene: the worked building, the properties of the shares, what is refused."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.errors import MeasureRefused, WrongDraws
from scoring.engine.stacking.evaluation import evaluate
from scoring.engine.stacking.scene import (
    Cut,
    Effect,
    Generation,
    Interaction,
    Measure,
    Removal,
    Scene,
    Supply,
    Switch,
)
from scoring.engine.stacking.stack import Stack, stack, values
from scoring.engine.stacking.words import REFUSED, refused
from tests.engine.stacking.scenes import (
    FIVE,
    GAS,
    GREEN,
    HEAT_PUMP,
    LED,
    POWER,
    building,
    measures,
    scenes,
    slow_table,
    slow_tonnes,
)

CLOSE: dict[str, float] = {"rtol": 1e-9, "atol": 1e-9}


def columns(found: Stack) -> dict[str, tuple[float, ...]]:
    rows = zip(found.alone_t, found.last_in_t, found.shapley_t, found.owen_t, strict=True)
    return dict(zip(found.keys, [tuple(map(float, row)) for row in rows], strict=True))


def test_two_cuts_of_one_thousand_tonnes() -> None:
    """Row 64: −20 % and −50 % on 1,000."""
    scene = Scene({("process", "direct"): 1000.0}, {})
    found = stack(scene, [Measure("a", (Cut("process", 0.2),)), Measure("b", (Cut("process", 0.5),))])
    assert (found.joint_t, found.naive_t, found.overlap_t) == pytest.approx((600.0, 700.0, 100.0))
    assert found.alone_t == pytest.approx([200.0, 500.0])
    assert found.last_in_t == pytest.approx([100.0, 400.0])
    assert found.shapley_t == pytest.approx([150.0, 450.0])


def test_the_demonstration_building() -> None:
    """SCREENS C3; −31.4 by hand: 120 MWh for the heat pump, half of them clean: 400 · 0.3 · 0.5227 · 0.5."""
    found = stack(building(), FIVE)
    assert (found.baseline_t, found.after_t) == pytest.approx((603.5, 171.7722875))
    assert (found.naive_t, found.overlap_share) == pytest.approx((525.15225, 0.2164), rel=1e-4)
    pair = dict(zip(found.keys, range(5), strict=True))
    synergy = found.overlap_t_by_pair[pair["hp"], pair["green"]]
    assert synergy == pytest.approx(-400 * 0.3 * 0.5227 * 0.5)
    assert found.overlap_t_by_pair[pair["chiller"], pair["pv"]] == 0.0
    # a kilowatt hour of light less is 0.25 of cooling at the better chiller, and 0.3 of gas more
    assert found.overlap_t_by_pair[pair["led"], pair["chiller"]] == pytest.approx(150 * 0.25 * 0.3 * 0.5227)


def test_generation_counts_up_to_the_load_and_says_what_is_left() -> None:
    scene = Scene({("other", POWER): 100.0}, {POWER: 0.5, GAS: 0.2})
    roof = [Measure("pv", (Generation(150.0),)), Measure("more", (Generation(30.0),))]
    found = evaluate(scene, roof, np.array([[0.0, 1.0, 1.0], [0.0, 0.0, 1.0]]))
    assert found.tonnes.tolist() == [50.0, 0.0, 0.0]
    assert found.unused_mwh[POWER].tolist() == [0.0, 50.0, 80.0]
    gas = evaluate(scene, [Measure("gas", (Generation(9.0, GAS),))], np.array([[1.0]]))
    assert (gas.tonnes.tolist(), gas.unused_mwh[GAS].tolist()) == ([50.0], [9.0])


def test_two_heat_pumps_replace_the_same_boilers_once() -> None:
    other = Measure("other", (Switch("heating", GAS, POWER, 1.0, 0.3),))
    found = stack(building(), [HEAT_PUMP, other])
    assert found.joint_t == pytest.approx(found.alone_t[0])
    assert found.shapley_t == pytest.approx([found.joint_t / 2] * 2)


def test_a_switch_does_not_move_what_another_switch_only_just_brought() -> None:
    scene = Scene({("heating", GAS): 100.0}, {GAS: 0.2, POWER: 0.5, "heat": 0.1})
    to_power = Measure("a", (Switch("heating", GAS, POWER, 1.0, 0.3),))
    # the scene knows no heating by electricity: there is none to replace yet
    with pytest.raises(MeasureRefused, match="no_baseline"):
        stack(scene, [to_power, Measure("b", (Switch("heating", POWER, "heat", 1.0, 1.0),))])


def test_a_saving_stated_in_tonnes_joins_additively_and_is_marked() -> None:
    stated = Measure("said", stated_t=12.5, owner="Acme")
    plain, with_it = stack(building(), FIVE), stack(building(), [LED, stated, *FIVE[1:]])
    assert with_it.interacts.tolist() == [True, False, True, True, True, True]
    assert with_it.joint_t == pytest.approx(plain.joint_t + 12.5)
    assert columns(with_it)["said"] == (12.5,) * 4
    assert columns(with_it)["led"] == columns(plain)["led"]
    assert not with_it.overlap_t_by_pair[1].any() and not with_it.overlap_t_by_pair[:, 1].any()
    assert with_it.owner_t == {"Acme": 12.5}


def test_nothing_and_one_measure_are_stacks_too() -> None:
    nothing = stack(building(), [])
    assert (nothing.joint_t, nothing.naive_t, nothing.overlap_share) == (0.0, 0.0, None)
    one = stack(building(), [GREEN])
    assert columns(one)["green"] == pytest.approx((261.35,) * 4)


def test_owners_come_first_and_one_owner_changes_nothing() -> None:
    """v(S) = B − B·∏(1−r), the worked Owen value: 385 and 195 t for the two companies."""
    scene = Scene({("process", "direct"): 1000.0}, {})
    cut = [(0.3, "x"), (0.2, "x"), (0.25, "y")]
    bundle = [Measure(str(row), (Cut("process", share),), owner) for row, (share, owner) in enumerate(cut)]
    found = stack(scene, bundle)
    assert found.owen_t == pytest.approx([236.25, 148.75, 195.0])
    assert found.owner_t == pytest.approx({"x": 385.0, "y": 195.0})
    alike = stack(scene, [Measure(one.key, one.effects, "x") for one in bundle])
    assert alike.owen_t == pytest.approx(alike.shapley_t)


@given(scenes, measures())
def test_every_set_comes_to_what_plain_arithmetic_says(scene: Scene, bundle: list[Measure]) -> None:
    scale = slow_tonnes(scene, [])
    assert np.allclose(values(scene, bundle), slow_table(scene, bundle), rtol=1e-9, atol=1e-9 * scale)


@given(scenes, measures(2, 6), st.randoms())
def test_the_order_of_the_list_changes_no_bit(scene: Scene, bundle: list[Measure], chance: random.Random) -> None:
    bundle = [Measure(one.key, one.effects, owner) for one, owner in zip(bundle, "xyxyxy", strict=False)]
    shuffled = chance.sample(bundle, len(bundle))
    one, other = stack(scene, bundle), stack(scene, shuffled)
    assert columns(one) == columns(other)
    assert (one.joint_t, one.naive_t, one.owner_t) == (other.joint_t, other.naive_t, other.owner_t)


@given(scenes, measures())
def test_shares_add_up_to_the_joint_saving_and_the_matrix_is_of_pairs(scene: Scene, bundle: list[Measure]) -> None:
    found = stack(scene, bundle)
    scale = 1e-9 * (found.baseline_t + 100.0 * len(bundle))
    assert found.shapley_t.sum() == pytest.approx(found.joint_t, rel=1e-9, abs=scale)
    assert found.owen_t.sum() == pytest.approx(found.joint_t, rel=1e-9, abs=scale)
    for i, one in enumerate(bundle):
        for j, other in enumerate(bundle):
            pair = stack(scene, [one, other]).overlap_t if i != j else 0.0
            assert found.overlap_t_by_pair[i, j] == pytest.approx(pair, abs=scale)


@given(scenes, measures())
def test_what_does_nothing_is_due_nothing_and_twins_are_due_the_same(scene: Scene, bundle: list[Measure]) -> None:
    idle = Measure("idle", (Cut("other", 0.0), Generation(0.0)))
    twin = Measure("twin", bundle[0].effects)
    found = stack(scene, [*bundle, idle, twin])
    assert columns(found)["idle"] == (0.0, 0.0, 0.0, 0.0)
    scale = 1e-9 * (found.baseline_t + 100.0 * len(found.keys))
    assert np.allclose(columns(found)["twin"], columns(found)["m0"], rtol=1e-9, atol=scale)


@given(scenes, measures())
def test_measures_never_save_more_than_the_scene_emits_but_for_what_they_take_out(
    scene: Scene, bundle: list[Measure]
) -> None:
    removed = sum(effect.tonnes for one in bundle for effect in one.effects if isinstance(effect, Removal))
    assert stack(scene, bundle).after_t >= -removed - 1e-9


def halves(effect: Effect) -> Effect:
    """What two of make one."""
    match effect:
        case Cut(use, share, carrier):
            return Cut(use, 1.0 - (1.0 - share) ** 0.5, carrier)
        case Switch(use, carrier, to, share, ratio):
            return Switch(use, carrier, to, share / 2, ratio)
        case Supply(share, carrier):
            return Supply(1.0 - (1.0 - share) ** 0.5, carrier)
        case Generation(mwh, carrier):
            return Generation(mwh / 2, carrier)
        case Removal(tonnes):
            return Removal(tonnes / 2)


@given(scenes, measures(2, 4))
def test_a_company_gains_nothing_by_splitting_a_measure(scene: Scene, bundle: list[Measure]) -> None:
    owned = [Measure(one.key, one.effects, one.key) for one in bundle]
    half = tuple(halves(effect) for effect in owned[0].effects)
    split = [Measure("half", half, "m0"), Measure("other half", half, "m0"), *owned[1:]]
    whole, parts = stack(scene, owned), stack(scene, split)
    for owner, tonnes in whole.owner_t.items():
        assert parts.owner_t[owner] == pytest.approx(tonnes, rel=1e-7, abs=1e-7 * (1.0 + whole.baseline_t))


def test_splitting_would_gain_under_shapley() -> None:
    """So Owen is not for nothing: 1,000 t, two measures of 50 %, one of them in two halves."""
    scene = Scene({("process", "direct"): 1000.0}, {})
    half = 1.0 - 0.5**0.5
    whole = [Measure("a", (Cut("process", 0.5),), "x"), Measure("b", (Cut("process", 0.5),), "y")]
    parts = [*(Measure(f"a{row}", (Cut("process", half),), "x") for row in (1, 2)), whole[1]]
    found = stack(scene, parts)
    assert found.shapley_t[:2].sum() > 1.01 * stack(scene, whole).shapley_t[0]
    assert found.owner_t["x"] == pytest.approx(375.0)


@given(scenes, measures(), st.floats(0.1, 10.0))
def test_shares_scale_with_the_scene(scene: Scene, bundle: list[Measure], times: float) -> None:
    larger = Scene(
        {cell: times * mwh for cell, mwh in scene.baseline_mwh.items()}, scene.factors_t_per_mwh, scene.interactions
    )
    scaled = [Measure(one.key, tuple(_times(effect, times) for effect in one.effects)) for one in bundle]
    one, other = stack(scene, bundle), stack(larger, scaled)
    scale = times * (one.baseline_t + 100.0 * len(bundle))
    assert np.allclose(other.shapley_t, times * one.shapley_t, rtol=1e-9, atol=1e-9 * scale)


def _times(effect: Effect, times: float) -> Effect:
    match effect:
        case Generation(mwh, carrier):
            return Generation(times * mwh, carrier)
        case Removal(tonnes):
            return Removal(times * tonnes)
    return effect


# Many measures


def many(n: int) -> list[Measure]:
    uses = ("lighting", "cooling", "other", "heating")
    cuts = [
        Measure(f"cut {row:02}", (Cut(uses[row % 4], 0.02 * (row + 1)),), f"owner {row % 3}") for row in range(n - 5)
    ]
    return [*FIVE, *cuts]


def test_beyond_twelve_orders_are_drawn_with_a_standard_error() -> None:
    exact, drawn = stack(building(), many(13), exact=13), stack(building(), many(13), seed=7)
    assert exact.shapley_error_t is None and exact.owen_error_t is None
    assert drawn.shapley_error_t is not None and drawn.owen_error_t is not None
    assert drawn.shapley_t.sum() == pytest.approx(drawn.joint_t, rel=1e-13)
    assert drawn.joint_t == exact.joint_t
    assert drawn.alone_t.tolist() == exact.alone_t.tolist()
    assert drawn.last_in_t.tolist() == exact.last_in_t.tolist()
    assert np.allclose(drawn.overlap_t_by_pair, exact.overlap_t_by_pair, **CLOSE)
    for name in ("shapley", "owen"):
        off = abs(getattr(drawn, f"{name}_t") - getattr(exact, f"{name}_t"))
        assert (off <= 5 * getattr(drawn, f"{name}_error_t") + 1e-9).all()
    assert (drawn.shapley_error_t < 0.01 * drawn.joint_t).all()


def test_drawn_shares_are_the_same_for_a_seed_in_any_order_of_the_list() -> None:
    bundle = many(14)
    one, other = stack(building(), bundle, seed=3), stack(building(), bundle[::-1], seed=3)
    assert columns(one) == columns(other)
    assert columns(one) != columns(stack(building(), bundle, seed=4))


def test_twelve_are_exact_and_tonnes_that_do_not_interact_are_not_counted() -> None:
    assert stack(building(), [*many(12), Measure("said", stated_t=1.0)]).shapley_error_t is None


@pytest.mark.parametrize("pairs", [0, 1, 10**7])
def test_too_few_or_too_many_orders_are_refused(pairs: int) -> None:
    with pytest.raises(WrongDraws):
        stack(building(), many(13), pairs=pairs)


# Refusals


def only(effect: Effect) -> list[Measure]:
    return [Measure("m", (effect,))]


@pytest.mark.parametrize(
    ("scene", "bundle", "code", "zh", "en"),
    [
        ({}, only(Cut("lighting", 1.5)), "above_100_percent", "m：比例不能超过 100%：150%", "m: a share"),
        ({}, only(Supply(1.01)), "above_100_percent", "101%", "101 %"),
        ({}, only(Cut("lighting", -0.1)), "negative", "不能为负：-0.1", "below zero"),
        ({}, only(Generation(float("nan"))), "not_finite", "有限的数", "finite"),
        ({}, only(Cut("dancing", 0.1)), "unknown_use", "dancing", "no such end use: dancing"),
        ({}, only(Cut("heating", 0.1, "peat")), "unknown_carrier", "peat", "peat"),
        (
            {},
            only(Cut("hot_water", 0.1)),
            "no_baseline",
            "缺基准数据的终端用能：生活热水",
            "lacks an end use: hot water",
        ),
        ({}, only(Cut("heating", 0.1, POWER)), "no_baseline", "供暖（电力）", "heating (electricity)"),
        ({}, only(Switch("heating", GAS, "heat", 1.0, 1.0)), "no_factor", "热力", "no emission factor for purchased"),
        ({}, only(Switch("heating", GAS, GAS, 1.0, 1.0)), "to_itself", "天然气", "to itself"),
        ({}, [LED, LED], "twice", "出现两次", "twice"),
        ({}, [Measure("m")], "effects_or_tonnes", "二者取其一", "one of them"),
        ({}, [Measure("m", (Removal(1.0),), stated_t=1.0)], "effects_or_tonnes", "二者取其一", "one of them"),
        ({}, [Measure("m", stated_t=-1.0)], "negative", "-1", "-1"),
        ({"factors_t_per_mwh": {POWER: 0.5}}, [], "no_factor", "天然气", "natural gas"),
        ({"baseline_mwh": {("other", POWER): -1.0}}, [], "negative", "不能为负", "below zero"),
        ({"baseline_mwh": {("other", POWER): 1.0}}, [], "no_baseline", "照明", "lighting"),
        (
            {"interactions": (Interaction("lighting", "cooling", -4.0),)},
            [LED],
            "interaction_takes_all",
            "制冷",
            "more of cooling than there is: 100 MWh short",
        ),
        (
            {"interactions": (Interaction("lighting", "cooling", -0.1), Interaction("cooling", "heating", 0.1))},
            [],
            "interaction_chain",
            "制冷",
            "cooling is changed and changes others",
        ),
    ],
)
def test_what_is_wrong_is_refused_by_name(
    scene: dict[str, Any], bundle: list[Measure], code: str, zh: str, en: str
) -> None:
    with pytest.raises(MeasureRefused) as caught:
        stack(building(**scene), bundle)
    assert caught.value.code == code
    told = refused(caught.value)
    assert zh in told[0]
    assert en in told[1]


def test_every_refusal_has_its_sentence() -> None:
    assert {"above_100_percent", "no_baseline"} <= REFUSED.keys()
    assert all(len(text) == 2 and all(text) for text in REFUSED.values())
