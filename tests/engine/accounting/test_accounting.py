"""Activities to tonnes: published numbers first, then what must hold for any ledger."""

import csv
import math
import warnings
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from portfolio.activities.kinds import ACTIVITY_TYPES
from scoring.engine.accounting import words
from scoring.engine.accounting.ledger import (
    ActivityLine,
    Contract,
    Ledger,
    LineResult,
    Sum,
    account,
    co2_factor_from_carbon,
    landfill_ch4_t,
    mix_factor,
    restatement_is_due,
    splice_overlap,
    sums_that_do_not_close,
)
from scoring.engine.accounting.reference import FactorTable
from scoring.engine.accounting.uncertainty import sum_by_factor
from scoring.engine.errors import (
    OutOfRange,
    UnknownGwpSet,
)
from tests.engine.accounting.test_reference import SHIPPED, factor

TODAY = date(2026, 6, 30)


def line(
    activity: str, amount: float | None, unit: str, place: str = "CN-CQ", year: int = 2022, **more: object
) -> ActivityLine:
    parameters = tuple(sorted(dict(more.pop("parameters", {})).items()))  # type: ignore[call-overload]
    line_id = str(more.pop("line_id", activity))
    return ActivityLine(
        line_id,
        activity,
        amount,
        unit,
        SHIPPED.places_of(place),
        year,
        parameters=parameters,
        **more,  # type: ignore[arg-type]
    )


def ledger(
    *lines: ActivityLine, gwp_set: str = "AR6", as_of: date = TODAY, factors: FactorTable = SHIPPED.factors
) -> Ledger:
    return account(lines, factors, SHIPPED.gwps, types=ACTIVITY_TYPES, gwp_set=gwp_set, as_of=as_of)


def result(*arguments: object, gwp_set: str = "AR6", **more: object) -> LineResult:
    made = ledger(line(*arguments, **more), gwp_set=gwp_set)  # type: ignore[arg-type]
    assert not made.errors, made.errors
    found = made.line(0)
    assert found is not None
    return found


def code(*arguments: object, **more: object) -> str:
    made = ledger(line(*arguments, **more))  # type: ignore[arg-type]
    assert made.line(0) is None
    (error,) = made.errors
    zh, en = words.refusal(error)
    assert zh and en and zh != en and "{" not in zh + en
    assert math.isnan(made.co2e_t[0])
    return error.code


# --- published numbers ----------------------------------------------------------------------------------
@pytest.mark.parametrize(("place", "tonnes"), [("CN-SC", 140.4), ("CN-HB", 436.4), ("CN-CQ", 522.7), ("CN-SH", 584.9)])
def test_a_thousand_megawatt_hours_are_not_the_same_everywhere(place: str, tonnes: float) -> None:
    found = result("electricity", 1e6, "kWh", place)  # announcement 33/2024
    assert found.co2e_t == pytest.approx(tonnes, abs=1e-9)
    assert found.market_co2e_t == pytest.approx(585.6, abs=1e-9)  # the residual mix, not the average


def test_the_sentence_of_a_line_lets_a_company_redo_the_sum() -> None:
    zh, en = words.line(result("electricity", 1e6, "kWh").because)
    assert en.startswith("1,000 MWh × 0.5227 tCO2/MWh = 522.7 tCO2 (Chongqing 2022, location-based average")
    assert zh.startswith("1,000 MWh × 0.5227 tCO2/MWh = 522.7 tCO2（重庆 2022 年，基于位置的平均因子")


def test_natural_gas_is_per_reference_state() -> None:
    # NDRC: 389.31 GJ and 21.621888 t per 10,000 Nm3; a cubic metre at 20 °C holds 273.15/293.15 of that.
    assert result("fuel.natural_gas", 1e4, "m3@0C").kg["CO2"] == pytest.approx(21621.888, abs=1e-3)
    assert result("fuel.natural_gas", 1e4, "m3@20C").kg["CO2"] == pytest.approx(21621.888 * 273.15 / 293.15, rel=1e-7)
    # GHG Protocol workbook: 0.7 kg/m3, 48 TJ/Gg, 56,100 kg/TJ: 1.88496 kg
    stated = result("fuel.natural_gas", 1, "m3@15C", "DE", parameters={"density_kg_per_m3": 0.7})
    assert stated.kg["CO2"] == pytest.approx(1.88496, abs=1e-9)


