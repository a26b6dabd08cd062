"""A score of method `theme-1` as one JSON document that can be computed again anywhere, and the check that does so.

Schema `greenlight-receipt/2`: the parts that a score follows from, what came out, and a digest of each. It holds one
company's data and the bar sheet, whose medians are of at least five companies.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypedDict, cast

from scoring.engine.columns import DIGITS, VERSION, canonical_json, digest
from scoring.engine.errors import EngineError, NotAReceipt, TooFewContributors
from scoring.engine.inputs import CompanyRecord, Inputs
from scoring.engine.score.bar_sheet import BarSheet
from scoring.engine.score.bars.assisted import EstimateRecord, checked
from scoring.engine.score.measured import MeasuredRules
from scoring.engine.score.record import ScoreRecord
from scoring.engine.score.theme import score

SCHEMA = "greenlight-receipt/2"
# What the receipt's own digest covers.
PARTS = ("question", "versions", "inputs", "ledgers", "sheet", "estimate", "record")
LEAST_CONTRIBUTORS = 5  # METHOD 8.9: to a median each company gives one figure, so none is above 60 % of it either
# Figures of the measured part that rest on tables which are not in the receipt: compared where those are given.
OF_TABLES = ("temperature_c", "time_frame", "temperature_edition", "pathway_c")
RELATIVE, NEXT_TO_ZERO = 1e-9, 1e-12
LONGEST_WHOLE = 20  # digits, with the sign

Outcome = Literal["identical", "equal within 1e-9", "different", "tampered"]


class Question(TypedDict):
    company_key: str
    run: int
    as_of: str


class Versions(TypedDict):
    engine: str
    method: str
    sheet: str | None  # None: of a peer


class FactorRecord(TypedDict):
    """A factor by its id, which never comes to mean another number. Of another supplier's only the numbers."""

    id: str
    activity: str | None
    region: str | None
    data_year: int | None
    purpose: str | None
    gas: str | None
    value: float | None  # None: the tables here do not hold it
    unit: str | None
    published: str | None
    publisher: str | None
    source: str | None
    licence: str | None
    lines: int  # of the ledger that rest on it


class LedgerRecord(TypedDict):
    """What the ledger behind a verified year came to when it was verified."""

    year: int
    disclosure: str  # its digest, as in the inputs
    calculation: str  # the digest of the calculation as it was stored
    tables_digest: str
    gwp_set: str
    as_of: str
    scope_1_t: float
    scope_2_location_t: float
    scope_2_market_t: float | None
    scope_3_t: float
    factors: list[FactorRecord]


class Receipt(TypedDict):
    schema: str
    question: Question
    versions: Versions
    inputs: CompanyRecord
    ledgers: list[LedgerRecord]
    sheet: dict[str, Any] | None
    estimate: EstimateRecord | None
    record: ScoreRecord
    made_with: dict[str, str]  # information: where the receipt was written
    digests: dict[str, str]  # of each part and of made_with; `receipt` is that of the parts' digests


@dataclass(frozen=True)
class Difference:
    """A place where two documents differ; ABSENT where one of them has nothing."""

    path: str
    said: object
    found: object


@dataclass(frozen=True)
class Verdict:
    outcome: Outcome
    digest: str  # of the receipt, as it says itself
    engine: str  # that the receipt names
    tampered: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()  # every one, in the order of the file

    @property
    def holds(self) -> bool:
        return self.outcome in ("identical", "equal within 1e-9")

    @property
    def is_other_engine(self) -> bool:
        return self.engine != VERSION


class _Absent:
    def __repr__(self) -> str:
        return "absent"


ABSENT = _Absent()


# --- writing -------------------------------------------------------------------------------------------
def write(
    *,
    question: Question,
    inputs: CompanyRecord,
    ledgers: list[LedgerRecord],
    sheet: dict[str, Any] | None,
    estimate: EstimateRecord | None,
    record: ScoreRecord,
    made_with: dict[str, str],
) -> Receipt:
    """The receipt of a score. Raises TooFewContributors where a bar would tell single companies' figures."""
    if sheet is not None:
        _check_contributors(sheet)
    parts: dict[str, Any] = {
        "question": question,
        "versions": {"engine": record["engine"], "method": record["method"], "sheet": record["sheet"]},
        "inputs": inputs,
        "ledgers": ledgers,
        "sheet": sheet,
        "estimate": estimate,
        "record": record,
    }
    digests = {name: digest_of(part) for name, part in parts.items()}
    digests |= {"made_with": digest_of(made_with), "receipt": receipt_digest(digests)}
    return cast(Receipt, {"schema": SCHEMA, **parts, "made_with": made_with, "digests": digests})


