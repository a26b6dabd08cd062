"""Rows of the database → the engine's records and their digests: the only place where the two meet."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import models

from portfolio.models import (
    AppliedExchangeRate,
    Company,
    Disclosure,
    ExchangeRate,
    ExchangeRates,
    Figure,
    Financials,
    Quantity,
    Target,
)
from portfolio.universe import flags, words
from portfolio.universe.flags import doubts
from scoring.candidacies import candidacies
from scoring.engine import CompanyRecord, FeatureRecord, TargetRecord, YearRecord, canonical_json, digest
from scoring.engine.inputs import FIGURES_ASKED
from scoring.engine.score.candidacy import CandidacyRecord
from scoring.models import ScoreItem
from scoring.quality import Quality

CHUNK = 1000

# One kind of scope 2 for a whole history where there is one; location-based first, since most registers give that.
SCOPE_2 = {
    "location": Quantity.SCOPE_2_LOCATION,
    "market": Quantity.SCOPE_2_MARKET,
    "unspecified": Quantity.SCOPE_2_UNSPECIFIED,
}


COVERS = ("covers_scope_1", "covers_scope_2")
TARGET_COLUMNS = {name: name for name in TargetRecord.__annotations__} | {
    **dict(zip(("scope1", "scope2"), COVERS, strict=True)),
    "doubts": "note",
    "asked": "note",
}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One company's inputs as they are archived."""

    company_id: int
    company_key: str
    inputs: str
    sha256: str
    is_candidate: bool


class _Subject(NamedTuple):
    pk: int
    company_key: str
    sector: str
    isic: str
    sector_source: str


class Standing(NamedTuple):
    """A disclosure that counts."""

    pk: int
    year: int
    state: str
    revenue_boundary: str
    digest: str
    quality_flag: str


class Revenue(NamedTuple):
    """Of a year, as its source gives it."""

    amount: float | None
    currency: str
    quality_flag: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database holds of one company: everything that a score may rest on."""

    disclosures: Sequence[Standing]  # by year
    figures: Mapping[int, Mapping[str, float | None]]  # of a disclosure → of a quantity
    revenues: Mapping[int, Revenue]  # of a year
    targets: list[TargetRecord]  # by key
    quality: Quality


def take(companies: Iterable[Company], as_of: date, *, candidates: Collection[int] = ()) -> list[Snapshot]:
    """The inputs of these companies as the database holds them now, in order of company_key.

    Give a queryset where there are many: then no company is loaded whole. `candidates` are the ids of those that are
    judged by the bars.
    """
    if isinstance(companies, models.QuerySet):
        subjects = [_Subject(*row) for row in companies.values_list(*_Subject._fields)]
    else:
        subjects = [_subject(company) for company in companies]
    rates = ExchangeRate.objects.means()
    judged = [subject for subject in subjects if subject.pk in candidates]
    others = [subject for subject in subjects if subject.pk not in candidates]
    snapshots: list[Snapshot] = []
    for group, are_judged in ((judged, True), (others, False)):  # apart, since of candidates more tables are read
        for start in range(0, len(group), CHUNK):
            snapshots += _take_chunk(group[start : start + CHUNK], as_of, rates, are_judged=are_judged)
    return sorted(snapshots, key=attrgetter("company_key"))


def of(company: Company, facts: Facts, as_of: date) -> Snapshot:
    """The same of one company whose facts the caller has read already."""
    counting = [told for told in facts.disclosures if told.year <= as_of.year]
    rates = ExchangeRate.objects.means()
    years = _years(replace(facts, disclosures=counting), rates)
    words = {} if _has_emissions(years) else {company.pk: company.sector_source}
    looked_at = features_of_companies(words, as_of.year, rates) if words else {}
    return _snapshot(_subject(company), years, facts.targets, looked_at.get(company.pk))


def _subject(company: Company) -> _Subject:
    return _Subject(company.pk, company.company_key, company.sector, company.isic, company.sector_source)


def target_record(stated: Mapping[str, Any]) -> TargetRecord:
    """The record of a target from its columns in TARGET_COLUMNS. Which scopes it covers are the source's words."""
    found = {
        name: words.target_word("scope3", stated[column]) or "unspecified" if column in COVERS else stated[column]
        for name, column in TARGET_COLUMNS.items()
        if column != "note"
    }
    if flags.SHARE in stated["note"]:  # nobody has said yet whether 0.42 is 42 % or 0.42 %
        found |= {"reduction_share": None, "doubts": ["reduction"]}
    if asked := flags.asked(stated["note"]):
        found["asked"] = [{"code": code, "said": told.get("said"), "given": told.get("given")} for code, told in asked]
        if any(code in FIGURES_ASKED for code, _told in asked):
            found["reduction_share"] = None
    return found  # type: ignore[return-value]