def test_chinese_coal_has_ndrc_carbon_dioxide_and_ipcc_methane() -> None:
    # NDRC: 23.204 GJ/t × 26.18 kgC/GJ × 93 % × 44/12; IPCC table 2.3: 10 kg CH4 and 1.5 kg N2O per TJ
    found = result("fuel.bituminous_coal@manufacturing", 1000, "t")
    assert found.kg["CO2"] == pytest.approx(2071509, abs=1)
    assert found.kg["CH4_combustion"] == pytest.approx(232.04)
    assert found.kg["N2O"] == pytest.approx(34.806)
    assert {each.split("/")[0] for each in found.factor_ids} == {"NDRC-batch-3", "IPCC-2006"}


def test_crude_oil_elsewhere_is_that_of_the_ipcc() -> None:
    assert result("fuel.crude_oil", 1, "t", "DE").kg["CO2"] == pytest.approx(3100.59, abs=0.01)  # GHGP workbook
    ours = ledger(line("fuel.crude_oil", 1, "t", guideline="IPCC 2006"))
    assert ours.kg["CO2"][0] == pytest.approx(3100.59, abs=0.01)


def test_gross_energy_is_converted_and_marked() -> None:
    net = result("fuel.natural_gas", 100, "GJ", heating_value_basis="NCV")
    gross = result("fuel.natural_gas", 100, "GJ", heating_value_basis="GCV")
    assert gross.co2e_t == pytest.approx(0.9 * net.co2e_t)
    assert "gcv_converted" in gross.flags
    assert "ncv_assumed" in result("fuel.natural_gas", 100, "GJ").flags
    assert "ncv_assumed" not in net.flags


def test_kilowatt_hours_of_gas_are_energy() -> None:
    by_gj = result("fuel.natural_gas", 3.6, "GJ", heating_value_basis="NCV").co2e_t
    assert result("fuel.natural_gas", 1000, "kWh", heating_value_basis="NCV").co2e_t == pytest.approx(by_gj)


def test_biogenic_carbon_dioxide_is_a_memo_but_its_methane_counts() -> None:
    found = result("fuel.wood@commercial", 10, "t", "DE", gwp_set="AR5")  # IPCC: 15.6 GJ/t, 112, 0.3, 0.004 kg/GJ
    assert found.biogenic_co2_t == pytest.approx(156 * 0.112)
    assert found.co2e_t == pytest.approx(156 * (0.3 * 28 + 0.004 * 265) / 1000)


def test_purchased_heat_is_a_tenth_of_a_tonne_per_gigajoule() -> None:
    assert result("heat", 1000, "GJ").co2e_t == pytest.approx(110.0)  # NDRC guideline for public buildings


def test_editions_of_the_ipcc_for_steel_are_kept_apart() -> None:
    assert result("process.bof_steel", 100, "t").co2e_t == pytest.approx(146)
    assert result("process.bof_steel", 100, "t", guideline="IPCC 2019").co2e_t == pytest.approx(158)


def test_glass_counts_without_its_cullet() -> None:
    assert result("process.glass_default", 100, "t", parameters={"cullet_share": 0.5}).co2e_t == pytest.approx(10)


def test_a_blend_leaks_as_its_parts() -> None:
    found = result("refrigerant.R410A", 10, "kg", gwp_set="AR4")  # half HFC-32 (675), half HFC-125 (3,500)
    assert found.co2e_t == pytest.approx((5 * 675 + 5 * 3500) / 1000)


def test_a_gas_of_the_montreal_protocol_is_a_memo() -> None:
    found = result("refrigerant.HCFC22", 10, "kg")
    assert (found.co2e_t, found.kg["HCFC22"]) == (0, pytest.approx(10))
    assert "montreal_memo" in found.flags


