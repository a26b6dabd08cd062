"""A record in the reader's language: the words for its codes, and its numbers with their units."""

from __future__ import annotations

import gettext as gettext_files
import re
from functools import lru_cache

import pycountry
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from portfolio.activities.kinds import unit_label
from portfolio.templatetags.figures import MINUS, percent, signed, significant
from scoring.engine.score.record import Step
from scoring.engine.words import Text

_GASES = {"CO2": "CO₂", "CH4": "CH₄", "N2O": "N₂O"}
_MINUS = re.compile(r"(?<![\w-])-(?=\d)")
QUALITY_MARKS = "①②③④⑤"
FLAGS = {
    "boundary_mismatched": gettext_lazy("Emissions and revenue have different boundaries."),
    "boundary_unstated": gettext_lazy("It is not stated whether the boundaries of emissions and revenue agree."),
    "emissions_doubtful": gettext_lazy("The emissions look implausible: please check."),
    "jump": gettext_lazy("Emissions of neighbouring years differ by a large factor: please check."),
    "not_latest_year": gettext_lazy("A newer year lacks revenue or an exchange rate, so an older one is used."),
    "revenue_doubtful": gettext_lazy("The revenue looks implausible: please check."),
    "scope2_kind_changed": gettext_lazy("Years with another kind of scope 2 are left out of the trend."),
    "sector_unmapped": gettext_lazy("Its sector is not mapped."),
    "target_past": gettext_lazy("A target whose year is past does not count."),
    "zero_emissions": gettext_lazy("Scopes 1 and 2 are both zero, which is taken as not reported."),
    "zero_scope_1": gettext_lazy("Scope 1 is zero."),
    "zero_scope_2": gettext_lazy("Scope 2 is zero."),
}


def reads_chinese() -> bool:
    return not (get_language() or "").startswith("en")


def country_name(code: str) -> str:
    """By ISO 3166-1, in the reader's language; ZZZ is a place that nobody told."""
    if code == "ZZZ":
        return _("place of use not stated")
    found = pycountry.countries.get(alpha_3=code)
    if found is None:
        return code
    return _chinese_countries().gettext(found.name) if reads_chinese() else getattr(found, "common_name", found.name)


@lru_cache(maxsize=1)
def _chinese_countries() -> gettext_files.NullTranslations:
    return gettext_files.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["zh_CN"], fallback=True)


def quality_mark(grade: int | None) -> str:
    return QUALITY_MARKS[grade - 1] if grade and grade <= len(QUALITY_MARKS) else ""


def flag_texts(codes: list[str]) -> list[str]:
    """What is to be known of measured figures, as sentences."""
    return [str(FLAGS.get(code, code)) for code in codes]


def said(text: Text) -> str:
    """A sentence of the engine in the reader's language: the one way to it, for page and API alike."""
    return typeset(text[0 if reads_chinese() else 1])


def typeset(text: str) -> str:
    """tCO2e is printed tCO₂e, m3@0C as m³ (0 °C), and -6.1 with a true minus."""
    for gas, printed in _GASES.items():
        text = text.replace(gas, printed)
    return _MINUS.sub(MINUS, unit_label(text))


def step_words(step: Step) -> str:
    """What stands where a change would: nobody knows yet whether it is one."""
    words = _("step up %(times)s× in %(year)s") if step["times"] > 1 else _("step down %(times)s× in %(year)s")
    return words % {"times": significant(max(step["times"], 1 / step["times"]), 2), "year": step["year"]}


def step_question(step: Step) -> str:
    return _("%(step)s: another boundary or unit?") % {"step": step_words(step)}


def signed_percent(share: float) -> str:
    """−9.6%, with a true minus."""
    sign = "+" if signed(share * 100, 1).startswith("+") else ""
    return sign + percent(share, 1)
