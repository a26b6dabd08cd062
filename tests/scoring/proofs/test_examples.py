"""Other people's worked examples, and a runner that lets none of them slip through."""

import copy
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from scoring.proofs.examples.given import ExampleError
from scoring.proofs.examples.run import KINDS, Outcome, check, read

FOLDER = Path(__file__).parents[2] / "worked_examples"
FILE = FOLDER / "worked_examples.json"
EXAMPLES = {example["id"]: example for name in sorted(FOLDER.glob("*.json")) for example in read(name)}
KNOWN = [name for name, example in EXAMPLES.items() if example["kind"] in KINDS]


def example(kind: str, inputs: dict[str, Any], expected: dict[str, Any], **tolerance: float) -> dict[str, Any]:
    return {
        "id": f"own-{kind}",
        "kind": kind,
        "inputs": inputs,
        "expected": expected,
        "tolerance": tolerance or {"rel": 1e-9},
    }


def outcome(one: Any) -> Outcome:
    (found,) = check([one])
    return found


@pytest.mark.parametrize("name", KNOWN)
def test_a_published_example_comes_out(name: str) -> None:
    assert outcome(EXAMPLES[name]).why == ""


def test_the_file_has_an_example_of_every_kind_but_one() -> None:
    """Published examples of sectoral convergence rest on licensed pathways, which are not shipped."""
    assert {EXAMPLES[name]["kind"] for name in KNOWN} == set(KINDS) - {"target_sda"}


def test_a_company_at_its_sectors_intensity_goes_with_its_sector() -> None:
    inputs = {"SI_base_2018": 0.8, "SI_2030": 0.5, "SI_2050": 0.0, "CI_base": 0.8, "market_share_parameter": 1.0}
    assert outcome(example("target_sda", inputs, {"CI_2030": 0.5, "reduction_pct": 37.5})).why == ""


