"""What can be measured: the kinds of activity with their names, units, scopes and default uncertainties."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portfolio import DATA
from portfolio.typed.tables import whole_table

TABLE = DATA / "activity_types.csv"
_GAS_STATE = re.compile(r"m3@(\d+)C")
KINDS = {
    "fuel": _("Fuel"),
    "electricity": _("Electricity"),
    "heat": _("Heat and steam"),
    "process": _("Industrial process"),
    "refrigerant": _("Refrigerants and other gases"),
    "travel": _("Travel and freight"),
    "waste": _("Waste"),
    "spend": _("Spend"),
}
SCOPES = {1: _("Scope 1"), 2: _("Scope 2"), 3: _("Scope 3")}


@dataclass(frozen=True, slots=True)
class ActivityType:
    """One row of activity_types.csv. `fuel` is the activity whose CO₂ factor and heating value belong to it."""

    key: str
    kind: str
    name_zh: str
    name_en: str
    scope: int
    category: str  # stationary, mobile, process, fugitive, electricity, heat, or a GHG Protocol category 3.1 to 3.15
    purpose: str
    market_purpose: str
    units: tuple[str, ...]
    uncertainty_percent: float
    uncertainty_source: str
    uncertainty_verification: str  # how far the percentage was checked against its source; a word of scoring's tables
    data_quality: int
    fuel: str
    sector: str
    road: str
    aliases: tuple[str, ...]
    note: str

    def __str__(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh


def activity_types() -> Mapping[str, ActivityType]:
    """All types by key, in the order of the file."""
    return ACTIVITY_TYPES


def _read() -> Mapping[str, ActivityType]:
    types = [_type(row.cells) for row in whole_table(TABLE).rows]
    by_key = {each.key: each for each in types}
    if len(by_key) != len(types):
        raise ValueError(f"{TABLE.name}: a key twice")
    return MappingProxyType(by_key)


def _type(row: dict[str, str]) -> ActivityType:
    if row["kind"] not in KINDS:
        raise ValueError(f"{TABLE.name}: {row['key']} has an unknown kind {row['kind']!r}")
    return ActivityType(
        key=row["key"],
        kind=row["kind"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        scope=int(row["scope"]),
        category=row["category"],
        purpose=row["purpose"],
        market_purpose=row["market_purpose"],
        units=tuple(row["units"].split("|")),
        uncertainty_percent=float(row["uncertainty_percent"]),
        uncertainty_source=row["uncertainty_source"],
        uncertainty_verification=row["uncertainty_verification"],
        data_quality=int(row["data_quality"]),
        fuel=row["fuel"],
        sector=row["sector"],
        road=row["road"],
        aliases=tuple(filter(None, row["aliases"].split("|"))),
        note=row["note"],
    )


ACTIVITY_TYPES = _read()


@lru_cache(maxsize=1)
def _words() -> Mapping[str, str]:
    """Every key, alias and name in lower case → key. A word of two types, which no key or name is, finds neither."""
    words: dict[str, str] = {}
    doubtful: set[str] = set()
    for each in activity_types().values():
        bare = each.key.partition(".")[2]
        for alias in (*each.aliases, *([bare] if bare else [])):
            word = alias if alias.startswith(f"{each.kind}.") else f"{each.kind}.{alias}"
            for spelling in (word.lower(), alias.lower()):
                if words.setdefault(spelling, each.key) != each.key:
                    doubtful.add(spelling)
    for each in activity_types().values():  # names and keys win over aliases
        for word in (each.name_zh, each.name_en, each.key):
            words[word.lower()] = each.key
            doubtful.discard(word.lower())
    return MappingProxyType({word: key for word, key in words.items() if word not in doubtful})


def find(word: str) -> ActivityType | None:
    """The type of a key, an alias or a name in either language; None where there is none."""
    key = _words().get(word.strip().lower())
    return activity_types()[key] if key else None


def kind_of(key: str) -> ActivityType | None:
    return activity_types().get(key)


def kind_name(key: str) -> str:
    """In the reader's language; the key itself for a kind that is no longer in the list."""
    kind = activity_types().get(key)
    return str(kind) if kind else key


def unit_label(unit: str) -> str:
    """m3@20C → m³ (20 °C), kg/m3@0C → kg/m³ (0 °C); any other text stays."""
    return _GAS_STATE.sub(r"m³ (\1 °C)", unit)