def test_a_car_is_its_litres() -> None:
    # 5,525 km at 19.3 km/L are 286.27 L (GHG Protocol workbook, mobile combustion by distance)
    by_distance = result("travel.car_diesel", 5525, "km", parameters={"economy_km_per_l": 19.3})
    by_fuel = result("fuel.diesel@road", 5525 / 19.3, "L")
    assert by_distance.scope == 3
    assert by_distance.co2e_t == pytest.approx(by_fuel.co2e_t, rel=1e-12)


def test_a_landfill_gives_all_its_methane_by_formula() -> None:
    given = {"doc": 0.15, "docf": 0.5, "mcf": 1.0, "f": 0.5, "ox": 0.1, "recovered": 0.0}
    found = result("waste.landfill", 1000, "t", parameters=given, gwp_set="AR5")
    assert found.co2e_t == pytest.approx(45 * 28)
    assert code("waste.landfill", 1000, "t", parameters={"doc": 0.15}) == "parameters_missing"


def test_california_has_three_gases_and_taiwan_one_number() -> None:
    assert set(result("electricity", 1000, "kWh", "US-EGRID-CAMX").kg) == {"CO2", "CH4", "N2O"}
    assert set(result("electricity", 1000, "kWh", "TW-TPE").kg) == {"CO2e"}


# --- market-based ---------------------------------------------------------------------------------------
def test_a_contract_gives_the_market_based_result_and_leaves_the_other() -> None:
    found = result("electricity", 1e6, "kWh", contract=Contract("GEC 7", 0.0))
    assert (found.co2e_t, found.market_co2e_t) == (pytest.approx(522.7), 0)
    assert found.market_because is not None and "GEC 7" in words.line(found.market_because)[1]


def test_without_contract_and_residual_mix_there_is_no_market_based_result() -> None:
    made = ledger(line("electricity", 1000, "kWh", "TW-TPE"), line("electricity", 1000, "kWh"))
    found = made.line(0)
    assert found is not None and found.market_co2e_t is None and "no_market_factor" in found.flags
    assert math.isnan(made.market_co2e_t[0]) and not math.isnan(made.market_co2e_t[1])
    assert made.total().scope_2_market is None and made.total().total_market is None


def test_the_residual_mix_is_refused_as_a_location_based_factor() -> None:
    assert code("electricity", 1, "kWh", purpose="residual_excl_market_traded_non_fossil") == "wrong_purpose"


# --- what is refused ------------------------------------------------------------------------------------
def test_bad_lines_are_named_and_the_rest_is_computed() -> None:
    assert code("fuel.disel", 1, "t") == "unknown_activity"
    assert code("electricity", -1, "kWh") == "negative"
    assert code("electricity", math.nan, "kWh") == "not_finite"
    assert code("electricity", math.inf, "kWh") == "not_finite"
    assert code("electricity", 1e300, "kWh") == "out_of_range"
    assert code("electricity", None, "kWh") == "no_amount"
    assert code("electricity", 1, "t") == "wrong_unit"
    assert code("electricity", 1, "kWh", year=2019) == "no_factor"
    assert code("electricity", 1, "kWh", year=22) == "year_out_of_range"
    assert code("electricity", 1, "kWh", uncertainty_percent=-5.0) == "wrong_uncertainty"
    assert code("electricity", 1, "kWh", uncertainty_percent=math.nan) == "wrong_uncertainty"
    assert code("electricity", 1, "kWh", notation="NE") == "amount_and_notation"
    assert code("electricity", None, "kWh", notation="NA") == "unknown_notation"
    assert code("electricity", None, "kWh", notation="IE") == "no_target_of_ie"
    assert code("electricity", 1, "kWh", purpose="product_carbon_footprint") == "not_for_inventories"
    assert code("fuel.natural_gas", 1, "m3") == "reference_state_missing"
    assert code("fuel.natural_gas", 1, "m3@0C", "DE") == "density_needed"
    assert code("fuel.diesel", 1, "L", "DE") == "density_needed"
    assert code("fuel.diesel", 1, "GJ", heating_value_basis="HHV") == "unknown_heating_value"
    assert code("fuel.diesel", 1, "L", parameters={"density_kg_per_l": -0.8}) == "wrong_parameter"
    assert code("fuel.diesel", 1, "L", parameters={"densty": 0.8}) == "unknown_parameter"
    assert code("process.bof_steel", 1, "t", guideline="IPCC 1996") == "no_factor"
    assert code("travel.car_diesel", 1, "km") == "economy_needed"
    assert code("travel.air", 1, "pkm") == "no_factor"
    assert code("heat", 1, "GJ", contract=Contract("GEC", 0)) == "wrong_contract"
    good, bad = line("electricity", 1e6, "kWh"), line("electricity", -1, "kWh", line_id="bad")
    made = ledger(bad, good, bad)
    assert [error.row for error in made.errors] == [0, 2]
    assert made.total().total_location.tonnes == pytest.approx(522.7)