@pytest.mark.parametrize(
    ("kind", "inputs", "expected"),
    [
        ("unit", {"mass_lb": 100}, {"mass_kg": 45.359237}),
        ("unit", {"tce": 2}, {"GJ": 58.6152, "mwh": 16.282}),
        ("unit", {"value": 3, "from": "万千瓦时", "to": "MWh"}, {"value": 30}),
        ("unit", {"distance_mile": 100, "economy_mile_per_gal": 25}, {"gal": 4, "litres": 4 * 3.785411784}),
        ("unit", {"kg_per_gj": 56.1, "gj": 2}, {"kg": 112.2}),
        ("process", {"cao_fraction": 0.65}, {"ef_t_per_t": 0.65 * 0.785}),
        ("process", {"fuel_GJ_per_t": 30.2, "carbon_kgC_per_GJ": 15.3}, {"co2_t_per_t": 30.2 * 15.3 * 44 / 12 / 1000}),
        ("scope2_location", {"mwh": 1000, "year": 2023, "province": "CN"}, {"tco2": 530.6}),
        ("scope2_location", {"kwh": 1e6, "year": 2022, "provinces": ["CN-SC"]}, {"tco2": {"CN-SC": 140.4}}),
        ("heat", {"heat_GJ": 10}, {"tco2": 1.1}),
        ("heat", {"heat_MWh": 10}, {"tco2": 3.96}),
        # IPCC AR6 WG1 table 7.SM.7 by origin, and 7.15: 29.8 fossil, 27.0 not
        ("gwp", {"ch4_fossil_kg": 10, "gwp": "AR6"}, {"co2e_kg": 298}),
        ("gwp", {"ch4_nonfossil_t": 0.01, "co2_kg": 30, "gwp": "AR6"}, {"co2e_kg": 300}),
        ("gwp", {"sf6_kg": 1, "hfc134a_kg": 1, "gwp": "AR4"}, {"co2e_kg": 22800 + 1430}),  # AR4 table 2.14
        ("trend", {"old": 200, "new": 150}, {"pct": -25}),
        ("trend", {"v2005": [100, 50], "v2030": [35, 60]}, {"pct": [-65, 20]}),
        ("splicing", {"previous": [10, 10], "new": [20, 10], "x0": [8, 4]}, {"y0": [12, 6]}),
        ("unc_product", {"u_pct": [1, 2, 2]}, {"u_total_pct": 3}),
        (
            "unc_sum",
            {"x": [3, 2, 1], "u_ad_pct": 5, "u_ef_pct": 10, "factor_ids": ["grid"] * 3},
            {"u_total_pct": (25 * 14 / 36 + 100) ** 0.5},
        ),
        ("waste", {"msw_t": 1000, "doc": 0.15, "mcf": 1}, {"ch4_t": 50}),
        ("unc_lognormal", {"u95_pct": 100, "mean": 5}, {"u_high_pct": 125.75822718101648}),
        # 100 MWh a year displaced for 3 years of 0.5, 0.4, 0.3 t/MWh less 20 t of making it; 2 units on 40 wan
        (
            "contribution",
            {
                "service_mwh_per_unit_year": 100,
                "life_years": 3,
                "ef_first_t_per_mwh": 0.6,
                "ef_fall_per_year": 0.1,
                "use_share": 1,
                "lca_t_per_unit": 20,
                "units_sold": 2,
                "theme_revenue_wan": 40,
            },
            {"t_per_unit": 100, "lifetime_t": 200, "c_t_per_wan": 5},
        ),
        ("avoided_choice", {"mwh": 2, "factors": [0.25, 0.5]}, {"t": [0.5, 1.0], "ratio_max_min": 2}),
        # half of the plan is counted: 10, 30 and then only the 20 of the second year
        (
            "avoided_planned",
            {"sales_units": [20, 40], "life_years": 2, "unit_impact_t_per_year": [1, 1, 1], "realisation": 0.5},
            {"installed": [10, 30, 20], "avoided_t": [10, 30, 20], "total_t": 60},
        ),
        (
            "three_bars",
            {"gates": {}, "c": None, "r": None, "o": None},
            {"cleared": 0, "known": 0, "p_low": 0, "p_high": 1},
        ),
        (
            "stacking_multiplicative",
            {"baseline": 100, "reductions": [0.5, 1.0]},
            {"total": 100, "shapley": [25, 75], "lmdi": [0, 100], "last_in": [0, 50]},
        ),
        (
            "stacking_owen",
            {"baseline_t": 100, "reductions": [0.5, 0.5], "companies": [[1], [0]]},
            {"joint": 75, "owen": [37.5, 37.5], "company": [37.5, 37.5], "overlap": 25},
        ),
        # 100 MWh of lights and nothing else: half of them, a roof of 80 MWh on what is left, and no more than that
        (
            "stacking_building",
            {"light": 100, "cool": 0, "other": 0, "gas": 0, "led": 0.5, "chiller": 0, "pv": 80, "green": 0, "ef": 1}
            | {"gas_ef": 1, "heat_replacement_cool": 0, "heat_replacement_heat": 0, "boiler_eff": 1, "cop": 1},
            {"total": 100, "standalone": {"led": 50, "pv": 80, "hp": 0}, "shapley": {"led": 35, "pv": 65, "green": 0}}
            | {"overlap_pairs": {"led+pv": 30}},
        ),
        ("shapley", {"players": ["a", "b"], "v": {"b+a": 10, "b": 4}}, {"shapley": [3, 7], "sum": 10}),
        ("shapley_airport", {"costs": [3, 1]}, {"shapley": [2.5, 0.5]}),
        ("lmdi", {"t0": [[10, 5]], "t1": [[20, 10]]}, {"activity": 10, "structure": 0, "intensity": 0, "total": 10}),
        ("lmdi", {"t0": [[8, 10, 5]], "t1": [[4, 10, 5]]}, {"factor": -4, "total": -4}),
        (
            "lmdi_zero",
            {"a": {"v0": 6, "vt": 0, "x0": [1, 2, 3], "xt": [1, 2, 0]}},
            {"total": -6, "activity": 0, "intensity": -6},
        ),
        ("gpc_cell", {"amount": 1000, "co2": 2, "ch4": 0.1, "n2o": 0, "gwp": "AR5"}, {"tco2e": 2 + 0.1 * 28}),
        ("reconciliation", {"values_kt": {"a": 10, "b": 5}, "selected": "b"}, {"ratio_to_selected": {"a": 2, "b": 1}}),
    ],
)
def test_other_inputs_of_a_kind_work_too(kind: str, inputs: dict[str, Any], expected: dict[str, Any]) -> None:
    assert outcome(example(kind, inputs, expected)).why == ""


def test_draws_are_as_many_as_the_tolerance_says() -> None:
    drawn = example("unc_montecarlo", {"x": [3, 4], "u_pct": [5, 5]}, {"mean": 7, "u95_pct": 25 / 7}, rel=0.01, n=10**5)
    assert outcome(drawn).why == ""
    drawn["tolerance"]["n"] = 10
    assert "draws" in outcome(drawn).why


