"""What an API answers when it refuses: RFC 9457 problem documents, in the caller's language."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response

from portfolio.errors import (
    AnswerNeeded,
    Blocked,
    BlockingCheck,
    Locked,
    PortfolioError,
    ReasonNeeded,
    StaleVersion,
    Unanswered,
)
from portfolio.models.desk.points import label

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Kind:
    """A kind of problem: `/problems/<code>` explains it to people."""

    status: int
    title: str | Promise
    meaning: str | Promise


KINDS: dict[str, Kind] = {
    "validation_error": Kind(
        400,
        gettext_lazy("The request is not valid"),
        gettext_lazy("Fields or query parameters are wrong or unknown. `errors` names each one; mend all and repeat."),
    ),
    "parse_error": Kind(
        400,
        gettext_lazy("The body cannot be read"),
        gettext_lazy("The body must be JSON in UTF-8, without NaN or Infinity."),
    ),
    "reason_needed": Kind(
        400,
        gettext_lazy("Items are open, and no reason is given"),
        gettext_lazy("`errors` names each open item. Repeat with `reason`: why it is verified all the same."),
    ),
    "answer_needed": Kind(
        400,
        gettext_lazy("The return is not answered"),
        gettext_lazy("The content is what the verifier returned. Change it, or repeat with `answer` in words."),
    ),
    "not_authenticated": Kind(
        401,
        gettext_lazy("Not signed in"),
        gettext_lazy("Send `Authorization: Bearer` with a token that has neither expired nor been revoked."),
    ),
    "permission_denied": Kind(
        403, gettext_lazy("Not allowed"), gettext_lazy("Your role does not allow this. Repeating does not help.")
    ),
    "insufficient_scope": Kind(
        403,
        gettext_lazy("The token lacks a scope"),
        gettext_lazy("Make a token with the scope that `detail` names, if your role allows what you want."),
    ),
    "encryption_required": Kind(
        403,
        gettext_lazy("Not over an open connection"),
        gettext_lazy(
            "The request came without TLS. Use https, and make the token anew: the old one was readable on the way."
        ),
    ),
    "second_factor_required": Kind(
        403,
        gettext_lazy("A second factor is needed"),
        gettext_lazy("Sessions of house roles reach the API only once their account has a second factor."),
    ),
    "not_found": Kind(
        404,
        gettext_lazy("Not found"),
        gettext_lazy("There is nothing at this address that you may see. Addresses end with a slash."),
    ),
    "method_not_allowed": Kind(
        405, gettext_lazy("Method not allowed"), gettext_lazy("`Allow` names the methods of this address.")
    ),
    "not_acceptable": Kind(
        406, gettext_lazy("No such representation"), gettext_lazy("The API answers in application/json only.")
    ),
    "conflict": Kind(
        409,
        gettext_lazy("The present state does not allow it"),
        gettext_lazy("Read the object again: it is not, or no longer, in a state in which this is possible."),
    ),
    "blocked_by_checks": Kind(
        409,
        gettext_lazy("Checks of plausibility block the submission"),
        gettext_lazy(
            "`errors` names each check by its code. Correct the figures, or give a reason where one lifts it."
        ),
    ),
    "locked": Kind(
        409,
        gettext_lazy("It is not open for correction"),
        gettext_lazy(
            "The disclosure was returned, and `errors` names what the return left closed. Ask to open it too."
        ),
    ),
    "unanswered": Kind(
        409,
        gettext_lazy("Findings are not answered"),
        gettext_lazy("`errors` names what they are about. Answer each in its thread, or change what it names."),
    ),
    "request_running": Kind(
        409,
        gettext_lazy("The same request is still running"),
        gettext_lazy("A request with this Idempotency-Key has not ended. Repeat it after `Retry-After` seconds."),
    ),
    "precondition_failed": Kind(
        412,
        gettext_lazy("Somebody else was faster"),
        gettext_lazy("The object changed since you read it. Read it again, then decide again."),
    ),
    "too_large": Kind(
        413, gettext_lazy("The body is too large"), gettext_lazy("Send less at once; a request body has a limit.")
    ),
    "unsupported_media_type": Kind(
        415, gettext_lazy("Unsupported media type"), gettext_lazy("Send `Content-Type: application/json`.")
    ),
    "key_reused": Kind(
        422,
        gettext_lazy("This Idempotency-Key was used for another body"),
        gettext_lazy("A key belongs to one body. Use a new key for a new request."),
    ),
    "precondition_required": Kind(
        428,
        gettext_lazy("If-Match is missing"),
        gettext_lazy("Read the object, then send its `ETag` as `If-Match`, so that no one's change is overwritten."),
    ),
    "throttled": Kind(
        429,
        gettext_lazy("Too many requests"),
        gettext_lazy("Wait for `Retry-After` seconds, then repeat with the same Idempotency-Key."),
    ),
    "server_error": Kind(
        500,
        gettext_lazy("Something went wrong on our side"),
        gettext_lazy("Nothing was changed. Tell an administrator the `request_id`; it stands in our log."),
    ),
    "out_of_time": Kind(
        503,
        gettext_lazy("It took too long"),
        gettext_lazy(
            "The request was stopped after the seconds that one may take, and changed nothing. Send less at once."
        ),
    ),
    "unavailable": Kind(
        503,
        gettext_lazy("For the moment not available"),
        gettext_lazy("The database does not answer or is busy. Repeat in a few seconds with the same Idempotency-Key."),
    ),
}
RETRY_SECONDS = 5


class Problem(exceptions.APIException):
    """Refuse with one of KINDS."""

    def __init__(self, code: str, detail: str | Promise = "", *, wait_seconds: int | None = None) -> None:
        self.kind_code = code
        self.status_code = KINDS[code].status
        self.wait = wait_seconds
        super().__init__(str(detail or KINDS[code].meaning), code)


class WrongParameters(exceptions.ValidationError):
    """Query parameters, not fields of the body, are wrong."""


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an exception of a view into a problem document. None for a bug: Django logs it, `server_error` answers."""
    code, detail = _code_and_detail(error)
    if code == "":
        return None
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    wait = RETRY_SECONDS if code == "unavailable" else getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(max(1, round(wait)))
    if code == "unavailable":
        logger.warning("%s: %s", type(error).__name__, error)
    return Response(document(code, detail, error), KINDS[code].status, headers=headers, content_type=CONTENT_TYPE)


