"""API: the portfolio of a fund on a day, with the figures of its page. Only the fund's side sees it."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from fund.holdings.figures import IMPACTS, KINDS
from fund.holdings.inputs import Input
from fund.holdings.report import HoldingRow, PortfolioReport, asked, read_date
from fund.holdings.temperature import TemperatureOfPortfolio
from fund.models import AssetClass, ThemeFund
from portfolio.models import Scope
from portfolio.models.people import FUND_SIDE, has_role
from portfolio.rest.described import AMOUNT
from portfolio.rest.problems import Problem, WrongParameters
from portfolio.rest.views import ApiView, amount
from scoring.engine.finance.eu_benchmarks import VERDICT_CHOICES
from scoring.engine.finance.financed import Metric
from scoring.engine.temperature.inputs import TARGET_SCOPES, TIME_FRAMES
from scoring.engine.temperature.methods import EDITION_15, METHODS, TemperatureMethod
from scoring.engine.temperature.portfolio import AGGREGATIONS, Aggregate

CNY, DEGREES = "CNY", "°C"
EURO_UNIT = {
    "pai_2_footprint": "tCO₂e per million EUR invested",
    "pai_3_intensity": "tCO₂e per million EUR of revenue",
}
VERDICT_OF = {True: "pass", False: "fail", None: "not_decidable"}
PARAMETERS = [
    OpenApiParameter("fund", {"type": "integer", "minimum": 1}, description="Its number; without it the first fund"),
    OpenApiParameter(
        "date", {"type": "string", "format": "date"}, description="A day with positions; without it the last one"
    ),
]


# --- how it is described -------------------------------------------------------------------------------
@extend_schema_field(AMOUNT)
class Amount(serializers.DictField):
    """A number with its unit; null where it is not available."""


class FundSerializer(serializers.ModelSerializer[ThemeFund]):
    class Meta:
        model = ThemeFund
        fields = ("id", "name_zh", "name_en", "is_illustrative")
        read_only_fields = fields


class MetricSerializer(serializers.Serializer[Any]):
    code = serializers.ChoiceField(choices=list(KINDS))
    value = Amount()
    coverage = Amount(help_text="Share of all outstanding money in the holdings that count; null where it is unknown")
    coverage_at_most = Amount(help_text="The same of the money that is known: what coverage cannot exceed")
    covered = serializers.IntegerField(help_text="Holdings that count")
    holdings = serializers.IntegerField(help_text="All, those refused at import among them")
    refused = serializers.IntegerField(help_text="Of them those refused at import")
    outstanding_unknown = serializers.IntegerField(help_text="Of them those whose amount is not known")


class OnRecordSerializer(serializers.Serializer[Any]):
    """The holdings whose issuer is on record: what can have data at all."""

    coverage = Amount(help_text="Share of all outstanding money; null where it is unknown")
    coverage_at_most = Amount()
    covered = serializers.IntegerField()
    holdings = serializers.IntegerField()
    refused = serializers.IntegerField()
    outstanding_unknown = serializers.IntegerField()
    to_confirm = serializers.IntegerField(help_text="Figures that a person is asked to confirm")


class QuarterSerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    value = Amount()
    coverage = Amount()


class ImpactSerializer(serializers.Serializer[Any]):
    code = serializers.ChoiceField(choices=list(IMPACTS))
    value = Amount(help_text="The mean of the quarters that have the figure")
    of_all = Amount(help_text="Of a mean: what is not known counted as nothing, a lower bound")
    in_euro = Amount(help_text="PAI 2 and 3 per million EUR, as the regulation has them; null of tonnes")
    coverage = Amount()
    quarters = QuarterSerializer(many=True)


class BenchmarkSerializer(serializers.Serializer[Any]):
    """The tests of Delegated Regulation (EU) 2020/1818."""

    base_date = serializers.DateField()
    years = serializers.IntegerField()
    base_intensity = Amount()
    intensity = Amount()
    evic_inflation = Amount()
    adjusted_intensity = Amount()
    limit = Amount()
    trajectory = serializers.ChoiceField(choices=VERDICT_CHOICES)
    paris_aligned = serializers.ChoiceField(choices=VERDICT_CHOICES)
    climate_transition = serializers.ChoiceField(choices=VERDICT_CHOICES)
    exclusions = serializers.ChoiceField(choices=VERDICT_CHOICES)


class TemperatureMethodSerializer(serializers.Serializer[Any]):
    name = serializers.ChoiceField(choices=tuple(METHODS))
    edition = serializers.CharField(help_text="Of the CDP-WWF Temperature Rating Methodology")
    default = Amount(help_text="Of a company without a target that can be used")
    floor = Amount()


class TemperatureSerializer(serializers.Serializer[Any]):
    method = serializers.ChoiceField(choices=AGGREGATIONS)
    time_frame = serializers.ChoiceField(choices=TIME_FRAMES)
    scope = serializers.ChoiceField(choices=TARGET_SCOPES)
    value = Amount()
    default_share = Amount(help_text="How much of the score is the default of companies without usable targets")
    coverage = Amount(help_text="As of the metrics")
    coverage_at_most = Amount()
    with_target = Amount(help_text="Share of all outstanding money in companies that stand on a usable target")


class WhatIfSerializer(serializers.Serializer[Any]):
    """A future by WATS."""

    code = serializers.ChoiceField(choices=[what_if.code for what_if in EDITION_15.what_ifs])
    time_frame = serializers.ChoiceField(choices=TIME_FRAMES)
    scope = serializers.ChoiceField(choices=TARGET_SCOPES)
    value = Amount()


class ExchangeRateSerializer(serializers.Serializer[Any]):
    """What turned money into yuan: the closing of a day, or where the currency has none the mean of a year."""

    currency = serializers.CharField()
    cny_per_unit = Amount()
    kind = serializers.ChoiceField(choices=("closing", "mean"))
    of = serializers.CharField(help_text="The day of a closing, the year of a mean")
    lag_days = serializers.IntegerField(help_text="Days between the closing and the day of the portfolio")
    lag_years = serializers.IntegerField(help_text="Years between the mean and the last year that had ended")


class HoldingSerializer(serializers.Serializer[Any]):
    holding = serializers.CharField()
    company = serializers.CharField(allow_null=True, help_text="Its key; null where the issuer is not on record")
    issuer = serializers.CharField(help_text="The name of the company, or of the issuer as the fund's books have it")
    asset_class = serializers.ChoiceField(choices=AssetClass.values)
    outstanding = Amount()
    exchange_rate = ExchangeRateSerializer(allow_null=True, help_text="Of the outstanding money; null for yuan")
    attribution_factor = Amount()
    financed_s1_s2 = Amount()
    financed_s3 = Amount()
    waci = Amount(help_text="What the holding adds to the figure of the portfolio")
    data_quality = Amount(help_text="One worse for every two years begun between the tonnes and the value")
    tonnes_year = serializers.IntegerField(allow_null=True)
    worth_year = serializers.IntegerField(allow_null=True, help_text="Of what the share is divided by")
    flags = serializers.ListField(child=serializers.CharField())
    because = serializers.CharField(help_text="How its part of scopes 1 + 2 came about, or why it is left out")


class PortfolioSerializer(serializers.Serializer[Any]):
    fund = FundSerializer(allow_null=True)
    as_of = serializers.DateField(allow_null=True, help_text="Null where nothing was entered yet")
    days = serializers.ListField(child=serializers.DateField(), help_text="Days with positions")
    outstanding = Amount(help_text="All that is known, of refused rows and of issuers that are not on record too")
    on_record = OnRecordSerializer(allow_null=True)
    metrics = MetricSerializer(many=True)
    principal_adverse_impacts = ImpactSerializer(many=True)
    eu_benchmarks = BenchmarkSerializer(allow_null=True)
    temperature_method = TemperatureMethodSerializer(allow_null=True)
    temperature = TemperatureSerializer(many=True)
    what_ifs = WhatIfSerializer(many=True)
    holdings = HoldingSerializer(many=True)


# --- the view ------------------------------------------------------------------------------------------
@extend_schema_view(
    get=extend_schema(
        operation_id="portfolio_retrieve",
        summary="What a fund holds on a day, and what that finances.",
        parameters=PARAMETERS,
        responses={200: PortfolioSerializer},
    )
)
class PortfolioOnDay(ApiView):
    scopes = {"GET": Scope.SCORES_READ}
    parameters = frozenset({"fund", "date"})

    def get(self, request: Request) -> Response:
        if not has_role(request.user, *FUND_SIDE):
            raise Http404
        _well_formed(request.query_params.get("fund"), request.query_params.get("date"))
        found = asked(request.user, request.query_params.dict())
        if found.refused:
            raise Problem("not_found", str(found.refused[0]))
        if found.book is None or found.day is None:
            return Response(_nothing(found.fund))
        return Response(_portfolio(PortfolioReport(found.book, found.day)))


def _well_formed(fund: str | None, day: str | None) -> None:
    wrong = {}
    if fund is not None and not (fund.isascii() and fund.isdigit()):
        wrong["fund"] = [exceptions.ErrorDetail(_("A whole number of at least 1, please."), "invalid")]
    if day is not None and read_date(day) is None:
        words = _("“%(date)s” is not a date such as 2026-09-30.") % {"date": day}
        wrong["date"] = [exceptions.ErrorDetail(words, "invalid")]
    if wrong:
        raise WrongParameters(wrong)


def _nothing(fund: ThemeFund | None) -> dict[str, Any]:
    return {
        "fund": FundSerializer(fund).data if fund else None,
        "as_of": None,
        "days": [],
        "outstanding": None,
        "on_record": None,
        "metrics": [],
        "principal_adverse_impacts": [],
        "eu_benchmarks": None,
        "temperature_method": None,
        "temperature": [],
        "what_ifs": [],
        "holdings": [],
    }


def _portfolio(report: PortfolioReport) -> dict[str, Any]:
    statement = report.statement
    temperature = TemperatureOfPortfolio(report.book, statement)
    return {
        "fund": FundSerializer(report.fund).data,
        "as_of": report.day.isoformat(),
        "days": [day.isoformat() for day in report.book.days],
        "outstanding": amount(report.outstanding, CNY),
        "on_record": _stands_on(statement.on_record) | {"to_confirm": len(report.to_confirm)},
        "metrics": [_metric(code, report.shown(code).metric) for code in KINDS],
        "principal_adverse_impacts": [_impact(code, report) for code in IMPACTS],
        "eu_benchmarks": _benchmark(report),
        "temperature_method": _temperature_method(temperature.scores.method),
        "temperature": [_temperature(one, temperature) for one in temperature.aggregates.values()],
        "what_ifs": [
            {
                "code": code,
                "time_frame": one.time_frame,
                "scope": one.scope,
                "value": amount(one.score_c, DEGREES),
            }
            for code, found in temperature.imagined.items()
            for one in found.values()
        ],
        "holdings": [_holding(row) for row in report.rows],
    }


def _metric(code: str, metric: Metric) -> dict[str, Any]:
    return {"code": code, "value": amount(metric.value, _unit(code))} | _stands_on(metric)


def _stands_on(metric: Metric) -> dict[str, Any]:
    return {
        "coverage": amount(metric.coverage, "share"),
        "coverage_at_most": amount(metric.coverage_at_most, "share"),
        "covered": metric.covered,
        "holdings": metric.holdings,
        "refused": metric.refused,
        "outstanding_unknown": metric.outstanding_unknown,
    }


def _unit(code: str) -> str:
    """In English, whatever the reader's language: programs read it."""
    with translation.override("en"):
        return str(KINDS[code].unit)