def changed(value: Any) -> Any:
    """The same with its last number a tenth larger, or its last word another."""
    if isinstance(value, dict):
        *others, last = value.items()
        return dict(others) | {last[0]: changed(last[1])}
    if isinstance(value, list):
        return [*value[:-1], changed(value[-1])]
    return f"{value}?" if isinstance(value, str) else value * 1.1 + 1


@pytest.mark.parametrize("name", KNOWN)
def test_a_changed_expectation_is_a_miss(name: str) -> None:
    tampered = copy.deepcopy(EXAMPLES[name])
    tampered["expected"] = changed(tampered["expected"])
    tampered["tolerance"] |= {"abs": 1e-3} if "abs" in tampered["tolerance"] else {}
    assert "expected" in outcome(tampered).why


def test_a_number_deep_inside_and_a_missing_key_are_misses() -> None:
    table = copy.deepcopy(EXAMPLES["ipcc-a1-table"])
    table["expected"]["rows"][2]["K"] *= 1.01
    assert outcome(table).why.startswith("rows.2.K is ")
    table["expected"]["rows"].pop()
    assert "rows must be a list of 4" in outcome(table).why
    assert outcome(example("trend", {"old": 1, "new": 2}, {"pct": 100, "points": 5})).why == "no points"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"kind": "astrology"}, "unknown kind 'astrology'"),
        ({"kind": None}, "kind must be text"),
        ({"inputs": {"old": 1}}, "no input new"),
        ({"inputs": {"old": 1, "new": 2, "weather": 3}}, "does not know: weather"),
        ({"inputs": {"old": "1", "new": 2}}, "old must be a number"),
        ({"inputs": {"old": True, "new": 2}}, "old must be a number"),
        ({"inputs": [1]}, "inputs must be an object"),
        ({"expected": {}}, "expects no number"),
        ({"expected": {"pct": "100"}}, "expects no number"),
        ({"expected": {"pct": 10**400}}, "too large"),
        ({"tolerance": {}}, "abs or rel"),
        ({"tolerance": {"abs": 1, "rel": 1}}, "abs or rel"),
        ({"tolerance": {"percent": 1}}, "abs or rel"),
        ({"tolerance": {"abs": -1}}, "not below zero"),
        ({"tolerance": {"abs": float("inf")}}, "must be a number"),
        ({"tolerance": {"abs": "1"}}, "must be a number"),
        ({"tolerance": {"abs": 1, "n": 0}}, "n must be a whole number"),
        ({"tolerance": {"abs": 1, "n": 5000}}, "no n"),
    ],
)
def test_a_faulty_example_fails_and_says_why(change: dict[str, Any], why: str) -> None:
    found = outcome(example("trend", {"old": 1, "new": 2}, {"pct": 100}) | change)
    assert why in found.why
    assert found.id == "own-trend"


@pytest.mark.parametrize("field", ["kind", "inputs", "expected", "tolerance"])
def test_a_missing_field_fails_under_the_examples_id(field: str) -> None:
    one = example("trend", {"old": 1, "new": 2}, {"pct": 100})
    del one[field]
    assert (outcome(one).id, outcome(one).why) == ("own-trend", f"ExampleError: has no {field}")


def test_an_example_without_id_or_with_anothers_fails() -> None:
    one = example("trend", {"old": 1, "new": 2}, {"pct": 100})
    assert [each.why for each in check([one, one])] == ["", "the id is used twice"]
    assert outcome(one | {"id": ""}).why == "has no id"
    assert outcome("trend").why == "must be an object"


