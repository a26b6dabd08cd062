"""Arrays, canonical JSON and digests: what every room of the engine stands on."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.engine.errors import NotFinite

VERSION = "1.2.0"  # of the arithmetic: raised whenever a record may come out otherwise
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
# Far beyond any company's tonnes or revenue in any currency, far inside what floats can multiply and divide.
SMALLEST, LARGEST = 1e-9, 1e18
DIGITS = 12  # significant digits of a stored figure: a digest is over the record as stored
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical_json(record: Mapping[str, Any] | Sequence[Any]) -> str:
    """The one spelling of a record: sorted keys, no spaces, UTF-8 as it is. Raises NotFinite on NaN or infinity.

    `1` and `1.0` are two spellings, so store this text itself, not a JSON column that may rewrite numbers.
    """
    try:
        return _CANONICAL.encode(record)
    except ValueError as error:
        key = record.get("company_key") if isinstance(record, Mapping) else None
        raise NotFinite("no JSON for a number that is not finite", value=str(error), company_key=key) from error


def rounded(document: Any) -> Any:
    """The document with each float to DIGITS significant digits, as records are stored and digested.

    Elementary functions differ in their last bits between processors and builds; a record must not.
    """
    if isinstance(document, float):
        return float(f"{document:.{DIGITS}g}")
    if isinstance(document, dict):
        return {name: rounded(value) for name, value in document.items()}
    if isinstance(document, list | tuple):
        return [rounded(value) for value in document]
    return document


def digest(record: Mapping[str, Any] | Sequence[Any] | str) -> str:
    """SHA-256 (hex) of the canonical JSON, or of a text that already is canonical."""
    text = record if isinstance(record, str) else canonical_json(record)
    return hashlib.sha256(text.encode()).hexdigest()