def _take_chunk(
    companies: Sequence[_Subject], as_of: date, rates: ExchangeRates, *, are_judged: bool
) -> list[Snapshot]:
    ids = [company.pk for company in companies]
    asked = _asked_last(ids) if are_judged else {}
    disclosures: dict[int, list[Standing]] = defaultdict(list)
    standing = Disclosure.objects.standing().filter(company_id__in=ids)
    standing = standing.filter(year__lte=as_of.year).order_by("year")
    for company_id, *facts in standing.values_list("company_id", *Standing._fields):
        disclosures[company_id].append(Standing(*facts))
    quality = Quality.of(standing)
    told = candidacies(ids, as_of, rates, quality) if are_judged else {}
    figures: dict[int, dict[str, float]] = defaultdict(dict)
    reported = Figure.objects.filter(
        disclosure__company_id__in=ids,  # of every version, since companies are fewer than disclosures
        quantity__in=[Quantity.SCOPE_1, *SCOPE_2.values(), Quantity.SCOPE_3_TOTAL, Quantity.REVENUE],
    ).order_by()  # its usual order joins two more tables, and PostgreSQL then reads them whole for every chunk
    for pk, quantity, value in reported.values_list("disclosure_id", "quantity", "value"):
        figures[pk][quantity] = quality.substituted.get(pk, {}).get(quantity, value)
    revenues: dict[int, dict[int, Revenue]] = defaultdict(dict)
    earned = (
        Financials.objects.counting()
        .filter(company_id__in=ids, year__isnull=False, revenue__isnull=False)
        .order_by("pk")
    )
    columns = ("company_id", "year", "revenue", "currency", "quality_flag")
    for company_id, year, revenue, currency, flag in earned.values_list(*columns):
        revenues[company_id][year] = Revenue(revenue, currency, flag)
    targets: dict[int, list[TargetRecord]] = defaultdict(list)
    stated = Target.objects.counting().filter(company_id__in=ids).order_by("target_key")
    for target in stated.values("company_id", *TARGET_COLUMNS.values()):
        targets[target["company_id"]].append(target_record(target))
    years = {
        company.pk: _years(Facts(disclosures[company.pk], figures, revenues[company.pk], [], quality), rates)
        for company in companies
    }
    # Of a candidate the model may have to fill O even where an older year, or another kind of scope 2, is reported.
    unreported = {
        company.pk: company.sector_source
        for company in companies
        if company.pk in told or not _has_emissions(years[company.pk])
    }
    looked_at = features_of_companies(unreported, as_of.year, rates) if unreported else {}
    return [
        _snapshot(
            company,
            years[company.pk],
            targets[company.pk],
            looked_at.get(company.pk),
            told.get(company.pk),
            asked.get(company.pk),
        )
        for company in companies
    ]


def _asked_last(companies: Collection[int]) -> dict[int, CompanyRecord]:
    """The inputs of the score that stands, by company."""
    items = ScoreItem.objects.filter(company__in=companies, company__latest__score__run=models.F("run"))
    return {pk: json.loads(inputs) for pk, inputs in items.values_list("company_id", "inputs")}


def _besides_recorded(record: CompanyRecord) -> str:
    if "candidacy" not in record:
        return canonical_json(record)
    candidacy = record["candidacy"]
    return canonical_json(record | {"candidacy": candidacy | {"gates": candidacy["gates"] | {"recorded": {}}}})


