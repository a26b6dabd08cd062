"""The form of a new webhook: where to, and what of."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from portfolio.models.desk.webhook import CHOOSABLE, LONGEST_URL
from portfolio.webhooks.addresses import WrongAddress, target_of


class WebhookForm(forms.Form):
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=LONGEST_URL,
        widget=forms.URLInput(attrs={"autocomplete": "off", "placeholder": "https://erp.example.com/greenlight"}),
        help_text=gettext_lazy("Of your system, with https. It answers with a status of 200 to 299 within 5 seconds."),
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("What is it told?"),
        choices=[(event.value, event.label) for event in CHOOSABLE],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("A message says what happened and where to read it, never a figure."),
    )

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            target_of(url)
        except WrongAddress as wrong:
            raise forms.ValidationError(str(wrong)) from wrong
        return url
