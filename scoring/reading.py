"""A record in the reader's language: the words for its codes, and its numbers with their units."""

from __future__ import annotations

import gettext as gettext_files
import re
from functools import lru_cache

import pycountry
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from portfolio.activities.kinds import unit_label
from portfolio.templatetags.figures import MINUS, figure, percent, signed, significant
from scoring.engine import FLAGS, UNITS, ScoreRecord
from scoring.engine.score.result import GoalpostRecord, LineRecord
from scoring.engine.words import Text

_GASES = {"CO2": "CO₂", "CH4": "CH₄", "N2O": "N₂O"}
_MINUS = re.compile(r"(?<![\w-])-(?=\d)")
QUALITY_MARKS = "①②③④⑤"
BASES = {
    "verified_report": pgettext_lazy("basis of a figure", "verified"),
    "unverified_report": pgettext_lazy("basis of a figure", "reported"),
    "stated": pgettext_lazy("basis of a figure", "stated"),
}


def reads_chinese() -> bool:
    return not (get_language() or "").startswith("en")


def country_name(code: str) -> str:
    """By ISO 3166-1, in the reader's language."""
    found = pycountry.countries.get(alpha_3=code)
    if found is None:
        return code
    return _chinese_countries().gettext(found.name) if reads_chinese() else getattr(found, "common_name", found.name)


@lru_cache(maxsize=1)
def _chinese_countries() -> gettext_files.NullTranslations:
    return gettext_files.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["zh_CN"], fallback=True)


def quality_mark(grade: int | None) -> str:
    return QUALITY_MARKS[grade - 1] if grade and grade <= len(QUALITY_MARKS) else ""


def basis_word(basis: str) -> str:
    return str(BASES.get(basis, basis))


def emissions_basis(record: ScoreRecord | None) -> str:
    """The basis of the emissions, as a word; empty where there are none."""
    lines = record["lines"] if record else []
    return next((basis_word(line["basis"]) for line in lines if line["rung"]), "")


def missing_texts(record: ScoreRecord) -> list[str]:
    """What is missing, as sentences."""
    return [said((gap["zh"], gap["en"])) for gap in record["missing"]]


def flag_texts(codes: list[str]) -> list[str]:
    return [said(FLAGS[code]) if code in FLAGS else code for code in codes]


def line_flags(line: LineRecord) -> list[str]:
    """The flags of a line; one that stands at an end of its goalposts says at which."""
    ends = {0.0: _("at or beyond the worst end: counts 0"), 100.0: _("at or beyond the best end: counts 100")}
    return [
        ends.get(line["utility"] if line["utility"] is not None else -1.0, text) if code == "at_goalpost" else text
        for code, text in zip(line["flags"], flag_texts(line["flags"]), strict=True)
    ]


def said(text: Text) -> str:
    """A sentence of the engine in the reader's language: the one way to it, for page and API alike."""
    return typeset(text[0 if reads_chinese() else 1])


def typeset(text: str) -> str:
    """tCO2e is printed tCO₂e, m3@0C as m³ (0 °C), and -6.1 with a true minus."""
    for gas, printed in _GASES.items():
        text = text.replace(gas, printed)
    return _MINUS.sub(MINUS, unit_label(text))


def unit_word(unit: str) -> str:
    return said(UNITS.get(unit, (unit, unit)))


def line_value(line: LineRecord, steps: int) -> str:
    """The value of a line with its unit; `steps` is how many steps its staircase has."""
    match line["unit"]:
        case "share/year":
            return _("%(percent)s a year") % {"percent": signed_percent(line["value"])}
        case "step":
            return _("step %(step)s of %(steps)s") % {"step": figure(line["value"]), "steps": steps}
        case "rung":
            return _("rung %(rung)s") % {"rung": figure(line["value"])}
        case unit:
            return f"{significant(line['value'], 3)} {unit_word(unit)}"


def goalpost_text(line: LineRecord) -> str:
    """From the worst to the best end, in the line's unit."""
    post = line["goalpost"]
    if post is None:
        return ""
    worst, best = (_goalpost_end(line["unit"], end) for end in (post["worst"], post["best"]))
    words = {
        "sector": _("0 at %(worst)s, 100 at %(best)s (sector)"),
        "economy": _("0 at %(worst)s, 100 at %(best)s (whole economy)"),
    }
    return words[_scope(post)] % {"worst": worst, "best": best}


def _scope(post: GoalpostRecord) -> str:
    return post["scope"]


def _goalpost_end(unit: str, end: float) -> str:
    return signed_percent(end) if unit == "share/year" else significant(end, 3)


def signed_percent(share: float) -> str:
    """−9.6%, with a true minus."""
    sign = "+" if signed(share * 100, 1).startswith("+") else ""
    return sign + percent(share, 1)
