"""API: companies with how they stand now, and the peers with what is measured of them."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db import models
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request

from portfolio.lists import FilterSet
from portfolio.models import Company, CompanyTrack, SavedView, Scope, Sector, Track
from portfolio.rest.described import AMOUNT, FIELDS
from portfolio.rest.facts import CompaniesView, CompanySerializer
from portfolio.rest.views import Chosen, Listing, Reading, amount, decimal_text
from scoring.access import fund_side_only, sees_scores
from scoring.engine.score.record import MeasuredRecord, Step
from scoring.models import Headline, LatestScore
from scoring.peers.listing import PeerList, peers
from scoring.reading import reads_chinese

CHANGE = "share/year"
DECIMAL = {"type": ["string", "null"]}


# --- companies -------------------------------------------------------------------------------------------------
class StandingSerializer(serializers.ModelSerializer[LatestScore]):
    """The headline of the score that stands: of a candidate its bars and P, of a peer what is measured."""

    id = serializers.IntegerField(source="score_id")
    run = serializers.IntegerField(source="score.run_id")
    bar_sheet = serializers.CharField(source="score.run.bar_sheet.version", default=None, allow_null=True)
    kind = serializers.CharField(help_text="candidate, peer or retired; of the last two nothing is judged")
    track = serializers.CharField()
    gates = serializers.CharField(help_text="passed, open or failed; empty: a peer")
    group = serializers.CharField(source="part", help_text="As in the list; empty: a peer")
    p_cleared = serializers.SerializerMethodField(
        help_text="P of the cleared bars; null where none is, or not admitted"
    )
    p_low = serializers.SerializerMethodField()
    p_high = serializers.SerializerMethodField()
    emissions = serializers.SerializerMethodField()
    intensity = serializers.SerializerMethodField()

    class Meta:
        model = LatestScore
        fields = (
            *("id", "run", "as_of", "kind", "bar_sheet", "track", "family", "stage", "group", "gates", "cleared"),
            *("known", "p_cleared", "p_low", "p_high", "evidence", "data_year", "emissions", "intensity"),
        )
        read_only_fields = fields

    def get_attribute(self, company: Any) -> LatestScore | None:
        """Of a company: as a field the serializer is made once a list, not once a row."""
        return getattr(company, "latest", None) if sees_scores(self.context["request"]) else None

    @extend_schema_field(DECIMAL)
    def get_p_cleared(self, latest: LatestScore) -> str | None:
        return of_admitted(latest, latest.p_cleared)

    @extend_schema_field(DECIMAL)
    def get_p_low(self, latest: LatestScore) -> str | None:
        return of_admitted(latest, latest.p_low)

    @extend_schema_field(DECIMAL)
    def get_p_high(self, latest: LatestScore) -> str | None:
        return of_admitted(latest, latest.p_high)

    @extend_schema_field(AMOUNT)
    def get_emissions(self, latest: LatestScore) -> dict[str, str] | None:
        return amount(latest.emissions_t, "tCO₂e")

    @extend_schema_field(AMOUNT)
    def get_intensity(self, latest: LatestScore) -> dict[str, str] | None:
        return amount(latest.intensity, "tCO₂e/10k CNY")


def of_admitted(latest: LatestScore, p: float | None) -> str | None:
    """A probability as text; whoever failed a gate has none."""
    is_admitted = latest.group_code != Headline.Group.NOT_ADMITTED
    return decimal_text(p) if p is not None and is_admitted else None


class StandingCompanySerializer(CompanySerializer):
    latest_score = StandingSerializer(
        read_only=True, allow_null=True, help_text="Null where there is none, or none for you to see."
    )

    class Meta(CompanySerializer.Meta):
        fields = (*CompanySerializer.Meta.fields, "latest_score")
        read_only_fields = fields


class CompanyList(FilterSet):
    q = filters.CharFilter(method="search", max_length=80, label="Words in names, identifiers, pinyin or its initials")
    sector = filters.MultipleChoiceFilter(choices=Sector.choices, distinct=False)
    country = filters.CharFilter(max_length=3)
    track = filters.MultipleChoiceFilter(choices=Track.choices, method="on_a_track")
    ordering = filters.OrderingFilter(fields=["company_key", "name_zh", "name_en", "country", "sector"])

    @staticmethod
    def search(companies: Any, _name: str, words: str) -> Any:
        return companies.search(words)

    @staticmethod
    def on_a_track(companies: Any, _name: str, tracks: list[str]) -> Any:
        if not tracks:
            return companies
        return companies.filter(pk__in=CompanyTrack.objects.filter(track__in=tracks).values("company"))


class StandingView(CompaniesView):
    def companies(self, request: Request) -> models.QuerySet[Company]:
        found = super().companies(request)
        if sees_scores(request):
            found = found.select_related("latest__score__run__bar_sheet")
            found = found.defer("latest__score__record_json", "latest__score__run__bar_sheet__content")
        return found


@extend_schema_view(
    get=extend_schema(
        operation_id="companies_list",
        description="Companies that you may see, by their own facts: no score orders them.",
        parameters=[FIELDS],
    )
)
class Companies(StandingView, Listing[Company]):
    serializer_class = StandingCompanySerializer
    filterset_class = CompanyList

    def get_queryset(self) -> models.QuerySet[Company]:
        return self.companies(self.request).order_by("company_key")


@extend_schema_view(get=extend_schema(operation_id="companies_retrieve", parameters=[FIELDS]))
class CompanyDetail(StandingView, Reading[Company]):
    serializer_class = StandingCompanySerializer
    lookup_field = "company_key"

    def get_queryset(self) -> models.QuerySet[Company]:
        return self.companies(self.request)


# --- peers --------------------------------------------------------------------------------------------------------
class StepSerializer(serializers.Serializer[Step]):
    year = serializers.IntegerField(help_text="The later one")
    times = serializers.SerializerMethodField(help_text="Its tonnes over those of the earlier one")

    @extend_schema_field({"type": "string"})
    def get_times(self, step: Step) -> str | None:
        return decimal_text(step["times"])


class PeerSerializer(Chosen[Company]):
    """A company that is no candidate, with what is measured of it. No score."""

    name = serializers.SerializerMethodField()
    data_year = serializers.IntegerField(source="latest.data_year", default=None, allow_null=True)
    years_observed = serializers.IntegerField(source="latest.years_observed", default=None, allow_null=True)
    first_year = serializers.SerializerMethodField(help_text="Of the years observed; the last is the data year")
    boundary = serializers.SerializerMethodField(help_text="matched, mismatched or unstated, against its revenue")
    emissions = serializers.SerializerMethodField()
    change = serializers.SerializerMethodField(help_text="Of emissions, a year; null over a step")
    step = serializers.SerializerMethodField(
        help_text="More than twofold between neighbouring years: a question, and no change. Null where there is none"
    )
    revenue_change = serializers.SerializerMethodField(
        help_text="Null unless revenue and emissions are of the same years and the same boundary"
    )
    intensity = serializers.SerializerMethodField()
    intensity_change = serializers.SerializerMethodField(help_text="Null where that of revenue is, and over a step")
    temperature = serializers.SerializerMethodField(help_text="What its targets promise; null without a usable one")
    pathway = serializers.SerializerMethodField(help_text="What its trajectory implies")

    class Meta:
        model = Company
        fields = (
            *("company_key", "name", "country", "sector", "is_illustrative", "data_year", "boundary"),
            *("years_observed", "first_year"),
            *(
                "emissions",
                "change",
                "step",
                "revenue_change",
                "intensity",
                "intensity_change",
                "temperature",
                "pathway",
            ),
        )
        read_only_fields = fields

    @staticmethod
    def _measured(company: Company, name: str, unit: str) -> dict[str, str] | None:
        latest = getattr(company, "latest", None)
        return amount(getattr(latest, name), unit) if latest else None

    def get_name(self, company: Company) -> str:
        first, second = (company.name_zh, company.name_en) if reads_chinese() else (company.name_en, company.name_zh)
        return first or second

    @staticmethod
    def _record(company: Company) -> MeasuredRecord | None:
        latest = getattr(company, "latest", None)
        record: Any = latest.score.record if latest else {}
        measured: MeasuredRecord | None = record.get("measured")
        return measured

    def get_first_year(self, company: Company) -> int | None:
        measured = self._record(company)
        return measured["first_year"] if measured else None

    def get_boundary(self, company: Company) -> str | None:
        measured = self._record(company)
        return measured["boundary"] if measured else None

    @extend_schema_field(StepSerializer(allow_null=True))
    def get_step(self, company: Company) -> dict[str, Any] | None:
        measured = self._record(company)
        step = measured.get("step") if measured else None
        return None if step is None else StepSerializer(step).data

    @extend_schema_field(AMOUNT)
    def get_emissions(self, company: Company) -> dict[str, str] | None:
        return self._measured(company, "emissions_t", "tCO₂e")

    @extend_schema_field(AMOUNT)
    def get_change(self, company: Company) -> dict[str, str] | None:
        return self._measured(company, "change_per_year", CHANGE)

    @extend_schema_field(AMOUNT)
    def get_revenue_change(self, company: Company) -> dict[str, str] | None:
        return self._measured(company, "revenue_change_per_year", CHANGE)

    @extend_schema_field(AMOUNT)
    def get_intensity(self, company: Company) -> dict[str, str] | None:
        return self._measured(company, "intensity", "tCO₂e/10k CNY")

    @extend_schema_field(AMOUNT)
    def get_intensity_change(self, company: Company) -> dict[str, str] | None:
        return self._measured(company, "intensity_change_per_year", CHANGE)

    @extend_schema_field(AMOUNT)
    def get_temperature(self, company: Company) -> dict[str, str] | None:
        return self._measured(company, "temperature_c", "°C")

    @extend_schema_field(AMOUNT)
    def get_pathway(self, company: Company) -> dict[str, str] | None:
        return self._measured(company, "pathway_c", "°C")


@extend_schema_view(
    get=extend_schema(
        operation_id="peers_list",
        description="Everyone who is no candidate, by sector and name or by a measured fact; never by a score.",
        parameters=[FIELDS],
    )
)
class Peers(Listing[Company]):
    scopes = {"GET": Scope.SCORES_READ}
    serializer_class = PeerSerializer
    filterset_class = PeerList
    saved_list = SavedView.List.PEERS

    def get_queryset(self) -> models.QuerySet[Company]:
        fund_side_only(self.request)
        return peers(self.request.user).select_related("latest__score")
