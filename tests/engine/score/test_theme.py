"""The worked company of METHOD 8.8 by hand, and every state that a bar and a gate can be in."""

from __future__ import annotations

import math
from datetime import date
from statistics import NormalDist
from typing import Any

import pytest

from scoring.engine.score.bar_sheet import BarSheet
from scoring.engine.score.bars.contribution import bar_of
from tests.engine.score.candidates import (
    AFTER,
    SHEET,
    candidacy,
    candidate,
    family,
    gate_facts,
    scored,
    sheet_json,
    sold,
    subsidy,
    tailwind,
    told,
    word,
    year,
)

PHI = NormalDist().cdf
P_C = PHI(
    math.log(12409.65 / 8759.6) / math.hypot(1.02481939 * math.log(1.3) / 1.96, 0.02481939 * math.log(1.3) / 1.96)
)
P_R = PHI(0.048 / 0.04)
P_O = PHI(math.log(0.225 / 0.2) / 0.05)  # √(ln 1.05² + ln 1.02²)/1.96 = 0.0269 is below σmin


def of_year(**overrides: Any) -> Any:
    """Tailwind with another year 2025."""
    return candidate(tailwind(candidacy=candidacy(years=[year(**overrides)])))


def of_rows(*rows: Any, **overrides: Any) -> Any:
    return candidate(tailwind(candidacy=candidacy(years=[year(sold=list(rows))], **overrides)))


def of_gates(**overrides: Any) -> Any:
    return candidate(tailwind(candidacy=candidacy(gates=gate_facts(**overrides))))


def verdict(found: Any, gate: str) -> tuple[str, str]:
    (one,) = [each for each in found["gates"] if each["gate"] == gate]
    return one["verdict"], one["because"]


# --- the worked company ---
def test_the_worked_company_comes_out_by_hand() -> None:
    # Σ EF = 20 · 0.53 − 0.0215 · 210 = 6.085; u = 2,200 · 0.95 · 6.085 − 308; c* = 0.8 · (2,000 · 0.95 · 6.085 − 612)
    found = candidate(tailwind())
    c, r, o = found["c"], found["r"], found["o"]
    assert (c["value"], c["bar"]) == (pytest.approx(12409.65), pytest.approx(8759.6))
    assert c["parts"]["lifetime_t"] == pytest.approx(6_204_825)
    assert c["parts"]["t_per_wan"] == pytest.approx(68.9425)
    assert r["value"] == pytest.approx((90 - 40 - 200 * 20_000 * 0.5 / 1e6) / 1000)
    assert (o["value"], o["bar"]) == (0.2, 0.225)
    assert [bar["p"] for bar in (c, r, o)] == pytest.approx([P_C, P_R, P_O], abs=1e-8)
    assert found["reported"]["p_cleared"] == pytest.approx(0.87187, abs=5e-6)
    assert found["reported"]["group"] == "3"


def test_untold_subsidies_leave_two_bars_and_a_break_even_of_88_million() -> None:
    found = of_year(subsidies={name: subsidy(None) for name in ("grants", "price_premium", "theme_credits")})
    reported, bar = found["reported"], found["r"]["break_even"]
    assert (reported["cleared"], reported["known"], reported["group"]) == (2, 2, "2")
    assert reported["p_low"] == 0
    assert reported["p_high"] == pytest.approx(0.98524, abs=5e-6)
    assert (bar["code"], bar["name"], bar["value"], bar["share"]) == ("at_most", "subsidies", 88e6, 0.088)
    assert found["question"]["code"] == "ask"
    assert [one["name"] for one in found["question"]["missing"]] == [
        "subsidies.grants",
        "subsidies.price_premium",
        "subsidies.theme_credits",
    ]


