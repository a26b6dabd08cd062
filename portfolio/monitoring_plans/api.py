"""API: monitoring plans. A company writes and submits, a verifier approves or returns; the model decides who may."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.activities.kinds import activity_types
from portfolio.activities.rules import unknown_kind
from portfolio.errors import NotAllowed
from portfolio.models import Company, Membership, MonitoringPlan, PlannedSource, Scope, Site
from portfolio.models.case.monitoring_plan import LONGEST_BOUNDARY, LONGEST_REASON, MOST_SOURCES
from portfolio.models.disclosure import FIRST_YEAR
from portfolio.models.signed import LONGEST_ANSWER
from portfolio.monitoring_plans.from_ledger import suggested
from portfolio.rest.described import ETAG, IF_MATCH, LOCATION
from portfolio.rest.views import ApiView, Posting, Strict, etag, etags_of, require_match
from portfolio.wording import listed

SITE_HELP = "`site_key` of a site of the company; empty: any"


class SourceReading(serializers.ModelSerializer[PlannedSource]):
    site = serializers.CharField(source="site.site_key", default="", help_text=SITE_HELP)

    class Meta:
        model = PlannedSource
        fields = ("number", "kind", "site", "meter", "measured", "unit", "often", "evidence", "responsible")
        read_only_fields = fields


class PlanReading(serializers.ModelSerializer[MonitoringPlan]):
    """`verified` means approved; `returned_with` are the verifier's words of a return that is not answered yet."""

    company = serializers.CharField(source="company.company_key")
    supersedes = serializers.IntegerField(source="supersedes_id", allow_null=True)
    sources = serializers.SerializerMethodField()
    returned_with = serializers.SerializerMethodField()

    class Meta:
        model = MonitoringPlan
        fields = (
            *("id", "company", "version", "state", "valid_from", "boundary", "reason", "supersedes", "sources"),
            *("returned_with", "digest", "edition", "submitted_at", "frozen_at"),
        )
        read_only_fields = fields

    @extend_schema_field(SourceReading(many=True))
    def get_sources(self, found: MonitoringPlan) -> Any:
        return SourceReading(found.rows(), many=True).data

    def get_returned_with(self, found: MonitoringPlan) -> str:
        last = found.last_return() if found.state == MonitoringPlan.State.RETURNED else None
        return last.comment if last else ""


class SourceWriting(Strict):
    """One row. It is numbered by its place in the list."""

    kind = serializers.CharField(max_length=80, help_text="Key of an activity, such as electricity")
    site = serializers.CharField(max_length=80, allow_blank=True, default="", help_text=SITE_HELP)
    meter = serializers.CharField(max_length=60, allow_blank=True, default="", help_text="Empty: any")
    measured = serializers.ChoiceField(PlannedSource.Measured.choices)
    unit = serializers.CharField(max_length=24, help_text="One of the activity's units")
    often = serializers.ChoiceField(PlannedSource.Often.choices)
    evidence = serializers.CharField(max_length=200, allow_blank=True, default="", help_text="Empty: none expected")
    responsible = serializers.CharField(max_length=120)

    def validate_kind(self, key: str) -> str:
        if key not in activity_types():
            raise serializers.ValidationError(str(unknown_kind(key)), code="unknown_activity")
        return key

    def validate_site(self, key: str) -> Site | None:
        if not key:
            return None
        found: Site | None = self.context["sites"].get(key)
        if found is None:
            raise serializers.ValidationError(_("The company has no such site."), code="unknown")
        return found

    def validate(self, given: dict[str, Any]) -> PlannedSource:
        units = activity_types()[given["kind"]].units
        if given["unit"] not in units:
            words = _("This activity is counted in: %(units)s.") % {"units": listed(units)}
            raise serializers.ValidationError({"unit": [exceptions.ErrorDetail(words, code="wrong_unit")]})
        return PlannedSource(**given)


class PlanWriting(Strict):
    """Only what is sent changes; `sources` are all rows that the plan is to have, in their order."""

    valid_from = serializers.IntegerField(required=False, min_value=FIRST_YEAR, max_value=2200)
    boundary = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_BOUNDARY)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_REASON)
    sources = SourceWriting(many=True, required=False, max_length=MOST_SOURCES)  # type: ignore[call-arg]


class StartWriting(Strict):
    from_ledger = serializers.BooleanField(
        default=False, help_text="Add the sources of the newest ledger that the plan does not have"
    )


class PlanSubmissionWriting(Strict):
    answer = serializers.CharField(max_length=LONGEST_ANSWER, allow_blank=True, default="", help_text="To a return")


class ApprovalWriting(Strict):
    comment = serializers.CharField(max_length=LONGEST_ANSWER, allow_blank=True, default="")


class ReturnWriting(Strict):
    reason = serializers.CharField(max_length=LONGEST_ANSWER)


class PlansView(ApiView):
    scopes = {
        "GET": Scope.DISCLOSURES_READ,
        "POST": Scope.DISCLOSURES_WRITE,
        "PATCH": Scope.DISCLOSURES_WRITE,
    }

    def plans(self) -> models.QuerySet[MonitoringPlan]:
        return MonitoringPlan.objects.visible_to(self.request.user).select_related("company", "supersedes")

    def told(self, found: MonitoringPlan, status: int = 200) -> Response:
        headers = {"ETag": etag(found)}
        if status == 201:
            headers["Location"] = reverse("api:monitoring_plan", args=[found.pk])
        return Response(PlanReading(self.plans().get(pk=found.pk)).data, status, headers=headers)


