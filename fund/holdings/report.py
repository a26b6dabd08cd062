"""The portfolio page as plain rows: what was asked for, tiles, tables, and where each figure comes from."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from operator import attrgetter
from statistics import fmean, median
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from fund.holdings.book import LEAST_COVERAGE, BenchmarkReport, Book, Held, Statement, companies_of, is_decidable
from fund.holdings.figures import (
    IMPACTS,
    KINDS,
    PRINCIPAL,
    Kind,
    coverage_words,
    flag_words,
    flags_of,
    given,
    parts,
    questions_of,
)
from fund.holdings.money import MoneyUnit, exchange_rate_words, money_unit
from fund.models import Exclusion, Match, Question, ThemeFund
from portfolio.models import AppliedExchangeRate, Company
from portfolio.models.finance import last_ended_year
from portfolio.models.people import SomeUser
from portfolio.templatetags.figures import percent, significant
from scoring.engine.finance import words as wording
from scoring.engine.finance.financed import APART, Metric
from scoring.engine.finance.impacts import Parts, QuarterlyMetric
from scoring.reading import said

ROWS_A_PAGE = 100
VIEWS = {
    "overview": gettext_lazy("Overview"),
    "holdings": gettext_lazy("Holdings"),
    "temperature": gettext_lazy("Temperature"),
    "rules": gettext_lazy("SFDR 1 and EU benchmarks"),
    "pboc": gettext_lazy("People's Bank 2021"),
}
SORTS = {  # by what the table of holdings can be sorted: the word in the address, and the attribute of a row
    "company": "company_name",
    "class": "asset_class",
    "outstanding": "outstanding",
    "factor": "factor",
    "s1_s2": "s1_s2_t",
    "s3": "s3_t",
    "waci": "waci",
    "quality": "quality",
}
DEFAULT_SORT = "-s1_s2"


class Refused(NamedTuple):
    """A parameter that cannot be followed, and why."""

    parameter: str
    why: str

    def __str__(self) -> str:
        return self.why


class Asked(NamedTuple):
    """What the address asks for, and what in it was wrong: that is named and dropped."""

    funds: list[ThemeFund]
    fund: ThemeFund | None
    book: Book | None
    day: date | None
    refused: list[Refused]

    @property
    def grouped_funds(self) -> list[tuple[str, list[ThemeFund]]]:
        """For the chooser: our own funds, then those whose books were taken from elsewhere, by their names."""
        ours = [fund for fund in self.funds if fund.is_ours]
        looked_at = sorted((fund for fund in self.funds if not fund.is_ours), key=str)
        if not looked_at:
            return [("", ours)]
        groups = [(_("Our funds"), ours), (_("Real funds, to be looked at"), looked_at)]
        return [(name, funds) for name, funds in groups if funds]

    @property
    def days_newest_first(self) -> list[date]:
        return self.book.days[::-1] if self.book else []


def asked(user: SomeUser, parameters: Mapping[str, str]) -> Asked:
    """The fund and the day; without them the first fund and its last day with positions."""
    funds = list(ThemeFund.objects.visible_to(user))
    refused: list[Refused] = []
    fund = funds[0] if funds else None
    if wanted := parameters.get("fund", ""):
        named = {str(one.pk): one for one in funds}
        if wanted in named:
            fund = named[wanted]
        else:
            refused.append(Refused("fund", _("There is no fund “%(fund)s”.") % {"fund": wanted}))
    if fund is None:
        return Asked(funds, None, None, None, refused)
    book = Book(fund)
    day = book.last_day()
    if wanted := parameters.get("date", ""):
        typed = read_date(wanted)
        if typed is None:
            refused.append(Refused("date", _("“%(date)s” is not a date such as 2026-09-30.") % {"date": wanted}))
        elif typed not in book.days:
            earlier = book.last_day(typed)
            day = earlier or day
            refused.append(Refused("date", _("There are no positions of %(date)s.") % {"date": typed.isoformat()}))
        else:
            day = typed
    return Asked(funds, fund, book, day, refused)


def read_date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:  # well formed, and no day of the calendar
        return None


# --- the page ------------------------------------------------------------------------------------------
class Shown(NamedTuple):
    """One figure with the address of its provenance."""

    kind: Kind
    metric: Metric
    href: str

    @property
    def coverage(self) -> str:
        return coverage_words(self.metric)


class ScopeRow(NamedTuple):
    label: Any
    pcaf: Shown
    pboc: Shown | None
    quality: Shown | None


@dataclass(frozen=True)
class HoldingRow:
    """A line of the table of holdings. Money in yuan."""

    held: Held
    outstanding: float | None
    factor: float | None
    because: str
    s1_s2_t: float | None
    s3_t: float | None
    share: float | None  # of the financed scopes 1 + 2
    waci: float | None
    quality: float | None
    flags: list[str]
    reason: str
    lag: str  # of which years the tonnes and the value are, where they differ

    @property
    def factor_percent(self) -> float | None:
        return None if self.factor is None else self.factor * 100

    @property
    def company_name(self) -> str:
        return self.held.holding.issuer

    @property
    def asset_class(self) -> str:
        return str(self.held.holding.get_asset_class_display())

    def flag_words(self) -> list[str]:
        return [flag_words(flag) for flag in self.flags]


class Quarter(NamedTuple):
    day: date
    metric: Metric | None  # None: before the book begins
    href: str
    value: float | None  # of the metric, in the row's unit


class ImpactRow(NamedTuple):
    label: Any
    unit: Any
    value: float | None
    of_all: float | None
    coverage: float | None
    quarters: list[Quarter]
    counted: int
    in_euro: ImpactRow | None = None  # the same per million EUR, as the regulation has it; None of tonnes


class EuroRates(NamedTuple):
    """Yuan for a euro on a quarter end; None where neither it nor an earlier one is on record."""

    day: date
    closing: AppliedExchangeRate | None
    mean: AppliedExchangeRate | None


# Of the impacts that are a ratio: per what in the regulation's own currency, and at which of the two rates.
IN_EURO = {
    "pai_2_footprint": (gettext_lazy("tCO₂e per million EUR invested"), "closing"),
    "pai_3_intensity": (gettext_lazy("tCO₂e per million EUR of revenue"), "mean"),
}


def _times(value: float | None, rate: AppliedExchangeRate | None) -> float | None:
    return None if value is None or rate is None else value * rate.cny_per_unit


class PortfolioReport:
    """One fund on one day."""

    def __init__(self, book: Book, day: date) -> None:
        self.book, self.fund, self.day = book, book.fund, day

    @cached_property
    def statement(self) -> Statement:
        return self.book.statement(self.day)

    @property
    def query(self) -> str:
        return urlencode({"fund": self.fund.pk, "date": self.day.isoformat()})

    def href(self, code: str, day: date | None = None) -> str:
        query = urlencode({"fund": self.fund.pk, "date": (day or self.day).isoformat()})
        return f"{reverse('portfolio_figure', args=[code])}?{query}"

    def shown(self, code: str) -> Shown:
        kind = KINDS[code]
        return Shown(kind, kind.metric(self.statement), self.href(code))

    # --- what the figures stand on ---------------------------------------------------------------------
    @cached_property
    def on_record(self) -> str:
        return coverage_words(self.statement.on_record)

    @cached_property
    def to_confirm(self) -> list[tuple[int, Question]]:
        """Rows of the statement, and what a person is asked about them."""
        rows = range(len(self.statement.rows))
        return [(at, question) for at in rows for question in questions_of(self.statement, at)]

    def left_open(self) -> list[str]:
        """What waits for a person, each in a sentence."""
        found = []
        if n := len([held for held in self.statement.without_company if held.holding.matched_by == Match.OPEN]):
            words = ngettext("%(n)d issuer is not matched", "%(n)d issuers are not matched", n)
            found.append(words % {"n": n})
        if n := len(self.statement.refused_rows):
            found.append(ngettext("%(n)d row was refused", "%(n)d rows were refused", n) % {"n": n})
        if n := len(self.to_confirm):
            found.append(ngettext("%(n)d figure is to be confirmed", "%(n)d figures are to be confirmed", n) % {"n": n})
        return found

    # --- overview --------------------------------------------------------------------------------------
    @cached_property
    def scopes(self) -> list[ScopeRow]:
        return [
            ScopeRow(
                KINDS[f"financed_{scope}"].label,
                self.shown(f"financed_{scope}"),
                self.shown(f"pboc_{scope}"),
                self.shown(quality) if quality else None,
            )
            for scope, quality in (("s1", ""), ("s2", ""), ("s1_s2", "data_quality"), ("s3", "data_quality_s3"))
        ]

    @cached_property
    def apart(self) -> list[Shown]:
        return [self.shown(f"financed_{word}") for word in APART]

    @cached_property
    def intensities(self) -> list[Shown]:
        return [self.shown(code) for code in PRINCIPAL]

    @cached_property
    def both(self) -> Shown:
        return self.shown("financed_s1_s2")

    @cached_property
    def s3(self) -> Shown:
        return self.shown("financed_s3")

    @cached_property
    def waci(self) -> Shown:
        return self.shown("waci")

    @cached_property
    def quality(self) -> Shown:
        return self.shown("data_quality")

    @property
    def outstanding(self) -> float | None:
        """In yuan, all that is known; None where something is held and no amount of it is known."""
        metric, total = self.both.metric, self.statement.pcaf.total_outstanding
        return None if metric.holdings and metric.outstanding_unknown == metric.holdings else total

    @property
    def outstanding_unit(self) -> MoneyUnit:
        return money_unit([self.outstanding])

    @cached_property
    def row_unit(self) -> MoneyUnit:
        """Of the column of the holdings' money: that of the middle one, so that few stand behind a row of zeros."""
        known = [amount for amount in self.statement.pcaf.outstanding.tolist() if not math.isnan(amount)]
        return money_unit([median(known)] if known else [])

    def outstanding_words(self) -> str:
        """How many holdings are in it, and of how many the amount is not known."""
        metric = self.both.metric
        known, unknown = metric.holdings, metric.outstanding_unknown
        if not unknown:
            return ngettext("%(n)d holding", "%(n)d holdings", known) % {"n": known}
        words = {"known": known - unknown, "n": known, "unknown": unknown}
        return _("%(known)d of %(n)d holdings; the amount of %(unknown)d is not known") % words

    # --- holdings --------------------------------------------------------------------------------------
    @cached_property
    def rows(self) -> list[HoldingRow]:
        statement = self.statement
        pcaf = statement.pcaf
        tonnes = {part.at: part for part in parts(KINDS["financed_s1_s2"], statement)}
        waci = KINDS["waci"].terms(statement).contributions()
        s3_t, quality = pcaf.financed_t("s3"), pcaf.quality(("s1",))
        return [
            HoldingRow(
                held=held,
                outstanding=given(float(pcaf.outstanding[at])),
                factor=given(float(pcaf.attribution.factor[at])),
                because=tonnes[at].because,
                s1_s2_t=tonnes[at].contribution,
                s3_t=given(float(s3_t[at])),
                share=tonnes[at].share,
                waci=given(float(waci[at])),
                quality=given(float(quality[at])),
                flags=flags_of(statement, at),
                reason=tonnes[at].because if tonnes[at].reason else "",
                lag=said(wording.lag(pcaf, at)),
            )
            for at, held in enumerate(statement.rows)
        ]

    def sorted_rows(self, sort: str) -> list[HoldingRow]:
        """Raises KeyError for another word than SORTS. What is missing comes last, whatever the direction."""
        name, down = SORTS[sort.lstrip("-")], sort.startswith("-")
        there = [row for row in self.rows if getattr(row, name) is not None]
        missing = [row for row in self.rows if getattr(row, name) is None]
        return sorted(there, key=attrgetter(name), reverse=down) + missing

    # --- notices ---------------------------------------------------------------------------------------
    @cached_property
    def flagged(self) -> list[tuple[str, list[Held]]]:
        """What should be looked at, each sentence with its holdings."""
        found: dict[str, list[Held]] = {}
        for at, held in enumerate(self.statement.rows):
            for flag in flags_of(self.statement, at):
                found.setdefault(flag_words(flag), []).append(held)
        for held, refusal in zip(self.statement.unreadable, self.statement.refused, strict=True):
            found.setdefault(_("Left out altogether: %(why)s") % {"why": refusal.message}, []).append(held)
        return list(found.items())

    @property
    def is_flagged(self) -> bool:
        return bool(self.flagged or self.statement.held_twice)

    # --- rules -----------------------------------------------------------------------------------------
    @cached_property
    def _impacts(self) -> tuple[list[date], list[QuarterlyMetric], Parts]:
        return self.book.impacts(self.day)

    @property
    def parts_of_impact_1(self) -> Parts:
        return self._impacts[2]

    @cached_property
    def impacts(self) -> list[ImpactRow]:
        days, metrics, _parts = self._impacts
        rows = []
        for metric in metrics:
            code, label = IMPACTS[metric.code]
            quarters = [
                Quarter(day, one, self.href(code, day), one.value if one else None)
                for day, one in zip(days, metric.quarters, strict=True)
            ]
            row = ImpactRow(
                label, KINDS[code].unit, metric.value, metric.of_all, metric.coverage, quarters, metric.counted
            )
            rows.append(row._replace(in_euro=self._in_euro(metric.code, row)))
        return rows

    def _in_euro(self, code: str, row: ImpactRow) -> ImpactRow | None:
        """Investments at the closing of each quarter end; revenue at the mean of the last year that had ended by it.

        Unknown where a quarter that counts has no exchange rate.
        """
        if code not in IN_EURO:
            return None
        unit, name = IN_EURO[code]
        rates = {rate.day: getattr(rate, name) for rate in self.euro_rates}
        quarters = [one._replace(value=_times(one.value, rates[one.day])) for one in row.quarters]
        counted = [one for one in quarters if one.metric and one.metric.value is not None]
        values = [one.value for one in counted if one.value is not None]
        is_known = bool(values) and len(values) == len(counted)
        whole = [(one.value or 0.0) * (one.metric.coverage or 0.0) for one in counted if one.metric]
        return row._replace(
            unit=unit,
            value=fmean(values) if is_known else None,
            of_all=fmean(whole) if is_known and row.of_all is not None else None,
            quarters=quarters,
        )

    @cached_property
    def euro_rates(self) -> list[EuroRates]:
        """Yuan for a euro at the quarter ends of the principal adverse impacts."""
        rates = self.book.exchange_rates
        return [
            EuroRates(day, rates.on_day("EUR", day), rates.of_year("EUR", last_ended_year(day)))
            for day in self._impacts[0]
        ]

    @property
    def euro_words(self) -> list[str]:
        """Both exchange rates of every quarter end, each with what it is of."""
        told = [(rate.day, one) for rate in self.euro_rates for one in (rate.closing, rate.mean) if one]
        words = dict.fromkeys(f"{significant(one.cny_per_unit, 5)} ({exchange_rate_words(one)})" for _day, one in told)
        return list(words)

    @cached_property
    def s3_quality(self) -> Shown:
        return self.shown("data_quality_s3")

    @cached_property
    def benchmark(self) -> BenchmarkReport | None:
        return self.book.benchmark(self.statement)

    @property
    def why_not_decidable(self) -> str:
        """Why Articles 7, 9 and 11 cannot be tested, in a sentence; empty where they can."""
        found = self.benchmark
        if found is None or (found.test and found.test.trajectory_ok is not None):
            return ""
        for metric, day in ((found.base, found.base_day), (found.current, self.day)):
            if not is_decidable(metric):
                words = {"day": day.isoformat(), "coverage": coverage_words(metric), "least": percent(LEAST_COVERAGE)}
                return _("Not decidable under %(least)s of the money; on %(day)s: %(coverage)s.") % words
        return ""

    def s3_href(self) -> str:
        return self.href("financed_s3")

    def base_href(self) -> str:
        return self.href("carbon_footprint_s123", self.benchmark.base_day if self.benchmark else None)

    def now_href(self) -> str:
        return self.href("carbon_footprint_s123")

    @cached_property
    def excluded(self) -> list[tuple[Company, str]]:
        """Companies that fall under Article 12, and under what."""
        companies = companies_of(self.statement)
        found = self.benchmark.exclusions.excluded if self.benchmark else ()
        return [(companies[at], str(Exclusion(code).label)) for at, code in found]

    @cached_property
    def unflagged(self) -> list[tuple[Company, int]]:
        """Companies of which nobody said whether they fall under it, and how many of the seven are open."""
        companies = companies_of(self.statement)
        found = Counter(at for at, _code in (self.benchmark.exclusions.unknown if self.benchmark else ()))
        return [(companies[at], n) for at, n in found.items() if at < len(companies)]

    @property
    def never_flagged(self) -> int:
        """Holdings of which nothing can be said: their issuer is not on record, or their row was refused."""
        return len(self.statement.without_company) + len(self.statement.refused_rows)


