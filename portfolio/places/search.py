"""Finding a place by what people type: Chinese, English, pinyin, its initials, or a code."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from django.utils.translation import gettext as _

from portfolio.errors import PortfolioError
from portfolio.folding import fold, normal
from portfolio.places.names import full_name, is_place, name_of
from portfolio.places.table import ALIAS, CITY, COUNTRY, COUNTY, PROVINCE, Place, places, provinces_by_prefix
from portfolio.typed.suggesting import may_suggest

FOUND_AT_MOST = 20
NAMED_AT_MOST = 5  # in a sentence
LONGEST = 100  # characters that are looked for; no name is longer
_LEVELS = (PROVINCE, CITY, COUNTY, COUNTRY)
_KIND_OF_DIVISION = re.compile(
    r" (autonomous )?(prefecture|county|banner|district|league|city|new area|forestry district|special district)$"
)
_CODE = re.compile(r"[0-9]{4}[0-9A-Z]{0,4}|[A-Z]{2}(-[A-Z0-9]{1,3})?")


class UnknownPlace(PortfolioError):
    """No place is called that, or several are; the message names the nearest. `nearest`: their codes."""

    def __init__(self, message: str, nearest: list[str]) -> None:
        super().__init__(message)
        self.nearest = nearest


def read_place(text: str) -> str:
    """The code of the one place that is called so. Raises UnknownPlace where there is none, or more than one."""
    text = " ".join(normal("NFKC", text).split())
    if is_place(text.upper()):
        return text.upper()
    before, _blank, code = text.rpartition(" ")
    if code.upper() in _named(before):
        return code.upper()
    found = _named(text) or _written_out(text)
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownPlace(
            _("“%(text)s” is the name of several places; please choose one: %(places)s")
            % {"text": text, "places": _listed(found)},
            found[:NAMED_AT_MOST],
        )
    raise unknown(text)


def called(text: str) -> list[str]:
    """Codes in the shipped tables: the one that is typed, else of all places of this name."""
    return [text.upper()] if text.upper() in places() else _named(text)


def unknown(text: str) -> UnknownPlace:
    """That nothing is called so, with the nearest."""
    near = nearest(text)
    if not near:
        return UnknownPlace(_("“%(place)s” is no place we know.") % {"place": text}, [])
    words = _("“%(place)s” is no place we know. Is one of these meant: %(places)s?")
    return UnknownPlace(words % {"place": text, "places": _listed(near)}, near)


def nearest(text: str) -> list[str]:
    """Codes of places that may be meant: those that a search finds, then those that are spelt alike.

    None after the first faults of a request.
    """
    return list(_nearest(" ".join(normal("NFKC", text[:LONGEST]).split()))) if may_suggest() else []


@lru_cache(maxsize=1024)
def _nearest(text: str) -> tuple[str, ...]:
    if _CODE.fullmatch(text.upper()):
        around = [text[:4] + "00"] if text[:4] + "00" in _offered() else []  # its city, where the county is wrong
        alike = difflib.get_close_matches(text.upper(), _offered(), n=NAMED_AT_MOST, cutoff=0.7)
        return tuple(dict.fromkeys((*around, *alike)))[:NAMED_AT_MOST]
    found = [place.code for place in search(text, NAMED_AT_MOST // 2)]
    alike = difflib.get_close_matches(_folded(text), _by_name(), n=NAMED_AT_MOST, cutoff=0.6)
    found += [code for name in alike for code in _by_name()[name]]
    return tuple(dict.fromkeys(found))[:NAMED_AT_MOST]


def search(text: str, most: int = FOUND_AT_MOST) -> list[Place]:
    """Places with every word in a name, pinyin, initials, or a code that begins so; the nearest and widest first."""
    words = _folded(normal("NFKC", text[:LONGEST])).split()
    if not words:
        return []
    found = [place for place in _offered().values() if all(word in _searched()[place.code] for word in words)]
    wanted = "".join(words)
    found.sort(key=lambda place: (_distance(place, wanted), _LEVELS.index(place.kind), place.code))
    return found[:most]


def _distance(place: Place, wanted: str) -> int:
    """0 for a name that is it, 1 for one that begins so, 2 for what only holds it."""
    names = [name.replace(" ", "") for name in _names(place)] + [_initials(place), place.code.lower()]
    return 0 if wanted in names else 1 if any(name.startswith(wanted) for name in names) else 2


def offered_at_once() -> list[Place]:
    """What a list shows before anything is typed: provinces and their cities, then countries; no counties."""
    kept = [place for place in _offered().values() if place.kind != COUNTY]
    return sorted(kept, key=lambda place: (_LEVELS.index(place.kind), place.code))


def _listed(codes: Iterable[str]) -> str:
    named = [{"place": full_name(code), "code": code} for code in list(codes)[:NAMED_AT_MOST]]
    return _("; ").join(_("%(place)s (%(code)s)") % each for each in named)


def _named(name: str) -> list[str]:
    """The places of this name. A whole Chinese name goes before one without 市 or 县: 吉林 is the province."""
    found = [code for code in _by_name().get(_folded(name), ()) if code in _offered()]
    if name.isascii():
        return found
    whole = [code for code in found if _folded(places()[code].name_zh) == _folded(name)]
    return whole or found


def _written_out(text: str) -> list[str]:
    """The places that are named after what they lie in: 四川省成都市武侯区, or "Wuhou District, Chengdu"."""
    parts = [part.strip() for part in _folded(text).split(",")]
    written = "".join(reversed(parts)).replace(" ", "")  # in English the widest comes last
    found = []
    for code, names in _names_of().items():
        for name in names:
            if written.endswith(name) and _leads_to(written.removesuffix(name), places()[code]):
                found.append(code)
                break
    return found


def _leads_to(written: str, place: Place) -> bool:
    """Whether a text is nothing but names of what the place lies in, the widest first; levels may be left out."""
    if not written:
        return True
    around = places().get(place.within)
    while around is not None:
        for name in _names_of()[around.code]:
            if written.endswith(name) and _leads_to(written.removesuffix(name), around):
                return True
        around = places().get(around.within)
    return False


@cache
def _names_of() -> Mapping[str, list[str]]:
    """Code → what a place is called, without blanks."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, codes in _by_name().items():
        for code in codes:
            found[code].append(name.replace(" ", ""))
    return found