def _years(facts: Facts, rates: ExchangeRates) -> list[YearRecord]:
    years = _one_kind(
        [_year(d, facts.figures.get(d.pk, {}), facts.revenues.get(d.year), rates) for d in facts.disclosures]
    )
    for year, told in zip(years, facts.disclosures, strict=True):
        used = [Quantity.SCOPE_1] if year["scope1_t"] is not None else []
        used += [SCOPE_2[kind]] if (kind := year["scope2_kind"]) else []
        year["rung"] = 1 if facts.quality.is_first(told.pk, *used) else 2
    return years


def _has_emissions(years: Sequence[YearRecord]) -> bool:
    return any(y["scope1_t"] is not None and y["scope2_t"] is not None and y["scope1_t"] + y["scope2_t"] for y in years)


def _snapshot(
    company: _Subject,
    years: list[YearRecord],
    targets: list[TargetRecord],
    looked_at: FeatureRecord | None,
    candidacy: CandidacyRecord | None = None,
    asked: CompanyRecord | None = None,
) -> Snapshot:
    """`looked_at` goes into the record of a company without emissions: what a model may estimate them from."""
    record = CompanyRecord(
        company_key=company.company_key,
        sector=company.sector,
        isic=words.isic_divisions(company.company_key, company.isic, company.sector_source),
        years=years,
        targets=targets,
    )
    if looked_at is not None:
        record["features"] = looked_at
    if candidacy is not None:
        record["candidacy"] = candidacy
    if asked is not None and _besides_recorded(record) == _besides_recorded(asked):
        record = asked  # what the last answer itself left on record is no news: it is the same question
    text = canonical_json(record)
    return Snapshot(company.pk, company.company_key, text, digest(text), candidacy is not None)


def _year(
    disclosure: Standing,
    figures: Mapping[str, float | None],
    earned: Revenue | None,
    rates: ExchangeRates,
) -> tuple[YearRecord, dict[str, float]]:
    """The year without its scope 2, and every scope 2 figure there is, by kind."""
    revenue, currency, flag = earned or (None, None, "")
    if Quantity.REVENUE in figures:  # what the company disclosed with its emissions comes first
        revenue, currency, flag = figures[Quantity.REVENUE], "CNY", disclosure.quality_flag
    kinds = {kind: value for kind, quantity in SCOPE_2.items() if (value := figures.get(quantity)) is not None}
    applied = rates.of_year(currency, disclosure.year)
    record = YearRecord(
        year=disclosure.year,
        scope1_t=figures.get(Quantity.SCOPE_1),
        scope2_t=None,
        scope2_kind=None,
        rung=2,  # until it is known which figures are used: `_years`
        boundary=disclosure.revenue_boundary,  # type: ignore[typeddict-item]
        revenue=revenue,
        currency=currency,
        cny_per_unit=applied.cny_per_unit if applied else None,
        disclosure=disclosure.digest,
        scope3_t=figures.get(Quantity.SCOPE_3_TOTAL),
    )
    if revenue is not None and (applied is None or applied.lag_years):
        record["mean_of"] = _mean_of(applied)
    of_emissions = [doubt for doubt in doubts(disclosure.quality_flag) if doubt == "emissions"]
    if found := of_emissions + [doubt for doubt in doubts(flag) if doubt == "revenue"]:
        record["doubts"] = found
    return record, kinds


def _mean_of(applied: AppliedExchangeRate | None) -> int | None:
    """The year of a mean that is not the revenue's own; None where there is no exchange rate."""
    return applied.of if applied and isinstance(applied.of, int) else None


def _one_kind(years: Sequence[tuple[YearRecord, dict[str, float]]]) -> list[YearRecord]:
    """Fill in scope 2, by the kind that covers most years (the first of SCOPE_2 where two cover as many)."""
    covered = {kind: sum(kind in kinds for _, kinds in years) for kind in SCOPE_2}
    preference = sorted(SCOPE_2, key=lambda kind: -covered[kind])
    for year, kinds in years:
        kind = next((kind for kind in preference if kind in kinds), None)
        if kind:
            year["scope2_t"], year["scope2_kind"] = kinds[kind], kind  # type: ignore[typeddict-item]
    return [year for year, _ in years]


ACTIVITY = (Quantity.ELECTRICITY, Quantity.ENERGY, Quantity.COAL, Quantity.WATER, Quantity.WASTE)


class _Earned(NamedTuple):
    year: int | None
    revenue: float
    currency: str
    employees: int | None
    quality_flag: str


