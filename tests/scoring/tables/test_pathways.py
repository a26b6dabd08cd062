"""The shipped tables of pathways and financed emissions: what they say, and that a broken row stops the start."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from portfolio.models import Sector
from scoring import DATA
from scoring.engine.pathways.alignment import align
from scoring.engine.pathways.benchmarks import ECONOMY_WIDE
from scoring.engine.pathways.words import SECTORS
from scoring.tables.pathways import DEFAULT_SCENARIO, BrokenTable, PathwayData, load, shipped
from scoring.tables.words import VERIFICATIONS
from tests.engine.make_pathways import paths_of

FILES = (
    "itr_sector_benchmarks.csv",
    "pathways_global.csv",
    "china_targets.csv",
    "finance_method_parameters.csv",
    "benchmark_sectors.csv",
)
Edit = Callable[[dict[str, str]], None]


def broken(tmp_path: Path, name: str, line: int, edit: Edit) -> Path:
    for file in FILES:
        shutil.copy(DATA / file, tmp_path / file)
    path = tmp_path / name
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    edit(rows[line - 2])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return tmp_path


def found(data: PathwayData, sector: str) -> str:
    return data.benchmarks.find(data.benchmark_sector[sector], DEFAULT_SCENARIO).pathway.sector


def test_the_shipped_tables_load_whole() -> None:
    data = shipped()
    rows = sum(len(pathway.years) for pathway in data.benchmarks.pathways)
    assert rows == 2_368 and len(data.benchmarks.pathways) == 74
    assert set(data.benchmarks.scenarios) == {
        "OECM 1.5 Degrees",
        "TPI 1.5 Degrees",
        "TPI Below 2 Degrees",
        "TPI 2 Degrees",
    }
    assert len(data.parameters) == 40


def test_a_printed_intensity_is_found_with_its_unit_and_source() -> None:
    match = shipped().benchmarks.find("Steel", DEFAULT_SCENARIO)
    assert match.marks == () and match.pathway.at(np.array([2019, 2030, 2050])).tolist() == [1.653, 0.719, 0.0416]
    assert match.pathway.unit is not None and match.pathway.unit.output == "t Steel"
    assert match.pathway.temperature_c == 1.5 and match.pathway.global_budget_gtco2 == 396
    assert "os-climate" in match.pathway.source and match.pathway.licence.startswith("Apache-2.0")


def test_kilograms_by_dollar_become_tonnes() -> None:
    chemicals = shipped().benchmarks.find("Chemicals", DEFAULT_SCENARIO).pathway
    assert chemicals.tonnes_per_output_at(np.array([2019]))[0] == pytest.approx(1.16e-3)


def test_every_scoring_sector_has_a_benchmark_or_a_reason_and_falls_back_to_the_whole_economy() -> None:
    data = shipped()
    assert set(data.benchmark_sector) == set(Sector.values)
    assert found(data, Sector.METALS) == "Steel" and found(data, Sector.POWER) == "Electricity Utilities"
    assert found(data, Sector.SERVICES) == ECONOMY_WIDE
    assert all(data.judgement[sector] for sector, name in data.benchmark_sector.items() if name is None)


def test_the_economy_wide_pathway_holds_no_number_from_memory() -> None:
    economy = shipped().benchmarks.economy
    assert economy.years == (2019, 2030, 2040, 2050)  # the row of 2035 is not verified
    assert economy.values == pytest.approx((1.0, 0.52, 0.20, 0.01))
    assert economy.unit is None and economy.verification == "median_secondary_source"


def test_a_power_benchmark_of_tpi_holds_scope_1_only_and_says_so() -> None:
    match = shipped().benchmarks.find("Electricity Utilities", "TPI 1.5 Degrees", "S1S2", ("non-OECD",))
    assert (match.pathway.region, match.marks) == ("non-OECD", ("scope_fallback",))


def test_rates_goals_and_rules_come_from_the_tables() -> None:
    data = shipped()
    assert data.rates.share_per_year_1_5c == pytest.approx(0.042)
    assert data.rates.share_per_year_well_below_2c == pytest.approx(0.025)
    assert (data.milestones.peak_before, data.milestones.net_zero_by) == (2030, 2060)
    assert data.milestones.pledge_percent == (-7.0, -10.0) and data.milestones.not_verified == ("intensity",)
    assert (data.eu_rules.pab_reduction, data.eu_rules.ctb_reduction) == (0.5, 0.3)
    assert data.eu_rules.decarbonisation_per_year == pytest.approx(0.07)
    assert not data.parameters["pboc", "non_project_attribution"].verified


@pytest.mark.parametrize(
    ("name", "line", "edit", "said"),
    [
        ("itr_sector_benchmarks.csv", 2, lambda row: row.update(value="-1"), "must not be negative"),
        ("itr_sector_benchmarks.csv", 3, lambda row: row.update(year="2019"), "years must ascend"),
        ("itr_sector_benchmarks.csv", 2, lambda row: row.update(unit="lb/MWh"), "not a unit"),
        ("itr_sector_benchmarks.csv", 2, lambda row: row.update(source=""), "source is missing"),
        ("pathways_global.csv", 2, lambda row: row.update(licence=""), "licence is missing"),
        ("china_targets.csv", 2, lambda row: row.update(year="30"), "four digits"),
        ("finance_method_parameters.csv", 7, lambda row: row.update(code="af_listed_equity"), "twice"),
        ("benchmark_sectors.csv", 2, lambda row: row.update(benchmark_sector="Bakeries"), "no benchmark"),
        ("benchmark_sectors.csv", 2, lambda row: row.update(sector="bakeries"), "unknown sector"),
    ],
)
def test_a_broken_row_stops_the_start_and_is_named(tmp_path: Path, name: str, line: int, edit: Edit, said: str) -> None:
    with pytest.raises(BrokenTable, match=said) as error:
        load(broken(tmp_path, name, line, edit))
    assert error.value.table == name and str(error.value).startswith(f"{name}, row ")


def test_the_worked_example_of_the_method_page_holds_with_the_shipped_table() -> None:
    # The 30 values of steel from 2021 to 2050 sum to 16.6033; the page has the arithmetic.
    net_zero = {"kind": "net_zero", "target_year": 2050, "reduction_share": None, "base_year": None}
    paths = paths_of({2021: 100.0, 2022: 90.0, 2023: 81.0}, net_zero)
    found = align(paths, [shipped().benchmarks.find("Steel", DEFAULT_SCENARIO)])
    assert found.cumulative_budget_t[0] == pytest.approx(100 * 16.6033 / 1.494)
    assert found.cumulative_trajectory_t[0] == pytest.approx(957.6, abs=0.05)
    assert found.cumulative_target_t[0] == pytest.approx(1_324.0)
    scores = found.temperatures
    assert [scores.trajectory_c[0], scores.target_c[0], scores.temperature_c[0]] == pytest.approx(
        [1.467, 1.546, 1.506], abs=6e-4
    )


def test_what_companies_are_held_against_has_words_in_both_languages() -> None:
    """The sectors that ours are mapped to, the fallback, and how each number was checked."""
    with (DATA / "benchmark_sectors.csv").open(encoding="utf-8", newline="") as file:
        sectors = {row["benchmark_sector"] for row in csv.DictReader(file)} - {""}
    assert sectors
    assert sectors | {ECONOMY_WIDE} <= SECTORS.keys()
    checked: set[str] = set()
    for name in ("itr_sector_benchmarks.csv", "pathways_global.csv"):
        with (DATA / name).open(encoding="utf-8", newline="") as file:
            checked |= {row["verification"] for row in csv.DictReader(file)}
    assert checked <= VERIFICATIONS.keys()
