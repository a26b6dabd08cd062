"""The forms of the gates: a word on one question, and where a company belongs in track, family and catalogue."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from portfolio.models import CompanyTrack, GateWord, TechnologyFamily
from portfolio.models.check import LONGEST_REASON
from portfolio.models.company import CatalogueEdition
from portfolio.models.gate import LONGEST_EVIDENCE
from portfolio.typed.fields import EvidenceField

AREA = {"rows": 3}


class WordForm(forms.Form):
    """Yes or no, with the evidence in words; a company may hand in a document with it."""

    answer = forms.ChoiceField(label=_("Answer"), choices=GateWord.Answer.choices, widget=forms.RadioSelect)
    code = forms.CharField(
        label=_("Which exclusion"),
        max_length=40,
        required=False,
        help_text=_("Where one holds, as the mandate names it."),
    )
    evidence = forms.CharField(
        label=_("Evidence in words"),
        max_length=LONGEST_EVIDENCE,
        widget=forms.Textarea(attrs=AREA),
        help_text=_("What was read or seen that shows it: document, page, date."),
    )
    document = EvidenceField(label=_("Document"))

    def __init__(
        self,
        question: str,
        data: QueryDict | None = None,
        files: MultiValueDict[str, Any] | None = None,
        *,
        states: bool,
    ) -> None:
        super().__init__(data, files, label_suffix="", auto_id=f"id_{question}_%s")
        self.question = question
        if not states:
            del self.fields["document"]
        if states or question != GateWord.Question.EXCLUSION:
            del self.fields["code"]


class FamilyChoice(forms.ModelChoiceField[TechnologyFamily]):
    def label_from_instance(self, family: Any) -> str:
        return f"{family} ({family.code})"


class TrackForm(forms.Form):
    """What a company sells within its track, and where the catalogue has it."""

    family = FamilyChoice(
        label=_("Technology family"),
        queryset=TechnologyFamily.objects.none(),
        required=False,
        empty_label=_("— no family yet"),
    )
    solutions = forms.CharField(
        label=_("What it sells"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    catalogue_edition = forms.ChoiceField(
        label=_("Catalogue"), choices=[("", "—"), *CatalogueEdition.choices], required=False
    )
    catalogue_code = forms.CharField(
        label=_("Catalogue code"),
        max_length=24,
        required=False,
        help_text=_("Such as 1.2.3, as the catalogue prints it."),
    )
    catalogue_valid_until = forms.DateField(
        label=_("Valid until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Blank: no end is known."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, row: CompanyTrack, data: QueryDict | None = None) -> None:
        stored = {name: getattr(row, name) for name in self.base_fields if name != "reason"}
        super().__init__(data, initial=stored, label_suffix="", auto_id=f"id_{row.track}_%s")
        self.row = row
        families = cast(FamilyChoice, self.fields["family"])
        families.queryset = TechnologyFamily.objects.filter(track=row.track)

    def facts(self) -> dict[str, Any]:
        """As CompanyTrack.classify takes them."""
        given = self.cleaned_data
        return {
            "family": given["family"],
            "solutions": given["solutions"],
            "edition": given["catalogue_edition"],
            "code": given["catalogue_code"],
            "valid_until": given["catalogue_valid_until"],
            "reason": given["reason"],
        }
