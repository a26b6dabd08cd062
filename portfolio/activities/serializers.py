"""The lines of a disclosure's ledger as the API reads and writes them. The rules are those of the form.

What is read can be written back as it is: what only an answer tells is passed over.
"""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import exceptions, serializers

from portfolio.activities import kinds as activities
from portfolio.activities.rules import PARAMETERS, Fault, read_line
from portfolio.citations.serializers import CitationReading, CitationWriting
from portfolio.models import Activity, PlaceSource
from portfolio.models.activity import LONGEST_EXTERNAL_ID, MOST_CITATIONS
from portfolio.models.desk.points import LINE, told_of
from portfolio.models.disclosure import MOST_ACTIVITIES
from portfolio.rest.described import AMOUNT
from portfolio.rest.views import AmountField, PassedOver, Strict, amount, decimal_text
from portfolio.typed.numbers import UnreadableNumber, read_number

EXTERNAL_ID = re.compile(r"[\w.:@~+-]{1,64}")  # LONGEST_EXTERNAL_ID of them, as a part of an address
EXTERNAL_ID_HELP = "Yours, such as a document number: letters, digits and . _ : @ ~ + - ; not beginning with `line:`"
TEXTS = (
    "external_id",
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
    """One line as it is stored: the amount in the unit that was typed, and how it is read."""

    external_id = serializers.CharField(allow_blank=True, help_text=EXTERNAL_ID_HELP)
    activity = serializers.CharField(source="kind", help_text="Key of the kind")
    amount = serializers.SerializerMethodField(help_text="In `unit`; null with a notation key.")
    unit = serializers.SerializerMethodField(help_text="As it was typed")
    read_as = serializers.SerializerMethodField(help_text="In the canonical unit; null with a notation key.")
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
        fields: tuple[str, ...] = (
            "number",
            "external_id",
            "activity",
            "amount",
            "unit",
            "read_as",
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

    def get_amount(self, line: Activity) -> str | None:
        return _as_typed(line)[0]

    def get_unit(self, line: Activity) -> str:
        return _as_typed(line)[1]

    @extend_schema_field(AMOUNT)
    def get_read_as(self, line: Activity) -> dict[str, str] | None:
        return amount(line.amount, line.unit)

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
    def get_parameters(self, line: Activity) -> dict[str, str]:
        return {name: decimal_text(float(value)) for name, value in sorted(line.parameters.items())}


def _as_typed(line: Activity) -> tuple[str | None, str]:
    """Amount and unit that say the same when they are written back."""
    if line.amount is None:
        return None, line.typed_unit
    try:
        return decimal_text(read_number(line.typed_amount).value), line.typed_unit
    except UnreadableNumber:  # one that no person typed
        return decimal_text(line.amount), line.unit


# --- what is asked ---------------------------------------------------------------------------------------
class LineWriting(Strict):
    """One line: an amount with its unit, as on the bill, or a notation key instead."""

    external_id = serializers.CharField(
        max_length=LONGEST_EXTERNAL_ID, required=False, allow_blank=True, help_text=EXTERNAL_ID_HELP
    )
    activity = serializers.CharField(max_length=80, help_text="Key, alias or name of a kind, such as fuel.lng")
    amount = AmountField(required=False, allow_null=True)
    unit = serializers.CharField(
        max_length=40, required=False, allow_blank=True, help_text="MWh, 万千瓦时, tce, m3@20C …"
    )
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
    number = PassedOver()
    read_as = PassedOver()
    used_place = PassedOver()
    place_source = PassedOver()
    state = PassedOver()
    result = PassedOver()
    not_computed = PassedOver()

    def validate_external_id(self, given: str) -> str:
        if given and (not EXTERNAL_ID.fullmatch(given) or given.startswith(LINE)):
            words = _("Letters, digits and . _ : @ ~ + - only, please, and nothing that begins with “line:”.")
            raise serializers.ValidationError(words, code="invalid")
        return given

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


def as_written(row: Activity, stored: Activity | None) -> bool:
    """Whether the row says what is stored; it then keeps how that was written: 1,234.5 is no other number."""
    if stored is None or told_of(row) != told_of(stored):
        return False
    row.typed_amount, row.typed_unit = stored.typed_amount, stored.typed_unit
    return True


class LinesWriting(Strict):
    """All lines that the disclosure is to have, in their order; those that stood before go."""

    activities = LineWriting(many=True, max_length=MOST_ACTIVITIES)  # type: ignore[call-arg]
    disclosure = PassedOver()
    edition = PassedOver()
    gwp_set = PassedOver()
    as_of = PassedOver()
    tables_digest = PassedOver()
    totals = PassedOver()
    take_over = PassedOver()

    def validate_activities(self, rows: list[Activity]) -> list[Activity]:
        seen: set[str] = set()
        faults: list[Any] = [{} for _row in rows]
        for at, row in enumerate(rows):
            if row.external_id and row.external_id in seen:
                detail = exceptions.ErrorDetail(_("Another line has this number already."), code="twice")
                faults[at] = {"external_id": [detail]}
            seen.add(row.external_id)
        if any(faults):
            raise serializers.ValidationError(faults)
        return rows
