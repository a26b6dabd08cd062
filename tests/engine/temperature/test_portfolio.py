"""The temperature score of a portfolio: weights by hand, coverage, what-ifs, and what holds for any portfolio."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.errors import NegativeAmount, NotFinite, UnknownWord
from scoring.engine.temperature.inputs import Words
from scoring.engine.temperature.portfolio import AGGREGATIONS, Aggregate, Holdings, Portfolio
from tests.engine.make_temperature import CURRENT, PARITY, aggregate, company, portfolio, scored, target

BOB = "Bob Cement"
TWO = [company(), company(BOB, ghg_s1s2=300.0, company_market_cap=1000.0, company_enterprise_value=None)]


@pytest.mark.parametrize(
    ("method", "weights"),
    [
        ("WATS", (10, 30)),
        ("TETS", (100, 300)),
        ("MOTS", (10 / 2000 * 100, 30 / 1000 * 300)),
        ("AOTS", (10 / 3000 * 100, 30 / 3000 * 300)),
        ("ROTS", (10 / 1000 * 100, 30 / 1000 * 300)),
    ],
)
def test_each_method_weighs_by_its_formula(method: str, weights: tuple[float, float]) -> None:
    scores, _ = scored(TWO, [target()])  # Alice 1.74, Bob 3.4
    found = aggregate(portfolio(scores, [10.0, 30.0]), method)
    alice, bob = weights
    assert found.score_c == pytest.approx((1.74 * alice + 3.4 * bob) / (alice + bob))
    assert found.influence_percentage == pytest.approx(100 * bob / (alice + bob))
    assert [part.company for part in found.top] == [1, 0]
    assert sum(part.relative_percent for part in found.top) == pytest.approx(100)
    assert sum(part.contribution_c for part in found.top) == pytest.approx(found.score_c)


@pytest.mark.parametrize("method", ["EOTS", "ECOTS"])
def test_a_missing_weight_leaves_the_company_out_and_lowers_the_coverage(method: str) -> None:
    scores, _ = scored(TWO, [target()])
    found = aggregate(portfolio(scores, [10.0, 30.0]), method)
    assert (found.score_c, found.n, found.proportion_percent) == (pytest.approx(1.74), 1, 50.0)
    assert found.coverage_percent == pytest.approx(25.0)
    assert found.refusal is None


def test_in_parity_the_refusal_of_the_tool_is_named_beside_what_can_be_covered() -> None:
    scores, _ = scored(TWO, [target()], PARITY)
    found = aggregate(portfolio(scores, [10.0, 30.0]), "EOTS")
    assert found.refusal is not None and "company_enterprise_value" in found.refusal and BOB in found.refusal
    assert found.score_c == pytest.approx(1.88)  # by 1.0


@pytest.mark.parametrize("method", [method for method in AGGREGATIONS if method != "WATS"])
def test_a_portfolio_without_any_weight_has_no_score_and_no_coverage(method: str) -> None:
    nothing = company(ghg_s1s2=0.0, ghg_s3=0.0)
    scores, _ = scored([nothing], [target()])
    found = aggregate(portfolio(scores, [10.0]), method)
    assert (found.score_c, found.n, found.coverage_percent) == (None, 0, 0.0)
    assert found.refusal == "the weights add up to zero"


def test_data_that_nobody_has_are_coverage_zero_and_no_error() -> None:
    scores, _ = scored([company(company_total_assets=None)], [target()])
    found = aggregate(portfolio(scores, [10.0]), "AOTS")
    assert (found.score_c, found.coverage_percent) == (None, 0.0)


def test_zero_emissions_lose_their_weight_in_the_tool_and_not_with_us() -> None:
    """The golden case `edges` has the tool's behaviour: the score is dropped, its weight stays in the divisor."""
    both = [company(), company(BOB, ghg_s1s2=0.0, ghg_s3=0.0)]
    targets = [target(), target(BOB)]
    tool = aggregate(portfolio(scored(both, targets, PARITY)[0], [10.0, 30.0]), "WATS", scope="S1+S2+S3")
    ours = aggregate(portfolio(scored(both, targets)[0], [10.0, 30.0]), "WATS", scope="S1+S2+S3")
    assert (tool.score_c, tool.coverage_percent) == (pytest.approx(1.88 * 0.25), pytest.approx(25.0))
    # 100 t at 1.737, 50 t of scope 3 at the default; Bob has nothing to weigh by, so the warmer stands.
    alice = round((1.7368576 * 100 + 3.4 * 50) / 150, 2)
    assert (ours.score_c, ours.coverage_percent) == (pytest.approx(alice * 0.25 + 3.4 * 0.75), 100.0)