def _check_contributors(sheet: Mapping[str, Any]) -> None:
    for family in sheet["families"]:
        bar = family["footprint_bar"]
        if bar is not None and bar["basis"] == "median" and (bar["n"] or 0) < LEAST_CONTRIBUTORS:
            raise TooFewContributors(f"the footprint bar of {family['code']} rests on too few", value=bar["n"])


def digest_of(part: Any) -> str:
    """SHA-256 (hex) of a part's canonical JSON."""
    return digest(canonical_json(part))


def receipt_digest(digests: Mapping[str, str]) -> str:
    """SHA-256 of the digests of all PARTS."""
    return digest_of({name: digests[name] for name in PARTS})


# --- reading -------------------------------------------------------------------------------------------
def parse(text: str) -> Receipt:
    """The receipt in a text. Raises NotAReceipt on anything else; whether it is true is for `verify`."""
    try:
        found = json.loads(
            text, parse_constant=_refuse, parse_float=_finite, parse_int=_whole, object_pairs_hook=_without_twins
        )
        canonical_json({"": found}).encode()  # a lone surrogate has no UTF-8
    except NotAReceipt:
        raise
    except UnicodeEncodeError as error:
        raise NotAReceipt("a text that is no Unicode", value=error.object[error.start : error.end]) from error
    except RecursionError as error:
        raise NotAReceipt("nested too deeply") from error
    except ValueError as error:
        raise NotAReceipt("not JSON", value=str(error)[:200]) from error
    _check_shape(found)
    return cast(Receipt, found)


def _refuse(name: str) -> None:
    raise NotAReceipt("a number that is not finite", value=name)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotAReceipt("a number that is not finite", value=text[:40])
    return number


def _whole(text: str) -> int:
    if len(text) > LONGEST_WHOLE:
        raise NotAReceipt("a whole number of more digits than anything counted here", value=text[:40])
    return int(text)


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        raise NotAReceipt("a name twice in one object", value=next(name for name in names if names.count(name) > 1))
    return found


def _check_shape(found: object) -> None:
    if not isinstance(found, dict):
        raise NotAReceipt("a receipt is an object", value=type(found).__name__)
    if found.get("schema") != SCHEMA:
        raise NotAReceipt(f"schema is not {SCHEMA}", value=found.get("schema"))
    _check_names(found, Receipt.__annotations__, "receipt")
    for name in ("question", "versions", "inputs", "record", "made_with", "digests"):
        _check_kind(found[name], dict, name)
    for name in ("sheet", "estimate"):
        _check_kind(found[name], (dict, type(None)), name)
    _check_kind(found["ledgers"], list, "ledgers")
    _check_names(found["question"], Question.__annotations__, "question")
    _check_names(found["versions"], Versions.__annotations__, "versions")
    _check_names(found["digests"], (*PARTS, "made_with", "receipt"), "digests")
    for key, value in found["versions"].items():
        _check_kind(value, (str, type(None)) if key == "sheet" else str, f"versions/{key}")
    for key, value in found["digests"].items():
        _check_kind(value, str, f"digests/{key}")
    _check_kind(found["question"]["company_key"], str, "question/company_key")
    _check_kind(found["question"]["run"], int, "question/run")
    _day(found["question"]["as_of"])


def _check_names(found: Mapping[str, object], expected: Iterable[str], name: str) -> None:
    if wrong := sorted(found.keys() ^ set(expected)):
        raise NotAReceipt(f"{name} has absent or unexpected names", value=wrong)


def _check_kind(value: object, kind: type | tuple[type, ...], name: str) -> None:
    if not isinstance(value, kind):
        raise NotAReceipt(f"{name} is of another kind", value=value)


def _day(text: object) -> date:
    try:
        return date.fromisoformat(text)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise NotAReceipt("as_of is not a day", value=text) from error


