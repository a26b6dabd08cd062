"""API: compute activities without storing anything, and read the factors. The engine call is that of the ledgers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.activities import kinds as activities
from portfolio.activities.rules import CANDIDATES, heating_value_basis
from portfolio.activities.search import search
from portfolio.models import Company, Scope
from portfolio.models.disclosure import FIRST_YEAR
from portfolio.places.names import is_place
from portfolio.places.search import nearest
from portfolio.rest import problems
from portfolio.rest.views import AmountField, Posting, PostThrottle, Strict, decimal_text
from portfolio.typed import bounds, units
from portfolio.typed.suggesting import may_suggest
from portfolio.wording import listed
from scoring.engine.accounting import words
from scoring.engine.accounting.ledger import ActivityLine, Contract, account
from scoring.engine.errors import FactorError, UnknownRegion
from scoring.ledgers.results import ItemErrorReading, ResultReading, TotalsReading, result_of, totals_of
from scoring.reading import said
from scoring.tables import in_force as factors

FIRST_DAY = date(2000, 1, 1)
MOST_ACTIVITIES = 1000
LONGEST_ID = 64


# --- what is asked ---------------------------------------------------------------------------------------
class ContractWriting(Strict):
    """A contractual instrument of the market-based method."""

    name = serializers.CharField(max_length=120)
    kg_per_kwh = AmountField(bound="contract_kg_per_kwh")
    uncertainty_percent = AmountField(default=0.0, bound="uncertainty_percent")


class MeasuredField(AmountField):
    """An amount that says so where it is below zero."""

    default_error_messages = {"negative": gettext_lazy("Below zero: nothing that is measured here can be.")}

    def to_internal_value(self, data: Any) -> float:
        is_negative = data.strip().startswith("-") if isinstance(data, str) else _is_number(data) and data < 0
        if is_negative:
            self.fail("negative")
        return super().to_internal_value(data)


def _is_number(data: Any) -> bool:
    return isinstance(data, int | float) and not isinstance(data, bool)


class ActivityWriting(Strict):
    """One activity as measured. `unit` may be any that people write: MWh, 万千瓦时, tce, Nm3."""

    id = serializers.CharField(max_length=LONGEST_ID, required=False)
    activity = serializers.CharField(max_length=80)
    amount = MeasuredField()
    unit = serializers.CharField(max_length=40)
    place = serializers.CharField(max_length=16, default="WORLD")
    year = serializers.IntegerField(min_value=FIRST_YEAR, max_value=2100)
    purpose = serializers.CharField(max_length=60, default="")
    guideline = serializers.CharField(max_length=60, default="")
    heating_value_basis = serializers.ChoiceField(["NCV", "GCV"], required=False)
    uncertainty_percent = AmountField(required=False, bound="uncertainty_percent")
    contract = ContractWriting(required=False)
    parameters = serializers.DictField(child=AmountField(), default=dict)
    later = serializers.BooleanField(default=False)


ITEM = {
    "description": "A good activity is as described here; any other comes back with its errors and hinders no other.",
    "anyOf": [
        {
            "type": "object",
            "required": ["activity", "amount", "unit", "year"],
            "properties": {
                "id": {
                    "type": "string",
                    "maxLength": LONGEST_ID,
                    "description": "Yours; it comes back. Else the position.",
                },
                "activity": {"type": "string", "description": "Key, alias or name of a kind", "examples": ["fuel.lng"]},
                "amount": {"type": ["string", "number"], "examples": ["1234.5"]},
                "unit": {"type": "string", "examples": ["MWh", "万千瓦时", "tce", "Nm3"]},
                "place": {"type": "string", "default": "WORLD", "examples": ["CN-SC", "510100", "CN"]},
                "year": {"type": "integer", "minimum": FIRST_YEAR, "maximum": 2100},
                "purpose": {"type": "string", "description": "Else the one that belongs to the kind"},
                "guideline": {"type": "string", "examples": ["NDRC batch 3", "IPCC 2006"]},
                "heating_value_basis": {"enum": ["NCV", "GCV"]},
                "uncertainty_percent": {"type": ["string", "number"], "description": "95 % half width of the amount"},
                "contract": {
                    "type": "object",
                    "description": "Electricity under contract: the market-based result",
                    "properties": {
                        "name": {"type": "string"},
                        "kg_per_kwh": {"type": ["string", "number"]},
                        "uncertainty_percent": {"type": ["string", "number"]},
                    },
                },
                "parameters": {"type": "object", "description": "What the kind knows: ncv_gj_per_t, doc …"},
                "later": {"type": "boolean", "description": "A later data year may be used; it is marked"},
            },
        },
        {},
    ],
}


@extend_schema_field({"type": "array", "minItems": 1, "maxItems": MOST_ACTIVITIES, "items": ITEM})
class Items(serializers.ListField):
    """Anything, item by item: each is looked at for itself."""


class Question(Strict):
    activities = Items(min_length=1, max_length=MOST_ACTIVITIES)
    gwp_set = serializers.CharField(max_length=16, default=factors.GWP_SET, help_text="SAR, TAR, AR4, AR5 or AR6")
    as_of = serializers.DateField(required=False, help_text="Only factors published by that day; today without it.")
    company = serializers.CharField(
        max_length=80, required=False, help_text="company_key: its own verified factors count as well."
    )

    def validate_as_of(self, day: date) -> date:
        if not FIRST_DAY <= day <= timezone.localdate():
            detail = _("A day from %(first)s to today, please.") % {"first": FIRST_DAY.isoformat()}
            raise serializers.ValidationError(detail, code="out_of_range")
        return day

    def validate_gwp_set(self, name: str) -> str:
        try:
            factors.in_force().gwps.check_set(name)
        except FactorError as refused:
            raise serializers.ValidationError(said(words.refusal(refused)), code=refused.code) from refused
        return name

    def validate_company(self, key: str) -> Company:
        found = Company.objects.visible_to(self.context["request"].user).filter(company_key=key).first()
        if found is None:
            raise serializers.ValidationError(_("There is no such company."), code="unknown")
        return found


# --- what is answered --------------------------------------------------------------------------------------
class ItemReading(serializers.Serializer[Any]):
    id = serializers.CharField()
    result = ResultReading(allow_null=True)
    errors = ItemErrorReading(many=True)  # type: ignore[assignment]


class AnswerReading(serializers.Serializer[Any]):
    gwp_set = serializers.CharField()
    as_of = serializers.DateField()
    tables_digest = serializers.CharField(help_text="SHA-256 of all that was looked up")
    computed = serializers.IntegerField()
    failed = serializers.IntegerField()
    items = ItemReading(many=True)
    totals = TotalsReading(allow_null=True, help_text="Null where nothing was computed")


@extend_schema_view(
    post=extend_schema(
        operation_id="calculations_run",
        summary="Tonnes of one or many activities. Nothing is stored.",
        description="Each item has a `result` or its `errors`; bad items hinder no other. An Idempotency-Key changes"
        " nothing here: the same question has the same answer for as long as the factors stand.",
        request=Question,
        responses={200: AnswerReading},
    )
)
class Calculations(Posting):
    scopes = {"POST": Scope.CALCULATIONS_RUN}
    throttle_classes = [PostThrottle]
    throttle_scope = "calculate"

    def act(self, request: Request, **kwargs: Any) -> Response:
        question = Question(data=request.data, context={"request": request})
        question.is_valid(raise_exception=True)
        given = question.validated_data
        tables = factors.in_force(given.get("company"))
        as_of = given.get("as_of", timezone.localdate())
        return Response(answer(given["activities"], tables, gwp_set=given["gwp_set"], as_of=as_of))


def answer(items: Sequence[Any], tables: factors.Tables, *, gwp_set: str, as_of: date) -> dict[str, Any]:
    """What the items come to, each for itself and together. Raises UnknownGwpSet."""
    read = [_read(item, position, tables) for position, item in enumerate(items)]
    lines = [line for line, _errors in read if line is not None]
    types = activities.activity_types()
    ledger = account(lines, tables.factors, tables.gwps, types=types, gwp_set=gwp_set, as_of=as_of)
    refused = {error.line_id: error for error in ledger.errors}
    found = {line.line_id: ledger.line(row) for row, line in enumerate(lines)}
    computed = 0
    answered = []
    for position, (item, (line, errors)) in enumerate(zip(items, read, strict=True)):
        result = found.get(str(position))
        if error := refused.get(str(position)):
            errors = [_error(position, "", error.code, said(words.refusal(error)), error.choices)]
        shown = result_of(line, result) if line is not None and result is not None else None
        computed += shown is not None
        answered.append({"id": _id(item, position), "result": shown, "errors": errors})
    return {
        "gwp_set": gwp_set,
        "as_of": as_of.isoformat(),
        "tables_digest": tables.digest,
        "computed": computed,
        "failed": len(items) - computed,
        "items": answered,
        "totals": totals_of(ledger.totals[0], len(items), computed) if computed else None,
    }


# --- one item in -------------------------------------------------------------------------------------------
def _read(item: Any, position: int, tables: factors.Tables) -> tuple[ActivityLine | None, list[dict[str, Any]]]:
    """The line as the engine takes it, or what is wrong with the item, place by place."""
    writing = ActivityWriting(data=item)
    try:
        writing.is_valid(raise_exception=True)
    except serializers.ValidationError as refused:
        return None, [wrong | {"choices": []} for wrong in problems.errors_of(refused, f"/activities/{position}")]
    given = writing.validated_data
    kind = activities.find(given["activity"])
    if kind is None:
        near = [each.key for each in search(given["activity"], CANDIDATES)] if may_suggest() else []
        detail = _("There is no activity “%(word)s”. Nearest: %(nearest)s")
        detail %= {"word": given["activity"], "nearest": listed(near) or "—"}
        return None, [_error(position, "/activity", "unknown_activity", detail, near)]
    try:
        read = units.read_amount(decimal_text(given["amount"]), given["unit"], kind.units)
    except units.UnitError as wrong:
        return None, [_error(position, "/unit", UNIT_CODES[type(wrong)], str(wrong), wrong.nearest)]
    if why := bounds.refused(f"amount_{read.unit}", read.value):
        return None, [_error(position, "/amount", "too_large", why, ())]
    try:
        places = tables.places_of(given["place"])
        if tables.regions.get(given["place"]) is None and not is_place(given["place"]):
            raise UnknownRegion(value=given["place"], choices=tuple(nearest(given["place"])))
    except FactorError as refused:
        return None, [_error(position, "/place", refused.code, said(words.refusal(refused)), refused.choices)]
    contract = given.get("contract")
    line = ActivityLine(
        line_id=str(position),
        activity=kind.key,
        amount=read.value,
        unit=read.unit,
        places=places,
        year=given["year"],
        uncertainty_percent=given.get("uncertainty_percent"),
        purpose=given["purpose"],
        guideline=given["guideline"],
        contract=Contract(**contract) if contract else None,
        heating_value_basis=given.get("heating_value_basis") or heating_value_basis(kind, given["unit"], places),
        parameters=tuple(sorted(given["parameters"].items())),
        later=given["later"],
    )
    return line, []


UNIT_CODES: Mapping[type[units.UnitError], str] = {
    units.UnknownUnit: "unknown_unit",
    units.AmbiguousUnit: "ambiguous_unit",
    units.WrongDimension: "wrong_dimension",
    units.ReferenceStateNeeded: "reference_state_needed",
}


def _id(item: Any, position: int) -> str:
    given = item.get("id") if isinstance(item, Mapping) else None
    return given if isinstance(given, str) and 0 < len(given) <= LONGEST_ID else str(position)


def _error(position: int, below: str, code: str, detail: str, choices: Sequence[str]) -> dict[str, Any]:
    return {
        "pointer": f"/activities/{position}{below}",
        "code": code,
        "detail": detail,
        "choices": list(choices),
    }
