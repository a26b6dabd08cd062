"""What METHOD 8.4 and 8.5 promise, tried on 400 random candidates (2,000 with --long), after the closing day."""

from __future__ import annotations

import bisect
import copy
import math
import random
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import numpy as np
import pytest

from scoring.engine.columns import canonical_json
from scoring.engine.score.bar_sheet import OWN_INPUTS, RUNGS, BarSheet
from scoring.engine.score.bars.contribution import sum_of_path
from scoring.engine.score.bars.probability import probability
from scoring.engine.score.candidacy import SUBSIDIES
from scoring.engine.score.gates import admission
from scoring.engine.score.order import SortKey, are_distinguishable, group, ordered, sort_key
from tests.engine.score.candidates import AFTER, AS_OF, SHEET, scored, sheet_json, tailwind, told
from tests.engine.score.random_candidates import random_candidates

FIGURES = (
    "scope1",
    "scope2_location",
    "revenue",
    "value_added",
    "output",
    "ebit",
    "ebitda",
    "gross_profit",
    "priced_t",
    "free_allocation_t",
    "runway_months",
)
BETTER = {"reported": "verified", "activity": "activity_verified"}
Change = Callable[[Any], None]


@pytest.fixture(scope="module")
def records(request: pytest.FixtureRequest) -> list[Any]:
    """With the verdicts of their gates recorded, as they are once a run has decided them."""
    drawn = random_candidates(2000 if request.config.getoption("--long") else 400, seed=8)
    for record, gates in zip(drawn, scored(*drawn, as_of=AFTER).gates, strict=True):
        record["candidacy"]["gates"]["recorded"] = {gate["gate"]: gate["verdict"] for gate in gates}
    return drawn


@pytest.fixture(scope="module")
def keys(records: list[Any]) -> list[SortKey]:
    return keys_of(records)


def keys_of(records: list[Any], as_of: date = AFTER) -> list[SortKey]:
    """Without the rest of the records, which takes long for many thousand."""
    found = scored(*records, as_of=as_of)
    judged = found.judged
    assert judged is not None
    cleared, known, p_cleared = judged.cleared.tolist(), judged.known.tolist(), judged.p_cleared.tolist()
    keys = []
    for i, record in enumerate(records):
        gates = admission(found.gates[i])
        has_figures = bool(record["candidacy"]["years"])
        place = group(cleared[i], gates, has_figures)
        result: Any = {"gates": gates, "group": place, "known": known[i], "p_cleared": None}
        if cleared[i]:
            result["p_cleared"] = p_cleared[i]
        keys.append(sort_key(result, record["company_key"]))
    return keys


def test_the_keys_of_the_tests_are_those_of_the_records(records: list[Any], keys: list[SortKey]) -> None:
    found = scored(*records[:100], as_of=AFTER)
    told_of = [found.record(i) for i in range(100)]
    assert [sort_key(one["candidacy"]["reported"], one["company_key"]) for one in told_of] == keys[:100]


def places(keys: list[SortKey], changed: list[SortKey], owners: list[int]) -> list[int]:
    """Places gained by each changed candidate among all the others as they were."""
    everyone = sorted(keys)
    gained = []
    for key, i in zip(changed, owners, strict=True):
        before = bisect.bisect_left(everyone, keys[i])
        after = bisect.bisect_left(everyone, key) - (keys[i] < key)
        gained.append(before - after)
    return gained


def data_year(record: Any) -> Any:
    years = record["candidacy"]["years"]
    return next((year for year in years if year["year"] == SHEET.data_year), None)


def figures_of(record: Any) -> Iterator[Change]:
    """Each told figure of the data year as a change that hides it."""

    def hide(name: str) -> Change:
        return lambda year: year.update({name: None})

    def hide_subsidy(name: str) -> Change:
        return lambda year: year["subsidies"][name].update(told=None)

    def hide_of_row(position: int, name: str) -> Change:
        return lambda year: year["sold"][position].update({name: None})

    year = data_year(record)
    if year is None:
        return
    # Where electricity × factor would stand in for the report that is hidden, that is no silence.
    names = [name for name in FIGURES if not (name == "scope2_location" and year["scope2_by_activity"])]
    yield from (hide(name) for name in names if year[name] is not None)
    yield from (hide_subsidy(name) for name in SUBSIDIES if year["subsidies"][name]["told"] is not None)
    for position, row in enumerate(year["sold"]):
        for name in ("units", *OWN_INPUTS, "cost_share"):
            if row[name] is not None:
                yield hide_of_row(position, name)


def changed(record: Any, change: Change) -> Any:
    """The record with another data year; the rest of it is shared."""
    mine = record["candidacy"]
    years = [copy.deepcopy(year) if year["year"] == SHEET.data_year else year for year in mine["years"]]
    other: Any = record | {"candidacy": mine | {"years": years}}
    change(data_year(other))
    return other


