"""Bytes as text: in which encoding a file was written, judged by what it would say in each, never by chance.

Nearly every sequence of bytes "decodes" in an East Asian encoding; what tells them apart is whether the result is made
of characters that people use. Where two readings are both plausible and differ, nobody here picks one.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from django.utils.translation import gettext as _

from portfolio.errors import PortfolioError

UTF_8 = "UTF-8"
# In this order: the mark of UTF-32 begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF8, UTF_8, "utf-8"),
    (codecs.BOM_UTF32_LE, "UTF-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "UTF-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "UTF-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "UTF-16", "utf-16-be"),
)
PLAUSIBLE = 0.85  # of the characters that are not ASCII are in use; a wrong reading of a table has 0.2 to 0.7
CLOSE = 0.12  # readings nearer to each other than this are not told apart
LOOKED_AT = 200_000  # bytes from the beginning, where a file is not UTF-8
# Control signs other than tab and line ends: no encoding of a text gives them.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
LETTER = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿŒœŠšŽžŸ]")
NOT_ASCII = re.compile(r"[^\x00-\x7f]")
CELL_ENDS = re.compile(r"[,;\t|\r\n]")
FEW = 8
SHOWN = 20


@dataclass(frozen=True)
class Reading:
    """What a file says, if it is written in `encoding`, by the name that people know."""

    encoding: str
    text: str


class NoText(PortfolioError):
    """No text, or one that reads plausibly in several ways; the message says the remedy."""

    def __init__(self, message: str, readings: list[Reading] | None = None) -> None:
        super().__init__(message)
        self.readings = readings or []


def read_text(content: bytes) -> Reading:
    """Raises NoText where no encoding fits, or several do that say different things."""
    found = readings(content)
    if not found:
        raise NoText(_("a text in no encoding that is known here"))
    if len({each.text for each in found}) > 1:
        told = ", ".join(f"{each.encoding}: “{_sample(each.text)}”" for each in found)
        raise NoText(_("a text that reads in several ways: %(readings)s") % {"readings": told}, found)
    return found[0]


def remedy() -> str:
    return _("a file in UTF-8; in Excel: Save as, “CSV UTF-8”")


def readings(content: bytes) -> list[Reading]:
    """Every plausible reading, the best first; one alone where the bytes themselves say the encoding."""
    for mark, name, codec in MARKS:
        if content.startswith(mark):
            return _if_whole(name, codec, content.removeprefix(mark))
    if b"\0" in content:
        return _by_zeros(content)
    if (whole := _if_whole(UTF_8, "utf-8", content)) and not _is_chance(whole[0].text):
        return whole
    sample = content if len(content) <= LOOKED_AT else content[: content.rfind(b"\n", 0, LOOKED_AT) + 1]
    judged = [(1.0, read) for read in whole]
    for name, codec, judge in CODE_PAGES:
        for read in _if_whole(name, codec, sample):
            if len(sample) == len(content) or _if_whole(name, codec, content):
                judged.append((judge(read.text), read))
    best = max((share for share, _read in judged), default=0.0)
    if best < PLAUSIBLE:
        return []
    judged.sort(key=lambda each: -each[0])
    return [
        Reading(read.encoding, content.decode(CODECS[read.encoding]))
        for share, read in judged
        if share >= best - _doubt(read.text)
    ]


def _is_chance(text: str) -> bool:
    """A few characters of two bytes, and none that stands in a word: 联通 in GB 2312 is valid UTF-8."""
    found = NOT_ASCII.findall(text)
    return 0 < len(found) <= FEW and max(found) < "\u0800" and _western(text) < PLAUSIBLE


def _doubt(text: str) -> float:
    """How far behind the best a reading may be and still be meant: of few characters one says little."""
    return max(CLOSE, 1 / max(1, len(NOT_ASCII.findall(text))))


def _if_whole(name: str, codec: str, content: bytes) -> list[Reading]:
    try:
        return [Reading(name, content.decode(codec))]
    except UnicodeDecodeError:
        return []


def _by_zeros(content: bytes) -> list[Reading]:
    """UTF-16 or UTF-32 without a mark: separators and line ends are ASCII, whose other bytes are zeros."""
    for name, width in (("UTF-32", 4), ("UTF-16", 2)):
        for order, at in (("le", 0), ("be", width - 1)):
            ends = sum(content[at::width].count(sign) for sign in b",;\t\n")
            read = _if_whole(name, f"{name.lower()}-{order}", content)
            if ends and read and not CONTROL.search(read[0].text):
                return read
    return []


def _sample(text: str) -> str:
    """The first cell that is not ASCII."""
    cells = (cell.strip(' "') for cell in CELL_ENDS.split(text))
    return next((cell for cell in cells if NOT_ASCII.search(cell)), "")[:SHOWN]


# --- is it what people write? --------------------------------------------------------------------------
@cache
def _ideographs() -> frozenset[str]:
    """The first levels of GB 2312 (3,755 simplified) and Big5 (5,401 traditional): those in everyday use."""
    simplified = (bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    low_bytes = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    traditional = (bytes((high, low)) for high in range(0xA4, 0xC7) for low in low_bytes)
    return _characters(simplified, "gb2312") | _characters(traditional, "big5")


@cache
def _kanji() -> frozenset[str]:
    """The first level of JIS X 0208."""
    low_bytes = (*range(0x40, 0x7F), *range(0x80, 0xFD))
    return _characters((bytes((high, low)) for high in range(0x88, 0x99) for low in low_bytes), "shift_jis")


def _characters(pairs: object, codec: str) -> frozenset[str]:
    return frozenset("".join(pair.decode(codec, "ignore") for pair in pairs))  # type: ignore[attr-defined]


def _is_sign(character: str) -> bool:
    """Punctuation and forms as East Asian tables have them: 、（）％ and full-width letters."""
    return "\u3000" <= character <= "\u301f" or "\uff01" <= character <= "\uff5e" or character in "·—…“”‘’×÷°℃㎡³²①②③"


def _share(text: str, is_used: Callable[[str], bool]) -> float:
    """Of the characters that are not ASCII, and none at all counts as none that is used."""
    found = NOT_ASCII.findall(text)
    return sum(map(is_used, found)) / len(found) if found else 0.0


def _chinese(text: str) -> float:
    used = _ideographs()
    return _share(text, lambda each: each in used or _is_sign(each)) if not CONTROL.search(text) else 0.0


def _japanese(text: str) -> float:
    used = _kanji()
    return _share(text, lambda each: each in used or "\u3041" <= each <= "\u30ff" or _is_sign(each))


def _korean(text: str) -> float:
    return _share(text, lambda each: "\uac00" <= each <= "\ud7a3" or _is_sign(each))


def _western(text: str) -> float:
    """Accented letters stand among plain ones, by one or two; signs such as € and ° do not stand within a word."""
    fits = total = 0
    for run in re.finditer(r"[^\x00-\x7f]+", text):
        total += len(run[0])
        around = text[run.start() - 1 : run.start()] + text[run.end() : run.end() + 1]
        is_word = all(LETTER.fullmatch(each) for each in run[0]) and len(run[0]) <= 2
        is_within = len(LETTER.findall(around)) == 2
        is_plain = all(unicodedata.category(each)[0] in "PSZN" for each in run[0])
        if (is_word and LETTER.search(around)) or (is_plain and not is_within):
            fits += len(run[0])
    return fits / total if total else 0.0


CODE_PAGES: tuple[tuple[str, str, Callable[[str], float]], ...] = (
    ("GB18030", "gb18030", _chinese),
    ("Big5", "big5hkscs", _chinese),
    ("Shift-JIS", "cp932", _japanese),
    ("EUC-KR", "cp949", _korean),
    ("Windows-1252", "cp1252", _western),
)
CODECS = {name: codec for name, codec, _judge in CODE_PAGES} | {UTF_8: "utf-8"}
