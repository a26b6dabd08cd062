"""allauth's forms of security keys, with what a browser may send refused in words instead of a fault of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as theirs
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from fund.project import logs
from portfolio import audit

LONGEST = 60
# Of those that COSE numbers: ES256, 384 and 512 with their like of a fixed curve, EdDSA, Ed25519, PS256, RS256, ML-DSA.
# ES256K, which fido2 takes too, is of a curve that is approved for nothing but chains of blocks.
APPROVED = {-7, -35, -36, -9, -51, -52, -8, -19, -37, -257, -48, -49, -50}


@contextmanager
def _refused_in_words() -> Iterator[None]:
    """The answer of a key is read by fido2, which fails in many ways on one that no key gave."""
    try:
        yield
    except ValidationError as refused:
        if refused.code != "incorrect_code":
            raise
        raise ValidationError(
            _("This key was not accepted: it is another one, or its answer came too late.")
        ) from refused
    except Exception as unreadable:  # whatever it was: it is no answer of a key
        raise ValidationError(_("The key's answer could not be read. Try again.")) from unreadable


def _name(*, required: bool) -> forms.CharField:
    return forms.CharField(
        label=_("Name"), max_length=LONGEST, required=required, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class AddKey(theirs.AddWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    name = _name(required=False)
    field_order = ("name", "credential")

    def clean(self) -> dict[str, Any]:
        if self.errors:  # the answer is good once: kept until the name is right, too
            return cast(dict[str, Any], self.cleaned_data)
        with _refused_in_words():
            answer = auth.parse_registration_response(self.cleaned_data["credential"]).response
            key = answer.attestation_object.auth_data.credential_data.public_key
        if key.ALGORITHM not in APPROVED:
            raise ValidationError(_("This key signs in a way that is not approved. Take another."))
        with _refused_in_words():
            cleaned: dict[str, Any] = super().clean()
            return cleaned


@contextmanager
def _counted(user: User) -> Iterator[None]:
    """allauth tells of a wrong code, and not of a wrong key."""
    try:
        with _refused_in_words():
            yield
    except ValidationError:
        logs.factor(context.request, user, Authenticator.Type.WEBAUTHN, is_right=False)
        raise


class UseKey(theirs.AuthenticateWebAuthnForm):  # type: ignore[misc]
    def clean_credential(self) -> Authenticator:
        with _counted(self.user):
            return super().clean_credential()


class UseKeyAgain(theirs.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    def clean_credential(self) -> Authenticator:
        with _counted(self.user):
            return super().clean_credential()


class RenameKey(theirs.EditWebAuthnForm):  # type: ignore[misc]
    name = _name(required=True)

    def save(self) -> Authenticator:
        before = self.instance.wrap().name
        key: Authenticator = super().save()
        by = cast(User, context.request.user)
        audit.append(by, "account.factor_renamed", f"user:{by.pk}", detail=f"{by}: {before} > {key.wrap().name}")
        return key