def test_hiding_any_figure_of_the_data_year_gains_no_place(records: list[Any], keys: list[SortKey]) -> None:
    hidden, owners = [], []
    for i, record in enumerate(records):
        for number, change in enumerate(figures_of(record)):
            other = changed(record, change)
            hidden.append(other | {"company_key": f"{record['company_key']}-{number:03}"})
            owners.append(i)
    assert len(hidden) > 10 * len(records)
    found = keys_of(hidden)
    own = [(*key[:-1], records[i]["company_key"]) for key, i in zip(found, owners, strict=True)]
    assert max(places(keys, own, owners)) == 0


def test_ageing_gains_no_place(records: list[Any], keys: list[SortKey]) -> None:
    for later in (date(2027, 12, 31), date(2028, 12, 31), date(2029, 6, 30)):
        assert max(places(keys, keys_of(records, later), list(range(len(records))))) == 0


def with_rungs(record: Any, better: dict[str, str]) -> Any:
    other = copy.deepcopy(record)
    year = data_year(other)
    if year is not None:
        told_figures = [year[name] for name in (*FIGURES, "scope2_by_activity")]
        told_figures += [year["subsidies"][name]["told"] for name in SUBSIDIES]
        told_figures += [row[name] for row in year["sold"] for name in OWN_INPUTS]
        for one in told_figures:
            if one is not None:
                one["rung"] = better.get(one["rung"], one["rung"])
    return other


def test_verifying_loses_no_place_and_unverifying_gains_none(records: list[Any], keys: list[SortKey]) -> None:
    worse = {"verified": "reported", "audited": "reported", "activity_verified": "activity"}
    everyone = list(range(len(records)))
    assert min(places(keys, keys_of([with_rungs(one, BETTER) for one in records]), everyone)) == 0
    assert max(places(keys, keys_of([with_rungs(one, worse) for one in records]), everyone)) == 0


def test_telling_what_clears_a_bar_loses_no_place(records: list[Any], keys: list[SortKey]) -> None:
    """A bar that was unknown and is cleared once its figures are told."""
    owners, others = [], []
    best = data_year(tailwind())
    for i, record in enumerate(records):
        year = data_year(record)
        if year is not None and record["candidacy"]["stage"] == "mature":
            other = copy.deepcopy(record)
            mended = data_year(other)
            revenue = (year["revenue"] or {"value": 1e9})["value"]
            if revenue <= 0:
                continue
            mended |= {"subsidies": best["subsidies"], "revenue": told(revenue, "audited"), "boundary": "matched"}
            mended["ebit"] = told(max(revenue, 40e6) * 2, "audited")
            mended |= {"scope1": told(0.0, "audited"), "scope2_location": told(1.0, "audited")}
            owners.append(i)
            others.append(other)
    before = scored(*(records[i] for i in owners), as_of=AFTER)
    unknown = [before.record(k)["candidacy"]["r"]["state"] == "unknown" for k in range(len(owners))]
    gained = places(keys, keys_of(others), owners)
    assert sum(unknown) > len(records) // 20
    assert min(one for one, was_unknown in zip(gained, unknown, strict=True) if was_unknown) >= 0


def test_adding_a_candidate_moves_no_others_numbers(records: list[Any]) -> None:
    some = records[:200]
    alone = scored(*some)
    joined = scored(tailwind("another"), *some, *records[200:300])
    assert [alone.record(i) for i in range(200)] == [joined.record(i + 1) for i in range(200)]


def test_a_batch_of_one_is_a_batch_of_many_bit_for_bit(records: list[Any]) -> None:
    many = scored(*records[:150], as_of=AFTER)
    for i, record in enumerate(records[:150]):
        assert canonical_json(scored(record, as_of=AFTER).record(0)) == canonical_json(many.record(i))


def test_the_order_of_rows_is_irrelevant(records: list[Any]) -> None:
    chance = random.Random(3)
    mixed = copy.deepcopy(records[:300])
    for record in mixed:
        for year in record["candidacy"]["years"]:
            chance.shuffle(year["sold"])
    straight, other = scored(*records[:300]), scored(*mixed)
    assert [straight.record(i) for i in range(300)] == [other.record(i) for i in range(300)]


def test_less_doubt_never_lowers_and_more_doubt_never_raises_p() -> None:
    z = np.linspace(-3.0, 3.0, 601)
    before = probability(z, np.zeros(len(z)), 0.05)
    for sigma in (0.01, 0.05, 0.06, 0.2, 1.0, 10.0):
        now = probability(z, np.full(len(z), sigma), 0.05)
        assert (now <= before).all()
        before = now


@pytest.mark.parametrize("u", [0.02, 0.05, 0.10, 0.30])
def test_no_half_width_of_the_sheet_lowers_p_by_being_smaller(u: float, records: list[Any]) -> None:
    """Two sheets that differ in one table: the surer one has every P at least as high."""
    wide = sheet_json()
    narrow = copy.deepcopy(wide)
    for name in narrow["u95"]:
        for rung in RUNGS:
            narrow["u95"][name][rung] = min(narrow["u95"][name][rung], u)
    of_wide, of_narrow = (
        scored(*records[:500], as_of=AFTER, sheet=BarSheet.from_json(content)).judged for content in (wide, narrow)
    )
    assert of_wide is not None and of_narrow is not None
    for bar in "cro":
        known = ~np.isnan(of_wide.p[bar])
        assert (of_narrow.p[bar][known] >= of_wide.p[bar][known]).all()


