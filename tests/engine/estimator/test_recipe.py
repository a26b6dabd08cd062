"""A model as text: the quick refit is the full one, its fingerprint refuses any other, its card is honest."""

import copy

import numpy as np
import pytest

from scoring.engine.errors import EngineError
from scoring.engine.estimator.drift import drift, psi
from scoring.engine.estimator.estimator import Estimator, Recipe
from scoring.engine.estimator.features import FirmYears
from scoring.engine.estimator.recipe import (
    Known,
    Probed,
    TamperedModel,
    UnknownCode,
    card,
    check,
    compare,
    fingerprint,
    learned,
    paired,
    probed,
    refit,
)
from tests.engine.estimator.test_estimator import firms

RECIPE = Recipe(activity=("water_t",))


@pytest.fixture(scope="module")
def table() -> FirmYears:
    return firms()


@pytest.fixture(scope="module")
def few() -> FirmYears:
    """So few that only the median and least squares compete: a fit is quick."""
    return firms(36)


@pytest.fixture(scope="module")
def full(table: FirmYears) -> Estimator:
    return Estimator(RECIPE).fit(table)


@pytest.mark.slow
def test_the_quick_refit_gives_the_bits_of_the_full_fit(full: Estimator, table: FirmYears) -> None:
    quick = refit(RECIPE, table, learned(full))
    unseen = firms(30, 1, seed=9)
    assert np.array_equal(quick.predict(unseen).log10_t, full.predict(unseen).log10_t)
    assert np.array_equal(quick.predict(unseen).mean_t, full.predict(unseen).mean_t)
    assert quick.digest == full.digest


def test_a_refit_meets_its_own_fingerprint(full: Estimator, table: FirmYears) -> None:
    stored = probed(full, table)
    again = refit(RECIPE, table, learned(full))
    assert check(again, table, stored, fingerprint(stored)) == "identical"


def test_the_last_digit_of_another_processor_is_equal_within_1e9(full: Estimator, table: FirmYears) -> None:
    stored = copy.deepcopy(probed(full, table))
    stored[0]["log10_t"][2] += 1e-12
    assert check(full, table, stored, fingerprint(stored)) == "equal within 1e-9"


@pytest.mark.parametrize("what", ["stamp", "figure", "spread", "choice"])
def test_a_tampered_model_is_refused(full: Estimator, table: FirmYears, what: str) -> None:
    stored: list[Probed] = copy.deepcopy(probed(full, table))
    known = copy.deepcopy(learned(full))
    stamped = fingerprint(stored)
    match what:
        case "stamp":
            stamped = "0" * 64
        case "figure":  # with a stamp that fits it
            stored[3]["log10_t"][2] -= 0.3
            stamped = fingerprint(stored)
        case "spread":
            known["6"]["economy"] *= 0.5
        case "choice":
            known["6"]["chosen"] = "sector_median"
    with pytest.raises(TamperedModel):
        check(refit(RECIPE, table, known), table, stored, stamped)


def test_other_code_is_not_refitted_by_this_one(full: Estimator, table: FirmYears) -> None:
    with pytest.raises(UnknownCode, match="estimator-0"):
        refit(Recipe(code="estimator-0"), table, learned(full))
    assert issubclass(UnknownCode, EngineError)


def test_compare_names_the_first_figure_that_differs() -> None:
    stored, found = {"a": [1.0, 2.0], "b": "x"}, {"a": [1.0, 2.5], "b": "y"}
    assert compare(stored, stored) == ("identical", "")
    assert compare({"a": 1.0}, {"a": 1.0 + 1e-12}) == ("equal within 1e-9", "")
    assert compare(stored, found) == (None, "/a/1: stored 2.0, found 2.5")


def test_the_card_is_worse_than_what_the_model_says_of_its_own_table(few: FirmYears) -> None:
    """A card that were measured on the training rows would beat these folds."""
    fitted = Estimator(RECIPE).fit(few)
    told = card(RECIPE, few, fitted)
    own = fitted.predict(few).log10_t[2]
    assert few.log10_t is not None
    assert told["rmse"] > float(np.sqrt(np.mean(np.square(own - few.log10_t))))
    assert told["rmse"] < told["sector_median_rmse"]
    assert sum(group["companies"] for group in told["by_sector"].values()) == told["companies"] == 36


def test_thirty_rows_fall_back_to_the_sector_median() -> None:
    small = firms(30, 1)
    estimator = Estimator(Recipe()).fit(small)
    assert learned(estimator)["6"]["chosen"] == "sector_median"
    assert "only 30 rows" in learned(estimator)["6"]["because"]


def test_a_model_compared_with_itself_gains_nothing(few: FirmYears) -> None:
    mine = Known(RECIPE, few, learned(Estimator(RECIPE).fit(few)))
    found = paired(mine, mine, seed=3)
    assert found["gain"] == {"mean": 0.0, "lo": 0.0, "hi": 0.0}


def test_a_better_recipe_gains_and_its_interval_leaves_zero(few: FirmYears) -> None:
    """Without the water that half of the variance comes from, the champion errs more."""
    poor = Recipe()
    champion = Known(poor, few, learned(Estimator(poor).fit(few)))
    found = paired(champion, Known(RECIPE, few, learned(Estimator(RECIPE).fit(few))), seed=3)
    assert found["gain"]["lo"] > 0
    assert found["rmse_challenger"] < found["rmse_champion"]


# --- drift -------------------------------------------------------------------------------------------------
def test_psi_by_hand() -> None:
    """Two bins, 50/50 then 80/20: 0.3 ln 1.6 + (−0.3) ln 0.4 = 0.141 + 0.275."""
    found = psi(np.array([0.5, 0.5]), np.array([0.8, 0.2]))
    assert found == pytest.approx(0.3 * np.log(1.6) - 0.3 * np.log(0.4))


def test_the_same_population_does_not_drift_and_a_tenfold_one_does() -> None:
    before = firms(200, 1)
    nobody = np.zeros(200, dtype=np.bool_)
    same = drift(before, before, nobody, nobody)
    assert {row["reading"] for row in same["features"]} == {"stable"}
    moved = FirmYears(
        before.company_key,
        before.year,
        (*before.sector[:-1], "mining"),
        before.text,
        {"capital_money": before.numbers["capital_money"] * 10, "water_t": before.numbers["water_t"]},
    )
    found = drift(before, moved, nobody, nobody)
    readings = {row["name"]: row["reading"] for row in found["features"]}
    assert (readings["capital_money"], readings["water_t"]) == ("other", "stable")
    assert found["unseen_sectors"] == {"mining": 1}
    assert found["covered"] is None
