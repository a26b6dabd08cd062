"""API: what the rules of plausibility say of a disclosure, and the reasons that were given."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.models import Disclosure, GivenReason
from portfolio.rest.facts import CheckReading, DisclosuresView
from scoring.engine.screening.plausibility import VERSION
from scoring.plausibility import checks as plausibility


class ReasonReading(serializers.ModelSerializer[GivenReason]):
    class Meta:
        model = GivenReason
        fields = ("code", "quantity", "reason", "words", "at")
        read_only_fields = fields


class ChecksReading(serializers.Serializer[Any]):
    """Of a draft as it stands now; of what was submitted as it was kept then."""

    rules = serializers.CharField(help_text="Version of the rules")
    blocked = serializers.BooleanField(help_text="Whether a submission would be refused, or needs a reason")
    checks = CheckReading(many=True)
    reasons = ReasonReading(many=True)


@extend_schema_view(
    get=extend_schema(
        operation_id="disclosures_checks",
        summary="What the rules of plausibility say of this version.",
        responses={200: ChecksReading},
    )
)
class DisclosureChecks(DisclosuresView):
    def get(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(self.disclosures(request), pk=pk)
        kept = plausibility.kept_of(found) if found.state not in Disclosure.EDITABLE else None
        checks = plausibility.checks_of(found)
        reasons = found.reasons.filter(digest=found.digest) if found.digest else GivenReason.objects.none()
        answer = {
            "rules": kept.rules if kept else VERSION,
            "blocked": any(check.blocks for check in checks),
            "checks": checks,
            "reasons": reasons,
        }
        return Response(ChecksReading(answer).data)
