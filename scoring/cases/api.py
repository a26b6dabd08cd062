"""API: the queue of verification, who has a case, and what was looked at."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
from django.db import models
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.lists import FilterSet
from portfolio.models import Case, Disclosure, Look, Scope
from portfolio.models.case.case import LONGEST_PLAN, declare_conflict
from portfolio.models.case.conflict import LONGEST_REASON
from portfolio.models.case.look import LONGEST_WORDS
from portfolio.models.desk import points
from portfolio.models.people import VERIFICATION_SIDE, has_role
from portfolio.rest.described import FIELDS
from portfolio.rest.views import ApiView, Chosen, Listing, Posting, Strict
from scoring.cases.queue import TABS, Row, conditions, open_cases, rows_of


class RiskReading(serializers.Serializer[Any]):
    code = serializers.CharField()
    words = serializers.CharField(help_text="In the caller's language")


class CaseReading(serializers.Serializer[Row]):
    """A case with why it stands where it does. Risk orders the queue and decides nothing."""

    disclosure = serializers.IntegerField(source="disclosure.pk")
    company = serializers.CharField(source="disclosure.company.company_key")
    year = serializers.IntegerField(source="disclosure.year")
    version = serializers.IntegerField(source="disclosure.version")
    state = serializers.CharField(source="disclosure.state")
    digest = serializers.CharField(source="disclosure.digest")
    risk = serializers.FloatField()
    reasons = RiskReading(many=True)
    open_findings = serializers.IntegerField(source="disclosure.open_findings")
    due = serializers.DateField(source="due.day", allow_null=True, default=None)
    assignee = serializers.CharField(source="case.assignee.username", allow_null=True, default=None)
    sampling = serializers.CharField(source="case.sampling", default="")
    objection = serializers.CharField(help_text="Why you may not verify it; empty when you may")


class LookReading(Chosen[Look]):
    by = serializers.CharField(source="by.username")
    about = serializers.SerializerMethodField(help_text="The point in the caller's language")

    class Meta:
        model = Look
        fields = ("id", "point", "about", "verdict", "words", "is_again", "by", "at", "digest")
        read_only_fields = fields

    def get_about(self, look: Look) -> str:
        return points.label(look.point)


class LookWriting(Strict):
    """`again` agrees to all that was agreed in the submission before and is signed the same; it names no point."""

    AGAIN: ClassVar[str] = "again"

    verdict = serializers.ChoiceField([*Look.Verdict.values, AGAIN])
    point = serializers.CharField(max_length=32, required=False, default="")
    words = serializers.CharField(max_length=LONGEST_WORDS, required=False, default="", allow_blank=True)
    digest = serializers.CharField(max_length=64, help_text="Of the content that was looked at")


class PlanWriting(Strict):
    sampling = serializers.CharField(max_length=LONGEST_PLAN, allow_blank=True)


class ConflictWriting(Strict):
    reason = serializers.CharField(max_length=LONGEST_REASON)


class CaseFilters(FilterSet):
    tab = filters.ChoiceFilter(choices=list(TABS.items()), method="of_tab", label="Who has it")
    company = filters.CharFilter(field_name="company__company_key", max_length=80)

    def of_tab(self, rows: models.QuerySet[Any], _name: str, tab: str) -> models.QuerySet[Any]:
        return rows.filter(conditions(self.request.user)[tab])


class OfCases(ApiView):
    scopes: ClassVar[Any] = {"GET": Scope.DISCLOSURES_READ, "POST": Scope.DISCLOSURES_WRITE}

    def verification_side_only(self) -> None:
        if not has_role(self.request.user, *VERIFICATION_SIDE):
            self.permission_denied(self.request, _("This is for verifiers and independent reviewers."))

    def found(self) -> Disclosure:
        """Closed to whoever declared a conflict of interest."""
        rows = Disclosure.objects.known_to(self.request.user).select_related("company")
        disclosure = get_object_or_404(rows, pk=self.kwargs["pk"])
        self.verification_side_only()
        if disclosure.company_id in Disclosure.ties_of(self.person).conflicts:
            self.permission_denied(self.request, disclosure.objection_to(self.person))
        return disclosure

    def free(self) -> Disclosure:
        """One that this person may work on."""
        disclosure = self.found()
        if objection := Case.of(disclosure).objection_to(self.person):
            self.permission_denied(self.request, objection)
        return disclosure

    def told(self, disclosure: Disclosure, status: int = 200) -> Response:
        ties = Disclosure.ties_of(self.person)
        rows: Any = rows_of(open_cases(self.person).filter(pk=disclosure.pk), self.person, ties)
        return Response(CaseReading(rows, many=True).data[0], status)


@extend_schema_view(
    get=extend_schema(
        operation_id="cases_list",
        summary="What waits for verification or for a correction, the riskiest first.",
        responses={200: CaseReading(many=True)},
    )
)
class Cases(OfCases, Listing[Any]):
    serializer_class = CaseReading
    filterset_class = CaseFilters

    def known_parameters(self) -> frozenset[str]:
        return super().known_parameters() - {"fields"}

    def get_queryset(self) -> models.QuerySet[Any]:
        self.verification_side_only()
        return open_cases(self.request.user)

    def filter_queryset(self, queryset: Any) -> Any:
        """In the queue's order, which is weighed and not asked of the database."""
        return rows_of(super().filter_queryset(queryset), self.person, Disclosure.ties_of(self.person))


