"""The temperature of a portfolio in words and rows: 63 scores, six futures, and where each score comes from."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from fund.holdings.report import PortfolioReport
from fund.holdings.temperature import METHOD, TemperatureOfPortfolio
from portfolio.models import Company
from scoring.dossier.tabs import scope_word, time_frame_word, years_word
from scoring.engine.temperature.inputs import SCOPES, TIME_FRAMES
from scoring.engine.temperature.methods import TemperatureMethod, years_ahead
from scoring.engine.temperature.portfolio import AGGREGATIONS, Aggregate, Contribution

SLUGS = {"S1+S2": "s1_s2", "S3": "s3", "S1+S2+S3": "s1_s2_s3"}  # of the scopes on the page, in addresses
WEIGHTS = {
    "WATS": _("outstanding amount"),
    "TETS": _("tonnes of the company"),
    "MOTS": _("outstanding ÷ market capitalisation × tonnes"),
    "EOTS": _("outstanding ÷ enterprise value × tonnes"),
    "ECOTS": _("outstanding ÷ (enterprise value + cash) × tonnes"),
    "AOTS": _("outstanding ÷ total assets × tonnes"),
    "ROTS": _("outstanding ÷ revenue × tonnes"),
}
FUTURES = {
    "1": _("All without a target set one of %(degrees)s °C"),
    "2": _("All targets become %(degrees)s °C"),
    "3a": _("The ten largest contributors come to %(degrees)s °C"),
    "3b": _("The ten largest contributors come to %(degrees)s °C"),
    "4a": _("All the fund engages with come to %(degrees)s °C"),
    "4b": _("All the fund engages with come to %(degrees)s °C"),
}
COLUMNS = {
    "ghg_s1s2": _("scopes 1 + 2"),
    "ghg_s3": _("scope 3"),
    "company_market_cap": _("market capitalisation"),
    "company_enterprise_value": _("enterprise value"),
    "company_cash_equivalents": _("cash and equivalents"),
    "company_total_assets": _("total assets"),
    "company_revenue": _("revenue"),
}


class Share(NamedTuple):
    """Of all that the fund holds; unknown where an amount in it is, then at most so much."""

    coverage: float | None
    coverage_at_most: float | None


class Cell(NamedTuple):
    """One portfolio score."""

    label: str
    aggregate: Aggregate
    href: str
    coverage: float | None
    coverage_at_most: float | None
    with_target: Share  # of its time frame and scope
    with_any_target: Share  # of any time frame

    @property
    def default_share(self) -> float | None:
        influence = self.aggregate.influence_percentage
        return None if influence is None else influence / 100


class FutureCell(NamedTuple):
    label: str
    score_c: float | None
    change_c: float | None


class Row(NamedTuple):
    method: str
    weight: Any
    cells: list[Cell]


class FutureRow(NamedTuple):
    code: str
    label: Any
    cells: list[FutureCell]


class Frame(NamedTuple):
    """A head over the scopes of one time frame."""

    label: str
    years: str
    scopes: list[str]


class TemperatureReport:
    def __init__(self, report: PortfolioReport) -> None:
        self.report = report
        self.found = TemperatureOfPortfolio(report.book, report.statement)

    @property
    def frames(self) -> list[Frame]:
        year, ends = self.report.day.year, self.method.last_year_ahead
        scopes = [scope_word(scope) for scope in SCOPES]
        return [
            Frame(time_frame_word(frame), years_word(year, *years_ahead(ends, at)), scopes)
            for at, frame in enumerate(TIME_FRAMES)
        ]

    @property
    def method(self) -> TemperatureMethod:
        return self.found.scores.method

    @cached_property
    def rows(self) -> list[Row]:
        return [
            Row(
                method,
                WEIGHTS[method],
                [self.cell(method, frame, scope) for frame in TIME_FRAMES for scope in SCOPES],
            )
            for method in AGGREGATIONS
        ]

    def cell(self, method: str, frame: str, scope: str) -> Cell:
        found = self.found.aggregates[method, frame, scope]
        href = self.report.href(code_of(method, frame, scope))
        coverage, at_most = self.found.coverage(found), self.found.coverage_at_most(found)
        with_target = self._share(self.found.with_target(scope, frame))
        with_any = self._share(self.found.with_target(scope))
        return Cell(_label(frame, scope), found, href, coverage, at_most, with_target, with_any)

    def _share(self, money: float) -> Share:
        pcaf = self.found.statement.pcaf
        return Share(pcaf.coverage(money), pcaf.coverage_at_most(money))

    @property
    def today(self) -> list[Cell]:
        return [self.cell(METHOD, frame, scope) for frame in TIME_FRAMES for scope in SCOPES]

    @cached_property
    def futures(self) -> list[FutureRow]:
        return [
            FutureRow(
                what_if.code.split("_")[0],
                FUTURES[what_if.code.split("_")[0]] % {"degrees": f"{what_if.cap_c:g}"},
                [self._future(what_if.code, frame, scope) for frame in TIME_FRAMES for scope in SCOPES],
            )
            for what_if in self.method.edition.what_ifs
        ]

    def _future(self, code: str, frame: str, scope: str) -> FutureCell:
        then, now = self.found.imagined[code][frame, scope].score_c, self.found.aggregates[METHOD, frame, scope].score_c
        change = None if then is None or now is None else then - now
        return FutureCell(_label(frame, scope), then, change)


# --- provenance ----------------------------------------------------------------------------------------
class Weighed(NamedTuple):
    """A company's part in a portfolio score."""

    company: Company
    part: Contribution
    has_target: bool  # else its score is the default

    @property
    def href(self) -> str:
        """Its own temperature, with the targets as they were used."""
        return reverse("dossier_tab", args=[self.company.pk, "temperature"])

    @property
    def share(self) -> float | None:
        """Of all weights."""
        return self.part.contribution_c / self.part.score_c if self.part.score_c else None


class TemperatureProvenance(NamedTuple):
    title: str
    method: TemperatureMethod
    weight: Any
    cell: Cell
    counted: list[Weighed]
    left_out: list[tuple[Company, list[Any]]]
    unknown: int


def code_of(method: str, frame: str, scope: str) -> str:
    return f"temperature-{method}-{frame}-{SLUGS[scope]}"


CODES = {
    code_of(method, frame, scope): (method, frame, scope)
    for method in AGGREGATIONS
    for frame in TIME_FRAMES
    for scope in SCOPES
}


def provenance(report: PortfolioReport, code: str) -> TemperatureProvenance:
    """Of one of CODES."""
    method, frame, scope = CODES[code]
    told = TemperatureReport(report)
    found = told.found
    stands = found.targeted[:, TIME_FRAMES.index(frame), found.scores.scopes.index(scope)]
    return TemperatureProvenance(
        title=f"{method} · {_label(frame, scope)}",
        method=told.method,
        weight=WEIGHTS[method],
        cell=told.cell(method, frame, scope),
        counted=[
            Weighed(company, part, bool(stands[part.company]))
            for company, part in found.contributions(method, frame, scope)
        ],
        left_out=[
            (company, [COLUMNS[name] for name in names]) for company, names in found.left_out(method, frame, scope)
        ],
        unknown=found.unknown,
    )


def _label(frame: str, scope: str) -> str:
    return f"{time_frame_word(frame)} · {scope_word(scope)}"
