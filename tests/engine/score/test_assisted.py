"""The ML-assisted score: gaps as distributions, an interval that follows from them, the same bits in every batch."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine import Inputs, Methodology, canonical_json, estimates_of_records, score
from scoring.engine.errors import EngineError, WrongMethodology, WrongShape
from scoring.engine.score.assisted import EstimateRecord, letter_runs
from scoring.engine.score.methodology import STEPS, Assistance
from tests.engine.make import AS_OF, METHODOLOGY, company, methodology_json, target, year

ASSISTED = {
    "draws": 2000,
    "seed": 1,
    "dirichlet": 100,
    "letter_probability": 0.7,
    "max_imputed_share": 0.4,
    "low_percentile": 10,
    "high_percentile": 50,
    "report_u95": {"verified": 0.05, "unverified": 0.1},
    "mismatch_factor": 2.0,
}


def rising(low: float, high: float, n: int = 40) -> dict[str, Any]:
    return {"values": np.linspace(low, high, STEPS).tolist(), "n": n}


REPORTERS = {
    "carbon_intensity": {"economy": rising(0.2, 1.0), "sectors": {"steel": rising(-0.8, 0.5, 20)}},
    "emissions_change": {"economy": rising(-0.04, 0.03), "sectors": {}},
    "target": {"economy": rising(25.0, 75.0), "sectors": {}},
    "plan": {"economy": rising(50.0, 80.0), "sectors": {}},
    "data_rung": {"economy": rising(60.0, 60.0), "sectors": {}},
}


def methodology(**changes: Any) -> Methodology:
    data = methodology_json()
    data["parameters"]["assisted"] = ASSISTED | changes
    data["calibration"]["reporters"] = REPORTERS
    return Methodology.from_json(data)


METHOD = methodology()
WHOLE = {"targets": [target(status="strategy")]}  # nothing is missing


def estimate(**changes: Any) -> EstimateRecord:
    """100 t, a factor of ten each way."""
    told = EstimateRecord(
        input="emissions_t", year=2024, rung=6, model="m" * 64, log10_t=[1.0, 2.0, 3.0], mean_t=150.0, guards=[]
    )
    told.update(changes)  # type: ignore[typeddict-item]
    return told


def silent(key: str = "silent", revenue: float | None = 1e7, **overrides: Any) -> dict[str, Any]:
    """Without emissions, with revenue of 1,000 万元."""
    amounts = dict.fromkeys(("employees", "electricity_kwh", "energy_mj", "coal_t", "water_t", "waste_t"))
    features = {"year": 2024, "revenue_cny": revenue, "revenue_undated": False, "text": "steel", **amounts}
    return company(key, years=[], features=features, **(WHOLE | overrides))


def assisted(record: Any, told: EstimateRecord | None = None, method: Methodology = METHOD) -> Any:
    return score(Inputs.from_records([record]), method, AS_OF, [told]).record(0)["assisted_score"]


# --- a revenue without an exchange rate ------------------------------------------------------------------------
@pytest.mark.parametrize("currency", ["JPY", "EUR", "VND"])
def test_a_reported_revenue_without_exchange_rate_is_not_called_unreported_nor_scored_as_the_worst(
    currency: str,
) -> None:
    told = year(2023, currency=currency, cny_per_unit=None, mean_of=None)
    [gap] = [gap for gap in assisted(company(**WHOLE, years=[told]))["gaps"] if gap["code"] == "carbon_intensity"]
    assert f"no exchange rate {currency} 2023" in gap["because_en"] and f"缺 {currency} 2023 汇率" in gap["because_zh"]
    assert gap["kind"] == "unconverted"
    assert "not reported" not in gap["because_en"] and "未报告" not in gap["because_zh"]
    [silence] = [
        gap
        for gap in assisted(company(**WHOLE, years=[year(2023, revenue=None)]))["gaps"]
        if gap["code"] == "carbon_intensity"
    ]
    assert silence["utility"] < gap["utility"]  # the worst tenth, and the median


def test_so_does_a_company_whose_emissions_nobody_reported() -> None:
    features = silent(revenue=None)["features"] | {"no_rate_for": "JPY 2023"}
    [gap] = [gap for gap in assisted(silent() | {"features": features})["gaps"] if gap["code"] == "carbon_intensity"]
    assert "no exchange rate JPY 2023" in gap["because_en"]


def test_an_archive_from_before_counts_as_it_did() -> None:
    old = assisted(company(**WHOLE, years=[year(2023, cny_per_unit=None)]))
    assert old == assisted(company(**WHOLE, years=[year(2023, revenue=None)]))


def test_a_mean_of_an_earlier_year_is_said() -> None:
    record = company(**WHOLE, years=[year(2023, currency="EUR", cny_per_unit=8.0, mean_of=2021)])
    [line] = [
        line
        for line in score(Inputs.from_records([record]), METHOD, AS_OF).record(0)["lines"]
        if line["code"] == "carbon_intensity"
    ]
    assert "exchange rate: mean of 2021" in line["because_en"] and "采用 2021 年年均汇率" in line["because_zh"]
    lagging = silent() | {"features": silent()["features"] | {"mean_of": 2021}}
    [gap] = [gap for gap in assisted(lagging, estimate())["gaps"] if gap["code"] == "carbon_intensity"]
    assert "exchange rate: mean of 2021" in gap["because_en"]


@pytest.mark.parametrize("later", [2023, 2024])
def test_a_mean_that_is_not_earlier_is_refused(later: int) -> None:
    with pytest.raises(EngineError, match="mean_of"):
        Inputs.from_records([company(years=[year(2023, mean_of=later)])])


# --- what is whole -----------------------------------------------------------------------------------------
def test_a_company_without_gaps_has_its_emissions_score_as_headline_and_a_range_around_it() -> None:
    record = score(Inputs.from_records([company(**WHOLE)]), METHOD, AS_OF).record(0)
    found, headline = record["assisted_score"], record["emissions_score"]
    assert found is not None
    assert headline is not None
    assert found["value"] == pytest.approx(headline["value"], abs=1e-9)
    assert found["p05"] < found["value"] < found["p95"]
    assert (found["gaps"], found["imputed"]) == ([], 0.0)


def test_a_version_without_assistance_has_none() -> None:
    assert score(Inputs.from_records([company()]), METHODOLOGY, AS_OF).record(0)["assisted_score"] is None


def test_emissions_scores_are_the_same_with_and_without_assistance() -> None:
    records = [company(), company("bob", years=[year()]), silent()]
    plain = score(Inputs.from_records(records), METHODOLOGY, AS_OF)
    with_it = score(Inputs.from_records(records), METHOD, AS_OF, [None, None, estimate()])
    for i in range(3):
        assert with_it.record(i)["emissions_score"] == plain.record(i)["emissions_score"]
        assert with_it.record(i)["lines"] == plain.record(i)["lines"]


def test_a_verified_report_has_the_narrower_range() -> None:
    loose = assisted(company(**WHOLE, years=[year(2022, scope1_t=115.0), year(2023)]))
    firm = assisted(company(**WHOLE, years=[year(2022, scope1_t=115.0, rung=1), year(2023, rung=1)]))
    assert firm["p95"] - firm["p05"] < loose["p95"] - loose["p05"]


def test_a_boundary_that_differs_widens_towards_more_emissions_only() -> None:
    matched = assisted(company(**WHOLE))
    wide = assisted(company(**WHOLE, years=[year(2022, scope1_t=100.0, scope2_t=25.0), year(boundary="mismatched")]))
    assert wide["p05"] < matched["p05"] - 1
    assert wide["p95"] <= matched["p95"]
    assert wide["value"] == matched["value"]


# --- gaps --------------------------------------------------------------------------------------------------
def test_a_gap_counts_as_the_worst_tenth_of_reporters_and_its_range_ends_at_their_median() -> None:
    """One year only: no trajectory. Reporters of the economy run from x' = −0.04 to 0.03, goalposts −0.05 to 0.15."""
    found = assisted(company(years=[year()], **WHOLE))
    [gap] = found["gaps"]
    assert (gap["code"], gap["kind"], gap["weight"]) == ("emissions_change", "imputed", 0.3)
    assert gap["utility"] == pytest.approx(5.0)  # (−0.04 + 0.05) / 0.2
    assert 5.0 <= gap["p05"] < gap["p95"] <= 40.0  # (0.03 + 0.05) / 0.2
    assert found["status"] == "scored"
    assert "40 reporters of all sectors" in gap["because_en"]


