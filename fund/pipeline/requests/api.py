"""API: data requests. The fund asks and withdraws, a submitter of the company declines; the model decides who may."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from fund.pipeline.candidacy import ours
from fund.pipeline.requests.report import RequestList
from portfolio.models import Asked, Company, DataRequest, Scope
from portfolio.models.data_request import FIELDS, LONGEST_NOTE, LONGEST_REASON, MOST_ASKED
from portfolio.models.disclosure import FIRST_YEAR
from portfolio.models.join import DECIDERS
from portfolio.models.people import has_role
from portfolio.rest.described import FIELDS as ASKED_FIELDS
from portfolio.rest.described import LOCATION
from portfolio.rest.views import ApiView, Chosen, Listing, Posting, Reading, Strict

ASKED = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"year": {"type": "integer"}, "field": {"type": "string", "enum": list(FIELDS)}},
        "required": ["year", "field"],
    },
}


class RequestReading(Chosen[DataRequest]):
    """Overdue is `open` with a day that has passed; answered ones were closed by no person."""

    company = serializers.CharField(source="company.company_key")
    name = serializers.CharField(source="company.name", help_text="In the caller's language where it is known.")
    asked = serializers.SerializerMethodField()
    asked_by = serializers.CharField(source="asked_by.username")
    closed_by = serializers.CharField(source="closed_by.username", allow_null=True, default=None)
    is_overdue = serializers.BooleanField()

    class Meta:
        model = DataRequest
        fields = (
            *("id", "company", "name", "asked", "note", "due", "state", "is_overdue", "asked_by", "asked_at"),
            *("because", "reason", "closed_by", "closed_at"),
        )
        read_only_fields = fields

    @extend_schema_field(ASKED)
    def get_asked(self, request: DataRequest) -> list[dict[str, Any]]:
        return [one._asdict() for one in request.listed]


class AskedWriting(Strict):
    year = serializers.IntegerField(min_value=FIRST_YEAR, max_value=9999)
    field = serializers.ChoiceField([(code, code) for code in FIELDS])


class RequestWriting(Strict):
    """What is told or asked for already is left out of `asked`; nothing left is an error."""

    company = serializers.CharField(max_length=80, help_text="Key of a candidate of your funds")
    asked = serializers.ListField(child=AskedWriting(), min_length=1, max_length=MOST_ASKED)
    due = serializers.DateField(help_text="From today on and within a year")
    note = serializers.CharField(max_length=LONGEST_NOTE, required=False, allow_blank=True, default="")

    def validate_company(self, key: str) -> Company:
        mine = ours(self.context["request"].user).filter(company__company_key=key).select_related("company").first()
        if mine is None:
            raise serializers.ValidationError(_("There is no candidate of this key."), code="unknown")
        return mine.company


class Ending(Strict):
    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="The other side reads it")


class Declining(Strict):
    """`reason` in words may be left out, but of `other`."""

    because = serializers.ChoiceField(DataRequest.Because.choices, required=False, default=DataRequest.Because.OTHER)
    reason = serializers.CharField(
        max_length=LONGEST_REASON, required=False, allow_blank=True, default="", help_text="The fund reads it"
    )


class OfRequests(ApiView):
    scopes = {"GET": Scope.SCORES_READ, "POST": Scope.REQUESTS_WRITE}

    def get_queryset(self) -> models.QuerySet[DataRequest]:
        """Nothing is here for verifiers."""
        found = DataRequest.objects.visible_to(self.request.user)
        return found.select_related("company", "asked_by", "closed_by")


@extend_schema_view(
    get=extend_schema(
        operation_id="requests_list",
        summary="Data requests: all of them for the fund, those to the own company for its people.",
        parameters=[ASKED_FIELDS],
    ),
    post=extend_schema(
        operation_id="requests_create",
        summary="Ask a candidate for figures that are neither told nor asked for.",
        request=RequestWriting,
        responses={201: RequestReading},
        parameters=[LOCATION],
    ),
)
class Requests(OfRequests, Posting, Listing[DataRequest]):
    serializer_class = RequestReading
    filterset_class = RequestList

    def act(self, request: Request, **kwargs: Any) -> Response:
        if not has_role(request.user, *DECIDERS):
            self.permission_denied(request, _("Only a fund manager or an administrator can do this."))
        writing = RequestWriting(data=request.data, context={"request": request})
        writing.is_valid(raise_exception=True)
        given = writing.validated_data
        asked = [Asked(one["year"], one["field"]) for one in given.pop("asked")]
        made = DataRequest.ask(given.pop("company"), asked, by=self.person, **given)
        return Response(RequestReading(made).data, 201, headers={"Location": reverse("api:request", args=[made.pk])})


@extend_schema_view(get=extend_schema(operation_id="requests_retrieve", parameters=[ASKED_FIELDS]))
class RequestDetail(OfRequests, Reading[DataRequest]):
    serializer_class = RequestReading


class RequestEnding(OfRequests, Posting):
    ending: ClassVar[type[Strict]] = Ending

    def request_and_reason(self, request: Request, pk: int) -> tuple[DataRequest, dict[str, str]]:
        """Raises Http404 before it looks at the body, and PermissionDenied before it refuses it."""
        found = get_object_or_404(self.get_queryset(), pk=pk)
        if not self.may_end(found):
            self.permission_denied(request, self.refusal)
        ending = self.ending(data=request.data)
        ending.is_valid(raise_exception=True)
        return found, ending.validated_data

    refusal: ClassVar[Any]

    def may_end(self, found: DataRequest) -> bool:
        raise NotImplementedError


@extend_schema_view(
    post=extend_schema(
        operation_id="requests_withdraw",
        summary="Take an open request back, for the fund.",
        request=Ending,
        responses={200: RequestReading},
    )
)
class RequestWithdrawal(RequestEnding):
    refusal = gettext_lazy("Only a fund manager or an administrator can do this.")

    def may_end(self, found: DataRequest) -> bool:
        return has_role(self.request.user, *DECIDERS)

    def act(self, request: Request, **kwargs: Any) -> Response:
        found, given = self.request_and_reason(request, kwargs["pk"])
        found.withdraw(by=self.person, **given)
        return Response(RequestReading(found).data)


@extend_schema_view(
    post=extend_schema(
        operation_id="requests_decline",
        summary="Say that the company does not tell it, as one of its submitters.",
        request=Declining,
        responses={200: RequestReading},
    )
)
class RequestDeclining(RequestEnding):
    ending = Declining
    refusal = gettext_lazy("Only a submitter of the company declines a request.")

    def may_end(self, found: DataRequest) -> bool:
        return found.is_declined_by(self.person)

    def act(self, request: Request, **kwargs: Any) -> Response:
        found, given = self.request_and_reason(request, kwargs["pk"])
        found.decline(by=self.person, **given)
        return Response(RequestReading(found).data)
