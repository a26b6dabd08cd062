"""Runs in the API."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.lists import FilterSet
from portfolio.models import Company, Scope
from portfolio.rest.described import FIELDS, LOCATION
from portfolio.rest.problems import Problem
from portfolio.rest.views import (
    ApiView,
    Chosen,
    Listing,
    Posting,
    PostThrottle,
    Reading,
    Strict,
)
from scoring.access import may_run
from scoring.errors import RunRefused
from scoring.models import ScoreItem, ScoreRun
from scoring.runs import queue as runs
from scoring.runs.report import RunList, RunReport

FIRST_DAY = date(2000, 1, 1)


MOST_COMPANIES = 100_000


class RunSerializer(Chosen[ScoreRun]):
    bar_sheet = serializers.CharField(source="bar_sheet.version", default=None, allow_null=True)
    retired_method = serializers.CharField(
        source="retired_method.version", default=None, allow_null=True, help_text="Of runs by a method of before."
    )
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
            "bar_sheet",
            "retired_method",
            "candidate_count",
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


class NoFilters(FilterSet):
    pass


class RunsView(ApiView):
    scopes = {"GET": Scope.SCORES_READ, "POST": Scope.RUNS_EXECUTE}

    def runs(self, request: Request) -> models.QuerySet[ScoreRun]:
        return ScoreRun.objects.visible_to(request.user).select_related("bar_sheet", "retired_method")


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
    filterset_class = RunList
    throttle_classes = [PostThrottle]
    throttle_scope = "run_start"

    def get_queryset(self) -> models.QuerySet[ScoreRun]:
        return self.runs(self.request)

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
