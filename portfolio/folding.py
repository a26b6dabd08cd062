"""One spelling for what people write in several. Searched and typed text are folded alike, to compare only."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import lru_cache

from portfolio import DATA

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
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return simplified(unicodedata.normalize("NFC", bare).translate(_LETTERS))


def bare_name(name: str) -> str:
    """A company's name without what does not tell it apart: spelling (`fold`), brackets, legal form."""
    plain = fold(name)
    bare = _FORMS.sub(" ", _BRACKETS.sub(" ", plain))
    return " ".join(re.sub(r"[.,·*&-]", " ", bare).split()) or plain


def simplified(text: str) -> str:
    """Traditional characters as simplified ones, and nothing else: 噸 is 吨, and GBp stays GBp."""
    return text.translate(_characters())


@lru_cache(maxsize=1)
def _characters() -> dict[int, str]:
    """OpenCC's table of characters (data/README.md)."""
    with (DATA / "traditional_simplified.csv").open(encoding="utf-8", newline="") as file:
        return str.maketrans(dict(list(csv.reader(file))[1:]))
