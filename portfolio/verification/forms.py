"""Raise a finding, say something in its thread, ask for another point to be opened."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portfolio import beijing
from portfolio.models import Disclosure, Evidence, Finding
from portfolio.models.desk import points
from portfolio.models.desk.finding import ANSWERED_WITHIN, LONGEST_REASON, LONGEST_WORDS
from portfolio.typed.fields import EvidenceField, NumberField
from portfolio.verification.report import choices_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

WORDS = forms.Textarea(attrs={"rows": 4, "maxlength": LONGEST_WORDS})


class FindingForm(forms.Form):
    """A verifier's. What is wrong has tonnes, or the reason why not."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[(kind.value, kind.label) for kind in Finding.OF_VERIFIERS])
    point = forms.ChoiceField(label=_("About"), required=False)
    words = forms.CharField(label=_("What you found or ask"), max_length=LONGEST_WORDS, widget=WORDS)
    due = forms.DateField(
        label=_("Answer due"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Ten working days from today, unless you set another day."),
    )
    effect_t = NumberField(
        label=_("Effect, tCO₂e"),
        negative=True,
        help_text=_(
            "Of a misstatement or a non-conformity. Above 0: the disclosure says too much; below 0: too little."
        ),
    )
    effect_reason = forms.CharField(label=_("Or not quantified, because"), required=False, max_length=LONGEST_REASON)

    def __init__(self, data: Any = None, *, disclosure: Disclosure, point: str = "", kind: str = "") -> None:
        due = beijing.add_working_days(beijing.today(), ANSWERED_WITHIN).day
        initial = {"point": point, "due": due, "kind": kind or Finding.Kind.QUESTION}
        super().__init__(data, label_suffix="", initial=initial)
        about = self.fields["point"]
        assert isinstance(about, forms.ChoiceField)  # noqa: S101  tells the type checker
        about.choices = choices_of(disclosure)
        if point and point not in dict(choices_of(disclosure)) and points.is_point(point):
            about.choices = [*choices_of(disclosure), (point, points.label(point))]
        self.disclosure = disclosure

    def save(self, *, by: User) -> Finding:
        """Raises what Finding.raise_on raises."""
        given = self.cleaned_data
        effect, due = given["effect_t"], given["due"]
        found: dict[str, Any] = {name: given[name] for name in ("kind", "point", "words", "effect_reason")}
        day: date | None = due
        return Finding.raise_on(self.disclosure, by=by, due=day, effect_t=effect.value if effect else None, **found)


class CommentForm(forms.Form):
    """Of the company's own people."""

    point = forms.CharField(widget=forms.HiddenInput, required=False, max_length=32)
    words = forms.CharField(label=_("Comment to your colleagues"), max_length=LONGEST_WORDS, widget=WORDS)

    def __init__(self, data: Any = None, *, disclosure: Disclosure, point: str = "") -> None:
        super().__init__(data, label_suffix="", initial={"point": point})
        self.disclosure = disclosure

    def save(self, *, by: User) -> Finding:
        """Raises what Finding.raise_on raises."""
        given = self.cleaned_data
        return Finding.raise_on(
            self.disclosure, by=by, kind=Finding.Kind.COMMENT, point=given["point"], words=given["words"]
        )


class MessageForm(forms.Form):
    """In a thread. A file is the company's."""

    words = forms.CharField(label=_("Your words"), max_length=LONGEST_WORDS, widget=WORDS)
    evidence = EvidenceField(label=_("Evidence (if you have some)"))
    kept_evidence = forms.ModelChoiceField(
        label=_("Or evidence that is here already"), queryset=Evidence.objects.none(), required=False
    )

    def __init__(self, data: Any = None, files: Any = None, *, finding: Finding, user: User) -> None:
        super().__init__(data, files, label_suffix="")
        self.finding = finding
        if not finding.is_of(user) or finding.is_comment:
            del self.fields["evidence"], self.fields["kept_evidence"]
            return
        kept = self.fields["kept_evidence"]
        assert isinstance(kept, forms.ModelChoiceField)  # noqa: S101  tells the type checker
        kept.queryset = Evidence.objects.filter(company=finding.disclosure.company_id)

    def save(self, *, by: User) -> None:
        """Keep the file and the words, or neither. Raises what Finding.say raises."""
        upload, kept = self.cleaned_data.get("evidence"), self.cleaned_data.get("kept_evidence")
        with transaction.atomic():
            if upload:
                kept = Evidence.keep(upload, company=self.finding.disclosure.company, by=by)
            self.finding.say(self.cleaned_data["words"], by=by, evidence=kept)


class ClosingForm(forms.Form):
    """What was wrong ends somehow: what stays uncorrected counts in the materiality."""

    outcome = forms.ChoiceField(
        label=_("How it ended"),
        choices=[("", "—"), *((one.value, one.label) for one in Finding.Outcome)],
        help_text=_("What stays uncorrected goes on counting against the threshold of materiality."),
    )
    words = forms.CharField(
        label=_("Closing words"), max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: Any = None, *, finding: Finding) -> None:
        super().__init__(data, label_suffix="", auto_id="id_closing_%s")
        self.fields["words"].required = not finding.is_comment
        if not finding.is_wrong:
            del self.fields["outcome"]


class ExtendingForm(forms.Form):
    due = forms.DateField(label=_("Answer due"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    words = forms.CharField(label=_("Why"), max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: Any = None, *, finding: Finding) -> None:
        super().__init__(data, label_suffix="", auto_id="id_extending_%s", initial={"due": finding.due})


class AskForm(forms.Form):
    words = forms.CharField(label=_("Why it has to be changed, too"), max_length=LONGEST_WORDS, widget=WORDS)
