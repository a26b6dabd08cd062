"""What holds for any company whatever."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scoring.engine import canonical_json, printed
from scoring.engine.inputs import BOUNDARIES, HORIZONS, SCOPE2_KINDS, SCOPE3_COVERS, STATUSES, TARGET_KINDS, VALIDATIONS
from scoring.engine.score.methodology import STAIRCASES
from tests.engine.make import METHODOLOGY, company, line, record_of, scored, target, year

tonnes = st.one_of(st.none(), st.just(0.0), st.floats(1e-3, 1e9))
share = st.one_of(st.none(), st.sampled_from([0.0, 0.5, 1.0]))


@st.composite
def year_rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = []
    for y in sorted(draw(st.sets(st.integers(2020, 2025), max_size=4))):
        revenue = draw(st.one_of(st.none(), st.just(0.0), st.floats(1.0, 1e13), st.floats(-1e6, -1.0)))
        rows.append(
            year(
                y,
                scope1_t=draw(tonnes),
                scope2_t=draw(tonnes),
                scope2_kind=draw(st.sampled_from(SCOPE2_KINDS)),
                rung=draw(st.sampled_from([1, 2])),
                boundary=draw(st.sampled_from(BOUNDARIES)),
                revenue=revenue,
                cny_per_unit=draw(st.one_of(st.none(), st.floats(1e-4, 20))),
            )
        )
    return rows


@st.composite
def target_rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    optional_year = st.one_of(st.none(), st.integers(2010, 2060))
    return [
        target(
            str(k),
            horizon=draw(st.sampled_from(HORIZONS)),
            kind=draw(st.sampled_from(TARGET_KINDS)),
            reduction_share=draw(share),
            base_year=draw(optional_year),
            target_year=draw(optional_year),
            scope3=draw(st.sampled_from(SCOPE3_COVERS)),
            status=draw(st.sampled_from(STATUSES)),
            validated=draw(st.sampled_from(VALIDATIONS)),
        )
        for k in range(draw(st.integers(0, 3)))
    ]


@st.composite
def companies(draw: st.DrawFn, min_size: int = 1) -> list[dict[str, Any]]:
    keys = [f"company-{k}" for k in range(draw(st.integers(min_size, 5)))]
    sectors = st.sampled_from(["steel", "retail", None])
    return [company(key, sector=draw(sectors), years=draw(year_rows()), targets=draw(target_rows())) for key in keys]


@given(companies())
def test_the_waterfall_is_exact(records: list[Any]) -> None:
    result = scored(*records)
    for i in range(len(records)):
        record = result.record(i)
        score = record["emissions_score"]
        if score is None:
            continue
        assert abs(50 + sum(p["contribution"] or 0.0 for p in score["pillars"]) - score["value"]) < 1e-9
        assert abs(50 + sum(found["contribution"] or 0.0 for found in record["lines"]) - score["value"]) < 1e-9
        assert abs(sum(found["weight"] or 0.0 for found in record["lines"]) - 1) < 1e-12
        assert 1 - 1e-9 <= score["value"] <= 100 + 1e-9 and 0.6 - 1e-9 <= score["coverage"] <= 1 + 1e-9


@given(companies())
def test_a_batch_of_one_and_a_batch_of_many_give_the_same_bits(records: list[Any]) -> None:
    result = scored(*records)
    for i, record in enumerate(records):
        assert canonical_json(record_of(record)) == canonical_json(result.record(i))


@given(st.data(), companies(min_size=2))
def test_order_does_not_matter(data: st.DataObject, records: list[Any]) -> None:
    shuffled = data.draw(st.permutations(records))
    one, other = scored(*records), scored(*shuffled)
    by_key = {record["company_key"]: canonical_json(other.record(i)) for i, record in enumerate(shuffled)}
    assert all(by_key[record["company_key"]] == canonical_json(one.record(i)) for i, record in enumerate(records))


@given(companies(), companies())
def test_adding_companies_changes_no_other_score(records: list[Any], more: list[Any]) -> None:
    added = [record | {"company_key": f"new-{k}"} for k, record in enumerate(more)]
    before, after = scored(*records), scored(*added, *records)
    for i in range(len(records)):
        assert canonical_json(before.record(i)) == canonical_json(after.record(i + len(added)))


@given(st.floats(0.01, 1e6), st.floats(0.01, 1e6), st.floats(1e4, 1e12))
def test_fewer_tonnes_never_lower_the_utility_of_efficiency(a: float, b: float, revenue: float) -> None:
    less, more = sorted((a, b))
    utilities = [
        line(record_of(company(years=[year(scope1_t=t, revenue=revenue)])), "carbon_intensity")["utility"]
        for t in (less, more)
    ]
    assert utilities[0] >= utilities[1]


@given(st.lists(st.floats(1.0, 1e6), min_size=2, max_size=5), st.floats(0.1, 1.0))
def test_a_lower_last_year_never_lowers_the_utility_of_the_trend(history: list[float], factor: float) -> None:
    def utility(tonnes: list[float]) -> float:
        years = [year(2018 + k, scope1_t=t) for k, t in enumerate(tonnes)]
        found: float = line(record_of(company(years=years)), "emissions_change")["utility"]
        return found

    # Rounding of a slope is about 1e-16; 1e-9 of utility is far above it and far below anything printed.
    assert utility([*history[:-1], history[-1] * factor]) >= utility(history) - 1e-9


@given(target_rows(), st.sampled_from(["scope3", "validated", "reduction_share"]))
def test_a_better_target_never_lowers_its_utility(rows: list[Any], field: str) -> None:
    better = {"scope3": "yes", "validated": "1.5c", "reduction_share": 0.9}[field]
    before = line(record_of(company(targets=rows)), "target")
    after = line(record_of(company(targets=[row | {field: better} for row in rows])), "target")
    assert (before is None) == (after is None)
    assert before is None or after["utility"] >= before["utility"]


@given(year_rows(), target_rows())
def test_missing_stays_none(years: list[Any], targets: list[Any]) -> None:
    record = record_of(company(years=years, targets=targets))
    codes = {found["code"] for found in record["lines"]}
    reported = [r for r in years if r["scope1_t"] is not None and r["scope2_t"] is not None]
    reported = [r for r in reported if r["scope1_t"] + r["scope2_t"] > 0]
    with_revenue = [r for r in reported if (r["revenue"] or 0) > 0 and r["cny_per_unit"] is not None]
    assert ("carbon_intensity" in codes) == bool(with_revenue)
    assert ("data_rung" in codes) == bool(reported)
    if not targets:
        assert not codes & {"target", "plan"}
    if record["emissions_score"] is None:
        assert record["status"] == "insufficient" and record["missing"]
        assert all(found["contribution"] is None and found["weight"] is None for found in record["lines"])
    else:
        observed = {found["pillar"] for found in record["lines"]}
        for pillar in record["emissions_score"]["pillars"]:
            assert (pillar["utility"] is None) == (pillar["code"] not in observed)


@given(companies())
def test_a_score_lies_between_its_lowest_and_highest_utility(records: list[Any]) -> None:
    result = scored(*records)
    for i in range(len(records)):
        record = result.record(i)
        if record["emissions_score"] is not None:
            utilities = [found["utility"] for found in record["lines"]]
            assert min(utilities) - 1e-9 <= record["emissions_score"]["value"] <= max(utilities) + 1e-9


@given(st.lists(st.floats(-60, 60), min_size=1, max_size=8), st.integers(0, 3))
def test_printed_bars_add_up_and_each_is_within_one_unit(parts: list[float], decimals: int) -> None:
    total = sum(parts)
    bars = printed(parts, total, decimals)
    unit = Decimal(1).scaleb(-decimals)
    assert abs(sum(bars) - Decimal(total)) <= unit / 2 + Decimal("1e-8")
    assert all(bar % unit == 0 for bar in bars)
    assert all(abs(bar - Decimal(part)) <= unit + Decimal("1e-8") for bar, part in zip(bars, parts, strict=True))


def test_every_staircase_rises() -> None:
    indicators = [indicator for pillar in METHODOLOGY.parameters.pillars for indicator in pillar.indicators]
    for indicator in indicators:
        if indicator.code in STAIRCASES:
            assert list(indicator.steps) == sorted(indicator.steps) and len(indicator.steps) > 1
