"""API: opinions, conservative substitutions and appeals. The model decides who may."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.models import Appeal, Disclosure, Finding, Opinion, Scope, Substitution
from portfolio.models.case.opinion import LONGEST_WORDS
from portfolio.models.case.substitution import EMISSIONS, LONGEST_BASIS
from portfolio.models.disclosure import LONGEST_REASON
from portfolio.models.people import VERIFICATION_SIDE, has_role
from portfolio.rest.described import FIELDS, LOCATION
from portfolio.rest.views import AmountField, ApiView, Chosen, Posting, Reading, Strict
from portfolio.verification.opinions import Measured


class AppealReading(serializers.ModelSerializer[Appeal]):
    made_by = serializers.CharField(source="made_by.username")
    answered_by = serializers.CharField(source="answered_by.username", allow_null=True, default=None)

    class Meta:
        model = Appeal
        fields = (
            *("id", "words", "made_by", "made_at", "due", "state"),
            *("answered_by", "answered_at", "answer", "is_by_issuer"),
        )
        read_only_fields = fields


class SubstitutionReading(serializers.ModelSerializer[Substitution]):
    """`submitted` and `value` in tCO₂e."""

    by = serializers.CharField(source="by.username")
    finding = serializers.IntegerField(source="finding_id", allow_null=True)

    class Meta:
        model = Substitution
        fields = ("id", "quantity", "submitted", "value", "basis", "finding", "by", "at")
        read_only_fields = fields


class OpinionReading(Chosen[Opinion]):
    """The tonnes are of the findings that stay uncorrected, as they were when it was drafted."""

    disclosure = serializers.IntegerField(source="disclosure_id")
    company = serializers.CharField(source="disclosure.company.company_key")
    year = serializers.IntegerField(source="disclosure.year")
    version = serializers.IntegerField(source="disclosure.version")
    drafted_by = serializers.CharField(source="drafted_by.username")
    reviewed_by = serializers.CharField(source="reviewed_by.username", allow_null=True, default=None)
    substitutions = serializers.SerializerMethodField()
    appeals = serializers.SerializerMethodField(help_text="For the company and the verification side")

    class Meta:
        model = Opinion
        fields = (
            *("id", "disclosure", "company", "year", "version", "digest", "state", "level", "kind"),
            *("criteria", "criteria_words", "scope", "sampling", "statement", "despite"),
            *("reported_t", "threshold_t", "net_t", "absolute_t", "largest_t", "substitutions"),
            *("drafted_by", "drafted_at", "reviewed_by", "reviewed_at", "review_words"),
            *("issued_at", "appeal_until", "ended_at", "ended_words", "appeals"),
        )
        read_only_fields = fields

    def get_substitutions(self, found: Opinion) -> list[dict[str, Any]]:
        rows = Substitution.objects.of_content(found.disclosure, found.digest)
        told: list[dict[str, Any]] = SubstitutionReading(rows, many=True).data  # type: ignore[assignment]
        return told

    def get_appeals(self, found: Opinion) -> list[dict[str, Any]]:
        seen = Appeal.objects.visible_to(self.context["request"].user).filter(opinion=found)
        rows = seen.select_related("made_by", "answered_by")
        told: list[dict[str, Any]] = AppealReading(rows, many=True).data  # type: ignore[assignment]
        return told


class OpinionWriting(Strict):
    """By a verifier, on exactly the content of this `digest`."""

    digest = serializers.CharField(max_length=64)
    kind = serializers.ChoiceField(Opinion.Kind.choices)
    level = serializers.ChoiceField(Opinion.Level.choices)
    criteria = serializers.ChoiceField(Opinion.Criteria.choices)
    criteria_words = serializers.CharField(max_length=400, allow_blank=True, default="")
    scope = serializers.CharField(max_length=LONGEST_WORDS)
    sampling = serializers.CharField(max_length=LONGEST_WORDS, help_text="What was looked at, and what was left out")
    statement = serializers.CharField(max_length=LONGEST_WORDS)
    despite = serializers.CharField(
        max_length=LONGEST_REASON, allow_blank=True, default="", help_text="Needed where items are `open`"
    )
    has_no_conflict = serializers.BooleanField(
        help_text="Must be true: the declaration that there is no conflict of interest"
    )


class WordsWriting(Strict):
    words = serializers.CharField(max_length=LONGEST_WORDS, allow_blank=True, default="")


class SubstitutionWriting(Strict):
    quantity = serializers.ChoiceField(EMISSIONS)
    value = AmountField(
        bound="effect_t", allow_null=True, help_text="tCO₂e, above what was submitted; null takes it back"
    )
    basis = serializers.CharField(max_length=LONGEST_BASIS)
    finding = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class PossibleReading(serializers.Serializer[Any]):
    kind = serializers.CharField()
    why_not = serializers.CharField(
        help_text="Why the case does not allow it, in the caller's language; empty where it does"
    )


class GroundsReading(serializers.Serializer[Any]):
    """What was drafted and issued, the newest first; and for the verification side which opinions are possible."""

    opinions = OpinionReading(many=True)
    possible = PossibleReading(many=True)


class OfOpinions(ApiView):
    scopes = {"GET": Scope.DISCLOSURES_READ, "POST": Scope.DISCLOSURES_WRITE}

    def get_queryset(self) -> models.QuerySet[Opinion]:
        found = Opinion.objects.visible_to(self.request.user)
        return found.select_related("disclosure__company", "drafted_by", "reviewed_by").order_by("-pk")

    def of_house(self) -> None:
        if not has_role(self.request.user, *VERIFICATION_SIDE):
            self.permission_denied(self.request, str(_("This is for verifiers and independent reviewers.")))

    def told(self, found: Opinion, status: int = 200) -> Response:
        headers = {"Location": reverse("api:opinion", args=[found.pk])} if status == 201 else None
        row = self.get_queryset().get(pk=found.pk)
        return Response(OpinionReading(row, context={"request": self.request}).data, status, headers=headers)


class OpinionsOfDisclosure(OfOpinions, Posting):
    @extend_schema(
        operation_id="disclosures_opinions",
        summary="Opinions on a version: drafts for the verification side, issued ones for its company and the fund.",
        responses={200: GroundsReading},
    )
    def get(self, request: Request, pk: int) -> Response:
        found = self._disclosure(request, pk)
        rows = self.get_queryset().filter(disclosure=found)
        possible: list[dict[str, str]] = []
        if has_role(request.user, *VERIFICATION_SIDE) and found.state == Disclosure.State.SUBMITTED:
            possible = [{"kind": kind, "why_not": why} for kind, _label, why in Measured.of(found).possible]
        return Response(GroundsReading({"opinions": rows, "possible": possible}, context={"request": request}).data)

    @extend_schema(
        operation_id="disclosures_opinion_draft",
        summary="Draft an opinion; an independent reviewer issues it.",
        request=OpinionWriting,
        responses={201: OpinionReading},
        parameters=[LOCATION],
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().post(request, *args, **kwargs)

    def act(self, request: Request, **kwargs: Any) -> Response:
        found = self._disclosure(request, kwargs["pk"])
        if objection := found.objection_to(request.user):
            self.permission_denied(request, objection)
        writing = OpinionWriting(data=request.data)
        writing.is_valid(raise_exception=True)
        return self.told(Opinion.draft(found, by=self.person, **writing.validated_data), 201)

    def _disclosure(self, request: Request, pk: int) -> Disclosure:
        return get_object_or_404(Disclosure.objects.visible_to(request.user).select_related("company"), pk=pk)


@extend_schema_view(
    post=extend_schema(
        operation_id="disclosures_substitute",
        summary="Put a conservative value in the place of a figure, or take it back.",
        request=SubstitutionWriting,
        responses={201: SubstitutionReading},
    )
)
class Substitutions(OfOpinions, Posting):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = get_object_or_404(Disclosure.objects.visible_to(request.user), pk=kwargs["pk"])
        if objection := found.objection_to(request.user):
            self.permission_denied(request, objection)
        writing = SubstitutionWriting(data=request.data)
        writing.is_valid(raise_exception=True)
        given = writing.validated_data
        finding = None
        if (number := given.get("finding")) is not None:
            finding = Finding.objects.visible_to(request.user).filter(disclosure=found, pk=number).first()
            if finding is None:
                words = _("The finding is about another version.")
                raise serializers.ValidationError({"finding": [words]}, code="unknown")
        made = Substitution.put(
            found, given["quantity"], given["value"], given["basis"], by=self.person, finding=finding
        )
        return Response(SubstitutionReading(made).data, 201)


@extend_schema_view(get=extend_schema(operation_id="opinions_retrieve", parameters=[FIELDS]))
class OpinionDetail(OfOpinions, Reading[Opinion]):
    serializer_class = OpinionReading


class _Acting(OfOpinions, Posting):
    """One thing that is done with an opinion, with words."""

    is_of_house = True

    def act(self, request: Request, **kwargs: Any) -> Response:
        found = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        if self.is_of_house:
            self.of_house()
        elif found.disclosure.membership_of(request.user) is None:
            self.permission_denied(request, _("Only people of the company appeal."))
        writing = WordsWriting(data=request.data)
        writing.is_valid(raise_exception=True)
        self.do(found, writing.validated_data["words"])
        return self.told(found)

    def do(self, found: Opinion, words: str) -> None:
        raise NotImplementedError

    def appeal(self, found: Opinion) -> Appeal:
        return get_object_or_404(found.appeals.exclude(state=Appeal.State.WITHDRAWN))


def _described(operation: str, summary: str) -> Any:
    return extend_schema_view(
        post=extend_schema(
            operation_id=operation, summary=summary, request=WordsWriting, responses={200: OpinionReading}
        )
    )


@_described("opinions_issue", "Issue it as an independent reviewer: the version is verified or refused by it.")
class OpinionIssuing(_Acting):
    def do(self, found: Opinion, words: str) -> None:
        found.issue(by=self.person, words=words)


@_described("opinions_send_back", "Send it back to the verifier, with words.")
class OpinionSendingBack(_Acting):
    def do(self, found: Opinion, words: str) -> None:
        found.send_back(by=self.person, words=words)


@_described("opinions_reopen", "Reopen it, with the reason: it no longer counts.")
class OpinionReopening(_Acting):
    def do(self, found: Opinion, words: str) -> None:
        found.reopen(by=self.person, reason=words)


@_described("opinions_appeal", "Appeal against it as a submitter of the company.")
class OpinionAppealing(_Acting):
    is_of_house = False

    def do(self, found: Opinion, words: str) -> None:
        Appeal.make(found, words, by=self.person)


@_described("appeals_uphold", "Answer the appeal: the company is right, and the opinion no longer counts.")
class AppealUpholding(_Acting):
    def do(self, found: Opinion, words: str) -> None:
        self.appeal(found).uphold(words, by=self.person)


@_described("appeals_reject", "Answer the appeal: the opinion stays.")
class AppealRejecting(_Acting):
    def do(self, found: Opinion, words: str) -> None:
        self.appeal(found).reject(words, by=self.person)
