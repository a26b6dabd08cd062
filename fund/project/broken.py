"""The page for what is broken, for every address but those of the API."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string

from fund.project import logs


def server_error(request: HttpRequest) -> HttpResponse:
    """Something is broken, so this asks nothing of anything. The id leads to the lines in the log.

    A database that does not answer will be back: that is a 503.
    """
    about = {"request_id": logs.request_id()}
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        headers = {"Retry-After": "5", "Cache-Control": "no-store"}
        return HttpResponse(render_to_string("503.html", about), status=503, headers=headers)
    return HttpResponseServerError(render_to_string("500.html", about))
