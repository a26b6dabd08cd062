"""Mails by SMTP, with a clear end where the server is down, refuses or is slow: a person waits for it on a page."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from smtplib import SMTPException

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

ALTOGETHER_SECONDS = 2.5  # the socket's own timeout bounds each step of the talk, not their number

logger = logging.getLogger("greenlight.mail")


class MailNotSent(Exception):
    """The mail server did not take it, in time or at all. fund/project/broken.py says so to the person."""


class Backend(EmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Raises MailNotSent, unless told to be silent. One that is slow may still arrive after that."""
        sent: list[int] = []
        wrong: list[Exception] = []

        def send() -> None:
            try:
                sent.append(super(Backend, self).send_messages(email_messages) or 0)
            except (SMTPException, OSError) as refused:
                wrong.append(refused)

        talk = threading.Thread(target=send, name="mail", daemon=True)
        talk.start()
        talk.join(ALTOGETHER_SECONDS)
        if sent:
            return sent[0]
        reason = type(wrong[0]).__name__ if wrong else "too slow"
        logger.error("mail not sent (%s)", reason, extra={"event": "mail_down"})
        if self.fail_silently:
            return 0
        raise MailNotSent(reason) from (wrong[0] if wrong else None)
