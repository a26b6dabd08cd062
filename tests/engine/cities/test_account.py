"""Cells of the GPC: totals with completeness, keys that are never zero, and what contradicts itself."""

from __future__ import annotations

from typing import Any

import pytest

from scoring.engine.cities.account import (
    BASIC,
    BASIC_PLUS,
    TERRITORIAL,
    Account,
    Cell,
    Row,
    Structure,
    fuel_tonnes,
    grid_tonnes,
)
from scoring.engine.cities.words import CELL_REFUSED, KEYS_TEXT, cell_refused
from scoring.engine.errors import CellRefused

ROWS = (
    Row("I.1.1", "I", "I.1", 1, "BASIC"),
    Row("I.1.2", "I", "I.1", 2, "BASIC"),
    Row("I.1.3", "I", "I.1", 3, "BASIC+"),
    Row("I.4.4", "I", "I.4", 1, "TERRITORIAL"),
    Row("III.1.2", "III", "III.1", 3, "BASIC"),
    Row("IV.1", "IV", "IV.1", 1, "BASIC+"),
    Row("V.2", "V", "V.2", 1, "BASIC+"),
    Row("VI.1", "VI", "VI.1", 3, "OTHER"),
)
GPC = Structure("test", ROWS)


def valued(ref: str, tonnes: float, **changes: Any) -> Cell:
    return Cell(ref, tonnes, **{"basis": "calculated", "source": "yearbook", **changes})


def account(*cells: Cell) -> Account:
    return Account.build(GPC, cells)


def test_totals_are_of_their_levels() -> None:
    """Grid-supplied generation is in the territory alone; waste treated elsewhere in BASIC, not in the territory."""
    found = account(*(valued(row.ref, 10.0**place) for place, row in enumerate(ROWS)))
    assert found.total(BASIC).tonnes == 10_011
    assert found.total(BASIC_PLUS).tonnes == 1_110_111
    assert found.total(TERRITORIAL).tonnes == 1_101_001
    assert found.sector("I").tonnes == 111
    assert found.sector("I", BASIC).tonnes == 11
    assert found.scope(3, BASIC).tonnes == 10_000
    assert found.total(BASIC_PLUS).completeness == 1.0


def test_a_blank_is_no_zero_and_a_total_says_what_is_open() -> None:
    found = account(valued("I.1.1", 5.0), Cell("I.1.2", key="NO"), Cell("I.1.3", key="NE", why="no loss rate"))
    total = found.total(BASIC)
    assert (total.tonnes, total.rows, total.valued, total.not_occurring) == (5.0, 3, 1, 1)
    assert total.open == ("III.1.2",)
    assert total.completeness == pytest.approx(2 / 3)
    assert found.total(BASIC_PLUS).open == ("I.1.3", "III.1.2", "IV.1", "V.2")
    assert "III.1.2" in found.blank and "I.1.2" not in found.blank
    nothing = account(Cell("I.1.2", key="NO"))
    assert (nothing.total(BASIC).tonnes, nothing.total(BASIC).u95_percent) == (None, None)


def test_elsewhere_is_complete_only_where_its_target_is_in_the_total() -> None:
    inside = account(valued("I.1.1", 5.0), Cell("I.1.2", key="IE", target="I.1.1")).total(BASIC)
    assert (inside.elsewhere, inside.open) == (1, ("III.1.2",))
    outside = account(valued("I.1.3", 5.0), Cell("I.1.2", key="IE", target="I.1.3"))
    assert outside.total(BASIC).open == ("I.1.1", "I.1.2", "III.1.2")
    assert outside.total(BASIC_PLUS).elsewhere == 1


def test_a_confidential_cell_stays_open() -> None:
    assert "I.1.1" in account(Cell("I.1.1", key="C", why="one operator")).total(BASIC).open


def test_biogenic_co2_stands_apart() -> None:
    found = account(valued("I.1.1", 6.0, biogenic_t=119.0), valued("III.1.2", 1.0))
    assert (found.total(BASIC).tonnes, found.total(BASIC).biogenic_t) == (7.0, 119.0)
    assert account(valued("I.1.1", 6.0)).total(BASIC).biogenic_t is None


def test_doubts_of_one_factor_do_not_cancel() -> None:
    """3 : 2 : 1, each 5 % sure, on one factor of 10 %: √((15² + 10² + 5²)/6² + 10²) = 10.47 %; on three, 6.97 %."""
    refs = ("I.1.1", "I.1.2", "III.1.2")

    def doubt(**changes: Any) -> float | None:
        doubts: dict[str, Any] = {"activity_u95_percent": 5.0, "factor_u95_percent": 10.0, **changes}
        cells = [valued(ref, t, **doubts) for ref, t in zip(refs, (3.0, 2.0, 1.0), strict=True)]
        return account(*cells).total(BASIC).u95_percent

    assert doubt(factor_id="grid") == pytest.approx(10.47, abs=0.005)
    assert doubt() == pytest.approx(6.97, abs=0.005)
    assert doubt(activity_u95_percent=None, factor_u95_percent=0.0) is None
    assert valued("I.1.1", 1.0, activity_u95_percent=3.0, factor_u95_percent=4.0).u95_percent == 5.0


