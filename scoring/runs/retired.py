"""Receipts of the first method, schema `greenlight-receipt/1`: their digests are checked, nothing is computed again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scoring.engine.columns import canonical_json, digest
from scoring.engine.errors import NotAReceipt

SCHEMA = "greenlight-receipt/1"
PARTS = ("question", "versions", "inputs", "ledgers", "methodology", "record")  # what the receipt's own digest covers


@dataclass(frozen=True)
class RetiredReceipt:
    """What a file of the first method still says of itself."""

    method: str  # such as demo-3
    digest: str
    about: str
    changed: tuple[str, ...]  # parts whose digest does not fit

    @property
    def is_intact(self) -> bool:
        return not self.changed


def retired_receipt(text: str) -> RetiredReceipt | None:
    """None for what is no receipt of the first method. Raises NotAReceipt for one that cannot be read."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        return None
    try:
        return _read(found)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise NotAReceipt("a receipt of the first method with absent or unexpected parts", value=repr(error)) from error


def _read(found: Mapping[str, Any]) -> RetiredReceipt:
    said = found["digests"]
    digests = {name: digest(canonical_json(found[name])) for name in (*PARTS, "made_with")}
    wrong = [name for name in digests if digests[name] != said[name]]
    if digest(canonical_json({name: said[name] for name in PARTS})) != said["receipt"]:
        wrong.append("receipt")
    question = found["question"]
    about = f"{question['company_key']}, run {question['run']}, as of {question['as_of']}"
    return RetiredReceipt(str(found["versions"]["methodology"]), str(said["receipt"]), about, tuple(wrong))
