"""The rules at their limits, in their order, with the numbers that the sentences are made of."""

from typing import Any

import numpy as np
import pytest

from scoring.engine.screening.plausibility import RULES, Limits, Submissions, alarmed, blocked, check

LIMITS = Limits(
    largest={"scope1_t": 1e9, "scope2_t": 1e9, "scope3_t": 5e9, "water_t": 1e11},
    too_small_t=0.1,
    total_share=0.01,
    energy_low=0.5,
    energy_high=2.0,
    jump=0.3,
    jump_tenfold=1.0,
    part_jump=1.0,
)


def codes(scope1_t: float, scope2_t: float, **given: Any) -> list[str]:
    columns = {
        name: np.array([value], dtype=np.float64) if isinstance(value, float | int) else [value]
        for name, value in given.items()
    }
    batch = Submissions(np.array([scope1_t]), np.array([scope2_t]), **columns)
    return [finding.code for finding in check(batch, LIMITS)[0]]


@pytest.mark.parametrize(
    ("scope1_t", "scope2_t", "given", "expected"),
    [
        (90.0, 10.0, {}, []),
        (-1.0, 10.0, {}, ["negative"]),
        (np.inf, 10.0, {}, ["not_finite"]),
        (2e9, 10.0, {}, ["too_large"]),
        (0.01, 0.01, {}, ["too_small"]),
        (0.3, 0.0, {"last_scope1_t": 0.03, "last_scope2_t": 0.0}, ["jump_tenfold", "zero_emissions"]),
        (90.0, 10.0, {"scope3_t": 6e9}, ["figure_too_large"]),
        (90.0, 10.0, {"last_scope1_t": 1.0, "last_scope2_t": 1.0, "last_year": 2019.0}, ["jump_tenfold"]),
        (90.0, 10.0, {"last_scope1_t": 90.0, "last_scope2_t": 11.0, "last_year": 2019.0}, []),
        (90.0, 10.0, {"last_scope3_t": 5.0, "last_year": 2019.0}, []),
        (np.nan, 10.0, {}, ["missing_scope"]),
        (90.0, 0.0, {"last_scope2_t": 10.0}, ["zero_emissions"]),
        (0.0, 0.0, {}, ["zero_emissions", "zero_emissions"]),
        (90.0, 10.0, {"last_scope3_t": 5.0}, ["scope3_gone"]),
        (90.0, 10.0, {"scope3_t": 5.0, "last_scope3_t": 50.1}, ["scope_jump"]),
        (90.0, 10.0, {"scope3_t": 50.0, "scope3_parts_t": 50.5}, []),
        (90.0, 10.0, {"scope3_t": 50.0, "scope3_parts_t": 50.6}, ["scope3_parts"]),
        (90.0, 10.0, {"total_t": 101.0}, []),
        (90.0, 10.0, {"total_t": 101.1}, ["wrong_total"]),
        (90.0, 10.0, {"scope3_t": 50.0, "total_t": 150.0}, []),
        (90.0, 10.0, {"total_t": 95.0, "parts_t": 95.5}, []),
        (90.0, 10.0, {"scope2_from_energy_t": 5.0}, []),
        (90.0, 10.0, {"scope2_from_energy_t": 4.9}, ["energy_mismatch"]),
        (90.0, 10.0, {"scope2_from_energy_t": 20.1}, ["energy_mismatch"]),
        (90.0, 10.0, {"last_scope1_t": 45.5, "last_scope2_t": 5.5}, []),
        (90.0, 10.0, {"last_scope1_t": 44.0, "last_scope2_t": 5.0}, ["jump"]),
        (90.0, 10.0, {"last_scope1_t": 9.0, "last_scope2_t": 1.0}, ["jump_tenfold"]),
        (90.0, 10.0, {"last_scope1_t": 9.1, "last_scope2_t": 1.1}, ["jump"]),
        (90.0, 10.0, {"last_scope1_t": 89.0, "last_scope2_t": 0.9}, ["scope_jump"]),
        (90.0, 10.0, {"last_scope1_t": 90.0, "last_scope2_t": 11.0}, ["same_as_last_year"]),
        (90.0, 10.0, {"p01_t": 101.0, "median_t": 900.0, "p99_t": 9000.0}, ["outside_model"]),
        (90.0, 10.0, {"p01_t": 99.0, "median_t": 900.0, "p99_t": 9000.0}, []),
        (5000.0, 12000.0, {"scope3_t": 30000.0, "total_t": 47000.0}, ["round_numbers"]),
        (5001.0, 12345.0, {"scope3_t": 30000.0, "total_t": 47346.0}, []),
    ],
)
def test_each_rule_speaks_beyond_its_limit_and_not_at_it(
    scope1_t: float, scope2_t: float, given: dict[str, Any], expected: list[str]
) -> None:
    assert codes(scope1_t, scope2_t, **given) == expected


