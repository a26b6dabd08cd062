"""One spelling for what people write in several. Searched and typed text are folded alike, to compare only."""

from __future__ import annotations

import csv
import unicodedata
from functools import lru_cache

from portfolio import DATA

# Letters that Unicode does not take apart into a letter and its accent.
LETTERS = {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}


def fold(text: str) -> str:
    """Simplified characters, half width, lower case, no accents: 臺積電 and 台积电 are one, and Nestlé is nestle."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", bare).translate(_spellings())


@lru_cache(maxsize=1)
def _spellings() -> dict[int, str]:
    """Traditional → simplified by OpenCC's table of characters (data/README.md), and the letters above."""
    with (DATA / "traditional_simplified.csv").open(encoding="utf-8", newline="") as file:
        return str.maketrans(dict(list(csv.reader(file))[1:]) | LETTERS)
