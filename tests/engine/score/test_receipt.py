"""A receipt computed again: what holds, what is found, and what no receipt is."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine import VERSION, Inputs, canonical_json, score
from scoring.engine.errors import EngineError, NotAReceipt, TooFewContributors
from scoring.engine.score import receipt as receipts
from scoring.engine.score.receipt import PARTS, SCHEMA, Receipt, Verdict, parse, verify
from tests.engine.make import AS_OF, company, methodology_json, record_of, year
from tests.engine.score.test_assisted import ASSISTED, METHOD, REPORTERS, estimate, silent

METHODOLOGY_JSON = methodology_json()
Path = tuple[str | int, ...]
LEDGER = {
    "year": 2023,
    "disclosure": "disclosure-2023",
    "calculation": "c" * 64,
    "tables_digest": "d" * 64,
    "gwp_set": "AR6",
    "as_of": "2024-05-01",
    "scope_1_t": 90.0,
    "scope_2_location_t": 10.0,
    "scope_2_market_t": None,
    "scope_3_t": 0.0,
    "factors": [{"id": "cn-grid/CN/2022", "value": 0.5366, "unit": "kg/kWh", "lines": 2}],
}


def made(facts: Any = None, **overrides: Any) -> Any:
    """Alice Steel's receipt, as plain JSON."""
    inputs = facts or company()
    parts: dict[str, Any] = {
        "question": {"company_key": inputs["company_key"], "run": 7, "as_of": AS_OF.isoformat(), "seed": None},
        "inputs": inputs,
        "ledgers": [LEDGER],
        "methodology": METHODOLOGY_JSON,
        "record": record_of(inputs),
        "made_with": {"python": "3.11.7", "numpy": "2.3.0"},
    }
    return json.loads(canonical_json(receipts.write(**(parts | overrides))))


def assisted() -> Any:
    """The receipt of a company whose emissions a model estimated, scored in a batch with another."""
    data, gap = methodology_json(), silent()
    data["parameters"]["assisted"], data["calibration"]["reporters"] = ASSISTED, REPORTERS
    record = score(Inputs.from_records([gap, company()]), METHOD, AS_OF, [estimate(), None]).record(0)
    question = made(gap)["question"] | {"seed": ASSISTED["seed"]}
    return made(gap, methodology=data, record=record, question=question)


def forged(receipt: Any) -> Any:
    """With all digests made to fit again."""
    digests = {name: receipts.digest_of(receipt[name]) for name in (*PARTS, "made_with")}
    return receipt | {"digests": digests | {"receipt": receipts.receipt_digest(digests)}}


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, dict | list) and value:
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(part, (*path, key))
    else:
        yield path


def at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def changed(receipt: Any, path: Path, value: Any) -> Any:
    found = copy.deepcopy(receipt)
    at(found, path[:-1])[path[-1]] = value
    return found


def numbers(receipt: Any, part: str) -> list[Path]:
    found = [(part, *path) for path in leaves(receipt[part])]
    return [path for path in found if type(at(receipt, path)) in (int, float)]


# --- what holds ------------------------------------------------------------------------------------------
def test_a_receipt_comes_out_again_to_the_last_bit() -> None:
    receipt = made()
    assert verify(parse(canonical_json(receipt))) == Verdict("identical", receipt["digests"]["receipt"], VERSION)


def test_its_layout_does_not_matter() -> None:
    assert verify(parse(json.dumps(made(), indent=4))).outcome == "identical"


def test_a_company_that_was_not_scored_has_a_receipt_too() -> None:
    receipt = made(company(years=[], targets=[]))
    assert receipt["record"]["status"] == "insufficient"
    assert verify(receipt).outcome == "identical"


def test_an_assisted_score_comes_out_again_without_its_model() -> None:
    receipt = assisted()
    assert verify(receipt).outcome == "identical"
    nearer = ("record", "assisted_score", "estimates", 0, "log10_t")
    assert verify(forged(changed(receipt, nearer, [1.0, 1.9, 3.0]))).outcome == "different"
    found = verify(forged(changed(receipt, ("question", "seed"), 2)))
    assert found.first and (found.first.path, found.first.said, found.first.found) == ("question/seed", 2, 1)


