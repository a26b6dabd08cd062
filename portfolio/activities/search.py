"""Finding a kind of activity by the words of a bill: names, everyday words and pinyin, whole words before parts.

A search offers; nothing is chosen before a person chooses it. `kinds.find` alone takes a word for a kind: its key,
alias or name.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from django.utils.functional import Promise

from portfolio import DATA
from portfolio.activities.kinds import KINDS, SCOPES, ActivityType, activity_types
from portfolio.folding import fold
from portfolio.typed.tables import whole_table

TABLE = DATA / "activity_words.csv"
MOST = 8
OF_A_PURPOSE = ("travel", "spend")  # names that say first what for: 商务出行：铁路
LONGEST = 100  # characters of a search; no name is longer
ALIKE = 0.72  # of 1: two spellings of one word share as much, those of two words seldom
SHORTEST_PINYIN = 2
_SPLIT = re.compile(r"[\s,.;:·/_|()@，、；：（）-]+")
_QUALIFIER = re.compile(r"[（(].*|@.*|, .*")  # 柴油（道路车辆） is a kind of 柴油


class Likeness(IntEnum):
    """How what was typed fits a word of a kind, the best first."""

    EQUAL = 0
    VARIANT = 1  # 天然气 of 天然气（能源工业）
    HEAD = 2  # the last word, which says what a thing is: gas of coal gas, 煤气 of 焦炉煤气
    WHOLE_WORDS = 3
    CONTAINED = 4  # the bill says more than the word: 天然气使用费
    PINYIN = 5
    BEGINNING = 6
    PART = 7
    SPELLING = 8


@dataclass(frozen=True)
class Hit:
    """A kind that may be meant. Whether there is a factor for it, the tables above know."""

    kind: ActivityType
    has_factor: bool = True

    @property
    def family(self) -> str | Promise:
        return KINDS[self.kind.kind]

    @property
    def scope(self) -> str | Promise:
        return SCOPES[self.kind.scope]


@dataclass(frozen=True)
class _Word:
    """One word of a kind as it is compared; `order` is its row in the table of words."""

    key: str
    text: str
    parts: tuple[str, ...]
    base: str  # without what qualifies it
    order: int


def search(typed: str, most: int = MOST) -> list[ActivityType]:
    """The kinds that are meant first, none twice; empty where nothing is called that."""
    wanted = _plain(typed[:LONGEST])
    return [activity_types()[key] for key in _found(wanted)[:most]] if wanted else []


@lru_cache(maxsize=1024)  # the slips of one bill come again in the next, and each takes a hundredth of a second
def _found(wanted: str) -> tuple[str, ...]:
    best: dict[str, tuple[int, ...]] = {}
    for word in _words():
        likeness = _likeness(wanted, word)
        if likeness is None:
            continue
        rank = (likeness, int("@" in word.key), *_closeness(likeness, word))
        best[word.key] = min(rank, best.get(word.key, rank))
    if not best or min(best.values())[0] > Likeness.PINYIN:
        best |= {key: (Likeness.PINYIN, *rank) for key, rank in _by_pinyin(wanted).items()}
    if not best:
        best = {key: (Likeness.SPELLING, *rank) for key, rank in _by_spelling(wanted).items()}
    types = list(activity_types())
    return tuple(sorted(best, key=lambda key: (*best[key], types.index(key))))


def _closeness(likeness: Likeness, word: _Word) -> tuple[int, int]:
    """Among whole words their order in the table; among parts how little else the word says, in a bill how much."""
    if likeness <= Likeness.HEAD:
        return word.order, len(word.text)
    return (-len(word.text) if likeness == Likeness.CONTAINED else len(word.text)), word.order


def _likeness(wanted: str, word: _Word) -> Likeness | None:
    if wanted == word.text or _close_up(wanted) == _close_up(word.text):
        return Likeness.EQUAL
    if wanted == word.base:
        return Likeness.VARIANT
    return _of_han(wanted, word) if _is_han(wanted) else _of_latin(wanted, word)


def _of_han(wanted: str, word: _Word) -> Likeness | None:
    """Chinese has no spaces: the head of a name is its end."""
    if word.base.endswith(wanted):
        return Likeness.HEAD
    if wanted in word.text:
        return Likeness.BEGINNING if word.text.startswith(wanted) else Likeness.PART
    is_long = len(word.text) > 1 and (_is_han(word.text) or len(word.text) > 2)
    return Likeness.CONTAINED if is_long and word.text in wanted else None


def _of_latin(wanted: str, word: _Word) -> Likeness | None:
    asked = _parts(wanted)
    if not asked or not word.parts:
        return None
    if set(asked) <= set(word.parts):
        return Likeness.HEAD if _parts(word.base)[-1:] == asked[-1:] else Likeness.WHOLE_WORDS
    if set(word.parts) <= set(asked) and (len(word.text) > 2 or len(asked) == 1):
        return Likeness.CONTAINED
    if all(any(part.startswith(each) for part in word.parts) for each in asked):
        return Likeness.BEGINNING
    return None


def _by_pinyin(wanted: str) -> dict[str, tuple[int, ...]]:
    """tianranqi, tianran or trq for 天然气: whole, then initials, then a beginning."""
    letters = _close_up(wanted)
    if not letters.isascii() or not letters.isalpha() or len(letters) < SHORTEST_PINYIN:
        return {}
    found: dict[str, tuple[int, ...]] = {}
    for word, (whole, initials) in _pinyin().items():
        fits = (whole == letters, initials == letters, len(letters) > 2 and whole.startswith(letters))
        if any(fits):
            rank = (fits.index(True), int("@" in word.key), word.order, len(word.text))
            found[word.key] = min(rank, found.get(word.key, rank))
    return found


def _by_spelling(wanted: str) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for word in _words():
        for text in (word.base, *(word.parts if " " not in wanted else ())):
            alike = difflib.SequenceMatcher(None, wanted, text).ratio() if text[:1] == wanted[:1] else 0
            if alike >= ALIKE:
                rank = (-round(100 * alike), int("@" in word.key), word.order)
                found[word.key] = min(rank, found.get(word.key, rank))
    return found


def _plain(typed: str) -> str:
    return " ".join(fold(typed).replace("_", " ").split())


def _close_up(text: str) -> str:
    return _SPLIT.sub("", text)


def _is_han(text: str) -> bool:
    return any("一" <= letter <= "鿿" for letter in text)


@lru_cache(maxsize=1)
def _words() -> tuple[_Word, ...]:
    """Names, aliases and bare keys of every kind, and the everyday words of the table."""
    order = {key: row for row, key in enumerate(everyday_words())}
    return tuple(
        _Word(kind.key, text, _parts(text), _base(text), order.get(kind.key, len(order)))
        for kind in activity_types().values()
        for text in dict.fromkeys(_plain(word) for word in _words_of(kind) if word)
    )


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in _SPLIT.split(text) if part)


def _base(text: str) -> str:
    return _QUALIFIER.sub("", text).strip()


def _words_of(kind: ActivityType) -> Iterator[str]:
    yield from (kind.key, kind.key.partition(".")[2], kind.name_zh, kind.name_en)
    if kind.kind in OF_A_PURPOSE:
        yield from (re.split("[：:] ?", name)[-1] for name in (kind.name_zh, kind.name_en))
    yield from kind.aliases
    yield from everyday_words().get(kind.key, ())


@lru_cache(maxsize=1)
def everyday_words() -> Mapping[str, tuple[str, ...]]:
    """Key of a kind → what people call it in either language; the rows above win where a word is of several."""
    rows = [row.cells for row in whole_table(TABLE).rows]
    unknown = [row["key"] for row in rows if row["key"] not in activity_types()]
    if unknown:
        raise ValueError(f"{TABLE.name}: no such kinds: {unknown}")
    return {row["key"]: tuple(filter(None, (*row["zh"].split("|"), *row["en"].split("|")))) for row in rows}


@lru_cache(maxsize=1)
def _pinyin() -> Mapping[_Word, tuple[str, str]]:
    from pypinyin import Style, lazy_pinyin  # its dictionaries take a third of a second, and most processes need none

    return {
        word: ("".join(lazy_pinyin(word.base)), "".join(lazy_pinyin(word.base, style=Style.FIRST_LETTER)))
        for word in _words()
        if word.base and all("一" <= letter <= "鿿" for letter in word.base)
    }
