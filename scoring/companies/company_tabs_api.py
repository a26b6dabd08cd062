"""API: the temperature and the pathway of a score, from its archived inputs; the same as on the dossier's tabs."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.models import Scope
from portfolio.rest.problems import WrongParameters
from portfolio.rest.views import ApiView
from scoring.companies.tabs import METHODS, MethodName, pathway_of, temperature_of
from scoring.models import Score


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
        return get_object_or_404(found.select_related("company", "run__methodology"), pk=pk)

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
        return self.answer(score, temperature_of(score, _method(request)))


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
        return self.answer(score, pathway_of(score))


def _method(request: Request) -> MethodName:
    asked = request.query_params.get("method", METHODS[0])
    for method in METHODS:
        if asked == method:
            return method
    words = _("“%(name)s” is not a method. Methods: %(methods)s")
    said = words % {"name": asked[:40], "methods": ", ".join(METHODS)}
    raise WrongParameters({"method": [exceptions.ErrorDetail(said, "invalid_choice")]})
