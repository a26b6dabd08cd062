"""Sectors that a standard scheme names by code: ISIC and NACE, GB/T 4754, and our own thirteen.

The divisions and which sector each stands in: data/sector_divisions.csv. A scheme that nobody ships (such as one under
licence) comes with a crosswalk of its user's own, see portfolio/universe/read.py.
"""

from __future__ import annotations

import re
from functools import lru_cache

from django.utils.translation import get_language, override

from portfolio import DATA
from portfolio.folding import fold, normal
from portfolio.models import Sector
from portfolio.typed.tables import whole_table
from portfolio.universe.words import SectorChoice

ISIC, GB_T_4754, OURS = "ISIC Rev. 4", "GB/T 4754-2017", "Greenlight"
# NACE Rev. 2 has the divisions of ISIC Rev. 4; only below them do the two differ.
_NAMES = {
    ISIC: ("ISIC", "ISIC 4", "ISIC Rev 4", "NACE", "NACE 2", "NACE Rev 2", "国际标准行业分类"),
    GB_T_4754: ("GB/T 4754", "GB/T 4754-2017", "GBT 4754", "GB 4754", "国民经济行业分类", "国标行业", "国标行业分类"),
    OURS: ("Greenlight", "scoring sector", "评分行业"),
}
CODE = re.compile(r"([A-Za-z]?) ?([0-9]{1,2})(?:\.?[0-9]{1,2}){0,2}(?![0-9])(?:[ .:、-].*)?")
SHORTENED = re.compile(r"[0-9]{3}")


def standard_schemes() -> list[str]:
    """As people may write them, one spelling of each."""
    return ["ISIC", "NACE", "GB/T 4754", OURS]


def standard_choice(scheme: str, word: str) -> SectorChoice | None:
    """The sector of a code or name: "C27", "27.11", "C3825", "电气机械和器材制造业", "power"; None: there is none.

    A letter that does not go with its number is no code: GB/T 4754 and ISIC count differently, and a slip of the
    scheme would make a power plant of a metal works. Nor are three digits alone: 111 is a group of 11, or what a
    spreadsheet leaves of 0111.
    """
    known = _schemes().get(_folded(scheme))
    if known is None:
        return None
    if known == OURS:
        sector = _our_words().get(_folded(word))
        return SectorChoice("", sector) if sector else None
    divisions, names = _divisions(known)
    plain = normal("NFKC", word).strip()
    code = None if SHORTENED.fullmatch(plain) else CODE.fullmatch(plain)
    if code is None:
        return names.get(_folded(word))
    letter, number = code[1].upper(), code[2].zfill(2)
    letters, choice = divisions.get(number, ("", None))
    return choice if not letter or letter == letters else None


def is_standard(scheme: str) -> bool:
    return _folded(scheme) in _schemes()


def sector_of_division(division: str) -> str | None:
    """The scoring sector of an ISIC division such as C27."""
    _letter, choice = _divisions(ISIC)[0].get(division[1:], ("", None))
    return choice.sector if choice and choice.isic == division else None


def isic_divisions() -> list[tuple[str, str]]:
    """Code and name of each division, in the reader's language."""
    column = "name_en" if (get_language() or "").startswith("en") else "name_zh"
    rows = whole_table(DATA / "sector_divisions.csv").rows
    return [(row.cells["isic"], row.cells[column]) for row in rows if row.cells["scheme"] == ISIC]


@lru_cache(maxsize=1)
def _schemes() -> dict[str, str]:
    return {_folded(name): scheme for scheme, names in _NAMES.items() for name in names}


@lru_cache(maxsize=2)
def _divisions(scheme: str) -> tuple[dict[str, tuple[str, SectorChoice]], dict[str, SectorChoice]]:
    """By number, with its letter; and by name."""
    by_number: dict[str, tuple[str, SectorChoice]] = {}
    by_name: dict[str, SectorChoice] = {}
    for row in whole_table(DATA / "sector_divisions.csv").rows:
        cells = row.cells
        if cells["scheme"] != scheme:
            continue
        choice = SectorChoice(cells["isic"], cells["scoring_sector"])
        by_number[cells["division"][1:]] = cells["division"][0], choice
        by_name |= {_folded(name): choice for name in (cells["name_zh"], cells["name_en"]) if name}
    return by_number, by_name


@lru_cache(maxsize=1)
def _our_words() -> dict[str, str]:
    found = {_folded(sector.value): sector.value for sector in Sector}
    for language in ("en", "zh-hans"):
        with override(language):
            found |= {_folded(str(sector.label)): sector.value for sector in Sector}
    return found


def _folded(text: str) -> str:
    """Without case, width, blanks and the signs that people write a scheme's number with or without."""
    return re.sub(r"[\W_]+", "", fold(text))
