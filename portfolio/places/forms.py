"""The forms of a site, and of the place of a company."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from portfolio.models import City, Company, Site
from portfolio.places.fields import PlaceField
from portfolio.places.names import city_of

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class SiteForm(forms.Form):
    """What a company says of a site of its own."""

    name = forms.CharField(label=_("Name"), max_length=200)
    city = PlaceField(label=_("Place"), help_text=_("City or district, by name, pinyin or code."))
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    what = forms.CharField(
        label=_("What it is"), max_length=120, required=False, help_text=_("Plant, office, warehouse, data centre …")
    )
    opened_on = forms.DateField(label=_("In use from"), required=False, widget=DAY)
    closed_on = forms.DateField(
        label=_("In use until"), required=False, widget=DAY, help_text=_("Empty as long as it is in use.")
    )

    def __init__(self, data: QueryDict | None = None, *, site: Site | None = None) -> None:
        initial = {name: getattr(site, name) for name in Site.OWN} if site else {}
        initial["city"] = site.city.code if site and site.city else ""
        super().__init__(data, initial=initial, label_suffix="")

    def clean(self) -> None:
        opened, closed = self.cleaned_data.get("opened_on"), self.cleaned_data.get("closed_on")
        if opened and closed and closed < opened:
            self.add_error("closed_on", _("It ends before it begins."))

    def facts(self) -> dict[str, Any]:
        """As Site.add and .change take them."""
        return self.cleaned_data | {"city": city_of(self.cleaned_data["city"])}


class CompanyPlaceForm(forms.Form):
    """Where a company is."""

    city = PlaceField(
        label=_("Registered place"),
        required=False,
        help_text=_("City or district. Lines of the ledger that name no place and no site are computed there."),
    )

    def __init__(self, data: QueryDict | None = None, *, company: Company) -> None:
        super().__init__(data, initial={"city": company.city.code if company.city else ""}, label_suffix="")

    def place(self) -> City | None:
        code = self.cleaned_data["city"]
        return city_of(code) if code else None
