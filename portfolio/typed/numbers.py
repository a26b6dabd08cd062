"""Numbers as people type them: read tolerantly, echoed plainly, never guessed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portfolio.errors import PortfolioError

# Full-width forms are their ASCII twins plus an offset. Unicode's NFKC would also do, but reads 10³ as 103.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SPACES = dict.fromkeys(map(ord, "\u3000\u00a0\u2009\u202f\t"), " ")
_SIGNS = {ord("−"): "-"}
_PLAIN = _FULL_WIDTH | _SPACES | _SIGNS

NONE = ("none", "no", "nil", "无", "没有", "否")  # a statement that there was nothing, where blank is no answer
_POWERS = {"": 0, "万": 4, "萬": 4, "亿": 8, "億": 8, "万亿": 12, "萬億": 12}
_NUMBER = re.compile(
    r"(?P<sign>[+-]?) ?"
    r"(?P<whole>[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]{0,2}(?: [0-9]{3})+|[0-9]+|(?=\.))"
    r"(?P<fraction>\.[0-9]+)?"
    r"(?:[eE](?P<exponent>[+-]?[0-9]{1,3})| ?(?P<power>万亿|萬億|[万萬亿億]))?"
)
_SLIPS = (
    str.maketrans("oOlI", "0011"),  # letters for digits
    str.maketrans(",.", ".,"),  # a decimal comma
)
_LONGEST_PLAIN = 1e15  # beyond it a float no longer holds every unit; the echo then shows the exponent


class UnreadableNumber(PortfolioError):
    """`text` is not a number we can be sure of; the message says why, and what it may have meant."""

    def __init__(self, text: str, message: str | Promise) -> None:
        super().__init__(message)
        self.text = text


@dataclass(frozen=True)
class Reading:
    """What was typed came to mean `value`; `text` is how we say it back."""

    value: float
    text: str


def read_number(typed: str, *, negative: bool = False) -> Reading:
    """Read 1,234.5, 1 234.5, full-width １２３, 1.2万, 3亿 or 1e3. Raises UnreadableNumber."""
    value = _value(typed)
    if value is None:
        raise UnreadableNumber(typed, _why_not(typed))
    if not math.isfinite(value):
        raise UnreadableNumber(typed, _("“%(typed)s” is too large.") % {"typed": typed.strip()})
    if value < 0 and not negative:
        raise UnreadableNumber(typed, _("“%(typed)s” is below zero; this cannot be.") % {"typed": typed.strip()})
    return Reading(value, grouped(value))


def grouped(value: float, digits: int | None = None) -> str:
    """Every digit the number has, or so many significant ones, in groups of three: 12345.5 → 12,345.5."""
    value = value if digits is None else float(f"{value:.{digits}g}")
    if abs(value) >= _LONGEST_PLAIN:
        return repr(value)
    return f"{Decimal(repr(value)):,f}".removesuffix(".0")


def change_percent(value: float | None, before: float | None) -> float | None:
    """Change in percent; None where either is missing or the earlier one is zero."""
    if value is None or not before:
        return None
    percent = 100 * (value / before - 1)
    return percent if math.isfinite(percent) else None


def _value(typed: str) -> float | None:
    match = _NUMBER.fullmatch(typed.translate(_PLAIN).strip())
    if match is None:
        return None
    whole = re.sub("[, ]", "", match["whole"]) or "0"
    exponent = int(match["exponent"] or 0) + _POWERS[match["power"] or ""]
    value = float(f"{match['sign']}{whole}{match['fraction'] or ''}e{exponent}")
    if value == 0 and re.search("[1-9]", whole + (match["fraction"] or "")):
        return None  # so small that only zero is left: typed something, read nothing
    return value + 0.0  # -0 is 0


def is_number(typed: str) -> bool:
    return _value(typed.translate(_PLAIN)) is not None


def meant_by(typed: str) -> float | None:
    """The number that a slip of the finger made this of: a letter for a digit, or a decimal comma."""
    for slip in _SLIPS:
        meant = _value(typed.translate(_PLAIN).translate(slip))
        if meant is not None and math.isfinite(meant):
            return meant
    return None


def _why_not(typed: str) -> str | Promise:
    if not typed.strip():
        return _("Please type a number.")
    if (meant := meant_by(typed)) is not None:
        return _("“%(typed)s” is not a number. Is %(meant)s meant?") % {
            "typed": typed.strip(),
            "meant": grouped(meant),
        }
    return _("“%(typed)s” is not a number. Digits only, such as 1,234.5 or 1.2万; the unit is given.") % {
        "typed": typed.strip()
    }


# --- the numbers of one file ----------------------------------------------------------------------------
# A machine's number, and what people's programs make of one. A mark that can be both is in neither of the next two.
MACHINE = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")
_COMMAS_GROUP = re.compile(r"-?[1-9][0-9]{0,2}((,[0-9]{3}){2,}(\.[0-9]*)?|,[0-9]{3}\.[0-9]*)")
_DOTS_GROUP = re.compile(r"-?[1-9][0-9]{0,2}((\.[0-9]{3}){2,}(,[0-9]*)?|\.[0-9]{3},[0-9]*)")
_DECIMAL_COMMA = re.compile(r"-?(?![1-9][0-9]{0,2},[0-9]{3}$)[0-9]*,[0-9]+([eE][-+]?[0-9]{1,3})?")
_EITHER_COMMA = re.compile(r"-?[1-9][0-9]{0,2},[0-9]{3}")
_EITHER_DOT = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_PERCENT = re.compile(r"(?P<number>.*[0-9.]) ?[%％]")
# How people and programs write that nothing is known; in a column of numbers only.
WORDS_FOR_NOTHING = ("nan", "n/a", "na", "n.a.", "null", "none", "nil", "无", "無", "不适用", "不適用", "空")
SIGNS_FOR_NOTHING = ("-", "--", "–", "—", ".", "..", "...")


class Slip(StrEnum):
    """Why a cell of a table is no number that can be taken for sure."""

    DECIMAL_COMMA = "decimal_comma"
    COMMAS_GROUP = "commas_group"
    DOTS_GROUP = "dots_group"
    EITHER = "either"  # 1,234: a thousand and more, or one and a bit
    NOTHING = "nothing"  # a word that says that nothing is known
    PERCENT = "percent"
    OTHER = "other"


@dataclass(frozen=True)
class Convention:
    """How one file writes its numbers, judged over all its cells before any is read.

    `comma` and `dots`: cells that show a decimal comma, and dots between thousands; "" where there is none.
    """

    has_decimal_commas: bool = False  # they are read; otherwise commas are refused
    comma: str = ""
    dots: str = ""

    @classmethod
    def of(cls, cells: Iterable[str], *, separator: str) -> Convention:
        """A file whose cells are not set apart by commas may have decimal commas, as Excel writes it in Europe."""
        comma = dots = group = ""
        for cell in cells:
            if "," in cell:
                comma = comma or (cell if _DECIMAL_COMMA.fullmatch(cell) else "")
                group = group or (cell if _COMMAS_GROUP.fullmatch(cell) else "")
            if "." in cell and _DOTS_GROUP.fullmatch(cell):
                dots = dots or cell
        return cls(separator != "," and bool(comma or dots) and not group, comma, dots)

    @property
    def shown(self) -> str:
        """The cell that a question quotes: 1.000.000 says more than 0,5."""
        return self.dots or (self.comma if self.has_decimal_commas else "")

    def number(self, cell: str) -> float | None:
        """The number that a machine, or the one convention of this file, writes so; None for any other cell."""
        if self.has_decimal_commas and ("," in cell or "." in cell):
            if _DOTS_GROUP.fullmatch(cell):
                cell = cell.replace(".", "")
            elif "." in cell:
                return None
            cell = cell.replace(",", ".", 1)
        elif self.dots and _EITHER_DOT.fullmatch(cell):
            return None
        value = float(cell) if MACHINE.fullmatch(cell) else math.inf
        return value + 0.0 if math.isfinite(value) else None  # a minus zero becomes zero

    def as_machines_write(self, cell: str) -> str:
        """The cell with a decimal point where the file has a decimal comma; any other one as it is."""
        value = self.number(cell.strip()) if self.has_decimal_commas and "," in cell else None
        return cell if value is None else repr(value)


def commas_group(column: Sequence[str]) -> bool:
    """A column's commas stand between thousands: a cell with a dot or with two groups says so, and none gainsays it."""
    marked = [cell for cell in column if "," in cell or "." in cell]
    says_so = any(_COMMAS_GROUP.fullmatch(cell) or MACHINE.fullmatch(cell) for cell in marked)
    return says_so and not any(_DECIMAL_COMMA.fullmatch(cell) or _DOTS_GROUP.fullmatch(cell) for cell in marked)


def slip_of(cell: str) -> tuple[Slip, str]:
    """What is odd about a cell that is not taken for a number, and what it may have meant, as a machine writes it."""
    plain = cell.translate(_PLAIN).strip()
    if plain.lower() in (*WORDS_FOR_NOTHING, *SIGNS_FOR_NOTHING):
        return Slip.NOTHING, ""
    if percent := _PERCENT.fullmatch(plain):
        number = percent["number"].strip()
        return Slip.PERCENT, f"{float(number) / 100:.6g}" if MACHINE.fullmatch(number) else ""
    if _DECIMAL_COMMA.fullmatch(plain):
        return Slip.DECIMAL_COMMA, plain.replace(",", ".")
    if _COMMAS_GROUP.fullmatch(plain):
        return Slip.COMMAS_GROUP, plain.replace(",", "")
    if _DOTS_GROUP.fullmatch(plain):
        return Slip.DOTS_GROUP, plain.replace(".", "").replace(",", ".")
    if _EITHER_COMMA.fullmatch(plain):
        return Slip.EITHER, plain.replace(",", "")
    return Slip.OTHER, ""
