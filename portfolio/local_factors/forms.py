"""The form of a local factor: what a city, a utility or a laboratory found, as it is to stand in the tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from portfolio.activities.fields import KindField, kind_choices
from portfolio.activities.kinds import activity_types, unit_label
from portfolio.local_factors.words import GASES, PURPOSES, beside
from portfolio.models import Company, Evidence, LocalFactor
from portfolio.models.disclosure import FIRST_YEAR
from portfolio.models.local_factor import LONGEST_REASON
from portfolio.places.fields import PlaceField
from portfolio.typed.fields import EvidenceField, NumberField
from portfolio.typed.numbers import grouped
from portfolio.wording import listed

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.core.files.uploadedfile import UploadedFile


ASKED = ("kind", "unit")


class LocalFactorForm(forms.Form):
    """Kilograms of a gas per unit of an activity, with place, year, document and evidence."""

    edition = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 2, required=False)
    supplier = forms.ModelChoiceField(label=_("Supplied by"), queryset=Company.objects.none(), empty_label=None)
    kind = KindField(label=_("Activity"))
    region = PlaceField(label=_("Place it is valid for"))
    data_year = forms.IntegerField(
        label=_("Year the data are of"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    purpose = forms.ChoiceField(label=_("Purpose"), choices=list(PURPOSES.items()))
    gas = forms.ChoiceField(label=_("Gas"), choices=list(GASES.items()))
    value = NumberField(
        label=_("Kilograms of the gas per unit"),
        bound="factor_kg",
        help_text=_("Per kWh, t, GJ and so on: 0.5366 kg per kWh is 0.5366 t per MWh."),
    )
    unit = forms.ChoiceField(label=_("Unit of the activity"))
    lower95 = NumberField(label=_("Lower bound, 95 %"), bound="factor_kg")
    upper95 = NumberField(
        label=_("Upper bound, 95 %"),
        bound="factor_kg",
        help_text=_("Both bounds or none; without them the default of its class is used."),
    )
    publisher = forms.CharField(label=_("Publisher"), max_length=120, help_text=_("Who stands for the number."))
    published = forms.DateField(
        label=_("Published on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    document = forms.CharField(label=_("Document"), max_length=300, help_text=_("Title, number, page."))
    far_reason = forms.CharField(
        label=_("Why it is far from the built-in factor"),
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Only where it lies outside the built-in factor's own range or, where that has none, is more than twice or"
            " less than half of it. The verifier reads it; it stays with the factor."
        ),
    )
    evidence = EvidenceField(label=_("Evidence"))
    is_for_all = forms.BooleanField(
        label=_("Valid for everyone at this place, not only for our own company"), required=False
    )
    note = forms.CharField(label=_("Note"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile[bytes]] | None = None,
        *,
        user: User,
        factor: LocalFactor | None = None,
        asked: Mapping[str, str] | None = None,
    ) -> None:
        """`asked`: what a link to the form fills in beforehand: kind, unit."""
        initial = _initial(factor) if factor else {}
        initial |= {name: value for name, value in (asked or {}).items() if name in ASKED}
        super().__init__(data, files, initial=initial, label_suffix="")
        self.user, self.factor = user, factor
        self._choose_from("kind", kind_choices())
        units = {unit: None for kind in activity_types().values() for unit in kind.units}
        self._choose_from("unit", [(unit, unit_label(unit)) for unit in units])
        supplier = self.fields["supplier"]
        assert isinstance(supplier, forms.ModelChoiceField)  # noqa: S101  tells the type checker
        supplier.queryset = Company.objects.filter(memberships__user_id=user.pk)
        if factor:
            del self.fields["supplier"]

    def _choose_from(self, name: str, choices: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  tells the type checker
        field.choices = choices

    def clean_data_year(self) -> int:
        year: int = self.cleaned_data["data_year"]
        this_year = timezone.localdate().year
        if not FIRST_YEAR <= year <= this_year:
            raise forms.ValidationError(
                _("From %(first)s to %(last)s, please.") % {"first": FIRST_YEAR, "last": this_year}, code="invalid"
            )
        return year

    def clean(self) -> None:
        cleaned = self.cleaned_data
        value, low, high = (cleaned.get(name) for name in ("value", "lower95", "upper95"))
        if "value" in cleaned and value is None:
            self.add_error("value", _("Please type a number."))
        if "lower95" in cleaned and "upper95" in cleaned and (low is None) != (high is None):
            self.add_error("upper95" if high is None else "lower95", _("Both bounds, or none."))
        if value and low and high and not low.value <= value.value <= high.value:
            self.add_error("lower95", _("The bounds must enclose the value: lower ≤ value ≤ upper."))
        kind = activity_types().get(cleaned.get("kind", ""))
        if kind and cleaned.get("unit") and cleaned["unit"] not in kind.units:
            units = listed(unit_label(unit) for unit in kind.units)
            self.add_error("unit", _("This activity is counted in: %(units)s.") % {"units": units})
        published, year = cleaned.get("published"), cleaned.get("data_year")
        if published and published > timezone.localdate():
            self.add_error("published", _("This day is still to come."))
        elif published and year and published.year < year:
            self.add_error("published", _("It cannot be published before the year its data are of."))
        if not self.errors and value is not None:
            self._compare(value.value)

    def _compare(self, value: float) -> None:
        """Both numbers side by side where they are far apart and nobody has said why."""
        cleaned = self.cleaned_data
        names = ("kind", "region", "data_year", "purpose", "gas", "unit")
        built_in = LocalFactor(value=value, **{name: cleaned[name] for name in names}).built_in()
        if built_in is not None and built_in.is_far and not cleaned["far_reason"].strip():
            words = _("%(beside)s Please check value and unit; if they are right, say here why.")
            self.add_error("far_reason", words % {"beside": beside(value, built_in)})

    def content(self, supplier: Company) -> dict[str, Any]:
        """The fields as LocalFactor.start and .revise take them; a new file is kept. Raises NotAllowed."""
        cleaned = self.cleaned_data
        taken = {name: cleaned[name] for name in LocalFactor.CONTENT if name not in ("value", "lower95", "upper95")}
        for name in ("value", "lower95", "upper95"):
            reading = cleaned[name]
            taken[name] = None if reading is None else reading.value
        taken["far_reason"] = cleaned["far_reason"].strip()
        taken["company"] = None if cleaned["is_for_all"] else supplier
        taken["evidence"] = self.factor.evidence if self.factor else None
        if upload := cleaned["evidence"]:
            taken["evidence"] = Evidence.keep(upload, company=supplier, by=self.user)
        return taken


def _initial(factor: LocalFactor) -> dict[str, Any]:
    shown = {name: getattr(factor, name) for name in (*LocalFactor.CONTENT, "far_reason")}
    for name in ("value", "lower95", "upper95"):
        shown[name] = "" if shown[name] is None else grouped(shown[name])
    return shown | {"edition": factor.edition, "is_for_all": factor.company_id is None}
