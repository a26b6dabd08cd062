"""API: scores, their records and receipts, and what else their archives tell. Only the fund's side sees any."""

from __future__ import annotations

import logging
from typing import Any

import django_filters as filters
from django.db import models
from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.lists import FilterSet
from portfolio.models import Scope, Sector, Track
from portfolio.rest.described import AMOUNT, ETAG, FIELDS
from portfolio.rest.problems import Problem, WrongParameters
from portfolio.rest.views import ApiView, Chosen, Listing, Reading, amount, decimal_text, etags_of
from scoring.dossier.tabs import METHODS, pathway_of, temperature_of
from scoring.engine.pathways import words as of_pathways
from scoring.engine.score import receipt
from scoring.engine.temperature import words as of_temperature
from scoring.engine.temperature.methods import MethodName
from scoring.models import LatestScore, Score
from scoring.runs import receipts

logger = logging.getLogger(__name__)

P = {
    "type": ["object", "null"],
    "description": "Null for peers and retired scores",
    "properties": {
        "cleared": {"type": "integer", "description": "Bars cleared, of three"},
        "known": {"type": ["integer", "null"], "description": "Bars known; null of the assisted result"},
        "p_cleared": {"type": ["string", "null"], "description": "P of the cleared bars; null where none is"},
        "p_low": {"type": ["string", "null"], "description": "P of all three where all that is open turns out badly"},
        "p_high": {"type": ["string", "null"], "description": "and where it turns out well"},
    },
    "required": ["cleared", "known", "p_cleared", "p_low", "p_high"],
}
MARGINS = {
    "type": ["object", "null"],
    "description": "Distance to each bar: of C and O as a share of it, of R in shares of revenue; null where unknown",
    "properties": {bar: {"type": ["string", "null"]} for bar in ("c", "r", "o")},
    "required": ["c", "r", "o"],
}


# --- scores --------------------------------------------------------------------------------------------
class ScoreSerializer(Chosen[Score]):
    """A score as lists show it. A retired one has its kind, its run and its digests, and nothing of the bars."""

    company = serializers.CharField(source="company.company_key")
    run = serializers.IntegerField(source="run_id")
    as_of = serializers.DateField(source="run.as_of")
    bar_sheet = serializers.CharField(source="run.bar_sheet.version", default=None, allow_null=True)
    retired_method = serializers.CharField(source="run.retired_method.version", default=None, allow_null=True)
    track = serializers.CharField(help_text="Empty: a peer, or a candidate without a track")
    gates = serializers.CharField(help_text="passed, open, failed; empty: a peer")
    group = serializers.CharField(source="part", help_text="As in the list; empty: a peer")
    reported = serializers.SerializerMethodField(help_text="Of the bars as they are reported; it alone orders.")
    assisted = serializers.SerializerMethodField(
        help_text="With own emissions filled in by the model; null without. Orders nothing."
    )
    margins = serializers.SerializerMethodField()
    intensity = serializers.SerializerMethodField()
    emissions = serializers.SerializerMethodField()

    class Meta:
        model = Score
        fields: tuple[str, ...] = (
            *("id", "company", "run", "as_of", "kind", "bar_sheet", "retired_method", "track", "family", "stage"),
            *("group", "gates", "reported", "assisted", "margins", "evidence", "intensity", "emissions"),
            *("emissions_rung", "data_year", "inputs_sha256", "digest", "created_at"),
        )
        read_only_fields = fields

    @extend_schema_field(P)
    def get_reported(self, score: Score) -> dict[str, Any] | None:
        if score.cleared is None:
            return None
        return {
            "cleared": score.cleared,
            "known": score.known,
            "p_cleared": _decimal(score.p_cleared),
            "p_low": _decimal(score.p_low),
            "p_high": _decimal(score.p_high),
        }

    @extend_schema_field(P)
    def get_assisted(self, score: Score) -> dict[str, Any] | None:
        if score.assisted_cleared is None:
            return None
        return {
            "cleared": score.assisted_cleared,
            "known": None,
            "p_cleared": _decimal(score.assisted_p),
            "p_low": None,
            "p_high": None,
        }

    @extend_schema_field(MARGINS)
    def get_margins(self, score: Score) -> dict[str, str | None] | None:
        if score.cleared is None:
            return None
        return {"c": _decimal(score.margin_c), "r": _decimal(score.margin_r), "o": _decimal(score.margin_o)}

    @extend_schema_field(AMOUNT)
    def get_intensity(self, score: Score) -> dict[str, str] | None:
        return amount(score.intensity, "tCO₂e/10k CNY")

    @extend_schema_field(AMOUNT)
    def get_emissions(self, score: Score) -> dict[str, str] | None:
        return amount(score.emissions_t, "tCO₂e")


