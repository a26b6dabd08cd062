"""Bar sheet 1: its bars by the arithmetic of their sources, and what is refused of its files."""

from __future__ import annotations

import shutil
from math import isclose, log
from pathlib import Path
from statistics import median, stdev

import pytest
from django.core.management import CommandError, call_command

from portfolio import DATA
from portfolio.models import Track
from portfolio.typed.tables import whole_table
from scoring.bar_sheets import shipped
from scoring.bar_sheets.footprint import Reporter, class_bars
from scoring.engine.errors import BrokenTable
from scoring.engine.score.bar_sheet import BarSheet, Judgements
from scoring.engine.score.bars.contribution import bar_of
from scoring.models import BarSheet as Stored

SHEET = shipped.read(shipped.FOLDER).sheet
# Σ_{t=1..n} EF(2025 + t) of 0.5306 t/MWh (2023) falling by 0.5306/37 a year: the year 2025 + t is t + 2 years on.
FALL = 0.5306 / 37


def grid(years: int) -> float:
    return years * (0.5306 - 2 * FALL) - FALL * years * (years + 1) / 2


# u of the reference row for a sale in 2025 in China, written as its sources have it, and the rounded result.
BY_HAND = {
    "F01": (2225 * grid(25) - 0.011 * 2225 * 25, 16937.361),  # 2,225 h, 25 years, 11 g/kWh
    "F02": (3679 * grid(25) - 0.012 * 3679 * 25, 27913.667),  # 0.42 × 8,760 h
    "F03": (1286 * grid(25) - 0.040 * 1286 * 25, 8857.064),
    "F06a": (0.5306 - 0.024, 0.5066),
    "F06b": (0.5306 - 0.011, 0.5196),
    "F06c": (0.5306 - 0.040, 0.4906),
    "F07": (0.5306 - 0.012, 0.5186),
    "F08": (0.0015 * 0.65 * 8760 * grid(30), 71.652),  # no-load loss, the share of it that is saved
    # 6.21 L/100 km × 69.3 kg/GJ × 44.3 GJ/t × 0.7475 kg/L against 0.19 kWh/km
    "F10": (12377 * (13 * 0.0621 * 69.3 * 44.3 * 0.7475 / 1e6 - 0.00019 * grid(13)) - 4.2, 6.454),
    "F11a": (1000 * (12 * 2.2786 * 74.1 * 3.6e-6 - 0.0009204 * grid(12)), 2.7800),  # diesel 74.1 kg/GJ
    "F11b": (1000 * (10 * 3.4385 * 74.1 * 3.6e-6 - 0.0014729 * grid(10)), 2.9415),
    "F13": (2.066 * (18 * 56.1 * 3.6e-3 / 0.975 - grid(18) / 3.5), 3.8176),  # gas 56.1 kg/GJ, boiler 0.975, COP 3.5
    "F14": (20 * 56.1 * 3.6e-3 / 0.925 - grid(20) / 2.625, 1.6898),
    "F16": ((1 / 0.954 - 1) * 0.15 * grid(10), 0.0305977),  # 15 % of the losses of a 95.4 % motor
    "F22": (grid(30), 8.389),
    "F23": (0.144 + 0.036, 0.18),
    "F24": (27.9 * (1 - 0.1), 25.11),
    "F25a": (3.1 - 2.165, 0.935),
    "F25b": (6.5 - 0.5132, 5.9868),
    "F26": (15.1 - 0.674, 14.426),
    "F27": (1.76667 - 0.25, 1.51667),
    "F28": (0.52 + 3519 * 94.6 / 1e6 - 0.09, 0.7629),  # clinker, kiln fuel by the IPCC's factor of bituminous coal
    "F29": (1 - 0.833 * 56.1 * 3.6e-3 / 0.925 - 0.125 * 0.5306, 0.75180),
    "F30": (1.483 * 56.1 * 3.6e-3 * 33.333 - 33.333 / 0.5874 * 0.011, 9.35924),
    "F32": (2.67 * 44 / 12, 9.79),
}


@pytest.mark.parametrize("code", BY_HAND)
def test_a_reference_row_comes_to_what_its_sources_say(code: str) -> None:
    by_sources, printed = BY_HAND[code]
    family, path = SHEET.family[code], SHEET.path["CHN"]
    found = bar_of(family, path, 2025, 1.0)
    assert found is not None
    assert isclose(found, by_sources, rel_tol=1e-6)
    assert isclose(found, printed, rel_tol=1e-4)
    assert bar_of(family, path, 2025, SHEET.judgements.bar_share) == pytest.approx(0.8 * by_sources, rel=1e-6)


