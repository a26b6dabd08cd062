"""API: what was sold or ran, read and written as a whole. The rules are those of the form."""

from __future__ import annotations

from typing import Any

import pycountry
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.errors import NotAllowed
from portfolio.models import Disclosure, Solution, TechnologyFamily
from portfolio.models.solution import MOST_SOLUTIONS
from portfolio.rest.described import ETAG, IF_MATCH
from portfolio.rest.facts import DisclosuresView
from portfolio.rest.views import AmountField, Strict, etag, etags_of, require_match
from portfolio.solutions.words import questions

SERVICE_HELP = "What one unit gives in a year, in the family's unit of service"
LCA_HELP = "tCO₂e of making and disposing of one unit; may be below 0"


class SolutionReading(serializers.ModelSerializer[Solution]):
    """A number that is not told is null; 0 is told. `unit` and `service_unit` are the family's."""

    family = serializers.CharField(source="family.code")
    unit = serializers.CharField(source="family.unit")
    service_unit = serializers.CharField(source="family.service_unit", allow_blank=True)
    units_sold = AmountField(allow_null=True)
    units_made = AmountField(allow_null=True, help_text="Output")
    service_per_unit_year = AmountField(allow_null=True, help_text=SERVICE_HELP)
    use_share = AmountField(allow_null=True)
    energy_mwh_per_service = AmountField(allow_null=True)
    lca_t_per_unit = AmountField(allow_null=True, signed=True, help_text=LCA_HELP)
    cost_share = AmountField(allow_null=True)
    stated_avoided_t = AmountField(allow_null=True, help_text="tCO₂e as the company states them")
    questions = serializers.SerializerMethodField(help_text="What is asked about the row, in the caller's language")

    class Meta:
        model = Solution
        fields = (
            *("number", "family", "unit", "service_unit", "kind", "country", "name", "units_sold", "units_made"),
            *("service_per_unit_year", "life_years", "use_share", "energy_mwh_per_service", "lca_t_per_unit"),
            *("is_component", "cost_share", "stated_avoided_t", "stated_avoided_kind", "basis", "source", "note"),
            "questions",
        )
        read_only_fields = fields
        extra_kwargs = {"stated_avoided_kind": {"allow_blank": True}}

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_questions(self, row: Solution) -> list[str]:
        return questions(row)


class SolutionsReading(serializers.Serializer[Any]):
    disclosure = serializers.IntegerField()
    edition = serializers.IntegerField()
    solutions = SolutionReading(many=True)


def _share(quantity: str) -> AmountField:
    return AmountField(required=False, allow_null=True, bound=quantity, help_text="Between 0 and 1")


def _amount(quantity: str, **how: Any) -> AmountField:
    return AmountField(required=False, allow_null=True, bound=quantity, **how)


class SolutionWriting(Strict):
    """One row. A number that is left out or null is not told; 0 is told."""

    family = serializers.CharField(max_length=16, help_text="Code of a technology family, such as F01")
    kind = serializers.ChoiceField(Solution.Kind.choices, default=Solution.Kind.REALISED)
    country = serializers.CharField(max_length=3, min_length=3, help_text="ISO 3166-1 alpha-3")
    name = serializers.CharField(max_length=120, allow_blank=True, default="")
    units_sold = _amount("units_sold")
    units_made = _amount("units_made", help_text="Output")
    service_per_unit_year = _amount("service_per_unit_year", help_text=SERVICE_HELP)
    life_years = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=300)
    use_share = _share("use_share")
    energy_mwh_per_service = _amount("energy_mwh_per_service")
    lca_t_per_unit = _amount("lca_t_per_unit", signed=True, help_text=LCA_HELP)
    is_component = serializers.BooleanField(default=False)
    cost_share = _share("cost_share")
    stated_avoided_t = _amount("avoided_t")
    stated_avoided_kind = serializers.ChoiceField(Solution.Stated.choices, allow_blank=True, default="")
    basis = serializers.ChoiceField(["reported", "measured"], default="reported")
    source = serializers.CharField(max_length=300, allow_blank=True, default="")  # type: ignore[assignment]
    note = serializers.CharField(max_length=400, allow_blank=True, default="")

    def validate_family(self, code: str) -> TechnologyFamily:
        found: TechnologyFamily | None = self.context["families"].get(code)
        if found is None:
            raise serializers.ValidationError(_("There is no such technology family."), code="unknown")
        return found

    def validate_country(self, code: str) -> str:
        found = pycountry.countries.get(alpha_3=code)
        if found is None:
            words = _("%(code)s is not an ISO 3166-1 alpha-3 code.") % {"code": code}
            raise serializers.ValidationError(words, code="unknown")
        return str(found.alpha_3)

    def validate(self, given: dict[str, Any]) -> Solution:
        return Solution(**given)


class SolutionsWriting(Strict):
    """All rows that the disclosure is to have, in their order; those that stood before go."""

    solutions = SolutionWriting(many=True, max_length=MOST_SOLUTIONS)  # type: ignore[call-arg]


@extend_schema_view(
    get=extend_schema(operation_id="solutions_list", summary="What was sold or ran.", parameters=[ETAG]),
    put=extend_schema(
        operation_id="solutions_put",
        summary="Make these rows all that a draft says of what was sold or ran.",
        request=SolutionsWriting,
        responses={200: SolutionsReading},
        parameters=[IF_MATCH, ETAG],
    ),
)
class DisclosureSolutions(DisclosuresView):
    serializer_class = SolutionsReading

    def get(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(self.disclosures(request), pk=pk)
        if etag(found) in etags_of(request.headers.get("If-None-Match", "")):
            return Response(status=304, headers={"ETag": etag(found)})
        return _rows(found)

    def put(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(self.disclosures(request), pk=pk)
        if found.membership_of(request.user) is None:
            self.permission_denied(request, _("Only people of the company can change its disclosure."))
        require_match(request, found)
        if found.state not in Disclosure.EDITABLE:
            raise NotAllowed(_("Only people of the company can change its disclosure, and only a draft."))
        families = {family.code: family for family in TechnologyFamily.objects.all()}
        writing = SolutionsWriting(data=request.data, context={"request": request, "families": families})
        writing.is_valid(raise_exception=True)
        Solution.put(found, writing.validated_data["solutions"], by=self.person, edition=found.edition)
        return _rows(found)


def _rows(found: Disclosure) -> Response:
    rows = found.solutions.select_related("family").order_by("number")
    said = SolutionsReading({"disclosure": found.pk, "edition": found.edition, "solutions": rows}).data
    return Response(said, headers={"ETag": etag(found)})
