"""Bytes as text: in which encoding a file was written, judged by what it would say in each, never by chance.

Nearly every sequence of bytes "decodes" in an East Asian encoding; what tells them apart is whether the result is made
of characters that people use. Where two readings are both plausible and differ, nobody here picks one.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache

from django.utils.translation import gettext as _

from portfolio.errors import PortfolioError

UTF_8, EUC_KR = "UTF-8", "EUC-KR"
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
FEW = 8  # characters, of which nothing is sure that a chance could say too
# What company and energy tables mostly consist of. It tells 公司 in GB 2312 from 鼠侗, the same bytes in Big5.
USUAL = frozenset(
    "公司股份有限集团科技电子力气能源钢铁水泥化工石油煤银行保险证券基金投资地产建筑机械汽车航空运输港医药食品纺织信息通信"
    "中国大上海北京天南东西广江山河新华国际第一二三年月日季期用量费单位名称代码行业地区城市省县企业排放范围数据来源营业收入"
    "總資產團電氣鋼鐵銀險證基產築機車輸醫藥紡織訊東廣國際華業區縣稱碼營範圍數據來單費臺台灣塑積體光寶聯鴻統實紙橡"
)
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
    if b"\0" in content and (found := _by_zeros(content)):
        return found
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
    near = [read for share, read in judged if share >= best - _doubt(read.text)]
    return [Reading(read.encoding, content.decode(CODECS[read.encoding])) for read in _most_usual(near)]


def _most_usual(near: list[Reading]) -> list[Reading]:
    """One of several readings where its characters are usual, more than a few, and those of the others are not."""
    shares = {read.encoding: _share(read.text, USUAL.__contains__) for read in near}
    first, *others = sorted(near, key=lambda read: -shares[read.encoding])
    most = shares[first.encoding]
    is_clear = most >= 0.2 and all(shares[read.encoding] <= most / 4 for read in others)
    told: Collection[str] = NOT_ASCII.findall(first.text)
    if any(read.encoding == EUC_KR for read in others):
        told = set(told)  # nearly all that is Korean reads as Chinese too, so that one word many times says little
    return [first] if is_clear and len(told) >= FEW else near


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
    for name in ("UTF-32", "UTF-16"):
        for order in ("le", "be"):
            for read in _if_whole(name, f"{name.lower()}-{order}", content):
                if CELL_ENDS.search(read.text) and not CONTROL.search(read.text) and _is_written(read.text):
                    return [read]
    return []


def _is_written(text: str) -> bool:
    """Rarely so where two ASCII characters were taken for one ideograph."""
    used = _ideographs()
    fits = sum(each < "\u0530" or each in used or "\u3041" <= each <= "\u30ff" or _is_sign(each) for each in text)
    return fits + sum("\uac00" <= each <= "\ud7a3" for each in text) >= PLAUSIBLE * len(text)


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
    (EUC_KR, "cp949", _korean),
    ("Windows-1252", "cp1252", _western),
)
CODECS = {name: codec for name, codec, _judge in CODE_PAGES} | {UTF_8: "utf-8"}
