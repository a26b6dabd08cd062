"""API: companies with the score that stands, runs and scores. Only the fund's side sees scores."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

import django_filters as filters
from django.db import models
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.disclosures.api import AMOUNT, ETAG, FIELDS, LOCATION, CompaniesView, CompanyFilters, CompanySerializer
from portfolio.models import Company, Scope, Sector, Track
from portfolio.models.people import FUND_SIDE, has_role
from portfolio.rest.problems import Problem
from portfolio.rest.views import (
    ApiView,
    Chosen,
    FilterSet,
    Listing,
    Posting,
    PostThrottle,
    Reading,
    Strict,
    amount,
    decimal_text,
    etags_of,
    has_scope,
)
from scoring.companies.screen import BANDS, UNSCORED
from scoring.companies.views import may_run
from scoring.engine.score import receipt
from scoring.errors import RunRefused
from scoring.models import LatestScore, Score, ScoreItem, ScoreRun
from scoring.runs import queue as runs
from scoring.runs import receipts
from scoring.runs.report import RunReport

logger = logging.getLogger(__name__)

FIRST_DAY = date(2000, 1, 1)
MOST_COMPANIES = 100_000
STATUSES = [*Score.Status.choices, (UNSCORED, _lazy("Not yet scored"))]
BAND_CHOICES = [(letter, letter) for letter in BANDS]


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


def sees_scores(request: Request) -> bool:
    return has_role(request.user, *FUND_SIDE) and has_scope(request, Scope.SCORES_READ)


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
    band = filters.MultipleChoiceFilter(choices=BAND_CHOICES)
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
        summary="All that a score follows from: `manage.py verify_score` computes it again from there.",
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
    latest_score = serializers.SerializerMethodField(help_text="Null where there is none, or none for you to see.")

    class Meta(CompanySerializer.Meta):
        fields = (*CompanySerializer.Meta.fields, "latest_score")
        read_only_fields = fields

    @extend_schema_field(ScoreSerializer(allow_null=True))
    def get_latest_score(self, company: Company) -> dict[str, Any] | None:
        latest = getattr(company, "latest", None) if sees_scores(self.context["request"]) else None
        if latest is None:
            return None
        latest.score.company = company
        return ScoreSerializer(latest.score).data


class ScreenFilters(CompanyFilters):
    BY_SCORE = ("score_min", "band", "status")

    score_min = filters.NumberFilter(
        field_name="latest__score__emissions_score", lookup_expr="gte", min_value=0, max_value=100
    )
    band = filters.MultipleChoiceFilter(field_name="latest__score__band", choices=BAND_CHOICES)
    status = filters.ChoiceFilter(choices=STATUSES, method="by_status")
    ordering = filters.OrderingFilter(
        fields=[
            ("latest__score__emissions_score", "score"),
            *((name, name) for name in ("company_key", "name_zh", "name_en", "country", "sector")),
        ]
    )

    def by_status(self, rows: Any, _name: str, status: str) -> Any:
        return rows.filter(latest=None) if status == UNSCORED else rows.filter(latest__score__status=status)


class ScreenedView(CompaniesView):
    def companies(self, request: Request) -> models.QuerySet[Company]:
        found = super().companies(request)
        if sees_scores(request):
            found = found.select_related("latest__score__run").defer("latest__score__record_json")
        return found


@extend_schema_view(get=extend_schema(operation_id="companies_list", parameters=[FIELDS]))
class Companies(ScreenedView, Listing[Company]):
    serializer_class = ScreenedCompanySerializer
    filterset_class = ScreenFilters

    def get_queryset(self) -> models.QuerySet[Company]:
        asked = self.request.query_params
        by_score = [name for name in ScreenFilters.BY_SCORE if name in asked]
        by_score += ["ordering"] if "score" in asked.get("ordering", "").replace("-", "").split(",") else []
        if by_score and not sees_scores(self.request):  # a filter tells as much as a column
            if has_role(self.request.user, *FUND_SIDE):
                raise Problem("insufficient_scope", _("This needs the scope %(scope)s.") % {"scope": Scope.SCORES_READ})
            self.permission_denied(self.request, _("Only the fund's side may ask by score."))
        return self.companies(self.request).order_by("company_key")


@extend_schema_view(get=extend_schema(operation_id="companies_retrieve", parameters=[FIELDS]))
class CompanyDetail(ScreenedView, Reading[Company]):
    serializer_class = ScreenedCompanySerializer
    lookup_field = "company_key"

    def get_queryset(self) -> models.QuerySet[Company]:
        return self.companies(self.request)


# --- runs ------------------------------------------------------------------------------------------------
class RunSerializer(Chosen[ScoreRun]):
    methodology = serializers.CharField(source="methodology.version")
    done = serializers.SerializerMethodField(help_text="Companies that are through, failed ones among them.")
    failed = serializers.SerializerMethodField()
    total = serializers.SerializerMethodField()
    eta_s = serializers.SerializerMethodField(help_text="Seconds that it may still take; null where nobody can say.")
    errors_url = serializers.SerializerMethodField()
    scores_url = serializers.SerializerMethodField()

    class Meta:
        model = ScoreRun
        fields = (
            "id",
            "title",
            "state",
            "as_of",
            "methodology",
            "engine_version",
            "key",
            "done",
            "failed",
            "total",
            "eta_s",
            "errors_url",
            "scores_url",
            "queued_at",
            "started_at",
            "finished_at",
        )
        read_only_fields = fields

    def to_representation(self, run: ScoreRun) -> dict[str, Any]:
        self.report = RunReport(run)
        return super().to_representation(run)

    def get_done(self, run: ScoreRun) -> int:
        return self.report.finished

    def get_failed(self, run: ScoreRun) -> int:
        return self.report.failed

    def get_total(self, run: ScoreRun) -> int:
        return self.report.total

    @extend_schema_field({"type": ["integer", "null"]})
    def get_eta_s(self, run: ScoreRun) -> int | None:
        left = self.report.time_left
        return None if left is None else round(left.total_seconds())

    def get_errors_url(self, run: ScoreRun) -> str:
        return reverse("api:run_errors", args=[run.pk])

    def get_scores_url(self, run: ScoreRun) -> str:
        return f"{reverse('api:scores')}?run={run.pk}"


class RunQuestion(Strict):
    companies = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        min_length=1,
        max_length=MOST_COMPANIES,
        help_text="Keys of companies. Without it: all that are not illustrative.",
    )
    as_of = serializers.DateField(required=False, help_text="Only what was known by that day; today without it.")
    title = serializers.CharField(max_length=200, required=False)

    def validate_as_of(self, day: date) -> date:
        if not FIRST_DAY <= day <= timezone.localdate():
            words = _("A day from %(first)s to today, please.") % {"first": FIRST_DAY.isoformat()}
            raise serializers.ValidationError(words, code="out_of_range")
        return day

    def validate_companies(self, keys: list[str]) -> list[Company]:
        seen = Company.objects.visible_to(self.context["request"].user)
        known = {company.company_key: company for company in seen.filter(company_key__in=set(keys))}
        strangers = sorted({key for key in keys if key not in known})
        if strangers:
            words = _("There is no company with the key “%(key)s”.")
            raise serializers.ValidationError([words % {"key": key} for key in strangers[:100]], code="unknown")
        return list(known.values())


class FailedItemSerializer(Chosen[ScoreItem]):
    company = serializers.CharField(source="company.company_key")

    class Meta:
        model = ScoreItem
        fields = ("company", "attempts", "error")
        read_only_fields = fields


class RunFilters(FilterSet):
    state = filters.MultipleChoiceFilter(choices=ScoreRun.State.choices)
    ordering = filters.OrderingFilter(fields=[("pk", "id"), ("as_of", "as_of"), ("queued_at", "queued_at")])


class NoFilters(FilterSet):
    pass


class RunsView(ApiView):
    scopes = {"GET": Scope.SCORES_READ, "POST": Scope.RUNS_EXECUTE}

    def runs(self, request: Request) -> models.QuerySet[ScoreRun]:
        return ScoreRun.objects.visible_to(request.user).select_related("methodology")


class RunPosting(RunsView, Posting):
    def check_may_run(self, request: Request) -> None:
        if not may_run(request.user):
            self.permission_denied(request, _("Only fund managers and administrators start, cancel or retry runs."))

    def run(self, request: Request, pk: int) -> ScoreRun:
        found = get_object_or_404(self.runs(request), pk=pk)
        self.check_may_run(request)
        return found


@extend_schema_view(
    get=extend_schema(operation_id="runs_list", parameters=[FIELDS]),
    post=extend_schema(
        operation_id="runs_start",
        summary="Ask for scores. The same question is the same run.",
        request=RunQuestion,
        responses={
            202: RunSerializer,
            200: RunSerializer,  # asked before, and answered
        },
        parameters=[OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[200, 202])],
    ),
)
class Runs(RunPosting, Listing[ScoreRun]):
    serializer_class = RunSerializer
    filterset_class = RunFilters
    throttle_classes = [PostThrottle]
    throttle_scope = "run_start"

    def get_queryset(self) -> models.QuerySet[ScoreRun]:
        return self.runs(self.request).order_by("-pk")

    def act(self, request: Request, **kwargs: Any) -> Response:
        self.check_may_run(request)
        question = RunQuestion(data=request.data, context={"request": request})
        question.is_valid(raise_exception=True)
        given = question.validated_data
        everyone = Company.objects.visible_to(request.user).filter(is_illustrative=False)
        today = timezone.localdate()
        try:
            started, is_new = runs.start(
                given.get("companies", everyone),
                title=given.get("title", f"API {today}"),
                by=self.person,
                as_of=given.get("as_of", today),
            )
        except RunRefused as refused:
            raise Problem("conflict", str(refused)) from refused
        return _accepted(started, request, 202 if is_new or started.is_open else 200)


@extend_schema_view(get=extend_schema(operation_id="runs_retrieve", parameters=[FIELDS]))
class RunDetail(RunsView, Reading[ScoreRun]):
    serializer_class = RunSerializer

    def get_queryset(self) -> models.QuerySet[ScoreRun]:
        return self.runs(self.request)


@extend_schema_view(
    get=extend_schema(operation_id="runs_errors", summary="The companies that failed, and why.", parameters=[FIELDS])
)
class RunErrors(RunsView, Listing[ScoreItem]):
    serializer_class = FailedItemSerializer
    filterset_class = NoFilters

    def get_queryset(self) -> models.QuerySet[ScoreItem]:
        run = get_object_or_404(self.runs(self.request), pk=self.kwargs["pk"])
        failed = run.items.filter(state=ScoreItem.State.FAILED)
        return failed.select_related("company").defer("inputs").order_by("company__company_key")


@extend_schema_view(
    post=extend_schema(
        operation_id="runs_cancel",
        summary="Stop an open run. What is scored stays.",
        request=None,
        responses={200: RunSerializer},
    )
)
class RunCancellation(RunPosting):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = self.run(request, kwargs["pk"])
        try:
            runs.cancel(found, by=self.person)
        except RunRefused as refused:
            raise Problem("conflict", str(refused)) from refused
        return Response(RunSerializer(self.runs(request).get(pk=found.pk)).data)


@extend_schema_view(
    post=extend_schema(
        operation_id="runs_retry",
        summary="Try the failed companies again.",
        request=None,
        responses={202: RunSerializer},
        parameters=[LOCATION],
    )
)
class RunRetry(RunPosting):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = self.run(request, kwargs["pk"])
        try:
            runs.retry(found, by=self.person)
        except RunRefused as refused:
            raise Problem("conflict", str(refused)) from refused
        return _accepted(found, request, 202)


def _accepted(run: ScoreRun, request: Request, status: int) -> Response:
    headers = {"Location": reverse("api:run", args=[run.pk])}
    return Response(RunSerializer(run).data, status, headers=headers)
