"""API: previews of results and their disputes. Submitters confirm, dispute and withdraw, the fund answers."""

from __future__ import annotations

from functools import cached_property
from typing import Any, cast

import django_filters as filters
from django.db import models
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from fund.applicants.disputes import RELATED, DisputeList
from fund.models import Dispute, Preview
from fund.models.preview import LONGEST, disputable, field_of, may_speak_for
from portfolio.lists import FilterSet
from portfolio.models import Scope
from portfolio.models.join import DECIDERS
from portfolio.models.people import has_role
from portfolio.rest.described import FIELDS, LOCATION
from portfolio.rest.views import ApiView, Chosen, Listing, Posting, Reading, Strict, decimal_text
from scoring.engine.score.record import BARS, BarRecord
from scoring.models import Score

TEXT, NUMBER = {"type": "string"}, {"type": ["string", "null"], "description": "A decimal"}
BARS_SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "bar": {"type": "string", "enum": list(BARS)},
            "state": {"type": "string", "enum": ["cleared", "missed", "unknown"]},
            "because": TEXT | {"description": "A code; empty where the distance to the bar says it"},
            "year": {"type": ["integer", "null"]},
            "value": NUMBER,
            "level": NUMBER | {"description": "Of the bar, in the same unit"},
            "unit": TEXT,
            "inputs": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"field": TEXT, "value": TEXT, "rung": {"type": ["string", "null"]}},
                    "required": ["field", "value", "rung"],
                },
            },
            "missing": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"field": TEXT, "who": {"type": "string", "enum": ["company", "verifier", "fund"]}},
                    "required": ["field", "who"],
                },
            },
        },
        "required": ["bar", "state", "because", "year", "value", "level", "unit", "inputs", "missing"],
    },
}


class DisputeReading(Chosen[Dispute]):
    preview = serializers.IntegerField(source="preview_id")
    company = serializers.CharField(source="preview.disclosure.company.company_key")
    year = serializers.IntegerField(source="preview.disclosure.year")
    by = serializers.CharField(source="by.username")
    closed_by = serializers.SerializerMethodField(help_text="Of the company's people; the fund answers as one.")

    class Meta:
        model = Dispute
        fields = (
            *("id", "preview", "company", "year", "field", "words", "digest", "by", "at"),
            *("state", "answer", "closed_by", "closed_at"),
        )
        read_only_fields = fields

    @extend_schema_field({"type": ["string", "null"]})
    def get_closed_by(self, dispute: Dispute) -> str | None:
        is_own = dispute.state == Dispute.State.WITHDRAWN
        return dispute.closed_by.get_username() if dispute.closed_by and is_own else None


class PreviewReading(Chosen[Preview]):
    disclosure = serializers.IntegerField(source="disclosure_id")
    company = serializers.CharField(source="disclosure.company.company_key")
    year = serializers.IntegerField(source="disclosure.year")
    version = serializers.IntegerField(source="disclosure.version")
    is_running = serializers.BooleanField()
    confirmed_by = serializers.CharField(source="confirmed_by.username", allow_null=True, default=None)
    open_disputes = serializers.SerializerMethodField()

    class Meta:
        model = Preview
        fields: tuple[str, ...] = (
            *("id", "disclosure", "company", "year", "version", "opened_at", "due", "is_by_calendar", "is_running"),
            *("confirmed_by", "confirmed_at", "confirmed_digest", "open_disputes"),
        )
        read_only_fields = fields

    @extend_schema_field({"type": "integer"})
    def get_open_disputes(self, preview: Preview) -> int:
        return len(preview.open_disputes)


class PreviewDetailReading(PreviewReading):
    """`digest` is of the score that is shown now: who confirms or disputes sends it back."""

    digest = serializers.SerializerMethodField()
    bars = serializers.SerializerMethodField()
    fields_to_dispute = serializers.SerializerMethodField()

    class Meta(PreviewReading.Meta):
        fields = (*PreviewReading.Meta.fields, "digest", "bars", "fields_to_dispute")
        read_only_fields = fields

    @cached_property
    def _score(self) -> Score:
        return cast(Preview, self.instance).standing_score()

    @extend_schema_field(TEXT)
    def get_digest(self, preview: Preview) -> str:
        return self._score.digest

    @extend_schema_field({"type": "array", "items": TEXT})
    def get_fields_to_dispute(self, preview: Preview) -> list[str]:
        return disputable(self._score)

    @extend_schema_field(BARS_SCHEMA)
    def get_bars(self, preview: Preview) -> list[dict[str, Any]]:
        candidacy = self._score.record["candidacy"]
        return [_bar(bar, candidacy[bar]) for bar in BARS] if candidacy else []  # type: ignore[literal-required]


def _bar(bar: str, record: BarRecord) -> dict[str, Any]:
    return {
        "bar": bar,
        **{name: record[name] for name in ("state", "because", "year", "unit")},
        "value": _decimal(record["value"]),
        "level": _decimal(record["bar"]),
        "inputs": [
            {"field": field_of(bar, one), "value": decimal_text(one["value"]), "rung": one["rung"]}
            for one in record["inputs"]
        ],
        "missing": [{"field": field_of(bar, one), "who": one["who"]} for one in record["missing"]],
    }


