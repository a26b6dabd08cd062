"""For which domain a security key is good, and under which name it is listed."""

from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.utils.translation import gettext as _


class KeyAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """As the settings say it. allauth would take what the request calls us."""
        return {"id": settings.KEY_DOMAIN, "name": settings.MFA_TOTP_ISSUER}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        taken = Authenticator.objects.filter(user=user, type=type).count()
        return _("Key %(n)s") % {"n": taken + 1}