def test_unverified_tonnes_lower_p_and_are_to_be_verified_first() -> None:
    found = of_year(scope1=told(8_000.0), scope2_location=told(12_000.0))
    assert found["o"]["p"] == pytest.approx(0.80987, abs=5e-6)
    assert found["reported"]["p_cleared"] == pytest.approx(0.71269, abs=5e-6)
    told_of = found["o"]["break_even"]
    assert (told_of["code"], told_of["share"]) == ("verify", pytest.approx(0.125))
    assert told_of["p_confirmed"] == pytest.approx(P_O, abs=1e-8)
    assert told_of["p_below"] == pytest.approx(1 - 0.80987, abs=5e-6)


# --- gates ---
def test_a_bank_fails_for_want_of_a_track() -> None:
    found = candidate(tailwind(candidacy=candidacy(track="", family=None)))
    assert verdict(found, "G3") == ("fail", "no_track")
    assert found["reported"]["p_high"] == 0
    assert found["reported"]["group"] == "not_admitted"


@pytest.mark.parametrize(
    ("facts", "gate", "expected"),
    [
        ({"joins": "conflicting"}, "G1", ("fail", "joins_conflicting")),
        ({"joins": "waiting"}, "G1", ("not_decidable", "joins_waiting")),
        ({"identifiers": "invalid"}, "G1", ("fail", "identifiers_invalid")),
        ({"exclusion": None}, "G2", ("not_decidable", "exclusions_unchecked")),
        ({"exclusion": word("yes", code="tobacco")}, "G2", ("fail", "excluded")),
        ({"track_confirmed": False}, "G3", ("not_decidable", "track_unconfirmed")),
        ({"catalogue": None}, "G3", ("not_decidable", "catalogue_untold")),
        (
            {"catalogue": {"edition": "2024-guidance", "code": "1", "valid_until": "2026-11-29"}},
            "G3",
            ("fail", "catalogue_expired"),
        ),
        ({"theme_share": None}, "G4", ("not_decidable", "theme_share_untold")),
        ({"fossil_extraction": word("yes")}, "G5", ("fail", "fossil_extraction")),
        ({"direct_and_significant": word("no")}, "G5", ("fail", "not_direct")),
        ({"direct_and_significant": None}, "G5", ("not_decidable", "directness_unchecked")),
    ],
)
def test_a_gate_says_why(facts: Any, gate: str, expected: tuple[str, str]) -> None:
    assert verdict(of_gates(**facts), gate) == expected


@pytest.mark.parametrize(
    ("share", "is_partial", "expected"),
    [(0.5, False, "pass"), (0.6, True, "pass"), (0.4, True, "not_decidable"), (0.4, False, "fail")],
)
def test_a_partial_theme_share_can_pass_and_never_fails(share: float, is_partial: bool, expected: str) -> None:
    told_share = {"year": 2025, "share": share, "is_partial": is_partial, "basis": "revenue", "source": "report"}
    assert verdict(of_gates(theme_share=told_share), "G4")[0] == expected


def test_before_revenue_a_confirmed_venture_is_judged_by_its_capex() -> None:
    share = {"year": 2025, "share": 0.8, "is_partial": False, "basis": "capex_and_rnd", "source": "report"}
    facts = gate_facts(theme_share=share)
    assert verdict(candidate(tailwind(candidacy=candidacy(gates=facts, stage="venture"))), "G4")[0] == "pass"
    assert verdict(of_gates(theme_share=share), "G4") == ("not_decidable", "theme_share_basis")


def test_a_recorded_verdict_stands_when_its_evidence_is_withdrawn() -> None:
    found = of_gates(theme_share=None, recorded={"G4": "fail"})
    assert verdict(found, "G4")[0] == "fail"
    assert [gate["is_recorded"] for gate in found["gates"] if gate["gate"] == "G4"] == [True]


def test_new_evidence_decides_against_what_was_recorded() -> None:
    assert verdict(of_gates(recorded={"G4": "fail"}), "G4")[0] == "pass"


def test_an_open_gate_takes_the_lower_end_and_leaves_the_upper() -> None:
    reported = of_gates(exclusion=None)["reported"]
    assert (reported["p_low"], reported["gates"]) == (0.0, "open")
    assert reported["p_high"] == pytest.approx(0.87187, abs=5e-6)