# --- checking ------------------------------------------------------------------------------------------
def recompute(receipt: Receipt, rules: MeasuredRules | None = None) -> ScoreRecord:
    """The score again, from nothing but the receipt: what a score follows from stands in this one place.

    Raises the EngineError that names what the engine refuses.
    """
    inputs = Inputs.from_records([receipt["inputs"]])
    sheet = None if receipt["sheet"] is None else BarSheet.from_json(receipt["sheet"])
    estimate = None if receipt["estimate"] is None else checked(receipt["estimate"])
    return score(inputs, sheet, _day(receipt["question"]["as_of"]), [estimate], rules).record(0)


def verify(receipt: Receipt, rules: MeasuredRules | None = None) -> Verdict:
    """Is every part what it was, and does the score come out again? Raises EngineError, as `recompute` does.

    A receipt by another engine is computed by this one; the engines' names themselves are then not compared. Without
    `rules` the figures of OF_TABLES are taken as they stand: no bar and no gate rests on them.
    """
    engine = receipt["versions"]["engine"]
    own = receipt["digests"]["receipt"]
    if wrong := _tampered(receipt):
        return Verdict("tampered", own, engine, tampered=wrong)
    try:
        again = recompute(receipt, rules)
        if rules is None:
            said = receipt["record"]["measured"]
            again["measured"].update({name: said[name] for name in OF_TABLES if name in said})  # type: ignore[typeddict-item,literal-required]
    except EngineError:
        raise
    except Exception as error:  # a part may hold anything at all, and the next receipt is to be checked all the same
        raise NotAReceipt("a part that the engine cannot read", value=f"{type(error).__name__}: {error}") from error
    if engine != VERSION:
        again = again | {"engine": engine}
    found: dict[str, Any] = {
        "question": receipt["question"] | {"company_key": again["company_key"], "as_of": again["as_of"]},
        "versions": {"engine": again["engine"], "method": again["method"], "sheet": again["sheet"]},
        "record": again,
    }
    expected = {name: receipt[name] for name in found}  # type: ignore[literal-required]
    if next(differences(expected, found, alike=_is_the_same_figure), None) is None:
        return Verdict("identical", own, engine)
    left = tuple(differences(expected, found))
    return Verdict("different" if left else "equal within 1e-9", own, engine, differences=left)


def _tampered(receipt: Receipt) -> tuple[str, ...]:
    """The parts whose digest is another; `receipt` where the digests themselves were changed."""
    said = receipt["digests"]
    parts: dict[str, Any] = {name: receipt[name] for name in (*PARTS, "made_with")}  # type: ignore[literal-required]
    wrong = [name for name, part in parts.items() if digest_of(part) != said[name]]
    return (*wrong, *([] if receipt_digest(said) == said["receipt"] else ["receipt"]))


def _is_close(said: float, found: float) -> bool:
    """Within 1e-9 of the larger (1e-12 next to zero)."""
    return math.isclose(said, found, rel_tol=RELATIVE, abs_tol=NEXT_TO_ZERO)


def _is_the_same_figure(said: float, found: float) -> bool:
    """Within one unit of the last digit that is stored: a last bit that differs can move no more than that."""
    larger = max(abs(said), abs(found))
    return said == found or abs(said - found) <= 1.001 * 10.0 ** (math.floor(math.log10(larger)) + 1 - DIGITS)


def differences(
    said: object, found: object, path: str = "", *, alike: Callable[[float, float], bool] = _is_close
) -> Iterator[Difference]:
    """Where two documents differ, in canonical order; figures that are `alike` do not."""
    if isinstance(said, dict) and isinstance(found, dict):
        for name in sorted(said.keys() | found.keys()):
            at = f"{path}/{name}" if path else name
            yield from differences(said.get(name, ABSENT), found.get(name, ABSENT), at, alike=alike)
    elif isinstance(said, list) and isinstance(found, list):
        for i in range(max(len(said), len(found))):
            one, other = (each[i] if i < len(each) else ABSENT for each in (said, found))
            yield from differences(one, other, f"{path}/{i}", alike=alike)
    elif not (alike(said, found) if _is_number(said) and _is_number(found) else _is_equal(said, found)):  # type: ignore[arg-type]
        yield Difference(path, said, found)


def _is_equal(said: object, found: object) -> bool:
    return type(said) is type(found) and said == found


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