def _impact(code: str, report: PortfolioReport) -> dict[str, Any]:
    row = report.impacts[list(IMPACTS).index(code)]
    unit = _unit(IMPACTS[code][0])
    return {
        "code": code,
        "value": amount(row.value, unit),
        "of_all": amount(row.of_all, unit),
        "in_euro": amount(row.in_euro.value, EURO_UNIT[code]) if row.in_euro else None,
        "coverage": amount(row.coverage, "share"),
        "quarters": [
            {
                "date": quarter.day.isoformat(),
                "value": amount(quarter.metric.value if quarter.metric else None, unit),
                "coverage": amount(quarter.metric.coverage if quarter.metric else None, "share"),
            }
            for quarter in row.quarters
        ],
    }


def _benchmark(report: PortfolioReport) -> dict[str, Any] | None:
    found = report.benchmark
    if found is None:
        return None
    test, unit = found.test, _unit("carbon_footprint_s123")
    return {
        "base_date": found.base_day.isoformat(),
        "years": found.years,
        "base_intensity": amount(found.base.value, unit),
        "intensity": amount(found.current.value, unit),
        "evic_inflation": amount(test.inflation_factor if test else None, "factor"),
        "adjusted_intensity": amount(test.adjusted_intensity if test else None, unit),
        "limit": amount(test.trajectory_limit if test else None, unit),
        "trajectory": VERDICT_OF[test.trajectory_ok if test else None],
        "paris_aligned": VERDICT_OF[test.pab_baseline_ok if test else None],
        "climate_transition": VERDICT_OF[test.ctb_baseline_ok if test else None],
        "exclusions": found.exclusions.verdict,
    }