def test_digests_are_those_that_anyone_can_compute() -> None:
    def sha256(part: Any) -> str:
        text = json.dumps(part, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()

    receipt = made()
    names = ("question", "versions", "inputs", "ledgers", "methodology", "record")
    assert {name: receipt["digests"][name] for name in names} == {name: sha256(receipt[name]) for name in names}
    assert receipt["digests"]["receipt"] == sha256({name: sha256(receipt[name]) for name in names})
    assert receipt["digests"]["methodology"] == receipt["record"]["methodology_digest"]


def test_where_it_was_written_is_no_part_of_what_it_says() -> None:
    here, there = made(), made(made_with={"python": "3.12.1", "numpy": "2.4.0"})
    assert here["digests"]["receipt"] == there["digests"]["receipt"]


# --- what is found ---------------------------------------------------------------------------------------
def test_whatever_is_changed_afterwards_its_part_is_named() -> None:
    receipt = made()
    paths = [path for path in leaves(receipt) if path[0] not in ("schema", "digests")]
    assert len(paths) > 250
    for path in paths:
        old = at(receipt, path)
        new = old + 1 if type(old) in (int, float) else "2025-07-01" if path[-1] == "as_of" else "changed"
        assert verify(changed(receipt, path, new)).tampered == (path[0],), path


@pytest.mark.parametrize("name", [*PARTS, "made_with", "receipt"])
def test_a_digest_that_was_changed_is_named(name: str) -> None:
    found = verify(changed(made(), ("digests", name), "0" * 64))
    assert name in found.tampered
    assert not found.holds


def test_the_last_bits_may_differ_between_machines() -> None:
    receipt = made()
    value = receipt["record"]["emissions_score"]["value"]
    place = ("record", "emissions_score", "value")
    unit = 1e-10  # of the twelfth digit of a score from 10 to 100
    assert 10 <= value < 100
    assert verify(forged(changed(receipt, place, value + unit))).outcome == "identical"
    assert verify(forged(changed(receipt, place, value - 2 * unit))).outcome == "equal within 1e-9"
    found = verify(forged(changed(receipt, place, value * (1 + 1e-8))))
    assert found.outcome == "different"
    assert found.first and (found.first.path, found.first.found) == ("record/emissions_score/value", value)


def test_a_record_is_stored_with_twelve_significant_digits() -> None:
    for path in numbers(made(), "record"):
        assert at(made(), path) == float(f"{at(made(), path):.12g}"), path


def test_a_forger_who_mends_the_digests_is_found_by_the_arithmetic() -> None:
    """Except where the score does not use the figure: then only the receipt's digest is another one."""
    rows = [year(2021, scope1_t=None), year(2022, scope1_t=100.0, scope2_t=25.0), year(2023)]
    receipt = made(company(years=rows))
    unnoticed = set()
    for part in ("inputs", "methodology", "record"):
        for path in numbers(receipt, part):
            old = at(receipt, path)
            forgery = forged(changed(receipt, path, old + 1 if type(old) is int else old * 1.001 + 0.0017))
            assert forgery["digests"]["receipt"] != receipt["digests"]["receipt"]
            try:
                if verify(forgery).holds:
                    unnoticed.add("/".join(map(str, path)))
            except EngineError:
                continue  # refused: found as well
    # The year without scope 1 counts nowhere, and only the latest revenue makes the intensity.
    assert unnoticed == {
        "inputs/years/0/scope2_t",
        "inputs/years/0/revenue",
        "inputs/years/0/cny_per_unit",
        "inputs/years/1/revenue",
        "inputs/years/1/cny_per_unit",
    }


def test_the_first_difference_is_told_with_both_values() -> None:
    dirtier = company(years=[year(2022, scope1_t=100.0, scope2_t=25.0), year(2023, scope1_t=91.0)])
    found = verify(forged(made() | {"inputs": dirtier}))
    place = "record/emissions_score/pillars/0/contribution"  # the first that follows from it, in canonical order
    said, computed = (record_of(each)["emissions_score"] for each in (company(), dirtier))
    assert said and computed and found.first
    first = (found.first.path, found.first.said, found.first.found)
    assert first == (place, said["pillars"][0]["contribution"], computed["pillars"][0]["contribution"])


def test_the_receipt_of_another_company_is_not_this_one_s() -> None:
    receipt = made()
    found = verify(forged(changed(receipt, ("question", "company_key"), "bob")))
    assert found.first and (found.first.path, found.first.said, found.first.found) == (
        "question/company_key",
        "bob",
        "alice",
    )


def test_another_engine_is_computed_by_this_one_and_said() -> None:
    receipt = changed(made(), ("versions", "engine"), "0.0.9")
    receipt = forged(changed(receipt, ("record", "engine"), "0.0.9"))
    found = verify(receipt)
    assert (found.outcome, found.engine, found.is_other_engine) == ("identical", "0.0.9", True)


def test_two_names_of_the_engine_in_one_receipt_are_found() -> None:
    found = verify(forged(changed(made(), ("versions", "engine"), "0.0.9")))
    assert found.first and found.first.path == "record/engine"


@pytest.mark.parametrize(
    ("said", "found", "paths"),
    [
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 0.0}, {"a": 1e-13}, []),
        ({"a": 0.0}, {"a": 1e-11}, ["a"]),
        ({"a": 1}, {"a": True}, ["a"]),
        ({"a": None}, {"a": 0}, ["a"]),
        ({"a": "1"}, {"a": 1}, ["a"]),
        ({"a": None}, {}, ["a"]),
        ({"b": 1, "a": [1, 2]}, {"b": 2, "a": [1]}, ["a/1", "b"]),
        ({"a": []}, {"a": {}}, ["a"]),
    ],
)
def test_differences_in_canonical_order(said: Any, found: Any, paths: list[str]) -> None:
    assert [each.path for each in receipts.differences(said, found)] == paths


