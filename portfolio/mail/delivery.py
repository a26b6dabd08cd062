"""Send what waits. Called by a worker, never in a request: a mail server that is down costs waiting."""

from __future__ import annotations

import logging
import time
from smtplib import SMTPDataError, SMTPRecipientsRefused
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.message import BadHeaderError
from django.db.models.functions import Now

from portfolio.models import Mail
from portfolio.models.desk.mail import PAUSE

logger = logging.getLogger("greenlight.mail")

AT_ONCE_SECONDS = 40  # then the next call goes on
TALK_SECONDS = 20  # with the server about one mail; a page has less patience (fund/project/bounds/mail.py)


def deliver() -> int:
    """One after the other, the oldest first, until the time is up or the server does not answer. How many went."""
    sent, end = 0, time.monotonic() + AT_ONCE_SECONDS
    while time.monotonic() < end and not Mail.objects.in_hand().exists():
        mail = Mail.objects.claim()
        if mail is None:
            break
        if mail.user and not mail.user.is_active:
            mail.is_refused("the account is switched off")
        elif not (address := mail.user.email if mail.user else mail.address):
            mail.is_refused("the account has no e-mail address")
        else:
            sent += _try(mail, address)
    return sent


def _try(mail: Mail, address: str) -> bool:
    Mail.objects.filter(pk=mail.pk).update(address=address)
    try:
        message_of(mail, address).send()
    except Exception as refused:  # whatever the way to the server raises: the row says so, and the others wait
        reason = refused.__cause__ or refused
        why = f"{type(reason).__name__}: {reason}"
        logger.warning("mail %s not sent (%s)", mail.pk, type(reason).__name__, extra={"event": "mail_not_sent"})
        if is_for_good(reason):
            mail.is_refused(why)
        else:
            mail.is_put_off(why)
            if not isinstance(reason, SMTPRecipientsRefused | SMTPDataError):  # not this mail's fault
                Mail.objects.due().order_by().update(not_before=Now() + PAUSE)
        return False
    return mail.is_sent()


def is_for_good(reason: BaseException) -> bool:
    """Whether the server has refused this address or text, not itself: 5xx, or what no server would take."""
    if isinstance(reason, SMTPRecipientsRefused):
        return all(code >= 500 for code, _words in reason.recipients.values())
    if isinstance(reason, SMTPDataError):
        return reason.smtp_code >= 500
    return isinstance(reason, BadHeaderError | UnicodeError)


def message_of(mail: Mail, address: str) -> EmailMessage:
    """The same Message-ID at each attempt, so that one which arrives twice is seen to be one."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    heads = {
        "Message-ID": f"<{mail.pk}.{mail.queued_at:%Y%m%d%H%M%S}@{host}>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": mail.language,
    }
    way = get_connection(timeout=TALK_SECONDS)
    return EmailMessage(mail.subject, mail.body, None, [address], headers=heads, connection=way)