def test_the_headline_is_the_weighted_geometric_mean_by_hand() -> None:
    """As above: intensity 0.1 t/万元 → x' 1 → 80; change 5; target 75, strategy 80, unverified 60."""
    credibility = 0.5 * math.log(75) + 0.2 * math.log(80) + 0.3 * math.log(60)
    by_hand = math.exp(0.45 * math.log(80) + 0.3 * math.log(5) + 0.25 * credibility)
    found = assisted(company(years=[year()], **WHOLE))
    assert found["value"] == pytest.approx(by_hand)
    assert 50 + sum(pillar["contribution"] for pillar in found["pillars"]) == pytest.approx(found["value"])


def test_filling_in_widens_the_range() -> None:
    whole, gapped = assisted(company(**WHOLE)), assisted(company(years=[year()], **WHOLE))
    assert gapped["p95"] - gapped["p05"] > whole["p95"] - whole["p05"]


def test_revealing_what_is_better_than_the_worst_tenth_never_lowers_the_score() -> None:
    hidden = assisted(company(years=[year()], **WHOLE))["value"]
    for earlier in (92.0, 100.0, 120.0):  # rises by up to 9 % a year, x' above −0.04
        shown = assisted(company(years=[year(2022, scope1_t=earlier), year()], **WHOLE))["value"]
        assert shown >= hidden


