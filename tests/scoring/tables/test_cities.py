"""The rows of the GPC that ship, and that a broken row stops the start."""

from collections import Counter
from pathlib import Path

import pytest

from scoring import DATA
from scoring.engine.cities.account import BASIC, BASIC_PLUS, TERRITORIAL
from scoring.engine.errors import BrokenTable
from scoring.tables.cities import load_structure, shipped_structure


def test_the_rows_that_ship() -> None:
    """GPC 1.1: BASIC leaves out grid-supplied generation and waste from outside."""
    found = shipped_structure()
    # two scopes of six uses of energy, two fugitive, five ways of transport, four of waste; then losses and journeys
    by_level = {"BASIC": 12 + 2 + 10 + 8, "BASIC+": 6 + 4 + 2 + 3, "TERRITORIAL": 1 + 4, "OTHER": 1}
    assert Counter(row.level for row in found.rows) == by_level
    basic = {row.ref for row in found.of_total(BASIC)}
    assert basic >= {"I.1.1", "I.1.2", "II.1.1", "III.1.1", "III.1.2"}
    assert not basic & {"I.4.4", "III.1.3", "I.1.3", "IV.1"}
    assert {row.ref for row in found.of_total(BASIC_PLUS)} >= basic | {"I.1.3", "II.1.3", "IV.1", "V.2"}
    territory = found.of_total(TERRITORIAL)
    assert {row.scope for row in territory} == {1}
    assert {row.ref for row in territory} >= {"I.4.4", "III.1.3", "IV.2", "V.3"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("I.1.2,I,", "I.1.1,I,"),
        ("I.1.2,I,", "II.1.2,I,"),
        ("I.1.2,I,", "I.1.2,II,"),
        (",2,BASIC,", ",4,BASIC,"),
        (",2,BASIC,", ",2,GOLD,"),
        (",one_transcription,", ",,"),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, old: str, new: str) -> None:
    lines = (DATA / "gpc_structure.csv").read_text(encoding="utf-8").splitlines()
    assert old in lines[2]
    lines[2] = lines[2].replace(old, new)
    (tmp_path / "gpc_structure.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(BrokenTable, match=r"gpc_structure\.csv, row 3"):
        load_structure(tmp_path)
