"""Places that people may name: cities we know, provinces of China by ISO 3166-2, countries by ISO 3166-1 alpha-2."""

from __future__ import annotations

import gettext
from functools import lru_cache

import pycountry
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from portfolio import DATA
from portfolio.models import City
from portfolio.typed.tables import whole_table

Choice = tuple[str, str]
FIRST_COUNTRIES = ("CN", "HK", "MO", "TW")
_BY_CITY = 6  # digits of a GB/T 2260 code


def place_choices() -> list[tuple[str, list[Choice]]]:
    """For a select, grouped: cities, provinces, countries and areas."""
    cities = [(city.code, str(city)) for city in City.objects.all()]
    groups = [(_("Cities"), cities)] if cities else []
    provinces = [(code, place_name(code)) for code in _provinces() if code.startswith("CN-")]
    groups.append((_("Provinces of China"), provinces))
    return [*groups, (_("Countries and areas"), _countries(_is_english()))]


def is_place(code: str) -> bool:
    """Whether we know it. A city's GB/T 2260 code needs no row of its own: its first two digits name the province."""
    if code in _provinces() or pycountry.countries.get(alpha_2=code) is not None:
        return True
    prefixes = {prefix for prefix, _zh, _en in _provinces().values()}
    if len(code) == _BY_CITY and code.isascii() and code.isdigit() and code[:2] in prefixes:
        return True
    return City.objects.filter(code=code).exists()


def place_name(code: str) -> str:
    """In the reader's language; the code itself where it has no name."""
    if code in _provinces():
        _prefix, name_zh, name_en = _provinces()[code]
        return name_en if _is_english() else name_zh
    if country := pycountry.countries.get(alpha_2=code):
        return _country_name(country.name, _is_english())
    city = City.objects.filter(code=code).first()
    return str(city) if city else code


def _is_english() -> bool:
    return (get_language() or "").startswith("en")


@lru_cache(maxsize=1)
def _provinces() -> dict[str, tuple[str, str, str]]:
    """Code → first two digits by GB/T 2260, Chinese and English name."""
    rows = (row.cells for row in whole_table(DATA / "provinces.csv").rows)
    return {row["code"]: (row["gbt2260"], row["name_zh"], row["name_en"]) for row in rows}


@lru_cache(maxsize=2)
def _countries(is_english: bool) -> list[Choice]:
    areas = {code: name_en if is_english else name_zh for code, (_prefix, name_zh, name_en) in _provinces().items()}
    named = {country.alpha_2: _country_name(country.name, is_english) for country in pycountry.countries}
    named |= {code: areas[code] for code in FIRST_COUNTRIES if code in areas}
    first = [(code, named.pop(code)) for code in FIRST_COUNTRIES]
    return first + sorted(named.items(), key=lambda choice: choice[1])


def _country_name(name: str, is_english: bool) -> str:
    if is_english:
        return name
    return gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["zh_CN"]).gettext(name)
