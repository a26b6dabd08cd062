"""API: the lines of a disclosure's ledger, read and written as a whole. The rules are those of the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import exceptions, serializers

from portfolio.activities import kinds as activities
from portfolio.activities.rules import PARAMETERS, Fault, read_line
from portfolio.citations.serializers import CitationReading, CitationWriting, evidence_of
from portfolio.models import Activity, Disclosure, PlaceSource
from portfolio.models.activity import MOST_CITATIONS
from portfolio.models.disclosure import MOST_ACTIVITIES
from portfolio.rest.described import AMOUNT, ETAG, IF_MATCH
from portfolio.rest.rows import RowsOfDisclosure
from portfolio.rest.views import AmountField, Strict, amount, decimal_text

TEXTS = (
    "meter",
    "place",
    "notation",
    "included_in",
    "heating_value_basis",
    "contract",
    "certificate",
    "note",
)


# --- what is answered ------------------------------------------------------------------------------------
class LineReading(serializers.ModelSerializer[Activity]):
    """One line as it is stored. What was typed stands beside its amount in the canonical unit."""

    activity = serializers.CharField(source="kind", help_text="Key of the kind")
    amount = serializers.SerializerMethodField(help_text="In the canonical unit; null with a notation key.")
    site = serializers.CharField(source="site.site_key", allow_null=True, default=None, help_text="site_key")
    place = serializers.CharField(allow_blank=True, help_text="The line's own; empty where it names none.")
    used_place = serializers.CharField(source="located.code", help_text="What the line is computed with.")
    place_source = serializers.ChoiceField(
        PlaceSource.choices,
        source="located.source",
        help_text="Who said so. `country`: nobody named a place, so a national factor is used.",
    )
    uncertainty_percent = AmountField(allow_null=True)
    contract_kg_per_kwh = AmountField(allow_null=True)
    parameters = serializers.SerializerMethodField()
    evidence = CitationReading(source="cited", many=True)

    class Meta:
        model = Activity
        fields = (
            "number",
            "activity",
            "typed_amount",
            "typed_unit",
            "amount",
            "notation",
            "included_in",
            "heating_value_basis",
            "meter",
            "period_start",
            "period_end",
            "site",
            "place",
            "used_place",
            "place_source",
            "uncertainty_percent",
            "contract",
            "contract_kg_per_kwh",
            "certificate",
            "parameters",
            "evidence",
            "note",
        )
        read_only_fields = fields
        extra_kwargs = {name: {"allow_blank": True} for name in ("notation", "heating_value_basis", "contract")}

    @extend_schema_field(AMOUNT)
    def get_amount(self, line: Activity) -> dict[str, str] | None:
        return amount(line.amount, line.unit)

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
    def get_parameters(self, line: Activity) -> dict[str, str]:
        return {name: decimal_text(float(value)) for name, value in sorted(line.parameters.items())}


class LinesReading(serializers.Serializer[Any]):
    disclosure = serializers.IntegerField()
    edition = serializers.IntegerField()
    activities = LineReading(many=True)


# --- what is asked ---------------------------------------------------------------------------------------
class LineWriting(Strict):
    """One line: an amount with its unit, as on the bill, or a notation key instead."""

    activity = serializers.CharField(max_length=80, help_text="Key, alias or name of a kind, such as fuel.lng")
    amount = AmountField(required=False)
    unit = serializers.CharField(max_length=40, required=False, help_text="MWh, 万千瓦时, tce, m3@20C …")
    notation = serializers.ChoiceField(Activity.Notation.choices, required=False, allow_blank=True)
    included_in = serializers.CharField(max_length=120, required=False, allow_blank=True)
    heating_value_basis = serializers.ChoiceField(Activity.HeatingValue.choices, required=False, allow_blank=True)
    meter = serializers.CharField(
        max_length=60, required=False, allow_blank=True, help_text="Meter or account; with a month, one bill of it."
    )
    period_start = serializers.DateField(required=False, allow_null=True)
    period_end = serializers.DateField(required=False, allow_null=True)
    site = serializers.CharField(
        max_length=200, required=False, allow_null=True, help_text="site_key or name of a site of the company"
    )
    place = serializers.CharField(
        max_length=16, required=False, allow_blank=True, help_text="Empty: that of the site, else of the company."
    )
    uncertainty_percent = AmountField(required=False, allow_null=True)
    contract = serializers.ChoiceField(
        [choice for choice in Activity.Contract.choices if choice[0]], required=False, allow_blank=True
    )
    contract_kg_per_kwh = AmountField(required=False, allow_null=True)
    certificate = serializers.CharField(max_length=120, required=False, allow_blank=True)
    parameters = serializers.DictField(child=AmountField(), required=False)
    evidence = CitationWriting(many=True, required=False, max_length=MOST_CITATIONS)  # type: ignore[call-arg]
    note = serializers.CharField(max_length=400, required=False, allow_blank=True)

    def validate(self, given: dict[str, Any]) -> Activity:
        """The line, read by the rules of the form. Raises ValidationError with every fault at its field."""
        known = activities.find(given["activity"])
        line = Activity(kind=known.key if known else given["activity"], disclosure=self.context["disclosure"])
        for name in TEXTS:
            setattr(line, name, given.get(name, ""))
        for name in ("period_start", "period_end", "uncertainty_percent", "contract_kg_per_kwh"):
            setattr(line, name, given.get(name))
        line.typed_amount = "" if given.get("amount") is None else decimal_text(given["amount"])
        line.typed_unit, line.parameters = given.get("unit", ""), given.get("parameters", {})
        line.site = self._own("site", given, self.context["sites"])
        line.cited = given.get("evidence", [])
        if faults := read_line(line, year=self.context["disclosure"].year):
            raise serializers.ValidationError(_at_their_fields(faults))
        return line

    def _own(self, name: str, given: dict[str, Any], rows: dict[Any, Any]) -> Any:
        """A row of the company; what belongs to others is as unknown as what does not exist."""
        key = given.get(name)
        if key is not None and key not in rows:
            detail = exceptions.ErrorDetail(_("The company has nothing of this name."), code="unknown")
            raise serializers.ValidationError({name: [detail]})
        return None if key is None else rows[key]


def _at_their_fields(faults: list[Fault]) -> dict[str, Any]:
    errors: dict[str, Any] = {}
    for fault in faults:
        detail = exceptions.ErrorDetail(fault.words, code=fault.code)
        if fault.field in PARAMETERS or fault.code == "unknown_parameter":
            errors.setdefault("parameters", {}).setdefault(fault.field, []).append(detail)
        else:
            errors.setdefault("activity" if fault.field == "kind" else fault.field, []).append(detail)
    return errors


class LinesWriting(Strict):
    """All lines that the disclosure is to have, in their order; those that stood before go."""

    activities = LineWriting(many=True, max_length=MOST_ACTIVITIES)  # type: ignore[call-arg]


@extend_schema_view(
    get=extend_schema(operation_id="activities_list", summary="The lines of a ledger.", parameters=[ETAG]),
    put=extend_schema(
        operation_id="activities_put",
        summary="Make these lines all that a draft has.",
        request=LinesWriting,
        responses={200: LinesReading},
        parameters=[IF_MATCH, ETAG],
    ),
)
class DisclosureActivities(RowsOfDisclosure):
    serializer_class = LinesReading
    writing = LinesWriting

    def tells(self, found: Disclosure) -> dict[str, Any]:
        return {"activities": found.activities.select_related("site__city").with_citations().order_by("number")}

    def known(self, found: Disclosure) -> dict[str, Any]:
        """A key goes before another site's name."""
        sites = list(found.company.sites.select_related("city"))
        return {
            "disclosure": found,
            "sites": {site.name: site for site in sites} | {site.site_key: site for site in sites},
            "evidence": evidence_of(found.company),
        }

    def keep(self, found: Disclosure, given: Mapping[str, Any]) -> None:
        found.put_activities(by=self.person, edition=found.edition, activities=given["activities"])