def imagined(method: Any, code: str, engaged: tuple[bool, bool] = (False, False)) -> float | None:
    """WATS, mid term, S1+S2 of Alice (1.74) and Bob (no target, 3.4), 10 and 30 invested."""
    scores, _ = scored(TWO, [target()], method)
    found = portfolio(scores, [10.0, 30.0], engaged).what_ifs()[code]
    return next(one.score_c for one in found if (one.time_frame, one.scope) == ("mid", "S1+S2"))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("1_all_without_target_set_wb2c", (1.74 + 3 * 1.75) / 4),
        ("2_targets_to_1.5c", (1.5 + 3 * 3.4) / 4),  # Bob has no target to improve
        ("3a_top10_wb2c", (1.68 + 3 * 1.75) / 4),  # her scope 2 is capped: 0.8 x 1.6646 + 0.2 x 1.75
        ("3b_top10_1.5c", 1.5),
        ("4a_engaged_wb2c", (1.74 + 3 * 1.75) / 4),
        ("4b_engaged_1.5c", (1.74 + 3 * 1.5) / 4),
    ],
)
def test_each_what_if_caps_whom_it_says(code: str, expected: float) -> None:
    assert imagined(CURRENT, code, (False, True)) == pytest.approx(expected)


def test_in_parity_what_if_2_caps_those_without_a_target_too() -> None:
    assert imagined(PARITY, "2_targets_to_wb2c") == pytest.approx(1.75)


def test_in_parity_what_if_3_engages_all_of_one_name() -> None:
    rows = [
        company(f"c{number:02}", company_name="Same Ltd" if number in (0, 11) else f"n{number}") for number in range(12)
    ]
    invested = [float(100 - number) for number in range(12)]
    capped = {}
    for method in (PARITY, CURRENT):
        scores = scored(rows, [], method)[0]
        code = next(one.code for one in method.edition.what_ifs if one.code.startswith("3a"))
        found = portfolio(scores, invested).what_ifs()[code]
        capped[method.name] = next(one.score_c for one in found if (one.time_frame, one.scope) == ("mid", "S3"))
    total = sum(invested)
    assert capped["current"] == pytest.approx((1.75 * sum(invested[:10]) + 3.4 * sum(invested[10:])) / total)
    assert capped["parity"] == pytest.approx((2.0 * (total - invested[10]) + 3.2 * invested[10]) / total)


def test_groups_are_scored_inside_themselves() -> None:
    rows = [company(), company(BOB), company("Carol Power")]
    scores, _ = scored(rows, [target()])
    found = portfolio(scores, [10.0, 30.0, 60.0]).grouped(Words.of(["metals", "metals", None]), ["WATS"])
    mid = found[5]  # short has five scopes
    assert mid["metals"].score_c == pytest.approx((1.74 + 3 * 3.4) / 4)
    assert mid["metals"].proportion_percent == pytest.approx(200 / 3)
    assert (mid["unknown"].score_c, mid["unknown"].n) == (pytest.approx(3.4), 1)


def test_investments_that_are_no_amounts_and_unknown_methods_are_refused() -> None:
    at, flags = np.array([0]), np.array([False])
    with pytest.raises(NegativeAmount):
        Holdings.merged(at, np.array([-1.0]), flags)
    with pytest.raises(NotFinite):
        Holdings.merged(at, np.array([np.nan]), flags)
    with pytest.raises(UnknownWord):
        portfolio(scored([company()], [])[0], [1.0]).aggregates(["XOTS"])


# What holds for any portfolio whatever.

share = st.sampled_from([0.1, 0.5, 0.67, 0.95, 1.0])
amount = st.one_of(st.none(), st.floats(1e-3, 1e9))


@st.composite
def companies(draw: st.DrawFn) -> list[dict[str, Any]]:
    return [
        company(
            f"company-{number}",
            isic=draw(st.sampled_from(["A12", "C24", "d35", None])),
            ghg_s1s2=draw(st.one_of(amount, st.just(0.0))),
            ghg_s3=draw(st.one_of(amount, st.just(0.0))),
            company_market_cap=draw(amount),
            company_enterprise_value=draw(amount),
        )
        for number in range(draw(st.integers(1, 5)))
    ]