def test_more_than_forty_percent_filled_in_is_insufficient_and_says_its_range() -> None:
    found = assisted(silent(), estimate())
    assert found["status"] == "insufficient"
    assert (found["value"], found["band"]) == (None, None)
    assert found["imputed"] == pytest.approx(0.825)
    assert 1 <= found["p05"] < found["median"] < found["p95"] <= 100


# --- estimates -----------------------------------------------------------------------------------------------
def test_an_estimate_enters_at_its_median_and_widens_by_its_spread() -> None:
    """100 t on 1,000 万元 is 0.1 t/万元: the utility of a report of the same size."""
    gap = assisted(silent(), estimate())["gaps"][0]
    assert (gap["kind"], gap["rung"], gap["model"], gap["data_quality"]) == ("estimated", 6, "m" * 64, 4)
    assert gap["utility"] == pytest.approx(80.0)
    assert gap["p05"] == pytest.approx(40.0, abs=4)  # 1,000 t → x' 0 → 40
    narrow = assisted(silent(), estimate(log10_t=[1.9, 2.0, 2.1]))["gaps"][0]
    assert narrow["p95"] - narrow["p05"] < gap["p95"] - gap["p05"]


def test_without_a_model_or_without_revenue_reporters_stand_for_the_emissions() -> None:
    for found in (assisted(silent()), assisted(silent(revenue=None), estimate())):
        gap = found["gaps"][0]
        assert (gap["code"], gap["kind"]) == ("carbon_intensity", "imputed")
        assert gap["utility"] == pytest.approx(8.0)  # worst tenth of steel: (−0.8 + 1) / 2.5


def test_an_estimate_never_touches_a_report() -> None:
    plain = assisted(company(**WHOLE))
    with_opinion = assisted(company(**WHOLE), estimate(log10_t=[6.0, 7.0, 8.0]))
    assert {name: value for name, value in with_opinion.items() if name != "estimates"} == {
        name: value for name, value in plain.items() if name != "estimates"
    }


def test_outside_what_the_model_has_seen_asks_for_activity_data() -> None:
    gap = assisted(silent(), estimate(rung=7, guards=["size"]))["gaps"][0]
    assert "ask for activity data" in gap["because_en"]
    assert "请索取活动数据" in gap["because_zh"]