def _decimal(value: float | None) -> str | None:
    return None if value is None else decimal_text(value)


class ScoreRecordSerializer(ScoreSerializer):
    """With the engine's record: written canonically its SHA-256 is `digest`, so its numbers stay JSON numbers."""

    record = serializers.JSONField(read_only=True)

    class Meta(ScoreSerializer.Meta):
        fields = (*ScoreSerializer.Meta.fields, "record")
        read_only_fields = fields


class ScoreFilters(FilterSet):
    run = filters.NumberFilter(
        field_name="run_id",
        min_value=1,
        max_value=2**62,
        decimal_places=0,
        label="Scores of this run; without it, the score that stands for each company now",
    )
    company = filters.CharFilter(field_name="company__company_key", max_length=80)
    kind = filters.MultipleChoiceFilter(choices=Score.Kind.choices)
    group = filters.MultipleChoiceFilter(choices=Score.PARTS, method="in_parts")
    gates = filters.MultipleChoiceFilter(choices=Score.Gates.choices)
    cleared_min = filters.NumberFilter(field_name="cleared", lookup_expr="gte", min_value=0, max_value=3)
    family = filters.CharFilter(max_length=16)
    sector = filters.MultipleChoiceFilter(field_name="company__sector", choices=Sector.choices)
    country = filters.CharFilter(field_name="company__country", max_length=3)
    track = filters.MultipleChoiceFilter(choices=Track.choices)
    ordering = filters.OrderingFilter(
        fields=[
            ("company__company_key", "company"),
            ("margin_c", "margin_c"),
            ("margin_r", "margin_r"),
            ("margin_o", "margin_o"),
            ("intensity", "intensity"),
            ("emissions_t", "emissions"),
            ("data_year", "data_year"),
            ("pk", "id"),
        ]
    )

    @staticmethod
    def in_parts(scores: Any, _name: str, parts: list[str]) -> Any:
        found = Q(group_code__in=[one for one in parts if one not in (Score.Group.NONE, "unknown")])
        if Score.Group.NONE in parts:
            found |= Q(group_code=Score.Group.NONE, known__gt=0)
        if "unknown" in parts:
            found |= Q(group_code=Score.Group.NONE, known=0)
        return scores.filter(found) if parts else scores


class ScoresView(ApiView):
    scopes = {"GET": Scope.SCORES_READ}

    def scores(self, request: Request) -> models.QuerySet[Score]:
        return Score.objects.visible_to(request.user).select_related("company", "run__bar_sheet", "run__retired_method")


@extend_schema_view(get=extend_schema(operation_id="scores_list", parameters=[FIELDS]))
class Scores(ScoresView, Listing[Score]):
    serializer_class = ScoreSerializer
    filterset_class = ScoreFilters

    def get_queryset(self) -> models.QuerySet[Score]:
        found = self.scores(self.request).defer("record_json").order_by("-pk")
        if "run" in self.request.query_params:
            return found
        return found.filter(pk__in=LatestScore.objects.values("score_id"))


@extend_schema_view(get=extend_schema(operation_id="scores_retrieve", parameters=[FIELDS, ETAG]))
class ScoreDetail(ScoresView, Reading[Score]):
    serializer_class = ScoreRecordSerializer

    def get_queryset(self) -> models.QuerySet[Score]:
        return self.scores(self.request)


