"""The factor browser: every number that a ledger may rest on, with its story. Everyone who is signed in may read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from portfolio.lists import Field, ListPage, without_blanks
from scoring.engine.accounting.reference import VERIFICATIONS, Factor
from scoring.tables import in_force as factors
from scoring.tables.shown import TIMELESS, VALUES, FactorList, FactorRow, factor_rows, lines_using, visible_factors


@login_required
@require_GET
def factor_list(request: HttpRequest) -> HttpResponse:
    if address := without_blanks(request):
        return redirect(address)
    return render(request, "scoring/tables/factors.html", {"browser": Browser(request)})


@login_required
@require_GET
def factor_page(request: HttpRequest, factor_id: str) -> HttpResponse:
    shown = visible_factors(request.user)
    factor = shown.get(factor_id)
    if factor is None:
        raise Http404
    row = FactorRow(factor, factors.in_force(), lines=lines_using(request.user, [factor_id]).get(factor_id, 0))
    context = {"row": row, "versions": _versions(row, shown), "series": _series(row, shown)}
    return render(request, "scoring/tables/factor.html", context)


def _versions(row: FactorRow, shown: Mapping[str, Factor]) -> list[FactorRow]:
    """All publications of the same number, the newest first; empty where there is one only."""
    found = [factor for factor in shown.values() if factor.key == row.factor.key]
    found.sort(key=lambda factor: str(factor.published), reverse=True)
    return [FactorRow(factor, row.tables) for factor in found] if len(found) > 1 else []


def _series(row: FactorRow, shown: Mapping[str, Factor]) -> list[FactorRow]:
    """The same factor of all data years, each as last published; empty where there is one year only."""
    activity, region, _year, *rest = row.factor.key
    by_year: dict[int, Factor] = {}
    for factor in sorted(shown.values(), key=lambda factor: (factor is row.factor, str(factor.published))):
        is_of_series = (factor.key[0], factor.key[1], *factor.key[3:]) == (activity, region, *rest)
        if is_of_series and factor.data_year:
            by_year[factor.data_year] = factor
    return [FactorRow(by_year[year], row.tables) for year in sorted(by_year)] if len(by_year) > 1 else []


# --- the list --------------------------------------------------------------------------------------------


class Browser(ListPage):
    """The answer to one URL."""

    selects = tuple(VALUES)
    put_away = ("gas", "purpose", "publisher", "source", "verification")

    def __init__(self, request: HttpRequest) -> None:
        self.all = factor_rows(request.user)
        self.unverified = sum(row.is_unverified for row in self.all)
        super().__init__(FactorList, self.all, request)

    def offers(self, name: str) -> dict[str, str]:
        return dict(_options(name, self.all)) if name in VALUES else {}

    @property
    def first_fields(self) -> list[Field]:
        return [self.field(name) for name in self.selects if name not in self.put_away]

    @property
    def more_fields(self) -> list[Field]:
        return [self.field(name) for name in self.put_away]

    @property
    def has_more(self) -> bool:
        return any(name in self.chosen for name in self.put_away)

    @cached_property
    def rows(self) -> list[FactorRow]:
        """The page's rows, with who uses them."""
        page: list[FactorRow] = self.on_page(self.rows_found)
        lines = lines_using(self.request.user, [row.factor.id for row in page])
        return [replace(row, lines=lines.get(row.factor.id, 0)) for row in page]


def _options(name: str, rows: Iterable[FactorRow]) -> list[tuple[str, str]]:
    """The values that occur, with their words, in the order that a reader looks for them."""
    first: dict[str, FactorRow] = {}
    for row in rows:
        first.setdefault(VALUES[name](row), row)
    words = {value: _option_word(name, row) for value, row in first.items()}
    if name == "year":
        return sorted(words.items(), key=lambda pair: (pair[0] == TIMELESS, pair[0]), reverse=True)
    if name == "verification":
        return sorted(words.items(), key=lambda pair: VERIFICATIONS.index(pair[0]))
    return sorted(words.items(), key=lambda pair: pair[1])


def _option_word(name: str, row: FactorRow) -> str:
    match name:
        case "activity":
            return row.name
        case "place":
            return row.place
        case "year":
            return str(row.factor.data_year) if row.factor.data_year else _("for all years")
        case "gas":
            return row.gas
        case "purpose":
            return row.purpose
        case "verification":
            return row.verification
    return VALUES[name](row)
