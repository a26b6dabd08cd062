"""One change to many lines of a draft: their site, unit, kind or evidence. What is left empty stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.activities.bills import bill_of
from portfolio.activities.kinds import activity_types
from portfolio.activities.rules import read_line
from portfolio.citations.forms import Citing
from portfolio.models import Activity, Disclosure
from portfolio.places.fields import PlaceField

if TYPE_CHECKING:
    from django.contrib.auth.models import User

NO_SITE = "none"


class BulkForm(forms.Form):
    """What the lines are to have instead."""

    site = forms.ChoiceField(label=gettext_lazy("Site"), required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("Activity"), required=False, help_text=gettext_lazy("It decides which factor is taken.")
    )
    unit = forms.CharField(
        label=gettext_lazy("Unit"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("The amounts stay as typed: 12 MWh instead of 12 kWh. Empty: unchanged."),
    )
    place = PlaceField(
        label=gettext_lazy("Place"),
        required=False,
        help_text=gettext_lazy("Factors follow the place. Empty: unchanged."),
    )
    without_evidence = forms.BooleanField(
        label=gettext_lazy("Take out the evidence that they have now"),
        required=False,
        help_text=gettext_lazy("Else what is attached here joins it."),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile[bytes]] | None = None,
        *,
        disclosure: Disclosure,
        lines: Sequence[Activity],
    ) -> None:
        super().__init__(data, files, label_suffix="", use_required_attribute=False)
        self.disclosure, self.lines = disclosure, lines
        self.sites = {str(site.pk): site for site in disclosure.company.sites.select_related("city")}
        unchanged = ("", _("— unchanged"))
        names = [(key, site.name) for key, site in self.sites.items() if site.stood_in(disclosure.year)]
        self._choose("site", [unchanged, *names, (NO_SITE, _("no single site"))])
        kinds = dict.fromkeys(kind for line in lines for kind in _alternatives(line.kind))
        self._choose("kind", [unchanged, *((kind, str(activity_types()[kind])) for kind in kinds)])
        self.citing = Citing(data, files, company=disclosure.company, stored=[])
        self.changed: list[Activity] = []

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  tells the type checker
        field.choices = choices

    def clean(self) -> None:
        """Every line as it would be; what cannot be is said with its number."""
        given = self.cleaned_data
        if not self.citing.is_valid():
            self.add_error(None, _("Please look at the evidence again."))
        elif not self.errors and not (any(given.values()) or self.citing.cited() or self.citing.has_news):
            self.add_error(None, _("Please choose what to change."))
        if self.errors:
            return
        self.changed = [self._changed(line) for line in self.lines]
        for line in self.changed:
            for fault in read_line(line, year=self.disclosure.year):
                words = _("Line %(number)s: %(fault)s") % {"number": line.number, "fault": fault.words}
                self.add_error(fault.field if fault.field in self.fields else None, words)

    def _changed(self, stored: Activity) -> Activity:
        given, line = self.cleaned_data, copy(stored)
        line.disclosure = self.disclosure
        if given["site"]:
            line.site = self.sites.get(given["site"])
        if given["kind"]:
            line.kind = given["kind"]
        if given["unit"] and not line.notation:
            line.typed_unit = given["unit"]
        if given["place"]:
            line.place = given["place"]
        line.cited = [] if given["without_evidence"] else line.cited
        return line

    def save(self, *, by: User) -> int:
        """How many lines were written. Raises what Evidence.keep and Disclosure.write_activities raise."""
        with transaction.atomic():
            cited = self.citing.keep(by=by)
            for line in self.changed:
                line.cited = [*line.cited, *cited]
            self.disclosure.write_activities(by=by, edition=self.disclosure.edition, changed=self.changed)
        return len(self.changed)


def _alternatives(kind: str) -> tuple[str, ...]:
    """The kinds that stand on the same bill, and those of the same fuel."""
    if kind not in activity_types():
        return ()
    fuel = activity_types()[kind].fuel
    alike = (each.key for each in activity_types().values() if fuel and each.fuel == fuel)
    return tuple(dict.fromkeys((*bill_of(kind).kinds, *alike)))
