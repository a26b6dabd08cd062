"""What must hold for any ledger, whatever its lines."""

import ast
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.activities.kinds import ACTIVITY_TYPES
from scoring.engine import digest
from scoring.engine.accounting import words
from scoring.engine.accounting.activities import NOTATIONS
from scoring.engine.accounting.ledger import (
    ActivityColumns,
    ActivityLine,
    LineResult,
)
from scoring.engine.accounting.reference import PROPERTIES
from scoring.engine.accounting.totals import InventoryTotal
from scoring.engine.errors import (
    FactorTie,
    LifeCycleFactor,
    NoGwp,
    UnknownActivity,
    UnknownGwpSet,
    UnknownRegion,
    WrongShape,
)
from tests.engine.accounting.test_accounting import ledger, line, result
from tests.engine.accounting.test_reference import SHIPPED

KINDS = (
    ("electricity", "kWh", "CN-CQ"),
    ("electricity", "kWh", "US-EGRID-CAMX"),
    ("electricity", "kWh", "TW-TPE"),
    ("heat", "GJ", "CN"),
    ("fuel.diesel@road", "t", "CN-SH"),
    ("fuel.diesel@road", "L", "CN-SH"),
    ("fuel.natural_gas@commercial", "m3@20C", "CN-BJ"),
    ("fuel.wood@residential", "t", "DE"),
    ("process.cement_clinker", "t", "CN"),
    ("process.aluminium_cwpb_pfc", "t", "CN"),
    ("refrigerant.R404A", "kg", "CN"),
    ("refrigerant.HCFC22", "kg", "CN"),
    ("spend.travel", "CNY", "CN"),  # no factor: an error
)
amounts = st.one_of(st.just(0.0), st.floats(1e-6, 1e12))
some_lines = st.lists(
    st.builds(
        lambda kind, amount, year, percent, inventory: line(
            kind[0], amount, kind[1], kind[2], year, uncertainty_percent=percent, inventory=inventory
        ),
        st.sampled_from(KINDS),
        amounts,
        st.sampled_from([2021, 2022, 2023]),
        st.one_of(st.none(), st.floats(0, 50)),
        st.sampled_from(["alice", "bob", "charlie"]),
    ),
    min_size=1,
    max_size=12,
)


@given(some_lines, st.floats(1e-3, 1e3))
@settings(max_examples=40, deadline=None)
def test_tonnes_are_linear_in_the_amount(lines: list[ActivityLine], times: float) -> None:
    once = ledger(*lines)
    more = ledger(*[replace(each, amount=(each.amount or 0) * times) for each in lines])
    assert np.allclose(more.co2e_t, once.co2e_t * times, rtol=1e-12, equal_nan=True)
    assert np.allclose(more.half_width_percent, once.half_width_percent, rtol=1e-12, equal_nan=True)


@given(some_lines)
@settings(max_examples=40, deadline=None)
def test_gases_add_up_to_the_total(lines: list[ActivityLine]) -> None:
    made = ledger(*lines)
    for row in range(len(lines)):
        found = made.line(row)
        if found is None:
            continue
        counted = {gas: kg for gas, kg in found.kg.items() if gas not in ("CO2_biogenic", "HCFC22")}
        summed = sum(kg * SHIPPED.gwps.gwp("AR6", gas) for gas, kg in counted.items()) / 1000
        assert found.co2e_t == pytest.approx(summed, rel=1e-12)
        assert set(found.flags) <= set(words.FLAGS)
        assert all(words.line(found.because))


@given(some_lines)
@settings(max_examples=40, deadline=None)
def test_totals_add_up_over_lines_scopes_and_sites(lines: list[ActivityLine]) -> None:
    whole = ledger(*[replace(each, inventory="") for each in lines])
    total = whole.total()
    assert total.total_location.tonnes == pytest.approx(np.nansum(whole.co2e_t), rel=1e-12)
    scopes = (total.scope_1.tonnes, total.scope_2_location.tonnes, total.scope_3.tonnes)
    assert total.total_location.tonnes == pytest.approx(sum(scopes), rel=1e-12)
    apart = [each.total_location.tonnes for each in ledger(*lines).totals]
    assert total.total_location.tonnes == pytest.approx(sum(apart), rel=1e-12)
    for gas, amount in total.gases_kg.items():
        assert amount.tonnes == pytest.approx(np.nansum(whole.kg[gas]), rel=1e-12)


def figures(found: InventoryTotal) -> tuple[object, ...]:
    return (found.scope_1, found.scope_2_location, found.scope_2_market, found.scope_3, found.total_location,
            found.gases_kg, found.biogenic_co2_t, found.data_quality)  # fmt: skip


@given(some_lines)
@settings(max_examples=40, deadline=None)
def test_a_line_or_an_inventory_alone_gives_the_same_bits_as_in_a_batch(lines: list[ActivityLine]) -> None:
    batch = ledger(*lines)
    for row, each in enumerate(lines):
        alone = ledger(each)
        for name in ("co2e_t", "half_width_percent", "market_co2e_t", "market_half_width_percent"):
            assert getattr(alone, name).tobytes() == getattr(batch, name)[row : row + 1].tobytes()
        assert alone.line(0) == batch.line(row)
    for total in batch.totals:
        own = ledger(*[each for each in lines if each.inventory == total.inventory])
        assert figures(own.totals[0]) == figures(total)


