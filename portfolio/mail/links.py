"""Mails with a link that opens something. They are sent at once and stored nowhere: only the link's hash is kept.

The person waits for it; a server that does not take it is told to them, and they send it again.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portfolio import beijing
from portfolio.mail.words import letter
from portfolio.models import FormLink, Invitation, JoinRequest

logger = logging.getLogger("greenlight.mail")


def send_invitation(invitation: Invitation, token: str) -> bool:
    """False where the mail server did not take it, as of all here."""
    named = {"company": invitation.company.name, "role": invitation.get_kind_display()}
    named["by"] = invitation.invited_by.get_full_name() or invitation.invited_by.get_username()
    sentences = [
        _("%(by)s invites you to work for %(company)s on Greenlight, as: %(role)s.") % named,
        _("The link is good once, until %(when)s. If you do not know of this, do nothing.")
        % {"when": beijing.in_words(timezone.localtime(invitation.expires_at))},
    ]
    subject = _("Invitation to work for %(company)s on Greenlight") % named
    return _send(invitation, subject, letter(sentences, _address_of("one_off", token)))


def send_confirmation(request: JoinRequest, token: str) -> bool:
    sentences = [
        _("Somebody signed up on Greenlight with this address. Confirm it and choose a password:"),
        _("The link is good once, until %(when)s. If it was not you, do nothing.")
        % {"when": beijing.in_words(timezone.localtime(request.expires_at))},
    ]
    return _send(request, _("Confirm your address for Greenlight"), letter(sentences, _address_of("one_off", token)))


def send_known(request: JoinRequest) -> bool:
    """To an address that has an account: nothing else tells the two cases apart."""
    sentences = [
        _("Somebody signed up on Greenlight with this address, which has an account already."),
        _("If it was you: log in, and ask there to work for the company. If not, do nothing."),
    ]
    return _send(
        request, _("You have an account on Greenlight"), letter(sentences, settings.SITE_URL + reverse("join"))
    )


def send_form(link: FormLink, token: str) -> bool:
    named = {"company": link.disclosure.company.name, "year": link.disclosure.year, "quarter": link.quarter}
    named["by"] = link.made_by.get_full_name() or link.made_by.get_username()
    sentences = [
        _("%(by)s asks you for the energy bills of %(company)s of quarter %(quarter)s of %(year)s.") % named,
        _("The form needs no account. What you type becomes a draft; nothing is handed in by it."),
        _("The link is good until %(when)s. Pass it on to nobody.")
        % {"when": beijing.in_words(timezone.localtime(link.expires_at))},
    ]
    subject = _("%(company)s: form for quarter %(quarter)s of %(year)s") % named
    return _send(link, subject, letter(sentences, _address_of("form_by_link", token)))


def _address_of(route: str, token: str) -> str:
    return settings.SITE_URL + reverse(route, args=[token])


def _send(row: Invitation | JoinRequest | FormLink, subject: str, body: str) -> bool:
    try:
        send_mail(" ".join(subject.split()), body, None, [row.address])
    except Exception as refused:  # whatever the way to the server raises: the page says so
        logger.warning("link not sent (%s)", type(refused).__name__, extra={"event": "mail_not_sent"})
        return False
    row.was_sent()
    return True