def test_land_may_take_up_more_than_it_emits() -> None:
    assert account(valued("V.2", -3.0)).total(BASIC_PLUS).tonnes == -3.0


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ([Cell("I.9.9", key="NO")], "unknown_ref"),
        ([Cell("I.1.1", key="NA")], "unknown_key"),
        ([valued("I.1.1", 5.0, key="NO")], "key_and_tonnes"),
        ([Cell("I.1.1")], "blank"),
        ([Cell("I.1.1", key="NO", basis="measured")], "key_with_basis"),
        ([Cell("I.1.1", key="NO", activity_u95_percent=5.0)], "key_with_basis"),
        ([Cell("I.1.1", key="IE")], "target_of_ie_only"),
        ([Cell("I.1.1", key="NO", target="I.1.2")], "target_of_ie_only"),
        ([valued("I.1.1", 5.0, target="I.1.2")], "target_of_ie_only"),
        ([Cell("I.1.1", key="IE", target="I.1.1")], "unknown_target"),
        ([Cell("I.1.1", key="IE", target="I.9.9")], "unknown_target"),
        ([Cell("I.1.1", key="IE", target="I.1.2")], "target_is_empty"),
        ([Cell("I.1.1", key="IE", target="I.1.2"), Cell("I.1.2", key="NO")], "target_is_empty"),
        ([Cell("I.1.1", key="IE", target="I.1.2"), Cell("I.1.2", key="IE", target="I.1.1")], "target_is_empty"),
        ([Cell("I.1.1", key="NE", why=" ")], "no_reason"),
        ([Cell("I.1.1", key="C")], "no_reason"),
        ([valued("I.1.1", -1.0)], "negative"),
        ([valued("I.1.1", float("nan"))], "not_finite"),
        ([valued("I.1.1", 1.0, activity_u95_percent=-1.0)], "negative"),
        ([valued("I.1.1", 1.0, biogenic_t=-1.0)], "negative"),
        ([Cell("I.1.1", key="NO", biogenic_t=3.0)], "not_occurring_but_biogenic"),
        ([valued("I.1.1", 1.0, basis="guessed")], "unknown_basis"),
        ([valued("I.1.1", 1.0, source="")], "no_source"),
        ([valued("I.1.1", 1.0), valued("I.1.1", 2.0)], "twice"),
    ],
)
def test_what_contradicts_itself_is_refused_with_its_cell(cells: list[Cell], code: str) -> None:
    with pytest.raises(CellRefused) as caught:
        account(*cells)
    assert caught.value.code == code
    zh, en = cell_refused(caught.value)
    assert zh.startswith(f"{cells[0].ref}：") and en.startswith(f"{cells[0].ref}: ")


def test_every_key_and_refusal_has_its_words() -> None:
    assert list(KEYS_TEXT) == ["NO", "NE", "IE", "C"]
    assert all(all(text) for text in CELL_REFUSED.values())


AR5 = {"CO2": 1.0, "CH4": 28.0, "N2O": 265.0}


def test_charcoal_counts_its_methane_and_remembers_its_co2() -> None:
    """100 · (2.126 · 28 + 0.01063 · 265) kg = 6.234 t; the tool that adds the CO2 comes to 125.29 t."""
    charcoal = {"CO2": 1190.56, "CH4": 2.126, "N2O": 0.01063}
    tonnes, memo = fuel_tonnes(100.0, charcoal, AR5, biogenic=True)
    assert (tonnes, memo) == pytest.approx((6.234495, 119.056))
    assert fuel_tonnes(100.0, charcoal, AR5) == pytest.approx((125.290495, 0.0))


def test_losses_of_the_grid_are_scope_3() -> None:
    assert grid_tonnes(250_000.0, 0.0454, 0.5227) == pytest.approx((130_675.0, 5_932.645))


def test_amounts_below_zero_and_unknown_gases_are_refused() -> None:
    with pytest.raises(CellRefused, match="negative"):
        fuel_tonnes(-1.0, {"CO2": 1.0}, AR5)
    with pytest.raises(CellRefused, match="no_gwp") as caught:
        fuel_tonnes(1.0, {"SF6": 1.0}, AR5)
    assert cell_refused(caught.value) == ("没有这种气体的全球增温潜势：SF6", "no warming potential of SF6")
    with pytest.raises(CellRefused, match="negative"):
        grid_tonnes(1.0, -0.1, 0.5)
    with pytest.raises(CellRefused, match="loss_above_all"):
        grid_tonnes(1.0, 1.1, 0.5)
