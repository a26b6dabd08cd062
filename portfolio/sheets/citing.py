"""The cells that say what shows a line or a figure: several files of the company, and a place in each, between “; ”."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from portfolio.models import Citation, Evidence
from portfolio.models.activity import LONGEST_PLACE, MOST_CITATIONS

EVIDENCE, PLACE = "evidence", "evidence_place"
BETWEEN = "; "
_SPLIT = re.compile("[;；]")

Refuse = Callable[[str, str], None]  # column, what may be meant


def cells_of(cited: Iterable[Citation]) -> dict[str, str]:
    """12 · bill.pdf; 13 · note.pdf, and p. 3; p. 1 beside it."""
    cited = list(cited)
    places = BETWEEN.join(one.place for one in cited) if any(one.place for one in cited) else ""
    return {EVIDENCE: BETWEEN.join(f"{one.evidence_id} · {one.evidence.name}" for one in cited), PLACE: places}


def read_cited(
    given: Mapping[str, str], before: Sequence[Citation], kept: Mapping[int, Evidence], refuse: Refuse
) -> list[Citation]:
    """What the cells name. A column that the file lacks stays as it was stored; unread cells are refused."""
    was = cells_of(before)
    files, places = (given.get(column, was[column]).strip() for column in (EVIDENCE, PLACE))
    if (files, places) == (was[EVIDENCE].strip(), was[PLACE].strip()):
        return list(before)
    found = _files(files, kept)
    if found is None or len(found) > MOST_CITATIONS:
        refuse(EVIDENCE, _("attach the file to the line on its page"))
        return []
    if PLACE not in given and files != was[EVIDENCE]:
        places = ""  # they were of other files
    told = [places] if len(found) == 1 else [part.strip() for part in _SPLIT.split(places)] if places else []
    if len(told) > len(found):
        refuse(PLACE, _("as many places as files, with semicolons between them") if found else _("there is no file"))
    if any(len(place) > LONGEST_PLACE for place in told):
        refuse(PLACE, _("at most %(limit)s characters each") % {"limit": LONGEST_PLACE})
    told += [""] * (len(found) - len(told))
    return [Citation(evidence=file, place=place) for file, place in zip(found, told, strict=False)]


def _files(cell: str, kept: Mapping[int, Evidence]) -> list[Evidence] | None:
    """None where a part of the cell names none."""
    if not cell:
        return []
    named = [_file(part.strip(), kept) for part in _SPLIT.split(cell) if part.strip()]
    found = [file for file in named if file is not None]
    if len(found) == len(named):
        return found
    whole = _file(cell, kept)  # a name with a semicolon in it
    return [whole] if whole else None


def _file(word: str, kept: Mapping[int, Evidence]) -> Evidence | None:
    """By its number, else by its name where only one is called so."""
    digits = word.partition("·")[0].strip().removesuffix(".0")
    if digits.isascii() and digits.isdigit() and len(digits) < 16 and int(digits) in kept:
        return kept[int(digits)]
    named = [one for one in kept.values() if one.name == word]
    return named[0] if len(named) == 1 else None
