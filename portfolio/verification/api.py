"""API: findings. Verifiers raise and close, companies answer; the model decides who may."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db import models
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.lists import FilterSet
from portfolio.models import Disclosure, Evidence, Finding, FindingMessage, Scope
from portfolio.models.desk import points
from portfolio.models.desk.finding import LARGEST_T, LONGEST_REASON, LONGEST_WORDS
from portfolio.models.people import VERIFICATION_SIDE, has_role, role_of
from portfolio.rest.described import FIELDS, LOCATION
from portfolio.rest.views import ApiView, Chosen, Listing, Posting, Reading, Strict

POINT = "A quantity, `line:` and a number, `lines`, `solutions`, a field of the disclosure; empty: the whole"


class MessageReading(serializers.ModelSerializer[FindingMessage]):
    """A word of the thread. Without `words` it is an answer by a change, from `was` to `now`."""

    by = serializers.CharField(source="by.username")
    evidence = serializers.IntegerField(source="evidence_id", allow_null=True)

    class Meta:
        model = FindingMessage
        fields = ("id", "by", "at", "words", "evidence", "was", "now", "asks_for", "opens", "due")
        read_only_fields = fields


class FindingReading(Chosen[Finding]):
    disclosure = serializers.IntegerField(source="disclosure_id")
    company = serializers.CharField(source="disclosure.company.company_key")
    year = serializers.IntegerField(source="disclosure.year")
    version = serializers.IntegerField(source="disclosure.version")
    point = serializers.CharField(help_text=POINT)
    about = serializers.CharField(help_text="The point in the caller's language")
    raised_by = serializers.CharField(source="raised_by.username")
    closed_by = serializers.CharField(source="closed_by.username", allow_null=True, default=None)
    is_overdue = serializers.BooleanField()
    messages = MessageReading(many=True)

    class Meta:
        model = Finding
        fields = (
            *("id", "disclosure", "company", "year", "version", "point", "about", "kind", "words", "due"),
            *("effect_t", "effect_reason", "state", "is_overdue", "raised_by", "raised_at"),
            *("closed_by", "closed_at", "closing", "outcome", "messages"),
        )
        read_only_fields = fields


class FindingWriting(Strict):
    """A verifier raises it on what waits; people of the company write a `comment`, which only they read."""

    kind = serializers.ChoiceField(Finding.Kind.choices)
    point = serializers.CharField(max_length=32, allow_blank=True, default="", help_text=POINT)
    words = serializers.CharField(max_length=LONGEST_WORDS)
    due = serializers.DateField(required=False, help_text="Ten working days from today without it")
    effect_t = serializers.FloatField(
        required=False,
        min_value=-LARGEST_T,
        max_value=LARGEST_T,
        help_text="Of what is wrong, tCO₂e: above 0 the disclosure says too much",
    )
    effect_reason = serializers.CharField(
        max_length=LONGEST_REASON, required=False, allow_blank=True, help_text="Why it is not quantified"
    )

    def validate_point(self, point: str) -> str:
        if not points.is_point(point):
            raise serializers.ValidationError(_("This is no part of a disclosure."), code="unknown")
        return point


class MessageWriting(Strict):
    words = serializers.CharField(max_length=LONGEST_WORDS)
    evidence = serializers.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="Of a company: id of kept evidence"
    )


class ExtendingWriting(Strict):
    due = serializers.DateField(help_text="Later than it is, at most a year from today")
    words = serializers.CharField(max_length=LONGEST_WORDS)


class ClosingWriting(Strict):
    words = serializers.CharField(
        max_length=LONGEST_WORDS, allow_blank=True, default="", help_text="Needed but of a comment"
    )
    outcome = serializers.ChoiceField(
        Finding.Outcome.choices, default="", help_text="Needed of a misstatement or a non-conformity, and of them alone"
    )


class FindingFilters(FilterSet):
    state = filters.MultipleChoiceFilter(choices=Finding.State.choices)
    kind = filters.MultipleChoiceFilter(choices=Finding.Kind.choices)
    company = filters.CharFilter(field_name="disclosure__company__company_key", max_length=80)
    disclosure = filters.NumberFilter(field_name="disclosure", min_value=0, max_value=2**31 - 1, decimal_places=0)
    ordering = filters.OrderingFilter(fields=["id", "due", "raised_at"])


class OfFindings(ApiView):
    scopes = {"GET": Scope.DISCLOSURES_READ, "POST": Scope.DISCLOSURES_WRITE}

    def readers_only(self) -> None:
        user = self.request.user
        if role_of(user) and not has_role(user, *VERIFICATION_SIDE):
            self.permission_denied(self.request, str(_("Findings are for the company and its verifiers.")))

    def get_queryset(self) -> models.QuerySet[Finding]:
        self.readers_only()
        found = Finding.objects.visible_to(self.request.user)
        found = found.select_related("disclosure__company", "raised_by", "closed_by")
        return found.prefetch_related(models.Prefetch("messages", FindingMessage.objects.select_related("by")))

    def told(self, found: Finding, status: int = 200) -> Response:
        headers = {"Location": reverse("api:finding", args=[found.pk])} if status == 201 else None
        return Response(FindingReading(self.get_queryset().get(pk=found.pk)).data, status, headers=headers)


@extend_schema_view(
    get=extend_schema(
        operation_id="findings_list",
        summary="Findings: of all companies for verifiers, of the own one for its people.",
        parameters=[FIELDS],
    )
)
class Findings(OfFindings, Listing[Finding]):
    serializer_class = FindingReading
    filterset_class = FindingFilters

    def get_queryset(self) -> models.QuerySet[Finding]:
        return super().get_queryset().order_by("-pk")


@extend_schema_view(get=extend_schema(operation_id="findings_retrieve", parameters=[FIELDS]))
class FindingDetail(OfFindings, Reading[Finding]):
    serializer_class = FindingReading


@extend_schema_view(
    post=extend_schema(
        operation_id="findings_create",
        summary="Raise a finding on what waits for verification, or write a comment to colleagues.",
        request=FindingWriting,
        responses={201: FindingReading},
        parameters=[LOCATION],
    )
)
class FindingsOfDisclosure(OfFindings, Posting):
    def act(self, request: Request, **kwargs: Any) -> Response:
        self.readers_only()
        found = get_object_or_404(
            Disclosure.objects.visible_to(request.user).select_related("company"), pk=kwargs["pk"]
        )
        is_member = found.membership_of(request.user) is not None
        if not is_member and (objection := found.objection_to(request.user)):
            self.permission_denied(request, objection)
        writing = FindingWriting(data=request.data)
        writing.is_valid(raise_exception=True)
        if is_member != (writing.validated_data["kind"] == Finding.Kind.COMMENT):
            self.permission_denied(request, _("A company writes comments, a verifier raises findings."))
        return self.told(Finding.raise_on(found, by=self.person, **writing.validated_data), 201)


@extend_schema_view(
    post=extend_schema(
        operation_id="findings_answer",
        summary="Say something in the thread: a company answers, a verifier asks again.",
        request=MessageWriting,
        responses={200: FindingReading},
    )
)
class FindingMessages(OfFindings, Posting):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        if objection := found.objection_to(request.user):
            self.permission_denied(request, objection)
        writing = MessageWriting(data=request.data)
        writing.is_valid(raise_exception=True)
        number, kept = writing.validated_data.get("evidence"), None
        if number is not None:
            own = Evidence.objects.filter(company=found.disclosure.company_id) if found.is_of(request.user) else None
            kept = own.filter(pk=number).first() if own is not None else None
            if kept is None:
                words = _("The company has nothing of this name.")
                raise serializers.ValidationError({"evidence": [words]}, code="unknown")
        found.say(writing.validated_data["words"], by=self.person, evidence=kept)
        return self.told(found)


@extend_schema_view(
    post=extend_schema(
        operation_id="findings_close",
        summary="Close a finding as a verifier, or resolve a comment among colleagues.",
        request=ClosingWriting,
        responses={200: FindingReading},
    )
)
class FindingClosing(OfFindings, Posting):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        if objection := found.closing_objection_to(request.user):
            self.permission_denied(request, objection)
        writing = ClosingWriting(data=request.data)
        writing.is_valid(raise_exception=True)
        found.close(**writing.validated_data, by=self.person)
        return self.told(found)


@extend_schema_view(
    post=extend_schema(
        operation_id="findings_extend",
        summary="Give more time for the answer, with the reason, as a verifier.",
        request=ExtendingWriting,
        responses={200: FindingReading},
    )
)
class FindingExtending(OfFindings, Posting):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        if objection := found.extending_objection_to(request.user):
            self.permission_denied(request, objection)
        writing = ExtendingWriting(data=request.data)
        writing.is_valid(raise_exception=True)
        found.extend(**writing.validated_data, by=self.person)
        return self.told(found)