@st.composite
def targets(draw: st.DrawFn, of: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for one in of:
        # Base-year emissions are a fact of the company, whatever target cites them.
        ghg = {"base_year_ghg_s1": draw(amount), "base_year_ghg_s2": draw(amount)}
        for _ in range(draw(st.integers(0, 4))):
            rows.append(
                target(
                    one["company_id"],
                    target_type=draw(st.sampled_from(["Absolute", "intensity", "abs"])),
                    intensity_metric=draw(st.sampled_from(["Revenue", "power", None])),
                    scope=draw(st.sampled_from(["S1", "S2", "S3", "S1+S2", "S1+S2+S3"])),
                    coverage_s1=draw(share),
                    coverage_s2=draw(share),
                    coverage_s3=draw(st.one_of(st.none(), share)),
                    reduction_ambition=draw(st.floats(0.0, 1.0)),
                    base_year=draw(st.integers(2015, 2020)),
                    start_year=None,
                    end_year=draw(st.sampled_from([2025, 2028, 2035, 2050, 2060])),
                    **ghg,
                )
            )
    return rows


@given(st.data(), st.sampled_from([PARITY, CURRENT]))
def test_more_ambition_never_gives_a_warmer_score(data: st.DataObject, method: Any) -> None:
    rows = data.draw(companies())
    before = data.draw(targets(rows).filter(bool))
    at = data.draw(st.integers(0, len(before) - 1))
    ambition = before[at]["reduction_ambition"]
    after = [dict(row) for row in before]
    after[at]["reduction_ambition"] = data.draw(st.floats(ambition, 1.0))
    colder, warmer = scored(rows, after, method)[0].score_c, scored(rows, before, method)[0].score_c
    assert not (colder > warmer).any()


@given(st.data())
def test_no_order_of_rows_changes_anything(data: st.DataObject) -> None:
    rows = data.draw(companies())
    goals = data.draw(targets(rows))
    shuffled = data.draw(st.permutations(rows))
    first, _ = scored(rows, goals)
    other, _ = scored(shuffled, data.draw(st.permutations(goals)))
    position = [other.companies.company_id.index(row["company_id"]) for row in rows]
    for mine, theirs in ((first.score_c, other.score_c), (first.default_share, other.default_share)):
        assert np.array_equal(mine, theirs[position])
    invested = {row["company_id"]: data.draw(st.floats(0, 1e9)) for row in rows}
    here = portfolio(first, [invested[row["company_id"]] for row in rows])
    there = portfolio(other, [invested[row["company_id"]] for row in shuffled])
    assert_same(here, there)


@given(st.data())
def test_a_company_alone_and_in_a_batch_get_the_same_bits(data: st.DataObject) -> None:
    rows = data.draw(companies())
    goals = data.draw(targets(rows))
    together, _ = scored(rows, goals)
    for at, row in enumerate(rows):
        alone, _ = scored([row], [goal for goal in goals if goal["company_id"] == row["company_id"]])
        assert np.array_equal(alone.score_c[0], together.score_c[at])


@given(st.data())
def test_a_holding_without_weight_changes_no_score(data: st.DataObject) -> None:
    rows = data.draw(companies())
    goals = data.draw(targets(rows))
    invested = [data.draw(st.floats(1.0, 1e9)) for _ in rows]
    nothing = company(
        "Nothing Ltd", ghg_s1=0.0, ghg_s2=0.0, ghg_s1s2=0.0, ghg_s3=0.0
    )  # TETS weighs by emissions, the others by money
    assert_same(
        portfolio(scored(rows, goals)[0], invested), portfolio(scored([*rows, nothing], goals)[0], [*invested, 0.0])
    )


@given(st.data())
def test_splitting_a_holding_in_two_changes_nothing(data: st.DataObject) -> None:
    rows = data.draw(companies())
    scores, _ = scored(rows, data.draw(targets(rows)))
    invested = np.array([float(data.draw(st.integers(1, 10**6))) for _ in rows])
    whole = Holdings.merged(np.arange(len(rows)), invested, np.zeros(len(rows), dtype=np.bool_))
    twice = np.concatenate([np.arange(len(rows))] * 2)
    halves = Holdings.merged(
        twice, np.concatenate([invested / 4, invested * 3 / 4]), np.zeros(2 * len(rows), dtype=np.bool_)
    )
    assert Portfolio(scores, whole).aggregates() == Portfolio(scores, halves).aggregates()


def assert_same(one: Portfolio, other: Portfolio) -> None:
    for mine, theirs in zip(one.aggregates(), other.aggregates(), strict=True):
        assert figures(mine) == pytest.approx(figures(theirs), rel=1e-12, nan_ok=True), (mine, theirs)


def figures(of: Aggregate) -> list[float]:
    return [np.nan if value is None else value for value in (of.score_c, of.influence_percentage, of.coverage_percent)]
