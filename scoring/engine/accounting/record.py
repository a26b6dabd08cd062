"""How a line's tonnes came about, as a record of codes, numbers and sources; `words` makes the sentence."""

from typing import TypedDict, final

from scoring.engine.accounting.choice import Choice
from scoring.engine.accounting.rates import GasRate, Side, Step
from scoring.engine.words import Because


@final
class FactorReason(Because):
    """The factor that was chosen, as its source prints it, and how far it is from the activity."""

    factor: str
    activity: str
    name_zh: str
    name_en: str
    gas: str
    purpose: str
    data_year: int | None
    publisher: str
    guideline: str
    published: str
    verification: str
    year: int  # of the activity
    lag_years: int | None


@final
class OwnReason(Because):
    """A number that comes from no table: stated by the company, from its contract, or of a formula."""

    about: dict[str, str | float]


class StepRecord(TypedDict):
    value: float
    unit: str
    because: FactorReason | OwnReason | None  # None: a conversion of units


class GasRecord(TypedDict):
    gas: str
    kg_per_unit: float
    steps: list[StepRecord]  # one after the other from the activity's unit to kilograms of the gas


class LineReason(Because):
    amount: float
    unit: str
    gases: list[GasRecord]
    co2e_t: float
    gwp_set: str


def line_reason(amount: float, unit: str, gases: list[GasRecord], co2e_t: float, gwp_set: str) -> LineReason:
    code = "activity_times_factor"
    return {"code": code, "amount": amount, "unit": unit, "gases": gases, "co2e_t": co2e_t, "gwp_set": gwp_set}


def gases_of(side: Side) -> list[GasRecord]:
    return [_gas(rate) for rate in side.gases]


def _gas(rate: GasRate) -> GasRecord:
    return {"gas": rate.gas, "kg_per_unit": rate.kg_per_unit, "steps": [_step(step) for step in rate.chain]}


def _step(step: Step) -> StepRecord:
    because: FactorReason | OwnReason | None = factor_reason(step.choice) if step.choice else None
    if step.code:
        because = {"code": step.code, "about": dict(step.about)}
    return {"value": step.value, "unit": step.unit, "because": because}


def factor_reason(choice: Choice) -> FactorReason:
    factor = choice.factor
    return {
        "code": "factor",
        "factor": factor.id,
        "activity": factor.activity,
        "name_zh": factor.name_zh,
        "name_en": factor.name_en,
        "gas": factor.gas,
        "purpose": factor.purpose,
        "data_year": factor.data_year,
        "publisher": factor.publisher,
        "guideline": factor.guideline,
        "published": str(factor.published),
        "verification": factor.verification,
        "year": choice.year,
        "lag_years": choice.lag_years,
    }
