"""API: the kinds of activity, found as the pages find them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.activities.kinds import KINDS, ActivityType, activity_types
from portfolio.activities.rules import parameters_of
from portfolio.activities.search import LONGEST, search
from portfolio.models import Scope
from portfolio.rest.views import ApiView, word_asked
from portfolio.typed.units import kind_of, names_of

MOST_FOUND = 50


class UnitReading(serializers.Serializer[Any]):
    unit = serializers.CharField(help_text="The canonical one")
    aliases = serializers.ListField(child=serializers.CharField(), help_text="What is read as well")


class KindReading(serializers.Serializer[Any]):
    key = serializers.CharField()
    kind = serializers.ChoiceField(list(KINDS))
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    aliases = serializers.ListField(child=serializers.CharField(), help_text="Words that a line may name it by")
    scope = serializers.IntegerField()
    category = serializers.CharField(help_text="Of scope 3 that of the GHG Protocol, 3.1 to 3.15")
    units = UnitReading(many=True)
    parameters = serializers.ListField(
        child=serializers.CharField(), help_text="Numbers of its own that a line may bring instead of the default"
    )
    takes_contract = serializers.BooleanField(help_text="Whether a line may name a contract or certificate")
    takes_heating_value = serializers.BooleanField(help_text="Whether energy needs net or gross to be said")


@extend_schema_view(
    get=extend_schema(
        operation_id="activity_kinds_list",
        summary="The kinds of activity: names, words and units that are read, scope, what a line may bring.",
        description="All of them, or with `q` what a search of names, words and pinyin offers, the nearest first.",
        responses={200: KindReading(many=True)},
        parameters=[OpenApiParameter("q", {"type": "string", "maxLength": LONGEST})],
    )
)
class ActivityKinds(ApiView):
    scopes = {"GET": Scope.COMPANIES_READ}
    parameters = frozenset({"q"})

    def get(self, request: Request) -> Response:
        asked = word_asked(request, LONGEST)
        kinds = activity_types().values() if asked is None else search(asked, MOST_FOUND)
        return Response(KindReading([told(kind) for kind in kinds], many=True).data)


def told(kind: ActivityType) -> dict[str, Any]:
    return {
        "key": kind.key,
        "kind": kind.kind,
        "name_zh": kind.name_zh,
        "name_en": kind.name_en,
        "aliases": list(kind.aliases),
        "scope": kind.scope,
        "category": kind.category,
        "units": [{"unit": unit, "aliases": list(names_of(kind_of(unit)))} for unit in kind.units],
        "parameters": list(parameters_of(kind)),
        "takes_contract": kind.kind == "electricity",
        "takes_heating_value": kind.kind == "fuel",
    }
