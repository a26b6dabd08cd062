"""Mails by SMTP, with a clear end where the server is down, refuses or is slow: a person waits for it on a page,
or a worker with more patience (portfolio/mail/delivery.py)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from smtplib import SMTPException
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

ALTOGETHER_SECONDS = 2.5  # the socket's own timeout bounds each step of the talk, not their number

logger = logging.getLogger("greenlight.mail")


class MailNotSent(Exception):
    """The mail server did not take it, in time or at all. fund/project/broken.py says so to the person."""


class Backend(EmailBackend):
    """Waits ALTOGETHER_SECONDS at most, or as long as whoever is no page asks for: get_connection(timeout=20)."""

    def __init__(self, *, timeout: int | None = None, **how: Any) -> None:
        super().__init__(timeout=timeout, **how)
        self.altogether_seconds: float = ALTOGETHER_SECONDS if timeout is None else timeout

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
        talk.join(self.altogether_seconds)
        if sent:
            return sent[0]
        reason = type(wrong[0]).__name__ if wrong else "too slow"
        logger.error("mail not sent (%s)", reason, extra={"event": "mail_down"})
        if self.fail_silently:
            return 0
        raise MailNotSent(reason) from (wrong[0] if wrong else None)