# --- the product against joint draws ---
@pytest.mark.parametrize(("tonnes", "most"), [(20_000.0, 0.01), (140_000.0, 0.03)])
def test_joint_draws_with_shared_tonnes_and_revenue_agree_with_the_product(tonnes: float, most: float) -> None:
    """Own carbon cost 0.2 and 1.4 of 100 revenue: one draw of tonnes and of revenue moves R and O together."""
    revenue, profit, subsidies, n = 1e9, 120e6, 40e6, 400_000
    bar = tonnes / 1e5 * 1.4
    chance = np.random.default_rng(5)
    s_e, s_r = math.log(1.30) / 1.96, math.log(1.02) / 1.96
    e, r = chance.normal(0, s_e, n), chance.normal(0, s_r, n)
    c = chance.normal(0, 0.1372, n)
    cost = 100.0 * tonnes
    margin = (profit - subsidies - cost) / revenue
    # The margin's own doubt is 4 points in all; what tonnes and revenue move of it is part of them.
    moved = (profit - subsidies - cost * np.exp(e)) / (revenue * np.exp(r)) - margin
    rest = math.sqrt(0.04**2 - moved.var())
    joint = np.mean(
        (math.log(1.417) + c >= 0)
        & (margin + moved + chance.normal(0, rest, n) >= 0)
        & (math.log(bar / (tonnes / 1e5)) - e + r >= 0)
    )
    product = np.prod(
        [
            probability(np.array([z]), np.array([sigma]), least)[0]
            for z, sigma, least in (
                (math.log(1.417), 0.1372, 0.10),
                (margin, 0.04, 0.02),
                (math.log(1.4), math.hypot(s_e, s_r), 0.05),
            )
        ]
    )
    assert abs(joint - product) <= most


def test_the_closed_sum_of_a_path_is_the_sum_of_its_years() -> None:
    chance = random.Random(2)
    for _ in range(500):
        first, fall, life = chance.uniform(-0.5, 1.0), chance.uniform(-0.05, 0.1), chance.randint(1, 40)
        years = math.fsum(max(0.0, first - fall * t) for t in range(1, life + 1))
        assert sum_of_path(np.array([first]), np.array([fall]), np.array([float(life)]))[0] == pytest.approx(years)
    assert sum_of_path(np.array([0.5, -0.5, 0.0]), np.zeros(3), np.full(3, 4.0)).tolist() == [2.0, 0.0, 0.0]


# --- order ---
def test_the_order_is_by_cleared_bars_then_gates_then_p_then_key() -> None:
    open_gate = tailwind("b-open")
    open_gate["candidacy"]["gates"]["exclusion"] = None
    less_sure = tailwind("c-less-sure")
    less_sure["candidacy"]["years"][0]["scope1"]["rung"] = "reported"
    two = tailwind("d-two")
    two["candidacy"]["years"][0]["ebit"] = None
    failed = tailwind("e-failed")
    failed["candidacy"]["gates"]["joins"] = "conflicting"
    peer = tailwind("f-peer")
    del peer["candidacy"]
    batch = [two, peer, failed, open_gate, less_sure, tailwind("z"), tailwind("a")]
    found = scored(*batch)
    lists = ordered(found.record(i) for i in range(len(batch)))
    assert {track: [one["company_key"] for one in rows] for track, rows in lists.items()} == {
        "power": ["a", "z", "c-less-sure", "b-open", "d-two"]
    }


def test_two_are_distinguishable_only_where_all_is_known_of_both() -> None:
    weak = tailwind("weak")
    weak["candidacy"]["years"][0]["ebit"] = told(55e6, "audited")
    silent = tailwind("silent")
    silent["candidacy"]["years"][0]["ebit"] = None
    found = scored(tailwind(), weak, silent)
    sure, other, unknown = (found.record(i)["candidacy"] for i in range(3))
    assert sure["reported"]["p_high"] - other["reported"]["p_high"] > 0.2
    assert are_distinguishable(sure, other, 0.2)
    assert not are_distinguishable(sure, sure, 0.2)
    assert not are_distinguishable(sure, unknown, 0.2)


def test_p_of_the_random_candidates_is_a_probability(records: list[Any]) -> None:
    found = scored(*records, as_of=AS_OF)
    for i in range(len(records)):
        reported = found.record(i)["candidacy"]["reported"]
        assert 0.0 <= reported["p_low"] <= reported["p_high"] <= 1.0
        assert (reported["p_cleared"] is None) == (reported["cleared"] == 0)
        assert reported["p_cleared"] is None or 0.125 <= reported["p_cleared"] <= 1.0  # a cleared bar is at least ½