def test_a_pledge_asks_for_its_figures_and_a_stated_lack_of_targets_fails() -> None:
    pledge = tailwind()["targets"][0] | {"reduction_share": None, "base_year": None}
    no_target = tailwind()["targets"][0] | {"kind": "none", "reduction_share": None, "base_year": None}
    assert verdict(candidate(tailwind(targets=[pledge])), "G5") == ("not_decidable", "plan_below")
    assert verdict(candidate(tailwind(targets=[no_target])), "G5") == ("fail", "no_plan")
    assert verdict(candidate(tailwind(targets=[])), "G5") == ("not_decidable", "plan_untold")


def test_a_plan_on_its_straight_line_is_on_track() -> None:
    # 50 % from 2022 to 2035: after 3 of 13 years 1 − 0.5 · 3/13 = 88.5 % is left on the line
    def with_tonnes(last: float) -> Any:
        rows = [
            {
                "year": y,
                "scope1_t": t,
                "scope2_t": 0.0,
                "scope2_kind": "location",
                "rung": 1,
                "boundary": "matched",
                "revenue": None,
                "currency": None,
                "cny_per_unit": None,
                "disclosure": f"d{y}",
            }
            for y, t in ((2022, 100.0), (2025, last))
        ]
        return candidate(tailwind(years=rows))["plan"]

    assert with_tonnes(88.0) == "on_track"
    assert with_tonnes(89.0) == "measurable"


# --- contribution ---
def test_an_own_input_that_the_family_names_cannot_be_left_out() -> None:
    found = of_rows(sold(service=None))["c"]
    assert (found["state"], found["because"]) == ("unknown", "untold")
    assert found["missing"] == [{"name": "service", "who": "company", "place": "CHN"}]
    # (c* + lca) / (0.95 · 6.085)
    assert found["break_even"]["value"] == pytest.approx((8759.6 + 308) / (0.95 * 6.085))
    assert found["break_even"]["code"] == "at_least"


def test_an_untold_footprint_of_a_unit_has_its_break_even() -> None:
    found = of_rows(sold(lca=None))["c"]["break_even"]
    assert (found["code"], found["value"]) == ("at_most", pytest.approx(12717.65 - 8759.6))


def test_what_the_family_does_not_ask_for_is_not_used() -> None:
    assert of_rows(sold(life=told(40.0), use=told(0.5)))["c"]["value"] == pytest.approx(12409.65)


def test_the_bar_follows_the_place_and_an_unknown_place_takes_the_stand_in() -> None:
    india = of_rows(sold(place="IND"))["c"]
    assert india["bar"] == pytest.approx(0.8 * (2000 * 0.95 * (20 * 0.71 - 0.02 * 210) - 612))
    brazil = of_rows(sold(place="BRA"))["c"]
    assert brazil["bar"] == pytest.approx(8759.6)
    assert [one["place"] for one in brazil["inputs"] if one["name"] == "grid"] == ["CHN"]


def test_places_count_by_their_units() -> None:
    both = of_rows(sold(units=told(100.0)), sold(units=told(300.0), place="IND"))["c"]
    china, india = of_rows(sold())["c"], of_rows(sold(place="IND"))["c"]
    assert both["value"] == pytest.approx(0.25 * china["value"] + 0.75 * india["value"])
    assert both["bar"] == pytest.approx(0.25 * china["bar"] + 0.75 * india["bar"])


def test_splitting_a_row_changes_no_doubt() -> None:
    halves = of_rows(sold(units=told(250.0)), sold(units=told(250.0)))
    assert halves["c"]["p"] == pytest.approx(P_C, abs=1e-8)


def test_a_row_without_units_leaves_contribution_unknown() -> None:
    assert of_rows(sold(), sold(units=None, place="IND"))["c"]["because"] == "untold"