def document(code: str, detail: str = "", error: Exception | None = None) -> dict[str, Any]:
    kind = KINDS[code]
    written: dict[str, Any] = {"type": f"/problems/{code}", "title": str(kind.title), "status": kind.status}
    written["detail"] = detail or str(kind.meaning)
    if isinstance(error, Blocked):
        written["errors"] = [_of_check(check) for check in error.checks]
    if isinstance(error, Locked | Unanswered):
        written["errors"] = [{"pointer": f"/{one}", "code": code, "detail": label(one)} for one in error.points]
    if isinstance(error, exceptions.ValidationError):
        where = "parameter" if isinstance(error, WrongParameters) else "pointer"
        written["errors"] = list(_errors(error.detail, error.get_codes(), where))
        written["detail"] = str(kind.meaning)
    return written


def _of_check(check: BlockingCheck) -> dict[str, str]:
    return {"pointer": f"/{check.quantity}" if check.quantity else "", "code": check.code, "detail": check.words}


def problem(code: str, **more: str) -> JsonResponse:
    """A problem document from outside the views: unknown routes, middleware, bugs."""
    written = document(code) | more
    return JsonResponse(
        written, status=written["status"], content_type=CONTENT_TYPE, json_dumps_params={"ensure_ascii": False}
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem("too_large" if isinstance(exception, RequestDataTooBig) else "parse_error")


def bug(request: HttpRequest) -> HttpResponse:
    """A bug: what happened stays in the log, found by its number."""
    number = str(getattr(request, "request_id", "") or uuid.uuid4().hex)
    logger.error("request %s: %s %s failed", number, request.method, request.path)
    return problem("server_error", request_id=number)


def _code_and_detail(error: Exception) -> tuple[str, str]:
    match error:
        case Problem():
            return error.kind_code, str(error.detail)
        case exceptions.ValidationError():
            return "validation_error", ""
        case exceptions.ParseError():
            return "parse_error", ""
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return "not_authenticated", str(error.detail)
        case exceptions.PermissionDenied():
            return "permission_denied", str(error.detail)
        case PermissionDenied():
            return "permission_denied", str(error)
        case exceptions.NotFound() | Http404():
            return "not_found", ""  # in one wording, so that what exists for others looks like what does not exist
        case exceptions.MethodNotAllowed():
            return "method_not_allowed", str(error.detail)
        case exceptions.NotAcceptable():
            return "not_acceptable", str(error.detail)
        case exceptions.UnsupportedMediaType():
            return "unsupported_media_type", str(error.detail)
        case exceptions.Throttled():
            return "throttled", ""
        case StaleVersion():
            return "precondition_failed", str(error)
        case ReasonNeeded():
            return "reason_needed", str(error)
        case AnswerNeeded():
            return "answer_needed", str(error)
        case Blocked():
            return "blocked_by_checks", str(error)
        case Locked():
            return "locked", str(error)
        case Unanswered():
            return "unanswered", str(error)
        case PortfolioError():
            return "conflict", str(error)
        case OperationalError() | InterfaceError():
            return "unavailable", ""
        case RequestDataTooBig():
            return "too_large", ""
        case SuspiciousOperation():
            return "parse_error", ""
    return "", ""


def errors_of(error: exceptions.ValidationError, path: str = "") -> list[dict[str, str]]:
    """What is wrong with a part of a body that stands at `path`."""
    return list(_errors(error.detail, error.get_codes(), "pointer", path))


def _errors(detail: Any, codes: Any, where: str, path: str = "") -> Iterator[dict[str, str]]:
    """Every wrong place as one flat list, with a JSON pointer to it."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            below = path if name == "non_field_errors" else f"{path}/{_escaped(str(name))}"
            yield from _errors(inner, codes[name], where, below)
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            below = f"{path}/{position}" if isinstance(inner, dict | list) else path
            yield from _errors(inner, codes[position], where, below)
    else:
        place = path.removeprefix("/") if where == "parameter" else path
        yield {where: place, "code": str(codes), "detail": _printable(str(detail))}


def _escaped(name: str) -> str:
    return _printable(name.replace("~", "~0").replace("/", "~1"))


def _printable(text: str) -> str:
    """Half a surrogate pair, as JSON can smuggle it in, has no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def unknown(name: str) -> exceptions.ErrorDetail:
    return exceptions.ErrorDetail(_("There is nothing of this name here."), code="unknown")
