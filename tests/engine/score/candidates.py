"""Plain makers of candidates and of a bar sheet; every argument can be overridden. Tailwind is the worked company."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

from scoring.engine.inputs import Inputs
from scoring.engine.score.bar_sheet import BarSheet
from scoring.engine.score.theme import Result, score

AS_OF = date(2026, 11, 30)
AFTER = date(2027, 7, 31)  # after the closing day
U95 = {
    **{
        name: {"audited": 0.02, "verified": 0.05, "reported": 0.30, "activity_verified": 0.10, "activity": 0.30}
        for name in ("service", "life", "use", "energy", "lca", "tonnes", "revenue", "value_added", "output")
    }
}
JUDGEMENTS: dict[str, Any] = {
    "bar_share": 0.8,
    "footprint_multiple": 1.5,
    "least_reporters": 8,
    "carbon_price_cny_per_t": 200.0,
    "other_prices_cny_per_t": [100.0, 400.0],
    "free_allocation_t": 0.0,
    "pass_through": 0.5,
    "sigma_min_contribution": 0.10,
    "sigma_min_resilience": 0.02,
    "sigma_min_footprint": 0.05,
    "footprint_age": 0.16,
    "resilience_sigma": 0.04,
    "theme_share": 0.5,
    "most_months": 36,
    "least_runway_months": 18.0,
    "venture_theme_revenue_cny": 50_000_000.0,
    "realisation_share": 0.5,
    "least_plan": "measurable",
    "on_the_line": [0.2, 0.8],
    "distinguishable": 0.2,
    "verify_below": 0.30,
}


def reference(**overrides: Any) -> dict[str, Any]:
    """Turbines: 2,000 MWh per MW and year for 20 years, 95 % used, 612 t/MW."""
    row = {
        "service_per_unit_year": 2000.0,
        "life_years": 20,
        "fixed_t_per_service": 0.0,
        "grid_mwh_per_service": 1.0,
        "use_share": 0.95,
        "lca_t_per_unit": 612.0,
    }
    return row | overrides


def family(code: str = "wind", **overrides: Any) -> dict[str, Any]:
    row = {
        "code": code,
        "track": "power",
        "name_zh": "风机",
        "name_en": "turbines",
        "unit": "MW",
        "service_unit": "MWh/MW-yr",
        "judgement": "judged",
        "grid_use": "path",
        "own_inputs": ["service", "lca"],
        "reference": reference(),
        "denominator": "revenue",
        "footprint_bar": {
            "value": 0.225,
            "basis": "median",
            "source": "invented",
            "n": 12,
            "median": 0.15,
            "sd_ln": 0.6,
            "classes": ["28"],
            "years": [2025],
        },
        "sets_the_bar": [],
        "expires_on": None,
        "attribution_zh": "整机",
        "attribution_en": "whole turbine",
        "doubts_zh": "",
        "doubts_en": "",
        "sources": ["invented"],
    }
    return row | overrides


FAMILIES = [
    family(),
    # fixed: natural gas in a boiler; the pump's own electricity decides
    family(
        "heat_pump",
        unit="kW",
        own_inputs=["energy"],
        reference=reference(
            service_per_unit_year=2.0,
            life_years=18,
            fixed_t_per_service=0.2,
            grid_mwh_per_service=-0.29,
            use_share=1.0,
            lca_t_per_unit=0.0,
        ),
        denominator="output",
    ),
    family(
        "electrolyser",
        unit="t H2",
        own_inputs=["energy"],
        reference=reference(
            service_per_unit_year=1.0,
            life_years=25,
            fixed_t_per_service=9.3,
            grid_mwh_per_service=-53.0,
            use_share=1.0,
            lca_t_per_unit=0.0,
        ),
    ),
    family(
        "hydro",
        unit="MWh",
        judgement="sign",
        grid_use="latest",
        own_inputs=[],
        reference=reference(service_per_unit_year=1.0, life_years=1, use_share=1.0, lca_t_per_unit=0.024),
        denominator="value_added",
    ),
    family("chiller", judgement="none", reference=None, own_inputs=[], footprint_bar=None),
    family("led", judgement="shown"),
]


def sheet_json(**overrides: Any) -> dict[str, Any]:
    data = {
        "version": "test-1",
        "data_year": 2025,
        "closing_day": "2027-06-30",
        "stand_in_place": "CHN",
        "judgements": JUDGEMENTS,
        "u95": U95,
        "paths": [
            {
                "place": place,
                "purpose": "inventory_average",
                "base_year": 2025,
                "t_per_mwh": t,
                "fall_t_per_mwh_year": fall,
                "source": "invented",
            }
            for place, t, fall in (("CHN", 0.53, 0.0215), ("IND", 0.71, 0.02), ("SWE", 0.02, 0.001))
        ],
        "families": FAMILIES,
    }
    return copy.deepcopy(data | overrides)


SHEET = BarSheet.from_json(sheet_json())


def told(value: float, rung: str = "reported", **overrides: Any) -> dict[str, Any]:
    return {"value": value, "rung": rung, "source": "annual report"} | overrides


def subsidy(value: float | None, standing: str = "inside", rung: str = "audited") -> dict[str, Any]:
    return {"told": None if value is None else told(value, rung), "standing": standing}


def sold(**overrides: Any) -> dict[str, Any]:
    """500 MW of 2,200 MWh a year each, 308 t/MW; a whole turbine."""
    row = {
        "family": "wind",
        "kind": "realised",
        "place": "CHN",
        "units": told(500.0),
        "service": told(2200.0),
        "life": None,
        "use": None,
        "energy": None,
        "lca": told(308.0),
        "cost_share": told(1.0),
    }
    return row | overrides


def year(year: int = 2025, **overrides: Any) -> dict[str, Any]:
    """EBIT 90 M of 1,000 M yuan, subsidies 40 M inside it, 20,000 t."""
    row = {
        "year": year,
        "boundary": "matched",
        "scope1": told(8_000.0, "verified"),
        "scope2_location": told(12_000.0, "verified"),
        "scope2_by_activity": None,
        "scope2_other_rung": None,
        "revenue": told(1e9, "audited"),
        "value_added": None,
        "output": None,
        "ebit": told(90e6, "audited"),
        "ebitda": told(130e6, "audited"),
        "gross_profit": None,
        "subsidies": {"grants": subsidy(40e6), "price_premium": subsidy(0.0), "theme_credits": subsidy(0.0)},
        "priced_t": None,
        "free_allocation_t": None,
        "runway_months": None,
        "sold": [sold()],
    }
    return row | overrides


def word(answer: str, **overrides: Any) -> dict[str, Any]:
    return {"answer": answer, "code": "", "evidence": "minutes", "on": "2026-10-01"} | overrides


def gate_facts(**overrides: Any) -> dict[str, Any]:
    facts = {
        "identifiers": "valid",
        "joins": "confirmed",
        "exclusion": word("no"),
        "track_confirmed": True,
        "catalogue": {"edition": "2025", "code": "1.2.1", "valid_until": None},
        "theme_share": {"year": 2025, "share": 0.9, "is_partial": False, "basis": "revenue", "source": "annual report"},
        "fossil_extraction": word("no"),
        "direct_and_significant": word("yes"),
        "recorded": {},
    }
    return facts | overrides


def candidacy(**overrides: Any) -> dict[str, Any]:
    row = {
        "track": "power",
        "family": "wind",
        "stage": "mature",
        "gates": gate_facts(),
        "years": [year()],
        "stated_avoided": [],
    }
    return row | overrides


TARGET = {
    "target_key": "end",
    "horizon": "end",
    "kind": "absolute",
    "reduction_share": 0.5,
    "base_year": 2022,
    "target_year": 2035,
    "scope3": "no",
    "status": "unstated",
    "validated": "unstated",
}


def tailwind(company_key: str = "tailwind", **overrides: Any) -> dict[str, Any]:
    record = {
        "company_key": company_key,
        "sector": "machinery",
        "years": [],
        "targets": [TARGET],
        "candidacy": candidacy(),
    }
    return copy.deepcopy(record | overrides)


def scored(*records: Any, as_of: date = AS_OF, sheet: BarSheet = SHEET, **more: Any) -> Result:
    return score(Inputs.from_records(list(records)), sheet, as_of, **more)


def candidate(record: Any, as_of: date = AS_OF, sheet: BarSheet = SHEET) -> Any:
    """What is told of one candidate."""
    return scored(record, as_of=as_of, sheet=sheet).record(0)["candidacy"]
