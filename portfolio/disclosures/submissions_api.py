"""API: the submissions of a disclosure, each with what its receipt says."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.disclosures.receipts import Receipt, has_receipts_for, receipts_of
from portfolio.rest.facts import DisclosuresView
from portfolio.rest.problems import Problem


class SubmissionReading(serializers.Serializer[Receipt]):
    number = serializers.IntegerField(help_text="Of the receipt")
    at = serializers.DateTimeField(source="step.at")
    by = serializers.CharField()
    digest = serializers.CharField(source="step.digest", help_text="SHA-256 of `content` as UTF-8: figures and ledger")
    figures_digest = serializers.CharField(allow_blank=True)
    ledger_digest = serializers.CharField(allow_blank=True, help_text="Empty without lines")
    wording = serializers.CharField(
        allow_blank=True, help_text="What was declared, by its code; empty where it was not kept"
    )
    declared = serializers.CharField(help_text="In the caller's language")
    content = serializers.CharField(
        source="text", allow_blank=True, help_text="What was signed, word for word; empty where it was not kept"
    )


class SubmissionsReading(serializers.Serializer[Any]):
    submissions = SubmissionReading(many=True)


@extend_schema_view(
    get=extend_schema(
        operation_id="disclosures_submissions",
        summary="What was handed in, when and under which digests.",
        description="The newest first. For the company's own people and those who verify.",
        responses={200: SubmissionsReading},
    )
)
class Submissions(DisclosuresView):
    def get(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(self.disclosures(request), pk=pk)
        if not has_receipts_for(request.user):
            raise Problem("not_found")
        return Response(SubmissionsReading({"submissions": receipts_of(found)}).data)
