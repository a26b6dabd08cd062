"""What a fund's book says at first sight: what is owned, what that finances, what is promised, what dominates, what is
unknown and who can fill it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from fund.holdings.book import LEAST_COVERAGE, Held
from fund.holdings.charts import Bar, DatesLine, DrawnBar, dates_line, drawn, top_of
from fund.holdings.figures import BESIDE, BOTH, Kind, Part, flags_of, parts, percent_change
from fund.holdings.inputs import ABOUT_YEARS
from fund.holdings.report import PortfolioReport
from fund.holdings.temperature_report import Cell, TemperatureReport
from portfolio.templatetags.figures import percent, significant
from scoring.engine.finance.financed import Metric, known_total

BARS = 7  # the others are one bar
TOP = 10
DATES = 12  # of a book with more of them, the last ones
DOMINANT = 0.5  # of a figure, from which one holding decides it alone
ENDS = 2  # of a line
SCOPE = "S1+S2"  # of the promise

WHO = {  # who can fill what is missing
    "issuer_unknown": gettext_lazy("a fund manager matches the issuer"),
    "share_unconfirmed": gettext_lazy("a fund manager confirms the share, or an administrator corrects it"),
    "refused": gettext_lazy("an administrator enters the row anew, or sets it aside"),
    "emissions_missing": gettext_lazy("the company reports them: ask it"),
}
OTHERWISE = gettext_lazy("an administrator enters it")
OPEN = ("issuer_unknown", "share_unconfirmed", "refused")  # answered on the page of open questions


class ClassShare(NamedTuple):
    label: str
    share: float | None


@dataclass(frozen=True)
class Gap:
    """Holdings that are not in the financed tonnes for one reason."""

    why: str
    who: Any
    holdings: int
    money: float | None  # share of the money that is known; None where no amount of them is
    href: str  # where it can be filled; empty where no page of ours does
    is_entered: bool  # by an administrator, with prices or positions
    names: list[tuple[str, str]]  # with their pages, where they are on record


class Promise(NamedTuple):
    """A temperature of the portfolio by one time frame."""

    frame: str
    years: str
    cell: Cell

    @property
    def is_default(self) -> bool:
        """No company has a target that can be used: the figure is the method's default and says nothing."""
        share = self.cell.default_share
        return share is not None and round(share, 3) >= 1


class DateRow(NamedTuple):
    day: date
    href: str
    total: Metric
    largest: float | None


