"""What people type before they have an account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.utils.translation import gettext_lazy as _

from portfolio.errors import NotAllowed
from portfolio.identifiers import validate_uscc
from portfolio.models.desk.joining import CONSENT, CONSENTS
from portfolio.models.desk.link import LONGEST_ADDRESS, read_address


class ConsentField(forms.BooleanField):
    """The words of today's version, in the reader's language."""

    def __init__(self) -> None:
        words: Any = CONSENTS[CONSENT]
        super().__init__(label=words, error_messages={"required": _("Without your consent there is no account.")})


class CompanyForm(forms.Form):
    """Which company somebody says that they work for."""

    uscc = forms.CharField(
        label=_("Unified social credit code"),
        max_length=40,
        help_text=_("18 characters, on the business licence."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "code"}),
    )
    company_name = forms.CharField(
        label=_("Name of the company"),
        max_length=200,
        help_text=_("As on the business licence. It is compared with the name on record."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    consent = ConsentField()

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")

    def clean_uscc(self) -> str:
        return str(validate_uscc(self.cleaned_data["uscc"]))


class SignUpForm(CompanyForm):
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=LONGEST_ADDRESS,
        help_text=_("A mail brings a link; only then the account is made."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    name = forms.CharField(label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ("email", "name", "uscc", "company_name", "consent")

    def clean_email(self) -> str:
        try:
            return read_address(self.cleaned_data["email"])
        except NotAllowed as refused:
            raise forms.ValidationError(str(refused)) from refused


class PasswordForm(forms.Form):
    """The password of a new account, and the person's name where nobody told it yet."""

    name = forms.CharField(label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    consent = ConsentField()

    def __init__(self, data: Any = None, *, address: str, is_known: bool) -> None:
        super().__init__(data, label_suffix="")
        self.address = address
        if is_known:  # who signed up told both before
            del self.fields["name"], self.fields["consent"]
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        somebody = User(username=self.address, email=self.address, first_name=self.cleaned_data.get("name", ""))
        validate_password(password, somebody)
        return password
