"""API: what was sold or ran, read and written as a whole. The rules are those of the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pycountry
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers

from portfolio.models import Disclosure, Solution, TechnologyFamily
from portfolio.models.solution import MOST_SOLUTIONS
from portfolio.rest.described import ETAG, IF_MATCH
from portfolio.rest.rows import RowsOfDisclosure
from portfolio.rest.views import AmountField, PassedOver, Strict
from portfolio.solutions.words import questions

SERVICE_HELP = "What one unit gives in a year, in the family's unit of service"
LCA_HELP = "tCO₂e of making and disposing of one unit; may be below 0"


class SolutionReading(serializers.ModelSerializer[Solution]):
    """A number that is not told is null; 0 is told. `unit` and `service_unit` are the family's."""

    family = serializers.CharField(source="family.code")
    unit = serializers.CharField(source="family.unit")
    service_unit = serializers.CharField(source="family.service_unit", allow_blank=True)
    units_sold = AmountField(allow_null=True, help_text="In the family's `unit`")
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
        told: Any = self.root.instance
        return questions(row, among=told["solutions"])


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
    units_sold = _amount("units_sold", help_text="In the family's unit, as all of these a number without it")
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

    number = PassedOver()
    unit = PassedOver()
    service_unit = PassedOver()
    questions = PassedOver()

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
    disclosure = PassedOver()
    edition = PassedOver()


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
class DisclosureSolutions(RowsOfDisclosure):
    serializer_class = SolutionsReading
    writing = SolutionsWriting

    def tells(self, found: Disclosure) -> dict[str, Any]:
        return {"solutions": list(found.solutions.select_related("family").order_by("number"))}

    def known(self, found: Disclosure) -> dict[str, Any]:
        return {"families": {family.code: family for family in TechnologyFamily.objects.all()}}

    def keep(self, found: Disclosure, given: Mapping[str, Any]) -> None:
        Solution.put(found, given["solutions"], by=self.person, edition=found.edition)