def _temperature_method(method: TemperatureMethod) -> dict[str, Any]:
    return {
        "name": method.name,
        "edition": method.edition.name,
        "default": amount(method.fallback_score_c, DEGREES),
        "floor": amount(method.floor_c, DEGREES),
    }


def _temperature(one: Aggregate, found: TemperatureOfPortfolio) -> dict[str, Any]:
    influence = one.influence_percentage
    return {
        "method": one.method,
        "time_frame": one.time_frame,
        "scope": one.scope,
        "value": amount(one.score_c, DEGREES),
        "default_share": amount(None if influence is None else influence / 100, "share"),
        "coverage": amount(found.coverage(one), "share"),
        "coverage_at_most": amount(found.coverage_at_most(one), "share"),
        "with_target": amount(found.statement.pcaf.coverage(found.with_target(one.scope, one.time_frame)), "share"),
    }


def _exchange_rate(found: Input) -> dict[str, Any] | None:
    applied = found.exchange_rate
    if applied is None or applied.of is None:
        return None
    return {
        "currency": found.currency,
        "cny_per_unit": amount(applied.cny_per_unit, "CNY"),
        "kind": "mean" if isinstance(applied.of, int) else "closing",
        "of": str(applied.of),
        "lag_days": applied.lag_days,
        "lag_years": applied.lag_years,
    }


def _holding(row: HoldingRow) -> dict[str, Any]:
    return {
        "holding": row.held.holding.holding_key,
        "company": row.held.company.company_key if row.held.company else None,
        "issuer": row.held.holding.issuer,
        "asset_class": row.held.holding.asset_class,
        "outstanding": amount(row.outstanding, CNY),
        "exchange_rate": _exchange_rate(row.held.inputs["outstanding"]),
        "attribution_factor": amount(row.factor, "share"),
        "financed_s1_s2": amount(row.s1_s2_t, "tCO₂e"),
        "financed_s3": amount(row.s3_t, "tCO₂e"),
        "waci": amount(row.waci, _unit("waci")),
        "data_quality": amount(row.quality, "score"),
        "tonnes_year": row.held.tonnes_year,
        "worth_year": row.held.worth_year,
        "flags": row.flags,
        "because": row.because,
    }