def test_a_record_recomputes_from_its_own_distributions() -> None:
    """What a receipt does: inputs and the archived estimates, no model."""
    batch = Inputs.from_records([company(), silent()])
    first = [score(batch, METHOD, AS_OF, [None, estimate()]).record(i) for i in range(2)]
    stored = json.loads(json.dumps(first))
    again = score(batch, METHOD, AS_OF, estimates_of_records(stored))
    assert [canonical_json(again.record(i)) for i in range(2)] == [canonical_json(record) for record in first]


@pytest.mark.parametrize("change", [{"log10_t": [1.0]}, {"rung": 2}, {"guards": ["?"]}, {"log10_t": [3.0, 2.0, 1.0]}])
def test_a_distribution_that_is_none_is_refused(change: dict[str, Any]) -> None:
    record = {"assisted_score": {"estimates": [estimate(**change)]}}
    with pytest.raises(WrongShape):
        estimates_of_records([record])


# --- properties ----------------------------------------------------------------------------------------------
def test_a_batch_of_one_and_a_batch_of_many_give_the_same_bits() -> None:
    records = [company(), silent(), company("bob", years=[year()]), company("carol", targets=[]), silent("s2", None)]
    told = [None, estimate(), None, None, estimate(rung=7)]
    many = score(Inputs.from_records(records), METHOD, AS_OF, told)
    for i, record in enumerate(records):
        alone = score(Inputs.from_records([record]), METHOD, AS_OF, [told[i]]).record(0)
        assert canonical_json(alone) == canonical_json(many.record(i))


def test_another_seed_moves_the_range_a_little_and_the_headline_not_at_all() -> None:
    first, second = assisted(company(**WHOLE)), assisted(company(**WHOLE), method=methodology(seed=2))
    assert first["value"] == second["value"]
    assert 0 < abs(first["p05"] - second["p05"]) < 1


@settings(max_examples=40)
@given(st.floats(1.0, 1e6), st.floats(1.01, 10.0))
def test_more_emissions_never_raise_the_headline(scope1_t: float, factor: float) -> None:
    less = assisted(company(**WHOLE, years=[year(scope1_t=scope1_t)]))["value"]
    more = assisted(company(**WHOLE, years=[year(scope1_t=scope1_t * factor)]))["value"]
    assert more <= less + 1e-9


# --- letters -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("counts", "run"),
    [
        ([0, 1400, 600, 0, 0], "B"),
        ([0, 1399, 601, 0, 0], "B–C"),
        ([1000, 1000, 0, 0, 0], "A–B"),
        ([0, 0, 500, 1000, 500], "C–D"),
        ([600, 0, 0, 800, 600], "D–E"),
        ([700, 0, 600, 0, 700], "A–E"),
    ],
)
def test_the_printed_letter_is_the_shortest_likely_run(counts: list[int], run: str) -> None:
    assert METHOD.assisted is not None
    assert letter_runs(np.array(counts, dtype=np.float64)[:, None], list("ABCDE"), METHOD.assisted) == (run,)


def test_the_letters_of_a_record_have_the_probability_they_claim() -> None:
    found = assisted(company(**WHOLE))
    assert sum(found["bands"].values()) == pytest.approx(1.0)
    printed = found["band"].split("–")
    assert sum(p for letter, p in found["bands"].items() if printed[0] <= letter <= printed[-1]) >= 0.7


# --- refusals ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "change", [{"draws": 1999}, {"letter_probability": 0.2}, {"low_percentile": 50}, {"report_u95": {}}]
)
def test_a_version_with_impossible_numbers_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(WrongMethodology):
        methodology(**change)


def test_a_table_that_lacks_an_indicator_is_refused() -> None:
    with pytest.raises(WrongMethodology, match="reporters"):
        Assistance.from_json({"assisted": ASSISTED}, {"reporters": {"plan": {}}}, ["plan", "target"])


@pytest.mark.parametrize("change", [{"text": None}, {"revenue_cny": -1.0}, {"scope1_t": 5.0}])
def test_features_are_checked_like_any_input(change: dict[str, Any]) -> None:
    record = silent()
    record["features"] |= change
    with pytest.raises(EngineError):
        Inputs.from_records([record])
    with pytest.raises(WrongShape):
        Inputs.from_records([silent() | {"features": []}])