def test_a_reason_turns_the_block_of_a_jump_into_a_labelled_warning() -> None:
    last = {"last_scope1_t": 5.0, "last_scope2_t": 1.0}
    assert codes(90.0, 10.0, **last, reason="acquisition") == ["jump_with_reason"]
    assert codes(90.0, 10.0, **last, reason="because I say so") == ["jump_tenfold"]


def test_another_wording_of_the_boundary_is_told_and_blanks_are_not() -> None:
    assert codes(90.0, 10.0, boundary="集團", last_boundary="母公司") == ["boundary_changed"]
    assert codes(90.0, 10.0, boundary="母 公司", last_boundary="母公司") == []
    assert codes(90.0, 10.0, boundary="", last_boundary="母公司") == []


def test_findings_come_in_the_order_of_the_rules() -> None:
    found = codes(2e9, np.nan, total_t=1.0, last_scope1_t=1.0, last_scope2_t=1.0)
    order = list(RULES)
    assert found == sorted(found, key=order.index)
    assert found[0] == "too_large"


def test_a_jump_is_told_with_its_ratio_at_the_scope_that_moved_most() -> None:
    batch = Submissions(
        np.array([9.0, 90.0]),
        np.array([91.0, 10.0]),
        last_scope1_t=np.array([4.0, 4.0]),
        last_scope2_t=np.array([1.0, 1.0]),
    )
    first, second = (row[0] for row in check(batch, LIMITS))
    assert (first.code, first.severity, first.subject, first.parameters) == (
        "jump_tenfold",
        "block",
        "scope2_t",
        {"ratio": 20.0},
    )
    assert second.subject == "scope1_t"
    assert blocked([first])
    assert alarmed([first])


def test_any_other_figure_is_compared_with_last_years() -> None:
    def found(now: float, before: float) -> list[str]:
        water, last = {"water_t": np.array([now])}, {"water_t": np.array([before])}
        batch = Submissions(np.array([90.0]), np.array([10.0]), figures=water, last_figures=last)
        return [f"{one.code} {one.subject}" for one in check(batch, LIMITS)[0]]

    assert found(1000.0, 100.0) == ["figure_jump water_t"]
    assert found(10.0, 100.0) == ["figure_jump water_t"]
    assert found(999.0, 100.0) == []
    assert found(0.0, 100.0) == found(100.0, 0.0) == found(np.nan, 100.0) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("test", "test"),
        ("Asdf asdf", "Asdf"),
        ("集团，测试", "测试"),
        ("待定", "待定"),
        ("TBD", "TBD"),
        ("测试中心与全部工厂", ""),
        ("The latest report, attested by SGS", ""),
        ("all sites, report 2024 p. 12", ""),
    ],
)
def test_words_of_a_trial_are_told_and_words_that_hold_them_are_not(text: str, word: str) -> None:
    found = check(Submissions(np.array([90.0]), np.array([10.0]), words={"boundary": [text]}), LIMITS)[0]
    assert [one.parameters["word"] for one in found] == ([word] if word else [])


def test_what_only_informs_calls_nobody() -> None:
    batch = Submissions(
        np.array([5000.0]), np.array([12000.0]), scope3_t=np.array([30000.0]), total_t=np.array([47000.0])
    )
    assert check(batch, LIMITS)[0]
    assert not alarmed(check(batch, LIMITS)[0])


def test_one_in_a_batch_gets_what_it_gets_alone() -> None:
    scope1_t, scope2_t = np.array([90.0, -1.0, 2e9]), np.array([10.0, np.nan, 1.0])
    together = check(Submissions(scope1_t, scope2_t), LIMITS)
    alone = [check(Submissions(scope1_t[i : i + 1], scope2_t[i : i + 1]), LIMITS)[0] for i in range(3)]
    assert together == tuple(alone)
