"""What a local factor would change of its supplier's ledgers if it came into force today. Nothing is written."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.db import models
from django.utils import timezone

from portfolio.models import Disclosure, LocalFactor
from portfolio.models.people import SomeUser
from scoring.engine.errors import BrokenTable
from scoring.ledgers.ledger import Row, account_disclosure
from scoring.tables.in_force import Tables, imported, in_force, with_local


@dataclass(frozen=True)
class YearEffect:
    """Of one year: the lines that would be computed with it, and what they come to now and then; None: not at all."""

    disclosure: Disclosure
    lines: list[int]
    now_t: float | None
    then_t: float


@dataclass(frozen=True)
class Effect:
    years: list[YearEffect]
    replaced: list[str]  # ids of the factors that those lines rest on now

    @property
    def lines(self) -> int:
        return sum(len(year.lines) for year in self.years)


def effect_of(factor: LocalFactor, reader: SomeUser) -> Effect | None:
    """Of the newest version of each year that the reader may see; None where the tables cannot hold the factor."""
    try:
        then = _tables_with(factor)
    except BrokenTable:
        return None
    years, replaced = [], dict[str, None]()
    for disclosure in _newest(factor, reader):
        now = account_disclosure(disclosure, as_of=timezone.localdate())
        changed = account_disclosure(disclosure, as_of=timezone.localdate(), tables=then)
        pairs = [(a, b) for a, b in zip(now.rows, changed.rows, strict=True) if factor.factor_id in _ids(b)]
        if pairs:
            years.append(_year(disclosure, pairs))
            replaced |= dict.fromkeys(name for a, b in pairs for name in sorted(_ids(a) - _ids(b)))
    return Effect(years, list(replaced))


def _year(disclosure: Disclosure, pairs: list[tuple[Row, Row]]) -> YearEffect:
    now = [found.co2e_t for row, _then in pairs if (found := row.result)]
    then = [found.co2e_t for _now, row in pairs if (found := row.result)]
    lines = [row.activity.number for row, _then in pairs]
    return YearEffect(disclosure, lines, math.fsum(now) if now else None, math.fsum(then))


def _ids(row: Row) -> set[str]:
    return {*row.result.factor_ids, *row.result.market_factor_ids} if row.result else set()


def _newest(factor: LocalFactor, reader: SomeUser) -> list[Disclosure]:
    """Those with lines, the newest year first."""
    told = Disclosure.objects.visible_to(reader).filter(company=factor.supplier_id, activities__isnull=False)
    rows = told.select_related("company").distinct().order_by("year", "version")
    return sorted({row.year: row for row in rows}.values(), key=lambda row: -row.year)


def _tables_with(factor: LocalFactor) -> Tables:
    """All that is in force for its supplier, with it and without the one that it corrects. Raises BrokenTable."""
    now = in_force(factor.supplier)
    known = LocalFactor.objects.in_force().filter(models.Q(company=None) | models.Q(company=factor.supplier_id))
    keys = {*known.values_list("pk", flat=True), factor.pk} - {factor.supersedes_id}
    table = with_local(imported(), LocalFactor.objects.filter(pk__in=keys))
    return Tables(table, now.gwps, now.regions, f"{now.version}+{factor.pk}", factor.supplier.company_key)