def test_rows_of_another_family_do_not_count() -> None:
    found = of_rows(sold(), sold(family="led", service=None))
    assert found["c"]["value"] == pytest.approx(12409.65)


def test_planned_units_are_shown_and_not_judged() -> None:
    found = of_rows(sold(kind="planned"))
    assert (found["c"]["state"], found["c"]["because"]) == ("unknown", "planned_only")
    assert found["c"]["parts"]["planned_t"] == pytest.approx(0.5 * 6_204_825)
    assert found["kinds"] == ["planned"]


def test_an_untold_plan_beside_sales_changes_nothing() -> None:
    found = of_rows(sold(), sold(kind="planned", units=None, service=None))
    assert found["c"]["p"] == pytest.approx(P_C, abs=1e-8)


def test_doubling_units_and_revenue_leaves_contribution_per_unit() -> None:
    twice = of_year(revenue=told(2e9, "audited"), sold=[sold(units=told(1000.0))])["c"]
    once = candidate(tailwind())["c"]
    assert [twice[name] for name in ("value", "bar", "p")] == [once[name] for name in ("value", "bar", "p")]
    assert twice["parts"]["t_per_wan"] == pytest.approx(once["parts"]["t_per_wan"])
    assert twice["parts"]["lifetime_t"] == pytest.approx(2 * once["parts"]["lifetime_t"])


def test_a_component_without_its_cost_share_has_no_lifetime_tonnes() -> None:
    blade, untold = of_rows(sold(cost_share=told(0.2)))["c"], of_rows(sold(cost_share=None))["c"]
    assert blade["parts"]["lifetime_t"] == pytest.approx(0.2 * 6_204_825)
    assert "lifetime_t" not in untold["parts"]
    assert blade["z"] == untold["z"] == candidate(tailwind())["c"]["z"]


def hydropower(**overrides: Any) -> Any:
    row = sold(family="hydro", service=None, lca=None, cost_share=None, units=told(1e6))
    return of_rows(row | overrides, family="hydro")["c"]


def test_an_operator_is_judged_by_the_sign_with_output_told() -> None:
    found = hydropower()
    assert (found["state"], found["because"], found["p"], found["bar"]) == ("cleared", "sign", 1.0, None)
    assert found["parts"]["lifetime_t"] == pytest.approx(1e6 * (0.53 - 0.024))
    assert hydropower(units=None)["because"] == "untold"


def electrolyser(energy: float, place: str = "CHN") -> Any:
    row = sold(family="electrolyser", place=place, service=None, lca=None, energy=told(energy))
    return of_rows(row, family="electrolyser")["c"]


def test_an_electrolyser_on_a_dirty_grid_does_harm_and_says_so() -> None:
    found = electrolyser(50.0)
    # 25 years, but the grid reaches 0 after 24: Σ EF = 24 · 0.53 − 0.0215 · 300
    assert found["value"] == pytest.approx(25 * 9.3 - 50 * (24 * 0.53 - 0.0215 * 300))
    assert (found["state"], found["because"], found["p"]) == ("missed", "harm", 0.0)


def test_on_a_clean_grid_own_electricity_decides() -> None:
    # Σ EF of Sweden: 0.02 falling by 0.001 for 19 years = 0.19; c* = 0.8 · (232.5 − 53 · 0.19)
    found = electrolyser(50.0, "SWE")
    assert found["value"] == pytest.approx(232.5 - 50 * 0.19)
    assert found["bar"] == pytest.approx(0.8 * (232.5 - 53 * 0.19))
    assert found["state"] == "cleared"


def test_where_the_bar_is_not_above_zero_the_sign_stands_in() -> None:
    assert electrolyser(30.0)["because"] == "sign"
    assert electrolyser(30.0)["p"] == 1.0