@given(some_lines)
@settings(max_examples=30, deadline=None)
def test_blocks_and_sorting_change_no_bit(lines: list[ActivityLine]) -> None:
    from scoring.engine.accounting import ledger as accounting

    usual = ledger(*lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounting, "BLOCK", 3)
        patch.setattr(accounting, "DENSE_KEYS", 0)
        other = ledger(*lines)
    assert other.co2e_t.tobytes() == usual.co2e_t.tobytes()
    assert list(map(figures, other.totals)) == list(map(figures, usual.totals))


@given(some_lines, st.dates(date(2023, 1, 1), date(2026, 6, 30)))
@settings(max_examples=30, deadline=None)
def test_no_factor_published_after_the_day_is_used(lines: list[ActivityLine], as_of: date) -> None:
    made = ledger(*lines, as_of=as_of)
    for row in range(len(lines)):
        assert all(choice.factor.published and choice.factor.published <= as_of for choice in made.choices(row))


@given(some_lines)
@settings(max_examples=20, deadline=None)
def test_adding_a_line_of_zero_changes_no_total(lines: list[ActivityLine]) -> None:
    with_zero = [*lines, line("electricity", 0.0, "kWh", inventory="alice")]
    before = {each.inventory: each.total_location.tonnes for each in ledger(*lines).totals}
    after = {each.inventory: each.total_location.tonnes for each in ledger(*with_zero).totals}
    assert all(after[name] == tonnes for name, tonnes in before.items())


def test_no_lines_make_an_empty_ledger() -> None:
    assert ledger().totals == ()


def test_columns_need_sorted_words() -> None:
    columns = ActivityColumns.of([line("electricity", 1, "kWh")])
    with pytest.raises(WrongShape):
        replace(columns, units=("t", "kWh"))


def test_every_type_can_be_asked_for_in_each_of_its_units() -> None:
    needs = {"density_needed", "economy_needed", "no_factor", "no_conversion"}
    lines = [line(key, 1.0, unit, "CN") for key, each in ACTIVITY_TYPES.items() for unit in each.units]
    made = ledger(*lines)
    assert {error.code for error in made.errors} <= needs
    of_tables = [each for each in lines if ACTIVITY_TYPES[each.activity].kind in ("electricity", "heat", "process")]
    shipped = [each for each in of_tables if "no factor is shipped" not in ACTIVITY_TYPES[each.activity].note]
    assert not {error.line_id for error in made.errors} & {each.line_id for each in shipped}


def codes_in_source() -> dict[str, set[str]]:
    """What the modules of the room write: codes of refusals, of numbers that no table holds, and flags."""
    found: dict[str, set[str]] = {"refusal": set(), "step": set(), "flag": set()}
    trees = [ast.parse(file.read_text("utf-8")) for file in Path(words.__file__).parent.glob("*.py")]
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ("LineRefused", "NoFactor") and node.args:  # the code, or after it the sentence's own
                found["refusal"] |= {each.value for each in ast.walk(node.args[-1]) if isinstance(each, ast.Constant)}
            for keyword in node.keywords:
                if node.func.id == "Step" and keyword.arg == "code" and isinstance(keyword.value, ast.Constant):
                    found["step"].add(str(keyword.value.value))
        is_flag = isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute)
        if is_flag and node.value.attr == "flags" and isinstance(node.slice, ast.Constant):
            found["flag"].add(str(node.slice.value))
    return found


FAULTS = {  # of a single line, before the tables are asked
    *("no_amount", "not_finite", "negative", "out_of_range", "wrong_uncertainty", "year_out_of_range"),
    *("unknown_notation", "amount_and_notation", "no_target_of_ie"),
}
REFUSED = {error.code for error in (UnknownActivity, UnknownRegion, UnknownGwpSet, NoGwp, FactorTie, LifeCycleFactor)}


def test_every_code_has_its_words_in_both_languages() -> None:
    found = codes_in_source()
    assert set(words.REFUSALS) == found["refusal"] | FAULTS | REFUSED
    assert set(words.STEPS) == found["step"]
    assert set(words.FLAGS) >= found["flag"] and set(words.NOTATIONS) == set(NOTATIONS)
    tables = (words.REFUSALS, words.STEPS, words.FLAGS, words.REASONS, words.INSTEAD, words.PURPOSES, words.NOTATIONS)
    assert all(zh and en and zh != en for table in tables for zh, en in table.values())
    assert set(words.PROPERTIES) == set(PROPERTIES)


def test_a_word_that_is_mended_changes_the_sentence_and_nothing_that_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def stated() -> LineResult:
        return result("fuel.natural_gas", 100, "m3@0C", parameters={"density_kg_per_m3": 0.7})

    kept, sentence = digest(stated().because), words.line(stated().because)
    assert "density as stated" in sentence[1]
    monkeypatch.setitem(words.STEPS, "density_stated", ("所报密度", "the density they state"))
    assert digest(stated().because) == kept
    assert "the density they state" in words.line(stated().because)[1]