def features_of_companies(words: Mapping[int, str], latest_year: int, rates: ExchangeRates) -> dict[int, FeatureRecord]:
    """By company; `words` are its source's for what it does. A figure of a year after `latest_year` does not count."""
    activity = _activity(words, latest_year)
    earned = _earned(words, latest_year)
    return {pk: _record(words[pk], activity.get(pk, {}), earned.get(pk, []), latest_year, rates) for pk in words}


def _activity(ids: Collection[int], latest_year: int) -> dict[int, dict[int, dict[str, float]]]:
    """Company → year → quantity → amount, of disclosures that stand."""
    standing = Disclosure.objects.standing().filter(company_id__in=ids, year__lte=latest_year).order_by()
    figures = Figure.objects.filter(
        disclosure__in=standing, quantity__in=[*ACTIVITY, Quantity.REVENUE], value__isnull=False
    ).order_by()
    found: dict[int, dict[int, dict[str, float]]] = {}
    columns = ("disclosure__company_id", "disclosure__year", "quantity", "value")
    for company, year, quantity, value in figures.values_list(*columns):
        found.setdefault(company, {}).setdefault(year, {})[quantity] = float(value or 0.0)
    return found


def _earned(ids: Collection[int], latest_year: int) -> dict[int, list[_Earned]]:
    rows = Financials.objects.counting().filter(company_id__in=ids, revenue__gt=0).order_by("pk")
    found: dict[int, list[_Earned]] = {}
    columns = ("company_id", "year", "revenue", "currency", "employees", "quality_flag")
    for pk, year, revenue, currency, employees, flag in rows.values_list(*columns):
        told = _Earned(year, revenue or 0.0, currency, employees, flag)
        if told.year is None or told.year <= latest_year:
            found.setdefault(pk, []).append(told)
    return found


def _record(
    words: str,
    activity: Mapping[int, Mapping[str, float]],
    earned: Sequence[_Earned],
    latest_year: int,
    rates: ExchangeRates,
) -> FeatureRecord:
    """Revenue and activity of one year where there is one that has both; else each of its latest year."""
    money: dict[int, float] = {}
    employees: dict[int, int] = {}
    mean_of: dict[int, int] = {}
    unconverted: dict[int, str] = {}
    doubted: dict[int, bool] = {}
    dated = False
    for told in sorted(earned, key=lambda told: told.year is None):  # what is dated comes first
        applied = rates.of_year(told.currency, told.year or latest_year)
        if applied is None:
            unconverted[told.year or latest_year] = f"{told.currency} {told.year or latest_year}"
            continue
        if told.year is None and dated:
            continue
        dated |= told.year is not None
        of = _mean_of(applied) or told.year or latest_year  # yuan needs no mean
        year = told.year or of
        money[year], mean_of[year] = told.revenue * applied.cny_per_unit, of
        doubted[year] = "revenue" in doubts(told.quality_flag)
        if told.employees:
            employees[year] = told.employees
    undated = bool(money) and not dated
    for year, amounts in activity.items():
        if amounts.get(Quantity.REVENUE, 0) > 0:
            money[year], doubted[year], undated = amounts[Quantity.REVENUE], False, False
            mean_of.pop(year, None)
    with_activity = [year for year, amounts in activity.items() if any(name in amounts for name in ACTIVITY)]
    both = [year for year in with_activity if year in money]
    year = max(both or money or with_activity or [latest_year])
    mine = activity.get(year, {})
    record = FeatureRecord(
        year=year,
        revenue_cny=money.get(year),
        revenue_undated=undated and year in money,
        employees=employees.get(year),
        electricity_kwh=mine.get(Quantity.ELECTRICITY),
        energy_mj=mine.get(Quantity.ENERGY),
        coal_t=mine.get(Quantity.COAL),
        water_t=mine.get(Quantity.WATER),
        waste_t=mine.get(Quantity.WASTE),
        text=words,
    )
    if mean_of.get(year, year) != year:
        record["mean_of"] = mean_of[year]
    if not money and unconverted:
        record["no_rate_for"] = unconverted[max(unconverted)]
    if doubted.get(year):
        record["doubts"] = ["revenue"]
    return record
