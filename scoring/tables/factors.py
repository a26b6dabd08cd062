"""The reference tables that ship: read from scoring/data once, checked, frozen, with one digest.

`scoring/apps.py` reads them at the start, so that a broken row stops it with file and line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from portfolio.activities.kinds import ActivityType, activity_types
from scoring import DATA
from scoring.engine.accounting.gwp import GwpTable
from scoring.engine.accounting.reference import VERIFICATIONS, DefaultPercent, Factor, FactorTable, Range
from scoring.engine.accounting.regions import WORLD, RegionTable
from scoring.engine.columns import digest
from scoring.engine.errors import BrokenTable
from scoring.tables.rows import Cells, read_cells

LB_KG = 0.45359237  # exact: international yard and pound agreement, 1959
TONNE_KG = 1000
PER_10000 = 1e-4  # NDRC prints gases per 10,000 Nm3
STATED = ("purpose", "gas", "publisher", "guideline", "source", "licence", "verification", "note")
# The workbook does not say which of the two its numbers are; counted as CO2e they are never too low by a gas twice.
GASES = {"CO2_or_CO2e": "CO2e"}


@dataclass(frozen=True)
class ReferenceData:
    """All that a computation looks up. The digest covers numbers, keys and sources."""

    factors: FactorTable
    gwps: GwpTable
    regions: RegionTable
    types: Mapping[str, ActivityType]
    digest: str

    def places_of(self, code: str) -> tuple[str, ...]:
        """Most specific first, ending in WORLD. Raises UnknownRegion."""
        return self.regions.places_of(code)


@lru_cache(maxsize=1)
def shipped() -> ReferenceData:
    """The tables of this release. Raises BrokenTable."""
    return load(DATA)


def places_of(code: str) -> tuple[str, ...]:
    return shipped().places_of(code)


def load(folder: Path) -> ReferenceData:
    """Read and check all tables of a folder. Raises BrokenTable naming file and row."""
    regions = RegionTable.build(row.cells for row in read_cells(folder / "regions.csv"))
    gwps = GwpTable.build(row.cells for row in read_cells(folder / "gwp.csv"))
    types = activity_types()
    factors = FactorTable.build(
        [
            *_electricity(folder, regions),
            *_other_chinese(folder, regions),
            *_fuels(folder, types),
            *_processes(folder, types),
            *_refrigerants(folder, gwps),
            *_others(folder, types, gwps),
        ],
        ranges=_ranges(folder),
        defaults=_defaults(folder),
    )
    known = {region.code for region in regions.regions}
    for factor in factors.factors:
        if factor.region not in known:
            raise BrokenTable("a region that regions.csv lacks", table="factors", row=factor.row, value=factor.region)
    return ReferenceData(
        factors, gwps, regions, types, digest("\n".join((factors.digest, gwps.digest, regions.digest)))
    )


def _ranges(folder: Path) -> list[Range]:
    return [
        Range(row["fuel_class"], row["gas"], row["unit"], row.number("low"), row.number("high"))
        for row in read_cells(folder / "plausible_ranges.csv")
    ]


def _defaults(folder: Path) -> list[DefaultPercent]:
    return [
        DefaultPercent(
            row["activity"],
            row["gas"],
            row.number("percent"),
            row["source"],
            row.one_of("verification", VERIFICATIONS),
        )
        for row in read_cells(folder / "default_uncertainties.csv")
    ]


def _factor(row: Cells, **own: Any) -> Factor:
    """What a row says of itself, under the names of its columns, and what is made of it."""
    stated: dict[str, Any] = {name: row[name] for name in STATED if name not in own}
    return Factor(region=row["region_code"], published=row.day(), row=row.place, **stated, **own)


# --- electricity and heat ------------------------------------------------------------------------------
KWH = {"kgCO2/kWh": 1.0, "kgCO2e/kWh": 1.0, "kg/kWh": 1.0, "tCO2/MWh": 1.0}  # t/MWh is kg/kWh


def _electricity(folder: Path, regions: RegionTable) -> Iterator[Factor]:
    for row in read_cells(folder / "cn_electricity.csv"):
        yield _grid(row, regions, "cn-grid", row.number() * KWH[row.one_of("unit", KWH)])
    for row in read_cells(folder / "world_electricity.csv"):
        yield _grid(row, regions, "grid", row.number() * KWH[row.one_of("unit", KWH)])
    for row in read_cells(folder / "us_electricity.csv"):
        yield _grid(row, regions, "us-egrid", _egrid_kg_per_kwh(row), ((row["gas"], row.number(), row["unit"]),))


def _egrid_kg_per_kwh(row: Cells) -> float:
    """eGRID prints carbon dioxide in lb/MWh, the other gases in lb/GWh; the converted column must agree."""
    per = {"lb/MWh": 1.0, "lb/GWh": 1e-3}[row.one_of("unit", ("lb/MWh", "lb/GWh"))]
    expected, value_si = row.number() * LB_KG * per, row.number("value_si")
    row.one_of("unit_si", ("kg/MWh",))
    if abs(value_si - expected) > 1e-6 * expected + 1e-9:
        raise row.broken("differs from the printed value converted", value_si)
    return value_si / 1000


def _grid(
    row: Cells, regions: RegionTable, table: str, kg_per_kwh: float, parts: tuple[tuple[str, float, str], ...] = ()
) -> Factor:
    region = regions.get(row["region_code"])
    gas = GASES.get(row["gas"], row["gas"])
    return _factor(
        row,
        id="/".join((table, row["region_code"], row["data_year"], row["purpose"], gas, _slug(row["publisher"]))),
        activity=row["activity"],
        data_year=row.optional_year("data_year"),
        gas=gas,
        guideline="",
        value=kg_per_kwh,
        unit="kg/kWh",
        parts=parts,
        name_zh=region.name_zh if region else row["region_code"],
        name_en=region.name_en if region else row["region_code"],
        fuel_class="electricity",
    )


def _other_chinese(folder: Path, regions: RegionTable) -> Iterator[Factor]:
    for row in read_cells(folder / "cn_other.csv"):
        if row.one_of("activity", ("electricity", "heat")) == "electricity":
            yield _grid(row, regions, "cn-grid", row.number() * KWH[row.one_of("unit", KWH)])
            continue
        row.one_of("unit", ("tCO2/GJ",))
        yield _factor(
            row,
            id=f"cn-heat/{row['region_code']}/{row['gas']}/{_slug(row['guideline'])}",
            activity="heat",
            data_year=row.optional_year("data_year"),
            value=row.number() * TONNE_KG,
            unit="kg/GJ",
            parts=((row["gas"], row.number(), row["unit"]),),
            name_zh="外购热力",
            name_en="purchased heat",
            fuel_class="heat",
        )


def _slug(text: str) -> str:
    return text.replace(" ", "-")


# --- fuels ---------------------------------------------------------------------------------------------
def _fuels(folder: Path, types: Mapping[str, ActivityType]) -> Iterator[Factor]:
    """Both tables under our fuel codes; fuels.csv says which row of which table is which fuel."""
    fuels = read_cells(folder / "fuels.csv")
    for row in read_cells(folder / "fuel_densities.csv"):
        fuel = next((each for each in fuels if each["fuel_code"] == row["fuel_code"]), None)
        if fuel is None:
            raise row.broken("a fuel that fuels.csv lacks", row["fuel_code"])
        yield _fuel_factor(row, fuel, "density", row.number(), "kg/L", f"density/{row['region_code']}")
    by_code: dict[str, dict[str, Cells]] = {}
    for row in read_cells(folder / "cn_fuels.csv"):
        by_code.setdefault(row["fuel_code"], {})[row["parameter"]] = row
    ipcc = read_cells(folder / "ipcc_fuels.csv")
    sectors = {(each.fuel, each.sector): each.key for each in types.values() if each.kind == "fuel" and each.sector}
    for fuel in fuels:
        if fuel["ndrc_code"]:
            yield from _ndrc(fuel, by_code.get(fuel["ndrc_code"], {}))
        yield from _ipcc(fuel, ipcc, sectors)


def _fuel_factor(
    row: Cells,
    fuel: Cells,
    gas: str,
    value: float,
    unit: str,
    table: str,
    *,
    activity: str = "",
    lower95: float | None = None,
    upper95: float | None = None,
    parts: tuple[tuple[str, float, str], ...] = (),
    note: str = "",
    printed_as: str = "",
) -> Factor:
    activity = activity or f"fuel.{fuel['fuel_code']}"
    is_density = gas == "density"
    return _factor(
        row,
        id=f"{table}/{activity}/{gas}",
        activity=activity,
        data_year=None,
        gas=gas,
        value=value,
        unit=unit,
        lower95=row.optional("lower95") if is_density else lower95,
        upper95=row.optional("upper95") if is_density else upper95,
        heating_value_basis="" if is_density else row["heating_value_basis"],
        parts=parts,
        name_zh=fuel["name_zh"],
        name_en=fuel["name_en"],
        note=note or row["note"],
        printed_as=printed_as,
        fuel_class=fuel["fuel_class"],
    )


def _co2(fuel: Cells) -> str:
    return "CO2_biogenic" if fuel.one_of("origin", ("fossil", "biogenic")) == "biogenic" else "CO2"


def _ndrc(fuel: Cells, rows: Mapping[str, Cells]) -> Iterator[Factor]:
    """Heating value, and CO2 per GJ with the oxidation rate in it: printed are heating value, carbon and rate."""
    missing = {"ncv", "carbon_content", "oxidation_rate", "co2_ef_derived"} - set(rows)
    if missing:
        raise BrokenTable("parameters missing", table="cn_fuels.csv", row=fuel["ndrc_code"], value=sorted(missing))
    ncv, carbon, rate, derived = (rows[name] for name in ("ncv", "carbon_content", "oxidation_rate", "co2_ef_derived"))
    per_gas = ncv.one_of("unit", ("GJ/t", "GJ/1e4 Nm3")) == "GJ/1e4 Nm3"
    carbon.one_of("unit", ("tC/GJ",))
    rate.one_of("unit", ("%",))
    oxidation = rate.number() / 100
    if not 0 < oxidation <= 1:
        raise BrokenTable("an oxidation rate above 0 and up to 100 %", table=rate.file, row=str(rate.line))
    t_per_gj = carbon.number() * oxidation * 44 / 12
    if abs(derived.number() - ncv.number() * t_per_gj) > 1e-6:
        raise derived.broken("differs from its parts", derived["value"])
    table = f"{_slug(ncv['guideline'])}/{ncv['region_code']}"
    ncv_gj = ncv.number() * PER_10000 if per_gas else ncv.number()
    unit = "GJ/m3@0C" if per_gas else "GJ/t"
    printed = (ncv["parameter"], ncv.number(), ncv["unit"])
    yield _fuel_factor(ncv, fuel, "NCV_m3" if per_gas else "NCV", ncv_gj, unit, table, parts=(printed,))
    parts = (
        ("carbon_content_kgc_per_gj", carbon.number() * TONNE_KG, "kgC/GJ"),
        ("oxidation", oxidation, ""),
        ("ncv_gj", ncv_gj, unit),
        ("co2_derived", derived.number(), derived["unit"]),
    )
    yield _fuel_factor(carbon, fuel, _co2(fuel), t_per_gj * TONNE_KG, "kg/GJ", table, parts=parts)


def _ipcc(fuel: Cells, rows: Iterable[Cells], sectors: Mapping[tuple[str, str], str]) -> Iterator[Factor]:
    """Heating value and CO2 of the fuel itself; methane and nitrous oxide by sector, where need be of a stand-in."""
    own, stand_in = fuel["ipcc_code"], fuel["ipcc_stand_in"]
    wanted = [row for row in rows if row["fuel_code"] in (own, stand_in) and row["fuel_code"]]
    carbon = next((row.number() for row in wanted if row["parameter"] == "carbon_content"), None)
    for row in wanted:
        table = f"{_slug(row['guideline'])}/{row['region_code']}"
        low, high = row.optional("lower95"), row.optional("upper95")
        if row["parameter"] == "ncv" and row["fuel_code"] == own:
            row.one_of("unit", ("TJ/Gg",))  # which is GJ/t
            yield _fuel_factor(row, fuel, "NCV", row.number(), "GJ/t", table, lower95=low, upper95=high)
        if row["parameter"] != "ef" or (row["gas"] == "CO2" and row["fuel_code"] != own):
            continue
        row.one_of("unit", ("kg/TJ",))
        gas = {"CO2": _co2(fuel), "CH4": "CH4_combustion", "N2O": "N2O"}[row.one_of("gas", ("CO2", "CH4", "N2O"))]
        parts = [(f"{row['gas']} as printed", row.number(), row["unit"])]
        if row["gas"] == "CO2" and carbon is not None:
            parts.append(("carbon_content_kgc_per_gj", carbon, "kgC/GJ"))
        is_borrowed = row["fuel_code"] != own
        activity = "" if row["sector"] == "all" else sectors.get((f"fuel.{fuel['fuel_code']}", row["sector"]), "-")
        if activity == "-":
            continue  # a road factor of a fuel that only stands in
        yield _fuel_factor(
            row,
            fuel,
            gas,
            row.number() / 1000,
            "kg/GJ",
            table,
            activity=activity,
            lower95=None if low is None else low / 1000,
            upper95=None if high is None else high / 1000,
            parts=tuple(parts),
            note=f"printed for {row['fuel'].lower()}, which stands in for this fuel" if is_borrowed else row["note"],
            # Fuels that borrow one row borrow its error; CO2 is borrowed by none.
            printed_as="" if row["gas"] == "CO2" else f"{table}/{row['fuel_code']}/{row['sector']}/{row['gas']}",
        )


# --- processes and gases -------------------------------------------------------------------------------
def _processes(folder: Path, types: Mapping[str, ActivityType]) -> Iterator[Factor]:
    for row in read_cells(folder / "ipcc_processes.csv"):
        activity = f"process.{row['process_code']}"
        if activity not in types:
            raise row.broken("no such activity type", activity)
        per = row["unit"].split(" ", 1)[0]
        if per not in ("t/t", "kg/t", "kg/kg"):
            raise row.broken("t/t, kg/t or kg/kg is needed", row["unit"])
        kg_per_t = 1.0 if per == "kg/t" else float(TONNE_KG)
        low, high = row.optional("lower95"), row.optional("upper95")
        yield _factor(
            row,
            id=f"{_slug(row['guideline'])}/{row['region_code']}/{activity}/{row['gas']}",
            activity=activity,
            data_year=None,
            value=row.number() * kg_per_t,
            unit="kg/t",
            lower95=None if low is None else low * kg_per_t,
            upper95=None if high is None else high * kg_per_t,
            parts=(("as printed", row.number(), row["unit"]),),
            name_zh=types[activity].name_zh,
            name_en=types[activity].name_en,
            fuel_class="process",
        )


def _others(folder: Path, types: Mapping[str, ActivityType], gwps: GwpTable) -> Iterator[Factor]:
    """Factors of any kind of activity, as kg of a gas per its unit: travel, freight, waste, spend. None ships."""
    for row in read_cells(folder / "other_factors.csv"):
        kind = types[row.one_of("activity", types)]
        row.one_of("unit", [f"kg/{unit}" for unit in kind.units])
        row.one_of("purpose", (kind.purpose, *filter(None, (kind.market_purpose,))))
        row.one_of("gas", ("CO2", "CO2e", "CO2_biogenic", "CH4", "CH4_fossil", "CH4_biogenic", "N2O", *gwps.species))
        yield _factor(
            row,
            id="/".join(
                filter(
                    None, ("other", row["region_code"], row["data_year"], kind.key, row["gas"], _slug(row["publisher"]))
                )
            ),
            activity=kind.key,
            data_year=row.optional_year("data_year"),
            value=row.number(),
            unit=row["unit"],
            lower95=row.optional("lower95"),
            upper95=row.optional("upper95"),
            name_zh=kind.name_zh,
            name_en=kind.name_en,
        )


ITSELF = {
    "publisher": "-",
    "source": "a kilogram of the gas is a kilogram",
    "licence": "none",
    "verification": "definition",
}


def _refrigerants(folder: Path, gwps: GwpTable) -> Iterator[Factor]:
    """A kilogram leaked is a kilogram emitted; blends by their composition."""
    species = dict.fromkeys(row["species"] for row in read_cells(folder / "gwp.csv"))
    for gas in species:
        if gas in ("CO2", "CH4", "N2O"):
            continue
        yield _leak(gas, gas, 1.0, date(1995, 12, 31), "gwp.csv", **ITSELF)
    composition: dict[str, float] = {}
    for row in read_cells(folder / "refrigerant_blends.csv"):
        row.one_of("unit", ("% of mass",))
        if row["gas"] not in species:
            raise row.broken("a gas without any GWP", row["gas"])
        composition[row["blend"]] = composition.get(row["blend"], 0.0) + row.number()
        day = row.day()
        if day is None:
            raise BrokenTable("no date of publication", table=row.file, row=str(row.line))
        said = {name: row[name] for name in ITSELF}
        yield _leak(row["blend"], row["gas"], row.number() / 100, day, row.place, **said)
    for blend, percent in composition.items():
        if abs(percent - 100) > 1e-9:
            raise BrokenTable("shares that do not add up to 100 %", table="refrigerant_blends.csv", row=blend)


def _leak(name: str, gas: str, share: float, published: date, row: str, **said: Any) -> Factor:
    return Factor(
        id=f"leak/{WORLD}/refrigerant.{name}/{gas}",
        activity=f"refrigerant.{name}",
        region=WORLD,
        data_year=None,
        purpose="reporting_default",
        gas=gas,
        published=published,
        guideline="definition" if said["publisher"] == "definition" else said["source"].split(",")[0],
        value=share * TONNE_KG,
        unit="kg/t",
        name_zh=f"{name} 泄漏量",
        name_en=f"leaked {name}",
        fuel_class="refrigerant",
        row=row,
        **said,
    )