@pytest.mark.parametrize(
    ("changed", "because"),
    [
        ({"sets_the_bar": ["tailwind"]}, "sets_the_bar"),
        ({"expires_on": "2026-11-30"}, "expired"),
        ({"judgement": "shown"}, "shown_only"),
        ({"judgement": "none", "reference": None, "own_inputs": []}, "no_bar"),
    ],
)
def test_what_only_the_fund_can_end_is_no_question_to_the_company(changed: Any, because: str) -> None:
    sheet = BarSheet.from_json(sheet_json(families=[family(**changed)]))
    found = candidate(tailwind(), sheet=sheet)["c"]
    assert (found["state"], found["because"]) == ("unknown", because)
    assert found["missing"] == [{"name": because, "who": "fund"}]


def test_without_a_family_only_resilience_is_judged() -> None:
    found = candidate(tailwind(candidacy=candidacy(family=None)))
    assert [found[bar]["because"] for bar in "cro"] == ["no_family", "", "no_family"]


def test_the_bar_of_a_family_is_told_without_a_candidate() -> None:
    assert bar_of(SHEET.family["wind"], SHEET.path["CHN"], 2025, 0.8) == pytest.approx(8759.6)
    assert bar_of(SHEET.family["chiller"], SHEET.path["CHN"], 2025, 0.8) is None


# --- resilience ---
def subsidies(**kinds: Any) -> dict[str, Any]:
    told_none = {name: subsidy(0.0) for name in ("grants", "price_premium", "theme_credits")}
    return told_none | kinds


def test_one_untold_kind_of_subsidy_leaves_resilience_unknown() -> None:
    found = of_year(subsidies=subsidies(grants=subsidy(40e6), theme_credits=subsidy(None)))["r"]
    assert found["state"] == "unknown"
    told_of = found["break_even"]
    assert (told_of["name"], told_of["value"]) == ("subsidies.theme_credits", pytest.approx(48e6))


def test_told_subsidies_above_the_bar_miss_whatever_the_others_are() -> None:
    found = of_year(subsidies=subsidies(grants=subsidy(89e6), theme_credits=subsidy(None)))["r"]
    assert (found["state"], found["because"]) == ("missed", "best_still_misses")
    assert found["p"] == pytest.approx(PHI(-0.001 / 0.02))
    assert found["break_even"]["code"] == "never"


def test_subsidies_outside_are_not_taken_off_twice_and_unknown_counts_as_inside() -> None:
    assert of_year(subsidies=subsidies(grants=subsidy(40e6, "outside")))["r"]["value"] == pytest.approx(0.088)
    assert of_year(subsidies=subsidies(grants=subsidy(40e6, "unknown")))["r"]["value"] == pytest.approx(0.048)


def test_untold_subsidies_and_tonnes_are_joined_by_a_line() -> None:
    none = {name: subsidy(None) for name in ("grants", "price_premium", "theme_credits")}
    found = of_year(subsidies=none, scope1=None, scope2_location=None)["r"]["break_even"]
    assert (found["code"], found["value"], found["per_t"]) == ("line", 90e6, 100.0)


def test_untold_tonnes_have_their_break_even() -> None:
    found = of_year(scope1=None, scope2_location=None)
    assert found["r"]["break_even"]["value"] == pytest.approx(50e6 / 100)
    assert (found["o"]["break_even"]["name"], found["o"]["break_even"]["value"]) == ("tonnes", pytest.approx(22_500))


def venture(**overrides: Any) -> Any:
    row = year(ebit=None, gross_profit=told(60e6), runway_months=told(24.0)) | overrides
    return candidate(tailwind(candidacy=candidacy(stage="venture", years=[row])))["r"]


def test_a_venture_is_judged_by_gross_profit_and_runway() -> None:
    assert venture()["value"] == pytest.approx(0.018)
    short = venture(runway_months=told(17.9), gross_profit=None)
    assert (short["state"], short["because"], short["p"]) == ("missed", "runway", 0.0)
    untold = venture(runway_months=None)
    assert (untold["state"], [one["name"] for one in untold["missing"]]) == ("unknown", ["runway_months"])