# --- the table of holdings ----------------------------------------------------------------------------
class Head(NamedTuple):
    """A column of the table of holdings that can be sorted."""

    label: Any
    href: str
    direction: str  # as aria-sort says it; empty where the table is not sorted by it
    css: str


HEADS = {
    "company": (gettext_lazy("Company, instrument"), "sticky"),
    "class": (gettext_lazy("Asset class"), ""),
    "outstanding": (gettext_lazy("Outstanding"), "num"),
    "factor": (gettext_lazy("Attribution factor"), "num"),
    "s1_s2": (gettext_lazy("Scopes 1 + 2, t"), "num"),
    "s3": (gettext_lazy("Scope 3, t"), "num"),
    "waci": (gettext_lazy("Adds to WACI"), "num"),
    "quality": (gettext_lazy("Quality"), "num"),
}


def heads(current: str, query: str) -> list[Head]:
    """Where each head leads: words begin at A, figures at the largest; a second press turns it round."""
    found = []
    for name, (label, css) in HEADS.items():
        up, down = name, f"-{name}"
        first, second = (down, up) if css == "num" else (up, down)
        wanted = second if current == first else first
        direction = {up: "ascending", down: "descending"}.get(current, "")
        found.append(Head(label, f"?{query}&view=holdings&sort={wanted}", direction, css))
    return found
