"""How sure a ledger is: both approaches beside each other, and Table 3.2 with the trend since a base year."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from django.db import models
from django.utils.translation import gettext as _

from portfolio.activities.kinds import kind_name
from portfolio.models import Activity, Disclosure
from portfolio.models.people import SomeUser
from portfolio.templatetags.figures import figure, signed, significant
from scoring.engine.accounting.ledger import Sum
from scoring.engine.accounting.simulation import DRAWS, Simulation
from scoring.engine.accounting.table_3_2 import Table32
from scoring.engine.accounting.totals import Amount
from scoring.engine.accounting.trends import Category, Trend, trend
from scoring.engine.errors import ZeroTotal
from scoring.ledgers.ledger import Accounted, account_disclosure
from scoring.ledgers.report import Figures, tonnes
from scoring.tables.words import gas_word, place_word

if TYPE_CHECKING:
    from django.utils.functional import Promise

SEED = 20260101  # one for all ledgers: who draws again with it gets the same bits
MOST_DRAWS = 100_000
SMALLEST = 0.001  # of what is printed in the table


@dataclass(frozen=True)
class Compared:
    """One total by error propagation and by drawing."""

    label: str | Promise
    propagated: Figures
    mean: str
    interval: str
    percent: str
    is_imprecise: bool  # a bound's standard error is above 1 % of the half width


@dataclass(frozen=True)
class ShownRow:
    """A row of Table 3.2 as text."""

    name: str
    place: str
    gas: str
    is_alike: bool  # the factor errs alike in both years
    figures: list[tuple[str, str]]  # title of the column, value


class UncertaintyReport:
    """Of one ledger under one set of warming potentials, with the ledger of a base year where there is one."""

    seed = SEED

    def __init__(self, accounted: Accounted, base: Disclosure | None) -> None:
        self.accounted, self.base = accounted, base

    @cached_property
    def drawn(self) -> Simulation:
        """As many draws as bring the bounds of every sum to 1 % of its half width, within reason."""
        ledger, sums = self.accounted.ledger, [each for _label, _amount, each in self._sums]
        drawn = ledger.simulations(sums, seed=SEED, n=DRAWS)
        if not drawn.imprecise.any():
            return drawn
        needed = 1.1 * float(drawn.draws_needed.max())
        return ledger.simulations(sums, seed=SEED, n=min(math.ceil(needed / DRAWS) * DRAWS, MOST_DRAWS))

    @cached_property
    def compared(self) -> list[Compared]:
        found = self._sums
        if not found:
            return []
        drawn = self.drawn
        half = (drawn.upper - drawn.lower) / 2
        percent = np.divide(100 * half, drawn.mean, out=np.zeros(len(half)), where=drawn.mean > 0)
        return [
            Compared(
                label=label,
                propagated=Figures(amount),
                mean=tonnes(float(drawn.mean[at])),
                interval=f"{tonnes(float(drawn.lower[at]))}–{tonnes(float(drawn.upper[at]))}",
                percent=significant(float(percent[at]), 2),
                is_imprecise=bool(drawn.imprecise[at]),
            )
            for at, (label, amount, _sum) in enumerate(found)
        ]

    @cached_property
    def _sums(self) -> list[tuple[str | Promise, Amount, Sum]]:
        return list(self._named_sums())

    def _named_sums(self) -> Iterator[tuple[str | Promise, Amount, Sum]]:
        """The totals that the ledger has, as the page of the ledger names them."""
        accounted, total = self.accounted, self.accounted.total
        if total is None:
            return
        name = total.inventory
        if accounted.has(1):
            yield _("Scope 1"), total.scope_1, Sum(name, (1,))
        if accounted.has(2):
            yield _("Scope 2, location-based"), total.scope_2_location, Sum(name, (2,))
        if accounted.has(2) and total.scope_2_market:
            yield _("Scope 2, market-based"), total.scope_2_market, Sum(name, (2,), market=True)
        if accounted.has(3):
            yield _("Scope 3"), total.scope_3, Sum(name, (3,))
        if total.total_location.tonnes:
            yield _("All scopes, location-based"), total.total_location, Sum(name)
        if accounted.has(2) and total.total_market:
            yield _("All scopes, market-based"), total.total_market, Sum(name, market=True)

    # --- the trend ---------------------------------------------------------------------------------------
    @cached_property
    def base_accounted(self) -> Accounted | None:
        if self.base is None:
            return None
        return account_disclosure(self.base, tables=self.accounted.tables, gwp_set=self.accounted.gwp_set)

    @cached_property
    def trend(self) -> Trend | None:
        """None without a base year, or where either year comes to nothing."""
        before, now = self.base_accounted, self.accounted
        if before is None or before.total is None or now.total is None:
            return None
        name = now.total.inventory
        try:
            return trend(before.ledger, now.ledger, Sum(name), Sum(name))
        except ZeroTotal:
            return None

    @property
    def table(self) -> Table32 | None:
        return self.trend.table if self.trend else None

    @property
    def change(self) -> tuple[str, str]:
        """−12.3 % and the half width of its 95 % interval in percentage points."""
        assert self.table is not None  # noqa: S101  the template asks for the table first
        return signed(self.table.trend_percent, 1), significant(self.table.trend_points, 2)

    @property
    def change_interval(self) -> str:
        assert self.table is not None  # noqa: S101
        low, high = (self.table.trend_percent + sign * self.table.trend_points for sign in (-1, 1))
        return f"{signed(low, 1)} … {signed(high, 1)}"

    @property
    def totals(self) -> tuple[str, str, str]:
        """Base year, year, and the half width of the year in percent."""
        assert self.table is not None  # noqa: S101
        return tonnes(self.table.base_total), tonnes(self.table.year_total), significant(self.table.total_percent, 2)

    @property
    def rows(self) -> list[ShownRow]:
        """The largest contribution to the year's variance first."""
        if self.trend is None:
            return []
        order = np.argsort([-share for share in self.trend.table.columns["H"]], kind="stable")
        return [self._row(int(at)) for at in order]

    def _row(self, at: int) -> ShownRow:
        assert self.trend is not None  # noqa: S101
        category, table = self.trend.categories[at], self.trend.table
        row = table.rows[at]
        values = [tonnes(row.base), tonnes(row.year)]
        values += [figure(percent, 1) for percent in (row.activity_percent, row.factor_percent, table.columns["G"][at])]
        values += [_small(table.columns[letter][at]) for letter in "HIJKLM"]
        titles = [f"{letter} · {title}" for letter, title, _unit in self.columns]
        return ShownRow(
            name=kind_name(category.activity),
            place=self._place(category),
            gas=gas_word(category.gas),
            is_alike=row.ef_corr,
            figures=list(zip(titles, values, strict=True)),
        )

    @property
    def columns(self) -> list[tuple[str, str, str]]:
        """Letter, title and unit of the columns from C on."""
        assert self.base is not None  # noqa: S101
        return [
            ("C", str(self.base.year), "tCO₂e"),
            ("D", str(self.accounted.disclosure.year), "tCO₂e"),
            ("E", _("Amount"), "±%"),
            ("F", _("Factor"), "±%"),
            ("G", _("Combined"), "±%"),
            ("H", _("Variance"), "%²"),
            ("I", _("Sensitivity"), "%"),
            ("J", _("Sensitivity"), ""),
            ("K", _("Trend, factor"), "%"),
            ("L", _("Trend, amount"), "%"),
            ("M", _("Trend, variance"), "%²"),
        ]

    def _place(self, category: Category) -> str:
        return place_word(category.place, self.accounted.tables.regions) if category.place else ""


def _small(value: float) -> str:
    return f"< {SMALLEST}" if 0 < abs(value) < SMALLEST else figure(value, 3)


def base_years(disclosure: Disclosure, user: SomeUser) -> models.QuerySet[Disclosure]:
    """The standing versions with a ledger, of other years of the company, that the person may see; the latest first."""
    lines = Activity.objects.filter(disclosure=models.OuterRef("pk"))
    found = Disclosure.objects.visible_to(user).standing().filter(models.Exists(lines), company=disclosure.company)
    return found.exclude(year=disclosure.year).select_related("company").order_by("-year")