@cache
def _offered() -> Mapping[str, Place]:
    return {code: place for code, place in places().items() if place.kind != ALIAS}


@cache
def _by_name() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for place in _offered().values():
        for name in _names(place):
            found[name].append(place.code)
    for place in places().values():
        if place.kind == ALIAS and place.code.endswith("0000"):  # 四川省 is 四川
            found[_folded(place.name_zh)].append(provinces_by_prefix()[place.code[:2]].code)
    return {name: tuple(dict.fromkeys(codes)) for name, codes in found.items()}


@cache
def _searched() -> Mapping[str, str]:
    """Code → all that a word of a search may be part of."""
    return {
        place.code: "\n".join((*_names(place), place.pinyin, _initials(place), place.code.lower()))
        for place in _offered().values()
    }


def _names(place: Place) -> list[str]:
    """Folded: whole, without the kind of division, and in pinyin."""
    chinese, english = _folded(place.name_zh), _folded(place.name_en)
    syllables = place.pinyin.split()
    short = chinese[: len(syllables)] if syllables and len(syllables) > 1 else chinese
    names = [chinese, short, english, _KIND_OF_DIVISION.sub("", english), "".join(syllables)]
    return list(dict.fromkeys(name for name in names if name))


def _initials(place: Place) -> str:
    return "".join(syllable[0] for syllable in place.pinyin.split())


def _folded(name: str) -> str:
    """Xi'an and Xian are one city, too."""
    return fold(name).replace("'", "").replace("’", "")


def label(place: Place) -> str:
    """Beside the name in a list: what it lies in, and how it is said."""
    around = full_name(place.within) if place.within else ""
    said = place.pinyin.replace(" ", "")
    return " · ".join(part for part in (around, said and f"{said} {_initials(place)}") if part)


def option(place: Place) -> tuple[str, str]:
    """Value and label, as a list of suggestions has them."""
    return f"{name_of(place)} {place.code}", label(place)