class ReceiptSerializer(serializers.Serializer[Any]):
    """A score with all that it follows from, each part with its digest (docs/reference/receipts.md)."""

    schema = serializers.ChoiceField(choices=[receipt.SCHEMA])
    question = serializers.DictField()
    versions = serializers.DictField()
    inputs = serializers.DictField()
    ledgers = serializers.ListField(child=serializers.DictField())
    sheet = serializers.DictField(allow_null=True)
    estimate = serializers.DictField(allow_null=True)
    record = serializers.DictField()
    made_with = serializers.DictField(child=serializers.CharField())
    digests = serializers.DictField(child=serializers.CharField())


@extend_schema_view(
    get=extend_schema(
        operation_id="scores_receipt",
        summary="All that a score follows from: `script/manage verify_score` computes it again from there.",
        responses=ReceiptSerializer,
        parameters=[ETAG],
    )
)
class ScoreReceipt(ScoresView):
    def get(self, request: Request, pk: int) -> Response:
        score = _by_the_bars(get_object_or_404(self.scores(request), pk=pk))
        try:
            made = receipts.receipt_of(score)
        except receipts.ReceiptRefused as refused:
            logger.error("no receipt: %s", refused)
            raise Problem("conflict", str(receipts.REFUSED)) from refused
        tag = f'"{receipt.digest_of(made)[:32]}"'
        if tag in etags_of(request.headers.get("If-None-Match", "")):
            return Response(status=304, headers={"ETag": tag})
        return Response(made, headers={"ETag": tag})


# --- readings of the archive ----------------------------------------------------------------------------
class ArchiveReading(serializers.Serializer[Any]):
    """A record computed from the inputs that `inputs_sha256` names; its numbers stay JSON numbers, missing is null."""

    score = serializers.IntegerField()
    company = serializers.CharField()
    run = serializers.IntegerField()
    as_of = serializers.DateField()
    inputs_sha256 = serializers.CharField()
    record = serializers.JSONField()


class OfScore(ApiView):
    scopes = {"GET": Scope.SCORES_READ}

    def score(self, request: Request, pk: int) -> Score:
        found = Score.objects.visible_to(request.user).defer("record_json")
        return _by_the_bars(get_object_or_404(found.select_related("company", "run__retired_method"), pk=pk))

    def answer(self, score: Score, record: Any) -> Response:
        return Response(
            {
                "score": score.pk,
                "company": score.company.company_key,
                "run": score.run_id,
                "as_of": score.run.as_of.isoformat(),
                "inputs_sha256": score.inputs_sha256,
                "record": record,
            }
        )


@extend_schema_view(
    get=extend_schema(
        operation_id="scores_temperature",
        summary="Temperature score of a score's archived inputs.",
        parameters=[OpenApiParameter("method", str, enum=METHODS, default=METHODS[0])],
        responses=ArchiveReading,
    )
)
class ScoreTemperature(OfScore):
    parameters = frozenset({"method"})

    def get(self, request: Request, pk: int) -> Response:
        score = self.score(request, pk)
        return self.answer(score, of_temperature.answer(temperature_of(score, _method(request))))


@extend_schema_view(
    get=extend_schema(
        operation_id="scores_pathway",
        summary="Paths, budget, degrees and the 3060 test of a score's archived inputs.",
        responses=ArchiveReading,
    )
)
class ScorePathway(OfScore):
    def get(self, request: Request, pk: int) -> Response:
        score = self.score(request, pk)
        return self.answer(score, of_pathways.answer(pathway_of(score)))


def _by_the_bars(score: Score) -> Score:
    """Of a retired method there is the archived record, and nothing is computed from it."""
    if score.is_retired:
        words = _("Retired method %(version)s: its archived record stands at /api/v1/scores/%(id)s/.")
        raise Problem("conflict", words % {"version": score.run.retired_method, "id": score.pk})
    return score


def _method(request: Request) -> MethodName:
    asked = request.query_params.get("method", METHODS[0])
    for method in METHODS:
        if asked == method:
            return method
    words = _("“%(name)s” is not a method. Methods: %(methods)s")
    said = words % {"name": asked[:40], "methods": ", ".join(METHODS)}
    raise WrongParameters({"method": [exceptions.ErrorDetail(said, "invalid_choice")]})
