"""The field that takes a place by name, pinyin or code, for every form that asks for one."""

from __future__ import annotations

from typing import Any

import pycountry
from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy

from portfolio.models import City
from portfolio.places.names import city_of, is_place, place_text
from portfolio.places.search import UnknownPlace, offered_at_once, option, read_place
from portfolio.places.table import places

LONGEST = 120


class PlaceInput(forms.TextInput):
    """A text with suggestions: cities at once, districts as they are typed. Without scripts the server reads it."""

    template_name = "portfolio/places/place_input.html"

    def __init__(self) -> None:
        find = gettext_lazy("成都, chengdu, 510100 …")
        super().__init__(attrs={"placeholder": find, "autocomplete": "off", "spellcheck": "false"})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["suggested_at"] = reverse("portfolio:places")
        context["widget"]["options"] = [option(place) for place in offered_at_once()]
        return context

    def format_value(self, value: Any) -> str:
        """A code as it is read again; what else was typed stays."""
        text = str(value or "")
        return place_text(text) if is_place(text) else text


class PlaceField(forms.CharField):
    """Cleans to the code of a place, or "" where it may be left empty; what is not one place is answered with some."""

    widget = PlaceInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST, **kwargs)

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        if not typed:
            return ""
        try:
            return read_place(typed)
        except UnknownPlace as refusal:
            raise forms.ValidationError(str(refusal), code="unknown_place") from refusal


class CityField(PlaceField):
    """The same for the form of a model whose column points to a row of City; the row is made where there is none."""

    def prepare_value(self, value: Any) -> Any:
        return City.objects.get(pk=value).code if isinstance(value, int) else value

    def clean(self, value: Any) -> City | None:  # type: ignore[override]  # a row instead of its code
        code = super().clean(value)
        return city_of(code) if code else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            code = super().clean(data)
        except forms.ValidationError:
            return True
        return code != (self.prepare_value(initial) or "")


class CountryField(PlaceField):
    """The same for a country alone: cleans to its code of three letters, whatever place in it was typed."""

    def prepare_value(self, value: Any) -> Any:
        found = pycountry.countries.get(alpha_3=value) if value else None
        return found.alpha_2 if found else value

    def clean(self, value: Any) -> str:
        typed = str(value or "").strip()
        if len(typed) == 3 and pycountry.countries.get(alpha_3=typed):  # it takes "chn" as well
            return typed.upper()
        code = super().clean(value)
        if not code or code in places():
            return places()[code].country if code else ""
        if found := pycountry.countries.get(alpha_2=code[:2]):  # a part of a country abroad, such as DE-BY
            return str(found.alpha_3)
        return str(City.objects.get(code=code).country)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.clean(data) != (initial or "")
        except forms.ValidationError:
            return True