def test_a_tie_is_an_error_of_the_line() -> None:
    rivals = [factor(publisher="Alice", region="CN-XZ"), factor(publisher="Bob", region="CN-XZ")]
    made = ledger(line("electricity", 1, "kWh", "CN-XZ"), factors=SHIPPED.factors.with_rows(rivals))
    assert made.errors[0].code == "factor_tie"


def test_a_gas_that_the_set_does_not_know_is_an_error_of_the_line() -> None:
    assert ledger(line("refrigerant.NF3", 1, "kg"), gwp_set="SAR").errors[0].code == "no_gwp"


def test_an_unknown_set_is_refused_for_all() -> None:
    with pytest.raises(UnknownGwpSet):
        ledger(line("electricity", 1, "kWh"), gwp_set="AR7")


def test_an_error_offers_what_would_do() -> None:
    (error,) = ledger(line("天燃气", 1, "t")).errors
    assert "fuel.natural_gas" in error.choices
    (error,) = ledger(line("electricity", 1, "kWh", year=2019)).errors
    assert error.choices == ("2021", "2022", "2023")


def test_formulas_refuse_what_they_cannot_mean() -> None:
    with pytest.raises(OutOfRange):
        mix_factor([0.5, 0.4], [1, 2])
    with pytest.raises(OutOfRange):
        splice_overlap([0.0], [1.0], 8)


def test_a_formula_takes_columns() -> None:
    carbon = np.array([20.0, 15.3])
    assert np.allclose(co2_factor_from_carbon(carbon), [73333.33, 56100.0])
    assert np.allclose(landfill_ch4_t(np.array([1000.0, 0.0]), 0.15, 0.5, 1.0, 0.5, 0.0, 0.1), [45, 0])


# --- notation keys --------------------------------------------------------------------------------------
def test_completeness_counts_keys_instead_of_blanks() -> None:
    made = ledger(
        line("electricity", 1e6, "kWh"),
        line("fuel.diesel", None, "t", notation="NO"),
        line("fuel.coke", None, "t", notation="IE", included_in="2C1"),
    )
    complete = made.total().completeness
    assert (complete.lines, complete.estimated, complete.notations) == (3, 1, {"NO": 1, "IE": 1})
    assert complete.complete and not made.errors
    assert made.line(1) is None and math.isnan(made.co2e_t[1])


@pytest.mark.parametrize("key", ["NE", "C"])
def test_what_is_not_estimated_or_withheld_leaves_an_inventory_incomplete(key: str) -> None:
    made = ledger(line("electricity", 1e6, "kWh"), line("spend.travel", None, "CNY", notation=key))
    assert not made.total().completeness.complete
    held = made.total().completeness
    assert key in words.completeness(held.lines, held.estimated, held.notations, held.errors)[0]


# --- local factors --------------------------------------------------------------------------------------
def test_a_local_factor_of_the_city_changes_the_result_and_keeps_the_loser() -> None:
    local = factor(region="500000", value=0.4, publisher="Chongqing Power")
    made = ledger(line("electricity", 1e6, "kWh", "500000"), factors=SHIPPED.factors.with_rows([local]))
    assert made.co2e_t[0] == pytest.approx(400)
    assert "cn-grid/CN-CQ/2022/inventory_average/CO2/MEE-NBS" in {loser.id for loser, _ in made.choices(0)[0].losers}


