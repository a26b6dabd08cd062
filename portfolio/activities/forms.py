"""The form of one line of the ledger. What was typed is kept as typed; its reading stands beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.activities.fields import KindField, kind_choices
from portfolio.activities.grid import period_of
from portfolio.activities.kinds import activity_types
from portfolio.activities.rules import PARAMETERS, read_line
from portfolio.citations.forms import Citing
from portfolio.models import Activity, Disclosure, Site
from portfolio.places.fields import PlaceField
from portfolio.typed.fields import Formatted, NumberField
from portfolio.typed.numbers import grouped
from portfolio.typed.units import USUAL, read_amount

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MAIN = ("kind", "amount", "unit", "site", "place")
ADVANCED = (
    "notation",
    "included_in",
    "heating_value_basis",
    "meter",
    "period_start",
    "period_end",
    "uncertainty_percent",
    "contract",
    "contract_kg_per_kwh",
    "certificate",
    *PARAMETERS,
    "note",
)
DAY = {"type": "date"}
_PLAIN: tuple[str, ...] = (
    "kind",
    "notation",
    "included_in",
    "heating_value_basis",
    "meter",
    "period_start",
    "period_end",
    "site",
    "place",
)
_PLAIN += ("contract", "certificate", "note")


class ActivityForm(forms.Form):
    """One line: how much of what, where and when, with what shows it."""

    edition = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 2)
    kind = KindField(label=gettext_lazy("Activity"))
    amount = forms.CharField(
        label=gettext_lazy("Amount"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "num"}),
    )
    unit = forms.CharField(
        label=gettext_lazy("Unit"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "units"}),
        help_text=gettext_lazy("As on the bill: kWh, 万千瓦时, t, 万立方米@20C, tce …"),
    )
    site = forms.ModelChoiceField(
        label=gettext_lazy("Site"),
        queryset=Site.objects.none(),
        required=False,
        empty_label=gettext_lazy("— no single site"),
    )
    place = PlaceField(
        label=gettext_lazy("Place"),
        required=False,
        help_text=gettext_lazy(
            "By name, pinyin or code. Empty: the site's, else the company's. Factors follow the place."
        ),
    )
    notation = forms.ChoiceField(
        label=gettext_lazy("Instead of an amount"),
        required=False,
        choices=[("", gettext_lazy("— there is an amount")), *Activity.Notation.choices],
    )
    included_in = forms.CharField(
        label=gettext_lazy("Included in"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("For IE: the line or category that includes it."),
    )
    heating_value_basis = forms.ChoiceField(
        label=gettext_lazy("Heating value"),
        required=False,
        choices=[("", "—"), *Activity.HeatingValue.choices],
        help_text=gettext_lazy(
            "For fuel told as energy. Empty: gross for therms, and for natural gas in the US and Great Britain; else "
            "taken as net, and marked so."
        ),
    )
    meter = forms.CharField(
        label=gettext_lazy("Meter or account"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("What tells its bills from others, such as 户号 or a number plate."),
    )
    period_start = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )
    period_end = forms.DateField(
        label=gettext_lazy("To"),
        required=False,
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        help_text=gettext_lazy("Both empty: the whole year."),
    )
    uncertainty_percent = NumberField(
        label=gettext_lazy("Uncertainty of the amount, ± %"),
        help_text=gettext_lazy("Half of the 95 % interval. Empty: the default of its type."),
    )
    contract = forms.ChoiceField(
        label=gettext_lazy("Contract for electricity"), required=False, choices=Activity.Contract.choices
    )
    contract_kg_per_kwh = NumberField(label=gettext_lazy("Factor of the contract, kg CO₂ per kWh"))
    certificate = forms.CharField(
        label=gettext_lazy("Number of the certificate or contract"), required=False, max_length=120
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile[bytes]] | None = None,
        *,
        disclosure: Disclosure,
        activity: Activity | None = None,
        **kwargs: Any,
    ) -> None:
        initial = typed_texts(activity) if activity else {}
        super().__init__(data, files, initial=initial | {"edition": disclosure.edition}, label_suffix="", **kwargs)
        self.disclosure, self.stored = disclosure, activity
        self.line = Activity(disclosure=disclosure)
        for name, parameter in PARAMETERS.items():
            self.fields[name] = NumberField(label=Formatted("%(label)s, %(unit)s", vars_of(parameter)))
        self._choose_from("kind", kind_choices())
        self._rows_of("site", Site.objects.filter(company=disclosure.company).select_related("city"))
        stored = activity.cited if activity else []
        self.citing = Citing(data, files, company=disclosure.company, stored=stored)

    def _choose_from(self, name: str, choices: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  tells the type checker
        field.choices = choices

    def _rows_of(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  tells the type checker
        field.queryset = rows

    # --- what was read -------------------------------------------------------------------------------
    def clean(self) -> None:
        """Build the line from what could be read, and say at its field what cannot be."""
        if not self.citing.is_valid():
            self.add_error(None, _("Please look at the evidence again."))
        self.line = self._line()
        if "kind" in self.errors:
            return
        for fault in read_line(self.line, year=self.disclosure.year):
            field = fault.field if fault.field in self.fields else None
            if field is None or field not in self.errors:
                self.add_error(field, forms.ValidationError(fault.words, code=fault.code))

    def _line(self) -> Activity:
        cleaned, before = self.cleaned_data, self.stored
        line = Activity(disclosure=self.disclosure, **{name: cleaned[name] for name in _PLAIN if name in cleaned})
        if before:
            line.pk, line.number = before.pk, before.number
        line.typed_amount, line.typed_unit = cleaned.get("amount", ""), cleaned.get("unit", "")
        for name in ("uncertainty_percent", "contract_kg_per_kwh"):
            reading = cleaned.get(name)
            setattr(line, name, None if reading is None else reading.value)
        line.parameters = {name: cleaned[name].value for name in PARAMETERS if cleaned.get(name) is not None}
        line.cited = self.citing.cited() if self.citing.is_valid() else self.citing.stored
        return line

    def activity(self) -> Activity:
        """The line as it would be stored, for a valid form; nothing is written."""
        return self.line

    def echo(self) -> str:
        """How the amount was read: 1,234.05 万千瓦时 = 12,340,500 kWh. Empty where it was not."""
        kind = activity_types().get(self.line.kind)
        if kind is None or self.line.amount is None:
            return ""
        return read_amount(self.line.typed_amount, self.line.typed_unit, kind.units).echo

    def save(self, *, by: User) -> Activity:
        """Keep the files and the line. Raises what Disclosure.write_activities raises."""
        line, edition = self.line, self.cleaned_data["edition"]
        with transaction.atomic():
            line.cited = self.citing.keep(by=by)  # new files are kept only with the line
            if self.stored is None:
                self.disclosure.add_activity(line, by=by, edition=edition)
            else:
                self.disclosure.write_activities(changed=[line], by=by, edition=edition)
        return line

    # --- what is shown -------------------------------------------------------------------------------
    def main(self) -> list[BoundField]:
        return [self[name] for name in MAIN]

    def advanced(self) -> list[BoundField]:
        return [self[name] for name in ADVANCED]

    def is_advanced_open(self) -> bool:
        """Filled or faulty: nothing that counts is hidden."""
        return any(self[name].value() or self[name].errors for name in ADVANCED)

    def unit_suggestions(self) -> list[str]:
        """Names of units to offer, of the chosen kind where there is one."""
        kind = activity_types().get(str(self["kind"].value() or ""))
        canonical = kind.units if kind else tuple(USUAL)
        return list(dict.fromkeys(name for unit in canonical for name in USUAL[unit]))

    def faults(self) -> Iterator[tuple[BoundField, str]]:
        """Field and message, for the list on top."""
        for field in (*self.main(), *self.advanced()):
            for message in field.errors:
                yield field, str(message)
        yield from self.citing.faults()


def copied_texts(activity: Activity) -> dict[str, Any]:
    """The same for a line after this one: without amount and evidence, and of the next month where it is of one."""
    texts = typed_texts(activity)
    last = activity.period_end
    if activity.month and last and last.month < 12:
        texts["period_start"], texts["period_end"] = period_of(last.month + 1, last.year)
    return texts | {"amount": ""}


def typed_texts(activity: Activity) -> dict[str, Any]:
    """Field name → what the database holds, as it would be typed."""
    texts: dict[str, Any] = {name: getattr(activity, name) for name in _PLAIN}
    texts |= {"amount": activity.typed_amount, "unit": activity.typed_unit}
    for name in ("uncertainty_percent", "contract_kg_per_kwh"):
        value = getattr(activity, name)
        texts[name] = "" if value is None else grouped(value)
    return texts | {name: grouped(value) for name, value in activity.parameters.items()}


def vars_of(parameter: Any) -> dict[str, Any]:
    return {"label": parameter.label, "unit": parameter.unit}
