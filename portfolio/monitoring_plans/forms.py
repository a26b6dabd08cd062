"""The forms of a monitoring plan: its facts, and one row of it."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.activities.fields import KindField, kind_choices
from portfolio.activities.kinds import activity_types, unit_label
from portfolio.models import MonitoringPlan, PlannedSource, Site
from portfolio.models.case.monitoring_plan import FACTS, LONGEST_BOUNDARY, LONGEST_REASON
from portfolio.models.disclosure import FIRST_YEAR
from portfolio.wording import listed

ROW = ("kind", "site", "meter", "measured", "unit", "often", "evidence", "responsible")


class PlanForm(forms.Form):
    """From which year, for which boundary, and why it changes."""

    valid_from = forms.IntegerField(
        label=gettext_lazy("Valid from the year"),
        min_value=FIRST_YEAR,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=gettext_lazy("The first year whose report is held against it."),
    )
    boundary = forms.CharField(
        label=gettext_lazy("Organisational boundary"),
        required=False,
        max_length=LONGEST_BOUNDARY,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Which companies and sites it covers, and which it leaves out."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why it changes"),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Such as a new meter, a site that was closed. The verifier reads it."),
    )

    def __init__(self, data: QueryDict | None = None, *, plan: MonitoringPlan) -> None:
        super().__init__(data, initial={name: getattr(plan, name) for name in FACTS}, label_suffix="")
        if plan.supersedes_id is None:
            del self.fields["reason"]
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"about-{name}"


class SourceForm(forms.Form):
    """One row: what is measured where, how, in which unit, how often, shown by what, and who sees to it."""

    kind = KindField(label=gettext_lazy("Activity"))
    site = forms.ModelChoiceField(
        label=gettext_lazy("Site"), queryset=Site.objects.none(), required=False, empty_label=gettext_lazy("any site")
    )
    meter = forms.CharField(
        label=gettext_lazy("Meter or account"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("As the ledger names it. Empty: any."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    measured = forms.ChoiceField(label=gettext_lazy("How it is measured"), choices=PlannedSource.Measured.choices)
    unit = forms.ChoiceField(
        label=gettext_lazy("Unit"),
        help_text=gettext_lazy("What bills and readings are counted in; MWh on a bill is kWh here."),
    )
    often = forms.ChoiceField(label=gettext_lazy("How often"), choices=PlannedSource.Often.choices)
    evidence = forms.CharField(
        label=gettext_lazy("Evidence expected"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Such as monthly bills. Empty: none."),
    )
    responsible = forms.CharField(
        label=gettext_lazy("Responsible"), max_length=120, help_text=gettext_lazy("A person or post of the company.")
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        plan: MonitoringPlan,
        source: PlannedSource | None = None,
        kind: str = "",
    ) -> None:
        """`kind`: what a link to the form chooses beforehand."""
        self.plan, self.source = plan, source
        initial = {name: getattr(source, name) for name in ROW} if source else {"kind": kind}
        super().__init__(data, initial=initial, label_suffix="")
        self._choose_from("kind", kind_choices())
        units = dict.fromkeys(unit for known in activity_types().values() for unit in known.units)
        self._choose_from("unit", [("", _("— please choose")), *((unit, unit_label(unit)) for unit in units)])
        cast("forms.ModelChoiceField[Site]", self.fields["site"]).queryset = plan.company.sites.order_by("name")
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"about-{name}"

    def _choose_from(self, name: str, choices: Any) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    def clean(self) -> None:
        kind, unit = activity_types().get(self.cleaned_data.get("kind", "")), self.cleaned_data.get("unit")
        if kind and unit and unit not in kind.units:
            units = listed(unit_label(one) for one in kind.units)
            self.add_error("unit", _("This activity is counted in: %(units)s.") % {"units": units})
        if self.errors:
            return
        others = [row.subject for row in self.plan.rows() if self.source is None or row.number != self.source.number]
        if self.read().subject in others:
            self.add_error("meter", _("This activity stands in the plan already for the same site and meter."))

    def read(self) -> PlannedSource:
        """The row as it is to be stored, of a form that is valid."""
        return PlannedSource(**{name: self.cleaned_data[name] for name in ROW})
