"""The page for what is broken, for every address but those of the API."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string

from fund.project import logs
from fund.project.bounds.mail import MailNotSent


def server_error(request: HttpRequest) -> HttpResponse:
    """Something is broken, so this asks nothing of anything. The id leads to the lines in the log.

    A database or a mail server that does not answer will be back: that is a 503.
    """
    about = {"request_id": logs.request_id()}
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError):
        return _unavailable("503.html", about)
    if isinstance(error, MailNotSent):
        return _unavailable("mail_not_sent.html", about)
    return HttpResponseServerError(render_to_string("500.html", about))


def _unavailable(template: str, about: dict[str, str]) -> HttpResponse:
    headers = {"Retry-After": "5", "Cache-Control": "no-store"}
    return HttpResponse(render_to_string(template, about), status=503, headers=headers)