def test_no_margin_follows_from_no_revenue() -> None:
    assert of_year(revenue=told(0.0))["r"]["because"] == "revenue_not_positive"
    assert of_year(revenue=None)["r"]["because"] == "untold"


def test_other_prices_and_todays_allocation_stand_beside() -> None:
    parts = of_year(free_allocation_t=told(5_000.0), priced_t=told(10_000.0))["r"]["parts"]
    assert parts["margin_at_100"] == pytest.approx((50e6 - 1e6) / 1e9)
    assert parts["margin_at_400"] == pytest.approx((50e6 - 4e6) / 1e9)
    assert parts["margin_today"] == pytest.approx((50e6 - 0.5e6) / 1e9)
    assert parts["margin_all_borne"] == pytest.approx((50e6 - 4e6) / 1e9)
    assert parts["ebitda_margin"] == pytest.approx(0.088)


# --- own footprint ---
def test_a_footprint_of_zero_is_refused() -> None:
    assert of_year(scope1=told(0.0), scope2_location=told(0.0))["o"]["because"] == "zero"


def test_scope_1_alone_above_the_bar_misses() -> None:
    found = of_year(scope1=told(30_000.0), scope2_location=None)["o"]
    assert (found["state"], found["because"]) == ("missed", "best_still_misses")
    assert found["p"] == pytest.approx(PHI(math.log(0.225 / 0.3) / 0.05))


def test_tonnes_of_another_boundary_are_set_aside() -> None:
    found = of_year(boundary="mismatched")
    assert found["o"]["because"] == found["r"]["because"] == "other_boundary"
    assert found["o"]["missing"] == [{"name": "tonnes", "who": "verifier"}]
    assert found["reported"]["gates"] == "passed"


def test_electricity_times_factor_stands_in_and_is_no_better_known_than_the_report() -> None:
    stands_in = {"scope2_location": None, "scope2_by_activity": told(12_000.0, "activity_verified")}
    assert of_year(**stands_in)["o"]["p"] == pytest.approx(P_O, abs=1e-8)  # √(ln 1.1² + ln 1.02²)/1.96 is below σmin
    assert of_year(**stands_in, scope2_other_rung="reported")["o"]["p"] == pytest.approx(0.80987, abs=5e-6)
    assert of_year(**stands_in)["o"]["evidence"] == "E3"


def test_a_family_without_a_footprint_bar_has_none_yet() -> None:
    sheet = BarSheet.from_json(sheet_json(families=[family(footprint_bar=None)]))
    assert candidate(tailwind(), sheet=sheet)["o"]["because"] == "no_bar"


def test_the_trend_of_the_footprint_is_told() -> None:
    rows = [year(2024, scope1=told(13_000.0)), year(2025)]
    found = candidate(tailwind(candidacy=candidacy(years=rows)))["o"]["parts"]
    assert found["change_per_year"] == pytest.approx(20 / 25 - 1)


# --- years ---
def with_years(*rows: Any, as_of: date = date(2026, 11, 30)) -> Any:
    return candidate(tailwind(candidacy=candidacy(years=list(rows))), as_of=as_of)


def test_until_the_closing_day_an_earlier_year_stands_in_and_says_so() -> None:
    found = with_years(year(2024), year(2025, ebit=None))["r"]
    assert (found["state"], found["year"], found["awaited_year"]) == ("cleared", 2024, 2025)


def test_after_the_closing_day_only_the_data_year_counts() -> None:
    found = with_years(year(2024), year(2025, ebit=None), as_of=AFTER)["r"]
    assert (found["state"], found["because"], found["year"]) == ("unknown", "awaiting", 2025)


def test_one_bar_is_of_one_year() -> None:
    """Profit of one year and subsidies of another are no margin."""
    without = {name: subsidy(None) for name in ("grants", "price_premium", "theme_credits")}
    found = with_years(year(2024, ebit=None), year(2025, subsidies=without))["r"]
    assert (found["state"], found["year"], [one["name"] for one in found["missing"]]) == ("unknown", 2024, ["ebit"])


