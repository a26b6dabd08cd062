"""Receipts: a stored score → one JSON file, and the files that people bring back."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any, cast

import numpy as np
from django.db import models
from django.utils.translation import gettext_lazy as _

from portfolio.models import LocalFactor
from scoring.engine.accounting.reference import Factor
from scoring.engine.columns import canonical_json, digest
from scoring.engine.errors import EngineError, NotAReceipt
from scoring.engine.score import receipt as engine
from scoring.engine.score.receipt import FactorRecord, LedgerRecord, Question, Receipt
from scoring.engine.score.record import BARS, ScoreRecord
from scoring.models import BarSheet, Score, ScoreItem
from scoring.models.ledger import Calculation, FactorImport, FactorUse
from scoring.runs.retired import RetiredReceipt, retired_receipt
from scoring.tables import factors as reference_data
from scoring.tables.in_force import from_json, of_local, plain_place

CHUNK = 200  # receipts made at once; a few megabytes
LARGEST_BYTES = 8_000_000  # of a file; a receipt has some 30,000
LOCAL = re.compile(r"local/(?P<supplier>.+)/(?P<pk>[0-9]{1,18})")
WITHHELD = "another supplier"
REFUSED = _(
    "No receipt can be made of this score: what is stored does not fit its digests."
    " The log says more; please tell an administrator."
)


class ReceiptRefused(Exception):
    """A stored score of which no receipt can be made, in a sentence."""


# --- one score -----------------------------------------------------------------------------------------
def receipt_of(score: Score) -> Receipt:
    """The receipt of one stored score; of a retired method none is made. Raises ReceiptRefused."""
    [made] = _receipts(_with_inputs(Score.objects.filter(pk=score.pk)))
    if isinstance(made, ReceiptRefused):
        raise made
    return made


def text_of(receipt: Receipt) -> str:
    """The file: canonical JSON and a newline."""
    return canonical_json(receipt) + "\n"


def file_name(run: int, company_key: str) -> str:
    """Safe on every file system, and of one score alone: `receipt-12-tw-22099131.json`."""
    safe = re.sub(r"[^a-z0-9_-]+", "-", company_key)[:60]
    if safe != company_key:  # two keys that differ in what a file name cannot say
        safe = f"{safe}-{digest(company_key)[:8]}"
    return f"receipt-{run}-{safe}.json"


def digest_of(score: Score) -> str:
    """The digest that the receipt of this score has, from the digests that are stored: no part is read again."""
    record = score.record
    question = _question(score.run_id, record)
    versions = {"engine": record["engine"], "method": record["method"], "sheet": record["sheet"]}
    parts = {
        "question": engine.digest_of(question),
        "versions": engine.digest_of(versions),
        "inputs": score.inputs_sha256,
        "ledgers": engine.digest_of(_ledgers([score])[score.pk]),
        "sheet": record["sheet_digest"] or engine.digest_of(None),
        "estimate": engine.digest_of(record["measured"]["estimate"]),
        "record": score.digest,
    }
    return engine.receipt_digest(parts)


def _question(run: int, record: ScoreRecord) -> Question:
    return Question(company_key=record["company_key"], run=run, as_of=record["as_of"])


# --- many ----------------------------------------------------------------------------------------------
def receipts(scores: models.QuerySet[Score], limit: int | None = None) -> Iterator[Receipt | ReceiptRefused]:
    """One after the other, the newest first, never more than CHUNK in memory. Those of retired methods are left out."""
    by_the_bars = scores.exclude(kind=Score.Kind.RETIRED)
    rows = _with_inputs(by_the_bars.order_by("-pk"))[:limit].iterator(chunk_size=CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        yield from _receipts(chunk)


def _with_inputs(scores: models.QuerySet[Score]) -> models.QuerySet[Score]:
    items = ScoreItem.objects.filter(run=models.OuterRef("run"), company=models.OuterRef("company"))
    return scores.select_related("run").annotate(archived_inputs=models.Subquery(items.values("inputs")[:1]))


def _receipts(scores: Iterable[Score]) -> Iterator[Receipt | ReceiptRefused]:
    chunk = list(scores)
    ledgers = _ledgers(chunk)
    used = BarSheet.objects.filter(pk__in={score.run.bar_sheet_id for score in chunk})
    contents = dict(used.values_list("pk", "content"))
    for score in chunk:
        try:
            if score.is_retired:
                raise ReceiptRefused(f"score {score.pk}: of a retired method, of which no receipt is made")
            judged_by = score.run.bar_sheet_id if score.record["sheet"] is not None else None
            sheet = _parsed(contents[judged_by]) if judged_by is not None else None  # a peer follows from no sheet
            yield _receipt(score, sheet, ledgers[score.pk])
        except ReceiptRefused as refused:
            yield refused


def _receipt(score: Score, sheet: dict[str, Any] | None, ledgers: list[LedgerRecord]) -> Receipt:
    name = f"score {score.pk}"
    inputs: str | None = score.archived_inputs  # type: ignore[attr-defined]
    if inputs is None:
        raise ReceiptRefused(f"{name}: its inputs are not archived any more")
    for what, found, stored in (
        ("inputs", digest(inputs), score.inputs_sha256),
        ("record", digest(score.record_json), score.digest),
        ("bar sheet", digest(canonical_json(sheet)) if sheet else None, score.record["sheet_digest"]),
    ):
        if found != stored:
            raise ReceiptRefused(f"{name}: its {what} were changed in the database: {found}, stored as {stored}")
    record = score.record
    try:
        return engine.write(
            question=_question(score.run_id, record),
            inputs=json.loads(inputs),
            ledgers=ledgers,
            sheet=sheet,
            estimate=record["measured"]["estimate"],  # type: ignore[arg-type]
            record=record,
            made_with={"python": platform.python_version(), "numpy": np.__version__, "machine": platform.machine()},
        )
    except EngineError as error:
        raise ReceiptRefused(f"{name}: {error}") from error


@lru_cache(maxsize=8)
def _parsed(content: str) -> dict[str, Any]:
    """A bar sheet, read once a process."""
    found: dict[str, Any] = json.loads(content)
    return found


# --- ledgers and their factors -------------------------------------------------------------------------
def _ledgers(scores: Sequence[Score]) -> dict[int, list[LedgerRecord]]:
    """Score → by year, what the ledgers came to that its figures were verified with."""
    used = {score.pk: set() if score.is_retired else _sources(score.record) for score in scores}
    rows = Calculation.objects.filter(
        occasion=Calculation.Occasion.VERIFIED,
        disclosure__company__in={score.company_id for score in scores},
        content_digest__in=set().union(*used.values()),
    )
    # The newest first, so that the oldest stays: what was verified, whatever was added later.
    kept = {row.content_digest: row for row in rows.defer("record_json").select_related("disclosure").order_by("-pk")}
    factors = _factors(kept.values())
    ledgers = {each: _ledger(row, factors[row.pk]) for each, row in kept.items()}
    return {
        pk: sorted((ledgers[each] for each in sources if each in ledgers), key=itemgetter("year", "disclosure"))
        for pk, sources in used.items()
    }


def _sources(record: ScoreRecord) -> set[str]:
    """Digests of the disclosures that a record rests on, among titles of other sources."""
    found = set(record["measured"]["sources"])
    candidacy = record["candidacy"]
    for bar in BARS if candidacy else ():
        found |= {used["source"] for used in candidacy[bar]["inputs"]}  # type: ignore[literal-required, index]
    return found


def _ledger(row: Calculation, factors: list[FactorRecord]) -> LedgerRecord:
    return LedgerRecord(
        year=row.disclosure.year,
        disclosure=row.content_digest,
        calculation=row.digest,
        tables_digest=row.tables_digest,
        gwp_set=row.gwp_set,
        as_of=row.as_of.isoformat(),
        scope_1_t=row.scope_1_t,
        scope_2_location_t=row.scope_2_location_t,
        scope_2_market_t=row.scope_2_market_t,
        scope_3_t=row.scope_3_t,
        factors=factors,
    )


def _factors(calculations: Iterable[Calculation]) -> dict[int, list[FactorRecord]]:
    """Calculation → the factors that its lines rest on, by id. Where there are none, nothing is asked."""
    owners = {row.pk: row.disclosure.company_id for row in calculations}
    found: dict[int, list[FactorRecord]] = {pk: [] for pk in owners}
    uses = FactorUse.objects.filter(calculation__in=owners).order_by("factor_id") if owners else ()
    for use in uses:
        found[use.calculation_id].append(_factor(use.factor_id, use.lines, owners[use.calculation_id]))
    return found


def _factor(factor_id: str, lines: int, owner: int) -> FactorRecord:
    if local := LOCAL.fullmatch(factor_id):
        row = LocalFactor.objects.select_related("supplier", "company").filter(pk=local["pk"]).first()
        is_own = row is not None and row.supplier_id == owner
        # Who else supplied it is nobody's business: its number, where it holds and what for, and no word of theirs.
        shown = factor_id if is_own else f"local/{WITHHELD}/{local['pk']}"
        return _factor_record(shown, of_local(row) if row else None, lines, with_words=is_own)
    factor = _published().get(factor_id) or _imported(factor_id)
    return _factor_record(factor_id, factor, lines, with_words=True)


def _factor_record(factor_id: str, factor: Factor | None, lines: int, *, with_words: bool) -> FactorRecord:
    told: dict[str, Any] = dict.fromkeys(FactorRecord.__annotations__) | {"id": factor_id, "lines": lines}
    if factor:
        told |= {name: getattr(factor, name) for name in ("activity", "data_year", "purpose", "gas", "value", "unit")}
        told["region"] = plain_place(factor.region)
        told["published"] = factor.published.isoformat() if factor.published else None
    if factor and with_words:
        told |= {name: getattr(factor, name) for name in ("publisher", "source", "licence")}
    return cast(FactorRecord, told)


@lru_cache(maxsize=1)
def _published() -> Mapping[str, Factor]:
    return {factor.id: factor for factor in reference_data.shipped().factors.factors}


def _imported(factor_id: str) -> Factor | None:
    """From the imports themselves, since a later one may have taken its place in the tables of now."""
    for content in FactorImport.objects.order_by("-pk").values_list("content", flat=True):
        for factor in from_json(content):
            if factor.id == factor_id:
                return factor
    return None


# --- files ---------------------------------------------------------------------------------------------
def write_file(receipt: Receipt, folder: Path) -> Path:
    """Whole or not at all: nobody ever reads half a receipt. Raises OSError."""
    question = receipt["question"]
    path = folder / file_name(question["run"], question["company_key"])
    scratch = folder / f".{path.name}.{os.getpid()}"
    try:
        scratch.write_text(text_of(receipt), encoding="utf-8", newline="")
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
    return path


def read_file(path: Path) -> Receipt | RetiredReceipt:
    """A receipt, or one of the first method. Raises NotAReceipt, OSError."""
    if path.exists() and not path.is_file():
        raise NotAReceipt("not a file", value=path.name)
    with path.open("rb") as file:
        content = file.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise NotAReceipt(f"more than {LARGEST_BYTES:,} bytes", value=path.name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotAReceipt("not UTF-8", value=str(error)) from error
    return retired_receipt(text) or engine.parse(text)
