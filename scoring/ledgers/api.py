"""API: compute activities without storing anything, and read the factors. The engine call is that of the ledgers."""

from __future__ import annotations

import math
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
from portfolio.models import Company, Figure, Scope
from portfolio.models.disclosure import FIRST_YEAR
from portfolio.places.names import is_place
from portfolio.places.search import nearest
from portfolio.rest import problems
from portfolio.rest.described import AMOUNT
from portfolio.rest.views import AmountField, Posting, PostThrottle, Strict, amount, decimal_text
from portfolio.typed import bounds, units
from portfolio.typed.suggesting import may_suggest
from portfolio.wording import listed
from scoring.engine.accounting import words
from scoring.engine.accounting.ledger import ActivityLine, Contract, LineResult, account
from scoring.engine.accounting.totals import Amount as EngineAmount
from scoring.engine.accounting.totals import InventoryTotal
from scoring.engine.accounting.uncertainty import limits
from scoring.engine.errors import FactorError, UnknownRegion
from scoring.reading import said
from scoring.tables import in_force as factors

FIRST_DAY = date(2000, 1, 1)
MOST_ACTIVITIES = 1000
LONGEST_ID = 64
TONNES = "tCO₂e"
DIGITS = 12


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
AMOUNTS = {"type": "object", "additionalProperties": AMOUNT}
INTERVAL = {
    "type": "object",
    "description": "95 %, by error propagation (Approach 1); null where that says nothing",
    "properties": {
        "half_width_percent": {"type": ["string", "null"]},
        "lower": AMOUNT,
        "upper": AMOUNT,
    },
    "required": ["half_width_percent", "lower", "upper"],
}


@extend_schema_field(AMOUNT)
class AmountReading(serializers.JSONField):
    """A number with its unit."""


@extend_schema_field(AMOUNTS)
class GasesReading(serializers.JSONField):
    """Gas → its mass."""


@extend_schema_field(INTERVAL)
class IntervalReading(serializers.JSONField):
    """Round a CO₂e figure."""


class TextsReading(serializers.ListField):
    child = serializers.CharField()


class ItemErrorReading(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text="JSON pointer into the body")
    code = serializers.CharField()
    detail = serializers.CharField(help_text="In the caller's language")
    choices = TextsReading(help_text="What could be given instead")


class MarketReading(serializers.Serializer[Any]):
    co2e = AmountReading()
    interval = IntervalReading()
    factor_ids = TextsReading()
    because = serializers.CharField()


class ResultReading(serializers.Serializer[Any]):
    activity = serializers.CharField(help_text="Key of the kind")
    amount = AmountReading(help_text="In the canonical unit of the kind")
    scope = serializers.IntegerField()
    category = serializers.CharField()
    gases = GasesReading(help_text="Location-based for scope 2")
    co2e = AmountReading(help_text="Location-based for scope 2")
    interval = IntervalReading()
    biogenic_co2 = AmountReading(help_text="A memo: not part of the CO₂e")
    factor_ids = TextsReading()
    basis = serializers.CharField(help_text="Always `calculated`: activity × factor")
    because = serializers.CharField(help_text="In the caller's language")
    market_based = MarketReading(allow_null=True, help_text="Scope 2 by contract or residual mix; else null")
    data_quality = serializers.IntegerField(help_text="1 to 5, 1 is best")
    flags = TextsReading(help_text="Codes of what is to be known about the result")
    flags_in_words = TextsReading(help_text="The same, one by one, in the caller's language")


class ItemReading(serializers.Serializer[Any]):
    id = serializers.CharField()
    result = ResultReading(allow_null=True)
    errors = ItemErrorReading(many=True)  # type: ignore[assignment]


class TotalReading(serializers.Serializer[Any]):
    co2e = AmountReading()
    interval = IntervalReading()


class CompletenessReading(serializers.Serializer[Any]):
    complete = serializers.BooleanField(help_text="Whether every item was computed")
    because = serializers.CharField(help_text="In the caller's language")


class TotalsReading(serializers.Serializer[Any]):
    """Of the items that were computed."""

    scope_1 = TotalReading()
    scope_2_location = TotalReading()
    scope_2_market = TotalReading(allow_null=True, help_text="Null where a line has neither contract nor residual mix")
    scope_3 = TotalReading()
    biogenic_co2 = AmountReading()
    data_quality = serializers.FloatField(allow_null=True)
    completeness = CompletenessReading()


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
        shown = _result(line, result) if line is not None and result is not None else None
        computed += shown is not None
        answered.append({"id": _id(item, position), "result": shown, "errors": errors})
    return {
        "gwp_set": gwp_set,
        "as_of": as_of.isoformat(),
        "tables_digest": tables.digest,
        "computed": computed,
        "failed": len(items) - computed,
        "items": answered,
        "totals": _totals(ledger.totals[0], len(items), computed) if computed else None,
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


# --- one result out ----------------------------------------------------------------------------------------
def _result(line: ActivityLine, found: LineResult) -> dict[str, Any]:
    market = None
    if found.market_co2e_t is not None and found.market_because is not None:
        market = _figure(EngineAmount(found.market_co2e_t, found.market_half_width_percent)) | {
            "factor_ids": list(found.market_factor_ids),
            "because": said(words.line(found.market_because)),
        }
    return {
        "activity": found.activity,
        "amount": amount(line.amount, line.unit),
        "scope": found.scope,
        "category": found.category,
        "gases": {gas: _computed(kg, "kg") for gas, kg in found.kg.items()},
        **_figure(EngineAmount(found.co2e_t, found.half_width_percent)),
        "biogenic_co2": _computed(found.biogenic_co2_t, "tCO₂"),
        "factor_ids": list(found.factor_ids),
        "basis": Figure.Basis.CALCULATED.value,
        "because": said(words.line(found.because)),
        "market_based": market,
        "data_quality": found.data_quality,
        "flags": list(found.flags),
        "flags_in_words": [said(words.FLAGS[flag]) for flag in found.flags],
    }


def _totals(total: InventoryTotal, items: int, computed: int) -> dict[str, Any]:
    because = said(words.completeness(items, computed, {}, items - computed))
    return {
        "scope_1": _figure(total.scope_1),
        "scope_2_location": _figure(total.scope_2_location),
        "scope_2_market": _figure(total.scope_2_market) if total.scope_2_market else None,
        "scope_3": _figure(total.scope_3),
        "biogenic_co2": _computed(total.biogenic_co2_t, "tCO₂"),
        "data_quality": None if total.data_quality is None else _without_noise(total.data_quality),
        "completeness": {"complete": computed == items, "because": because},
    }


def _figure(tonnes: EngineAmount) -> dict[str, Any]:
    percent = tonnes.half_width_percent
    low, high = (float(end) for end in limits(tonnes.tonnes, percent)) if percent is not None else (math.nan, math.nan)
    interval = {
        "half_width_percent": None if percent is None else decimal_text(_without_noise(percent)),
        "lower": None if math.isnan(low) else _computed(low, TONNES),
        "upper": None if math.isnan(high) else _computed(high, TONNES),
    }
    return {"co2e": _computed(tonnes.tonnes, TONNES), "interval": interval}


def _computed(value: float, unit: str) -> dict[str, str] | None:
    return amount(_without_noise(value), unit)


def _without_noise(value: float) -> float:
    """To twelve significant digits: no factor has more than seven, what follows is the noise of binary arithmetic."""
    return float(f"{value:.{DIGITS}g}")


# --- factors -------------------------------------------------------------------------------------------------
