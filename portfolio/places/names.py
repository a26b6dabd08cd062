"""What a place is called in the reader's language, and whether there is such a place."""

from __future__ import annotations

from typing import Any

import pycountry
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from portfolio.models import City
from portfolio.places.table import ALIAS, COUNTRY, Place, places, provinces_by_prefix


def is_place(code: str) -> bool:
    """Whether there is such a code: ours, of ISO 3166-2 abroad, or of a city that an administrator entered."""
    return code in places() or _abroad(code) is not None or City.objects.filter(code=code).exists()


def place_name(code: str) -> str:
    """In the reader's language; the code itself where it has no name."""
    if place := places().get(code):
        return name_of(place)
    if subdivision := _abroad(code):
        return str(subdivision.name)
    city = City.objects.filter(code=code).first()
    return str(city) if city else code


def _abroad(code: str) -> Any:
    """A part of another country by ISO 3166-2, such as DE-BY; those of China are in our own table."""
    is_like_one = "-" in code and not code.startswith(("CN-", "TW-"))
    return pycountry.subdivisions.get(code=code) if is_like_one else None


def name_of(place: Place) -> str:
    """310000 is Shanghai as CN-SH is; a code that no longer holds says until when it did."""
    is_english = (get_language() or "").startswith("en")
    place = _province_of(place) or place
    name = place.name_en if is_english else place.name_zh
    return _("%(place)s (until %(day)s)") % {"place": name, "day": place.valid_to} if place.valid_to else name


def full_name(code: str) -> str:
    """With what it lies in below the country, since many districts share a name: 江苏南京市鼓楼区."""
    place, names = places().get(code), list[str]()
    place = (place and _province_of(place)) or place
    while place is not None and (not names or place.kind != COUNTRY):
        names.append(name_of(place))
        place = places().get(place.within)
    if (get_language() or "").startswith("en"):
        return ", ".join(names) or place_name(code)
    return "".join(reversed(names)) or place_name(code)


def _province_of(place: Place) -> Place | None:
    """The province that has this number of GB/T 2260; None for what is no province."""
    return provinces_by_prefix()[place.code[:2]] if place.kind == ALIAS and place.code.endswith("0000") else None


def place_text(code: str) -> str:
    """As the field shows a place, and reads it again: 成都市 510100."""
    return f"{place_name(code)} {code}" if code else ""


def lies_in(code: str, wider: str) -> bool:
    """Whether one place is the other, or within it."""
    place = places().get(code)
    while place is not None and place.code != wider:
        place = places().get(place.within)
    return code == wider or place is not None


def city_of(code: str) -> City:
    """The row that companies and sites point to, made from the table where there is none yet."""
    if place := places().get(code):
        facts = {"name_zh": place.name_zh, "name_en": place.name_en, "country": place.country, "source": place.source}
    elif subdivision := _abroad(code):
        country = str(subdivision.country.alpha_3)
        names = dict.fromkeys(("name_zh", "name_en"), str(subdivision.name)[:80])
        facts = {**names, "country": country, "source": "ISO 3166-2"}
    else:
        return City.objects.get(code=code)
    return City.objects.get_or_create(code=code, defaults=facts)[0]
