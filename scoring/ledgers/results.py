"""What a line and a ledger come to, as the API tells it."""

from __future__ import annotations

import math
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from portfolio.models import Figure
from portfolio.rest.described import AMOUNT
from portfolio.rest.views import amount, decimal_text
from scoring.engine.accounting import words
from scoring.engine.accounting.ledger import ActivityLine, LineResult
from scoring.engine.accounting.totals import Amount as EngineAmount
from scoring.engine.accounting.totals import InventoryTotal
from scoring.engine.accounting.uncertainty import limits
from scoring.reading import said

TONNES = "tCO₂e"
DIGITS = 12


# --- described --------------------------------------------------------------------------------------
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


# --- one result out ----------------------------------------------------------------------------------------
def result_of(line: ActivityLine, found: LineResult) -> dict[str, Any]:
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


def totals_of(total: InventoryTotal, items: int, computed: int) -> dict[str, Any]:
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
