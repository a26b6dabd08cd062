"""API: the evidence that a company keeps, and handing in more of it."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db import models
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.lists import FilterSet
from portfolio.models import Company, Evidence, Membership, Scope
from portfolio.rest.files import FilePosting, FileWriting
from portfolio.rest.views import Listing, PostThrottle
from portfolio.typed.files import EvidenceRefused


class EvidenceReading(serializers.ModelSerializer[Evidence]):
    class Meta:
        model = Evidence
        fields = ("id", "name", "kind", "size_bytes", "sha256", "uploaded_at")
        read_only_fields = fields


class EvidenceFilters(FilterSet):
    sha256 = filters.CharFilter(field_name="sha256", max_length=64)
    ordering = filters.OrderingFilter(fields=["id", "name"])


@extend_schema_view(
    get=extend_schema(
        operation_id="evidence_list",
        summary="The files of a company, as far as the caller may know of them.",
        description="Their content is read on their pages, where each reading is logged.",
    ),
    post=extend_schema(
        operation_id="evidence_create",
        summary="Hand in a file, which lines and figures then cite by its id.",
        description="The same bytes a second time are the file that is there. PDF, PNG, JPEG, XLSX, CSV, TXT or OFD:"
        " inside must be what the name says.",
        request={"multipart/form-data": FileWriting},
        responses={201: EvidenceReading},
    ),
)
class EvidenceOfCompany(FilePosting, Listing[Evidence]):
    serializer_class = EvidenceReading
    filterset_class = EvidenceFilters
    scopes = {"GET": Scope.DISCLOSURES_READ, "POST": Scope.DISCLOSURES_WRITE}
    throttle_classes = [PostThrottle]
    throttle_scope = "submit"

    def get_queryset(self) -> models.QuerySet[Evidence]:
        return Evidence.objects.visible_to(self.request.user).filter(company=self._company()).order_by("-pk")

    def act(self, request: Request, **kwargs: Any) -> Response:
        company = self._company()
        if not Membership.objects.filter(user=self.person, company=company).exists():
            self.permission_denied(request, _("Only people of the company can hand in evidence for it."))
        try:
            kept = Evidence.keep(self.upload(request), company=company, by=self.person)
        except EvidenceRefused as refused:
            detail = exceptions.ErrorDetail(str(refused), code="refused")
            raise serializers.ValidationError({"file": [detail]}) from refused
        return Response(EvidenceReading(kept).data, 201)

    def _company(self) -> Company:
        companies = Company.objects.visible_to(self.request.user)
        return get_object_or_404(companies, company_key=self.kwargs["company_key"])
