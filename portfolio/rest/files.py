"""A POST that brings one file, as multipart/form-data; the file is looked at as the pages do it."""

from __future__ import annotations

import io
from typing import Any

from django.core.exceptions import RequestDataTooBig, ValidationError
from django.http import HttpRequest
from rest_framework import exceptions, serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from portfolio.rest.views import Posting, Strict
from portfolio.typed.fields import EvidenceField
from portfolio.typed.files import LARGEST_BYTES, Upload

AROUND = 64 * 1024  # bytes of a body beside its file


class FileWriting(Strict):
    file = serializers.FileField(allow_empty_file=True, help_text="With a name whose ending says what it is")


class FilePosting(Posting):
    parser_classes = [MultiPartParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method == "POST":
            _hold(request._request)
        super().initial(request, *args, **kwargs)

    def upload(self, request: Request) -> Upload:
        """Raises ValidationError at `file`."""
        writing = FileWriting(data=request.data)
        writing.is_valid(raise_exception=True)
        try:
            read = EvidenceField().clean(writing.validated_data["file"])
        except ValidationError as refused:
            detail = exceptions.ErrorDetail(" ".join(refused.messages), code="refused")
            raise serializers.ValidationError({"file": [detail]}) from refused
        assert read is not None  # noqa: S101  FileWriting asks for one
        return read


def _hold(request: HttpRequest) -> None:
    """Read the body once, for the digest of an Idempotency-Key and for the parser: it may be as large as a file is.

    Django keeps only smaller ones (DATA_UPLOAD_MAX_MEMORY_SIZE). Raises RequestDataTooBig.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > LARGEST_BYTES + AROUND:
        raise RequestDataTooBig
    if not hasattr(request, "_body"):
        request._body = request.read()
        request._stream = io.BytesIO(request._body)