def test_a_factor_for_spend_or_distance_may_be_supplied() -> None:
    local = factor(
        activity="travel.air", purpose="reporting_default", region="WORLD", unit="kg/pkm", value=0.15, gas="CO2e"
    )
    made = ledger(line("travel.air", 1000, "pkm"), factors=SHIPPED.factors.with_rows([local]))
    assert made.co2e_t[0] == pytest.approx(0.15)


def test_a_local_factor_per_tonne_of_fuel_holds_for_gigajoules_too() -> None:
    local = factor(
        activity="fuel.diesel@road", region="500000", unit="kg/t", value=3000.0, gas="CO2e", purpose="reporting_default"
    )
    factors = SHIPPED.factors.with_rows([local])
    made = ledger(line("fuel.diesel@road", 43.33, "GJ", "500000", heating_value_basis="NCV"), factors=factors)
    assert made.co2e_t[0] == pytest.approx(3.0)  # 43.33 GJ are a tonne


def test_a_local_factor_of_a_process_wins_unless_a_guideline_is_asked_for() -> None:
    kiln = factor(
        activity="process.cement_clinker", region="500000", unit="kg/t", value=490.0, purpose="reporting_default"
    )
    factors = SHIPPED.factors.with_rows([kiln])
    here, elsewhere, asked = (
        line("process.cement_clinker", 1, "t", "500000"),
        line("process.cement_clinker", 1, "t", "CN-SC"),
        line("process.cement_clinker", 1, "t", "500000", guideline="IPCC 2006"),
    )
    assert ledger(here, elsewhere, asked, factors=factors).co2e_t.tolist() == pytest.approx([0.49, 0.52, 0.52])
    assert "less_specific_place" in dict(ledger(here, factors=factors).choices(0)[0].losers).values()


def test_a_factor_per_kilometre_of_one_city_leaves_the_litres_of_the_others() -> None:
    per_km = factor(
        activity="travel.car_gasoline",
        region="500000",
        unit="kg/km",
        value=0.2,
        gas="CO2e",
        purpose="reporting_default",
    )
    factors = SHIPPED.factors.with_rows([per_km])
    economy = {"economy_km_per_l": 10.0}
    by_factor = line("travel.car_gasoline", 1000, "km", "500000")
    by_litre = line("travel.car_gasoline", 1000, "km", "CN-SC", parameters=economy)
    assert ledger(by_factor, factors=factors).co2e_t[0] == pytest.approx(0.2)
    assert ledger(by_litre, factors=factors).co2e_t[0] == pytest.approx(
        result("travel.car_gasoline", 1000, "km", "CN-SC", parameters=economy).co2e_t
    )
    assert ledger(line("travel.car_gasoline", 1000, "km", "CN-SC"), factors=factors).errors[0].code == "economy_needed"


def test_a_change_of_more_than_five_percent_asks_for_a_restatement() -> None:
    assert restatement_is_due(100, 105.1) and restatement_is_due(100, 94.9)
    assert not restatement_is_due(100, 105)
    assert restatement_is_due(0, 1) and not restatement_is_due(0, 0)


# --- intervals ------------------------------------------------------------------------------------------
def test_lines_that_share_a_factor_are_correlated_in_it() -> None:
    # METHOD: 3 : 2 : 1, each 5 %, one factor of 10 %: 10.47 %, not 6.97 %
    grid = factor(region="500000", value=0.4, lower95=0.36, upper95=0.44, publisher="Chongqing Power")
    lines = [line("electricity", x, "kWh", "500000", uncertainty_percent=5.0) for x in (3, 2, 1)]
    made = ledger(*lines, factors=SHIPPED.factors.with_rows([grid]))
    assert made.total().scope_2_location.half_width_percent == pytest.approx(10.47, abs=0.005)
    assert made.half_width_percent[0] == pytest.approx(math.hypot(5, 10))


