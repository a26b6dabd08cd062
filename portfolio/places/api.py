"""API: places, and the sites of a company. The rules are those of the pages: its people keep sites, the house reads."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.models import Company, Membership, Scope, Site
from portfolio.places.names import city_of, full_name, is_place
from portfolio.places.search import LONGEST, offered_at_once, search, unknown
from portfolio.places.table import CITY, COUNTRY, COUNTY, PROVINCE, Place
from portfolio.rest.described import LOCATION
from portfolio.rest.views import ApiView, PassedOver, Posting, Strict, word_asked

MOST_FOUND = 50


# --- places --------------------------------------------------------------------------------------------
class PlaceReading(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="GB/T 2260, ISO 3166-2 or ISO 3166-1: what `place` and `city` take")
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    full_name = serializers.SerializerMethodField(help_text="With what it lies in, in the caller's language")
    kind = serializers.ChoiceField([COUNTRY, PROVINCE, CITY, COUNTY])
    within = serializers.CharField(allow_blank=True, help_text="Code of the place round it")
    country = serializers.CharField(help_text="ISO 3166-1 alpha-3")

    def get_full_name(self, place: Place) -> str:
        return full_name(place.code)


@extend_schema_view(
    get=extend_schema(
        operation_id="places_list",
        summary="Places by what people type: Chinese, English, pinyin, its initials, or a code.",
        description="The nearest and widest first. Without `q` provinces, cities and countries, but no counties.",
        responses={200: PlaceReading(many=True)},
        parameters=[OpenApiParameter("q", {"type": "string", "maxLength": LONGEST})],
    )
)
class Places(ApiView):
    scopes = {"GET": Scope.COMPANIES_READ}
    parameters = frozenset({"q"})

    def get(self, request: Request) -> Response:
        asked = word_asked(request, LONGEST)
        found = offered_at_once() if asked is None else search(asked, MOST_FOUND)
        return Response(PlaceReading(found, many=True).data)


# --- sites ---------------------------------------------------------------------------------------------
class SiteReading(serializers.ModelSerializer[Site]):
    company = serializers.CharField(source="company.company_key")
    city = serializers.CharField(source="city.code", allow_null=True, default=None, help_text="Code of the place")
    own = serializers.BooleanField(source="is_own", help_text="Kept by the company; false for a register's.")

    class Meta:
        model = Site
        fields = (
            "id",
            "company",
            "site_key",
            "name",
            "city",
            "address",
            "what",
            "opened_on",
            "closed_on",
            "industry",
            "source",
            "licence",
            "own",
        )
        read_only_fields = fields


class SiteChange(Strict):
    """Only what is sent changes."""

    name = serializers.CharField(max_length=200, required=False)
    city = serializers.CharField(max_length=16, required=False, help_text="Code of the place, such as 510100")
    address = serializers.CharField(max_length=200, required=False, allow_blank=True)
    what = serializers.CharField(max_length=120, required=False, allow_blank=True)
    opened_on = serializers.DateField(required=False, allow_null=True)
    closed_on = serializers.DateField(required=False, allow_null=True)
    id = PassedOver()
    company = PassedOver()
    site_key = PassedOver()
    industry = PassedOver()
    source = PassedOver()  # type: ignore[assignment]
    licence = PassedOver()
    own = PassedOver()

    def validate_city(self, code: str) -> Any:
        if not is_place(code):
            raise serializers.ValidationError(str(unknown(code)), code="unknown_place")
        return city_of(code)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        stored = self.context.get("site")
        opened, closed = (given.get(name, getattr(stored, name, None)) for name in ("opened_on", "closed_on"))
        if opened and closed and closed < opened:
            detail = exceptions.ErrorDetail(_("It ends before it begins."), code="order")
            raise serializers.ValidationError({"closed_on": [detail]})
        return given


class SiteWriting(SiteChange):
    name = serializers.CharField(max_length=200)
    city = serializers.CharField(max_length=16, help_text="Code of the place, such as 510100")


class SitesView(ApiView):
    scopes = {
        "GET": Scope.COMPANIES_READ,
        "POST": Scope.DISCLOSURES_WRITE,
        "PATCH": Scope.DISCLOSURES_WRITE,
        "DELETE": Scope.DISCLOSURES_WRITE,
    }

    def require_member(self, request: Request, company_id: int) -> None:
        if not Membership.objects.filter(user=self.person, company=company_id).exists():
            self.permission_denied(request, _("Only people of the company keep its sites."))


@extend_schema_view(
    get=extend_schema(
        operation_id="sites_list", summary="All sites of a company.", responses={200: SiteReading(many=True)}
    ),
    post=extend_schema(
        operation_id="sites_create",
        summary="Add a site of the company's own.",
        request=SiteWriting,
        responses={201: SiteReading},
        parameters=[LOCATION],
    ),
)
class Sites(SitesView, Posting):
    serializer_class = SiteReading

    def get(self, request: Request, company_key: str) -> Response:
        return Response(SiteReading(self._company(request, company_key).sites.select_related("city"), many=True).data)

    def act(self, request: Request, **kwargs: Any) -> Response:
        company = self._company(request, kwargs["company_key"])
        self.require_member(request, company.pk)
        writing = SiteWriting(data=request.data)
        writing.is_valid(raise_exception=True)
        made = Site.add(company, by=self.person, **writing.validated_data)
        return Response(SiteReading(made).data, 201, headers={"Location": reverse("api:site", args=[made.pk])})

    def _company(self, request: Request, key: str) -> Company:
        return get_object_or_404(Company.objects.visible_to(request.user), company_key=key)


@extend_schema_view(
    get=extend_schema(operation_id="sites_retrieve", summary="One site."),
    patch=extend_schema(
        operation_id="sites_update",
        summary="Change or close a site of the company's own.",
        request=SiteChange,
        responses={200: SiteReading},
    ),
    delete=extend_schema(
        operation_id="sites_delete", summary="Delete a site that no line refers to.", responses={204: None}
    ),
)
class SiteDetail(SitesView):
    serializer_class = SiteReading

    def get(self, request: Request, pk: int) -> Response:
        return Response(SiteReading(self._site(request, pk)).data)

    def patch(self, request: Request, pk: int) -> Response:
        found = self._site(request, pk)
        self.require_member(request, found.company_id)
        change = SiteChange(data=request.data, context={"site": found})
        change.is_valid(raise_exception=True)
        found.change(by=self.person, **change.validated_data)
        return Response(SiteReading(found).data)

    def delete(self, request: Request, pk: int) -> Response:
        found = self._site(request, pk)
        self.require_member(request, found.company_id)
        found.remove(by=self.person)
        return Response(status=204)

    def _site(self, request: Request, pk: int) -> Site:
        return get_object_or_404(Site.objects.visible_to(request.user).select_related("company", "city"), pk=pk)
