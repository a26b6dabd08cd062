"""API: companies with the score that stands, runs and scores. Only the fund's side sees scores."""

from __future__ import annotations

import logging
from typing import Any

import django_filters as filters
from django.db import models
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.lists import FilterSet
from portfolio.models import Company, Scope, Sector, Track
from portfolio.models.people import FUND_SIDE, has_role
from portfolio.rest.described import AMOUNT, ETAG, FIELDS
from portfolio.rest.facts import CompaniesView, CompanySerializer
from portfolio.rest.problems import Problem, WrongParameters
from portfolio.rest.views import (
    ApiView,
    Chosen,
    Listing,
    Reading,
    amount,
    decimal_text,
    etags_of,
)
from scoring.access import sees_scores
from scoring.companies.listing import BANDS, RANKS, CompanyList, with_place
from scoring.companies.tabs import METHODS, MethodName, pathway_of, temperature_of
from scoring.engine.pathways import words as of_pathways
from scoring.engine.score import receipt
from scoring.engine.temperature import words as of_temperature
from scoring.models import LatestScore, ListStatus, Score
from scoring.runs import receipts

logger = logging.getLogger(__name__)

ASSISTED = {
    "type": ["object", "null"],
    "properties": {
        "value": {"type": ["string", "null"], "description": "Null where too much of the weight is filled in"},
        "p05": {"type": "string"},
        "p95": {"type": "string"},
        "unit": {"type": "string"},
        "rung": {"type": ["integer", "null"], "description": "Of the emissions: 1 verified report to 7 estimate"},
        "model": {"type": ["string", "null"], "description": "Version behind an estimate of emissions, such as m1"},
    },
    "required": ["value", "p05", "p95", "unit", "rung", "model"],
}


# --- scores --------------------------------------------------------------------------------------------
class ScoreSerializer(Chosen[Score]):
    """A score as lists show it. `assisted_score` is an estimate: an object with its range, rung and model."""

    company = serializers.CharField(source="company.company_key")
    run = serializers.IntegerField(source="run_id")
    as_of = serializers.DateField(source="run.as_of")
    emissions_score = serializers.SerializerMethodField()
    coverage = serializers.SerializerMethodField()
    intensity = serializers.SerializerMethodField()
    emissions = serializers.SerializerMethodField()
    assisted_score = serializers.SerializerMethodField(
        help_text="Null where the methodology version has none; its value is null where too much is filled in."
    )

    class Meta:
        model = Score
        fields: tuple[str, ...] = (
            "id",
            "company",
            "run",
            "as_of",
            "status",
            "emissions_score",
            "band",
            "coverage",
            "assisted_score",
            "intensity",
            "emissions",
            "data_quality",
            "data_year",
            "inputs_sha256",
            "digest",
            "created_at",
        )
        read_only_fields = fields

    @extend_schema_field(AMOUNT)
    def get_emissions_score(self, score: Score) -> dict[str, str] | None:
        return amount(score.emissions_score, "points")

    @extend_schema_field(ASSISTED)
    def get_assisted_score(self, score: Score) -> dict[str, Any] | None:
        if score.assisted_p05 is None or score.assisted_p95 is None:
            return None
        return {
            "value": None if score.assisted_score is None else decimal_text(score.assisted_score),
            "p05": decimal_text(score.assisted_p05),
            "p95": decimal_text(score.assisted_p95),
            "unit": "points",
            "rung": score.emissions_rung,
            "model": f"m{score.model_id}" if score.model_id else None,
        }

    @extend_schema_field(AMOUNT)
    def get_coverage(self, score: Score) -> dict[str, str] | None:
        return amount(score.coverage, "share")

    @extend_schema_field(AMOUNT)
    def get_intensity(self, score: Score) -> dict[str, str] | None:
        return amount(score.intensity, "tCO₂e/10k CNY")

    @extend_schema_field(AMOUNT)
    def get_emissions(self, score: Score) -> dict[str, str] | None:
        return amount(score.emissions_t, "tCO₂e")


class ScoreRecordSerializer(ScoreSerializer):
    """With the engine's record: written canonically its SHA-256 is `digest`, so its numbers stay JSON numbers."""

    record = serializers.JSONField(read_only=True)

    class Meta(ScoreSerializer.Meta):
        fields = (*ScoreSerializer.Meta.fields, "record")
        read_only_fields = fields


