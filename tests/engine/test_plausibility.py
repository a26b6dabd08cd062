"""The rules at their limits, in their order, with the messages a person reads."""

from typing import Any

import numpy as np
import pytest

from scoring.engine.plausibility import RULES, Submissions, alarmed, blocked, check


def codes(scope1_t: float, scope2_t: float, **given: Any) -> list[str]:
    columns = {
        name: np.array([value], dtype=np.float64) if isinstance(value, float | int) else [value]
        for name, value in given.items()
    }
    batch = Submissions(np.array([scope1_t]), np.array([scope2_t]), **columns)
    return [finding.code for finding in check(batch)[0]]


@pytest.mark.parametrize(
    ("scope1_t", "scope2_t", "given", "expected"),
    [
        (90.0, 10.0, {}, []),
        (-1.0, 10.0, {}, ["negative"]),
        (np.inf, 10.0, {}, ["not_finite"]),
        (2e9, 10.0, {}, ["too_large"]),
        (0.01, 0.01, {}, ["too_small"]),
        (np.nan, 10.0, {}, ["missing_scope"]),
        (90.0, 0.0, {"last_scope2_t": 10.0}, ["missing_scope"]),
        (90.0, 0.0, {"last_scope2_t": 0.0}, []),
        (90.0, 10.0, {"total_t": 101.0}, []),
        (90.0, 10.0, {"total_t": 101.1}, ["wrong_total"]),
        (90.0, 10.0, {"scope3_t": 50.0, "total_t": 150.0}, []),
        (90.0, 10.0, {"scope2_from_energy_t": 5.0}, []),
        (90.0, 10.0, {"scope2_from_energy_t": 4.9}, ["energy_mismatch"]),
        (90.0, 10.0, {"scope2_from_energy_t": 20.1}, ["energy_mismatch"]),
        (90.0, 10.0, {"last_scope1_t": 45.5, "last_scope2_t": 5.5}, []),
        (90.0, 10.0, {"last_scope1_t": 44.0, "last_scope2_t": 5.0}, ["jump"]),
        (90.0, 10.0, {"last_scope1_t": 9.0, "last_scope2_t": 1.0}, ["jump"]),
        (90.0, 10.0, {"last_scope1_t": 8.9, "last_scope2_t": 1.0}, ["jump_tenfold"]),
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


def test_messages_carry_the_figure_in_both_languages() -> None:
    batch = Submissions(
        np.array([90.0]), np.array([10.0]), last_scope1_t=np.array([4.0]), last_scope2_t=np.array([1.0])
    )
    finding = check(batch)[0][0]
    assert finding.message_en == "scope 1 + 2 is 20 times the year before: check, or give a reason"
    assert finding.message_zh == "范围一与范围二合计为上年的 20 倍，请核对或说明原因"
    assert blocked([finding])
    assert alarmed([finding])


def test_a_note_alone_calls_nobody() -> None:
    batch = Submissions(
        np.array([5000.0]), np.array([12000.0]), scope3_t=np.array([30000.0]), total_t=np.array([47000.0])
    )
    assert check(batch)[0]
    assert not alarmed(check(batch)[0])


def test_one_in_a_batch_gets_what_it_gets_alone() -> None:
    scope1_t, scope2_t = np.array([90.0, -1.0, 2e9]), np.array([10.0, np.nan, 1.0])
    together = check(Submissions(scope1_t, scope2_t))
    alone = [check(Submissions(scope1_t[i : i + 1], scope2_t[i : i + 1]))[0] for i in range(3)]
    assert [[f.message_en for f in row] for row in together] == [[f.message_en for f in row] for row in alone]
