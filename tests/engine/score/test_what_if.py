"""Candidates judged again under other bars, prices and figures: against derivations written out here."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr

from scoring.engine.columns import rounded
from scoring.engine.score.bar_sheet import BarSheet, FootprintBar
from scoring.engine.score.bars.probability import CLEARED, MISSED, UNKNOWN
from scoring.engine.score.candidacy import check
from scoring.engine.score.record import BARS
from scoring.engine.score.theme import Judged
from scoring.engine.score.what_if import Figure, Moved, Reveal, askable, brief_bar, judged_again, revealed
from tests.engine.score.candidates import (
    AS_OF,
    SHEET,
    candidacy,
    candidate,
    family,
    scored,
    sheet_json,
    sold,
    subsidy,
    tailwind,
    told,
    year,
)
from tests.engine.score.random_candidates import random_candidates


def after(record: Any, moved: Moved = Moved(), sheet: BarSheet = SHEET) -> Judged:  # noqa: B008  frozen
    _before, found = judged_again(["tailwind"], [record], sheet, moved.sheet(sheet), AS_OF)
    return found


def test_without_a_change_the_very_same_numbers_come_out() -> None:
    result = scored(*random_candidates(200, seed=5))
    keys, told_of = result.inputs.company_key, result.records
    for again in judged_again(keys, told_of, SHEET, Moved().sheet(SHEET), AS_OF):
        for bar in BARS:
            assert again.state[bar].tolist() == result.judged.state[bar].tolist()  # type: ignore[union-attr]
            np.testing.assert_array_equal(again.p[bar], result.judged.p[bar])  # type: ignore[union-attr]


def test_a_brief_bar_says_what_the_record_says() -> None:
    result = scored(*random_candidates(200, seed=7))
    for i in range(len(result)):
        record: Any = result.record(i)["candidacy"]
        for bar in BARS:
            brief: Any = brief_bar(result.judged, bar, i)  # type: ignore[arg-type]
            for name in ("state", "value", "bar", "unit", "denominator", "z", "p", "on_the_line"):
                assert rounded(brief[name]) == record[bar][name], (i, bar, name)


def test_a_candidate_more_or_less_moves_no_other() -> None:
    records = random_candidates(60, seed=6)
    keys, told_of = [one["company_key"] for one in records], [one["candidacy"] for one in records]
    moved = Moved(bar_share=0.9, carbon_price_cny_per_t=300.0).sheet(SHEET)
    *_, everyone = judged_again(keys, told_of, SHEET, moved, AS_OF)
    *_, fewer = judged_again(keys[1:], told_of[1:], SHEET, moved, AS_OF)
    for bar in BARS:
        np.testing.assert_array_equal(everyone.p[bar][1:], fewer.p[bar])


def test_the_share_of_the_reference_moves_the_bar_of_the_contribution_alone() -> None:
    found, before = after(candidacy(), Moved(bar_share=1.0)), after(candidacy())
    # METHOD 8.8: u 12,409.65 t/MW, the reference row 10,949.5
    assert found.c.z[0] == pytest.approx(math.log(12_409.65 / 10_949.5))
    assert found.p["r"].tolist() == before.p["r"].tolist()
    assert found.p["o"].tolist() == before.p["o"].tolist()


@pytest.mark.parametrize(
    ("moved", "margin"),
    [
        (Moved(carbon_price_cny_per_t=400.0), (90 - 40 - 400 * 20_000 * 0.5 / 1e6) / 1000),
        (Moved(pass_through=1.0), (90 - 40) / 1000),
        (Moved(carbon_price_cny_per_t=0.0), (90 - 40) / 1000),
        (Moved(carbon_price_cny_per_t=100.0, pass_through=0.0), (90 - 40 - 100 * 20_000 / 1e6) / 1000),
    ],
)
def test_price_and_pass_through_move_the_margin(moved: Moved, margin: float) -> None:
    found = after(candidacy(), moved)
    assert found.r.margin[0] == pytest.approx(margin, abs=1e-12)
    assert found.p["r"][0] == pytest.approx(float(ndtr(margin / 0.04)))


def test_the_multiple_moves_bars_that_are_medians_and_no_benchmark() -> None:
    # 0.200 t per 10,000 yuan against 1.5 × 0.15 = 0.225, and against 1.0 × 0.15
    assert after(candidacy()).state["o"].tolist() == [CLEARED]
    assert after(candidacy(), Moved(footprint_multiple=1.0)).state["o"].tolist() == [MISSED]
    published = FootprintBar(0.225, "benchmark", "published")
    bars = BarSheet.from_json(sheet_json(families=[family(footprint_bar=vars(published))]))
    assert after(candidacy(), Moved(footprint_multiple=1.0), bars).state["o"].tolist() == [CLEARED]


def test_a_family_s_own_bar_is_set_of_that_family_alone() -> None:
    moved = Moved(family="wind", family_bar=0.1, footprint_multiple=3.0)
    assert after(candidacy(), moved).o.bar[0] == 0.1
    assert moved.sheet(SHEET).family["led"].footprint_bar.value == pytest.approx(0.45)  # type: ignore[union-attr]


# --- what they might tell -------------------------------------------------------------------------------------
def silent() -> Any:
    untold = year()["subsidies"] | {"grants": subsidy(None)}
    return candidacy(years=[year(subsidies=untold)])


@pytest.mark.parametrize(("value", "state"), [(40e6, CLEARED), (88e6, CLEARED), (88.1e6, MISSED)])
def test_a_figure_that_is_told_ends_what_is_unknown(value: float, state: int) -> None:
    assert after(silent()).state["r"].tolist() == [UNKNOWN]
    record = revealed(silent(), [Reveal(Figure(2025, "subsidies.grants"), value, False)], SHEET)
    assert after(record).state["r"].tolist() == [state]  # 90 M EBIT less 2 M carbon cost: 88 M is the break-even


def test_verifying_narrows_the_doubt_as_the_method_says() -> None:
    unverified = candidacy(years=[year(scope1=told(8_000.0), scope2_location=told(12_000.0))])
    reveals = [Reveal(Figure(2025, name), None, True) for name in ("scope1", "scope2_location")]
    # METHOD 8.8: tonnes unverified P_O 0.80987, verified 0.99076
    assert after(unverified).p["o"][0] == pytest.approx(0.80987, abs=5e-6)
    assert after(revealed(unverified, reveals, SHEET)).p["o"][0] == pytest.approx(0.99076, abs=5e-6)


def test_electricity_times_factor_becomes_verified_activity() -> None:
    by_activity = candidacy(years=[year(scope2_location=None, scope2_by_activity=told(12_000.0, "activity"))])
    record = revealed(by_activity, [Reveal(Figure(2025, "scope2_by_activity"), None, True)], SHEET)
    assert record["years"][0]["scope2_by_activity"]["rung"] == "activity_verified"  # type: ignore[index]


def test_what_is_asked_is_what_is_untold_and_then_what_nobody_verified() -> None:
    record = silent()
    asked = askable(record, candidate(tailwind(candidacy=record)), SHEET)
    names = [(figure.name, one is None) for figure, one in asked.items()]
    assert names == [("subsidies.grants", True), ("units", False), ("service", False), ("lca", False)]


def test_of_a_company_that_sold_nothing_the_units_and_own_inputs_are_asked_and_can_be_told() -> None:
    record = candidacy(years=[year(sold=[])])
    asked = [one for one in askable(record, candidate(tailwind(candidacy=record)), SHEET) if one.sold is not None]
    assert [one.name for one in asked] == ["units", "service", "lca"]
    values = {"units": 500.0, "service": 2_200.0, "lca": 308.0}
    told_now = revealed(record, [Reveal(one, values[one.name], False) for one in asked], SHEET)
    check(told_now, "tailwind")
    assert after(told_now).c.u_t[0] == pytest.approx(12_409.65)


def test_a_year_that_nobody_told_can_be_told() -> None:
    record = candidacy(years=[])
    assert after(record).known.tolist() == [0]
    names = {"scope1": 8_000.0, "scope2_location": 12_000.0, "revenue": 1e9}
    told_now = revealed(record, [Reveal(Figure(2025, name), value, True) for name, value in names.items()], SHEET)
    check(told_now, "tailwind")
    assert after(told_now).state["o"].tolist() == [CLEARED]


def test_a_row_is_found_by_its_position_though_what_is_told_changes_the_order() -> None:
    rows = [sold(place="CHN", service=None), sold(place="IND", service=None)]
    record = candidacy(years=[year(sold=rows)])
    asked = [one for one in askable(record, candidate(tailwind(candidacy=record)), SHEET) if one.name == "service"]
    told_now = revealed(record, [Reveal(one, 2_000.0 + 100 * at, False) for at, one in enumerate(asked)], SHEET)
    by_place = {row["place"]: row["service"]["value"] for row in told_now["years"][0]["sold"]}  # type: ignore[index]
    assert by_place == {one.place: 2_000.0 + 100 * at for at, one in enumerate(asked)}


def test_what_is_archived_is_not_touched() -> None:
    record = silent()
    before = copy.deepcopy(record)
    revealed(
        record, [Reveal(Figure(2025, "subsidies.grants"), 1e6, True), Reveal(Figure(2025, "ebit"), 1.0, True)], SHEET
    )
    after(record, Moved(bar_share=0.5))
    assert record == before


def test_a_figure_s_key_is_fit_for_addresses() -> None:
    assert Figure(2025, "subsidies.grants").key == "2025-subsidies_grants"
    assert Figure(2025, "service", 1, "CHN").key == "2025-1-service"
