"""One spelling for what people write in several. Searched and typed text are folded alike, to compare only."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import lru_cache
from typing import Literal

from portfolio import DATA

PIECE = 500  # characters

# Letters that Unicode does not take apart into a letter and its accent.
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})

_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
# What a legal form adds to a name; the longer ones first.
_FORMS = re.compile(
    r"股份有限公司|有限责任公司|有限公司|股份公司|公司|集团|控股"
    r"|\b(incorporated|corporation|company|limited|holdings?|group|corp|inc|ltd|llc|plc|co|ag|se|sa|spa|nv|ab|asa|oyj|kk)\b\.?"
)


def fold(text: str) -> str:
    """Simplified characters, half width, lower case, no accents: 臺積電 and 台积电 are one, and Nestlé is nestle."""
    plain = normal("NFKD", normal("NFKC", text).casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return simplified(normal("NFC", bare).translate(_LETTERS))


def normal(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
    """Unicode's normal form, in pieces: it sorts a run of accents by comparing each with each, minutes of a long one.

    A letter whose accent lies in the next piece stays apart from it.
    """
    return "".join(unicodedata.normalize(form, text[at : at + PIECE]) for at in range(0, len(text), PIECE))


def bare_name(name: str) -> str:
    """A company's name without what does not tell it apart: spelling (`fold`), brackets, legal form."""
    plain = fold(name)
    closed = max(map(plain.rfind, ")）]】")) + 1  # behind the last one no bracket is looked for that would close
    bare = _FORMS.sub(" ", _BRACKETS.sub(" ", plain[:closed]) + plain[closed:])
    return " ".join(re.sub(r"[.,·*&-]", " ", bare).split()) or plain


def simplified(text: str) -> str:
    """Traditional characters as simplified ones, and nothing else: 噸 is 吨, and GBp stays GBp."""
    return text.translate(_characters())


@lru_cache(maxsize=1)
def _characters() -> dict[int, str]:
    """OpenCC's table of characters (data/README.md)."""
    with (DATA / "traditional_simplified.csv").open(encoding="utf-8", newline="") as file:
        return str.maketrans(dict(list(csv.reader(file))[1:]))