class Story:
    """One fund on one day."""

    def __init__(self, report: PortfolioReport) -> None:
        self.report = report
        self.statement = report.statement

    # --- what is owned ---------------------------------------------------------------------------------
    @cached_property
    def classes(self) -> list[ClassShare]:
        """Shares of the money by asset class, the largest first; what was refused has none that could be read."""
        money: dict[str, list[float]] = defaultdict(list)
        for row in self.report.rows:
            money[row.asset_class].append(row.outstanding or 0.0)
        refused = known_total(self.statement.holdings.refused)
        if refused > 0:
            money[_("refused at import")].append(refused)
        found = [ClassShare(label, self._of_money(sum(amounts))) for label, amounts in money.items()]
        return sorted(found, key=lambda one: -(one.share or 0.0))

    @cached_property
    def companies(self) -> int:
        return len({row.company.pk for row in self.statement.rows if row.company})

    @cached_property
    def largest(self) -> list[tuple[str, float | None]]:
        """The largest holding, and the ten largest together where there are more."""
        amounts = sorted((row.outstanding or 0.0 for row in self.report.rows), reverse=True)
        if not amounts:
            return []
        found = [(_("Largest holding"), self._of_money(amounts[0]))]
        if len(amounts) > TOP:
            found.append((_("Ten largest together"), self._of_money(sum(amounts[:TOP]))))
        return found

    @cached_property
    def not_at_closing(self) -> list[str]:
        """Currencies whose amounts no closing of the day turned into yuan, with what did."""
        used = {
            row.inputs["outstanding"].currency: row.inputs["outstanding"].exchange_rate for row in self.statement.rows
        }
        return [
            _(
                "%(currency)s: no closing rate is on record, and the European Central Bank's, which ship, have none;"
                " converted at the %(rate)s. An administrator can enter closings."
            )
            % {"currency": code, "rate": _("mean of %(year)s") % {"year": rate.of}}
            for code, rate in sorted(used.items())
            if rate is not None and isinstance(rate.of, int)
        ]

    def _of_money(self, amount: float) -> float | None:
        return self.statement.pcaf.coverage_at_most(amount)

    # --- what it finances ------------------------------------------------------------------------------
    @cached_property
    def years(self) -> str:
        """`tonnes of 2023–2024, values of 2026`, of the holdings that count."""
        found = self._tonnes if self._counts(self._tonnes) else self._beside
        counted = [part.held for part in found if not part.reason]
        tonnes, worth = _range(held.tonnes_year for held in counted), _range(held.worth_year for held in counted)
        if tonnes and worth:
            return _("tonnes of %(tonnes)s, enterprise values of %(worth)s") % {"tonnes": tonnes, "worth": worth}
        return _("tonnes of %(tonnes)s") % {"tonnes": tonnes} if tonnes else ""

    @cached_property
    def lagging(self) -> int:
        """Holdings that count, and whose tonnes and value are not of one year."""
        counted = [part.at for part in self._tonnes if not part.reason]
        return int((self.statement.pcaf.lag_years()[counted] > 0).sum())

    @cached_property
    def in_doubt(self) -> list[Part]:
        """Holdings that add tonnes, and whose years between tonnes and value wait for a person; the largest first."""
        rows = self.statement
        return [p for p in self._tonnes if p.contribution and not {*flags_of(rows, p.at)}.isdisjoint(ABOUT_YEARS)]

    @cached_property
    def _tonnes(self) -> list[Part]:
        return parts(BOTH, self.statement)

    @cached_property
    def _beside(self) -> list[Part]:
        return parts(BESIDE, self.statement)

    @staticmethod
    def _counts(found: list[Part]) -> bool:
        return any(part.contribution for part in found)

    # --- what is promised ------------------------------------------------------------------------------
    @cached_property
    def promises(self) -> list[Promise]:
        temperature = TemperatureReport(self.report)
        cells = [cell for cell in temperature.today if cell.aggregate.scope == SCOPE]
        return [Promise(frame.label, frame.years, cell) for frame, cell in zip(temperature.frames, cells, strict=True)]

    @property
    def is_scored(self) -> bool:
        return any(one.cell.aggregate.score_c is not None for one in self.promises)

    @property
    def promises_nothing(self) -> bool:
        return all(one.is_default or one.cell.aggregate.score_c is None for one in self.promises)

    # --- what dominates --------------------------------------------------------------------------------
    @cached_property
    def measure(self) -> Kind | None:
        """By what holdings are held against each other: tonnes, else intensity; None where only money is known."""
        if self._counts(self._tonnes):
            return BOTH
        return BESIDE if self._counts(self._beside) else None

    @cached_property
    def _ordered(self) -> list[Part]:
        if self.measure is None:
            return sorted(self._tonnes, key=lambda part: -(part.outstanding or 0.0))
        return self._tonnes if self.measure is BOTH else self._beside

    @cached_property
    def bars(self) -> list[DrawnBar]:
        by_figure = self.measure is not None
        known = [part for part in self._ordered if part.contribution is not None] if by_figure else self._ordered
        unknown = [part for part in self._ordered if part.contribution is None] if by_figure else []
        found = [self._bar(part) for part in known[:BARS]]
        if rest := known[BARS:]:
            words = ngettext("%(n)d other holding", "%(n)d other holdings", len(rest)) % {"n": len(rest)}
            share = sum(part.share or 0.0 for part in rest) if by_figure else None
            found.append(Bar(words, "", self.table_href, share, self._money(rest), is_rest=True))
        if unknown:
            n = len(unknown)
            words = ngettext("%(n)d holding without this figure", "%(n)d holdings without this figure", n) % {"n": n}
            found.append(Bar(words, "", self.table_href, None, self._money(unknown), is_rest=True))
        return drawn(found)

    def _bar(self, part: Part) -> Bar:
        share = part.share if self.measure else None
        href = self.table_href
        if self.measure:
            href = f"{self.report.href(self.measure.code)}#holding-{part.held.holding.pk}"
        return Bar(part.held.holding.issuer, part.held.holding.instrument, href, share, self._money([part]))

    def _money(self, found: list[Part]) -> float | None:
        amounts = [part.outstanding for part in found if part.outstanding is not None]
        return self._of_money(sum(amounts)) if amounts else None

    @property
    def largest_name(self) -> str:
        return self._ordered[0].held.holding.issuer if self._ordered else ""

    @property
    def table_href(self) -> str:
        return f"{reverse('portfolio')}?{self.report.query}&view=holdings&sort=-outstanding"

    @property
    def figure_words(self) -> str:
        """What the bars are shares of."""
        if self.measure is BOTH:
            return _("financed tonnes, scopes 1 + 2")
        return _("WACI, scopes 1 + 2") if self.measure else ""

    @property
    def dominance(self) -> str:
        """One sentence about the largest."""
        first = next((one.bar for one in self.bars if not one.bar.is_rest), None)
        if first is None:
            return ""
        words: dict[str, Any] = {"name": first.name, "figure": self.figure_words, "money": percent(first.money, 0)}
        if first.share is None:
            return _("The largest holding is %(name)s, %(money)s of the money.") % words
        words["share"] = percent(first.share, 0)
        if first.share > DOMINANT:
            said = _("%(name)s alone is %(share)s of the %(figure)s, on %(money)s of the money.")
        else:
            said = _("The largest is %(name)s: %(share)s of the %(figure)s, on %(money)s of the money.")
        return said % words

    # --- over the dates --------------------------------------------------------------------------------
    @cached_property
    def over_dates(self) -> list[DateRow]:
        """The measure by day up to the day shown, and what of it the holding adds that is the largest on that day."""
        if self.measure is None:
            return []
        days = [day for day in self.report.book.days if day <= self.report.day][-DATES:]
        largest = self._ordered[0].held.holding.pk
        found = []
        for day in days:
            statement = self.statement if day == self.report.day else self.report.book.statement(day)
            terms = self.measure.terms(statement).contributions()
            at = [n for n, held in enumerate(statement.rows) if held.holding.pk == largest]
            of_largest = float(terms[at[0]]) if at and not math.isnan(terms[at[0]]) else None
            href = self.report.href(self.measure.code, day)
            found.append(DateRow(day, href, self.measure.metric(statement), of_largest))
        return found

    @property
    def _known_dates(self) -> list[DateRow]:
        return [row for row in self.over_dates if row.total.value is not None]

    @cached_property
    def lines(self) -> tuple[DatesLine, DatesLine] | None:
        """All, and the largest holding; None where fewer than two dates have the figure."""
        totals = [(row.day, row.total.value) for row in self.over_dates]
        if len(self._known_dates) < ENDS:
            return None
        largest = [(row.day, row.largest) for row in self.over_dates]
        top = top_of(totals, largest)
        return dates_line(totals, top), dates_line(largest, top)

    @property
    def change_words(self) -> str:
        """What became of the figure between the first and the last date that have it."""
        known = self._known_dates
        if len(known) < ENDS or not known[0].total.value:
            return ""
        first, last = known[0], known[-1]
        change = (last.total.value or 0.0) / known[0].total.value - 1
        words = {
            "first": first.day.isoformat(),
            "last": last.day.isoformat(),
            "from": significant(first.total.value, 3),
            "to": significant(last.total.value, 3),
            "change": percent_change(1 + change),
        }
        said = _("%(from)s on %(first)s, %(to)s on %(last)s (%(change)s): positions, values and data moved together.")
        return said % words

    # --- what is unknown -------------------------------------------------------------------------------
    @cached_property
    def gaps(self) -> list[Gap]:
        """By reason, the most money first. Shares are of the money that is known."""
        by_reason: dict[tuple[str, str], list[Part]] = defaultdict(list)
        for part in self._tonnes:
            if part.reason:
                by_reason[part.reason, part.because].append(part)
        found = [
            Gap(
                because,
                WHO.get(reason, OTHERWISE),
                len(missing),
                self._money(missing),
                self._open_href if reason in OPEN else "",
                reason not in WHO,
                [_named(part.held) for part in missing],
            )
            for (reason, because), missing in by_reason.items()
        ]
        if refused := self.statement.refused_rows:
            amounts = [one.value for one in refused if one.value is not None]
            money = self._of_money(sum(amounts)) if amounts else None
            names = [(one.row.name or one.row.holding_key, "") for one in refused]
            words = _("the row was refused at import")
            found.append(Gap(words, WHO["refused"], len(refused), money, self._open_href, False, names))
        return sorted(found, key=lambda gap: -(gap.money or 0.0))

    @property
    def _open_href(self) -> str:
        return f"{reverse('portfolio_open')}?fund={self.report.fund.pk}"

    @property
    def is_enough(self) -> bool:
        """Whether enough of the money is in the tonnes for a test of the portfolio."""
        coverage = self.report.both.metric.coverage
        return coverage is not None and coverage >= LEAST_COVERAGE

    @property
    def unknown_share(self) -> float | None:
        """Of the money that is not in the tonnes; None where an amount is not known."""
        coverage = self.report.both.metric.coverage
        return None if coverage is None else 1 - coverage


def _named(held: Held) -> tuple[str, str]:
    return held.holding.issuer, held.company.get_absolute_url() if held.company else ""


def _range(years: Iterator[int | None]) -> str:
    known = sorted({year for year in years if year is not None})
    if not known:
        return ""
    return str(known[0]) if known[0] == known[-1] else f"{known[0]}–{known[-1]}"
