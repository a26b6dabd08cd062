"""API: a company-year as a file: handed in, read by a worker, looked at, and imported, by the doors of the page."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.errors import NotAllowed, StaleVersion
from portfolio.models import Disclosure, SheetUpload
from portfolio.rest.described import ETAG, IF_MATCH, LOCATION
from portfolio.rest.facts import DisclosuresView
from portfolio.rest.files import FilePosting, FileWriting
from portfolio.rest.views import Posting, PostThrottle, Strict, etag, require_match
from portfolio.sheets.changes import REPEATS
from portfolio.sheets.importing import bring_in

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
CHANGE = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "row": WHOLE | {"description": "Of the sheet"},
            "number": {"type": ["integer", "null"], "description": "Of the line that changes; null for a new one"},
            "name": TEXT,
            "changes": {"type": "array", "items": {"type": "array", "items": TEXT}, "description": "Column, from, to"},
        },
        "required": ["row", "number", "name", "changes"],
    },
}


class FaultReading(serializers.Serializer[Any]):
    sheet = serializers.CharField(allow_blank=True)
    row = serializers.IntegerField(source="line", help_text="0: the file as a whole")
    column = serializers.CharField(allow_blank=True)
    cell = serializers.CharField(allow_blank=True)
    found = serializers.CharField(allow_blank=True)
    expected = serializers.CharField(allow_blank=True)
    suggestion = serializers.CharField(allow_blank=True)


class RepeatReading(serializers.Serializer[Any]):
    """Rows of one meter and period: `repeats` says what becomes of them."""

    name = serializers.CharField()
    rows = serializers.ListField(child=serializers.IntegerField())


class MissingReading(serializers.Serializer[Any]):
    """What the draft has and the file has not."""

    name = serializers.CharField()


class FoundReading(serializers.Serializer[Any]):
    """What the file would do to the draft, in the language in which it was handed in."""

    importable = serializers.BooleanField(source="is_whole")
    notes = serializers.ListField(child=serializers.CharField())
    faults = FaultReading(source="wrong", many=True, help_text="At most the first 5,000")
    fault_count = serializers.IntegerField(source="wrong_count")
    lines = serializers.SerializerMethodField()
    figures = serializers.SerializerMethodField()
    unchanged = serializers.SerializerMethodField()
    repeated = RepeatReading(source="groups", many=True)
    missing = serializers.SerializerMethodField()

    @extend_schema_field(CHANGE)
    def get_lines(self, found: dict[str, Any]) -> Any:
        return [
            {"row": told["at"], "number": told["number"], "name": told["kind"], "changes": told["changes"]}
            for told in found["records"]
        ]

    @extend_schema_field(CHANGE)
    def get_figures(self, found: dict[str, Any]) -> Any:
        return [
            {"row": told["at"], "number": None, "name": told["quantity"], "changes": told["changes"]}
            for told in found["figures"]
        ]

    @extend_schema_field(WHOLE)
    def get_unchanged(self, found: dict[str, Any]) -> int:
        return int(found["same"]) + int(found["figures_same"])

    @extend_schema_field(MissingReading(many=True))
    def get_missing(self, found: dict[str, Any]) -> Any:
        return MissingReading([*found["missing"], *found["figures_missing"]], many=True).data


class UploadReading(serializers.ModelSerializer[SheetUpload]):
    disclosure = serializers.IntegerField(source="disclosure_id")
    percent = serializers.IntegerField(help_text="Of its rows that are read")
    found = FoundReading(allow_null=True, help_text="Once it is read, until it is imported or another takes its place")

    class Meta:
        model = SheetUpload
        fields = ("id", "disclosure", "name", "size_bytes", "sha256", "state", "percent", "edition", "found")
        read_only_fields = fields


class ApplyWriting(Strict):
    """What is to become of what the file says twice, of rows with a fault, and of what it has not."""

    repeats = serializers.ChoiceField(
        list(REPEATS.items()), required=False, help_text="Needed where `repeated` names rows"
    )
    partial = serializers.BooleanField(  # type: ignore[assignment]  # the framework has an option of this name
        default=False, help_text="Import the good rows, although others have faults"
    )
    without_missing = serializers.BooleanField(default=False, help_text="Take out what the file has not")


@extend_schema_view(
    post=extend_schema(
        operation_id="uploads_create",
        summary="Hand in a workbook or a CSV file of a draft. A worker reads it; nothing is imported yet.",
        description="Ask the address in `Location` until `state` is `read`. It takes the place of the one before.",
        request={"multipart/form-data": FileWriting},
        responses={202: UploadReading},
        parameters=[LOCATION, ETAG],
    )
)
class Uploads(DisclosuresView, FilePosting):
    throttle_classes = [PostThrottle]
    throttle_scope = "submit"

    def act(self, request: Request, **kwargs: Any) -> Response:
        found = get_object_or_404(self.disclosures(request), pk=kwargs["pk"])
        if found.membership_of(request.user) is None:
            self.permission_denied(request, _("Only people of the company can change its ledger."))
        if found.state not in Disclosure.EDITABLE:
            raise NotAllowed(_("Only people of the company can change its disclosure, and only a draft."))
        made = SheetUpload.hand_in(self.upload(request), found, by=self.person)
        where = reverse("api:upload", args=[made.pk])
        return Response(UploadReading(made).data, 202, headers={"Location": where, "ETag": etag(made)})


@extend_schema_view(
    get=extend_schema(
        operation_id="uploads_retrieve",
        summary="What became of a file: its faults, and what it would change.",
        description="The ETag of the answer is what `apply` takes as If-Match: that the file was looked at as it is.",
        responses={200: UploadReading},
    )
)
class UploadDetail(DisclosuresView):
    def get(self, request: Request, pk: int) -> Response:
        found = _upload(self, request, pk)
        return Response(UploadReading(found).data, headers={"ETag": etag(found)})


@extend_schema_view(
    post=extend_schema(
        operation_id="uploads_apply",
        summary="Import what was looked at, in one edition of the draft, or nothing.",
        description="Where the draft moved meanwhile, 409: the file is compared anew, and is to be looked at again.",
        request=ApplyWriting,
        responses={200: UploadReading},
        parameters=[IF_MATCH, ETAG],
    )
)
class UploadApplying(DisclosuresView, Posting):
    throttle_classes = [PostThrottle]
    throttle_scope = "submit"

    def act(self, request: Request, **kwargs: Any) -> Response:
        found = _upload(self, request, kwargs["pk"])
        require_match(request, found)
        writing = ApplyWriting(data=request.data)
        writing.is_valid(raise_exception=True)
        bring_in(found, by=self.person, **writing.validated_data)
        found.refresh_from_db()
        return Response(UploadReading(found).data, headers={"ETag": etag(found)})

    def handle_exception(self, exc: Exception) -> Response:
        """After all was rolled back: a file that was compared with another edition is compared anew."""
        if isinstance(exc, StaleVersion):
            upload = SheetUpload.objects.filter(pk=self.kwargs["pk"]).first()
            if upload and upload.edition != upload.disclosure.edition:
                upload.read_again()
        return super().handle_exception(exc)


def _upload(view: DisclosuresView, request: Request, pk: int) -> SheetUpload:
    """For the company's own people; to others of whoever may read the disclosure, its files are not there."""
    own = SheetUpload.objects.filter(disclosure__company__memberships__user=view.person)
    return get_object_or_404(own.select_related("disclosure__company").defer("content"), pk=pk)