@extend_schema_view(get=extend_schema(operation_id="cases_retrieve", summary="One case.", responses={200: CaseReading}))
class CaseDetail(OfCases):
    def get(self, request: Request, pk: int) -> Response:
        found = self.found()
        get_object_or_404(open_cases(self.person), pk=found.pk)
        return self.told(found)


@extend_schema_view(
    get=extend_schema(
        operation_id="cases_looks",
        summary="What was looked at, each row as it was appended, the latest first.",
        parameters=[FIELDS],
        responses={200: LookReading(many=True)},
    ),
    post=extend_schema(
        operation_id="cases_look",
        summary="Agree to a point, leave it out of the sample, take that back, or agree again to what is unchanged.",
        request=LookWriting,
        responses={201: LookReading(many=True)},
    ),
)
class Looks(OfCases, Posting):
    parameters = frozenset({"fields"})

    def get(self, request: Request, pk: int) -> Response:
        rows = Look.objects.visible_to(request.user).filter(disclosure=self.found()).select_related("by")
        context = {"request": request, "view": self}
        return Response(LookReading(rows.order_by("-pk"), many=True, context=context).data)

    def act(self, request: Request, **kwargs: Any) -> Response:
        found = self.free()
        writing = LookWriting(data=request.data)
        writing.is_valid(raise_exception=True)
        told = writing.validated_data
        if told["verdict"] == LookWriting.AGAIN:
            made = Look.agree_again(found, by=self.person, digest=told["digest"])
        else:
            given = {name: told[name] for name in ("digest", "words")}
            made = [Look.note(found, told["point"], told["verdict"], by=self.person, **given)]
        return Response(LookReading(made, many=True, context={"request": request, "view": self}).data, 201)


@extend_schema_view(
    post=extend_schema(
        operation_id="cases_claim", summary="Claim a case that nobody has.", request=None, responses={200: CaseReading}
    )
)
class Claiming(OfCases, Posting):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = self.found()
        if objection := found.objection_to(self.person):
            self.permission_denied(request, objection)
        Case.claim(found, by=self.person)
        return self.told(found)


@extend_schema_view(
    post=extend_schema(
        operation_id="cases_release", summary="Give a case back.", request=None, responses={200: CaseReading}
    )
)
class Releasing(OfCases, Posting):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = self.found()
        Case.of(found).release(by=self.person)
        return self.told(found)


@extend_schema_view(
    post=extend_schema(
        operation_id="cases_sampling",
        summary="Write down how a case is sampled.",
        request=PlanWriting,
        responses={200: CaseReading},
    )
)
class Sampling(OfCases, Posting):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = self.free()
        writing = PlanWriting(data=request.data)
        writing.is_valid(raise_exception=True)
        Case.plan(found, writing.validated_data["sampling"], by=self.person)
        return self.told(found)


@extend_schema_view(
    post=extend_schema(
        operation_id="cases_conflict",
        summary="Declare a conflict of interest with the company of a case.",
        request=ConflictWriting,
        responses={204: None},
    )
)
class Conflicts(OfCases, Posting):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = self.found()
        writing = ConflictWriting(data=request.data)
        writing.is_valid(raise_exception=True)
        declare_conflict(found.company, writing.validated_data["reason"], by=self.person)
        return Response(status=204)