class ScoreFilters(FilterSet):
    run = filters.NumberFilter(
        field_name="run_id",
        min_value=1,
        max_value=2**62,
        decimal_places=0,
        label="Scores of this run; without it, the score that stands for each company now",
    )
    company = filters.CharFilter(field_name="company__company_key", max_length=80)
    status = filters.MultipleChoiceFilter(choices=Score.Status.choices)
    band = filters.MultipleChoiceFilter(choices=BANDS)
    score_min = filters.NumberFilter(field_name="emissions_score", lookup_expr="gte", min_value=0, max_value=100)
    sector = filters.MultipleChoiceFilter(field_name="company__sector", choices=Sector.choices)
    country = filters.CharFilter(field_name="company__country", max_length=3)
    track = filters.MultipleChoiceFilter(field_name="company__tracks__track", choices=Track.choices)
    ordering = filters.OrderingFilter(
        fields=[
            ("emissions_score", "score"),
            ("company__company_key", "company"),
            ("coverage", "coverage"),
            ("intensity", "intensity"),
            ("emissions_t", "emissions"),
            ("data_quality", "data_quality"),
            ("data_year", "data_year"),
            ("pk", "id"),
        ]
    )


class ScoresView(ApiView):
    scopes = {"GET": Scope.SCORES_READ}

    def scores(self, request: Request) -> models.QuerySet[Score]:
        return Score.objects.visible_to(request.user).select_related("company", "run")


@extend_schema_view(get=extend_schema(operation_id="scores_list", parameters=[FIELDS]))
class Scores(ScoresView, Listing[Score]):
    serializer_class = ScoreSerializer
    filterset_class = ScoreFilters

    def get_queryset(self) -> models.QuerySet[Score]:
        found = self.scores(self.request).defer("record_json").order_by("-pk")
        if "run" in self.request.query_params:
            return found
        return found.filter(pk__in=LatestScore.objects.values("score_id"))


@extend_schema_view(get=extend_schema(operation_id="scores_retrieve", parameters=[FIELDS, ETAG]))
class ScoreDetail(ScoresView, Reading[Score]):
    serializer_class = ScoreRecordSerializer

    def get_queryset(self) -> models.QuerySet[Score]:
        return self.scores(self.request)


class ReceiptSerializer(serializers.Serializer[Any]):
    """A score with all that it follows from, each part with its digest (docs/reference/receipts.md)."""

    schema = serializers.ChoiceField(choices=[receipt.SCHEMA])
    question = serializers.DictField()
    versions = serializers.DictField()
    inputs = serializers.DictField()
    ledgers = serializers.ListField(child=serializers.DictField())
    methodology = serializers.DictField()
    record = serializers.DictField()
    made_with = serializers.DictField(child=serializers.CharField())
    digests = serializers.DictField(child=serializers.CharField())


@extend_schema_view(
    get=extend_schema(
        operation_id="scores_receipt",
        summary="All that a score follows from: `script/manage verify_score` computes it again from there.",
        responses=ReceiptSerializer,
        parameters=[ETAG],
    )
)
class ScoreReceipt(ScoresView):
    def get(self, request: Request, pk: int) -> Response:
        score = get_object_or_404(self.scores(request), pk=pk)
        try:
            made = receipts.receipt_of(score)
        except receipts.ReceiptRefused as refused:
            logger.error("no receipt: %s", refused)
            raise Problem("conflict", str(receipts.REFUSED)) from refused
        tag = f'"{receipt.digest_of(made)[:32]}"'
        if tag in etags_of(request.headers.get("If-None-Match", "")):
            return Response(status=304, headers={"ETag": tag})
        return Response(made, headers={"ETag": tag})


# --- companies with their scores -------------------------------------------------------------------------
class ScreenedCompanySerializer(CompanySerializer):
    status = serializers.SerializerMethodField(
        help_text="How lists count it: scored, estimated, insufficient, unscored; null where not for you to see."
    )
    latest_score = serializers.SerializerMethodField(help_text="Null where there is none, or none for you to see.")

    class Meta(CompanySerializer.Meta):
        fields = (*CompanySerializer.Meta.fields, "status", "latest_score")
        read_only_fields = fields

    def get_status(self, company: Company) -> str | None:
        place = getattr(company, "place", None)
        return None if place is None else ListStatus.of_place(place).value

    @extend_schema_field(ScoreSerializer(allow_null=True))
    def get_latest_score(self, company: Company) -> dict[str, Any] | None:
        latest = getattr(company, "latest", None) if sees_scores(self.context["request"]) else None
        if latest is None:
            return None
        latest.score.company = company
        return ScoreSerializer(latest.score).data