def test_what_is_older_than_36_months_is_set_aside() -> None:
    assert with_years(year(2023))["r"]["year"] == 2023
    old = with_years(year(2022))["r"]
    assert (old["state"], old["because"]) == ("unknown", "untold")  # the data year, of which nothing is told
    late = candidate(tailwind(), as_of=date(2029, 1, 1))
    assert [late[bar]["because"] for bar in "cro"] == ["too_old"] * 3


def test_years_after_the_data_year_are_not_judged() -> None:
    assert with_years(year(2025), year(2026, ebit=told(-1e9)), as_of=AFTER)["r"]["value"] == pytest.approx(0.048)


def test_age_widens_the_footprint_and_the_margin() -> None:
    # 2024-12-31 to 2026-11-30 is 699 days: 334 beyond a year
    found = with_years(year(2024))
    age = 334 / 365.25
    assert found["o"]["age_years"] == pytest.approx(age)
    assert found["r"]["sigma"] == pytest.approx(0.04 * math.sqrt(1 + age))
    plain = (math.log(1.05) ** 2 + math.log(1.02) ** 2) / 1.96**2
    assert found["o"]["sigma"] == pytest.approx(math.sqrt(plain + 0.16**2 * age))


def test_an_empty_candidate_has_no_figures() -> None:
    found = candidate(tailwind(candidacy=candidacy(years=[])))
    assert found["reported"]["group"] == "no_figures"
    assert (found["reported"]["p_cleared"], found["reported"]["p_high"]) == (None, 1.0)


# --- assisted ---
def estimate(**overrides: Any) -> Any:
    log_t = math.log10(20_000)
    return {
        "input": "emissions_t",
        "year": 2025,
        "rung": 6,
        "model": "m",
        "log10_t": [log_t - 0.3, log_t, log_t + 0.2],
        "mean_t": 21_000.0,
        "guards": [],
    } | overrides


def features(**overrides: Any) -> Any:
    return {
        "year": 2025,
        "revenue_cny": 1e9,
        "revenue_undated": False,
        "employees": None,
        "electricity_kwh": None,
        "energy_mj": None,
        "coal_t": None,
        "water_t": None,
        "waste_t": None,
        "text": "makes turbines",
    } | overrides


def assisted(told_by_model: Any, **of_features: Any) -> Any:
    row = year(scope1=None, scope2_location=None)
    record = tailwind(candidacy=candidacy(years=[row]), features=features(**of_features))
    return scored(record, estimates=[told_by_model]).record(0)["candidacy"]


def test_a_model_fills_the_footprint_and_nothing_else() -> None:
    found = assisted(estimate())
    p_o = PHI(math.log(1.125) / (0.2 * math.log(10) / 1.6448536269514722))
    assert found["assisted"]["p_o"] == pytest.approx(p_o)
    assert found["assisted"]["p_cleared"] == pytest.approx(P_C * p_o, abs=1e-8)
    assert found["assisted"]["x"][1] == pytest.approx(0.2)
    assert found["assisted"]["evidence"] == "E5"
    assert [found[bar]["state"] for bar in "cro"] == ["cleared", "unknown", "unknown"]
    assert found["reported"] == assisted(None)["reported"]  # the assisted result never sorts


@pytest.mark.parametrize(
    ("told_by_model", "of_features"),
    [
        (None, {}),
        (estimate(rung=7), {}),
        (estimate(guards=["size"]), {}),
        (estimate(), {"revenue_cny": None, "text": "turbines"}),  # a name and one word
        (estimate(year=2024), {}),  # not of the year whose revenue is told
    ],
)
def test_nothing_is_assisted_outside_of_what_the_model_knows(told_by_model: Any, of_features: Any) -> None:
    assert assisted(told_by_model, **of_features)["assisted"] is None


def test_nothing_is_assisted_where_tonnes_are_told() -> None:
    assert scored(tailwind(features=features()), estimates=[estimate()]).record(0)["candidacy"]["assisted"] is None
