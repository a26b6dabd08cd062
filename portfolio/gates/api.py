"""API: words on the gates of a company, and its track, family and catalogue code. The rules are those of the pages."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.gates.report import words_of
from portfolio.models import Company, CompanyTrack, Evidence, GateWord, Membership, Scope, TechnologyFamily
from portfolio.models.check import LONGEST_REASON
from portfolio.models.company import CatalogueEdition
from portfolio.models.gate import LONGEST_EVIDENCE
from portfolio.models.join import DECIDERS
from portfolio.models.people import has_role, role_of
from portfolio.rest.facts import TrackSerializer
from portfolio.rest.views import ApiView, Posting, Strict

DOCUMENT = {
    "type": ["object", "null"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "sha256": {"type": "string"}},
    "required": ["id", "name", "sha256"],
}


class GateWordReading(serializers.ModelSerializer[GateWord]):
    """The last one of a question holds; only a confirmed one decides a gate."""

    confirmed = serializers.BooleanField(source="is_confirmed", help_text="By the fund; else stated")
    by = serializers.CharField(source="by.username", allow_null=True, default=None)
    document = serializers.SerializerMethodField()

    class Meta:
        model = GateWord
        fields = ("id", "question", "answer", "code", "evidence", "document", "confirmed", "source", "by", "at")
        read_only_fields = fields

    @extend_schema_field(DOCUMENT)
    def get_document(self, word: GateWord) -> dict[str, Any] | None:
        kept = word.document
        return None if kept is None else {"id": kept.pk, "name": kept.name, "sha256": kept.sha256}


class GateWordWriting(Strict):
    """A submitter of the company states; fund managers and administrators confirm."""

    question = serializers.ChoiceField(GateWord.Question.choices)
    answer = serializers.ChoiceField(GateWord.Answer.choices)
    evidence = serializers.CharField(max_length=LONGEST_EVIDENCE)
    code = serializers.CharField(
        max_length=40, allow_blank=True, required=False, help_text="Of the fund's word: which exclusion holds"
    )
    document = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=2**63 - 1,
        help_text="Of a company's: id of kept evidence",
    )


class TrackChange(Strict):
    """Only what is sent changes. A track that nobody has confirmed is confirmed by it."""

    family = serializers.CharField(
        max_length=16, required=False, allow_null=True, help_text="Code of a technology family of this track"
    )
    solutions = serializers.CharField(max_length=400, required=False, allow_blank=True, help_text="What it sells")
    catalogue_edition = serializers.ChoiceField(CatalogueEdition.choices, required=False, allow_blank=True)
    catalogue_code = serializers.CharField(max_length=24, required=False, allow_blank=True)
    catalogue_valid_until = serializers.DateField(required=False, allow_null=True)
    reason = serializers.CharField(max_length=LONGEST_REASON)

    def validate_family(self, code: str | None) -> TechnologyFamily | None:
        found = TechnologyFamily.objects.filter(code=code).first() if code else None
        if code and found is None:
            raise serializers.ValidationError(_("There is no such technology family."), code="unknown")
        return found


class OfCompany(ApiView):
    scopes = {"GET": Scope.COMPANIES_READ, "POST": Scope.GATES_WRITE, "PATCH": Scope.GATES_WRITE}

    def company(self, request: Request, key: str) -> Company:
        return get_object_or_404(Company.objects.visible_to(request.user), company_key=key)


@extend_schema_view(
    get=extend_schema(
        operation_id="gates_list",
        summary="All words on the gates of a company, the newest first.",
        responses={200: GateWordReading(many=True)},
    ),
    post=extend_schema(
        operation_id="gates_create",
        summary="State an answer as a submitter, or confirm one for the fund.",
        request=GateWordWriting,
        responses={201: GateWordReading},
    ),
)
class GateWords(OfCompany, Posting):
    serializer_class = GateWordReading

    def get(self, request: Request, company_key: str) -> Response:
        return Response(GateWordReading(words_of(self.company(request, company_key), request.user), many=True).data)

    def act(self, request: Request, **kwargs: Any) -> Response:
        company = self.company(request, kwargs["company_key"])
        is_of_fund = has_role(request.user, *DECIDERS)
        mine = Membership.objects.filter(user=self.person, company=company, kind=Membership.Kind.SUBMITTER)
        if role_of(request.user) and not is_of_fund:
            self.permission_denied(request, _("Only fund managers and administrators confirm gates."))
        if not is_of_fund and not mine.exists():
            self.permission_denied(request, _("Only a submitter of the company states this."))
        writing = GateWordWriting(data=request.data)
        writing.is_valid(raise_exception=True)
        given = writing.validated_data
        document = given.pop("document", None)
        code = given.pop("code", "")
        if is_of_fund:
            _refuse("document", document, _("The fund's word is its evidence in words; a document is the company's."))
            word = GateWord.confirm(company, **given, code=code, by=self.person)
        else:
            _refuse("code", code, _("Which exclusion holds is for the fund to say."))
            kept = Evidence.objects.filter(company=company, pk=document).first() if document else None
            if document and kept is None:
                words = _("The company has nothing of this name.")
                raise serializers.ValidationError({"document": [words]}, code="unknown")
            word = GateWord.state(company, **given, by=self.person, document=kept)
        return Response(GateWordReading(word).data, 201)


def _refuse(field: str, given: object, words: str) -> None:
    if given:
        raise serializers.ValidationError({field: [words]}, code="not_yours")


@extend_schema_view(
    patch=extend_schema(
        operation_id="tracks_update",
        summary="Say which family a company is of and where the catalogue has it; confirms the track.",
        request=TrackChange,
        responses={200: TrackSerializer},
    )
)
class TrackDetail(OfCompany):
    serializer_class = TrackSerializer

    def patch(self, request: Request, company_key: str, track: str) -> Response:
        company = self.company(request, company_key)
        if not has_role(request.user, *DECIDERS):
            self.permission_denied(request, _("Only fund managers and administrators decide about tracks."))
        row: CompanyTrack = get_object_or_404(company.tracks.select_related("family"), track=track)
        change = TrackChange(data=request.data)
        change.is_valid(raise_exception=True)
        given = change.validated_data
        with transaction.atomic():
            row.classify(
                by=self.person,
                family=given.get("family", row.family),
                solutions=given.get("solutions", row.solutions),
                edition=given.get("catalogue_edition", row.catalogue_edition),
                code=given.get("catalogue_code", row.catalogue_code),
                valid_until=given.get("catalogue_valid_until", row.catalogue_valid_until),
                reason=given["reason"],
            )
            row.confirm(by=self.person, reason=given["reason"])
        row.refresh_from_db()
        return Response(TrackSerializer(row).data)
