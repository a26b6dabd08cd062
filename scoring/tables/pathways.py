"""The tables of pathways and financed emissions that ship in data/: read once, checked, and frozen for the engine.

Every row keeps its source and how far it was checked; a row marked `not_verified` is never used where nobody sees it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from portfolio.models import Sector
from scoring import DATA
from scoring.engine.errors import BrokenTable, EngineError
from scoring.engine.finance.eu_benchmarks import EuBenchmarkRules
from scoring.engine.pathways.benchmarks import ECONOMY_WIDE, GLOBAL, NOT_VERIFIED, Benchmarks, IntensityUnit, Pathway
from scoring.engine.pathways.china import ChinaMilestones
from scoring.engine.pathways.paths import ContractionRates
from scoring.engine.score.company_paths import PathwayReference
from scoring.tables.rows import Cells, read_cells

DEFAULT_SCENARIO = "OECM 1.5 Degrees"  # the one scenario with scope 1 + 2 for all its sectors
TABLES = ("benchmark_sectors.csv", "china_targets.csv", "itr_sector_benchmarks.csv", "pathways_global.csv")
ECONOMY_PATHWAY = ("1.5C (>50%) no/limited overshoot", "CO2")


@dataclass(frozen=True)
class Fact:
    """One row of a table of single numbers."""

    value: float | None
    unit: str
    source: str
    licence: str
    verification: str
    note: str

    @property
    def verified(self) -> bool:
        return self.verification != NOT_VERIFIED


@dataclass(frozen=True)
class PathwayData:
    benchmarks: Benchmarks
    benchmark_sector: Mapping[str, str | None]  # of a scoring sector; None: held against the whole economy
    judgement: Mapping[str, str]  # why, of a scoring sector
    rates: ContractionRates
    milestones: ChinaMilestones
    eu_rules: EuBenchmarkRules
    parameters: Mapping[tuple[str, str], Fact]  # finance_method_parameters by (family, code)
    digest: str  # of the files

    def reference(self, scenario: str = DEFAULT_SCENARIO) -> PathwayReference:
        """What the engine holds a company against."""
        return PathwayReference(
            self.benchmarks, self.benchmark_sector, scenario, self.rates, self.milestones, self.digest
        )


@lru_cache(maxsize=1)
def shipped() -> PathwayData:
    """The tables of this release. Raises BrokenTable."""
    return load(DATA)


def load(folder: Path) -> PathwayData:
    """Read and check all tables of a folder. Raises BrokenTable naming file and row."""
    pathways = _sector_pathways(folder)
    global_pathways = list(_rows(folder / "pathways_global.csv"))
    parameters = _parameters(folder)
    sectors, judgement = _crosswalk(folder, {found.sector for found in pathways})
    return PathwayData(
        benchmarks=Benchmarks(pathways, _economy(global_pathways, pathways)),
        benchmark_sector=sectors,
        judgement=judgement,
        rates=ContractionRates(
            share_per_year_1_5c=_rate(global_pathways, "SBTi ACA 1.5C"),
            share_per_year_well_below_2c=_rate(global_pathways, "SBTi ACA WB2C"),
        ),
        milestones=_milestones(folder),
        eu_rules=EuBenchmarkRules(
            pab_reduction=_percent(parameters, "eu_benchmark", "pab_min_reduction"),
            ctb_reduction=_percent(parameters, "eu_benchmark", "ctb_min_reduction"),
            decarbonisation_per_year=_percent(parameters, "eu_benchmark", "annual_decarbonisation"),
        ),
        parameters=parameters,
        digest=_digest(folder),
    )


def _digest(folder: Path) -> str:
    """SHA-256 over the tables that paths are held against, in the order of their names."""
    found = hashlib.sha256()
    for name in TABLES:
        found.update((folder / name).read_bytes())
    return found.hexdigest()


def _rows(path: Path) -> Iterator[Cells]:
    """Rows with a source, a licence and a word on how they were checked."""
    for row in read_cells(path):
        for column in ("source", "licence", "verification"):
            if not row[column]:
                raise row.broken(f"{column} is missing", "")
        yield row


def _sector_pathways(folder: Path) -> list[Pathway]:
    columns = ("benchmark", "scenario", "release", "scope", "sector", "region", "unit")

    def key(row: Cells) -> tuple[str, ...]:
        return tuple(row[column] for column in columns)

    found = []
    ordered = sorted(_rows(folder / "itr_sector_benchmarks.csv"), key=lambda row: (key(row), row.year()))
    for _, group in groupby(ordered, key=key):
        rows = list(group)
        first = rows[0]
        try:
            found.append(
                Pathway(
                    benchmark=first["benchmark"],
                    scenario=first["scenario"],
                    release=first["release"],
                    temperature_c=first.number("temperature_c"),
                    global_budget_gtco2=first.number("global_budget_gtco2"),
                    scope=first["scope"],
                    sector=first["sector"],
                    region=first["region"],
                    years=tuple(row.year() for row in rows),
                    values=tuple(row.number() for row in rows),
                    unit=IntensityUnit.parse(first["unit"]),
                    source=first["source"],
                    licence=first["licence"],
                    verification=first["verification"],
                    note=first["note"],
                )
            )
        except EngineError as error:
            raise first.broken(error.message, error.value) from error
    return found


def _economy(rows: list[Cells], sectors: list[Pathway]) -> Pathway:
    """CO2 of the whole world at 1.5 °C, as an index of 2019: only the years whose median somebody has seen in print."""
    used = [
        row for row in rows if (row["pathway"], row["gas"]) == ECONOMY_PATHWAY and row["verification"] != NOT_VERIFIED
    ]
    if not used:
        raise BrokenTable(
            "no verified row of this pathway", table="pathways_global.csv", row="1", value=ECONOMY_PATHWAY
        )
    used.sort(key=lambda row: row.year())
    budget = next(found.global_budget_gtco2 for found in sectors if found.temperature_c == 1.5)
    first = used[0]
    return Pathway(
        scenario=f"AR6 {ECONOMY_PATHWAY[0]}",
        temperature_c=1.5,
        global_budget_gtco2=budget,
        scope="CO2",
        sector=ECONOMY_WIDE,
        region=GLOBAL,
        years=(first.year("base_year"), *(row.year() for row in used)),
        values=(1.0, *(1 - row.number() / 100 for row in used)),
        unit=None,
        source=first["source"],
        licence=first["licence"],
        verification=first["verification"],
        note="medians; linear between 2019, 2030, 2040 and 2050; the global budget is that of the sector benchmarks",
    )


def _rate(rows: list[Cells], pathway: str) -> float:
    for row in rows:
        if row["pathway"] == pathway:
            return row.number() / 100
    raise BrokenTable("no such pathway", table="pathways_global.csv", row="1", value=pathway)


def _crosswalk(folder: Path, known: set[str]) -> tuple[dict[str, str | None], dict[str, str]]:
    path = folder / "benchmark_sectors.csv"
    sectors: dict[str, str | None] = {}
    judgement: dict[str, str] = {}
    for row in read_cells(path):
        sector, benchmark = row["sector"], row["benchmark_sector"]
        if sector not in Sector.values or sector in sectors:
            raise row.broken("unknown sector, or twice", sector)
        if benchmark and benchmark not in known:
            raise row.broken("no benchmark has this sector", benchmark)
        if not benchmark and not row["judgement"]:
            raise row.broken("a sector without benchmark needs a reason", sector)
        sectors[sector], judgement[sector] = benchmark or None, row["judgement"]
    missing = sorted(set(Sector.values) - set(sectors))
    if missing:
        raise BrokenTable("sectors without a row", table=path.name, row="1", value=missing)
    return sectors, judgement


def _milestones(folder: Path) -> ChinaMilestones:
    rows = {(row["target"], row.year()): row for row in _rows(folder / "china_targets.csv")}

    def row_of(target: str, year: int) -> Cells:
        if (target, year) not in rows:
            raise BrokenTable("no such target", table="china_targets.csv", row="1", value=(target, year))
        return rows[target, year]

    intensity, pledge = row_of("CO2 intensity per GDP", 2030), row_of("net GHG economy-wide", 2035)
    rows_used = {
        "peak": row_of("CO2 peak", 2030),
        "net_zero": row_of("carbon neutrality", 2060),
        "intensity": intensity,
        "pledge": pledge,
    }
    return ChinaMilestones(
        peak_before=rows_used["peak"].year(),
        net_zero_by=rows_used["net_zero"].year(),
        intensity_base_year=intensity.year("baseline"),
        intensity_year=intensity.year(),
        intensity_percent=intensity.number(),
        pledge_year=pledge.year(),
        pledge_percent=(pledge.number("value_low"), pledge.number("value_high")),
        not_verified=tuple(name for name, row in rows_used.items() if row["verification"] == NOT_VERIFIED),
    )


def _parameters(folder: Path) -> dict[tuple[str, str], Fact]:
    facts: dict[tuple[str, str], Fact] = {}
    for row in _rows(folder / "finance_method_parameters.csv"):
        key = (row["family"], row["code"])
        if key in facts:
            raise row.broken("a parameter twice", key)
        value = None if row["unit"] == "date" else row.optional()
        if value is None and not row["rule"]:
            raise row.broken("a parameter needs a value or a rule", key)
        facts[key] = Fact(value, row["unit"], row["source"], row["licence"], row["verification"], row["note"])
    return facts


def _percent(parameters: Mapping[tuple[str, str], Fact], family: str, code: str) -> float:
    fact = parameters.get((family, code))
    if fact is None or fact.value is None:
        raise BrokenTable("no such parameter", table="finance_method_parameters.csv", row="1", value=(family, code))
    return fact.value / 100
