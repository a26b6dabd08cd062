"""API: many lines of a ledger at once, each by the number that the company's own system knows it by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.activities.serializers import LineWriting, as_written
from portfolio.models import Activity, Disclosure
from portfolio.models.desk.points import LINES, Opening, of_line, opening_of
from portfolio.models.disclosure import MOST_ACTIVITIES
from portfolio.rest import problems
from portfolio.rest.described import ETAG
from portfolio.rest.views import Posting, PostThrottle, Strict, etag, require_match
from scoring.ledgers import ledger as ledgers
from scoring.ledgers.lines_api import LinesOfDraft, known

MOST_AT_ONCE = 1000


ITEM = {
    "description": "A line as PUT takes it, with its `external_id`; or that and `delete`. Wrong ones hinder no other.",
    "anyOf": [
        {
            "type": "object",
            "required": ["external_id"],
            "properties": {
                "external_id": {"type": "string", "maxLength": 64, "examples": ["4900012345-10"]},
                "delete": {"type": "boolean"},
            },
        },
        {},
    ],
}


@extend_schema_field({"type": "array", "minItems": 1, "maxItems": MOST_AT_ONCE, "items": ITEM})
class LineItems(serializers.ListField):
    """Anything, item by item: each is looked at for itself."""


class BulkWriting(Strict):
    items = LineItems(min_length=1, max_length=MOST_AT_ONCE)
    atomic = serializers.BooleanField(default=False, help_text="All of them or none: a wrong one is then 400")


class BulkErrorReading(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text="JSON pointer into the body")
    code = serializers.CharField()
    detail = serializers.CharField(help_text="In the caller's language")


class BulkItemReading(serializers.Serializer[Any]):
    external_id = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(["created", "updated", "unchanged", "deleted", "absent", "refused"])
    number = serializers.IntegerField(allow_null=True, help_text="Of the line")
    errors = BulkErrorReading(many=True)  # type: ignore[assignment]


class BulkReading(serializers.Serializer[Any]):
    disclosure = serializers.IntegerField()
    edition = serializers.IntegerField()
    refused = serializers.IntegerField()
    items = BulkItemReading(many=True)


class Bulk:
    """What a list of items does to the lines of a draft, item by item."""

    def __init__(self, found: Disclosure, items: list[Any]) -> None:
        self.found, self.context, self.opening = found, known(found), opening_of(found)
        self.lines = {line.external_id: line for line in ledgers.activities_of(found) if line.external_id}
        self.room = MOST_ACTIVITIES - found.activities.count()
        self.added: list[Activity] = []
        self.changed: list[Activity] = []
        self.removed: list[Activity] = []
        self.seen: set[str] = set()
        self.faults: dict[str, Any] = {}  # by position
        self.answers = [self._answer(item, at) for at, item in enumerate(items)]

    def write(self, *, by: Any) -> None:
        """One edition for all; none where nothing changes. The answers then have the numbers of new lines."""
        if self.added or self.changed or self.removed:
            rows: dict[str, Any] = {"added": self.added, "changed": self.changed, "removed": self.removed}
            self.found.write_activities(by=by, edition=self.found.edition, **rows)
        numbers = {line.external_id: line.number for line in self.added}
        for answer in self.answers:
            if answer["status"] == "created":
                answer["number"] = numbers[answer["external_id"]]

    def _answer(self, item: Any, at: int) -> dict[str, Any]:
        address = item.get("external_id") if isinstance(item, Mapping) else None
        address = address if isinstance(address, str) else ""
        stored = self.lines.get(address)
        answer: dict[str, Any] = {"external_id": address[:64], "number": stored.number if stored else None}
        try:
            status = self._status(item, address, stored)
        except serializers.ValidationError as refused:
            self.faults[str(at)] = refused.detail
            return answer | {"status": "refused", "errors": problems.errors_of(refused, f"/items/{at}")}
        self.seen.add(address)
        return answer | {"status": status, "errors": []}

    def _status(self, item: Any, address: str, stored: Activity | None) -> str:
        if not isinstance(item, Mapping):
            raise serializers.ValidationError(_("An object, please."), code="invalid")
        if not address:
            _refuse("external_id", _("Each item needs the number that your system knows it by."), "required")
        if address in self.seen:
            _refuse("external_id", _("Another item has this number already."), "twice")
        given = {name: value for name, value in item.items() if name != "delete"}
        if item.get("delete", False) not in (True, False):
            _refuse("delete", _("true or false, please."), "invalid")
        if item.get("delete"):
            if stored is None:
                return "absent"
            _require_open(self.opening, of_line(stored.number))
            self.removed.append(stored)
            self.room += 1
            return "deleted"
        writing = LineWriting(data=given, context=self.context)
        writing.is_valid(raise_exception=True)
        row: Activity = writing.validated_data
        if stored is None:
            return self._add(row)
        row.pk, row.number = stored.pk, stored.number
        if as_written(row, stored):
            return "unchanged"
        _require_open(self.opening, of_line(stored.number))
        self.changed.append(row)
        return "updated"

    def _add(self, row: Activity) -> str:
        _require_open(self.opening, LINES)
        if self.room <= 0:
            words = _("A disclosure holds at most %(most)s lines.") % {"most": MOST_ACTIVITIES}
            _refuse("external_id", words, "too_many")
        self.room -= 1
        self.added.append(row)
        return "created"


def _refuse(field: str, detail: str, code: str) -> NoReturn:
    raise serializers.ValidationError({field: [exceptions.ErrorDetail(detail, code=code)]})


def _require_open(opening: Opening, point: str) -> None:
    """After a return only what it opened."""
    if not opening.has(point):
        _refuse("external_id", _("The return left it closed. Ask the verifier to open it too."), "locked")


@extend_schema_view(
    post=extend_schema(
        operation_id="activities_bulk",
        summary="Write many lines by their external_id: new, changed, unchanged or, with `delete`, taken out.",
        description="Each item is answered for itself, and wrong ones hinder no other unless `atomic` is true. The same"
        " body again changes nothing. `If-Match`, the ETag of the disclosure, may be left out.",
        request=BulkWriting,
        responses={200: BulkReading},
        parameters=[ETAG],
    )
)
class LinesInBulk(LinesOfDraft, Posting):
    throttle_classes = [PostThrottle]
    throttle_scope = "bulk"

    def act(self, request: Request, **kwargs: Any) -> Response:
        found = self.draft(request, kwargs["pk"])
        if request.headers.get("If-Match"):
            require_match(request, found)
        writing = BulkWriting(data=request.data)
        writing.is_valid(raise_exception=True)
        bulk = Bulk(found, writing.validated_data["items"])
        if writing.validated_data["atomic"] and bulk.faults:
            raise serializers.ValidationError({"items": bulk.faults})
        bulk.write(by=self.person)
        told: dict[str, Any] = {"disclosure": found.pk, "edition": found.edition}
        told |= {"refused": len(bulk.faults), "items": bulk.answers}
        return Response(BulkReading(told).data, headers={"ETag": etag(found)})