# --- what no receipt is ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", "a receipt is an object"),
        ("null", "a receipt is an object"),
        ("{}", "schema is not"),
        ('{"schema": "greenlight-receipt/2"}', "schema is not"),
        (json.dumps({"schema": SCHEMA}), "absent or unexpected names"),
        ('{"a": NaN}', "not finite"),
        ('{"a": -Infinity}', "not finite"),
        ('{"a": 1e999}', "not finite"),
        ('{"a": 1, "a": 2}', "twice"),
        ('{"a": ' + "9" * 5000 + "}", "more digits"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' * 100_000, "nested too deeply"),
        ('{"a": "\\ud800"}', "no Unicode"),
    ],
)
def test_what_is_no_receipt_is_refused_by_name(text: str, words: str) -> None:
    with pytest.raises(NotAReceipt, match=words):
        parse(text)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("question", "as_of"), "tomorrow"),
        (("question", "as_of"), 20250630),
        (("question", "run"), "7"),
        (("question", "more"), 1),
        (("digests", "inputs"), 1),
        (("versions", "engine"), None),
        (("inputs",), []),
        (("ledgers",), {}),
        (("more",), 1),
    ],
)
def test_a_part_of_another_shape_is_refused(path: Path, value: Any) -> None:
    with pytest.raises(NotAReceipt):
        parse(json.dumps(changed(made(), path, value)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip
WHOLE = (made(), assisted())
NODES = [
    (receipt, path[:n])
    for receipt in WHOLE
    for path in leaves(receipt)
    for n in range(2, len(path) + 1)
    if path[0] not in ("schema", "digests")
]


@given(st.sampled_from(NODES), JSON)
def test_whatever_a_forger_writes_there_is_an_answer(place: tuple[Any, Path], value: Any) -> None:
    forgery = forged(changed(*place, value))
    try:
        found = verify(parse(canonical_json(forgery)))
    except EngineError:
        return
    assert found.outcome in ("identical", "equal within 1e-9", "different")


def test_goalposts_of_fewer_than_five_companies_leave_no_house() -> None:
    posts = METHODOLOGY_JSON["calibration"]["goalposts"]["carbon_intensity"]["economy"]
    few = copy.deepcopy(METHODOLOGY_JSON)
    few["calibration"]["goalposts"]["carbon_intensity"]["economy"] = posts | {"n": 4}
    with pytest.raises(TooFewContributors, match="carbon_intensity, economy"):
        made(methodology=few)


def test_quantiles_of_fewer_than_five_companies_neither() -> None:
    few = methodology_json()
    few["calibration"]["reporters"] = {"plan": {"economy": {"values": [1.0], "n": 4}, "sectors": {}}}
    with pytest.raises(TooFewContributors, match="the reporters of plan, economy"):
        made(methodology=few)


def test_the_schema_is_what_the_documentation_names() -> None:
    assert set(made()) == set(Receipt.__annotations__)
    assert made()["schema"] == "greenlight-receipt/1"
