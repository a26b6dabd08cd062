"""The OpenAPI document: what drf-spectacular cannot read off the views."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema

from portfolio.rest.problems import CONTENT_TYPE, KINDS
from portfolio.rest.views import Posting
from portfolio.typed.bounds import LARGEST

COMMON = (400, 401, 403, 404, 405, 406, 500, 503)
WRITING = (409, 413, 415)
STRICT = (
    "DisclosureOpeningRequest",
    "PatchedDisclosureChangeRequest",
    "FigureWritingRequest",
    "SubmissionWritingRequest",
    "LinesWritingRequest",
    "LineWritingRequest",
    "GateWordWritingRequest",
    "PatchedTrackChangeRequest",
    "SolutionsWritingRequest",
    "SolutionWritingRequest",
    "RunQuestionRequest",
    "QuestionRequest",
    "RequestWritingRequest",
    "AskedWritingRequest",
    "EndingRequest",
    "BulkWritingRequest",
    "TakingOverRequest",
    "WithdrawalRequest",
    "ReturningRequest",
)
BY_METHOD = {
    "delete": (409, 412),
    "get": (),
    "post": (*WRITING, 412, 422, 428, 429),
    "patch": (*WRITING, 412, 428),
    "put": (*WRITING, 412, 428),
}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `detail` is in the caller's language; `type` leads to an explanation.",
    "properties": {
        "type": {"type": "string", "enum": [f"/problems/{code}" for code in KINDS]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body"},
                    "parameter": {"type": "string", "description": "query parameter"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
                "required": ["code", "detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail"],
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "Makes it safe to repeat the request: the same key and body get the same answer for 24 hours.",
}
REPLAYED = {"description": "true where the answer is an earlier one's", "schema": {"type": "string"}}


class Operation(AutoSchema):
    """Posts may carry an Idempotency-Key; readings may answer 304."""

    def get_tags(self) -> list[str]:
        return [self.path.split("/")[3]] if self.path.startswith("/api/v1/") else ["about"]

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        if isinstance(self.view, Posting) and self.method == "POST":
            operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
            for answer in operation["responses"].values():
                answer.setdefault("headers", {})["Idempotency-Replayed"] = REPLAYED
        may_be_unchanged = self.method == "GET" and not getattr(self.view, "is_always_told", False)
        if may_be_unchanged and "ETag" in operation["responses"].get("200", {}).get("headers", {}):
            operation["responses"]["304"] = {"description": "Still the version that If-None-Match names"}
        return operation


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "fund.api.access.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "gl_<prefix>_<secret>"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "fund.api.access.SessionWithSecondFactor"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        from django.conf import settings

        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class WhatIsPassedOver(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "portfolio.rest.views.PassedOver"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return {}  # whatever the answer had


class Amounts(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "portfolio.rest.views.AmountField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        sign = "-?" if self.target.signed else ""
        text = {"type": "string", "pattern": f"^{sign}[0-9]{{1,19}}(\\.[0-9]{{1,20}})?$", "examples": ["1234.5"]}
        if direction == "response":
            return {"type": "string", "examples": ["1234.5"]}
        number = {"type": "number", "minimum": -LARGEST if sign else 0, "maximum": LARGEST}
        words = [{"type": "string", "enum": list(self.target.words)}] if self.target.words else []
        return {"oneOf": [text, number, *words]}


def add_what_every_operation_shares(result: dict[str, Any], **_how: Any) -> dict[str, Any]:
    """Every refusal is a Problem; strict bodies say that they are."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    refused = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path in result["paths"].values():
        for method, operation in path.items():
            for status in (*COMMON, *BY_METHOD.get(method, ())):
                kinds = " / ".join(code for code, kind in KINDS.items() if kind.status == status)
                operation["responses"][str(status)] = {"description": kinds, "content": refused}
            operation["responses"] = dict(sorted(operation["responses"].items()))
    for name in STRICT:
        if name in schemas:
            schemas[name]["additionalProperties"] = False
    return result
