"""Receipts of the new score: computed again by the engine, and by one file of plain Python in another process."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scoring.engine.columns import canonical_json
from scoring.engine.errors import NotAReceipt, TooFewContributors
from scoring.engine.score.bar_sheet import BarSheet
from scoring.engine.score.receipt import PARTS, Receipt, digest_of, parse, receipt_digest, verify, write
from scoring.proofs import verifier
from tests.engine.score.candidates import AFTER, AS_OF, SHEET, family, scored, sheet_json, tailwind, year
from tests.engine.score.random_candidates import random_candidates
from tests.engine.score.test_theme import estimate, features

VERIFIER = Path(verifier.__file__)


def receipt(record: Any = None, as_of: date = AS_OF, told_by_model: Any = None, sheet: BarSheet = SHEET) -> Receipt:
    record = record or tailwind()
    result = scored(record, as_of=as_of, estimates=[told_by_model], sheet=sheet)
    made = result.record(0)
    return write(
        question={"company_key": record["company_key"], "run": 7, "as_of": as_of.isoformat()},
        inputs=record,
        ledgers=[],
        sheet=sheet.to_json() if made["kind"] == "candidate" else None,
        estimate=told_by_model,
        record=made,
        made_with={"python": "3.11"},
    )


def assisted() -> Receipt:
    record = tailwind(features=features())
    record["candidacy"]["years"] = [year(scope1=None, scope2_location=None)]
    return receipt(record, told_by_model=estimate())


def with_digests_made_to_fit(changed: Any) -> Any:
    digests = {name: digest_of(changed[name]) for name in (*PARTS, "made_with")}
    return changed | {"digests": digests | {"receipt": receipt_digest(digests)}}


def run(path: Path) -> tuple[int, str]:
    """The verifier as a stranger runs it: no environment, none of our modules on the path."""
    done = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), str(path)], capture_output=True, text=True, env={}, cwd=path.parent
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "receipt.json"


def test_a_receipt_is_computed_again() -> None:
    for made in (receipt(), assisted(), receipt(as_of=AFTER)):
        again = parse(canonical_json(made))
        assert verify(again).outcome == "identical"


@pytest.mark.parametrize("by", [{}, {"temperature_edition": "1.5"}], ids=["by 1.0, which named no edition", "by 1.5"])
def test_degrees_of_any_edition_stand_in_a_receipt_as_they_were(by: dict[str, str], file: Path) -> None:
    made = json.loads(canonical_json(receipt()))
    made["record"]["measured"] |= {"temperature_c": 1.88, "time_frame": "mid", **by}
    old = with_digests_made_to_fit(made)
    assert verify(parse(canonical_json(old))).outcome == "identical"
    file.write_text(canonical_json(old), encoding="utf-8")
    assert run(file)[0] == 0


def test_a_peers_receipt_holds_too(file: Path) -> None:
    peer = tailwind("peer")
    del peer["candidacy"]
    made = receipt(peer)
    assert (made["sheet"], verify(made).outcome) == (None, "identical")
    file.write_text(canonical_json(made), encoding="utf-8")
    assert run(file)[0] == 0


def test_the_verifier_says_the_same_as_the_engine(file: Path) -> None:
    file.write_text(canonical_json(receipt()), encoding="utf-8")
    assert run(file) == (0, f"{file}: holds: P 0.87187, 3 of 3 cleared, 3 known, gates passed\n")
    file.write_text(json.dumps(assisted(), indent=2), encoding="utf-8")
    assert run(file)[0] == 0


@pytest.mark.parametrize(
    "path",
    [
        ("inputs", "candidacy", "years", 0, "scope1", "value"),
        ("inputs", "candidacy", "years", 0, "ebit", "value"),
        ("inputs", "candidacy", "years", 0, "sold", 0, "service", "value"),
        ("sheet", "judgements", "bar_share"),
        ("record", "candidacy", "r", "p"),
        ("record", "candidacy", "reported", "p_cleared"),
        ("record", "candidacy", "c", "sigma"),
    ],
)
def test_a_changed_digit_is_found_even_where_digests_were_made_to_fit(path: tuple[Any, ...], file: Path) -> None:
    changed = copy.deepcopy(receipt())
    at: Any = changed
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] *= 1.0001
    assert verify(changed).outcome == "tampered"
    fits = with_digests_made_to_fit(changed)
    found = verify(fits)
    assert found.outcome == "different"
    assert found.differences
    file.write_text(canonical_json(fits), encoding="utf-8")
    status, said = run(file)
    assert status == 1
    assert "differs: " in said
    file.write_text(canonical_json(changed), encoding="utf-8")
    assert f"the digest of {path[0]} does not fit" in run(file)[1]


def test_every_difference_is_named() -> None:
    changed = copy.deepcopy(receipt())
    changed["record"]["candidacy"]["o"]["p"] = 0.5  # type: ignore[index]
    changed["record"]["candidacy"]["c"]["value"] = 1.0  # type: ignore[index]
    found = verify(with_digests_made_to_fit(changed))
    assert [one.path for one in found.differences] == ["record/candidacy/c/value", "record/candidacy/o/p"]


def test_what_is_no_receipt_is_said_so(file: Path) -> None:
    file.write_text("{}", encoding="utf-8")
    assert run(file)[0] == 2
    with pytest.raises(NotAReceipt):
        parse("{}")
    made: Any = receipt()
    with pytest.raises(NotAReceipt):
        parse(canonical_json(made | {"schema": "greenlight-receipt/1"}))


def test_a_median_of_few_makes_no_receipt() -> None:
    bar = family()["footprint_bar"] | {"n": 4}
    with pytest.raises(TooFewContributors):
        receipt(sheet=BarSheet.from_json(sheet_json(families=[family(footprint_bar=bar)])))


@pytest.mark.parametrize("as_of", [AS_OF, AFTER, date(2029, 2, 1)])
def test_engine_and_verifier_agree_on_random_candidates(as_of: date) -> None:
    """Two implementations of the method: columns in closed form, and loops over the years."""
    records = random_candidates(1000, seed=as_of.year)
    result = scored(*records, as_of=as_of)
    sheet = SHEET.to_json()
    for i, record in enumerate(records):
        made = result.record(i)
        question = {"as_of": as_of.isoformat()}
        again = verifier.recompute(
            {"inputs": record, "question": question, "sheet": sheet, "estimate": None, "record": made}
        )
        assert list(verifier.differences(made, again)) == []


def test_engine_and_verifier_agree_on_what_a_model_fills() -> None:
    records = random_candidates(600, seed=21)
    models = [
        estimate(year=record["candidacy"]["years"][-1]["year"]) if record["candidacy"]["years"] else None
        for record in records
    ]
    result = scored(*records, estimates=models)
    filled = 0
    for i, record in enumerate(records):
        made: Any = result.record(i)
        filled += made["candidacy"]["assisted"] is not None
        question, sheet = {"as_of": AS_OF.isoformat()}, SHEET.to_json()
        again = verifier.recompute(
            {"inputs": record, "question": question, "sheet": sheet, "estimate": models[i], "record": made}
        )
        assert list(verifier.differences(made, again)) == []
    assert filled > 10


def test_the_verifier_imports_nothing_of_ours() -> None:
    text = VERIFIER.read_text(encoding="utf-8")
    assert {line.split()[1] for line in text.splitlines() if line.startswith(("import ", "from "))} <= {
        "calendar",
        "datetime",
        "hashlib",
        "json",
        "math",
        "pathlib",
        "sys",
        "typing",
    }


def test_the_digest_of_the_sheet_is_that_of_the_sheet_in_the_receipt() -> None:
    made: Any = receipt(tailwind(), sheet=SHEET)
    assert made["record"]["sheet_digest"] == verifier.digest(made["sheet"])