@extend_schema_view(
    get=extend_schema(
        operation_id="monitoring_plans_list",
        summary="The versions of a company's monitoring plan that you may see, the newest first.",
        responses={200: PlanReading(many=True)},
    ),
    post=extend_schema(
        operation_id="monitoring_plans_create",
        summary="Open the next version; all of the latest approved one is copied.",
        request=StartWriting,
        responses={201: PlanReading},
        parameters=[LOCATION, ETAG],
    ),
)
class MonitoringPlans(PlansView, Posting):
    serializer_class = PlanReading

    def get(self, request: Request, company_key: str) -> Response:
        company = self._company(request, company_key)
        return Response(PlanReading(self.plans().filter(company=company).order_by("-version"), many=True).data)

    def act(self, request: Request, **kwargs: Any) -> Response:
        company = self._company(request, kwargs["company_key"])
        if not Membership.objects.filter(user=self.person, company=company).exists():
            self.permission_denied(request, _("Only people of the company can write its monitoring plan."))
        writing = StartWriting(data=request.data)
        writing.is_valid(raise_exception=True)
        made = MonitoringPlan.start(company, by=self.person)
        if writing.validated_data["from_ledger"]:
            found = suggested(made, self.person)
            if found and found.rows:
                made.revise(by=self.person, edition=made.edition, sources=[*made.rows(), *found.rows])
        return self.told(made, 201)

    def _company(self, request: Request, key: str) -> Company:
        return get_object_or_404(Company.objects.visible_to(request.user), company_key=key)


@extend_schema_view(
    get=extend_schema(operation_id="monitoring_plans_retrieve", summary="One version.", parameters=[ETAG]),
    patch=extend_schema(
        operation_id="monitoring_plans_update",
        summary="Write a draft anew.",
        request=PlanWriting,
        responses={200: PlanReading},
        parameters=[IF_MATCH, ETAG],
    ),
)
class MonitoringPlanDetail(PlansView):
    serializer_class = PlanReading

    def get(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(self.plans(), pk=pk)
        if etag(found) in etags_of(request.headers.get("If-None-Match", "")):
            return Response(status=304, headers={"ETag": etag(found)})
        return self.told(found)

    def patch(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(self.plans(), pk=pk)
        if found.membership_of(request.user) is None:
            self.permission_denied(request, _("Only people of the company can change its plan."))
        require_match(request, found)
        if not found.can_be_edited_by(request.user):
            raise NotAllowed(_("Only people of the company can change its plan, and only a draft."))
        sites = {site.site_key: site for site in found.company.sites.all()}
        writing = PlanWriting(data=request.data, context={"sites": sites})
        writing.is_valid(raise_exception=True)
        found.revise(by=self.person, edition=found.edition, **writing.validated_data)
        return self.told(found)


@extend_schema_view(
    post=extend_schema(
        operation_id="monitoring_plans_submit",
        summary="Hand a draft to a verifier.",
        request=PlanSubmissionWriting,
        responses={200: PlanReading},
        parameters=[IF_MATCH, ETAG],
    )
)
class MonitoringPlanSubmission(PlansView, Posting):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = get_object_or_404(self.plans(), pk=kwargs["pk"])
        member = found.membership_of(request.user)
        if member is None or member.kind != Membership.Kind.SUBMITTER:
            self.permission_denied(request, _("Only a submitter of the company can submit its plan."))
        require_match(request, found)
        writing = PlanSubmissionWriting(data=request.data)
        writing.is_valid(raise_exception=True)
        found.submit(by=self.person, **writing.validated_data)
        return self.told(found)


class Deciding(PlansView, Posting):
    """What a verifier does to exactly the version that was read."""

    writing: type[Strict]

    def act(self, request: Request, **kwargs: Any) -> Response:
        found = get_object_or_404(self.plans(), pk=kwargs["pk"])
        if objection := found.objection_to(request.user):
            self.permission_denied(request, objection)
        require_match(request, found)
        writing = self.writing(data=request.data)
        writing.is_valid(raise_exception=True)
        self.decide(found, **writing.validated_data)
        return self.told(found)

    def decide(self, found: MonitoringPlan, **given: str) -> None:
        raise NotImplementedError


@extend_schema_view(
    post=extend_schema(
        operation_id="monitoring_plans_approve",
        summary="Approve exactly this version; it is in force from then on.",
        request=ApprovalWriting,
        responses={200: PlanReading},
        parameters=[IF_MATCH, ETAG],
    )
)
class MonitoringPlanApproval(Deciding):
    writing = ApprovalWriting

    def decide(self, found: MonitoringPlan, **given: str) -> None:
        found.verify(by=self.person, digest=found.digest, **given)


@extend_schema_view(
    post=extend_schema(
        operation_id="monitoring_plans_return",
        summary="Return it to the company with a reason.",
        request=ReturnWriting,
        responses={200: PlanReading},
        parameters=[IF_MATCH, ETAG],
    )
)
class MonitoringPlanReturn(Deciding):
    writing = ReturnWriting

    def decide(self, found: MonitoringPlan, **given: str) -> None:
        found.return_for_correction(by=self.person, digest=found.digest, **given)
