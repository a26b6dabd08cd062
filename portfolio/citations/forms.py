"""The one control by which evidence is attached: files that are kept, each with its place, and new ones at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.models import Citation, Company, Evidence
from portfolio.models.activity import LONGEST_PLACE, MOST_CITATIONS
from portfolio.typed.fields import SeveralEvidenceField

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PREFIX = "cited"
NEW_PLACE = f"{PREFIX}-attached-place"  # as often as there are new files, in their order


class CitedForm(forms.Form):
    """A row: a file that is kept, where in it, and whether it is taken out. Without a file it is empty."""

    evidence = forms.ModelChoiceField(
        label=gettext_lazy("Evidence that is here already"),
        queryset=Evidence.objects.none(),
        required=False,
        empty_label=gettext_lazy("— none"),
    )
    place = forms.CharField(
        label=gettext_lazy("Where in the evidence"),
        required=False,
        max_length=LONGEST_PLACE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    remove = forms.BooleanField(label=gettext_lazy("Take out"), required=False)

    def __init__(self, data: Any, *, prefix: str, initial: Any, kept: models.QuerySet[Evidence], is_new: bool) -> None:
        super().__init__(data, prefix=prefix, initial=initial, label_suffix="")
        field = self.fields["evidence"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  tells the type checker
        field.queryset = kept
        self.kept, self.is_new = kept, is_new
        if not is_new:
            field.widget = forms.HiddenInput()
            field.error_messages["invalid_choice"] = gettext_lazy("This file is not the company's.")

    @property
    def name(self) -> Evidence | None:
        """The file of a row that was there."""
        value = str(self["evidence"].value() or "")
        return self.kept.filter(pk=value).first() if value.isascii() and value.isdecimal() and len(value) < 19 else None

    def clean(self) -> None:
        if self.cleaned_data.get("place") and "evidence" not in self.errors and not self.cleaned_data.get("evidence"):
            self.add_error("place", _("There is no evidence here that it could be in."))


class FilesForm(forms.Form):
    attached = SeveralEvidenceField(label=gettext_lazy("New files"))


class Citing:
    """All rows that are stored, one more for a file that is kept, and new files, each with its place.

    What says nothing of evidence at all (no row was sent) leaves it as it is.
    """

    def __init__(
        self,
        data: QueryDict | Mapping[str, Any] | None,
        files: MultiValueDict[str, UploadedFile[bytes]] | None,
        *,
        company: Company,
        stored: Sequence[Citation],
    ) -> None:
        self.company, self.stored, self.data = company, stored, data
        kept = Evidence.objects.filter(company=company)
        count = len(stored) + 1 if data is None else _rows_in(data)
        self.is_told = data is None or count > 0
        self.rows = [
            CitedForm(
                data,
                prefix=f"{PREFIX}-{at}",
                kept=kept,
                is_new=at + 1 == count,
                initial={"evidence": stored[at].evidence_id, "place": stored[at].place} if at < len(stored) else {},
            )
            for at in range(count)
        ]
        self.new = FilesForm(data, files, prefix=PREFIX, label_suffix="")

    @cached_property
    def places(self) -> list[str]:
        """Of new files, as they were typed."""
        given = self.data.getlist(NEW_PLACE) if isinstance(self.data, QueryDict) else []
        return [place.strip() for place in given]

    @property
    def new_places(self) -> list[str]:
        """One field at least."""
        return self.places or [""]

    def is_valid(self) -> bool:
        if self.new.is_valid():
            if any(len(place) > LONGEST_PLACE for place in self.places):
                self.new.add_error("attached", _("A place has at most %(most)s characters.") % {"most": LONGEST_PLACE})
            elif any(self.places[len(self.new.cleaned_data["attached"]) :]):
                self.new.add_error("attached", _("There is no evidence here that it could be in."))
        return all([self.new.is_valid(), *(row.is_valid() for row in self.rows)])

    def cited(self) -> list[Citation]:
        """Of a valid control: what stays and what was chosen; new files come with `keep`."""
        if not self.is_told:
            return list(self.stored)
        given = [row.cleaned_data for row in self.rows if row.cleaned_data.get("evidence")]
        return [
            Citation(evidence=row["evidence"], place=row["place"].strip()) for row in given if not row.get("remove")
        ]

    @property
    def has_news(self) -> bool:
        return bool(self.new.cleaned_data["attached"])

    def keep(self, *, by: User) -> list[Citation]:
        """All of it, with the new files kept. Raises what Evidence.keep raises."""
        uploads = self.new.cleaned_data["attached"]
        places = [*self.places, *[""] * len(uploads)]
        kept = [Evidence.keep(upload, company=self.company, by=by) for upload in uploads]
        return [*self.cited(), *(Citation(evidence=one, place=place) for one, place in zip(kept, places, strict=False))]

    def faults(self) -> Iterator[tuple[BoundField, str]]:
        """Field and message, for the list on top of a form."""
        for form in (*self.rows, self.new):
            for field in form:
                for message in field.errors:
                    yield field, str(message)


def _rows_in(data: Mapping[str, Any]) -> int:
    return next(at for at in range(MOST_CITATIONS + 2) if at > MOST_CITATIONS or f"{PREFIX}-{at}-evidence" not in data)
