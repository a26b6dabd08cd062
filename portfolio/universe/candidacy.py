"""What a candidate is judged by, as tables give it: earnings and subsidies, family and catalogue, solutions, gates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pycountry
from django.db import models
from django.utils.translation import gettext as _

from portfolio.models import CompanyTrack, GateWord, Solution, TechnologyFamily
from portfolio.models.company import CatalogueEdition
from portfolio.models.gate import LONGEST_EVIDENCE
from portfolio.models.solution import AMOUNTS
from portfolio.typed.bounds import amount_of
from portfolio.typed.days import read_day
from portfolio.typed.numbers import NONE
from portfolio.typed.tables import Row
from portfolio.wording import listed

Families = Mapping[str, TechnologyFamily]  # by code

EARNINGS = ("value_added", "gross_profit", "ebit", "ebitda")
SUBSIDIES = ("grants", "price_premium", "theme_credits")
SHARES = {"theme_share_percent": "theme_share", "theme_capex_rnd_percent": "theme_capex_rnd_share"}
STANDINGS = {
    "inside": ("inside", "内", "已计入", "计入", "已计入息税前利润"),
    "outside": ("outside", "外", "未计入", "不计入", "未计入息税前利润"),
    "unknown": ("unknown", "不详", "不明", "未知"),
}
TRACK_COLUMNS = ("family", "solutions", "catalogue_edition", "catalogue_code", "catalogue_valid_until")
FINANCIAL_COLUMNS = (
    *EARNINGS,
    *(name for subsidy in SUBSIDIES for name in (subsidy, f"{subsidy}_standing")),
    *("theme_share_percent", "theme_share_is_partial", "theme_capex_rnd_percent", "runway_months", "is_audited"),
)
SOLUTION_COLUMNS = (
    ("company_key", "year", "family", "country", "source", "licence"),
    ("kind", "name", *AMOUNTS, "is_component", "stated_avoided_kind", "basis", "note"),
)
GATE_COLUMNS = (("company_key", "question", "answer", "evidence", "source"), ("code", "licence"))
QUANTITIES = {"stated_avoided_t": "avoided_t"}


def financials(row: Row, per_usd: float | None) -> dict[str, Any]:
    """The columns that the file has, money as typed. `per_usd`: units of its currency to one dollar."""
    facts: dict[str, Any] = {}
    for name in EARNINGS:
        if row.has(name):
            facts[name] = amount_of(row, name, least=None, per_usd=per_usd)
    for name in SUBSIDIES:
        if row.has(name):
            facts[name] = subsidy_of(row, name, per_usd=per_usd)
        if row.has(standing := f"{name}_standing"):
            facts[standing] = _standing(row, standing)
    for column, name in SHARES.items():
        if row.has(column):
            percent = amount_of(row, column, "theme_revenue_percent")
            facts[name] = None if percent is None else round(percent / 100, 12)
    for name in ("theme_share_is_partial", "is_audited"):
        if row.has(name):
            facts[name] = row.flag(name) or False
    if row.has("runway_months"):
        facts["runway_months"] = amount_of(row, "runway_months")
    return facts


def subsidy_of(row: Row, column: str, quantity: str = "", *, per_usd: float | None = 1.0) -> float | None:
    """An amount; "none" says that there was none, a blank cell says nothing."""
    if row.text(column).lower() in NONE:
        return 0.0
    return amount_of(row, column, quantity, per_usd=per_usd)


def _standing(row: Row, column: str) -> str:
    told = row.text(column).lower()
    found = next((code for code, words in STANDINGS.items() if told in words), "")
    if told and not found:
        row.fault(column, _one_of([word for words in STANDINGS.values() for word in words[:2]]))
    return found


def track(row: Row, families: Families) -> dict[str, Any]:
    """The columns that the file has, of the company's row in tracks.csv."""
    facts: dict[str, Any] = {}
    if row.has("family"):
        family = _family(row, families)
        if family is not None and family.track != row.text("track"):
            row.fault("family", _("a technology family of this track"))
        facts["family_id"] = family.pk if family else None
    if row.has("solutions"):
        facts["solutions"] = row.text("solutions", limit=_limit(CompanyTrack, "solutions"))
    if row.has("catalogue_code"):
        facts["catalogue_code"] = row.text("catalogue_code", limit=_limit(CompanyTrack, "catalogue_code"))
        facts["catalogue_edition"] = _word(row, "catalogue_edition", CatalogueEdition.values)
        if bool(facts["catalogue_code"]) != bool(facts["catalogue_edition"]):
            row.fault("catalogue_edition", _("an edition where there is a code, and a code where there is an edition"))
    if row.has("catalogue_valid_until"):
        told = row.text("catalogue_valid_until")
        facts["catalogue_valid_until"] = read_day(told) if told else None
        if told and facts["catalogue_valid_until"] is None:
            row.fault("catalogue_valid_until", _("a day such as 2026-12-31"))
    return facts


def solution(row: Row, families: Families) -> Solution | None:
    """The row of a disclosure as it would be stored; None where its family is not known, which is a fault."""
    family = _family(row, families, required=True)
    made = Solution(
        kind=_word(row, "kind", Solution.Kind.values) or Solution.Kind.REALISED.value,
        country=row.text("country", required=True),
        is_component=row.flag("is_component") or False,
        stated_avoided_kind=_word(row, "stated_avoided_kind", Solution.Stated.values),
        basis=_word(row, "basis", ["reported", "measured"]) or "reported",
        **{name: row.text(name, limit=_limit(Solution, name)) for name in ("name", "source", "note")},
    )
    if made.country and pycountry.countries.get(alpha_3=made.country) is None:
        row.fault("country", _("a country code of ISO 3166-1 alpha-3, such as CHN"))
    for name in AMOUNTS:
        if name == "life_years":
            made.life_years = row.whole(name, least=1, most=300)
        else:
            least = None if name == "lca_t_per_unit" else 0
            setattr(made, name, amount_of(row, name, QUANTITIES.get(name, name), least=least))
    if family is None:
        return None
    made.family = family
    return made


def gate_word(row: Row) -> dict[str, Any]:
    """What a source states; only a person of the fund confirms."""
    return {
        "question": _word(row, "question", GateWord.Question.values, required=True),
        "answer": _word(row, "answer", GateWord.Answer.values, required=True),
        "code": row.text("code", limit=_limit(GateWord, "code")),
        "evidence": row.text("evidence", limit=LONGEST_EVIDENCE, required=True),
        "source": row.text("source", limit=_limit(GateWord, "source"), required=True),
    }


def _family(row: Row, families: Families, *, required: bool = False) -> TechnologyFamily | None:
    code = row.text("family", required=required)
    if code and code not in families:
        row.fault("family", _one_of(sorted(families)))
    return families.get(code)


def _word(row: Row, column: str, known: list[str], *, required: bool = False) -> str:
    word = row.text(column, required=required)
    if word and word not in known:
        row.fault(column, _one_of(known))
        return ""
    return word


def _one_of(known: list[str]) -> str:
    return _("one of: %(words)s") % {"words": listed(known)}


def _limit(model: type[models.Model], name: str) -> int:
    limit: int = model._meta.get_field(name).max_length  # type: ignore[union-attr,assignment]
    return limit
