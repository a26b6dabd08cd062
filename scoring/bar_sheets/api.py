"""Bar sheets in the API. What is asked of a candidate is no secret: a sheet that holds or held is there for anybody."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from portfolio.models import Scope
from portfolio.rest.described import FIELDS
from portfolio.rest.views import Chosen, HasScope, Reading
from scoring.models import BarSheet


class BarSheetSerializer(Chosen[BarSheet]):
    in_force_until = serializers.DateField(allow_null=True, help_text="The last day on which it holds, if known")
    content = serializers.SerializerMethodField(help_text="What the engine reads. Its canonical JSON has the digest")

    class Meta:
        model = BarSheet
        fields = ("version", "title", "state", "active_from", "in_force_until", "is_shipped", "digest", "content")
        read_only_fields = fields

    def get_content(self, sheet: BarSheet) -> dict[str, Any]:
        return sheet.engine().to_json()


@extend_schema_view(
    get=extend_schema(
        operation_id="bar_sheets_retrieve",
        summary="A bar sheet: families, bars, uncertainties, the fund's judgements.",
        parameters=[FIELDS],
    )
)
class BarSheetDetail(Reading[BarSheet]):
    """Of drafts only the fund's side knows."""

    permission_classes = [HasScope]
    scopes = {"GET": Scope.SCORES_READ}
    serializer_class = BarSheetSerializer
    lookup_field = "version"

    def get_queryset(self) -> models.QuerySet[BarSheet]:
        return BarSheet.objects.visible_to(self.request.user).exclude(content="")
