"""The formulas of carbon accounting, each with its source. Numbers or columns of numbers go in, the same comes out."""

from collections.abc import Mapping, Sequence

from scoring.engine.accounting.gwp import GwpTable
from scoring.engine.columns import Floats
from scoring.engine.errors import OutOfRange

Numbers = float | Floats

CARBON_TO_CO2 = 44 / 12  # molar masses as the IPCC rounds them
CARBON_TO_CH4 = 16 / 12


def co2_factor_from_carbon(carbon_kgc_per_gj: Numbers, oxidation: Numbers = 1.0) -> Numbers:
    """kg CO2/TJ = kgC/GJ × oxidation × 44/12 × 1000 (2006 IPCC vol. 2 table 1.4; the table prints it rounded)."""
    return carbon_kgc_per_gj * oxidation * CARBON_TO_CO2 * 1000


def fuel_co2_kg_by_mass(mass_t: Numbers, ncv_tj_per_gg: Numbers, co2_kg_per_tj: Numbers) -> Numbers:
    """kg = t × TJ/Gg × kg/TJ / 1000 (2006 IPCC vol. 2 equation 2.1)."""
    return ncv_tj_per_gg * co2_kg_per_tj * mass_t / 1000


def fuel_co2_kg_by_volume(
    volume_m3: Numbers, density_kg_per_m3: Numbers, ncv_tj_per_gg: Numbers, co2_kg_per_tj: Numbers
) -> Numbers:
    """kg = m3 × kg/m3 × TJ/Gg × kg/TJ / 10⁶; density and volume at one reference state."""
    return ncv_tj_per_gg * co2_kg_per_tj * density_kg_per_m3 * volume_m3 / 1e6


def ndrc_fuel_co2_t(amount: Numbers, ncv_gj: Numbers, carbon_tc_per_gj: Numbers, oxidation: Numbers) -> Numbers:
    """t = amount × GJ per unit × tC/GJ × oxidation × 44/12 (NDRC guidelines for enterprises, fuel combustion)."""
    return amount * ncv_gj * carbon_tc_per_gj * oxidation * CARBON_TO_CO2


def ammonia_co2_t_per_t(fuel_gj_per_t: Numbers, carbon_kgc_per_gj: Numbers, oxidation: Numbers = 1.0) -> Numbers:
    """t/t NH3 = GJ/t × kgC/GJ × oxidation × 44/12 / 1000 (2006 IPCC vol. 3 equation 3.1, before recovery for urea)."""
    return fuel_gj_per_t * carbon_kgc_per_gj * oxidation * CARBON_TO_CO2 / 1000


def clinker_co2_t_per_t(cao_fraction: Numbers, co2_per_cao: Numbers, ckd_factor: Numbers) -> Numbers:
    """t/t clinker = CaO share × CO2/CaO × correction for kiln dust (2006 IPCC vol. 3 equation 2.4)."""
    return cao_fraction * co2_per_cao * ckd_factor


def scope_2_market_t(location_t: float, contracts_t: float) -> float:
    """Market-based scope 2 = location-based + what contracts change, signed (GHG Protocol Scope 2 Guidance, 2015).

    Raises OutOfRange: contracts can't take away more than there is.
    """
    if location_t < 0 or location_t + contracts_t < 0:
        raise OutOfRange("tonnes of scope 2 must not be below zero", value=(location_t, contracts_t))
    return location_t + contracts_t


def mix_factor(shares: Sequence[float], factors: Sequence[float]) -> float:
    """Σ share × factor. Raises OutOfRange where the shares do not add up to 1."""
    if len(shares) != len(factors) or abs(sum(shares) - 1) > 1e-6 or min(shares) < 0:
        raise OutOfRange("shares must be one per factor, not below zero, and add up to 1", value=list(shares))
    return sum(share * factor for share, factor in zip(shares, factors, strict=True))


def carbonate_co2_t_per_t(carbonate_weight: Numbers, co2_weight: Numbers) -> Numbers:
    """t/t carbonate = molar mass of the CO2 / of the carbonate (2006 IPCC vol. 3 table 2.1, full calcination)."""
    return co2_weight / carbonate_weight


def litres_from_distance(distance_km: Numbers, economy_km_per_litre: Numbers) -> Numbers:
    """L = km / (km per L) (GHG Protocol cross-sector tools 2.0, mobile combustion by distance)."""
    return distance_km / economy_km_per_litre


def scope2_location_t(mwh: Numbers, factor_t_per_mwh: Numbers) -> Numbers:
    """t = MWh × average factor of the place and year (GHG Protocol Scope 2 Guidance, location-based)."""
    return mwh * factor_t_per_mwh


def purchased_heat_t(gj: Numbers, factor_t_per_gj: Numbers) -> Numbers:
    """t = GJ × factor (NDRC guideline for operators of public buildings: 0.11 t/GJ)."""
    return gj * factor_t_per_gj


def co2e_kg(masses_by_gas: Mapping[str, float], gwps: GwpTable, gwp_set: str) -> float:
    """Σ kg × GWP of the named set, 100 years. Raises UnknownGwpSet, NoGwp."""
    gwps.check_set(gwp_set)
    return sum(masses_by_gas[gas] * gwps.gwp(gwp_set, gas) for gas in sorted(masses_by_gas))


def landfill_ch4_t(
    msw_t: Numbers, doc: Numbers, docf: Numbers, mcf: Numbers, f: Numbers, recovered: Numbers, ox: Numbers
) -> Numbers:
    """t CH4 = MSW × DOC × DOCf × MCF × F × 16/12 × (1 − recovered) × (1 − OX), all that the waste will ever give.

    2006 IPCC vol. 5 equations 3.2 to 3.4; `recovered` is the share burnt or used, the other shares likewise 0 to 1.
    """
    return msw_t * doc * docf * mcf * f * CARBON_TO_CH4 * (1 - recovered) * (1 - ox)


def change_percent(old: Numbers, new: Numbers) -> Numbers:
    """(new / old − 1) × 100."""
    return (new / old - 1) * 100


def splice_overlap(previous: Sequence[float], new: Sequence[float], x0: float) -> float:
    """y0 = x0 × Σ new / Σ previous over the years that both methods have (2006 IPCC vol. 1 equation 5.1)."""
    if len(previous) != len(new) or not previous or sum(previous) == 0:
        raise OutOfRange("both methods need the same years, and the former a sum above zero", value=list(previous))
    return x0 * sum(new) / sum(previous)
