"""Companies and disclosures for the API views of all rooms: what the person may see, and how a company is told."""

from __future__ import annotations

from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from portfolio.models import Check, Citation, Company, Disclosure, Join, Scope
from portfolio.models.company import CompanyTrack
from portfolio.rest.views import ApiView, Chosen


class TrackSerializer(serializers.ModelSerializer[CompanyTrack]):
    confirmed = serializers.BooleanField(source="is_confirmed")
    family = serializers.CharField(
        source="family.code", allow_null=True, default=None, help_text="Code of its technology family"
    )

    class Meta:
        model = CompanyTrack
        fields = (
            *("track", "family", "solutions", "catalogue_edition", "catalogue_code", "catalogue_valid_until"),
            *("why", "confidence", "source", "licence", "confirmed", "confirmed_at"),
        )
        read_only_fields = fields
        extra_kwargs = {"catalogue_edition": {"allow_blank": True}}


class JoinSerializer(serializers.ModelSerializer[Join]):
    """What ties the company to an entity of a source; figures of a rejected one are set aside."""

    class Meta:
        model = Join
        fields = (
            *("source", "figures", "entity_id", "entity_name", "entity_country", "identifier", "document_host"),
            *("method", "state", "note"),
        )
        read_only_fields = fields


class CompanySerializer(Chosen[Company]):
    name = serializers.CharField(help_text="In the caller's language where it is known.")
    city = serializers.CharField(source="city.code", allow_null=True, default=None, help_text="Code of the place.")
    tracks = TrackSerializer(many=True)
    joins = JoinSerializer(many=True, help_text="Whose figures these are; empty where not for you to see.")

    class Meta:
        model = Company
        fields: tuple[str, ...] = (
            "company_key",
            "name",
            "name_zh",
            "name_en",
            "name_zh_source",
            "uscc",
            "lei",
            "isin",
            "national_id",
            "ticker",
            "country",
            "city",
            "sector",
            "isic",
            "sector_source",
            "description",
            "ownership",
            "note",
            "source",
            "licence",
            "is_illustrative",
            "tracks",
            "joins",
        )
        read_only_fields = fields


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": ["number", "string", "array"], "items": {"type": "integer"}},
    }
)
class ParametersReading(serializers.JSONField):
    """The numbers of the sentence: tonnes where the name ends in _t, lines of the ledger, else ratios and shares."""


class CheckReading(serializers.ModelSerializer[Check]):
    quantity = serializers.CharField(help_text="A quantity or field; empty where it is about all of them")
    parameters = ParametersReading()
    detail = serializers.CharField(source="words", help_text="In the caller's language")

    class Meta:
        model = Check
        fields = ("code", "severity", "quantity", "parameters", "detail")
        read_only_fields = fields


class CompaniesView(ApiView):
    """Companies that you may see."""

    # The addresses themselves are in scoring/peers/api.py, which adds how they stand.

    scopes = {"GET": Scope.COMPANIES_READ}

    def companies(self, request: Request) -> models.QuerySet[Company]:
        tracks = models.Prefetch("tracks", CompanyTrack.objects.select_related("family"))
        joins = models.Prefetch("joins", Join.objects.visible_to(request.user))
        return Company.objects.visible_to(request.user).select_related("city").prefetch_related(tracks, joins)


class DisclosuresView(ApiView):
    scopes = {
        "GET": Scope.DISCLOSURES_READ,
        "POST": Scope.DISCLOSURES_WRITE,
        "PATCH": Scope.DISCLOSURES_WRITE,
        "PUT": Scope.DISCLOSURES_WRITE,
        "DELETE": Scope.DISCLOSURES_WRITE,
    }

    def disclosures(self, request: Request) -> models.QuerySet[Disclosure]:
        rows = Disclosure.objects.visible_to(request.user).select_related("company")
        cited = Citation.objects.filter(activity=None).select_related("evidence")
        rows = rows.with_badge().prefetch_related("substitutions")
        return rows.prefetch_related("figures__changed_by", models.Prefetch("citations", cited))