def _decimal(value: float | None) -> str | None:
    return None if value is None else decimal_text(value)


class PreviewList(FilterSet):
    company = filters.CharFilter(field_name="disclosure__company__company_key", max_length=80, label="Key of a company")


class Confirming(Strict):
    digest = serializers.CharField(max_length=64, help_text="Of the score that was read")


class Disputing(Confirming):
    field = serializers.CharField(max_length=80, help_text="One of `fields_to_dispute`")
    words = serializers.CharField(max_length=LONGEST, help_text="What it should be, and what shows it")


class Answering(Strict):
    words = serializers.CharField(max_length=LONGEST, help_text="The company reads it")


class OfPreviews(ApiView):
    scopes = {"GET": Scope.SCORES_READ, "POST": Scope.DISCLOSURES_WRITE}
    refusal = gettext_lazy("Only a submitter of the company confirms or disputes its result.")

    def get_queryset(self) -> models.QuerySet[Preview]:
        """Nothing is here for verifiers."""
        found = Preview.objects.visible_to(self.request.user).order_by("-pk")
        return found.select_related("disclosure__company", "confirmed_by").prefetch_related("disputes")

    def own(self, request: Request, pk: int) -> Preview:
        """Raises Http404 before it looks at the body, and PermissionDenied before it refuses it."""
        found = get_object_or_404(self.get_queryset(), pk=pk)
        if not may_speak_for(request.user, found):
            self.permission_denied(request, str(self.refusal))
        return found


@extend_schema_view(
    get=extend_schema(
        operation_id="previews_list",
        summary="Results that are or were shown to their companies before anything is proposed on them.",
        parameters=[FIELDS],
    )
)
class Previews(OfPreviews, Listing[Preview]):
    serializer_class = PreviewReading
    filterset_class = PreviewList


@extend_schema_view(get=extend_schema(operation_id="previews_retrieve", parameters=[FIELDS]))
class PreviewDetail(OfPreviews, Reading[Preview]):
    serializer_class = PreviewDetailReading


@extend_schema_view(
    post=extend_schema(
        operation_id="previews_confirm",
        summary="Confirm the result, as a submitter of the company.",
        request=Confirming,
        responses={200: PreviewReading},
    )
)
class PreviewConfirmation(OfPreviews, Posting):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = self.own(request, kwargs["pk"])
        given = Confirming(data=request.data)
        given.is_valid(raise_exception=True)
        found.confirm(by=self.person, digest=given.validated_data["digest"])
        return Response(PreviewReading(found).data)


@extend_schema_view(
    post=extend_schema(
        operation_id="previews_dispute",
        summary="Dispute one field of the result, as a submitter of the company.",
        request=Disputing,
        responses={201: DisputeReading},
        parameters=[LOCATION],
    )
)
class PreviewDisputing(OfPreviews, Posting):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = self.own(request, kwargs["pk"])
        given = Disputing(data=request.data)
        given.is_valid(raise_exception=True)
        made = found.dispute(by=self.person, **given.validated_data)
        return Response(DisputeReading(made).data, 201, headers={"Location": reverse("api:dispute", args=[made.pk])})


class OfDisputes(ApiView):
    scopes = {"GET": Scope.SCORES_READ, "POST": Scope.REQUESTS_WRITE}

    def get_queryset(self) -> models.QuerySet[Dispute]:
        return Dispute.objects.visible_to(self.request.user).select_related(*RELATED)


@extend_schema_view(
    get=extend_schema(
        operation_id="disputes_list", summary="Disputes of results, open ones first.", parameters=[FIELDS]
    )
)
class Disputes(OfDisputes, Listing[Dispute]):
    serializer_class = DisputeReading
    filterset_class = DisputeList


@extend_schema_view(get=extend_schema(operation_id="disputes_retrieve", parameters=[FIELDS]))
class DisputeDetail(OfDisputes, Reading[Dispute]):
    serializer_class = DisputeReading


@extend_schema_view(
    post=extend_schema(
        operation_id="disputes_answer",
        summary="Answer an open dispute, for the fund.",
        request=Answering,
        responses={200: DisputeReading},
    )
)
class DisputeAnswer(OfDisputes, Posting):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        if not has_role(request.user, *DECIDERS):
            self.permission_denied(request, _("Only a fund manager or an administrator can do this."))
        given = Answering(data=request.data)
        given.is_valid(raise_exception=True)
        found.reply(given.validated_data["words"], by=self.person)
        return Response(DisputeReading(found).data)


@extend_schema_view(
    post=extend_schema(
        operation_id="disputes_withdraw",
        summary="Take an open dispute back, as a submitter of the company.",
        request=None,
        responses={200: DisputeReading},
    )
)
class DisputeWithdrawal(OfDisputes, Posting):
    scopes = {"POST": Scope.DISCLOSURES_WRITE}

    def act(self, request: Request, **kwargs: Any) -> Response:
        found = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        if not may_speak_for(request.user, found.preview):
            self.permission_denied(request, str(OfPreviews.refusal))
        found.withdraw(by=self.person)
        return Response(DisputeReading(found).data)