def test_totals_agree_with_the_sum_rule_of_the_uncertainty_module() -> None:
    lines = [line("electricity", x, "kWh", place, uncertainty_percent=u) for x, place, u in
             ((5e5, "CN-CQ", 5.0), (3e5, "CN-SC", 2.0), (1e5, "CN-CQ", 8.0))]  # fmt: skip
    made = ledger(*lines)
    ids = [made.choices(row)[0].factor.id for row in range(3)]
    percent = sum_by_factor(made.co2e_t, [5, 2, 8], [7, 7, 7], ids)
    assert made.total().scope_2_location.half_width_percent == pytest.approx(percent, rel=1e-12)


def test_several_gases_of_a_line_share_the_error_of_its_amount_and_heating_value() -> None:
    # Diesel in Germany: NCV 43.0 (41.4 to 43.3): 3.72 %; CO2 74.1 (72.6 to 74.8): 2.02 %; CH4 and N2O 200 %
    made = ledger(line("fuel.diesel@road", 100, "t", "DE", uncertainty_percent=5.0), gwp_set="AR5")
    co2, ch4, n2o = 4300 * 74.1, 4300 * 0.0039 * 28, 4300 * 0.0039 * 265
    whole = co2 + ch4 + n2o
    squares = (5**2 + (160 / 43.0) ** 2) * whole**2 + (150 / 74.1 * co2) ** 2 + (200 * ch4) ** 2 + (200 * n2o) ** 2
    assert made.half_width_percent[0] == pytest.approx(math.sqrt(squares) / whole, rel=1e-9)
    assert made.total().scope_1.half_width_percent == pytest.approx(math.sqrt(squares) / whole, rel=1e-9)


def test_fuels_that_borrow_one_row_of_methane_err_together_in_it() -> None:
    # Briquettes and other washed coal take methane and nitrous oxide of other bituminous coal, each row ± 200 %.
    coals = ("fuel.briquettes@manufacturing", "fuel.other_washed_coal@manufacturing")
    made = ledger(*(line(coal, 100, "t", "CN", line_id=coal) for coal in coals))
    methane = made.kg["CH4_combustion"]
    ncvs = [
        abs(choice.factor.half_width_percent or 0)
        for row in (0, 1)
        for choice in made.choices(row)
        if choice.factor.gas == "NCV"
    ]
    own = sum((kg**2 * (5**2 + ncv**2)) for kg, ncv in zip(methane, ncvs, strict=True))  # amounts ± 5 %
    expected = math.sqrt(own + (200 * sum(methane)) ** 2) / sum(methane)
    assert made.total().gases_kg["CH4_combustion"].half_width_percent == pytest.approx(expected, rel=1e-9)


def test_a_heating_value_that_two_lines_share_is_drawn_once() -> None:
    # The same fuel by mass (heating value × factor) and by energy (factor alone) shares the factor of CO2.
    lines = [
        line("fuel.lignite", 1000, "t", "DE", line_id="mass", uncertainty_percent=0.0),
        line("fuel.lignite", 11_900, "GJ", "DE", line_id="energy", uncertainty_percent=0.0, heating_value_basis="NCV"),
    ]
    made = ledger(*lines)
    total, drawn = made.total().total_location, made.simulation(seed=3, n=200_000)
    assert total.half_width_percent is not None
    sd_percent = 196 * drawn.sd[0] / drawn.mean[0]
    assert sd_percent == pytest.approx(total.half_width_percent, rel=0.02)


def test_what_is_divided_by_again_cancels_in_the_draws() -> None:
    per_tonne = factor(
        activity="fuel.diesel@road",
        region="500000",
        unit="kg/t",
        value=3000.0,
        gas="CO2e",
        purpose="reporting_default",
        lower95=2700.0,
        upper95=3300.0,
    )
    lines = [line("fuel.diesel@road", 43.33, "GJ", "500000", uncertainty_percent=0.0, heating_value_basis="NCV")]
    made = ledger(*lines, factors=SHIPPED.factors.with_rows([per_tonne]))
    drawn = made.simulation(seed=3, n=200_000)  # ± 10 % of the factor, ± 5 % of the heating value that is divided by
    assert 196 * drawn.sd[0] / drawn.mean[0] == pytest.approx(math.hypot(10, 5), rel=0.02)