class ScreenedView(CompaniesView):
    def companies(self, request: Request) -> models.QuerySet[Company]:
        found = super().companies(request)
        if sees_scores(request):
            found = with_place(found.select_related("latest__score__run").defer("latest__score__record_json"))
        return found


@extend_schema_view(
    get=extend_schema(
        operation_id="companies_list",
        description="Companies that you may see. For the fund's side as its page lists them: the scored first, in the"
        " order asked for (`-score` without one), then the estimated, the insufficient and the unscored by name.",
        parameters=[FIELDS],
    )
)
class Companies(ScreenedView, Listing[Company]):
    serializer_class = ScreenedCompanySerializer
    filterset_class = CompanyList

    def get_queryset(self) -> models.QuerySet[Company]:
        asked = self.request.query_params
        by_score = [name for name in CompanyList.by_score if name in asked]
        by_score += RANKS.keys() & asked.get("ordering", "").replace("-", "").split(",")
        if by_score and not sees_scores(self.request):  # a filter tells as much as a column
            if has_role(self.request.user, *FUND_SIDE):
                raise Problem("insufficient_scope", _("This needs the scope %(scope)s.") % {"scope": Scope.SCORES_READ})
            self.permission_denied(self.request, _("Only the fund's side may ask by score."))
        return self.companies(self.request)


@extend_schema_view(get=extend_schema(operation_id="companies_retrieve", parameters=[FIELDS]))
class CompanyDetail(ScreenedView, Reading[Company]):
    serializer_class = ScreenedCompanySerializer
    lookup_field = "company_key"

    def get_queryset(self) -> models.QuerySet[Company]:
        return self.companies(self.request)


# --- runs ------------------------------------------------------------------------------------------------


class ArchiveReading(serializers.Serializer[Any]):
    """A record computed from the inputs that `inputs_sha256` names; its numbers stay JSON numbers, missing is null."""

    score = serializers.IntegerField()
    company = serializers.CharField()
    run = serializers.IntegerField()
    as_of = serializers.DateField()
    inputs_sha256 = serializers.CharField()
    record = serializers.JSONField()


class OfScore(ApiView):
    scopes = {"GET": Scope.SCORES_READ}

    def score(self, request: Request, pk: int) -> Score:
        found = Score.objects.visible_to(request.user).defer("record_json")
        return get_object_or_404(found.select_related("company", "run__methodology"), pk=pk)

    def answer(self, score: Score, record: Any) -> Response:
        return Response(
            {
                "score": score.pk,
                "company": score.company.company_key,
                "run": score.run_id,
                "as_of": score.run.as_of.isoformat(),
                "inputs_sha256": score.inputs_sha256,
                "record": record,
            }
        )


@extend_schema_view(
    get=extend_schema(
        operation_id="scores_temperature",
        summary="Temperature score of a score's archived inputs.",
        parameters=[OpenApiParameter("method", str, enum=METHODS, default=METHODS[0])],
        responses=ArchiveReading,
    )
)
class ScoreTemperature(OfScore):
    parameters = frozenset({"method"})

    def get(self, request: Request, pk: int) -> Response:
        score = self.score(request, pk)
        return self.answer(score, of_temperature.answer(temperature_of(score, _method(request))))


@extend_schema_view(
    get=extend_schema(
        operation_id="scores_pathway",
        summary="Paths, budget, degrees and the 3060 test of a score's archived inputs.",
        responses=ArchiveReading,
    )
)
class ScorePathway(OfScore):
    def get(self, request: Request, pk: int) -> Response:
        score = self.score(request, pk)
        return self.answer(score, of_pathways.answer(pathway_of(score)))


def _method(request: Request) -> MethodName:
    asked = request.query_params.get("method", METHODS[0])
    for method in METHODS:
        if asked == method:
            return method
    words = _("“%(name)s” is not a method. Methods: %(methods)s")
    said = words % {"name": asked[:40], "methods": ", ".join(METHODS)}
    raise WrongParameters({"method": [exceptions.ErrorDetail(said, "invalid_choice")]})