@pytest.mark.parametrize(
    ("kind", "inputs", "expected", "why"),
    [
        ("gwp", {"phlogiston_kg": 1, "gwp": "AR5"}, {"co2e_kg": 1}, "phlogiston"),
        ("gwp", {"ch4_kg": 1, "gwp": "AR9"}, {"co2e_kg": 1}, "AR9"),
        ("scope2_location", {"mwh": 1, "year": 2035, "province": "CN-SC"}, {"tco2": 1}, "no factor for 2035"),
        ("scope2_location", {"mwh": 1, "year": 2022, "province": "CN-XX"}, {"tco2": 1}, "CN-XX"),
        (
            "scope2_location",
            {"mwh": 1, "year": 2022, "province": "CN-SC", "as_of": "2024-01-01"},
            {"tco2": 1},
            "CN-SC",
        ),
        ("scope2_location", {"t": 1, "year": 2022, "province": "CN-SC"}, {"tco2": 1}, "t"),
        ("unc_approach1", {"rows": [{"C": 0, "D": 1, "E": 5, "F": 5}]}, {"total_pct": 1}, "base year"),
        ("unc_product", {"u_pct": [-5]}, {"u_total_pct": 5}, "-5"),
        ("unit", {"distance_km": 5, "kg_per_gj": 3}, {"kg": 1}, "do not go together"),
        ("stacking_multiplicative", {"baseline": 1, "reductions": [1.5]}, {"total": 1}, "above_100_percent"),
        ("stacking_owen", {"baseline_t": 1, "reductions": [0.5], "companies": [[1]]}, {"joint": 1}, "one company"),
        ("stacking_owen", {"baseline_t": 1, "reductions": [0.5], "companies": [["a"]]}, {"joint": 1}, "positions"),
        ("shapley", {"players": ["a"], "v": {"b": 1}}, {"sum": 1}, "no coalition"),
        ("shapley", {"players": ["a", "b"], "v": {"a+b": 1, "b+a": 2}}, {"sum": 1}, "twice"),
        ("shapley_airport", {"costs": [-1]}, {"sum": 1}, "not below zero"),
        ("lmdi", {"t0": [[1, 1]], "t1": [[1, 1, 1]]}, {"total": 1}, "same sectors"),
        ("lmdi_zero", {"a": {"v0": 6}}, {"total": 1}, "v0, vt, x0 and xt"),
        ("lmdi_factors", {"factors": ["a"], "v0": 0, "vt": 1, "x0": [1], "xt": [1]}, {"total": 1}, "LmdiError"),
        ("gpc_loss", {"consumption_mwh": 1, "loss_rate": 2, "grid_t_per_mwh": 1}, {"scope2_t": 1}, "loss_above_all"),
        ("reconciliation", {"values_Mt": {"a": 0}}, {"max_ratio": 1}, "not_above_zero"),
    ],
)
def test_what_the_engine_refuses_is_a_miss_with_its_reason(
    kind: str, inputs: dict[str, Any], expected: dict[str, Any], why: str
) -> None:
    assert why in outcome(example(kind, inputs, expected)).why


# The command


def run(path: Path, *arguments: str) -> tuple[list[str], int]:
    out = io.StringIO()
    try:
        call_command("check_examples", str(path), *arguments, stdout=out)
    except SystemExit as stop:
        assert isinstance(stop.code, int)
        return out.getvalue().splitlines(), stop.code
    return out.getvalue().splitlines(), 0


def file_of(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "examples.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_the_command_prints_every_example_and_last_the_count(tmp_path: Path) -> None:
    good = example("trend", {"old": 200, "new": 150}, {"pct": -25})
    lines, code = run(file_of(tmp_path, [good]))
    assert (lines, code) == (['own-trend  {"pct":-25}  {"pct":-25.0}  pass', "1 passed, 0 failed"], 0)
    lines, code = run(file_of(tmp_path, [good, good | {"id": "odd", "kind": "astrology"}]))
    assert (lines[1].split()[0], lines[-1], code) == ("odd", "1 passed, 1 failed", 1)
    assert "astrology" in lines[1]


def test_the_command_keeps_to_the_kinds_that_are_asked_for() -> None:
    lines, code = run(FILE, "--kinds", "heat, waste")
    assert [line.split()[0] for line in lines] == ["cn-heat", "landfill-l0", "2"]
    assert (lines[-1], code) == ("2 passed, 0 failed", 0)


@pytest.mark.parametrize("kinds", ["astrology", "heat,astrology", "", "heat,"])
def test_a_kind_that_does_not_exist_cannot_be_asked_for(kinds: str) -> None:
    with pytest.raises(CommandError, match="no such kind"):
        run(FILE, "--kinds", kinds)


@pytest.mark.parametrize("content", ["{", "{}", "[NaN]", "[]", '"text"'])
def test_a_file_that_holds_no_examples_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(CommandError):
        run(file_of(tmp_path, content))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run(tmp_path / "nowhere.json")
    with pytest.raises(CommandError, match="cannot be read"):
        run(tmp_path)
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="not JSON"):
        run(binary)


def test_no_example_of_the_asked_kinds_is_an_error_and_no_pass(tmp_path: Path) -> None:
    with pytest.raises(ExampleError, match="no example"):
        check(read(file_of(tmp_path, [example("trend", {"old": 1, "new": 2}, {"pct": 100})])), ["heat"])
