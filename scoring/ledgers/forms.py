"""What a page of a ledger can be asked."""

from django import forms
from django.utils.translation import gettext_lazy

from portfolio.places.fields import PlaceField


class ElsewhereForm(forms.Form):
    """Where else the same activity might take place."""

    elsewhere = PlaceField(label=gettext_lazy("Placed in"), required=False)