def test_sums_drawn_together_are_those_drawn_alone() -> None:
    lines = [line("electricity", 5e5, "kWh"), line("heat", 100, "GJ"), line("fuel.diesel@road", 3, "t")]
    made = ledger(*lines)
    sums = [Sum(scopes=(1,)), Sum(scopes=(2,)), Sum(scopes=(2,), market=True), Sum()]
    together = made.simulations(sums, seed=9, n=2_000)
    for at, each in enumerate(sums):
        alone = made.simulation(seed=9, n=2_000, scopes=each.scopes, market=each.market)
        assert (together.lower[at], together.upper[at]) == (alone.lower[0], alone.upper[0])
    assert together.mean[3] == pytest.approx(together.mean[0] + together.mean[1])


def test_both_approaches_agree_on_a_linear_case() -> None:
    lines = [line("electricity", x, "kWh", p, line_id=p) for x, p in ((5e5, "CN-CQ"), (3e5, "CN-SC"), (2e5, "CN-SH"))]
    made = ledger(*lines)
    total = made.total().total_location
    drawn = made.simulation(seed=1, n=50_000)
    assert total.half_width_percent is not None
    half = (drawn.upper[0] - drawn.lower[0]) / 2
    assert drawn.mean[0] == pytest.approx(total.tonnes, rel=2e-3)
    assert half / drawn.mean[0] * 100 == pytest.approx(total.half_width_percent, rel=0.02)


# --- tables that must close -----------------------------------------------------------------------------
def test_a_table_that_closes_and_one_that_does_not() -> None:
    table = {("steel", "coal"): 3.0, ("steel", "gas"): 1.0, ("homes", "coal"): 2.0, ("homes", "gas"): 4.0}
    sums = {
        ("steel", "all"): 4.0,
        ("homes", "all"): 6.0,
        ("all", "coal"): 5.0,
        ("all", "gas"): 5.0,
        ("all", "all"): 10.0,
    }
    assert sums_that_do_not_close(table | sums, total="all") == ()
    slipped = table | sums | {("homes", "gas"): 40.0}
    assert {(axis, name) for axis, name, *_ in sums_that_do_not_close(slipped, total="all")} == {
        ("row", "homes"),
        ("column", "gas"),
    }


def research_table() -> Path | None:
    name = Path("shared") / "reference_research_only" / "ceads_provinces_sector_fuel.csv"
    return next((root / name for root in Path(__file__).resolve().parents if (root / name).exists()), None)


PROVINCES = {"Shanghai": "CN-SH", "Sichuan": "CN-SC", "Hubei": "CN-HB", "Chongqing": "CN-CQ"}


def test_real_sector_by_fuel_tables_close() -> None:
    path = research_table()
    if path is None:
        warnings.warn("SKIPPED: no shared/reference_research_only/ceads_provinces_sector_fuel.csv", stacklevel=1)
        pytest.skip("no shared/reference_research_only/ceads_provinces_sector_fuel.csv")
    tables: dict[tuple[str, str], dict[tuple[str, str], float]] = {}
    for row in read(path):
        sector = "total" if row["sector"] in ("Total Consumption", "TotalEmissions") else row["sector"]
        tables.setdefault((PROVINCES[row["province"]], row["year"]), {})[sector, row["fuel"]] = float(row["co2_mt"])
    for row in read(path.with_name("ceads_province_totals.csv")):  # printed in another file: the corner of the table
        if (row["region_code"], row["year"]) in tables:
            tables[row["region_code"], row["year"]]["total", "total"] = float(row["value"]) / 1e6
    assert len(tables) == 16 and all(("total", "total") in table for table in tables.values())
    for place, table in tables.items():
        assert sums_that_do_not_close(table, total="total", tolerance=1e-4) == (), place


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