def test_every_family_has_a_reference_or_no_bar_yet() -> None:
    without = {family.code for family in SHEET.families if family.judgement == "none"}
    assert without == {family.code for family in SHEET.families if family.reference is None}
    assert {*BY_HAND} | without == {*SHEET.family}
    assert len(SHEET.families) == 37


def test_the_families_are_those_of_the_facts() -> None:
    told = {row.cells["code"]: row.cells for row in whole_table(DATA / "technology_families.csv").rows}
    assert {*told} == {*SHEET.family}
    for family in SHEET.families:
        row = told[family.code]
        shared = (family.track, family.name_zh, family.name_en, family.unit, family.service_unit)
        assert shared == tuple(row[name] for name in ("track", "name_zh", "name_en", "unit", "service_unit"))
        assert family.track in Track.values


def test_what_is_judged_rests_on_no_fact_of_the_compilation() -> None:
    """Its licence is not commercial: until the originals are read, such a family is shown."""
    resting = {
        family.code for family in SHEET.families if any("secondary compilation" in source for source in family.sources)
    }
    assert resting == {"F02", "F10", "F25a", "F25b", "F26", "F27", "F28", "F32"}
    assert {SHEET.family[code].judgement for code in resting} == {"shown"}


def test_what_is_judged_is_sourced_and_says_who_may_claim() -> None:
    for family in SHEET.families:
        assert family.attribution_zh, family.code
        assert family.attribution_en, family.code
        assert family.doubts_zh, family.code
        assert family.doubts_en, family.code
        assert family.sources or family.judgement == "none", family.code
    assert {family.code for family in SHEET.families if family.expires_on} == {"F23", "F30"}


def test_the_digest_is_that_of_the_content() -> None:
    again = BarSheet.from_json(SHEET.to_json())
    assert (again, again.digest) == (SHEET, SHEET.digest)


# --- own emissions ----------------------------------------------------------------------------------------
def test_the_bar_of_own_emissions_is_what_its_reporters_come_to() -> None:
    call_command("footprint_bars", "--check")


def test_a_bar_that_its_reporters_do_not_give_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoring.management.commands.footprint_bars.frozen_bars", lambda _folder: {})
    with pytest.raises(CommandError, match="other bars"):
        call_command("footprint_bars", "--check")


def reporters(n: int) -> list[Reporter]:
    """Company k has k tonnes of each scope on 10,000 k² yuan: 2/k t per 10,000 yuan."""
    return [Reporter(f"c{k}", "goods", "28", "", 2023, k, k, 10_000 * k * k, "CNY") for k in range(1, n + 1)]


def test_a_class_of_eight_has_a_bar_and_one_of_seven_none() -> None:
    (found,) = class_bars(reporters(8), lambda _currency, _year: 1.0, Judgements(), "a test")
    footprints = [2 / k for k in range(1, 9)]
    assert found.median == pytest.approx(median(footprints))
    assert found.sd_ln == pytest.approx(stdev(log(x) for x in footprints))
    assert found.bar is not None
    assert found.bar.value == pytest.approx(1.5 * (2 / 4 + 2 / 5) / 2, abs=5e-5)
    (found,) = class_bars(reporters(7), lambda _currency, _year: 1.0, Judgements(), "a test")
    assert found.bar is None


def test_dearer_money_makes_a_smaller_footprint() -> None:
    (found,) = class_bars(reporters(8), lambda _currency, _year: 2.0, Judgements(), "a test")
    assert found.footprints == tuple(1 / k for k in range(1, 9))


# --- its files --------------------------------------------------------------------------------------------
def copy(folder: Path, name: str, old: str, new: str) -> Path:
    made = folder / "bar_sheet_1"
    shutil.copytree(shipped.FOLDER, made)
    text = (made / name).read_text(encoding="utf-8")
    assert old in text
    (made / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return made


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("families.csv", ",judged,", ",praised,"),
        ("families.csv", "2225.0", "many"),
        ("u95.csv", "service,audited", "service,overheard"),
        ("judgements.csv", "bar_share", "bar_shares"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, name: str, old: str, new: str) -> None:
    with pytest.raises(BrokenTable) as refusal:
        shipped.read(copy(tmp_path, name, old, new))
    assert name in str(refusal.value)


@pytest.mark.django_db
def test_an_edited_sheet_under_an_old_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "FOLDER", copy(tmp_path, "families.csv", "2225.0", "2226.0"))
    with pytest.raises(ValueError, match="needs a new version"):
        shipped.install_shipped()


@pytest.mark.django_db
def test_it_is_there_once_approved_by_the_product() -> None:
    shipped.install_shipped()
    stored = Stored.objects.get()
    assert (stored.state, stored.digest, stored.is_shipped) == (Stored.State.ACTIVE, SHEET.digest, True)
    assert stored.proposed_by is stored.approved_by is None
    assert stored.engine() == stored.from_rows() == SHEET
