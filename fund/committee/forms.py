"""What is typed to propose and to decide."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from fund.models import Decision, Proposal
from fund.models.decision import LONGEST_WORDS, failed_gates
from portfolio.typed.numbers import UnreadableNumber, grouped, read_number
from scoring.models import Score


class AmountField(forms.CharField):
    """Yuan as people type them: 50,000,000, 1.2万 or 5亿; empty when no amount is proposed."""

    default_validators = [MinValueValidator(Decimal("0.01")), MaxValueValidator(Decimal("9999999999999999.99"))]
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, **how: Any) -> None:
        super().__init__(required=False, empty_value=None, **how)

    def to_python(self, typed: Any) -> Any:
        text = super().to_python(typed)
        if text is None:
            return None
        try:
            return Decimal(repr(read_number(text).value)).quantize(Decimal("0.01"))
        except UnreadableNumber as refusal:
            raise forms.ValidationError(str(refusal), code="unreadable") from refusal
        except InvalidOperation as refusal:
            raise forms.ValidationError(_("“%(typed)s” is too large.") % {"typed": text}, code="large") from refusal


A_SENTENCE = gettext_lazy("A sentence that somebody else can judge")


class ProposalForm(forms.ModelForm[Proposal]):
    amount_cny = AmountField(
        label=gettext_lazy("Amount in yuan"), help_text=gettext_lazy("Such as 50,000,000, 1.2万 or 3亿")
    )
    seen_sha256 = forms.CharField(widget=forms.HiddenInput)

    class Meta:
        model = Proposal
        fields = ("kind", "amount_cny", "conditions", "reason", "newer_score_note", "failed_rules_note")
        help_texts = {"reason": A_SENTENCE}
        widgets = {
            "conditions": forms.Textarea({"rows": 3, "cols": 40}),
            "reason": forms.Textarea({"rows": 4, "cols": 40}),
            "newer_score_note": forms.Textarea({"rows": 3, "cols": 40}),
            "failed_rules_note": forms.Textarea({"rows": 3, "cols": 40}),
        }

    def __init__(self, *args: Any, score: Score, **how: Any) -> None:
        """Of a candidate that is not admitted investing is not offered."""
        super().__init__(*args, **how)
        kinds: Any = self.fields["kind"]
        refused = {Proposal.Kind.INVEST} if failed_gates(score) else set()
        kinds.choices = [
            ("", _("Please choose")),
            *((k, word) for k, word in Proposal.Kind.choices if k not in refused),
        ]

    def clean(self) -> dict[str, Any] | None:
        """What `Candidate.propose` refuses too, said at its field."""
        cleaned = super().clean()
        is_empty = "amount_cny" not in self.errors and self.cleaned_data.get("amount_cny") is None
        if is_empty and self.cleaned_data.get("kind") == Proposal.Kind.INVEST:
            self.add_error("amount_cny", _("An investment needs an amount."))
        return cleaned

    def amount_read(self) -> str:
        """What the typed amount came to mean, to be read back."""
        try:
            return grouped(read_number(str(self["amount_cny"].value() or "")).value)
        except UnreadableNumber:
            return ""

    def _post_clean(self) -> None:
        """The model's own checks need fields that only `Candidate.propose` fills; it and the database make them."""


OUTCOMES = [  # what one does; what is done already stands in Decision.Outcome
    (Decision.Outcome.APPROVED.value, pgettext_lazy("of a decision", "Approve")),
    (Decision.Outcome.REJECTED.value, pgettext_lazy("of a decision", "Reject")),
]


class DecisionForm(forms.Form):
    outcome = forms.ChoiceField(label=gettext_lazy("Decision"), choices=OUTCOMES, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=4000,
        widget=forms.Textarea({"rows": 4, "cols": 40}),
        help_text=A_SENTENCE,
    )
    newer_score_note = forms.CharField(
        label=gettext_lazy("Why not the newer score"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3, "cols": 40}),
    )
    words_for_company = forms.CharField(
        label=gettext_lazy("Words for the company (may stay empty)"),
        max_length=LONGEST_WORDS,
        required=False,
        widget=forms.Textarea({"rows": 3, "cols": 40}),
        help_text=gettext_lazy(
            "The company reads exactly these words beside the decision; they are part of what you sign. Your reason"
            " stays within the fund. Nothing of other companies here, please."
        ),
    )
    content_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, score: Score, **how: Any) -> None:
        """On a score of a retired method nothing is approved any more."""
        super().__init__(*args, **how)
        if score.is_retired:
            outcomes: Any = self.fields["outcome"]
            outcomes.choices = [(code, label) for code, label in outcomes.choices if code != Decision.Outcome.APPROVED]
