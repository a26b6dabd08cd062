"""Factors in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import generics, serializers

from portfolio.models import Scope
from portfolio.rest.described import AMOUNT
from portfolio.rest.views import ApiView, Filters, Pages, amount
from scoring.tables.shown import FactorList, FactorRow, factor_rows


@extend_schema_field(AMOUNT)
class ValueReading(serializers.JSONField):
    """The value with its unit."""


class FactorReading(serializers.Serializer[FactorRow]):
    id = serializers.CharField(source="factor.id")
    activity = serializers.CharField(source="factor.activity")
    name = serializers.CharField(help_text="In the caller's language")
    region = serializers.CharField(source="factor.region")
    data_year = serializers.IntegerField(source="factor.data_year", allow_null=True, help_text="Null: for all years")
    purpose = serializers.CharField(source="factor.purpose")
    gas = serializers.CharField(source="factor.gas")
    value = serializers.SerializerMethodField("get_amount")
    lower95 = serializers.SerializerMethodField()
    upper95 = serializers.SerializerMethodField()
    publisher = serializers.CharField(source="factor.publisher")
    published = serializers.DateField(source="factor.published", help_text="Usable from this day on")
    guideline = serializers.CharField(source="factor.guideline")
    source = serializers.CharField(source="factor.source")  # type: ignore[assignment]
    licence = serializers.CharField(source="factor.licence")
    verification = serializers.CharField(source="factor.verification")
    note = serializers.CharField(source="factor.note")
    default_percent = serializers.FloatField(
        source="factor.default_percent",
        allow_null=True,
        help_text="95 % half width of its class, where bounds are null",
    )
    default_source = serializers.CharField(source="factor.default_source")
    default_verification = serializers.CharField(source="factor.default_verification")
    printed_as = serializers.CharField(source="factor.printed_as", help_text="Equal: one printed number, err together")

    @extend_schema_field(AMOUNT)
    def get_amount(self, row: FactorRow) -> dict[str, str] | None:
        return amount(row.factor.value, row.factor.unit)

    @extend_schema_field(AMOUNT)
    def get_lower95(self, row: FactorRow) -> dict[str, str] | None:
        return amount(row.factor.lower95, row.factor.unit)

    @extend_schema_field(AMOUNT)
    def get_upper95(self, row: FactorRow) -> dict[str, str] | None:
        return amount(row.factor.upper95, row.factor.unit)


@extend_schema_view(get=extend_schema(operation_id="factors_list", summary="The factors in force, with their story."))
class Factors(ApiView, generics.ListAPIView[Any]):
    scopes = {"GET": Scope.CALCULATIONS_RUN}
    serializer_class = FactorReading
    filterset_class = FactorList
    filter_backends = [Filters]
    pagination_class = Pages

    def known_parameters(self) -> frozenset[str]:
        return frozenset({"page", "page_size", *FactorList.base_filters})

    def get_queryset(self) -> Any:
        return factor_rows(self.request.user)
