"""Every place that has a code: countries, provinces of China, counties of Taiwan, divisions of the mainland.

Codes are ISO 3166-1 alpha-2, ISO 3166-2 and GB/T 2260. The divisions are those of one day (see portfolio/data): codes
that had gone by then are known only where former_places.csv has them, with the day until which they held.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import pycountry

from portfolio import DATA
from portfolio.typed.tables import whole_table

COUNTRY, PROVINCE, CITY, COUNTY, ALIAS = "country", "province", "city", "county", "alias"
FIRST_COUNTRIES = ("CN", "HK", "MO", "TW")
CHINA = "CHN"


@dataclass(frozen=True, slots=True)
class Place:
    """`within`: the code of the place round it. `pinyin`: its syllables, without the kind of division."""

    code: str
    name_zh: str
    name_en: str
    kind: str  # an alias is another code of a place that is in the table, or a number that only groups others
    within: str
    country: str  # ISO 3166-1 alpha-3
    source: str
    pinyin: str = ""
    valid_to: str = ""


@cache
def places() -> Mapping[str, Place]:
    """Code → place: the wider ones before those that lie in them."""
    found = (*_provinces(), *_countries(), *_of_taiwan(), *_divisions(), *_former())
    return {place.code: place for place in found}


@cache
def provinces_by_prefix() -> Mapping[str, Place]:
    """The first two digits of GB/T 2260 → the province."""
    return {row["gbt2260"]: places()[row["code"]] for row in _rows("provinces.csv")}


def _provinces() -> Iterator[Place]:
    spoken = {row["code"][:2]: row["pinyin"] for row in _rows("cn_divisions.csv") if row["level"] == PROVINCE}
    for row in _rows("provinces.csv"):
        is_area = row["code"] in FIRST_COUNTRIES
        country = pycountry.countries.get(alpha_2=row["code"]).alpha_3 if is_area else CHINA
        kind, within = (COUNTRY, "") if is_area else (PROVINCE, "CN")
        pinyin = spoken.get(row["gbt2260"], "")
        yield Place(row["code"], row["name_zh"], row["name_en"], kind, within, country, row["source"], pinyin)


def _countries() -> Iterator[Place]:
    chinese = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["zh_CN"])
    known = {row["code"] for row in _rows("provinces.csv")}
    for each in pycountry.countries:
        if each.alpha_2 not in known:
            name_zh = chinese.gettext(each.name)
            yield Place(each.alpha_2, name_zh, each.name, COUNTRY, "", each.alpha_3, "ISO 3166-1")


def _of_taiwan() -> Iterator[Place]:
    for row in _rows("places.csv"):
        if row["code"].startswith("TW-"):
            yield Place(row["code"], row["name_zh"], row["name_en"], CITY, "TW", row["country"], row["source"])


def _divisions() -> Iterator[Place]:
    """What only groups others ("districts of the municipality") is known by its code, and offered to nobody."""
    province = {row["gbt2260"]: row["code"] for row in _rows("provinces.csv")}
    grouping = {row["code"] for row in _rows("cn_divisions.csv") if row["level"] == "city_placeholder"}
    for row in _rows("cn_divisions.csv"):
        kind = row["level"] if row["level"] in (CITY, COUNTY) else ALIAS
        is_direct = kind != COUNTY or row["parent_code"] in grouping
        within = province[row["code"][:2]] if is_direct else row["parent_code"]
        names = row["name_zh"], row["name_en"]
        yield Place(row["code"], *names, kind, within, CHINA, row["source"], row["pinyin"])


def _former() -> Iterator[Place]:
    province = {row["gbt2260"]: row["code"] for row in _rows("provinces.csv")}
    for row in _rows("former_places.csv"):
        names, within = (row["name_zh"], row["name_en"]), province[row["code"][:2]]
        yield Place(row["code"], *names, CITY, within, CHINA, row["source"], row["pinyin"], row["valid_to"])


@cache
def _rows(name: str) -> list[dict[str, str]]:
    return [row.cells for row in whole_table(DATA / name).rows]
